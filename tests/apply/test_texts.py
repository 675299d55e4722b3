"""New texts of a batch: own ones redacted in full, those of others covered, each row once."""

from dataclasses import replace

import pytest

from lacuna.model.treatment import Erasure, Treatment
from tests.shop import ANNA, ANNA_MAIL, ANNA_OLD, BO, BRIEFE, CLARA, LAGER, SHARED_PHONE, TICKETS


def new_texts(prepared, table):
    return {change.key[0]: change.texts for change in prepared.changes.get(table, ())}


def test_own_texts_lose_every_value_and_those_of_others_the_persons_alone(shop, erasing):
    shop.query(
        'update "Odd Shop"."Briefe" set body = %s where brief in (100, 300)',
        f"Anna Berg, {ANNA_MAIL}, met somebody.else@example.org",
    )
    prepared = erasing.prepare(erasing.works((ANNA, ANNA_OLD)))
    texts = new_texts(prepared, BRIEFE)
    own, other = texts["100"]["body"], texts["300"]["body"]
    assert "Berg" not in own + other
    assert ANNA_MAIL not in own + other
    assert "somebody.else" not in own
    assert "somebody.else@example.org" in other


def test_every_table_that_holds_text_of_the_person_is_prepared(erasing):
    prepared = erasing.prepare(erasing.works((ANNA, ANNA_OLD)))
    assert prepared.columns == {
        TICKETS: ("betreff",),
        BRIEFE: ("body", "html", "cc"),
        LAGER: ("notiz", "angaben"),
        # Nobody mentions her in another's row there; addresses of her own go with the columns.
    }
    assert set(new_texts(prepared, TICKETS)) == {"10", "30"}
    assert set(new_texts(prepared, LAGER)) == {"1"}


def test_html_stays_html_and_an_array_an_array(erasing):
    texts = new_texts(erasing.prepare(erasing.works((ANNA, ANNA_OLD))), BRIEFE)
    assert texts["100"]["html"].startswith("<p>")
    assert texts["100"]["html"].endswith("</p>")
    assert texts["300"]["cc"].startswith('["a \\"quoted\\" ')
    assert texts["300"]["cc"].endswith(', null, "x"]')


def test_a_text_without_anything_to_cover_is_not_written(erasing):
    prepared = erasing.prepare(erasing.works((BO,)))
    assert "20" not in new_texts(prepared, TICKETS)
    assert ("20",) in prepared.versions[TICKETS]


def test_agents_keep_their_full_names_in_the_persons_own_texts(shop, erasing):
    shop.query(
        'update "Odd Shop"."Briefe" set body = %s where brief = 100',
        "Dear Anna Berg, kind regards, Gerda Vogt",
    )
    text = new_texts(erasing.prepare(erasing.works((ANNA, ANNA_OLD))), BRIEFE)["100"]["body"]
    assert "Gerda Vogt" in text
    assert "Anna" not in text


@pytest.mark.thorough
def test_what_is_found_in_one_copy_of_a_message_is_covered_in_the_other(shop, erasing):
    shop.query(
        'update "Odd Shop"."Briefe" set body = %s, html = %s where brief = 100',
        "My name is Zarqubel \u00d8nfrit, hello",
        "<table><td>Zarqubel&nbsp;&Oslash;nfrit <td>4</table> unzarqubelig",
    )
    texts = new_texts(erasing.prepare(erasing.works((ANNA, ANNA_OLD))), BRIEFE)["100"]
    assert texts["body"] == "My name is [NAME], hello"
    assert texts["html"] == "<table><td>[NAME] <td>4</table> unzarqubelig"


def test_an_agents_name_stays_in_both_copies(shop, erasing):
    shop.query(
        'update "Odd Shop"."Briefe" set body = %s, html = %s where brief = 100',
        "Kind regards, Gerda Vogt",
        "<table><td>Gerda Vogt <td>4</table>",
    )
    texts = new_texts(erasing.prepare(erasing.works((ANNA, ANNA_OLD))), BRIEFE).get("100", {})
    assert "body" not in texts
    assert "html" not in texts


def test_a_row_of_two_people_is_treated_once_for_both(shop, erasing):
    shop.query(
        'update "Odd Shop"."Briefe" set body = %s where brief = 101', "Clara Dahl to Anna Berg"
    )
    prepared = erasing.prepare(erasing.works((ANNA, ANNA_OLD), (CLARA,)))
    (change,) = [one for one in prepared.changes[BRIEFE] if one.key == ("101",)]
    assert "Clara" not in change.texts["body"]
    assert "Anna" not in change.texts["body"]


def test_a_shared_value_stays_with_its_other_holder_where_hers_are_covered(shop, erasing):
    shop.query(
        'update "Odd Shop"."Briefe" set body = %s where brief in (200, 300)',
        f"{SHARED_PHONE} or {ANNA_MAIL}",
    )
    texts = new_texts(erasing.prepare(erasing.works((ANNA, ANNA_OLD))), BRIEFE)
    assert texts["200"]["body"].startswith(f"{SHARED_PHONE} or ")
    assert ANNA_MAIL not in texts["200"]["body"]
    # Clara does not share the number: in her row it is Anna's alone.
    assert SHARED_PHONE not in texts["300"]["body"]


def test_a_value_of_two_people_who_are_erased_at_once_stays_with_neither(shop, erasing):
    shop.query(
        'update "Odd Shop"."Briefe" set body = %s where brief in (100, 200)',
        f"{SHARED_PHONE} or {ANNA_MAIL}",
    )
    texts = new_texts(erasing.prepare(erasing.works((ANNA, ANNA_OLD), (BO,))), BRIEFE)
    for brief in ("100", "200"):
        assert SHARED_PHONE not in texts[brief]["body"]
        assert ANNA_MAIL not in texts[brief]["body"]


def test_a_short_name_counts_in_own_rows_alone(shop, erasing):
    shop.query('update "Odd Shop"."Briefe" set body = %s where brief in (100, 300)', "Anna asked")
    shop.query('update "Odd Shop"."Briefe" set body = body || \' (Anna Berg)\' where brief = 300')
    texts = new_texts(erasing.prepare(erasing.works((ANNA, ANNA_OLD))), BRIEFE)
    assert "Anna" not in texts["100"]["body"]
    assert texts["300"]["body"].startswith("Anna asked")
    assert "Berg" not in texts["300"]["body"]


def test_the_versions_of_all_own_rows_with_text_are_noted(shop, erasing):
    prepared = erasing.prepare(erasing.works((ANNA, ANNA_OLD)))
    found = shop.query('select ticket::text, xmin::text from "Odd Shop"."Tickets"')
    versions = {(key,): version for key, version in found}
    assert prepared.versions[TICKETS] == {key: versions[key] for key in (("10",), ("11",))}


def test_people_of_two_tenants_are_covered_in_their_own_tenants_rows(erasing):
    works = erasing.works((ANNA, ANNA_OLD))
    other = erasing.works(("d0000000-0000-4000-8000-000000000001",), org_id="sued")
    texts = new_texts(erasing.prepare([*works, *other]), TICKETS)
    assert set(texts) == {"10", "30", "40"}
    assert ANNA_MAIL not in texts["40"]["betreff"]


@pytest.mark.thorough
def test_nothing_is_written_while_texts_are_prepared(erasing):
    works = erasing.works((ANNA, ANNA_OLD))
    before = erasing.everything()
    erasing.prepare(works)
    assert erasing.everything() == before


def test_own_html_is_obfuscated_as_html_and_that_of_others_covered(shop, erasing):
    html = '<p title="Anna Berg">Anna Berg, <b>12</b></p>'
    shop.query('update "Odd Shop"."Briefe" set html = %s where brief in (100, 300)', html)
    table = shop.datamap.tables[BRIEFE]
    obfuscated = tuple(
        replace(column, erasure=Erasure(Treatment.OBFUSCATE)) if column.name == "html" else column
        for column in table.columns
    )
    tables = {**shop.datamap.tables, BRIEFE: replace(table, columns=obfuscated)}
    erasing.shop = replace(shop, datamap=replace(shop.datamap, tables=tables))
    works = erasing.works((ANNA, ANNA_OLD))
    erasing.intend(works)
    erasing.apply(works)
    found = dict(
        shop.query('select brief, html from "Odd Shop"."Briefe" where brief in (100, 300)')
    )
    assert found == {
        100: "<p xxxxxxxxxxx xxxxx>xxxx xxxxx <b>xx</b></p>",
        300: '<p title="[NAME]">[NAME], <b>12</b></p>',
    }
