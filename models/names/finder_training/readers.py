"""Runs the teacher and the student over sentences: batches for training, scores for reading."""

from collections.abc import Sequence
from random import Random

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from finder_training.courses import set_loss, soft_loss
from finder_training.disguises import disguised
from finder_training.sentences import Sentence
from finder_training.student import Student
from finder_training.teacher import Teacher, batch
from finder_training.vocabulary import SPECIAL
from lacuna.redaction.name_model.encoder import WordRow
from lacuna.redaction.name_model.listed_words import InLists
from lacuna.redaction.name_model.subwords import Pieces
from lacuna.redaction.name_model.text_words import TAGS
from lacuna.redaction.name_model.word_features import HASHED, LISTED_AT, WordTable

__all__ = ["StudentReader", "TeacherReader"]

F32 = npt.NDArray[np.float32]
_LONGEST = 120
# In training lists and own rows are hidden from a share of the words, so that not all rests on them.
_UNLISTED = 0.3
_UNCOMMON = 0.1
_UNMET = 0.15


class TeacherReader:
    """A teacher and its vocabulary."""

    def __init__(self, teacher: Teacher, pieces: Pieces) -> None:
        """`pieces` is the vocabulary that the teacher knows."""
        self._teacher, self._pieces = teacher, pieces
        self._begin = teacher.pieces.num_embeddings - len(SPECIAL)

    def loss(self, sentences: list[Sentence], rng: Random) -> Tensor:
        """Return the mean loss over the words of a batch, some of them disguised."""
        self._teacher.train()
        rows = [_row(one, rng) for one in sentences]
        return _mean_loss(self._teacher(batch(rows, self._pieces, self._begin)), sentences)

    def scores(self, sentences: Sequence[Sentence]) -> list[F32]:
        """Return log probabilities [words, tags] per sentence."""
        self._teacher.eval()
        rows: list[WordRow] = [(one.words, one.gaps) for one in sentences]
        with torch.no_grad():
            return _cut(self._teacher(batch(rows, self._pieces, self._begin)), sentences)


class StudentReader:
    """A student and the words it has met."""

    def __init__(self, student: Student, types: WordTable) -> None:
        """`types` must number no piece as the student does."""
        self._student, self._types = student, types

    def loss(self, sentences: list[Sentence], rng: Random) -> Tensor:
        """Return the mean loss over the words of a batch, some of them disguised."""
        self._student.train()
        rows = [_row(one, rng) for one in sentences]
        return _mean_loss(self._run(rows, hide=True), sentences)

    def scores(self, sentences: Sequence[Sentence]) -> list[F32]:
        """Return log probabilities [words, tags] per sentence."""
        self._student.eval()
        with torch.no_grad():
            return _cut(self._run([(one.words, one.gaps) for one in sentences]), sentences)

    def _run(self, rows: Sequence[WordRow], *, hide: bool = False) -> Tensor:
        numbers = [self._types.rows(words, gaps) for words, gaps in rows]
        laid = np.zeros((len(rows), max(map(len, numbers))), np.int64)
        for at, row in enumerate(numbers):
            laid[at, : len(row)] = row
        met, places = np.unique(np.append(laid.ravel(), 0), return_inverse=True)
        features = [torch.from_numpy(one) for one in self._types.features(met)]
        if hide:
            _hide(*features[1:])
        own = self._student.types(*features)
        return self._student(own, torch.from_numpy(places[:-1].reshape(laid.shape)))


def _hide(hashed: Tensor, flags: Tensor) -> None:
    count = len(flags)
    names = slice(LISTED_AT, LISTED_AT + len(InLists) - 1)
    flags[:, names] *= (torch.rand(count, 1) >= _UNLISTED).float()
    flags[:, LISTED_AT + len(InLists) - 1] *= (torch.rand(count) >= _UNCOMMON).float()
    unmet = torch.rand(count) < _UNMET
    for table in (0, 1):
        chance = torch.randint(0, HASHED[table], (count,), dtype=hashed.dtype)
        hashed[:, table] = torch.where(unmet, chance, hashed[:, table])


def _row(one: Sentence, rng: Random) -> WordRow:
    return disguised(one.words[:_LONGEST], rng), one.gaps[:_LONGEST]


def _mean_loss(scores: Tensor, sentences: Sequence[Sentence]) -> Tensor:
    allowed = torch.zeros(scores.shape[:2], dtype=torch.long)
    soft = torch.zeros(scores.shape)
    for row, one in enumerate(sentences):
        size = min(len(one.at), _LONGEST)
        if one.soft is None:
            allowed[row, :size] = torch.tensor(one.allowed[:size])
        else:
            soft[row, :size] = torch.from_numpy(one.soft[:size].astype(np.float32))
    words = sum(min(len(one.at), _LONGEST) for one in sentences)
    return (set_loss(scores, allowed) + soft_loss(scores, soft)) / words


def _cut(scores: Tensor, sentences: Sequence[Sentence]) -> list[F32]:
    likely = torch.log_softmax(scores, 2).numpy()
    return [row[: len(one.at), : len(TAGS)] for row, one in zip(likely, sentences, strict=True)]
