-- One row a conversation counted in the period, on the day on which volume_daily counts it.
with recursive picked as materialized (
    select
        conversation.conversation_id,
        counted.posted_day as day,
        conversation.requester_id,
        queue.name as queue,
        conversation.handling_duration_s
    from lacuna.counted_row as counted
    join contact_center.conversations as conversation
        on conversation.conversation_id = cast(counted.row_id as bigint)
    join contact_center.queues as queue on queue.queue_id = conversation.queue_id
    where counted.mart = 'volume_daily'
        and counted.org_id = :org_id
        and counted.posted_day between cast(:from_day as date) and cast(:to_day as date)
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
    1 as n,
    coalesce(picked.handling_duration_s, 0) as handle_s_sum,
    case when picked.handling_duration_s > 0 then 1 else 0 end as n_handled
from picked
left join person on person.start = picked.requester_id
