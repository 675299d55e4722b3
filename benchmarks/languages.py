"""Measure what redaction hides in twelve languages, on texts that nobody tunes on.

    python -m benchmarks.languages [--texts messages|sentences] [--guess] [--json FILE]
                                   [--stock | --without-encoder]

Without `--guess`, each text comes with its language, as a column of a data map says it. `--stock`
measures stock Presidio with the English model on the same texts, `--without-encoder` the engine
whose finder of names reads nothing again.

The texts are in `benchmarks/held_out`, all invented: 600 messages to customer service, 50 in each
language, and 300 sentences of other prose in five. Their annotations say nothing of the rules: who
changes the engine looks at the figures alone, never at a text. A value counts as hidden if each of its
letters and digits is covered, whatever as.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lacuna.ports import Span
from lacuna.redaction import EngineOptions, Profile, machine
from lacuna.redaction.bench.comparison import OurEngine, StockEngine

FOLDER = Path(__file__).parent / "held_out"
EVERY = "all"


@dataclass
class HiddenValues:
    """How many values of a kind were hidden, and how many detections of it were right."""

    values: int = 0
    hidden: int = 0
    detected: int = 0
    right: int = 0

    def recall(self) -> str:
        return f"{self.hidden / self.values:.3f}" if self.values else "-"

    def precision(self) -> str:
        return f"{self.right / self.detected:.3f}" if self.detected else "-"


@dataclass
class HiddenByLanguage:
    """Tallies by language and kind, and those of names by origin."""

    kinds: dict[tuple[str, str], HiddenValues] = field(
        default_factory=lambda: defaultdict(HiddenValues)
    )
    origins: dict[str, HiddenValues] = field(default_factory=lambda: defaultdict(HiddenValues))
    quiet: Counter[str] = field(default_factory=Counter)

    def add(self, row: dict[str, Any], spans: Sequence[Span]) -> None:
        covered = {place for span in spans for place in range(span.start, span.end)}
        for value in row["spans"]:
            letters = [
                place
                for place in range(value["start"], value["end"])
                if row["text"][place].isalnum()
            ]
            for tally in self._of(row, value):
                tally.values += 1
                tally.hidden += covered.issuperset(letters)
        for span in spans:
            touched = {
                value["label"]
                for value in row["spans"]
                if value["start"] < span.end and span.start < value["end"]
            }
            for language in (row["lang"], EVERY):
                tally = self.kinds[language, span.label]
                tally.detected += 1
                tally.right += span.label in touched
        if not row["spans"]:
            self.quiet["characters"] += len(row["text"])
            self.quiet["covered"] += len(covered)

    def _of(self, row: dict[str, Any], value: dict[str, Any]) -> Iterator[HiddenValues]:
        for language in (row["lang"], EVERY):
            yield self.kinds[language, value["label"]]
        if origin := value.get("origin"):
            yield self.origins[origin]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--guess", action="store_true", help="let the engine tell the language")
    parser.add_argument("--stock", action="store_true", help="measure stock Presidio")
    parser.add_argument("--without-encoder", action="store_true")
    parser.add_argument("--texts", choices=["messages", "sentences"], default="messages")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    options = EngineOptions(encoder=not arguments.without_encoder)
    figures = measured(rows_of(arguments.texts), options, arguments.guess, arguments.stock)
    print(f"machine: {machine()}")
    print("\n".join(table(figures)))
    if arguments.json:
        arguments.json.write_text(json.dumps(document(figures), indent=1) + "\n", "utf-8")


def rows_of(name: str) -> list[dict[str, Any]]:
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def measured(
    rows: Sequence[dict[str, Any]], options: EngineOptions, is_guessed: bool, is_stock: bool
) -> HiddenByLanguage:
    by_language: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_language["" if is_guessed or is_stock else row["lang"]].append(row)
    figures = HiddenByLanguage()
    for language, texts in by_language.items():
        engine = (
            StockEngine(32, Profile.DEFAULT) if is_stock else OurEngine(options, language)
        ).load()
        found = engine([row["text"] for row in texts])
        for row, spans in zip(texts, found, strict=True):
            figures.add(row, spans)
    return figures


def table(figures: HiddenByLanguage) -> Iterator[str]:
    """Yield a table of the languages, one of the kinds, and one of the origins of names."""
    languages = sorted({language for language, _ in figures.kinds} - {EVERY})
    yield "\n| language | names | names hidden | precision |\n|---|---:|---:|---:|"
    for language in (*languages, EVERY):
        names = figures.kinds[language, "PERSON"]
        yield f"| {language} | {names.values} | {names.recall()} | {names.precision()} |"
    yield "\n| kind | values | hidden |\n|---|---:|---:|"
    for (language, kind), tally in sorted(figures.kinds.items()):
        if language == EVERY and tally.values:
            yield f"| {kind} | {tally.values} | {tally.recall()} |"
    if figures.origins:
        yield "\n| origin of the name | names | hidden |\n|---|---:|---:|"
    for origin, tally in sorted(figures.origins.items()):
        yield f"| {origin} | {tally.values} | {tally.recall()} |"
    quiet = figures.quiet
    if quiet["characters"]:
        share = quiet["covered"] / quiet["characters"]
        yield f"\ncovered of {quiet['characters']} characters without any detail: {share:.2%}"


def document(figures: HiddenByLanguage) -> dict[str, Any]:
    return {
        "kinds": [
            {"language": language, "kind": kind, **vars(tally)}
            for (language, kind), tally in sorted(figures.kinds.items())
        ],
        "origins": {origin: vars(tally) for origin, tally in sorted(figures.origins.items())},
        "quiet": dict(figures.quiet),
    }


if __name__ == "__main__":
    main()
