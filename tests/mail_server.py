"""A real IMAP server for tests: dovecot on this machine alone, with one mailbox."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lacuna.intake import read_mail

PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
PASSWORD = "invented words"

CONFIG = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
auth_allow_cleartext = yes
first_valid_uid = 1
mail_driver = maildir
mail_path = {folder}/mail
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/mail
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


@dataclass(frozen=True)
class MailServer:
    port: int

    @property
    def url(self) -> str:
        return f"imap://ada:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/INBOX"

    @contextmanager
    def session(self) -> Iterator[imaplib.IMAP4]:
        session = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        session.login("ada", PASSWORD)
        yield session
        session.logout()

    def deliver(self, *mails: bytes) -> None:
        with self.session() as session:
            for content in mails:
                # As a server does that takes a mail when its first Received header says so.
                received_at = read_mail(content).received_at
                date = None if received_at is None else imaplib.Time2Internaldate(received_at)
                status, _ = session.append("INBOX", None, date, content)
                assert status == "OK"

    def mails(self, name: str = "INBOX") -> list[bytes]:
        with self.session() as session:
            if session.select(name, readonly=True)[0] != "OK":
                return []
            found = []
            for number in session.search(None, "ALL")[1][0].split():
                found.append(session.fetch(number, "(BODY.PEEK[])")[1][0][1])
            return found


@contextmanager
def running() -> Iterator[MailServer]:
    """Start dovecot in a folder of its own; stop it and remove the folder afterwards."""
    # Its sockets need a short path.
    folder = Path(tempfile.mkdtemp(prefix="imap-", dir="/tmp"))
    folder.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    (folder / "mail").mkdir()
    os.chown(folder / "mail", user.pw_uid, user.pw_gid)
    config = folder / "dovecot.conf"
    config.write_text(
        CONFIG.format(
            folder=folder, password=PASSWORD, uid=user.pw_uid, gid=user.pw_gid, port=port
        ),
        "utf-8",
    )
    program = shutil.which("dovecot", path=PATH)
    assert program is not None
    server = subprocess.Popen([program, "-F", "-c", config], stderr=subprocess.PIPE)
    try:
        _wait(server, port)
        yield MailServer(port)
    finally:
        server.terminate()
        server.wait(20)
        server.stderr.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: subprocess.Popen, port: int) -> None:
    for _ in range(200):
        if server.poll() is not None:
            raise RuntimeError(f"dovecot did not start: {server.stderr.read().decode()}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("dovecot does not answer")
