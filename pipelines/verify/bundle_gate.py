"""The gate before a bundle is sealed: complete, the same in both formats, nobody else's data.

It reads the finished folder with its own means and shares no code with what wrote it:

1. the manifest names this data map, and every file is there, unchanged, and listed;
2. every table and every pattern of files of the data map was looked into, and given in full;
3. the rows of each table are as many as the verifier counted;
4. the columns are those that the data map allows, and all of them; no credential;
5. JSON and Parquet hold the same; the portability subset is part of the whole;
6. every file that a row names is there;
7. no identifier of another person is in a text, a document, a Parquet value, a mail or a file
   name. Sound and images are searched as bytes only: a voice cannot be recognized.
"""

import email
import hashlib
import json
import re
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import policy
from email.header import decode_header, make_header
from pathlib import Path
from typing import Final, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import VerificationFailed
from pipelines.model.datamap import Column, DataMap, Table
from pipelines.model.finding import Finding, Gate
from pipelines.model.identity import Identifier, IdentifierKind, SubjectRef
from pipelines.verify.search import Needle, Needles

_Json: TypeAlias = "str | int | float | bool | list[_Json] | dict[str, _Json] | None"

_MANIFEST: Final = "manifest.json"
_SUMS: Final = "SHA256SUMS"
_DESCRIBING: Final = frozenset(
    {
        _MANIFEST,
        _SUMS,
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


@dataclass(frozen=True)
class _TableRead:
    """One table of the bundle, read from both formats."""

    json: list[dict[str, _Json]] = field(repr=False)
    parquet: list[dict[str, _Json]] = field(repr=False)


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
            "bundle/file outside the manifest", len(present - {*self._listed, _MANIFEST, _SUMS})
        )
        for inside, listed in self._listed.items():
            location = self._location(inside)
            if inside not in present:
                self._add(location)
                continue
            octets = (self._folder / inside).read_bytes()
            digest = hashlib.sha256(octets).hexdigest()
            is_right = digest == listed.sha256 == sums.get(inside) and len(octets) == listed.octets
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
            subset = [{name: row.get(name) for name in portable} for row in whole.json]
            self._add(str(table.name), _different(subset, part.json))

    def _is_portable(self, column: Column) -> bool:
        basis = self._datamap.processings[column.processing].lawful_basis
        return column.in_portability and basis in _PORTABLE

    def _part(
        self, root: str, table: Table, allowed: frozenset[str], expected: int | None
    ) -> _TableRead | None:
        name = str(table.name)
        paths = {
            form: path
            for path, listed in self._listed.items()
            for form in ("json", "parquet")
            if listed.source == name and path.startswith(f"{root}/{form}/")
        }
        if not paths:
            self._add(name, (expected or 0) if allowed else 0)
            return None
        try:
            read = _TableRead(
                json=_json_rows(self._folder / paths["json"]),
                parquet=_parquet_rows(self._folder / paths["parquet"]),
            )
        except _UNREADABLE:
            self._add(name)
            return None
        self._add(name, _different(read.json, read.parquet))
        if expected is not None:
            self._add(name, abs(len(read.json) - expected))
        given = {column for row in (*read.json, *read.parquet) for column in row}
        for column in given ^ allowed if read.json else given:
            is_mapped = any(each.name == column for each in table.columns)
            self._add(f"{name}.{column}" if is_mapped else f"{name}: unmapped column")
        for mapped in table.columns:
            if mapped.object_store is not None:
                self._add(
                    f"{name}.{mapped.name}",
                    sum(
                        place not in self._listed
                        for row in read.json
                        for place in _texts(row.get(mapped.name))
                    ),
                )
        return read

    # --- 7: other people ---

    def others(self, foreign: Collection[Identifier]) -> None:
        """Look for other people's identifiers in everything there is."""
        digests = frozenset(each.sha256 for each in self._listed.values())
        search = _Search(foreign, digests | frozenset(self._sums().values()))
        for path in sorted(self._folder.rglob("*")):
            inside = path.relative_to(self._folder).as_posix()
            # In a file name, signs stand where a name has spaces.
            words = re.sub(r"[\W\d_]+", " ", inside)
            self._add("bundle/file name", search.sees([inside, words]))
            if path.is_symlink() or not path.is_file():
                continue
            listed = self._listed.get(inside)
            table = None if listed is None else self._tables.get(listed.source)
            if table is not None and path.parent.name in ("json", "parquet"):
                self._search_table(path, table, search)
            else:
                self._add(self._location(inside), search.sees(_texts_of(path)))

    def _search_table(self, path: Path, table: Table, search: "_Search") -> None:
        """Look into each value of a table's file, so that a finding names its column."""
        try:
            rows = _parquet_rows(path) if path.parent.name == "parquet" else _json_rows(path)
        except _UNREADABLE:
            self._add(str(table.name))  # what cannot be read cannot be searched
            return
        mapped = {column.name for column in table.columns}
        for name in sorted({name for row in rows for name in row}):
            location = f"{table.name}.{name}" if name in mapped else str(table.name)
            self._add(location, search.sees([name]))
            self._add(location, sum(search.sees(_texts(row.get(name))) for row in rows))


# --- reading --------------------------------------------------------------------------------------

_UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError, pa.ArrowException)


def _records(value: _Json) -> Iterator[dict[str, _Json]]:
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            yield each


def _json_rows(path: Path) -> list[dict[str, _Json]]:
    rows = json.loads(path.read_bytes())
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
        raise ValueError("not an array of objects")
    return rows


def _parquet_rows(path: Path) -> list[dict[str, _Json]]:
    """Return the rows of a Parquet file; documents are decoded where the field says so."""
    table = pq.ParquetFile(path).read()
    rows: list[dict[str, _Json]] = table.to_pylist()
    for schema_field in table.schema:
        if (schema_field.metadata or {}).get(b"encoding") == b"json":
            for row in rows:
                value = row[schema_field.name]
                row[schema_field.name] = json.loads(value) if isinstance(value, str) else value
    return rows


def _different(one: Sequence[dict[str, _Json]], other: Sequence[dict[str, _Json]]) -> int:
    """Return in how many rows two tables differ; as JSON text, for 1, 1.0 and true are equal."""
    pairs = zip(one, other, strict=False)
    return abs(len(one) - len(other)) + sum(
        json.dumps(left, sort_keys=True) != json.dumps(right, sort_keys=True)
        for left, right in pairs
    )


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
_COUNT_CELL: Final = re.compile(r"<td>-?\d+</td>")


def _texts_of(path: Path) -> Iterator[str]:
    """Yield every reading of a file: as bytes, and decoded by what its name says it is."""
    octets = path.read_bytes()
    match path.suffix:
        case ".json":
            try:
                yield from _texts(json.loads(octets))
            except ValueError:
                yield octets.decode("utf-8", "replace")
        case ".html":
            # A cell that is a whole number is an id or a count; as text it is in a table's file.
            yield _COUNT_CELL.sub("<td></td>", octets.decode("utf-8", "replace"))
        case ".eml":
            yield octets.decode("utf-8", "replace")
            yield from _mail_texts(octets)
        case _:
            yield from _runs_in(octets)


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
            yield from _runs_in(payload)


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
    r"\b\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?\b"
    r"|\bmail/\d+/\d+\.eml\b"
)
_DIGEST: Final = re.compile(r"\b[0-9a-f]{64}\b")


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
        return any(needle.ref == _OTHERS for text in texts for needle in self._find(text))

    def _find(self, text: str) -> frozenset[Needle]:
        text = _MEANT_OTHERWISE.sub(" ", text)
        text = _DIGEST.sub(self._without_known, text)
        return self._needles.find(text)

    def _without_known(self, digest: re.Match[str]) -> str:
        return " " if digest.group() in self._digests else digest.group()
