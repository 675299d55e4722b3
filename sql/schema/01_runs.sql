-- What created the database, its runs, alerts to officers, and functions that several parts use.
-- All of Lacuna's tables with a tenant have row-level security, forced; sql/rights.sql has their policies and rights.

create schema if not exists lacuna;
comment on schema lacuna is
    'Requests, plans, mail, consent and what belongs to them. Personal data is encrypted, or a key of the platform that an erasure deletes; in clear, it is only in request_inbox, file_effect, baseline and officer.';

-- --- What created it ------------------------------------------------------------------------------

create table lacuna.migration (
    name text primary key,
    digest text not null,
    applied_at timestamptz not null default now()
);
comment on table lacuna.migration is
    'The schema and the migrations of this database. Written by lacuna up. No personal data.';
comment on column lacuna.migration.name is '`schema`, or the file name of a migration.';
comment on column lacuna.migration.digest is 'SHA-256 of the file, or of all files of sql/schema.';
comment on column lacuna.migration.applied_at is 'When it was applied.';

create table lacuna.database_fact (
    name text primary key,
    value text not null
);
comment on table lacuna.database_fact is
    'Facts about this database, such as that it contains the sample platform, or by which mark a store is recognized. Written by the owner. No personal data.';
comment on column lacuna.database_fact.name is 'Name of the fact.';
comment on column lacuna.database_fact.value is
    'The fact: a date, the id of a tenant, or the mark or address of a store.';

-- --- Runs -----------------------------------------------------------------------------------------

create table lacuna.batch (
    batch_id uuid primary key,
    flow text not null,
    run_id text not null,
    started_at timestamptz not null,
    chunks integer check (chunks between 0 and 64)
);
comment on table lacuna.batch is
    'Runs of the flows. Written by the planner and the executor. No personal data.';
comment on column lacuna.batch.batch_id is
    'Id of the run; every task of a scheduled run derives the same one.';
comment on column lacuna.batch.flow is 'Name of the flow.';
comment on column lacuna.batch.run_id is 'The scheduler''s id of the run.';
comment on column lacuna.batch.started_at is 'When the run began.';
comment on column lacuna.batch.chunks is
    'Number of chunks into which the batch is divided. Set once: a repeated task takes the same requests, on any worker.';

create table lacuna.alert_kind (
    kind text primary key,
    description text not null
);
comment on table lacuna.alert_kind is
    'Kinds of alerts to officers. Written by the owner alone. No personal data.';
comment on column lacuna.alert_kind.kind is 'Word of the list.';
comment on column lacuna.alert_kind.description is 'What it means.';
insert into lacuna.alert_kind (kind, description) values
    ('approval', 'A plan waits for approval.'),
    ('ambiguous', 'Several people match a request.'),
    ('overdue', 'A request is overdue.'),
    ('failed', 'A step or a gate failed for a request.'),
    ('red_run', 'A run ended red.'),
    ('link_locked', 'Wrong codes locked the link to a bundle.');

create table lacuna.alert (
    org_id text not null,
    kind text not null references lacuna.alert_kind,
    reference text not null check (reference ~ '^[A-Za-z0-9:._+-]{1,250}$'),
    told_at timestamptz not null,
    primary key (org_id, kind, reference)
);
comment on table lacuna.alert is
    'Alerts that were sent to officers by mail, so that each is sent once. Written by the planner. No personal data.';
comment on column lacuna.alert.org_id is 'Tenant.';
comment on column lacuna.alert.kind is 'What the alert is about.';
comment on column lacuna.alert.reference is
    'Ids of what the alert is about: a request with its plan or obstacle, or a run.';
comment on column lacuna.alert.told_at is 'When the alert was sent.';

alter table lacuna.alert enable row level security;
alter table lacuna.alert force row level security;

-- --- Functions that several parts use -------------------------------------------------------------

-- Stable: the role does not change within a statement.
create function lacuna.may_decide() returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select current_user in ('lacuna_dpo', 'lacuna_rule')
        or pg_has_role(current_user, nspowner, 'member')
    from pg_namespace where nspname = 'lacuna'
$$;
comment on function lacuna.may_decide() is
    'Whether the current role may make an officer''s decisions: lacuna_dpo, lacuna_rule or the owner.';

create function lacuna.refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception '%.% is append-only', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;
comment on function lacuna.refuse_change() is 'Trigger: refuses every change of an append-only table.';
