"""What the DAG files have in common: a task that waits without a worker and outlasts an outage.

Airflow has this folder on Python's path, so `from gdpr_flows import FlowTask` works in every DAG file.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, Final

from airflow.sdk import Asset, AssetAlias, BaseSensorOperator, Param, PokeReturnValue, RetryPolicy
from airflow.sdk.configuration import conf
from airflow.sdk.definitions.retry_policy import RetryDecision
from airflow.sdk.exceptions import (
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
)

_log: Final = logging.getLogger(__name__)

QUEUE: Final = Asset("gdpr://queue")
"""Updated by an intake that queued requests."""

LEDGER: Final = Asset("gdpr://ledger")
"""Updated by a fulfilment and a sweep that ended green."""
MARTS: Final = Asset("gdpr://marts")
"""Updated by a publication that ended green: a DAG of your own can be scheduled on it."""

QUEUED: Final = AssetAlias("gdpr_queue")
"""Under which an intake updates `QUEUE`, and only if it queued something."""

REQUEST: Final = Param(
    None,
    # What people write into a form stays in Airflow's database, so that nothing else fits.
    type=["null", "string"],
    # Not the beginning of an id, as a command does: it may be a telephone number.
    pattern=r"^([A-Za-z][A-Za-z0-9]{0,5}-[0-9]{1,9}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
    title="Request",
    description_md="Number (`FJ-0142`) or id of the only request to take.",
)
ORG: Final = Param(
    None,
    type=["null", "string"],
    pattern=r"^[A-Za-z0-9._-]{1,64}$",
    title="Tenant",
    description_md="Take requests of this tenant only.",
)
DRY_RUN: Final = Param(
    False,
    type="boolean",
    title="Dry run",
    description_md="Plan and check, and change nothing in the platform.",
)
FROM_DATE: Final = Param(
    None,
    type=["null", "string"],
    format="date",
    title="From",
    description_md="Close all past periods from the one of this day. What is published stays.",
)

TASK_LIMIT: Final = timedelta(hours=conf.getint("lacuna", "task_hours", fallback=12))
"""After which a task that works is stopped; the next run takes up what it left."""
RUN_LIMIT: Final = timedelta(hours=conf.getint("lacuna", "run_hours", fallback=23))
"""After which a whole run is stopped, so that the next night's begins."""

_POD_TEMPLATES: Final = conf.get("lacuna", "pod_templates", fallback="")


def of_queue(name: str) -> dict[str, Any]:
    """Return arguments of a task for the workers of a queue.

    Celery knows queues. KubernetesExecutor makes a pod from the template of that name, if the
    installation has a folder of them.
    """
    template = {"pod_template_file": f"{_POD_TEMPLATES}/{name}.yaml"}
    return {"queue": name, "executor_config": template if _POD_TEMPLATES else {}}


WAIT: Final = timedelta(minutes=1)
"""Between two looks at whether the run that is at work has ended."""
LATEST: Final = timedelta(hours=6)
"""By which a scheduled run that changes the platform may begin too late."""
LONGEST_WAIT: Final = timedelta(hours=6)
"""After which a try of a task that waits fails for good, and names what it waited for."""

_FIRST_DELAY: Final = timedelta(seconds=30)
_LONGEST_DELAY: Final = timedelta(minutes=10)
_TRIES_OF_OTHERS: Final = 3
_RETRIES: Final = 6


class OutlastOutages(RetryPolicy):
    """Tries again, later each time, what may pass by waiting; fails at once what does not.

    An outage of the database, the mail server or a store, or a lock that was not had in time, is
    tried as often as the task allows. What no time changes, such as a plan that was refused or
    residue, is red at once. Any other error may be of the moment: three tries.
    """

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Any = None,
    ) -> RetryDecision:
        """Return whether to try again, and when."""
        from lacuna.errors import (
            AgreementMissing,
            ConfigurationError,
            DependencyUnreachable,
            EvidenceBroken,
            PlanRefused,
            RefusedForGood,
            RequestError,
            RowsContended,
            VerificationFailed,
        )

        lasting = (
            AirflowTaskTimeout,
            AgreementMissing,
            ConfigurationError,
            EvidenceBroken,
            PlanRefused,
            RefusedForGood,
            RequestError,
            VerificationFailed,
        )
        if isinstance(exception, lasting):
            return RetryDecision.fail("waiting does not change it")
        is_outage = isinstance(exception, (DependencyUnreachable, RowsContended))
        # A task that was cleared by hand has as many more, and numbers them on.
        number = max(1, try_number - max_tries + _RETRIES)
        if not is_outage and number >= _TRIES_OF_OTHERS:
            return RetryDecision.fail(f"it failed {number} times")
        delay = min(_FIRST_DELAY * 2 ** (number - 1), _LONGEST_DELAY)
        return RetryDecision.retry(delay, "an outage may pass" if is_outage else "it may pass")


TRIED: Final = {
    "owner": "privacy",
    # Seven tries take 25 minutes; a worker that is lost raises nothing, and is tried again so too.
    "retries": _RETRIES,
    "retry_delay": _FIRST_DELAY,
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": _LONGEST_DELAY,
    "retry_policy": OutlastOutages(),
    "execution_timeout": TASK_LIMIT,
}
"""`default_args` of a DAG whose tasks can all be tried again; none of them does anything twice."""


WHY: Final = "why"
"""Key of the XCom in which a task that failed says why, for the note of its run."""


@contextmanager
def explained(ti: Any) -> Iterator[None]:
    """Hand on why the block failed; an Airflow that does not take it changes nothing of that."""
    from lacuna.errors import PipelineError

    try:
        yield
    except PipelineError as error:
        explain(ti, str(error))
        raise


def explain(ti: Any, why: str) -> None:
    """Hand on why a task fails, waits or is skipped, for the note of its run."""
    from lacuna.flows.run.edge import Explanation

    try:
        ti.xcom_push(key=WHY, value=Explanation(why))
    except Exception as refused:  # noqa: BLE001 - what the task does is worth more
        _log.warning("the run's note will not say why: %s", type(refused).__name__)


class FlowTask(BaseSensorOperator):
    """A flow, or one of its stages, as a task.

    While another run is at work beside which it must not be, it is rescheduled: it holds no worker,
    and looks again each minute. Its log says who is at work, and since when. A sensor, and not
    deferred, because an installation without a triggerer would wait forever and not say so.
    """

    def __init__(
        self,
        *,
        flow: str,
        chunk: int | None = None,
        latest: timedelta | None = None,
        updated: Asset | None = None,
        **given: Any,
    ) -> None:
        """Remember what to run.

        Args:
            flow: name of a module in `lacuna.flows`; of fulfilment, the stage is the task's name.
            chunk: the number of a chunk, for a stage over one.
            latest: how late a scheduled run may begin. A flow that was paused would otherwise make
                up for its last night as soon as somebody unpauses it, at any hour.
            updated: an asset, of the alias among its outlets, that is updated if something was done.
        """
        waiting = {"mode": "reschedule", "poke_interval": WAIT, "timeout": LONGEST_WAIT}
        super().__init__(**waiting | given)
        self.flow = flow
        self.chunk = chunk
        self.latest = latest
        self.updated = updated
        self._held: Exception | None = None

    def execute(self, context: Any) -> Any:
        """Run it; return what may be handed on: the batch's id, or numbers of chunks.

        Raises:
            AirflowSkipException: the scheduled run is too late; what is queued waits for the next.
            DeadlinePassed: it is too late, and something of that cannot wait.
        """
        run = context["dag_run"]
        # Whoever clears a run wants it to go on; a further try of a late one is as late as the first.
        is_cleared = bool(run.clear_number)
        if self.latest is not None and not is_cleared and run.run_type == "scheduled":
            late = run.start_date - run.run_after
            if late > self.latest:
                why = (
                    f"this run was due at {run.run_after:%Y-%m-%d %H:%MZ} and begins "
                    f"{late.total_seconds() / 3600:.0f} hours later, so nothing is done. What is "
                    "queued waits for the next run; to run now, trigger one by hand"
                )
                self._refuse_skip(context)
                explain(context["ti"], why)
                raise AirflowSkipException(why)
        with explained(context["ti"]):
            try:
                return super().execute(context)
            except AirflowSensorTimeout:
                if self._held is None:
                    raise
                held = self._held
            # Who was waited for says more than how long.
            raise held

    def _refuse_skip(self, context: Any) -> None:
        """Fail where work is left undone that is due: such a night must not look green."""
        from lacuna.flows.run import edge
        from lacuna.wiring import OPENERS, run_options

        if (check := edge.skip_check_of(self.flow)) is not None:
            with explained(context["ti"]):
                options_of = partial(run_options, scope=edge.scope_of(context["params"]))
                edge.run_stage(check, OPENERS, options_of, context["ti"])

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Run it; return its result, or False while another run is at work."""
        from lacuna.errors import FlowHeld
        from lacuna.flows.run import edge
        from lacuna.wiring import OPENERS, run_options

        options_of = partial(run_options, scope=edge.scope_of(context["params"]))
        stage = edge.stage_named(self.flow, self.task_id, self.chunk)
        done: list[object] = []

        def counted(*given: Any) -> object:
            done.append(stage(*given))
            return done[-1]

        try:
            result = edge.run_stage(counted, OPENERS, options_of, context["ti"])
        except FlowHeld as held:
            self._held = held
            explain(context["ti"], str(held))
            self.log.warning("waits, and looks again in a minute: %s", held)
            return False
        if self.updated is not None and any(done):
            (alias,) = self.outlets
            context["outlet_events"][alias].add(self.updated)
        return PokeReturnValue(is_done=True, xcom_value=result)
