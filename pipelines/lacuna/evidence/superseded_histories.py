"""Superseded histories: what was signed of a ledger before an older copy of its database was restored.

The ledger goes on from that copy, so what was signed since then contradicts it. An officer
acknowledges that: a signed list (`history.json`) names each file with its digest, and an entry of
the ledger names the list. Nothing of it is lost, and nothing of it is compared with the ledger.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import rfc8785

from lacuna.errors import DependencyUnreachable, EvidenceBroken
from lacuna.evidence.canonical_json import Json, read_canonical
from lacuna.evidence.durable_files import files_in, read_whole
from lacuna.evidence.manifest_note import Noted, verify_manifest
from lacuna.evidence.signing_keys import WORK
from lacuna.model.evidence import Entry

SUPERSEDED_AT: Final = "evidence/superseded"
"""Folder of superseded histories under `LACUNA_HOME`; each has one of its own."""

_FORM: Final = "lacuna-superseded/1"
_LIST: Final = "history.json"
_NOTE: Final = "history.note"
_STAY: Final = (f"{SUPERSEDED_AT}/", "evidence/checkpoints/")


@dataclass(frozen=True)
class SupersededHistory:
    """What was signed of a ledger that a restore took away.

    Attributes:
        agrees_at: largest signed size at which the restored ledger was still the signed one.
        signed: size and root (hex) of everything signed that contradicts the restored ledger.
        files: where each file lay when it was acknowledged, under `LACUNA_HOME` → its SHA-256, hex.
    """

    agrees_at: int
    signed: frozenset[tuple[int, str]]
    files: Mapping[str, str]

    @property
    def content(self) -> bytes:
        """The list as canonical JSON."""
        return rfc8785.dumps(
            {
                "form": _FORM,
                "agrees_at": self.agrees_at,
                "signed": [{"size": size, "root": root} for size, root in sorted(self.signed)],
                "files": dict(self.files),
            }
        )

    @property
    def digest(self) -> str:
        """SHA-256 of the list, hex: what an officer acknowledges."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def location(self) -> str:
        """Its folder under `LACUNA_HOME`."""
        return location_of(self.digest)

    @property
    def newest(self) -> int:
        """Largest size that was signed; 0 where nothing was signed since the restored copy."""
        return max((size for size, _ in self.signed), default=0)

    @property
    def others(self) -> int:
        """How many files it has that lay in `evidence/superseded` already: of earlier restores, or strays."""
        return sum(path.startswith(f"{SUPERSEDED_AT}/") for path in self.files)

    def count(self, folder: str) -> int:
        """Return how many JSON files or checkpoints it has from a folder under `LACUNA_HOME`."""
        paths = map(PurePosixPath, self.files)
        return sum(str(one.parent) == folder and one.suffix in (".json", ".txt") for one in paths)

    def is_in_place(self, home: Path) -> bool:
        """Whether all files still lie where they lay: nothing has only its copy."""
        return all(is_there(home / path, digest) for path, digest in self.files.items())

    def moved(self) -> Mapping[str, str]:
        """Return where each file lay → where it goes; checkpoints stay, in both their folders."""
        return {path: to for path in self.files if (to := self._kept_at(path)) != path}

    def kept(self) -> Mapping[str, str]:
        """Return where each file lies from then on → its SHA-256, hex."""
        return {self._kept_at(path): digest for path, digest in self.files.items()}

    def _kept_at(self, path: str) -> str:
        if not path.startswith("evidence/") or path.startswith(_STAY):
            return path
        return f"{self.location}/{path.removeprefix('evidence/')}"


def location_of(digest: str) -> str:
    """Return the folder of the superseded history whose list has this SHA-256, hex."""
    return f"{SUPERSEDED_AT}/{digest[:16]}"


def list_paths(home: Path, location: str) -> tuple[Path, Path]:
    """Return where the list of a superseded history lies, and the note that signs it."""
    return home / location / _LIST, home / location / _NOTE


def read_list(home: Path, location: str) -> SupersededHistory:
    """Read the list of a superseded history, whoever wrote it.

    Raises:
        EvidenceBroken: it is missing, has another form, or is of another folder.
    """
    path, _ = list_paths(home, location)
    try:
        content = read_whole(path)
    except DependencyUnreachable:
        raise EvidenceBroken(
            f"{location}: {_LIST} cannot be read; restore it from a backup"
        ) from None
    history = _of_document(read_canonical(content, f"{location}/{_LIST}"), location)
    if history.content != content or history.location != location:
        raise EvidenceBroken(f"{location}: {_LIST} belongs to another folder")
    return history


def read_history(
    home: Path, location: str, public_keys: str, digest: str | None = None
) -> SupersededHistory:
    """Read the list of a superseded history, which the ledger's key has to have signed.

    Args:
        location: its folder under `LACUNA_HOME`.
        public_keys: one a line; those of workers do not count.
        digest: SHA-256 (hex) that the ledger names; None where it names none.

    Raises:
        EvidenceBroken: the list is missing, is not the one that the ledger names, or no key of the
            ledger signed it.
    """
    history = read_list(home, location)
    if digest is not None and history.digest != digest:
        raise EvidenceBroken(f"{location}: {_LIST} differs from the list that the ledger names")
    signers = "\n".join(
        line for line in public_keys.splitlines() if line.split("+", 1)[0] not in ("", WORK)
    )
    if not signers:
        raise EvidenceBroken(
            f"{location}: {_LIST} cannot be checked, because no public key of the ledger is known"
        )
    _, note = list_paths(home, location)
    try:
        said = read_whole(note).decode("utf-8", "replace")
    except DependencyUnreachable:
        raise EvidenceBroken(
            f"{location}: {_NOTE} cannot be read; restore it from a backup"
        ) from None
    verify_manifest(said, len(history.content), history.digest, signers, Noted.SUPERSEDED)
    return history


def check_superseded(
    home: Path, entries: Sequence[Entry], public_keys: str, proposed: Collection[str] = ()
) -> tuple[Sequence[SupersededHistory], Sequence[str]]:
    """Return the superseded histories that the ledger names, and what is wrong with them.

    Each list is the one that was acknowledged, each file of it is there as it was, and no other one
    lies in `evidence/superseded`.

    Args:
        entries: those that acknowledge a restore, in the ledger's order.
        public_keys: one a line.
        proposed: paths under `LACUNA_HOME` that are about to be acknowledged.
    """
    histories: list[SupersededHistory] = []
    problems: list[str] = []
    kept: dict[str, str] = {}
    for entry in entries:
        try:
            history = read_history(home, location_of(entry.digest or ""), public_keys, entry.digest)
        except EvidenceBroken as error:
            problems.append(str(error))
            continue
        histories.append(history)
        kept |= history.kept()
    changed = [path for path, digest in kept.items() if not is_there(home / path, digest)]
    if changed:
        problems.append(
            f"{SUPERSEDED_AT}: {len(changed)} files of a superseded history were changed or "
            f"removed (first: {min(changed)}); restore them from a backup"
        )
    strays = set() if problems else {*files_of_none(home, histories)} - {*proposed}
    if strays:
        problems.append(
            f"{SUPERSEDED_AT}: {len(strays)} files belong to no acknowledged restore (first: "
            f"{min(strays)}); find out who put them there. If lacuna evidence acknowledge-restore "
            "was interrupted, run it again"
        )
    return histories, problems


def files_of_none(home: Path, histories: Iterable[SupersededHistory]) -> Iterable[str]:
    """Yield the files below `evidence/superseded` that are of none of these histories.

    Yields:
        Paths under `LACUNA_HOME`.

    Raises:
        EvidenceBroken: something there is a link.
    """
    known = {path for one in histories for path in one.kept()}
    for one in histories:
        known |= {path.relative_to(home).as_posix() for path in list_paths(home, one.location)}
    waiting = [home / SUPERSEDED_AT]
    while waiting:
        for path in files_in(waiting.pop(), ""):
            name = path.relative_to(home).as_posix()
            if path.is_dir() and not path.is_symlink():
                waiting.append(path)
            elif name not in known:
                yield name


def is_there(path: Path, digest: str) -> bool:
    """Whether a file can be read and has this SHA-256, hex."""
    try:
        return hashlib.sha256(read_whole(path)).hexdigest() == digest
    except (EvidenceBroken, DependencyUnreachable):
        return False


def _of_document(found: Mapping[str, Json], location: str) -> SupersededHistory:
    try:
        if found["form"] != _FORM:
            raise ValueError
        signed, files, agrees_at = found["signed"], found["files"], found["agrees_at"]
        if not (isinstance(signed, list) and isinstance(files, dict)):
            raise ValueError
        history = SupersededHistory(
            int(str(agrees_at)),
            frozenset((int(one["size"]), str(one["root"])) for one in signed),  # type: ignore[index, arg-type, call-overload]
            {str(path): str(digest) for path, digest in files.items()},
        )
    except (KeyError, TypeError, ValueError):
        raise EvidenceBroken(
            f"{location}: {_LIST} does not have the form that Lacuna writes"
        ) from None
    if any(".." in PurePosixPath(path).parts or path.startswith("/") for path in history.files):
        raise EvidenceBroken(f"{location}: {_LIST} names a file outside LACUNA_HOME")
    return history
