"""E-mail addresses as they compare, wherever one is compared: with the platform, a mail, a certificate."""

import unicodedata

import idna


def compared(address: str) -> str:
    """Return an address as addresses compare: without case, its domain in ASCII (IDNA 2008).

    An address compares without case in both of its parts: so the platform is asked, too. One with
    a character that poses as ASCII compares as nothing but itself.

    >>> compared("ZOE@Bücher.example") == compared("zoe@xn--bcher-kva.EXAMPLE")
    True
    """
    if poses_as_ascii(address):
        return address
    local, _, domain = address.strip().rpartition("@")
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        ascii_domain = domain
    # Each character by itself, as PostgreSQL does it: the last sigma of a word is one like others.
    return "".join(map(str.lower, f"{local}@{ascii_domain}"))


def poses_as_ascii(text: str) -> bool:
    r"""Whether a text has a character that becomes one of ASCII where case or width is folded.

    >>> poses_as_ascii("\u212aim"), poses_as_ascii("\uff4bim"), poses_as_ascii("zoë")
    (True, True, False)
    """
    return not text.isascii() and any(
        folded.isascii()
        for character in text
        if character > "\x7f"
        for folded in unicodedata.normalize("NFKC", character).lower()
    )
