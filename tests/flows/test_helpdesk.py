"""The second schema, from its data map to a certified erasure, a bundle and reports.

One run serves most of the tests: Ingrid Solberg asks for her data and to be forgotten at once,
Tomáš Vrba for his data alone.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pyrage import x25519

from lacuna.bundle import open_sealed
from lacuna.datamap import load, ropa_json
from lacuna.errors import VerificationFailed
from lacuna.evidence import statement_of, verify_certificate
from lacuna.flows import reporting, seal, sweep
from lacuna.flows.run.installation_keys import published_keys_folder, read_public_keys
from lacuna.flows.run.opening import find_drift
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.model.bundle import PrivateKey
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.plan import DeleteRows, LinkTombstone, RefreshView
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Mode, Role, RunOptions, RunScope
from lacuna.model.tombstone import KeyKind, tombstone_key
from tests.helpdesk import EXAMPLE, HERS, INGRID, HelpDesk
from tests.proved import let_pass

TOMAS = "tomas.vrba@example.org"
USERS = TableName("helpdesk", "users")
TOMBSTONE = int(tombstone_key(USERS, "shop", KeyKind.BIGINT))
IDENTITY = x25519.Identity.generate()


class OpenedDesk(HelpDesk):
    def bundle(self, request_id: str, to: Path) -> Path:
        sealed = self.stores.home / "bundles" / f"{request_id}.zip.age"
        return open_sealed(sealed, PrivateKey(str(IDENTITY)), to).folder


@dataclass
class Served:
    """The help desk after the run, and what it was like before."""

    desk: OpenedDesk
    before: dict[str, list[str]]
    ingrid: str
    tomas: str


@pytest.fixture(scope="module")
def served(template_database, tmp_path_factory) -> Served:
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    with template_database.clones() as fresh:
        desk = OpenedDesk(fresh("lacuna"), home, EXAMPLE / "datamap.yaml")
        before = desk.everything()
        both = (RequestKind.ACCESS, RequestKind.PORTABILITY)
        key = {"bundle_key": str(IDENTITY.to_public())}
        ingrid = desk.submit(
            IdentifierKind.EMAIL, INGRID, kinds=(*both, RequestKind.ERASURE), **key
        )
        tomas = desk.submit(IdentifierKind.EMAIL, TOMAS, kinds=both, **key)
        desk.run()
        desk.approve(ingrid)
        desk.run()
        desk.run(seal)
        yield Served(desk, before, ingrid, tomas)


def test_the_map_fits_the_schema(served):
    _, drifts = find_drift(served.desk.stores)
    # It has no translations, and the sample's tenants need two.
    assert [one.location for one in drifts] == ["language da", "language de"]


def test_a_file_of_tenants_that_is_not_filled_in_asks_for_no_language(served, tmp_path):
    draft = tmp_path / "tenants.yaml"
    draft.write_text('trusted_servers: []\ntenants: {shop: {name: "", language: ""}}\n', "utf-8")
    _, drifts = find_drift(replace(served.desk.stores, tenants_path=draft))
    assert drifts == ()


def test_nothing_of_an_erased_contact_is_left_anywhere(served):
    assert served.desk.state(served.ingrid) is RequestState.COMPLETED
    found = dict.fromkeys(HERS, 0)
    for rows in served.before.values():
        for row in rows:
            for value in HERS:
                found[value] += value.lower() in row.lower()
    assert all(found.values()), "a value is not in the seed"
    assert served.desk.left_of_ingrid() == []
    files = {path.name for path in (served.desk.stores.home / "files").rglob("[!.]*.*")}
    assert files == {"103.png", "702.pdf", "704.png"}


def test_a_row_that_is_nobodys_or_a_neighbors_stays_as_it_was(served):
    now = served.desk.everything()
    same = ("helpdesk.mailboxes", "helpdesk.tags", "helpdesk.ticket_tags", "helpdesk.articles")
    for table in same:
        assert now[table] == served.before[table]
    for table, rows in served.before.items():
        for row in rows:
            if "eighbour" in row or ("Mette" in row and "Ingrid" not in row):
                assert row in now[table], table
    assert served.desk.query("select full_name, phone from helpdesk.users where id = 104") == [
        ("Ingrid Holm", "+4755509876")
    ]
    attachments = "select id, record_type, record_id, path from helpdesk.attachments order by id"
    assert served.desk.query(attachments) == [
        (701, "Message", 9001, None),
        (702, "Ticket", 503, "attachments/702.pdf"),
        (703, "User", TOMBSTONE, None),
        (704, "Article", 101, "attachments/704.png"),
    ]


def test_what_constraints_ask_for_is_kept(served):
    rows = served.desk.query(
        "select id, login, email, full_name, phone, settings, other_emails, search_name, merged_into "
        "from helpdesk.users where erased_at is not null order by full_name, login"
    )
    assert len(rows) == 3  # her two accounts, and the tombstone contact
    keys, logins, emails = ({row[place] for row in rows} for place in (0, 1, 2))
    assert len(keys) == len(logins) == len(emails) == 3
    assert all(2**52 <= key < 2**53 for key in keys)
    assert TOMBSTONE in keys
    assert {row[3] for row in rows} == {"[erased]"}
    assert {row[7] for row in rows} == {"[erased]"}, "the generated column follows the name"
    settings = [row[5] for row in rows if row[5]]
    assert settings == [{"locale": "nb", "theme": "dark", "address": {"country": "NO"}}]
    assert all(row[4] is None and row[6] == [] and row[8] is None for row in rows)


def test_statistics_do_not_move(served):
    totals = (
        "select (select sum(minutes_spent) from helpdesk.tickets), (select sum(score) from "
        "helpdesk.ratings), (select count(*) from helpdesk.messages), (select count(*) from "
        "helpdesk.tickets where assignee_id = 1), (select sum(byte_count) from helpdesk.attachments)"
    )
    assert served.desk.query(totals) == [(879, 7, 45, 23, 80)]
    overview = "select sum(tickets), sum(minutes), count(*) from helpdesk.customer_overview"
    assert served.desk.query(overview) == [(44, 879, 45)]


@pytest.mark.thorough
def test_copies_follow(served):
    assert served.desk.query(
        "select last_message_preview, last_message_by from helpdesk.tickets where id in (501, 502)"
    ) == [(None, None), (None, None)]
    (search,) = served.desk.query("select search::text from helpdesk.messages where id = 9001")[0]
    assert "parcel" in search
    assert "solberg" not in search
    of_ingrid = [
        row for row in served.before["helpdesk.audits"] if "(501," in row or "ngrid" in row
    ]
    assert of_ingrid
    kept = [
        row
        for row in served.before["helpdesk.audits"]
        if row in served.desk.everything()["helpdesk.audits"]
    ]
    assert len(kept) == len(served.desk.everything()["helpdesk.audits"]) > 30
    hers = "select count(*) from helpdesk.audits where record_id in (501, 502, 101, 102)"
    assert served.desk.query(hers) == [(0,)]
    assert served.desk.query("select payload from helpdesk.webhook_deliveries order by id") == [
        ({"ticket": {"id": 501, "state": "solved"}},),
        (
            {
                "ticket": {"id": 503, "number": "HD-503", "state": "solved"},
                "customer": {"name": "Tomáš Vrba"},
            },
        ),
    ]
    assert served.desk.query("select address from helpdesk.newsletter") == [(TOMAS,)]
    assert served.desk.query("select user_id from helpdesk.sign_ins order by 1") == [(1,), (103,)]


def test_mentions_in_rows_of_others_are_covered(served):
    (body,) = served.desk.query("select body from helpdesk.messages where id = 9004")[0]
    assert "invoice" in body
    assert "Ingrid" not in body
    (note,) = served.desk.query("select note from helpdesk.notes where id = 803")[0]
    assert note.startswith("Not the Ingrid of HD-501")


def test_the_plan_names_what_becomes_of_copies(served):
    request_id = served.desk.submit(IdentifierKind.EMAIL, "neighbor7@example.org")
    served.desk.run()
    steps = served.desk.plan(request_id)
    overview = TableName("helpdesk", "customer_overview")
    assert RefreshView(overview, 1) in steps
    assert LinkTombstone(USERS, ("helpdesk.tickets.requester_id",), 1) in steps
    assert [step.table.name for step in steps if isinstance(step, DeleteRows)] == ["audits"]


def test_the_certificate_verifies_offline(served):
    home = served.desk.stores.home
    path = home / "evidence" / "certificates" / f"{served.ingrid}.json"
    keys = read_public_keys(published_keys_folder(home))
    checked = verify_certificate(path.read_bytes(), keys, runs=home / "runs")
    assert checked
    said = path.read_text("utf-8")
    assert not [value for value in HERS if value in said]


def test_a_bundle_holds_what_is_theirs_and_nobody_elses(served, tmp_path):
    folder = served.desk.bundle(served.tomas, tmp_path / "opened")
    messages = json.loads((folder / "access/json/helpdesk.messages.json").read_text("utf-8"))
    said = json.dumps(messages, ensure_ascii=False)
    assert "Please send the invoice" in said
    everything = "\n".join(
        path.read_text("utf-8") for path in folder.rglob("*") if path.suffix in (".json", ".html")
    )
    assert "Tomáš Vrba" in everything
    assert not [value for value in HERS if value in everything]
    files = {path.name for path in folder.rglob("*.png")}
    assert files == {"avatar-0001.png"}


def test_what_a_person_provided_is_passed_on_and_no_answer_and_no_file_of_nobody(served, tmp_path):
    """The seed says who wrote what; messages have a time in their key, files a type of their own."""

    def held(folder: Path, root: str, table: str, column: str) -> list[object]:
        path = folder / f"{root}/json/helpdesk.{table}.json"
        return [row[column] for row in json.loads(path.read_bytes())] if path.exists() else []

    ingrid = served.desk.bundle(served.ingrid, tmp_path / "ingrid")
    assert held(ingrid, "access", "messages", "author_kind") == ["contact", "agent", "contact"]
    bodies = held(ingrid, "portability", "messages", "body")
    assert [one.split()[0] for one in bodies] == ["Hello,", "An"]
    assert held(ingrid, "access", "attachments", "record_type") == ["Message", "User"]
    assert len(held(ingrid, "portability", "attachments", "path")) == 2
    tomas = served.desk.bundle(served.tomas, tmp_path / "tomas")
    assert held(tomas, "access", "attachments", "record_type") == ["Ticket"]
    assert held(tomas, "portability", "attachments", "path") == []
    (left,) = [
        each
        for each in json.loads((tomas / "manifest.json").read_bytes())["left_out_of_portability"]
        if each["source"] == "helpdesk.attachments"
    ]
    assert (left["rows"], left["columns"]) == (1, [])
    assert left["reason"] == "not provided by you (What it is attached to: a ticket)"
    assert not list(tomas.glob("portability/media/attachment*"))
    assert list(tomas.glob("access/media/attachment*"))


def test_the_record_of_processing_follows_from_the_map():
    record = json.loads(ropa_json(load(EXAMPLE / "datamap.yaml")))
    names = {each["name"] for each in record["activities"]}
    assert names == {"support", "marketing", "security", "assistance"}
    columns = {name for each in record["activities"] for name in each["columns"]}
    assert "helpdesk.newsletter.address" in columns


@pytest.mark.thorough
def test_reports_come_from_what_the_platform_declares(served):
    scope = RunScope(since=date(2026, 7, 1))
    options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT, scope=scope)
    assert reporting.run(served.desk.stores, options, str(uuid.uuid4())) > 0
    by_day = served.desk.query(
        "select first_day::text, sum(n)::integer, sum(handle_s_sum)::integer "
        "from reporting.volume_daily where first_day < '2026-07-03' group by 1 order by 1"
    )
    # Forty neighbors asked, one an hour, and each took as many minutes as its number says.
    first, second = sum(range(1, 24)) * 60, sum(range(24, 41)) * 60
    assert by_day == [("2026-07-01", 23, first), ("2026-07-02", 17, second)]
    queues = served.desk.query("select distinct queue from reporting.volume_daily")
    assert set(queues) <= {("No mailbox",), ("(other)",)}
    # Ingrid's two tickets are counted with nobody behind them; nothing leads on from her keys.
    fixed = served.desk.query("select row_id from lacuna.fixed_link order by 1")
    assert set(fixed) <= {("501",), ("502",)}
    zone = served.desk.stores.home / "reporting"
    files = {path.relative_to(zone).parts[:2] for path in zone.rglob("*.*")}
    assert {("volume_daily", "shop"), ("team_weekly", "shop")} <= files


@pytest.mark.thorough
def test_a_nightly_sweep_redacts_what_its_age_says(served):
    stores = served.desk.stores
    rule = next(one for one in known_rules(stores) if one.name == "old_messages")
    approve_rule(stores, (rule.name, rule.digest, None), "dpo:0000test")
    # Two years after the summer's 41 tickets; autumn's are not due yet, and the text of a neighbor
    # with an open request stays for it.
    served.desk.submit(IdentifierKind.EMAIL, "neighbor9@example.org")
    late = RunOptions(
        run_id=str(uuid.uuid4()), mode=Mode.ACT, as_of=datetime(2028, 8, 15, tzinfo=UTC)
    )
    ((pending,),) = served.desk.query("select count(*) from lacuna.request where closed_at is null")
    assert sweep.run(stores, late, str(uuid.uuid4())) == 41 - pending
    assert sweep.run(stores, replace(late, run_id=str(uuid.uuid4())), str(uuid.uuid4())) == 0
    (body,) = served.desk.query("select body from helpdesk.messages where id = 9004")[0]
    assert "invoice" in body


def test_without_a_schema_to_count_in_there_are_no_reports(served, tmp_path):
    text = (EXAMPLE / "datamap.yaml").read_text("utf-8")
    own = tmp_path / "datamap.yaml"
    own.write_text(text.replace("reporting: {schema: helpdesk_reporting}\n", ""), "utf-8")
    stores = replace(served.desk.stores, datamap_path=own)
    options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT)
    assert reporting.run(stores, options, str(uuid.uuid4())) == 0
    said = stores.run_log.path(options.run_id).read_text("utf-8")
    assert "no_source" in said


def test_an_agent_is_no_contact(served):
    request_id = served.desk.submit(IdentifierKind.EMAIL, "mette@shop.example")
    with pytest.raises(VerificationFailed):
        served.desk.run()
    with served.desk.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.requests.obstacle(request_id) is Obstacle.OTHER_KIND


METTE = "mette@shop.example"
# What is the agent's alone, as it stands in the seed.
METTES = (METTE, "mette.k", "Mette Kjeldgaard", "+4511111111", "203.0.113.1")
WORK = """
select (select count(*) from helpdesk.tickets where assignee_id = 1),
  (select sum(minutes_spent) from helpdesk.tickets), (select count(*) from helpdesk.notes where agent_id = 1),
  (select count(*) from helpdesk.messages where author_id = 1), (select count(*) from helpdesk.articles)
"""


@pytest.mark.thorough
def test_an_agent_is_erased_end_to_end_and_their_work_stays(database, lacuna_home, tmp_path):
    desk = OpenedDesk(database("lacuna"), lacuna_home, EXAMPLE / "datamap.yaml")
    before, work = desk.everything(), desk.query(WORK)
    ((login,),) = desk.query("select login from helpdesk.users where id = 1")

    def left(values=METTES):
        return {
            value
            for rows in desk.everything().values()
            for row in rows
            for value in values
            if value.casefold() in row.casefold()
        }

    assert left() == set(METTES)
    both = (RequestKind.ACCESS, RequestKind.ERASURE)
    key = {"bundle_key": str(IDENTITY.to_public())}
    request_id = desk.submit(IdentifierKind.EMAIL, METTE, kinds=both, person_kind="agent", **key)
    desk.run()
    desk.approve(request_id)
    desk.run()
    desk.run(seal)
    assert desk.state(request_id) is RequestState.COMPLETED
    assert left() == set()
    assert desk.query(WORK) == work
    old = "select count(*) from helpdesk.audits where record_type = 'User' and record_id = 1"
    assert desk.query(old) == [(0,)], "what the account was before"
    # Contacts, and the other agent, are as they were; one account is another.
    users = "helpdesk.users"
    assert len(set(before[users]) - set(desk.everything()[users])) == 1
    assert left(("Ravi Chandran", INGRID, TOMAS)) == {"Ravi Chandran", INGRID, TOMAS}
    ((kind, name, phone),) = desk.query(
        "select kind, full_name, phone from helpdesk.users where id = 1"
    )
    assert (kind, name, phone) == ("agent", "[erased]", None)
    folder = desk.bundle(request_id, tmp_path / "opened")
    own = (folder / "access/json/helpdesk.users.json").read_text("utf-8")
    assert "Mette Kjeldgaard" in own
    assert "Ravi" not in own
    path = lacuna_home / "evidence" / "certificates" / f"{request_id}.json"
    keys = read_public_keys(published_keys_folder(lacuna_home))
    assert verify_certificate(path.read_bytes(), keys, runs=lacuna_home / "runs")
    assert statement_of(path.read_bytes())["person_kind"] == "agent"
    # Their row is still there, and says no more than an erasure leaves: nobody has come back.
    ended = desk.everything()[users]
    desk.run(sweep)
    assert desk.everything()[users] == ended
    asked = desk.query("select count(*) from lacuna.request")
    desk.query(
        'update helpdesk.users set settings = \'{"city": "Aarhus"}\' where id = 1 returning 1'
    )
    desk.run(sweep)
    assert desk.query("select settings::text from helpdesk.users where id = 1") == [("{}",)]
    assert desk.query("select count(*) from lacuna.request") == [(asked[0][0] + 1,)]
    # A name to sign in with is theirs alone, whatever an erased row looks like.
    plain = tmp_path / "datamap.yaml"
    written = (EXAMPLE / "datamap.yaml").read_text("utf-8")
    plain.write_text(written.replace('surrogate: "erased-{16}"', 'surrogate: "{16}"'), "utf-8")
    desk.stores = replace(desk.stores, datamap_path=plain)
    let_pass(desk.stores)
    desk.query("update helpdesk.users set login = %s where id = 1 returning 1", login)
    desk.run(sweep)
    assert desk.query("select count(*) from helpdesk.users where login = %s", login) == [(0,)]
    assert desk.query("select count(*) from lacuna.request") == [(asked[0][0] + 2,)]
    assert not [value for value in METTES if value in path.read_text("utf-8")]
