-- Percentiles by interpolation inside a band. One is published only if ten conversations lie beyond it
-- on either side, and not inside the open last band.
create or replace view reporting.latency_weekly_quantiles with (security_barrier) as
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
    where org_id = current_setting('lacuna.org_id') and reporting.reads_for(org_id) and channel <> '(other)'
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

comment on view reporting.latency_weekly_quantiles is
    'How long people wait for the first reply on each channel a week, for the tenant of the session.';
comment on column reporting.latency_weekly_quantiles.period is 'ISO 8601 week, or a range of them.';
comment on column reporting.latency_weekly_quantiles.first_day is 'First day of the period.';
comment on column reporting.latency_weekly_quantiles.last_day is 'Last day of the period, included.';
comment on column reporting.latency_weekly_quantiles.channel is 'Channel on which the conversation began.';
comment on column reporting.latency_weekly_quantiles.n is
    'Inbound conversations with a reply of an agent. Unit: conversations.';
comment on column reporting.latency_weekly_quantiles.p50_s is
    'Median of the seconds to the first reply, interpolated. NULL: fewer than 20 conversations, or it lies in the open last band.';
comment on column reporting.latency_weekly_quantiles.p90_s is
    'Ninetieth percentile of the seconds to the first reply, interpolated. NULL: fewer than 100 conversations, or it lies in the open last band.';
