-- What this legacy table and the marts both count, by tenant.
select 'volume_daily' as mart, 'n' as measure, org_id, sum(conversations) as total
from contact_center.legacy_conversation_daily
group by org_id
union all
select 'volume_daily', 'handle_s_sum', org_id, sum(handling_duration_s)
from contact_center.legacy_conversation_daily
group by org_id
