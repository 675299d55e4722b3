-- What ratings of restricted people add up to: those that no period counts, and `rows` of open days.
select
    count(*) as n_resp,
    coalesce(sum(rating.score), 0) as score_sum
from contact_center.ratings as rating
where rating.org_id = :org_id
    and (
        rating.rating_id = any(cast(cast(:rows as text[]) as bigint[]))
        or exists (
            select from lacuna.counted_row as counted
            where counted.mart = 'csat_weekly'
                and counted.org_id = :org_id
                and counted.row_id = cast(rating.rating_id as text)
                and counted.posted_day is null
        )
    )
