"""The files are real and are those that the rows describe."""

import hashlib
import io
import struct
import wave
import zlib
from collections import Counter

import pytest

from lacuna_demo.sample import SampleFile, SamplePlatform


@pytest.fixture(scope="module")
def files(small: SamplePlatform) -> dict[str, SampleFile]:
    """Path -> file of the media store."""
    return {file.path: file for file in small.files if file.store == "media"}


def test_no_two_files_have_the_same_path(platform: SamplePlatform) -> None:
    paths = Counter((plan.store, plan.path) for plan in platform.files.plans)
    assert max(paths.values()) == 1


def test_paths_stay_below_the_root(platform: SamplePlatform) -> None:
    for plan in platform.files.plans:
        parts = plan.path.split("/")
        assert "" not in parts
        assert ".." not in parts
        assert max(len(part.encode()) for part in parts) <= 255


@pytest.mark.parametrize("table", ["attachments", "call_recordings", "voicemails"])
def test_rows_give_size_and_digest_of_their_file(
    small: SamplePlatform, files: dict[str, SampleFile], table: str
) -> None:
    records = small.tables[f"contact_center.{table}"].records()
    assert records
    for row in records:
        content = files[str(row["uri"])].content
        assert row["bytes"] == len(content)
        assert row["sha256"] == hashlib.sha256(content).hexdigest()


def test_every_sound_is_a_wav_with_sound_in_it(files: dict[str, SampleFile]) -> None:
    sounds = [file for path, file in files.items() if path.endswith(".wav")]
    assert {file.path.split("/")[0] for file in sounds} == {"recordings", "voicemails"}
    for file in sounds:
        with wave.open(io.BytesIO(file.content)) as sound:
            frames = sound.readframes(sound.getnframes())
        assert len(frames) == 2_400
        assert len(set(frames)) > 2
        assert len(file.content) < 5_000
    assert len({file.content for file in sounds}) == len(sounds)


def test_every_picture_is_a_png_whose_checksums_hold(files: dict[str, SampleFile]) -> None:
    pictures = [file.content for path, file in files.items() if path.endswith(".png")]
    assert pictures
    for content in pictures:
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        at, kinds = 8, []
        while at < len(content):
            (length,) = struct.unpack(">I", content[at : at + 4])
            body = content[at + 4 : at + 8 + length]
            assert struct.unpack(">I", content[at + 8 + length : at + 12 + length])[
                0
            ] == zlib.crc32(body)
            kinds.append(body[:4])
            at += 12 + length
        assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def test_every_file_that_a_row_names_is_there(
    small: SamplePlatform, files: dict[str, SampleFile]
) -> None:
    named = set()
    for table, column in (
        ("contacts", "avatar_url"),
        ("messages", "original_content_uri"),
        ("messages", "too_large_uri"),
        ("attachments", "uri"),
        ("call_recordings", "uri"),
        ("voicemails", "uri"),
    ):
        named |= set(small.tables[f"contact_center.{table}"].values(column)) - {None}
    unnamed = set(files) - named
    assert named <= set(files)
    assert {path.split("/")[0] for path in unnamed} == {"recordings", "exports"}
    assert len(unnamed) == small.traps[13] + 1
