"""What people say plainly in one language, and the words that show what a mail is about.

They are data, one file a language. A word stands for itself, `word*` for every word that begins so, `two_words`
for words in a row, `#` for a number or an address, `?` for the end of a question. In sentences
`(a | b)` is one of several, `[a]` may be missing, `{name}` is another entry of the file. Phrases
are compiled for RE2: what they cost grows with the text alone, whatever somebody writes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

import re2

from lacuna.intake.sentences import fold
from lacuna.model.request import RequestKind
from lacuna.translations import languages_of, texts

__all__ = ["PHRASES", "Phrases", "Spoken", "compiled", "has_any", "pattern"]

_PIECE: Final = re.compile(r"\{(\w+)\}|([()\[\]|])|([^\s()\[\]|{}]+)")
_OPERATORS: Final = {"(": "(?:", "[": "(?:", ")": ")", "]": ")?", "|": "|"}
_LITERALS: Final = {"#": "(?:[0-9]+ )+", "?": "[?] "}
_ASKED: Final = tuple(map(str, RequestKind))
_MOST_MEMORY: Final = 64 << 20


@dataclass(frozen=True)
class Spoken:
    """What a sentence says that is nothing but phrases.

    Attributes:
        kinds: rights that are asked for.
        is_withdrawal: whether a request is taken back.
        is_of_others: whether the data of somebody is named by their number.
    """

    kinds: frozenset[RequestKind]
    is_withdrawal: bool
    is_of_others: bool

    def __le__(self, other: "Spoken") -> bool:
        """Whether another says at least as much."""
        return self.kinds <= other.kinds and self.is_withdrawal <= other.is_withdrawal

    def and_also(self, other: "Spoken") -> "Spoken":
        """Return both taken together."""
        return Spoken(
            self.kinds | other.kinds,
            self.is_withdrawal or other.is_withdrawal,
            self.is_of_others or other.is_of_others,
        )


class Phrases:
    """The phrases and words of one language.

    Attributes:
        language: ISO 639-1.
        common: everyday words, by which the language is recognized.
        of_names: words that no name has: everyday ones, and those that deny.
    """

    def __init__(self, language: str, entries: Mapping[str, str], sentences: Mapping[str, str]):
        """Read what a file of phrases says. Each pattern is compiled when it is first used.

        Args:
            entries: groups of words by name.
            sentences: templates by name.
        """
        self.language = language
        self.common = frozenset(fold(entries["common"]).split())
        self.of_names = self.common | frozenset(
            word for word in fold(entries["denials"]).split() if "_" not in word
        )
        self._groups = {
            name: _late(f" (?:{pattern(text if '|' in text else _row(text), {})})")
            for name, text in entries.items()
        }
        named = {
            name: f"(?P<{name}>{pattern(sentences[name], sentences)})"
            for name in sentences
            if name.rpartition("_")[2] in _ASKED or name == "withdrawal"
        }
        beside = pattern(sentences["beside"], sentences)
        topics = {name for name in named if name.startswith("topic_")}
        vague = topics | {name for name in named if name.startswith("seems_")}
        asking = "|".join(named[name] for name in named if name not in vague)
        over = "|".join(named[name] for name in topics)
        self._sentence = _late(f" (?:{beside}|{asking})*")
        self._subject = _late(f" (?:{beside}|{asking}|{over})*")
        within = "|".join(named[name] for name in named if name not in topics)
        self._within = _late(f" (?:{within})")

    def has(self, group: str, sentence: str) -> bool:
        """Whether a sentence has a word of a group."""
        return self._groups[group]().search(sentence) is not None

    def said_in(self, sentence: str, *, is_subject: bool = False) -> Spoken | None:
        """Return the meaning of a sentence; None where any part of it is no phrase.

        Args:
            is_subject: whether it stands over a mail, where one word names what it is about.
        """
        phrases = self._subject if is_subject else self._sentence
        match = phrases().fullmatch(sentence)
        if match is None or ("?" in sentence and not self.has("questions", sentence)):
            return None  # "delete my data?" only wonders
        return _said(match.groupdict())

    def said_within(self, sentence: str) -> Spoken | None:
        """Return the meaning of a phrase within a sentence, whatever stands around it."""
        match = self._within().search(sentence)
        return None if match is None else _said(match.groupdict())


def _said(found: Mapping[str, str | None]) -> Spoken:
    names = {name for name, text in found.items() if text}
    return Spoken(
        frozenset(RequestKind(one) for name in names if (one := name.rpartition("_")[2]) in _ASKED),
        "withdrawal" in names,
        any(name.startswith("other_") for name in names),
    )


def _row(words: str) -> str:
    """Return words, and words in a row, as a template.

    >>> _row("data about_me")
    'data | about me'
    """
    return " | ".join(words.split()).replace("_", " ")


def pattern(template: str, entries: Mapping[str, str]) -> str:
    """Return a template as a pattern for folded words with a space behind each."""
    pieces = []
    for name, operator, word in _PIECE.findall(template):
        if name:
            pieces.append(f"(?:{pattern(entries[name], entries)})")
        elif operator:
            pieces.append(_OPERATORS[operator])
        elif word in _LITERALS:
            pieces.append(_LITERALS[word])
        else:
            pieces.append(re.sub(r"\*$", "[^ ]*", fold(word)) + " ")
    return "".join(pieces)


def compiled(expression: str) -> "re2._Regexp":
    """Compile a pattern for searches whose time grows with the text alone."""
    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    return re2.compile(expression, options)


def _late(expression: str) -> "Callable[[], re2._Regexp]":
    return cache(partial(compiled, expression))


def _load(language: str) -> Phrases:
    found = texts("phrases", language)
    entries = {name: text for name, text in found.items() if isinstance(text, str)}
    parts = [part for part in found.values() if not isinstance(part, str)]
    return Phrases(language, entries, {name: text for part in parts for name, text in part.items()})


PHRASES: Final = tuple(map(_load, languages_of("phrases")))
"""One for each language in which mails are read."""


def has_any(group: str, texts: Iterable[str], books: Iterable[Phrases] = PHRASES) -> bool:
    """Whether a word of a group, in one of some languages, is in one of some sentences."""
    books = tuple(books)
    return any(book.has(group, one) for one in texts for book in books)
