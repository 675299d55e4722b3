"""Without an agreement ordinary processing stops; a contact's request waits for the controller."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from lacuna.consent import accept_version, add_version, instruct
from lacuna.errors import (
    AgreementMissing,
    RequestError,
    StatementRefused,
    VerificationFailed,
)
from lacuna.flows import reporting, sweep
from lacuna.flows.intake.letter_delivery import deliver_letters
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.run.steps import Steps
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.model.agreement import (
    Acceptance,
    AcceptanceMethod,
    Agreement,
    AgreementKind,
    InstructionSource,
)
from lacuna.model.evidence import Action
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from tests.flows.correspondence import Post, code_in, text_of
from tests.flows.observation import execute, leaves_of, quiet_people

OWN, OTHER = "fjordlys", "hafenkontor"


def add(installation, *, standing=(), version="2026-11", since=timedelta(seconds=1), org_id=OWN):
    """Add a version of the tenant's agreement that nobody accepted yet."""
    with installation.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        desk = installation.desk(transaction)
        added = Agreement(
            str(uuid.uuid4()), org_id, AgreementKind.DPA, version, "0" * 64, desk.now - since,
            tuple(standing),
        )  # fmt: skip
        add_version(added, transaction.agreements, desk)


def accept(installation, version="2026-11", kind=AgreementKind.DPA, *, org_id=OWN, **details):
    with installation.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        desk = installation.desk(transaction)
        who = {"accepted_by": "controller:0000test"} if "contact" not in details else {}
        acceptance = Acceptance("", org_id, AcceptanceMethod.SIGNATURE, desk.now, **(who | details))
        accept_version((org_id, kind, version), acceptance, transaction.agreements, desk)


def contact_of(installation, org_id=OWN):
    people = installation.platform.people
    return next(one for one in quiet_people(installation.platform) if people[one].org_id == org_id)


def submitted(installation, *kinds, **details):
    return installation.submit_contact(
        contact_of(installation), kinds=kinds or (RequestKind.RESTRICTION,), **details
    )


def instructions(installation):
    return execute(
        installation.url, "select source, agreement_id is not null from lacuna.instruction"
    )


# --- ordinary processing --------------------------------------------------------------------------


@pytest.mark.thorough
def test_sweeps_stop_for_a_tenant_until_the_version_in_force_is_accepted(whole):
    for rule in known_rules(whole.stores):
        approve_rule(whole.stores, (rule.name, rule.digest, None), "dpo:0000test")
    swept = "select distinct org_id from contact_center.messages m join lacuna.sweep_done d "
    swept += "on d.row_key = array[m.message_id::text] "
    swept += "and d.table_name = 'contact_center.messages'"
    locked = "select distinct org_id from lacuna.recording_lock"
    planted = "select distinct org_id from contact_center.calls "
    planted += "where recording_override_by is not null order by 1"
    # A version of tomorrow stops nothing today.
    add(whole, since=-timedelta(days=1))
    add(whole, version="2026-10", org_id=OTHER)
    accept(whole, "2026-10", org_id=OTHER)
    # One of today does, until it is accepted.
    add(whole, version="2026-10")
    error = whole.run(sweep)
    assert isinstance(error, VerificationFailed)
    assert f"tenant {OWN}: no accepted data processing agreement" in str(error)
    assert execute(whole.url, planted) == [(OWN,), (OTHER,)]
    assert execute(whole.url, locked) == [(OTHER,)]
    assert (OWN,) not in execute(whole.url, swept)
    accept(whole, "2026-10")
    assert whole.run(sweep) is None
    assert set(execute(whole.url, locked)) == {(OWN,), (OTHER,)}
    assert (OWN,) in execute(whole.url, swept)


@pytest.mark.thorough
def test_reporting_leaves_a_tenant_without_an_agreement_out_and_is_red(whole):
    add(whole)
    error = whole.run(reporting)
    assert isinstance(error, (AgreementMissing, VerificationFailed))
    published = {
        row[0] for row in execute(whole.url, "select distinct org_id from reporting.release")
    }
    assert published == {OTHER}
    accept(whole)
    whole.run(reporting)
    published = execute(whole.url, "select distinct org_id from reporting.release")
    assert {row[0] for row in published} == {OWN, OTHER}


# --- the controller's word ------------------------------------------------------------------------


@pytest.mark.thorough
def test_without_an_agreement_a_request_waits_and_goes_on_at_the_controllers_word(little):
    add(little, standing=tuple(RequestKind))
    request_id = submitted(little)
    assert little.run() is None
    assert little.request(request_id).state is RequestState.RESOLVED
    assert little.obstacle(request_id) == "controller"
    assert instructions(little) == []
    # The controller is told once, and nobody is named.
    assert little.run() is None
    steps = Steps(little.stores, little.options(), "intake")
    deliver_letters(little.stores, little.options(), str(uuid.uuid4()), steps)
    (letter,) = Post(little).letters()
    assert letter["To"] == "dpo@fjordlys.example.com"
    assert little.request(request_id).number in text_of(letter)
    assert "(art. 18)" in text_of(letter)
    person = little.platform.people[contact_of(little)]
    assert person.last_name not in letter.as_string()

    with little.stores.transaction(Role.DPO, org_id=OWN) as transaction:
        request = transaction.queue.requests.get(request_id)
        desk = little.desk(transaction)
        assert instruct(request, InstructionSource.WRITTEN, transaction.agreements, desk)
        assert not instruct(request, InstructionSource.WRITTEN, transaction.agreements, desk)
    assert little.run() is None
    assert little.request(request_id).state is RequestState.COMPLETED
    assert instructions(little) == [("written", False)]
    said = [leaf.entry.action for leaf in leaves_of(little, request_id)]
    assert said.count(Action.INSTRUCTED) == 1
    assert said.index(Action.INSTRUCTED) < said.index(Action.PLANNED)
    with little.stores.transaction(Role.DPO, org_id=OWN) as transaction:
        request = transaction.queue.requests.get(request_id)
        desk = little.desk(transaction)
        with pytest.raises(RequestError, match="it can no longer be instructed"):
            instruct(request, InstructionSource.WRITTEN, transaction.agreements, desk)


@pytest.mark.thorough
def test_a_standing_instruction_covers_the_rights_that_it_names_and_no_other(little):
    add(little, standing=[RequestKind.OBJECTION])
    accept(little)
    covered = submitted(little, RequestKind.OBJECTION)
    both = submitted(little, RequestKind.OBJECTION, RequestKind.RESTRICTION)
    told = submitted(little, instructed_by="letter of 24 November, signed by the controller")
    assert little.run() is None
    states = {one: little.request(one).state for one in (covered, both, told)}
    assert states == {
        covered: RequestState.COMPLETED,
        both: RequestState.RESOLVED,
        told: RequestState.COMPLETED,
    }
    assert little.obstacle(both) == "controller"
    assert sorted(instructions(little)) == [("standing", True), ("written", False)]
    # The letter went with the request; that there was one stays.
    ((kept,),) = execute(
        little.url,
        "select count(*) from lacuna.request_secret where purpose = 'instruction'",
    )
    assert kept == 0


@pytest.mark.thorough
def test_a_mail_of_an_authorized_person_instructs_what_a_contact_asked(little):
    add(little)
    accept(little)
    post = Post(little)
    person = little.platform.people[contact_of(little)]
    email = person.emails[0]
    request_id = little.submit(
        (IdentifierKind.EMAIL, email), kinds=(RequestKind.ERASURE,), org_id=OWN
    )
    assert little.run() is None
    assert little.obstacle(request_id) == "controller"
    text = f"Please erase all personal data of {email}."
    # An agent hands on, and instructs nothing, however much their domain vouches for them.
    ((agent,),) = execute(
        little.url, "select min(email) from contact_center.agents where org_id = %s", OWN
    )
    post.write(agent, text, vouched=True)
    post.write("dpo@fjordlys.example.com", text)
    post.take()
    assert instructions(little) == []
    post.write("dpo@fjordlys.example.com", text.replace("all", "all the"), vouched=True)
    post.take()
    assert instructions(little) == []
    post.write("dpo@fjordlys.example.com", code_in(post.letters()[-1]))
    post.take()
    assert instructions(little) == [("mail", False)]
    assert little.run() is None
    instructed = execute(little.url, "select request_id::text from lacuna.instruction")
    assert little.request(instructed[0][0]).state is RequestState.PLANNED


# --- the record -----------------------------------------------------------------------------------


def test_nothing_of_the_record_can_be_changed_and_refusals_say_why(little):
    add(little)
    with pytest.raises(RequestError, match="already has this version"):
        add(little)
    for version, kind in (("2026-12", AgreementKind.DPA), ("2026-11", AgreementKind.TERMS)):
        with pytest.raises(RequestError, match="no such version"):
            accept(little, version, kind)
    with pytest.raises(RequestError, match="not by a contact"):
        accept(little, contact=contact_of(little))
    accept(little)
    submitted(little)
    for table in ("agreement", "acceptance", "instruction"):
        for statement in (f"delete from lacuna.{table}", f"truncate lacuna.{table} cascade"):  # noqa: S608
            with pytest.raises(Exception, match="append-only"):
                execute(little.url, statement)
            with (
                pytest.raises(StatementRefused),
                little.stores.database.transaction(Role.PLANNER) as connection,
            ):
                connection.exec_driver_sql(statement)


def test_what_a_contact_accepted_is_theirs_to_see_until_they_are_forgotten(little):
    contact = contact_of(little)
    with little.stores.transaction(Role.DPO, org_id=OWN) as transaction:
        desk = little.desk(transaction)
        terms = Agreement(
            str(uuid.uuid4()), OWN, AgreementKind.TERMS, "2026-01", "1" * 64,
            datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        add_version(terms, transaction.agreements, desk)
    accept(little, "2026-01", AgreementKind.TERMS, contact=contact)
    with little.stores.transaction(Role.PLANNER) as transaction:
        (seen,) = transaction.agreements.history(OWN, [contact])
    assert (seen.purpose, seen.status, seen.version) == ("terms", "accepted", "2026-01")
    with little.stores.transaction(Role.EXECUTOR) as transaction:
        consents = transaction.consents(open_datamap(little.stores))
        assert consents.forget(OWN, [contact]) == 1
    with little.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.agreements.history(OWN, [contact]) == []
    kept = "select count(*) from lacuna.acceptance where subject_id is not null"
    assert execute(little.url, kept) == [(1,)]


@pytest.mark.thorough
def test_who_was_erased_on_a_word_of_their_own_is_erased_again_on_the_same(little):
    add(little, standing=[RequestKind.OBJECTION])
    accept(little)
    contact = contact_of(little)
    person = little.platform.people[contact]
    little.erase(contact, instructed_by="letter of 24 November, signed by the controller")
    execute(
        little.url,
        "insert into contact_center.contacts (contact_id, org_id, external_id, display_name, email, "
        "created_at) values (gen_random_uuid(), %s, %s, %s, %s, now())",
        person.org_id,
        person.external_ids[0],
        person.full_name,
        person.emails[0],
    )
    assert little.run(sweep) is None
    back = "select count(*) from contact_center.contacts where external_id = %s"
    assert execute(little.url, back, person.external_ids[0]) == [(0,)]
