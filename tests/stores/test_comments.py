"""Comments: `\\d+` explains every object of Lacuna's own schemas."""

import re

import pytest

from lacuna.stores.postgres.rights import OWN_SCHEMAS

_UNEXPLAINED = """
with own as (
    select oid, nspname::text from pg_namespace where nspname = any(%s)
), relation as (
    select c.oid, nspname || '.' || relname as name
    from pg_class c join own on own.oid = c.relnamespace where relkind in ('r', 'p', 'v', 'm', 'f')
), explained (name, comment) as (
    select nspname, obj_description(oid, 'pg_namespace') from own
    union all
    select name, obj_description(oid, 'pg_class') from relation
    union all
    select name || '.' || attname, col_description(attrelid, attnum)
    from pg_attribute join relation on relation.oid = attrelid where attnum > 0 and not attisdropped
    union all
    select nspname || '.' || proname || '()', obj_description(p.oid, 'pg_proc')
    from pg_proc p join own on own.oid = p.pronamespace
)
select name from explained where comment is null or comment !~ '^[A-Z*1-9''`].*[.]$' order by name
"""


def test_every_schema_table_view_column_and_function_has_a_comment(still_shop):
    assert still_shop.query(_UNEXPLAINED, list(OWN_SCHEMAS)) == []


def test_each_table_says_who_writes_it_and_what_personal_data_is_in_it(still_shop):
    """Marts contain none; the comment of their schema says so."""
    said = still_shop.query(
        "select relname, obj_description(oid, 'pg_class') from pg_class where relkind = 'r' "
        "and relnamespace in ('lacuna'::regnamespace, 'lacuna_evidence'::regnamespace)"
    )
    assert len(said) > 50
    assert [
        name
        for name, text in said
        if not re.search(r"[Ww]ritten by [a-z].*[Pp]ersonal data", text, re.DOTALL)
    ] == []


def test_no_function_has_the_name_of_another_in_any_schema(still_shop):
    found = still_shop.query(
        "select proname from pg_proc where pronamespace::regnamespace::text = any(%s) "
        "group by proname having count(*) > 1",
        list(OWN_SCHEMAS),
    )
    assert found == []


def tells(name, table, columns):
    """Return whether the name of a constraint or index begins with its table and tells its rule."""
    said = re.fullmatch(rf"{table}_(\w+)", name)
    if said is None or re.fullmatch(r"check\d*|\w+_(check\d+|key\d+|idx\d*)", said[1]):
        return False
    # PostgreSQL names a rule of one column by the column, as it was called then.
    made = re.fullmatch(r"(\w+)_(check|key)", said[1])
    return made is None or columns == [made[1]]


def test_the_name_of_each_constraint_and_index_tells_what_it_is_about(still_shop):
    found = still_shop.query(
        "select conname, relname, array(select attname::text from pg_attribute "
        "where attrelid = conrelid and attnum = any(conkey)) "
        "from pg_constraint join pg_class r on r.oid = conrelid "
        "where connamespace::regnamespace::text = any(%s) and contype <> 'n' "
        "union all select i.relname, r.relname, '{}' "
        "from pg_index join pg_class i on i.oid = indexrelid join pg_class r on r.oid = indrelid "
        "where r.relnamespace::regnamespace::text = any(%s) "
        "and not exists (select from pg_constraint where conindid = indexrelid)",
        list(OWN_SCHEMAS),
        list(OWN_SCHEMAS),
    )
    assert len(found) > 200
    assert [name for name, table, columns in found if not tells(name, table, columns)] == []


@pytest.mark.parametrize(
    ("name", "columns", "expected"),
    [
        ("letter_pending", ["state", "envelope"], True),
        ("letter_language_check", ["language"], True),
        ("letter_check1", ["request_id", "mail_id"], False),
        ("letter_check", ["state"], False),
        ("letter_octets_check", ["byte_count"], False),
        ("answer_language_check", ["language"], False),
        ("letter_next_at_idx", [], False),
        ("letter_request_id_kind_key", ["request_id", "kind", "language"], False),
    ],
)
def test_a_name_of_what_was_once_tells_nothing(name, columns, expected):
    assert tells(name, "letter", columns) is expected
