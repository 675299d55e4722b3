-- One row a satisfaction rating given in the period. `person` is a number within this result alone:
-- contacts merged into one are one person; NULL where the link was cut, where the person was
-- erased, or where merges run in a circle. A NULL counts toward no threshold.
with recursive picked as materialized (
    select
        rating.rating_id,
        rating.requester_id,
        rating.score,
        conversation.channel,
        conversation.created_at
    from contact_center.ratings as rating
    join contact_center.conversations as conversation
        on conversation.conversation_id = rating.conversation_id
    where rating.org_id = :org_id
        and rating.type = 'csat'
        and rating.status = 'rated'
        and rating.rated_at >= cast(cast(:from_day as date) as timestamp) at time zone 'UTC'
        and rating.rated_at < cast(cast(:to_day as date) + 1 as timestamp) at time zone 'UTC'
),
chain (start, here) as (
    select distinct requester_id, requester_id from picked where requester_id is not null
    union
    select chain.start, contact.merged_into
    from chain
    join contact_center.contacts as contact on contact.contact_id = chain.here
    where contact.merged_into is not null
),
person as (
    select chain.start, contact.contact_id as root
    from chain
    join contact_center.contacts as contact on contact.contact_id = chain.here
    where contact.merged_into is null and contact.anonymized_at is null
)
select
    case when person.root is not null then dense_rank() over (order by person.root) end as person,
    cast(picked.created_at at time zone 'UTC' as date) as day,
    picked.channel,
    1 as n_resp,
    case when picked.score >= 4 then 1 else 0 end as n_pos,
    picked.score as score_sum
from picked
left join person on person.start = picked.requester_id
