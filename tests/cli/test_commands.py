"""The command line on a real installation: results, JSON for machines, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import commands, run_here

pytestmark = pytest.mark.starts

COMMAND = Path(sys.executable).with_name("lacuna")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with a running server and a small sample platform."""
    home = tmp_path_factory.mktemp("cli") / "home"
    assert lacuna(home, "up").returncode == 0
    loaded = lacuna(home, "sample", "load", "--contacts", "60", "--conversations", "240", "--json")
    assert loaded.returncode == 0, loaded.stderr
    assert lacuna(home, "datamap", "prove", "--people", "4").returncode == 0
    assert lacuna(home, "officer", "add", "dana", "--org", "*").returncode == 0
    yield home, json.loads(loaded.stdout)
    assert json.loads(lacuna(home, "down", "--json").stdout) == {"stopped": True}


def lacuna(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_here(*arguments, cwd=home.parent, LACUNA_HOME=str(home))


def started(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `lacuna …` as a process of its own, which takes seconds to start."""
    environment = {name: text for name, text in os.environ.items() if "LACUNA" not in name}
    return subprocess.run(
        [COMMAND, *arguments],
        capture_output=True,
        text=True,
        env=environment | {"LACUNA_HOME": str(home)} | variables,
        check=False,
    )


@pytest.mark.thorough
def test_a_request_is_submitted_planned_approved_and_fulfilled_by_command(home):
    folder, loaded = home
    submitted = lacuna(
        folder,
        *("request", "submit", "--org", "fjordlys", "--kind", "erasure", "--json"),
        *("--contact-id", loaded["demo"]["forget"], "--verified-by", "challenge"),
    )
    request_id = json.loads(submitted.stdout)["request_id"]
    again = lacuna(
        folder,
        *("request", "submit", "--org", "fjordlys", "--kind", "erasure", "--json"),
        *("--contact-id", loaded["demo"]["forget"], "--verified-by", "challenge"),
    )
    assert again.returncode == 0
    assert json.loads(again.stdout) == {
        "request_id": request_id,
        "number": "FJ-0001",
        "duplicate": True,
    }

    foreseen = json.loads(lacuna(folder, "plan", request_id, "--json").stdout)
    assert lacuna(folder, "run", "fulfilment").returncode == 0
    planned = json.loads(lacuna(folder, "plan", request_id, "--json").stdout)
    assert foreseen == planned | {"stored": False}
    assert planned["request_id"] == request_id
    assert {"kind", "location", "rows"} <= planned["steps"][0].keys()
    shown = json.loads(lacuna(folder, "request", "show", request_id, "--json").stdout)
    assert shown["state"] == "planned"
    assert shown["plan_digest"] == planned["digest"]
    waiting = lacuna(folder, "request", "show", request_id).stdout.splitlines()
    assert {"State: planned", "Waits for: approval"} <= set(waiting)

    wrong = lacuna(folder, "request", "approve", request_id, "--plan", "0" * 64, "--as", "dana")
    assert wrong.returncode == 1
    assert "0" * 64 in wrong.stderr
    assert planned["digest"] in wrong.stderr
    right = lacuna(
        folder, "request", "approve", request_id, "--plan", planned["digest"], "--as", "dana"
    )
    assert right.returncode == 0, right.stderr
    assert lacuna(folder, "run", "fulfilment").returncode == 0
    shown = json.loads(lacuna(folder, "request", "show", request_id, "--json").stdout)
    assert shown["state"] == "completed"
    late = lacuna(folder, "verify", request_id)
    assert late.returncode == 1
    assert "Verify its certificate: lacuna evidence verify FILE." in late.stderr
    listed = json.loads(lacuna(folder, "request", "list", "--json").stdout)
    canaries = [one["state"] for one in listed if one["org_id"] == "kanarie"]
    assert canaries == ["completed"], "the sample's made-up contact was erased too"
    assert lacuna(folder, "run", "seal").returncode == 0
    assert lacuna(folder, "evidence", "verify", "--ledger").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("request", "show", "no-uuid"),
        (
            "request",
            "submit",
            "--org",
            "fjordlys",
            "--kind",
            "deletion",
            "--email",
            "a@example.org",
        ),
        ("run", "everything"),
        ("run", "seal", "--from", "2026-01-01"),
        ("run", "seal", "--restate", "2026-W43"),
        ("run", "seal", "--dry-run"),
        ("run", "sweep", "--org", "fjordlys"),
        ("run", "fulfilment", "--org", "nowhere"),
        ("run", "fulfilment", "--request", "1"),
        ("run", "reporting", "--request", "00000000-0000-4000-8000-000000000000"),
        ("run", "reporting", "--restate", "2026-W43", "--org", "fjordlys"),
        ("run", "reporting", "--restate", "2026-W43", "--org", "fjordlys", "--reason", "other"),
        ("rule", "approve", "no_such_rule", "--digest", "0" * 64, "--as", "dana"),
    ],
)
def test_wrong_usage_ends_with_2(home, arguments):
    assert lacuna(home[0], *arguments).returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("request", "show", "00000000-0000-4000-8000-000000000000"),
        ("run", "fulfilment", "--request", "FJ-9999"),
        (
            *("run", "reporting", "--restate", "2020-W43"),
            *("--org", "fjordlys", "--reason", "source_corrected"),
        ),
    ],
)
def test_a_finding_ends_with_1_and_quotes_no_value(home, arguments):
    done = lacuna(home[0], *arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.thorough
def test_a_server_that_is_not_there_ends_with_3(tmp_path):
    assert started(tmp_path / "nobody", "request", "list").returncode == 3


@pytest.mark.thorough
def test_a_setting_that_does_not_fit_is_named_and_not_quoted(home):
    done = started(home[0], "run", "seal", LACUNA_MODE="sometimes")
    assert done.returncode == 2
    assert "LACUNA_MODE" in done.stderr
    assert "sometimes" not in done.stderr


@pytest.mark.thorough
def test_the_command_that_is_installed_ends_as_the_command_in_this_process_does(home):
    there, here = (run(home[0], "request", "list", "--json") for run in (started, lacuna))
    assert (there.returncode, there.stdout) == (0, here.stdout)
    unknown = ("request", "show", "00000000-0000-4000-8000-000000000000")
    there, here = (run(home[0], *unknown) for run in (started, lacuna))
    assert (there.returncode, there.stdout, there.stderr) == (1, "", here.stderr)


def test_the_data_map_is_checked_shown_and_turned_into_the_record_of_processing(home):
    checked = lacuna(home[0], "datamap", "check", "--json")
    assert json.loads(checked.stdout)["passed"] is True
    assert "contact_center.contacts" in lacuna(home[0], "datamap", "show").stdout
    assert "Art. 30" in lacuna(home[0], "datamap", "ropa").stdout


def test_overdue_requests_end_with_1(home):
    folder, loaded = home
    assert lacuna(folder, "request", "list", "--overdue").returncode == 0
    old = lacuna(
        folder,
        *("request", "submit", "--org", "fjordlys", "--kind", "access"),
        *("--contact-id", loaded["demo"]["access"], "--received-at", "2026-01-01"),
    )
    assert old.returncode == 0
    assert lacuna(folder, "request", "list", "--overdue").returncode == 1


SLOW = (
    *("scipy.optimize", "scipy.sparse", "pandas", "spacy", "presidio_analyzer", "numba"),
    *("great_expectations", "airflow", "boto3"),
)


def loaded_by(word: str, names: Sequence[str]) -> list[str]:
    """Return those of some modules that a fresh process has with a command, or with all of them."""
    program = """
import json, sys
import lacuna.cli
from lacuna.cli.app import application
application(*sys.argv[1:])
print(json.dumps([*sys.modules]))
"""
    command = [sys.executable, "-c", program, *word.split()]
    ended = subprocess.run(command, capture_output=True, check=True)
    return [name for name in json.loads(ended.stdout) if name in names]


@pytest.mark.thorough
def test_a_command_loads_no_library_before_it_needs_it():
    """Each takes a second or more, and every command would wait for it."""
    assert loaded_by("", (*SLOW, "dns", "requests")) == []


OTHERS = ("lacuna.redaction", "lacuna.flows.fulfilment", "lacuna.bundle", "numpy", "pyarrow")


@pytest.mark.thorough
@pytest.mark.parametrize("word", ["request", "rule", "officer"])
def test_a_command_that_reads_the_queue_loads_neither_engine_nor_flow(word):
    """They take a second or two, and these commands are used most."""
    assert loaded_by(word, (*SLOW, *OTHERS)) == []


@pytest.mark.thorough
def test_to_redact_a_file_loads_no_other_command():
    """They take more than a second, and one row less than three."""
    others = ("lacuna.wiring", "lacuna.flows.fulfilment", "sqlalchemy", "numpy")
    assert loaded_by("redact", (*SLOW, *others)) == []
    assert loaded_by("", others)


def test_a_word_brings_each_of_its_commands():
    every = commands()
    for word in {path.split()[0] for path in every}:
        named = {path: options for path, options in every.items() if path.split()[0] == word}
        assert named.items() <= commands(word).items()
