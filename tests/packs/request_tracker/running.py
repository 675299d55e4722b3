"""Request Tracker as Debian installs it, over a database of the test's own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
from psycopg import sql

HERE = Path(__file__).parent
PASSWORD = "invented"
CONFIG = """\
Set($rtname, 'example.org');
Set($Organization, 'example.org');
Set($CorrespondAddress, 'help@desk.example.org');
Set($CommentAddress, 'notes@desk.example.org');
Set($OwnerEmail, 'root@desk.example.org');
Set($MailCommand, sub { 1 });
Set($DatabaseType, 'Pg');
Set($DatabaseHost, '%(host)s');
Set($DatabasePort, '');
Set($DatabaseName, '%(name)s');
Set($DatabaseUser, 'rt_user');
Set($DatabasePassword, '%(password)s');
Set($WebDomain, '127.0.0.1');
Set($WebPort, %(port)s);
Set($WebPath, '');
Set($WebBaseURL, 'http://127.0.0.1:%(port)s');
Set($WebSecureCookies, 0);
Set($LogToSyslog, '');
Set($LogToSTDERR, 'error');
Set($LogToFile, '');
Set($Timezone, 'UTC');
Set(%%FullTextSearch, Enable => 1, Indexed => 1, Table => 'AttachmentsIndex', Column => 'ContentIndex');
1;
"""


class RequestTracker:
    """An installation over an empty database; `set_up` makes its tables."""

    def __init__(self, url: str, folder: Path, port: int = 80) -> None:
        self.url = url.replace("+psycopg", "")
        self.folder = folder
        self.port = port
        parts = urlsplit(self.url)
        self.name = parts.path.removeprefix("/")
        (folder / "etc").mkdir(parents=True)
        given = {
            "host": parse_qs(parts.query)["host"][0],
            "name": self.name,
            "password": PASSWORD,
            "port": port,
        }
        (folder / "RT_SiteConfig.pm").write_text(CONFIG % given, "utf-8")

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "RT_SITE_CONFIG": str(self.folder / "RT_SiteConfig.pm"),
            "RT_SITE_CONFIG_DIR": str(self.folder / "etc"),
            "PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin",
        }

    def run(self, *command: object, given: str = "") -> str:
        """Run a program of Request Tracker's; return what it prints."""
        done = subprocess.run(
            list(map(str, command)),
            cwd=self.folder,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def perl(self, script: str, *arguments: object) -> str:
        """Run a program of this folder."""
        return self.run("perl", HERE / script, *arguments)

    def set_up(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            if not connection.execute("select from pg_roles where rolname = 'rt_user'").fetchall():
                connection.execute(
                    sql.SQL("create role rt_user login password {}").format(sql.Literal(PASSWORD))
                )
            connection.execute(
                sql.SQL("alter database {} owner to rt_user").format(sql.Identifier(self.name))
            )
        secret = self.folder / "root"
        secret.write_text("invented-root", "utf-8")
        init = ("--action", "init", "--skip-create", "--root-password-file", secret)
        self.run("rt-setup-database-5", *init)
        login = ("--dba", "rt_user", "--dba-password", PASSWORD)
        self.run("rt-setup-fulltext-index-5", "--noask", *login)

    def index(self) -> None:
        """Index what is not indexed yet, as the nightly job does."""
        self.run("rt-fulltext-indexer-5", "--all")

    def query(self, statement: str, *parameters: object) -> list[tuple]:
        with psycopg.connect(self.url, options="-c search_path=public") as connection:
            cursor = connection.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []
