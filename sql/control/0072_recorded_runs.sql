-- What a run wrote is recorded by the one who seals, as the reports are.

create or replace function lacuna_evidence.check_report() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The owner of the schema could take this trigger away.
    if (new.action in ('reported', 'run_recorded')) <> (current_user = 'lacuna_sealer')
        and not pg_has_role(current_user, (
            select nspowner from pg_namespace where nspname = 'lacuna_evidence'), 'member') then
        raise exception 'ledger: runs and reports are recorded by the one who seals, who records nothing else'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

-- Always: also in a session whose session_replication_role skips ordinary triggers.
alter table lacuna.officer enable always trigger officer_history;
alter table lacuna.officer enable always trigger officer_stays;

-- Which keys the ledger names is asked for each notice and bundle.
create index entry_key on lacuna_evidence.entry (digest) where action = 'checkpoint';
