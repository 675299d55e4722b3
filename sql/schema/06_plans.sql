-- Plans, who approved them, what is kept while they are carried out, and what they leave: files, gates'
-- results, bundles.

-- --- Plans and approvals --------------------------------------------------------------------------

create table lacuna.plan (
    request_id uuid primary key references lacuna.request on delete cascade,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    datamap_digest text not null check (datamap_digest ~ '^[0-9a-f]{64}$'),
    steps jsonb not null,
    readable text not null,
    planned_at timestamptz not null,
    inventory_digest text check (inventory_digest ~ '^[0-9a-f]{64}$'),
    constraint plan_is_bound check (inventory_digest is not null)
);
comment on table lacuna.plan is
    'The newest plan of each request, until it closes. Written by the planner. No personal data: steps and text have names of tables and counts.';
comment on column lacuna.plan.digest is
    'SHA-256 that an approval is bound to: computed anew from inventory_digest, steps and readable wherever the plan is read.';
comment on column lacuna.plan.inventory_digest is
    'Of the exact rows and objects, salted with the request''s nonce.';

alter table lacuna.plan enable row level security;
alter table lacuna.plan force row level security;

create table lacuna.approval (
    request_id uuid not null references lacuna.request on delete cascade,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    approved_by text not null,
    approved_at timestamptz not null,
    primary key (request_id, digest, approved_by)
);
comment on table lacuna.approval is
    'Who approved which plan. Written by officers, and by rules through lacuna.approve_by_rule. No personal data.';
comment on column lacuna.approval.approved_by is 'Role and key id, never a name.';

alter table lacuna.approval enable row level security;
alter table lacuna.approval force row level security;

create table lacuna.rule_approval (
    rule text not null,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    max_rows bigint,
    approved_by text not null,
    approved_at timestamptz not null,
    primary key (rule, digest)
);
comment on table lacuna.rule_approval is
    'Sweep rules and drops of legacy tables that an officer of every tenant approved. Written by officers. No personal data.';
comment on column lacuna.rule_approval.max_rows is 'The most rows that a night may change by it.';
comment on column lacuna.rule_approval.approved_by is 'Role and key id, never a name.';

-- An approval names whoever gave it: an officer acts as lacuna_dpo, a rule through the function below.
create function lacuna.check_approval() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- A rule is for every tenant, and so is whoever approves it.
    of_org text := '*';
begin
    if (current_user = 'lacuna_dpo' and new.approved_by not like 'dpo:%')
        or (current_user = 'lacuna_rule' and new.approved_by not like 'rule:%') then
        raise exception 'role % does not approve as this', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if tg_table_name = 'approval' then
        select org_id into of_org from lacuna.request where request_id = new.request_id;
    end if;
    if current_user = 'lacuna_dpo' and not lacuna.is_officer(new.approved_by, of_org) then
        raise exception 'not in the register of officers' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger approval_check before insert or update on lacuna.approval
    for each row execute function lacuna.check_approval();
alter table lacuna.approval enable always trigger approval_check;
create trigger rule_approval_check before insert or update on lacuna.rule_approval
    for each row execute function lacuna.check_approval();
alter table lacuna.rule_approval enable always trigger rule_approval_check;

-- A rule approves a plan: the only way of the batch roles to an approval. It belongs to lacuna_rule, as
-- which nobody can log in, and approves nothing that its rule does not stand for. Where two officers are
-- needed, no setting stands in for them. Who came back after an erasure is known outside the database
-- alone: there the executor's word counts, and nobody else's.
create function lacuna.approve_by_rule(
    wanted uuid, approved_digest text, of_attempt int, by_rule text, moment timestamptz, in_batch uuid
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    of lacuna.request%rowtype;
    scope_of text;
    stands boolean;
begin
    select * into of from lacuna.request where request_id = wanted for update;
    if not found or of.state <> 'planned' or of.attempt <> of_attempt or of.verified_by is null
        or of.plan_digest is distinct from approved_digest
        or not exists (
            select from lacuna.plan where request_id = wanted and digest = approved_digest
        ) then
        raise exception 'no such plan waits for an approval' using errcode = 'check_violation';
    end if;
    select scope into scope_of from lacuna.standing_decision where rule = by_rule;
    stands := case by_rule
        when 'rule:identity-verified'
            then of.kinds <@ array['restriction', 'objection', 'access', 'portability']
        when 'rule:approval-auto'
            then scope_of = '*' and of.identity_basis = 'stated'
                and lacuna.officers_needed(of.org_id) = 1
        when 'rule:canary'
            then scope_of = of.org_id and of.kinds = array['erasure']
        when 'rule:reappearance'
            then current_setting('role') = 'lacuna_executor' and of.kinds = array['erasure']
                and of.identity_basis = 'erased'
                and exists (
                    select from lacuna_evidence.entry
                    where request_id = wanted and action = 'reappeared' and phase = 'outcome')
    end;
    if by_rule <> 'rule:reappearance' and current_setting('role') = 'lacuna_executor' then
        stands := false;
    end if;
    if stands is not true then
        raise exception 'rule % does not apply to this plan', by_rule
            using errcode = 'insufficient_privilege';
    end if;
    insert into lacuna.approval (request_id, digest, approved_by, approved_at)
        values (wanted, approved_digest, by_rule, moment) on conflict do nothing;
    update lacuna.request set state = 'approved', obstacle = null where request_id = wanted;
    insert into lacuna_evidence.entry (at, request_id, batch_id, phase, action, location, digest, actor)
        values (moment, wanted, in_batch, 'outcome', 'approved', 'lacuna.plan', approved_digest, by_rule);
end $$;
revoke all on function lacuna.approve_by_rule(uuid, text, int, text, timestamptz, uuid) from public;

-- --- While a plan is carried out ------------------------------------------------------------------

create table lacuna.working_row (
    request_id uuid not null references lacuna.request on delete cascade,
    table_name text not null,
    role text not null check (role in ('own', 'mention')),
    row_key text[] not null,
    portion int check (portion > 0),
    primary key (request_id, table_name, role, row_key)
);
comment on table lacuna.working_row is
    'The exact rows that a plan is about, while its request is being fulfilled. Written by the executor. Personal data: row_key is the platform''s own key.';
comment on column lacuna.working_row.role is 'Whether the row is the person''s own, or mentions them.';
comment on column lacuna.working_row.portion is
    'The portion that changes the row. NULL: one transaction changes all rows of the request.';

create index working_row_table on lacuna.working_row (table_name, request_id);
create index working_row_portion on lacuna.working_row (request_id, portion)
    where portion is not null;

alter table lacuna.working_row enable row level security;
alter table lacuna.working_row force row level security;

create table lacuna.portion (
    request_id uuid not null references lacuna.request on delete cascade,
    portion int not null check (portion > 0),
    table_name text,
    transaction xid8,
    primary key (request_id, portion)
);
comment on table lacuna.portion is
    'A large erasure changes its rows in portions: key ranges, each in a short transaction of its own. Written by the executor when the first row is about to change, and finished in the transactions that change the rows: the first that is pending is where a run goes on. No personal data.';
comment on column lacuna.portion.table_name is
    'NULL: the last one, which looks for rows of the person that came meanwhile.';
comment on column lacuna.portion.transaction is
    'What changed its rows: each of them carries this id. NULL: it is pending.';

alter table lacuna.portion enable row level security;
alter table lacuna.portion force row level security;

create table lacuna.baseline (
    request_id uuid not null references lacuna.request on delete cascade,
    table_name text not null,
    measure text not null,
    total numeric not null,
    primary key (request_id, table_name, measure)
);
comment on table lacuna.baseline is
    'What must not move: counts and sums of the own rows before the change. Written by the executor. No personal data but for sums of one person''s rows.';

alter table lacuna.baseline enable row level security;
alter table lacuna.baseline force row level security;

create table lacuna.outbox (
    outbox_id bigint generated always as identity primary key,
    request_id uuid references lacuna.request on delete cascade,
    -- No foreign key: the row is written in the transaction that changes the platform's rows, and to look a
    -- word up by one leaves the transaction's number on the word.
    action text not null check (action in (
        'delete_object', 'rewrite_object', 'redact_object', 'correct_object'
    )),
    store text not null,
    pattern text not null,
    path text,
    state text not null default 'pending' check (state in ('pending', 'done', 'absent')),
    byte_count bigint,
    rule text,
    check ((state = 'pending') = (path is not null)),
    constraint outbox_owner check ((request_id is null) <> (rule is null))
);
comment on table lacuna.outbox is
    'Effects on files: written by the executor with the rows, carried out after them. An effect belongs to a request or to a rule. What was done goes as soon as the ledger has it. Personal data: paths.';
comment on column lacuna.outbox.path is
    'A path may carry a name: wiped when the effect is recorded.';

create index outbox_pending on lacuna.outbox (request_id) where state = 'pending';
create index outbox_pending_rule on lacuna.outbox (rule) where state = 'pending' and rule is not null;
-- Which requests have effects at all is asked for a whole batch.
create index outbox_request on lacuna.outbox (request_id);

create table lacuna.unrecorded (
    place bigint generated always as identity primary key,
    request_id uuid not null references lacuna.request on delete cascade,
    batch_id uuid,
    at timestamptz not null,
    action text not null,
    location text not null,
    rows bigint,
    already bigint,
    digest text,
    actor text not null
);
comment on table lacuna.unrecorded is
    'What is to be recorded of a change of rows, until the transaction after it records it: an entry of the ledger stays, and in the change''s own transaction it would carry the number that the rows carry. Written by the executor. No personal data.';

create index on lacuna.unrecorded (request_id);

alter table lacuna.unrecorded enable row level security;
alter table lacuna.unrecorded force row level security;

-- --- What a request leaves ------------------------------------------------------------------------

create table lacuna.verification (
    request_id uuid not null references lacuna.request on delete cascade,
    attempt int not null,
    verified_at timestamptz not null,
    passed boolean not null,
    result jsonb not null,
    primary key (request_id, attempt, verified_at)
);
comment on table lacuna.verification is
    'What the gates saw. Written by the verifier. No personal data: places, classes and counts.';

alter table lacuna.verification enable row level security;
alter table lacuna.verification force row level security;

create table lacuna.bundle (
    request_id uuid primary key references lacuna.request on delete cascade,
    org_id text not null,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    byte_count bigint not null,
    sealed_at timestamptz not null,
    expires_at timestamptz not null,
    released_at timestamptz,
    deleted_at timestamptz,
    passphrase bytea
);
comment on table lacuna.bundle is
    'Sealed bundles of access and portability requests; the files lie outside the database. Written by the planner and the executor; an officer hands one over. No personal data.';
comment on column lacuna.bundle.passphrase is
    'The generated passphrase, encrypted with the request''s key; shown once, then wiped.';

alter table lacuna.bundle enable row level security;
alter table lacuna.bundle force row level security;

-- A bundle is handed over by an officer. One that is made anew was not handed over.
create function lacuna.check_release() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not lacuna.may_decide() and (
        tg_op = 'INSERT' and new.released_at is not null
        or tg_op = 'UPDATE' and new.released_at is distinct from old.released_at
            and not (new.released_at is null and new.digest <> old.digest)
    ) then
        raise exception 'role % hands no bundle over', current_user using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger bundle_release before insert or update on lacuna.bundle
    for each row execute function lacuna.check_release();
alter table lacuna.bundle enable always trigger bundle_release;
