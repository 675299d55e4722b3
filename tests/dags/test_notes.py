"""A run that ends red says why in its note, and one that ends green says nothing."""

import contextlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from lacuna.flows import fulfilment, sweep
from lacuna.flows.run.platform_lock import PLATFORM
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from tests.dags.test_runs import CANARY, execute, quote_a_row
from tests.poison import poison

pytestmark = pytest.mark.airflow
FIRST = "Why red: "


class Watched:
    """The notes of a run, as a look between two tries of its task leaves them."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._then = {}

    def on_second_look(self, do) -> None:
        self._then[2] = do

    def look(self, note: str) -> None:
        self.seen.append(note)
        self._then.get(len(self.seen), lambda: None)()


def watched(monkeypatch) -> Watched:
    """Look at what a run waits for whenever its scheduler has looked at its tasks."""
    from airflow.models.dagrun import DagRun

    notes = Watched()
    real = DagRun.update_state

    def look() -> None:
        from airflow.utils.session import create_session
        from gdpr_dpo_page import write_waits
        from sqlalchemy import select

        write_waits()
        with create_session() as session:
            running = session.scalars(select(DagRun).where(DagRun.state == "running")).one()
            notes.look(running.note or "")

    def update_state(run, *given, session, **named):
        session.commit()
        # A thread has a session of its own, as the watch in a scheduler does.
        with ThreadPoolExecutor(1) as beside:
            beside.submit(look).result()
        return real(run, *given, session=session, **named)

    monkeypatch.setattr(DagRun, "update_state", update_state)
    return notes


@pytest.fixture
def note_of(airflow):
    """Return the note of a run."""

    def read(run) -> str:
        from airflow.models.dagrun import DagRun
        from airflow.utils.session import create_session
        from sqlalchemy import select

        own = (DagRun.dag_id == run.dag_id, DagRun.run_id == run.run_id)
        with create_session() as session:
            return session.scalars(select(DagRun).where(*own)).one().note or ""

    return read


@pytest.mark.thorough
def test_a_red_night_names_the_request_that_failed_and_why(airflow, installation, note_of):
    contact = installation.platform.demo.forget
    request_id = installation.submit_contact(contact)
    assert note_of(airflow.run("gdpr_fulfilment")) == ""
    installation.approve(request_id)
    execute(installation, poison())
    note = note_of(airflow.run("gdpr_fulfilment"))
    number = installation.request(request_id).number
    assert note.startswith(f"{FIRST}conclude: 1 of 1 requests failed. {number}: apply failed (")
    assert not [one for one in installation.platform.people[contact].emails if one in note]


def test_a_flow_of_one_task_says_what_it_said(airflow, installation, note_of, traces, monkeypatch):
    monkeypatch.setattr(sweep, "run", quote_a_row)
    note = note_of(airflow.run("gdpr_sweep"))
    assert note.startswith(f"{FIRST}sweep: ValueError at a place outside the package")
    assert traces(CANARY) == []


def test_a_task_that_died_is_named_although_it_said_nothing(
    airflow, installation, note_of, monkeypatch
):
    def die(*given: object) -> None:
        raise SystemExit

    monkeypatch.setattr(sweep, "run", die)
    note = note_of(airflow.run("gdpr_sweep"))
    assert note.startswith(f"{FIRST}sweep: ended from outside, by a person, ")


@pytest.mark.thorough
def test_what_people_wrote_stays_and_what_no_longer_holds_goes(airflow, installation, note_of):
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from gdpr_dpo_page import write_note
    from sqlalchemy import select, update

    run = airflow.run("gdpr_sweep")
    own = TaskInstance.run_id == run.run_id, TaskInstance.dag_id == run.dag_id

    def end(state: str) -> None:
        with create_session() as session:
            session.execute(update(TaskInstance).where(*own).values(state=state))
            same = (DagRun.dag_id == run.dag_id, DagRun.run_id == run.run_id)
            found = session.scalars(select(DagRun).where(*same)).one()
            found.note = found.note or "Called the on-call person."
            write_note(found, None)

    end("failed")
    assert note_of(run).startswith(f"Called the on-call person.\n\n{FIRST}sweep: ")
    end("failed")
    assert note_of(run).count(FIRST) == 1
    end("success")
    assert note_of(run) == "Called the on-call person."


@pytest.mark.parametrize(
    ("note", "part", "renewed"),
    [
        ("", "Waits: a", "Waits: a"),
        ("Waits: a\n\nI look at it.", "Waits: b", "I look at it.\n\nWaits: b"),
        ("Called.\n\nWaits: a\n\nI look at it.", "", "Called.\n\nI look at it."),
        ("Why red: x: a\nb", "", ""),
        ("", "Why red: x: a\n\nb", "Why red: x: a\nb"),
        ("p" * 990, "Waits: a", "p" * 990),
        ("p" * 900, "Waits: " + "a" * 200, "p" * 900 + "\n\nWaits: " + "a" * 91),
    ],
)
def test_a_part_of_a_note_is_replaced_and_nothing_that_people_wrote(note, part, renewed):
    from gdpr_dpo_page import _renew

    run = SimpleNamespace(note=note)
    _renew(run, part)
    assert run.note == renewed


@pytest.mark.thorough
def test_a_note_has_room_for_a_thousand_characters(airflow, installation, note_of, monkeypatch):
    from lacuna.errors import PipelineError

    def fail(*given: object) -> None:
        raise PipelineError("x" * 3000)

    monkeypatch.setitem(fulfilment.flow.STAGES, "claim", fail)
    note = note_of(airflow.run("gdpr_fulfilment"))
    assert len(note) == 1000


def test_while_a_task_waits_for_a_lock_the_note_says_for_whom_and_until_when(
    airflow, installation, note_of, monkeypatch
):
    """It is replaced when the run goes on."""
    notes = watched(monkeypatch)
    with contextlib.ExitStack() as other:
        other.enter_context(installation.stores.exclusive(PLATFORM))
        notes.on_second_look(other.close)
        run = airflow.run("gdpr_sweep")
    assert run.state == "success"
    first, second, *_ = notes.seen
    assert first == ""
    held = r'sweep: another run holds the lock "platform": .*; it looks again each minute, until \d\d:\d\dZ'
    assert re.fullmatch(f"Waits: {held}", second)
    assert note_of(run) == ""


@pytest.mark.thorough
def test_while_a_task_waits_for_its_next_try_the_note_says_why_and_until_when(
    airflow, installation, note_of, monkeypatch
):
    from lacuna.errors import StatementRefused

    real, tries = sweep.run, []

    def fill_the_disk(*given):
        tries.append(given)
        if len(tries) == 1:
            raise StatementRefused("the database refused a statement: DiskFull, SQLSTATE 53100")
        return real(*given)

    monkeypatch.setattr(sweep, "run", fill_the_disk)
    notes = watched(monkeypatch)
    run = airflow.run("gdpr_sweep")
    assert (run.state, len(tries)) == ("success", 2)
    said = "sweep: the database refused a statement: DiskFull, SQLSTATE 53100"
    assert re.fullmatch(rf"Waits: {said}; it is tried again at \d\d:\d\d:\d\dZ", notes.seen[1])
    assert note_of(run) == ""


def test_the_scheduler_looks_as_long_as_a_run_is_running_whatever_a_look_meets(
    airflow, monkeypatch
):
    import threading

    import gdpr_dpo_page

    looks = iter([True, ConnectionError(), False])
    ended = threading.Event()

    def look() -> bool:
        found = next(looks)
        if isinstance(found, Exception):
            raise found
        if not found:
            ended.set()
        return found

    monkeypatch.setattr(gdpr_dpo_page, "_LOOKS", timedelta(milliseconds=5))
    monkeypatch.setattr(gdpr_dpo_page, "write_waits", look)
    run = SimpleNamespace(dag_id="gdpr_sweep")
    for _ in range(2):  # one thread for all runs
        gdpr_dpo_page.NoteListener().on_dag_run_running(run, "started")
    (thread,) = [one for one in threading.enumerate() if one.name == "lacuna-notes"]
    assert ended.wait(10)
    thread.join(10)
    assert not thread.is_alive()
    # The next run begins another.
    assert not gdpr_dpo_page._WaitWatch._is_on


@pytest.mark.parametrize(("is_due", "is_cleared"), [(True, False), (False, False), (False, True)])
def test_a_night_that_begins_too_late_is_red_where_a_request_is_due_and_says_so(
    airflow, installation, note_of, monkeypatch, is_due, is_cleared
):
    request_id = installation.submit_contact(installation.platform.demo.forget)
    if is_due:
        soon = datetime.now(UTC)
        with installation.stores.transaction(Role.OWNER) as transaction:
            found = transaction.queue.requests.get(request_id)
            transaction.queue.requests.set_clock(replace(found, due_at=soon, alarm_at=soon))
    claim = airflow.dagbag.dags["gdpr_fulfilment"].get_task("claim")
    real = type(claim).execute.__wrapped__

    def late(task, context):
        if task.task_id != "claim":
            return real(task, context)
        run = context["dag_run"]
        seven = run.start_date + timedelta(hours=7)
        known = {
            "run_type": "scheduled",
            "start_date": seven,
            "run_after": run.start_date,
            "clear_number": int(is_cleared),
        }
        # A further try of a late run is as late as the first.
        context["ti"].try_number = 2
        return real(task, {**context, "dag_run": SimpleNamespace(**known)})

    late.__wrapped__ = real
    monkeypatch.setattr(type(claim), "execute", late)
    run = airflow.run("gdpr_fulfilment")
    if is_cleared:  # by a person, who wants it to go on
        assert run.tasks["claim"] == "success"
        return
    assert installation.request(request_id).state is RequestState.RECEIVED
    assert run.tasks["claim"] == ("failed" if is_due else "skipped")
    assert run.is_red is is_due
    note = note_of(run)
    alerts = list((installation.stores.home / "alerts").glob("*.eml"))
    if is_due:
        assert (
            "begins too late and does nothing. Open requests that are due today: 1; trigger" in note
        )
        assert "failed runs: 1" in alerts[0].read_text()
    else:
        assert re.match(r"Nothing was done: this run was due at .* begins 7 hours later", note)
        assert alerts == []


@pytest.mark.thorough
def test_nothing_of_it_commits_for_the_scheduler(airflow, installation):
    """A scheduler holds rows by locks until it has looked at all runs; Airflow refuses a commit before."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from airflow.utils.sqlalchemy import prohibit_commit
    from gdpr_dpo_page import write_note
    from sqlalchemy import select

    run = airflow.run("gdpr_sweep")
    with create_session() as session, prohibit_commit(session) as guard:
        same = (DagRun.dag_id == run.dag_id, DagRun.run_id == run.run_id)
        write_note(session.scalars(select(DagRun).where(*same)).one(), "it took too long")
        guard.commit()
    with create_session() as session:
        note = session.scalars(select(DagRun).where(*same)).one().note
    assert note == f"{FIRST}it took too long"


def test_an_xcom_that_is_refused_hides_no_reason(
    airflow, installation, note_of, monkeypatch, caplog
):
    import gdpr_dpo_page

    def refuse(value: object, **where: object) -> str:
        raise ValueError

    monkeypatch.setattr(sweep, "run", quote_a_row)
    for backend in {gdpr_dpo_page.IdsOnly, loaded_backend()}:
        monkeypatch.setattr(backend, "serialize_value", staticmethod(refuse))
    note = note_of(airflow.run("gdpr_sweep"))
    assert note.startswith(f"{FIRST}sweep: ended from outside")
    assert "the run's note will not say why: ValueError" in caplog.text


def loaded_backend():
    from airflow.sdk.execution_time.xcom import XCom

    return XCom
