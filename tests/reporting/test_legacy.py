"""Legacy tables: dropped once approved, with history sealed and totals found again."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql

from lacuna.datamap import load
from lacuna.model.evidence import Action
from lacuna.model.location import TableName
from lacuna.model.mart import Outcome
from lacuna.model.run import ApprovalMode, Role
from lacuna.ports import Desk
from lacuna.reporting import legacy_rules, publish, replace_legacy
from tests.reporting.centre import FIRST_DAY, ORGS, Centre, plain, prepare, restrict
from tests.reporting.conftest import DATAMAP, SetClock, open_stores

TABLES = (
    "legacy_agent_load",
    "legacy_contact_360",
    "legacy_conversation_daily",
    "legacy_csat_weekly",
)
LATER = FIRST_DAY + timedelta(days=50)  # nothing waits any more
FRESH = dict.fromkeys(TABLES, Outcome.NOT_APPROVED)


@pytest.fixture(scope="module")
def datamap():
    return load(DATAMAP)


@pytest.fixture(scope="module", autouse=True)
def _old_reports_template(template_database, tmp_path_factory):
    def build(url):
        prepare(url)
        centre = Centre(url)
        centre.fill(days=9, a_day=40, contacts=200)
        write_old_reports(centre)

    def build_published(url):
        publish(open_stores(url, SetClock(LATER), tmp_path_factory.mktemp("old_reports")))

    template_database.register("centre_old_reports", build)
    template_database.register("centre_old_sealed", build_published, based_on="centre_old_reports")


@pytest.fixture
def centre(database, request):
    """Nine days of both tenants, and the old reports about them; all sealed, or nothing."""
    return Centre(database(getattr(request, "param", "centre_old_sealed")))


nothing_sealed = pytest.mark.parametrize("centre", ["centre_old_reports"], indirect=True)


@pytest.fixture
def old_reports(centre, clock):
    clock.day = LATER
    return centre


def write_old_reports(centre):
    centre.execute(
        "insert into contact_center.legacy_contact_360 (contact_id, org_id, full_name, email,"
        " conversations, handling_duration_s) select requester_id, org_id, 'Ada', 'ada@example.org',"
        " count(*), sum(coalesce(handling_duration_s, 0)) from contact_center.conversations"
        " group by 1, 2"
    )
    centre.execute(
        "insert into contact_center.legacy_conversation_daily (row_id, org_id, day, channel,"
        " queue_name, requester_name, conversations, handling_duration_s)"
        " select row_number() over (), c.org_id, c.created_at::date, channel, q.name, 'Ada',"
        " count(*), sum(coalesce(handling_duration_s, 0)) from contact_center.conversations c"
        " join contact_center.queues q using (queue_id)"
        " group by c.org_id, c.created_at::date, channel, q.name, requester_id"
    )
    centre.execute(
        "insert into contact_center.legacy_csat_weekly (row_id, org_id, iso_week, channel,"
        " requester_name, responses, score_sum) select row_number() over (), r.org_id,"
        " to_char(rated_at, 'IYYY-\"W\"IW'), channel, 'Ada', count(*), sum(score)"
        " from contact_center.ratings r join contact_center.conversations c using (conversation_id)"
        " group by 2, 3, 4, r.requester_id"
    )
    centre.execute(
        "insert into contact_center.legacy_agent_load values"
        " (1, 'fjord', '2026-10-05', 7, 'Bo', 3, 300, 200, 'Ada')"
    )


def approve(stores, rules, *, max_rows=None):
    with stores.transaction(Role.DPO) as transaction:
        for rule in rules:
            now, officer = stores.clock.now(), "dpo:ab12cd34"
            transaction.queue.plans.approve_rule(rule.rule, rule.digest, max_rows, officer, now)
            desk = Desk(transaction.queue, transaction.ledger, stores.keys, now, officer)
            desk.record(
                Action.RULE_APPROVED,
                "lacuna.rule_approval",
                counts=(max_rows, None),
                digest=rule.digest,
            )


def run(stores, datamap, **options):
    lines = replace_legacy(stores, datamap, publish(stores), **options)
    return {line.subject.split(".")[1]: line.outcome for line in lines}


def present(centre):
    found = centre.execute(
        "select tablename from pg_tables where tablename like 'legacy%' order by 1"
    )
    return tuple(name for (name,) in found)


def test_each_legacy_table_of_the_data_map_is_a_rule(datamap):
    rules = legacy_rules(datamap)
    assert [rule.table for rule in rules] == [TableName("contact_center", name) for name in TABLES]
    assert [rule.rule for rule in rules] == [f"drop_{name}" for name in TABLES]
    assert len({rule.digest for rule in rules}) == 4
    assert rules == legacy_rules(datamap)


def test_another_column_makes_another_rule(datamap):
    name = TableName("contact_center", "legacy_agent_load")
    table = datamap.tables[name]
    fewer = replace(table, columns=table.columns[:-1])
    changed = replace(datamap, tables={**datamap.tables, name: fewer})
    before, after = legacy_rules(datamap), legacy_rules(changed)
    assert before[0].digest != after[0].digest
    assert before[1:] == after[1:]


@pytest.mark.thorough
def test_nothing_is_dropped_without_approval(old_reports, stores, datamap):
    assert run(stores, datamap) == FRESH
    assert present(old_reports) == TABLES


def test_an_approved_table_goes_with_one_entry_in_the_ledger(old_reports, stores, datamap):
    rules = legacy_rules(datamap)
    (rows,) = old_reports.execute("select count(*) from contact_center.legacy_conversation_daily")[
        0
    ]
    approve(stores, [rules[2]])
    assert run(stores, datamap) == {**FRESH, "legacy_conversation_daily": Outcome.DROPPED}
    assert present(old_reports) == (TABLES[0], TABLES[1], TABLES[3])
    with stores.transaction(Role.AUDITOR) as transaction:
        drops = [
            leaf.entry
            for leaf in transaction.ledger.leaves()
            if leaf.entry.action is Action.DROP_LEGACY
        ]
    assert [(drop.location, drop.rows, drop.digest) for drop in drops] == [
        ("contact_center.legacy_conversation_daily", rows, rules[2].digest)
    ]


def test_a_dropped_table_is_not_spoken_of_again(old_reports, stores, datamap):
    approve(stores, legacy_rules(datamap))
    assert run(stores, datamap) == dict.fromkeys(TABLES, Outcome.DROPPED)
    assert present(old_reports) == ()
    assert run(stores, datamap) == {}


def test_who_decided_that_plans_need_nobody_needs_no_approval(old_reports, stores, datamap):
    outcomes = run(stores, datamap, approval=ApprovalMode.AUTO)
    assert outcomes == dict.fromkeys(TABLES, Outcome.DROPPED)


def test_an_approval_of_another_digest_is_none(old_reports, stores, datamap):
    rule = legacy_rules(datamap)[2]
    approve(stores, [replace(rule, digest="0" * 64)])
    assert run(stores, datamap) == FRESH


def test_a_table_that_grew_beyond_its_approval_stays(old_reports, stores, datamap):
    approve(stores, legacy_rules(datamap)[:1], max_rows=0)
    assert run(stores, datamap)["legacy_agent_load"] is Outcome.TOO_MANY_ROWS
    assert Outcome.TOO_MANY_ROWS.is_failure
    assert present(old_reports) == TABLES


def test_a_table_with_more_than_the_marts_stays(old_reports, stores, datamap):
    old_reports.execute(
        "update contact_center.legacy_conversation_daily set conversations = conversations + 1"
        " where row_id = 1"
    )
    approve(stores, legacy_rules(datamap))
    lines = replace_legacy(stores, datamap, publish(stores))
    (kept,) = [line for line in lines if line.outcome is not Outcome.DROPPED]
    assert (kept.subject, kept.outcome) == (
        "contact_center.legacy_conversation_daily",
        Outcome.NOT_RECONCILED,
    )
    assert kept.findings == (("volume_daily.n", 1),)
    assert present(old_reports) == ("legacy_conversation_daily",)


def test_what_one_tenant_lacks_another_does_not_make_up_for(old_reports, stores, datamap):
    for org_id, change in zip(ORGS, (1, -1), strict=True):
        old_reports.execute(
            "update contact_center.legacy_conversation_daily set conversations = conversations + %s"
            " where row_id = (select min(row_id) from contact_center.legacy_conversation_daily"
            " where org_id = %s and conversations >= 1)",
            [change, org_id],
        )
    approve(stores, legacy_rules(datamap))
    assert run(stores, datamap)["legacy_conversation_daily"] is Outcome.NOT_RECONCILED


def test_a_table_from_which_an_erasure_took_rows_is_covered_still(old_reports, stores, datamap):
    (key,) = old_reports.execute(
        "select contact_id::text from contact_center.legacy_contact_360 order by 1 limit 1"
    )[0]
    old_reports.erase([key])
    old_reports.execute(
        "delete from contact_center.legacy_contact_360 where contact_id = %s", [key]
    )
    approve(stores, legacy_rules(datamap))
    assert run(stores, datamap)["legacy_contact_360"] is Outcome.DROPPED


@nothing_sealed
def test_open_days_count_when_totals_are_compared(old_reports, stores, datamap, clock):
    clock.day = FIRST_DAY + timedelta(days=8)
    approve(stores, legacy_rules(datamap)[2:3])
    assert run(stores, datamap)["legacy_conversation_daily"] is Outcome.DROPPED


@pytest.mark.thorough
@nothing_sealed
def test_a_history_that_begins_too_late_keeps_the_tables(old_reports, stores, datamap):
    approve(stores, legacy_rules(datamap))
    report = publish(stores, since=FIRST_DAY + timedelta(days=7))
    lines = replace_legacy(stores, datamap, report)
    assert {line.outcome for line in lines} == {Outcome.NOT_SEALED}
    assert present(old_reports) == TABLES


@nothing_sealed
def test_a_period_that_closed_and_was_not_sealed_keeps_the_tables(
    old_reports, stores, datamap, clock
):
    clock.day = FIRST_DAY + timedelta(days=6)
    report = publish(stores)
    clock.day = LATER
    approve(stores, legacy_rules(datamap))
    lines = replace_legacy(stores, datamap, report)
    assert {line.outcome for line in lines} == {Outcome.NOT_SEALED}


@pytest.mark.thorough
@nothing_sealed
def test_days_that_wait_for_company_keep_no_table(old_reports, stores, datamap, clock):
    last = FIRST_DAY + timedelta(days=9)
    old_reports.execute(
        "update contact_center.conversations set created_at = %s, closed_at = %s"
        " where conversation_id ="
        " (select min(conversation_id) from contact_center.conversations where org_id = 'fjord')",
        [last, last],
    )
    clock.day = last + timedelta(days=4)
    approve(stores, legacy_rules(datamap)[2:3])
    report = publish(stores)
    assert Outcome.WAITING in {line.outcome for line in report.lines}
    (line,) = [
        line
        for line in replace_legacy(stores, datamap, report)
        if line.subject.endswith("conversation_daily")
    ]
    assert line.outcome is Outcome.DROPPED


def test_a_legacy_table_that_no_mart_replaces_stays(old_reports, stores, datamap):
    name = TableName("contact_center", "conversation_export")
    table = replace(datamap.tables[name], is_legacy_report=True)
    changed = replace(datamap, tables={**datamap.tables, name: table})
    approve(stores, legacy_rules(changed))
    outcomes = run(stores, changed)
    assert outcomes["conversation_export"] is Outcome.NOT_RECONCILED


@nothing_sealed
def test_rows_of_restricted_people_are_in_no_mart_and_keep_no_table(
    old_reports, stores, datamap, clock
):
    (key,) = old_reports.execute(
        "select requester_id::text from contact_center.conversations where org_id = 'fjord'"
        " group by 1 order by min(created_at), count(*) desc limit 1"
    )[0]
    restrict(old_reports, key)
    clock.day = FIRST_DAY + timedelta(days=8)  # some of them are sealed without, some are open
    approve(stores, legacy_rules(datamap))
    assert run(stores, datamap) == dict.fromkeys(TABLES, Outcome.DROPPED)
    unsealed = "select count(*) from lacuna.counted_row where posted_day is null"
    assert old_reports.execute(unsealed) > [(0,)]


@nothing_sealed
def test_somebody_who_is_not_restricted_is_missed(old_reports, stores, datamap, clock):
    old_reports.execute(
        "update contact_center.legacy_contact_360 set conversations = conversations + 1"
        " where contact_id = (select min(contact_id::text)::uuid"
        " from contact_center.legacy_contact_360)"
    )
    (key,) = old_reports.execute(
        "select max(requester_id::text) from contact_center.conversations where org_id = 'fjord'"
    )[0]
    restrict(old_reports, key)
    clock.day = FIRST_DAY + timedelta(days=8)
    approve(stores, legacy_rules(datamap))
    assert run(stores, datamap)["legacy_contact_360"] is Outcome.NOT_RECONCILED


@pytest.fixture
def reader(old_reports):
    """A role of the platform that reads one of the old reports."""
    name = "old_reports_reader"
    old_reports.execute(f"create role {name} nologin")
    old_reports.execute(f"grant usage on schema contact_center to {name}")
    old_reports.execute(f"grant select on contact_center.legacy_conversation_daily to {name}")
    yield name
    old_reports.execute(f"drop owned by {name}")
    old_reports.execute(f"drop role {name}")


def test_a_view_of_the_marts_keeps_the_old_name_for_those_who_could_read_it(
    old_reports, stores, datamap, reader
):
    totals = (
        "select channel, sum(conversations)::int, sum(handling_duration_s)::int"
        " from contact_center.legacy_conversation_daily where org_id = 'fjord' group by 1 order by 1"
    )
    before = old_reports.execute(totals)
    approve(stores, legacy_rules(datamap))
    run(stores, datamap)
    with psycopg.connect(plain(old_reports.url)) as connection:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(reader)))
        connection.execute("set lacuna.org_id = 'fjord'")
        after = connection.execute(totals).fetchall()
        columns = connection.execute(
            "select * from contact_center.legacy_conversation_daily limit 0"
        ).description
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from contact_center.legacy_csat_weekly")
    assert sum(row[1] for row in after) == sum(row[1] for row in before)
    assert sum(row[2] for row in after) == sum(row[2] for row in before)
    assert not {column.name for column in columns} & {"requester_name", "requester_email"}
    left = old_reports.execute(
        "select viewname from pg_views where schemaname = 'contact_center' order by 1"
    )
    assert left == [("legacy_conversation_daily",), ("legacy_csat_weekly",)]


def test_a_view_that_reads_people_is_no_view_of_the_marts(old_reports, stores, datamap):
    approve(stores, legacy_rules(datamap))
    run(stores, datamap)
    name = TableName("contact_center", "legacy_conversation_daily")
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        assert transaction.marts.serves(name)
    old_reports.execute("drop view contact_center.legacy_conversation_daily")
    old_reports.execute(
        "create view contact_center.legacy_conversation_daily as"
        " select display_name from contact_center.contacts"
    )
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        assert not transaction.marts.serves(name)


def test_the_canarys_organization_holds_no_table_back(old_reports, stores, datamap):
    approve(stores, legacy_rules(datamap))
    old_reports.execute(
        "insert into contact_center.organizations values"
        " ('canary', 'Canary', 'canary', 'DK', 'controller', '2026-01-01Z')"
    )
    # A conversation that no mart ever counts, and more in the old report than there is.
    old_reports.execute(
        "insert into contact_center.contacts (contact_id, org_id, created_at)"
        " values (gen_random_uuid(), 'canary', '2026-01-01Z')"
    )
    old_reports.execute(
        "insert into contact_center.conversations (conversation_id, org_id, requester_id, channel,"
        " direction, state, queue_id, created_at, queued_at, updated_at) select 99999999, 'canary',"
        " contact_id, 'email', 'inbound', 'open', 1, '2026-10-05Z', '2026-10-05Z', '2026-10-05Z'"
        " from contact_center.contacts where org_id = 'canary'"
    )
    old_reports.execute(
        "insert into contact_center.legacy_conversation_daily (row_id, org_id, day, channel,"
        " queue_name, requester_name, conversations, handling_duration_s)"
        " values (99999, 'canary', '2026-10-05', 'email', 'billing', 'Ada', 3, 300)"
    )
    report = publish(stores, left_out=frozenset({"canary"}))
    held = {line.outcome for line in replace_legacy(stores, datamap, report)}
    assert held == {Outcome.NOT_SEALED, Outcome.DROPPED}  # ratings of the canary there are none
    assert len(present(old_reports)) == 3
    lines = replace_legacy(stores, datamap, report, canary_org="canary")
    assert {line.outcome for line in lines} == {Outcome.DROPPED}
    assert present(old_reports) == ()
