"""A restore takes back no decision on a person: what was held, restricted or corrected is so again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pytest

from lacuna.consent import withdraw
from lacuna.errors import UnknownRequest, VerificationFailed
from lacuna.evidence import verify_certificate
from lacuna.flows import fulfilment, seal, sweep
from lacuna.flows.run.installation_keys import known_keys
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.seal.acknowledgement import acknowledge_restore, find_superseded
from lacuna.model.consent import ConsentEntry, ConsentMethod, ConsentStatus
from lacuna.model.evidence import Action, Phase
from lacuna.model.identity import IdentifierKind
from lacuna.model.kept_right import KeptRight
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.request import deadline, lift, refuse
from lacuna.request import hold as hold_whole
from lacuna.request import withdraw as close
from tests.flows.holding import (
    BY_ID,
    GROUND,
    OF_PERSON,
    VOICEMAILS,
    Later,
    all_requests,
    caller_of,
    held_until,
    hold,
    statement_of,
)
from tests.flows.observation import execute, leaves_of, quiet_people, rows_of
from tests.flows.restoring import dump_of, restored


@pytest.fixture
def little(installation):
    """The installation that a test is discreet about."""
    return installation


@dataclass(frozen=True)
class Held:
    """Somebody of whom voicemails are held for three days, and the rest is erased.

    Attributes:
        caller: the person.
        voicemails: the rows that are held, as they were.
        until: when the hold ends.
        unheld: the database before the hold.
        held: the database before the erasure.
    """

    caller: str
    voicemails: list[tuple[object, ...]]
    until: datetime
    unheld: bytes
    held: bytes

    @property
    def ids(self) -> list[object]:
        return [row[0] for row in self.voicemails]


@pytest.fixture(scope="module")
def held_once(reaching):
    def reach(installation) -> Held:
        caller = caller_of(installation)
        voicemails = execute(installation.url, OF_PERSON, caller)
        request_id = installation.submit_contact(caller)
        unheld = dump_of(installation)
        until = held_until(3)
        hold(installation, request_id, until)
        held = dump_of(installation)
        fulfil(installation, request_id)
        return Held(caller, voicemails, until, unheld, held)

    return reaching("held", reach)


def fulfil(installation, request_id: str) -> None:
    """Plan, approve and carry out."""
    assert installation.run() is None
    installation.approve(request_id)
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED


def erased_again(installation) -> list[str]:
    return [
        leaf.entry.request_id
        for leaf in leaves_of(installation)
        if leaf.entry.action is Action.REAPPEARED
        and leaf.entry.phase is Phase.OUTCOME
        and leaf.entry.request_id is not None
    ]


def lines_of(installation, outcome: str) -> list[dict]:
    """Return the counts of the run lines with an outcome."""
    lines = [
        json.loads(line)
        for path in sorted((installation.stores.home / "evidence" / "runs").glob("*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    return [line["counts"] for line in lines if line["outcome"] == outcome]


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_what_was_held_is_held_again_when_its_person_is_erased_again(little, held_once, database):
    """By a dump from after the hold, twice; `test_a_restore_takes_back_no_right_and_no_decision` has
    one from before it."""
    held = held_once.said
    again = little
    # The second time the first re-erasure is among those remembered.
    for _ in range(2):
        again = restored(again, database, held.held)
        assert execute(again.url, OF_PERSON, held.caller) == held.voicemails
        assert again.run(sweep) is None
        check_held_again(again, held.caller, held.voicemails, held.until)
        assert again.run() is None
        assert again.run(sweep) is None
        assert execute(again.url, BY_ID, held.ids) == held.voicemails


def check_held_again(again, caller: str, voicemails, until: datetime) -> None:
    """What is held is there, the rest is erased; the rest of the rest waits for the lapse."""
    ids = [row[0] for row in voicemails]
    media = again.stores.folder_of("media")
    assert execute(again.url, BY_ID, ids) == voicemails
    assert all((media / row[1]).is_file() for row in voicemails)
    assert execute(again.url, OF_PERSON, caller) == []
    # The plan said so, and the certificate does, on the same ground and until the same day.
    reason = f"held on the ground of Art. {GROUND} until {until.date().isoformat()}"
    (request_id,) = [
        one
        for one in erased_again(again)
        if statement_of(again, one).get("completeness") == "partial"
    ]
    kept = {"location": str(VOICEMAILS), "ground": reason, "rows": len(voicemails)}
    assert kept in statement_of(again, request_id)["kept"]
    with again.stores.transaction(Role.PLANNER) as transaction:
        assert reason in transaction.queue.plans.get(request_id).readable
    assert sum(line["held_tables"] for line in lines_of(again, "reappeared")[-1:]) == 1
    # The rest waits for the lapse, and for an officer.
    (rest,) = [one for one in all_requests(again) if one.state is RequestState.HELD]
    assert (rest.kinds, rest.due_at > until) == ((RequestKind.ERASURE,), True)


@pytest.mark.thorough
def test_a_hold_that_lapsed_since_holds_nothing_when_its_person_is_erased_again(
    little, held_once, database
):
    held = held_once.said
    again = restored(little, database, held.held)
    again.stores = replace(again.stores, clock=Later(again.stores.clock, timedelta(days=4)))
    assert again.run(sweep) is None
    lapsed = execute(again.url, BY_ID, held.ids)
    assert [row[1:] for row in lapsed] == [(None, None)] * len(held.ids)
    (request_id,) = erased_again(again)
    assert "completeness" not in statement_of(again, request_id)
    assert not [one for one in all_requests(again) if one.state is RequestState.HELD]


def decide(installation, request_id: str, act) -> None:
    """Let an officer decide on a request."""
    org_id = installation.request(request_id).org_id
    with installation.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        act(transaction.queue.requests.get(request_id), installation.desk(transaction))


def withdraw_consent(installation, contact_id: str) -> None:
    org_id = installation.platform.people[contact_id].org_id
    entry = ConsentEntry(
        org_id, None, ConsentStatus.WITHDRAWN, ConsentMethod.LETTER, installation.stores.clock.now()
    )
    datamap = open_datamap(installation.stores)
    with installation.stores.transaction(Role.DPO, org_id=org_id) as transaction:
        desk = installation.desk(transaction)
        withdraw(entry, [contact_id], transaction.consents(datamap), desk)


def withdrawals(installation) -> list[tuple[str, str]]:
    return execute(
        installation.url,
        "select contact_id, method from lacuna.consent_entry join lacuna.subject using (subject_id) "
        "where status = 'withdrawn'",
    )


def restrictions(installation) -> set[tuple[str, str]]:
    return set(execute(installation.url, "select contact_id, kind from lacuna.restriction"))


def there(installation, contact_ids: list[str]) -> set[str]:
    """Return who of these is still named by the platform's contacts."""
    rows = execute(
        installation.url,
        "select contact_id::text from contact_center.contacts where contact_id::text = any(%s) "
        "and email is not null",
        contact_ids,
    )
    return {key for (key,) in rows}


def city_of(installation, contact_id: str) -> str:
    ((city,),) = execute(
        installation.url,
        "select city from contact_center.contacts where contact_id::text = %s",
        contact_id,
    )
    return city


CORRECTED = "Corrected City"
AT_ONCE = {RequestKind.RESTRICTION, RequestKind.OBJECTION}


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
def test_a_restore_takes_back_no_right_and_no_decision(little, database):
    """The dump is from before a hold, a restriction, an objection, a withdrawal, a correction, a
    refusal and three erasures."""
    caller = caller_of(little)
    voicemails = execute(little.url, OF_PERSON, caller)
    others = [one for one in quiet_people(little.platform)[:8] if one != caller]
    second, third, restricted, objecting, withdrawing, corrected, refused = others[:7]
    waits = next(
        one
        for one in quiet_people(little.platform, conversations=3)[:2]
        if one not in (caller, *others[:7])
    )
    first = little.submit_contact(caller)
    to_refuse, to_hold = little.submit_contact(refused), little.submit_contact(waits)
    assert little.run() is None
    for request_id in (to_refuse, to_hold):
        little.approve(request_id)
    assert little.run(seal) is None
    dump = dump_of(little)

    until = held_until()
    hold(little, first, until)
    assert little.run(seal) is None
    # Not sealed: a refusal that was certified is closed.
    decide(little, to_refuse, lambda request, desk: refuse(request, "17(3)(b)", desk))
    decide(little, to_hold, lambda request, desk: hold_whole(request, GROUND, until, desk))
    fulfil(little, first)
    erasures = {first, *little.erase(second, third)}
    rights = {
        little.submit_contact(restricted, kinds=(RequestKind.RESTRICTION,)),
        little.submit_contact(objecting, kinds=(RequestKind.OBJECTION,)),
    }
    correction = little.submit_contact(
        corrected, kinds=(RequestKind.RECTIFICATION,), rectifications={"city": CORRECTED}
    )
    fulfil(little, correction)
    withdraw_consent(little, withdrawing)
    effective = {(restricted, "restriction"), (objecting, "objection")}
    assert restrictions(little) == effective
    assert city_of(little, corrected) == CORRECTED
    old = little.stores.home / "keys" / "rights"
    for path in old.iterdir():
        for value in (CORRECTED, restricted, corrected, withdrawing):
            assert value.encode() not in path.read_bytes()

    again = restored(little, database, dump)
    assert there(again, [caller, second, third]) == {caller, second, third}
    assert (restrictions(again), withdrawals(again)) == (set(), [])
    assert city_of(again, corrected) != CORRECTED
    assert again.request(to_hold).state is again.request(to_refuse).state is RequestState.APPROVED

    # Three erasures and the hold (Art. 17).
    assert again.run(sweep) is None
    assert there(again, [caller, second, third, *others]) == set(others) - {second, third}
    whole = [statement_of(again, one) for one in erased_again(again)]
    assert sorted(one.get("completeness", "whole") for one in whole) == [
        "partial",
        "whole",
        "whole",
    ]
    assert {one["approved_by"] for one in whole} == {"rule:reappearance"}
    check_held_again(again, caller, voicemails, until)
    # Restriction and objection (Art. 18, 21), each with a certificate of its own.
    assert restrictions(again) == effective
    new = [one for one in all_requests(again) if set(one.kinds) & AT_ONCE]
    assert {one.state for one in new} == {RequestState.COMPLETED}
    assert {statement_of(again, one.request_id)["type"] for one in new} == {"restriction"}
    assert {statement_of(again, one.request_id)["approved_by"] for one in new} == {
        "rule:identity-verified"
    }
    # Consent that was withdrawn (Art. 7(3)).
    assert withdrawals(again) == [(withdrawing, "letter")]
    # The correction (Art. 16) is asked for again; an officer approves it, as the first time.
    (asked,) = [one for one in all_requests(again) if RequestKind.RECTIFICATION in one.kinds]
    assert asked.state is RequestState.PLANNED
    assert lines_of(again, "put_back")[-1] == {"people": 3, "consents": 1, "decided_before": 2}

    # What was refused or held is not carried out, although it was approved before.
    again.approve(asked.request_id)
    assert again.run() is None
    assert city_of(again, corrected) == CORRECTED
    assert statement_of(again, asked.request_id)["type"] == "rectification"
    for request_id in (to_refuse, to_hold):
        assert again.request(request_id).state is RequestState.APPROVED
        assert again.obstacle(request_id) == "decided_before"
    assert there(again, [refused, waits]) == {refused, waits}
    decide(again, to_refuse, lambda request, desk: refuse(request, "17(3)(b)", desk))
    decide(again, to_hold, lambda request, desk: hold_whole(request, GROUND, until, desk))
    # Each certificate names the request that it repeats.
    repeats = {
        one.request_id: statement_of(again, one.request_id)["repeats"]
        for one in all_requests(again)
        if one.request_id in {*erased_again(again), *(each.request_id for each in (*new, asked))}
    }
    assert sorted(repeats.values()) == sorted([one] for one in {*erasures, *rights, correction})
    restored_ledger = find_superseded(again.stores).history
    acknowledge_restore(again.stores, "dpo:0000test", restored_ledger.digest)
    assert again.run(seal) is None
    for request_id, (earlier,) in repeats.items():
        certificate = again.stores.home / "evidence" / "certificates" / f"{request_id}.json"
        verify_certificate(certificate.read_bytes(), known_keys(again.stores))
        page = certificate.with_suffix(".html").read_text("utf-8")
        says = page[page.index('<div class="says">') : page.index("<h2>")]
        assert f"request {earlier} " in says
    # Once more does nothing.
    before = len(all_requests(again))
    lines = len(lines_of(again, "put_back"))
    for flow in (sweep, fulfilment, sweep):
        assert again.run(flow) is None
    assert (len(all_requests(again)), len(lines_of(again, "put_back"))) == (before, lines)
    assert (restrictions(again), withdrawals(again)) == (effective, [(withdrawing, "letter")])
    ids = [row[0] for row in voicemails]
    assert execute(again.url, BY_ID, ids) == voicemails


def kept(installation) -> list[KeptRight]:
    return list(installation.stores.kept_rights.rights())


@pytest.mark.thorough
def test_a_record_that_cannot_be_read_stops_the_sweep_and_the_fulfilment(little):
    contact, waits = quiet_people(little.platform)[:2]
    little.submit_contact(contact, kinds=(RequestKind.RESTRICTION,))
    assert little.run() is None
    (right,) = kept(little)
    key = little.stores.home / "keys" / "rights" / f"{right.request_id}.key"
    key.rename(key.with_suffix(".lost"))
    request_id = little.submit_contact(waits)
    before = rows_of(little.url)
    for flow in (sweep, fulfilment):
        error = little.run(flow)
        assert isinstance(error, UnknownRequest)
        assert "its key is gone" in str(error)
    assert rows_of(little.url) == before
    assert little.request(request_id).state is RequestState.RECEIVED
    key.with_suffix(".lost").rename(key)
    assert little.run(sweep) is None
    # One that is gone is made again from the restriction, as one from before there were records is.
    little.stores.kept_rights.destroy(right.request_id)
    assert little.run(sweep) is None
    (anew,) = kept(little)
    assert (anew.request_id, anew.kinds, anew.basis) == (right.request_id, right.kinds, right.basis)
    assert set(anew.vendor_ids) <= set(right.vendor_ids)


@pytest.mark.thorough
def test_nothing_is_kept_of_whom_is_erased_or_lifted_or_taken_back_or_in_every_backup(little):
    erased, lifted, back, old = quiet_people(little.platform)[:4]
    kinds = (RequestKind.RESTRICTION,)
    ids = [little.submit_contact(one, kinds=kinds) for one in (lifted, old)]
    open_one = little.submit_contact(back, kinds=(RequestKind.RESTRICTION, RequestKind.ERASURE))
    little.submit_contact(erased, kinds=kinds)
    correction = little.submit_contact(
        erased, kinds=(RequestKind.RECTIFICATION,), rectifications={"city": CORRECTED}
    )
    fulfil(little, correction)
    assert len(kept(little)) == 5
    little.erase(erased)
    assert {one.request_id for one in kept(little)} == {*ids, open_one}
    decide(little, ids[0], lift)
    decide(little, open_one, close)
    assert little.run(sweep) is None
    assert [one.request_id for one in kept(little)] == [ids[1]]
    assert restrictions(little) == {(old, "restriction")}
    little.stores = replace(little.stores, clock=Later(little.stores.clock, timedelta(days=36)))
    assert little.run(sweep) is None
    assert kept(little) == []
    assert restrictions(little) == {(old, "restriction")}


@pytest.mark.thorough
def test_what_was_decided_on_the_rest_stands_when_its_person_is_erased_again(
    little, held_once, database
):
    """Its hold lapsed, and an officer held it for longer; a refusal ends no day, and asks an officer."""
    dump = held_once.said.unheld
    (rest,) = [one for one in all_requests(little) if one.state is RequestState.HELD]
    execute(
        little.url,
        "update lacuna.request set held_until = now() where request_id = %s",
        rest.request_id,
    )
    assert little.run() is None
    longer = held_until(60)
    decide(little, rest.request_id, lambda request, desk: hold_whole(request, GROUND, longer, desk))
    ids = [row[0] for row in execute(little.url, BY_ID.replace("voicemail_id = any(%s)", "true"))]
    as_kept = execute(little.url, BY_ID, ids)

    again = restored(little, database, dump)
    again.stores = replace(again.stores, clock=Later(again.stores.clock, timedelta(days=4)))
    assert again.run(sweep) is None
    assert execute(again.url, BY_ID, ids) == as_kept
    (request_id,) = erased_again(again)
    said = {one["ground"] for one in statement_of(again, request_id)["kept"]}
    reason = f"held on the ground of Art. {GROUND} until {longer.date().isoformat()}"
    assert reason in said

    right = KeptRight(rest.request_id, rest.org_id, longer, refused="17(3)(b)")
    again.stores.kept_rights.keep(right)
    again = restored(again, database, dump)
    again.stores = replace(again.stores, clock=Later(again.stores.clock, timedelta(days=4)))
    error = again.run(sweep)
    assert isinstance(error, VerificationFailed)
    assert "1 of 1 erased people who reappeared are not erased again" in str(error)
    assert execute(again.url, BY_ID, ids) == as_kept
    assert {again.request(one).state for one in erased_again(again)} == {RequestState.PLANNED}


@pytest.mark.thorough
def test_whoever_is_held_by_another_request_is_erased_again_by_an_officer_alone(little, database):
    (contact,) = quiet_people(little.platform)[:1]
    person = little.platform.people[contact]
    other = little.submit((IdentifierKind.EMAIL, person.emails[0]), org_id=person.org_id)
    assert little.run() is None
    decide(little, other, lambda request, desk: hold_whole(request, GROUND, held_until(), desk))
    dump = dump_of(little)
    little.erase(contact)

    again = restored(little, database, dump)
    assert isinstance(again.run(sweep), VerificationFailed)
    assert there(again, [contact]) == {contact}
    (request_id,) = erased_again(again)
    assert again.request(request_id).state is RequestState.PLANNED
    again.approve(request_id)
    assert again.run() is None
    assert there(again, [contact]) == set()


@pytest.mark.thorough
def test_a_restored_request_that_was_answered_is_not_answered_twice(little, database):
    """Its certificate is issued; a second one of the same request would say something else."""
    (contact,) = quiet_people(little.platform)[:1]
    request_id = little.submit_contact(contact, kinds=(RequestKind.ACCESS,))
    dump = dump_of(little)
    assert little.run() is None
    assert little.request(request_id).state is RequestState.COMPLETED
    again = restored(little, database, dump)
    assert again.run() is None
    assert again.request(request_id).state is RequestState.WITHDRAWN


@pytest.mark.thorough
def test_what_comes_back_is_due_on_a_working_day_of_the_tenants_country(
    little, database, monkeypatch
):
    """A re-erasure and a right that takes effect again, where one day alone is no public holiday."""
    erased, restricted = quiet_people(little.platform)[:2]
    dump = dump_of(little)
    little.erase(erased)
    little.submit_contact(restricted, kinds=(RequestKind.RESTRICTION,))
    assert little.run() is None
    month_later = deadline.one_month_after(little.stores.clock.now()).date()
    working_day = month_later + timedelta(days=4)
    while working_day.weekday() > 4:
        working_day += timedelta(days=1)

    def holidays(country: str, year: int) -> frozenset[date]:
        first = date(year, 1, 1)
        days = {first + timedelta(days=number) for number in range(366)}
        return frozenset(days - {working_day}) if country == "DK" else frozenset()

    monkeypatch.setattr(deadline, "_holidays", holidays)
    again = restored(little, database, dump)
    assert again.run(sweep) is None
    dues = {one.kinds: one.due_at.date() for one in all_requests(again)}
    assert dues == dict.fromkeys([(RequestKind.ERASURE,), (RequestKind.RESTRICTION,)], working_day)
