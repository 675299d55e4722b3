-- One row a person and channel with a conversation counted in the period. Nobody stands behind a cut
-- link, so such conversations are in no row here.
-- The days on which conversations are counted are those of volume_daily, so that both say the same;
-- `person` and who is left out: as there.
with recursive picked as materialized (
    select conversation.requester_id, conversation.channel, min(counted.posted_day) as day
    from lacuna.counted_row as counted
    join contact_center.conversations as conversation
        on conversation.conversation_id = cast(counted.row_id as bigint)
    where counted.mart = 'volume_daily'
        and counted.org_id = :org_id
        and counted.posted_day between cast(:from_day as date) and cast(:to_day as date)
        and conversation.requester_id is not null
    group by conversation.requester_id, conversation.channel
),
-- include person of picked
select
    dense_rank() over (order by person.root) as person,
    cast(null as bigint) as agent,
    '' as interaction,
    '' as row_id,
    bool_or(exists (
        select from lacuna.restriction as restriction
        where restriction.org_id = :org_id
            and restriction.contact_id in (cast(picked.requester_id as text), cast(person.root as text))
    )) as is_left_out,
    min(picked.day) as day,
    picked.channel,
    1 as n_contacts
from picked
join person on person.start = picked.requester_id
group by person.root, picked.channel
