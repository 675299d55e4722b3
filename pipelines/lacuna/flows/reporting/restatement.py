"""Restatement: sealed weeks are replaced by a new version, once it was approved by its digest."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from lacuna.errors import DependencyUnreachable, EvidenceBroken, PlanRefused
from lacuna.evidence import (
    Noted,
    files_in,
    read_whole,
    sign_manifest,
    verify_manifest,
    write_once,
)
from lacuna.flows.reporting.mart_declarations import note_declared
from lacuna.flows.reporting.unverified_erasures import require_no_residue
from lacuna.flows.run.agreements import require_agreements, stopped_tenants
from lacuna.flows.run.installation_keys import keys_of_notes, work_key
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.run.platform_lock import alone_on_platform
from lacuna.flows.run.steps import Steps
from lacuna.model.approval_rules import BY_SETTING
from lacuna.model.restatement import Proposal, Restatement, RestatementScope
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.ports import Stores
from lacuna.reporting import Attackers, carry_out, redraw_weeks, rewrite
from lacuna.verify import attack_period, attack_versions


def run_restatement(
    stores: Stores, options: RunOptions, asked: RestatementScope
) -> tuple[Restatement, bool]:
    """Work out new versions of the weeks that touch a period; return them, and whether they are in place.

    Until then the digest is noted for `lacuna rule approve`. It is computed again each time: an
    approval of another digest is none.

    Raises:
        FlowHeld: another run changes the platform; nothing was done.
        RequestError: the period is none, not sealed yet, too old, or was restated before.
        PlanRefused: the difference of both versions would tell of few people.
        AgreementMissing: the tenant's data is not processed.
        VerificationFailed: personal data of an erased person is left somewhere.
    """
    with alone_on_platform(stores):
        return _restate(stores, options, asked)


def _restate(
    stores: Stores, options: RunOptions, asked: RestatementScope
) -> tuple[Restatement, bool]:
    steps = Steps(stores, options, "restate")
    datamap = open_datamap(stores)
    require_no_residue(stores, steps)
    note_declared(stores, steps)
    require_agreements(stopped_tenants(stores, datamap, steps) & {asked.org_id})
    try:
        with stores.keeping_connections():
            drawn = redraw_weeks(stores, asked, Attackers(attack_period, attack_versions))
    except PlanRefused as error:
        steps.add("refused", error=error)
        raise
    counts = {
        "releases": len(drawn.replacements),
        "corrected_rows": drawn.corrected,
        "kept_rows": drawn.kept,
    }
    if not _is_approved(stores, options, drawn):
        proposal = Proposal(drawn.name, asked.reason, drawn.digest, stores.clock.now())
        with stores.transaction(Role.EXECUTOR) as transaction:
            transaction.restatements.propose(asked, proposal)
        steps.add("not_approved", counts=counts, digest=drawn.digest)
        return drawn, False
    if options.mode is not Mode.ACT:
        steps.add("observed", counts=counts, digest=drawn.digest)
        return drawn, False
    # Signed first: a version that is served without its signed document makes every run red.
    _sign(stores, drawn)
    carry_out(stores, drawn)
    counts["files"] = rewrite(stores)
    steps.add("restated", counts=counts, digest=drawn.digest)
    return drawn, True


def check_restatements(stores: Stores) -> int:
    """Check the signed document of every restatement; return how many there are.

    Raises:
        EvidenceBroken: one is missing, was not signed here, or another file lies among them.
    """
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        digests = transaction.restatements.document_digests()
    keys = keys_of_notes(stores)
    for digest in sorted(digests):
        _check_signed(stores.home, digest, keys)
    strays = list(_strays(stores.home, frozenset(digests), keys))
    if strays:
        raise EvidenceBroken(
            f"evidence/restatements: {len(strays)} files belong to no restatement (first: "
            f"{strays[0]})"
        )
    return len(digests)


def _check_signed(home: Path, digest: str, keys: str) -> None:
    document, note = _paths(home, digest)
    try:
        content, said = read_whole(document), read_whole(note).decode()
    except (DependencyUnreachable, UnicodeDecodeError):
        raise EvidenceBroken(
            f"restatement {digest[:12]}: its signed document in {document.parent} is missing; "
            "restore it from a backup"
        ) from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise EvidenceBroken(f"restatement {digest[:12]}: its document differs from the ledger")
    verify_manifest(said, len(content), digest, keys, Noted.RESTATEMENT)


def _strays(home: Path, digests: frozenset[str], keys: str) -> Iterator[str]:
    """Yield files that are of no restatement; one that was signed here and died before its end is."""
    for path in files_in(_folder(home), ""):
        if path not in _paths(home, path.stem):
            yield path.name
        elif path.stem not in digests:
            try:
                _check_signed(home, path.stem, keys)
            except EvidenceBroken:
                yield path.name


def proposed_rules(stores: Stores) -> Iterator[tuple[str, str, str]]:
    """Yield name, meaning and digest of each restatement that waits for an approval."""
    with stores.transaction(Role.PLANNER) as transaction:
        found = transaction.restatements.proposals()
    for each in found:
        weeks = each.name.rpartition("_")[2]
        meaning = f"replace all marts of {weeks} with a new version: {each.reason}"
        yield each.name, meaning, each.digest


def _is_approved(stores: Stores, options: RunOptions, drawn: Restatement) -> bool:
    with stores.transaction(Role.PLANNER) as transaction:
        if options.approval is ApprovalMode.AUTO and transaction.queue.plans.is_standing(
            BY_SETTING
        ):
            return True
        return transaction.queue.plans.rule_limit(drawn.name, drawn.digest) is not None


def _sign(stores: Stores, drawn: Restatement) -> None:
    key = work_key(stores)
    document, note = _paths(stores.home, drawn.digest)
    write_once(document, drawn.document)
    signed = sign_manifest(key, len(drawn.document), drawn.digest, Noted.RESTATEMENT)
    write_once(note, signed.encode())


def _paths(home: Path, digest: str) -> tuple[Path, Path]:
    return _folder(home) / f"{digest}.json", _folder(home) / f"{digest}.note"


def _folder(home: Path) -> Path:
    return home / "evidence" / "restatements"
