"""The register of officers by command."""

from __future__ import annotations

import pytest

from tests.flows.observation import execute

ENTRIES = (
    "select action, actor, rows from lacuna_evidence.entry where location = 'lacuna.officer' "
    "order by position"
)


def test_an_officer_is_registered_listed_and_removed_and_the_ledger_says_so(lacuna, installation):
    added = lacuna("officer", "add", "ellen", "--org", "fjordlys", "--org", "hafenkontor")
    assert (added.code, "Tenants: 2, new: 2" in added.out) == (0, True)
    again = lacuna("officer", "add", "ellen", "--org", "fjordlys")
    assert "new: 0" in again.out
    assert lacuna("officer", "remove", "ellen", "--org", "fjordlys").code == 0
    listed = lacuna("officer", "list", "--json").json["officers"]
    (mine,) = (one for one in listed if one["name"] == "ellen")
    assert (mine["org_id"], mine["removed_at"]) == ("hafenkontor", None)
    every = lacuna("officer", "list", "--all", "--json").json["officers"]
    mine = [one for one in every if one["name"] == "ellen"]
    assert len(mine) == 2
    assert len({one["actor"] for one in mine}) == 1, "one person has one key id"
    assert execute(installation.url, ENTRIES) == [
        ("officer_added", "system:owner", None),
        ("officer_added", "system:owner", None),
        ("officer_removed", "system:owner", None),
    ]


@pytest.mark.parametrize("name", ["Ellen", "EL LEN", "el\u00adlen", "\uff45llen", "éllen"])
def test_one_person_is_no_two_officers_by_another_spelling(lacuna, name):
    assert lacuna("officer", "add", "ellen", "--org", "*").code == 0
    said = lacuna("officer", "add", name, "--org", "*")
    assert said.code in (1, 2)
    listed = lacuna("officer", "list", "--json").json["officers"]
    assert name not in {one["name"] for one in listed}


def test_an_officer_who_comes_back_has_the_key_id_that_they_had(lacuna):
    for command in ("add", "remove", "add"):
        more = ("--org", "*") if command == "add" else ()
        assert lacuna("officer", command, "ellen", *more).code == 0
    every = lacuna("officer", "list", "--all", "--json").json["officers"]
    assert len({one["actor"] for one in every if one["name"] == "ellen"}) == 1


def test_who_approved_before_there_was_a_register_keeps_the_key_id(lacuna, installation):
    approvers = installation.stores.home / "keys" / "approvers"
    approvers.parent.mkdir(exist_ok=True)
    approvers.write_text("ab12ab12 ellen\n", "utf-8")
    assert lacuna("officer", "add", "ellen", "--org", "*").code == 0
    (mine,) = (one for one in lacuna("officer", "list", "--json").json["officers"]
               if one["name"] == "ellen")  # fmt: skip
    assert mine["actor"] == "dpo:ab12ab12"


@pytest.mark.parametrize("name", ["", " ", " ellen", "ellen "])
def test_a_name_that_is_none_is_not_registered(lacuna, name):
    assert lacuna("officer", "add", name, "--org", "*").code == 2


def test_a_tenant_that_is_none_is_refused_with_those_that_there_are(lacuna):
    done = lacuna("officer", "add", "ellen", "--org", "nosuch")
    assert done.code == 2
    assert "fjordlys" in done.err
    assert lacuna("officer", "need", "2", "--org", "nosuch").code == 2


def test_nobody_is_removed_who_is_not_there(lacuna):
    assert lacuna("officer", "remove", "ellen").code == 1
    assert lacuna("officer", "add", "ellen", "--org", "fjordlys").code == 0
    assert lacuna("officer", "remove", "ellen", "--org", "hafenkontor").code == 1


def test_two_officers_are_asked_for_and_the_ledger_says_so(lacuna, installation):
    for number in ("2", "2", "1"):
        assert lacuna("officer", "need", number, "--org", "fjordlys").code == 0
    assert lacuna("officer", "need", "3", "--org", "fjordlys").code == 2
    assert execute(installation.url, ENTRIES) == [
        ("officers_needed", "system:owner", 2),
        ("officers_needed", "system:owner", 1),
    ]


def test_another_login_is_told_whose_it_takes(lacuna, installation, monkeypatch):
    execute(installation.url, "create role no_owner_login login password 'invented'")
    execute(installation.url, "grant lacuna_dpo, lacuna_planner to no_owner_login")
    try:
        from sqlalchemy.engine import make_url

        theirs = make_url(installation.url).set(username="no_owner_login", password="invented")
        address = theirs.render_as_string(hide_password=False)
        monkeypatch.setenv("LACUNA_DATABASE_URL", address)
        done = lacuna("officer", "add", "ellen", "--org", "*")
        assert (done.code, "owner's address" in done.err) == (2, True), done.err
    finally:
        execute(installation.url, "drop role no_owner_login")
