-- What is to be recorded of a change of rows, until the transaction after it records it: an entry of the
-- ledger stays, and in the change's own transaction it would carry the number that the rows carry.
create table lacuna.unrecorded (
    place bigint generated always as identity primary key,
    request_id uuid not null references lacuna.request on delete cascade,
    batch_id uuid,
    at timestamptz not null,
    action text not null,
    location text not null,
    rows bigint,
    already bigint,
    digest text,
    actor text not null
);

create index on lacuna.unrecorded (request_id);

alter table lacuna.unrecorded enable row level security;
alter table lacuna.unrecorded force row level security;
