-- Recipients that are told of an erasure (Art. 19), and rights that end in different ways.
create table lacuna.notice (
    notice_id uuid primary key,
    org_id text not null,
    request_id uuid not null references lacuna.request,
    -- Its name in the data map.
    recipient text not null,
    state text not null default 'pending' check (state in ('pending', 'told', 'abandoned')),
    attempts int not null default 0,
    next_at timestamptz not null,
    created_at timestamptz not null,
    due_at timestamptz not null,
    ended_at timestamptz,
    -- What shows that it was told: never a word of an answer, its digest alone.
    receipt text check (receipt ~ '^(http [0-9]{3} [0-9a-f]{64}|mail|hand)$'),
    -- By what the recipient knows the person, encrypted with the request's key; wiped when told.
    content bytea,
    unique (request_id, recipient),
    check ((state = 'pending') = (ended_at is null)),
    check ((state = 'told') = (receipt is not null and content is null))
);

create index notice_pending on lacuna.notice (next_at) where state = 'pending';

alter table lacuna.notice enable row level security;
alter table lacuna.notice force row level security;

-- Closed lists grow by what this version adds, whatever other versions added.
do $$
declare
    list record;
    found record;
begin
    for list in
        select * from (values
            ('lacuna_evidence.entry', 'action', array['recipient_told', 'recipient_not_told', 'rights_split'])
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
