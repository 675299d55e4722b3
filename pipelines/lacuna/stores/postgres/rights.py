"""Who may do what in Lacuna's own schemas, and what rows have to be there, compared with what `lacuna up` makes.

`sql/rights.txt` holds what `sql/schema` and `sql/rights.sql` make of an empty database; a test makes it
again. So nothing has to be created where an installation is compared.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from lacuna.model.mart import Mart
from lacuna.sql_files import SQL_FOLDER
from lacuna.stores.postgres.mart_schema import rates, table_columns

RIGHTS_FILE: Final = SQL_FOLDER / "rights.txt"
OWN_SCHEMAS: Final = ("lacuna", "lacuna_evidence", "reporting")

# The owner's name differs, and what it may do by itself is no grant. Expressions are compared without
# spaces, parentheses and the names of a view's one table before its columns: servers of different
# versions (15 and 18 were compared) set them differently.
_FACTS: Final = r"""
with own as (
    select oid, nspname::text, nspowner, nspacl from pg_namespace where nspname = any(:own)
), who as (
    select 0::oid as oid, 'everybody' as name
    union all
    select r.oid, case when r.oid = (select nspowner from own where nspname = 'lacuna')
        then 'the owner' else r.rolname::text end
    from pg_roles r
), relation as (
    select c.*, own.nspname || '.' || c.relname as name, r.rolname as owner
    from pg_class c join own on own.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
), routine as (
    select p.*, own.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name
    from pg_proc p join own on own.oid = p.pronamespace
), granted as (
    select own.nspname as name, own.nspowner as owner, a.*
    from own, aclexplode(own.nspacl) a
    union all
    select relation.name, relation.relowner, a.* from relation, aclexplode(relation.relacl) a
    union all
    select relation.name || ' (' || t.attname || ')', relation.relowner, a.*
    from relation join pg_attribute t on t.attrelid = relation.oid, aclexplode(t.attacl) a
    union all
    select routine.name, routine.proowner, a.*
    from routine, aclexplode(coalesce(routine.proacl, acldefault('f', routine.proowner))) a
    union all
    select 'default privileges in ' || coalesce(own.nspname, 'every schema'), d.defaclrole, a.*
    from pg_default_acl d left join own on own.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
    where own.oid is not null
        or a.grantee in (select oid from pg_roles where rolname like 'lacuna\_%')
)
select 'schema', own.nspname, who.name from own join who on who.oid = own.nspowner
union all
select case when relkind in ('v', 'm') then 'view' else 'table' end, relation.name,
    concat_ws(', ', relkind, who.name, case when relrowsecurity then 'rows of tenants' end,
        case when relforcerowsecurity then 'forced' end, reloptions::text,
        case when relkind in ('v', 'm') then md5(regexp_replace(pg_get_viewdef(relation.oid), '[\s()]|\m(?!lacuna|reporting)\w+[.]', '', 'g'))
        end)
from relation join who on who.oid = relation.relowner
union all
select 'view', relation.name || ' by rule ' || w.rulename, pg_get_ruledef(w.oid)
from pg_rewrite w join relation on relation.oid = w.ev_class where w.rulename <> '_RETURN'
union all
select 'grant', granted.name || ' to ' || who.name,
    string_agg(privilege_type || case when is_grantable then '*' else '' end, ', ' order by privilege_type)
from granted join who on who.oid = granted.grantee where granted.grantee <> granted.owner
group by granted.name, who.name
union all
select 'policy', relation.name || ' ' || p.polname,
    concat_ws(', ', case when p.polpermissive then 'permissive' else 'restrictive' end, p.polcmd,
        (select string_agg(who.name, ' ' order by who.name) from who where who.oid = any(p.polroles)),
        'using ' || regexp_replace(pg_get_expr(p.polqual, p.polrelid), '[\s()]', '', 'g'),
        'check ' || regexp_replace(pg_get_expr(p.polwithcheck, p.polrelid), '[\s()]', '', 'g'))
from pg_policy p join relation on relation.oid = p.polrelid
union all
select 'trigger', relation.name || ' ' || t.tgname,
    t.tgenabled::text || ', ' || regexp_replace(pg_get_triggerdef(t.oid), '.* (BEFORE|AFTER|INSTEAD OF) ', '\1 ')
from pg_trigger t join relation on relation.oid = t.tgrelid
where not t.tgisinternal or t.tgenabled not in ('O', 'A')
union all
select 'function', routine.name,
    concat_ws(', ', who.name, l.lanname, case when prosecdef then 'as its owner' end, provolatile,
        proconfig::text, md5(prosrc))
from routine join who on who.oid = routine.proowner join pg_language l on l.oid = routine.prolang
union all
-- With its parentheses: a pattern has some, too. That a column is never NULL is said below: servers from 18 on keep a constraint for it, too.
select 'constraint', relation.name || ' ' || c.conname,
    regexp_replace(pg_get_constraintdef(c.oid), '\s+', ' ', 'g')
from pg_constraint c join relation on relation.oid = c.conrelid where c.contype in ('c', 'p', 'u', 'f', 'x')
union all
select 'constraint', relation.name || ' ' || i.relname,
    concat_ws(', ', regexp_replace(pg_get_indexdef(x.indexrelid), '.* USING ', ''),
        case when not x.indisvalid then 'invalid' end)
from pg_index x join relation on relation.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
where x.indisunique and not exists (select from pg_constraint c where c.conindid = x.indexrelid)
union all
select 'column', relation.name || '.' || t.attname,
    concat_ws(', ', format_type(t.atttypid, t.atttypmod), case when t.attnotnull then 'not null' end,
        case when t.attidentity <> '' then 'identity ' || t.attidentity::text end,
        case when t.attgenerated <> '' then 'generated' end,
        'default ' || regexp_replace(pg_get_expr(d.adbin, d.adrelid), '\s+', ' ', 'g'))
from relation join pg_attribute t on t.attrelid = relation.oid
left join pg_attrdef d on d.adrelid = t.attrelid and d.adnum = t.attnum
where relation.relkind in ('r', 'p') and t.attnum > 0 and not t.attisdropped
union all
-- A child's rows are read with the parent's, and are under none of its triggers and policies.
select 'table', parent.oid::regclass || ' inherited by ' || child.oid::regclass, 'rows'
from pg_inherits i join pg_class parent on parent.oid = i.inhparent join pg_class child on child.oid = i.inhrelid
where parent.relkind in ('r', 'p', 'f')
    and (select array_agg(oid) from own) && array[parent.relnamespace, child.relnamespace]
"""

LISTS: Final = (
    "lacuna.alert_kind",
    "lacuna.letter_kind",
    "lacuna.consent_method",
    "lacuna.consent_purpose",
    "lacuna.consent_status",
    "lacuna.ground",
    "lacuna.identity_basis",
    "lacuna.inbox_status",
    "lacuna.mail_outcome",
    "lacuna.mail_reason",
    "lacuna.obstacle",
    "lacuna.recording_breach",
    "lacuna.request_state",
    "lacuna.secret_purpose",
    "lacuna_evidence.action",
)
"""Tables that hold a closed list: the word, and what it means."""

# What lies in these tables is a rule, and is written by the schema and migrations alone: words of a
# list, with what follows from them, not how they are described.
_MOVES: Final = """
union all
select 'constraint', 'lacuna.transition from ' || from_state || ' to ' || to_state, 'a row'
from lacuna.transition
"""
_WORDS: Final = "".join(
    f"union all select 'constraint', '{name} has ' || cast(to_jsonb(word) - 'description' as text), 'a row' "  # noqa: S608
    f"from {name} as word\n"
    for name in LISTS
)


class Fact(NamedTuple):
    """One thing that the catalog says of Lacuna's schemas.

    Attributes:
        kind: such as `grant`, `policy` or `column`.
        name: of the object; no row's value.
        detail: the fact.
    """

    kind: str
    name: str
    detail: str


def facts(
    connection: sa.Connection, *, words: bool = True, schemas: Sequence[str] = OWN_SCHEMAS
) -> set[Fact]:
    """Return all rights in Lacuna's schemas, as the catalog lists them.

    Args:
        schemas: others, such as the platform's.
        words: also the rows of lists, whose tables have to be there.
    """
    # Names are written in full, whatever the login's own path is.
    connection.execute(sa.text("select set_config('search_path', 'pg_catalog', true)"))
    found = connection.execute(
        sa.text(_FACTS + _MOVES + _WORDS if words else _FACTS), {"own": list(schemas)}
    )
    return {Fact(*map(str, row)) for row in found}


def written(found: set[Fact]) -> str:
    """Return the text of `sql/rights.txt` for facts: one a line, sorted."""
    return "".join(" | ".join(fact) + "\n" for fact in sorted(found))


def differences(found: set[Fact], added: Sequence[Mart] = ()) -> Iterator[tuple[str, str]]:
    """Yield the kind and, in words, each difference from what `lacuna up` makes.

    Args:
        added: marts of the installation, of which the kept file says nothing.
    """
    lines = RIGHTS_FILE.read_text(encoding="utf-8").splitlines()
    expected = {Fact(*line.split(" | ", 2)) for line in lines}
    expected |= {fact for mart in added for fact in facts_of(mart)}
    more = {fact[:2] for fact in found - expected}
    less = {fact[:2] for fact in expected - found}
    for kind, name in sorted(more | less):
        how = (
            "changed"
            if (kind, name) in more & less
            else "added"
            if (kind, name) in more
            else "missing"
        )
        yield kind, f"{name} ({how})"


def facts_of(mart: Mart) -> Iterator[Fact]:
    """Yield what the catalog says of a mart that `lacuna up` made."""
    table = f"reporting.{mart.name}"
    yield Fact("table", table, "r, the owner, rows of tenants, forced")
    for name, kind, is_given in table_columns(mart):
        yield Fact("column", f"{table}.{name}", f"{kind}, not null" if is_given else kind)
    key = ", ".join(("org_id", "first_day", *(each.name for each in mart.dimensions)))
    yield Fact("constraint", f"{table} {mart.name}_pkey", f"PRIMARY KEY ({key})")
    tenant = "org_id=current_setting'lacuna.org_id'::text"
    analyst = "pg_has_roleSESSION_USER,'lacuna_analyst'::name,'member'::text"
    reads_for = "reporting.reads_fororg_id"
    for name, rule in (
        ("batch", "permissive, *, lacuna_executor, using true, check true"),
        ("login", f"restrictive, r, lacuna_analyst, using {reads_for}"),
        ("reader", f"restrictive, r, the owner, using NOT{analyst}OR{reads_for}"),
        ("readers", "permissive, r, lacuna_auditor lacuna_planner lacuna_verifier, using true"),
        ("tenant", f"permissive, r, lacuna_analyst, using {tenant}"),
        ("views", f"permissive, r, the owner, using {tenant},true"),
    ):
        yield Fact("policy", f"{table} {name}", rule)
    for name, event, each, function in (
        ("check", "INSERT", "ROW", "reporting.check_cell"),
        ("removal", "DELETE", "ROW", "reporting.check_removal"),
        ("written_once", "UPDATE OR TRUNCATE", "STATEMENT", "lacuna.refuse_change"),
    ):
        what = f"A, BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
        yield Fact("trigger", f"{table} {mart.name}_{name}", what)
    for relation in mart.relations:
        for role in ("analyst", "auditor", "planner", "verifier"):
            yield Fact("grant", f"reporting.{relation} to lacuna_{role}", "SELECT")
        of_executor = f"reporting.{relation} to lacuna_executor"
        yield Fact("grant", of_executor, "DELETE, INSERT, SELECT, UPDATE")
    if divided := rates(mart):
        columns = ",".join(
            (
                *("period", "first_day", "last_day", *(each.name for each in mart.dimensions)),
                mart.base,
                *(
                    f"{dividend}::doubleprecision/NULLIF{divisor},0::doubleprecisionAS{name}"
                    for name, dividend, divisor in divided
                ),
                "is_merged",
            )
        )
        said = f"SELECT{columns}FROM{table}WHERE{tenant}AND{reads_for};"
        digest = hashlib.md5(said.encode(), usedforsecurity=False).hexdigest()
        yield Fact("view", f"{table}_rates", f"v, the owner, {{security_barrier=true}}, {digest}")
