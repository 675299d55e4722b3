"""Officers are told by mail what waits for them: once, their own tenant's alone, and no person."""

from __future__ import annotations

import email
import email.policy
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from lacuna.errors import DependencyUnreachable, VerificationFailed
from lacuna.flows import deadlines, fulfilment, intake, reporting, seal, sweep
from lacuna.flows.run.alerts import TRIES
from lacuna.flows.run.steps import Steps
from lacuna.flows.sweep import flow as sweep_flow
from lacuna.model.identity import IdentifierKind
from lacuna.model.mail import MailOutcome
from lacuna.model.queue import Obstacle
from lacuna.model.run import Role, TaskTry
from tests.flows.observation import execute, people_named, quiet_people
from tests.flows.test_ends import SURVIVOR, stages_until
from tests.poison import poison
from tests.stores.test_outbox import sink

__all__ = ["sink"]

FJORDLYS, HAFENKONTOR = "dpo@fjordlys.example.com", "datenschutz@hafenkontor.example.com"


def letters(installation) -> list[tuple[str, str, str]]:
    """Return recipient, subject and text of each alert, in order of recipients."""
    found = []
    for path in (installation.stores.home / "alerts").glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        found.append(
            (message["to"], message["subject"], message.get_body(("plain",)).get_content())
        )
        path.unlink()
    return sorted(found)


@pytest.mark.thorough
def test_an_officer_is_told_of_plans_once_and_of_their_own_tenant_alone(little):
    own = little.submit_contact(quiet_people(little.platform)[0])
    other = little.submit_contact(quiet_people(little.platform, org_id="hafenkontor")[0])
    assert little.run() is None
    first, second = letters(little)
    assert (first[0], second[0]) == (HAFENKONTOR, FJORDLYS)
    assert first[1] == second[1] == "Lacuna: plans to approve: 1"
    own, other = (little.request(each).number for each in (own, other))
    assert (own, other) == ("FJ-0001", "HA-0001")
    assert other in first[2]
    assert own not in first[2]
    assert own in second[2]
    assert other not in second[2]
    assert people_named(little.platform, [("alert", " ".join(first + second))]) == set()
    assert little.run() is None
    assert letters(little) == []


@pytest.mark.thorough
@pytest.mark.parametrize("end", ["", "/"])
def test_each_item_of_a_mail_links_to_its_page(little, end):
    request_id = little.submit_contact(quiet_people(little.platform)[0])
    assert little.run(page_url=f"https://airflow.example.org/privacy{end}") is None
    ((_, _, text),) = letters(little)
    number = little.request(request_id).number
    assert f"  {number}" in text
    link = f"https://airflow.example.org/privacy/fjordlys/requests/{request_id}/approve"
    assert link in text.split()
    assert "Read the plan, then approve or refuse it." in " ".join(text.split())


def test_an_officer_is_told_what_is_ambiguous_overdue_and_failed(little):
    shared = little.platform.demo.household
    phone = little.platform.people[shared[0]].phones[0]
    ambiguous = little.submit((IdentifierKind.PHONE, phone))
    late = little.submit_contact(quiet_people(little.platform)[0], verified_by=None)
    past = datetime.now(UTC) - timedelta(days=1)
    with little.stores.transaction(Role.OWNER) as transaction:
        found = transaction.queue.requests.get(late)
        transaction.queue.requests.set_clock(replace(found, due_at=past, alarm_at=past))
    assert little.run() is None
    ((recipient, subject, text),) = letters(little)
    assert recipient == FJORDLYS
    assert subject == "Lacuna: overdue: 1, needs review: 1"
    ambiguous, late = (little.request(each).number for each in (ambiguous, late))
    assert ambiguous in text
    assert f"{late}, due {past.date().isoformat()}" in text


@pytest.mark.thorough
def test_a_red_run_is_told_with_what_failed(little, monkeypatch):
    request_id = little.submit_contact(quiet_people(little.platform)[0])
    assert little.run() is None
    letters(little)
    little.approve(request_id)

    def fail(planner, requests, steps):
        with planner.stores.transaction(Role.PLANNER) as transaction:
            for each in requests:
                transaction.queue.requests.obstruct(each, Obstacle.VERIFICATION_FAILED)

    monkeypatch.setattr("lacuna.flows.fulfilment.flow.verify_all", fail)
    assert isinstance(little.run(), VerificationFailed)
    told = letters(little)
    assert [each[:2] for each in told] == [
        (HAFENKONTOR, "Lacuna: failed runs: 1"),
        (FJORDLYS, "Lacuna: failed runs: 1, failed: 1"),
    ]
    number = little.request(request_id).number
    assert f"{number}, due " in told[1][2]
    assert "A gate failed. Lacuna issues no certificate" in told[1][2]
    assert "verification_failed" not in told[1][2]
    assert number not in told[0][2]


def test_a_failed_request_is_told_with_its_gate_table_and_count_and_no_value(little):
    """One row cannot be changed, and a value of somebody else survives in a text."""
    poisoned, survivor = quiet_people(little.platform)[:2]
    ids = [little.submit_contact(one) for one in (poisoned, survivor)]
    execute(little.url, poison(poisoned))
    stages_until(little, fulfilment.apply)
    assert execute(little.url, SURVIVOR, little.platform.people[survivor].emails[0])
    error = little.run()
    assert isinstance(error, VerificationFailed)
    ((_, _, text),) = [one for one in letters(little) if one[0] == FJORDLYS]
    row, value = (little.request(one).number for one in ids)
    said = " ".join(text.split())
    of_row, of_value = said.index(f"{row}, due"), said.index(f"{value}, due")
    assert "table contact_center.contacts" in said[of_row:of_value]
    assert "Apply failed (the database refused a statement: " in said[of_row:of_value]
    found = "Verification failed (residue contact_center.internal_notes.message: 1). A gate failed."
    assert found in said[of_value:]
    # As the note of the run says, and the last line of its log.
    assert (
        f"{value}: verification failed (residue contact_center.internal_notes.message: 1)"
        in str(error)
    )
    assert people_named(little.platform, [("alert", text)]) == set()


BROKEN = {
    sweep: ("pending_people", "sweep"),
    reporting: ("open_datamap", "reporting"),
    intake: ("open_intake", "intake"),
    seal: ("audit", "seal"),
    deadlines: ("Steps", "deadlines"),
    fulfilment: ("send_canary", "fulfilment"),
}


@pytest.mark.parametrize("flow", BROKEN, ids=lambda flow: flow.__name__.rpartition(".")[2])
def test_a_flow_that_breaks_is_told_to_every_tenant_once(little, monkeypatch, flow):
    """Whatever breaks it, a foreign error too, of which no word is told."""
    function, name = BROKEN[flow]
    secret = "canary-7f3a@example.org"

    def broken(*given: object, **named: object) -> None:
        raise LookupError(secret)

    monkeypatch.setattr(getattr(flow, "flow", flow), function, broken)
    options, batch_id = little.options(), str(uuid.uuid4())
    for _ in range(2):  # tried again
        with pytest.raises(LookupError):
            flow.run(little.stores, options, batch_id)
    told = letters(little)
    assert [each[:2] for each in told] == [
        (HAFENKONTOR, "Lacuna: failed runs: 1"),
        (FJORDLYS, "Lacuna: failed runs: 1"),
    ]
    assert [each[2].splitlines()[-1] for each in told] == [f"  {name}"] * 2
    assert secret not in str(told)


def test_a_red_intake_is_told_once_a_day(little, monkeypatch):
    monkeypatch.setattr("lacuna.flows.intake.flow.open_intake", refuse_to_open)
    for _ in range(3):
        assert isinstance(little.run(intake), DependencyUnreachable)
    assert [each[1] for each in letters(little)] == ["Lacuna: failed runs: 1"] * 2


def refuse_to_open(*given: object) -> None:
    raise DependencyUnreachable("the mailbox does not answer")


def test_a_stage_that_failed_as_a_task_is_told_when_the_run_is_concluded(little):
    options = replace(little.options(), task=TaskTry("claim", -1, 1))
    Steps(little.stores, options, "task").add("failed")
    batch_id, last = str(uuid.uuid4()), TaskTry("conclude", -1, 1)
    fulfilment.conclude(little.stores, replace(options, task=last), batch_id)
    assert [each[1] for each in letters(little)] == ["Lacuna: failed runs: 1"] * 2
    tried_again = replace(little.options(), run_id="another", task=TaskTry("claim", -1, 2))
    Steps(little.stores, tried_again, "task").add("failed")
    Steps(little.stores, tried_again, "task").add("done")
    fulfilment.conclude(little.stores, replace(tried_again, task=last), batch_id)
    assert letters(little) == []


@pytest.mark.parametrize("outcome", ["began", "refused", "unreachable", "waits"])
def test_a_task_that_never_came_to_its_end_is_told_too(little, outcome):
    """Such as one whose worker was lost at its last try."""
    options = replace(little.options(), task=TaskTry("verify", -1, 7))
    Steps(little.stores, options, "task").add(outcome)
    last = replace(options, task=TaskTry("conclude", -1, 1))
    fulfilment.conclude(little.stores, last, str(uuid.uuid4()))
    assert [each[1] for each in letters(little)] == ["Lacuna: failed runs: 1"] * 2


@pytest.mark.parametrize(("number", "told"), [(1, 0), (TRIES - 1, 0), (TRIES, 2)])
def test_an_outage_that_is_tried_again_is_told_at_the_last_try(little, monkeypatch, number, told):
    def lost(*_):
        raise DependencyUnreachable("the store media does not answer")

    monkeypatch.setattr(sweep_flow, "reconcile_objects", lost)
    options = replace(little.options(), task=TaskTry("sweep", -1, number))
    with pytest.raises(DependencyUnreachable):
        sweep.run(little.stores, options, str(uuid.uuid4()))
    assert [each[1] for each in letters(little)] == ["Lacuna: failed runs: 1"] * told


@pytest.mark.thorough
def test_mails_that_are_not_plain_are_told_by_intake(little):
    """The sample's mailbox has some; each is told to the officer of its own tenant."""
    assert little.run(intake) is None
    with little.stores.transaction(Role.PLANNER) as transaction:
        waiting = transaction.mails.mails(MailOutcome.WAITING)
    assert waiting
    told = {recipient: text for recipient, _, text in letters(little)}
    for mail in waiting:
        own = FJORDLYS if mail.org_id == "fjordlys" else HAFENKONTOR
        line = f"mail {mail.mail_id}, due {mail.due_at.date()}"
        assert [recipient for recipient, text in told.items() if line in text] == [own]
    assert people_named(little.platform, told.items()) == set()
    assert little.run(intake) is None
    assert letters(little) == []


@pytest.mark.thorough
def test_an_officer_who_could_not_be_told_is_told_by_the_next_run(little):
    little.submit_contact(quiet_people(little.platform)[0])
    closed = replace(little.stores, notifier_address="smtp://127.0.0.1:9")
    little.stores, working = closed, little.stores
    assert isinstance(little.run(), DependencyUnreachable)
    little.stores = working
    assert little.run() is None
    assert [each[1] for each in letters(little)] == ["Lacuna: plans to approve: 1"]


@pytest.mark.thorough
def test_an_alert_goes_by_smtp_where_a_server_is_set(little, sink):
    little.submit_contact(quiet_people(little.platform)[0])
    little.stores = replace(little.stores, notifier_address=sink.url)
    assert little.run() is None
    ((recipients, content),) = sink.mails
    assert recipients == [FJORDLYS]
    assert b"Subject: Lacuna: plans to approve: 1" in content
    assert letters(little) == []


@pytest.mark.parametrize("flow", [deadlines, fulfilment, intake, seal, sweep])
def test_a_flow_opens_a_connection_for_what_goes_on_at_once_and_not_for_each_transaction(
    little, flow
):
    opened = []
    event.listen(little.stores.database.engine, "connect", lambda *_: opened.append(flow))
    little.run(flow)
    # One for each lock that is held, and two for its transactions.
    assert 0 < len(opened) <= 5
