"""Reads everything in a home that was signed over the ledger, or that names its size and root.

What is not there names nothing: whoever reads has to know, from the ledger and from the database,
what has to be there.
"""

import base64
import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from lacuna.errors import EvidenceBroken
from lacuna.evidence.certificate import pre_authentication
from lacuna.evidence.checkpoint import Checkpoint, checkpoints_by_name, verify_checkpoint
from lacuna.evidence.durable_files import files_in, read_whole
from lacuna.evidence.ledger_check import Signed
from lacuna.evidence.signing_keys import VerifyingKey, ledger_keys, read_keys

_SUBJECT: Final = "lacuna:request:"


@dataclass(frozen=True)
class Places:
    """Where what was signed lies.

    Attributes:
        home: names of files are told from here on.
        checkpoints: the folder beside the other evidence.
        copies: the one that should be out of reach; it may be a link.
    """

    home: Path
    checkpoints: Path
    copies: Path
    certificates: Path
    reports: Path


@dataclass(frozen=True)
class SignedFiles:
    """What the files say.

    Attributes:
        signed: sizes and roots, each with its file.
        checkpoints: by the name of their folder.
        certificates: of which request → SHA-256 of the statement that it is made of.
        reports: SHA-256 of each report to the officer → its file.
        problems: what is wrong with files, a sentence each.
    """

    signed: tuple[Signed, ...]
    checkpoints: Mapping[str, tuple[Checkpoint, ...]]
    certificates: Mapping[str, str]
    reports: Mapping[str, str]
    problems: tuple[str, ...]


def read_signed_files(
    places: Places, public_keys: str, passed_over: Collection[str] = ()
) -> SignedFiles:
    """Read all of it, with signatures verified; a file that does not hold is a problem.

    A certificate is taken by its signature, its subject and its checkpoint: that is what has to be
    compared with a ledger. `verify_certificate` checks the rest of it.

    Args:
        public_keys: one a line; nothing where nothing was signed yet, and then a file is a problem.
        passed_over: paths under the home that are not read: those of superseded histories.

    Raises:
        DependencyUnreachable: a folder or file cannot be read. An empty one is another thing.
    """
    reading = _SignedFilesReader(places.home, public_keys, frozenset(passed_over))
    reading.read_checkpoints(places)
    reading.read_certificates(places.certificates)
    reading.read_reports(places.reports)
    return SignedFiles(
        tuple(reading.signed),
        reading.checkpoints,
        reading.certificates,
        reading.reports,
        (*reading.problems, *reading.of_files()),
    )


class _UnknownKey(Exception):
    """A certificate is signed by no key that is known."""


@dataclass
class _SignedFilesReader:
    home: Path
    public_keys: str
    passed_over: frozenset[str]
    signed: list[Signed] = field(default_factory=list)
    checkpoints: dict[str, tuple[Checkpoint, ...]] = field(default_factory=dict)
    certificates: dict[str, str] = field(default_factory=dict)
    reports: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _notes: dict[str, Checkpoint] = field(default_factory=dict)

    def read_checkpoints(self, places: Places) -> None:
        if places.checkpoints.parent.is_symlink():
            self.problems.append(
                f"{self._name(places.checkpoints.parent)} is a link; evidence must stay where it "
                "was written"
            )
        for folder in (places.checkpoints, places.copies):
            name = self._name(folder)
            self.checkpoints[name] = ()
            if not self.public_keys:
                if count := len(files_in(folder, ".txt", may_be_link=True)):
                    self.problems.append(f"{name}: {count} checkpoints, but no known public key")
                continue
            try:
                by_name = checkpoints_by_name(
                    folder,
                    self.public_keys,
                    self._passed_over_in(name),
                    may_be_link=folder == places.copies,
                )
            except EvidenceBroken as error:
                self.problems.append(f"{name}: {error}")
                continue
            self.checkpoints[name] = tuple(by_name.values())
            for file, each in by_name.items():
                source = f"{name}, the checkpoint of size {each.size}"
                self.signed.append(Signed.of(each, source, f"{name}/{file}"))
        one = _inodes(places.checkpoints) & _inodes(places.copies)
        if one:
            self.problems.append(
                f"{self._name(places.checkpoints)} and {self._name(places.copies)} are one folder "
                f"or share {len(one)} files; there is no separate copy"
            )

    def read_certificates(self, folder: Path) -> None:
        known = ledger_keys(read_keys(self.public_keys)) if self.public_keys else ()
        keys = {key.label: key for key in known}
        for path in self._files(folder):
            try:
                request_id, digest, note = _claim(read_whole(path), keys)
                if note not in self._notes:
                    self._notes[note] = verify_checkpoint(note, self.public_keys)
            except _UnknownKey:
                self._wrong[
                    "certificates are not signed by a known key: they belong to another "
                    "installation, or the keys were replaced"
                ].append(path.stem)
                continue
            except EvidenceBroken as error:
                self._wrong[f"certificates are invalid: {error}"].append(path.stem)
                continue
            except (ValueError, KeyError, TypeError, RecursionError):
                self._wrong["certificates cannot be read: they were cut or edited"].append(
                    path.stem
                )
                continue
            if request_id != path.stem:
                self._wrong[
                    "certificates have the name of one request and the content of another"
                ].append(path.stem)
                continue
            self.signed.append(Signed.of(self._notes[note], self._name(path), self._name(path)))
            self.certificates[request_id] = digest

    def read_reports(self, folder: Path) -> None:
        for path in self._files(folder):
            try:
                content = read_whole(path)
                self.reports[hashlib.sha256(content).hexdigest()] = self._name(path)
                ledger = json.loads(content)["ledger"]
                size, root = ledger["entries"], ledger["root"]
                if type(size) is not int or len(bytes.fromhex(root)) != 32 or size < 1:
                    raise ValueError
            except EvidenceBroken as error:
                self.problems.append(str(error))
            except (ValueError, KeyError, TypeError, RecursionError):
                self._wrong[
                    "reports (evidence/reports/) do not name the ledger: they were edited"
                ].append(path.name)
            else:
                self.signed.append(Signed(size, root, self._name(path), self._name(path)))

    def of_files(self) -> Sequence[str]:
        return [f"{len(names)} {what} (first: {names[0]})" for what, names in self._wrong.items()]

    def _files(self, folder: Path) -> Sequence[Path]:
        try:
            found = files_in(folder, ".json")
        except EvidenceBroken as error:
            self.problems.append(str(error))
            return ()
        return [path for path in found if self._name(path) not in self.passed_over]

    def _passed_over_in(self, folder: str) -> frozenset[str]:
        paths = map(PurePosixPath, self.passed_over)
        return frozenset(path.name for path in paths if str(path.parent) == folder)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.home).as_posix()


def _inodes(folder: Path) -> set[tuple[int, int]]:
    """Return which files of the disk a folder of checkpoints, and what is in it, really are."""
    found = (path.stat() for path in (folder, *files_in(folder, ".txt", may_be_link=True)))
    return {(each.st_dev, each.st_ino) for each in found} if folder.exists() else set()


def _claim(content: bytes, keys: Mapping[str, VerifyingKey]) -> tuple[str, str, str]:
    """Return request, digest of the statement and signed checkpoint that a certificate names."""
    envelope = json.loads(content)
    payload = base64.b64decode(envelope["payload"], validate=True)
    message = pre_authentication(payload)
    if not any(
        each["keyid"] in keys
        and keys[each["keyid"]].has_signed(message, base64.b64decode(each["sig"], validate=True))
        for each in envelope["signatures"]
    ):
        raise _UnknownKey
    outer = json.loads(payload)
    (subject,) = outer["subject"]
    name, digest = str(subject["name"]), str(subject["digest"]["sha256"])
    return name.removeprefix(_SUBJECT), digest, str(outer["predicate"]["log"]["checkpoint"])
