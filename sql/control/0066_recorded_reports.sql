-- The ledger remembers each report to the officer by its digest: the next one goes on from it.

do $$
declare
    definition text;
begin
    select pg_get_constraintdef(oid) into strict definition
    from pg_constraint
    where conrelid = 'lacuna_evidence.entry'::regclass and conname = 'entry_action_check';
    execute 'alter table lacuna_evidence.entry drop constraint entry_action_check, '
        'add constraint entry_action_check '
        || replace(definition, 'ARRAY[', 'ARRAY[''reported''::text, ');
end $$;

-- Whoever could write one would choose what the next report leaves out.
create function lacuna_evidence.check_report() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The owner of the schema could take this trigger away.
    if (new.action = 'reported') <> (current_user = 'lacuna_sealer')
        and not pg_has_role(current_user, (
            select nspowner from pg_namespace where nspname = 'lacuna_evidence'), 'member') then
        raise exception 'ledger: a report is recorded by the one who seals, who records nothing else'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger entry_reported before insert on lacuna_evidence.entry
    for each row execute function lacuna_evidence.check_report();
alter table lacuna_evidence.entry enable always trigger entry_reported;
