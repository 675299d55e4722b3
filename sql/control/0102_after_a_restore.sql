-- An officer acknowledges that an older copy of the ledger was restored, and a request that does again what a
-- closed one did names it: two more actions, beside whatever was added before.
do $$
declare
    definition text;
begin
    select pg_get_constraintdef(oid) into strict definition
    from pg_constraint
    where conrelid = 'lacuna_evidence.entry'::regclass and conname = 'entry_action_check';
    execute 'alter table lacuna_evidence.entry drop constraint entry_action_check, '
        'add constraint entry_action_check '
        || replace(
            definition, 'ARRAY[', 'ARRAY[''restore_acknowledged''::text, ''repeated''::text, ');
end $$;

do $$
declare
    before constant text := pg_get_functiondef('lacuna_evidence.recorders(text)'::regprocedure);
begin
    execute replace(
        replace(
            before, '''disclosed'', ''checkpoint''', '''disclosed'', ''checkpoint'', ''restore_acknowledged'''),
        'when of_action = ''restrict'' then', 'when of_action in (''restrict'', ''repeated'') then');
    if lacuna_evidence.recorders('restore_acknowledged') is distinct from array['lacuna_dpo']
        or lacuna_evidence.recorders('repeated') is null then
        raise exception 'lacuna_evidence.recorders is not as it was expected';
    end if;
end $$;

-- The id of a request may have seven digits in a row: it is no name of a place.
do $$
declare
    definition text;
begin
    select pg_get_expr(conbin, conrelid) into strict definition
    from pg_constraint
    where conrelid = 'lacuna_evidence.entry'::regclass and conname = 'entry_location_names_no_person';
    execute 'alter table lacuna_evidence.entry drop constraint entry_location_names_no_person, '
        'add constraint entry_location_names_no_person check (case action when ''repeated'' '
        'then location ~ ''^lacuna[.]request/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'' else '
        || definition || ' end)';
end $$;

-- Written out, so that a dump and its restore have the same text: what is compared with it differs from nothing.
alter table lacuna.officer
    drop constraint officer_name_check,
    add constraint officer_name_check
        check (length(name) >= 1 and length(name) <= 200 and name = btrim(name));
alter table lacuna.submitter
    drop constraint submitter_org_id_check,
    add constraint submitter_org_id_check
        check (length(org_id) >= 1 and length(org_id) <= 200 and org_id <> '*');
