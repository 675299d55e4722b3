"""A trigger of the platform writes into each row when it was changed: when its person was erased."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipelines.stores.scrubber import PostgresScrubber
from tests.shop import ANNA, ANNA_OLD, BO, KUNDEN, TICKETS

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


def written(shop) -> dict[int, tuple[datetime, datetime]]:
    return {ticket: (closed, changed) for ticket, closed, changed in shop.query(TIMES)}


def scrub(shop, table) -> None:
    scrubber = PostgresScrubber(shop.database)
    (files,) = [one for one in scrubber.tables(["Odd Shop"]) if one.table == table]
    key = shop.datamap.tables[table].key
    assert not scrubber.rewrite(files, key).refusals


@pytest.mark.parametrize("now", ["now()", "clock_timestamp()"])
def test_the_scrub_takes_the_time_of_an_erasure_away_and_no_other(shop, erasing, now):
    both = erasing.works((ANNA, ANNA_OLD), (BO,))
    shop.query(TRIGGER.format(now=now))
    today = datetime.now(UTC).date()
    erasing.apply(both)
    before = written(shop)
    # Of 30 and 40, which are others', 30 names Anna and was redacted: its time is its own.
    assert [ticket for ticket, (closed, _) in before.items() if closed.date() == today] == [
        10, 11, 20, 30,
    ]  # fmt: skip
    kept = "select distinct row_key[1], column_name from lacuna.told_time order by 1, 2"
    assert shop.query(kept) == [
        (ticket, column) for ticket in ("10", "11", "20") for column in ("geaendert", "geschlossen")
    ]
    # Somebody changed one of them since.
    shop.query('update "Odd Shop"."Tickets" set minuten = 1 where ticket = 20')
    since = written(shop)[20]
    scrub(shop, TICKETS)
    assert written(shop) == before | {10: (YEAR, BEGUN), 11: (YEAR, BEGUN), 20: since}
    assert shop.query("select count(*) from lacuna.told_time") == [(0,)]


def test_nothing_is_kept_of_tables_without_a_trigger(shop, erasing):
    erasing.apply(erasing.works((ANNA, ANNA_OLD), (BO,)))
    assert shop.query("select count(*) from lacuna.told_time") == [(0,)]
    scrub(shop, KUNDEN)
