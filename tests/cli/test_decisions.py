"""Every command about requests, rules and bundles: what it prints, and how it ends."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import pytest

from lacuna.flows import fulfilment
from lacuna.model.request import RequestKind
from lacuna.model.run import ApprovalMode
from tests.flows.observation import execute, people_named, platform_of, quiet_people
from tests.flows.restoring import dump_of, restored
from tests.officers import register

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
WITH_AN_ID = (
    ("request", "show"),
    ("request", "resolve", "--contact-id", "1", "--as", "dana"),
    ("request", "verify-identity", "--by", "passport", "--as", "dana"),
    ("request", "approve", "--plan", "0" * 64, "--as", "dana"),
    ("request", "revoke", "--as", "dana"),
    ("request", "refuse", "--ground", "12(5)", "--as", "dana"),
    ("request", "hold", "--ground", "12(5)", "--until", "2999-01-01", "--as", "dana"),
    ("request", "withdraw", "--as", "dana"),
    ("request", "force", "--as", "dana"),
    ("plan",),
    ("verify",),
    ("bundle", "open", "--key", "key.txt", "--to", "there"),
    ("bundle", "release", "--as", "dana"),
)


def submit(lacuna, installation, contact, *more, kind="erasure", verified="challenge"):
    person = installation.platform.people[contact]
    done = lacuna(
        *("request", "submit", "--org", person.org_id, "--kind", kind, "--json"),
        *("--email", person.emails[0]),
        *(("--verified-by", verified) if verified else ()),
        *more,
    )
    assert done.code == 0, done.err
    return done.json["request_id"]


def show(lacuna, request_id):
    return lacuna("request", "show", request_id, "--json").json


# --- officers ---------------------------------------------------------------------------------------

DECISIONS = (
    ("request", "resolve", "ID", "--contact-id", "1"),
    ("request", "approve", "ID", "--plan", "0" * 64),
    ("request", "revoke", "ID"),
    ("request", "refuse", "ID", "--ground", "12(5)"),
    ("request", "hold", "ID", "--ground", "12(5)", "--until", "2999-01-01"),
    ("request", "extend", "ID"),
    ("request", "ask", "ID"),
    ("request", "resume", "ID"),
    ("request", "lift", "ID"),
    ("request", "instruct", "ID", "--by", "a letter"),
    ("request", "withdraw", "ID"),
    ("request", "force", "ID"),
    ("request", "assign", "ID", "--to", "dana"),
    ("request", "comment", "ID", "--text", "she called"),
    ("request", "submit", "--org", "fjordlys", "--kind", "erasure", "--email", "somebody@example.org",
     "--instructed-by", "a letter"),
    ("bundle", "release", "ID"),
    ("rule", "approve", "any", "--digest", "0" * 64),
    ("agreement", "add", "--org", "fjordlys", "--kind", "dpa", "--version", "2", "--text", "TEXT"),
    ("agreement", "accept", "--org", "fjordlys", "--kind", "dpa", "--version", "2", "--method", "web"),
    ("consent", "withdraw", "--org", "fjordlys", "--email", "somebody@example.org"),
    ("evidence", "rotate-key"),
    ("evidence", "acknowledge-restore", "--digest", "0" * 64),
)  # fmt: skip


@pytest.mark.parametrize("name", ["", "nobody", "hanna"])
@pytest.mark.parametrize("command", DECISIONS, ids=lambda command: " ".join(command[:2]))
def test_nobody_decides_who_is_not_in_the_register_for_the_tenant(
    lacuna, installation, tmp_path, command, name
):
    register(installation.stores.database, "hanna", org_id="hafenkontor")
    contact = quiet_people(installation.platform)[0]
    (tmp_path / "text").write_text("terms", "utf-8")
    given = {"ID": submit(lacuna, installation, contact), "TEXT": str(tmp_path / "text")}
    before = ledger_of(installation)
    done = lacuna(*(given.get(word, word) for word in command), "--as", name)
    said = "is empty" if name == "" else "lacuna officer add"
    assert (done.code, said in done.err) == (2, True), done.err
    assert name == "" or name not in done.err
    assert ledger_of(installation) == before


def ledger_of(installation):
    return execute(installation.url, "select count(*) from lacuna_evidence.entry")


OF_NO_TENANT = (
    ("run", "reporting", "--restate", "2026-W01", "--org", "nosuch", "--reason", "query_corrected"),
    ("agreement", "add", "--org", "nosuch", "--kind", "dpa", "--version", "2", "--text", "TEXT"),
    ("agreement", "accept", "--org", "nosuch", "--kind", "dpa", "--version", "2", "--method", "web"),
    ("consent", "record", "--org", "nosuch", "--call", "1", "--status", "granted", "--method", "mail"),
    ("consent", "withdraw", "--org", "nosuch", "--email", "somebody@example.org"),
    ("rule", "approve", "nosuch", "--digest", "0" * 64),
)  # fmt: skip


@pytest.mark.parametrize("command", OF_NO_TENANT, ids=lambda command: " ".join(command[:2]))
def test_a_tenant_or_rule_that_is_not_there_is_wrong_usage(lacuna, installation, tmp_path, command):
    (tmp_path / "text").write_text("terms", "utf-8")
    words = [str(tmp_path / "text") if word == "TEXT" else word for word in command]
    before = ledger_of(installation)
    done = lacuna(*words, *(() if command[0] == "run" else ("--as", "dana")))
    assert (done.code, "no such" in done.err) == (2, True), done.err
    assert "nosuch" not in done.err
    assert ledger_of(installation) == before


# --- ids ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", WITH_AN_ID, ids=lambda command: " ".join(command[:2]))
def test_an_id_that_is_none_is_wrong_usage_and_not_repeated(lacuna, command):
    words = [word for word in command if not word.startswith("--")]
    position = len(words) if len(command) == 1 else 2 if command[0] in ("request", "bundle") else 1
    done = lacuna(*command[:position], "anna.berg@example.org", *command[position:])
    assert done.code == 2
    assert "FJ-0142" in done.err
    assert "anna.berg" not in done.out + done.err


@pytest.mark.parametrize("command", WITH_AN_ID, ids=lambda command: " ".join(command[:2]))
def test_an_unknown_id_is_a_finding(lacuna, command):
    position = 2 if command[0] in ("request", "bundle") else 1
    done = lacuna(*command[:position], UNKNOWN_ID, *command[position:])
    assert done.code == 1
    assert UNKNOWN_ID in done.err
    assert done.out == ""


@pytest.mark.thorough
def test_an_id_may_be_written_in_capitals(lacuna, installation):
    request_id = submit(lacuna, installation, quiet_people(installation.platform)[0])
    assert lacuna("plan", request_id.upper()).code == 0
    assert show(lacuna, request_id.upper())["request_id"] == request_id


# --- submitting -----------------------------------------------------------------------------------


def test_a_submission_prints_its_number_and_a_repeated_one_the_same(lacuna, installation):
    contact = quiet_people(installation.platform)[0]
    email = installation.platform.people[contact].emails[0]
    command = ("request", "submit", "--org", "fjordlys", "--kind", "erasure", "--email", email)
    first = lacuna(*command)
    assert first.code == 0
    assert first.out == "FJ-0001\n"
    again = lacuna(*command)
    assert (again.code, again.out) == (0, first.out)
    repeated = lacuna(*command, "--json").json
    listed = lacuna("request", "list", "--json").json
    request_id = str(uuid.UUID(repeated["request_id"]))
    assert repeated == {"request_id": request_id, "number": "FJ-0001", "duplicate": True}
    assert [(one["request_id"], one["number"]) for one in listed] == [(request_id, "FJ-0001")]
    assert not people_named(installation.platform, [("the list", json.dumps(listed))])


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--email", "anna.berg at example.org"), 2),
        (("--email", "anna.berg@example.org, ben@example.org"), 2),
        (("--phone", "20304050 anna.berg"), 2),
        (("--email", ""), 2),
        ((), 2),
        (("--email", "anna.berg@example.org", "--set", "city=Odense"), 2),
        (("--email", "anna.berg@example.org", "--set", "anna.berg"), 2),
        (("--email", "anna.berg@example.org", "--received-at", "anna.berg"), 2),
        (("--email", "anna.berg@example.org", "--received-at", "2999-01-01"), 2),
    ],
)
def test_a_wrong_submission_is_wrong_usage_and_not_quoted(lacuna, more, code):
    done = lacuna("request", "submit", "--org", "fjordlys", "--kind", "erasure", *more)
    assert done.code == code
    assert done.out == ""
    assert "anna.berg" not in done.err
    assert lacuna("request", "list", "--json").json == []


def test_a_tenant_that_is_not_there_is_refused_with_those_that_are(lacuna, installation):
    tenants = sorted({one.org_id for one in installation.platform.people.values()})
    done = lacuna(
        *("request", "submit", "--org", "nosuch", "--kind", "erasure"),
        *("--email", "anna.berg@example.org"),
    )
    assert (done.code, done.out) == (2, "")
    assert ", ".join(tenants) in done.err
    assert "nosuch" not in done.err
    assert lacuna("request", "list", "--json").json == []


def test_a_column_that_cannot_be_corrected_is_refused_with_those_that_can(lacuna, installation):
    command = (
        *("request", "submit", "--org", "fjordlys", "--kind", "rectification"),
        *("--email", "anna.berg@example.org"),
    )
    for field in ("favourite_color", "contact_id", "org_id", "merged_into", " "):
        done = lacuna(*command, "--set", f"{field}=blue")
        assert (done.code, done.out) == (2, ""), field
        assert "display_name" in done.err or not field.strip()
        assert "blue" not in done.err
    assert lacuna("request", "list", "--json").json == []
    assert lacuna(*command, "--set", "display_name=Anna Berg").code == 0


def test_what_is_shown_of_a_request_is_what_other_programs_build_on(lacuna, installation):
    contact = quiet_people(installation.platform)[0]
    request_id = submit(lacuna, installation, contact, "--received-at", "2026-10-31T12:00:00+01:00")
    shown = show(lacuna, request_id)
    assert {"request_id", "kinds", "state", "received_at", "due_at", "plan_digest"} <= set(shown)
    assert shown["kinds"] == ["erasure"]
    assert shown["state"] == "received"
    assert shown["plan_digest"] is None
    assert shown["due_at"].startswith("2026-11-30T")
    plain = lacuna("request", "show", request_id)
    assert {"Rights: erasure", "State: received"} <= set(plain.out.splitlines())
    assert "None" not in plain.out
    assert not people_named(installation.platform, [("shown", plain.out)])


@pytest.mark.thorough
def test_an_officer_is_shown_the_new_values_of_a_correction_and_the_ledger_says_so(
    lacuna, installation
):
    contact = quiet_people(installation.platform)[0]
    org_id = installation.platform.people[contact].org_id
    request_id = lacuna(
        *("request", "submit", "--org", org_id, "--kind", "rectification", "--contact-id", contact),
        *("--verified-by", "passport", "--set", "display_name=Anna\u202e Berg\nstate: approved"),
    ).out.strip()
    shown = lacuna("request", "show", request_id)
    assert "Berg" not in shown.out
    asked = "select count(*) from lacuna_evidence.entry where action = 'disclosed' and rows = 2"
    for count in (1, 2):
        shown = lacuna("request", "show", request_id, "--as", "Ada")
        assert 'new value, display_name: "Anna\\\\u202e Berg\\nstate: approved"' in shown.out
        assert f"identifier, contact_id: {contact}" in shown.out
        assert execute(installation.url, asked) == [(count,)]
    document = lacuna("request", "show", request_id, "--as", "Ada", "--json").json
    assert document["new_values"] == {"display_name": "Anna\\u202e Berg\nstate: approved"}
    stranger = lacuna("request", "show", request_id, "--as", "nobody")
    assert (stranger.code, "Berg" in stranger.out + stranger.err) == (2, False)
    assert execute(installation.url, asked) == [(3,)]
    runs = [path.read_text() for path in installation.stores.home.rglob("*.jsonl")]
    assert not any("Berg" in text for text in runs)


# --- planning and approving -----------------------------------------------------------------------


@pytest.mark.thorough
def test_a_plan_is_shown_for_people_and_for_machines_and_is_the_one_approved(lacuna, installation):
    contact = quiet_people(installation.platform)[0]
    request_id = submit(lacuna, installation, contact)
    before = platform_of(installation)
    assert lacuna("run", "fulfilment").code == 0
    plan = lacuna("plan", request_id, "--json").json
    assert plan["request_id"] == request_id
    assert {"kind", "location", "rows"} <= set(plan["steps"][0])
    assert lacuna("plan", request_id, "--json").json == plan
    readable = lacuna("plan", request_id).out
    assert "contact_center.contacts" in readable
    # Nobody waits for a scrub that has no window.
    assert "\nAfterwards, no scrub: LACUNA_SCRUB_WINDOW opens no window.\n" in readable
    assert not people_named(installation.platform, [("plan", readable), ("json", json.dumps(plan))])
    assert platform_of(installation) == before

    wrong = lacuna("request", "approve", request_id, "--plan", "0" * 64, "--as", "dana")
    assert wrong.code == 1
    assert "0" * 64 in wrong.err
    assert plan["digest"] in wrong.err
    assert show(lacuna, request_id)["state"] == "planned"
    right = ("request", "approve", request_id, "--plan", plan["digest"], "--as", "dana")
    for _ in range(2):
        assert lacuna(*right).code == 0
    assert show(lacuna, request_id)["state"] == "approved"
    # The approver is a key id: no name is in the ledger.
    actors = execute(installation.url, "select distinct actor from lacuna_evidence.entry")
    assert not any("dana" in actor for (actor,) in actors)
    assert any(actor.startswith("dpo:") for (actor,) in actors)


@pytest.mark.thorough
def test_a_request_without_a_plan_says_what_it_waits_for(lacuna, installation):
    unverified = submit(lacuna, installation, quiet_people(installation.platform)[0], verified=None)
    done = lacuna("plan", unverified)
    assert done.code == 1
    assert "identity" in done.err
    blocked = submit(lacuna, installation, installation.platform.demo.with_open)
    done = lacuna("plan", blocked)
    assert done.code == 1
    assert "would wait for open_conversations. A conversation of the person is open" in done.err
    again = "Not to wait: lacuna request force FJ-0002 --as USER, then lacuna run fulfilment"
    assert again in " ".join(done.err.split())
    assert lacuna("run", "fulfilment").code == 0
    done = lacuna("plan", blocked)
    assert again in " ".join(done.err.split())
    shown = " ".join(lacuna("request", "show", blocked).out.split())
    assert re.search(rf"Next: A conversation of the person is open.*{again}", shown)
    forced = submit(
        lacuna,
        installation,
        installation.platform.demo.with_open,
        "--force",
        kind="erasure",
        verified="challenge",
    )
    assert forced == blocked, "the same request, asked for again"


@pytest.mark.thorough
def test_a_run_that_is_done_names_what_waits_for_somebody(lacuna, installation):
    contact = quiet_people(installation.platform)[0]
    quiet = lacuna("run", "sweep")
    assert (quiet.code, "that wait" in quiet.out) == (0, False)
    submit(lacuna, installation, contact)
    for flow in ("fulfilment", "sweep"):
        done = lacuna("run", flow)
        assert done.code == 0
        assert "Waiting requests: 1 (not_approved 1). See lacuna request list." in done.out
        said = r"^  not_approved: Read, then approve by its last line: lacuna plan (\S+)$"
        (number,) = re.findall(said, done.out, re.MULTILINE)
    assert re.search(
        rf"^Approve it: lacuna request approve {number} --plan [0-9a-f]{{64}} --as \w+$",
        lacuna("plan", number).out,
        re.MULTILINE,
    )


@pytest.mark.thorough
def test_a_run_names_what_it_closed_and_each_request_that_waits_in_one_command(
    lacuna, installation
):
    people = [
        one
        for one in quiet_people(installation.platform)
        if installation.platform.people[one].org_id == "fjordlys"
    ]
    approved, *waiting = (submit(lacuna, installation, one) for one in people[:3])
    lacuna("run", "fulfilment")
    (number, *numbers) = (show(lacuna, one)["number"] for one in (approved, *waiting))
    plan = lacuna("plan", approved, "--json").json
    lacuna("request", "approve", approved, "--plan", plan["digest"], "--as", "dana")
    blocked = [
        show(lacuna, submit(lacuna, installation, one))["number"]
        for one in opened_again(installation, people[3:5])
    ]
    done = lacuna("run", "fulfilment")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[-1] == "Next: lacuna run seal, which issues the certificates."
    assert f"Closed as completed: {number}" in lines
    (plans,) = (line for line in lines if "not_approved: " in line)
    assert plans.endswith(f"lacuna plan {' '.join(numbers)}")
    (conversations,) = (line for line in lines if "open_conversations: " in line)
    force = f"lacuna request force {' '.join(blocked)} --as USER"
    assert f"Not to wait: {force}, then lacuna run fulfilment" in conversations

    forced = lacuna(*force.replace("USER", "dana").split()[1:])
    assert (forced.code, forced.out.startswith(f"{', '.join(blocked)}: ")) == (0, True)
    again = lacuna("run", "fulfilment", "--json").json
    assert again["closed"] == []
    assert {show(lacuna, one)["state"] for one in blocked} == {"planned"}
    assert "Next: " not in lacuna("run", "fulfilment").out


def opened_again(installation, contacts):
    for one in contacts:
        execute(
            installation.url,
            "update contact_center.conversations set state = 'open', closed_at = null "
            "where requester_id::text = %s",
            one,
        )
    return contacts


def test_only_an_open_erasure_is_forced(lacuna, installation):
    contacts = quiet_people(installation.platform)
    erasure = submit(lacuna, installation, contacts[0])
    access = submit(lacuna, installation, contacts[1], kind="access")
    for wrong in ((erasure, access), (access,)):
        done = lacuna("request", "force", *wrong, "--as", "dana")
        assert (done.code, "only an open erasure" in done.err) == (1, True)
    is_forced = "select is_forced from lacuna.request where request_id::text = %s"
    assert execute(installation.url, is_forced, erasure) == [(False,)], "all or none"
    for named in ((erasure, erasure), (show(lacuna, erasure)["number"],)):
        assert lacuna("request", "force", *named, "--as", "dana", "--json").json == {
            "numbers": ["FJ-0001"]
        }
    assert execute(installation.url, is_forced, erasure) == [(True,)]
    assert lacuna("request", "force", erasure, "--as", "nobody").code == 2
    noted = (
        "select distinct request_id::text, actor like 'dpo:%%' from lacuna_evidence.entry "
        "where action = 'forced'"
    )
    assert execute(installation.url, noted) == [(erasure, True)]
    assert lacuna("request", "withdraw", erasure, "--as", "dana").code == 0
    assert lacuna("request", "force", erasure, "--as", "dana").code == 1


@pytest.mark.thorough
def test_an_officer_is_shown_whom_an_ambiguous_request_could_mean_and_what_tells_them_apart(
    lacuna, installation
):
    people = installation.platform.people
    household = installation.platform.demo.household[:2]
    phone = people[household[0]].phones[0]
    request_id = lacuna(
        *("request", "submit", "--org", people[household[0]].org_id, "--kind", "erasure"),
        *("--phone", phone, "--verified-by", "passport"),
    ).out.strip()
    assert lacuna("run", "fulfilment").code == 0
    asked = "select count(*) from lacuna_evidence.entry where action = 'disclosed'"
    assert not people_named(
        installation.platform, [("shown", lacuna("request", "show", request_id).out)]
    )
    assert execute(installation.url, asked) == [(0,)]

    found = lacuna("request", "show", request_id, "--as", "Ada", "--json").json["candidates"]
    assert {one["contact_id"] for one in found} == set(household)
    said = lacuna("request", "show", request_id, "--as", "Ada").out
    assert execute(installation.url, asked) == [(2,)]
    for contact in household:
        assert f"resolve {request_id} --contact-id {contact} --as" in said
        for email in people[contact].emails:
            assert f'own, email: "{email}"' in said
    assert "shared, phone:" in said
    resolve = ("request", "resolve", request_id, "--contact-id", found[0]["contact_id"])
    assert lacuna(*resolve, "--as", "Ada").code == 0
    assert lacuna("request", "show", request_id, "--as", "Ada", "--json").json["candidates"] == []


@pytest.mark.thorough
def test_an_ambiguous_request_is_resolved_by_one_command(lacuna, installation):
    one, other = installation.platform.demo.household
    phone = installation.platform.people[one].phones[0]
    done = lacuna(
        *("request", "submit", "--org", "fjordlys", "--kind", "erasure", "--json"),
        *("--phone", phone, "--verified-by", "challenge"),
    )
    request_id = done.json["request_id"]
    shown = lacuna("plan", request_id)
    assert (shown.code, "ambiguous" in shown.err) == (1, True)
    lacuna("run", "fulfilment")
    assert show(lacuna, request_id)["state"] == "ambiguous"
    stranger = quiet_people(installation.platform)[0]
    wrong = lacuna("request", "resolve", request_id, "--contact-id", stranger, "--as", "dana")
    assert wrong.code == 1
    assert stranger not in wrong.err
    right = lacuna("request", "resolve", request_id, "--contact-id", other, "--as", "dana")
    assert right.code == 0
    assert lacuna("plan", request_id).code == 0
    assert lacuna("run", "fulfilment").code == 0
    assert show(lacuna, request_id)["state"] == "planned"


@pytest.mark.thorough
def test_requests_are_held_refused_withdrawn_and_verified_by_command(lacuna, installation):
    held, refused, withdrawn, unverified = (
        submit(lacuna, installation, contact, verified=None if number == 3 else "challenge")
        for number, contact in enumerate(quiet_people(installation.platform)[:4])
    )
    past = lacuna(
        *("request", "hold", held, "--ground", "17(3)(e)", "--until", "2001-01-01", "--as", "dana")
    )
    assert past.code == 1
    assert (
        lacuna(
            *(
                "request",
                "hold",
                held,
                "--ground",
                "17(3)(e)",
                "--until",
                "2999-01-01",
                "--as",
                "dana",
            )
        ).code
        == 0
    )
    assert lacuna("request", "refuse", refused, "--ground", "because", "--as", "dana").code == 2
    told = lacuna("request", "refuse", refused, "--ground", "12(5)", "--as", "dana")
    assert told.code == 0
    assert "did not come by mail. Inform the requester yourself" in " ".join(told.out.split())
    assert lacuna("request", "withdraw", withdrawn, "--as", "dana").code == 0
    assert lacuna("run", "fulfilment").code == 0
    passport = ("request", "verify-identity", unverified, "--by", "passport", "--as")
    assert lacuna(*passport, "nobody").code == 2
    assert lacuna(*passport, "dana").code == 0
    states = [show(lacuna, one)["state"] for one in (held, refused, withdrawn, unverified)]
    assert states == ["held", "refused", "withdrawn", "resolved"]
    assert lacuna("request", "withdraw", withdrawn, "--as", "dana").code == 1
    assert "passport" not in lacuna("request", "show", unverified).out


def test_a_right_that_is_held_apart_keeps_the_controllers_instruction(lacuna, installation):
    contact = quiet_people(installation.platform)[0]
    org_id = installation.platform.people[contact].org_id
    request_id = lacuna(
        *("request", "submit", "--kind", "access", "--kind", "erasure", "--org", org_id),
        *("--contact-id", contact, "--verified-by", "challenge", "--json"),
    ).json["request_id"]
    by = ("--by", "letter of 2 November", "--as", "dana")
    assert lacuna("request", "instruct", request_id, *by).code == 0
    held = lacuna(
        *("request", "hold", request_id, "--ground", "17(3)(e)", "--until", "2999-01-01"),
        *("--kind", "erasure", "--as", "dana"),
    )
    assert held.code == 0
    found = execute(
        installation.url,
        "select r.kinds, i.source from lacuna.request r join lacuna.instruction i using "
        "(request_id) order by 1",
    )
    assert found == [(["access"], "written"), (["erasure"], "written")]


# --- running and verifying ------------------------------------------------------------------------


@pytest.mark.thorough
def test_a_survivor_is_named_by_place_and_count_and_never_by_value(lacuna, installation):
    contact = quiet_people(installation.platform)[0]
    email = installation.platform.people[contact].emails[0]
    request_id = submit(lacuna, installation, contact)
    options = installation.options(approval=ApprovalMode.AUTO)
    batch_id = str(uuid.uuid4())
    for stage in (fulfilment.claim, fulfilment.resolve_and_plan, fulfilment.apply):
        stage(installation.stores, options, batch_id)
    clean = lacuna("verify", request_id, "--json")
    assert (clean.code, clean.json["passed"], clean.json["findings"]) == (0, True, [])
    assert clean.json["opaque"]
    execute(
        installation.url,
        "update contact_center.internal_notes set message = message || ' ' || %s::text "
        "where note_id = (select min(note_id) from contact_center.internal_notes "
        "where org_id = 'fjordlys' and message is not null)",
        email,
    )
    for arguments in ((request_id,), ("--all",)):
        done = lacuna("verify", *arguments, "--json")
        assert done.code == 1
        assert done.json["passed"] is False
        assert done.json["findings"] == [
            {"gate": "residue", "location": "contact_center.internal_notes.message", "count": 1}
        ]
        plain = lacuna("verify", *arguments)
        assert plain.code == 1
        assert "contact_center.internal_notes.message" in plain.out
        for said in (done, plain):
            assert not people_named(installation.platform, [("said", said.out + said.err)])
    run = lacuna("run", "fulfilment", "--json")
    assert run.code == 1
    assert run.json["passed"] is False
    assert show(lacuna, request_id)["state"] == "applied"
    assert show(lacuna, request_id)["obstacle"] == "verification_failed"


def test_only_what_was_applied_can_be_verified(lacuna, installation):
    request_id = submit(lacuna, installation, quiet_people(installation.platform)[0])
    done = lacuna("verify", request_id)
    assert done.code == 1
    assert "received" in done.err
    assert lacuna("verify", "--all").code == 0
    assert lacuna("verify").code == 2


def test_what_the_data_map_does_not_have_ends_with_1_and_the_line_to_add(lacuna, installation):
    execute(installation.url, "alter table contact_center.contacts add column fax text")
    for command in (("run", "fulfilment"), ("datamap", "check")):
        done = lacuna(*command)
        assert done.code == 1
        assert "contact_center.contacts.fax" in done.err
        assert re.search(r"fax: *\{", done.err), "the line to add is missing"
    drift = lacuna("datamap", "check", "--json")
    assert drift.code == 1
    assert drift.json["passed"] is False
    (one,) = drift.json["drifts"]
    assert one["location"] == "contact_center.contacts.fax"


@pytest.mark.parametrize(
    "flow", ["intake", "fulfilment", "sweep", "reporting", "seal", "deadlines"]
)
def test_every_flow_runs_by_command_and_says_where_its_lines_are(lacuna, flow):
    done = lacuna("run", flow, "--json")
    assert done.code == 0, done.err
    assert done.json["flow"] == flow
    assert done.json["passed"] is True
    assert done.json["mode"] == "act", "the sample platform is acted on by default"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LACUNA_MODE", "sometimes"),
        ("LACUNA_APPROVAL", "perhaps"),
        ("LACUNA_FORGET_AFTER_DAYS", "soon"),
        ("LACUNA_DATABASE_URL", "anna.berg@example.org"),
        ("LACUNA_DATAMAP", "/nowhere/anna.berg.yaml"),
    ],
)
def test_a_setting_that_does_not_fit_is_wrong_usage_and_named(lacuna, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    done = lacuna("run", "fulfilment")
    assert done.code == 2
    named = variable in done.err
    assert named or variable == "LACUNA_DATAMAP"
    if variable != "LACUNA_DATAMAP":
        assert value not in done.err


def test_a_database_that_does_not_answer_ends_with_3(lacuna, monkeypatch, installation):
    monkeypatch.setenv("LACUNA_DATABASE_URL", "postgresql+psycopg://lacuna@127.0.0.1:1/none")
    for command in (("request", "list"), ("run", "fulfilment"), ("verify", "--all")):
        done = lacuna(*command)
        assert done.code == 3
        assert "does not answer" in done.err


def test_an_error_of_nobodys_is_told_by_its_class_and_place_alone(lacuna, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ValueError("anna.berg@example.org")

    monkeypatch.setattr("lacuna.flows.seal.flow.audit", broken)
    done = lacuna("run", "seal")
    assert done.code == 1
    assert "ValueError" in done.err
    assert "anna.berg" not in done.out + done.err


# --- rules ----------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_rules_are_listed_with_their_digests_and_approved_by_them(lacuna):
    rules = lacuna("rule", "list", "--json").json
    assert {"rule", "digest", "approved"} <= set(rules[0])
    assert not any(one["approved"] for one in rules)
    name, digest = rules[0]["rule"], rules[0]["digest"]
    assert lacuna("rule", "approve", name, "--digest", "0" * 64, "--as", "dana").code == 1
    wrong = lacuna("rule", "approve", name, "--digest", "0" * 64, "--as", "dana")
    assert digest in wrong.err
    assert lacuna("rule", "approve", "none", "--digest", digest, "--as", "dana").code == 2
    for most in ("1", "100000"):
        done = lacuna(
            "rule", "approve", name, "--digest", digest, "--max-rows", most, "--as", "dana"
        )
        assert done.code == 0
    assert execute(installation_url(lacuna), "select max_rows from lacuna.rule_approval") == [
        (100_000,)
    ]
    approved = {one["rule"]: one["approved"] for one in lacuna("rule", "list", "--json").json}
    assert approved[name]
    assert "at most 100000 rows a night" in lacuna("rule", "list").out
    # Nobody takes a limit away by leaving it out, and an approval can be taken back.
    own = (name, "--digest", digest, "--as", "dana")
    unsaid = lacuna("rule", "approve", *own)
    assert unsaid.code == 2
    assert "--unlimited" in unsaid.err
    limits = "select max_rows from lacuna.rule_approval"
    assert execute(installation_url(lacuna), limits) == [(100_000,)]
    assert lacuna("rule", "approve", *own, "--unlimited", "--max-rows", "1").code == 2
    assert lacuna("rule", "approve", *own, "--unlimited").code == 0
    assert execute(installation_url(lacuna), limits) == [(None,)]
    assert lacuna("rule", "revoke", *own).code == 0
    approved = {one["rule"]: one["approved"] for one in lacuna("rule", "list", "--json").json}
    assert not approved[name]
    assert lacuna("rule", "revoke", *own).code == 1
    # No approval is in force whose limit could be lost.
    assert lacuna("rule", "approve", *own).code == 0


def installation_url(lacuna) -> str:
    """Return the database in use, as the command prints it."""
    return lacuna("db", "url").out.strip()


# --- bundles --------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_a_bundle_is_released_once_with_its_passphrase_and_opened(lacuna, installation, tmp_path):
    contact = quiet_people(installation.platform)[0]
    request_id = submit(lacuna, installation, contact, kind="access")
    assert lacuna("bundle", "release", request_id, "--as", "dana").code == 1
    assert lacuna("run", "fulfilment").code == 0
    released = lacuna("bundle", "release", request_id, "--as", "dana")
    assert released.code == 0
    (passphrase,) = re.findall(r"shown only once\): (\S+)", released.out)
    again = lacuna("bundle", "release", request_id, "--as", "dana")
    assert passphrase not in again.out
    # Each time it was handed over is an entry.
    released = "select count(*) from lacuna_evidence.entry where action = 'release_bundle'"
    assert execute(installation.url, released) == [(2,)]

    key, to = tmp_path / "key.txt", tmp_path / "opened"
    key.write_text("quite another passphrase", "utf-8")
    wrong = lacuna("bundle", "open", request_id, "--key", key, "--to", to)
    assert wrong.code == 2
    assert not to.exists()
    key.write_text(passphrase, "utf-8")
    assert lacuna("bundle", "open", request_id, "--key", key, "--to", to).code == 0
    assert (to / "README.html").is_file()
    assert installation.platform.people[contact].emails[0] in texts_of(to)
    assert lacuna("bundle", "open", request_id, "--key", key, "--to", to).code == 2
    missing = lacuna("bundle", "open", request_id, "--key", tmp_path / "no", "--to", tmp_path / "b")
    assert missing.code == 2


@pytest.mark.thorough
def test_a_bundle_for_a_key_opens_with_it(lacuna, installation, tmp_path):
    identity = pyrage.x25519.Identity.generate()
    contact = quiet_people(installation.platform)[0]
    request_id = submit(
        lacuna, installation, contact, "--bundle-key", identity.to_public(), kind="portability"
    )
    assert lacuna("run", "fulfilment").code == 0
    released = lacuna("bundle", "release", request_id, "--as", "dana")
    assert released.code == 0
    assert "recipient's own key" in released.out
    key = tmp_path / "key.txt"
    key.write_text(f"# made for a test\n{identity}\n", "utf-8")
    to = tmp_path / "opened"
    assert lacuna("bundle", "open", request_id, "--key", key, "--to", to).code == 0
    assert installation.platform.people[contact].emails[0] in texts_of(to)


def texts_of(folder: Path) -> str:
    return "\n".join(
        path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file()
    )


# --- evidence -------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_the_ledger_is_verified_by_command_and_a_broken_one_ends_with_1(lacuna, installation):
    installation.submit_contact(quiet_people(installation.platform)[0], kinds=(RequestKind.ACCESS,))
    assert lacuna("run", "seal").code == 0
    done = lacuna("evidence", "verify", "--ledger")
    assert done.code == 0
    # The submission, and the report that the seal made.
    assert "2 entries" in done.out
    assert "matches all signed sizes (1)" in done.out
    assert "step lines of 0 runs" in done.out
    assert lacuna("run", "seal").code == 0
    assert lacuna("evidence", "verify").code == 2
    for statement in (
        "alter table lacuna_evidence.entry disable trigger all",
        "update lacuna_evidence.entry set rows = 7",
    ):
        execute(installation.url, statement)
    broken = lacuna("evidence", "verify", "--ledger")
    assert broken.code == 1
    assert "position 0" in broken.err
    assert lacuna("run", "seal").code == 1


@pytest.mark.thorough
def test_a_certificate_is_verified_offline_by_command(lacuna, installation, tmp_path, monkeypatch):
    contact = quiet_people(installation.platform)[0]
    request_id = submit(lacuna, installation, contact, kind="access")
    assert lacuna("run", "fulfilment").code == 0
    assert lacuna("run", "seal").code == 0
    home = installation.stores.home
    certificate = home / "evidence" / "certificates" / f"{request_id}.json"
    email = tmp_path / "identifier.txt"
    email.write_text(installation.platform.people[contact].emails[0] + "\n", "utf-8")
    key = home / "keys" / "requests" / f"{request_id}.key"
    # Neither the database nor the home is there any more: the auditor has files alone.
    keys = tmp_path / "keys.txt"
    keys.write_text("".join(path.read_text() for path in (home / "evidence" / "keys").iterdir()))
    copy = tmp_path / "certificate.json"
    copy.write_bytes(certificate.read_bytes())
    monkeypatch.setenv("LACUNA_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("LACUNA_HOME", str(tmp_path / "elsewhere"))

    done = lacuna("evidence", "verify", copy, "--keys", keys)
    assert done.code == 0, done.err
    assert "6. inclusion: passed; every entry is in the ledger with that root" in done.out
    assert f"Signed by {keys.read_text().split('+')[0]}+" in done.out
    assert "Due on " in done.out
    assert done.out.rstrip().endswith(": not handed over by then")
    # Anybody can change the page beside it; what is drawn from the file says what was signed.
    page = tmp_path / "page.html"
    assert lacuna("evidence", "verify", copy, "--keys", keys, "--page", page).code == 0
    assert page.read_bytes() == certificate.with_suffix(".html").read_bytes()
    assert lacuna("evidence", "verify", copy, "--keys", keys, "--page", page).code == 2
    asked = ("--identifier-file", email, "--dpo-key", key)
    done = lacuna("evidence", "verify", copy, "--keys", keys, *asked, "--json")
    assert done.code == 0, done.err
    assert done.json["is_subject"] is True
    assert done.json["request_id"] == request_id
    email.write_text("somebody.else@example.org", "utf-8")
    assert lacuna("evidence", "verify", copy, "--keys", keys, *asked).code == 1

    assert lacuna("evidence", "verify", copy, "--keys", keys, *asked[:2]).code == 2
    assert lacuna("evidence", "verify", copy).code == 2, "there are no keys in this home"
    assert lacuna("evidence", "verify", copy, "--ledger").code == 2
    key.unlink()
    gone = lacuna("evidence", "verify", copy, "--keys", keys, *asked)
    assert gone.code == 2
    assert "nobody can tell" in " ".join(gone.err.split())
    other = tmp_path / "other.json"
    other.write_bytes(certificate.read_bytes())
    both = lacuna("evidence", "verify", copy, other, "--keys", keys)
    assert both.code == 0, both.err
    (number,) = {line.partition(",")[0] for line in both.out.splitlines() if ": valid" in line}
    assert number.endswith("-0001")
    assert "Valid: 2 of 2. " in both.out
    assert both.out.count("inclusion: every entry is in the ledger") == 1
    assert lacuna("evidence", "verify", copy, other, "--keys", keys, "--ledger").code == 2
    copy.write_bytes(copy.read_bytes().replace(b'"payload":"e', b'"payload":"f', 1))
    broken = lacuna("evidence", "verify", copy, "--keys", keys)
    assert broken.code == 1
    assert "step 1 (form)" in broken.err
    one = lacuna("evidence", "verify", copy, other, "--keys", keys)
    assert (one.code, "Valid: 1 of 2. " in one.out) == (1, True)
    (said,) = [line for line in one.out.splitlines() if line.startswith(f"{copy}: not valid. ")]
    assert "step 1 (form)" in said
    document = lacuna("evidence", "verify", copy, other, "--keys", keys, "--json").json
    assert [each["request_id"] for each in document["valid"]] == [request_id]
    assert list(document["invalid"]) == [str(copy)]


def test_the_signing_key_is_rotated_by_command(lacuna, installation):
    submit(lacuna, installation, quiet_people(installation.platform)[0], kind="access")
    assert lacuna("run", "seal").code == 0
    done = lacuna("evidence", "rotate-key", "--as", "dana")
    assert done.code == 0, done.err
    assert "lacuna/ledger+" in done.out
    assert lacuna("evidence", "verify", "--ledger").code == 0
    assert len(list((installation.stores.home / "evidence" / "keys").iterdir())) == 2
    assert lacuna("evidence", "rotate-key").code == 2


@pytest.mark.thorough
def test_a_restore_is_acknowledged_by_command(lacuna, installation, database, monkeypatch):
    early, late, *_ = quiet_people(installation.platform)
    submit(lacuna, installation, early, kind="access")
    assert lacuna("run", "fulfilment").code == 0
    assert lacuna("run", "seal").code == 0
    command = ("evidence", "acknowledge-restore")
    nothing = lacuna(*command)
    assert (nothing.code, "no restore to acknowledge" in nothing.err) == (1, True)
    dump = dump_of(installation)
    request_id = submit(lacuna, installation, late, kind="access")
    assert lacuna("run", "fulfilment").code == 0
    assert lacuna("run", "seal").code == 0
    certificate = installation.stores.home / "evidence" / "certificates" / f"{request_id}.json"
    assert lacuna("evidence", "verify", certificate, "--ledger").code == 0

    monkeypatch.setenv("LACUNA_DATABASE_URL", restored(installation, database, dump).url)
    assert lacuna("run", "seal").code == 1
    shown = lacuna(*command)
    assert shown.code == 0, shown.err
    assert "1 certificates, 1 statements, 1 checkpoints, 1 reports" in shown.out
    assert "Both histories share the first 14 entries, until 20" in shown.out
    listed = lacuna(*command, "--json").json
    assert listed["digest"] in shown.out
    assert listed["is_acknowledged"] is False
    assert lacuna(*command, "--digest", listed["digest"]).code == 2
    wrong = lacuna(*command, "--digest", "0" * 64, "--as", "dana")
    assert (wrong.code, listed["digest"] in wrong.err) == (1, True)
    done = lacuna(*command, "--digest", listed["digest"], "--as", "dana")
    assert done.code == 0, done.err
    swept = lacuna("run", "sweep")
    assert (swept.code, "evidence/superseded" in swept.err) == (1, True), "the bundle is lost"
    assert lacuna("run", "seal").code == 0
    held = lacuna("evidence", "verify", "--ledger")
    assert (held.code, "A restore was acknowledged" in held.out) == (0, True)
    assert lacuna("evidence", "verify", "--ledger", "--json").json["superseded"] == [
        listed["location"]
    ]
    kept = installation.stores.home / listed["location"] / "certificates" / certificate.name
    for asked in ((), ("--ledger",)):
        verified = lacuna("evidence", "verify", kept, *asked)
        assert verified.code == 0, verified.err
        assert ("WARNING: an older copy of the database was restored" in verified.out) is bool(
            asked
        )
        assert ("No request in this ledger has repeated it" in verified.out) is bool(asked)
    assert not certificate.exists()


def test_days_and_times_are_shown_as_those_of_the_tenant(lacuna, installation):
    request_id = submit(
        *(lacuna, installation, quiet_people(installation.platform)[0]),
        *("--received-at", "2026-11-20T23:30:00+00:00"),
    )
    name = execute(installation.url, "select current_database()")[0][0]
    execute(installation.url, f"alter database \"{name}\" set timezone to 'Pacific/Auckland'")
    lacuna("request", "extend", request_id, "--as", "dana")
    document = lacuna("request", "show", request_id, "--json").json
    due, legal = (
        datetime.fromisoformat(document[one]).astimezone(UTC).date().isoformat()
        for one in ("alarm_at", "due_at")
    )
    shown = lacuna("request", "show", request_id).out
    assert "Received: 2026-11-21 00:30 CET\n" in shown
    assert f"Due: {due}\nLegal deadline: {legal}\n" in shown
    assert f"\t{due}\t" in lacuna("request", "list").out


def test_an_error_calls_a_request_as_its_caller_did(lacuna, installation):
    person = quiet_people(installation.platform)[0]
    request_id = submit(lacuna, installation, person)
    number = show(lacuna, request_id)["number"]
    for name in (number, number.lower(), request_id[:8]):
        refused = lacuna("bundle", "link", name, "--revoke", "--as", "dana")
        assert (refused.code, refused.err) == (1, f"{name}: there is no link to take back\n")
