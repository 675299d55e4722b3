-- The writer of an unclear mail is asked which rights they mean. The closed list grows, whatever other
-- versions added to it.
do $$
declare
    found record;
begin
    select conname, pg_get_constraintdef(oid) as definition into strict found
    from pg_constraint
    where conrelid = 'lacuna.answer'::regclass and contype = 'c'
        and pg_get_constraintdef(oid) like 'CHECK ((kind = ANY%';
    execute format('alter table lacuna.answer drop constraint %I', found.conname);
    execute format(
        'alter table lacuna.answer add constraint %I %s', found.conname,
        regexp_replace(found.definition, 'ARRAY\[', 'ARRAY[''question''::text, ')
    );
end $$;
