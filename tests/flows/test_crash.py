"""A run that is killed anywhere is continued by the next, and ends as if nothing had happened.

A child process runs the fulfilment, and kills itself by SIGKILL at its n-th event: before or
after a statement or a commit, and before a file is opened for writing, renamed or removed. What
it left behind is looked at, then a run continues it. Most of the sample's conversations are taken
out first, which shortens a run and leaves every kind of event.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pyrage
import pytest
from sqlalchemy import event

from pipelines.errors import DependencyUnreachable
from pipelines.flows import fulfilment, sweep
from pipelines.flows.rules import approve_rule, known_rules
from pipelines.model.evidence import Action, Phase
from pipelines.model.identity import IdentifierKind
from pipelines.model.request import RequestKind, RequestState
from pipelines.model.run import ApprovalMode
from tests.flows.conftest import Installation, opened
from tests.flows.observation import (
    execute,
    files_of,
    leaves_of,
    quiet_people,
    rows_of,
    thin_out,
)

KEPT_CONVERSATIONS = 40
# What a step of the plan does, and is recorded with one outcome however often a run was killed.
STEPS = frozenset(
    {
        Action.ANONYMIZE_ROWS,
        Action.REDACT_TEXT,
        Action.REDACT_MENTIONS,
        Action.DELETE_ROWS,
        Action.DELETE_OBJECTS,
        Action.REWRITE_OBJECTS,
        Action.VERIFIED,
        Action.NOTHING_FOUND,
        Action.FORGET_WORKING_COPIES,
        Action.COMPLETED,
    }
)


# --- killing --------------------------------------------------------------------------------------


class Killer:
    """Counts the events of this process, writes them down, and kills it at the n-th."""

    WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

    def __init__(self, engine, at: int | None, report: Path, home: Path) -> None:
        self._at, self._home, self._count = at, str(home), 0
        self._report = report.open("w", encoding="utf-8", buffering=1)
        event.listen(engine, "before_cursor_execute", self._statement("before"))
        event.listen(engine, "after_cursor_execute", self._statement("after"))
        commit = engine.dialect.do_commit

        def committed(connection):
            self._happened("before commit")
            commit(connection)
            self._happened("after commit")

        engine.dialect.do_commit = committed
        sys.addaudithook(self._audited)

    def _statement(self, when: str) -> Callable[..., None]:
        def heard(connection, cursor, statement, *others):
            words = statement.split()[:3]
            self._happened(f"{when} {' '.join(words)}")

        return heard

    def _audited(self, name: str, arguments: tuple[object, ...]) -> None:
        if name == "open" and isinstance(arguments[2], int) and arguments[2] & self.WRITING:
            if str(arguments[0]).startswith(("/dev/", self._report.name)):
                return
            self._happened(f"open for writing {self._place(arguments[0])}")
        elif name in ("os.remove", "os.rename", "os.link", "os.rmdir", "os.mkdir", "shutil.rmtree"):
            self._happened(f"{name} {self._place(arguments[0])}")

    def _place(self, path: object) -> str:
        """Return the folder of the home; what is opened from an open folder has a bare name."""
        text = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else str(path)
        if not text.startswith(self._home):
            return "from a folder"
        return text.removeprefix(self._home).split("/")[1]

    def _happened(self, what: str) -> None:
        self._count += 1
        if self._at is None:
            self._report.write(what + "\n")
        elif self._count == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def run_in_child(
    installation: Installation, at: int | None, report: Path, flow: ModuleType = fulfilment
) -> int:
    """Run a flow in a child that dies at its n-th event; return how it ended."""
    with warnings.catch_warnings():
        # Threads of numeric libraries are idle; the child starts its own.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        signal.alarm(120)
        status = 3
        try:
            Killer(installation.stores.database.engine, at, report, installation.stores.home)
            status = 0 if installation.run(flow, approval=ApprovalMode.AUTO) is None else 1
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def wait_for_the_server(url: str) -> None:
    """Wait until the server has noticed that its client is gone."""
    deadline = time.monotonic() + 30
    others = (
        "select count(*) from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid() and backend_type = 'client backend'"
    )
    while execute(url, others) != [(0,)]:
        assert time.monotonic() < deadline, "a backend outlived its client"
        time.sleep(0.02)


# --- what is compared -----------------------------------------------------------------------------


@dataclass(frozen=True)
class End:
    """How everything stands after a run, without what may differ: times, and ids of runs."""

    rows: dict[str, Counter[str]]
    files: dict[str, str]
    states: dict[str, tuple[str, str | None]]
    kept: list[tuple[object, ...]]
    outcomes: Counter[tuple[str, str, str, int]]
    certificates: dict[str, tuple[object, ...]]
    bundles: list[str]


def end_of(installation: Installation, ids: list[str]) -> End:
    certificates = {}
    folder = installation.stores.home / "evidence" / "statements"
    for path in sorted(folder.glob("[0-9a-f]*.json")):
        content = json.loads(path.read_bytes())
        certificates[path.name] = (
            content["type"],
            content["plan_digest"],
            [
                (one["action"], one["location"], one["rows"] + one["already"])
                for one in content["done"]
                if one["action"] not in ("write_bundle", "seal_bundle")
            ],
            content["verification"],
        )
    return End(
        rows=rows_of(installation.url),
        files=files_of(installation.stores.home),
        states={one: (installation.request(one).state, installation.obstacle(one)) for one in ids},
        kept=execute(
            installation.url,
            "select (select count(*) from lacuna.request_secret), "
            "(select count(*) from lacuna.working_row), (select count(*) from lacuna.baseline), "
            "(select count(*) from lacuna.outbox where state = 'pending'), "
            "(select count(*) from lacuna.outbox), (select count(*) from lacuna.restriction)",
        ),
        outcomes=Counter(
            (
                str(leaf.entry.request_id),
                str(leaf.entry.action),
                leaf.entry.location,
                (leaf.entry.rows or 0) + (leaf.entry.already or 0),
            )
            for leaf in leaves_of(installation)
            if leaf.entry.phase is Phase.OUTCOME and leaf.entry.action in STEPS
        ),
        certificates=certificates,
        bundles=sorted(path.name for path in (installation.stores.home / "bundles").glob("*")),
    )


# --- the crash bench ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bench:
    """A platform with queued requests, how it looks before and after, and all events between."""

    fresh: Callable[[], Installation]
    ids: list[str]
    before: tuple[dict[str, Counter[str]], dict[str, str]]
    end: End
    events: list[str]
    report: Path

    def survives(self, at: int) -> str:
        """Kill a run at an event, look, continue, compare; return what the event was."""
        what = f"killed at {at}, {self.events[at - 1]}"
        installation = self.fresh()
        assert run_in_child(installation, at, self.report) == -signal.SIGKILL, what
        wait_for_the_server(installation.url)
        rows, files = rows_of(installation.url), files_of(installation.stores.home)
        rows_before, files_before = self.before
        assert rows in (rows_before, self.end.rows), f"{what}: rows are half changed"
        states = {installation.request(one).state for one in self.ids}
        if rows == rows_before:
            assert files == files_before, f"{what}: files changed before the rows"
            assert not states & {RequestState.APPLIED, RequestState.VERIFIED}, what
        if RequestState.VERIFIED in states or RequestState.COMPLETED in states:
            assert files == self.end.files, f"{what}: called done before the files were"
        assert installation.run(approval=ApprovalMode.AUTO) is None, f"{what}: the next run is red"
        assert end_of(installation, self.ids) == self.end, what
        # Evidence may keep a hidden copy of itself: nobody is named in it.
        leftovers = [
            path.name
            for folder in ("bundles", "media")
            for path in (installation.stores.home / folder).rglob(".*")
        ]
        assert not leftovers, f"{what}: {len(leftovers)} leftovers"
        return self.events[at - 1]


@pytest.fixture(scope="module")
def bench(template_database, install_little, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crash")
    little, install = install_little
    ids: list[str] = []
    started: list[Installation] = []

    def start(url: str) -> None:
        first = install(url, folder / "start")
        with_recordings = [
            one
            for one in quiet_people(first.platform)
            if any(path.startswith("recordings/") for path in first.platform.people[one].files)
        ]
        one, other = with_recordings[:2]
        thin_out(url, [one, other], KEPT_CONVERSATIONS)
        ids.append(first.submit_contact(one))
        ids.append(
            first.submit_contact(
                other,
                kinds=(RequestKind.ACCESS, RequestKind.ERASURE),
                # A passphrase is made slow to guess, and each run would wait for that.
                bundle_key=str(pyrage.x25519.Identity.generate().to_public()),
            )
        )
        ids.append(first.submit((IdentifierKind.EMAIL, "nobody.known@example.org")))
        started.append(first)

    template_database.register("crash_start", start, based_on=little)
    with template_database.clones() as clone:
        numbers = itertools.count()

        def fresh() -> Installation:
            url = clone(template="crash_start")
            home = folder / f"home-{next(numbers)}"
            shutil.copytree(folder / "start", home)
            return opened(url, home, started[0].platform)

        undisturbed = fresh()
        before = rows_of(undisturbed.url), files_of(undisturbed.stores.home)
        # The models are loaded here once, for all children.
        assert undisturbed.run(approval=ApprovalMode.AUTO) is None
        end = end_of(undisturbed, ids)
        report = folder / "events.txt"
        assert run_in_child(fresh(), None, report) == 0
        events = report.read_text("utf-8").splitlines()
        yield Bench(fresh, ids, before, end, events, report)


def test_the_bench_would_notice(bench):
    """An undisturbed run is what the fixture takes it for: three ends, effects, a bundle."""
    assert {state for state, _ in bench.end.states.values()} == {
        RequestState.COMPLETED,
        RequestState.NOTHING_FOUND,
    }
    assert bench.end.kept == [(0, 0, 0, 0, bench.end.kept[0][4], 0)]
    assert bench.end.kept[0][4] > 2
    assert len(bench.end.bundles) == 1
    assert len(bench.end.certificates) == 3
    rows, files = bench.before
    assert bench.end.rows != rows
    assert len(bench.end.files) < len(files)
    for what in ("before commit", "after commit", "os.remove from a folder"):
        assert len(places(bench)[what]) > 2, what


def places(bench) -> dict[str, list[int]]:
    """Return the events at which something becomes lasting, by what they are."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, what in enumerate(bench.events, start=1):
        if not what.startswith(("before ", "after ")) or "commit" in what:
            found[what].append(number)
    return found


def spread(numbers: list[int], count: int) -> list[int]:
    step = len(numbers) / count
    return [numbers[int((position + 0.5) * step)] for position in range(count)]


def test_a_run_that_was_killed_is_continued_to_the_same_end(bench):
    found = places(bench)
    few = spread(found["before commit"], 4) + spread(found["after commit"], 4)
    few += spread(found["os.remove from a folder"], 1) + spread(found["os.link evidence"], 1)
    for at in few:
        bench.survives(at)


def test_a_sweep_that_was_killed_is_continued_to_the_same_end(database, install_little, tmp_path):
    little, install = install_little
    numbers = itertools.count()

    def fresh() -> Installation:
        home = tmp_path / f"home-{next(numbers)}"
        home.mkdir(mode=0o700)
        installation = install(database(template=little), home)
        for rule in known_rules(installation.stores):
            approve_rule(installation.stores, (rule.name, rule.digest, None), "dpo:0000test")
        return installation

    undisturbed, report = fresh(), tmp_path / "events.txt"
    before = rows_of(undisturbed.url)
    assert undisturbed.run(sweep) is None
    end = rows_of(undisturbed.url)
    assert end != before
    assert run_in_child(fresh(), None, report, sweep) == 0
    events = report.read_text("utf-8").splitlines()
    commits = [number for number, what in enumerate(events, start=1) if "commit" in what]
    for at in spread(commits, 3):
        installation = fresh()
        assert run_in_child(installation, at, report, sweep) == -signal.SIGKILL
        wait_for_the_server(installation.url)
        assert installation.run(sweep) is None
        assert rows_of(installation.url) == end, f"killed at {at}, {events[at - 1]}"
        assert installation.run(sweep) is None
        last = [
            (leaf.entry.rows, leaf.entry.already)
            for leaf in leaves_of(installation)
            if leaf.entry.action is Action.SWEEP and leaf.entry.phase is Phase.OUTCOME
        ]
        assert last[-1] == (0, 0), "a sweep after the last one found something to do"


class ServerKiller:
    """Stops the server dead around the commit of the rows, as a power cut does."""

    def __init__(self, engine, pid_file: Path) -> None:
        self._pid_file, self._is_due, self.when = pid_file, False, "before"
        event.listen(engine, "before_cursor_execute", self._heard)
        self._commit = engine.dialect.do_commit
        engine.dialect.do_commit = self._committing

    def _heard(self, connection, cursor, statement, *others) -> None:
        self._is_due = self._is_due or "set rows_transaction = cast" in statement

    def _committing(self, connection) -> None:
        if not self._is_due:
            self._commit(connection)
            return
        self._is_due = False
        if self.when == "after":
            self._commit(connection)
        pid = int(self._pid_file.read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + 30
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < deadline, "the server did not die"
            time.sleep(0.02)
        self._commit(connection)


@pytest.mark.long
def test_a_server_that_dies_loses_nothing_that_was_committed(
    durable_server, durable_database, install_little, lacuna_home, session_folder
):
    little, install = install_little
    installation = install(durable_database(template=little), lacuna_home)
    contact = quiet_people(installation.platform)[0]
    request_id = installation.submit_contact(contact)
    killer = ServerKiller(
        installation.stores.database.engine, session_folder / "durable/pg/data/postmaster.pid"
    )
    before = rows_of(installation.url), files_of(lacuna_home)
    error = installation.run(approval=ApprovalMode.AUTO)
    assert isinstance(error, DependencyUnreachable)
    assert error.exit_code == 3
    durable_server.up()
    assert (rows_of(installation.url), files_of(lacuna_home)) == before
    assert installation.request(request_id).state is RequestState.APPROVED

    killer.when = "after"
    assert isinstance(installation.run(approval=ApprovalMode.AUTO), DependencyUnreachable)
    durable_server.up()
    rows = rows_of(installation.url)
    assert not any(contact in row for row in rows["contacts"])
    assert files_of(lacuna_home) == before[1]
    assert installation.request(request_id).state is RequestState.APPLIED
    assert installation.run(approval=ApprovalMode.AUTO) is None
    assert installation.request(request_id).state is RequestState.COMPLETED
    assert rows_of(installation.url) == rows
    outcomes = Counter(
        (leaf.entry.action, leaf.entry.location)
        for leaf in leaves_of(installation, request_id)
        if leaf.entry.phase is Phase.OUTCOME and leaf.entry.action in STEPS
    )
    assert set(outcomes.values()) == {1}


@pytest.mark.long
def test_a_run_may_be_killed_wherever_something_becomes_lasting(bench):
    for numbers in places(bench).values():
        for at in numbers:
            bench.survives(at)


@pytest.mark.long
def test_a_run_may_be_killed_at_any_statement(bench):
    for at in range(1, len(bench.events) + 1, 7):
        bench.survives(at)
