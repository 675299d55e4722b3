"""The certificate of one request: its statement, signed, with the proof that the ledger has it.

One file needs nothing beside it but the public key: a DSSE envelope (Dead Simple Signing Envelope,
version 1.0.2) around an in-toto Statement (version 1). Its predicate holds the statement, the entry
that closed the request, the runs that worked on it, the path of each entry to the root of a signed
checkpoint, and, from version 2 on, the particulars of the request.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import rfc8785

from lacuna.errors import EvidenceBroken
from lacuna.evidence import merkle
from lacuna.evidence.canonical_bytes import document, read_entry
from lacuna.evidence.canonical_json import Json, read_canonical, texts
from lacuna.evidence.particulars import Particulars
from lacuna.evidence.runs import RunRecord, run_document
from lacuna.evidence.scrub_depth import linkable, reached, relevant_scrubs, waiting_tables
from lacuna.evidence.signing_keys import SigningKey
from lacuna.evidence.summary import deadline
from lacuna.model.evidence import Action, Leaf

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "urn:lacuna:certificate:2"
WITHOUT_PARTICULARS: Final = "urn:lacuna:certificate:1"
"""The type of earlier certificates, which name no parties; they stay valid."""


@dataclass(frozen=True)
class ClosedRequest:
    """A request whose certificate is issued.

    Attributes:
        closing: the entry that names the statement's digest.
        runs: those that worked on it.
    """

    closing: Leaf
    particulars: Particulars
    runs: Sequence[RunRecord] = ()


@dataclass(frozen=True)
class SealedLedger:
    """The ledger as a checkpoint was signed over it.

    Attributes:
        tree: over the leaf hashes of all entries that the checkpoint covers.
        note: the signed checkpoint.
        scrubs: its entries about rows and files that were rewritten, in order.
        night: of the next scrub after the seal; None where no window is set.
    """

    tree: merkle.Tree
    note: str
    scrubs: Sequence[Leaf] = ()
    night: date | None = None


def issue(statement: bytes, closed: ClosedRequest, ledger: SealedLedger, key: SigningKey) -> bytes:
    """Return the certificate around a statement: canonical JSON, the same each time.

    Args:
        statement: as `certify` wrote it.

    Raises:
        EvidenceBroken: the statement is not the one that the closing entry names, or the ledger
            was sealed before it.
    """
    closing, runs = closed.closing, closed.runs
    content = read_canonical(statement, "the statement")
    digest = hashlib.sha256(statement).hexdigest()
    request_id = closing.entry.request_id
    if (
        closing.entry.action is not Action.COMPLETED
        or closing.entry.digest != digest
        or content.get("request_id") != request_id
    ):
        raise EvidenceBroken(
            f"{request_id}: the statement differs from the one that the ledger names. Stop all "
            "processing and compare it with a backup"
        )
    entries = content.get("entries")
    leaves = [read_entry(each) for each in entries] if isinstance(entries, list) else []
    scrubs: list[Leaf] = []
    waiting: dict[str, Json] = {}
    if content.get("level") is not None:
        places = changed_places(content)
        scrubs = relevant_scrubs(ledger.scrubs, places, closing.position)
        tables = waiting_tables(scrubs, places, closing.position)
        night = None if ledger.night is None else ledger.night.isoformat()
        waiting = {"waiting": {"night": night, "tables": [*tables]}} if tables else {}
        if together := linkable(scrubs, places, closing.position):
            waiting["linkable"] = {"night": night, "tables": [*together]}
    payload = rfc8785.dumps(
        {
            "_type": STATEMENT_TYPE,
            "predicateType": PREDICATE_TYPE,
            "subject": [{"name": f"lacuna:request:{request_id}", "digest": {"sha256": digest}}],
            "predicate": {
                "statement": content,
                "particulars": closed.particulars.document(),
                "closing": document(closing.entry, closing.position),
                "scrubs": [document(leaf.entry, leaf.position) for leaf in scrubs],
                # Which tables' files and rows a scrub has still to reach, and the night that is to.
                **waiting,
                "deadline": deadline(leaves, closing),
                "runs": [run_document(run) for run in runs],
                "log": {
                    "checkpoint": ledger.note,
                    "inclusion": [
                        _path(leaf, ledger.tree)
                        for leaf in (*leaves, closing, *scrubs, *(run.entry for run in runs))
                    ],
                },
            },
        }
    )
    signature = key.sign(pre_authentication(payload))
    return rfc8785.dumps(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [
                {"keyid": key.public.label, "sig": base64.b64encode(signature).decode()}
            ],
        }
    )


def pre_authentication(payload: bytes) -> bytes:
    """Return the bytes that an envelope's signature is over (DSSE: PAE).

    >>> pre_authentication(b"{}")
    b'DSSEv1 28 application/vnd.in-toto+json 2 {}'
    """
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def changed_places(statement: Mapping[str, Json]) -> list[str]:
    """Return the tables and columns that a statement says were changed; stores are left out."""
    done = statement.get("done")
    places = (
        [each.get("location") for each in done if isinstance(each, dict)]
        if isinstance(done, list)
        else []
    )
    return [
        place for place in places if isinstance(place, str) and "." in place and "/" not in place
    ]


def levels_of(certificate: bytes) -> Mapping[str, str]:
    """Return for each table the level that a certificate, not verified here, says was reached.

    Raises:
        EvidenceBroken: it is no certificate of this form.
    """
    predicate = predicate_of(certificate)
    closing, scrubs = predicate.get("closing"), predicate.get("scrubs")
    statement = predicate.get("statement")
    if not isinstance(statement, dict) or statement.get("level") is None:
        return {}
    return reached(
        [read_entry(each) for each in scrubs] if isinstance(scrubs, list) else [],
        changed_places(statement),
        read_entry(closing).position,
    )


def statement_of(certificate: bytes) -> Mapping[str, Json]:
    """Return the statement in a certificate, which is not verified here: for showing it.

    Raises:
        EvidenceBroken: it is no certificate of this form.
    """
    statement = predicate_of(certificate).get("statement")
    if not isinstance(statement, dict):
        raise EvidenceBroken("the certificate contains no statement")
    return statement


def signers_of(certificate: bytes) -> list[str]:
    """Return name and id of each key that a certificate, not verified here, says it is signed with.

    Raises:
        EvidenceBroken: it is no JSON in its canonical form.
    """
    found = read_canonical(certificate, "the certificate").get("signatures")
    signatures = (
        [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    )
    return [label for each in signatures if isinstance(label := each.get("keyid"), str)]


def predicate_of(certificate: bytes) -> Mapping[str, Json]:
    """Return all that a certificate, not verified here, holds: the statement and what is around it.

    Raises:
        EvidenceBroken: it is no certificate of this form.
    """
    envelope = read_canonical(certificate, "the certificate")
    (payload,) = texts(envelope, "payload")
    content = read_canonical(base64.b64decode(payload), "the payload")
    predicate = content.get("predicate")
    if not isinstance(predicate, dict):
        raise EvidenceBroken("the certificate contains no statement")
    return predicate


def _path(leaf: Leaf, tree: merkle.Tree) -> list[str]:
    if leaf.position >= tree.size or tree.leaf(leaf.position).hex() != leaf.leaf_hash:
        raise EvidenceBroken(
            f"{leaf.entry.request_id}: the entry at position {leaf.position} is not in the ledger "
            "or came after the seal; seal the ledger again"
        )
    return [step.hex() for step in tree.inclusion_proof(leaf.position)]
