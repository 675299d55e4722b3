"""An entry has one form in bytes; anything that differs in it differs in the leaf."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from lacuna.evidence import leaf_of
from lacuna.evidence.canonical_bytes import canonical
from lacuna.model.evidence import Action, Entry, Phase

ENTRY = Entry(
    at=datetime(2026, 3, 2, 7, 30, 0, 5, tzinfo=UTC),
    request_id="0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10",
    batch_id=None,
    phase=Phase.OUTCOME,
    action=Action.ANONYMIZE_ROWS,
    location="support.contact",
    rows=3,
    already=None,
    digest="ab" * 32,
    actor="flow:fulfilment",
)


def test_the_canonical_form_is_written_out_here():
    assert canonical(ENTRY, 12) == (
        b'{"action":"anonymize_rows","actor":"flow:fulfilment","already":null,'
        b'"at":"2026-03-02T07:30:00.000005Z","batch_id":null,"digest":"' + b"ab" * 32 + b'",'
        b'"location":"support.contact","phase":"outcome","position":12,'
        b'"request_id":"0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10","rows":3}'
    )


@pytest.mark.parametrize(
    "change",
    [
        {"at": ENTRY.at + timedelta(microseconds=1)},
        {"request_id": None},
        {"batch_id": ENTRY.request_id},
        {"phase": Phase.INTENT},
        {"action": Action.DELETE_ROWS},
        {"location": "support.contacts"},
        {"rows": 0},
        {"rows": None},
        {"already": 0},
        {"digest": "ab" * 31 + "ac"},
        {"digest": None},
        {"actor": "flow:sweep"},
    ],
    ids=str,
)
def test_every_field_counts(change):
    assert leaf_of(replace(ENTRY, **change), 12) != leaf_of(ENTRY, 12)
    assert leaf_of(replace(ENTRY, **change), 12).leaf_hash != leaf_of(ENTRY, 12).leaf_hash


def test_the_position_counts():
    assert leaf_of(ENTRY, 12).leaf_hash != leaf_of(ENTRY, 13).leaf_hash


def test_the_same_instant_in_another_zone_is_the_same_leaf():
    moved = replace(ENTRY, at=ENTRY.at.astimezone(timezone(timedelta(hours=2))))
    assert leaf_of(moved, 12).leaf_hash == leaf_of(ENTRY, 12).leaf_hash


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        leaf_of(replace(ENTRY, at=ENTRY.at.replace(tzinfo=None)), 0)
