-- The marts: anonymized aggregates of closed periods, written once, and reporting's own working rows.
--
-- A period's release and its cells are inserted in one transaction and never change again,
-- whatever is erased later: nobody, the owner included, can update or delete them, or add to them. A
-- sealed period is replaced as a whole, once, by a new version, and never otherwise.
--
-- The tables of the marts and their views are made after this file, from sql/reporting/<mart>/metadata.yaml.

-- --- Working rows ---------------------------------------------------------------------------------
-- They name interactions by the platform's keys and the day on which each is counted, so that nothing is
-- counted twice and what comes late is seen. They hold nothing about a person.

create table lacuna.counted_row (
    org_id text not null,
    mart text not null,
    row_id text not null,
    posted_day date,
    primary key (org_id, mart, row_id)
);
comment on table lacuna.counted_row is
    'Which interaction is counted where. Written by the executor. No personal data by itself: row_id is the platform''s own key of the interaction.';
comment on column lacuna.counted_row.posted_day is
    'Day whose period counts it. NULL: of a restricted person, counted in none, now or later.';

create index on lacuna.counted_row (org_id, mart, posted_day);

create table lacuna.day_total (
    org_id text not null,
    mart text not null,
    day date not null,
    rows bigint not null check (rows >= 0),
    amount bigint not null,
    seen_at timestamptz not null,
    primary key (org_id, mart, day)
);
comment on table lacuna.day_total is
    'What the platform held of a closed day when a run last looked. Written by the executor. No personal data.';

create table lacuna.fixed_link (
    org_id text not null,
    row_id text not null,
    is_repeat boolean not null,
    is_followed boolean not null,
    primary key (org_id, row_id)
);
comment on table lacuna.fixed_link is
    'What depends on a link that an erasure cut before the week was closed; goes when the week is sealed. Written by the executor. No personal data by itself: row_id is the platform''s own key of the interaction.';

create table lacuna.sealed_rows (
    org_id text not null,
    mart text not null,
    period text not null,
    last_day date not null,
    content bytea not null,
    primary key (org_id, mart, period)
);
comment on table lacuna.sealed_rows is
    'What each row added to its period when that was sealed, compressed; goes when the period is too old to be restated. Written by the executor. No personal data by itself: it names interactions by the platform''s keys and nobody.';

create table lacuna.restatement (
    org_id text not null,
    rule text not null,
    reason text not null check (reason in ('source_corrected', 'query_corrected')),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    proposed_at timestamptz not null,
    primary key (org_id, rule)
);
comment on table lacuna.restatement is
    'Restatements that were worked out: what an approval names. Written by the executor. No personal data.';

create table lacuna.replaced_cells (
    org_id text not null,
    mart text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    cells jsonb not null,
    primary key (org_id, mart, period)
);
comment on table lacuna.replaced_cells is
    'The cells of periods that were restated. They were public and stay known, so that what closes later is audited with them too. They are served nowhere, and hold nothing that was not published. Written by the executor. No personal data.';
comment on column lacuna.replaced_cells.cells is
    'An array of cells: the dimensions, then the measures, in the order of the mart''s columns.';

do $$
declare
    name text;
begin
    foreach name in array array[
        'counted_row', 'day_total', 'fixed_link', 'sealed_rows', 'restatement', 'replaced_cells'
    ] loop
        execute format('alter table lacuna.%I enable row level security', name);
        execute format('alter table lacuna.%I force row level security', name);
    end loop;
end $$;

-- --- Releases -------------------------------------------------------------------------------------

create schema reporting;
comment on schema reporting is
    'The marts: anonymized aggregates of closed periods. Written once, by the executor. No personal data.';

create table reporting.release (
    mart text not null,
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null check (last_day >= first_day),
    policy_version text not null,
    sealed_at timestamptz not null,
    rows int not null check (rows >= 0),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    audit jsonb not null,
    sealed_in xid8 not null default pg_current_xact_id(),
    version int not null default 1 check (version between 1 and 2),
    primary key (mart, org_id, period)
);
comment on table reporting.release is 'Sealed periods of each mart and tenant: none overlaps another one.';
comment on column reporting.release.period is
    'ISO 8601 day or week; joined by -- where one alone was too small.';
comment on column reporting.release.rows is 'Cells published.';
comment on column reporting.release.digest is
    'SHA-256 of the canonical form of the cells; the Parquet file carries the same.';
comment on column reporting.release.audit is
    'Figures about the release: volume, what is merged or withheld. None about people.';
comment on column reporting.release.sealed_in is 'The transaction in which its cells may come.';
comment on column reporting.release.version is '1 as it was sealed, 2 where it was restated.';

create table reporting.restatement (
    mart text not null,
    org_id text not null,
    period text not null,
    version int not null check (version = 2),
    reason text not null check (reason in ('source_corrected', 'query_corrected')),
    replaced_digest text not null check (replaced_digest ~ '^[0-9a-f]{64}$'),
    digest text not null check (digest ~ '^[0-9a-f]{64}$' and digest <> replaced_digest),
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

-- Periods of a mart and tenant follow one another: none overlaps one that is sealed. A new version stands
-- where the old one stood: the same days, the digest that was named.
create function reporting.check_release() returns trigger
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
create trigger release_check before insert on reporting.release
    for each row execute function reporting.check_release();
alter table reporting.release enable always trigger release_check;

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
create trigger restatement_check before insert on reporting.restatement
    for each row execute function reporting.check_restatement();
alter table reporting.restatement enable always trigger restatement_check;

-- A cell comes with its release, in one transaction, or not at all.
create function reporting.check_cell() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from reporting.release as open
        where open.mart = tg_table_name and open.org_id = new.org_id and open.period = new.period
            and open.first_day = new.first_day and open.last_day = new.last_day
            and open.sealed_in = pg_current_xact_id()
    ) then
        raise exception 'reporting: this period is sealed, or has no release'
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create function reporting.refuse_change() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception '%.% is written once', tg_table_schema, tg_table_name
        using errcode = 'insufficient_privilege';
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

create trigger release_written_once before update or truncate on reporting.release
    for each statement execute function reporting.refuse_change();
create trigger release_removal before delete on reporting.release
    for each row execute function reporting.check_removal();
alter table reporting.release enable always trigger release_written_once;
alter table reporting.release enable always trigger release_removal;
alter table reporting.release enable row level security;
alter table reporting.release force row level security;
create policy tenant on reporting.release for select to lacuna_analyst
    using (org_id = current_setting('lacuna.org_id'));
create policy views on reporting.release for select to current_user
    using (org_id = current_setting('lacuna.org_id', true));
create policy readers on reporting.release for select
    to lacuna_planner, lacuna_verifier, lacuna_auditor using (true);
create policy batch on reporting.release to lacuna_executor using (true) with check (true);

create trigger restatement_written_once before update or delete or truncate on reporting.restatement
    for each statement execute function reporting.refuse_change();
alter table reporting.restatement enable always trigger restatement_written_once;
alter table reporting.restatement enable row level security;
alter table reporting.restatement force row level security;
create policy tenant on reporting.restatement for select to lacuna_analyst
    using (org_id = current_setting('lacuna.org_id'));
create policy readers on reporting.restatement for select
    to lacuna_planner, lacuna_verifier, lacuna_auditor using (true);
create policy batch on reporting.restatement to lacuna_executor using (true) with check (true);
