-- One row a conversation with an inbound call counted in the period: whether the caller gave up.
-- The days on which conversations are counted are those of volume_daily, so that both say the same;
-- `person` and who is left out: as there.
with recursive picked as materialized (
    select
        conversation.conversation_id,
        counted.posted_day as day,
        conversation.requester_id,
        queue.name as queue,
        bool_and(call.completion_status = 'abandoned') as is_abandoned
    from lacuna.counted_row as counted
    join contact_center.conversations as conversation
        on conversation.conversation_id = cast(counted.row_id as bigint)
    join contact_center.calls as call
        on call.conversation_id = conversation.conversation_id and call.direction = 'inbound'
    join contact_center.queues as queue on queue.queue_id = conversation.queue_id
    where counted.mart = 'volume_daily'
        and counted.org_id = :org_id
        and counted.posted_day between cast(:from_day as date) and cast(:to_day as date)
    group by conversation.conversation_id, counted.posted_day, conversation.requester_id, queue.name
),
-- include person of picked
select
    case when person.root is not null then dense_rank() over (order by person.root) end as person,
    cast(null as bigint) as agent,
    cast(picked.conversation_id as text) as interaction,
    cast(picked.conversation_id as text) as row_id,
    exists (
        select from lacuna.restriction as restriction
        where restriction.org_id = :org_id
            and restriction.contact_id in (cast(picked.requester_id as text), cast(person.root as text))
    ) as is_left_out,
    picked.day,
    picked.queue,
    1 as n_offered,
    case when picked.is_abandoned then 1 else 0 end as n_abandoned
from picked
left join person on person.start = picked.requester_id
