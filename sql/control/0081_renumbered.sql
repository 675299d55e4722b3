-- An action for rows that were written anew, so that nothing says which of them were written together.
-- The closed list grows, whatever other versions added to it.
do $$
declare
    found record;
begin
    select conname, pg_get_constraintdef(oid) as definition into strict found
    from pg_constraint
    where conrelid = 'lacuna_evidence.entry'::regclass and contype = 'c'
        and pg_get_constraintdef(oid) like 'CHECK ((action = ANY%';
    execute format('alter table lacuna_evidence.entry drop constraint %I', found.conname);
    execute format(
        'alter table lacuna_evidence.entry add constraint %I %s', found.conname,
        regexp_replace(found.definition, 'ARRAY\[', 'ARRAY[''renumber''::text, ')
    );
end $$;
