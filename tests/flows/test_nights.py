"""A whole night is killed at moments drawn with a seed; the next one ends it as if nothing had been."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from lacuna.errors import PipelineError
from lacuna.flows import fulfilment, reporting, seal, sweep
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode
from tests.flows.conftest import Installation
from tests.flows.crashes import Bench, bench_of, installing, queue_both_rights

SEED = 20_260_401
MOMENTS = 60
FLOWS = (fulfilment, sweep, reporting, seal)


def night(installation: Installation) -> PipelineError | None:
    """Run the flows of a night; the first one that is red ends it."""
    for flow in FLOWS:
        # Legacy tables count what was cut out of this sample: none of their drops is approved.
        approval = ApprovalMode.MANUAL if flow is reporting else ApprovalMode.AUTO
        if error := installation.run(flow, approval=approval):
            return error
    return None


@pytest.fixture(scope="module")
def nights(template_database, session_folder, tmp_path_factory) -> Iterator[Bench]:
    """A night with rights to fulfil, text to sweep, periods to publish and a ledger to seal."""

    def start(installation: Installation) -> list[str]:
        for rule in known_rules(installation.stores):
            if not rule.name.startswith("drop_"):
                approve_rule(installation.stores, (rule.name, rule.digest, None), "dpo:0000test")
        return [queue_both_rights(installation)]

    # Enough people for a period to be published.
    sample = installing(template_database, session_folder, 106)
    folder = tmp_path_factory.mktemp("night")
    with bench_of(
        start, sample, template_database, folder, night, is_one_transaction=False
    ) as bench:
        yield bench


def moments(bench: Bench, count: int) -> list[int]:
    """Return points drawn with a seed, spread over the night."""
    draw = random.Random(SEED)
    each = len(bench.points) / count
    return [1 + int((number + draw.random()) * each) for number in range(count)]


@pytest.mark.long
def test_a_night_that_was_killed_ends_as_an_undisturbed_one(nights):
    """One moment of it. By themselves the flows are killed by shorter tests: a fulfilment and a sweep
    by `test_crash`, a seal by `test_a_seal_that_died_is_finished_over_what_it_began_with`, and a
    publication by `test_a_run_that_is_stopped_goes_on_where_it_was`."""
    assert nights.end.rows != nights.before[0]
    assert {state for state, _ in nights.end.states.values()} == {RequestState.COMPLETED}
    assert nights.end.periods
    (at,) = moments(nights, 1)
    nights.survives(at)


@pytest.mark.long
def test_a_night_may_be_killed_at_sixty_moments(nights):
    for at in moments(nights, MOMENTS):
        nights.survives(at)
