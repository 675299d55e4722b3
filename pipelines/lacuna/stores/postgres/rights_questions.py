"""What the catalog is asked about roles, logins and grants when an installation is attacked."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class CatalogQuestion:
    """A question to the catalog; whatever it finds is too much.

    Attributes:
        attempt: what somebody could do with it, in words.
        found: finds names. It may use what `KNOWN` defines, and the values of `PostgresAttacker`.
        looked_at: counts what was looked at; nothing means that nothing was.
        things: what was looked at.
    """

    attempt: str
    found: str
    looked_at: str
    things: str


KNOWN: Final = """
with owner as (
    select nspowner as oid from pg_namespace where nspname = 'lacuna'
), login as (
    select l.* from pg_roles l where l.rolcanlogin and l.oid <> (select oid from owner)
), lacunas_login as (
    select l.* from login l where not l.rolsuper and exists (
        select from pg_roles r where r.rolname = any(:roles) and pg_has_role(l.oid, r.oid, 'member'))
), delivered as (
    select classid, objid from pg_depend where deptype = 'e'
    union all
    select 'pg_class'::regclass, oid from pg_class
    where relnamespace in (select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema'))
    union all
    select 'pg_proc'::regclass, oid from pg_proc
    where pronamespace in (select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema'))
), relation as (
    select c.oid, c.relowner, c.relacl, n.nspname, n.nspname || '.' || c.relname as name,
        ('pg_class'::regclass, c.oid) in (select classid, objid from delivered) as is_delivered
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
), granted as (
    select nspname, name, relowner as owner, a.grantee, is_delivered
    from relation, aclexplode(relation.relacl) a
    union
    select nspname, name, relowner, a.grantee, is_delivered
    from relation join pg_attribute t on t.attrelid = relation.oid, aclexplode(t.attacl) a
    union
    select n.nspname, n.nspname || '.' || p.proname || '()', p.proowner, a.grantee, false
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace, aclexplode(p.proacl) a
    -- Most functions are everybody's, and do with whose rights they are called; of the others is asked below.
    where a.grantee <> 0
)
"""
"""Logins but the owner's, and what was granted to whom in whatever schema: before each question."""

QUESTIONS: Final = (
    CatalogQuestion(
        "log in as a role of Lacuna's, or pass row-level security with one",
        "select rolname from pg_roles where rolname = any(:roles) and (rolcanlogin or rolsuper "
        "or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication) order by 1",
        "select count(*) from pg_roles where rolname = any(:roles)",
        "roles",
    ),
    CatalogQuestion(
        "take on another role from one of Lacuna's, or hand one on",
        "select m.rolname || ' in ' || r.rolname from pg_auth_members a "
        "join pg_roles m on m.oid = a.member join pg_roles r on r.oid = a.roleid "
        "where m.rolname = any(:roles) or r.rolname = any(:roles) and not m.rolsuper "
        "and m.oid not in (select oid from owner) and (a.admin_option or r.rolname = :rule) order by 1",
        "select count(*) from pg_roles where rolname = any(:roles)",
        "roles",
    ),
    CatalogQuestion(
        "plan, apply, decide and seal with one login",
        # Whoever seals takes on the planner's role too, and reads by it.
        "select l.rolname from lacunas_login l join pg_roles r on pg_has_role(l.oid, r.oid, 'member') "
        "where r.rolname in ('lacuna_planner', 'lacuna_executor', 'lacuna_dpo', 'lacuna_sealer', "
        "'lacuna_delivery') "
        "group by 1 having count(distinct replace(r.rolname, 'sealer', 'planner')) > 1 order by 1",
        "select count(*) from lacunas_login",
        "logins but the owner's and superusers' that take on a role of Lacuna's",
    ),
    CatalogQuestion(
        "stand above the roles with another login than the owner's",
        # 10 is whoever made the server.
        "select l.rolname from login l where l.oid <> 10 and exists (select from pg_roles g "
        "where pg_has_role(l.oid, g.oid, 'member') and (g.rolsuper or g.rolbypassrls or g.rolcreaterole "
        "or g.rolreplication or g.oid in (select oid from owner) or g.rolname in ('pg_read_all_data', "
        "'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files', "
        "'pg_execute_server_program'))) order by 1",
        "select count(*) from pg_roles where rolcanlogin",
        "logins",
    ),
    CatalogQuestion(
        "reach the platform past Lacuna's roles",
        "select coalesce(r.rolname, 'everybody') || ' in ' || count(*) || ' places' from granted g "
        "left join pg_roles r on r.oid = g.grantee where g.nspname = any(:schemas) "
        "and g.grantee <> g.owner and not coalesce(r.rolsuper, false) "
        "and coalesce(r.rolname, '') <> all(cast(:roles as text[]) || cast(:known as text[])) "
        "group by r.rolname order by 1",
        "select count(*) from relation where nspname = any(:schemas)",
        "tables, views and sequences; --platform-role names whom the platform itself lets in",
    ),
    CatalogQuestion(
        "reach what lies outside the mapped schemas with a role of Lacuna's",
        "select g.name || ' by ' || coalesce(r.rolname, 'everybody') from granted g "
        "left join pg_roles r on r.oid = g.grantee "
        "where (r.rolname = any(:roles) or g.grantee = 0 and not g.is_delivered) "
        "and g.nspname <> all(cast(:schemas as text[]) || cast(:own as text[])) order by 1",
        "select count(*) from pg_namespace where nspname <> all(cast(:schemas as text[]))",
        "schemas",
    ),
    CatalogQuestion(
        "create something in the platform's schemas, or a schema",
        "select r.rolname || ' in ' || n.nspname from pg_roles r, pg_namespace n "
        "where r.rolname = any(:roles) and n.nspname = any(:schemas) "
        "and has_schema_privilege(r.oid, n.oid, 'create') "
        "union all select rolname from pg_roles where rolname = any(:roles) "
        "and has_database_privilege(oid, current_database(), 'create') order by 1",
        "select count(*) from pg_namespace where nspname = any(:schemas)",
        "schemas",
    ),
    CatalogQuestion(
        "do something with another's rights by a function outside Lacuna's schemas",
        "select n.nspname || '.' || p.proname || '() by ' || string_agg(r.rolname, ', ' order by r.rolname) "
        "from pg_proc p join pg_namespace n on n.oid = p.pronamespace, pg_roles r "
        "where p.prosecdef and n.nspname <> all(:own) "
        "and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype) "
        "and ('pg_proc'::regclass, p.oid) not in (select classid, objid from delivered) "
        "and r.rolname = any(:roles) and has_schema_privilege(r.oid, n.oid, 'usage') "
        "and has_function_privilege(r.oid, p.oid, 'execute') "
        "group by n.nspname, p.proname, p.oid order by 1",
        "select count(*) from pg_proc",
        "functions",
    ),
    CatalogQuestion(
        "switch checks off by a setting",
        "select a.parname || ' by ' || coalesce(r.rolname, 'everybody') "
        "from (select parname, (aclexplode(paracl)).grantee from pg_parameter_acl) a "
        "left join pg_roles r on r.oid = a.grantee "
        "where not coalesce(r.rolsuper, false) and (a.grantee = 0 or r.oid in (select oid from owner) "
        "or exists (select from pg_roles l where (l.rolname = any(:roles) "
        "or l.oid in (select oid from lacunas_login)) and pg_has_role(l.oid, r.oid, 'member'))) "
        "union select 'session_replication_role for ' || coalesce(r.rolname, 'everybody') "
        "from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole, unnest(s.setconfig) one "
        "where one like 'session\\_replication\\_role=%' order by 1",
        "select count(*) from pg_settings",
        "settings",
    ),
    CatalogQuestion(
        "have something done whenever a table is changed or made",
        "select evtname from pg_event_trigger "
        "where ('pg_event_trigger'::regclass, oid) not in (select classid, objid from delivered) "
        "order by 1",
        "select count(*) from relation where nspname = any(:own)",
        "tables, views and sequences of Lacuna's",
    ),
    CatalogQuestion(
        "have Lacuna's rows sent to another server",
        "select pubname || ' sends ' || count(*) || ' tables' from pg_publication_tables "
        "where schemaname = any(:own) group by pubname order by 1",
        "select count(*) from relation where nspname = any(:own)",
        "tables, views and sequences of Lacuna's",
    ),
)

COMPARED: Final = {
    "schema": "own a schema of Lacuna's",
    "table": "own a table of Lacuna's, or take row-level security off it",
    "view": "show rows by another view, or by a rule",
    "grant": "do in Lacuna's schemas what was not granted",
    "policy": "see or write rows by another policy",
    "trigger": "switch a trigger off, or change it",
    "function": "put another function in the place of one",
    "constraint": "write a row that a constraint or a unique index refuses",
    "column": "leave out what a column requires, or have something else filled in",
}
"""What each kind of difference from the rights that `lacuna up` gives would let somebody do."""
