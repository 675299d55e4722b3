"""Somebody reads the whole database after the run, to tell which rows were one person's."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lacuna.evidence import certificate_page, verify_certificate
from lacuna.flows import seal, sweep
from lacuna.flows.attack import attack
from lacuna.flows.run.installation_keys import published_keys_folder, read_public_keys
from lacuna.model.request import RequestState
from lacuna.model.scrub import ALWAYS, NEVER
from tests.flows.observation import connect, execute, quiet_people
from tests.flows.whose_rows import (
    SPY,
    assert_told_apart_by_nothing,
    groups,
    joined,
    numbers_kept,
    out_of_order,
    owners_of,
    singled_out,
)


@pytest.fixture
def spied(installation):
    execute(installation.url, SPY)
    return installation


def erase(spied, people: list[str]) -> list[str]:
    """Erase people in one night, outside any window in which tables may be written anew."""
    ids = [spied.submit_contact(one) for one in people]
    assert spied.run(scrub_window=NEVER) is None
    for request_id in ids:
        spied.approve(request_id)
    assert spied.run(scrub_window=NEVER) is None
    assert all(spied.request(one).state is RequestState.COMPLETED for one in ids)
    return ids


def attacked(spied) -> dict[str, str]:
    """Return how the attacks on rows end, by a word of what they try."""
    return {
        word: str(one.outcome)
        for one in attack(spied.stores)
        for word in ("apart", "join")
        if one.area == "rows" and word in one.attempt
    }


@pytest.mark.thorough
def test_no_request_is_joined_to_rows_by_the_transaction_that_wrote_them(spied) -> None:
    ids = erase(spied, quiet_people(spied.platform)[:3])
    with connect(spied.url) as connection:
        owners = owners_of(connection)
        assert len(owners) > 5, "nothing was erased"
        # What names no request: which interactions lost their link while their week is open.
        assert {own for _, own in joined(connection, owners)} <= {"lacuna.fixed_link"}
        assert numbers_kept(connection) == set()
    assert spied.run(seal, scrub_window=NEVER) is None
    home = spied.stores.home
    keys = read_public_keys(published_keys_folder(home))
    crowds = {}
    for one in ids:
        content = (home / "evidence" / "certificates" / f"{one}.json").read_bytes()
        verified = verify_certificate(content, keys)
        assert "contact_center.messages" in verified.linkable
        page = certificate_page(content).decode()
        assert (
            "the rows that stay can be told to be one person" in page
            or "too few to conceal" in page
        )
        changed = {
            each["location"]
            for each in verified.statement["done"]
            if each["action"] == "anonymize_rows" and each["rows"]
        }
        # By table, whose rows there are: the ledger counts them.
        crowds[one] = min(len(set().union(*owners[table].values())) for table in changed)
        assert verified.statement["crowd"] == crowds[one]
    assert len(set(crowds.values())) > 1, crowds


def folders_of(spied) -> list[Path]:
    media = spied.stores.home / "media"
    return [media, *(path for path in media.rglob("*") if path.is_dir())]


@pytest.mark.thorough
def test_no_folder_and_no_table_says_when_the_files_of_a_request_went(spied) -> None:
    # The first run marks the store itself.
    before = {path: path.stat().st_mtime_ns for path in folders_of(spied)[1:]}
    files = set((spied.stores.home / "media").rglob("*.*"))
    demo = spied.platform.demo
    for one in (demo.forget, demo.access):
        erase(spied, [one])
    gone = files - set((spied.stores.home / "media").rglob("*.*"))
    assert len({path.parent for path in gone}) > 1, "no files were deleted"
    after = {path: path.stat() for path in folders_of(spied)}
    assert len(after) > 10
    times = {path: found.st_mtime_ns for path, found in after.items() if path in before}
    assert times.items() <= before.items()
    ((closed,),) = execute(
        spied.url,
        "select max(at) from lacuna_evidence.entry "
        "where action = 'delete_objects' and phase = 'outcome'",
    )
    assert min(found.st_ctime for found in after.values()) > closed.timestamp()
    assert execute(spied.url, "select count(*) from lacuna.file_effect") == [(0,)]


def test_what_a_killed_run_left_of_folders_is_gone_by_the_next_night(spied) -> None:
    media = spied.stores.home / "media"
    since = time.time()
    min(media.rglob("*.eml")).unlink()
    time.sleep(0.05)
    now = time.time()
    assert spied.run(sweep, scrub_window=NEVER) is None
    assert since < now < min(path.stat().st_ctime for path in folders_of(spied))


@pytest.mark.thorough
def test_rows_of_three_nights_of_one_erasure_each_are_told_apart_by_nothing(spied) -> None:
    people = quiet_people(spied.platform)[:3]
    erase(spied, people[:1])
    # From now on a table is written anew where its rows say something, and no other.
    assert spied.run(sweep, scrub_window=ALWAYS) is None
    for one in people[1:]:
        erase(spied, [one])
    with connect(spied.url) as connection:
        owners = owners_of(connection)
        # The control: before rows are written anew, transaction and place tell each of them.
        assert "contact_center.conversations" in singled_out(groups(connection, owners, "xmin"))
        assert "contact_center.messages" in out_of_order(connection, owners)
        # Locks alone, in a table whose rows are kept as they are.
        assert "contact_center.conversation_tags" in singled_out(groups(connection, owners, "xmax"))
    assert attacked(spied) == {"apart": "succeeded", "join": "held"}
    assert spied.run(sweep, scrub_window=ALWAYS) is None
    assert attacked(spied) == {"apart": "held", "join": "held"}
    with connect(spied.url) as connection:
        assert_told_apart_by_nothing(connection, owners)

    # A lock alone tells rows apart, and is seen, and goes with the next night.
    execute(
        spied.url,
        "select from contact_center.conversations where anonymized_at is not null "
        "order by conversation_id limit 1 for update",
    )
    assert attacked(spied) == {"apart": "succeeded", "join": "held"}
    assert spied.run(sweep, scrub_window=ALWAYS) is None
    assert attacked(spied) == {"apart": "held", "join": "held"}
