-- What the marts serve of this legacy table, under its name. People and countries have no successor.
-- `day` is the first of several where one alone was too small.
select
    org_id,
    first_day as day,
    channel,
    queue as queue_name,
    n as conversations,
    handle_s_sum as handling_duration_s
from reporting.volume_daily
where org_id = current_setting('lacuna.org_id')
