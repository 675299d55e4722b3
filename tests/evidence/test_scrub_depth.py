"""The level that an erasure reached follows from entries after its closing, in their order."""

import json
from base64 import b64decode

import pytest

from lacuna.errors import EvidenceBroken
from lacuna.evidence import (
    ClosedRequest,
    SealedLedger,
    Tree,
    certificate_page,
    issue,
    leaf_of,
    linkable,
    reached,
    relevant_scrubs,
    sign_checkpoint,
    verify_certificate,
)
from lacuna.model.evidence import Action, Entry, Phase
from lacuna.model.scrub import DATABASE, LOG, STATISTICS, ReachedLevel
from tests.evidence.issued import PARTICULARS
from tests.evidence.test_certificate import KEY, closed, resigned
from tests.evidence.test_signed_statement import ERASED, ledger

CLOSED = 10
CONTACTS, MESSAGES = "crm.contacts", "crm.messages"
PLACES = [CONTACTS, f"{MESSAGES}.body"]


def scrubs(*locations, start=CLOSED + 1, phase=Phase.OUTCOME, action=Action.SCRUB):
    template = ledger(*ERASED)[0].entry
    return [
        leaf_of(
            Entry(
                at=template.at,
                action=action,
                location=location,
                actor="flow:scrub",
                phase=phase,
            ),
            start + number,
        )
        for number, location in enumerate(locations)
    ]


@pytest.mark.parametrize(
    ("locations", "contacts", "messages"),
    [
        ((), "L0", "L0"),
        ((CONTACTS, MESSAGES, STATISTICS, LOG), "L1", "L1"),
        ((CONTACTS, STATISTICS, LOG), "L1", "L0"),
        ((DATABASE,), "L1", "L1"),
        ((CONTACTS, MESSAGES), "L0", "L0"),
        ((CONTACTS, MESSAGES, STATISTICS), "L0", "L0"),
        ((CONTACTS, MESSAGES, LOG, STATISTICS), "L0", "L0"),
        ((STATISTICS, CONTACTS, LOG, MESSAGES), "L0", "L0"),
        ((STATISTICS, LOG, CONTACTS, STATISTICS, LOG, MESSAGES), "L1", "L0"),
        (("crm.contacts_old", STATISTICS, LOG), "L0", "L0"),
    ],
)
def test_statistics_come_after_the_table_and_the_log_comes_last(locations, contacts, messages):
    found = relevant_scrubs(scrubs(*locations), PLACES, CLOSED)
    assert reached(found, PLACES, CLOSED) == {CONTACTS: contacts, MESSAGES: messages}


def test_what_came_before_the_closing_or_was_only_intended_does_not_count():
    before = scrubs(DATABASE, start=CLOSED)
    intended = scrubs(DATABASE, phase=Phase.INTENT)
    assert relevant_scrubs([*before, *intended], PLACES, CLOSED) == []
    assert set(reached(before, PLACES, CLOSED).values()) == {"L0"}


@pytest.mark.parametrize(
    ("locations", "left"),
    [
        ((), (CONTACTS, MESSAGES)),
        ((MESSAGES,), (CONTACTS,)),
        (("crm.contacts_old", CONTACTS), (MESSAGES,)),
        ((DATABASE,), ()),
    ],
)
def test_rows_are_told_apart_until_an_entry_says_that_they_were_written_anew(locations, left):
    renumbered = scrubs(*locations, action=Action.RENUMBER)
    found = relevant_scrubs(renumbered, PLACES, CLOSED)
    assert linkable(found, PLACES, CLOSED) == left
    assert set(reached(found, PLACES, CLOSED).values()) == {"L0"}, "files are another matter"
    before = scrubs(*locations, action=Action.RENUMBER, start=0)
    assert linkable(before, PLACES, CLOSED) == (CONTACTS, MESSAGES)
    assert linkable(scrubs(DATABASE), PLACES, CLOSED) == (CONTACTS, MESSAGES)


def test_a_certificate_lists_the_tables_in_which_rows_can_be_told_apart():
    plain = certified()
    assert verify_certificate(plain, KEY.public_text).linkable == tuple(
        sorted(verify_certificate(plain, KEY.public_text).levels)
    )
    assert "rows written by this erasure" in certificate_page(plain).decode()
    done = certified(DATABASE, action=Action.RENUMBER)
    assert verify_certificate(done, KEY.public_text).linkable == ()
    assert "rows written by this erasure" not in certificate_page(done).decode()

    def leave_out(content):
        del content["predicate"]["linkable"]["tables"][0]

    with pytest.raises(EvidenceBroken, match="waiting for a scrub"):
        verify_certificate(resigned(plain, leave_out), KEY.public_text)


def certified(*locations, action=Action.SCRUB):
    """Return the certificate of an erasure, sealed after these scrubs."""
    statement, leaves = closed(*ERASED)
    closing = leaves[-1]
    later = scrubs(*locations, start=closing.position + 1, action=action)
    hashes = {leaf.position: leaf.leaf_hash for leaf in (*leaves, *later)}
    other = leaves[0].entry
    tree = Tree(
        bytes.fromhex(hashes.get(position, leaf_of(other, position).leaf_hash))
        for position in range(closing.position + 12)
    )
    note = sign_checkpoint(tree.size, tree.root().hex(), KEY)
    return issue(
        statement.content, ClosedRequest(closing, PARTICULARS), SealedLedger(tree, note, later), KEY
    )


def test_a_certificate_has_the_entry_that_says_what_was_reached_and_shows_it():
    certificate = certified(DATABASE)
    verified = verify_certificate(certificate, KEY.public_text)
    assert set(verified.levels.values()) == {"L1"}
    assert (
        "its files do not contain it any more (level L1)" in certificate_page(certificate).decode()
    )
    plain = certified()
    assert set(verify_certificate(plain, KEY.public_text).levels.values()) == {"L0"}
    assert "no query returns the data any more (level L0)" in certificate_page(plain).decode()


def test_every_level_above_the_one_reached_is_named_with_what_may_hold_the_data():
    database = ReachedLevel(DATABASE, "L0", "2026-06-02", "2026-07-06")
    media = ReachedLevel("media", "L1", None, "2026-07-06")
    assert [(one.level, one.until) for one in database.beyond] == [
        ("L1", "2026-06-02"),
        ("L2", None),
        ("L3", "2026-07-06"),
    ]
    assert [one.level for one in media.beyond] == ["L2", "L3"]
    assert all(one.store == "media" and one.why for one in media.beyond)


def test_a_level_cannot_be_put_in_without_the_ledger():
    def claim(content):
        (leaf,) = scrubs(DATABASE, start=content["predicate"]["closing"]["position"] + 1)
        said = json.loads(json.dumps(content["predicate"]["closing"]))
        said |= {
            "action": "scrub",
            "location": DATABASE,
            "position": leaf.position,
            "digest": None,
            "request_id": None,
        }
        content["predicate"]["scrubs"] = [said]
        content["predicate"]["log"]["inclusion"].append([])

    with pytest.raises(EvidenceBroken, match="inclusion"):
        verify_certificate(resigned(certified(), claim), KEY.public_text)


def test_an_entry_about_something_else_reaches_no_level():
    def pass_off(content):
        predicate = content["predicate"]
        predicate["scrubs"] = [predicate["closing"]]
        predicate["log"]["inclusion"].append(predicate["log"]["inclusion"][-1])

    assert b64decode(json.loads(certified())["payload"])
    with pytest.raises(EvidenceBroken, match="levels"):
        verify_certificate(resigned(certified(), pass_off), KEY.public_text)


def test_a_certificate_of_an_earlier_version_is_verified_as_before():
    def forget(content):
        del content["predicate"]["scrubs"]

    verified = verify_certificate(resigned(certified(), forget), KEY.public_text)
    assert set(verified.levels.values()) == {"L0"}
