"""Grounds of a refusal: each says what it is."""

from __future__ import annotations

from lacuna.model.ground import GROUNDS, MEANINGS


def test_each_ground_says_what_it_is_and_there_are_no_others():
    assert frozenset(MEANINGS) == frozenset.union(*GROUNDS.values())
    assert all(MEANINGS.values())
