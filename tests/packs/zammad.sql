-- The tables of Zammad 7.1 as its migrations of 2026 make them.

create table active_job_locks (
    id serial primary key, lock_key varchar, active_job_id varchar, created_at timestamp(3),
    updated_at timestamp(3)
);
create table activity_streams (
    id serial primary key, activity_stream_type_id integer not null,
    activity_stream_object_id integer not null, permission_id integer, group_id integer,
    o_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table ai_agents (
    id serial primary key, name varchar(250) not null default '', definition jsonb not null default '{}',
    action_definition jsonb not null default '{}', agent_type varchar(250),
    type_enrichment_data jsonb not null default '{}', note varchar(250), active boolean not null default true,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table ai_analytics_runs (
    id serial primary key, identifier varchar not null, version varchar, ai_service_name varchar not null,
    locale_id integer, related_object_type varchar, related_object_id integer, triggered_by_type varchar,
    triggered_by_id integer, regeneration_of_id integer, content jsonb not null default '{}',
    payload jsonb not null default '{}', context jsonb not null default '{}',
    error jsonb not null default '{}', created_at timestamp(3), updated_at timestamp(3)
);
create table ai_analytics_usages (
    id serial primary key, ai_analytics_run_id integer not null, user_id integer not null, rating boolean,
    comment text, context jsonb not null default '{}', created_at timestamp(3), updated_at timestamp(3)
);
create table ai_feature_providers (
    id serial primary key, identifier varchar not null, provider_connection_id integer not null,
    options jsonb not null default '{}', created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table ai_provider_connections (
    id serial primary key, name varchar(250) not null, provider varchar(250) not null,
    config jsonb not null default '{}', default_chat boolean not null default false,
    default_embedding boolean not null default false, default_ocr boolean not null default false,
    status jsonb not null default '{}', created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table ai_stored_results (
    id serial primary key, identifier varchar not null, version varchar, metadata jsonb not null default '{}',
    content jsonb not null default '{}', locale_id integer, related_object_type varchar,
    related_object_id integer, ai_analytics_run_id integer, created_at timestamp(3), updated_at timestamp(3)
);
create table ai_text_tools (
    id serial primary key, name varchar(250) not null default '',
    instruction varchar(1048576) not null default '', note varchar(250), active boolean not null default true,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table ai_text_tools_groups (
    text_tool_id integer, group_id integer
);
create table ar_internal_metadata (
    key varchar primary key, value varchar, created_at timestamp(6) not null, updated_at timestamp(6) not null
);
create table audit_logs (
    id serial primary key, user_id integer, user_fullname varchar(255), action_type varchar(100) not null,
    auditable_type varchar not null, auditable_id integer not null, auditable_name varchar(255),
    value_from jsonb not null default '{}', value_to jsonb not null default '{}', source_ip varchar(50),
    preferences jsonb not null default '{}', created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table authorizations (
    id serial primary key, provider varchar(250) not null, uid varchar(250) not null, token varchar(2500),
    secret varchar(250), username varchar(250), user_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table avatars (
    id serial primary key, o_id integer not null, object_lookup_id integer not null,
    "default" boolean not null default false, deletable boolean not null default true,
    initial boolean not null default false, store_full_id integer, store_resize_id integer,
    store_hash varchar(32), source varchar(100) not null, source_url varchar(512),
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table calendars (
    id serial primary key, name varchar(250), timezone varchar(250), business_hours varchar(3000),
    "default" boolean not null default false, ical_url varchar(500), public_holidays text, last_log text,
    last_sync timestamp(3), updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table channels (
    id serial primary key, group_id integer, area varchar(100) not null, options text,
    active boolean not null default true, preferences varchar(2000), last_log_in text, last_log_out text,
    status_in varchar(100), status_out varchar(100), updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table chat_agents (
    id serial primary key, active boolean not null default true, concurrent integer not null default 5,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table chat_messages (
    id serial primary key, chat_session_id integer not null, content text not null, created_by_id integer,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table chat_sessions (
    id serial primary key, chat_id integer not null, session_id varchar not null, name varchar(250),
    state varchar(50) not null default 'waiting', user_id integer, preferences text, updated_by_id integer,
    created_by_id integer, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table chats (
    id serial primary key, name varchar(250), max_queue integer not null default 5, note varchar(250),
    active boolean not null default true, public boolean not null default false, block_ip varchar(5000),
    block_country varchar(5000), allowed_websites varchar(5000), preferences varchar(5000),
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table checklist_items (
    id serial primary key, text text not null default '', checked boolean not null default false,
    checklist_id integer not null, updated_by_id integer not null, created_by_id integer not null,
    ticket_id integer, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table checklist_template_items (
    id serial primary key, text text not null default '', checklist_template_id integer not null,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table checklist_templates (
    id serial primary key, name varchar(250) not null default '', active boolean not null default true,
    sorted_item_ids varchar[] not null default '{}', updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table checklists (
    id serial primary key, name varchar(250) not null default '',
    sorted_item_ids varchar[] not null default '{}', updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table core_workflows (
    id serial primary key, name varchar(100) not null, object varchar(100), preferences text,
    condition_saved text, condition_selected text, perform text, active boolean not null default true,
    stop_after_match boolean not null default false, changeable boolean not null default true,
    priority integer not null default 0, updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table cti_caller_ids (
    id serial primary key, caller_id varchar(100) not null, comment varchar(500), level varchar(100) not null,
    object varchar(100) not null, o_id integer not null, user_id integer, preferences text,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table cti_logs (
    id serial primary key, direction varchar(20) not null, state varchar(20) not null,
    "from" varchar(100) not null, from_comment varchar(250), "to" varchar(100) not null, to_comment varchar(250),
    queue varchar(250), call_id varchar(250) not null, comment varchar(500), initialized_at timestamp(3),
    start_at timestamp(3), end_at timestamp(3), duration_waiting_time integer, duration_talking_time integer,
    done boolean not null default true, preferences text, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table data_privacy_tasks (
    id serial primary key, state varchar(150) default 'in process', deletable_type varchar,
    deletable_id integer, preferences text, updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table delayed_jobs (
    id serial primary key, priority integer default 0, attempts integer default 0, handler text,
    last_error text, run_at timestamp(3), locked_at timestamp(3), failed_at timestamp(3), locked_by varchar,
    queue varchar, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table email_addresses (
    id serial primary key, channel_id integer, name varchar(250) not null, email varchar(255) not null,
    active boolean not null default true, note varchar(250), preferences varchar(2000),
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table external_credentials (
    id serial primary key, name varchar, credentials varchar(2500) not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table external_syncs (
    id serial primary key, source varchar(100) not null, source_id varchar(200) not null,
    object varchar(100) not null, o_id integer not null, last_payload text, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table failed_emails (
    id serial primary key, data bytea not null, retries integer not null default 1, parsing_error text
);
create table groups (
    id serial primary key, signature_id integer, email_address_id integer, name varchar(1618) not null,
    name_last varchar(160) not null, parent_id integer, assignment_timeout integer,
    follow_up_possible varchar(100) not null default 'yes', reopen_time_in_days integer,
    follow_up_assignment boolean not null default true, active boolean not null default true,
    shared_drafts boolean not null default true, summary_generation varchar not null default 'global_default',
    note varchar(250), updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table groups_macros (
    macro_id integer not null, group_id integer not null
);
create table groups_users (
    user_id integer not null, group_id integer not null, access varchar(50) not null default 'full'
);
create table histories (
    id serial primary key, history_type_id integer not null, history_object_id integer not null,
    history_attribute_id integer, sourceable_type varchar, sourceable_id integer,
    sourceable_name varchar(500), o_id integer not null, related_o_id integer,
    related_history_object_id integer, id_to integer, id_from integer, value_from varchar(500),
    value_to varchar(500), created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table history_attributes (
    id serial primary key, name varchar(250) not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table history_objects (
    id serial primary key, name varchar(250) not null, note varchar(250), created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table history_types (
    id serial primary key, name varchar(250) not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table http_logs (
    id serial primary key, direction varchar(20) not null, facility varchar(100) not null,
    method varchar(100) not null, url text not null, status varchar(20), ip varchar(50),
    request text not null, response text not null, updated_by_id integer, created_by_id integer,
    related_object_type varchar(100), related_object_id integer, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table import_jobs (
    id serial primary key, name varchar(250) not null, dry_run boolean not null default false, payload text,
    result text, started_at timestamp(3), finished_at timestamp(3), created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table jobs (
    id serial primary key, name varchar(250) not null, timeplan varchar(2500) not null,
    object varchar(100) not null, condition text not null, perform text not null,
    disable_notification boolean not null default true, last_run_at timestamp(3), next_run_at timestamp(3),
    running boolean not null default false, processed integer not null default 0, matching integer not null,
    pid varchar(250), localization varchar(20), timezone varchar(250), note varchar(250),
    active boolean not null default false, updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table knowledge_base_answer_translation_contents (
    id serial primary key, body text
);
create table knowledge_base_answer_translations (
    id serial primary key, title varchar(250) not null, kb_locale_id integer not null,
    answer_id integer not null, content_id integer not null, updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table knowledge_base_answers (
    id serial primary key, category_id integer not null, promoted boolean not null default false,
    internal_note text, position integer not null, archived_at timestamp(3), archived_by_id integer,
    internal_at timestamp(3), internal_by_id integer, published_at timestamp(3), published_by_id integer,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table knowledge_base_categories (
    id serial primary key, knowledge_base_id integer not null, parent_id integer,
    category_icon varchar(30) not null, position integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table knowledge_base_category_translations (
    id serial primary key, title varchar(250) not null, kb_locale_id integer not null,
    category_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table knowledge_base_locales (
    id serial primary key, knowledge_base_id integer not null, system_locale_id integer not null,
    "primary" boolean not null default false, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table knowledge_base_menu_items (
    id serial primary key, kb_locale_id integer not null, location varchar not null,
    position integer not null, title varchar(100) not null, url varchar(500) not null,
    new_tab boolean not null default false, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table knowledge_base_permissions (
    id serial primary key, permissionable_type varchar not null, permissionable_id integer not null,
    role_id integer not null, access varchar(50) not null default 'full', created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table knowledge_base_translations (
    id serial primary key, title varchar(250) not null, footer_note varchar not null,
    kb_locale_id integer not null, knowledge_base_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table knowledge_bases (
    id serial primary key, iconset varchar(30) not null, color_highlight varchar(25) not null,
    color_header varchar(25) not null, color_header_link varchar(25) not null,
    homepage_layout varchar not null, category_layout varchar not null, active boolean not null default true,
    show_feed_icon boolean not null default false, custom_address varchar, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table ldap_sources (
    id serial primary key, name varchar(100) not null, preferences text, prio integer not null,
    active boolean not null default true, updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table link_objects (
    id serial primary key, name varchar(250) not null, note varchar(250),
    active boolean not null default true, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table link_types (
    id serial primary key, name varchar(250) not null, note varchar(250),
    active boolean not null default true, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table links (
    id serial primary key, link_type_id integer not null, link_object_source_id integer not null,
    link_object_source_value integer not null, link_object_target_id integer not null,
    link_object_target_value integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table locales (
    id serial primary key, locale varchar(20) not null, alias varchar(20), name varchar(255) not null,
    dir varchar(9) not null default 'ltr', active boolean not null default true,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table macros (
    id serial primary key, name varchar(250), perform text not null, active boolean not null default true,
    ux_flow_next_up varchar not null default 'none', note varchar(250), updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table mentions (
    id serial primary key, mentionable_type varchar not null, mentionable_id integer not null,
    user_id integer not null, updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table object_lookups (
    id serial primary key, name varchar(250) not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table object_manager_attributes (
    id serial primary key, object_lookup_id integer not null, name varchar(200) not null,
    display varchar(200) not null, data_type varchar(100) not null, data_option text, data_option_new text,
    editable boolean not null default true, internal boolean not null default false,
    active boolean not null default true, screens varchar(2000), to_create boolean not null default false,
    to_migrate boolean not null default false, to_delete boolean not null default false,
    to_config boolean not null default false, position integer not null, updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table online_notifications (
    id serial primary key, o_id integer not null, object_lookup_id integer not null,
    type_lookup_id integer not null, user_id integer not null, seen boolean not null default false,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table organizations (
    id serial primary key, name varchar(150) not null, shared boolean not null default true,
    domain varchar(250) default '', domain_assignment boolean not null default false,
    active boolean not null default true, vip boolean not null default false, note varchar(5000) default '',
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table organizations_users (
    user_id integer, organization_id integer
);
create table overview_folders (
    id serial primary key, name varchar(250) not null, parent_id integer, prio integer not null,
    active boolean not null default true, updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table overviews (
    id serial primary key, name varchar(250) not null, link varchar(250) not null, prio integer not null,
    condition text not null, "order" varchar(2500) not null, group_by varchar(250),
    group_direction varchar(250), organization_shared boolean not null default false,
    out_of_office boolean not null default false, view varchar(1000) not null,
    active boolean not null default true, folder_id integer, updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table overviews_groups (
    overview_id integer, group_id integer
);
create table overviews_roles (
    overview_id integer, role_id integer
);
create table overviews_users (
    overview_id integer, user_id integer
);
create table package_migrations (
    id serial primary key, name varchar(250) not null, version varchar(250) not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table packages (
    id serial primary key, name varchar(250) not null, version varchar(50) not null,
    vendor varchar(150) not null, state varchar(50) not null, url varchar(512),
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table permissions (
    id serial primary key, name varchar(255) not null, label varchar(255), description varchar(500),
    preferences varchar(10000), active boolean not null default true,
    allow_signup boolean not null default false, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table permissions_roles (
    role_id integer, permission_id integer
);
create table pgp_keys (
    id serial primary key, name varchar(3000) not null, fingerprint varchar(40) not null, key text not null,
    expires_at timestamp(3), email_addresses varchar[], secret boolean not null default false,
    passphrase varchar(500), domain_alias varchar(255) default '', updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table postmaster_filters (
    id serial primary key, name varchar(250) not null, channel varchar(250) not null, match text not null,
    perform text not null, active boolean not null default true, note varchar(250),
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table public_links (
    id serial primary key, link varchar(500) not null, title varchar(200) not null, description varchar(200),
    screen varchar[] not null, new_tab boolean not null default true, prio integer not null,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table recent_closes (
    id serial primary key, recently_closed_object_type varchar not null,
    recently_closed_object_id integer not null, user_id integer not null, created_at timestamp(3),
    updated_at timestamp(3)
);
create table recent_views (
    id serial primary key, recent_view_object_id integer not null, o_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table report_profiles (
    id serial primary key, name varchar(150), condition text, active boolean not null default true,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table report_profiles_roles (
    profile_id integer not null, role_id integer not null
);
create table roles (
    id serial primary key, name varchar(100) not null, preferences text,
    default_at_signup boolean not null default false, active boolean not null default true, note varchar(250),
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table roles_groups (
    role_id integer not null, group_id integer not null, access varchar(50) not null default 'full'
);
create table roles_users (
    user_id integer, role_id integer
);
create table schedulers (
    id serial primary key, name varchar(250) not null, method varchar(250) not null, period integer,
    running integer not null default 0, last_run timestamp(3), prio integer not null, pid varchar(250),
    note varchar(250), error_message varchar, status varchar, active boolean not null default false,
    timeplan varchar(2500), updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table schema_migrations (
    version varchar primary key
);
create table sessions (
    id serial primary key, session_id varchar not null, persistent boolean, data text,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table settings (
    id serial primary key, title varchar(200) not null, name varchar(200) not null,
    area varchar(100) not null, description varchar(2000) not null, options text, state_current text,
    state_initial varchar(2000), frontend boolean not null default false, preferences text,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table signatures (
    id serial primary key, name varchar(100) not null, body text, active boolean not null default true,
    note varchar(250), updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table slas (
    id serial primary key, calendar_id integer not null, name varchar(150), first_response_time integer,
    response_time integer, update_time integer, solution_time integer, condition text,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table smime_certificates (
    id serial primary key, fingerprint varchar(250) not null, uid varchar(1024) not null,
    email_addresses varchar[], pem bytea not null, private_key bytea, private_key_secret varchar(500),
    issuer_hash varchar(128), subject_hash varchar(128), created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table ssl_certificates (
    id serial primary key, fingerprint varchar(250) not null, certificate bytea not null,
    subject varchar(250) not null, not_before timestamp(3) not null, not_after timestamp(3) not null,
    ca boolean not null default false, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table stats_stores (
    id serial primary key, stats_storable_type varchar, stats_storable_id integer, key varchar(250),
    data varchar(5000), created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table store_files (
    id serial primary key, sha varchar(128) not null, provider varchar(20), created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table store_objects (
    id serial primary key, name varchar(250) not null, note varchar(250), created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table store_provider_dbs (
    id serial primary key, sha varchar(128) not null, data bytea, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table stores (
    id serial primary key, store_object_id integer not null, store_file_id integer not null,
    o_id varchar(255) not null, preferences varchar(2500), size varchar(50), filename varchar(250) not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table system_reports (
    id serial primary key, data text, uuid varchar(50) not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table tag_items (
    id serial primary key, name varchar(250) not null, name_downcase varchar(250) not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table tag_objects (
    id serial primary key, name varchar(250) not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table tags (
    id serial primary key, tag_item_id integer not null, tag_object_id integer not null,
    o_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table taskbars (
    id serial primary key, user_id integer not null, last_contact timestamp(3) not null,
    key varchar(100) not null, callback varchar(100) not null, state text, preferences text,
    params varchar(2000), prio integer not null, notify boolean not null default false,
    active boolean not null default false, app varchar not null default 'desktop',
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table templates (
    id serial primary key, name varchar(250) not null, options text not null,
    active boolean not null default true, updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table text_modules (
    id serial primary key, name varchar(250) not null, keywords varchar(500), content text not null,
    note varchar(250), active boolean not null default true, updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table text_modules_groups (
    text_module_id integer, group_id integer
);
create table ticket_article_flags (
    id serial primary key, ticket_article_id integer not null, key varchar(50) not null, value varchar(50),
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table ticket_article_senders (
    id serial primary key, name varchar(250) not null, note varchar(250), updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table ticket_article_types (
    id serial primary key, name varchar(250) not null, note varchar(250),
    communication boolean not null default false, active boolean not null default true,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table ticket_articles (
    id serial primary key, ticket_id integer not null, type_id integer not null, sender_id integer not null,
    detected_language varchar(8), "from" varchar(3000), "to" varchar(3000), cc varchar(3000),
    subject varchar(3000), reply_to varchar(300), message_id varchar(3000), message_id_md5 varchar(32),
    in_reply_to varchar(3000), content_type varchar(20) not null default 'text/plain', body text not null,
    internal boolean not null default false, preferences text, updated_by_id integer not null,
    created_by_id integer not null, origin_by_id integer, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table ticket_counters (
    id serial primary key, content varchar(100) not null, generator varchar(100) not null
);
create table ticket_daily_event_locks (
    id serial primary key, date date not null, lock_type varchar not null, lock_activator varchar not null,
    ticket_id integer not null, related_object_type varchar, related_object_id integer,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table ticket_priorities (
    id serial primary key, name varchar(250) not null, default_create boolean not null default false,
    ui_icon varchar(100), ui_color varchar(100), note varchar(250), active boolean not null default true,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table ticket_shared_draft_starts (
    id serial primary key, group_id integer not null, name varchar, content text,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3),
    updated_at timestamp(3)
);
create table ticket_shared_draft_zooms (
    id serial primary key, ticket_id integer not null, new_article text, ticket_attributes text,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3),
    updated_at timestamp(3)
);
create table ticket_state_types (
    id serial primary key, name varchar(250) not null, note varchar(250), updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table ticket_states (
    id serial primary key, state_type_id integer not null, name varchar(250) not null, next_state_id integer,
    ignore_escalation boolean not null default false, default_create boolean not null default false,
    default_follow_up boolean not null default false, note varchar(250), active boolean not null default true,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table ticket_time_accounting_types (
    id serial primary key, name varchar(250) not null, note varchar(250),
    active boolean not null default true, updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table ticket_time_accountings (
    id serial primary key, ticket_id integer not null, ticket_article_id integer,
    time_unit numeric(6,2) not null, type_id integer, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table tickets (
    id serial primary key, group_id integer not null, priority_id integer not null, state_id integer not null,
    organization_id integer, number varchar(60) not null, title varchar(250) not null,
    owner_id integer not null, customer_id integer not null, note varchar(250),
    first_response_at timestamp(3), first_response_escalation_at timestamp(3), first_response_in_min integer,
    first_response_diff_in_min integer, close_at timestamp(3), close_escalation_at timestamp(3),
    close_in_min integer, close_diff_in_min integer, update_escalation_at timestamp(3), update_in_min integer,
    update_diff_in_min integer, last_close_at timestamp(3), last_contact_at timestamp(3),
    last_contact_agent_at timestamp(3), last_contact_customer_at timestamp(3),
    last_owner_update_at timestamp(3), create_article_type_id integer, create_article_sender_id integer,
    article_count integer, escalation_at timestamp(3), pending_time timestamp(3), type varchar(100),
    time_unit numeric(6,2), preferences text, updated_by_id integer not null, created_by_id integer not null,
    created_at timestamp(3) not null, updated_at timestamp(3) not null, checklist_id integer
);
create table tokens (
    id serial primary key, user_id integer not null, persistent boolean not null default false,
    name varchar(255), token varchar(100) not null, action varchar(40) not null, preferences text,
    last_used_at timestamp(3), expires_at timestamp(3), created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table translations (
    id serial primary key, locale varchar(10) not null, source varchar(3000) not null,
    target varchar(3000) not null, target_initial varchar(3000) not null,
    is_synchronized_from_codebase boolean not null default false,
    synchronized_from_translation_file varchar(255), updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table triggers (
    id serial primary key, name varchar(250) not null, condition text not null, perform text not null,
    disable_notification boolean not null default true, localization varchar(20), timezone varchar(250),
    note varchar(250), activator varchar(50) not null default 'action',
    execution_condition_mode varchar(50) not null default 'selective', active boolean not null default true,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table type_lookups (
    id serial primary key, name varchar(250) not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table user_devices (
    id serial primary key, user_id integer not null, name varchar(250) not null, os varchar(150),
    browser varchar(250), location varchar(150), device_details varchar(2500), location_details varchar(2500),
    fingerprint varchar(160), user_agent varchar(250), ip varchar(160), created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table user_overview_sortings (
    id serial primary key, user_id integer not null, overview_id integer not null, prio integer not null,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table user_two_factor_preferences (
    id serial primary key, method varchar(100) not null, configuration text, user_id integer not null,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create table users (
    id serial primary key, organization_id integer, login varchar(255) not null,
    firstname varchar(100) default '', lastname varchar(100) default '', email varchar(255) default '',
    image varchar(100), image_source varchar(200), web varchar(100) default '', password varchar(100),
    phone varchar(100) default '', fax varchar(100) default '', mobile varchar(100) default '',
    department varchar(200) default '', street varchar(120) default '', zip varchar(100) default '',
    city varchar(100) default '', country varchar(100) default '', address varchar(500) default '',
    vip boolean not null default false, verified boolean not null default false,
    active boolean not null default true, note varchar(5000) default '', last_login timestamp(3),
    source varchar(200), login_failed integer not null default 0,
    out_of_office boolean not null default false, out_of_office_start_at date, out_of_office_end_at date,
    out_of_office_replacement_id integer, preferences varchar(8000), updated_by_id integer not null,
    created_by_id integer not null, created_at timestamp(3) not null, updated_at timestamp(3) not null
);
create table webhooks (
    id serial primary key, name varchar(250) not null, endpoint varchar(2000) not null,
    http_method varchar(10) not null default 'post', signature_token varchar(200),
    ssl_verify boolean not null default true, basic_auth_username varchar(250),
    basic_auth_password varchar(250), bearer_token varchar(2500), note varchar(500),
    pre_defined_webhook_type varchar(250), customized_payload boolean not null default false,
    custom_payload text, preferences text, active boolean not null default true,
    updated_by_id integer not null, created_by_id integer not null, created_at timestamp(3) not null,
    updated_at timestamp(3) not null
);
create unique index index_active_job_locks_on_active_job_id on active_job_locks (active_job_id);
create unique index index_active_job_locks_on_lock_key on active_job_locks (lock_key);
create unique index index_ai_agents_on_name on ai_agents (name);
create unique index index_ai_analytics_usages_on_ai_analytics_run_id_and_user_id on ai_analytics_usages (ai_analytics_run_id, user_id);
create unique index index_ai_feature_providers_on_identifier on ai_feature_providers (identifier);
create unique index index_ai_provider_connections_on_name on ai_provider_connections (name);
create unique index index_ai_stored_results_on_identifier_and_other on ai_stored_results (identifier, locale_id, related_object_id, related_object_type);
create unique index index_ai_text_tools_on_name on ai_text_tools (name);
create unique index index_authorizations_on_uid_and_provider on authorizations (uid, provider);
create unique index index_calendars_on_name on calendars (name);
create unique index index_chat_agents_on_created_by_id on chat_agents (created_by_id);
create unique index index_chat_agents_on_updated_by_id on chat_agents (updated_by_id);
create unique index index_chats_on_name on chats (name);
create unique index index_core_workflows_on_name on core_workflows (name);
create unique index index_cti_logs_on_call_id on cti_logs (call_id);
create unique index index_email_addresses_on_email on email_addresses (email);
create unique index index_external_syncs_on_source_and_source_id on external_syncs (source, source_id);
create unique index index_groups_on_name on groups (name);
create unique index index_history_attributes_on_name on history_attributes (name);
create unique index index_history_objects_on_name on history_objects (name);
create unique index index_history_types_on_name on history_types (name);
create unique index index_jobs_on_name on jobs (name);
create unique index index_kb_a_t_on_kb_locale_answer on knowledge_base_answer_translations (kb_locale_id, answer_id);
create unique index index_kb_c_t_on_kb_locale_category on knowledge_base_category_translations (kb_locale_id, category_id);
create unique index index_kb_locale_on_kb_system_locale_kb on knowledge_base_locales (system_locale_id, knowledge_base_id);
create unique index knowledge_base_permissions_uniqueness on knowledge_base_permissions (role_id, permissionable_id, permissionable_type);
create unique index index_kb_t_on_kb_locale_kb on knowledge_base_translations (kb_locale_id, knowledge_base_id);
create unique index index_ldap_sources_on_name on ldap_sources (name);
create unique index index_link_objects_on_name on link_objects (name);
create unique index index_link_types_on_name on link_types (name);
create unique index links_uniq_total on links (link_object_source_id, link_object_source_value, link_object_target_id, link_object_target_value, link_type_id);
create unique index index_locales_on_locale on locales (locale);
create unique index index_locales_on_name on locales (name);
create unique index index_macros_on_name on macros (name);
create unique index index_mentions_mentionable_user on mentions (mentionable_id, mentionable_type, user_id);
create unique index index_object_lookups_on_name on object_lookups (name);
create unique index index_object_manager_attributes_on_object_lookup_id_and_name on object_manager_attributes (object_lookup_id, name);
create unique index index_organizations_on_name on organizations (name);
create unique index index_permissions_on_name on permissions (name);
create unique index index_pgp_keys_on_fingerprint on pgp_keys (fingerprint);
create unique index index_public_links_on_link on public_links (link);
create unique index index_recent_closed_user_object on recent_closes (recently_closed_object_type, recently_closed_object_id, user_id);
create unique index index_report_profiles_on_name on report_profiles (name);
create unique index index_roles_on_name on roles (name);
create unique index index_schedulers_on_name on schedulers (name);
create unique index index_settings_on_name on settings (name);
create unique index index_signatures_on_name on signatures (name);
create unique index index_slas_on_name on slas (name);
create unique index index_smime_certificates_on_fingerprint on smime_certificates (fingerprint);
create unique index index_store_files_on_sha on store_files (sha);
create unique index index_store_objects_on_name on store_objects (name);
create unique index index_store_provider_dbs_on_sha on store_provider_dbs (sha);
create unique index index_system_reports_on_uuid on system_reports (uuid);
create unique index index_tag_objects_on_name on tag_objects (name);
create unique index index_taskbars_on_user_id_and_key_and_app on taskbars (user_id, key, app);
create unique index index_ticket_article_senders_on_name on ticket_article_senders (name);
create unique index index_ticket_article_types_on_name on ticket_article_types (name);
create unique index index_ticket_counters_on_generator on ticket_counters (generator);
create unique index index_daily_event_locks_on_unique_fields on ticket_daily_event_locks (date, lock_type, lock_activator, ticket_id, related_object_type, related_object_id);
create unique index index_ticket_priorities_on_name on ticket_priorities (name);
create unique index index_ticket_state_types_on_name on ticket_state_types (name);
create unique index index_ticket_states_on_name on ticket_states (name);
create unique index index_ticket_time_accounting_types_on_name on ticket_time_accounting_types (name);
create unique index index_tickets_on_checklist_id on tickets (checklist_id);
create unique index index_tickets_on_number on tickets (number);
create unique index index_tokens_on_token_and_action on tokens (token, action);
create unique index index_triggers_on_name on triggers (name);
create unique index index_type_lookups_on_name on type_lookups (name);
create unique index index_user_two_factor_preferences_on_method_and_user_id on user_two_factor_preferences (method, user_id);
create unique index index_users_on_login on users (login);
alter table activity_streams
    add foreign key (activity_stream_object_id) references object_lookups,
    add foreign key (activity_stream_type_id) references type_lookups, add foreign key (created_by_id) references users,
    add foreign key (group_id) references groups, add foreign key (permission_id) references permissions;
alter table ai_agents
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table ai_analytics_runs
    add foreign key (locale_id) references locales, add foreign key (regeneration_of_id) references ai_analytics_runs;
alter table ai_analytics_usages
    add foreign key (ai_analytics_run_id) references ai_analytics_runs, add foreign key (user_id) references users;
alter table ai_feature_providers
    add foreign key (provider_connection_id) references ai_provider_connections;
alter table ai_stored_results
    add foreign key (ai_analytics_run_id) references ai_analytics_runs, add foreign key (locale_id) references locales;
alter table ai_text_tools
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table ai_text_tools_groups
    add foreign key (group_id) references groups, add foreign key (text_tool_id) references ai_text_tools;
alter table authorizations
    add foreign key (user_id) references users;
alter table avatars
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table calendars
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table channels
    add foreign key (created_by_id) references users, add foreign key (group_id) references groups,
    add foreign key (updated_by_id) references users;
alter table chat_agents
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table chat_messages
    add foreign key (chat_session_id) references chat_sessions, add foreign key (created_by_id) references users;
alter table chat_sessions
    add foreign key (chat_id) references chats, add foreign key (created_by_id) references users,
    add foreign key (updated_by_id) references users, add foreign key (user_id) references users;
alter table chats
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table checklist_items
    add foreign key (checklist_id) references checklists, add foreign key (created_by_id) references users,
    add foreign key (ticket_id) references tickets, add foreign key (updated_by_id) references users;
alter table checklist_template_items
    add foreign key (checklist_template_id) references checklist_templates, add foreign key (created_by_id) references users,
    add foreign key (updated_by_id) references users;
alter table checklist_templates
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table checklists
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table core_workflows
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table cti_caller_ids
    add foreign key (user_id) references users;
alter table email_addresses
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table groups
    add foreign key (created_by_id) references users, add foreign key (email_address_id) references email_addresses,
    add foreign key (parent_id) references groups, add foreign key (signature_id) references signatures,
    add foreign key (updated_by_id) references users;
alter table groups_macros
    add foreign key (group_id) references groups, add foreign key (macro_id) references macros;
alter table groups_users
    add foreign key (group_id) references groups, add foreign key (user_id) references users;
alter table histories
    add foreign key (created_by_id) references users, add foreign key (history_attribute_id) references history_attributes,
    add foreign key (history_object_id) references history_objects, add foreign key (history_type_id) references history_types;
alter table http_logs
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table jobs
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table knowledge_base_answer_translations
    add foreign key (answer_id) references knowledge_base_answers on delete cascade,
    add foreign key (content_id) references knowledge_base_answer_translation_contents,
    add foreign key (created_by_id) references users, add foreign key (kb_locale_id) references knowledge_base_locales,
    add foreign key (updated_by_id) references users;
alter table knowledge_base_answers
    add foreign key (archived_by_id) references users, add foreign key (category_id) references knowledge_base_categories,
    add foreign key (internal_by_id) references users, add foreign key (published_by_id) references users;
alter table knowledge_base_categories
    add foreign key (knowledge_base_id) references knowledge_bases,
    add foreign key (parent_id) references knowledge_base_categories;
alter table knowledge_base_category_translations
    add foreign key (category_id) references knowledge_base_categories on delete cascade,
    add foreign key (kb_locale_id) references knowledge_base_locales;
alter table knowledge_base_locales
    add foreign key (knowledge_base_id) references knowledge_bases, add foreign key (system_locale_id) references locales;
alter table knowledge_base_menu_items
    add foreign key (kb_locale_id) references knowledge_base_locales on delete cascade;
alter table knowledge_base_permissions
    add foreign key (role_id) references roles;
alter table knowledge_base_translations
    add foreign key (kb_locale_id) references knowledge_base_locales,
    add foreign key (knowledge_base_id) references knowledge_bases on delete cascade;
alter table ldap_sources
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table links
    add foreign key (link_type_id) references link_types;
alter table macros
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table mentions
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users,
    add foreign key (user_id) references users;
alter table object_manager_attributes
    add foreign key (created_by_id) references users, add foreign key (object_lookup_id) references object_lookups,
    add foreign key (updated_by_id) references users;
alter table online_notifications
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users,
    add foreign key (user_id) references users;
alter table organizations
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table organizations_users
    add foreign key (organization_id) references organizations, add foreign key (user_id) references users;
alter table overview_folders
    add foreign key (created_by_id) references users, add foreign key (parent_id) references overview_folders,
    add foreign key (updated_by_id) references users;
alter table overviews
    add foreign key (created_by_id) references users, add foreign key (folder_id) references overview_folders,
    add foreign key (updated_by_id) references users;
alter table overviews_groups
    add foreign key (group_id) references groups, add foreign key (overview_id) references overviews;
alter table overviews_roles
    add foreign key (overview_id) references overviews, add foreign key (role_id) references roles;
alter table overviews_users
    add foreign key (overview_id) references overviews, add foreign key (user_id) references users;
alter table packages
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table pgp_keys
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table postmaster_filters
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table public_links
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table recent_closes
    add foreign key (user_id) references users;
alter table recent_views
    add foreign key (created_by_id) references users, add foreign key (recent_view_object_id) references object_lookups;
alter table report_profiles
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table report_profiles_roles
    add foreign key (profile_id) references report_profiles, add foreign key (role_id) references roles;
alter table roles
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table roles_groups
    add foreign key (group_id) references groups, add foreign key (role_id) references roles;
alter table roles_users
    add foreign key (role_id) references roles, add foreign key (user_id) references users;
alter table schedulers
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table signatures
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table slas
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table stats_stores
    add foreign key (created_by_id) references users;
alter table stores
    add foreign key (created_by_id) references users, add foreign key (store_file_id) references store_files,
    add foreign key (store_object_id) references store_objects;
alter table tags
    add foreign key (created_by_id) references users, add foreign key (tag_item_id) references tag_items,
    add foreign key (tag_object_id) references tag_objects;
alter table taskbars
    add foreign key (user_id) references users;
alter table templates
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table text_modules
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table text_modules_groups
    add foreign key (group_id) references groups, add foreign key (text_module_id) references text_modules;
alter table ticket_article_flags
    add foreign key (created_by_id) references users, add foreign key (ticket_article_id) references ticket_articles;
alter table ticket_article_senders
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table ticket_article_types
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table ticket_articles
    add foreign key (created_by_id) references users, add foreign key (origin_by_id) references users,
    add foreign key (sender_id) references ticket_article_senders, add foreign key (ticket_id) references tickets,
    add foreign key (type_id) references ticket_article_types, add foreign key (updated_by_id) references users;
alter table ticket_daily_event_locks
    add foreign key (ticket_id) references tickets;
alter table ticket_priorities
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table ticket_shared_draft_starts
    add foreign key (group_id) references groups;
alter table ticket_shared_draft_zooms
    add foreign key (ticket_id) references tickets;
alter table ticket_state_types
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table ticket_states
    add foreign key (created_by_id) references users, add foreign key (state_type_id) references ticket_state_types,
    add foreign key (updated_by_id) references users;
alter table ticket_time_accounting_types
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table ticket_time_accountings
    add foreign key (created_by_id) references users, add foreign key (ticket_article_id) references ticket_articles,
    add foreign key (ticket_id) references tickets, add foreign key (type_id) references ticket_time_accounting_types;
alter table tickets
    add foreign key (checklist_id) references checklists, add foreign key (created_by_id) references users,
    add foreign key (customer_id) references users, add foreign key (group_id) references groups,
    add foreign key (organization_id) references organizations, add foreign key (owner_id) references users,
    add foreign key (priority_id) references ticket_priorities, add foreign key (state_id) references ticket_states,
    add foreign key (updated_by_id) references users;
alter table tokens
    add foreign key (user_id) references users;
alter table translations
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table triggers
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users;
alter table user_devices
    add foreign key (user_id) references users;
alter table user_overview_sortings
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users,
    add foreign key (user_id) references users;
alter table user_two_factor_preferences
    add foreign key (created_by_id) references users, add foreign key (updated_by_id) references users,
    add foreign key (user_id) references users;
alter table users
    add foreign key (created_by_id) references users, add foreign key (organization_id) references organizations,
    add foreign key (out_of_office_replacement_id) references users, add foreign key (updated_by_id) references users;
