"""Commands about the logins of other systems that hand requests in, for the owner of the installation."""

from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson
from lacuna.cli.output import show_json, show_result, show_table
from lacuna.datamap import load_tenants
from lacuna.errors import ConfigurationError
from lacuna.stores.postgres.submitters import SubmitterRegister
from lacuna.wiring import open_stores

submitter = typer.Typer(no_args_is_help=True)

_Login = Annotated[
    str, typer.Argument(help="PostgreSQL login that is a member of lacuna_submitter.")
]
_TENANTS = typer.Option("--org", help="Tenant. Can be repeated.")


@submitter.command("add")
def add(login: _Login, org: Annotated[list[str], _TENANTS], as_json: PrintJson = False) -> None:
    """Allow a login to submit requests for tenants. Needs the owner's login."""
    stores = open_stores()
    tenants = sorted(load_tenants(stores.tenants_path).by_org)
    if set(org) - set(tenants):
        raise ConfigurationError(f"submitter: no such tenant; use one of {', '.join(tenants)}")
    new = SubmitterRegister(stores.database).add(login, org, stores.clock.now())
    show_result(
        {"tenants": len(set(org)), "new": new},
        f"Login registered. Tenants: {len(set(org))}, new: {new}",
        as_json=as_json,
    )


@submitter.command("remove")
def remove(
    login: _Login,
    org: Annotated[list[str] | None, _TENANTS] = None,
    as_json: PrintJson = False,
) -> None:
    """Stop a login from submitting requests for some or all tenants. Needs the owner's login."""
    gone = SubmitterRegister(open_stores().database).remove(login, org or ())
    show_result(
        {"removed": gone},
        f"The login may no longer submit requests for {gone} tenants. Requests it submitted "
        "before stay.",
        as_json=as_json,
    )


@submitter.command("list")
def list_submitters(
    as_json: PrintJson = False,
) -> None:
    """List which logins submit requests for which tenants. Needs the owner's login."""
    found = SubmitterRegister(open_stores().database).submitters()
    if as_json:
        show_json(
            [
                {
                    "login": one.login,
                    "org_id": one.org_id,
                    "added_at": one.added_at and one.added_at.isoformat(),
                    "is_bound": one.is_bound,
                }
                for one in found
            ]
        )
        return
    show_table(
        "Logins of other systems",
        ("login", "tenant", "since", ""),
        (
            (
                one.login,
                one.org_id or "none (submissions are refused)",
                "" if one.added_at is None else one.added_at.date().isoformat(),
                "" if one.is_bound else "login missing, or also a member of other roles",
            )
            for one in found
        ),
    )
