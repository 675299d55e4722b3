"""A run that is killed anywhere is continued by the next, and ends as if nothing had happened.

One subject that has one of everything is killed at every point of its fulfilment (`crashes.py`).
What was left behind is looked at, then a run continues it, and one more has nothing to do.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from lacuna.errors import DependencyUnreachable, PipelineError
from lacuna.flows import fulfilment, reporting, seal, sweep
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.model.evidence import Action, Phase
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestState
from lacuna.model.run import ApprovalMode
from tests.flows.conftest import Installation
from tests.flows.crashes import (
    STEPS,
    Bench,
    bench_of,
    classes_of,
    installing,
    make_smallest,
    points_of,
    queue_both_rights,
    run_in_child,
    stages_of,
    wait_for_the_server,
)
from tests.flows.observation import files_of, leaves_of, quiet_people, rows_of

SEED = 20_260_401
STRIDE = 4  # of double crashes
PARTS = 8  # of an enumeration, each a test of its own
STAGES = ("claim", "resolve_and_plan", "apply", "verify", "close", "scrub", "conclude")
BATCH = "5d1f0000-0000-4000-8000-000000000001"


def fulfil(installation: Installation) -> PipelineError | None:
    return installation.run(approval=ApprovalMode.AUTO)


@pytest.fixture(scope="module")
def bench(template_database, session_folder, tmp_path_factory) -> Iterator[Bench]:
    """The fulfilment of one subject who has one of everything, and of a request about nobody."""

    def start(installation: Installation) -> list[str]:
        make_smallest(installation, installation.platform.demo.forget)
        return [
            queue_both_rights(installation),
            installation.submit((IdentifierKind.EMAIL, "nobody.known@example.org")),
        ]

    folder = tmp_path_factory.mktemp("fulfilment")
    sample = installing(template_database, session_folder, 30)
    with bench_of(start, sample, template_database, folder, fulfil) as bench:
        yield bench


@pytest.mark.thorough
def test_the_subject_has_one_of_everything(bench):
    """An undisturbed run is what the bench takes it for."""
    states = {state for state, _ in bench.end.states.values()}
    assert states == {RequestState.COMPLETED, RequestState.NOTHING_FOUND}
    assert bench.end.kept == [(0, 0, 0, 0, bench.end.kept[0][4], 0)]
    done = {action for _, action, *_ in bench.end.outcomes}
    assert done >= STEPS - {Action.LINK_TOMBSTONE, Action.FORGET_WORKING_COPIES, Action.EMPTY_FILES}
    assert len(bench.end.bundles) == 1
    assert len(bench.end.certificates) == 2
    (erased,) = (one for one in bench.end.certificates.values() if one[0] == "erasure")
    # The person's own bundle is kept by a step of the plan; nothing else is encrypted here.
    assert not [one for one in erased[3]["opaque"] if one.startswith("bundles")]
    rows, files = bench.before
    assert bench.end.rows != rows
    gone = {path.split("/")[1] for path in files.keys() - bench.end.files.keys()}
    assert gone >= {"recordings", "voicemails", "attachments", "raw_mail", "too_large", "avatars"}
    for what in POINTS:
        assert any(point.startswith(what) for point in bench.points), what


# A few of each sort: what is not killed there could not be seen to go wrong.
POINTS = (
    *(f"{when} {what}" for when in ("before", "after") for what in ("commit", "select", "update")),
    *(
        f"{when} {act} {place}"
        for when in ("before", "after")
        for act, place in (("unlink", "media"), ("rename", "media"), ("unlink", "canaries"))
    ),
    *(f"{when} fsync media" for when in ("before", "after")),
    *(f"{when} evidence" for when in ("lost", "torn", "before fsync", "after fsync")),
    "lost media",
    "torn media",
    "before replace bundles",
    "after rename evidence",
    "open evidence",
    "open from a folder",
    "open canaries",
)


def spread(numbers: list[int], count: int) -> list[int]:
    """Return `count` of the numbers, evenly spread."""
    step = len(numbers) / count
    return [numbers[int((position + 0.5) * step)] for position in range(count)]


def one_of_each(bench: Bench, seed: int = SEED) -> list[int]:
    """Return a point of every group that leaves the same behind, drawn with a seed."""
    draw = random.Random(seed)
    return [draw.choice(group) for group in classes_of(bench.points)]


@pytest.mark.thorough
def test_points_are_grouped_by_what_becomes_lasting_between_them():
    points = ["before select", "after select", "before commit", "after commit", "open media"]
    points += ["lost media", "torn media", "before fsync media", "after fsync media"]
    assert classes_of(points) == [[1, 2, 3], [4, 5], [6], [7], [8], [9]]
    # The first folder was there already, and the transaction had written nothing.
    points = ["before mkdir media", "before end", "after end"]
    points += ["before mkdir media", "after mkdir media", "before select"]
    assert classes_of(points) == [[1, 2, 3, 4], [5, 6]]
    points = ["before select", "before mkdir canaries", "after mkdir canaries", "open canaries"]
    points += ["before unlink canaries", "after unlink canaries", "before select", "after end"]
    assert classes_of(points) == [[1], [2, 3, 4, 5, 6], [7, 8]]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("belongs", "at_least"),
    [("update contact_center", 20), pytest.param("after end", 40, marks=pytest.mark.long)],
)
def test_points_of_a_group_leave_the_same_behind(bench, belongs, at_least):
    """What the grouping rests on, seen on the longest group within the transaction of the rows,
    and on the longest one that goes on over transactions that wrote nothing."""
    groups = [one for one in classes_of(bench.points) if _has(bench, one, belongs)]
    group = max(groups, key=len)
    assert len(group) > at_least
    left = []
    for at in (group[0], group[-1]):
        with bench.fresh() as installation:
            assert run_in_child(installation, bench.act, at, bench.report) == -signal.SIGKILL
            wait_for_the_server(installation.url)
            left.append(
                (
                    rows_of(installation.url),
                    files_of(installation.stores.home),
                    # What they hold is encrypted anew each time.
                    files_of(installation.stores.home, "bundles", "keys").keys(),
                    [
                        (leaf.entry.action, leaf.entry.phase, leaf.entry.location, leaf.entry.rows)
                        for leaf in leaves_of(installation)
                    ],
                )
            )
    assert left[0] == left[1]


def _has(bench: Bench, group: list[int], what: str) -> bool:
    return any(what in bench.points[at - 1].lower() for at in group)


@pytest.mark.thorough
def test_a_run_that_was_killed_is_continued_to_the_same_end(bench):
    """At an early one of the points of `test_a_run_may_be_killed_at_every_point`."""
    bench.survives(spread(one_of_each(bench), 2)[0])


@pytest.mark.thorough
def test_a_run_that_was_killed_twice_is_continued_to_the_same_end(bench):
    """At a late one, and before that the next time."""
    points = spread(one_of_each(bench), 5)
    bench.survives(points[3], points[1])


@pytest.fixture(scope="module")
def stages(bench, template_database, tmp_path_factory) -> list[Bench]:
    """The stages of the fulfilment as tasks; each begins where the one before it has ended.

    Last comes the command: what it does beside its stages is enumerated too.
    """

    def stage(name: str) -> Callable[[Installation], None]:
        def act(installation: Installation) -> None:
            options = installation.options(run_id="run-of-tasks", approval=ApprovalMode.AUTO)
            fulfilment.stage_of(name)(installation.stores, options, BATCH)

        return act

    folder = tmp_path_factory.mktemp("stages")
    acts = [*map(stage, STAGES), fulfil]
    return list(stages_of(bench, acts, template_database, folder))


@pytest.mark.long
def test_the_stages_have_every_point_of_a_run(bench, stages):
    found = Counter(point for stage in stages for point in stage.points)
    assert bench.points
    assert set(bench.points) <= found.keys()
    # The command tells of each request of its run, once more than tasks do: it reads, and no more.
    missing = Counter(bench.points) - found
    assert not [point for point in missing if point.split()[1] != "select"]


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("stage", range(len(STAGES) + 1), ids=[*STAGES, "command"])
def test_a_run_may_be_killed_at_every_point(stages, stage, part):
    """All points: one of each group, since the others of it leave the same behind."""
    for at in one_of_each(stages[stage])[part::PARTS]:
        stages[stage].survives(at)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_a_run_may_be_killed_twice(bench, stages, part):
    """Every fourth point is the first crash; the second is drawn from those of a whole run."""
    firsts = [(stage, at) for stage in stages for at in one_of_each(stage)][::STRIDE]
    draw = random.Random(SEED)
    seconds = one_of_each(bench)
    pairs = [(stage, at, draw.choice(seconds)) for stage, at in firsts]
    for stage, at, second in pairs[part::PARTS]:
        stage.survives(at, second)


@pytest.mark.thorough
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

    def act(installation: Installation) -> PipelineError | None:
        return installation.run(sweep)

    undisturbed, report = fresh(), tmp_path / "points.txt"
    before = rows_of(undisturbed.url)
    assert undisturbed.run(sweep) is None
    end = rows_of(undisturbed.url)
    assert end != before
    points = points_of(fresh(), act, report)
    commits = [number for number, what in enumerate(points, start=1) if "commit" in what]
    for at in spread(commits, 3):
        installation = fresh()
        assert run_in_child(installation, act, at, report) == -signal.SIGKILL
        wait_for_the_server(installation.url)
        assert installation.run(sweep) is None
        assert rows_of(installation.url) == end, f"killed at {at}, {points[at - 1]}"
        assert installation.run(sweep) is None
        last = [
            (leaf.entry.rows, leaf.entry.already)
            for leaf in leaves_of(installation)
            if leaf.entry.action is Action.SWEEP and leaf.entry.phase is Phase.OUTCOME
        ]
        assert last[-1] == (0, 0), "a sweep after the last one found something to do"


@pytest.mark.thorough
@pytest.mark.parametrize("flow", [reporting, seal], ids=lambda flow: flow.__name__.split(".")[-1])
def test_a_task_whose_worker_was_lost_is_tried_again_by_the_same_run(
    database, install_little, tmp_path, flow
):
    """As an orchestrator does: the same run and the same batch."""
    little, install = install_little
    numbers, batch_id = itertools.count(), str(uuid.uuid4())

    def fresh() -> Installation:
        home = tmp_path / f"home-{next(numbers)}"
        home.mkdir(mode=0o700)
        installation = install(database(template=little), home)
        installation.submit_contact(quiet_people(installation.platform)[0])
        return installation

    def act(installation: Installation) -> PipelineError | None:
        try:
            flow.run(installation.stores, installation.options(run_id="retried"), batch_id)
        except PipelineError as error:
            return error
        return None

    def end_of(installation: Installation) -> dict[str, int]:
        """Return how much there is, without times and digests over them."""
        counted = {
            name: rows.total()
            for schema in ("reporting", "lacuna_evidence")
            for name, rows in rows_of(installation.url, schema).items()
        }
        for folder in ("evidence/checkpoints", "reporting"):
            files = (installation.stores.home / folder).rglob("*")
            counted[folder] = sum(one.is_file() for one in files)
        return counted

    undisturbed, report = fresh(), tmp_path / "points.txt"
    before = end_of(undisturbed)
    assert act(undisturbed) is None
    end = end_of(undisturbed)
    assert end != before
    points = points_of(fresh(), act, report)
    lasting = [
        number
        for number, what in enumerate(points, start=1)
        if "commit" in what or "rename" in what
    ]
    for at in spread(lasting, 4):
        installation = fresh()
        assert run_in_child(installation, act, at, report) == -signal.SIGKILL
        wait_for_the_server(installation.url)
        assert act(installation) is None, f"killed at {at}, {points[at - 1]}"
        found = end_of(installation)
        if flow is seal:
            # What the first try recorded of itself is sealed by a checkpoint of its own.
            found = {name: min(count, end[name]) for name, count in found.items()}
        assert found == end, f"killed at {at}, {points[at - 1]}"


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
