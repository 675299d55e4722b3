"""The marts in PostgreSQL: who is counted, what is written once, and who may read it."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from lacuna.datamap import COUNTED
from lacuna.errors import (
    BlastRadiusExceeded,
    ConfigurationError,
    EvidenceBroken,
    StatementRefused,
)
from lacuna.marts import FOLDER, query_text
from lacuna.model.location import TableName
from lacuna.model.mart import Audit, Cell, Period, PeriodKind, Release, SharedTotal
from lacuna.model.run import Role
from lacuna.reporting import marts
from lacuna.reporting.release import cells_digest
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.marts import PostgresMarts
from lacuna.stores.postgres.migrations import grant_platform
from tests.reporting.centre import FIRST_DAY, ORGS, Centre, Talk, plain, prepare

VOLUME, CSAT, *_ = marts()
DAY = FIRST_DAY
SEALED = ("release", *(mart.name for mart in marts()))
TABLES = ("restatement", *SEALED)


@pytest.fixture(scope="module", autouse=True)
def _centre_template(template_database):
    template_database.register("marts_centre", prepare)


@pytest.fixture
def centre(database):
    return Centre(database("marts_centre"))


@pytest.fixture
def opened(centre):
    return Database(centre.url)


class Reading:
    """The marts as the executor reads them, each call in a transaction of its own."""

    def __init__(self, opened):
        self._opened = opened

    def __getattr__(self, name):
        def call(*args):
            with self._opened.transaction(Role.EXECUTOR, is_read_only=True) as connection:
                return getattr(PostgresMarts(connection), name)(*args)

        return call


@pytest.fixture
def reading(opened):
    return Reading(opened)


def day_of(first, last=None):
    return Period(PeriodKind.DAY, first, last or first)


def release_of(cells=None, *, mart=VOLUME, org_id="fjord", period=None):
    cells = (Cell(("email", "billing"), (12, 100, 12, 60, 12, 0, 0)),) if cells is None else cells
    period = period or day_of(DAY)
    return Release(
        mart=mart.name,
        org_id=org_id,
        period=period,
        policy_version="1",
        sealed_at=datetime(2026, 10, 9, 5, tzinfo=UTC),
        digest=cells_digest(mart, org_id, period.label, cells),
        audit=Audit(rows=12, own_rows=12, withheld=0, bounds=0),
        cells=cells,
    )


def seal(opened, release, mart=VOLUME):
    with opened.transaction(Role.EXECUTOR) as connection:
        return PostgresMarts(connection).seal(mart, release)


# --- another platform ------------------------------------------------------------------------------

ODD = 'what "they": count'
FILLED = """
set search_path to "what ""they"": count";
insert into organizations values ('fjord');
insert into queues values (0, 1, 'all'), (1, 1, 'other');
insert into teams values (1, 'they');
insert into contacts values (4711, null, null), (4712, 4711, null);
insert into conversations (conversation_id, org_id, requester_id, channel, direction, state, queue_id,
                           created_at, handling_duration_s)
select number, 'fjord', person, 'email', 'inbound', 'closed', 0, '2026-10-05 09:00Z', 60
from (values (1, 4711), (2, 4712), (3, null)) as talk (number, person);
reset search_path;
"""


@pytest.fixture
def elsewhere(centre, opened):
    """The executor's marts over a schema that has what is asked for and nothing else."""
    types = {"the platform's own type": "bigint", "as contact_id": "bigint"}
    quoted = '"' + ODD.replace('"', '""') + '"'
    centre.execute(f"create schema {quoted}")
    for name, columns in COUNTED.items():
        said = ", ".join(f"{one} {types.get(kind, kind)}" for one, kind in columns.items())
        centre.execute(f"create table {quoted}.{name} ({said})")
    grant_platform(opened, (ODD,))
    centre.execute(FILLED)
    return opened


def test_the_marts_count_in_the_schema_that_another_platform_names(elsewhere):
    day = date(2026, 10, 5)
    with elsewhere.transaction(Role.EXECUTOR) as connection:
        counting = PostgresMarts(connection, source=ODD)
        assert counting.tenants() == ("fjord",)
        facts = counting.facts(VOLUME, "fjord", day_of(day))
        # Two rows of one person, and one of nobody.
        assert sorted(facts.people, key=str) == [1, 1, None]
        assert set(facts.keys) == {("email", "all")}
        counting.count_rows(VOLUME, "fjord", facts.rows, day)
        for mart in marts():
            assert counting.span(mart, "fjord", day, day)[1] in (0, 3), mart.name
            counting.facts(mart, "fjord", day_of(day))
            if counting.keeps_rows(mart):
                counting.day_totals(mart, "fjord", day, day)
                counting.late_rows(mart, "fjord", day, day)
        assert counting.fix_links("fjord", ["4711", "4712"]) == 2


def test_nothing_is_counted_where_a_platform_names_no_schema(opened):
    with opened.transaction(Role.EXECUTOR) as connection:
        counting = PostgresMarts(connection, source=None)
        assert counting.fix_links("fjord", ["4711"]) == 0
        with pytest.raises(ConfigurationError, match="reporting"):
            counting.tenants()


def test_every_column_that_a_platform_is_asked_for_is_read():
    said = "".join(path.read_text("utf-8") for path in FOLDER.rglob("*.sql"))
    for table, columns in COUNTED.items():
        assert f"contact_center.{table}" in said
        for column in columns:
            assert re.search(rf"\b{column}\b", said), (table, column)


# --- what is read ---------------------------------------------------------------------------------


def test_a_conversation_is_counted_on_the_day_it_began_with_what_is_known(centre, reading):
    (person,) = centre.add_contacts(1)
    centre.add_talks(
        [
            Talk(person, DAY, second=0, handle_s=100, answered_after_s=30),
            Talk(person, DAY, second=86_399, handle_s=None, answered_after_s=None),
            Talk(person, DAY + timedelta(days=1), second=0),
            Talk(person, DAY - timedelta(days=1), second=86_399),
        ]
    )
    facts = reading.facts(VOLUME, "fjord", day_of(DAY))
    assert sorted(facts.values) == [(1, 0, 0, 0, 0, 0, 0), (1, 100, 1, 30, 1, 0, 0)]
    assert set(facts.days) == {DAY}
    assert set(facts.keys) == {("email", "billing")}


def test_first_response_times_are_those_of_inbound_conversations(centre, reading):
    (person,) = centre.add_contacts(1)
    centre.add_talks([Talk(person, DAY, direction="outbound", answered_after_s=30)])
    assert reading.facts(VOLUME, "fjord", day_of(DAY)).values == [(1, 120, 1, 0, 0, 0, 0)]


def test_calls_are_offered_and_abandoned_only_where_they_came_in(centre, reading):
    (person,) = centre.add_contacts(1)
    centre.add_talks(
        [
            Talk(person, DAY, channel="phone"),
            Talk(person, DAY, channel="phone", is_abandoned=True),
            Talk(person, DAY, channel="phone", direction="outbound", is_abandoned=True),
        ]
    )
    facts = reading.facts(VOLUME, "fjord", day_of(DAY))
    assert sorted(values[5:] for values in facts.values) == [(0, 0), (1, 0), (1, 1)]


def test_a_caller_who_tried_twice_and_got_through_did_not_abandon(centre, reading):
    (person,) = centre.add_contacts(1)
    (talk,) = centre.add_talks([Talk(person, DAY, channel="phone")])
    centre.execute(
        "insert into contact_center.calls (call_id, org_id, conversation_id, direction, started_at,"
        " duration_s, wait_s, hold_s, talk_s, wrapup_s, completion_status, call_recording_consent)"
        " select 99, org_id, conversation_id, direction, started_at, 5, 5, 0, 0, 0, 'abandoned',"
        " 'never' from contact_center.calls where conversation_id = %s",
        [talk],
    )
    assert reading.facts(VOLUME, "fjord", day_of(DAY)).values[0][5:] == (1, 0)


def test_merged_contacts_are_one_person(centre, reading):
    first, second, third, stranger = centre.add_contacts(4)
    centre.execute(
        "update contact_center.contacts set merged_into = case contact_id::text"
        " when %s then %s::uuid when %s then %s::uuid end where contact_id::text = any(%s)",
        [first, second, second, third, [first, second]],
    )
    centre.add_talks([Talk(who, DAY) for who in (first, second, third, stranger)])
    people = reading.facts(VOLUME, "fjord", day_of(DAY)).people
    assert len(people) == 4
    assert len(set(people)) == 2


def test_merges_that_run_in_a_circle_count_as_nobody(centre, reading):
    first, second = centre.add_contacts(2)
    for one, other in ((first, second), (second, first)):
        centre.execute(
            "update contact_center.contacts set merged_into = %s where contact_id = %s",
            [other, one],
        )
    centre.add_talks([Talk(first, DAY), Talk(second, DAY)])
    assert reading.facts(VOLUME, "fjord", day_of(DAY)).people == [None, None]


def test_an_erased_person_is_a_row_and_nobody(centre, reading):
    erased, stays = centre.add_contacts(2)
    centre.add_talks([Talk(erased, DAY, score=5), Talk(stays, DAY, score=1)])
    centre.erase([erased])
    assert sorted(
        reading.facts(VOLUME, "fjord", day_of(DAY)).people, key=lambda person: person or 0
    ) == [None, 1]
    assert sorted(
        reading.facts(CSAT, "fjord", day_of(DAY)).people, key=lambda person: person or 0
    ) == [None, 1]


@pytest.mark.parametrize(
    "marked",
    [
        "update contact_center.contacts set anonymized_at = now()",
        "insert into lacuna.tombstone select org_id, 'contact_center.contacts', contact_id::text "
        "from contact_center.contacts",
    ],
    ids=["by the platform", "by Lacuna"],
)
def test_a_shared_contact_that_stands_for_all_erased_people_is_nobody(centre, reading, marked):
    (tombstone,) = centre.add_contacts(1)
    centre.add_talks([Talk(tombstone, DAY)])
    centre.execute(marked)
    assert reading.facts(VOLUME, "fjord", day_of(DAY)).people == [None]


def test_a_rating_is_counted_in_the_week_it_was_given(centre, reading):
    (person,) = centre.add_contacts(1)
    monday = DAY + timedelta(days=7)
    centre.add_talks(
        [
            Talk(person, DAY, score=4, rated_on=monday - timedelta(days=1)),
            Talk(person, DAY, score=3, rated_on=monday),
        ]
    )
    week = Period(PeriodKind.WEEK, monday, monday + timedelta(days=6))
    facts = reading.facts(CSAT, "fjord", week)
    assert facts.values == [(1, 0, 3)]
    assert facts.days == [DAY]


def test_other_kinds_of_rating_are_not_satisfaction(centre, reading):
    (person,) = centre.add_contacts(1)
    centre.add_talks([Talk(person, DAY, score=4), Talk(person, DAY, score=5)])
    centre.execute("update contact_center.ratings set type = 'nps' where score = 5")
    assert reading.facts(CSAT, "fjord", day_of(DAY)).values == [(1, 1, 4)]


def test_a_tenant_sees_only_its_own_rows(centre, reading):
    (person,) = centre.add_contacts(1)
    (other,) = centre.add_contacts(1, "hafen")
    centre.add_talks([Talk(person, DAY), Talk(other, DAY, org_id="hafen", queue="orders")])
    assert reading.tenants() == ORGS
    assert reading.facts(VOLUME, "fjord", day_of(DAY)).keys == [("email", "billing")]
    assert reading.facts(VOLUME, "hafen", day_of(DAY)).keys == [("email", "orders")]


def test_a_span_says_the_first_day_and_how_many_rows(centre, reading):
    assert reading.span(VOLUME, "fjord", date.min, DAY) == (None, 0)
    (person,) = centre.add_contacts(1)
    centre.add_talks([Talk(person, DAY + timedelta(days=n), score=3) for n in (0, 2, 2, 5)])
    second, fifth, sixth = (DAY + timedelta(days=n) for n in (1, 4, 5))
    for mart in (VOLUME, CSAT):
        assert reading.span(mart, "fjord", date.min, fifth) == (DAY, 3)
        assert reading.span(mart, "fjord", second, sixth) == (DAY + timedelta(days=2), 3)


NO_QUERIES = ("person.sql", "views.sql")  # included in queries; made by the owner


@pytest.mark.parametrize(
    "path",
    sorted(path for path in FOLDER.rglob("*.sql") if path.name not in NO_QUERIES),
    ids=lambda path: str(path.relative_to(FOLDER)),
)
def test_every_query_fits_the_platform(opened, path):
    values = {"org_id": "fjord", "from_day": DAY, "to_day": DAY, "open_from": DAY}
    values["contact_ids"] = ["00000000-0000-0000-0000-000000000001"]
    values["rows"] = ["1"]
    names = sa.text(query_text(path))._bindparams
    statement = sa.text(f"explain {query_text(path)}")
    with opened.transaction(Role.EXECUTOR, org_id="fjord", is_read_only=True) as connection:
        plan = connection.execute(statement, {name: values[name] for name in names})
        assert plan.scalars().all()


def test_a_query_that_returns_other_columns_is_refused(opened, tmp_path):
    folder = tmp_path / "volume_daily"
    folder.mkdir()
    (folder / "query.sql").write_text("select 1 as person, :org_id as day", "utf-8")
    with (
        opened.transaction(Role.EXECUTOR) as connection,
        pytest.raises(ConfigurationError, match=r"query\.sql must return person, agent"),
    ):
        PostgresMarts(connection).facts(replace(VOLUME, folder=folder), "fjord", day_of(DAY))


# --- marts of the conversations that the volume counts ---------------------------------------------

TEAM = next(mart for mart in marts() if mart.name == "team_weekly")
OTHERS = [mart for mart in marts() if mart.name not in ("volume_daily", "csat_weekly")]
WEEK = Period(PeriodKind.WEEK, DAY, DAY + timedelta(days=6))


def count_all(centre, org_id="fjord"):
    """Note every conversation of a tenant as counted, as sealing the volume does."""
    centre.execute(
        "insert into lacuna.counted_row select org_id, 'volume_daily', conversation_id::text,"
        " (created_at at time zone 'UTC')::date from contact_center.conversations"
        " where org_id = %s on conflict do nothing",
        [org_id],
    )


@pytest.mark.parametrize("mart", OTHERS, ids=lambda mart: mart.name)
def test_only_conversations_that_the_volume_counts_are_in_the_other_marts(centre, reading, mart):
    (person,) = centre.add_contacts(1)
    centre.add_talks([Talk(person, DAY + timedelta(days=n), channel="phone") for n in (0, 2)])
    assert len(reading.facts(mart, "fjord", WEEK)) == 0
    count_all(centre)
    centre.execute("delete from lacuna.counted_row where posted_day > %s", [DAY])
    assert len(reading.facts(mart, "fjord", WEEK)) == 1
    assert reading.span(mart, "fjord", date.min, WEEK.last) == (DAY, 1)
    assert len(reading.facts(mart, "hafen", WEEK)) == 0


def repeats(reading):
    facts = reading.facts(TEAM, "fjord", WEEK)
    pairs = zip(facts.rows, facts.values, strict=True)
    return [values[3:] for _, values in sorted(pairs, key=lambda pair: int(pair[0]))]


def test_who_comes_again_in_seven_days_is_a_repeat_and_was_not_helped_at_first(centre, reading):
    again, once, merged = centre.add_contacts(3)
    centre.execute(
        "update contact_center.contacts set merged_into = %s where contact_id = %s", [again, merged]
    )
    days = [DAY - timedelta(days=2), DAY, DAY + timedelta(days=6)]
    centre.add_talks([Talk(again, days[0]), Talk(merged, days[1]), Talk(once, days[1])])
    centre.add_talks([Talk(again, days[2]), Talk(once, DAY + timedelta(days=9))])
    count_all(centre)
    # Repeat, eligible, resolved at first contact: of the 2nd, 3rd and 4th conversation.
    assert repeats(reading) == [(1, 1, 0), (0, 1, 1), (1, 1, 1)]


def test_what_depends_on_a_link_is_fixed_before_the_link_is_cut(centre, opened, reading):
    again, once = centre.add_contacts(2)
    centre.add_talks([Talk(again, DAY), Talk(again, DAY + timedelta(days=3)), Talk(once, DAY)])
    count_all(centre)
    before = repeats(reading)
    assert before == [(0, 1, 0), (1, 1, 1), (0, 1, 1)]
    with opened.transaction(Role.EXECUTOR) as connection:
        assert PostgresMarts(connection).fix_links("fjord", [again]) == 2
    centre.erase([again])
    assert repeats(reading) == before
    with opened.transaction(Role.EXECUTOR) as connection:
        PostgresMarts(connection).drop_links("fjord", ["1", "2"])
    assert repeats(reading) == [(0, 0, 0), (0, 0, 0), (0, 1, 1)]


def test_consent_is_what_the_caller_chose_and_what_was_recorded(centre, reading):
    people = centre.add_contacts(3)
    centre.add_talks([Talk(each, DAY, channel="phone") for each in people])
    for number, (choice, seconds) in enumerate(
        (("caller_opted_in", 40), ("caller_opted_out", 0), ("timeout", 0)), start=1
    ):
        centre.execute(
            "update contact_center.calls set call_recording_consent_action = %s,"
            " recording_time_s = %s where call_id = %s",
            [choice, seconds, number],
        )
    count_all(centre)
    consent = next(mart for mart in marts() if mart.name == "consent_weekly")
    assert sorted(reading.facts(consent, "fjord", WEEK).values) == [
        (1, 1, 0, 0, 1, 0, 1),
        (1, 1, 0, 1, 0, 0, 1),
        (1, 1, 1, 0, 0, 1, 0),
    ]


def test_a_restricted_person_and_whoever_was_merged_into_it_are_left_out(centre, reading):
    kept, restricted, merged = centre.add_contacts(3)
    centre.execute(
        "update contact_center.contacts set merged_into = %s where contact_id = %s",
        [restricted, merged],
    )
    centre.execute(
        "insert into lacuna.request (request_id, org_id, kinds, level, received_at, due_at, created_at)"
        " values (gen_random_uuid(), 'fjord', '{restriction}', 'contact', now(), now(), now())"
    )
    centre.execute(
        "insert into lacuna.restriction select org_id, %s, 'restriction', request_id, now()"
        " from lacuna.request",
        [restricted],
    )
    centre.add_talks([Talk(each, DAY, score=4) for each in (kept, restricted, merged)])
    for mart in (VOLUME, CSAT):
        facts = reading.facts(mart, "fjord", WEEK)
        assert (len(facts), len(facts.left_out)) == (1, 2)
    count_all(centre)
    assert len(reading.facts(TEAM, "fjord", WEEK)) == 1


def test_every_column_of_a_mart_says_what_it_is(centre):
    found = dict(
        centre.execute(
            "select table_name || '.' || column_name, col_description("
            "('reporting.' || table_name)::regclass, ordinal_position)"
            " from information_schema.columns where table_schema = 'reporting'"
        )
    )
    for mart in marts():
        for dimension in mart.dimensions:
            assert found[f"{mart.name}.{dimension.name}"] == dimension.definition
        for measure in mart.measures:
            said = f"{measure.definition} Unit: {measure.unit}."
            assert found[f"{mart.name}.{measure.name}"] == said


# --- what is written ------------------------------------------------------------------------------


def test_a_sealed_period_is_read_back_as_it_was(opened):
    release = release_of()
    assert seal(opened, release) is True
    with opened.transaction(Role.EXECUTOR) as connection:
        fresh = PostgresMarts(connection)
        assert list(fresh.releases(VOLUME, "fjord")) == [release]
        assert fresh.sealed_until(VOLUME, "fjord") == DAY
        assert fresh.sealed_until(VOLUME, "hafen") is None
        assert fresh.sealed_until(CSAT, "fjord") is None


def test_releases_can_be_asked_for_by_day(opened):
    for number in range(4):
        seal(opened, release_of(period=day_of(DAY + timedelta(days=number))))
    with opened.transaction(Role.EXECUTOR) as connection:
        found = PostgresMarts(connection).releases(
            VOLUME, "fjord", DAY + timedelta(days=1), DAY + timedelta(days=2)
        )
        days = [(each.period.first - DAY).days for each in found if each.cells]
    assert days == [1, 2]


def test_sealing_the_same_cells_again_changes_nothing(opened):
    seal(opened, release_of())
    assert seal(opened, replace(release_of(), sealed_at=datetime(2027, 1, 1, tzinfo=UTC))) is False


def test_sealing_other_cells_for_a_sealed_period_is_refused(opened):
    seal(opened, release_of())
    with pytest.raises(
        EvidenceBroken, match="volume_daily 2026-10-05: it is already sealed with other cells"
    ):
        seal(opened, release_of((Cell(("email", "billing"), (11, *[None] * 6)),)))


@pytest.mark.parametrize(
    "period",
    [day_of(DAY, DAY + timedelta(days=1)), day_of(DAY - timedelta(days=1), DAY)],
    ids=["from the same day", "up to the same day"],
)
def test_a_sealed_day_is_in_no_second_period(opened, period):
    seal(opened, release_of())
    with pytest.raises(StatementRefused, match="CheckViolation"):
        seal(opened, release_of(period=period))


def test_a_sealed_period_gets_no_further_cell(opened, centre):
    seal(opened, release_of())
    insert = (
        "insert into reporting.volume_daily select org_id, period, first_day, last_day, 'chat',"
        " queue, n, 0, 0, 0, 0, 0, 0, false, '1' from reporting.volume_daily"
    )
    with pytest.raises(psycopg.errors.CheckViolation):
        centre.execute(insert)


@pytest.mark.parametrize("table", SEALED)
@pytest.mark.parametrize(
    "change", ["update {} set policy_version = '2'", "delete from {}", "truncate {}"]
)
def test_nobody_changes_what_is_sealed_not_even_the_owner(opened, centre, table, change):
    seal(opened, release_of())
    week = Period(PeriodKind.WEEK, DAY, DAY + timedelta(days=6))
    for mart in marts()[1:]:
        cell = Cell(tuple("x" for _ in mart.dimensions), tuple(20 for _ in mart.measures))
        seal(opened, release_of((cell,), mart=mart, period=week), mart)
    everything = sql.SQL("select * from {}").format(sql.Identifier("reporting", table))
    before = centre.execute(everything)
    assert before
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        centre.execute(sql.SQL(change).format(sql.Identifier("reporting", table)))
    assert centre.execute(everything) == before


def test_a_change_is_refused_where_ordinary_triggers_are_off_too(opened, centre):
    seal(opened, release_of())
    with psycopg.connect(plain(centre.url), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from reporting.volume_daily")


# --- who reads ------------------------------------------------------------------------------------


@pytest.fixture
def two_tenants(opened):
    seal(opened, release_of())
    seal(opened, release_of((Cell(("chat", "orders"), (20, *[0] * 6)),), org_id="hafen"))
    return opened


def rows_for(opened, role, statement, org_id=None):
    with opened.transaction(role, org_id=org_id) as connection:
        return connection.execute(sa.text(statement)).all()


@pytest.mark.parametrize(
    "statement",
    [
        "select org_id from reporting.release",
        "select org_id from reporting.volume_daily",
        "select 'fjord' from reporting.volume_daily_rates where n = 12",
        "select 'fjord' from reporting.volume_daily_by_channel where n = 12",
    ],
)
def test_analysts_see_their_own_tenant(two_tenants, statement):
    assert rows_for(two_tenants, Role.ANALYST, statement, "fjord") == [("fjord",)]


@pytest.mark.parametrize("name", ["volume_daily_rates", "volume_daily_by_channel"])
def test_a_view_shows_nothing_of_another_tenant_whoever_owns_it(two_tenants, name):
    statement = sa.text(
        str(sa.select(sa.text("n")).select_from(sa.table(name, schema="reporting")))
    )
    for role in (Role.OWNER, Role.ANALYST):
        with two_tenants.transaction(role, org_id="hafen") as connection:
            assert connection.execute(statement).all() == [(20,)]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from reporting.release",
        "select * from reporting.volume_daily",
        "select * from reporting.volume_daily_rates",
        "select * from reporting.csat_weekly_rates",
    ],
)
def test_analysts_without_a_tenant_are_refused(two_tenants, statement):
    with pytest.raises(StatementRefused, match="UndefinedObject"):
        rows_for(two_tenants, Role.ANALYST, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from contact_center.conversations",
        "select * from contact_center.legacy_contact_360",
        "select * from lacuna.request",
        "select * from lacuna_evidence.entry",
    ],
)
def test_analysts_read_nothing_but_the_marts(two_tenants, statement):
    with pytest.raises(StatementRefused, match="InsufficientPrivilege"):
        rows_for(two_tenants, Role.ANALYST, statement, "fjord")


def test_analysts_cannot_write(two_tenants):
    with pytest.raises(StatementRefused, match="InsufficientPrivilege"):
        rows_for(two_tenants, Role.ANALYST, "delete from reporting.volume_daily", "fjord")


@pytest.mark.parametrize("role", [Role.EXECUTOR, Role.PLANNER, Role.VERIFIER, Role.AUDITOR])
def test_batch_roles_see_every_tenant(two_tenants, role):
    assert rows_for(two_tenants, role, "select count(*) from reporting.release") == [(2,)]


@pytest.mark.parametrize("role", [Role.PLANNER, Role.VERIFIER, Role.AUDITOR])
def test_only_the_executor_publishes(two_tenants, role):
    later = release_of(period=day_of(DAY + timedelta(days=1)))
    with (
        pytest.raises(StatementRefused, match="InsufficientPrivilege"),
        two_tenants.transaction(role) as connection,
    ):
        PostgresMarts(connection).seal(VOLUME, later)


@pytest.mark.parametrize("table", TABLES)
def test_row_level_security_is_forced(centre, table):
    assert centre.execute(
        "select relrowsecurity, relforcerowsecurity from pg_class where oid = %s::regclass",
        [f"reporting.{table}"],
    ) == [(True, True)]


def test_every_table_of_the_marts_is_known_to_these_tests(centre):
    found = centre.execute("select tablename from pg_tables where schemaname = 'reporting'")
    assert sorted(name for (name,) in found) == sorted(TABLES)


def test_views_divide_sums_and_leave_out_what_is_withheld(opened):
    cells = (
        Cell(("phone", "billing"), (20, 3000, 15, 450, 15, 20, 5)),
        Cell(("phone", "orders"), (30, None, None, 600, 20, None, None)),
    )
    seal(opened, release_of(cells))
    per_cell = rows_for(
        opened,
        Role.ANALYST,
        "select queue, aht_s, frt_s from reporting.volume_daily_rates order by 1",
        "fjord",
    )
    assert per_cell == [("billing", 200.0, 30.0), ("orders", None, 30.0)]
    per_channel = rows_for(
        opened,
        Role.ANALYST,
        "select n, aht_s, frt_s from reporting.volume_daily_by_channel",
        "fjord",
    )
    assert per_channel == [(50, 200.0, 30.0)]


def test_percentiles_are_given_where_ten_conversations_lie_beyond_them(opened):
    latency = next(mart for mart in marts() if mart.name == "latency_weekly")
    cells = tuple(
        Cell((channel, band), (count,), is_range)
        for channel, band, count, is_range in (
            ("chat", "000000-000060", 50, False),
            ("chat", "000060-000300", 40, False),
            ("chat", "000300-000900", 20, False),
            ("chat", "000900-", 10, True),
            ("email", "000000-", 19, True),
        )
    )
    seal(opened, release_of(cells, mart=latency, period=WEEK), latency)
    statement = "select channel, n, p50_s, p90_s from reporting.latency_weekly_quantiles order by 1"
    found = rows_for(opened, Role.ANALYST, statement, "fjord")
    assert [(row[0], row[1]) for row in found] == [("chat", 120), ("email", 19)]
    assert [float(value) for value in found[0][2:]] == [120.0, 840.0]
    assert found[1][2:] == (None, None)


def test_satisfaction_is_divided_in_a_view(opened):
    week = Period(PeriodKind.WEEK, DAY, DAY + timedelta(days=6))
    seal(opened, release_of((Cell(("email",), (20, 15, 84)),), mart=CSAT, period=week), CSAT)
    statement = "select period, csat_share, score from reporting.csat_weekly_rates"
    assert rows_for(opened, Role.ANALYST, statement, "fjord") == [("2026-W41", 0.75, 4.2)]


# --- legacy tables --------------------------------------------------------------------------------

LEGACY = TableName("contact_center", "legacy_csat_weekly")


@pytest.fixture
def legacy(centre):
    for number, org_id in enumerate(("fjord", "fjord", "hafen")):
        centre.execute(
            "insert into contact_center.legacy_csat_weekly values"
            " (%s, %s, '2026-W41', 'email', 'Ada', 'ada@example.org', 2, 9, '{}')",
            [number, org_id],
        )
    return LEGACY


def test_shared_totals_are_added_up_by_tenant(reading, legacy):
    assert sorted(reading.shared_totals(legacy), key=str) == [
        SharedTotal("csat_weekly", "n_resp", "fjord", 4),
        SharedTotal("csat_weekly", "n_resp", "hafen", 2),
        SharedTotal("csat_weekly", "score_sum", "fjord", 18),
        SharedTotal("csat_weekly", "score_sum", "hafen", 9),
    ]


def test_a_table_without_a_query_shares_nothing_that_is_known(reading):
    assert reading.shared_totals(TableName("contact_center", "contacts")) is None


def test_a_table_is_dropped_with_its_rows_counted(opened, legacy):
    with opened.transaction(Role.OWNER) as connection:
        assert PostgresMarts(connection).has_table(legacy)
        assert not PostgresMarts(connection).serves(legacy)
        assert PostgresMarts(connection).drop(legacy, 3) == 3
    with opened.transaction(Role.OWNER) as connection:
        # What has its name now reads the marts and nothing else.
        assert PostgresMarts(connection).serves(legacy)


def test_a_table_with_more_rows_than_approved_stays(opened, legacy):
    with (
        pytest.raises(BlastRadiusExceeded, match="has 3 rows, but its approval allows 2"),
        opened.transaction(Role.OWNER) as connection,
    ):
        PostgresMarts(connection).drop(legacy, 2)
    with opened.transaction(Role.OWNER) as connection:
        assert PostgresMarts(connection).has_table(legacy)


def test_a_batch_role_cannot_drop_a_table(opened, legacy):
    with (
        pytest.raises(StatementRefused, match="InsufficientPrivilege"),
        opened.transaction(Role.EXECUTOR) as connection,
    ):
        PostgresMarts(connection).drop(legacy, 3)
