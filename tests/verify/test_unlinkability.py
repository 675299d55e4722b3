"""What the gate sees of rows that were written together, and of such as were written anew."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from lacuna.model.finding import Gate
from lacuna.model.location import TableName
from lacuna.model.run import Role
from lacuna.stores.postgres.scrubber import PostgresScrubber
from lacuna.verify import check_unlinkability
from tests.shop import Shop

NOTES = TableName("Odd Shop", "No%tes")
NAME = '"Odd Shop"."No%tes"'


@pytest.fixture
def connection(shop: Shop) -> Iterator[psycopg.Connection]:
    """A table of 40 rows with long values, of which every fourth was written once more."""
    url = shop.url.replace("+psycopg", "", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        run(connection, "create table THIS (id int, part text, note text, primary key (id, part))")
        run(
            connection,
            "insert into THIS select n, 'a', (select string_agg(md5(n::text || m), '') "
            "from generate_series(1, 400) m) from generate_series(1, 40) n",
        )
        run(connection, "grant select on THIS to lacuna_verifier")
        connection.since = number(shop)
        yield connection


def run(connection: psycopg.Connection, statement: str) -> None:
    connection.execute(statement.replace("THIS", NAME).encode())


def number(shop: Shop) -> str:
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        return transaction.verifying(shop.datamap).transaction_number()


def found(shop: Shop, since: str) -> list[tuple[Gate, str, int]]:
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        verifying = transaction.verifying(shop.datamap)
        findings = check_unlinkability([NOTES], verifying, since)
    return [(one.gate, one.location, one.count) for one in findings]


def rewrite(shop: Shop) -> None:
    scrubber = PostgresScrubber(shop.database)
    files = {one.table: one for one in scrubber.tables(["Odd Shop"])}
    assert not scrubber.rewrite(files[NOTES]).refusals


def test_rows_that_were_not_written_anew_are_found_by_their_numbers(shop, connection):
    assert found(shop, number(shop)) == [(Gate.UNLINKABILITY, NOTES.location, 40)]


def test_rows_that_were_written_anew_are_told_apart_by_nothing(shop, connection):
    run(connection, "update THIS set note = note || 'x' where id % 4 = 0")
    since = number(shop)
    rewrite(shop)
    assert found(shop, since) == []


def test_rows_that_lie_together_are_found_though_one_transaction_wrote_all(shop, connection):
    since = number(shop)
    run(connection, "create temporary table kept as select * from THIS")
    run(connection, "truncate THIS")
    run(connection, "insert into THIS select id, part, 'short' from kept order by id % 4 = 0, id")
    assert found(shop, since) == [(Gate.UNLINKABILITY, NOTES.location, 1)]


def test_long_values_that_were_drawn_together_are_found_though_their_rows_lie_in_order(
    shop, connection
):
    if connection.info.server_version < 170000:
        pytest.skip("the server does not tell which number a long value has")
    since = number(shop)
    run(connection, "update THIS set note = note || 'x' where id % 4 = 0")
    # All rows get one number and their order; what is long is left where it is.
    run(connection, "update THIS set part = 'b'")
    run(connection, 'cluster THIS using "No%tes_pkey"')
    ((_, _, count),) = found(shop, since)
    assert count == 9, "each but the last lies before a row whose value was drawn earlier"


def test_long_values_that_the_database_makes_are_looked_at_too(shop, connection):
    if connection.info.server_version < 170000:
        pytest.skip("the server does not tell which number a long value has")
    made = "(repeat(md5(note) || md5(note || 'a') || md5(note || 'b'), 60)) stored"
    run(connection, f"alter table THIS add column made text generated always as {made}")
    run(connection, "alter table THIS alter column made set storage external")
    run(connection, "update THIS set note = left(note, 9)")
    since = number(shop)
    run(connection, "update THIS set note = note || 'x' where id % 4 = 0")
    run(connection, "update THIS set part = 'b'")
    run(connection, 'cluster THIS using "No%tes_pkey"')
    ((_, _, count),) = found(shop, since)
    assert count == 9
    rewrite(shop)
    assert found(shop, number(shop)) == [(Gate.UNLINKABILITY, NOTES.location, 40)]
    assert found(shop, since) == []


def test_a_key_by_which_no_rows_are_ordered_is_not_looked_at(shop, connection):
    if connection.info.server_version < 180000:
        pytest.skip("keys of periods came with 18")
    connection.execute("create extension btree_gist")
    run(connection, 'alter table THIS drop constraint "No%tes_pkey"')
    run(connection, "alter table THIS add column during daterange not null default '[2026-01-01,)'")
    run(connection, "alter table THIS add primary key (id, part, during without overlaps)")
    since = number(shop)
    rewrite(shop)
    assert found(shop, since) == []


def test_rows_that_others_wrote_since_are_left_out(shop, connection):
    since = number(shop)
    rewrite(shop)
    run(connection, "update THIS set part = 'b' where id = 7")
    run(connection, "insert into THIS values (1, 'c', 'new')")
    assert found(shop, since) == []


def test_rows_of_which_no_column_may_be_written_are_found(shop, connection):
    connection.execute('drop table "Odd Shop"."No%tes"')
    run(connection, "create table THIS (id int generated always as identity primary key)")
    run(connection, "insert into THIS default values")
    run(connection, "grant select on THIS to lacuna_verifier")
    since = number(shop)
    rewrite(shop)
    assert found(shop, since) == [(Gate.UNLINKABILITY, NOTES.location, 1)]
