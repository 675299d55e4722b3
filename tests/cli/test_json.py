"""Every command prints its result as one JSON document, too; its keys are what other programs build on."""

from __future__ import annotations

import re

import pytest

from lacuna.datamap import load
from tests.cli.conftest import commands
from tests.cli.test_decisions import submit
from tests.cli.test_mails import write
from tests.cli.test_tenant_logins import make_login, portal  # noqa: F401
from tests.flows.observation import execute, quiet_people
from tests.media_stores import empty

AS = ("--as", "dana")


@pytest.fixture
def result(lacuna):
    """Return the document of a command that succeeds."""

    def run(*arguments: object) -> dict[str, object]:
        done = lacuna(*arguments, "--json")
        assert done.code == 0, done.err
        assert isinstance(done.json, dict)
        return done.json

    return run


@pytest.fixture
def contacts(installation):
    people = installation.platform.people
    return [one for one in quiet_people(installation.platform) if people[one].org_id == "fjordlys"]


def test_each_command_prints_its_result_as_json_too():
    found = commands()
    assert len(found) > 60
    without = [name for name, options in found.items() if "--json" not in options]
    assert without == ["deliver"], "a server prints where it listens, until it is stopped"


@pytest.mark.thorough
def test_what_an_officer_decides(lacuna, installation, contacts, result):
    ids = [submit(lacuna, installation, one, verified=None) for one in contacts[:4]]
    by = ("--by", "passport")
    verified = result("request", "verify-identity", ids[0], *by, *AS)
    assert verified == {"request_id": ids[0], "number": "FJ-0001", "state": "received"}
    until = ("--ground", "17(3)(e)", "--until", "2999-01-01", *AS)
    table = ("--table", "contact_center.attachments")
    assert result("request", "hold", ids[0], *until, *table) == {
        **verified,
        "until": "2999-01-01T00:00:00+00:00",
        "tables": ["contact_center.attachments"],
    }
    assert result("request", "hold", ids[1], *until)["tables"] == []
    assert result("request", "refuse", ids[2], "--ground", "12(5)", *AS) == {
        "request_id": ids[2],
        "number": "FJ-0003",
        "state": "refused",
        "is_told": False,
    }
    assert result("request", "withdraw", ids[3], *AS) == {
        "request_id": ids[3],
        "number": "FJ-0004",
        "state": "withdrawn",
    }
    for is_new in (True, False):
        instructed = result("request", "instruct", ids[0], "--by", "a letter", *AS)
        assert instructed == {"request_id": ids[0], "number": "FJ-0001", "new": is_new}


@pytest.mark.thorough
def test_a_request_and_a_mail_are_assigned_and_commented_on(
    lacuna, installation, contacts, result, tmp_path
):
    ids = [submit(lacuna, installation, one) for one in contacts[:2]]
    ((dana,),) = execute(installation.url, "select actor from lacuna.officer where name = 'dana'")
    document = {"request_id": ids[0], "number": "FJ-0001", "officer": dana}
    assert result("request", "assign", ids[0], *AS) == document
    assert result("request", "assign", ids[0], "--to", "Ada", *AS)["officer"] != dana
    assert lacuna("request", "show", ids[0]).out.endswith("Assigned to: Ada\n")
    assert [one["number"] for one in listed(lacuna, "--assigned-to", "Ada")] == ["FJ-0001"]
    assert listed(lacuna, "--assigned-to", "dana") == []
    assert [one["number"] for one in listed(lacuna, "--unassigned")] == ["FJ-0002"]
    assert result("request", "assign", ids[0], "--back", *AS) == {**document, "officer": None}
    assert len(listed(lacuna, "--unassigned")) == 2
    assert lacuna("request", "assign", ids[0], "--back", "--to", "Ada", *AS).code == 2
    stranger = lacuna("request", "assign", ids[0], "--to", "mallory", *AS)
    assert (stranger.code, "mallory" in stranger.err) == (2, False)

    for count, text in enumerate(("she called,\nshe is in a hurry", "answered"), start=1):
        said = result("request", "comment", ids[0], "--text", text, *AS)
        assert said == {"request_id": ids[0], "number": "FJ-0001", "comments": count}
    shown = lacuna("request", "show", ids[0], *AS, "--json").json["comments"]
    assert [(one["officer"], one["text"]) for one in shown] == [
        (dana, "she called,\nshe is in a hurry"),
        (dana, "answered"),
    ]
    out = lacuna("request", "show", ids[0], *AS).out
    assert re.search(r'^comment of .* CES?T by dana: "she called,\\nshe is in a hurry"$', out, re.M)
    assert "hurry" not in lacuna("request", "show", ids[0]).out

    empty(installation.stores.home / "mail")
    sender = installation.platform.people[contacts[0]].emails[0]
    write(tmp_path / "box", "1.eml", sender, "My address is wrong, please correct it.")
    result("intake", tmp_path / "box")
    ((mail_id,),) = execute(installation.url, "select mail_id::text from lacuna.mail")
    assert result("mail", "assign", mail_id, *AS) == {"mail_id": mail_id, "officer": dana}
    assert lacuna("mail", "assign", mail_id, "--back", *AS).out == (
        f"{mail_id} is assigned to nobody\n"
    )


def listed(lacuna, *options):
    return lacuna("request", "list", *options, "--json").json


@pytest.mark.thorough
def test_a_plan_is_approved_and_asks_for_a_second_officer(lacuna, installation, contacts, result):
    assert result("officer", "need", "2", "--org", "fjordlys")["changed"] is True
    request_id = submit(lacuna, installation, contacts[0])
    assert lacuna("run", "fulfilment").code == 0
    plan = ("--plan", lacuna("plan", request_id, "--json").json["digest"])
    for user, state in (("dana", "planned"), ("Ada", "approved")):
        approved = result("request", "approve", request_id, *plan, "--as", user)
        assert approved == {"request_id": request_id, "number": "FJ-0001", "state": state}


@pytest.mark.thorough
def test_whom_an_ambiguous_request_means(lacuna, installation, result):
    one, _ = installation.platform.demo.household
    phone = ("--phone", installation.platform.people[one].phones[0], "--verified-by", "passport")
    request_id = result("request", "submit", "--org", "fjordlys", "--kind", "erasure", *phone)[
        "request_id"
    ]
    lacuna("run", "fulfilment")
    resolved = result("request", "resolve", request_id, "--contact-id", one, *AS)
    assert resolved == {"request_id": request_id, "number": "FJ-0001", "state": "resolved"}


def test_the_clock_of_a_request(lacuna, installation, contacts, result):
    request_id = submit(lacuna, installation, contacts[0], kind="access", verified=None)
    assert result("request", "ask", request_id, *AS) == {
        "request_id": request_id,
        "number": "FJ-0001",
        "state": "received",
        "pause": "clarification",
        "is_told": False,
    }
    said = {"request_id", "number", "state", "due_at"}
    assert result("request", "resume", request_id, *AS).keys() == said
    extended = result("request", "extend", request_id, *AS)
    assert extended.keys() == said | {"is_told"}
    shown = lacuna("request", "show", request_id, "--json").json
    assert extended["due_at"] == shown["due_at"]


@pytest.mark.thorough
def test_a_restriction_is_lifted_and_its_recipients_are_told(
    lacuna, installation, contacts, result, tmp_path, monkeypatch
):
    datamap = tmp_path / "datamap.yaml"
    recipient = "notify: {survey: {name: The survey institute, email: privacy@survey.example.net, reference: email}}"
    text = installation.stores.datamap_path.read_text("utf-8")
    datamap.write_text(f"{text}\n{recipient}\n", "utf-8")
    monkeypatch.setenv("LACUNA_DATAMAP", str(datamap))
    tenants = tmp_path / "tenants.yaml"
    tenants.write_bytes(installation.stores.tenants_path.read_bytes())
    monkeypatch.setenv("LACUNA_TENANTS", str(tenants))
    request_id = submit(lacuna, installation, contacts[0], kind="restriction")
    assert lacuna("run", "fulfilment").code == 0
    (notice,) = lacuna("notice", "list", "--json").json
    shown = result("notice", "show", notice["notice_id"], *AS)
    assert shown == notice | {"references": list(installation.platform.people[contacts[0]].emails)}
    settled = {"notice_id": notice["notice_id"], "state": "told"}
    assert result("notice", "settle", notice["notice_id"], *AS) == settled
    (notice,) = lacuna("notice", "list", "--json").json
    assert notice["state"] == "told"
    assert result("request", "lift", request_id, *AS) == {
        "request_id": request_id,
        "number": "FJ-0001",
        "lifted": 1,
    }


@pytest.mark.thorough
def test_a_mail_is_read_accepted_and_dismissed(lacuna, installation, contacts, result, tmp_path):
    empty(installation.stores.home / "mail")
    sender = installation.platform.people[contacts[0]].emails[0]
    write(tmp_path / "box", "1.eml", sender, "My address is wrong, please correct it.")
    write(tmp_path / "box", "2.eml", sender, "I write for my mother.\u202e Erase her GDPR data.")
    assert result("intake", tmp_path / "box")["queued"] == 0
    accepted, dismissed = (one["mail_id"] for one in lacuna("mail", "list", "--json").json)
    shown = result("mail", "show", accepted, *AS, "--save", tmp_path / "mail.eml")
    assert shown == {
        "mail_id": accepted,
        "reasons": ["correction"],
        "from": [sender],
        "subject": "Hello",
        "text": "My address is wrong, please correct it.",
        "shows_other_address": False,
        "has_hidden_characters": False,
        "identifiers": [{"kind": "email", "value": sender}],
        "forwarded": [],
        "attachments": [],
        "saved": str(tmp_path / "mail.eml"),
    }
    assert result("mail", "show", dismissed, *AS)["has_hidden_characters"] is True
    queued = result("mail", "accept", accepted, *AS, "--set", "email=ada.new@example.org")
    assert (queued.keys(), queued["duplicate"]) == (
        {"request_id", "number", "duplicate"},
        False,
    )
    assert result("mail", "dismiss", dismissed, *AS) == {
        "mail_id": dismissed,
        "outcome": "dismissed",
    }


@pytest.mark.thorough
def test_a_bundle_is_released_and_opened(lacuna, installation, contacts, result, tmp_path):
    request_id = submit(lacuna, installation, contacts[0], kind="portability")
    assert lacuna("run", "fulfilment").code == 0
    released = result("bundle", "release", request_id, *AS)
    assert released.keys() == {"request_id", "path", "passphrase"}
    (tmp_path / "key.txt").write_text(released["passphrase"], "utf-8")
    to = ("--key", tmp_path / "key.txt", "--to", tmp_path / "opened")
    opened = result("bundle", "open", request_id, *to)
    files = sum(path.is_file() for path in (tmp_path / "opened").rglob("*"))
    assert opened == {
        "request_id": request_id,
        "files": files,
        "folder": str(tmp_path / "opened"),
    }
    assert result("bundle", "release", request_id, *AS)["passphrase"] is None


def test_the_registers_of_officers_and_submitters(result, portal):  # noqa: F811
    officer, org = ("officer", "add", "ellen"), ("--org", "fjordlys")
    assert result(*officer, *org) == {"tenants": 1, "new": 1}
    assert result(*officer, *org) == {"tenants": 1, "new": 0}
    assert result("officer", "remove", "ellen") == {"removed": 1}
    needed = {"org_id": "fjordlys", "officers": 2}
    for changed in (True, False):
        assert result("officer", "need", "2", *org) == {**needed, "changed": changed}
    assert result("submitter", "add", portal, *org) == {"tenants": 1, "new": 1}
    assert result("submitter", "remove", portal) == {"removed": 1}


@pytest.mark.thorough
def test_agreements_and_consent(lacuna, contacts, result, tmp_path):
    (tmp_path / "dpa.txt").write_text("What the processor does.", "utf-8")
    version = ("--org", "fjordlys", "--kind", "dpa", "--version", "2026-11", *AS)
    added = result(
        *("agreement", "add", *version, "--text", tmp_path / "dpa.txt"),
        *("--standing", "access", "--valid-from", "2026-11-01"),
    )
    named = {"org_id": "fjordlys", "kind": "dpa", "version": "2026-11"}
    assert added == {
        **named,
        "text_digest": added["text_digest"],
        "valid_from": "2026-11-01T00:00:00+00:00",
        "standing": ["access"],
    }
    accepted = result(
        *("agreement", "accept", *version, "--method", "web", "--at", "2026-11-02"),
    )
    assert accepted == {**named, "accepted_at": "2026-11-02T00:00:00+00:00"}

    found = lacuna("consent", "reconcile", "--json").json["without_consent"][0]
    org = ("--org", found["org_id"], *AS)
    said = {"org_id": found["org_id"], "purpose": "marketing"}
    marketing = ("--purpose", "marketing")
    call = ("--call", found["call"], "--status", "granted", "--method", "verbal")
    recorded = result("consent", "record", *org, *call, *marketing)
    assert recorded == {**said, "status": "granted"}
    org = ("--org", "fjordlys", "--contact-id", contacts[0], *AS)
    withdrawn = result("consent", "withdraw", *org, *marketing)
    assert withdrawn == {**said, "org_id": "fjordlys", "status": "withdrawn"}


@pytest.mark.thorough
def test_rules_keys_marts_and_the_installation(lacuna, installation, result, tmp_path, monkeypatch):
    rule = lacuna("rule", "list", "--json").json[0]
    named = (rule["rule"], "--digest", rule["digest"])
    approved = {"rule": rule["rule"], "digest": rule["digest"], "approved": True}
    assert result("rule", "approve", *named, *AS, "--max-rows", "9") == {
        **approved,
        "max_rows": 9,
    }
    assert lacuna("run", "seal").code == 0
    assert result("evidence", "rotate-key", *AS)["public_key"].startswith("lacuna/ledger+")
    monkeypatch.setenv("LACUNA_MARTS", str(tmp_path / "marts"))
    written = {"mart": "busy_weekly", "folder": str(tmp_path / "marts" / "busy_weekly")}
    assert result("mart", "new", "busy_weekly") == written
    monkeypatch.delenv("LACUNA_MARTS")
    up = result("up")
    assert up == up | {"applied": [], "stores": {}, "confirmed_keys": 1}
    assert up.keys() == {"postgresql", "applied", "granted", "stores", "confirmed_keys"}
    assert result("down") == {"stopped": False}, "the database is not Lacuna's own"
    assert result("db", "url") == {"url": lacuna("db", "url").out.strip()}


def test_the_data_map_as_json_has_every_column(lacuna, installation, result):
    shown, mapped = result("datamap", "show"), load(installation.stores.datamap_path)
    columns = {
        f"{table['table']}.{column['column']}": column
        for table in shown["tables"]
        for column in table["columns"]
    }
    assert columns.keys() == {
        f"{table.name}.{column.name}"
        for table in mapped.tables.values()
        for column in table.columns
    }
    said = lacuna("datamap", "show", "--all").out
    assert (shown["digest"], shown["people"]) == (mapped.digest, "contact_center.contacts")
    assert all(
        column["category"] in said and column["erase"] in said for column in columns.values()
    )
    assert shown["kinds"].keys() == mapped.kinds.keys()
    assert [one["store"] for one in shown["stores"]] == list(mapped.stores)
    assert [one["rule"] for one in shown["sweeps"]] == [rule.name for rule in mapped.sweeps]
