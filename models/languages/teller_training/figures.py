"""How often texts are taken for another language, as tables."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from lacuna.redaction.languages.text_language import Languages
from teller_training.texts import LANGUAGES, KnownText

__all__ = ["tables"]

_LENGTHS = (15, 40, 80, 200)
_SHORTEST = 5
_MOST_OF_A_KIND = 700
_FIRST = "en"
_ALL = "all"


@dataclass
class ToldTexts:
    """How many texts there are, how many were taken for another language, and for the first."""

    texts: int = 0
    wrong: int = 0
    first: int = 0

    def row(self) -> str:
        """Return the cells of a table's row."""
        return f"{self.texts} | {self.wrong / self.texts:.1%} | {self.first / self.texts:.1%}"


def tables(texts: Iterable[KnownText], seed: int) -> Iterator[str]:
    """Yield tables by language, by length and by what the row says, of texts held out."""
    sentences, messages = _measured(texts, seed)
    for title, some in (("sentences", sentences), ("messages", messages)):
        told = Languages([_FIRST]).of_all([(one.text, None) for one in some])
        keys = (*LANGUAGES, *map(_class, _LENGTHS), _ALL)
        counts = {key: ToldTexts() for key in keys}
        for one, code in zip(some, told, strict=True):
            for key in (one.language, _class(len(one.text)), _ALL):
                counts[key].texts += 1
                counts[key].wrong += code != one.language
                counts[key].first += code != one.language and code == _FIRST
        yield f"\n| {title} | texts | wrong | read as English |\n|---|---:|---:|---:|"
        yield from (f"| {key} | {count.row()} |" for key, count in counts.items() if count.texts)
    yield from _given(sentences, Random(seed))


def _measured(
    texts: Iterable[KnownText], seed: int
) -> tuple[Sequence[KnownText], Sequence[KnownText]]:
    """Return sentences that were held out, at most so many of a language and length, and messages."""
    kinds: dict[tuple[str, str], list[KnownText]] = defaultdict(list)
    messages = []
    for one in texts:
        if one.is_measured and _SHORTEST <= len(one.text) <= _LENGTHS[-1]:
            if one.source == "templates":
                messages.append(one)
            else:
                kinds[one.language, _class(len(one.text))].append(one)
    rng = Random(seed)
    sentences = [
        one for some in kinds.values() for one in rng.sample(some, min(len(some), _MOST_OF_A_KIND))
    ]
    return sentences, messages


def _class(length: int) -> str:
    longest = next(one for one in _LENGTHS if length <= one)
    at = _LENGTHS.index(longest)
    return f"{_LENGTHS[at - 1] + 1 if at else _SHORTEST}-{longest} characters"


def _given(sentences: Sequence[KnownText], rng: Random) -> Iterator[str]:
    """Yield a table of rows that name a language, the right one or another one."""
    languages = Languages([_FIRST])
    told = languages.of_all([(one.text, one.language) for one in sentences])
    others = [rng.choice([code for code in LANGUAGES if code != one.language]) for one in sentences]
    found = languages.of_all(
        [(one.text, other) for one, other in zip(sentences, others, strict=True)]
    )
    yield "\n| length | right language not believed | wrong language believed |\n|---|---:|---:|"
    for length in _LENGTHS:
        some = [
            (code != one.language, answer == other)
            for one, code, answer, other in zip(sentences, told, found, others, strict=True)
            if _class(len(one.text)) == _class(length)
        ]
        doubted, believed = map(sum, zip(*some, strict=True))
        yield f"| {_class(length)} | {doubted / len(some):.1%} | {believed / len(some):.1%} |"
