"""Measures the whole engine on the dev sets, which nobody trained on.

    python models/names/measure.py --data FOLDER [--without-encoder | --stock]

Prints a table: people by set, how many of them a detection overlaps, how many detections of people
overlap one, and the share of the characters that are covered as people in sentences without one.
`--stock` measures stock Presidio with the English model.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from finder_training.scores import SetFigures
from finder_training.sentences import Mark, Sentence, dev_sets
from lacuna.ports import Span
from lacuna.redaction import EngineOptions, Profile
from lacuna.redaction.bench.comparison import OurEngine, StockEngine

_KINDS = {"PERSON": "PER", "LOCATION": "LOC"}
_WRITTEN_AS = {"nn": "nb"}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--without-encoder", action="store_true")
    parser.add_argument("--stock", action="store_true")
    given = parser.parse_args()
    options = EngineOptions(encoder=not given.without_encoder)
    for line in table(dev_sets(given.data), options, is_stock=given.stock):
        sys.stdout.write(f"{line}\n")


def table(
    sets: Mapping[str, Sequence[Sentence]], options: EngineOptions, *, is_stock: bool
) -> Iterator[str]:
    """Yield the lines of the table; the last one is for all sets together."""
    yield "| set | people | recall | precision | covered |\n|---|---:|---:|---:|---:|"
    every = SetFigures()
    for name, sentences in sets.items():
        figures = SetFigures()
        language = _WRITTEN_AS.get(sentences[0].lang, sentences[0].lang)
        loader = StockEngine(32, Profile.DEFAULT) if is_stock else OurEngine(options, language)
        found = loader.load()([one.text for one in sentences])
        for one, spans in zip(sentences, found, strict=True):
            for each in (figures, every):
                each.add(one, list(_widest(spans)))
        yield _row(name, figures)
    yield _row("all", every)


def _row(name: str, figures: SetFigures) -> str:
    people = figures.kinds["PER"]
    rates = people.rates()
    share = figures.covered / max(figures.letters, 1)
    return (
        f"| {name} | {people.gold} | {rates['overlap_recall']:.3f} "
        f"| {rates['overlap_precision']:.3f} | {share:.2%} |"
    )


def _widest(spans: Sequence[Span]) -> Iterator[Mark]:
    """Yield the detections that lie in no other one of their kind."""
    marks = sorted(
        {(one.start, one.end, _KINDS[one.label]) for one in spans if one.label in _KINDS},
        key=lambda mark: (mark[0], -mark[1]),
    )
    ends: dict[str, int] = {}
    for start, end, kind in marks:
        if end > ends.get(kind, -1):
            ends[kind] = end
            yield start, end, kind


if __name__ == "__main__":
    main()
