-- The sample contact-center platform: the schema of a customer-service product as it is found in the wild.
--
-- Run once on an empty database. Keys come from the generator, not from sequences, so that a seed gives the
-- same rows everywhere. Every table but organizations carries org_id: one tenant's rows never mix with another's.
-- Columns named *_uri and avatar_url hold paths below the media root; a NULL there means the file is gone.
-- What an erasure has to empty may be NULL; what it has to keep (durations, scores, times, queues) may not.

create schema if not exists contact_center;

create table contact_center.organizations (
    org_id      text primary key,
    name        text not null,
    subdomain   text not null unique,
    country     text not null,
    role        text not null default 'controller' check (role in ('controller', 'processor')),
    created_at  timestamptz not null
);

create table contact_center.teams (
    team_id     bigint primary key,
    org_id      text not null references contact_center.organizations,
    name        text not null,
    unique (org_id, name)
);

create table contact_center.agents (
    agent_id     bigint primary key,
    org_id       text not null references contact_center.organizations,
    team_id      bigint not null references contact_center.teams,
    display_name text not null,
    first_name   text not null,
    last_name    text not null,
    email        text not null,
    phone        text,
    roles        text[] not null default '{}',
    signature    text not null,
    created_at   timestamptz not null,
    unique (org_id, email)
);

create table contact_center.queues (
    queue_id          bigint primary key,
    org_id            text not null references contact_center.organizations,
    team_id           bigint not null references contact_center.teams,
    name              text not null,
    answer_within_s   int not null check (answer_within_s > 0),
    created_at        timestamptz not null,
    unique (org_id, name)
);

-- The people. Their details also lie in aliases, messages, notes, logs, exports and files: see the tables below.
create table contact_center.contacts (
    contact_id         uuid primary key,
    org_id             text not null references contact_center.organizations,
    external_id        text check (char_length(external_id) >= 10),
    display_name       text,
    first_name         text,
    middle_names       text[] not null default '{}',
    last_name          text,
    email              text,
    phone_e164         text check (phone_e164 ~ '^\+[0-9]{8,15}$'),
    additional_emails  text[] not null default '{}',
    additional_phones  text[] not null default '{}',
    avatar_url         text,
    language           text,
    city               text,
    country            text,
    custom_attributes  jsonb not null default '{}',
    created_at         timestamptz not null,
    last_seen_at       timestamptz,
    merged_into        uuid references contact_center.contacts check (merged_into <> contact_id),
    anonymized_at      timestamptz,
    unique (org_id, external_id)
);

create table contact_center.contact_aliases (
    alias_id      bigint primary key,
    org_id        text not null references contact_center.organizations,
    contact_id    uuid not null references contact_center.contacts,
    kind          text not null check (kind in ('email', 'phone', 'external_id')),
    value_norm    text not null,
    source        text not null check (source in ('profile', 'additional', 'merge', 'agent', 'import')),
    first_seen_at timestamptz not null,
    is_shared     boolean not null default false,
    unique (contact_id, kind, value_norm)
);

create table contact_center.conversations (
    conversation_id      bigint primary key,
    org_id               text not null references contact_center.organizations,
    requester_id         uuid references contact_center.contacts,
    channel              text not null check (channel in (
                             'email', 'chat', 'contact_form', 'sms', 'whatsapp', 'phone', 'voicemail')),
    direction            text not null check (direction in ('inbound', 'outbound')),
    state                text not null check (state in ('open', 'pending', 'closed')),
    subject              text,
    language             text,
    queue_id             bigint not null references contact_center.queues,
    assignee_id          bigint references contact_center.agents,
    to_email             text,
    from_email           text,
    integration_email    text,
    ip_address           text,
    browser_name         text,
    browser_version      text,
    originating_url      text,
    originating_country  text,
    parent_id            bigint references contact_center.conversations check (parent_id <> conversation_id),
    created_at           timestamptz not null,
    queued_at            timestamptz not null,
    assigned_at          timestamptz,
    first_response_at    timestamptz,
    closed_at            timestamptz,
    updated_at           timestamptz not null,
    total_duration_s     int check (total_duration_s >= 0),
    handling_duration_s  int check (handling_duration_s >= 0),
    anonymized_at        timestamptz,
    check ((state = 'closed') = (closed_at is not null)),
    check (closed_at >= created_at)
);

-- A message is by a contact, by an agent, or by the system (then both author columns are NULL).
-- The author may be another contact than the requester: somebody in cc who answered.
-- from_party is {"name", "email"} or {"name", "phone"}; to_, cc_ and bcc_parties are arrays of such objects.
create table contact_center.messages (
    message_id               bigint primary key,
    org_id                   text not null references contact_center.organizations,
    conversation_id          bigint not null references contact_center.conversations,
    author_type              text not null check (author_type in ('contact', 'agent', 'system')),
    author_contact_id        uuid references contact_center.contacts,
    author_agent_id          bigint references contact_center.agents,
    external_id              text,
    direction                text not null check (direction in ('inbound', 'outbound')),
    body_text                text,
    body_html                text,
    from_party               jsonb,
    to_parties               jsonb not null default '[]',
    cc_parties               jsonb not null default '[]',
    bcc_parties              jsonb not null default '[]',
    is_auto_reply            boolean not null default false,
    is_automated             boolean not null default false,
    original_content_uri     text,
    too_large_uri            text,
    delivery_failure_reason  text,
    created_at               timestamptz not null,
    check (author_contact_id is null or author_type = 'contact'),
    check (author_agent_id is null or author_type = 'agent')
);

create table contact_center.attachments (
    attachment_id  bigint primary key,
    org_id         text not null references contact_center.organizations,
    message_id     bigint not null references contact_center.messages,
    uri            text unique,
    pretty_name    text,
    media_type     text not null,
    bytes          int not null check (bytes >= 0),
    sha256         text check (sha256 ~ '^[0-9a-f]{64}$')
);

create table contact_center.form_submissions (
    form_value_id  bigint primary key,
    org_id         text not null references contact_center.organizations,
    message_id     bigint not null references contact_center.messages,
    key            text not null,
    value          text,
    unique (message_id, key)
);

-- call_recording_consent is the tenant's setting; the next columns are what the caller did in the IVR's two-way split:
-- which prompt they heard (version, language, when), which key they pressed and when. All NULL: no prompt was played.
create table contact_center.calls (
    call_id                          bigint primary key,
    org_id                           text not null references contact_center.organizations,
    conversation_id                  bigint not null references contact_center.conversations,
    from_number                      text,
    to_number                        text,
    direction                        text not null check (direction in ('inbound', 'outbound')),
    started_at                       timestamptz not null,
    duration_s                       int not null check (duration_s >= 0),
    wait_s                           int not null check (wait_s >= 0),
    hold_s                           int not null check (hold_s >= 0),
    talk_s                           int not null check (talk_s >= 0),
    wrapup_s                         int not null check (wrapup_s >= 0),
    ivr_path                         text[] not null default '{}',
    completion_status                text not null check (completion_status in (
                                         'completed', 'abandoned', 'voicemail', 'transferred')),
    callback                         boolean not null default false,
    call_recording_consent           text not null check (call_recording_consent in (
                                         'always', 'never', 'opt_in', 'opt_out')),
    call_recording_consent_action    text check (call_recording_consent_action in (
                                         'caller_opted_in', 'caller_opted_out', 'timeout')),
    call_recording_consent_keypress  text check (call_recording_consent_keypress ~ '^[0-9*#]$'),
    consent_prompt_version           text,
    consent_prompt_language          text,
    consent_prompted_at              timestamptz,
    consent_answered_at              timestamptz,
    recording_time_s                 int not null default 0 check (recording_time_s >= 0),
    not_recording_time_s             int not null default 0 check (not_recording_time_s >= 0),
    recording_control_interactions   int not null default 0 check (recording_control_interactions >= 0),
    recording_override_by            bigint references contact_center.agents,
    transferee_name                  text,
    transferee_number                text
);

create table contact_center.call_recordings (
    recording_id  bigint primary key,
    org_id        text not null references contact_center.organizations,
    call_id       bigint not null references contact_center.calls,
    uri           text unique,
    media_type    text not null,
    bytes         int not null check (bytes >= 0),
    sha256        text check (sha256 ~ '^[0-9a-f]{64}$'),
    duration_s    int not null check (duration_s >= 0),
    started_at    timestamptz not null,
    status        text not null default 'available' check (status in ('available', 'quarantined', 'deleted'))
);

create table contact_center.voicemails (
    voicemail_id  bigint primary key,
    org_id        text not null references contact_center.organizations,
    call_id       bigint not null references contact_center.calls,
    uri           text unique,
    media_type    text not null,
    bytes         int not null check (bytes >= 0),
    sha256        text check (sha256 ~ '^[0-9a-f]{64}$'),
    duration_s    int not null check (duration_s >= 0),
    transcript    text,
    language      text,
    created_at    timestamptz not null
);

create table contact_center.transcripts (
    transcript_id  bigint primary key,
    org_id         text not null references contact_center.organizations,
    call_id        bigint not null references contact_center.calls,
    seq            int not null check (seq >= 0),
    speaker        text not null check (speaker in ('customer', 'agent')),
    text           text,
    start_ms       int not null check (start_ms >= 0),
    end_ms         int not null,
    unique (call_id, seq),
    check (end_ms >= start_ms)
);

create table contact_center.ratings (
    rating_id        bigint primary key,
    org_id           text not null references contact_center.organizations,
    conversation_id  bigint not null references contact_center.conversations,
    requester_id     uuid references contact_center.contacts,
    agent_id         bigint references contact_center.agents,
    type             text not null check (type in ('csat', 'nps', 'thumbs')),
    score            int,
    comment          text,
    status           text not null check (status in ('offered', 'rated', 'cancelled')),
    language         text,
    offered_at       timestamptz not null,
    rated_at         timestamptz,
    check ((status = 'rated') = (score is not null)),
    check ((status = 'rated') = (rated_at is not null))
);

create table contact_center.internal_notes (
    note_id          bigint primary key,
    org_id           text not null references contact_center.organizations,
    conversation_id  bigint not null references contact_center.conversations,
    author_id        bigint not null references contact_center.agents,
    message          text,
    created_at       timestamptz not null
);

create table contact_center.wrapup_notes (
    wrapup_note_id   bigint primary key,
    org_id           text not null references contact_center.organizations,
    conversation_id  bigint not null references contact_center.conversations,
    author_id        bigint not null references contact_center.agents,
    text             text,
    created_at       timestamptz not null
);

create table contact_center.tags (
    tag_id      bigint primary key,
    org_id      text not null references contact_center.organizations,
    name        text not null,
    color       text not null,
    state       text not null check (state in ('active', 'inactive')),
    unique (org_id, name)
);

create table contact_center.conversation_tags (
    conversation_tag_id  bigint primary key,
    org_id               text not null references contact_center.organizations,
    conversation_id      bigint not null references contact_center.conversations,
    tag_id               bigint not null references contact_center.tags,
    unique (conversation_id, tag_id)
);

-- author is {"id", "type", "name", "email", "phone"}; attributes depend on the type (old and new subject, note text, …).
create table contact_center.activity_log (
    entry_id         bigint primary key,
    org_id           text not null references contact_center.organizations,
    conversation_id  bigint not null references contact_center.conversations,
    type             text not null check (type in (
                         'created', 'queued', 'assigned', 'subject_changed', 'requester_changed',
                         'note_added', 'closed')),
    author           jsonb,
    attributes       jsonb not null default '{}',
    occurred_at      timestamptz not null
);

-- What was accepted, word for word by its digest. By a contact (terms, privacy) or, for the tenant, by an agent (dpa).
create table contact_center.agreement_acceptances (
    acceptance_id      bigint primary key,
    org_id             text not null references contact_center.organizations,
    contact_id         uuid references contact_center.contacts,
    agent_id           bigint references contact_center.agents,
    kind               text not null check (kind in ('terms', 'privacy', 'dpa')),
    version            text not null,
    text_sha256        text not null check (text_sha256 ~ '^[0-9a-f]{64}$'),
    method             text not null check (method in ('web', 'email', 'signature')),
    accepted_by_name   text,
    accepted_by_email  text,
    ip_address         text,
    accepted_at        timestamptz not null,
    check (contact_id is null or agent_id is null)
);

-- The warehouse row of a conversation, denormalized by a nightly job; times are epoch milliseconds, as exports have them.
create table contact_center.conversation_export (
    conversation_id            bigint primary key references contact_center.conversations,
    org_id                     text not null references contact_center.organizations,
    initial_channel            text not null,
    direction                  text not null,
    status                     text not null,
    subject                    text,
    requester_id               uuid,
    requester_name             text,
    requester_email            text,
    requester_phone_number     text,
    assignee_id                bigint,
    assignee_name              text,
    assignee_email             text,
    assignee_phone_number      text,
    queue_id                   bigint,
    queue_name                 text,
    rating_score               int,
    rating_message             text,
    tags                       text[] not null default '{}',
    conversation_wrapup_notes  text[] not null default '{}',
    transferee_name            text,
    transferee_number          text,
    originating_country        text,
    custom_fields              jsonb not null default '{}',
    total_duration_s           int,
    handling_duration_s        int,
    created_at_ms              bigint not null,
    queued_at_ms               bigint,
    assigned_at_ms             bigint,
    closed_at_ms               bigint,
    updated_at_ms              bigint not null,
    last_message_created_at_ms bigint,
    anonymized_at_ms           bigint
);

-- The platform's old reporting. Rows of people, not aggregates: to be replaced by marts and dropped. No foreign keys,
-- as such tables never have any.
create table contact_center.legacy_contact_360 (
    contact_id            uuid primary key,
    org_id                text not null references contact_center.organizations,
    full_name             text,
    email                 text,
    phone                 text,
    city                  text,
    country               text,
    favourite_channel     text,
    last_subject          text,
    conversations         int not null,
    handling_duration_s   bigint not null,
    average_score         numeric(4, 2),
    first_conversation_at timestamptz,
    last_conversation_at  timestamptz
);

create table contact_center.legacy_conversation_daily (
    row_id               bigint primary key,
    org_id               text not null references contact_center.organizations,
    day                  date not null,
    channel              text not null,
    queue_name           text not null,
    country              text,
    requester_name       text,
    requester_email      text,
    conversations        int not null,
    handling_duration_s  bigint not null
);

create table contact_center.legacy_csat_weekly (
    row_id           bigint primary key,
    org_id           text not null references contact_center.organizations,
    iso_week         text not null,
    channel          text not null,
    requester_name   text,
    requester_email  text,
    responses        int not null,
    score_sum        int not null,
    comments         text[] not null default '{}'
);

create table contact_center.legacy_agent_load (
    row_id                       bigint primary key,
    org_id                       text not null references contact_center.organizations,
    day                          date not null,
    agent_id                     bigint not null,
    agent_name                   text not null,
    conversations                int not null,
    handling_duration_s          bigint not null,
    longest_handling_duration_s  int not null,
    longest_requester_name       text
);

create index on contact_center.teams (org_id);
create index on contact_center.agents (team_id);
create index on contact_center.queues (team_id);
create index on contact_center.contacts (org_id, lower(email));
create index on contact_center.contacts (org_id, phone_e164);
create index on contact_center.contacts (merged_into);
create index on contact_center.contact_aliases (org_id, kind, value_norm);
create index on contact_center.conversations (org_id, created_at);
create index on contact_center.conversations (requester_id);
create index on contact_center.conversations (queue_id);
create index on contact_center.conversations (assignee_id);
create index on contact_center.conversations (parent_id);
create index on contact_center.conversations (org_id, lower(from_email));
create index on contact_center.messages (conversation_id);
create index on contact_center.messages (author_contact_id);
create index on contact_center.messages (author_agent_id);
create index on contact_center.attachments (message_id);
create index on contact_center.calls (conversation_id);
create index on contact_center.calls (from_number);
create index on contact_center.calls (recording_override_by);
create index on contact_center.call_recordings (call_id);
create index on contact_center.voicemails (call_id);
create index on contact_center.ratings (conversation_id);
create index on contact_center.ratings (requester_id);
create index on contact_center.ratings (agent_id);
create index on contact_center.internal_notes (conversation_id);
create index on contact_center.internal_notes (author_id);
create index on contact_center.wrapup_notes (conversation_id);
create index on contact_center.wrapup_notes (author_id);
create index on contact_center.conversation_tags (tag_id);
create index on contact_center.activity_log (conversation_id);
create index on contact_center.agreement_acceptances (contact_id);
create index on contact_center.agreement_acceptances (agent_id);
create index on contact_center.conversation_export (requester_id);
create index on contact_center.conversation_export (org_id, lower(requester_email));
create index on contact_center.legacy_contact_360 (org_id, lower(email));
create index on contact_center.legacy_conversation_daily (org_id, lower(requester_email));
create index on contact_center.legacy_csat_weekly (org_id, lower(requester_email));
