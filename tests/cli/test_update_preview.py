"""`lacuna up --dry-run` announces all that `lacuna up` changes, and changes nothing."""

import psycopg
import pytest

from tests.flows.observation import execute

# By other means than the code: privileges as PostgreSQL answers them, not as it keeps them.
ROLES = """
select 'role ' || rolname, rolcanlogin::text from pg_roles where rolname like 'lacuna%'
union all select 'role ' || r.rolname || ' to ' || m.rolname, ''
from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member
where r.rolname like 'lacuna%'
"""
RIGHTS = """
select table_schema || '.' || table_name || ' to ' || grantee, privilege_type
from information_schema.role_table_grants where grantee like 'lacuna%'
union all select object_schema || '.' || object_name || ' to ' || grantee, privilege_type
from information_schema.usage_privileges where grantee like 'lacuna%'
union all select nspname || ' to ' || rolname, 'USAGE' from pg_namespace, pg_roles
where rolname like 'lacuna%' and has_schema_privilege(rolname, nspname, 'usage') and nspname !~ '^pg_|information'
"""
RELATIONS = "select table_schema || '.' || table_name, table_type from information_schema.tables"
COLUMNS = """
select c.table_schema || '.' || c.table_name || '.' || c.column_name, c.data_type
from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
where t.table_type = 'BASE TABLE'
"""
STANDING = "select 'standing decision ' || rule, scope from lacuna.standing_decision"
MARKS = (
    "select replace(name, 'store:', ''), value from lacuna.database_fact where name like 'store:%'"
)
ENTRIES = (
    "select action || ' ' || coalesce(location, ''), position::text from lacuna_evidence.entry"
)


def state_of(url):
    """Return everything that `up` may touch in a database: what it is called, and what it is."""
    found = set()
    for query in (ROLES, RIGHTS, RELATIONS, COLUMNS, STANDING, MARKS, ENTRIES):
        try:
            found |= set(execute(url, query))
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            assert query in (STANDING, MARKS, ENTRIES)
    return found


def files_of(home):
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def unannounced(changed, said):
    """Return what changed without a line of the dry run that names it."""
    in_ledger = {
        "standing_decided": "standing decision",
        "standing_ended": "standing decision",
        "key_named": "Keys of workers",
    }
    return [name for name, _ in changed if in_ledger.get(name.split()[0], name) not in said]


@pytest.fixture
def bare(installation):
    """Take away what an owner may lack: rights at the platform, a decision, marks, a key, a table."""
    for statement in (
        "revoke all on all tables in schema contact_center from lacuna_executor, lacuna_verifier",
        "revoke usage on schema contact_center from lacuna_verifier",
        "revoke select on all tables in schema lacuna from lacuna_planner",
        "delete from lacuna.standing_decision",
        "delete from lacuna.database_fact where name like 'store:%'",
        "insert into lacuna.standing_decision (rule, scope, decided_at) values ('rule:canary', 'north', now())",
    ):
        execute(installation.url, statement)
    return installation


def test_all_that_up_changes_is_announced_by_its_dry_run_which_changes_nothing(
    bare, lacuna, monkeypatch
):
    monkeypatch.setenv("LACUNA_APPROVAL", "auto")
    monkeypatch.setenv("LACUNA_CANARY_ORG", "fjordlys")
    for key in bare.stores.home.glob("keys/work*"):
        key.unlink()
    before, files = state_of(bare.url), files_of(bare.stores.home)
    shown = lacuna("up", "--dry-run")
    assert shown.code == 0, shown.err
    assert state_of(bare.url) == before
    assert files_of(bare.stores.home) == files
    assert lacuna("up").code == 0
    changed = state_of(bare.url) ^ before
    assert unannounced(changed, shown.out) == []
    # Of each kind something changed, or this would prove little.
    assert {"standing decision rule:approval-auto", "contact_center to lacuna_verifier"} <= {
        name for name, _ in changed
    }
    assert "- standing decision rule:canary: approves for north" in shown.out
    assert "+ standing decision rule:canary: approves for fjordlys" in shown.out
    assert "+ standing decision rule:approval-auto: approves for all tenants" in shown.out
    assert ": would be marked" in shown.out
    assert "Keys of workers that would be confirmed in the ledger: 1" in shown.out

    again = lacuna("up", "--dry-run")
    assert again.out.splitlines()[-1] == "Would apply: nothing new. Changes: 0. Nothing was changed"


def test_what_up_would_decide_in_an_empty_database_is_announced(
    lacuna, database, installation, monkeypatch
):
    url = database()
    execute(url, "create schema contact_center")
    execute(url, "create table contact_center.contacts (contact_id uuid)")
    monkeypatch.setenv("LACUNA_DATABASE_URL", url)
    monkeypatch.setenv("LACUNA_APPROVAL", "auto")
    before, files = state_of(url), files_of(installation.stores.home)
    shown = lacuna("up", "--dry-run", "--json").json
    assert (state_of(url), files_of(installation.stores.home)) == (before, files)
    assert lacuna("up").code == 0
    said = "\n".join(shown["changes"]) + "Keys of workers" * (shown["confirmed_keys"] > 0)
    said += "\n".join(shown["stores"])
    assert unannounced(state_of(url) ^ before, said) == []
    assert "+ standing decision rule:approval-auto: approves for all tenants" in shown["changes"]
