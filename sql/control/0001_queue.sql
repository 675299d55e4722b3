-- The queue: requests of data subjects, their plans, approvals, working copies and effects.
-- Every table with a tenant has row-level security, forced, from the start.

create schema if not exists lacuna;

-- What other systems insert into. The intake flow validates a row, moves it into the queue
-- and answers in it; then the identifiers here are gone.
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
    status text not null default 'new' check (status in ('new', 'queued', 'duplicate', 'rejected')),
    request_id uuid,
    reason text
);

comment on table lacuna.request_inbox is
    'Insert a row to queue a request; status, request_id and reason are the answer.';

create table lacuna.batch (
    batch_id uuid primary key,
    flow text not null,
    run_id text not null,
    started_at timestamptz not null,
    ended_at timestamptz
);

create table lacuna.request (
    request_id uuid primary key,
    org_id text not null,
    kinds text[] not null check (
        cardinality(kinds) > 0
        and kinds <@ array['restriction', 'objection', 'rectification', 'access', 'portability', 'erasure']
    ),
    level text not null check (level in ('contact', 'conversation', 'message')),
    state text not null default 'received',
    is_forced boolean not null default false,
    -- That identity was verified; how is encrypted with the identifiers.
    verified_by text check (verified_by = 'recorded'),
    received_at timestamptz not null check (isfinite(received_at)),
    due_at timestamptz not null,
    created_at timestamptz not null,
    closed_at timestamptz,
    held_until timestamptz,
    ground text,
    -- Why the request waits or what failed last: a closed list, never free text.
    obstacle text check (obstacle in (
        'open_conversations', 'earlier_rights', 'plan_changed', 'too_many_rows', 'apply_failed', 'bundle_failed',
        'verification_failed', 'not_approved', 'ambiguous', 'identity', 'duplicate',
        'internal_error'
    )),
    plan_digest text check (plan_digest ~ '^[0-9a-f]{64}$'),
    -- Fencing: an update names the attempt it belongs to; a newer claim makes older ones void.
    attempt int not null default 0,
    batch_id uuid references lacuna.batch,
    bundle_key text,
    -- Salt of the plan's digest and seed of new keys; wiped when the request closes.
    nonce uuid,
    -- The transaction that changed the platform's rows: each row it wrote carries this id.
    rows_transaction xid8
);

create index request_open on lacuna.request (org_id, state) where closed_at is null;

create table lacuna.transition (
    from_state text not null,
    to_state text not null,
    primary key (from_state, to_state)
);

insert into lacuna.transition (from_state, to_state) values
    ('received', 'identity_pending'), ('received', 'ambiguous'), ('received', 'resolved'),
    ('received', 'held'), ('received', 'refused'), ('received', 'withdrawn'),
    ('identity_pending', 'resolved'), ('identity_pending', 'held'),
    ('identity_pending', 'refused'), ('identity_pending', 'withdrawn'),
    ('ambiguous', 'resolved'), ('ambiguous', 'held'), ('ambiguous', 'refused'),
    ('ambiguous', 'withdrawn'),
    ('resolved', 'planned'), ('resolved', 'nothing_found'), ('resolved', 'held'),
    ('resolved', 'refused'), ('resolved', 'withdrawn'),
    ('planned', 'approved'), ('planned', 'held'), ('planned', 'refused'),
    ('planned', 'withdrawn'),
    ('approved', 'planned'), ('approved', 'applied'), ('approved', 'held'),
    ('approved', 'refused'), ('approved', 'withdrawn'),
    ('applied', 'verified'), ('verified', 'completed'),
    ('held', 'resolved'), ('held', 'refused'), ('held', 'withdrawn');

create function lacuna.check_transition() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'received' then
            raise exception 'a request starts as received' using errcode = 'check_violation';
        end if;
    elsif new.state <> old.state and not exists (
        select from lacuna.transition where from_state = old.state and to_state = new.state
    ) then
        raise exception 'request cannot go from % to %', old.state, new.state
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create trigger request_transition before insert or update of state on lacuna.request
    for each row execute function lacuna.check_transition();

-- Encrypted with the request's key, which lies outside the database; deleted at closing.
create table lacuna.request_secret (
    request_id uuid not null references lacuna.request on delete cascade,
    purpose text not null check (purpose in ('identifiers', 'identity', 'person', 'rectification')),
    content bytea not null,
    primary key (request_id, purpose)
);

create table lacuna.plan (
    request_id uuid primary key references lacuna.request on delete cascade,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    datamap_digest text not null check (datamap_digest ~ '^[0-9a-f]{64}$'),
    steps jsonb not null,
    readable text not null,
    planned_at timestamptz not null
);

create table lacuna.approval (
    request_id uuid not null references lacuna.request on delete cascade,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    -- Role and key id, never a name.
    approved_by text not null,
    approved_at timestamptz not null,
    primary key (request_id, digest)
);

-- The exact rows a plan is about, while its request is being fulfilled.
create table lacuna.working_row (
    request_id uuid not null references lacuna.request on delete cascade,
    table_name text not null,
    role text not null check (role in ('own', 'mention')),
    row_key text[] not null,
    primary key (request_id, table_name, role, row_key)
);

create index working_row_table on lacuna.working_row (table_name, request_id);

-- What must not move: counts and sums of the own rows before the change.
create table lacuna.baseline (
    request_id uuid not null references lacuna.request on delete cascade,
    table_name text not null,
    measure text not null,
    total numeric not null,
    primary key (request_id, table_name, measure)
);

-- Effects outside the database: written with the rows, carried out after them.
create table lacuna.outbox (
    outbox_id bigint generated always as identity primary key,
    request_id uuid not null references lacuna.request on delete cascade,
    action text not null check (action in ('delete_object', 'rewrite_object', 'redact_object')),
    store text not null,
    pattern text not null,
    -- A path may carry a name: wiped when the effect is recorded.
    path text,
    state text not null default 'pending' check (state in ('pending', 'done', 'absent')),
    octets bigint,
    done_at timestamptz,
    check ((state = 'pending') = (path is not null))
);

create index outbox_pending on lacuna.outbox (request_id) where state = 'pending';

create table lacuna.verification (
    request_id uuid not null references lacuna.request on delete cascade,
    attempt int not null,
    verified_at timestamptz not null,
    passed boolean not null,
    result jsonb not null,
    primary key (request_id, attempt, verified_at)
);

create table lacuna.bundle (
    request_id uuid primary key references lacuna.request on delete cascade,
    org_id text not null,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    octets bigint not null,
    sealed_at timestamptz not null,
    expires_at timestamptz not null,
    released_at timestamptz,
    deleted_at timestamptz,
    -- The generated passphrase, encrypted with the request's key; shown once, then wiped.
    passphrase bytea
);

-- Art. 18 and 21: people whom sweeps and reporting leave out. The key is the platform's own.
create table lacuna.restriction (
    org_id text not null,
    contact_id text not null,
    kind text not null check (kind in ('restriction', 'objection')),
    request_id uuid not null references lacuna.request,
    since timestamptz not null,
    primary key (org_id, contact_id, kind, request_id)
);

create table lacuna.rule_approval (
    rule text not null,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    max_rows bigint,
    approved_by text not null,
    approved_at timestamptz not null,
    primary key (rule, digest)
);

-- How far a sweep rule has looked: only new and changed rows are read again.
create table lacuna.sweep_done (
    rule text not null,
    table_name text not null,
    row_key text[] not null,
    row_version text not null,
    digest text not null,
    primary key (rule, table_name, row_key)
);

-- Facts about this database that Lacuna wrote itself, e.g. that it holds the sample platform.
create table lacuna.mark (
    name text primary key,
    value text not null
);

alter table lacuna.request_inbox enable row level security;
alter table lacuna.request_inbox force row level security;
alter table lacuna.request enable row level security;
alter table lacuna.request force row level security;
-- Tables without a tenant of their own that tenants' roles read belong to their request's tenant.
alter table lacuna.plan enable row level security;
alter table lacuna.plan force row level security;
alter table lacuna.approval enable row level security;
alter table lacuna.approval force row level security;
alter table lacuna.verification enable row level security;
alter table lacuna.verification force row level security;
alter table lacuna.bundle enable row level security;
alter table lacuna.bundle force row level security;
alter table lacuna.restriction enable row level security;
alter table lacuna.restriction force row level security;
