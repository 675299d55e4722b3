"""Rows written anew, on a real server: what they say no more of who wrote them, and what stays."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from lacuna.model.location import TableName
from lacuna.model.scrub import ScrubRefusal
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.scrubber import PostgresScrubber
from tests.shop import Shop

ODD = TableName("Odd Shop", "Odd %s")
NAME = '"Odd Shop"."Odd %s"'


@pytest.fixture
def connection(shop: Shop) -> Iterator[psycopg.Connection]:
    url = shop.url.replace("+psycopg", "", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def scrubber(shop: Shop) -> PostgresScrubber:
    return PostgresScrubber(shop.database, seconds_for_older=0.2)


def rewritten(scrubber: PostgresScrubber, table: TableName = ODD, key=()):
    files = {one.table: one for one in scrubber.tables([table.schema])}
    return scrubber.rewrite(files[table], key)


def run(connection: psycopg.Connection, statement: str) -> list:
    """Run a statement about the table `THIS`."""
    result = connection.execute(statement.replace("THIS", NAME).encode())
    return result.fetchall() if result.description else []


def written_together(connection: psycopg.Connection) -> list[set[int]]:
    """Return the ids of rows that one transaction wrote, for each transaction."""
    found = run(connection, "select array_agg(id) from THIS group by xmin::text")
    return [set(ids) for (ids,) in found]


EVERY_FOURTH = "update THIS set note = note || 'x' where id % 4 = 0"


@pytest.fixture
def erased(connection: psycopg.Connection) -> psycopg.Connection:
    """A table of 40 rows with long values, in which every fourth row was written once more."""
    run(connection, "create table THIS (id int primary key, note text, page text)")
    run(
        connection,
        "insert into THIS select n, 'note ' || n, (select string_agg(md5(n::text || m), '') "
        "from generate_series(1, 400) m) from generate_series(1, 40) n order by random()",
    )
    run(connection, "update THIS set note = note || 'x', page = page || 'x' where id % 4 = 0")
    return connection


def test_rows_of_one_erasure_share_their_number_with_all_others(erased, scrubber):
    assert len(written_together(erased)) == 2
    before = run(erased, "select id, note, md5(page) from THIS order by id")
    assert not rewritten(scrubber).refusals
    assert written_together(erased) == [set(range(1, 41))]
    assert run(erased, "select distinct xmax::text, cmin::text from THIS") == [("0", "0")]
    assert run(erased, "select id, note, md5(page) from THIS order by id") == before


def test_a_table_is_due_while_a_lock_tells_its_rows_apart(erased, scrubber):
    """Whoever locks rows leaves the number of that transaction in them, and changes nothing."""
    files = rewritten(scrubber).files
    erased.execute(
        "insert into lacuna.scrub (table_name, changes, position, byte_count, lock_seconds, scrubbed_at)"
        " values (%s, %s, %s, 0, 0, now())",
        [str(ODD), files.changes, files.position],
    )
    assert ODD not in {one.table for one in scrubber.due([ODD.schema])}
    run(erased, "select id from THIS where id % 4 = 0 for update")
    assert len(run(erased, "select distinct xmax::text from THIS")) == 2
    assert ODD in {one.table for one in scrubber.due([ODD.schema])}
    assert not rewritten(scrubber).refusals
    assert run(erased, "select distinct xmax::text from THIS") == [("0",)]


def test_a_key_by_the_name_of_what_orders_rows_orders_them(erased, scrubber):
    run(erased, "alter table THIS rename column id to place")
    rewritten(scrubber)
    assert run(erased, "select array_agg(place order by ctid) from THIS") == [(list(range(1, 41)),)]
    if erased.info.server_version >= 170000:
        drawn = "select array_agg(place order by pg_column_toast_chunk_id(page)) from THIS"
        assert run(erased, drawn) == [(list(range(1, 41)),)]


def test_rows_lie_in_the_order_of_their_key_and_not_of_their_writing(erased, scrubber):
    in_file = "select array_agg(id order by ctid) from THIS"
    assert run(erased, in_file) != [(list(range(1, 41)),)]
    rewritten(scrubber)
    assert run(erased, in_file) == [(list(range(1, 41)),)]


def chunks(connection: psycopg.Connection) -> list[int]:
    """Return the ids of rows in the order in which their long values were drawn."""
    return [
        each
        for (each,) in run(
            connection, "select id from THIS order by pg_column_toast_chunk_id(page)"
        )
    ]


def test_long_values_are_drawn_anew_in_that_order_too(erased, scrubber):
    if erased.info.server_version < 170000:
        pytest.skip("the server does not tell which number a long value has")
    assert set(chunks(erased)[-10:]) == set(range(4, 41, 4))
    rewritten(scrubber)
    assert chunks(erased) == list(range(1, 41))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("jsonb", "jsonb_build_object('a', page)"),
        ("text[]", "array[page, null]"),
        ("bytea", "convert_to(page, 'UTF8')"),
        ("odd_text", "page"),
        ("odd_pair", "row(page, 1)"),
        ("text[][]", "array[array[page], array[null]]"),
        (
            "int4multirange",
            "(select range_agg(int4range(n, n + 1)) from generate_series(1, 3000, 2) n)",
        ),
        ("tsvector", "to_tsvector('simple', page)"),
    ],
)
def test_long_values_of_every_type_are_drawn_anew(erased, scrubber, kind, value):
    erased.execute("create domain odd_text as text check (value <> '')")
    erased.execute("create type odd_pair as (first text, second int)")
    run(erased, f"alter table THIS add column other {kind}")
    run(erased, "update THIS set other = VALUE where id > 2".replace("VALUE", value))
    run(erased, "update THIS set page = null")
    run(erased, "alter table THIS alter column other set storage external")
    run(erased, "update THIS set other = other where id % 4 = 0")
    (before,) = run(erased, "select array_agg(other::text order by id) from THIS")
    assert not rewritten(scrubber).refusals
    assert run(erased, "select array_agg(other::text order by id) from THIS") == [before]
    if erased.info.server_version >= 170000:
        drawn = run(
            erased,
            "select array_agg(id order by pg_column_toast_chunk_id(other)) from THIS where id > 2",
        )
        assert drawn == [(list(range(3, 41)),)]


def test_long_values_that_the_database_makes_are_drawn_anew(erased, scrubber):
    run(
        erased,
        "alter table THIS add column made text generated always as "
        "(repeat(md5(note) || md5(note || 'a') || md5(note || 'b'), 60)) stored",
    )
    run(erased, "update THIS set page = null")
    run(erased, "alter table THIS alter column made set storage external")
    run(erased, "update THIS set note = note || 'x'")
    run(erased, EVERY_FOURTH)
    before = run(erased, "select id, note, md5(made) from THIS order by id")
    assert not rewritten(scrubber).refusals
    assert run(erased, "select id, note, md5(made) from THIS order by id") == before
    if erased.info.server_version >= 170000:
        drawn = "select array_agg(id order by pg_column_toast_chunk_id(made)) from THIS"
        assert run(erased, drawn) == [(list(range(1, 41)),)]


def test_rows_without_a_key_lie_in_an_order_by_chance(erased, scrubber):
    run(erased, 'alter table THIS drop constraint "Odd %s_pkey"')
    assert not rewritten(scrubber).refusals
    (order,) = run(erased, "select array_agg(id order by ctid) from THIS")[0]
    assert order[-10:] != list(range(4, 41, 4))
    assert sorted(order) == list(range(1, 41))
    rewritten(scrubber)
    assert run(erased, "select array_agg(id order by ctid) from THIS") != [(order,)]
    assert written_together(erased) == [set(range(1, 41))]


def test_the_platform_is_told_nothing_and_finds_its_switches_as_they_were(erased, scrubber):
    erased.execute(
        'create table "Odd Shop".told (what text); '
        'create function "Odd Shop".tell() returns trigger language plpgsql as '
        """'begin insert into "Odd Shop".told values (tg_name); return new; end'"""
    )
    for name, state in (("a", "enable"), ("b c", "enable always"), ("d", "enable replica")):
        run(
            erased,
            f'create trigger "{name}" before update on THIS '
            'for each row execute function "Odd Shop".tell()',
        )
        run(erased, f'alter table THIS {state} trigger "{name}"')
    run(
        erased,
        'create trigger off before update on THIS for each row execute function "Odd Shop".tell()',
    )
    run(erased, "alter table THIS disable trigger off")
    run(
        erased,
        """create rule "r" as on update to THIS do also insert into "Odd Shop".told values ('r')""",
    )
    run(erased, "alter table THIS enable row level security")
    run(erased, "alter table THIS force row level security")
    run(erased, 'create unique index "a first" on THIS (id, note)')
    run(erased, 'alter table THIS cluster on "a first"')
    state = (
        "select array_agg(tgname || tgenabled::text order by tgname), "
        "(select array_agg(rulename || ev_enabled::text) from pg_rewrite where ev_class = c.oid), "
        "c.relrowsecurity, c.relforcerowsecurity, "
        "(select array_agg(indexrelid::regclass::text) from pg_index "
        " where indrelid = c.oid and indisclustered) "
        "from pg_class c join pg_trigger on tgrelid = c.oid where c.oid = 'THIS'::regclass group by c.oid"
    )
    before = run(erased, state)
    assert not rewritten(scrubber).refusals
    assert written_together(erased) == [set(range(1, 41))]
    assert erased.execute('select count(*) from "Odd Shop".told').fetchone() == (0,)
    assert run(erased, state) == before


def test_a_snapshot_of_before_still_sees_every_row(shop, erased, scrubber):
    with psycopg.connect(shop.url.replace("+psycopg", "", 1)) as other:
        other.execute("set transaction isolation level repeatable read")
        other.execute("select 1 from lacuna.request").fetchall()
        done = rewritten(scrubber)
        assert done.kept is ScrubRefusal.OLDER_TRANSACTION
        assert done.linked is None
        assert len(run(other, "select id from THIS")) == 40
        assert len(written_together(other)) == 2


def test_a_row_that_a_constraint_refuses_leaves_all_as_they_were_and_is_said(erased, scrubber):
    run(erased, "alter table THIS add constraint short check (length(note) < 8) not valid")
    done = rewritten(scrubber)
    assert done.linked is ScrubRefusal.ROWS_REFUSED
    assert done.kept is None, "its files hold nothing that was erased"
    assert len(written_together(erased)) == 2


def test_a_table_published_without_an_identity_is_said(erased, scrubber):
    run(erased, 'alter table THIS drop constraint "Odd %s_pkey"')
    run(erased, "create publication odd for table THIS")
    assert rewritten(scrubber).linked is ScrubRefusal.ROWS_REFUSED


def test_rows_whose_pages_have_room_leave_their_place_too(erased, scrubber):
    run(erased, "alter table THIS set (fillfactor = 10)")
    run(erased, "update THIS set page = null")
    run(erased, "create temporary table kept as select * from THIS")
    run(erased, "truncate THIS")
    run(erased, "insert into THIS select * from kept order by id % 4, id")
    assert not rewritten(scrubber).refusals
    assert run(erased, "select array_agg(id order by ctid) from THIS") == [(list(range(1, 41)),)]


def test_an_owner_who_is_no_superuser_writes_rows_anew_that_a_policy_hides(shop, erased):
    erased.execute(
        "do $$ begin create role odd_shop_owner nologin; exception when duplicate_object then end $$"
    )
    erased.execute('grant usage, create on schema "Odd Shop" to odd_shop_owner')
    erased.execute("grant pg_read_all_stats to odd_shop_owner")
    run(erased, "alter table THIS owner to odd_shop_owner")
    run(erased, "alter table THIS enable row level security")
    run(erased, "alter table THIS force row level security")
    run(erased, "create policy half on THIS using (id > 20)")
    owned = shop.database.engine.url.update_query_dict({"options": "-c role=odd_shop_owner"})
    owner = PostgresScrubber(
        Database(owned.render_as_string(hide_password=False)), seconds_for_older=0.2
    )
    (files,) = [
        one for one in PostgresScrubber(shop.database).tables(["Odd Shop"]) if one.table == ODD
    ]
    assert owner.rewrite(files).linked is None
    assert written_together(erased) == [set(range(1, 41))]


def test_what_the_database_fills_itself_stays(erased, scrubber):
    run(erased, "alter table THIS alter column id add generated always as identity")
    run(erased, "alter table THIS add column twice int generated always as (id * 2) stored")
    assert not rewritten(scrubber).refusals
    assert run(erased, "select count(*) from THIS where twice = id * 2") == [(40,)]


def test_partitions_and_children_are_written_each_for_itself(connection, scrubber):
    run(
        connection,
        "create table THIS (id int, note text, primary key (id)) partition by range (id)",
    )
    connection.execute(
        b'create table "Odd Shop".low partition of "Odd Shop"."Odd %s" for values from (0) to (9); '
        b'create table "Odd Shop".high partition of "Odd Shop"."Odd %s" for values from (9) to (99)'
    )
    run(connection, "insert into THIS select n, 'x' from generate_series(1, 40) n")
    run(connection, EVERY_FOURTH)
    assert not rewritten(scrubber, TableName("Odd Shop", "low")).refusals
    assert not rewritten(scrubber, TableName("Odd Shop", "high")).refusals
    assert sorted(map(len, written_together(connection))) == [8, 32]


def test_a_materialized_view_is_made_anew(erased, scrubber):
    erased.execute(
        b'create materialized view "Odd Shop".seen as select id, note from "Odd Shop"."Odd %s"'
    )
    rewritten(scrubber)
    assert not rewritten(scrubber, TableName("Odd Shop", "seen")).refusals
    order = 'select array_agg(id order by ctid) from "Odd Shop".seen'
    assert erased.execute(order).fetchone() == (list(range(1, 41)),)


def test_a_view_that_was_never_filled_stays_so_and_one_whose_query_fails_is_said(erased, scrubber):
    erased.execute(
        b'create materialized view "Odd Shop".empty as select id from "Odd Shop"."Odd %s" with no data'
    )
    erased.execute(
        b'create materialized view "Odd Shop".broken as '
        b'select 1 / (id - 99) as one from "Odd Shop"."Odd %s"'
    )
    run(erased, "update THIS set id = 99 where id = 1")
    named = {one.table.name for one in scrubber.tables(["Odd Shop"])}
    assert "empty" not in named
    assert "broken" in named
    filled = "select relispopulated from pg_class where relname = 'empty'"
    assert erased.execute(filled).fetchone() == (False,)
    done = rewritten(scrubber, TableName("Odd Shop", "broken"))
    assert (done.kept, done.linked) == (None, ScrubRefusal.ROWS_REFUSED)


def test_a_table_whose_index_cannot_be_made_again_is_said(erased, scrubber):
    erased.execute(
        'create function "Odd Shop".odd(int) returns int immutable language sql as '
        "'select case when $1 = 7 then 1 else 0 end'"
    )
    run(erased, 'create index on THIS ((1 / (1 - "Odd Shop".odd(id + 100))))')
    erased.execute(
        'create or replace function "Odd Shop".odd(int) returns int immutable language sql as '
        "'select case when $1 = 107 then 1 else 0 end'"
    )
    done = rewritten(scrubber)
    assert done.kept is ScrubRefusal.ROWS_REFUSED


def test_sweeps_know_the_rows_again_and_not_those_that_changed(erased, scrubber):
    run(
        erased,
        "insert into lacuna.sweep_done (rule, table_name, row_key, row_version, digest) "
        "select 'old', 'TABLE', array[id::text], xmin::text, 'd' from THIS where id <= 8".replace(
            "TABLE", str(ODD)
        ),
    )
    run(erased, "update THIS set note = 'changed' where id = 1")
    assert not rewritten(scrubber, key=("id",)).refusals
    known = (
        "select array_agg(id order by id) from THIS join lacuna.sweep_done "
        "on row_key = array[id::text] and row_version = THIS.xmin::text"
    )
    known = known.replace("THIS join", "THIS as t join").replace("THIS.xmin", "t.xmin")
    assert run(erased, known) == [([2, 3, 4, 5, 6, 7, 8],)]
