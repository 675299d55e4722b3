-- When an object was deleted says, with the time of its folder and the request that stands beside it, whose file
-- it was: nobody reads it. What was done goes as soon as the ledger has it.

alter table lacuna.outbox drop column done_at;
alter table lacuna.request no force row level security;
delete from lacuna.outbox using lacuna.request
where outbox.request_id = request.request_id and outbox.state <> 'pending'
    and request.state in ('verified', 'completed');
alter table lacuna.request force row level security;
