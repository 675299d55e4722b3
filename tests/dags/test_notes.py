"""A run that ends red says why in its note, and one that ends green says nothing."""

import pytest

from lacuna.flows import fulfilment, sweep
from tests.dags.test_runs import CANARY, execute, quote_a_row
from tests.poison import poison

pytestmark = pytest.mark.airflow
FIRST = "Why red: "


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


@pytest.mark.thorough
def test_a_note_has_room_for_a_thousand_characters(airflow, installation, note_of, monkeypatch):
    from lacuna.errors import PipelineError

    def fail(*given: object) -> None:
        raise PipelineError("x" * 3000)

    monkeypatch.setitem(fulfilment.flow.STAGES, "claim", fail)
    note = note_of(airflow.run("gdpr_fulfilment"))
    assert len(note) == 1000


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
