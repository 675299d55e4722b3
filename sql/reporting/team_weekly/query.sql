-- One row a conversation counted in the period, by the team of the agent who has it, or of its queue.
-- The days on which conversations are counted are those of volume_daily, so that both say the same;
-- `person` and who is left out: as there.
-- Whether a person came again depends on the link to the person. It is worked out here, once, when the
-- period closes; for links cut before that it was fixed in lacuna.fixed_link, by the erasure.
with recursive picked as materialized (
    select
        conversation.conversation_id,
        counted.posted_day as day,
        conversation.requester_id,
        conversation.assignee_id,
        coalesce(own.name, queued.name) as team,
        conversation.direction,
        conversation.state,
        conversation.created_at,
        conversation.handling_duration_s
    from lacuna.counted_row as counted
    join contact_center.conversations as conversation
        on conversation.conversation_id = cast(counted.row_id as bigint)
    join contact_center.queues as queue on queue.queue_id = conversation.queue_id
    join contact_center.teams as queued on queued.team_id = queue.team_id
    left join contact_center.agents as agent on agent.agent_id = conversation.assignee_id
    left join contact_center.teams as own on own.team_id = agent.team_id
    where counted.mart = 'volume_daily'
        and counted.org_id = :org_id
        and counted.posted_day between cast(:from_day as date) and cast(:to_day as date)
),
-- Conversations from seven days before the first one to seven days after the last one.
near as materialized (
    select conversation.conversation_id, conversation.requester_id, conversation.direction, conversation.created_at
    from contact_center.conversations as conversation
    where conversation.org_id = :org_id
        and conversation.requester_id is not null
        and conversation.created_at >= (select min(created_at) from picked) - interval '7 days'
        and conversation.created_at <= (select max(created_at) from picked) + interval '7 days'
),
-- include person of near,
sequence as materialized (
    select
        near.conversation_id,
        near.created_at - lag(near.created_at) over of_person <= interval '7 days' as is_repeat,
        min(near.created_at) filter (where near.direction = 'inbound') over (
            of_person rows between 1 following and unbounded following
        ) - near.created_at <= interval '7 days' as is_followed
    from near
    join person on person.start = near.requester_id
    window of_person as (partition by person.root order by near.created_at, near.conversation_id)
)
select
    case when person.root is not null then dense_rank() over (order by person.root) end as person,
    case when picked.assignee_id is not null then dense_rank() over (order by picked.assignee_id) end as agent,
    cast(picked.conversation_id as text) as interaction,
    cast(picked.conversation_id as text) as row_id,
    exists (
        select from lacuna.restriction as restriction
        where restriction.org_id = :org_id
            and restriction.contact_id in (cast(picked.requester_id as text), cast(person.root as text))
    ) as is_left_out,
    picked.day,
    picked.team,
    1 as n,
    coalesce(picked.handling_duration_s, 0) as handle_s_sum,
    case when picked.handling_duration_s > 0 then 1 else 0 end as n_handled,
    case when coalesce(sequence.is_repeat, fixed.is_repeat, false) then 1 else 0 end as n_repeat_7d,
    case when link.is_eligible then 1 else 0 end as n_fcr_eligible,
    case when link.is_eligible and not coalesce(sequence.is_followed, fixed.is_followed, false) then 1 else 0 end
        as n_fcr
from picked
left join person on person.start = picked.requester_id
left join sequence on sequence.conversation_id = picked.conversation_id
left join lacuna.fixed_link as fixed
    on fixed.org_id = :org_id
    and fixed.row_id = cast(picked.conversation_id as text)
cross join lateral (
    select picked.direction = 'inbound'
        and picked.state = 'closed'
        and (person.root is not null or fixed.row_id is not null) as is_eligible
) as link
