"""A trigger of the platform writes into each row when it was changed: when a person was erased."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lacuna.stores.postgres.scrubber import PostgresScrubber
from tests.shop import ANNA, ANNA_OLD, BO, BRIEFE, CLARA, DORA, KUNDEN, LAGER, TICKETS

TRIGGER = """
create function "Odd Shop".stamp() returns trigger language plpgsql as
    'begin new.geschlossen := {now}; new.geaendert := {now}; return new; end';
alter table "Odd Shop"."Tickets" add column geaendert timestamp, add column begonnen timestamp
    default '2026-02-03 04:05:06';
alter table "Odd Shop"."Tickets" add constraint later check (geaendert >= begonnen);
create trigger stamp before update on "Odd Shop"."Tickets"
    for each row execute function "Odd Shop".stamp();
"""
TIMES = (
    'select ticket, geschlossen at time zone \'UTC\', geaendert from "Odd Shop"."Tickets" '
    "order by ticket"
)
YEAR, BEGUN = datetime(2026, 1, 1), datetime(2026, 2, 3, 4, 5, 6)  # noqa: DTZ001 - of no zone
KEPT = "select distinct table_name, column_name, row_key[1] from lacuna.told_time order by 1, 2, 3"


def written(shop) -> dict[int, tuple[datetime, datetime]]:
    return {ticket: (closed, changed) for ticket, closed, changed in shop.query(TIMES)}


def scrub(shop, table) -> None:
    scrubber = PostgresScrubber(shop.database)
    (files,) = [one for one in scrubber.tables(["Odd Shop"]) if one.table == table]
    key = shop.datamap.tables[table].key
    assert not scrubber.rewrite(files, key).refusals


def stamping(shop, table: str, column: str, now: str = "now()", kind: str = "timestamp") -> None:
    """Have the platform write into a new column of a table when a row was changed."""
    name = f'"Odd Shop"."stamp {table.strip(chr(34))}"'
    shop.query(
        f'alter table "Odd Shop".{table} add column {column} {kind}; '
        f"create function {name}() returns trigger language plpgsql as "
        f"'begin new.{column} := {now}; return new; end'; "
        f'create trigger {column} before update on "Odd Shop".{table} '
        f"for each row execute function {name}()"
    )


@pytest.mark.thorough
@pytest.mark.parametrize("now", ["now()", "clock_timestamp()"])
def test_the_scrub_takes_the_time_of_an_erasure_away_and_no_other(shop, erasing, now):
    both = erasing.works((ANNA, ANNA_OLD), (BO,))
    shop.query(TRIGGER.format(now=now))
    today = datetime.now(UTC).date()
    erasing.apply(both)
    before = written(shop)
    # Of 30 and 40, which are others', 30 names Anna and was redacted.
    assert [ticket for ticket, (closed, _) in before.items() if closed.date() == today] == [
        10, 11, 20, 30,
    ]  # fmt: skip
    assert shop.query(KEPT) == [
        (str(TICKETS), column, ticket)
        for column in ("geaendert", "geschlossen")
        for ticket in ("10", "11", "20", "30")
    ]
    # Somebody changed one of them since.
    shop.query('update "Odd Shop"."Tickets" set minuten = 1 where ticket = 20')
    since = written(shop)[20]
    scrub(shop, TICKETS)
    told = dict.fromkeys((10, 11, 30), (YEAR, BEGUN))
    assert written(shop) == before | told | {20: since}
    assert shop.query("select count(*) from lacuna.told_time") == [(0,)]


@pytest.mark.thorough
def test_of_others_rows_the_time_goes_with_which_they_lost_a_text_a_document_or_a_path(
    shop, erasing
):
    shop.query(
        """
        insert into "Odd Shop"."La""ger" values
            (3, 'nord', null, null, '{"to": "anna.berg@example.org"}'),
            (4, 'nord', null, 10, '{"by": "Anna Berg"}')
        """
    )
    shop.query(
        'update "Odd Shop"."Kunden" set "Foto" = %s where "Kunde Nr" = %s', "fotos/1.png", CLARA
    )
    tables = {LAGER: '"La""ger"', BRIEFE: '"Briefe"', KUNDEN: '"Kunden"'}
    for name in tables.values():
        stamping(shop, name, "am", "clock_timestamp()", "timestamptz")
    erasing.apply(erasing.works((ANNA, ANNA_OLD)))
    kept = {(table, row) for table, _, row in shop.query(KEPT)}
    assert {row for table, row in kept if table == str(LAGER)} == {"1", "3", "4"}
    # 101 is Clara's, in a ticket of Anna's.
    assert {row for table, row in kept if table == str(BRIEFE)} == {"100", "101", "300"}
    people = {row for table, row in kept if table == str(KUNDEN)}
    keys = {key for (key,) in shop.query('select "Kunde Nr"::text from "Odd Shop"."Kunden"')}
    assert people == keys - {BO, DORA}
    for table, name in tables.items():
        scrub(shop, table)
        late = f'select count(*) from "Odd Shop".{name} where am > current_date - 1'  # noqa: S608
        assert shop.query(late) == [(0,)]


@pytest.mark.parametrize("now", ["current_date", "cast(timezone($$UTC$$, now()) as date)"])
def test_a_day_that_a_trigger_writes_goes_too_but_not_one_that_stood_there(shop, erasing, now):
    shop.query(
        'alter table "Odd Shop"."Tickets" add column begonnen timestamptz '
        "default '2026-02-03 04:05:06+00', add column eroeffnet date default '2026-03-05'"
    )
    stamping(shop, '"Tickets"', "beruehrt", now, "date")
    shop.query('alter table "Odd Shop"."Tickets" disable trigger beruehrt')
    day = f"case when ticket = 20 then {now.replace('$$', chr(39))} else '2026-04-05' end"
    shop.query(f'update "Odd Shop"."Tickets" set beruehrt = {day}')  # noqa: S608
    shop.query('update "Odd Shop"."Tickets" set eroeffnet = null where ticket = 11')
    shop.query('alter table "Odd Shop"."Tickets" enable trigger beruehrt')
    today = shop.query('select beruehrt from "Odd Shop"."Tickets" where ticket = 20')[0][0]
    erasing.apply(erasing.works((ANNA, ANNA_OLD), (BO,)))
    days = 'select ticket, beruehrt from "Odd Shop"."Tickets"'
    old = date(2026, 4, 5)
    assert dict(shop.query(days)) == {10: today, 11: today, 20: today, 30: today, 40: old}
    assert shop.query(KEPT) == [(str(TICKETS), "beruehrt", ticket) for ticket in ("10", "11", "30")]
    scrub(shop, TICKETS)
    opened, begun = date(2026, 3, 5), date(2026, 2, 3)
    assert dict(shop.query(days)) == {10: opened, 11: begun, 20: today, 30: opened, 40: old}


def test_a_time_is_never_put_before_the_day_on_which_the_row_began(shop, erasing):
    shop.query(
        'alter table "Odd Shop"."Tickets" add column eroeffnet date default \'2026-03-05\', '
        "add column geplant date default '9999-01-01'"
    )
    stamping(shop, '"Tickets"', "geaendert", kind="timestamptz")
    erasing.apply(erasing.works((ANNA, ANNA_OLD)))
    scrub(shop, TICKETS)
    found = shop.query(
        'select geaendert at time zone \'UTC\' from "Odd Shop"."Tickets" where ticket in (10, 11)'
    )
    assert found == [(datetime(2026, 3, 5),)] * 2  # noqa: DTZ001 - of no zone


def test_the_time_that_a_message_writes_into_its_ticket_goes_from_the_persons_tickets(
    shop, erasing
):
    shop.query(
        'alter table "Odd Shop"."Tickets" add column geaendert timestamptz; '
        'create function "Odd Shop".bump() returns trigger language plpgsql as '
        '\'begin update "Odd Shop"."Tickets" set geaendert = clock_timestamp() '
        "where ticket = new.ticket; return null; end'; "
        'create trigger bump after update on "Odd Shop"."Briefe" '
        'for each row execute function "Odd Shop".bump()'
    )
    erasing.apply(erasing.works((ANNA, ANNA_OLD), (BO,)))
    told = 'select ticket::text from "Odd Shop"."Tickets" where geaendert is not null order by 1'
    assert shop.query(told) == [("10",), ("20",), ("30",)]
    assert shop.query(KEPT) == [
        (str(TICKETS), "geaendert", ticket) for ticket in ("10", "20", "30")
    ]


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        ("now()", "timestamptz(0)"),
        ("now()", "timestamp(3)"),
        ("clock_timestamp()", "timestamp"),
        ("timezone($$UTC$$, now())", "timestamp"),
    ],
)
def test_a_time_is_known_by_whatever_clock_it_was_written(shop, erasing, now, kind):
    (name,) = shop.query("select quote_ident(current_database())")[0]
    shop.query(f"alter database {name} set timezone to 'Asia/Kathmandu'")
    stamping(shop, '"Tickets"', "geaendert", now, kind)
    erasing.apply(erasing.works((ANNA, ANNA_OLD)))
    assert shop.query(KEPT) == [
        (str(TICKETS), "geaendert", ticket) for ticket in ("10", "11", "30")
    ]
    scrub(shop, TICKETS)
    late = 'select count(*) from "Odd Shop"."Tickets" where geaendert > current_date - 2'
    assert shop.query(late) == [(0,)]


def test_nothing_is_kept_of_tables_without_a_trigger(shop, erasing):
    erasing.apply(erasing.works((ANNA, ANNA_OLD), (BO,)))
    assert shop.query("select count(*) from lacuna.told_time") == [(0,)]
    scrub(shop, KUNDEN)
