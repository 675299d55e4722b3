"""The student's pieces: those of the encoder that the data's words are cut into, as short vectors."""

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from finder_training.encoder_file import EncoderFile
from finder_training.name_lists import listed
from lacuna.redaction.name_model.subwords import BLANK, Pieces
from lacuna.redaction.name_model.text_words import gaps, split

__all__ = ["SPECIAL", "Vocabulary", "piece_numbers", "vocabulary"]

F32 = npt.NDArray[np.float32]
SPECIAL = (0, 1, 2)
_FEWEST = 3
_VECTOR = 96
# Single letters below this are kept whether they were met or not.
_LATIN_UNTIL = 0x250
_SPREAD = 0.5


@dataclass(frozen=True)
class Vocabulary:
    """Pieces, their scores, their vectors [pieces, 96], and which piece means unknown."""

    pieces: list[str]
    scores: F32
    vectors: F32
    unknown: int

    def cutter(self) -> Pieces:
        """Return the cutter of words into these pieces."""
        return Pieces(self.pieces, self.scores.tolist(), self.unknown)

    def save(self, path: Path) -> None:
        """Write the vocabulary as .npz."""
        np.savez(
            path,
            pieces=np.array(self.pieces),
            scores=self.scores,
            vectors=self.vectors,
            unknown=self.unknown,
        )

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Return the vocabulary of a file."""
        kept = np.load(path)
        return cls(kept["pieces"].tolist(), kept["scores"], kept["vectors"], int(kept["unknown"]))


def vocabulary(data: Path, file: EncoderFile) -> Vocabulary:
    """Return the pieces that the words of `data` need, their vectors by principal components."""
    pieces = Pieces(file.pieces, file.scores.tolist(), file.unknown)
    times: Counter[int] = Counter()
    for (word, begins), count in _forms(data).items():
        for number in pieces.cut(word, begins=begins):
            times[number] += count
    kept = {number for number, count in times.items() if count >= _FEWEST}
    kept |= {number for number, piece in enumerate(file.pieces) if _is_letter(piece)}
    chosen = sorted(kept | {file.unknown})
    return Vocabulary(
        [file.pieces[number] for number in chosen],
        file.scores[chosen],
        _short(file.matrix("emb.word", file.sizes["width"])[chosen]),
        chosen.index(file.unknown),
    )


def piece_numbers(vocabulary: Vocabulary, file: EncoderFile) -> list[int]:
    """Return the encoder's numbers of the pieces, and behind them of begin, padding and end."""
    numbers = {piece: number for number, piece in enumerate(file.pieces)}
    return [*(numbers[piece] for piece in vocabulary.pieces), *SPECIAL]


def _is_letter(piece: str) -> bool:
    letters = piece.strip(BLANK)
    return len(letters) == 1 and ord(letters) < _LATIN_UNTIL


def _forms(data: Path) -> Counter[tuple[str, bool]]:
    """Count the words of all texts and lists; frequent ones in three ways of writing."""
    forms: Counter[tuple[str, bool]] = Counter()
    for path in sorted([*(data / "gold").glob("*.gz"), *(data / "unlabelled").glob("*.gz")]):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                forms.update(_words(json.loads(line)["text"]))
    for name, *_ in listed(data):
        for word, _ in _words(name):
            forms.update([(word, True), (word.lower(), True)])
    for (word, begins), count in list(forms.items()):
        if count >= _FEWEST:
            forms.update((form, begins) for form in (word.lower(), word.upper(), word.title()))
    return forms


def _words(text: str) -> list[tuple[str, bool]]:
    at = split(text)
    return [
        (text[start:end], gap > 0) for (start, end), gap in zip(at, gaps(text, at), strict=True)
    ]


def _short(vectors: F32) -> F32:
    middle = vectors - vectors.mean(0)
    *_, axes = np.linalg.svd(middle, full_matrices=False)
    short = middle @ axes[:_VECTOR].T
    return np.asarray(short / short.std() * _SPREAD, np.float32)
