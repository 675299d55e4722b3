"""Whatever is done to a ledger behind its back is noticed, and where."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from lacuna.errors import EvidenceBroken
from lacuna.evidence import (
    Signed,
    SigningKey,
    compare_ledger,
    leaf_of,
    merkle,
    missing_copies,
    publish_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
)
from lacuna.evidence.checkpoint import checkpoints_by_name
from lacuna.model.evidence import Action, Entry, Phase
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.ledger import PostgresLedger
from lacuna.stores.postgres.migrations import migrate

ORIGIN = "lacuna/ledger"


def entry(number):
    return Entry(
        at=datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=number),
        request_id=None,
        batch_id=None,
        phase=Phase.OUTCOME,
        action=Action.SWEEP,
        location="support.message",
        rows=number,
        already=0,
        digest=None,
        actor="flow:sweep",
    )


def ledger_of(size):
    return [leaf_of(entry(number), number) for number in range(size)]


def checkpoint_of(leaves):
    root = merkle.root(bytes.fromhex(leaf.leaf_hash) for leaf in leaves)
    return Signed(len(leaves), root.hex())


def check_ledger(leaves, signed=()):
    found = compare_ledger(leaves, signed)
    if found.problems:
        raise EvidenceBroken("; ".join(found.problems))
    return found


def rehashed(leaves):
    """Return the leaves as somebody writes them who knows how positions and hashes are made."""
    return [leaf_of(leaf.entry, position) for position, leaf in enumerate(leaves)]


def test_a_sound_ledger_holds_at_every_checkpoint():
    leaves = ledger_of(20)
    checkpoints = [checkpoint_of(leaves[:size]) for size in (1, 7, 8, 20)]
    checked = check_ledger(iter(leaves), checkpoints)
    assert (checked.size, checked.compared) == (20, 4)
    assert checked.root == checkpoint_of(leaves).root


def test_an_empty_ledger_holds():
    assert check_ledger([]).size == 0


def test_a_ledger_may_have_grown_since_the_newest_checkpoint():
    leaves = ledger_of(20)
    assert check_ledger(leaves, [checkpoint_of(leaves[:12])]).size == 20


def test_without_a_checkpoint_it_says_that_it_was_compared_with_none():
    assert check_ledger(ledger_of(3)).compared == 0


@pytest.mark.parametrize("position", range(12))
def test_an_edited_entry_is_noticed_at_its_position(position):
    leaves = ledger_of(12)
    leaves[position] = replace(leaves[position], entry=replace(leaves[position].entry, rows=999))
    with pytest.raises(EvidenceBroken, match=f"position {position} does not match"):
        check_ledger(leaves)


@pytest.mark.parametrize("position", range(12))
def test_an_edited_hash_is_noticed_at_its_position(position):
    leaves = ledger_of(12)
    leaves[position] = replace(leaves[position], leaf_hash="00" * 32)
    with pytest.raises(EvidenceBroken, match=f"position {position} does not match"):
        check_ledger(leaves)


@pytest.mark.parametrize("position", range(12))
def test_an_entry_edited_together_with_its_hash_is_noticed_by_the_next_checkpoint(position):
    leaves = ledger_of(12)
    checkpoints = [checkpoint_of(leaves[:size]) for size in (5, 9, 12)]
    leaves[position] = leaf_of(replace(leaves[position].entry, rows=999), position)
    first, last = next(
        (start, end - 1) for start, end in ((0, 5), (5, 9), (9, 12)) if position < end
    )
    with pytest.raises(EvidenceBroken, match=f"positions {first} to {last} "):
        check_ledger(leaves, checkpoints)


@pytest.mark.parametrize("position", range(11))
def test_a_removed_entry_is_noticed_by_the_gap(position):
    leaves = ledger_of(12)
    del leaves[position]
    with pytest.raises(EvidenceBroken, match=f"position {position + 1} instead of {position};"):
        check_ledger(leaves)


@pytest.mark.parametrize("position", range(12))
def test_a_removed_entry_whose_gap_was_closed_is_noticed_by_a_checkpoint(position):
    leaves = ledger_of(12)
    checkpoint = checkpoint_of(leaves)
    shorter = rehashed(leaves[:position] + leaves[position + 1 :])
    with pytest.raises(EvidenceBroken, match=r"11 entries, but .* names 12 "):
        check_ledger(shorter, [checkpoint])
    with pytest.raises(EvidenceBroken, match="root at size 12"):
        check_ledger([*shorter, leaf_of(entry(50), 11)], [checkpoint])


@pytest.mark.parametrize("position", range(11))
def test_entries_that_changed_places_are_noticed(position):
    leaves = ledger_of(12)
    checkpoint = checkpoint_of(leaves)
    leaves[position], leaves[position + 1] = leaves[position + 1], leaves[position]
    with pytest.raises(EvidenceBroken, match="removed or moved"):
        check_ledger(leaves)
    renumbered = [replace(leaf, position=at) for at, leaf in enumerate(leaves)]
    with pytest.raises(EvidenceBroken, match=f"position {position} does not match"):
        check_ledger(renumbered)
    with pytest.raises(EvidenceBroken, match="root at size 12"):
        check_ledger(rehashed(leaves), [checkpoint])


@pytest.mark.parametrize("kept", range(12))
def test_a_cut_tail_is_noticed_by_a_checkpoint_kept_elsewhere(kept):
    leaves = ledger_of(12)
    cut = leaves[:kept]
    assert check_ledger(cut).size == kept  # the ledger alone does not show it
    with pytest.raises(EvidenceBroken, match=f"from position {kept} on were removed"):
        check_ledger(cut, [checkpoint_of(leaves)])


def test_a_backup_put_back_is_noticed_although_its_own_checkpoints_agree():
    leaves = ledger_of(12)
    old = leaves[:8]
    own, elsewhere = checkpoint_of(old), checkpoint_of(leaves)
    assert check_ledger(old, [own]).size == 8
    with pytest.raises(EvidenceBroken, match="names 12 "):
        check_ledger(old, [own, elsewhere])


@pytest.mark.parametrize("shared", range(12))
def test_another_history_is_noticed_even_when_it_is_longer(shared):
    leaves = ledger_of(12)
    other = leaves[:shared] + [leaf_of(entry(100 + at), at) for at in range(shared, 15)]
    assert check_ledger(other).size == 15
    with pytest.raises(EvidenceBroken, match="root at size 12"):
        check_ledger(other, [checkpoint_of(leaves)])


def test_two_checkpoints_of_one_size_cannot_both_hold():
    leaves = ledger_of(12)
    other = Signed(12, "00" * 32)
    with pytest.raises(EvidenceBroken, match="root at size 12"):
        check_ledger(leaves, [checkpoint_of(leaves), other])


@given(st.integers(1, 40), st.data())
def test_no_change_of_any_kind_passes(size, data):
    leaves = ledger_of(size)
    checkpoint = checkpoint_of(leaves)
    at = data.draw(st.integers(0, size - 1))
    to = data.draw(st.integers(0, size - 1))
    is_rehashed = data.draw(st.booleans())
    match data.draw(st.sampled_from(["edit", "remove", "move", "insert", "repeat", "cut"])):
        case "edit":
            changed = list(leaves)
            changed[at] = replace(leaves[at], entry=replace(leaves[at].entry, rows=10**6))
        case "remove":
            changed = leaves[:at] + leaves[at + 1 :]
        case "move":
            changed = leaves[:at] + leaves[at + 1 :]
            changed.insert(to, leaves[at])
        case "insert":
            changed = [*leaves[:at], leaf_of(entry(10**6), at), *leaves[at:]]
        case "repeat":
            changed = [*leaves[:at], leaves[at], *leaves[at:]]
        case _:
            changed = leaves[:at]
    if is_rehashed:
        changed = rehashed(changed)
    if changed == [*leaves, *rehashed(changed)[size:]]:  # at most appended, in due form
        check_ledger(changed, [checkpoint])
        return
    with pytest.raises(EvidenceBroken):
        check_ledger(changed, [checkpoint])


def test_copies_that_lack_a_checkpoint_of_the_database_are_noticed():
    leaves = ledger_of(12)
    checkpoints = [checkpoint_of(leaves[:size]) for size in (4, 8, 12)]
    assert missing_copies(checkpoints, checkpoints, "a folder") is None
    # Published, and not yet stored.
    assert missing_copies(checkpoints[:2], checkpoints, "a folder") is None
    two = missing_copies(checkpoints, checkpoints[:1], "a folder")
    assert "2 that the database records are missing in a folder" in two
    assert "largest of size 12" in missing_copies(checkpoints, [], "a folder")


# --- on a real database, by those who may do everything ---------------------------------------------


def build(url):
    opened = Database(url)
    migrate(opened)
    opened.dispose()


@pytest.fixture(scope="module", autouse=True)
def _evidence_template(template_database):
    template_database.register("evidence", build)


@pytest.fixture
def engine(database):
    engine = sa.create_engine(database("evidence"), poolclass=sa.NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def key():
    return SigningKey(ORIGIN, Ed25519PrivateKey.generate())


@pytest.fixture
def sealed(engine, key, tmp_path):
    """A ledger of 12 entries, with checkpoints in the database and in a folder elsewhere."""
    for size in (8, 12):
        with engine.begin() as connection:
            ledger = PostgresLedger(connection)
            for number in range(size - 4 if size == 12 else 0, size):
                ledger.append(entry(number))
            checked = check_ledger(ledger.leaves())
            note = sign_checkpoint(checked.size, checked.root, key)
            publish_checkpoint(note, key.public_text, [tmp_path])
            ledger.add_checkpoint(note, size=checked.size, root=checked.root, at=entry(0).at)
    return engine


def check(engine, key, folder):
    with engine.begin() as connection:
        ledger = PostgresLedger(connection)
        own = [verify_checkpoint(note, key.public_text) for note in ledger.checkpoints()]
        copies = checkpoints_by_name(folder, key.public_text).values()
        if problem := missing_copies(own, copies, "the copies"):
            raise EvidenceBroken(problem)
        signed = [Signed.of(each, "a checkpoint") for each in (*own, *copies)]
        return check_ledger(ledger.leaves(), signed)


def tamper(engine, *statements):
    """Do what only the owner of the tables can do."""
    with engine.begin() as connection:
        for table in ("entry", "checkpoint"):
            connection.execute(sa.text(f"alter table lacuna_evidence.{table} disable trigger all"))
        for statement in statements:
            connection.execute(sa.text(statement))


def test_a_sealed_ledger_holds(sealed, key, tmp_path):
    assert check(sealed, key, tmp_path).size == 12


HASH_AGAIN = (
    "create temporary table kept on commit drop as "
    "select at, request_id, batch_id, phase, action, location, rows, already, digest, actor "
    "from lacuna_evidence.entry order by position",
    "delete from lacuna_evidence.entry",
    "alter table lacuna_evidence.entry enable trigger entry_complete",
    "insert into lacuna_evidence.entry "
    "(at, request_id, batch_id, phase, action, location, rows, already, digest, actor) "
    "select * from kept",
)


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (
            ["update lacuna_evidence.entry set rows = 0 where position = 5"],
            "position 5 does not match",
        ),
        (
            ["update lacuna_evidence.entry set at = at + '1 microsecond' where position = 0"],
            "position 0 does not match",
        ),
        (["delete from lacuna_evidence.entry where position = 5"], "position 6 instead of 5"),
        (
            [
                "update lacuna_evidence.entry set position = 99 where position = 5",
                "update lacuna_evidence.entry set position = 5 where position = 6",
                "update lacuna_evidence.entry set position = 6 where position = 99",
            ],
            "position 5 does not match",
        ),
        (["delete from lacuna_evidence.entry where position >= 10"], "10 entries, but"),
        (["truncate lacuna_evidence.entry"], "0 entries, but"),
        (
            ["update lacuna_evidence.entry set rows = 999 where position = 5", *HASH_AGAIN],
            "positions 0 to 7 ",
        ),
        (
            ["update lacuna_evidence.entry set rows = 999 where position = 9", *HASH_AGAIN],
            "positions 8 to 11 ",
        ),
        (
            ["delete from lacuna_evidence.entry where position = 5", *HASH_AGAIN],
            "root at size 8",
        ),
        (
            [
                "delete from lacuna_evidence.entry where position >= 8",
                "delete from lacuna_evidence.checkpoint where size > 8",
            ],
            "8 entries, but .* names 12 ",
        ),
        (
            ["truncate lacuna_evidence.entry", "truncate lacuna_evidence.checkpoint"],
            "0 entries, but .* names 12 ",
        ),
    ],
    ids=[
        "edit",
        "edit the time",
        "remove",
        "reorder",
        "cut the tail",
        "empty",
        "edit with its hash",
        "edit a late one with its hash",
        "remove and close the gap",
        "roll back with its checkpoints",
        "begin anew",
    ],
)
def test_what_an_owner_does_behind_the_triggers_is_noticed(
    sealed, key, tmp_path, statements, problem
):
    tamper(sealed, *statements)
    with pytest.raises(EvidenceBroken, match=problem):
        check(sealed, key, tmp_path)


def test_rewriting_the_same_rows_with_the_same_hashes_changes_nothing(sealed, key, tmp_path):
    tamper(sealed, *HASH_AGAIN)
    assert check(sealed, key, tmp_path).size == 12
