"""A mart of an installation: made, sealed, read, audited with ours, and restated, without a line of ours."""

import json
import random
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lacuna.errors import ConfigurationError, StatementRefused, VerificationFailed
from lacuna.flows import reporting
from lacuna.marts import definitions_digest, marts, write_skeleton
from lacuna.model.attack import AttackOutcome
from lacuna.model.mart import Outcome
from lacuna.model.run import Mode, Role, RunOptions
from lacuna.reporting import Attackers, carry_out, period_closure, publish, redraw_weeks, rewrite
from lacuna.stores.postgres.attacker import COMPARED
from lacuna.verify import attack_period, attack_versions
from tests.cli.conftest import run_here
from tests.reporting.centre import ORGS, Centre, prepare
from tests.reporting.conftest import SetClock, open_stores
from tests.reporting.test_restatement import ASKED, NIGHT, WEEK, agree, correct
from tests.standing import let_approve

NAME = "handling_weekly"
DELETES = "delete from contact_center.conversations returning current_date, 1"
REFUSED = r"span.sql cannot be run \(FeatureNotSupported\)"


@pytest.fixture(scope="module", autouse=True)
def _template(template_database):
    def build(url):
        prepare(url)
        centre, draw = Centre(url), random.Random(7)
        people = centre.add_contacts(700)
        drawn = [
            centre.draw_talk(draw, "fjord", WEEK + timedelta(days=number), people)
            for number in range(8)
            for _ in range(260)
        ]
        centre.add_talks(
            [
                replace(
                    each,
                    channel=draw.choice(("email", "phone", "chat")),
                    queue=draw.choice(("billing", "orders", "delivery")),
                    answered_after_s=draw.choice((None, 30, 600)),
                )
                for each in drawn
            ]
        )
        for org_id in ORGS:
            agree(centre, org_id)

    template_database.register("centre_with_a_week", build)


@pytest.fixture
def folder(tmp_path):
    return write_skeleton(tmp_path / "marts", NAME).folder.parent


@pytest.fixture
def centre(database):
    return Centre(database("centre_with_a_week"))


@pytest.fixture
def stores(centre, lacuna_home, folder):
    opened = open_stores(centre.url, SetClock(NIGHT), lacuna_home)
    return replace(opened, marts_path=folder)


def lacuna(centre, stores, *arguments):
    return run_here(
        *arguments,
        cwd=stores.home,
        LACUNA_DATABASE_URL=centre.url,
        LACUNA_HOME=str(stores.home),
        LACUNA_MARTS=str(stores.marts_path),
    )


@pytest.fixture
def up(centre, stores):
    done = lacuna(centre, stores, "up")
    assert done.returncode == 0, done.stderr
    assert f"Applied: reporting.{NAME}" in done.stdout
    return done


def read_as(stores, org_id, role=Role.ANALYST):
    with stores.database.transaction(role, org_id=org_id) as connection:
        statement = f"select queue, n, aht_s from reporting.{NAME}_rates order by queue"  # noqa: S608
        return connection.execute(sa.text(statement)).all()


@pytest.mark.thorough
def test_an_installation_adds_a_mart_without_a_change_of_ours(centre, stores, up, monkeypatch):
    audited = []
    real = period_closure.JointAudit

    def audit(mart, facts, sealed, policy):
        audited.append((mart.name, {cut.mart.name for cut in sealed}))
        return real(mart, facts, sealed, policy)

    monkeypatch.setattr(period_closure, "JointAudit", audit)
    assert reporting.run(stores, RunOptions("reporting-1", Mode.ACT), str(uuid.uuid4())) > 10
    # The analysts of the tenant read it, nobody else's do.
    rows = read_as(stores, "fjord")
    assert [queue for queue, _, _ in rows] == ["billing", "delivery", "orders"]
    assert sum(n for _, n, _ in rows) == 7 * 260
    assert all(seconds > 100 for _, _, seconds in rows)
    assert read_as(stores, "hafen") == []
    with pytest.raises(StatementRefused):
        read_as(stores, None)
    # The run log says what was declared, by its digest.
    (declared,) = (
        line
        for line in stores.run_log.path("reporting-1").read_text("utf-8").splitlines()
        if '"declared"' in line
    )
    assert json.loads(declared)["digest"] == definitions_digest(marts(stores.marts_path))
    assert json.loads(declared)["digest"] != definitions_digest(marts())
    # All that is sealed of its conversations is audited with it.
    ours = {mart.name for mart in marts() if not mart.round_to}
    (beside,) = {frozenset(sealed) for name, sealed in audited if name == NAME}
    assert beside == ours - {"contacts_monthly"}
    # Its files and its part of the dictionary are there, and the run after it keeps them.
    objects = stores.objects["reporting"]
    (file,) = [path for path in objects.paths() if path.startswith(f"{NAME}/")]
    assert f"## {NAME}\n" in objects.read("dictionary.md").decode()
    assert reporting.run(stores, RunOptions("reporting-2", Mode.ACT), str(uuid.uuid4())) == 0
    assert file in set(objects.paths())
    # Who may do what is as `lacuna up` makes it.
    compared = [
        attack
        for attack in stores.attacker(("contact_center",)).attacks()
        if "as lacuna up makes" in attack.found or attack.attempt in COMPARED.values()
    ]
    assert len(compared) == len(COMPARED)
    assert {attack.outcome for attack in compared} == {AttackOutcome.HELD}


@pytest.mark.thorough
def test_a_later_mart_of_an_installation_is_audited_with_it(
    stores, folder, centre, up, monkeypatch
):
    publish(stores)
    write_skeleton(folder, "later_weekly")
    assert lacuna(centre, stores, "up").returncode == 0
    audited = set()
    real = period_closure.JointAudit

    def audit(mart, facts, sealed, policy):
        audited.update(cut.mart.name for cut in sealed)
        return real(mart, facts, sealed, policy)

    monkeypatch.setattr(period_closure, "JointAudit", audit)
    publish(stores)
    assert NAME in audited


@pytest.mark.thorough
def test_it_is_restated_with_ours(centre, stores, up):
    let_approve(stores.database)
    publish(stores, attack=attack_period)
    before = read_as(stores, "fjord")
    correct(centre, "handling_duration_s = handling_duration_s * 60")
    drawn = redraw_weeks(stores, ASKED, Attackers(attack_period, attack_versions))
    assert NAME in {each.release.mart for each in drawn.replacements}
    carry_out(stores, drawn)
    assert rewrite(stores) == len(drawn.replacements)
    after = read_as(stores, "fjord")
    assert [row[:2] for row in after] == [row[:2] for row in before]
    assert all(new[2] > 30 * old[2] for new, old in zip(after, before, strict=True))
    versions = centre.execute(
        "select version from reporting.release where mart = %s and org_id = 'fjord'", [NAME]
    )
    assert versions == [(2,)]


@pytest.mark.thorough
def test_weeks_that_were_restated_before_it_came_are_sealed_without_a_cell(centre, stores):
    """Whoever kept the first version could subtract from it what no audit looked at."""
    ours = replace(stores, marts_path=None)
    publish(ours)
    correct(centre, "handling_duration_s = handling_duration_s * 60")
    carry_out(ours, redraw_weeks(ours, ASKED, Attackers(attack_period, attack_versions)))
    assert lacuna(centre, stores, "up").returncode == 0
    (line,) = (each for each in publish(stores).lines if each.subject == f"{NAME} 2026-W43")
    assert (line.outcome, line.cells) == (Outcome.WITHHELD, 0)
    assert read_as(stores, "fjord") == []


def test_a_check_before_anything_was_counted_is_no_success(centre, stores, up):
    done = lacuna(centre, stores, "mart", "check", NAME)
    assert done.returncode == 2
    assert "0 closed periods in the last 90 days: nothing was checked" in done.stderr


@pytest.mark.thorough
def test_a_check_says_what_would_be_published_and_publishes_nothing(centre, stores, up):
    publish(stores)
    wanted = centre.execute(
        f"select r.rows, count(*), sum(n)::int from reporting.release r join reporting.{NAME} m"  # noqa: S608
        " using (org_id, period) where r.mart = %s group by 1",
        [NAME],
    )
    before = centre.execute("select * from reporting.release order by mart, org_id, period")
    done = lacuna(centre, stores, "mart", "check", NAME, "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["marts"] == [NAME]
    period, waits = (each for each in said["periods"] if each["org_id"] == "fjord")
    assert (waits["outcome"], waits["period"]) == ("waiting", "2026-W44")
    assert (period["outcome"], period["period"]) == ("sealed", "2026-W43")
    assert [(period["cells"], period["cells"], period["rows"])] == wanted
    assert centre.execute("select * from reporting.release order by mart, org_id, period") == before
    ours = lacuna(centre, stores, "mart", "check", "team_weekly", "--json")
    assert {each["mart"] for each in json.loads(ours.stdout)["periods"]} == {"team_weekly"}
    told = lacuna(centre, stores, "mart", "check").stdout
    assert f"{NAME} 2026-W43 of fjord would be published: 1820 rows in 3 cells" in told


@pytest.mark.thorough
def test_what_an_erasure_fixed_for_our_team_mart_stays_for_it(centre, stores, folder):
    """A mart with agents closes before the week of the teams does."""
    file = folder / NAME / "metadata.yaml"
    file.write_text(file.read_text("utf-8").replace("people: 10", "people: 10\nagents: 1"), "utf-8")
    query = folder / NAME / "query.sql"
    of_agent = (
        "(select assignee_id from contact_center.conversations as one"
        " where one.conversation_id = picked.conversation_id)"
    )
    query.write_text(query.read_text("utf-8").replace("cast(null as bigint)", of_agent), "utf-8")
    assert lacuna(centre, stores, "up").returncode == 0
    row = centre.execute(
        "insert into lacuna.fixed_link select 'fjord', min(conversation_id)::text, true, true"
        " from contact_center.conversations returning row_id"
    )
    stores = replace(stores, clock=SetClock(WEEK + timedelta(days=10)))
    publish(stores)
    sealed = centre.execute("select mart from reporting.release where org_id = 'fjord'")
    assert (NAME,) in sealed
    assert ("team_weekly",) not in sealed
    assert centre.execute("select row_id from lacuna.fixed_link") == row


@pytest.mark.parametrize(
    ("file", "wrong", "said"),
    [
        ("metadata.yaml", "mart: x", "'precedence' is missing"),
        ("query.sql", "select 1 as person", "query.sql must return person, agent"),
        ("query.sql", "select nothing from nowhere", r"query.sql cannot be run \(UndefinedTable\)"),
        ("span.sql", "select 1 / 0", r"span.sql cannot be run \(DivisionByZero\)"),
        ("span.sql", f"with gone as ({DELETES}) select current_date, count(*) from gone", REFUSED),  # noqa: S608
        ("span.sql", DELETES, r"span.sql cannot be run \(SyntaxError\)"),
        ("span.sql", f"select 1) as asked; {DELETES}; select (1", r"cannot be run \(SyntaxError\)"),
    ],
)
def test_a_broken_mart_stops_the_run_and_names_its_folder(stores, up, folder, file, wrong, said):
    (folder / NAME / file).write_text(wrong, "utf-8")
    marts.cache_clear()
    with pytest.raises(ConfigurationError, match=f"{NAME}.*{said}"):
        reporting.run(stores, RunOptions("reporting-1", Mode.ACT), str(uuid.uuid4()))


def test_a_broken_mart_stops_lacuna_up_before_anything_is_done(centre, stores, folder):
    (folder / NAME / "query.sql").unlink()
    done = lacuna(centre, stores, "up")
    assert done.returncode == 2
    assert f"{NAME}: query.sql is missing" in done.stderr
    assert centre.execute("select to_regclass(%s)", [f"reporting.{NAME}"]) == [(None,)]


@pytest.mark.parametrize("column", ["max_s", "email"])
def test_a_column_that_the_zone_must_not_have_stops_before_it_is_made(
    centre, stores, folder, column
):
    file = folder / NAME / "metadata.yaml"
    file.write_text(file.read_text("utf-8").replace("handle_s_sum", column), "utf-8")
    for command in (("up",), ("mart", "check", NAME)):
        done = lacuna(centre, stores, *command)
        assert done.returncode == 2
        assert f"reporting.{NAME}.{column} is named like" in done.stderr
    with pytest.raises(ConfigurationError, match=f"{NAME}.{column} is named like"):
        reporting.run(stores, RunOptions("reporting-1", Mode.ACT), str(uuid.uuid4()))
    assert centre.execute("select to_regclass(%s)", [f"reporting.{NAME}"]) == [(None,)]


@pytest.mark.thorough
def test_a_mart_that_is_taken_away_after_it_was_sealed_stops_lacuna_up(centre, stores, up, folder):
    publish(stores)
    (folder / NAME).rename(folder.parent / NAME)
    marts.cache_clear()
    done = lacuna(centre, stores, "up")
    assert done.returncode == 2
    assert f"reporting.{NAME}: 1 periods of this mart are sealed" in done.stderr
    with pytest.raises(VerificationFailed, match=f"disclosure: reporting.{NAME} "):
        reporting.run(stores, RunOptions("reporting-1", Mode.ACT), str(uuid.uuid4()))
