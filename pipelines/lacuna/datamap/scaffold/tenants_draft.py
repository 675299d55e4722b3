"""Drafts the file of tenants: one entry for each that has people, with what only a person can say empty."""

from collections.abc import Iterable
from typing import Final

from lacuna.datamap.suggestion import MapTree, fragment

__all__ = ["draft_tenants"]

_HEAD: Final = """\
# Who the controllers are, and where requests reach them. Fill in what is empty; authorized and
# trusted_servers may stay empty.
# country: two capital letters. language: of letters, two small letters. addresses: mailboxes to which
# requests come. domains: of the controller's own mails. authorized: who may speak for the controller.
# time_zone, such as Europe/Copenhagen, may be added: times are shown in it.
trusted_servers: []"""
_ENTRY: Final = ("country", "language")
_LISTS: Final = ("addresses", "domains", "authorized")


def draft_tenants(org_ids: Iterable[str]) -> str:
    """Return the file as YAML.

    Args:
        org_ids: the tenants as the platform names them.
    """
    entries: dict[str, MapTree] = {
        org_id: {"name": org_id, **dict.fromkeys(_ENTRY, ""), **dict.fromkeys(_LISTS, ())}
        for org_id in sorted(org_ids)
    }
    return f"{_HEAD}\n{fragment('tenants', value=entries)}\n"
