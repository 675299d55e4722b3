"""Nights run themselves: whatever goes wrong, each request ends right, once, and the end is told.

    NIGHT_REQUESTS=200 LOCK_SECONDS=600 PICTURES=FOLDER pytest tests/nights

`NIGHT_REQUESTS` is the number of requests of the worst night, `LOCK_SECONDS` how long a table is
held; `PICTURES` is a folder for pictures of what Airflow shows, such as that in `docs/images/`.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack

import pytest

from tests.nights.conftest import REQUESTS
from tests.nights.installation import Nights

pytestmark = [pytest.mark.long, pytest.mark.airflow, pytest.mark.compose, pytest.mark.redis]

LOCK_SECONDS = float(os.environ.get("LOCK_SECONDS", "75"))
FEW = 6


def queue(nights: Nights, count: int) -> dict[str, str]:
    """Queue erasures and let intake take them; return the number of each request by address."""
    asked = nights.ask(count)
    assert nights.wait_for(nights.trigger("gdpr_intake")) == "success"
    numbers = dict(
        nights.rows(
            "select inbox_id, number from lacuna.request_inbox join lacuna.request"
            " using (request_id) where inbox_id = any(%s)",
            list(asked),
        )
    )
    return {email: numbers[inbox_id] for inbox_id, email in asked.items()}


def states_of(nights: Nights, numbers: dict[str, str]) -> dict[str, list[str]]:
    """Return by state the numbers of requests."""
    found: dict[str, list[str]] = {}
    for number, state in nights.rows(
        "select number, state from lacuna.request where number = any(%s) order by 1",
        list(numbers.values()),
    ):
        found.setdefault(state, []).append(number)
    return found


def waiting(nights: Nights, numbers: dict[str, str]) -> set[str]:
    """Return the numbers of requests that wait for something of their own.

    The sample's mails ask for some of the same people.
    """
    found = nights.rows(
        "select number from lacuna.request where number = any(%s)"
        " and obstacle in ('duplicate', 'earlier_rights')",
        list(numbers.values()),
    )
    return {number for (number,) in found}


def assert_all_done(nights: Nights, numbers: dict[str, str]) -> None:
    """Each request was closed, once, and nothing is left of its person."""
    own = waiting(nights, numbers)
    assert len(own) <= max(2, len(numbers) // 10)
    done = {email: one for email, one in numbers.items() if one not in own}
    assert set(states_of(nights, done)) == {"completed"}
    assert_done_once(nights, done)
    assert_gone(nights, done)


def assert_done_once(nights: Nights, numbers: dict[str, str]) -> None:
    """Each request was closed once, and none of its effects happened twice.

    A plan is no effect: it is made again where the erasure of somebody else changed it.
    """
    closed = nights.rows(
        "select number, count(*) from lacuna_evidence.entry join lacuna.request using (request_id)"
        " where action = 'completed' and number = any(%s) group by 1",
        list(numbers.values()),
    )
    assert dict(closed) == dict.fromkeys(numbers.values(), 1)
    twice = nights.rows(
        "select number, action, location, count(*) from lacuna_evidence.entry"
        " join lacuna.request using (request_id)"
        " where phase = 'outcome' and rows > 0 and action <> 'planned' and number = any(%s)"
        " group by 1, 2, 3 having count(*) > 1",
        list(numbers.values()),
    )
    assert twice == []


def assert_gone(nights: Nights, numbers: dict[str, str]) -> None:
    """No table of the platform has an address of these people, and no file below the home.

    The letters in the outbox, in place of a mail server's queue, are theirs.
    """
    tables = nights.rows(
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname in ('contact_center', 'lacuna', 'lacuna_evidence', 'reporting')"
    )
    assert len(tables) > 30
    texts = "\n".join(
        text
        for (table,) in tables
        for (text,) in nights.rows(f"select t::text from {table} t")  # noqa: S608
    ).lower()
    found = [number for email, number in numbers.items() if email.lower() in texts]
    assert found == []
    for path in nights.services.home.rglob("*"):
        if path.is_file() and not {"keys", "outbox"} & {*path.parts}:
            content = path.read_bytes().lower()
            found += [numbers[one] for one in numbers if one.lower().encode() in content]
    assert found == []


def told(nights: Nights, run: str) -> dict[str, str]:
    """Return what each place says of how a run ended."""
    tasks = nights.tasks(run)
    red = [name for name, one in tasks.items() if one["state"] == "failed"]
    lines = nights.services.home / "evidence" / "runs"
    dag_id, run_id = run.split("/")[4], run.split("/")[6]
    alerts = sorted(
        (nights.services.home / "alerts").rglob("*.eml"), key=lambda p: p.stat().st_mtime
    )
    return {
        "note": nights.get(run)["note"] or "",
        "lines": (lines / f"{dag_id}.{run_id}.jsonl").read_text("utf-8"),
        "alert": "\n".join(one.read_text("utf-8") for one in alerts),
        **{f"log of {name}": nights.last_line_of(run, name) for name in red},
    }


def test_a_night_of_many_in_which_a_worker_dies_and_the_database_restarts(nights: Nights):
    """And the database refuses one person, and somebody writes of another who was just erased."""
    numbers = queue(nights, REQUESTS)
    with ExitStack() as held:
        with nights.held_chunks():
            run = nights.trigger("gdpr_fulfilment")
            # Not of those who wait for an earlier request of the same person.
            nights.wait_for_task(run, "divide", "success")
            approved = states_of(nights, numbers)["approved"]
            refused, survivor = sorted(one for one in numbers if numbers[one] in approved)[:2]
            nights.poison(refused)
            held.enter_context(nights.held_person(refused))
        chunk = f"apply_chunk[{nights.chunk_of(numbers[refused])}]"
        nights.wait_for_task(run, chunk)
        nights.wait_for_waiter()
        nights.kill_worker(run, chunk)
    # When all chunks are through: nobody is erased any more who is in the same note.
    nights.wait_for_task(run, "apply")
    note = nights.note_beside(numbers[survivor])
    nights.write(note, f"Ask {survivor} again.")
    nights.wait_for_task(run, "verify")
    nights.restart_platform(5)
    assert nights.wait_for(run) == "failed"
    nights.picture(run, "many", "conclude", "verdict")

    states = states_of(nights, numbers)
    assert numbers[refused] in states["approved"]
    assert states["applied"] == [numbers[survivor]]
    own = waiting(nights, numbers)
    assert len(own) <= max(2, REQUESTS // 10)
    assert len(states["completed"]) == REQUESTS - 2 - len(own)
    tasks = nights.tasks(run)
    assert tasks[chunk]["try_number"] > 1
    assert {name for name, one in tasks.items() if one["state"] != "success"} == {
        "conclude",
        "verdict",
    }
    done = {email: one for email, one in numbers.items() if one in states["completed"]}
    assert_done_once(nights, done)
    assert_gone(nights, done)
    says = told(nights, run)
    assert set(says) == {"note", "lines", "alert", "log of conclude", "log of verdict"}
    for place, text in says.items():
        for email in (refused, survivor):
            assert numbers[email] in text, place
            assert email not in text, place
        if place.startswith("log of "):
            assert "residue contact_center.internal_notes.message: 1" in text
            assert "What to do: " in text

    nights.cure()
    nights.write(note, "Ask again.")
    again = nights.trigger("gdpr_fulfilment")
    assert nights.wait_for(again) == "success"
    assert_all_done(nights, numbers)


def test_a_night_in_which_somebody_holds_a_table(nights: Nights):
    numbers = queue(nights, FEW)
    with ExitStack() as held:
        with nights.held_chunks():
            run = nights.trigger("gdpr_fulfilment")
            nights.wait_for_task(run, "divide", "success")
            held.enter_context(nights.locked("contact_center.contacts"))
        time.sleep(LOCK_SECONDS)
        nights.picture(run, "lock", "apply_chunk/mapped/0")
    assert nights.wait_for(run) == "success"
    assert_all_done(nights, numbers)


def test_a_night_in_which_the_disk_of_evidence_is_full(nights: Nights):
    numbers = queue(nights, FEW)
    run = nights.trigger("gdpr_fulfilment")
    nights.wait_for_task(run, "resolve_and_plan")
    filler = nights.services.home / "evidence" / "filler"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(bytes(64 << 20))
    nights.wait_for_failed_try(run)
    nights.picture(run, "disk")
    filler.unlink()
    assert nights.wait_for(run) == "success"
    assert_all_done(nights, numbers)
