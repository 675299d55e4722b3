-- One row a call of a conversation counted in the period: what the caller chose when asked about a
-- recording, and whether there was one.
-- The days on which conversations are counted are those of volume_daily, so that both say the same;
-- `person` and who is left out: as there.
with recursive picked as materialized (
    select
        call.call_id,
        conversation.conversation_id,
        counted.posted_day as day,
        conversation.requester_id,
        queue.name as queue,
        call.call_recording_consent_action as choice,
        call.recording_time_s > 0 as is_recorded,
        call.completion_status in ('completed', 'transferred') as is_served
    from lacuna.counted_row as counted
    join contact_center.conversations as conversation
        on conversation.conversation_id = cast(counted.row_id as bigint)
    join contact_center.calls as call on call.conversation_id = conversation.conversation_id
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
    cast(picked.call_id as text) as row_id,
    exists (
        select from lacuna.restriction as restriction
        where restriction.org_id = :org_id
            and restriction.contact_id in (cast(picked.requester_id as text), cast(person.root as text))
    ) as is_left_out,
    picked.day,
    picked.queue,
    1 as n_calls,
    case when picked.choice is not null then 1 else 0 end as n_asked,
    case when picked.choice = 'caller_opted_in' then 1 else 0 end as n_accepted,
    case when picked.choice = 'caller_opted_out' then 1 else 0 end as n_declined,
    case when picked.choice = 'timeout' then 1 else 0 end as n_no_answer,
    case when picked.is_recorded then 1 else 0 end as n_recorded,
    case when picked.is_served and not picked.is_recorded then 1 else 0 end as n_served_unrecorded
from picked
left join person on person.start = picked.requester_id
