"""Draws the charts: SVG made here, without a script, each with its numbers as a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from typing import Final

from markupsafe import Markup

from lacuna.model.register import Figure, History, Weeks
from lacuna.model.request import RequestKind

_WIDTH: Final = 640
_HEIGHT: Final = 220
_LEFT: Final = 44
_BOTTOM: Final = 34
_TOP: Final = 12
_FEWEST_SLOTS: Final = 6
_MOST_LABELS: Final = 8


@dataclass(frozen=True)
class Bar:
    """A bar over one or more places of the axis.

    Attributes:
        numbers: one for each series; None where nothing is told: no bar is drawn.
        place: the first place that it stands over.
        width: over how many places it stands.
    """

    label: str
    numbers: tuple[int | None, ...]
    place: int
    width: int = 1


@dataclass(frozen=True)
class PageChart:
    """A chart with what it shows.

    Attributes:
        heads: of the table: the label, then one for each series.
        rows: bars, in order; places without one stay empty.
        is_sum: whether a bar over several places is a sum of them: drawn as high as one of them is
            on average, so that areas can be compared.
    """

    title: str
    meaning: str
    heads: tuple[str, ...]
    rows: tuple[Bar, ...]
    is_sum: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be drawn."""
        return not any(number for bar in self.rows for number in bar.numbers)

    def _heights(self, bar: Bar) -> list[float]:
        spread = bar.width if self.is_sum else 1
        return [(number or 0) / spread for number in bar.numbers]

    @property
    def svg(self) -> Markup:
        """The drawing: stacked bars, in classes that the style sheet colours."""
        highest = -int(-max((sum(self._heights(bar)) for bar in self.rows), default=0) // 1) or 1
        places = max((bar.place + bar.width for bar in self.rows), default=0)
        slot = (_WIDTH - _LEFT) / max(places, _FEWEST_SLOTS)
        scale = (_HEIGHT - _TOP - _BOTTOM) / highest
        floor = _HEIGHT - _BOTTOM
        shapes = []
        for share in sorted({0, highest // 2, highest}):
            y = floor - share * scale
            shapes.append(
                f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
                f'<text class="tick" x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share}</text>'
            )
        every = -(-places // _MOST_LABELS) or 1
        labelled = -every
        for bar in self.rows:
            x, y = _LEFT + bar.place * slot, float(floor)
            for series, number in enumerate(bar.numbers):
                if number is None:
                    continue
                height = self._heights(bar)[series] * scale
                y -= height
                name = escape(f"{bar.label}: {self.heads[series + 1]} {number}")
                shapes.append(
                    f'<rect class="series{series % 4}" x="{x + slot * 0.15:.1f}" y="{y:.1f}" '
                    f'width="{slot * (bar.width - 0.3):.1f}" height="{height:.1f}">'
                    f"<title>{name}</title></rect>"
                )
            if bar.place >= labelled + every:
                labelled = bar.place
                shapes.append(
                    f'<text class="tick" x="{x + slot * bar.width / 2:.1f}" y="{floor + 18}" '
                    f'text-anchor="middle">{escape(bar.label.split(" ")[0])}</text>'
                )
        return Markup(  # noqa: S704 - every text in it is escaped above
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(self.meaning)}">'
            + "".join(shapes)
            + "</svg>"
        )


def charts(history: History) -> list[PageChart]:
    """Return the charts of a tenant's past."""
    return [
        PageChart(
            "Closed requests by week",
            "Rights that were fulfilled, and requests for which nobody was found, by the week in which "
            "they were closed. Refused and withdrawn requests are not counted.",
            ("week", "erased", "other rights", "nothing found"),
            _over_weeks(
                (
                    Weeks.around(week.monday, week.monday),
                    (
                        week.fulfilled.get(RequestKind.ERASURE, 0),
                        sum(
                            count
                            for kind, count in week.fulfilled.items()
                            if kind is not RequestKind.ERASURE
                        ),
                        week.nothing_found,
                    ),
                )
                for week in history.weeks
            ),
        ),
        PageChart(
            "Days to fulfillment",
            "Fulfilled requests by days since receipt, pauses included: until they were carried out and, "
            "where the person gets a bundle, until it was handed over. Requests whose bundle was not "
            "handed over are not counted.",
            ("days", "requests"),
            _in_turn(_bands(history.days_to_fulfil)),
        ),
        PageChart(
            "Gate results by day",
            "Verifications that passed and verifications that failed.",
            ("day", "passed", "failed"),
            _in_turn((each.day.isoformat(), (each.passed, each.failed)) for each in history.gates),
        ),
        PageChart(
            "Residue by day",
            "Places where a value of an erased person was still found.",
            ("day", "places with residue"),
            _in_turn((each.day.isoformat(), (each.residue,)) for each in history.gates),
        ),
        PageChart(
            "Consent to recording by week",
            "Callers' answers to the question about recording, as published." + _withheld(history),
            ("week", "agreed", "declined", "no answer"),
            _over_weeks((each.weeks, each.chosen) for each in history.consent),
            is_sum=True,
        ),
        PageChart(
            "Recorded calls by week",
            "Calls that were recorded, at least in part, and answered calls that were not.",
            ("week", "recorded", "not recorded"),
            _over_weeks((each.weeks, each.recorded) for each in history.consent),
            is_sum=True,
        ),
        *_reports(history),
    ]


def _reports(history: History) -> list[PageChart]:
    """Return the charts of the anonymized reports: they stay as they are when people are erased."""
    figures = history.figures
    return [
        _published(
            "Conversations by week",
            "Conversations that began in the week",
            "conversations",
            figures.conversations,
            is_sum=True,
        ),
        _published(
            "Average handling time by week",
            "Average number of seconds per conversation",
            "seconds",
            figures.handling_s,
        ),
        _published(
            "Satisfaction by week",
            "Percentage of ratings of 4 or 5",
            "percent of 4 or 5",
            figures.satisfied_percent,
        ),
    ]


def _published(
    title: str, meaning: str, head: str, figures: Sequence[Figure], *, is_sum: bool = False
) -> PageChart:
    joined = " A bar across several weeks covers all of them" if _has_joined(figures) else ""
    spread = " and shows their weekly average" if joined and is_sum else ""
    return PageChart(
        title,
        f"{meaning}, as published. Erasures do not change these figures."
        + (f"{joined}{spread}." if joined else ""),
        ("week", head),
        _over_weeks((each.weeks, (each.number,)) for each in figures),
        is_sum=is_sum,
    )


def _has_joined(figures: Sequence[Figure]) -> bool:
    return any(each.weeks.count > 1 for each in figures)


def _over_weeks(spans: Iterable[tuple[Weeks, tuple[int | None, ...]]]) -> tuple[Bar, ...]:
    """Return a bar for each span, where its weeks are; weeks of which nothing is told are a gap."""
    known = list(spans)
    if not known:
        return ()
    first = min(weeks.monday for weeks, _ in known)
    return tuple(
        Bar(_named(weeks), numbers, (weeks.monday - first).days // 7, weeks.count)
        for weeks, numbers in known
    )


def _named(weeks: Weeks) -> str:
    """Return the Mondays of the first and of the last week."""
    last = weeks.sunday - timedelta(days=6)
    first = weeks.monday.isoformat()
    return first if weeks.count == 1 else f"{first} to {last.isoformat()}"


def _in_turn(rows: Iterable[tuple[str, tuple[int, ...]]]) -> tuple[Bar, ...]:
    return tuple(Bar(label, numbers, place) for place, (label, numbers) in enumerate(rows))


def _withheld(history: History) -> str:
    """Return how many groups are not among the numbers, as a sentence; nothing where none is."""
    withheld = sum(each.withheld for each in history.consent)
    if not withheld:
        return ""
    return (
        f" {withheld} small groups are withheld, because their numbers would reveal individual "
        "answers."
    )


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
