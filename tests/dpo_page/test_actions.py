"""What an officer does with a request: offered when it can be done, foretold, done, and told."""

from __future__ import annotations

import html
import json
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from lacuna.dpo_page import NextRun, Schedule, create_app
from lacuna.model.evidence import Action
from lacuna.model.queue import Purpose
from lacuna.model.register import TaskSelection
from lacuna.model.request import Pause, RequestKind
from lacuna.model.run import Role
from lacuna.request import pause
from tests.dpo_page.conftest import AUTH, DIGEST, NOW, ORG, token_in
from tests.dpo_page.test_decisions import decide

IDENTITY_GROUNDS = {"11(2)", "12(2)", "12(5)", "12(5)(b)", "12(6)"}


def offered(page: str) -> list[str]:
    """Return the names of the actions that a request's page offers, in order."""
    return re.findall(
        r'<a class="button [a-z]*" href="[^"]+/requests/[0-9a-f-]{36}/([a-z-]+)"', page
    )


def own(request_id: str, action: str = "") -> str:
    return f"/{ORG}/requests/{request_id}" + (f"/{action}" if action else "")


def by_mail(office, request_id: str) -> None:
    """Let a request have come by mail, so that letters reach the requester."""
    letter = json.dumps(
        {"address": "ada.lind@example.org", "language": "en", "message_id": "<1@x>"}
    )
    with office.stores.transaction(Role.PLANNER) as transaction:
        secret = office.stores.keys.encrypt(request_id, letter.encode())
        transaction.queue.secrets.put(request_id, Purpose.REQUESTER, secret)


def unverified(office) -> str:
    request_id = office.submit(mail="cleo.berg@example.org")
    office.query("update lacuna.request set is_verified = false where request_id = %s", request_id)
    office.move(request_id, "identity_pending")
    return request_id


def test_a_page_offers_what_can_be_done_now_and_to_those_who_may(office, visit):
    planned, closed = office.planned(), office.planned(mail="b@example.org")
    office.move(closed, "withdrawn")
    waiting = unverified(office)
    dana = visit("dana")
    assert offered(dana.get(own(planned)).text) == [
        "approve",
        "extend",
        "comment",
        "hold",
        "refuse",
        "withdraw",
    ]
    assert "verify-identity" in offered(dana.get(own(waiting)).text)
    assert offered(dana.get(own(closed)).text) == []
    assert offered(visit("vera").get(own(planned)).text) == []
    assert offered(visit("uma").get(own(planned)).text) == []
    for action in ("approve", "refuse", "verify-identity", "resume", "revoke"):
        answer = dana.get(own(closed, action))
        assert answer.status_code == 409
        assert "The request is withdrawn. Nothing changed." in answer.text


def test_an_approval_says_when_it_is_carried_out_and_is_revoked_until_then(office, visit):
    request_id = office.planned()
    dana = visit("dana", cookie=True)
    asked = dana.get(own(request_id, "approve")).text
    assert "Lacuna changes or hands over data in 1 step" in asked
    assert "the next run of gdpr_fulfilment" in asked
    assert "anonymize crm.contact, rows: 1" in asked
    answer = decide(dana, request_id, "approve", digest=DIGEST, form_token=token_in(asked))
    approved = dana.get(answer.headers["location"]).text
    assert '<p class="notice good" role="status">The plan is approved.</p>' in approved
    assert offered(approved)[0] == "revoke"
    answer = decide(dana, request_id, "revoke", form_token=token_in(approved))
    again = dana.get(answer.headers["location"]).text
    assert "The approval is revoked." in again
    assert office.state(request_id) == "planned"
    assert "Approved 2026" not in again
    assert "<b>approved</b> <small>not yet" in again
    assert office.entries(request_id)[-1] == ("approval_revoked", "dpo")
    assert decide(dana, request_id, "revoke", form_token=token_in(again)).status_code == 409


def test_what_a_rule_approved_is_not_offered_to_be_revoked(office, visit):
    request_id = office.planned(kind=RequestKind.ACCESS)
    office.query(
        "insert into lacuna.approval values (%s, %s, 'rule:identity-verified', now())",
        request_id,
        DIGEST,
    )
    assert "revoke" not in offered(visit("dana").get(own(request_id)).text)


def test_the_first_of_two_officers_is_told_that_another_must_approve(office, visit):
    office.query("insert into lacuna.two_officers (org_id, since) values (%s, now())", ORG)
    request_id = office.planned()
    dana = visit("dana")
    first = dana.get(decide(dana, request_id, "approve", digest=DIGEST).headers["location"]).text
    assert "A second officer must approve the plan too." in first
    assert office.state(request_id) == "planned"
    assert "revoke" in offered(first)
    # The rest is another officer's: the first one is not asked again.
    assert "approve" not in offered(first)
    assert decide(dana, request_id, "approve", digest=DIGEST).status_code == 409
    assert "/approve" not in dana.get(f"/{ORG}").text
    assert "/approve" in visit("dirk").get(f"/{ORG}").text
    dirk = visit("dirk")
    last = dirk.get(decide(dirk, request_id, "approve", digest=DIGEST).headers["location"]).text
    assert "The plan is approved." in last


def test_an_identity_check_is_recorded_and_the_request_goes_on(office, visit):
    request_id = unverified(office)
    dana = visit("dana")
    page = dana.get(own(request_id)).text
    assert offered(page)[0] == "verify-identity"
    assert "lacuna request" not in page
    answer = decide(dana, request_id, "verify-identity", how="passport seen on 24 November")
    assert answer.status_code == 303
    assert office.state(request_id) == "resolved"
    assert "The identity check is recorded." in dana.get(answer.headers["location"]).text
    with office.stores.transaction(Role.PLANNER) as transaction:
        secret = transaction.queue.secrets.get(request_id, Purpose.IDENTITY)
    assert b"passport seen" in office.stores.keys.decrypt(request_id, secret)
    assert "passport" not in dana.get(own(request_id)).text


def test_while_nobody_knows_whose_request_it_is_no_right_is_weighed(office, visit):
    request_id = unverified(office)
    dana = visit("dana")
    for action in ("refuse", "hold"):
        page = dana.get(own(request_id, action)).text
        assert set(re.findall(r'<option value="([^"]+)"', page)) == IDENTITY_GROUNDS
    assert decide(dana, request_id, "refuse", ground="17(3)(a)").status_code == 422
    assert office.state(request_id) == "identity_pending"
    assert decide(dana, request_id, "refuse", ground="12(6)").status_code == 303


def test_the_controllers_written_instruction_is_recorded(office, visit):
    request_id = office.submit()
    office.query("update lacuna.request set obstacle = 'controller'")
    dana = visit("dana")
    assert offered(dana.get(own(request_id)).text)[0] == "instruct"
    answer = decide(dana, request_id, "instruct", how="letter of 20 November, ref. 7")
    after = dana.get(answer.headers["location"]).text
    assert "The instruction is recorded." in after
    assert "Next step:</b> The next run of gdpr_fulfilment searches for the person." in after
    assert "instruct" not in offered(after)
    assert office.entries(request_id)[-1] == ("instructed", "controller")


@pytest.mark.parametrize("is_mailed", [True, False])
def test_the_page_says_before_and_after_who_informs_the_requester(office, visit, is_mailed):
    dana = visit("dana")
    for action, fields in (
        ("extend", {"note": "Your data is in two archives."}),
        ("ask", {}),
        ("refuse", {"ground": "12(5)"}),
    ):
        request_id = office.submit(kind=RequestKind.ACCESS, mail=f"{action}@example.org")
        if is_mailed:
            by_mail(office, request_id)
        before = dana.get(own(request_id, action)).text
        answer = decide(dana, request_id, action, **fields)
        after = dana.get(answer.headers["location"]).text
        if is_mailed:
            assert (
                "The request came by mail: Lacuna writes to the requester in the next run" in before
            )
            assert re.search(r"Lacuna (informs|asks) the requester\.</p>", after)
        else:
            assert "The request did not come by mail" in before
            assert re.search(r"(Inform|Ask) the requester yourself", after)
    letters = office.query("select kind from lacuna.letter order by kind")
    told = ["extension", "refusal", "specification"] if is_mailed else []
    assert [kind for (kind,) in letters] == told


NOTE = "The court of Example City hears your case on 3 March.\n\n<b>Ask</b> Mr. Example."


def letter_in(page: str) -> str:
    """Return the letter that a page shows, as text."""
    shown = re.search(r"<article[^>]*>(.*)</article>", page, re.DOTALL)
    assert shown is not None, "no letter"
    return html.unescape(re.sub(r"<[^>]+>", " ", shown[1]))


def digest_in(page: str) -> str:
    return re.search(r'name="letter" value="([0-9a-f]{64})"', page)[1]


def test_a_refusal_is_read_as_the_requester_will_read_it(office, visit):
    request_id = office.planned()
    by_mail(office, request_id)
    dana = visit("dana", cookie=True)
    asked = dana.get(own(request_id, "refuse")).text
    assert ">Show the letter<" in asked
    assert "In English, the language of the letter." in asked
    assert 'class="stop">Refuse' not in asked
    fields = {"ground": "17(3)(e)", "note": NOTE, "form_token": token_in(asked)}
    before = office.entries(request_id)
    shown = decide(dana, request_id, "refuse", **fields, preview="1")
    assert shown.status_code == 200
    text = letter_in(shown.text)
    assert "You asked for: erasure of your data." in text
    assert "We need the data to establish, exercise or defend legal claims." in text
    assert "Article 17(3)(e) GDPR" in text
    assert "The court of Example City hears your case on 3 March." in text
    assert "&lt;b&gt;Ask&lt;/b&gt;" in shown.text
    assert "Datatilsynet" in text
    assert "judicial remedy" in text
    assert office.entries(request_id) == before
    assert office.state(request_id) == "planned"
    assert office.query("select count(*) from lacuna.letter") == [(0,)]
    # What is sent is what was read.
    other = fields | {"note": "Something else.", "letter": digest_in(shown.text)}
    again = decide(dana, request_id, "refuse", **other)
    assert again.status_code == 409
    assert "You have not read this letter before" in again.text
    assert "Something else." in letter_in(again.text)
    assert office.state(request_id) == "planned"
    answer = decide(dana, request_id, "refuse", **fields, letter=digest_in(shown.text))
    assert answer.status_code == 303
    assert office.state(request_id) == "refused"
    ((facts, envelope),) = office.query("select facts, envelope from lacuna.letter")
    assert "court" not in json.dumps(facts)
    kept = json.loads(office.stores.keys.decrypt(request_id, bytes(envelope)))
    assert kept["note"] == NOTE
    assert "court" not in dana.get(own(request_id)).text


def test_an_extension_states_the_officers_reasons(office, visit):
    request_id = office.planned()
    by_mail(office, request_id)
    dana = visit("dana")
    ((due,),) = office.query("select due_at from lacuna.request")
    page = dana.get(own(request_id, "extend")).text
    assert "<article" not in page
    for empty in ("", " \r\n "):
        assert decide(dana, request_id, "extend", note=empty).status_code == 422
    assert decide(dana, request_id, "extend", note="x" * 4001).status_code == 422
    assert decide(dana, request_id, "extend", note="x", preview="1").status_code == 200
    assert office.query("select due_at from lacuna.request") == [(due,)]
    text = letter_in(decide(dana, request_id, "extend", note=NOTE, preview="1").text)
    assert "The court of Example City hears your case" in text
    assert f"{due.year}" in text
    assert f"by {due.day} {due:%B}" not in text  # the letter names the new day
    assert decide(dana, request_id, "extend", note=NOTE).status_code == 303


def test_a_question_needs_no_words_and_shows_its_letter_at_once(office, visit):
    request_id = office.submit(kind=RequestKind.ACCESS)
    by_mail(office, request_id)
    dana = visit("dana")
    page = dana.get(own(request_id, "ask")).text
    assert "L-…" in letter_in(page)
    assert decide(dana, request_id, "ask", letter=digest_in(page), note="").status_code == 303


def test_who_has_to_be_written_to_by_hand_gets_the_same_letter(office, visit):
    request_id = office.planned()
    dana = visit("dana")
    assert "In Danish, the language of the letter." in dana.get(own(request_id, "refuse")).text
    page = decide(dana, request_id, "refuse", ground="17(3)(e)", preview="1").text
    assert "The letter, for you to send" in page
    assert "databeskyttelsesforordningens artikel 17, stk. 3, litra e" in letter_in(page)


def test_a_preview_is_asked_for_where_there_is_a_letter_alone(office, visit):
    request_id = office.planned()
    dana = visit("dana")
    assert decide(dana, request_id, "withdraw", preview="1").status_code == 422
    assert decide(dana, request_id, "approve", digest=DIGEST, letter="0" * 64).status_code == 422
    assert office.state(request_id) == "planned"


def test_a_request_is_extended_once_and_within_the_first_month(office, visit):
    request_id = office.planned()
    dana = visit("dana")
    ((before,),) = office.query("select due_at from lacuna.request")
    # Whoever is not written to by Lacuna gets its letter, with reasons, by other means.
    assert decide(dana, request_id, "extend").status_code == 422
    assert decide(dana, request_id, "extend", note=NOTE).status_code == 303
    ((after,),) = office.query("select due_at from lacuna.request")
    assert timedelta(days=55) < after - before < timedelta(days=66)
    assert "extend" not in offered(dana.get(own(request_id)).text)
    late = office.planned(mail="b@example.org")
    office.clock.moment = NOW + timedelta(days=40)
    assert "extend" not in offered(dana.get(own(late)).text)
    assert decide(dana, late, "extend", note=NOTE).status_code == 409


def test_a_clock_that_waits_for_the_requester_is_resumed(office, visit):
    request_id = office.submit(kind=RequestKind.ACCESS)
    dana = visit("dana")
    assert decide(dana, request_id, "ask").status_code == 303
    office.clock.moment = NOW + timedelta(days=3)
    page = dana.get(own(request_id)).text
    assert "Paused: clarification" in page
    assert "ask" not in offered(page)
    answer = decide(dana, request_id, "resume")
    assert "The clock runs again." in dana.get(answer.headers["location"]).text
    assert office.query("select paused_days from lacuna.request") == [(3,)]


def test_a_hold_ends_on_its_day_and_a_held_request_can_be_withdrawn(office, visit):
    request_id = office.planned()
    dana = visit("dana")
    answer = decide(dana, request_id, "hold", ground="17(3)(e)", until="2027-01-31")
    assert answer.status_code == 303
    ((until, ground),) = office.query("select held_until, ground from lacuna.request")
    assert until == datetime(2027, 1, 31, tzinfo=UTC)
    assert ground == "17(3)(e)"
    assert decide(dana, request_id, "withdraw").status_code == 303
    assert office.state(request_id) == "withdrawn"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"ground": "17(3)(e)", "until": "31.01.2027"}, "Write a date as year-month-day"),
        ({"ground": "17(3)(e)", "until": "2026-11-24"}, "Choose a later date"),
        ({"ground": "17(3)(e)", "until": "2099-01-01"}, "at most ten years ahead"),
        ({"ground": "", "until": "2027-01-31"}, "Choose one."),
        ({"ground": "99", "until": "2027-01-31"}, "Choose one of the list."),
        ({"until": "2027-01-31"}, "Choose one."),
    ],
)
def test_a_form_keeps_what_was_written_and_says_beside_the_field_what_is_wrong(
    office, visit, fields, wrong
):
    request_id = office.planned()
    answer = decide(visit("dana"), request_id, "hold", **fields)
    assert answer.status_code == 422
    assert re.search(rf'-wrong" class="wrong">[^<]*{re.escape(wrong)}', answer.text)
    assert "Nothing changed yet. 1 field to correct." in answer.text
    if fields.get("ground") == "17(3)(e)":
        assert '<option value="17(3)(e)" selected>' in answer.text
    assert f'value="{fields["until"]}"' in answer.text
    assert office.state(request_id) == "planned"


def test_a_program_is_told_the_same_without_a_page(office, visit):
    request_id = office.planned()
    answer = visit("dana").post(
        own(request_id, "hold"),
        data={"ground": "17(3)(e)", "until": "soon"},
        headers={"accept": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("until: Write a date")
    assert "soon" not in answer.text


def test_what_is_written_into_a_field_is_text(office, visit):
    request_id = unverified(office)
    script = '"><script>alert(1)</script>'
    answer = decide(visit("dana"), request_id, "verify-identity", how=script * 20)
    assert answer.status_code == 422
    assert html.escape(script) in answer.text.replace("&#34;", "&quot;")
    assert "<script>alert" not in answer.text


def test_what_was_done_is_told_to_who_did_it_and_only_then(office, visit):
    request_id, other = office.planned(), office.planned(mail="b@example.org")
    dana = visit("dana")
    for query in ("done=refuse", "done=approve&proof=x&until=9", "done=<b>&of=x&until=-1&proof="):
        assert 'role="status"' not in dana.get(f"{own(request_id)}?{query}").text
    address = decide(dana, request_id, "approve", digest=DIGEST).headers["location"]
    assert 'role="status">The plan is approved.' in dana.get(address).text
    query = address.partition("?")[2]
    for client, path in ((visit("dirk"), own(request_id)), (dana, own(other))):
        assert 'role="status"' not in client.get(f"{path}?{query}").text
    forged = query.replace("done=approve", "done=refuse")
    assert 'role="status"' not in dana.get(f"{own(request_id)}?{forged}").text
    office.clock.moment = NOW + timedelta(minutes=2)
    assert 'role="status"' not in dana.get(address).text


def test_the_letter_of_an_extension_names_the_new_day(office, visit):
    request_id = office.submit()
    by_mail(office, request_id)
    assert decide(visit("dana"), request_id, "extend", note="Two archives.").status_code == 303
    ((due_at, facts),) = office.query(
        "select due_at, facts from lacuna.request join lacuna.letter using (request_id)"
    )
    assert facts["due"] == due_at.astimezone(UTC).date().isoformat()


def test_of_two_extensions_at_once_one_is_made(office, visit):
    request_id = office.submit()
    by_mail(office, request_id)
    people, statuses = [visit("dana"), visit("dirk")] * 2, []
    barrier = threading.Barrier(len(people))

    def extend(client) -> None:
        barrier.wait()
        statuses.append(decide(client, request_id, "extend", note="Two archives.").status_code)

    threads = [threading.Thread(target=extend, args=(each,)) for each in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 409, 409, 409]
    assert office.query("select count(*) from lacuna.letter") == [(1,)]


def test_a_hold_takes_back_what_was_approved(office, visit):
    request_id = office.planned()
    dana = visit("dana")
    decide(dana, request_id, "approve", digest=DIGEST)
    decide(dana, request_id, "hold", ground="17(3)(e)", until="2027-01-31")
    assert office.query("select count(*) from lacuna.approval") == [(0,)]
    assert [action for action, _ in office.entries(request_id)][-2:] == ["approval_revoked", "held"]


def test_a_revoked_plan_of_any_right_waits_for_an_officer(office, visit):
    request_id = office.planned(kind=RequestKind.RECTIFICATION)
    dana = visit("dana")
    decide(dana, request_id, "approve", digest=DIGEST)
    html = dana.get(decide(dana, request_id, "revoke").headers["location"]).text
    assert "Next step:</b> Read the plan, then approve or refuse it." in html


def test_what_was_handed_over_already_is_not_revoked_and_a_refusal_says_so(office, visit):
    request_id = office.planned()
    dana = visit("dana")
    decide(dana, request_id, "approve", digest=DIGEST)
    with office.stores.transaction(Role.PLANNER) as transaction:
        office.desk(transaction).record(Action.SEAL_BUNDLE, "bundles", request_id=request_id)
    assert "revoke" not in offered(dana.get(own(request_id)).text)
    refusal = dana.get(own(request_id, "refuse")).text
    assert "What was corrected or handed over already stays so" in refusal


def test_an_identity_check_of_a_held_request_leaves_it_on_hold(office, visit):
    request_id = unverified(office)
    office.move(request_id, "held")
    html = visit("dana").get(own(request_id, "verify-identity")).text
    assert "The request stays on hold." in html
    assert "The request continues" not in html


def sealed_with_passphrase(office, request_id):
    """Seal a bundle of a request with a passphrase."""
    office.bundled(request_id)
    with office.stores.transaction(Role.PLANNER) as transaction:
        sealed = transaction.queue.bundles.get(request_id)
        secret = office.stores.keys.encrypt(request_id, b"correct horse")
        transaction.queue.bundles.put(replace(sealed, passphrase=secret))


def overdue(office):
    with office.stores.transaction(Role.PLANNER) as transaction:
        return [one.request_id for one in transaction.queue.requests.overdue(NOW)]


@pytest.mark.parametrize(
    ("days", "said"), [(5, "on time"), (-2, "2 days late")], ids=["in time", "too late"]
)
def test_access_is_given_when_the_bundle_was_handed_over(office, visit, days, said):
    request_id = office.submit(kind=RequestKind.ACCESS)
    office.move(request_id, "resolved", "planned", "approved", "applied", "verified", "completed")
    due = NOW + timedelta(days=days)
    office.query("update lacuna.request set due_at = %s, alarm_at = %s", due, due)
    sealed_with_passphrase(office, request_id)
    dana = visit("dana")
    page = dana.get(own(request_id)).text
    assert "not handed over" in page
    assert "Hand over the bundle. The deadline counts until the person can have it." in page
    assert "on time" not in page
    assert "Nothing to do" not in page
    with office.stores.transaction(Role.DPO, org_id=ORG) as transaction:
        tasks = transaction.register.tasks(TaskSelection(), NOW, (0, 9))
        assert transaction.register.history(NOW - timedelta(days=9), NOW).late == (days < 0)
    assert [one.due_at for one in tasks] == [due]
    assert overdue(office) == [request_id] * (days < 0)
    lost = office.submit(mail="lost@example.org", kind=RequestKind.ACCESS)
    office.move(lost, "resolved", "planned", "approved", "applied", "verified", "completed")
    office.bundled(lost)
    with office.stores.transaction(Role.PLANNER) as transaction:
        transaction.queue.bundles.delete(lost, NOW)
    assert "the person has no copy. Submit their request again." in dana.get(own(lost)).text
    assert decide(dana, request_id, "release").status_code == 200
    page = dana.get(own(request_id)).text
    assert said in page
    assert "not handed over" not in page
    assert overdue(office) == []
    with office.stores.transaction(Role.DPO, org_id=ORG) as transaction:
        assert transaction.register.history(NOW - timedelta(days=9), NOW).late == (days < 0)


def test_a_bundle_is_handed_over_and_its_passphrase_shown_once(office, visit):
    request_id = office.submit(kind=RequestKind.ACCESS)
    sealed_with_passphrase(office, request_id)
    dana = visit("dana")
    assert "/release" not in visit("dirk").get(own(request_id)).text
    assert "/release" in dana.get(own(request_id)).text
    assert "passphrase is shown once" in dana.get(own(request_id, "release")).text
    assert "correct horse" in decide(dana, request_id, "release").text
    assert office.entries(request_id)[-1] == ("release_bundle", "dpo")
    assert "correct horse" not in decide(dana, request_id, "release").text
    assert office.query("select passphrase, released_at from lacuna.bundle") == [(None, NOW)]
    (office.stores.home / "bundles" / f"{request_id}.zip.age").write_bytes(b"another person's")
    refused = decide(dana, request_id, "release")
    assert refused.status_code == 422
    assert "missing or was replaced" in refused.text
    office.clock.moment = NOW + timedelta(days=31)
    assert dana.get(own(request_id, "release")).status_code == 410
    assert decide(dana, request_id, "release").status_code == 410


def test_a_schedule_says_when_a_flow_runs_and_warns_if_it_does_not():
    at = datetime(2026, 12, 2, 1, tzinfo=UTC)
    flow = "gdpr_fulfilment"
    assert (
        Schedule(lambda _: NextRun(at, is_paused=False)).of(flow).endswith("2026-12-02 01:00 UTC)")
    )
    assert Schedule(lambda _: NextRun(at, is_paused=False)).warning(flow) == ""
    paused = Schedule(lambda _: NextRun(at, is_paused=True))
    assert "2026" not in paused.of(flow)
    assert paused.warning(flow).startswith("gdpr_fulfilment is paused in Airflow")
    assert "no schedule" in Schedule(lambda _: NextRun(None, is_paused=False)).warning(flow)
    assert Schedule().warning(flow) == ""
    assert len(paused.warnings()) == 4
    assert Schedule().warnings() == []


def test_the_page_warns_of_a_flow_that_is_paused(office):
    at = datetime(2026, 12, 2, 1, tzinfo=UTC)
    runs = {
        "gdpr_fulfilment": NextRun(at, is_paused=True),
        "gdpr_seal": NextRun(at, is_paused=False),
    }
    app = create_app(auth=AUTH, stores=lambda: office.stores, schedule=Schedule(runs.get))
    request_id = office.planned()
    office.move(request_id, "approved")
    other = office.planned(mail="other@example.org")
    with TestClient(app, headers={"authorization": "Bearer dana", "accept": "text/html"}) as client:
        for path in ("", f"/requests/{request_id}", f"/requests/{other}/approve"):
            assert client.get(f"/{ORG}{path}").text.count("gdpr_fulfilment is paused") == 1, path
            assert "gdpr_seal is paused" not in client.get(f"/{ORG}{path}").text
        # What is done at once waits for no flow but the one that sends letters.
        assert "is paused" not in client.get(f"/{ORG}/requests/{other}/refuse").text


def test_every_promise_of_a_run_says_when_in_the_tenants_zone_or_that_the_flow_is_paused(office):
    at = datetime(2026, 12, 2, 1, tzinfo=UTC)
    runs: dict[str, NextRun] = {}
    app = create_app(auth=AUTH, stores=lambda: office.stores, schedule=Schedule(runs.get))
    waiting, closed = office.submit(), office.submit(mail="other@example.org")
    office.move(closed, "refused")
    paths = (f"/requests/{waiting}", f"/requests/{closed}", "", f"/requests/{waiting}/refuse")
    with TestClient(app, headers={"authorization": "Bearer dana", "accept": "text/html"}) as client:
        for is_paused, said in (
            (False, "(2026-12-02 02:00 CET)"),
            (True, "(paused in Airflow: nothing happens until somebody unpauses it)"),
        ):
            for flow in ("gdpr_intake", "gdpr_fulfilment", "gdpr_seal"):
                runs[flow] = NextRun(at, is_paused=is_paused)
            for path in paths:
                html = client.get(f"/{ORG}{path}").text
                promises = re.findall(r"[Tt]he next run of gdpr_[a-z]+(.{0,8})", html)
                assert promises or path.endswith("refuse"), path
                assert all(said[:5] in each for each in promises), (path, promises)
                assert not promises or said in html


@pytest.mark.parametrize(
    ("name", "is_warned"),
    [("comment", False), ("hold", False), ("refuse", False), ("approve", True)],
)
def test_a_paused_flow_is_named_only_where_something_waits_for_it(
    office, visit, monkeypatch, name, is_warned
):
    monkeypatch.setattr(Schedule, "warning", lambda self, flow: f"{flow} is paused in Airflow.")
    request_id = office.planned()
    html = visit("dana").get(f"/{ORG}/requests/{request_id}/{name}").text
    assert ("is paused in Airflow." in html) is is_warned
    if name in ("hold", "refuse"):
        assert "inform" in html.lower()


def test_to_choose_the_person_is_the_main_button_where_several_match(office, visit):
    request_id, _ = office.ambiguous()
    office.query("update lacuna.request set is_verified = false where request_id = %s", request_id)
    html = visit("dana").get(own(request_id)).text
    assert re.findall(r'class="(?:button )?go"[^>]*>([^<]+)<', html) == ["Choose the person"]
    assert '<form method="post" action="' + own(request_id, "disclose") + '" id="choose">' in html
    assert "verify-identity" in offered(html)
    # Who may not see them cannot choose.
    assert "Choose the person" not in visit("dirk").get(own(request_id)).text


def test_an_overdue_request_says_why_it_cannot_be_extended(office, visit):
    late, again, in_time = (office.submit(mail=f"{each}@example.org") for each in "abc")
    office.query(
        "update lacuna.request set alarm_at = %s, due_at = %s, paused_days = 2 "
        "where request_id = any(%s::uuid[])",
        *(NOW - timedelta(days=2), NOW + timedelta(days=98), [late, again]),
    )
    office.query("update lacuna.request set extended_at = %s where request_id = %s", NOW, again)
    dana = visit("dana")
    html = dana.get(own(late)).text
    assert "extend" not in offered(html)
    assert "possible only before its deadline (Art. 12(3))." in html
    assert "it was extended before" in dana.get(own(again)).text
    assert "be extended" not in dana.get(own(in_time)).text
    assert "be extended" not in visit("vera").get(own(late)).text
    said = re.sub(r"<[^>]+>|\s+", " ", dana.get(own(again)).text)
    said = re.sub(r"\s+", " ", said)
    assert "the next working day. Extended on 2026-11-24. Paused for 2 days." in said


@pytest.mark.parametrize(
    ("paused", "resumed", "days"),
    [
        # Over midnight in the tenant's zone, and over midnight in UTC.
        ("2026-11-24T22:30:00", "2026-11-24T23:47:00", 0),
        ("2026-11-24T23:30:00", "2026-11-25T00:47:00", 0),
        ("2026-11-24T12:00:00", "2026-11-25T11:59:00", 0),
        ("2026-11-24T12:00:00", "2026-11-25T12:00:00", 1),
        ("2026-11-24T12:00:00", "2026-11-27T11:00:00", 2),
    ],
)
def test_the_end_of_a_pause_does_to_the_due_date_what_was_said(
    office, visit, paused, resumed, days
):
    office.clock.moment = datetime.fromisoformat(f"{paused}+00:00")
    request_id = office.submit(kind=RequestKind.ACCESS)
    dana = visit("dana")
    assert decide(dana, request_id, "ask").status_code == 303
    with office.stores.transaction(Role.PLANNER) as transaction:
        request = transaction.queue.requests.get(request_id)
    due = (request.alarm_at + timedelta(days=days)).date().isoformat()
    office.clock.moment = datetime.fromisoformat(f"{resumed}+00:00")
    promised = dana.get(own(request_id, "resume")).text
    whole = {0: "shorter than 24 hours, so it adds no day: the request stays due on"}.get(
        days, f"The pause adds {days} whole day"
    )
    assert whole in promised
    assert f"due on {due}." in promised
    told = dana.get(decide(dana, request_id, "resume").headers["location"]).text
    assert ("the due date stays" in told) is (days == 0)
    assert ("were added to the due date" in told) is (days > 0)
    with office.stores.transaction(Role.PLANNER) as transaction:
        after = transaction.queue.requests.get(request_id)
    assert (after.paused_days, after.alarm_at.date().isoformat()) == (days, due)


def test_an_identity_check_says_what_the_pause_did_to_the_due_date(office, visit):
    request_id = office.submit()
    office.query("update lacuna.request set is_verified = false where request_id = %s", request_id)
    with office.stores.transaction(Role.PLANNER) as transaction:
        request = transaction.queue.requests.get(request_id)
        pause(request, Pause.IDENTITY, office.desk(transaction))
    office.clock.moment = NOW + timedelta(minutes=77)
    dana = visit("dana")
    promised = dana.get(own(request_id, "verify-identity")).text
    assert "the days of the pause are added" not in promised
    assert f"it adds no day: the request stays due on {request.alarm_at.date()}." in promised
    answer = decide(dana, request_id, "verify-identity", how="call at a number on file")
    told = dana.get(answer.headers["location"]).text
    assert "The identity check is recorded. The clock runs again." in told
    assert "the due date stays" in told
