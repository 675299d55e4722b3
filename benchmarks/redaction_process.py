"""Compare whole processes: `lacuna redact` on a file, and stock Presidio on the same rows, start included.

    python -m benchmarks.redaction_process FILE [--rows 1 --rows 50000 …] [--stock-rows 5000] [--repeat 3]

FILE is JSON lines with a member `text`; rows are drawn from it in order, again and again where it has too
few. The first start of each engine, which compiles, is not counted. Stock Presidio reads row by
row, and at most `--stock-rows` of them: for more, the time of a row more is taken for each.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

from benchmarks._engine_processes import stock_engine

COMMAND = Path(sys.executable).with_name("lacuna")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--stock-rows", type=int, default=5_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--stock", action="store_true", help="be the process of stock Presidio")
    arguments = parser.parse_args()
    if arguments.stock:
        find = stock_engine()
        find([json.loads(line)["text"] for line in arguments.file.open()])
        return
    lines = arguments.file.read_text("utf-8").splitlines(keepends=True)
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.jsonl"

        def seconds(rows: int, *command: object) -> float:
            sample.write_text("".join(islice(cycle(lines), rows)))
            return measured([*command, sample])

        ours = [COMMAND, "redact", "--language", "en", "--output", Path(folder) / "out.jsonl"]
        stock = [sys.executable, "-m", "benchmarks.redaction_process", "--stock"]
        seconds(1, *ours)
        one = statistics.median(seconds(1, *stock) for _ in range(arguments.repeat))
        many = seconds(arguments.stock_rows, *stock)
        each = (many - one) / (arguments.stock_rows - 1)
        for rows in arguments.rows or [1]:
            took = statistics.median(seconds(rows, *ours) for _ in range(arguments.repeat))
            other = one + each * (rows - 1)
            print(
                f"{rows} rows: lacuna {took:.2f} CPU s, stock {other:.2f}, {other / took:.1f} x",
                flush=True,
            )


def measured(command: list[object]) -> float:
    """Return the CPU seconds that a process takes from its start to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 - its own command and file
        [*map(str, command)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
