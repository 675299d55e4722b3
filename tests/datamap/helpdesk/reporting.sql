-- What the marts count, as the help desk has it: views, so that nothing is copied. The data map
-- names the schema under `reporting`, and each view under `ignored`.

create schema helpdesk_reporting;

create view helpdesk_reporting.organizations as select 'shop'::text as org_id;

create view helpdesk_reporting.contacts as
    select id as contact_id, merged_into, erased_at as anonymized_at
    from helpdesk.users where kind = 'contact';

-- A mailbox is what others call a queue; tickets of no mailbox came by other ways.
create view helpdesk_reporting.queues as
    select id::bigint as queue_id, 1::bigint as team_id, label as name from helpdesk.mailboxes
    union all
    select 0, 1, 'No mailbox';

create view helpdesk_reporting.teams as select 1::bigint as team_id, 'Support'::text as name;

create view helpdesk_reporting.agents as
    select id as agent_id, 1::bigint as team_id from helpdesk.users where kind = 'agent';

create view helpdesk_reporting.conversations as
    select
        ticket.id as conversation_id,
        'shop'::text as org_id,
        ticket.requester_id,
        ticket.channel,
        'inbound'::text as direction,
        case ticket.state when 'solved' then 'closed' else 'open' end as state,
        coalesce(ticket.mailbox_id, 0)::bigint as queue_id,
        ticket.assignee_id,
        ticket.created_at,
        (
            select min(message.sent_at) from helpdesk.messages as message
            where message.ticket_id = ticket.id and message.author_kind = 'agent'
        ) as first_response_at,
        ticket.minutes_spent * 60 as handling_duration_s
    from helpdesk.tickets as ticket;

create view helpdesk_reporting.ratings as
    select
        rating.id as rating_id,
        'shop'::text as org_id,
        rating.ticket_id as conversation_id,
        rating.contact_id as requester_id,
        'csat'::text as type,
        'rated'::text as status,
        rating.score::integer as score,
        rating.rated_at
    from helpdesk.ratings as rating;

-- Nobody calls here.
create view helpdesk_reporting.calls as
    select
        null::bigint as call_id,
        null::bigint as conversation_id,
        null::text as direction,
        null::text as completion_status,
        null::text as call_recording_consent_action,
        null::integer as recording_time_s
    where false;
