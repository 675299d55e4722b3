"""The engine beside stock Presidio: the same rows, the same run, one core, a fresh process each.

A process of its own for each engine, one after the other: caches are empty at the start, the
peak of memory is that engine's alone, and neither profits from what the other warmed up. What is
timed is CPU seconds (another program on the machine steals wall time) of one pass over all rows;
loading the models, and compiling on the first call, lie outside and are reported.
"""

import gc
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib import metadata, resources
from multiprocessing import get_context
from pathlib import Path

from lacuna.errors import ConfigurationError, RedactionFailed
from lacuna.ports import Span
from lacuna.redaction.bench.scores import CorpusRow, Score, same_rows, score
from lacuna.redaction.options import DEFAULT_MODEL, EngineOptions, Profile

_BATCH_SIZES = (64, 256)
"""The batch sizes of which the best one counts for stock Presidio."""

# Read by every engine before its clock starts: models are loaded, code is compiled. Few words of
# a corpus are among them.
_WARM_UP = (
    "Dear Wilhelmina Quackenbush, write to quackenbush@example.org or ring +44 20 7946 0958.",
    "Card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00, 221B Baker Street, London.",
    "See https://www.example.org/?q=1 before 12 March 1985; the host is 192.168.12.45.",
    "hello",
    "",
)

_SpansPerText = list[tuple[Span, ...]]
_Engine = Callable[[Sequence[str]], _SpansPerText]


@dataclass(frozen=True)
class Timing:
    """One pass of an engine over all rows, in a process of its own.

    Attributes:
        engine: which one, e.g. `stock, batch of 256`.
        cpu_seconds: of the pass.
        load_seconds: CPU seconds before it, to import and to load the models.
        warm_up_seconds: CPU seconds of the first call, on a few lines: compilation.
        peak_bytes: the largest size of the process, from its start to the end of the pass.
    """

    engine: str
    cpu_seconds: float
    load_seconds: float
    warm_up_seconds: float
    peak_bytes: int
    found: tuple[tuple[Span, ...], ...] = field(repr=False, default=())


@dataclass(frozen=True)
class Comparison:
    """The engine and stock Presidio over one corpus.

    Attributes:
        ours: the pass whose CPU seconds are the median of all.
        stock: row by row, in the default batches of 1, and in larger ones.
        identical: rows with the same spans, labels and scores as the fastest stock engine.
    """

    name: str
    profile: Profile
    rows: int
    characters: int
    ours: Timing
    stock: tuple[Timing, ...]
    identical: int
    our_score: Score
    stock_score: Score

    @property
    def best(self) -> Timing:
        """The fastest setting of stock Presidio."""
        return min(self.stock, key=lambda timing: timing.cpu_seconds)

    def ratio(self, timing: Timing) -> float:
        """How many times as fast as `timing` the engine is."""
        return timing.cpu_seconds / self.ours.cpu_seconds


@dataclass(frozen=True)
class BenchOptions:
    """How engines are compared.

    Attributes:
        engine: of Lacuna's engine; stock Presidio has the default model, and the profile's phones.
        language: of all rows; stock Presidio reads every language as English.
        repeat: passes of the engine; the median counts. Stock gets one for each setting.
        batch_sizes: of stock Presidio, beside row by row and the default of 1.
    """

    engine: EngineOptions = field(default_factory=EngineOptions)
    language: str = "en"
    repeat: int = 3
    batch_sizes: tuple[int, ...] = _BATCH_SIZES


def compare(name: str, rows: Sequence[CorpusRow], options: BenchOptions) -> Comparison:
    """Run the engine and stock Presidio over the rows, and score both.

    Both get the same threshold, and leave out the same types: those of the engine's options.

    Raises:
        RedactionFailed: an engine failed.
    """
    texts = [row.text for row in rows]
    engine = OurEngine(options.engine, options.language)
    passes = [_timed(engine, texts)]
    sizes = (None, 1, *options.batch_sizes)
    stock = [_timed(StockEngine(size, options.engine.profile), texts) for size in sizes]
    passes += [_timed(engine, texts) for _ in range(options.repeat - 1)]
    ours = _median(passes)
    best = min(stock, key=lambda timing: timing.cpu_seconds)
    return Comparison(
        name,
        options.engine.profile,
        len(rows),
        sum(map(len, texts)),
        ours,
        tuple(stock),
        same_rows(ours.found, best.found),
        score(rows, ours.found),
        score(rows, best.found),
    )


def _median(passes: Sequence[Timing]) -> Timing:
    """Return the pass whose CPU seconds are the median of all, the lower one of two."""
    seconds = statistics.median_low(timing.cpu_seconds for timing in passes)
    return next(timing for timing in passes if timing.cpu_seconds == seconds)


def machine() -> str:
    """Describe the machine of the measurement: processor, Python and the libraries that count."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        model = f"{len(names)} x {names[0]}" if names else model
    versions = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("presidio-analyzer", "spacy", "numpy")
    )
    return f"{model}; Python {platform.python_version()}; {versions}"


@dataclass(frozen=True)
class OurEngine:
    """Loads the engine, in the process that is measured."""

    options: EngineOptions
    language: str

    @property
    def name(self) -> str:
        """The engine's name in results."""
        return f"lacuna, profile {self.options.profile}"

    def load(self) -> _Engine:
        """Load the models; return the engine."""
        from lacuna.redaction.analysis.analyzer import Analyzer

        analyzer = Analyzer(self.options)
        analyzer.load()
        return lambda texts: analyzer.detect([(text, self.language) for text in texts])


@dataclass(frozen=True)
class StockEngine:
    """Loads stock Presidio; `batch_size` None means row by row."""

    batch_size: int | None
    profile: Profile

    @property
    def name(self) -> str:
        """The engine's name in results."""
        if self.batch_size is None:
            return "stock, row by row"
        return f"stock, batch of {self.batch_size}"

    def load(self) -> _Engine:
        """Load the models; return the engine."""
        import tldextract
        from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine, RecognizerResult
        from presidio_analyzer.nlp_engine import SpacyNlpEngine

        # Stock Presidio fetches the list of public suffixes at the first address; here it may
        # not. The process ends with the measurement.
        vars(tldextract)["extract"] = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
        path = str(resources.files(DEFAULT_MODEL) / "_model")
        engine = AnalyzerEngine(
            nlp_engine=SpacyNlpEngine([{"lang_code": "en", "model_name": path}])
        )
        batches = BatchAnalyzerEngine(engine)
        options = EngineOptions(profile=self.profile)
        limit = options.score_threshold

        def analyze(texts: Sequence[str]) -> _SpansPerText:
            found: Iterable[list[RecognizerResult]]
            if self.batch_size is None:
                found = (engine.analyze(text, "en", score_threshold=limit) for text in texts)
            else:
                found = batches.analyze_iterator(
                    texts, language="en", batch_size=self.batch_size, score_threshold=limit
                )
            return [
                tuple(
                    Span(match.start, match.end, match.entity_type, round(match.score, 4))
                    for match in matches
                    if match.entity_type not in options.ignored
                )
                for matches in found
            ]

        return analyze


def _timed(loader: OurEngine | StockEngine, texts: Sequence[str]) -> Timing:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measured, loader, texts).result()


def measured(loader: OurEngine | StockEngine, texts: Sequence[str]) -> Timing:
    """Measure one pass: runs in a process of its own."""
    failure = ""
    try:
        return _pass(loader, texts)
    except ConfigurationError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it may quote the text
        failure = type(error).__name__
    raise RedactionFailed(
        f"bench: {loader.name} failed with {failure} on {len(texts)} texts; nothing was measured"
    )


def _pass(loader: OurEngine | StockEngine, texts: Sequence[str]) -> Timing:
    from threadpoolctl import threadpool_limits

    began = time.process_time()
    engine = loader.load()
    loaded = time.process_time()
    with threadpool_limits(limits=1):
        engine(_WARM_UP)
        warm = time.process_time()
        gc.collect()
        gc.freeze()
        start = time.process_time()
        found = engine(texts)
        end = time.process_time()
    return Timing(
        loader.name, end - start, loaded - began, warm - loaded, _peak_bytes(), tuple(found)
    )


def _peak_bytes() -> int:
    status = Path("/proc/self/status")
    if status.exists():
        # Not from `getrusage`: on Linux that goes on from the parent's size.
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
