-- What the marts count, as django-helpdesk has it: views, so that nothing is copied. The data map names
-- the schema under `reporting`, and each view under `ignored`.

create schema if not exists django_helpdesk_reporting;

create or replace view django_helpdesk_reporting.organizations as select 'main'::text as org_id;

create or replace view django_helpdesk_reporting.contacts as
    select id as contact_id, null::integer as merged_into, null::timestamptz as anonymized_at
    from public.auth_user where not is_staff;

create or replace view django_helpdesk_reporting.queues as
    select id::bigint as queue_id, 1::bigint as team_id, title as name from public.helpdesk_queue;

-- Agents are in no team unless an extension makes teams.
create or replace view django_helpdesk_reporting.teams as
    select 1::bigint as team_id, 'Support'::text as name;

create or replace view django_helpdesk_reporting.agents as
    select id as agent_id, 1::bigint as team_id from public.auth_user where is_staff;

-- A ticket counts under one channel: the platform does not record whether it came by mail or by a form.
create or replace view django_helpdesk_reporting.conversations as
    select
        ticket.id::bigint as conversation_id,
        'main'::text as org_id,
        (
            select min(person.id) from public.auth_user as person
            where person.email = ticket.submitter_email and not person.is_staff
        ) as requester_id,
        'ticket'::text as channel,
        'inbound'::text as direction,
        case when ticket.status in (3, 4, 5) then 'closed' else 'open' end as state,
        ticket.queue_id::bigint as queue_id,
        ticket.assigned_to_id as assignee_id,
        ticket.created as created_at,
        (
            select min(said.date)
            from public.helpdesk_followup as said
            join public.auth_user as agent on agent.id = said.user_id and agent.is_staff
            where said.ticket_id = ticket.id and said.public
        ) as first_response_at,
        (
            select extract(epoch from sum(said.time_spent))::integer
            from public.helpdesk_followup as said where said.ticket_id = ticket.id
        ) as handling_duration_s
    from public.helpdesk_ticket as ticket;

-- Nobody is asked for a rating, and nobody calls.
create or replace view django_helpdesk_reporting.ratings as
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

create or replace view django_helpdesk_reporting.calls as
    select
        null::bigint as call_id,
        null::bigint as conversation_id,
        null::text as direction,
        null::text as completion_status,
        null::text as call_recording_consent_action,
        null::integer as recording_time_s
    where false;
