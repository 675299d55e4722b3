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
