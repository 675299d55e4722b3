-- The tables of Chatwoot 4.14 as its migrations up to 2026-06-11 make them.

create extension vector;
create extension pg_trgm;
create table access_tokens (
    id bigserial primary key, owner_type varchar, owner_id bigint, token varchar,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table account_saml_settings (
    id bigserial primary key, account_id bigint not null, sso_url varchar, certificate text,
    sp_entity_id varchar, idp_entity_id varchar, role_mappings json default '{}',
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table account_users (
    id bigserial primary key, account_id bigint, user_id bigint, role integer default 0, inviter_id bigint,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, active_at timestamp,
    availability integer not null default 0, auto_offline boolean not null default true,
    custom_role_id bigint, agent_capacity_policy_id bigint
);
create table accounts (
    id serial primary key, name varchar not null, created_at timestamp not null,
    updated_at timestamp not null, locale integer default 0, domain varchar(100), support_email varchar(100),
    feature_flags bigint not null default 0, auto_resolve_duration integer, limits jsonb default '{}',
    custom_attributes jsonb default '{}', status integer default 0,
    internal_attributes jsonb not null default '{}', settings jsonb default '{}'
);
create table action_mailbox_inbound_emails (
    id bigserial primary key, status integer not null default 0, message_id varchar not null,
    message_checksum varchar not null, created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table active_storage_attachments (
    id bigserial primary key, name varchar not null, record_type varchar not null, record_id bigint not null,
    blob_id bigint not null, created_at timestamp not null
);
create table active_storage_blobs (
    id bigserial primary key, key varchar not null, filename varchar not null, content_type varchar,
    metadata text, byte_size bigint not null, checksum varchar, created_at timestamp not null,
    service_name varchar not null
);
create table active_storage_variant_records (
    id bigserial primary key, blob_id bigint not null, variation_digest varchar not null
);
create table agent_bot_inboxes (
    id bigserial primary key, inbox_id integer, agent_bot_id integer, status integer default 0,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, account_id integer
);
create table agent_bots (
    id bigserial primary key, name varchar, description varchar, outgoing_url varchar,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, account_id bigint,
    bot_type integer default 0, bot_config jsonb default '{}', secret varchar
);
create table agent_capacity_policies (
    id bigserial primary key, account_id bigint not null, name varchar(255) not null, description text,
    exclusion_rules jsonb not null default '{}', created_at timestamp(6) not null,
    updated_at timestamp(6) not null
);
create table applied_slas (
    id bigserial primary key, account_id bigint not null, sla_policy_id bigint not null,
    conversation_id bigint not null, created_at timestamp(6) not null, updated_at timestamp(6) not null,
    sla_status integer default 0
);
create table ar_internal_metadata (
    key varchar primary key, value varchar, created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table article_embeddings (
    id bigserial primary key, article_id bigint not null, term text not null, embedding vector(1536),
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table articles (
    id bigserial primary key, account_id integer not null, portal_id integer not null, category_id integer,
    folder_id integer, title varchar, description text, content text, status integer, views integer,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, author_id bigint,
    associated_article_id bigint, meta jsonb default '{}', slug varchar not null, position integer,
    locale varchar not null default 'en'
);
create table assignment_policies (
    id bigserial primary key, account_id bigint not null, name varchar(255) not null, description text,
    assignment_order integer not null default 0, conversation_priority integer not null default 0,
    fair_distribution_limit integer not null default 100,
    fair_distribution_window integer not null default 3600, enabled boolean not null default true,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table attachments (
    id serial primary key, file_type integer default 0, external_url varchar,
    coordinates_lat double precision default 0.0, coordinates_long double precision default 0.0,
    message_id integer not null, account_id integer not null, created_at timestamp not null,
    updated_at timestamp not null, fallback_title varchar, extension varchar, meta jsonb default '{}'
);
create table audits (
    id bigserial primary key, auditable_id bigint, auditable_type varchar, associated_id bigint,
    associated_type varchar, user_id bigint, user_type varchar, username varchar, action varchar,
    audited_changes jsonb, version integer default 0, comment varchar, remote_address varchar,
    request_uuid varchar, created_at timestamp
);
create table automation_rules (
    id bigserial primary key, account_id bigint not null, name varchar not null, description text,
    event_name varchar not null, conditions jsonb not null default '"{}"',
    actions jsonb not null default '"{}"', created_at timestamp(6) not null, updated_at timestamp(6) not null,
    active boolean not null default true
);
create table calls (
    id bigserial primary key, account_id bigint not null, inbox_id bigint not null,
    conversation_id bigint not null, contact_id bigint not null, message_id bigint,
    accepted_by_agent_id bigint, provider_call_id varchar not null, provider integer not null default 0,
    direction integer not null, status varchar not null default 'ringing', started_at timestamp(6),
    duration_seconds integer, end_reason varchar, meta jsonb default '{}', transcript text,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table campaigns (
    id bigserial primary key, display_id integer not null, title varchar not null, description text,
    message text not null, sender_id integer, enabled boolean default true, account_id bigint not null,
    inbox_id bigint not null, trigger_rules jsonb default '{}', created_at timestamp(6) not null,
    updated_at timestamp(6) not null, campaign_type integer not null default 0,
    campaign_status integer not null default 0, audience jsonb default '[]', scheduled_at timestamp,
    trigger_only_during_business_hours boolean default false, template_params jsonb
);
create table canned_responses (
    id serial primary key, account_id integer not null, short_code varchar, content text,
    created_at timestamp not null, updated_at timestamp not null
);
create table captain_assistant_responses (
    id bigserial primary key, question varchar not null, answer text not null, embedding vector(1536),
    assistant_id bigint not null, documentable_id bigint, account_id bigint not null,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, status integer not null default 1,
    documentable_type varchar, edited boolean not null default false
);
create table captain_assistants (
    id bigserial primary key, name varchar not null, account_id bigint not null, description varchar,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, config jsonb not null default '{}',
    response_guidelines jsonb default '[]', guardrails jsonb default '[]'
);
create table captain_custom_tools (
    id bigserial primary key, account_id bigint not null, slug varchar not null, title varchar not null,
    description text, http_method varchar not null default 'GET', endpoint_url text not null,
    request_template text, response_template text, auth_type varchar default 'none',
    auth_config jsonb default '{}', param_schema jsonb default '[]', enabled boolean not null default true,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table captain_documents (
    id bigserial primary key, name varchar, external_link text not null, content text,
    assistant_id bigint not null, account_id bigint not null, created_at timestamp(6) not null,
    updated_at timestamp(6) not null, status integer not null default 0, metadata jsonb default '{}',
    sync_status integer, last_synced_at timestamp(6), last_sync_attempted_at timestamp(6)
);
create table captain_inboxes (
    id bigserial primary key, captain_assistant_id bigint not null, inbox_id bigint not null,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table captain_scenarios (
    id bigserial primary key, title varchar, description text, instruction text, tools jsonb default '[]',
    enabled boolean not null default true, assistant_id bigint not null, account_id bigint not null,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table categories (
    id bigserial primary key, account_id integer not null, portal_id integer not null, name varchar,
    description text, position integer, created_at timestamp(6) not null, updated_at timestamp(6) not null,
    locale varchar default 'en', slug varchar not null, parent_category_id bigint,
    associated_category_id bigint, icon varchar default '', icon_color varchar default ''
);
create table channel_api (
    id bigserial primary key, account_id integer not null, webhook_url varchar,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, identifier varchar,
    hmac_token varchar, hmac_mandatory boolean default false, additional_attributes jsonb default '{}',
    secret varchar
);
create table channel_email (
    id bigserial primary key, account_id integer not null, email varchar not null,
    forward_to_email varchar not null, created_at timestamp(6) not null, updated_at timestamp(6) not null,
    imap_enabled boolean default false, imap_address varchar default '', imap_port integer default 0,
    imap_login varchar default '', imap_password varchar default '', imap_enable_ssl boolean default true,
    smtp_enabled boolean default false, smtp_address varchar default '', smtp_port integer default 0,
    smtp_login varchar default '', smtp_password varchar default '', smtp_domain varchar default '',
    smtp_enable_starttls_auto boolean default true, smtp_authentication varchar default 'login',
    smtp_openssl_verify_mode varchar default 'none', smtp_enable_ssl_tls boolean default false,
    provider_config jsonb default '{}', provider varchar, imap_authentication varchar default 'plain',
    verified_for_sending boolean not null default false
);
create table channel_facebook_pages (
    id serial primary key, page_id varchar not null, user_access_token varchar not null,
    page_access_token varchar not null, account_id integer not null, created_at timestamp not null,
    updated_at timestamp not null, instagram_id varchar
);
create table channel_instagram (
    id bigserial primary key, access_token varchar not null, expires_at timestamp(6) not null,
    account_id integer not null, instagram_id varchar not null, created_at timestamp(6) not null,
    updated_at timestamp(6) not null
);
create table channel_line (
    id bigserial primary key, account_id integer not null, line_channel_id varchar not null,
    line_channel_secret varchar not null, line_channel_token varchar not null,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table channel_sms (
    id bigserial primary key, account_id integer not null, phone_number varchar not null,
    provider varchar default 'default', provider_config jsonb default '{}', created_at timestamp(6) not null,
    updated_at timestamp(6) not null
);
create table channel_telegram (
    id bigserial primary key, bot_name varchar, account_id integer not null, bot_token varchar not null,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table channel_tiktok (
    id bigserial primary key, account_id integer not null, business_id varchar not null,
    access_token varchar not null, expires_at timestamp(6) not null, refresh_token varchar not null,
    refresh_token_expires_at timestamp(6) not null, created_at timestamp(6) not null,
    updated_at timestamp(6) not null
);
create table channel_twilio_sms (
    id bigserial primary key, phone_number varchar, auth_token varchar not null, account_sid varchar not null,
    account_id integer not null, created_at timestamp(6) not null, updated_at timestamp(6) not null,
    medium integer default 0, messaging_service_sid varchar, api_key_sid varchar,
    content_templates jsonb default '{}', content_templates_last_updated timestamp(6),
    voice_enabled boolean not null default false, twiml_app_sid varchar, api_key_secret varchar,
    provider_config jsonb default '{}'
);
create table channel_twitter_profiles (
    id bigserial primary key, profile_id varchar not null, twitter_access_token varchar not null,
    twitter_access_token_secret varchar not null, account_id integer not null,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, tweets_enabled boolean default true
);
create table channel_web_widgets (
    id serial primary key, website_url varchar, account_id integer, created_at timestamp not null,
    updated_at timestamp not null, website_token varchar, widget_color varchar default '#1f93ff',
    welcome_title varchar, welcome_tagline varchar, feature_flags integer not null default 7,
    reply_time integer default 0, hmac_token varchar, pre_chat_form_enabled boolean default false,
    pre_chat_form_options jsonb default '{}', hmac_mandatory boolean default false,
    continuity_via_email boolean not null default true, allowed_domains text default ''
);
create table channel_whatsapp (
    id bigserial primary key, account_id integer not null, phone_number varchar not null,
    provider varchar default 'default', provider_config jsonb default '{}', created_at timestamp(6) not null,
    updated_at timestamp(6) not null, message_templates jsonb default '{}',
    message_templates_last_updated timestamp
);
create table companies (
    id bigserial primary key, name varchar not null, domain varchar, description text,
    account_id bigint not null, created_at timestamp(6) not null, updated_at timestamp(6) not null,
    contacts_count integer, additional_attributes jsonb default '{}', custom_attributes jsonb default '{}',
    last_activity_at timestamp
);
create table contact_inboxes (
    id bigserial primary key, contact_id bigint, inbox_id bigint, source_id text not null,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, hmac_verified boolean default false,
    pubsub_token varchar
);
create table contacts (
    id serial primary key, name varchar default '', email varchar, phone_number varchar,
    account_id integer not null, created_at timestamp not null, updated_at timestamp not null,
    additional_attributes jsonb default '{}', identifier varchar, custom_attributes jsonb default '{}',
    last_activity_at timestamp, contact_type integer default 0, middle_name varchar default '',
    last_name varchar default '', location varchar default '', country_code varchar default '',
    blocked boolean not null default false, company_id bigint
);
create table conversation_participants (
    id bigserial primary key, account_id bigint not null, user_id bigint not null,
    conversation_id bigint not null, created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table conversations (
    id serial primary key, account_id integer not null, inbox_id integer not null,
    status integer not null default 0, assignee_id integer, created_at timestamp not null,
    updated_at timestamp not null, contact_id bigint, display_id integer not null,
    contact_last_seen_at timestamp, agent_last_seen_at timestamp, additional_attributes jsonb default '{}',
    contact_inbox_id bigint, uuid uuid not null default gen_random_uuid(), identifier varchar,
    last_activity_at timestamp not null default CURRENT_TIMESTAMP, team_id bigint, campaign_id bigint,
    snoozed_until timestamp, custom_attributes jsonb default '{}', assignee_last_seen_at timestamp,
    first_reply_created_at timestamp, priority integer, sla_policy_id bigint, waiting_since timestamp(6),
    cached_label_list text, assignee_agent_bot_id bigint
);
create table copilot_messages (
    id bigserial primary key, copilot_thread_id bigint not null, account_id bigint not null,
    message jsonb not null default '{}', created_at timestamp(6) not null, updated_at timestamp(6) not null,
    message_type integer default 0
);
create table copilot_threads (
    id bigserial primary key, title varchar not null, user_id bigint not null, account_id bigint not null,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, assistant_id integer
);
create table csat_survey_responses (
    id bigserial primary key, account_id bigint not null, conversation_id bigint not null,
    message_id bigint not null, rating integer not null, feedback_message text, contact_id bigint not null,
    assigned_agent_id bigint, created_at timestamp(6) not null, updated_at timestamp(6) not null,
    csat_review_notes text, review_notes_updated_at timestamp(6), review_notes_updated_by_id bigint
);
create table custom_attribute_definitions (
    id bigserial primary key, attribute_display_name varchar, attribute_key varchar,
    attribute_display_type integer default 0, default_value integer, attribute_model integer default 0,
    account_id bigint, created_at timestamp(6) not null, updated_at timestamp(6) not null,
    attribute_description text, attribute_values jsonb default '[]', regex_pattern varchar, regex_cue varchar
);
create table custom_filters (
    id bigserial primary key, name varchar not null, filter_type integer not null default 0,
    query jsonb not null default '"{}"', account_id bigint not null, user_id bigint not null,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table custom_roles (
    id bigserial primary key, name varchar, description varchar, account_id bigint not null,
    permissions text[] default '{}', created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table dashboard_apps (
    id bigserial primary key, title varchar not null, content jsonb default '[]', account_id bigint not null,
    user_id bigint, created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table data_imports (
    id bigserial primary key, account_id bigint not null, data_type varchar not null,
    status integer not null default 0, processing_errors text, total_records integer,
    processed_records integer, created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table email_templates (
    id bigserial primary key, name varchar not null, body text not null, account_id integer,
    template_type integer default 1, locale integer not null default 0, created_at timestamp(6) not null,
    updated_at timestamp(6) not null
);
create table folders (
    id bigserial primary key, account_id integer not null, category_id integer not null, name varchar,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table inbox_assignment_policies (
    id bigserial primary key, inbox_id bigint not null, assignment_policy_id bigint not null,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table inbox_capacity_limits (
    id bigserial primary key, agent_capacity_policy_id bigint not null, inbox_id bigint not null,
    conversation_limit integer not null, created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table inbox_members (
    id serial primary key, user_id integer not null, inbox_id integer not null, created_at timestamp not null,
    updated_at timestamp not null
);
create table inboxes (
    id serial primary key, channel_id integer not null, account_id integer not null, name varchar not null,
    created_at timestamp not null, updated_at timestamp not null, channel_type varchar,
    enable_auto_assignment boolean default true, greeting_enabled boolean default false,
    greeting_message varchar, email_address varchar, working_hours_enabled boolean default false,
    out_of_office_message varchar, timezone varchar default 'UTC', enable_email_collect boolean default true,
    csat_survey_enabled boolean default false, allow_messages_after_resolved boolean default true,
    auto_assignment_config jsonb default '{}', lock_to_single_conversation boolean not null default false,
    portal_id bigint, sender_name_type integer not null default 0, business_name varchar,
    csat_config jsonb not null default '{}'
);
create table installation_configs (
    id bigserial primary key, name varchar not null, serialized_value jsonb not null default '{}',
    created_at timestamp(6) not null, updated_at timestamp(6) not null, locked boolean not null default true
);
create table integrations_hooks (
    id bigserial primary key, status integer default 1, inbox_id integer, account_id integer, app_id varchar,
    hook_type integer default 0, reference_id varchar, access_token varchar, created_at timestamp(6) not null,
    updated_at timestamp(6) not null, settings jsonb default '{}'
);
create table labels (
    id bigserial primary key, title varchar, description text, color varchar not null default '#1f93ff',
    show_on_sidebar boolean, account_id bigint, created_at timestamp(6) not null,
    updated_at timestamp(6) not null
);
create table leaves (
    id bigserial primary key, account_id bigint not null, user_id bigint not null, start_date date not null,
    end_date date not null, leave_type integer not null default 0, status integer not null default 0,
    reason text, approved_by_id bigint, approved_at timestamp(6), created_at timestamp(6) not null,
    updated_at timestamp(6) not null
);
create table macros (
    id bigserial primary key, account_id bigint not null, name varchar not null, visibility integer default 0,
    created_by_id bigint, updated_by_id bigint, actions jsonb not null default '{}',
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table mentions (
    id bigserial primary key, user_id bigint not null, conversation_id bigint not null,
    account_id bigint not null, mentioned_at timestamp not null, created_at timestamp(6) not null,
    updated_at timestamp(6) not null
);
create table messages (
    id serial primary key, content text, account_id integer not null, inbox_id integer not null,
    conversation_id integer not null, message_type integer not null, created_at timestamp not null,
    updated_at timestamp not null, private boolean not null default false, status integer default 0,
    source_id text, content_type integer not null default 0, content_attributes json default '{}',
    sender_type varchar, sender_id bigint, external_source_ids jsonb default '{}',
    additional_attributes jsonb default '{}', processed_message_content text, sentiment jsonb default '{}'
);
create table notes (
    id bigserial primary key, content text not null, account_id bigint not null, contact_id bigint not null,
    user_id bigint, created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table notification_settings (
    id bigserial primary key, account_id integer, user_id integer, email_flags integer not null default 0,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, push_flags integer not null default 0
);
create table notification_subscriptions (
    id bigserial primary key, user_id bigint not null, subscription_type integer not null,
    subscription_attributes jsonb not null default '{}', created_at timestamp(6) not null,
    updated_at timestamp(6) not null, identifier text
);
create table notifications (
    id bigserial primary key, account_id bigint not null, user_id bigint not null,
    notification_type integer not null, primary_actor_type varchar not null, primary_actor_id bigint not null,
    secondary_actor_type varchar, secondary_actor_id bigint, read_at timestamp,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, snoozed_until timestamp(6),
    last_activity_at timestamp(6) default CURRENT_TIMESTAMP, meta jsonb default '{}'
);
create table platform_app_permissibles (
    id bigserial primary key, platform_app_id bigint not null, permissible_type varchar not null,
    permissible_id bigint not null, created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table platform_apps (
    id bigserial primary key, name varchar not null, created_at timestamp(6) not null,
    updated_at timestamp(6) not null
);
create table platform_banners (
    id bigserial primary key, banner_message text not null, banner_type integer not null default 0,
    active boolean not null default true, created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table portals (
    id bigserial primary key, account_id integer not null, name varchar not null, slug varchar not null,
    custom_domain varchar, color varchar, homepage_link varchar, page_title varchar, header_text text,
    created_at timestamp(6) not null, updated_at timestamp(6) not null,
    config jsonb default '{"allowed_locales": ["en"]}', archived boolean default false,
    channel_web_widget_id bigint, ssl_settings jsonb not null default '{}'
);
create table portals_members (
    portal_id bigint not null, user_id bigint not null
);
create table related_categories (
    id bigserial primary key, category_id bigint, related_category_id bigint,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table reporting_events (
    id bigserial primary key, name varchar, value double precision, account_id integer, inbox_id integer,
    user_id integer, conversation_id integer, created_at timestamp(6) not null,
    updated_at timestamp(6) not null, value_in_business_hours double precision, event_start_time timestamp,
    event_end_time timestamp
);
create table reporting_events_rollups (
    id bigserial primary key, account_id integer not null, date date not null,
    dimension_type varchar not null, dimension_id bigint not null, metric varchar not null,
    count bigint not null default 0, sum_value double precision not null default 0.0,
    sum_value_business_hours double precision not null default 0.0, created_at timestamp(6) not null,
    updated_at timestamp(6) not null
);
create table schema_migrations (
    version varchar primary key
);
create table sla_events (
    id bigserial primary key, applied_sla_id bigint not null, conversation_id bigint not null,
    account_id bigint not null, sla_policy_id bigint not null, inbox_id bigint not null, event_type integer,
    meta jsonb default '{}', created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table sla_policies (
    id bigserial primary key, name varchar not null, first_response_time_threshold double precision,
    next_response_time_threshold double precision, only_during_business_hours boolean default false,
    account_id bigint not null, created_at timestamp(6) not null, updated_at timestamp(6) not null,
    description varchar, resolution_time_threshold double precision
);
create table taggings (
    id serial primary key, tag_id integer, taggable_type varchar, taggable_id integer, tagger_type varchar,
    tagger_id integer, context varchar(128), created_at timestamp
);
create table tags (
    id serial primary key, name varchar, taggings_count integer default 0
);
create table team_members (
    id bigserial primary key, team_id bigint not null, user_id bigint not null,
    created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table teams (
    id bigserial primary key, name varchar not null, description text, allow_auto_assign boolean default true,
    account_id bigint not null, created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table user_sessions (
    id bigserial primary key, user_id bigint not null, client_id varchar not null, ip_address varchar,
    user_agent varchar, browser_name varchar, browser_version varchar, device_name varchar,
    platform_name varchar, platform_version varchar, city varchar, country varchar, country_code varchar,
    last_activity_at timestamp(6), created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table users (
    id serial primary key, provider varchar not null default 'email', uid varchar not null default '',
    encrypted_password varchar not null default '', reset_password_token varchar,
    reset_password_sent_at timestamp, remember_created_at timestamp, sign_in_count integer not null default 0,
    current_sign_in_at timestamp, last_sign_in_at timestamp, current_sign_in_ip varchar,
    last_sign_in_ip varchar, confirmation_token varchar, confirmed_at timestamp,
    confirmation_sent_at timestamp, unconfirmed_email varchar, name varchar not null, display_name varchar,
    email varchar, tokens json, created_at timestamp not null, updated_at timestamp not null,
    pubsub_token varchar, availability integer default 0, ui_settings jsonb default '{}',
    custom_attributes jsonb default '{}', type varchar, message_signature text, otp_secret varchar,
    consumed_timestep integer, otp_required_for_login boolean default false, otp_backup_codes text
);
create table webhooks (
    id bigserial primary key, account_id integer, inbox_id integer, url text,
    created_at timestamp(6) not null, updated_at timestamp(6) not null, webhook_type integer default 0,
    subscriptions jsonb default '["conversation_status_changed", "conversation_updated", "conversation_created", "contact_created", "contact_updated", "message_created", "message_updated", "webwidget_triggered"]',
    name varchar, secret varchar
);
create table working_hours (
    id bigserial primary key, inbox_id bigint, account_id bigint, day_of_week integer not null,
    closed_all_day boolean default false, open_hour integer, open_minutes integer, close_hour integer,
    close_minutes integer, created_at timestamp(6) not null, updated_at timestamp(6) not null,
    open_all_day boolean default false
);
create unique index index_access_tokens_on_token on access_tokens (token);
create unique index uniq_user_id_per_account_id on account_users (account_id, user_id);
create unique index index_action_mailbox_inbound_emails_uniqueness on action_mailbox_inbound_emails (message_id, message_checksum);
create unique index index_active_storage_attachments_uniqueness on active_storage_attachments (record_type, record_id, name, blob_id);
create unique index index_active_storage_blobs_on_key on active_storage_blobs (key);
create unique index index_active_storage_variant_records_uniqueness on active_storage_variant_records (blob_id, variation_digest);
create unique index index_applied_slas_on_account_sla_policy_conversation on applied_slas (account_id, sla_policy_id, conversation_id);
create unique index index_articles_on_slug on articles (slug);
create unique index index_assignment_policies_on_account_id_and_name on assignment_policies (account_id, name);
create unique index index_calls_on_provider_and_provider_call_id on calls (provider, provider_call_id);
create unique index index_captain_custom_tools_on_account_id_and_slug on captain_custom_tools (account_id, slug);
create unique index idx_captain_documents_on_assistant_id_and_external_link_md5 on captain_documents (assistant_id, md5(external_link));
create unique index index_captain_inboxes_on_captain_assistant_id_and_inbox_id on captain_inboxes (captain_assistant_id, inbox_id);
create unique index index_categories_on_slug_and_locale_and_portal_id on categories (slug, locale, portal_id);
create unique index index_channel_api_on_hmac_token on channel_api (hmac_token);
create unique index index_channel_api_on_identifier on channel_api (identifier);
create unique index index_channel_email_on_email on channel_email (email);
create unique index index_channel_email_on_forward_to_email on channel_email (forward_to_email);
create unique index index_channel_facebook_pages_on_page_id_and_account_id on channel_facebook_pages (page_id, account_id);
create unique index index_channel_instagram_on_instagram_id on channel_instagram (instagram_id);
create unique index index_channel_line_on_line_channel_id on channel_line (line_channel_id);
create unique index index_channel_sms_on_phone_number on channel_sms (phone_number);
create unique index index_channel_telegram_on_bot_token on channel_telegram (bot_token);
create unique index index_channel_tiktok_on_business_id on channel_tiktok (business_id);
create unique index index_channel_twilio_sms_on_account_sid_and_phone_number on channel_twilio_sms (account_sid, phone_number);
create unique index index_channel_twilio_sms_on_messaging_service_sid on channel_twilio_sms (messaging_service_sid);
create unique index index_channel_twilio_sms_on_phone_number on channel_twilio_sms (phone_number);
create unique index index_channel_twitter_profiles_on_account_id_and_profile_id on channel_twitter_profiles (account_id, profile_id);
create unique index index_channel_web_widgets_on_hmac_token on channel_web_widgets (hmac_token);
create unique index index_channel_web_widgets_on_website_token on channel_web_widgets (website_token);
create unique index index_channel_whatsapp_on_phone_number on channel_whatsapp (phone_number);
create unique index index_companies_on_account_and_domain on companies (account_id, domain) where (domain IS NOT NULL);
create unique index index_contact_inboxes_on_inbox_id_and_source_id on contact_inboxes (inbox_id, source_id);
create unique index index_contact_inboxes_on_pubsub_token on contact_inboxes (pubsub_token);
create unique index uniq_email_per_account_contact on contacts (email, account_id);
create unique index uniq_identifier_per_account_contact on contacts (identifier, account_id);
create unique index index_conversation_participants_on_user_id_and_conversation_id on conversation_participants (user_id, conversation_id);
create unique index index_conversations_on_account_id_and_display_id on conversations (account_id, display_id);
create unique index index_conversations_on_uuid on conversations (uuid);
create unique index index_csat_survey_responses_on_message_id on csat_survey_responses (message_id);
create unique index attribute_key_model_index on custom_attribute_definitions (attribute_key, attribute_model, account_id);
create unique index index_email_templates_on_name_and_account_id on email_templates (name, account_id);
create unique index index_inbox_assignment_policies_on_inbox_id on inbox_assignment_policies (inbox_id);
create unique index idx_on_agent_capacity_policy_id_inbox_id_71c7ec4caf on inbox_capacity_limits (agent_capacity_policy_id, inbox_id);
create unique index index_inbox_members_on_inbox_id_and_user_id on inbox_members (inbox_id, user_id);
create unique index index_installation_configs_on_name on installation_configs (name);
create unique index index_installation_configs_on_name_and_created_at on installation_configs (name, created_at);
create unique index index_labels_on_title_and_account_id on labels (title, account_id);
create unique index index_mentions_on_user_id_and_conversation_id on mentions (user_id, conversation_id);
create unique index by_account_user on notification_settings (account_id, user_id);
create unique index index_notification_subscriptions_on_identifier on notification_subscriptions (identifier);
create unique index unique_permissibles_index on platform_app_permissibles (platform_app_id, permissible_id, permissible_type);
create unique index index_portals_on_custom_domain on portals (custom_domain);
create unique index index_portals_on_slug on portals (slug);
create unique index index_portals_members_on_portal_id_and_user_id on portals_members (portal_id, user_id);
create unique index index_related_categories_on_category_id_and_related_category_id on related_categories (category_id, related_category_id);
create unique index index_related_categories_on_related_category_id_and_category_id on related_categories (related_category_id, category_id);
create unique index index_rollup_unique_key on reporting_events_rollups (account_id, date, dimension_type, dimension_id, metric);
create unique index taggings_idx on taggings (tag_id, taggable_id, taggable_type, context, tagger_id, tagger_type);
create unique index index_tags_on_name on tags (name);
create unique index index_team_members_on_team_id_and_user_id on team_members (team_id, user_id);
create unique index index_teams_on_name_and_account_id on teams (name, account_id);
create unique index index_user_sessions_on_user_id_and_client_id on user_sessions (user_id, client_id);
create unique index index_users_on_otp_secret on users (otp_secret);
create unique index index_users_on_pubsub_token on users (pubsub_token);
create unique index index_users_on_reset_password_token on users (reset_password_token);
create unique index index_users_on_uid_and_provider on users (uid, provider);
create unique index index_webhooks_on_account_id_and_url on webhooks (account_id, url);
create index index_contacts_on_lower_email_account_id on contacts (lower(email::text), account_id);
create index index_messages_on_additional_attributes_campaign_id
    on messages using gin ((additional_attributes -> 'campaign_id'));
create index tags_name_trgm_idx on tags using gin (lower(name::text) gin_trgm_ops);
create index index_conversations_on_contact_id on conversations (contact_id);
create index index_messages_on_conversation_id on messages (conversation_id);
create index index_attachments_on_message_id on attachments (message_id);
alter table active_storage_attachments add foreign key (blob_id) references active_storage_blobs;
alter table active_storage_variant_records add foreign key (blob_id) references active_storage_blobs;
alter table inboxes add foreign key (portal_id) references portals;
alter table user_sessions add foreign key (user_id) references users;

-- Each account numbers its conversations and its campaigns.
create function accounts_after_insert_row_tr() returns trigger language plpgsql as $$
begin
    execute format('create sequence if not exists conv_dpid_seq_%s', new.id);
    return null;
end $$;
create function camp_dpid_before_insert() returns trigger language plpgsql as $$
begin
    execute format('create sequence if not exists camp_dpid_seq_%s', new.id);
    return null;
end $$;
create function conversations_before_insert_row_tr() returns trigger language plpgsql as $$
begin
    new.display_id := nextval('conv_dpid_seq_' || new.account_id);
    return new;
end $$;
create function campaigns_before_insert_row_tr() returns trigger language plpgsql as $$
begin
    new.display_id := nextval('camp_dpid_seq_' || new.account_id);
    return new;
end $$;
create trigger accounts_after_insert_row_tr
    after insert on accounts for each row execute function accounts_after_insert_row_tr();
create trigger camp_dpid_before_insert after insert on accounts for each row execute function camp_dpid_before_insert();
create trigger conversations_before_insert_row_tr
    before insert on conversations for each row execute function conversations_before_insert_row_tr();
create trigger campaigns_before_insert_row_tr
    before insert on campaigns for each row execute function campaigns_before_insert_row_tr();
