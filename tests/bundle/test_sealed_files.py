"""A sealed bundle opens for its recipient alone, as it was sealed or not at all."""

import hashlib
import io
import json
import os
import shutil
import stat
import zipfile
from pathlib import Path

import pyrage
import pytest

from lacuna.bundle import expire, open_sealed, parse_key, seal, sealed_files, write
from lacuna.errors import ConfigurationError, EvidenceBroken
from lacuna.model.bundle import Passphrase, PrivateKey
from tests.bundle import example

TOP = f"bundle_{example.REQUEST_ID}"


@pytest.fixture(scope="module")
def identity():
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def key(identity):
    return PrivateKey(str(identity))


@pytest.fixture
def shelf(tmp_path):
    return tmp_path / "bundles"


@pytest.fixture
def sealed(manifest, folder, shelf, identity):
    return seal(folder, shelf, str(identity.to_public()))


@pytest.fixture(scope="module")
def plain(content, tmp_path_factory):
    """One finished bundle; tests take copies."""
    folder = tmp_path_factory.mktemp("plain") / TOP
    write(folder, content)
    return folder


@pytest.fixture
def copy(plain, folder):
    shutil.copytree(plain, folder)
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# --- sealing and opening --------------------------------------------------------------------------


def test_what_was_sealed_for_a_recipient_opens_with_their_key(
    plain, copy, shelf, identity, key, tmp_path
):
    sealed = seal(copy, shelf, str(identity.to_public()))
    opened = open_sealed(sealed.path, key, tmp_path / "opened", digest=sealed.digest)
    assert files_in(opened.folder) == files_in(plain)
    assert opened.request_id == example.REQUEST_ID
    assert opened.files == len(files_in(plain))
    assert sealed.passphrase is None


def test_without_a_recipient_a_passphrase_is_made_that_does_not_print(plain, copy, shelf, tmp_path):
    sealed = seal(copy, shelf, None)
    assert sealed.passphrase is not None
    words = sealed.passphrase.value
    assert len(words.replace("-", "")) * 5 >= 128  # 32 characters: 5 bits each
    assert set(words) <= set("abcdefghijkmnpqrstuvwxyz23456789-")
    assert words not in repr(sealed) + str(sealed.passphrase)
    opened = open_sealed(sealed.path, parse_key(f"{words}\n"), tmp_path / "opened")
    assert files_in(opened.folder) == files_in(plain)


def test_no_two_passphrases_are_the_same():
    assert len({sealed_files._new_passphrase() for _ in range(100)}) == 100


def test_the_sealed_file_is_named_by_the_request_and_belongs_to_us_alone(sealed, shelf):
    assert [path.name for path in shelf.iterdir()] == [f"{example.REQUEST_ID}.zip.age"]
    assert stat.S_IMODE(sealed.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(shelf.stat().st_mode) == 0o700
    data = sealed.path.read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (sealed.byte_count, sealed.digest)
    for name in (b"README", b"shop.", b"Lind", b"PK\x03\x04"):
        assert name not in data


def test_the_plain_folder_is_gone_after_sealing(sealed, folder):
    assert not folder.exists()
    assert [path.name for path in folder.parent.iterdir()] == ["bundles"]


def test_what_is_unpacked_belongs_to_us_alone(sealed, key, tmp_path):
    opened = open_sealed(sealed.path, key, tmp_path / "opened").folder
    assert stat.S_IMODE(opened.stat().st_mode) == 0o700
    assert {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in opened.rglob("*")} == {
        (True, 0o700),
        (False, 0o600),
    }


def test_the_archive_is_the_same_for_the_same_files(plain, tmp_path):
    archives = []
    for _ in range(2):
        os.utime(plain / "README.html", (1, 1 + len(archives)))
        archive = io.BytesIO()
        sealed_files._pack(plain, TOP, archive)
        archives.append(archive.getvalue())
    assert archives[0] == archives[1]
    names = zipfile.ZipFile(io.BytesIO(archives[0])).namelist()
    assert names == sorted(f"{TOP}/{path}" for path in files_in(plain))


def test_sealing_again_replaces_the_older_file(plain, folder, shelf, identity, key, tmp_path):
    digests = set()
    for _ in range(2):
        shutil.copytree(plain, folder)
        digests.add(seal(folder, shelf, str(identity.to_public())).digest)
    assert len(digests) == 2
    (path,) = shelf.iterdir()
    open_sealed(path, key, tmp_path / "opened")


# --- refusals before anything is sealed -----------------------------------------------------------


@pytest.mark.parametrize("recipient", ["", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1QQ"])
def test_a_recipient_that_is_none_changes_nothing(plain, copy, shelf, recipient):
    with pytest.raises(ConfigurationError, match="not an age recipient"):
        seal(copy, shelf, recipient)
    assert files_in(copy) == files_in(plain)
    assert not shelf.exists()


def test_a_private_key_given_as_recipient_is_not_repeated(copy, shelf, identity):
    with pytest.raises(ConfigurationError) as refusal:
        seal(copy, shelf, str(identity))
    assert str(identity) not in str(refusal.value)


def test_every_file_counts_changed_missing_or_cut(copy, shelf, identity):
    recipient = str(identity.to_public())
    for name, data in files_in(copy).items():
        for damage in (_flip, _cut, Path.unlink):
            damage(copy / name)
            with pytest.raises(EvidenceBroken, match="again"):
                seal(copy, shelf, recipient)
            assert not shelf.exists()
            (copy / name).write_bytes(data)
    seal(copy, shelf, recipient)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def test_a_file_that_nobody_listed_is_refused(copy, shelf, identity):
    (copy / "access/more.txt").write_text("more")
    with pytest.raises(EvidenceBroken, match="not listed 1"):
        seal(copy, shelf, str(identity.to_public()))


def test_a_link_in_the_folder_is_refused(copy, shelf, identity):
    (copy / "access/link").symlink_to("/etc/hostname")
    with pytest.raises(EvidenceBroken, match="a link or a device"):
        seal(copy, shelf, str(identity.to_public()))


def test_a_crash_while_sealing_leaves_the_folder_and_no_sealed_file(
    plain, copy, shelf, identity, monkeypatch
):
    def fails(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sealed_files.os, "fsync", fails)
    with pytest.raises(OSError, match="No space left"):
        seal(copy, shelf, str(identity.to_public()))
    assert files_in(copy) == files_in(plain)
    assert list(shelf.iterdir()) == []


# --- refusals while opening -----------------------------------------------------------------------


@pytest.fixture
def opens(key, tmp_path):
    """Try to open a file; whatever is refused leaves nothing behind."""

    def opened(path, key=key, **more):
        before = set(tmp_path.iterdir())
        try:
            return open_sealed(path, key, tmp_path / "opened", **more)
        except BaseException:
            assert set(tmp_path.iterdir()) == before
            raise

    return opened


def test_another_key_is_told_apart_from_damage(sealed, opens):
    other = PrivateKey(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(ConfigurationError, match="this key does not open the bundle"):
        opens(sealed.path, key=other)


def test_a_passphrase_does_not_open_what_is_for_a_key(sealed, opens):
    with pytest.raises(ConfigurationError, match="this key does not open the bundle"):
        opens(sealed.path, key=Passphrase("wrong"))


def test_a_wrong_passphrase_is_told_and_not_repeated(copy, shelf, opens):
    sealed = seal(copy, shelf, None)
    with pytest.raises(ConfigurationError, match="this key does not open") as refusal:
        opens(sealed.path, key=Passphrase("open-sesame"))
    assert "sesame" not in str(refusal.value)


def test_what_is_no_key_at_all_is_told_and_not_repeated(sealed, opens):
    with pytest.raises(ConfigurationError, match="not an age identity") as refusal:
        opens(sealed.path, key=PrivateKey("AGE-SECRET-KEY-1JUNK"))
    assert "JUNK" not in str(refusal.value)


def test_no_changed_byte_opens(sealed, opens):
    data = sealed.path.read_bytes()
    places = [*range(0, 400, 13), *range(400, len(data), len(data) // 40), len(data) - 1]
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 0x20
        sealed.path.write_bytes(changed)
        # In the lines that name the recipient a change looks like another key.
        with pytest.raises((EvidenceBroken, ConfigurationError)):
            opens(sealed.path)
        with pytest.raises(EvidenceBroken, match="differs from the recorded one"):
            opens(sealed.path, digest=sealed.digest)


def test_a_changed_byte_of_the_content_is_called_by_its_name(sealed, opens):
    data = bytearray(sealed.path.read_bytes())
    data[-100] ^= 1
    sealed.path.write_bytes(data)
    with pytest.raises(EvidenceBroken, match="was changed or cut after it was sealed"):
        opens(sealed.path)


@pytest.mark.parametrize("kept", [0, 10, 500, -1])
def test_a_cut_file_does_not_open(sealed, opens, kept):
    sealed.path.write_bytes(sealed.path.read_bytes()[:kept])
    with pytest.raises(EvidenceBroken, match="was changed or cut after it was sealed"):
        opens(sealed.path)


def test_a_missing_file_is_called_missing(shelf, opens):
    with pytest.raises(ConfigurationError, match="there is no sealed bundle"):
        opens(shelf / f"{example.REQUEST_ID}.zip.age")


def test_a_folder_that_exists_is_not_unpacked_into(sealed, opens, tmp_path):
    (tmp_path / "opened").mkdir()
    with pytest.raises(ConfigurationError, match="already exists"):
        opens(sealed.path)


def test_a_folder_in_no_folder_is_not_unpacked_into(sealed, key, tmp_path):
    with pytest.raises(
        ConfigurationError, match="the parent of the folder to unpack into does not exist"
    ):
        open_sealed(sealed.path, key, tmp_path / "no/where")


@pytest.fixture
def resealed(plain, identity, tmp_path):
    """Encrypt an archive that somebody else packed."""

    def made(members) -> Path:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            for info, data in members:
                packed.writestr(info, data)
        path = tmp_path / "foreign.age"
        path.write_bytes(pyrage.encrypt(archive.getvalue(), [identity.to_public()]))
        return path

    return made


def members_of(folder: Path) -> list[tuple[zipfile.ZipInfo, bytes]]:
    return [(zipfile.ZipInfo(f"{TOP}/{name}"), data) for name, data in files_in(folder).items()]


def test_an_archive_packed_by_another_tool_opens_if_all_is_there(plain, resealed, opens):
    assert files_in(opens(resealed(members_of(plain))).folder) == files_in(plain)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "x/../../evil",
        "/etc/evil",
        "x//evil",
        "x/./evil",
        "x/.hidden",
        "x/..\\evil",
        "x/C:evil",
        "x/a\x00b",
        "x/line\nbreak",
        "x/",
        "evil",
        f"x/{'a' * 256}",
    ],
)
def test_a_member_at_an_unsafe_path_is_refused(plain, resealed, opens, tmp_path, name):
    with pytest.raises(EvidenceBroken):
        opens(resealed([*members_of(plain), (zipfile.ZipInfo(name), b"evil")]))
    assert not list(tmp_path.parent.glob("evil"))


def test_a_member_that_is_a_link_is_refused(plain, resealed, opens):
    link = zipfile.ZipInfo(f"{TOP}/access/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(EvidenceBroken, match="a link, a folder, or at an unsafe path"):
        opens(resealed([*members_of(plain), (link, b"/etc/passwd")]))


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_member_given_twice_is_refused(plain, resealed, opens):
    (info, data), *_ = members_of(plain)
    with pytest.raises(EvidenceBroken, match="the same path"):
        opens(resealed([*members_of(plain), (info, data)]))


def test_a_member_more_or_less_is_refused(plain, resealed, opens):
    more = (zipfile.ZipInfo(f"{TOP}/access/more.txt"), b"more")
    with pytest.raises(EvidenceBroken, match="not listed 1"):
        opens(resealed([*members_of(plain), more]))
    with pytest.raises(EvidenceBroken, match="missing 1"):
        opens(resealed([each for each in members_of(plain) if "README" not in each[0].filename]))


def test_a_member_larger_than_its_header_says_is_refused(plain, identity, opens, tmp_path):
    archive = io.BytesIO()
    sealed_files._pack(plain, TOP, archive)
    data = archive.getvalue()
    with zipfile.ZipFile(archive) as packed:
        size = packed.getinfo(f"{TOP}/information.json").file_size
    wrong = data.replace(size.to_bytes(4, "little"), (size - 1).to_bytes(4, "little"))
    assert wrong != data
    path = tmp_path / "foreign.age"
    path.write_bytes(pyrage.encrypt(wrong, [identity.to_public()]))
    with pytest.raises(EvidenceBroken):
        opens(path)


def test_an_archive_that_unpacks_to_too_much_is_refused(plain, resealed, opens, monkeypatch):
    monkeypatch.setattr(sealed_files, "_MOST_BYTES", 1000)
    with pytest.raises(EvidenceBroken, match="more than a bundle can contain"):
        opens(resealed(members_of(plain)))


def test_what_is_no_archive_is_refused(identity, opens, tmp_path):
    path = tmp_path / "foreign.age"
    path.write_bytes(pyrage.encrypt(b"not a ZIP file", [identity.to_public()]))
    with pytest.raises(EvidenceBroken, match="no intact archive"):
        opens(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.pop("files"),
        lambda manifest: manifest.update(files={}),
        lambda manifest: manifest["files"].append(manifest["files"][0]),
        lambda manifest: manifest["files"][0].update(path="../evil"),
        lambda manifest: manifest["files"][0].update(bytes=1),
        lambda manifest: manifest.update(request_id="../evil"),
        lambda manifest: manifest.update(request_id=None),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(plain, resealed, opens, change):
    found = files_in(plain)
    manifest = json.loads(found["manifest.json"])
    change(manifest)
    data = json.dumps(manifest).encode()
    old, new = (hashlib.sha256(each).hexdigest() for each in (found["manifest.json"], data))
    found["SHA256SUMS"] = found["SHA256SUMS"].replace(old.encode(), new.encode())
    found["manifest.json"] = data
    members = [(zipfile.ZipInfo(f"{TOP}/{name}"), each) for name, each in found.items()]
    with pytest.raises(EvidenceBroken):
        opens(resealed(members))


# --- keys and the end -----------------------------------------------------------------------------


def test_a_key_file_may_hold_comments(identity):
    text = f"# created: 2026-03-02\n# public key: {identity.to_public()}\n{identity}\n"
    assert parse_key(text) == PrivateKey(str(identity))
    assert parse_key("  abcd-efgh  \n") == Passphrase("abcd-efgh")
    assert str(identity) not in repr(parse_key(text))
    with pytest.raises(ConfigurationError, match="the key is empty"):
        parse_key("# only a comment\n\n")


def test_an_expired_bundle_is_gone_with_what_a_crash_left_of_it(sealed, shelf):
    (shelf / f".{sealed.path.name}.part").write_bytes(b"half")
    assert expire(sealed.path) is True
    assert list(shelf.iterdir()) == []
    assert expire(sealed.path) is False
    assert expire(shelf / "nowhere/x.zip.age") is False
