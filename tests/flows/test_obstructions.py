"""What the data map and the catalog agree on, and what would stop a night all the same: the check says it."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from lacuna.datamap import DriftKind
from lacuna.errors import ConfigurationError, DataMapDrift, StatementRefused
from lacuna.flows.fulfilment.dry_run import rehearse
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.opening import find_drift, open_datamap
from lacuna.model.run import Role
from tests.drifts import drifts_of
from tests.flows.observation import quiet_people

CONTACTS = "contact_center.contacts"
_OF_CONTACTS = f"alter table {CONTACTS} add constraint odd check"

FORBIDDEN = {
    "a value that must be there": (
        f"{_OF_CONTACTS} (email is not null or phone_e164 is not null) not valid",
        f"{CONTACTS} (odd)",
        "email, phone_e164",
    ),
    "a time that must be exact": (
        f"{_OF_CONTACTS} (anonymized_at <> date_trunc('year', anonymized_at, 'UTC')) not valid",
        f"{CONTACTS} (odd)",
        "anonymized_at",
    ),
    "a pattern with what a driver could take for a parameter": (
        f"{_OF_CONTACTS} (coalesce(display_name, ':name %s') !~ ':name %') not valid",
        f"{CONTACTS} (odd)",
        "display_name",
    ),
    "a domain": (
        "create domain contact_center.called as text check (value is not null);"
        "update contact_center.contacts set first_name = '' where first_name is null;"
        "alter table contact_center.contacts alter first_name type contact_center.called",
        f"{CONTACTS} (contact_center.called)",
        "first_name",
    ),
}

ALLOWED = {
    "one that NULL passes": f"{_OF_CONTACTS} (email like '%@%') not valid",
    "one over columns that stay": f"{_OF_CONTACTS} (country <> 'XX') not valid",
    "a domain that NULL passes": (
        "create domain contact_center.called as text check (char_length(value) < 200);"
        f"alter table {CONTACTS} alter first_name type contact_center.called"
    ),
}


def change(installation, statements: str) -> None:
    with installation.stores.database.transaction(Role.OWNER) as connection:
        connection.exec_driver_sql(statements, execution_options={"no_parameters": True})


@pytest.fixture
def reshaped(installation, request):
    change(installation, request.param)
    return installation


@pytest.mark.thorough
@pytest.mark.parametrize(("statements", "place", "columns"), FORBIDDEN.values(), ids=FORBIDDEN)
def test_a_constraint_that_forbids_what_an_erasure_leaves_is_found_before_one(
    installation, statements, place, columns
):
    person = quiet_people(installation.platform)[0]
    request_id = installation.submit_contact(person)
    batch = replace(
        Batch.open(installation.stores, installation.options(), flow="fulfilment"), is_dry=True
    )
    assert drifts_of(installation.stores) == ()
    change(installation, statements)
    (found,) = drifts_of(installation.stores)
    assert (found.location, found.kind) == (place, DriftKind.UNFIT)
    assert f"forbids what an erasure leaves in {columns}: it refuses" in found.problem
    # It is what an erasure fails of.
    with pytest.raises(StatementRefused):
        rehearse(batch, request_id)


@pytest.mark.parametrize("reshaped", ALLOWED.values(), ids=ALLOWED, indirect=True)
def test_a_constraint_that_an_erasure_keeps_is_no_difference(reshaped):
    assert drifts_of(reshaped.stores) == ()


def test_a_constraint_of_an_empty_table_is_tried_too(installation):
    change(
        installation,
        "truncate contact_center.voicemails cascade;"
        "alter table contact_center.voicemails add constraint odd check (transcript is not null)",
    )
    (found,) = drifts_of(installation.stores)
    assert found.location == "contact_center.voicemails (odd)"
    assert "it refuses 1 of 1 rows" in found.problem


@pytest.mark.parametrize(
    ("statement", "role", "privileges"),
    [
        (
            "revoke update on contact_center.contacts from lacuna_executor",
            "lacuna_executor",
            "update",
        ),
        (
            "revoke select on contact_center.contacts from lacuna_verifier",
            "lacuna_verifier",
            "select",
        ),
        (
            f"revoke all on {CONTACTS} from lacuna_executor",
            "lacuna_executor",
            "select, update",
        ),
    ],
)
def test_a_right_that_a_role_lacks_is_found_before_a_flow_needs_it(
    installation, statement, role, privileges
):
    change(installation, statement)
    (found,) = drifts_of(installation.stores)
    assert (found.location, found.kind) == (CONTACTS, DriftKind.RIGHT)
    assert found.problem.startswith(f"{role} may not {privileges} here")
    assert f"grant {privileges} on {CONTACTS} to {role}" in found.problem


def test_a_schema_that_a_role_may_not_use_is_found(installation):
    change(installation, "revoke usage on schema contact_center from lacuna_planner")
    drifts = drifts_of(installation.stores)
    assert {one.kind for one in drifts} == {DriftKind.RIGHT}
    assert all(one.problem.startswith("lacuna_planner may not select here") for one in drifts)


def test_a_server_that_takes_no_changes_is_refused(installation):
    with installation.stores.database.transaction(Role.OWNER) as connection:
        name = sa.engine.make_url(installation.url).database
        connection.exec_driver_sql(
            f'alter database "{name}" set default_transaction_read_only = on'
        )
    with pytest.raises(ConfigurationError, match="this server takes no changes: it is a standby"):
        find_drift(installation.stores)


def test_a_map_is_compared_again_once_it_or_the_schema_changed(installation, tmp_path):
    stores = installation.stores
    assert open_datamap(stores) == open_datamap(stores)
    change(installation, f"alter table {CONTACTS} add column strange text")
    with pytest.raises(DataMapDrift, match="strange"):
        open_datamap(stores)
    change(installation, f"alter table {CONTACTS} drop column strange")
    assert open_datamap(stores)

    path = tmp_path / "datamap.yaml"
    text = stores.datamap_path.read_text("utf-8")
    path.write_text(text.replace("      country:", "      land:", 1), "utf-8")
    with pytest.raises(DataMapDrift, match="country"):
        open_datamap(replace(stores, datamap_path=path))
