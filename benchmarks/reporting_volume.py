"""What the nightly reporting costs at volume: a first run, one more day, one more week, all again.

Fills a database of its own with invented interactions, seals their history as `lacuna run
reporting --from` does, seals a copy of it once more and compares the digests, and runs again with
nothing to do. Then for seven nights a day is added and closed, and somebody is erased between the
first of them: one person, every person of one cell, the only person of a cell, with twelve rows. All attacks
run on what is sealed, and after each night on the difference to the night before. By default one
million interactions over 90 days. Run:

    python -m benchmarks.reporting_volume [--interactions 1000000] [--days 90] [--seed 7]
        [--nights 7] [--no-again]

CPU seconds are those of this process and, apart, of the database server: on a machine with other
work they say more than wall seconds do.
"""

import argparse
import os
import random
import resource
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import psycopg

from benchmarks.reporting_protection import CHANNELS, draw_day
from lacuna.model.mart import Outcome, PublishReport, Release
from lacuna.model.run import Role
from lacuna.reporting import marts, publish
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.installation import FolderStores, OpenedStores
from lacuna.stores.keys import FileKeys
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import grant_platform, migrate
from lacuna.stores.run_log import FileRunLog
from lacuna.verify import attack_period, difference
from lacuna_demo.embedded_server import EmbeddedServer

ORG = "fjord"
FIRST_DAY = date(2026, 6, 1)  # a Monday
TEAMS = 6
AGENTS_A_TEAM = 12
_REAPED = 0.2  # seconds in which the server counts a connection that ended


@dataclass
class SetClock:
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


def server_seconds(home: Path) -> float:
    """Return the CPU seconds of the server and of all connections that have ended (Linux)."""
    pid = (home / "pg" / "data" / "postmaster.pid").read_text("utf-8").split("\n")[0]
    # After the name in parentheses; user, system, and those of children that were waited for.
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def measured(what: str, home: Path) -> Iterator[None]:
    """Print the seconds that a block takes, here and in the server."""
    wall, cpu, server = time.perf_counter(), time.process_time(), server_seconds(home)
    yield
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    time.sleep(_REAPED)
    server = server_seconds(home) - server
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what:42} {wall:8.1f} s; CPU s: {cpu:6.1f} here, {server:6.1f} server; "
        f"peak {peak:5.0f} MB",
        flush=True,
    )


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


def say_channels(url: str) -> None:
    """Print how many totals of a channel and day differ from the rows, and why that may be."""
    with psycopg.connect(_plain(url)) as connection:
        counted = connection.execute(
            "with truth as (select (created_at at time zone 'UTC')::date as day, channel, count(*)"
            " as n, coalesce(sum(handling_duration_s), 0) as s, count(distinct requester_id) as"
            " people from contact_center.conversations group by 1, 2), shown as (select first_day"
            " as day, channel, sum(n) as n, sum(handle_s_sum) as s from reporting.volume_daily"
            " where first_day = last_day group by 1, 2) select count(*),"
            " count(*) filter (where (truth.n, truth.s) is distinct from (shown.n, shown.s)),"
            " count(*) filter (where (truth.n, truth.s) is distinct from (shown.n, shown.s) and"
            " people >= 10) from truth left join shown using (day, channel)"
            " where day <= (select max(last_day) from reporting.volume_daily)"
        ).fetchall()[0]
    print(
        f"    channels and days: {counted[0]}, not exact {counted[1]}, "
        f"of these with ten people or more {counted[2]}",
        flush=True,
    )


# Who is erased between the nights: of the last day but two of the history, which is sealed.
_WHO = (
    (
        "one person",
        "select min(requester_id::text) from contact_center.conversations where"
        " (created_at at time zone 'UTC')::date = %(day)s and channel = 'email'",
    ),
    (
        "everybody of one cell",
        "select distinct requester_id::text from contact_center.conversations join"
        " contact_center.queues using (queue_id) where"
        " (conversations.created_at at time zone 'UTC')::date = %(day)s and (channel, name) = ("
        " select channel, queue from reporting.volume_daily where first_day = %(day)s and not"
        " is_merged order by n, channel, queue limit 1) and requester_id is not null",
    ),
    (
        "the only person of a cell, with twelve rows",
        "select requester_id::text from contact_center.conversations join contact_center.queues"
        " using (queue_id) where (conversations.created_at at time zone 'UTC')::date = %(day)s"
        " and name = 'alone' group by 1 having count(*) = 12",
    ),
)


def _copied(server: EmbeddedServer) -> str:
    """Copy the database and return the address of the copy."""
    with psycopg.connect(_plain(server.url("postgres")), autocommit=True) as connection:
        connection.execute("create database again template lacuna")
    return server.url("again")


def fill_alone(url: str, day: date, first: int) -> None:
    """Insert somebody with twelve conversations, alone in a queue."""
    contact = uuid.UUID(int=1 << 120)
    midnight = datetime.combine(day, clock_time(0, tzinfo=UTC))
    with psycopg.connect(_plain(url)) as connection:
        connection.execute(
            "insert into contact_center.queues values (999, %s, 0, 'alone', 60, '2026-01-01Z')",
            [ORG],
        )
        connection.execute(
            "insert into contact_center.contacts (contact_id, org_id, created_at)"
            " values (%s, %s, '2026-01-01Z')",
            [contact, ORG],
        )
        for number in range(12):
            begins = midnight + timedelta(minutes=number)
            connection.execute(
                "insert into contact_center.conversations (conversation_id, org_id, requester_id,"
                " channel, direction, state, queue_id, created_at, queued_at, closed_at, updated_at,"
                " handling_duration_s, assignee_id) values (%s, %s, %s, 'whatsapp', 'inbound',"
                " 'closed', 999, %s, %s, %s, %s, 777, 1)",
                [first + number, ORG, contact, begins, begins, begins, begins],
            )


def erase(url: str, who: str, day: date) -> int:
    """Cut the links of people, as an erasure does; return how many."""
    with psycopg.connect(_plain(url)) as connection:
        keys = [key for (key,) in connection.execute(who.encode(), {"day": day}) if key]
        for table in ("conversations", "ratings"):
            connection.execute(
                f"update contact_center.{table} set requester_id = null"  # noqa: S608 - one of two
                " where requester_id = any(%s::uuid[])",
                [keys],
            )
        connection.execute(
            "update contact_center.contacts set anonymized_at = now()"
            " where contact_id = any(%s::uuid[])",
            [keys],
        )
    return len(keys)


def main() -> None:
    """Fill, seal, add a day, and run again."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--interactions", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--nights", type=int, default=7)
    parser.add_argument("--again", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    a_day = options.interactions // options.days
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = EmbeddedServer(home)
        server.up()
        try:
            _run(server, home, a_day, options)
        finally:
            server.down()


def _run(server: EmbeddedServer, home: Path, a_day: int, options: argparse.Namespace) -> None:
    url = server.url()
    draw = random.Random(options.seed)
    with measured("fill", home):
        prepare(url, contacts=int(a_day * 1.1) * 8 + 1)
        total = 0
        for number in range(options.days):
            day = FIRST_DAY + timedelta(days=number)
            rows = int(a_day * draw.uniform(0.9, 1.1))
            total += fill_day(url, draw, day, rows, total + 1)
        erased_day = FIRST_DAY + timedelta(days=options.days - 3)
        fill_alone(url, erased_day, total + 1)
        with psycopg.connect(_plain(url), autocommit=True) as connection:
            connection.execute("analyze")
    print(f"    {total} interactions over {options.days} days")
    # The last day has closed when three full days have passed after it.
    clock = SetClock(FIRST_DAY + timedelta(days=options.days + 3))
    stores = OpenedStores(
        database=Database(url),
        keys=FileKeys(home / "keys" / "requests"),
        clock=clock,
        objects=FolderStores(home, {}),
        home=home,
        datamap_path=SQL_FOLDER / "contact_center" / "datamap.yaml",
        run_log=FileRunLog(home / "evidence" / "runs"),
        approvers=home / "keys" / "approvers",
    )
    again = _copied(server)
    with measured("first run: the whole history", home):
        report = publish(stores, attack=attack_period)
    say(report)
    say_channels(url)
    before = releases(stores)
    if options.again:
        other = replace(stores, database=Database(again), home=home / "again",
                        objects=FolderStores(home / "again", {}))  # fmt: skip
        with measured("the same once more, on a copy", home):
            publish(other, attack=attack_period)
        print(
            f"    equal digests: {[e.digest for e in releases(other)] == [e.digest for e in before]}"
        )
    with measured("nothing closed: all periods written again", home):
        report = publish(stores, attack=attack_period)
    say(report)
    for number in range(options.nights):
        if number < len(_WHO):
            name, who = _WHO[number]
            print(f"    erased, {name}: {erase(url, who, erased_day)}")
        day = FIRST_DAY + timedelta(days=options.days + number)
        fill_day(url, draw, day, a_day, total + 101 + number * 2 * a_day)
        clock.day += timedelta(days=1)
        closed = day.isoformat()
        with measured(f"one more day: {closed}", home):
            report = publish(stores, attack=attack_period)
        print("    sealed " + ", ".join(line.subject for line in report.lines if line.cells))
        for line in report.lines:
            if line.outcome.is_failure:
                print(f"    {line.subject}: {line.outcome} {dict(line.findings)}")
        moved = difference(before, now := releases(stores))
        print(f"    cells of the night before that moved: {sum(moved.values())}", flush=True)
        before = now
    stores.database.engine.dispose()


if __name__ == "__main__":
    main()
