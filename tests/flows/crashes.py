"""Kills a process at any point of a run, and says how everything stands afterwards.

A child process runs a flow and kills itself by SIGKILL at its n-th point: before or after a
statement, a commit (an `end` where nothing was written), an fsync, a rename, a link, an unlink, a
folder made or removed, and before a file is opened for writing. A file that is about to be made
durable has two points more: nothing of what was written is there, or half of it, as after a power
cut.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import itertools
import json
import os
import shutil
import signal
import stat
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyrage
from sqlalchemy import event

from lacuna.errors import PipelineError
from lacuna.model.evidence import Action, Phase
from lacuna.model.location import STORE_MARK
from lacuna.model.request import RequestKind
from lacuna.verify.places import CANARY_FOLDER
from lacuna_demo.sample import SampleOptions, SamplePlatform, generate
from tests.conftest import TemplateDatabases
from tests.flows.conftest import Installation, builder_of, installed, opened, write_all
from tests.flows.observation import execute, files_of, keep_conversations, leaves_of, rows_of
from tests.flows.thinning import thinned

Act = Callable[[Installation], PipelineError | None]
"""What a child does; it returns the error that makes it red."""

# What a step of the plan does, and is recorded with one outcome however often a run was killed.
STEPS = frozenset(
    {
        Action.ANONYMIZE_ROWS,
        Action.REDACT_TEXT,
        Action.REDACT_MENTIONS,
        Action.EMPTY_FILES,
        Action.LINK_TOMBSTONE,
        Action.DELETE_ROWS,
        Action.DELETE_OBJECTS,
        Action.REWRITE_OBJECTS,
        Action.VERIFIED,
        Action.NOTHING_FOUND,
        Action.FORGET_WORKING_COPIES,
        Action.COMPLETED,
    }
)
LONGEST = 300  # seconds that a child may take
_CANARIES = "canaries"


class Killer:
    """Counts the points of this process, writes them down, and kills it at the n-th."""

    WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
    ACTS = ("rename", "replace", "link", "unlink", "remove", "mkdir", "rmdir", "truncate")

    def __init__(self, engine, at: int | None, report: Path, home: Path) -> None:
        self._at, self._home, self._count = at, str(home), 0
        self._report_path = str(report)
        self._report = report.open("w", encoding="utf-8", buffering=1)
        # By inode: how large a file was before it was opened to be written.
        self._sizes: dict[int, int] = {}
        event.listen(engine, "before_cursor_execute", self._statement("before"))
        event.listen(engine, "after_cursor_execute", self._statement("after"))
        commit = engine.dialect.do_commit

        def committed(connection):
            what = "commit" if _has_written(connection) else "end"
            self._happened(f"before {what}")
            commit(connection)
            self._happened(f"after {what}")

        engine.dialect.do_commit = committed
        for name in self.ACTS:
            setattr(os, name, self._around(name, getattr(os, name)))
        os.fsync = self._around_fsync(os.fsync)
        sys.addaudithook(self._audited)

    def _statement(self, when: str) -> Callable[..., None]:
        def heard(connection, cursor, statement, *others):
            words = statement.split()[:3]
            self._happened(f"{when} {' '.join(words)}")

        return heard

    def _around(self, name: str, act: Callable[..., object]) -> Callable[..., object]:
        def acted(path, *others, **named):
            place = self._place(path, named.get("dir_fd", named.get("src_dir_fd")))
            self._happened(f"before {name} {place}")
            result = act(path, *others, **named)
            self._happened(f"after {name} {place}")
            return result

        return acted

    def _around_fsync(self, sync: Callable[[int], None]) -> Callable[[int], None]:
        def synced(handle):
            handle = handle if isinstance(handle, int) else handle.fileno()
            found = os.fstat(handle)
            place = self._place(Path(f"/proc/self/fd/{handle}").readlink())
            if stat.S_ISREG(found.st_mode):
                before = min(self._sizes.get(found.st_ino, 0), found.st_size)
                half = before + (found.st_size - before) // 2
                self._happened(f"lost {place}", lambda: _shorten(handle, before))
                self._happened(f"torn {place}", lambda: _shorten(handle, half))
            self._happened(f"before fsync {place}")
            sync(handle)
            self._happened(f"after fsync {place}")

        return synced

    def _audited(self, name: str, arguments: tuple[object, ...]) -> None:
        if name != "open" or not isinstance(arguments[2], int):
            return
        if not arguments[2] & self.WRITING or isinstance(arguments[0], int):
            return
        path = os.fsdecode(arguments[0])
        if path.startswith(("/dev/", "/proc/", self._report_path)) and not self._is_home(path):
            return
        if path.endswith(".jsonl") and "/" not in path:
            path = f"{self._home}/evidence/runs/{path}"  # opened from that folder
        if not arguments[2] & os.O_TRUNC:
            # What is opened from an open folder is not found by its name alone: a new file.
            with contextlib.suppress(OSError):
                found = os.lstat(path)
                self._sizes[found.st_ino] = found.st_size
        self._happened(f"open {self._place(path)}")

    def _is_home(self, path: str) -> bool:
        return path.startswith(f"{self._home}/")

    def _place(self, path: object, folder: int | None = None) -> str:
        """Return the folder of the home in which a path lies, or what is made for a moment.

        Args:
            folder: the open folder that the path begins at, if any.
        """
        text = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else str(path)
        if folder is not None:
            text = str(Path(f"/proc/self/fd/{folder}").readlink() / text)
        if CANARY_FOLDER in Path(text).parts:
            return _CANARIES
        if not self._is_home(text):
            return "elsewhere" if Path(text).is_absolute() else "from a folder"
        return text.removeprefix(self._home).split("/")[1]

    def _happened(self, what: str, last: Callable[[], object] | None = None) -> None:
        self._count += 1
        if self._at is None:
            self._report.write(what + "\n")
        elif self._count == self._at:
            if last is not None:
                last()
            os.kill(os.getpid(), signal.SIGKILL)


def _has_written(connection) -> bool:
    """Whether a transaction has changed anything: the server numbers those that do."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_current_xact_id_if_assigned() is not null")
        (found,) = cursor.fetchone()
    return bool(found)


def _shorten(handle: int, size: int) -> None:
    """Cut a file; it may be open for appending, but not for reading only."""
    with open(f"/proc/self/fd/{handle}", "r+b", buffering=0) as file:  # noqa: PTH123
        os.ftruncate(file.fileno(), size)


def run_in_child(installation: Installation, act: Act, at: int | None, report: Path) -> int:
    """Run in a child that dies at its n-th point; return how it ended: 0 green, 1 red."""
    with warnings.catch_warnings():
        # Threads of numeric libraries are idle; the child starts its own.
        warnings.simplefilter("ignore", DeprecationWarning)
        # A search for garbage among what the parent has loaded would copy every page of it.
        gc.freeze()
        child = os.fork()
    if child == 0:
        signal.alarm(LONGEST)
        status = 3
        try:
            Killer(installation.stores.database.engine, at, report, installation.stores.home)
            status = 0 if act(installation) is None else 1
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def points_of(installation: Installation, act: Act, report: Path) -> list[str]:
    """Run in a child to the end and return its points in order."""
    assert run_in_child(installation, act, None, report) == 0
    return report.read_text("utf-8").splitlines()


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
    periods: list[tuple[object, ...]]


def end_of(installation: Installation, ids: list[str]) -> End:
    """Return how everything stands."""
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
            "(select count(*) from lacuna.file_effect where state = 'pending'), "
            "(select count(*) from lacuna.file_effect), (select count(*) from lacuna.restriction)",
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
        periods=execute(
            installation.url,
            "select mart, org_id, period, rows, digest from reporting.release order by 1, 2, 3",
        ),
    )


def classes_of(points: list[str]) -> list[list[int]]:
    """Return the points in groups of which all leave the same behind.

    A process that is killed takes along what it did not commit. So what it leaves behind changes
    where something is committed, or a file or a folder is written, named or removed, and not from
    one statement to the next, nor where an act failed: that has no point after it. Canaries in
    a folder are one thing, however many there are: the next gate takes away what is left of them.
    """
    groups: list[list[int]] = [[]]
    are_canaries = False
    for number, what in enumerate(points, start=1):
        when, act = what.split()[:2]
        were_canaries, are_canaries = are_canaries, what.endswith(_CANARIES)
        if are_canaries or were_canaries:
            if are_canaries != were_canaries:
                groups.append([])
            groups[-1].append(number)
            continue
        if when in ("lost", "torn"):
            groups[-1:-1] = [[number]]
            continue
        if when == "after" and act in ("commit", "fsync", *Killer.ACTS):
            groups.append([])
        groups[-1].append(number)
        if when == "open":
            groups.append([])
    return [group for group in groups if group]


def leftovers(home: Path) -> list[str]:
    """Return hidden files that a killed run left among what belongs to people.

    Evidence may keep a hidden copy of itself: nobody is named in it. A key that was never made
    to its end (`.new`) has encrypted nothing.
    """
    return [
        str(path.relative_to(home))
        for folder in ("bundles", "media", "mail", "keys")
        for path in sorted((home / folder).rglob("*"))
        if (path.name.startswith(".") and path.name != STORE_MARK)
        or path.suffix in (".gone", ".part")
    ]


# --- the smallest platform that has one of everything ---------------------------------------------

_PATHS = (
    ("attachments", "uri"),
    ("call_recordings", "uri"),
    ("contacts", "avatar_url"),
    ("messages", "original_content_uri"),
    ("messages", "too_large_uri"),
    ("voicemails", "uri"),
)


@functools.cache
def installing(
    databases: TemplateDatabases, folder: Path, others: int
) -> tuple[str, Callable[[str, Path], Installation]]:
    """Return the name of a template, and what makes an installation of it.

    Modules of one session share it: what is registered with `databases` is registered once.

    Args:
        others: how many conversations there are besides those of the contact to forget.
    """
    whole = generate(SampleOptions(contacts=60, conversations=240, seed=7))
    platform = thinned(whole, [whole.demo.forget], others)
    name = f"killed_among_{others}"
    databases.register(name, builder_of(platform))
    files = write_all(platform, folder / f"{name}-files")
    return name, lambda url, home: installed(url, home, platform, files)


def queue_both_rights(installation: Installation) -> str:
    """Queue access and erasure of the contact who has one of everything."""
    return installation.submit_contact(
        installation.platform.demo.forget,
        kinds=(RequestKind.ACCESS, RequestKind.ERASURE),
        # A passphrase is made slow to guess, and each run would wait for that.
        bundle_key=str(pyrage.x25519.Identity.generate().to_public()),
    )


def make_smallest(installation: Installation, contact: str) -> None:
    """Keep one conversation of a contact for each thing that conversations have, and few more.

    Of others, one stays in which the contact is mentioned, and one in which nobody is.
    """
    url = installation.url
    own = "(select conversation_id from contact_center.conversations where requester_id::text = %s)"
    kept: set[str] = set()
    for having in (
        "attachments join contact_center.messages using (message_id)",
        "messages where original_content_uri is not null",
        "messages where too_large_uri is not null",
        "call_recordings join contact_center.calls using (call_id)",
        "voicemails join contact_center.calls using (call_id)",
        "transcripts join contact_center.calls using (call_id)",
        "internal_notes",
        "wrapup_notes",
        "form_submissions join contact_center.messages using (message_id)",
        "ratings",
    ):
        where = "and" if " where " in having else "where"
        found = execute(
            url,
            f"select conversation_id::text from contact_center.{having} "  # noqa: S608
            f"{where} conversation_id in {own} order by 1",
            contact,
        )
        ids = [str(one) for (one,) in found]
        assert ids, f"the contact has no {having.split()[0]}"
        if not kept & set(ids):
            kept.add(ids[0])
    email = installation.platform.people[contact].emails[0]
    for mentioned in (True, False):
        found = execute(
            url,
            "select m.conversation_id::text from contact_center.messages m "
            "join contact_center.conversations c using (conversation_id) "
            "where c.requester_id::text <> %s and c.org_id = %s "
            "and (strpos(m.body_text, %s) > 0) = %s order by 1 limit 1",
            contact,
            installation.platform.people[contact].org_id,
            email,
            mentioned,
        )
        assert found, f"nobody else's message with mention {mentioned}"
        kept.add(str(found[0][0]))
    keep_conversations(url, sorted(kept))
    named = {
        str(path)
        for table, column in _PATHS
        for (path,) in execute(
            url,
            f"select {column} from contact_center.{table} where {column} is not null",  # noqa: S608
        )
    }
    media = installation.stores.home / "media"
    for path in sorted(media.rglob("*")):
        relative = str(path.relative_to(media))
        if path.is_file() and relative not in named and not relative.startswith("exports/"):
            path.unlink()


# --- the crash bench ------------------------------------------------------------------------------


@contextlib.contextmanager
def bench_of(
    start: Callable[[Installation], list[str]],
    sample: tuple[str, Callable[[str, Path], Installation]],
    databases: TemplateDatabases,
    folder: Path,
    act: Act,
    *,
    is_one_transaction: bool = True,
) -> Iterator[Bench]:
    """Yield the bench of what `act` does after `start`, which returns the requests that it made.

    Args:
        is_one_transaction: whether all rows change in one.
    """
    based_on, install = sample
    template = f"crash_{folder.name}"
    started: list[tuple[Installation, list[str]]] = []

    def build(url: str) -> None:
        first = install(url, folder / "start")
        started.append((first, start(first)))

    databases.register(template, build, based_on=based_on)
    # The template is built before its folder can be copied.
    fresh = _fresh_from(template, folder / "start", databases, lambda: started[0][0].platform)
    with fresh() as undisturbed:
        _, ids = started[0]
        before = rows_of(undisturbed.url), files_of(undisturbed.stores.home)
        # The models are loaded here once, for all children.
        assert act(undisturbed) is None
        end = end_of(undisturbed, ids)
    with fresh() as heard:
        points = points_of(heard, act, folder / "points.txt")
    yield Bench(
        fresh, act, act, ids, before, end, points, folder / "points.txt", is_one_transaction
    )


def stages_of(
    bench: Bench, stages: Sequence[Act], databases: TemplateDatabases, folder: Path
) -> Iterator[Bench]:
    """Yield a bench for each stage of what a bench does, that begins where the one before it ended.

    What is killed is the stage alone, as a task of an orchestrator is; what goes on is all of it.
    """
    based_on = f"crash_{bench.report.parent.name}"
    start, fresh = bench.report.parent / "start", bench.fresh
    with fresh() as installation:
        platform = installation.platform
    for number, stage in enumerate(stages):
        report = folder / f"points-{number}.txt"
        with fresh() as heard:
            points = points_of(heard, stage, report)
        yield replace(bench, fresh=fresh, killed=stage, points=points, report=report)
        template, home = f"{based_on}_{number}", folder / f"start-{number}"
        shutil.copytree(start, home)

        def build(url: str, home: Path = home, stage: Act = stage) -> None:
            assert stage(opened(url, home, platform)) is None

        databases.register(template, build, based_on=based_on)
        based_on, start = template, home
        fresh = _fresh_from(template, home, databases, lambda: platform)


def _fresh_from(
    template: str, start: Path, databases: TemplateDatabases, platform: Callable[[], SamplePlatform]
) -> Callable[[], contextlib.AbstractContextManager[Installation]]:
    """Return what makes an installation of a template and of its folder, for once."""
    numbers = itertools.count()

    @contextlib.contextmanager
    def fresh() -> Iterator[Installation]:
        home = start.with_name(f"{start.name}-home-{next(numbers)}")
        with databases.clones() as clone:
            url = clone(template=template)
            shutil.copytree(start, home)
            yield opened(url, home, platform())
        shutil.rmtree(home)

    return fresh


@dataclass(frozen=True)
class Bench:
    """A platform with queued requests, how it looks before and after, and all points between.

    Attributes:
        fresh: makes one that nothing happened to yet.
        killed: what is killed first.
        act: what goes on after that, and is killed the next times.
        before: rows and files of the platform before.
        end: how an undisturbed run ends.
    """

    fresh: Callable[[], contextlib.AbstractContextManager[Installation]]
    killed: Act
    act: Act
    ids: list[str]
    before: tuple[dict[str, Counter[str]], dict[str, str]]
    end: End
    points: list[str]
    report: Path
    is_one_transaction: bool

    def survives(self, *at: int) -> str:
        """Kill a run at a point, the next at another, ...; look each time; continue; compare.

        A later run that ended before its point has continued already, and has to be right.
        """
        what = f"killed at {at}, {self.points[at[0] - 1]}"
        with self.fresh() as installation:
            self._survives(installation, at, what)
        return self.points[at[0] - 1]

    def _survives(self, installation: Installation, at: tuple[int, ...], what: str) -> None:
        for number, point in enumerate(at):
            act = self.act if number else self.killed
            status = run_in_child(installation, act, point, self.report)
            assert status == -signal.SIGKILL or (number and status == 0), f"{what}: {status}"
            wait_for_the_server(installation.url)
            if self.is_one_transaction:
                self._claims_nothing_false(installation, what)
        assert self.act(installation) is None, f"{what}: the next run is red"
        end = end_of(installation, self.ids)
        assert end == self.end, f"{what}: {list(_differences(end, self.end))}"
        assert not (left := leftovers(installation.stores.home)), f"{what}: left {left}"
        entries = len(_outcomes(installation))
        assert self.act(installation) is None, f"{what}: the run after is red"
        assert end_of(installation, self.ids) == self.end, f"{what}: the run after changed it"
        if self.is_one_transaction:  # a night also looks, and says that it found nothing to do
            assert len(_outcomes(installation)) == entries, f"{what}: the run after did something"

    def _claims_nothing_false(self, installation: Installation, what: str) -> None:
        """Check what holds wherever a run is killed: (a) to (d) of the protocol."""
        home = installation.stores.home
        rows, files = rows_of(installation.url), files_of(home)
        rows_before, files_before = self.before
        # (a) of rows all or none are changed; of files only those that the end has changed too.
        assert rows in (rows_before, self.end.rows), f"{what}: rows are half changed"
        for path, digest in files.items():
            if not _is_hidden(path):
                known = files_before.get(path), self.end.files.get(path)
                assert digest in known, f"{what}: a file has neither its old nor its new content"
        gone = {path for path in files_before if files.get(path) != files_before[path]}
        settled = {path for path in gone if files.get(path) == self.end.files.get(path)}
        assert gone == settled, f"{what}: a file is gone that the end still has"
        # (b) what is still there and goes later is in the outbox, or no row has changed yet.
        due = {path for path in files_before if self.end.files.get(path) != files_before[path]}
        pending = {
            f"{store}/{path}"
            for store, path in execute(
                installation.url,
                "select store, path from lacuna.file_effect where state = 'pending'",
            )
        }
        if rows == self.end.rows:
            assert due - gone <= pending, f"{what}: files are left that no effect is due for"
        else:
            assert not gone, f"{what}: files changed before the rows"
            assert not pending, f"{what}: effects are due for rows that did not change"
        # (c) nothing is said to be done that is not.
        leaves = leaves_of(installation)
        done = sum(
            leaf.entry.rows or 0
            for leaf in leaves
            if leaf.entry.action in (Action.DELETE_OBJECTS, Action.REWRITE_OBJECTS)
            and leaf.entry.phase is Phase.OUTCOME
        )
        assert done <= len(gone), f"{what}: more objects are said to be gone than are"
        is_applied = any(
            leaf.entry.action is Action.ANONYMIZE_ROWS and leaf.entry.phase is Phase.OUTCOME
            for leaf in leaves
        )
        # Or the next run is to record it.
        kept = "select exists (select from lacuna.unrecorded where action = 'anonymize_rows')"
        is_applied = is_applied or execute(installation.url, kept) == [(True,)]
        assert is_applied == (rows == self.end.rows), f"{what}: the ledger and the rows differ"
        for request_id in self.ids:
            state = installation.request(request_id).state
            end, _ = self.end.states[request_id]
            if state == end and state == "completed":
                assert files == self.end.files, f"{what}: called completed before the files were"
                assert rows == self.end.rows, f"{what}: called completed before the rows were"
                statement = home / "evidence" / "statements" / f"{request_id}.json"
                assert statement.is_file(), f"{what}: completed without a statement"
            if state == "verified":
                assert not due - gone, f"{what}: called verified before the files were gone"
        # (d) nothing is gone without an intent.
        intended = {leaf.entry.action for leaf in leaves if leaf.entry.phase is Phase.INTENT}
        if rows == self.end.rows:
            assert Action.ANONYMIZE_ROWS in intended, f"{what}: rows changed without an intent"
        if gone:
            assert intended & {Action.DELETE_OBJECTS, Action.REWRITE_OBJECTS}, (
                f"{what}: files are gone without an intent"
            )


def _is_hidden(path: str) -> bool:
    # What a gate is proved on lies there for a moment; the next run takes away what is left.
    return path.rpartition("/")[2].startswith(".") or "/canary/" in path


def _outcomes(installation: Installation) -> list[str]:
    return [
        str(leaf.entry.action)
        for leaf in leaves_of(installation)
        if leaf.entry.phase is Phase.OUTCOME
    ]


def _differences(one: object, other: object) -> Iterator[str]:
    for name in vars(one):
        if getattr(one, name) != getattr(other, name):
            yield name
