-- Materialized views of the platform are made anew after an erasure.

-- Only their owner may refresh them (before PostgreSQL 17), so the executor asks for it. It gets
-- nothing else by that: a refresh repeats what the tables hold.
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

-- One more action, beside whatever was added before.
do $$
declare
    definition text;
begin
    select pg_get_constraintdef(oid) into strict definition
    from pg_constraint
    where conrelid = 'lacuna_evidence.entry'::regclass and conname = 'entry_action_check';
    execute 'alter table lacuna_evidence.entry drop constraint entry_action_check, '
        'add constraint entry_action_check '
        || replace(definition, 'ARRAY[', 'ARRAY[''refresh_view''::text, ');
end $$;
