"""The lemmas that a word may have, whatever part of speech a tagger would see in it.

Presidio compares context words with lemmas, and spaCy needs tagger, parser and two more components
to name one. The rules behind them are open, though: for every part of speech they say what the
lemma would be. Nearly always all of these agree on what matters.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypedDict, cast

from spacy.lookups import Lookups
from spacy.pipeline import AttributeRuler
from spacy.vocab import Vocab

_FORMS_TABLES = ("lemma_rules", "lemma_exc", "lemma_index")
_WORD_KEYS = ("LOWER", "ORTH", "TEXT", "NORM")
_KEPT = 1 << 15


class _LemmaRule(TypedDict):
    patterns: list[list[dict[str, object]]]
    attrs: dict[str, str]


class WordForms:
    """The lemmas by the tables of a model's rule lemmatizer; without them, the word itself."""

    def __init__(self, model: Path) -> None:
        """Read the tables of an installed model."""
        lookups = Lookups()
        if (model / "lemmatizer" / "lookups" / "lookups.bin").exists():
            lookups.from_disk(model / "lemmatizer" / "lookups")
        rules, exceptions, index = (
            dict(lookups.get_table(name, {}).items()) for name in _FORMS_TABLES
        )
        self._parts = [
            (rules.get(part, ()), exceptions.get(part, {}), frozenset(index.get(part, ())))
            for part in {*rules, *exceptions, *index}
        ]
        self._set = _set_by_rule(model / "attribute_ruler")
        self._known: dict[str, frozenset[str]] = {}

    def of(self, word: str) -> frozenset[str]:
        """Return the lemmas, in small letters, that a word (as it is written) may have."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _KEPT:
                self._known.clear()
            found = self._known[word] = frozenset(
                form.lower() for form in self._forms(word.lower())
            )
        return found

    def _forms(self, word: str) -> Iterator[str]:
        yield word
        yield from self._set.get(word, ())
        for rules, exceptions, index in self._parts:
            yield _lemma(word, rules, exceptions.get(word, ()), index)


def _lemma(
    word: str,
    rules: Iterable[tuple[str, str]],
    exceptions: Iterable[str],
    index: frozenset[str],
) -> str:
    """Return the lemma of a word as one part of speech, as spaCy's `rule_lemmatize` does."""
    forms: list[str] = []
    unknown: list[str] = []
    for old, new in rules:
        if word.endswith(old) and (form := word[: len(word) - len(old)] + new):
            if form in index:
                forms.insert(0, form)
            elif not form.isalpha():
                forms.append(form)
            else:
                unknown.append(form)
    for form in exceptions:
        if form not in forms:
            forms.insert(0, form)
    return (forms or unknown or [word])[0]


def _set_by_rule(path: Path) -> dict[str, frozenset[str]]:
    """Return the lemmas that are set for certain words before the lemmatizer is asked."""
    result: dict[str, set[str]] = {}
    if not path.exists():
        return {}
    ruler = AttributeRuler(Vocab()).from_disk(path, exclude=["vocab"])
    for rule in cast(list[_LemmaRule], ruler.patterns):
        lemma = rule["attrs"].get("LEMMA")
        if lemma is None:
            continue
        for pattern in rule["patterns"]:
            for token in pattern:
                for key in _WORD_KEYS:
                    word = token.get(key)
                    if isinstance(word, str):
                        result.setdefault(word.lower(), set()).add(lemma)
    return {word: frozenset(lemmas) for word, lemmas in result.items()}
