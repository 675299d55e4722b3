"""The embedded server, with real servers: starting, stopping, crashing, and who may reach it."""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
import sqlalchemy as sa

from lacuna.errors import ConfigurationError, DependencyUnreachable
from lacuna_demo.embedded_server import EmbeddedServer, binary

pytestmark = pytest.mark.starts

CANARY = "canary-7f3a@example.org"
NOBODY = 65534


def connect(url: str, **options: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True, **options)


def query_of(url: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def postmaster_of(home: Path) -> int:
    return int((home / "pg/data/postmaster.pid").read_text().split()[0])


def log_of(home: Path) -> str:
    return (home / "pg/server.log").read_text()


@pytest.fixture
def deep_home(tmp_path: Path) -> Iterator[Path]:
    """A home whose path is too long for a socket."""
    home = tmp_path / ("a" * 60) / ("b" * 60)
    yield home
    EmbeddedServer(home).down()


def socket_folder_of(server: EmbeddedServer) -> Path:
    return Path(query_of(server.url())["host"])


# --- up and down ----------------------------------------------------------------------------------


def test_up_makes_a_server_with_a_database_and_down_keeps_its_data(lacuna_home: Path) -> None:
    server = EmbeddedServer(lacuna_home)
    assert not server.is_running()

    url = server.up()
    assert server.is_running()
    assert url == server.url()
    with connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    postmaster = postmaster_of(lacuna_home)

    assert server.up() == url
    assert postmaster_of(lacuna_home) == postmaster, "a server that ran already was started again"

    server.down()
    assert not server.is_running()
    with pytest.raises(psycopg.OperationalError):
        connect(url)
    server.down()

    assert EmbeddedServer(lacuna_home).up() == url
    with connect(url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


def test_the_url_works_with_sqlalchemy_and_names_database_lacuna(server: EmbeddedServer) -> None:
    engine = sa.create_engine(server.url(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT current_database()")) == "lacuna"
        assert connection.scalar(sa.text("SHOW server_encoding")) == "UTF8"


def test_a_durable_server_waits_for_the_disk_and_one_for_tests_does_not(
    server: EmbeddedServer, durable_server: EmbeddedServer
) -> None:
    for each, expected in ((durable_server, "on"), (server, "off")):
        with connect(each.url()) as connection:
            for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
                found = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
                assert found == (expected,), setting


def test_down_of_a_server_that_never_was_makes_nothing(tmp_path: Path) -> None:
    EmbeddedServer(tmp_path / "never").down()
    assert not (tmp_path / "never").exists()


@pytest.mark.thorough
def test_four_processes_that_call_up_at_once_start_one_server(lacuna_home: Path) -> None:
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from lacuna_demo.embedded_server import EmbeddedServer
        sys.stdout.write(EmbeddedServer(Path(sys.argv[1])).up())
    """)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(lacuna_home)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    urls = {process.communicate(timeout=120)[0] for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert urls == {EmbeddedServer(lacuna_home).url()}
    assert log_of(lacuna_home).count("ready to accept connections") == 1


def test_an_up_that_was_killed_half_way_is_finished_by_the_next(lacuna_home: Path) -> None:
    partial = lacuna_home / "pg" / "data.partial"
    partial.parent.mkdir(mode=0o700)
    partial.mkdir(mode=0o700)
    (partial / "PG_VERSION").write_text("18\n")
    (lacuna_home / "pg/initdb.password.new").write_text("half")

    server = EmbeddedServer(lacuna_home)
    server.up()
    assert not partial.exists()
    with connect(server.url("postgres")) as connection:
        # As if killed between the start of the server and the making of its database.
        connection.execute("DROP DATABASE lacuna")
    with connect(EmbeddedServer(lacuna_home).up()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not list((lacuna_home / "pg").glob("initdb.password*"))


@pytest.mark.parametrize("name", ["a,b", "a:b", "a\"b'c", "$HOME `x`;%20 ä#?&=@"])
def test_a_home_with_odd_characters_in_its_name_works(session_folder: Path, name: str) -> None:
    # Short enough for the socket to lie in it, were it not for its name.
    server = EmbeddedServer(session_folder / name, durable=False)
    try:
        with connect(server.up()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        engine = sa.create_engine(server.url(), poolclass=sa.NullPool)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT 1")) == 1
    finally:
        server.down()
        shutil.rmtree(session_folder / name)


def test_the_server_belongs_to_no_terminal(lacuna_home: Path) -> None:
    """Ctrl-C and hanging up, which go to all processes of a terminal, must not end it."""
    EmbeddedServer(lacuna_home).up()
    postmaster = postmaster_of(lacuna_home)
    assert os.getsid(postmaster) == os.getpgid(postmaster) == postmaster


def test_programs_of_the_wheel_are_found_and_work(server: EmbeddedServer) -> None:
    url = server.url().replace("+psycopg", "", 1)
    dumped = subprocess.run(
        [binary("pg_dump"), "--schema-only", url], capture_output=True, text=True, check=True
    )
    assert "PostgreSQL database dump complete" in dumped.stdout
    asked = subprocess.run(
        [binary("psql"), "-XAtc", "SELECT 6 * 7", url], capture_output=True, text=True, check=True
    )
    assert asked.stdout == "42\n"
    with pytest.raises(DependencyUnreachable, match="does not contain pg_nothing"):
        binary("pg_nothing")


# --- crashes --------------------------------------------------------------------------------------


def test_committed_rows_survive_kill_9_of_the_server(lacuna_home: Path) -> None:
    server = EmbeddedServer(lacuna_home)
    with connect(server.up()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
        os.kill(postmaster_of(lacuna_home), signal.SIGKILL)
        server.up()
    with connect(server.url()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_down_after_kill_9_leaves_nothing_running(lacuna_home: Path) -> None:
    server = EmbeddedServer(lacuna_home)
    server.up()
    os.kill(postmaster_of(lacuna_home), signal.SIGKILL)
    server.down()
    assert not server.is_running()
    assert server.up()


def test_down_while_the_server_recovers_from_a_crash_stops_it(lacuna_home: Path) -> None:
    server = EmbeddedServer(lacuna_home)
    with contextlib.closing(connect(server.up())) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
        # The death of one process makes the server restart itself, and recover.
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    server.down()
    assert not server.is_running()
    with connect(server.up()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_a_stale_pid_file_that_names_another_live_process_does_not_stop_up(
    lacuna_home: Path,
) -> None:
    server = EmbeddedServer(lacuna_home)
    server.up()
    server.down()
    for name in ("pg/data/postmaster.pid", "pg/.s.PGSQL.5432.lock"):
        (lacuna_home / name).write_text(f"{os.getpid()}\n{lacuna_home}/pg/data\n1\n5432\n\n\n")
    assert not server.is_running()
    with connect(server.up()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_is_silent_for_a_moment_is_waited_for(
    lacuna_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedServer(lacuna_home)
    server.up()
    pid = postmaster_of(lacuna_home)
    socket = lacuna_home / "pg/.s.PGSQL.5432"
    hidden = socket.rename(socket.with_name("hidden"))

    def show_again(seconds: float) -> None:
        if hidden.exists():
            hidden.rename(socket)

    monkeypatch.setattr("lacuna_demo.embedded_server.time.sleep", show_again)
    assert server.up()
    assert postmaster_of(lacuna_home) == pid


def test_a_pid_file_stays_while_a_process_works_in_the_cluster(
    lacuna_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lacuna_demo.embedded_server._SECONDS_TO_DIE", 0.3)
    server = EmbeddedServer(lacuna_home)
    server.up()
    pid = postmaster_of(lacuna_home)
    # Deaf, but alive: its socket is gone, as after a cleaning of the folder.
    (lacuna_home / "pg/.s.PGSQL.5432").unlink()
    assert not server.is_running()
    with pytest.raises(DependencyUnreachable, match=rf"processes are running: .*\b{pid}\b"):
        server.up()
    assert postmaster_of(lacuna_home) == pid
    server.down()
    assert server.up()


# --- who may reach it -----------------------------------------------------------------------------


def test_a_connection_needs_the_password(server: EmbeddedServer) -> None:
    url = server.url().replace("+psycopg", "", 1).partition("&passfile=")[0]
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        connect(url, passfile=os.devnull)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(url, password="a guess")


def test_the_server_listens_on_its_socket_alone(server: EmbeddedServer) -> None:
    with connect(server.url()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_the_password_lies_in_one_file_and_in_no_url(
    lacuna_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    url = EmbeddedServer(lacuna_home).up()
    passfile = Path(query_of(url)["passfile"])
    password = passfile.read_text().strip().rpartition(":")[2]
    assert len(password) >= 40
    assert password not in url
    assert password not in caplog.text
    holders = [
        path
        for path in lacuna_home.rglob("*")
        if path.is_file() and password.encode() in path.read_bytes()
    ]
    assert holders == [passfile]


def test_two_servers_have_two_passwords(server: EmbeddedServer, lacuna_home: Path) -> None:
    other = EmbeddedServer(lacuna_home).up()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(server.url(), passfile=query_of(other)["passfile"])


def test_every_file_of_the_server_is_closed_to_other_users(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    server = EmbeddedServer(home)
    before = os.umask(0)
    try:
        server.up()
    finally:
        os.umask(before)
    try:
        assert mode_of(home / "pg/passfile") == 0o600
        assert mode_of(home / "pg/server.log") == 0o600
        for folder in (home.parent, home, home / "pg", home / "pg/data"):
            assert mode_of(folder) == 0o700, folder
        found = list(home.rglob("*"))
        assert len(found) > 100
        assert [path for path in found if mode_of(path) & 0o077] == []
        assert {path.lstat().st_uid for path in found} == {os.geteuid()}
    finally:
        server.down()


def test_the_mode_of_a_folder_that_existed_does_not_change(tmp_path: Path) -> None:
    parent, home = tmp_path / "parent", tmp_path / "parent" / "between" / "home"
    parent.mkdir()
    parent.chmod(0o755)
    server = EmbeddedServer(home)
    server.up()
    server.down()
    assert mode_of(parent) == 0o755
    assert mode_of(home.parent) == mode_of(home) == 0o700

    home.chmod(0o750)
    server.up()
    server.down()
    assert mode_of(home) == 0o750


def test_a_server_folder_that_others_may_enter_is_refused_as_it_is(lacuna_home: Path) -> None:
    (lacuna_home / "pg").mkdir()
    (lacuna_home / "pg").chmod(0o750)
    with pytest.raises(DependencyUnreachable, match=r"mode 0750.*chmod 700"):
        EmbeddedServer(lacuna_home).up()
    assert mode_of(lacuna_home / "pg") == 0o750
    assert list((lacuna_home / "pg").iterdir()) == []
    (lacuna_home / "pg").chmod(0o700)


# Only root can become another user. For all others the modes above are the proof.
if os.geteuid() == 0:

    def as_nobody(action: str, path: Path) -> str:
        """Try something as another user in a child process and return "done" or the error's name."""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
                if action == "connect":
                    with socket.socket(socket.AF_UNIX) as client:
                        client.connect(str(path))
                else:
                    path.read_bytes()
                os.write(writer, b"done")
            except OSError as error:
                os.write(writer, type(error).__name__.encode())
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            result = answer.read()
        os.waitpid(pid, 0)
        return result

    def test_another_user_of_the_machine_is_refused(session_folder: Path) -> None:
        # The folders above have to be open, or they would be what refuses.
        before = mode_of(session_folder)
        home = session_folder / "open"
        server = EmbeddedServer(home)
        try:
            session_folder.chmod(0o711)
            home.mkdir()
            home.chmod(0o755)
            (home / "public").write_text("anybody")
            (home / "public").chmod(0o644)
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(home / "socket"))
                (home / "socket").chmod(0o777)
                listener.listen()
                server.up()
                assert as_nobody("read", home / "public") == "done"
                assert as_nobody("connect", home / "socket") == "done"
                assert as_nobody("read", home / "pg/passfile") == "PermissionError"
                assert as_nobody("connect", home / "pg/.s.PGSQL.5432") == "PermissionError"
        finally:
            server.down()
            session_folder.chmod(before)
            shutil.rmtree(home)

    def test_root_without_user_namespaces_is_told_what_to_do(lacuna_home: Path) -> None:
        script = textwrap.dedent("""
            import sys
            from pathlib import Path
            from lacuna.errors import DependencyUnreachable
            from lacuna_demo.embedded_server import EmbeddedServer
            Path("/proc/sys/user/max_user_namespaces").write_text("0")
            try:
                EmbeddedServer(Path(sys.argv[1])).up()
            except DependencyUnreachable as error:
                sys.stdout.write(str(error))
        """)
        # The limit holds inside the namespace of this child alone.
        done = subprocess.run(
            ["unshare", "--user", "--map-root-user", sys.executable, "-c", script, lacuna_home],
            capture_output=True,
            text=True,
            check=True,
        )
        for advice in ("does not run as root", "as an ordinary user", "LACUNA_DATABASE_URL"):
            assert advice in done.stdout
        assert not (lacuna_home / "pg/data").exists()


# --- a path too long for a socket -----------------------------------------------------------------


def test_a_long_path_gets_a_short_private_socket_folder_that_goes_with_the_server(
    deep_home: Path,
) -> None:
    server = EmbeddedServer(deep_home)
    with connect(server.up()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    folder = socket_folder_of(server)
    assert folder.parent == Path("/tmp")  # noqa: S108
    assert folder.name.startswith(f"lacuna-{os.geteuid()}-")
    assert mode_of(folder) == 0o700
    server.down()
    assert not folder.exists()

    server.up()
    os.kill(postmaster_of(deep_home), signal.SIGKILL)
    server.down()
    assert not folder.exists()


def test_a_short_socket_folder_that_others_may_enter_is_refused(deep_home: Path) -> None:
    server = EmbeddedServer(deep_home)
    folder = socket_folder_of(server)
    folder.mkdir()
    try:
        folder.chmod(0o755)
        with pytest.raises(DependencyUnreachable, match="must be a folder that only you can enter"):
            server.up()
        assert mode_of(folder) == 0o755
    finally:
        folder.rmdir()


def test_a_short_socket_folder_that_is_a_link_is_refused(deep_home: Path, tmp_path: Path) -> None:
    server = EmbeddedServer(deep_home)
    folder = socket_folder_of(server)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)
    try:
        with pytest.raises(DependencyUnreachable, match="must be a folder that only you can enter"):
            server.up()
    finally:
        folder.unlink()


# --- the log --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        pytest.param("INSERT INTO person VALUES (%s)", [CANARY], id="unique violation"),
        pytest.param(
            "INSERT INTO person VALUES ('C')".replace("C", CANARY),
            None,
            id="unique violation inline",
        ),
        pytest.param(f"SELECT FROM WHERE '{CANARY}'", None, id="syntax error beside a literal"),
        pytest.param(f"SELECT 1 '{CANARY}'", None, id="syntax error at a literal"),
        pytest.param(f'TABLE "{CANARY}"', None, id="unknown table"),
        pytest.param(f"SELECT '{CANARY}'::int", None, id="literal of the wrong type"),
        pytest.param("SELECT %s::text::int", [CANARY], id="parameter of the wrong type"),
        pytest.param("INSERT INTO person VALUES (%s || 1/0)", [CANARY], id="failed parameter"),
        pytest.param(f"DO $$ BEGIN RAISE '{CANARY}'; END $$", None, id="raised"),
        pytest.param(f"DO $$ BEGIN RAISE WARNING '{CANARY}'; END $$", None, id="warning"),
    ],
)
def test_no_value_of_a_failed_statement_reaches_the_log(
    server: EmbeddedServer,
    database: object,
    session_folder: Path,
    statement: str,
    parameters: list[str] | None,
) -> None:
    with connect(database()) as connection:
        connection.execute("CREATE TABLE person (email text UNIQUE)")
        connection.execute("INSERT INTO person VALUES (%s)", [CANARY])
        told: list[str] = []
        connection.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
        try:
            connection.execute(statement, parameters)
        except psycopg.Error as error:
            told.append(str(error))
        assert told, "the statement was to fail or to warn"
    log = log_of(session_folder / "server")
    assert "ready to accept connections" in log
    assert CANARY not in log


def test_no_value_of_a_failed_copy_reaches_the_log(
    server: EmbeddedServer, database: object, session_folder: Path
) -> None:
    with connect(database()) as connection:
        connection.execute("CREATE TABLE call (seconds integer)")
        with (
            pytest.raises(psycopg.errors.InvalidTextRepresentation),
            connection.cursor().copy("COPY call FROM STDIN") as copy,
        ):
            copy.write(f"{CANARY}\n")
    assert CANARY not in log_of(session_folder / "server")


def test_no_value_of_a_statement_whose_process_is_killed_reaches_the_log(
    lacuna_home: Path,
) -> None:
    server = EmbeddedServer(lacuna_home)
    url = server.up()
    with (
        contextlib.closing(connect(url)) as connection,
        contextlib.closing(connect(url)) as other,
    ):
        pid = connection.info.backend_pid
        sent = f"SELECT pg_sleep(60), '{CANARY}'"
        connection.pgconn.send_query(sent.encode())
        running = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND query = %s"
        give_up = time.monotonic() + 10
        while other.execute(running, [pid, sent]).fetchone() is None:
            assert time.monotonic() < give_up
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
        # The crash of one process ends all sessions.
        with pytest.raises(psycopg.OperationalError):
            other.execute("SELECT pg_sleep(60)")
    server.up()
    log = log_of(lacuna_home)
    assert "was terminated by signal 9" in log
    assert CANARY not in log


# --- what is refused ------------------------------------------------------------------------------


def test_a_cluster_of_another_major_version_is_refused(lacuna_home: Path) -> None:
    server = EmbeddedServer(lacuna_home)
    server.up()
    server.down()
    version = lacuna_home / "pg/data/PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(
        DependencyUnreachable, match=r"version 17 created the cluster in .*, but .* 18\."
    ):
        server.up()
    version.write_text("18\n")
    assert server.up()


def test_a_lost_password_is_named_and_no_new_one_is_made(lacuna_home: Path) -> None:
    server = EmbeddedServer(lacuna_home)
    server.up()
    passfile = lacuna_home / "pg/passfile"
    kept = passfile.rename(passfile.with_name("kept"))
    with pytest.raises(DependencyUnreachable, match="passfile"):
        server.up()
    server.down()
    with pytest.raises(DependencyUnreachable, match=r"passfile is missing.*put the file back"):
        server.up()
    assert not passfile.exists()
    kept.rename(passfile)
    assert server.up()


def test_a_cluster_that_cannot_start_is_an_error_that_names_the_log(lacuna_home: Path) -> None:
    server = EmbeddedServer(lacuna_home)
    server.up()
    server.down()
    (lacuna_home / "pg/data/global/pg_control").unlink()
    with pytest.raises(DependencyUnreachable, match=r"pg_ctl failed .*server\.log"):
        server.up()


def test_a_home_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"home.*cannot be created \(Not a directory\)"):
        EmbeddedServer(tmp_path / "file" / "home").up()
