"""XCom takes identifiers and counts; personal data stops at its door."""

import hashlib
import importlib
import inspect
import uuid

import pytest

from lacuna.flows.run import edge
from scripts.local_airflow import ROOT

PLUGIN = ROOT / "plugins" / "gdpr_dpo_page.py"
CANARY = "canary-7f3a@example.org"


@pytest.fixture
def ids_only(airflow):
    # Airflow puts the folder of plugins on the path.
    return importlib.import_module("gdpr_dpo_page").IdsOnly


def test_airflow_uses_it(airflow, ids_only):
    from airflow.sdk.execution_time.xcom import XCom

    # Airflow loads a plugin's file a second time, so the classes are two of one name.
    assert (XCom.__module__, XCom.__qualname__) == ("gdpr_dpo_page", "IdsOnly")
    assert inspect.getfile(XCom) == inspect.getfile(ids_only) == str(PLUGIN)


@pytest.mark.parametrize(
    "value",
    [
        str(uuid.uuid5(uuid.NAMESPACE_DNS, "example.org")),
        hashlib.sha256(b"plan").hexdigest(),
        0,
        9_999_999,
        True,
        [],
        [str(uuid.uuid5(uuid.NAMESPACE_DNS, "example.org")), 3, False],
    ],
)
def test_identifiers_counts_and_digests_pass(ids_only, value):
    assert ids_only.deserialize_value(_stored(ids_only.serialize_value(value))) == value


@pytest.mark.parametrize(
    "value",
    [
        CANARY,
        "Ada",
        "",
        4_512_345_678,  # a telephone number
        -1,
        1.5,
        None,
        b"ada",
        (1, 2),
        {"request_id": 1},
        [1, CANARY],
        [[1]],
        uuid.uuid5(uuid.NAMESPACE_DNS, "example.org"),
        hashlib.sha256(b"plan").hexdigest() + "\n",
        hashlib.md5(b"ada", usedforsecurity=False).hexdigest(),
        str(uuid.uuid5(uuid.NAMESPACE_DNS, "example.org")).upper(),
    ],
)
def test_nothing_else_passes_and_the_refusal_does_not_quote_it(ids_only, value):
    with pytest.raises(ValueError, match="XCom refused a value") as caught:
        ids_only.serialize_value(value, key="return_value", task_id="plan")
    assert str(value) == "" or str(value) not in str(caught.value)


def test_why_a_task_failed_passes_and_no_other_text_of_the_same_words(ids_only):
    said = "claim: the map does not fit"
    assert (
        ids_only.deserialize_value(_stored(ids_only.serialize_value(edge.Explanation(said))))
        == said
    )
    with pytest.raises(ValueError, match="XCom refused a value"):
        ids_only.serialize_value(said)
    with pytest.raises(ValueError, match="XCom refused a value"):
        ids_only.serialize_value([CANARY, edge.Explanation(said)])


def test_a_task_that_returns_personal_data_fails_and_leaves_none(
    airflow, traces, monkeypatch, capfd
):
    monkeypatch.setattr(edge, "run_stage", lambda *given: CANARY)
    run = airflow.run("gdpr_sweep")
    output = "".join(capfd.readouterr())
    assert run.tasks == {"sweep": "failed"}
    assert "XCom refused a value" in output
    assert CANARY not in output
    assert traces(CANARY) == []


def _stored(serialized):
    """Wrap a value as it comes back from Airflow's database."""
    from types import SimpleNamespace

    return SimpleNamespace(value=serialized)
