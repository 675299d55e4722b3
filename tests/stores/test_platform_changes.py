"""What an erasure changes in the platform: whole sets of rows, each treatment as the map says."""

import hashlib
import re
import uuid
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from lacuna.errors import ApplyFailed, DataMapDrift, StatementRefused
from lacuna.model.location import ColumnName, TableName
from lacuna.model.run import Role
from lacuna.ports import TextChange
from tests.shop import (
    ALIAS,
    ANNA,
    ANNA_MAIL,
    ANNA_OLD,
    BO,
    BRIEFE,
    CACHE,
    CLARA,
    DORA,
    KUNDEN,
    LINES,
    NOW,
    TICKETS,
)


@contextmanager
def changing(shop):
    """The platform to change, and the queue, in one transaction of the executor."""
    with shop.open(Role.EXECUTOR) as transaction:
        yield transaction.writing(shop.datamap), transaction.queue


def owning(shop, table, *keys, nonce=None):
    """Queue a request whose own rows of a table are these; return its id."""
    request = shop.add_request(nonce=nonce or uuid.uuid4())
    with shop.open(Role.EXECUTOR) as transaction:
        transaction.queue.plans.put_rows(request.request_id, "own", {table: keys})
    return request.request_id


def rows(shop, table, columns="*", where="true"):
    return shop.query(f'select {columns} from "Odd Shop".{table} where {where} order by 1')  # noqa: S608


def cut_links(shop):
    """Delete what points to people, as an erasure has done when their own rows are treated."""
    shop.query('delete from "Odd Shop"."Alias"')
    shop.query('delete from "Odd Shop".cache')
    shop.query('update "Odd Shop"."Tickets" set kunde = null')
    shop.query('update "Odd Shop"."Briefe" set autor = null')


# --- treatments -----------------------------------------------------------------------------------


@pytest.fixture
def treated(shop):
    """Anna, with her older row, and Bo, treated in one statement; returns rows by new key."""
    cut_links(shop)
    anna = owning(shop, KUNDEN, (ANNA,), (ANNA_OLD,), nonce=uuid.UUID(int=1))
    bo = owning(shop, KUNDEN, (BO,), nonce=uuid.UUID(int=2))
    with changing(shop) as (writing, _):
        counts = writing.anonymize(KUNDEN, [anna, bo], NOW)
    assert counts == {anna: 2, bo: 1}
    names = [
        "Kunde Nr", "E-Mail", "E-Mails", "telefon", "Name", "order", "Foto", "merged_into",
        "Einstellungen", "geboren", "gesehen", "notiert", "Daten", "GELÖSCHT AM",
    ]  # fmt: skip
    columns = ", ".join(f'"{name}"' for name in names)
    found = rows(shop, '"Kunden"', columns, '"GELÖSCHT AM" is not null')
    by_key = {str(row[0]): dict(zip(names, row, strict=True)) for row in found}
    return {
        who: by_key[new_key(key, request_nonce)]
        for who, key, request_nonce in (
            ("anna", ANNA, uuid.UUID(int=1)),
            ("old", ANNA_OLD, uuid.UUID(int=1)),
            ("bo", BO, uuid.UUID(int=2)),
        )
    }


def new_key(old, nonce):
    """The new key, computed by other means: SHA-256 over nonce, table and old key."""
    digest = hashlib.sha256(f"{nonce}:{KUNDEN}:{old}".encode()).hexdigest()
    return str(uuid.UUID(digest[:32]))


def test_every_treatment_does_what_the_map_says(treated):
    anna = treated["anna"]
    assert anna.pop("Kunde Nr") not in (ANNA, BO)
    assert anna == {
        "E-Mail": None,
        "E-Mails": [],
        "telefon": None,
        "Name": '[it\'s 100% "erased"]',
        "order": None,
        "Foto": None,
        "merged_into": None,
        "Einstellungen": {"theme": "dark", "size": 3},
        "geboren": date(1987, 1, 1),
        "gesehen": datetime(2026, 3, 31, tzinfo=UTC),
        "notiert": datetime(2026, 2, 1),  # noqa: DTZ001 - the column has no zone
        "Daten": {},
        "GELÖSCHT AM": datetime(2026, 1, 1, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("E-Mail", "'anna@example.org'"),
        ("E-Mails", "'{anna@example.org}'"),
        ("telefon", "'+4520000101'"),
        ("Name", "'Anna'"),
        ("Foto", "'fotos/anna.jpg'"),
        ("Einstellungen", """'{"theme": "dark", "city": "Aarhus"}'"""),
        ("geboren", "'1987-04-12'"),
        ("gesehen", "'2026-03-31 08:00:00Z'"),
        ("notiert", "'2026-02-03'"),
        ("Daten", """'{"city": "Aarhus"}'"""),
    ],
)
def test_an_erased_row_is_told_from_one_that_says_more(shop, treated, column, value):
    keys = {str(row["Kunde Nr"]) for row in treated.values()}
    anna = str(treated["anna"]["Kunde Nr"])

    def untreated():
        with shop.open(Role.PLANNER) as transaction:
            return transaction.reading(shop.datamap).untreated("nord", keys)

    assert untreated() == frozenset()
    shop.query(
        f'update "Odd Shop"."Kunden" set "{column}" = {value} where "Kunde Nr" = %s',  # noqa: S608
        anna,
    )
    assert untreated() == {anna}


def test_what_was_empty_stays_empty(treated):
    old = treated["old"]
    for name in ("telefon", "Foto", "Einstellungen", "geboren", "gesehen", "notiert"):
        assert old[name] is None, name


def test_the_last_moment_of_a_unit_belongs_to_it(treated):
    bo = treated["bo"]
    assert bo["geboren"] == date(1990, 1, 1)
    assert bo["gesehen"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert bo["notiert"] == datetime(2026, 12, 1)  # noqa: DTZ001 - the column has no zone


def test_erased_rows_of_everybody_carry_the_same_time(shop, treated):
    times = {row["GELÖSCHT AM"] for row in treated.values()}
    assert times == {datetime(NOW.year, 1, 1, tzinfo=UTC)}


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        # In UTC it is 2026 still.
        datetime.fromisoformat("2027-01-01T01:00:00+02:00"),
    ],
)
def test_the_mark_is_the_year_in_utc(shop, at):
    request = owning(shop, TICKETS, ("10",))
    with changing(shop) as (writing, _):
        writing.anonymize(TICKETS, [request], at)
    (erased_at,) = rows(shop, '"Tickets"', '"erasedAt"', "ticket = 10")[0]
    assert erased_at == datetime(2026, 1, 1)  # noqa: DTZ001 - the column has no zone


def test_nobody_elses_row_is_treated(shop):
    others = 'select k::text from "Odd Shop"."Kunden" k where "Kunde Nr"::text = any(%s) order by 1'
    before = shop.query(others, [CLARA, DORA, BO])
    cut_links(shop)
    request = owning(shop, KUNDEN, (ANNA,), (ANNA_OLD,))
    with changing(shop) as (writing, _):
        writing.anonymize(KUNDEN, [request], NOW)
    assert shop.query(others, [CLARA, DORA, BO]) == before


@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        ('{"theme": "a", "other": {"theme": "Anna"}}', {"theme": "a"}),
        ('{"theme": null}', {"theme": None}),
        ('{"Theme": "Anna"}', {}),
        ("{}", {}),
        ('["Anna"]', {}),
        ('"Anna"', {}),
        ("null", {}),
    ],
)
def test_of_a_document_nothing_but_the_declared_keys_stays(shop, stored, kept):
    cut_links(shop)
    shop.query('update "Odd Shop"."Kunden" set "Einstellungen" = %s', stored)
    request = owning(shop, KUNDEN, (CLARA,))
    with changing(shop) as (writing, _):
        writing.anonymize(KUNDEN, [request], NOW)
    found = rows(shop, '"Kunden"', '"Einstellungen"', '"GELÖSCHT AM" is not null')
    assert found == [(kept,)]


def test_obfuscated_text_keeps_its_length_and_its_spaces_alone(shop):
    anna, bo = owning(shop, LINES, ("10", "A"), ("10", "B")), owning(shop, LINES, ("20", "A"))
    with changing(shop) as (writing, _):
        assert writing.anonymize(LINES, [anna, bo], NOW) == {anna: 2, bo: 1}
    assert rows(shop, '"order.lines"', '"Wunsch"') == [("xxxx\txxxx",), ("xxxx xxx xxxx",), (None,)]


def test_a_session_in_another_time_zone_generalizes_in_utc_all_the_same(shop):
    cut_links(shop)
    ((name,),) = shop.query("select current_database()")
    shop.query(f"alter database {name} set timezone = 'Asia/Tokyo'")
    request = owning(shop, KUNDEN, (ANNA,), (ANNA_OLD,), nonce=uuid.UUID(int=1))
    with changing(shop) as (writing, _):
        writing.anonymize(KUNDEN, [request], NOW)
    found = shop.query(
        'select gesehen, geboren, "GELÖSCHT AM" from "Odd Shop"."Kunden" '
        'where "Kunde Nr"::text = %s',
        new_key(ANNA, uuid.UUID(int=1)),
    )
    day, erased_at = datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    assert found == [(day, date(1987, 1, 1), erased_at)]


# --- keys -----------------------------------------------------------------------------------------


def test_a_new_key_is_the_same_for_a_nonce_and_another_for_another(shop):
    cut_links(shop)
    shop.query('update "Odd Shop"."Kunden" set merged_into = null')
    request = owning(shop, KUNDEN, (ANNA,), nonce=uuid.UUID(int=7))

    def keys_after(*, is_kept):
        with changing(shop) as (writing, _):
            writing.anonymize(KUNDEN, [request], NOW)
            connection = writing._connection
            found = (
                connection.exec_driver_sql(
                    'select "Kunde Nr"::text from "Odd Shop"."Kunden" where "GELÖSCHT AM" is not null'
                )
                .scalars()
                .all()
            )
            if not is_kept:
                connection.rollback()
            return found

    first = keys_after(is_kept=False)
    assert keys_after(is_kept=True) == first == [new_key(ANNA, uuid.UUID(int=7))]
    assert new_key(ANNA, uuid.UUID(int=8)) != first[0]
    assert uuid.UUID(first[0])


def test_the_working_rows_follow_a_new_key(shop):
    cut_links(shop)
    nonce = uuid.UUID(int=7)
    request = owning(shop, KUNDEN, (ANNA,), (ANNA_OLD,), nonce=nonce)
    other = owning(shop, KUNDEN, (CLARA,))
    with changing(shop) as (writing, _):
        writing.anonymize(KUNDEN, [request], NOW)
        assert set(writing.lock_own_rows(KUNDEN, [request])) == {
            (new_key(ANNA, nonce),),
            (new_key(ANNA_OLD, nonce),),
        }
        assert set(writing.lock_own_rows(KUNDEN, [other])) == {(CLARA,)}


def mentioning(shop, table, key):
    """Note that a row of somebody else names the person of another request."""
    request_id = owning(shop, table)
    shop.query(
        "insert into lacuna.working_row (request_id, table_name, role, row_key) "
        "values (%s, %s, 'mention', %s)",
        request_id,
        str(table),
        list(key),
    )
    return request_id


def test_who_is_named_in_a_row_keeps_no_old_key_of_it(shop):
    cut_links(shop)
    nonce = uuid.UUID(int=7)
    clara, anna = owning(shop, KUNDEN, (CLARA,), nonce=nonce), owning(shop, CACHE, ("k1",))
    named = mentioning(shop, KUNDEN, (CLARA,)), mentioning(shop, CACHE, ("k1",))
    with changing(shop) as (writing, _):
        writing.anonymize(KUNDEN, [clara], NOW)
        writing.delete(CACHE, [anna])
    assert shop.query(
        "select request_id::text, row_key from lacuna.working_row where role = 'mention'"
    ) == [(named[0], [new_key(CLARA, nonce)])]


# --- whole sets -----------------------------------------------------------------------------------


def test_own_rows_are_locked_with_the_versions_that_they_have(shop):
    anna, bo = owning(shop, LINES, ("10", "A"), ("99", "A")), owning(shop, LINES, ("20", "A"))
    versions = dict(rows(shop, '"order.lines"', 'ticket || "Pos", xmin::text'))
    with changing(shop) as (writing, _):
        locked = writing.lock_own_rows(LINES, [anna, bo])
        assert locked == {("10", "A"): versions["10A"], ("20", "A"): versions["20A"]}
        with shop.database.engine.connect() as other:
            waiting = other.exec_driver_sql(
                'select "Pos" from "Odd Shop"."order.lines" for update skip locked'
            )
            assert waiting.scalars().all() == ["B"]


def test_measures_are_counted_and_summed_over_own_rows(shop):
    anna = owning(shop, TICKETS, ("10",), ("11",))
    bo = owning(shop, TICKETS, ("20",))
    nobody = owning(shop, TICKETS)
    with changing(shop) as (writing, _):
        assert writing.measure(TICKETS, [anna, bo, nobody]) == {
            anna: {"rows": "2", "minuten": "12", "preis": "12.50"},
            bo: {"rows": "1", "minuten": "11", "preis": "1.25"},
        }


def test_an_erasure_moves_no_measure(shop):
    anna = owning(shop, TICKETS, ("10",), ("11",))
    with changing(shop) as (writing, _):
        before = writing.measure(TICKETS, [anna])
        writing.anonymize(TICKETS, [anna], NOW)
        assert writing.measure(TICKETS, [anna]) == before


def test_a_row_of_two_people_is_treated_once(shop):
    anna, clara = owning(shop, BRIEFE), owning(shop, BRIEFE)
    with changing(shop) as (writing, queue):
        queue.plans.put_rows(anna, "own", {BRIEFE: [("100",), ("101",)], KUNDEN: [(ANNA,)]})
        queue.plans.put_rows(clara, "own", {BRIEFE: [("101",)], KUNDEN: [(CLARA,)]})
        counts = writing.anonymize(BRIEFE, [anna, clara], NOW)
    assert sum(counts.values()) == 2
    assert rows(shop, '"Briefe"', "autor", "brief in (100, 101)") == [(None,), (None,)]


def test_deleted_rows_are_counted_by_request_and_leave_no_key_behind(shop):
    anna, clara = owning(shop, CACHE, ("k1",)), owning(shop, CACHE, ("k2",))
    with changing(shop) as (writing, _):
        assert writing.delete(CACHE, [anna, clara]) == {anna: 1, clara: 1}
    assert rows(shop, "cache", '"KEY"') == [("k3",)]
    assert shop.query("select * from lacuna.working_row") == []


def test_only_the_requests_asked_for_are_deleted(shop):
    anna, clara = owning(shop, ALIAS, ("1",), ("2",)), owning(shop, ALIAS, ("4",))
    with changing(shop) as (writing, _):
        assert writing.delete(ALIAS, [anna]) == {anna: 2}
        assert set(writing.lock_own_rows(ALIAS, [clara])) == {("4",)}
    assert rows(shop, '"Alias"', "id") == [(3,), (4,)]


def test_a_row_that_others_still_point_to_cannot_lose_its_key(shop):
    request = owning(shop, KUNDEN, (ANNA,))

    def treat():
        with changing(shop) as (writing, _):
            writing.anonymize(KUNDEN, [request], NOW)

    with pytest.raises(StatementRefused, match="ForeignKeyViolation, SQLSTATE 23503") as caught:
        treat()
    assert ANNA not in str(caught.value)


def test_a_table_that_left_the_database_is_drift(shop):
    shop.query('drop table "Odd Shop".cache')
    request = owning(shop, CACHE, ("k1",))

    def delete():
        with changing(shop) as (writing, _):
            writing.delete(CACHE, [request])

    with pytest.raises(DataMapDrift, match=r"no table Odd Shop\.cache"):
        delete()


def test_each_transaction_has_an_id_that_its_rows_carry(shop):
    request = owning(shop, TICKETS, ("10",))
    with changing(shop) as (writing, _):
        writing.anonymize(TICKETS, [request], NOW)
        transaction_id = writing.transaction_id()
    (xmin,) = rows(shop, '"Tickets"', "xmin::text", "ticket = 10")[0]
    assert int(transaction_id) % 2**32 == int(xmin)


# --- texts ----------------------------------------------------------------------------------------


def version_of(shop, brief):
    return rows(shop, '"Briefe"', "xmin::text", f"brief = {brief}")[0][0]


def change(shop, brief, **texts):
    return TextChange((str(brief),), version_of(shop, brief), texts)


def test_texts_are_written_only_where_they_were_treated(shop):
    changes = [
        change(shop, 100, body="I am [PERSON]", html="<p>%s 100% :new_body</p>"),
        change(shop, 300, cc='["a \\"b\\" [EMAIL]", null, ""]'),
    ]
    with changing(shop) as (writing, _):
        assert writing.write_texts(BRIEFE, ("body", "html", "cc"), changes) == 2
    assert rows(shop, '"Briefe"', "brief, body, html, cc", "brief in (100, 300)") == [
        (
            100,
            "I am [PERSON]",
            "<p>%s 100% :new_body</p>",
            [ANNA_MAIL, "bo.lind@example.org", None],
        ),
        (
            300,
            f"Ask {ANNA_MAIL}, or call +4520304050",
            None,
            ['a "b" [EMAIL]', None, ""],
        ),
    ]


def test_texts_that_a_unique_index_would_refuse_are_told_apart(shop):
    shop.query('create unique index on "Odd Shop"."Briefe" (lower(body))')
    changes = [change(shop, brief, body="I am [PERSON]") for brief in (100, 101, 300)]
    with changing(shop) as (writing, _):
        assert writing.write_texts(BRIEFE, ("body",), changes) == 3
    texts = [text for (text,) in rows(shop, '"Briefe"', "body", "brief in (100, 101, 300)")]
    assert texts[0] == "I am [PERSON]"
    assert all(re.fullmatch(r"I am \[PERSON\] [0-9a-f]{8}", text) for text in texts[1:])


def test_an_emptied_array_is_an_empty_array(shop):
    with changing(shop) as (writing, _):
        writing.write_texts(BRIEFE, ("cc",), [change(shop, 100, cc="[]")])
    assert rows(shop, '"Briefe"', "cc", "brief = 100") == [([],)]


def test_no_text_is_nothing_to_write(shop):
    with changing(shop) as (writing, _):
        assert writing.write_texts(BRIEFE, ("body",), []) == 0


@pytest.mark.parametrize("name", ["version", "new_body", "key_brief"])
def test_a_column_of_any_name_is_no_hindrance_to_writing_texts(shop, name):
    shop.query(f'alter table "Odd Shop"."Briefe" add column "{name}" text')
    with changing(shop) as (writing, _):
        assert writing.write_texts(BRIEFE, ("body",), [change(shop, 100, body="[NAME]")]) == 1
    assert rows(shop, '"Briefe"', f'body, "{name}"', "brief = 100") == [("[NAME]", None)]


def test_a_row_that_changed_since_it_was_read_refuses_all_texts(shop):
    changes = [change(shop, 100, body="[PERSON]"), change(shop, 300, body="[PERSON]")]
    shop.query('update "Odd Shop"."Briefe" set body = body || %s where brief = 300', " more")
    before = rows(shop, '"Briefe"', "brief, body")

    def write():
        with changing(shop) as (writing, _):
            writing.write_texts(BRIEFE, ("body",), changes)

    with pytest.raises(ApplyFailed, match=r"Briefe: 1 of 2 rows changed while their text"):
        write()
    assert rows(shop, '"Briefe"', "brief, body") == before


def test_a_text_that_its_column_refuses_is_not_quoted(shop):
    shop.query('alter table "Odd Shop"."Briefe" add check (body <> \'canary-7f3a\')')

    def write():
        with changing(shop) as (writing, _):
            writing.write_texts(BRIEFE, ("body",), [change(shop, 100, body="canary-7f3a")])

    with pytest.raises(StatementRefused, match="CheckViolation") as caught:
        write()
    assert "canary" not in str(caught.value)


# --- paths, corrections, sweeps -------------------------------------------------------------------


def test_a_path_leaves_the_rows_named_and_no_other(shop):
    with changing(shop) as (writing, _):
        assert writing.forget_paths(ColumnName(BRIEFE, "roh"), [("300",), ("301",)], ["x"]) == 2
    assert rows(shop, '"Briefe"', "brief, roh", "roh is not null") == [(100, "briefe/100.eml")]


def test_corrections_reach_the_persons_rows_in_the_columns_types(shop):
    request = owning(shop, KUNDEN, (CLARA,))
    with changing(shop) as (writing, _):
        values = {"geboren": "1980-02-29", "Name": "Clara O'Dahl; --", "Einstellungen": '{"a": 1}'}
        assert writing.rectify(request, values) == 1
    found = rows(shop, '"Kunden"', '"Name", geboren, "Einstellungen"', f"\"Kunde Nr\" = '{CLARA}'")
    assert found == [("Clara O'Dahl; --", date(1980, 2, 29), {"a": 1})]


def test_a_correction_that_does_not_fit_its_column_is_refused_unquoted(shop):
    request = owning(shop, KUNDEN, (CLARA,))

    def rectify():
        with changing(shop) as (writing, _):
            writing.rectify(request, {"geboren": "canary-7f3a"})

    with pytest.raises(StatementRefused, match="InvalidDatetimeFormat") as caught:
        rectify()
    assert "canary" not in str(caught.value)


def due(shop, digest="d1"):
    (rule,) = shop.datamap.sweeps
    with shop.open(Role.EXECUTOR) as transaction:
        found = transaction.reading(shop.datamap).due_rows(rule, digest, NOW - timedelta(days=90))
    return {org_id: {key for (key,) in keys} for org_id, keys in found.items()}


def test_rows_are_swept_once_until_they_change_or_the_rule_does(shop):
    (rule,) = shop.datamap.sweeps
    assert due(shop) == {"nord": {"100", "101", "300", "301"}}
    with changing(shop) as (writing, _):
        assert writing.record_swept(rule, "d1", [("100",), ("101",), ("300",)]) == 3
        assert writing.record_swept(rule, "d1", [("100",)]) == 1
    assert due(shop) == {"nord": {"301"}}
    assert due(shop, "d2") == {"nord": {"100", "101", "300", "301"}}
    shop.query('update "Odd Shop"."Briefe" set body = \'new\' where brief = 100')
    assert due(shop) == {"nord": {"100", "301"}}


def test_rows_of_restricted_people_are_not_due(shop):
    restrict = "insert into lacuna.restriction values ('nord', %s, 'restriction', %s, %s)"
    shop.query(restrict, CLARA, shop.add_request().request_id, NOW)
    # 101 is Clara's answer in Anna's ticket.
    assert due(shop) == {"nord": {"100"}}


def test_a_rule_on_another_table_than_the_one_that_closes_is_followed_by_its_links(shop):
    (rule,) = shop.datamap.sweeps
    assert rule.table == BRIEFE
    assert rule.closed.table == TableName("Odd Shop", "Tickets")
    shop.query('update "Odd Shop"."Tickets" set geschlossen = null')
    assert due(shop) == {}


# --- what triggers write ----------------------------------------------------------------------------


def test_what_a_trigger_copied_is_deleted_and_nothing_is_read_where_it_copied_nothing(shop):
    shop.query(
        """create function "Odd Shop".note() returns trigger language plpgsql security definer
        as $$ begin insert into "Odd Shop".cache ("KEY", org_id) values (old.betreff, old.org_id);
        return new; end $$;
        create trigger note after update on "Odd Shop"."Tickets" for each row
        execute function "Odd Shop".note()"""
    )
    before = rows(shop, "cache")
    with changing(shop) as (writing, _):

        def scans() -> int:
            query = """select pg_stat_get_xact_numscans('"Odd Shop".cache'::regclass)"""
            return writing._connection.exec_driver_sql(query).scalar_one()

        assert (writing.delete_echoes(CACHE), scans()) == (0, 0)
        writing._connection.exec_driver_sql(
            """update "Odd Shop"."Tickets" set betreff = 'new' where ticket = 10"""
        )
        assert writing.delete_echoes(CACHE) == 1
        assert scans() > 0
    assert rows(shop, "cache") == before
