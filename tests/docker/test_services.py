"""The services of `docker-compose.yml` do a night's work, and a worker that dies loses none of it."""

from __future__ import annotations

import re
import subprocess
import urllib.error

import psycopg
import pytest

from tests.docker.conftest import ROOT, ask, wait

LOGINS = re.compile(r"```sql\n(create role lacuna_planner_login.*?)```", re.DOTALL)
RUN = "/api/v2/dags/{}/dagRuns"


def lacuna(services, *arguments: str) -> str:
    """Run `lacuna` as the owner, for what an administrator does."""
    environment = services.environment("prepare-lacuna", "owner")
    done = subprocess.run(
        ["lacuna", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def make_logins(services) -> None:
    """Run the statements that the document gives, with passwords."""
    statements = LOGINS.search((ROOT / "docs/installation.md").read_text("utf-8"))
    assert statements
    with services.admin() as admin:
        admin.execute(statements[1])
        for name in re.findall(r"create role (\w+)", statements[1]):
            admin.execute(f"alter role {name} password '{name}-password'")


def drop_logins(services) -> None:
    with services.admin() as admin:
        for name in ("planner", "executor", "verifier", "seal", "page", "backup"):
            name = f"lacuna_{name}_login"
            admin.execute(f"drop role if exists {name}")


def states(services, asked: list[int]) -> dict[str, int]:
    """How far the requests of `ask` are; the sample's own mails are somebody else's."""
    with services.admin() as admin:
        rows = admin.execute(
            "select state, count(*) from lacuna.request join lacuna.request_inbox"
            " using (request_id) where inbox_id = any(%s) group by 1",
            [asked],
        ).fetchall()
    return dict(rows)


def start_run(services, token: str, dag_id: str) -> str:
    """Run a flow now, by hand: what was due hours ago is skipped. Return the path of its run."""
    services.call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False}, token)
    made = services.call("POST", RUN.format(dag_id), {"logical_date": None}, token)
    return f"{RUN.format(dag_id)}/{made['dag_run_id']}"


def check_the_page(services) -> None:
    """Who has the roles sees the page of their tenant, and of no other; who has not sees none."""
    for name, roles in (
        ("officer", ["Privacy officer", "Privacy of fjordlys"]),
        ("stranger", ["Privacy officer", "Viewer"]),
    ):
        for number, role in enumerate(roles):
            add = ["users", "create"] if number == 0 else ["users", "add-role"]
            more = ["--firstname", "Eve", "--lastname", "Invented", "--email",
                    f"{name}@example.org", "--password", "invented"]  # fmt: skip
            subprocess.run(
                ["airflow", *add, "--username", name, "--role", role, *(more if number == 0 else [])],
                cwd=ROOT, env=services.environment("prepare-airflow", "users"),
                check=True, capture_output=True,
            )  # fmt: skip
    seen = {}
    for name in ("officer", "stranger"):
        token = services.log_in(name, "invented")
        for org_id in ("fjordlys", "hafenkontor"):
            try:
                services.call("GET", f"/privacy/{org_id}/requests", token=token, is_json=False)
                seen[name, org_id] = 200
            except urllib.error.HTTPError as refused:
                seen[name, org_id] = refused.code
                refused.close()
    assert seen == {
        ("officer", "fjordlys"): 200, ("officer", "hafenkontor"): 404,
        ("stranger", "fjordlys"): 404, ("stranger", "hafenkontor"): 404,
    }  # fmt: skip


def state(services, token: str, path: str) -> str:
    return services.call("GET", path, token=token)["state"]


@pytest.mark.compose
@pytest.mark.redis
@pytest.mark.long
@pytest.mark.airflow
def test_a_night_ends_right_although_the_worker_that_did_it_is_killed(services):
    services.run("prepare-lacuna")
    lacuna(services, "sample", "load", "--contacts", "60", "--conversations", "240")
    lacuna(services, "datamap", "prove", "--people", "4")
    make_logins(services)
    try:
        services.run("prepare-airflow")
        services.run("prepare-airflow")  # again changes nothing
        services.start("api-server")
        wait(lambda: services.call("GET", "/api/v2/monitor/health"), 180)
        services.start(
            "scheduler",
            AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK="False",  # one port for the whole machine
            AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT="20",
            AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL="5",
        )
        services.start("dag-processor")

        def start_worker(name: str) -> None:
            services.start(
                "worker", "--celery-hostname", f"{name}@%h", "--skip-serve-logs",
                name=name,
            )  # fmt: skip

        start_worker("first")
        services.start("intake-worker", "--celery-hostname", "intake@%h", "--skip-serve-logs")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            services.call("GET", "/api/v2/dags")
        token = services.log_in()
        flows = len(list((ROOT / "dags").glob("gdpr_*.py")))
        wait(lambda: len(services.call("GET", "/api/v2/dags", token=token)["dags"]) == flows, 180)

        with services.admin() as admin:
            asked = list(ask(admin, 6))
        intake = start_run(services, token, "gdpr_intake")
        wait(lambda: state(services, token, intake) in {"success", "failed"}, 300)
        assert state(services, token, intake) == "success"
        assert states(services, asked) == {"received": 6}

        check_the_page(services)

        night = start_run(services, token, "gdpr_fulfilment")

        def tasks_of_night() -> list[dict]:
            return services.call("GET", f"{night}/taskInstances", token=token)["task_instances"]

        def applying() -> dict:
            """The one chunk of six requests, as the worker does it."""
            found = [each for each in tasks_of_night() if each["task_id"] == "apply_chunk"]
            return next((each for each in found if each["map_index"] == 0), {"state": None})

        wait(lambda: applying()["state"] == "running", 300)
        services.kill("first")
        start_worker("second")
        wait(lambda: state(services, token, night) in {"success", "failed"}, 600)
        assert applying()["state"] == "success"
        assert applying()["try_number"] > 1
        ended = [
            (one["task_id"], one["state"]) for one in tasks_of_night() if one["state"] != "success"
        ]
        assert state(services, token, night) == "success", ended
        assert states(services, asked) == {"completed": 6}
        with services.admin() as admin:
            certified = admin.execute(
                "select count(*), count(distinct request_id) from lacuna_evidence.entry"
                " join lacuna.request_inbox using (request_id)"
                " where action = 'completed' and inbox_id = any(%s)",
                [asked],
            ).fetchone()
        assert certified == (6, 6)

        # What Airflow keeps can be read by the worker's second login, and not written.
        url = (services.secrets / "metadata_reader_url").read_text().replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as reader:
            assert reader.execute("select count(*) from dag_run").fetchone()[0] >= 2
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                reader.execute("delete from dag_run")
            reader.execute("set default_transaction_read_only = off")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("delete from dag_run")
    finally:
        services.close()
        drop_logins(services)
