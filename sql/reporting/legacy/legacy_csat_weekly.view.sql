-- What the marts serve of this legacy table, under its name. People and comments have no successor.
-- `iso_week` names the first and the last week where one alone was too small.
select
    org_id,
    period as iso_week,
    channel,
    n_resp as responses,
    score_sum
from reporting.csat_weekly
where org_id = current_setting('lacuna.org_id')
