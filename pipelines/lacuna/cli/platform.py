"""Commands about the installation: server, sample platform, data map."""

from pathlib import Path
from typing import Annotated

import typer

from lacuna.cli.output import say, show_json
from lacuna.cli.scratch import SAMPLE_SCHEMA, load_platform, write_all_files
from lacuna.datamap import (
    load,
    processor_json,
    processor_markdown,
    refuse,
    ropa_json,
    ropa_markdown,
    show,
)
from lacuna.flows.opening import find_drift, find_slow
from lacuna.flows.signing import name_work_keys
from lacuna.model.approval import BY_CANARY, BY_SETTING
from lacuna.model.location import TableName
from lacuna.model.run import ApprovalMode
from lacuna.sample import (
    CANARY_ORG,
    REFERENCE_DATE,
    SampleOptions,
    agreements_of,
    canary_organization,
    generate,
)
from lacuna.settings import Settings
from lacuna.stores.bulk import load_rows, write_agreements, write_mark
from lacuna.stores.clock import SystemClock
from lacuna.stores.database import Database
from lacuna.stores.migrations import grant_platform, migrate
from lacuna.stores.standing import decide_standing
from lacuna.stores.store_marks import mark_stores
from lacuna.wiring import (
    CANARY_MARK,
    SAMPLE_MARK,
    embedded_server,
    open_database,
    open_stores,
    read_settings,
)

db = typer.Typer(no_args_is_help=True)
sample = typer.Typer(no_args_is_help=True)
datamap = typer.Typer(no_args_is_help=True)


def up() -> None:
    """Start the embedded PostgreSQL, or check LACUNA_DATABASE_URL; migrate, mark the object stores."""
    settings = read_settings()
    if settings.database_url is None:
        embedded_server(settings).up()
    database = open_database(settings)
    version = database.check()
    applied = migrate(database)
    _grant(database)
    _decide_standing(database, settings)
    stores = open_stores(settings)
    for store, what in mark_stores(stores, database, load(settings.datamap)).items():
        say(f"{store}: {what}")
    named = name_work_keys(stores)
    if named:
        say(f"Workers' keys that the ledger names from now on: {named}")
    say(
        f"PostgreSQL {version // 10000}.{version % 10000} is up; migrations applied: {len(applied)}"
    )


def down() -> None:
    """Stop the embedded PostgreSQL; a database of your own is left alone."""
    settings = read_settings()
    if settings.database_url is not None:
        say("LACUNA_DATABASE_URL is set: the database is yours to stop")
        return
    embedded_server(settings).down()
    say("PostgreSQL is stopped")


@db.command("url")
def url() -> None:
    """Print the SQLAlchemy URL in use, without its password."""
    say(open_database(read_settings()).url)


@sample.command("load")
def load_sample(
    contacts: Annotated[int, typer.Option(help="How many contacts.")] = 1000,
    conversations: Annotated[int, typer.Option(help="How many conversations.")] = 6000,
    seed: Annotated[int, typer.Option(help="Same seed, same platform.")] = 7,
    dialogues: Annotated[
        Path | None, typer.Option(help="JSON lines of human dialogues to use as texts.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Create the sample platform and fill it, reproducibly from a seed."""
    settings = read_settings()
    stores = open_stores(settings)
    made = generate(SampleOptions(contacts, conversations, seed, dialogues))
    rows = load_platform(stores.database, made)
    organizations = TableName(SAMPLE_SCHEMA, "organizations")
    load_rows(stores.database, [(organizations, *canary_organization())])
    _grant(stores.database, has_canary=True)
    files = write_all_files(stores, made)
    mark_stores(stores, stores.database, load(settings.datamap))
    write_agreements(stores.database, agreements_of(made), stores.clock.now())
    write_mark(stores.database, CANARY_MARK, CANARY_ORG)
    decide_standing(stores.database, BY_CANARY, CANARY_ORG, stores.clock.now())
    write_mark(stores.database, SAMPLE_MARK, REFERENCE_DATE.isoformat())
    result = {
        "rows": rows,
        "files": files,
        "woven": made.woven,
        "traps": {str(number): count for number, count in sorted(made.traps.items())},
        "demo": {
            "forget": made.demo.forget,
            "access": made.demo.access,
            "household": list(made.demo.household),
            "with_open": made.demo.with_open,
        },
    }
    if as_json:
        show_json(result)
        return
    say(f"Loaded {rows} rows and {files} files; identifiers woven into dialogues: {made.woven}")
    say(f"Traps planted: {len(made.traps)} kinds, {sum(made.traps.values())} places")


@datamap.command("check")
def check(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Compare the data map with the live schema, both ways; exit 1 on any drift."""
    stores = open_stores()
    mapped, drifts = find_drift(stores)
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
        say(f"slow: {line}")
    for name, traits in kept.items():
        say(f"Objects in {name}: {', '.join(traits)}")
    refuse(drifts)
    say(f"The data map fits: {len(mapped.tables)} tables, {columns} columns")


@datamap.command("ropa")
def ropa(
    org: Annotated[
        str | None, typer.Option(help="The tenant whose record it is; default: the map's own.")
    ] = None,
    processor: Annotated[
        bool, typer.Option("--processor", help="The processor's record, for all tenants.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Print the record of processing (Art. 30) that follows from the data map."""
    if processor and org is not None:
        raise typer.BadParameter("the processor's record has every tenant: leave out --org")
    mapped = load(read_settings().datamap)
    if processor:
        say(processor_json(mapped) if as_json else processor_markdown(mapped))
        return
    say(ropa_json(mapped, org) if as_json else ropa_markdown(mapped, org))


@datamap.command("show")
def show_map() -> None:
    """Print every table and column with its category and treatment."""
    say(show(load(read_settings().datamap)))


def _decide_standing(database: Database, settings: Settings) -> None:
    """Record what the settings let rules approve: whoever brings the schemas up to date decides that."""
    now = SystemClock().now()
    is_auto = settings.approval is ApprovalMode.AUTO
    decide_standing(database, BY_SETTING, "*" if is_auto else None, now)
    if settings.canary_org is not None:
        decide_standing(database, BY_CANARY, settings.canary_org, now)


def _grant(database: Database, *, has_canary: bool = False) -> None:
    settings = read_settings()
    mapped = load(settings.datamap)
    has_canary = has_canary or settings.canary_org is not None
    canary = (mapped.subject.table,) if has_canary else ()
    grant_platform(database, mapped.schemas, insert_into=(*mapped.inserted_into, *canary))
