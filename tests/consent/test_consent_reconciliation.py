"""What an opt-in covers: given before the recording began, in the same call, and not taken back."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from lacuna.consent import judge
from lacuna.model.consent import (
    Breach,
    ConsentEntry,
    ConsentMethod,
    ConsentPurpose,
    ConsentRule,
    ConsentStatus,
    Lock,
    OtherBasis,
    Recording,
    UnconsentedRecording,
)
from lacuna.model.location import TableName

BEGAN = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)
CALL_BEGAN = BEGAN - timedelta(minutes=1)
CALLS = TableName("desk", "calls")
S = ConsentStatus


def recording(*, began_at=BEGAN, override=None, is_derived=False):
    return Recording(
        TableName("desk", "recordings"), ("1",), "acme", "c-1", CALL_BEGAN, None, began_at, True, override,
        is_derived,
    )  # fmt: skip


def said(status, seconds, *, call="c-1", purpose=ConsentPurpose.RECORDING):
    at = BEGAN + timedelta(seconds=seconds)
    return ConsentEntry("acme", call, status, ConsentMethod.IVR, at, purpose=purpose)


EARLY, LATE = -9, 9


@pytest.mark.parametrize(
    ("entries", "breach"),
    [
        ([], Breach.NOT_ASKED),
        ([said(S.GRANTED, EARLY)], None),
        ([said(S.GRANTED, 0)], None),
        ([said(S.GRANTED, 1)], Breach.LATE),
        ([said(S.UNANSWERED, EARLY)], Breach.UNANSWERED),
        ([said(S.UNANSWERED, EARLY), said(S.GRANTED, EARLY + 1)], None),
        ([said(S.DECLINED, EARLY)], Breach.DECLINED),
        ([said(S.DECLINED, EARLY), said(S.GRANTED, LATE)], Breach.LATE),
        ([said(S.GRANTED, EARLY), said(S.DECLINED, EARLY + 1)], Breach.DECLINED),
        ([said(S.DECLINED, EARLY), said(S.GRANTED, EARLY + 1)], None),
        ([said(S.GRANTED, EARLY), said(S.WITHDRAWN, LATE)], Breach.WITHDRAWN),
        ([said(S.GRANTED, EARLY), said(S.DECLINED, LATE)], Breach.WITHDRAWN),
        ([said(S.GRANTED, EARLY), said(S.WITHDRAWN, EARLY + 1)], Breach.WITHDRAWN),
        # A withdrawal of everything reaches what came before it, and no call after it.
        ([said(S.GRANTED, EARLY), said(S.WITHDRAWN, LATE, call=None)], Breach.WITHDRAWN),
        ([said(S.WITHDRAWN, -900, call=None), said(S.GRANTED, EARLY)], None),
        ([said(S.WITHDRAWN, -900, call=None)], Breach.NOT_ASKED),
        ([said(S.WITHDRAWN, -900, call=None), said(S.GRANTED, LATE)], Breach.LATE),
        # An opt-in is given in the call itself; a refusal counts whenever it was said.
        ([said(S.GRANTED, -60)], None),
        ([said(S.GRANTED, -61)], Breach.NOT_ASKED),
        ([said(S.DECLINED, -61)], Breach.DECLINED),
        # Consent to one thing is none to another, and neither is its withdrawal.
        ([said(S.GRANTED, EARLY, purpose=ConsentPurpose.MARKETING)], Breach.NOT_ASKED),
        (
            [
                said(S.GRANTED, EARLY),
                said(S.WITHDRAWN, LATE, call=None, purpose=ConsentPurpose.FEEDBACK),
            ],
            None,
        ),
    ],
)
def test_a_recording_needs_an_opt_in_that_came_first_and_stands(entries, breach):
    for order in itertools.permutations(entries):
        assert judge(recording(), order) is breach


def test_an_agent_who_records_against_the_answer_is_named_and_changes_nothing_of_an_opt_in():
    assert judge(recording(override="17"), []) is Breach.OVERRIDDEN
    assert judge(recording(override="17"), [said(S.DECLINED, EARLY)]) is Breach.OVERRIDDEN
    assert judge(recording(override="17"), [said(S.GRANTED, EARLY)]) is None
    taken_back = [said(S.GRANTED, EARLY), said(S.WITHDRAWN, LATE)]
    assert judge(recording(override="17"), taken_back) is Breach.WITHDRAWN


def test_a_recording_without_a_beginning_is_never_taken_for_covered():
    assert judge(recording(began_at=None), [said(S.GRANTED, EARLY)]) is Breach.UNDATED


def test_what_is_left_of_a_recording_needs_an_opt_in_that_stands_now():
    left = recording(began_at=None, is_derived=True)
    assert judge(left, [said(S.GRANTED, LATE)]) is None
    assert judge(left, [said(S.GRANTED, EARLY), said(S.WITHDRAWN, LATE)]) is Breach.WITHDRAWN
    assert judge(left, []) is Breach.NOT_ASKED


def rule(*bases, grace_days=7):
    return ConsentRule(CALLS, None, ("yes",), ("no",), None, (), (), bases, grace_days)


def test_a_queues_own_basis_comes_before_that_of_its_tenant():
    whole, queue = OtherBasis("acme", None, "law"), OtherBasis("acme", "7", "contract")
    for bases in ([whole, queue], [queue, whole]):
        assert rule(*bases).other_basis("acme", "7") == "contract"
        assert rule(*bases).other_basis("acme", "8") == "law"
        assert rule(*bases).other_basis("acme", None) == "law"
        assert rule(*bases).other_basis("other", "7") is None
    assert rule(queue).other_basis("acme", None) is None


@pytest.mark.parametrize(
    ("since", "is_restricted", "is_due"),
    [(None, False, False), (6, False, False), (7, False, True), (8, True, False)],
)
def test_a_recording_is_due_once_it_was_locked_for_the_grace_period(since, is_restricted, is_due):
    lock = None if since is None else Lock(Breach.LATE, BEGAN - timedelta(days=since))
    found = UnconsentedRecording(recording(), Breach.LATE, lock, is_restricted)
    assert found.is_due(rule(), BEGAN) is is_due
