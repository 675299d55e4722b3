"""The search of a finished bundle for identifiers of other people, which shows first that it sees."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from lacuna.errors import VerificationFailed
from lacuna.model.identity import Identifier, IdentifierKind, SubjectRef
from lacuna.verify.bundle_contents import CHARACTERS_AT_ONCE, portions
from lacuna.verify.number_search import KnownValue
from lacuna.verify.search import KnownValues

_OTHERS: Final = SubjectRef("others")
_PLANTED: Final = SubjectRef("planted")
_CANARIES: Final = (
    (Identifier(IdentifierKind.EMAIL, "canary-5d1f@example.org"), "To: <CANARY-5D1F@EXAMPLE.ORG>,"),
    (Identifier(IdentifierKind.PHONE, "+4500005151"), "call 0045 00 00 51-51 now"),
    (Identifier(IdentifierKind.NAME, "Kánarie Fågel"), "from KÁNARIE\n  FÅGEL&#39;s desk"),
)
# What a long number can be taken for by accident, and is not: dates, times, places of mails.
_MEANT_OTHERWISE: Final = re.compile(
    r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?\b"
    r"|\b(?:mail/\d+|transcripts)/\d+\.(?:eml|vtt)\b"
)
_DIGEST: Final = re.compile(r"\b[0-9a-f]{64}\b")


class Pile:
    """Small files and their names, and values of rows, searched together: one search is fast."""

    def __init__(self, search: "OthersSearch") -> None:
        self._search = search
        self._waiting: dict[str, list[list[str]]] = defaultdict(list)
        self._characters = 0
        self._found: Counter[str] = Counter()

    def add(self, location: str, texts: list[str]) -> None:
        """Add the texts of one file, of its name, or of one value."""
        self._waiting[location].append(texts)
        self._characters += sum(map(len, texts))
        if self._characters >= CHARACTERS_AT_ONCE:
            self._look()

    def found(self) -> Counter[str]:
        """Return by place how many files, or values, hold an identifier of somebody else."""
        self._look()
        return self._found

    def _look(self) -> None:
        self._found += self._search.count(self._waiting)
        self._waiting.clear()
        self._characters = 0


class OthersSearch:
    """Looks for identifiers of other people, and first for values planted to be seen."""

    def __init__(self, foreign: Collection[Identifier], digests: frozenset[str]) -> None:
        """Look for `foreign`; `digests` are known digests, in whose digits there is nothing.

        Raises:
            VerificationFailed: a planted value was not seen.
        """
        planted = [identifier for identifier, _ in _CANARIES]
        self._known_values = KnownValues([(_OTHERS, foreign), (_PLANTED, planted)])
        self._digests = digests
        for identifier, text in _CANARIES:
            if KnownValue(_PLANTED, identifier) not in self._find(text):
                raise VerificationFailed(
                    "bundle: the search did not find its canary, so it proves nothing; the "
                    "bundle is not sealed"
                )

    def sees(self, texts: Iterable[str]) -> bool:
        """Return whether any of the texts holds an identifier of somebody else."""
        return any(self.count({"": [portion]}) for portion in portions(texts))

    def count(self, values: Mapping[str, Sequence[Sequence[str]]]) -> Counter[str]:
        """Return by place how many values, of several texts each, hold one of somebody else."""
        plain = {
            location: [[self._plain(text) for text in value] for value in of]
            for location, of in values.items()
        }
        texts = list(dict.fromkeys(text for of in plain.values() for value in of for text in value))
        match = {
            texts[number]
            for number, known_values in self._known_values.find_all(texts).items()
            if any(one.ref == _OTHERS and not one.is_phrase for one in known_values)
        }
        counts = {
            location: sum(not match.isdisjoint(value) for value in of)
            for location, of in plain.items()
        }
        return Counter({location: count for location, count in counts.items() if count})

    def _find(self, text: str) -> frozenset[KnownValue]:
        return self._known_values.find(self._plain(text))

    def _plain(self, text: str) -> str:
        """Return a text without the numbers that nobody can be known by."""
        return _DIGEST.sub(self._without_known, _MEANT_OTHERWISE.sub(" ", text))

    def _without_known(self, digest: re.Match[str]) -> str:
        return " " if digest.group() in self._digests else digest.group()
