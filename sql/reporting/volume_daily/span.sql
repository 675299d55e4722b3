-- The first day that has rows, and how many rows there are, from `from_day` to `to_day`.
select
    cast(min(conversation.created_at) at time zone 'UTC' as date) as first_day,
    count(*) as n
from contact_center.conversations as conversation
where conversation.org_id = :org_id
    and conversation.created_at >= cast(cast(:from_day as date) as timestamp) at time zone 'UTC'
    and conversation.created_at < cast(cast(:to_day as date) + 1 as timestamp) at time zone 'UTC'
