"""Makes the weights of the second opinion on mails from the texts in `scripts/request_corpus`.

    .venv/bin/python -m scripts.train_opinion

The same texts give the same weights; `tests/request/test_opinion.py` compares them with those in
the package. No mail of the tests is among the texts, and none may be added: what they measure is
how well the model reads what it has not seen.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from pipelines.request import opinion
from pipelines.request.opinion import LABELS, SIZE, features, readable
from pipelines.request.words import WORDBOOKS
from pipelines.request.words.matching import Sentence

CORPUS = Path(__file__).parent / "request_corpus"
TARGET = Path(opinion.__file__).parent / opinion.WEIGHTS

_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"(\w+) = (.+)")
_SEED = 1
_MOST_FORMS = 5
"""Sentences that are drawn from a line with alternatives."""
_OF_ONE_FORM = 2
"""How often a line without alternatives is taken: alone, it may be, and with another one."""
_HAS_BEFORE = 0.5
_HAS_MORE = 0.35
"""Shares of the sentences that stand after another one, and in one with another one."""
_PENALTY = 5e-6
_ROUNDS = 120


@dataclass(frozen=True)
class Example:
    """A sentence with what it says; `line` is where it was drawn from, `before` what precedes it."""

    language: str
    line: tuple[Path, int]
    labels: frozenset[str]
    sentence: Sentence
    before: tuple[str, ...]


def train(corpus: Path = CORPUS) -> dict[str, np.ndarray]:
    """Return the weights as they are stored: a byte each, the scale of each label, its constant."""
    examples = list(_examples(corpus))
    rows = [features(one.sentence, one.before, _books(one.language)) for one in examples]
    ends = np.cumsum([0, *(len(numbers) for numbers, _ in rows)])
    inputs = sp.csr_matrix(
        (
            np.concatenate([values for _, values in rows]),
            np.concatenate([numbers for numbers, _ in rows]),
            ends,
        ),
        shape=(len(rows), SIZE),
    )
    wanted = np.array([[label in one.labels for label in LABELS] for one in examples])
    weights, bias = _fitted(inputs, wanted, _shares(examples))
    scale = np.abs(weights).max(axis=0) / 127
    return {
        "weights": np.round(weights / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "bias": bias.astype(np.float32),
    }


def _fitted(
    inputs: sp.csr_matrix, wanted: np.ndarray, shares: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and constants of a logistic regression for each label, ridge-penalized.

    What stands in few sentences says more than what stands in many: its weight is penalized less.
    """
    labels = wanted.shape[1]
    signs = np.where(wanted, 1.0, -1.0)
    rare = np.log(len(wanted) / np.maximum(1, np.bincount(inputs.indices, minlength=SIZE))) ** 0.5
    rare /= np.sqrt((rare[inputs.indices] ** 2).mean())
    inputs = (inputs @ sp.diags(rare)).tocsr()
    turned = inputs.T.tocsr()

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights, bias = flat[: SIZE * labels].reshape(SIZE, labels), flat[SIZE * labels :]
        margins = (inputs @ weights + bias) * signs
        slopes = -signs * shares / (1 + np.exp(margins))
        total = (np.logaddexp(0, -margins) * shares).sum() + _PENALTY * (weights**2).sum()
        steepest = turned @ slopes + 2 * _PENALTY * weights
        return float(total), np.concatenate((steepest.ravel(), slopes.sum(axis=0)))

    found = minimize(
        loss,
        np.zeros(SIZE * labels + labels),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _ROUNDS, "maxcor": 5},
    ).x
    weights, bias = found[: SIZE * labels].reshape(SIZE, labels), found[SIZE * labels :]
    return weights * rare[:, None], bias


def _shares(examples: list[Example]) -> np.ndarray:
    """Return the weight of each example: a line with many forms counts more than one, not as many."""
    counts = Counter(one.line for one in examples)
    shares = np.array([counts[one.line] ** -0.5 for one in examples])
    return (shares / shares.sum())[:, None]


def _books(language: str) -> list:
    # What stands in mails of every language is met with the words of any of them.
    return [book for book in WORDBOOKS if book.language == language] or list(WORDBOOKS[:8])


def _examples(corpus: Path) -> Iterator[Example]:
    chance = random.Random(_SEED)  # noqa: S311 - the same sentences every time
    for file in sorted(corpus.rglob("*.txt")):
        texts = list(lines(file))
        idle = [(labels, text) for labels, text in texts if labels <= {"ordinary"}]
        for number, (labels, text) in enumerate(texts):
            drawn = forms(text, _MOST_FORMS, chance)
            for form in drawn if len(drawn) > 1 else drawn * _OF_ONE_FORM:
                context, _, said = form.rpartition("||")
                sentence, said_too = _joined(said), labels
                before = _joined(context).words
                if not context and chance.random() < _HAS_BEFORE:
                    _, other = chance.choice(idle)
                    before = _joined(forms(other, 1, chance)[0].replace("||", " ")).words
                if not context and file.stem != "any" and chance.random() < _HAS_MORE:
                    more, other = chance.choice(idle)
                    beside = _joined(forms(other, 1, chance)[0].replace("||", " "))
                    pair = (
                        (beside, sentence)
                        if chance.random() < _HAS_MORE * 2
                        else (sentence, beside)
                    )
                    sentence, said_too = _chained(*pair), labels | more
                yield Example(file.stem, (file, number), frozenset(said_too), sentence, before)


def lines(file: Path) -> Iterator[tuple[frozenset[str], str]]:
    """Yield the texts of a file, slots filled in, with what they say.

    Raises:
        ValueError: a heading names something that no sentence can say.
    """
    slots: dict[str, str] = {}
    labels: frozenset[str] | None = None
    for line in file.read_text("utf-8").splitlines():
        slot = _SLOT.fullmatch(line)
        if line.startswith("["):
            labels = frozenset(line.strip("[]").split()) - {"none"}
            if labels - set(LABELS):
                raise ValueError(f"{file.name}: {line} is none of {', '.join(LABELS)}")
        elif labels is None and slot is not None:
            slots[slot[1]] = slot[2]
        elif labels is not None and line.strip():
            yield labels, _CHOICE.sub(lambda at: "{" + slots.get(at[1], at[1]) + "}", line)


def forms(text: str, most: int, chance: random.Random | None = None) -> list[str]:
    """Draw texts from one with alternatives, each once, at most that many."""
    chance = chance or random.Random(_SEED)  # noqa: S311
    parts = _CHOICE.split(text)
    found: dict[str, None] = {}
    for _ in range(3 * most):
        drawn = (
            chance.choice(part.split("|")) if position % 2 else part
            for position, part in enumerate(parts)
        )
        found["".join(drawn)] = None
        if len(found) == most:
            break
    return sorted(found)


def _joined(text: str) -> Sentence:
    return _chained(*readable(text))


def _chained(*sentences: Sentence) -> Sentence:
    words: list[str] = []
    clauses: list[int] = []
    for one in sentences:
        first = clauses[-1] + 1 if clauses else 0
        words += one.words
        clauses += [first + clause for clause in one.clauses]
    return Sentence(tuple(words), tuple(clauses))


def main() -> None:
    """Train, and write the file into the package."""
    made = train()
    with TARGET.open("wb") as file:
        np.savez_compressed(file, **made)
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
