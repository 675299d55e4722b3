"""Commands about proof: the ledger and its checkpoints."""

from typing import Annotated

import typer

from pipelines.cli.output import say
from pipelines.flows.seal import check_evidence
from pipelines.wiring import open_stores

evidence = typer.Typer(no_args_is_help=True)


@evidence.command("verify")
def verify(
    ledger: Annotated[bool, typer.Option("--ledger", help="Check the whole ledger.")] = False,
) -> None:
    """Check the ledger against its leaf hashes and the checkpoints kept elsewhere."""
    if not ledger:
        raise typer.BadParameter("give --ledger")
    checked = check_evidence(open_stores())
    say(f"The ledger holds: {checked.size} entries, root {checked.root}")
