-- Where other systems submit requests, and uploads of the officer's page.

-- --- The inbox ------------------------------------------------------------------------------------

create table lacuna.inbox_status (
    status text primary key,
    description text not null
);
comment on table lacuna.inbox_status is
    'Results of a row of the inbox. Written by the owner alone. No personal data.';
comment on column lacuna.inbox_status.status is 'Word of the list.';
comment on column lacuna.inbox_status.description is 'What it means.';
insert into lacuna.inbox_status (status, description) values
    ('new', 'Not read yet.'),
    ('queued', 'It became a request.'),
    ('duplicate', 'It repeats an open request.'),
    ('rejected', 'It is not a request; the reason says why.'),
    ('withdrawn', 'An officer withdrew it before it was read.');

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
    body_digest text check (body_digest ~ '^[0-9a-f]{64}$'),
    -- Not checked here, like everything in the inbox: the result says what is wrong with it.
    person_kind text not null default 'contact',
    submitted_by text check (submitted_by ~ '^dpo:[a-z0-9_-]{1,40}$'),
    constraint request_inbox_idempotency check ((idempotency_key is null) = (body_digest is null)),
    constraint request_inbox_once unique (org_id, idempotency_key)
);
comment on table lacuna.request_inbox is
    'Insert a row to queue a request; status, request_id and reason are the result. Written by other systems and the officer''s page (lacuna_submitter), completed by the planner, or withdrawn by an officer. Personal data in clear, wiped with the result.';
comment on column lacuna.request_inbox.inbox_id is 'Number of the row.';
comment on column lacuna.request_inbox.org_id is 'Tenant.';
comment on column lacuna.request_inbox.kinds is
    'Rights that are exercised: restriction, objection, rectification, access, portability, erasure.';
comment on column lacuna.request_inbox.emails is
    'E-mail addresses of the person. Personal data, wiped with the result.';
comment on column lacuna.request_inbox.phones is
    'Telephone numbers of the person. Personal data, wiped with the result.';
comment on column lacuna.request_inbox.external_ids is
    'Ids of the person in other systems. Personal data, wiped with the result.';
comment on column lacuna.request_inbox.contact_id is
    'The platform''s key of the person. Personal data, wiped with the result.';
comment on column lacuna.request_inbox.conversation_id is
    'The platform''s key of a conversation, to erase only that. Wiped with the result.';
comment on column lacuna.request_inbox.message_id is
    'The platform''s key of a message, to erase only that. Wiped with the result.';
comment on column lacuna.request_inbox.rectifications is
    'JSON: the corrected value by name of the field. Personal data, wiped with the result.';
comment on column lacuna.request_inbox.is_forced is
    'Whether to erase although conversations of the person are open.';
comment on column lacuna.request_inbox.verified_by is
    'How the other system verified the identity; free text, which may contain personal data. NULL: it did not. Wiped with the result.';
comment on column lacuna.request_inbox.received_at is
    'When the other system received the request; the deadline counts from here.';
comment on column lacuna.request_inbox.inserted_at is 'When the row was inserted.';
comment on column lacuna.request_inbox.status is 'Result of the row.';
comment on column lacuna.request_inbox.request_id is 'The request that the row became, or that it repeats.';
comment on column lacuna.request_inbox.reason is
    'Why the row was rejected, without a value of the row. NULL: it was not.';
comment on column lacuna.request_inbox.instructed_by is
    'How the tenant''s controller gave its instruction, as its own system states. NULL: a standing instruction, or the request waits. Wiped with the result.';
comment on column lacuna.request_inbox.idempotency_key is
    'A repeated submission names the same key. Deleted after a day.';
comment on column lacuna.request_inbox.body_digest is
    'HMAC of the submission under a key that is kept outside the database; it shows whether a repetition is the same. Deleted after a day.';
comment on column lacuna.request_inbox.person_kind is
    'Kind of person of the data map, such as contact or agent.';
comment on column lacuna.request_inbox.submitted_by is
    'Role and key id of the officer who submitted it on the page. NULL: another system did, or somebody who is no officer.';

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
    'Uploads on the officer''s page, until somebody confirms them, at most a day. Written by the officer''s page (lacuna_submitter). Personal data, encrypted; each upload has its own key.';
comment on column lacuna.upload.upload_id is 'Random id.';
comment on column lacuna.upload.org_id is 'Tenant.';
comment on column lacuna.upload.content is 'The lines that can be queued. Personal data, encrypted.';
comment on column lacuna.upload.good is 'Number of lines that can be queued.';
comment on column lacuna.upload.bad is 'Number of lines that cannot.';
comment on column lacuna.upload.uploaded_at is 'When the file was uploaded.';

alter table lacuna.upload enable row level security;
alter table lacuna.upload force row level security;

-- --- Who submits ----------------------------------------------------------------------------------

create table lacuna.submitter (
    login text not null check (length(login) between 1 and 63),
    -- Without `between`, so that a restored dump has the same text.
    org_id text not null
        constraint submitter_org_id_check check (length(org_id) >= 1 and length(org_id) <= 200 and org_id <> '*'),
    added_at timestamptz not null,
    primary key (login, org_id)
);
comment on table lacuna.submitter is
    'Tenants for which another system''s login submits requests. Written by the owner alone (lacuna submitter). No personal data.';
comment on column lacuna.submitter.login is 'Login of the database.';
comment on column lacuna.submitter.org_id is 'Tenant; never ''*''.';
comment on column lacuna.submitter.added_at is 'When the login was registered.';

alter table lacuna.submitter enable row level security;
alter table lacuna.submitter force row level security;

create function lacuna.submits_for(of_login text, of_org text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select pg_has_role(of_login::name, 'lacuna_dpo', 'member') or exists (
        select from lacuna.submitter where login = of_login and org_id = of_org)
$$;
comment on function lacuna.submits_for(text, text) is
    'Whether a login may submit requests for a tenant: a registered one, or one that acts as lacuna_dpo, for any tenant.';
