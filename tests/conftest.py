"""Fixtures of all tests: real servers, fresh databases, golden text, and what a skip means.

Everything that a session makes lies in one folder of its own, pytest's `tmp_path` included, and goes
with the session. The folder is locked while the session lives; what a killed session leaves behind
is found by its lock being free, and removed by the next session.

The folder is in memory, where there is enough of it: to clone a database on a disk costs more than
most tests do with it. Tests kill processes and no machine, so that nothing is lost by it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import gc
import itertools
import os
import shutil
import signal
import stat
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.util import LRUCache

from lacuna.errors import DependencyUnreachable
from lacuna_demo.embedded_server import EmbeddedServer

GOLDEN = Path(__file__).parent / "golden"

# marker: the program to look for, and the Debian package that brings it
PACKAGES = {
    "chromium": ("chromium", "chromium"),
    "compose": ("docker-compose", "docker-compose"),
    "dovecot": ("dovecot", "dovecot-imapd"),
    "redis": ("redis-server", "redis-server"),
    "seven_zip": ("7z", "7zip"),
    "request_tracker": ("rt-setup-database-5", "request-tracker5 rt5-db-postgresql"),
}
# Fixtures that start a server or load a model, and those that ask for one by its name.
WAITS_FOR = frozenset(
    {
        *(
            "_durable_server",
            "airflow",
            "analyzer",
            "attacked",
            "installation",
            "nlp",
            "s3",
            "server",
        ),
        *("platform", "readings"),  # a sample of everything, and what every mail is taken for
    }
)
# Settings of the test run itself; every other LACUNA_* of the caller could name a real database.
OWN_SETTINGS = frozenset({"LACUNA_GOLDEN", "LACUNA_REQUIRE_ALL"})

# How many new objects start a search for cycles. With the interpreter's own number, 2,000, those
# searches were a fifth of what a night takes, 2026-11-28. What was left unclosed in a cycle is still
# an error, a little later.
_GARBAGE = 100_000

# What an example takes says how busy the machine is, and nothing else.
hypothesis.settings.register_profile("all", deadline=None)
hypothesis.settings.register_profile("lacuna", deadline=None)
hypothesis.settings.load_profile("lacuna")

# Of the cases of a test that waits for a server or the like, `make test` runs the first and one in
# four of the rest; `make test-thorough` runs the others. Which ones, their names decide: each fourth
# would be the same value of a parameter again and again.
_CASES = 4

# Each run draws others, so that many runs of a quarter see what one of all would; `make test-long`
# draws as many as a property asks for.
_DRAWN = 4
_FEWEST_EXAMPLES = 25

_MEMORY = Path("/dev/shm")  # noqa: S108 - a session's folder in it has a random name and mode 0700
# Two workers were seen to fill a sixth of it, 2026-11-28.
_ENOUGH_MEMORY = 4 << 30

_SESSION = "lacuna-tests-"
_BEGINNING = "lacuna-begin-"

Builder = Callable[[str], None]
"""Fills an empty database; gets its SQLAlchemy URL, and leaves no connection open."""


# --- statements -----------------------------------------------------------------------------------

# What makes a dialect compose a statement otherwise than another of its class.
_DIALECT = (
    "server_version_info",
    "default_schema_name",
    "_has_native_hstore",
    "_backslash_escapes",
    "_json_deserializer",
)


def _compose_once() -> None:
    """Let each engine use the statements that another has composed.

    Each test has a database, and so an engine, of its own: to compose the few hundred statements of
    a night anew took longer than some of its stages.
    """
    composed: LRUCache = LRUCache(5_000)

    def kind(dialect: PGDialect_psycopg) -> tuple[object, ...]:
        return type(dialect), *(getattr(dialect, name, None) for name in _DIALECT)

    def are_alike(one: PGDialect_psycopg, other: object) -> bool:
        return isinstance(other, PGDialect_psycopg) and kind(one) == kind(other)

    def share(connection: sa.Connection) -> None:
        if isinstance(connection.dialect, PGDialect_psycopg):
            connection.engine._compiled_cache = composed

    # A dialect is part of the key by which a statement is found.
    PGDialect_psycopg.__eq__ = are_alike
    PGDialect_psycopg.__hash__ = lambda dialect: hash(type(dialect))
    sa.event.listen(sa.Engine, "engine_connect", share)


_compose_once()


# --- the session's folder -------------------------------------------------------------------------


class Session:
    """The folder of one test session, locked as long as its process lives."""

    def __init__(self) -> None:
        parents = _parents()
        cleared = [_clear_dead_sessions(parent) for parent in parents]
        self.cleared = sum(count for count, _ in cleared)
        self.left = [folder for _, left in cleared for folder in left]
        parent = next(filter(_has_room, parents), parents[-1])
        # Locked before it gets the name by which another session looks for dead ones.
        beginning = Path(tempfile.mkdtemp(prefix=_BEGINNING, dir=parent))
        self._lock = os.open(beginning, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.folder = beginning.with_name(_SESSION + beginning.name.removeprefix(_BEGINNING))
        beginning.rename(self.folder)

    def close(self) -> None:
        """Stop every server that still runs in the folder, then remove it."""
        _stop_servers(self.folder)
        shutil.rmtree(self.folder)
        os.close(self._lock)


def _parents() -> list[Path]:
    """Return where sessions lie, the better first; where the caller names a place, nowhere else."""
    named = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    folder = Path(tempfile.gettempdir())
    return [folder] if named or not _MEMORY.is_dir() else [_MEMORY, folder]


def _has_room(folder: Path) -> bool:
    """Tell whether a session fits into a folder in memory, and may run programs that it puts there."""
    found = os.statvfs(folder)
    free = min(found.f_bavail * found.f_frsize, _available_memory())
    return (
        free >= _ENOUGH_MEMORY
        and not found.f_flag & os.ST_NOEXEC
        and os.access(folder, os.W_OK | os.X_OK)
    )


def _available_memory() -> int:
    """Return how many bytes can be had without swapping, 0 where nobody says so."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 0


def _clear_dead_sessions(parent: Path) -> tuple[int, list[Path]]:
    """Remove the folders of our dead sessions; return how many, and those that could not be."""
    cleared, left = 0, []
    for folder in parent.glob(f"{_BEGINNING}*"):
        # An empty one lives for a moment only. rmdir takes nothing that has content.
        with contextlib.suppress(OSError):
            found = folder.lstat()
            if found.st_uid == os.geteuid() and time.time() - found.st_mtime > 3600:
                folder.rmdir()
    for folder in parent.glob(f"{_SESSION}*"):
        with contextlib.suppress(FileNotFoundError):
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                continue
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop_servers(folder)
                shutil.rmtree(folder)
                cleared += 1
            except BlockingIOError:
                continue  # it lives
            except (DependencyUnreachable, PermissionError):
                left.append(folder)
            except OSError as error:
                if error.errno != errno.EBUSY:  # something is mounted in it
                    raise
                left.append(folder)
            finally:
                os.close(handle)
    return cleared, left


def _stop_servers(folder: Path) -> None:
    for pid_file in folder.rglob("pg/data/postmaster.pid"):
        EmbeddedServer(pid_file.parents[2]).down()


_session = pytest.StashKey[Session]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(_GARBAGE)
    for name in list(os.environ):
        if name.startswith("PG") or (name.startswith("LACUNA_") and name not in OWN_SETTINGS):
            del os.environ[name]
    session = Session()
    config.stash[_session] = session
    # A test that names no folder must not write into the repository.
    os.environ["LACUNA_HOME"] = str(session.folder / "home")
    if config.option.basetemp is None:
        config.option.basetemp = str(session.folder / "tmp")
    # `timeout` and service managers end a process by SIGTERM: end as after Ctrl-C, by cleaning up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Never look for garbage among the tests and modules that are there by now."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if (session := config.stash.get(_session, None)) is not None:
        session.close()


def pytest_report_header(config: pytest.Config) -> list[str]:
    session = config.stash[_session]
    lines = []
    if session.cleared:
        lines.append(f"lacuna: removed the leftovers of {session.cleared} killed session(s)")
    lines += [f"lacuna: a killed session left {each}; remove it by hand" for each in session.left]
    return lines


# --- skips ----------------------------------------------------------------------------------------


def _required() -> bool:
    return os.environ.get("LACUNA_REQUIRE_ALL", "").lower() not in {"", "0", "false", "no"}


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure where every test has to run. An expected failure is no skip."""
    if _required() and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"LACUNA_REQUIRE_ALL is set, so a skip is a failure: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_if_skipped(report)
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose Debian package is missing, saying how to install it."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    for marker, (program, package) in PACKAGES.items():
        if item.get_closest_marker(marker) and shutil.which(program, path=path) is None:
            pytest.skip(f"{program} is missing: apt-get install {package}")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what waits for something that takes seconds to start, and most cases of such a test.

    `make test-fast` leaves out the former, `make test` the latter.
    """
    for item in items:
        if not WAITS_FOR.isdisjoint(getattr(item, "fixturenames", ())) or any(
            map(item.get_closest_marker, ("airflow", *PACKAGES))
        ):
            item.add_marker("starts")
    cases = Counter[object]()
    for item in items:
        if item.get_closest_marker("starts"):
            test = (item.parent, getattr(item, "function", item))
            if cases[test] and zlib.crc32(item.name.encode()) % _CASES:
                item.add_marker("thorough")
            cases[test] += 1
    if hypothesis.settings.get_current_profile_name() != "all":
        # Once each: what is parametrized is several items of one function.
        for test in {getattr(item, "function", None) for item in items}:
            _draw_fewer(test)


def _draw_fewer(test: object) -> None:
    settings = getattr(test, "_hypothesis_internal_use_settings", None)
    if isinstance(settings, hypothesis.settings):
        fewer = min(settings.max_examples, max(_FEWEST_EXAMPLES, settings.max_examples // _DRAWN))
        test._hypothesis_internal_use_settings = hypothesis.settings(settings, max_examples=fewer)


# --- servers and databases ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Template:
    build: Builder
    based_on: str | None


_templates: dict[str, _Template] = {"empty": _Template(lambda url: None, based_on=None)}


def template(name: str, *, based_on: str = "empty") -> Callable[[Builder], Builder]:
    """Register the decorated function as builder of the template `name`; again changes nothing."""

    def register(build: Builder) -> Builder:
        if name in _templates and _templates[name].build is not build:
            raise ValueError(f"template {name} is registered already")
        _templates[name] = _Template(build, based_on)
        return build

    return register


@template("lacuna")
def _own_schemas(url: str) -> None:
    """Make Lacuna's own schemas, which takes half a second."""
    from lacuna.stores.postgres.database import Database
    from lacuna.stores.postgres.migrations import migrate

    migrate(Database(url))


class TemplateDatabases:
    """The template databases of one server: each is built when first asked for, then cloned."""

    def __init__(self, server: EmbeddedServer) -> None:
        self._server = server
        self._built: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._kept: psycopg.Connection | None = None

    def register(self, name: str, build: Builder, *, based_on: str = "empty") -> None:
        """Add a template from a test module or a nested conftest; `template` is for this file.

        A fixture that is set up again, as its module's are when another module's test came between,
        has its template built again.
        """
        known = _templates.get(name)
        if known and known.build is not build and known.build.__code__ is build.__code__:
            self._forget(name)
        template(name, based_on=based_on)(build)

    def _forget(self, name: str) -> None:
        for other in [other for other, recipe in _templates.items() if recipe.based_on == name]:
            self._forget(other)
        del _templates[name]
        if database := self._built.pop(name, None):
            self._drop(database)

    @contextlib.contextmanager
    def clones(self) -> Iterator[Callable[..., str]]:
        """Yield a function that clones a template and returns the URL; at the end drop the clones.

        What is still connected to a clone is disconnected.
        """
        made: list[str] = []

        def fresh(template: str = "empty") -> str:
            source = self._template(template)
            made.append(self._create(f"test_{next(self._numbers)}", source))
            return self._server.url(made[-1])

        try:
            yield fresh
        finally:
            for database in made:
                self._drop(database)

    def _template(self, name: str) -> str:
        if name not in _templates:
            raise LookupError(f"no template {name}; there are: {', '.join(_templates)}")
        if name not in self._built:
            recipe = _templates[name]
            source = "template1" if recipe.based_on is None else self._template(recipe.based_on)
            database = self._create(f"template_{name}", source)
            try:
                recipe.build(self._server.url(database))
            except BaseException:
                self._drop(database)
                raise
            # A template that somebody is connected to cannot be cloned.
            self._execute("ALTER DATABASE {} ALLOW_CONNECTIONS false", database)
            self._admin().execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [database],
            )
            self._built[name] = database
        return self._built[name]

    def _create(self, database: str, source: str) -> str:
        # Copies files, where by default each page goes through the write-ahead log.
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", database, source)
        return database

    def _drop(self, database: str) -> None:
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def _execute(self, statement: str, *names: str) -> None:
        self._admin().execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _admin(self) -> psycopg.Connection:
        """Return a connection that works: a test may have killed or stopped the server."""
        if self._kept is not None:
            with contextlib.suppress(psycopg.OperationalError):
                self._kept.execute("SELECT 1")
                return self._kept
            self._kept.close()
        self._server.up()
        url = _plain(self._server.url("postgres"))
        self._kept = psycopg.connect(url, autocommit=True)
        return self._kept

    def close(self) -> None:
        """Close the connection to the server."""
        if self._kept is not None:
            self._kept.close()


def _plain(url: str) -> str:
    """Return the same address as libpq writes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


@pytest.fixture(scope="session")
def session_folder(pytestconfig: pytest.Config) -> Path:
    """The folder of this session; it goes with the session."""
    return pytestconfig.stash[_session].folder


@pytest.fixture(scope="session")
def server(session_folder: Path) -> Iterator[EmbeddedServer]:
    """The server of this session. It gives up surviving a crash for speed."""
    server = EmbeddedServer(session_folder / "server", durable=False, autovacuum=False)
    server.up()
    yield server
    server.down()


@pytest.fixture(scope="session")
def template_database(server: EmbeddedServer) -> Iterator[TemplateDatabases]:
    """The templates of the session's server: register a builder by name, clone by name."""
    with contextlib.closing(TemplateDatabases(server)) as templates:
        yield templates


@pytest.fixture
def database(
    template_database: TemplateDatabases, request: pytest.FixtureRequest
) -> Iterator[Callable[..., str]]:
    """Make fresh databases: `database(template="empty")` returns a URL. Dropped after the test."""
    if request.node.get_closest_marker("starts") is None:
        pytest.fail("a fixture asks for this one by its name: add that fixture to WAITS_FOR")
    with template_database.clones() as fresh:
        yield fresh


@pytest.fixture(scope="session")
def _durable_server(session_folder: Path) -> Iterator[tuple[EmbeddedServer, TemplateDatabases]]:
    server = EmbeddedServer(session_folder / "durable")
    server.up()
    with contextlib.closing(TemplateDatabases(server)) as templates:
        yield server, templates
    server.down()


@pytest.fixture
def durable_server(
    _durable_server: tuple[EmbeddedServer, TemplateDatabases],
) -> EmbeddedServer:
    """A server that survives a crash, for tests that cause one. A test may kill it."""
    server, _ = _durable_server
    server.up()
    return server


@pytest.fixture
def durable_database(
    durable_server: EmbeddedServer,
    _durable_server: tuple[EmbeddedServer, TemplateDatabases],
) -> Iterator[Callable[..., str]]:
    """Make fresh databases on the durable server, as `database` does."""
    _, templates = _durable_server
    with templates.clones() as fresh:
        yield fresh


@pytest.fixture
def lacuna_home(tmp_path: Path) -> Iterator[Path]:
    """A new, empty LACUNA_HOME of mode 0700; a server that the test started in it is stopped."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    yield home
    EmbeddedServer(home).down()


# --- golden text ----------------------------------------------------------------------------------


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare a text with `tests/golden/<name>`; with LACUNA_GOLDEN=update, rewrite the file."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("LACUNA_GOLDEN") == "update":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        if not path.is_file():
            pytest.fail(f"tests/golden/{name} does not exist; run make golden and review it")
        expected = path.read_bytes().decode()
        assert text == expected, f"differs from tests/golden/{name}; if intended, run make golden"

    return compare
