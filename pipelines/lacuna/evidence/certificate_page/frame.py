"""Joins the parts of the page."""

import re
from html import escape
from typing import Final

from lacuna.evidence.certificate_page.annex import annex
from lacuna.evidence.certificate_page.assurance import checking, complaint, limits, reach
from lacuna.evidence.certificate_page.outcome_in_words import kept, outcome, searched, what_was_done
from lacuna.evidence.certificate_page.page_parts import joined, listed
from lacuna.evidence.certificate_page.page_style import STYLE
from lacuna.evidence.certificate_page.parties import decisions, facts
from lacuna.evidence.certificate_page.statement_reader import CertificateContents, text_of

_TITLES: Final = {
    "nothing_found": "Certificate that nothing was found",
    "refused": "Certificate of refusal",
}


def certificate_page(certificate: bytes) -> bytes:
    """Return the page of a certificate, as UTF-8; it says what the file says, and proves nothing.

    The first part answers in words what an authority asks; the annex has the tables.

    Raises:
        EvidenceBroken: the file is no certificate.
    """
    found = CertificateContents.of(certificate)
    title = f"{_title(found)}: request {found.reference}"
    parts = joined(
        f"<header><h1>{escape(_title(found))}</h1>"
        f"<p>Request <strong>{escape(found.reference)}</strong></p></header><main>",
        outcome(found),
        facts(found),
        what_was_done(found),
        kept(found),
        searched(found),
        reach(found),
        decisions(found),
        complaint(found),
        checking(found),
        limits(found),
        annex(found),
        "</main>",
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{STYLE}{_foot(found)}</style></head>\n"
        f"<body>{parts}</body></html>\n"
    ).encode()


def _title(found: CertificateContents) -> str:
    title = _TITLES.get(found.kind) or f"Certificate of {listed(found.rights)}"
    is_partial = text_of(found.said, "completeness") == "partial"
    return f"{title} (partial)" if is_partial else title


def _foot(found: CertificateContents) -> str:
    """Return the style that names the request at the foot of each printed page."""
    if not re.fullmatch(r"[A-Za-z0-9-]+", found.reference):
        return ""
    return (
        f'@page{{@bottom-left{{content:"Certificate of request {found.reference}";'
        "font:9pt system-ui,sans-serif}}"
    )
