"""The command that makes the sample platform."""

from pathlib import Path
from typing import Annotated

import typer

from lacuna.cli.output import say, show_json
from lacuna.cli.role_grants import grant_roles
from lacuna.datamap import load
from lacuna.model.approval_rules import BY_CANARY
from lacuna.model.location import TableName
from lacuna.stores.objects.store_marks import mark_stores
from lacuna.stores.postgres.database_facts import write_fact
from lacuna.stores.postgres.standing_rules import decide_standing
from lacuna.wiring import CANARY_FACT, SAMPLE_FACT, open_stores, read_settings
from lacuna_demo.bulk import load_rows, write_agreements
from lacuna_demo.sample import (
    CANARY_ORG,
    REFERENCE_DATE,
    SampleOptions,
    agreements_of,
    canary_organization,
    generate,
)
from lacuna_demo.scratch import SAMPLE_SCHEMA, load_platform, write_all_files

sample = typer.Typer(no_args_is_help=True, help="Fill the database with the sample platform.")


@sample.command("load")
def load_sample(
    contacts: Annotated[int, typer.Option(help="Number of contacts.")] = 1000,
    conversations: Annotated[int, typer.Option(help="Number of conversations.")] = 6000,
    seed: Annotated[int, typer.Option(help="Seed. The same seed gives the same platform.")] = 7,
    dialogues: Annotated[
        Path | None, typer.Option(help="JSON lines with real dialogues to use as texts.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Create the sample platform and fill it. The same seed gives the same data."""
    settings = read_settings()
    stores = open_stores(settings)
    made = generate(SampleOptions(contacts, conversations, seed, dialogues))
    rows = load_platform(stores.database, made)
    organizations = TableName(SAMPLE_SCHEMA, "organizations")
    load_rows(stores.database, [(organizations, *canary_organization())])
    grant_roles(stores.database, has_canary=True)
    files = write_all_files(stores, made)
    mark_stores(stores, stores.database, load(settings.datamap))
    write_agreements(stores.database, agreements_of(made), stores.clock.now())
    write_fact(stores.database, CANARY_FACT, CANARY_ORG)
    decide_standing(stores.database, BY_CANARY, CANARY_ORG, stores.clock.now())
    write_fact(stores.database, SAMPLE_FACT, REFERENCE_DATE.isoformat())
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
    say(f"Loaded {rows} rows and {files} files; identifiers inserted into dialogues: {made.woven}")
    say(f"Planted traps: {len(made.traps)} kinds in {sum(made.traps.values())} places")
