-- Records of sweeps and scrubs, and functions that renew views and statistics of the platform.

create table lacuna.sweep_done (
    rule text not null,
    table_name text not null,
    row_key text[] not null,
    row_version text not null,
    digest text not null,
    primary key (rule, table_name, row_key)
);
comment on table lacuna.sweep_done is
    'Rows that a sweep rule has already redacted; only new and changed rows are read again. Written by the executor. No personal data by itself: row_key is the platform''s own key.';
comment on column lacuna.sweep_done.rule is 'Name of the sweep rule.';
comment on column lacuna.sweep_done.table_name is 'Table of the row, `schema.table`.';
comment on column lacuna.sweep_done.row_key is 'Primary key of the row as text, a part for each column.';
comment on column lacuna.sweep_done.row_version is 'The row''s xmin when it was read.';
comment on column lacuna.sweep_done.digest is
    'Digest of the rule when the row was read; another one makes the row due again.';

create table lacuna.scrub (
    table_name text primary key,
    changes text not null,
    position bigint not null check (position >= -1),
    byte_count bigint not null check (byte_count >= 0),
    lock_seconds double precision not null check (lock_seconds >= 0),
    scrubbed_at timestamptz not null
);
comment on table lacuna.scrub is
    'Tables whose files were rewritten, so that they no longer contain dead rows of erased people. Written by the executor. No personal data.';
comment on column lacuna.scrub.table_name is 'The table, `schema.table`.';
comment on column lacuna.scrub.changes is
    'PostgreSQL''s counters of updates, deletions and vacuums of the table. As long as they and position are the same, nothing needs rewriting.';
comment on column lacuna.scrub.position is
    'Position of the newest ledger entry about a change of the table. -1: none.';
comment on column lacuna.scrub.byte_count is 'Size of the table in bytes, with its indexes and long values.';
comment on column lacuna.scrub.lock_seconds is 'How long the table was locked, in seconds.';
comment on column lacuna.scrub.scrubbed_at is 'When the files were rewritten last.';

create table lacuna.told_time (
    table_name text not null,
    column_name text not null,
    row_key text[] not null,
    told text not null,
    primary key (table_name, column_name, row_key)
);
comment on table lacuna.told_time is
    'Rows of erased people into which a trigger of the platform wrote the time of the erasure. The scrub removes that time, with updates that fire no trigger, and then deletes the row here. Written by the executor. No personal data by itself: row_key is the platform''s own key.';
comment on column lacuna.told_time.table_name is 'Table of the row, `schema.table`.';
comment on column lacuna.told_time.column_name is 'Column into which the trigger wrote.';
comment on column lacuna.told_time.row_key is 'Primary key of the row as text, a part for each column.';
comment on column lacuna.told_time.told is
    'What the trigger wrote, in UTC to the microsecond. A value that somebody wrote since stays.';

create function lacuna.refresh_view(schema_name text, view_name text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (
        select from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = schema_name and c.relname = view_name and c.relkind = 'm'
          and has_table_privilege('lacuna_executor', c.oid, 'delete')
    ) then
        raise exception 'refresh_view: not a materialized view of the platform';
    end if;
    execute format('refresh materialized view %I.%I', schema_name, view_name);
end $$;
comment on function lacuna.refresh_view(text, text) is
    'Refreshes a materialized view of the platform. Before PostgreSQL 17 only its owner may, so the executor calls this function; it reveals and changes nothing that the tables do not contain.';

create function lacuna.renew_statistics(schema_name text, table_name text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    how text := case when current_setting('server_version_num')::int >= 160000
        then '(buffer_usage_limit ''16MB'')' else '' end;
    part record;
begin
    for part in
        with recursive above (oid) as (
            select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = schema_name and c.relname = table_name and c.relkind in ('r', 'm', 'p')
            union select inhparent from pg_inherits join above on above.oid = inhrelid
        )
        select n.nspname, c.relname, c.relowner
        from above join pg_class c on c.oid = above.oid join pg_namespace n on n.oid = c.relnamespace
    loop
        -- ANALYZE by itself only warns and skips the table.
        if not pg_has_role(part.relowner, 'usage') then
            raise insufficient_privilege using
                message = 'renew_statistics: the table has another owner than this function';
        end if;
        execute format('analyze %s %I.%I', how, part.nspname, part.relname);
    end loop;
end $$;
comment on function lacuna.renew_statistics(text, text) is
    'Runs ANALYZE on a table and those that it belongs to: statistics contain values of rows, and only the owner may renew them.';
