"""The queries of the scrub: files, locks, statistics and segments of the log."""

from typing import Final

from psycopg import sql

from lacuna.model.evidence import Action

CHANGING: Final = frozenset(
    {
        Action.ANONYMIZE_ROWS,
        Action.REDACT_TEXT,
        Action.REDACT_MENTIONS,
        Action.EMPTY_FILES,
        Action.DELETE_ROWS,
        Action.LINK_TOMBSTONE,
        Action.RECTIFY,
        Action.SWEEP,
    }
)


_CHANGES: Final = """concat_ws('/', coalesce(counted.n_tup_upd, 0), counted.n_tup_del,
    counted.vacuum_count + counted.autovacuum_count)"""
CHANGES_OF: Final = f"""
select {_CHANGES} from pg_stat_all_tables as counted where relid = to_regclass(:name)
"""  # noqa: S608 - constants of this file alone

# Partitions one by one; materialized views hold copies of rows.
FILES: Final = f"""
select schema.nspname, class.relname, pg_total_relation_size(class.oid),
    {_CHANGES}, coalesce(counted.n_dead_tup, 0), scrub.changes, coalesce(scrub.position, -1),
    scrub.lock_seconds, class.relkind = 'm'
from pg_class as class
join pg_namespace as schema on schema.oid = class.relnamespace
left join pg_stat_all_tables as counted on counted.relid = class.oid
left join lacuna.scrub as scrub on scrub.table_name = schema.nspname || '.' || class.relname
where class.relkind in ('r', 'm') and class.relpersistence <> 't'
    -- A view without data has no files.
    and class.relispopulated
    and schema.nspname = any(:schemas)
    -- Nobody is in these, and every scrub writes into them.
    and not (schema.nspname = 'lacuna' and class.relname in ('scrub', 'batch', 'database_fact', 'migration'))
-- A view reads tables, and an older view; what Lacuna keeps names their rows.
order by schema.nspname = 'lacuna', class.relkind = 'm',
    case when class.relkind = 'm' then class.oid end,
    pg_total_relation_size(class.oid), 1, 2
"""  # noqa: S608 - constants of this file alone

LOCKED: Final = sql.SQL("select exists (select from only {} where xmax <> '0'::xid)")

CLUSTERED: Final = """
select class.relname from pg_index join pg_class as class on class.oid = indexrelid
where indrelid = to_regclass(:name) and indisclustered
"""

# Sessions of this database, prepared transactions, and what a replica holds back. Vacuum itself
# does not look at the old rows that it removes.
OLDER: Final = """
select exists (
    select from pg_stat_activity
    where pid <> pg_backend_pid() and datname = current_database()
        and backend_type <> 'autovacuum worker'
        and greatest(age(backend_xmin), age(backend_xid)) > age(cast(cast(:mine as xid8) as xid))
) or exists (
    select from pg_prepared_xacts
    where database = current_database() and age(transaction) > age(cast(cast(:mine as xid8) as xid))
) or exists (
    select from pg_replication_slots where xmin is not null
)
"""

DELETING: Final = (
    """
    delete from pg_statistic where starelid = to_regclass(:name) or starelid in (
        select indexrelid from pg_index where indrelid = to_regclass(:name)
        union select inhparent from pg_inherits where inhrelid = to_regclass(:name)
    )
    """,
    """
    delete from pg_statistic_ext_data where stxoid in (
        select oid from pg_statistic_ext where stxrelid = to_regclass(:name)
            or stxrelid in (select inhparent from pg_inherits where inhrelid = to_regclass(:name))
    )
    """,
)

CLEARING: Final = """
select pg_clear_attribute_stats(schemaname, tablename, attname, inherited)
from pg_stats where schemaname = :schema and tablename = :table
"""

HAS_STATISTICS: Final = """
select exists (select from pg_stats where schemaname = :schema and tablename = :table)
    or exists (
        select from pg_stats_ext where schemaname = :schema and tablename = :table
            and most_common_vals is not null
    ) or exists (
        select from pg_stats_ext_exprs where schemaname = :schema and tablename = :table
            and (most_common_vals is not null or histogram_bounds is not null)
    )
"""

WITH_STATISTICS: Final = """
with wanted as (
    select * from unnest(cast(:schemas as text[]), cast(:names as text[])) as one (schema, name)
)
select schema, name from wanted where (schema, name) in (
    select schemaname::text, tablename::text from pg_stats
    union all
    select schemaname::text, tablename::text from pg_stats_ext where most_common_vals is not null
    union all
    select schemaname::text, tablename::text from pg_stats_ext_exprs
    where most_common_vals is not null or histogram_bounds is not null
)
"""

COLUMNS: Final = """
select attname, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = to_regclass(:name) and attnum > 0 and not attisdropped and attgenerated = ''
order by attnum
"""

OWNS: Final = """
select pg_has_role(class.relowner, 'usage')
from pg_class as class join pg_namespace as schema on schema.oid = class.relnamespace
where schema.nspname = :schema and class.relname = :table
"""

OWNED: Final = """
select schema.nspname, class.relname
from unnest(cast(:schemas as text[]), cast(:names as text[])) as wanted (schema, name)
join pg_namespace as schema on schema.nspname = wanted.schema
join pg_class as class on class.relnamespace = schema.oid and class.relname = wanted.name
where pg_has_role(class.relowner, 'usage')
"""

PARENTS: Final = """
with recursive above (oid) as (
    select inhparent from pg_inherits where inhrelid = to_regclass(:name)
    union select inhparent from pg_inherits join above on above.oid = inhrelid
)
select nspname, relname from above join pg_class on pg_class.oid = above.oid
join pg_namespace on pg_namespace.oid = relnamespace
"""

# Segments that are not needed from the last checkpoint on: older ones, and such as are kept for reuse.
SEGMENTS_LEFT: Final = """
select count(*) from pg_ls_waldir(), pg_control_checkpoint()
where name ~ '^[0-9A-F]{24}$'
    and (name < redo_wal_file or name > pg_walfile_name(pg_current_wal_insert_lsn()))
"""

EXPOSING: Final = """
select name, setting from pg_settings where
    (name = 'log_min_messages' and setting not in ('log', 'fatal', 'panic'))
    or (name = 'log_statement' and setting <> 'none')
    or (name in ('log_min_duration_statement', 'log_min_duration_sample') and setting <> '-1')
    or (name = 'log_transaction_sample_rate' and setting::float8 > 0)
    or (name = 'log_parameter_max_length_on_error' and setting <> '0')
    or (name in ('debug_print_parse', 'debug_print_rewritten', 'debug_print_plan')
        and setting <> 'off')
    or (name = 'shared_preload_libraries'
        and setting ~ 'pg_stat_statements|auto_explain|pgaudit|pg_stat_monitor|pg_qualstats')
    or (name = 'archive_mode' and setting <> 'off')
    or (name = 'max_wal_senders' and setting <> '0' and exists (select from pg_stat_replication))
union all
select 'shared_preload_libraries', 'unknown'
where not exists (select from pg_settings where name = 'shared_preload_libraries')
order by 1
"""
