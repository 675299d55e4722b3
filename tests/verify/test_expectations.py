"""The declared expectations of rows that stay, derived from the data map."""

from __future__ import annotations

import gc
import logging
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.exceptions.exceptions import GreatExpectationsError

from lacuna.model.finding import Expected, Finding, Gate
from lacuna.model.mart import Audit, Cell, Period, PeriodKind, Release
from lacuna.model.run import Role
from lacuna.model.treatment import Erasure, RowErasure, Treatment
from lacuna.reporting import marts
from lacuna.stores.postgres import erasure_reader, verifier_joins
from lacuna.verify import check_expectations, check_marts
from lacuna.verify.expectations import OwnRows, expect
from tests.shop import ANNA, ANNA_OLD, BO, BRIEFE, CACHE, CLARA, KUNDEN, LAGER, LINES, TICKETS, Shop

# Rows of the shop after an erasure, as text.
ERASED = {
    KUNDEN: {
        "Kunde Nr": "0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10",
        "org_id": "nord",
        "E-Mail": None,
        "E-Mails": "{}",
        "telefon": None,
        "Name": '[it\'s 100% "erased"]',
        "order": None,
        "Foto": None,
        "merged_into": None,
        "Einstellungen": '{"size": 3, "theme": "dark"}',
        "geboren": "1987-01-01",
        "gesehen": "2026-03-31 00:00:00+00",
        "notiert": "2026-02-01 00:00:00",
        "Daten": "{}",
        "GELÖSCHT AM": "2026-01-01 00:00:00+00",
    },
    TICKETS: {
        "ticket": "10",
        "org_id": "nord",
        "kunde": None,
        "zustand": "closed",
        "betreff": "Question by [name], order 2024-000917, 12 34 56 78, at 10:00",
        "minuten": "5",
        "preis": "12.50",
        "sprache": "en",
        "geschlossen": "2026-01-01 00:00:00+00",
        "erasedAt": "2026-01-01 00:00:00",
    },
    BRIEFE: {
        "brief": "100",
        "org_id": "nord",
        "ticket": "10",
        "autor": None,
        "body": "I am [name]",
        "html": "<p>[email]</p>",
        "cc": '{"[email]",NULL}',
        "roh": None,
    },
    LINES: {"ticket": "10", "Pos": "A", "org_id": "nord", "Wunsch": "xxxx xxx\nxx"},
}
BEFORE = {TICKETS: {"rows": "2", "minuten": "10", "preis": "25.00"}}


def unmet(shop_datamap, table, **wrong: str | None) -> list[str]:
    """Return what a table with one right row and one with a wrong value does not hold."""
    right = ERASED[table]
    names = {name.replace(" ", "_").replace("-", "_"): name for name in right}
    changed = right | {names[name]: value for name, value in wrong.items()}
    frame = pd.DataFrame([right, changed], dtype=object)
    rows = OwnRows(frame, BEFORE.get(table, {"rows": "2"}))
    findings = expect({table: rows}, shop_datamap)
    assert all(one.gate is Gate.EXPECTATIONS and one.count == 1 for one in findings)
    return [one.location for one in findings]


@pytest.mark.parametrize("table", ERASED, ids=str)
def test_rows_that_are_as_declared_meet_every_expectation(shop_datamap, table) -> None:
    assert unmet(shop_datamap, table) == []


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (KUNDEN, "E-Mail", "anna@example.org"),
        (KUNDEN, "E-Mail", ""),
        (KUNDEN, "E-Mails", "{anna@example.org}"),
        (KUNDEN, "telefon", "+4520304050"),
        (KUNDEN, "Name", "Anna Berg"),
        (KUNDEN, "order", "Anna"),
        (KUNDEN, "Foto", "fotos/1.png"),
        (KUNDEN, "merged_into", ANNA),
        (KUNDEN, "Einstellungen", '{"mail": "anna@example.org"}'),
        (KUNDEN, "geboren", "1987-06-01"),
        (KUNDEN, "geboren", "1987-01-05"),
        (KUNDEN, "gesehen", "2026-03-31 23:30:00+00"),
        (KUNDEN, "notiert", "2026-02-03 00:00:00"),
        (KUNDEN, "notiert", "2026-02-01 04:05:06"),
        (KUNDEN, "Daten", '{"anna": true}'),
        (KUNDEN, "GELÖSCHT AM", None),
        (TICKETS, "kunde", ANNA),
        (TICKETS, "betreff", "write to anna.berg@example.org"),
        (TICKETS, "betreff", "call +45 20 30 40 50"),
        (TICKETS, "betreff", "call 0045-20304050."),
        (TICKETS, "betreff", "call +33 (0)6 12 34 56 78"),
        (TICKETS, "minuten", "6"),
        (TICKETS, "minuten", None),
        (TICKETS, "preis", "12.51"),
        (BRIEFE, "autor", CLARA),
        (BRIEFE, "html", "<a href='mailto:anna@example.org'>[name]</a>"),
        (BRIEFE, "cc", "{anna@example.org}"),
        (BRIEFE, "roh", "briefe/100.eml"),
        (LINES, "Wunsch", "Grün für Anna"),
    ],
)
def test_one_value_that_is_not_as_declared_is_a_finding_of_its_column(
    shop_datamap, table, column: str, value: str | None
) -> None:
    name = column.replace(" ", "_").replace("-", "_")
    assert unmet(shop_datamap, table, **{name: value}) == [f"{table}.{column}"]


def test_links_lead_to_a_tombstone_contact_and_to_nobody_else(shop_datamap) -> None:
    table = shop_datamap.tables[TICKETS]
    columns = tuple(
        replace(one, erasure=Erasure(Treatment.TOMBSTONE)) if one.name == "kunde" else one
        for one in table.columns
    )
    datamap = replace(shop_datamap, tables={TICKETS: replace(table, columns=columns)})

    def found(*keys: str | None) -> list[str]:
        frame = pd.DataFrame([ERASED[TICKETS] | {"kunde": key} for key in keys], dtype=object)
        rows = OwnRows(frame, BEFORE[TICKETS])
        return [one.location for one in expect({TICKETS: rows}, datamap, {BO, CLARA})]

    # Of two tenants; a link that may be NULL and was stays so.
    assert found(BO, CLARA) == found(BO, None) == []
    # All rows lead to one person: the same, and wrong.
    assert found(ANNA, ANNA) == [f"{TICKETS}.kunde"]


def test_the_number_of_rows_is_expected(shop_datamap) -> None:
    frame = pd.DataFrame([ERASED[LINES]], dtype=object)
    assert expect({LINES: OwnRows(frame, {"rows": "1"})}, shop_datamap) == ()
    finding = (Finding(Gate.EXPECTATIONS, str(LINES), 1),)
    assert expect({LINES: OwnRows(frame, {"rows": "2"})}, shop_datamap) == finding
    assert expect({LINES: OwnRows(frame, {})}, shop_datamap) == finding
    empty = frame.iloc[:0]
    assert expect({LINES: OwnRows(empty, {"rows": "1"})}, shop_datamap) == finding


def test_of_tables_without_rows_those_are_named_that_had_some(shop_datamap) -> None:
    had = {KUNDEN: "0", TICKETS: "1", BRIEFE: "0", LINES: "1", LAGER: "2"}
    rows = {name: OwnRows(pd.DataFrame(), {"rows": count}) for name, count in had.items()}
    found = {one.location for one in expect(rows, shop_datamap)}
    assert found == {str(TICKETS), str(LINES), str(LAGER)}


def test_a_column_that_is_missing_cannot_be_as_declared(shop_datamap) -> None:
    frame = pd.DataFrame([ERASED[LINES]], dtype=object).drop(columns="Wunsch")
    findings = expect({LINES: OwnRows(frame, {"rows": "1"})}, shop_datamap)
    assert findings == (Finding(Gate.EXPECTATIONS, f"{LINES}.Wunsch", 1),)


def test_rows_that_an_erasure_deletes_are_not_there_and_those_that_it_keeps_are(
    shop_datamap,
) -> None:
    one, none = pd.DataFrame(index=range(1)), pd.DataFrame(index=range(0))
    assert expect({CACHE: OwnRows(none, {"rows": "0"})}, shop_datamap) == ()
    assert expect({LAGER: OwnRows(one, {"rows": "1"})}, shop_datamap) == ()
    findings = expect(
        {CACHE: OwnRows(one, {"rows": "0"}), LAGER: OwnRows(none, {"rows": "1"})}, shop_datamap
    )
    assert [finding.location for finding in findings] == [str(CACHE), str(LAGER)]


# --- marts ----------------------------------------------------------------------------------------

AT = datetime(2026, 5, 1, tzinfo=UTC)
MART = next(mart for mart in marts() if mart.name == "volume_daily")


def release(*cells: Cell) -> Release:
    day = date(2026, 4, 1)
    audit = Audit(rows=99, own_rows=99, withheld=0, bounds=0)
    period = Period(PeriodKind.DAY, day, day)
    return Release(MART.name, "fjordlys", period, "2", AT, "ab" * 32, audit, cells)


def cell(first: str, people: int | None = 12, other: int | None = 3) -> Cell:
    key = (first, *("x" for _ in MART.dimensions[1:]))
    return Cell(key, (people, *(other for _ in MART.measures[1:])))


@pytest.mark.parametrize(
    ("cells", "columns"),
    [
        ((cell("a"), cell("b")), []),
        ((cell("a"), cell("b", other=None)), []),
        ((cell("a", people=MART.people - 1),), [MART.base]),
        ((cell("a", people=None),), [MART.base]),
        ((cell("a", other=-1),), [one.name for one in MART.measures[1:]]),
        ((cell("a"), cell("a")), [""]),
    ],
)
def test_cells_of_a_mart_are_as_it_declares_them(cells, columns) -> None:
    findings = check_marts({MART: [release(*cells)]})
    mart = f"reporting.{MART.name}"
    assert [one.location for one in findings] == [
        f"{mart}.{column}" if column else mart for column in columns
    ]


# --- own rows of requests -------------------------------------------------------------------------


@pytest.fixture
def erasures(shop: Shop) -> Iterator[tuple[str, str]]:
    """Two erasures whose rows are as declared: Anna's and Bo's."""
    made = []
    for keys, tickets, minutes in (
        ((ANNA, ANNA_OLD), ("10", "11"), "12"),
        ((BO,), ("20",), "11"),
    ):
        request_id = shop.add_request().request_id
        with shop.open(Role.EXECUTOR) as transaction:
            transaction.queue.plans.put_rows(
                request_id,
                "own",
                {KUNDEN: [(key,) for key in keys], TICKETS: [(one,) for one in tickets]},
            )
            transaction.queue.plans.put_baselines(KUNDEN, {request_id: {"rows": str(len(keys))}})
            transaction.queue.plans.put_baselines(
                TICKETS,
                {
                    request_id: {
                        "rows": str(len(tickets)),
                        "minuten": minutes,
                        "preis": "12.50" if len(tickets) > 1 else "1.25",
                    }
                },
            )
        made.append(request_id)
    shop.query(
        """update "Odd Shop"."Kunden" set "E-Mail" = null, "E-Mails" = '{}', telefon = null,
        "Name" = 'erased', "order" = null, "Foto" = null, merged_into = null,
        "Einstellungen" = '{}', geboren = '1990-01-01', gesehen = '2026-01-01 00:00:00+00',
        notiert = '2026-01-01', "Daten" = '{}', "GELÖSCHT AM" = '2026-01-01' where org_id = 'nord'"""
    )
    shop.query(
        """update "Odd Shop"."Tickets" set kunde = null, betreff = '[name]',
        "erasedAt" = '2026-01-01'"""
    )
    return tuple(made)


def checked(shop: Shop, *request_ids: str) -> dict[str, tuple[Finding, ...]]:
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        reading = transaction.verifying(shop.datamap)
        return dict(check_expectations(request_ids, shop.datamap, reading))


def test_own_rows_of_a_batch_are_looked_at_as_one(shop: Shop, erasures) -> None:
    assert checked(shop, *erasures) == {erasures[0]: (), erasures[1]: ()}


def test_a_finding_belongs_to_the_request_whose_row_it_is(shop: Shop, erasures) -> None:
    anna, bo = erasures
    shop.query("""update "Odd Shop"."Tickets" set betreff = 'x@example.org' where ticket = 20""")
    assert checked(shop, anna, bo) == {
        anna: (),
        bo: (Finding(Gate.EXPECTATIONS, f"{TICKETS}.betreff", 1),),
    }


@pytest.mark.parametrize(("whom", "is_found"), [(CLARA, False), (ANNA, True)])
def test_a_link_may_lead_to_somebody_who_stays(shop: Shop, erasures, whom, is_found) -> None:
    shop.query("""update "Odd Shop"."Tickets" set kunde = %s where ticket = 11""", whom)
    found = (Finding(Gate.EXPECTATIONS, f"{TICKETS}.kunde", 1),) if is_found else ()
    assert checked(shop, *erasures)[erasures[0]] == found


@pytest.mark.thorough
def test_rows_looked_at_one_by_one_are_counted_and_compared_together(
    shop: Shop, erasures, monkeypatch
) -> None:
    monkeypatch.setattr(verifier_joins, "_FETCHED", 1)
    monkeypatch.setattr(erasure_reader, "_OWN_ROWS", 1)
    anna, bo = erasures
    assert checked(shop, anna, bo) == {anna: (), bo: ()}
    # Each is replaced by one value, which is not that of the other.
    shop.query("""update "Odd Shop"."Kunden" set "Name" = 'x' where "Kunde Nr" = %s""", ANNA)
    assert checked(shop, anna, bo) == {
        anna: (Finding(Gate.EXPECTATIONS, f"{KUNDEN}.Name", 1),),
        bo: (),
    }


@pytest.mark.parametrize(("ticket", "whose"), [(10, 0), (20, 1)])
def test_what_one_part_of_the_rows_does_not_hold_no_other_part_makes_up_for(
    shop: Shop, erasures, monkeypatch, ticket, whose
) -> None:
    monkeypatch.setattr(verifier_joins, "_FETCHED", 1)
    monkeypatch.setattr(erasure_reader, "_OWN_ROWS", 1)
    shop.query(
        """update "Odd Shop"."Tickets" set betreff = 'x@example.org' where ticket = %s""", ticket
    )
    found = (Finding(Gate.EXPECTATIONS, f"{TICKETS}.betreff", 1),)
    assert checked(shop, *erasures) == {
        request_id: found if number == whose else () for number, request_id in enumerate(erasures)
    }


def test_the_rows_of_a_part_are_let_go_once_the_next_is_looked_at(
    shop: Shop, erasures, monkeypatch
) -> None:
    monkeypatch.setattr(verifier_joins, "_FETCHED", 1)
    monkeypatch.setattr(erasure_reader, "_OWN_ROWS", 1)
    get_batch = BatchDefinition.get_batch
    parts: list[weakref.ref[pd.DataFrame]] = []
    alive: list[int] = []

    def counted(self, batch_parameters):
        gc.collect()
        alive.append(sum(part() is not None for part in parts))
        parts.append(weakref.ref(batch_parameters["dataframe"]))
        return get_batch(self, batch_parameters)

    monkeypatch.setattr(BatchDefinition, "get_batch", counted)
    gc.freeze()  # what is there by now is none of them, and need not be looked through each time
    checked(shop, *erasures)
    assert len(alive) > 8
    # One that Great Expectations keeps, and one that is still at hand.
    assert max(alive) <= 2


def test_what_cannot_be_evaluated_is_not_met(shop: Shop, erasures, monkeypatch) -> None:
    def broken(*arguments: object, **named: object) -> None:
        raise GreatExpectationsError("on purpose")

    monkeypatch.setattr(Batch, "validate", broken)
    for findings in checked(shop, *erasures).values():
        assert Finding(Gate.EXPECTATIONS, str(TICKETS), 1) in findings


def test_every_table_has_a_suite_and_what_it_said_is_kept_without_values(
    shop: Shop, erasures
) -> None:
    shop.query("""update "Odd Shop"."Tickets" set betreff = 'x@example.org' where ticket = 20""")
    kept: list[Expected] = []
    with shop.open(Role.VERIFIER, is_read_only=True) as transaction:
        reading = transaction.verifying(shop.datamap)
        check_expectations(erasures, shop.datamap, reading, kept.append)
    assert {one.suite for one in kept} == {
        str(name)
        for name, table in shop.datamap.tables.items()
        if table.rows is not RowErasure.REFRESH
    }
    assert [(one.suite, one.column) for one in kept if not one.is_met] == [
        (str(TICKETS), "betreff")
    ]
    columns = {
        f"{name}.{each.name}" for name, t in shop.datamap.tables.items() for each in t.columns
    }
    assert {f"{one.suite}.{one.column}" for one in kept if one.column} <= columns
    assert {one.expectation.startswith("expect_") for one in kept} == {True}


def test_rows_of_others_are_not_looked_at(shop: Shop, erasures) -> None:
    shop.query("""update "Odd Shop"."Tickets" set betreff = 'x@example.org' where ticket = 30""")
    assert checked(shop, *erasures) == {erasures[0]: (), erasures[1]: ()}


def test_rows_without_a_baseline_are_not_as_many_as_expected(shop: Shop, erasures) -> None:
    anna, bo = erasures
    shop.query("delete from lacuna.baseline where request_id::text = %s", anna)
    found = checked(shop, anna, bo)
    assert found[bo] == ()
    assert Finding(Gate.EXPECTATIONS, str(TICKETS), 1) in found[anna]


def test_requests_without_own_rows_have_nothing_to_expect(shop: Shop) -> None:
    request_id = shop.add_request().request_id
    assert checked(shop, request_id) == {request_id: ()}
    assert checked(shop) == {}


# --- manners --------------------------------------------------------------------------------------


def test_no_value_is_logged_and_no_file_is_left(shop_datamap, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    before = set(Path(tempfile.gettempdir()).iterdir())
    assert unmet(shop_datamap, KUNDEN, E_Mail="canary-7f3a@example.org")
    assert unmet(shop_datamap, TICKETS, minuten="canary-7f3a") == [f"{TICKETS}.minuten"]
    assert "canary-7f3a" not in caplog.text
    made = set(Path(tempfile.gettempdir()).iterdir()) - before
    assert not [path for path in made if path.name.startswith("tmp")]


@pytest.mark.thorough
def test_great_expectations_is_loaded_when_it_is_needed_and_not_before() -> None:
    program = (
        "import sys; import lacuna.verify, lacuna.flows.fulfilment.verification; "
        "sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.thorough
def test_what_great_expectations_imports_and_nobody_uses_is_not_loaded() -> None:
    program = (
        "import sys; from lacuna.verify.expectations import check_marts; "
        "assert check_marts({}) == (); "
        "print(*(name in sys.modules for name in ('great_expectations', 'altair.vegalite', "
        "'scipy.stats.distributions')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["True", "False", "False"]


HTML_TEXTS = [
    ("<p xxxx>xx <b>xx</b><br/></p>\n<!-- xx --><!xxxx><xx xx>xx</xx><P/>", True),
    ("", True),
    ("<p>Anna</p>", False),
    ('<p title="Anna">xx</p>', False),
    ("<p Anna>xx</p>", False),
    ("<anna>", False),
    ("<!-- Anna -->", False),
    ("&amp;", False),
    ("<" + "x" * 200_000 + "anna", False),
]


@pytest.mark.parametrize(("text", "is_met"), HTML_TEXTS)
def test_of_obfuscated_html_nothing_but_its_structure_stays(shop_datamap, text, is_met) -> None:
    table = shop_datamap.tables[BRIEFE]
    columns = tuple(
        replace(column, erasure=Erasure(Treatment.OBFUSCATE)) if column.name == "html" else column
        for column in table.columns
    )
    tables = {**shop_datamap.tables, BRIEFE: replace(table, columns=columns)}
    frame = pd.DataFrame([ERASED[BRIEFE] | {"html": text}], dtype=object)
    findings = expect({BRIEFE: OwnRows(frame, {"rows": "1"})}, replace(shop_datamap, tables=tables))
    assert [one.location for one in findings] == ([] if is_met else [f"{BRIEFE}.html"])
