"""Reads whom a data map wants told of erasures, corrections and restrictions (Art. 19)."""

import re
from typing import Final
from urllib.parse import urlsplit

from lacuna.datamap.read.partial_map import MapDraft
from lacuna.datamap.read.strict_yaml import Section
from lacuna.model.identity import IdentifierKind
from lacuna.model.processing import Recipient

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ADDRESS: Final = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,255}")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_REFERENCES: Final = {
    str(kind): kind
    for kind in (
        IdentifierKind.CONTACT_ID,
        IdentifierKind.EXTERNAL_ID,
        IdentifierKind.EMAIL,
        IdentifierKind.PHONE,
    )
}
_WITHIN_DAYS: Final = 30


def read_recipients(top: Section, draft: MapDraft) -> tuple[Recipient, ...]:
    """Return the recipients under `notify`."""
    section = top.section("notify")
    found: list[Recipient] = []
    for name in () if section is None else section.names():
        entry = None if section is None else section.section(name, f"notify {name}")
        if entry is None:
            continue
        if not _NAME.fullmatch(name):
            entry.problem(
                f"notify {name!r}: the name of a recipient may contain only a-z, 0-9 and _"
            )
        webhook, email = entry.optional_text("webhook"), entry.optional_text("email")
        if (webhook is None) == (email is None):
            entry.problem(f"{entry.where}: give either a webhook or an email")
        if webhook is not None and not _is_safe(webhook):
            entry.problem(
                f"{entry.where}: a webhook must be an https:// address without user and fragment",
                entry.line_of("webhook"),
            )
        if email is not None and not _ADDRESS.fullmatch(email):
            entry.problem(f"{entry.where}: email must be one address", entry.line_of("email"))
        reference = entry.text("reference")
        if reference and reference not in _REFERENCES:
            entry.problem(
                f"{entry.where}: reference must be one of {', '.join(_REFERENCES)}",
                entry.line_of("reference"),
            )
        fields = entry.texts("fields")
        if draft.subject is not None and draft.subject.table in draft.tables:
            known = {column.name for column in draft.tables[draft.subject.table].columns}
            for each in sorted(set(fields) - known):
                entry.problem(
                    f"{entry.where}: fields lists {each!r}, which is not a column of "
                    f"{draft.subject.table}",
                    entry.line_of("fields"),
                )
        found.append(
            Recipient(
                name=name,
                title=entry.prose("name"),
                webhook=webhook,
                email=email,
                reference=_REFERENCES.get(reference, IdentifierKind.EXTERNAL_ID),
                tenants=entry.texts("tenants"),
                within_days=entry.optional_number("within_days") or _WITHIN_DAYS,
                fields=fields,
            )
        )
        entry.finish()
    return tuple(found)


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        is_plain = parts.username is None and not parts.fragment and parts.port != 0
    except ValueError:
        return False
    if not is_plain or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
