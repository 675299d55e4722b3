-- What the ledger records of erased people who come back.

-- Closed lists grow by what this version adds, whatever other versions added.
do $$
declare
    list record;
    found record;
begin
    for list in
        select * from (values
            ('lacuna_evidence.entry', 'action',
             array['keep_vendor_ids', 'forget_vendor_ids', 'reappeared'])
        ) as lists (table_name, column_name, added)
    loop
        select conname, pg_get_constraintdef(oid) as definition into strict found
        from pg_constraint
        where conrelid = list.table_name::regclass and contype = 'c'
            and pg_get_constraintdef(oid) like 'CHECK ((' || list.column_name || ' = ANY%';
        execute format('alter table %s drop constraint %I', list.table_name, found.conname);
        execute format(
            'alter table %s add constraint %I %s', list.table_name, found.conname,
            regexp_replace(
                found.definition, 'ARRAY\[',
                'ARRAY[' || (select string_agg(quote_literal(each) || '::text, ', '')
                             from unnest(list.added) as each)
            )
        );
    end loop;
end $$;
