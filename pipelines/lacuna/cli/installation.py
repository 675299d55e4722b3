"""Commands about the installation: server and data map."""

from collections.abc import Sequence
from typing import Annotated

import typer

from lacuna.cli.arguments import PrintJson
from lacuna.cli.output import say, show_json, show_result
from lacuna.cli.role_grants import grant_roles, roles_needs
from lacuna.datamap import (
    DriftKind,
    first_look,
    load,
    map_json,
    processor_json,
    processor_markdown,
    refuse,
    ropa_json,
    ropa_markdown,
    show,
)
from lacuna.flows.reporting import refuse_columns
from lacuna.flows.run.installation_keys import count_unnamed_keys, name_work_keys
from lacuna.flows.run.opening import find_drift, find_slow, try_tombstones
from lacuna.marts import marts
from lacuna.model.approval_rules import BY_CANARY, BY_SETTING
from lacuna.model.datamap import DataMap
from lacuna.model.location import REPORTS
from lacuna.model.mart import Mart
from lacuna.model.run import ApprovalMode
from lacuna.settings import Settings
from lacuna.stores.clock import SystemClock
from lacuna.stores.objects.store_marks import mark_stores
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate
from lacuna.stores.postgres.standing_rules import decide_standing
from lacuna.stores.postgres.update_preview import preview
from lacuna.wiring import (
    open_database,
    open_stores,
    own_server,
    read_settings,
)

db = typer.Typer(no_args_is_help=True)
datamap = typer.Typer(no_args_is_help=True)


def up(
    is_dry: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Only show what would change: schemas, roles, rights, standing decisions, marks.",
        ),
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """Start the embedded PostgreSQL or check LACUNA_DATABASE_URL, migrate the schema.

    Then write the mark that identifies each object store.
    """
    settings = read_settings()
    declared = marts(settings.marts)
    refuse_columns(declared)
    mapped = load(settings.datamap)  # before anything is changed
    if settings.database_url is None:
        own_server(settings).up()
    database = open_database(settings)
    version = database.check()
    if is_dry:
        _show_preview(database, settings, declared, mapped, as_json=as_json)
        return
    applied = migrate(database, declared)
    granted = grant_roles(database)
    _decide_standing(database, settings)
    stores = open_stores(settings)
    stores_found = mark_stores(stores, database, mapped, stores.objects.shared_folder(REPORTS))
    named = name_work_keys(stores)
    postgresql = f"{version // 10000}.{version % 10000}"
    rights = [f"rights at {len(granted)} tables and schemas"] if granted else []
    show_result(
        {
            "postgresql": postgresql,
            "applied": list(applied),
            "granted": list(granted),
            "stores": dict(stores_found),
            "confirmed_keys": named,
        },
        *(f"{store}: {what}" for store, what in stores_found.items()),
        *((f"Keys of workers confirmed in the ledger: {named}",) if named else ()),
        f"PostgreSQL {postgresql} is running. Applied: {', '.join([*applied, *rights]) or 'nothing new'}",
        as_json=as_json,
    )


def down(as_json: PrintJson = False) -> None:
    """Stop the PostgreSQL that `lacuna up` started. A database of your own is not touched."""
    settings = read_settings()
    is_own = settings.database_url is None
    if is_own:
        own_server(settings).down()
    show_result(
        {"stopped": is_own},
        "PostgreSQL stopped"
        if is_own
        else "LACUNA_DATABASE_URL names your own database. Stop it yourself.",
        as_json=as_json,
    )


@db.command("url")
def url(as_json: PrintJson = False) -> None:
    """Print the SQLAlchemy URL in use, without its password."""
    address = open_database(read_settings()).url
    show_result({"url": address}, address, as_json=as_json)


@datamap.command("check")
def check(
    as_json: PrintJson = False,
) -> None:
    """Compare the data map with the live schema, both ways. Exit 1 if they differ."""
    stores = open_stores()
    mapped, drifts = find_drift(stores)
    if all(one.kind in (DriftKind.QUESTION, DriftKind.LABEL) for one in drifts):
        drifts = (*drifts, *try_tombstones(stores))
    slow = find_slow(stores)
    columns = sum(len(table.columns) for table in mapped.tables.values())
    kept = {name: objects.traits() for name, objects in stores.objects_of(mapped).items()}
    if as_json:
        show_json(
            {
                "passed": not drifts,
                "tables": len(mapped.tables),
                "columns": columns,
                "stores": {name: list(traits) for name, traits in kept.items()},
                "drifts": [
                    {
                        "location": one.location,
                        "kind": str(one.kind),
                        "problem": one.problem,
                        "suggestion": one.suggestion,
                    }
                    for one in drifts
                ],
                "slow": list(slow),
            }
        )
        if drifts:
            raise typer.Exit(1)
        return
    for line in slow:
        say(f"Slow: {line}")
    for name, traits in kept.items():
        say(f"Objects in {name}: {', '.join(traits)}")
    refuse(drifts)
    say(f"The data map matches the schema: {len(mapped.tables)} tables, {columns} columns")


@datamap.command("ropa")
def ropa(
    org: Annotated[
        str | None, typer.Option(help="Tenant of the record. Default: the tenant of the data map.")
    ] = None,
    processor: Annotated[
        bool, typer.Option("--processor", help="Print the processor's record for all tenants.")
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """Print the record of processing activities (ROPA)."""
    if processor and org is not None:
        raise typer.BadParameter("the processor's record covers all tenants; leave out --org")
    mapped = load(read_settings().datamap)
    if processor:
        say(processor_json(mapped) if as_json else processor_markdown(mapped))
        return
    say(ropa_json(mapped, org) if as_json else ropa_markdown(mapped, org))


@datamap.command("show")
def show_map(
    is_whole: Annotated[
        bool,
        typer.Option("--all", help="Print every column with its category and treatment."),
    ] = False,
    as_json: PrintJson = False,
) -> None:
    """Print what of the map deserves a look first: what goes, what stays, what no link reaches.

    --json prints the whole map.
    """
    mapped = load(read_settings().datamap)
    say(map_json(mapped) if as_json else show(mapped) if is_whole else first_look(mapped))


def _show_preview(
    database: Database,
    settings: Settings,
    declared: Sequence[Mart],
    mapped: DataMap,
    *,
    as_json: bool,
) -> None:
    """Show all that `up` would change, and change none of it."""
    schemas, needed = roles_needs()
    would = preview(
        database,
        declared,
        schemas=schemas,
        needed=needed,
        standing=_standing(settings),
    )
    stores = open_stores(settings)
    reports = stores.objects.shared_folder(REPORTS)
    of_stores = mark_stores(stores, database, mapped, reports, dry_from=would.known)
    keys = count_unnamed_keys(stores.home, would.key_digests)
    show_result(
        {
            "would_apply": list(would.applied),
            "changes": list(would.changes),
            "stores": of_stores,
            "confirmed_keys": keys,
        },
        *would.changes,
        *(f"{store}: {what}" for store, what in of_stores.items()),
        *((f"Keys of workers that would be confirmed in the ledger: {keys}",) if keys else ()),
        f"Would apply: {', '.join(would.applied) or 'nothing new'}. Changes: {len(would.changes)}. "
        "Nothing was changed",
        as_json=as_json,
    )


def _decide_standing(database: Database, settings: Settings) -> None:
    """Record what the settings let rules approve: whoever brings the schemas up to date decides that."""
    now = SystemClock().now()
    for rule, scope in _standing(settings).items():
        decide_standing(database, rule, scope, now)


def _standing(settings: Settings) -> dict[str, str | None]:
    is_auto = settings.approval is ApprovalMode.AUTO
    canary = {} if settings.canary_org is None else {BY_CANARY: settings.canary_org}
    return {BY_SETTING: "*" if is_auto else None} | canary
