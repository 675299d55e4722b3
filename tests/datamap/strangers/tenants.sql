-- A desk for two firms. Nothing says who was erased, and every ticket must have a customer. Half of the
-- tables do not name the firm: it is that of the group, the ticket or nobody. The people are invented.
create schema desk;
create table desk.firm (id integer primary key, title text not null);
create table desk.team (
    id integer primary key, firm_id integer not null references desk.firm, title text not null,
    account_id integer not null references desk.firm
);
create table desk.agents (
    id integer primary key, account_id integer not null references desk.firm,
    name text not null, email text not null
);
create table desk.mailbox (
    id integer primary key, account_id integer not null references desk.firm, label text not null
);
create table desk.hours (
    id integer primary key, account_id integer not null references desk.firm, opens integer not null
);
create table desk.customers (
    id bigint primary key, team_id integer not null references desk.team,
    tier text not null check (tier in ('basic', 'gold')), login varchar(80) not null unique,
    email text, full_name text not null, phone text, joined date not null check (joined > '1999-12-31')
);
create table desk.tickets (
    id bigint primary key, account_id integer not null references desk.firm,
    customer_id bigint not null references desk.customers, status text not null,
    subject text not null, minutes_spent integer not null
);
create table desk.messages (
    id bigint primary key, ticket_id bigint not null references desk.tickets,
    customer_id bigint not null references desk.customers, body text not null
);
create table desk.ratings (
    id bigint primary key, ticket_id bigint not null references desk.tickets,
    score integer not null, comment text
);
create table desk.label (id integer primary key, label_text text not null);
alter table desk.team drop column firm_id;

insert into desk.firm values (1, 'North Heating'), (2, 'South Boilers');
insert into desk.team values (1, 'Homes', 1), (2, 'Homes', 2);
insert into desk.agents values (1, 1, 'Nora Deskwell', 'nora@desk.example.com'),
    (2, 2, 'Sven Tableau', 'sven@desk.example.com');
insert into desk.mailbox values (1, 1, 'Support'), (2, 2, 'Support');
insert into desk.hours values (1, 1, 8), (2, 2, 9);
insert into desk.customers
select n, 1 + n % 2, case when n % 3 = 0 then 'gold' else 'basic' end, 'guest' || n,
    'guest' || n || '@example.org',
    (array['Aveline', 'Bodil', 'Casimir', 'Dagny', 'Emeric'])[1 + n % 5] || ' '
        || (array['Ashgrove', 'Birkelund', 'Coppersmith', 'Drosselbart'])[1 + n % 4],
    '+44 1632 9600' || lpad(n::text, 2, '0'), date '2026-01-01' + n
from generate_series(1, 20) n;
insert into desk.tickets
select n, 1 + n % 2, n, 'closed', 'Heater ' || n % 3, 5 + n from generate_series(1, 20) n;
insert into desk.messages
select n, n, n, 'I am ' || full_name || ', write to ' || email || '.'
from generate_series(1, 20) n join desk.customers c on c.id = n;
insert into desk.ratings
select n, n, 1 + n % 5, 'Thanks, ' || full_name from generate_series(1, 20) n
join desk.customers c on c.id = n;
insert into desk.label values (1, 'urgent matters'),
    (2, 'call guest3@example.org and guest4@example.org back'), (3, 'waits for parts');
