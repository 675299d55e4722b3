-- Request mails, the answers to them, and the clock of a request.

-- What a mail was taken for. Its text and whoever it names are encrypted: with its request's key,
-- or, where it opened none, with a key of its own. Both lie outside the database.
create table lacuna.mail (
    mail_id uuid primary key,
    -- NULL: no tenant's address was among its recipients.
    org_id text,
    request_id uuid references lacuna.request,
    outcome text not null check (outcome in (
        'opened', 'duplicate', 'confirmed', 'withdrawn', 'waiting', 'no_request', 'automatic',
        'rejected', 'dismissed'
    )),
    -- Why it waits or was rejected, what it asks for: closed lists, never a word of the mail.
    reasons text[] not null default '{}',
    rights text[] not null default '{}',
    language text check (language ~ '^[a-z]{2}$'),
    received_at timestamptz not null check (isfinite(received_at)),
    due_at timestamptz not null,
    taken_at timestamptz not null,
    -- When nobody has to look at it any more; its content is deleted some time after that.
    settled_at timestamptz,
    facts bytea,
    content bytea,
    check ((outcome = 'waiting') = (settled_at is null))
);

create index mail_kept on lacuna.mail (taken_at) where facts is not null;
create index mail_request on lacuna.mail (request_id);

-- Answers wait here until they are delivered; then nothing is left of the address.
create table lacuna.answer (
    answer_id uuid primary key,
    org_id text,
    request_id uuid references lacuna.request,
    mail_id uuid references lacuna.mail,
    kind text not null check (kind in (
        'acknowledgement', 'challenge', 'clarification', 'extension', 'refusal', 'completion'
    )),
    language text not null check (language ~ '^[a-z]{2}$'),
    -- What its text says beside the words of the template: dates, an article, never a name.
    facts jsonb not null default '{}',
    -- Whom it goes to, encrypted with the request's or the mail's key.
    envelope bytea,
    state text not null default 'pending' check (state in ('pending', 'delivered', 'abandoned')),
    attempts int not null default 0,
    next_at timestamptz not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    check ((state = 'pending') = (envelope is not null and ended_at is null)),
    check (request_id is not null or mail_id is not null)
);

create index answer_pending on lacuna.answer (next_at) where state = 'pending';

-- The clock (Art. 12(3)). due_at is the legal day's end; alarms run against alarm_at, which no
-- weekend or holiday moves. Requests from before have none: then due_at is the alarm.
alter table lacuna.request
    add column alarm_at timestamptz,
    add column extended_at timestamptz,
    add column paused_at timestamptz,
    add column pause text check (pause in ('identity', 'clarification')),
    add column paused_days int not null default 0 check (paused_days >= 0),
    add constraint request_pause check ((paused_at is null) = (pause is null));

alter table lacuna.mail enable row level security;
alter table lacuna.mail force row level security;
alter table lacuna.answer enable row level security;
alter table lacuna.answer force row level security;

-- Closed lists grow by what this version adds, whatever other versions added.
do $$
declare
    list record;
    found record;
begin
    for list in
        select * from (values
            ('lacuna.request_secret', 'purpose', array['challenge', 'requester'])
        ) as lists (table_name, column_name, added)
    loop
        select conname, pg_get_constraintdef(oid) as definition into strict found
        from pg_constraint
        where conrelid = list.table_name::regclass and contype = 'c'
            and pg_get_constraintdef(oid) like 'CHECK ((' || list.column_name || ' = ANY%';
        execute format('alter table %s drop constraint %I', list.table_name, found.conname);
        execute format(
            'alter table %s add constraint %I %s', list.table_name, found.conname,
            regexp_replace(
                found.definition, 'ARRAY\[',
                'ARRAY[' || (select string_agg(quote_literal(each) || '::text, ', '')
                             from unnest(list.added) as each)
            )
        );
    end loop;
end $$;
