"""The fixtures and hooks of `conftest.py`; those that concern a whole session, in sessions of their own."""

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from lacuna_demo.embedded_server import EmbeddedServer

MARKERS = "redis: needs a program\n  dovecot: needs a program\n  chromium: needs a program\n  starts: waits\n  thorough: further cases"


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


class Project:
    """A folder with this conftest and tests of its own, run by a pytest of its own."""

    def __init__(self, folder: Path) -> None:
        self.tests = folder / "tests"
        self.tests.mkdir()
        self.temporary = folder / "t"
        self.temporary.mkdir()
        shutil.copy(Path(__file__).with_name("conftest.py"), self.tests)
        (folder / "pytest.ini").write_text(
            f"[pytest]\naddopts = --strict-markers --import-mode=importlib -ra\nmarkers =\n  {MARKERS}\n"
        )

    def write(self, text: str) -> None:
        (self.tests / "test_inner.py").write_text(textwrap.dedent(text))

    def start(self, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests"],
            cwd=self.tests.parent,
            env={
                "PATH": os.environ["PATH"],
                "TMPDIR": str(self.temporary),
                "LANG": "C.UTF-8",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, **environment: str) -> tuple[int, str]:
        process = self.start(**environment)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output

    def left(self) -> list[str]:
        return [path.name for path in self.temporary.iterdir()]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


# --- databases ------------------------------------------------------------------------------------


def test_a_template_is_built_once_and_its_copies_are_apart(
    template_database: Any, database: Callable[..., str]
) -> None:
    built: list[str] = []

    def build(url: str) -> None:
        built.append(url)
        with connect(url) as connection:
            connection.execute("CREATE TABLE fact AS SELECT 1 AS number")

    template_database.register("fixtures_fact", build)
    assert built == [], "a template that nobody asked for was built"

    first, second = database("fixtures_fact"), database(template="fixtures_fact")
    assert len(built) == 1
    assert len({first, second, *built}) == 3
    with connect(first) as connection:
        connection.execute("UPDATE fact SET number = 2")
    with connect(second) as connection:
        assert connection.execute("SELECT number FROM fact").fetchone() == (1,)


def test_a_template_may_stand_on_another(template_database: Any, database: Any) -> None:
    def below(url: str) -> None:
        with connect(url) as connection:
            connection.execute("CREATE TABLE fact AS SELECT 1 AS number")

    def above(url: str) -> None:
        with connect(url) as connection:
            connection.execute("UPDATE fact SET number = number + 1")

    template_database.register("fixtures_above", above, based_on="fixtures_below")
    template_database.register("fixtures_below", below)
    for name, expected in (("fixtures_above", 2), ("fixtures_below", 1)):
        with connect(database(name)) as connection:
            assert connection.execute("SELECT number FROM fact").fetchone() == (expected,)


def test_the_default_template_is_empty(database: Callable[..., str]) -> None:
    with connect(database()) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchone() == (0,)


def test_databases_go_with_their_test_though_still_connected(
    server: EmbeddedServer, template_database: Any
) -> None:
    names = "SELECT count(*) FROM pg_database WHERE datname = current_database() OR datname = %s"
    with template_database.clones() as fresh:
        left_open = connect(fresh())
        name = left_open.info.dbname
        with connect(server.url("postgres")) as admin:
            assert admin.execute(names, [name]).fetchone() == (2,)
    with connect(server.url("postgres")) as admin:
        assert admin.execute(names, [name]).fetchone() == (1,)
    left_open.close()


def test_a_builder_that_leaves_a_connection_open_does_not_block_its_template(
    template_database: Any, database: Callable[..., str]
) -> None:
    left_open = []
    template_database.register("fixtures_open", lambda url: left_open.append(connect(url)))
    assert database("fixtures_open") != database("fixtures_open")
    left_open[0].close()


def test_a_builder_that_fails_is_tried_again_from_the_start(
    template_database: Any, database: Callable[..., str]
) -> None:
    tries: list[int] = []

    def build(url: str) -> None:
        tries.append(1)
        with connect(url) as connection:
            connection.execute("CREATE TABLE fact (number int)")
        if len(tries) == 1:
            raise RuntimeError("on purpose")

    template_database.register("fixtures_failing", build)
    with pytest.raises(RuntimeError, match="on purpose"):
        database("fixtures_failing")
    assert database("fixtures_failing")
    assert len(tries) == 2


def test_a_template_of_a_fixture_that_is_set_up_again_is_built_again(
    template_database: Any, database: Callable[..., str]
) -> None:
    def set_up(number: int) -> None:
        def build(url: str) -> None:
            with connect(url) as connection:
                connection.execute(f"CREATE TABLE fact AS SELECT {number} AS number")

        def above(url: str) -> None:
            with connect(url) as connection:
                connection.execute("CREATE TABLE above AS TABLE fact")

        template_database.register("fixtures_again", build)
        template_database.register("fixtures_above_again", above, based_on="fixtures_again")

    for number in (1, 2):
        set_up(number)
        with connect(database("fixtures_above_again")) as connection:
            assert connection.execute("SELECT number FROM above").fetchall() == [(number,)]


def test_an_unknown_or_doubled_template_is_an_error(
    template_database: Any, database: Callable[..., str]
) -> None:
    with pytest.raises(LookupError, match="no template fixtures_nothing; there are: empty"):
        database("fixtures_nothing")
    with pytest.raises(ValueError, match="template empty is registered already"):
        template_database.register("empty", lambda url: None)


def test_the_durable_server_may_be_killed_by_a_test(
    durable_server: EmbeddedServer, durable_database: Callable[..., str], session_folder: Path
) -> None:
    url = durable_database()
    with connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    pid = int((session_folder / "durable/pg/data/postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    durable_server.up()
    with connect(url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)
    # Down when the test ends: the fixture has to start it to drop the database.
    durable_server.down()


@pytest.mark.thorough
def test_no_setting_of_the_caller_reaches_a_test(
    project: Project, lacuna_home: Path, session_folder: Path
) -> None:
    project.write("""
        import os

        def test_environment(session_folder, lacuna_home):
            found = {name for name in os.environ if name.startswith(("LACUNA_", "PG"))}
            assert found == {"LACUNA_HOME"}
            assert os.environ["LACUNA_HOME"] == str(session_folder / "home")
            assert lacuna_home.stat().st_mode & 0o777 == 0o700
            assert lacuna_home.is_relative_to(session_folder)
    """)
    code, output = project.run(
        LACUNA_DATABASE_URL="postgresql://db.example.org/live",
        LACUNA_HOME="/nonexistent",
        PGPASSWORD="not for tests",
    )
    assert code == 0, output


# --- what a session leaves behind -----------------------------------------------------------------

SERVERS = """
    import time
    from pathlib import Path
    from lacuna_demo.embedded_server import EmbeddedServer

    def test_servers(server, lacuna_home, tmp_path):
        homes = (lacuna_home, tmp_path / "forgotten" / ("x" * 100))
        servers = (server, *(EmbeddedServer(home, durable=False) for home in homes))
        urls = [each.up() for each in servers]
        pids = [
            file.read_text().split()[0]
            for file in tmp_path.parents[1].rglob("postmaster.pid")
        ]
        Path("ready.new").write_text("\\n".join(urls + pids))
        Path("ready.new").rename("ready")
        time.sleep({seconds})
"""


def told(project: Project, *, while_runs: subprocess.Popen[str]) -> tuple[list[Path], list[int]]:
    """Wait until the servers of SERVERS run; return their socket folders and processes."""
    ready = project.tests.parent / "ready"
    give_up = time.monotonic() + 60
    while not ready.exists():
        assert while_runs.poll() is None, while_runs.communicate()[0]
        assert time.monotonic() < give_up
        time.sleep(0.05)
    lines = ready.read_text().splitlines()
    assert len(lines) == 6
    folders = [Path(line.partition("host=")[2].partition("&")[0]) for line in lines[:3]]
    assert all(folder.is_dir() for folder in folders)
    assert all(works(int(pid)) for pid in lines[3:])
    return folders, [int(pid) for pid in lines[3:]]


def works(pid: int) -> bool:
    """Tell whether a process runs; one that ended but was not waited for does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.thorough
def test_a_session_leaves_no_server_and_no_folder(project: Project) -> None:
    project.write(SERVERS.format(seconds=0))
    process = project.start()
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    lines = (project.tests.parent / "ready").read_text().splitlines()
    assert len(lines) == 6
    assert project.left() == []
    assert not [pid for pid in lines[3:] if works(int(pid))]
    for line in lines[:3]:
        assert not Path(line.partition("host=")[2].partition("&")[0]).exists()


@pytest.mark.long
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_session_that_is_told_to_end_cleans_up(project: Project, sent: signal.Signals) -> None:
    project.write(SERVERS.format(seconds=60))
    process = project.start()
    folders, pids = told(project, while_runs=process)
    process.send_signal(sent)
    output, _ = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in output
    assert project.left() == []
    assert not [pid for pid in pids if works(pid)]
    assert not [folder for folder in folders if folder.exists()]


@pytest.mark.long
def test_the_next_session_removes_what_a_killed_one_left_but_not_a_living_one(
    project: Project,
) -> None:
    project.write(SERVERS.format(seconds=60))
    killed = project.start()
    folders, pids = told(project, while_runs=killed)
    killed.kill()
    killed.communicate()
    (dead,) = project.left()
    assert all(works(pid) for pid in pids), "nothing was left to remove"

    (project.tests.parent / "ready").unlink()
    living = project.start()
    living_folders, living_pids = told(project, while_runs=living)
    assert dead not in project.left()
    assert not [pid for pid in pids if works(pid)]
    assert not [folder for folder in folders if folder.exists()]

    project.write("def test_nothing(): pass")
    code, output = project.run()
    assert code == 0, output
    assert "removed the leftovers" not in output
    assert len(project.left()) == 1
    assert all(works(pid) for pid in living_pids)
    assert all(folder.exists() for folder in living_folders)

    living.kill()
    living.communicate()
    code, output = project.run()
    assert code == 0, output
    assert "lacuna: removed the leftovers of 1 killed session(s)" in output
    assert project.left() == []


@pytest.mark.thorough
def test_folders_that_are_not_of_a_session_are_left_alone(project: Project) -> None:
    project.write("def test_nothing(): pass")
    (project.temporary / "lacuna-other").mkdir()
    (project.temporary / "lacuna-tests-file").write_text("a file")
    (project.temporary / "elsewhere").mkdir()
    (project.temporary / "lacuna-tests-link").symlink_to("elsewhere")
    if os.geteuid() == 0:
        (project.temporary / "lacuna-tests-foreign").mkdir()
        os.chown(project.temporary / "lacuna-tests-foreign", 65534, 65534)
    before = set(project.left())
    code, output = project.run()
    assert code == 0, output
    assert set(project.left()) == before


def test_a_dead_session_in_which_something_is_mounted_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    conftest = sys.modules["tests.conftest"]
    dead = tmp_path / "lacuna-tests-dead"
    dead.mkdir()

    def busy(folder: Path) -> None:
        raise OSError(errno.EBUSY, "busy", str(folder / "mount"))

    monkeypatch.setattr(conftest.shutil, "rmtree", busy)
    assert conftest._clear_dead_sessions(tmp_path) == (0, [dead])


def test_a_session_is_in_memory_only_where_it_has_room_and_nobody_names_a_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    conftest = sys.modules["tests.conftest"]
    memory, disk = tmp_path / "memory", tmp_path / "disk"
    monkeypatch.setattr(conftest, "_MEMORY", memory)
    monkeypatch.setattr(conftest.tempfile, "gettempdir", lambda: str(disk))
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    assert conftest._parents() == [disk]
    memory.mkdir()
    assert conftest._parents() == [memory, disk]
    monkeypatch.setenv("TMPDIR", str(disk))
    assert conftest._parents() == [disk]

    def room(free: int, available: int, flags: int = 0) -> bool:
        found = SimpleNamespace(f_bavail=free, f_frsize=1 << 30, f_flag=flags)
        monkeypatch.setattr(conftest.os, "statvfs", lambda _: found)
        monkeypatch.setattr(conftest, "_available_memory", lambda: available << 30)
        return bool(conftest._has_room(memory))

    assert room(8, 8)
    assert not room(1, 8)
    assert not room(8, 1)
    assert not room(8, 8, os.ST_NOEXEC)


# --- skips ----------------------------------------------------------------------------------------

SKIPS = """
    import pytest

    def test_skips_itself():
        pytest.skip("of its own accord")

    @pytest.mark.skipif(True, reason="by a marker")
    def test_skipped():
        pass

    @pytest.fixture
    def absent():
        pytest.skip("by a fixture")

    def test_fixture(absent):
        pass

    @pytest.mark.xfail(reason="known")
    def test_expected_failure():
        raise AssertionError

    def test_passes():
        pass
"""


@pytest.mark.thorough
def test_a_skip_is_a_skip_unless_every_test_is_required(project: Project) -> None:
    project.write(SKIPS)
    for environment in ({}, {"LACUNA_REQUIRE_ALL": "0"}, {"LACUNA_REQUIRE_ALL": ""}):
        code, output = project.run(**environment)
        assert code == 0, output
        assert "1 passed, 3 skipped, 1 xfailed" in output


def test_a_skip_is_a_failure_where_every_test_is_required(project: Project) -> None:
    project.write(SKIPS)
    code, output = project.run(LACUNA_REQUIRE_ALL="1")
    assert code == 1
    # What is skipped before the test's own code runs fails in its setup: an error.
    assert "1 failed, 1 passed, 1 xfailed, 2 errors" in output
    for reason in ("of its own accord", "by a marker", "by a fixture"):
        assert f"LACUNA_REQUIRE_ALL is set, so a skip is a failure: Skipped: {reason}" in output


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    [
        "import pytest\npytest.skip('whole module', allow_module_level=True)",
        "import pytest\npytest.importorskip('absent_library', reason='whole module')",
    ],
)
def test_a_skipped_module_is_a_failure_where_every_test_is_required(
    project: Project, text: str
) -> None:
    project.write(text)
    code, output = project.run()
    assert "1 skipped" in output
    code, output = project.run(LACUNA_REQUIRE_ALL="1")
    assert code == 2
    assert "LACUNA_REQUIRE_ALL is set, so a skip is a failure: Skipped: whole module" in output


NEEDS = """
    import pytest

    @pytest.mark.{marker}
    def test_needs_it():
        pass
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("marker", "program", "package"),
    [
        ("redis", "redis-server", "redis-server"),
        ("dovecot", "dovecot", "dovecot-imapd"),
        ("chromium", "chromium", "chromium"),
    ],
)
def test_a_missing_program_is_named_with_the_package_that_brings_it(
    project: Project, marker: str, program: str, package: str
) -> None:
    project.write(NEEDS.format(marker=marker))
    # The conftest adds the system's folders to PATH, because servers lie there.
    text = (project.tests / "conftest.py").read_text()
    (project.tests / "conftest.py").write_text(text.replace('"/usr/sbin", "/sbin"', '"/nowhere"'))
    empty = project.tests.parent / "bin"
    empty.mkdir()

    code, output = project.run(PATH=str(empty))
    assert code == 0, output
    assert f"{program} is missing: apt-get install {package}" in output
    assert "1 skipped" in output
    code, output = project.run(PATH=str(empty), LACUNA_REQUIRE_ALL="1")
    assert code == 1
    assert f"apt-get install {package}" in output

    (empty / program).write_text("#!/bin/sh\n")
    (empty / program).chmod(0o755)
    code, output = project.run(PATH=str(empty), LACUNA_REQUIRE_ALL="1")
    assert code == 0, output
    assert "1 passed" in output


# --- the inner loop -------------------------------------------------------------------------------


def test_what_waits_for_a_server_a_model_or_a_program_is_marked_by_itself(project: Project) -> None:
    project.write("""
        import pytest

        @pytest.fixture(scope="session")
        def server():
            pass

        @pytest.fixture
        def database(server):
            pass

        def test_of_a_server(database):
            pass

        @pytest.mark.chromium
        def test_of_a_program():
            pass

        def test_of_values(tmp_path):
            pass
    """)
    _, output = project.run(PYTEST_ADDOPTS="--collect-only -q -m starts")
    assert "test_of_a_server" in output
    assert "test_of_a_program" in output
    assert "test_of_values" not in output


def test_of_the_cases_of_what_waits_the_first_and_a_quarter_are_not_thorough(
    project: Project,
) -> None:
    project.write("""
        import pytest

        @pytest.mark.starts
        @pytest.mark.parametrize("role", ["planner", "executor", "verifier", "dpo"])
        @pytest.mark.parametrize("number", range(20))
        def test_of_a_server(number, role):
            pass

        @pytest.mark.parametrize("case", range(6))
        def test_of_values(case):
            pass

        @pytest.mark.starts
        def test_without_cases():
            pass
    """)
    _, quick = project.run(PYTEST_ADDOPTS="-v -m 'not thorough'")
    _, rest = project.run(PYTEST_ADDOPTS="-v -m thorough")
    one, other = (set(re.findall(r"::(test_\S+) PASSED", said)) for said in (quick, rest))
    assert "test_of_a_server[0-planner]" in one
    # A parameter that comes by with each fourth case is there with all its values.
    roles = {name.partition("-")[2] for name in one if "server" in name}
    assert len(roles) == 4
    assert 15 < len({name for name in one if "server" in name}) < 40
    assert one >= {"test_without_cases", *(f"test_of_values[{case}]" for case in range(6))}
    assert not one & other
    assert len(one | other) == 87


@pytest.mark.thorough
def test_who_asks_for_a_database_by_its_name_is_told_to_say_so(project: Project) -> None:
    project.write("""
        import contextlib
        from types import SimpleNamespace

        import pytest

        @pytest.fixture(scope="session")
        def template_database():
            return SimpleNamespace(clones=contextlib.nullcontext)

        @pytest.fixture
        def hidden(request):
            return request.getfixturevalue("database")

        @pytest.fixture
        def installation(request):
            return request.getfixturevalue("database")

        def test_of_one_that_is_unknown(hidden):
            pass

        def test_of_one_that_is_known(installation):
            pass
    """)
    _, output = project.run()
    assert "add that fixture to WAITS_FOR" in output
    assert "1 passed, 1 error" in output


# --- golden text ----------------------------------------------------------------------------------


@pytest.mark.long
def test_golden_text_is_compared_and_rewritten_only_on_request(project: Project) -> None:
    project.write(
        'def test_it(golden): golden("plans/one.txt", "1. delete\\r\\n2. retain \\u00a7\\n")'
    )
    path = project.tests / "golden" / "plans" / "one.txt"

    code, output = project.run()
    assert code == 1
    assert "tests/golden/plans/one.txt does not exist; run make golden" in output
    assert not path.exists()

    code, output = project.run(LACUNA_GOLDEN="update")
    assert code == 0, output
    assert path.read_bytes() == "1. delete\r\n2. retain §\n".encode()
    code, output = project.run()
    assert code == 0, output

    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n"))
    code, output = project.run()
    assert code == 1
    assert "differs from tests/golden/plans/one.txt" in output
    assert b"\r\n" not in path.read_bytes()

    path.write_text("3. anonymize\n")
    code, output = project.run()
    assert code == 1
    assert "3. anonymize" in output
