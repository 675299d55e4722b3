"""Requests handed in on the page, one by one and as files; the inputs of `dpo_api` under their ids."""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from lacuna.dpo_page import uploads
from lacuna.dpo_page.uploads import read_csv
from lacuna.errors import DataMapDrift
from lacuna.flows import intake
from lacuna.model.run import Mode, Role, RunOptions
from tests.dpo_page.conftest import MAIL, NOW, ORG, OTHER, STRANGERS_MAIL, token_in

GOOD = {"kinds": ["erasure"], "emails": [MAIL]}


def send(client, document, **headers):
    content = document if isinstance(document, str | bytes) else json.dumps(document)
    return client.post(
        f"/{ORG}/requests", content=content, headers={"content-type": "application/json", **headers}
    )


def inbox(office) -> list[tuple]:
    return office.query(
        "select org_id, status, emails, idempotency_key from lacuna.request_inbox order by inbox_id"
    )


def take_in(office) -> None:
    # The inbox is taken first; for mails there would have to be a platform.
    with pytest.raises(DataMapDrift):
        intake.run(office.stores, RunOptions("test", Mode.ACT), str(uuid.uuid4()))


def test_a_request_handed_in_waits_in_the_inbox_for_intake(office, visit):
    sam = visit("sam")
    answer = send(
        sam, {**GOOD, "received_at": "2026-11-20T08:00:00+01:00", "verified_by": "portal"}
    )
    assert answer.status_code == 202
    inbox_id = answer.json()["inbox_id"]
    assert inbox(office) == [(ORG, "new", [MAIL], None)]
    as_json = {"accept": "application/json"}
    assert sam.get(f"/{ORG}/inbox/{inbox_id}", headers=as_json).json()["status"] == "new"
    take_in(office)
    became = sam.get(f"/{ORG}/inbox/{inbox_id}", headers=as_json).json()
    assert became["status"] == "queued"
    assert office.state(became["request_id"]) == "received"
    assert became["request_id"] in sam.get(f"/{ORG}/inbox/{inbox_id}").text
    assert visit("doris").get(f"/{OTHER}/inbox/{inbox_id}").status_code == 404


def test_a_request_is_handed_in_by_form(office, visit):
    sam = visit("sam", cookie=True)
    token = token_in(sam.get(f"/{ORG}/submit").text)
    fields = {
        "kind": "access",
        "identifier_kind": "phone",
        "identifier": "+45 20 30 40 50",
        "verified_by": "",
    }
    answer = sam.post(f"/{ORG}/submit", data={**fields, "form_token": token})
    assert answer.status_code == 303
    assert "20" not in answer.headers["location"].rpartition("/")[0]
    rows = office.query("select kinds, phones, verified_by from lacuna.request_inbox")
    assert rows == [(["access"], ["+4520304050"], None)]
    assert sam.post(f"/{ORG}/submit", data=fields).status_code == 403
    for wrong in ({"kind": "all"}, {"identifier_kind": "name"}, {"identifier": "12"}):
        answer = sam.post(f"/{ORG}/submit", data={**fields, **wrong, "form_token": token})
        assert answer.status_code == 422
        assert "Nothing is submitted yet. 1 field to correct." in answer.text
        assert '<p class="wrong" role="alert">' in answer.text
        assert "--" not in answer.text
        kept = {**fields, **wrong}["identifier"]
        assert f'name="identifier" value="{kept}"' in answer.text


def test_a_correction_is_handed_in_by_form_with_its_new_values(office, visit):
    sam = visit("sam")
    shown = sam.get(f"/{ORG}/submit").text
    assert 'name="set_first_name"' in shown
    fields = {
        "kind": "rectification",
        "identifier_kind": "email",
        "identifier": "ada@example.org",
        "verified_by": "passport",
    }
    for more, said in (
        ({}, "Write at least one new value."),
        ({"set_nosuch": "x"}, "1 of 1 fields cannot be corrected; allowed: "),
        ({"kind": "access", "set_first_name": "Bo"}, "New values need the right"),
    ):
        answer = sam.post(f"/{ORG}/submit", data={**fields, **more})
        assert answer.status_code == 422
        assert said in answer.text
    assert sam.post(f"/{ORG}/submit", data={**fields, "set_first_name": "Bo"}).status_code == 303
    ((rectifications,),) = office.query("select rectifications from lacuna.request_inbox")
    assert rectifications == {"first_name": "Bo"}


def test_a_letter_that_came_last_week_is_handed_in_with_its_day(office, visit):
    sam = visit("sam")
    shown = sam.get(f"/{ORG}/submit").text
    assert 'name="received_on" type="date" max="2026-11-24" value="2026-11-24"' in shown
    # The same word as on a mail's page.
    assert ">customer number</option>" in shown
    assert ">external id</option>" not in shown
    fields = {
        "kind": "access",
        "identifier_kind": "external_id",
        "identifier": "K-1",
        "verified_by": "",
    }
    for wrong in ("2026-11-25", "2018-05-24", "last week", "2026-02-30"):
        answer = sam.post(f"/{ORG}/submit", data={**fields, "received_on": wrong})
        assert answer.status_code == 422, wrong
        assert "Write the day on which it came" in answer.text
        assert "1 field to correct" in answer.text
    assert inbox(office) == []
    for day in ("2026-11-17", "2026-11-24", ""):
        assert sam.post(f"/{ORG}/submit", data={**fields, "received_on": day}).status_code == 303
    rows = office.query("select received_at from lacuna.request_inbox order by inbox_id")
    came = datetime(2026, 11, 17, 12, tzinfo=ZoneInfo("Europe/Copenhagen"))
    assert rows == [(came,), (NOW,), (NOW,)]
    take_in(office)
    due = office.query("select alarm_at::date::text from lacuna.request order by received_at")
    assert due[0] == ("2026-12-17",)


def hand_in(client, identifier=MAIL) -> str:
    """Hand a request in by the form; return the address of the submission."""
    fields = {"kind": "access", "identifier_kind": "email", "identifier": identifier}
    answer = client.post(f"/{ORG}/submit", data={**fields, "verified_by": ""})
    assert answer.status_code == 303
    return answer.headers["location"]


def withdraw(client, address):
    form = {"content-type": "application/x-www-form-urlencoded"}
    return client.post(address, content="", headers=form)


def test_what_was_submitted_is_listed_and_found_until_the_intake_takes_it(office, visit):
    dana, sam, doris = visit("dana"), visit("sam"), visit("doris")
    mine, other = hand_in(dana), hand_in(sam, STRANGERS_MAIL)
    listed = dana.get(f"/{ORG}/requests").text
    assert "Submitted, no requests yet" in listed
    assert "in the next run of gdpr_intake" in listed
    assert listed.count(">Submission ") == 2
    assert MAIL not in listed
    assert '<td data-label="by">dana</td>' in listed
    assert "somebody who is no officer" in listed
    for query in ("size=10", "order=received", "page=1&right="):
        assert dana.get(f"/{ORG}/requests?{query}").text.count(">Submission ") == 2, query
    for query in ("shelf=closed", "page=2", "assigned=mine", "assigned=nobody", "right=access"):
        assert ">Submission " not in dana.get(f"/{ORG}/requests?{query}").text, query
    assert ">Submission " not in doris.get(f"/{OTHER}/requests").text
    shown = dana.get(mine).text
    assert "It gets its number, such as FJ-0142, in the next run of gdpr_intake" in shown
    assert "by dana" in shown
    assert MAIL not in shown
    found = dana.post(f"/{ORG}/find", data={"wanted": MAIL.upper()}).text
    assert mine in found
    assert other not in found
    said = office.query("select location from lacuna_evidence.entry where action = 'disclosed'")
    assert said == [(f"lacuna.request_inbox/{mine.rpartition('/')[2]}",)]
    take_in(office)
    assert ">Submission " not in dana.get(f"/{ORG}/requests").text
    became = dana.get(mine).text
    assert "became a request" in became
    assert f'href="/{ORG}/requests/' in became
    assert "Withdraw" not in became


def test_an_officer_withdraws_what_was_submitted_until_the_intake_takes_it(office, visit):
    dana, sam = visit("dana"), visit("sam")
    first, second = hand_in(dana), hand_in(sam, STRANGERS_MAIL)
    assert "Withdraw the submission" in dana.get(second).text
    assert "Withdraw the submission" not in sam.get(second).text
    assert withdraw(sam, f"{second}/withdraw").status_code == 403
    assert withdraw(visit("doris"), f"/{OTHER}{second[len(ORG) + 1 :]}/withdraw").status_code == 422
    assert withdraw(dana, f"{second}/withdraw").status_code == 303
    assert "withdrawn" in dana.get(second).text
    said = office.query("select actor, location from lacuna_evidence.entry")
    ((actor, location),) = said
    assert actor.startswith("dpo:")
    assert location == f"lacuna.request_inbox/{second.rpartition('/')[2]}"
    wiped = office.query("select emails from lacuna.request_inbox where status = 'withdrawn'")
    assert wiped == [([],)]
    take_in(office)
    again = withdraw(dana, f"{first}/withdraw")
    assert again.status_code == 422
    assert "withdraw the request that it became" in again.text
    assert office.query("select count(*) from lacuna.request") == [(1,)]


REFUSED = {
    "dpo_api-11": {"kinds": ["erasure"], "contact_id": ["c"] * 100_000},
    "dpo_api-11 e-mails": {"kinds": ["erasure"], "emails": ["a@example.org"] * 101},
    "dpo_api-12 null": {"kinds": ["erasure"], "contact_id": None},
    "dpo_api-12 0": {"kinds": ["erasure"], "contact_id": 0},
    "dpo_api-12 -1": {"kinds": ["erasure"], "contact_id": -1},
    "dpo_api-12 2^63": {"kinds": ["erasure"], "contact_id": 2**63},
    "dpo_api-14 newline": {"kinds": ["erasure"], "emails": ["ada@example.org\nbcc: x@example.org"]},
    "dpo_api-14 comma": {"kinds": ["erasure"], "emails": ["ada@example.org,bo@example.org"]},
    "dpo_api-19": '{"kinds": ["erasure"], "emails": ["a@example.org"], "emails": ["b@example.org"]}',
    "dpo_api-19 inside": '{"kinds": ["rectification"], "emails": ["a@example.org"],'
    ' "rectifications": {"name": "x", "name": "y"}}',
    "dpo_api-21": {**GOOD, "favourite": "x"},
    "dpo_api-36": {**GOOD, "state": "done"},
    "dpo_api-36 org": {**GOOD, "org_id": OTHER},
    "no identifier": {"kinds": ["erasure"]},
    "no right": {"kinds": [], "emails": [MAIL]},
    "unknown right": {"kinds": ["purge"], "emails": [MAIL]},
    "no time zone": {**GOOD, "received_at": "2026-11-20T08:00:00"},
    "future": {**GOOD, "received_at": "2027-11-20T08:00:00Z"},
    "list": [GOOD],
    "no such column": {
        **GOOD,
        "kinds": ["rectification"],
        "rectifications": {"favourite_color": "blue"},
    },
    "an empty word on identity": {**GOOD, "verified_by": " "},
    "not a JSON object": "{",
    "deep": "[" * 100_000,
    "not UTF-8": b"\xff\xfe{}",
}


@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED)
def test_what_is_not_in_its_form_is_refused_and_not_repeated(office, visit, document):
    answer = send(visit("sam"), document)
    assert answer.status_code == 422
    assert inbox(office) == []
    for value in (MAIL, "ada@example.org", "bo@example.org", "favourite"):
        assert value not in answer.text


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_dpo_api_22_json_comes_as_json(office, visit, media_type):
    answer = send(visit("sam"), GOOD, **{"content-type": media_type})
    assert answer.status_code == 415
    assert inbox(office) == []


def test_dpo_api_02_a_browser_that_another_site_drives_hands_nothing_in(office, visit):
    assert send(visit("sam", cookie=True), GOOD).status_code == 403
    assert inbox(office) == []


def test_dpo_api_32_known_and_unknown_people_get_the_same_answer(office, visit):
    office.submit(mail=MAIL)
    sam = visit("sam")
    answers = [
        send(sam, {"kinds": ["erasure"], "emails": [mail]}) for mail in (MAIL, STRANGERS_MAIL)
    ]
    assert [each.status_code for each in answers] == [202, 202]
    bodies = [{**each.json(), "inbox_id": 0} for each in answers]
    assert bodies[0] == bodies[1]


def test_dpo_api_37_a_retry_hands_in_once_and_another_body_is_refused(office, visit):
    sam, key = visit("sam"), str(uuid.uuid4())
    first = send(sam, GOOD, **{"idempotency-key": key})
    again = send(sam, GOOD, **{"idempotency-key": key})
    other = send(
        sam, {"kinds": ["erasure"], "emails": [STRANGERS_MAIL]}, **{"idempotency-key": key}
    )
    assert [each.status_code for each in (first, again, other)] == [202, 200, 409]
    assert again.json() == first.json()
    assert inbox(office) == [(ORG, "new", [MAIL], uuid.UUID(key))]
    assert send(sam, GOOD, **{"idempotency-key": MAIL}).status_code == 422


@pytest.mark.parametrize("path", ["/", f"/{ORG}", f"/{ORG}/requests", "/ws"])
def test_dpo_api_34_no_socket_is_opened_from_another_site_or_from_here(page, path):
    for origin in ("https://elsewhere.example", page.url):
        with (
            pytest.raises(InvalidStatus) as caught,
            connect(
                page.url.replace("http", "ws") + path,
                origin=origin,
                additional_headers={"cookie": "_token=dana"},
                proxy=None,
            ),
        ):
            pass
        assert caught.value.response.status_code == 403


# --- files ----------------------------------------------------------------------------------------


def upload(client, content: bytes, token: str | None = None):
    data = {} if token is None else {"form_token": token}
    return client.post(f"/{ORG}/upload", data=data, files={"file": ("../../x.csv", content)})


def upload_id(html: str) -> str:
    return html.split(f"/{ORG}/upload/")[1][:36]


@pytest.mark.thorough
def test_dpo_api_41_a_file_is_confirmed_first_and_its_bad_lines_are_named_by_number(office, visit):
    lines = ["kinds,email,phone,verified_by"]
    lines += [f"erasure,person{n}@example.org,,portal" for n in range(10_000)]
    lines[5] = "erasure,not an address,,portal"
    lines[777] = "erasure,,,"
    lines[9000] = "obliterate,x@example.org,,"
    sam = visit("sam", cookie=True)
    token = token_in(sam.get(f"/{ORG}/submit").text)
    answer = upload(sam, "\r\n".join(lines).encode(), token)
    assert answer.status_code == 200
    assert "Valid requests: <b>9997</b>. Invalid lines: <b>3</b>." in answer.text
    for number in (6, 778, 9001):
        assert f"<li>line {number}: request: " in answer.text
    for value in ("not an address", "obliterate", "@example.org"):
        assert value not in answer.text
    assert inbox(office) == []
    kept = str(office.query("select content from lacuna.upload"))
    assert "person7" not in kept
    path = f"/{ORG}/upload/{upload_id(answer.text)}"
    done = sam.post(path, data={"decision": "queue", "form_token": token})
    assert "9997 requests queued" in done.text
    assert len(inbox(office)) == 9997
    assert office.query("select count(*) from lacuna.upload") == [(0,)]
    again = sam.post(path, data={"decision": "queue", "form_token": token})
    assert again.status_code == 410
    assert len(inbox(office)) == 9997


def test_an_upload_is_discarded_or_forgotten_and_its_key_is_destroyed(office, visit):
    sam = visit("sam")
    ids = [upload_id(upload(sam, b"kinds,email\nerasure,a@example.org\n").text) for _ in "ab"]
    done = sam.post(f"/{ORG}/upload/{ids[0]}", data={"decision": "discard"})
    assert "discarded" in done.text
    key = str(uuid.uuid4())
    send(sam, GOOD, **{"idempotency-key": key})
    office.query("update lacuna.upload set uploaded_at = %s", NOW.replace(day=22))
    office.query("update lacuna.request_inbox set inserted_at = %s", NOW.replace(day=22))
    take_in(office)
    assert office.query("select count(*) from lacuna.upload") == [(0,)]
    assert [row[3] for row in inbox(office)] == [None]
    for each in ids:
        assert not office.stores.keys.destroy(each)


def test_an_upload_is_another_tenants_to_nobody(office, visit):
    number = upload_id(upload(visit("sam"), b"kinds,email\nerasure,a@example.org\n").text)
    answer = visit("doris").post(f"/{OTHER}/upload/{number}", data={"decision": "queue"})
    assert answer.status_code == 410
    with office.stores.transaction(Role.SUBMITTER, org_id=ORG) as transaction:
        assert transaction.inbox.take_upload(number) is not None


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_a_spreadsheet_is_read(separator, encoding):
    text = "kinds,email,verified_by\r\nerasure access,a@example.org,Prüfung\r\n,,\r\n"
    read = read_csv(text.replace(",", separator).encode(encoding), ORG, NOW)
    assert read.bad == ()
    assert [(len(one.kinds), one.verified_by) for one in read.good] == [(2, "Prüfung")]


def test_a_line_of_a_file_is_named_by_its_number():
    read = read_csv(b"kinds;received_at;email\n\nerasure;24.11.2026;a@example.org\n", ORG, NOW)
    ((line, why),) = read.bad
    assert (line, "received_at" in why, "2026-11-24" in why) == (3, True, True)


BAD_FILES = {
    "no file": (b"", "first line"),
    "no header": (b"erasure,a@example.org\n", "first line"),
    "twice": (b"email,email\n", "first line"),
    "unknown": (b"kinds,email,state\n", "first line"),
    "not UTF-8": (b"kinds,email\n\xff\xfe\n", "line 2, column 1 is not UTF-8"),
    "windows-1252": (b"email;verified_by\na@example.org;Pr\xfcfung\n", "line 2, column 2"),
    "quote": (b'kinds,email\nerasure,"a@example.org\n', "line 2"),
    "too many": (b"kinds,email\n" + b"erasure,a@example.org\n" * 10_001, "more than 10000"),
}


@pytest.mark.parametrize(("content", "said"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_in_another_form_is_refused(office, visit, content, said):
    answer = upload(visit("sam"), content)
    assert answer.status_code == 422
    assert said in answer.text
    assert "a@example.org" not in answer.text
    assert office.query("select count(*) from lacuna.upload") == [(0,)]


def test_a_file_that_is_too_large_or_of_another_site_is_refused(office, visit):
    assert upload(visit("sam"), b"x" * (8 * 1024 * 1024 + 1)).status_code == 413
    assert upload(visit("sam", cookie=True), b"kinds,email\n").status_code == 403


def test_the_page_names_every_column_that_a_file_can_have(office, visit):
    shown = visit("dana").get(f"/{ORG}/submit").text
    listed = re.search("<code>(kinds,[a-z_,]*)</code>", shown)
    assert listed is not None
    assert set(listed[1].split(",")) == uploads._COLUMNS
