-- Whose request it is: so that an access bundle lists the person's earlier requests, refusals
-- included. The key is the platform's own; an erasure deletes it, and the request stays.
create table lacuna.request_subject (
    request_id uuid not null references lacuna.request on delete cascade,
    org_id text not null,
    contact_id text not null,
    primary key (request_id, contact_id)
);

create index request_subject_contact on lacuna.request_subject (org_id, contact_id);

alter table lacuna.request_subject enable row level security;
alter table lacuna.request_subject force row level security;
