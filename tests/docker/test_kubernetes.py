"""The pods of KubernetesExecutor are valid, and have what the services of docker-compose.yml have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from scripts.local_airflow import ROOT, airflow_environment
from tests.docker.conftest import rendered

FOLDER = ROOT / "docker" / "kubernetes"
SERVICES = {"worker": "worker", "planner": "intake-worker", "seal": "seal"}
# Between the executor and a worker: a pod is handed its task, and asks no broker for it.
OF_CELERY = {"broker_url", "results_url"}
# What is the cluster's or the installation's own.
OWN = {"AIRFLOW__CORE__EXECUTOR", "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "LACUNA_PAGE_URL"}


def pod_of(name: str) -> dict:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def services() -> dict:
    return rendered(LACUNA_SECRETS="/secrets", LACUNA_CONFIG="/config", LACUNA_BACKUP="/backup")[
        "services"
    ]


def environment_of(pod: dict) -> dict[str, str]:
    (container,) = pod["spec"]["containers"]
    return {one["name"]: one["value"] for one in container["env"]}


def secrets_of(environment: dict[str, str]) -> set[str]:
    return {
        value.rpartition("/run/secrets/")[2]
        for value in environment.values()
        if "/run/secrets/" in value
    }


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("version", ["1.33", "1.37"])
def test_a_pod_is_what_kubernetes_asks_for(name, version):
    kubernetes_validate.validate(pod_of(name), version, strict=True)


def test_a_field_that_kubernetes_does_not_know_is_noticed():
    pod = pod_of("seal")
    pod["spec"]["containers"][0]["securityContext"]["readOnlyRootFileSystem"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(pod, "1.37", strict=True)


@pytest.mark.compose
@pytest.mark.parametrize(("name", "service"), SERVICES.items())
def test_a_pod_has_the_settings_of_its_service(services, name, service):
    wanted = {
        variable: value
        for variable, value in services[service]["environment"].items()
        if not variable.startswith(("AIRFLOW__CELERY", "AIRFLOW__CORE__DAGS_ARE"))
        and variable not in OWN
        and "AUTH_MANAGER" not in variable
    }
    assert {
        variable: value
        for variable, value in environment_of(pod_of(name)).items()
        if variable not in OWN
    } == wanted


@pytest.mark.compose
@pytest.mark.parametrize(("name", "service"), SERVICES.items())
def test_a_pod_holds_the_secrets_and_volumes_of_its_service_and_no_other(services, name, service):
    pod = pod_of(name)
    given = {one["source"] for one in services[service]["secrets"]}
    assert secrets_of(environment_of(pod)) == given - OF_CELERY
    (container,) = pod["spec"]["containers"]
    kept = {
        one["mountPath"]
        for one in container["volumeMounts"]
        if one["name"] in ("home", "keys", "signing", "configuration")
    }
    assert kept == {one["target"] for one in services[service]["volumes"]}
    secret = {one["name"]: one for one in pod["spec"]["volumes"]}["secrets"]["secret"]
    assert secret["secretName"] == f"lacuna-{name}"


@pytest.mark.parametrize("name", SERVICES)
def test_a_pod_gains_nothing_and_writes_to_volumes_alone(name):
    spec = pod_of(name)["spec"]
    (container,) = spec["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["automountServiceAccountToken"] is False


@pytest.mark.thorough
def test_tasks_of_a_queue_have_its_template_where_there_is_one(tmp_path):
    """As Airflow reads the DAG files and makes a pod from a template."""
    script = """
import sys
from airflow.settings import prepare_syspath_for_config_and_plugins
prepare_syspath_for_config_and_plugins()
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
dags = DagBag(dag_folder=sys.argv[1]).dags
for name, dag in sorted(dags.items()):
    for task in dag.tasks:
        file = (task.executor_config or {}).get("pod_template_file")
        if file:
            pod = PodGenerator.construct_pod(
                dag_id=name, task_id=task.task_id, pod_id="p", try_number=1, kube_image="x",
                date=None, args=["true"], pod_override_object=None, scheduler_job_id="1",
                base_worker_pod=PodGenerator.deserialize_model_file(file), namespace="n",
            )
            mounts = sorted(one.name for one in pod.spec.containers[0].volume_mounts)
            print(name, task.task_id, task.queue, ",".join(mounts))
"""
    environment = airflow_environment(tmp_path / "home") | {
        "AIRFLOW__LACUNA__POD_TEMPLATES": str(FOLDER),
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        [sys.executable, "-B", "-W", "ignore", "-c", script, str(ROOT / "dags")],
        capture_output=True, check=True, cwd=tmp_path, env=environment, text=True,
    )  # fmt: skip
    assert [line for line in done.stdout.splitlines() if line.startswith("gdpr_")] == [
        "gdpr_intake take_in planner airflow,configuration,home,keys,secrets,tmp",
        "gdpr_seal seal seal airflow,configuration,home,secrets,signing,tmp",
    ]


def test_the_values_name_files_that_are_there():
    text = (FOLDER / "values.yaml").read_text("utf-8")
    values = yaml.safe_load(text)
    assert values["executor"] == "KubernetesExecutor"
    for word in text.split():
        if "docker/kubernetes/" in word:
            assert (ROOT / Path(word.rpartition("=")[2])).is_file(), word
