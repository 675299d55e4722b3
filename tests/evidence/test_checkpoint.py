"""Checkpoints are notes that tools of other logs read, and no byte of them can be changed."""

import base64
import hashlib
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lacuna.errors import ConfigurationError, DependencyUnreachable, EvidenceBroken
from lacuna.evidence import (
    Checkpoint,
    SigningKey,
    create_key,
    load_key,
    publish_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
)
from lacuna.evidence.checkpoint import checkpoints_by_name
from lacuna.evidence.signing_keys import ORIGIN

ROOT = hashlib.sha256(b"the ledger").hexdigest()


@pytest.fixture
def key():
    return SigningKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"k" * 32))


def test_a_checkpoint_is_three_lines_and_a_signature_that_others_can_check(key):
    note = sign_checkpoint(12, ROOT, key)
    text, signature = note.split("\n\n")
    assert text.split("\n") == [
        "lacuna/ledger",
        "12",
        base64.b64encode(bytes.fromhex(ROOT)).decode(),
    ]
    dash, name, encoded = signature.removesuffix("\n").split(" ")
    assert (dash, name) == ("—", "lacuna/ledger")
    raw = base64.b64decode(encoded)
    public = Ed25519PrivateKey.from_private_bytes(b"k" * 32).public_key()
    public.verify(raw[4:], f"{text}\n".encode())
    # The key id of the signed-note format: name, newline, algorithm 1, key.
    expected = hashlib.sha256(b"lacuna/ledger\n\x01" + public.public_bytes_raw()).digest()[:4]
    assert raw[:4] == expected
    shown = base64.b64encode(b"\x01" + public.public_bytes_raw()).decode()
    assert key.public_text == f"lacuna/ledger+{expected.hex()}+{shown}"


def test_a_known_verifier_line_of_the_format_is_read():
    # The example of the signed-note format (golang.org/x/mod/sumdb/note), key and note.
    name, secret = "PeterNeumann", "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret)[1:])
    public = b"\x01" + private.public_key().public_bytes_raw()
    key_id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    assert key_id.hex() == "c74f20a3"
    assert base64.b64encode(public).decode() == "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_a_signed_checkpoint_is_read_again(key):
    assert verify_checkpoint(sign_checkpoint(12, ROOT, key), key.public_text) == Checkpoint(
        ORIGIN, 12, ROOT
    )


def test_signing_twice_makes_the_same_note(key):
    assert sign_checkpoint(12, ROOT, key) == sign_checkpoint(12, ROOT, key)


def test_every_changed_bit_of_a_checkpoint_is_noticed(key):
    note = sign_checkpoint(12, ROOT, key).encode()
    unnoticed = []
    for place in range(len(note)):
        for bit in range(8):
            changed = bytearray(note)
            changed[place] ^= 1 << bit
            try:
                verify_checkpoint(changed.decode(errors="surrogateescape"), key.public_text)
            except EvidenceBroken:
                continue
            unnoticed.append((place, bit))
    assert unnoticed == []


def test_every_cut_or_added_byte_is_noticed(key):
    note = sign_checkpoint(12, ROOT, key)
    changed = [note[:end] for end in range(len(note))] + [note + "\n", note + "x", "\n" + note]
    for each in changed:
        with pytest.raises(EvidenceBroken):
            verify_checkpoint(each, key.public_text)


def test_a_checkpoint_by_another_key_is_refused(key):
    other = SigningKey(ORIGIN, Ed25519PrivateKey.generate())
    with pytest.raises(EvidenceBroken, match="no valid signature"):
        verify_checkpoint(sign_checkpoint(12, ROOT, other), key.public_text)


def test_a_checkpoint_of_another_ledger_is_refused(key):
    other = SigningKey("lacuna/other", Ed25519PrivateKey.from_private_bytes(b"k" * 32))
    with pytest.raises(EvidenceBroken, match="no valid signature"):
        verify_checkpoint(sign_checkpoint(12, ROOT, other), key.public_text)


def test_a_key_does_not_vouch_for_a_ledger_of_another_name(key):
    other = SigningKey("lacuna/other", Ed25519PrivateKey.from_private_bytes(b"k" * 32))
    text = sign_checkpoint(12, ROOT, other).split("\n\n")[0] + "\n"
    raw = Ed25519PrivateKey.from_private_bytes(b"k" * 32).sign(text.encode())
    key_id = bytes.fromhex(key.public_text.split("+")[1])
    line = f"— {ORIGIN} {base64.b64encode(key_id + raw).decode()}\n"
    with pytest.raises(EvidenceBroken, match="belongs to another ledger"):
        verify_checkpoint(f"{text}\n{line}", key.public_text)


def test_a_witness_may_add_a_signature(key):
    witness = SigningKey("witness.example.org", Ed25519PrivateKey.generate())
    note = sign_checkpoint(12, ROOT, key)
    line = sign_checkpoint(12, ROOT, witness).split("\n\n")[1]
    assert verify_checkpoint(note + line, key.public_text).size == 12


@pytest.mark.parametrize(("size", "root"), [(0, ROOT), (-1, ROOT), (1, "ab"), (1, "")])
def test_a_checkpoint_is_of_a_size_and_a_root(key, size, root):
    with pytest.raises(ValueError, match="at least 1"):
        sign_checkpoint(size, root, key)


@pytest.mark.parametrize("name", ["", "A", "two words", "a+b", "a\nb"])
def test_a_name_that_the_format_cannot_hold_is_refused(name):
    with pytest.raises(ConfigurationError):
        SigningKey(name, Ed25519PrivateKey.generate())


def public_line(name, public):
    key_id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex()
    return f"{name}+{key_id}+{base64.b64encode(public).decode()}"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "lacuna/ledger",
        "lacuna/ledger+01020304",
        "lacuna/ledger+01020304+",
        "lacuna/ledger+01020304+not base64!",
        "lacuna/ledger+01020304+" + base64.b64encode(b"\x01" + b"k" * 32).decode(),
        public_line("Lacuna Ledger", b"\x01" + b"k" * 32),
        public_line(ORIGIN, b"\x01" + b"k" * 31),
        public_line(ORIGIN, b"\x02" + b"k" * 32),
        public_line(ORIGIN, b"\x01" + b"k" * 32).upper(),
        public_line(ORIGIN, b"\x01" + b"k" * 32)[:-4],
    ],
)
def test_a_public_key_that_was_not_copied_whole_is_refused(key, line):
    with pytest.raises(ConfigurationError, match="public key"):
        verify_checkpoint(sign_checkpoint(12, ROOT, key), line)


def test_a_line_with_the_ends_of_a_file_is_still_the_public_key(key):
    assert verify_checkpoint(sign_checkpoint(1, ROOT, key), f"{key.public_text}\n").size == 1


# --- key files --------------------------------------------------------------------------------------


def test_a_new_key_is_private_and_is_loaded_again(tmp_path):
    path = tmp_path / "keys" / "ledger.pem"
    made = create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]
    assert load_key(path).public_text == made.public_text


def test_a_key_is_never_replaced(tmp_path):
    create_key(tmp_path / "ledger.pem")
    before = (tmp_path / "ledger.pem").read_bytes()
    with pytest.raises(EvidenceBroken):
        create_key(tmp_path / "ledger.pem")
    assert (tmp_path / "ledger.pem").read_bytes() == before


def test_a_missing_key_is_not_made_in_silence(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_key(tmp_path / "ledger.pem")
    assert not (tmp_path / "ledger.pem").exists()


def test_a_key_that_others_may_read_is_refused(tmp_path):
    create_key(tmp_path / "ledger.pem")
    (tmp_path / "ledger.pem").chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        load_key(tmp_path / "ledger.pem")


def test_another_kind_of_key_is_refused(tmp_path):
    other = generate_private_key(SECP256R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (pem, b"", b"no key"):
        (tmp_path / "ledger.pem").write_bytes(content)
        (tmp_path / "ledger.pem").chmod(0o600)
        with pytest.raises(ConfigurationError, match="no Ed25519"):
            load_key(tmp_path / "ledger.pem")


# --- copies -----------------------------------------------------------------------------------------


def test_a_checkpoint_is_published_to_every_folder_and_read_back_in_order(key, tmp_path):
    folders = [tmp_path / "evidence" / "checkpoints", tmp_path / "elsewhere"]
    for size in (9, 100, 12):
        publish_checkpoint(sign_checkpoint(size, ROOT, key), key.public_text, folders)
    for folder in folders:
        read = checkpoints_by_name(folder, key.public_text)
        assert [each.size for each in read.values()] == [9, 12, 100]
        assert len(list(folder.iterdir())) == 3
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_publishing_again_changes_nothing(key, tmp_path):
    for _ in range(2):
        publish_checkpoint(sign_checkpoint(12, ROOT, key), key.public_text, [tmp_path])
    assert len(list(tmp_path.iterdir())) == 1


def test_two_histories_of_one_size_are_noticed(key, tmp_path):
    publish_checkpoint(sign_checkpoint(12, ROOT, key), key.public_text, [tmp_path])
    other = sign_checkpoint(12, hashlib.sha256(b"another history").hexdigest(), key)
    with pytest.raises(EvidenceBroken, match="exists with other content"):
        publish_checkpoint(other, key.public_text, [tmp_path])
    (read,) = checkpoints_by_name(tmp_path, key.public_text).values()
    assert read == Checkpoint(ORIGIN, 12, ROOT)


def test_an_unsigned_checkpoint_is_not_published(key, tmp_path):
    with pytest.raises(EvidenceBroken):
        publish_checkpoint(
            sign_checkpoint(12, ROOT, key).replace("12", "13"), key.public_text, [tmp_path]
        )
    assert list(tmp_path.iterdir()) == []


def test_a_changed_or_renamed_copy_is_noticed(key, tmp_path):
    publish_checkpoint(sign_checkpoint(12, ROOT, key), key.public_text, [tmp_path])
    (path,) = tmp_path.iterdir()
    path.rename(tmp_path / "checkpoint-000000000013.txt")
    with pytest.raises(EvidenceBroken, match="of size 12"):
        checkpoints_by_name(tmp_path, key.public_text)
    (tmp_path / "checkpoint-000000000013.txt").write_bytes(b"\xff")
    with pytest.raises(EvidenceBroken):
        checkpoints_by_name(tmp_path, key.public_text)


def test_a_folder_that_cannot_be_written_is_an_error(key, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DependencyUnreachable):
        publish_checkpoint(
            sign_checkpoint(12, ROOT, key), key.public_text, [tmp_path / "file" / "folder"]
        )
