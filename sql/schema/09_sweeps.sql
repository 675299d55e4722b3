-- What sweeps remember, and what is done to the platform's tables beside their rows.

create table lacuna.sweep_done (
    rule text not null,
    table_name text not null,
    row_key text[] not null,
    row_version text not null,
    digest text not null,
    primary key (rule, table_name, row_key)
);
comment on table lacuna.sweep_done is
    'How far a sweep rule has looked: only new and changed rows are read again. Written by the executor. No personal data by itself: row_key is the platform''s own key.';
comment on column lacuna.sweep_done.row_version is 'The row''s xmin when it was read.';

create table lacuna.scrub (
    table_name text primary key,
    changes text not null,
    position bigint not null check (position >= -1),
    byte_count bigint not null check (byte_count >= 0),
    lock_seconds double precision not null check (lock_seconds >= 0),
    scrubbed_at timestamptz not null
);
comment on table lacuna.scrub is
    'Tables whose files were rewritten, so that dead rows of erased people are gone from them. Written by the executor. No personal data.';
comment on column lacuna.scrub.changes is
    'The counters of updated and deleted rows as they were: while they and position are the same, there is nothing to do.';
comment on column lacuna.scrub.position is
    'The newest entry of the ledger about a change of the table; -1: none.';

create table lacuna.told_time (
    table_name text not null,
    column_name text not null,
    row_key text[] not null,
    told text not null,
    primary key (table_name, column_name, row_key)
);
comment on table lacuna.told_time is
    'Rows of erased people in which a trigger of the platform wrote when it was: the scrub takes that away, whose updates wake no trigger, and forgets what stands here. Written by the executor. No personal data by itself: row_key is the platform''s own key.';
comment on column lacuna.told_time.told is
    'What the trigger wrote, in UTC to the microsecond: what somebody wrote there since stays.';

-- Only their owner may refresh materialized views (before PostgreSQL 17), so the executor asks for it. It
-- gets nothing else by that: a refresh repeats what the tables hold.
create function lacuna.refresh_view(schema_name text, view_name text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    if not exists (
        select from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = schema_name and c.relname = view_name and c.relkind = 'm'
          and has_table_privilege('lacuna_executor', c.oid, 'delete')
    ) then
        raise exception 'not a materialized view of the platform';
    end if;
    execute format('refresh materialized view %I.%I', schema_name, view_name);
end $$;
revoke all on function lacuna.refresh_view(text, text) from public;

-- The statistics of a table hold values of its rows, and only its owner may make them anew. The login of a
-- worker owns nothing, so the executor asks for it.
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
        -- ANALYZE itself only warns, and leaves them as they are.
        if not pg_has_role(part.relowner, 'usage') then
            raise insufficient_privilege using message = 'not a table of who made this function';
        end if;
        execute format('analyze %s %I.%I', how, part.nspname, part.relname);
    end loop;
end $$;
revoke all on function lacuna.renew_statistics(text, text) from public;
