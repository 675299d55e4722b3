-- What an officer held of somebody stays held where a restore brings the person back: the executor, which
-- sees who is there again, says so of the request by which they are erased again, before anything is
-- changed, and of no other; it changes no hold.
create or replace function lacuna.check_hold() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'lacuna'), 'member')
        or current_user = 'lacuna_dpo' and lacuna.is_officer(new.held_by, new.org_id) then
        return new;
    end if;
    -- A statement of its own: an officer reads no ledger here.
    if current_user = 'lacuna_executor' and tg_op = 'INSERT' and new.held_by = 'rule:reappearance' then
        if exists (
            select from lacuna.request as again
            where (again.request_id, again.org_id) = (new.request_id, new.org_id)
                and again.identity_basis = 'erased' and again.kinds = array['erasure']
                and again.split_of is null
                and again.state in ('received', 'resolved', 'planned', 'approved')
                and exists (
                    select from lacuna_evidence.entry as seen
                    where seen.request_id = again.request_id and seen.action = 'reappeared'
                        and seen.phase = 'outcome')
        ) then
            return new;
        end if;
    end if;
    raise exception 'hold: by no officer of the register' using errcode = 'insufficient_privilege';
end $$;
