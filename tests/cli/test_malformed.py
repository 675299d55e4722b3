"""Malformed input ends with 2, as README says, whatever the command; nothing of it is repeated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.conftest import commands
from tests.cli.test_decisions import submit
from tests.flows.observation import quiet_people, rows_of

CANARY = "canary-7f3a"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
AS = ("--as", "dana")
SUBMIT = ("request", "submit", "--org", "fjordlys", "--kind", "erasure")
PERSON = ("--email", "somebody@example.org")
ACCEPT = ("agreement", "accept", "--org", "fjordlys", "--kind", "dpa", "--version", "1")
CONSENT = ("consent", "record", "--org", "fjordlys", "--call", "1", "--status", "opted_in")

# Commands that take no text at all, or whose text may be anything.
WITHOUT = {"up", "down", "db url", "datamap check", "datamap prove", "datamap show", "request list", "rule list",
           "mail list", "notice list", "agreement list", "consent reconcile", "attack",
           "officer list", "submitter list", "analyst list", "doctor", "objects list", "objects sweep"}  # fmt: skip


def cases(request_id: str, files) -> Iterator[tuple[str, ...]]:
    """Yield commands of which one word is malformed, or names what is not there."""
    by_id = [
        ("plan",), ("verify",), ("request", "show"), ("request", "force"),
        *(("request", each, *AS) for each in ("withdraw", "lift", "extend", "ask", "resume")),
        ("request", "resolve", "--contact-id", "1", *AS),
        ("request", "verify-identity", "--by", "passport", *AS),
        ("request", "instruct", "--by", "letter", *AS),
        ("request", "assign", "--to", "dana", *AS), ("mail", "assign", "--to", "dana", *AS),
        ("request", "comment", "--text", "she called", *AS),
        ("request", "approve", "--plan", "0" * 64, *AS),
        ("request", "revoke", *AS),
        ("request", "refuse", "--ground", "12(5)", *AS),
        ("request", "hold", "--ground", "17(3)(e)", "--until", "2999-01-01", *AS),
        ("mail", "show", *AS), ("mail", "accept", *AS), ("mail", "dismiss", *AS),
        ("mail", "ask", "--letter", "question", *AS),
        ("notice", "show", *AS), ("notice", "settle", *AS),
        ("bundle", "open", "--key", str(files["text"]), "--to", str(files["new"])),
        ("bundle", "release", *AS), ("bundle", "link", *AS), ("bundle", "code", *AS),
    ]  # fmt: skip
    for command in by_id:
        words = 1 if command[0] in ("plan", "verify") else 2
        for wrong in (CANARY, "", "  ", "1", f"{UNKNOWN}0", f"{UNKNOWN[:-1]}\x07", "9" * 20_000):
            yield (*command[:words], wrong, *command[words:])
        for place, word in enumerate(command):
            if word.startswith("--"):
                for wrong in ("", " \t", "a\x1bb", "x" * 10_001):
                    yield (*command[:words], request_id, *command[words:place], word, wrong)
    for wrong in (CANARY, "2026-13-01", "2026-02-30", "yesterday", "0"):
        yield (*SUBMIT, *PERSON, "--received-at", wrong)
        yield ("request", "hold", request_id, "--ground", "17(3)(e)", "--until", wrong, *AS)
        yield (*ACCEPT, "--method", "web", *AS, "--at", wrong)
        yield (*CONSENT, "--method", "mail", *AS, "--at", wrong)
        yield ("consent", "withdraw", "--org", "fjordlys", *PERSON, *AS, "--at", wrong)
        yield ("run", "reporting", "--from", wrong)
    for wrong in (CANARY, "", "1"):
        yield ("run", "fulfilment", "--request", wrong)
        yield ("run", "fulfilment", "--org", wrong)
    for wrong in (CANARY, "0" * 63, "0" * 65, "G" * 64):
        yield ("request", "approve", request_id, "--plan", wrong, *AS)
        yield ("rule", "approve", "no_such_rule", "--digest", wrong, *AS)
        yield ("rule", "revoke", "no_such_rule", "--digest", wrong, *AS)
        yield ("objects", "restore", "--digest", wrong, *AS)
    yield ("rule", "approve", "no_such_rule", "--digest", "0" * 64, *AS, "--max-rows", "-1")
    for who in ("", "  ", CANARY):
        yield ("objects", "restore", "--digest", "0" * 64, "--as", who)
    yield ("objects", "restore", "--digest", "0" * 64, *AS)
    for wrong in (
        ("--email", CANARY),
        ("--phone", CANARY),
        ("--email", "a" * 400 + "@example.org"),
    ):
        yield (*SUBMIT, *wrong)
    for more in (
        ("--set", "city=Odense"), ("--set", CANARY), ("--set", "=x"), ("--person-kind", CANARY),
        ("--verified-by", " "), ("--instructed-by", "", *AS), ("--instructed-by", "letter"), ("--bundle-key", CANARY),
    ):  # fmt: skip
        yield (*SUBMIT, *PERSON, *more)
    yield ("request", "submit", "--org", CANARY, "--kind", "erasure", *PERSON)
    for more in (PERSON, ("--email", CANARY), (*PERSON, "--person-kind", CANARY), ()):
        yield ("request", "submit", "--kind", "erasure", *more)
    yield ("request", "submit", "--org", "fjordlys", "--kind", CANARY, *PERSON)
    yield ("request", "refuse", request_id, "--ground", CANARY, *AS)
    yield ("request", "refuse", request_id, "--ground", "12(5)", *AS, "--kind", CANARY)
    yield ("request", "hold", request_id, "--ground", CANARY, "--until", "2999-01-01", *AS)
    for table in (CANARY, "a.b.c", "contact_center.nosuch"):
        until = ("--ground", "17(3)(e)", "--until", "2999-01-01")
        yield ("request", "hold", request_id, *until, "--table", table, *AS)
    text = ("agreement", "add", "--kind", "dpa", "--version", "2", *AS, "--text")
    yield (*text, str(files["text"]), "--org", CANARY)
    for wrong in ("missing", "folder"):
        yield (*text, str(files[wrong]), "--org", "fjordlys")
        yield ("bundle", "open", request_id, "--to", "x", "--key", "x", "--nosuch", wrong)
        yield ("evidence", "verify", str(files[wrong]))
        yield ("redact", str(files[wrong]), "--output", str(files["new"]))
        yield ("bench", "redaction", "--corpus", str(files[wrong]))
        yield ("prove-absent", "--identifiers", str(files[wrong]), "--folder", str(files["folder"]))
        yield ("datamap", "scaffold", "--output", str(files["new"]), "--answers", str(files[wrong]))
        yield ("sample", "load", "--dialogues", str(files[wrong]))
    yield ("redact", str(files["binary"]), "--output", str(files["new"]), "--language", "danish")
    yield ("datamap", "scaffold", "--output", str(files["text"]))
    yield ("datamap", "ropa", "--org", "")
    pack = ("datamap", "init", "django-helpdesk", "--output")
    for wrong in ("", CANARY, "../x", "a" * 400):
        yield ("datamap", "init", wrong, "--output", str(files["new"]))
        yield (*pack, str(files["new"]), "--version", wrong)
    yield (*pack, str(files["text"]))
    for wrong in ("missing", "text"):
        yield (*pack, str(files["new"]), "--files", str(files[wrong]))
    yield ("intake", "ftp://example.org/box")
    yield ("intake", str(files["missing"]))
    for wrong in ("", CANARY, "../x", "csat_weekly", "a" * 400):
        yield ("mart", "new", wrong)
    for wrong in ("", CANARY, "csat"):
        yield ("mart", "check", wrong)
    yield ("evidence", "rotate-key", "--as", "")
    for wrong in ("", CANARY, "0" * 63):
        yield ("evidence", "acknowledge-restore", "--digest", wrong, *AS)
        yield ("evidence", "acknowledge-restore", "--digest", "0" * 64, "--as", wrong)
    yield ("evidence", "acknowledge-restore", "--digest", "0" * 64)
    yield ("evidence", "acknowledge-restore", *AS)
    yield ("evidence", "verify", "--ledger", "--runs", str(files["folder"]))
    for wrong in ("", " ellen", "ellen "):
        yield ("officer", "add", wrong, "--org", "fjordlys")
    yield ("officer", "add", "ellen", "--org", CANARY)
    yield ("officer", "remove", "", "--org", "fjordlys")
    yield ("officer", "need", "3", "--org", "fjordlys")
    yield ("officer", "need", "2", "--org", CANARY)
    yield ("submitter", "add", "", "--org", "fjordlys")
    yield ("submitter", "add", "portal", "--org", CANARY)
    yield ("submitter", "remove", "", "--org", "fjordlys")
    yield ("analyst", "add", "", "--org", "fjordlys")
    yield ("deliver", "--port", "70000")
    yield ("deliver", "--workers", CANARY)
    yield ("analyst", "add", "reader", "--org", CANARY)
    yield ("analyst", "remove", "", "--org", "fjordlys")
    yield ("run", CANARY)
    yield (
        "run",
        "reporting",
        "--restate",
        CANARY,
        "--org",
        "fjordlys",
        "--reason",
        "query_corrected",
    )


@pytest.mark.thorough
def test_whatever_is_malformed_ends_with_2_and_changes_nothing(lacuna, installation, tmp_path):
    files = {name: tmp_path / name for name in ("missing", "folder", "binary", "text", "new")}
    files["folder"].mkdir()
    files["binary"].write_bytes(bytes(range(256)) * 4)
    files["text"].write_text("some text", encoding="utf-8")
    request_id = submit(lacuna, installation, quiet_people(installation.platform)[0])
    before = rows_of(installation.url, "lacuna")
    wrong, tried = [], set()
    for command in cases(request_id, files):
        tried |= {" ".join(command[:1]), " ".join(command[:2])}
        done = lacuna(*command)
        said = done.out + done.err
        if done.code != 2 or (CANARY in said and "usage" not in said.lower()):
            wrong.append((done.code, " ".join(command)[:120], said[-160:]))
    assert wrong == [], "\n".join(map(str, wrong))
    assert rows_of(installation.url, "lacuna") == before
    assert set(commands()) - tried - WITHOUT == set()
