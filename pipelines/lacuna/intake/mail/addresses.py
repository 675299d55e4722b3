"""E-mail addresses: taken from headers without guessing, and from text in linear time."""

from collections.abc import Iterator
from enum import Enum
from typing import Final

import idna

from lacuna.treatment import compared, poses_as_ascii

LONGEST: Final = 320  # 64 + 1 + 255 bytes (RFC 5321)
_LONGEST_LOCAL: Final = 64
_LONGEST_DOMAIN: Final = 255
_ATOM: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~.-"
)


def mailboxes(header: str, *, has_groups: bool = False) -> tuple[tuple[str, str], ...]:
    """Return display name and address of each mailbox of an address header, as they stand.

    An encoded word decodes to nothing but a name: addresses are taken before any decoding. What
    is no address is returned as one all the same, and fails when it is compared: so do a quoted
    string or a backslash in an address, and the content of a group, unless the header may have some.

    >>> mailboxes('"dpo@corp.org" <evil@x.org>, b@y.org (B)')
    (('dpo@corp.org', 'evil@x.org'), ('', 'b@y.org'))
    """
    separators = ",:;" if has_groups else ","
    return tuple(_mailbox(part) for part in _parts(header, separators) if part.strip())


def spellings(address: str) -> frozenset[str]:
    """Return an address with its domain in ASCII and in letters: a platform may hold either."""
    local, _, domain = compared(address).rpartition("@")
    try:
        return frozenset({f"{local}@{domain}", f"{local}@{idna.decode(domain)}".lower()})
    except (idna.IDNAError, UnicodeError):
        return frozenset({f"{local}@{domain}"})


def is_address(text: str) -> bool:
    """Whether a text is one address of the usual form, and not too long for one."""
    local, separator, domain = text.rpartition("@")
    return (
        bool(separator)
        and 0 < len(local) <= _LONGEST_LOCAL
        # Not what nobody sees, nor what turns the direction of writing, nor a letter of another
        # script or size that somebody's program takes for one of the alphabet.
        and not poses_as_ascii(text)
        and all(each in _ATOM or (each > "\x7f" and each.isprintable()) for each in local)
        and _is_domain(domain)
    )


def addresses_in(text: str) -> tuple[str, ...]:
    """Return the addresses that a text names, in order, each once, as they compare."""
    return tuple(dict.fromkeys(compared(each) for each in _found(text)))


def _found(text: str) -> Iterator[str]:
    """Yield the text around each `@`: the work is linear, whatever the text is."""
    at = text.find("@")
    while at != -1:
        first, last = at, at + 1
        while first > 0 and at - first <= _LONGEST_LOCAL and _in_local(text[first - 1]):
            first -= 1
        while last < len(text) and last - at <= _LONGEST_DOMAIN and _in_domain(text[last]):
            last += 1
        candidate = text[first:last].strip(".'*_-/=?`{|}~")
        if is_address(candidate):
            yield candidate
        at = text.find("@", at + 1)


def _in_local(character: str) -> bool:
    # A local part in other letters does not begin after its last one: `müller@` is not `ller@`.
    return character in _ATOM or (character > "\x7f" and character.isalnum())


def _in_domain(character: str) -> bool:
    return character.isalnum() or character in ".-"


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return (
        len(labels) > 1
        and len(domain) <= _LONGEST_DOMAIN
        and all(0 < len(label) <= 63 and all(map(_in_domain, label)) for label in labels)
    )


def _parts(header: str, separators: str) -> Iterator[str]:
    """Split an address header at the characters that separate mailboxes."""
    part: list[str] = []
    for character, place in _placed(header):
        if place is _HeaderContext.BARE and character in separators:
            yield "".join(part)
            part.clear()
        else:
            part.append(character)
    yield "".join(part)


class _HeaderContext(Enum):
    BARE = "bare"
    QUOTATION_MARK = "quotation mark"  # or the end of a header that should not end there
    QUOTED = "quoted"
    ESCAPE = "escape"
    COMMENT = "comment"


def _placed(text: str) -> Iterator[tuple[str, _HeaderContext]]:
    """Yield each character with where it stands."""
    is_quoted = is_escaped = False
    depth = 0
    for character in text:
        inside = _HeaderContext.COMMENT if depth else _HeaderContext.QUOTED if is_quoted else None
        if is_escaped or (inside and character == "\\"):
            is_escaped = not is_escaped
            place = _HeaderContext.ESCAPE if is_escaped else inside or _HeaderContext.BARE
        elif character == '"' and not depth:
            is_quoted = not is_quoted
            place = _HeaderContext.QUOTATION_MARK
        elif character in "()" and not is_quoted and (depth or character == "("):
            depth += 1 if character == "(" else -1
            place = _HeaderContext.COMMENT
        else:
            place = inside or _HeaderContext.BARE
        yield character, place
    if is_quoted or depth:
        yield "", _HeaderContext.QUOTATION_MARK


def _mailbox(part: str) -> tuple[str, str]:
    placed = tuple(_placed(part))
    # A quoted string leaves its quotation mark and a comment a space: an address with either is none.
    left = {_HeaderContext.QUOTATION_MARK: '"', _HeaderContext.COMMENT: " "}
    text = "".join(
        character if place is _HeaderContext.BARE else left.get(place, "")
        for character, place in placed
    )
    before, bracket, rest = text.partition("<")
    inside, end, after = rest.partition(">")
    if not bracket:
        return "", text.strip()
    start = placed.index(("<", _HeaderContext.BARE))
    shown = (
        one
        for one, place in placed[:start]
        if place in (_HeaderContext.BARE, _HeaderContext.QUOTED)
    )
    is_plain = end and not after.strip() and ":" not in before
    # Two addresses in one mailbox, words behind it, a group: no address.
    return " ".join("".join(shown).split()), (inside if is_plain else text).strip()
