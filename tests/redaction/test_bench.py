"""The comparison with stock Presidio: fresh processes, the same rows, both scored."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from benchmarks import _engine_processes
from benchmarks._engine_processes import measure_together
from lacuna.errors import RedactionFailed
from lacuna.ports import Span
from lacuna.redaction.bench import comparison as module
from lacuna.redaction.bench.comparison import (
    BenchOptions,
    Timing,
    compare,
)
from lacuna.redaction.bench.scores import AnnotatedSpan, CorpusRow
from lacuna.redaction.options import EngineOptions, Profile

ROWS = (
    CorpusRow("Please ask John Smith about it.", (AnnotatedSpan(11, 21, "PERSON"),)),
    CorpusRow("I live at 221B Baker Street, London.", (AnnotatedSpan(10, 27, "ADDRESS"),)),
    CorpusRow("Where is my parcel?"),
)


@dataclass(frozen=True)
class Spending:
    """An engine of known cost: as many loops as the text says, and one span."""

    name: str = "spending"

    def load(self):
        def engine(texts: Sequence[str]) -> list[tuple[Span, ...]]:
            for text in texts:
                sum(range(int(text) if text.isdigit() else 0))
            return [(Span(0, 1, str(os.getpid()), 1.0),) for _ in texts]

        return engine


@dataclass(frozen=True)
class Broken:
    name: str = "broken"

    def load(self):
        def engine(texts: Sequence[str]) -> list[tuple[Span, ...]]:
            if "canary" in texts:
                raise ValueError(texts)
            return [() for _ in texts]

        return engine


@pytest.mark.long
def test_engine_and_stock_read_the_same_rows_and_both_are_scored() -> None:
    options = BenchOptions(repeat=1, batch_sizes=(2,))
    comparison = compare("three", ROWS, options)
    assert [timing.engine for timing in comparison.stock] == [
        "stock, row by row",
        "stock, batch of 1",
        "stock, batch of 2",
    ]
    assert (comparison.rows, comparison.characters) == (3, sum(len(row.text) for row in ROWS))
    assert comparison.best in comparison.stock
    ours = {one.kind: one for one in comparison.our_score.kinds}
    stock = {one.kind: one for one in comparison.stock_score.kinds}
    assert (ours["PERSON"].recall, stock["PERSON"].recall) == (1.0, 1.0)
    assert ours["ADDRESS"].coverage == 1.0
    assert stock["ADDRESS"].coverage < 1.0
    assert comparison.our_score.quiet_covered == comparison.stock_score.quiet_covered == 0
    # The two do not share the street address, nor how sure they are of a name.
    assert comparison.identical == 1


@pytest.mark.long
def test_the_exact_profile_finds_what_stock_finds() -> None:
    options = BenchOptions(EngineOptions(profile=Profile.EXACT), repeat=1, batch_sizes=())
    assert compare("three", ROWS, options).identical == 3


@pytest.mark.thorough
def test_each_measurement_has_a_process_of_its_own() -> None:
    first, second = (module._timed(Spending(), ["1"]) for _ in range(2))
    labels = {timing.found[0][0].label for timing in (first, second)}
    assert len(labels) == 2
    assert str(os.getpid()) not in labels


@pytest.mark.thorough
def test_the_processor_time_of_the_pass_alone_is_measured() -> None:
    little, much = (module._timed(Spending(), [text]) for text in ("10", "30000000"))
    assert much.cpu_seconds > little.cpu_seconds
    assert much.peak_bytes > 1_000_000


def test_an_engine_that_fails_is_named_without_its_texts() -> None:
    with pytest.raises(RedactionFailed, match="broken failed with ValueError on 1 texts") as error:
        module._timed(Broken(), ["canary"])
    assert "canary" not in str(error.value)
    assert "canary" not in str(error.value.__cause__)


def test_the_median_of_several_passes_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([5.0, 9.0, 8.0, 1.0, 3.0])

    def timed(loader: object, texts: Sequence[str]) -> Timing:
        return Timing(str(loader), next(seconds), 0, 0, 0, tuple(() for _ in texts))

    monkeypatch.setattr(module, "_timed", timed)
    comparison = compare("three", ROWS, BenchOptions(batch_sizes=()))
    assert comparison.ours.cpu_seconds == 3.0
    assert [timing.cpu_seconds for timing in comparison.stock] == [9.0, 8.0]
    assert comparison.best.cpu_seconds == 8.0
    assert comparison.ratio(comparison.best) == 8.0 / 3.0


@pytest.mark.thorough
def test_processes_at_once_are_all_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_engine_processes, "OurEngine", lambda *_: Spending())
    timings = measure_together(BenchOptions(), [["1"], ["2"]])
    assert len(timings) == 2
    assert len({timing.found[0][0].label for timing in timings}) == 2


def test_a_timing_prints_no_spans() -> None:
    timing = Timing("x", 1.0, 1.0, 1.0, 1, ((Span(0, 1, "PERSON", 1.0),),))
    assert "PERSON" not in repr(timing)
