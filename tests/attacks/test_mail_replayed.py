"""Whoever got a genuine mail of a person hands it on to a company that it was not written to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from lacuna.errors import EvidenceBroken, UnknownRequest
from lacuna.flows import intake, sweep
from lacuna.intake import content_digest, read_mail
from lacuna.model.mail import Flaw
from lacuna.model.request import RequestState
from lacuna.stores.postgres.officers import OfficerRegister
from tests.attacks.test_mail_signatures import ALL, HEADERS, signed, vouched
from tests.flows.conftest import Installation, Reached, reached
from tests.flows.correspondence import BOX, SERVER, Post, requests
from tests.flows.observation import execute, quiet_people
from tests.media_stores import empty


@pytest.mark.parametrize("header", ["To", "Cc"])
def test_a_mail_to_this_tenant_is_vouched_for(attacked, letters, ada, header):
    others = {"To": "help@elsewhere.invalid"} if header == "Cc" else {}
    letters.write(ada.emails[0], "Please delete my data.", vouched=True, **{**others, header: BOX})
    letters.take()
    assert requests(attacked)[0].is_verified


def test_a_mail_to_another_company_verifies_nobody(attacked, letters, ada):
    letters.write(
        ada.emails[0],
        "Please delete my data.",
        vouched=True,
        To="privacy@elsewhere.invalid",
        Delivered_To=BOX,
    )
    letters.take()
    (request,) = requests(attacked)
    assert not request.is_verified
    # The person is asked instead.
    assert [letter["To"] for letter in letters.letters()] == [ada.emails[0]]


SAME = {"Message_ID": "<guessed@example.org>"}
ERASE = "Please delete all my data."
EITHER = [["waiting"], ["duplicate"]]


def dated(age: timedelta) -> str:
    return f"{datetime.now(UTC) - age:%a, %d %b %Y %H:%M:%S} +0000"


def kept(letters) -> list[str]:
    return [outcome for outcome, _ in letters.outcomes()]


def test_who_sends_a_mail_with_its_message_id_first_suppresses_nobodys_mail(attacked, letters, ada):
    letters.write("eve@elsewhere.invalid", "When do you open tomorrow?", **SAME)
    letters.take()
    letters.write(ada.emails[0], ERASE, vouched=True, **SAME)
    letters.take()
    # What repeats the id of something else is looked at by a person, vouched for or not: an old mail
    # may have been sent once more with another header.
    assert letters.outcomes()[1:] == [("waiting", ["repeated_id"])]
    assert requests(attacked) == []


def test_a_copy_that_nobody_vouches_for_suppresses_no_genuine_mail(attacked, letters, ada):
    letters.write(ada.emails[0], ERASE, **SAME)
    letters.take()
    letters.write(ada.emails[0], ERASE, vouched=True, **SAME)
    letters.take()
    assert kept(letters) == ["opened", "waiting"]


@pytest.mark.parametrize("header", ["Auto-Submitted", "List-Id", "X-Autoreply"])
def test_a_copy_that_a_program_wrote_suppresses_no_mail_of_a_person(attacked, letters, ada, header):
    letters.write(ada.emails[0], ERASE, **SAME, **{header: "auto-replied"})
    letters.take()
    letters.write(ada.emails[0], ERASE, vouched=True, **SAME)
    letters.take()
    assert kept(letters)[1:] == ["waiting"]


def test_the_same_mail_by_two_ways_is_one(attacked, letters, ada):
    date = dated(timedelta())
    for way in ("a", "b"):
        host = f"from {way} by mx.fjordlys.example.com; {date}"
        once = {**SAME, "Date": date, "Received": host, "X_Way": way}
        letters.write(ada.emails[0], ERASE, vouched=True, **once)
        letters.take()
    assert kept(letters) == ["opened", "duplicate"]
    assert len(letters.letters()) == 1


def test_a_copy_of_which_our_server_says_that_it_failed_suppresses_no_genuine_mail(
    attacked, letters, ada
):
    domain = ada.emails[0].rpartition("@")[2]
    said = f"{SERVER}; dmarc=fail header.from={domain}"
    letters.write(ada.emails[0], ERASE, **SAME, Authentication_Results=said)
    letters.take()
    letters.write(ada.emails[0], ERASE, vouched=True, **SAME)
    letters.take()
    assert letters.outcomes()[1:] == [("waiting", ["repeated_id"])]


def digest_of(content: bytes) -> str:
    return content_digest(read_mail(content), content)


@pytest.mark.parametrize(
    ("genuine", "copied"),
    [
        (b"Mon, 02 Nov 2026", b"Tue, 03 Nov 2026"),
        (b"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\n", b""),
        (b"Ada <ada", b"Eve <ada"),
        (b"nord.example.com", b"nord.example.com, x@y.example"),
        (b"Subject: Erase", b"Subject: =?utf-8?q?Erase?="),
        (b"Subject: Erase", b"X-Batch: 1\r\nSubject: Erase"),
    ],
)
def test_a_copy_whose_signature_is_broken_is_not_the_same_mail(genuine, copied):
    mail = signed(f"{ALL}:x-batch")
    copy = mail.replace(genuine, copied)
    assert (vouched(mail), vouched(copy)) == (True, False)
    assert digest_of(mail) != digest_of(copy)


def test_what_our_server_says_is_of_the_mail_and_how_it_came_is_not():
    def taken(said: str, host: str, above: str = "") -> str:
        way = f"Received: from x by {host}; Sat, 28 Nov 2026 01:00:00 +0000\r\n"
        word = f"Authentication-Results: {SERVER}; {said}\r\n"
        return digest_of(f"{above}{word}{way}".encode() + signed())

    passed = "dmarc=pass header.from=shop.example"
    assert taken(passed, "one.example") == taken(passed, "two.example")
    assert taken(passed, "one.example") != taken(passed.replace("pass", "fail"), "one.example")
    assert taken(passed, "one.example") != taken(passed.replace("dmarc", "dkim"), "one.example")
    # Above its word: whoever handed the mail on then may have written that word.
    handed_on = "Received: from x by evil.example; Sat, 28 Nov 2026 01:00:00 +0000\r\n"
    assert taken(passed, "one.example") != taken(passed, "one.example", handed_on)


@pytest.mark.parametrize("name", ["Message-ID", "Subject", "Date", "To", "Cc", "Content-Type"])
@pytest.mark.parametrize("is_above", [True, False], ids=["above", "below"])
def test_a_field_that_stands_there_twice_makes_a_mail_wait(name, is_above):
    lines = {"Message-ID": "<one@shop.example>", "Cc": "x@y.example", "Content-Type": "text/plain"}
    mail = signed(f"{ALL}:cc:message-id:content-type", headers=(*HEADERS.items(), *lines.items()))
    value = {**HEADERS, **lines}[name]
    again = f"{name}: {value}\r\n".encode()
    # The same value too: who reads the one and who the other cannot be known.
    twice = again + mail if is_above else mail.replace(b"\r\n\r\n", b"\r\n" + again + b"\r\n", 1)
    assert read_mail(mail).flaws == ()
    assert read_mail(twice).flaws == (Flaw.MALFORMED_HEADER,)


def test_an_old_mail_with_another_message_id_on_top_opens_nothing(attacked, letters, ada):
    letters.write(ada.emails[0], ERASE, vouched=True, Message_id="<9@example.org>", **SAME)
    letters.take()
    assert letters.outcomes() == [("waiting", ["malformed_header"])]
    assert requests(attacked) == []


@dataclass(frozen=True)
class Later:
    """A clock that is ahead."""

    by: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


@pytest.fixture(scope="module")
def after_erasure(template_database, install_attacked, tmp_path_factory) -> Reached:
    """The erasure that a mail asked for is fulfilled, and nothing of the mail can be read any more."""

    def reach(attacked: Installation) -> dict[str, str]:
        empty(attacked.stores.home / "mail")
        letters = Post(attacked)
        # What they signed stays as it is, whatever the erasure changes of them in the platform.
        address = attacked.platform.people[quiet_people(attacked.platform)[0]].emails[0]
        once = {**SAME, "Date": dated(timedelta())}
        letters.write(address, ERASE, vouched=True, **once)
        letters.take()
        (request,) = requests(attacked)
        assert attacked.run() is None
        attacked.approve(request.request_id)
        assert attacked.run() is None
        (request,) = requests(attacked)
        assert request.state is RequestState.COMPLETED
        letters.take()  # the last letter goes out
        assert attacked.run(sweep, forget_after_days=0) is None
        with pytest.raises(UnknownRequest):
            attacked.stores.keys.derive(request.request_id, "anything")
        assert execute(attacked.url, "select facts, content from lacuna.mail") == [(None, None)]
        return {"address": address, **once}

    return reached(template_database, install_attacked, tmp_path_factory.mktemp("mail"), reach)


@pytest.fixture
def erased(after_erasure, database, lacuna_home) -> Installation:
    """An installation after that erasure."""
    return after_erasure.begin(database, lacuna_home)


@pytest.mark.parametrize(
    ("changed", "outcomes"),
    [
        pytest.param({}, [["duplicate"]], id="nothing"),
        pytest.param({"Message_ID": "<new@example.org>"}, EITHER, id="another id"),
        pytest.param({"X_Mailer": "x", "Received": ""}, EITHER, id="another field"),
        pytest.param({"Subject": " Message "}, EITHER, id="other blanks"),
        pytest.param(
            {"Message_ID": "<new@example.org>", "To": f"<{BOX}>"},
            EITHER,
            id="does not have the form",
        ),
    ],
)
def test_a_mail_whose_request_was_fulfilled_opens_no_other_when_it_is_sent_once_more(
    after_erasure, erased, changed, outcomes
):
    """Nor with a change that no signature covers."""
    once = dict(after_erasure.said)
    letters = Post(erased)
    letters.count = 2  # of the erasure
    received = {"Received": f"from evil by {SERVER}; {dated(timedelta())}"}
    letters.write(once.pop("address"), ERASE, vouched=True, **{**once, **received, **changed})
    letters.take()
    assert kept(letters)[0] == "opened"
    assert kept(letters)[1:] in outcomes
    assert len(requests(erased)) == 1


def test_while_its_request_is_open_an_old_mail_with_another_id_waits(attacked, letters, ada):
    once = {"Date": dated(timedelta())}
    letters.write(ada.emails[0], ERASE, vouched=True, **once, Message_ID="<1@example.org>")
    letters.take()
    letters.write(ada.emails[0], ERASE, vouched=True, **once, Message_ID="<2@example.org>")
    letters.take()
    assert letters.outcomes() == [("opened", []), ("waiting", ["repeated_id"])]


@pytest.mark.thorough
def test_a_mail_that_took_a_request_back_takes_no_other_back(attacked, letters, ada):
    address = ada.emails[0]
    letters.write(address, ERASE, vouched=True)
    letters.take()
    once = {"Message_ID": "<back@example.org>", "Date": dated(timedelta())}
    back = "I withdraw my request."
    letters.write(address, back, vouched=True, **once)
    letters.take()
    assert kept(letters) == ["opened", "withdrawn"]
    assert attacked.run(sweep, forget_after_days=0) is None
    letters.write(address, ERASE, vouched=True)
    letters.take()
    letters.write(address, back, vouched=True, **once)
    letters.take()
    assert kept(letters)[2:] == ["opened", "duplicate"]
    assert [one.state for one in requests(attacked)].count(RequestState.WITHDRAWN) == 1


def test_the_same_words_written_anew_count(attacked, letters, ada):
    address = ada.emails[0]
    letters.write(address, ERASE, vouched=True, Date=dated(timedelta(days=1)))
    letters.take()
    letters.write(address, "I withdraw my request.", vouched=True)
    letters.take()
    letters.write(address, ERASE, vouched=True)
    letters.take()
    assert kept(letters) == ["opened", "withdrawn", "opened"]


@pytest.mark.parametrize(
    ("age", "taken"),
    [
        (timedelta(days=29), ("opened", [])),
        (timedelta(days=31), ("waiting", ["old"])),
        (timedelta(days=-2), ("waiting", ["implausible_date"])),
    ],
    ids=["some weeks", "more", "days ahead"],
)
def test_a_mail_that_is_older_than_what_is_known_again_waits(attacked, letters, ada, age, taken):
    letters.write(ada.emails[0], ERASE, vouched=True, Date=dated(age))
    letters.take()
    assert letters.outcomes() == [taken]


def test_a_mail_that_does_not_say_when_it_was_written_verifies_nobody(attacked, letters, ada):
    letters.write(ada.emails[0], ERASE, vouched=True, Date="")
    letters.take()
    assert not requests(attacked)[0].is_verified


def test_without_its_key_no_mail_is_taken_for_a_new_one(attacked, letters, ada):
    """Whoever deletes the key would have every old mail count once more."""
    address, once = ada.emails[0], {**SAME, "Date": dated(timedelta())}
    letters.write(address, ERASE, vouched=True, **once)
    letters.take()
    key_id = str(uuid.uuid5(uuid.NAMESPACE_URL, "lacuna:mails:fjordlys"))
    assert attacked.stores.keys.destroy(key_id)
    letters.write(address, ERASE, vouched=True, **once)
    for _ in range(2):  # and it is not made anew meanwhile
        error = attacked.run(intake)
        assert isinstance(error, EvidenceBroken)
        assert "3 digests by which earlier mails" in str(error)
    assert kept(letters) == ["opened"]
    execute(attacked.url, "delete from lacuna.mail_digest where org_id = 'fjordlys'")
    letters.take()
    assert len(kept(letters)) == 2


@pytest.mark.thorough
def test_what_is_kept_to_know_a_mail_by_is_of_no_request_and_goes(attacked, letters, ada):
    once = {**SAME, "Date": dated(timedelta())}
    letters.write(ada.emails[0], ERASE, vouched=True, **once)
    letters.take()
    columns = "select column_name from information_schema.columns where table_name = 'mail_digest'"
    assert sorted(execute(attacked.url, columns)) == [("digest",), ("org_id",), ("week",)]
    rows = "select digest, week from lacuna.mail_digest order by ctid"
    first = execute(attacked.url, rows)
    assert len(first) == 3
    assert {week.isoweekday() for _, week in first} == {1}
    letters.write("eve@elsewhere.invalid", "When do you open?")
    letters.take()
    assert attacked.run(sweep) is None
    # They lie in their own order, and not in that in which mails came.
    digests = [bytes(digest) for digest, _ in execute(attacked.url, rows)]
    assert len(digests) == 6
    assert digests == sorted(digests)
    for days, left in ((90, 6), (105, 0)):
        stores = replace(attacked.stores, clock=Later(timedelta(days=days)))
        sweep.run(stores, attacked.options(), str(uuid.uuid4()))
        assert len(execute(attacked.url, rows)) == left
    # By then the mail is too old to count by itself.
    age = {
        "Received": f"from x by {SERVER}; {dated(timedelta())}",
        "Date": dated(timedelta(days=105)),
    }
    # Back to today: with an entry of the owner's the ledger's time begins anew.
    OfficerRegister(attacked.stores.database).add("nora", ["*"], datetime.now(UTC), None)
    letters.write(ada.emails[0], ERASE, vouched=True, **{**SAME, **age})
    letters.take()
    assert letters.outcomes()[-1] == ("waiting", ["old"])
