"""`lacuna plan` is a dry run: whatever state a request is in, nothing that lasts is changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from psycopg import sql

from tests.cli.test_decisions import show, submit
from tests.flows.observation import connect, execute, quiet_people

SCHEMAS = ("lacuna", "lacuna_evidence", "reporting", "contact_center")
WAYS = ((), ("--json",), ("--try",), ("--try", "--json"))
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


def of_nobody(lacuna, *more):
    done = lacuna(
        *("request", "submit", "--org", "fjordlys", "--kind", "erasure", "--json"),
        *("--email", EMAIL_OF_NOBODY, *more),
    )
    return done.json["request_id"]


def ambiguous(lacuna, installation):
    phone = installation.platform.people[installation.platform.demo.household[0]].phones[0]
    return lacuna(
        *("request", "submit", "--org", "fjordlys", "--kind", "erasure", "--json"),
        *("--phone", phone, "--verified-by", "challenge"),
    ).json["request_id"]


def one_level(lacuna, installation, option, column, table):
    contact = quiet_people(installation.platform)[0]
    ((key,),) = execute(
        installation.url,
        f"select min({table}.{column})::text from contact_center.{table} "  # noqa: S608
        "join contact_center.conversations c using (conversation_id) where c.requester_id::text = %s",
        contact,
    )
    return submit(lacuna, installation, contact, option, key)


def uninstructed(lacuna, installation):
    request_id = submit(lacuna, installation, quiet_people(installation.platform)[0])
    with connect(installation.url) as connection:
        connection.execute("alter table lacuna.acceptance disable trigger user")
        connection.execute("delete from lacuna.acceptance")
        connection.execute("alter table lacuna.acceptance enable trigger user")
    return request_id


def after(lacuna, installation, *commands, **details):
    request_id = submit(lacuna, installation, quiet_people(installation.platform)[0], **details)
    for command in commands:
        if "DIGEST" in command:
            digest = show(lacuna, request_id)["plan_digest"]
            command = tuple(digest if word == "DIGEST" else word for word in command)
        lacuna(*(request_id if word == "ID" else word for word in command))
    return request_id


FULFIL = ("run", "fulfilment")
APPROVE = ("request", "approve", "ID", "--plan", "DIGEST", "--as", "dana")
REFUSE = ("request", "refuse", "ID", "--ground", "12(5)", "--as", "dana")
WITHDRAW = ("request", "withdraw", "ID", "--as", "dana")
HOLD = ("request", "hold", "ID", "--ground", "17(3)(e)", "--until", "2999-01-01", "--as", "dana")

SCENES: dict[str, tuple[Callable[..., str], int, str]] = {
    # what was submitted; the exit code of `plan`; the state in which the request stays
    "an erasure": (lambda run, at: after(run, at), 0, "received"),
    "nobody": (lambda run, at: of_nobody(run, "--verified-by", "challenge"), 1, "received"),
    "nobody, unverified": (lambda run, at: of_nobody(run), 1, "received"),
    "unverified": (lambda run, at: after(run, at, verified=None), 1, "received"),
    "several people": (ambiguous, 1, "received"),
    "not instructed": (uninstructed, 1, "received"),
    "open conversations": (
        lambda run, at: submit(run, at, at.platform.demo.with_open),
        1,
        "received",
    ),
    "access": (lambda run, at: after(run, at, kind="access"), 0, "received"),
    "portability": (lambda run, at: after(run, at, kind="portability"), 0, "received"),
    "restriction": (lambda run, at: after(run, at, kind="restriction"), 0, "received"),
    "objection": (lambda run, at: after(run, at, kind="objection"), 0, "received"),
    "rectification": (
        lambda run, at: submit(
            run,
            at,
            quiet_people(at.platform)[0],
            *("--set", "display_name=Somebody Else"),
            kind="rectification",
        ),
        0,
        "received",
    ),
    "one conversation": (
        lambda run, at: one_level(run, at, "--conversation-id", "conversation_id", "conversations"),
        0,
        "received",
    ),
    "one message": (
        lambda run, at: one_level(run, at, "--message-id", "message_id", "messages"),
        0,
        "received",
    ),
    "identity pending": (
        lambda run, at: after(run, at, FULFIL, verified=None),
        1,
        "identity_pending",
    ),
    "resolved": (
        lambda run, at: after(
            run,
            at,
            FULFIL,
            ("request", "verify-identity", "ID", "--by", "passport", "--as", "dana"),
            verified=None,
        ),
        0,
        "resolved",
    ),
    "planned": (lambda run, at: after(run, at, FULFIL), 0, "planned"),
    "approved": (lambda run, at: after(run, at, FULFIL, APPROVE), 0, "approved"),
    "completed": (lambda run, at: after(run, at, FULFIL, APPROVE, FULFIL), 0, "completed"),
    "refused": (lambda run, at: after(run, at, REFUSE), 1, "refused"),
    "held": (lambda run, at: after(run, at, HOLD), 1, "held"),
    "withdrawn": (lambda run, at: after(run, at, WITHDRAW), 1, "withdrawn"),
}


@pytest.mark.parametrize("scene", SCENES)
def test_a_dry_run_changes_nothing_that_lasts(lacuna, installation, scene):
    prepare, code, state = SCENES[scene]
    request_id = prepare(lacuna, installation)
    before = everything_of(installation)
    for way in WAYS:
        done = lacuna("plan", request_id, *way)
        if "--try" not in way:
            assert done.code == code, (way, done.err)
        assert done.code in (0, 1)
        now = everything_of(installation)
        changed = {name for name in before | now if before.get(name) != now.get(name)}
        assert changed == set(), way
    assert show(lacuna, request_id)["state"] == state


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
    known = lacuna("plan", after(lacuna, installation, verified=None))
    unknown = lacuna("plan", of_nobody(lacuna))
    assert known.err.split(":", 1)[1] == unknown.err.split(":", 1)[1]
    assert "identity" in known.err


def test_a_try_counts_the_rows_that_would_change(lacuna, installation):
    request_id = after(lacuna, installation)
    tried = lacuna("plan", request_id, "--try", "--json").json
    assert tried["tried_rows"] > 0
    lacuna(*FULFIL)
    assert lacuna("plan", request_id, "--try", "--json").json == tried | {"stored": True}
