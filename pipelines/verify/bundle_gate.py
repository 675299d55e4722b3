"""The gate before a bundle is sealed: complete, the same in both formats, nobody else's data.

It reads the finished folder with its own means and shares no code with what wrote it:

1. the manifest names this data map, and every file is there, unchanged, and listed;
2. every table and every pattern of files of the data map was looked into, and given in full;
3. the rows of each table are as many as the verifier counted;
4. the columns are those that the data map allows, and all of them; no credential;
5. JSON and Parquet hold the same; the portability subset is part of the whole;
6. every file that a row names is there;
7. no identifier of another person is in a text, a document, a Parquet value, a mail or a file
   name. Sound and images are searched as bytes only, the samples of a WAV file not at all: a
   voice cannot be recognized.
"""

import email
import hashlib
import json
import os
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import policy
from email.header import decode_header, make_header
from itertools import islice, zip_longest
from pathlib import Path
from typing import BinaryIO, Final, TextIO, TypeAlias, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import VerificationFailed
from pipelines.model.datamap import Column, DataMap, Table
from pipelines.model.finding import Finding, Gate
from pipelines.model.identity import Identifier, IdentifierKind, SubjectRef
from pipelines.verify.search import Needle, Needles

_Row = TypeVar("_Row")
_Json: TypeAlias = "str | int | float | bool | list[_Json] | dict[str, _Json] | None"

_MANIFEST: Final = "manifest.json"
_SUMS: Final = "SHA256SUMS"
_SIGNATURE: Final = "manifest.sig"
_DESCRIBING: Final = frozenset(
    {
        _MANIFEST,
        _SUMS,
        _SIGNATURE,
        "README.html",
        "notice.json",
        "notice.html",
        "data_dictionary.json",
        "history/requests.json",
        "history/consents.json",
    }
)
_PORTABLE: Final = ("6(1)(a)", "6(1)(b)")
_SECRET: Final = re.compile(
    r"system\.authentication|user\.authorization\.(credentials|password)(\..*)?"
)


def check_bundle(
    folder: Path,
    datamap: DataMap,
    foreign: Collection[Identifier],
    counts: Mapping[str, int],
) -> tuple[Finding, ...]:
    """Return what is wrong with a finished bundle; nothing at all if it may be sealed.

    Args:
        folder: the plain bundle, before it is sealed.
        datamap: the map that the bundle was made by.
        foreign: identifiers of every other person whose data must not be in it. What the
            person holds too (a household phone) is for the caller to leave out.
        counts: the person's rows by table (`schema.table`), counted by other means than the
            bundle's. A table that is missing here could not be checked, which is a finding.

    Raises:
        VerificationFailed: the search did not see a value planted for it.
    """
    check = _Check(folder, datamap)
    if check.read_manifest():
        check.files()
        check.sources(counts)
        for table in datamap.tables.values():
            check.table(table, counts.get(str(table.name)))
        check.others(foreign)
    return check.findings()


@dataclass(frozen=True)
class _Listed:
    """A file as the manifest lists it."""

    path: str
    source: str
    octets: int
    sha256: str


class _Check:
    """One bundle under examination; findings add up by location."""

    def __init__(self, folder: Path, datamap: DataMap) -> None:
        self._folder = folder
        self._datamap = datamap
        self._tables = {str(name): table for name, table in datamap.tables.items()}
        self._found: Counter[str] = Counter()
        self._manifest: dict[str, _Json] = {}
        self._listed: dict[str, _Listed] = {}

    def findings(self) -> tuple[Finding, ...]:
        return tuple(
            Finding(Gate.BUNDLE, location, count) for location, count in sorted(self._found.items())
        )

    def _add(self, location: str, count: int = 1) -> None:
        if count:
            self._found[location] += count

    # --- 1: the files ---

    def read_manifest(self) -> bool:
        """Read the manifest; return whether it can be used."""
        try:
            manifest = json.loads((self._folder / _MANIFEST).read_bytes())
            files = [
                _Listed(
                    str(each["path"]), str(each["source"]), int(each["bytes"]), str(each["sha256"])
                )
                for each in manifest["files"]
            ]
            kinds = {str(kind) for kind in manifest["kinds"]}
            del manifest["files"]  # of a large bundle, most of it
        except (OSError, ValueError, KeyError, TypeError):
            self._add(f"bundle/{_MANIFEST}")
            return False
        self._manifest = manifest
        self._listed = {each.path: each for each in files}
        self._has_access = "access" in kinds
        self._has_portability = "portability" in kinds
        self._add(f"bundle/{_MANIFEST}", len(files) - len(self._listed))
        self._add(f"bundle/{_MANIFEST}", manifest.get("datamap_digest") != self._datamap.digest)
        self._add(f"bundle/{_MANIFEST}", not (self._has_access or self._has_portability))
        return True

    def files(self) -> None:
        """Compare what is in the folder with the manifest and with SHA256SUMS."""
        present = set()
        for path in self._folder.rglob("*"):
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                present.add(path.relative_to(self._folder).as_posix())
            elif not stat.S_ISDIR(mode):
                self._add("bundle/file outside the manifest")
        sums = self._sums()
        self._add(f"bundle/{_SUMS}", len(sums.keys() ^ {*self._listed, _MANIFEST, ""}))
        self._add(
            "bundle/file outside the manifest",
            len(present - {*self._listed, _MANIFEST, _SUMS, _SIGNATURE}),
        )
        for inside, listed in self._listed.items():
            location = self._location(inside)
            if inside not in present:
                self._add(location)
                continue
            with (self._folder / inside).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                octets = file.tell()
            is_right = digest == listed.sha256 == sums.get(inside) and octets == listed.octets
            self._add(location, not is_right)
        manifest_digest = hashlib.sha256((self._folder / _MANIFEST).read_bytes()).hexdigest()
        self._add(f"bundle/{_MANIFEST}", sums.get(_MANIFEST) != manifest_digest)

    def _sums(self) -> dict[str, str]:
        try:
            lines = (self._folder / _SUMS).read_bytes().decode("utf-8").split("\n")
        except (OSError, ValueError):
            return {}
        # The last line ends too: what is behind it is empty.
        return {path: digest for digest, _, path in (line.partition("  ") for line in lines)}

    def _location(self, path: str) -> str:
        """Return where a finding is: never a path that somebody could have put a name into."""
        if path in _DESCRIBING:
            return f"bundle/{path}"
        listed = self._listed.get(path)
        if listed is not None and listed.source in self._sources():
            return listed.source
        return "bundle/other file"

    # --- 2, 3: the sources ---

    def _sources(self) -> frozenset[str]:
        return frozenset(
            {
                *map(str, self._datamap.tables),
                *(
                    f"{store.name}/{pattern.pattern}"
                    for store in self._datamap.stores.values()
                    for pattern in store.files
                ),
            }
        )

    def sources(self, counts: Mapping[str, int]) -> None:
        """Require that everything was looked into, in full, and agrees with the count."""
        checked: dict[str, _Json] = {}
        for each in _records(self._manifest.get("sources_checked")):
            checked[str(each.get("source"))] = each.get("rows")
        for source in self._sources() - checked.keys():
            self._add(source)
        for each in _records(self._manifest.get("incomplete_sources")):
            source = str(each.get("source"))
            is_known = source in self._sources() or source in self._datamap.stores
            self._add(source if is_known else "bundle/incomplete source")
        for name in self._tables:
            self._add(name, name not in counts or checked.get(name, 0) != counts[name])

    # --- 3, 4, 5, 6: the tables ---

    def table(self, table: Table, expected: int | None) -> None:
        """Check one table in both formats, as a whole and as the portability subset."""
        allowed = frozenset(
            column.name
            for column in table.columns
            if column.in_access and not _SECRET.fullmatch(column.category)
        )
        portable = frozenset(
            column.name
            for column in table.columns
            if column.name in allowed and self._is_portable(column)
        )
        whole = self._part("access", table, allowed if self._has_access else frozenset(), expected)
        part = self._part(
            "portability", table, portable if self._has_portability else frozenset(), expected
        )
        if whole is not None and part is not None:
            self._add(str(table.name), _beyond(part, whole, portable))

    def _is_portable(self, column: Column) -> bool:
        basis = self._datamap.processings[column.processing].lawful_basis
        return column.in_portability and basis in _PORTABLE

    def _part(
        self, root: str, table: Table, allowed: frozenset[str], expected: int | None
    ) -> Path | None:
        """Check one part of a table in both formats; return its JSON file if it can be read."""
        name = str(table.name)
        paths = {
            form: self._folder / path
            for path, listed in self._listed.items()
            for form in ("json", "parquet")
            if listed.source == name and path.startswith(f"{root}/{form}/")
        }
        if not paths:
            self._add(name, (expected or 0) if allowed else 0)
            return None
        rows, given, unlike, unplaced = 0, set[str](), 0, Counter[str]()
        try:
            for one, other in zip_longest(
                _json_rows(paths["json"]), _parquet_rows(paths["parquet"])
            ):
                unlike += one is None or other is None or _as_text(one) != _as_text(other)
                given |= (one or {}).keys() | (other or {}).keys()
                rows += one is not None
                unplaced += self._unplaced(table, one or {})
        except _UNREADABLE:
            self._add(name)
            return None
        self._add(name, unlike)
        if expected is not None:
            self._add(name, abs(rows - expected))
        for column in given ^ allowed if rows else given:
            is_mapped = any(each.name == column for each in table.columns)
            self._add(f"{name}.{column}" if is_mapped else f"{name}: unmapped column")
        for column, count in unplaced.items():
            self._add(f"{name}.{column}", count)
        return paths["json"]

    def _unplaced(self, table: Table, row: dict[str, _Json]) -> Counter[str]:
        """Return by column how many files a row names that the bundle has not."""
        return Counter(
            mapped.name
            for mapped in table.columns
            if mapped.object_store is not None
            for place in _texts(row.get(mapped.name))
            if place not in self._listed
        )

    # --- 7: other people ---

    def others(self, foreign: Collection[Identifier]) -> None:
        """Look for other people's identifiers in everything there is."""
        digests = frozenset(each.sha256 for each in self._listed.values())
        search = _Search(foreign, digests | frozenset(self._sums().values()))
        pile = _Pile(search)
        for inside in _inside(self._folder):
            path = self._folder / inside
            # In a file name, signs stand where a name has spaces.
            words = re.sub(r"[\W\d_]+", " ", inside)
            pile.add("bundle/file name", [inside, words])
            if path.is_symlink() or not path.is_file():
                continue
            listed = self._listed.get(inside)
            table = None if listed is None else self._tables.get(listed.source)
            if table is not None and path.parent.name in ("json", "parquet"):
                self._search_table(path, table, search)
            elif path.stat().st_size <= _SMALL:
                pile.add(self._location(inside), list(_texts_of(path)))
            else:
                self._add(self._location(inside), search.sees(_texts_of(path)))
        for location, count in pile.found().items():
            self._add(location, count)

    def _search_table(self, path: Path, table: Table, search: "_Search") -> None:
        """Look into each value of a table's file, so that a finding names its column."""
        mapped = {column.name for column in table.columns}
        read = _parquet_rows if path.parent.name == "parquet" else _json_rows
        seen: set[str] = set()
        try:
            for rows in _batches(read(path)):
                for name in sorted({name for row in rows for name in row}):
                    location = f"{table.name}.{name}" if name in mapped else str(table.name)
                    if name not in seen:
                        self._add(location, search.sees([name]))
                        seen.add(name)
                    self._add(location, search.count([[*_texts(row.get(name))] for row in rows]))
        except _UNREADABLE:
            self._add(str(table.name))  # what cannot be read cannot be searched


# --- reading --------------------------------------------------------------------------------------

_ROWS_AT_ONCE: Final = 500
_SIGNS_AT_ONCE: Final = 2**17
_SMALL: Final = 2**16  # files of at most so many bytes are searched together
_LARGE: Final = 2**20  # a larger JSON document is not decoded as a whole
_PIECE: Final = 2**18  # signs of a JSON file that are read at once
_WINDOW: Final = 2**22  # bytes of any other file
_OVERLAP: Final = 2**12  # of two windows: what stands across their border is in the next
_UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError, pa.ArrowException)


def _records(value: _Json) -> Iterator[dict[str, _Json]]:
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            yield each


def _json_rows(path: Path) -> Iterator[dict[str, _Json]]:
    """Yield the rows of a JSON file, an array of objects, a piece of it at a time."""
    decoder = json.JSONDecoder()
    with path.open(encoding="utf-8") as file:
        text = _after_space(file, "")
        if text[:1] != "[":
            raise ValueError("not an array")
        text = _after_space(file, text[1:])
        while text[:1] != "]":
            row, text = _next_value(decoder, file, text)
            if not isinstance(row, dict):
                raise ValueError("not an object")
            yield row
            text = _after_space(file, text)
            if text[:1] not in (",", "]"):
                raise ValueError("neither another object nor the end")
            if text[0] == ",":
                text = _after_space(file, text[1:])
                if text[:1] == "]":
                    raise ValueError("a comma before the end")
        if _after_space(file, text[1:]):
            raise ValueError("more behind the end")


def _after_space(file: TextIO, text: str) -> str:
    """Return what follows white space; empty at the end of the file."""
    text = text.lstrip(" \t\r\n")
    while not text and (more := file.read(_PIECE)):
        text = more.lstrip(" \t\r\n")
    return text


def _next_value(decoder: json.JSONDecoder, file: TextIO, text: str) -> tuple[_Json, str]:
    """Return the value that a text begins with, and what follows it."""
    piece = _PIECE
    while True:
        try:
            value, end = decoder.raw_decode(text)
            return value, text[end:]
        except ValueError:
            more = file.read(piece)
            if not more:
                raise
            text += more
            piece = len(text)  # a long value is not begun again too often


def _parquet_rows(path: Path) -> Iterator[dict[str, _Json]]:
    """Yield the rows of a Parquet file; documents are decoded where the field says so."""
    with pq.ParquetFile(path) as file:
        encoded = {
            field.name
            for field in file.schema_arrow
            if (field.metadata or {}).get(b"encoding") == b"json"
        }
        for batch in file.iter_batches(_ROWS_AT_ONCE):
            row: dict[str, _Json]
            for row in batch.to_pylist():
                for name in encoded:
                    value = row[name]
                    row[name] = json.loads(value) if isinstance(value, str) else value
                yield row


def _inside(folder: Path, above: str = "") -> Iterator[str]:
    """Yield the path of everything in a folder, folders too, one folder after the other."""
    with os.scandir(folder / above) as entries:
        found = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    for name, is_folder in found:
        yield f"{above}{name}"
        if is_folder:
            yield from _inside(folder, f"{above}{name}/")


def _batches(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        yield batch


def _beyond(part: Path, whole: Path, portable: frozenset[str]) -> int:
    """Return in how many rows a portability subset is not that part of the whole."""
    return sum(
        one is None
        or other is None
        or _as_text(one) != _as_text({name: other.get(name) for name in portable})
        for one, other in zip_longest(_json_rows(part), _json_rows(whole))
    )


def _as_text(row: dict[str, _Json]) -> str:
    """Return a row as JSON text, for 1, 1.0 and true are equal as values."""
    return json.dumps(row, sort_keys=True)


def _texts(value: _Json) -> Iterator[str]:
    """Yield every text in a value, names of documents included."""
    match value:
        case str():
            yield value
        case list():
            for each in value:
                yield from _texts(each)
        case dict():
            for name, each in value.items():
                yield name
                yield from _texts(each)
        case _:  # numbers are ids, counts and times of the person's own rows
            return


# Runs of text inside bytes, in the encodings that tags of sound and images are written in.
_RUNS: Final = (
    (rb"(?:[\t\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}){5,}", "utf-8"),
    (rb"(?:[A-Za-z ,.'-]{1,30}[\xc0-\xff]){1,5}[A-Za-z ,.'-]{1,30}", "latin-1"),
    (rb"(?:[\t\x20-\x7e\xa0-\xff]\x00){5,}", "utf-16-le"),
    (rb"(?:\x00[\t\x20-\x7e\xa0-\xff]){5,}", "utf-16-be"),
)
# In an indented document: a count, a size, an id. A text never holds a line break as it is.
_NUMBER_LINE: Final = re.compile(r'^\s*(?:"[^"\n]*": )?-?\d+(?:\.\d+)?,?$', re.MULTILINE)
_COUNT_CELL: Final = re.compile(r"<td>-?\d+</td>")


def _texts_of(path: Path) -> Iterator[str]:
    """Yield every reading of a file: as bytes, and decoded by what its name says it is."""
    match path.suffix:
        case ".json" if path.stat().st_size > _LARGE:
            yield from _text_windows(path)
        case ".json":
            octets = path.read_bytes()
            try:
                yield from _texts(json.loads(octets))
            except ValueError:
                yield octets.decode("utf-8", "replace")
        case ".html":
            # A cell that is a whole number is an id or a count; as text it is in a table's file.
            text = _COUNT_CELL.sub("<td></td>", path.read_text("utf-8", "replace"))
            for start in range(0, len(text), _SIGNS_AT_ONCE):
                yield text[start : start + _SIGNS_AT_ONCE + _OVERLAP]
        case ".eml":
            octets = path.read_bytes()
            yield octets.decode("utf-8", "replace")
            yield from _mail_texts(octets)
        case ".vcf":
            # A line is cut after 75 octets, in the middle of a word too.
            yield re.sub(r"\r?\n[ \t]", "", path.read_bytes().decode("utf-8", "replace"))
        case _:
            for window in _windows(path):
                yield from _runs_in(window)


def _text_windows(path: Path) -> Iterator[str]:
    """Yield a large JSON document as text in pieces that overlap, without its bare numbers.

    Escapes in it are among the readings that the search knows.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        tail = ""
        while piece := file.read(_SIGNS_AT_ONCE):
            yield _NUMBER_LINE.sub("", tail + piece)
            tail = piece[-_OVERLAP:]


def _windows(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces that overlap; of a sound file, everything but the samples."""
    with path.open("rb") as file:
        left = _before_samples(file)
        tail = b""
        while piece := file.read(_WINDOW if left is None else min(_WINDOW, left)):
            yield tail + piece
            tail = piece[-_OVERLAP:]
            if left is not None:
                left -= len(piece)
            if left == 0:
                break


def _before_samples(file: BinaryIO) -> int | None:
    """Return how many bytes of a WAV file stand before its samples, if these are its rest.

    Samples are a voice: no text is in them, and they are nearly all of the file.
    """
    head = file.read(12)
    place, size = 12, file.seek(0, 2)
    if (
        head[:4] == b"RIFF"
        and head[8:] == b"WAVE"
        and int.from_bytes(head[4:8], "little") + 8 == size
    ):
        while place + 8 <= size:
            file.seek(place)
            name, length = file.read(4), int.from_bytes(file.read(4), "little")
            place += 8
            if name == b"data" and place + length + length % 2 == size:
                file.seek(0)
                return place
            place += length + length % 2
    file.seek(0)
    return None


def _runs_in(octets: bytes) -> Iterator[str]:
    for pattern, encoding in _RUNS:
        runs = (run.decode(encoding, "replace") for run in re.findall(pattern, octets))
        # A line break keeps what was apart from becoming one word.
        yield "\n".join(runs)


def _mail_texts(octets: bytes) -> Iterator[str]:
    """Yield the headers and the parts of a message, decoded as far as they can be."""
    message = email.message_from_bytes(octets, policy=policy.compat32)
    for part in message.walk():
        for _, value in part.items():
            try:
                yield str(make_header(decode_header(str(value))))
            except (ValueError, LookupError):
                yield str(value)
        yield part.get_filename("")
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            yield payload.decode("utf-8", "replace")
            if part.get_content_charset() != "utf-8":
                yield from _runs_in(payload)


def _portions(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts a few at a time, as many as one search takes at once."""
    portion: list[str] = []
    signs = 0
    for text in texts:
        portion.append(text)
        signs += len(text)
        if signs >= _SIGNS_AT_ONCE:
            yield portion
            portion, signs = [], 0
    if portion:
        yield portion


# --- searching ------------------------------------------------------------------------------------

_OTHERS: Final = SubjectRef("others")
_PLANTED: Final = SubjectRef("planted")
_CANARIES: Final = (
    (Identifier(IdentifierKind.EMAIL, "canary-5d1f@example.org"), "To: <CANARY-5D1F@EXAMPLE.ORG>,"),
    (Identifier(IdentifierKind.PHONE, "+4500005151"), "call 0045 00 00 51-51 now"),
    (Identifier(IdentifierKind.NAME, "Kánarie Fågel"), "from KÁNARIE\n  FÅGEL&#39;s desk"),
)
# What a long number can be taken for by accident, and is not: dates, times, places of mails.
_MEANT_OTHERWISE: Final = re.compile(
    r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?\b"
    r"|\b(?:mail/\d+|transcripts)/\d+\.(?:eml|vtt)\b"
)
_DIGEST: Final = re.compile(r"\b[0-9a-f]{64}\b")


class _Pile:
    """Small files and their names, searched together: one search of much is fast."""

    def __init__(self, search: "_Search") -> None:
        self._search = search
        self._waiting: dict[str, list[list[str]]] = defaultdict(list)
        self._signs = 0
        self._found: Counter[str] = Counter()

    def add(self, location: str, texts: list[str]) -> None:
        """Add the texts of one file, or of its name."""
        self._waiting[location].append(texts)
        self._signs += sum(map(len, texts))
        if self._signs >= _SIGNS_AT_ONCE:
            self._look()

    def found(self) -> Counter[str]:
        """Return by location how many files hold an identifier of somebody else."""
        self._look()
        return self._found

    def _look(self) -> None:
        for location, values in self._waiting.items():
            self._found[location] += self._search.count(values)
        self._waiting.clear()
        self._signs = 0


class _Search:
    """Looks for identifiers of other people, and first for values planted to be seen."""

    def __init__(self, foreign: Collection[Identifier], digests: frozenset[str]) -> None:
        """Look for `foreign`; `digests` are known digests, in whose digits there is nothing.

        Raises:
            VerificationFailed: a planted value was not seen.
        """
        planted = [identifier for identifier, _ in _CANARIES]
        self._needles = Needles([(_OTHERS, foreign), (_PLANTED, planted)])
        self._digests = digests
        for identifier, text in _CANARIES:
            if Needle(_PLANTED, identifier) not in self._find(text):
                raise VerificationFailed(
                    "bundle: the search did not see a value planted for it, so it proves nothing; "
                    "the bundle stays unsealed"
                )

    def sees(self, texts: Iterable[str]) -> bool:
        """Return whether any of the texts holds an identifier of somebody else."""
        return any(self.count([portion]) for portion in _portions(texts))

    def count(self, values: Sequence[Sequence[str]]) -> int:
        """Return how many values, of several texts each, hold an identifier of somebody else."""
        texts = dict.fromkeys(self._plain(text) for value in values for text in value)
        found = self._needles.find_all(list(texts))
        hit = {
            text
            for number, text in enumerate(texts)
            if any(needle.ref == _OTHERS for needle in found.get(number, ()))
        }
        return (
            sum(any(self._plain(text) in hit for text in value) for value in values) if hit else 0
        )

    def _find(self, text: str) -> frozenset[Needle]:
        return self._needles.find(self._plain(text))

    def _plain(self, text: str) -> str:
        """Return a text without the numbers that nobody can be known by."""
        return _DIGEST.sub(self._without_known, _MEANT_OTHERWISE.sub(" ", text))

    def _without_known(self, digest: re.Match[str]) -> str:
        return " " if digest.group() in self._digests else digest.group()
