-- What conversations of restricted people add up to: those that no period counts, and `rows` of open days.
select
    count(*) as n,
    coalesce(sum(conversation.handling_duration_s), 0) as handle_s_sum
from contact_center.conversations as conversation
where conversation.org_id = :org_id
    and (
        conversation.conversation_id = any(cast(cast(:rows as text[]) as bigint[]))
        or exists (
            select from lacuna.counted_row as counted
            where counted.mart = 'volume_daily'
                and counted.org_id = :org_id
                and counted.row_id = cast(conversation.conversation_id as text)
                and counted.posted_day is null
        )
    )
