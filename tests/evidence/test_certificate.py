"""A certificate is verified by its file and a key alone, and no byte of it can be changed."""

import base64
import hashlib
import hmac
import itertools
import json
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime

import idna
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from lacuna.errors import ConfigurationError, EvidenceBroken
from lacuna.evidence import (
    SHOWS,
    ClosedRequest,
    SigningKey,
    certificate_page,
    is_subject,
    issue,
    leaf_of,
    verify_certificate,
)
from lacuna.evidence.certificate import pre_authentication, predicate_of
from lacuna.evidence.certificate_page.parties import in_time
from lacuna.evidence.signing_keys import ORIGIN
from lacuna.evidence.subject import possible_digests, subject_digests
from lacuna.evidence.summary import deadline
from lacuna.model.evidence import Action
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.treatment import poses_as_ascii
from tests.evidence.issued import (
    KEY,
    LINES,
    PARTICULARS,
    REQUEST_KEY,
    RUN_ID,
    SUBJECT,
    closed,
    erasure,
    run_record,
    sealed,
)
from tests.evidence.test_signed_statement import ACCEPTED, ERASED, OUT, REQUEST, ledger


@pytest.fixture(scope="module")
def erased():
    return erasure()


def resigned(certificate, change, key=KEY):
    """Return the certificate with a changed payload, signed again by whoever has the key."""
    envelope = json.loads(certificate)
    content = json.loads(base64.b64decode(envelope["payload"]))
    change(content)
    payload = rfc8785.dumps(content)
    envelope["payload"] = base64.b64encode(payload).decode()
    signature = key.sign(pre_authentication(payload))
    envelope["signatures"] = [
        {"keyid": key.public.label, "sig": base64.b64encode(signature).decode()}
    ]
    return rfc8785.dumps(envelope)


def test_a_certificate_is_verified_by_its_file_and_the_public_key(erased):
    verified = verify_certificate(erased, KEY.public_text)
    assert verified.request_id == REQUEST
    assert verified.statement["type"] == "erasure"
    # What each step shows can be said; the last is that of the step lines, which were not given.
    assert verified.shown == tuple(SHOWS)[:-1]
    assert verified.shown == (
        "form",
        "signature",
        "entries",
        "statement",
        "checkpoint",
        "inclusion",
        "account",
        "levels",
    )
    assert verified.signed_by == KEY.public.label
    assert verified.deadline is None, "no entry names the day"


def test_the_envelope_is_read_by_the_rules_of_dsse_and_in_toto(erased):
    envelope = json.loads(erased)
    payload = base64.b64decode(envelope["payload"])
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    (signature,) = envelope["signatures"]
    message = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(payload), payload)
    KEY.public.key.verify(base64.b64decode(signature["sig"]), message)
    statement = json.loads(payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    (subject,) = statement["subject"]
    content = rfc8785.dumps(statement["predicate"]["statement"])
    assert subject["digest"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_issuing_again_gives_the_same_bytes(erased):
    statement, leaves = closed(*ERASED)
    run = run_record(leaves[-1].position + 2)
    ledger_of_it = sealed([*leaves, run.entry])
    assert (
        issue(statement.content, ClosedRequest(leaves[-1], PARTICULARS, [run]), ledger_of_it, KEY)
        == erased
    )


@pytest.mark.thorough
def test_every_changed_byte_of_a_certificate_is_noticed():
    statement, leaves = closed(
        *ACCEPTED, (Action.REFUSED, OUT, "lacuna.request"), plan=None, gates=None
    )
    certificate = issue(
        statement.content, ClosedRequest(leaves[-1], PARTICULARS), sealed(leaves), KEY
    )
    assert verify_certificate(certificate, KEY.public_text).shown
    unnoticed = []
    for place in range(len(certificate)):
        # One bit that makes another letter, and one that makes a blank or the like.
        for bit in (0x01, 0x20):
            changed = bytearray(certificate)
            changed[place] ^= bit
            try:
                verify_certificate(bytes(changed), KEY.public_text)
            except EvidenceBroken:
                continue
            unnoticed.append((place, bit))
    assert unnoticed == []


@pytest.mark.parametrize(
    "change",
    [lambda c: c[:-1], lambda c: c + b"\n", lambda c: b" " + c, lambda c: b"", lambda c: b"[]"],
)
def test_a_cut_or_added_byte_is_noticed(erased, change):
    with pytest.raises(EvidenceBroken, match=r"step 1 \(form\)"):
        verify_certificate(change(erased), KEY.public_text)


def _edit_statement(content):
    content["predicate"]["statement"]["done"][0]["rows"] = 1


def _edit_entry(content):
    content["predicate"]["statement"]["entries"][5]["rows"] = 1


def _drop_entry(content):
    del content["predicate"]["statement"]["entries"][3]
    del content["predicate"]["log"]["inclusion"][3]


def _swap_entries(content):
    entries = content["predicate"]["statement"]["entries"]
    entries[1], entries[2] = entries[2], entries[1]


def _add_entry(content):
    entries = content["predicate"]["statement"]["entries"]
    entries.insert(1, entries[0] | {"position": entries[0]["position"] + 1})


def _other_closing(content):
    content["predicate"]["closing"]["digest"] = "ab" * 32


def _other_checkpoint(content):
    log = content["predicate"]["log"]
    log["checkpoint"] = log["checkpoint"].replace("lacuna/ledger\n", "lacuna/other\n", 1)


def _other_path(content):
    content["predicate"]["log"]["inclusion"][0][0] = "00" * 32


def _more(content):
    content["predicate"]["note"] = "and nothing else was ever held"


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (_edit_statement, r"step 4 \(statement\)"),
        (_edit_entry, r"step 4 \(statement\)"),
        (_drop_entry, r"step 4 \(statement\)"),
        (_swap_entries, r"step 3 \(entries\)"),
        (_add_entry, r"step \d \((entries|statement)\)"),
        (_other_closing, r"step 4 \(statement\)"),
        (_other_checkpoint, r"step 5 \(checkpoint\)"),
        (_other_path, r"step 6 \(inclusion\)"),
        (_more, r"step 1 \(form\)"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_whoever_has_the_signing_key_cannot_change_what_the_ledger_holds(erased, change, step):
    with pytest.raises(EvidenceBroken, match=step):
        verify_certificate(resigned(erased, change), KEY.public_text)


def _as_if_stated(content, edit):
    """Change the statement, and name its digest wherever it is named."""
    statement = content["predicate"]["statement"]
    edit(statement)
    digest = hashlib.sha256(rfc8785.dumps(statement)).hexdigest()
    content["subject"][0]["digest"]["sha256"] = digest
    content["predicate"]["closing"]["digest"] = digest


def test_a_changed_statement_that_is_named_everywhere_is_not_in_the_ledger(erased):
    forged = resigned(
        erased, lambda content: _as_if_stated(content, lambda one: one.update(approved_by=None))
    )
    with pytest.raises(EvidenceBroken, match=r"step 6 \(inclusion\)"):
        verify_certificate(forged, KEY.public_text)


@pytest.mark.parametrize(
    "edit",
    [
        lambda one: one["done"].pop(),
        lambda one: one.update(approved_by="dpo:somebody"),
        lambda one: one["times"].update(received_at="2026-04-02T22:00:00.000000Z"),
        lambda one: one.update(type="nothing_found"),
        lambda one: one.update(type="deleted"),
        lambda one: one["verification"].update(findings=1),
        lambda one: one["verification"].update(gates=["reconciliation", "residue"]),
    ],
)
def test_a_statement_that_its_own_entries_contradict_is_noticed(edit):
    """Even where the ledger itself was written with it: the account does not add up."""
    statement, leaves = closed(*ERASED)
    content = json.loads(statement.content)
    edit(content)
    told = rfc8785.dumps(content)
    digest = hashlib.sha256(told).hexdigest()
    closing = leaf_of(replace(leaves[-1].entry, digest=digest), leaves[-1].position)
    certificate = issue(
        told, ClosedRequest(closing, PARTICULARS), sealed([*leaves[:-1], closing]), KEY
    )
    with pytest.raises(EvidenceBroken, match=r"step 7 \(account\)"):
        verify_certificate(certificate, KEY.public_text)


def test_a_certificate_by_an_unknown_key_or_over_an_unknown_ledger_is_none(erased):
    other = SigningKey(ORIGIN, Ed25519PrivateKey.generate())
    with pytest.raises(EvidenceBroken, match=r"step 2 \(signature\)"):
        verify_certificate(erased, other.public_text)
    with pytest.raises(EvidenceBroken, match=r"step 2 \(signature\)"):
        verify_certificate(resigned(erased, lambda _: None, other), KEY.public_text)
    statement, leaves = closed(*ERASED)
    elsewhere = issue(
        statement.content, ClosedRequest(leaves[-1], PARTICULARS), sealed(leaves, other), KEY
    )
    with pytest.raises(EvidenceBroken, match=r"step 5 \(checkpoint\)"):
        verify_certificate(elsewhere, KEY.public_text)


def test_one_of_several_known_keys_is_enough(erased):
    other = SigningKey(ORIGIN, Ed25519PrivateKey.generate())
    assert verify_certificate(erased, f"{other.public_text}\n{KEY.public_text}\n").shown
    with pytest.raises(ConfigurationError, match="empty"):
        verify_certificate(erased, "\n")


def test_a_refusal_and_a_search_without_a_match_are_certified(erased):
    for action, kind in ((Action.REFUSED, "refused"), (Action.NOTHING_FOUND, "nothing_found")):
        statement, leaves = closed(
            *ACCEPTED, (action, OUT, "lacuna.request"), plan=None, gates=None
        )
        certificate = issue(
            statement.content, ClosedRequest(leaves[-1], PARTICULARS), sealed(leaves), KEY
        )
        assert verify_certificate(certificate, KEY.public_text).statement["type"] == kind


def test_only_the_statement_that_the_ledger_names_becomes_a_certificate():
    statement, leaves = closed(*ERASED)
    changed = statement.content.replace(b'"dpo:', b'"cpo:')
    assert changed != statement.content
    with pytest.raises(EvidenceBroken, match="differs from the one that the ledger names"):
        issue(changed, ClosedRequest(leaves[-1], PARTICULARS), sealed(leaves), KEY)
    with pytest.raises(EvidenceBroken, match="differs from the one that the ledger names"):
        issue(statement.content, ClosedRequest(leaves[-2], PARTICULARS), sealed(leaves), KEY)
    with pytest.raises(EvidenceBroken, match="is not in the ledger"):
        issue(statement.content, ClosedRequest(leaves[-1], PARTICULARS), sealed(leaves[:-3]), KEY)


def test_the_step_lines_of_the_runs_begin_as_they_did(erased, tmp_path):
    path = tmp_path / f"{RUN_ID}.jsonl"
    path.write_bytes(LINES + b'{"step": "verify"}\n')
    assert verify_certificate(erased, KEY.public_text, runs=tmp_path).shown[-1] == "runs"
    path.write_bytes(LINES.replace(b"apply", b"aplly"))
    with pytest.raises(EvidenceBroken, match=r"step 9 \(runs\).*were changed"):
        verify_certificate(erased, KEY.public_text, runs=tmp_path)
    path.write_bytes(LINES[:-1])
    with pytest.raises(EvidenceBroken, match="were changed"):
        verify_certificate(erased, KEY.public_text, runs=tmp_path)
    path.unlink()
    with pytest.raises(EvidenceBroken, match="are missing"):
        verify_certificate(erased, KEY.public_text, runs=tmp_path)


def test_a_certificate_names_every_try_of_every_task_its_log_its_code_and_its_map(erased):
    (run,) = predicate_of(erased)["runs"]
    assert (run["code_sha256"], run["datamap_sha256"]) == ("c0de", "da7a")
    first, second = run["tasks"]
    assert (first["task_id"], first["number"], first["state"]) == ("apply", 1, "not_ended")
    assert (second["number"], second["state"]) == (2, "done")
    assert second["log"] == {"bytes": 7, "sha256": "10e5"}
    assert second["ended_at"].startswith("2026-03-02T01:06")


def test_a_certificate_says_of_a_run_only_what_the_ledger_says(erased, tmp_path):
    run = run_record(40)
    statement, leaves = closed(*ERASED)
    changed = replace(run, lines=LINES.replace(b"done", b"lost"))
    with pytest.raises(EvidenceBroken, match="differ from those that the ledger names"):
        issue(
            statement.content,
            ClosedRequest(leaves[-1], PARTICULARS, [changed]),
            sealed([*leaves, run.entry]),
            KEY,
        )

    def other_digest(content):
        content["predicate"]["runs"][0]["sha256"] = "0" * 64

    def other_entry(content):
        content["predicate"]["runs"][0]["entry"]["rows"] = 1

    def other_task(content):
        content["predicate"]["runs"][0]["tasks"][1]["number"] = 1

    with pytest.raises(EvidenceBroken, match="the ledger contradicts the run"):
        verify_certificate(resigned(erased, other_digest), KEY.public_text)
    with pytest.raises(EvidenceBroken, match=r"step 6 \(inclusion\)"):
        verify_certificate(resigned(erased, other_entry), KEY.public_text)
    (tmp_path / f"{RUN_ID}.jsonl").write_bytes(LINES)
    with pytest.raises(EvidenceBroken, match="name other tasks"):
        verify_certificate(resigned(erased, other_task), KEY.public_text, runs=tmp_path)


@pytest.mark.parametrize(
    ("due", "is_met", "late"),
    [
        (date(2026, 4, 1), True, 0),
        (date(2026, 3, 31), True, 0),
        (date(2026, 3, 30), False, 1),
        (date(2026, 3, 20), False, 11),
    ],
)
def test_a_certificate_says_whether_the_deadline_was_met(due, is_met, late):
    line = (Action.DEADLINE, OUT, f"lacuna.request {due}")
    at = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    certificate = certificate_closed_at(at, line)
    found = predicate_of(certificate)["deadline"]
    assert found == {
        "due_on": due.isoformat(),
        "closed_at": "2026-03-31T23:59:00.000000Z",
        "is_met": is_met,
        "days_late": late,
    }
    assert verify_certificate(certificate, KEY.public_text)
    page = certificate_page(certificate).decode()
    days = "1 day" if late == 1 else f"{late} days"
    in_time = "met" if is_met else f"not met: {days} late"
    assert f"<dd>2026-03-31; the deadline was {in_time}</dd>" in page

    def better(content):
        content["predicate"]["deadline"]["days_late"] = late - 1

    with pytest.raises(EvidenceBroken, match="contradict the deadline"):
        verify_certificate(resigned(certificate, better), KEY.public_text)


def certificate_closed_at(at, *lines):
    """Return the certificate of an erasure that was closed at a moment."""
    *before, last = ERASED
    statement, every = closed(*before, *lines, last)
    closing = leaf_of(replace(every[-1].entry, at=at), every[-1].position)
    return issue(
        statement.content, ClosedRequest(closing, PARTICULARS), sealed([*every[:-1], closing]), KEY
    )


@pytest.mark.parametrize(
    ("handed", "due", "is_met", "late", "said"),
    [
        (None, date(2026, 4, 2), None, 0, "still running: the bundle had not been handed over"),
        (None, date(2026, 3, 30), False, 1, "not met: 1 day late"),
        (date(2026, 4, 2), date(2026, 4, 2), True, 0, "was met"),
        (date(2026, 4, 4), date(2026, 4, 2), False, 2, "not met: 2 days late"),
    ],
)
def test_access_is_given_when_the_bundle_was_handed_over(handed, due, is_met, late, said):
    lines = [
        (Action.SEAL_BUNDLE, OUT, "bundles"),
        (Action.DEADLINE, OUT, f"lacuna.request {due}"),
        *([] if handed is None else [(Action.RELEASE_BUNDLE, OUT, "bundles")]),
    ]
    leaves = ledger(*lines)
    if handed is not None:
        at = datetime.combine(handed, datetime.min.time(), UTC)
        leaves[-1] = leaf_of(replace(leaves[-1].entry, at=at), leaves[-1].position)
    closing = leaf_of(replace(leaves[0].entry, at=datetime(2026, 3, 31, tzinfo=UTC)), 9)
    found = deadline(leaves, closing)
    assert (found["is_met"], found["days_late"]) == (is_met, late)
    assert (found["handed_over_at"] or "")[:10] == ("" if handed is None else str(handed))
    assert said in f"was {in_time(found)}"
    assert deadline(leaves, closing, is_handed_over=False)["is_met"] is (due >= date(2026, 3, 31))


def test_a_refusal_was_closed_when_it_was_decided():
    due = (Action.DEADLINE, OUT, "lacuna.request 2026-04-01")
    refusal = (Action.REFUSED, OUT, "lacuna.request")
    statement, leaves = closed(*ACCEPTED, due, refusal, plan=None, gates=None)
    decided = leaves[-2].entry.at
    closing = leaf_of(replace(leaves[-1].entry, at=datetime(2026, 5, 1, tzinfo=UTC)), 99)
    certificate = issue(
        statement.content, ClosedRequest(closing, PARTICULARS), sealed([*leaves[:-1], closing]), KEY
    )
    assert predicate_of(certificate)["deadline"]["closed_at"][:10] == str(decided.date())
    assert predicate_of(certificate)["deadline"]["is_met"] is True


def test_a_certificate_of_a_version_without_runs_in_the_ledger_still_holds(erased):
    statement, leaves = closed(*ERASED)
    plain = issue(statement.content, ClosedRequest(leaves[-1], PARTICULARS), sealed(leaves), KEY)

    def as_before(content):
        digest = hashlib.sha256(LINES).hexdigest()
        run = {"flow": "fulfilment", "run_id": RUN_ID, "bytes": len(LINES), "sha256": digest}
        content["predicate"]["runs"] = [run]
        del content["predicate"]["deadline"]

    assert verify_certificate(resigned(plain, as_before), KEY.public_text)


@pytest.mark.parametrize(
    ("identifier", "answer"),
    [
        ("kaj.eksempel@example.org", True),
        (" KAJ.EKSEMPEL@EXAMPLE.ORG\n", True),
        ("0045 0011 2233", True),
        ("CUST-000000042", True),
        ("Kaj Eksempel", False),
        ("kaj.eksempel@example.com", False),
        ("cust-000000042", False),
        ("", False),
    ],
)
def test_with_the_requests_key_an_identifier_is_recognized(erased, identifier, answer):
    verified = verify_certificate(erased, KEY.public_text)
    assert is_subject(verified, identifier, REQUEST_KEY) is answer


def test_without_the_requests_key_nobody_is_recognized(erased):
    verified = verify_certificate(erased, KEY.public_text)
    assert not is_subject(verified, "kaj.eksempel@example.org", b"x" * 32)
    with pytest.raises(ConfigurationError, match="32 bytes"):
        is_subject(verified, "kaj.eksempel@example.org", REQUEST_KEY[:-1])


def test_no_identifier_is_in_a_certificate_in_clear_or_as_a_bare_hash(erased):
    content = base64.b64decode(json.loads(erased)["payload"]).lower()
    for one in SUBJECT:
        for value in (one.value, one.value.casefold(), "".join(filter(str.isdigit, one.value))):
            if value:
                assert value.casefold().encode() not in content
            assert hashlib.sha256(value.encode()).hexdigest().encode() not in content


_LOCAL = st.text(
    st.characters(categories=["Ll", "Lu", "Nd"], exclude_characters="\u0130\u1e9e"),
    min_size=1,
    max_size=9,
).filter(lambda text: not poses_as_ascii(text))
"""One that poses as another address compares as nothing but itself."""
_DOMAINS = st.sampled_from(["example.org", "bücher.example", "ΟΔΟΣ.example", "straße.example"])


def _one_case(text: str) -> str:
    """Return a text in capitals, but for what another letter has the same one of."""
    return "".join(each.upper() if each.upper().lower() == each else each for each in text)


@given(_LOCAL, _DOMAINS)
def test_however_an_address_is_spelled_its_certificate_is_the_same_persons(local, domain):
    address = f"{local}@{domain}"
    ascii_domain = idna.encode(domain, uts46=True).decode()
    spelled = {
        unicodedata.normalize("NFC", address),
        unicodedata.normalize("NFD", address),
        f"{local}@{''.join(map(str.lower, domain))}",
        f"{local}@{domain.upper() if domain.isascii() else domain}",
        f"{local}@{ascii_domain}",
        f"{local}@{ascii_domain.upper()}",
        f"  {address}\n",
        f"{_one_case(local)}@{domain}",
        f"{''.join(map(str.lower, local))}@{domain}",
    }
    for held, given_as in itertools.product(spelled, repeat=2):
        digests = subject_digests([Identifier(IdentifierKind.EMAIL, held)], b"x" * 32)
        assert digests & possible_digests(given_as, b"x" * 32)


@pytest.mark.parametrize("lower", ["ΟΔΟΣ".lower(), "οδοσ"])
def test_the_last_sigma_of_a_word_is_one_like_others(lower):
    """In capitals nobody sees which it was; in small letters the platform tells the two apart."""
    held = subject_digests([Identifier(IdentifierKind.EMAIL, "ΟΔΟΣ@example.org")], b"x" * 32)
    assert held <= possible_digests("οδοσ@example.org", b"x" * 32)
    same = lower == "οδοσ"
    assert bool(held & possible_digests(f"{lower}@example.org", b"x" * 32)) is same


def test_digests_of_earlier_versions_are_recognized():
    """They were made of an address by its letters alone."""
    key, old = b"x" * 32, "anna@bücher.example"
    digest = hmac.digest(key, f"email\0{old}".encode(), hashlib.sha256).hex()
    assert digest in possible_digests("ANNA@Bücher.example", key)


@given(st.text("+0123456789 ()/.-\u0660\u0664\uff15", min_size=1))
def test_a_number_is_the_same_in_whatever_digits_it_is_written(number):
    plain = "".join(str(unicodedata.decimal(each, each)) for each in number)
    digests = subject_digests([Identifier(IdentifierKind.PHONE, number)], b"x" * 32)
    assert digests & possible_digests(plain, b"x" * 32)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("straße@example.org", "strasse@example.org"),
        ("ﬁnn@example.org", "finn@example.org"),
        ("\uff4bim@example.org", "kim@example.org"),
    ],
)
def test_a_certificate_of_one_address_is_of_no_other_that_folds_to_the_same(one, other):
    digests = subject_digests([Identifier(IdentifierKind.EMAIL, one)], b"x" * 32)
    assert digests & possible_digests(one, b"x" * 32)
    assert not digests & possible_digests(other, b"x" * 32)
