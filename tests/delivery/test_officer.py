"""The officer hands a bundle over by a link, on the page and by command, and gives the code."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from lacuna.datamap import load
from lacuna.errors import RequestError, StatementRefused
from lacuna.flows.intake.letter_delivery import deliver_letters
from lacuna.flows.run.alerts import notify
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.flows.sweep.expired_bundles import expire_bundles
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.letter import LetterKind
from lacuna.model.queue import Purpose
from lacuna.model.register import TaskKind, TaskSelection
from lacuna.model.run import Mode, Role, RunOptions
from lacuna.request import keep_contact, make_link
from lacuna.request.letters_due import letter_for
from tests.cli.conftest import run_here
from tests.delivery.conftest import MAIL, ORG, OTHER_MAIL, URL, WORDS
from tests.dpo_page.conftest import OTHER, served, visit  # noqa: F401 - fixtures

OPTIONS = RunOptions(run_id="test", mode=Mode.ACT)


@pytest.fixture
def page(delivering, served):  # noqa: F811
    server, current = served
    current.append(delivering)
    return server


def own(request_id: str, last: str = "/delivery") -> str:
    return f"/{ORG}/requests/{request_id}{last}"


def press(client, request_id: str, last: str = "/delivery", **fields: str):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return client.post(own(request_id, last), content=urlencode(fields), headers=headers)


def shown_in(html: str) -> str:
    found = re.search(r'class="passphrase">([^<]+)<', html)
    assert found is not None
    return found[1]


def letters_out(stores) -> None:
    deliver_letters(
        stores, OPTIONS, "00000000-0000-0000-0000-000000000000", Steps(stores, OPTIONS, "x")
    )


def test_a_mailed_link_reaches_the_requester_alone_and_opens(counter, visit, mails):  # noqa: F811
    request_id = counter.bundle()
    dana = visit("dana")
    assert "/delivery" in dana.get(own(request_id, "/release")).text
    made = press(dana, request_id, way="mail")
    assert made.status_code == 200, made.text
    assert URL not in made.text
    letters_out(counter.office.stores)
    (mail,) = mails()
    assert f"To: {MAIL}" in mail
    # The ledger says which letter went out.
    ledger = dana.get(own(request_id, "")).text
    assert "lacuna.letter/delivery" in ledger
    token = re.search(rf"{URL}/([A-Za-z0-9_-]{{43}})\r?\n", mail.replace("=\n", ""))[1]
    assert "Vorgangsnummer" in mail
    assert counter.client.get(f"/{token}").status_code == 200
    # The code goes to the other mailbox.
    counter.client.post("/code", data={"token": token})
    (code,) = [one for one in mails() if URL not in one.replace("=\n", "")]
    assert f"To: {OTHER_MAIL}" in code
    assert token not in code


def test_no_code_is_mailed_to_where_the_link_went(counter, visit, mails):  # noqa: F811
    request_id = counter.bundle()
    stores = counter.office.stores
    with stores.transaction(Role.PLANNER) as transaction:
        secret = b'{"address": "%s", "language": "de", "message_id": "", "mailboxes": ["%s"]}' % (
            MAIL.encode(),
            MAIL.upper().encode(),
        )
        kept = stores.keys.encrypt(request_id, secret)
        transaction.queue.secrets.put(request_id, Purpose.DELIVERY, kept)
    press(visit("dana"), request_id, way="mail")
    letters_out(stores)
    token = re.search(rf"{URL}/([A-Za-z0-9_-]{{43}})", mails()[0].replace("=\n", ""))[1]
    assert 'action="code"' not in counter.client.get(f"/{token}").text
    counter.client.post("/code", data={"token": token})
    assert len(mails()) == 1


def test_a_shown_link_and_a_code_open_the_bundle(counter, visit):  # noqa: F811
    request_id = counter.bundle()
    dana = visit("dana")
    address = shown_in(press(dana, request_id, way="show").text)
    code = shown_in(press(dana, request_id, "/delivery/code").text)
    token = address.removeprefix(f"{URL}/")
    assert counter.enter(token, code).status_code == 200
    assert token not in dana.get(own(request_id)).text
    entries = counter.office.entries(request_id)
    assert entries[-3:] == [
        ("release_bundle", "dpo"),
        ("code_given", "dpo"),
        ("link_opened", "flow"),
    ]


def test_by_command_the_same(counter, tmp_path):
    request_id = counter.bundle()
    office = counter.office
    settings = {"LACUNA_HOME": str(office.stores.home), "LACUNA_DATABASE_URL": office.url}
    arguments = (request_id, "--as", "dana", "--json")
    refused = run_here("bundle", "link", *arguments, cwd=tmp_path, **settings)
    assert refused.returncode == 2
    assert "LACUNA_DELIVERY_URL" in refused.stderr
    settings["LACUNA_DELIVERY_URL"] = URL
    made = run_here("bundle", "link", *arguments, "--show", cwd=tmp_path, **settings)
    token = json.loads(made.stdout)["link"].removeprefix(f"{URL}/")
    found = run_here("bundle", "code", *arguments, cwd=tmp_path, **settings)
    office.clock.moment = datetime.now(UTC)
    assert counter.enter(token, json.loads(found.stdout)["code"]).status_code == 200
    mailed = run_here("bundle", "link", *arguments, cwd=tmp_path, **settings)
    assert json.loads(mailed.stdout)["link"] is None
    assert counter.client.get(f"/{token}").status_code == 404
    stranger = run_here("bundle", "code", request_id, "--as", "doris", cwd=tmp_path, **settings)
    assert stranger.returncode == 2


def test_a_link_that_was_sent_to_a_wrong_mailbox_is_taken_back(counter, mails, tmp_path):
    request_id = counter.bundle()
    office = counter.office
    settings = {
        "LACUNA_HOME": str(office.stores.home),
        "LACUNA_DATABASE_URL": office.url,
        "LACUNA_DELIVERY_URL": URL,
    }
    revoke = ("bundle", "link", request_id, "--as", "dana", "--revoke")
    refused = run_here(*revoke, cwd=tmp_path, **settings)
    assert refused.returncode == 1
    assert "no link" in refused.stderr
    token = counter.token(request_id)
    secret = counter.secret(request_id, token)
    both = run_here(*revoke, "--show", cwd=tmp_path, **settings)
    assert both.returncode == 2
    taken_back = run_here(*revoke, "--json", cwd=tmp_path, **settings)
    assert json.loads(taken_back.stdout) == {"request_id": request_id, "is_revoked": True}
    page = counter.client.get(f"/{token}")
    assert page.status_code == 404
    assert "or is no longer valid" in page.text
    assert not counter.download(token, secret).content.startswith(b"PK")
    assert office.entries(request_id)[-1] == ("link_revoked", "dpo")
    with office.stores.transaction(Role.DPO, org_id=ORG) as transaction:
        selected = TaskSelection(kind=TaskKind.BUNDLE)
        found = transaction.register.tasks(selected, datetime.now(UTC), (0, 50))
    assert [one.about for one in found] == [request_id]  # it has to be handed over again
    # A link that waits in a letter is taken back before it leaves.
    run_here(*revoke[:-1], cwd=tmp_path, **settings)
    run_here(*revoke, cwd=tmp_path, **settings)
    office.clock.moment = datetime.now(UTC) + timedelta(minutes=1)
    letters_out(office.stores)
    assert mails() == []


def test_a_link_by_which_the_bundle_was_downloaded_is_not_taken_back(counter, tmp_path):
    request_id, token = counter.ready()
    assert counter.download(token, counter.secret(request_id, token)).status_code == 200
    office = counter.office
    settings = {"LACUNA_HOME": str(office.stores.home), "LACUNA_DATABASE_URL": office.url}
    arguments = ("bundle", "link", request_id, "--as", "dana", "--revoke")
    refused = run_here(*arguments, cwd=tmp_path, **settings)
    assert refused.returncode == 1
    assert "was downloaded" in refused.stderr


def test_a_locked_link_is_a_task_and_a_mail_to_the_officer_once(counter, visit):  # noqa: F811
    request_id, token = counter.ready()
    stores = counter.office.stores

    def tasks() -> list[str]:
        with stores.transaction(Role.DPO, org_id=ORG) as transaction:
            selected = TaskSelection(kind=TaskKind.BUNDLE)
            found = transaction.register.tasks(selected, stores.clock.now(), (0, 50))
        return [one.about for one in found]

    assert tasks() == []
    for _ in range(5):
        counter.enter(token, "x")
    assert tasks() == [request_id]
    assert "locked it" in visit("dana").get(own(request_id)).text
    for _ in range(2):
        assert notify(stores, OPTIONS, "00000000-0000-0000-0000-000000000000") is None
    told = [path.read_text() for path in (stores.home / "alerts").glob("*.eml")]
    assert len([one for one in told if "locked" in one]) == 1
    assert all(token not in one and MAIL not in one for one in told)


def test_a_link_that_expired_unopened_is_a_task_and_a_mail_too(counter):
    request_id, _ = counter.ready()
    downloaded, used = counter.ready()
    assert counter.download(used, counter.secret(downloaded, used)).status_code == 200
    stores = counter.office.stores
    counter.office.clock.moment += timedelta(days=15)
    with stores.transaction(Role.DPO, org_id=ORG) as transaction:
        selected = TaskSelection(kind=TaskKind.BUNDLE)
        found = transaction.register.tasks(selected, stores.clock.now(), (0, 50))
    assert [one.about for one in found] == [request_id]
    for _ in range(2):
        assert notify(stores, OPTIONS, "00000000-0000-0000-0000-000000000000") is None
    told = [path.read_text() for path in (stores.home / "alerts").glob("*.eml")]
    assert len([one for one in told if "locked or expired links: 1" in one]) == 1


def test_a_bundle_that_is_handed_over_otherwise_has_no_link_any_more(counter, visit):  # noqa: F811
    request_id, token = counter.ready()
    secret = counter.secret(request_id, token)
    assert WORDS in press(visit("dana"), request_id, "/release").text
    assert counter.client.get(f"/{token}").status_code == 404
    assert not counter.download(token, secret).content.startswith(b"PK")


@pytest.mark.thorough
def test_a_link_is_taken_back_on_the_page_until_it_is_used_up(counter, visit, mails):  # noqa: F811
    request_id = counter.bundle()
    dana = visit("dana")
    assert press(dana, request_id, "/delivery/revoke").status_code == 422
    token = shown_in(press(dana, request_id, way="show").text).rpartition("/")[2]
    assert counter.client.get(f"/{token}").status_code == 200
    press(dana, request_id, way="mail")
    assert "Take the link back" in dana.get(own(request_id)).text
    taken_back = press(dana, request_id, "/delivery/revoke")
    assert "leads nowhere" in taken_back.text
    assert "Take the link back" not in taken_back.text
    letters_out(counter.office.stores)
    assert mails() == []
    assert counter.office.entries(request_id)[-1] == ("link_revoked", "dpo")
    # What was downloaded cannot be taken back.
    used, token = counter.ready()
    assert counter.download(token, counter.secret(used, token)).status_code == 200
    assert "Take the link back" not in dana.get(own(used)).text
    assert "Art. 33" in press(dana, used, "/delivery/revoke").text


def test_a_letter_with_a_replaced_link_is_not_sent(counter, visit, mails):  # noqa: F811
    request_id = counter.bundle()
    dana = visit("dana")
    press(dana, request_id, way="mail")
    counter.office.clock.moment += timedelta(minutes=1)
    press(dana, request_id, way="mail")
    letters_out(counter.office.stores)
    assert len(mails()) == 1


def test_a_letter_with_an_expired_link_is_not_sent(counter, visit, mails):  # noqa: F811
    request_id = counter.bundle()
    press(visit("dana"), request_id, way="mail")
    counter.office.clock.moment += timedelta(days=15)
    letters_out(counter.office.stores)
    assert mails() == []


@pytest.mark.parametrize(
    ("sent_to", "on_file", "is_offered"),
    [
        ("ada@example.org", "ada+private@example.org", False),
        ("ada.lind@gmail.com", "adalind+x@googlemail.com", False),
        ("ada.lind@example.org", "adalind@example.org", True),
        ("ada@example.org", "ada.private@example.org", True),
    ],
)
def test_an_address_of_the_same_mailbox_gets_no_code(counter, sent_to, on_file, is_offered):
    request_id = counter.bundle()
    stores = counter.office.stores
    found = {"address": sent_to, "language": "de", "message_id": "", "mailboxes": [on_file]}
    with stores.transaction(Role.PLANNER) as transaction:
        kept = stores.keys.encrypt(request_id, json.dumps(found).encode())
        transaction.queue.secrets.put(request_id, Purpose.DELIVERY, kept)
    with stores.transaction(Role.DPO, org_id=ORG) as transaction:
        desk = counter.office.desk(transaction, stores.officer("dana", ORG))
        request = desk.queue.requests.get(request_id)
        made = make_link(request, counter.terms, desk, stores.home, transaction.mails)
    assert made.has_mailbox is is_offered


def test_no_address_is_kept_that_no_mail_can_go_to(counter):
    request_id = counter.bundle()
    stores = counter.office.stores
    known = [
        Identifier(IdentifierKind.EMAIL, value)
        for value in (
            "ada@",
            "ada lind@example.org",
            "a@b@example.org",
            "zoë@example.org",
            "",
            "a@x.org\nb",
        )
    ]
    with stores.transaction(Role.PLANNER) as transaction:
        desk = counter.office.desk(transaction)
        kept = keep_contact(desk.queue.requests.get(request_id), known, desk)
    assert kept is not None
    assert json.loads(stores.keys.decrypt(request_id, kept))["mailboxes"] == []


def test_without_an_address_everything_is_as_before(counter, visit, served):  # noqa: F811
    request_id = counter.bundle()
    off = replace(counter.office, stores=replace(counter.office.stores, delivery_url=None))
    served[1].append(off)
    dana = visit("dana")
    served[1].append(off)
    assert "/delivery" not in dana.get(own(request_id, "/release")).text
    assert dana.get(own(request_id)).status_code == 404
    assert press(dana, request_id, way="show").status_code == 404
    assert WORDS in press(dana, request_id, "/release").text


def test_a_passphrase_that_was_shown_makes_no_link(counter, visit):  # noqa: F811
    request_id = counter.bundle()
    dana = visit("dana")
    assert WORDS in press(dana, request_id, "/release").text
    refused = press(dana, request_id, way="show")
    assert refused.status_code == 422
    with pytest.raises(RequestError):
        counter.token(request_id)


@pytest.mark.parametrize("who", ["dirk", "vera", "uma", "doris"])
def test_nobody_else_makes_a_link_or_a_code(counter, visit, who):  # noqa: F811
    request_id, _ = counter.ready()
    before = counter.office.entries(request_id)
    for last, data in (("/delivery", {"way": "show"}), ("/delivery/code", {})):
        assert press(visit(who), request_id, last, **data).status_code in (403, 404)
    assert counter.office.entries(request_id) == before


def test_another_tenants_bundle_gets_no_link_under_ones_own_tenant(counter, visit):  # noqa: F811
    request_id = counter.bundle(org_id=OTHER)
    counter.token(request_id, OTHER)
    before = counter.office.entries(request_id)
    for last, data in (("/delivery", {"way": "show"}), ("/delivery/code", {})):
        assert press(visit("dana"), request_id, last, **data).status_code == 404
    assert visit("dana").get(own(request_id)).status_code == 404
    assert counter.office.entries(request_id) == before


def swept(counter) -> None:
    stores = counter.office.stores
    batch = Batch(stores, OPTIONS, load(stores.datamap_path), flow="fulfilment")
    expire_bundles(batch, Steps(stores, OPTIONS, "sweep"))


def test_the_sweep_deletes_what_was_downloaded_with_its_link_and_contact(counter):
    request_id, token = counter.ready()
    other, _ = counter.ready()
    secret = counter.secret(request_id, token)
    assert counter.download(token, secret).status_code == 200
    swept(counter)
    folder = counter.office.stores.home / "bundles"
    assert not (folder / f"{request_id}.zip.age").exists()
    assert (folder / f"{other}.zip.age").exists()
    assert counter.client.get(f"/{token}").status_code == 404
    kept = "select request_id::text from lacuna.request_secret where purpose = 'delivery'"
    assert counter.office.query(kept) == [(other,)]
    assert ("delete_bundle", "flow") in counter.office.entries(request_id)


def test_the_sweep_deletes_what_nobody_downloaded_when_it_expires(counter):
    request_id, _ = counter.ready()
    counter.office.clock.moment += timedelta(days=31)
    swept(counter)
    assert not (counter.office.stores.home / f"bundles/{request_id}.zip.age").exists()
    assert counter.office.query("select 1 from lacuna.delivery") == []


def test_only_an_officer_queues_a_letter_with_a_link(counter):
    request_id = counter.bundle()

    def queue(role: Role, org_id: str | None) -> None:
        with counter.office.stores.transaction(role, org_id=org_id) as transaction:
            desk = counter.office.desk(transaction)
            request = desk.queue.requests.get(request_id)
            envelope = {"address": MAIL, "code": "", "in_reply_to": "", "link": "x"}
            kind_and_language = (LetterKind.DELIVERY, "en")
            letter = letter_for(request, kind_and_language, {}, envelope, desk)
            transaction.mails.queue_letter(letter)

    with pytest.raises(StatementRefused):
        queue(Role.PLANNER, None)
    queue(Role.DPO, ORG)
