"""People of one batch who have something in common: a plan is not made twice for what the batch itself does."""

from __future__ import annotations

import re

import pytest

from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from tests.flows.conftest import Installation
from tests.flows.observation import execute, quiet_people
from tests.flows.test_ends import ANOTHER_MESSAGE
from tests.flows.test_files_of_others import ATTACHED, email_of
from tests.flows.test_known_values import add_attributes, say

NUMBER = "KD-2291-7704"


def two(installation: Installation) -> tuple[str, str]:
    """Return two people; a file of the second one names the first."""
    people = quiet_people(installation.platform)
    other = next(one for one in people if execute(installation.url, ATTACHED, one))
    person = next(one for one in people if one != other)
    ((path, _),) = execute(installation.url, ATTACHED, other)
    file = installation.stores.home / "media" / str(path)
    file.write_bytes(f"Signed for {email_of(installation, person)} today.".encode())
    return person, other


def share(installation: Installation, person: str, other: str, third: str) -> None:
    """Give both of them a number, and let a third one write it, beside the first one's given name."""
    for one in (person, other):
        add_attributes(installation, one, {"customer_number": NUMBER})
    ((first,),) = execute(
        installation.url,
        "select first_name from contact_center.contacts where contact_id::text = %s",
        person,
    )
    say(installation, third, f"{first} {NUMBER} called.")


def pairs(installation: Installation) -> list[tuple[str, str]]:
    """Return two people who have a file in common, and two who have a number in common."""
    first = two(installation)
    left = [one for one in quiet_people(installation.platform) if one not in first]
    share(installation, left[0], left[1], left[2])
    return [first, (left[0], left[1])]


def is_done(installation: Installation, request_id: str) -> bool:
    return installation.request(request_id).state is RequestState.COMPLETED


@pytest.mark.thorough
def test_a_plan_does_not_depend_on_who_is_planned_beside(installation: Installation) -> None:
    ids = [[installation.submit_contact(one) for one in pair] for pair in pairs(installation)]
    assert installation.run() is None
    for mine, _ in ids:
        installation.approve(mine)

    assert installation.run() is None

    for mine, theirs in ids:
        assert is_done(installation, mine)
        assert installation.request(theirs).state is RequestState.PLANNED


@pytest.mark.thorough
def test_two_of_one_batch_are_erased_in_one_night(installation: Installation) -> None:
    installation.erase(*(one for pair in pairs(installation) for one in pair))


@pytest.mark.thorough
def test_a_plan_that_is_made_in_a_night_knows_what_that_night_erases(
    installation: Installation,
) -> None:
    found = pairs(installation)
    theirs = [installation.submit_contact(other) for _, other in found]
    assert installation.run() is None
    for one in theirs:
        installation.approve(one)
    mine = [installation.submit_contact(person) for person, _ in found]
    assert installation.run() is None
    assert all(is_done(installation, one) for one in theirs)
    for one in mine:
        installation.approve(one)

    assert installation.run() is None

    assert all(is_done(installation, one) for one in mine)


@pytest.mark.thorough
def test_a_plan_that_changed_says_what_and_is_made_of_what_the_night_left(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    found = pairs(installation)
    ids = [[installation.submit_contact(one) for one in pair] for pair in found]
    assert installation.run() is None
    for (person, _), pair in zip(found, ids, strict=True):
        for one in pair:
            installation.approve(one)
        execute(installation.url, ANOTHER_MESSAGE, person)

    assert installation.run() is not None
    said = re.findall(r"contact_center\.messages[^;]*: \d+, not \d+", caplog.text)
    assert len(said) >= len(ids)
    for mine, theirs in ids:
        assert installation.obstacle(mine) is Obstacle.PLAN_CHANGED
        assert is_done(installation, theirs)
        installation.approve(mine)

    assert installation.run() is None

    assert all(is_done(installation, mine) for mine, _ in ids)
