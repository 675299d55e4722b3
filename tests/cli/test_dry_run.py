"""`lacuna plan` is a dry run: whatever state a request is in, nothing that lasts is changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import pytest
from psycopg import sql

from tests.cli.test_decisions import show, submit
from tests.cli.test_submission import addresses_in_two_tenants
from tests.flows.observation import connect, execute, quiet_people

SCHEMAS = ("lacuna", "lacuna_evidence", "reporting", "contact_center")
WAYS = ((), ("--json",), ("--try",), ("--try", "--json"))
# How a plan is printed and whether it is tried are two things: each scene is planned and tried, and
# each is printed in both ways, of one scene or the next.
PAIRS = (((), ("--try", "--json")), (("--json",), ("--try",)))
EMAIL_OF_NOBODY = "nobody-7f3a@example.org"


def everything_of(installation) -> dict[str, object]:
    """Return every row with where it lies and who wrote it, every sequence, and every file."""
    found: dict[str, object] = {}
    with connect(installation.url) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema = any(%s) and table_type = 'BASE TABLE'",
            [list(SCHEMAS)],
        ).fetchall()
        for schema, table in tables:
            rows = connection.execute(
                sql.SQL("select t.ctid::text, t.xmin::text, t::text from {} t").format(
                    sql.Identifier(schema, table)
                )
            ).fetchall()
            found[f"{schema}.{table}"] = sorted(rows)
        found |= dict(
            connection.execute(
                "select 'sequence ' || seqrelid::regclass, pg_sequence_last_value(seqrelid) "
                "from pg_sequence"
            ).fetchall()
        )
    home = installation.stores.home
    found["files"] = {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file()
    }
    return found


def of_nobody(lacuna, *more, email=EMAIL_OF_NOBODY):
    done = lacuna(
        *("request", "submit", "--org", "fjordlys", "--kind", "erasure", "--json"),
        *("--email", email, *more),
    )
    return done.json["request_id"]


def ambiguous(lacuna, installation):
    phone = installation.platform.people[installation.platform.demo.household[0]].phones[0]
    return lacuna(
        *("request", "submit", "--org", "fjordlys", "--kind", "erasure", "--json"),
        *("--phone", phone, "--verified-by", "challenge"),
    ).json["request_id"]


def one_level(lacuna, installation, contact, option, column, table):
    ((key,),) = execute(
        installation.url,
        f"select min({table}.{column})::text from contact_center.{table} "  # noqa: S608
        "join contact_center.conversations c using (conversation_id) where c.requester_id::text = %s",
        contact,
    )
    return submit(lacuna, installation, contact, option, key)


def do(lacuna, request_id, *command):
    """Carry a command out on a request; return the request's id."""
    digest = show(lacuna, request_id)["plan_digest"]
    words = {"ID": request_id, "DIGEST": digest}
    assert lacuna(*(words.get(word, word) for word in command)).code == 0, command
    return request_id


def after(lacuna, installation, **details):
    return submit(lacuna, installation, quiet_people(installation.platform)[0], **details)


FULFIL = ("run", "fulfilment")
APPROVE = ("request", "approve", "ID", "--plan", "DIGEST", "--as", "dana")
VERIFY = ("request", "verify-identity", "ID", "--by", "passport", "--as", "dana")
REFUSE = ("request", "refuse", "ID", "--ground", "12(5)", "--as", "dana")
WITHDRAW = ("request", "withdraw", "ID", "--as", "dana")
HOLD = ("request", "hold", "ID", "--ground", "17(3)(e)", "--until", "2999-01-01", "--as", "dana")

Scenes = Iterator[tuple[str, str, int, str]]
"""What was submitted, its request, the exit code of `plan`, the state in which the request stays."""


def before_any_run(run, at) -> Scenes:
    people = iter(quiet_people(at.platform))

    def asked(kind="erasure", *more, verified="challenge"):
        return submit(run, at, next(people), *more, kind=kind, verified=verified)

    of_somebody_else = of_nobody(run, email="nobody-else-7f3a@example.org")
    yield "nobody", of_nobody(run, "--verified-by", "challenge"), 1, "received"
    yield "nobody, unverified", of_somebody_else, 1, "received"
    yield "several people", ambiguous(run, at), 1, "received"
    yield "unverified", asked(verified=None), 1, "received"
    yield "open conversations", submit(run, at, at.platform.demo.with_open), 1, "received"
    for kind in ("erasure", "access", "portability", "restriction", "objection"):
        yield kind, asked(kind), 0, "received"
    to_set = ("--set", "display_name=Somebody Else")
    yield "rectification", asked("rectification", *to_set), 0, "received"
    for option, column, table in (
        ("--conversation-id", "conversation_id", "conversations"),
        ("--message-id", "message_id", "messages"),
    ):
        yield (
            f"one of {table}",
            one_level(run, at, next(people), option, column, table),
            0,
            "received",
        )
    for state, command in (("refused", REFUSE), ("held", HOLD), ("withdrawn", WITHDRAW)):
        yield state, do(run, asked(), *command), 1, state


def after_runs(run, at) -> Scenes:
    people = quiet_people(at.platform)[:5]
    done = submit(run, at, people[0])
    run(*FULFIL)
    do(run, done, *APPROVE)
    pending, resolved = (submit(run, at, one, verified=None) for one in people[1:3])
    planned, approved = (submit(run, at, one) for one in people[3:])
    run(*FULFIL)
    yield "identity pending", pending, 1, "identity_pending"
    yield "resolved", do(run, resolved, *VERIFY), 0, "resolved"
    yield "planned", planned, 0, "planned"
    yield "approved", do(run, approved, *APPROVE), 0, "approved"
    yield "completed", done, 0, "completed"


def without_instruction(run, at) -> Scenes:
    request_id = submit(run, at, quiet_people(at.platform)[0])
    with connect(at.url) as connection:
        connection.execute("alter table lacuna.acceptance disable trigger user")
        connection.execute("delete from lacuna.acceptance")
        connection.execute("alter table lacuna.acceptance enable trigger user")
    yield "not instructed", request_id, 1, "received"


@pytest.mark.thorough
@pytest.mark.parametrize("scenes", [before_any_run, after_runs, without_instruction])
def test_a_dry_run_changes_nothing_that_lasts(lacuna, installation, scenes):
    found = list(scenes(lacuna, installation))
    for number, (scene, request_id, code, state) in enumerate(found):
        before = everything_of(installation)
        for way in WAYS if len(found) == 1 else PAIRS[number % 2]:
            done = lacuna("plan", request_id, *way)
            if "--try" not in way:
                assert done.code == code, (scene, way, done.err)
            assert done.code in (0, 1), (scene, way)
            now = everything_of(installation)
            changed = {name for name in before | now if before.get(name) != now.get(name)}
            assert changed == set(), (scene, way)
        assert show(lacuna, request_id)["state"] == state, scene


@pytest.mark.thorough
def test_the_plan_of_a_dry_run_is_the_one_that_is_stored_and_can_be_approved(lacuna, installation):
    request_id = after(lacuna, installation)
    shown = lacuna("plan", request_id, "--json").json
    assert shown["stored"] is False
    wrong = lacuna("request", "approve", request_id, "--plan", shown["digest"], "--as", "dana")
    assert (wrong.code, "lacuna run fulfilment" in wrong.err) == (1, True)
    lacuna(*FULFIL)
    assert lacuna("plan", request_id, "--json").json == shown | {"stored": True}
    approved = lacuna("request", "approve", request_id, "--plan", shown["digest"], "--as", "dana")
    assert approved.code == 0


def test_a_dry_run_of_somebody_unverified_says_the_same_whether_they_exist_or_not(
    lacuna, installation
):
    known, unknown = (
        re.sub(r"FJ-\d{4}", "NUMBER", lacuna("plan", one).err)
        for one in (after(lacuna, installation, verified=None), of_nobody(lacuna))
    )
    assert known == unknown
    assert "identity" in known


@pytest.mark.thorough
def test_a_try_counts_each_row_once_like_the_plan(lacuna, installation):
    request_id = after(lacuna, installation)
    shown = lacuna("plan", request_id, "--try").out
    (planned,) = re.findall(r"Rows changed or deleted in the platform: (\d+)", shown)
    tried = lacuna("plan", request_id, "--try", "--json").json["tried_rows"]
    assert 0 < tried <= int(planned)
    said = f"these {planned} rows would change"
    assert (said if tried == int(planned) else f"{tried} of {said}") in " ".join(shown.split())
    # No run has stored this plan yet: once one has, the last line is the command that approves it.
    assert "lacuna request approve" not in shown
    lacuna(*FULFIL)
    last = lacuna("plan", request_id, "--try").out.splitlines()[-1]
    assert last.startswith("Approve it: lacuna request approve ")


@pytest.mark.thorough
def test_a_try_counts_the_rows_that_would_change(lacuna, installation):
    request_id = after(lacuna, installation)
    tried = lacuna("plan", request_id, "--try", "--json").json
    assert tried["tried_rows"] > 0
    lacuna(*FULFIL)
    assert lacuna("plan", request_id, "--try", "--json").json == tried | {"stored": True}


@pytest.mark.thorough
def test_a_try_counts_the_texts_that_stay_by_column(lacuna, installation):
    request_id = after(lacuna, installation)
    plain, told = "What are your hours on Sunday?", "My name is Ottoline Vasterling."
    contact = quiet_people(installation.platform)[0]
    execute(
        installation.url,
        "update contact_center.messages m set body_html = null, body_text = case when message_id ="
        " (select min(message_id) from contact_center.messages o join contact_center.conversations"
        "  using (conversation_id) where requester_id = c.requester_id) then %s else %s end"
        " from contact_center.conversations c"
        " where c.conversation_id = m.conversation_id and c.requester_id::text = %s",
        told,
        plain,
        contact,
    )
    ((count,),) = execute(
        installation.url,
        "select count(*) from contact_center.messages join contact_center.conversations"
        " using (conversation_id) where requester_id::text = %s",
        contact,
    )
    place = "contact_center.messages.body_text"
    tried = lacuna("plan", request_id, "--try", "--json").json["unchanged_texts"]
    assert tried[place] == {"unchanged": count - 1, "read": count}
    shown = lacuna("plan", request_id, "--try").out
    assert f"{place}: {count - 1} of {count}" in shown
    assert plain not in shown


# --- several plans, in sums -----------------------------------------------------------------------


def several(lacuna, installation, count=3):
    """Submit the erasures of some people at once, and plan them; return their numbers."""
    people = installation.platform.people
    mails = [
        people[one].emails[0]
        for one in quiet_people(installation.platform)
        if people[one].org_id == "fjordlys"
    ][:count]
    each = (word for mail in mails for word in ("--email", mail))
    done = lacuna(
        *("request", "submit", "--org", "fjordlys", "--kind", "erasure", "--each", *each),
        *("--verified-by", "challenge"),
    )
    assert done.code == 0, done.err
    numbers = done.out.split()
    assert len(set(numbers)) == count
    lacuna(*FULFIL)
    return numbers


def test_several_plans_are_read_together_and_approved_by_one_digest(lacuna, installation):
    numbers = several(lacuna, installation)
    single = {one: lacuna("plan", one, "--json").json for one in numbers}
    shown = lacuna("plan", *numbers, numbers[0], "--try")
    assert shown.code == 0, shown.err
    heads = [line for line in shown.out.splitlines() if line.startswith("FJ-")]
    assert [line.split(":")[0] for line in heads] == numbers
    assert len(shown.out.split()) < 330
    changed = [int(re.search(r" (\d+) rows?", line)[1]) for line in heads]
    assert f"Together {sum(changed)} rows" in shown.out
    tried = {one: lacuna("plan", one, "--try", "--json").json for one in numbers}
    places = [place for one in tried.values() for place in one["unchanged_texts"]]
    assert places
    for place in {*places}:
        of = [one for one in numbers if place in tried[one]["unchanged_texts"]]
        named = "" if of == numbers else rf" \({', '.join(of)}\)"
        assert re.search(rf"{re.escape(place)} \d+ of \d+{named}", shown.out)
    last = shown.out.splitlines()[-1]
    command = re.fullmatch(
        rf"Approve all: lacuna (request approve {' '.join(numbers)} --plan ([0-9a-f]{{64}}) --as )\w+",
        last,
    )
    assert command[2] not in {one["digest"] for one in single.values()}
    # Another plan, another order, one plan's own digest, or fewer plans.
    for wrong in (
        (*numbers, "--plan", "0" * 64),
        (*numbers, "--plan", single[numbers[0]]["digest"]),
        (*numbers[:2], "--plan", command[2]),
    ):
        refused = lacuna("request", "approve", *wrong, "--as", "dana")
        assert (refused.code, "together, but the approval names" in refused.err) == (1, True)
    assert {show(lacuna, one)["state"] for one in numbers} == {"planned"}
    approved = lacuna(
        "request", "approve", *reversed(numbers), "--plan", command[2], "--as", "dana"
    )
    assert approved.code == 0, approved.err
    assert {show(lacuna, one)["state"] for one in numbers} == {"approved"}
    documents = lacuna("plan", *numbers, "--json").json
    assert documents == [single[one] for one in numbers]


@pytest.mark.thorough
def test_of_several_the_one_without_a_plan_is_named_and_the_others_are_shown(lacuna, installation):
    (kept,) = several(lacuna, installation, 1)
    others = [of_nobody(lacuna, email=f"{one}-{EMAIL_OF_NOBODY}") for one in "ab"]
    numbers = [*(show(lacuna, one)["number"] for one in others), kept]
    shown = lacuna("plan", *numbers)
    for one in numbers[:2]:
        assert (shown.code, one in shown.err, one in shown.out) == (1, True, False)
    digest = lacuna("plan", kept, "--json").json["digest"]
    assert f"Approve it: lacuna request approve {kept} --plan {digest} --as " in shown.out
    refused = lacuna("request", "approve", *numbers, "--plan", digest, "--as", "dana")
    assert (refused.code, show(lacuna, kept)["state"]) == (1, "planned")


def test_requests_of_two_tenants_are_approved_by_themselves(lacuna, installation):
    mails = addresses_in_two_tenants(installation).values()
    each = (word for mail in mails for word in ("--email", mail))
    asked = ("request", "submit", "--kind", "erasure", "--each", *each, "--force")
    ids = lacuna(*asked, "--verified-by", "challenge").out.split()
    lacuna(*FULFIL)
    shown = lacuna("plan", *ids)
    assert shown.code == 0, shown.err
    lines = shown.out.splitlines()
    assert [line.split(":")[0] for line in lines if "request approve" in line] == [
        "Approve 1 of 2"
    ] * 2
    done = lacuna("request", "approve", *ids, "--plan", "0" * 64, "--as", "dana")
    assert (done.code, "2 tenants" in done.err) == (2, True)


@pytest.mark.thorough
def test_a_person_at_a_terminal_reads_sums_and_every_step_on_demand(
    lacuna, installation, monkeypatch
):
    request_id = after(lacuna, installation)
    lacuna(*FULFIL)
    piped = lacuna("plan", request_id, "--try").out
    monkeypatch.setattr("lacuna.cli.plans.is_terminal", lambda: True)
    assert lacuna("plan", request_id, "--try", "--steps").out == piped
    brief = lacuna("plan", request_id, "--try").out
    assert len(brief.split()) * 3 < len(piped.split()) * 2
    assert brief.splitlines()[-1] == piped.splitlines()[-1]
    # What stays, and where nothing was recognized, is not folded away.
    for step in lacuna("plan", request_id, "--json").json["steps"]:
        if step["kind"] == "Retain":
            assert re.sub(r"^\d+ columns?", "columns", step["ground"]) in brief
    for place, texts in (
        lacuna("plan", request_id, "--try", "--json").json["unchanged_texts"].items()
    ):
        assert f"{place} {texts['unchanged']} of {texts['read']}" in brief
    assert re.search(r"afterwards, .*scrub", brief)
