"""What changes the platform and what publishes from it never overlap, whatever the hour."""

from __future__ import annotations

import threading
import uuid
from contextlib import contextmanager
from dataclasses import replace

import pytest

from lacuna.errors import (
    DatabaseUnreachable,
    DependencyUnreachable,
    FlowHeld,
    RequestError,
    RowsContended,
    VerificationFailed,
)
from lacuna.flows import fulfilment, reporting, seal, sweep
from lacuna.flows.fulfilment import application
from lacuna.flows.reporting import restatement
from lacuna.flows.run.platform_lock import PLATFORM
from lacuna.flows.seal import acknowledgement
from lacuna.flows.seal import flow as seal_flow
from lacuna.flows.sweep import file_quarantine
from lacuna.flows.sweep import flow as sweep_flow
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.restatement import RestatementScope
from lacuna.model.run import ApprovalMode, Role
from lacuna.stores.postgres import database
from lacuna.stores.postgres.database import Database
from tests.flows.observation import connect, leaves_of, quiet_people, rows_of

LATE = {"sweep": sweep, "reporting": reporting, "seal": seal}
STAGES = ("claim", "resolve_and_plan", "apply", "verify", "close", "scrub")


def another(installation):
    """Return the installation as another process has it."""
    stores = replace(installation.stores, database=Database(installation.url))
    return replace(installation, stores=stores)


def state_of(installation):
    return rows_of(installation.url, "lacuna"), leaves_of(installation)


def work_through(installation, batch_id: str, *stages: str) -> None:
    options = installation.options(approval=ApprovalMode.AUTO)
    for name in stages:
        fulfilment.stage_of(name)(installation.stores, options, batch_id)


@contextmanager
def applying(installation, monkeypatch):
    """Let a chunk of a fulfilment be at work while the block runs."""
    batch_id, at_work, go_on = str(uuid.uuid4()), threading.Event(), threading.Event()
    work_through(installation, batch_id, "claim", "resolve_and_plan", "divide")
    real, failures = application.apply_rows, []

    def waiting(*args):
        at_work.set()
        assert go_on.wait(120)
        return real(*args)

    def work() -> None:
        try:
            worker = another(installation)
            worker.stores.work_as("gdpr_fulfilment.apply_chunk[0]")
            options = installation.options(approval=ApprovalMode.AUTO)
            fulfilment.stage_of("apply_chunk", 0)(worker.stores, options, batch_id)
        except BaseException as error:
            failures.append(error)
            at_work.set()
            raise

    with monkeypatch.context() as patch:
        patch.setattr(application, "apply_rows", waiting)
        thread = threading.Thread(target=work)
        thread.start()
        try:
            assert at_work.wait(120)
            yield batch_id
        finally:
            go_on.set()
            thread.join(120)
    assert failures == []


@pytest.mark.thorough
def test_nothing_sweeps_publishes_or_seals_while_a_chunk_is_applied(installation, monkeypatch):
    request_id = installation.submit_contact(quiet_people(installation.platform)[0])
    with applying(installation, monkeypatch) as batch_id:
        before = state_of(installation)
        late = another(installation)
        for flow in LATE.values():
            with pytest.raises(FlowHeld, match=r"gdpr_fulfilment\.apply_chunk\[0\] since "):
                flow.run(late.stores, late.options(), str(uuid.uuid4()))
        scope = RestatementScope("fjordlys", "2026-W01", "correction")
        with pytest.raises(FlowHeld):
            restatement.run_restatement(late.stores, late.options(), scope)
        assert state_of(installation) == before
    work_through(installation, batch_id, "apply", "verify", "close")
    assert installation.request(request_id).state is RequestState.COMPLETED
    for flow in LATE.values():
        assert installation.run(flow) is None


@pytest.mark.thorough
def test_between_change_and_verification_nothing_sweeps_or_publishes(installation):
    installation.submit_contact(quiet_people(installation.platform)[0])
    batch_id = str(uuid.uuid4())
    work_through(installation, batch_id, "claim", "resolve_and_plan", "apply")
    before = rows_of(installation.url, "contact_center"), leaves_of(installation)
    for flow in (sweep, reporting):
        with pytest.raises(FlowHeld, match="1 requests are applied and not yet verified"):
            flow.run(installation.stores, installation.options(), str(uuid.uuid4()))
    assert (rows_of(installation.url, "contact_center"), leaves_of(installation)) == before
    assert installation.run(seal) is None  # a run that died holds no seal back
    work_through(installation, batch_id, "verify", "close")
    assert installation.run(sweep) is None
    assert installation.run(reporting) is None


@pytest.mark.thorough
def test_a_failed_verification_holds_publication_and_no_sweep(installation):
    request_id = installation.submit_contact(quiet_people(installation.platform)[0])
    work_through(installation, str(uuid.uuid4()), "claim", "resolve_and_plan", "apply")
    with installation.stores.transaction(Role.PLANNER) as transaction:
        requests = transaction.queue.requests
        requests.obstruct(requests.get(request_id), Obstacle.VERIFICATION_FAILED)
    assert installation.run(sweep) is None
    assert isinstance(installation.run(reporting), VerificationFailed)


@pytest.mark.parametrize("stage", STAGES)
def test_a_fulfilment_waits_while_something_sweeps_publishes_or_seals(installation, stage):
    before = state_of(installation)
    other = another(installation)
    other.stores.work_as("gdpr_sweep.sweep")
    with (
        other.stores.exclusive(PLATFORM),
        pytest.raises(FlowHeld, match=r'"platform": gdpr_sweep\.sweep since .*; nothing changed'),
    ):
        work_through(installation, str(uuid.uuid4()), stage)
    assert state_of(installation) == before


@pytest.mark.parametrize("stage", ["claim", "resolve_and_plan", "verify"])
def test_a_table_that_a_stranger_keeps_ends_a_stage_and_the_stranger_is_named(
    installation, monkeypatch, stage
):
    monkeypatch.setattr(database, "_LOCK_TIMEOUT", "200ms")
    with connect(installation.url) as stranger:
        stranger.execute("lock table contact_center.contacts in access exclusive mode")
        pid = stranger.info.backend_pid
        with pytest.raises(
            RowsContended,
            match=rf"contact_center\.contacts is locked by server process {pid} \(AccessExclusive",
        ):
            work_through(installation, str(uuid.uuid4()), stage)


def test_a_held_flow_is_no_red_run_that_officers_are_told_of(installation):
    other = another(installation)
    with other.stores.exclusive(PLATFORM):
        for flow in LATE.values():
            assert isinstance(installation.run(flow), FlowHeld)
    runs = installation.stores.home / "evidence" / "runs"
    assert not [line for path in runs.glob("*.jsonl") for line in path.read_text().splitlines()]


@pytest.mark.thorough
@pytest.mark.parametrize("obstacle", [Obstacle.APPLY_FAILED, Obstacle.INTERNAL_ERROR])
def test_what_is_applied_in_part_holds_publication(installation, obstacle):
    request_id = installation.submit_contact(quiet_people(installation.platform)[0])
    work_through(installation, str(uuid.uuid4()), "claim", "resolve_and_plan", "apply")
    with installation.stores.transaction(Role.PLANNER) as transaction:
        requests = transaction.queue.requests
        requests.obstruct(requests.get(request_id), obstacle)
    assert isinstance(installation.run(reporting), VerificationFailed)
    assert installation.run(sweep) is None


@pytest.mark.thorough
def test_an_outage_while_one_is_applied_is_nobodys_fault_and_tried_again(installation, monkeypatch):
    request_id = installation.submit_contact(quiet_people(installation.platform)[0])
    batch_id = str(uuid.uuid4())
    work_through(installation, batch_id, "claim", "resolve_and_plan")

    def lost(*_):
        raise DatabaseUnreachable("the database does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(application, "apply_rows", lost)
        with pytest.raises(DatabaseUnreachable):
            work_through(installation, batch_id, "apply")
    assert installation.obstacle(request_id) is None
    work_through(installation, batch_id, "apply", "verify", "close")
    assert installation.request(request_id).state is RequestState.COMPLETED


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (DatabaseUnreachable("x"), DatabaseUnreachable),
        (FlowHeld("x"), FlowHeld),
        (DependencyUnreachable("the store media does not answer"), DependencyUnreachable),
        (RequestError("x"), VerificationFailed),
    ],
)
def test_an_outage_in_a_part_of_a_sweep_is_no_failed_verification(
    installation, monkeypatch, error, raised
):
    def fail(*_):
        raise error

    monkeypatch.setattr(sweep_flow, "reconcile_objects", fail)
    found = installation.run(sweep)
    assert type(found) is raised


def outside(installation):
    """Yield what works without a flow, and has to keep out of one."""
    stores, options = installation.stores, installation.options()
    yield lambda: file_quarantine.quarantine_unnamed(stores, options, str(uuid.uuid4()))
    yield lambda: seal_flow.rotate_key(stores, "dpo:0000test")
    yield lambda: acknowledgement.acknowledge_restore(stores, "dpo:0000test", "0" * 64)


def test_commands_that_change_or_sign_keep_out_of_a_flow_too(installation):
    with another(installation).stores.sharing(PLATFORM):
        for act in outside(installation):
            with pytest.raises(FlowHeld):
                act()
