"""Decisions of people: each one is bound to a plan, an article or a date, and recorded."""

import uuid
from datetime import timedelta

import pytest

from lacuna.errors import IllegalTransition, PlanChanged, RequestError, StatementRefused
from lacuna.model.ground import is_ground, not_covered
from lacuna.model.queue import Purpose
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from lacuna.request import (
    approve,
    hold,
    identifiers_of,
    lift_lapsed_holds,
    rectifications_of,
    refuse,
    revoke,
    split,
    verify_identity,
    withdraw,
)
from tests.request.conftest import DIGEST
from tests.shop import NOW

S = RequestState
OTHER = "b" * 64
CANARY = "canary-7f3a"


def test_an_approval_names_the_digest_and_who_gave_it(office):
    request = office.planned()
    assert office.act(approve, request, DIGEST).state is S.APPROVED
    with office.desk() as desk:
        assert desk.queue.plans.is_approved(request.request_id, DIGEST)
    assert office.ledger()[-1] == ("approved", "dpo:0000test", DIGEST)


def test_another_digest_is_refused_with_both_and_nothing_changes(office):
    request = office.planned()
    with pytest.raises(PlanChanged, match=f"the plan is {DIGEST}, but the approval names {OTHER}"):
        office.act(approve, request, OTHER)
    assert office.get(request.request_id) == request
    assert "approved" not in {action for action, _, _ in office.ledger()}


def test_the_same_approval_again_changes_nothing(office):
    request = office.planned()
    approved = office.act(approve, request, DIGEST)
    before = office.ledger()
    assert office.act(approve, approved, DIGEST) == approved
    assert office.ledger() == before


def test_of_two_approvals_at_once_one_wins(office):
    request = office.planned()
    office.act(approve, request, DIGEST)
    with pytest.raises(IllegalTransition, match="another run took it over"):
        office.act(approve, request, DIGEST)


def test_an_approval_is_revoked_until_the_plan_is_carried_out(office):
    request = office.planned()
    with pytest.raises(RequestError, match="no officer approved the plan"):
        office.act(revoke, request)
    approved = office.act(approve, request, DIGEST)
    waiting = office.act(revoke, approved)
    assert waiting.state is S.PLANNED
    with office.desk() as desk:
        assert not desk.queue.plans.is_approved(request.request_id, DIGEST)
    assert office.ledger()[-1] == ("approval_revoked", "dpo:0000test", DIGEST)
    again = office.act(approve, waiting, DIGEST)
    with office.desk() as desk:
        plans = {request.request_id: DIGEST}
        assert desk.queue.plans.approvers(plans) == {request.request_id: {"dpo:0000test"}}
    office.shop.query(
        "update lacuna.request set state = 'applied' where request_id = %s", again.request_id
    )
    with pytest.raises(IllegalTransition, match="from applied to planned"):
        office.act(revoke, office.get(request.request_id))
    with pytest.raises(StatementRefused), office.desk(role=Role.DPO, org_id="nord") as desk:
        desk.queue.plans.revoke(request.request_id, DIGEST)


def test_each_decision_is_an_entry_though_the_plan_came_back(office):
    request = office.act(approve, office.planned(), DIGEST)
    with office.desk() as desk:  # the data changed, and changed back
        desk.queue.requests.move(request, S.PLANNED, at=office.now)
    assert office.act(approve, office.get(request.request_id), DIGEST).state is S.APPROVED
    assert [action for action, _, _ in office.ledger()].count("approved") == 2


def test_one_of_two_approvals_is_revoked_before_the_second(office):
    office.shop.query("insert into lacuna.two_officers (org_id, since) values ('nord', now())")
    request = office.act(approve, office.planned(), DIGEST)
    assert request.state is S.PLANNED
    assert office.act(revoke, request).state is S.PLANNED
    with office.desk() as desk:
        assert desk.queue.plans.officers_missing(request, DIGEST) == 2


def test_a_revoked_approval_that_is_written_back_counts_for_nothing(office):
    request = office.act(approve, office.planned(), DIGEST)
    (kept,) = office.shop.query("select * from lacuna.approval")
    office.act(revoke, request)
    office.shop.query("insert into lacuna.approval values (%s, %s, %s, %s)", *kept)
    with office.desk() as desk:
        assert desk.queue.plans.approvers({request.request_id: DIGEST}) == {}


def test_what_a_rule_approved_no_officer_revokes(office):
    request = office.planned()
    office.shop.query(
        "insert into lacuna.approval values (%s, %s, 'rule:canary', now())",
        request.request_id,
        DIGEST,
    )
    with pytest.raises(RequestError, match="no officer approved the plan"):
        office.act(revoke, office.get(request.request_id))


def test_without_a_plan_nothing_can_be_approved(office):
    request = office.get(office.submit().request_id)
    with pytest.raises(RequestError, match="no plan to approve; lacuna run fulfilment"):
        office.act(approve, request, DIGEST)


def test_a_request_whose_data_changed_cannot_be_refused_withdrawn_or_held(office):
    approved = office.act(approve, office.planned(), DIGEST)
    with office.desk(role=Role.EXECUTOR) as desk:
        applied = desk.queue.requests.move(approved, S.APPLIED, at=NOW)
    for decision in (
        lambda desk: refuse(applied, "12(5)", desk),
        lambda desk: withdraw(applied, desk),
        lambda desk: hold(applied, "12(5)", NOW + timedelta(days=1), desk),
    ):
        with pytest.raises(IllegalTransition, match="cannot go from applied to"):
            office.act(decision)
    assert office.get(applied.request_id) == applied


def test_a_refusal_names_an_article(office):
    for ground in ("17(3)(b)", "12(5)", "17(1)", "23(1)(d)"):
        request = office.get(office.submit().request_id)
        assert office.act(refuse, request, ground).state is S.REFUSED
        recorded = "select ground from lacuna.request where request_id = %s"
        assert office.shop.query(recorded, request.request_id) == [(ground,)]
    assert ("refused", "dpo:0000test", None) in office.ledger()


def test_a_ground_that_is_no_article_is_refused_unquoted(office):
    request = office.get(office.submit().request_id)
    for ground in ("", "because", f"17({CANARY})", "Art. 17", "17(3)(b); drop", "17", "17(3)(b)\n"):
        for decision, details in ((refuse, ()), (hold, (NOW + timedelta(days=1),))):
            with pytest.raises(RequestError, match="the ground must be one that the Reg") as caught:
                office.act(decision, request, ground, *details)
            assert CANARY not in str(caught.value)
    assert office.get(request.request_id) == request


# Each article's own exception, and to which right it belongs.
ITS_OWN = {
    "15(4)": RequestKind.ACCESS,
    "16": RequestKind.RECTIFICATION,
    "17(1)": RequestKind.ERASURE,
    **{f"17(3)({letter})": RequestKind.ERASURE for letter in "abcde"},
    "18(1)": RequestKind.RESTRICTION,
    "20(1)": RequestKind.PORTABILITY,
    "20(3)": RequestKind.PORTABILITY,
    "20(4)": RequestKind.PORTABILITY,
    "21(1)": RequestKind.OBJECTION,
    "21(6)": RequestKind.OBJECTION,
}


def test_an_articles_own_exception_holds_against_its_right_alone():
    for ground, kind in ITS_OWN.items():
        others = tuple(one for one in RequestKind if one is not kind)
        assert not_covered(ground, RequestKind) == others, ground
    for kind in RequestKind:
        for ground in ("11(2)", "12(2)", "12(5)", "12(6)", "23(1)(j)"):
            assert not_covered(ground, [kind]) == ()
        # An article number alone, a fee, and what is no exception at all.
        for ground in ("15", "17", "17(3)", "17(3)(f)", "12(5)(a)", "6(1)(f)", "23(1)(k)", "21(2)"):
            assert not is_ground(ground)
            assert not_covered(ground, [kind]) == (kind,)


def test_a_ground_against_one_right_refuses_no_other_with_it(office):
    both = (RequestKind.ACCESS, RequestKind.ERASURE)
    request = office.get(office.submit(kinds=both).request_id)
    for decision, details in ((refuse, ()), (hold, (NOW + timedelta(days=1),))):
        with pytest.raises(RequestError, match=r"17\(3\)\(b\) is not a ground against access"):
            office.act(decision, request, "17(3)(b)", *details)
    assert office.get(request.request_id) == request
    assert office.act(refuse, request, "12(5)").state is S.REFUSED


@pytest.mark.parametrize("decision", [lambda one, desk: refuse(one, "12(5)", desk), withdraw])
def test_what_is_refused_or_withdrawn_is_forgotten(office, decision):
    request = office.get(office.submit().request_id)
    closed = office.act(decision, request)
    assert closed.state.is_final
    assert office.shop.query("select * from lacuna.request_secret") == []
    actions = [action for action, _, _ in office.ledger()]
    assert actions[-1] == "forget_working_copies"


def test_a_hold_lapses_at_its_date_and_the_request_is_planned_anew(office):
    until = NOW + timedelta(days=30)
    request = office.planned()
    held = office.act(hold, request, "17(3)(e)", until)
    assert held.state is S.HELD
    assert held.due_at == request.due_at, "the clock goes on"
    assert office.act(lift_lapsed_holds) == 0
    office.now = until
    assert office.act(lift_lapsed_holds) == 1
    assert office.get(request.request_id).state is S.RESOLVED
    assert office.act(lift_lapsed_holds) == 0


def test_a_hold_that_ends_in_the_past_is_refused(office):
    request = office.planned()
    with pytest.raises(RequestError, match="ends in the past"):
        office.act(hold, request, "17(3)(e)", NOW)
    assert office.get(request.request_id) == request


def test_identity_once_verified_lets_a_waiting_request_go_on(office):
    request = office.get(office.submit().request_id)
    with office.desk() as desk:
        waiting = desk.queue.requests.move(request, S.IDENTITY_PENDING, at=NOW)
    moved = office.act(verify_identity, waiting, "  reply to a challenge ")
    assert moved.state is S.RESOLVED
    assert moved.is_verified


def test_identity_may_be_verified_before_anybody_waits_for_it(office):
    request = office.get(office.submit().request_id)
    verified = office.act(verify_identity, request, "by telephone")
    assert verified.state is S.RECEIVED
    assert verified.is_verified


def test_how_identity_was_verified_is_kept_encrypted(office):
    request = office.get(office.submit().request_id)
    office.act(verify_identity, request, f"called {CANARY}")
    assert CANARY not in office.dump()
    with office.desk() as desk:
        secret = desk.queue.secrets.get(request.request_id, Purpose.IDENTITY)
        assert desk.keys.decrypt(request.request_id, secret) == f"called {CANARY}".encode()


@pytest.mark.parametrize("how", ["", "  "])
def test_verifying_without_a_word_on_how_is_refused(office, how):
    request = office.get(office.submit().request_id)
    with pytest.raises(RequestError, match="state with --by how identity was verified"):
        office.act(verify_identity, request, how)


def test_nobody_verifies_identity_for_a_closed_request(office):
    request = office.get(office.submit().request_id)
    closed = office.act(withdraw, request)
    with pytest.raises(RequestError, match="is withdrawn; it does not wait for the identity check"):
        office.act(verify_identity, closed, "by telephone")


ASKED = (RequestKind.ACCESS, RequestKind.ERASURE)


def taken_apart(office, *kinds, **details):
    request = office.get(office.submit(kinds=ASKED, **details).request_id)
    ids = (str(uuid.uuid4()), str(uuid.uuid4()))
    new = office.act(split, request, kinds, ids)
    return office.get(request.request_id), office.get(new.request_id)


def test_one_right_is_refused_and_the_other_goes_on(office):
    kept, new = taken_apart(office, RequestKind.ERASURE, verified_by="a letter")
    assert (kept.kinds, new.kinds) == ((RequestKind.ACCESS,), (RequestKind.ERASURE,))
    assert (new.received_at, new.due_at, new.alarm_at) == (
        kept.received_at,
        kept.due_at,
        kept.alarm_at,
    )
    assert new.is_verified
    assert kept.is_verified
    with office.desk() as desk:
        assert identifiers_of(new, desk) == identifiers_of(kept, desk)
    assert office.act(refuse, new, "17(3)(b)").state is S.REFUSED
    assert office.get(kept.request_id).state is S.RECEIVED
    with office.desk() as desk:
        # What a refusal forgets is its own.
        assert identifiers_of(kept, desk)
        assert identifiers_of(new, desk) == ()


def test_one_right_is_held_lapses_and_waits_for_its_own_approval(office):
    _, new = taken_apart(office, RequestKind.ERASURE)
    until = NOW + timedelta(days=30)
    assert office.act(hold, new, "17(3)(e)", until).state is S.HELD
    office.now = until
    assert office.act(lift_lapsed_holds) == 1
    lapsed = office.get(new.request_id)
    assert lapsed.state is S.RESOLVED
    assert lapsed.plan_digest is None
    # The clock ran all the while.
    assert lapsed.due_at == new.due_at


def test_what_was_planned_and_approved_together_is_planned_anew(office):
    request = office.planned(kinds=ASKED)
    request = office.act(approve, request, DIGEST)
    ids = (str(uuid.uuid4()), str(uuid.uuid4()))
    new = office.act(split, request, (RequestKind.ERASURE,), ids)
    assert office.get(request.request_id).state is S.RESOLVED
    assert office.get(new.request_id).state is S.RECEIVED
    actions = [action for action, _, _ in office.ledger()]
    assert actions[-2:] == ["rights_split", "rights_split"]


@pytest.mark.parametrize("kinds", [(), ASKED, (RequestKind.PORTABILITY,)])
def test_only_some_of_the_rights_that_were_asked_for_are_taken_apart(office, kinds):
    request = office.get(office.submit(kinds=ASKED).request_id)
    with pytest.raises(RequestError, match="name some of these rights"):
        office.act(split, request, kinds, (str(uuid.uuid4()), str(uuid.uuid4())))
    assert office.get(request.request_id).kinds == ASKED


def test_once_data_has_changed_no_right_is_taken_apart(office):
    request = office.act(approve, office.planned(kinds=ASKED), DIGEST)
    with office.desk(role=Role.EXECUTOR) as desk:
        applied = desk.queue.requests.move(request, S.APPLIED, at=NOW)
    with pytest.raises(IllegalTransition):
        office.act(split, applied, (RequestKind.ERASURE,), ("", ""))


def test_a_correction_goes_with_its_right(office):
    given = {
        "kinds": (RequestKind.RECTIFICATION, RequestKind.ERASURE),
        "rectifications": {"a": "b"},
    }
    request = office.get(office.submit(**given).request_id)
    ids = (str(uuid.uuid4()), str(uuid.uuid4()))
    new = office.act(split, request, (RequestKind.RECTIFICATION,), ids)
    with office.desk() as desk:
        assert rectifications_of(new, desk) == {"a": "b"}
        assert desk.queue.secrets.get(request.request_id, Purpose.RECTIFICATION) is None
