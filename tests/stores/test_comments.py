"""Comments: `\\d+` explains every object of Lacuna's own schemas."""

import re

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
