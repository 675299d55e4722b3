"""What every application of the command line is like."""

import typer


def new_application() -> typer.Typer:
    """Return an application without a command: `lacuna` itself, or a part of it."""
    return typer.Typer(
        name="lacuna",
        help="GDPR batch jobs for customer-service platforms.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
