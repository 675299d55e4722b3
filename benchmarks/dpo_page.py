"""How long the officer's page takes to its first byte, over a register of many requests.

Fills a database of its own with invented requests of one tenant: half of them closed, verified and
with ten entries in the ledger each, the rest open. Then it asks for each page as a browser does,
over the loopback interface, and prints the median and the slowest of the first bytes. Run:

    python -m benchmarks.dpo_page [--requests 10000] [--visits 15]
"""

import argparse
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import uvicorn

from lacuna.dpo_page import Auth, create_app
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.clock import SystemClock
from lacuna.stores.installation import FolderStores, OpenedStores
from lacuna.stores.keys import FileKeys
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate
from lacuna.stores.run_log import FileRunLog
from lacuna_demo.embedded_server import EmbeddedServer

ORG = "fjordlys"
REQUESTS = """
    insert into lacuna.request (
        request_id, number, org_id, kinds, level, state, received_at, due_at, created_at, closed_at
    )
    select
        md5(n::text)::uuid, 'FJ-' || to_char(n, 'FM0000000'), %(org)s,
        case when n %% 3 = 0 then array['access'] else array['erasure'] end, 'contact',
        case when n %% 2 = 0 then 'completed' when n %% 5 = 0 then 'ambiguous' else 'planned' end,
        now() - n %% 360 * interval '1 day', now() - (n %% 360 - 30) * interval '1 day', now(),
        case when n %% 2 = 0 then now() - (n %% 360 - n %% 29) * interval '1 day' end
    from generate_series(1, %(count)s) as n
"""
VERIFICATIONS = """
    insert into lacuna.verification (request_id, attempt, verified_at, passed, result)
    select
        request_id, 1, closed_at, true,
        '{"gates": ["residue", "canary"], "findings": [], "opaque": [], "searched": 9000}'
    from lacuna.request where closed_at is not null
"""
# The triggers hash each entry, which is not what is measured here.
ENTRIES = """
    insert into lacuna_evidence.entry (
        position, at, request_id, phase, action, location, actor, leaf_hash
    )
    select
        row_number() over (order by request_id, n) - 1, now(), request_id, 'outcome',
        'anonymize_rows', 'crm.contact', 'flow:fulfilment', repeat('0', 64)
    from lacuna.request, generate_series(1, 10) as n where closed_at is not null
"""


def fill(url: str, count: int) -> str:
    """Make the register; return the id of one closed request."""
    migrate(Database(url))
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("alter table lacuna.request disable trigger user")
        connection.execute("alter table lacuna_evidence.entry disable trigger all")
        connection.execute(REQUESTS, {"org": ORG, "count": count})
        connection.execute(VERIFICATIONS)
        connection.execute(ENTRIES)
        connection.execute("alter table lacuna_evidence.entry enable trigger all")
        (found,) = connection.execute(
            "select request_id::text from lacuna.request where closed_at is not null limit 1"
        ).fetchone() or ("",)
        connection.commit()
        connection.autocommit = True
        connection.execute("analyze")
    return str(found)


@contextmanager
def served(stores: OpenedStores) -> Iterator[str]:
    """Serve the page on the loopback interface; yield its address."""
    auth = Auth(user=lambda: "somebody", name=str, may=lambda user, right, org_id: org_id == ORG)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(auth=auth, stores=lambda: stores),
            log_config=None,
            lifespan="off",
            ws="websockets-sansio",
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


def first_byte(client: httpx.Client, path: str) -> float:
    """Return the seconds until the first byte of a page's body."""
    begins = time.perf_counter()
    with client.stream("GET", path) as answer:
        answer.raise_for_status()
        next(answer.iter_raw())
        return time.perf_counter() - begins


def main() -> None:
    """Fill a register, visit each page, and print the seconds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--visits", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        server = EmbeddedServer(home)
        url = server.up()
        try:
            one = fill(url, options.requests)
            stores = OpenedStores(
                database=Database(url),
                keys=FileKeys(home / "keys" / "requests"),
                clock=SystemClock(),
                objects=FolderStores(home, {}),
                home=home,
                datamap_path=SQL_FOLDER / "contact_center" / "datamap.yaml",
                run_log=FileRunLog(home / "evidence" / "runs"),
                approvers=home / "keys" / "approvers",
            )
            pages = {
                "tasks": f"/{ORG}",
                "requests, first page": f"/{ORG}/requests",
                "requests, last page": f"/{ORG}/requests?shelf=all&page={options.requests // 50}",
                "requests by state, 200": f"/{ORG}/requests?shelf=all&order=state&size=200",
                "closed": f"/{ORG}/requests?shelf=closed&order=received",
                "one request": f"/{ORG}/requests/{one}",
                "needs review": f"/{ORG}/ambiguous",
                "charts": f"/{ORG}/charts",
            }
            print(f"{options.requests} requests; milliseconds to the first byte")
            with served(stores) as base, httpx.Client(base_url=base, timeout=60) as client:
                for name, path in pages.items():
                    seconds = [first_byte(client, path) for _ in range(options.visits)]
                    print(
                        f"  {name:24} first {seconds[0] * 1000:6.0f}   "
                        f"median {statistics.median(seconds) * 1000:6.0f}   "
                        f"slowest {max(seconds) * 1000:6.0f}"
                    )
        finally:
            server.down()


if __name__ == "__main__":
    main()
