-- The page of the data protection officer: what it reads, decides and hands in.

-- Tables without a tenant of their own that the officer's decisions touch belong to their
-- request's tenant, like the plan: sql/roles.sql has the policies.
alter table lacuna.request_secret enable row level security;
alter table lacuna.request_secret force row level security;
alter table lacuna.working_row enable row level security;
alter table lacuna.working_row force row level security;
alter table lacuna.baseline enable row level security;
alter table lacuna.baseline force row level security;

create index request_due on lacuna.request (org_id, due_at, request_id);

-- A retry of a submission names the same key; the mark tells whether it says the same. It is an
-- HMAC under a key that lies outside the database, and both go after a day.
alter table lacuna.request_inbox
    add column idempotency_key uuid,
    add column body_mark text check (body_mark ~ '^[0-9a-f]{64}$'),
    add constraint inbox_mark check ((idempotency_key is null) = (body_mark is null)),
    add constraint inbox_once unique (org_id, idempotency_key);

-- An upload waits here until somebody confirms it: encrypted, with a key of its own, for a day.
create table lacuna.upload (
    upload_id uuid primary key,
    org_id text not null,
    content bytea not null,
    -- Lines that can be queued, and those that cannot.
    good int not null check (good >= 0),
    bad int not null check (bad >= 0),
    uploaded_at timestamptz not null
);

alter table lacuna.upload enable row level security;
alter table lacuna.upload force row level security;

-- Closed lists grow by what this version adds, whatever other versions added.
do $$
declare
    list record;
    found record;
begin
    for list in
        select * from (values
            -- Personal data was shown to a person who may see it.
            ('lacuna_evidence.entry', 'action', array['disclosed']),
            -- The people whom an ambiguous request could mean.
            ('lacuna.request_secret', 'purpose', array['candidates'])
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
