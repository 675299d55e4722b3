"""The pack of Chatwoot, on a listing of its tables, through every flow.

Four of six customers are erased in a night; the first is also a customer of the second account.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from pyrage import x25519

import lacuna
from lacuna.bundle import open_sealed
from lacuna.flows import reporting, sweep
from lacuna.flows.run.opening import find_drift
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.model.bundle import PrivateKey
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Mode, RunOptions, RunScope
from tests.brought import Brought
from tests.cli.conftest import run_here
from tests.proved import let_pass

HERE = Path(__file__).parent
PACK = Path(lacuna.__file__).parent / "packs" / "chatwoot"
LISTING = (HERE / "chatwoot.sql").read_text("utf-8")
SEED = (HERE / "chatwoot_seed.sql").read_text("utf-8")
REPORTING = (PACK / "reporting.sql").read_text("utf-8")
ERASED = ("Aveline Ashgrove", "Bodil Birkelund", "Casimir Coppersmith", "Dagny Drosselbart")
LEFT = ("Emeric Eschenbach", "Fenella Fairweather")
# Files that were uploaded for many people.
IMPORTED, RAW_MAIL, PORTRAIT = 900, 901, 902
# Of two customers, one of whom is erased; and of a macro and an erased customer.
SHARING = ("Gustava Greenhalgh", "Hjalmar Hazelwood")
OF_BOTH, OF_MACRO = "(903, 904)", 905
WRITTEN = {
    IMPORTED: "name,email\nEmeric Eschenbach,emeric.eschenbach@example.org\n",
    RAW_MAIL: "From: Aveline Ashgrove <aveline.ashgrove@example.org>\nTo: desk@example.org\n"
    "Subject: the lamp\n\nMy lamp is dark.\n",
}
IDENTITY = x25519.Identity.generate()
TOTALS = (
    "select inbox_id, status, assignee_id, team_id, created_at, count(*) from conversations group by 1, 2, 3, 4, 5 order by 5, 1",
    "select conversation_id, message_type, content_type, count(*) from messages group by 1, 2, 3 order by 1, 2, 3",
    "select file_type, count(*) from attachments group by 1 order by 1",
    "select status, direction, count(*), sum(duration_seconds) from calls group by 1, 2",
    "select rating, count(*) from csat_survey_responses group by 1 order by 1",
    "select name, count(*), sum(value) from reporting_events group by 1 order by 1",
    "select tag_id, count(*) from taggings where taggable_type = 'Conversation' group by 1 order by 1",
    "select conversation_id, org_id, channel, state, queue_id, assignee_id, created_at, first_response_at, "
    "handling_duration_s from chatwoot_reporting.conversations order by 1",
)

MANY = """
with person as (
    insert into contacts (id, account_id, name, created_at, updated_at)
    select 1000 + n, 1, 'Guest ' || n, now(), now() from generate_series(1, 60) n returning id
), way as (
    insert into contact_inboxes (id, contact_id, inbox_id, source_id, created_at, updated_at)
    select id, id, 1, 'guest-' || id, now(), now() from person returning id, contact_id
)
insert into conversations (id, account_id, inbox_id, status, assignee_id, contact_id, contact_inbox_id, display_id, created_at, updated_at)
select id, 1, 1, 1, 901, contact_id, id, 0, timestamp '2026-11-04 09:00', now() from way
"""


def mail_of(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@example.org"


def values(name: str) -> tuple[str, ...]:
    number = (*ERASED, *LEFT).index(name) + 1
    return (
        name, mail_of(name), name.replace(" ", "_"), f"44163296000{number}",
        f"{700 + number} Lantern", f"ORD-400{number}", f"192.0.2.{number}", f"LH-7700{number}",
        f"{number}.first@mail",
    )  # fmt: skip


class Installation(Brought):
    """An installation over Chatwoot's tables, with the files of its blobs."""

    org_id = "1"
    tenants = ("1", "2")

    def __init__(self, url: str, home: Path) -> None:
        self.storage = home / "storage"
        self.storage.mkdir()
        super().__init__(url, home, (LISTING, SEED, REPORTING), PACK / "datamap.yaml")
        for number, key in self.query("select id, key from active_storage_blobs"):
            path = self.storage / key[:2] / key[2:4] / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(WRITTEN.get(number, "RIFF"), "utf-8")

    def query(self, statement: str, *parameters: object) -> list[tuple]:
        with psycopg.connect(self.url, options="-c search_path=public") as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def files(self) -> set[str]:
        return {path.name for path in self.storage.rglob("[!.]*") if path.is_file()}

    def everything(self) -> dict[str, list[str]]:
        """Return every row as text, by table."""
        tables = self.query(
            "select relname from pg_class where relnamespace = 'public'::regnamespace "
            "and relkind = 'r' order by 1"
        )
        return {
            table: [row for (row,) in self.query(f"select t::text from {table} t order by 1")]  # noqa: S608
            for (table,) in tables
        }

    def totals(self) -> list[list[tuple]]:
        return [self.query(one) for one in TOTALS]

    def keys(self, numbers: str) -> set[str]:
        """Return the names of the files of some blobs."""
        return {
            key
            for (key,) in self.query(f"select key from active_storage_blobs where id in {numbers}")  # noqa: S608
        }


@dataclass
class Served:
    """The desk after the night, and what it was like before."""

    desk: Installation
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    files: set[str]
    left: set[str]
    totals: list[list[tuple]]
    others: set[str]
    access: str


@pytest.fixture(scope="module")
def served(template_database, tmp_path_factory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    with template_database.clones() as fresh:
        desk = Installation(fresh("lacuna"), home)
        let_pass(desk.stores)
        before, totals, files = desk.everything(), desk.totals(), desk.files()
        others = desk.keys(
            f"(50, 51, 52, 53, 54, 60, 61, 62, 63, 64, {IMPORTED}, {PORTRAIT}, {OF_MACRO})"
        )
        others |= desk.keys(OF_BOTH)
        access = desk.submit(
            IdentifierKind.EMAIL,
            mail_of(ERASED[0]),
            kinds=(RequestKind.ACCESS, RequestKind.PORTABILITY),
            bundle_key=str(IDENTITY.to_public()),
        )
        desk.run()
        desk.erase(*map(mail_of, (*ERASED, SHARING[0])))
        yield Served(desk, before, desk.everything(), files, desk.files(), totals, others, access)


@pytest.mark.thorough
def test_the_pack_fits_the_tables_and_the_files(served):
    assert find_drift(served.desk.stores)[1] == ()


def of_the_other_account(row: str) -> bool:
    return re.search(r"\b(201|kettle)\b", row, re.IGNORECASE) is not None


@pytest.mark.thorough
@pytest.mark.parametrize("name", ERASED)
def test_nothing_of_the_erased_is_left(served, name):
    held = "\n".join(row for rows in served.before.values() for row in rows)
    assert all(value in held for value in values(name))
    left = {
        (table, value)
        for table, rows in served.after.items()
        for row in rows
        for value in values(name)
        if re.search(rf"{re.escape(value.lower())}(?!\d)", row.lower())
        and not of_the_other_account(row)
    }
    assert left == set()


@pytest.mark.thorough
def test_their_files_and_what_was_made_of_them_are_gone_and_no_others(served):
    assert len(served.files) == 5 * 6 + 6
    assert served.left == served.others
    gone = "select count(*) from active_storage_blobs where id between 10 and 44"
    assert served.desk.query(gone) == [(0,)]
    assert served.desk.query(
        "select count(*) from active_storage_variant_records where id < 900"
    ) == [(2,)]


@pytest.mark.thorough
def test_what_several_share_stays_as_it_is_and_goes_with_the_last_of_them(served):
    of_files = (
        "active_storage_blobs",
        "active_storage_variant_records",
        "active_storage_attachments",
    )
    gone = re.compile(r"^\((903|906),[a-z]")
    for table in of_files:
        shared = {one for one in served.before[table] if re.match(r"^\(90[3-7],", one)}
        left = {one for one in served.after[table] if re.match(r"^\(90[3-7],", one)}
        assert (
            left == {one for one in shared if table != of_files[-1] or not gone.match(one)} != set()
        )
    served.desk.erase(mail_of(SHARING[1]))
    assert served.desk.keys("(903, 904, 905)") == served.desk.keys(f"({OF_MACRO})") != set()
    assert {path for path in served.desk.files() if path.startswith(("picture", "fileof"))} == {
        "fileofamacro0000000000000000"
    }
    left = served.desk.query(
        "select id from active_storage_attachments where id between 903 and 907"
    )
    assert left == [(907,)]


@pytest.mark.thorough
def test_rows_of_everybody_else_are_identical(served):
    numbers = {"contacts": r"105|106|201", "messages": r"[56]\d\d", "users": r"\d+"}
    # A note to an agent, in a conversation of somebody else, names the first of them.
    mentioning = re.compile(r"^\(602,")
    compared = 0
    for table, rows in served.before.items():
        number = re.compile(r"^\((?:" + numbers.get(table, r"[56]\d?") + "),")
        theirs = {row for row in rows if number.match(row) and not mentioning.match(row)}
        assert theirs <= set(served.after[table]), table
        compared += len(theirs)
    assert compared > 80
    for table in ("accounts", "users", "inboxes", "teams", "reporting_events", "mentions"):
        assert served.after[table] == served.before[table] != []
    (said,) = served.desk.query(
        "select content, content_attributes #>> '{}' from messages where id = 602"
    )
    assert re.fullmatch(r"The same as \[NAME\], \[EMAIL\]", said[0])
    assert json.loads(said[1])["translations"]["da"] == "Det samme som [NAME]"


@pytest.mark.thorough
def test_counts_and_durations_are_what_they_were(served):
    assert all(served.totals)
    assert served.desk.totals() == served.totals


@pytest.mark.thorough
def test_what_the_application_needs_is_there(served):
    broken = served.desk.query("""
        select count(*) from conversations one
        left join contacts person on person.id = one.contact_id and person.account_id = one.account_id
        left join contact_inboxes way on way.id = one.contact_inbox_id
        where person.id is null or way.id is null or way.source_id !~ '\\S'
    """)
    assert broken == [(0,)]
    pointed = "select count(distinct contact_id) from conversations where id between 10 and 43"
    assert served.desk.query(pointed) == [(1,)]
    sources = (
        "select count(distinct source_id), count(*) from contact_inboxes where id between 10 and 43"
    )
    assert served.desk.query(sources) == [(8, 8)]
    senders = "select count(*) from messages where sender_type = 'Contact' and sender_id between 101 and 104"
    assert served.desk.query(senders) == [(0,)]


@pytest.mark.thorough
def test_a_bundle_has_what_is_theirs_and_nobody_elses(served, tmp_path):
    assert served.desk.state(served.access) is RequestState.COMPLETED
    sealed = served.desk.stores.home / "bundles" / f"{served.access}.zip.age"
    folder = open_sealed(sealed, PrivateKey(str(IDENTITY)), tmp_path / "opened").folder
    said = "\n".join(
        path.read_text("utf-8") for path in folder.rglob("*") if path.suffix in (".json", ".txt")
    )
    own = values(ERASED[0])
    assert [value for value in own[:2] + own[3:] if value not in said] == []
    assert [name for name in (*ERASED[2:], *LEFT) if name in said] == []
    files = [path for path in folder.rglob("*") if path.is_file() and path.read_bytes() == b"RIFF"]
    assert len(files) == 6


@pytest.mark.thorough
def test_whoever_comes_back_is_erased_again(served):
    desk, name = served.desk, ERASED[3]
    desk.query(
        "insert into contacts (id, account_id, name, email, identifier, created_at, updated_at)"
        " values (104, 1, %s, %s, 'LH-77004-K', now(), now())",
        *(name, mail_of(name)),
    )
    desk.run(sweep)
    rows = [row for row in desk.everything()["contacts"] if name in row or mail_of(name) in row]
    assert rows == []


@pytest.mark.thorough
def test_old_messages_are_redacted_once_the_rules_are_approved(served):
    desk = served.desk
    for rule in known_rules(desk.stores):
        approve_rule(desk.stores, (rule.name, rule.digest, None), "dpo:0000test")
    late = RunOptions(
        run_id=str(uuid.uuid4()), mode=Mode.ACT, as_of=datetime.now(UTC) + timedelta(days=1200)
    )
    named = "select count(*) from messages where content like %s"
    assert desk.query(named, f"%{LEFT[0]}%") != [(0,)]
    assert sweep.run(desk.stores, late, str(uuid.uuid4())) > 0
    assert desk.query(named, f"%{LEFT[0]}%") == [(0,)]
    assert sweep.run(desk.stores, replace(late, run_id=str(uuid.uuid4())), str(uuid.uuid4())) == 0


@pytest.mark.thorough
def test_reports_count_every_conversation_of_a_closed_period_once(served):
    desk = served.desk
    # Nothing is published of fewer than ten people.
    desk.query(MANY)
    scope = RunScope(since=date(2026, 11, 2))
    options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT, scope=scope)
    assert reporting.run(desk.stores, options, str(uuid.uuid4())) > 0
    # The second account has one conversation: nothing is said of it.
    counted = desk.query("select org_id, sum(n)::bigint from reporting.volume_daily group by 1")
    every = "select count(*) from chatwoot_reporting.conversations where org_id = '1'"
    assert counted == [("1", *desk.query(every)[0])] == [("1", 72)]


@pytest.mark.thorough
@pytest.mark.parametrize("added", [False, True])
def test_init_writes_a_map_that_fits_and_asks_about_a_column_of_an_administrator(
    database, tmp_path, added
):
    url = database()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(LISTING)
        if added:
            connection.execute("alter table contacts add loyalty_number text")
    output, own = tmp_path / "desk", ("--controller", "Desk A/S", "--authority", "Datatilsynet")
    done = run_here(
        *("datamap", "init", "chatwoot", "--output", output, "--json"),
        *(*own, "--dpo", "dpo@desk.example.org"),
        cwd=tmp_path,
        LACUNA_HOME=str(tmp_path / "home"),
        LACUNA_DATABASE_URL=url,
    )
    said = json.loads(done.stdout)
    assert (done.returncode, said["version"], said["same_schema"]) == (
        int(added),
        "4.14",
        not added,
    )
    assert [one.partition(":")[0] for one in said["questions"]] == [
        "public.contacts.loyalty_number"
    ] * added
