"""A second opinion on a mail: how likely each of its sentences asks for each right.

A linear model over hashed features of a sentence: its words, pairs of words, pieces of words, and
which groups of the wordbooks it has words of. `scripts/train_opinion.py` makes its weights from
the texts in `scripts/request_corpus`; nothing of any mail is in them.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import combinations, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipelines.model.request import RequestKind
from pipelines.request.asking import ARTICLE_WORDS, ERRORS, THINGS, UNABLE, WHOLE
from pipelines.request.words import WORDBOOKS, Wordbook
from pipelines.request.words.matching import Sentence, fits, has, places, sentences

RIGHTS: Final = tuple(map(str, RequestKind))
LABELS: Final = (*RIGHTS, "letter", "withdrawal", "other", "doubt", "ordinary")
"""What a sentence can say: a right, to leave a newsletter, to take a request back, to speak for
somebody else, to ask or to be unsure, and what is a matter of customer service and no right."""
SIZE: Final = 1 << 16
"""Numbers that features are hashed to."""
WEIGHTS: Final = "opinion.npz"

_ARTICLES: Final = frozenset(str(kind.article) for kind in RequestKind)
_PIECES: Final = (3, 4, 5)
_APART: Final = (2, 3)
_STEM: Final = 4
_LONGEST: Final = 15
"""Words of a sentence that is also judged in parts: what is asked drowns in what surrounds it."""
_PART, _STEP = 12, 6
_MOST_PARTS: Final = 150
_FEW_LANGUAGES: Final = 4
_CONCEPTS_SHARE: Final = 0.7
"""Weight of a sentence's groups of words beside that of its words."""
_GROUPS: Final = (
    *("negations", "nothing", "pronouns", "hints", "perhaps", "conditions", "afters", "reports"),
    *("fields", "copies", "ors", "selves", "uncertain", "knowing", "keeping", "hypothetical"),
    *("others", "authority", "minds", "befores", "either", "catalog", "unwanted", "past", "hows"),
    *("received", "jobs", "letters", "asks", "titles"),
)


@dataclass(frozen=True)
class Opinion:
    """How likely a mail says each thing: the most that any of its sentences has.

    Attributes:
        likely: probability by label, 0 to 1.
        is_whole: whether all of the mail was read; of a very long one only the beginning is.
    """

    likely: dict[str, float]
    is_whole: bool

    def rights(self, at_least: float) -> frozenset[str]:
        """Return the rights that are as likely as that."""
        return frozenset(name for name in RIGHTS if self.likely[name] >= at_least)


def opinion_on(texts: Sequence[str], books: Sequence[Wordbook]) -> Opinion:
    """Return what texts are likely to say, each with its own sentences.

    Args:
        books: of the languages that the texts can be in; where those are many, a few words do not
            show which: then each is tried alone, as the model learned them, and the most counts.
    """
    weights, bias = _weights()
    tried = [books] if len(books) <= _FEW_LANGUAGES else [(book,) for book in books]
    best = np.zeros(len(LABELS), dtype=np.float64)
    for count, (part, before) in enumerate(_parts(texts)):
        if count == _MOST_PARTS:
            return Opinion(_by_label(best), is_whole=False)
        for some in tried:
            numbers, values = features(part, before, some)
            scores = values @ weights[numbers] + bias
            best = np.maximum(best, 1 / (1 + np.exp(-scores)))
    return Opinion(_by_label(best), is_whole=True)


def features(
    sentence: Sentence, before: Sequence[str], books: Sequence[Wordbook]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the numbers of a sentence's features, and their values; two blocks of length one each.

    Args:
        before: words of the sentence before it, which says what "delete it" is about.
    """
    words = _hashed({*_words(sentence.words), *_before(before)})
    concepts = _hashed(set(_concepts(sentence, books)))
    return (
        np.concatenate((words, concepts)),
        np.concatenate(
            (
                np.full(len(words), max(1, len(words)) ** -0.5),
                np.full(len(concepts), _CONCEPTS_SHARE * max(1, len(concepts)) ** -0.5),
            )
        ),
    )


def readable(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text that have words, numbers made alike but those of articles."""
    for sentence in sentences(text):
        kept = _ARTICLES if has(ARTICLE_WORDS, sentence) else frozenset()
        words = tuple(word if word in kept or word.isalpha() else "0" for word in sentence.words)
        if any(word != "0" for word in words):
            yield Sentence(words, sentence.clauses)


def _parts(texts: Iterable[str]) -> Iterator[tuple[Sentence, tuple[str, ...]]]:
    """Yield each sentence with the words before it; then, of a long one, parts of it."""
    for text in texts:
        before: tuple[str, ...] = ()
        for sentence in readable(text):
            yield sentence, before
            length = len(sentence.words)
            for start in range(0, length - _STEP, _STEP) if length > _LONGEST else ():
                within = slice(start, start + _PART)
                yield Sentence(sentence.words[within], sentence.clauses[within]), ()
            before = sentence.words


def _words(words: tuple[str, ...]) -> Iterator[str]:
    for word in words:
        yield f"w{word}"
        bounded = f"<{word}>"
        for length in _PIECES:
            for start in range(len(bounded) - length + 1):
                yield f"c{bounded[start : start + length]}"
    for one, two in pairwise(("^", *words, "$")):
        yield f"b{one} {two}"
    for distance in _APART:
        for one, two in zip(words, words[distance:], strict=False):
            yield f"s{one} {two}"


def _before(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        yield f"p{word}"
        if len(word) > _STEM:
            yield f"q{word[:_STEM]}"


def _concepts(sentence: Sentence, books: Sequence[Wordbook]) -> Iterator[str]:
    """Yield the groups that a sentence has words of, two at a time too, within a clause or not.

    They have the same names in every language: what one teaches holds for the others.
    """
    found: dict[str, set[int]] = {}
    for book in books:
        for name, group in _GROUPS_OF[book.language]:
            if at := places(group, sentence):
                found.setdefault(name, set()).update(sentence.clauses[place] for place in at)
        for kind, patterns in book.rights.items():
            if any(fits(pattern, sentence) for pattern in patterns):
                found.setdefault(f"fits {kind}", set())
    names = sorted(found)
    yield from names
    for one, two in combinations(names, 2):
        yield f"{one}+{two}"
        if found[one] & found[two]:
            yield f"{one}&{two}"


def _groups(book: Wordbook) -> tuple[tuple[str, str], ...]:
    """Return the groups of a wordbook by name, its patterns as two: what is done, and to what."""
    found: dict[str, str] = {name: getattr(book, name) for name in _GROUPS}
    patterns = {str(kind): of for kind, of in book.rights.items()}
    patterns |= {"holdings": book.holdings, "withdrawal": book.withdrawal, "idle": book.idle}
    for name, of in patterns.items():
        halves = [pattern.split(" + ") for pattern in of]
        found[f"first {name}"] = " ".join(half[0] for half in halves)
        found[f"other {name}"] = " ".join(group for half in halves for group in half[1:])
    found |= {"things": THINGS, "whole": WHOLE, "unable": UNABLE, "errors": ERRORS}
    return tuple((name, group) for name, group in found.items() if group.strip())


_GROUPS_OF: Final = {book.language: _groups(book) for book in WORDBOOKS}


def _hashed(names: set[str]) -> NDArray[np.intp]:
    # Not Python's own hash: that one differs from process to process.
    return np.array(sorted({zlib.crc32(name.encode()) % SIZE for name in names}), dtype=np.intp)


def _by_label(values: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(LABELS, map(float, values), strict=True))


@lru_cache(maxsize=1)
def _weights() -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return the weights, one row a feature and one column a label, and each label's constant."""
    with (resources.files("pipelines.request") / WEIGHTS).open("rb") as file, np.load(file) as held:
        return held["weights"] * held["scale"], held["bias"].astype(np.float64)
