-- A large erasure changes its rows in portions: key ranges, each in a short transaction of its own.

-- The portion that changes a row; null where one transaction changes all rows of a request.
alter table lacuna.working_row add column portion int check (portion > 0);

create index working_row_portion on lacuna.working_row (request_id, portion)
    where portion is not null;

-- Written when the first row is about to change, and finished in the transactions that change the
-- rows: the first that is pending is where a run goes on.
create table lacuna.portion (
    request_id uuid not null references lacuna.request on delete cascade,
    portion int not null check (portion > 0),
    -- Null: the last one, which looks for rows of the person that came meanwhile.
    table_name text,
    -- What changed its rows: each of them carries this id. Null as long as it is pending.
    transaction xid8,
    primary key (request_id, portion)
);

alter table lacuna.portion enable row level security;
alter table lacuna.portion force row level security;

-- Which requests have effects at all is asked for a whole batch.
create index outbox_request on lacuna.outbox (request_id);
