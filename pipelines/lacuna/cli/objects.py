"""Commands about files that no row names: list them, carry out what was approved, put back."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson, RuleDigest
from lacuna.cli.output import say, show_json, show_result, show_table
from lacuna.flows.run.edge import NamedRun, carry
from lacuna.flows.sweep import (
    UNNAMED_FILES,
    Unnamed,
    list_unnamed,
    quarantine_unnamed,
    restore_quarantined,
)
from lacuna.model.run import RunOptions
from lacuna.ports import Stores
from lacuna.wiring import OPENERS, open_stores, run_options

objects = typer.Typer(no_args_is_help=True)


@objects.command("list")
def list_objects(
    is_proposed: Annotated[
        bool,
        typer.Option(
            "--propose", help="Store the list, so that an officer can approve its digest."
        ),
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """List files that no row names, and files in quarantine, by pattern. File names are not shown."""
    found = list_unnamed(open_stores(), run_options("objects"), is_kept=is_proposed)
    if as_json:
        show_json(_document(found))
        return
    show_table(
        f"Files that no row names, older than {found.before}",
        ("pattern", "files", "bytes", "oldest", "newest", "too recent", "named by rows"),
        (
            (
                one.location,
                str(one.files),
                str(one.byte_count),
                _day(one.oldest) or "",
                _day(one.newest) or "",
                str(one.young),
                str(one.named),
            )
            for one in found.groups
        ),
    )
    show_table(
        "In quarantine",
        ("pattern", "deleted from", "list", "files", "bytes"),
        (
            (one.location, str(one.until), one.digest, str(one.files), str(one.byte_count))
            for one in found.waiting
        ),
    )
    say(f"Digest of the list: {found.digest}")
    if is_proposed and found.files:
        say(
            f"The list is stored. An officer approves it with lacuna rule approve {UNNAMED_FILES} --digest "
            f"{found.digest} --as USER"
        )


@objects.command("sweep")
def sweep_objects(as_json: PrintJson = False) -> None:
    """Run the nightly step now: move approved files into quarantine, delete those that are due."""
    done = _run(quarantine_unnamed)
    show_result(
        {"files": done},
        f"{done} files moved into quarantine, put back or deleted",
        as_json=as_json,
    )


@objects.command("restore")
def restore_objects(
    digest: RuleDigest,
    as_: Annotated[str, typer.Option("--as", help="Officer who decides it.")],
    as_json: PrintJson = False,
) -> None:
    """Move the files of a list out of quarantine to their old place, before they are deleted."""

    def restore(stores: Stores, options: RunOptions, batch_id: str) -> int:
        return restore_quarantined(stores, options, batch_id, (digest, stores.officer(as_)))

    done = _run(restore)
    show_result({"files": done}, f"{done} files put back", as_json=as_json)


def _run(stage: Callable[[Stores, RunOptions, str], int]) -> int:
    batch_id = str(uuid.uuid4())
    named = NamedRun(f"objects-{batch_id}", batch_id)
    done = carry(stage, OPENERS, run_options, named)
    return done if isinstance(done, int) else 0


def _document(found: Unnamed) -> dict[str, object]:
    return {
        "digest": found.digest,
        "before": found.before.isoformat(),
        "quarantine_days": found.days,
        "unnamed": [
            {
                "location": one.location,
                "files": one.files,
                "bytes": one.byte_count,
                "oldest": _day(one.oldest),
                "newest": _day(one.newest),
                "younger": one.young,
                "named": one.named,
            }
            for one in found.groups
        ],
        "quarantine": [
            {
                "location": one.location,
                "until": one.until.isoformat(),
                "digest": one.digest,
                "files": one.files,
                "bytes": one.byte_count,
            }
            for one in found.waiting
        ],
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
