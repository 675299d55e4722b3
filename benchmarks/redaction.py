"""Compare the redaction engine with stock Presidio on five public corpora and their mix.

    python -m benchmarks.redaction FOLDER [--profile exact|default] [--repeat 3] [--mix-only] [--without-encoder]
                                          [--processes] [--json FILE]

FOLDER holds the corpora named in CORPORA as JSON lines with annotated spans. The mix is all rows of
three of them and rows of two drawn with seed 7, shuffled; each corpus is measured by itself too,
with the rows that it gives to the mix. What is timed, and how, says `pipelines/lacuna/redaction/bench/comparison.py`.

`--processes` measures, instead, how much more one core does alone than each of two at once.
"""

import argparse
import json
import random
from pathlib import Path

from benchmarks._engine_processes import measure_together
from lacuna.cli.comparison import comparison_document, show_comparison
from lacuna.redaction import (
    BenchOptions,
    CorpusRow,
    EngineOptions,
    Profile,
    compare,
    drawn,
    machine,
    read_corpus,
)

CORPORA = {
    "ewt_a": None,
    "synth_large": None,
    "tab_train_paragraphs": None,
    "sgd_dev_utterances": 3_000,
    "sgd_dev_dialogues": 150,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--profile", type=Profile, choices=list(Profile), default=Profile.DEFAULT)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--without-encoder", action="store_true")
    parser.add_argument("--mix-only", action="store_true")
    parser.add_argument("--processes", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    corpora = {
        name: drawn(read_corpus(arguments.folder / f"{name}.jsonl"), limit)
        for name, limit in CORPORA.items()
    }
    mix = shuffled([row for rows in corpora.values() for row in rows])
    options = BenchOptions(
        EngineOptions(profile=arguments.profile, encoder=not arguments.without_encoder),
        repeat=arguments.repeat,
    )
    print(f"machine: {machine()}; profile {arguments.profile}")
    if arguments.processes:
        show_processes(mix, options)
        return
    documents = []
    wanted = {"mix": mix} | ({} if arguments.mix_only else corpora)
    for name, rows in wanted.items():
        comparison = compare(name, rows, options)
        show_comparison(comparison)
        documents.append(comparison_document(comparison))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(documents, indent=2), encoding="utf-8")


def shuffled(rows: list[CorpusRow]) -> list[CorpusRow]:
    random.Random(7).shuffle(rows)
    return rows


def show_processes(rows: list[CorpusRow], options: BenchOptions) -> None:
    """Print the CPU throughput of two processes at once, in processes alone."""
    texts = [row.text for row in rows]
    alone = min(measure_together(options, [texts])[0].cpu_seconds for _ in range(options.repeat))
    for _ in range(options.repeat):
        pair = [timing.cpu_seconds for timing in measure_together(options, [texts, texts])]
        throughput = sum(alone / seconds for seconds in pair)
        seconds = " and ".join(f"{one:.2f}" for one in pair)
        print(f"alone {alone:.2f} CPU s, at once {seconds} CPU s: {throughput:.2f} x one process")


if __name__ == "__main__":
    main()
