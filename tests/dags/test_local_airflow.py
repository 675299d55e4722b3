"""The runner refuses what it cannot run, and `make demo` works, twice."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from scripts import local_airflow
from scripts.local_airflow import (
    ROOT,
    BrokenDags,
    LocalAirflow,
    airflow_environment,
)

SCRIPT = ROOT / "scripts" / "local_airflow.py"


def demo(home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home.parent), "LACUNA_HOME": str(home)}
    return subprocess.run(
        [sys.executable, SCRIPT],
        capture_output=True,
        cwd=home.parent,
        env=environment | settings,
        text=True,
    )


def test_everything_of_airflow_lies_under_lacuna_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environment = airflow_environment(Path("var"))
    assert environment["AIRFLOW_HOME"] == str(tmp_path / "var" / "airflow")
    assert environment["LACUNA_HOME"] == str(tmp_path / "var")
    assert (
        f"sqlite:///{tmp_path}/var/airflow/" in environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    )


def test_a_second_airflow_in_one_process_is_refused(airflow, tmp_path):
    """It would go on with the settings of the first."""
    with pytest.raises(RuntimeError, match="already imported"):
        LocalAirflow(tmp_path)
    assert os.environ["AIRFLOW_HOME"] != str(tmp_path / "airflow")


def test_a_dag_file_that_cannot_be_imported_stops_everything(airflow, tmp_path, monkeypatch):
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "gdpr_broken.py").write_text("from airflow.sdk import dag, nothing\n")
    monkeypatch.setattr(local_airflow, "ROOT", tmp_path)
    again = object.__new__(LocalAirflow)
    with pytest.raises(BrokenDags, match="cannot import name 'nothing'"):
        again.prepare()


@pytest.mark.thorough
def test_the_demonstration_leaves_a_database_of_somebody_alone(database, lacuna_home):
    url = database()
    done = demo(lacuna_home, LACUNA_DATABASE_URL=url)
    assert done.returncode == 2
    assert "is not the sample platform" in done.stderr
    with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://")) as connection:
        schemas = connection.execute("select nspname from pg_namespace").fetchall()
    assert not {"lacuna", "contact_center"} & {name for (name,) in schemas}


def waiting(shown: str) -> int:
    """Return how many earlier requests are waiting for review."""
    return int(re.search(r"(\d+) earlier requests are waiting for review\.", shown)[1])


@pytest.mark.long
def test_the_demonstration_ends_green_and_starts_from_what_is_there(lacuna_home):
    first = demo(lacuna_home)
    assert first.returncode == 0, first.stdout + first.stderr
    # A slow machine is told how far the proof of the map has come.
    assert re.sub(r"^\w+: searching .+\n", "", first.stderr, flags=re.MULTILINE) == ""
    for shown in (
        "nobody found, certified",
        "waiting: conversation is open",
        "recordings, voicemails, attachments and mails deleted",
        "residue (1)",
    ):
        assert shown in first.stdout
    assert first.stdout.count("done, certified") == 2
    for line in re.findall(r"run lines +(\S+)", first.stdout):
        assert (lacuna_home / line).is_file()
    commands = re.findall(r"\.venv/bin/lacuna (.+)", first.stdout)
    assert len(commands) == 3
    lacuna = Path(sys.executable).with_name("lacuna")
    for command in commands:
        subprocess.run(
            [lacuna, *command.split()],
            capture_output=True,
            check=True,
            env={"PATH": "/usr/bin:/bin", "LACUNA_HOME": str(lacuna_home)},
        )

    again = demo(lacuna_home)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "choose the next two people" in again.stdout
    assert again.stdout.count("done, certified") == 2
    # Two of the first five wait too: several people match, a conversation is open.
    assert waiting(again.stdout) == waiting(first.stdout) + 2
    others = [path for path in lacuna_home.rglob("*") if path.lstat().st_mode & 0o077]
    assert [path for path in others if not path.is_socket() and not path.is_symlink()] == []
