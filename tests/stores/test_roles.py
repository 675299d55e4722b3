"""The roles: who may do what, asked of the catalog for every table, and tried on real rows."""

import itertools
import re

import pytest
import sqlalchemy as sa

from lacuna.errors import StatementRefused
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from tests.shop import NOW

ROLES = [role for role in Role if role is not Role.OWNER]
OWN_SCHEMAS = ("lacuna", "lacuna_evidence", "reporting")
WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
# Whose rows a table without org_id holds is said by its request.
THROUGH_REQUEST = {
    "plan",
    "approval",
    "verification",
    "request_secret",
    "working_row",
    "portion",
    "baseline",
    "unrecorded",
    "plan_view",
}


def privileges(shop, role, schemas, *wanted):
    """Return (table, privilege) for every privilege of a role, on a table or any column of it."""
    return {
        (f"{schema}.{table}", privilege)
        for schema, table, privilege in shop.query(
            "select n.nspname, c.relname, p.privilege from pg_class c "
            "join pg_namespace n on n.oid = c.relnamespace, unnest(%s::text[]) p(privilege) "
            "where n.nspname = any(%s) and c.relkind in ('r', 'p', 'v', 'm') "
            "and has_schema_privilege(%s, n.oid, 'usage') and case "
            "  when p.privilege in ('DELETE', 'TRUNCATE') "
            "  then has_table_privilege(%s, c.oid, p.privilege) "
            "  else has_any_column_privilege(%s, c.oid, p.privilege) end",
            list(wanted),
            list(schemas),
            str(role),
            str(role),
            str(role),
        )
    }


def refused(shop, role, statement, **details):
    with (
        pytest.raises(StatementRefused) as caught,
        shop.database.transaction(role, **details) as connection,
    ):
        connection.execute(sa.text(statement))
    return str(caught.value)


def run(shop, role, statement, org_id=None, **parameters):
    with shop.database.transaction(role, org_id=org_id) as connection:
        return connection.execute(sa.text(statement), parameters)


def seen(shop, role, statement, org_id=None):
    with shop.database.transaction(role, org_id=org_id) as connection:
        return connection.execute(sa.text(statement)).scalars().all()


# --- the catalog ----------------------------------------------------------------------------------


def test_every_table_with_a_tenant_has_row_security_forced(still_shop):
    rows = still_shop.query(
        "select c.relname, c.relrowsecurity and c.relforcerowsecurity, exists ("
        "  select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id') "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = any(%s) and c.relkind in ('r', 'p')",
        list(OWN_SCHEMAS),
    )
    with_tenant = {name for name, _, has_org in rows if has_org}
    assert {"request", "request_inbox", "bundle", "restriction", "release"} <= with_tenant
    assert {name for name, is_forced, _ in rows if is_forced} == with_tenant | THROUGH_REQUEST


@pytest.mark.parametrize("role", [Role.SUBMITTER, Role.DPO, Role.ANALYST])
def test_a_tenants_role_reads_no_table_of_requests_without_row_security(still_shop, role):
    secured = {
        f"{schema}.{table}"
        for schema, table in still_shop.query(
            "select n.nspname, c.relname from pg_class c join pg_namespace n "
            "on n.oid = c.relnamespace where c.relrowsecurity"
        )
    }
    # Moves, words, rules and their approvals, runs and the version of the schema are the same for every
    # tenant.
    same_for_all = {
        f"lacuna.{one}"
        for one in (
            *("transition", "mail_reason", "rule_approval", "listed_rule", "rule_due", "batch"),
            "migration",
        )
    }
    readable = {table for table, _ in privileges(still_shop, role, ["lacuna"], "SELECT")}
    assert readable <= secured | same_for_all


def test_nothing_is_granted_to_everybody(still_shop):
    granted = still_shop.query(
        "select n.nspname, c.relname, a.privilege_type from pg_class c "
        "join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a "
        "where n.nspname = any(%s) and a.grantee = 0",
        [*OWN_SCHEMAS, "Odd Shop"],
    )
    assert granted == []


def test_nobody_can_log_in_as_a_role_or_inherits_or_passes_row_security(still_shop):
    rows = still_shop.query(
        "select rolname, rolcanlogin or rolinherit or rolsuper or rolbypassrls or rolcreaterole "
        "from pg_roles where rolname like 'lacuna\\_%%'"
    )
    assert {name for name, _ in rows} == {str(role) for role in ROLES} | {"lacuna_rule"}
    assert not any(is_strong for _, is_strong in rows)


def test_only_the_executor_changes_the_platform_and_nobody_adds_to_it(still_shop):
    platform = ["Odd Shop"]
    for role in ROLES:
        found = privileges(still_shop, role, platform, *WRITES)
        if role is Role.EXECUTOR:
            assert {privilege for _, privilege in found} == {"UPDATE", "DELETE"}
            assert len(found) == 2 * 8
        else:
            assert found == set(), role


def test_only_the_batch_roles_read_the_platform(still_shop):
    for role in ROLES:
        is_reader = role in (Role.PLANNER, Role.EXECUTOR, Role.VERIFIER)
        assert bool(privileges(still_shop, role, ["Odd Shop"], "SELECT")) is is_reader, role


def test_the_verifier_reads_everything_and_writes_what_it_saw(still_shop):
    schemas = [*OWN_SCHEMAS, "Odd Shop"]
    assert privileges(still_shop, Role.VERIFIER, schemas, *WRITES) == {
        ("lacuna.proof", "INSERT"),
        ("lacuna.proof", "UPDATE"),
        ("lacuna.request", "UPDATE"),
        ("lacuna.verification", "INSERT"),
        ("lacuna_evidence.entry", "INSERT"),
    }
    columns = still_shop.query(
        "select column_name from information_schema.column_privileges "
        "where grantee = 'lacuna_verifier' and privilege_type = 'UPDATE' "
        "and table_name <> 'proof' order by 1"
    )
    assert columns == [("closed_at",), ("obstacle",), ("state",)]
    tables = still_shop.query(
        "select n.nspname || '.' || c.relname from pg_class c "
        "join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = any(%s) and c.relkind in ('r', 'p', 'v', 'm')",
        schemas,
    )
    readable = {table for table, _ in privileges(still_shop, Role.VERIFIER, schemas, "SELECT")}
    assert {table for (table,) in tables} == readable


def test_the_auditor_writes_nothing(still_shop):
    assert privileges(still_shop, Role.AUDITOR, [*OWN_SCHEMAS, "Odd Shop"], *WRITES) == set()


def test_the_ledger_only_grows(still_shop):
    for role in ROLES:
        found = privileges(still_shop, role, ["lacuna_evidence"], "UPDATE", "DELETE", "TRUNCATE")
        assert found == set(), role


def test_the_analyst_reads_reporting_and_nothing_else(still_shop):
    everything = [*OWN_SCHEMAS, "Odd Shop"]
    assert privileges(still_shop, Role.ANALYST, everything, *WRITES) == set()
    readable = {table for table, _ in privileges(still_shop, Role.ANALYST, everything, "SELECT")}
    assert readable
    assert {table.split(".")[0] for table in readable} == {"reporting"}


def test_the_executor_cannot_make_itself_work(still_shop):
    for table in ("lacuna.plan", "lacuna.approval", "lacuna.request", "lacuna.rule_approval"):
        found = privileges(still_shop, Role.EXECUTOR, ["lacuna"], "INSERT")
        assert (table, "INSERT") not in found
    changed = privileges(still_shop, Role.EXECUTOR, ["lacuna"], "UPDATE")
    assert not {("lacuna.plan", "UPDATE"), ("lacuna.approval", "UPDATE")} & changed


def test_the_executor_moves_a_request_and_changes_nothing_else_of_it(still_shop):
    """Nor that open conversations keep nobody from being erased (`is_forced`)."""
    columns = still_shop.query(
        "select column_name from information_schema.column_privileges "
        "where table_schema = 'lacuna' and table_name = 'request' "
        "and grantee = 'lacuna_executor' and privilege_type = 'UPDATE' order by 1"
    )
    moved = {"closed_at", "ground", "obstacle", "rows_transaction", "state"}
    assert {name for (name,) in columns} == moved


def test_the_submitter_writes_the_inbox_alone_and_no_answer_into_it(still_shop):
    schemas = [*OWN_SCHEMAS, "Odd Shop"]
    assert privileges(still_shop, Role.SUBMITTER, schemas, *WRITES) == {
        ("lacuna.request_inbox", "INSERT"),
        # Encrypted, until it is confirmed.
        ("lacuna.upload", "INSERT"),
        ("lacuna.upload", "DELETE"),
    }
    for column in ("status", "request_id", "reason", "inserted_at"):
        text = refused(
            still_shop,
            Role.SUBMITTER,
            f"insert into lacuna.request_inbox (org_id, kinds, {column}) "  # noqa: S608
            "values ('nord', '{erasure}', null)",
            org_id="nord",
        )
        assert "SQLSTATE 42501" in text


# --- real rows ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        (Role.PLANNER, 'update "Odd Shop"."Kunden" set org_id = org_id'),
        (Role.PLANNER, 'delete from "Odd Shop"."Kunden"'),
        (Role.EXECUTOR, "insert into \"Odd Shop\".cache values ('k', 'nord')"),
        (Role.EXECUTOR, 'truncate "Odd Shop".cache'),
        (Role.EXECUTOR, "update lacuna.plan set readable = ''"),
        (Role.VERIFIER, 'update "Odd Shop"."Kunden" set org_id = org_id'),
        (Role.VERIFIER, "delete from lacuna.working_row"),
        (Role.ANALYST, "select * from lacuna.request"),
        (Role.ANALYST, 'select * from "Odd Shop"."Kunden"'),
        (Role.DPO, 'select * from "Odd Shop"."Kunden"'),
        (Role.DPO, "select * from lacuna.working_row"),
        (Role.AUDITOR, "select * from lacuna.request_secret"),
        (Role.SUBMITTER, "select * from lacuna.request"),
        (Role.SUBMITTER, "select emails from lacuna.request_inbox"),
    ],
)
def test_a_role_is_refused_what_is_not_its_work(still_shop, role, statement):
    text = refused(still_shop, role, statement, org_id="nord")
    table = re.search(r'\."?(\w+)"?', statement)[1]
    where = rf"(?:table {table}|schema (?:lacuna|Odd Shop)), role {role};"
    assert re.search(rf"InsufficientPrivilege, SQLSTATE 42501, {where}", text)


def test_a_role_lasts_for_its_transaction_only(still_shop):
    with still_shop.database.engine.connect() as connection:
        with connection.begin():
            connection.exec_driver_sql("select set_config('role', 'lacuna_verifier', true)")
        assert connection.exec_driver_sql("select current_user").scalar_one() != "lacuna_verifier"
    assert seen(still_shop, Role.VERIFIER, "select current_user") == ["lacuna_verifier"]


INBOX = (
    "insert into lacuna.request_inbox (org_id, kinds, emails) values ('{}', '{{erasure}}', '{{x}}')"
)


def test_a_submitter_queues_for_its_own_tenant_and_reads_its_own_answers(shop):
    for org_id in ("nord", "sued"):
        run(shop, Role.SUBMITTER, INBOX.format(org_id), org_id=org_id)
    for org_id in ("nord", "sued"):
        statement = "select org_id from lacuna.request_inbox"
        assert seen(shop, Role.SUBMITTER, statement, org_id) == [org_id]
    assert "SQLSTATE 42501" in refused(shop, Role.SUBMITTER, INBOX.format("sued"), org_id="nord")


@pytest.mark.parametrize(
    ("role", "table"),
    [
        (Role.SUBMITTER, "request_inbox"),
        *itertools.product([Role.DPO], ["request", "plan", "approval", "verification", "bundle"]),
    ],
)
def test_an_unset_tenant_refuses_the_query(shop, role, table):
    fill(shop)
    column = "org_id" if table in ("request_inbox", "request", "bundle") else "request_id"
    statement = f"select {column} from lacuna.{table}"  # noqa: S608
    assert "UndefinedObject, SQLSTATE 42704" in refused(shop, role, statement)


def fill(shop):
    """Put a row of each tenant into every tenant table."""
    for org_id in ("nord", "sued"):
        run(shop, Role.SUBMITTER, INBOX.format(org_id), org_id=org_id)
        request = shop.add_request(org_id=org_id, state=RequestState.PLANNED)
        shop.query(
            "insert into lacuna.plan values (%s, %s, %s, '[]', 'read me', %s, %s)",
            *(request.request_id, "a" * 64, "b" * 64, NOW, "c" * 64),
        )
        shop.query(
            "insert into lacuna.approval values (%s, %s, 'dpo:1', %s)",
            *(request.request_id, "a" * 64, NOW),
        )
        shop.query(
            "insert into lacuna.verification values (%s, 1, %s, true, '{}')",
            *(request.request_id, NOW),
        )
        shop.query(
            "insert into lacuna.bundle values (%s, %s, %s, 1, %s, %s)",
            *(request.request_id, org_id, "a" * 64, NOW, NOW),
        )
        shop.query(
            "insert into lacuna.restriction values (%s, 'x', 'objection', %s, %s)",
            *(org_id, request.request_id, NOW),
        )


@pytest.mark.parametrize("table", ["request", "plan", "approval", "verification", "bundle"])
def test_the_dpo_of_a_tenant_sees_that_tenant_alone(shop, table):
    fill(shop)
    statement = f"select request_id::text from lacuna.{table}"  # noqa: S608
    one, other = (set(seen(shop, Role.DPO, statement, org)) for org in ("nord", "sued"))
    assert len(one) == len(other) == 1
    assert not one & other
    assert set(seen(shop, Role.AUDITOR, statement)) == one | other


def test_the_dpo_of_a_tenant_approves_nothing_of_another(shop):
    theirs = shop.add_request(org_id="sued")
    values = f"('{theirs.request_id}', '{'a' * 64}', 'dpo:1', now())"
    statement = f"insert into lacuna.approval values {values}"  # noqa: S608
    assert "SQLSTATE 42501" in refused(shop, Role.DPO, statement, org_id="nord")
    run(shop, Role.DPO, statement, org_id="sued")


def test_the_dpo_of_a_tenant_moves_nothing_of_another(shop):
    ours, theirs = (shop.add_request(org_id=each) for each in ("nord", "sued"))
    statement = "update lacuna.request set state = 'refused'"
    assert run(shop, Role.DPO, statement, org_id="nord").rowcount == 1
    states = dict(shop.query("select request_id::text, state from lacuna.request"))
    assert states == {ours.request_id: "refused", theirs.request_id: "received"}


def test_batch_roles_see_every_tenant(shop):
    fill(shop)
    for role in (Role.PLANNER, Role.EXECUTOR, Role.VERIFIER):
        found = set(seen(shop, role, "select org_id from lacuna.request"))
        assert found == {"nord", "sued"}
