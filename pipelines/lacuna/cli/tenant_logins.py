"""Commands about logins that act for tenants: other systems that submit, analysts that read reports."""

from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson
from lacuna.cli.output import show_json, show_result, show_table
from lacuna.datamap import load_tenants
from lacuna.errors import ConfigurationError
from lacuna.stores.postgres.tenant_logins import ANALYST, SUBMITTER, LoginKind, LoginRegister
from lacuna.wiring import open_stores

_TENANTS = typer.Option("--org", help="Tenant. Can be repeated.")


def _commands(kind: LoginKind, titled: str, without_tenant: str, removed: str) -> typer.Typer:
    """Return the commands about one kind of logins.

    Args:
        titled: the title of the list.
        without_tenant: what the list says of a login that acts for nobody.
        removed: what to know of what the login did before.
    """
    commands = typer.Typer(no_args_is_help=True)
    login_of = Annotated[
        str, typer.Argument(help=f"PostgreSQL login that is a member of {kind.role}.")
    ]

    def add(
        login: login_of,
        org: Annotated[list[str], _TENANTS],
        as_json: PrintJson = False,
    ) -> None:
        stores = open_stores()
        tenants = sorted(load_tenants(stores.tenants_path).by_org)
        if set(org) - set(tenants):
            raise ConfigurationError(
                f"{kind.name}: no such tenant; use one of {', '.join(tenants)}"
            )
        new = LoginRegister(stores.database, kind).add(login, org, stores.clock.now())
        show_result(
            {"tenants": len(set(org)), "new": new},
            f"Login registered. Tenants: {len(set(org))}, new: {new}",
            as_json=as_json,
        )

    def remove(
        login: login_of,
        org: Annotated[list[str] | None, _TENANTS] = None,
        as_json: PrintJson = False,
    ) -> None:
        gone = LoginRegister(open_stores().database, kind).remove(login, org or ())
        show_result(
            {"removed": gone},
            f"The login may no longer {kind.may} {gone} tenants.{removed}",
            as_json=as_json,
        )

    def list_all(as_json: PrintJson = False) -> None:
        found = LoginRegister(open_stores().database, kind).all()
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
            titled,
            ("login", "tenant", "since", ""),
            (
                (
                    one.login,
                    one.org_id or without_tenant,
                    "" if one.added_at is None else one.added_at.date().isoformat(),
                    "" if one.is_bound else "login missing, or also a member of other roles",
                )
                for one in found
            ),
        )

    commands.command("add", help=f"Allow a login to {kind.may} tenants. Needs the owner's login.")(
        add
    )
    commands.command(
        "remove",
        help=f"Stop a login from {kind.doing} some or all tenants. Needs the owner's login.",
    )(remove)
    commands.command(
        "list", help=f"List which logins {kind.may} which tenants. Needs the owner's login."
    )(list_all)
    return commands


submitter = _commands(
    SUBMITTER,
    "Logins of other systems",
    "none (submissions are refused)",
    " Requests it submitted before stay.",
)
analyst = _commands(ANALYST, "Logins of analysts", "none (it sees no row)", "")
