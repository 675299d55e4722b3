"""A whole installation that runs its nights by itself: a scheduler, and whatever its executor needs.

The services are those of `docker-compose.yml`, as processes. The platform has a server of its own,
so that it can go away while Airflow stays.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import psycopg

from tests.docker.conftest import ROOT, Services, ask, wait
from tests.docker.test_services import drop_logins, lacuna, make_logins
from tests.dpo_page.browser import Tab, chromium
from tests.poison import poison

RUNS = "/api/v2/dags/{}/dagRuns"
ENDED = {"success", "failed"}
PATIENCE = 1800
"""Seconds that a night may take: an outage is tried again for 25 minutes."""

FAST = {
    # One port for the whole machine.
    "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__CORE__PARALLELISM": "2",
}


class Nights:
    """An installation of one executor on the sample platform, and its nights."""

    def __init__(self, services: Services, executor: str) -> None:
        self.services, self.executor = services, executor
        self.token = ""
        self._worker = 0

    # --- starting ---

    def start(self, contacts: int) -> None:
        """Load the sample, prove its map, and start everything."""
        services = self.services
        services.run("prepare-lacuna")
        size = ("--contacts", str(contacts), "--conversations", str(4 * contacts))
        lacuna(services, "sample", "load", *size)
        lacuna(services, "datamap", "prove", "--people", "4")
        make_logins(services)
        services.run("prepare-airflow")
        services.start("api-server")
        wait(lambda: services.call("GET", "/api/v2/monitor/health"), 180)
        self.token = services.log_in()
        services.start("dag-processor")
        if self.executor == "LocalExecutor":
            # What a scheduler needs whose tasks are processes of its own.
            given = services.environment("worker", "scheduler")
            mine = {name: text for name, text in given.items() if name not in {"PATH", "HOME"}}
            mine["AIRFLOW__CORE__EXECUTOR"] = "LocalExecutor"
            services.start("scheduler", **mine | FAST)
        else:
            services.start("scheduler", **FAST)
            self.start_worker()
            services.start("intake-worker", "--celery-hostname", "intake@%h", "--skip-serve-logs")
        flows = len(list((ROOT / "dags").glob("gdpr_*.py")))
        wait(lambda: len(self.get("/api/v2/dags")["dags"]) == flows, 180)
        for name in ("gdpr_fulfilment", "gdpr_intake"):
            self.unpause(name)

    def start_worker(self) -> None:
        self._worker += 1
        name = f"worker-{self._worker}"
        self.services.start("worker", "--celery-hostname", f"{name}@%h", name=name)

    def close(self) -> None:
        self.services.close()
        with suppress(psycopg.Error):
            drop_logins(self.services)

    # --- Airflow ---

    def get(self, path: str) -> Any:
        return self.services.call("GET", path, token=self.token)

    def unpause(self, dag_id: str) -> None:
        """Let a flow run by its schedule; its last run, which begins at once, is over then."""
        self.services.call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False}, self.token)
        runs = RUNS.format(dag_id)
        wait(lambda: self.get(runs)["total_entries"] > 0, 180)
        wait(lambda: {one["state"] for one in self.get(runs)["dag_runs"]} <= ENDED, PATIENCE)

    def trigger(self, dag_id: str) -> str:
        """Run a flow now; return the path of its run."""
        made = self.services.call("POST", RUNS.format(dag_id), {"logical_date": None}, self.token)
        return f"{RUNS.format(dag_id)}/{made['dag_run_id']}"

    def tasks(self, run: str) -> dict[str, dict[str, Any]]:
        """Return the tasks of a run: by name, a mapped one with its number in brackets."""
        found = self.get(f"{run}/taskInstances")["task_instances"]
        return {
            one["task_id"] + (f"[{one['map_index']}]" if one["map_index"] >= 0 else ""): one
            for one in found
        }

    def wait_for(self, run: str, *, seconds: float = PATIENCE) -> str:
        """Wait until a run has ended; return its state."""
        wait(lambda: self.get(run)["state"] in ENDED, seconds)
        return str(self.get(run)["state"])

    def wait_for_task(self, run: str, name: str, state: str = "running") -> None:
        wait(lambda: self.tasks(run).get(name, {}).get("state") == state, PATIENCE)

    def wait_for_failed_try(self, run: str) -> None:
        """Wait until a task waits to be tried again."""
        wait(
            lambda: "up_for_retry" in {one["state"] for one in self.tasks(run).values()},
            PATIENCE,
        )

    def picture(self, run: str, name: str, *pages: str) -> None:
        """Keep pictures of what Airflow shows of a run, and of tasks of it that are named.

        Nothing is kept unless `PICTURES` names a folder.
        """
        if (folder := os.environ.get("PICTURES")) is None:
            return
        there = Path(folder)
        there.mkdir(parents=True, exist_ok=True)
        _, _, _, _, dag_id, _, run_id = run.split("/")
        at = f"/dags/{dag_id}/runs/{quote(run_id, safe='')}"
        shown = {"run": at, **{one: f"{at}/tasks/{one}" for one in pages}}
        address = f"http://127.0.0.1:{self.services.api}"
        # A profile that an earlier run left names a browser that is no more.
        with tempfile.TemporaryDirectory() as profile, chromium(Path(profile)) as browser:
            tab = Tab(browser)
            tab.show_as(width=1200, height=760)
            tab.goto(f"{address}/auth/login/")
            tab.type_into("#username", "admin")
            tab.type_into(
                "#password", (self.services.secrets / "admin_password").read_text("utf-8")
            )
            tab.follow("[type=submit]")
            for what, path in shown.items():
                tab.goto(f"{address}{path}")
                time.sleep(8)  # it asks for what it shows after it was loaded
                file = there / f"{self.executor}-{name}-{what.partition('/')[0]}.png"
                file.write_bytes(tab.screenshot())

    def log_of(self, run: str, name: str) -> list[str]:
        """Return the lines of a task's last try, as the interface shows them."""
        task = self.tasks(run)[name]
        path = f"{run}/taskInstances/{task['task_id']}/logs/{task['try_number']}"
        content = self.get(f"{path}?map_index={task['map_index']}")["content"]
        return [json.dumps(one) for one in content]  # an error and its message are beside the event

    def last_line_of(self, run: str, name: str) -> str:
        """Return the last line of a task's log that the interface shows unfolded."""
        shown, depth = "", 0
        for line in self.log_of(run, name):
            if "::endgroup::" in line:
                depth = max(0, depth - 1)
            elif "::group::" in line:
                depth += 1
            elif depth == 0:
                shown = line
        return shown

    # --- the platform ---

    def rows(self, statement: str, *values: object) -> list[tuple]:
        with self.services.admin() as admin:
            done = admin.execute(statement, values or None)
            return done.fetchall() if done.description else []

    def ask(self, count: int) -> dict[int, str]:
        """Queue erasures; return addresses by the ids of their rows of the inbox."""
        with self.services.admin() as admin:
            return ask(admin, count)

    # --- what goes wrong ---

    def kill_worker(self, run: str, name: str) -> None:
        """End whoever works on a task with SIGKILL, as a machine that goes away does."""
        if self.executor != "LocalExecutor":
            self.services.kill(f"worker-{self._worker}")
            self.start_worker()
            return
        task = str(self.tasks(run)[name]["id"])
        scheduler = psutil.Process(self.services.running["scheduler"].pid)
        at_work = []
        for process in scheduler.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                # A title that a process gave itself comes in words.
                if " ".join(process.cmdline()).rstrip().endswith(task):
                    at_work.append(process)
        assert len(at_work) == 2, "a task, and the process that watches it"
        for process in at_work:
            with suppress(psutil.NoSuchProcess):  # it goes with the other
                process.kill()

    def restart_platform(self, seconds: float) -> None:
        """Let the platform's server be away for some seconds."""
        self.services.server.down()
        time.sleep(seconds)
        self.services.server.up()

    @contextmanager
    def held_chunks(self) -> Iterator[None]:
        """Let no chunk begin: a small one would be through before a test has looked."""
        self._give_chunks(0)
        try:
            yield
        finally:
            self._give_chunks(4)

    def _give_chunks(self, slots: int) -> None:
        path = "/api/v2/pools/gdpr_chunks"
        body = {"pool": "gdpr_chunks", "slots": slots, "include_deferred": False}
        self.services.call("PATCH", path, body, self.token)
        assert self.get(path)["slots"] == slots

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Hold a table as nobody should: another session's transaction has its strongest lock."""
        url = self.services.platform.replace("+psycopg", "")
        with psycopg.connect(url) as holder:
            holder.execute(f"lock table {table} in access exclusive mode")
            yield

    @contextmanager
    def held_person(self, email: str) -> Iterator[None]:
        """Hold the row of a person, as an application does that does not come to its end."""
        url = self.services.platform.replace("+psycopg", "")
        with psycopg.connect(url) as holder:
            holder.execute(
                "select from contact_center.contacts where email = %s for update", [email]
            )
            yield

    def chunk_of(self, number: str) -> int:
        """Return which chunk of its batch a request is in."""
        ((request_id, chunks),) = self.rows(
            "select request_id, chunks from lacuna.request join lacuna.batch using (batch_id)"
            " where number = %s",
            number,
        )
        return uuid.UUID(str(request_id)).int % int(chunks)

    def wait_for_waiter(self) -> None:
        """Wait until somebody waits for what is held."""
        waits = "select 1 from pg_stat_activity where wait_event_type = 'Lock' limit 1"
        wait(lambda: self.rows(waits), PATIENCE)

    def poison(self, email: str) -> None:
        """Make the database refuse to change one person, and quote the row as databases do."""
        (contact_id,) = self.rows(
            "select contact_id::text from contact_center.contacts where email = %s", email
        )[0]
        self.rows(poison(contact_id))

    def cure(self) -> None:
        self.rows("drop trigger poison on contact_center.contacts")

    def note_beside(self, number: str) -> int:
        """Return a note of the tenant of a request, about somebody who is not being erased."""
        ((note_id,),) = self.rows(
            "select min(note_id) from contact_center.internal_notes n"
            " join lacuna.request r on r.org_id = n.org_id and r.number = %s"
            " where not exists (select from lacuna.working_row w"
            "  where w.table_name = 'contact_center.internal_notes'"
            "  and w.row_key = array[n.note_id::text])",
            number,
        )
        return int(note_id)

    def write(self, note_id: int, text: str) -> None:
        """Write into a note, as another application does."""
        self.rows(
            "update contact_center.internal_notes set message = %s where note_id = %s",
            text,
            note_id,
        )
