"""A file that belongs to somebody else names an erased person: it is found before anything changes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from lacuna.model.queue import Obstacle
from tests.flows.conftest import Installation
from tests.flows.observation import execute, quiet_people

ATTACHED = (
    "select a.uri, a.attachment_id from contact_center.attachments a "
    "join contact_center.messages m using (message_id) "
    "join contact_center.conversations c using (conversation_id) "
    "where c.requester_id::text = %s and a.uri not like '%%.txt' order by 2 limit 1"
)


def zipped(text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("note.txt", text)
    return packed.getvalue()


def as_pdf(text: str) -> bytes:
    return b"%PDF-1.7\n\x00\x01\xff\xfe /Author (" + text.encode() + b")\n%%EOF\n"


def attachment_of_a_neighbor(installation: Installation, person: str) -> tuple[str, object]:
    """Return path and number of a binary attachment of somebody else of the tenant."""
    for other in quiet_people(installation.platform):
        if other != person and (rows := execute(installation.url, ATTACHED, other)):
            return str(rows[0][0]), rows[0][1]
    raise AssertionError("nobody has a binary attachment")


def email_of(installation: Installation, person: str) -> str:
    ((email,),) = execute(
        installation.url,
        "select email from contact_center.contacts where contact_id::text = %s",
        person,
    )
    return str(email)


@pytest.mark.parametrize("packed", [zipped, as_pdf, str.encode])
def test_a_binary_file_of_a_neighbor_that_names_the_person_goes_with_them(
    installation: Installation, packed: Callable[[str], bytes]
) -> None:
    person = quiet_people(installation.platform)[0]
    path, number = attachment_of_a_neighbor(installation, person)
    file = installation.stores.home / "media" / path
    file.write_bytes(packed(f"Signed for {email_of(installation, person)} today."))

    installation.erase(person)

    assert not file.exists()
    left = "select uri from contact_center.attachments where attachment_id = %s"
    assert execute(installation.url, left, number) == [(None,)]


def test_a_file_of_a_neighbor_whose_name_is_the_persons_goes_with_them(
    installation: Installation,
) -> None:
    person = quiet_people(installation.platform)[0]
    path, number = attachment_of_a_neighbor(installation, person)
    email = email_of(installation, person)
    named = f"attachments/for {email}.bin"
    media = installation.stores.home / "media"
    (media / path).rename(media / named)
    execute(
        installation.url,
        "update contact_center.attachments set uri = %s where attachment_id = %s",
        named,
        number,
    )

    installation.erase(person)

    assert not (media / named).exists()


def test_a_file_in_which_nobody_is_expected_refuses_the_plan(installation: Installation) -> None:
    person = quiet_people(installation.platform)[0]
    email = email_of(installation, person)
    waiting = installation.stores.home / "mail" / "waiting.eml"
    waiting.write_bytes(f"Subject: hello\nFrom: {email}\n\nWho are you?\n".encode())
    request_id = installation.submit_contact(person)

    assert installation.run() is not None

    assert installation.obstacle(request_id) == Obstacle.MENTION_REFUSED
    said = str(installation.errors[-1].__cause__ or installation.errors[-1])
    assert email not in said
    waiting.unlink()
    assert installation.run() is None
