"""The weights of spaCy's name finder, taken out of a loaded model whose shape is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import spacy.attrs
from spacy.language import Language

from lacuna.redaction.fast.loops import (
    BEGIN,
    HIDDEN,
    INSIDE,
    LAST,
    OTHER,
    OUTSIDE,
    PIECES,
    UNIT,
    WIDE,
    WIDTH,
)
from lacuna.redaction.model_packages import name_finders

F32 = npt.NDArray[np.float32]
U64 = npt.NDArray[np.uint64]
_DEPTH = 4
_KINDS = {"B": BEGIN, "I": INSIDE, "L": LAST, "U": UNIT}

if TYPE_CHECKING:
    from thinc.api import Model

    AnyModel = Model[object, object]


class OtherArchitecture(Exception):
    """A model is built in another way than the loops here compute; spaCy itself reads the texts."""


@dataclass(frozen=True)
class Convolution:
    """One layer over a token and its two neighbors: maxout of three, layer norm, residual.

    Attributes:
        filters: six matrices for the six transformed rows of a tile: sides x in x out.
        plain: the three matrices for the token before, the token and the token after.
    """

    filters: F32
    plain: tuple[F32, F32, F32]
    bias: F32
    gain: F32
    shift: F32


@dataclass(frozen=True)
class Embedding:
    """What a token is before its neighbors count: hashed features and a word vector, mixed."""

    columns: tuple[int, ...]
    tables: tuple[tuple[int, F32], ...]
    vectors: F32 | None
    mix: F32
    bias: F32
    gain: F32
    shift: F32


@dataclass(frozen=True)
class Transitions:
    """How entities are built token by token: arrays over all transitions, or over all labels."""

    labels: tuple[str, ...]
    kinds: npt.NDArray[np.uint8]
    label_of: npt.NDArray[np.int32]
    inside: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Network:
    """The weights of a name finder; the products that never change are computed once."""

    embedding: Embedding
    layers: tuple[Convolution, ...]
    own: F32
    own_bias: F32
    others: F32
    others_bias: F32
    hidden_bias: F32
    outside_bias: F32
    output: F32
    output_bias: F32
    transitions: Transitions


def network_of(nlp: Language) -> Network:
    """Return the weights of a pipeline's name finder.

    Raises:
        OtherArchitecture: it is not the network of spaCy's small and medium models.
    """
    finders = name_finders(nlp)
    _demand(len(finders) == 1, "not one component that finds names")
    names = nlp.get_pipe(finders[0])
    model: AnyModel = names.model  # type: ignore[attr-defined]
    _demand(type(names).__name__ == "EntityRecognizer", "another component")
    _demand(model.name == "parser_model" and len(model.layers) == 3, "another parser")
    _demand(names.cfg.get("beam_width", 1) == 1, "a beam search")  # type: ignore[attr-defined]
    _demand(not model.attrs.get("unseen_classes"), "unseen classes")
    reading, lower, upper = model.layers
    _demand(lower.name == "precomputable_affine" and upper.name == "linear", "another parser")
    weights = _array(lower, "W")
    _demand(weights.shape == (3, HIDDEN, 2, HIDDEN), "another hidden layer")
    tok2vec, narrow = reading.layers[0], reading.layers[-1]
    heard: list[AnyModel] = [
        pipe.model  # type: ignore[attr-defined]
        for _, pipe in nlp.pipeline
        if tok2vec in getattr(pipe, "listeners", ())
    ]
    _demand(len(nlp.pipe_names) == 1 + len(heard) < 3, "other components")
    tok2vec = heard[0] if heard else tok2vec
    _demand(all(map(tok2vec.has_ref, ("embed", "encode"))), "another embedding")
    _demand(narrow.name == "linear" and _array(narrow, "W").shape == (HIDDEN, WIDTH), "no linear")
    # Both steps are linear: one matrix does for them. In double precision, as it is done once.
    wide = weights.reshape(-1, HIDDEN).astype(np.float64)
    folded = _flat((wide @ _array(narrow, "W").astype(np.float64)).T)
    folded_bias = _flat(wide @ _array(narrow, "b").astype(np.float64))
    pad = _array(lower, "pad").reshape(-1)
    hidden_bias = _flat(_array(lower, "b").reshape(-1))
    own = 2 * HIDDEN
    return Network(
        embedding=_embedding(tok2vec.get_ref("embed")),
        layers=_layers(tok2vec.get_ref("encode")),
        own=_flat(folded[:, :own]),
        own_bias=_flat(folded_bias[:own]),
        others=_flat(folded[:, own:]),
        others_bias=_flat(folded_bias[own:]),
        hidden_bias=hidden_bias,
        outside_bias=_flat(folded_bias[:own] + pad[own : 2 * own] + pad[2 * own :] + hidden_bias),
        output=_flat(_array(upper, "W").T),
        output_bias=_flat(_array(upper, "b")),
        transitions=_transitions(
            [names.moves.get_class_name(at) for at in range(names.moves.n_moves)]  # type: ignore[attr-defined]
        ),
    )


def _layers(encode: "AnyModel") -> tuple[Convolution, ...]:
    parts = [part for part in encode.walk() if part.name in ("maxout", "layernorm")]
    windows = [part for part in encode.walk() if part.name == "expand_window"]
    residuals = [part for part in encode.walk() if part.name.startswith("residual(")]
    _demand([part.name for part in parts] == ["maxout", "layernorm"] * _DEPTH, "other layers")
    _demand([part.attrs["window_size"] for part in windows] == [1] * _DEPTH, "other windows")
    # The sequence of all residual layers has a name that begins alike.
    _demand(len([part for part in residuals if len(part.layers) == 1]) == _DEPTH, "no residuals")
    _demand(encode.attrs.get("pad") == _DEPTH, "another padding")
    layers = []
    for maxout, norm in zip(parts[::2], parts[1::2], strict=True):
        weights = _array(maxout, "W")
        _demand(weights.shape == (WIDTH, PIECES, 3 * WIDTH), "another width")
        before, here, after = (
            weights.transpose(1, 0, 2).reshape(WIDE, 3 * WIDTH).T.reshape(3, WIDTH, WIDE)
        )
        # In double precision, as it is done once. Source: as `before_products` in loops.
        g = [one.astype(np.float64) for one in (before, here, after)]
        ends = g[0] + g[2]
        far = g[0] + 4 * g[2]
        filters = np.array(
            [
                g[0] / 4,
                -(ends + g[1]) / 6,
                -(ends - g[1]) / 6,
                (far + 2 * g[1]) / 24,
                (far - 2 * g[1]) / 24,
                g[2],
            ],
            np.float32,
        )
        layers.append(
            Convolution(
                filters=filters,
                plain=(_flat(before), _flat(here), _flat(after)),
                bias=_flat(_array(maxout, "b").T.reshape(-1)),
                gain=_flat(_array(norm, "G")),
                shift=_flat(_array(norm, "b")),
            )
        )
    return tuple(layers)


def _embedding(embed: "AnyModel") -> Embedding:
    hashed = [part for part in embed.walk() if part.name == "hashembed"]
    features = [part for part in embed.walk() if part.name == "extract_features"]
    vectors = [part for part in embed.walk() if part.name == "static_vectors"]
    maxouts = [part for part in embed.walk() if part.name == "maxout"]
    norms = [part for part in embed.walk() if part.name == "layernorm"]
    _demand(len(features) == len(maxouts) == len(norms) == 1, "another embedding")
    columns = tuple(int(getattr(spacy.attrs, str(c))) for c in features[0].attrs["columns"])
    places = [part.attrs["index"] for part in embed.walk() if part.name == "ints-getitem"]
    _demand(len(hashed) == len(columns), "another embedding")
    _demand([place[1] for place in places] == list(range(len(columns))), "other features")
    _demand(len(vectors) <= 1, "more than one table of vectors")
    if vectors:
        _demand(
            vectors[0].attrs["key_attr"] in ("ORTH", spacy.attrs.ORTH), "vectors of something else"
        )
    weights = _array(maxouts[0], "W")
    _demand(weights.shape[:2] == (WIDTH, PIECES), "another embedding")
    return Embedding(
        columns=columns,
        tables=tuple((int(part.attrs["seed"]), _array(part, "E")) for part in hashed),
        vectors=_flat(_array(vectors[0], "W").T) if vectors else None,
        mix=_flat(weights.transpose(1, 0, 2).reshape(WIDE, weights.shape[2]).T),
        bias=_flat(_array(maxouts[0], "b").T.reshape(-1)),
        gain=_flat(_array(norms[0], "G")),
        shift=_flat(_array(norms[0], "b")),
    )


def _transitions(names: Sequence[str]) -> Transitions:
    labels = tuple(sorted({name[2:] for name in names if name[1:2] == "-" and name[2:]}))
    numbers = {label: number for number, label in enumerate(labels)}
    kinds = np.full(len(names), OTHER, np.uint8)
    label_of = np.full(len(names), -1, np.int32)
    inside = np.full(len(labels), -1, np.int32)
    last = np.full(len(labels), -1, np.int32)
    for at, name in enumerate(names):
        if name == "O":
            kinds[at] = OUTSIDE
        elif name[1:2] == "-" and name[2:]:
            kinds[at] = _KINDS[name[0]]
            label_of[at] = number = numbers[name[2:]]
            if name[0] == "I":
                inside[number] = at
            elif name[0] == "L":
                last[number] = at
    _demand(bool((inside >= 0).all() and (last >= 0).all()), "labels that never go on")
    _demand(bool((kinds == OUTSIDE).sum() == 1), "another way to stay outside")
    return Transitions(labels, kinds, label_of, inside, last)


def _array(model: "AnyModel", name: str) -> F32:
    return np.asarray(model.get_param(name), dtype=np.float32)


def _flat(array: npt.NDArray[np.floating]) -> F32:
    return np.ascontiguousarray(array, dtype=np.float32)


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise OtherArchitecture(f"the model has {otherwise}")
