-- Restatement: sealed weeks are replaced as a whole, once, by a new version, and never otherwise.

-- What each row added to its period when that was sealed, compressed. It names interactions by the
-- platform's keys and nobody, and goes when the period is too old to be restated.
create table lacuna.sealed_rows (
    org_id text not null,
    mart text not null,
    period text not null,
    last_day date not null,
    content bytea not null,
    primary key (org_id, mart, period)
);

-- A restatement that was worked out: what an approval names.
create table lacuna.restatement (
    org_id text not null,
    rule text not null,
    reason text not null check (reason in ('source_corrected', 'query_corrected')),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    proposed_at timestamptz not null,
    primary key (org_id, rule)
);

do $$
declare
    name text;
begin
    foreach name in array array['sealed_rows', 'restatement'] loop
        execute format('alter table lacuna.%I enable row level security', name);
        execute format('alter table lacuna.%I force row level security', name);
    end loop;
end $$;

alter table reporting.release add column version int not null default 1 check (version between 1 and 2);
comment on column reporting.release.version is '1 as it was sealed, 2 where it was restated.';

-- Which version replaced which, for everybody who reads the marts.
create table reporting.restatement (
    mart text not null,
    org_id text not null,
    period text not null,
    version int not null check (version = 2),
    reason text not null check (reason in ('source_corrected', 'query_corrected')),
    replaced_digest text not null check (replaced_digest ~ '^[0-9a-f]{64}$'),
    digest text not null check (digest ~ '^[0-9a-f]{64}$' and digest <> replaced_digest),
    -- Of the document that was approved and signed.
    document_digest text not null check (document_digest ~ '^[0-9a-f]{64}$'),
    restated_at timestamptz not null,
    restated_in xid8 not null default pg_current_xact_id(),
    primary key (mart, org_id, period)
);

comment on table reporting.restatement is 'Sealed periods that were replaced by a new version.';
comment on column reporting.restatement.replaced_digest is 'Digest of the cells that are no longer served.';
comment on column reporting.restatement.digest is 'Digest of the cells that took their place.';
comment on column reporting.restatement.document_digest is
    'SHA-256 of the signed document in evidence/restatements.';

-- It names the release that stands there, and comes before it goes.
create function reporting.check_restatement() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(7205983);
    if not exists (
        select from reporting.release as sealed
        where sealed.mart = new.mart and sealed.org_id = new.org_id and sealed.period = new.period
            and sealed.digest = new.replaced_digest and sealed.version = new.version - 1
    ) then
        raise exception 'reporting: no sealed period has the digest that is to be replaced'
            using errcode = 'check_violation';
    end if;
    new.restated_in := pg_current_xact_id();
    return new;
end $$;

-- A new version stands where the old one stood: the same days, the digest that was named.
create or replace function reporting.check_release() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(7205983);
    if new.version > 1 then
        if not exists (
            select from reporting.restatement as named
            where named.mart = new.mart and named.org_id = new.org_id and named.period = new.period
                and named.version = new.version and named.digest = new.digest
                and named.restated_in = pg_current_xact_id()
        ) or exists (
            select from reporting.release as sealed
            where sealed.mart = new.mart and sealed.org_id = new.org_id
                and sealed.first_day <= new.last_day and sealed.last_day >= new.first_day
        ) then
            raise exception 'reporting: a new version needs its restatement, and the days of the old one'
                using errcode = 'check_violation';
        end if;
    elsif exists (
        select from reporting.release as sealed
        where sealed.mart = new.mart and sealed.org_id = new.org_id
            and sealed.last_day >= new.first_day
    ) then
        raise exception 'reporting: days up to the last sealed one are closed for good'
            using errcode = 'check_violation';
    end if;
    new.sealed_in := pg_current_xact_id();
    return new;
end $$;

-- Only in the transaction that restates a period do its release and its cells go.
create function reporting.check_removal() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    gone jsonb := to_jsonb(old);
begin
    if not exists (
        select from reporting.restatement as named
        where named.mart = coalesce(gone ->> 'mart', tg_table_name) and named.org_id = old.org_id
            and named.period = old.period and named.restated_in = pg_current_xact_id()
    ) then
        raise exception '%.% is written once', tg_table_schema, tg_table_name
            using errcode = 'insufficient_privilege';
    end if;
    return old;
end $$;

create trigger restatement_check before insert on reporting.restatement
    for each row execute function reporting.check_restatement();
create trigger restatement_written_once before update or delete or truncate on reporting.restatement
    for each statement execute function reporting.refuse_change();
alter table reporting.restatement enable always trigger restatement_check;
alter table reporting.restatement enable always trigger restatement_written_once;
alter table reporting.restatement enable row level security;
alter table reporting.restatement force row level security;
create policy tenant on reporting.restatement for select to lacuna_analyst
    using (org_id = current_setting('lacuna.org_id'));
create policy readers on reporting.restatement for select
    to lacuna_planner, lacuna_verifier, lacuna_auditor using (true);
create policy batch on reporting.restatement to lacuna_executor using (true) with check (true);

do $$
declare
    name text;
begin
    foreach name in array array[
        'release', 'volume_daily', 'csat_weekly', 'consent_weekly', 'latency_weekly', 'team_weekly',
        'contacts_monthly'
    ] loop
        execute format('drop trigger %I on reporting.%I', name || '_written_once', name);
        execute format(
            'create trigger %I before update or truncate on reporting.%I '
            'for each statement execute function reporting.refuse_change()',
            name || '_written_once', name);
        execute format(
            'create trigger %I before delete on reporting.%I '
            'for each row execute function reporting.check_removal()', name || '_removal', name);
        execute format(
            'alter table reporting.%I enable always trigger %I', name, name || '_written_once');
        execute format('alter table reporting.%I enable always trigger %I', name, name || '_removal');
    end loop;
end $$;

-- Two more actions, beside whatever was added before.
do $$
declare
    definition text;
begin
    select pg_get_constraintdef(oid) into strict definition
    from pg_constraint
    where conrelid = 'lacuna_evidence.entry'::regclass and conname = 'entry_action_check';
    execute 'alter table lacuna_evidence.entry drop constraint entry_action_check, '
        'add constraint entry_action_check '
        || replace(definition, 'ARRAY[', 'ARRAY[''withdraw_period''::text, ''restate_period''::text, ');
end $$;
