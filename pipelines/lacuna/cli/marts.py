"""Commands about marts of the installation's own: a skeleton, and what one would publish."""

from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson
from lacuna.cli.output import say, show_json, show_result
from lacuna.errors import ConfigurationError
from lacuna.flows.reporting import refuse_columns
from lacuna.flows.run.opening import open_datamap
from lacuna.marts import added_marts, marts, write_skeleton
from lacuna.model.mart import Mart, Outcome, PublishLine
from lacuna.reporting import rehearse
from lacuna.verify import attack_period
from lacuna.wiring import open_stores, read_settings

mart = typer.Typer(no_args_is_help=True)

_WOULD = {
    Outcome.SEALED: "would be published",
    Outcome.WITHHELD: "would be sealed without a cell",
    Outcome.WAITING: "would wait for the next period",
    Outcome.BLOCKED: "would be blocked",
}


@mart.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Name of the mart: of its folder and its table.")],
    as_json: PrintJson = False,
) -> None:
    """Write the skeleton of a mart into the folder LACUNA_MARTS."""
    folder = read_settings().marts
    if folder is None:
        raise ConfigurationError("LACUNA_MARTS is not set; set it to the folder of your marts")
    written = write_skeleton(folder, name)
    show_result(
        {"mart": written.name, "folder": str(written.folder)},
        f"Wrote {written.folder}; change it, then run lacuna mart check {written.name}",
        as_json=as_json,
    )


@mart.command("check")
def check(
    name: Annotated[
        str | None, typer.Argument(help="One mart; by default all in LACUNA_MARTS.")
    ] = None,
    as_json: PrintJson = False,
) -> None:
    """Show what marts would publish from the last 90 days; publish nothing. Exit 1 if any is blocked."""
    chosen = _chosen(name)
    refuse_columns(chosen)
    stores = open_stores()
    if open_datamap(stores).reporting is None:
        raise ConfigurationError(
            "datamap: the marts need reporting: {schema: …}, which names where they count"
        )
    lines = [line for each in chosen for line in rehearse(stores, each, attack_period)]
    if chosen and not lines:
        raise ConfigurationError(
            f"{len(chosen)} marts, 0 closed periods in the last 90 days: nothing was checked, their "
            "queries neither; run lacuna run reporting once, so that there is something to count"
        )
    if as_json:
        show_json({"marts": [each.name for each in chosen], "periods": list(map(_json, lines))})
    else:
        for line in lines:
            say(_sentence(line))
        say(f"{len(chosen)} marts checked, {len(lines)} periods; nothing was published")
    if any(line.outcome.is_failure for line in lines):
        raise typer.Exit(1)


def _chosen(name: str | None) -> list[Mart]:
    folder = read_settings().marts
    if name is None:
        return list(added_marts(folder))
    chosen = [each for each in marts(folder) if each.name == name]
    if not chosen:
        raise ConfigurationError(
            f"no mart has this name: neither one of Lacuna's {len(marts())} nor one in LACUNA_MARTS"
        )
    return chosen


def _sentence(line: PublishLine) -> str:
    found = "".join(f"; {leak}: {count}" for leak, count in line.findings)
    return (
        f"{line.subject} of {line.org_id} {_WOULD[line.outcome]}: {line.rows} rows in {line.cells} cells, "
        f"{line.own_rows} of them in a cell that merges nothing{found}"
    )


def _json(line: PublishLine) -> dict[str, object]:
    name, _, period = line.subject.partition(" ")
    return {
        "mart": name,
        "org_id": line.org_id,
        "period": period,
        "outcome": str(line.outcome),
        "rows": line.rows,
        "own_rows": line.own_rows,
        "cells": line.cells,
        "findings": dict(line.findings),
    }
