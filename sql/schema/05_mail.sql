-- Request mails, letters, notices to recipients, and which officer has a request or a mail.

-- --- Request mails --------------------------------------------------------------------------------

create table lacuna.mail_outcome (
    outcome text primary key,
    description text not null
);
comment on table lacuna.mail_outcome is
    'What became of a mail. Written by the owner alone. No personal data.';
comment on column lacuna.mail_outcome.outcome is 'Word of the list.';
comment on column lacuna.mail_outcome.description is 'What it means.';
insert into lacuna.mail_outcome (outcome, description) values
    ('opened', 'It opened a request.'),
    ('duplicate', 'It repeats an open request, or a mail that was taken in before.'),
    ('confirmed', 'It answered a challenge.'),
    ('withdrawn', 'It withdrew a request.'),
    ('waiting', 'Needs review.'),
    ('no_request', 'It contains no request.'),
    ('automatic', 'A machine wrote it.'),
    ('rejected', 'It could not be read; the mail itself is set aside.'),
    ('dismissed', 'Reviewed: no request.');

create table lacuna.mail_reason (
    reason text primary key,
    description text not null
);
comment on table lacuna.mail_reason is
    'Reasons for which a mail waits for review or was rejected. Written by the owner alone. No personal data.';
comment on column lacuna.mail_reason.reason is 'Word of the list.';
comment on column lacuna.mail_reason.description is 'What it means.';
insert into lacuna.mail_reason (reason, description) values
    -- Of its form: a mail with one of the first six is rejected.
    ('oversized', 'It is larger than Lacuna reads.'),
    ('header_too_long', 'Its header is longer than Lacuna reads.'),
    ('address_too_long', 'An address in it is longer than Lacuna reads.'),
    ('nested_too_deeply', 'Its parts are nested more deeply than Lacuna reads.'),
    ('too_many_parts', 'It has more parts or lines than Lacuna reads.'),
    ('unreadable', 'It cannot be read as a mail.'),
    ('no_sender', 'It names no sender.'),
    ('several_senders', 'It names several senders.'),
    ('encrypted', 'Its text is encrypted.'),
    ('differing_forms', 'Its plain text and its HTML say different things.'),
    ('incomplete', 'It is a piece of a mail, or a pointer to one.'),
    ('no_text', 'It has no text.'),
    ('text_too_long', 'Its text has more characters or sentences than Lacuna judges.'),
    ('implausible_date', 'Mail servers do not agree on when it was received.'),
    ('old', 'It was written long before it was received.'),
    ('hidden_text', 'Its HTML may hide words or reorder them.'),
    ('malformed_header', 'Mail programs do not agree on what its header says.'),
    -- Of its content.
    ('contradictory', 'It exercises rights that exclude one another.'),
    ('unexplained', 'It exercises a right among words that Lacuna does not know.'),
    ('language', 'It is in a language that Lacuna does not read.'),
    ('no_right', 'It may be about privacy, but exercises no right that Lacuna recognizes.'),
    ('on_behalf', 'Its writer speaks for another person.'),
    ('no_person', 'It names nobody on file.'),
    ('strange_address', 'It names an address that is not on file as the person''s.'),
    ('labelled_address', 'It names an address that is on file only without its label.'),
    ('no_tenant', 'It was written to no tenant.'),
    ('correction', 'A correction needs its new value.'),
    ('withdrawal', 'It withdraws a request, and it is unclear which, or whose.'),
    ('repeated_id', 'An earlier mail with another text has the same Message-ID.'),
    ('unconfirmed', 'It answers a letter in words that may deny what was asked.'),
    ('specification', 'It says which data an open access request means.'),
    ('unanswered', 'Its sender got as many letters in a day as Lacuna sends anybody.'),
    ('not_authorized', 'Its writer may not give this instruction.');

create table lacuna.mail (
    mail_id uuid primary key,
    org_id text,
    request_id uuid references lacuna.request,
    outcome text not null references lacuna.mail_outcome,
    reasons text[] not null default '{}',
    rights text[] not null default '{}' check (
        rights <@ array['restriction', 'objection', 'rectification', 'access', 'portability', 'erasure']
    ),
    language text check (language ~ '^[a-z]{2}$'),
    received_at timestamptz not null check (isfinite(received_at)),
    due_at timestamptz not null,
    taken_at timestamptz not null,
    settled_at timestamptz,
    facts bytea,
    content bytea,
    constraint mail_settled check ((outcome = 'waiting') = (settled_at is null))
);
comment on table lacuna.mail is
    'Request mails and what became of them. Written by the planner; officers settle those that wait. Personal data, encrypted with the key of the request or, without a request, a key for the mail. Keys are kept outside the database.';
comment on column lacuna.mail.mail_id is 'Random id.';
comment on column lacuna.mail.org_id is 'Tenant. NULL: none of the recipients'' addresses is a tenant''s.';
comment on column lacuna.mail.request_id is 'Request that the mail opened or concerns.';
comment on column lacuna.mail.outcome is 'What became of the mail.';
comment on column lacuna.mail.reasons is
    'Words of lacuna.mail_reason: why it waits or was rejected, or what was noted about a mail that opened a request.';
comment on column lacuna.mail.rights is 'Rights that the mail exercises, never a word of the mail.';
comment on column lacuna.mail.language is 'Language of the mail (ISO 639-1). NULL: unknown.';
comment on column lacuna.mail.received_at is
    'When the mail was received, by the mail servers'' record; the deadline counts from here.';
comment on column lacuna.mail.due_at is 'When a request in the mail would be overdue.';
comment on column lacuna.mail.taken_at is 'When the intake read the mail.';
comment on column lacuna.mail.settled_at is
    'When the mail needed no more review; its content is deleted some time later. NULL: waiting.';
comment on column lacuna.mail.facts is
    'Sender and what the intake read in the mail. Personal data, encrypted; deleted with content.';
comment on column lacuna.mail.content is
    'The mail itself. Personal data, encrypted. NULL: deleted, or never kept.';

create index mail_kept on lacuna.mail (taken_at) where facts is not null;
create index mail_request on lacuna.mail (request_id);

alter table lacuna.mail enable row level security;
alter table lacuna.mail force row level security;

alter table lacuna.request add foreign key (withdrawn_by) references lacuna.mail;

create function lacuna.check_dismissal() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.outcome = 'dismissed' and not lacuna.may_decide()
        and (tg_op = 'INSERT' or old.outcome <> 'dismissed') then
        raise exception 'mail: role % cannot dismiss it', current_user using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.check_dismissal() is 'Trigger: only an officer dismisses a mail as no request.';
create trigger mail_dismissal before insert or update on lacuna.mail
    for each row execute function lacuna.check_dismissal();
alter table lacuna.mail enable always trigger mail_dismissal;

-- A foreign key does not check the elements of an array.
create function lacuna.check_reasons() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select unnest(new.reasons) except select reason from lacuna.mail_reason) then
        raise exception 'mail: reasons contains a word that lacuna.mail_reason does not'
            using errcode = 'check_violation';
    end if;
    return new;
end $$;
comment on function lacuna.check_reasons() is 'Trigger: each reason of a mail is a word of lacuna.mail_reason.';
create trigger mail_reasons before insert or update of reasons on lacuna.mail
    for each row execute function lacuna.check_reasons();
alter table lacuna.mail enable always trigger mail_reasons;

create table lacuna.mail_digest (
    org_id text not null,
    digest bytea not null check (octet_length(digest) = 32),
    week date not null check (extract(isodow from week) = 1),
    primary key (org_id, digest)
);
comment on table lacuna.mail_digest is
    'Keyed digests by which repeated mails are recognized, kept longer than anything else of a mail. Written by the planner; each sweep rewrites all of them in the order of the digests, and deletes those of mails so old that a repetition needs review anyway. No personal data.';
comment on column lacuna.mail_digest.org_id is 'Tenant.';
comment on column lacuna.mail_digest.digest is
    'HMAC under a key that is kept outside the database and belongs to no request and no day.';
comment on column lacuna.mail_digest.week is 'Monday of the week in which the mail was taken in.';

alter table lacuna.mail_digest enable row level security;
alter table lacuna.mail_digest force row level security;

-- --- Letters --------------------------------------------------------------------------------------

create table lacuna.letter_kind (
    kind text primary key,
    description text not null
);
comment on table lacuna.letter_kind is 'Kinds of letters. Written by the owner alone. No personal data.';
comment on column lacuna.letter_kind.kind is 'Word of the list.';
comment on column lacuna.letter_kind.description is 'What it means.';
insert into lacuna.letter_kind (kind, description) values
    ('acknowledgement', 'A request was received.'),
    ('challenge', 'Asks to send back a code, as proof of identity.'),
    ('clarification', 'Asks what a mail wants, and for whom.'),
    ('question', 'Asks which rights are meant, in a numbered list.'),
    ('specification', 'Asks which data an access request means.'),
    ('extension', 'The deadline is extended.'),
    ('refusal', 'The request is refused, and why.'),
    ('partial_refusal', 'Some rights of the request are refused, and why.'),
    ('completion', 'The request is done.'),
    ('copy', 'The request is done, and a copy of the data is ready.'),
    ('delivery', 'The link to a copy of the data.'),
    ('nothing_found', 'No data of the person was found.'),
    ('partly', 'The request is done, except for what is on hold.'),
    ('withdrawal', 'The request was withdrawn, as the requester asked.'),
    ('forwarding', 'Tells the controller that a request waits for an instruction.'),
    ('instruction', 'Asks the controller to confirm an instruction by mail.');

create table lacuna.letter (
    letter_id uuid primary key,
    org_id text,
    request_id uuid references lacuna.request,
    mail_id uuid references lacuna.mail,
    kind text not null references lacuna.letter_kind,
    language text not null check (language ~ '^[a-z]{2}$'),
    facts jsonb not null default '{}',
    envelope bytea,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'abandoned')),
    attempts int not null default 0,
    next_at timestamptz not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    constraint letter_pending check ((state = 'pending') = (envelope is not null and ended_at is null)),
    constraint letter_about check (request_id is not null or mail_id is not null)
);
comment on table lacuna.letter is
    'Letters to requesters and controllers. Written by the planner; officers add refusals, extensions, questions and links. Personal data: the address, a link and an officer''s own words, encrypted, wiped when the letter was delivered or abandoned.';
comment on column lacuna.letter.letter_id is 'Random id.';
comment on column lacuna.letter.org_id is 'Tenant. NULL: that of a mail without one.';
comment on column lacuna.letter.request_id is 'The request. NULL: the letter is about a mail.';
comment on column lacuna.letter.mail_id is 'The mail. NULL: the letter is about a request.';
comment on column lacuna.letter.kind is 'Kind of letter.';
comment on column lacuna.letter.language is 'Language of the letter (ISO 639-1).';
comment on column lacuna.letter.facts is
    'JSON that the template is filled with: dates, rights, articles and purposes; never a name.';
comment on column lacuna.letter.envelope is
    'Address of the recipient, a code or link, and what an officer wrote to them. Personal data, encrypted with the key of the request or mail.';
comment on column lacuna.letter.state is
    'Whether the letter waits, was delivered, or could not be delivered.';
comment on column lacuna.letter.attempts is 'Number of attempts to deliver it.';
comment on column lacuna.letter.next_at is 'When the next attempt is due.';
comment on column lacuna.letter.created_at is 'When the letter was queued.';
comment on column lacuna.letter.ended_at is 'When the letter was delivered or abandoned. NULL: pending.';

create index letter_pending on lacuna.letter (next_at) where state = 'pending';

alter table lacuna.letter enable row level security;
alter table lacuna.letter force row level security;

create function lacuna.check_letter() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' then
        if (new.kind, new.facts, new.org_id, new.request_id, new.mail_id)
            is distinct from (old.kind, old.facts, old.org_id, old.request_id, old.mail_id) then
            raise exception 'letter: kind, facts, tenant, request and mail cannot change'
                using errcode = 'insufficient_privilege';
        end if;
    elsif new.kind in ('refusal', 'partial_refusal', 'extension', 'specification', 'delivery')
        and not lacuna.may_decide() then
        raise exception 'letter: role % cannot write a letter about a decision', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.check_letter() is
    'Trigger: a queued letter keeps its content, and only officers write letters about decisions: refusals, extensions, questions about which data is meant, links to bundles.';
create trigger letter_content before insert or update on lacuna.letter
    for each row execute function lacuna.check_letter();
alter table lacuna.letter enable always trigger letter_content;

-- --- Notices to recipients (Art. 19) --------------------------------------------------------------

create table lacuna.notice (
    notice_id uuid primary key,
    org_id text not null,
    request_id uuid not null references lacuna.request,
    recipient text not null,
    state text not null default 'pending' check (state in ('pending', 'told', 'abandoned')),
    attempts int not null default 0,
    next_at timestamptz not null,
    created_at timestamptz not null,
    due_at timestamptz not null,
    ended_at timestamptz,
    receipt text check (receipt ~ '^(http [0-9]{3} [0-9a-f]{64}|mail|hand)$'),
    content bytea,
    right_kind text not null check (right_kind in ('erasure', 'rectification', 'restriction')),
    constraint notice_once unique (request_id, recipient, right_kind),
    constraint notice_pending check ((state = 'pending') = (ended_at is null)),
    constraint notice_told check ((state = 'told') = (receipt is not null and content is null))
);
comment on table lacuna.notice is
    'Notices to recipients about an erasure, a correction or a restriction, one for each right. Written by the planner; an officer records that one was told by hand. Personal data, encrypted, until the recipient was told.';
comment on column lacuna.notice.notice_id is 'Id of the notice.';
comment on column lacuna.notice.org_id is 'Tenant.';
comment on column lacuna.notice.request_id is 'The request.';
comment on column lacuna.notice.recipient is 'Name of the recipient in the data map.';
comment on column lacuna.notice.state is
    'Whether the notice waits, was told, or an officer must tell it by other means.';
comment on column lacuna.notice.attempts is 'Number of attempts to tell the recipient.';
comment on column lacuna.notice.next_at is 'When the next attempt is due.';
comment on column lacuna.notice.created_at is 'When the notice was queued.';
comment on column lacuna.notice.due_at is 'Until when the recipient must be told.';
comment on column lacuna.notice.ended_at is
    'When the recipient was told or the notice abandoned. NULL: pending.';
comment on column lacuna.notice.receipt is
    'Proof of delivery: the HTTP status with the digest of the response, `mail`, or `hand`; never a word of the response.';
comment on column lacuna.notice.content is
    'Identifiers by which the recipient knows the person. Personal data, encrypted with the key of the request; wiped when told.';
comment on column lacuna.notice.right_kind is 'What was done: erasure, rectification or restriction.';

create index notice_pending on lacuna.notice (next_at) where state = 'pending';

alter table lacuna.notice enable row level security;
alter table lacuna.notice force row level security;

create function lacuna.check_receipt() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.receipt = 'hand' and not lacuna.may_decide() then
        raise exception 'notice: role % cannot record that a recipient was told by hand', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.check_receipt() is
    'Trigger: only an officer records that a recipient was told by hand.';
create trigger notice_receipt before insert or update on lacuna.notice
    for each row when (new.receipt is not null) execute function lacuna.check_receipt();
alter table lacuna.notice enable always trigger notice_receipt;

-- --- Assignments ----------------------------------------------------------------------------------

create table lacuna.assignment (
    about uuid primary key generated always as (coalesce(request_id, mail_id)) stored,
    request_id uuid references lacuna.request,
    mail_id uuid references lacuna.mail,
    org_id text not null,
    officer text not null check (officer ~ '^dpo:[a-z0-9_-]{1,40}$'),
    assigned_at timestamptz not null,
    constraint assignment_about check (num_nonnulls(request_id, mail_id) = 1)
);
comment on table lacuna.assignment is
    'Which officer has a request or a mail to work on. Written by the officers. No personal data.';
comment on column lacuna.assignment.about is 'The request or the mail.';
comment on column lacuna.assignment.request_id is 'The request. NULL: a mail is assigned.';
comment on column lacuna.assignment.mail_id is 'The mail. NULL: a request is assigned.';
comment on column lacuna.assignment.org_id is 'Tenant; ''*'' for a mail of no tenant.';
comment on column lacuna.assignment.officer is
    'Role and key id of the officer, never a name. One who is no longer registered has nothing.';
comment on column lacuna.assignment.assigned_at is 'Since when the officer has it.';

alter table lacuna.assignment enable row level security;
alter table lacuna.assignment force row level security;

create function lacuna.check_assignment() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' and (new.request_id, new.mail_id, new.org_id)
        is distinct from (old.request_id, old.mail_id, old.org_id) then
        raise exception 'assignment: what is assigned cannot change' using errcode = 'insufficient_privilege';
    end if;
    if not lacuna.is_officer(new.officer, new.org_id) then
        raise exception 'assignment: no registered officer of this tenant' using errcode = 'insufficient_privilege';
    end if;
    if not exists (select from lacuna.request where (request_id, org_id) = (new.request_id, new.org_id))
        and not exists (
            select from lacuna.mail where mail_id = new.mail_id and coalesce(org_id, '*') = new.org_id
        ) then
        raise exception 'assignment: the tenant has no such request or mail'
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
comment on function lacuna.check_assignment() is
    'Trigger: a request or mail is assigned only to a registered officer of its own tenant.';
create trigger assignment_kept before insert or update on lacuna.assignment
    for each row execute function lacuna.check_assignment();
alter table lacuna.assignment enable always trigger assignment_kept;
