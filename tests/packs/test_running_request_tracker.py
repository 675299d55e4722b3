"""A running Request Tracker from which five of fourteen customers were erased by its pack."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from lacuna.flows.run.opening import find_drift
from tests.cli.conftest import run_here
from tests.packs.request_tracker.people import CUSTOMERS, NEIGHBORS, Customer, write
from tests.packs.request_tracker.running import RequestTracker
from tests.packs.request_tracker.screens import Screens, free_port, served
from tests.packs.test_request_tracker import PACK, REPORTING, STATISTICS, Tracker, notes_block

pytestmark = [pytest.mark.long, pytest.mark.request_tracker]
PEOPLE = CUSTOMERS[:14]
ERASED = tuple(PEOPLE[number] for number in (0, 2, 5, 9, 13))
LEFT = tuple(one for one in PEOPLE if one not in ERASED)


@dataclass
class Night:
    """The desk after the night, and what it was like before."""

    tracker: RequestTracker
    site: Tracker
    tickets: dict[Customer, int]
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    statistics: tuple[list[tuple], list[tuple]]


@pytest.fixture(scope="module")
def night(template_database, tmp_path_factory):
    folder, home = tmp_path_factory.mktemp("rt"), tmp_path_factory.mktemp("home")
    home.chmod(0o700)
    with template_database.clones() as fresh:
        url = fresh("lacuna")
        tracker = RequestTracker(url, folder / "rt", free_port())
        tracker.set_up()
        filled = tracker.perl("fill.pl", write(folder / "people.json", PEOPLE))
        tracker.index()
        with psycopg.connect(tracker.url) as connection:
            connection.execute("set role rt_user")
            connection.execute(notes_block("create function"))
        site = Tracker(url, home, (REPORTING,), PACK / "datamap.yaml")
        prove(url, home)
        assert find_drift(site.stores)[1] == ()
        before, numbers = site.everything(), site.query(STATISTICS)
        site.erase(*(one.email for one in ERASED))
        tickets = dict(zip(PEOPLE, json.loads(filled)["tickets"], strict=True))
        after = (site.everything(), (numbers, site.query(STATISTICS)))
        yield Night(tracker, site, tickets, before, *after)


def prove(url: str, home: Path) -> None:
    """Search everything for everybody, as an installation has to before its first plan."""
    done = run_here(
        *("datamap", "prove", "--people", "20"),
        cwd=home,
        LACUNA_HOME=str(home),
        LACUNA_DATABASE_URL=url,
        LACUNA_DATAMAP=str(PACK / "datamap.yaml"),
        LACUNA_TENANTS=str(Path(__file__).parent / "request_tracker" / "tenants.yaml"),
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def screens(night) -> Screens:
    with served(night.tracker) as opened:
        yield opened


@pytest.mark.parametrize("one", ERASED, ids=lambda one: str(one.number))
def test_nothing_of_the_erased_is_left(night, one):
    held = "\n".join(row for rows in night.before.values() for row in rows)
    assert all(value in held for value in one.values)
    left = {
        (table, value)
        for table, rows in night.after.items()
        for row in rows
        for value in one.values
        if value.lower() in row.lower()
    }
    assert left == set()


def test_an_independent_search_finds_nothing_either(night, tmp_path):
    listed = [("person", "kind", "value")]
    kinds = ("email", "name", "phone", "external_id", "address", "file")
    for one in ERASED:
        listed += [(str(one.number), *pair) for pair in zip(kinds, one.values, strict=True)]
    people = tmp_path / "people.csv"
    people.write_text("\n".join(",".join(line) for line in listed), "utf-8")
    options = ("--identifiers", people, "--database", night.tracker.url, "--json")
    done = run_here("prove-absent", *options, cwd=tmp_path, LACUNA_HOME=str(tmp_path / "home"))
    assert json.loads(done.stdout)["result"] == "absent", done.stdout
    assert done.returncode == 0


def test_rows_of_everybody_else_are_as_they_were(night):
    theirs = [value.lower() for one in ERASED for value in one.values]
    for table in (
        "users",
        "tickets",
        "objectcustomfieldvalues",
        "queues",
        "links",
        "acl",
        "scrips",
    ):
        rows = set(night.after[table])
        gone = [row for row in night.before[table] if row not in rows]
        assert all(
            any(value in row.lower() for value in theirs)
            or table in ("tickets", "objectcustomfieldvalues")
            for row in gone
        ), table
    for one in LEFT:
        for table in ("users", "tickets"):
            kept = [row for row in night.before[table] if one.name in row or one.order in row]
            assert set(kept) <= set(night.after[table])
    tickets = [night.tickets[one] for one in LEFT]
    values = "select count(*) from objectcustomfieldvalues where objecttype = 'RT::Ticket' and objectid = any(%s)"
    assert night.site.query(values, tickets) == [(4 * len(LEFT),)]


def test_counts_and_durations_are_what_they_were(night):
    before, after = night.statistics
    assert before == after


def test_every_ticket_opens_with_its_history(night, screens):
    for one, ticket in night.tickets.items():
        shown = screens.text(f"/Ticket/Display.html?id={ticket}")
        history = screens.text(f"/Ticket/History.html?id={ticket}")
        assert f"#{ticket}: Lamp of" in shown
        assert "It burns again" in history
        if one in ERASED:
            assert not [value for value in one.values if value in shown + history]
        else:
            assert one.name in shown
            assert one.street in history


def test_search_and_reports_count_every_ticket(night, screens):
    words = screens.text("/Search/Results.html?Query=Content+LIKE+'burns'")
    assert f"Found {len(PEOPLE)} tickets" in words
    for one in ERASED:
        gone = screens.text(
            f"/Search/Results.html?Query=Content+LIKE+'{one.last.lower()}{one.number}'"
        )
        assert "Found 0 tickets" in gone
    asked = screens.text(f"/Search/Results.html?Query=Requestor.EmailAddress+=+'{LEFT[0].email}'")
    assert "Found 0 tickets" not in asked
    of_erased = f"/Search/Results.html?Query=Requestor.EmailAddress+=+'{ERASED[0].email}'"
    assert "Found 0 tickets" in screens.text(of_erased)
    assert "resolved" in screens.text(
        "/Search/Chart.html?Query=id+>+0&PrimaryGroupBy=Status".replace(" ", "+")
    )
    for page in ("/", "/Search/Build.html", "/Dashboards/index.html", "/Asset/Display.html?id=1"):
        assert screens.text(page)


def test_the_summary_of_everybody_else_opens(night, screens):
    for one in LEFT:
        ((key,),) = night.site.query("select id from users where emailaddress = %s", one.email)
        shown = screens.text(f"/User/Summary.html?id={key}")
        assert one.name in shown
        assert "Lamp of" in shown


def test_mails_and_agents_go_on(night, tmp_path):
    back, known, new = ERASED[0], LEFT[0], NEIGHBORS[0]
    asked = tmp_path / "asked.json"
    asked.write_text(
        json.dumps(
            {
                "came": new.mail("A new lamp", "Hello, it is dark again."),
                "answered": known.mail("Re: lamp", "One more question."),
                "ticket": night.tickets[known],
                "erased": [night.tickets[one] for one in ERASED],
                "address": back.email,
            }
        ),
        "utf-8",
    )
    said = json.loads(night.tracker.perl("answer.pl", asked))
    assert said["requestor"] == new.email
    assert said["answered"] == night.tickets[known]
    assert said["requested"] == 0
    assert (said["burning"], said["all"]) == (len(PEOPLE), len(night.before["tickets"]) + 1)


def test_no_page_broke(night, screens):
    screens.text("/")
    log = (night.tracker.folder / "web.log").read_text("utf-8", "replace")
    broken = [line for line in log.splitlines() if "[error]" in line or "[critical]" in line]
    # The saved search of an agent that named somebody erased is empty.
    assert [line for line in broken if "Deserialization of attribute" not in line] == []
