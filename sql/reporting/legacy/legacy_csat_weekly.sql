-- What this legacy table and the marts both count, by tenant. Comments have no successor.
select 'csat_weekly' as mart, 'n_resp' as measure, org_id, sum(responses) as total
from contact_center.legacy_csat_weekly
group by org_id
union all
select 'csat_weekly', 'score_sum', org_id, sum(score_sum)
from contact_center.legacy_csat_weekly
group by org_id
