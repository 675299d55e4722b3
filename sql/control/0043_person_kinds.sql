-- What the person of a request is to the platform: a contact, or another kind of the data map, such as an agent.
-- A name of the map, never one of a person.
alter table lacuna.request add column person_kind text not null default 'contact'
    check (person_kind ~ '^[a-z][a-z0-9_]{0,39}$');

-- Unchecked here, as everything in the inbox: the answer says what is wrong with it.
alter table lacuna.request_inbox add column person_kind text not null default 'contact';
