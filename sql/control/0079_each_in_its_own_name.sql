-- Whose login it is, is whose name the ledger takes: an officer's writes as an officer, and what was done to
-- the platform's rows is said by the login that can do it.

create or replace function lacuna_evidence.check_report() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The owner of the schema could take this trigger away.
    if pg_has_role(current_user, (
        select nspowner from pg_namespace where nspname = 'lacuna_evidence'), 'member') then
        return new;
    end if;
    if (new.action in ('reported', 'run_recorded')) <> (current_user = 'lacuna_sealer') then
        raise exception 'ledger: runs and reports are recorded by the one who seals, who records nothing else'
            using errcode = 'insufficient_privilege';
    end if;
    if new.action = 'checkpoint' and not (current_user = 'lacuna_dpo' and new.location = 'keys') then
        raise exception 'ledger: role % names no key', current_user
            using errcode = 'insufficient_privilege';
    end if;
    if current_user = 'lacuna_dpo' and new.actor !~ '^(dpo|controller):'
        or current_user in ('lacuna_planner', 'lacuna_dpo') and new.phase = 'outcome' and new.action in (
            'anonymize_rows', 'redact_text', 'redact_mentions', 'delete_rows', 'rectify', 'link_tombstone'
        ) then
        raise exception 'ledger: role % did not do this', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

-- An officer decides. That a request was planned, or nothing found, verified or certified, a flow saw; and
-- one that is open is not closed by a date alone.
create function lacuna.check_decided() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
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
    -- Nobody is verified by moving on.
    if old.state = 'identity_pending' and new.state = 'resolved' and new.verified_by is null
        and not pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member') then
        raise exception 'nobody was verified' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger request_decided before update on lacuna.request
    for each row execute function lacuna.check_decided();
alter table lacuna.request enable always trigger request_decided;
