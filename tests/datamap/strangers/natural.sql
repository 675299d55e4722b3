-- A shop whose customers have no number: their address is their key.
create schema shop;
create table shop.customers (email text primary key, full_name text, phone text);
create table shop.tickets (
    id bigint primary key,
    customer_email text not null references shop.customers on update cascade,
    status text not null, body text
);
create table shop.messages (
    id bigint primary key, ticket_id bigint not null references shop.tickets, body text
);
insert into shop.customers
select 'guest' || n || '@example.org', 'Guest Number' || n, '+44 1632 9600' || lpad(n::text, 2, '0')
from generate_series(1, 20) n;
insert into shop.tickets
select n, 'guest' || n || '@example.org', 'closed', 'I am Guest Number' || n
from generate_series(1, 20) n;
insert into shop.messages
select n, n, 'Hello from guest' || n || '@example.org' from generate_series(1, 20) n;
