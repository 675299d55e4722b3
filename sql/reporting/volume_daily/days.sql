-- What the platform holds of each day from `from_day` to `to_day`: rows, and the sum of one magnitude.
-- Each run compares it with what it was: an erasure takes no row and no amount away.
select
    cast(conversation.created_at at time zone 'UTC' as date) as day,
    count(*) as n,
    coalesce(sum(conversation.handling_duration_s), 0) as amount
from contact_center.conversations as conversation
where conversation.org_id = :org_id
    and conversation.created_at >= cast(cast(:from_day as date) as timestamp) at time zone 'UTC'
    and conversation.created_at < cast(cast(:to_day as date) + 1 as timestamp) at time zone 'UTC'
group by 1
