-- Rows of sealed days, from `from_day` to `to_day`, that are counted nowhere yet: they came late.
select cast(rating.rating_id as text) as row_id
from contact_center.ratings as rating
where rating.org_id = :org_id
    and rating.type = 'csat'
    and rating.status = 'rated'
    and rating.rated_at >= cast(cast(:from_day as date) as timestamp) at time zone 'UTC'
    and rating.rated_at < cast(cast(:to_day as date) + 1 as timestamp) at time zone 'UTC'
    and not exists (
        select from lacuna.counted_row as counted
        where counted.mart = 'csat_weekly'
            and counted.org_id = :org_id
            and counted.row_id = cast(rating.rating_id as text)
    )
