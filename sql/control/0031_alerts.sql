-- What an officer was told by mail, so that each thing is told once.
create table lacuna.alert (
    org_id text not null,
    kind text not null check (kind in ('approval', 'ambiguous', 'overdue', 'failed', 'red_run')),
    -- A request with the plan or the obstacle that it is about, or a run: ids, no word of a person.
    reference text not null check (reference ~ '^[A-Za-z0-9:._+-]{1,250}$'),
    told_at timestamptz not null,
    primary key (org_id, kind, reference)
);

alter table lacuna.alert enable row level security;
alter table lacuna.alert force row level security;
