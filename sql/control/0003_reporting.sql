-- The marts: anonymized aggregates of closed periods, written once.
--
-- A period's release and its cells are inserted in one transaction and never change again,
-- whatever is erased later: nobody, the owner included, can update, delete or add to them.
-- Policies name roles, which roles.sql makes after the migrations: those needed are made here too.

create schema reporting;

do $$
declare
    name text;
begin
    foreach name in array array[
        'lacuna_planner', 'lacuna_executor', 'lacuna_verifier', 'lacuna_auditor', 'lacuna_analyst'
    ] loop
        if not exists (select from pg_roles where rolname = name) then
            begin
                execute format('create role %I nologin noinherit', name);
            exception when duplicate_object or unique_violation then
                null;  -- another database of this server made it at the same moment
            end;
        end if;
    end loop;
end $$;

create table reporting.release (
    mart text not null,
    org_id text not null,
    -- ISO 8601 day or week; joined by -- where one alone was too small.
    period text not null,
    first_day date not null,
    last_day date not null check (last_day >= first_day),
    policy_version text not null,
    sealed_at timestamptz not null,
    rows int not null check (rows >= 0),
    digest text not null check (digest ~ '^[0-9a-f]{64}$'),
    -- Figures about the release: volume, what is merged or withheld. None about people.
    audit jsonb not null,
    sealed_in xid8 not null default pg_current_xact_id(),
    primary key (mart, org_id, period)
);

comment on column reporting.release.rows is 'Cells published.';
comment on column reporting.release.digest is
    'SHA-256 of the canonical form of the cells; the Parquet file carries the same.';

create table reporting.volume_daily (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    channel text not null,
    queue text not null,
    n bigint not null,
    handle_s_sum bigint,
    n_handled bigint,
    frt_s_sum bigint,
    n_frt bigint,
    n_offered bigint,
    n_abandoned bigint,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, channel, queue)
);

comment on table reporting.volume_daily is
    'Conversations by day, channel and queue; definitions in sql/reporting/volume_daily/metadata.yaml.';

create table reporting.csat_weekly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    channel text not null,
    n_resp bigint not null,
    n_pos bigint,
    score_sum bigint,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, channel)
);

comment on table reporting.csat_weekly is
    'Satisfaction by ISO week and channel; definitions in sql/reporting/csat_weekly/metadata.yaml.';

-- Periods of a mart and tenant follow one another: none overlaps one that is sealed.
create function reporting.check_release() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(7205983);
    if exists (
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

create trigger release_check before insert on reporting.release
    for each row execute function reporting.check_release();
create trigger volume_daily_check before insert on reporting.volume_daily
    for each row execute function reporting.check_cell();
create trigger csat_weekly_check before insert on reporting.csat_weekly
    for each row execute function reporting.check_cell();

do $$
declare
    name text;
begin
    foreach name in array array['release', 'volume_daily', 'csat_weekly'] loop
        execute format(
            'create trigger %I before update or delete or truncate on reporting.%I '
            'for each statement execute function reporting.refuse_change()',
            name || '_written_once', name);
        execute format('alter table reporting.%I enable always trigger %I', name, name || '_check');
        execute format(
            'alter table reporting.%I enable always trigger %I', name, name || '_written_once');
        execute format('alter table reporting.%I enable row level security', name);
        execute format('alter table reporting.%I force row level security', name);
        -- An unset tenant raises, which refuses the query.
        execute format(
            'create policy tenant on reporting.%I for select to lacuna_analyst '
            'using (org_id = current_setting(''lacuna.org_id''))', name);
        -- Before PostgreSQL 15 a view reads as its owner: the same tenant, and no other.
        execute format(
            'create policy views on reporting.%I for select to current_user '
            'using (org_id = current_setting(''lacuna.org_id'', true))', name);
        execute format(
            'create policy readers on reporting.%I for select '
            'to lacuna_planner, lacuna_verifier, lacuna_auditor using (true)', name);
        execute format(
            'create policy batch on reporting.%I to lacuna_executor using (true) with check (true)',
            name);
    end loop;
end $$;

-- Ratios are computed here, from sums and counts, so that they hold at every roll-up. The tenant
-- is named in each view: an owner that is a superuser passes every policy.
create view reporting.volume_daily_rates with (security_barrier) as
select
    period,
    first_day,
    last_day,
    channel,
    queue,
    n,
    handle_s_sum::double precision / nullif(n_handled, 0) as aht_s,
    frt_s_sum::double precision / nullif(n_frt, 0) as frt_s,
    n_abandoned::double precision / nullif(n_offered, 0) as abandoned_share,
    is_merged
from reporting.volume_daily
where org_id = current_setting('lacuna.org_id');

create view reporting.volume_daily_by_channel with (security_barrier) as
select
    period,
    first_day,
    last_day,
    channel,
    sum(n)::bigint as n,
    sum(handle_s_sum)::double precision / nullif(sum(n_handled), 0) as aht_s,
    sum(frt_s_sum)::double precision / nullif(sum(n_frt), 0) as frt_s,
    sum(n_abandoned)::double precision / nullif(sum(n_offered), 0) as abandoned_share
from reporting.volume_daily
where org_id = current_setting('lacuna.org_id')
group by period, first_day, last_day, channel;

create view reporting.csat_weekly_rates with (security_barrier) as
select
    period,
    first_day,
    last_day,
    channel,
    n_resp,
    n_pos::double precision / nullif(n_resp, 0) as csat_share,
    score_sum::double precision / nullif(n_resp, 0) as score,
    is_merged
from reporting.csat_weekly
where org_id = current_setting('lacuna.org_id');
