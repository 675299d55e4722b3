-- What a request is about stays what it was when somebody approved it.

create function lacuna.keep_request() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if (new.request_id, new.org_id, new.person_kind, new.level, new.created_at)
        is distinct from (old.request_id, old.org_id, old.person_kind, old.level, old.created_at) then
        raise exception 'a request stays what it was received as' using errcode = 'insufficient_privilege';
    end if;
    -- Whom a bundle is encrypted for is given with the request, before anybody approves it.
    if new.bundle_key is distinct from old.bundle_key
        and (old.bundle_key is not null or old.state <> 'received') then
        raise exception 'the recipient of a bundle stays' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger request_kept before update on lacuna.request
    for each row execute function lacuna.keep_request();
alter table lacuna.request enable always trigger request_kept;

-- A request for somebody who came back is one that was received for that: the ledger says both at
-- once, one entry after the other. A later entry about a request of somebody else approves nothing.
create or replace function lacuna.approve_by_rule(
    wanted uuid, approved_digest text, of_attempt int, by_rule text, moment timestamptz, in_batch uuid
) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    of lacuna.request%rowtype;
    scope_of text;
    stands boolean;
begin
    select * into of from lacuna.request where request_id = wanted for update;
    if not found or of.state <> 'planned' or of.attempt <> of_attempt or of.verified_by is null
        or of.plan_digest is distinct from approved_digest
        or not exists (
            select from lacuna.plan where request_id = wanted and digest = approved_digest
        ) then
        raise exception 'no such plan waits for an approval' using errcode = 'check_violation';
    end if;
    select scope into scope_of from lacuna.standing_decision where rule = by_rule;
    stands := case by_rule
        when 'rule:identity-verified'
            then of.kinds <@ array['restriction', 'objection', 'access', 'portability']
        when 'rule:approval-auto'
            then scope_of = '*' and coalesce(of.identity_basis, 'mail') <> 'mail'
                and lacuna.officers_needed(of.org_id) = 1
        when 'rule:canary'
            then scope_of = of.org_id and of.kinds = array['erasure']
        when 'rule:reappearance'
            then current_setting('role') = 'lacuna_executor' and of.kinds = array['erasure']
                and exists (
                    select from lacuna_evidence.entry as back
                    join lacuna_evidence.entry as received on received.position = back.position - 1
                    where back.request_id = wanted and back.action = 'reappeared'
                        and back.phase = 'outcome'
                        and received.request_id = wanted and received.action = 'received')
    end;
    if by_rule <> 'rule:reappearance' and current_setting('role') = 'lacuna_executor' then
        stands := false;
    end if;
    if stands is not true then
        raise exception '% does not stand for this plan', by_rule
            using errcode = 'insufficient_privilege';
    end if;
    insert into lacuna.approval (request_id, digest, approved_by, approved_at)
        values (wanted, approved_digest, by_rule, moment) on conflict do nothing;
    update lacuna.request set state = 'approved', obstacle = null where request_id = wanted;
    insert into lacuna_evidence.entry (at, request_id, batch_id, phase, action, location, digest, actor)
        values (moment, wanted, in_batch, 'outcome', 'approved', 'lacuna.plan', approved_digest, by_rule);
end $$;
