"""What it costs to erase one person after another: a loop that does for each request what it needs alone.

For each request it looks the person up, reads their interactions, covers what stock Presidio finds in
the texts (with `--text`), writes row by row, and commits. It keeps no record, plans nothing and checks
nothing: what it leaves out, `benchmarks.night` does. The platform is the same. Run:

    python -m benchmarks.naive_loop [--rows 100000] [--requests 20] [--no-index] [--text]

`--no-index` drops the index on the link from an interaction to its contact, so that each request reads
the whole table.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg

from benchmarks._engine_processes import stock_engine
from benchmarks.night import EACH, fill, plain, server_cpu, values_of
from lacuna.ports import Span
from lacuna_demo.embedded_server import EmbeddedServer

_SpanDetector = Callable[[Sequence[str]], list[tuple[Span, ...]]]


def covered(text: str, spans: Sequence[Span]) -> str:
    """Return a text with its label in place of each span, the last one first."""
    for span in sorted(spans, key=lambda one: one.start, reverse=True):
        text = f"{text[: span.start]}[{span.label}]{text[span.end :]}"
    return text


def erase(connection: psycopg.Connection, email: str, find: _SpanDetector | None) -> int:
    """Erase one person in one transaction; return the rows changed."""
    [(contact,)] = connection.execute(
        "select contact_id from desk.contacts where lower(email) = lower(%s)", [email]
    )
    rows = connection.execute(
        "select interaction_id, body from desk.interactions where contact_id = %s", [contact]
    ).fetchall()
    for number, body in rows:
        after = covered(body, find([body])[0]) if find and body else None
        connection.execute(
            "update desk.interactions set contact_id = null, subject = null, body = %s "
            "where interaction_id = %s",
            [after, number],
        )
    connection.execute(
        "update desk.contacts set email = null, phone = null, full_name = null, erased_at = now() "
        "where contact_id = %s",
        [contact],
    )
    connection.commit()
    return len(rows) + 1


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--no-index", action="store_true", help="read the table for each request")
    parser.add_argument("--text", action="store_true", help="each interaction has a text to redact")
    options = parser.parse_args()
    find = stock_engine() if options.text else None
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = EmbeddedServer(home)
        url = server.up()
        try:
            fill(url, options.rows, 0, with_text=options.text)
            with psycopg.connect(plain(url)) as connection:
                if options.no_index:
                    connection.execute("drop index desk.interactions_contact_id_idx")
                    connection.commit()
                people = max(1, options.rows // EACH)
                step = max(1, people // options.requests)
                asking = [values_of(number)[0] for number in range(0, people, step)]
                began = time.perf_counter(), time.process_time(), server_cpu(home)
                asking = asking[: options.requests]
                changed = sum(erase(connection, email, find) for email in asking)
                ended = time.perf_counter(), time.process_time(), server_cpu(home)
        finally:
            server.down()
    wall, cpu, of_server = (
        (after - since) / len(asking) for after, since in zip(ended, began, strict=True)
    )
    print(f"requests {len(asking)}, rows changed {changed:,} on {options.rows:,}")
    print(
        f"a request: wall {1000 * wall:.1f} ms, CPU {1000 * cpu:.1f} ms, server {1000 * of_server:.1f} ms"
    )
    print(f"10,000 of them, one after another: {10_000 * wall / 3600:.2f} hours")


if __name__ == "__main__":
    main()
