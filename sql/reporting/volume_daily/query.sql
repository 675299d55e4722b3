-- One row a conversation counted in the period: it began in it, or came late and was put off to it.
-- What is counted in a sealed period is in lacuna.counted_row; nothing is counted twice.
-- `person` is a number within this result alone: contacts merged into one are one person; NULL where
-- the link was cut, where the person was erased, or where merges run in a circle. A NULL counts toward
-- no threshold. Rows of restricted people are left out, now and later.
with recursive chosen as materialized (
    select
        conversation.conversation_id,
        counted.posted_day as day,
        conversation.requester_id,
        conversation.channel,
        conversation.queue_id,
        conversation.direction,
        conversation.created_at,
        conversation.first_response_at,
        conversation.handling_duration_s
    from lacuna.counted_row as counted
    join contact_center.conversations as conversation
        on conversation.conversation_id = cast(counted.row_id as bigint)
    where counted.mart = 'volume_daily'
        and counted.org_id = :org_id
        and counted.posted_day between cast(:from_day as date) and cast(:to_day as date)
    union all
    select
        conversation.conversation_id,
        cast(conversation.created_at at time zone 'UTC' as date),
        conversation.requester_id,
        conversation.channel,
        conversation.queue_id,
        conversation.direction,
        conversation.created_at,
        conversation.first_response_at,
        conversation.handling_duration_s
    from contact_center.conversations as conversation
    where conversation.org_id = :org_id
        and conversation.created_at
            >= cast(greatest(cast(:from_day as date), cast(:open_from as date)) as timestamp) at time zone 'UTC'
        and conversation.created_at < cast(cast(:to_day as date) + 1 as timestamp) at time zone 'UTC'
        and not exists (
            select from lacuna.counted_row as counted
            where counted.mart = 'volume_daily'
                and counted.org_id = :org_id
                and counted.row_id = cast(conversation.conversation_id as text)
        )
),
picked as materialized (
    select
        chosen.conversation_id,
        chosen.day,
        chosen.requester_id,
        chosen.channel,
        queue.name as queue,
        chosen.direction,
        chosen.created_at,
        chosen.first_response_at,
        chosen.handling_duration_s
    from chosen
    join contact_center.queues as queue on queue.queue_id = chosen.queue_id
),
-- include person of picked,
offer as (
    select
        call.conversation_id,
        bool_and(call.completion_status = 'abandoned') as is_abandoned
    from picked
    join contact_center.calls as call on call.conversation_id = picked.conversation_id
    where call.direction = 'inbound'
    group by call.conversation_id
)
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
    picked.channel,
    picked.queue,
    1 as n,
    coalesce(picked.handling_duration_s, 0) as handle_s_sum,
    case when picked.handling_duration_s > 0 then 1 else 0 end as n_handled,
    case when answer.seconds is not null then answer.seconds else 0 end as frt_s_sum,
    case when answer.seconds is not null then 1 else 0 end as n_frt,
    case when offer.conversation_id is not null then 1 else 0 end as n_offered,
    case when offer.is_abandoned then 1 else 0 end as n_abandoned
from picked
left join person on person.start = picked.requester_id
left join offer on offer.conversation_id = picked.conversation_id
left join lateral (
    select cast(greatest(floor(extract(epoch from picked.first_response_at - picked.created_at)), 0) as bigint)
        as seconds
    where picked.direction = 'inbound' and picked.first_response_at is not null
) as answer on true
