"""What an audit finds where signed files, reports and the ledger differ."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from lacuna.errors import EvidenceBroken
from lacuna.evidence import (
    Checkpoint,
    Signed,
    SignedFiles,
    files_in,
    is_checkpoint_name,
    missing_copies,
    verify_checkpoint,
)
from lacuna.flows.run.certificate_folders import certificates_folder, statements_folder
from lacuna.flows.run.installation_keys import (
    WORK_KEYS_AT,
    checkpoint_folders,
    reports_folder,
)
from lacuna.model.evidence import SHORTEST_KEPT_DAYS, Action, BegunSeal, Leaf, Phase
from lacuna.ports import Stores

PAGES: Final = (".html", ".md")


@dataclass
class LedgerNotes:
    """What files there have to be, noted while the ledger is read once.

    Attributes:
        digests: of the statements that each request was closed with.
        first: position of each request's first closing.
        closed: time of each request's last closing.
        expired: requests whose certificates were deleted, none of them before its time.
        requests: all that the ledger names.
        reports: digest of each report to the officer → when it was written.
        work_keys: digest of each worker's key.
        withdrawn: requests that were withdrawn.
        sizes: of the ledger, at which the time of the last entry is kept.
        times: that time, by size.
    """

    digests: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    first: dict[str, int] = field(default_factory=dict)
    closed: dict[str, datetime] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    requests: set[str] = field(default_factory=set)
    reports: dict[str, datetime] = field(default_factory=dict)
    work_keys: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    sizes: frozenset[int] = frozenset()
    times: dict[int, datetime] = field(default_factory=dict)

    def noting(self, leaves: Iterable[Leaf]) -> Iterator[Leaf]:
        """Yield the leaves on, and note what each says of files."""
        for leaf in leaves:
            entry = leaf.entry
            if leaf.position + 1 in self.sizes:
                self.times[leaf.position + 1] = entry.at
            if entry.request_id is not None:
                self.requests.add(entry.request_id)
                if entry.action is Action.WITHDRAWN:
                    self.withdrawn.add(entry.request_id)
            if entry.action is Action.REPORTED and entry.digest is not None:
                self.reports[entry.digest] = entry.at
            if entry.location == WORK_KEYS_AT and entry.digest is not None:
                self.work_keys.add(entry.digest)
            is_closing = entry.action is Action.COMPLETED and entry.phase is Phase.OUTCOME
            if is_closing and entry.request_id is not None and entry.digest is not None:
                self.digests[entry.request_id].add(entry.digest)
                self.first.setdefault(entry.request_id, leaf.position)
                self.closed[entry.request_id] = entry.at
            if entry.action is Action.CERTIFICATE_EXPIRED and entry.request_id in self.closed:
                kept = entry.at - self.closed[entry.request_id]
                if kept >= timedelta(days=SHORTEST_KEPT_DAYS):
                    self.expired.add(entry.request_id)
            yield leaf


class EvidenceFindings:
    """What is wrong, a sentence each."""

    def __init__(self, files: SignedFiles, aside: Collection[str] = ()) -> None:
        self._files = files
        self._aside = aside
        self.problems = list(files.problems)

    def recorded(self, notes: Sequence[str], public: str) -> list[Checkpoint]:
        """Return the checkpoints of the database that verify."""
        found: list[Checkpoint] = []
        if notes and not public:
            self.problems.append(
                f"database: {len(notes)} checkpoints, but no public key is known; restore the "
                "folder of public keys beside the signing key from a backup"
            )
            return found
        for note in notes:
            try:
                found.append(verify_checkpoint(note, public))
            except EvidenceBroken as error:
                self.problems.append(f"database: {error}")
        return found

    def of_memory(self, seals: Sequence[BegunSeal], recorded: Sequence[Checkpoint]) -> None:
        """Compare what the database remembers with what there is."""
        for name, copies in self._files.checkpoints.items():
            if problem := missing_copies(recorded, copies, f"the copies in {name}"):
                self.problems.append(problem)
        known = {each.size: each.root for each in seals}
        signed = [
            *self._files.signed,
            *(Signed.of(each, "a checkpoint of the database") for each in recorded),
        ]
        unknown = [one for one in signed if known.get(one.size) != one.root]
        if unknown:
            nor_others = "" if seals else ", nor of any other"
            self.problems.append(
                f"seals: the database has no record of {len(unknown)} seals that were signed or "
                f"reported (first: {unknown[0].source}, size {unknown[0].size}){nor_others}; its "
                "records were removed, or it is another database"
            )
        without = {each.size for each in seals[:-1]} - {each.size for each in recorded}
        if without:
            self.problems.append(
                f"seals: {len(without)} that the database records have no checkpoint, the largest "
                f"of size {max(without)}"
            )
        is_first = len(seals) == 1 and not recorded
        if seals and not signed and not is_first:
            self.problems.append(
                f"seals: no signed file is left, but the database records {len(seals)} seals"
            )

    def of_reports(self, noted: LedgerNotes) -> None:
        """Compare the reports with those that seals recorded; earlier versions recorded none."""
        found = self._files.reports
        lost = [at for digest, at in noted.reports.items() if digest not in found]
        strange = [name for digest, name in found.items() if digest not in noted.reports]
        if lost:
            self.problems.append(
                f"{len(lost)} reports (evidence/reports/) were changed or removed (first: of "
                f"{lost[0]:%Y-%m-%d %H:%M}); restore them from a backup. If a seal was "
                "interrupted, the next lacuna run seal writes its report"
            )
        if strange and noted.reports:
            self.problems.append(f"{len(strange)} reports belong to no seal (first: {strange[0]})")

    def of_strays(self, noted: LedgerNotes, stores: Stores) -> None:
        """Find what lies among certificates and statements and is of no request that it could be of."""
        pages = {f"{each}.html" for each in noted.first}
        stated = {f"{each}.json" for each in noted.requests}
        strays = [
            path.relative_to(stores.home).as_posix()
            for folder, expected in (
                (certificates_folder(stores), pages),
                (statements_folder(stores), stated),
            )
            for path in files_in(folder, "")
            # Certificates were compared one by one.
            if path.name not in expected and (expected is stated or path.suffix != ".json")
        ]
        strays = [name for name in strays if name not in self._aside]
        if strays:
            self.problems.append(
                f"{len(strays)} files among certificates and statements belong to no closed "
                f"request (first: {strays[0]})"
            )
        # Those with the name of one were read. Elsewhere a copy may have company.
        checkpoints, _ = checkpoint_folders(stores)
        others = [
            path.name for path in files_in(checkpoints, "") if not is_checkpoint_name(path.name)
        ]
        if others:
            self.problems.append(
                f"evidence/checkpoints: {len(others)} files are not checkpoints (first: "
                f"{others[0]})"
            )

    def of_pages(self, noted: LedgerNotes, stores: Stores) -> None:
        """Find pages that no report has: what they say proves nothing, and would be read as one."""
        told = {
            Path(name).stem
            for digest, name in self._files.reports.items()
            if digest in noted.reports or not noted.reports
        }
        folder = reports_folder(stores)
        tenants = folder / "tenants"
        # Reports themselves were compared one by one.
        found = [one for one in files_in(folder, "") if one.suffix != ".json" and one != tenants]
        for one in files_in(tenants, ""):
            is_folder = one.is_dir() and not one.is_symlink()
            found += files_in(one, "") if is_folder else [one]
        strays = [
            one.relative_to(folder).as_posix()
            for one in found
            if one.parent == tenants or one.suffix not in PAGES or one.stem not in told
            if one.relative_to(stores.home).as_posix() not in self._aside
        ]
        if strays:
            self.problems.append(
                f"evidence/reports: {len(strays)} files belong to no report (first: {strays[0]}); "
                "find out who put them there, and remove them unless the database was restored"
            )

    def of_certificates(
        self, noted: LedgerNotes, stated: Mapping[str, str], sealed: int, *, will_seal: bool
    ) -> None:
        """Compare the certificates with the requests that the ledger says were closed.

        One whose retention is over may be missing.
        """
        issued = self._files.certificates
        strange = [
            request_id
            for request_id, digest in issued.items()
            if digest not in noted.digests.get(request_id, ())
        ]
        if strange:
            self.problems.append(
                f"{len(strange)} certificates are about nothing that the ledger closed (first: "
                f"{strange[0]})"
            )
        wrong = [
            request_id
            for request_id, digest in stated.items()
            if request_id in noted.digests and digest not in noted.digests[request_id]
        ]
        if wrong:
            self.problems.append(
                f"{len(wrong)} statements differ from those in the ledger (first: {wrong[0]}); "
                "restore evidence/statements from a backup"
            )
        forgotten = sorted((stated.keys() & noted.withdrawn) - noted.digests.keys())
        if forgotten:
            self.problems.append(
                f"{len(forgotten)} statements belong to closings that are not in the ledger, and "
                f"their requests were withdrawn (first: {forgotten[0]}), as after a restore: "
                "lacuna evidence acknowledge-restore"
            )
        missing = sorted(noted.first.keys() - issued.keys() - noted.expired)
        lost = [request_id for request_id in missing if request_id not in stated]
        due = [one for one in missing if one in stated and noted.first[one] < sealed]
        if lost:
            self.problems.append(
                f"{len(lost)} certificates and their statements are missing (first: {lost[0]}); "
                "restore evidence/statements from a backup"
            )
        if due and not will_seal:
            self.problems.append(
                f"{len(due)} certificates are missing (first: {due[0]}); run lacuna run seal to "
                "issue them again from their statements"
            )
