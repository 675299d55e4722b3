"""An installation is looked at part by part: what is well, and twenty faults, one at a time."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from lacuna.cli import doctor
from lacuna.flows import seal
from lacuna.stores.postgres.officers import OfficerRegister
from tests.flows.observation import execute, quiet_people

PARTS = list(doctor._CHECKS)
FLOWS = sorted(doctor._FLOWS)
WELL = {"LACUNA_MODE": "act", "LACUNA_SCRUB_WINDOW": "always"}


AIRFLOW = Path(sys.executable).with_name("airflow")


@pytest.fixture(scope="session")
def migrated_airflow(session_folder: Path) -> Path:
    """The metadata database of the Airflow that is installed, as its own command makes it."""
    home = session_folder / "airflow-for-doctor"
    home.mkdir()
    path = home / "airflow.db"
    settings = {
        "PATH": os.environ["PATH"],
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{path}",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    }
    subprocess.run([AIRFLOW, "db", "migrate"], env=settings, check=True, capture_output=True)
    return path


def fill_airflow(
    folder: Path, *, flows=FLOWS, paused=(), stale=(), pools=("gdpr_chunks",), slots=4
) -> str:
    """Write flows and pools into the metadata of the Airflow in a folder; return its address."""
    path = folder / "airflow.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, rows in {
            "dag": [
                {"dag_id": name, "is_paused": name in paused, "is_stale": name in stale}
                for name in flows
            ],
            "slot_pool": [{"pool": name, "slots": slots} for name in pools],
        }.items():
            connection.execute(f"delete from {table}")  # noqa: S608
            # What else has to be there says nothing of a flow.
            others = {
                name: "0"
                for _, name, _, is_needed, default, is_key in connection.execute(
                    f"pragma table_info({table})"
                )
                if is_needed and default is None and not is_key
            }
            for row in rows:
                whole = others | row
                marks = ", ".join("?" * len(whole))
                connection.execute(
                    f"insert into {table} ({', '.join(whole)}) values ({marks})",  # noqa: S608
                    list(whole.values()),
                )
    return f"sqlite:///{path}"


def airflow_program(folder: Path, backend: str) -> Path:
    """Make a program that says which XCom backend is set, and return the Python beside it."""
    folder.mkdir()
    program = folder / "airflow"
    program.write_text(f"#!/bin/sh\necho a warning\necho {backend}\n")
    program.chmod(0o700)
    return folder / "python"


@pytest.fixture
def patient(installation, migrated_airflow, tmp_path, monkeypatch):
    """An installation without a fault."""
    for name, setting in WELL.items():
        monkeypatch.setenv(name, setting)
    shutil.copy(migrated_airflow, tmp_path)
    monkeypatch.setenv("LACUNA_AIRFLOW_DATABASE_URL", fill_airflow(tmp_path))
    monkeypatch.setattr(sys, "executable", str(airflow_program(tmp_path / "bin", doctor._XCOM)))
    installation.submit_contact(quiet_people(installation.platform)[0])
    assert installation.run(seal) is None
    return installation


def faults(lacuna) -> dict[str, list[str]]:
    said = lacuna("doctor", "--json")
    found = {one["part"]: one["faults"] for one in said.json if one["faults"]}
    assert said.code == (1 if found else 0)
    return found


@pytest.mark.thorough
def test_an_installation_without_a_fault_is_well(lacuna, patient):
    assert faults(lacuna) == {}
    said = lacuna("doctor")
    assert said.code == 0
    assert f"Parts: {len(PARTS)}, faults: 0" in said.out
    assert {one["part"] for one in lacuna("doctor", "--json").json} == set(PARTS)


def test_what_cannot_be_seen_from_here_is_said_and_is_no_fault(lacuna, patient, monkeypatch):
    monkeypatch.delenv("LACUNA_AIRFLOW_DATABASE_URL")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    found = {one["part"]: one for one in lacuna("doctor", "--json").json}
    assert [found[part]["state"] for part in ("Airflow", "XCom", "outbox")] == ["not checked"] * 3
    assert "LACUNA_AIRFLOW_DATABASE_URL is not set" in found["Airflow"]["note"]


# --- faults: what plants one, and the part that has it and what it says ---------------------------


def no_mode(patient, tmp_path, monkeypatch):
    monkeypatch.delenv("LACUNA_MODE")


def no_window(patient, tmp_path, monkeypatch):
    monkeypatch.delenv("LACUNA_SCRUB_WINDOW")


def unconfirmed_approval(patient, tmp_path, monkeypatch):
    execute(patient.url, "delete from lacuna.standing_decision")
    monkeypatch.setenv("LACUNA_APPROVAL", "auto")


def wrong_clock(patient, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "_SKEW", -doctor._SKEW)


def other_schema(patient, tmp_path, monkeypatch):
    execute(patient.url, "update lacuna.migration set digest = repeat('0', 64)")


def foreign_right(patient, tmp_path, monkeypatch):
    execute(patient.url, "grant select on lacuna.request to public")


def no_officer(patient, tmp_path, monkeypatch):
    register = OfficerRegister(patient.stores.database)
    for one in register.officers():
        if one.removed_at is None:
            register.remove(one.name, one.org_id, patient.stores.clock.now())


def unknown_column(patient, tmp_path, monkeypatch):
    execute(patient.url, "alter table contact_center.contacts add column nickname text")


def unmarked_store(patient, tmp_path, monkeypatch):
    (patient.stores.home / "media" / ".lacuna-store").unlink()


def missing_store(patient, tmp_path, monkeypatch):
    (patient.stores.home / "media").rename(tmp_path / "elsewhere")


def open_home(patient, tmp_path, monkeypatch):
    patient.stores.home.chmod(0o755)


def full_disk(patient, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "_LEAST_ROOM", 1 << 62)


def readable_key(patient, tmp_path, monkeypatch):
    key = patient.stores.home / "keys" / "requests" / "somebody.key"
    key.parent.mkdir(parents=True, exist_ok=True)
    key.write_bytes(b"key")
    key.chmod(0o644)


def no_mailbox(patient, tmp_path, monkeypatch):
    monkeypatch.setenv("LACUNA_MAILBOX", "imaps://somebody:secret@127.0.0.1:9")


def no_mail_server(patient, tmp_path, monkeypatch):
    monkeypatch.setenv("LACUNA_OUTBOX", "smtp://127.0.0.1:9")


def missing_model(patient, tmp_path, monkeypatch):
    monkeypatch.setenv("LACUNA_REDACTION_MODELS", "fr:no_such_model")


@pytest.mark.thorough
@pytest.mark.parametrize("backend", [doctor._XCOM, "airflow.sdk.execution_time.xcom.BaseXCom"])
def test_the_airflow_that_is_installed_says_which_xcom_backend_it_has(
    lacuna, patient, tmp_path, monkeypatch, backend
):
    monkeypatch.setattr(sys, "executable", str(AIRFLOW.with_name("python")))
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    monkeypatch.setenv("AIRFLOW__CORE__XCOM_BACKEND", backend)
    assert ("XCom" in faults(lacuna)) is (backend != doctor._XCOM)


def never_sealed(patient, tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "_SEAL_AGE", -doctor._SEAL_AGE)


def unknown_flow(patient, tmp_path, monkeypatch):
    fill_airflow(tmp_path, flows=FLOWS[1:])


def stale_flow(patient, tmp_path, monkeypatch):
    fill_airflow(tmp_path, stale=(FLOWS[0],))


def paused_flow(patient, tmp_path, monkeypatch):
    fill_airflow(tmp_path, paused=("gdpr_seal",))


def no_pool(patient, tmp_path, monkeypatch):
    fill_airflow(tmp_path, pools=("default_pool",))


def pool_without_slots(patient, tmp_path, monkeypatch):
    fill_airflow(tmp_path, slots=0)


def missing_logs(patient, tmp_path, monkeypatch):
    monkeypatch.setenv("LACUNA_AIRFLOW_LOGS", str(tmp_path / "nowhere"))


def missing_keys(patient, tmp_path, monkeypatch):
    (patient.stores.home / "keys").rename(tmp_path / "keys")


def missing_evidence(patient, tmp_path, monkeypatch):
    (patient.stores.home / "evidence").rename(tmp_path / "evidence")


def no_airflow_there(patient, tmp_path, monkeypatch):
    monkeypatch.setenv("LACUNA_AIRFLOW_DATABASE_URL", f"sqlite:///{tmp_path}/none.db")


def any_xcom(patient, tmp_path, monkeypatch):
    backend = "airflow.sdk.execution_time.xcom.BaseXCom"
    monkeypatch.setattr(sys, "executable", str(airflow_program(tmp_path / "other", backend)))


FAULTS = {
    no_mode: ("settings", "LACUNA_MODE is not set"),
    no_window: ("settings", "LACUNA_SCRUB_WINDOW is not set"),
    unconfirmed_approval: ("settings", "LACUNA_APPROVAL is auto"),
    wrong_clock: ("database", "the clocks of this machine and of the database differ"),
    other_schema: ("schema", "another version"),
    foreign_right: ("schema", "rights or definitions"),
    no_officer: ("tenants", "has no officer"),
    unknown_column: ("data map", "nickname"),
    unmarked_store: ("object stores", "media: "),
    missing_store: ("object stores", "media: "),
    open_home: ("home", "can be entered by other users"),
    full_disk: ("home", "Make room"),
    readable_key: ("keys", "keys that other users of this machine can read: 1"),
    no_mailbox: ("mailbox", "mailbox"),
    no_mail_server: ("outbox", "the mail server lets nobody in"),
    missing_model: ("engine", "no_such_model"),
    never_sealed: ("seal", "the last seal was on"),
    unknown_flow: ("Airflow", f"Airflow does not know {FLOWS[0]}"),
    stale_flow: ("Airflow", f"Airflow does not know {FLOWS[0]}"),
    paused_flow: ("Airflow", "paused in Airflow: gdpr_seal"),
    no_pool: ("Airflow", "the pool gdpr_chunks is missing"),
    pool_without_slots: ("Airflow", "has no slots"),
    missing_logs: ("settings", "LACUNA_AIRFLOW_LOGS names no folder"),
    missing_keys: ("keys", "open requests without a key in"),
    missing_evidence: ("seal", "evidence is missing"),
    no_airflow_there: ("Airflow", "airflow cannot be read"),
    any_xcom: ("XCom", "Airflow's XCom backend is not"),
}


@pytest.mark.parametrize("plant", FAULTS, ids=lambda plant: plant.__name__)
def test_a_fault_is_found_in_its_part(lacuna, patient, tmp_path, monkeypatch, plant):
    part, words = FAULTS[plant]
    plant(patient, tmp_path, monkeypatch)
    found = faults(lacuna)
    assert part in found, found
    assert words in "\n".join(found[part])
    assert "secret" not in str(found)


@pytest.fixture
def logins(patient):
    """Make logins as docs/installation.md says."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "installation.md").read_text("utf-8")
    own, urls = uuid.uuid4().hex[:8], {}
    for role in ("planner", "executor", "verifier", "page"):
        login = f"{role}_{own}"
        (made,) = re.findall(rf"create role lacuna_{role}_login .*?;\ngrant .*?;", text)
        execute(patient.url, made.replace(f"lacuna_{role}_login", login))
        execute(patient.url, f"alter role {login} password '{login}'")
        theirs = make_url(patient.url).set(username=login, password=login)
        urls[role] = theirs.render_as_string(hide_password=False)
    yield urls
    for role in urls:
        execute(patient.url, f"drop role {role}_{own}")


@pytest.mark.thorough
def test_a_worker_with_separate_logins_is_well(lacuna, patient, monkeypatch, logins):
    monkeypatch.setenv("LACUNA_DATABASE_URL", logins["planner"])
    monkeypatch.setenv("LACUNA_EXECUTOR_DATABASE_URL", logins["executor"])
    monkeypatch.setenv("LACUNA_VERIFIER_DATABASE_URL", logins["verifier"])
    assert faults(lacuna) == {}
    found = {one["part"]: one for one in lacuna("doctor", "--json").json}
    assert "cannot act as lacuna_dpo, lacuna_submitter" in found["logins"]["note"]
    monkeypatch.setenv("LACUNA_EXECUTOR_DATABASE_URL", logins["verifier"])
    assert "lacuna_executor: " in "".join(faults(lacuna)["logins"])
    elsewhere = make_url(logins["executor"]).set(database="postgres")
    monkeypatch.setenv("LACUNA_EXECUTOR_DATABASE_URL", elsewhere.render_as_string(False))
    assert "lead to several databases" in "".join(faults(lacuna)["logins"])


def test_a_planner_that_may_change_the_platform_is_a_fault(lacuna, patient, monkeypatch, logins):
    monkeypatch.setenv("LACUNA_EXECUTOR_DATABASE_URL", logins["executor"])
    assert "may act as lacuna_executor, although" in faults(lacuna)["logins"][0]
