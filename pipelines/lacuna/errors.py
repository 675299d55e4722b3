"""Every exception that Lacuna raises, in one tree.

    PipelineError
    ├── RequestError            the request itself cannot be honoured
    │   ├── MalformedRequest      what was submitted has the wrong form, or names what is not there
    │   ├── IllegalTransition     a state change that the lifecycle forbids
    │   ├── UnknownRequest        no request has this id
    │   ├── DeadlinePassed        a request is overdue (Art. 12(3))
    │   └── FlowHeld              another run is at work; nothing was done
    ├── AgreementMissing        a tenant accepted no data processing agreement that is in force
    ├── PlanRefused             the plan is unsafe to run; nothing was changed
    │   ├── DataMapDrift          the database and the data map disagree
    │   ├── MentionRefused        a file of somebody else names the person and may not be treated
    │   ├── PlanChanged           the plan differs from the one that was approved
    │   ├── NotApproved           the ledger has no approval of a plan or a rule
    │   └── BlastRadiusExceeded   the plan touches more rows than its limit
    ├── ApplyFailed             a step failed; completed steps are in the ledger
    ├── RedactionFailed         a text could not be analyzed; it was left as it was
    ├── VerificationFailed      residual personal data, or a failed gate
    ├── EvidenceBroken          the ledger does not verify; stop all processing
    ├── StatementRefused        the database refused a statement; its transaction was rolled back
    │   ├── RefusedForGood        waiting does not help: a missing right or table, or too long a statement
    │   └── RowsContended         others held the rows: a deadlock, or a lock that was not had in time
    │       └── LedgerHeld        another session keeps everybody from writing into the ledger
    ├── ConfigurationError      settings, usage or data-map syntax
    │   └── NotAnOfficer          somebody decides who is not in the register of officers
    └── DependencyUnreachable   a database, object store or mail server does not answer
        └── DatabaseUnreachable   Lacuna's own database, without which nothing goes on

A message says what, where, how many and what to do now. It never holds a value from a row.
"""


class PipelineError(Exception):
    """Any failure that Lacuna foresees; `exit_code` is what the command line returns for it.

    What to do: Read the message; it names the place and the next step.
    """

    exit_code = 1

    @classmethod
    def what_to_do(cls) -> str:
        """Return the next step of whoever reads the message, as the class's docstring states it.

        Empty where the class states nothing of its own, or Python runs without docstrings.
        """
        return " ".join((cls.__doc__ or "").partition("What to do: ")[2].split())


class RequestError(PipelineError):
    """The request itself cannot be honoured.

    What to do: Read the message; nothing was changed.
    """


class MalformedRequest(RequestError):
    """What was submitted has the wrong form, or names a tenant, kind or column that is not there.

    What to do: Correct what was submitted and submit it again.
    """

    exit_code = 2


class IllegalTransition(RequestError):
    """A state change that the request's lifecycle forbids.

    What to do: Look at the request's state (`lacuna request show`); the message names the states that it can go to.
    """


class UnknownRequest(RequestError):
    """No request has this id.

    What to do: Look the id or number up with `lacuna request list`.
    """


class FlowHeld(RequestError):
    """Another run is at work, beside which this one must not be; nothing was done.

    What to do: Wait until the run that the message names has ended. Airflow's tasks wait by themselves.
    """

    exit_code = 3


class AgreementMissing(PipelineError):
    """A tenant accepted no data processing agreement that is in force (Art. 28(3)).

    What to do: Record the agreement and its acceptance: `lacuna agreement add`, `lacuna agreement accept`.
    """


class DeadlinePassed(RequestError):
    """A request is overdue (Art. 12(3)).

    What to do: Decide the requests that `lacuna request list --overdue` names, or extend them with a notice.
    """


class PlanRefused(PipelineError):
    """The plan is unsafe to run; nothing was changed.

    What to do: Mend what the message names, then plan again.
    """


class DataMapDrift(PlanRefused):
    """The database and the data map disagree.

    What to do: Run `lacuna datamap check`; it prints the lines that the map lacks.
    """


class MentionRefused(PlanRefused):
    """A file of somebody else names the person, and the data map does not say how to treat it.

    What to do: Do with the file, or the map, what the message says, then run fulfilment again.
    """


class PlanChanged(PlanRefused):
    """The plan differs from the one that was approved.

    What to do: Read the new plan and approve its digest.
    """


class NotApproved(PlanRefused):
    """The ledger has no approval of a plan or a rule by somebody who may give it.

    What to do: Have an officer approve the plan or the rule.
    """


class BlastRadiusExceeded(PlanRefused):
    """The plan touches more rows than its limit.

    What to do: Look for why so many rows are touched; if it is right, raise `LACUNA_MAX_ROWS` and plan again.
    """


class ApplyFailed(PipelineError):
    """A step failed and was rolled back; the steps completed before it are in the ledger.

    What to do: Mend what the message names and run the fulfilment again; it goes on with what is left.
    """


class RedactionFailed(PipelineError):
    """A text could not be analyzed in full; it was left as it was.

    What to do: Run the flow again. If the same column fails, follow the section on failures of the guide to redaction.
    """


class VerificationFailed(PipelineError):
    """Residual personal data, or a gate that failed or could not see.

    What to do: Look the gate or the obstacle up in the runbook. The request stays open until it is done.
    """


class EvidenceBroken(PipelineError):
    """The ledger does not verify; all processing stops.

    What to do: Stop all flows, keep the files, and compare with the copies of the checkpoints: `lacuna evidence verify --ledger`.
    """


class StatementRefused(PipelineError):
    """The database refused a statement; its transaction was rolled back.

    What to do: Read the message; it names the statement's place.
    """


class RefusedForGood(StatementRefused):
    """Tried again, the statement is refused again: a right or a table is missing, or it took too long.

    What to do: Run `lacuna up`, which grants rights and makes tables; for a long statement, see `LACUNA_STATEMENT_MINUTES`.
    """


class RowsContended(StatementRefused):
    """Another transaction held the rows; tried again, it may well go through.

    What to do: Run it again. If it recurs, see in `pg_stat_activity` what the sessions do that the message names, and end the one in the way.
    """


class LedgerHeld(RowsContended):
    """Another session holds the lock of the ledger: nothing can be recorded, so nothing is done.

    What to do: End the session that the message names, then run it again.
    """

    exit_code = 3


class ConfigurationError(PipelineError):
    """Settings, usage or the data map are wrong.

    What to do: Correct the setting, option or line of the data map that the message names.
    """

    exit_code = 2


class NotAnOfficer(ConfigurationError):
    """Somebody decides who is not in the register of officers.

    What to do: The owner of the installation adds them: `lacuna officer add`.
    """


class DependencyUnreachable(PipelineError):
    """A database, an object store or a mail server does not answer.

    What to do: Start it again or mend the connection, then run the flow again; `lacuna doctor` looks at each part.
    """

    exit_code = 3


class DatabaseUnreachable(DependencyUnreachable):
    """Lacuna's own database does not answer, or a lock in it was lost: nothing goes on without it.

    What to do: Start the database or mend the connection, then run the flow again.
    """
