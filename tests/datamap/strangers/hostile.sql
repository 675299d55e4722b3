-- A help desk with whatever hides a person; each part after the first can be left out. The people are invented.
create schema hideout;
create table hideout.companies (id integer primary key, title text not null);
create table hideout.users (
    id bigint primary key, company_id integer references hideout.companies, email text not null unique,
    full_name text not null, mobile text, customer_no text not null, avatar_name text,
    preferences jsonb not null default '{}', is_staff boolean not null
);
create table hideout.tickets (
    id bigint primary key, customer_id bigint not null references hideout.users,
    assignee_id bigint references hideout.users, status text not null, subject text not null,
    last_message_preview text, customer_email text, label text, created_at timestamptz not null
);
create table hideout.messages (
    id bigint primary key, ticket_id bigint not null references hideout.tickets,
    body text not null, headers jsonb
);
insert into hideout.companies values (1, 'Example Heating'), (2, 'Example Boilers');
insert into hideout.users
select n, 1 + n % 2, 'guest' || n || '@example.org',
    (array['Aveline', 'Bodil', 'Casimir', 'Dagny', 'Emeric'])[1 + n % 5] || ' '
        || (array['Ashgrove', 'Birkelund', 'Coppersmith', 'Drosselbart'])[1 + n % 4],
    '+44 1632 9600' || lpad(n::text, 2, '0'), 'CUST-' || 7000 + n || '-QX', 'portrait_guest' || n || '.png',
    jsonb_build_object('theme', 'dark', 'reply_to', 'guest' || n || '@example.org'), false
from generate_series(1, 20) n;
insert into hideout.users values
    (90, 1, 'nora@desk.example.com', 'Nora Deskwell', null, 'STAFF-1', null, '{}', true);
insert into hideout.tickets
select n, n, 90, 'closed', 'Heater of ' || full_name, 'Please call ' || mobile, email, 'vip ' || full_name,
    '2026-02-03 04:05:06Z'
from generate_series(1, 20) n join hideout.users u on u.id = n;
insert into hideout.messages
select n, n, 'My customer number is ' || customer_no || '. ' || full_name,
    jsonb_build_object('From', email, 'X-No', customer_no)
from generate_series(1, 20) n join hideout.users u on u.id = n;

-- part: attachments of any record by type and number
create table hideout.attachments (
    id bigint primary key, owner_type text not null, owner_id bigint not null, file_name text not null
);
insert into hideout.attachments
select n, 'Message', n, 'passport ' || full_name || '.txt'
from generate_series(1, 20) n join hideout.users u on u.id = n;
insert into hideout.attachments
select 100 + n, 'User', n, 'contract ' || customer_no || '.txt'
from generate_series(1, 20) n join hideout.users u on u.id = n;

-- part: names of files in one table and bytes in another
create table hideout.blobs (id bigint primary key, content bytea not null, checksum text not null);
create table hideout.uploads (
    id bigint primary key, message_id bigint not null references hideout.messages, file_name text not null,
    blob_id bigint not null references hideout.blobs
);
insert into hideout.blobs
select n, convert_to('Contract of ' || full_name || ', ' || email, 'UTF8'), md5(n::text)
from generate_series(1, 20) n join hideout.users u on u.id = n;
insert into hideout.uploads
select n, n, 'passport ' || full_name || '.txt', n from generate_series(1, 20) n join hideout.users u on u.id = n;

-- part: embeddings
create table hideout.message_embeddings (
    message_id bigint primary key references hideout.messages, chunk text not null,
    vector double precision[] not null
);
insert into hideout.message_embeddings select id, body, array[0.25, id / 7.0, id / 3.0] from hideout.messages;

-- part: drafts and transcripts
create table hideout.ticket_drafts (
    id bigint primary key, ticket_id bigint not null references hideout.tickets, body text, seconds integer
);
create table hideout.call_transcripts (
    id bigint primary key, ticket_id bigint not null references hideout.tickets, spoken text not null,
    duration_seconds integer
);
insert into hideout.ticket_drafts
select n, n, 'Dear ' || full_name || ',', 30 from generate_series(1, 20) n join hideout.users u on u.id = n;
insert into hideout.call_transcripts
select n, n, 'This is ' || full_name || ' calling from ' || mobile, 60
from generate_series(1, 20) n join hideout.users u on u.id = n;

-- part: an audit that triggers fill
create table hideout.audit_log (
    id bigint generated always as identity primary key, at timestamptz not null default now(),
    relation text not null, record_id bigint not null, before jsonb, after jsonb
);
create function hideout.note_change() returns trigger language plpgsql as $$
begin
    insert into hideout.audit_log (relation, record_id, before, after)
    values (tg_table_name, new.id, case when tg_op = 'UPDATE' then to_jsonb(old) end, to_jsonb(new));
    return new;
end $$;
create trigger note_change after insert or update on hideout.users
    for each row execute function hideout.note_change();
update hideout.users set preferences = preferences || '{"theme": "light"}' where id % 2 = 1;

-- part: a copy for another system
create table hideout.crm_sync (
    id bigint primary key, external_ref text not null, payload jsonb not null, synced_on date not null
);
insert into hideout.crm_sync
select n, customer_no, jsonb_build_object('Email', email, 'Name', full_name, 'Nested', jsonb_build_array(mobile)),
    '2026-03-04'
from generate_series(1, 20) n join hideout.users u on u.id = n;

-- part: jobs as serialized text
create table hideout.jobs (id bigint primary key, handler text not null, state text not null);
insert into hideout.jobs
select n, e'--- !ruby/object:SendMail\nto: ' || email || e'\nno: ' || customer_no || e'\n', 'done'
from generate_series(1, 20) n join hideout.users u on u.id = n;

-- part: a cache by the digest of an address
create table hideout.contact_cache (cache_key text primary key, cached text not null, expires_at timestamptz not null);
insert into hideout.contact_cache
select md5(email), full_name || '|' || email, '2027-01-01Z' from hideout.users where not is_staff;

-- part: points by the number of a customer
create table hideout.loyalty_ledger (
    id bigint primary key, customer_number text not null, points integer not null, booked_on date not null
);
insert into hideout.loyalty_ledger
select n, customer_no, 10 * n, '2026-03-04' from generate_series(1, 20) n join hideout.users u on u.id = n;

-- part: two customers of one name and number
update hideout.users set full_name = 'Casimir Drosselbart', mobile = '+44 1632 960007' where id = 12;

-- part: a log of a framework by the type and the number of any row
create table hideout.content_type (id integer primary key, app_label text not null, model text not null);
insert into hideout.content_type values (3, 'desk', 'user'), (5, 'desk', 'ticket'), (8, 'desk', 'company');
create table hideout.admin_log (
    id bigint primary key, content_type_id integer references hideout.content_type, object_id text,
    object_repr text not null, change_message text
);
insert into hideout.admin_log
select n, 3, n::text, full_name, 'Changed mobile ' || mobile
from generate_series(1, 20) n join hideout.users u on u.id = n;
insert into hideout.admin_log
select 100 + n, 5, n::text, 'Heater of ' || full_name, 'Added ' || customer_no
from generate_series(1, 20) n join hideout.users u on u.id = n;
insert into hideout.admin_log select 200 + n, 8, n::text, 'Example Heating', null from generate_series(1, 2) n;
