-- Whoever did something records it, and nobody else: the planner's login reads what strangers write.

-- The roles under which each action of the ledger is recorded. The owner of the schema, who could take a
-- trigger away, adds to them what nobody else records. NULL: no such action is known, and nobody records it.
create function lacuna_evidence.recorders(of_action text) returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when of_action in (
            'planned', 'answered', 'mail_forgotten', 'write_bundle', 'seal_bundle', 'delete_bundle',
            'completed', 'keep_vendor_ids', 'forget_vendor_ids', 'destroy_key', 'recipient_not_told'
        ) then array['lacuna_planner']
        when of_action in (
            'received', 'resolved', 'held', 'mail_taken', 'paused', 'resumed', 'forget_working_copies',
            'instructed', 'consent_recorded', 'recipient_told'
        ) then array['lacuna_planner', 'lacuna_dpo']
        when of_action = 'withdrawn' then array['lacuna_planner', 'lacuna_executor', 'lacuna_dpo']
        when of_action = 'restrict' then array['lacuna_planner', 'lacuna_executor']
        when of_action in (
            'anonymize_rows', 'redact_text', 'redact_mentions', 'delete_rows', 'delete_objects',
            'rewrite_objects', 'rectify', 'retain', 'link_tombstone', 'refresh_view', 'reappeared',
            'lock_recordings', 'unlock_recordings', 'sweep', 'scrub', 'renumber', 'publish_period',
            'withdraw_period', 'restate_period'
        ) then array['lacuna_executor']
        when of_action in ('verified', 'verification_failed', 'nothing_found')
            then array['lacuna_verifier']
        when of_action = 'deadline' then array['lacuna_verifier', 'lacuna_dpo']
        when of_action = 'approved' then array['lacuna_dpo', 'lacuna_rule']
        when of_action in (
            'refused', 'extended', 'release_bundle', 'agreement_added', 'agreement_accepted',
            'lift_restriction', 'rights_split', 'rule_approved', 'disclosed', 'checkpoint'
        ) then array['lacuna_dpo']
        when of_action in ('run_recorded', 'reported') then array['lacuna_sealer']
        when of_action in (
            'standing_decided', 'standing_ended', 'officer_added', 'officer_removed', 'officers_needed',
            'drop_legacy'
        ) then '{}'::text[]
    end
$$;

create function lacuna_evidence.check_recorder() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna_evidence'), 'member') then
        return new;
    end if;
    if (current_user::text = any(lacuna_evidence.recorders(new.action))) is not true then
        raise exception 'ledger: role % does not record %', current_user, new.action
            using errcode = 'insufficient_privilege';
    end if;
    if new.action = 'checkpoint' and new.location <> 'keys' then
        raise exception 'ledger: role % names no key', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if current_user = 'lacuna_dpo' and new.actor !~ '^(dpo|controller):' then
        raise exception 'ledger: role % did not do this', current_user
            using errcode = 'insufficient_privilege';
    end if;
    -- The day that it was due is the request's, which nobody moves at will. A statement of its own: not
    -- everybody who records may look there.
    if new.action = 'deadline' then
        if not exists (
            select from lacuna.request where request_id = new.request_id
                and new.location = 'lacuna.request ' || to_char(due_at at time zone 'UTC', 'YYYY-MM-DD')
        ) then
            raise exception 'ledger: the request was due on another day'
                using errcode = 'insufficient_privilege';
        end if;
    end if;
    return new;
end $$;
drop trigger entry_reported on lacuna_evidence.entry;
drop function lacuna_evidence.check_report();
create trigger entry_recorder before insert on lacuna_evidence.entry
    for each row execute function lacuna_evidence.check_recorder();
alter table lacuna_evidence.entry enable always trigger entry_recorder;

-- Whoever looked says what was seen: that nothing is left of somebody, or nobody is there. Each other move
-- is its role's too.
create or replace function lacuna.check_decided() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_owner constant boolean := pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna'), 'member');
begin
    if current_user = 'lacuna_dpo' and (
        new.state <> old.state
            and new.state not in ('approved', 'refused', 'held', 'resolved', 'withdrawn')
        or new.closed_at is distinct from old.closed_at
            and (old.closed_at is not null or new.state not in ('refused', 'withdrawn'))
    ) then
        raise exception 'role % does not do what a flow does', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if new.state <> old.state and not is_owner and (
        (new.state in ('verified', 'nothing_found')) <> (current_user = 'lacuna_verifier')
        or current_user = 'lacuna_executor' and new.state not in ('applied', 'withdrawn')
    ) then
        raise exception 'role % moves no request to %', current_user, new.state
            using errcode = 'insufficient_privilege';
    end if;
    -- Nobody is verified by moving on.
    if old.state = 'identity_pending' and new.state = 'resolved' and new.verified_by is null
        and not is_owner then
        raise exception 'nobody was verified' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
