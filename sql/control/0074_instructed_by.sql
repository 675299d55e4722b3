-- On whose word a request goes on: the planner's login reads what strangers write, and its row alone lets
-- a request be acted on.

-- Part of an instructed request rests on the same word. It says from the first whose part it is.
alter table lacuna.request add column split_of uuid references lacuna.request;

create or replace function lacuna.keep_request() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if (new.request_id, new.org_id, new.person_kind, new.level, new.created_at, new.split_of)
        is distinct from (
            old.request_id, old.org_id, old.person_kind, old.level, old.created_at, old.split_of) then
        raise exception 'a request stays what it was received as' using errcode = 'insufficient_privilege';
    end if;
    -- Whom a bundle is encrypted for is given with the request, before anybody approves it.
    if new.bundle_key is distinct from old.bundle_key
        and (old.bundle_key is not null or old.state <> 'received') then
        raise exception 'the recipient of a bundle stays' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

create function lacuna.check_part() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from lacuna.request as whole
        where whole.request_id = new.split_of and new.kinds <@ whole.kinds
            and (whole.org_id, whole.level, whole.person_kind, whole.received_at)
                is not distinct from (new.org_id, new.level, new.person_kind, new.received_at)
    ) then
        raise exception 'it is no part of that request' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger request_part before insert on lacuna.request
    for each row when (new.split_of is not null) execute function lacuna.check_part();
alter table lacuna.request enable always trigger request_part;

create or replace function lacuna.check_recorder() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member')
        or current_user = 'lacuna_dpo' and new.recorded_by ~ '^(dpo|controller):'
        and lacuna.is_officer('dpo:' || split_part(new.recorded_by, ':', 2), new.org_id)
        -- A flow records what callers answered on the telephone; never a text, nor that one was accepted.
        or new.recorded_by like 'flow:%' and tg_table_name = 'consent_event'
        and to_jsonb(new) ->> 'method' = 'ivr' then
        return new;
    end if;
    raise exception '%: recorded by no officer of the register', tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

create function lacuna.check_instruction() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member') then
        return new;
    end if;
    if not exists (
        select from lacuna.request as asked
        where (asked.request_id, asked.org_id) = (new.request_id, new.org_id)
            and (new.source <> 'standing' or exists (
                select from lacuna.agreement as text join lacuna.acceptance as given using (agreement_id)
                where (text.agreement_id, text.org_id, text.kind) = (new.agreement_id, new.org_id, 'dpa')
                    and given.accepted_by is not null and asked.kinds <@ text.standing))
    ) then
        raise exception 'instruction: not for this request of this tenant'
            using errcode = 'insufficient_privilege';
    end if;
    if current_user = 'lacuna_dpo' and new.recorded_by ~ '^(dpo|controller):'
        and lacuna.is_officer('dpo:' || split_part(new.recorded_by, ':', 2), new.org_id) then
        return new;
    end if;
    -- What is written came with the request by the tenant's own system; a person's word a person records.
    if new.recorded_by like 'flow:%' and (new.source <> 'written' or exists (
        select from lacuna.request_secret
        where request_id = new.request_id and purpose = 'instruction'
    )) then
        return new;
    end if;
    -- The recorder of what the whole request rests on may be no officer any more.
    if exists (
        select from lacuna.request as part join lacuna.instruction as word on word.request_id = part.split_of
        where part.request_id = new.request_id
            and (word.org_id, word.source, word.agreement_id, word.instructed_at, word.recorded_by)
                is not distinct from
                (new.org_id, new.source, new.agreement_id, new.instructed_at, new.recorded_by)
    ) then
        return new;
    end if;
    raise exception 'instruction: recorded by no officer of the register'
        using errcode = 'insufficient_privilege';
end $$;
drop trigger instruction_recorder on lacuna.instruction;
create trigger instruction_recorder before insert on lacuna.instruction
    for each row execute function lacuna.check_instruction();
alter table lacuna.instruction enable always trigger instruction_recorder;

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
    is_named constant boolean := new.actor ~ '^(dpo|controller):';
    -- What a flow or the tenant's own system records under its own name.
    is_word constant boolean := new.action in (
        'consent_recorded', 'agreement_added', 'agreement_accepted', 'instructed', 'recipient_told',
        'withdrawn'
    ) and is_named;
    -- What belongs to no request belongs to the tenant that the officer looks at.
    of_org text := case when new.action = 'disclosed' or is_word
        then coalesce(nullif(current_setting('lacuna.org_id', true), ''), '*') else '*' end;
    is_owner constant boolean := pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna'), 'member');
begin
    if new.action = 'reappeared' and new.request_id is not null
        and not (current_user = 'lacuna_executor' or is_owner) then
        raise exception 'ledger: role % sees nobody come back', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.request_id is not null and (is_decision or is_word or new.actor like 'dpo:%') then
        select org_id into of_org from lacuna.request where request_id = new.request_id;
    end if;
    -- In an officer's name writes the officer's login. The planner's takes requests and mails in for an
    -- officer of the register, and puts down the next signing key; what it does else, a flow did.
    if is_named and not is_owner and current_user <> 'lacuna_dpo' then
        if current_user <> 'lacuna_planner' or new.phase <> 'outcome'
            or (new.action, new.location) not in (
                ('received', 'lacuna.request'), ('mail_taken', 'lacuna.mail'), ('checkpoint', 'keys')) then
            raise exception 'ledger: role % records nothing in an officer''s name', current_user
                using errcode = 'insufficient_privilege';
        end if;
        -- By itself: the sealer may not even name the register, and an expression is checked as a whole.
        if not exists (select from lacuna.officer where actor = new.actor and removed_at is null) then
            raise exception 'ledger: not in the register of officers'
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    if is_word and not is_owner then
        if not lacuna.is_officer('dpo:' || split_part(new.actor, ':', 2), of_org) then
            raise exception 'ledger: not in the register of officers'
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    -- In an officer's name about a request.
    if new.request_id is not null and new.actor like 'dpo:%' and not is_owner then
        if not lacuna.is_officer(new.actor, of_org) then
            raise exception 'ledger: not in the register of officers'
                using errcode = 'insufficient_privilege';
        end if;
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
    if current_user = 'lacuna_dpo' and not lacuna.is_officer(new.actor, of_org) then
        raise exception 'ledger: not in the register of officers'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
