"""E-mail addresses in texts: the forms in which they are written, and where one is a whole one."""

import re
from collections.abc import Iterator
from typing import Final

from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.verify.folding import fold

_LONGEST_FORWARDING: Final = 320


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether an address is neither the end of a longer one, nor goes on with another domain."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:].isalnum() or before[-1:] == "_":
        return False
    if before[-1:] in tuple(".%+-&'") and before[:-1].isalnum():
        return False
    return not (after[:1].isalnum() or (after[:1] in (".", "-") and after[1:].isalnum()))


def is_return_path(identifier: Identifier, text: str, start: int, end: int) -> bool:
    """Whether an address stands in one to which mail comes back, or that a server forwards for.

    Or in that of a guest: `bo_example.org#EXT#@`.
    """
    before = text[max(0, start - _LONGEST_FORWARDING) : start]
    local, _, _ = fold(identifier.value.strip()).partition("@")
    is_guest = text.startswith(f"{local}_", start)
    if not text.startswith("#ext#@" if is_guest else "@", end) or before[-1:].isalnum():
        return False
    if is_guest or text.startswith((f"{local}=", f"{local}%"), start):
        return re.search(r"\w\.$", before) is None
    return before[-1:] == "=" and "srs" in before


def addresses_of(identifier: Identifier) -> Iterator[str]:
    """Yield an e-mail address, folded, in the forms in which others have it within; of another kind nothing."""
    if identifier.kind is IdentifierKind.EMAIL:
        for address in _addresses(identifier.value.strip()):
            local, at, domain = address.partition("@")
            yield address
            if local and at and domain:
                for separator in "=%_":
                    yield f"{local}{separator}{domain}"
                yield f"{domain}={local}"


def _addresses(value: str) -> Iterator[str]:
    """Yield an address, its domain in letters and as DNS writes them."""
    yield fold(value)
    local, _, domain = value.partition("@")
    try:
        yield fold(f"{local}@{domain.encode('idna').decode()}")
        yield fold(f"{local}@{domain.encode().decode('idna')}")
    except UnicodeError:
        return
