"""A certificate says what the ledger, the plan and the gates say; where one is silent, it is refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lacuna.errors import EvidenceBroken, VerificationFailed
from lacuna.evidence import StatementType, certify, leaf_of, result_digest, write_statement
from lacuna.model.evidence import Action, Entry, Phase
from lacuna.model.finding import Certified, Finding, Gate, Verification
from lacuna.model.location import TableName
from lacuna.model.plan import (
    AnonymizeRows,
    DeleteObjects,
    DeleteRows,
    Plan,
    Rectify,
    RedactMentions,
    RedactText,
    Restrict,
    Retain,
    RewriteObjects,
    WriteBundle,
)
from lacuna.model.request import Level, RequestKind
from lacuna.model.scrub import ReachedLevel

REQUEST = "0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10"
OTHER = "7d1d5a0e-19a1-4f43-8f6c-2f3b5f0a9e11"
BATCH = "2f9b7f3c-2b0a-4e59-8a64-3d1f4f1f9b02"
PLAN_DIGEST, MAP_DIGEST = "ab" * 32, "cd" * 32
CONTACT = TableName("support", "contact")
MESSAGE = TableName("support", "message")
SUMMARY = TableName("support", "summary")

ERASURE = Plan(
    request_id=REQUEST,
    level=Level.CONTACT,
    kinds=(RequestKind.ERASURE,),
    datamap_digest=MAP_DIGEST,
    steps=(
        RedactText(MESSAGE, ("body",), 12),
        DeleteRows(SUMMARY, 2),
        AnonymizeRows(CONTACT, (("email", "suppress"),), 1),
        RedactMentions(MESSAGE, ("body",), 3),
        DeleteObjects("media", rows=4, byte_count=4096, missing=1),
        RewriteObjects("exports", "2026/*.parquet", 1),
        Retain("support.conversation", "statistics of the controller, no link left", 5),
    ),
    digest=PLAN_DIGEST,
)
ACCESS = replace(
    ERASURE,
    kinds=(RequestKind.ACCESS, RequestKind.PORTABILITY),
    steps=(WriteBundle((RequestKind.ACCESS, RequestKind.PORTABILITY), 18, 4),),
)
_NEEDED = (Gate.RESIDUE, Gate.CANARY, Gate.OBJECTS, Gate.RECONCILIATION, Gate.UNPLANNED)
_OF_ERASURE = {Certified.ERASURE, Certified.CONTACT, Certified.FILES}
# These at least, and whichever come.
ERASURE_GATES = tuple(
    dict.fromkeys((*_NEEDED, *(gate for gate in Gate if gate.needed & _OF_ERASURE)))
)


def verification(*gates, findings=(), opaque=(), request_id=REQUEST):
    return Verification(request_id, gates, findings, opaque, searched=57)


def ledger(*lines, request_id=REQUEST):
    """Return leaves, one a line: action, phase, location, rows, already, digest; a minute apart."""
    leaves = []
    for number, line in enumerate(lines):
        action, phase, location, rows, already, digest = (*line, *(None,) * (6 - len(line)))
        actor = "dpo:ab12cd34" if action in (Action.APPROVED, Action.REFUSED) else "flow:fulfilment"
        entry = Entry(
            at=datetime(2026, 3, 2, 22, 0, tzinfo=UTC) + timedelta(minutes=number),
            request_id=request_id,
            batch_id=BATCH,
            phase=phase,
            action=action,
            location=location,
            rows=rows,
            already=already,
            digest=digest,
            actor=actor,
        )
        leaves.append(leaf_of(entry, 40 + 2 * number))
    return leaves


IN, OUT = Phase.INTENT, Phase.OUTCOME
ACCEPTED = [
    (Action.RECEIVED, OUT, "lacuna.request"),
    (Action.RESOLVED, OUT, "lacuna.request"),
]
PLANNED = [(Action.PLANNED, OUT, "lacuna.plan", 19, None, PLAN_DIGEST)]
APPROVED = [(Action.APPROVED, OUT, "lacuna.plan", None, None, PLAN_DIGEST)]
INTENTS = [
    (Action.REDACT_TEXT, IN, "support.message", 12),
    (Action.DELETE_ROWS, IN, "support.summary", 2),
    (Action.ANONYMIZE_ROWS, IN, "support.contact", 1),
    (Action.REDACT_MENTIONS, IN, "support.message", 3),
]
OUTCOMES = [
    (Action.REDACT_TEXT, OUT, "support.message", 12),
    (Action.DELETE_ROWS, OUT, "support.summary", 2),
    (Action.ANONYMIZE_ROWS, OUT, "support.contact", 1),
    (Action.REDACT_MENTIONS, OUT, "support.message", 3),
]
EFFECTS = [
    (Action.DELETE_OBJECTS, IN, "media", 4),
    (Action.DELETE_OBJECTS, OUT, "media/recordings/*.wav", 2, 0),
    (Action.DELETE_OBJECTS, OUT, "media/recordings/*.wav", 1, 1),
    (Action.REWRITE_OBJECTS, IN, "exports/2026/*.parquet", 1),
    (Action.REWRITE_OBJECTS, OUT, "exports/2026/*.parquet", 1, 0),
]
VERIFIED = [(Action.VERIFIED, OUT, "lacuna.verification", 57, None, PLAN_DIGEST)]
ERASED = ACCEPTED + PLANNED + APPROVED + INTENTS + OUTCOMES + EFFECTS + VERIFIED
HANDED_OVER = [
    *ACCEPTED,
    *PLANNED,
    (Action.WRITE_BUNDLE, IN, "lacuna.bundle", 18),
    (Action.WRITE_BUNDLE, OUT, "lacuna.bundle", 18),
    (Action.SEAL_BUNDLE, OUT, "lacuna.bundle", None, None, "ef" * 32),
    *VERIFIED,
]


def erasure_certificate(lines=ERASED, plan=ERASURE, **changes):
    gates = verification(*ERASURE_GATES, opaque=("support.attachment.scan: images",))
    return certify(ledger(*lines), plan=plan, verification=replace(gates, **changes))


def readable(certificate):
    return json.dumps(json.loads(certificate.content), indent=2, ensure_ascii=False) + "\n"


def test_the_certificate_of_an_erasure(golden):
    levels = (
        ReachedLevel("database", "L0", "2026-05-02", "2026-06-05"),
        ReachedLevel("media", "L1", None, "2026-06-05"),
    )
    golden("statement_erasure.json", readable(erasure_certificate(levels=levels)))


def test_the_certificate_of_an_access(golden):
    certificate = certify(ledger(*HANDED_OVER), plan=ACCESS, verification=verification(Gate.BUNDLE))
    golden("statement_access.json", readable(certificate))


def test_the_certificate_that_nothing_was_found(golden):
    lines = [*ACCEPTED[:1], (Action.NOTHING_FOUND, OUT, "lacuna.request")]
    certificate = certify(ledger(*lines), plan=None, verification=None)
    golden("statement_nothing_found.json", readable(certificate))


def test_the_certificate_of_a_refusal(golden):
    lines = [*ACCEPTED, *PLANNED, (Action.REFUSED, OUT, "lacuna.request")]
    certificate = certify(ledger(*lines), plan=None, verification=None)
    golden("statement_refused.json", readable(certificate))


def test_the_same_leaves_make_the_same_bytes_whatever_follows_them():
    first = erasure_certificate()
    assert erasure_certificate().content == first.content
    later = [
        *ERASED,
        (Action.COMPLETED, OUT, "lacuna.request", None, None, first.digest),
        (Action.FORGET_WORKING_COPIES, OUT, "lacuna", 3),
        (Action.DESTROY_KEY, OUT, "lacuna", 1),
    ]
    assert erasure_certificate(later).content == first.content
    assert erasure_certificate(later).digest == first.digest


def test_the_content_is_canonical_json():
    content = erasure_certificate().content
    again = json.dumps(
        json.loads(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert content == again.encode()


@pytest.mark.parametrize(
    ("kinds", "step", "action", "kind"),
    [
        (RequestKind.ERASURE, None, None, StatementType.ERASURE),
        (RequestKind.RECTIFICATION, Rectify(CONTACT, ("email",), 1, "0" * 64), Action.RECTIFY, StatementType.RECTIFICATION),
        (RequestKind.RESTRICTION, Restrict(RequestKind.RESTRICTION), Action.RESTRICT, StatementType.RESTRICTION),
        (RequestKind.OBJECTION, Restrict(RequestKind.OBJECTION), Action.RESTRICT, StatementType.RESTRICTION),
    ],
    ids=str,
)  # fmt: skip
def test_every_right_has_its_type(kinds, step, action, kind):
    plan = replace(ERASURE, kinds=(kinds,), steps=() if step is None else (step,))
    effect = [] if action is None else [(action, OUT, "support.contact", 1)]
    lines = [*ACCEPTED, *PLANNED, *APPROVED, *effect, *VERIFIED]
    certificate = certify(ledger(*lines), plan=plan, verification=verification(*ERASURE_GATES))
    assert certificate.type is kind


def test_an_erasure_together_with_other_rights_is_an_erasure():
    plan = replace(
        ERASURE,
        kinds=(RequestKind.ACCESS, RequestKind.ERASURE),
        steps=(*ACCESS.steps, *ERASURE.steps),
    )
    lines = ACCEPTED + PLANNED + APPROVED + HANDED_OVER[3:6] + ERASED[4:]
    gates = (*ERASURE_GATES, Gate.BUNDLE)
    assert erasure_certificate(lines, plan, gates=gates).type is StatementType.ERASURE
    with pytest.raises(VerificationFailed, match="1 gates did not run: bundle"):
        erasure_certificate(lines, plan)


def test_only_an_erasure_claims_a_level():
    certificate = certify(ledger(*HANDED_OVER), plan=ACCESS, verification=verification(Gate.BUNDLE))
    assert json.loads(certificate.content)["level"] is None
    assert json.loads(erasure_certificate().content)["level"] == "L0"


def test_what_was_found_done_is_never_counted_as_erased():
    done = json.loads(erasure_certificate().content)["done"]
    assert [line for line in done if line["action"] == "delete_objects"] == [
        {"action": "delete_objects", "location": "media/recordings/*.wav", "rows": 3, "already": 1}
    ]
    assert json.loads(erasure_certificate().content)["absent"] == [
        {"location": "media", "objects": 1}
    ]


# --- refused ----------------------------------------------------------------------------------------


def test_a_finding_leaves_no_certificate():
    with pytest.raises(VerificationFailed, match="1 findings are open"):
        erasure_certificate(findings=(Finding(Gate.RESIDUE, "support.message.body", 2),))


def test_no_gate_leaves_no_certificate():
    with pytest.raises(VerificationFailed, match="0 gates ran"):
        erasure_certificate(gates=())


@pytest.mark.parametrize("missing", ERASURE_GATES)
def test_an_erasure_is_not_certified_without_its_gates(missing):
    gates = tuple(gate for gate in ERASURE_GATES if gate is not missing)
    with pytest.raises(VerificationFailed, match=f"1 gates did not run: {missing}"):
        erasure_certificate(gates=gates)


def test_a_bundle_is_not_certified_unless_it_was_searched_for_other_peoples_data():
    with pytest.raises(VerificationFailed, match="did not run: bundle"):
        certify(ledger(*HANDED_OVER), plan=ACCESS, verification=verification(Gate.RESIDUE))


def test_a_bundle_that_was_not_sealed_is_not_certified():
    lines = [line for line in HANDED_OVER if line[0] is not Action.SEAL_BUNDLE]
    with pytest.raises(VerificationFailed, match="1 of 1 steps"):
        certify(ledger(*lines), plan=ACCESS, verification=verification(Gate.BUNDLE))


def test_a_bundle_may_be_sealed_after_its_verification():
    *before, seal, verified = HANDED_OVER
    leaves = ledger(*before, verified, seal, (Action.COMPLETED, OUT, "lacuna.request"))
    certificate = certify(leaves, plan=ACCESS, verification=verification(Gate.BUNDLE))
    content = json.loads(certificate.content)
    assert [entry["position"] for entry in content["entries"]] == [
        leaf.position for leaf in leaves[:-1]
    ]


@pytest.mark.parametrize("line", [*OUTCOMES, EFFECTS[4]], ids=lambda line: line[0])
def test_an_intent_without_its_outcome_leaves_no_certificate(line):
    lines = [each for each in ERASED if each != line]
    with pytest.raises(VerificationFailed, match="1 intents in the ledger have no outcome"):
        erasure_certificate(lines)


def test_an_intent_after_its_outcome_is_open_again():
    lines = [*ERASED[:-1], INTENTS[0], *VERIFIED]
    with pytest.raises(VerificationFailed, match="1 intents"):
        erasure_certificate(lines)


@pytest.mark.parametrize("action", [line[0] for line in OUTCOMES] + [Action.DELETE_OBJECTS])
def test_a_step_without_any_entry_leaves_no_certificate(action):
    lines = [each for each in ERASED if each[0] is not action]
    with pytest.raises(VerificationFailed, match="1 of 7 steps have no outcome"):
        erasure_certificate(lines)


def test_a_step_done_elsewhere_is_not_done():
    lines = [
        (*line[:2], "support.message_archive", *line[3:]) if line[0] is Action.REDACT_TEXT else line
        for line in ERASED
    ]
    with pytest.raises(VerificationFailed, match="1 of 7 steps"):
        erasure_certificate(lines)


def test_a_step_about_no_rows_needs_no_entry():
    plan = replace(ERASURE, steps=(*ERASURE.steps, DeleteObjects("raw", 0, 0, missing=2)))
    assert json.loads(erasure_certificate(plan=plan).content)["absent"][1]["objects"] == 2


def test_what_was_rolled_back_with_an_earlier_plan_is_no_open_intent():
    earlier = [
        (Action.PLANNED, OUT, "lacuna.plan", 19, None, "11" * 32),
        (Action.APPROVED, OUT, "lacuna.plan", None, None, "11" * 32),
        (Action.DELETE_ROWS, IN, "support.note", 7),
    ]
    certificate = erasure_certificate([*ACCEPTED, *earlier, *ERASED[2:]])
    assert "support.note" not in [
        each["location"] for each in json.loads(certificate.content)["done"]
    ]


def test_a_repeated_intent_after_a_crash_has_one_outcome():
    lines = [*ERASED[:8], *INTENTS, *ERASED[8:]]
    assert erasure_certificate(lines).type is StatementType.ERASURE


def test_an_erasure_that_nobody_approved_is_not_certified():
    with pytest.raises(EvidenceBroken, match="no approval of the plan"):
        erasure_certificate([line for line in ERASED if line[0] is not Action.APPROVED])


def test_an_approval_of_another_plan_is_none():
    lines = [(*line[:5], "11" * 32) if line[0] is Action.APPROVED else line for line in ERASED]
    with pytest.raises(EvidenceBroken, match="no approval of the plan"):
        erasure_certificate(lines)


def test_a_revoked_approval_is_none_until_it_is_given_again():
    revoked = [(Action.APPROVAL_REVOKED, OUT, "lacuna.plan", None, None, APPROVED[0][5])]
    before = [*ACCEPTED, *PLANNED, *APPROVED, *revoked]
    after = [*INTENTS, *OUTCOMES, *EFFECTS, *VERIFIED]
    with pytest.raises(EvidenceBroken, match="no approval of the plan"):
        erasure_certificate([*before, *after])
    again = erasure_certificate([*before, *APPROVED, *after])
    assert again.type is StatementType.ERASURE


def test_what_was_done_before_the_approval_does_not_count():
    lines = ACCEPTED + PLANNED + INTENTS + OUTCOMES + APPROVED + EFFECTS + VERIFIED
    with pytest.raises(VerificationFailed, match="4 of 7 steps"):
        erasure_certificate(lines)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ERASED[:-1],
        ERASED[:1],
        [*ERASED, OUTCOMES[0]],
        [*ERASED, INTENTS[0]],
        [*ERASED[:-1], (Action.VERIFIED, IN, "lacuna.verification")],
        [*ERASED[:-1], (Action.VERIFICATION_FAILED, OUT, "lacuna.verification", 1)],
        [*ERASED, (Action.VERIFICATION_FAILED, OUT, "lacuna.verification", 1)],
        [*ACCEPTED, (Action.WITHDRAWN, OUT, "lacuna.request")],
    ],
    ids=[
        "no entry",
        "not verified",
        "only received",
        "changed after the verification",
        "about to be changed after it",
        "about to be verified",
        "failed",
        "failed afterwards",
        "withdrawn",
    ],
)
def test_verification_comes_last(lines):
    with pytest.raises((VerificationFailed, EvidenceBroken)):
        erasure_certificate(lines)


def test_the_result_of_the_gates_is_the_one_that_the_ledger_names():
    gates = verification(*ERASURE_GATES)
    bound = (
        Action.VERIFIED,
        OUT,
        "lacuna.verification",
        0,
        None,
        result_digest(gates, PLAN_DIGEST),
    )
    lines = [*ERASED[:-1], bound]
    assert certify(ledger(*lines), plan=ERASURE, verification=gates).content
    for changed in (replace(gates, searched=58), replace(gates, opaque=("support.scan",))):
        with pytest.raises(EvidenceBroken, match="gate results"):
            certify(ledger(*lines), plan=ERASURE, verification=changed)


def test_a_failed_verification_that_was_repeated_with_success_is_certified():
    lines = [
        *ERASED[:-1],
        (Action.VERIFICATION_FAILED, OUT, "lacuna.verification", 1),
        OUTCOMES[0],
        *VERIFIED,
    ]
    done = json.loads(erasure_certificate(lines).content)["done"]
    assert done[0] == {
        "action": "redact_text",
        "location": "support.message",
        "rows": 24,
        "already": 0,
    }


def test_a_refusal_after_a_roll_back_or_a_hand_over_is_certified():
    lines = [*ACCEPTED, *PLANNED, *HANDED_OVER[3:6], *APPROVED, *INTENTS]
    refused = certify(
        ledger(*lines, (Action.REFUSED, OUT, "lacuna.request")), plan=None, verification=None
    )
    done = json.loads(refused.content)["done"]
    assert [line["action"] for line in done] == ["write_bundle", "seal_bundle"]


@pytest.mark.parametrize("action", [Action.REFUSED, Action.NOTHING_FOUND])
def test_what_was_refused_or_not_found_was_not_changed(action):
    lines = [*ACCEPTED, *PLANNED, *APPROVED, OUTCOMES[0], (action, OUT, "lacuna.request")]
    with pytest.raises(EvidenceBroken, match="1 ledger entries record changes of data"):
        certify(ledger(*lines), plan=None, verification=None)


@pytest.mark.parametrize("given", ["plan", "verification"])
def test_an_erasure_needs_its_plan_and_its_verification(given):
    both = {"plan": ERASURE, "verification": verification(*ERASURE_GATES)} | {given: None}
    with pytest.raises(VerificationFailed, match="a certificate needs the plan"):
        certify(ledger(*ERASED), **both)


def test_a_plan_or_a_verification_of_another_request_is_refused():
    leaves = ledger(*ERASED)
    gates = verification(*ERASURE_GATES)
    for plan, result in (
        (replace(ERASURE, request_id=OTHER), gates),
        (ERASURE, replace(gates, request_id=OTHER)),
    ):
        with pytest.raises(EvidenceBroken, match="belongs to another request"):
            certify(leaves, plan=plan, verification=result)


def test_leaves_of_two_requests_or_of_none_are_refused():
    gates = verification(*ERASURE_GATES)
    mixed = [*ledger(*ERASED[:3], request_id=OTHER), *ledger(*ERASED)[3:]]
    for leaves in (mixed, ledger(*ERASED, request_id=None), []):
        with pytest.raises(EvidenceBroken, match="cannot make a certificate"):
            certify(leaves, plan=ERASURE, verification=gates)


@pytest.mark.parametrize("position", range(len(ERASED)))
def test_an_edited_leaf_is_refused(position):
    leaves = ledger(*ERASED)
    leaf = leaves[position]
    leaves[position] = replace(leaf, entry=replace(leaf.entry, already=99))
    with pytest.raises(EvidenceBroken, match="does not match its hash"):
        certify(leaves, plan=ERASURE, verification=verification(*ERASURE_GATES))


def test_leaves_out_of_order_or_given_twice_are_refused():
    leaves = ledger(*ERASED)
    swapped = [*leaves[:5], leaves[6], leaves[5], *leaves[7:]]
    repeated = [*leaves[:5], leaves[4], *leaves[5:]]
    for wrong in (swapped, repeated):
        with pytest.raises(EvidenceBroken, match="out of order"):
            certify(wrong, plan=ERASURE, verification=verification(*ERASURE_GATES))


# --- written ----------------------------------------------------------------------------------------


def test_a_certificate_is_written_once_under_the_requests_id(tmp_path):
    certificate = erasure_certificate()
    path = write_statement(certificate, tmp_path / "certificates")
    assert path == tmp_path / "certificates" / f"{REQUEST}.json"
    assert path.read_bytes() == certificate.content
    assert write_statement(certificate, tmp_path / "certificates") == path
    with pytest.raises(EvidenceBroken, match="exists with other content"):
        write_statement(erasure_certificate(opaque=()), tmp_path / "certificates")


def test_a_certificate_does_not_print_its_content():
    assert "support" not in repr(erasure_certificate())
