"""Texts whose language is known, to learn from and to measure on."""

import gzip
import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.mofile import read_mo

from lacuna.translations import NEAREST, languages_of, texts

__all__ = ["LANGUAGES", "KnownText", "known_texts"]

LANGUAGES = ("en", "da", "nb", "sv", "de", "nl", "fr", "es", "it", "pl", "fi", "pt")
# Weights learnt from texts under CC BY-SA would have to be under it, too: those are measured on only.
_LEARNT = frozenset(
    (
        *("common-voice", "tatoeba", "xed-subtitles", "lcc-leipzig", "banking77", "nlupp"),
        *("ud-markit", "ud-dantestocks", "webbnyheter-klintan", "germeval2014", "wnut17"),
        *("broad-twitter", "meddocan", "kpwr-n82", "danplus-twitter", "danplus-arto"),
        *("templates", "translations", "catalogs"),
    )
)
_ALL_LEARNT = frozenset({"translations", "catalogs"})
_HELD_OF = 3
# `phrases` are patterns.
_PARTS = ("affirmations", "alerts", "bundles", "letters", "mail_words", "notices", "reports")
_CATALOG = re.compile(r".*/locale/(?P<language>[a-z]{2})(?:_\w+)?/LC_MESSAGES/\w+\.mo")
_SLOT = re.compile(r"\{[^{}]*\}|%\(\w+\)\w|%\w|<[^<>]*>")
_BEFORE_MARK = re.compile(r"\s+(?=[,.;:!?])")
_SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")


@dataclass(frozen=True)
class KnownText:
    """A text and its language, one of LANGUAGES; Nynorsk counts as Bokmål.

    Attributes:
        is_learnt: it is learnt from.
        is_measured: figures are measured on it; then it is not learnt from.
    """

    language: str
    source: str
    text: str
    is_learnt: bool
    is_measured: bool


def known_texts(data: Path, catalogs: Path, templates: Path) -> Iterator[KnownText]:
    """Yield the texts of all sources.

    Args:
        data: a folder with `unlabelled/` and `gold/`, of JSON lines.
        catalogs: a folder with the wheels of `catalogs.txt`.
        templates: a folder of JSON lines.
    """
    for path in sorted(data.glob("unlabelled/*.jsonl.gz")):
        yield from (_known(row, is_measured=True) for row in _rows(path))
    for path in sorted(data.glob("gold/*.jsonl.gz")):
        yield from (_known(row) for row in _rows(path) if row["source"] in _LEARNT)
    for path in sorted(templates.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield _known(json.loads(line) | {"source": "templates"}, is_measured=True)
    for part in _PARTS:
        for language in languages_of(part):
            if language in LANGUAGES:
                for text in _strings(texts(part, language)):
                    yield _known({"lang": language, "source": "translations", "text": text})
    for path in sorted(catalogs.glob("*.whl")):
        for language, text in _translated(path):
            yield _known({"lang": language, "source": "catalogs", "text": text})


def _known(row: Mapping[str, str], *, is_measured: bool = False) -> KnownText:
    source = row["source"]
    # By the text, which may stand in two files.
    digest = hashlib.sha256(row["text"].encode()).digest()
    is_held = source not in _ALL_LEARNT and digest[0] % _HELD_OF == 0
    return KnownText(
        NEAREST.get(row["lang"], row["lang"]),
        source,
        " ".join(_BEFORE_MARK.sub("", _SLOT.sub("", row["text"])).split()),
        is_learnt=source in _LEARNT and not is_held,
        is_measured=is_measured and is_held,
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _strings(table: object) -> Iterator[str]:
    """Yield the sentences of a translation."""
    if isinstance(table, str):
        yield from (one for one in _SENTENCE_END.split(table) if " " in one.strip())
    elif isinstance(table, Mapping):
        for each in table.values():
            yield from _strings(each)


def _translated(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the messages of a wheel's catalogs of two words and more, with their language."""
    with zipfile.ZipFile(path) as wheel:
        for name in sorted(wheel.namelist()):
            match = _CATALOG.fullmatch(name)
            language = match and NEAREST.get(match["language"], match["language"])
            if language in LANGUAGES:
                with wheel.open(name) as file:
                    for message in read_mo(file):
                        said = message.string
                        # A catalog's own head has no id.
                        if message.id and isinstance(said, str) and " " in said.strip():
                            yield language, said
