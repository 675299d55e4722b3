-- What is recorded in an officer's name is recorded under the officer's role: the planner's login reads
-- what strangers write, and knows the key id of every officer.

create or replace function lacuna.check_recorder() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_owner constant boolean := pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna'), 'member');
begin
    if is_owner or current_user = 'lacuna_dpo'
        and lacuna.is_officer('dpo:' || split_part(new.recorded_by, ':', 2), new.org_id) then
        return new;
    end if;
    -- A flow records what callers answered on the telephone, and what another system said; never a text,
    -- nor that one was accepted.
    if new.recorded_by like 'flow:%' and (
        tg_table_name = 'instruction'
        or tg_table_name = 'consent_event' and to_jsonb(new) ->> 'method' = 'ivr'
    ) then
        return new;
    end if;
    -- Part of an instructed request rests on the same word, whose recorder may be no officer any more.
    if tg_table_name = 'instruction' then
        if exists (
            select from lacuna.instruction as before
            where (before.org_id, before.source, before.instructed_at, before.recorded_by)
                = (new.org_id, new.source, new.instructed_at, new.recorded_by)
        ) then
            return new;
        end if;
    end if;
    raise exception '%: recorded by no officer of the register', tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

-- That a recipient was told by hand is an officer's word.
create function lacuna.check_receipt() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.receipt = 'hand' and not lacuna.may_decide() then
        raise exception 'role % tells nobody by hand', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger notice_receipt before insert or update on lacuna.notice
    for each row when (new.receipt is not null) execute function lacuna.check_receipt();
alter table lacuna.notice enable always trigger notice_receipt;

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
    -- What a flow or the tenant's own system records under its own name.
    is_word constant boolean := new.action in (
        'consent_recorded', 'agreement_added', 'agreement_accepted', 'instructed', 'recipient_told',
        'withdrawn'
    ) and new.actor ~ '^(dpo|controller):';
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
    if is_word and not is_owner then
        if current_user <> 'lacuna_dpo' then
            raise exception 'ledger: role % records nothing in an officer''s name', current_user
                using errcode = 'insufficient_privilege';
        elsif not lacuna.is_officer('dpo:' || split_part(new.actor, ':', 2), of_org) then
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
