"""Bounds what spaCy's tokenizer spends on one word.

It takes characters off both ends of a word one at a time and looks through all of the rest each time, so
that a line of fifty thousand underscores takes minutes. No word that people write is as long as the
longest that is left whole here, so what is found in texts stays what spaCy finds.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final, cast

from spacy.attrs import NORM
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

LONGEST: Final = 1_000
_TOO_LONG: Final = re.compile(rf"\S{{{LONGEST + 1},}}")


class BoundedTokenizer:
    """A pipeline's tokenizer that reads a longer word in pieces of `LONGEST` characters."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    @property
    def exceptions(self) -> Collection[str]:
        """The words that the language splits in a way of their own."""
        return getattr(self._tokenizer, "rules", None) or ()

    def __call__(self, text: str) -> Doc:
        """Return the tokens of a text."""
        pieces = [*_pieces(text)]
        if len(pieces) == 1:
            doc: Doc = self._tokenizer(text)
            return doc
        # Of the attributes only what a language's exceptions set: a piece begins no sentence.
        together: Doc = Doc.from_docs(
            [*map(self._tokenizer, pieces)], ensure_whitespace=False, attrs=[NORM]
        )
        return together


def bounded(nlp: Language) -> Language:
    """Return a pipeline after bounding its tokenizer."""
    nlp.tokenizer = BoundedTokenizer(cast(Tokenizer, nlp.tokenizer))
    return nlp


def _pieces(text: str) -> Iterator[str]:
    at = 0
    for word in _TOO_LONG.finditer(text):
        for cut in range(word.start() + LONGEST, word.end(), LONGEST):
            yield text[at:cut]
            at = cut
    yield text[at:]
