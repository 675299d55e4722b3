"""What the nightly reporting costs at volume: a first run, one more day, one more week, all again.

Fills a database of its own with invented interactions, seals their history as `lacuna run
reporting --from` does, then adds a day and closes it, and runs again with nothing to do. By
default one million interactions over 90 days. Run:

    python -m benchmarks.reporting_volume [--interactions 1000000] [--days 90] [--seed 7]

CPU seconds are those of this process; the database's come on top, in the wall seconds.
"""

import argparse
import random
import resource
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import psycopg

from benchmarks.reporting_protection import CHANNELS, draw_day
from pipelines.model.mart import Outcome, PublishReport, Release
from pipelines.model.run import Role
from pipelines.reporting import marts, publish
from pipelines.shipped import SQL_FOLDER
from pipelines.stores.database import Database
from pipelines.stores.embedded_server import EmbeddedServer
from pipelines.stores.keys import FileKeys
from pipelines.stores.migrations import grant_platform, migrate
from pipelines.stores.opened import FolderStores, OpenedStores
from pipelines.stores.run_log import RunLog
from pipelines.verify import attack_period, difference

ORG = "fjord"
FIRST_DAY = date(2026, 6, 1)  # a Monday
TEAMS = 6
AGENTS_A_TEAM = 12


@dataclass
class Clock:
    """A clock that the benchmark sets."""

    day: date

    def now(self) -> datetime:
        return datetime.combine(self.day, clock_time(5, tzinfo=UTC))


def prepare(url: str, contacts: int) -> None:
    """Make the schemas, the roles, one tenant, its teams, agents, queues and contacts."""
    database = Database(url)
    with psycopg.connect(_plain(url)) as connection:
        connection.execute((SQL_FOLDER / "contact_center" / "schema.sql").read_text("utf-8"))
        connection.execute(
            "insert into contact_center.organizations values"
            " (%s, 'Fjord', %s, 'DK', 'controller', '2026-01-01Z')",
            [ORG, ORG],
        )
        for team in range(TEAMS):
            connection.execute(
                "insert into contact_center.teams values (%s, %s, %s)", [team, ORG, f"team {team}"]
            )
            for number in range(AGENTS_A_TEAM):
                agent = team * AGENTS_A_TEAM + number
                connection.execute(
                    "insert into contact_center.agents (agent_id, org_id, team_id, display_name,"
                    " first_name, last_name, email, signature, created_at)"
                    " values (%s, %s, %s, '-', '-', '-', %s, '-', '2026-01-01Z')",
                    [agent, ORG, team, f"agent{agent}@example.org"],
                )
        for queue in range(max(count for _, count in CHANNELS.values())):
            connection.execute(
                "insert into contact_center.queues values (%s, %s, %s, %s, 60, '2026-01-01Z')",
                [queue, ORG, queue % TEAMS, f"queue {queue:02d}"],
            )
        cursor = connection.cursor()
        with cursor.copy(
            "copy contact_center.contacts (contact_id, org_id, created_at) from stdin"
        ) as copy:
            for number in range(contacts):
                copy.write_row((uuid.UUID(int=number), ORG, "2026-01-01Z"))
    migrate(database)
    grant_platform(database, ("contact_center",))
    database.engine.dispose()


def fill_day(url: str, draw: random.Random, day: date, rows: int, first: int) -> int:
    """Insert the interactions of a day; return how many."""
    facts = draw_day(draw, day, rows, contacts=rows * 8)
    midnight = datetime.combine(day, clock_time(0, tzinfo=UTC))
    conversations, calls, ratings = [], [], []
    for number, (person, key, values) in enumerate(
        zip(facts.people, facts.keys, facts.values, strict=True), start=first
    ):
        contact = uuid.UUID(int=int(person or 0))
        begins = midnight + timedelta(seconds=draw.randrange(60_000))
        queue = int(key[1].split()[1])
        answered = begins + timedelta(seconds=values[3]) if values[4] else None
        closed = begins + timedelta(hours=2)
        agent = (queue % TEAMS) * AGENTS_A_TEAM + draw.randrange(AGENTS_A_TEAM)
        conversations.append(
            (number, ORG, contact, key[0], "inbound", "closed", queue, begins, begins, answered,
             closed, closed, values[1] if values[2] else None, agent)
        )  # fmt: skip
        if key[0] == "phone":
            choice = draw.choices(
                ("caller_opted_in", "caller_opted_out", "timeout", None), (50, 25, 10, 15)
            )[0]
            calls.append(
                (number, ORG, number, "inbound" if values[5] else "outbound", begins, 60, 1, 0, 30,
                 5, "abandoned" if values[6] else "completed", "opt_in", choice,
                 30 if choice == "caller_opted_in" and not values[6] else 0)
            )  # fmt: skip
        if draw.random() < 0.18:
            score = draw.choices((1, 2, 3, 4, 5), (8, 8, 14, 30, 40))[0]
            rated = closed + timedelta(minutes=5)
            ratings.append((number, ORG, number, contact, "csat", score, "rated", closed, rated))
    columns = {
        "conversations": "conversation_id, org_id, requester_id, channel, direction, state,"
        " queue_id, created_at, queued_at, first_response_at, closed_at, updated_at,"
        " handling_duration_s, assignee_id",
        "calls": "call_id, org_id, conversation_id, direction, started_at, duration_s, wait_s,"
        " hold_s, talk_s, wrapup_s, completion_status, call_recording_consent,"
        " call_recording_consent_action, recording_time_s",
        "ratings": "rating_id, org_id, conversation_id, requester_id, type, score, status,"
        " offered_at, rated_at",
    }
    with psycopg.connect(_plain(url)) as connection, connection.cursor() as cursor:
        for table, content in (
            ("conversations", conversations), ("calls", calls), ("ratings", ratings)
        ):  # fmt: skip
            statement = f"copy contact_center.{table} ({columns[table]}) from stdin"
            with cursor.copy(statement.encode()) as copy:
                for row in content:
                    copy.write_row(row)
    return len(conversations)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql", 1)


@contextmanager
def measured(what: str) -> Iterator[None]:
    """Print the seconds that a block takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:42} {wall:8.1f} s, {cpu:8.1f} CPU s, peak {peak:5.0f} MB", flush=True)


def say(report: PublishReport) -> None:
    """Print what was sealed, and how much of it stands in its own cell."""
    rows: Counter[str] = Counter()
    own: Counter[str] = Counter()
    for line in report.lines:
        name = line.subject.split()[0]
        if line.outcome is Outcome.SEALED:
            rows[name] += line.rows
            own[name] += line.own_rows
        elif line.outcome is not Outcome.WAITING:
            print(f"    {line.subject}: {line.outcome} {dict(line.findings)}")
    for mart in marts():
        if rows[mart.name]:
            share = own[mart.name] / rows[mart.name]
            print(f"    {mart.name:18} {rows[mart.name]:9} rows, {share:7.2%} in a cell of its own")
    print(f"    files written {report.files_written}, kept {report.files_kept}", flush=True)


def releases(stores: OpenedStores) -> list[Release]:
    """Return every sealed period."""
    with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
        return [each for mart in marts() for each in transaction.marts.releases(mart, ORG)]


def main() -> None:
    """Fill, seal, add a day, and run again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    a_day = options.interactions // options.days
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = EmbeddedServer(home)
        url = server.up()
        try:
            _run(url, home, a_day, options)
        finally:
            server.down()


def _run(url: str, home: Path, a_day: int, options: argparse.Namespace) -> None:
    draw = random.Random(options.seed)
    with measured("fill"):
        prepare(url, contacts=int(a_day * 1.1) * 8 + 1)
        total = 0
        for number in range(options.days):
            day = FIRST_DAY + timedelta(days=number)
            rows = int(a_day * draw.uniform(0.9, 1.1))
            total += fill_day(url, draw, day, rows, total + 1)
        with psycopg.connect(_plain(url), autocommit=True) as connection:
            connection.execute("analyze")
    print(f"    {total} interactions over {options.days} days")
    # The last day has closed when three full days have passed after it.
    clock = Clock(FIRST_DAY + timedelta(days=options.days + 3))
    stores = OpenedStores(
        database=Database(url),
        keys=FileKeys(home / "keys" / "requests"),
        clock=clock,
        objects=FolderStores(home, {}),
        home=home,
        datamap_path=SQL_FOLDER / "contact_center" / "datamap.yaml",
        run_log=RunLog(home / "evidence" / "runs"),
        approvers=home / "keys" / "approvers",
    )
    with measured("first run: the whole history"):
        report = publish(stores, attack=attack_period)
    say(report)
    before = releases(stores)
    with measured("nothing closed: all periods written again"):
        report = publish(stores, attack=attack_period)
    say(report)
    for number in range(7):
        day = FIRST_DAY + timedelta(days=options.days + number)
        fill_day(url, draw, day, a_day, total + 1 + number * 2 * a_day)
        clock.day += timedelta(days=1)
        closed = day.isoformat()
        with measured(f"one more day: {closed}"):
            report = publish(stores, attack=attack_period)
        print("    sealed " + ", ".join(line.subject for line in report.lines if line.cells))
    moved = difference(before, releases(stores))
    print(f"cells of the first night that moved: {sum(moved.values())}")
    stores.database.engine.dispose()


if __name__ == "__main__":
    main()
