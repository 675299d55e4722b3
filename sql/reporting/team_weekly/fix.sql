-- Before the link to these people is cut: whether they came again, for conversations whose week is
-- still open, as it is known now. `contact_ids` are one person's contacts each time.
insert into lacuna.fixed_link (org_id, row_id, is_repeat, is_followed)
select
    conversation.org_id,
    cast(conversation.conversation_id as text),
    exists (
        select from contact_center.conversations as earlier
        where earlier.org_id = conversation.org_id
            and earlier.requester_id = any(cast(:contact_ids as uuid[]))
            and (earlier.created_at, earlier.conversation_id)
                < (conversation.created_at, conversation.conversation_id)
            and earlier.created_at >= conversation.created_at - interval '7 days'
    ),
    exists (
        select from contact_center.conversations as later
        where later.org_id = conversation.org_id
            and later.requester_id = any(cast(:contact_ids as uuid[]))
            and later.direction = 'inbound'
            and (later.created_at, later.conversation_id)
                > (conversation.created_at, conversation.conversation_id)
            and later.created_at <= conversation.created_at + interval '7 days'
    )
from contact_center.conversations as conversation
where conversation.org_id = :org_id
    and conversation.requester_id = any(cast(:contact_ids as uuid[]))
    and not exists (
        select from reporting.release as release
        join lacuna.counted_row as counted
            on counted.mart = 'volume_daily'
            and counted.org_id = release.org_id
            and counted.row_id = cast(conversation.conversation_id as text)
        where release.mart = 'team_weekly'
            and release.org_id = conversation.org_id
            and counted.posted_day between release.first_day and release.last_day
    )
on conflict do nothing
