"""Lists the files that no row names, by pattern and count, and keeps the list for an approval.

A list is one file, `LACUNA_HOME/unnamed/list`: what it is about, a digest for each file over its store,
path and state, and how many there are. No name is in it. What is approved is its own digest.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Final

from lacuna.errors import DependencyUnreachable, PlanRefused
from lacuna.flows.run.opening import open_datamap
from lacuna.model.datamap import DataMap, FilePattern, ObjectFormat
from lacuna.model.location import QUARANTINE, Quarantined, pattern_location
from lacuna.model.object_source import path_sources
from lacuna.model.run import Role, RunOptions
from lacuna.ports import Listed, Objects, Stores
from lacuna.subject import pattern_of

UNNAMED_FILES: Final = "unnamed_files"
"""The rule under which a list is approved."""
LOCK: Final = "objects sweep"
"""Held by who moves them; shared by who takes names of files out of rows."""
LIST_LOCK: Final = "objects list"
"""Held by who keeps a list, or carries it out."""
_FORM: Final = "lacuna-unnamed/1"


@dataclass(frozen=True)
class Group:
    """Files of one pattern that no row names.

    Attributes:
        location: store and pattern.
        oldest, newest: days (UTC) on which the store took the first and the last of them in.
        young: how many more are too young to be listed.
        named: how many files of the pattern rows do name. None at all: is the data map right?
    """

    location: str
    files: int
    byte_count: int
    oldest: date | None
    newest: date | None
    young: int
    named: int


@dataclass(frozen=True)
class Waiting:
    """Files of one pattern in quarantine.

    Attributes:
        until: the day (UTC) from which on they are deleted.
        digest: of the list with which they were approved.
    """

    location: str
    until: date
    digest: str
    files: int
    byte_count: int


@dataclass(frozen=True)
class Unnamed:
    """What there is of files that no row names.

    Attributes:
        digest: of the list, SHA-256 hex: the same as long as nothing in it changes.
        before: files that came on this day or later are not in it.
        days: that the files will be in quarantine.
    """

    digest: str
    before: date
    days: int
    groups: tuple[Group, ...]
    waiting: tuple[Waiting, ...]

    @property
    def files(self) -> int:
        """How many are in the list."""
        return sum(group.files for group in self.groups)


@dataclass(frozen=True)
class ListProposal:
    """A list that was kept.

    Attributes:
        days: for which its files stay in quarantine.
        files: how many it has, by location.
        byte_count: of all of them.
        file_digests: the digest of each file; nothing where only the list as a whole was asked for.
    """

    digest: str
    days: int
    files: Mapping[str, int]
    byte_count: int
    file_digests: frozenset[bytes] = field(repr=False, default=frozenset())

    @property
    def meaning(self) -> str:
        """What it does, for the person who approves it."""
        return (
            f"move {sum(self.files.values())} files ({self.byte_count} bytes) that no row names "
            f"into quarantine, and delete them {self.days} days later"
        )


def list_unnamed(stores: Stores, options: RunOptions, *, is_kept: bool = False) -> Unnamed:
    """List the files that no row names, and what is in quarantine; change nothing in a store.

    Args:
        is_kept: keep the list, so that it can be approved; it takes the place of one before.

    Raises:
        ConfigurationError: a file fits no pattern.
        PlanRefused: a store holds links or devices; what they lead to was not seen.
        DependencyUnreachable: a store cannot be read, or the list not be written.
    """
    datamap = open_datamap(stores)
    today = stores.clock.now().astimezone(UTC).date()
    before = today - timedelta(days=options.unnamed_days)
    groups: dict[str, _FileCount] = {}
    digest = hashlib.sha256()
    with ExitStack() as stack:
        file = None
        if is_kept:
            stack.enter_context(stores.exclusive(LIST_LOCK))
            file = stack.enter_context(_replacing(list_path(stores.home)))
        for piece in _pieces(stores, datamap, (before, options.quarantine_days), groups):
            digest.update(piece)
            if file is not None:
                file.write(piece)
    return Unnamed(
        digest.hexdigest(),
        before,
        options.quarantine_days,
        tuple(one.group(where) for where, one in sorted(groups.items()) if one.files or one.young),
        tuple(_waiting(stores, datamap)),
    )


def list_path(home: Path) -> Path:
    """Return where a list lies that was kept."""
    return home / "unnamed" / "list"


def proposed_lists(stores: Stores) -> Iterator[tuple[str, str, str]]:
    """Yield name, meaning and digest of the list that waits to be carried out, if there is one."""
    with suppress(
        PlanRefused
    ):  # the sweep says that it is none; other rules are there all the same
        if (found := read_proposal(stores)) is not None:
            yield UNNAMED_FILES, found.meaning, found.digest


def read_proposal(stores: Stores, *, is_whole: bool = False) -> ListProposal | None:
    """Return the list that was kept; None for none.

    Args:
        is_whole: with the digest of each file.

    Raises:
        PlanRefused: it is no list.
        DependencyUnreachable: it cannot be read.
    """
    digest = hashlib.sha256()
    file_digests: set[bytes] = set()
    last = header = b""
    try:
        with list_path(stores.home).open("rb") as file:
            for line in file:
                digest.update(line)
                header = header or line
                last = line
                if is_whole and not line.startswith(b"{"):
                    file_digests.add(bytes.fromhex(line.decode()))
        said, counted = json.loads(header), json.loads(last)
        if said["form"] != _FORM:
            raise ValueError
        files = {str(where): int(count) for where, count, _ in counted["groups"]}
        byte_count = sum(int(byte_count) for _, _, byte_count in counted["groups"])
        return ListProposal(
            digest.hexdigest(), int(said["days"]), files, byte_count, frozenset(file_digests)
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DependencyUnreachable(
            f"the list of files that no row names cannot be read ({error.strerror}); check "
            "LACUNA_HOME"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise PlanRefused(
            "the list of files that no row names was changed; nothing changed. Create it again: "
            "lacuna objects list --propose"
        ) from None


def forget_proposal(stores: Stores) -> None:
    """Take the list away: it was carried out."""
    list_path(stores.home).unlink(missing_ok=True)


def file_digest(store: str, listed: Listed) -> bytes:
    """Return the digest by which a list knows a file in the state that it has."""
    said = "\0".join((store, listed.path, listed.state))
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).digest()


def of_rows(datamap: DataMap, store: str, objects: Objects) -> Iterator[tuple[FilePattern, Listed]]:
    """Yield the files of a store that a row should name, without those in quarantine.

    Raises:
        ConfigurationError: a file fits no pattern.
        PlanRefused, DependencyUnreachable: as for `Objects.listing`.
    """
    naming = {
        table.name
        for table in datamap.tables.values()
        if any(source.store == store for source in path_sources(datamap, table))
    }
    for listed in objects.listing():
        if Quarantined.parse(listed.path) is not None:
            continue
        pattern = pattern_of(datamap.stores[store], listed.path)
        # A Parquet file repeats the rows of its table; none names it.
        if pattern.table in naming and pattern.format is not ObjectFormat.PARQUET:
            yield pattern, listed


def taken_paths(
    stores: Stores, datamap: DataMap, store: str
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the paths named by rows of a store, and those that file effects will delete or rewrite."""
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        named = transaction.verifying(datamap).named_paths(store)
        return named, transaction.queue.effects.pending_paths(store)


@dataclass
class _FileCount:
    files: int = 0
    byte_count: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    young: int = 0
    named: int = 0

    def add(self, listed: Listed) -> None:
        self.files += 1
        self.byte_count += listed.byte_count
        self.oldest = min(self.oldest or listed.arrived_at, listed.arrived_at)
        self.newest = max(self.newest or listed.arrived_at, listed.arrived_at)

    def group(self, location: str) -> Group:
        return Group(
            location,
            self.files,
            self.byte_count,
            None if self.oldest is None else self.oldest.date(),
            None if self.newest is None else self.newest.date(),
            self.young,
            self.named,
        )


def _pieces(
    stores: Stores, datamap: DataMap, limits: tuple[date, int], groups: dict[str, _FileCount]
) -> Iterator[bytes]:
    """Yield a list piece by piece, and count what is in it."""
    before, days = limits
    until = datetime.combine(before, time(), UTC)
    yield _line({"form": _FORM, "before": before.isoformat(), "days": days})
    for store, objects in sorted(stores.objects_of(datamap).items()):
        named, pending = taken_paths(stores, datamap, store)
        for pattern, listed in of_rows(datamap, store, objects):
            count = groups.setdefault(pattern_location(store, pattern.pattern), _FileCount())
            if listed.path in named:
                count.named += 1
            elif listed.path in pending:
                continue
            elif listed.arrived_at >= until:
                count.young += 1
            else:
                count.add(listed)
                yield f"{file_digest(store, listed).hex()}\n".encode()
    counted = [
        [where, one.files, one.byte_count] for where, one in sorted(groups.items()) if one.files
    ]
    yield _line({"groups": counted})


def _line(document: Mapping[str, object]) -> bytes:
    return (json.dumps(document, sort_keys=True) + "\n").encode()


def _waiting(stores: Stores, datamap: DataMap) -> Iterator[Waiting]:
    files: Counter[tuple[str, date, str]] = Counter()
    byte_counts: Counter[tuple[str, date, str]] = Counter()
    for store, objects in sorted(stores.objects_of(datamap).items()):
        for where, listed in in_quarantine(objects):
            pattern = pattern_of(datamap.stores[store], where.path).pattern
            key = pattern_location(store, pattern), where.until, where.digest
            files[key] += 1
            byte_counts[key] += listed.byte_count
    for key, count in sorted(files.items()):
        yield Waiting(*key, count, byte_counts[key])


def in_quarantine(objects: Objects) -> Iterator[tuple[Quarantined, Listed]]:
    """Yield what a store has in quarantine, sorted."""
    for listed in objects.listing(QUARANTINE):
        if (where := Quarantined.parse(listed.path)) is not None:
            yield where, listed


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Rewrite a file with mode 0600, whole or not at all."""
    new = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(new, flags, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
    except OSError as error:
        raise DependencyUnreachable(
            f"the list of files that no row names cannot be written ({error.strerror}); check "
            "LACUNA_HOME"
        ) from None
    finally:
        new.unlink(missing_ok=True)
