-- The database as Lacuna runs in it: what made it, which runs there were, what officers were told of them.
-- All of Lacuna's tables with a tenant have row-level security, forced; sql/rights.sql has their policies.

create schema if not exists lacuna;
comment on schema lacuna is
    'Lacuna''s queue: requests, plans, mail, consent and what belongs to them. Personal data is encrypted, or a key of the platform''s that an erasure deletes.';

-- --- What made it ---------------------------------------------------------------------------------

create table lacuna.migration (
    name text primary key,
    digest text not null,
    applied_at timestamptz not null default now()
);
comment on table lacuna.migration is
    'What made this database: the schema, and the files of sql/migrations. Written by lacuna up. No personal data.';
comment on column lacuna.migration.digest is 'SHA-256 of the file, or of all files of sql/schema.';

create table lacuna.mark (
    name text primary key,
    value text not null
);
comment on table lacuna.mark is
    'Facts about this database that Lacuna wrote itself, such as that it holds the sample platform. Written by the owner. No personal data.';

-- --- Runs -----------------------------------------------------------------------------------------

create table lacuna.batch (
    batch_id uuid primary key,
    flow text not null,
    run_id text not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    chunks integer check (chunks between 0 and 64)
);
comment on table lacuna.batch is 'Runs of the flows. Written by the planner and the executor. No personal data.';
comment on column lacuna.batch.run_id is 'What the scheduler calls the run.';
comment on column lacuna.batch.chunks is
    'In how many chunks the batch is worked on at once: said once, so that a task tried again, on another worker, takes the same requests.';

create table lacuna.alert_kind (
    kind text primary key,
    description text not null
);
comment on table lacuna.alert_kind is
    'What an officer can be told of by mail. Written by the owner alone. No personal data.';
insert into lacuna.alert_kind (kind, description) values
    ('approval', 'A plan waits for its approval.'),
    ('ambiguous', 'Somebody has to say who is meant.'),
    ('overdue', 'A request is overdue.'),
    ('failed', 'A step or a gate failed for a request.'),
    ('red_run', 'A run ended red.');

create table lacuna.alert (
    org_id text not null,
    kind text not null references lacuna.alert_kind,
    reference text not null check (reference ~ '^[A-Za-z0-9:._+-]{1,250}$'),
    told_at timestamptz not null,
    primary key (org_id, kind, reference)
);
comment on table lacuna.alert is
    'What an officer was told by mail, so that each thing is told once. Written by the planner. No personal data.';
comment on column lacuna.alert.reference is
    'A request with the plan or the obstacle that it is about, or a run: ids, no word of a person.';

alter table lacuna.alert enable row level security;
alter table lacuna.alert force row level security;

-- --- Functions that several parts use -------------------------------------------------------------

-- Stable: one role acts in a statement.
create function lacuna.may_decide() returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select current_user in ('lacuna_dpo', 'lacuna_rule')
        or pg_has_role(current_user, nspowner, 'member')
    from pg_namespace where nspname = 'lacuna'
$$;

create function lacuna.refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception '%.% is append-only', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;
