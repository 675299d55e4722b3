"""What requesters read at the end: what was done, what stays and why, and how to open their copy."""

from __future__ import annotations

from datetime import UTC

import pytest

from lacuna.model.request import RequestState
from tests.flows.correspondence import Post, requests, text_of
from tests.flows.holding import caller_of, held_until, hold
from tests.flows.observation import execute, people_named, quiet_people
from tests.media_stores import empty


@pytest.fixture
def installation(little):
    """An installation with an empty mailbox."""
    empty(little.stores.home / "mail")
    return little


@pytest.fixture
def post(installation):
    return Post(installation)


def last_letter(installation, post) -> str:
    post.take()
    return " ".join(text_of(post.letters()[-1]).split())


def written_by(installation, contact: str, post, text: str) -> str:
    """Let a person ask for something by a mail that is believed; return the request's id."""
    person = installation.platform.people[contact]
    post.write(person.emails[0], f"{text} Customer number {person.external_ids[0]}.", vouched=True)
    post.take()
    return requests(installation)[-1].request_id


@pytest.mark.thorough
def test_who_is_erased_reads_what_is_kept_for_backups(installation, post):
    contact = quiet_people(installation.platform)[0]
    request_id = written_by(installation, contact, post, "Please delete all my data.")
    assert installation.run() is None
    installation.approve(request_id)
    assert installation.run() is None
    text = last_letter(installation, post)
    assert "We have erased your personal data." in text
    assert "we keep your identifiers in encrypted form for 35 days" in text
    assert "for now" not in text
    assert "belong to other people" not in text
    assert people_named(installation.platform, [("a letter", text)]) == set()


@pytest.mark.thorough
def test_what_a_hold_keeps_is_named_with_its_ground_and_its_end(installation, post):
    request_id = written_by(
        installation, caller_of(installation), post, "Please delete all my data."
    )
    until = held_until()
    hold(installation, request_id, until)
    assert installation.run() is None
    installation.approve(request_id)
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED
    text = last_letter(installation, post)
    assert "We have carried out part of your request of" in text
    assert (
        f"Until {until.day} {until:%B} {until.year} we keep data that we process for this purpose: "
        "Hear and answer the messages that callers leave on the answering machine. We need the data "
        "to establish, exercise or defend legal claims. Legal basis: Article 17(3)(e) GDPR."
    ) in text
    assert "you can lodge a complaint with the supervisory authority" in text
    assert "Datatilsynet, Carl Jacobsens Vej 35, 2500 Valby, Denmark (https://" in text


def test_a_copy_comes_with_when_it_is_deleted_and_how_it_is_opened(installation, post):
    contact = quiet_people(installation.platform)[0]
    written_by(installation, contact, post, "Please send me a copy of my data.")
    assert installation.run() is None
    ((expires,),) = execute(installation.url, "select expires_at from lacuna.bundle")
    text = last_letter(installation, post)
    assert "We have prepared a copy of your data" in text
    day = expires.astimezone(UTC)
    assert f"We keep the file until {day.day} {day:%B} {day.year}." in text
    assert "Open README.html in a browser." in text
