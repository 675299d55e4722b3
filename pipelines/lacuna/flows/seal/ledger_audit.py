"""Audits the ledger: against its own hashes, all that was signed, and what the database remembers.

What is missing counts as a finding wherever something has to be there: the ledger says which requests
were closed, the database which seals there were, the files what was handed out.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lacuna.documentation import doc_page
from lacuna.errors import EvidenceBroken, RequestError
from lacuna.evidence import (
    SUPERSEDED_AT,
    WHAT_NOW,
    CheckedLedger,
    Checkpoint,
    Places,
    Signed,
    SignedFiles,
    SupersededHistory,
    check_superseded,
    compare_ledger,
    files_in,
    files_of_none,
    list_paths,
    read_history,
    read_signed_files,
    read_whole,
)
from lacuna.flows.run.certificate_folders import certificates_folder, statements_folder
from lacuna.flows.run.installation_keys import (
    checkpoint_folders,
    known_keys,
    missing_keys,
    reports_folder,
    strange_keys,
    strange_work_keys,
)
from lacuna.flows.seal.certificates import expired_before
from lacuna.flows.seal.evidence_findings import PAGES, EvidenceFindings, LedgerNotes
from lacuna.model.evidence import Action, BegunSeal
from lacuna.model.run import Role
from lacuna.ports import Stores

FLOW = "seal"
"""What is locked while a seal goes on; it is audited alone."""
_MEMORY = "the database's memory of its seals"


@dataclass(frozen=True)
class AuditedLedger:
    """A ledger that holds, by all that could be compared with it.

    Attributes:
        seals: that the database remembers, smallest first.
        unfinished: the newest of them, if it was begun and has no checkpoint.
        closed: time of each request's last closing.
    """

    ledger: CheckedLedger
    seals: Sequence[BegunSeal]
    unfinished: BegunSeal | None
    closed: Mapping[str, datetime]


def audit(
    stores: Stores,
    public_keys: str | None = None,
    *,
    also: Sequence[Signed] = (),
    will_seal: bool = False,
    proposed: SupersededHistory | None = None,
) -> AuditedLedger:
    """Check the ledger, once through, against everything that exists.

    1. The ledger fits its own hashes, and every size and root that a checkpoint, a certificate, a
       report or the database's memory of its seals names.
    2. Both folders have every checkpoint of the database; they are two.
    3. The database remembers each size that was signed; where it remembers a seal, something that
       was signed is left.
    4. Each request that was closed has its certificate, or the statement that it will be made of,
       unless its retention is over; no other file lies there, nor among the checkpoints.
    5. Each report to the officer that a seal recorded is there as it was, and no other one, nor a page
       of another one.
    6. Each key that is handed out signed here: the ledger names those of the workers.
    7. Each file of a superseded history is there as it was when its restore was acknowledged. Nothing
       of it is compared with the ledger.

    Args:
        public_keys: one a line; None: those that are kept beside the signing key.
        also: what was signed and lies elsewhere, such as a certificate that was handed out.
        will_seal: what died in a seal, or is missing and can be issued again, is no finding: the
            caller does that next.
        proposed: a history whose restore is about to be acknowledged: its files still lie where they lay.

    Raises:
        EvidenceBroken: says all that is wrong, and what now.
        DependencyUnreachable: something cannot be read.
    """
    public = known_keys(stores) if public_keys is None else public_keys
    aside = frozenset(() if proposed is None else proposed.files)
    read = _read(stores, public, aside)
    histories, files = read.histories, read.files
    findings = EvidenceFindings(files, aside)
    findings.problems += (*read.problems, *strange_keys(stores))
    recorded = findings.recorded(read.notes, public)
    noted = LedgerNotes()
    # After the files: what they name, the database remembers by now.
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        seals = transaction.ledger.seals()
        compared = compare_ledger(
            noted.noting(transaction.ledger.leaves()),
            (*_all_signed(files, recorded, seals), *_of_this_history(also, histories)),
        )
    findings.problems += compared.problems
    if public and not seals:
        findings.problems.append(
            f"keys: {len(public.splitlines())} public keys for a ledger exist, but the database "
            "records no seal; it was emptied, or it is another database"
        )
    if seals and not will_seal:
        findings.problems += missing_keys(stores)
    findings.of_memory(seals, recorded)
    if not compared.problems:
        # In a ledger that does not hold nobody can say which certificates there have to be.
        sealed = max((each.size for each in recorded), default=0)
        stated = {
            request_id: digest
            for request_id, digest in _stated(stores).items()
            if f"evidence/statements/{request_id}.json" not in aside
        }
        # A ledger that was restored does not name those that were deleted since its dump.
        limit = expired_before(stores)
        noted.expired.update(one for one, at in noted.closed.items() if at < limit)
        findings.of_certificates(noted, stated, sealed, will_seal=will_seal)
        try:
            findings.of_strays(noted, stores)
            findings.of_pages(noted, stores)
        except EvidenceBroken as error:
            findings.problems.append(str(error))
        findings.of_reports(noted)
        findings.problems += strange_work_keys(stores, noted.work_keys)
    unfinished = (
        seals[-1] if seals and seals[-1].size not in {one.size for one in recorded} else None
    )
    if unfinished is not None and not will_seal:
        findings.problems.append(
            f"seal: the seal over {unfinished.size} entries began at "
            f"{unfinished.at:%Y-%m-%d %H:%M} and did not end; run lacuna run seal to finish it"
        )
    if findings.problems:
        found = "; ".join(findings.problems)
        raise EvidenceBroken(
            f"{found}. {WHAT_NOW}; after a restore of the database see {doc_page('recovery')}"
        )
    checked = CheckedLedger(compared.size, compared.root, compared.compared, histories)
    return AuditedLedger(checked, seals, unfinished, noted.closed)


def check_evidence(
    stores: Stores, public_keys: str | None = None, *, also: Sequence[Signed] = ()
) -> CheckedLedger:
    """Check the ledger as `audit` does while no seal goes on, and return it.

    Raises:
        RequestError: a seal is going on; it checks the same.
    """
    with stores.sharing(FLOW), stores.keeping_connections():
        return audit(stores, public_keys, also=also).ledger


def everything_signed(stores: Stores) -> tuple[Signed, ...]:
    """Return each size and root that anything names, signatures verified; nothing before the first seal.

    Raises:
        DependencyUnreachable: something cannot be read.
    """
    public = known_keys(stores)
    read = _read(stores, public)
    recorded = EvidenceFindings(read.files).recorded(read.notes, public)
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        return _all_signed(read.files, recorded, transaction.ledger.seals())


@dataclass(frozen=True)
class FoundRestore:
    """What a restore took away, as an officer is shown it.

    Attributes:
        entries: how many the ledger has now.
        common_at: time of the last entry that both histories have.
        earlier: acknowledgements of restores that are among what is superseded.
    """

    history: SupersededHistory
    entries: int
    common_at: datetime
    earlier: int


def superseded_by_restore(stores: Stores) -> FoundRestore:
    """Return the evidence signed and closed here that contradicts a restored ledger.

    What is below `evidence/superseded` and of no restore that this ledger acknowledges is part of it:
    an acknowledgement may be among what was lost. A report says nothing by itself: nobody signed it.

    Raises:
        EvidenceBroken: nothing that was signed agrees with the ledger: it was emptied, or is another one;
            or the ledger is at odds with what its own database remembers: that is no restore.
        DependencyUnreachable: something cannot be read.
        RequestError: nothing contradicts the ledger.
    """
    read = _read(stores, known_keys(stores))
    reports = set(read.files.reports.values())
    signed = [one for one in read.files.signed if one.path not in reports]
    noted = LedgerNotes(sizes=frozenset(one.size for one in signed))
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        compared = compare_ledger(noted.noting(transaction.ledger.leaves()), signed)
    contradicted = [one for one in compared.contradicted if one.path is not None]
    paths = {str(one.path) for one in contradicted}
    paths |= {
        f"evidence/statements/{request_id}.json"
        for request_id, digest in _stated(stores).items()
        if digest not in noted.digests.get(request_id, ())
    }
    if noted.reports:
        # Earlier versions recorded none.
        paths |= {
            name for digest, name in read.files.reports.items() if digest not in noted.reports
        }
    if not paths:
        raise RequestError(
            "nothing signed or closed contradicts the ledger; there is no restore to acknowledge"
        )
    if not compared.agrees_at:
        found = "; ".join(compared.problems)
        raise EvidenceBroken(
            f"{found}; nothing signed here agrees with it. It is not an older copy of this "
            f"ledger, or it is from before the first seal. {WHAT_NOW}"
        )
    lost = list(_lost_acknowledgements(stores, read.histories))
    contradicting = {(one.size, one.root) for one in contradicted}.union(
        *(one.signed for one in lost)
    )
    paths |= {*files_of_none(stores.home, read.histories), *_pages_of(stores, paths)}
    digests = {path: hashlib.sha256(read_whole(stores.home / path)).hexdigest() for path in paths}
    history = SupersededHistory(
        compared.agrees_at, frozenset(contradicting), dict(sorted(digests.items()))
    )
    return FoundRestore(history, compared.size, noted.times[compared.agrees_at], len(lost))


def _lost_acknowledgements(
    stores: Stores, known: Sequence[SupersededHistory]
) -> Iterator[SupersededHistory]:
    """Yield the histories of restores whose acknowledgement this ledger does not have."""
    names = {one.location for one in known}
    for folder in files_in(stores.home / SUPERSEDED_AT, ""):
        location = f"{SUPERSEDED_AT}/{folder.name}"
        if location not in names and list_paths(stores.home, location)[1].exists():
            yield read_history(stores.home, location, known_keys(stores))


def _pages_of(stores: Stores, paths: Collection[str]) -> Iterator[str]:
    """Yield the pages of certificates and reports that are among these files."""
    reports = reports_folder(stores)
    folders = [certificates_folder(stores), reports, *files_in(reports / "tenants", "")]
    stems = {Path(path).with_suffix("") for path in paths}
    for folder in folders:
        of = folder if folder.parent.name == "evidence" else reports
        for page in files_in(folder, "") if folder.is_dir() else ():
            if page.suffix in PAGES and (of / page.stem).relative_to(stores.home) in stems:
                yield page.relative_to(stores.home).as_posix()


@dataclass(frozen=True)
class _SignedEvidence:
    """What there is to compare the ledger with, before the ledger is read.

    Attributes:
        notes: checkpoints of the database.
        problems: what is wrong with superseded histories.
    """

    notes: Sequence[str]
    histories: tuple[SupersededHistory, ...]
    problems: Sequence[str]
    files: SignedFiles


def _read(stores: Stores, public: str, aside: Collection[str] = ()) -> _SignedEvidence:
    """Read what was signed, without what is of a superseded history."""
    # Before the files: a seal may go on meanwhile. What the database has by now, the files have.
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        notes = transaction.ledger.checkpoints()
        acknowledged = transaction.ledger.outcomes(Action.RESTORE_ACKNOWLEDGED, after=-1)
    entries = [leaf.entry for leaf in acknowledged]
    histories, problems = check_superseded(stores.home, entries, public, aside)
    passed_over = {path for one in histories for path in one.kept()}.union(aside)
    files = read_signed_files(_places(stores), public, passed_over)
    return _SignedEvidence(notes, tuple(histories), problems, files)


def _of_this_history(
    signed: Iterable[Signed], histories: Iterable[SupersededHistory]
) -> list[Signed]:
    """Return signed evidence without that of superseded histories."""
    gone = {each for one in histories for each in one.signed}
    return [one for one in signed if (one.size, one.root) not in gone]


def _all_signed(
    files: SignedFiles, recorded: Iterable[Checkpoint], seals: Iterable[BegunSeal]
) -> tuple[Signed, ...]:
    return (
        *files.signed,
        *(Signed.of(each, "a checkpoint of the database") for each in recorded),
        *(Signed(each.size, each.root, _MEMORY) for each in seals),
    )


def _places(stores: Stores) -> Places:
    checkpoints, copies = checkpoint_folders(stores)
    return Places(
        stores.home, checkpoints, copies, certificates_folder(stores), reports_folder(stores)
    )


def _stated(stores: Stores) -> Mapping[str, str]:
    """Return of which requests there are statements, with the SHA-256 of each, hex."""
    return {
        path.stem: hashlib.sha256(read_whole(path)).hexdigest()
        for path in files_in(statements_folder(stores), ".json")
    }
