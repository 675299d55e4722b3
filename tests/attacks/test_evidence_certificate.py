"""Somebody with the signing key and the ledger's pen certifies what was not checked, or not approved.

The statement is told as it pleases, the closing entry names it, the ledger was sealed with it: what is
left is what the certificate itself has to show.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
import rfc8785

from lacuna.errors import EvidenceBroken, VerificationFailed
from lacuna.evidence import (
    ClosedRequest,
    certify,
    issue,
    leaf_of,
    sign_checkpoint,
    verify_certificate,
)
from lacuna.evidence.signing_keys import ORIGIN, WORK, SigningKey
from lacuna.model.evidence import Action
from lacuna.model.finding import Gate
from lacuna.model.location import TableName
from lacuna.model.plan import Rectify, RectifyCopies
from lacuna.model.request import RequestKind
from tests.evidence.issued import KEY, PARTICULARS, closed, run_record, sealed
from tests.evidence.test_certificate import resigned
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


def told(edit, lines=ERASED, runs=(), **of_request):
    """Return the certificate of an erasure whose statement somebody edited before it was closed."""
    statement, leaves = closed(*lines, **of_request)
    content = json.loads(statement.content)
    edit(content)
    text = rfc8785.dumps(content)
    digest = hashlib.sha256(text).hexdigest()
    closing = leaf_of(replace(leaves[-1].entry, digest=digest), leaves[-1].position)
    every = [*leaves[:-1], closing, *(run.entry for run in runs)]
    return issue(text, ClosedRequest(closing, PARTICULARS, runs), sealed(every), KEY)


def nothing(_):
    """Edit nothing: so the certificate holds, and what an edit breaks is the edit's."""


def test_a_certificate_that_nobody_edited_holds():
    assert verify_certificate(told(nothing), KEY.public_text).shown


@pytest.mark.parametrize("gate", [str(gate) for gate in ERASURE_GATES])
def test_an_erasure_without_one_of_its_gates_is_not_certified(gate):
    forged = told(lambda one: one["verification"]["gates"].remove(gate))
    with pytest.raises(EvidenceBroken, match=rf"step 7 \(account\): gates did not run: {gate}"):
        verify_certificate(forged, KEY.public_text)


WITH_ACCESS = {
    "lines": ACCEPTED + PLANNED + APPROVED + HANDED_OVER[3:6] + ERASED[4:],
    "plan": replace(
        ERASURE,
        kinds=(RequestKind.ACCESS, RequestKind.ERASURE),
        steps=(*ACCESS.steps, *ERASURE.steps),
    ),
    "gates": (*ERASURE_GATES, Gate.BUNDLE),
}
PEOPLE, MESSAGES = TableName("support", "contact"), TableName("support", "message")
RECTIFIED = {
    "lines": [
        *(*ACCEPTED, *PLANNED, *APPROVED),
        (Action.RECTIFY, OUT, "support.contact", 1),
        (Action.RECTIFY, OUT, "support.message", 2),
        *VERIFIED,
    ],
    "plan": replace(
        ERASURE,
        kinds=(RequestKind.RECTIFICATION,),
        steps=(
            Rectify(PEOPLE, ("name",), 1, "ab" * 32),
            RectifyCopies(MESSAGES, (("sender", 2),), 2, "ab" * 32),
        ),
    ),
    "gates": (Gate.COPIES, Gate.CANARY),
}


@pytest.mark.parametrize(
    ("of_request", "gate"),
    [(WITH_ACCESS, "bundle"), (RECTIFIED, "copies"), (RECTIFIED, "canary")],
)
def test_whoever_has_the_file_alone_asks_for_every_gate_that_issuing_asks_for(of_request, gate):
    assert verify_certificate(told(nothing, **of_request), KEY.public_text).shown
    forged = told(lambda one: one["verification"]["gates"].remove(gate), **of_request)
    with pytest.raises(EvidenceBroken, match=rf"step 7 \(account\): gates did not run: {gate}"):
        verify_certificate(forged, KEY.public_text)


@pytest.mark.parametrize("searched", [0, None])
def test_a_search_that_read_nothing_found_nothing(searched):
    forged = told(lambda one: one["verification"].update(searched=searched))
    with pytest.raises(EvidenceBroken, match="read nothing"):
        verify_certificate(forged, KEY.public_text)
    leaves = ledger(*ERASED)
    with pytest.raises(VerificationFailed, match="read nothing"):
        certify(
            leaves,
            plan=ERASURE,
            verification=replace(verification(*ERASURE_GATES), searched=0),
        )


@pytest.mark.parametrize("digest", ["cd" * 32, None])
def test_an_erasure_of_another_plan_than_the_approved_one_is_not_certified(digest):
    forged = told(lambda one: one.update(plan_digest=digest))
    with pytest.raises(EvidenceBroken, match="no entry records the approval of this plan"):
        verify_certificate(forged, KEY.public_text)


def test_an_erasure_whose_approval_was_revoked_is_not_certified():
    at = ERASED.index(APPROVED[0]) + 1
    harmless = (Action.EXTENDED, OUT, "lacuna.request")
    statement, leaves = closed(*ERASED[:at], harmless, *ERASED[at:])
    content = json.loads(statement.content)
    assert content["entries"][at]["action"] == "extended"
    content["entries"][at]["action"] = "approval_revoked"
    text = rfc8785.dumps(content)
    revoked = replace(leaves[at].entry, action=Action.APPROVAL_REVOKED)
    leaves[at] = leaf_of(revoked, leaves[at].position)
    digest = hashlib.sha256(text).hexdigest()
    leaves[-1] = leaf_of(replace(leaves[-1].entry, digest=digest), leaves[-1].position)
    forged = issue(text, ClosedRequest(leaves[-1], PARTICULARS), sealed(leaves), KEY)
    with pytest.raises(EvidenceBroken, match="no entry records the approval of this plan"):
        verify_certificate(forged, KEY.public_text)


def test_a_certificate_that_names_no_run_shows_none(tmp_path):
    """With a folder of step lines to compare, nothing to compare is not a comparison that holds."""
    statement, leaves = closed(*ERASED)
    assert any(leaf.entry.batch_id for leaf in leaves), "the entries are of a run"
    certificate = issue(
        statement.content, ClosedRequest(leaves[-1], PARTICULARS), sealed(leaves), KEY
    )
    assert verify_certificate(certificate, KEY.public_text).shown
    with pytest.raises(EvidenceBroken, match=r"step 9 \(runs\): .*names no run"):
        verify_certificate(certificate, KEY.public_text, runs=tmp_path)
    run = run_record(leaves[-1].position + 2)
    with pytest.raises(EvidenceBroken, match="are missing"):
        verify_certificate(told(nothing, runs=[run]), KEY.public_text, runs=tmp_path)


def test_the_workers_key_vouches_for_no_ledger():
    """A worker that was taken over signs a history of its own, and hands its key out with the rest."""
    private = SigningKey(ORIGIN, KEY._key)
    work = SigningKey(WORK, KEY._key)
    statement, leaves = closed(*ERASED)
    known = f"{private.public_text}\n{work.public_text}"
    forged = issue(
        statement.content, ClosedRequest(leaves[-1], PARTICULARS), sealed(leaves, work), work
    )
    with pytest.raises(EvidenceBroken, match=r"step 2 \(signature\)"):
        verify_certificate(forged, known)
    half = issue(
        statement.content, ClosedRequest(leaves[-1], PARTICULARS), sealed(leaves, work), private
    )
    with pytest.raises(EvidenceBroken, match=r"step 5 \(checkpoint\)"):
        verify_certificate(half, known)
    assert sign_checkpoint(1, "ab" * 32, work).startswith(WORK)


def test_which_tables_wait_for_a_scrub_follows_from_the_entries():
    whole = told(nothing)
    verified = verify_certificate(whole, KEY.public_text)
    assert set(verified.levels.values()) == {"L0"}
    for change in (
        lambda content: content["predicate"]["waiting"]["tables"].pop(),
        lambda content: content["predicate"]["waiting"]["tables"].clear(),
        lambda content: content["predicate"]["waiting"].update(night="soon"),
    ):
        with pytest.raises(EvidenceBroken, match=r"step 8 \(levels\)"):
            verify_certificate(resigned(whole, change), KEY.public_text)
