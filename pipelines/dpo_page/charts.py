"""Draws the charts: SVG made here, without a script, each with its numbers as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from markupsafe import Markup

from pipelines.model.register import History
from pipelines.model.request import RequestKind

_WIDTH: Final = 640
_HEIGHT: Final = 220
_LEFT: Final = 44
_BOTTOM: Final = 34
_TOP: Final = 12
_FEWEST_SLOTS: Final = 6
_MOST_LABELS: Final = 8


@dataclass(frozen=True)
class Chart:
    """A chart with what it shows.

    Attributes:
        heads: of the table: the label, then one for each series.
        rows: label and one number for each series.
    """

    title: str
    meaning: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be drawn."""
        return not any(number for _, numbers in self.rows for number in numbers)

    @property
    def svg(self) -> Markup:
        """The drawing: stacked bars, in classes that the style sheet colours."""
        highest = max((sum(numbers) for _, numbers in self.rows), default=0) or 1
        slot = (_WIDTH - _LEFT) / max(len(self.rows), _FEWEST_SLOTS)
        scale = (_HEIGHT - _TOP - _BOTTOM) / highest
        floor = _HEIGHT - _BOTTOM
        marks = []
        for share in sorted({0, highest // 2, highest}):
            y = floor - share * scale
            marks.append(
                f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
                f'<text class="tick" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share}</text>'
            )
        every = -(-len(self.rows) // _MOST_LABELS) or 1
        for place, (label, numbers) in enumerate(self.rows):
            x, y = _LEFT + place * slot, floor
            for series, number in enumerate(numbers):
                height = number * scale
                y -= height
                name = escape(f"{label}: {self.heads[series + 1]} {number}")
                marks.append(
                    f'<rect class="series{series % 4}" x="{x + slot * 0.15:.1f}" y="{y:.1f}" '
                    f'width="{slot * 0.7:.1f}" height="{height:.1f}"><title>{name}</title></rect>'
                )
            if place % every == 0:
                marks.append(
                    f'<text class="tick" x="{x + slot / 2:.1f}" y="{floor + 18}" '
                    f'text-anchor="middle">{escape(label)}</text>'
                )
        return Markup(  # noqa: S704 - every text in it is escaped above
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(self.meaning)}">'
            + "".join(marks)
            + "</svg>"
        )


def charts(history: History) -> list[Chart]:
    """Return the charts of a tenant's past."""
    return [
        Chart(
            "Fulfilled, by week",
            "Closed requests by the week in which they were closed.",
            ("week", "erased", "other rights"),
            tuple(
                (
                    week.monday.isoformat(),
                    (
                        week.fulfilled.get(RequestKind.ERASURE, 0),
                        sum(
                            count
                            for kind, count in week.fulfilled.items()
                            if kind is not RequestKind.ERASURE
                        ),
                    ),
                )
                for week in history.weeks
            ),
        ),
        Chart(
            "Time to fulfil",
            "Fulfilled requests by the days that they took, from receipt.",
            ("days", "requests"),
            _bands(history.days_to_fulfil),
        ),
        Chart(
            "Gates, by day",
            "Verifications that passed and that failed.",
            ("day", "passed", "failed"),
            tuple((each.day.isoformat(), (each.passed, each.failed)) for each in history.gates),
        ),
        Chart(
            "Residue, by day",
            "Places in which a value of an erased person was still found.",
            ("day", "places with residue"),
            tuple((each.day.isoformat(), (each.residue,)) for each in history.gates),
        ),
        Chart(
            "Recordings by consent, by week",
            "What callers chose when they were asked about a recording, as published."
            + _withheld(history),
            ("week", "agreed", "declined", "chose nothing"),
            tuple((each.monday.isoformat(), each.chosen) for each in history.consent),
        ),
        Chart(
            "Calls recorded, by week",
            "Calls of which some time was recorded, and calls that were served without.",
            ("week", "recorded", "not recorded"),
            tuple((each.monday.isoformat(), each.recorded) for each in history.consent),
        ),
        *_reports(history),
    ]


def _reports(history: History) -> list[Chart]:
    """Return the charts of the anonymized reports: they stay as they are when people are erased."""
    published = [
        ("Conversations, by week", "conversations", "Conversations that began in a week"),
        (
            "Average handling time, by week",
            "seconds",
            "Seconds that a conversation took on average",
        ),
        ("Satisfaction, by week", "percent of 4 or 5", "Ratings of 4 or 5 out of a hundred"),
    ]
    return [
        Chart(
            title,
            f"{meaning}, as published; an erasure takes nothing away.",
            ("week", head),
            tuple(
                (
                    week.monday.isoformat(),
                    ((week.conversations, week.handling_s, week.satisfied_percent)[place],),
                )
                for week in history.reports
            ),
        )
        for place, (title, head, meaning) in enumerate(published)
    ]


def _withheld(history: History) -> str:
    """Return how many groups are not among the numbers, as a sentence; nothing where none is."""
    withheld = sum(each.withheld for each in history.consent)
    if not withheld:
        return ""
    return f" {withheld} small groups are withheld: their numbers would tell what somebody chose."


_BANDS: Final[Sequence[tuple[str, int]]] = (
    ("0-1", 1),
    ("2-7", 7),
    ("8-14", 14),
    ("15-21", 21),
    ("22-30", 30),
    ("31-60", 60),
    ("61-92", 92),
)


def _bands(days: Mapping[int, int]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    if not days:
        return ()
    rows, low = [], 0
    for label, high in _BANDS:
        rows.append((label, (sum(n for day, n in days.items() if low <= day <= high),)))
        low = high + 1
    rows.append(("93+", (sum(n for day, n in days.items() if day >= low),)))
    return tuple(rows)
