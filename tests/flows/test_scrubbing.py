"""The scrub keeps to its window, and plan and certificate say what that means for others."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lacuna.evidence import VerifiedCertificate, verify_certificate
from lacuna.flows import fulfilment, seal
from lacuna.flows.fulfilment.locks import say_locks
from lacuna.flows.fulfilment.planning import locks_of
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.installation_keys import signing_key
from lacuna.model.evidence import Action, Phase
from lacuna.model.identity import IdentifierKind
from lacuna.model.location import TableName
from lacuna.model.plan import AnonymizeRows, Plan, RedactMentions, Retain
from lacuna.model.request import Level, RequestKind
from lacuna.model.run import Mode, Role, RunOptions
from lacuna.model.scrub import ALWAYS, DATABASE, NEVER, ScrubWindow, TableFiles
from lacuna.plan import restore
from tests.brought import Brought
from tests.post import open_post

MAIL = "anna.berg@example.org"
PEOPLE, CALLS, NOTES = (TableName("post", name) for name in ("people", "calls", "notes"))
NIGHT = ScrubWindow.parse("23:30-04:00")


# --- what a plan says -----------------------------------------------------------------------------


def files(table: TableName, byte_count: int, seconds: float | None) -> TableFiles:
    return TableFiles(table, byte_count, True, "", -1, seconds)


FILES = (
    files(NOTES, 1_000, 9.0),
    files(CALLS, 493_000_000, 2.9),
    files(PEOPLE, 40_000, None),
)
PLAN = Plan(
    request_id=str(uuid.uuid4()),
    level=Level.CONTACT,
    kinds=(RequestKind.ERASURE,),
    datamap_digest="0" * 64,
    steps=(
        AnonymizeRows(PEOPLE, (("name", "suppress"),), 1),
        RedactMentions(CALLS, ("voice",), 3),
        Retain("post.notes", "nothing of the person", 1),
    ),
    digest="1" * 64,
)


@pytest.mark.parametrize(
    ("window", "said"),
    [
        (ALWAYS, "at the end of the run"),
        (NIGHT, "from 23:30 UTC for 270 minutes"),
    ],
)
def test_a_plan_says_which_tables_are_locked_when_and_for_how_long(window, said) -> None:
    first, *tables = say_locks(PLAN, FILES, window).splitlines()
    assert first.endswith(f". Time of the scrub: {said}")
    assert tables == [
        "- post.calls, 493.0 MB, 2.90 s last time",
        "- post.people, 0.0 MB, not measured yet",
    ]


def test_a_plan_that_changes_no_table_locks_none() -> None:
    assert say_locks(replace(PLAN, steps=PLAN.steps[2:]), FILES, ALWAYS) == ""


def test_without_a_window_a_plan_names_no_table_that_a_scrub_locks() -> None:
    said = say_locks(PLAN, FILES, NEVER)
    assert said == "Afterwards, no scrub: LACUNA_SCRUB_WINDOW opens no window.\n"


# --- what a run does ------------------------------------------------------------------------------


@pytest.fixture
def post(template_database, tmp_path) -> Iterator[Brought]:
    for number in (10, 20):
        voice = tmp_path / "media" / "voice" / f"{number}.wav"
        voice.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        voice.write_bytes(b"RIFF a voice")
    with template_database.clones() as fresh:
        yield open_post(fresh("lacuna"), tmp_path)


def run(
    post: Brought, window: ScrubWindow, stage=fulfilment.run
) -> list[tuple[str, dict[str, int]]]:
    """Run a fulfilment, or one stage of it; return outcome and counts of its scrub."""
    options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT, scrub_window=window)
    stage(post.stores, options, str(uuid.uuid4()))
    lines = post.stores.run_log.read(options.run_id)
    return [(one.outcome, dict(one.counts)) for one in lines if one.step == "scrub"]


def scrubbed(post: Brought) -> list[str]:
    """Return what the ledger says was written anew."""
    with post.stores.transaction(Role.AUDITOR) as transaction:
        return [
            leaf.entry.location
            for leaf in transaction.ledger.leaves()
            if leaf.entry.action is Action.SCRUB and leaf.entry.phase is Phase.OUTCOME
        ]


class ClosingClock:
    """Shows the first minute of a window a few times, and then the minute at which it closes."""

    def __init__(self, times: int) -> None:
        self._left = times
        self._opens = datetime.now(UTC)
        self.window = ScrubWindow(self._opens.hour * 60 + self._opens.minute, 60)

    def now(self) -> datetime:
        self._left -= 1
        closes = self._opens + timedelta(minutes=self.window.minutes)
        return self._opens if self._left >= 0 else closes


@pytest.mark.thorough
def test_outside_its_window_nothing_is_locked_and_the_certificate_says_which_night(post) -> None:
    later = datetime.now(UTC).replace(second=0) + timedelta(hours=2)
    closed = ScrubWindow(later.hour * 60 + later.minute, 60)
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    assert run(post, closed) == [("scrub_window_closed", {})]
    with post.stores.transaction(Role.PLANNER) as transaction:
        request = transaction.queue.requests.get(request_id)
        plan = restore(request, transaction.queue.plans.get(request_id))
    options = RunOptions(run_id="r", mode=Mode.ACT, scrub_window=closed)
    said = locks_of(Batch(post.stores, options, post.datamap, flow="fulfilment"), plan)
    assert "- post.people, " in said
    assert f"from {later:%H:%M} UTC for 60 minutes" in said
    post.approve(request_id)
    assert run(post, closed) == [("scrub_window_closed", {})]
    assert scrubbed(post) == []
    path = post.stores.home / "evidence" / "statements" / f"{request_id}.json"
    statement = json.loads(path.read_bytes())
    assert statement["level"] == "L0"
    assert {
        "level": "L1",
        "store": "database",
        "until": later.date().isoformat(),
        "why": "the database's own files, until the next scrub",
    } in statement["unreached"]

    # The window closes after two tables: the others wait, and nothing is claimed of the whole.
    open_stores = post.stores
    clock = ClosingClock(times=4)
    post.stores = replace(open_stores, clock=clock)
    ((outcome, counts),) = run(post, clock.window, fulfilment.scrub)
    assert (outcome, counts["tables"]) == ("scrub_unfinished", 2)
    assert counts["waiting"] > 0
    tables = [place for place in scrubbed(post) if place.count(".") == 1 and "pg_" not in place]
    assert len(tables) == 2
    assert DATABASE not in scrubbed(post)

    post.stores = open_stores
    ((_, rest),) = run(post, ALWAYS, fulfilment.scrub)
    assert rest["tables"] >= counts["waiting"]
    assert "post.people" in scrubbed(post)


@pytest.mark.thorough
def test_tables_that_wait_stand_in_the_last_line_and_on_the_certificate(post) -> None:
    later = datetime.now(UTC).replace(second=0) + timedelta(hours=2)
    closed = ScrubWindow(later.hour * 60 + later.minute, 60)
    request_id = post.submit(IdentifierKind.EMAIL, MAIL)
    run(post, closed)
    post.approve(request_id)
    options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT, scrub_window=closed)
    fulfilment.run(post.stores, options, str(uuid.uuid4()))
    last = post.stores.run_log.read(options.run_id)[-1]
    assert (last.step, last.outcome) == ("verdict", "done")
    assert dict(last.counts)["tables_waiting"] > 0

    def issued(window: ScrubWindow) -> VerifiedCertificate:
        options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT, scrub_window=window)
        seal.run(post.stores, options, str(uuid.uuid4()))
        path = post.stores.home / "evidence" / "certificates" / f"{request_id}.json"
        verified = verify_certificate(path.read_bytes(), signing_key(post.stores).public_text)
        page = path.with_suffix(".html").read_text("utf-8")
        read = " ".join(re.sub(r"<[^>]+>", " ", page).split())
        waiting = [table for table, level in verified.levels.items() if level == "L0"]
        for table in waiting:
            assert f"{table} {verified.night or 'no scrub window is set'}" in read
        assert ("waiting for a scrub" in page) is bool(waiting)
        path.unlink()  # so that the next seal issues it again
        return verified

    verified = issued(closed)
    assert "post.people" in verified.levels
    assert set(verified.levels.values()) == {"L0"}
    assert verified.night == later.date().isoformat()
    assert issued(NEVER).night is None

    options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT, scrub_window=ALWAYS)
    fulfilment.run(post.stores, options, str(uuid.uuid4()))
    assert "tables_waiting" not in dict(post.stores.run_log.read(options.run_id)[-1].counts)
    assert set(issued(ALWAYS).levels.values()) == {"L1"}
