-- What people write, and what they and others are told: request mails, letters, notices to recipients.

-- --- Request mails --------------------------------------------------------------------------------

create table lacuna.mail_outcome (
    outcome text primary key,
    description text not null
);
comment on table lacuna.mail_outcome is
    'What a mail can be taken for. Written by the owner alone. No personal data.';
insert into lacuna.mail_outcome (outcome, description) values
    ('opened', 'It opened a request.'),
    ('duplicate', 'It repeats an open request, or a mail that was taken before.'),
    ('confirmed', 'It answered a challenge.'),
    ('withdrawn', 'It took a request back.'),
    ('waiting', 'Needs review.'),
    ('no_request', 'It asks for nothing.'),
    ('automatic', 'A machine wrote it.'),
    ('rejected', 'It could not be read; the mail itself is set aside.'),
    ('dismissed', 'Reviewed: no request.');

create table lacuna.mail (
    mail_id uuid primary key,
    org_id text,
    request_id uuid references lacuna.request,
    outcome text not null references lacuna.mail_outcome,
    reasons text[] not null default '{}',
    rights text[] not null default '{}',
    language text check (language ~ '^[a-z]{2}$'),
    received_at timestamptz not null check (isfinite(received_at)),
    due_at timestamptz not null,
    taken_at timestamptz not null,
    settled_at timestamptz,
    facts bytea,
    content bytea,
    check ((outcome = 'waiting') = (settled_at is null))
);
comment on table lacuna.mail is
    'What a request mail was taken for. Written by the planner; officers settle those that wait. Personal data: its text and whoever it names are encrypted, with its request''s key, or, where it opened none, with a key of its own. Both lie outside the database.';
comment on column lacuna.mail.org_id is 'NULL: no tenant''s address was among its recipients.';
comment on column lacuna.mail.reasons is
    'Why it waits or was rejected: a closed list, never a word of the mail.';
comment on column lacuna.mail.rights is 'What it asks for: a closed list, never a word of the mail.';
comment on column lacuna.mail.settled_at is
    'When nobody has to look at it any more; its content is deleted some time after that.';
comment on column lacuna.mail.facts is 'Who wrote it and what was read in it, encrypted; deleted with its content.';
comment on column lacuna.mail.content is 'The mail itself, encrypted.';

create index mail_kept on lacuna.mail (taken_at) where facts is not null;
create index mail_request on lacuna.mail (request_id);

alter table lacuna.mail enable row level security;
alter table lacuna.mail force row level security;

alter table lacuna.request add foreign key (withdrawn_by) references lacuna.mail;

-- That a mail is no request says whoever read it.
create function lacuna.check_dismissal() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.outcome = 'dismissed' and not lacuna.may_decide()
        and (tg_op = 'INSERT' or old.outcome <> 'dismissed') then
        raise exception 'role % dismisses no mail', current_user using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger mail_dismissal before insert or update on lacuna.mail
    for each row execute function lacuna.check_dismissal();
alter table lacuna.mail enable always trigger mail_dismissal;

create table lacuna.mail_digest (
    org_id text not null,
    digest bytea not null check (octet_length(digest) = 32),
    week date not null check (extract(isodow from week) = 1),
    primary key (org_id, digest)
);
comment on table lacuna.mail_digest is
    'What mails are known again by, longer than anything else of them is kept. Written by the planner: each sweep rewrites all of them, in their own order, and deletes those of mails that are too old to count by themselves. No personal data.';
comment on column lacuna.mail_digest.digest is
    'Under a key that lies outside the database, of no request and of no day.';
comment on column lacuna.mail_digest.week is 'The Monday of the week in which the mail was taken.';

alter table lacuna.mail_digest enable row level security;
alter table lacuna.mail_digest force row level security;

-- --- Letters --------------------------------------------------------------------------------------

create table lacuna.answer_kind (
    kind text primary key,
    description text not null
);
comment on table lacuna.answer_kind is
    'Kinds of letters. Written by the owner alone. No personal data.';
insert into lacuna.answer_kind (kind, description) values
    ('acknowledgement', 'That a request was received.'),
    ('challenge', 'To send back a code, as proof of identity.'),
    ('clarification', 'To say what a mail wants, and for whom.'),
    ('question', 'To say which rights are meant, by their numbers.'),
    ('specification', 'To say which data an access request means.'),
    ('extension', 'That the deadline is extended.'),
    ('refusal', 'That it is refused, and why.'),
    ('partial_refusal', 'That some of its rights are refused, and why.'),
    ('completion', 'That it is done.'),
    ('partly', 'That it is done but for what is held.'),
    ('withdrawal', 'That it was taken back, as they asked.'),
    ('forwarding', 'To the controller: a request waits for an instruction.'),
    ('instruction', 'To the controller: whether an instruction by mail is theirs.');

create table lacuna.answer (
    answer_id uuid primary key,
    org_id text,
    request_id uuid references lacuna.request,
    mail_id uuid references lacuna.mail,
    kind text not null references lacuna.answer_kind,
    language text not null check (language ~ '^[a-z]{2}$'),
    facts jsonb not null default '{}',
    envelope bytea,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'abandoned')),
    attempts int not null default 0,
    next_at timestamptz not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    check ((state = 'pending') = (envelope is not null and ended_at is null)),
    check (request_id is not null or mail_id is not null)
);
comment on table lacuna.answer is
    'Letters to requesters and controllers, until they are delivered; then nothing is left of the address. Written by the planner; officers add refusals, extensions and questions. Personal data: the address, encrypted.';
comment on column lacuna.answer.facts is
    'What its text says beside the words of the template: dates, an article, never a name.';
comment on column lacuna.answer.envelope is
    'Whom it goes to: personal data, encrypted with the request''s or the mail''s key.';

create index answer_pending on lacuna.answer (next_at) where state = 'pending';

alter table lacuna.answer enable row level security;
alter table lacuna.answer force row level security;

-- Nobody is told that a request was refused, pauses or takes longer, but by whom that was decided.
create function lacuna.check_letter() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' then
        if (new.kind, new.facts, new.org_id, new.request_id, new.mail_id)
            is distinct from (old.kind, old.facts, old.org_id, old.request_id, old.mail_id) then
            raise exception 'a letter stays what it says' using errcode = 'insufficient_privilege';
        end if;
    elsif new.kind in ('refusal', 'partial_refusal', 'extension', 'specification')
        and not lacuna.may_decide() then
        raise exception 'role % decides nothing to be told', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger answer_letter before insert or update on lacuna.answer
    for each row execute function lacuna.check_letter();
alter table lacuna.answer enable always trigger answer_letter;

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
    constraint notice_request_id_recipient_key unique (request_id, recipient, right_kind),
    check ((state = 'pending') = (ended_at is null)),
    check ((state = 'told') = (receipt is not null and content is null))
);
comment on table lacuna.notice is
    'Recipients that are told of an erasure, a correction or a restriction: one notice for each right. Written by the planner; an officer says that one was told by hand. Personal data, encrypted, until it was told.';
comment on column lacuna.notice.recipient is 'Its name in the data map.';
comment on column lacuna.notice.receipt is
    'What shows that it was told: never a word of an answer, its digest alone.';
comment on column lacuna.notice.content is
    'By what the recipient knows the person: personal data, encrypted with the request''s key; wiped when told.';

create index notice_pending on lacuna.notice (next_at) where state = 'pending';

alter table lacuna.notice enable row level security;
alter table lacuna.notice force row level security;

-- That a recipient was told by hand is an officer's word.
create function lacuna.check_receipt() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.receipt = 'hand' and not lacuna.may_decide() then
        raise exception 'role % tells nobody by hand', current_user
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger notice_receipt before insert or update on lacuna.notice
    for each row when (new.receipt is not null) execute function lacuna.check_receipt();
alter table lacuna.notice enable always trigger notice_receipt;
