"""How a comparison of redaction engines is shown: tables for people, a document for machines."""

from collections.abc import Mapping

from lacuna.cli.output import say
from lacuna.redaction import Comparison, KindScore, Score, Timing


def comparison_document(comparison: Comparison) -> Mapping[str, object]:
    """Return a comparison as other programs read it; no text is in it."""
    return {
        "corpus": comparison.name,
        "rows": comparison.rows,
        "characters": comparison.characters,
        "identical_rows": comparison.identical,
        "engines": [
            {
                "engine": timing.engine,
                "cpu_seconds": timing.cpu_seconds,
                "rows_per_second": comparison.rows / timing.cpu_seconds,
                "times_as_fast": comparison.ratio(timing),
                "load_seconds": timing.load_seconds,
                "warm_up_seconds": timing.warm_up_seconds,
                "peak_bytes": timing.peak_bytes,
            }
            for timing in _timings(comparison)
        ],
        "best_stock": comparison.best.engine,
        "kinds": [
            {
                "kind": ours.kind,
                "annotated": ours.annotated,
                "ours": _rates(ours),
                "stock": _rates(stock),
            }
            for ours, stock in _pairs(comparison.our_score, comparison.stock_score)
        ],
        "without_personal_data": {
            "rows": comparison.our_score.quiet_rows,
            "characters": comparison.our_score.quiet_characters,
            "covered_by_ours": comparison.our_score.quiet_covered,
            "covered_by_stock": comparison.stock_score.quiet_covered,
        },
    }


def show_comparison(comparison: Comparison) -> None:
    """Print a comparison as two tables and two sentences."""
    say(f"\n{comparison.name}: {comparison.rows} rows, {comparison.characters} characters")
    say(f"{'':22}{'CPU s':>9}{'rows/s':>9}{'lacuna is':>11}{'load s':>8}{'1st call':>10}{'MB':>7}")
    for timing in _timings(comparison):
        ratio = "" if timing is comparison.ours else f"{comparison.ratio(timing):.1f} x"
        say(
            f"{timing.engine:22}{timing.cpu_seconds:9.2f}"
            f"{comparison.rows / timing.cpu_seconds:9.0f}{ratio:>11}{timing.load_seconds:8.1f}"
            f"{timing.warm_up_seconds:10.1f}{timing.peak_bytes / 1e6:7.0f}"
        )
    _show_rates("stock", comparison.our_score, comparison.stock_score)
    say(
        f"Rows with the same spans, labels and scores as stock: {comparison.identical} of "
        f"{comparison.rows} ({comparison.identical / comparison.rows:.2%})"
    )
    say(
        f"Rows without personal data: {comparison.our_score.quiet_rows}; characters covered in "
        f"them: stock {_share(comparison.stock_score)}, lacuna {_share(comparison.our_score)}"
    )


def _show_rates(other: str, ours: Score, others: Score) -> None:
    say(f"{'':30}{'recall':>16}{'covered':>16}{'precision':>16}")
    say(f"{'':20}{'annotated':>10}" + 3 * f"{other:>8}{'lacuna':>8}")
    for mine, its in _pairs(ours, others):
        rates = (
            *(its.recall, mine.recall),
            *(its.coverage, mine.coverage),
            *(its.precision, mine.precision),
        )
        shown = "".join("       -" if rate is None else f"{rate:8.3f}" for rate in rates)
        say(f"{mine.kind:20}{mine.annotated:10}{shown}")


def _timings(comparison: Comparison) -> tuple[Timing, ...]:
    return comparison.ours, *comparison.stock


def _pairs(ours: Score, others: Score) -> list[tuple[KindScore, KindScore]]:
    return list(zip(ours.kinds, others.kinds, strict=True))


def _rates(score: KindScore) -> Mapping[str, float | int | None]:
    return {
        "recall": score.recall,
        "coverage": score.coverage,
        "precision": score.precision,
        "detected": score.detected,
    }


def _share(score: Score) -> str:
    share = score.quiet_covered / score.quiet_characters if score.quiet_characters else 0.0
    return f"{score.quiet_covered} ({share:.2%})"
