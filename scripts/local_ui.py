"""Airflow's web interface with the officer's page, on the data of `make demo`: behind `make ui`.

Everything listens on the loopback interface alone, and ends with this process. The logins are made
again each time; SimpleAuthManager keeps them in clear, which is right for a demonstration alone.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from lacuna.stores.private_folders import make_private
from scripts.local_airflow import POOLS, ROOT, airflow_environment

LOGINS = {"dpo": "user", "viewer": "viewer"}
"""Who may log in, and as what: the officer decides, the viewer reads."""
COMPONENTS = (
    ("api-server",),
    ("scheduler", "--skip-serve-logs"),
    ("dag-processor",),
)
_PATIENCE = 240  # seconds until the web server answers; a cold start took 40 on two busy cores


class LocalUi:
    """Airflow's processes for one home of Lacuna's."""

    def __init__(
        self,
        lacuna_home: Path,
        *,
        port: int | None = None,
        users: Mapping[str, str] = LOGINS,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Choose port and passwords; nothing starts yet.

        Args:
            port: of the web server; None: one that is free.
            users: name → role of SimpleAuthManager; `role:team` for one of a team.
            variables: more variables for Airflow's processes.
        """
        self.port = free_port() if port is None else port
        self.url = f"http://127.0.0.1:{self.port}"
        self._teams = sorted({team for role in users.values() for team in role.split(":")[1:]})
        self.passwords = {name: secrets.token_urlsafe(9) for name in users}
        self._home = lacuna_home.absolute() / "airflow"
        self._environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW_")},
            **airflow_environment(lacuna_home),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            # Tasks and the browser find the web server by it: airflow.cfg would say port 8080.
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(48),
            "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "2",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
                f"{name}:{role}" for name, role in users.items()
            ),
            **(variables or {}),
        }
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, components: Sequence[Sequence[str]] = COMPONENTS) -> None:
        """Migrate Airflow's database, start its processes, and wait until the web server answers.

        Raises:
            RuntimeError: a process ended, or the web server does not answer; says where its log is.
        """
        make_private(self._home)
        self._write_passwords()
        if self._launch(
            "prepare", [sys.executable, "-m", "scripts.local_ui", "prepare", *self._teams]
        ).wait():
            raise RuntimeError(
                f"Airflow's database could not be created; see {self._home}/ui-prepare.log"
            )
        airflow = str(Path(sys.executable).with_name("airflow"))
        self._running = [self._launch(each[0], [airflow, *each]) for each in components]
        self._wait()

    def stop(self) -> None:
        """End what was started."""
        for process in self._running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running = []

    def wait_for_the_end(self) -> None:
        """Return when one of the processes has ended."""
        while all(process.poll() is None for process in self._running):
            time.sleep(1)

    def _launch(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        with (self._home / f"ui-{name}.log").open("ab") as log:
            # A group of its own: what it starts ends with it.
            return subprocess.Popen(  # noqa: S603
                command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _write_passwords(self) -> None:
        path = self._home / "simple_auth_manager_passwords.json.generated"
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(self.passwords, file)

    def _wait(self) -> None:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            if any(process.poll() is not None for process in self._running):
                break
            try:
                # Our own address, http.
                with urllib.request.urlopen(f"{self.url}/api/v2/version", timeout=5):  # noqa: S310
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        self.stop()
        raise RuntimeError(f"Airflow's web server does not answer; see {self._home}/ui-*.log")


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wanted_port() -> int | None:
    """Return 8080, or None if somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 8080))
        except OSError:
            return None
        return 8080


def prepare(teams: Sequence[str]) -> None:
    """Make Airflow's metadata database, the pools and the teams, in the home of the environment."""
    from airflow.utils.db import initdb

    initdb()
    from airflow.models.pool import Pool
    from airflow.models.team import Team
    from airflow.utils.session import create_session

    for name, slots in POOLS.items():
        Pool.create_or_update_pool(name=name, slots=slots, description="", include_deferred=False)
    with create_session() as session:
        for team in teams:
            session.merge(Team(name=team))


def main() -> int:
    """Start everything, say where it is, and wait for Ctrl-C; return an exit code."""
    from lacuna.wiring import read_settings
    from scripts import local_airflow

    if (code := _prepare_data(local_airflow)) != 0:
        return code
    ui = LocalUi(read_settings().absolute_home, port=_wanted_port())
    signal.signal(signal.SIGTERM, _interrupt)
    print("Starting Airflow. This takes about a minute.", flush=True)
    try:
        ui.start()
        print(f"\n  {ui.url}/privacy/   (in Airflow: {ui.url}, then Privacy)\n")
        for name, password in ui.passwords.items():
            print(f"  {name:7} {password}   ({LOGINS[name]})")
        print("\nCtrl-C stops Airflow. The database keeps running; make down stops it.", flush=True)
        ui.wait_for_the_end()
    except KeyboardInterrupt:
        return 0
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 3
    finally:
        ui.stop()
    return 3


def _prepare_data(local_airflow: object) -> int:
    """Start the database; where nothing is there to be shown yet, run the demonstration first."""
    lacuna = Path(sys.executable).with_name("lacuna")
    started = subprocess.run([str(lacuna), "up"], stdout=subprocess.DEVNULL)  # noqa: S603
    if started.returncode:
        return started.returncode
    if not local_airflow.is_sample():  # type: ignore[attr-defined]
        # In a process of its own: Airflow keeps the settings with which it was imported.
        command = [sys.executable, str(Path(local_airflow.__file__))]  # type: ignore[attr-defined]
        made = subprocess.run(command).returncode  # noqa: S603
        if made:
            return made
    (officer,) = (name for name, role in LOGINS.items() if role == "user")
    added = [str(lacuna), "officer", "add", officer, "--org", "*"]
    return subprocess.run(added, stdout=subprocess.DEVNULL).returncode  # noqa: S603


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    if sys.argv[1:2] == ["prepare"]:
        prepare(sys.argv[2:])
    else:
        sys.exit(main())
