"""Every documented metric, as an analyst asks for it: in PostgreSQL, in its views, and in DuckDB."""

# ruff: noqa: S608 - the queries of this file

import math
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import psycopg
import pytest

from lacuna.reporting import marts, publish
from lacuna.verify import attack_period
from tests.docs.blocks import blocks_of
from tests.reporting.centre import Centre, plain, prepare
from tests.reporting.conftest import SetClock, open_stores

WEEK = date(2026, 10, 19)
NIGHT = date(2026, 11, 7)  # the week is sealed, and the month
IN_WEEK = f"first_day between date '{WEEK}' and date '{WEEK + timedelta(days=6)}'"
TALKS = (
    "(select c.* from contact_center.conversations c where org_id = 'fjord' and"
    f" (created_at at time zone 'UTC')::date between '{WEEK}' and '{WEEK + timedelta(days=6)}')"
)
CALLS = f"contact_center.calls call join {TALKS} talk using (conversation_id)"


def near(other, condition):
    """Whether the same person has another conversation within seven days."""
    return (
        f"exists (select from contact_center.conversations {other} where {other}.requester_id ="
        f" talk.requester_id and {other}.conversation_id <> talk.conversation_id and {condition})"
    )


CAME_BEFORE = near(
    "old",
    "(old.created_at, old.conversation_id) < (talk.created_at, talk.conversation_id)"
    " and old.created_at >= talk.created_at - interval '7 days'",
)
CAME_AGAIN = near(
    "new",
    "(new.created_at, new.conversation_id) > (talk.created_at, talk.conversation_id)"
    " and new.created_at <= talk.created_at + interval '7 days'",
)


def share(condition, rows):
    return f"select avg(case when {condition} then 1.0 else 0.0 end) from {rows}"


# What each metric is of the platform's own rows, worked out without a mart.
TRUTH = {
    "volume_daily.aht_s": f"select avg(handling_duration_s) from {TALKS} talk where handling_duration_s > 0",
    "volume_daily.frt_s": "select avg(floor(extract(epoch from first_response_at - created_at)))"
    f" from {TALKS} talk",
    "abandonment_weekly.abandoned_share": share("completion_status = 'abandoned'", CALLS),
    "csat_weekly.score": "select avg(score) from contact_center.ratings where org_id = 'fjord' and"
    f" (rated_at at time zone 'UTC')::date between '{WEEK}' and '{WEEK + timedelta(days=6)}'",
    "csat_weekly.csat_share": "select avg(case when score >= 4 then 1.0 else 0.0 end) from"
    " contact_center.ratings where org_id = 'fjord' and"
    f" (rated_at at time zone 'UTC')::date between '{WEEK}' and '{WEEK + timedelta(days=6)}'",
    "consent_weekly.accepted_share": share(
        "call_recording_consent_action = 'caller_opted_in'",
        f"{CALLS} where call_recording_consent_action is not null",
    ),
    "consent_weekly.declined_share": share(
        "call_recording_consent_action = 'caller_opted_out'",
        f"{CALLS} where call_recording_consent_action is not null",
    ),
    "consent_weekly.no_answer_share": share(
        "call_recording_consent_action = 'timeout'",
        f"{CALLS} where call_recording_consent_action is not null",
    ),
    "consent_weekly.recorded_share": share("recording_time_s > 0", CALLS),
    "consent_weekly.unrecorded_share": share(
        "recording_time_s = 0 and completion_status <> 'abandoned'", CALLS
    ),
    "team_weekly.aht_s": f"select avg(handling_duration_s) from {TALKS} talk where handling_duration_s > 0",
    "team_weekly.repeat_share": share(CAME_BEFORE, f"{TALKS} talk"),
    "team_weekly.fcr_share": share(f"not {CAME_AGAIN}", f"{TALKS} talk"),
}
RATIOS = {
    f"{mart.name}.{ratio.name}": (mart.name, *ratio.reads)
    for mart in marts()
    for ratio in (*mart.means, *mart.shares)
    if not getattr(ratio, "published_in", "")
}


@pytest.fixture(scope="module", autouse=True)
def _template(template_database, tmp_path_factory):
    def build(url):
        prepare(url)
        centre, draw = Centre(url), random.Random(11)
        people = centre.add_contacts(700)
        drawn = [
            centre.draw_talk(draw, "fjord", WEEK + timedelta(days=number), people)
            for number in range(13)
            for _ in range(260 if number < 7 else 60)
        ]
        # Few groups with enough people each, and without an answer, that every mart seals the week.
        centre.add_talks(
            [
                replace(
                    each,
                    channel="email" if each.channel == "sms" else each.channel,
                    queue="orders" if each.queue in ("returns", "signup") else each.queue,
                    answered_after_s=None if draw.random() < 0.35 else each.answered_after_s,
                )
                for each in drawn
            ]
        )
        centre.execute(
            "update contact_center.calls set call_recording_consent = 'opt_in',"
            " call_recording_consent_action = (array['caller_opted_in', 'caller_opted_out', 'timeout',"
            " 'caller_opted_in', null])[1 + call_id % 5], recording_time_s = case when call_id % 5 in"
            " (0, 3) and completion_status <> 'abandoned' then 30 else 0 end"
        )
        publish(
            open_stores(url, SetClock(NIGHT), tmp_path_factory.mktemp("m")), attack=attack_period
        )

    template_database.register("centre_of_metrics", build)


@pytest.fixture(scope="module")
def published(template_database, tmp_path_factory):
    """The database, and the Parquet files of it."""
    with template_database.clones() as fresh:
        url = fresh("centre_of_metrics")
        stores = open_stores(url, SetClock(NIGHT), tmp_path_factory.mktemp("metrics"))
        publish(stores)
        stores.database.engine.dispose()
        yield Centre(url), stores.objects.folder("reporting")


def as_analyst(centre, query):
    with psycopg.connect(plain(centre.url)) as connection:
        connection.execute("set role lacuna_analyst")
        connection.execute("set lacuna.org_id = 'fjord'")
        return connection.execute(query).fetchall()


ANALYSTS = Path(__file__).parents[2] / "docs" / "analysts.md"


@pytest.mark.parametrize(
    "query", [one.text for one in blocks_of(ANALYSTS) if one.word == "sql" and "select" in one.text]
)
def test_the_queries_of_the_analysts_page_run_under_an_analysts_login(published, query):
    rows = as_analyst(published[0], query)
    assert rows or "restatement" in query


def test_the_pandas_of_the_analysts_page_gives_the_same_total(published, capsys):
    centre, folder = published
    (code,) = (one.text for one in blocks_of(ANALYSTS) if one.word == "python")
    exec(code.replace("/srv/reporting", str(folder)).replace("fjordlys", "fjord"), {})  # noqa: S102
    shown = dict(line.split()[:2] for line in capsys.readouterr().out.splitlines()[2:])
    (total,) = as_analyst(centre, "select sum(n) from reporting.volume_daily")[0]
    assert sum(map(float, shown.values())) == total


def test_every_documented_ratio_is_tried_here():
    assert RATIOS.keys() == TRUTH.keys()


@pytest.mark.parametrize("metric", sorted(TRUTH))
def test_a_metric_is_the_same_in_postgresql_in_duckdb_and_in_the_platforms_rows(published, metric):
    centre, folder = published
    mart, part, whole = RATIOS[metric]
    query = f"select sum({part})::double precision / sum({whole}) from {{}} where {IN_WEEK}"
    files = f"read_parquet('{folder}/{mart}/fjord/*.parquet')"
    (table,) = as_analyst(centre, query.format(f"reporting.{mart}"))
    (parquet,) = duckdb.sql(query.format(files)).fetchall()
    ((truth,),) = centre.execute(TRUTH[metric])
    assert table[0] == parquet[0] == pytest.approx(float(truth), rel=1e-9)


@pytest.mark.parametrize("metric", sorted(TRUTH))
def test_a_view_gives_each_row_its_metric(published, metric):
    centre, folder = published
    mart, part, whole = RATIOS[metric]
    name = metric.partition(".")[2]
    dimensions = ", ".join(
        ["first_day", *(each.name for m in marts() if m.name == mart for each in m.dimensions)]
    )
    rows = as_analyst(centre, f"select {dimensions}, {name} from reporting.{mart}_rates order by all"
                      .replace("order by all", f"order by {dimensions}"))  # fmt: skip
    files = duckdb.sql(
        f"select {dimensions}, {part}::double precision / nullif({whole}, 0) from"
        f" read_parquet('{folder}/{mart}/fjord/*.parquet') order by {dimensions}"
    ).fetchall()
    assert sorted(rows, key=str) == sorted(files, key=str)
    assert sum(row[-1] is not None for row in rows) >= 1


def test_a_channels_metrics_are_the_platforms_own(published):
    centre, _ = published
    found = as_analyst(
        centre,
        "select first_day, channel, n, aht_s, frt_s from"
        f" reporting.volume_daily_by_channel where {IN_WEEK} order by 1, 2",
    )
    truth = centre.execute(
        "select (talk.created_at at time zone 'UTC')::date, channel, count(*),"
        " avg(handling_duration_s) filter (where handling_duration_s > 0)::double precision,"
        " avg(floor(extract(epoch from first_response_at - talk.created_at)))::double precision"
        f" from {TALKS} talk group by 1, 2 order by 1, 2"
    )
    assert len(found) == 21
    for row, real in zip(found, truth, strict=True):
        assert row[:3] == real[:3]
        ratios = [[-1 if each is None else each for each in one[3:]] for one in (row, real)]
        assert ratios[0] == pytest.approx(ratios[1], rel=1e-9)


def test_waiting_times_lie_in_the_band_of_the_true_ones(published):
    centre, folder = published
    found = as_analyst(
        centre,
        f"select channel, p50_s, p90_s from reporting.latency_weekly_quantiles where {IN_WEEK}",
    )
    assert len(found) == 3
    bands = duckdb.sql(
        "select channel, band_s from"
        f" read_parquet('{folder}/latency_weekly/fjord/*.parquet') where {IN_WEEK}"
    ).fetchall()
    for channel, *quantiles in found:
        for share_of, quantile in zip((0.5, 0.9), quantiles, strict=True):
            ((truth,),) = centre.execute(
                f"select percentile_disc({share_of}) within group (order by extract(epoch from"
                f" first_response_at - created_at)) from {TALKS} talk where channel = '{channel}'"
            )
            if quantile is None:
                continue  # fewer than ten conversations beyond it, or in the open last band
            around = [
                (float(low), float(high or math.inf))
                for name, band in bands
                if name == channel
                for low, high in [band.split("-")]
            ]
            ((low, high),) = [each for each in around if each[0] <= float(truth) < each[1]]
            assert low <= quantile <= high


def test_people_of_a_month_are_rounded_to_five(published):
    centre, folder = published
    query = "select channel, n_contacts from {} where period = '2026-10' order by 1"
    found = as_analyst(centre, query.format("reporting.contacts_monthly"))
    files = f"read_parquet('{folder}/contacts_monthly/fjord/*.parquet')"
    assert duckdb.sql(query.format(files)).fetchall() == found
    truth = dict(
        centre.execute(
            "select channel, count(distinct requester_id) from contact_center.conversations where"
            " org_id = 'fjord' group by 1"
        )
    )
    assert found
    for channel, people in found:
        assert people % 5 == 0
        assert abs(people - truth[channel]) <= 2
