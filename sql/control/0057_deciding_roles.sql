-- Nobody decides but an officer, and the rules that the owner of the installation lets decide.
-- Who acts is the role that PostgreSQL knows, whatever the row says of it.

-- Two officers may have to approve the same plan.
alter table lacuna.approval drop constraint approval_pkey;
alter table lacuna.approval add primary key (request_id, digest, approved_by);

-- On what identity rests: on the sender's mails alone, a code answered from the address on file among
-- them, or on what another system or a person stated. NULL: not verified, or from before this column.
alter table lacuna.request add column identity_basis text
    check (identity_basis in ('mail', 'stated'));

-- Stable: one role acts in a statement.
create function lacuna.may_decide() returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select current_user in ('lacuna_dpo', 'lacuna_rule')
        or pg_has_role(current_user, nspowner, 'member')
    from pg_namespace where nspname = 'lacuna'
$$;

create or replace function lacuna.check_transition() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'received' then
            raise exception 'a request starts as received' using errcode = 'check_violation';
        end if;
        return new;
    end if;
    if new.state = old.state then
        return new;
    end if;
    if not exists (
        select from lacuna.transition where from_state = old.state and to_state = new.state
    ) then
        raise exception 'request cannot go from % to %', old.state, new.state
            using errcode = 'check_violation';
    end if;
    if new.state in ('approved', 'refused') and not lacuna.may_decide() then
        raise exception 'role % decides on no request', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.state = 'applied' and not pg_has_role(current_user, 'lacuna_executor', 'member') then
        raise exception 'role % applies no plan', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.state = 'approved' and current_user = 'lacuna_dpo' and not exists (
        select from lacuna.approval as given
        where given.request_id = new.request_id and given.digest = new.plan_digest
            and given.approved_by like 'dpo:%'
    ) then
        raise exception 'no officer approved the plan' using errcode = 'check_violation';
    end if;
    return new;
end $$;
alter table lacuna.request enable always trigger request_transition;

-- What a mail alone shows stays that, whoever says otherwise later.
create function lacuna.keep_identity_basis() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if old.identity_basis = 'mail' and new.identity_basis is distinct from 'mail' then
        raise exception 'identity rests on a mail alone' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger request_identity_basis before update of identity_basis on lacuna.request
    for each row execute function lacuna.keep_identity_basis();
alter table lacuna.request enable always trigger request_identity_basis;

-- An approval names whoever gave it: an officer acts as lacuna_dpo, a rule through the function below.
create function lacuna.check_approval() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if (current_user = 'lacuna_dpo' and new.approved_by not like 'dpo:%')
        or (current_user = 'lacuna_rule' and new.approved_by not like 'rule:%') then
        raise exception 'role % does not approve as this', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger approval_check before insert or update on lacuna.approval
    for each row execute function lacuna.check_approval();
alter table lacuna.approval enable always trigger approval_check;
create trigger rule_approval_check before insert or update on lacuna.rule_approval
    for each row execute function lacuna.check_approval();
alter table lacuna.rule_approval enable always trigger rule_approval_check;

-- The owner's standing decisions: that a rule may approve, and for which organization.
create table lacuna.standing_decision (
    rule text primary key check (rule in ('rule:approval-auto', 'rule:canary')),
    scope text not null check (length(scope) between 1 and 200),
    decided_at timestamptz not null
);
comment on table lacuna.standing_decision is
    'What the owner of the installation lets rules approve; written by lacuna up alone.';

-- The ledger's entries about decisions come from those who decide.
create function lacuna_evidence.check_decision() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_decision constant boolean :=
        new.action in (
            'approved', 'refused', 'extended', 'rule_approved', 'lift_restriction', 'release_bundle',
            'disclosed', 'standing_decided', 'standing_ended'
        )
        -- A flow does these too, and says so.
        or (new.actor like 'dpo:%' and new.action in ('held', 'resolved', 'paused', 'resumed'));
begin
    if not is_decision then
        return new;
    end if;
    if not lacuna.may_decide() then
        raise exception 'ledger: role % decides nothing', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if (current_user = 'lacuna_dpo' and new.actor not like 'dpo:%')
        or (current_user = 'lacuna_rule' and new.actor not like 'rule:%')
        or (new.action in ('standing_decided', 'standing_ended')
            and current_user in ('lacuna_dpo', 'lacuna_rule')) then
        raise exception 'ledger: role % does not decide as this', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger entry_decided before insert on lacuna_evidence.entry
    for each row execute function lacuna_evidence.check_decision();
alter table lacuna_evidence.entry enable always trigger entry_decided;

-- Two more actions, beside whatever was added before.
do $$
declare
    definition text;
begin
    select pg_get_constraintdef(oid) into strict definition
    from pg_constraint
    where conrelid = 'lacuna_evidence.entry'::regclass and conname = 'entry_action_check';
    execute 'alter table lacuna_evidence.entry drop constraint entry_action_check, '
        'add constraint entry_action_check '
        || replace(
            definition, 'ARRAY[',
            'ARRAY[''standing_decided''::text, ''standing_ended''::text, ');
end $$;

-- Whether a rule is approved is asked in each transaction that carries it out.
create index entry_rule on lacuna_evidence.entry (digest) where action = 'rule_approved';

-- Whether an entry is one of the ledger as it was written: its hash fits, and it follows another one.
create function lacuna_evidence.is_sound(found lacuna_evidence.entry) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select found.leaf_hash = encode(sha256('\x00'::bytea || convert_to(format(
        '{"action":"%s","actor":"%s","already":%s,"at":"%s","batch_id":%s,"digest":%s,'
        '"location":"%s","phase":"%s","position":%s,"request_id":%s,"rows":%s}',
        found.action, found.actor, coalesce(found.already::text, 'null'),
        to_char(found.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        coalesce('"' || found.batch_id || '"', 'null'), coalesce('"' || found.digest || '"', 'null'),
        found.location, found.phase, found.position,
        coalesce('"' || found.request_id || '"', 'null'), coalesce(found.rows::text, 'null')
    ), 'UTF8')), 'hex')
    and (found.position = 0 or exists (
        select from lacuna_evidence.entry as before where before.position = found.position - 1
    ))
$$;

-- A rule approves a plan: the only way of the batch roles to an approval. It belongs to lacuna_rule, as
-- which nobody can log in, and approves nothing that its rule does not stand for. Who came back after an
-- erasure is known outside the database alone: there the executor's word counts, and nobody else's.
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
            then scope_of = '*' and coalesce(of.identity_basis, 'mail') <> 'mail'
        when 'rule:canary'
            then scope_of = of.org_id and of.kinds = array['erasure']
        when 'rule:reappearance'
            then current_setting('role') = 'lacuna_executor' and of.kinds = array['erasure']
                and exists (
                    select from lacuna_evidence.entry
                    where request_id = wanted and action = 'reappeared' and phase = 'outcome')
    end;
    if by_rule <> 'rule:reappearance' and current_setting('role') = 'lacuna_executor' then
        stands := false;
    end if;
    if stands is not true then
        raise exception '% does not stand for this plan', by_rule
            using errcode = 'insufficient_privilege';
    end if;
    insert into lacuna.approval (request_id, digest, approved_by, approved_at)
        values (wanted, approved_digest, by_rule, moment) on conflict do nothing;
    update lacuna.request set state = 'approved', obstacle = null where request_id = wanted;
    insert into lacuna_evidence.entry (at, request_id, batch_id, phase, action, location, digest, actor)
        values (moment, wanted, in_batch, 'outcome', 'approved', 'lacuna.plan', approved_digest, by_rule);
end $$;
revoke all on function lacuna.approve_by_rule(uuid, text, int, text, timestamptz, uuid) from public;
