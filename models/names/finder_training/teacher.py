"""The teacher: the first layers of multilingual-e5-small, and a head over words."""

import copy
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.ao.quantization import quantize_dynamic
from torch.nn import functional

from finder_training.encoder_file import EncoderFile
from lacuna.redaction.name_model.encoder import WordRow, piece_row
from lacuna.redaction.name_model.subwords import Pieces
from lacuna.redaction.name_model.text_words import SHAPES, TAGS, shape

__all__ = ["FROZEN", "LAYERS", "Batch", "Teacher", "batch", "in_eight_bits"]

LAYERS = 8
FROZEN = 4
_DROPPED = 0.1
_HIDDEN = 192
_SHAPE_WIDTH = 16

Batch = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


class _Layer(nn.Module):
    def __init__(self, file: EncoderFile, number: int) -> None:
        super().__init__()
        width, inner = file.sizes["width"], file.sizes["inner"]
        self.heads = file.sizes["heads"]
        self.all = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width, file.epsilon)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.last_norm = nn.LayerNorm(width, file.epsilon)
        self.load_state_dict(dict(_weights(file, number, width, inner)))

    def forward(self, states: Tensor, there: Tensor, dropped: float) -> Tensor:
        rows, size, width = states.shape
        split = self.all(states).view(rows, size, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(*split, attn_mask=there)
        seen = self.out(seen.transpose(1, 2).reshape(rows, size, width))
        states = self.norm(states + functional.dropout(seen, dropped, self.training))
        thought = self.down(functional.gelu(self.up(states)))
        return cast(
            Tensor,
            self.last_norm(states + functional.dropout(thought, dropped, self.training)),
        )


def _weights(
    file: EncoderFile, number: int, width: int, inner: int
) -> Iterator[tuple[str, Tensor]]:
    def packed(name: str, columns: int) -> Tensor:
        return torch.from_numpy(file.matrix(f"l{number}.{name}.w", columns))

    def plain(name: str) -> Tensor:
        return torch.from_numpy(file.plain(f"l{number}.{name}"))

    yield "all.weight", torch.cat([packed(name, width) for name in "qkv"])
    yield "all.bias", torch.cat([plain(f"{name}.b") for name in "qkv"])
    for mine, theirs, columns in (("out", "ao", width), ("up", "fi", width), ("down", "fo", inner)):
        yield f"{mine}.weight", packed(theirs, columns)
        yield f"{mine}.bias", plain(f"{theirs}.b")
    for mine, theirs in (("norm", "aln"), ("last_norm", "oln")):
        yield f"{mine}.weight", plain(f"{theirs}.w")
        yield f"{mine}.bias", plain(f"{theirs}.b")


class Teacher(nn.Module):
    """Scores of tags per word. The embeddings and the first four layers stay as they were."""

    def __init__(self, file: EncoderFile, numbers: Sequence[int]) -> None:
        """Take the weights out of a file; the head begins by chance.

        `numbers` are the pieces to know, at the end the encoder's begin, padding and end.
        """
        super().__init__()
        width = file.sizes["width"]
        self.pieces = nn.Embedding.from_pretrained(
            torch.from_numpy(file.matrix("emb.word", width)[numbers])
        )
        places = file.plain("emb.pos").reshape(-1, width) + file.plain("emb.type")[:width]
        self.places = nn.Embedding.from_pretrained(torch.from_numpy(places))
        self.norm = nn.LayerNorm(width, file.epsilon)
        self.norm.weight.data = torch.from_numpy(file.plain("emb.ln.w"))
        self.norm.bias.data = torch.from_numpy(file.plain("emb.ln.b"))
        self.layers = nn.ModuleList(_Layer(file, number) for number in range(LAYERS))
        self.shapes = nn.Embedding(SHAPES, _SHAPE_WIDTH)
        self.head = nn.Sequential(
            nn.Dropout(_DROPPED),
            nn.Linear(2 * width + _SHAPE_WIDTH, _HIDDEN),
            nn.GELU(),
            nn.Dropout(_DROPPED),
            nn.Linear(_HIDDEN, len(TAGS)),
        )
        for frozen in (self.norm, *self.layers[:FROZEN]):
            frozen.requires_grad_(False)

    def groups(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Return the parameters to train: the upper layers', and the head's."""
        head = list(chain(self.head.parameters(), self.shapes.parameters()))
        return [p for layer in self.layers[FROZEN:] for p in layer.parameters()], head

    def forward(self, given: Batch) -> Tensor:
        """Return scores [rows, words, tags]."""
        pieces, there, first, last, shapes = given
        states = self.norm(self.pieces(pieces) + self.places.weight[: pieces.shape[1]])
        wide = there[:, None, None, :]
        for number, layer in enumerate(self.layers):
            with torch.set_grad_enabled(number >= FROZEN and torch.is_grad_enabled()):
                states = layer(states, wide, _DROPPED if number >= FROZEN else 0.0)
        return cast(
            Tensor, self.head(torch.cat([*_ends(states, first, last), self.shapes(shapes)], 2))
        )


def in_eight_bits(teacher: Teacher) -> Teacher:
    """Return the teacher with most of its matrices in 8 bits: it reads 1.4 times as fast.

    Each layer's last matrix stays as it is: what it is given has numbers far larger than the rest.
    """
    lighter = copy.deepcopy(teacher).eval()
    for layer in lighter.layers:
        for name in ("all", "out", "up"):
            line = nn.Sequential(getattr(layer, name))
            (packed,) = quantize_dynamic(line, {nn.Linear}, dtype=torch.qint8)
            setattr(layer, name, packed)
    return lighter


def _ends(states: Tensor, *places: Tensor) -> list[Tensor]:
    width = states.shape[2]
    return [states.gather(1, place[:, :, None].expand(-1, -1, width)) for place in places]


def batch(rows: Sequence[WordRow], pieces: Pieces, begin: int) -> Batch:
    """Return rows of words as the teacher takes them.

    `begin` is the number of the piece that begins a row; padding follows it.
    """
    laid = [piece_row(words, gaps, pieces, begin) for words, gaps in rows]
    longest = max(len(numbers) for numbers, _ in laid)
    most = max(len(words) for words, _ in rows)
    ids = np.full((len(rows), longest), begin + 1, np.int64)
    by_word = np.zeros((3, len(rows), most), np.int64)
    for row, (numbers, ends) in enumerate(laid):
        ids[row, : len(numbers)] = numbers
        by_word[:2, row, : len(ends)] = np.array(ends, np.int64).reshape(-1, 2).T
        by_word[2, row, : len(ends)] = [shape(word) for word in rows[row][0]]
    there = torch.from_numpy(ids != begin + 1)
    first, last, shapes = map(torch.from_numpy, by_word)
    return torch.from_numpy(ids), there, first, last, shapes
