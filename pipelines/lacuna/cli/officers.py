"""Commands about the register of officers, for the owner of the installation."""

from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson
from lacuna.cli.output import complain, is_terminal, say, show_json, show_result, show_table
from lacuna.datamap import load_tenants
from lacuna.errors import ConfigurationError
from lacuna.model.officer import EVERY_TENANT
from lacuna.stores.installation import OpenedStores
from lacuna.stores.postgres.officers import OfficerRegister
from lacuna.wiring import open_stores

officer = typer.Typer(no_args_is_help=True)

_OfficerName = Annotated[
    str, typer.Argument(help="Name with which the officer logs in to Airflow and uses --as.")
]
_TENANTS = typer.Option("--org", help="Tenant. Can be repeated. '*' means every tenant.")


@officer.command("add")
def add(
    name: _OfficerName, org: Annotated[list[str], _TENANTS], as_json: PrintJson = False
) -> None:
    """Register an officer for tenants. Needs the owner's login."""
    if not name.strip() or name != name.strip():
        raise ConfigurationError("officer: a name must not be empty or start or end with a space")
    stores = open_stores()
    _require_known(stores, org)
    register = OfficerRegister(stores.database)
    new = register.add(name, org, stores.clock.now(), stores.known_key_id(name))
    show_result(
        {"tenants": len(set(org)), "new": new},
        f"Officer registered. Tenants: {len(set(org))}, new: {new}",
        as_json=as_json,
    )


@officer.command("remove")
def remove(
    name: _OfficerName,
    org: Annotated[list[str] | None, _TENANTS] = None,
    as_json: PrintJson = False,
) -> None:
    """End an officer's registration for some or all tenants. Needs the owner's login."""
    stores = open_stores()
    gone = OfficerRegister(stores.database).remove(name, org or (), stores.clock.now())
    show_result(
        {"removed": gone},
        f"Officer removed from {gone} tenants. Earlier decisions stay valid.",
        as_json=as_json,
    )


@officer.command("list")
def list_officers(
    every: Annotated[bool, typer.Option("--all", help="Also list removed officers.")] = False,
    as_json: PrintJson = False,
) -> None:
    """List who decides for which tenants, and which tenants need two officers."""
    register = OfficerRegister(open_stores().database)
    found = [one for one in register.officers() if every or one.removed_at is None]
    two = register.needing_two()
    if as_json:
        show_json(
            {
                "officers": [
                    {
                        "name": one.name,
                        "actor": one.actor,
                        "org_id": one.org_id,
                        "added_at": one.added_at.isoformat(),
                        "removed_at": one.removed_at and one.removed_at.isoformat(),
                    }
                    for one in found
                ],
                "two_officers": two,
            }
        )
        return
    show_table(
        "Officers",
        ("officer", "id in the ledger", "tenant", "since", "until"),
        (
            (
                one.name,
                one.actor,
                one.org_id,
                one.added_at.date().isoformat(),
                "" if one.removed_at is None else one.removed_at.date().isoformat(),
            )
            for one in found
        ),
    )
    if two:
        # Beside the rows, where another program reads them.
        tell = say if is_terminal() else complain
        tell(f"Two officers must approve each plan of: {', '.join(two)}")


@officer.command("need")
def need(
    officers: Annotated[int, typer.Argument(min=1, max=2, help="Number of officers, 1 or 2.")],
    org: Annotated[str, typer.Option(help="Tenant. '*' means every tenant.")],
    as_json: PrintJson = False,
) -> None:
    """Set how many officers must approve each plan of a tenant. Needs the owner's login."""
    stores = open_stores()
    _require_known(stores, [org])
    is_new = OfficerRegister(stores.database).need(officers, org, stores.clock.now())
    show_result(
        {"org_id": org, "officers": officers, "changed": is_new},
        f"{org}: {officers} must approve each plan" + ("" if is_new else " (unchanged)"),
        as_json=as_json,
    )


def _require_known(stores: OpenedStores, org_ids: list[str]) -> None:
    tenants = sorted(load_tenants(stores.tenants_path).by_org)
    if set(org_ids) - {EVERY_TENANT, *tenants}:
        raise ConfigurationError(
            f"officer: no such tenant; use one of {', '.join(tenants)}, or '*' for all"
        )
