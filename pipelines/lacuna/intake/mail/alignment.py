"""Says whether a domain that signs or is vouched for is that of a sender.

Domains belong together up to the one that somebody registered, which the public suffix list tells:
`shop.co.uk` is an organization's, `co.uk` is not, and neither is `github.io`, below which each name
is somebody else's.
"""

from functools import cache
from typing import TYPE_CHECKING, Final

import idna

from lacuna.treatment import poses_as_ascii

if TYPE_CHECKING:
    from tldextract import TLDExtract

_LONGEST: Final = 253


def is_aligned(signer: str, domain: str) -> bool:
    """Whether a signer answers for a sender's domain.

    It does for its own domain and for those below it, if one organization has registered both.
    DMARC's relaxed alignment goes further: for a sender in `shop.example` it takes the signature of
    `mail.shop.example`, or of any other host there. That is not believed here, because such names are
    handed to suppliers of every kind, who would then speak for everybody in the organization.
    """
    signer, domain = _folded(signer), _folded(domain)
    organization = _organization(domain)
    if not organization or (signer != domain and not domain.endswith(f".{signer}")):
        return False
    return signer == organization or signer.endswith(f".{organization}")


def is_same(one: str, other: str) -> bool:
    """Whether two names are one domain that somebody registered, or one below it."""
    return _folded(one) == _folded(other) and _organization(_folded(one)) != ""


def is_related(one: str, other: str) -> bool:
    """Whether one organization registered both names: what DMARC's relaxed alignment asks."""
    organization = _organization(_folded(one))
    return organization != "" and organization == _organization(_folded(other))


def _organization(domain: str) -> str:
    """Return the domain that somebody registered; empty for a public suffix and what is no name."""
    if not domain or len(domain) > _LONGEST or not all(domain.split(".")):
        return ""
    found = _suffixes()(domain)
    # Of a name whose end the list does not know the end alone is public, as the list has it.
    rest, suffix = (f"{found.subdomain}.{found.domain}".strip("."), found.suffix)
    if not suffix:
        rest, _, suffix = domain.rpartition(".")
    name = rest.rpartition(".")[2]
    return f"{name}.{suffix}" if name else ""


def _folded(domain: str) -> str:
    """Return a domain as domains compare; empty for what is none."""
    domain = domain.removesuffix(".")
    if domain.isascii():
        return domain.lower()
    if poses_as_ascii(domain):
        return ""
    try:
        return idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return ""


@cache
def _suffixes() -> "TLDExtract":
    """Return the list that the package brings along: nothing is fetched, nothing is written."""
    # Only here: it imports an HTTP client, which takes a third of a second.
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
