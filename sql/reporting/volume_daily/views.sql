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
where org_id = current_setting('lacuna.org_id')
group by period, first_day, last_day, channel;
