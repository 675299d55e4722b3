"""What the commands about requests read from their arguments: identifiers, moments, tables, pairs."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

import typer

from lacuna.datamap import load_tenants
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.location import TableName
from lacuna.stores.installation import OpenedStores


def country_of(stores: OpenedStores, org_id: str) -> str | None:
    """Return the country of a tenant, whose holidays move due dates; None for an unlisted one."""
    return load_tenants(stores.tenants_path).country_of(org_id)


def zone_of(stores: OpenedStores, org_id: str | None) -> tzinfo:
    """Return the time zone of a tenant; UTC for an unlisted one, and for none."""
    tenant = load_tenants(stores.tenants_path).by_org.get(org_id or "")
    return UTC if tenant is None else tenant.zone


def named(identifiers: Iterable[Identifier]) -> list[tuple[str, str]]:
    """Return kind and value of identifiers, to read: what nobody sees shows as its code."""
    from lacuna.intake import visible

    return [(str(one.kind), visible(one.value)) for one in identifiers]


def identifiers_given(**texts: list[str] | None) -> tuple[Identifier, ...]:
    """Return the identifiers that options gave, in the order of the options."""
    kinds = {
        "email": IdentifierKind.EMAIL,
        "phone": IdentifierKind.PHONE,
        "external_id": IdentifierKind.EXTERNAL_ID,
        "contact": IdentifierKind.CONTACT_ID,
        "conversation": IdentifierKind.CONVERSATION_ID,
        "message": IdentifierKind.MESSAGE_ID,
    }
    return tuple(
        Identifier(kinds[name], text) for name, given in texts.items() for text in given or ()
    )


def moment(text: str) -> datetime:
    """Return the moment that an option says; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a date or a time in ISO 8601, such as 2026-11-24") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def table_named(text: str) -> TableName:
    """Return the table that an option names."""
    try:
        return TableName.parse(text)
    except ValueError:
        raise typer.BadParameter("write --table schema.table") from None


def pair(text: str) -> tuple[str, str]:
    """Return field and value of `FIELD=VALUE`."""
    name, separator, content = text.partition("=")
    if not separator or not name:
        raise typer.BadParameter("write --set FIELD=VALUE")
    return name, content
