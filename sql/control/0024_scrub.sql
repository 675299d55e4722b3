-- Files of tables that were written anew, so that dead rows of erased people are gone from them.

create table lacuna.scrub (
    table_name text primary key,
    -- The counters of updated and deleted rows as they were, and the newest entry of the ledger
    -- about a change of the table: while both are the same, there is nothing to do.
    changes text not null,
    position bigint not null check (position >= -1),
    octets bigint not null check (octets >= 0),
    lock_seconds double precision not null check (lock_seconds >= 0),
    scrubbed_at timestamptz not null
);

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
        regexp_replace(found.definition, 'ARRAY\[', 'ARRAY[''scrub''::text, ')
    );
end $$;
