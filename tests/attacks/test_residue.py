"""`lacuna attack` erases people of a scratch sample and looks for them by means of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lacuna.model.attack import Attack, AttackOutcome
from lacuna.model.identity import IdentifierKind, Person
from lacuna.redaction.known_values import matcher
from lacuna_demo.scratch import attack_scratch_sample
from tests.flows.conftest import DATAMAP, Installation
from tests.flows.observation import execute

DATABASES = "select datname from pg_database where datname like 'lacuna_attack%'"
KEPT = "json_keys: [customer_since, newsletter]"


def end_of(installation: Installation, datamap: str | None = None) -> Attack:
    """Attack with another data map, if need be."""
    path = installation.stores.home / "attacked.yaml"
    path.write_text(DATAMAP.read_text("utf-8") if datamap is None else datamap, "utf-8")
    return attack_scratch_sample(replace(installation.stores, datamap_path=path))


@pytest.mark.thorough
def test_nothing_is_left_of_whom_an_attack_erases_and_nothing_of_the_attack(
    installation: Installation,
    lacuna,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    (found,) = (one for one in lacuna("attack", "--json").json if one["area"] == "residue")
    assert found["outcome"] == "held", found["found"]
    assert "of 6 people" in found["found"]
    assert list(folder.iterdir()) == []
    assert execute(installation.url, DATABASES) == []
    assert execute(installation.url, "select count(*) from lacuna.request") == [(0,)]


@pytest.mark.thorough
def test_a_map_that_keeps_an_order_number_is_found_out(attacked: Installation) -> None:
    hole = DATAMAP.read_text("utf-8").replace(KEPT, KEPT.replace("]", ", order_no]"))
    found = end_of(attacked, hole)
    assert found.outcome is AttackOutcome.SUCCEEDED
    assert "identifier in contact_center.contacts (" in found.found
    assert "identifier in contact_center.messages (" in found.found


@pytest.mark.thorough
def test_an_erasure_that_a_gate_stops_was_not_tried(
    attacked: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = matcher.entries_of

    def overlooking(one: Person, *, strict: bool) -> Iterator[object]:
        known = tuple(each for each in one.known if each.kind is not IdentifierKind.EXTERNAL_ID)
        yield from whole(replace(one, known=known), strict=strict)

    monkeypatch.setattr(matcher, "entries_of", overlooking)
    found = end_of(attacked)
    assert found.outcome is AttackOutcome.NOT_TRIED
    assert "erasures did not complete: VerificationFailed" in found.found


def test_a_map_of_another_platform_is_no_map_of_the_sample(
    attacked: Installation, tmp_path: Path
) -> None:
    helpdesk = Path(__file__).parents[1] / "datamap" / "helpdesk" / "datamap.yaml"
    found = end_of(attacked, helpdesk.read_text("utf-8"))
    assert found.outcome is AttackOutcome.NOT_TRIED
    assert found.found == "the data map is for another platform than the sample"
