-- A correction reaches every copy: exports are written anew, and the values that were wrong are kept,
-- encrypted, until the request is closed. Closed lists grow, whatever other versions added to them.
do $$
declare
    list record;
    found record;
begin
    for list in
        select * from (values
            ('lacuna.outbox', 'action', 'correct_object'),
            ('lacuna.request_secret', 'purpose', 'corrections')
        ) as lists (table_name, column_name, added)
    loop
        select conname, pg_get_constraintdef(oid) as definition into strict found
        from pg_constraint
        where conrelid = list.table_name::regclass and contype = 'c'
            and pg_get_constraintdef(oid) like 'CHECK ((' || list.column_name || ' = ANY%';
        execute format('alter table %s drop constraint %I', list.table_name, found.conname);
        execute format(
            'alter table %s add constraint %I %s', list.table_name, found.conname,
            regexp_replace(found.definition, 'ARRAY\[', format('ARRAY[%L::text, ', list.added))
        );
    end loop;
end $$;
