"""The log of a task that failed ends with why it failed and what to do, and quotes no row."""

from __future__ import annotations

import pytest

from lacuna.errors import VerificationFailed
from lacuna.flows import sweep
from tests.dags.test_runs import CANARY, execute, quote_a_row
from tests.poison import poison

pytestmark = pytest.mark.airflow


@pytest.fixture
def last_lines(airflow, caplog):
    """Run a flow; return, by task, the last line of each that failed."""

    def read(dag_id: str) -> list[str]:
        caplog.clear()
        assert airflow.run(dag_id).is_red
        said = [one for one in caplog.records if one.name == "gdpr_dpo_page"]
        return [one.getMessage() for one in said if one.levelname == "ERROR"]

    return read


@pytest.mark.thorough
def test_it_names_the_request_and_the_obstacle(airflow, installation, last_lines):
    contact = installation.platform.demo.forget
    request_id = installation.submit_contact(contact)
    assert not airflow.run("gdpr_fulfilment").is_red
    installation.approve(request_id)
    execute(installation, poison())
    lines = last_lines("gdpr_fulfilment")
    number = installation.request(request_id).number
    assert len(lines) == 2, "of `conclude` and of `verdict`"
    for line in lines:
        assert f"1 of 1 requests failed. {number}: apply failed (" in line
        assert line.endswith(f".\nWhat to do: {VerificationFailed.what_to_do()}")
        assert not [one for one in installation.platform.people[contact].emails if one in line]


def test_of_an_error_that_is_not_ours_it_has_the_class_alone(
    airflow, installation, last_lines, monkeypatch
):
    def end(*given: object) -> None:
        raise SystemExit(CANARY)

    monkeypatch.setattr(sweep, "run", end)
    assert set(last_lines("gdpr_sweep")) == {
        "SystemExit: a person, a limit of time or Airflow itself ended the task.\n"
        "What to do: Run the flow again; it goes on with what is left."
    }


def test_a_package_of_another_version_is_told_by_its_module(airflow):
    from gdpr_dpo_page import last_line

    error = ImportError(f"cannot import name {CANARY}", name="pyarrow.lib")
    assert last_line(error) == (
        "ImportError: pyarrow.lib cannot be imported.\nWhat to do: Install the versions of "
        "requirements-image.lock in the workers' environment, then run again."
    )


def test_an_error_of_other_code_is_told_by_its_place(
    airflow, installation, last_lines, monkeypatch
):
    monkeypatch.setattr(sweep, "run", quote_a_row)
    lines = last_lines("gdpr_sweep")
    assert all(line.startswith("ValueError at a place outside the package; ") for line in lines)
    assert len(lines) == 3, "each try"
    assert CANARY not in "".join(lines)
