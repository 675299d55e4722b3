-- The volume without its queues. The tenant is named: an owner that is a superuser passes every policy.
create or replace view reporting.volume_daily_by_channel with (security_barrier) as
select
    period,
    first_day,
    last_day,
    channel,
    sum(n)::bigint as n,
    sum(handle_s_sum)::double precision / nullif(sum(n_handled), 0) as aht_s,
    sum(frt_s_sum)::double precision / nullif(sum(n_frt), 0) as frt_s
from reporting.volume_daily
where org_id = current_setting('lacuna.org_id') and reporting.reads_for(org_id)
group by period, first_day, last_day, channel;

comment on view reporting.volume_daily_by_channel is
    'The volume of each channel a day, over all queues, for the tenant of the session.';
comment on column reporting.volume_daily_by_channel.period is 'ISO 8601 day, or a range of them.';
comment on column reporting.volume_daily_by_channel.first_day is 'First day of the period.';
comment on column reporting.volume_daily_by_channel.last_day is 'Last day of the period, included.';
comment on column reporting.volume_daily_by_channel.channel is
    'Channel on which the conversation began; (other) where channels are merged.';
comment on column reporting.volume_daily_by_channel.n is
    'Conversations, counted once, on the day on which they began. Unit: conversations.';
comment on column reporting.volume_daily_by_channel.aht_s is 'Average handling time in seconds.';
comment on column reporting.volume_daily_by_channel.frt_s is 'Mean first response time in seconds, inbound.';
