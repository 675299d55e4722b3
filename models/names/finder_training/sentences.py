"""Marked sentences: their words, and the tags each word may have."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lacuna.redaction.name_model.text_words import KINDS, TAGS, Gap, WordSpan, gaps, split

__all__ = [
    "ANY",
    "DEV",
    "NO_PERSON",
    "Mark",
    "Sentence",
    "dev_sets",
    "read",
    "sentence",
    "training_set",
]

Mark = tuple[int, int, str]
# Sets of tags, a bit for each of TAGS.
ANY = (1 << len(TAGS)) - 1
NO_PERSON = ANY & ~0b110
# Sources that mark places and organizations only here and there.
_PARTLY = ("uner-snk", "uner-talbanken")
# A source that marks user names after @, which are no names here.
_HANDLES = "broad-twitter"
DEV = {
    "da.ddt": ("da.uner-ddt.dev",),
    "da.danplus": ("da.danplus-twitter.dev", "da.danplus-arto.dev"),
    "sv": ("sv.webbnyheter-klintan.dev",),
    "pt": ("pt.uner-bosque.dev",),
    "en.ewt": ("en.uner-ewt.dev",),
    "en.wnut": ("en.wnut17.dev",),
    "en.twitter": ("en.broad-twitter.dev",),
    "nb": ("nb.norne.dev",),
    "nn": ("nn.norne.dev",),
    "fi": ("fi.turku-ner.dev",),
    "de": ("de.germeval2014.dev",),
    "pl": ("pl.kpwr-n82.test",),
    "es": ("es.meddocan.dev",),
}
_TRAIN = (
    "da.uner-ddt.train",
    "sv.uner-talbanken.train",
    "sv.webbnyheter-klintan.train",
    "pt.uner-bosque.train",
    "sk.uner-snk.train",
    "hr.uner-set-hr.train",
    "sr.uner-set-sr.train",
    "nb.norne.train",
    "nn.norne.train",
    "fi.turku-ner.train",
    "de.germeval2014.test",
    "en.wnut17.train",
    "en.broad-twitter.train",
    "pl.kpwr-n82.test",
    "es.meddocan.train",
)
# The one Polish file serves both: its last fifth is the dev part.
_SHARED = "pl.kpwr-n82.test"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence cut into words.

    Attributes:
        marks: what is marked in `text`.
        allowed: per word the set of tags that the marks leave possible.
        soft: per word a teacher's probabilities [words, tags]; they count instead of `allowed`.
    """

    lang: str
    source: str
    text: str
    marks: tuple[Mark, ...]
    at: tuple[WordSpan, ...]
    gaps: tuple[Gap, ...]
    allowed: tuple[int, ...]
    soft: npt.NDArray[np.float16] | None = field(default=None, compare=False)

    @property
    def words(self) -> list[str]:
        """Return the words' letters."""
        return [self.text[start:end] for start, end in self.at]

    @property
    def has_person(self) -> bool:
        """Return whether a person is marked."""
        return any(kind == "PER" for *_, kind in self.marks)


def sentence(lang: str, source: str, text: str, marks: Sequence[Mark]) -> Sentence:
    """Return a text with its words; what its source does not mark reliably stays open."""
    at = tuple(split(text))
    made = Sentence(
        lang, source, text, tuple(marks), at, tuple(gaps(text, at)), tuple(_tags(at, marks))
    )
    if source in _PARTLY:
        return replace(made, allowed=tuple(_half_marked(made)))
    if source == _HANDLES:
        return replace(made, allowed=tuple(_without_handles(made)))
    return made


def read(path: Path) -> list[Sentence]:
    """Return the sentences of a file; those without a word are left out."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    made = (
        sentence(row["lang"], row["source"], row["text"], [tuple(m) for m in row.get("spans", ())])
        for row in rows
    )
    return [one for one in made if one.at]


def dev_sets(data: Path) -> dict[str, list[Sentence]]:
    """Return the dev sets by name; nothing is trained or chosen on their sentences."""
    return {
        name: [one for file in files for one in _part(data, file, dev=True)]
        for name, files in DEV.items()
    }


def training_set(data: Path, *, without: Sequence[str] = ()) -> list[Sentence]:
    """Return the marked sentences to train on, without some languages."""
    files = [file for file in _TRAIN if file.split(".")[0] not in without]
    return [one for file in files for one in _part(data, file, dev=False)]


def _part(data: Path, name: str, *, dev: bool) -> list[Sentence]:
    found = read(data / "gold" / f"{name}.jsonl.gz")
    if name != _SHARED:
        return found
    cut = len(found) * 4 // 5
    return found[cut:] if dev else found[:cut]


def _tags(at: Sequence[WordSpan], marks: Sequence[Mark]) -> list[int]:
    allowed = [1] * len(at)
    for start, end, kind in marks:
        inside = [i for i, (first, last) in enumerate(at) if first < end and last > start]
        for number, i in enumerate(inside):
            allowed[i] = 1 << (1 + 2 * KINDS.index(kind) + (number > 0))
    return allowed


def _half_marked(one: Sentence) -> Iterator[int]:
    """Leave open whether a capitalized word that is no person is a place or an organization."""
    for word, tags in zip(one.words, one.allowed, strict=True):
        yield NO_PERSON if tags & NO_PERSON and word[:1].isupper() else tags


def _without_handles(one: Sentence) -> Iterator[int]:
    """Leave user names open: @, and what stands close behind it."""
    handle = False
    for word, gap, tags in zip(one.words, one.gaps, one.allowed, strict=True):
        handle = word == "@" or (handle and gap == Gap.NOTHING and (word == "_" or word.isalnum()))
        yield ANY if handle else tags
