"""What a scrub of one table costs: its files alone, and its rows and files, beside live traffic.

Fills a database of its own with one table (a key, a link with an index, a text of 150 characters, a long
value in every hundredth row), updates one row in a hundred, and writes the table again: by `VACUUM FULL`
alone, then as the scrub does. Meanwhile one client reads and another writes a row by its key, all the
time; how long they had to wait is told. Run:

    python -m benchmarks.scrub [--rows 1000000]

CPU seconds are those of all processes of the server. The write-ahead log is what was written
meanwhile, by the clients too.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import sysconf
from pathlib import Path

import psycopg

from lacuna.model.location import TableName
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate
from lacuna.stores.postgres.scrubber import PostgresScrubber
from lacuna_demo.embedded_server import EmbeddedServer

TABLE = TableName("bench", "message")
FILL = """
create schema bench;
create table bench.message (id bigint primary key, conversation bigint, body text, raw text);
insert into bench.message
select n, n / 8, md5(n::text) || ' ' || md5((n + 1)::text) || repeat(' word', 17),
    case when n %% 100 = 0 then (
        select string_agg(md5((n::bigint * 1000 + m)::text), '') from generate_series(1, 128) as m) end
from generate_series(1, %s) as n;
create index on bench.message (conversation);
analyze bench.message;
"""
CHANGE = "update bench.message set body = body || ' x', raw = raw || 'x' where id %% 100 = 0"


class Client:
    """One connection that runs a statement by a key, again and again."""

    def __init__(self, url: str, statement: str, rows: int) -> None:
        self.waits: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(url, statement, rows))

    @contextmanager
    def working(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join()

    def _work(self, url: str, statement: str, rows: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            number = 1
            while not self._stop.is_set():
                number = number * 48271 % 2147483647
                began = time.monotonic()
                connection.execute(statement, [number % rows + 1])
                self.waits.append(time.monotonic() - began)
                time.sleep(0.005)

    def __str__(self) -> str:
        waits = sorted(self.waits)
        return f"median {waits[len(waits) // 2] * 1000:.1f} ms, longest {waits[-1]:.2f} s"


def main() -> None:
    """Fill a table, then rewrite it twice."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder))
        database = Database(server.up())
        try:
            migrate(database)
            url = database.engine.url.set(drivername="postgresql").render_as_string(False)
            with psycopg.connect(url, autocommit=True) as connection:
                for statement in (FILL % rows).split(";\n"):
                    if statement.strip():
                        connection.execute(statement)
                _compare(connection, database, url, rows)
        finally:
            server.down()


def _compare(connection: psycopg.Connection, database: Database, url: str, rows: int) -> None:
    scrubber = PostgresScrubber(database)

    def rewrite() -> str:
        (files,) = [one for one in scrubber.tables(["bench"]) if one.table == TABLE]
        done = scrubber.rewrite(files)
        return f"locked {done.lock_seconds:.1f} s, refused: {sorted(done.refusals) or 'nothing'}"

    def vacuum() -> str:
        connection.execute("vacuum (full, analyze) bench.message")
        return "VACUUM FULL, ANALYZE"

    (size,) = connection.execute("select pg_total_relation_size('bench.message')").fetchone() or (
        0,
    )
    print(f"{rows} rows, {int(size) / 1e6:.0f} MB")
    for what, act in (("files alone", vacuum), ("rows and files", rewrite)):
        connection.execute(CHANGE.replace("%%", "%"))
        connection.execute("checkpoint")
        reader = Client(url, "select body from bench.message where id = %s", rows)
        writer = Client(url, "update bench.message set conversation = 7 where id = %s", rows)
        with reader.working(), writer.working():
            time.sleep(1)
            _measured(what, act, connection)
        print(f"  reading {reader}; writing {writer}")


def _measured(what: str, act: Callable[[], str], connection: psycopg.Connection) -> None:
    before = _log(connection)
    cpu = _cpu(connection)
    began = time.monotonic()
    said = act()
    seconds = time.monotonic() - began
    # Until the server has counted what its sessions that ended meanwhile took.
    time.sleep(1)
    print(
        f"{what}: {seconds:.1f} s, {_cpu(connection) - cpu:.1f} CPU s of the server, "
        f"{(_log(connection) - before) / 1e6:.0f} MB of log; {said}"
    )


def _log(connection: psycopg.Connection) -> int:
    found = connection.execute("select pg_current_wal_lsn() - '0/0'").fetchone()
    return int(found[0]) if found else 0


def _cpu(connection: psycopg.Connection) -> float:
    """Return the CPU seconds of the server: of its processes, and of those that have ended."""
    postmaster = int(_stat(connection.info.backend_pid)[1])
    ticks = sum(int(one) for one in _stat(postmaster)[11:15])
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = _fields(path)
        except OSError:
            continue
        if int(fields[1]) == postmaster:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    return _fields(Path(f"/proc/{pid}/stat"))


def _fields(path: Path) -> list[str]:
    return path.read_text("utf-8").rpartition(") ")[2].split()


if __name__ == "__main__":
    main()
