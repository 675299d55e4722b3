"""How well the marks out of tag scores fit the gold."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from finder_training.sentences import Mark, Sentence
from lacuna.redaction.name_model.tag_rows import best_rows, runs_of
from lacuna.redaction.name_model.text_words import KINDS, Gap, WordSpan

__all__ = ["Figures", "Reading", "SetFigures", "best_tags", "figures", "marks_of"]

F32 = npt.NDArray[np.float32]
Reading = Callable[[Sequence[Sentence]], Iterable[F32]]
_AT_ONCE = 48


def best_tags(scores: F32, before: Sequence[Gap]) -> list[int]:
    """Return the best valid row of tags for scores [words, tags]; no mark goes beyond its line."""
    begins = np.array([gap == Gap.LINE_END for gap in before])
    found: list[int] = best_rows(scores[None], begins[None])[0].tolist()
    return found


def marks_of(tags: Sequence[int], at: Sequence[WordSpan]) -> list[Mark]:
    """Return the marks that valid tags mean."""
    return [(at[first][0], at[last - 1][1], kind) for first, last, kind in runs_of(tags)]


@dataclass
class Figures:
    """Counts of one kind of mark: in the gold, found, equal, and overlapping on either side."""

    gold: int = 0
    found: int = 0
    equal: int = 0
    gold_met: int = 0
    found_right: int = 0

    def add(self, gold: Sequence[Mark], found: Sequence[Mark]) -> None:
        """Count one sentence."""
        self.gold += len(gold)
        self.found += len(found)
        self.equal += len(set(gold) & set(found))
        self.gold_met += sum(_meets(one, found) for one in gold)
        self.found_right += sum(_meets(one, gold) for one in found)

    def rates(self) -> dict[str, float]:
        """Return recall and precision, of equal and of overlapping marks."""
        gold, found = max(self.gold, 1), max(self.found, 1)
        return {
            "recall": self.equal / gold,
            "precision": self.equal / found,
            "overlap_recall": self.gold_met / gold,
            "overlap_precision": self.found_right / found,
        }


def _meets(one: Mark, others: Sequence[Mark]) -> bool:
    return any(one[0] < end and start < one[1] for start, end, _ in others)


@dataclass
class SetFigures:
    """Counts of a set of sentences, by kind, and of letters covered where nobody is named."""

    kinds: dict[str, Figures] = field(default_factory=lambda: {one: Figures() for one in KINDS})
    letters: int = 0
    covered: int = 0

    def add(self, one: Sentence, found: Sequence[Mark]) -> None:
        """Count the marks found in one sentence."""
        for kind, counted in self.kinds.items():
            counted.add(_of_kind(one, one.marks, kind), _of_kind(one, found, kind))
        if not one.has_person:
            self.letters += len(one.text)
            self.covered += sum(end - start for start, end, kind in found if kind == "PER")

    def report(self) -> dict[str, object]:
        """Return the rates of each kind, the number of people, and the share of letters covered."""
        rates: dict[str, object] = {kind: one.rates() for kind, one in self.kinds.items()}
        return rates | {
            "people": self.kinds["PER"].gold,
            "covered_without_people": self.covered / max(self.letters, 1),
        }


def _of_kind(one: Sentence, marks: Sequence[Mark], kind: str) -> list[Mark]:
    """Return the marks of a kind; user names behind @ count on neither side."""
    return [
        mark
        for mark in marks
        if mark[2] == kind and one.text[mark[0]] != "@" and one.text[: mark[0]][-1:] != "@"
    ]


def figures(read: Reading, sets: Mapping[str, Sequence[Sentence]]) -> dict[str, dict[str, object]]:
    """Return per set the rates of each kind, and the share of letters covered without people."""
    reports = {}
    for name, sentences in sets.items():
        counted = SetFigures()
        ordered = sorted(sentences, key=lambda one: len(one.at))
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start : start + _AT_ONCE]
            for one, scores in zip(part, read(part), strict=True):
                counted.add(one, marks_of(best_tags(scores, one.gaps), one.at))
        reports[name] = counted.report()
    return reports
