"""A desk of two firms that knows nothing of Lacuna: every default of the scaffold is accepted.

No column says who was erased, no link to a customer may be NULL, and half of the tables name no tenant.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from lacuna.cli.app import application
from lacuna.datamap import COUNTED, DriftKind, check, load, load_tenants
from lacuna.errors import ConfigurationError
from lacuna.flows import sweep
from lacuna.flows.run.opening import try_tombstones
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.model.tombstone import KeyKind, tombstone_key
from lacuna.model.treatment import RowErasure
from lacuna.stores.postgres.view_script import REPORTING
from tests.brought import Brought
from tests.drafting import Drafted, draft
from tests.drifts import drifts_of
from tests.flows.test_every_default import STRANGERS, made_by

SCRIPT = (STRANGERS / "tenants.sql").read_text("utf-8")
FIRST = ("Aveline", "Bodil", "Casimir", "Dagny", "Emeric")
LAST = ("Ashgrove", "Birkelund", "Coppersmith", "Drosselbart")
NOBODY = {
    org_id: int(tombstone_key(TableName("desk", "customers"), org_id, KeyKind.BIGINT))
    for org_id in ("1", "2")
}
# What the firms count: tickets, minutes and ratings.
REPORT = (
    "select account_id, count(*), sum(minutes_spent), sum(score), count(distinct m.id) "
    "from desk.tickets t join desk.ratings r on r.ticket_id = t.id "
    "join desk.messages m on m.ticket_id = t.id group by 1 order by 1"
)


class Firms(Brought):
    """The desk, and what is left of a customer."""

    org_id = "1"
    tenants = ("1", "2")

    def erase_both(self, *numbers: int) -> None:
        """Erase customers of either firm in one run."""
        ids = [
            self.submit(IdentifierKind.EMAIL, f"guest{one}@example.org", org_id=str(1 + one % 2))
            for one in numbers
        ]
        self.run()
        self.approve(*ids)
        self.run()
        assert [self.state(one) for one in ids] == [RequestState.COMPLETED] * len(ids)

    def left_of(self, number: int) -> list[tuple[str, str]]:
        """Return where something of a customer is left, and what."""
        values = (
            f"guest{number}@", f"{FIRST[number % 5]} {LAST[number % 4]}", f"9600{number:02d}",
            f",guest{number},",
        )  # fmt: skip
        tables = self.query(
            "select oid::regclass::text from pg_class "
            "where relnamespace = 'desk'::regnamespace and relkind = 'r'"
        )
        return [
            (table, value)
            for (table,) in tables
            for (row,) in self.query(f"select t::text from {table} t")  # noqa: S608
            for value in values
            if value in row.replace('"', "")
        ]


@pytest.fixture(scope="module")
def drafted(template_database, tmp_path_factory) -> Iterator[Drafted]:
    with template_database.clones() as fresh:
        yield draft(made_by(fresh(), SCRIPT), tmp_path_factory.mktemp("drafted"))


@pytest.fixture
def firms(drafted, database, lacuna_home) -> Firms:
    return Firms(database("lacuna"), lacuna_home, [SCRIPT], drafted.path)


def test_the_draft_passes_the_check_and_deletes_nothing(drafted, firms):
    assert drifts_of(firms.stores) == ()
    assert try_tombstones(firms.stores) == ()
    datamap = load(drafted.path)
    assert RowErasure.DELETE not in {table.rows for table in datamap.tables.values()}
    tenants = {
        name.name: table.tenant or [link.column for link in table.tenant_through]
        for name, table in datamap.tables.items()
        if not table.is_shared
    }
    assert tenants == {
        "firm": "id", "team": "account_id", "agents": "account_id", "mailbox": "account_id",
        "hours": "account_id", "customers": ["team_id"], "tickets": "account_id",
        "messages": ["ticket_id"], "ratings": ["ticket_id"],
    }  # fmt: skip
    assert "shared" in drafted.questions


def test_the_tenants_are_drafted_and_refused_until_somebody_has_filled_them_in(
    firms, drafted, tmp_path, monkeypatch
):
    drafted_again(firms, drafted, tmp_path, monkeypatch)
    tenants = tmp_path / "tenants.yaml"
    with pytest.raises(ConfigurationError, match="1: addresses is missing") as refused:
        load_tenants(tenants)
    assert all(f"{org_id}: country is empty" in str(refused.value) for org_id in ("1", "2"))
    entries = yaml.safe_load(tenants.read_text("utf-8"))
    for org_id, entry in entries["tenants"].items():
        entry |= {"country": "DK", "language": "da", "addresses": [f"privacy{org_id}@example.org"]}
    tenants.write_text(yaml.safe_dump(entries), "utf-8")
    assert set(load_tenants(tenants).by_org) == {"1", "2"}


@pytest.mark.thorough
def test_the_owner_of_the_tables_grants_what_the_map_needs_by_a_script(
    firms, drafted, tmp_path, monkeypatch
):
    drafted_again(firms, drafted, tmp_path, monkeypatch)
    roles = "lacuna_planner, lacuna_executor, lacuna_verifier"
    firms.query(f"revoke all on all tables in schema desk from {roles}")
    firms.query(f"revoke all on schema desk from {roles}")
    assert {one.kind for one in drifts_of(firms.stores)} == {DriftKind.RIGHT}
    firms.query((tmp_path / "grants.sql").read_text("utf-8"))
    assert drifts_of(firms.stores) == ()
    # And no more: nothing is deleted here, and nobody but the executor changes a row.
    firms.erase_both(3, 4)
    granted = firms.query(
        "select distinct grantee, privilege_type from information_schema.table_privileges "
        "where table_schema = 'desk' and grantee like 'lacuna_%'"
    )
    assert set(granted) == {
        ("lacuna_planner", "SELECT"), ("lacuna_verifier", "SELECT"), ("lacuna_executor", "SELECT"),
        ("lacuna_executor", "UPDATE"), ("lacuna_executor", "INSERT"),
    }  # fmt: skip


def test_the_drafted_views_make_the_drafted_map_fit(firms, drafted, tmp_path, monkeypatch):
    drafted_again(firms, drafted, tmp_path, monkeypatch)
    datamap = load(tmp_path / "datamap.yaml")

    def differences() -> set[tuple[str, DriftKind]]:
        with firms.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
            live = transaction.live_schema(datamap.schemas)
        return {(one.location, one.kind) for one in check(datamap, live)}

    views = {f"{REPORTING}.{view}" for view in COUNTED}
    assert differences() == {(one, DriftKind.MISSING) for one in views | {REPORTING}}
    firms.query((tmp_path / "reports.sql").read_text("utf-8"))
    assert differences() == set()


def drafted_again(firms: Firms, drafted: Drafted, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Draft the map with the files beside it."""
    patch.setenv("LACUNA_DATABASE_URL", firms.url)
    patch.setenv("LACUNA_HOME", str(folder))
    files = ("--output", "datamap.yaml"), ("--tenants", "tenants.yaml"), ("--grants", "grants.sql")
    files += (("--reports", "reports.sql"),)
    arguments = [part for option, name in files for part in (option, str(folder / name))]
    answers = ["--answers", str(drafted.path.parent / "answers.yaml"), "--schema", "desk"]
    done = CliRunner().invoke(application(), ["datamap", "scaffold", *arguments, *answers])
    assert done.exit_code == 0, (done.output, done.exception)


@pytest.mark.thorough
def test_interactions_of_the_erased_stay_with_nobody_of_their_firm(firms):
    before = firms.query(REPORT)
    others = firms.query("select c::text from desk.customers c where id not in (3, 4) order by 1")
    assert all(len(firms.left_of(one)) > 5 for one in (3, 4))
    firms.erase_both(3, 4)
    assert [firms.left_of(one) for one in (3, 4)] == [[], []]
    assert firms.query(REPORT) == before
    cut = (
        "select account_id, t.customer_id, m.customer_id from desk.tickets t join desk.messages m "
    )
    assert firms.query(cut + "on ticket_id = t.id where t.id in (3, 4) order by 1") == [
        (1, NOBODY["1"], NOBODY["1"]), (2, NOBODY["2"], NOBODY["2"]),
    ]  # fmt: skip
    nobody = (
        "select id, team_id, tier, email, phone, full_name from desk.customers where id = any(%s)"
    )
    assert sorted(firms.query(nobody, list(NOBODY.values()))) == sorted(
        (NOBODY[one], int(one), "basic", None, None, "[erased]") for one in NOBODY
    )
    rest = "select c::text from desk.customers c where id between 1 and 20 order by 1"
    assert firms.query(rest) == others
    labels = [text for (text,) in firms.query("select label_text from desk.label order by id")]
    assert labels == ["urgent matters", "call [EMAIL] and [EMAIL] back", "waits for parts"]


@pytest.mark.thorough
def test_the_next_erasure_and_whoever_comes_back_find_the_same_contact(firms):
    back = {
        table: firms.query(f"select to_jsonb(t)::text from desk.{table} t where t.id = 3")[0][0]  # noqa: S608
        for table in ("customers", "tickets", "messages")
    }
    firms.erase_both(3, 4)
    firms.erase_both(5)
    assert firms.query("select count(*) from desk.customers") == [(22,)]
    # A restore, or an import, brings a customer back with a ticket of theirs.
    for table, row in back.items():
        row = row.replace('"id": 3,', '"id": 3,' if table == "customers" else '"id": 903,')
        row = row.replace('"ticket_id": 3,', '"ticket_id": 903,')
        firms.query(
            f"insert into desk.{table} select * from jsonb_populate_record(null::desk.{table}, %s)",  # noqa: S608
            row,
        )
    assert firms.left_of(3)
    firms.run(sweep)
    assert firms.left_of(3) == []
    assert (
        firms.query("select customer_id from desk.tickets where id in (3, 5, 903)")
        == [(NOBODY["2"],)] * 3
    )
