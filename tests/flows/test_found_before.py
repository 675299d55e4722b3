"""What was found before is what the searches find, and no test that changes them gets it."""

from __future__ import annotations

from collections.abc import Iterator

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Passage
from lacuna.redaction import KnownValueMatcher
from lacuna.redaction.known_values import matcher
from lacuna.verify.search import KnownValues
from tests.flows.found_before import FOUND_BEFORE

ANNA = (Identifier(IdentifierKind.NAME, "Anna Berg"),)
BO = (Identifier(IdentifierKind.EMAIL, "bo.lind@example.org"),)
TEXTS = ("nobody", "Anna Berg wrote to bo.lind@example.org", "Anna was here", "")


def people(*refs: str) -> list[Person]:
    return [
        Person(SubjectRef(ref), "north", known=known, keys=(known[0].value,), short_names=("Anna",))
        for ref, known in zip(refs, (ANNA, BO), strict=True)
    ]


def both(first: str, second: str) -> tuple[object, object]:
    """Return what both searches find of two people, a text of the first one's own among them."""
    passages = [*map(Passage, TEXTS), Passage(TEXTS[2], own=frozenset({SubjectRef(first)}))]
    known = [(SubjectRef(first), ANNA), (SubjectRef(second), BO)]
    found = KnownValueMatcher(people(first, second)).find_all(passages)
    return found, KnownValues(known).find_all(TEXTS)


def searched(first: str, second: str) -> tuple[object, object]:
    FOUND_BEFORE.is_on = False
    found = both(first, second)
    FOUND_BEFORE.is_on = True
    return found


def test_it_is_what_is_found_by_a_search_of_whoever_they_are_called() -> None:
    assert both("r1", "r2") == searched("r1", "r2")
    assert both("r1", "r2") == searched("r1", "r2")
    # Others of the same values, and the same two the other way round.
    assert both("r3", "r4") == searched("r3", "r4")
    assert both("r2", "r1") == searched("r2", "r1") != searched("r1", "r2")


def test_what_was_found_of_others_or_of_another_text_is_not_theirs() -> None:
    anna, bo = people("r1", "r2")
    passages = [Passage(TEXTS[1]), Passage(TEXTS[1], allowed=frozenset(BO))]
    found = [KnownValueMatcher([one]).find_all(passages) for one in (anna, bo)]
    FOUND_BEFORE.is_on = False
    assert found == [KnownValueMatcher([one]).find_all(passages) for one in (anna, bo)]
    assert found[0] != found[1]
    assert found[1][0] != found[1][1]
    FOUND_BEFORE.is_on = True
    of_one = [KnownValues([(SubjectRef("r1"), one)]).find_all(TEXTS) for one in (ANNA, BO)]
    assert [len(one) for one in of_one] == [1, 1]
    assert of_one[0] != of_one[1]


def test_what_was_found_is_not_searched_for_again() -> None:
    both("r5", "r6")
    calls = []

    def counting(one: Person, **options: object) -> Iterator[object]:
        calls.append(one)
        yield from ()

    entries_of = matcher.entries_of
    matcher.entries_of = counting
    try:
        found, _ = both("r7", "r8")
    finally:
        matcher.entries_of = entries_of
    assert any(found)
    assert calls == []


def test_while_a_test_changes_anything_nothing_is_used_and_nothing_is_kept(monkeypatch) -> None:
    found, left = both("r9", "r10")
    with monkeypatch.context() as patch:
        patch.setattr(matcher, "entries_of", lambda *_, **__: iter(()))
        patch.setattr("lacuna.verify.search._values_in", lambda *_: iter(()))
        blind, unseen = both("r11", "r12")
    assert blind != found
    assert not unseen
    assert left
    assert both("r11", "r12") == searched("r11", "r12")
