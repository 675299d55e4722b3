"""The views in which verification searches texts: as they stand, and decoded.

Written apart from the redaction engine on purpose: what one overlooks, the other must see.

Many texts are searched as one: joined by a NUL, which PostgreSQL's texts cannot hold. Every
function here keeps NULs as they are and never looks across one, so that a view of the whole is
the views of its parts, and costs one pass instead of one a text.
"""

import base64
import binascii
import html
import quopri
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

from lacuna.verify.raw_bytes import UnsearchableError, in_code_pages, strings_in_bytes, unpacked

BARRIER: Final = "\0"

# Chains of this many decodings are followed: a base64 part of a mail, HTML in it, entities in that.
_DEEPEST: Final = 3
_REPLACED: Final = "\ufffd"

# Bytes; fewer of a random token may look like a text in some code page.
_SHORTEST_TEXT: Final = 64

_T = TypeVar("_T")
_BATCH_CHARACTERS: Final = 4_000_000


def batches(items: Iterable[_T], size_of: Callable[[_T], int]) -> Iterator[Sequence[_T]]:
    """Yield what has texts in lists of some million characters, each to be searched at once."""
    batch: list[_T] = []
    size = 0
    for item in items:
        batch.append(item)
        size += size_of(item)
        if size > _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


_BLOCKS: Final = (
    "address|article|blockquote|body|br|caption|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6]|"
    "header|hr|html|img|input|legend|li|main|nav|ol|option|p|pre|script|section|select|style|"
    "table|tbody|td|textarea|tfoot|th|thead|title|tr|ul"
)
_BLOCK: Final = re.compile(rf"</?(?:{_BLOCKS})(?![\w-])[^<>\0]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>\0]*>")
_ENTITY_IN_TAG: Final = re.compile(r"<[^<>\0&]*&[^<>\0]*>")
# Patterns begin with what is rare, and look behind it afterwards: that is ten times as fast.
_GLUING: Final = re.compile(rf"<(?<=\w<)(?!/?(?:{_BLOCKS})(?![\w-]))[^<>\0]*>(?:<[^<>\0]*>)*(?=\w)")
_PERCENT: Final = re.compile(r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*")
_WIDE_PERCENT: Final = re.compile(r"%u[0-9a-f]{4}(?:%u[0-9a-f]{4})*", re.IGNORECASE)
_BYTES: Final = {
    **{chr(byte): byte for byte in range(0x80, 0x100)},
    **{
        character: byte
        for byte in range(0x80, 0xA0)
        if (character := bytes([byte]).decode("cp1252", "replace")) != "\ufffd"
    },
}
"""Which byte a character was, where UTF-8 was read as Latin-1 or as Windows reads that."""
_AFTER_FIRST: Final = "".join(
    map(re.escape, (character for character, byte in _BYTES.items() if byte < 0xC0))
)
_MISREAD: Final = re.compile(f"[\u00c2-\u00f4][{_AFTER_FIRST}]{{1,3}}")
_ESCAPE: Final = re.compile(
    r"\\(?:u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})*|x[0-9a-fA-F]{2}(?:\\x[0-9a-fA-F]{2})*"
    r"|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}|\r?\n[ \t]*|[bfnrt\"\\/ ])"
)
_SHORT_ESCAPES: Final = {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": " "}
_HYPHENATED: Final = re.compile(r"[-\u2010\u00ad](?<=\w.)[ \t]*\r?\n[ \t>|]*(?=\w)")
# Behind the at sign of an e-mail address or a point in its domain, and before the at sign.
_BREAK_AFTER_AT: Final = re.compile(
    r"(@(?<=\w@)(?:[\w.-]{1,64}\.)?)[ \t]*+\r?\n[ \t>|\r\n]*+(?=\w)"
)
_BREAK_BEFORE_AT: Final = re.compile(r"(?<=\w)\r?\n[ \t>|\r\n]*+(?=@\w)")
_BREAKS_BEFORE_AT: Final = tuple(f"{mark}@" for mark in "\n \t>|")
_SOFT_BREAK: Final = re.compile(r"=[ \t]*\r?\n")
_QUOTED: Final = re.compile(r"=[0-9A-Fa-f]{2}(?:=[0-9A-Fa-f]{2})*")
_ENCODED_WORD: Final = re.compile(r"=\?([\w.:-]+)(?:\*[\w-]*)?\?([bBqQ])\?([^?\s\0]*)\?=")
_BETWEEN_ENCODED: Final = re.compile(r"(?<=\?=)\s+(?==\?)")
_DENSE: Final = re.compile(
    r"[A-Za-z0-9+/_-]{16,}={0,2}"
    # The last line may have a few digits only: without them the end would be cut off.
    r"(?:\r?\n[ \t>]*(?:[A-Za-z0-9+/_-]{4,}={0,2}|[A-Za-z0-9+/_-]{2,3}={1,2}))*"
)
_LONG_RUN: Final = b"a" * 16
_SHAPES: Final = bytes(
    ord("a") if (chr(code).isalnum() and code < 128) or chr(code) in "+/_-" else 0
    for code in range(256)
)
_NO_DIGIT: Final = re.compile(r"[\s>=]+")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+")
# PostgreSQL writes bytes as \x…, other databases as 0x…; the backslash is no character of a run.
_HEX_PIECE: Final = re.compile(
    r"(?:(?<![0-9A-Za-z])|(?<=^x)|(?<=^0x))(?:[0-9a-fA-F]{2}){5,}(?![0-9A-Za-z])"
)
_TAGGED: Final = re.compile(r"\+(?<=[a-zA-Z0-9]\+)[\w.%=+-]{1,64}(?=@)")


def _as_read(text: str) -> str:
    """Return HTML as a reader sees it: `An<b>na</b><br>B&#101;rg` is two words."""
    if "<" in text:
        text = _TAG.sub("", _BLOCK.sub(" ", text))
    return html.unescape(text) if "&" in text else text


def _attributes(text: str) -> str:
    """Decode the entities inside tags, which are not read."""
    return _ENTITY_IN_TAG.sub(_unescaped_tag, text) if "<" in text and "&" in text else text


def _unescaped_tag(found: re.Match[str]) -> str:
    return html.unescape(found.group())


def _parted_by_tags(text: str) -> str:
    """Put a space for a tag inside a word: `<td>Anna</td><i>Berg</i>` may be laid out apart."""
    return _GLUING.sub(" ", text) if "<" in text else text


def _percent(text: str) -> str:
    if "%u" in text or "%U" in text:
        text = _WIDE_PERCENT.sub(lambda found: _wide(found.group().lower().replace("%u", "")), text)
    return _PERCENT.sub(lambda found: _read(_hex(found, "%")), text) if "%" in text else text


def _misread(text: str) -> str:
    """Return UTF-8 as it was meant that was read as Latin-1 and stored so: `Ã¥` for `å`."""
    return text if text.isascii() else _MISREAD.sub(_as_utf8, text)


def _as_utf8(found: re.Match[str]) -> str:
    data = bytes(_BYTES[character] for character in found.group())
    for end in range(len(data), 1, -1):
        try:
            return _safe(data[:end].decode("utf-8")) + found.group()[end:]
        except UnicodeDecodeError:
            continue
    return found.group()


def _plus_tags(text: str) -> str:
    """Take the tag out of an address: `anna+news@` is the mailbox of `anna@`."""
    return _TAGGED.sub("", text) if "+" in text and "@" in text else text


def _escapes(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(found: re.Match[str]) -> str:
    escape = found.group()
    if escape[1] in "\r\n":
        return ""  # a line of YAML that goes on in the next one
    if len(escape) == 2:
        return _SHORT_ESCAPES.get(escape[1], escape[1])
    if escape[1] == "x":
        return _read(_hex(found, "\\x"))
    if escape[1] == "U":
        return _safe(chr(int(escape[2:], 16)))
    return _wide(escape.replace("\\u", ""))


def _wide(digits: str) -> str:
    return _safe(bytes.fromhex(digits).decode("utf-16-be", "replace"))


def _hyphenated(text: str) -> str:
    """Join a word that goes on in the next line: `Thors-`, then `ager`."""
    return _HYPHENATED.sub("", text) if "\n" in text else text


def _broken_addresses(text: str) -> str:
    """Join an e-mail address that goes on in the next line, quoted or not."""
    if "\n" not in text or "@" not in text:
        return text
    text = _BREAK_AFTER_AT.sub(r"\1", text)
    if any(one in text for one in _BREAKS_BEFORE_AT):
        text = _BREAK_BEFORE_AT.sub("", text)
    return text


def _quoted_printable(text: str) -> str:
    if "=" not in text:
        return text
    text = _SOFT_BREAK.sub("", text)
    return _QUOTED.sub(lambda found: _read(_hex(found, "=")), text)


def _encoded_words(text: str) -> str:
    if "=?" not in text:
        return text
    return _ENCODED_WORD.sub(_encoded_word, _BETWEEN_ENCODED.sub("", text))


def _encoded_word(found: re.Match[str]) -> str:
    charset, encoding, content = found.groups()
    data = content.encode("utf-8", "replace")
    try:
        if encoding in "bB":
            data = base64.b64decode(data + b"=" * (-len(data) % 4))
        else:
            data = quopri.decodestring(data, header=True)
        return _safe(data.decode(charset, "replace"))
    except (binascii.Error, LookupError, ValueError):
        return _read(data)


def _dense(text: str) -> str:
    """Replace every long run of base64 or hexadecimal digits by what it says."""
    # One byte a character, and all that can stand in a run the same: then a run is found fast.
    shape = text.encode("latin-1", "replace").translate(_SHAPES)
    parts: list[str] = []
    done = 0
    while (start := shape.find(_LONG_RUN, done)) >= 0:
        found = _DENSE.match(text, start)
        if found is None:
            raise AssertionError("both look for the same run")
        parts += (text[done:start], _dense_run(found))
        done = found.end()
    return "".join((*parts, text[done:])) if parts else text


def _dense_run(found: re.Match[str]) -> str:
    run = found.group()
    if _UUID.fullmatch(run):
        return run
    packed = _NO_DIGIT.sub("", run).replace("-", "+").replace("_", "/")
    # Hexadecimal digits may stand in a path, base64 has characters of it.
    pieces = [packed] if _HEX.fullmatch(packed) else _HEX_PIECE.findall(run)
    said = [_said(bytes.fromhex(piece)) for piece in pieces]
    # What stands before it, such as a path, may have characters of the alphabet too.
    for start in range(4):
        part = packed[start:]
        if len(part) % 4 != 1:
            said.append(_said(base64.b64decode(part + "=" * (-len(part) % 4))))
    # What one reading ends with is no part of what the next begins with.
    return " \f ".join(("", *said, ""))


def hexadecimal(digits: str) -> str:
    """Return the text that hexadecimal digits say, two for each byte.

    >>> hexadecimal("416e6e61")
    'Anna'
    """
    return _said(bytes.fromhex(digits))


def _said(data: bytes) -> str:
    try:
        plain = list(unpacked(data))
    except UnsearchableError:
        # By accident it begins as a packed member does.
        plain = [data]
    return _safe(" ".join(map(_text_or_strings, plain)))


def _text_or_strings(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pages = in_code_pages(data) if len(data) >= _SHORTEST_TEXT else ()
        return "\ufffd".join((strings_in_bytes(data), *pages))
    return strings_in_bytes(data) if BARRIER in text else text


def _hex(found: re.Match[str], prefix: str) -> bytes:
    return bytes.fromhex(found.group().replace(prefix, ""))


def _read(data: bytes) -> str:
    try:
        return _safe(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _safe(data.decode("latin-1"))


def _safe(text: str) -> str:
    """Return a decoded text without the character that separates one text from the next."""
    return text.replace(BARRIER, _REPLACED)


_DECODERS: Final[tuple[Callable[[str], str], ...]] = (
    _as_read,
    _attributes,
    _parted_by_tags,
    _percent,
    _misread,
    _plus_tags,
    _escapes,
    _hyphenated,
    _broken_addresses,
    _quoted_printable,
    _encoded_words,
    _dense,
)


def as_is(texts: Sequence[str]) -> tuple[Sequence[int], str]:
    """Return the view of texts as they stand, as `views_of` does."""
    return range(len(texts)), BARRIER.join(map(_safe, texts))


def views(text: str) -> Iterator[str]:
    """Yield a text, and every decoding of it that says something new."""
    return (view for _, view in views_of([text]))


def views_of(texts: Sequence[str]) -> Iterator[tuple[Sequence[int], str]]:
    """Yield the texts, and every decoding that says something new, decoded again in turn.

    Decoded are HTML without tags and entities, percent-encoding, quoted-printable, encoded
    words of mail headers, base64, hexadecimal, the escapes of JSON, tagged addresses, words that a
    hyphen breaks at the end of a line, addresses that a line break parts, and UTF-8 that was read as Latin-1.

    Returns:
        For each view the numbers of the texts that it shows, and these texts, joined by NULs.
    """
    plain = [_safe(text) if BARRIER in text else text for text in texts]
    seen: set[tuple[int, str]] = set()
    # Shallowest first: a text that two chains lead to is decoded on from the shorter one.
    waiting: deque[tuple[Sequence[int], list[str], int]] = deque([(range(len(plain)), plain, 0)])
    while waiting:
        numbers, shown, depth = waiting.popleft()
        blob = BARRIER.join(shown)
        yield numbers, blob
        if depth == _DEEPEST:
            continue
        for decode in _DECODERS:
            decoded = decode(blob)
            if decoded == blob:
                continue
            pairs = zip(numbers, shown, decoded.split(BARRIER), strict=True)
            new = [
                (number, after)
                for number, before, after in pairs
                if after != before and (number, after) not in seen
            ]
            if new:
                seen.update(new)
                waiting.append(([one for one, _ in new], [text for _, text in new], depth + 1))
