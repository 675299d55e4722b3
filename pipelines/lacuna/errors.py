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
    """Any failure that Lacuna foresees; `exit_code` is what the command line returns for it."""

    exit_code = 1


class RequestError(PipelineError):
    """The request itself cannot be honoured."""


class MalformedRequest(RequestError):
    """What was submitted has the wrong form, or names a tenant, kind or column that is not there."""

    exit_code = 2


class IllegalTransition(RequestError):
    """A state change that the request's lifecycle forbids."""


class UnknownRequest(RequestError):
    """No request has this id."""


class FlowHeld(RequestError):
    """Another run is at work, beside which this one must not be; nothing was done."""

    exit_code = 3


class AgreementMissing(PipelineError):
    """A tenant accepted no data processing agreement that is in force (Art. 28(3))."""


class DeadlinePassed(RequestError):
    """A request is overdue (Art. 12(3))."""


class PlanRefused(PipelineError):
    """The plan is unsafe to run; nothing was changed."""


class DataMapDrift(PlanRefused):
    """The database and the data map disagree."""


class PlanChanged(PlanRefused):
    """The plan differs from the one that was approved."""


class NotApproved(PlanRefused):
    """The ledger has no approval of a plan or a rule by somebody who may give it."""


class BlastRadiusExceeded(PlanRefused):
    """The plan touches more rows than its limit."""


class ApplyFailed(PipelineError):
    """A step failed and was rolled back; the steps completed before it are in the ledger."""


class RedactionFailed(PipelineError):
    """A text could not be analyzed in full; it was left as it was."""


class VerificationFailed(PipelineError):
    """Residual personal data, or a gate that failed or could not see."""


class EvidenceBroken(PipelineError):
    """The ledger does not verify; all processing stops."""


class StatementRefused(PipelineError):
    """The database refused a statement; its transaction was rolled back."""


class RefusedForGood(StatementRefused):
    """Tried again, the statement is refused again: a right or a table is missing, or it took too long."""


class RowsContended(StatementRefused):
    """Another transaction held the rows; tried again, it may well go through."""


class LedgerHeld(RowsContended):
    """Another session holds the lock of the ledger: nothing can be recorded, so nothing is done."""

    exit_code = 3


class ConfigurationError(PipelineError):
    """Settings, usage or the data map are wrong."""

    exit_code = 2


class NotAnOfficer(ConfigurationError):
    """Somebody decides who is not in the register of officers."""


class DependencyUnreachable(PipelineError):
    """A database, an object store or a mail server does not answer."""

    exit_code = 3


class DatabaseUnreachable(DependencyUnreachable):
    """Lacuna's own database does not answer, or a lock in it was lost: nothing goes on without it."""
