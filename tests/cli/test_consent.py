"""The commands about consent: what they show, what they write, and how they end."""

import pytest

from tests.flows.observation import execute


def test_consent_reconcile_shows_every_breach_and_ends_with_a_finding(lacuna, installation):
    said = lacuna("consent", "reconcile", "--json")
    assert said.code == 1
    assert set(said.json) >= {"passed", "consented", "breaches", "other_basis", "weeks", "unnamed"}
    assert said.json["passed"] is False
    found = {one["key"][0]: one for one in said.json["without_consent"]}
    assert sum(one["count"] for one in said.json["breaches"]) == len(found) > 0
    for one in found.values():
        is_override = one["breach"] == "overridden"
        assert (one["overridden_by"] is not None) is is_override
    for week in said.json["weeks"]:
        assert week["calls"] == week["asked"] + week["not_asked"]
        assert week["asked"] == week["opted_in"] + week["opted_out"] + week["unanswered"]
        assert week["recordings"] == sum(
            week[name] for name in ("consented", "on_other_basis", "without_consent", "gone")
        )
    shown = lacuna("consent", "reconcile")
    assert shown.code == 1
    assert all(f"{key}" in shown.out for key in found)


@pytest.mark.thorough
def test_an_opt_in_by_other_means_and_a_withdrawal_are_recorded(lacuna, installation):
    found = lacuna("consent", "reconcile", "--json").json["without_consent"]
    one = found[0]
    record = ["consent", "record", "--org", one["org_id"], "--call", one["call"]]
    record += ["--status", "granted", "--method", "verbal", "--as", "Ada"]
    began = "select started_at from contact_center.call_recordings where recording_id::text = %s"
    at = ["--at", execute(installation.url, began, one["key"][0])[0][0].isoformat()]
    early = lacuna(*record, "--at", "2020-01-01")
    assert (early.code, "before the call began" in early.err) == (2, True)
    # Consent to something else is recorded, and covers no recording.
    assert lacuna(*record, *at, "--purpose", "marketing").code == 0
    left = lacuna("consent", "reconcile", "--json").json["without_consent"]
    assert one["key"] in [each["key"] for each in left]
    assert lacuna(*record, *at).code == 0
    again = lacuna(*record, *at)
    assert (again.code, "this entry already exists" in again.err) == (1, True)
    assert lacuna(*record, "--at", "2999-01-01").code == 2
    strange = lacuna(*["0" if part == one["call"] else part for part in record])
    assert (strange.code, "no such call" in strange.err) == (1, True)
    left = lacuna("consent", "reconcile", "--json").json["without_consent"]
    assert one["key"] not in [each["key"] for each in left]

    ((contact, org_id),) = execute(
        installation.url,
        "select v.requester_id::text, v.org_id from contact_center.calls c "
        "join contact_center.conversations v using (conversation_id) where c.call_id::text = %s",
        one["call"],
    )
    withdraw = ["consent", "withdraw", "--org", org_id, "--as", "Ada"]
    other = lacuna(*withdraw, "--contact-id", contact, "--purpose", "feedback")
    assert (other.code, "The platform must stop" in other.out) == (0, True)
    left = lacuna("consent", "reconcile", "--json").json["without_consent"]
    assert one["key"] not in [each["key"] for each in left]
    assert lacuna(*withdraw, "--contact-id", contact).code == 0
    left = lacuna("consent", "reconcile", "--json").json["without_consent"]
    assert {each["breach"] for each in left if each["key"] == one["key"]} == {"withdrawn"}
    assert lacuna(*withdraw, "--email", "nobody.knows@example.org").code == 1
    assert lacuna(*withdraw).code == 2
    names = "select count(*) from lacuna.consent_entry where recorded_by like '%%Ada%%'"
    assert execute(installation.url, names) == [(0,)]
