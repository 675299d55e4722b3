"""An officer takes a request or a mail, hands it on, or gives it back; what officers write about one."""

from __future__ import annotations

import codecs
import csv
import io
import logging
import re
import time
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa

from lacuna.errors import StatementRefused
from lacuna.model.queue import Purpose
from lacuna.model.run import Role
from lacuna.stores.postgres.officers import OfficerRegister
from tests.dpo_page.conftest import NOW, ORG, OTHER
from tests.dpo_page.test_decisions import decide
from tests.dpo_page.test_mails import send, waiting
from tests.dpo_page.test_tasks import due, listed
from tests.dpo_page.test_views import fill

CANARY = "canary-7f3a: he moved to <b>Bergen</b>\nin May"


def key_of(office, name: str) -> str:
    ((actor,),) = office.query("select distinct actor from lacuna.officer where name = %s", name)
    return actor


def assigned_to(html: str) -> str:
    """Return the words of a page that say who has it."""
    found = re.search(r"<dt>Assigned to</dt><dd>(.*?)(<form|</dd>)", html, re.DOTALL)
    return found[1].strip()


def test_a_request_is_taken_handed_on_and_given_back_and_each_is_an_entry(office, visit):
    request_id = office.planned()
    dana, dirk = key_of(office, "dana"), key_of(office, "dirk")
    page = f"/{ORG}/requests/{request_id}"
    assert assigned_to(visit("dana").get(page).text) == "nobody"
    for officer, before, name in ((dana, "", "dana"), (dirk, dana, "dirk"), ("", dirk, "nobody")):
        answer = decide(visit("dana"), request_id, "assign", officer=officer, before=before)
        assert answer.status_code == 303
        assert answer.headers["location"] == page
        assert assigned_to(visit("dana").get(page).text) == name
    assert office.entries(request_id)[-3:] == [("assigned", "dpo")] * 3
    rows = office.query("select rows from lacuna_evidence.entry where action = 'assigned'")
    assert sorted(rows) == [(0,), (1,), (1,)]
    # What stays as it is gets no entry.
    assert decide(visit("dana"), request_id, "assign", officer="", before="").status_code == 303
    assert office.query("select count(*) from lacuna_evidence.entry where action = 'assigned'") == [
        (3,)
    ]


def test_who_may_only_read_sees_a_key_id_and_no_name(office, visit):
    request_id = office.planned()
    dana = key_of(office, "dana")
    decide(visit("dana"), request_id, "assign", officer=dana, before="")
    for path in (f"/{ORG}/requests/{request_id}", f"/{ORG}"):
        html = visit("vera").get(path).text
        assert f"<code>{dana}</code>" in html
        assert "dana" not in html.replace(dana, "")
        assert "Take it" not in html


def test_of_two_who_take_it_one_gets_it(office, visit):
    request_id = office.planned()
    dana, dirk = key_of(office, "dana"), key_of(office, "dirk")
    assert decide(visit("dana"), request_id, "assign", officer=dana, before="").status_code == 303
    late = decide(visit("dirk"), request_id, "assign", officer=dirk, before="")
    assert late.status_code == 409
    assert "assigned to somebody else in the meantime" in late.text
    back = decide(visit("dirk"), request_id, "assign", officer="", before=dirk)
    assert back.status_code == 409
    again = decide(visit("dirk"), request_id, "assign", officer=dirk, before=dirk)
    assert again.status_code == 409
    assert office.query("select officer from lacuna.assignment") == [(dana,)]


@pytest.mark.parametrize("officer", ["dpo:unknown", "dana", "flow:fulfilment"])
def test_nobody_gets_it_who_is_no_officer_of_the_tenant(office, visit, officer):
    request_id = office.planned()
    for name in (officer, key_of(office, "doris")):
        answer = decide(visit("dana"), request_id, "assign", officer=name, before="")
        assert answer.status_code == 422
        assert officer not in answer.text
    assert office.query("select count(*) from lacuna.assignment") == [(0,)]


def test_what_an_officer_has_who_left_is_nobodys_and_can_be_taken(office, visit):
    request_id = office.planned()
    dana, dirk = key_of(office, "dana"), key_of(office, "dirk")
    decide(visit("dirk"), request_id, "assign", officer=dirk, before="")
    OfficerRegister(office.stores.database).remove("dirk", [ORG], NOW)
    client = visit("dana")
    assert assigned_to(client.get(f"/{ORG}/requests/{request_id}").text) == "nobody"
    assert len(listed(client.get(f"/{ORG}?assigned=nobody").text)) == 1
    assert decide(client, request_id, "assign", officer=dana, before="").status_code == 303
    assert office.query("select officer from lacuna.assignment") == [(dana,)]


def test_a_mail_is_assigned_too(office, visit):
    mail_id = waiting(office)
    dana = key_of(office, "dana")
    client = visit("dana")
    assert send(client, mail_id, "assign", officer=dana, before="").status_code == 303
    assert assigned_to(client.get(f"/{ORG}/mails/{mail_id}").text) == "dana"
    assert office.query(
        "select location, request_id from lacuna_evidence.entry where action = 'assigned'"
    ) == [("lacuna.mail", None)]
    ((_, path),) = listed(client.get(f"/{ORG}?assigned=mine").text)
    assert path == f"/{ORG}/mails/{mail_id}"


@pytest.mark.thorough
def test_the_tasks_are_those_of_an_officer_or_nobodys_of_one_right_and_by_date(office, visit):
    late, soon = office.planned(mail="late@example.org"), office.planned(mail="soon@example.org")
    mail_id = waiting(office, due_at=NOW + timedelta(days=9), received_at=NOW - timedelta(days=30))
    due(office, late, 3)
    due(office, soon, 1)
    office.query(
        "update lacuna.request set received_at = %s where request_id = %s",
        *(NOW - timedelta(days=1), late),
    )
    office.query("update lacuna.mail set rights = '{access}'")
    dana, dirk = visit("dana"), visit("dirk")
    decide(dana, late, "assign", officer=key_of(office, "dana"), before="")

    def about(client, query: str) -> list[str]:
        paths = [path for _, path in listed(client.get(f"/{ORG}?{query}").text)]
        return [path.removesuffix("/approve").rpartition("/")[2] for path in paths]

    assert about(dana, "") == [soon, late, mail_id]
    assert about(dana, "assigned=mine") == [late]
    assert about(dana, "assigned=nobody") == [soon, mail_id]
    assert about(dirk, "assigned=mine") == []
    assert about(dana, "right=access") == [mail_id]
    assert about(dana, "right=erasure&assigned=nobody&kind=approval") == [soon]
    assert about(dana, "order=oldest") == [mail_id, soon, late]
    assert about(dana, "order=newest") == [late, soon, mail_id]
    assert "Tasks <small>fjordlys: 1" in dana.get(f"/{ORG}?assigned=mine").text


def test_requests_are_those_of_me_of_another_officer_or_of_nobody(office, visit):
    mine, theirs, free = (office.planned(mail=f"p{number}@example.org") for number in range(3))
    dana, dirk = key_of(office, "dana"), key_of(office, "dirk")
    decide(visit("dana"), mine, "assign", officer=dana, before="")
    decide(visit("dirk"), theirs, "assign", officer=dirk, before="")

    def found(name: str, assigned: str) -> set[str]:
        client, query = visit(name), {"assigned": assigned}
        html = client.get(f"/{ORG}/requests", params=query).text
        shown = set(re.findall(r"requests/([0-9a-f-]{36})\"", html))
        assert f": {len(shown)}</small>" in html
        rows = csv.DictReader(io.StringIO(exported(client, query)))
        assert {row["id"] for row in rows} == shown
        return shown

    assert found("dana", "") == {mine, theirs, free}
    assert found("dana", "mine") == {mine}
    assert found("dirk", "mine") == {theirs}
    assert found("dana", "nobody") == {free}
    assert found("dana", dirk) == {theirs}
    # Who decides nothing has none, and may filter by the key ids that the page shows them.
    assert found("vera", "mine") == set()
    assert found("vera", dirk) == {theirs}
    html = visit("dana").get(f"/{ORG}/requests?assigned={dirk}").text
    assert f'<option value="{dirk}" selected>dirk</option>' in html
    assert '<td data-label="assigned to">dirk</td>' in html
    assert f"assigned={dirk.replace(':', '%3A')}" in html, "the next page lists others"
    assert "dirk" not in visit("vera").get(f"/{ORG}/requests").text.replace(dirk, "")
    OfficerRegister(office.stores.database).remove("dirk", [ORG], NOW)
    assert found("dana", dirk) == set()
    assert found("dana", "nobody") == {theirs, free}
    for wrong in ("dana", "dpo:A'; drop table", "d" * 500):
        assert visit("dana").get(f"/{ORG}/requests", params={"assigned": wrong}).status_code == 422


@pytest.mark.thorough
@pytest.mark.parametrize("assigned", ["mine", "nobody"])
def test_a_page_of_a_thousand_requests_by_officer_takes_less_than_300_ms(office, visit, assigned):
    fill(office, 1_000)
    office.query(
        "insert into lacuna.assignment (request_id, org_id, officer, assigned_at) "
        "select request_id, org_id, %s, now() from lacuna.request limit 500",
        key_of(office, "dana"),
    )
    client = visit("dana")
    seconds = []
    for number in (1, 10, 5):
        begins = time.perf_counter()
        html = client.get(f"/{ORG}/requests?assigned={assigned}&page={number}").text
        seconds.append(time.perf_counter() - begins)
        assert f"page {number} of 10" in html
    assert min(seconds) < 0.3


def test_no_role_assigns_what_is_another_tenants(office):
    request_id = office.planned(OTHER)
    statement = sa.text(
        "insert into lacuna.assignment (request_id, org_id, officer, assigned_at) "
        "values (cast(:id as uuid), :org_id, :officer, now())"
    )
    values = {"id": request_id, "officer": key_of(office, "dana")}
    for role, org_id in ((Role.DPO, ORG), (Role.DPO, OTHER), (Role.PLANNER, OTHER)):
        with (
            pytest.raises(StatementRefused, match="SQLSTATE 42501"),
            office.stores.database.transaction(role, org_id=ORG) as connection,
        ):
            connection.execute(statement, values | {"org_id": org_id})


# --- comments -------------------------------------------------------------------------------------


def test_a_comment_is_read_with_the_persons_data_and_is_in_no_log_and_no_entry(
    office, visit, caplog
):
    request_id = office.planned()
    with caplog.at_level(logging.DEBUG):
        answer = decide(visit("dirk"), request_id, "comment", text=CANARY)
        assert answer.status_code == 303
        page = visit("dana").get(answer.headers["location"]).text
        assert "Read the comments" in page
        assert "canary" not in page
        assert "canary" not in visit("dirk").get(answer.headers["location"]).text
        shown = decide(visit("dana"), request_id, "disclose").text
    assert "canary-7f3a: he moved to &lt;b&gt;Bergen&lt;/b&gt;\nin May" in shown
    assert "<small>dirk</small>" in shown
    assert office.entries(request_id)[-2:] == [("commented", "dpo"), ("disclosed", "dpo")]
    assert "canary" not in caplog.text
    assert "canary" not in str(office.query("select * from lacuna_evidence.entry"))
    assert "canary" not in str(office.query("select * from lacuna.request_secret"))


@pytest.mark.parametrize("end", ["refuse", "withdraw"])
def test_comments_go_with_the_contents_of_the_request(office, visit, end):
    request_id = office.planned()
    dana = visit("dana")
    decide(dana, request_id, "comment", text="first")
    decide(dana, request_id, "comment", text="second")
    assert "2, the last one" in dana.get(f"/{ORG}/requests/{request_id}").text
    fields = {"ground": "17(3)(b)"} if end == "refuse" else {}
    assert decide(dana, request_id, end, **fields).status_code == 303
    with office.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.secrets.get(request_id, Purpose.COMMENTS) is None
    assert decide(dana, request_id, "comment", text="third").status_code == 409


@pytest.mark.parametrize("text", ["", " \n ", "a" * 2_001])
def test_a_comment_has_text_and_no_more_than_fits(office, visit, text):
    request_id = office.planned()
    answer = decide(visit("dana"), request_id, "comment", text=text)
    assert answer.status_code == 422
    assert ("commented", "dpo") not in office.entries(request_id)


def exported(client, query=None) -> str:
    """Return the list as a spreadsheet reads it."""
    content = client.get(f"/{ORG}/requests.csv", params=query or {}).content
    assert content.startswith(codecs.BOM_UTF8)  # without it, Excel takes UTF-8 for another encoding
    return content.decode("utf-8-sig")


@pytest.mark.parametrize(
    ("path", "unfiltered"),
    [
        ("/requests?shelf=closed&assigned=mine", "/requests?shelf=closed&amp;order=due"),
        ("?kind=overdue&assigned=mine", "?kind=overdue"),
    ],
)
def test_a_filter_that_outlives_a_change_of_the_list_is_named_and_removed(visit, path, unfiltered):
    dana = visit("dana")
    html = dana.get(f"/{ORG}{path}").text
    assert f'<a href="/{ORG}{unfiltered}">Remove the filter</a>' in html
    assert "Remove the filter" not in dana.get(f"/{ORG}{unescape(unfiltered)}").text


def test_the_exported_list_names_who_has_a_request(office, visit):
    taken, free = office.submit(), office.submit(mail="bo@example.org")
    dana = visit("dana")
    html = dana.get(f"/{ORG}/requests/{taken}").text
    (me,) = re.findall(r'name="officer" value="([^"]+)">Take it', html)
    path = f"/{ORG}/requests/{taken}/assign"
    assert dana.post(path, data={"before": "", "officer": me}).status_code == 303
    rows = csv.DictReader(io.StringIO(exported(dana)))
    assert {row["id"]: row["assigned to"] for row in rows} == {taken: "dana", free: ""}
    # Who may only read sees the key id.
    assert f",{me}" in visit("vera").get(f"/{ORG}/requests.csv").text


def test_no_exported_cell_is_a_formula(office, visit):
    request_id = office.planned()
    dirk = key_of(office, "dirk")
    decide(visit("dana"), request_id, "assign", officer=dirk, before="")
    office.query("alter table lacuna.officer disable trigger user")
    for begins in "=+-@":
        name = f'{begins}HYPERLINK("https://attacker.example.org")'
        office.query("update lacuna.officer set name = %s where actor = %s", name, dirk)
        (row,) = csv.DictReader(io.StringIO(exported(visit("dana"))))
        assert row["assigned to"] == f"'{name}"
