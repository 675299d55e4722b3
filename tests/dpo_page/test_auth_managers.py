"""Every route against roles and tenants, behind Airflow's two auth managers as they really are."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from lacuna.dpo_page import Right
from scripts.local_airflow import ROOT, airflow_environment
from scripts.local_ui import free_port
from tests.dpo_page.conftest import EVERYTHING, ORG, OTHER, Office
from tests.dpo_page.test_access import FORM, ROUTES, address, complete
from tests.officers import register

pytestmark = pytest.mark.airflow

PATIENCE = 600  # seconds; on a crowded machine the start took two minutes
READ = frozenset({Right.READ})
OFFICER, READER, OURS, THEIRS = (
    "Privacy officer",
    "Privacy reader",
    f"Privacy of {ORG}",
    f"Privacy of {OTHER}",
)
SIMPLE = {
    "dana": (f"user:{ORG}", {ORG: EVERYTHING}),
    "doris": (f"user:{OTHER}", {OTHER: EVERYTHING}),
    "olga": (f"op:{ORG}", {ORG: EVERYTHING}),
    "vera": (f"viewer:{ORG}", {ORG: READ}),
    "nora": ("user", {}),
    # Whoever administers Airflow belongs to every team there.
    "adam": ("admin", {ORG: EVERYTHING, OTHER: EVERYTHING}),
}
OF_EVERY_TENANT = {"adam"}
# What they get beyond others who decide: the list of rules, in which there is none here.
THEIR_ROUTES = {
    ("GET", "/{org_id}/rules"): 200,
    ("POST", "/{org_id}/rules/{digest}"): 409,
    ("POST", "/{org_id}/rules/{digest}/revoke"): 409,
}
FAB = {
    "dana": ([OFFICER, OURS], {ORG: EVERYTHING}),
    "doris": ([OFFICER, THEIRS], {OTHER: EVERYTHING}),
    "vera": ([READER, OURS], {ORG: READ}),
    "dirk": ([READER, OURS, "decides"], {ORG: READ | {Right.DECIDE}}),
    "sam": ([READER, OURS, "hands in"], {ORG: READ | {Right.SUBMIT}}),
    # One of the two roles alone, and Airflow's own: nothing.
    "nora": ([OFFICER], {}),
    "tove": ([OURS], {}),
    "otto": (["Op", OURS], {}),
}


@contextlib.contextmanager
def served(office: Office, **given: object) -> Iterator[str]:
    """Run Airflow's web server over an office; yield its address."""
    port = free_port()
    home = office.stores.home
    (home / "airflow").mkdir()
    passwords = given["passwords"]
    (home / "airflow" / "simple_auth_manager_passwords.json.generated").write_text(
        json.dumps(passwords), "utf-8"
    )
    variables = {
        **{name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW_")},
        **airflow_environment(home),
        "AIRFLOW__API_AUTH__JWT_SECRET": "j" * 64,
        "AIRFLOW__API__SECRET_KEY": "s" * 32,
        "LACUNA_DATABASE_URL": office.url,
        **given.pop("variables"),
    }
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.dpo_page.airflow_server"],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        assert server.stdin is not None
        with server.stdin as pipe:
            pipe.write(json.dumps({"port": port, **given}).encode())
        url, until = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
        while True:
            assert server.poll() is None, (home / "server.log").read_text("utf-8")[-2000:]
            assert time.monotonic() < until, "Airflow does not answer"
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{url}/api/v2/version", trust_env=False, timeout=30)
                break
            time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait(60)


@contextlib.contextmanager
def logged_in(url: str, name: str, password: str) -> Iterator[httpx.Client]:
    """Yield a client with a person's token, as programs get it."""
    with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as client:
        answer = client.post("/auth/token", json={"username": name, "password": password})
        assert answer.status_code == 201, answer.text
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def check_matrix(office: Office, url: str, people, passwords) -> None:
    """Ask for every route as everybody, at both tenants; nobody gets more than their rights."""
    with httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as nobody:
        for method, path in ROUTES:
            asked = f"/privacy{address(path, ORG, 'x')}"
            assert nobody.request(method, asked, headers=FORM).status_code == 401, (method, path)
        for path in ("/privacy/", "/privacy/no/such"):
            assert nobody.get(path).status_code == 401, path
    untouched = {org_id: complete(office, org_id) for org_id in (ORG, OTHER)}
    wrong = []
    for name, (_, rights) in people.items():
        with logged_in(url, name, passwords[name]) as client:
            for (method, path), (right, body, done) in ROUTES.items():
                if name in OF_EVERY_TENANT:
                    done = THEIR_ROUTES.get((method, path), done)
                for org_id in (ORG, OTHER):
                    held = rights.get(org_id, frozenset())
                    expected = 404 if Right.READ not in held else done if right in held else 403
                    # Whoever may act gets a request of their own to act on.
                    acts = right in held and method == "POST"
                    request_id = complete(office, org_id) if acts else untouched[org_id]
                    answer = client.request(
                        method,
                        f"/privacy{address(path, org_id, request_id)}",
                        content=None if body is None else body.format(request_id=request_id),
                        headers={} if body is None else FORM,
                    )
                    if answer.status_code != expected:
                        wrong.append((name, method, path, org_id, answer.status_code, expected))
    assert wrong == []
    assert {office.state(request_id) for request_id in untouched.values()} == {"planned"}


@pytest.mark.thorough
def test_simple_auth_manager_gives_each_role_its_routes_at_its_own_team(office):
    """Airflow is started for it; on a crowded machine it took five minutes."""
    office.clock.moment = datetime.now(UTC)
    register(office.stores.database, "olga", org_id=ORG)
    register(office.stores.database, "adam")
    passwords = {name: f"{name}-password" for name in SIMPLE}
    users = ",".join(f"{name}:{role}" for name, (role, _) in SIMPLE.items())
    with served(
        office,
        teams=[ORG, OTHER],
        people={},
        passwords=passwords,
        variables={
            "AIRFLOW__CORE__MULTI_TEAM": "True",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": users,
        },
    ) as url:
        check_matrix(office, url, SIMPLE, passwords)


@pytest.mark.long
def test_fab_gives_each_role_its_routes_at_the_tenants_it_names(office):
    """Airflow is started for it; on a crowded machine it took five minutes."""
    office.clock.moment = datetime.now(UTC)
    passwords = {name: f"{name}-password" for name in FAB}
    with served(
        office,
        teams=[],
        people={name: roles for name, (roles, _) in FAB.items()},
        passwords=passwords,
        variables={
            "AIRFLOW__CORE__AUTH_MANAGER": (
                "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
            )
        },
    ) as url:
        check_matrix(office, url, FAB, passwords)
