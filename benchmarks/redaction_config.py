"""Compare the redaction engine with stock Presidio on the same rows, in the same run.

    python benchmarks/redaction_config.py CORPUS.jsonl [--rows N] [--repeat 3]

CORPUS holds one JSON object with a `text` per line. Each engine reads all rows `repeat` times,
in turn; the median of the CPU seconds counts, because a shared machine steals wall time. Every
engine has the same model and threshold and is warmed up first. For a fair comparison the first
two lines know the phone numbers of the same eight countries; the last three are the engine as
it is used: more countries, European ids and street addresses, and for `redact` the second pass
over every text that was changed.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from importlib import metadata, resources
from pathlib import Path

import tldextract
from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine

from pipelines.ports import Passage
from pipelines.redaction import EngineOptions, KnownValueMatcher, PresidioRedactor, Profile
from pipelines.redaction.analyzer import Analyzer
from pipelines.redaction.options import DEFAULT_MODEL

Engine = Callable[[Sequence[str]], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--rows", type=int, default=None)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    with arguments.corpus.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines][: arguments.rows]
    characters = sum(map(len, texts))

    stock, ours = stock_engine(), as_stock()
    full = Analyzer(EngineOptions())
    redactor = PresidioRedactor(KnownValueMatcher([]), detector=full)
    engines: dict[str, Engine] = {
        "stock, default batch of 1": lambda rows: analyze(stock, rows, 1),
        "stock, batch of 256": lambda rows: analyze(stock, rows, 256),
        "configured, stock recognizers": lambda rows: ours.detect([(row, "en") for row in rows]),
        "configured, all recognizers": lambda rows: full.detect([(row, "en") for row in rows]),
        "redact(), all recognizers": lambda rows: redactor.redact([Passage(row) for row in rows]),
    }
    print(f"machine: {machine()}")
    print(f"corpus: {arguments.corpus.name}, {len(texts)} rows, {characters} characters")
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    for engine in engines.values():
        engine(texts[:20])
    for _ in range(arguments.repeat):
        for name, engine in engines.items():
            began = time.process_time()
            engine(texts)
            seconds[name].append(time.process_time() - began)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    slow, best = (medians[name] for name in list(engines)[:2])
    print(f"{'':31}{'CPU s':>8}{'rows/s':>9}{'kchar/s':>9}{'x batch 1':>11}{'x batch 256':>13}")
    for name, median in medians.items():
        print(
            f"{name:31}{median:8.2f}{len(texts) / median:9.1f}{characters / median / 1000:9.1f}"
            f"{slow / median:11.2f}{best / median:13.2f}"
        )
    same = sum(identical(stock, ours, texts))
    print(f"rows with the same entities and scores as stock: {same} of {len(texts)}")


def stock_engine() -> BatchAnalyzerEngine:
    # Stock Presidio fetches the list of public suffixes at the first address; here it may not.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    path = str(resources.files(DEFAULT_MODEL) / "_model")
    nlp_engine = SpacyNlpEngine([{"lang_code": "en", "model_name": path}])
    return BatchAnalyzerEngine(AnalyzerEngine(nlp_engine=nlp_engine))


def as_stock() -> Analyzer:
    """Return the configured engine with the recognizers of the stock one alone."""
    return Analyzer(EngineOptions(profile=Profile.EXACT))


def analyze(stock: BatchAnalyzerEngine, texts: Sequence[str], batch_size: int) -> list[object]:
    threshold = EngineOptions().score_threshold
    return stock.analyze_iterator(
        texts, language="en", batch_size=batch_size, score_threshold=threshold
    )


def identical(stock: BatchAnalyzerEngine, ours: Analyzer, texts: Sequence[str]) -> list[bool]:
    ignored = EngineOptions().ignored
    expected = [
        {
            (hit.start, hit.end, hit.entity_type, round(hit.score, 4))
            for hit in row
            if hit.entity_type not in ignored
        }
        for row in analyze(stock, texts, 256)
    ]
    found = [
        {(span.start, span.end, span.label, span.score) for span in row}
        for row in ours.detect([(text, "en") for text in texts])
    ]
    return [left == right for left, right in zip(expected, found, strict=True)]


def machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        if names:
            model = f"{len(names)} x {names[0]}"
    versions = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("presidio-analyzer", "spacy", "numpy")
    )
    return f"{model}; Python {platform.python_version()}; {versions}"


if __name__ == "__main__":
    main()
