"""An erasure ends green, and takes out what only a decoder reads: hashes, packed and encoded values."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Callable

import pytest

from lacuna.model.queue import Obstacle
from tests.flows.conftest import Installation
from tests.flows.observation import execute, quiet_people
from tests.flows.test_known_values import add_attributes, say, text_of
from tests.redaction.test_encodings import DIGESTS, FORMS


def email_of(installation: Installation, contact_id: str) -> str:
    ((email,),) = execute(
        installation.url,
        "select lower(email) from contact_center.contacts where contact_id::text = %s",
        contact_id,
    )
    return str(email)


def put_html(installation: Installation, contact_id: str, said: str) -> None:
    execute(
        installation.url,
        "update contact_center.messages set body_html = coalesce(body_html, '<p>') || %s || '</p>' "
        "where message_id = (select min(message_id) from contact_center.messages m "
        "join contact_center.conversations c using (conversation_id) "
        "where c.requester_id::text = %s)",
        said,
        contact_id,
    )


def put_member(installation: Installation, contact_id: str, said: str) -> None:
    # A member that stays in a row of somebody's own.
    add_attributes(installation, contact_id, {"customer_since": said})


def put_list(installation: Installation, contact_id: str, said: str) -> None:
    add_attributes(installation, contact_id, {"newsletter": ["none", *said.split(APART)]})


# What hides one value is not read together with what hides the next.
APART = f"\n\n{'and so on, ' * 40}and\n\n"


@pytest.mark.thorough
def test_an_erasure_takes_out_every_form_that_the_gate_decodes(installation: Installation) -> None:
    """Those of an address, in own rows and in those of others; `test_encodings` has the other classes."""
    person, other = quiet_people(installation.platform)[:2]
    email = email_of(installation, person)
    said = APART.join(form(email) for form in (*FORMS.values(), *DIGESTS.values()))
    for one in (person, other):
        say(installation, one, said)
        put_html(installation, one, said)
    put_member(installation, other, said)
    put_list(installation, other, said)

    installation.erase(person)


@pytest.mark.thorough
def test_a_hash_and_a_packed_address_are_covered_whole_and_what_is_round_them_stays(
    installation: Installation,
) -> None:
    person, other = quiet_people(installation.platform)[:2]
    email = email_of(installation, person)
    packed = base64.b64encode(gzip.compress(f"Hello {email}".encode(), mtime=0)).decode()
    hashed = hashlib.new("md5", email.encode(), usedforsecurity=False).hexdigest()
    said = f"by {email.encode().hex()}, or {hashed} - then {packed}, thanks"
    theirs = say(installation, other, said)

    installation.erase(person)

    assert text_of(installation, theirs).endswith("by [EMAIL], or [EMAIL] - then [EMAIL], thanks")


LISTED = {
    "phones": ["+45 22 39 45 58 (home)", "mobile: 22394668", "work 22 39 46 78, after six"],
    "reach": "best by fuglsang.inline88@example.org in the evening",
}


@pytest.mark.thorough
def test_a_number_with_a_word_beside_it_in_a_list_goes_from_texts(
    installation: Installation,
) -> None:
    person, other = quiet_people(installation.platform)[:2]
    add_attributes(installation, person, LISTED)
    said = "call 22 39 45 58 or 22394668, or 22 39 46 78; fuglsang.inline88@example.org"
    own, theirs = (say(installation, one, said) for one in (person, other))

    installation.erase(person)

    said = ("45 58", "4668", "46 78", "inline88")
    assert [one for one in said if one in text_of(installation, own)] == []
    assert "45 58" not in text_of(installation, theirs)


@pytest.mark.parametrize("write", [str, FORMS["hexadecimal"], lambda one: f"since 2019, by {one}"])
def test_a_value_in_a_member_that_stays_is_refused_before_anything_is_changed(
    installation: Installation, caplog: pytest.LogCaptureFixture, write: Callable[[str], str]
) -> None:
    person = quiet_people(installation.platform)[0]
    email = email_of(installation, person)
    put_member(installation, person, write(email))
    request_id = installation.submit_contact(person)

    assert installation.run() is not None

    assert installation.obstacle(request_id) is Obstacle.MENTION_REFUSED
    assert "contact_center.contacts.custom_attributes in 1 row;" in caplog.text
    assert email not in caplog.text
