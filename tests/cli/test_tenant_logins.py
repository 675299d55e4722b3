"""Which tenants a login hands in for or reads reports of: by command, and what PostgreSQL lets it do."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy.engine import make_url

from lacuna.model.run import Role
from lacuna.stores.postgres.marts import PostgresMarts
from tests.flows.observation import connect, execute
from tests.stores.test_marts import VOLUME, release_of

OWN, OTHER = "fjordlys", "hafenkontor"
QUEUE = (
    "insert into lacuna.request_inbox (org_id, kinds, emails, verified_by) "
    "values (%s, '{erasure}', '{somebody@example.org}', 'portal')"
)
UPLOAD = (
    "insert into lacuna.upload (upload_id, org_id, content, good, bad, uploaded_at) "
    "values (gen_random_uuid(), %s, '', 0, 0, now())"
)


@pytest.fixture
def make_login(installation) -> Iterator:
    """Make logins of other systems. Roles are the whole server's, so they go again."""
    made: list[str] = []

    def make(*roles: str) -> str:
        name = f"portal_{uuid.uuid4().hex[:8]}"
        execute(installation.url, f"create role {name} login noinherit password '{name}'")
        made.append(name)
        for role in roles:
            execute(installation.url, f"grant {role} to {name}")
        return name

    yield make
    for name in made:
        execute(installation.url, f"drop role {name}")


@pytest.fixture
def portal(make_login) -> str:
    return make_login("lacuna_submitter")


@pytest.fixture
def reader(make_login) -> str:
    return make_login("lacuna_analyst")


def does(
    installation,
    login: str,
    statement: str,
    org_id: str,
    *values: object,
    role: str = "lacuna_submitter",
) -> list:
    """Do something with a login, as a system does that names a tenant as it likes."""
    url = make_url(installation.url).set(drivername="postgresql", username=login, password=login)
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        connection.execute(f"set role {role}")
        connection.execute("select set_config('lacuna.org_id', %s, true)", (org_id,))
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def test_a_login_hands_in_for_its_tenants_alone(lacuna, installation, portal):
    assert lacuna("submitter", "add", portal, "--org", OWN).code == 0
    does(installation, portal, QUEUE, OWN, OWN)
    execute(installation.url, QUEUE, OTHER)
    read = "select org_id from lacuna.request_inbox"
    assert does(installation, portal, read, OWN) == [(OWN,)]
    assert does(installation, portal, read, OTHER) == []
    for statement in (QUEUE, UPLOAD):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            does(installation, portal, statement, OTHER, OTHER)
    with connect(installation.url) as connection:
        connection.execute(UPLOAD, (OTHER,))
    for statement in (
        "select org_id from lacuna.upload",
        "delete from lacuna.upload returning org_id",
    ):
        assert does(installation, portal, statement, OTHER) == []


def test_a_login_that_nobody_named_hands_in_for_nobody(lacuna, installation, portal):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        does(installation, portal, QUEUE, OWN, OWN)
    assert lacuna("submitter", "add", portal, "--org", OWN).code == 0
    does(installation, portal, QUEUE, OWN, OWN)
    assert lacuna("submitter", "remove", portal).code == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        does(installation, portal, QUEUE, OWN, OWN)
    assert does(installation, portal, "select org_id from lacuna.request_inbox", OWN) == []


def test_a_login_names_no_tenant_for_itself_and_sees_its_own_alone(
    lacuna, installation, portal, make_login
):
    assert lacuna("submitter", "add", portal, "--org", OWN).code == 0
    assert lacuna("submitter", "add", make_login("lacuna_submitter"), "--org", OTHER).code == 0
    assert does(installation, portal, "select org_id from lacuna.submitter", OTHER) == [(OWN,)]
    for statement in (
        "insert into lacuna.submitter values (session_user, 'hafenkontor', now())",
        "update lacuna.submitter set org_id = 'hafenkontor'",
        "delete from lacuna.submitter",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            does(installation, portal, statement, OWN)


def test_a_login_that_decides_hands_in_for_whom_it_decides(installation, make_login):
    """The officer's page: it asks the register of officers before it names a tenant."""
    page = make_login("lacuna_dpo", "lacuna_submitter")
    for org_id in (OWN, OTHER):
        does(installation, page, QUEUE, org_id, org_id)


def test_only_the_officers_page_submits_in_an_officers_name(
    lacuna, installation, portal, make_login
):
    assert lacuna("submitter", "add", portal, "--org", OWN).code == 0
    named = (
        "insert into lacuna.request_inbox (org_id, kinds, emails, submitted_by) "
        "values (%s, '{access}', '{ada@example.org}', 'dpo:ab12cd34')"
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        does(installation, portal, named, OWN, OWN)
    page = make_login("lacuna_dpo", "lacuna_submitter")
    does(installation, page, named, OWN, OWN)


def test_an_officer_only_withdraws_what_waits_and_wipes_it(installation, make_login):
    page = make_login("lacuna_dpo", "lacuna_submitter")
    does(installation, page, QUEUE, OWN, OWN)
    change = "update lacuna.request_inbox set {} where org_id = %s returning status"
    for wrong in ("status = 'queued'", "status = 'withdrawn'", "emails = '{}'"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            does(installation, page, change.format(wrong), OWN, OWN, role="lacuna_dpo")
    withdraws = change.format(
        "status = 'withdrawn', emails = '{}', phones = '{}', external_ids = '{}', "
        "contact_id = null, rectifications = '{}', verified_by = null"
    )
    done = does(installation, page, withdraws, OWN, OWN, role="lacuna_dpo")
    assert set(done) == {("withdrawn",)}
    assert does(installation, page, withdraws, OWN, OWN, role="lacuna_dpo") == []


def test_submitters_are_added_listed_and_removed(lacuna, portal):
    added = lacuna("submitter", "add", portal, "--org", OWN, "--org", OTHER)
    assert (added.code, "Tenants: 2, new: 2" in added.out) == (0, True)
    assert "new: 0" in lacuna("submitter", "add", portal, "--org", OWN).out
    assert lacuna("submitter", "remove", portal, "--org", OWN).code == 0
    (mine,) = lacuna("submitter", "list", "--json").json
    assert (mine["login"], mine["org_id"], mine["is_bound"]) == (portal, OTHER, True)
    assert OTHER in lacuna("submitter", "list").out
    assert lacuna("submitter", "remove", portal, "--org", OWN).code == 1


def test_the_list_names_logins_that_hand_in_for_nobody_and_lines_without_a_login(
    lacuna, installation, portal
):
    execute(
        installation.url,
        "insert into lacuna.submitter values ('gone', %s, now()) returning login",
        OWN,
    )
    found = {one["login"]: one for one in lacuna("submitter", "list", "--json").json}
    assert (found[portal]["org_id"], found[portal]["is_bound"]) == (None, True)
    assert (found["gone"]["org_id"], found["gone"]["is_bound"]) == (OWN, False)
    assert lacuna("submitter", "remove", "gone").code == 0


@pytest.mark.parametrize("roles", [None, (), ("lacuna_dpo", "lacuna_submitter")])
def test_only_a_login_that_hands_in_and_does_not_decide_is_added(lacuna, make_login, roles):
    login = "nobody-at-all" if roles is None else make_login(*roles)
    said = lacuna("submitter", "add", login, "--org", OWN)
    assert said.code == 1
    assert "lacuna_submitter" in said.err


def test_a_tenant_that_is_none_is_refused(lacuna, portal):
    for org_id in ("nowhere", "*"):
        assert lacuna("submitter", "add", portal, "--org", org_id).code == 2


# --- analysts -------------------------------------------------------------------------------------

REPORTS = (
    "select distinct org_id from reporting.volume_daily",
    "select distinct org_id from reporting.release",
    "select distinct current_setting('lacuna.org_id') from reporting.volume_daily_rates",
    "select distinct current_setting('lacuna.org_id') from reporting.volume_daily_by_channel",
)


@pytest.fixture
def published(installation):
    """A sealed day of each of two tenants."""
    for org_id in (OWN, OTHER):
        with installation.stores.database.transaction(Role.EXECUTOR) as connection:
            PostgresMarts(connection).seal(VOLUME, release_of(org_id=org_id))
    return installation


def reads(installation, login: str, statement: str, org_id: str) -> list:
    return does(installation, login, statement, org_id, role="lacuna_analyst")


@pytest.mark.parametrize("statement", REPORTS)
def test_an_analyst_reads_reports_of_its_tenants_alone(lacuna, published, reader, statement):
    assert reads(published, reader, statement, OWN) == []
    assert lacuna("analyst", "add", reader, "--org", OWN).code == 0
    assert reads(published, reader, statement, OWN) == [(OWN,)]
    # A setting is no right: any login can set another tenant.
    assert reads(published, reader, statement, OTHER) == []
    assert lacuna("analyst", "remove", reader).code == 0
    assert reads(published, reader, statement, OWN) == []


def test_the_register_of_analysts_is_written_and_read_by_the_owner_alone(lacuna, published, reader):
    assert lacuna("analyst", "add", reader, "--org", OWN).code == 0
    for statement in (
        "insert into lacuna.analyst values (session_user, 'hafenkontor', now())",
        "select * from lacuna.analyst",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reads(published, reader, statement, OWN)
    (mine,) = lacuna("analyst", "list", "--json").json
    assert (mine["login"], mine["org_id"], mine["is_bound"]) == (reader, OWN, True)


def test_a_tool_that_can_set_nothing_reads_the_tenant_of_its_login(lacuna, published, reader):
    assert lacuna("analyst", "add", reader, "--org", OWN).code == 0
    execute(published.url, f"alter role {reader} set lacuna.org_id = '{OWN}'")
    execute(published.url, f"alter role {reader} set role = 'lacuna_analyst'")
    url = make_url(published.url).set(drivername="postgresql", username=reader, password=reader)
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        assert connection.execute(REPORTS[0]).fetchall() == [(OWN,)]


def test_who_sees_every_tenant_is_no_analyst_of_one(lacuna, published, make_login):
    login = make_login("lacuna_verifier", "lacuna_analyst")
    assert lacuna("analyst", "add", login, "--org", OWN).code == 1
    for org_id in (OWN, OTHER):
        assert reads(published, login, REPORTS[0], org_id) == [(org_id,)]


def test_a_view_of_an_analyst_shows_nobody_another_tenant(lacuna, published, reader, make_login):
    """It reads as the analyst's role, for whoever looks at it."""
    assert lacuna("analyst", "add", reader, "--org", OWN).code == 0
    anybody = make_login()
    execute(
        published.url,
        f"create schema sand; grant usage, create on schema sand to lacuna_analyst; "
        f"grant usage on schema sand to {anybody}",
    )
    for number, relation in enumerate(("volume_daily", "release", "volume_daily_rates")):
        view = f"sand.seen_{number}"
        shown = f"create view {view} as table reporting.{relation}"
        reads(published, reader, shown, OWN)
        reads(published, reader, f"grant select on {view} to {anybody}", OWN)
        for org_id in (OWN, OTHER):
            seen = does(published, anybody, f"table {view}", org_id, role="none")
            assert seen == [], (view, org_id)
    execute(published.url, "drop schema sand cascade")
