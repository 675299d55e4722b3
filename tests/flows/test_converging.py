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


def share(installation: Installation, person: str, other: str) -> None:
    """Give both of them a number, and let a third one write it, beside the first one's given name."""
    third = next(one for one in quiet_people(installation.platform) if one not in (person, other))
    for one in (person, other):
        add_attributes(installation, one, {"customer_number": NUMBER})
    ((first,),) = execute(
        installation.url,
        "select first_name from contact_center.contacts where contact_id::text = %s",
        person,
    )
    say(installation, third, f"{first} {NUMBER} called.")


def common_file(installation: Installation) -> tuple[str, str]:
    return two(installation)


def common_number(installation: Installation) -> tuple[str, str]:
    person, other = quiet_people(installation.platform)[:2]
    share(installation, person, other)
    return person, other


COMMON = (common_file, common_number)


def is_done(installation: Installation, request_id: str) -> bool:
    return installation.request(request_id).state is RequestState.COMPLETED


@pytest.mark.parametrize("common", COMMON)
def test_a_plan_does_not_depend_on_who_is_planned_beside(
    installation: Installation, common
) -> None:
    person, other = common(installation)
    mine, theirs = (installation.submit_contact(one) for one in (person, other))
    assert installation.run() is None
    installation.approve(mine)

    assert installation.run() is None

    assert is_done(installation, mine)
    assert installation.request(theirs).state is RequestState.PLANNED


@pytest.mark.parametrize("common", COMMON)
def test_two_of_one_batch_are_erased_in_one_night(installation: Installation, common) -> None:
    installation.erase(*common(installation))


@pytest.mark.parametrize("common", COMMON)
def test_a_plan_that_is_made_in_a_night_knows_what_that_night_erases(
    installation: Installation, common
) -> None:
    person, other = common(installation)
    theirs = installation.submit_contact(other)
    assert installation.run() is None
    installation.approve(theirs)
    mine = installation.submit_contact(person)
    assert installation.run() is None
    assert is_done(installation, theirs)
    installation.approve(mine)

    assert installation.run() is None

    assert is_done(installation, mine)


@pytest.mark.parametrize("common", COMMON)
def test_a_plan_that_changed_says_what_and_is_made_of_what_the_night_left(
    installation: Installation, common, caplog: pytest.LogCaptureFixture
) -> None:
    person, other = common(installation)
    mine, theirs = (installation.submit_contact(one) for one in (person, other))
    assert installation.run() is None
    for one in (mine, theirs):
        installation.approve(one)
    execute(installation.url, ANOTHER_MESSAGE, person)

    assert installation.run() is not None
    assert installation.obstacle(mine) is Obstacle.PLAN_CHANGED
    assert re.search(r"contact_center\.messages[^;]*: \d+, not \d+", caplog.text)
    assert is_done(installation, theirs)
    installation.approve(mine)

    assert installation.run() is None

    assert is_done(installation, mine)
