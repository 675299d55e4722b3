-- One row an inbound conversation with a reply of an agent, counted in the period, by how long it took.
-- The days on which conversations are counted are those of volume_daily, so that both say the same;
-- `person` and who is left out: as there.
with recursive picked as materialized (
    select
        conversation.conversation_id,
        counted.posted_day as day,
        conversation.requester_id,
        conversation.channel,
        extract(epoch from conversation.first_response_at - conversation.created_at) as seconds
    from lacuna.counted_row as counted
    join contact_center.conversations as conversation
        on conversation.conversation_id = cast(counted.row_id as bigint)
    where counted.mart = 'volume_daily'
        and counted.org_id = :org_id
        and counted.posted_day between cast(:from_day as date) and cast(:to_day as date)
        and conversation.direction = 'inbound'
        and conversation.first_response_at is not null
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
    picked.channel,
    case
        when picked.seconds < 60 then '000000-000060'
        when picked.seconds < 300 then '000060-000300'
        when picked.seconds < 900 then '000300-000900'
        when picked.seconds < 3600 then '000900-003600'
        when picked.seconds < 14400 then '003600-014400'
        when picked.seconds < 86400 then '014400-086400'
        when picked.seconds < 259200 then '086400-259200'
        else '259200-'
    end as band_s,
    1 as n
from picked
left join person on person.start = picked.requester_id
