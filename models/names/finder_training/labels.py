"""What the teacher thinks of sentences that nobody marked."""

import gzip
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np

from finder_training.readers import TeacherReader
from finder_training.sentences import Sentence, dev_sets, sentence

__all__ = ["label", "labelled"]

_log = logging.getLogger(__name__)
# Sentences chosen per language: more where nobody marked any.
_CHOSEN = {
    "fr": 40000,
    "nl": 38000,
    "it": 25000,
    "es": 27000,
    "pl": 27000,
    "de": 30000,
    "en": 25000,
    "pt": 20000,
    "fi": 20000,
    "da": 20000,
    "sv": 18000,
    "nb": 9000,
    "nn": 6000,
}
_WITH_CAPITALS = 0.75
_LENGTHS = range(3, 45)
_PER_FILE = 5000
_AT_ONCE = 40


def label(data: Path, teacher: TeacherReader, folder: Path, seed: int) -> None:
    """Write the teacher's probabilities of the chosen sentences; files that exist are kept."""
    folder.mkdir(exist_ok=True)
    chosen = _chosen(data, Random(seed))
    for start in range(0, len(chosen), _PER_FILE):
        path = folder / f"{start // _PER_FILE:03d}.npz"
        if not path.exists():
            _write(path, chosen[start : start + _PER_FILE], teacher)
            _log.info("%s: from sentence %d of %d", path.name, start, len(chosen))


def labelled(folder: Path) -> list[Sentence]:
    """Return the sentences of all files, with the teacher's probabilities."""
    return [one for path in sorted(folder.glob("[0-9]*[0-9].npz")) for one in _read(path)]


def _chosen(data: Path, rng: Random) -> list[Sentence]:
    dev = {one.text for found in dev_sets(data).values() for one in found}
    chosen: list[Sentence] = []
    for lang, wanted in _CHOSEN.items():
        texts = [text for text in _texts(data, lang) if text not in dev]
        rng.shuffle(texts)
        capital = [text for text in texts if any(w[0].isupper() for w in text.split()[1:])]
        first = capital[: int(wanted * _WITH_CAPITALS)]
        taken = set(first)
        rest = [text for text in texts if text not in taken][: wanted - len(first)]
        chosen += [sentence(lang, "labelled", text, ()) for text in first + rest]
    rng.shuffle(chosen)
    return chosen


def _texts(data: Path, lang: str) -> list[str]:
    with gzip.open(data / "unlabelled" / f"{lang}.jsonl.gz", "rt", encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    return [text for text in texts if len(text.split()) in _LENGTHS]


def _write(path: Path, part: Sequence[Sentence], teacher: TeacherReader) -> None:
    ordered = sorted(part, key=lambda one: len(one.at))
    found = [
        np.exp(scores).astype(np.float16)
        for start in range(0, len(ordered), _AT_ONCE)
        for scores in teacher.scores(ordered[start : start + _AT_ONCE])
    ]
    beside = path.with_suffix(".part.npz")
    np.savez_compressed(
        beside,
        texts=np.array([one.text for one in ordered]),
        langs=np.array([one.lang for one in ordered]),
        soft=np.concatenate(found),
    )
    beside.replace(path)


def _read(path: Path) -> Iterator[Sentence]:
    kept, at = np.load(path), 0
    soft = kept["soft"]
    for text, lang in zip(kept["texts"].tolist(), kept["langs"].tolist(), strict=True):
        one = sentence(lang, "labelled", text, ())
        yield replace(one, soft=soft[at : at + len(one.at)])
        at += len(one.at)
