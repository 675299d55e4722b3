"""What the page shows, and what it never shows."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from datetime import timedelta

import pytest

from lacuna.dpo_page import Right
from lacuna.model.finding import Finding, Gate, Verification
from lacuna.model.queue import Purpose
from lacuna.model.request import RequestKind
from lacuna.model.run import Role, StepLine
from tests.dpo_page.conftest import DIGEST, MAIL, NOW, ORG, OTHER, PEOPLE, token_in
from tests.dpo_page.test_decisions import decide

FORM = {"content-type": "application/x-www-form-urlencoded"}


def figures(html: str) -> dict[str, int]:
    return {
        name.strip(): int(count) for count, name in re.findall(r"<b>(\d+)</b> ([a-z ]+)</a>", html)
    }


def test_the_overview_counts_what_waits_what_is_late_and_what_failed(office, visit):
    for number in range(3):
        office.submit(mail=f"a{number}@example.org")
    office.planned(mail="b@example.org")
    office.ambiguous()
    failed = office.planned(mail="c@example.org")
    office.move(failed, "approved", "applied")
    office.verified(failed, Finding(Gate.RESIDUE, "crm.note.body", 2))
    office.query(
        "update lacuna.request set obstacle = 'verification_failed' where request_id = %s", failed
    )
    late, soon = office.submit(mail="d@example.org"), office.submit(mail="e@example.org")
    for request_id, days in ((late, -1), (soon, 3)):
        office.query(
            "update lacuna.request set due_at = %s, alarm_at = %s where request_id = %s",
            *[NOW + timedelta(days=days)] * 2,
            request_id,
        )
    office.submit(OTHER)
    html = visit("vera").get(f"/{ORG}").text
    assert figures(html) == {
        "open": 8,
        "waiting for approval": 1,
        "due in seven days": 1,
        "overdue": 1,
        "failed": 1,
        "needs review": 1,
        "closed": 0,
    }
    assert "not sealed yet" in html
    assert html.index(late) < html.index(soon)  # the next due first


def test_the_overview_names_the_last_seal(office, visit):
    office.submit()
    note = "example.org/lacuna\n1\n" + "A" * 43 + "=\n\n— example.org/lacuna AAAA\n"
    with office.stores.transaction(Role.SEALER) as transaction:
        transaction.ledger.add_checkpoint(note, size=1, root="0" * 64, at=NOW)
    html = visit("vera").get(f"/{ORG}").text
    assert "2026-11-24 13:00 CET" in html
    assert "1 ledger entries" in html


def test_a_request_of_another_kind_of_people_says_so(office, visit):
    ids = {kind: office.submit(person_kind=kind) for kind in ("contact", "agent")}
    client = visit("vera")
    for kind, request_id in ids.items():
        page = client.get(f"/{ORG}/requests/{request_id}").text
        assert f"erasure (one {kind})<" in page
    listed = client.get(f"/{ORG}/requests").text
    assert listed.count('<span class="tag">agent</span>') == 1


def test_one_request_shows_plan_gates_ledger_runs_and_certificate(office, visit):
    request_id = office.planned()
    office.move(request_id, "approved", "applied")
    office.verified(request_id, Finding(Gate.RESIDUE, "crm.note.body", 2))
    office.certified(request_id)
    batch_id, run_id = str(uuid.uuid4()), "gdpr_fulfilment.manual__2026-11-24T12:00:00+00:00"
    with office.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.requests.open_batch(batch_id, "fulfilment", run_id, NOW)
    office.query(
        "update lacuna.request set batch_id = %s where request_id = %s", batch_id, request_id
    )
    lines = [StepLine("apply", "done", request_id, (("rows", 7),)), StepLine("apply", "x", "other")]
    why = "the database refused a statement: CheckViolation, SQLSTATE 23514, table crm.contact"
    lines.append(StepLine("apply", "StatementRefused", request_id, is_failure=True, reason=why))
    for line in lines:
        office.stores.run_log.add(run_id, line)
    html = visit("vera").get(f"/{ORG}/requests/{request_id}").text
    for said in (
        '<li value="1">anonymize crm.contact, rows: 1</li>',
        DIGEST,
        "failed</strong> <time",
        "<code>crm.note.body</code>, 2",
        "crm.blob: bytes",
        "120 places searched",
        '<td data-label="where they were searched for">everywhere: 100 columns of 12 tables, 20 groups',
        "<dd>whether the erasure changed no row that the plan does not name</dd>",
        "planned",
        f"/{ORG}/requests/{request_id}/certificate.json",
        "/dags/gdpr_fulfilment/runs/manual__2026-11-24T12%3A00%3A00%2B00%3A00",
        "apply: done, rows 7",
        why,
        "1 × e-mail address: ••••••",
        "Next step:</b> The plan was carried out.",
    ):
        assert said in html, said
    assert "apply: x" not in html
    # A viewer is offered nothing that they may not do.
    assert "/approve" not in html
    assert "/disclose" not in html
    answer = visit("vera").get(f"/{ORG}/requests/{request_id}/certificate.json")
    assert answer.text == f"certificate of {request_id}"
    assert answer.headers["content-disposition"] == f'attachment; filename="{request_id}.json"'
    path = office.stores.home / "evidence" / "certificates" / f"{request_id}.json"
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))
    answer = visit("vera").get(f"/{ORG}/requests/{request_id}/certificate.json")
    assert answer.status_code == 500, "a link led out of the evidence"


def test_a_request_that_only_gives_a_copy_says_why_no_place_was_searched(office, visit):
    """The kept number was once that of the batch's search, which was for other people."""
    request_id = office.planned()
    with office.stores.transaction(Role.VERIFIER) as transaction:
        request = transaction.queue.requests.get(request_id)
        said = Verification(request_id, (Gate.BUNDLE,), (), (), searched=835)
        transaction.queue.results.put_all([(request, said)], NOW)
    html = visit("vera").get(f"/{ORG}/requests/{request_id}").text
    assert "No place was searched for values, because this request erases nobody" in html
    assert "835 place" not in html


def test_a_certificate_that_a_restore_superseded_is_offered_still(office, visit):
    request_id = office.planned()
    evidence = office.stores.home / "evidence"
    office.certified(request_id)
    kept = evidence / "superseded" / "0123456789abcdef" / "certificates"
    kept.parent.mkdir(parents=True)
    (evidence / "certificates").rename(kept)
    address = f"/{ORG}/requests/{request_id}"
    assert f"{address}/certificate.json" in visit("vera").get(address).text
    answer = visit("vera").get(f"{address}/certificate.json")
    assert answer.text == f"certificate of {request_id}"
    assert visit("vera").get(f"{address}/certificate.*").status_code == 404


def test_a_certificate_that_was_deleted_after_its_retention_is_not_awaited(office, visit):
    request_id = office.planned()
    address = f"/{ORG}/requests/{request_id}"
    office.move(request_id, "approved", "applied")
    office.verified(request_id)
    office.move(request_id, "verified", "completed")
    assert "No certificate yet" in visit("vera").get(address).text
    office.query(
        "insert into lacuna_evidence.entry (at, phase, action, location, request_id, actor) values "
        "(now(), 'outcome', 'certificate_expired', 'evidence/certificates', %s, 'flow:seal')",
        request_id,
    )
    html = visit("vera").get(address).text
    assert "The certificate was deleted after its retention" in html
    assert "Next step:</b> Nothing to do." in html
    assert "No certificate yet" not in html


def test_dpo_api_39_entries_are_in_the_order_of_their_positions_whatever_the_clock_said(
    office, visit
):
    request_id = office.planned()
    office.clock.moment = NOW - timedelta(hours=11)
    office.plan(request_id, "anonymize crm.contact, rows: 2")
    html = visit("vera").get(f"/{ORG}/requests/{request_id}").text
    ledger = html[html.index('<h2 id="ledger">') :]
    times = re.findall(r"<time[^>]*>([^<]+)</time>", ledger)
    positions = [int(each) for each in re.findall(r'data-label="entry">(\d+)<', ledger)]
    assert positions == sorted(positions)
    assert times != sorted(times)


@pytest.mark.parametrize(
    "wanted",
    ["1 OR 1=1", "1%20OR%201%3D1", "'", "0", "..%2F..%2Fetc", MAIL.replace("@", "%40")],
)
def test_dpo_api_09_a_request_is_named_by_its_uuid_alone(page, visit, wanted):
    answer = visit("vera").get(f"/{ORG}/requests/{wanted}")
    assert answer.status_code in (404, 422)
    assert "OR 1" not in answer.text
    assert MAIL not in answer.text


def test_dpo_api_09_as_it_stands_in_the_file(page, visit):
    assert visit("vera").get(f"/{ORG}/requests/1 OR 1=1").status_code == 422


def test_a_search_is_for_the_number_or_id_of_a_request_and_never_in_an_address(office, visit):
    request_id = office.planned()
    vera = visit("vera")
    html = vera.get(f"/{ORG}/requests/{request_id}").text
    (number,) = re.findall(r"<h1>Request ([A-Z]+-[0-9]{4}) ", html)
    assert f">{number}</a>" in vera.get(f"/{ORG}/requests").text
    found = (request_id, f" {request_id.upper()} ", request_id[:8], number, number.lower())
    other = (("XX-0001", 404), (request_id[:7], 422), (MAIL, 422))
    for given, expected in (*((each, 303) for each in found), *other):
        answer = vera.post(f"/{ORG}/find", data={"wanted": given})
        assert answer.status_code == expected
        assert MAIL not in answer.text
        if expected == 303:
            assert answer.headers["location"] == f"/{ORG}/requests/{request_id}"
    assert vera.get(f"/{ORG}/find", params={"wanted": request_id}).status_code == 404


def test_a_person_is_found_by_an_identifier_of_an_open_request_and_it_is_recorded(office, visit):
    request_id, other = office.submit(), office.submit(mail="bo@example.org")
    closed = office.submit(mail="cleo@example.org")
    office.submit(OTHER, mail="dan@example.org")
    dana = visit("dana")
    decide(dana, closed, "withdraw")

    def found(text: str) -> set[str]:
        html = dana.post(f"/{ORG}/find", data={"wanted": text}).text
        assert text not in html.partition("<main")[2]
        return set(re.findall(r"requests/([0-9a-f-]{36})\"", html.partition("<main")[2]))

    number = office.submit(mail="ed@example.org")
    keys, secret = office.stores.keys, json.dumps([["external_id", "AB-12345"]]).encode()
    with office.stores.transaction(Role.PLANNER) as transaction:
        content = keys.encrypt(number, secret)
        transaction.queue.secrets.put(number, Purpose.IDENTIFIERS, content)
    assert found("AB-12345") == {number}
    assert visit("vera").post(f"/{ORG}/find", data={"wanted": "AB-12345"}).status_code == 404
    assert found("ADA.Lind@Example.org ") == {request_id}
    assert office.entries(request_id)[-1] == ("disclosed", "dpo")
    assert ("disclosed", "dpo") not in office.entries(other)
    for text in ("cleo@example.org", "dan@example.org", "ada.lind", "+4700000000", "x" * 5_000):
        assert found(text) == set()
    office.stores.keys.destroy(other)
    html = dana.post(f"/{ORG}/find", data={"wanted": "cleo@example.org"}).text
    assert "The identifiers of 1 open request or mail could not be read." in html
    # Who may not see personal data is not told whether there is such a request.
    for name in ("vera", "dirk", "uma"):
        for text in (MAIL, "nobody@example.org"):
            answer = visit(name).post(f"/{ORG}/find", data={"wanted": text})
            assert answer.status_code == 422
            assert request_id not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "order=;%20drop%20table",
        "shelf=everything",
        "page=0",
        "page=x",
        "size=-1",
        "sort=due",
        "q=x",
    ],
)
def test_dpo_api_16_a_list_takes_its_own_words_alone(page, visit, query):
    answer = visit("vera").get(f"/{ORG}/requests?{query}")
    assert answer.status_code == 422
    assert "drop" not in answer.text


def test_requests_are_filtered_by_right_state_and_day_and_exported(office, visit):
    erasure, access = office.planned(), office.submit(kind=RequestKind.ACCESS)
    late = office.submit(mail="late@example.org")
    office.submit(OTHER)
    office.query(
        "update lacuna.request set due_at = %s, alarm_at = %s where request_id = %s",
        *[NOW + timedelta(days=2)] * 2,
        late,
    )
    vera = visit("vera")

    def found(**query: str) -> set[str]:
        html = vera.get(f"/{ORG}/requests", params=query).text
        lines = vera.get(f"/{ORG}/requests.csv", params=query)
        assert lines.headers["content-type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(lines.content.decode("utf-8-sig"))))
        shown = set(re.findall(r"requests/([0-9a-f-]{36})\"", html))
        assert shown == {row["id"] for row in rows}
        assert f": {len(shown)}</small>" in html
        return shown

    assert found() == {erasure, access, late}
    assert found(right="access") == {access}
    assert found(state="planned", right="") == {erasure}
    assert found(due_before="2026-11-27") == {late}
    assert found(due_before="2026-11-26") == set()
    assert found(shelf="approval", right="access") == set()
    exported = vera.get(f"/{ORG}/requests.csv?right=erasure&state=planned").content
    assert exported.decode("utf-8-sig").splitlines() == [
        "request,rights,kind of person,state,received,due,deadline,legal deadline,closed,assigned to,id",
        f"FJ-0001,erasure,contact,planned,2026-11-22,2026-12-22,,2026-12-22,,,{erasure}",
    ]
    for wrong in ("right=all", "state=lost", "due_before=soon", "right=access;drop"):
        assert vera.get(f"/{ORG}/requests.csv?{wrong}").status_code == 422
    html = vera.get(f"/{ORG}/requests?right=access&size=7&order=received").text
    assert "requests?right=access&amp;order=received&amp;size=7&amp;shelf=all&amp;page=1" in html


EXPORTED = [
    # columns of the request, and the words of the page for its state, day and deadline
    ("state = 'identity_pending'", "identity pending", "2026-12-20", ""),
    ("state = 'planned', obstacle = 'not_approved'", "waiting for approval", "2026-12-20", ""),
    ("state = 'ambiguous'", "needs review", "2026-12-20", ""),
    ("obstacle = 'verification_failed'", "received, gate failed", "2026-12-20", ""),
    ("obstacle = 'open_conversations'", "received, open conversations", "2026-12-20", ""),
    ("due_at = '2026-11-20', alarm_at = '2026-11-20'", "received", "2026-11-20", "overdue"),
    ("pause = 'clarification', paused_at = '2026-11-24'", "received", "2026-12-20", "Paused: clarification"),
    ("state = 'completed', closed_at = '2026-12-22', due_at = '2026-12-20'",
     "completed", "2026-12-20", "2 days late"),
    ("state = 'refused', closed_at = '2026-11-23'", "refused", "2026-12-20", "on time"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "state", "due", "deadline"), EXPORTED)
def test_an_exported_line_has_the_words_of_the_page(office, visit, columns, state, due, deadline):
    request_id = office.submit()
    office.query("alter table lacuna.request disable trigger user")
    office.query("update lacuna.request set due_at = '2026-12-20', alarm_at = '2026-12-20'")
    office.query(f"update lacuna.request set {columns}")  # noqa: S608 - columns of this file
    dana = visit("dana")
    html = dana.get(f"/{ORG}/requests?shelf=all").text
    words = " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<tbody>") :]).split())
    (line,) = csv.DictReader(
        io.StringIO(dana.get(f"/{ORG}/requests.csv?shelf=all").content.decode("utf-8-sig"))
    )
    assert (line["request"], line["id"]) == ("FJ-0001", request_id)
    assert (line["state"], line["due"], line["deadline"]) == (state, due, deadline)
    for each in (*state.split(", "), deadline, line["closed"]):
        assert each in words


def test_a_list_that_is_too_long_is_not_exported_in_part(office, visit, monkeypatch):
    for number in range(3):
        office.submit(mail=f"p{number}@example.org")
    vera = visit("vera")
    assert len(vera.get(f"/{ORG}/requests.csv").text.splitlines()) == 4
    monkeypatch.setattr("lacuna.dpo_page.views._MOST_EXPORTED", 2)
    answer = vera.get(f"/{ORG}/requests.csv")
    assert answer.status_code == 422
    assert "The list has 3 requests, at most 2; filter it." in answer.text


def test_dpo_api_17_a_page_of_a_list_has_two_hundred_requests_at_most(office, visit):
    fill(office, 260)
    html = visit("vera").get(f"/{ORG}/requests?size=1000000000").text
    assert html.count('data-label="request"') == 200
    assert "page 1 of 2" in html
    assert (
        visit("vera").get(f"/{ORG}/requests?page=2&size=200").text.count('data-label="request"')
        == 60
    )


def test_ten_thousand_requests_are_paged_and_every_one_is_reached(office, visit):
    fill(office, 10_000)
    vera = visit("vera")
    html = vera.get(f"/{ORG}").text
    assert figures(html)["open"] == 10_000
    seen = set()
    for number in (1, 2, 50):
        html = vera.get(f"/{ORG}/requests?size=200&page={number}&order=received").text
        found = re.findall(r"requests/([0-9a-f-]{36})\"", html)
        assert len(found) == 200
        assert not seen & set(found)
        seen |= set(found)
    assert "page 50 of 50" in html


def fill(office, count: int) -> None:
    """Put many requests into the register at once."""
    office.query(
        "insert into lacuna.request (request_id, org_id, kinds, level, received_at, due_at, "
        "created_at) select gen_random_uuid(), %s, '{erasure}', 'contact', "
        "now() - i * interval '1 minute', now() + interval '20 days' - i * interval '1 minute', "
        "now() from generate_series(1, %s) as i",
        ORG,
        count,
    )


MONTH = timedelta(days=30)
SCRIPT = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def test_dpo_api_26_and_27_whatever_a_plan_says_is_text(office, visit):
    request_id = office.planned(step=SCRIPT)
    html = visit("dana").get(f"/{ORG}/requests/{request_id}").text
    assert "&lt;script&gt;" in html
    assert "<script>alert" not in html
    assert "<img" not in html


def test_dpo_api_24_what_a_proxy_header_says_changes_nothing(office, visit):
    dana = visit("dana", cookie=True)
    spoofed = {
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-host": "elsewhere.example",
        "x-forwarded-proto": "https",
        "forwarded": "for=127.0.0.1;host=elsewhere.example",
        "x-real-ip": "127.0.0.1",
        "x-forwarded-user": "doris",
    }
    plain = dana.get(f"/{ORG}/charts").text
    assert dana.get(f"/{ORG}/charts", headers=spoofed).text == plain
    assert visit().get(f"/{ORG}/charts", headers=spoofed).status_code == 401
    answer = dana.get("/", headers=spoofed)
    assert answer.headers["location"] == f"/{ORG}"


def test_charts_draw_what_was_fulfilled_how_fast_and_what_gates_said(office, visit):
    for days, mail in ((3, "a@example.org"), (40, "b@example.org")):
        request_id = office.planned(mail=mail)
        office.move(request_id, "approved", "applied", "verified", "completed")
        office.query(
            "update lacuna.request set received_at = %s, due_at = %s where request_id = %s",
            NOW - timedelta(days=days),
            NOW - timedelta(days=days) + timedelta(days=30),
            request_id,
        )
        office.verified(request_id)
    # Somebody of whom there is nothing was not erased.
    nobody = office.submit(mail="nobody@example.org")
    office.move(nobody, "resolved", "nothing_found")
    office.verified(
        office.planned(mail="c@example.org"),
        Finding(Gate.RESIDUE, "crm.a.b", 1),
        Finding(Gate.OBJECTS, "media/x", 1),
    )
    html = visit("vera").get(f"/{ORG}/charts").text
    assert "<title>2026-11-23: erased 2</title>" in html
    assert "<title>2026-11-23: other rights 0</title>" in html
    assert "<title>2026-11-23: nothing found 1</title>" in html
    assert "<title>2-7: requests 1</title>" in html
    assert "<title>31-60: requests 1</title>" in html
    assert "<title>2026-11-24: passed 2</title>" in html
    assert "<title>2026-11-24: failed 1</title>" in html
    assert "<title>2026-11-24: places with residue 1</title>" in html
    assert (
        "closed, or handed over, after their deadline, without those refused or withdrawn: 1"
        in html
    )
    empty = visit("doris").get(f"/{OTHER}/charts").text
    assert "<rect" not in empty


def test_recordings_by_consent_are_drawn_from_the_tenants_own_mart(office, visit):
    office.query("alter table reporting.consent_weekly disable trigger user")
    for org_id, queue, numbers in (
        (ORG, "Orders", (90, 60, 40, 15, 5, 38, 22)),
        (ORG, "Support", (80, 50, 30, 12, 8, 30, 20)),
        (ORG, "Invoices", (30, None, None, None, None, None, None)),
        (OTHER, "Orders", (99, 77, 66, 10, 1, 55, 44)),
    ):
        office.query(
            "insert into reporting.consent_weekly (org_id, period, first_day, last_day, queue, "
            "n_calls, n_asked, n_accepted, n_declined, n_no_answer, n_recorded, "
            "n_served_unrecorded, is_merged, policy_version) values "
            "(%s, '2026-W47', '2026-11-16', '2026-11-22', %s, %s, %s, %s, %s, %s, %s, %s, "
            "false, '2')",
            org_id,
            queue,
            *numbers,
        )
    html = visit("vera").get(f"/{ORG}/charts").text
    for series, number in (("agreed", 70), ("declined", 27), ("no answer", 13)):
        assert f"<title>2026-11-16: {series} {number}</title>" in html
    assert "<title>2026-11-16: recorded 68</title>" in html
    assert "<title>2026-11-16: not recorded 42</title>" in html
    assert "1 small groups are withheld" in html
    assert "agreed 66" in visit("doris").get(f"/{OTHER}/charts").text


def test_volume_handling_time_and_satisfaction_are_drawn_from_the_tenants_own_marts(office, visit):
    for mart, columns, rows in (
        (
            "volume_daily",
            "channel, queue, n, handle_s_sum, n_handled",
            (
                (ORG, "2026-11-16", "'email', 'Orders', 40, 4000, 20"),
                (ORG, "2026-11-18", "'chat', 'Orders', 30, 2000, 10"),
                (ORG, "2026-11-18", "'chat', '(other)', 12, null, null"),
                (ORG, "2026-11-22", "'email', 'Orders', 5, null, null"),
                # The newest week is not whole.
                (ORG, "2026-11-23", "'email', 'Orders', 11, null, null"),
                (OTHER, "2026-11-22", "'email', 'Orders', 999, 9990, 10"),
            ),
        ),
        (
            "csat_weekly",
            "channel, n_resp, n_pos",
            (
                (ORG, "2026-11-16", "'email', 40, 30"),
                (ORG, "2026-11-16", "'chat', 20, null"),
                (OTHER, "2026-11-16", "'email', 40, 11"),
            ),
        ),
    ):
        office.query(f"alter table reporting.{mart} disable trigger user")
        for org_id, day, values in rows:
            office.query(
                f"insert into reporting.{mart} (org_id, period, first_day, last_day, is_merged,"  # noqa: S608 - these
                f" policy_version, {columns}) values (%s, 'p', %s, %s, false, '2', {values})",
                *(org_id, day, day),
            )
    html = visit("vera").get(f"/{ORG}/charts").text
    assert "<title>2026-11-16: conversations 87</title>" in html
    assert "<title>2026-11-16: seconds 200</title>" in html
    # Where one channel withholds its share, the week has none: that of the others is another one.
    assert "percent of 4 or 5 " not in html
    assert "2026-11-23: conversations" not in html
    assert "conversations 999" not in html
    assert "conversations 999" in visit("doris").get(f"/{OTHER}/charts").text


def published(office, mart, columns, rows):
    office.query(f"alter table reporting.{mart} disable trigger user")
    for first, last, values in rows:
        office.query(
            f"insert into reporting.{mart} (org_id, period, first_day, last_day, is_merged,"  # noqa: S608 - these
            f" policy_version, {columns}) values (%s, 'p', %s, %s, false, '2', {values})",
            *(ORG, first, last),
        )


def bars_of(html, title):
    """Return the bars of one chart: what each says, its left edge, its width and its height."""
    section = html.split(f">{title}</h2>")[1].split("</section>")[0]
    return {
        said: tuple(float(each) for each in edges)
        for *edges, said in re.findall(
            r'<rect class="\w+" x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="([\d.]+)">'
            r"<title>([^<]*)</title>",
            section,
        )
    }


@pytest.mark.parametrize(
    ("handed_over", "band", "late"),
    [(None, None, 0), (2, "2-7", 0), (12, "8-14", 0), (40, "31-60", 1)],
)
def test_days_count_until_what_is_handed_over_was(office, visit, handed_over, band, late):
    request_id = office.planned()
    office.move(request_id, "approved", "applied", "verified", "completed")
    came = NOW - timedelta(days=3)
    office.query("update lacuna.request set received_at = %s, due_at = %s", came, came + MONTH)
    office.query("alter table lacuna.bundle disable trigger user")
    office.query(
        "insert into lacuna.bundle (request_id, org_id, digest, byte_count, sealed_at, expires_at, "
        "released_at) values (%s, %s, repeat('0', 64), 1, %s, %s, %s)",
        request_id,
        ORG,
        NOW,
        NOW + MONTH,
        None if handed_over is None else came + timedelta(days=handed_over),
    )
    html = visit("vera").get(f"/{ORG}/charts").text
    drawn = re.findall(r"<title>([\d-]+): requests 1</title>", html)
    assert drawn == ([] if band is None else [band])
    assert f"without those refused or withdrawn: {late}" in html
    assert "Fulfilled requests by days since receipt, pauses included:" in html


def test_weeks_published_together_are_one_bar_over_their_span_and_a_gap_is_a_gap(office, visit):
    published(
        office,
        "csat_weekly",
        "channel, n_resp, n_pos",
        (
            ("2026-10-05", "2026-10-11", "'email', 40, 30"),
            ("2026-10-12", "2026-10-25", "'email', 20, 10"),
            # Nothing of the week of 26 October; that of 2 November withholds its share.
            ("2026-11-02", "2026-11-08", "'email', 10, null"),
            ("2026-11-09", "2026-11-15", "'email', 10, 9"),
        ),
    )
    published(
        office,
        "volume_daily",
        "channel, queue, n, handle_s_sum, n_handled",
        (
            ("2026-10-05", "2026-10-05", "'email', 'Orders', 70, 700, 10"),
            # Saturday to Tuesday: the two weeks cannot be told apart.
            ("2026-10-17", "2026-10-20", "'email', 'Orders', 60, null, null"),
            ("2026-10-25", "2026-10-25", "'email', 'Orders', 20, 900, 10"),
        ),
    )
    html = visit("vera").get(f"/{ORG}/charts").text
    bars = bars_of(html, "Satisfaction by week")
    assert list(bars) == [
        "2026-10-05: percent of 4 or 5 75",
        "2026-10-12 to 2026-10-19: percent of 4 or 5 50",
        "2026-11-09: percent of 4 or 5 90",
    ]
    (one, one_width, _), (two, two_width, _), (last, _, _) = bars.values()
    week = two - one
    assert two_width == pytest.approx(one_width + week, abs=0.2)
    assert last == pytest.approx(one + 5 * week, abs=0.5), "the gap is as long as it was"
    assert re.search(r"2026-11-02</th><td class=\"n\">withheld", html)
    volume = bars_of(html, "Conversations by week")
    assert list(volume) == [
        "2026-10-05: conversations 70",
        "2026-10-12 to 2026-10-19: conversations 80",
    ]
    high = [height for _, _, height in volume.values()]
    assert high[0] / high[1] == pytest.approx(70 / 40, rel=0.01), "areas can be compared"
    handling = bars_of(html, "Average handling time by week")
    assert list(handling) == ["2026-10-05: seconds 70", "2026-10-12 to 2026-10-19: seconds 90"]


def test_choices_that_no_group_tells_are_no_zero(office, visit):
    published(
        office,
        "consent_weekly",
        "queue, n_calls, n_asked, n_accepted, n_declined, n_no_answer, n_recorded, "
        "n_served_unrecorded",
        (
            ("2026-10-05", "2026-10-11", "'Orders', 30, null, null, null, null, null, null"),
            ("2026-10-12", "2026-11-01", "'Orders', 90, 60, 30, 20, 10, 40, 30"),
        ),
    )
    html = visit("vera").get(f"/{ORG}/charts").text
    assert "2026-10-05: agreed" not in html
    assert "2026-10-05: recorded" not in html
    assert "<title>2026-10-12 to 2026-10-26: agreed 30</title>" in html


def test_a_request_shows_how_far_it_is(office, visit):
    request_id = office.planned()
    html = visit("vera").get(f"/{ORG}/requests/{request_id}").text
    reached = re.findall(r'<li class="reached"><b>(\w+)</b>', html)
    assert reached == ["received", "planned"]
    assert re.findall(r"<li><b>(\w+)</b>", html) == ["approved", "verified", "completed"]


@pytest.mark.parametrize(("days", "said"), [(0, "on time"), (1, "1 day late"), (3, "3 days late")])
def test_a_closed_request_says_whether_its_deadline_was_met(office, visit, days, said):
    request_id = office.planned()
    office.move(request_id, "approved", "applied", "verified", "completed")
    # The end of the due day is in time, whatever the hour of receipt.
    office.query("update lacuna.request set due_at = %s", NOW - timedelta(days=days, minutes=1))
    assert said in visit("vera").get(f"/{ORG}/requests/{request_id}").text


def test_no_page_of_a_role_without_the_right_names_a_person(office, visit):
    request_id, keys = office.ambiguous()
    office.planned(mail="somebody.else@example.org")
    for name in ("vera", "dirk", "sam"):
        for path in ("", "/requests", f"/requests/{request_id}", "/ambiguous", "/charts"):
            html = visit(name).get(f"/{ORG}{path}").text
            for value in (MAIL, "somebody.else@example.org", "Ada", *keys):
                assert value not in html, (name, path)


def test_somebody_without_a_tenant_is_told_so_and_one_with_one_goes_there(page, visit):
    assert "You have no access to any tenant" in visit("nora").get("/").text
    answer = visit("vera").get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{ORG}")


def test_somebody_with_two_tenants_sees_what_waits_in_each(office, visit, monkeypatch):
    monkeypatch.setitem(PEOPLE, "vera", {each: frozenset({Right.READ}) for each in (ORG, OTHER)})
    office.planned()
    office.submit(OTHER)
    html = " ".join(visit("vera").get("/").text.split())
    ours, theirs = html[html.index(ORG) : html.index(OTHER)], html[html.index(OTHER) :]
    assert "1 open" in ours
    assert "1 waiting for approval" in ours
    assert "1 open" in theirs
    assert "approval" not in theirs


def test_programs_get_errors_as_json(page, visit):
    answer = visit("vera").get(f"/{ORG}/requests/x", headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json() == {"detail": "Invalid fields: path.request_id."}


def test_a_page_carries_one_token_for_all_its_forms(office, visit):
    assert token_in(visit("vera").get(f"/{ORG}").text).count(".") == 1
