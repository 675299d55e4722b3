"""Reading the platform as its map describes it: people, their rows, and their texts."""

import pytest

from lacuna.errors import DataMapDrift
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.location import ColumnName, TableName
from lacuna.model.run import Role
from lacuna.stores.postgres import people_reader, platform_reader
from lacuna.stores.postgres.people_reader import folded
from lacuna.stores.postgres.platform_tables import PlatformTables
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
    LAGER,
    LINES,
    SHARED_PHONE,
    TICKETS,
    email,
    phone,
)

KIND = IdentifierKind


def of(kind, value):
    return Identifier(kind, value)


def asked(shop, name, *args):
    """Ask the reader one thing in a transaction of its own; return it all."""
    with shop.open(Role.PLANNER, is_read_only=True) as transaction:
        found = getattr(transaction.reading(shop.datamap), name)(*args)
        return list(found) if hasattr(found, "__next__") else found


def holders(shop, *identifiers, org_id="nord"):
    return asked(shop, "holders", org_id, identifiers)


# --- who holds what -------------------------------------------------------------------------------


def test_everybody_who_holds_a_value_is_found(still_shop):
    wanted = (email(ANNA_MAIL.upper()), phone("0045 20304050"), of(KIND.NAME, "Bo Lind"))
    assert holders(still_shop, *wanted) == {
        wanted[0]: frozenset({ANNA}),
        wanted[1]: frozenset({ANNA, BO}),
        wanted[2]: frozenset({BO}),
    }


def test_several_spellings_of_one_value_are_each_answered(still_shop):
    wanted = (phone("+4520304050"), phone("0045-20-30-40-50"), phone("4520304050"))
    assert set(holders(still_shop, *wanted).values()) == {frozenset({ANNA, BO})}


def test_values_of_another_kind_or_tenant_do_not_count(still_shop):
    for identifier, org_id in (
        (of(KIND.EXTERNAL_ID, ANNA_MAIL), "nord"),
        (of(KIND.NAME, ANNA_MAIL), "nord"),
        (email("bergie"), "nord"),
        (email("bo.lind@example.org"), "sued"),
        (email(ANNA_MAIL), "ost"),
        (of(KIND.NAME, "anna berg"), "nord"),
    ):
        assert holders(still_shop, identifier, org_id=org_id) == {identifier: frozenset()}


def test_asking_for_nothing_finds_nothing(still_shop):
    assert holders(still_shop) == {}


@pytest.mark.parametrize(
    ("stored", "asked_for"),
    [
        ("Åse.Ødegård@example.org", "åse.ødegård@EXAMPLE.org"),
        ("ZOË@example.org", "zoë@example.org"),
        ("\n padded@example.org\t\u00a0", "padded@example.org"),
        ("STRASSE@example.org", "strasse@example.org"),
    ],
)
def test_an_address_is_found_in_whatever_case_it_is_stored(shop, stored, asked_for):
    shop.query('update "Odd Shop"."Kunden" set "E-Mail" = %s where "Kunde Nr" = %s', stored, CLARA)
    assert holders(shop, email(asked_for)) == {email(asked_for): frozenset({CLARA})}


def test_a_phone_number_compares_by_its_digits(shop):
    for stored in ("+45 30/40-50.60", "(0045) 30405060", "4530405060"):
        shop.query(
            'update "Odd Shop"."Kunden" set telefon = %s where "Kunde Nr" = %s', stored, CLARA
        )
        assert holders(shop, phone("+4530405060")) == {phone("+4530405060"): frozenset({CLARA})}


@pytest.mark.parametrize(
    ("identifier", "comparable"),
    [
        (email(" A@Example.ORG "), "a@example.org"),
        (phone("+45 (20) 30-40"), "45203040"),
        (phone("0045203040"), "45203040"),
        (of(KIND.EXTERNAL_ID, " CaseMatters "), "CaseMatters"),
    ],
)
def test_values_fold_as_they_compare(identifier, comparable):
    assert folded(identifier) == comparable


def test_a_chain_of_merges_is_one_person_whichever_end_is_asked(shop):
    shop.query(
        'update "Odd Shop"."Kunden" set merged_into = %s where "Kunde Nr" = %s', ANNA_OLD, CLARA
    )
    for key in (ANNA, ANNA_OLD, CLARA):
        assert asked(shop, "merged_with", "nord", [key]) == {ANNA, ANNA_OLD, CLARA}
    assert asked(shop, "merged_with", "nord", [BO]) == {BO}


def test_a_merge_across_tenants_is_not_followed(shop):
    shop.query('update "Odd Shop"."Kunden" set merged_into = %s where "Kunde Nr" = %s', ANNA, DORA)
    assert asked(shop, "merged_with", "nord", [ANNA]) == {ANNA, ANNA_OLD}
    assert asked(shop, "merged_with", "sued", [DORA]) == {DORA}


def test_a_circle_of_merges_ends(shop):
    shop.query(
        'update "Odd Shop"."Kunden" set merged_into = %s where "Kunde Nr" = %s', ANNA_OLD, ANNA
    )
    assert asked(shop, "merged_with", "nord", [ANNA]) == {ANNA, ANNA_OLD}


def test_each_identifier_of_a_person_is_told_with_whether_it_is_short(still_shop):
    found = asked(still_shop, "identifiers_of", "nord", [BO, ANNA_OLD])
    assert set(found) == {BO, ANNA_OLD}
    assert set(found[BO]) == {
        (email("bo.lind@example.org"), False),
        (phone("004520304050"), False),
        (of(KIND.NAME, "Bo Lind"), False),
        (of(KIND.NAME, "Bo"), True),
        (of(KIND.CONTACT_ID, BO), False),
    }


def test_a_person_who_is_not_there_has_nothing_but_the_key(still_shop):
    missing = "00000000-0000-4000-8000-000000000000"
    found = asked(still_shop, "identifiers_of", "nord", [missing])
    assert found == {missing: ((of(KIND.CONTACT_ID, missing), False),)}


def test_blank_values_identify_nobody(shop):
    shop.query(
        'update "Odd Shop"."Kunden" set "E-Mail" = %s, "E-Mails" = %s, telefon = %s '
        'where "Kunde Nr" = %s',
        *(" ", ["", "x@example.org", None], "", CLARA),
    )
    found = asked(shop, "identifiers_of", "nord", [CLARA])[CLARA]
    values = {identifier.value for identifier, _ in found if identifier.kind is KIND.EMAIL}
    assert values == {"x@example.org", "cd@example.org"}


def test_everybody_is_everybody_of_a_tenant(still_shop):
    assert set(asked(still_shop, "everybody", "nord")) == {ANNA, ANNA_OLD, BO, CLARA}
    assert set(asked(still_shop, "everybody", "sued")) == {DORA}


def test_the_full_names_of_agents_are_kept_and_their_first_names_are_not(still_shop):
    assert asked(still_shop, "other_names", "nord") == ("Gerda Vogt",)
    assert asked(still_shop, "other_names", "sued") == ("Ulf Ek",)
    assert asked(still_shop, "other_people", "nord") == (("Anna", "Anna"), ("Gerda Vogt", "Gerda"))


# --- rows -----------------------------------------------------------------------------------------


def test_rows_are_found_by_each_way_and_told_apart_by_root(still_shop):
    found = asked(still_shop, "own_rows", "nord", KUNDEN, [ANNA, CLARA])
    assert found[ANNA][BRIEFE] == {("100",), ("101",)}
    assert found[CLARA][BRIEFE] == {("101",), ("300",), ("301",)}
    assert found[ANNA][LINES] == {("10", "A"), ("10", "B")}
    assert found[ANNA][KUNDEN] == {(ANNA,)}
    assert found[CLARA][ALIAS] == {("4",)}
    assert LAGER not in found[CLARA]


def test_rows_below_a_conversation_or_a_message(still_shop):
    (by_ticket,) = asked(still_shop, "own_rows", "nord", TICKETS, ["10"]).values()
    assert set(by_ticket) == {TICKETS, BRIEFE, LINES, LAGER}
    (by_letter,) = asked(still_shop, "own_rows", "nord", BRIEFE, ["300"]).values()
    assert by_letter == {BRIEFE: {("300",)}}


def test_another_tenants_rows_are_nobodys(still_shop):
    assert asked(still_shop, "own_rows", "sued", KUNDEN, [ANNA]) == {ANNA: {}}


def test_a_root_without_rows_has_none(still_shop):
    assert asked(still_shop, "own_rows", "nord", TICKETS, ["999"]) == {"999": {}}


def test_the_owners_of_rows_are_all_whom_they_lead_to(still_shop):
    keys = [("100",), ("101",), ("301",), ("999",)]
    assert asked(still_shop, "owners_of", BRIEFE, keys) == {
        ("100",): {ANNA},
        ("101",): {ANNA, CLARA},
        ("301",): {CLARA},
        ("999",): set(),
    }
    assert asked(still_shop, "owners_of", LINES, [("20", "A")]) == {("20", "A"): {BO}}
    assert asked(still_shop, "owners_of", CACHE, [("k3",)]) == {("k3",): set()}


def test_rows_without_a_way_to_anybody_have_no_owner(still_shop):
    agents = TableName("Odd Shop", "Agenten")
    assert asked(still_shop, "owners_of", agents, [("1",)]) == {("1",): set()}


def test_rows_are_read_in_the_order_of_their_keys_with_the_columns_asked_for(still_shop):
    keys = [("20", "A"), ("10", "B"), ("10", "A"), ("10", "none")]
    found = asked(still_shop, "rows", LINES, ["Pos", "ticket"], keys)
    assert found == [("A", 10), ("B", 10), ("A", 20)]
    assert asked(still_shop, "rows", LINES, ["Pos"], []) == []


def test_open_conversations_are_found_among_those_given(still_shop):
    assert asked(still_shop, "open_conversations", [("10",), ("20",), ("30",)]) == {("20",)}
    assert asked(still_shop, "open_conversations", []) == frozenset()


def test_many_rows_are_read_in_batches_and_none_is_lost(still_shop, monkeypatch):
    for module in (platform_reader, people_reader):
        monkeypatch.setattr(module, "BATCH", 2)
    keys = [("100",), ("101",), ("200",), ("300",), ("301",)]
    batches = asked(still_shop, "texts_of", BRIEFE, ["body"], keys)
    assert [len(batch) for batch in batches] == [2, 2, 1]
    assert [row.key for batch in batches for row in batch] == keys
    whole = [
        row.key
        for table, batch in asked(still_shop, "texts", ["nord"])
        for row in batch
        if table == BRIEFE
    ]
    assert sorted(whole) == keys
    assert asked(still_shop, "open_conversations", [("20",), ("10",), ("30",)]) == {("20",)}


# --- texts ----------------------------------------------------------------------------------------


def test_texts_are_those_in_which_somebody_can_be_mentioned(still_shop):
    found = asked(still_shop, "texts", ["nord"])
    columns = {table: {name for row in batch for name in row.texts} for table, batch in found}
    assert columns == {
        KUNDEN: {"E-Mail"},
        TICKETS: {"betreff"},
        BRIEFE: {"body", "html", "cc"},
        LAGER: {"notiz"},
    }
    assert {row.org_id for _, batch in found for row in batch} == {"nord"}


def test_texts_of_several_tenants_are_read_in_one_pass(still_shop):
    found = asked(still_shop, "texts", ["nord", "sued"])
    keys = {row.key: row.org_id for table, batch in found for row in batch if table == TICKETS}
    assert keys[("40",)] == "sued"
    assert keys[("10",)] == "nord"


def test_a_text_comes_with_its_language_and_version_and_without_nulls(still_shop):
    ((one, two),) = asked(still_shop, "texts_of", TICKETS, ["betreff"], [("20",), ("11",)])
    assert (one.key, one.language, one.texts) == (("11",), None, {})
    assert (two.key, two.language, two.texts) == (("20",), "de", {"betreff": "Hello"})
    ((version,),) = still_shop.query(
        'select xmin::text from "Odd Shop"."Tickets" where ticket = 20'
    )
    assert two.version == version


def test_a_text_has_the_language_of_the_row_that_its_language_links_to(still_shop):
    briefe = dict(still_shop.query('select brief::text, ticket::text from "Odd Shop"."Briefe"'))
    sprache = dict(still_shop.query('select ticket::text, sprache from "Odd Shop"."Tickets"'))
    batches = asked(still_shop, "texts_of", BRIEFE, ["body"], [(key,) for key in briefe])
    found = {row.key[0]: row.language for batch in batches for row in batch}
    assert found == {brief: sprache.get(ticket) for brief, ticket in briefe.items()}
    assert "de" in found.values()


def test_a_version_changes_with_its_row(shop):
    ((before,),) = asked(shop, "texts_of", TICKETS, ["betreff"], [("20",)])
    shop.query('update "Odd Shop"."Tickets" set minuten = minuten where ticket = 20')
    ((after,),) = asked(shop, "texts_of", TICKETS, ["betreff"], [("20",)])
    assert before.version != after.version
    assert before.texts == after.texts


def test_an_array_is_read_as_json(still_shop):
    ((row,),) = asked(still_shop, "texts_of", BRIEFE, ["cc"], [("300",)])
    assert row.texts["cc"] == f'["a \\"quoted\\" {ANNA_MAIL}", null, "x"]'


# --- objects --------------------------------------------------------------------------------------


def named_by(found):
    """Return the column and the key of each row that names an object."""
    return {(source.column, key) for source, key in found.rows}


def test_the_paths_that_rows_hold_are_told_by_column(still_shop):
    keys = [("100",), ("101",), ("300",)]
    found = asked(still_shop, "object_paths", BRIEFE, keys)
    assert {source.column: paths for source, paths in found.items()} == {
        ColumnName(BRIEFE, "roh"): ("briefe/100.eml", "briefe/300.eml")
    }
    assert asked(still_shop, "object_paths", TICKETS, [("10",)]) == {}


def test_an_object_is_told_with_the_rows_that_name_it_and_whose_they_are(still_shop):
    named = asked(still_shop, "object_rows", "media")
    assert set(named) == {"fotos/1.png", "fotos/2.png", "briefe/100.eml", "briefe/300.eml"}
    letter = named["briefe/300.eml"]
    assert letter.owners == {CLARA}
    assert letter.org_ids == {"nord"}
    assert named_by(letter) == {(ColumnName(BRIEFE, "roh"), ("300",))}
    assert asked(still_shop, "object_rows", "no_such_store") == {}


def test_the_names_of_objects_are_those_of_the_rows_with_how_many_rows_say_them(shop):
    rows = asked(shop, "object_rows", "media")
    names = asked(shop, "object_names", "media")
    assert set(names) == set(rows)
    assert names["briefe/300.eml"] == {ColumnName(BRIEFE, "roh"): 1}
    shop.query("""update "Odd Shop"."Briefe" set roh = 'briefe/300.eml' where roh is not null""")
    assert asked(shop, "object_names", "media")["briefe/300.eml"][ColumnName(BRIEFE, "roh")] == 2
    assert asked(shop, "object_names", "no_such_store") == {}


def test_an_object_whose_row_leads_to_nobody_any_more_is_still_named(shop):
    shop.query('update "Odd Shop"."Briefe" set autor = null')
    shop.query('update "Odd Shop"."Tickets" set kunde = null')
    named = asked(shop, "object_rows", "media")
    assert named["briefe/300.eml"].owners == frozenset()
    assert named_by(named["briefe/300.eml"]) == {(ColumnName(BRIEFE, "roh"), ("300",))}


# --- drift ----------------------------------------------------------------------------------------


def test_a_table_that_is_not_there_is_drift_by_name(shop):
    shop.query('drop table "Odd Shop"."La""ger"')
    with pytest.raises(DataMapDrift, match=r'no table Odd Shop\.La"ger; correct the data map'):
        asked(shop, "own_rows", "nord", KUNDEN, [ANNA])


def test_the_shared_number_is_stored_in_two_spellings(still_shop):
    rows = still_shop.query('select telefon from "Odd Shop"."Kunden" where telefon is not null')
    assert {text for (text,) in rows} >= {"+45 20 30 40 50", "004520304050"}
    assert SHARED_PHONE not in {text for (text,) in rows}


# --- odd values -----------------------------------------------------------------------------------


def test_stored_data_63_a_range_is_handed_on_as_postgresql_writes_it(shop):
    shop.query(
        'alter table "Odd Shop"."Tickets" add column zahlen int4range default \'[1,5)\', '
        "add column zeiten tsrange default '[2026-01-01,infinity)', "
        "add column mehrere int4multirange default '{[1,3),[5,8)}', "
        "add column keine int4range default 'empty'"
    )
    names = ("zahlen", "zeiten", "mehrere", "keine")
    assert asked(shop, "rows", TICKETS, names, [("10",)]) == [
        ("[1,5)", '["2026-01-01 00:00:00",infinity)', "{[1,3),[5,8)}", "empty")
    ]


# --- the tables themselves ------------------------------------------------------------------------


def test_a_table_is_the_same_in_the_next_transaction_until_its_columns_change(shop):
    def table():
        with shop.open(Role.PLANNER, is_read_only=True) as transaction:
            return PlatformTables(transaction._connection, shop.datamap).table(KUNDEN)

    first = table()
    assert table() is first
    shop.query('alter table "Odd Shop"."Kunden" alter column telefon type varchar(99)')
    changed = table()
    assert changed is not first
    assert changed.c.telefon.type.length == 99
