-- Who says that somebody is who they say, and who says that somebody is there again.

-- A request for somebody who was erased and is there again is queued as that, by the planner, and stays
-- that. That they are there again says the executor, which looked. Neither has the rule by itself.
alter table lacuna.request drop constraint request_identity_basis_check;
alter table lacuna.request add constraint request_identity_basis_check
    check (identity_basis in ('mail', 'stated', 'erased'));

create or replace function lacuna.keep_identity_basis() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if (new.verified_by, new.identity_basis) is not distinct from (old.verified_by, old.identity_basis) then
        return new;
    end if;
    if old.identity_basis in ('mail', 'erased') and new.identity_basis is distinct from old.identity_basis then
        raise exception 'identity rests on what it rested on' using errcode = 'insufficient_privilege';
    end if;
    -- An officer says how somebody was verified; the intake, that a code came back by mail.
    if not lacuna.may_decide() and not (
        current_user = 'lacuna_planner' and old.verified_by is null
        and (new.verified_by, new.identity_basis) is not distinct from ('recorded', 'mail')
    ) then
        raise exception 'role % verifies nobody', current_user using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
drop trigger request_identity_basis on lacuna.request;
create trigger request_identity_basis before update on lacuna.request
    for each row execute function lacuna.keep_identity_basis();
alter table lacuna.request enable always trigger request_identity_basis;

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
    if new.action = 'reappeared' and new.request_id is not null
        and not (current_user = 'lacuna_executor' or pg_has_role(current_user, (
            select nspowner from pg_namespace where nspname = 'lacuna'), 'member')) then
        raise exception 'ledger: role % sees nobody come back', current_user
            using errcode = 'insufficient_privilege';
    end if;
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
        raise exception '% does not stand for this plan', by_rule
            using errcode = 'insufficient_privilege';
    end if;
    insert into lacuna.approval (request_id, digest, approved_by, approved_at)
        values (wanted, approved_digest, by_rule, moment) on conflict do nothing;
    update lacuna.request set state = 'approved', obstacle = null where request_id = wanted;
    insert into lacuna_evidence.entry (at, request_id, batch_id, phase, action, location, digest, actor)
        values (moment, wanted, in_batch, 'outcome', 'approved', 'lacuna.plan', approved_digest, by_rule);
end $$;
