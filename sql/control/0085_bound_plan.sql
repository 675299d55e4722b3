-- What an officer reads is bound to what they approve: from the digest of the exact rows and objects, the
-- steps and the text, the digest of a plan is computed anew wherever the plan is read.

alter table lacuna.plan add column inventory_digest text check (inventory_digest ~ '^[0-9a-f]{64}$');
-- Plans from before this are carried out to their end; none is written so, nor changed.
alter table lacuna.plan add constraint plan_is_bound check (inventory_digest is not null) not valid;

-- Those that wait for an approval are made anew by the next run.
alter table lacuna.request no force row level security;
do $$
declare
    waiting uuid[];
begin
    -- No move leads from one to the other; those that an officer holds are left alone.
    with moved as (
        update lacuna.request set state = 'held' where state = 'planned' returning request_id
    )
    select array_agg(request_id) into waiting from moved;
    update lacuna.request set state = 'resolved', obstacle = null where request_id = any(waiting);
end $$;
alter table lacuna.request force row level security;
