-- Where other systems hand requests in, and what the officer's page uploads.

-- --- The inbox ------------------------------------------------------------------------------------

create table lacuna.inbox_status (
    status text primary key,
    description text not null
);
comment on table lacuna.inbox_status is
    'What can have become of a row of the inbox. Written by the owner alone. No personal data.';
insert into lacuna.inbox_status (status, description) values
    ('new', 'Not looked at yet.'),
    ('queued', 'It became a request.'),
    ('duplicate', 'It repeats an open request.'),
    ('rejected', 'It is no request; the reason says why.');

create table lacuna.request_inbox (
    inbox_id bigint generated always as identity primary key,
    org_id text not null,
    kinds text[] not null,
    emails text[] not null default '{}',
    phones text[] not null default '{}',
    external_ids text[] not null default '{}',
    contact_id text,
    conversation_id text,
    message_id text,
    rectifications jsonb not null default '{}',
    is_forced boolean not null default false,
    verified_by text,
    received_at timestamptz not null default now() check (isfinite(received_at)),
    inserted_at timestamptz not null default now(),
    status text not null default 'new' references lacuna.inbox_status,
    request_id uuid,
    reason text,
    instructed_by text,
    idempotency_key uuid,
    body_mark text check (body_mark ~ '^[0-9a-f]{64}$'),
    -- Unchecked here, as everything in the inbox: the answer says what is wrong with it.
    person_kind text not null default 'contact',
    constraint inbox_mark check ((idempotency_key is null) = (body_mark is null)),
    constraint inbox_once unique (org_id, idempotency_key)
);
comment on table lacuna.request_inbox is
    'Insert a row to queue a request; status, request_id and reason are the answer. Written by other systems and the officer''s page (lacuna_submitter), answered by the planner. Personal data in clear, until the answer.';
comment on column lacuna.request_inbox.emails is
    'Wiped, like the other identifiers, when the intake flow has moved the row into the queue and answers in it.';
comment on column lacuna.request_inbox.instructed_by is
    'How the tenant''s controller instructed, as its own system says. NULL: a standing instruction, or the request waits.';
comment on column lacuna.request_inbox.idempotency_key is
    'A retry of a submission names the same key. Goes after a day.';
comment on column lacuna.request_inbox.body_mark is
    'Tells whether a retry says the same: an HMAC under a key that lies outside the database. Goes after a day.';

alter table lacuna.request_inbox enable row level security;
alter table lacuna.request_inbox force row level security;

create table lacuna.upload (
    upload_id uuid primary key,
    org_id text not null,
    content bytea not null,
    good int not null check (good >= 0),
    bad int not null check (bad >= 0),
    uploaded_at timestamptz not null
);
comment on table lacuna.upload is
    'An upload of the officer''s page, until somebody confirms it, or for a day. Written by the officer''s page (lacuna_submitter). Personal data, encrypted with a key of its own.';
comment on column lacuna.upload.good is 'Lines that can be queued.';
comment on column lacuna.upload.bad is 'Lines that cannot.';

alter table lacuna.upload enable row level security;
alter table lacuna.upload force row level security;

-- --- Who hands in ---------------------------------------------------------------------------------

create table lacuna.submitter (
    login text not null check (length(login) between 1 and 63),
    -- Without `between`: so a dump and its restore have the same text.
    org_id text not null
        constraint submitter_org_id_check check (length(org_id) >= 1 and length(org_id) <= 200 and org_id <> '*'),
    added_at timestamptz not null,
    primary key (login, org_id)
);
comment on table lacuna.submitter is
    'Tenants that the login of another system hands requests in for. Written by the owner alone (lacuna submitter). No personal data.';
comment on column lacuna.submitter.org_id is
    'No ''*'': another system hands in for tenants that are named.';

alter table lacuna.submitter enable row level security;
alter table lacuna.submitter force row level security;

-- Whoever may decide, as the officer's page, hands in for any tenant; so does the owner.
create function lacuna.submits_for(of_login text, of_org text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select pg_has_role(of_login::name, 'lacuna_dpo', 'member') or exists (
        select from lacuna.submitter where login = of_login and org_id = of_org)
$$;
