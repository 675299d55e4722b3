-- One row a satisfaction rating counted in the period: it was given in it, or came late and was put
-- off to it. `person`, what is counted once and who is left out: as in volume_daily. `day` is the one on
-- which the conversation is counted.
with recursive chosen as materialized (
    select rating.rating_id, rating.conversation_id, rating.requester_id, rating.score
    from lacuna.counted_row as counted
    join contact_center.ratings as rating on rating.rating_id = cast(counted.row_id as bigint)
    where counted.mart = 'csat_weekly'
        and counted.org_id = :org_id
        and counted.posted_day between cast(:from_day as date) and cast(:to_day as date)
    union all
    select rating.rating_id, rating.conversation_id, rating.requester_id, rating.score
    from contact_center.ratings as rating
    where rating.org_id = :org_id
        and rating.type = 'csat'
        and rating.status = 'rated'
        and rating.rated_at
            >= cast(greatest(cast(:from_day as date), cast(:open_from as date)) as timestamp) at time zone 'UTC'
        and rating.rated_at < cast(cast(:to_day as date) + 1 as timestamp) at time zone 'UTC'
        and not exists (
            select from lacuna.counted_row as counted
            where counted.mart = 'csat_weekly'
                and counted.org_id = :org_id
                and counted.row_id = cast(rating.rating_id as text)
        )
),
picked as materialized (
    select
        chosen.rating_id,
        chosen.requester_id,
        chosen.score,
        conversation.channel,
        conversation.conversation_id,
        coalesce(counted.posted_day, cast(conversation.created_at at time zone 'UTC' as date)) as day
    from chosen
    join contact_center.conversations as conversation
        on conversation.conversation_id = chosen.conversation_id
    left join lacuna.counted_row as counted
        on counted.mart = 'volume_daily'
        and counted.org_id = :org_id
        and counted.row_id = cast(conversation.conversation_id as text)
),
-- include person of picked
select
    case when person.root is not null then dense_rank() over (order by person.root) end as person,
    cast(null as bigint) as agent,
    cast(picked.conversation_id as text) as interaction,
    cast(picked.rating_id as text) as row_id,
    exists (
        select from lacuna.restriction as restriction
        where restriction.org_id = :org_id
            and restriction.contact_id in (cast(picked.requester_id as text), cast(person.root as text))
    ) as is_left_out,
    picked.day,
    picked.channel,
    1 as n_resp,
    case when picked.score >= 4 then 1 else 0 end as n_pos,
    picked.score as score_sum
from picked
left join person on person.start = picked.requester_id
