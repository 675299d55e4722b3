"""Figures reach a StatsD server through Airflow's own statistics, and name nobody."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from lacuna.errors import DependencyUnreachable
from lacuna.flows.run.figures import MEANINGS
from lacuna.model.run import StepLine
from lacuna.stores.run_log import FileRunLog
from tests.flows.observation import execute

pytestmark = pytest.mark.airflow


class Sink:
    """A StatsD server: it keeps what comes in by UDP on the loopback interface."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.port = self._socket.getsockname()[1]

    def gauges(self) -> dict[str, float]:
        """Return name and value of every gauge of ours that has come in, the newest one each."""
        found = {}
        try:
            while True:
                packet = self._socket.recv(65536).decode("ascii")
                for name, value in re.findall(r"airflow\.(lacuna\.[\w.]+):(-?[\d.]+)\|g", packet):
                    found[name] = float(value)
        except TimeoutError:
            return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def sink(airflow, monkeypatch) -> Iterator[Sink]:
    """Airflow's statistics turned on, as the process of a task does from the configuration."""
    from airflow.sdk._shared.observability.metrics import stats as shared
    from airflow.sdk.observability import stats
    from airflow.sdk.observability.metrics import stats_utils

    server = Sink()
    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_HOST", "127.0.0.1")
    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_PORT", str(server.port))
    stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=False)
    yield server
    shared._get_backend().statsd.close()
    monkeypatch.setenv("AIRFLOW__METRICS__STATSD_ON", "False")
    stats.initialize(factory=stats_utils.get_stats_factory(), export_legacy_names=False)
    server.close()


@pytest.mark.thorough
def test_figures_are_sent_when_a_task_has_ended(airflow, installation, sink):
    request_id = installation.submit_contact(installation.platform.demo.forget)
    assert airflow.run("gdpr_fulfilment").state == "success"
    found = sink.gauges()
    assert found["lacuna.requests.open"] == found["lacuna.requests.to_approve"] == 1
    assert found["lacuna.requests.oldest_due_seconds"] > 0
    assert found["lacuna.run.failures.gdpr_fulfilment"] == 0
    assert found["lacuna.run.seconds.gdpr_fulfilment"] > 0
    assert not [name for name in found if "per_second" in name], "nothing was changed yet"
    installation.approve(request_id)
    assert airflow.run("gdpr_fulfilment").state == "success"
    found |= sink.gauges()
    assert found["lacuna.requests.open"] == 0
    assert found["lacuna.run.rows_per_second.gdpr_fulfilment"] > 0
    # Recordings of theirs were deleted.
    assert found["lacuna.run.bytes_per_second.gdpr_fulfilment"] > 0
    assert {name.removesuffix(".gdpr_fulfilment") for name in found} <= set(MEANINGS)


def test_a_red_task_is_measured_too(airflow, installation, sink):
    installation.submit_contact(installation.platform.demo.forget)
    execute(
        installation.url,
        "update lacuna.request set due_at = now() - interval '1 day', alarm_at = null",
    )
    assert airflow.run("gdpr_deadlines").state == "failed"
    found = sink.gauges()
    assert found["lacuna.requests.overdue"] == 1
    assert found["lacuna.run.failures.gdpr_deadlines"] > 0


def test_figures_that_cannot_be_read_fail_no_task(airflow, installation, sink, monkeypatch):
    def unreadable(self: FileRunLog, run_id: str) -> tuple[StepLine, ...]:
        raise DependencyUnreachable("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(FileRunLog, "read", unreadable)
        assert airflow.run("gdpr_deadlines").state == "success"
    assert sink.gauges() == {}


def test_nothing_is_read_where_nothing_is_sent(airflow, installation, monkeypatch):
    from lacuna.flows.run import figures

    monkeypatch.setattr(figures, "standing", None)
    assert airflow.run("gdpr_deadlines").state == "success"
