-- Agreements: which versions of a text there are, who accepted which, and what controllers instructed.
-- All of it is append-only.

create table lacuna.agreement (
    agreement_id uuid primary key,
    org_id text not null,
    kind text not null check (kind in ('terms', 'dpa', 'privacy')),
    version text not null check (length(version) between 1 and 100),
    text_digest text not null check (text_digest ~ '^[0-9a-f]{64}$'),
    -- From when it counts: until then the version before it does.
    valid_from timestamptz not null check (isfinite(valid_from)),
    -- Of a DPA: rights on which requests of contacts go on without asking the controller each time.
    standing text[] not null default '{}' check (
        standing <@ array['restriction', 'objection', 'rectification', 'access', 'portability', 'erasure']
        and (kind = 'dpa' or standing = '{}')
    ),
    recorded_at timestamptz not null,
    recorded_by text not null check (recorded_by ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]{1,40}$'),
    unique (org_id, kind, version),
    unique (agreement_id, org_id)
);

create table lacuna.acceptance (
    acceptance_id uuid primary key,
    agreement_id uuid not null,
    org_id text not null,
    -- A contact: an erasure deletes the row of lacuna.subject, and the entry points at nobody.
    subject_id uuid unique,
    -- Somebody who speaks for the tenant: role and key id, never a name.
    accepted_by text check (accepted_by ~ '^(controller|system):[a-z0-9_-]{1,40}$'),
    method text not null check (method in ('signature', 'web', 'mail')),
    accepted_at timestamptz not null check (isfinite(accepted_at)),
    recorded_at timestamptz not null,
    recorded_by text not null check (recorded_by ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]{1,40}$'),
    foreign key (agreement_id, org_id) references lacuna.agreement (agreement_id, org_id),
    check ((subject_id is null) <> (accepted_by is null))
);

create index acceptance_agreement on lacuna.acceptance (agreement_id);

-- On whose word a request of a contact is acted on: the vendor is the processor (Art. 28(3)(a)).
create table lacuna.instruction (
    instruction_id bigint generated always as identity primary key,
    org_id text not null,
    request_id uuid not null references lacuna.request,
    source text not null check (source in ('standing', 'mail', 'written')),
    -- The DPA that records a standing instruction.
    agreement_id uuid references lacuna.agreement,
    instructed_at timestamptz not null,
    recorded_by text not null check (recorded_by ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]{1,40}$'),
    check ((source = 'standing') = (agreement_id is not null))
);

create index instruction_request on lacuna.instruction (request_id);

do $$
declare
    name text;
begin
    foreach name in array array['agreement', 'acceptance', 'instruction'] loop
        execute format(
            'create trigger %I before update or delete or truncate on lacuna.%I '
            'for each statement execute function lacuna.refuse_change()',
            name || '_append_only', name);
        execute format(
            'alter table lacuna.%I enable always trigger %I', name, name || '_append_only');
        execute format('alter table lacuna.%I enable row level security', name);
        execute format('alter table lacuna.%I force row level security', name);
    end loop;
end $$;

-- The tenant's own system says how its controller instructed; NULL: a standing instruction, or it waits.
alter table lacuna.request_inbox add column instructed_by text;

-- Closed lists grow by what this version adds, whatever other versions added.
do $$
declare
    list record;
    found record;
begin
    for list in
        select * from (values
            ('lacuna.request', 'obstacle', array['controller']),
            ('lacuna.request_secret', 'purpose', array['instruction']),
            ('lacuna.answer', 'kind', array['forwarding']),
            ('lacuna_evidence.entry', 'action',
             array['agreement_added', 'agreement_accepted', 'instructed'])
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
