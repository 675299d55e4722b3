"""What a night of erasures costs: time by stage, memory, the longest transaction, a writer's wait.

Makes a platform of `--rows` interactions in a database of its own, each person with fifty of them,
queues `--requests` erasures, and runs all stages of the fulfilment once, planned and approved by
rule. Beside it a client of its own inserts an interaction every 20 ms and says how long that took.
With `--heavy`, one more person has that many interactions, and asks to be erased too. Run:

    python -m benchmarks.night [--rows 100000] [--requests 100 …] [--heavy 0] [--text]

With several numbers of requests there are as many nights on one platform, one after another, each in a
process of its own, and at the end what one more request of the last costs, in a night of the first. CPU
seconds are those of that process; the database's are printed apart. With `--kill` the process that applies
is killed with SIGKILL half way, and another one goes on. `--within SECONDS` makes the end red where a
promise was not kept. `--profile FILE` writes what `cProfile` saw of the last night.
"""

import argparse
import contextlib
import cProfile
import os
import random
import resource
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import Process, Queue, get_context
from pathlib import Path

import psycopg
from sqlalchemy import event

from lacuna.datamap import load, needed_rights
from lacuna.flows import fulfilment
from lacuna.model.agreement import Agreement, AgreementKind
from lacuna.model.approval_rules import BY_SETTING
from lacuna.model.identity import Identifier, IdentifierKind, IdentityBasis
from lacuna.model.queue import Purpose
from lacuna.model.request import Level, Request, RequestKind, RequestState
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.stores.clock import SystemClock
from lacuna.stores.installation import FolderStores, OpenedStores
from lacuna.stores.keys import FileKeys
from lacuna.stores.objects.store_marks import mark_stores
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import grant_platform, migrate
from lacuna.stores.postgres.standing_rules import decide_standing
from lacuna.stores.run_log import FileRunLog
from lacuna_demo.bulk import write_agreements
from lacuna_demo.embedded_server import EmbeddedServer

ORG = "fjord"
EACH = 50  # interactions of a person
SECONDS_BETWEEN_WRITES = 0.02
STAGES = ("claim", "resolve_and_plan", "apply", "verify", "close")

SCHEMA = """
create schema desk;
create table desk.contacts (
    contact_id uuid primary key, org_id text not null, email text, phone text, full_name text,
    erased_at timestamptz
);
create table desk.interactions (
    interaction_id bigint primary key, org_id text not null,
    contact_id uuid references desk.contacts, channel text not null, state text not null,
    duration_s int not null, subject text, body text, happened_at timestamptz not null
);
"""

# Keys as `contact_of` makes them.
INTERACTIONS = """
insert into desk.interactions
select number, 'fjord',
    (lpad(to_hex(16384 + case when number < %(rows)s then number %% %(people)s else %(people)s end),
        16, '0') || '8000000000000001')::uuid,
    (array['phone', 'chat', 'email'])[(1 + number * 7919 %% 3)::int], 'closed', number * 7919 %% 900,
    null, null, timestamptz '2026-01-01 00:00:00Z' + number * interval '1 second'
from generate_series(0, %(rows)s::bigint + %(heavy)s - 1) as number
"""

DATAMAP = """
name: Desk
version: "1"
controller: Fjord A/S, Example Street 1
dpo: dpo@example.org
authority: Datatilsynet
schemas: [desk]
longest_backup_days: 35
processings:
  support: {purpose: Answer., lawful_basis: 6(1)(b), retention: As long as needed., recipients: []}
subject:
  table: desk.contacts
  identifiers:
    - {kind: email, column: desk.contacts.email}
    - {kind: phone, column: desk.contacts.phone}
    - {kind: name, column: desk.contacts.full_name}
  levels: {contact: desk.contacts, conversation: desk.interactions, message: desk.interactions}
  open_when: {column: state, values: [open]}
tables:
  desk.contacts:
    processing: support
    key: contact_id
    tenant: org_id
    rows: anonymize
    erased_at: erased_at
    indexes: [contacts_lower_idx]
    columns:
      contact_id: {category: user.unique_id, erase: new_key, access: false, portability: false}
      org_id: {category: system.operations, erase: keep}
      email: {category: user.contact.email, erase: suppress, access: false, portability: false}
      phone: {category: user.contact.phone_number, erase: suppress, access: false, portability: false}
      full_name: {category: user.name, erase: suppress, access: false, portability: false}
      erased_at: {category: system.operations, erase: keep}
  desk.interactions:
    processing: support
    key: interaction_id
    tenant: org_id
    links: {contact_id: desk.contacts}
    rows: anonymize
    measures: [duration_s]
    columns:
      interaction_id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      contact_id: {category: user.unique_id, erase: unlink, access: false, portability: false}
      channel: {category: system.operations, erase: keep}
      state: {category: system.operations, erase: keep}
      duration_s: {category: system.operations, erase: keep}
      subject: {category: user.content, erase: suppress, access: false, portability: false}
      body: {category: user.content, erase: %(body)s, access: false, portability: false}
      happened_at: {category: system.operations, erase: keep}
"""

# What is promised of a night (docs/scale.md).
MOST_MEGABYTES = 512
MOST_MILLISECONDS = 100
MOST_SECONDS = 2

SENTENCES = (
    "the parcel has not arrived, and the tracking page says nothing new",
    "I would like to change the delivery to next week",
    "please send the invoice once more, the amount was wrong",
    "thank you, that answers my question",
)

SYLLABLES = ("ba", "den", "fi", "gor", "hul", "ka", "lem", "mi", "rot", "sun")


def contact_of(number: int) -> uuid.UUID:
    """Return the key of a person."""
    return uuid.UUID(int=(number << 64) + 0x4000_8000_0000_0000_0001)


def values_of(number: int) -> tuple[str, str, str]:
    """Return address, telephone number and name of a person, unlike anybody else's."""
    # Names that begin and end alike are compared with one another, as no thousand real ones would be.
    first, last = (
        "".join(SYLLABLES[int(digit)] for digit in f"{number * factor % 1_000_003:06d}").title()
        for factor in (7_919, 104_729)
    )
    word = "".join(chr(97 + int(digit)) for digit in f"{number:06d}")
    return f"{word}.{number}@example.org", f"+45{20_000_000 + number}", f"{first} {last}"


def copy_interactions(cursor: psycopg.Cursor, people: int, heavy: int) -> None:
    """Write interactions in which somebody says who they are."""
    draw = random.Random(7)
    begins = datetime(2026, 1, 1, tzinfo=UTC)
    with cursor.copy(
        "copy desk.interactions (interaction_id, org_id, contact_id, channel, state, "
        "duration_s, subject, body, happened_at) from stdin"
    ) as copy:
        for row in range(people * EACH + heavy):
            number = row % people if row < people * EACH else people
            email, _, name = values_of(number)
            copy.write_row(
                (row, ORG, contact_of(number), draw.choice(("phone", "chat", "email")), "closed",
                 draw.randrange(900), None,
                 f"Hello, this is {name}, {draw.choice(SENTENCES)}. Write to {email}.",
                 begins + timedelta(seconds=row))
            )  # fmt: skip


def fill(url: str, rows: int, heavy: int, *, with_text: bool) -> None:
    """Make the platform: everybody with fifty interactions, the last person with `heavy`."""
    people = max(1, rows // EACH)
    with psycopg.connect(plain(url)) as connection, connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        with cursor.copy(
            "copy desk.contacts (contact_id, org_id, email, phone, full_name) from stdin"
        ) as copy:
            for number in range(people + (1 if heavy else 0)):
                copy.write_row((contact_of(number), ORG, *values_of(number)))
        if with_text:
            copy_interactions(cursor, people, heavy)
        else:
            cursor.execute(INTERACTIONS, {"rows": people * EACH, "people": people, "heavy": heavy})
        cursor.execute("create index on desk.interactions (contact_id)")
        cursor.execute("create index on desk.contacts (lower(email))")
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("vacuum analyze")


def queue_requests(stores: OpenedStores, numbers: list[int]) -> None:
    """Queue an erasure of each person, as the intake does once identity is verified."""
    now = stores.clock.now()
    with stores.transaction(Role.PLANNER) as transaction:
        for number in numbers:
            request_id = str(uuid.uuid4())
            request = Request(
                request_id=request_id, org_id=ORG, kinds=(RequestKind.ERASURE,),
                state=RequestState.RECEIVED, level=Level.CONTACT, is_forced=False, received_at=now,
                due_at=now + timedelta(days=30), is_verified=True,
                identity_basis=IdentityBasis.STATED, plan_digest=None, attempt=0,
            )  # fmt: skip
            transaction.queue.requests.insert(request, created_at=now, nonce=str(uuid.uuid4()))
            known = Identifier(IdentifierKind.EMAIL, values_of(number)[0])
            content = f'[["{known.kind}", "{known.value}"]]'.encode()
            secret = stores.keys.encrypt(request_id, content)
            transaction.queue.secrets.put(request_id, Purpose.IDENTIFIERS, secret)


# --- what is measured -----------------------------------------------------------------------------


@dataclass
class Transactions:
    """How long the transactions of this process that change rows are open.

    Attributes:
        longest_alone: of the statements outside transactions: ANALYZE, for which no row is locked.
    """

    longest: dict[str, float] = field(default_factory=dict)
    longest_of_all: float = 0.0
    longest_alone: float = 0.0
    statements: int = 0
    count: int = 0
    stage: str = ""
    _since: float = 0.0

    def listen(self, engine) -> None:
        event.listen(engine, "begin", self._began)
        event.listen(engine, "commit", self._ended)
        event.listen(engine, "rollback", self._ended)
        event.listen(engine, "before_cursor_execute", self._said)
        event.listen(engine, "after_cursor_execute", self._done)

    def _began(self, connection) -> None:
        self.count += 1
        connection.info["since"] = time.perf_counter()
        connection.info["wrote"] = False
        options = connection.get_execution_options()
        connection.info["alone"] = options.get("isolation_level") == "AUTOCOMMIT"

    def _said(self, connection, cursor, statement, *others) -> None:
        self.statements += 1
        connection.info["said"] = time.perf_counter()
        word = statement.lstrip()[:6].lower()
        if word in ("update", "delete", "insert") and " lacuna" not in statement[:40]:
            connection.info["wrote"] = True

    def _done(self, connection, *others) -> None:
        if connection.info.get("alone"):
            seconds = time.perf_counter() - connection.info["said"]
            self.longest_alone = max(self.longest_alone, seconds)

    def _ended(self, connection) -> None:
        if connection.info.get("wrote") and not connection.info["alone"]:
            seconds = time.perf_counter() - connection.info["since"]
            self.longest[self.stage] = max(self.longest.get(self.stage, 0.0), seconds)
            self.longest_of_all = max(self.longest_of_all, seconds)


def write(url: str, first: int, results: Queue, stop: Queue) -> None:
    """Insert an interaction of one person again and again, until told to stop."""
    waits = []
    with psycopg.connect(plain(url), autocommit=True) as connection:
        number = first
        while stop.empty():
            began = time.perf_counter()
            connection.execute(
                "insert into desk.interactions values "
                "(%s, %s, %s, 'chat', 'closed', 60, null, null, now())",
                [number, ORG, contact_of(0)],
            )
            waits.append(time.perf_counter() - began)
            number += 1
            time.sleep(SECONDS_BETWEEN_WRITES)
    results.put(sorted(waits))


def peak_rss() -> float:
    """Return the most memory, in megabytes, that this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def server_cpu(home: Path) -> float:
    """Return the CPU seconds of all processes of the database server, ended ones too."""
    pid = int((home / "pg" / "data" / "postmaster.pid").read_text().split()[0])
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = stat.read_text().rpartition(")")[2].split()
            own = int(stat.parent.name) == pid
        except OSError:
            continue
        if own or int(parts[1]) == pid:
            total += sum(map(int, parts[11:15] if own else parts[11:13])) / ticks
    return total


def night(url: str, home: Path, options: argparse.Namespace) -> None:
    """Fill, queue, and run all stages."""
    heavy = options.heavy
    fill(url, options.rows, heavy, with_text=options.text)
    datamap_path = home / "datamap.yaml"
    datamap_path.write_text(
        DATAMAP % {"body": "redact, text: plain" if options.text else "suppress"}
    )
    database = Database(url)
    migrate(database)
    decide_standing(database, BY_SETTING, "*", datetime.now(UTC))
    datamap = load(datamap_path)
    grant_platform(database, datamap.schemas, needed_rights(datamap))
    agreement = Agreement(
        agreement_id=str(uuid.uuid5(uuid.NAMESPACE_URL, ORG)), org_id=ORG, kind=AgreementKind.DPA,
        version="1", text_digest="0" * 64, valid_from=datetime(2025, 1, 1, tzinfo=UTC),
        standing=tuple(RequestKind),
    )  # fmt: skip
    write_agreements(database, [agreement], datetime.now(UTC))
    stores = OpenedStores(
        database=database,
        keys=FileKeys(home / "keys" / "requests"),
        clock=SystemClock(),
        objects=FolderStores(home, {}),
        home=home,
        datamap_path=datamap_path,
        run_log=FileRunLog(home / "evidence" / "runs"),
        approvers=home / "keys" / "approvers",
    )
    for store in datamap.stores:
        (home / store).mkdir(exist_ok=True)
    mark_stores(stores, database, datamap)
    fulfilment.prove(stores, 5)
    people = max(1, options.rows // EACH)
    step = max(1, people // (sum(options.requests) + 1))
    asking = iter(range(1, people, step))
    counted = Transactions()
    counted.listen(database.engine)
    results: Queue = Queue()
    stop: Queue = Queue()
    writer = Process(target=write, args=(url, 10**9, results, stop), daemon=True)
    writer.start()
    costs = []
    is_done = True
    peak = 0.0
    for number, requests in enumerate(options.requests):
        numbers = [next(asking) for _ in range(requests)]
        if heavy and number + 1 == len(options.requests):
            numbers.append(people)
        queue_requests(stores, numbers)
        changed = requests * (EACH + 1) + (heavy if people in numbers else 0)
        cost, done, used = in_own_process(stores, options, counted, home, len(numbers))
        costs.append(cost)
        peak = max(peak, used)
        is_done = is_done and done == len(numbers)
        wall, cpu, of_server = cost
        print(f"requests completed: {done} of {len(numbers)}")
        print(
            f"wall {wall:.1f} s, CPU {cpu:.1f} s and the server's {of_server:.1f} s, "
            f"{changed / wall:,.0f} rows/s"
        )
    stop.put(None)
    waits = results.get()
    writer.join()
    more = options.requests[-1] - options.requests[0]
    if more > 0:
        for what, first, last in zip(("wall", "CPU", "server"), costs[0], costs[-1], strict=True):
            print(
                f"one more request, {what}: {1000 * (last - first) / more:.1f} ms, "
                f"{100 * (last - first) / more / first:.1f} % of a night of {options.requests[0]}"
            )
    print(
        f"peak RSS of a night {peak:.0f} MB; longest statement outside a transaction (ANALYZE) "
        f"{counted.longest_alone:.2f} s"
    )
    if waits:
        print(
            f"writer: {len(waits)} inserts, p50 {_share(waits, 0.5):.1f} ms, "
            f"p99 {_share(waits, 0.99):.1f} ms, longest {waits[-1] * 1000:.1f} ms"
        )
    broken = [] if is_done else ["requests completed"]
    if options.within is not None:
        broken += missed(options.within, costs, peak, counted, waits)
    if broken:
        print(f"not kept: {', '.join(broken)}")
    sys.exit(1 if broken else 0)


def missed(
    seconds: float,
    costs: list[tuple[float, float, float]],
    peak: float,
    counted: Transactions,
    waits: list[float],
) -> list[str]:
    """Return which promises were not kept."""
    kept = {
        "wall": sum(wall for wall, _, _ in costs) <= seconds,
        "memory": peak < MOST_MEGABYTES,
        "writer": bool(waits) and _share(waits, 0.99) < MOST_MILLISECONDS,
        "transactions": counted.longest_of_all <= MOST_SECONDS,
    }
    return [name for name, is_kept in kept.items() if not is_kept]


def in_own_process(
    stores: OpenedStores,
    options: argparse.Namespace,
    counted: Transactions,
    home: Path,
    requests: int,
) -> tuple[tuple[float, float, float], int, float]:
    """Do as `one_night` does in a process of its own, as nights are; return its most memory too."""
    results: Queue = Queue()

    def run() -> None:
        # The connections are the other process's.
        stores.database.engine.dispose(close=False)
        profile = cProfile.Profile()
        with profile if options.profile else contextlib.nullcontext():
            found = one_night(stores, options, counted, home, requests)
        if options.profile:
            profile.dump_stats(options.profile)
        results.put((*found, peak_rss(), counted.longest_of_all, counted.longest_alone))

    child = get_context("fork").Process(target=run)
    child.start()
    while results.empty():
        child.join(timeout=0.2)
        if not child.is_alive() and results.empty():
            raise SystemExit(f"a night ended with {child.exitcode}, see above")
    cost, done, peak, longest, alone = results.get()
    child.join()
    counted.longest_of_all = max(counted.longest_of_all, longest)
    counted.longest_alone = max(counted.longest_alone, alone)
    return cost, done, peak


def one_night(
    stores: OpenedStores,
    options: argparse.Namespace,
    counted: Transactions,
    home: Path,
    requests: int,
) -> tuple[tuple[float, float, float], int]:
    """Run the stages over what is queued; return seconds (wall, CPU, server's) and requests done."""
    run = RunOptions(
        run_id=f"bench-{requests}", mode=Mode.ACT, approval=ApprovalMode.AUTO, limit=requests,
        max_rows=10**9, whole_rows=options.whole_rows, portion_rows=options.portion_rows,
    )  # fmt: skip
    batch_id = str(uuid.uuid4())
    began = time.perf_counter(), time.process_time(), server_cpu(home)
    counted.longest.clear()
    print(
        "stage                wall s   CPU s  server s  statements  transactions  longest s  peak MB"
    )
    for name in options.stages:
        counted.stage = name
        at = time.perf_counter(), time.process_time(), server_cpu(home)
        before = counted.statements, counted.count
        if name == "apply" and options.kill:
            kill_half_way(stores, run, batch_id, requests)
        fulfilment.alone(getattr(fulfilment, name))(stores, run, batch_id)
        print(
            f"{name:18} {time.perf_counter() - at[0]:8.1f} {time.process_time() - at[1]:7.1f} "
            f"{server_cpu(home) - at[2]:9.1f} {counted.statements - before[0]:11,} "
            f"{counted.count - before[1]:13,} {counted.longest.get(name, 0.0):10.2f} "
            f"{peak_rss():8.0f}",
            flush=True,
        )
    ended = time.perf_counter(), time.process_time(), server_cpu(home)
    wall, cpu, of_server = (after - since for after, since in zip(ended, began, strict=True))
    with stores.transaction(Role.PLANNER) as transaction:
        states = [one.state for one in transaction.queue.requests.of_batch(batch_id)]
    return (wall, cpu, of_server), sum(one is RequestState.COMPLETED for one in states)


def kill_half_way(stores: OpenedStores, run: RunOptions, batch_id: str, requests: int) -> None:
    """Apply in a process that is killed once half of the requests are applied."""

    def applied() -> int:
        with stores.transaction(Role.PLANNER) as transaction:
            states = [one.state for one in transaction.queue.requests.of_batch(batch_id)]
        return sum(one is RequestState.APPLIED for one in states)

    child = Process(target=fulfilment.alone(fulfilment.apply), args=(stores, run, batch_id))
    child.start()
    while child.is_alive() and applied() < requests / 2:
        time.sleep(0.02)
    child.kill()
    child.join()
    print(f"killed with {applied()} of {requests} requests applied")


def _share(waits: list[float], share: float) -> float:
    return waits[min(len(waits) - 1, int(len(waits) * share))] * 1000


def plain(url: str) -> str:
    """Return a URL as the driver takes it."""
    return url.replace("+psycopg", "")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--requests", type=int, nargs="+", default=[100])
    parser.add_argument("--kill", action="store_true", help="kill who applies half way")
    parser.add_argument("--heavy", type=int, default=0, help="interactions of one more person")
    parser.add_argument("--text", action="store_true", help="each interaction has a text to redact")
    parser.add_argument("--whole-rows", type=int, default=RunOptions.whole_rows)
    parser.add_argument("--portion-rows", type=int, default=RunOptions.portion_rows)
    parser.add_argument("--stages", nargs="*", default=STAGES, help="only these stages")
    parser.add_argument("--within", type=float, help="seconds for all nights; red where missed")
    parser.add_argument("--profile", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = EmbeddedServer(home)
        url = server.up()
        try:
            night(url, home, options)
        finally:
            server.down()


if __name__ == "__main__":
    main()
