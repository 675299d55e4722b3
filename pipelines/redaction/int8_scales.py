"""How large the values of each channel get: measured once, kept in the package, tied to the model.

`python -m scripts.int8_scales` measures them anew, on texts that are drawn from the words of the model
itself.
"""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt
import spacy.attrs
from spacy.language import Language

from pipelines.errors import ConfigurationError
from pipelines.redaction import loops
from pipelines.redaction.network import Network, network_of
from pipelines.redaction.options import INT8_SCALES
from pipelines.redaction.tables import Embedder

F32 = npt.NDArray[np.float32]

_ROOM = 1.35
_TEXTS = 4_000
_SHARE_OF_STOP_WORDS = 0.4
_BETWEEN = (*[" "] * 8, ", ", ". ", " - ", "\n", "! ", "? ", ": ", " (", ") ", "/", "'s ")


@dataclass(frozen=True)
class Scales:
    """The largest value of each channel, and of which model.

    Attributes:
        digest: of the weights they were measured on, SHA-256 hex.
        ranges: of what goes into the layers 1 to 4, and into the product behind them.
    """

    digest: str
    ranges: tuple[F32, ...]


def scales_of(nlp: Language) -> Scales:
    """Return the scales that the package holds for this very model.

    Raises:
        ConfigurationError: they were measured on other weights.
    """
    kept = json.loads((resources.files(__package__) / INT8_SCALES).read_bytes())
    digest = digest_of(nlp)
    if kept["digest"] != digest:
        raise ConfigurationError(
            f"redaction: int8 was measured for the weights {kept['digest'][:12]} of "
            f"{kept['model']} {kept['version']}; installed are {digest[:12]}. Install that "
            "version, measure anew (python -m scripts.int8_scales), or leave int8 off"
        )
    return Scales(digest, tuple(np.array(each, np.float32) for each in kept["ranges"]))


def digest_of(nlp: Language) -> str:
    """Return the SHA-256 hex of the weights, vectors and labels of a model's name finder.

    Of what the model holds, not of what is computed from it: that may differ in its last bit
    between two machines.
    """
    names = nlp.get_pipe("ner")
    digest = hashlib.sha256(repr(tuple(names.labels)).encode())  # type: ignore[attr-defined]

    def add(name: str, array: npt.NDArray[np.generic]) -> None:
        digest.update(repr((name, array.shape, array.dtype.str)).encode())
        digest.update(np.ascontiguousarray(array).data)

    for node in names.model.walk():  # type: ignore[attr-defined]
        for name in sorted(node.param_names):
            if node.has_param(name):
                add(f"{node.name} {name}", np.asarray(node.get_param(name)))
    vectors = nlp.vocab.vectors
    pairs = np.array(list(vectors.key2row.items()), np.uint64).reshape(-1, 2)
    add("vectors", np.asarray(vectors.data))
    add("keys", pairs[np.argsort(pairs[:, 0])])
    return digest.hexdigest()


# --- measuring ------------------------------------------------------------------------------------


def measured(nlp: Language) -> Scales:
    """Measure the scales of a model, with room for what is larger than anything measured."""
    network = network_of(nlp)
    texts = list(drawn_texts(nlp, _TEXTS))
    ranges = [np.asarray(largest * _ROOM, np.float32) for largest in _largest(nlp, network, texts)]
    return Scales(digest_of(nlp), tuple(ranges))


def drawn_texts(nlp: Language, count: int) -> Iterator[str]:
    """Yield texts of the model's own words, of its stop words and of numbers, from a seed."""
    draw = random.Random(7)  # noqa: S311 - everybody measures the same texts
    strings = nlp.vocab.strings
    words = sorted(strings[key] for key in nlp.vocab.vectors.key2row if key in strings)
    common = sorted(nlp.Defaults.stop_words)
    for _ in range(count):
        text = ""
        for _ in range(draw.randint(3, 40)):
            word = draw.choice(common if draw.random() < _SHARE_OF_STOP_WORDS else words)
            look = draw.random()
            if look < 0.15:
                word = word.capitalize()
            elif look < 0.2:
                word = word.upper()
            elif look < 0.3:
                word = str(draw.randrange(10 ** draw.randint(1, 8)))
            text += word + draw.choice(_BETWEEN)
        yield text


def _largest(nlp: Language, network: Network, texts: Sequence[str]) -> list[F32]:
    """Return the largest value of each channel that the layers get, computed without bytes."""
    embedder = Embedder(nlp, network.embedding)
    columns = [*network.embedding.columns, spacy.attrs.ORTH]
    largest = [np.zeros(loops.WIDTH, np.float32) for _ in range(len(network.layers) + 1)]
    for text in texts:
        with nlp.memory_zone():
            features = np.asarray(nlp.tokenizer(text).to_array(columns), np.uint64)
        tokens = len(features)
        rows = np.zeros((tokens + 2 * loops.PAD, loops.WIDTH), np.float32)
        embedder.embed(features[:, :-1], features[:, -1], rows[loops.PAD : loops.PAD + tokens])
        for number, layer in enumerate(network.layers):
            np.maximum(largest[number], np.abs(rows).max(axis=0), out=largest[number])
            wide = np.pad(rows, ((1, 1), (0, 0)))
            before, here, after = layer.plain
            pieces = wide[:-2] @ before + rows @ here + wide[2:] @ after + layer.bias
            most = pieces.reshape(len(rows), loops.PIECES, loops.WIDTH).max(axis=1)
            spread = np.sqrt(most.var(axis=1, keepdims=True) + 1e-8)
            normed = (most - most.mean(axis=1, keepdims=True)) / spread
            rows = rows + normed * layer.gain + layer.shift
        tail = rows[loops.PAD : loops.PAD + tokens]
        np.maximum(largest[-1], np.abs(tail).max(axis=0), out=largest[-1])
    return largest
