"""Texts rewritten for comparison, with the way back to the original offsets.

A `View` is a text made from another one by edits; views are stacked (decode, then fold) and
`View.span` leads through all of them to the original.
"""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from lacuna.redaction.markup import Tag

_LETTERS = {
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ł": "l",
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    "ħ": "h",
    "ŧ": "t",
    "\N{LATIN SMALL LETTER ALPHA}": "a",
    "\N{LATIN SMALL LETTER SCRIPT G}": "g",
}
LOOK_ALIKE = dict(
    zip(
        "\u0430\u0432\u0501\u0435\u04bb\u043d\u0456\u0458\u043a\u04cf\u043c\u043e\u0440"
        "\u051b\u0441\u0455\u0442\u0443\u0475\u051d\u0445"
        "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7",
        "abdehhijklmopqcstyvwxabezhikmnoptyx",
        strict=True,
    )
)
"""Letters of other alphabets that look like Latin ones, as capitals or small; all in small letters."""

_LETTERS |= LOOK_ALIKE
# Apostrophes and dashes of every kind.
_QUOTES_AND_DASHES = dict.fromkeys("\u2018\u2019\u02bc\u00b4\u0060\u2032", "'") | dict.fromkeys(
    "\u2010\u2011\u2012\u2013\u2014\u2212", "-"
)
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_KEPT_CHARACTERS = 20_000

_ENCODINGS = (
    r"(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<bytes>(?:%[0-9a-fA-F]{2})+|(?:=(?:DIGITS|\r?\n))+)"
    # Of a document within a document the backslash of an escape is escaped as well.
    r"|(?:\\+|%)u(?P<unit>[0-9a-fA-F]{4})"
    # As YAML and many languages write them: of Latin-1, of UTF-8, or any.
    r"|(?P<hexadecimal>(?:\\+x[0-9a-fA-F]{2})+)"
    r"|\\+U(?P<code>00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})"
    # A line of YAML that goes on in the next one, also in a document.
    r"|(?P<joined>(?:\\\r?\n|(?<!\\)\\{3}n)[ \t]*)"
    r"|(?P<escape>\\+[nrt/])"
)
_ENCODING_BEGINS = re.compile(r"[&%=\\]")
_ENCODED = re.compile(_ENCODINGS.replace("DIGITS", "[0-9A-F]{2}|[0-9a-f]{2}"))
# In a query `last=Berg` is no byte; in a mail whose digits are both large and small it is.
_ENCODED_IN_MIXED_DIGITS = re.compile(_ENCODINGS.replace("DIGITS", "[0-9a-fA-F]{2}"))
_MIXED_DIGITS = re.compile("=(?:[A-F][a-f]|[a-f][A-F])")
_BYTE = re.compile(r"(?:[%=]|\\+x)([0-9a-fA-F]{2})")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

_LEFT_OUT = '\n"\n'

Edit = tuple[int, int, str]
"""Start and end of what is replaced, and what it is replaced with."""


class View:
    """A rewritten text that knows where each of its characters came from."""

    __slots__ = ("_at", "_edits", "_source", "text")

    def __init__(
        self,
        text: str,
        source: "View | None" = None,
        edits: Iterable[tuple[int, int, int, int]] = (),
    ) -> None:
        self.text = text
        self._source = source
        self._edits = list(edits)
        self._at = [edit[0] for edit in self._edits]

    @property
    def source(self) -> "View":
        """The view that this one was made from; itself for an original text."""
        return self if self._source is None else self._source

    @property
    def edited_ranges(self) -> list[tuple[int, int]]:
        """Where this text has something else than its source, in order; half open, maybe empty."""
        return [(start, end) for start, end, *_ in self._edits]

    def in_source(self, start: int, end: int) -> tuple[int, int]:
        """Return where the characters from `start` to `end` (not empty) stand in `source`."""
        if not self._edits:
            return start, end
        return self._bounds(start)[0], self._bounds(end - 1)[1]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where the characters from `start` to `end` (not empty) stand in the original."""
        start, end = self.in_source(start, end)
        return (start, end) if self._source is None else self._source.span(start, end)

    def edited(self, edits: Iterable[Edit]) -> "View":
        """Return a view of this one with `edits`, which are in order and do not overlap."""
        parts: list[str] = []
        placed: list[tuple[int, int, int, int]] = []
        done = length = 0
        for start, end, new in edits:
            parts += (self.text[done:start], new)
            length += start - done
            placed.append((length, length + len(new), start, end))
            length += len(new)
            done = end
        parts.append(self.text[done:])
        return View("".join(parts), self, placed)

    def around_edits(self, reach: int) -> "View":
        """Return a view of what was edited and `reach` characters on both sides, up to a blank.

        The rest reads as it did before; a double quote on a line of its own stands for it.
        """
        gaps: list[Edit] = []
        done = 0
        for start, end, *_ in self._edits:
            before = self.text.rfind(" ", done, max(done, start - reach))
            if before - done > reach:
                gaps.append((done, before, _LEFT_OUT))
            if end + reach > done:
                behind = self.text.find(" ", end + reach)
                done = behind if behind >= 0 else len(self.text)
        if len(self.text) - done > reach:
            gaps.append((done, len(self.text), _LEFT_OUT))
        return self.edited(gaps) if gaps else self

    def _bounds(self, position: int) -> tuple[int, int]:
        index = bisect_right(self._at, position) - 1
        if index < 0:
            return position, position + 1
        _, end, source_start, source_end = self._edits[index]
        if position < end:
            return source_start, source_end
        position += source_end - end
        return position, position + 1


class _FoldTable(dict[int, str]):
    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < _KEPT_CHARACTERS:
            self[code] = folded
        return folded


def _fold_character(character: str) -> str:
    if character.isspace():
        return " "
    if character in _QUOTES_AND_DASHES:
        return _QUOTES_AND_DASHES[character]
    whole = unicodedata.normalize("NFKC", character).casefold()
    return "".join(
        str(digit) if (digit := unicodedata.decimal(part, None)) is not None else part
        for letter in whole
        for plain in _LETTERS.get(letter, letter)
        for part in unicodedata.normalize("NFKD", plain)
        if unicodedata.category(part) not in {"Mn", "Cf"}
    )


_FOLDED = _FoldTable({code: chr(code).lower() for code in range(128)})


def fold(text: str) -> str:
    """Return `text` without case, diacritics, compatibility forms and invisible characters.

    >>> fold("SØREN Weiß-Ångström")
    'soren weiss-angstrom'
    """
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def folded(view: View) -> View:
    """Return a view of `view` with every character folded."""
    text = view.text
    if text.isascii():
        return View(text.lower(), view)
    edits = []
    shift = 0
    for match in _NON_ASCII.finditer(text):
        start = match.start()
        length = len(_FOLDED[ord(match.group())])
        if length != 1:
            edits.append((start + shift, start + shift + length, start, start + 1))
            shift += length - 1
    return View(text.translate(_FOLDED), view, edits)


def decoded(view: View) -> View | None:
    """Return a view without entities, percent, quoted-printable and JSON escapes.

    None if there are none: such a view would be equal to `view`.
    """
    edits = list(_decodings(view.text, _ENCODED))
    return view.edited(edits) if edits else None


def decoded_from_mixed_digits(view: View) -> View | None:
    """Return the same with quoted-printable of a large and a small digit; None if there is none."""
    if _MIXED_DIGITS.search(view.text) is None:
        return None
    return view.edited(list(_decodings(view.text, _ENCODED_IN_MIXED_DIGITS)))


def without_tags(view: View, ranges: list[Tag]) -> View:
    """Return a view of an HTML text as it is read: no tags, entities decoded."""
    edits: list[Edit] = []
    done = 0
    text = view.text
    has_entities = "&" in text
    for tag in [*ranges, Tag(len(text), len(text), breaks=False)]:
        for match in _ENTITY.finditer(text, done, tag.start) if has_entities else ():
            if (clear := html.unescape(match.group())) != match.group():
                edits.append((*match.span(), clear))
        edits.append((tag.start, tag.end, "\n" if tag.breaks else ""))
        done = tag.end
    return view.edited(edits)


def _decodings(text: str, encoded: re.Pattern[str]) -> Iterator[Edit]:
    end = 0
    # To look for where one may begin is far faster than to try each of them everywhere.
    for first in _ENCODING_BEGINS.finditer(text):
        if first.start() < end or (match := encoded.match(text, first.start())) is None:
            continue
        start, end = match.span()
        kind = match.lastgroup
        if kind == "entity":
            clear = html.unescape(match.group())
            if clear != match.group():
                yield start, end, clear
        elif kind in ("bytes", "hexadecimal"):
            yield from _characters(text, start, end)
        elif kind in ("unit", "code"):
            yield start, end, chr(int(match[kind], 16))
        elif kind == "joined":
            yield start, end, ""
        else:
            yield start, end, "/" if match.group().endswith("/") else "\n"


def _characters(text: str, start: int, end: int) -> Iterator[Edit]:
    """Decode a run of escaped bytes, one edit per character."""
    escapes = list(_BYTE.finditer(text, start, end))
    done = start
    index = 0
    while index < len(escapes):
        character, length = _first_character(
            bytes(int(escape[1], 16) for escape in escapes[index : index + 4])
        )
        yield done, escapes[index + length - 1].end(), character
        index += length
        done = escapes[index - 1].end()
    if done < end:
        # A soft line break at the end of the run.
        yield done, end, ""


def _first_character(data: bytes) -> tuple[str, int]:
    for length in range(1, len(data) + 1):
        try:
            return data[:length].decode("utf-8"), length
        except UnicodeDecodeError:
            continue
    return data[:1].decode("latin-1"), 1
