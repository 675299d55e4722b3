-- Whose signature counts besides the ledger's is said by the owner alone: the ledger names each workers' key.
-- The next key of the ledger is put down by an officer.

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
    return new;
end $$;
