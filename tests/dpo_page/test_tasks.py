"""The list of tasks: everything that a person has to do, once, the most urgent first."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lacuna.dpo_page import NextRun, Schedule
from lacuna.model.finding import Finding, Gate
from lacuna.model.queue import Purpose
from lacuna.model.register import Shelf, TaskKind
from lacuna.model.request import RequestKind
from lacuna.model.request_reference import RequestFilter
from lacuna.model.run import Role
from tests.dpo_page.conftest import NOW, ORG, OTHER
from tests.dpo_page.test_views import fill


def listed(html: str) -> list[tuple[str, str]]:
    """Return what is to be done and where, in the order of the list."""
    return [
        (deed, path)
        for path, deed in re.findall(
            r'data-label="to do">(?:<input[^>]*> )?<a href="([^"]+)"><b>([^<]+)</b>', html
        )
    ]


def due(office, request_id: str, days: int) -> None:
    office.query(
        "update lacuna.request set due_at = %s, alarm_at = %s where request_id = %s",
        *[NOW + timedelta(days=days)] * 2,
        request_id,
    )


def waiting_mail(office, *, days: int, org_id: str = ORG) -> str:
    mail_id = str(uuid.uuid4())
    office.query(
        "insert into lacuna.mail (mail_id, org_id, outcome, reasons, rights, received_at, due_at, "
        "taken_at) values (%s, %s, 'waiting', '{no_right}', '{access}', %s, %s, %s)",
        *(mail_id, org_id, NOW, NOW + timedelta(days=days), NOW),
    )
    return mail_id


def everything(office) -> dict[TaskKind, str]:
    """Make a task of every kind, each due a day later than the one before; return what each is about."""
    failed = office.planned(mail="failed@example.org")
    office.move(failed, "approved", "applied")
    office.verified(failed, Finding(Gate.RESIDUE, "crm.note.body", 2))
    unverified = office.submit(mail="unverified@example.org")
    ambiguous, _ = office.ambiguous()
    held = office.submit(mail="held@example.org")
    office.move(held, "held")
    before, told = (office.submit(mail=f"{name}@example.org") for name in ("before", "told"))
    office.query("update lacuna.request set held_until = %s where state = 'held'", NOW)
    bundled = office.submit(mail="bundle@example.org", kind=RequestKind.ACCESS)
    office.move(bundled, "resolved", "planned", "approved", "applied", "verified", "completed")
    found = {
        TaskKind.OVERDUE: office.submit(mail="late@example.org"),
        TaskKind.DUE_SOON: office.submit(mail="soon@example.org"),
        TaskKind.FAILURE: failed,
        TaskKind.DECIDED_BEFORE: before,
        TaskKind.APPROVAL: office.planned(mail="plan@example.org"),
        TaskKind.IDENTITY: unverified,
        TaskKind.AMBIGUOUS: ambiguous,
        TaskKind.INSTRUCTION: told,
        TaskKind.HOLD_ENDS: held,
        TaskKind.BUNDLE: bundled,
    }
    for kind, obstacle in (
        (TaskKind.FAILURE, "verification_failed"),
        (TaskKind.DECIDED_BEFORE, "decided_before"),
        (TaskKind.INSTRUCTION, "controller"),
    ):
        office.query(
            "update lacuna.request set obstacle = %s where request_id = %s", obstacle, found[kind]
        )
    office.query("update lacuna.request set is_verified = request_id <> %s", unverified)
    office.move(unverified, "identity_pending")
    for days, request_id in enumerate(found.values(), start=-1):
        due(office, request_id, days)
    days = NOW + timedelta(days=7)
    office.query(
        "update lacuna.request set held_until = %s where held_until is not null",
        days - timedelta(hours=1),
    )
    office.bundled(bundled, days=20)
    found[TaskKind.MAIL] = waiting_mail(office, days=30)
    return found


@pytest.mark.thorough
def test_everything_that_waits_for_a_person_is_one_list_the_most_urgent_first(office, visit):
    about = everything(office)
    office.submit(mail="quiet@example.org")  # waits for nobody, and is due in a month
    office.planned(OTHER, mail="other@example.org")
    waiting_mail(office, days=1, org_id=OTHER)
    html = visit("dana").get(f"/{ORG}").text
    own = f"/{ORG}/requests/"
    assert listed(html) == [
        ("See what it waits for", own + about[TaskKind.OVERDUE]),
        ("See what it waits for", own + about[TaskKind.DUE_SOON]),
        ("See what failed", own + about[TaskKind.FAILURE]),
        ("Hold or refuse it again", own + about[TaskKind.DECIDED_BEFORE]),
        ("Read and approve the plan", own + about[TaskKind.APPROVAL] + "/approve"),
        ("Record the identity check", own + about[TaskKind.IDENTITY] + "/verify-identity"),
        ("Choose the person", own + about[TaskKind.AMBIGUOUS]),
        ("Record the instruction", own + about[TaskKind.INSTRUCTION] + "/instruct"),
        ("Look at the hold", own + about[TaskKind.HOLD_ENDS]),
        ("Hand over the bundle", own + about[TaskKind.BUNDLE] + "/release"),
        ("Read the mail", f"/{ORG}/mails/{about[TaskKind.MAIL]}"),
    ]
    assert "Tasks <small>fjordlys: 11</small>" in html
    dana = visit("dana")
    for deed, path in listed(html)[:-1]:
        assert dana.get(path).status_code == 200, deed


@pytest.mark.thorough
def test_one_kind_of_task_is_listed_alone(office, visit):
    about = everything(office)
    dana = visit("dana")
    for kind, one in about.items():
        html = dana.get(f"/{ORG}", params={"kind": str(kind)}).text
        if kind not in (TaskKind.OVERDUE, TaskKind.DUE_SOON):
            ((_, path),) = listed(html)
            assert one in path
    for query in ("kind=nothing", "assigned=dana", "order=", "page=0", "sort=due"):
        assert dana.get(f"/{ORG}?{query}").status_code == 422


@pytest.mark.parametrize("kind", ["overdue", "due_soon"])
def test_what_is_due_is_one_number_in_the_filter_and_in_the_figures(office, visit, kind):
    days = -1 if kind == "overdue" else 3
    plan, plain = office.planned(mail="plan@example.org"), office.submit(mail="soon@example.org")
    for one in (plan, plain):
        due(office, one, days)
    mail_id = waiting_mail(office, days=days)
    waiting_mail(office, days=30)
    words = "overdue" if kind == "overdue" else "due in seven days"
    dana = visit("dana")
    html = dana.get(f"/{ORG}?kind={kind}").text
    assert {path.split("/")[3] for _, path in listed(html)} == {plan, plain, mail_id}
    assert f"Tasks <small>fjordlys: 3 {words}</small>" in html
    assert re.search(rf'kind={kind}"[^>]*>{words} <span class="tag[^"]*">3</span>', html)
    assert f"<b>3</b> {words}</a>" in html
    assert f'href="/{ORG}?kind={kind}"' in html
    assert "<small>2 requests, 1 mail</small>" in html
    assert ": 2</small>" in dana.get(f"/{ORG}/requests?shelf={kind}").text
    # Nobody has one: the filter says so, and stays.
    mine = dana.get(f"/{ORG}?kind={kind}&assigned=mine").text
    assert listed(mine) == []
    assert re.search(rf'kind={kind}[^>]*>{words} <span class="tag[^"]*">0</span>', mine)
    assert f"<b>3</b> {words}</a>" in mine


@pytest.mark.parametrize(("paused_on", "is_late"), [(-3, False), (-1, True)])
def test_a_request_is_overdue_by_one_rule_wherever_it_is_shown(office, visit, paused_on, is_late):
    request_id = office.submit()
    office.move(request_id, "identity_pending")
    due(office, request_id, -2)
    office.query(
        "update lacuna.request set obstacle = 'identity', pause = 'identity', paused_at = %s",
        NOW + timedelta(days=paused_on),
    )
    dana = visit("dana")
    for path in ("", f"/requests/{request_id}", "/requests"):
        html = dana.get(f"/{ORG}{path}").text
        assert ("overdue</strong>" in html) is is_late, path
        assert ("Paused: identity</span>" in html) is not is_late, path
    assert len(listed(dana.get(f"/{ORG}?kind=overdue").text)) == is_late
    assert (request_id in dana.get(f"/{ORG}/requests?shelf=overdue").text) is is_late
    with office.stores.transaction(Role.PLANNER) as transaction:
        late = transaction.queue.requests.overdue(NOW)
    assert [one.request_id for one in late] == [request_id] * is_late


@pytest.mark.parametrize("is_asked", [True, False])
def test_nobody_is_told_to_wait_for_a_reply_that_was_not_asked_for(office, visit, is_asked):
    request_id = office.submit()
    office.move(request_id, "identity_pending")
    office.query("update lacuna.request set obstacle = 'identity', is_verified = false")
    if is_asked:
        with office.stores.transaction(Role.PLANNER) as transaction:
            transaction.queue.secrets.put(request_id, Purpose.CHALLENGE, b"sealed")
    for path in ("", f"/requests/{request_id}"):
        html = visit("dana").get(f"/{ORG}{path}").text
        assert ("waits for their reply" in html) is is_asked
        assert ("Lacuna asked nobody." in html) is not is_asked


def test_who_may_not_decide_is_led_to_the_request_itself(office, visit):
    everything(office)
    paths = [path for _, path in listed(visit("vera").get(f"/{ORG}").text)]
    assert len(paths) == 11
    assert not [path for path in paths if re.search(r"(approve|identity|instruct|release)$", path)]


def test_a_plan_that_changed_after_its_approval_is_to_be_approved_again(office, visit):
    request_id = office.planned()
    office.query("update lacuna.request set obstacle = 'plan_changed'")
    html = visit("dana").get(f"/{ORG}").text
    assert listed(html) == [("Read and approve the plan", f"/{ORG}/requests/{request_id}/approve")]
    assert "The data changed after the approval." in html


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("state = 'resolved', obstacle = 'identity'", TaskKind.IDENTITY),
        ("state = 'resolved', obstacle = 'ambiguous'", TaskKind.AMBIGUOUS),
        (
            "obstacle = 'identity', paused_at = now() - interval '60 days', pause = 'identity'",
            TaskKind.IDENTITY,
        ),
        (
            "paused_at = timestamptz '2026-11-01Z', pause = 'clarification'",
            TaskKind.CLARIFICATION,
        ),
        ("state = 'held', held_until = '2030-01-01Z', alarm_at = '2026-11-20Z'", TaskKind.OVERDUE),
    ],
)
def test_what_waits_for_a_person_in_another_state_is_a_task_too(office, visit, change, kind):
    office.submit()
    office.query(f"update lacuna.request set {change}")  # noqa: S608 - from the list above
    html = visit("dana").get(f"/{ORG}?kind={kind}").text
    assert len(listed(html)) == 1


def test_a_person_is_chosen_after_a_hold_too(office, visit):
    request_id, keys = office.ambiguous()
    office.move(request_id, "held", "resolved")
    office.query("update lacuna.request set obstacle = 'ambiguous'")
    dana = visit("dana")
    assert "Show the candidates" in dana.get(f"/{ORG}/requests/{request_id}").text
    answer = dana.post(f"/{ORG}/requests/{request_id}/resolve", data={"contact_id": keys[0]})
    assert answer.status_code == 303, answer.text
    assert ("resolved", "dpo") in office.entries(request_id)


def test_an_instruction_that_is_recorded_is_no_task_any_more(office, visit):
    request_id = office.submit()
    office.query("update lacuna.request set obstacle = 'controller'")
    dana = visit("dana")
    assert len(listed(dana.get(f"/{ORG}").text)) == 1
    path = f"/{ORG}/requests/{request_id}/instruct"
    assert dana.post(path, data={"how": "letter of 20 November"}).status_code == 303
    assert listed(dana.get(f"/{ORG}").text) == []


def test_days_are_those_of_utc_whatever_zone_the_server_has(office, visit):
    request_id = office.planned()
    moment = NOW.replace(hour=14) + timedelta(days=2)
    office.query(
        "update lacuna.request set due_at = %s, alarm_at = %s where request_id = %s",
        *(moment, moment, request_id),
    )
    ((name,),) = office.query("select current_database()")
    office.query(f"alter database \"{name}\" set timezone to 'Pacific/Auckland'")
    dana = visit("dana")
    for path in ("", "/requests", f"/requests/{request_id}"):
        html = dana.get(f"/{ORG}{path}").text
        assert "2026-11-26</time>" in html
        assert "in 2 days" in html
    assert ",2026-11-26,,2026-11-26," in dana.get(f"/{ORG}/requests.csv").text


@pytest.mark.parametrize(
    ("zone", "local", "day"),
    [
        ("UTC", "2026-11-20 23:30 UTC", "2026-11-20"),
        ("Europe/Copenhagen", "2026-11-21 00:30 CET", "2026-11-21"),
        ("America/New_York", "2026-11-20 18:30 EST", "2026-11-20"),
    ],
)
def test_times_are_in_the_tenants_zone_and_days_stay_days(
    office, visit, tmp_path, zone, local, day
):
    tenants = office.stores.tenants_path.read_text("utf-8")
    path = tmp_path / "tenants.yaml"
    path.write_text(tenants.replace("Europe/Copenhagen", zone), "utf-8")
    office.stores = replace(office.stores, tenants_path=path)
    request_id = office.planned()
    received = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    office.query(
        "update lacuna.request set received_at = %s, due_at = %s, alarm_at = %s",
        *(received, received + timedelta(days=30), received + timedelta(days=30)),
    )
    dana = visit("dana")
    request = dana.get(f"/{ORG}/requests/{request_id}").text
    assert f">{local}</time>" in request
    listing = dana.get(f"/{ORG}/requests").text
    assert f'<td data-label="received">{day}</td>' in listing
    for html in (request, listing):
        assert ">2026-12-20</time>" in html
    line = dana.get(f"/{ORG}/requests.csv").text.splitlines()[1]
    assert f",{day},2026-12-20,,2026-12-20," in line
    # A day that somebody writes is that day.
    held = {"ground": "17(3)(e)", "until": "2027-01-31"}
    assert dana.post(f"/{ORG}/requests/{request_id}/hold", data=held).status_code == 303
    assert "on hold until 2027-01-31<" in dana.get(f"/{ORG}/requests/{request_id}").text


def test_the_next_run_is_said_in_the_tenants_zone():
    at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    schedule = Schedule(lambda _: NextRun(at, is_paused=False))
    said = schedule.in_zone(ZoneInfo("Europe/Copenhagen")).of("gdpr_seal")
    assert said == "the next run of gdpr_seal (2026-11-21 00:30 CET)"


def test_a_paused_request_is_no_task_while_it_waits_and_a_hold_moves_no_deadline(office, visit):
    paused, held = (office.submit(mail=f"{name}@example.org") for name in ("paused", "held"))
    office.move(held, "held")
    for one in (paused, held):
        due(office, one, 1)
    office.query(
        "update lacuna.request set held_until = %s where request_id = %s",
        NOW + timedelta(days=30),
        held,
    )
    office.query(
        "update lacuna.request set paused_at = %s, pause = 'clarification' where request_id = %s",
        *(NOW, paused),
    )
    dana = visit("dana")
    assert listed(dana.get(f"/{ORG}").text) == [
        ("See what it waits for", f"/{ORG}/requests/{held}")
    ]
    assert ": 1</small>" in dana.get(f"/{ORG}/requests?shelf=due_soon").text


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-2, "overdue</strong>"),
        (-0.1, "today"),
        (0, "today"),
        (1, "tomorrow"),
        (6, "in 6 days"),
    ],
)
def test_a_day_and_its_distance_count_the_same_day(office, visit, days, said):
    request_id = office.planned()
    due(office, request_id, days)
    office.query(
        "update lacuna.request set due_at = due_at + interval '2 days' where request_id = %s",
        request_id,
    )
    for path in ("", "/requests", f"/requests/{request_id}"):
        html = visit("dana").get(f"/{ORG}{path}").text
        assert said in html
        assert (NOW + timedelta(days=days)).date().isoformat() in html
    assert "The legal deadline is" in html


def test_a_thousand_tasks_are_paged(office, visit):
    fill(office, 1_000)
    for state in ("resolved", "planned"):
        office.query("update lacuna.request set state = %s", state)
    dana = visit("dana")
    seen = set()
    for number in (1, 2, 20):
        html = dana.get(f"/{ORG}?page={number}").text
        paths = {path for _, path in listed(html)}
        assert len(paths) == 50
        assert not seen & paths
        seen |= paths
    assert "page 20 of 20" in html


_DAY: datetime = datetime(2026, 12, 4, 9, 30, tzinfo=UTC)
"""A deadline, at the time of day of receipt."""


@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "not handed over"])
@pytest.mark.parametrize(
    ("now", "is_late"),
    [
        ("2026-12-04T08:00:00", False),
        ("2026-12-04T15:00:00", False),
        # The last day is over in the tenant's zone, and in UTC half an hour later.
        ("2026-12-04T23:30:00", False),
        ("2026-12-05T00:00:00", True),
        ("2026-12-06T12:00:00", True),
    ],
)
def test_overdue_is_one_thing_on_every_page_in_files_and_flows(
    office, visit, now, is_late, is_closed
):
    request_id = office.submit(kind=RequestKind.ACCESS)
    if is_closed:
        office.move(
            request_id, "resolved", "planned", "approved", "applied", "verified", "completed"
        )
        office.bundled(request_id, days=60)
    office.query("update lacuna.request set due_at = %s, alarm_at = %s", _DAY, _DAY)
    moment = office.clock.moment = datetime.fromisoformat(f"{now}+00:00")
    dana = visit("dana")
    for path in ("", f"/requests/{request_id}", "/requests?shelf=all"):
        html = dana.get(f"/{ORG}{path}").text
        assert ("overdue</strong>" in html) is is_late, path
        assert "2026-12-04</time>" in html
    assert (request_id in dana.get(f"/{ORG}/requests?shelf=overdue").text) is is_late
    assert (request_id in dana.get(f"/{ORG}/requests?shelf=due_soon").text) is not is_late
    assert len(listed(dana.get(f"/{ORG}?kind=overdue").text)) == is_late
    assert len(listed(dana.get(f"/{ORG}?kind=due_soon").text)) == (not is_late)
    exported = dana.get(f"/{ORG}/requests.csv?shelf=all").text
    assert ("overdue" in exported) is is_late
    with office.stores.transaction(Role.DPO, org_id=ORG) as transaction:
        filed = transaction.register.filed(request_id)
        assert transaction.register.standing(moment).shelves[Shelf.OVERDUE] == is_late
    assert filed.is_overdue(moment) is is_late
    with office.stores.transaction(Role.PLANNER) as transaction:
        requests = transaction.queue.requests
        late, soon = requests.overdue(moment), requests.due_soon(moment)
        named = requests.listed(RequestFilter(overdue_at=moment))
    assert [len(late), len(soon), len(named)] == [is_late, not is_late, is_late]


def test_a_bundle_that_is_deleted_first_is_due_with_its_request_and_says_until_when(office, visit):
    request_id = office.submit(kind=RequestKind.ACCESS)
    office.move(request_id, "resolved", "planned", "approved", "applied", "verified", "completed")
    office.query("update lacuna.request set due_at = %s, alarm_at = %s", _DAY, _DAY)
    office.bundled(request_id, days=9)
    dana = visit("dana")
    tasks, requests = dana.get(f"/{ORG}").text, dana.get(f"/{ORG}/requests?shelf=closed").text
    for html in (tasks, requests):
        assert re.findall(r">([0-9-]{10})</time>", html) == ["2026-12-04"]
        assert "not handed over</span>" in html
    assert "Its file is deleted on 2026-12-03." in tasks
    office.clock.moment = NOW + timedelta(days=20)
    for path in ("", "/requests?shelf=overdue"):
        assert request_id not in dana.get(f"/{ORG}{path}").text
    html = dana.get(f"/{ORG}/requests?shelf=closed").text
    assert "never handed over</strong>" in html
    assert "overdue</strong>" not in html
    charts = dana.get(f"/{ORG}/charts").text
    assert "without those refused or withdrawn: 0." in charts
    office.query("update lacuna.bundle set expires_at = %s", NOW + timedelta(days=15))
    assert "without those refused or withdrawn: 1." in dana.get(f"/{ORG}/charts").text
