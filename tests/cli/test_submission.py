"""`lacuna request submit` without a tenant: the person's row says which."""

from __future__ import annotations

from tests.flows.observation import execute

SUBMIT = ("request", "submit", "--kind", "erasure")


def addresses_in_two_tenants(installation) -> dict[str, str]:
    """Return an address of one person in each of two tenants, by tenant."""
    alone = """
        select org_id, min(email) from contact_center.contacts
        where email in (
            select email from contact_center.contacts group by email having count(distinct org_id) = 1
        )
        group by org_id order by org_id limit 2
    """
    found = dict(execute(installation.url, alone))
    assert len(found) == 2
    return found


def tenants(installation) -> list[str]:
    return [row[0] for row in execute(installation.url, "select org_id from lacuna.request")]


def test_the_row_of_the_person_says_the_tenant(lacuna, installation):
    two = addresses_in_two_tenants(installation)
    for email in two.values():
        done = lacuna(*SUBMIT, "--email", email.upper())
        assert done.code == 0, done.err
    assert sorted(tenants(installation)) == sorted(two)


def test_people_of_no_tenant_or_of_two_are_not_guessed(lacuna, installation):
    one, other = addresses_in_two_tenants(installation).values()
    both = ("--email", one, "--email", other)
    for given, count in ((("--email", "nobody@nowhere.example"), 0), (both, 2)):
        done = lacuna(*SUBMIT, *given)
        assert done.code == 2
        assert f"people in {count} of " in done.err
        assert "--org" in done.err
        assert "@" not in done.out + done.err
    assert tenants(installation) == []


def test_an_agent_is_looked_for_among_agents(lacuna, installation):
    ((email, org_id),) = execute(
        installation.url,
        "select email, org_id from contact_center.agents where email is not null "
        "order by agent_id limit 1",
    )
    as_contact = lacuna(*SUBMIT, "--email", email)
    assert (as_contact.code, tenants(installation)) == (2, [])
    done = lacuna(*SUBMIT, "--email", email, "--person-kind", "agent")
    assert done.code == 0, done.err
    assert tenants(installation) == [org_id]


def test_several_people_are_submitted_at_once_all_or_none(lacuna, installation):
    one, other = addresses_in_two_tenants(installation).values()
    both = ("--each", "--email", one, "--email", other)
    refused = lacuna(*SUBMIT, *both, "--email", "nobody@nowhere.example")
    assert (refused.code, tenants(installation)) == (2, [])
    for wrong in (("--set", "display_name=Anna"), ("--bundle-key", "age1")):
        assert lacuna(*SUBMIT, *both, *wrong).code == 2
    done = lacuna(*SUBMIT, *both)
    assert (done.code, len(done.out.split())) == (0, 2)
    again = lacuna(*SUBMIT, *both, "--json").json
    assert [each["duplicate"] for each in again] == [True, True]
    assert [each["number"] for each in again] == done.out.split()
    assert sorted(tenants(installation)) == sorted(addresses_in_two_tenants(installation))
