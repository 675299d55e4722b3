"""`docker-compose.yml` says what is allowed: what each service holds, reaches and may write."""

import hashlib
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
from tests.docker.conftest import DIGESTS

ROOT = Path(__file__).parents[2]
ONCE = {"prepare-airflow", "prepare-lacuna", "backup"}
FOLDERS = {"LACUNA_SECRETS": "/secrets", "LACUNA_CONFIG": "/config", "LACUNA_BACKUP": "/elsewhere"}
GIVEN = {**FOLDERS, **DIGESTS}
PINNED = re.compile(r"([a-z]+:[\w.-]+)@\$\{(?:LACUNA_)?(\w+)_DIGEST[:}]")


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
@pytest.mark.parametrize("missing", ["LACUNA_SECRETS", "LACUNA_CONFIG", *DIGESTS])
def test_nothing_starts_without_its_secrets_its_configuration_and_its_digests(missing):
    done = compose("--quiet", **{name: value for name, value in GIVEN.items() if name != missing})
    assert done.returncode != 0
    assert f"{missing} is missing a value" in done.stderr


@pytest.mark.compose
def test_no_secret_stands_in_an_environment(services):
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(
                r"PASSWORD|SECRET|KEY|CONN|BROKER_URL|RESULT_BACKEND|DATABASE_URL", variable
            ) and not value.startswith("file:///"):  # says where a key lies
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
        "api_secret_key", "broker_url", "lacuna_executor_url", "lacuna_planner_url",
        "lacuna_verifier_url", "metadata_reader_url", "results_url",
    }  # fmt: skip
    assert not [
        each
        for each in services["worker"]["environment"]
        if "SQL_ALCHEMY" in each or "FERNET" in each or "JWT" in each
    ]


@pytest.mark.compose
def test_nobody_but_the_seal_holds_the_key_that_signs_the_ledger(services):
    """Neither the page nor a worker of the other queues: the volume, its path, and the login."""

    def mounts(service: dict) -> set[str]:
        return {each["source"] for each in service.get("volumes", [])}

    assert {name for name, each in services.items() if "signing" in mounts(each)} == {"seal"}
    assert "keys" not in mounts(services["seal"]), "it needs no request's key"
    assert {
        name
        for name, each in services.items()
        if "LACUNA_SIGNING_KEY" in each.get("environment", {})
    } == {"seal"}
    assert {name for name, each in services.items() if "lacuna_seal_url" in secrets_of(each)} == {
        "seal"
    }
    (volume,) = [each for each in services["seal"]["volumes"] if each["source"] == "signing"]
    key = services["seal"]["environment"]["LACUNA_SIGNING_KEY"]
    assert key.startswith(f"file://{volume['target']}/")
    command = services["seal"]["command"]
    assert command[command.index("--queues") + 1] == "seal"
    assert "--queues" not in services["worker"]["command"], "it takes the default queue"
    dag = (ROOT / "dags/gdpr_seal.py").read_text("utf-8")
    assert 'flow="seal", **of_queue("seal")' in dag


@pytest.mark.compose
def test_every_image_that_is_not_built_here_is_named_by_its_digest(services):
    for name, service in services.items():
        if "build" in service:
            assert service["build"]["args"]["PYTHON_DIGEST"] == DIGESTS["LACUNA_PYTHON_DIGEST"]
        else:
            assert re.fullmatch(r"[a-z]+:\d+@sha256:[0-9a-f]{64}", service["image"]), name


def test_the_image_is_built_from_one_that_is_named_by_its_digest():
    text = (ROOT / "Dockerfile").read_text("utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert bases
    assert all(base.endswith("@${PYTHON_DIGEST}") for base in bases)
    assert re.search(r"^ARG PYTHON_DIGEST$", text, re.MULTILINE), "it has a default"


def test_the_image_is_compiled_before_its_file_system_is_read_only():
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", "")
    (install,) = re.findall(r"uv pip install (.+)$", text, re.MULTILINE)
    assert "--compile-bytecode" in install
    (compiled,) = re.findall(r"compileall -q (.+)$", text, re.MULTILINE)
    copied = set(re.findall(r"^COPY (pipelines|models)\b", text, re.MULTILINE))
    assert set(compiled.split()) == copied == {"pipelines", "models"}


REGISTRY = """#!/bin/sh
# What the program of that name prints: the digest of the image that stands last.
for image in "$@"; do :; done
case $image in
    {refused}) echo latest ;;
    *) echo sha256:$(printf %s "$image" | sha256sum | cut -c1-64) ;;
esac
"""


@pytest.mark.parametrize("refused", ["nothing", "redis:8"])
def test_the_digests_are_written_for_every_image_or_for_none(tmp_path, refused):
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(REGISTRY.replace("{refused}", refused), "utf-8")
    program.chmod(0o755)
    file = tmp_path / ".env"
    file.write_text("LACUNA_MODE=act\nLACUNA_REDIS_DIGEST=sha256:old\n", "utf-8")
    before = file.read_text("utf-8")
    done = subprocess.run(
        ["sh", str(ROOT / "docker/pin_images.sh"), str(file)],
        env={"PATH": f"{program.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    if refused == "redis:8":
        assert done.returncode == 1
        assert "redis:8: the registry names no digest" in done.stderr
        assert file.read_text("utf-8") == before
        return
    assert done.returncode == 0, done.stderr
    lines = dict(line.split("=", 1) for line in file.read_text("utf-8").splitlines())
    assert lines.pop("LACUNA_MODE") == "act"
    assert set(lines) == set(DIGESTS)
    texts = [(ROOT / name).read_text("utf-8") for name in ("docker-compose.yml", "Dockerfile")]
    images = {(name, image) for text in texts for image, name in PINNED.findall(text)}
    assert {name for name, _ in images} == {"POSTGRES", "REDIS", "PYTHON"}
    for name, image in images:
        expected = hashlib.sha256(image.encode()).hexdigest()
        assert lines[f"LACUNA_{name}_DIGEST"] == f"sha256:{expected}", "the script has other tags"


@pytest.mark.compose
def test_who_reads_what_strangers_write_has_no_login_that_changes_the_platform(services):
    reader = services["intake-worker"]
    assert secrets_of(reader) == {
        "api_secret_key", "broker_url", "lacuna_planner_url", "results_url",
    }  # fmt: skip
    queues = {
        name: each["command"][each["command"].index("--queues") + 1]
        for name, each in services.items()
        if "--queues" in (each.get("command") or ())
    }
    assert queues == {"seal": "seal", "intake-worker": "planner"}, (
        "the other worker takes the default"
    )
    holders = {name for name, each in services.items() if "lacuna_executor_url" in secrets_of(each)}
    assert holders == {"worker"}


def test_no_password_stands_on_a_command_line():
    """Every process of a machine reads the command lines of the others."""
    shown = re.compile(
        r"--password|--requirepass|--dbname=\"?\$(?!url\")|-v \w+=\"?\$|redis-cli .*-a |psql .*://"
    )
    files = [*(ROOT / "docker").glob("*.sh"), *(ROOT / "scripts").glob("*.sh")]
    said = [
        f"{file.name}: {line}"
        for file in (*files, ROOT / "docker-compose.yml")
        for line in file.read_text("utf-8").splitlines()
        if shown.search(line.partition("#")[0])
    ]
    assert said == []


@pytest.mark.compose
def test_only_what_migrates_has_the_owners_login(services):
    owners = {name for name, each in services.items() if "lacuna_owner_url" in secrets_of(each)}
    assert owners == {"prepare-lacuna"}


@pytest.mark.compose
def test_only_who_works_on_the_platform_reaches_it(services):
    reach = {name for name, each in services.items() if "platform" in each["networks"]}
    assert reach == {
        "api-server", "backup", "intake-worker", "prepare-lacuna", "seal", "worker",
    }  # fmt: skip


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


@pytest.mark.parametrize("path", ["docker/prepare_airflow.sh", "docs/airflow.md"])
def test_the_pools_are_those_of_the_local_runner(path):
    text = (ROOT / path).read_text("utf-8")
    made = dict(re.findall(r"^ *airflow pools set (\w+) (\d+) ", text, re.MULTILINE))
    assert {name: int(slots) for name, slots in made.items()} == POOLS


@pytest.mark.parametrize("is_there", [False, True])
def test_an_update_makes_the_pool_and_leaves_the_number_of_chunks_that_an_operator_chose(
    tmp_path, is_there
):
    """Each start of the services runs the script; Airflow itself would take a minute."""
    called = tmp_path / "called"
    for name in ("airflow", "python"):
        program = tmp_path / name
        ends = '[ "$2" != get ]' if name == "airflow" and not is_there else "true"
        program.write_text(f'#!/bin/sh\necho "$@" >> {called}\n{ends}\n', "utf-8")
        program.chmod(0o700)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    script = ["sh", ROOT / "docker/prepare_airflow.sh"]
    subprocess.run(script, env=environment, check=True)
    made = re.findall(r"^pools set (\w+) ", called.read_text("utf-8"), re.MULTILINE)
    assert made == ([] if is_there else ["gdpr_chunks"])


def test_the_image_installs_what_is_locked_and_nothing_of_development():
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text("utf-8")
        return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))

    image, everything = pins("requirements-image.lock"), pins("requirements.lock")
    assert image.items() <= everything.items(), "renew requirements-image.lock: CONTRIBUTING.md"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    direct = project["dependencies"] + extras["cluster"] + extras["s3"]
    names = {canonicalize_name(Requirement(each).name) for each in direct}
    # The weights are copied as they lie in the repository.
    assert names - image.keys() == {"lacuna-names"}
    assert "COPY models/names/lacuna_names" in (ROOT / "Dockerfile").read_text("utf-8")
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
