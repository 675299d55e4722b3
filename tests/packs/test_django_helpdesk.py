"""The pack of django-helpdesk, on the tables that its migrations make."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import run_here

SCHEMA = Path(__file__).with_suffix(".sql").with_name("django_helpdesk.sql").read_text("utf-8")
OWN = (
    *("--controller", "Desk A/S, Example Street 5, 1000 Example City"),
    *("--dpo", "dpo@desk.example.org", "--authority", "Datatilsynet"),
)


@pytest.fixture
def desk(template_database, database):
    def build(url: str) -> None:
        execute(url, SCHEMA)

    template_database.register("django_helpdesk", build)
    return database("django_helpdesk")


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def lacuna(desk, tmp_path):
    home = tmp_path / "home"
    media = tmp_path / "files" / "helpdesk" / "attachments"
    media.mkdir(parents=True)
    output = tmp_path / "desk"
    variables = {"LACUNA_HOME": str(home), "LACUNA_DATABASE_URL": desk}

    def run(*arguments, **more):
        return run_here(*arguments, cwd=tmp_path, **variables, **more)

    run.output, run.files, run.home, run.url = output, tmp_path / "files", home, desk
    run.map = {
        "LACUNA_DATAMAP": str(output / "datamap.yaml"),
        "LACUNA_TENANTS": str(output / "tenants.yaml"),
    }
    return run


def init(lacuna, *more):
    return lacuna(
        *("datamap", "init", "django-helpdesk", "--output", lacuna.output),
        *("--files", lacuna.files, *OWN, *more),
    )


def test_what_init_writes_fits_the_applications_own_schema(lacuna):
    done = init(lacuna, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert (said["version"], said["same_schema"], said["questions"]) == ("2.6", True, [])
    assert (lacuna.home / "media").resolve() == lacuna.files
    execute(lacuna.url, (lacuna.output / "reporting.sql").read_text("utf-8"))
    up = lacuna("up", **lacuna.map)
    assert up.returncode == 0, up.stderr
    assert "media: marked" in up.stdout
    checked = lacuna("datamap", "check", **lacuna.map)
    assert checked.returncode == 0, checked.stderr
