"""The pack of django-helpdesk on the running application, through every flow.

The application makes its tables, fills them by its own models, and opens its screens afterwards.
"""

from __future__ import annotations

import csv
import json
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyrage import x25519

from lacuna.bundle import open_sealed
from lacuna.flows import reporting, sweep
from lacuna.flows.sweep.rules import approve_rule, known_rules
from lacuna.model.bundle import PrivateKey
from lacuna.model.identity import IdentifierKind
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import Mode, RunOptions, RunScope
from lacuna.stores.postgres.database import Database
from lacuna.stores.postgres.migrations import migrate
from tests.cli.conftest import run_here
from tests.drifts import drifts_of
from tests.flows.django_desk.people import WITHOUT_ACCOUNT, Customer
from tests.flows.test_django_desk import Site, desk

pytestmark = pytest.mark.long

CUSTOMERS = 80
SENDER = Customer(WITHOUT_ACCOUNT[0])
ERASED = (*map(Customer, (0, 9, 33, 44, 70)), SENDER)
IDENTITY = x25519.Identity.generate()
TICKETS = "(select id from helpdesk_ticket where submitter_email = any(%s))"
SAID = f"(select id from helpdesk_followup where ticket_id in {TICKETS})"  # noqa: S608
# The rows of people that may change, by the application's own keys.
THEIRS = {
    "auth_user": "email = any(%s)",
    "helpdesk_ticket": "submitter_email = any(%s)",
    "helpdesk_followup": f"ticket_id in {TICKETS}",
    "helpdesk_ticketchange": f"followup_id in {SAID}",
    "helpdesk_followupattachment": f"followup_id in {SAID}",
    "helpdesk_ticketcustomfieldvalue": f"ticket_id in {TICKETS}",
    "helpdesk_checklist": f"ticket_id in {TICKETS}",
    "helpdesk_checklisttask": f"checklist_id in (select id from helpdesk_checklist where ticket_id in {TICKETS})",  # noqa: S608
    # Of somebody else who is on record, the address stays.
    "helpdesk_ticketcc": f"email = any(%s) or ticket_id in {TICKETS} and email not in (select email from auth_user)",  # noqa: S608
    "helpdesk_ignoreemail": "email_address = any(%s)",
    "helpdesk_usersettings": "user_id in (select id from auth_user where email = any(%s))",
    "helpdesk_kbitem_voted_by": "user_id in (select id from auth_user where email = any(%s))",
}
TOTALS = (
    "select status, queue_id, priority, assigned_to_id, count(*) from helpdesk_ticket group by 1, 2, 3, 4",
    "select date::date, public, count(*), sum(time_spent) from helpdesk_followup group by 1, 2",
    "select count(*), sum(size) from helpdesk_followupattachment",
    "select votes, recommendations from helpdesk_kbitem",
    "select is_staff, date_trunc('month', date_joined), count(*) from auth_user "
    "where date_joined > '2000-01-02' group by 1, 2",
    "select org_id, channel, state, queue_id, assignee_id, created_at, first_response_at, "
    "handling_duration_s from django_helpdesk_reporting.conversations",
)


@dataclass
class Served:
    """The site after people were erased, what it was like before, and where their bundle is."""

    site: Site
    files: Path
    before: dict[str, list[str]]
    theirs: dict[str, set[str]]
    totals: list[Counter]
    screens: dict[str, object]
    after: dict[str, list[str]]
    copies: dict[int, str]
    proof: dict


def totals(site: Site) -> list[Counter]:
    return [Counter(site.query(one)) for one in TOTALS]


def theirs(site: Site) -> dict[str, set[str]]:
    """Return the rows of the erased, as text, by table."""
    emails = [one.email for one in ERASED]
    return {
        table: {
            row
            for (row,) in site.query(
                f"select t::text from {table} t where {rows}",  # noqa: S608
                *[emails] * rows.count("%s"),
            )
        }
        for table, rows in THEIRS.items()
    }


def installed(url: str, home: Path, files: Path) -> Site:
    """Onboard the site as docs/packs.md says."""
    output = home / "desk"
    done = run_here(
        *("datamap", "init", "django-helpdesk", "--output", output, "--files", files),
        *("--controller", "Desk A/S, Example City", "--dpo", "dpo@example.org"),
        *("--authority", "Datatilsynet"),
        cwd=home,
        LACUNA_HOME=str(home),
        LACUNA_DATABASE_URL=url,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    migrate(Database(url))
    views = (output / "reporting.sql").read_text("utf-8")
    return Site(url, home, (views,), output / "datamap.yaml")


def proved(site: Site) -> dict:
    """Return what `lacuna datamap prove` says of the site's map."""
    home = site.stores.home
    done = run_here(
        *("datamap", "prove", "--json"),
        cwd=home,
        LACUNA_HOME=str(home),
        LACUNA_DATABASE_URL=str(site.stores.database.url),
        LACUNA_DATAMAP=str(home / "desk" / "datamap.yaml"),
        LACUNA_TENANTS=str(home / "desk" / "tenants.yaml"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def served(template_database, tmp_path_factory) -> Iterator[Served]:
    home, files = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("files")
    home.chmod(0o700)
    with template_database.clones() as fresh:
        url = fresh()
        desk(url, files, "django", "migrate", "-v0")
        desk(url, files, "tests.flows.django_desk.fill", str(CUSTOMERS))
        site = installed(url, home, files)
        proof = proved(site)
        before, of_them, figures = site.everything(), theirs(site), totals(site)
        copies = {
            one.number: site.submit(
                IdentifierKind.EMAIL,
                one.email,
                kinds=(RequestKind.ACCESS, RequestKind.PORTABILITY),
                bundle_key=str(IDENTITY.to_public()),
            )
            for one in (ERASED[0], SENDER)
        }
        site.run()
        site.erase(*(one.email for one in ERASED), is_forced=True)
        after = site.everything()
        screens = json.loads(desk(url, files, "tests.flows.django_desk.screens"))
        yield Served(site, files, before, of_them, figures, screens, after, copies, proof)


def test_the_pack_fits_the_database_and_its_files(served):
    assert drifts_of(served.site.stores) == ()


def test_the_map_is_proved_for_customers_and_agents_and_their_files(served):
    assert (served.proof["passed"], served.proof["stores"]) == (True, 1)
    assert served.proof["people"] == {"contact": 50, "staff": 2}


def test_another_search_finds_nothing_of_the_erased_in_the_database_or_the_files(served, tmp_path):
    people = tmp_path / "people.csv"
    with people.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("person", "kind", "value"))
        for one in ERASED:
            values = {"email": one.email, "name": one.name, "phone": one.phone}
            more = {"external_id": one.order, "address": one.street, "other": one.login}
            writer.writerows((one.number, *each) for each in (values | more).items())
    url = served.site.url
    done = run_here(
        *("prove-absent", "--identifiers", people, "--database", url, "--folder", served.files),
        *("--report", "absence.json"),
        cwd=tmp_path,
        LACUNA_HOME=str(tmp_path / "home"),
    )
    report = json.loads((tmp_path / "absence.json").read_text("utf-8"))
    assert (done.returncode, report["result"]) == (0, "absent"), done.stdout + done.stderr


def test_every_value_was_there_before_and_no_row_and_no_file_holds_one_now(served):
    held = "\n".join(row for rows in served.before.values() for row in rows)
    values = {
        one: set(one.values[:6]) - ({one.login} if one == SENDER else set()) for one in ERASED
    }
    assert all(value in held for one in ERASED for value in values[one])
    left = [
        (table, value)
        for table, rows in served.after.items()
        for row in rows
        for one in ERASED
        for value in one.values
        if value.lower() in row.lower()
    ]
    names = [
        path.name
        for path in served.files.rglob("*")
        for one in ERASED
        if one.values[-1] in path.name or (path.is_file() and one.name in path.read_text("utf-8"))
    ]
    assert (left, names) == ([], [])


def test_rows_of_everybody_else_are_identical(served):
    assert all(served.theirs.values())
    for table, rows in served.before.items():
        changed = Counter(rows) - Counter(served.after[table])
        assert changed.keys() <= served.theirs.get(table, set()), table


def test_counts_durations_and_what_the_reports_count_are_as_they_were(served):
    assert all(sum(one.values()) for one in served.totals)
    assert totals(served.site) == served.totals


def test_every_screen_search_and_statistic_of_the_desk_opens(served):
    assert served.screens["failed"] == []
    assert served.screens["tickets"] == CUSTOMERS * 3 // 2
    assert served.screens["opened"] > CUSTOMERS * 3


@pytest.mark.parametrize("first", [ERASED[0], SENDER], ids=["account", "no account"])
def test_a_bundle_has_what_is_theirs_and_nobody_elses(served, tmp_path, first):
    access = served.copies[first.number]
    assert served.site.state(access) is RequestState.COMPLETED
    sealed = served.site.stores.home / "bundles" / f"{access}.zip.age"
    folder = open_sealed(sealed, PrivateKey(str(IDENTITY)), tmp_path / "opened").folder
    said = "\n".join(
        path.read_text("utf-8") for path in folder.rglob("*") if path.suffix in (".json", ".txt")
    )
    for value in (first.name, first.email, first.order, first.street, first.phone):
        assert value in said
    others = [Customer(number) for number in range(CUSTOMERS) if number != first.number]
    # A ticket of theirs has another customer in copy.
    assert {one.number for one in others if one.email in said} <= {3}
    assert not [one for one in others if one.name in said or one.order in said]


def test_whoever_comes_back_is_erased_again(served):
    site, one = served.site, ERASED[3]
    site.query(
        "insert into auth_user (password, is_superuser, username, first_name, last_name, email, is_staff,"
        " is_active, date_joined) values ('!', false, %s, %s, %s, %s, false, true, now()) returning id",
        *(one.login, one.first, one.last, one.email),
    )
    site.run(sweep)
    rows = [row for row in site.everything()["auth_user"] if one.email in row or one.login in row]
    assert rows == []


def test_old_tickets_are_redacted_once_the_rules_are_approved(served):
    site = served.site
    for rule in known_rules(site.stores):
        approve_rule(site.stores, (rule.name, rule.digest, None), "dpo:0000test")
    late = RunOptions(
        run_id=str(uuid.uuid4()),
        mode=Mode.ACT,
        as_of=datetime.now(UTC) + timedelta(days=800),
    )
    named = "select count(*) from helpdesk_ticket where description like %s"
    # Nothing says what somebody without an account is called: their texts keep their length alone.
    assert site.query(named, "%Regards%") == [(CUSTOMERS * 3 // 2 - 1,)]
    still = Customer(5)
    assert site.query(named, f"%{still.name}%") != [(0,)]
    assert sweep.run(site.stores, late, str(uuid.uuid4())) > 0
    assert site.query(named, f"%{still.name}%") == [(0,)]
    assert sweep.run(site.stores, replace(late, run_id=str(uuid.uuid4())), str(uuid.uuid4())) == 0


def test_reports_count_every_ticket_of_a_closed_period_once(served):
    site = served.site
    scope = RunScope(since=(datetime.now(UTC) - timedelta(days=CUSTOMERS + 3)).date())
    options = RunOptions(run_id=str(uuid.uuid4()), mode=Mode.ACT, scope=scope)
    assert reporting.run(site.stores, options, str(uuid.uuid4())) > 0
    ((until, n, handled),) = site.query(
        "select max(last_day), sum(n)::bigint, sum(handle_s_sum)::bigint from reporting.volume_daily"
    )
    counted = site.query(
        "select count(*), sum(handling_duration_s) from django_helpdesk_reporting.conversations "
        "where created_at < %s::date + 1",
        until,
    )
    assert counted == [(n, handled)]
    assert n > CUSTOMERS


def test_an_agent_is_forgotten_and_what_they_worked_on_stays(served):
    site = served.site
    names = ("piet@desk.example.com", "Piet", "Queueberg")
    worked = "select count(*) from helpdesk_ticket t join auth_user u on u.id = assigned_to_id where is_staff"
    before = site.query(worked)
    request_id = site.submit(IdentifierKind.EMAIL, names[0], person_kind="staff")
    site.run()
    site.approve(request_id)
    site.run()
    assert site.state(request_id) is RequestState.COMPLETED
    rows = [row for rows in site.everything().values() for row in rows]
    assert not [name for name in names if any(name in row for row in rows)]
    assert site.query(worked) == before != [(0,)]
