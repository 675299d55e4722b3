-- Holds on single tables of a request: the person's rows there stay while the rest is erased.
create table lacuna.item_hold (
    request_id uuid not null references lacuna.request,
    org_id text not null,
    -- `schema.table` of the data map.
    held_table text not null check (length(held_table) between 3 and 200),
    ground text not null check (ground ~ '^17\(3\)\([a-e]\)$'),
    held_until timestamptz not null check (isfinite(held_until)),
    held_at timestamptz not null,
    held_by text not null check (held_by ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]{1,40}$'),
    primary key (request_id, held_table)
);

-- Whoever asked is told what is kept, on which ground, and until when.
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
        regexp_replace(found.definition, 'ARRAY\[', 'ARRAY[''partly''::text, ')
    );
end $$;

alter table lacuna.item_hold enable row level security;
alter table lacuna.item_hold force row level security;
