"""Two nights with erasures in between: the published output says nothing about who went."""

from datetime import timedelta

import pytest
from psycopg import sql

from lacuna.model.mart import Period, PeriodKind, Policy
from lacuna.model.run import Role
from lacuna.reporting import marts, protect, publish
from tests.reporting import differencing
from tests.reporting.centre import FIRST_DAY, Centre, prepare
from tests.reporting.conftest import SetClock, open_stores

ERASED = 20
NIGHT = FIRST_DAY + timedelta(days=12)


@pytest.fixture(scope="module", autouse=True)
def _filled_template(template_database, tmp_path_factory):
    def build(url):
        prepare(url)
        Centre(url).fill(days=10, a_day=220, contacts=600)
        assert publish(open_stores(url, SetClock(NIGHT), tmp_path_factory.mktemp("night"))).lines

    template_database.register("centre_filled", build)


@pytest.fixture
def centre(database):
    """Ten days, of which nine are sealed."""
    return Centre(database("centre_filled"))


@pytest.fixture
def erased(centre):
    """Twenty people of one tenant, those with the most conversations first."""
    rows = centre.execute(
        "select requester_id::text from contact_center.conversations where org_id = 'fjord'"
        " group by 1 order by count(*) desc, 1 limit %s",
        [ERASED],
    )
    return [key for (key,) in rows]


def files_of(stores):
    objects = stores.objects["reporting"]
    return {path: objects.read(path) for path in objects.paths() if path.endswith(".parquet")}


@pytest.mark.long
def test_nothing_can_be_recovered_from_two_nights_of_the_mart(centre, stores, clock, erased):
    clock.day = NIGHT
    assert publish(stores).files_written
    before, files = differencing.published(centre), files_of(stores)
    erased_rows = differencing.truth(centre, erased)
    assert len(erased_rows) > ERASED
    centre.erase(erased)
    clock.day += timedelta(days=1)
    publish(stores)
    after = differencing.published(centre)
    assert len(after) > len(before)  # one more day closed in between
    old = {key: after[key] for key in before}
    assert differencing.recovered(before, old, erased_rows) == set()
    assert differencing.moved_margins(before, old) == 0
    assert old == before
    assert {path: files_of(stores)[path] for path in files} == files


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("release", "share"),
    [(differencing.recompute, 1.0), (differencing.recompute_with_threshold, 0.5)],
)
def test_the_attack_fires_on_a_table_that_is_computed_anew(centre, erased, release, share):
    before = release(centre)
    erased_rows = differencing.truth(centre, erased)
    centre.erase(erased)
    found = differencing.recovered(before, release(centre), erased_rows)
    assert len(found) >= share * len([key for key in erased_rows if key in before])
    assert len(found) > ERASED / 2


def test_protection_alone_does_not_withstand_a_nightly_recompute(centre, stores, erased):
    """Sealing is what protects: the same rules over rows that an erasure took away leak."""
    before = differencing.published(centre)
    erased_rows = differencing.truth(centre, erased)
    for table in ("ratings", "calls", "conversations"):
        centre.execute(
            sql.SQL(
                "delete from {} where conversation_id in (select conversation_id"
                " from contact_center.conversations where requester_id = any(%s::uuid[]))"
            ).format(sql.Identifier("contact_center", table)),
            [erased],
        )
    anew = recomputed(stores)
    assert len(differencing.recovered(before, anew, erased_rows)) > ERASED / 2


def recomputed(stores):
    """The cells that protection makes of the rows as they are now."""
    cells = {}
    for day in range(10):
        period = Period(
            PeriodKind.DAY, FIRST_DAY + timedelta(days=day), FIRST_DAY + timedelta(days=day)
        )
        for org_id in ("fjord", "hafen"):
            with stores.transaction(Role.EXECUTOR, is_read_only=True) as transaction:
                facts = transaction.marts.facts(marts()[0], org_id, period)
            for cell in protect(facts, marts()[0], Policy()) or ():
                cells[(org_id, period.label, *cell.key)] = cell.values[:2]
    return cells
