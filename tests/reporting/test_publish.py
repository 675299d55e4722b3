"""Publication: what closes is sealed once, what is too small waits, files follow the seals."""

import io
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pyarrow.parquet as pq
import pytest

from lacuna.errors import EvidenceBroken
from lacuna.evidence import leaf_of
from lacuna.model.evidence import Action, Phase
from lacuna.model.mart import OTHER, Cell, Outcome
from lacuna.model.run import Role
from lacuna.reporting import marts, publish
from lacuna.reporting.release import cells_digest, path_of, to_parquet
from lacuna.stores.postgres.database import Database
from tests.reporting.centre import FIRST_DAY, ORGS, Centre, Talk, plain, prepare, restrict
from tests.reporting.conftest import SetClock, open_stores

VOLUME, CSAT, *_ = marts()
MONDAY = FIRST_DAY
LATER = date(2027, 3, 1)


@pytest.fixture(scope="module", autouse=True)
def _two_weeks_template(template_database, tmp_path_factory):
    def build(url):
        prepare(url)
        Centre(url).fill(days=14, a_day=150, contacts=500)
        report = publish(open_stores(url, SetClock(LATER), tmp_path_factory.mktemp("published")))
        assert {line.outcome for line in report.lines} == {Outcome.SEALED}

    template_database.register("centre_published", build)


@pytest.fixture
def published_weeks(database):
    """Two weeks of both tenants, sealed by one first run."""
    return Centre(database("centre_published"))


def on(stores, centre):
    """The same stores on another database."""
    return replace(stores, database=Database(centre.url))


def sealed(centre, mart="volume_daily", org_id="fjord"):
    rows = centre.execute(
        "select period, rows from reporting.release where mart = %s and org_id = %s"
        " order by first_day",
        [mart, org_id],
    )
    return dict(rows)


def busy(centre, day, people=12, **options):
    """A day of as many people, each with one conversation."""
    keys = centre.add_contacts(people, options.get("org_id", "fjord"))
    centre.add_talks([Talk(key, day, **options) for key in keys])
    return keys


def outcomes(report, mart="volume_daily", org_id="fjord"):
    return [
        (line.subject.split()[1], line.outcome)
        for line in report.lines
        if line.org_id == org_id and line.subject.startswith(mart)
    ]


def files_of(stores):
    """Every file but the dictionary and the charts."""
    objects = stores.objects["reporting"]
    return {
        path: objects.read(path)
        for path in objects.paths()
        if not path.startswith(("charts/", "dictionary"))
    }


# --- when -----------------------------------------------------------------------------------------


def test_a_day_closes_when_three_full_days_have_passed_after_it(centre, stores, clock):
    busy(centre, MONDAY)
    clock.day = MONDAY + timedelta(days=3)
    assert outcomes(publish(stores)) == []
    clock.day = MONDAY + timedelta(days=4)
    assert outcomes(publish(stores)) == [("2026-10-05", Outcome.SEALED)]


def test_a_week_closes_three_full_days_after_its_sunday(centre, stores, clock):
    for day in range(8):
        busy(centre, MONDAY + timedelta(days=day), score=5 if day % 2 else 1)
        busy(centre, MONDAY + timedelta(days=day))
    clock.day = MONDAY + timedelta(days=9)
    assert outcomes(publish(stores), "csat_weekly") == []
    clock.day = MONDAY + timedelta(days=10)
    assert outcomes(publish(stores), "csat_weekly") == [("2026-W41", Outcome.SEALED)]


def test_nothing_of_an_open_day_is_published(centre, stores, clock):
    busy(centre, MONDAY)
    busy(centre, MONDAY + timedelta(days=1))
    clock.day = MONDAY + timedelta(days=4)
    publish(stores)
    assert set(sealed(centre)) == {"2026-10-05"}
    assert centre.execute("select max(last_day) from reporting.volume_daily") == [(MONDAY,)]


def test_a_tenant_without_a_row_publishes_nothing(stores):
    report = publish(stores)
    assert report.lines == ()
    assert files_of(stores) == {}


@pytest.mark.thorough
def test_a_second_run_seals_nothing_and_writes_the_same_files(published_weeks, stores, clock):
    centre = published_weeks
    stores = on(stores, centre)
    clock.day = LATER
    before = centre.execute("select * from reporting.volume_daily order by 1, 3, 6, 7")
    first = publish(stores)
    assert first.lines == ()
    second = publish(stores)
    assert second.lines == ()
    assert (second.files_written, second.files_removed) == (0, 0)
    assert second.files_kept == first.files_written > 30
    assert centre.execute("select * from reporting.volume_daily order by 1, 3, 6, 7") == before


def test_a_first_run_can_begin_later(centre, stores, clock):
    for day in range(4):
        busy(centre, MONDAY + timedelta(days=day))
    clock.day = MONDAY + timedelta(days=7)
    publish(stores, since=MONDAY + timedelta(days=2))
    assert list(sealed(centre)) == ["2026-10-07", "2026-10-08"]


def test_silent_days_are_one_period_without_cells(centre, stores, clock):
    busy(centre, MONDAY)
    busy(centre, MONDAY + timedelta(days=3))
    clock.day = MONDAY + timedelta(days=30)
    publish(stores)
    assert sealed(centre) == {
        "2026-10-05": 1,
        "2026-10-06--2026-10-07": 0,
        "2026-10-08": 1,
        "2026-10-09--2026-10-31": 0,
    }


# --- what -----------------------------------------------------------------------------------------


def test_all_volume_is_published_and_sums_are_exact(published_weeks):
    centre = published_weeks
    for org_id in ORGS:
        truth = centre.execute(
            "select count(*), sum(handling_duration_s) from contact_center.conversations"
            " where org_id = %s",
            [org_id],
        )
        assert (
            centre.execute(
                "select sum(n)::bigint, sum(handle_s_sum)::bigint from reporting.volume_daily"
                " where org_id = %s",
                [org_id],
            )
            == truth
        )
        rated = centre.execute(
            "select count(*), sum(score) from contact_center.ratings where org_id = %s", [org_id]
        )
        assert (
            centre.execute(
                "select sum(n_resp)::bigint, sum(score_sum)::bigint from reporting.csat_weekly"
                " where org_id = %s",
                [org_id],
            )
            == rated
        )


def test_channel_totals_are_exact_on_every_day_on_which_each_channel_has_ten_people(
    published_weeks,
):
    centre = published_weeks
    published = dict_of(
        centre,
        "select org_id || period || channel, sum(n)::bigint from reporting.volume_daily group by 1",
    )
    raw = centre.execute(
        "select org_id || (created_at at time zone 'UTC')::date, channel, count(*),"
        " count(distinct requester_id) from contact_center.conversations group by 1, 2"
    )
    small = {day for day, _, _, people in raw if people < 10}
    truth = {day + channel: n for day, channel, n, _ in raw if day not in small}
    assert len(truth) >= 12
    assert {key: published.get(key) for key in truth} == truth


def dict_of(centre, statement):
    return dict(centre.execute(statement))


def test_a_day_of_few_people_joins_the_next_day_that_closes(centre, stores, clock):
    busy(centre, MONDAY, people=4)
    busy(centre, MONDAY + timedelta(days=1), people=5)
    busy(centre, MONDAY + timedelta(days=2), people=6)
    clock.day = MONDAY + timedelta(days=5)
    assert outcomes(publish(stores)) == [("2026-10-05--2026-10-06", Outcome.WAITING)]
    assert sealed(centre) == {}
    clock.day += timedelta(days=1)
    assert outcomes(publish(stores)) == [("2026-10-05--2026-10-07", Outcome.SEALED)]
    assert centre.execute("select first_day, last_day, n from reporting.volume_daily") == [
        (MONDAY, MONDAY + timedelta(days=2), 15)
    ]


def test_a_silent_day_after_a_small_one_is_part_of_the_joined_period(centre, stores, clock):
    busy(centre, MONDAY, people=4)
    busy(centre, MONDAY + timedelta(days=2), people=9)
    clock.day = MONDAY + timedelta(days=6)
    publish(stores)
    assert sealed(centre) == {"2026-10-05--2026-10-07": 1}


def test_the_same_person_on_two_joined_days_is_one_person(centre, stores, clock):
    keys = busy(centre, MONDAY, people=6)
    centre.add_talks([Talk(key, MONDAY + timedelta(days=1)) for key in keys])
    clock.day = MONDAY + timedelta(days=5)
    assert outcomes(publish(stores)) == [("2026-10-05--2026-10-06", Outcome.WAITING)]


def test_an_erasure_before_a_day_closes_takes_nobody_and_no_row_away(centre, stores, clock):
    keys = busy(centre, MONDAY, people=13)
    centre.erase(keys[:3])
    clock.day = MONDAY + timedelta(days=4)
    publish(stores)
    assert centre.execute("select n, n_handled from reporting.volume_daily") == [(13, 13)]


def test_an_erasure_before_a_day_closes_can_leave_it_too_small(centre, stores, clock):
    keys = busy(centre, MONDAY, people=12)
    centre.erase(keys[:3])
    clock.day = MONDAY + timedelta(days=4)
    assert outcomes(publish(stores)) == [("2026-10-05", Outcome.WAITING)]


def test_an_erasure_after_a_day_closed_moves_no_byte_of_it(centre, stores, clock):
    keys = busy(centre, MONDAY, people=14)
    clock.day = MONDAY + timedelta(days=4)
    publish(stores)
    rows, files = centre.execute("select * from reporting.volume_daily"), files_of(stores)
    centre.erase(keys)
    clock.day += timedelta(days=1)
    publish(stores)
    assert centre.execute("select * from reporting.volume_daily where n > 0") == rows
    after = files_of(stores)
    assert {path: after[path] for path in files} == files


def test_each_tenant_closes_on_its_own(centre, stores, clock):
    busy(centre, MONDAY, people=12)
    busy(centre, MONDAY, people=3, org_id="hafen")
    clock.day = MONDAY + timedelta(days=4)
    report = publish(stores)
    assert outcomes(report, org_id="fjord") == [("2026-10-05", Outcome.SEALED)]
    assert outcomes(report, org_id="hafen") == [("2026-10-05", Outcome.WAITING)]


def test_satisfaction_waits_for_the_volume_of_its_days(centre, stores, clock):
    for day in range(6):
        busy(centre, MONDAY + timedelta(days=day), score=5 if day % 2 else 1)
        busy(centre, MONDAY + timedelta(days=day))
    busy(centre, MONDAY + timedelta(days=6), people=3, score=2)
    clock.day = MONDAY + timedelta(days=10)
    report = publish(stores)
    assert outcomes(report)[-1] == ("2026-10-11", Outcome.WAITING)
    assert outcomes(report, "csat_weekly") == [("2026-W41", Outcome.WAITING)]
    busy(centre, MONDAY + timedelta(days=7))
    clock.day += timedelta(days=1)
    report = publish(stores)
    assert outcomes(report) == [("2026-10-11--2026-10-12", Outcome.SEALED)]
    assert outcomes(report, "csat_weekly") == [("2026-W41", Outcome.SEALED)]


@pytest.mark.thorough
def test_satisfaction_that_the_volume_would_give_away_is_merged_then_withheld(
    centre, stores, clock
):
    # Nearly everybody who wrote also answered: n - n_resp would be three people a channel.
    for channel in ("email", "chat"):
        for score in (1, 5):
            busy(centre, MONDAY, people=12, channel=channel, score=score)
        busy(centre, MONDAY, people=3, channel=channel)
    clock.day = MONDAY + timedelta(days=10)
    report = publish(stores)
    # Merging channels does not help, so it is joined to the weeks after it, as far as a month.
    assert outcomes(report, "csat_weekly") == [("2026-W41", Outcome.WAITING)]
    clock.day = MONDAY + timedelta(days=31)
    report = publish(stores)
    assert outcomes(report, "csat_weekly") == [("2026-W41--2026-W44", Outcome.WITHHELD)]
    assert sealed(centre, "csat_weekly") == {"2026-W41--2026-W44": 0}
    assert centre.execute("select audit->>'is_withheld' from reporting.release where mart = %s",
                          ["csat_weekly"]) == [("true",)]  # fmt: skip
    assert outcomes(publish(stores), "csat_weekly") == []


def test_satisfaction_of_a_channel_nearly_all_answered_is_merged_with_another(
    centre, stores, clock
):
    for score in (1, 5):
        busy(centre, MONDAY, people=12, channel="email", score=score)
        busy(centre, MONDAY, people=15, channel="chat", score=score)
    busy(centre, MONDAY, people=3, channel="email")
    busy(centre, MONDAY, people=40, channel="chat")
    clock.day = MONDAY + timedelta(days=10)
    assert outcomes(publish(stores), "csat_weekly") == [("2026-W41", Outcome.SEALED)]
    assert centre.execute("select channel, n_resp from reporting.csat_weekly") == [(OTHER, 54)]


def test_ratings_of_an_earlier_week_are_not_told_apart_by_subtracting(centre, stores, clock):
    sunday, monday = MONDAY + timedelta(days=6), MONDAY + timedelta(days=7)
    busy(centre, sunday, people=26)
    busy(centre, sunday, people=4, score=3, rated_on=monday)
    for score in (1, 5):
        busy(centre, monday, people=12, score=score)
        busy(centre, monday, people=10, channel="chat", score=score)
    busy(centre, monday, people=40, channel="chat")
    clock.day = monday + timedelta(days=10)
    assert outcomes(publish(stores), "csat_weekly") == [("2026-W42", Outcome.SEALED)]
    # Of 28 ratings of mails, 24 are those of all of Monday's mails: four people would be left.
    assert centre.execute("select channel, n_resp from reporting.csat_weekly") == [(OTHER, 48)]


def test_late_rows_count_once_in_the_first_open_period_and_move_nothing(centre, stores, clock):
    busy(centre, MONDAY)
    clock.day = MONDAY + timedelta(days=4)
    assert publish(stores).late_rows == ()
    busy(centre, MONDAY, people=2)
    busy(centre, MONDAY + timedelta(days=1), people=11)
    assert publish(stores).late_rows == (("volume_daily", "fjord", 2),)
    assert publish(stores).late_rows == ()
    assert centre.execute("select n from reporting.volume_daily") == [(12,)]
    clock.day += timedelta(days=1)
    assert publish(stores).late_rows == ()
    assert centre.execute("select period, n from reporting.volume_daily order by 1") == [
        ("2026-10-05", 12),
        ("2026-10-06", 13),
    ]


def test_late_ratings_count_in_the_first_open_week(centre, stores, clock):
    for week in (0, 1):
        for score in (2, 5):
            busy(centre, MONDAY + timedelta(days=7 * week), people=14, score=score)
        busy(centre, MONDAY + timedelta(days=7 * week), people=20)
    clock.day = MONDAY + timedelta(days=10)
    publish(stores)
    busy(centre, MONDAY, people=3, score=5)
    assert dict(report_late(publish(stores))) == {"volume_daily": 3, "csat_weekly": 3}
    clock.day += timedelta(days=7)
    publish(stores)
    assert centre.execute("select period, n_resp from reporting.csat_weekly order by 1") == [
        ("2026-W41", 28),
        ("2026-W42", 31),
    ]


def report_late(report):
    return [(mart, rows) for mart, _, rows in report.late_rows]


def test_rows_sealed_before_it_was_noted_which_are_counted_are_not_late(centre, stores, clock):
    busy(centre, MONDAY)
    clock.day = MONDAY + timedelta(days=4)
    publish(stores)
    centre.execute("delete from lacuna.counted_row")
    assert publish(stores).late_rows == ()
    assert centre.execute("select posted_day, count(*) from lacuna.counted_row group by 1") == [
        (MONDAY, 12)
    ]


def test_a_restricted_person_is_left_out_and_never_added_later(centre, stores, clock):
    keys = busy(centre, MONDAY, people=15)
    restrict(centre, keys[0])
    clock.day = MONDAY + timedelta(days=4)
    publish(stores)
    assert centre.execute("select n from reporting.volume_daily") == [(14,)]
    centre.execute("delete from lacuna.restriction")
    busy(centre, MONDAY + timedelta(days=1), people=11)
    clock.day += timedelta(days=10)
    assert publish(stores).late_rows == ()
    volume = centre.execute("select sum(n)::int from reporting.volume_daily")
    assert volume == [(25,)]
    assert centre.execute("select sum(n)::int from reporting.team_weekly") in ([(25,)], [(None,)])


@pytest.mark.parametrize("what", ["rows", "seconds"])
def test_a_closed_day_that_lost_something_makes_the_run_say_so_once(centre, stores, clock, what):
    keys = busy(centre, MONDAY, people=14)
    clock.day = MONDAY + timedelta(days=4)
    publish(stores)
    assert publish(stores).lines == ()  # noted
    centre.erase(keys[:2])
    assert publish(stores).lines == ()
    if what == "rows":
        centre.execute(
            "delete from contact_center.conversations where conversation_id ="
            " (select min(conversation_id) from contact_center.conversations)"
        )
    else:
        centre.execute(
            "update contact_center.conversations set handling_duration_s = 119 where"
            " conversation_id = (select min(conversation_id) from contact_center.conversations)"
        )
    (line,) = publish(stores).lines
    assert line.outcome is Outcome.NOT_CONSERVED
    assert line.outcome.is_failure
    lost = (1, 120) if what == "rows" else (0, 1)
    assert (line.rows, dict(line.findings)["amount_gone"]) == lost
    assert publish(stores).lines == ()


def test_what_an_attack_finds_is_not_sealed(centre, stores, clock):
    busy(centre, MONDAY, people=14)
    clock.day = MONDAY + timedelta(days=4)
    report = publish(stores, attack=lambda *_: (("alone", 1),))
    assert [(line.outcome, line.findings) for line in report.lines] == [
        (Outcome.BLOCKED, (("alone", 1),))
    ]
    assert sealed(centre) == {}


def test_a_leak_that_protection_let_through_blocks_the_period(centre, stores, clock, monkeypatch):
    """Protection is broken on purpose: the audit is the second pair of eyes."""
    busy(centre, MONDAY, people=12)
    busy(centre, MONDAY, people=3, queue="orders")
    busy(centre, MONDAY + timedelta(days=1))

    def careless(groups, mart, policy, **_):
        places = range(len(mart.measures))
        sums = {key: tuple(map(group.total, places)) for key, group in groups.items()}
        return tuple(Cell(key, values) for key, values in sorted(sums.items()))

    monkeypatch.setattr("lacuna.reporting.period_closure.protect", careless)
    clock.day = MONDAY + timedelta(days=5)
    report = publish(stores)
    (line,) = [line for line in report.lines if line.org_id == "fjord"]
    assert (line.subject, line.outcome) == ("volume_daily 2026-10-05", Outcome.BLOCKED)
    assert dict(line.findings)["small"] == 1
    assert line.outcome.is_failure
    assert sealed(centre) == {}
    assert files_of(stores) == {}
    monkeypatch.undo()
    assert outcomes(publish(stores)) == [
        ("2026-10-05", Outcome.SEALED),
        ("2026-10-06", Outcome.SEALED),
    ]


# --- proof ----------------------------------------------------------------------------------------


def ledger_of(stores):
    with stores.transaction(Role.AUDITOR) as transaction:
        return list(transaction.ledger.leaves())


def test_each_sealed_period_has_one_entry_in_the_ledger(centre, stores, clock):
    busy(centre, MONDAY, people=4)
    busy(centre, MONDAY + timedelta(days=1))
    clock.day = MONDAY + timedelta(days=5)
    publish(stores, batch_id="6b1cf7c5-5f0e-4a5c-9d3e-0c9e4c1b7a10")
    (leaf,) = ledger_of(stores)
    assert leaf == leaf_of(leaf.entry, 0)
    assert (leaf.entry.action, leaf.entry.phase) == (Action.PUBLISH_PERIOD, Phase.OUTCOME)
    assert leaf.entry.location == "reporting.volume_daily 2026-10-06"
    assert leaf.entry.actor == "flow:reporting"
    assert leaf.entry.rows == 1
    assert centre.execute("select digest from reporting.release") == [(leaf.entry.digest,)]


@pytest.mark.thorough
def test_a_run_that_is_stopped_goes_on_where_it_was(centre, stores, monkeypatch):
    for day in range(14):
        busy(centre, MONDAY + timedelta(days=day), people=24 + day)
    seals = iter(range(1000))

    def dying(*args):
        if next(seals) == 11:
            raise KeyboardInterrupt
        return cells_digest(*args)

    monkeypatch.setattr("lacuna.reporting.period_closure.cells_digest", dying)
    with pytest.raises(KeyboardInterrupt):
        publish(stores)
    monkeypatch.undo()
    assert centre.execute("select count(*) from reporting.release") == [(11,)]
    publish(stores)
    undisturbed = centre.execute(
        "select mart, org_id, period, digest from reporting.release order by 1, 2, first_day"
    )
    entries = [leaf.entry.digest for leaf in ledger_of(stores)]
    assert sorted(entries) == sorted(digest for *_, digest in undisturbed)
    assert len(undisturbed) > 18
    assert len({mart for mart, *_ in undisturbed}) > 2


def test_cells_that_are_not_those_that_were_sealed_stop_the_run(centre, stores, clock):
    busy(centre, MONDAY)
    clock.day = MONDAY + timedelta(days=4)
    publish(stores)
    with psycopg.connect(plain(centre.url)) as connection:
        # What a superuser with a grudge can do.
        connection.execute(
            "alter table reporting.volume_daily disable trigger volume_daily_written_once"
        )
        connection.execute("update reporting.volume_daily set n = 11")
    with pytest.raises(EvidenceBroken, match="volume_daily 2026-10-05: the 1 stored cells"):
        publish(stores)


# --- files ----------------------------------------------------------------------------------------


@pytest.fixture
def one_day(centre, stores, clock):
    busy(centre, MONDAY, people=12)
    busy(centre, MONDAY, people=15, channel="chat")
    busy(centre, MONDAY, people=2, channel="chat", queue="orders")
    clock.day = MONDAY + timedelta(days=4)
    publish(stores)
    return stores


PATH = "volume_daily/fjord/2026-10-05.parquet"


def test_there_is_one_file_a_period_with_its_provenance(one_day):
    assert list(files_of(one_day)) == [PATH]
    table = pq.read_table(io.BytesIO(files_of(one_day)[PATH]))
    assert table.column("channel").to_pylist() == ["chat", "email"]
    assert table.column("queue").to_pylist() == [OTHER, "billing"]
    assert table.column("n").to_pylist() == [17, 12]
    assert table.column("first_day").to_pylist() == [MONDAY, MONDAY]
    assert table.column("is_merged").to_pylist() == [True, False]
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    metadata.pop("ARROW:schema", None)
    assert metadata.pop("digest")
    assert metadata == {
        "mart": "volume_daily",
        "org_id": "fjord",
        "period": "2026-10-05",
        "version": "1",
        "policy_version": "3",
        "unit": VOLUME.unit,
        "k": "10",
        "calendar": VOLUME.calendar,
        "sealed_at": "2026-10-09T05:00:00+00:00",
    }


def test_columns_have_stable_types_and_their_definitions(one_day):
    schema = pq.read_schema(io.BytesIO(files_of(one_day)[PATH]))
    types = {field.name: str(field.type) for field in schema}
    text = "dictionary<values=string, indices=int32, ordered=0>"
    assert types == {
        "org_id": text,
        "period": text,
        "first_day": "date32[day]",
        "last_day": "date32[day]",
        "channel": text,
        "queue": text,
        **{measure.name: "int64" for measure in VOLUME.measures},
        "is_merged": "bool",
        "policy_version": text,
    }
    assert all(field.metadata[b"definition"] for field in schema)


def test_no_parameter_of_the_dominance_rule_is_published(one_day):
    schema = pq.read_schema(io.BytesIO(files_of(one_day)[PATH]))
    names = {key.decode() for key in schema.metadata} | set(schema.names)
    assert not any("dominance" in name or "percent" in name for name in names)


def test_a_lost_file_comes_back_as_it_was(one_day):
    before = files_of(one_day)
    one_day.objects["reporting"].delete(PATH)
    report = publish(one_day)
    assert (report.files_written, report.files_kept) == (1, 0)
    assert files_of(one_day) == before


def test_a_damaged_file_is_written_anew(one_day):
    before = files_of(one_day)
    one_day.objects["reporting"].replace(PATH, b"x" * len(before[PATH]))
    assert publish(one_day).files_written == 1
    assert files_of(one_day) == before


def test_a_file_of_no_sealed_period_goes(one_day):
    before = files_of(one_day)
    objects = one_day.objects["reporting"]
    objects.replace("volume_daily/fjord/2026-10-04.parquet", b"old export")
    objects.replace("notes.txt", b"not of a mart")
    assert publish(one_day).files_removed == 1
    assert files_of(one_day) == {**before, "notes.txt": b"not of a mart"}


def test_a_tenants_name_cannot_leave_its_folder(one_day):
    with one_day.transaction(Role.EXECUTOR) as transaction:
        (release,) = transaction.marts.releases(VOLUME, "fjord")
    assert path_of(replace(release, org_id="../a b/c")) == (
        "volume_daily/..%2Fa%20b%2Fc/2026-10-05.parquet"
    )


def test_the_same_release_has_the_same_bytes_in_any_order_of_cells(one_day):
    with one_day.transaction(Role.EXECUTOR) as transaction:
        (release,) = transaction.marts.releases(VOLUME, "fjord")
    turned = replace(release, cells=tuple(reversed(release.cells)))
    assert to_parquet(VOLUME, release) == to_parquet(VOLUME, turned)
    digest = cells_digest(VOLUME, "fjord", "2026-10-05", release.cells)
    assert digest == cells_digest(VOLUME, "fjord", "2026-10-05", turned.cells)
    other = tuple(replace(cell, values=(1, *cell.values[1:])) for cell in release.cells)
    assert digest != cells_digest(VOLUME, "fjord", "2026-10-05", other)
    assert digest != cells_digest(VOLUME, "hafen", "2026-10-05", release.cells)


def test_no_row_of_a_person_lies_in_the_marts_or_the_files(published_weeks, stores):
    centre = published_weeks
    stores = on(stores, centre)
    publish(stores)
    keys = [
        key for (key,) in centre.execute("select contact_id::text from contact_center.contacts")
    ]
    stored = centre.execute(
        "select string_agg(v::text, '') from (select * from reporting.volume_daily) v"
    )[0][0]
    content = b"".join(files_of(stores).values())
    assert len(stored) > 1000
    assert not any(key in stored or key.encode() in content for key in keys)
