"""The command that attacks an installation on its own data."""

from importlib.metadata import EntryPoints, entry_points
from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson
from lacuna.cli.output import show_json, show_table
from lacuna.errors import ConfigurationError
from lacuna.flows.attack import attack as attack_with
from lacuna.model.attack import AttackOutcome
from lacuna.wiring import open_stores


def attack(
    platform_role: Annotated[
        list[str] | None,
        typer.Option(help="Role of the platform's own software that can read its tables."),
    ] = None,
    scratch: Annotated[
        bool,
        typer.Option(
            help="Also erase people in a scratch copy of the sample, and search for them."
        ),
    ] = True,
    as_json: PrintJson = False,
) -> None:
    """Attack approvals, evidence, roles, rows, tenants and erasure. Exit 1 unless all attacks ran and failed.

    Needs the owner's login, because it acts as each role in turn. Every transaction is rolled back.
    People are erased in a scratch copy of the sample, a separate database that is dropped afterwards.
    """
    stores = open_stores()
    found = tuple(attack_with(stores, platform_role or ()))
    if scratch:
        found = (*found, *(point.load()(stores) for point in _brought()))
    if as_json:
        show_json(
            [
                {
                    "area": one.area,
                    "attempt": one.attempt,
                    "outcome": str(one.outcome),
                    "found": one.found,
                }
                for one in found
            ]
        )
    else:
        show_table(
            "Attacks",
            ("area", "attack", "outcome", "found"),
            ((one.area, one.attempt, str(one.outcome), one.found) for one in found),
        )
    if any(one.outcome is not AttackOutcome.HELD for one in found):
        raise typer.Exit(1)


def _brought() -> EntryPoints:
    """Return the attacks on a scratch copy that installed packages bring."""
    found = entry_points(group="lacuna.attacks")
    if not found:
        raise ConfigurationError(
            "no installed package provides an attack on a scratch copy (entry points "
            "lacuna.attacks); install lacuna as a package, or pass --no-scratch"
        )
    return found
