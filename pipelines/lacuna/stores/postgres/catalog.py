"""Reads the live schema from PostgreSQL's catalog: no row of the platform is touched.

`pg_catalog` shows every table to every role, unlike `information_schema`: a table that a role
may not read is drift too, not absent.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from lacuna.model.location import TableName
from lacuna.model.schema import (
    LiveCheck,
    LiveColumn,
    LiveExpression,
    LiveForeignKey,
    LiveSchema,
    LiveTable,
    LiveTrigger,
    TableKind,
)

_Part = TypeVar("_Part")

_KINDS: Final = {
    "r": TableKind.TABLE,
    "p": TableKind.PARTITIONED,
    "v": TableKind.VIEW,
    "m": TableKind.MATERIALIZED_VIEW,
    "f": TableKind.FOREIGN,
}
_ACTIONS: Final = {
    "a": "no action",
    "r": "restrict",
    "c": "cascade",
    "n": "set null",
    "d": "set default",
}

_SCHEMAS: Final = sa.text(
    "select nspname from pg_catalog.pg_namespace where nspname = any(cast(:schemas as text[]))"
)

# Besides the schemas' own tables: those whose rows are theirs too, and those that lead to them.
_TABLES: Final = sa.text("""
    with recursive below(oid) as (
        select t.oid
        from pg_catalog.pg_class t
        join pg_catalog.pg_namespace s on s.oid = t.relnamespace
        where t.relkind in ('r', 'p', 'f') and s.nspname = any(cast(:schemas as text[]))
        union
        select i.inhrelid from pg_catalog.pg_inherits i join below b on b.oid = i.inhparent
    )
    select t.oid, s.nspname, t.relname, t.relkind::text, t.relispartition, ps.nspname, p.relname,
           coalesce(pg_catalog.obj_description(t.oid, 'pg_class'), ''),
           array(
               select array[hs.nspname::text, h.relname::text]
               from pg_catalog.pg_inherits hi
               join pg_catalog.pg_class h on h.oid = hi.inhparent
               join pg_catalog.pg_namespace hs on hs.oid = h.relnamespace
               where hi.inhrelid = t.oid and not t.relispartition
               order by hi.inhseqno
           ),
           pg_catalog.row_security_active(t.oid) or t.relrowsecurity and exists (
               select from pg_catalog.pg_roles r
               where r.rolname in ('lacuna_planner', 'lacuna_executor', 'lacuna_verifier')
                 and not r.rolsuper and not r.rolbypassrls
           ),
           t.reltuples >= 100000
    from pg_catalog.pg_class t
    join pg_catalog.pg_namespace s on s.oid = t.relnamespace
    left join pg_catalog.pg_inherits i on t.relispartition and i.inhrelid = t.oid
    left join pg_catalog.pg_class p on p.oid = i.inhparent
    left join pg_catalog.pg_namespace ps on ps.oid = p.relnamespace
    where t.relkind in ('r', 'p', 'v', 'm', 'f')
      and (
        s.nspname = any(cast(:schemas as text[]))
        or t.oid in (select oid from below)
        or t.oid in (
            select f.conrelid
            from pg_catalog.pg_constraint f
            join pg_catalog.pg_class other on other.oid = f.confrelid
            join pg_catalog.pg_namespace os on os.oid = other.relnamespace
            where f.contype = 'f' and os.nspname = any(cast(:schemas as text[]))
        )
      )
    order by s.nspname, t.relname
""")

# A domain is followed down to its base type; a length or NOT NULL on the way counts.
_COLUMNS: Final = sa.text("""
    with recursive resolved(declared, base, typmod, is_not_null) as (
        select distinct a.atttypid, a.atttypid, -1, false
        from pg_catalog.pg_attribute a
        where a.attrelid = any(cast(:tables as oid[])) and a.attnum > 0 and not a.attisdropped
        union all
        select r.declared, d.typbasetype,
               case when d.typtypmod >= 0 then d.typtypmod else r.typmod end,
               r.is_not_null or d.typnotnull
        from resolved r
        join pg_catalog.pg_type d on d.oid = r.base and d.typtype = 'd'
    )
    select a.attrelid, a.attname,
           pg_catalog.format_type(case when b.typcategory = 'A' then b.typelem else b.oid end, null),
           not (a.attnotnull or r.is_not_null),
           b.typcategory = 'A',
           a.attgenerated <> '' or a.attidentity = 'a',
           case
               when coalesce(e.typname, b.typname) in ('varchar', 'bpchar')
                    and greatest(a.atttypmod, r.typmod) >= 4
               then greatest(a.atttypmod, r.typmod) - 4
           end,
           a.atthasdef or a.attidentity <> '',
           array(
               select l.enumlabel::text from pg_catalog.pg_enum l
               where l.enumtypid = coalesce(e.oid, b.oid) order by l.enumsortorder
           ),
           a.attidentity = 'a',
           coalesce(pg_catalog.col_description(a.attrelid, a.attnum), ''),
           case
               when d.typtype = 'd' then (
                   select pg_catalog.quote_ident(s.nspname) || '.' || pg_catalog.quote_ident(d.typname)
                   from pg_catalog.pg_namespace s where s.oid = d.typnamespace
               )
               else ''
           end
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type d on d.oid = a.atttypid
    join resolved r on r.declared = a.atttypid
    join pg_catalog.pg_type b on b.oid = r.base and b.typtype <> 'd'
    left join pg_catalog.pg_type e on b.typcategory = 'A' and e.oid = b.typelem
    where a.attrelid = any(cast(:tables as oid[])) and a.attnum > 0 and not a.attisdropped
    order by a.attrelid, a.attnum
""")

_UNIQUE: Final = sa.text("""
    select x.indrelid, x.indisprimary,
           array_agg(a.attname::text order by k.position),
           -- PostgreSQL 14 has no such column, and no such index.
           coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false)
    from pg_catalog.pg_index x
    join lateral unnest(x.indkey) with ordinality k(attnum, position)
         on k.position <= x.indnkeyatts
    join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = k.attnum
    where x.indrelid = any(cast(:tables as oid[]))
      and x.indisunique and x.indisvalid and x.indpred is null and x.indexprs is null
    group by x.indexrelid, x.indrelid, x.indisprimary, 4
    order by x.indrelid, x.indisprimary desc, x.indexrelid
""")

_FOREIGN_KEYS: Final = sa.text("""
    select f.conrelid,
           array_agg(a.attname::text order by k.position),
           s.nspname, t.relname,
           array_agg(b.attname::text order by k.position),
           f.confdeltype::text, f.confupdtype::text,
           exists (
               select from pg_catalog.pg_index x
               where x.indrelid = f.conrelid and x.indisvalid and x.indpred is null
                 and x.indkey[0] = any(f.conkey)
           )
    from pg_catalog.pg_constraint f
    join pg_catalog.pg_class t on t.oid = f.confrelid
    join pg_catalog.pg_namespace s on s.oid = t.relnamespace
    join lateral unnest(f.conkey, f.confkey) with ordinality k(own, other, position) on true
    join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.own
    join pg_catalog.pg_attribute b on b.attrelid = f.confrelid and b.attnum = k.other
    where f.contype = 'f' and f.conrelid = any(cast(:tables as oid[]))
    group by f.oid, f.conrelid, f.conkey, s.nspname, t.relname, f.confdeltype, f.confupdtype
    order by f.conrelid, f.oid
""")

_INDEXED: Final = sa.text("""
    select distinct x.indrelid, a.attname::text
    from pg_catalog.pg_index x
    join pg_catalog.pg_class i on i.oid = x.indexrelid
    join pg_catalog.pg_am m on m.oid = i.relam
    join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum > 0 and a.attnum = any(
        -- Of a GIN index, each column serves alone.
        case when m.amname = 'gin' then cast(x.indkey as int2[]) else array[x.indkey[0]] end
    )
    where x.indrelid = any(cast(:tables as oid[])) and x.indisvalid and x.indpred is null
""")

# Expressions and conditions depend on their columns; plain columns of an index are in indkey.
_EXPRESSIONS: Final = sa.text("""
    select x.indrelid, i.relname::text, array_agg(distinct a.attname::text order by a.attname::text),
           x.indisunique and x.indpred is null
    from pg_catalog.pg_index x
    join pg_catalog.pg_class i on i.oid = x.indexrelid
    join pg_catalog.pg_depend d
         on d.classid = 'pg_catalog.pg_class'::regclass and d.objid = x.indexrelid
        and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = x.indrelid
        and d.refobjsubid > 0
    join pg_catalog.pg_attribute a on a.attrelid = x.indrelid and a.attnum = d.refobjsubid
    where x.indrelid = any(cast(:tables as oid[])) and x.indexprs is not null
    group by x.indrelid, i.relname, x.indisunique, x.indpred is null
    order by x.indrelid, i.relname
""")

_CHECKS: Final = sa.text("""
    select c.conrelid, c.conname::text,
           array(
               select a.attname::text from pg_catalog.pg_attribute a
               where a.attrelid = c.conrelid and a.attnum = any(c.conkey) order by a.attnum
           ),
           pg_catalog.pg_get_expr(c.conbin, c.conrelid)
    from pg_catalog.pg_constraint c
    where c.contype = 'c' and c.conrelid = any(cast(:tables as oid[]))
    order by c.oid
""")
_LISTED: Final = re.compile(r"= ANY \(\(?ARRAY\[(.*?)\]")
_LABEL: Final = re.compile(r"'((?:[^']|'')*)'")

# What PostgreSQL brings along writes nowhere else; foreign keys are internal triggers.
_TRIGGERS: Final = sa.text("""
    select g.tgrelid, g.tgname, s.nspname, p.proname, l.lanname, p.prosrc
    from pg_catalog.pg_trigger g
    join pg_catalog.pg_proc p on p.oid = g.tgfoid
    join pg_catalog.pg_namespace s on s.oid = p.pronamespace
    join pg_catalog.pg_language l on l.oid = p.prolang
    where g.tgrelid = any(cast(:tables as oid[])) and not g.tgisinternal
      and s.nspname <> 'pg_catalog'
    union all
    select w.ev_class, w.rulename, s.nspname, w.rulename, 'sql',
           pg_catalog.pg_get_ruledef(w.oid)
    from pg_catalog.pg_rewrite w
    join pg_catalog.pg_class t on t.oid = w.ev_class
    join pg_catalog.pg_namespace s on s.oid = t.relnamespace
    where w.ev_class = any(cast(:tables as oid[])) and w.rulename <> '_RETURN'
    order by 1, 2
""")


def read_live_schema(connection: sa.Connection, schemas: Sequence[str]) -> LiveSchema:
    """Return the tables of `schemas`, and those of other schemas with a foreign key to them.

    Args:
        connection: any role will do.
        schemas: names exactly as PostgreSQL has them; one that does not exist is left out.
    """
    asked = {"schemas": list(schemas)}
    existing = connection.execute(_SCHEMAS, asked).scalars().all()
    found = connection.execute(_TABLES, asked).all()
    oids = {"tables": [row[0] for row in found]}
    allowed: dict[tuple[int, str], tuple[str, ...]] = {}
    checks = _by_table(
        (oid, LiveCheck(name, tuple(columns), expression))
        for oid, name, columns, expression in connection.execute(_CHECKS, oids)
    )
    for oid, of_table in checks.items():
        for one in of_table:
            if len(one.columns) == 1 and (listed := _LISTED.search(one.expression)):
                labels = tuple(label.replace("''", "'") for label in _LABEL.findall(listed[1]))
                allowed.setdefault((oid, one.columns[0]), labels)
    columns = _by_table(
        (oid, replace(_live_column(facts), allowed=allowed.get((oid, facts[0]), ())))
        for oid, *facts in connection.execute(_COLUMNS, oids)
    )
    keys: dict[int, tuple[str, ...]] = {}
    unique: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    once_null: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    for oid, is_primary, names, is_null_once in connection.execute(_UNIQUE, oids):
        unique[oid].append(tuple(names))
        if is_null_once:
            once_null[oid].append(tuple(names))
        if is_primary:
            keys[oid] = tuple(names)
    foreign_keys = _by_table(
        (
            oid,
            LiveForeignKey(
                tuple(own),
                TableName(schema, name),
                tuple(other),
                _ACTIONS[delete],
                _ACTIONS[update],
                is_indexed,
            ),
        )
        for oid, own, schema, name, other, delete, update, is_indexed in connection.execute(
            _FOREIGN_KEYS, oids
        )
    )
    triggers = _by_table(
        (oid, LiveTrigger(name, TableName(schema, function), language, source))
        for oid, name, schema, function, language, source in connection.execute(_TRIGGERS, oids)
    )
    expressions = _by_table(
        (oid, LiveExpression(name, tuple(columns), is_unique))
        for oid, name, columns, is_unique in connection.execute(_EXPRESSIONS, oids)
    )
    indexed = _by_table((oid, name) for oid, name in connection.execute(_INDEXED, oids))
    tables = {}
    for row in found:
        (
            oid,
            schema,
            table,
            kind,
            is_partition,
            parent_schema,
            parent,
            comment,
            above,
            hides,
            large,
        ) = row
        name = TableName(schema, table)
        tables[name] = LiveTable(
            name=name,
            kind=TableKind.PARTITION if is_partition else _KINDS[kind],
            columns=columns[oid],
            key=keys.get(oid, ()),
            unique_keys=tuple(unique[oid]),
            foreign_keys=foreign_keys[oid],
            triggers=triggers[oid],
            parent=TableName(parent_schema, parent) if is_partition else None,
            comment=comment,
            expressions=expressions[oid],
            inherits=tuple(TableName(*one) for one in above),
            once_null=tuple(once_null[oid]),
            hides_rows=hides,
            checks=checks[oid],
            indexed=frozenset(indexed[oid]),
            is_large=large,
        )
    return LiveSchema(frozenset(existing), tables)


def _live_column(facts: Sequence[Any]) -> LiveColumn:
    """Return a column by what `_COLUMNS` says of it."""
    name, kind, nullable, array, generated, length, default, labels, numbered, comment, domain = (
        facts
    )
    return LiveColumn(
        name=name,
        type=kind,
        is_nullable=nullable,
        is_array=array,
        is_generated=generated,
        max_length=length,
        has_default=default,
        labels=tuple(labels),
        is_numbered=numbered,
        comment=comment,
        domain=domain,
    )


def _by_table(found: Iterable[tuple[int, _Part]]) -> Mapping[int, tuple[_Part, ...]]:
    gathered: dict[int, tuple[_Part, ...]] = defaultdict(tuple)
    for oid, part in found:
        gathered[oid] = (*gathered[oid], part)
    return gathered
