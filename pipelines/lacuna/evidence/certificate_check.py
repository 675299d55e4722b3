"""Verifies a certificate by its file and a public key alone, step by step.

What each step shows, and what the whole does not: that the ledger was true when it was written,
and that the key is the controller's. Take the key from somewhere else than the certificate.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final

import rfc8785

from lacuna.errors import ConfigurationError, DependencyUnreachable, EvidenceBroken
from lacuna.evidence import merkle
from lacuna.evidence.canonical_bytes import read_entry
from lacuna.evidence.canonical_json import Json, read_canonical, texts
from lacuna.evidence.certificate import (
    PAYLOAD_TYPE,
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    WITHOUT_PARTICULARS,
    changed_places,
    pre_authentication,
)
from lacuna.evidence.checkpoint import verify_checkpoint
from lacuna.evidence.durable_files import read_whole
from lacuna.evidence.ledger_check import Signed
from lacuna.evidence.needed_gates import gates_for
from lacuna.evidence.particulars import Particulars
from lacuna.evidence.runs import account, recorded
from lacuna.evidence.scrub_depth import L0, OF_SCRUBS, linkable, reached
from lacuna.evidence.signing_keys import decode_base64, ledger_keys, read_keys
from lacuna.evidence.subject import possible_digests, subject_key
from lacuna.evidence.summary import approver, deadline, done, repeats, times, unrevoked_from
from lacuna.model.evidence import Action, Leaf, Phase
from lacuna.model.finding import Certified, Gate

_SHA256: Final = 32
_KEY_BYTES: Final = 32
_ENVELOPE: Final = {"payload", "payloadType", "signatures"}
_PAYLOAD: Final = {"_type", "predicateType", "subject", "predicate"}
_PREDICATE: Final = {"statement", "closing", "runs", "log"}
_OF_VERSION: Final[Mapping[str, set[str]]] = {
    WITHOUT_PARTICULARS: set(),
    PREDICATE_TYPE: {"particulars"},
}
# What each kind of certificate rests on: the last entry before it was closed.
_RESTS_ON: Final = {
    "erasure": Action.VERIFIED,
    "access": Action.VERIFIED,
    "rectification": Action.VERIFIED,
    "restriction": Action.VERIFIED,
    "nothing_found": Action.NOTHING_FOUND,
    "refused": Action.REFUSED,
}
SHOWS: Final = MappingProxyType(
    {
        "form": "the file contains its content in canonical form and nothing else",
        "signature": "a known key signed it",
        "entries": "all entries belong to this request and are in ledger order",
        "statement": "the entry that closed the request names the digest of this statement",
        "checkpoint": "a known key signed the ledger's size and root",
        "inclusion": "every entry is in the ledger with that root",
        "account": "sums, times, deadline and approver follow from the entries; no gate has "
        "findings",
        "levels": "the scrubs it relies on came after the request was closed",
        "runs": "the step lines of each run are unchanged and name these tasks and tries",
    }
)
"""What each step shows, by its name, in order."""


@dataclass(frozen=True)
class VerifiedCertificate:
    """A certificate that holds.

    Attributes:
        statement: what it says.
        shown: the steps that it passed, in order.
        signed_by: name and id of the key that signed it, of those that were given.
        deadline: when it was due and closed, and whether in time; None where the ledger names no day.
        closed_at: position in the ledger of the entry that closed the request.
        levels: of an erasure, the level reached in each table that it changed.
        signed: size and root of the ledger that its checkpoint names.
        night: the day whose scrub is to reach what it has not; None where that is nothing, or no window.
        linkable: of an erasure, the tables in which it can still be told which rows it wrote.
        particulars: its parties, number and rights, on the word of the key that signed it; None in
            certificates from before they were named.
    """

    request_id: str
    statement: Mapping[str, Json]
    shown: tuple[str, ...]
    signed_by: str
    deadline: Mapping[str, str | int | bool | None] | None
    closed_at: int
    levels: Mapping[str, str]
    night: str | None
    signed: Signed
    linkable: tuple[str, ...] = ()
    particulars: Particulars | None = None


def verify_certificate(
    content: bytes, public_keys: str, *, runs: Path | None = None
) -> VerifiedCertificate:
    """Verify a certificate; return what it says.

    1. form: the file is byte for byte the canonical form of its content, with nothing else in it,
       and its version is one that this knows;
    2. signature: a known key signed it;
    3. entries: each is one that the ledger could hold, in order, of this one request;
    4. statement: it is the one whose digest the closing entry names;
    5. checkpoint: a known key signed the ledger's size and root;
    6. inclusion: every entry is in the ledger of that root;
    7. account: the statement, and the deadline, say what the entries say, and the gates that it
       needs found nothing;
    8. levels: what says that files were rewritten came after the request was closed;
    9. runs: the step lines of each run begin as they did when the ledger was sealed, and name the
       tasks and tries that the certificate names. Only where the folder `runs` is given.

    Args:
        content: the whole file.
        public_keys: one a line, `name+id+key`.

    Raises:
        EvidenceBroken: names the step that failed.
        ConfigurationError: the public keys cannot be read.
    """
    keys = ledger_keys(read_keys(public_keys))
    shown: list[str] = []
    with _step(shown, "form"):
        envelope = _only(read_canonical(content, "the file"), _ENVELOPE)
        body, kind = texts(envelope, "payload", "payloadType")
        payload = decode_base64(body)
        outer = _only(read_canonical(payload, "the payload"), _PAYLOAD)
        statement_type, version = texts(outer, "_type", "predicateType")
        if [kind, statement_type] != [PAYLOAD_TYPE, STATEMENT_TYPE] or version not in _OF_VERSION:
            raise EvidenceBroken(
                "it is not a certificate, or one of a newer version of Lacuna, which has to check it"
            )
        predicate = _member(outer, "predicate")
        # Certificates of earlier versions know of no scrub, and do not name the deadline.
        predicate = _only(
            predicate,
            _PREDICATE
            | _OF_VERSION[version]
            | ({"scrubs", "deadline", "waiting", "linkable"} & set(predicate)),
        )
        particulars = (
            Particulars.of(_member(predicate, "particulars"))
            if "particulars" in _OF_VERSION[version]
            else None
        )
        statement = _member(predicate, "statement")
        (request_id,) = texts(statement, "request_id")
    with _step(shown, "signature"):
        message = pre_authentication(payload)
        labels = {key.label: key for key in keys}
        signatures = [texts(each, "keyid", "sig") for each in _objects(envelope, "signatures")]
        signers = [
            label
            for label, signature in signatures
            if label in labels and labels[label].has_signed(message, decode_base64(signature))
        ]
        if not signers:
            raise EvidenceBroken("no known key signed it")
    with _step(shown, "entries"):
        leaves = [read_entry(each) for each in _objects(statement, "entries")]
        closing = read_entry(_member(predicate, "closing"))
        every = [*leaves, closing]
        if not leaves or {leaf.entry.request_id for leaf in every} != {request_id}:
            raise EvidenceBroken("they belong to several requests")
        scrubs = [read_entry(each) for each in _objects({"scrubs": [], **predicate}, "scrubs")]
        recorded_runs = recorded(_objects(predicate, "runs"))
        positions = [leaf.position for leaf in every]
        if positions != sorted(set(positions)):
            raise EvidenceBroken("they are not in ledger order")
    with _step(shown, "statement"):
        digest = hashlib.sha256(rfc8785.dumps(dict(statement))).hexdigest()
        subject = [{"name": f"lacuna:request:{request_id}", "digest": {"sha256": digest}}]
        if outer["subject"] != subject:
            raise EvidenceBroken("the certificate is about another statement")
        if closing.entry.action is not Action.COMPLETED or closing.entry.digest != digest:
            raise EvidenceBroken("the closing entry names another statement")
    with _step(shown, "checkpoint"):
        log = _only(_member(predicate, "log"), {"checkpoint", "inclusion"})
        (note,) = texts(log, "checkpoint")
        checkpoint = verify_checkpoint(note, public_keys)
    with _step(shown, "inclusion"):
        _require_inclusion(
            [*every, *scrubs, *recorded_runs], log["inclusion"], checkpoint.size, checkpoint.root
        )
    with _step(shown, "account"):
        _require_account(statement, leaves)
        due = deadline(leaves, closing)
        earlier = deadline(leaves, closing, is_handed_over=False)
        if "deadline" in predicate and predicate["deadline"] not in (due, earlier):
            raise EvidenceBroken("the entries contradict the deadline")
    with _step(shown, "levels"):
        levels = _levels(statement, scrubs, closing.position)
        together = linkable(scrubs, changed_places(statement), closing.position) if levels else ()
        at_l0 = sorted(table for table, level in levels.items() if level == L0)
        nights = {
            _night(predicate, "waiting", at_l0),
            _night(predicate, "linkable", [*together]),
        } - {None}
        if len(nights) > 1:
            raise EvidenceBroken("it names two nights for one scrub")
    if runs is not None:
        with _step(shown, "runs"):
            named = _objects(predicate, "runs")
            if not named and any(leaf.entry.batch_id is not None for leaf in leaves):
                raise EvidenceBroken("it has entries of runs but names no run")
            _require_runs(named, runs)
    return VerifiedCertificate(
        request_id=request_id,
        statement=statement,
        shown=tuple(shown),
        signed_by=signers[0],
        deadline=due,
        closed_at=closing.position,
        levels=levels,
        night=next(iter(nights), None),
        linkable=together,
        particulars=particulars,
        signed=Signed.of(checkpoint, "the certificate"),
    )


def is_subject(verified: VerifiedCertificate, identifier: str, request_key: bytes) -> bool:
    """Whether an identifier is one of the person whom the certificate is about.

    Args:
        identifier: an e-mail address, telephone number, customer number or contact id.
        request_key: the key of the request. Once it is destroyed nobody can tell any more.

    Raises:
        ConfigurationError: the key has another length.
    """
    if len(request_key) != _KEY_BYTES:
        raise ConfigurationError(f"the key of a request must have {_KEY_BYTES} bytes")
    digests = verified.statement.get("subject")
    possible = possible_digests(identifier, subject_key(request_key))
    return isinstance(digests, list) and any(digest in possible for digest in digests)


@contextmanager
def _step(shown: list[str], name: str) -> Iterator[None]:
    """Name the step in which a check fails."""
    failure = ""
    try:
        yield
    except EvidenceBroken as error:
        failure = str(error)
    if failure:
        raise EvidenceBroken(f"certificate, step {len(shown) + 1} ({name}): {failure}")
    shown.append(name)


def _require_inclusion(leaves: list[Leaf], paths: Json, size: int, root: str) -> None:
    if not isinstance(paths, list) or len(paths) != len(leaves):
        raise EvidenceBroken("the number of paths differs from the number of entries")
    for leaf, path in zip(leaves, paths, strict=True):
        steps = [each for each in path if isinstance(each, str)] if isinstance(path, list) else []
        try:
            proof = [bytes.fromhex(each) for each in steps]
        except ValueError:
            proof = []
        if any(len(each) != _SHA256 for each in proof) or steps != [each.hex() for each in proof]:
            raise EvidenceBroken("a path does not consist of SHA-256 hashes")
        merkle.verify_inclusion(
            bytes.fromhex(leaf.leaf_hash),
            leaf.position,
            size=size,
            proof=proof,
            root=bytes.fromhex(root),
        )


def _require_account(statement: Mapping[str, Json], leaves: list[Leaf]) -> None:
    kind, covers = statement.get("type"), statement.get("covers")
    rests_on = _RESTS_ON.get(kind) if isinstance(kind, str) else None
    last = next(
        (one for one in reversed(leaves) if one.entry.action is not Action.SEAL_BUNDLE), leaves[-1]
    )
    if rests_on is None or last.entry.action is not rests_on:
        raise EvidenceBroken("its entries do not end as this type of certificate requires")
    said = {
        "times": times(leaves, last.entry.at),
        "approved_by": approver(leaves),
        "done": done(leaves),
        "repeats": repeats(leaves) or None,
    }
    wrong = [name for name, value in said.items() if statement.get(name) != value]
    if wrong:
        raise EvidenceBroken(f"the entries contradict what it says of {', '.join(wrong)}")
    if rests_on is not Action.VERIFIED:
        return
    verification = _member(statement, "verification")
    gates = verification.get("gates")
    if verification.get("findings") != 0 or not isinstance(gates, list) or not gates:
        raise EvidenceBroken("it does not state that the gates ran without findings")
    if kind == "erasure":
        _require_approval(statement, leaves)
    needed = gates_for(frozenset(_certified(kind, covers, leaves)))
    ran = {gate for gate in gates if isinstance(gate, str)}
    if ran & {Gate.RESIDUE, Gate.COPIES} and not verification.get("searched"):
        raise EvidenceBroken("the search for residue read nothing")
    if missing := needed - ran:
        raise EvidenceBroken(f"gates did not run: {', '.join(sorted(missing))}")


def _certified(kind: object, covers: object, leaves: Sequence[Leaf]) -> Iterator[Certified]:
    """Yield what a certificate is about, as its type and its entries say."""
    if kind == "erasure":
        yield Certified.ERASURE
        if covers == "contact":
            yield Certified.CONTACT
    did = {leaf.entry.action for leaf in leaves}
    if Action.DELETE_OBJECTS in did:
        yield Certified.FILES
    if kind == "access" or Action.WRITE_BUNDLE in did:
        yield Certified.BUNDLE
    corrected = {leaf.entry.location for leaf in leaves if leaf.entry.action is Action.RECTIFY}
    # The person's own row is one place; any other had a copy of the old value.
    if len(corrected) > 1:
        yield Certified.CORRECTION


def _require_approval(statement: Mapping[str, Json], leaves: list[Leaf]) -> None:
    approved = [
        leaf.entry.digest
        for leaf in leaves[unrevoked_from(leaves) :]
        if leaf.entry.action is Action.APPROVED and leaf.entry.phase is Phase.OUTCOME
    ]
    if not approved or approved[-1] != statement.get("plan_digest"):
        raise EvidenceBroken("no entry records the approval of this plan")


def _levels(statement: Mapping[str, Json], scrubs: list[Leaf], closed_at: int) -> Mapping[str, str]:
    positions = [leaf.position for leaf in scrubs]
    if positions != sorted(set(positions)) or any(each <= closed_at for each in positions):
        raise EvidenceBroken("the entries about files do not follow the closing entry in order")
    if any(
        leaf.entry.action not in OF_SCRUBS or leaf.entry.phase is not Phase.OUTCOME
        for leaf in scrubs
    ):
        raise EvidenceBroken("entries that are not about files are among those that are")
    if statement.get("level") is None:
        return {}
    return reached(scrubs, changed_places(statement), closed_at)


def _night(predicate: Mapping[str, Json], name: str, left: list[str]) -> str | None:
    """Return when waiting tables will be reached; certificates of earlier versions say nothing."""
    if name not in predicate:
        return None
    waiting = _only(_member(predicate, name), {"night", "tables"})
    if not waiting["tables"] or waiting["tables"] != left:
        raise EvidenceBroken(
            "the tables waiting for a scrub differ from those that the entries name"
        )
    night = waiting["night"]
    if night is None:
        return None
    try:
        return date.fromisoformat(str(night)).isoformat()
    except ValueError:
        raise EvidenceBroken("the night of the next scrub is not a date") from None


def _require_runs(runs: list[dict[str, Json]], folder: Path) -> None:
    for run in runs:
        run_id, digest = texts(run, "run_id", "sha256")
        byte_count = run.get("bytes")
        if Path(run_id).name != run_id or not isinstance(byte_count, int):
            raise EvidenceBroken("a run has an invalid id or length")
        try:
            beginning = read_whole(folder / f"{run_id}.jsonl")[:byte_count]
        except (EvidenceBroken, DependencyUnreachable):
            raise EvidenceBroken(f"the step lines of the run {run_id} are missing") from None
        if len(beginning) != byte_count or hashlib.sha256(beginning).hexdigest() != digest:
            raise EvidenceBroken(f"the step lines of the run {run_id} were changed")
        if "entry" in run and any(
            run.get(name) != said for name, said in account(beginning).items()
        ):
            raise EvidenceBroken(f"the step lines of the run {run_id} name other tasks")


def _only(found: dict[str, Json], names: set[str]) -> dict[str, Json]:
    if set(found) != names:
        raise EvidenceBroken(f"its members must be {', '.join(sorted(names))}")
    return found


def _member(found: Mapping[str, Json], name: str) -> dict[str, Json]:
    value = found.get(name)
    if not isinstance(value, dict):
        raise EvidenceBroken(f"{name} is missing")
    return value


def _objects(found: Mapping[str, Json], name: str) -> list[dict[str, Json]]:
    value = found.get(name)
    wanted = [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(wanted) != len(value):
        raise EvidenceBroken(f"{name} is not a list of objects")
    return wanted
