"""`lacuna datamap prove` on the sample: what it prints, and by which exit code."""

from __future__ import annotations

import psycopg
import pytest


def change(installation, statement: str) -> None:
    with psycopg.connect(installation.url.replace("+psycopg", "")) as connection:
        connection.execute(statement)


def values_of(installation) -> set[str]:
    return {
        text.lower()
        for person in installation.platform.people.values()
        for text in (*person.emails, *person.phones, *person.external_ids)
    }


RIGHT = "update on contact_center.messages"


@pytest.mark.thorough
def test_up_says_whether_it_granted_rights(lacuna, installation):
    change(installation, f"revoke {RIGHT} from lacuna_executor")
    assert "Applied: rights at 1 tables and schemas" in lacuna("up").out
    change(installation, f"revoke {RIGHT} from lacuna_executor")
    assert lacuna("up", "--json").json["granted"] == ["contact_center.messages"]
    assert "Applied: nothing new" in lacuna("up").out


def test_up_changes_nothing_where_the_map_cannot_be_read(
    lacuna, installation, database, tmp_path, monkeypatch
):
    url, broken = database(), tmp_path / "broken.yaml"
    broken.write_text("tables: [", "utf-8")
    monkeypatch.setenv("LACUNA_DATABASE_URL", url)
    monkeypatch.setenv("LACUNA_DATAMAP", str(broken))
    monkeypatch.setenv("LACUNA_TENANTS", str(tmp_path / "tenants.yaml"))
    assert lacuna("up").code == 2
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        made = "select count(*) from pg_namespace where nspname like 'lacuna%'"
        assert connection.execute(made).fetchall() == [(0,)]


def test_the_help_names_the_columns_of_what_a_program_reads(lacuna):
    said = " ".join(lacuna("datamap", "prove", "--help").out.split())
    assert "found in, mapped as, erased?, rows, people, values, kind of people" in said


@pytest.mark.thorough
def test_the_map_of_the_sample_is_proved_and_its_findings_refuse(lacuna, installation):
    few = ("datamap", "prove", "--people", "12")
    proved = lacuna(*few, "--json")
    assert proved.code == 0, proved.out
    document = proved.json
    # Two contacts that were merged are one person.
    assert document["passed"]
    assert 6 <= document["people"]["contact"] <= document["people"]["agent"] == 12
    fates = {one["place"]: one["fate"] for one in document["places"] if one["kind"] == "contact"}
    assert fates["contact_center.contacts.email"] == "erased"
    assert fates["contact_center.messages.body_text"] == "covered"

    taken = "Places where an erasure takes or covers the values: "
    places = lacuna(*few, "--all").out
    assert "contact_center.messages.body_text\t" in places
    assert taken not in places

    change(
        installation,
        "update contact_center.conversations as one set integration_email = person.email "
        "from contact_center.contacts as person where contact_id = requester_id",
    )
    found = lacuna(*few)
    assert found.code == 1
    rows = [one.split("\t") for one in found.out.splitlines() if ".integration_email\t" in one]
    # As the help says: found in, mapped as, erased?, rows, people, values, kind of people.
    assert {(len(row), row[6]) for row in rows} <= {(7, "contact"), (7, "agent")}
    assert all(int(row[3]) >= int(row[4]) > 0 for row in rows)
    assert {row[0] for row in rows} == {"contact_center.conversations.integration_email"}
    assert "Places to settle: " in found.out
    # What an erasure takes is not listed among what has to be settled.
    assert taken in found.out
    assert "contact_center.messages.body_text\t" not in found.out
    (settled,) = [line for line in found.out.splitlines() if line.startswith("+ ")]
    assert settled.strip("+ ").startswith("integration_email: {category: user.content.private, ")
    assert "erase: redact" in settled
    shown = (found.out + found.err + proved.out).lower()
    assert not [one for one in values_of(installation) if one in shown]
