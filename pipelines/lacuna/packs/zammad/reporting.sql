-- What the marts count, as Zammad has it: views, so that nothing is copied. The data map names the schema
-- under `reporting`, and each view under `ignored`.

create schema if not exists zammad_reporting;

create or replace view zammad_reporting.organizations as select 'desk'::text as org_id;

create or replace view zammad_reporting.contacts as
    select id as contact_id, null::integer as merged_into, null::timestamptz as anonymized_at
    from public.users;

-- A group is both a queue and a team.
create or replace view zammad_reporting.queues as
    select id::bigint as queue_id, id::bigint as team_id, name from public.groups;

create or replace view zammad_reporting.teams as select id::bigint as team_id, name from public.groups;

create or replace view zammad_reporting.agents as
    select user_id::bigint as agent_id, min(group_id)::bigint as team_id from public.groups_users group by user_id;

-- Channels by the type of the first article; first response and closing are Zammad's own.
create or replace view zammad_reporting.conversations as
    select
        one.id::bigint as conversation_id,
        'desk'::text as org_id,
        one.customer_id::integer as requester_id,
        case first.name
            when 'email' then 'email'
            when 'phone' then 'voice'
            when 'chat' then 'chat'
            when 'sms' then 'sms'
            when 'web' then 'web'
            else 'message'
        end as channel,
        case sender.name when 'Customer' then 'inbound' else 'outbound' end as direction,
        case when kind.name in ('closed', 'merged') then 'closed' else 'open' end as state,
        one.group_id::bigint as queue_id,
        one.owner_id::bigint as assignee_id,
        one.created_at at time zone 'UTC' as created_at,
        one.first_response_at at time zone 'UTC' as first_response_at,
        60 * one.close_in_min as handling_duration_s
    from public.tickets as one
    join public.ticket_states as state on state.id = one.state_id
    join public.ticket_state_types as kind on kind.id = state.state_type_id
    left join public.ticket_article_types as first on first.id = one.create_article_type_id
    left join public.ticket_article_senders as sender on sender.id = one.create_article_sender_id;

-- Zammad asks nobody how it was.
create or replace view zammad_reporting.ratings as
    select
        null::bigint as rating_id, null::text as org_id, null::bigint as conversation_id, null::integer as requester_id,
        null::text as type, null::text as status, null::integer as score, null::timestamptz as rated_at
    where false;

-- Zammad notes calls without the ticket that they led to.
create or replace view zammad_reporting.calls as
    select
        null::bigint as call_id, null::bigint as conversation_id, null::text as direction, null::text as completion_status,
        null::text as call_recording_consent_action, null::integer as recording_time_s
    where false;
