"""Reads the header fields of a mail by their grammar (RFC 5322): all of them, or none.

A field that one program sees and another does not is how a second sender is hidden. So what is no
field is reported, never ignored, and nobody reads up to a limit and forgets the rest.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from lacuna.model.mail import Flaw

_LONGEST_FIELDS: Final = 262_144
_MOST_FIELDS: Final = 2_000
_LONGEST_FIELD: Final = 32_768
_LONGEST_OF: Final = {"subject": 4_096, "from": 4_096, "sender": 4_096, "reply-to": 4_096}
_NAME: Final = re.compile(r"[!-9;-~]+")
_ENVELOPE: Final = re.compile(r"From [^\s:].*")  # the line that an mbox has before each mail
_SPACES: Final = " \t"


@dataclass(frozen=True)
class Fields:
    """The header fields of a mail.

    Attributes:
        pairs: names in lower case with their values, unfolded, as they stand and in order.
        flaw: why they are not read, or are not plain; None where nothing is wrong.
    """

    pairs: tuple[tuple[str, str], ...] = field(repr=False)
    flaw: Flaw | None = None


def fields_of(content: bytes) -> Fields:
    """Return the fields above the first empty line."""
    end = _end(content)
    if end > _LONGEST_FIELDS:
        return Fields((), Flaw.HEADER_TOO_LONG)
    # What stands after a return alone is a line to some programs and none to others.
    text = content[:end].decode("utf-8", "replace").replace("\r\n", "\n")
    flaw = Flaw.MALFORMED_HEADER if "\r" in text or "\x00" in text else None
    found: list[tuple[str, list[str]]] = []
    for number, line in enumerate(text.split("\n")):
        name, colon, value = line.partition(":")
        if line[:1] in _SPACES and line:
            if found:
                found[-1][1].append(line.strip(_SPACES))
            else:
                flaw = Flaw.MALFORMED_HEADER
        elif colon and _NAME.fullmatch(name):
            found.append((name.lower(), [value.strip(_SPACES)]))
        elif line and not (number == 0 and _ENVELOPE.fullmatch(line)):
            flaw = Flaw.MALFORMED_HEADER
    pairs = tuple((name, " ".join(lines)) for name, lines in found)
    return Fields(pairs, Flaw.HEADER_TOO_LONG if _is_too_long(pairs) else flaw)


def body_of(content: bytes) -> bytes:
    """Return the bytes below the fields, the empty line included."""
    return content[_end(content) :]


def _end(content: bytes) -> int:
    """Return where the fields end: with the line before an empty one, or with the mail."""
    if content.startswith((b"\n", b"\r\n")):
        return 0
    found = (content.find(b"\n\n"), content.find(b"\n\r\n"))
    return min((at + 1 for at in found if at != -1), default=len(content))


def _is_too_long(pairs: tuple[tuple[str, str], ...]) -> bool:
    lengths: dict[str, int] = {}
    for name, value in pairs:
        # Of the fields with a limit of their own all together count: there is to be one of each.
        longest = len(value) + (lengths.get(name, 0) if name in _LONGEST_OF else 0)
        lengths[name] = longest
        if longest > _LONGEST_OF.get(name, _LONGEST_FIELD):
            return True
    return len(pairs) > _MOST_FIELDS
