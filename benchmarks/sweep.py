"""What a sweep costs: over everything, over nothing new, and over one row in a hundred changed.

Fills a database of its own with the sample platform, makes all of its closed interactions due,
and sweeps four times: everything, nothing new, one in a hundred rows changed since, nothing new.
Run:

    python -m benchmarks.sweep [--contacts 1000] [--conversations 6000] [--seed 7]

CPU seconds are those of this process and of every process of the database together. The engine's
models are loaded once before the first sweep, and what that costs is a line of its own.
"""

import argparse
import json
import random
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from os import sysconf
from pathlib import Path

import psycopg

from lacuna.datamap import load
from lacuna.flows import sweep
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.model.location import TableName
from lacuna.model.run import Mode, RunOptions
from lacuna.ports import Passage
from lacuna.redaction import build_redactor
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.clock import SystemClock
from lacuna.stores.installation import FolderStores, OpenedStores
from lacuna.stores.keys import FileKeys
from lacuna.stores.objects.store_marks import mark_stores
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import grant_platform, migrate
from lacuna.stores.postgres.officers import OfficerRegister
from lacuna.stores.run_log import FileRunLog
from lacuna_demo.bulk import create_platform, load_rows, write_agreements, write_files
from lacuna_demo.embedded_server import EmbeddedServer
from lacuna_demo.sample import REFERENCE_DATE, SampleOptions, agreements_of, generate

SWEPT = {"messages": ("message_id", "body_text"), "internal_notes": ("note_id", "message")}
ALL_DUE = REFERENCE_DATE + timedelta(days=60)


def main() -> None:
    """Fill a database, then sweep it four times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", type=int, default=1_000)
    parser.add_argument("--conversations", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder))
        url = server.up()
        try:
            _run(_filled(url, Path(folder), options), random.Random(options.seed))
        finally:
            server.down()


def _filled(url: str, home: Path, options: argparse.Namespace) -> OpenedStores:
    platform = generate(
        SampleOptions(
            contacts=options.contacts, conversations=options.conversations, seed=options.seed
        )
    )
    database = Database(url)
    migrate(database)
    OfficerRegister(database).add("benchmark", ["*"], SystemClock().now(), "0000benchmark")
    create_platform(database, "contact_center")
    load_rows(
        database,
        ((TableName.parse(name), one.columns, one.rows) for name, one in platform.tables.items()),
    )
    grant_platform(database, ("contact_center",))
    write_agreements(database, agreements_of(platform), SystemClock().now())
    for store in ("media", "mail"):
        write_files(
            home / store, ((one.path, one.content) for one in platform.files if one.store == store)
        )
    stores = OpenedStores(
        database=database,
        keys=FileKeys(home / "keys" / "requests"),
        clock=SystemClock(),
        objects=FolderStores(home, {}),
        home=home,
        datamap_path=SQL_FOLDER / "contact_center" / "datamap.yaml",
        run_log=FileRunLog(home / "evidence" / "runs"),
        approvers=home / "keys" / "approvers",
    )
    mark_stores(stores, database, load(stores.datamap_path))
    return stores


def _run(stores: OpenedStores, draw: random.Random) -> None:
    for rule in known_rules(stores):
        if not rule.name.startswith("drop"):
            approve_rule(stores, (rule.name, rule.digest, None), "dpo:0000benchmark")
    url = stores.database.engine.url.set(drivername="postgresql").render_as_string(False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("analyze")
        pid = connection.info.backend_pid
        server = int(_stat(pid)[1])
        print("the models, once a process", end=": ")
        warm = [Passage("Ada Example, ada@example.org", "text/plain", one) for one in ("en", "da")]
        _measured(lambda: build_redactor(()).redact(warm), server)
        full = _sweep("everything", stores, server)
        nothing = _sweep("nothing new", stores, server)
        changed = sum(_change(connection, table, draw) for table in SWEPT)
        some = _sweep(f"{changed} rows changed", stores, server)
        again = _sweep("nothing new", stores, server)
    for what, cost in (("nothing new", min(nothing, again)), ("one in a hundred", some)):
        print(f"{what}: {cost / full:.2%} of the CPU seconds of the sweep over everything")


def _change(connection: psycopg.Connection, table: str, draw: random.Random) -> int:
    """Give one in a hundred rows of a table the text of another row of it; return how many."""
    key, column = SWEPT[table]
    found = [
        row[0]
        for row in connection.execute(
            f"select {key} from contact_center.{table} where {column} is not null"  # noqa: S608
        )
    ]
    chosen = draw.sample(found, max(1, len(found) // 100))
    for one in chosen:
        connection.execute(
            f"update contact_center.{table} set {column} = "  # noqa: S608
            f"(select {column} from contact_center.{table} where {key} = %s)"
            f" || ' Yours, Ada Example, ada@example.org' where {key} = %s",
            [draw.choice(found), one],
        )
    return len(chosen)


def _sweep(what: str, stores: OpenedStores, server: int) -> float:
    options = RunOptions(run_id=f"benchmark-{uuid.uuid4()}", mode=Mode.ACT, as_of=ALL_DUE)
    print(what, end=": ", flush=True)
    cost = _measured(lambda: sweep.run(stores, options, str(uuid.uuid4())), server)
    (log,) = (stores.home / "evidence" / "runs").glob(f"{options.run_id}*.jsonl")
    for line in map(json.loads, log.read_text("utf-8").splitlines()):
        if line["outcome"] == "done":
            print(f"    {line['counts']}")
    return cost


def _measured(act: Callable[[], object], server: int) -> float:
    """Print what something costs; return its CPU seconds, the database's included."""
    began, own, theirs = time.perf_counter(), time.process_time(), _database_seconds(server)
    act()
    own, theirs = time.process_time() - own, _database_seconds(server) - theirs
    wall = time.perf_counter() - began
    print(f"{wall:.1f} s; CPU s: {own:.2f} here, {theirs:.2f} in the database", flush=True)
    return own + theirs


def _database_seconds(server: int) -> float:
    """Return the CPU seconds of a PostgreSQL server: its own, its children's, now and before."""
    ticks = sum(map(int, _stat(server)[11:15]))
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found = _stat(int(folder.name))
        except OSError:  # it ended meanwhile, so it counts as waited for
            continue
        if int(found[1]) == server:
            ticks += sum(map(int, found[11:13]))
    return ticks / sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """Return the fields of a process from its state on."""
    return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(") ")[2].split()


if __name__ == "__main__":
    main()
