-- Files that no row names are put into quarantine, and back: two more actions of the ledger, beside whatever
-- was added before. An officer says that they are to be put back; whoever moves files does it.
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
            definition, 'ARRAY[',
            'ARRAY[''quarantine_objects''::text, ''restore_objects''::text, ');
end $$;

do $$
declare
    before constant text := pg_get_functiondef('lacuna_evidence.recorders(text)'::regprocedure);
begin
    execute replace(
        replace(before, '''anonymize_rows'',', '''anonymize_rows'', ''quarantine_objects'','),
        'when of_action = ''restrict'' then',
        'when of_action = ''restore_objects'' then array[''lacuna_executor'', ''lacuna_dpo'']
        when of_action = ''restrict'' then');
    if lacuna_evidence.recorders('quarantine_objects') is null
        or lacuna_evidence.recorders('restore_objects') is null then
        raise exception 'lacuna_evidence.recorders is not as it was expected';
    end if;
end $$;
