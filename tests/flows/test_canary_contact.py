"""A made-up contact is erased each day, in an organization set aside for it; nobody else is touched."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lacuna.errors import ConfigurationError
from lacuna.flows import fulfilment, reporting, seal, sweep
from lacuna.flows.run.opening import open_datamap
from lacuna.model.approval_rules import BY_CANARY
from lacuna.model.location import TableName
from lacuna.model.run import Mode, Role
from lacuna.model.schema import TableRight
from lacuna.stores.postgres.migrations import grant_platform
from tests.flows.conftest import Installation
from tests.flows.observation import changed_tables, execute, quiet_people, rows_of
from tests.standing import let_approve

ORG = "kanarie"
CONTACTS = TableName("contact_center", "contacts")
CONTACTS_OF = "select count(*), count(anonymized_at), count(email) from contact_center.contacts where org_id = %s"  # fmt: skip
# Rows that were written, those that were rolled back too.
WRITTEN = (
    "select relname, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables "
    "where schemaname = 'contact_center'"
)


@pytest.fixture
def aside(little) -> Installation:
    """An installation with an organization that holds nobody."""
    execute(
        little.url,
        "insert into contact_center.organizations (org_id, name, subdomain, country, created_at) "
        "values (%s, 'Kanarie', 'kanarie', 'DK', now())",
        ORG,
    )
    adding = TableRight(CONTACTS, Role.EXECUTOR, "insert")
    grant_platform(little.stores.database, ("contact_center",), [adding])
    let_approve(little.stores.database, BY_CANARY, ORG)
    return little


def written(installation: Installation) -> dict[str, tuple[object, ...]]:
    execute(installation.url, "select pg_stat_force_next_flush()")
    return {str(name): tuple(counts) for name, *counts in execute(installation.url, WRITTEN)}


def requests_of(installation: Installation) -> list[tuple[object, ...]]:
    return execute(
        installation.url,
        "select state, is_verified from lacuna.request where org_id = %s order by created_at",
        ORG,
    )


@pytest.mark.thorough
def test_a_night_erases_its_canary_and_no_other_row_differs(aside) -> None:
    before = rows_of(aside.url)
    counted = written(aside)
    for flow in (fulfilment, sweep, reporting, seal):
        assert aside.run(flow, canary_org=ORG) is None
    after = rows_of(aside.url)
    assert changed_tables(before, after) == {"contacts"}
    assert not before["contacts"] - after["contacts"]
    (of_canary,) = (after["contacts"] - before["contacts"]).elements()
    assert ORG in of_canary
    assert "canary" not in of_canary.lower().replace(ORG, "")
    # Not even rolled back: what the gate is proved on never stands in a table of the platform.
    changed = {name for name, counts in written(aside).items() if counts != counted[name]}
    assert changed == {"contacts"}

    assert execute(aside.url, CONTACTS_OF, ORG) == [(1, 1, 0)]
    assert [state for state, _ in requests_of(aside)] == ["completed"]
    statements = aside.stores.home / "evidence" / "statements"
    assert len(list(statements.glob("[0-9a-f]*.json"))) == 1
    releases = execute(aside.url, "select count(*) from reporting.release where org_id = %s", ORG)
    assert releases == [(0,)]

    # Once a day.
    assert aside.run(canary_org=ORG) is None
    assert execute(aside.url, CONTACTS_OF, ORG) == [(1, 1, 0)]


@pytest.mark.thorough
def test_no_recipient_is_told_of_the_canary(aside, tmp_path) -> None:
    path = tmp_path / "datamap.yaml"
    told = """
notify:
  survey: {name: The survey institute, email: privacy@survey.example.net, reference: email}
"""
    path.write_text(aside.stores.datamap_path.read_text("utf-8") + told, "utf-8")
    aside.stores = replace(aside.stores, datamap_path=path)
    (contact,) = quiet_people(aside.platform)[:1]
    aside.erase(contact)
    assert aside.run(canary_org=ORG) is None
    assert [state for state, _ in requests_of(aside)] == ["completed"]
    # The control: of a person they are told.
    assert execute(aside.url, "select org_id from lacuna.notice") == [
        (aside.platform.people[contact].org_id,)
    ]


@pytest.mark.thorough
def test_a_canary_that_a_crash_left_is_taken_up(aside) -> None:
    with aside.stores.transaction(Role.EXECUTOR) as transaction:
        transaction.canaries(open_datamap(aside.stores)).make(ORG, aside.stores.clock.now())
    assert execute(aside.url, CONTACTS_OF, ORG) == [(1, 0, 1)]
    assert aside.run(canary_org=ORG) is None
    assert execute(aside.url, CONTACTS_OF, ORG) == [(1, 1, 0)]


def test_an_organization_that_holds_somebody_is_refused(aside) -> None:
    before = rows_of(aside.url)
    error = aside.run(canary_org="fjordlys")
    assert isinstance(error, ConfigurationError)
    assert "LACUNA_CANARY_ORG" in str(error)
    assert rows_of(aside.url) == before
    assert execute(aside.url, "select count(*) from lacuna.request") == [(0,)]


def test_where_nothing_may_change_no_canary_is_made(aside) -> None:
    assert aside.run(canary_org=ORG, mode=Mode.OBSERVE) is None
    assert execute(aside.url, CONTACTS_OF, ORG) == [(0, 0, 0)]
