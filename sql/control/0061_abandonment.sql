-- Abandoned calls by week, joined until the share can be published: the days alone on which many hang up
-- made it look three times as high.

create table reporting.abandonment_weekly (
    org_id text not null,
    period text not null,
    first_day date not null,
    last_day date not null,
    queue text not null,
    n_offered bigint not null,
    n_abandoned bigint,
    is_merged boolean not null,
    policy_version text not null,
    primary key (org_id, first_day, queue)
);

-- As for the other marts: a cell comes with its release, and changes by a restatement alone.
create trigger abandonment_weekly_check before insert on reporting.abandonment_weekly
    for each row execute function reporting.check_cell();
create trigger abandonment_weekly_written_once before update or truncate on reporting.abandonment_weekly
    for each statement execute function reporting.refuse_change();
create trigger abandonment_weekly_removal before delete on reporting.abandonment_weekly
    for each row execute function reporting.check_removal();
alter table reporting.abandonment_weekly enable always trigger abandonment_weekly_check;
alter table reporting.abandonment_weekly enable always trigger abandonment_weekly_written_once;
alter table reporting.abandonment_weekly enable always trigger abandonment_weekly_removal;
alter table reporting.abandonment_weekly enable row level security;
alter table reporting.abandonment_weekly force row level security;
create policy tenant on reporting.abandonment_weekly for select to lacuna_analyst
    using (org_id = current_setting('lacuna.org_id'));
create policy views on reporting.abandonment_weekly for select to current_user
    using (org_id = current_setting('lacuna.org_id', true));
create policy readers on reporting.abandonment_weekly for select
    to lacuna_planner, lacuna_verifier, lacuna_auditor using (true);
create policy batch on reporting.abandonment_weekly to lacuna_executor
    using (true) with check (true);

create view reporting.abandonment_weekly_rates with (security_barrier) as
select
    period,
    first_day,
    last_day,
    queue,
    n_offered,
    n_abandoned::double precision / nullif(n_offered, 0) as abandoned_share,
    is_merged
from reporting.abandonment_weekly
where org_id = current_setting('lacuna.org_id');

-- The views of days no longer say it, of days that were sealed with it neither.
drop view reporting.volume_daily_rates;
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
    is_merged
from reporting.volume_daily
where org_id = current_setting('lacuna.org_id');

drop view reporting.volume_daily_by_channel;
create view reporting.volume_daily_by_channel with (security_barrier) as
select
    period,
    first_day,
    last_day,
    channel,
    sum(n)::bigint as n,
    sum(handle_s_sum)::double precision / nullif(sum(n_handled), 0) as aht_s,
    sum(frt_s_sum)::double precision / nullif(sum(n_frt), 0) as frt_s
from reporting.volume_daily
where org_id = current_setting('lacuna.org_id')
group by period, first_day, last_day, channel;

comment on table reporting.abandonment_weekly is 'How many callers hang up before an agent answers, each week.';
comment on column reporting.abandonment_weekly.org_id is 'Tenant.';
comment on column reporting.abandonment_weekly.period is 'ISO 8601 day, week or month, or a range of them.';
comment on column reporting.abandonment_weekly.first_day is 'First day of the period.';
comment on column reporting.abandonment_weekly.last_day is 'Last day of the period, included.';
comment on column reporting.abandonment_weekly.is_merged is 'Whether the row merges groups that were too small.';
comment on column reporting.abandonment_weekly.policy_version is 'Version of the protection rules.';
comment on column reporting.abandonment_weekly.queue is 'Queue of the conversation when its week is sealed; (other) where queues are merged.';
comment on column reporting.abandonment_weekly.n_offered is 'Conversations with an inbound call. Unit: conversations.';
comment on column reporting.abandonment_weekly.n_abandoned is 'Conversations whose inbound calls the caller all ended before an agent answered. Unit: conversations.';
comment on column reporting.volume_daily.n_offered is 'Conversations with an inbound call; empty, see abandonment_weekly. Unit: conversations.';
comment on column reporting.volume_daily.n_abandoned is 'Conversations whose inbound calls the caller all ended before an agent answered; empty, see abandonment_weekly. Unit: conversations.';
