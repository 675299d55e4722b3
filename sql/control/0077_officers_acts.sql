-- What an officer or a requester does, no login does in their name: holds, more time, the end of a request,
-- what is told of it, and entries of the ledger.

-- A hold is an officer's, of the register.
create function lacuna.check_hold() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member')
        or current_user = 'lacuna_dpo' and lacuna.is_officer(new.held_by, new.org_id) then
        return new;
    end if;
    raise exception 'hold: by no officer of the register' using errcode = 'insufficient_privilege';
end $$;
create trigger item_hold_holder before insert or update on lacuna.item_hold
    for each row execute function lacuna.check_hold();
alter table lacuna.item_hold enable always trigger item_hold_holder;

-- The mail that took it back, where no officer did; its content is forgotten like that of any.
alter table lacuna.request add column withdrawn_by uuid references lacuna.mail;
create unique index request_withdrawn_by on lacuna.request (withdrawn_by);

-- What the batch roles may say of a request by themselves.
create function lacuna.check_own_word() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_final constant boolean := new.state in ('completed', 'nothing_found', 'refused', 'withdrawn');
    -- Months are of different lengths, and a run of holidays ends.
    latest timestamptz;
    days int;
begin
    if lacuna.may_decide() then
        return new;
    end if;
    if tg_op = 'INSERT' then
        select max(held_until) into latest from lacuna.item_hold where request_id = new.split_of;
        latest := greatest(new.received_at, latest) + interval '1 month 14 days';
        if greatest(new.due_at, new.alarm_at) > latest then
            raise exception 'a request is due in a month' using errcode = 'insufficient_privilege';
        end if;
        if num_nonnulls(new.extended_at, new.paused_at, new.ground, new.held_until, new.closed_at,
            new.withdrawn_by) > 0 or new.paused_days <> 0 then
            raise exception 'a request begins with nothing decided' using errcode = 'insufficient_privilege';
        end if;
        return new;
    end if;
    if (new.kinds, new.received_at, new.extended_at) is distinct from
        (old.kinds, old.received_at, old.extended_at) then
        raise exception 'role % changes no rights and gives no time', current_user
            using errcode = 'insufficient_privilege';
    end if;
    -- The clock stands still while nobody is verified, and runs again with the days that it stood.
    if (new.due_at, new.alarm_at, new.paused_at, new.pause, new.paused_days) is distinct from
        (old.due_at, old.alarm_at, old.paused_at, old.pause, old.paused_days) then
        days := new.paused_days - old.paused_days;
        if not coalesce(case
            when old.pause is null
                then new.pause = 'identity' and new.verified_by is null
                    and (new.due_at, new.alarm_at, days) is not distinct from (old.due_at, old.alarm_at, 0)
            else old.pause = 'identity' and new.pause is null and new.verified_by is not null
                and days between 0 and 1 + greatest(0, extract(day from now() - old.paused_at))
                and new.due_at - old.due_at <= make_interval(days => days + 14)
                and coalesce(new.alarm_at - coalesce(old.alarm_at, old.due_at), '0')
                    <= make_interval(days => days + 1)
        end, false) then
            raise exception 'role % does not move a clock so', current_user
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    -- One statement for each: an expression is checked as a whole, and the executor reads no holds or mails.
    if old.state = 'held' and new.state <> 'held' then
        -- Two clocks are never the same.
        if new.state <> 'withdrawn' and coalesce(old.held_until > now() + interval '1 hour', true)
            or (new.ground, new.held_until) is distinct from (old.ground, old.held_until) then
            raise exception 'role % ends no hold', current_user using errcode = 'insufficient_privilege';
        end if;
    elsif new.state = 'held' and old.state <> 'held'
        or (new.ground, new.held_until) is distinct from (old.ground, old.held_until) then
        -- What a hold on one table kept is held as that says.
        if new.state <> 'held' or old.state not in ('received', 'held') or not exists (
                select from lacuna.item_hold
                where request_id = new.split_of and ground = new.ground
                    and held_until = coalesce(new.held_until, held_until)
            ) then
            raise exception 'role % holds nothing', current_user using errcode = 'insufficient_privilege';
        end if;
    end if;
    if new.closed_at is distinct from old.closed_at and (old.closed_at is not null or not is_final)
        or is_final <> (new.closed_at is not null) then
        raise exception 'a request is closed at its end' using errcode = 'insufficient_privilege';
    end if;
    if new.withdrawn_by is distinct from old.withdrawn_by then
        if old.withdrawn_by is not null or is_final or not exists (
            select from lacuna.mail
            where (mail_id, org_id, outcome) = (new.withdrawn_by, new.org_id, 'withdrawn')
        ) then
            raise exception 'no mail takes it back' using errcode = 'insufficient_privilege';
        end if;
    end if;
    -- By a mail; or it erased somebody before the database was put back, as the executor saw.
    if new.state = 'withdrawn' and old.state <> 'withdrawn'
        and not (current_user = 'lacuna_planner' and new.withdrawn_by is not null)
        and current_user <> 'lacuna_executor' then
        raise exception 'role % withdraws nothing by itself', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger request_own_word before insert or update on lacuna.request
    for each row execute function lacuna.check_own_word();
alter table lacuna.request enable always trigger request_own_word;

-- A restriction that was recorded is lifted by an officer, or goes with the request that was taken back.
-- The executor lifts it from whoever is erased.
create function lacuna.check_lift() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_user = 'lacuna_planner' and not lacuna.may_decide() and not exists (
        select from lacuna.request where request_id = old.request_id and state = 'withdrawn'
    ) then
        raise exception 'role % lifts no restriction', current_user using errcode = 'insufficient_privilege';
    end if;
    return old;
end $$;
create trigger restriction_lifted before delete on lacuna.restriction
    for each row execute function lacuna.check_lift();
alter table lacuna.restriction enable always trigger restriction_lifted;

-- Nobody is told that a request was refused, or takes longer, but by whom that was decided.
create function lacuna.check_letter() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' then
        if (new.kind, new.facts, new.org_id, new.request_id, new.mail_id)
            is distinct from (old.kind, old.facts, old.org_id, old.request_id, old.mail_id) then
            raise exception 'a letter stays what it says' using errcode = 'insufficient_privilege';
        end if;
    elsif new.kind in ('refusal', 'extension') and not lacuna.may_decide() then
        raise exception 'role % decides nothing to be told', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger answer_letter before insert or update on lacuna.answer
    for each row execute function lacuna.check_letter();
alter table lacuna.answer enable always trigger answer_letter;

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

-- That a mail is no request says whoever read it.
create function lacuna.check_dismissal() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.outcome = 'dismissed' and not lacuna.may_decide()
        and (tg_op = 'INSERT' or old.outcome <> 'dismissed') then
        raise exception 'role % dismisses no mail', current_user using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger mail_dismissal before insert or update on lacuna.mail
    for each row execute function lacuna.check_dismissal();
alter table lacuna.mail enable always trigger mail_dismissal;

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
    -- What belongs to no request belongs to the tenant that the officer looks at.
    of_org text := case when new.action = 'disclosed' or is_named and not is_decision
        then coalesce(nullif(current_setting('lacuna.org_id', true), ''), '*') else '*' end;
    is_owner constant boolean := pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna'), 'member');
begin
    if new.action = 'reappeared' and new.request_id is not null
        and not (current_user = 'lacuna_executor' or is_owner) then
        raise exception 'ledger: role % sees nobody come back', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.request_id is not null and (is_decision or is_named) then
        select org_id into of_org from lacuna.request where request_id = new.request_id;
    end if;
    -- In an officer's name writes the officer's login alone; what another one does, a flow did.
    if is_named and not is_owner then
        if current_user <> 'lacuna_dpo' then
            raise exception 'ledger: role % records nothing in an officer''s name', current_user
                using errcode = 'insufficient_privilege';
        elsif not lacuna.is_officer('dpo:' || split_part(new.actor, ':', 2), of_org) then
            raise exception 'ledger: not in the register of officers'
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    if new.actor = 'system:owner' and not is_owner
        or new.actor like 'rule:%' and not (is_owner or current_user = 'lacuna_rule') then
        raise exception 'ledger: role % does not act as this', current_user
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
    if current_user = 'lacuna_dpo' and not lacuna.is_officer(new.actor, of_org) then
        raise exception 'ledger: not in the register of officers'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
