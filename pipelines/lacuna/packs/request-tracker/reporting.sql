-- What the marts count, as Request Tracker has it: views, so that nothing is copied. The data map names
-- the schema under `reporting`, and each view under `ignored`. Its times are in UTC, without a zone.

create schema if not exists request_tracker_reporting;

create or replace view request_tracker_reporting.organizations as select 'desk'::text as org_id;

-- Customers are the members of the group Unprivileged.
create or replace view request_tracker_reporting.contacts as
    select member.memberid as contact_id, null::integer as merged_into, null::timestamptz as anonymized_at
    from public.groups as unprivileged
    join public.groupmembers as member on member.groupid = unprivileged.id
    where unprivileged.domain = 'SystemInternal' and unprivileged.name = 'Unprivileged';

create or replace view request_tracker_reporting.queues as
    select id::bigint as queue_id, 1::bigint as team_id, name::text as name from public.queues;

-- Groups of agents overlap, so that all count as one team.
create or replace view request_tracker_reporting.teams as
    select 1::bigint as team_id, 'Support'::text as name;

create or replace view request_tracker_reporting.agents as
    select member.memberid as agent_id, 1::bigint as team_id
    from public.groups as privileged
    join public.groupmembers as member on member.groupid = privileged.id
    where privileged.domain = 'SystemInternal' and privileged.name = 'Privileged';

-- A merged ticket counts as the one that it was merged into. Owner 6 is Nobody in every installation
-- that began with RT 3 or later.
create or replace view request_tracker_reporting.conversations as
    select
        ticket.id::bigint as conversation_id,
        'desk'::text as org_id,
        (
            select min(member.memberid)
            from public.groups as role
            join public.groupmembers as member on member.groupid = role.id
            where role.domain = 'RT::Ticket-Role' and role.name = 'Requestor'
              and role.instance = ticket.id
        ) as requester_id,
        'ticket'::text as channel,
        'inbound'::text as direction,
        case when ticket.status in ('resolved', 'rejected', 'deleted') then 'closed' else 'open' end as state,
        ticket.queue::bigint as queue_id,
        nullif(ticket.owner, 6) as assignee_id,
        ticket.created at time zone 'UTC' as created_at,
        (
            select min(said.created) at time zone 'UTC'
            from public.transactions as said
            join request_tracker_reporting.agents as agent on agent.agent_id = said.creator
            where said.objecttype = 'RT::Ticket' and said.objectid = ticket.id and said.type = 'Correspond'
        ) as first_response_at,
        ticket.timeworked * 60 as handling_duration_s
    from public.tickets as ticket
    where ticket.effectiveid = ticket.id and ticket.type = 'ticket';

-- Nobody is asked for a rating, and nobody calls.
create or replace view request_tracker_reporting.ratings as
    select
        null::bigint as rating_id,
        null::text as org_id,
        null::bigint as conversation_id,
        null::integer as requester_id,
        null::text as type,
        null::text as status,
        null::integer as score,
        null::timestamptz as rated_at
    where false;

create or replace view request_tracker_reporting.calls as
    select
        null::bigint as call_id,
        null::bigint as conversation_id,
        null::text as direction,
        null::text as completion_status,
        null::text as call_recording_consent_action,
        null::integer as recording_time_s
    where false;
