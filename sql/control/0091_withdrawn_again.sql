-- Consent that was withdrawn after a backup was made stays withdrawn once that is put back: the executor
-- enters it again, as the record outside the database has it. It enters that there is none, and never one.
create or replace function lacuna.check_recorder() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member')
        or current_user = 'lacuna_dpo' and new.recorded_by ~ '^(dpo|controller):'
        and lacuna.is_officer('dpo:' || split_part(new.recorded_by, ':', 2), new.org_id)
        -- A flow records what callers answered on the telephone; never a text, nor that one was accepted.
        or new.recorded_by like 'flow:%' and tg_table_name = 'consent_event'
        and to_jsonb(new) ->> 'method' = 'ivr'
        or current_user = 'lacuna_executor' and new.recorded_by = 'rule:reappearance'
        and tg_table_name = 'consent_event'
        and to_jsonb(new) ->> 'status' in ('declined', 'withdrawn') then
        return new;
    end if;
    raise exception '%: recorded by no officer of the register', tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

-- Whom such an entry is about says the executor too, and of no other entry.
create function lacuna.check_subject() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_user = 'lacuna_executor' and not exists (
        select from lacuna.consent_event
        where (subject_id, org_id, recorded_by) = (new.subject_id, new.org_id, 'rule:reappearance')
    ) then
        raise exception 'subject: of no entry that was made again' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger subject_of_entry before insert on lacuna.subject
    for each row execute function lacuna.check_subject();
alter table lacuna.subject enable always trigger subject_of_entry;
