"""Whether words before a match support it, by Presidio's rule, without a tagged and parsed text."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer

from lacuna.redaction.analysis.word_forms import WordForms

_KEPT = 1 << 15


@dataclass(frozen=True)
class _Word:
    """What a word may be: its lemmas; whether it is a keyword under all, or any, of them."""

    lemmas: frozenset[str]
    keywords: frozenset[str]

    @property
    def always(self) -> bool:
        return len(self.keywords) == len(self.lemmas)


class Row:
    """The tokens of one text."""

    def __init__(self, text: str, starts: Sequence[int], ends: Sequence[int]) -> None:
        self.text = text
        self.starts = starts
        self.ends = ends

    def word(self, number: int) -> str:
        """Return a token as it is written."""
        return self.text[self.starts[number] : self.ends[number]]

    @cached_property
    def pieces(self) -> frozenset[str]:
        """The parts of tokens that hold a colon: Presidio takes them for keywords."""
        if ":" not in self.text:
            return frozenset()
        return frozenset(
            piece
            for number in range(len(self.starts))
            if ":" in (word := self.word(number)) and len(word) > 1
            for piece in word.lower().split(":")
        )


class ContextWords:
    """Presidio's `LemmaContextAwareEnhancer`, where it can be known without the lemmas."""

    def __init__(
        self,
        forms: WordForms,
        enhancer: LemmaContextAwareEnhancer,
        *,
        is_stop: Callable[[str], bool],
        is_punctuation: Callable[[str], bool],
    ) -> None:
        self._forms = forms
        self._enhancer = enhancer
        self._is_stop = is_stop
        self._is_punctuation = is_punctuation
        self._words: dict[str, _Word] = {}
        self._matches: dict[tuple[tuple[str, ...], str], tuple[bool, bool]] = {}

    def score(self, score: float) -> float:
        """Return the score of a match that a context word supports."""
        lifted = score + self._enhancer.context_similarity_factor
        return min(max(lifted, self._enhancer.min_score_with_context_similarity), 1.0)

    def supports(self, row: Row, start: int, context: tuple[str, ...]) -> bool | None:
        """Whether a word near a match at `start` holds one of `context` (in small letters).

        None: it depends on lemmas that only a parsed text has.
        """
        if not row.starts:
            return False
        number = min(bisect_right(row.ends, start), len(row.starts) - 1)
        if self._found(row, number, context, sure=True):
            return True
        return None if self._found(row, number, context, sure=False) else False

    def _found(self, row: Row, number: int, context: tuple[str, ...], *, sure: bool) -> bool:
        """Look through the nearest keywords.

        If `sure`, everything that may be a keyword counts as one, so that fewer words are looked
        at, and a word must hold a context word under all its lemmas; else the other way round.
        """
        enhancer = self._enhancer
        before = range(number, -1, -1)
        after = range(number, len(row.starts))
        for places, wanted in (
            (before, enhancer.context_prefix_count + 1),
            (after, enhancer.context_suffix_count + 1),
        ):
            for place in places:
                if not wanted:
                    break
                written = row.word(place)
                word = self._word(written)
                always, maybe = word.always, bool(word.keywords)
                if row.pieces and not always and not word.lemmas.isdisjoint(row.pieces):
                    always, maybe = word.lemmas <= (word.keywords | row.pieces), True
                if not maybe:
                    continue
                every, some = self._match(context, written, word)
                if (sure and always and every) or (not sure and some):
                    return True
                if sure or always:
                    wanted -= 1
        return False

    def _match(self, context: tuple[str, ...], written: str, word: _Word) -> tuple[bool, bool]:
        key = (context, written)
        known = self._matches.get(key)
        if known is None:
            if len(self._matches) >= _KEPT:
                self._matches.clear()
            holds = [any(one in lemma for one in context) for lemma in word.lemmas]
            known = self._matches[key] = (all(holds), any(holds))
        return known

    def _word(self, written: str) -> _Word:
        known = self._words.get(written)
        if known is None:
            if len(self._words) >= _KEPT:
                self._words.clear()
            lemmas = self._forms.of(written)
            known = self._words[written] = _Word(
                lemmas, frozenset(lemma for lemma in lemmas if self._is_keyword(lemma))
            )
        return known

    def _is_keyword(self, lemma: str) -> bool:
        return not (
            ":" in lemma or lemma == "be" or self._is_stop(lemma) or self._is_punctuation(lemma)
        )
