"""The pack of Zammad, on a listing of its tables, through every flow.

Four of six customers are erased in a night. Files lie on disk and in the database; two are shared.
"""

from __future__ import annotations

import json
import re
import uuid
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
import yaml
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
PACK = Path(lacuna.__file__).parent / "packs" / "zammad"
LISTING = (HERE / "zammad.sql").read_text("utf-8")
SEED = (HERE / "zammad_seed.sql").read_text("utf-8")
REPORTING = (PACK / "reporting.sql").read_text("utf-8")
ERASED = ("Aveline Ashgrove", "Bodil Birkelund", "Casimir Coppersmith", "Dagny Drosselbart")
LEFT = ("Emeric Eschenbach", "Fenella Fairweather")
IDENTITY = x25519.Identity.generate()
TOTALS = (
    "select group_id, state_id, owner_id, type, created_at, first_response_in_min, close_in_min, count(*), sum(time_unit), "
    "sum(article_count) from tickets group by 1, 2, 3, 4, 5, 6, 7 order by 5, 1",
    "select ticket_id, type_id, sender_id, internal, count(*) from ticket_articles group by 1, 2, 3, 4 order by 1, 2, 3",
    "select direction, state, count(*), sum(duration_waiting_time), sum(duration_talking_time) from cti_logs group by 1, 2",
    "select ticket_id, sum(time_unit) from ticket_time_accountings group by 1 order by 1",
    "select o_id, count(*) from histories where history_object_id = 31 group by 1 order by 1",
    "select o_id, id_from, id_to from histories where history_attribute_id = 2 order by 1",
    "select tag_item_id, count(*) from tags group by 1 order by 1",
    "select conversation_id, org_id, channel, state, queue_id, assignee_id, created_at, first_response_at, "
    "handling_duration_s from zammad_reporting.conversations order by 1",
)
MANY = """
with person as (
    insert into users (id, login, lastname, created_by_id, updated_by_id, created_at, updated_at)
    select 2000 + n, 'guest-' || n, 'Guest ' || n, 901, 901, now(), now() from generate_series(1, 60) n returning id
)
insert into tickets (id, group_id, priority_id, state_id, number, title, owner_id, customer_id, created_by_id, updated_by_id, created_at, updated_at)
select id, 1, 2, 4, (40000 + id)::text, 'Lamp', 901, id, 901, 901, timestamp '2026-11-04 09:00', now() from person
"""


def mail_of(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@example.org"


def values(name: str) -> tuple[str, ...]:
    number = (*ERASED, *LEFT).index(name) + 1
    first, last = name.split()
    return (
        name, mail_of(name), f"{last}, {first}", f"44163296000{number}", f"+44 1632 96000{number}",
        f"{700 + number} Lantern", f"ORD-400{number}", f"192.0.2.{number}", f"LH-7700{number}",
        f"{number}.0@mail", f"Oldmaiden-{number}",
    )  # fmt: skip


def path_of(sha: str) -> str:
    cuts = (0, 4, 8, 13, 18, 25, 32, 64)
    return "/".join(("fs", *(sha[one:two] for one, two in pairwise(cuts))))


class Installation(Brought):
    """An installation over Zammad's tables, with the files of the provider on disk."""

    org_id = "desk"
    tenants = ("desk",)

    def __init__(self, url: str, home: Path) -> None:
        self.storage = home / "storage"
        self.storage.mkdir()
        super().__init__(url, home, (LISTING, SEED, REPORTING), PACK / "datamap.yaml")
        for number, sha in self.query("select id, sha from store_files where provider = 'File'"):
            path = self.storage / path_of(sha)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"RIFF {number}", "utf-8")

    def query(self, statement: str, *parameters: object) -> list[tuple]:
        with psycopg.connect(self.url, options="-c search_path=public") as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def files(self) -> set[str]:
        return {path.read_text("utf-8") for path in self.storage.rglob("[!.]*") if path.is_file()}

    def everything(self) -> dict[str, list[str]]:
        """Return every row as text, by table, with what is in columns of bytes."""
        tables = self.query(
            "select relname from pg_class where relnamespace = 'public'::regnamespace "
            "and relkind = 'r' order by 1"
        )
        found = {
            table: [row for (row,) in self.query(f"select t::text from {table} t order by 1")]  # noqa: S608
            for (table,) in tables
        }
        found["bytes"] = [
            text
            for (text,) in self.query(
                "select convert_from(data, 'utf8') from store_provider_dbs "
                "union all select convert_from(data, 'utf8') from failed_emails"
            )
        ]
        return found

    def totals(self) -> list[list[tuple]]:
        return [self.query(one) for one in TOTALS]


@dataclass
class Served:
    """The desk after the night, and what it was like before."""

    desk: Installation
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    files: set[str]
    totals: list[list[tuple]]
    access: str


@pytest.fixture(scope="module")
def served(template_database, tmp_path_factory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    with template_database.clones() as fresh:
        desk = Installation(fresh("lacuna"), home)
        let_pass(desk.stores)
        before, totals, files = desk.everything(), desk.totals(), desk.files()
        access = desk.submit(
            IdentifierKind.EMAIL,
            mail_of(ERASED[0]),
            kinds=(RequestKind.ACCESS, RequestKind.PORTABILITY),
            bundle_key=str(IDENTITY.to_public()),
        )
        desk.run()
        desk.erase(*map(mail_of, ERASED))
        yield Served(desk, before, desk.everything(), files, totals, access)


@pytest.mark.thorough
def test_the_pack_fits_the_tables_and_the_files(served):
    assert find_drift(served.desk.stores)[1] == ()


@pytest.mark.thorough
@pytest.mark.parametrize("name", ERASED)
def test_nothing_of_the_erased_is_left(served, name):
    held = "\n".join(row for rows in served.before.values() for row in rows)
    assert [value for value in values(name) if value not in held] == []
    left = {
        (table, value)
        for table, rows in served.after.items()
        for row in rows
        for value in values(name)
        if re.search(rf"{re.escape(value.lower())}(?!\d)", row.lower())
    }
    assert left == set()


@pytest.mark.thorough
def test_their_files_are_gone_and_shared_ones_only_with_the_last(served):
    # Two on disk of each customer, and the terms.
    assert len(served.files) == 2 * 6 + 1
    assert served.desk.files() == {f"RIFF {one}" for one in (50, 52, 60, 62, 900)}
    assert served.desk.query("select id from store_files order by 1") == [
        (one,) for one in (50, 51, 52, 53, 60, 61, 62, 63, 900)
    ]
    assert served.desk.query("select id from store_provider_dbs order by 1") == [
        (one,) for one in (51, 53, 61, 63)
    ]
    # The raw mail of somebody else that named one of them; the other files in the database are as they were.
    said = "select id, convert_from(data, 'utf8') from store_provider_dbs where id > 50 order by 1"
    assert [text for _, text in served.desk.query(said)][:2] == ["", "RIFF 53"]
    assert served.desk.query("select id, length(data) > 0 from failed_emails order by 1") == [
        (1, False),
        (5, True),
    ]
    assert served.desk.query("select id from stores where store_file_id = 900 order by 1") == [
        (1005,), (1006,), (1200,)
    ]  # fmt: skip


@pytest.mark.thorough
def test_rows_of_everybody_else_are_identical(served):
    numbers = {"users": r"1|105|106|90\d", "ticket_articles": r"[56]\d\d", "cti_logs": "[56]"}
    # A note, a history and a raw mail of others that name an erased person.
    mentioning = re.compile(r"^\((602|56|66),|^\(51,[0-9a-f]{64},")
    compared = 0
    for table, rows in served.before.items():
        number = re.compile(r"^\((?:" + numbers.get(table, r"[56]\d?") + "),")
        theirs = {row for row in rows if number.match(row) and not mentioning.match(row)}
        assert theirs <= set(served.after[table]), table
        compared += len(theirs)
    assert compared > 100
    for table in ("groups", "roles", "groups_users", "organizations", "mentions", "links"):
        assert served.after[table] == served.before[table] != []
    said = "select body from ticket_articles where id = 602"
    assert served.desk.query(said) == [("<p>The same as [NAME], [EMAIL]</p>",)]


@pytest.mark.thorough
def test_counts_and_durations_are_what_they_were(served):
    assert all(served.totals)
    assert served.desk.totals() == served.totals


@pytest.mark.thorough
def test_what_the_application_needs_is_there(served):
    desk = served.desk
    pointed = "select count(distinct customer_id) from tickets where id between 10 and 43"
    assert desk.query(pointed) == [(1,)]
    assert desk.query("select count(*) from users where login !~ '\\S' or email !~ '^[^@]*(@[^@]+)?$'") == [(0,)]  # fmt: skip
    for table in ("tickets", "ticket_articles", "taskbars", "triggers", "cti_logs", "http_logs"):
        for (row,) in desk.query(f"select to_jsonb(t) from {table} t"):  # noqa: S608
            for text in row.values():
                if str(text).startswith("---"):
                    assert isinstance(yaml.safe_load(text), dict)


@pytest.mark.thorough
def test_a_bundle_has_what_is_theirs_and_nobody_elses(served, tmp_path):
    assert served.desk.state(served.access) is RequestState.COMPLETED
    sealed = served.desk.stores.home / "bundles" / f"{served.access}.zip.age"
    folder = open_sealed(sealed, PrivateKey(str(IDENTITY)), tmp_path / "opened").folder
    said = "\n".join(
        path.read_text("utf-8") for path in folder.rglob("*") if path.suffix in (".json", ".txt")
    )
    own = values(ERASED[0])
    assert [value for value in own if value not in said] == []
    assert [name for name in (*ERASED[2:], *LEFT) if name in said] == []
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert {one for one in files if one[:4] == b"RIFF"} == {b"RIFF 10", b"RIFF 12", b"RIFF 900"}
    # What is in the database comes as base64.
    assert b64encode(b"RIFF plan").decode() in said


@pytest.mark.thorough
def test_whoever_comes_back_is_erased_again(served):
    desk, name = served.desk, ERASED[3]
    first, last = name.split()
    desk.query(
        "insert into users (id, login, firstname, lastname, email, created_by_id, updated_by_id, created_at, updated_at)"
        " values (104, %s, %s, %s, %s, 901, 901, now(), now())",
        *(mail_of(name), first, last, mail_of(name)),
    )
    desk.run(sweep)
    rows = [row for row in desk.everything()["users"] if last in row or mail_of(name) in row]
    assert rows == []


@pytest.mark.thorough
def test_an_agent_loses_their_details_and_what_they_worked_on_stays(served):
    desk, mail = served.desk, "otto@desk.example.com"
    work = "select id, owner_id, created_by_id from tickets where owner_id = 902 order by 1"
    before = desk.query(work)
    desk.erase(mail, person_kind="agent")
    ((login, *details),) = desk.query(
        "select login, firstname, lastname, email, active from users where id = 902"
    )
    assert re.fullmatch("erased-[0-9a-f]{32}", login)
    assert details == ["", "", "", False]
    assert desk.query(work) == before != []


@pytest.mark.thorough
def test_old_articles_are_redacted_once_the_rules_are_approved(served):
    desk = served.desk
    for rule in known_rules(desk.stores):
        approve_rule(desk.stores, (rule.name, rule.digest, None), "dpo:0000test")
    late = RunOptions(
        run_id=str(uuid.uuid4()), mode=Mode.ACT, as_of=datetime.now(UTC) + timedelta(days=1200)
    )
    named = "select count(*) from ticket_articles where body like %s"
    assert desk.query(named, f"%{LEFT[0]}%") != [(0,)]
    assert sweep.run(desk.stores, late, str(uuid.uuid4())) > 0
    assert desk.query(named, f"%{LEFT[0]}%") == [(0,)]
    assert sweep.run(desk.stores, replace(late, run_id=str(uuid.uuid4())), str(uuid.uuid4())) == 0


@pytest.mark.thorough
def test_reports_count_every_ticket_of_a_closed_period_once(served):
    desk = served.desk
    # Nothing is published of fewer than ten people.
    desk.query(MANY)
    scope = RunScope(since=date(2026, 11, 2))
    options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT, scope=scope)
    assert reporting.run(desk.stores, options, str(uuid.uuid4())) > 0
    counted = desk.query("select org_id, sum(n)::bigint from reporting.volume_daily group by 1")
    every = "select count(*) from zammad_reporting.conversations"
    assert counted == [("desk", *desk.query(every)[0])] == [("desk", 72)]


# What the migrations after 7.1 made.
LATER = """
drop table ai_feature_providers, ai_provider_connections, audit_logs, report_profiles_roles;
alter table http_logs drop column related_object_id, drop column related_object_type;
alter table overviews drop column folder_id;
drop table overview_folders;
alter table webhooks drop column bearer_token, drop column http_method;
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("change", "version", "asked"),
    [
        ("select 1", "7.1-later", []),
        (LATER, "7.1", []),
        ("alter table users add loyalty_number text", "7.1-later", ["public.users.loyalty_number"]),
    ],
    ids=["as listed", "7.1", "with a column of an administrator"],
)
def test_init_writes_the_map_of_the_version_and_asks_about_other_columns(
    database, tmp_path, change, version, asked
):
    url = database()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        for script in (LISTING, SEED, change):
            connection.execute(script)
    output, own = tmp_path / "desk", ("--controller", "Desk A/S", "--authority", "Datatilsynet")
    done = run_here(
        *("datamap", "init", "zammad", "--output", output, "--json"),
        *(*own, "--dpo", "dpo@desk.example.org"),
        cwd=tmp_path,
        LACUNA_HOME=str(tmp_path / "home"),
        LACUNA_DATABASE_URL=url,
    )
    said = json.loads(done.stdout)
    assert (done.returncode, said["version"], said["same_schema"]) == (
        int(bool(asked)),
        version,
        not asked,
    )
    assert [one.partition(":")[0] for one in said["questions"]] == asked
