"""Makes certificates for tests: statements, the ledger that holds their entries, and runs."""

import hashlib
import uuid
from dataclasses import replace
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lacuna.evidence import (
    About,
    ClosedRequest,
    Particulars,
    RunRecord,
    SealedLedger,
    SigningKey,
    Tree,
    certify,
    issue,
    leaf_of,
    sign_checkpoint,
    subject_digests,
)
from lacuna.evidence.signing_keys import ORIGIN
from lacuna.evidence.subject import subject_key
from lacuna.model.evidence import Action, Entry
from lacuna.model.finding import Gate
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.plan import Rectify, Restrict
from lacuna.model.request import CONTACT, RequestKind
from tests.evidence.test_signed_statement import (
    ACCEPTED,
    ACCESS,
    APPROVED,
    ERASED,
    ERASURE,
    ERASURE_GATES,
    HANDED_OVER,
    OUT,
    PLANNED,
    VERIFIED,
    ledger,
    verification,
)
from tests.evidence.test_signed_statement import CONTACT as CONTACTS

KEY = SigningKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"k" * 32))
REQUEST_KEY = b"r" * 32
SUBJECT = (
    Identifier(IdentifierKind.EMAIL, "Kaj.Eksempel@example.org"),
    Identifier(IdentifierKind.PHONE, "+45 00 11 22 33"),
    Identifier(IdentifierKind.EXTERNAL_ID, "CUST-000000042"),
    Identifier(IdentifierKind.NAME, "Kaj Eksempel"),
)
PARTICULARS = Particulars(
    number="FJ-0142",
    received_on="2026-03-01",
    rights=("erasure",),
    identity="mail",
    controller="Example Shop A/S, Example Street 1, 1000 Example City",
    data_protection_officer="dpo@shop.example.org",
    processor="Example Contact Center ApS, Example Street 2, 1000 Example City",
    supervisory_authority="The Authority, Example Road 1 (https://authority.example.org)",
    recordings=("media/recordings/*.wav",),
)
DUE = (Action.DEADLINE, OUT, "lacuna.request 2026-04-01")
RUN_ID = "gdpr_fulfilment.manual__2026-03-02"
LINES = (
    b'{"step": "code", "digest": "c0de"}\n'
    b'{"step": "task", "outcome": "began", "at": "2026-03-02T01:00:00.000+00:00", '
    b'"task": {"task_id": "apply", "map_index": -1, "number": 1}}\n'
    b'{"step": "datamap", "outcome": "checked", "digest": "da7a"}\n'
    b'{"step": "task", "outcome": "began", "at": "2026-03-02T01:05:00.000+00:00", '
    b'"task": {"task_id": "apply", "map_index": -1, "number": 2}}\n'
    b'{"step": "task", "outcome": "done", "at": "2026-03-02T01:06:00.000+00:00", '
    b'"task": {"task_id": "apply", "map_index": -1, "number": 2}}\n'
    b'{"step": "task_log", "outcome": "kept", "counts": {"bytes": 7}, "digest": "10e5", '
    b'"task": {"task_id": "apply", "map_index": -1, "number": 2}}\n'
)


def run_record(position, lines=LINES):
    """Return a run, as the ledger names it at a position."""
    entry = Entry(
        at=datetime(2026, 3, 2, 7, tzinfo=UTC),
        action=Action.RUN_RECORDED,
        location="evidence/runs",
        actor="flow:seal",
        batch_id=str(uuid.UUID(int=7)),
        rows=lines.count(b"\n"),
        digest=hashlib.sha256(lines).hexdigest(),
    )
    return RunRecord("fulfilment", RUN_ID, lines, leaf_of(entry, position))


def sealed(leaves, key=KEY):
    """Return the ledger that holds these leaves, and others between and after them."""
    last = max(leaf.position for leaf in leaves)
    others = leaf_of(leaves[0].entry, 0)
    hashes = {leaf.position: leaf.leaf_hash for leaf in leaves}
    tree = Tree(
        bytes.fromhex(hashes.get(position, leaf_of(others.entry, position).leaf_hash))
        for position in range(last + 4)
    )
    return SealedLedger(tree, sign_checkpoint(tree.size, tree.root().hex(), key))


def closed(*lines, plan=ERASURE, gates=ERASURE_GATES, ground=None, kind=CONTACT):
    """Return a statement and the leaves of its request, the closing one last."""
    leaves = ledger(*lines)
    result = verification(*gates) if gates else None
    digests = subject_digests(SUBJECT, subject_key(REQUEST_KEY))
    about = About(digests, kind)
    statement = certify(leaves, plan=plan, verification=result, about=about, ground=ground)
    # The closing entry names the statement.
    every = ledger(*lines, (Action.COMPLETED, OUT, "lacuna.request", None, None, statement.digest))
    return statement, every


def erasure(*lines):
    """Return the certificate of an erasure on which one run worked; `lines` come before its end."""
    *before, last = ERASED
    statement, leaves = closed(*before, *lines, last)
    run = run_record(leaves[-1].position + 2)
    return issue(
        statement.content,
        ClosedRequest(leaves[-1], PARTICULARS, [run]),
        sealed([*leaves, run.entry]),
        KEY,
    )


def certified(*lines, particulars=PARTICULARS, **of_request):
    """Return a certificate on which no run worked."""
    statement, leaves = closed(*lines, **of_request)
    return issue(statement.content, ClosedRequest(leaves[-1], particulars), sealed(leaves), KEY)


def of_kind(kind):
    """Return a certificate of each kind that there is."""
    lines = [*ACCEPTED, *PLANNED, *APPROVED]
    asked = replace(PARTICULARS, rights=(kind,))
    match kind:
        case "erasure":
            return erasure(DUE)
        case "access":
            *before, last = HANDED_OVER
            return certified(
                *before, DUE, last, plan=ACCESS, gates=(Gate.BUNDLE,), particulars=asked
            )
        case "rectification":
            plan = replace(
                ERASURE,
                kinds=(RequestKind.RECTIFICATION,),
                steps=(Rectify(CONTACTS, ("email",), 1, "0" * 64),),
            )
            done = (Action.RECTIFY, OUT, "support.contact", 1)
            return certified(*lines, done, DUE, *VERIFIED, plan=plan, particulars=asked)
        case "restriction" | "objection":
            right = RequestKind(kind)
            plan = replace(ERASURE, kinds=(right,), steps=(Restrict(right),))
            done = (Action.RESTRICT, OUT, "lacuna", 1)
            return certified(*lines, done, DUE, *VERIFIED, plan=plan, particulars=asked)
        case "nothing_found":
            nobody = (Action.NOTHING_FOUND, OUT, "lacuna.request")
            return certified(*ACCEPTED, DUE, nobody, plan=None, gates=None)
        case _:
            refusal = (Action.REFUSED, OUT, "lacuna.request")
            return certified(*ACCEPTED, DUE, refusal, plan=None, gates=None, ground="12(5)(b)")


KINDS = (
    "erasure", "access", "rectification", "restriction", "objection", "nothing_found", "refused",
)  # fmt: skip
