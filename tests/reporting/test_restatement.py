"""Restatement: sealed weeks are replaced as a whole, once, and the difference singles nobody out."""

# ruff: noqa: S608 - days, marts and columns of this file

import hashlib
import io
import json
import os
import random
import uuid
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pyarrow.parquet as pq
import pytest

from lacuna.errors import (
    EvidenceBroken,
    PlanChanged,
    PlanRefused,
    RequestError,
    StatementRefused,
)
from lacuna.evidence import WORK, Noted, create_key, sign_manifest
from lacuna.flows import reporting
from lacuna.flows.reporting.restatement import _sign, check_restatements, run_restatement
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.model.evidence import Action
from lacuna.model.restatement import Reason, RestatementScope
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.reporting import (
    Attackers,
    carry_out,
    marts,
    period_closure,
    publish,
    redraw_weeks,
    rewrite,
)
from lacuna.reporting.period_audit import audit_people
from lacuna.verify import attack_period, attack_versions, check_files
from tests.reporting.centre import ORGS, Centre, plain, prepare
from tests.reporting.conftest import SetClock, open_stores

WEEK = date(2026, 10, 19)
NIGHT = date(2026, 11, 3)  # every mart of the week is sealed
DAYS = f"'{WEEK}' and '{WEEK + timedelta(days=6)}'"
ASKED = RestatementScope("fjord", "2026-W43", Reason.SOURCE_CORRECTED)
ATTACKERS = Attackers(attack_period, attack_versions)


@pytest.fixture(scope="module", autouse=True)
def _template(template_database, tmp_path_factory):
    def build(url):
        prepare(url)
        centre, draw = Centre(url), random.Random(7)
        people = centre.add_contacts(700)
        drawn = [
            centre.draw_talk(draw, "fjord", WEEK + timedelta(days=number), people)
            for number in range(8)
            for _ in range(260)
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
        for org_id in ORGS:
            agree(centre, org_id)
        home = tmp_path_factory.mktemp("before_restating")
        publish(open_stores(url, SetClock(NIGHT), home), attack=attack_period)

    template_database.register("centre_to_restate", build)


def agree(centre, org_id):
    """Accept a data processing agreement, without which a tenant's data is not processed."""
    centre.execute(
        "with made as (insert into lacuna.agreement (agreement_id, org_id, kind, version, text_digest,"
        " valid_from, recorded_at, recorded_by) values (gen_random_uuid(), %s, 'dpa', '1',"
        " repeat('0', 64), '2026-01-01Z', '2026-01-01Z', 'dpo:ab12cd34') returning *)"
        " insert into lacuna.acceptance (acceptance_id, agreement_id, org_id, accepted_by, method,"
        " accepted_at, recorded_at, recorded_by) select gen_random_uuid(), agreement_id, org_id,"
        " 'controller:ab12cd34', 'signature', valid_from, valid_from, recorded_by from made",
        [org_id],
    )


@pytest.fixture
def centre(database):
    """A tenant with one week that all marts have sealed, and a day after it."""
    return Centre(database("centre_to_restate"))


@pytest.fixture
def stores(centre, clock, lacuna_home):
    clock.day = NIGHT
    opened = open_stores(centre.url, clock, lacuna_home)
    rewrite(opened)
    return opened


def digests(centre):
    found = centre.execute(
        "select mart, period, version, digest from reporting.release order by 1, 2"
    )
    return {(mart, period): (version, digest) for mart, period, version, digest in found}


def cells(centre, mart="volume_daily"):
    dimensions = [each.name for each in next(m for m in marts() if m.name == mart).dimensions]
    measures = [each.name for each in next(m for m in marts() if m.name == mart).measures]
    names = ", ".join(["period", *dimensions, *measures])
    rows = centre.execute(f"select {names} from reporting.{mart} order by 1, 2, 3")
    return {row[: 1 + len(dimensions)]: row[1 + len(dimensions) :] for row in rows}


def totals(centre, columns="n, handle_s_sum", mart="volume_daily"):
    sums = ", ".join(f"sum({name})::bigint" for name in columns.split(", "))
    return centre.execute(f"select {sums} from reporting.{mart} where first_day between {DAYS}")[0]


def correct(centre, change, where="true"):
    """What the platform's operators do when they find an error."""
    centre.execute(
        f"update contact_center.conversations set {change} where {where} and org_id = 'fjord'"
        f" and (created_at at time zone 'UTC')::date between {DAYS}"
    )


MINUTES = "handling_duration_s = handling_duration_s * 60"


@pytest.mark.thorough
def test_a_week_is_replaced_by_a_new_version_of_all_its_marts(centre, stores):
    before, counted = digests(centre), totals(centre)
    correct(centre, MINUTES, "channel = 'email'")
    drawn = redraw_weeks(stores, ASKED, ATTACKERS)
    assert digests(centre) == before, "nothing is written before it is carried out"
    carry_out(stores, drawn)
    after = digests(centre)
    changed = {key for key in before if before[key] != after[key]}
    assert {mart for mart, _ in changed} == {
        "volume_daily", "csat_weekly", "consent_weekly", "latency_weekly", "team_weekly",
        "abandonment_weekly",
    }  # fmt: skip
    assert {period for mart, period in changed if mart == "volume_daily"} == {
        (WEEK + timedelta(days=number)).isoformat() for number in range(7)
    }
    assert {after[key][0] for key in changed} == {2}
    assert {after[key][0] for key in after.keys() - changed} == {1}
    truth = centre.execute(
        "select count(*), sum(handling_duration_s) from contact_center.conversations"
        f" where (created_at at time zone 'UTC')::date between {DAYS}"
    )[0]
    assert drawn.kept < 30
    # Of cells with few corrected people the sealed seconds stand.
    assert totals(centre)[0] == truth[0] == counted[0]
    assert truth[1] * 0.8 < totals(centre)[1] <= truth[1]


@pytest.mark.thorough
def test_it_says_how_many_numbers_of_each_period_changed(centre, stores):
    names = [mart.name for mart in marts() if not mart.round_to]
    before = {name: cells(centre, name) for name in names}
    correct(centre, MINUTES, "channel = 'email'")
    carry_out(stores, redraw_weeks(stores, ASKED, ATTACKERS))
    counted: Counter[tuple[str, str]] = Counter()
    for name in names:
        was, is_now = before[name], cells(centre, name)
        for key in was.keys() | is_now.keys():
            counted[name, key[0]] += was.get(key) != is_now.get(key)
    said = centre.execute("select mart, period, changed_cells from reporting.restatement")
    assert {(mart, period): changed for mart, period, changed in said} == {
        (mart, period): counted[mart, period] for mart, period, _ in said
    }
    assert {changed > 0 for mart, _, changed in said if mart == "volume_daily"} == {True}
    assert {changed for mart, _, changed in said if mart == "csat_weekly"} == {0}


@pytest.mark.thorough
def test_what_was_replaced_is_a_digest_in_the_ledger_and_is_served_nowhere(centre, stores):
    before = digests(centre)
    correct(centre, MINUTES)
    drawn = redraw_weeks(stores, ASKED, ATTACKERS)
    objects = stores.objects["reporting"]
    old = {path: objects.read(path) for path in objects.paths() if path.endswith(".parquet")}
    carry_out(stores, drawn)
    assert rewrite(stores) == len(drawn.replacements)
    after = digests(centre)
    with stores.transaction(Role.AUDITOR) as transaction:
        withdrawn = transaction.ledger.digests(Action.WITHDRAW_PERIOD)
        served = transaction.ledger.digests(Action.RESTATE_PERIOD)
        published = transaction.ledger.digests(Action.PUBLISH_PERIOD)
    changed = {key for key in before if before[key] != after[key]}
    assert withdrawn == {before[key][1] for key in changed}
    assert served == {after[key][1] for key in changed}
    new = {path: objects.read(path) for path in objects.paths() if path.endswith(".parquet")}
    assert new.keys() == old.keys(), "a version takes the place of the other"
    footers = {
        path: {
            k.decode(): v.decode() for k, v in pq.read_schema(io.BytesIO(content)).metadata.items()
        }
        for path, content in new.items()
    }
    restated = {path for path, footer in footers.items() if footer["version"] == "2"}
    assert restated == {path for path in new if new[path] != old[path]}
    assert len(restated) == len(changed)
    names = {mart.name for mart in marts()}
    assert check_files(objects, names, (published | served) - withdrawn) == ()
    # A copy of the old version that somebody puts back is found.
    path = min(restated)
    objects.replace(path, old[path])
    (finding,) = check_files(objects, names, (published | served) - withdrawn)
    assert finding.count == 1
    assert publish(stores).files_written == 1


def test_the_correction_of_one_person_is_refused(centre, stores):
    correct(centre, MINUTES, "requester_id = (select min(requester_id::text)::uuid from"
            " contact_center.conversations where org_id = 'fjord')")  # fmt: skip
    with pytest.raises(PlanRefused, match="too few people are behind each difference"):
        redraw_weeks(stores, ASKED, ATTACKERS)


@pytest.mark.thorough
def test_one_person_among_many_corrections_stays_as_sealed(centre, stores):
    """Everybody's mails take longer, and one person's call does: the call is not corrected."""
    before = cells(centre)
    correct(centre, MINUTES, "channel = 'email'")
    correct(centre, MINUTES, "conversation_id = (select min(conversation_id) from"
            " contact_center.conversations where channel = 'phone' and handling_duration_s > 0)")  # fmt: skip
    drawn = redraw_weeks(stores, ASKED, ATTACKERS)
    carry_out(stores, drawn)
    after = cells(centre)
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert {channel for _, channel, _ in changed} == {"email"}
    assert drawn.kept >= 1


def test_a_difference_of_few_people_is_refused_even_if_it_is_drawn(centre, stores, monkeypatch):
    """The rule of many is broken on purpose: audit and attacks are the second pair of eyes."""
    correct(centre, MINUTES, "conversation_id = (select min(conversation_id) from"
            " contact_center.conversations where channel = 'phone' and handling_duration_s > 0)")  # fmt: skip
    monkeypatch.setattr("lacuna.reporting.redrawn_rows._is_safe", lambda *_: True)
    with pytest.raises(PlanRefused, match=r"would reveal data of few people \(differencing \d"):
        redraw_weeks(stores, ASKED, ATTACKERS)


@pytest.mark.thorough
def test_a_queue_that_few_people_moved_to_is_not_told_by_subtracting(centre, stores, monkeypatch):
    few = (
        "conversation_id in (select distinct on (requester_id) conversation_id from"
        " contact_center.conversations where channel = 'email' and queue_id = 1"
        f" and (created_at at time zone 'UTC')::date = '{WEEK}' order by requester_id limit 4)"
    )
    correct(centre, "queue_id = 3", few)
    with pytest.raises(PlanRefused, match="too few people"):
        redraw_weeks(stores, ASKED, ATTACKERS)
    before = cells(centre)
    monkeypatch.setattr("lacuna.reporting.redrawn_rows._is_safe", lambda *_: True)
    drawn = redraw_weeks(stores, ASKED, ATTACKERS)
    # Without that rule the audit still merges both queues with one another.
    (day,) = [
        each.release.cells
        for each in drawn.replacements
        if (each.release.mart, each.release.period.label) == ("volume_daily", WEEK.isoformat())
    ]
    new = {(WEEK.isoformat(), *cell.key): cell.values[0] for cell in day}
    both = new.keys() & before.keys()
    assert len(both) > 3
    assert {key: new[key] for key in both} == {key: before[key][0] for key in both}
    assert ("email", "billing") not in {cell.key for cell in day}


@pytest.mark.thorough
def test_an_erasure_since_then_is_not_seen_in_a_restatement(centre, stores):
    """Somebody with a part in cells of exactly ten people goes; nothing but seconds moves."""
    key = centre.execute(
        "select requester_id::text from contact_center.conversations where org_id = 'fjord'"
        " group by 1 order by count(*) desc, 1 limit 1"
    )[0][0]
    correct(centre, MINUTES, "channel in ('email', 'chat')")
    undisturbed = redraw_weeks(stores, ASKED, ATTACKERS)
    others = [
        key for (key,) in centre.execute(
            "select distinct requester_id::text from contact_center.conversations where channel ="
            f" 'phone' and (created_at at time zone 'UTC')::date = '{WEEK}' and requester_id not in"
            " (select requester_id from contact_center.conversations where channel <> 'phone' and"
            " requester_id is not null)"
        )
    ]  # fmt: skip
    assert others
    centre.erase(others)
    erased = redraw_weeks(stores, ASKED, ATTACKERS)
    assert [each.release.cells for each in erased.replacements] == [
        each.release.cells for each in undisturbed.replacements
    ]
    centre.erase([key])
    drawn = redraw_weeks(stores, ASKED, ATTACKERS)
    before = {
        (each.release.mart, each.release.period.label): {cell.key for cell in each.release.cells}
        for each in undisturbed.replacements
    }
    after = {
        (each.release.mart, each.release.period.label): {cell.key for cell in each.release.cells}
        for each in drawn.replacements
    }
    assert after == before, "no cell is merged because somebody went"
    counts = {"n_repeat_7d", "n_fcr", "n_fcr_eligible"}
    team = next(mart for mart in marts() if mart.name == "team_weekly")
    places = [team.index(name) for name in counts]
    for old, new in zip(undisturbed.replacements, drawn.replacements, strict=True):
        if old.release.mart == "team_weekly":
            assert [[cell.values[p] for p in places] for cell in old.release.cells] == [
                [cell.values[p] for p in places] for cell in new.release.cells
            ]


@pytest.mark.thorough
def test_what_came_or_was_answered_later_is_not_in_the_new_version(centre, stores):
    counted = totals(centre, "n, n_frt")
    centre.execute(
        "update contact_center.conversations set first_response_at = created_at + interval '9 days'"
        " where first_response_at is null and channel = 'chat'"
    )
    correct(centre, MINUTES, "channel = 'email'")
    carry_out(stores, redraw_weeks(stores, ASKED, ATTACKERS))
    assert totals(centre, "n, n_frt") == counted
    assert centre.execute("select sum(n)::int from reporting.latency_weekly") == centre.execute(
        "select sum(n_frt)::int from reporting.volume_daily where n_frt is not null and"
        f" first_day between {DAYS}"
    )


@pytest.mark.thorough
def test_a_period_is_restated_once(centre, stores):
    correct(centre, MINUTES)
    carry_out(stores, redraw_weeks(stores, ASKED, ATTACKERS))
    correct(centre, "handling_duration_s = handling_duration_s / 60")
    with pytest.raises(RequestError, match="a period can be restated only once"):
        redraw_weeks(stores, ASKED, ATTACKERS)


@pytest.mark.thorough
def test_the_same_restatement_carried_out_twice_changes_nothing(centre, stores):
    correct(centre, MINUTES)
    drawn = redraw_weeks(stores, ASKED, ATTACKERS)
    carry_out(stores, drawn)
    after = digests(centre)
    with pytest.raises(StatementRefused):
        carry_out(stores, drawn)
    assert digests(centre) == after


@pytest.mark.thorough
def test_what_is_not_sealed_or_too_old_is_not_restated(centre, stores, clock):
    with pytest.raises(RequestError, match="has not sealed all days from 2026-10-26 to 2026-11-01"):
        redraw_weeks(stores, replace(ASKED, period="2026-10-26"), ATTACKERS)
    with pytest.raises(RequestError, match="a period must be a day, a week or a month"):
        redraw_weeks(stores, replace(ASKED, period="yesterday"), ATTACKERS)
    clock.day = NIGHT + timedelta(days=120)
    publish(stores)
    correct(centre, MINUTES)
    with pytest.raises(RequestError, match="stored for 92 days and are gone"):
        redraw_weeks(stores, ASKED, ATTACKERS)
    kept = centre.execute("select count(*) from lacuna.sealed_rows where last_day < '2026-11-01'")
    assert kept == [(0,)]


@pytest.mark.thorough
def test_people_of_a_month_are_withdrawn_where_channels_were_wrong(centre, stores, clock):
    clock.day = NIGHT + timedelta(days=4)
    publish(stores, attack=attack_period)
    assert len(cells(centre, "contacts_monthly")) > 2
    correct(centre, "channel = 'chat'", "channel = 'email'")
    carry_out(stores, redraw_weeks(stores, ASKED, ATTACKERS))
    assert cells(centre, "contacts_monthly") == {}
    assert digests(centre)["contacts_monthly", "2026-10"][0] == 2
    assert totals(centre, "n") == (1820,)
    publish(stores, attack=attack_period)


@pytest.mark.thorough
def test_a_month_that_closes_later_is_audited_with_both_versions(
    centre, stores, clock, monkeypatch
):
    seen = []

    def noting(published, mart, volume):
        seen.extend(volume)
        return audit_people(published, mart, volume)

    before = cells(centre)
    correct(centre, MINUTES, "channel = 'email'")
    carry_out(stores, redraw_weeks(stores, ASKED, ATTACKERS))
    after = cells(centre)
    monkeypatch.setattr(period_closure, "audit_people", noting)
    clock.day = NIGHT + timedelta(days=4)
    publish(stores, attack=attack_period)
    assert len(cells(centre, "contacts_monthly")) > 2

    def day(some, number):
        period = (WEEK + timedelta(days=number)).isoformat()
        return {(key[1:], values) for key, values in some.items() if key[0] == period}

    versions = [[{(each.key, each.values) for each in one} for one in two] for two in seen]
    for number in range(7):
        assert [day(after, number), day(before, number)] in versions
        assert day(after, number) != day(before, number)


@pytest.mark.thorough
def test_nobody_changes_a_sealed_period_by_other_means(centre, stores):
    with psycopg.connect(plain(centre.url), autocommit=True) as owner:
        for statement in (
            "delete from reporting.volume_daily",
            "delete from reporting.release",
            "truncate reporting.volume_daily",
            "update reporting.release set version = 2",
            "insert into reporting.restatement (mart, org_id, period, version, reason,"
            " replaced_digest, digest, changed_cells, document_digest, restated_at) select mart, org_id,"
            " period, 2, 'source_corrected', repeat('0', 64), repeat('1', 64), 0, repeat('2', 64), now()"
            " from reporting.release limit 1",
            "insert into reporting.release (mart, org_id, period, first_day, last_day, policy_version,"
            " sealed_at, rows, digest, audit, version) select mart, org_id, 'another', first_day,"
            " last_day, policy_version, sealed_at, rows, digest, audit, 2 from reporting.release limit 1",
            "insert into reporting.release (mart, org_id, period, first_day, last_day, policy_version,"
            " sealed_at, rows, digest, audit, version) select mart, org_id, 'another', last_day + 400,"
            " last_day + 400, policy_version, sealed_at, rows, digest, audit, 2 from reporting.release limit 1",
        ):
            with pytest.raises(psycopg.DatabaseError):
                owner.execute(statement)
    correct(centre, MINUTES)
    carry_out(stores, redraw_weeks(stores, ASKED, ATTACKERS))
    with psycopg.connect(plain(centre.url), autocommit=True) as owner:
        for statement in (
            "delete from reporting.volume_daily",
            "delete from reporting.restatement",
            "update reporting.restatement set version = 2",
            "truncate reporting.restatement",
        ):
            with pytest.raises(psycopg.DatabaseError, match="append-only"):
                owner.execute(statement)


# --- the flow -------------------------------------------------------------------------------------


def options(**changes):
    return RunOptions(**{"run_id": "restate-1", "mode": Mode.ACT, **changes})


@pytest.mark.thorough
def test_it_is_carried_out_once_its_digest_was_approved_and_no_other(centre, stores):
    sealed = digests(centre)
    correct(centre, MINUTES, "channel = 'email'")
    drawn, is_done = run_restatement(stores, options(), ASKED)
    assert not is_done
    (rule,) = [one for one in known_rules(stores) if one.name == "restate_fjord_2026-W43"]
    assert (rule.digest, rule.is_approved) == (drawn.digest, False)
    assert "source_corrected" in rule.meaning
    with pytest.raises(PlanChanged, match="the decision names"):
        approve_rule(stores, (rule.name, "0" * 64, None), "dpo:ab12cd34")
    approve_rule(stores, (rule.name, rule.digest, None), "dpo:ab12cd34")
    # The platform changed after the approval: what would be carried out now is something else.
    correct(centre, MINUTES, "channel = 'chat'")
    other, is_done = run_restatement(stores, options(), ASKED)
    assert not is_done
    assert other.digest != drawn.digest
    assert digests(centre) == sealed
    correct(centre, "handling_duration_s = handling_duration_s / 60", "channel = 'chat'")
    assert run_restatement(stores, options(mode=Mode.OBSERVE), ASKED)[1] is False
    assert digests(centre) == sealed
    assert run_restatement(stores, options(), ASKED)[1] is True
    assert digests(centre) != sealed
    assert not [one for one in known_rules(stores) if one.name == rule.name]


@pytest.mark.thorough
def test_every_run_checks_the_signed_document_of_a_restatement(centre, stores, tmp_path):
    correct(centre, MINUTES, "channel = 'email'")
    drawn, is_done = run_restatement(stores, options(approval=ApprovalMode.AUTO), ASKED)
    assert is_done
    folder = stores.home / "evidence" / "restatements"
    document, note = folder / f"{drawn.digest}.json", folder / f"{drawn.digest}.note"
    said = json.loads(document.read_bytes())
    assert {one["mart"] for one in said["releases"]} >= {"volume_daily", "team_weekly"}
    assert (said["period"], said["reason"]) == ("2026-W43", "source_corrected")
    assert centre.execute("select distinct document_digest from reporting.restatement") == [
        (drawn.digest,)
    ]
    assert check_restatements(stores) == 1
    assert reporting.run(stores, options(run_id="after-1"), str(uuid.uuid4())) == 0
    (folder / "0123.json").write_text("{}")
    with pytest.raises(EvidenceBroken, match="1 files belong to no restatement"):
        check_restatements(stores)
    (folder / "0123.json").unlink()
    # What was signed and died before its end is none of somebody else's.
    _sign(stores, replace(drawn, document=b"{}", digest=hashlib.sha256(b"{}").hexdigest()))
    assert check_restatements(stores) == 1
    # Somebody else signs it, and puts their key beside those of the workers.
    signed = note.read_text("utf-8")
    own = create_key(tmp_path / "own.pem", name=WORK)
    (stores.home / "evidence" / "work-keys" / "0123.pub").write_text(f"{own.public_text}\n")
    said_by_them = sign_manifest(own, document.stat().st_size, drawn.digest, Noted.RESTATEMENT)
    note.write_text(said_by_them, "utf-8")
    with pytest.raises(EvidenceBroken, match="not signed by a known key"):
        check_restatements(stores)
    note.write_text(signed.replace("lacuna/restatement", "lacuna/bundle"), "utf-8")
    with pytest.raises(EvidenceBroken, match="signature does not match its manifest"):
        reporting.run(stores, options(run_id="after-2"), str(uuid.uuid4()))
    note.write_text(signed, "utf-8")
    document.write_bytes(document.read_bytes().replace(b"source", b"query"))
    with pytest.raises(EvidenceBroken, match="its document differs from the ledger"):
        check_restatements(stores)
    document.unlink()
    with pytest.raises(EvidenceBroken, match="is missing"):
        check_restatements(stores)
    os.mkfifo(document)
    with pytest.raises(EvidenceBroken, match="is not a file"):
        check_restatements(stores)
    document.unlink()
    document.symlink_to("/dev/zero")
    with pytest.raises(EvidenceBroken, match="is a link"):
        check_restatements(stores)


@pytest.mark.thorough
def test_analysts_read_which_version_they_have(centre, stores):
    correct(centre, MINUTES, "channel = 'email'")
    drawn, _ = run_restatement(stores, options(approval=ApprovalMode.AUTO), ASKED)
    with psycopg.connect(plain(centre.url)) as connection:
        connection.execute("set role lacuna_analyst")
        connection.execute("set lacuna.org_id = 'fjord'")
        rows = connection.execute(
            "select count(*), count(distinct mart) from reporting.restatement join reporting.release"
            " using (mart, org_id, period, version, digest)"
        ).fetchall()
        assert rows == [(len(drawn.replacements), 6)]
        connection.execute("set lacuna.org_id = 'hafen'")
        assert connection.execute("select count(*) from reporting.restatement").fetchall() == [(0,)]
