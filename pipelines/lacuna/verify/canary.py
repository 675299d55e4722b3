"""Canaries: made-up values that the search must see wherever it looks, in every encoding.

They pass through the code that reads what is searched: the queries over tables with their
types, the walk over files, every format. In the database they are rolled back, in folders they are
deleted, and read back absent.
"""

import base64
import bz2
import gzip
import hashlib
import io
import lzma
import re
import shutil
import tempfile
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from lacuna.model.datamap import FilePattern, ObjectFormat
from lacuna.model.identity import Identifier, IdentifierKind, SubjectRef
from lacuna.model.location import ColumnName, TableName
from lacuna.ports import Canaries, SearchedRows
from lacuna.verify.file_search import search_folder
from lacuna.verify.file_texts import FileReading
from lacuna.verify.places import CANARY_FOLDER, Place
from lacuna.verify.search import KnownValues

_CANARY_REF: Final = SubjectRef("canary")

_EMAIL: Final = Identifier(IdentifierKind.EMAIL, "canary-7f3a@example.org")
_PHONE: Final = Identifier(IdentifierKind.PHONE, "+999 19997031")
_NAME: Final = Identifier(IdentifierKind.NAME, "Kanaria Ødegård")
_EXTERNAL_ID: Final = Identifier(IdentifierKind.EXTERNAL_ID, "CANARY-7F3A-1999")
_KEY: Final = Identifier(IdentifierKind.CONTACT_ID, "7f3acafe-0000-4000-8000-7f3a7f3a7f3a")
_ADDRESS: Final = Identifier(IdentifierKind.ADDRESS, "Kanariestræde 7, 1999 Canary City")
_FILE: Final = Identifier(IdentifierKind.FILE, "canary 7f3a deed.pdf")
_OTHER: Final = Identifier(IdentifierKind.OTHER, "Canary & Sons Holding")
_KNOWN: Final = (_EMAIL, _PHONE, _NAME, _EXTERNAL_ID, _KEY, _ADDRESS, _FILE, _OTHER)


def _digest(name: str, identifier: Identifier) -> bytes:
    return hashlib.new(name, identifier.value.encode(), usedforsecurity=False).digest()


# Each in a way of writing of its own, so that whatever the search cannot read any more, one of
# them is not seen; short enough for a `name` column.
_WRITTEN: Final[Mapping[str, tuple[str, ...]]] = {
    "plain text": (
        "write to Canary-7F3A@example.org.",
        "canary-7f3a+news@example.org",
        "ODEGARD, Kanaria",
        "call 0999 / 19 99-70 31 now",
        "id canary 7f3a_1999",
        "key 7F3ACAFE-0000-4000-8000-7F3A7F3A7F3A",
        "KANARIESTRAEDE 7\n1999 Canary City",
        "see Canary_7f3a_deed.PDF",
    ),
    "broken and quoted lines": (
        "Kanaria\n> Ødegård",
        "Kana-\nria Ødegård",
        "canary-7f3a@\n> example.org",
    ),
    "names in parts": ("given=Kanaria; family=Ødegård",),
    "HTML": (
        "canary-7f3a&#64;example&period;org",
        '<img alt="canary-7f3a&#64;example.org">',
        "Kanariestræde<i>7</i>, 1999 Canary City",
        "<p>Kan<b>aria</b><br>&Oslash;deg&aring;rd</p>",
        "<b>Canary &amp; Sons</b> Holding",
    ),
    "percent escapes": ("canary-7f3a%40example%2Eorg", "canary-7f3a%u0040example.org"),
    "quoted-printable": ("canary-7f3a=40example=\n.org",),
    "base64": (base64.b64encode(b"canary-7f3a@example.org").decode(),),
    "hexadecimal": (
        "63616e6172792d37663361\n406578616d706c652e6f7267",
        f"/u/{b'canary-7f3a@example.org'.hex()}",
    ),
    "JSON escapes": ("canary-7f3a\\u0040example.org",),
    "UTF-8 read as Latin-1": ("Kanaria \u00c3\u02dcdeg\u00c3\u00a5rd",),
    "encoded words of mail headers": ("=?iso-8859-1?q?Kanar?= =?iso-8859-1?q?ia_=D8deg=E5rd?=",),
    "unsalted hashes": (
        _digest("md5", _EMAIL).hex(),
        _digest("sha1", _PHONE).hex(),
        base64.b64encode(_digest("sha256", _EXTERNAL_ID)).decode(),
    ),
}
_TEXTS: Final = tuple(text for texts in _WRITTEN.values() for text in texts)
ENCODINGS: Final = tuple(_WRITTEN)
"""What the canaries of every place are written in."""

# Too long for some columns; in files there is room.
_LONG_TEXTS: Final = (_digest("sha512", _EMAIL).hex(),)

# Between digits, as in names that programs make; noise as a sound has it.
_FILE_NAME: Final = "_Kanaria-Ødegård_"
_NOISE: Final = b"\0\1" + bytes((7 * number) % 251 for number in range(300)) + b"\0\1"

CANARIES: Final = Canaries(_TEXTS, 19997031, _KEY.value)
"""What is put into tables."""

CANARY_OBJECT: Final = "\n".join(_TEXTS).encode()
"""What is put into buckets."""

KNOWN_CANARIES: Final = (_CANARY_REF, _KNOWN)
"""The canaries' values, to be searched for along with the people's."""


def blind_columns(
    planted: Iterable[tuple[TableName, SearchedRows]], known_values: KnownValues
) -> Iterator[ColumnName]:
    """Yield the columns of tables with `CANARIES` in which one of them was not seen.

    All are searched at once: the canaries of one column are in most of the others too.
    """
    columns: list[ColumnName] = []
    texts: list[str] = []
    place_of: list[tuple[ColumnName, int]] = []
    for table, rows in planted:
        for name, values in rows.columns.items():
            columns.append(column := ColumnName(table, name))
            for row, value in enumerate(values):
                for text in _texts_of(value):
                    texts.append(text)
                    place_of.append((column, row))
    seen = Counter(name for name, _ in {place_of[number] for number in _seen(texts, known_values)})
    yield from (column for column in columns if seen[column] < len(CANARIES.texts))


def _texts_of(value: str | bytes | None) -> Iterator[str]:
    if isinstance(value, bytes):
        yield from (text for text, _ in FileReading(value).texts())
    elif value is not None:
        yield value


def _seen(texts: Sequence[str], known_values: KnownValues) -> Iterator[int]:
    for number, found in known_values.find_all(texts).items():
        if any(known_value.ref == _CANARY_REF for known_value in found):
            yield number


def blind_groups(place: Place, known_values: KnownValues) -> Iterator[str]:
    """Yield the groups of files of a place in which a canary was not seen.

    For each group, files of its format lie under `canary/` of the place for a moment, with names
    that fit its pattern, and are searched as the place's files are. They are deleted, and looked
    for once more: what is still there is a finding too. Where a folder of others may not be
    written to, or the place is a bucket, they lie in one of this process instead.
    """
    if place.bucket is not None:
        yield from unseen_apart(place, known_values)
        return
    try:
        planted = _planted_in(place, place.folder / CANARY_FOLDER)
    except OSError:
        if place.is_store:
            # Where nothing can be written nothing can be deleted either.
            yield place.name
            return
        yield from unseen_apart(place, known_values)
        return
    try:
        yield from _unseen(planted, known_values)
    finally:
        shutil.rmtree(planted.place.folder, ignore_errors=True)
    if planted.place.folder.exists():
        yield f"{place.name}/{CANARY_FOLDER}"


def unseen_apart(place: Place, known_values: KnownValues) -> Iterator[str]:
    """Yield the same with the files in a folder of this process, for a place that nobody changes."""
    with tempfile.TemporaryDirectory(prefix="lacuna-canary-") as folder:
        yield from _unseen(_planted_in(place, Path(folder) / CANARY_FOLDER), known_values)


@dataclass(frozen=True)
class _Planted:
    """Canaries in a folder of their own: the paths that have to be seen, by group."""

    place: Place
    expected: Mapping[str, Collection[str]]


def _planted_in(place: Place, folder: Path) -> _Planted:
    """Write the canaries of every group of a place; what a crash left of others goes first.

    Raises:
        OSError: the folder cannot be written.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    expected: dict[str, set[str]] = defaultdict(set)
    groups: list[tuple[str, ObjectFormat | None]] = [
        (one.pattern, one.format) for one in place.patterns if not _is_dead(one, place)
    ] or [("**", None)]
    try:
        for number, (pattern, kind) in enumerate(groups):
            group = f"{place.name}/{pattern}" if place.patterns else place.name
            for count, content in enumerate(_contents(kind)):
                path = _path_for(pattern, f"{number}{_FILE_NAME}{count}")
                expected[group].add(path)
                file = folder / path
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                file.write_bytes(content)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return _Planted(Place(place.name, folder, place.patterns), expected)


def _unseen(planted: _Planted, known_values: KnownValues) -> Iterator[str]:
    """Yield the groups, and names of groups, in which a canary was not seen."""
    seen: dict[str, set[str]] = defaultdict(set)
    for match in search_folder(planted.place, known_values):
        if any(known_value.ref == _CANARY_REF for known_value in match.known_values):
            seen[match.location].add(match.entry.path)
    for group, paths in planted.expected.items():
        if set(paths) - seen[group]:
            yield group
        if {path for path in paths if _FILE_NAME in path} - seen[f"names of {group}"]:
            yield f"names of {group}"


def _is_dead(pattern: FilePattern, place: Place) -> bool:
    """Whether every path that fits a pattern fits an earlier one: no file is in this group."""
    earlier = place.patterns[: place.patterns.index(pattern)]
    return any(fnmatchcase(pattern.pattern, one.pattern) for one in earlier)


def _path_for(pattern: str, name: str) -> str:
    """Return a path that fits a pattern, with a name where it says `*`."""
    path = re.sub(r"\[!?([^]])[^]]*\]", r"\1", re.sub(r"\*+", name, pattern, count=1))
    return path.replace("*", "x").replace("?", "x")


def _contents(kind: ObjectFormat | None) -> Iterator[bytes]:
    """Yield files of a format, each of which hides a canary somewhere else."""
    match kind:
        case ObjectFormat.BINARY:
            yield b"RIFF" + _NOISE + b"canary-7f3a@example.org" + _NOISE
            yield b"RIFF" + _NOISE + "Kanaria Ødegård".encode() + _NOISE
            yield b"RIFF" + _NOISE + "Kanaria Ødegård".encode("latin-1") + _NOISE
            yield b"RIFF" + _NOISE + "canary-7f3a@example.org".encode("utf-16-le") + _NOISE
            yield _pdf()
        case ObjectFormat.MAIL:
            yield from _mails()
        case ObjectFormat.PARQUET:
            yield from _parquet_files()
        case ObjectFormat.DETECT:
            for each in (ObjectFormat.TEXT, ObjectFormat.MAIL, ObjectFormat.BINARY):
                yield from _contents(each)
        case _:
            for text in (*_TEXTS, *_LONG_TEXTS):
                yield text.encode()
            # What does not repeat is left in the clear by some.
            clear = b"\n".join([_EMAIL.value.encode()] * 8)
            for encoding in ("utf-16", "utf-16-be", "latin-1"):
                yield "Kanaria Ødegård".encode(encoding)
            packed = gzip.compress(clear, mtime=0)
            yield packed
            yield bz2.compress(clear)
            yield lzma.compress(clear)
            yield zlib.compress(clear)
            # Packed twice: some of these leave what does not repeat in the clear.
            for codec in ("zstd", "lz4"):
                yield pa.Codec(codec).compress(packed, asbytes=True)
            yield _zipped(packed)
            yield base64.encodebytes(packed)
            yield _pdf()


def _pdf() -> bytes:
    """Return a PDF file, packed, whose page shows a canary in two pieces."""
    page = zlib.compress(b"BT /F 9 Tf 9 9 Td [(canary-7f3a@exam) 9 (ple.org)] TJ ET")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body = b"".join(b"%d 0 obj%s endobj\n" % one for one in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF\n"


def _zipped(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", content)
    return target.getvalue()


def _mails() -> Iterator[bytes]:
    for place in ("subject", "base64", "quoted-printable", "attached"):
        mail = EmailMessage()
        mail["From"], mail["To"] = "nobody@example.org", "nobody@example.com"
        mail["Subject"] = f"für {_NAME.value}" if place == "subject" else "nothing"
        # Not UTF-8: only the part's own character set says what the bytes mean.
        said = f"Здравствуйте, {_NAME.value}" if place == "base64" else _NAME.value
        if place in ("base64", "quoted-printable"):
            mail.set_content(said, cte=place, charset="utf-16" if place == "base64" else "latin-1")
        else:
            mail.set_content("nothing")
        if place == "attached":
            packed = gzip.compress(_NAME.value.encode(), mtime=0)
            mail.add_attachment(packed, maintype="application", subtype="gzip", filename="x.gz")
        yield mail.as_bytes()


def _parquet_files() -> Iterator[bytes]:
    value = _EMAIL.value
    # An entry of a dictionary page that no row holds any more.
    unused = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), ["nobody", value])
    for column in (
        pa.array(["nobody", value]),
        unused,
        pa.array([{"a": [value]}, None]),
        pa.array([[(value, 1)], None], pa.map_(pa.string(), pa.int64())),
        pa.array([gzip.compress(value.encode(), mtime=0), None]),
        pa.array([None, CANARIES.number]),
    ):
        target = io.BytesIO()
        pq.write_table(pa.table({"column": column}), target, compression="zstd")
        yield target.getvalue()
    target = io.BytesIO()
    plain = pa.table({"column": [1]}).replace_schema_metadata({"note": value})
    pq.write_table(plain, target)
    yield target.getvalue()
