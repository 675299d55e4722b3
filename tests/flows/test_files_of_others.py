"""A file that belongs to somebody else names an erased person: it is found before anything changes."""

from __future__ import annotations

import io
import zipfile

import pytest

from lacuna.model.queue import Obstacle
from lacuna.model.run import Role
from tests.flows.conftest import Installation
from tests.flows.observation import execute, quiet_people
from tests.pdf_files import pdf_file, shown

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
    return pdf_file([shown(text)])


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


def another_attachment(installation: Installation, like: object, path: str) -> object:
    """Attach one more file to the message that an attachment is of; return its number."""
    ((number,),) = execute(
        installation.url,
        "insert into contact_center.attachments select r.* from contact_center.attachments a, "
        "lateral jsonb_populate_record(null::contact_center.attachments, to_jsonb(a) || "
        "jsonb_build_object('attachment_id', (select max(attachment_id) + 1 "
        "from contact_center.attachments), 'uri', %s::text)) r where a.attachment_id = %s "
        "returning attachment_id",
        path,
        like,
    )
    return number


@pytest.mark.thorough
def test_binary_files_of_a_neighbor_that_name_the_person_go_with_them(
    installation: Installation,
) -> None:
    """In what they hold, whatever it is packed in, or by what they are called; another one stays."""
    person = quiet_people(installation.platform)[0]
    email = email_of(installation, person)
    media = installation.stores.home / "media"
    path, number = attachment_of_a_neighbor(installation, person)
    said = f"Signed for {email} today."
    files = {
        "attachments/packed.bin": zipped(said),
        "attachments/printed.bin": as_pdf(said),
        "attachments/plain.bin": said.encode(),
        f"attachments/for {email}.bin": (media / path).read_bytes(),
    }
    numbers = {}
    for name, content in files.items():
        numbers[name] = another_attachment(installation, number, name)
        (media / name).write_bytes(content)

    (request_id,) = installation.erase(person)

    with installation.stores.transaction(Role.PLANNER) as transaction:
        shown = transaction.queue.plans.get(request_id).readable
    assert "; rows of others that lose one: contact_center.attachments (4 rows)\n" in shown
    assert [name for name in files if (media / name).exists()] == []
    uri = "select uri from contact_center.attachments where attachment_id = %s"
    left = {name: execute(installation.url, uri, one) for name, one in numbers.items()}
    assert left == {name: [(None,)] for name in files}
    assert (media / path).exists()
    assert execute(installation.url, uri, number) == [(path,)]


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
    assert "after a change of the map, first run lacuna up" in said
    waiting.unlink()
    assert installation.run() is None
