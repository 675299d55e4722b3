"""Commands about the logins of other systems that hand requests in, for the owner of the installation."""

from typing import Annotated

import typer

from lacuna.cli.output import say, show_json, show_table
from lacuna.datamap import load_tenants
from lacuna.errors import ConfigurationError
from lacuna.stores.postgres.submitters import SubmitterRegister
from lacuna.wiring import open_stores

submitter = typer.Typer(no_args_is_help=True)

_Login = Annotated[str, typer.Argument(help="A login of PostgreSQL, member of lacuna_submitter.")]
_Org = typer.Option("--org", help="A tenant; repeats.")


@submitter.command("add")
def add(login: _Login, org: Annotated[list[str], _Org]) -> None:
    """Let a login hand in for tenants. Needs the owner's login."""
    stores = open_stores()
    tenants = sorted(load_tenants(stores.tenants_path).by_org)
    if set(org) - set(tenants):
        raise ConfigurationError(f"submitter: no such tenant; there are {', '.join(tenants)}")
    new = SubmitterRegister(stores.database).add(login, org, stores.clock.now())
    say(f"The login hands in for {len(set(org))} tenants, {new} of them new")


@submitter.command("remove")
def remove(login: _Login, org: Annotated[list[str] | None, _Org] = None) -> None:
    """Let a login hand in no more, for some tenants or any. Needs the owner's login."""
    gone = SubmitterRegister(open_stores().database).remove(login, org or ())
    say(f"The login hands in no more for {gone} tenants; what it handed in stands")


@submitter.command("list")
def list_submitters(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """List which logins hand in for which tenants. Needs the owner's login."""
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
                one.org_id or "none: it is refused",
                "" if one.added_at is None else one.added_at.date().isoformat(),
                "" if one.is_bound else "no such login, or not one of lacuna_submitter alone",
            )
            for one in found
        ),
    )
