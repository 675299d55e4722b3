"""Mailboxes: whatever they are, a mail waits, is read, and is removed or set aside."""

from __future__ import annotations

from pathlib import Path

import pytest

from lacuna.errors import ConfigurationError, DependencyUnreachable
from lacuna.stores.mail.mail_folder import FolderMailbox
from lacuna.stores.mail.mail_server import ServerMailbox
from tests.mail_server import running

MAILS = [f"From: p{number}@example.org\r\n\r\nMail {number}\r\n".encode() for number in range(3)]


class Folder:
    """A Maildir, seen from outside."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("new", "cur", "tmp"):
            (path / name).mkdir(parents=True)
        (path / "tmp" / "half").write_bytes(b"From: half@example.org\r\n")
        for number, content in enumerate(MAILS):
            folder = "cur" if number == 1 else "new"
            (path / folder / f"170000000{number}.M{number}.host").write_bytes(content)

    def open(self) -> FolderMailbox:
        return FolderMailbox(self.path)

    def aside(self) -> list[bytes]:
        return [each.read_bytes() for each in sorted(self.path.glob("set-aside/*"))]


class Letters(Folder):
    """A folder of mail files with folders in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "sub").mkdir(parents=True)
        for number, content in enumerate(MAILS):
            (path / ("sub" if number == 1 else "") / f"{number}.eml").write_bytes(content)


class Mbox(Folder):
    """One file that holds all the mails."""

    def __init__(self, path: Path) -> None:
        path.mkdir()
        self.path, self.file = path, path / "inbox"
        self.file.write_bytes(
            b"".join(
                b"From p@example.org Mon Nov  2 10:00:00 2026\n" + each + b"\n" for each in MAILS
            )
        )

    def open(self) -> FolderMailbox:
        return FolderMailbox(self.file)


class Server:
    """A mailbox on a real server."""

    def __init__(self, server) -> None:
        self.server = server

    def open(self) -> ServerMailbox:
        return ServerMailbox(self.server.url)

    def aside(self) -> list[bytes]:
        return self.server.mails("Set-aside")


@pytest.fixture(
    params=["maildir", "letters", "mbox", pytest.param("imap", marks=pytest.mark.dovecot)]
)
def place(request, tmp_path):
    if request.param == "imap":
        with running() as server:
            server.deliver(*MAILS)
            yield Server(server)
    else:
        kinds = {"maildir": Folder, "letters": Letters, "mbox": Mbox}
        yield kinds[request.param](tmp_path / "mail")


def texts(mailbox, limit=100):
    return [mailbox.read(each).strip() for each in mailbox.waiting(limit)]


def test_mails_wait_in_order_with_their_size_and_stay_when_read(place):
    mailbox = place.open()
    waiting = mailbox.waiting(100)
    assert [len(mailbox.read(each)) for each in waiting] == [each.byte_count for each in waiting]
    assert texts(mailbox) == [each.strip() for each in MAILS]
    assert all(each.stored_at.utcoffset() is not None for each in waiting)
    mailbox.close()


def test_no_more_mails_are_named_than_asked_for(place):
    mailbox = place.open()
    assert texts(mailbox, 2) == [each.strip() for each in MAILS[:2]]
    mailbox.close()


def test_what_is_removed_is_gone_and_what_is_set_aside_is_kept(place):
    mailbox = place.open()
    first, second, third = mailbox.waiting(100)
    mailbox.remove(first)
    mailbox.set_aside(second)
    assert [each.place for each in mailbox.waiting(100)] == [third.place]
    mailbox.close()
    again = place.open()
    assert texts(again) == [MAILS[2].strip()]
    again.close()
    assert [each.strip() for each in place.aside()] == [MAILS[1].strip()]


def test_a_mail_of_the_same_name_is_set_aside_beside_the_other(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.eml").write_bytes(name.encode())
    mailbox = FolderMailbox(tmp_path)
    for each in mailbox.waiting(10):
        mailbox.set_aside(each)
    assert {each.read_bytes() for each in (tmp_path / "set-aside").iterdir()} == {b"a", b"b"}


def test_links_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"x")
    box = tmp_path / "box"
    box.mkdir()
    (box / "link").symlink_to(outside / "secret")
    (box / "folder").symlink_to(outside)
    assert FolderMailbox(box).waiting(10) == []


def test_lines_of_an_mbox_that_look_like_its_separator_are_restored(tmp_path):
    file = tmp_path / "inbox"
    file.write_bytes(b"From x\nSubject: a\n\n>From here\n>>From there\n\nFrom y\nSubject: b\n\nb\n")
    mailbox = FolderMailbox(file)
    first, second = texts(mailbox)
    assert first == b"Subject: a\n\nFrom here\n>From there"
    assert second == b"Subject: b\n\nb"


def test_an_mbox_is_gone_with_its_last_mail(tmp_path):
    place = Mbox(tmp_path / "mail")
    mailbox = place.open()
    for each in mailbox.waiting(10):
        mailbox.remove(each)
    assert list(place.path.iterdir()) == []
    place.file.write_bytes(b"From x\nSubject: later\n\nlater\n")
    assert texts(place.open()) == [b"Subject: later\n\nlater"]


def test_an_mbox_that_comes_while_another_is_read_waits_beside_it(tmp_path):
    place = Mbox(tmp_path / "mail")
    mailbox = place.open()
    mailbox.waiting(10)
    place.file.write_bytes(b"From x\nSubject: later\n\nlater\n")
    assert sorted(texts(mailbox)) == sorted(
        [*(each.strip() for each in MAILS), b"Subject: later\n\nlater"]
    )


def test_an_error_names_no_file(tmp_path):
    path = tmp_path / "ada@example.org"
    path.write_bytes(b"x")
    mailbox = FolderMailbox(tmp_path)
    (mail,) = mailbox.waiting(1)
    path.unlink()
    with pytest.raises(DependencyUnreachable) as caught:
        mailbox.read(mail)
    assert "ada" not in str(caught.value)


def test_a_folder_that_is_not_there_is_said_so(tmp_path):
    assert FolderMailbox(tmp_path / "missing").waiting(1) == []


@pytest.mark.parametrize(
    "url",
    ["imaps://example.org/INBOX", "imaps://ada@example.org", "pop3://ada:x@example.org/INBOX"],
)
def test_an_incomplete_address_is_refused_before_anything_is_sent(url):
    with pytest.raises(ConfigurationError):
        ServerMailbox(url)


@pytest.mark.dovecot
def test_a_wrong_password_is_said_without_repeating_it():
    with running() as server, pytest.raises(DependencyUnreachable) as caught:
        ServerMailbox(server.url.replace("invented", "mistaken"))
    assert "mistaken" not in str(caught.value)


def test_a_server_that_does_not_answer_is_unreachable():
    with pytest.raises(DependencyUnreachable):
        ServerMailbox("imap://ada:x@127.0.0.1:9/INBOX")
