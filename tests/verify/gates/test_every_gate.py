"""What holds for every gate over applied erasures, whichever there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from lacuna import verify
from lacuna.model.finding import Gate
from lacuna.verify import Place, Scope, check_erasures
from tests.shop import Shop
from tests.verify.gates.applied import verifying

VERIFY = Path(verify.__file__).parent
MODULES = {path.stem for path in (VERIFY / "gates").glob("*.py")} - {"__init__"}


def test_every_gate_over_erasures_runs_and_finds_nothing_where_nothing_is_asked(
    shop: Shop, media: Place
) -> None:
    with verifying(shop) as reading:
        found = dict(check_erasures(Scope((), shop.datamap, reading, [media])))
    assert set(found) == MODULES
    assert not any(found.values())


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_of_a_gate_is_named_as_the_gate(name: str) -> None:
    assert name in set(Gate)


def test_every_gate_over_erasures_says_something_of_every_request(
    shop: Shop, erasure: str, media: Place
) -> None:
    with verifying(shop) as reading:
        scope = Scope([erasure], shop.datamap, reading, [media], disputed=[erasure])
        for gate, found in check_erasures(scope):
            assert set(found) == {erasure}, gate


@pytest.mark.parametrize("gate", Gate)
def test_a_gate_finds_something_somewhere(gate: Gate) -> None:
    makes_findings = f"Gate.{gate.name}"
    # The list of gates without a module names them, and makes no finding.
    modules = set(VERIFY.rglob("*.py")) - {VERIFY / "gates" / "__init__.py"}
    assert any(makes_findings in path.read_text("utf-8") for path in modules)
