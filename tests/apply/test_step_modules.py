"""Every kind of step has one module that carries it out, or is known to need none here."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import pytest

from lacuna import apply
from lacuna.apply.step_modules import CHANGE_NOTHING, MODULES, OF_THE_FLOW, require_modules
from lacuna.errors import PlanRefused
from lacuna.model.plan import Plan, Retain, Step
from lacuna.model.request import Level, RequestKind

PLAN = Plan("7", Level.CONTACT, (RequestKind.ERASURE,), "0", (Retain("a.b", "statistics", 1),), "")


@dataclass(frozen=True)
class Shred:
    """A kind of step that nothing carries out."""

    rows: int = 1


def test_every_kind_of_step_has_its_one_place():
    assert set(get_args(Step)) == {*MODULES, *CHANGE_NOTHING, *OF_THE_FLOW}
    assert not CHANGE_NOTHING & OF_THE_FLOW
    assert not MODULES.keys() & (CHANGE_NOTHING | OF_THE_FLOW)


BY_NAME = {module.__name__: module for module in MODULES.values()}


@pytest.mark.parametrize("name", BY_NAME)
def test_what_carries_out_a_step_is_a_module_of_the_stage(name):
    assert Path(BY_NAME[name].__file__).parent == Path(apply.__file__).parent


def test_a_plan_with_a_step_that_nothing_carries_out_is_refused():
    require_modules(PLAN)
    with pytest.raises(PlanRefused, match="7: nothing carries out steps of 1 kinds: Shred"):
        require_modules(replace(PLAN, steps=(*PLAN.steps, Shred())))
