"""What a name finder says of a batch of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Found:
    """The tokens and entities of a batch; good until the next batch is read.

    Attributes:
        entities: one row for each, in order: text, start, end, label (its number).
        starts: where each token begins in its text, text after text.
        ends: where it ends.
        first_token: for each text its first token; one more for the end.
    """

    entities: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]
    first_token: npt.NDArray[np.int32]


class NameFinder(Protocol):
    """Finds tokens and entities as a spaCy pipeline with its name finder alone does."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels by their numbers."""
        ...

    def find(self, texts: Sequence[str]) -> Found:
        """Return the tokens and entities of the texts."""
        ...
