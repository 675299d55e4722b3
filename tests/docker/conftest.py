"""The services of `docker-compose.yml` as processes of this machine, without an engine.

What a container would be given, a process gets: the command, the environment, the secrets as files.
Only names are put in the place of others: of hosts by ports of the loopback interface, of paths in
the image by the repository and by a folder of the test.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from psycopg import sql

from lacuna_demo.embedded_server import EmbeddedServer, binary

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent


# Made up: no engine pulls anything here.
DIGESTS = {
    f"LACUNA_{name}_DIGEST": f"sha256:{'ab' * 32}" for name in ("POSTGRES", "REDIS", "PYTHON")
}


def rendered(**given: str) -> dict:
    """`docker-compose.yml` as an engine would read it."""
    done = subprocess.run(
        ["docker-compose", "--profile", "backup", "config", "--format", "json"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **DIGESTS, **given},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Services:
    """The services of one installation: started one by one, all ended with the test.

    Args:
        server: of the platform's database `platform`.
        metadata: of Airflow's database; None: the same.
    """

    def __init__(
        self,
        folder: Path,
        server: EmbeddedServer,
        platform: str,
        metadata: EmbeddedServer | None = None,
    ) -> None:
        self.folder, self.server, self.metadata = folder, server, metadata or server
        self.secrets = folder / "secrets"
        self.home = folder / "home"
        self.platform = platform
        self.api, self.broker = free_port(), free_port()
        self.running: dict[str, subprocess.Popen] = {}
        self.home.mkdir(mode=0o700)
        self._services = rendered(
            LACUNA_SECRETS=str(self.secrets),
            LACUNA_CONFIG=str(ROOT / "sql/contact_center"),
            LACUNA_MODE="act",
            LACUNA_APPROVAL="auto",
        )["services"]

    # --- what a container would have ---

    def placed(self, text: str) -> str:
        """Return a text of the image with the paths and hosts of this test."""
        for there, here in (
            ("/run/secrets", str(self.secrets)),
            ("/opt/lacuna", str(ROOT)),
            ("/etc/lacuna", str(ROOT / "sql/contact_center")),
            ("/var/lib/lacuna", str(self.home)),
            ("http://api-server:8080", f"http://127.0.0.1:{self.api}"),
            ("http://127.0.0.1:8080", f"http://127.0.0.1:{self.api}"),
        ):
            text = text.replace(there, here)
        return text

    def environment(self, service: str, name: str, **more: str) -> dict[str, str]:
        given = self._services[service].get("environment", {})
        home = self.folder / f"airflow-{name}"
        home.mkdir(exist_ok=True)
        return {
            "PATH": f"{PROGRAMS}:{binary('psql').parent}:/usr/bin:/bin",
            "HOME": str(home),
            "AIRFLOW_HOME": str(home),
            "LACUNA_HOME": str(self.home),
            "GX_ANALYTICS_ENABLED": "false",
            # This tree, whichever one is installed.
            "PYTHONPATH": os.pathsep.join(
                filter(None, (str(ROOT / "pipelines"), os.environ.get("PYTHONPATH")))
            ),
            **{variable: self.placed(value) for variable, value in given.items()},
            **more,
        }

    def command(self, service: str) -> list[str]:
        words = [self.placed(word) for word in self._services[service]["command"]]
        if words[0] == "sh":  # a script of the image
            words = ["sh", "-c", self.placed((ROOT / words[1]).read_text("utf-8"))]
        return [
            {"0.0.0.0": "127.0.0.1", "8080": str(self.api)}.get(word, word)  # noqa: S104
            for word in words
        ]

    # --- running them ---

    def run(self, service: str) -> str:
        """Run a service that ends by itself; return what it printed."""
        done = subprocess.run(
            self.command(service),
            cwd=ROOT,
            env=self.environment(service, service),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    def start(self, service: str, *more: str, name: str | None = None, **settings: str) -> None:
        name = name or service
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                [*self.command(service), *more],
                cwd=ROOT,
                env=self.environment(service, name, **settings),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """End a service and all that it started, as a machine that goes away does."""
        process = self.running.pop(name)
        _signal_tree(process.pid, signal.SIGKILL)
        process.wait(20)

    def close(self) -> None:
        for process in self.running.values():
            _signal_tree(process.pid, signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                _signal_tree(process.pid, signal.SIGKILL)
                process.wait(20)

    def start_broker(self) -> None:
        folder = self.folder / "broker"
        folder.mkdir()
        script = self.placed((ROOT / "docker/broker.sh").read_text("utf-8"))
        script = script.replace("dir /data", f"dir {folder}")
        with (self.folder / "broker.log").open("wb") as log:
            self.running["broker"] = subprocess.Popen(
                ["sh", "-c", script, "broker.sh", f"port {self.broker}", "bind 127.0.0.1"],
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait(lambda: _listens(self.broker), 30)

    # --- secrets and databases ---

    def write_secrets(self) -> None:
        """Draw the secrets as the script does, then put this test's hosts into the addresses."""
        draw = ["sh", str(ROOT / "docker/make_secrets.sh"), str(self.secrets)]
        first = subprocess.run(draw, capture_output=True, text=True)
        assert first.returncode == 1, "seven addresses are missing"
        assert "lacuna_owner_url" in first.stderr
        for name in (
            "lacuna_owner_url",
            "lacuna_planner_url",
            "lacuna_executor_url",
            "lacuna_verifier_url",
            "lacuna_seal_url",
            "lacuna_page_url",
            "lacuna_backup_url",
        ):
            (self.secrets / name).write_text(self.login_url(name), "utf-8")
        again = subprocess.run(draw, capture_output=True, text=True)
        assert (again.returncode, again.stdout) == (0, "")
        for file in self.secrets.iterdir():
            text = file.read_text("utf-8")
            text = text.replace("@broker:6379", f"@127.0.0.1:{self.broker}")
            if "@metadata/airflow" in text:
                text = text.replace("@metadata/", "@/") + f"?host={_sockets(self.metadata)}"
            file.write_text(text, "utf-8")

    def login_url(self, secret: str) -> str:
        if secret == "lacuna_owner_url":
            return self.platform
        login = secret.replace("_url", "_login")
        name = self.platform.partition("@/")[2].partition("?")[0]
        return f"postgresql+psycopg://{login}:{login}-password@/{name}?host={_sockets(self.server)}"

    def make_metadata(self) -> None:
        """What the image of PostgreSQL does at its first start."""
        password = (self.secrets / "metadata_password").read_text("utf-8")
        with self.admin("postgres") as admin:
            admin.execute(
                sql.SQL("create role airflow login superuser password {}").format(password)
            )
            admin.execute("create database airflow owner airflow")
        script = self.placed((ROOT / "docker/metadata_roles.sh").read_text("utf-8"))
        environment = {
            "PATH": f"{binary('psql').parent}:/usr/bin:/bin",
            "PGHOST": _sockets(self.metadata),
            "PGPASSWORD": password,
            "POSTGRES_USER": "airflow",
            "POSTGRES_DB": "airflow",
        }
        subprocess.run(["sh", "-c", script], env=environment, check=True, capture_output=True)

    def admin(self, database: str | None = None) -> psycopg.Connection:
        url = self.metadata.url(database) if database else self.platform
        return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    # --- Airflow's interface ---

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        token: str | None = None,
        *,
        is_json: bool = True,
    ) -> Any:
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.api}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers=headers,
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            data = answer.read()
            return json.loads(data or b"null") if is_json else data

    def log_in(self, name: str = "admin", password: str | None = None) -> str:
        password = password or (self.secrets / "admin_password").read_text("utf-8")
        answer = self.call("POST", "/auth/token", {"username": name, "password": password})
        return str(answer["access_token"])


def ask(admin: psycopg.Connection, count: int) -> dict[int, str]:
    """Queue erasures as another system does: rows of the inbox. Return addresses by their ids."""
    people = admin.execute(
        # Whose address is theirs alone, and with whom nobody is talking.
        "select org_id, email from contact_center.contacts c where merged_into is null"
        " and email like '%%@%%' and not exists (select from contact_center.conversations v"
        "  where v.requester_id = c.contact_id and v.closed_at is null)"
        " and not exists (select from contact_center.contacts o where o.contact_id"
        "  <> c.contact_id and (lower(o.email) = lower(c.email)"
        "  or c.email = any(o.additional_emails) or o.merged_into = c.contact_id))"
        " and not exists (select from lacuna.request_inbox i where c.email = any(i.emails))"
        " order by contact_id limit %s",
        [count],
    ).fetchall()
    assert len(people) == count
    return {
        admin.execute(
            "insert into lacuna.request_inbox (org_id, kinds, emails, verified_by)"
            " values (%s, '{erasure}', %s, 'customer portal') returning inbox_id",
            [org_id, [email]],
        ).fetchone()[0]: email
        for org_id, email in people
    }


def _sockets(server: EmbeddedServer) -> str:
    return server.url().partition("host=")[2].partition("&")[0]


def wait(is_there: Callable[[], object], seconds: float) -> None:
    """Ask until the answer is yes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OSError, urllib.error.URLError):
            if is_there():
                return
        time.sleep(0.5)
    pytest.fail(f"not there after {seconds} s")


def _listens(port: int) -> bool:
    socket.create_connection(("127.0.0.1", port), 1).close()
    return True


def _signal_tree(pid: int, number: int) -> None:
    """Signal a process and all below it: Celery's pool and Airflow's tasks have sessions of their own."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for each in [*process.children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):
                each.send_signal(number)


@pytest.fixture
def services(
    durable_server: EmbeddedServer, durable_database: Callable[..., str], tmp_path: Path
) -> Iterator[Services]:
    """Services with their secrets, broker and databases; none of Airflow's started yet."""
    there = Services(tmp_path, durable_server, durable_database())
    try:
        there.write_secrets()
        there.make_metadata()
        there.start_broker()
        yield there
    finally:
        there.close()
        with there.admin("postgres") as admin:
            admin.execute("drop database if exists airflow with (force)")
            admin.execute("drop role if exists airflow_reader, airflow")
