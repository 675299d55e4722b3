-- Officers are a register, and some tenants want two of them for each plan. Its owner alone writes it.

create table lacuna.officer (
    officer_id bigint generated always as identity primary key,
    -- The name that they log in by, to Airflow or after --as.
    name text not null check (length(name) between 1 and 200 and name = btrim(name)),
    -- What the ledger calls them: role and key id, never a name.
    actor text not null check (actor ~ '^dpo:[a-z0-9_-]{1,40}$'),
    -- '*' is every tenant, and is given by name alone.
    org_id text not null check (length(org_id) between 1 and 200),
    added_at timestamptz not null,
    removed_at timestamptz
);
create unique index officer_once on lacuna.officer (name, org_id) where removed_at is null;

-- A row is never changed but to say that it is over: who decided when stays known.
create function lacuna.keep_officer() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' and old.removed_at is null and new.removed_at is not null
        and (new.name, new.actor, new.org_id, new.added_at)
            = (old.name, old.actor, old.org_id, old.added_at) then
        return new;
    end if;
    raise exception 'lacuna.officer keeps its history' using errcode = 'insufficient_privilege';
end $$;
create trigger officer_history before update or delete on lacuna.officer
    for each row execute function lacuna.keep_officer();
create trigger officer_stays before truncate on lacuna.officer
    for each statement execute function lacuna.refuse_change();

create table lacuna.two_officers (
    org_id text primary key check (length(org_id) between 1 and 200),
    since timestamptz not null
);
comment on table lacuna.two_officers is
    'Tenants (* is every one) of which two officers approve each plan that a person approves.';

alter table lacuna.officer enable row level security;
alter table lacuna.officer force row level security;
alter table lacuna.two_officers enable row level security;
alter table lacuna.two_officers force row level security;

create function lacuna.is_officer(of_actor text, of_org text) returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from lacuna.officer
        where actor = of_actor and removed_at is null and org_id in ('*', of_org)
    )
$$;

create function lacuna.officers_needed(of_org text) returns int
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select case when exists (select from lacuna.two_officers where org_id in ('*', of_org))
        then 2 else 1 end
$$;

create or replace function lacuna.check_approval() returns trigger
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
    if new.state = 'approved' and current_user = 'lacuna_dpo' and (
        select count(distinct approved_by) from lacuna.approval as given
        where given.request_id = new.request_id and given.digest = new.plan_digest
            and given.approved_by like 'dpo:%'
    ) < lacuna.officers_needed(new.org_id) then
        raise exception 'not enough officers approved the plan' using errcode = 'check_violation';
    end if;
    return new;
end $$;

create or replace function lacuna_evidence.check_decision() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_decision constant boolean :=
        new.action in (
            'approved', 'refused', 'extended', 'rule_approved', 'lift_restriction', 'release_bundle',
            'disclosed', 'standing_decided', 'standing_ended', 'officer_added', 'officer_removed',
            'officers_needed'
        )
        -- A flow does these too, and says so.
        or (new.actor like 'dpo:%' and new.action in ('held', 'resolved', 'paused', 'resumed'));
    is_owners constant boolean := new.action in (
        'standing_decided', 'standing_ended', 'officer_added', 'officer_removed', 'officers_needed'
    );
    of_org text := '*';
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
        or (is_owners and current_user in ('lacuna_dpo', 'lacuna_rule')) then
        raise exception 'ledger: role % does not decide as this', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if current_user = 'lacuna_dpo' then
        if new.request_id is not null then
            select org_id into of_org from lacuna.request where request_id = new.request_id;
        end if;
        if not lacuna.is_officer(new.actor, of_org) then
            raise exception 'ledger: not in the register of officers'
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    return new;
end $$;

-- Three more actions, beside whatever was added before.
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
            'ARRAY[''officer_added''::text, ''officer_removed''::text, ''officers_needed''::text, ');
end $$;

-- Where two officers are needed, no setting stands in for them.
create or replace function lacuna.approve_by_rule(
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
                and lacuna.officers_needed(of.org_id) = 1
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
