"""Whether the redaction engine's memory stops growing: a million words that it never saw before.

    python benchmarks/redaction_soak.py [--tokens 1000000] [--per-text 20] [--profile exact|default]

Every text holds invented words, each of them once in the whole run, with a name, a number and an
address among them, so that every part of the engine has something to remember. Prints the size of
the process as it goes on, and ends with exit code 1 if the last quarter of the run still grew by
more than `--leeway` megabytes.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from lacuna.ports import Passage
from lacuna.redaction import EngineOptions, KnownValueMatcher, PresidioRedactor, Profile

_SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "ki",
    "lé",
    "mø",
    "ny",
    "pa",
    "qui",
    "ro",
    "så",
    "zé",
)
_BATCH = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--per-text", type=int, default=20)
    parser.add_argument("--profile", type=Profile, choices=list(Profile), default=Profile.DEFAULT)
    parser.add_argument("--leeway", type=float, default=30.0)
    arguments = parser.parse_args()
    options = EngineOptions(profile=arguments.profile)
    redactor = PresidioRedactor(KnownValueMatcher([]), options=options)
    redactor.redact([Passage("Ask John Smith at 221B Baker Street, or ring +44 20 7946 0958.")])
    print(f"loaded: {resident():.0f} MB")
    batches = max(1, arguments.tokens // (arguments.per_text * _BATCH))
    sizes = []
    began = time.process_time()
    for number, texts in enumerate(drawn(batches, arguments.per_text), 1):
        redactor.redact([Passage(text) for text in texts])
        sizes.append(resident())
        if number % max(1, batches // 20) == 0:
            tokens = number * _BATCH * arguments.per_text
            print(f"{tokens:9} words {time.process_time() - began:8.1f} CPU s {sizes[-1]:7.0f} MB")
    last = sizes[len(sizes) * 3 // 4 :]
    growth = last[-1] - last[0]
    print(f"growth over the last quarter: {growth:.1f} MB; largest: {max(sizes):.0f} MB")
    sys.exit(1 if growth > arguments.leeway else 0)


def drawn(batches: int, per_text: int) -> Iterator[list[str]]:
    """Yield texts of words that are all different, from a seed."""
    randomness = random.Random(7)
    word = 0
    for _ in range(batches):
        texts = []
        for _ in range(_BATCH):
            words = []
            for _ in range(per_text):
                words.append(spelled(word))
                word += 1
            first, second, last = words[0].title(), words[1].title(), words[-1]
            number = f"+44 20 {randomness.randrange(10**4):04} {randomness.randrange(10**4):04}"
            texts.append(
                f"I am {first} {second}, {' '.join(words[2:-1])}. Ring {number}, "
                f"or write to {last}@example.org, {randomness.randrange(200)} {second} Street"
            )
        yield texts


def spelled(number: int) -> str:
    """Return a word for a number: different numbers, different words."""
    parts: list[str] = []
    while number or not parts:
        number, rest = divmod(number, len(_SYLLABLES))
        parts.append(_SYLLABLES[rest])
    return "".join(parts)


def resident() -> float:
    """Return the size of this process in megabytes (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * 4096 / 1e6


if __name__ == "__main__":
    main()
