"""Bad inputs to the page that nobody listed before, by their id: refused, and never an error 500."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
import uuid

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.run import Role
from lacuna.request import keep_candidates
from tests.dpo_page.conftest import MAIL, ORG, OTHER
from tests.dpo_page.test_decisions import decide
from tests.dpo_page.test_submissions import GOOD, inbox, send, take_in, upload
from tests.dpo_page.test_views import SCRIPT

FORM = {"content-type": "application/x-www-form-urlencoded"}
CORRECTION = {"kinds": ["rectification"], "emails": [MAIL]}
AS_TEXT = json.dumps(GOOD)

REFUSED = {
    "dpo_api-51 UTF-16": AS_TEXT.encode("utf-16"),
    "dpo_api-51 UTF-32": AS_TEXT.encode("utf-32-le"),
    "dpo_api-51 byte order mark": AS_TEXT.encode("utf-8-sig"),
    "dpo_api-52 zero byte in a proof": {**GOOD, "verified_by": "por\0tal"},
    "dpo_api-52 zero byte in a correction": {**CORRECTION, "rectifications": {"name": "A\0da"}},
    "dpo_api-52 zero byte in a column": {**CORRECTION, "rectifications": {"na\0me": "Ada"}},
    "dpo_api-52 zero byte in an id": {"kinds": ["erasure"], "contact_id": "1\0"},
    "dpo_api-53 half a character": {**CORRECTION, "rectifications": {"name": "\ud800"}},
    "dpo_api-53 half an address": {"kinds": ["erasure"], "emails": ["\udfff@example.org"]},
    "dpo_api-54 NaN": '{"kinds": ["erasure"], "emails": ["a@example.org"], "is_forced": NaN}',
    "dpo_api-54 1e999": '{"kinds": ["erasure"], "emails": ["a@example.org"], "is_forced": 1e999}',
    "dpo_api-54 five thousand digits": '{"kinds": ["erasure"], "contact_id": ' + "9" * 5000 + "}",
    "dpo_api-55 before Christ": {**GOOD, "received_at": "0001-01-01T00:00:00+14:00"},
    "dpo_api-55 the first year": {**GOOD, "received_at": "0001-01-01T00:00:00Z"},
    "dpo_api-55 the epoch": {**GOOD, "received_at": "1970-01-01T00:00:00Z"},
    "dpo_api-55 the last day": {**GOOD, "received_at": "9999-12-31T23:59:59-14:00"},
    "dpo_api-55 a number": {**GOOD, "received_at": 1e12},
    "dpo_api-56 blank proof": {**GOOD, "verified_by": "  "},
    "dpo_api-56 invisible proof": {**GOOD, "verified_by": "\u200b\u2028"},
    "dpo_api-57 right to left": {"kinds": ["erasure"], "emails": ["ada\u202e@example.org"]},
    "dpo_api-57 soft hyphen": {"kinds": ["erasure"], "emails": ["ada@exam\u00adple.org"]},
    "dpo_api-57 zero width": {"kinds": ["erasure"], "external_ids": ["CUST\u200b-1"]},
    "dpo_api-58 percent, as email-44": {"kinds": ["erasure"], "external_ids": ["%"]},
    "dpo_api-58 asterisk": {"kinds": ["erasure"], "contact_id": "*"},
    "dpo_api-58 underscore": {"kinds": ["erasure"], "emails": ["_@_"]},
}


def test_what_cannot_be_kept_or_finds_nobody_is_refused(office, visit):
    sam, statuses = visit("sam"), {}
    for name, document in REFUSED.items():
        for headers in ({}, {"idempotency-key": str(uuid.uuid4())}):
            answer = send(sam, document, **headers)
            statuses[name, *headers] = answer.status_code
            assert re.search(r"\bada\b", answer.text, re.IGNORECASE) is None
    assert set(statuses.values()) == {422}, statuses
    assert inbox(office) == []


def test_dpo_api_53_a_form_in_no_encoding_is_refused(office, visit):
    for identifier in ("%ED%A0%80%40example.org", "a%00%40example.org", "%FF%40example.org"):
        body = f"kind=erasure&identifier_kind=email&identifier={identifier}&verified_by="
        answer = visit("sam").post(f"/{ORG}/submit", content=body, headers=FORM)
        assert answer.status_code == 422, identifier
    assert inbox(office) == []


def test_dpo_api_55_a_file_of_impossible_dates_is_refused_line_by_line(office, visit):
    times = ("0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z", "2026-11-20", "infinity", "0")
    lines = "".join(f"erasure,a@example.org,{time}\n" for time in times)
    answer = upload(visit("sam"), f"kinds,email,received_at\n{lines}".encode())
    assert "Valid requests: <b>0</b>. Invalid lines: <b>5</b>." in answer.text


def test_dpo_api_59_an_origin_that_is_not_ours_is_refused_however_it_is_written(
    office, visit, page
):
    host = page.url.removeprefix("http://")
    written = (
        "http://[",
        "http://[::1",
        "//",
        "null",
        f"http://me@{host}",
        f"http://{host}.",
        host,
    )
    statuses = {each: send(visit("sam"), GOOD, origin=each).status_code for each in written}
    assert statuses == dict.fromkeys(written, 403)
    assert inbox(office) == []


FRAMES = {
    "two lengths": f"Content-Length: {len(AS_TEXT)}\r\nContent-Length: 3\r\n",
    "negative": "Content-Length: -1\r\n",
    "with a plus": f"Content-Length: +{len(AS_TEXT)}\r\n",
    "a length and chunks": "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    "unknown coding": "Transfer-Encoding: xchunked\r\n",
    "a blank before the colon": f"Content-Length : {len(AS_TEXT)}\r\n",
    "folded": f"X-Note: a\r\n b\r\nContent-Length: {len(AS_TEXT)}\r\n",
}


def test_dpo_api_60_a_request_that_two_servers_would_cut_differently_is_refused(office, page):
    host, port = page.url.removeprefix("http://").split(":")
    for name, framing in FRAMES.items():
        body = (
            AS_TEXT if "chunked" not in framing else f"{len(AS_TEXT):x}\r\n{AS_TEXT}\r\n0\r\n\r\n"
        )
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(
                f"POST /{ORG}/requests HTTP/1.1\r\nHost: {host}:{port}\r\n"
                "Authorization: Bearer sam\r\nContent-Type: application/json\r\n"
                f"{framing}Connection: close\r\n\r\n{body}".encode()
            )
            assert connection.recv(12) == b"HTTP/1.1 400", name
    assert inbox(office) == []


DISPOSITION = 'form-data; name="file"; filename="x.csv"'
PARTS = {
    "no boundary": ("multipart/form-data", DISPOSITION, 400),
    "a boundary of 5000": (
        f"multipart/form-data; boundary={'x' * 5000}",
        DISPOSITION,
        400,
    ),
    "no name": ("multipart/form-data; boundary=x", 'form-data; filename="x.csv"', 400),
    "no file": ("multipart/form-data; boundary=x", 'form-data; name="file"', 422),
    "ten thousand headers": (
        "multipart/form-data; boundary=x",
        DISPOSITION + "\r\nX: y" * 10_000,
        400,
    ),
}


def test_dpo_api_61_an_upload_in_broken_parts_is_refused(office, visit):
    for name, (media_type, disposition, status) in PARTS.items():
        content = f"--x\r\nContent-Disposition: {disposition}\r\n\r\nkinds,email\r\n--x--\r\n"
        answer = visit("sam").post(
            f"/{ORG}/upload", content=content.encode(), headers={"content-type": media_type}
        )
        assert answer.status_code == status, name
    assert office.query("select count(*) from lacuna.upload") == [(0,)]


def test_dpo_api_62_cells_that_are_no_text_for_a_request_are_named_by_their_line(office, visit):
    cells = (
        "erasure,a\0b@example.org,",
        "erasure,b@example.org,\0",
        "erasure,%,",
        "erasure,c@x.org,-",
    )
    content = "kinds,external_id,verified_by\n" + "\n".join(cells)
    answer = upload(visit("sam"), content.encode())
    assert "Valid requests: <b>0</b>. Invalid lines: <b>4</b>." in answer.text
    for number in (2, 3, 4, 5):
        assert f"<li>line {number}: request: " in answer.text
    # One cell longer than a reader of CSV takes.
    answer = upload(visit("sam"), b"kinds,email\nerasure," + b"a" * 200_000 + b"@example.org\n")
    assert answer.status_code == 422


def test_dpo_api_63_another_method_does_nothing_and_says_nothing_of_what_is_there(office, visit):
    request_id = office.planned()
    overridden = {"x-http-method-override": "POST"}
    for name in ("dana", None):
        client = visit(name)
        for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
            answers = [
                client.request(method, f"/{ORG}/requests/{each}", headers=overridden)
                for each in (request_id, uuid.uuid4())
            ]
            assert {each.status_code for each in answers} <= {401, 404, 405}, method
            assert len({each.text for each in answers}) == 1, method
    assert office.state(request_id) == "planned"


def test_dpo_api_64_one_key_of_two_tenants_or_of_four_senders_at_once(office, visit):
    key, doris = {"idempotency-key": str(uuid.uuid4())}, visit("doris")
    barrier, statuses = threading.Barrier(4), []

    def hand_in(client) -> None:
        barrier.wait()
        statuses.append(send(client, GOOD, **key).status_code)

    threads = [threading.Thread(target=hand_in, args=(visit("sam"),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 200, 202]
    answer = doris.post(
        f"/{OTHER}/requests", content=AS_TEXT, headers={"content-type": "application/json", **key}
    )
    assert answer.status_code == 202
    assert [org_id for org_id, *_ in inbox(office)] == [ORG, OTHER]


def test_dpo_api_65_a_file_is_served_by_its_name_to_the_letter(office, visit):
    request_id = office.planned()
    office.certified(request_id)
    dana = visit("dana")
    for name in ("..%2fpage.css", "%2e%2e/app.py", "page.css%00", "page%c0%ae.css", "json%0a"):
        assert dana.get(f"/static/{name}").status_code == 404, name
        path = f"/{ORG}/requests/{request_id}/certificate.{name}"
        assert dana.get(path).status_code == 404, name


def test_dpo_api_66_a_packed_body_is_not_unpacked(office, visit):
    packed = gzip.compress(AS_TEXT.encode())
    assert send(visit("sam"), packed, **{"content-encoding": "gzip"}).status_code == 422
    assert inbox(office) == []


def test_dpo_api_67_what_a_candidate_is_called_is_text(office, visit):
    request_id, key = office.submit(), str(uuid.uuid4())
    office.move(request_id, "ambiguous")
    known = (Identifier(IdentifierKind.NAME, SCRIPT),)
    with office.stores.transaction(Role.PLANNER) as transaction:
        request = transaction.queue.requests.get(request_id)
        person = Person(SubjectRef(request_id), ORG, (key,), known)
        keep_candidates(request, [(key, person, b"{}")], office.desk(transaction))
    html = decide(visit("dana"), request_id, "disclose").text
    assert "&lt;script&gt;" in html
    assert "<script>alert" not in html
    assert "<img" not in html


def test_dpo_api_68_a_row_of_another_system_that_cannot_be_read_holds_nobody_up(office, visit):
    """The inbox is a table: what the page refuses, another system may have inserted."""
    columns = (
        "insert into lacuna.request_inbox (org_id, kinds, emails, received_at, rectifications)"
    )
    for kinds, emails, received_at, document in (
        ("{erasure}", "{a@example.org}", "0044-03-15 BC", "{}"),
        ("{erasure}", "{a@example.org}", "20026-01-01", "{}"),
        ("{erasure}", '{{"a@example.org"}}', "2026-01-01", "{}"),
        ("{{erasure}}", "{a@example.org}", "2026-01-01", "{}"),
        ("{NULL}", "{a@example.org}", "2026-01-01", "{}"),
        ("{rectification}", "{a@example.org}", "2026-01-01", '{"a": ' + "9" * 5000 + "}"),
        ("{rectification}", "{a@example.org}", "2026-01-01", "[" * 5000 + "]" * 5000),
    ):
        office.query(
            f"{columns} values ('{ORG}', %s, %s, %s, %s)", kinds, emails, received_at, document
        )
    assert send(visit("sam"), GOOD).status_code == 202
    take_in(office)
    rows = office.query("select status, reason from lacuna.request_inbox order by inbox_id")
    assert [status for status, _ in rows] == ["rejected"] * 7 + ["queued"]
    assert all(reason.startswith("request: ") for _, reason in rows[:-1])
