"""The gate before a bundle is sealed: complete, the same in both formats, nobody else's data.

It reads the finished folder with its own means and shares no code with what wrote it:

1. the manifest names this data map, and every file is there, unchanged, and listed;
2. every table and every pattern of files of the data map was looked into, and given in full;
3. the rows of each table are as many as the verifier counted;
4. the columns are those that the data map allows, and all of them; no credential;
5. JSON and Parquet hold the same; the portability subset is part of the whole: those rows that the
   verifier's own query finds that the person provided, and no file or letter of any other;
   what it lacks is named, row for row and column for column;
6. every file that a row names is there;
7. no column but free text that the person has read holds a value of staff, whom the bundle gives other names, or a known
   value of another person: an order number, an address;
8. no identifier of another person is in a text, a document, a Parquet value, a mail or a file
   name. Sound and images are searched as bytes only, the samples of a WAV file not at all: a
   voice cannot be recognized.
"""

import hashlib
import json
import re
import stat
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Final

from lacuna.model.datamap import DataMap
from lacuna.model.finding import Finding, Gate
from lacuna.model.identity import Identifier
from lacuna.model.location import RowKey
from lacuna.model.table import Column, Table
from lacuna.verify.bundle_contents import (
    SMALL,
    UNREADABLE,
    BundleJson,
    json_rows,
    parquet_rows,
    paths_inside,
    records,
    texts_in,
    texts_of,
)
from lacuna.verify.bundle_rows import as_text, beyond, matched
from lacuna.verify.bundle_search import OthersSearch, Pile

_MANIFEST: Final = "manifest.json"
_SUMS: Final = "SHA256SUMS"
_SIGNATURE: Final = "manifest.sig"
_DESCRIBING: Final = frozenset(
    {
        _MANIFEST,
        _SUMS,
        _SIGNATURE,
        "README.html",
        "information.json",
        "information.html",
        "data_dictionary.json",
        "history/requests.json",
        "history/consents.json",
    }
)
_PAGE: Final = re.compile(
    r"pages/(?:conversations-(?:[0-9]{4}-[0-9]{2}|undated)(?:-[0-9]+)?|table-[0-9]+|search|transfer"
    r"|choices|files)\.html"
)
_PORTABLE: Final = ("6(1)(a)", "6(1)(b)")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SECRET: Final = re.compile(
    r"system\.authentication|user\.authorization\.(credentials|password)(\..*)?"
)


@dataclass(frozen=True)
class CountedRows:
    """The person's rows as the verifier finds them, by other means than the bundle's.

    Attributes:
        rows: how many there are, by table (`schema.table`). A table that is missing here could not
            be checked, which is a finding.
        provided: the keys of those that the person provided, for each table of which the portability
            subset leaves out rows.
    """

    rows: Mapping[str, int]
    provided: Mapping[str, Collection[RowKey]] = field(repr=False, default_factory=dict)


def check_bundle(
    folder: Path,
    datamap: DataMap,
    foreign: Collection[Identifier],
    counts: CountedRows,
    of_columns: Collection[Identifier] = (),
) -> tuple[Finding, ...]:
    """Return the findings about a finished bundle; none if it may be sealed.

    Args:
        folder: the plain bundle, before it is sealed.
        datamap: the map that the bundle was made by.
        foreign: identifiers of every other person whose data must not be in it. What the
            person holds too (a household phone) is for the caller to leave out.
        of_columns: what identifies the tenant's staff, and the known values of other people, but
            for what the person holds too. In free text they stay: the person has read it.

    Raises:
        VerificationFailed: the search did not see a value planted for it.
    """
    check = _BundleCheck(folder, datamap, counts)
    if check.read_manifest():
        check.files()
        check.sources()
        for table in datamap.tables.values():
            check.table(table)
        check.left_out()
        check.portable_files()
        check.others(foreign, of_columns)
    return check.findings()


@dataclass(frozen=True)
class _ManifestFile:
    """A file as the manifest lists it."""

    path: str
    source: str
    byte_count: int
    sha256: str


class _BundleCheck:
    """One bundle under examination; findings add up by place."""

    def __init__(self, folder: Path, datamap: DataMap, counts: CountedRows) -> None:
        self._folder = folder
        self._datamap = datamap
        self._counts = counts
        self._tables = {str(name): table for name, table in datamap.tables.items()}
        self._found: Counter[str] = Counter()
        self._manifest: dict[str, BundleJson] = {}
        self._listed: dict[str, _ManifestFile] = {}
        # Places of files that rows of the portability subset name.
        self._passed_on: set[str] = set()

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
                _ManifestFile(
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
                byte_count = file.tell()
            is_right = (
                digest == listed.sha256 == sums.get(inside) and byte_count == listed.byte_count
            )
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
        if path in _DESCRIBING or _PAGE.fullmatch(path):
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

    def sources(self) -> None:
        """Require that everything was looked into, in full, and agrees with the count."""
        checked: dict[str, BundleJson] = {}
        for each in records(self._manifest.get("sources_checked")):
            checked[str(each.get("source"))] = each.get("rows")
        for source in self._sources() - checked.keys():
            self._add(source)
        for each in records(self._manifest.get("incomplete_sources")):
            source = str(each.get("source"))
            is_known = source in self._sources() or source in self._datamap.stores
            self._add(source if is_known else "bundle/incomplete source")
        counts = self._counts.rows
        for name in self._tables:
            self._add(name, name not in counts or checked.get(name, 0) != counts[name])

    # --- 3, 4, 5, 6: the tables ---

    def table(self, table: Table) -> None:
        """Check one table in both formats, as a whole and as the portability subset."""
        expected = self._counts.rows.get(str(table.name))
        provided = self._provided(table)
        allowed, portable = self._columns(table)
        whole = self._part("access", table, allowed if self._has_access else frozenset(), expected)
        part = self._part(
            "portability",
            table,
            portable if self._has_portability else frozenset(),
            expected if provided is None else len(provided),
        )
        if part is None:
            return
        if provided is not None:
            self._add(str(table.name), self._not_provided(table, part, whole, provided))
        elif whole is not None:
            self._add(str(table.name), beyond(part, whole, portable))

    def _columns(self, table: Table) -> tuple[frozenset[str], frozenset[str]]:
        """Return the columns that may be in the copy, and those of them in the portability subset."""
        allowed = frozenset(
            column.name
            for column in table.columns
            if column.in_access and not _SECRET.fullmatch(column.category)
        )
        return allowed, frozenset(
            column.name
            for column in table.columns
            if column.name in allowed and self._is_portable(column)
        )

    def _provided(self, table: Table) -> Collection[RowKey] | None:
        """Return the rows that the person provided, of a table that leaves out others."""
        if not self._datamap.leaves_out_rows(table):
            return None
        return self._counts.provided.get(str(table.name), ())

    def _not_provided(
        self, table: Table, part: Path, whole: Path | None, provided: Collection[RowKey]
    ) -> int:
        """Return how many rows of a portability subset the person did not provide, or are none."""
        codes = () if table.portable is None else table.portable.where
        keys = frozenset(provided)
        strange = 0
        pairs = (
            matched(part, whole) if whole is not None else ((row, row) for row in json_rows(part))
        )
        for _, row in pairs:
            if row is None:
                strange += 1
                continue
            key = tuple(row.get(name) for name in table.key)
            # A time is text of another form; how many rows there are tells then.
            is_told = all(isinstance(each, int) or _is_uuid(each) for each in key)
            strange += (is_told and tuple(map(str, key)) not in keys) or any(
                name in row and _code(row[name]) not in values for name, values in codes
            )
        return strange

    def left_out(self) -> None:
        """Require that all that the portability subset lacks is named, and nothing else."""
        rows: Counter[str] = Counter()
        columns: dict[str, set[str]] = {}
        for each in records(self._manifest.get("left_out_of_portability")):
            name, count, named = str(each.get("source")), each.get("rows"), each.get("columns")
            if name not in self._tables or not isinstance(count, int) or not each.get("reason"):
                self._add(f"bundle/{_MANIFEST}")
            elif isinstance(named, list) and named:
                columns.setdefault(name, set()).update(map(str, named))
            else:
                rows[name] += count
        for name, table in self._tables.items():
            allowed, portable = self._columns(table)
            count = self._counts.rows.get(name, 0) if self._has_portability and allowed else 0
            provided = self._provided(table)
            kept = count if provided is None else len(provided)
            kept = kept if portable and count else 0
            self._add(name, abs(rows[name] - (count - kept)))
            missing = (allowed - portable if kept else frozenset()) ^ columns.get(name, set())
            self._add(name, len(missing))

    def portable_files(self) -> None:
        """Require that files and letters to pass on are those of rows of the portability subset."""
        by_rule = {
            f"{store.name}/{pattern.pattern}"
            for store in self._datamap.stores.values()
            for pattern in store.files
            if pattern.named
        }
        letters: Counter[str] = Counter()
        keys = {name: {key[-1] for key in rows} for name, rows in self._counts.provided.items()}
        for path, listed in self._listed.items():
            if not path.startswith(("portability/mail/", "portability/media/")):
                continue
            table = self._tables.get(listed.source)
            provided = None if table is None else self._provided(table)
            if table is None:
                is_theirs = path in self._passed_on or listed.source in by_rule
                self._add(self._location(path), not is_theirs)
            elif provided is not None:
                letters[listed.source] += 1
                key = Path(path).stem
                is_key = key.isdecimal() or _is_uuid(key)
                self._add(listed.source, is_key and key not in keys.get(listed.source, ()))
        for source, count in letters.items():
            self._add(source, max(0, count - len(self._counts.provided.get(source, ()))))

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
            for one, other in zip_longest(json_rows(paths["json"]), parquet_rows(paths["parquet"])):
                unlike += one is None or other is None or as_text(one) != as_text(other)
                given |= (one or {}).keys() | (other or {}).keys()
                rows += one is not None
                unplaced += self._unplaced(table, one or {})
                if root == "portability":
                    self._passed_on |= {place for _, place in _places(table, one or {})}
        except UNREADABLE:
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

    def _unplaced(self, table: Table, row: dict[str, BundleJson]) -> Counter[str]:
        """Return by column how many files a row names that the bundle has not."""
        return Counter(name for name, place in _places(table, row) if place not in self._listed)

    # --- 7, 8: other people ---

    def others(self, foreign: Collection[Identifier], of_columns: Collection[Identifier]) -> None:
        """Look for other people's identifiers in everything there is, for the rest in columns."""
        digests = frozenset(each.sha256 for each in self._listed.values())
        digests |= frozenset(self._sums().values())
        search = OthersSearch(foreign, digests)
        pile, in_columns = Pile(search), Pile(OthersSearch(of_columns, digests))
        for inside in paths_inside(self._folder):
            path = self._folder / inside
            # In a file name, other characters stand where a name has spaces.
            words = re.sub(r"[\W\d_]+", " ", inside)
            pile.add("bundle/file name", [inside, words])
            if path.is_symlink() or not path.is_file():
                continue
            listed = self._listed.get(inside)
            table = None if listed is None else self._tables.get(listed.source)
            if table is not None and path.parent.name in ("json", "parquet"):
                self._search_table(path, table, pile, in_columns)
            elif path.stat().st_size <= SMALL:
                pile.add(self._location(inside), list(texts_of(path)))
            else:
                self._add(self._location(inside), search.sees(texts_of(path)))
        for location, count in (pile.found() + in_columns.found()).items():
            self._add(location, count)

    def _search_table(self, path: Path, table: Table, pile: Pile, in_columns: Pile) -> None:
        """Look into each value of a table's file, so that a finding names its column."""
        mapped = {column.name for column in table.columns}
        # What agents noted for one another the person has not read, nor provided (Art. 20).
        free = {
            column.name
            for column in table.columns
            if column.is_text and (column.in_portability or self._datamap.whole is not None)
        }
        read = parquet_rows if path.parent.name == "parquet" else json_rows
        seen: set[str] = set()
        try:
            for row in read(path):
                for name, value in row.items():
                    location = f"{table.name}.{name}" if name in mapped else str(table.name)
                    if name not in seen:
                        pile.add(location, [name])
                        seen.add(name)
                    if texts := [*texts_in(value)]:
                        pile.add(location, texts)
                        if name not in free:
                            in_columns.add(location, texts)
        except UNREADABLE:
            self._add(str(table.name))  # what cannot be read cannot be searched


def _places(table: Table, row: dict[str, BundleJson]) -> Iterator[tuple[str, str]]:
    """Yield the places of files that a row names, each with the column."""
    for column in table.columns:
        if column.object_store is not None:
            for place in texts_in(row.get(column.name)):
                yield column.name, place


def _is_uuid(value: BundleJson) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def _code(value: BundleJson) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
