-- Consent, append-only, and recordings without consent.

-- --- The person of an entry ------------------------------------------------------------------------

create table lacuna.subject (
    subject_id uuid primary key,
    org_id text not null,
    contact_id text not null
);
comment on table lacuna.subject is
    'The person of each entry about consent or an agreement; each entry has a row for itself, so that entries cannot be grouped by person. Written by the role that writes the entry. Personal data. An erasure deletes the row; the entry stays and leads to nobody.';
comment on column lacuna.subject.subject_id is 'Random id, which the entry contains.';
comment on column lacuna.subject.org_id is 'Tenant.';
comment on column lacuna.subject.contact_id is 'The platform''s own key of the person. Personal data.';

create index subject_contact on lacuna.subject (org_id, contact_id);

alter table lacuna.subject enable row level security;
alter table lacuna.subject force row level security;

create function lacuna.check_subject() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_user = 'lacuna_executor' and not exists (
        select from lacuna.consent_entry
        where (subject_id, org_id, recorded_by) = (new.subject_id, new.org_id, 'rule:reappearance')
    ) then
        raise exception 'subject: subject_id names no entry that was repeated after a restore'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.check_subject() is
    'Trigger: the executor writes a subject only for an entry that it repeats after a restore.';
create trigger subject_of_entry before insert on lacuna.subject
    for each row execute function lacuna.check_subject();
alter table lacuna.subject enable always trigger subject_of_entry;

-- --- Consent --------------------------------------------------------------------------------------

create table lacuna.consent_purpose (
    purpose text primary key,
    description text not null
);
comment on table lacuna.consent_purpose is
    'Purposes to which somebody can consent. Written by the owner alone. No personal data.';
comment on column lacuna.consent_purpose.purpose is 'Word of the list.';
comment on column lacuna.consent_purpose.description is 'What it means.';
insert into lacuna.consent_purpose (purpose, description) values
    ('call_recording', 'Recording of calls.'),
    ('feedback', 'Questions for feedback.'),
    ('marketing', 'Advertising.');

create table lacuna.consent_status (
    status text primary key,
    description text not null
);
comment on table lacuna.consent_status is
    'Answers to a question for consent. Written by the owner alone. No personal data.';
comment on column lacuna.consent_status.status is 'Word of the list.';
comment on column lacuna.consent_status.description is 'What it means.';
insert into lacuna.consent_status (status, description) values
    ('granted', 'The person consents.'),
    ('declined', 'The person does not consent.'),
    ('unanswered', 'The person was asked and pressed no key.'),
    ('withdrawn', 'The person no longer consents.');

create table lacuna.consent_method (
    method text primary key,
    description text not null
);
comment on table lacuna.consent_method is
    'Ways in which consent can be given. Written by the owner alone. No personal data.';
comment on column lacuna.consent_method.method is 'Word of the list.';
comment on column lacuna.consent_method.description is 'What it means.';
insert into lacuna.consent_method (method, description) values
    ('ivr', 'By pressing a key after an announcement.'),
    ('verbal', 'In words, to an agent.'),
    ('web', 'On a web page.'),
    ('mail', 'By mail.'),
    ('letter', 'On paper.');

create table lacuna.consent_entry (
    entry_id bigint generated always as identity primary key,
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
    constraint consent_entry_about check (call_key is not null or subject_id is not null)
);
comment on table lacuna.consent_entry is
    'Consents, refusals and withdrawals, append-only. Written by the planner, by officers, and by the executor after a restore. No personal data by itself: subject_id leads to the person as long as lacuna.subject has the row.';
comment on column lacuna.consent_entry.entry_id is 'Number of the entry.';
comment on column lacuna.consent_entry.org_id is 'Tenant.';
comment on column lacuna.consent_entry.subject_id is
    'Id in lacuna.subject; no foreign key, because the entry outlives that row. NULL: the call led to nobody.';
comment on column lacuna.consent_entry.call_key is
    'The platform''s key of the call. NULL: the entry is about everything recorded of the person before.';
comment on column lacuna.consent_entry.purpose is
    'What the answer is about; consent to one purpose is none to another.';
comment on column lacuna.consent_entry.status is 'The answer.';
comment on column lacuna.consent_entry.method is 'How the answer was given.';
comment on column lacuna.consent_entry.keypress is
    'Key that the caller pressed. NULL: none, or not by telephone.';
comment on column lacuna.consent_entry.prompt_version is 'Version of the announcement that the caller heard.';
comment on column lacuna.consent_entry.prompt_language is 'Language of the announcement.';
comment on column lacuna.consent_entry.prompted_at is 'When the caller was asked.';
comment on column lacuna.consent_entry.occurred_at is 'When the answer was given.';
comment on column lacuna.consent_entry.recorded_at is 'When the entry was written.';
comment on column lacuna.consent_entry.recorded_by is 'Role and key id, or a flow or rule; never a name.';

create unique index consent_entry_once on lacuna.consent_entry
    (org_id, call_key, purpose, status, method, occurred_at) where call_key is not null;

create trigger consent_entry_append_only before update or delete or truncate on lacuna.consent_entry
    for each statement execute function lacuna.refuse_change();
-- Always: also in a session whose session_replication_role skips ordinary triggers.
alter table lacuna.consent_entry enable always trigger consent_entry_append_only;

alter table lacuna.consent_entry enable row level security;
alter table lacuna.consent_entry force row level security;

-- An entry in an officer's name needs the officer's role: the planner's login reads mails of strangers, and
-- can read the key id of every officer. A consent that was withdrawn after a backup stays withdrawn when the
-- backup is restored: the executor repeats the withdrawal from the record outside the database. It repeats
-- only refusals and withdrawals, never a consent.
create function lacuna.check_recorded_by() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member')
        or current_user = 'lacuna_dpo' and new.recorded_by ~ '^(dpo|controller):'
        and lacuna.is_officer('dpo:' || split_part(new.recorded_by, ':', 2), new.org_id)
        -- A flow records answers of callers, but no text and no acceptance.
        or new.recorded_by like 'flow:%' and tg_table_name = 'consent_entry'
        and to_jsonb(new) ->> 'method' = 'ivr'
        or current_user = 'lacuna_executor' and new.recorded_by = 'rule:reappearance'
        and tg_table_name = 'consent_entry'
        and to_jsonb(new) ->> 'status' in ('declined', 'withdrawn') then
        return new;
    end if;
    raise exception '%: recorded_by is not a registered officer of this tenant', tg_table_name
        using errcode = 'insufficient_privilege';
end $$;
comment on function lacuna.check_recorded_by() is
    'Trigger: an entry in an officer''s name needs the officer''s role and registration. Flows record only answers given by telephone; the executor repeats only refusals and withdrawals.';
create trigger consent_entry_recorder before insert on lacuna.consent_entry
    for each row execute function lacuna.check_recorded_by();
alter table lacuna.consent_entry enable always trigger consent_entry_recorder;

-- --- Recordings without consent -------------------------------------------------------------------

create table lacuna.recording_breach (
    breach text primary key,
    description text not null
);
comment on table lacuna.recording_breach is
    'Reasons for which no consent covers a recording. Written by the owner alone. No personal data.';
comment on column lacuna.recording_breach.breach is 'Word of the list.';
comment on column lacuna.recording_breach.description is 'What it means.';
insert into lacuna.recording_breach (breach, description) values
    ('not_asked', 'Nobody was asked.'),
    ('unanswered', 'The caller was asked and pressed no key.'),
    ('declined', 'The caller declined.'),
    ('overridden', 'An agent recorded although the caller had declined or not answered.'),
    ('late', 'The caller consented after the recording had begun.'),
    ('withdrawn', 'Consent was withdrawn.'),
    ('undated', 'The recording has no start time, so nothing shows that consent came first.');

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
    'Recordings that are locked because no consent covers them. A row is deleted with the recording, or when the lock ends. Written by the executor. No personal data by itself: row_key is the platform''s own key of the recording.';
comment on column lacuna.recording_lock.org_id is 'Tenant.';
comment on column lacuna.recording_lock.table_name is 'Table of the recording, `schema.table`.';
comment on column lacuna.recording_lock.row_key is
    'Primary key of the recording as text, a part for each column.';
comment on column lacuna.recording_lock.breach is 'Why no consent covers the recording.';
comment on column lacuna.recording_lock.since is 'Since when the recording is locked.';
comment on column lacuna.recording_lock.status_before is
    'The platform''s own status before the lock; it is set again when the lock ends.';

alter table lacuna.recording_lock enable row level security;
alter table lacuna.recording_lock force row level security;
