-- Consent to recording: who said what when, append-only, and the recordings that it does not cover.

-- Whom an entry about consent or an agreement is about. An erasure deletes the row; the entry stays
-- and points at nobody. Each entry has a row of its own: what stays cannot be grouped by person.
create table lacuna.subject (
    subject_id uuid primary key,
    org_id text not null,
    contact_id text not null
);

create index subject_contact on lacuna.subject (org_id, contact_id);

create table lacuna.consent_event (
    event_id bigint generated always as identity primary key,
    org_id text not null,
    -- No foreign key: the entry outlives the row. NULL: the call led to nobody.
    subject_id uuid unique,
    -- The platform's key of the call; NULL: whatever was recorded of the person before.
    call_key text,
    purpose text not null default 'call_recording' check (purpose = 'call_recording'),
    status text not null check (status in ('granted', 'declined', 'unanswered', 'withdrawn')),
    method text not null check (method in ('ivr', 'verbal', 'web', 'mail', 'letter')),
    keypress text check (keypress ~ '^[0-9*#A-D]$'),
    prompt_version text check (length(prompt_version) <= 100),
    prompt_language text check (length(prompt_language) <= 35),
    prompted_at timestamptz,
    occurred_at timestamptz not null check (isfinite(occurred_at)),
    recorded_at timestamptz not null,
    -- Role and key id, never a name.
    recorded_by text not null check (recorded_by ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]{1,40}$'),
    check (call_key is not null or subject_id is not null)
);

create unique index consent_event_once on lacuna.consent_event
    (org_id, call_key, status, method, occurred_at) where call_key is not null;

-- Recordings that are locked because no consent covers them; a row goes with its recording.
create table lacuna.recording_lock (
    org_id text not null,
    table_name text not null,
    row_key text[] not null,
    breach text not null check (breach in (
        'not_asked', 'unanswered', 'declined', 'overridden', 'late', 'withdrawn', 'undated'
    )),
    since timestamptz not null,
    -- What the platform's own status was, to be put back where the lock is lifted.
    status_before text,
    primary key (table_name, row_key)
);

-- A sweep deletes objects too: an effect belongs to a request or to a rule.
alter table lacuna.outbox alter column request_id drop not null;
alter table lacuna.outbox add column rule text;
alter table lacuna.outbox add constraint outbox_owner check ((request_id is null) <> (rule is null));
create index outbox_pending_rule on lacuna.outbox (rule) where state = 'pending' and rule is not null;

create function lacuna.refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception '%.% is append-only', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

create trigger consent_event_append_only before update or delete or truncate on lacuna.consent_event
    for each statement execute function lacuna.refuse_change();
-- Always: also in a session whose session_replication_role skips ordinary triggers.
alter table lacuna.consent_event enable always trigger consent_event_append_only;

alter table lacuna.subject enable row level security;
alter table lacuna.subject force row level security;
alter table lacuna.consent_event enable row level security;
alter table lacuna.consent_event force row level security;
alter table lacuna.recording_lock enable row level security;
alter table lacuna.recording_lock force row level security;

-- Closed lists grow by what this version adds, whatever other versions added.
do $$
declare
    list record;
    found record;
begin
    for list in
        select * from (values
            ('lacuna_evidence.entry', 'action',
             array['consent_recorded', 'lock_recordings', 'unlock_recordings', 'lift_restriction'])
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
