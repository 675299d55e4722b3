-- Four further marts, and reporting's own working rows.
--
-- The working rows name interactions by the platform's keys and the day on which each is counted, so
-- that nothing is counted twice and what comes late is seen. They hold nothing about a person.

create table lacuna.counted_row (
    org_id text not null,
    mart text not null,
    row_id text not null,
    -- Day whose period counts it; NULL: of a restricted person, counted in none, now or later.
    posted_day date,
    primary key (org_id, mart, row_id)
);

create index on lacuna.counted_row (org_id, mart, posted_day);

-- What the platform held of a closed day when a run last looked.
create table lacuna.day_total (
    org_id text not null,
    mart text not null,
    day date not null,
    rows bigint not null check (rows >= 0),
    amount bigint not null,
    seen_at timestamptz not null,
    primary key (org_id, mart, day)
);

-- What depends on a link that an erasure cut before the week was closed; goes when the week is sealed.
create table lacuna.fixed_link (
    org_id text not null,
    row_id text not null,
    is_repeat boolean not null,
    is_followed boolean not null,
    primary key (org_id, row_id)
);

do $$
declare
    name text;
begin
    foreach name in array array['counted_row', 'day_total', 'fixed_link'] loop
        execute format('alter table lacuna.%I enable row level security', name);
        execute format('alter table lacuna.%I force row level security', name);
    end loop;
end $$;

create table reporting.consent_weekly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    queue text not null,
    n_calls bigint not null,
    n_asked bigint,
    n_accepted bigint,
    n_declined bigint,
    n_no_answer bigint,
    n_recorded bigint,
    n_served_unrecorded bigint,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, queue)
);

create table reporting.latency_weekly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    channel text not null,
    band_s text not null,
    n bigint not null,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, channel, band_s)
);

create table reporting.team_weekly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    team text not null,
    n bigint not null,
    handle_s_sum bigint,
    n_handled bigint,
    n_repeat_7d bigint,
    n_fcr_eligible bigint,
    n_fcr bigint,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, team)
);

create table reporting.contacts_monthly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    channel text not null,
    n_contacts bigint not null,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, channel)
);

-- As for the marts of 0003: a cell comes with its release and never changes.
do $$
declare
    name text;
begin
    foreach name in array array[
        'consent_weekly', 'latency_weekly', 'team_weekly', 'contacts_monthly'
    ] loop
        execute format(
            'create trigger %I before insert on reporting.%I '
            'for each row execute function reporting.check_cell()', name || '_check', name);
        execute format(
            'create trigger %I before update or delete or truncate on reporting.%I '
            'for each statement execute function reporting.refuse_change()',
            name || '_written_once', name);
        execute format('alter table reporting.%I enable always trigger %I', name, name || '_check');
        execute format(
            'alter table reporting.%I enable always trigger %I', name, name || '_written_once');
        execute format('alter table reporting.%I enable row level security', name);
        execute format('alter table reporting.%I force row level security', name);
        execute format(
            'create policy tenant on reporting.%I for select to lacuna_analyst '
            'using (org_id = current_setting(''lacuna.org_id''))', name);
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

create view reporting.consent_weekly_rates with (security_barrier) as
select
    period,
    first_day,
    last_day,
    queue,
    n_calls,
    n_accepted::double precision / nullif(n_asked, 0) as accepted_share,
    n_declined::double precision / nullif(n_asked, 0) as declined_share,
    n_no_answer::double precision / nullif(n_asked, 0) as no_answer_share,
    n_recorded::double precision / nullif(n_calls, 0) as recorded_share,
    n_served_unrecorded::double precision / nullif(n_calls, 0) as unrecorded_share,
    is_merged
from reporting.consent_weekly
where org_id = current_setting('lacuna.org_id');

create view reporting.team_weekly_rates with (security_barrier) as
select
    period,
    first_day,
    last_day,
    team,
    n,
    handle_s_sum::double precision / nullif(n_handled, 0) as aht_s,
    n_repeat_7d::double precision / nullif(n, 0) as repeat_share,
    n_fcr::double precision / nullif(n_fcr_eligible, 0) as fcr_share,
    is_merged
from reporting.team_weekly
where org_id = current_setting('lacuna.org_id');

-- Percentiles by interpolation inside a band. One is given only if ten conversations lie beyond it
-- on either side, and not inside the open last band.
create view reporting.latency_weekly_quantiles with (security_barrier) as
with banded as (
    select
        period,
        first_day,
        last_day,
        channel,
        n,
        split_part(band_s, '-', 1)::bigint as from_s,
        nullif(split_part(band_s, '-', 2), '')::bigint as to_s,
        sum(n) over (partition by first_day, channel order by band_s) as up_to,
        sum(n) over (partition by first_day, channel) as total
    from reporting.latency_weekly
    where org_id = current_setting('lacuna.org_id') and channel <> '(other)'
)
select
    period,
    first_day,
    last_day,
    channel,
    min(total)::bigint as n,
    (min(from_s + (to_s - from_s) * (total * 0.5 - (up_to - n)) / n)
        filter (where total >= 20 and up_to - n < total * 0.5 and total * 0.5 <= up_to))
        ::double precision as p50_s,
    (min(from_s + (to_s - from_s) * (total * 0.9 - (up_to - n)) / n)
        filter (where total >= 100 and up_to - n < total * 0.9 and total * 0.9 <= up_to))
        ::double precision as p90_s
from banded
group by period, first_day, last_day, channel;
