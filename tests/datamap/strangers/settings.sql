-- A desk with many tables of settings, which lead to a person only by who made or changed a row.
create schema desk;
create table desk.users (
    id integer primary key, email text not null, full_name text not null, position text,
    email_notifications boolean not null default true, motto text
);
create table desk.tickets (
    id integer primary key, customer_id integer not null references desk.users, subject text,
    status integer not null default 1, position integer not null default 0, reminder text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
create table desk.articles (
    id integer primary key, ticket_id integer not null references desk.tickets, body text,
    author_type text check (author_type in ('customer', 'agent')),
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
create table desk.mailboxes (
    id integer primary key, email_address text, email_box_host text, email_box_pass text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
create table desk.files (
    id integer primary key, article_id integer not null references desk.articles, file text
);
create table desk.user_tokens (
    id integer primary key, user_id integer not null references desk.users,
    token text not null unique, purpose_said text not null
);
create table desk.chat_sessions (
    key text primary key, user_id integer references desk.users, data text
);
create table desk.roles_users (user_id integer not null references desk.users, role text);
create table desk.seats (user_id integer not null unique references desk.users, place text, id integer primary key);
create table desk.imports (id integer primary key, payload text, result text);
create table desk.options (id integer primary key, area text, state_initial text);
insert into desk.users select n, 'guest' || n || '@example.org', 'Guest Number' || n from generate_series(1, 9) n;
insert into desk.tickets select n, n, 'The lamp ' || n, n % 5 + 1, n, 'call back ' || n, n, n
    from generate_series(1, 9) n;
insert into desk.articles select n, n, 'It is dark ' || n, 'customer', n, n from generate_series(1, 9) n;
create table desk.calendars (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.calendars select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.triggers (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.triggers select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.macros (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.macros select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.templates (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.templates select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.overviews (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.overviews select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.jobs (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.jobs select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.slas (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.slas select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.channels (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.channels select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.roles (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.roles select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.signatures (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.signatures select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.text_modules (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.text_modules select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.priorities (
    id integer primary key, name text, condition text,
    created_by_id integer not null references desk.users,
    updated_by_id integer not null references desk.users
);
insert into desk.priorities select n, 'name' || n, 'cond' || n, n, n
    from generate_series(1, 9) n;
create table desk.macros_roles (macro_id integer references desk.macros, role_id integer references desk.roles);
