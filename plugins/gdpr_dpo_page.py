"""What Lacuna registers with Airflow: the officer's page, figures, notes, and an XCom backend for ids only.

The page is authenticated and authorized by Airflow's auth manager, whichever it is:

| right | asked of the auth manager |
|---|---|
| read | `GET` on the view `Privacy`, and on the tenant |
| decide | `PUT` on the view `Privacy`, and to answer required actions of `gdpr_fulfilment` |
| disclose | `GET` on the view `Privacy personal data`, and to answer required actions |
| submit | `POST` on the view `Privacy`, and to start a run of `gdpr_intake` |

The tenant is the view `Privacy tenant ORG`; where Airflow is set to `multi_team`, also the team ORG.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, ClassVar, Final

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin
from airflow.sdk.bases.xcom import BaseXCom
from gdpr_flows import LONGEST_WAIT, WHY

_log: Final = logging.getLogger(__name__)

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
# No count of one run reaches it; a phone number does.
_LARGEST_COUNT: Final = 9_999_999


class IdsOnly(BaseXCom):
    """XCom for UUIDs, counts, booleans, SHA-256 digests, and lists of them; nothing else passes.

    XCom lies in Airflow's database, which no erasure reaches and every viewer reads. Beside them
    passes why a task failed: the message of an error of Lacuna's, which holds no value.
    """

    @staticmethod
    def serialize_value(value: Any, **where: Any) -> str:
        """Serialize a value that says nothing of a person.

        Raises:
            ValueError: it is something else. The message does not hold it.
        """
        # Not of a class of this folder: Airflow loads its files a second time.
        from lacuna.flows.run.edge import Explanation

        is_explanation = isinstance(value, Explanation)
        if not is_explanation and not all(
            map(_is_id, value if isinstance(value, list) else [value])
        ):
            raise ValueError(
                "XCom refused a value: UUIDs, counts, booleans, digests and lists of them only"
            )
        return BaseXCom.serialize_value(value, **where)


def _is_id(value: object) -> bool:
    match value:
        case bool():
            return True
        case int():
            return 0 <= value <= _LARGEST_COUNT
        case str():
            return (_UUID.fullmatch(value) or _DIGEST.fullmatch(value)) is not None
        case _:
            return False


# --- the page -------------------------------------------------------------------------------------

VIEW: Final = "Privacy"
PERSONAL: Final = "Privacy personal data"
TENANT: Final = "Privacy tenant"


def may(user: Any, right: Any, org_id: str) -> bool:
    """Whether Airflow's auth manager gives a person a right of the page for a tenant."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.models.resource_details import (
        DagAccessEntity,
        DagDetails,
        TeamDetails,
    )
    from airflow.configuration import conf

    from lacuna.dpo_page import Right

    manager = get_auth_manager()

    def view(method: Any, name: str) -> bool:
        return manager.is_authorized_custom_view(method=method, resource_name=name, user=user)

    def dag(method: Any, entity: Any, dag_id: str) -> bool:
        return manager.is_authorized_dag(
            method=method, access_entity=entity, details=DagDetails(id=dag_id), user=user
        )

    if not (view("GET", VIEW) and view("GET", f"{TENANT} {org_id}")):
        return False
    if conf.getboolean("core", "multi_team") and not manager.is_authorized_team(
        method="GET", details=TeamDetails(name=org_id), user=user
    ):
        return False
    # A view says too little by itself: SimpleAuthManager lets everybody see every view, whatever
    # the method. Who may answer a required action is the nearest thing that Airflow knows.
    answers = ("PUT", DagAccessEntity.HITL_DETAIL, "gdpr_fulfilment")
    match right:
        case Right.READ:
            return True
        case Right.DECIDE:
            return view("PUT", VIEW) and dag(*answers)
        case Right.DISCLOSE:
            return view("GET", PERSONAL) and dag(*answers)
        case Right.SUBMIT:
            return view("POST", VIEW) and dag("POST", DagAccessEntity.RUN, "gdpr_intake")
        case _:
            return False


def next_run(dag_id: str) -> Any:
    """Return when Airflow runs a flow next, and whether it is paused; None if it does not know it."""
    try:
        from airflow.models.dag import DagModel
        from airflow.utils.session import create_session
    except ImportError:  # no public interface: the page works without it
        return None

    from lacuna.dpo_page import NextRun

    with create_session() as session:
        found = session.get(DagModel, dag_id)
        if found is None:
            return None
        at = found.next_dagrun_create_after
        # One that is due already starts as soon as the scheduler gets to it.
        return NextRun(None if at is None else max(at, datetime.now(UTC)), bool(found.is_paused))


@cache
def page() -> Any:
    """Return the page with Airflow's users."""
    from airflow.api_fastapi.core_api.security import get_user

    from lacuna.dpo_page import Auth, Schedule, create_app
    from lacuna.wiring import open_stores

    return create_app(
        auth=Auth(
            user=get_user,
            name=lambda user: str(user.get_name()),
            may=may,
            # As Airflow's own pages do: whichever auth manager it is, and `next` is checked there.
            login="api/v2/auth/login",
        ),
        stores=open_stores,
        schedule=Schedule(next_run),
    )


async def serve(scope: Any, receive: Any, send: Any) -> None:
    """Serve the page, made when it is first asked for: every part of Airflow loads this file."""
    await page()(scope, receive, send)


# --- figures --------------------------------------------------------------------------------------


class FigureListener:
    """Sends figures to Airflow's own statistics (StatsD, OpenTelemetry) when a task has ended.

    Nothing is read where Airflow is told to send none. docs/observability.md names them.
    """

    @hookimpl
    def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:
        """Measure after a task that succeeded."""
        send_figures(task_instance)

    @hookimpl
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any) -> None:
        """Measure after a task that failed."""
        send_figures(task_instance)


def send_figures(task_instance: Any) -> None:
    """Send what is open, due and failed, and how fast a task was; a flaw here fails no task."""
    from airflow.configuration import conf
    from airflow.sdk.observability.stats import Stats

    is_on = ("statsd_on", "statsd_datadog_enabled", "otel_on")
    if not task_instance.dag_id.startswith("gdpr_") or not any(
        conf.getboolean("metrics", name) for name in is_on
    ):
        return
    from lacuna.errors import PipelineError
    from lacuna.flows.run import edge, figures
    from lacuna.flows.run.foreign_errors import without_values
    from lacuna.wiring import open_stores

    def measure() -> dict[str, float]:
        stores = open_stores()
        lines = stores.run_log.read(edge.run_name(task_instance))
        return figures.standing(stores) | figures.pace(lines, edge.try_of(task_instance))

    try:
        found = without_values(measure)()
    except PipelineError as error:
        logging.getLogger(__name__).warning("no figures: %s", type(error).__name__)
        return
    tags = {"flow": task_instance.dag_id, "task": task_instance.task_id}
    for name, value in found.items():
        of_run = name.startswith("lacuna.run.")
        # StatsD by itself has no tags: there the flow stands in the name.
        Stats.gauge(f"{name}.{task_instance.dag_id}" if of_run else name, value, tags=tags)


# --- the end of a log ------------------------------------------------------------------------------


class LastLineListener:
    """Ends the log of a task that failed with why it failed, below Airflow's stack frames."""

    @hookimpl(trylast=True)
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any) -> None:
        """Write it, also after a try that is followed by another."""
        if task_instance.dag_id.startswith("gdpr_"):
            log = logging.getLogger(__name__)
            # Airflow's group of what follows a task is folded in its interface.
            log.info("::endgroup::")
            log.error("%s", last_line(error))


def last_line(error: Any) -> str:
    """Return why a task failed and what to do; of an error that is not ours, its class alone."""
    from lacuna.errors import PipelineError

    if isinstance(error, PipelineError):
        why, now = str(error).rstrip("."), error.what_to_do()
    elif isinstance(error, ImportError):
        why = f"{type(error).__name__}: {error.name or 'a module'} cannot be imported"
        now = "Install the versions of requirements-image.lock in the workers' environment, then run again."
    else:
        # Its text may quote a row.
        why = f"{type(error).__name__}: a person, a limit of time or Airflow itself ended the task"
        now = "Run the flow again; it goes on with what is left."
    # Airflow's interface cuts lines off at its right edge.
    return f"{why}.\nWhat to do: {now}" if now else f"{why}."


# --- notes ----------------------------------------------------------------------------------------

_NOTE: Final = "Why red: "
_WAITS: Final = "Waits: "
_SKIPPED: Final = "Nothing was done: "
_LEAST_ROOM: Final = 80
_LOOKS: Final = timedelta(seconds=30)
_LONGEST_NOTE: Final = 1000
_ENDED_FROM_OUTSIDE: Final = (
    "ended from outside, by a person, a limit of time or the loss of its worker; see its log"
)
_ENDS: Final = {
    "timed_out": "it took longer than a run may (AIRFLOW__LACUNA__RUN_HOURS)",
    "all_tasks_deadlocked": "no task of it could begin",
}


class NoteListener:
    """Writes why a run is red, or waits, into its note. It works in the scheduler, which has the database."""

    @hookimpl
    def on_dag_run_running(self, dag_run: Any, msg: str) -> None:
        """Look from now on what the tasks of running flows wait for: Airflow tells nobody."""
        if dag_run.dag_id.startswith("gdpr_"):
            _WaitWatch.begin()

    @hookimpl
    def on_dag_run_failed(self, dag_run: Any, msg: str) -> None:
        """Write what its tasks said."""
        write_note(dag_run, _ENDS.get(msg))

    @hookimpl
    def on_dag_run_success(self, dag_run: Any, msg: str) -> None:
        """Write what was skipped; take away what an earlier end of the same run left."""
        write_note(dag_run, None)


def write_note(dag_run: Any, end: str | None) -> None:
    """Write why a run of Lacuna's is red, or did nothing, into its note, below what people wrote there.

    Args:
        end: how the run ended, if that was not by its tasks.
    """
    if not dag_run.dag_id.startswith("gdpr_"):
        return
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy.orm import object_session

    if (session := object_session(dag_run)) is None:  # `airflow dags test` has taken it out
        with create_session() as session:
            write_note(session.get_one(DagRun, dag_run.id), end)
        return
    # No savepoint: Airflow takes its end for a commit, which would free the scheduler's locks.
    states = ("failed", "skipped")
    ended = session.execute(_what_tasks_said(dag_run, states, TaskInstance.state)).all()
    failed = [(task_id, value) for task_id, value, state in ended if state == "failed"]
    skipped = [(task_id, value) for task_id, value, state in ended if state == "skipped" and value]
    if end is None and not failed:
        _renew(dag_run, "\n".join(f"{_SKIPPED}{_text(value)}" for _, value in skipped))
    else:
        _renew(dag_run, _why(failed, end))


def _what_tasks_said(dag_run: Any, states: Sequence[str], *columns: Any) -> Any:
    """Return a query of tasks in some states: name, what it said as JSON or None, further columns."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.xcom import XComModel
    from sqlalchemy import select

    said = (
        (XComModel.dag_run_id == dag_run.id)
        & (XComModel.task_id == TaskInstance.task_id)
        & (XComModel.map_index == TaskInstance.map_index)
        & (XComModel.key == WHY)
    )
    return (
        select(TaskInstance.task_id, XComModel.value, *columns)
        .outerjoin(XComModel, said)
        .where(TaskInstance.dag_id == dag_run.dag_id, TaskInstance.run_id == dag_run.run_id)
        .where(TaskInstance.state.in_(states))
        .order_by(TaskInstance.end_date)
    )


def _renew(dag_run: Any, part: str) -> None:
    """Replace the paragraph that Lacuna wrote into a note; what people wrote stays, above it."""
    note = dag_run.note or ""
    own = (_NOTE, _WAITS, _SKIPPED)
    kept = [one for one in note.split("\n\n") if one and not one.startswith(own)]
    room = _LONGEST_NOTE - sum(len(one) + 2 for one in kept)
    if part and room >= _LEAST_ROOM:
        kept.append(re.sub(r"\n\s*\n", "\n", part)[:room])
    if (renewed := "\n\n".join(kept)) != note:
        dag_run.note = renewed


class _WaitWatch:
    """Writes in a thread what runs wait for, as long as one is running. One for each process."""

    _lock: ClassVar = threading.Lock()
    _is_on: ClassVar = False

    @classmethod
    def begin(cls) -> None:
        """Begin, unless it goes on already."""
        with cls._lock:
            if cls._is_on:
                return
            cls._is_on = True
        threading.Thread(target=cls._look, name="lacuna-notes", daemon=True).start()

    @classmethod
    def _look(cls) -> None:
        is_running = True
        while is_running:
            time.sleep(_LOOKS.total_seconds())
            try:
                is_running = write_waits()
            except Exception as error:  # noqa: BLE001 - the next look may reach the database
                _log.warning("no notes: %s", type(error).__name__)
        with cls._lock:
            cls._is_on = False


def write_waits() -> bool:
    """Write into the notes of running flows what their tasks wait for; return whether any is running.

    What no longer holds goes: a task that works waits for nothing.
    """
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    running = select(DagRun).where(DagRun.dag_id.startswith("gdpr_"), DagRun.state == "running")
    with create_session() as session:
        # One that its scheduler is at may be about to end: the next look sees what became of it.
        for dag_run in session.scalars(
            running.with_for_update(skip_locked=True, key_share=True, of=DagRun)
        ):
            _renew(dag_run, _waits(session, dag_run))
        session.flush()
        return session.scalar(running.with_only_columns(DagRun.id).limit(1)) is not None


def _waits(session: Any, dag_run: Any) -> str:
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.taskreschedule import TaskReschedule
    from sqlalchemy import func, select

    began = select(func.min(TaskReschedule.start_date)).where(
        TaskReschedule.ti_id == TaskInstance.id
    )
    waiting = session.execute(
        _what_tasks_said(
            dag_run,
            ("up_for_retry", "up_for_reschedule"),
            TaskInstance.state,
            TaskInstance.end_date,
            TaskInstance.retry_delay_override,
            began.scalar_subquery(),
        )
    )
    lines = {}
    for task_id, value, state, ended, delay, since in waiting:
        if state == "up_for_reschedule":
            until = "" if since is None else f", until {since + LONGEST_WAIT:%H:%MZ}"
            when = f"it looks again each minute{until}"
        else:
            at = (
                ""
                if None in (ended, delay)
                else f" at {ended + timedelta(seconds=delay):%H:%M:%SZ}"
            )
            when = f"it is tried again{at}"
        why = _ENDED_FROM_OUTSIDE if value is None else _text(value)
        lines[task_id] = f"{task_id}: {why}; {when}"
    return _WAITS + "\n".join(lines.values()) if lines else ""


def _why(failed: Sequence[Any], end: str | None) -> str:
    """Return a text for a note, empty if nothing failed.

    Args:
        failed: name of each task that failed, and what it said, as JSON; None if it did not.
    """
    said = {task_id: None if value is None else _text(value) for task_id, value in failed}
    if len(said) > 1:  # it repeats the others, and of a note one line is shown
        said.pop("verdict", None)
    causes = [f"{task_id}: {why or _ENDED_FROM_OUTSIDE}" for task_id, why in said.items()]
    causes = [end, *causes] if end is not None else causes
    return _NOTE + "\n".join(causes) if causes else ""


def _text(value: Any) -> str:
    """Return a text that lies in Airflow's database, as JSON or as what that was."""
    try:
        return str(json.loads(value))
    except (TypeError, ValueError):
        return str(value)


class LacunaPlugin(AirflowPlugin):
    """Registers the page with Airflow's web server."""

    name = "lacuna"
    listeners = [FigureListener(), LastLineListener(), NoteListener()]  # noqa: RUF012
    fastapi_apps = [{"app": serve, "url_prefix": "/privacy", "name": VIEW}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": VIEW,
            "href": "privacy/",
            "destination": "nav",
            "url_route": "privacy",
            "nav_top_level": True,
        }
    ]
