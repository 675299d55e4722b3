"""`docker-compose.yml` says what is allowed: what each service holds, reaches and may write."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.local_airflow import POOLS

ROOT = Path(__file__).parents[2]
ONCE = {"prepare-airflow", "prepare-lacuna", "backup"}
GIVEN = {"LACUNA_SECRETS": "/secrets", "LACUNA_CONFIG": "/config", "LACUNA_BACKUP": "/elsewhere"}


def compose(*arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker-compose", "--profile", "backup", "config", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **given},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def rendered() -> dict:
    done = compose("--format", "json", **GIVEN)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def services(rendered) -> dict:
    return rendered["services"]


def secrets_of(service: dict) -> set[str]:
    return {each["source"] for each in service.get("secrets", [])}


def test_the_file_is_what_the_specification_of_compose_asks_for():
    done = subprocess.run(
        [ROOT / ".venv/bin/check-jsonschema", "--builtin-schema", "vendor.compose-spec",
         ROOT / "docker-compose.yml"],
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.compose
@pytest.mark.parametrize("missing", ["LACUNA_SECRETS", "LACUNA_CONFIG"])
def test_nothing_starts_without_its_secrets_and_its_configuration(missing):
    done = compose("--quiet", **{name: value for name, value in GIVEN.items() if name != missing})
    assert done.returncode != 0
    assert f"{missing} is missing a value" in done.stderr


@pytest.mark.compose
def test_no_secret_stands_in_an_environment(services):
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(
                r"PASSWORD|SECRET|KEY|CONN|BROKER_URL|RESULT_BACKEND|DATABASE_URL", variable
            ):
                assert variable.endswith(("_CMD", "_FILE")), f"{name}: {variable}"
                path = value.removeprefix("cat ")
                assert path.startswith("/run/secrets/"), f"{name}: {variable}"
                assert Path(path).name in secrets_of(service), f"{name}: {variable}"


@pytest.mark.compose
def test_every_secret_is_a_file_of_the_folder_and_is_used(rendered, services):
    used = set().union(*map(secrets_of, services.values()))
    assert used == set(rendered["secrets"])
    for name, secret in rendered["secrets"].items():
        assert secret["file"] == f"/secrets/{name}"


@pytest.mark.compose
def test_a_worker_holds_nothing_that_writes_airflows_metadata(services):
    assert secrets_of(services["worker"]) == {
        "api_secret_key", "broker_url", "lacuna_worker_url", "metadata_reader_url", "results_url",
    }  # fmt: skip
    assert not [
        each
        for each in services["worker"]["environment"]
        if "SQL_ALCHEMY" in each or "FERNET" in each or "JWT" in each
    ]


@pytest.mark.compose
def test_only_what_migrates_has_the_owners_login(services):
    owners = {name for name, each in services.items() if "lacuna_owner_url" in secrets_of(each)}
    assert owners == {"prepare-lacuna"}


@pytest.mark.compose
def test_only_who_works_on_the_platform_reaches_it(services):
    reach = {name for name, each in services.items() if "platform" in each["networks"]}
    assert reach == {"api-server", "backup", "prepare-lacuna", "worker"}


@pytest.mark.compose
def test_metadata_and_broker_have_no_way_out(rendered, services):
    assert rendered["networks"]["orchestration"]["internal"]
    for name in ("metadata", "broker", "scheduler", "dag-processor"):
        assert set(services[name]["networks"]) == {"orchestration"}


@pytest.mark.compose
def test_no_service_may_do_more_than_it_has_to(services):
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"], name
        assert "privileged" not in service, name
        if "build" not in service:  # the user of our own image stands in the Dockerfile
            assert service["user"] not in {"root", "0"}, name
        for volume in service.get("volumes", []):
            if volume["type"] == "bind" and name != "backup":
                assert volume["read_only"], f"{name}: {volume['target']}"


@pytest.mark.compose
def test_the_page_reads_what_runs_left_and_cannot_change_it(services):
    home = [each for each in services["api-server"]["volumes"] if each["source"] == "home"]
    assert [each["read_only"] for each in home] == [True]


@pytest.mark.compose
def test_the_copy_of_the_proof_holds_no_key(services):
    sources = {each["source"] for each in services["backup"]["volumes"]}
    assert "keys" not in sources
    assert "/elsewhere" in sources


@pytest.mark.compose
def test_nothing_listens_to_the_outside_but_the_page_on_this_machine(services):
    published = {name: each["ports"] for name, each in services.items() if each.get("ports")}
    assert set(published) == {"api-server"}
    assert {port["host_ip"] for port in published["api-server"]} == {"127.0.0.1"}


@pytest.mark.compose
def test_every_service_that_stays_says_whether_it_is_well(services):
    for name, service in services.items():
        assert ("test" in service["healthcheck"]) is (name not in ONCE), name


@pytest.mark.compose
def test_nothing_in_the_platform_changes_until_somebody_says_so(services):
    assert services["worker"]["environment"]["LACUNA_MODE"] == "observe"
    assert services["worker"]["environment"]["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] == "True"


def test_the_pools_are_those_of_the_local_runner():
    script = (ROOT / "docker/prepare_airflow.sh").read_text("utf-8")
    made = dict(re.findall(r"^airflow pools set (\w+) (\d+) ", script, re.MULTILINE))
    assert {name: int(slots) for name, slots in made.items()} == POOLS


def test_the_image_installs_what_is_locked_and_nothing_of_development():
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text("utf-8")
        return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))

    image, everything = pins("requirements-image.lock"), pins("requirements.lock")
    assert image.items() <= everything.items(), "renew requirements-image.lock: CONTRIBUTING.md"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    direct = project["dependencies"] + extras["cluster"] + extras["s3"]
    assert {canonicalize_name(Requirement(each).name) for each in direct} <= image.keys()
    # The last one's licence asks that it is not shipped.
    assert not {"pytest", "ruff", "mypy", "hypothesis", "pymerkle"} & image.keys()


def test_the_image_takes_nothing_but_code_and_locks():
    """What is not named here cannot get into it: no data, no key, no secret."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule.removeprefix("!") for rule in rules[1:] if rule.startswith("!")}
    copied = set()
    for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            copied |= set(line.split()[1:-1])
    assert copied == allowed
    assert all((ROOT / name).exists() for name in allowed)


def test_the_image_runs_as_nobody_special():
    users = re.findall(r"^USER (\S+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert users == ["10001:10001"]
