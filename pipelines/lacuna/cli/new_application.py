"""What every application of the command line is like."""

from importlib.metadata import EntryPoints, entry_points
from typing import Any

import typer


def new_application(**settings: Any) -> typer.Typer:
    """Return an application without a command: `lacuna` itself, or a part of it.

    Args:
        settings: of typer, for `lacuna` itself.
    """
    return typer.Typer(
        name="lacuna",
        help="GDPR batch jobs for customer-service platforms.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        **{"add_completion": False, **settings},
    )


def brought_commands() -> EntryPoints:
    """Return the groups of commands that other packages bring."""
    return entry_points(group="lacuna.commands")
