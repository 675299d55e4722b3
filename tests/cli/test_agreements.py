"""The commands about agreements and the controller's word."""

import pytest

from tests.flows.observation import execute, quiet_people


@pytest.mark.thorough
def test_a_new_version_has_to_be_accepted_anew(lacuna, installation, tmp_path):
    assert lacuna("agreement", "list").code == 0
    text = tmp_path / "dpa.txt"
    text.write_text("What the processor does, and what it does not.", "utf-8")
    add = ["agreement", "add", "--org", "fjordlys", "--kind", "dpa", "--version", "2026-11"]
    add += ["--text", text, "--as", "Ada"]
    said = lacuna(*add, "--standing", "access", "--standing", "portability")
    assert said.code == 0
    assert lacuna(*add).code == 1
    assert lacuna(*add[:-3], tmp_path / "none", "--as", "Ada").code == 2
    listed = lacuna("agreement", "list", "--json")
    assert (listed.code, listed.json["stopped"]) == (1, ["fjordlys"])
    (newest,) = [one for one in listed.json["versions"] if one["version"] == "2026-11"]
    assert newest["text_digest"] in said.out
    assert newest["standing"] == ["access", "portability"]
    assert (
        "Sweeps and reporting do not process this tenant's data" in lacuna("agreement", "list").out
    )
    accept = ["agreement", "accept", "--org", "fjordlys", "--kind", "dpa", "--version", "2026-11"]
    accept += ["--method", "signature", "--as", "Grace"]
    assert lacuna(*accept, "--at", "2999-01-01").code == 2
    assert lacuna(*accept).code == 0
    listed = lacuna("agreement", "list")
    assert listed.code == 0
    assert lacuna(*accept, "--contact-id", "nobody").code == 1
    # Who accepted it is said by the key id that the register of officers has.
    ((actor,),) = execute(
        installation.url, "select distinct actor from lacuna.officer where name = 'Grace'"
    )
    key_id = actor.partition(":")[2]
    assert f"fjordlys, dpa 2026-11: accepted by controller:{key_id}, signature, " in listed.out
    (newest,) = [
        one
        for one in lacuna("agreement", "list", "--json").json["versions"]
        if one["version"] == "2026-11"
    ]
    (accepted,) = newest["accepted"]
    assert (accepted["by"], accepted["contact_id"]) == (f"controller:{key_id}", None)
    assert accepted["method"] == "signature"
    names = (
        "select count(*) from lacuna.acceptance where recorded_by || accepted_by like '%%Grace%%'"
    )
    assert execute(installation.url, names) == [(0,)]


def test_the_canarys_organization_needs_no_agreement(lacuna, installation, monkeypatch):
    execute(
        installation.url,
        "insert into contact_center.organizations (org_id, name, subdomain, country, created_at) "
        "values ('kanarie', 'Kanarie', 'kanarie', 'DK', now())",
    )
    execute(
        installation.url,
        "insert into contact_center.contacts (contact_id, org_id, created_at, anonymized_at) "
        "values (gen_random_uuid(), 'kanarie', now(), now())",
    )
    listed = lacuna("agreement", "list", "--json")
    assert (listed.code, listed.json["stopped"]) == (1, ["kanarie"])
    monkeypatch.setenv("LACUNA_CANARY_ORG", "kanarie")
    listed = lacuna("agreement", "list", "--json")
    assert (listed.code, listed.json["stopped"]) == (0, [])


@pytest.mark.thorough
def test_it_is_said_which_contacts_accepted_terms_and_of_erased_ones_that_somebody_did(
    lacuna, installation, tmp_path
):
    text = tmp_path / "terms.txt"
    text.write_text("Terms.", "utf-8")
    contact = quiet_people(installation.platform)[0]
    org_id = installation.platform.people[contact].org_id
    named = ["--org", org_id, "--kind", "terms", "--version", "2026-11", "--as", "Ada"]
    assert lacuna("agreement", "add", *named, "--text", text).code == 0
    assert (
        lacuna("agreement", "accept", *named, "--method", "web", "--contact-id", contact).code == 0
    )

    def accepted():
        return [
            each["contact_id"]
            for one in lacuna("agreement", "list", "--json", "--contacts").json["versions"]
            if (one["org_id"], one["kind"], one["version"]) == (org_id, "terms", "2026-11")
            for each in one["accepted"]
        ]

    assert accepted() == [contact]
    assert contact in lacuna("agreement", "list", "--contacts").out
    for shown in (lacuna("agreement", "list"), lacuna("agreement", "list", "--json")):
        assert contact not in shown.out
    installation.erase(contact)
    assert accepted() == [None]


@pytest.mark.thorough
def test_a_controllers_word_lets_a_request_go_on_and_a_restriction_is_lifted(
    lacuna, installation, tmp_path
):
    text = tmp_path / "dpa.txt"
    text.write_text("No standing instructions.", "utf-8")
    named = ["--org", "fjordlys", "--kind", "dpa", "--version", "2026-11", "--as", "Ada"]
    assert lacuna("agreement", "add", *named, "--text", text).code == 0
    assert lacuna("agreement", "accept", *named, "--method", "signature").code == 0
    contact = next(
        one
        for one in quiet_people(installation.platform)
        if installation.platform.people[one].org_id == "fjordlys"
    )
    submit = ["request", "submit", "--org", "fjordlys", "--kind", "restriction"]
    submit += ["--contact-id", contact, "--verified-by", "passport"]
    request_id = lacuna(*submit).out.strip()
    assert lacuna("run", "fulfilment").code == 0
    shown = lacuna("request", "show", request_id, "--json").json
    assert (shown["state"], shown["obstacle"]) == ("resolved", "controller")
    instruct = ["request", "instruct", request_id, "--as", "Grace", "--by"]
    assert lacuna(*instruct, " ").code == 2
    assert lacuna(*instruct, "their letter of today").code == 0
    assert "already recorded before" in lacuna(*instruct, "their letter of today").out
    assert lacuna("run", "fulfilment").code == 0
    assert lacuna("request", "show", request_id, "--json").json["state"] == "completed"
    restrictions = "select count(*) from lacuna.restriction"
    assert execute(installation.url, restrictions) == [(1,)]
    assert lacuna("request", "lift", request_id, "--as", "Ada").code == 0
    assert execute(installation.url, restrictions) == [(0,)]
    assert lacuna("request", "lift", request_id, "--as", "Ada").code == 1
