-- Whoever records consents, agreements and instructions in their own name is in the register.

create function lacuna.check_recorder() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    by_flow constant boolean := new.recorded_by like 'flow:%';
begin
    -- A flow records what callers answered, standing instructions, and what came by mail; never a text,
    -- nor that one was accepted.
    if by_flow and tg_table_name in ('consent_event', 'instruction')
        or pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member')
        or lacuna.is_officer('dpo:' || split_part(new.recorded_by, ':', 2), new.org_id) then
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
    raise exception '%: not in the register of officers', tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

do $$
declare
    name text;
begin
    foreach name in array array['agreement', 'acceptance', 'consent_event'] loop
        execute format(
            'create trigger %I before insert on lacuna.%I for each row '
            'execute function lacuna.check_recorder()', name || '_recorder', name);
        execute format('alter table lacuna.%I enable always trigger %I', name, name || '_recorder');
    end loop;
end $$;
create trigger instruction_recorder before insert on lacuna.instruction
    for each row when (new.source = 'written') execute function lacuna.check_recorder();
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
    -- A mail that is shown may belong to no request yet: then to the tenant that the officer looks at.
    of_org text := case when new.action = 'disclosed'
        then coalesce(nullif(current_setting('lacuna.org_id', true), ''), '*') else '*' end;
    is_owner constant boolean := pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna'), 'member');
begin
    if new.action = 'reappeared' and new.request_id is not null
        and not (current_user = 'lacuna_executor' or is_owner) then
        raise exception 'ledger: role % sees nobody come back', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.request_id is not null and (is_decision or new.actor like 'dpo:%') then
        select org_id into of_org from lacuna.request where request_id = new.request_id;
        -- In an officer's name about a request: a recipient who was told, a request taken back.
        if new.actor like 'dpo:%' and not is_owner and not lacuna.is_officer(new.actor, of_org) then
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
