"""How a flow that fails ends on a shell: each failure once, with what to do, and the run's log."""

from __future__ import annotations

import pytest

from tests.flows.observation import execute

DRIFT = "contact_center.contacts.nickname: this column is not in the map"
FLOWS = (("run", "intake"), ("run", "fulfilment", "--json"), ("datamap", "prove"))


@pytest.fixture
def drifted(installation):
    execute(installation.url, "alter table contact_center.contacts add column nickname text")


@pytest.mark.parametrize("words", FLOWS, ids=" ".join)
def test_a_failure_is_printed_once_with_what_to_do(drifted, lacuna, caplog, words):
    done = lacuna(*words)
    assert done.code == 1
    assert done.err.count(DRIFT) == 1
    assert done.err.count("What to do: Run `lacuna datamap check`") == 1
    # Nor does the handler of all logs print it.
    assert DRIFT not in caplog.text


def test_the_log_of_the_run_is_named_once(drifted, lacuna):
    done = lacuna("run", "intake")
    assert (done.out + done.err).count("evidence/runs/intake-") == 1
