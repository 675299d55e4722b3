"""The reporting flow on the small sample: publication, what holds it back, and legacy tables."""

import json
import uuid
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from lacuna.errors import VerificationFailed
from lacuna.flows import reporting
from lacuna.flows.run.expectations import expect_marts
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.run.steps import Steps
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.model.mart import Outcome, PublishLine
from lacuna.model.queue import Obstacle
from lacuna.model.run import ApprovalMode, Mode, Role, RunScope
from lacuna.reporting import marts


class SetClock:
    """A clock that stands still."""

    def now(self):
        return datetime(2026, 11, 24, 5, tzinfo=UTC)


def at_the_set_time(installation):
    object.__setattr__(installation.stores, "clock", SetClock())
    return installation


@pytest.fixture
def installed(whole):
    return at_the_set_time(whole)


@pytest.fixture(scope="module")
def sealed_sample(template_database, sample_template, install, tmp_path_factory):
    """Name of a template with the small sample, of which all that closed is sealed."""

    def build(url):
        first_night = at_the_set_time(install(url, tmp_path_factory.mktemp("first_night")))
        # It publishes all the same: test_a_run_that_observes_publishes_and_drops_nothing.
        options = {"approval": ApprovalMode.AUTO, "mode": Mode.OBSERVE}
        assert first_night.run(reporting, **options) is None

    template_database.register("sealed_sample", build, based_on=sample_template)
    return "sealed_sample"


@pytest.fixture
def sealed(database, sealed_sample, install, lacuna_home):
    """An installation on the morning after its first night."""
    return at_the_set_time(install(database(template=sealed_sample), lacuna_home))


def query(installed, statement):
    with installed.stores.database.transaction(Role.OWNER) as connection:
        return connection.execute(sa.text(statement)).all()


def lines_of(installed, run_id):
    content = installed.stores.run_log.path(run_id).read_text("utf-8")
    lines = [json.loads(line) for line in content.splitlines()]
    assert lines[0]["step"] == "code"
    return lines[1:]


def legacy_tables(installed):
    statement = "select count(*) from pg_tables where tablename like 'legacy%'"
    return query(installed, statement)[0][0]


@pytest.mark.thorough
def test_a_run_publishes_the_sample_and_says_what_it_did(installed):
    assert installed.run(reporting, run_id="reporting-1") is None
    lines = lines_of(installed, "reporting-1")
    counts = {key: count for line in lines for key, count in line["counts"].items()}
    conversations = query(installed, "select count(*) from contact_center.conversations")[0][0]
    waiting = query(
        installed,
        "select count(*) from contact_center.conversations c where created_at >= (select"
        " max(last_day) + 1 from reporting.release r where mart = 'volume_daily'"
        " and r.org_id = c.org_id)",
    )[0][0]
    assert counts["volume_daily_rows"] + waiting == conversations
    assert waiting < 20
    sealed = query(installed, "select count(*) from reporting.release")[0][0]
    assert counts["written"] == sealed
    assert counts["volume_daily_periods"] > 20
    assert {line["step"] for line in lines} == {"publish", "disclosure", "expect", "replace_legacy"}
    kept = installed.stores.home / "evidence" / "expectations" / "reporting-1.jsonl"
    said = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert {one["suite"] for one in said} == {f"reporting.{mart.name}" for mart in marts()}
    assert all(one["is_met"] for one in said)
    assert {frozenset(one) for one in said} == {
        frozenset({"suite", "expectation", "column", "is_met"})
    }
    assert not any(line["is_failure"] for line in lines)


@pytest.mark.long
def test_numbers_do_not_move_when_somebody_is_erased(sealed):
    before = query(sealed, "select * from reporting.volume_daily order by 1, 2, 5, 6")
    assert len(before) > 20
    busiest = query(
        sealed,
        "select requester_id::text from contact_center.conversations where org_id = 'fjordlys'"
        " and requester_id in (select contact_id from contact_center.contacts where merged_into is"
        " null) group by 1 having bool_and(state = 'closed') order by count(*) desc, 1 limit 2",
    )
    sealed.erase(*(key for (key,) in busiest))
    assert sealed.run(reporting) is None
    assert query(sealed, "select * from reporting.volume_daily order by 1, 2, 5, 6") == before


def test_nothing_is_published_while_an_erasure_left_residue(installed, monkeypatch):
    request_id = installed.submit_contact(next(iter(installed.platform.people)))
    with installed.stores.database.transaction(Role.OWNER) as connection:
        # The states that a failed verification leaves behind.
        for state in ("resolved", "planned", "approved", "applied"):
            connection.execute(
                sa.text("update lacuna.request set state = :state"), {"state": state}
            )
        connection.execute(
            sa.text("update lacuna.request set obstacle = :why"),
            {"why": str(Obstacle.VERIFICATION_FAILED)},
        )
    error = installed.run(reporting, run_id="held-1")
    assert isinstance(error, VerificationFailed)
    assert "1 requests failed their verification" in str(error)
    assert request_id
    assert query(installed, "select count(*) from reporting.release") == [(0,)]
    said = [(line["step"], line["outcome"]) for line in lines_of(installed, "held-1")]
    assert said == [("publish", "held"), ("notify", "done")]


@pytest.mark.thorough
def test_legacy_tables_stay_until_their_drop_is_approved(sealed):
    assert legacy_tables(sealed) == 4
    for rule in known_rules(sealed.stores):
        if rule.name.startswith("drop_"):
            approve_rule(sealed.stores, (rule.name, rule.digest, None), "dpo:ab12cd34")
    assert sealed.run(reporting) is None
    assert legacy_tables(sealed) == 0
    # The data map still names them, and every flow goes on.
    open_datamap(sealed.stores)
    assert sealed.run(reporting) is None


def test_a_period_that_was_sealed_and_is_gone_is_a_finding(sealed):
    """Of cells that are not there nothing would be expected, and the run would be green."""
    line = PublishLine("volume_daily 2020-01-01", Outcome.SEALED, org_id="fjordlys")
    steps = Steps(sealed.stores, sealed.options(), "reporting")
    with pytest.raises(VerificationFailed, match="1 periods that this run sealed are missing"):
        expect_marts([line], sealed.stores, sealed.options(), steps)


@pytest.mark.thorough
def test_nobody_has_to_approve_where_that_was_decided(sealed):
    assert sealed.run(reporting, approval=ApprovalMode.AUTO) is None
    assert legacy_tables(sealed) == 0


def test_a_run_that_observes_publishes_and_drops_nothing(sealed):
    """The first night observed, and nobody had to approve."""
    assert legacy_tables(sealed) == 4
    assert query(sealed, "select count(*) > 10 from reporting.release") == [(True,)]


@pytest.mark.thorough
def test_a_legacy_table_that_holds_more_makes_the_run_red(sealed):
    with sealed.stores.database.transaction(Role.OWNER) as connection:
        connection.execute(
            sa.text("update contact_center.legacy_csat_weekly set responses = responses + 1")
        )
    error = sealed.run(reporting, run_id="red-1", approval=ApprovalMode.AUTO)
    assert isinstance(error, VerificationFailed)
    assert "contact_center.legacy_csat_weekly: not_reconciled" in str(error)
    assert legacy_tables(sealed) == 1
    failed = [line for line in lines_of(sealed, "red-1") if line["is_failure"]]
    assert [line["outcome"] for line in failed] == ["not_reconciled"]


@pytest.mark.thorough
def test_history_begins_with_the_date_that_is_given(installed):
    options = installed.options(scope=RunScope(since=date(2026, 10, 26)))
    sealed = reporting.run(installed.stores, options, str(uuid.uuid4()))
    assert sealed > 2
    (first,) = query(
        installed, "select min(first_day)::text from reporting.release where mart = 'volume_daily'"
    )[0]
    assert first == "2026-10-26"
