"""Engines in processes: several of Lacuna's at once, and stock Presidio in this one. Used by other benchmarks."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from lacuna.ports import Span
from lacuna.redaction import BenchOptions, Profile, Timing
from lacuna.redaction.bench.comparison import OurEngine, StockEngine, measured


def stock_engine() -> Callable[[Sequence[str]], list[tuple[Span, ...]]]:
    """Return stock Presidio, row by row, as a function from texts to their spans.

    Afterwards, nothing in this process fetches the list of public suffixes again.
    """
    return StockEngine(None, Profile.DEFAULT).load()


def measure_together(options: BenchOptions, shares: Sequence[Sequence[str]]) -> list[Timing]:
    """Run one process of the engine for each share of the texts, all at once.

    Raises:
        RedactionFailed: an engine failed.
    """
    loader = OurEngine(options.engine, options.language)
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as processes:
        return list(processes.map(measured, [loader] * len(shares), shares))
