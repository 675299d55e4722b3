-- The first day that has rows, and how many rows there are, from `from_day` to `to_day`.
select min(counted.posted_day) as first_day, count(*) as n
from lacuna.counted_row as counted
where counted.mart = 'volume_daily'
    and counted.org_id = :org_id
    and counted.posted_day between cast(:from_day as date) and cast(:to_day as date)
