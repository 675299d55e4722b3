"""What the two searches for known values found before, for tests of whole nights.

Most of these tests erase the same few people from copies of one sample: the same values are looked
for in the same texts hundreds of times, which took a quarter of a night. What a search finds in a
text depends on the values and on the text, and on nothing beside. So it is kept, under all of
both, and asked again for what is new.

Tests of the searches themselves (`tests/redaction`, `tests/verify`) search each time. So does every test
while it has replaced an attribute of anything: nothing is looked up then, and nothing is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from lacuna.model.identity import Identifier, SubjectRef
    from lacuna.ports import Passage, Span
    from lacuna.redaction import KnownValueMatcher
    from lacuna.verify.search import KnownValue, KnownValues

# Of how many sets of people what was found is kept; a file of tests erases fewer.
_SETS: Final = 50


class FoundBefore:
    """What was found, by the people that were looked for and the text; people by their place.

    The references of people are new with each request, and nothing is found by them.
    """

    def __init__(self) -> None:
        self.is_on = False
        self._is_installed = False
        self._patching: set[int] = set()
        self._of_people: OrderedDict[object, dict[object, Any]] = OrderedDict()

    @property
    def is_asked(self) -> bool:
        """Whether what was found before may be used, and what is found be kept."""
        return self.is_on and not self._patching

    @contextmanager
    def used(self) -> Iterator[None]:
        """Look up and keep what is found while the block runs."""
        self._install()
        self.is_on = True
        try:
            yield
        finally:
            self.is_on = False

    def of(self, people: object) -> dict[object, Any]:
        """Return what was found of some people, by text; those of whom nobody asked for longest go."""
        found = self._of_people.setdefault(people, {})
        # Two runs at once may take it away for each other.
        with suppress(KeyError):
            self._of_people.move_to_end(people)
            if len(self._of_people) > _SETS:
                self._of_people.popitem(last=False)
        return found

    def _install(self) -> None:
        """Put this in front of both searches."""
        if not self._is_installed:
            self._is_installed = True
            self._heed_patches()
            self._stand_before_the_matcher()
            self._stand_before_the_gates()

    def _heed_patches(self) -> None:
        replaced, undo = pytest.MonkeyPatch.setattr, pytest.MonkeyPatch.undo
        patching = self._patching

        @wraps(replaced)
        def setattr_(patch: pytest.MonkeyPatch, *given: Any, **options: Any) -> None:
            patching.add(id(patch))
            replaced(patch, *given, **options)

        @wraps(undo)
        def undo_(patch: pytest.MonkeyPatch) -> None:
            undo(patch)
            patching.discard(id(patch))

        pytest.MonkeyPatch.setattr = setattr_
        pytest.MonkeyPatch.undo = undo_

    def _stand_before_the_matcher(self) -> None:
        from lacuna.redaction import KnownValueMatcher

        search = KnownValueMatcher.find_all

        @wraps(search)
        def find_all(
            matcher: KnownValueMatcher, passages: Sequence[Passage]
        ) -> list[tuple[Span, ...]]:
            if not self.is_asked:
                return search(matcher, passages)
            refs = [one.ref for one in matcher._persons]
            people = tuple(replace(one, ref=str(at)) for at, one in enumerate(matcher._persons))
            kept = self.of((matcher._strict, people))
            by_ref = {ref: str(at) for at, ref in enumerate(refs)}
            texts = [replace(one, own=_renamed(one.own, by_ref)) for one in passages]
            new = {text: one for text, one in zip(texts, passages, strict=True) if text not in kept}
            for text, spans in zip(new, search(matcher, list(new.values())), strict=True):
                kept[text] = tuple(
                    replace(span, subjects=_renamed(span.subjects, by_ref)) for span in spans
                )
            by_place = {place: ref for ref, place in by_ref.items()}
            return [
                tuple(
                    replace(span, subjects=_renamed(span.subjects, by_place)) for span in kept[text]
                )
                for text in texts
            ]

        KnownValueMatcher.find_all = find_all

    def _stand_before_the_gates(self) -> None:
        from lacuna.verify.search import KnownValues

        begin, search = KnownValues.__init__, KnownValues.find_all

        @wraps(begin)
        def init(
            known: KnownValues, people: Iterable[tuple[SubjectRef, Collection[Identifier]]]
        ) -> None:
            known._given = [(ref, frozenset(values)) for ref, values in people]
            begin(known, known._given)

        @wraps(search)
        def find_all(
            known: KnownValues, texts: Sequence[str]
        ) -> Mapping[int, frozenset[KnownValue]]:
            if not self.is_asked:
                return search(known, texts)
            refs = list(dict.fromkeys(ref for ref, _ in known._given))
            by_ref = {ref: str(at) for at, ref in enumerate(refs)}
            kept = self.of(tuple((by_ref[ref], values) for ref, values in known._given))
            new = [text for text in dict.fromkeys(texts) if text not in kept]
            found = search(known, new) if new else {}
            for number, text in enumerate(new):
                kept[text] = [
                    replace(one, ref=by_ref[one.ref]) for one in found.get(number, frozenset())
                ]
            return {
                number: frozenset(replace(one, ref=refs[int(one.ref)]) for one in kept[text])
                for number, text in enumerate(texts)
                if kept[text]
            }

        KnownValues.__init__ = init
        KnownValues.find_all = find_all


def _renamed(refs: frozenset[str], names: Mapping[str, str]) -> frozenset[str]:
    return frozenset(names.get(ref, ref) for ref in refs) if refs else refs


FOUND_BEFORE: Final = FoundBefore()
"""What was found by this process."""
