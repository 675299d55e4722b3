-- The ledger says when a request was due, and what the step lines of a run were at the seal.

-- Two more actions, beside whatever was added before.
do $$
declare
    definition text;
begin
    select pg_get_constraintdef(oid) into strict definition
    from pg_constraint
    where conrelid = 'lacuna_evidence.entry'::regclass and conname = 'entry_action_check';
    execute 'alter table lacuna_evidence.entry drop constraint entry_action_check, '
        'add constraint entry_action_check '
        || replace(definition, 'ARRAY[', 'ARRAY[''deadline''::text, ''run_recorded''::text, ');
end $$;

-- What was written since the last seal is looked up at the next.
create index entry_batch on lacuna_evidence.entry (batch_id, position) where batch_id is not null;
