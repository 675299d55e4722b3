"""The verifier's reading: every row and column, under its own role, without writing anything."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from lacuna.errors import DataMapDrift, StatementRefused
from lacuna.model.location import ColumnName, TableName
from lacuna.model.run import Role
from lacuna.model.table import PortableRows
from lacuna.ports import Canaries, NamedObject, SearchedRows, Verifying, WantedRows
from lacuna.stores.postgres import erasure_reader, repeated_values, verifier, verifier_joins
from lacuna.stores.postgres.verifier import VerifierReader
from lacuna.stores.postgres.verifier_queries import of_requests
from tests.shop import (
    ALIAS,
    ANNA,
    ANNA_OLD,
    BO,
    BRIEFE,
    CACHE,
    CLARA,
    KUNDEN,
    LAGER,
    LINES,
    TICKETS,
    Shop,
)

CANARIES = Canaries(("canary one", "canary two"), 19997031, "7f3acafe-0000-4000-8000-7f3a7f3a7f3a")


@pytest.fixture
def reading(still_shop: Shop) -> Iterator[VerifierReader]:
    with still_shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        yield transaction.verifying(still_shop.datamap)


def column_of(reading: VerifierReader, table: TableName, name: str, org_id: str | None) -> list:
    return [one for rows in reading.rows(table, org_id) for one in rows.columns[name]]


# --- rows -----------------------------------------------------------------------------------------


def test_every_row_of_a_tenant_is_read_and_none_of_another(reading) -> None:
    assert len(column_of(reading, KUNDEN, "Name", "nord")) == 4
    assert column_of(reading, KUNDEN, "Name", "sued") == ["Dora Elm"]
    assert column_of(reading, KUNDEN, "Name", "nobody") == []


def test_odd_names_of_tables_and_columns_are_quoted(reading, still_shop) -> None:
    assert column_of(reading, LAGER, "notiz", "nord") == [
        "Reserved for anna.berg@example.org",
        "Empty",
    ]
    assert column_of(reading, LINES, "Wunsch", "nord") == ["Grün für Anna", None, "Blau\tzwei"]
    assert set(still_shop.datamap.tables) <= set(reading._live())


def test_rows_say_whom_they_lead_to_by_every_way(reading) -> None:
    (rows,) = reading.rows(BRIEFE, "nord")
    bodies = dict(zip(rows.columns["body"], range(5), strict=True))
    assert rows.owners(bodies["Clara answers"]) == {ANNA, CLARA}
    assert rows.owners(bodies["Nobody here"]) == {CLARA}
    (customers,) = reading.rows(KUNDEN, "nord")
    owners = [customers.owners(row) for row in range(4)]
    assert owners == [{key} for key in customers.links["Kunde Nr"]]


def test_the_rows_of_a_person_are_counted_by_every_way_once(reading, still_shop) -> None:
    anna = reading.rows_leading_to(KUNDEN, [ANNA, ANNA_OLD], "nord")
    assert anna == dict.fromkeys(still_shop.datamap.tables, 0) | {
        KUNDEN: 2, ALIAS: 3, TICKETS: 2, BRIEFE: 2, LINES: 2, CACHE: 1, LAGER: 1,
    }  # fmt: skip
    # One of her two letters leads to both people, and one of Anna's leads to Clara as its author.
    assert reading.rows_leading_to(KUNDEN, [ANNA, CLARA], "nord")[BRIEFE] == 4
    assert reading.rows_leading_to(TICKETS, ["10"], "nord") == dict.fromkeys(anna, 0) | {
        TICKETS: 1, BRIEFE: 2, LINES: 2, LAGER: 1,
    }  # fmt: skip
    assert set(reading.rows_leading_to(KUNDEN, [ANNA], "sued").values()) == {0}


def test_the_rows_that_a_person_provided_are_found_by_code_author_and_what_they_lead_to(
    still_shop,
) -> None:
    def provided(people: list[str], **rules: PortableRows) -> dict[TableName, set[str]]:
        datamap = still_shop.datamap
        names = {"letters": BRIEFE, "tickets": TICKETS, "lines": LINES}
        tables = {
            names[name]: replace(datamap.tables[names[name]], portable=rule)
            for name, rule in rules.items()
        }
        with still_shop.open(Role.VERIFIER, is_read_only=True) as transaction:
            found = transaction.verifying(
                replace(datamap, tables={**datamap.tables, **tables})
            ).rows_provided(KUNDEN, people, people, "nord")
        return {name: {key[0] for key in keys} for name, keys in found.items()}

    own = PortableRows(author="autor")
    assert provided([ANNA, ANNA_OLD]) == {}
    assert provided([ANNA, ANNA_OLD], letters=own) == {BRIEFE: {"100"}}
    # Clara wrote in Anna's ticket; a letter without an author is nobody's.
    assert provided([CLARA], letters=own) == {BRIEFE: {"101", "300"}}
    # Where a ticket is left out, so is what leads to it, unless a table says otherwise.
    north, south = (PortableRows((("org_id", (one,)),)) for one in ("nord", "sued"))
    anna = provided([ANNA, ANNA_OLD], tickets=north, letters=own)
    assert (anna[TICKETS], anna[BRIEFE], anna[LINES]) == ({"10", "11"}, {"100"}, {"10"})
    anna = provided([ANNA, ANNA_OLD], tickets=south, letters=own, lines=PortableRows())
    assert (anna[TICKETS], anna[BRIEFE], LINES in anna) == (set(), {"100"}, False)
    anna = provided([ANNA, ANNA_OLD], tickets=south, letters=replace(own, goes_with=("ticket",)))
    assert (anna[BRIEFE], anna[LINES]) == (set(), set())


def test_links_are_the_columns_that_hold_a_person(reading) -> None:
    (customers,) = reading.rows(KUNDEN, "nord")
    assert set(customers.links) == {"Kunde Nr", "merged_into"}
    assert ANNA in customers.links["merged_into"]
    (lines,) = reading.rows(LINES, "nord")
    assert lines.links == {}
    (tickets,) = reading.rows(TICKETS, "nord")
    assert ANNA_OLD in tickets.links["kunde"]


def test_documents_arrays_and_ids_are_read_as_text_times_and_counts_are_not(reading) -> None:
    (rows,) = reading.rows(KUNDEN, "nord")
    assert {"Einstellungen", "Daten", "E-Mails", "Kunde Nr"} <= set(rows.columns)
    assert not {"geboren", "gesehen", "notiert", "GELÖSCHT AM"} & set(rows.columns)
    (tickets,) = reading.rows(TICKETS, "nord")
    # Numbers of the system cannot be a person's; their digits would only look like one.
    assert not {"ticket", "minuten", "preis"} & set(tickets.columns)


def test_rows_come_in_batches_and_none_is_lost(still_shop, monkeypatch) -> None:
    monkeypatch.setattr(verifier_joins, "_FETCHED", 1)
    monkeypatch.setattr(verifier, "_BATCH_ROWS", 2)
    with still_shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        reading = transaction.verifying(still_shop.datamap)
        batches = [len(rows.columns["Name"]) for rows in reading.rows(KUNDEN, "nord")]
    assert batches == [2, 2]
    monkeypatch.setattr(verifier, "_BATCH_ROWS", 100)
    monkeypatch.setattr(verifier, "_BATCH_CHARACTERS", 1)
    with still_shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        reading = transaction.verifying(still_shop.datamap)
        assert sum(1 for _ in reading.rows(KUNDEN, "nord")) == 4


def test_columns_repeat_where_the_statistics_say_so_and_only_in_large_tables(
    shop: Shop, monkeypatch
) -> None:
    def repeated(table: TableName) -> frozenset[str]:
        with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
            return transaction.verifying(shop.datamap).repeated(table)

    shop.query(
        'insert into "Odd Shop".cache ("KEY", org_id) '
        "select 'key ' || number, 'nord' from generate_series(1, 40) as number"
    )
    assert repeated(CACHE) == frozenset()
    shop.query('analyze "Odd Shop".cache')
    assert repeated(CACHE) == frozenset()
    monkeypatch.setattr(repeated_values, "_FEWEST_ROWS", 20)
    assert repeated(CACHE) == {"org_id"}


def test_values_that_repeat_are_read_once_and_rows_for_those_that_are_wanted(reading) -> None:
    names = [one for part in reading.values(KUNDEN, "Name", "nord") for one in part]
    assert sorted(names) == sorted(set(column_of(reading, KUNDEN, "Name", "nord")))
    assert "Dora Elm" not in names

    def read(values: dict[str, list[str]], keys: list[str]) -> list[str | None]:
        wanted = WantedRows(values, keys)
        only = [*values, "Name"] if keys == [] else None
        found = reading.rows(KUNDEN, "nord", only, wanted=wanted)
        return [one for rows in found for one in rows.links["Kunde Nr"]]

    everybody = sorted(column_of(reading, KUNDEN, "Kunde Nr", "nord"))
    assert read({"Name": []}, []) == []
    assert len(read({"Name": [names[0]]}, [])) == 1
    assert sorted(read({}, [])) == everybody


def test_a_query_can_be_asked_while_rows_of_another_are_read(reading) -> None:
    seen = []
    for rows in reading.rows(KUNDEN, "nord"):
        seen += [rows.columns["Name"], reading.other_people("nord"), reading.named_objects("media")]
    assert len(seen) == 3


def test_a_column_that_the_data_map_does_not_know_is_read_too(shop: Shop) -> None:
    shop.query('alter table "Odd Shop"."Kunden" add column "50%% Notiz" text default \'new\'')
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        reading = transaction.verifying(shop.datamap)
        assert column_of(reading, KUNDEN, "50% Notiz", "nord") == ["new"] * 4
        assert "50% Notiz" in canaries_in(reading, KUNDEN).columns


def test_a_row_without_a_tenant_is_read_with_every_tenant(shop: Shop) -> None:
    shop.query('alter table "Odd Shop"."La""ger" alter column org_id drop not null')
    shop.query("""insert into "Odd Shop"."La""ger" values (9, null, 'nobody''s', null)""")
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        reading = transaction.verifying(shop.datamap)
        assert "nobody's" in column_of(reading, LAGER, "notiz", "nord")
        assert "nobody's" in column_of(reading, LAGER, "notiz", "sued")


def test_partitions_are_read_once_through_the_table_they_belong_to(shop: Shop) -> None:
    shop.query(
        'alter table "Odd Shop"."La""ger" rename to lager_old;'
        'create table "Odd Shop"."La""ger" (id int, org_id text not null, notiz text, '
        "ticket bigint, angaben jsonb, primary key (id, org_id)) partition by list (org_id);"
        """create table "Odd Shop".lager_nord partition of "Odd Shop"."La""ger" for values in ('nord');"""
        'create table "Odd Shop".lager_rest partition of "Odd Shop"."La""ger" default;'
        """insert into "Odd Shop"."La""ger" select * from "Odd Shop".lager_old;"""
        'drop table "Odd Shop".lager_old;'
        'grant select on all tables in schema "Odd Shop" to lacuna_verifier'
    )
    request = shop.add_request()
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        reading = transaction.verifying(shop.datamap)
        assert len(column_of(reading, LAGER, "notiz", "nord")) == 2
        assert reading.unplanned_rows(LAGER, [request.request_id]) == {}
        assert reading.totals(LAGER, [request.request_id]) == {}
        assert not any(table.name.startswith("lager_") for table in reading._live())


# --- fail closed ----------------------------------------------------------------------------------


def test_a_missing_table_or_column_is_refused(shop: Shop) -> None:
    shop.query('drop table "Odd Shop".cache')
    shop.query('alter table "Odd Shop"."Alias" drop column wert')
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        reading = transaction.verifying(shop.datamap)
        with pytest.raises(DataMapDrift, match=r"Odd Shop\.cache does not exist"):
            list(reading.rows(CACHE, "nord"))
        with pytest.raises(DataMapDrift, match=r"Odd Shop\.Alias lacks 1 columns .*\(wert\)"):
            list(reading.rows(ALIAS, "nord"))
        with pytest.raises(DataMapDrift):
            canaries_in(reading, CACHE)


def test_a_table_that_the_role_may_not_read_is_refused(shop: Shop) -> None:
    shop.query('revoke select on "Odd Shop".cache from lacuna_verifier')
    with (
        pytest.raises(StatementRefused, match="InsufficientPrivilege"),
        shop.open(Role.VERIFIER, is_read_only=True) as transaction,
    ):
        list(transaction.verifying(shop.datamap).rows(CACHE, "nord"))


def test_a_policy_that_would_hide_rows_is_refused_not_obeyed(shop: Shop) -> None:
    shop.query('alter table "Odd Shop".cache enable row level security')
    with (
        pytest.raises(StatementRefused, match="InsufficientPrivilege"),
        shop.open(Role.VERIFIER, is_read_only=True) as transaction,
    ):
        list(transaction.verifying(shop.datamap).rows(CACHE, "nord"))


@pytest.mark.parametrize("statement", ["select 'anna@example.org'::int", "select 'anna' || 1 / 0"])
def test_run_control_23_an_error_of_the_driver_quotes_no_value(
    still_shop: Shop, statement: str
) -> None:
    with pytest.raises(StatementRefused) as caught, still_shop.open(Role.VERIFIER) as transaction:
        list(
            transaction.verifying(still_shop.datamap)._stream(sql.SQL(statement) + sql.SQL(""), {})
        )
    assert "anna" not in str(caught.value)
    assert "SQLSTATE 22" in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_verifier_writes_nothing(shop: Shop) -> None:
    for statement in ('delete from "Odd Shop".cache', "create temporary table x (i int)"):
        with (
            pytest.raises(StatementRefused),
            shop.open(Role.VERIFIER, is_read_only=True) as transaction,
        ):
            transaction._connection.exec_driver_sql(statement)


# --- canaries -------------------------------------------------------------------------------------


def canaries_in(reading: Verifying, table: TableName) -> SearchedRows:
    ((_, rows),) = reading.canary_rows([table], CANARIES)
    return rows


def with_columns(shop: Shop, table: TableName, columns: str) -> None:
    shop.query(f'alter table "{table.schema}"."{table.name}" {columns}')


def test_canaries_stand_in_every_searched_column(reading, still_shop) -> None:
    for table in (*still_shop.datamap.tables, *reading.own_tables()):
        rows = canaries_in(reading, table)
        for name, values in rows.columns.items():
            assert len(values) == 2, (table, name)
            said = sorted(value.decode() if isinstance(value, bytes) else value for value in values)
            assert said in ([str(CANARIES.number)] * 2, [CANARIES.uuid] * 2) or all(
                text in one for one, text in zip(said, CANARIES.texts, strict=True)
            ), (table, name)


def test_the_searched_columns_are_the_same_for_rows_and_canaries(reading, still_shop) -> None:
    for table in still_shop.datamap.tables:
        canaries = {name for name in canaries_in(reading, table).columns if "(keys)" not in name}
        for rows in reading.rows(table, "nord"):
            assert set(rows.columns) == canaries


def test_types_of_every_sort_are_searched_left_out_or_opaque(shop: Shop) -> None:
    shop.query(
        """create domain "Odd Shop".mail as varchar(5) check (value ~ '@');
        create domain "Odd Shop".nested as "Odd Shop".mail check (length(value) < 5);
        create type "Odd Shop".mood as enum ('good', 'bad');
        create type "Odd Shop".pair as (a text, b text);"""
    )
    searched = {
        "a": "varchar(3)",
        "b": "char(2)",
        "c": "name",
        "d": "varchar(3)[]",
        "e": "text[][]",
        "f": "json[]",
        "g": "uuid[]",
        "h": "bytea",
        "i": '"Odd Shop".nested',
        "j": '"Odd Shop".mail[]',
        "k": "bigint",
        "l": "numeric(3, 1)",
        "m": "int[]",
        "n": "text generated always as (a || 'x') stored",
        "o": "text not null default 'x' check (length(o) < 3)",
    }
    left_out = {
        "p": "boolean",
        "q": "date",
        "r": "interval",
        "s": '"Odd Shop".mood',
        "t": "inet",
        "u": "real",
        "v": "smallint",
        "w": "bit(3)",
        "x": "timestamptz[]",
        "xa": '"Odd Shop".mood[]',
        "y": '"char"',
    }
    opaque = {"z": "tsvector", "za": '"Odd Shop".pair', "zb": "bytea[]", "zc": "jsonpath"}
    for name, kind in (searched | left_out | opaque).items():
        with_columns(shop, CACHE, f"add column {name} {kind}")
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        reading = transaction.verifying(shop.datamap)
        columns = set(canaries_in(reading, CACHE).columns)
        assert set(reading.opaque_columns(CACHE)) == set(opaque)
        assert reading.opaque_columns(CACHE)["z"] == "tsvector"
    assert {name for name in columns if "(keys)" not in name} == {
        "KEY",
        "org_id",
        "kunde",
        *searched,
    }
    assert "f (keys)" in columns


def test_generated_text_and_checked_columns_take_canaries_that_the_table_would_not(
    shop: Shop,
) -> None:
    with_columns(
        shop, CACHE, "add column short varchar(2) not null default 'x' check (short = 'x')"
    )
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        rows = canaries_in(transaction.verifying(shop.datamap), CACHE)
    assert sorted(rows.columns["short"]) == sorted(CANARIES.texts)
    assert shop.query('select count(*) from "Odd Shop".cache') == [(3,)]


def test_numbers_count_where_they_may_be_a_persons(shop: Shop) -> None:
    with_columns(shop, TICKETS, "add column telefon bigint, add column stufe bigint")
    tickets = shop.datamap.tables[TICKETS]
    (kept,) = (column for column in tickets.columns if column.name == "minuten")
    columns = (
        *tickets.columns,
        replace(kept, name="telefon", category="user.contact.phone_number"),
        replace(kept, name="stufe"),
    )
    datamap = replace(
        shop.datamap, tables={**shop.datamap.tables, TICKETS: replace(tickets, columns=columns)}
    )
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        found = canaries_in(transaction.verifying(datamap), TICKETS).columns
    assert found["telefon"] == (str(CANARIES.number),) * 2
    assert "stufe" not in found


def test_lacunas_own_schemas_are_tables_to_search(reading) -> None:
    names = {str(table) for table in reading.own_tables()}
    assert {
        "lacuna.request",
        "lacuna.file_effect",
        "lacuna_evidence.entry",
        "reporting.release",
    } <= names
    rows = canaries_in(reading, TableName("lacuna", "plan"))
    assert "readable" in rows.columns
    assert isinstance(
        canaries_in(reading, TableName("lacuna", "request_secret")).columns["content"][0],
        bytes,
    )


def test_rows_of_lacunas_own_tables_are_read(shop: Shop) -> None:
    request = shop.add_request()
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        reading = transaction.verifying(shop.datamap)
        table = TableName("lacuna", "request")
        assert column_of(reading, table, "request_id", None) == [request.request_id]


# --- people and objects ---------------------------------------------------------------------------


def test_agents_come_with_their_names(reading) -> None:
    assert set(reading.other_people("nord")) == {("Gerda Vogt", "Gerda"), ("Anna", "Anna")}
    assert set(reading.other_people("sued")) == {("Ulf Ek", "Ulf")}


def test_objects_come_with_the_people_whose_rows_name_them(reading) -> None:
    nord = frozenset({"nord"})
    assert reading.named_objects("media") == {
        "fotos/1.png": NamedObject(frozenset({ANNA}), nord),
        "fotos/2.png": NamedObject(frozenset({BO}), nord),
        "briefe/100.eml": NamedObject(frozenset({ANNA}), nord),
        "briefe/300.eml": NamedObject(frozenset({CLARA}), nord),
    }
    assert reading.named_objects("none") == {}
    assert reading.named_paths("media") == reading.named_objects("media").keys()
    assert reading.named_paths("none") == frozenset()


# --- requests -------------------------------------------------------------------------------------


def give_rows(shop: Shop, request_id: str, table: TableName, *keys: tuple[str, ...]) -> None:
    with shop.open(Role.EXECUTOR) as transaction:
        transaction.queue.plans.put_rows(request_id, "own", {table: keys})


@pytest.fixture
def erasure(shop: Shop) -> str:
    """A request with own rows in three tables, one of them with a key of two columns."""
    request_id = shop.add_request().request_id
    with shop.open(Role.EXECUTOR) as transaction:
        transaction.queue.plans.put_rows(
            request_id,
            "own",
            {
                KUNDEN: [(ANNA,), (ANNA_OLD,)],
                TICKETS: [("10",), ("11",)],
                LINES: [("10", "A"), ("10", "B")],
            },
        )
        transaction.queue.plans.put_baselines(TICKETS, {request_id: {"rows": "2", "minuten": "12"}})
    return request_id


def verifying(shop: Shop) -> Iterator[VerifierReader]:
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        yield transaction.verifying(shop.datamap)


def test_totals_are_those_of_the_own_rows_of_each_request(shop: Shop, erasure: str) -> None:
    other = shop.add_request().request_id
    give_rows(shop, other, TICKETS, ("20",))
    for reading in verifying(shop):
        assert reading.totals(TICKETS, [erasure, other]) == {
            erasure: {"rows": "2", "minuten": "12", "preis": "12.50"},
            other: {"rows": "1", "minuten": "11", "preis": "1.25"},
        }
        assert reading.totals(LINES, [erasure]) == {erasure: {"rows": "2"}}
        assert reading.totals(TICKETS, [str(uuid.uuid4())]) == {}


def test_what_lacuna_recorded_of_requests_is_read_by_request(shop: Shop, erasure: str) -> None:
    for reading in verifying(shop):
        assert reading.baseline([erasure]) == {erasure: {TICKETS: {"rows": "2", "minuten": "12"}}}
        assert reading.working_rows([erasure]) == {erasure: {KUNDEN: 2, TICKETS: 2, LINES: 2}}
        assert reading.transactions([erasure]) == {}
        assert reading.effects([erasure]) == {}
        assert reading.baseline([]) == {}


def test_own_rows_are_read_as_they_are_now_in_utc(shop: Shop, erasure: str) -> None:
    shop.query("set timezone to 'Asia/Tokyo'")
    for reading in verifying(shop):
        (rows,) = reading.own_rows(KUNDEN, [erasure], ("gesehen", "E-Mails"))
        assert list(rows) == ["gesehen", "E-Mails"]
        assert sorted(filter(None, rows["gesehen"])) == ["2026-03-31 23:30:00+00"]
        assert [len(one[""]) for one in reading.own_rows(KUNDEN, [erasure], ())] == [2]
        assert list(reading.own_rows(CACHE, [erasure], ("KEY",))) == []


@pytest.mark.parametrize("table", [KUNDEN, TICKETS, LINES])
def test_an_index_serves_the_search_for_own_rows(shop: Shop, erasure: str, table) -> None:
    """Where nothing is known of the working rows, as in the night that wrote them."""
    mapped = shop.datamap.tables[table]
    for reading in verifying(shop):
        driver = reading._driver(reading._connection)
        for other in ("seqscan", "hashjoin", "mergejoin"):
            driver.execute(sql.SQL("set local {} = off").format(sql.Identifier(f"enable_{other}")))
        query = sql.SQL("explain select start.*") + reading._from_own_rows(mapped)
        lines = [line for (line,) in driver.execute(query, of_requests(mapped, [erasure]))]
        assert any("Index Cond" in line and "row_key)[1]" in line for line in lines), lines


def test_own_rows_come_in_parts_and_none_is_lost(shop: Shop, erasure: str, monkeypatch) -> None:
    monkeypatch.setattr(verifier_joins, "_FETCHED", 1)
    for reading in verifying(shop):
        for setting in ("_OWN_ROWS", "_OWN_CHARACTERS"):
            monkeypatch.setattr(erasure_reader, setting, 1)
            parts = list(reading.own_rows(KUNDEN, [erasure], ("Kunde Nr",)))
            assert sorted(one for part in parts for one in part["Kunde Nr"]) == [ANNA, ANNA_OLD]
            assert len(parts) == 2
            monkeypatch.setattr(erasure_reader, setting, 1000)


def test_objects_that_own_rows_still_name_are_listed(shop: Shop, erasure: str) -> None:
    for reading in verifying(shop):
        (named,) = reading.own_paths([erasure]).values()
        assert {source.column: paths for source, paths in named.items()} == {
            ColumnName(KUNDEN, "Foto"): ("fotos/1.png",)
        }


# --- unplanned ------------------------------------------------------------------------------------


def erase_rows(shop: Shop, request_ids: list[str], *statements: str) -> None:
    """Change rows in one transaction, and note it as the requests' own."""
    with psycopg.connect(shop.url.replace("+psycopg", "")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.execute(
            "update lacuna.request set rows_transaction = pg_current_xact_id() "
            "where request_id::text = any(%s)",
            [request_ids],
        )


def test_a_row_that_the_transaction_wrote_and_no_plan_names_is_unplanned(
    shop: Shop, erasure: str
) -> None:
    erase_rows(
        shop,
        [erasure],
        'update "Odd Shop"."Tickets" set betreff = null where ticket in (10, 11, 20)',
        'update "Odd Shop"."order.lines" set "Wunsch" = null',
    )
    for reading in verifying(shop):
        assert reading.unplanned_rows(TICKETS, [erasure]) == {erasure: 1}
        assert reading.unplanned_rows(LINES, [erasure]) == {erasure: 1}
        assert reading.unplanned_rows(KUNDEN, [erasure]) == {}
        assert reading.transactions([erasure]).keys() == {erasure}


def test_rows_of_another_request_of_the_same_transaction_are_planned(
    shop: Shop, erasure: str
) -> None:
    other = shop.add_request().request_id
    give_rows(shop, other, TICKETS, ("20",))
    erase_rows(
        shop,
        [erasure, other],
        'update "Odd Shop"."Tickets" set betreff = null where ticket in (10, 20)',
    )
    for reading in verifying(shop):
        assert reading.unplanned_rows(TICKETS, [erasure, other]) == {}


def test_rows_of_other_writers_of_the_same_time_do_not_count(shop: Shop, erasure: str) -> None:
    with psycopg.connect(shop.url.replace("+psycopg", "")) as another:
        another.execute("""update "Odd Shop"."Tickets" set betreff = 'x' where ticket = 20""")
        erase_rows(
            shop, [erasure], 'update "Odd Shop"."Tickets" set betreff = null where ticket = 10'
        )
        another.commit()
    for reading in verifying(shop):
        assert reading.unplanned_rows(TICKETS, [erasure]) == {}
