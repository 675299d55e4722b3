"""A mail that waits: read on the page, taken as a request, or dismissed; each look is an entry."""

from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.parse import urlencode

import pytest

from lacuna.model.mail import MailOutcome, MailRecord
from lacuna.model.request import RequestKind
from lacuna.model.run import Role
from lacuna.request import keep_requester
from tests.dpo_page.conftest import MAIL, NOW, ORG, OTHER, token_in

SUBJECT, TEXT = "My account", "Please remove <b>everything</b> about me. Kind regards, Ada Lind"


def waiting(office, *, org_id: str = ORG, is_vouched: bool = True, **details) -> str:
    """Put a mail that a person must read into the register; return its id."""
    mail_id = str(uuid.uuid4())
    message = EmailMessage()
    message["From"], message["To"] = f"Ada Lind <{MAIL}>", "privacy@fjordlys.example.org"
    message["Message-ID"] = "<1@example.org>"
    message["Subject"] = SUBJECT
    message.set_content(TEXT)
    message.add_attachment(b"%PDF" * 500, maintype="application", subtype="pdf", filename="id.pdf")
    facts = {
        "identifiers": [["email", MAIL], ["phone", "+4721000000"]],
        "is_vouched": is_vouched,
    }
    keys = office.stores.keys
    record = MailRecord(
        **{
            "mail_id": mail_id,
            "org_id": org_id,
            "request_id": None,
            "outcome": MailOutcome.WAITING,
            "reasons": ("no_right",),
            "kinds": (RequestKind.ERASURE,),
            "language": "en",
            "received_at": NOW,
            "due_at": NOW,
            "taken_at": NOW,
            "facts": keys.encrypt(mail_id, json.dumps(facts).encode()),
            "content": keys.encrypt(mail_id, bytes(message)),
            **details,
        }
    )
    with office.stores.transaction(Role.PLANNER) as transaction:
        transaction.mails.add(record)
    return mail_id


def send(client, mail_id, deed, **fields):
    return client.post(
        f"/{ORG}/mails/{mail_id}/{deed}",
        content=urlencode(fields),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )


def disclosures(office) -> int:
    ((count,),) = office.query(
        "select count(*) from lacuna_evidence.entry where action = 'disclosed' "
        "and location = 'lacuna.mail'"
    )
    return count


def outcome(office, mail_id: str) -> str:
    ((found,),) = office.query("select outcome from lacuna.mail where mail_id = %s", mail_id)
    return found


def test_a_mail_is_opened_only_by_who_may_see_personal_data_and_each_time_recorded(office, visit):
    mail_id = waiting(office)
    for name in ("vera", "dirk", "dana"):
        closed = visit(name).get(f"/{ORG}/mails/{mail_id}").text
        assert "exercises no right that Lacuna recognizes." in closed
        assert MAIL not in closed
        assert "everything" not in closed
    for name in ("vera", "dirk", "uma"):
        assert send(visit(name), mail_id, "open").status_code == 403
    assert disclosures(office) == 0
    opened = send(visit("dana"), mail_id, "open").text
    assert disclosures(office) == 1
    for said in (
        f"<dd>{MAIL}</dd>",
        f"<dd>{SUBJECT}</dd>",
        "Please remove &lt;b&gt;everything&lt;/b&gt; about me.",
        "id.pdf <small>application/pdf, 2,000 bytes",
        "own mail domain vouched",
        f"e-mail address: {MAIL}",
        "telephone number: +4721000000",
        '<input type="checkbox" name="kind_erasure" value="on" checked>',
    ):
        assert said in opened, said
    forged = send(visit("dana"), waiting(office, is_vouched=False), "open").text
    assert "Nobody vouched for the sender: the address may be forged." in forged


def test_a_mail_of_another_tenant_is_not_there(office, visit):
    mail_id = waiting(office, org_id=OTHER)
    dana = visit("dana")
    for answer in (
        dana.get(f"/{ORG}/mails/{mail_id}"),
        *(send(dana, mail_id, deed) for deed in ("open", "dismiss", "accept")),
        dana.get(f"/{ORG}/mails/{uuid.uuid4()}"),
    ):
        assert answer.status_code == 404
    assert disclosures(office) == 0


def test_the_request_in_a_mail_is_queued_with_what_was_chosen(office, visit):
    mail_id = waiting(office)
    dana = visit("dana", cookie=True)
    opened = send(
        dana, mail_id, "open", form_token=token_in(dana.get(f"/{ORG}/mails/{mail_id}").text)
    )
    answer = send(
        dana,
        mail_id,
        "accept",
        kind_access="on",
        kind_erasure="on",
        found_0="on",
        external_id="CUST-77",
        verified_by="called back",
        phone="",
        form_token=token_in(opened.text),
    )
    assert answer.status_code == 303, answer.text
    assert "?done=accept&" in answer.headers["location"]
    page = dana.get(answer.headers["location"]).text
    assert "The request in the mail is queued." in page
    assert "1 × e-mail address" in page
    assert "1 × customer number" in page
    assert "× telephone" not in page
    ((kinds, received, is_verified),) = office.query(
        "select kinds, received_at, is_verified from lacuna.request"
    )
    assert kinds == ["access", "erasure"]
    assert (received, is_verified) == (NOW, True)
    assert outcome(office, mail_id) == "opened"
    settled = dana.get(f"/{ORG}/mails/{mail_id}").text
    assert "This mail is settled: opened." in settled
    assert "To request FJ-0001" in settled
    assert "/accept" not in settled
    again = send(
        dana, mail_id, "accept", kind_erasure="on", found_0="on", form_token=token_in(page)
    )
    assert again.status_code == 422


@pytest.mark.parametrize("outcome", [MailOutcome.WAITING, MailOutcome.NO_REQUEST])
def test_the_verified_writer_is_offered_as_whose_request_it_is(office, visit, outcome):
    dana = visit("dana")

    def offered(**details) -> tuple[str, bool]:
        mail_id = str(uuid.uuid4())
        facts = {"identifiers": [["phone", "+4721000000"]], "is_vouched": True} | details
        secret = office.stores.keys.encrypt(mail_id, json.dumps(facts).encode())
        of_same_key = office.stores.keys.decrypt(
            old := waiting(office),
            office.query("select content from lacuna.mail where mail_id = %s", old)[0][0],
        )
        waiting(
            office,
            mail_id=mail_id,
            outcome=outcome,
            facts=secret,
            content=office.stores.keys.encrypt(mail_id, bytes(of_same_key)),
        )
        return mail_id, 'name="writer"' in send(dana, mail_id, "open").text

    assert not offered(is_vouched=False)[1]
    assert not offered(identifiers=[["email", MAIL.upper()]])[1]
    mail_id, is_offered = offered()
    assert is_offered
    # Nobody is taken for the person because they wrote: the box is empty until it is ticked.
    assert not re.search(r'name="writer"[^>]*checked', send(dana, mail_id, "open").text)
    answer = send(dana, mail_id, "accept", kind_access="on", writer="on")
    assert "1 × e-mail address" in dana.get(answer.headers["location"]).text
    mail_id, _ = offered(is_vouched=False)
    answer = send(dana, mail_id, "accept", kind_erasure="on", writer="on")
    assert answer.status_code == 422


def test_a_mail_that_repeats_an_open_request_says_so(office, visit):
    request_id = office.submit()
    mail_id = waiting(office)
    answer = send(visit("dana"), mail_id, "accept", kind_erasure="on", found_0="on")
    told = f"/{ORG}/requests/{request_id}?done=accept.duplicate&"
    assert answer.headers["location"].startswith(told)
    assert outcome(office, mail_id) == "duplicate"


def test_a_correction_in_a_mail_takes_its_new_values(office, visit):
    mail_id = waiting(office)
    dana = visit("dana")
    opened = send(dana, mail_id, "open").text
    assert 'name="set_' in opened
    column = opened.partition('name="set_')[2].partition('"')[0]
    fields = {"kind_rectification": "on", "found_0": "on"}
    missing = send(dana, mail_id, "accept", **fields)
    assert missing.status_code == 422
    assert "Write at least one new value." in missing.text
    wrong = send(dana, mail_id, "accept", **fields, set_nosuch="x")
    assert wrong.status_code == 422
    assert "cannot be corrected" in wrong.text
    assert (
        send(dana, mail_id, "accept", **fields, **{f"set_{column}": "Ada Berg"}).status_code == 303
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"found_0": "on"}, "Choose at least one right."),
        ({"kind_erasure": "on"}, "Choose or write at least one identifier."),
        (
            {"kind_erasure": "on", "email": "no address"},
            "An e-mail address is malformed; give one address",
        ),
    ],
)
def test_a_form_that_cannot_be_taken_keeps_what_was_written(office, visit, fields, said):
    mail_id = waiting(office)
    answer = send(visit("dana"), mail_id, "accept", **fields, verified_by="called back")
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="called back"' in answer.text
    assert outcome(office, mail_id) == "waiting"
    assert office.query("select count(*) from lacuna.request") == [(0,)]
    # Who decides and sees no personal data is told without the mail.
    told = send(visit("dirk"), mail_id, "accept", **fields)
    assert told.status_code == 422
    assert MAIL not in told.text
    assert send(visit("dana"), mail_id, "accept", kind_nosuch="on").status_code == 422


def test_a_mail_that_is_no_request_is_dismissed_once(office, visit):
    mail_id = waiting(office)
    dana = visit("dana")
    assert send(dana, mail_id, "dismiss").status_code == 303
    assert outcome(office, mail_id) == "dismissed"
    assert send(dana, mail_id, "dismiss").status_code == 409
    assert "This mail is settled: dismissed." in dana.get(f"/{ORG}/mails/{mail_id}").text


def test_a_mail_whose_content_is_forgotten_cannot_be_opened(office, visit):
    mail_id = waiting(office, facts=None, content=None)
    answer = send(visit("dana"), mail_id, "open")
    assert answer.status_code == 422
    assert "no longer stored" in answer.text
    assert disclosures(office) == 0


@pytest.mark.parametrize("is_vouched", [True, False])
def test_letters_go_to_a_sender_whose_domain_vouched_for_the_address(office, visit, is_vouched):
    mail_id = waiting(office, is_vouched=is_vouched)
    dana = visit("dana")
    answer = send(
        dana, mail_id, "accept", kind_access="on", found_0="on", verified_by="called back"
    )
    path = answer.headers["location"].partition("?")[0]
    asked = "Lacuna writes to the requester" if is_vouched else "did not come by mail"
    assert asked in dana.get(f"{path}/extend").text
    form = {"content-type": "application/x-www-form-urlencoded"}
    dana.post(f"{path}/extend", content="note=Two+archives.", headers=form)
    ((letters,),) = office.query("select count(*) from lacuna.letter")
    assert letters == int(is_vouched)


# --- a mail that asks for several things ----------------------------------------------------------


def test_several_requests_are_taken_from_one_mail_and_then_it_is_settled(office, visit):
    mail_id = waiting(office)
    dana = visit("dana")
    first = {"kind_access": "on", "found_0": "on", "part": "on"}
    second = {"kind_erasure": "on", "email": "mother@example.org", "part": "on"}
    for fields in (first, second):
        answer = send(dana, mail_id, "accept", **fields, verified_by="called back")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/{ORG}/mails/{mail_id}"
        assert outcome(office, mail_id) == "waiting"
    html = send(dana, mail_id, "open").text
    assert [number for number in ("FJ-0001", "FJ-0002") if f">{number}</a>" in html] == [
        "FJ-0001",
        "FJ-0002",
    ]
    assert "Please remove" in html
    # Each has the day of the mail, and letters to its sender.
    assert office.query("select kinds[1], received_at from lacuna.request order by number") == [
        ("access", NOW),
        ("erasure", NOW),
    ]
    assert office.query(
        "select count(*) from lacuna.request_secret where purpose = 'requester'"
    ) == [(2,)]
    taken = "select count(*) from lacuna_evidence.entry where action = 'mail_taken' and rows = 1"
    assert office.query(taken) == [(2,)]
    # The same thing twice is one request.
    assert send(dana, mail_id, "accept", **first).status_code == 303
    assert office.query("select count(*) from lacuna.request") == [(2,)]

    assert "Settle the mail" in html
    assert send(dana, mail_id, "dismiss").status_code == 303
    assert outcome(office, mail_id) == "opened"
    assert "This mail is settled: opened." in dana.get(f"/{ORG}/mails/{mail_id}").text


def test_the_last_request_of_a_mail_settles_it(office, visit):
    mail_id = waiting(office)
    dana = visit("dana")
    send(dana, mail_id, "accept", kind_access="on", found_0="on", part="on")
    answer = send(dana, mail_id, "accept", kind_erasure="on", email="mother@example.org")
    assert "?done=accept&" in answer.headers["location"]
    assert outcome(office, mail_id) == "opened"
    # Its secrets went to that request, and go with it.
    ((request_id,),) = office.query("select request_id::text from lacuna.mail")
    assert send(dana, mail_id, "open").status_code == 200
    withdraw = {"content-type": "application/x-www-form-urlencoded"}
    dana.post(f"/{ORG}/requests/{request_id}/withdraw", content="", headers=withdraw)
    assert office.query("select facts, content from lacuna.mail") == [(None, None)]


# --- a letter to its writer -----------------------------------------------------------------------


def envelopes(office) -> list[tuple[str, str, dict[str, str]]]:
    """Return kind, language and decrypted envelope of the letters that wait."""
    found = office.query("select kind, language, mail_id::text, envelope from lacuna.letter")
    keys = office.stores.keys
    return [
        (kind, language, json.loads(keys.decrypt(mail_id, bytes(envelope))))
        for kind, language, mail_id, envelope in found
    ]


def test_a_letter_to_a_waiting_mails_writer_names_the_legal_deadline_as_the_page_does(
    office, visit
):
    christmas = datetime(2026, 12, 25, 9, tzinfo=UTC)
    mail_id = waiting(office, received_at=christmas.replace(month=11), due_at=christmas)
    dana = visit("dana")
    page = dana.get(f"/{ORG}/mails/{mail_id}").text
    assert "The legal deadline is 2026-12-28, the next working day." in page
    assert send(dana, mail_id, "ask", letter="question").status_code == 303
    assert office.query("select facts ->> 'due' from lacuna.letter") == [("2026-12-28",)]


@pytest.mark.parametrize("letter", ["question", "clarification"])
def test_the_writer_of_an_unclear_mail_is_asked_once_in_their_language(office, visit, letter):
    mail_id = waiting(office, language="nb")
    dana = visit("dana")
    assert "Ask which rights they mean" in send(dana, mail_id, "open").text
    assert send(dana, mail_id, "ask", letter=letter).status_code == 303
    ((kind, language, envelope),) = envelopes(office)
    assert (kind, language, envelope["address"]) == (letter, "nb", MAIL)
    assert envelope["in_reply_to"] == "1@example.org"
    assert bool(envelope["code"]) == (letter == "question")
    assert outcome(office, mail_id) == "waiting"
    page = dana.get(f"/{ORG}/mails/{mail_id}").text
    assert re.search(f"{letter}, <time[^>]*>[^<]*</time>: pending", page)
    assert send(dana, mail_id, "ask", letter=letter).status_code == 422
    assert len(envelopes(office)) == 1


def test_the_same_question_is_asked_again_only_on_purpose(office, visit):
    mail_id = waiting(office)
    dana = visit("dana")
    assert "asked on" not in dana.get(f"/{ORG}").text
    assert send(dana, mail_id, "ask", letter="question").status_code == 303
    assert "Its writer was asked on 2026-11-24." in dana.get(f"/{ORG}").text
    assert "The writer was asked on" in dana.get(f"/{ORG}/mails/{mail_id}").text
    office.query("update lacuna.letter set state = 'delivered', envelope = null, ended_at = now()")
    asked = send(dana, mail_id, "ask", letter="question")
    assert asked.status_code == 200
    assert "The writer was asked the same on" in asked.text
    assert "2026-11-24" in asked.text
    letters = "select count(*) from lacuna.letter"
    assert office.query(letters) == [(1,)]
    # Another letter is none that was asked before.
    assert send(dana, mail_id, "ask", letter="clarification").status_code == 303
    assert send(dana, mail_id, "ask", letter="question", again="on").status_code == 303
    assert office.query(letters) == [(3,)]
    assert send(dana, mail_id, "ask", letter="question", more="on").status_code == 422


def test_nobody_is_written_to_whom_nobody_vouched_for(office, visit):
    mail_id = waiting(office, is_vouched=False)
    dana = visit("dana")
    assert "Lacuna does not write to them" in send(dana, mail_id, "open").text
    refused = send(dana, mail_id, "ask", letter="question")
    assert refused.status_code == 422
    assert MAIL not in refused.text
    assert envelopes(office) == []


def test_a_mail_about_a_request_is_answered_at_the_address_of_its_letters(office, visit):
    request_id = office.submit()
    with office.stores.transaction(Role.PLANNER) as transaction:
        known = ("ada@example.net", "en", "first@example.net")
        keep_requester(request_id, known, office.desk(transaction))
    mail_id = waiting(office, is_vouched=False, request_id=request_id)
    assert send(visit("dana"), mail_id, "ask", letter="clarification").status_code == 303
    ((_, _, envelope),) = envelopes(office)
    assert envelope == {"address": "ada@example.net", "code": "", "in_reply_to": ""}


@pytest.mark.parametrize("letter", ["", "refusal", "completion"])
def test_no_other_letter_is_an_answer(office, visit, letter):
    mail_id = waiting(office)
    assert send(visit("dana"), mail_id, "ask", letter=letter).status_code == 422
    send(visit("dana"), mail_id, "dismiss")
    assert send(visit("dana"), mail_id, "ask", letter="question").status_code == 422
    assert envelopes(office) == []


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_mail_is_dismissed_only_after_a_page_that_says_what_will_happen(office, visit, is_taken):
    mail_id = waiting(office)
    dana = visit("dana")
    if is_taken:
        fields = {"kind_access": "on", "found_0": "on", "verified_by": "phone", "part": "on"}
        assert send(dana, mail_id, "accept", **fields).status_code == 303
    page = dana.get(f"/{ORG}/mails/{mail_id}").text
    assert f'<form method="post" action="/{ORG}/mails/{mail_id}/dismiss"' not in page
    assert f'href="/{ORG}/mails/{mail_id}/dismiss"' in page
    asked = dana.get(f"/{ORG}/mails/{mail_id}/dismiss")
    assert asked.status_code == 200
    assert "<li>Nobody is written to.</li>" in asked.text
    assert "This cannot be undone." in asked.text
    assert ("The 1 request taken from it goes on." in asked.text) is is_taken
    assert outcome(office, mail_id) == "waiting"
    assert visit("vera").get(f"/{ORG}/mails/{mail_id}/dismiss").status_code == 403
    assert send(dana, mail_id, "dismiss").status_code == 303
    assert dana.get(f"/{ORG}/mails/{mail_id}/dismiss").status_code == 409
