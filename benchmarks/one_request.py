"""What one request costs on the small sample platform: CPU and statements by stage, warm and cold.

Makes the sample platform in a database of its own, lets one erasure warm the process up, and then
fulfils `--requests` more, one a night. A request is planned in one run, approved, and applied, verified
and closed in the next. Then a sweep that has nothing to do, once warmed up; and `lacuna run fulfilment`
over one request as a process of its own, which begins with its imports. Run:

    python -m benchmarks.one_request [--requests 5] [--profile FILE]

CPU seconds are those of this process (or of the one it starts) and, apart, of the database's.
`--profile` writes what `cProfile` saw of the warm fulfilments.
"""

import argparse
import contextlib
import cProfile
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from sqlalchemy import event

from benchmarks.night import plain, server_cpu
from lacuna.datamap import load
from lacuna.flows import fulfilment, sweep
from lacuna.model.approval_rules import BY_SETTING
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.queue import Submission
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.ports import Desk
from lacuna.request import accept
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.clock import SystemClock
from lacuna.stores.installation import FolderStores, OpenedStores
from lacuna.stores.keys import FileKeys
from lacuna.stores.objects.store_marks import mark_stores
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.database_facts import write_fact
from lacuna.stores.postgres.migrations import grant_platform, migrate
from lacuna.stores.postgres.officers import OfficerRegister
from lacuna.stores.postgres.standing_rules import decide_standing
from lacuna.stores.run_log import FileRunLog
from lacuna_demo.bulk import create_platform, load_rows, write_agreements, write_files
from lacuna_demo.embedded_server import EmbeddedServer
from lacuna_demo.sample import (
    REFERENCE_DATE,
    SampleOptions,
    SamplePlatform,
    agreements_of,
    generate,
)

SCHEMA = "contact_center"
STAGES = ("claim", "resolve_and_plan", "apply", "verify", "close", "scrub", "conclude")


def made(url: str, home: Path, platform: SamplePlatform) -> OpenedStores:
    """Return an installation with the sample platform, its data map proved."""
    database = Database(url)
    migrate(database)
    OfficerRegister(database).add("benchmark", ["*"], SystemClock().now(), "0000benchmark")
    decide_standing(database, BY_SETTING, "*", datetime.now(UTC))
    create_platform(database, SCHEMA)
    load_rows(
        database,
        ((TableName.parse(name), one.columns, one.rows) for name, one in platform.tables.items()),
    )
    grant_platform(database, (SCHEMA,))
    write_agreements(database, agreements_of(platform), SystemClock().now())
    write_fact(database, "sample", REFERENCE_DATE.isoformat())
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
        datamap_path=SQL_FOLDER / SCHEMA / "datamap.yaml",
        run_log=FileRunLog(home / "evidence" / "runs"),
        approvers=home / "keys" / "approvers",
    )
    mark_stores(stores, database, load(stores.datamap_path))
    fulfilment.prove(stores, 5)
    return stores


def askers(platform: SamplePlatform) -> Iterator[tuple[str, str]]:
    """Yield people with nothing open, nothing shared and no mail waiting: contact and tenant."""
    sharing = {contact for shared in platform.shared for contact in shared.contact_ids}
    for one in platform.people.values():
        if not (one.has_open_conversation or one.awaits_mail or one.contact_id in sharing):
            yield one.contact_id, one.org_id


def submit(stores: OpenedStores, contact_id: str, org_id: str) -> str:
    """Queue the erasure of one person."""
    submission = Submission(
        org_id=org_id,
        kinds=(RequestKind.ERASURE,),
        identifiers=(Identifier(IdentifierKind.CONTACT_ID, contact_id),),
        received_at=stores.clock.now(),
        verified_by="reply to a challenge",
    )
    with stores.transaction(Role.PLANNER) as transaction:
        desk = Desk(
            transaction.queue, transaction.ledger, stores.keys, stores.clock.now(), "flow:intake",
            kept_rights=stores.kept_rights,
        )  # fmt: skip
        return accept(submission, str(uuid.uuid4()), str(uuid.uuid4()), desk).request_id


class Costs:
    """CPU seconds, statements and transactions of parts that are run several times."""

    def __init__(self, stores: OpenedStores) -> None:
        self._home = stores.home
        self._statements = self._transactions = 0
        self.texts: Counter[str] = Counter()
        self._seen: dict[str, list[list[float]]] = defaultdict(list)
        event.listen(stores.database.engine, "before_cursor_execute", self._said)
        event.listen(stores.database.engine, "begin", self._began)

    def _said(self, connection, cursor, statement, *others) -> None:
        self._statements += 1
        self.texts[statement] += 1

    def _began(self, connection) -> None:
        self._transactions += 1

    def _now(self) -> tuple[float, float, int, int]:
        return time.process_time(), server_cpu(self._home), self._statements, self._transactions

    def take(self, part: str, work: Callable[[], object]) -> None:
        """Run a part once more, and count it."""
        before = self._now()
        work()
        after = self._now()
        self._seen[part].append([b - a for a, b in zip(before, after, strict=True)])

    def report(self) -> None:
        """Print the median of each part."""
        print("part                 CPU s  server s  statements  transactions")
        for part, seen in self._seen.items():
            cpu, server, said, begun = (statistics.median(one) for one in zip(*seen, strict=True))
            print(f"{part:18} {cpu:7.2f} {server:9.2f} {said:11.0f} {begun:13.0f}")
        for column, of_what in enumerate(("client", "server")):
            warm = [part for part in self._seen if part in STAGES]
            total = sum(statistics.median(one[column] for one in self._seen[p]) for p in warm)
            print(f"one warm fulfilment, {of_what}: {total:.2f} CPU s")


def fulfil(stores: OpenedStores, request_id: str, take: Callable[..., None]) -> None:
    """Fulfil one request by itself."""
    options = RunOptions(
        run_id=f"bench-{uuid.uuid4()}", mode=Mode.ACT, approval=ApprovalMode.AUTO,
        as_of=REFERENCE_DATE,
    )  # fmt: skip
    batch_id = str(uuid.uuid4())
    for name in STAGES:
        take(name, lambda: fulfilment.alone(getattr(fulfilment, name))(stores, options, batch_id))  # noqa: B023
    with stores.transaction(Role.PLANNER) as transaction:
        if transaction.queue.requests.get(request_id).state is not RequestState.COMPLETED:
            raise SystemExit("a request was not fulfilled")


def sweep_once(stores: OpenedStores) -> None:
    """Sweep once, with nothing to do."""
    options = RunOptions(run_id=f"bench-{uuid.uuid4()}", mode=Mode.ACT, as_of=REFERENCE_DATE)
    sweep.run(stores, options, str(uuid.uuid4()))


def cold(server: EmbeddedServer, home: Path, datamap_path: Path, number: int) -> None:
    """Print what `lacuna run fulfilment` costs as a process of its own, on a copy of everything."""
    with psycopg.connect(plain(server.url("postgres")), autocommit=True) as connection:
        connection.execute(f"create database cold_{number} template lacuna strategy file_copy")
    copy = home / f"cold_{number}"
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns("pg", "cold_*"))
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "OMP_NUM_THREADS": "1",
        "LACUNA_HOME": str(copy),
        "LACUNA_DATABASE_URL": server.url(f"cold_{number}"),
        "LACUNA_DATAMAP": str(datamap_path),
        "LACUNA_MODE": "act",
        "LACUNA_APPROVAL": "auto",
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN), server_cpu(home)
    done = subprocess.run(
        [sys.executable, "-c", "from lacuna.cli import main; main()", "run", "fulfilment"],
        env=variables, check=False, capture_output=True, text=True,
    )  # fmt: skip
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before[0].ru_utime - before[0].ru_stime
    if done.returncode:
        print(done.stdout, done.stderr)
        raise SystemExit("the run as a process of its own failed")
    print(f"cold: {cpu:.2f} CPU s, the server's {server_cpu(home) - before[1]:.2f}")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=5)
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--statements", type=int, default=0, help="print the most frequent ones")
    options = parser.parse_args()
    platform = generate(SampleOptions(contacts=60, conversations=240, seed=7))
    asking = askers(platform)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = EmbeddedServer(home, durable=False, autovacuum=False)
        url = server.up()
        try:
            stores = made(url, home, platform)
            sweep_once(stores)
            fulfil(stores, submit(stores, *next(asking)), lambda _, work: work())
            costs = Costs(stores)
            profile = cProfile.Profile()
            for _ in range(options.requests):
                request_id = submit(stores, *next(asking))
                with profile if options.profile else contextlib.nullcontext():
                    fulfil(stores, request_id, costs.take)
            if options.profile:
                profile.dump_stats(options.profile)
            counted = costs.texts.most_common(options.statements)
            for _ in range(3):
                costs.take("sweep of nothing", lambda: sweep_once(stores))
            costs.report()
            for text, count in counted:
                print(f"{count / options.requests:6.1f} {' '.join(text.split())[:200]}")
            submit(stores, *next(asking))
            stores.database.dispose()
            for number in range(3):
                cold(server, home, stores.datamap_path, number)
        finally:
            server.down()


if __name__ == "__main__":
    main()
