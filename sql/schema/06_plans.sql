-- Plans, their approvals, what is kept while they are carried out, and what they leave: effects on files,
-- results of the gates, bundles.

-- --- Plans and approvals --------------------------------------------------------------------------

create table lacuna.plan (
    request_id uuid primary key references lacuna.request on delete cascade,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    datamap_digest text not null check (datamap_digest ~ '^[0-9a-f]{64}$'),
    steps jsonb not null,
    readable text not null,
    planned_at timestamptz not null,
    inventory_digest text check (inventory_digest ~ '^[0-9a-f]{64}$'),
    -- Not `not null`: lacuna attack counts a check that refuses, not a statement that was written badly.
    constraint plan_is_bound check (inventory_digest is not null)
);
comment on table lacuna.plan is
    'The newest plan of each request. Written by the planner. No personal data: steps and text contain names of tables and counts.';
comment on column lacuna.plan.request_id is 'The request.';
comment on column lacuna.plan.digest is
    'SHA-256 over inventory_digest, steps and readable. An approval names it; it is computed again wherever the plan is read.';
comment on column lacuna.plan.datamap_digest is 'SHA-256 of the data map from which the plan was made.';
comment on column lacuna.plan.steps is 'JSON: what happens to which place, for how many rows.';
comment on column lacuna.plan.readable is 'The text that an officer reads before approving.';
comment on column lacuna.plan.planned_at is 'When the plan was made.';
comment on column lacuna.plan.inventory_digest is
    'SHA-256 over the request, the data map, the exact rows and objects, and the nonce of the request.';

alter table lacuna.plan enable row level security;
alter table lacuna.plan force row level security;

create table lacuna.plan_view (
    request_id uuid not null references lacuna.request on delete cascade,
    officer text not null check (officer ~ '^dpo:[a-z0-9_-]{1,40}$'),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    steps jsonb not null,
    seen_at timestamptz not null,
    primary key (request_id, officer, digest)
);
comment on table lacuna.plan_view is
    'The two plans of a request that an officer saw last on the page, to show what differs. Written by the officers; deleted when the request closes. No personal data: steps contain names of tables and counts.';
comment on column lacuna.plan_view.request_id is 'The request.';
comment on column lacuna.plan_view.officer is 'Role and key id of the officer, never a name.';
comment on column lacuna.plan_view.digest is 'Digest of the plan that was seen.';
comment on column lacuna.plan_view.steps is 'JSON: the steps of that plan.';
comment on column lacuna.plan_view.seen_at is 'When the officer saw it last.';

alter table lacuna.plan_view enable row level security;
alter table lacuna.plan_view force row level security;

create table lacuna.proof (
    datamap_digest text primary key check (datamap_digest ~ '^[0-9a-f]{64}$'),
    people integer not null check (people >= 0),
    places integer not null check (places >= 0),
    findings integer not null check (findings >= 0),
    proved_at timestamptz not null
);
comment on table lacuna.proof is
    'Data maps by which sampled people were searched for in the whole platform. Erasures are planned only by a map with people and no findings. Written by the verifier. No personal data.';
comment on column lacuna.proof.datamap_digest is 'SHA-256 of the data map.';
comment on column lacuna.proof.people is 'Number of people who were searched for.';
comment on column lacuna.proof.places is 'Number of tables and stores that were searched.';
comment on column lacuna.proof.findings is
    'Number of places that an erasure would leave, or that could not be read.';
comment on column lacuna.proof.proved_at is 'When lacuna datamap prove ran last by this map.';

create table lacuna.approval (
    request_id uuid not null references lacuna.request on delete cascade,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    approved_by text not null check (approved_by ~ '^(dpo|rule):[a-z0-9_-]{1,40}$'),
    approved_at timestamptz not null,
    primary key (request_id, digest, approved_by)
);
comment on table lacuna.approval is
    'Who approved which plan. Written by officers, and by rules through lacuna.approve_by_rule. No personal data.';
comment on column lacuna.approval.request_id is 'The request.';
comment on column lacuna.approval.digest is
    'Digest of the plan that was approved; the approval counts for no other plan.';
comment on column lacuna.approval.approved_by is
    'Role and key id of the officer, or the name of the rule; never a name of a person.';
comment on column lacuna.approval.approved_at is 'When the plan was approved.';

alter table lacuna.approval enable row level security;
alter table lacuna.approval force row level security;

create table lacuna.rule_approval (
    rule text not null,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    max_rows bigint,
    approved_by text not null check (approved_by ~ '^dpo:[a-z0-9_-]{1,40}$'),
    approved_at timestamptz not null,
    primary key (rule, digest)
);
comment on table lacuna.rule_approval is
    'What an officer of every tenant approved once: sweep rules, drops of legacy tables, restatements, and lists of files that no row names. Written by officers. No personal data.';
comment on column lacuna.rule_approval.rule is
    'Name of a sweep rule of the data map, of a drop, of a restatement, or of the list of files that no row names.';
comment on column lacuna.rule_approval.digest is
    'SHA-256 of what the rule does; the approval counts for nothing else.';
comment on column lacuna.rule_approval.max_rows is
    'The most rows that a night may change by the rule. NULL: no limit.';
comment on column lacuna.rule_approval.approved_by is 'Role and key id of the officer, never a name.';
comment on column lacuna.rule_approval.approved_at is 'When the rule was approved last.';

create table lacuna.listed_rule (
    position int primary key,
    rule text not null,
    meaning text not null,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    listed_at timestamptz not null
);
comment on table lacuna.listed_rule is
    'The rules that there are, for the officer''s page. Written by the planner: in each sweep, and by lacuna rule list. No personal data.';
comment on column lacuna.listed_rule.position is 'Place in the list.';
comment on column lacuna.listed_rule.rule is 'Name, as in lacuna.rule_approval.';
comment on column lacuna.listed_rule.meaning is 'What the rule does, in a sentence.';
comment on column lacuna.listed_rule.digest is 'SHA-256 of what the rule does.';
comment on column lacuna.listed_rule.listed_at is 'When the list was made.';

create table lacuna.rule_due (
    rule text not null,
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    due_rows bigint not null check (due_rows >= 0),
    counted_at timestamptz not null,
    primary key (rule, digest)
);
comment on table lacuna.rule_due is
    'How much was due by a rule when a sweep counted last, for the officer who is to approve it. Written by the planner. No personal data.';
comment on column lacuna.rule_due.rule is 'Name, as in lacuna.listed_rule.';
comment on column lacuna.rule_due.digest is 'SHA-256 of what the rule does.';
comment on column lacuna.rule_due.due_rows is 'Rows, or recordings to lock and to delete.';
comment on column lacuna.rule_due.counted_at is 'When the sweep counted.';

create function lacuna.check_approval() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- A rule holds for every tenant, so only an officer of every tenant approves it.
    of_org text := '*';
begin
    if (current_user = 'lacuna_dpo' and new.approved_by not like 'dpo:%')
        or (current_user = 'lacuna_rule' and new.approved_by not like 'rule:%') then
        raise exception 'approval: role % cannot approve under this name', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if tg_table_name = 'approval' then
        select org_id into of_org from lacuna.request where request_id = new.request_id;
    end if;
    if current_user = 'lacuna_dpo' and not lacuna.is_officer(new.approved_by, of_org) then
        raise exception 'approval: approved_by is not a registered officer of this tenant'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.check_approval() is
    'Trigger: refuses an approval in a name for which the current role does not act, or of an officer who is not registered for the tenant.';
create trigger approval_check before insert or update on lacuna.approval
    for each row execute function lacuna.check_approval();
alter table lacuna.approval enable always trigger approval_check;
create trigger rule_approval_check before insert or update on lacuna.rule_approval
    for each row execute function lacuna.check_approval();
alter table lacuna.rule_approval enable always trigger rule_approval_check;

create function lacuna.check_revocation() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_user = 'lacuna_dpo' and (old.approved_by not like 'dpo:%' or not exists (
        select from lacuna.request
        where request_id = old.request_id and state in ('planned', 'approved')
    )) then
        raise exception 'approval: it was given by a rule, or its plan was carried out'
            using errcode = 'insufficient_privilege';
    end if;
    return old;
end $$;
comment on function lacuna.check_revocation() is
    'Trigger: an officer revokes only what officers approved, and only before the plan is carried out.';
create trigger approval_revoked before delete on lacuna.approval
    for each row execute function lacuna.check_revocation();
alter table lacuna.approval enable always trigger approval_revoked;

-- It belongs to lacuna_rule, as which nobody can log in. Where two officers are needed, no setting replaces
-- them. Who came back after an erasure is known only outside the database: there the executor's word counts,
-- and no other role's.
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
    if not found or of.state <> 'planned' or of.attempt <> of_attempt or not of.is_verified
        or of.plan_digest is distinct from approved_digest
        or not exists (
            select from lacuna.plan where request_id = wanted and digest = approved_digest
        ) then
        raise exception 'approval: no plan with this digest and attempt waits for an approval'
            using errcode = 'check_violation';
    end if;
    select scope into scope_of from lacuna.standing_decision where rule = by_rule;
    stands := case by_rule
        when 'rule:identity-verified'
            then of.kinds <@ array['restriction', 'objection', 'access', 'portability']
        when 'rule:approval-auto'
            then scope_of = '*' and of.identity_basis = 'stated'
                and lacuna.officers_needed(of.org_id) = 1
                and not exists (
                    select from lacuna_evidence.entry
                    where request_id = wanted and action = 'approval_revoked'
                        and digest = approved_digest)
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
        raise exception 'approval: rule % does not apply to this plan', by_rule
            using errcode = 'insufficient_privilege';
    end if;
    insert into lacuna.approval (request_id, digest, approved_by, approved_at)
        values (wanted, approved_digest, by_rule, moment) on conflict do nothing;
    update lacuna.request set state = 'approved', obstacle = null where request_id = wanted;
    insert into lacuna_evidence.entry (at, request_id, batch_id, phase, action, location, digest, actor)
        values (moment, wanted, in_batch, 'outcome', 'approved', 'lacuna.plan', approved_digest, by_rule);
end $$;
comment on function lacuna.approve_by_rule(uuid, text, int, text, timestamptz, uuid) is
    'Approves a plan by a rule, if the rule applies to it. Batch roles can get an approval in no other way.';

-- --- While a plan is carried out ------------------------------------------------------------------

create table lacuna.working_row (
    request_id uuid not null references lacuna.request on delete cascade,
    table_name text not null,
    role text not null check (role in ('own', 'mention', 'shared', 'last')),
    row_key text[] not null,
    portion int check (portion > 0),
    primary key (request_id, table_name, role, row_key)
);
comment on table lacuna.working_row is
    'The exact rows that a plan is about, while its request is being fulfilled. Written by the executor. Personal data: row_key is the platform''s own key.';
comment on column lacuna.working_row.request_id is 'The request.';
comment on column lacuna.working_row.table_name is 'Table of the row, `schema.table`.';
comment on column lacuna.working_row.role is '`own`: the row is the person''s; `mention`: it mentions them; `shared`: it is the person''s and stays, for others need it; `last`: it may be that of others too, and went since they do not. The gate asks about both.';
comment on column lacuna.working_row.row_key is
    'Primary key of the row as text, a part for each column. Personal data: it leads to the person. Deleted when the request closes.';
comment on column lacuna.working_row.portion is
    'The portion that changes the row. NULL: one transaction changes all rows of the request.';

create index working_row_table on lacuna.working_row (table_name, request_id);
create index working_row_portion on lacuna.working_row (request_id, portion)
    where portion is not null;

alter table lacuna.working_row enable row level security;
alter table lacuna.working_row force row level security;

create table lacuna.tombstone (
    org_id text not null,
    table_name text not null,
    row_key text not null,
    primary key (org_id, table_name)
);
comment on table lacuna.tombstone is
    'Which row of the platform is the tombstone contact of a tenant: what points at it points at nobody. Written by the executor, with that row. No personal data: the row is nobody''s.';
comment on column lacuna.tombstone.org_id is 'The tenant.';
comment on column lacuna.tombstone.table_name is 'Table of the row, `schema.table`: that of the people.';
comment on column lacuna.tombstone.row_key is 'Key of the row, as text.';

alter table lacuna.tombstone enable row level security;
alter table lacuna.tombstone force row level security;

create table lacuna.portion (
    request_id uuid not null references lacuna.request on delete cascade,
    portion int not null check (portion > 0),
    table_name text,
    transaction xid8,
    primary key (request_id, portion)
);
comment on table lacuna.portion is
    'Portions of large erasures: key ranges of rows, each changed in a short transaction. Written by the executor when the first row is about to change, and completed in the transactions that change the rows; a run continues with the first pending one. Deleted when the request closes. No personal data.';
comment on column lacuna.portion.request_id is 'The request.';
comment on column lacuna.portion.portion is 'Number, from 1, in the order in which portions are carried out.';
comment on column lacuna.portion.table_name is
    'Table of its rows, `schema.table`. NULL: the last portion, which looks for rows of the person that came meanwhile.';
comment on column lacuna.portion.transaction is
    'The transaction that changed its rows; each of them carries this number. NULL: pending.';

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
    'Counts and sums of the person''s own rows before the change; they must be the same after it. Written by the executor. Deleted when the request closes. Personal data: sums over the rows of one person.';
comment on column lacuna.baseline.request_id is 'The request.';
comment on column lacuna.baseline.table_name is 'Table of the rows, `schema.table`.';
comment on column lacuna.baseline.measure is '`rows`, or a column that the data map lists as a measure.';
comment on column lacuna.baseline.total is 'Number of rows, or the sum of the column over them.';

alter table lacuna.baseline enable row level security;
alter table lacuna.baseline force row level security;

create table lacuna.file_effect (
    effect_id bigint generated always as identity primary key,
    request_id uuid references lacuna.request on delete cascade,
    -- No foreign key: the row is written in the transaction that changes the platform's rows, and the lookup
    -- of a foreign key leaves the transaction's number on the word's row.
    action text not null check (action in (
        'delete_object', 'rewrite_object', 'redact_object', 'correct_object'
    )),
    store text not null,
    pattern text not null,
    path text,
    state text not null default 'pending' check (state in ('pending', 'done', 'absent')),
    rule text,
    constraint file_effect_path check ((state = 'pending') = (path is not null)),
    constraint file_effect_owner check ((request_id is null) <> (rule is null))
);
comment on table lacuna.file_effect is
    'Effects on files, each of a request or of a sweep rule. Written by the executor with the rows, and carried out afterwards. Those of a request are deleted as soon as the ledger has recorded them. Personal data: paths.';
comment on column lacuna.file_effect.effect_id is 'Number of the effect, in the order of insertion.';
comment on column lacuna.file_effect.request_id is 'The request. NULL: the effect of a rule.';
comment on column lacuna.file_effect.action is 'What happens to the file.';
comment on column lacuna.file_effect.store is 'Name of the store in the data map.';
comment on column lacuna.file_effect.pattern is 'Pattern of the data map to which the path belongs.';
comment on column lacuna.file_effect.path is
    'Path of the file in its store; it may contain a name. Wiped when the effect was carried out.';
comment on column lacuna.file_effect.state is 'Whether it is pending, done, or found the file already absent.';
comment on column lacuna.file_effect.rule is 'Name of the sweep rule. NULL: the effect of a request.';

create index file_effect_pending on lacuna.file_effect (request_id) where state = 'pending';
create index file_effect_pending_rule on lacuna.file_effect (rule) where state = 'pending' and rule is not null;
-- For the question which requests of a whole batch have effects.
create index file_effect_request on lacuna.file_effect (request_id);

create table lacuna.unrecorded (
    unrecorded_id bigint generated always as identity primary key,
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
    'Ledger entries about changed rows, until the next transaction records them. In the transaction of the change itself, an entry would carry the same transaction number as the rows. Written by the executor. No personal data.';
comment on column lacuna.unrecorded.unrecorded_id is 'Number of the entry, in the order in which they are recorded.';
comment on column lacuna.unrecorded.request_id is 'The request.';
comment on column lacuna.unrecorded.batch_id is 'The batch that changed the rows.';
comment on column lacuna.unrecorded.at is 'When the rows changed.';
comment on column lacuna.unrecorded.action is 'A word of lacuna_evidence.action.';
comment on column lacuna.unrecorded.location is 'Place, as in the ledger.';
comment on column lacuna.unrecorded.rows is 'Rows, objects or cells that the entry is about.';
comment on column lacuna.unrecorded.already is 'Of these, how many were found already done.';
comment on column lacuna.unrecorded.digest is 'SHA-256, as in the ledger.';
comment on column lacuna.unrecorded.actor is 'Flow, or role and key id, as in the ledger; never a name.';

create index unrecorded_request on lacuna.unrecorded (request_id);

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
    'Results of the gates, one for each time that a request was verified. Written by the verifier. No personal data: places, classes and counts.';
comment on column lacuna.verification.request_id is 'The request.';
comment on column lacuna.verification.attempt is 'Attempt of the request that was verified.';
comment on column lacuna.verification.verified_at is 'When the gates ran.';
comment on column lacuna.verification.passed is 'Whether no gate found anything.';
comment on column lacuna.verification.result is
    'JSON: gates that ran, findings (gate, place, count), opaque places, values searched for by class, counts of what was read.';

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
comment on column lacuna.bundle.request_id is 'The request.';
comment on column lacuna.bundle.org_id is 'Tenant.';
comment on column lacuna.bundle.digest is 'SHA-256 of the sealed file.';
comment on column lacuna.bundle.byte_count is 'Size of the sealed file in bytes.';
comment on column lacuna.bundle.sealed_at is 'When the file was encrypted.';
comment on column lacuna.bundle.expires_at is 'When the sweep may delete the file.';
comment on column lacuna.bundle.released_at is 'When an officer handed the bundle over. NULL: not yet.';
comment on column lacuna.bundle.deleted_at is 'When the file was deleted. NULL: not yet.';
comment on column lacuna.bundle.passphrase is
    'The generated passphrase, encrypted with the key of the request. Wiped when it was shown or the file was deleted. NULL also where the recipient gave a key.';

alter table lacuna.bundle enable row level security;
alter table lacuna.bundle force row level security;

create function lacuna.check_handover() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not lacuna.may_decide() and (
        tg_op = 'INSERT' and new.released_at is not null
        or tg_op = 'UPDATE' and new.released_at is distinct from old.released_at
            and not (new.released_at is null and new.digest <> old.digest)
    ) then
        raise exception 'bundle: role % cannot hand it over', current_user using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.check_handover() is
    'Trigger: only an officer hands a bundle over. A bundle that is made again counts as not handed over.';
create trigger bundle_release before insert or update on lacuna.bundle
    for each row execute function lacuna.check_handover();
alter table lacuna.bundle enable always trigger bundle_release;
