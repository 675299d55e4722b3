"""Three charts of sealed periods as SVG: volume, handling time, satisfaction.

They are drawn from published cells alone, and say nothing that the marts do not say. The same
releases give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Final

from lacuna.marts import marts
from lacuna.model.mart import Release

DRAWN: Final = ("volume_daily", "csat_weekly")
"""The marts that charts are drawn of."""

_WIDTH: Final = 720
_HEIGHT: Final = 260
_LEFT: Final = 64
_TOP: Final = 44
_BOTTOM: Final = 36
_RIGHT: Final = 16
_LINES: Final = 4
_LABELS: Final = 6


@dataclass(frozen=True)
class Chart:
    """A line over time.

    Attributes:
        points: first and last day, and value: level over days that were published together. A None
            interrupts the line, because something was withheld.
    """

    title: str
    unit: str
    points: Sequence[tuple[date, date, float | None]]


def charts(releases: Iterable[Release]) -> Mapping[str, str]:
    """Return SVG documents by name, of the sealed periods of one tenant.

    Names are `volume`, `handling_time` and `satisfaction`; a chart without a point is left out.

    Args:
        releases: of any marts, in any order; those of volume and satisfaction are drawn.
    """
    by_mart: dict[str, list[Release]] = {}
    for release in releases:
        by_mart.setdefault(release.mart, []).append(release)
    volume = sorted(by_mart.get("volume_daily", []), key=lambda each: each.period.first)
    csat = sorted(by_mart.get("csat_weekly", []), key=lambda each: each.period.first)
    drawn = {
        "volume": Chart("Conversations a day", "conversations", _a_day(volume)),
        "handling_time": Chart(
            "Average handling time", "seconds", _ratio(volume, "handle_s_sum", "n_handled")
        ),
        "satisfaction": Chart(
            "Satisfied respondents a week", "%", _ratio(csat, "n_pos", "n_resp", factor=100.0)
        ),
    }
    return {
        name: draw(chart)
        for name, chart in drawn.items()
        if any(value is not None for *_, value in chart.points)
    }


def _sum(release: Release, measure: str) -> int | None:
    """Return a measure over all cells, or None if one of them withholds it."""
    position = next(mart for mart in marts() if mart.name == release.mart).index(measure)
    values = [cell.values[position] for cell in release.cells]
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _a_day(releases: Sequence[Release]) -> list[tuple[date, date, float | None]]:
    """Return the volume of each period by the day, so that joined days do not stand out."""
    points: list[tuple[date, date, float | None]] = []
    for release in releases:
        days = (release.period.last - release.period.first).days + 1
        total = _sum(release, "n")
        points.append((*_ends(release), None if total is None else total / days))
    return points


def _ratio(
    releases: Sequence[Release], part: str, whole: str, factor: float = 1.0
) -> list[tuple[date, date, float | None]]:
    points: list[tuple[date, date, float | None]] = []
    for release in releases:
        above, below = _sum(release, part), _sum(release, whole)
        value = None if above is None or not below else above / below * factor
        points.append((*_ends(release), value))
    return points


def _ends(release: Release) -> tuple[date, date]:
    """Return the first days of the first and of the last unit of a period."""
    return release.period.first, release.period.kind.begin(release.period.last)


def draw(chart: Chart) -> str:
    """Return a chart as an SVG document that needs nothing from outside."""
    known = [value for *_, value in chart.points if value is not None]
    top = _round_up(max(known, default=1.0))
    first, last = chart.points[0][0], chart.points[-1][1]
    days = max((last - first).days, 1)

    def across(day: date) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (day - first).days / days

    def down(value: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / top

    summary = f"{chart.title}, {first.isoformat()} to {last.isoformat()}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(summary)}</title>",
        f'<text x="{_LEFT}" y="22" font-size="15">{escape(chart.title)} '
        f'<tspan fill="#555">({escape(chart.unit)})</tspan></text>',
    ]
    for number in range(_LINES + 1):
        value = top * number / _LINES
        y = down(value)
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{value:g}</text>'
        )
    step = max(len(chart.points) // _LABELS, 1)
    for day, *_ in chart.points[::step]:
        parts.append(
            f'<text x="{across(day):.1f}" y="{_HEIGHT - 12}" text-anchor="middle" '
            f'fill="#555">{day.isoformat()}</text>'
        )
    for line in _unbroken(chart.points):
        places = " ".join(f"{across(day):.1f},{down(value):.1f}" for day, value in line)
        parts.append(f'<polyline points="{places}" fill="none" stroke="#1f5f8b" stroke-width="2"/>')
        if len(line) == 1:
            day, value = line[0]
            parts.append(
                f'<circle cx="{across(day):.1f}" cy="{down(value):.1f}" r="3" fill="#1f5f8b"/>'
            )
    return "\n".join([*parts, "</svg>", ""])


def _unbroken(
    points: Sequence[tuple[date, date, float | None]],
) -> list[list[tuple[date, float]]]:
    lines: list[list[tuple[date, float]]] = [[]]
    for first, last, value in points:
        if value is None:
            lines.append([])
        else:
            lines[-1] += [(day, value) for day in sorted({first, last})]
    return [line for line in lines if line]


def _round_up(value: float) -> float:
    """Return a round number that is not smaller.

    >>> _round_up(37.0), _round_up(0.0)
    (40.0, 1.0)
    """
    if value <= 0:
        return 1.0
    unit = 1.0
    while value / unit > 10:
        unit *= 10
    while value / unit <= 1:
        unit /= 10
    return float(next(step for step in (1, 2, 4, 5, 6, 8, 10) if step * unit >= value) * unit)
