"""The age format with a passphrase: what pyrage writes is read, and the other way round."""

import io

import pyrage
import pytest

from lacuna.bundle.passphrase_encryption import (
    ClearFile,
    Damaged,
    WrongPassphrase,
    decrypt,
    encrypt,
)

CHUNK = 64 * 1024
WORDS = "abcd-efgh-jkmn"


def sealed(clear: bytes) -> bytes:
    file = io.BytesIO()
    encrypt(io.BytesIO(clear), file, WORDS)
    return file.getvalue()


def opened(data: bytes, words: str = WORDS) -> bytes:
    file = io.BytesIO()
    decrypt(io.BytesIO(data), file, words)
    return file.getvalue()


@pytest.mark.parametrize(
    "length",
    [
        *(0, CHUNK, CHUNK + 1),
        *(pytest.param(one, marks=pytest.mark.thorough) for one in (1, CHUNK - 1, 3 * CHUNK)),
    ],
)
def test_pyrage_reads_what_is_written_here(length):
    clear = bytes(number % 251 for number in range(length))
    assert pyrage.passphrase.decrypt(sealed(clear), WORDS) == clear
    assert opened(sealed(clear)) == clear


def test_no_two_files_are_alike():
    assert len({sealed(b"the same") for _ in range(3)}) == 3


def test_another_passphrase_is_told_apart_from_damage():
    with pytest.raises(WrongPassphrase):
        opened(sealed(b"clear"), "another")
    identity = pyrage.x25519.Identity.generate()
    for_a_key = pyrage.encrypt(b"clear", [identity.to_public()])
    with pytest.raises(WrongPassphrase):
        opened(for_a_key)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"age-encryption.org/v2\n-> scrypt x 1\n"])
def test_what_is_no_such_file_is_refused(data):
    with pytest.raises(Damaged):
        opened(data)


def test_a_file_that_asks_for_too_much_work_is_refused():
    with pytest.raises(Damaged):
        opened(sealed(b"clear").replace(b" 15\n", b" 21\n"))


@pytest.mark.thorough
def test_no_changed_byte_and_no_cut_file_opens():
    data = sealed(bytes(CHUNK + 10))
    head = data.index(b"---") + 48
    for place in [*range(0, head, 17), head + 3, head + 40, head + CHUNK, len(data) - 1]:
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises((Damaged, WrongPassphrase)):
            opened(bytes(changed))
    for length in (head, head + 10, head + 16, head + 16 + CHUNK + 16, len(data) - 1):
        with pytest.raises(Damaged):
            opened(data[:length])
    with pytest.raises(Damaged):
        opened(data + b"x")


def test_chunks_cannot_change_places():
    data = sealed(bytes(2 * CHUNK) + b"end")
    start = data.index(b"---") + 48 + 16
    size = CHUNK + 16
    first, second = data[start : start + size], data[start + size : start + 2 * size]
    with pytest.raises(Damaged):
        opened(data[:start] + second + first + data[start + 2 * size :])


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_file_is_read_at_any_place(length):
    clear = bytes(number % 251 for number in range(length))
    file = ClearFile(io.BytesIO(sealed(clear)), WORDS)
    assert file.read() == clear
    assert file.seek(0, io.SEEK_END) == length
    for place in (0, 1, CHUNK - 1, CHUNK, length):
        for size in (0, 1, CHUNK, CHUNK + 2):
            assert file.seek(place) == place
            assert file.read(size) == clear[place : place + size]


@pytest.mark.parametrize("cut", [1, CHUNK, CHUNK + 16, 2 * (CHUNK + 16)])
def test_a_cut_file_is_refused_before_anything_of_it_is_read(cut):
    with pytest.raises(Damaged):
        ClearFile(io.BytesIO(sealed(bytes(2 * CHUNK + 5))[:-cut]), WORDS)


def test_a_changed_chunk_is_not_read():
    data = bytearray(sealed(bytes(3 * CHUNK)))
    data[-2 * CHUNK] ^= 1
    file = ClearFile(io.BytesIO(bytes(data)), WORDS)
    assert file.read(CHUNK) == bytes(CHUNK)
    with pytest.raises(Damaged):
        file.read(1)
    with pytest.raises(WrongPassphrase):
        ClearFile(io.BytesIO(sealed(b"clear")), "another")
