"""The report says what ran, what failed and what is due, and says it alike in every form."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lacuna.evidence import (
    CheckedLedger,
    Happenings,
    RunLines,
    as_markdown,
    as_page,
    mail_of,
    of_tenant,
    report,
)
from lacuna.model.evidence import Action, Entry
from lacuna.model.request import Level, Request, RequestKind, RequestState
from lacuna.model.run import StepLine, TaskTry

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
RED = StepLine("verify", "verification_failed", request_id="1f", is_failure=True)


def request(number, due_in_days, state=RequestState.PLANNED):
    return Request(
        request_id=f"0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a{number:02}",
        org_id="fjordlys",
        kinds=(RequestKind.ACCESS, RequestKind.ERASURE),
        state=state,
        level=Level.CONTACT,
        is_forced=False,
        received_at=NOW - timedelta(days=20),
        due_at=NOW + timedelta(days=due_in_days),
        is_verified=True,
        plan_digest=None,
        attempt=1,
        number=f"FJ-{number:04}",
    )


HAPPENED = Happenings(
    since=NOW - timedelta(days=1),
    until=NOW,
    ledger=CheckedLedger(41, "ab" * 32, 3),
    runs=(
        RunLines("sweep", "gdpr_sweep.a", NOW, (StepLine("sweep", "done"),)),
        RunLines("fulfilment", "gdpr_fulfilment.a", NOW, (StepLine("plan", "planned"), RED)),
    ),
    requests=(
        (request(1, 9), "not_approved"),
        (request(2, -1), None),
        (request(3, 3, RequestState.AMBIGUOUS), "ambiguous"),
    ),
    entries=[
        Entry(at=NOW, action=action, location="lacuna.request", actor="flow:fulfilment")
        for action in (Action.RECEIVED, Action.RECEIVED, Action.COMPLETED)
    ],
    datamap_digest="cd" * 32,
    drift=0,
    datamap_lines=("contacts.email anonymize", "contacts.name anonymize"),
)


@pytest.fixture
def document():
    return json.loads(report(HAPPENED, None))


def test_open_requests_come_in_the_order_in_which_they_are_due(document):
    assert [each["request_id"][-1] for each in document["open"]] == ["2", "3", "1"]
    assert [each["is_overdue"] for each in document["open"]] == [True, False, False]


def test_what_failed_and_what_was_done_is_counted(document):
    assert [len(run["failures"]) for run in document["runs"]] == [0, 1]
    assert document["done"] == {"completed": 1, "received": 2}


@pytest.mark.parametrize("form", [as_markdown, as_page])
def test_every_form_says_it(document, form):
    text = form(document)
    for each in (
        "Report of 2026-03-02",
        "Failed runs: 1.",
        "1 of 3 open requests",
        "2026-03-01 OVERDUE",
        "Read the plan, then approve or refuse it.",
        "Several people match.",
        "gdpr_fulfilment.a",
        "verification failed",
        "FJ-0001",
        "access, erasure",
        "41 entries",
    ):
        assert each in text
    assert "_" not in re.sub(r"gdpr_[a-z]+", "", text), "a code word"
    assert "data map changed" not in text
    assert "differ" not in text


@pytest.mark.parametrize("form", [as_markdown, as_page])
def test_where_nothing_happened_it_says_so(form):
    quiet = replace(HAPPENED, since=None, runs=(), requests=(), entries=())
    text = form(json.loads(report(quiet, None)))
    assert "None." in text
    assert "Failed runs: 0." in text
    assert "the beginning" in text


def test_a_changed_data_map_and_drift_are_said():
    before = {"datamap_digest": "ef" * 32}
    text = as_markdown(json.loads(report(replace(HAPPENED, drift=2), before)))
    assert "The data map changed" in text
    assert "differ in 2 places" in text
    same = json.loads(report(HAPPENED, {"datamap_digest": "cd" * 32}))
    assert "The data map changed" not in as_markdown(same)


def test_what_changed_in_the_data_map_is_said_line_by_line():
    before = json.loads(report(HAPPENED, None))
    lines = ("contacts.email anonymize", "contacts.name keep", "calls.number anonymize")
    changed = replace(HAPPENED, datamap_digest="ef" * 32, datamap_lines=lines)
    document = json.loads(report(changed, before))
    assert document["datamap_changes"] == [
        "-contacts.name anonymize",
        "+contacts.name keep",
        "+calls.number anonymize",
    ]
    assert "| +contacts.name keep |" in as_markdown(document)
    assert json.loads(report(HAPPENED, before))["datamap_changes"] == []


def closed(number, due_in_days, org_id):
    found = replace(request(number, due_in_days, RequestState.COMPLETED), org_id=org_id)
    entry = Entry(
        at=NOW,
        action=Action.COMPLETED,
        location="lacuna.request",
        actor="flow:fulfilment",
        request_id=found.request_id,
    )
    return (found, None), entry


def test_closed_requests_say_whether_they_were_in_time():
    (one, first), (two, second) = closed(5, 1, "fjordlys"), closed(6, -1, "fjordlys")
    happened = replace(HAPPENED, requests=(one, two), entries=(first, second, second))
    document = json.loads(report(happened, None))
    assert [each["is_late"] for each in document["closed"]] == [False, True]
    assert document["open"] == []
    assert "Closed requests: 2 (1 after the deadline)." in as_markdown(document)


def test_a_tenants_report_holds_nothing_of_another_tenant():
    (strange, entry), (own, first) = closed(5, 1, "hafenkontor"), closed(6, 1, "fjordlys")
    red = replace(RED, request_id=strange[0].request_id)
    happened = replace(
        HAPPENED,
        requests=(*HAPPENED.requests, strange, own),
        entries=(*HAPPENED.entries, entry, first),
        runs=(
            RunLines("fulfilment", "gdpr_fulfilment.a", NOW, (red, replace(RED, request_id=None))),
        ),
    )
    document = json.loads(report(happened, None))
    tenants = of_tenant(document, "fjordlys")
    assert "Report of 2026-03-02, fjordlys" in as_page(tenants)
    assert len(tenants["runs"][0]["failures"]) == 1  # what concerns no request concerns everybody
    assert len(tenants["open"]) == 3
    assert tenants["done"] == {"completed": 1}
    for form in (as_markdown, as_page):
        assert strange[0].request_id not in form(tenants)
        assert "hafenkontor" not in form(tenants)
    assert of_tenant(document, "nobody")["done"] == {}


def test_characters_of_markup_stay_characters():
    odd = replace(HAPPENED, runs=(RunLines("sweep", "a|b<script>", NOW, (RED,)),))
    document = json.loads(report(odd, None))
    assert "a\\|b<script>" in as_markdown(document)
    assert "<script" not in as_page(document)


# --- the mail -------------------------------------------------------------------------------------


URL = "https://airflow.example.org/privacy/"


def test_the_mail_begins_with_what_needs_somebody_and_links_to_it(document):
    mail = mail_of(of_tenant(document, "fjordlys"), URL)
    assert mail.subject == "Lacuna: report of 2026-03-02, needs attention: 2"
    text = mail.plain
    order = [text.index(one) for one in ("Failures: 1", "Overdue requests: 1", "Open requests: 2")]
    assert order == sorted(order)
    assert order[0] < 3
    assert "FJ-0002: access, erasure, due 2026-03-01\n    Read the plan, then approve" in text
    for number in (1, 2, 3):
        link = f"{URL}fjordlys/requests/0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a{number:02}"
        assert link in text.split()
        assert f'<a href="{link}"><b>FJ-000{number}: ' in mail.html
    assert "fulfilment: verify\n    verification failed, request 1f\n" in text
    assert "_" not in re.sub(r"gdpr_[a-z]+", "", text), "a code word"
    assert "Period: from 2026-03-01 07:00 until 2026-03-02 07:00 UTC." in " ".join(text.split())
    assert URL not in mail_of(of_tenant(document, "fjordlys"), "").plain


def test_a_long_list_is_cut_and_says_so():
    many = tuple((request(number, number), None) for number in range(1, 99))
    document = json.loads(report(replace(HAPPENED, requests=many), None))
    text = mail_of(of_tenant(document, "fjordlys"), URL).plain
    assert "Open requests: 98" in text
    assert (text.count("FJ-00"), "  and 48 more\n" in text) == (50, True)


@pytest.mark.parametrize(
    ("changes", "is_sent"),
    [
        ({}, False),
        ({"drift": 1}, True),
        ({"requests": ((request(1, 9), None),)}, True),
        ({"runs": (RunLines("sweep", "gdpr_sweep.a", NOW, (StepLine("sweep", "done"),)),)}, False),
        ({"runs": (RunLines("sweep", "gdpr_sweep.a", NOW, ()),)}, True),
        ({"nightly": ("sweep",)}, True),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, dict) else "",
)
def test_who_has_nothing_to_read_gets_no_mail(changes, is_sent):
    quiet = replace(HAPPENED, since=NOW - timedelta(days=2), runs=(), requests=(), entries=())
    document = json.loads(report(replace(quiet, **changes), None))
    assert (mail_of(of_tenant(document, "fjordlys"), URL) is not None) == is_sent


def test_closed_requests_are_worth_a_mail_that_is_not_urgent():
    found, entry = closed(5, -1, "fjordlys")
    document = json.loads(
        report(replace(HAPPENED, requests=(found,), entries=(entry,), runs=()), None)
    )
    mail = mail_of(of_tenant(document, "fjordlys"), URL)
    assert mail.subject == "Lacuna: report of 2026-03-02"
    assert (
        "FJ-0005: completed\n    Closed on 2026-03-02, after its deadline of 2026-03-01.\n"
        in mail.plain
    )
    assert mail_of(of_tenant(document, "hafenkontor"), URL) is None


# --- what did not run -------------------------------------------------------------------------------


DONE = (StepLine("sweep", "done"),)


def ran(flow, hours_ago, lines=DONE):
    return RunLines(
        flow, f"gdpr_{flow}.{hours_ago}", NOW - timedelta(hours=hours_ago), tuple(lines)
    )


def not_run(*runs, days=3, nightly=("fulfilment", "sweep")):
    happened = replace(
        HAPPENED,
        since=NOW - timedelta(days=days, minutes=2),
        runs=runs,
        started=[(run.flow, run.started_at) for run in runs if run.lines],
        nightly=nightly,
    )
    document = json.loads(report(happened, None))
    return document, [(each["night"], each["flow"]) for each in document["not_run"]]


def test_a_night_without_a_line_of_a_flow_that_is_due_is_named():
    document, missing = not_run(
        ran("fulfilment", 6), ran("sweep", 4), ran("fulfilment", 30), ran("fulfilment", 54)
    )
    assert missing == [("2026-02-28", "sweep"), ("2026-03-01", "sweep")]
    for form in (as_markdown, as_page):
        text = form(document)
        assert "a nightly flow left no run log: 2." in text
        assert "2026-02-28" in text


def test_a_whole_night_without_any_run_is_named():
    _, missing = not_run(ran("fulfilment", 6), ran("sweep", 4), days=2)
    assert missing == [("2026-03-01", "fulfilment"), ("2026-03-01", "sweep")]


def test_however_many_reports_there_are_each_night_is_judged_by_one():
    until, every = NOW - timedelta(days=3), []
    for hours in (5, 11, 17, 23.6, 30, 47.3, 47.4, 61, 72):
        since, until = until, NOW - timedelta(days=3, hours=-hours)
        happened = replace(HAPPENED, since=since, until=until, runs=(), nightly=("sweep",))
        every += json.loads(report(happened, None))["not_run"]
    assert [each["night"] for each in every] == ["2026-02-28", "2026-03-01", "2026-03-02"]


def test_the_first_report_names_the_nights_since_the_ledger_began():
    entry = replace(HAPPENED.entries[0], at=NOW - timedelta(days=2, hours=3))
    happened = replace(HAPPENED, since=None, entries=[entry], runs=(), nightly=("sweep",))
    missing = json.loads(report(happened, None))["not_run"]
    assert [each["night"] for each in missing] == ["2026-03-01", "2026-03-02"]
    young = replace(happened, entries=[replace(entry, at=NOW - timedelta(hours=23))])
    assert json.loads(report(young, None))["not_run"] == []


# --- what began and has no end ----------------------------------------------------------------------


TRY = TaskTry("sweep", -1, 1)
BEGAN_LINE = StepLine("task", "began", task=TRY)
END_LINE = StepLine("task", "done", task=TRY)


def failures(*lines, **changes):
    run = replace(RunLines("sweep", "gdpr_sweep.a", NOW, lines), **changes)
    return [each.outcome for each in run.failures]


def test_what_began_and_has_no_end_is_red_unless_it_is_going_on():
    other = replace(BEGAN_LINE, task=TaskTry("sweep", -1, 2))
    assert failures(BEGAN_LINE, END_LINE) == []
    assert failures(BEGAN_LINE) == ["not_ended"]
    assert failures(BEGAN_LINE, other, END_LINE) == ["not_ended"], "the other try"
    assert failures(StepLine("run", "began")) == ["not_ended"], "a command"
    assert failures(BEGAN_LINE, is_going_on=True) == []


def test_what_was_told_is_not_told_again():
    assert failures(RED, BEGAN_LINE, told=2) == []
    assert failures(RED, BEGAN_LINE, RED, told=2) == ["verification_failed"]
    assert failures(BEGAN_LINE, told=1, was_going_on=True) == ["not_ended"], "it died since"


def test_where_every_night_ran_nothing_is_said():
    document, missing = not_run(
        *(ran(flow, 6 + 24 * n) for flow in ("fulfilment", "sweep") for n in range(3))
    )
    assert missing == []
    assert "left no run log" not in as_markdown(document)


def test_a_run_whose_lines_are_gone_is_red_and_did_not_run():
    document, missing = not_run(ran("fulfilment", 6, lines=()), ran("sweep", 4), days=1)
    assert missing == [("2026-03-02", "fulfilment")]
    (run,) = [each for each in document["runs"] if each["flow"] == "fulfilment"]
    assert [each["outcome"] for each in run["failures"]] == ["missing"]
    assert "Failed runs: 1." in as_markdown(document)
