"""`apply/step_modules.py` names the module that really carries out each kind of step."""

from __future__ import annotations

import pytest

from lacuna.apply.step_modules import MODULES
from lacuna.model.request import RequestKind, RequestState
from tests.flows.observation import quiet_people
from tests.flows.step_makers import MAKERS, named_modules, traced


def test_each_kind_of_step_has_an_effect_that_is_watched():
    assert set().union(*MAKERS.values()) == MODULES.keys()


@pytest.mark.thorough
@pytest.mark.usefixtures("discreet")
@pytest.mark.parametrize(
    "sizes", [{}, {"whole_rows": 1, "portion_rows": 5}], ids=["at once", "parts"]
)
def test_the_module_that_is_named_is_the_one_at_work(installation, monkeypatch, sizes):
    """An erasure, a correction with copies and a restriction, rows at once and in portions."""
    quiet = quiet_people(installation.platform)
    ids = [
        installation.submit_contact(installation.platform.demo.forget),
        installation.submit_contact(
            quiet[0],
            kinds=(RequestKind.RECTIFICATION,),
            rectifications={"email": "corrected.address@example.org"},
        ),
        installation.submit_contact(quiet[1], kinds=(RequestKind.RESTRICTION,)),
    ]
    found = traced(monkeypatch)
    assert installation.run(**sizes) is None
    for request_id in ids:
        if installation.request(request_id).state is RequestState.PLANNED:
            installation.approve(request_id)
    assert installation.run(**sizes) is None
    elsewhere = {
        "KeptFiles.named_in",  # test_kept_files.py
        "PlatformChanges.make_tombstone",  # test_tombstone.py
    }
    named = {maker: modules for maker, modules in named_modules().items() if maker not in elsewhere}
    assert {maker: found[maker] for maker in named} == named
