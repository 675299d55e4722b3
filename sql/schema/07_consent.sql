-- Consent: who said what when, append-only, and the recordings that it does not cover.

-- --- Whom an entry is about -----------------------------------------------------------------------

create table lacuna.subject (
    subject_id uuid primary key,
    org_id text not null,
    contact_id text not null
);
comment on table lacuna.subject is
    'Whom an entry about consent or an agreement is about. Written by whoever writes the entry. Personal data: contact_id is the platform''s own key of a person: an erasure deletes the row; the entry stays and points at nobody. Each entry has a row of its own: what stays cannot be grouped by person.';

create index subject_contact on lacuna.subject (org_id, contact_id);

alter table lacuna.subject enable row level security;
alter table lacuna.subject force row level security;

-- Whom an entry is about that the executor made again says the executor too, and of no other entry.
create function lacuna.check_subject() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_user = 'lacuna_executor' and not exists (
        select from lacuna.consent_event
        where (subject_id, org_id, recorded_by) = (new.subject_id, new.org_id, 'rule:reappearance')
    ) then
        raise exception 'subject: of no entry that was made again' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger subject_of_entry before insert on lacuna.subject
    for each row execute function lacuna.check_subject();
alter table lacuna.subject enable always trigger subject_of_entry;

-- --- Consent --------------------------------------------------------------------------------------

create table lacuna.consent_purpose (
    purpose text primary key,
    description text not null
);
comment on table lacuna.consent_purpose is
    'What somebody can consent to. Written by the owner alone. No personal data.';
insert into lacuna.consent_purpose (purpose, description) values
    ('call_recording', 'That calls are recorded.'),
    ('feedback', 'To be asked for feedback.'),
    ('marketing', 'To be sent advertising.');

create table lacuna.consent_status (
    status text primary key,
    description text not null
);
comment on table lacuna.consent_status is
    'What somebody can have said about it. Written by the owner alone. No personal data.';
insert into lacuna.consent_status (status, description) values
    ('granted', 'Yes.'),
    ('declined', 'No.'),
    ('unanswered', 'Asked, and no key was pressed.'),
    ('withdrawn', 'No longer.');

create table lacuna.consent_method (
    method text primary key,
    description text not null
);
comment on table lacuna.consent_method is
    'How it can have been said. Written by the owner alone. No personal data.';
insert into lacuna.consent_method (method, description) values
    ('ivr', 'By a key, to a recorded voice.'),
    ('verbal', 'To an agent.'),
    ('web', 'On a page.'),
    ('mail', 'By mail.'),
    ('letter', 'On paper.');

create table lacuna.consent_event (
    event_id bigint generated always as identity primary key,
    org_id text not null,
    subject_id uuid unique,
    call_key text,
    purpose text not null default 'call_recording' references lacuna.consent_purpose,
    status text not null references lacuna.consent_status,
    method text not null references lacuna.consent_method,
    keypress text check (keypress ~ '^[0-9*#A-D]$'),
    prompt_version text check (length(prompt_version) <= 100),
    prompt_language text check (length(prompt_language) <= 35),
    prompted_at timestamptz,
    occurred_at timestamptz not null check (isfinite(occurred_at)),
    recorded_at timestamptz not null,
    recorded_by text not null check (recorded_by ~ '^(dpo|controller|flow|rule|system):[a-z0-9_-]{1,40}$'),
    check (call_key is not null or subject_id is not null)
);
comment on table lacuna.consent_event is
    'Who consented to what, or did not, append-only. Written by the planner, by officers, and by the executor after a restore. No personal data by itself: subject_id leads to one as long as lacuna.subject has it.';
comment on column lacuna.consent_event.subject_id is
    'No foreign key: the entry outlives the row. NULL: the call led to nobody.';
comment on column lacuna.consent_event.call_key is
    'The platform''s key of the call. NULL: whatever was recorded of the person before.';
comment on column lacuna.consent_event.purpose is 'Consent to one thing is none to another.';
comment on column lacuna.consent_event.recorded_by is 'Role and key id, never a name.';

create unique index consent_event_once on lacuna.consent_event
    (org_id, call_key, purpose, status, method, occurred_at) where call_key is not null;

create trigger consent_event_append_only before update or delete or truncate on lacuna.consent_event
    for each statement execute function lacuna.refuse_change();
-- Always: also in a session whose session_replication_role skips ordinary triggers.
alter table lacuna.consent_event enable always trigger consent_event_append_only;

alter table lacuna.consent_event enable row level security;
alter table lacuna.consent_event force row level security;

-- What is recorded in an officer's name is recorded under the officer's role: the planner's login reads
-- what strangers write, and knows the key id of every officer. Consent that was withdrawn after a backup was
-- made stays withdrawn once that is put back: the executor enters it again, as the record outside the
-- database has it. It enters that there is none, and never one.
create function lacuna.check_recorder() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member')
        or current_user = 'lacuna_dpo' and new.recorded_by ~ '^(dpo|controller):'
        and lacuna.is_officer('dpo:' || split_part(new.recorded_by, ':', 2), new.org_id)
        -- A flow records what callers answered on the telephone; never a text, nor that one was accepted.
        or new.recorded_by like 'flow:%' and tg_table_name = 'consent_event'
        and to_jsonb(new) ->> 'method' = 'ivr'
        or current_user = 'lacuna_executor' and new.recorded_by = 'rule:reappearance'
        and tg_table_name = 'consent_event'
        and to_jsonb(new) ->> 'status' in ('declined', 'withdrawn') then
        return new;
    end if;
    raise exception '%: recorded by no officer of the register', tg_table_name
        using errcode = 'insufficient_privilege';
end $$;
create trigger consent_event_recorder before insert on lacuna.consent_event
    for each row execute function lacuna.check_recorder();
alter table lacuna.consent_event enable always trigger consent_event_recorder;

-- --- Recordings without consent -------------------------------------------------------------------

create table lacuna.recording_breach (
    breach text primary key,
    description text not null
);
comment on table lacuna.recording_breach is
    'Why no consent can cover a recording. Written by the owner alone. No personal data.';
insert into lacuna.recording_breach (breach, description) values
    ('not_asked', 'Nobody was asked.'),
    ('unanswered', 'Asked, and no key was pressed.'),
    ('declined', 'The answer was no.'),
    ('overridden', 'An agent recorded against the answer, or without one.'),
    ('late', 'Consent came after the recording had begun.'),
    ('withdrawn', 'Consent was withdrawn.'),
    ('undated', 'Nothing says when it began, so nothing shows that consent came first.');

create table lacuna.recording_lock (
    org_id text not null,
    table_name text not null,
    row_key text[] not null,
    breach text not null references lacuna.recording_breach,
    since timestamptz not null,
    status_before text,
    primary key (table_name, row_key)
);
comment on table lacuna.recording_lock is
    'Recordings that are locked because no consent covers them; a row goes with its recording. Written by the executor. No personal data by itself: row_key is the platform''s own key of the recording.';
comment on column lacuna.recording_lock.status_before is
    'What the platform''s own status was, to be put back where the lock is lifted.';

alter table lacuna.recording_lock enable row level security;
alter table lacuna.recording_lock force row level security;
