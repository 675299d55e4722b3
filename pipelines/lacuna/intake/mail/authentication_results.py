"""Reads Authentication-Results headers by their grammar: RFC 8601, and RFC 5322 for what is between.

Such a header holds text of whoever sent the mail: their address, the name that their server gave
itself. A value is therefore never searched. What does not follow the grammar makes the whole header
unreadable, and an unreadable header vouches for nobody.

Looser than the grammar are two places, because servers write so: a value need not be quoted for
`/`, `:`, `=`, `?`, `[`, `]`, `<` and `>`, and a separator may stand at the end.
"""

import string
from typing import Final

from lacuna.model.mail import MethodResult, ServerVerdict

_SPACES: Final = frozenset(" \t")
_LETTERS: Final = frozenset(string.ascii_letters + string.digits)
_KEYWORD: Final = _LETTERS | {"-"}
_TOKEN: Final = frozenset(map(chr, range(33, 127))) - frozenset('()<>@,;:\\"/[]?=')  # RFC 2045
_UNQUOTED: Final = frozenset(map(chr, range(33, 127))) - frozenset('(),;"\\')
_VERSION: Final = "1"


class _UnreadableError(Exception):
    """A text does not follow the grammar."""


def verdict_of(payload: str, hops: tuple[str, ...]) -> ServerVerdict:
    """Return the verdicts of an Authentication-Results header, and the server that gave them.

    Args:
        payload: the unfolded header without its field name.
        hops: hosts that the Received headers above it name.
    """
    text = _HeaderText(payload)
    server = ""
    try:
        text.skip()
        server = _name(text.value())
        return ServerVerdict(server, _findings(text), hops)
    except _UnreadableError:
        return ServerVerdict(server, None, hops)


def keyword_of(value: str) -> str:
    """Return the keyword that a header begins with, in lower case; empty where it has none.

    >>> keyword_of("(a comment) Auto-Replied (another); x=y")
    'auto-replied'
    """
    text = _HeaderText(value)
    try:
        text.skip()
        return text.keyword()
    except _UnreadableError:
        return ""


def host_of(received: str) -> str:
    """Return the host that wrote a Received header; empty where that is not plain.

    >>> host_of("from a (by x.org) by mx.example.org (Postfix) with ESMTPS id 1; Mon, 02 Nov 2026")
    'mx.example.org'
    """
    text = _HeaderText(received)
    words: list[str] = []
    try:
        text.skip()
        while not text.is_at(""):
            words.append(text.word())
            text.skip()
    except _UnreadableError:
        return ""
    # The name after `from` is the sender's to choose: what makes a second `by` or date is in doubt.
    folded = [word.lower() if word.isascii() else word for word in words]
    if folded.count("by") != 1 or folded.index("by") not in (0, 2) or folded.count(";") != 1:
        return ""
    return _name("".join(folded[folded.index("by") + 1 :][:1])).rstrip(".")


def _name(text: str) -> str:
    """Return a server's name as names compare; empty for one that only some fold to ASCII."""
    return text.lower() if text.isascii() else ""


def _findings(text: "_HeaderText") -> tuple[MethodResult, ...]:
    """Read all that follows the name of the server."""
    text.skip()
    if text.is_at(*string.digits):
        text.expect(_VERSION)
        text.skip()
    found: list[MethodResult] = []
    is_none = False
    while not text.is_at(""):
        text.expect(";")
        text.skip()
        if text.is_at("") and found:
            break
        method = text.keyword()
        text.skip()
        if method == "none" and not found and text.is_at(""):
            is_none = True
            break
        found.append(_finding(text, method))
    if not found and not is_none:
        raise _UnreadableError
    return tuple(found)


def _finding(text: "_HeaderText", method: str) -> MethodResult:
    if text.is_at("/"):
        text.expect("/")
        text.skip()
        text.expect(_VERSION)
        text.skip()
    text.expect("=")
    text.skip()
    result = text.keyword()
    properties: list[tuple[str, str]] = []
    is_first = True
    while text.skip() and not text.is_at("", ";"):
        name = text.keyword()
        text.skip()
        if name == "reason" and is_first and text.is_at("="):
            text.expect("=")
            text.skip()
            text.value()
        else:
            text.expect(".")
            text.skip()
            name = f"{name}.{text.keyword()}"
            text.skip()
            text.expect("=")
            text.skip()
            properties.append((name, text.property()))
        is_first = False
    return MethodResult(method, result, tuple(properties))


class _HeaderText:
    """A header that is read from its beginning, each character once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def is_at(self, *characters: str) -> bool:
        """Whether one of these comes next; the empty one is the end."""
        return self._text[self._at : self._at + 1] in characters

    def expect(self, character: str) -> None:
        """Pass a character."""
        if not self.is_at(character):
            raise _UnreadableError
        self._at += 1

    def skip(self) -> bool:
        """Pass white space and comments; return whether there was any."""
        start = self._at
        while True:
            while self.is_at(*_SPACES):
                self._at += 1
            if not self.is_at("("):
                return self._at > start
            self._comment()

    def _comment(self) -> None:
        depth = 0
        while True:
            character = self._next()
            if character == "\\":
                self._next()
            elif character == "(":
                depth += 1
            elif character == ")":
                depth -= 1
                if depth == 0:
                    return

    def keyword(self) -> str:
        """Return a name of the grammar's own, in lower case."""
        found = self._run(_KEYWORD)
        if not found or found[-1] == "-":
            raise _UnreadableError
        return found.lower()

    def value(self) -> str:
        """Return a token, or what a quoted string says."""
        found = self._quoted() if self.is_at('"') else self._run(_TOKEN)
        if not found:
            raise _UnreadableError
        return found

    def property(self) -> str:
        """Return a value, an address or a domain, however long it is."""
        if not self.is_at('"'):
            found = self._run(_UNQUOTED, is_international=True)
            if not found:
                raise _UnreadableError
            return found
        found = self._quoted()
        if self.is_at("@"):
            # Of an address only its end is compared: a local part is the sender's to choose.
            found = self._run(_UNQUOTED, is_international=True)
        return found

    def word(self) -> str:
        """Return the text up to a space, a comment or `;`, or that; of a quoted string nothing."""
        if self.is_at('"'):
            self._quoted()
            return ""
        if self.is_at(";"):
            self._at += 1
            return ";"
        found = self._run(_UNQUOTED | {",", "\\"}, is_international=True)
        if not found:
            raise _UnreadableError
        return found

    def _run(self, allowed: frozenset[str], *, is_international: bool = False) -> str:
        start = self._at
        while not self.is_at(""):
            character = self._text[self._at]
            if character not in allowed and not (is_international and character > "\x9f"):
                break
            self._at += 1
        return self._text[start : self._at]

    def _quoted(self) -> str:
        self.expect('"')
        found: list[str] = []
        while (character := self._next()) != '"':
            found.append(self._next() if character == "\\" else character)
        return "".join(found)

    def _next(self) -> str:
        if self.is_at(""):
            raise _UnreadableError
        character = self._text[self._at]
        if (character < " " and character != "\t") or "\x7f" <= character <= "\x9f":
            raise _UnreadableError
        self._at += 1
        return character
