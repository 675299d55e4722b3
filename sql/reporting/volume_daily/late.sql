-- Rows of sealed days, from `from_day` to `to_day`, that are counted nowhere yet: they came late.
select cast(conversation.conversation_id as text) as row_id
from contact_center.conversations as conversation
where conversation.org_id = :org_id
    and conversation.created_at >= cast(cast(:from_day as date) as timestamp) at time zone 'UTC'
    and conversation.created_at < cast(cast(:to_day as date) + 1 as timestamp) at time zone 'UTC'
    and not exists (
        select from lacuna.counted_row as counted
        where counted.mart = 'volume_daily'
            and counted.org_id = :org_id
            and counted.row_id = cast(conversation.conversation_id as text)
    )
