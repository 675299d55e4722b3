"""What is published is what is true: no ratio is shown on the days alone on which it is high."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import pytest

from lacuna.reporting import marts, publish
from tests.reporting.centre import FIRST_DAY, ORGS

APART = 0.01
"""Published ratios and true ones are one percentage point apart at most."""

WEEKS = 4
INTERESTING = [(share, mart) for mart in marts() for share in mart.shares if not share.published_in]
QUIET_AND_BUSY = [(13, 90, 0.06), (17, 150, 0.12)]


@pytest.fixture(params=QUIET_AND_BUSY, ids=lambda each: "seed {} of {} a day, {}".format(*each))
def told(request, centre, stores, clock):
    """Some weeks of a small or a large centre, published."""
    seed, a_day, abandoned = request.param
    centre.fill(days=7 * WEEKS, a_day=a_day, contacts=4 * a_day, seed=seed, abandoned=abandoned)
    clock.day = FIRST_DAY + timedelta(days=7 * WEEKS + 10)
    publish(stores)
    return centre


def true_rows(centre, mart, share, org_id, first, last):
    """Count part and whole in the platform's own rows of some days, by a statement of the test's own."""
    statements = {
        "abandoned_share": "select count(*) filter (where gone), count(*) from ("
        "select bool_and(completion_status = 'abandoned') as gone from contact_center.calls "
        "join contact_center.conversations c using (conversation_id) "
        "where calls.direction = 'inbound' and c.org_id = %(org)s and "
        "(c.created_at at time zone 'UTC')::date between %(first)s and %(last)s "
        "group by conversation_id) as offered",
        "csat_share": "select count(*) filter (where score >= 4), count(*) from "
        "contact_center.ratings where org_id = %(org)s and status = 'rated' and type = 'csat' and "
        "(rated_at at time zone 'UTC')::date between %(first)s and %(last)s",
    }
    if share.name not in statements:
        return None
    ((part, whole),) = centre.execute(
        statements[share.name], {"org": org_id, "first": first, "last": last}
    )
    return part, whole


@pytest.mark.long
def test_published_shares_are_the_true_ones_over_each_span_and_over_all(told):
    overall = defaultdict(lambda: [0, 0])
    for share, mart in INTERESTING:
        for org_id in ORGS:
            for first, last, part, whole in told.execute(
                f"select first_day, last_day, sum({share.part}), "  # noqa: S608 - declared names
                f"sum({share.whole}) from reporting.{mart.name} where org_id = %s "
                f"and {share.part} is not null group by 1, 2 "
                f"having sum({share.whole}) > 0 order by 1",
                [org_id],
            ):
                part, whole = int(part), int(whole)
                overall[share.name, org_id][0] += part
                overall[share.name, org_id][1] += whole
                true = true_rows(told, mart, share, org_id, first, last)
                if true is not None:
                    assert abs(part / whole - int(true[0]) / int(true[1])) <= APART, (
                        share.name,
                        first,
                    )
    spans = FIRST_DAY, FIRST_DAY + timedelta(days=7 * WEEKS - 1)
    for name in ("abandoned_share", "csat_share"):
        (share,) = (each for each, _ in INTERESTING if each.name == name)
        for org_id in ORGS:
            part, whole = overall[name, org_id]
            true_part, true_whole = true_rows(told, None, share, org_id, *spans)
            assert whole, f"nothing is published of {name}"
            assert abs(part / whole - true_part / true_whole) <= APART, (name, org_id)
