"""One view of a passage: the text around a place in it, and which names stay."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property

from lacuna.ports import Passage
from lacuna.redaction.folding import View, fold, folded
from lacuna.redaction.known_values.number_forms import WORD
from lacuna.redaction.known_values.ranges import Ranges
from lacuna.redaction.known_values.value_spellings import TITLES, name_forms
from lacuna.redaction.name_introductions import INTRODUCTION, LEGAL_FORM

_HOST = re.compile(r"(?:@|://|\bwww\.)[a-z0-9.-]*$")
_ADDRESSING = TITLES | {"dear", "kaere", "kare", "hej", "liebe", "lieber", "beste", "chere", "cher"}
_LOGIN = re.compile(
    r"(?:(?<![\w.+-])@|\b(?:user ?(?:name|id)?|log(?:s|ged)?[ -]?in(?: as| name)?|handle|account|nick(?:name)?|"
    r"bruger(?:navn|id)?|bruker(?:navn|id)?|anvandar(?:namn|id)|anvandare|kontonavn|konto|"
    r"benutzer(?:name)?|anmeldename|gebruikersnaam|inlognaam|utilisateur|identifiant|pseudo|usuario|"
    r"utente|utilizador|uzytkownik|kayttaja(?:tunnus|nimi)?)"
    r"(?:[ \t]+(?:is|er|ar|ist|est|es|e|on))?[^\w\n@]{1,4})$"
)
"""Ends, folded, right before a user name."""
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[ -]$")
_WORD_AFTER = re.compile(r"[ -]([^\W\d_]+)")
_EDGES = " \t\r\n,.:;!-<>|\"'()[]{}/=*_"
_NEAR = 80
_FARTHEST = 16
_BESIDE = re.compile(
    r"[^\w\n\"]{0,4}(?:(?:tel|tlf|tfn|phone|mobile?|mail|e-?mail|id|nr|no)[^\w\n\"]{1,3})?", re.I
)


_NOWHERE = Ranges(())


class KeptNames:
    """Names that stay in a text, folded: in their order, and turned."""

    def __init__(self, names: tuple[str, ...]) -> None:
        forms = [[" ".join(form) for form in name_forms(fold(name))] for name in names]
        self.straight = tuple(dict.fromkeys(form[0] for form in forms if form))
        self.turned = tuple(dict.fromkeys(turned for form in forms for turned in form[1:]))
        self.keys = frozenset((*self.straight, *self.turned))


class Look:
    """A view and what is worked out about it, once and only if needed."""

    def __init__(self, view: View, passage: Passage, kept_names: KeptNames) -> None:
        self.view = view
        self.text = view.text
        self.passage = passage
        self.kept_names = kept_names

    def between(self, start: int, end: int) -> str:
        """The text between two words, folded."""
        return fold(self.text[start:end])

    def capitalized(self, start: int, end: int) -> bool:
        """Whether each word begins with a capital."""
        return all(match[0][0].isupper() for match in WORD.finditer(self.text, start, end))

    @cached_property
    def has_capitals(self) -> bool:
        """Whether any letter is a capital."""
        return self.text != self.text.lower()

    def is_in_host(self, start: int) -> bool:
        """Whether a place is in the name of a host."""
        return _HOST.search(self.text[max(0, start - 255) : start].lower()) is not None

    def is_login(self, start: int, end: int) -> bool:
        """Whether the place of a word says that it is a user name: `@bo`, `login: bo`."""
        before = _fold_lines(self.text[max(0, start - _NEAR) : start])
        is_longer = re.match(r"[-.][^\W_]|@", self.text[end : end + 2]) is not None
        return not is_longer and _LOGIN.search(before) is not None

    def is_company(self, end: int) -> bool:
        """Whether what ends here goes on as the name of a company."""
        return LEGAL_FORM.match(self.text, end) is not None

    def is_introduced(self, start: int, end: int, parts: frozenset[str]) -> bool:
        """Whether the place of an everyday word says that it is a name.

        Args:
            parts: the words of the person's names.
        """
        if not self.capitalized(start, end):
            return False
        line_start = _fold_lines(self.text[max(0, start - _NEAR) : start])
        if INTRODUCTION.search(line_start):
            return True
        before = line_start.rsplit("\n", 1)[-1].strip(_EDGES)
        after = _fold_lines(self.text[end : end + _NEAR]).split("\n", 1)[0].strip(_EDGES)
        neighbors = (WORD.findall(before)[-1:], WORD.findall(after)[:1])
        beside = any(words and words[0] in parts for words in neighbors)
        return beside or (not before and not after)

    def is_part_of_another_name(self, start: int, end: int, parts: frozenset[str]) -> bool:
        """Whether a capital word that is no part of the person's name, nor a title, stands beside."""
        before = _WORD_BEFORE.search(self.text[max(0, start - 40) : start])
        after = _WORD_AFTER.match(self.text[end : end + 40])
        return any(
            match is not None
            and match[1][0].isupper()
            and fold(match[1]) not in parts
            and fold(match[1]) not in _ADDRESSING
            for match in (before, after)
        )

    def is_beside(self, end: int, start: int) -> bool:
        """Whether there is only punctuation or a label from `end` to `start`, on one line."""
        return start - end <= _FARTHEST and _BESIDE.fullmatch(self.text, end, start) is not None

    @cached_property
    def kept(self) -> Ranges:
        """Where the names stand that stay."""
        if not self.kept_names.keys:
            return _NOWHERE
        straight = self._standing(self.kept_names.straight)
        turned = self._standing(self.kept_names.turned)
        apart = Ranges(straight)
        return Ranges([*straight, *(range_ for range_ in turned if not apart.cut(*range_))])

    def _standing(self, keys: Sequence[str]) -> list[tuple[int, int]]:
        """Return where folded names stand."""
        ranges: list[tuple[int, int]] = []
        if not keys:
            return ranges
        line, places, words = self._line
        for key in keys:
            at = line.find(f" {key}")
            while at >= 0:
                after = at + 1 + len(key)
                if line[after] == " " or line.startswith("s ", after):
                    first = bisect_left(places, at + 1)
                    ranges.append((words[first][0], words[first + key.count(" ")][1]))
                at = line.find(f" {key}", at + 1)
        return ranges

    @cached_property
    def _line(self) -> tuple[str, list[int], list[tuple[int, int]]]:
        """The folded words alone, each after one space, where each is there, and in the text."""
        plain = folded(self.view)
        words = []
        places = []
        place = 1
        texts = []
        for match in WORD.finditer(plain.text):
            words.append(plain.in_source(*match.span()))
            texts.append(match[0])
            places.append(place)
            place += len(match[0]) + 1
        return f" {' '.join(texts)} ", places, words


def _fold_lines(text: str) -> str:
    return "\n".join(fold(line) for line in text.split("\n"))
