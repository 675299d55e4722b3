"""The pack of Request Tracker, on a listing of its tables: five of six customers are erased in a night."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

import lacuna
from lacuna.errors import VerificationFailed
from lacuna.flows.run.opening import find_drift
from lacuna.model.identity import IdentifierKind
from lacuna.model.queue import Obstacle
from lacuna.model.run import Role
from lacuna.request import withdraw
from tests.brought import Brought
from tests.cli.conftest import run_here
from tests.proved import let_pass

HERE = Path(__file__).parent
PACK = Path(lacuna.__file__).parent / "packs" / "request-tracker"
LISTING = tuple(
    (HERE / name).read_text("utf-8") for name in ("request_tracker.sql", "request_tracker_seed.sql")
)
REPORTING = (PACK / "reporting.sql").read_text("utf-8")
ERASED = ("Aveline Ashgrove", "Bodil Birkelund", "Casimir Coppersmith", "Dagny Drosselbart")
LEFT = ("Emeric Eschenbach", "Fenella Fairweather")
STATISTICS = """
select (select count(*) from tickets), (select sum(timeworked) from tickets),
    (select count(*) from transactions), (select sum(timetaken) from transactions),
    (select count(*) from attachments), (select count(*) from groups),
    (select count(*) from objectcustomfieldvalues),
    (select sum(extract(epoch from first_response_at - created_at))
     from request_tracker_reporting.conversations),
    (select sum(handling_duration_s) from request_tracker_reporting.conversations)
"""


def notes_block(begins: str) -> str:
    """Return a block of SQL from the notes, as who installs the pack runs it."""
    notes = (PACK / "NOTES.md").read_text("utf-8")
    (block,) = re.findall(rf"(?ms)^   ```sql\n(   {begins}.*?)^   ```$", notes)
    return block


class Tracker(Brought):
    """An installation over Request Tracker's tables."""

    org_id = "desk"
    tenants = ("desk",)

    def query(self, statement: str, *parameters: object) -> list[tuple]:
        with psycopg.connect(self.url, options="-c search_path=public") as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def everything(self) -> dict[str, list[str]]:
        """Return every row as text, by table."""
        tables = self.query(
            "select relname from pg_class where relnamespace = 'public'::regnamespace "
            "and relkind = 'r' order by 1"
        )
        return {
            table: [row for (row,) in self.query(f"select t::text from {table} t order by id")]  # noqa: S608
            for (table,) in tables
        }


@dataclass
class Served:
    """The desk after the night, and what it was like before."""

    desk: Tracker
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    statistics: list[tuple[list[tuple], list[tuple]]]


@pytest.fixture(scope="module")
def served(template_database, tmp_path_factory) -> Served:
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    scripts = (*LISTING, notes_block("create function"), REPORTING)
    with template_database.clones() as fresh:
        desk = Tracker(fresh("lacuna"), home, scripts, PACK / "datamap.yaml")
        let_pass(desk.stores)
        before, numbers = desk.everything(), desk.query(STATISTICS)
        assert find_drift(desk.stores)[1] == ()
        desk.erase(*(f"{name.lower().replace(' ', '.')}@example.org" for name in ERASED))
        yield Served(desk, before, desk.everything(), [(numbers, desk.query(STATISTICS))])


def values(name: str) -> tuple[str, ...]:
    number = (*ERASED, *LEFT).index(name) + 1
    return (
        name, name.lower().replace(" ", "."), name.replace(" ", "_"), f"96000{number}",
        f"{700 + number} Lantern", f"ORD-400{number}", f"192.0.2.{number}", "Old Mill 9, " + name,
    )  # fmt: skip


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
    }
    assert left == set()


def test_rows_of_everybody_else_are_as_they_were(served):
    kept = [row for name in LEFT for row in served.before["users"] if name in row]
    assert len(kept) == len(LEFT)
    for table, rows in served.before.items():
        gone = [row for row in rows if row not in served.after[table]]
        assert all("Fenella" not in row or "Aveline" in row for row in gone), table
    assert set(kept) <= set(served.after["users"])
    for table in ("queues", "links", "principals", "customfields", "configurations", "acl"):
        assert served.after[table] == served.before[table]
    tickets = "select count(*) from tickets where id in (5, 6) and creator in (150, 160)"
    assert served.desk.query(tickets) == [(2,)]


def test_counts_and_durations_are_what_they_were(served):
    ((before, after),) = served.statistics
    assert before == after
    ((*_, latency, worked),) = after
    assert (latency > 0, worked) == (True, sum(range(1, 7)) * 60)


def test_the_number_of_an_erased_account_is_no_link_any_more(served):
    keys = [100 + 10 * number for number in range(1, len(ERASED) + 1)]
    for table, column in (
        ("users", "id"), ("groupmembers", "memberid"), ("tickets", "creator"),
        ("cachedgroupmembers", "memberid"), ("transactions", "creator"), ("attachments", "creator"),
        ("authtokens", "owner"), ("shorteners", "creator"), ("groups", "creator"),
    ):  # fmt: skip
        found = served.desk.query(
            f"select count(*) from {table} where {column} = any(%s)",  # noqa: S608
            keys,
        )
        assert found == [(0,)], (table, column)
    of_users = (
        "select count(*) from transactions where objecttype = 'RT::User' and objectid = any(%s)"
    )
    assert served.desk.query(of_users, keys) == [(0,)]


def test_no_row_says_who_of_the_erased_entered_or_changed_it(served):
    keys = [100 + 10 * number for number in range(1, len(ERASED) + 1)]
    named = served.desk.query(
        "select table_name::text, column_name::text from information_schema.columns where "
        "table_schema = 'public' and column_name in ('creator', 'lastupdatedby', 'lastaccessedby')"
    )
    assert len(named) > 50
    for table, column in named:
        found = f"select count(*) from {table} where {column} = any(%s)"  # noqa: S608
        assert served.desk.query(found, keys) == [(0,)], (table, column)
    # The desk's article was entered by one of them, and changed by somebody who is there.
    nobody = "(select row_key::int from lacuna.tombstone where table_name = 'public.users')"
    entered = f"select creator = {nobody}, lastupdatedby from articles"  # noqa: S608
    assert served.desk.query(entered) == [(True, 150)]


def test_a_picture_that_names_nobody_is_gone_with_its_owner_alone(served):
    left = "select count(*) from attachments where content like %s"
    assert served.desk.query(left, "/9j/4AAQ%") == [(len(LEFT),)]


def test_every_other_role_and_the_index_go_on(served):
    owners = "select count(*) from groupmembers where memberid = 36"
    assert served.desk.query(owners) == [(len(ERASED) + len(LEFT) + 1,)]
    searched = (
        "select id from attachmentsindex where contentindex @@ to_tsquery('lamp') order by id"
    )
    assert served.desk.query(searched) == [(10 * number + 1,) for number in range(1, 7)]
    named = "select count(*) from attachmentsindex where contentindex @@ to_tsquery('birkelund')"
    assert served.desk.query(named) == [(0,)]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("dropped", "version"), [("", "5.0"), ("attachmentsindex", "5.0-unindexed")]
)
def test_what_init_writes_fits_the_tables(database, tmp_path, dropped, version):
    url = database()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(LISTING[0])
        if dropped:
            connection.execute(f"drop table {dropped}")
    output, own = tmp_path / "desk", ("--controller", "Desk A/S", "--authority", "Datatilsynet")
    done = run_here(
        *("datamap", "init", "request-tracker", "--output", output, "--json"),
        *(*own, "--dpo", "dpo@desk.example.org"),
        cwd=tmp_path,
        LACUNA_HOME=str(tmp_path / "home"),
        LACUNA_DATABASE_URL=url,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert (said["version"], said["same_schema"], said["questions"]) == (version, True, [])
    written = (output / "datamap.yaml").read_text("utf-8")
    assert ("public.attachmentsindex:" in written) is not bool(dropped)


METTE = "mette@desk.example.org"


@pytest.fixture
def agents(database, lacuna_home) -> Tracker:
    """A desk before any night; its agent wrote their name, and asks for help themselves in ticket 6."""
    scripts = (*LISTING, notes_block("create function"), REPORTING)
    desk = Tracker(database("lacuna"), lacuna_home, scripts, PACK / "datamap.yaml")
    desk.query("update attachments set content = content || ' Mette Kjeldgaard' where id % 10 = 2")
    desk.query("update groupmembers set memberid = 36 where groupid = 1001 + 4 * 6")
    desk.query(
        "insert into authtokens (id, owner, token, description) values (99, 36, 'aa', 'Mette')"
    )
    return desk


def proved(desk: Tracker) -> None:
    """Search everything for everybody, as an installation has to before its first plan."""
    done = run_here(
        *("datamap", "prove", "--people", "20"),
        cwd=desk.stores.home,
        LACUNA_HOME=str(desk.stores.home),
        LACUNA_DATABASE_URL=desk.url.replace("postgresql://", "postgresql+psycopg://"),
        LACUNA_DATAMAP=str(PACK / "datamap.yaml"),
        LACUNA_TENANTS=str(Path(__file__).parent / "request_tracker" / "tenants.yaml"),
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.thorough
def test_an_agent_is_no_customer_and_their_erasure_leaves_the_tickets_with_the_team(agents):
    proved(agents)
    as_customer = agents.submit(IdentifierKind.EMAIL, METTE)
    before, numbers = agents.everything(), agents.query(STATISTICS)
    with pytest.raises(VerificationFailed):
        agents.run()
    with agents.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.requests.obstacle(as_customer) is Obstacle.OTHER_KIND
    assert agents.everything() == before
    with agents.stores.transaction(Role.DPO, org_id="desk") as transaction:
        withdraw(transaction.queue.requests.get(as_customer), agents.desk(transaction))
    agents.erase(METTE, person_kind="agent")
    after = agents.everything()
    assert agents.query(STATISTICS) == numbers
    for table in ("tickets", "groups", "groupmembers", "cachedgroupmembers", "principals"):
        assert after[table] == before[table], table
    changed = {
        table: len([row for row in rows if row not in after[table]])
        for table, rows in before.items()
    }
    assert {table: count for table, count in changed.items() if count} == {
        "users": 1, "authtokens": 1, "attachments": 6, "attachmentsindex": 6
    }  # fmt: skip
    assert not [
        row for rows in after.values() for row in rows if re.search("mette|kjeldg", row, re.I)
    ]
    assert agents.query(
        "select emailaddress, realname, name ~ '^erased-' from users where id = 36"
    ) == [(None, None, True)]


@pytest.mark.thorough
def test_the_erasure_of_a_customer_treats_no_row_of_an_agent(agents):
    let_pass(agents.stores)
    theirs = "select u::text from users u where id = 36 union all select t::text from authtokens t where owner = 36"
    before = agents.query(theirs)
    agents.erase("fenella.fairweather@example.org")
    assert agents.query(theirs) == before
    assert agents.query(
        "select content like '%%Mette Kjeldgaard' from attachments where id = 62"
    ) == [(True,)]
