"""Request mails by command: taken in, listed, read, accepted and dismissed; the clock by command."""

from __future__ import annotations

import io
import itertools
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.flows.observation import execute, quiet_people
from tests.media_stores import empty
from tests.officers import register

BOX = "privacy@fjordlys.example.com"
SECONDS = itertools.count()


@pytest.fixture
def ada(installation):
    empty(installation.stores.home / "mail")
    return installation.platform.people[quiet_people(installation.platform)[0]]


def write(folder, name, sender, text, *, vouched=True):
    folder.mkdir(exist_ok=True)
    said = f"mx.fjordlys.example.com; dmarc=pass header.from={sender.rpartition('@')[2]}"
    # No two mails of one person are written in the same second.
    written = datetime.now(UTC) - timedelta(seconds=next(SECONDS))
    trust = f"Authentication-Results: {said}\r\n" if vouched else ""
    (folder / name).write_bytes(
        f"{trust}From: {sender}\r\nTo: {BOX}\r\nSubject: Hello\r\nMessage-ID: <{name}@x.org>\r\n"
        f"Date: {format_datetime(written)}\r\n\r\n{text}\r\n".encode()
    )


@pytest.mark.thorough
def test_a_folder_is_taken_in_and_what_waits_is_read_and_decided_on(
    lacuna, installation, ada, tmp_path
):
    folder = tmp_path / "mails"
    write(folder, "1.eml", ada.emails[0], "Please delete all my data.")
    write(folder, "2.eml", ada.emails[0], "My address is wrong, please correct it.")
    write(folder, "3.eml", ada.emails[0], "I have a question about my data and the GDPR.")
    assert lacuna("intake", folder, "--json").json["queued"] == 1
    assert list(folder.iterdir()) == []
    waiting = lacuna("mail", "list", "--json").json
    assert [one["reasons"] for one in waiting] == [["correction"], ["no_right"]]
    assert [one["asked_back"] for one in waiting] == [False, True]
    correction, question = (one["mail_id"] for one in waiting)
    disclosed = "select count(*) from lacuna_evidence.entry where action = 'disclosed'"
    assert lacuna("mail", "show", correction).code == 2
    register(installation.stores.database, "hanna", org_id="hafenkontor")
    register(installation.stores.database, "nora", org_id="fjordlys")
    for name in ("", "nobody", "hanna"):
        refused = lacuna("mail", "show", correction, "--as", name)
        assert (refused.code, refused.out) == (2, "")
    assert execute(installation.url, disclosed) == [(0,)]
    shown = lacuna("mail", "show", correction, "--as", "nora").out
    assert execute(installation.url, disclosed) == [(1,)]
    assert ada.emails[0] in shown
    assert "please correct it" in shown
    refused = lacuna("mail", "accept", correction, "--as", "dana")
    assert refused.code == 2
    accepted = lacuna(
        *("mail", "accept", correction, "--as", "dana", "--verified-by", "call back"),
        *("--set", "email=ada.new@example.org"),
    )
    assert accepted.code == 0
    request = lacuna("request", "show", accepted.out.strip(), "--json").json
    assert request["kinds"] == ["rectification"]
    assert request["received_at"] == waiting[0]["received_at"]
    assert lacuna("mail", "dismiss", question, "--as", "dana").code == 0
    assert lacuna("mail", "dismiss", question, "--as", "dana").code == 1
    assert lacuna("mail", "list", "--json").json == []
    outcomes = [one["outcome"] for one in lacuna("mail", "list", "--all", "--json").json]
    assert sorted(outcomes) == ["dismissed", "opened", "opened"]


def test_an_officer_saves_a_mail_with_what_is_attached(lacuna, installation, ada, tmp_path):
    folder = tmp_path / "mails"
    write(folder, "1.eml", ada.emails[0], "I write for my mother, her data should be erased.")
    content = (folder / "1.eml").read_bytes()
    head, _, text = content.partition(b"\r\n\r\n")
    part = b"--x\r\nContent-Type: text/plain\r\n\r\n" + text
    proof = b"--x\r\nContent-Type: application/pdf; name=proof.pdf\r\nContent-Disposition: attachment\r\n"
    multipart = b"\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    whole = head + multipart + part + proof + b"\r\n%PDF power of attorney\r\n--x--\r\n"
    (folder / "1.eml").write_bytes(whole)
    lacuna("intake", folder)
    (mail,) = (one["mail_id"] for one in lacuna("mail", "list", "--json").json)
    target = tmp_path / "saved.eml"
    show = ("mail", "show", mail, "--save")
    assert lacuna(*show, target, "--as", "nobody").code == 2
    assert not target.exists()
    assert "may be harmful" in lacuna(*show, target, "--as", "dana").out
    assert target.read_bytes() == whole
    assert target.stat().st_mode & 0o777 == 0o600
    for place in (target, tmp_path, tmp_path / "none" / "saved.eml"):
        assert lacuna(*show, place, "--as", "dana").code == 2
    assert target.read_bytes() == whole


def test_a_mail_past_its_month_is_a_finding(lacuna, installation, ada, tmp_path):
    folder = tmp_path / "mails"
    write(folder, "1.eml", ada.emails[0], "I have a question about my data and the GDPR.")
    content = (folder / "1.eml").read_bytes()
    day = b"Mon, 05 Jan 2026 10:00:00 +0000"
    content = re.sub(rb"Date: .*", b"Date: " + day, content)
    stamp = b"Received: from a by mx.fjordlys.example.com; " + day + b"\r\n"
    (folder / "1.eml").write_bytes(stamp + content)
    assert lacuna("intake", folder).code == 0
    assert lacuna("mail", "list", "--overdue").code == 1


@pytest.mark.thorough
def test_extension_and_suspension_are_shown_on_the_request(lacuna, installation, ada, tmp_path):
    folder = tmp_path / "mails"
    write(
        folder,
        "1.eml",
        ada.emails[0],
        f"Please send me a copy of my data, customer number {ada.external_ids[0]}.",
    )
    lacuna("intake", folder)
    (request,) = lacuna("request", "list", "--json").json
    request_id = request["request_id"]
    assert request["extended_at"] is None
    assert lacuna("request", "ask", request_id, "--as", "dana").code == 0
    asked = lacuna("request", "show", request_id, "--json").json
    assert asked["pause"] == "clarification"
    assert asked["paused_at"] is not None
    shown = lacuna("request", "list").out
    assert "paused:" in shown
    assert "clarification" in shown
    assert lacuna("request", "resume", request_id, "--as", "dana").code == 0
    untold = lacuna("request", "extend", request_id, "--as", "dana")
    assert (untold.code, "--text FILE" in untold.err) == (2, True)
    reasons = ("--text", written(tmp_path, "Your data is in two archives.\n\nSigned: Eve Example"))
    shown = lacuna("request", "extend", request_id, *reasons, "--as", "dana", "--preview")
    assert "Your data is in two archives.\n\nSigned: Eve Example\n" in shown.out
    assert lacuna("request", "show", request_id, "--json").json["extended_at"] is None
    assert lacuna("request", "extend", request_id, *reasons, "--as", "dana").code == 0
    extended = lacuna("request", "show", request_id, "--json").json
    assert extended["pause"] is None
    assert extended["extended_at"] is not None
    assert extended["alarm_at"] > request["alarm_at"]
    assert "extended" in lacuna("request", "list").out
    assert lacuna("request", "extend", request_id, *reasons, "--as", "dana").code == 1
    # Until it is sent, nothing readable holds what the officer wrote.
    kept = execute(
        installation.url, "select facts::text, encode(envelope, 'escape') from lacuna.letter"
    )
    assert "archives" not in str(kept)
    # The requester is told with the next intake.
    lacuna("intake", folder)
    (letter,) = [one for one in letters_of(installation) if "more time" in one]
    assert "Your data is in two archives. Signed: Eve Example" in letter
    assert execute(installation.url, "select count(envelope) from lacuna.letter") == [(0,)]


def written(folder, text: str):
    path = folder / "paragraph.txt"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.thorough
def test_a_refusal_by_mail_gives_its_reasons_and_can_be_read_before(
    lacuna, installation, tmp_path, ada, monkeypatch
):
    folder = tmp_path / "new"
    write(
        folder,
        "1.eml",
        ada.emails[0],
        f"Please send me a copy of my data, then delete my account. Customer number {ada.external_ids[0]}.",
    )
    lacuna("intake", folder)
    (request,) = lacuna("request", "list", "--json").json
    refuse = ("request", "refuse", request["number"], "--as", "dana", "--text", "-")

    def said(*more: str):
        stream = io.TextIOWrapper(io.BytesIO(b"The case of Eve Example is open.\n"))
        monkeypatch.setattr("sys.stdin", stream)
        return lacuna(*refuse, *more)

    wrong = said("--ground", "17(3)(e)", "--preview")
    assert (wrong.code, "--kind" in wrong.err) == (1, True)
    part = ("--ground", "17(3)(e)", "--kind", "erasure")
    shown = said(*part, "--preview").out
    assert shown.startswith("Subject: Part of your request\n\nHello,\n")
    assert "This concerns: erasure of your data." in " ".join(shown.split())
    document = said(*part, "--preview", "--json").json
    assert (document["language"], document["text"] in shown) == ("en", True)
    assert [one["state"] for one in lacuna("request", "list", "--json").json] == [request["state"]]
    assert said(*part).code == 0
    lacuna("intake", folder)
    (letter,) = [one for one in letters_of(installation) if "Part of your request" in one]
    assert "We need the data to establish, exercise or defend legal claims." in letter
    assert "Article 17(3)(e) GDPR" in letter
    assert "The case of Eve Example is open." in letter
    assert "judicial remedy" in letter


@pytest.mark.parametrize("content", [b"\xff", b"x" * 4001, b"x" * 16001])
def test_a_paragraph_that_is_no_text_or_too_long_is_refused_unread(
    lacuna, installation, tmp_path, content
):
    path = tmp_path / "paragraph.txt"
    path.write_bytes(content)
    request_id = installation.submit_contact(quiet_people(installation.platform)[0])
    done = lacuna(
        *("request", "refuse", request_id, "--ground", "12(5)", "--text", path, "--as", "dana")
    )
    assert done.code == 2
    assert "letter: the text" in done.err


def letters_of(installation):
    outbox = installation.stores.home / "outbox"
    return [" ".join(path.read_text().split()) for path in outbox.iterdir()]


@pytest.mark.thorough
def test_an_officer_asks_the_writer_whose_answer_by_numbers_goes_on(
    lacuna, installation, ada, tmp_path
):
    folder = tmp_path / "mails"
    write(folder, "1.eml", ada.emails[0], "My address is wrong, please correct it.")
    lacuna("intake", folder)
    (mail,) = lacuna("mail", "list", "--json").json
    ask = ("mail", "ask", mail["mail_id"], "--letter", "question", "--as", "dana")
    asked = lacuna(*ask, "--json")
    assert asked.json == {"mail_id": mail["mail_id"], "letter": "question"}, asked.err
    assert lacuna(*ask).code == 1
    lacuna("intake", folder)
    (letter,) = [one for one in letters_of(installation) if "Which of these would you" in one]
    assert "In-Reply-To: <1.eml@x.org>" in letter
    code = re.search(r"L-[0-9a-f-]{36}-[0-9a-f]{32}", letter)[0]
    write(folder, "2.eml", ada.emails[0], f"6\n\n> {code}")
    assert lacuna("intake", folder, "--json").json["queued"] == 1
    (request,) = lacuna("request", "list", "--json").json
    assert request["kinds"] == ["erasure"]
    assert lacuna("mail", "list", "--json").json == []


def test_nobody_is_asked_at_an_address_that_may_be_forged(lacuna, installation, ada, tmp_path):
    folder = tmp_path / "mails"
    text = "My address is wrong, please correct it."
    write(folder, "1.eml", ada.emails[0], text, vouched=False)
    lacuna("intake", folder)
    ((mail_id,),) = execute(installation.url, "select mail_id::text from lacuna.mail")
    refused = lacuna("mail", "ask", mail_id, "--letter", "clarification", "--as", "dana")
    assert (refused.code, "nobody vouched" in refused.err) == (1, True)
    assert ada.emails[0] not in refused.err


def test_a_mail_about_two_people_becomes_two_requests(lacuna, installation, ada, tmp_path):
    folder = tmp_path / "mails"
    write(folder, "1.eml", ada.emails[0], "I have a question about my data and the GDPR.")
    lacuna("intake", folder)
    ((mail_id,),) = execute(installation.url, "select mail_id::text from lacuna.mail")
    accept = ("mail", "accept", mail_id, "--kind", "access", "--as", "dana", "--json")
    first = lacuna(*accept, "--email", ada.emails[0], "--more").json
    assert [one["mail_id"] for one in lacuna("mail", "list", "--json").json] == [mail_id]
    second = lacuna(*accept, "--email", "mother@example.org").json
    assert first["number"] != second["number"]
    assert lacuna("mail", "list", "--json").json == []


@pytest.mark.thorough
def test_an_access_requester_is_asked_which_data_they_mean(lacuna, installation, ada, tmp_path):
    folder = tmp_path / "mails"
    text = f"Please send me a copy of my data, customer number {ada.external_ids[0]}."
    write(folder, "1.eml", ada.emails[0], text)
    lacuna("intake", folder)
    (request,) = lacuna("request", "list", "--json").json
    asked = lacuna("request", "ask", request["request_id"], "--as", "dana")
    assert "did not come by mail" not in asked.out
    lacuna("intake", folder)
    letters = letters_of(installation)
    assert any("which data or which period you mean" in letter for letter in letters)
    assert not any("not sure what you would like" in letter for letter in letters)


def test_a_request_by_command_has_nobody_to_ask_and_the_officer_learns_it(
    lacuna, installation, ada
):
    request_id = lacuna(
        *("request", "submit", "--org", "fjordlys", "--kind", "access"),
        *("--email", ada.emails[0], "--verified-by", "passport"),
    ).out.strip()
    asked = lacuna("request", "ask", request_id, "--as", "dana")
    assert asked.code == 0
    assert "did not come by mail. Ask the requester yourself" in " ".join(asked.out.split())


def test_a_refusal_of_some_rights_names_these_and_that_the_rest_goes_on(
    lacuna, installation, ada, tmp_path
):
    folder = tmp_path / "mails"
    text = "Please send me a copy of my data. Please delete all my data."
    write(folder, "1.eml", ada.emails[0], text)
    lacuna("intake", folder)
    (request,) = lacuna("request", "list", "--json").json
    assert set(request["kinds"]) == {"access", "erasure"}
    refusal = ("--kind", "erasure", "--ground", "17(3)(b)", "--as", "dana")
    assert lacuna("request", "refuse", request["request_id"], *refusal).code == 0
    lacuna("intake", folder)
    (letter,) = [one for one in letters_of(installation) if "17(3)(b)" in one]
    assert "part of your request of" in letter
    assert "erasure of your data. We continue" in letter
    assert "We continue with the rest" in letter
    assert "Datatilsynet" in letter


def test_a_refusal_tells_its_article_and_the_right_to_complain(lacuna, installation, ada, tmp_path):
    folder = tmp_path / "mails"
    write(folder, "1.eml", ada.emails[0], "Please delete all my data.")
    lacuna("intake", folder)
    (request,) = lacuna("request", "list", "--json").json
    lacuna("request", "refuse", request["request_id"], "--ground", "17(3)(b)", "--as", "dana")
    lacuna("intake", folder)
    letters = [path.read_text() for path in (installation.stores.home / "outbox").iterdir()]
    assert any("17(3)(b)" in letter and "Datatilsynet" in letter for letter in letters)
