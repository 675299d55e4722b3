-- What the marts count, as Chatwoot has it: views, so that nothing is copied. The data map names the schema
-- under `reporting`, and each view under `ignored`.

create schema if not exists chatwoot_reporting;

create or replace view chatwoot_reporting.organizations as select id::text as org_id from public.accounts;

create or replace view chatwoot_reporting.contacts as
    select id as contact_id, null::integer as merged_into, null::timestamptz as anonymized_at
    from public.contacts;

-- An inbox is a queue. A conversation that no team took counts under team 0.
create or replace view chatwoot_reporting.queues as
    select id::bigint as queue_id, 0::bigint as team_id, name from public.inboxes;

create or replace view chatwoot_reporting.teams as
    select id as team_id, name from public.teams union all select 0, 'none';

create or replace view chatwoot_reporting.agents as
    select one.id::bigint as agent_id, coalesce((select min(team_id) from public.team_members where user_id = one.id), 0) as team_id
    from public.users as one;

-- Channels by the kind of inbox; a first response and its seconds are Chatwoot's own.
create or replace view chatwoot_reporting.conversations as
    select
        one.id::bigint as conversation_id,
        one.account_id::text as org_id,
        one.contact_id::integer as requester_id,
        case inbox.channel_type
            when 'Channel::Email' then 'email'
            when 'Channel::WebWidget' then 'chat'
            when 'Channel::Sms' then 'sms'
            when 'Channel::TwilioSms' then 'sms'
            else 'message'
        end as channel,
        case when one.campaign_id is null then 'inbound' else 'outbound' end as direction,
        case one.status when 1 then 'closed' else 'open' end as state,
        one.inbox_id::bigint as queue_id,
        one.assignee_id::bigint as assignee_id,
        one.created_at at time zone 'UTC' as created_at,
        one.first_reply_created_at at time zone 'UTC' as first_response_at,
        (
            select max(event.value)::integer from public.reporting_events as event
            where event.conversation_id = one.id and event.name = 'conversation_resolved'
        ) as handling_duration_s
    from public.conversations as one
    join public.inboxes as inbox on inbox.id = one.inbox_id;

create or replace view chatwoot_reporting.ratings as
    select
        id as rating_id,
        account_id::text as org_id,
        conversation_id,
        contact_id::integer as requester_id,
        'csat'::text as type,
        'rated'::text as status,
        rating as score,
        created_at at time zone 'UTC' as rated_at
    from public.csat_survey_responses;

-- A recording has no consent in Chatwoot.
create or replace view chatwoot_reporting.calls as
    select
        id as call_id,
        conversation_id,
        case direction when 0 then 'inbound' else 'outbound' end as direction,
        case status when 'completed' then 'completed' else 'abandoned' end as completion_status,
        null::text as call_recording_consent_action,
        duration_seconds as recording_time_s
    from public.calls;
