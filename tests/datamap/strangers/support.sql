-- A support desk as web frameworks make them: people and staff in one table that a flag tells apart,
-- tickets known by the submitter's address alone, paths that may not be NULL, custom fields as rows,
-- and a table of what changed.
create schema support;
create table support.accounts (
    id integer primary key, password varchar(128) not null, is_staff boolean not null,
    username varchar(150) not null unique, first_name varchar(150) not null,
    last_name varchar(150) not null, email varchar(254) not null,
    date_joined timestamptz not null
);
create table support.queue (
    id integer primary key, title varchar(100) not null, email_box_host varchar(200),
    default_owner_id integer references support.accounts
);
create table support.ticket (
    id integer primary key, title varchar(200) not null, status varchar(20) not null,
    queue_id integer not null references support.queue, submitter_email varchar(254),
    assigned_to_id integer references support.accounts, description text,
    created timestamptz not null
);
create table support.followup (
    id integer primary key, ticket_id integer not null references support.ticket,
    user_id integer references support.accounts, comment text, email_recipients jsonb
);
create table support.attachment (
    id integer primary key, followup_id integer not null references support.followup,
    file varchar(1000) not null, filename varchar(1000) not null, size integer not null
);
create table support.ticket_field (
    id integer primary key, ticket_id integer not null references support.ticket,
    field varchar(40) not null, value text
);
create table support.ticket_change (
    id integer primary key, followup_id integer not null references support.followup,
    field varchar(100) not null, old_value text, new_value text
);
create table support.session (session_key varchar(40) primary key, session_data text not null);

insert into support.accounts
select n, 'md5$' || md5(n::text), false, 'guest' || n,
    (array['Aveline', 'Bodil', 'Casimir', 'Dagny', 'Emeric'])[1 + n % 5],
    (array['Ashgrove', 'Birkelund', 'Coppersmith', 'Drosselbart'])[1 + n % 4],
    'guest' || n || '@example.org', '2026-01-02 03:04:05Z'
from generate_series(1, 20) n;
insert into support.accounts values
    (90, 'md5$x', true, 'nora', 'Nora', 'Deskwell', 'nora@desk.example.com', '2025-01-01Z');
insert into support.session
select md5(n::text), replace(encode(convert_to(
    '{"account": ' || n || ', "csrf": "' || repeat(md5(n::text), 4) || '"}', 'UTF8'), 'base64'), e'\n', '')
from generate_series(1, 5) n;
insert into support.queue values (1, 'Support', 'mail.desk.example.com', 90);
insert into support.ticket
select n, 'Heater ' || n % 3, 'closed', 1, a.email, case when n % 2 = 0 then 90 end,
    'Nothing works. My order is ORD-' || 4000 + n || '-AV.' || chr(10) || a.first_name || ' '
        || a.last_name || chr(10) || n || ' Lantern Lane, Norwich',
    '2026-02-03 04:05:06Z'
from generate_series(1, 20) n join support.accounts a on a.id = n;
insert into support.followup
select n, n, case when n % 2 = 0 then n end, 'It is me again, ' || a.first_name || '.',
    jsonb_build_array(a.email)
from generate_series(1, 20) n join support.accounts a on a.id = n;
insert into support.followup
select 100 + n, n, 90, 'Dear ' || a.first_name || ', we look into ORD-' || 4000 + n || '-AV.', null
from generate_series(1, 20) n join support.accounts a on a.id = n;
insert into support.attachment
select n, n, 'support/attachments/' || md5(n::text) || '/passport_' || a.last_name || '.txt',
    'passport_' || a.first_name || '_' || a.last_name || '.txt', 20
from generate_series(1, 20) n join support.accounts a on a.id = n;
insert into support.ticket_field
select n, n, 'Order number', 'ORD-' || 4000 + n || '-AV' from generate_series(1, 20) n;
insert into support.ticket_field
select 100 + n, n, 'Phone', '+44 1632 9600' || lpad(n::text, 2, '0') from generate_series(1, 20) n;
insert into support.ticket_change
select n, 100 + n, 'Title', 'Call from ' || a.first_name || ' ' || a.last_name, 'Heater'
from generate_series(1, 20) n join support.accounts a on a.id = n;
