"""Canaries: whatever the search cannot read any more, one of them is not seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lacuna.model.datamap import FilePattern, ObjectFormat
from lacuna.model.location import ColumnName, TableName
from lacuna.model.treatment import Mention
from lacuna.ports import SearchedRows
from lacuna.verify import decodings, digest_search, raw_bytes, search
from lacuna.verify.canary import CANARIES, KNOWN_CANARIES, blind_columns, blind_groups
from lacuna.verify.name_parts import NameParts
from lacuna.verify.places import Place
from lacuna.verify.search import KnownValues

NEVER = re.compile(r"(?!)")
LONGEST_NAME = 63
"""Bytes that a column of type `name` holds."""


def is_blind(texts: tuple[str, ...] = CANARIES.texts) -> bool:
    said = ColumnName(TableName("notes", "note"), "said")
    rows = SearchedRows({said.name: list(texts)})
    return list(blind_columns([(said.table, rows)], KnownValues([KNOWN_CANARIES]))) == [said]


def test_of_several_tables_those_are_named_in_which_one_is_not_seen():
    texts = CANARIES.texts
    rows = {"notes.note": texts, "notes.mail": texts[1:], "notes.call": texts}
    planted = [(TableName.parse(name), SearchedRows({"said": one})) for name, one in rows.items()]
    found = blind_columns(planted, KnownValues([KNOWN_CANARIES]))
    assert list(map(str, found)) == ["notes.mail.said"]


def unseen(folder: Path, kind: ObjectFormat | None = ObjectFormat.TEXT) -> list[str]:
    """Return the groups of a place of files of one format that are blind."""
    patterns = () if kind is None else (FilePattern("*", kind, None, Mention.REDACT),)
    return list(blind_groups(Place("notes", folder, patterns), KnownValues([KNOWN_CANARIES])))


def test_each_canary_is_seen_for_itself_and_fits_a_name() -> None:
    assert not is_blind()
    assert is_blind((*CANARIES.texts[1:], "nothing"))
    assert max(len(text.encode()) for text in CANARIES.texts) <= LONGEST_NAME


@pytest.mark.parametrize("lost", decodings._DECODERS, ids=lambda one: one.__name__.strip("_"))
def test_without_any_one_decoder_every_column_is_blind(monkeypatch, lost) -> None:
    left = tuple(one for one in decodings._DECODERS if one is not lost)
    monkeypatch.setattr(decodings, "_DECODERS", left)
    assert is_blind()


def without_hexadecimal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decodings, "_HEX", NEVER)


def without_hexadecimal_in_paths(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decodings, "_HEX_PIECE", NEVER)


def without_base64(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(decodings.base64, "b64decode", lambda *_, **__: b"")


def without_digests(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "digests_in", lambda *_: iter(()))


def without_words(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "_words_in", lambda *_: iter(()))


def without_name_parts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(NameParts, "in_text", lambda *_, **__: frozenset())


def without_numbers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(search, "numbers_of", lambda *_: iter(()))


SENSES = [
    without_hexadecimal,
    without_hexadecimal_in_paths,
    without_base64,
    without_digests,
    without_words,
    without_name_parts,
    without_numbers,
]


@pytest.mark.parametrize("lose", SENSES, ids=lambda one: one.__name__.partition("_")[2])
def test_without_any_one_sense_every_column_is_blind(monkeypatch, lose) -> None:
    lose(monkeypatch)
    assert is_blind()


@pytest.fixture
def folder(tmp_path) -> Iterator[Path]:
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", digest_search._HASHES)
def test_without_any_one_hash_files_are_blind(monkeypatch, folder, name) -> None:
    assert unseen(folder) == []
    monkeypatch.setattr(
        digest_search, "_HASHES", tuple(one for one in digest_search._HASHES if one != name)
    )
    assert unseen(folder) == ["notes/*"]


MAGIC = {
    "gzip": b"\x1f\x8b",
    "xz": b"\xfd7zXZ\0",
    "bzip2": b"BZh",
    "zip": raw_bytes._ZIP,
    "zlib": b"\x78",
    **{name: mark for mark, name in raw_bytes._FRAMES.items()},
}


@pytest.mark.parametrize("codec", MAGIC)
@pytest.mark.parametrize("kind", [ObjectFormat.TEXT, None])
def test_where_any_one_way_of_packing_is_not_opened_files_are_blind(
    monkeypatch, folder, codec, kind
) -> None:
    real = raw_bytes.is_packed
    monkeypatch.setattr(
        raw_bytes, "is_packed", lambda one: not one.startswith(MAGIC[codec]) and real(one)
    )
    assert unseen(folder, kind) == ["notes/*" if kind else "notes"]
