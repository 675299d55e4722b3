"""Three nights with erasures between them: no mart says who went, and nothing is lost."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from lacuna.model.mart import Outcome
from lacuna.model.run import Role
from lacuna.reporting import marts, publish
from lacuna.stores.postgres.database import Database
from lacuna.verify import attack_period, difference
from tests.reporting.centre import ORGS, Centre, Talk, prepare
from tests.reporting.conftest import SetClock, open_stores

FIRST_NIGHT = date(2026, 11, 3)
WEEK = date(2026, 10, 19)  # closed for every mart before the second night
QUIET = WEEK + timedelta(days=2)


@pytest.fixture(scope="module", autouse=True)
def _template(template_database, tmp_path_factory):
    def build(url):
        prepare(url)
        centre = Centre(url)
        draw = random.Random(7)
        days = [WEEK + timedelta(days=number) for number in (*range(7), *range(10, 16))]
        for org_id in ORGS:
            people = centre.add_contacts(150, org_id)
            centre.add_talks(
                [centre.draw_talk(draw, org_id, day, people) for day in days for _ in range(60)]
            )
        # Enough people for a cell of their own.
        centre.add_talks(
            [Talk(key, WEEK, channel="contact_form") for key in centre.add_contacts(14)]
        )
        # Somebody with twelve conversations, alone on a channel and in a queue.
        (alone,) = centre.add_contacts(1)
        centre.add_talks(
            [
                Talk(alone, QUIET, channel="whatsapp", queue="returns", second=600 * number)
                for number in range(12)
            ]
        )

    def build_first(url):
        home = tmp_path_factory.mktemp("first_night")
        publish(open_stores(url, SetClock(FIRST_NIGHT), home), attack=attack_period)

    template_database.register("centre_nights", build)
    template_database.register("centre_first_night", build_first, based_on="centre_nights")


@pytest.fixture
def centre(database):
    """Two tenants, whose history was sealed in the first night."""
    return Centre(database("centre_first_night"))


def one_person(centre):
    return """select min(requester_id::text) from contact_center.conversations
        where org_id = 'fjord'"""


def everybody_of_a_cell(centre):
    assert centre.execute(
        "select is_merged from reporting.volume_daily where org_id = 'fjord' and first_day = %s"
        " and channel = 'contact_form' and queue = 'billing'",
        [WEEK],
    ) == [(False,)]
    return f"""select distinct requester_id::text from contact_center.conversations
        where conversations.org_id = 'fjord' and channel = 'contact_form'
        and (conversations.created_at at time zone 'UTC')::date = '{WEEK}'"""  # noqa: S608 - a day


def alone_in_a_cell(centre):
    return """select requester_id::text from contact_center.conversations
        where channel = 'whatsapp' and org_id = 'fjord' group by 1, (created_at at time zone 'UTC')::date
        having count(*) = 12"""


def releases(stores):
    found = []
    with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
        for mart in marts():
            for org_id in ORGS:
                found += transaction.marts.releases(mart, org_id)
    return found


def totals(centre):
    return centre.execute(
        "select org_id, count(*), sum(handling_duration_s) from contact_center.conversations"
        " group by 1 order by 1"
    )


@pytest.mark.long
def test_no_attack_succeeds_against_three_nights_with_erasures_between(centre, stores, clock):
    objects = stores.objects["reporting"]
    before, files, held = [], {}, totals(centre)
    clock.day = FIRST_NIGHT
    for night, erased in enumerate((one_person, everybody_of_a_cell, alone_in_a_cell, None)):
        report = publish(stores, attack=attack_period)
        assert not any(line.outcome.is_failure for line in report.lines)
        now = releases(stores)
        assert len(now) > len(before)
        assert difference(before, now) == {}
        assert {path: objects.read(path) for path in files} == files
        before, files = (
            now,
            {path: objects.read(path) for path in objects.paths() if path.endswith(".parquet")},
        )
        # Nothing is lost, to the row and to the second.
        assert totals(centre) == held
        volume = [each for each in now if each.mart == "volume_daily"]
        counted = sum(cell.values[0] for each in volume for cell in each.cells)
        assert counted == sum(each.audit.rows for each in volume)
        again = publish(stores, attack=attack_period)
        assert {line.outcome for line in again.lines} <= {Outcome.WAITING}
        assert (again.files_written, again.files_removed) == (0, 0)
        if erased is not None:
            people = [key for (key,) in centre.execute(erased(centre))]
            assert len(people) >= (14 if erased is everybody_of_a_cell else 1), night
            centre.erase(people)
        clock.day += timedelta(days=1)
    names = {each.mart for each in before}
    assert names == {mart.name for mart in marts()}


@pytest.mark.thorough
def test_two_first_runs_over_the_same_rows_have_the_same_digests(database, stores, clock):
    clock.day = FIRST_NIGHT
    fresh = replace(stores, database=Database(database("centre_nights")))
    publish(fresh)
    digests = [
        [(each.mart, each.org_id, each.period.label, each.digest) for each in releases(run)]
        for run in (stores, fresh)
    ]
    assert digests[0] == digests[1]
    assert len(digests[0]) > 20
