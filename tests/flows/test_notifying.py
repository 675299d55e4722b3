"""Recipients are told of an erasure: by webhook or mail, once, with a receipt, or on a list."""

from __future__ import annotations

import base64
import email
import json
import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import policy
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from lacuna.errors import DeadlinePassed
from lacuna.evidence import read_keys
from lacuna.flows import deadlines, intake
from lacuna.flows.run.installation_keys import read_public_keys, work_keys_folder
from lacuna.model.evidence import Action
from lacuna.model.notice import NoticeState
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Role
from tests.flows.observation import quiet_people, values_of
from tests.media_stores import empty


@dataclass
class Recipient:
    """A recipient's server: what it was sent, and what it answers."""

    status: int = 200
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def recipient():
    known = Recipient()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            known.posts.append(({name.lower(): text for name, text in self.headers.items()}, body))
            self.send_response(known.status)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *said: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_port}/erasure?from=lacuna"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield known
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def installation(little, recipient, tmp_path):
    """An installation that disclosed contacts of one tenant to two recipients."""
    path = tmp_path / "datamap.yaml"
    path.write_text(
        little.stores.datamap_path.read_text("utf-8")
        + f"""
notify:
  mailing_house:
    name: The mailing house
    webhook: {recipient.url}
    reference: external_id
    tenants: [fjordlys]
  survey:
    name: The survey institute
    email: privacy@survey.example.net
    reference: email
    tenants: [fjordlys]
    within_days: 14
  elsewhere:
    name: Somebody who got other people's data
    email: privacy@elsewhere.example.net
    reference: email
    tenants: [hafenkontor]
""",
        "utf-8",
    )
    little.stores = replace(little.stores, datamap_path=path)
    empty(little.stores.home / "mail")
    return little


@pytest.fixture
def erased(installation):
    """The values of a person who was erased, and their request."""
    contact_id = quiet_people(installation.platform)[0]
    person = installation.platform.people[contact_id]
    values = values_of(person)
    request_id = installation.submit_contact(contact_id)
    installation.run()
    installation.approve(request_id)
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED
    return person, values, request_id


class Clock:
    """A clock that was put forward."""

    def __init__(self, clock, by: timedelta) -> None:
        self._clock, self._by = clock, by

    def now(self):
        return self._clock.now() + self._by


def notices(installation) -> dict:
    with installation.stores.transaction(Role.PLANNER) as transaction:
        return {one.recipient: one for one in transaction.notices.notices()}


def put_forward(installation, by: timedelta) -> None:
    installation.stores = replace(installation.stores, clock=Clock(installation.stores.clock, by))


@pytest.mark.thorough
def test_each_recipient_is_told_once_by_what_it_knows_and_nothing_else(
    installation, recipient, erased
):
    person, values, request_id = erased
    assert set(notices(installation)) == {"mailing_house", "survey"}
    assert installation.run(intake) is None
    assert installation.run(intake) is None
    ((headers, body),) = recipient.posts
    told = json.loads(body)
    assert told["person"] == {
        "kind": "external_id",
        "references": sorted(person.external_ids),
    }
    assert told["request_id"] == request_id
    others = [one for one in values if one not in person.external_ids]
    assert [one for one in others if one in body.decode()] == []
    (key,) = read_keys(read_public_keys(work_keys_folder(installation.stores.home)))
    signed = b".".join(
        (headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body)
    )
    kind, _, signature = headers["webhook-signature"].partition(",")
    assert kind == "v1a"
    key.key.verify(base64.b64decode(signature), signed)
    (path,) = (installation.stores.home / "outbox").glob("*.eml")
    letter = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert letter["To"] == "privacy@survey.example.net"
    said = letter.get_content()
    assert all(one in said for one in person.emails)
    assert [one for one in values if one not in person.emails and one in said] == []
    ended = notices(installation)
    assert {one.state for one in ended.values()} == {NoticeState.TOLD}
    assert ended["mailing_house"].receipt.startswith("http 200 ")
    assert ended["survey"].receipt == "mail"
    # Whom it was about is wiped with the receipt.
    assert [one.content for one in ended.values()] == [None, None]
    with installation.stores.transaction(Role.PLANNER) as transaction:
        entries = [leaf.entry for leaf in transaction.ledger.leaves(request_id=request_id)]
    locations = [one.location for one in entries if one.action is Action.RECIPIENT_TOLD]
    assert sorted(locations) == ["recipient/mailing_house", "recipient/survey"]
    assert installation.run(deadlines) is None


@pytest.mark.thorough
def test_who_does_not_answer_is_tried_again_then_given_up_and_stays_on_a_list(
    installation, recipient, erased
):
    recipient.status = 503
    # One that is not in the map any more can be told by a person alone.
    path = installation.stores.datamap_path
    path.write_text(path.read_text("utf-8").replace("  survey:", "  renamed:"), "utf-8")
    assert installation.run(intake) is not None
    found = notices(installation)
    assert (found["survey"].state, found["survey"].attempts) == (NoticeState.ABANDONED, 1)
    waiting = found["mailing_house"]
    assert (waiting.state, waiting.attempts) == (NoticeState.PENDING, 1)
    assert installation.run(intake) is None
    assert len(recipient.posts) == 1, "not before the time of the next try"
    # The ids stay the same, so that who took it before an answer was lost takes it once.
    for _ in range(10):
        put_forward(installation, timedelta(days=1, minutes=1))
        assert installation.run(intake) is None
    assert len({headers["webhook-id"] for headers, _ in recipient.posts}) == 1
    put_forward(installation, timedelta(days=1, minutes=1))
    assert installation.run(intake) is not None, "the run that gives a recipient up is red"
    given_up = notices(installation)["mailing_house"]
    assert (given_up.state, given_up.attempts) == (NoticeState.ABANDONED, 12)
    with installation.stores.transaction(Role.PLANNER) as transaction:
        late = transaction.notices.overdue(installation.stores.clock.now())
        assert [one.recipient for one in late] == ["mailing_house", "survey"]
    assert isinstance(installation.run(deadlines), DeadlinePassed)


@pytest.mark.parametrize(
    "fields",
    [
        "",
        "    fields: [last_name, city]\n",
        "    fields: [display_name]\n",
        "    fields: [city]\n",
    ],
)
def test_a_correction_is_told_to_whoever_got_the_field_with_its_value_if_the_map_says_so(
    installation, recipient, fields
):
    path = installation.stores.datamap_path
    text = path.read_text("utf-8")
    path.write_text(
        text.replace(
            "    tenants: [fjordlys]\n  survey:", f"    tenants: [fjordlys]\n{fields}  survey:"
        ),
        "utf-8",
    )
    contact_id = quiet_people(installation.platform)[0]
    person = installation.platform.people[contact_id]
    request_id = installation.submit_contact(
        contact_id,
        kinds=(RequestKind.RECTIFICATION,),
        rectifications={"last_name": "Nyenavn-Lindqvist"},
    )
    assert installation.run() is None
    installation.approve(request_id)
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED
    assert installation.run(intake) is None
    if "city]" in fields and "last_name" not in fields:
        assert recipient.posts == []
    else:
        ((_, body),) = recipient.posts
        told = json.loads(body)
        assert told["type"] == "rectification"
        assert told["person"]["references"] == sorted(person.external_ids)
        # The full name was corrected with it.
        full = person.full_name.rpartition(" ")[0] + " Nyenavn-Lindqvist"
        new = {"last_name": "Nyenavn-Lindqvist", "display_name": full}
        assert told["corrected"] == {
            name: value if fields else None
            for name, value in new.items()
            if not fields or name in fields
        }
        assert "corrected_at" in told
    (letter_path,) = (installation.stores.home / "outbox").glob("*.eml")
    said = email.message_from_bytes(letter_path.read_bytes(), policy=policy.default).get_content()
    # The other recipient's entry names no fields: it asks for the value.
    assert "last_name: please ask us" in said
    assert "Nyenavn" not in said
    assert all(one in said for one in person.emails)
    assert max(map(len, said.splitlines())) <= 100
    assert [one.content for one in notices(installation).values()] == [None] * (
        1 if fields.strip() == "fields: [city]" else 2
    )


@pytest.mark.thorough
def test_a_restriction_is_told_when_it_begins_and_the_erasure_asked_with_it_when_it_is_done(
    installation, recipient
):
    contact_id = quiet_people(installation.platform)[0]
    both = (RequestKind.RESTRICTION, RequestKind.ERASURE)
    request_id = installation.submit_contact(contact_id, kinds=both)
    assert installation.run() is None
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.PLANNED
    assert installation.run(intake) is None
    assert [json.loads(body)["type"] for _, body in recipient.posts] == ["restriction"]
    assert "restricted_at" in json.loads(recipient.posts[0][1])
    installation.approve(request_id)
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED
    assert installation.run(intake) is None
    assert [json.loads(body)["type"] for _, body in recipient.posts] == ["restriction", "erasure"]
    assert len({headers["webhook-id"] for headers, _ in recipient.posts}) == 2
