"""E-mail addresses: taken from headers without guessing, and from text in linear time."""

from collections.abc import Iterator
from typing import Final

import idna

LONGEST: Final = 320  # 64 + 1 + 255 octets (RFC 5321)
_LONGEST_LOCAL: Final = 64
_LONGEST_DOMAIN: Final = 255
_ATOM: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+/=?^_`{|}~.-"
)


def mailboxes(header: str) -> tuple[tuple[str, str], ...]:
    """Return display name and address of each mailbox of an address header, as they stand.

    An encoded word decodes to nothing but a name: addresses are taken before any decoding. What
    is no address is returned as one all the same, and fails when it is compared.

    >>> mailboxes('"dpo@corp.org" <evil@x.org>, b@y.org (B)')
    (('dpo@corp.org', 'evil@x.org'), ('', 'b@y.org'))
    """
    return tuple(_mailbox(part) for part in _parts(header) if part.strip())


def compared(address: str) -> str:
    """Return an address as addresses compare: without case, its domain in ASCII (IDNA 2008).

    An address compares without case in both of its parts: so the platform is asked, too.

    >>> compared("ZOE@Bücher.example") == compared("zoe@xn--bcher-kva.EXAMPLE")
    True
    """
    local, _, domain = address.strip().rpartition("@")
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        ascii_domain = domain
    return f"{local}@{ascii_domain}".lower()


def spellings(address: str) -> frozenset[str]:
    """Return an address with its domain in ASCII and in letters: a platform may hold either."""
    local, _, domain = compared(address).rpartition("@")
    try:
        return frozenset({f"{local}@{domain}", f"{local}@{idna.decode(domain)}".lower()})
    except (idna.IDNAError, UnicodeError):
        return frozenset({f"{local}@{domain}"})


def is_address(text: str) -> bool:
    """Whether a text is one address of the usual form, and not too long for one."""
    local, sign, domain = text.rpartition("@")
    return (
        bool(sign)
        and 0 < len(local) <= _LONGEST_LOCAL
        # Not what nobody sees, nor what turns the direction of writing.
        and all(each in _ATOM or (each > "\x7f" and each.isprintable()) for each in local)
        and _is_domain(domain)
    )


def addresses_in(text: str) -> tuple[str, ...]:
    """Return the addresses that a text names, in order, each once, as they compare."""
    return tuple(dict.fromkeys(compared(each) for each in _found(text)))


def _found(text: str) -> Iterator[str]:
    """Yield what stands around each `@`: the work is linear, whatever the text is."""
    at = text.find("@")
    while at != -1:
        first, last = at, at + 1
        while first > 0 and at - first <= _LONGEST_LOCAL and text[first - 1] in _ATOM:
            first -= 1
        while last < len(text) and last - at <= _LONGEST_DOMAIN and _in_domain(text[last]):
            last += 1
        candidate = text[first:last].strip(".'*_-/=?`{|}~")
        if is_address(candidate):
            yield candidate
        at = text.find("@", at + 1)


def _in_domain(sign: str) -> bool:
    return sign.isalnum() or sign in ".-"


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return (
        len(labels) > 1
        and len(domain) <= _LONGEST_DOMAIN
        and all(0 < len(label) <= 63 and all(map(_in_domain, label)) for label in labels)
    )


def _parts(header: str) -> Iterator[str]:
    """Split an address header at the commas that separate mailboxes."""
    part: list[str] = []
    is_quoted = is_escaped = False
    depth = 0
    for sign in header:
        if is_escaped:
            is_escaped = False
        elif sign == "\\":
            is_escaped = True
        elif is_quoted:
            is_quoted = sign != '"'
        elif sign == '"' and not depth:
            is_quoted = True
        elif sign == "(":
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
        elif not depth and sign in ",;":
            yield "".join(part)
            part.clear()
            continue
        part.append(sign)
    yield "".join(part)


def _mailbox(part: str) -> tuple[str, str]:
    bare: list[str] = []
    quoted: list[str] = []
    is_quoted = is_escaped = False
    depth = 0
    for sign in part:
        if is_escaped:
            is_escaped = False
            (quoted if is_quoted else bare).append(sign)
        elif sign == "\\":
            is_escaped = True
        elif sign == '"' and not depth:
            is_quoted = not is_quoted
        elif is_quoted:
            quoted.append(sign)
        elif sign == "(":
            depth += 1
        elif sign == ")" and depth:
            depth -= 1
        elif not depth:
            bare.append(sign)
    text = "".join(bare)
    before, sign, rest = text.partition("<")
    inside, end, after = rest.partition(">")
    if sign and (not end or after.strip()):
        inside = text  # two addresses in one mailbox, or words behind it: no address
    address = inside if sign else text.rpartition(":")[2]
    name = f"{before} {''.join(quoted)}" if sign else ""
    return " ".join(name.split()), address.strip()
