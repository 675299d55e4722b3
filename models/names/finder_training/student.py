"""The student: words mixed once each, then layers over neighbors, then a score for each tag."""

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lacuna.redaction.name_model.text_words import TAGS
from lacuna.redaction.name_model.word_features import FLAGS, HASHED

__all__ = ["Student"]

_DROPPED = 0.1
_HASHED_WIDTH = 48
_BROAD_AFTER = 1


class _Maxout(nn.Module):
    def __init__(self, given: int, width: int, pieces: int) -> None:
        super().__init__()
        self.size = (width, pieces)
        self.line = nn.Linear(given, width * pieces)
        self.norm = nn.LayerNorm(width)

    def forward(self, given: Tensor) -> Tensor:
        return cast(Tensor, self.norm(self.line(given).unflatten(-1, self.size).amax(-1)))


class Student(nn.Module):
    """A word's own layers need computing once per word form; the others per word of a text."""

    def __init__(self, vectors: np.ndarray, *, width: int, layers: int, pieces: int = 2) -> None:
        """`vectors` are the pieces' [pieces, n] to begin with; `pieces` is the maxout's."""
        super().__init__()
        size = vectors.shape[1]
        self.none = len(vectors)
        start = torch.cat([torch.from_numpy(vectors), torch.zeros(1, size)])
        self.vectors = nn.Embedding.from_pretrained(start, freeze=False, padding_idx=self.none)
        self.hashed = nn.ModuleList(nn.Embedding(rows, _HASHED_WIDTH) for rows in HASHED)
        for table in self.hashed:
            nn.init.normal_(table.weight, 0, 0.1)
        given = 3 * size + (len(HASHED) - 1) * _HASHED_WIDTH + FLAGS
        self.mix = _Maxout(given, width, 3)
        self.mix_again = _Maxout(width, width, 3)
        self.layers = nn.ModuleList(_Maxout(3 * width, width, pieces) for _ in range(layers))
        self.broad = nn.Linear(width, width)
        self.out = nn.Linear(width, len(TAGS))

    def types(self, pieces: Tensor, hashed: Tensor, flags: Tensor) -> Tensor:
        """Return the states of words by themselves: [words, width]."""
        pieces = pieces.long()
        count = (pieces != self.none).sum(1)
        vectors = self.vectors(pieces)
        mean = vectors.sum(1) / count[:, None].clamp(min=1) ** 0.5
        last = vectors[torch.arange(len(vectors)), (count - 1).clamp(min=0)]
        norm, again, *ends = (table(hashed[:, at].long()) for at, table in enumerate(self.hashed))
        given = torch.cat([mean, vectors[:, 0], last, norm + again, *ends, flags], 1)
        mixed = self.mix(functional.dropout(given, _DROPPED, self.training))
        return cast(Tensor, mixed + self.mix_again(mixed))

    def forward(self, types: Tensor, rows: Tensor) -> Tensor:
        """Return scores [rows, words, tags].

        Args:
            types: what `types` returned; row 0 is no word.
            rows: [rows, words], the words' rows of `types`.
        """
        there = (rows > 0)[:, :, None].float()
        count = there.sum(1, keepdim=True).clamp(min=1)
        states = types[rows] * there
        for number, layer in enumerate(self.layers):
            wide = functional.pad(states, (0, 0, 1, 1))
            near = torch.cat([wide[:, :-2], states, wide[:, 2:]], 2)
            states = states + functional.dropout(layer(near), _DROPPED, self.training)
            if number == _BROAD_AFTER:
                states = states + self.broad(states.sum(1, keepdim=True) / count)
            states = states * there
        return cast(Tensor, self.out(states))
