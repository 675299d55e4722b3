-- What the platform holds of each day from `from_day` to `to_day`: rows, and the sum of one magnitude.
-- Each run compares it with what it was: an erasure takes no row and no amount away.
select
    cast(rating.rated_at at time zone 'UTC' as date) as day,
    count(*) as n,
    coalesce(sum(rating.score), 0) as amount
from contact_center.ratings as rating
where rating.org_id = :org_id
    and rating.type = 'csat'
    and rating.status = 'rated'
    and rating.rated_at >= cast(cast(:from_day as date) as timestamp) at time zone 'UTC'
    and rating.rated_at < cast(cast(:to_day as date) + 1 as timestamp) at time zone 'UTC'
group by 1
