-- The first day that has rows, and how many rows there are, from `from_day` to `to_day`.
select min(counted.posted_day) as first_day, count(*) as n
from lacuna.counted_row as counted
join contact_center.conversations as conversation
    on conversation.conversation_id = cast(counted.row_id as bigint)
    and conversation.direction = 'inbound'
    and conversation.first_response_at is not null
where counted.mart = 'volume_daily'
    and counted.org_id = :org_id
    and counted.posted_day between cast(:from_day as date) and cast(:to_day as date)
