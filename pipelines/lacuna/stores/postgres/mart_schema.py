"""The tables and views of the marts, made from what each `metadata.yaml` declares."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from psycopg import sql

from lacuna.errors import ConfigurationError
from lacuna.marts import COMMON_COLUMNS
from lacuna.model.mart import Mart, Mean, Share

_SCHEMA: Final = "reporting"
# Of every mart. Sealed cells are written once, with their release, and leave with a restatement alone.
_GUARDS: Final = (
    ("check", "before insert", "row", sql.Identifier(_SCHEMA, "check_cell")),
    (
        *("written_once", "before update or truncate", "statement"),
        sql.Identifier("lacuna", "refuse_change"),
    ),
    ("removal", "before delete", "row", sql.Identifier(_SCHEMA, "check_removal")),
)
_POLICIES: Final = (
    # An unset tenant raises, which refuses the query.
    ("tenant", "for select to lacuna_analyst using (org_id = current_setting('lacuna.org_id'))"),
    # Any login can set a tenant. Which ones it reads, the register of analysts says.
    (
        "login",
        "as restrictive for select to lacuna_analyst using (reporting.reads_for(org_id))",
    ),
    # Views of legacy tables read as the owner, for those who could read the table and are no analysts.
    (
        "reader",
        "as restrictive for select to current_user using (not pg_has_role(session_user, "
        "'lacuna_analyst', 'member') or reporting.reads_for(org_id))",
    ),
    # Before PostgreSQL 15 a view reads as its owner: the same tenant, and no other.
    ("views", "for select to current_user using (org_id = current_setting('lacuna.org_id', true))"),
    (
        "readers",
        "for select to lacuna_planner, lacuna_verifier, lacuna_auditor using (true)",
    ),
    ("batch", "to lacuna_executor using (true) with check (true)"),
)


def make_marts(connection: sa.Connection, marts: Sequence[Mart]) -> tuple[str, ...]:
    """Make the tables that marts lack, and all their comments and views; return the new tables.

    Args:
        connection: under the owner's role, after `sql/schema` and before `sql/rights.sql`.

    Raises:
        ConfigurationError: a table has other columns than its mart declares, or periods are sealed of
            a mart that is not declared.
    """
    _refuse_undeclared(connection, marts)
    made = []
    for mart in marts:
        found = _columns_of(connection, mart.name)
        if not found:
            _run(connection, _table(mart), *_guards(mart))
            made.append(mart.name)
        elif found != table_columns(mart):
            raise _other_columns(mart, found)
        _run(connection, *_comments(mart))
        _make_rates(connection, mart)
        if (views := mart.folder / "views.sql").is_file():
            _execute(connection, views.read_text(encoding="utf-8"))
    return tuple(made)


def table_columns(mart: Mart) -> list[tuple[str, str, bool]]:
    """Return name, type and whether it is never empty, of each column of a mart's table, in order."""
    first, *others = mart.measures
    return [
        ("org_id", "text", True),
        ("period", "text", True),
        ("first_day", "date", True),
        ("last_day", "date", True),
        *((dimension.name, "text", True) for dimension in mart.dimensions),
        (first.name, "bigint", True),
        # What would give somebody away is withheld.
        *((measure.name, "bigint", False) for measure in others),
        ("is_merged", "boolean", True),
        ("policy_version", "text", True),
    ]


def rates(mart: Mart) -> list[tuple[str, str, str]]:
    """Return name, dividend and divisor of each ratio that a mart publishes, in the order of its measures."""
    ratios: tuple[Mean | Share, ...] = (
        *mart.means,
        *(share for share in mart.shares if not share.published_in),
    )
    found = [(ratio.name, *ratio.reads) for ratio in ratios]
    return sorted(found, key=lambda ratio: mart.index(ratio[1]))


def _table(mart: Mart) -> sql.Composable:
    columns = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(name), sql.SQL(kind), sql.SQL(" not null" if is_given else "")
        )
        for name, kind, is_given in table_columns(mart)
    ]
    key = ["org_id", "first_day", *(dimension.name for dimension in mart.dimensions)]
    return sql.SQL("create table {} ({}, primary key ({}))").format(
        _named(mart.name),
        sql.SQL(", ").join(columns),
        sql.SQL(", ").join(map(sql.Identifier, key)),
    )


def _guards(mart: Mart) -> list[sql.Composable]:
    table = _named(mart.name)
    found: list[sql.Composable] = []
    for name, event, each, function in _GUARDS:
        trigger = sql.Identifier(f"{mart.name}_{name}")
        found += [
            sql.SQL("create trigger {} {} on {} for each {} execute function {}()").format(
                trigger, sql.SQL(event), table, sql.SQL(each), function
            ),
            sql.SQL("alter table {} enable always trigger {}").format(table, trigger),
        ]
    found += [
        sql.SQL("alter table {} enable row level security").format(table),
        sql.SQL("alter table {} force row level security").format(table),
    ]
    return found + [
        sql.SQL("create policy {} on {} {}").format(sql.Identifier(name), table, sql.SQL(rule))
        for name, rule in _POLICIES
    ]


def _comments(mart: Mart) -> list[sql.Composable]:
    return [
        sql.SQL("comment on table {} is {}").format(_named(mart.name), mart.purpose),
        *_column_comments(mart, mart.name, [name for name, _, _ in table_columns(mart)]),
    ]


def _column_comments(mart: Mart, name: str, columns: Sequence[str]) -> list[sql.Composable]:
    """Return the comments on columns of a mart's table or of its view of ratios."""
    meanings = {
        **{common: f"{meaning[0].upper()}{meaning[1:]}." for common, meaning in COMMON_COLUMNS},
        **{each.name: each.definition for each in mart.dimensions},
        **{each.name: each.definition for each in mart.means},
        **{each.name: each.definition for each in mart.shares},
        **{each.name: f"{each.definition} Unit: {each.unit}." for each in mart.measures},
    }
    return [
        sql.SQL("comment on column {} is {}").format(_named(name, column), meanings[column])
        for column in columns
    ]


def _make_rates(connection: sa.Connection, mart: Mart) -> None:
    """Make the view of a mart's ratios, which follow from the sums at every roll-up."""
    name = f"{mart.name}_rates"
    divided = rates(mart)
    wanted = [
        *("period", "first_day", "last_day"),
        *(dimension.name for dimension in mart.dimensions),
        *((mart.base, *(ratio for ratio, _, _ in divided), "is_merged") if divided else ()),
    ]
    found = [column for column, _, _ in _columns_of(connection, name)]
    if found and (not divided or found != wanted):
        # A view is replaced by one of the same columns only.
        _run(connection, sql.SQL("drop view {}").format(_named(name)))
    if not divided:
        return
    ratios = {
        ratio: sql.SQL("{}::double precision / nullif({}, 0) as {}").format(
            *map(sql.Identifier, (dividend, divisor, ratio))
        )
        for ratio, dividend, divisor in divided
    }
    # The tenant is named in the view: an owner that is a superuser passes every policy.
    _run(
        connection,
        sql.SQL(
            "create or replace view {} with (security_barrier) as select {} from {} "
            "where org_id = current_setting('lacuna.org_id') and reporting.reads_for(org_id)"
        ).format(
            _named(name),
            sql.SQL(", ").join(ratios.get(each, sql.Identifier(each)) for each in wanted),
            _named(mart.name),
        ),
        sql.SQL("comment on view {} is {}").format(
            _named(name), f"Ratios of reporting.{mart.name}, for the tenant of the session."
        ),
        *_column_comments(mart, name, wanted),
    )


def _columns_of(connection: sa.Connection, name: str) -> list[tuple[str, str, bool]]:
    """Return the columns of a table or view of the schema; none where it is not there."""
    found = connection.execute(
        sa.text(
            "select attribute.attname, format_type(attribute.atttypid, attribute.atttypmod), "
            "attribute.attnotnull from pg_attribute as attribute "
            "join pg_class as class on class.oid = attribute.attrelid "
            "join pg_namespace as space on space.oid = class.relnamespace "
            "where space.nspname = :schema and class.relname = :name "
            "and attribute.attnum > 0 and not attribute.attisdropped order by attribute.attnum"
        ),
        {"schema": _SCHEMA, "name": name},
    )
    return [(str(column), str(kind), bool(is_given)) for column, kind, is_given in found]


def _refuse_undeclared(connection: sa.Connection, marts: Sequence[Mart]) -> None:
    """Refuse to go on without the declaration of what is sealed: the audit has to cover it."""
    sealed = connection.execute(
        sa.text("select mart, count(*) from reporting.release group by mart order by mart")
    )
    known = {mart.name for mart in marts}
    for name, periods in sealed:
        if name not in known:
            raise ConfigurationError(
                f"reporting.{name}: {periods} periods of this mart are sealed, and no folder declares "
                "it; put its folder back where LACUNA_MARTS names it"
            )


def _other_columns(mart: Mart, found: list[tuple[str, str, bool]]) -> ConfigurationError:
    wanted = table_columns(mart)
    names = {name for name, _, _ in {*wanted} ^ {*found}}
    differing = ", ".join(sorted(names)) or "their order"
    return ConfigurationError(
        f"{mart.folder}: reporting.{mart.name} has other columns than metadata.yaml declares "
        f"({differing}); sealed periods stay as they are. Declare the columns of the table again, and "
        "give the new ones to a mart of another name"
    )


def _named(*names: str) -> sql.Identifier:
    return sql.Identifier(_SCHEMA, *names)


def _run(connection: sa.Connection, *statements: sql.Composable) -> None:
    for statement in statements:
        _execute(connection, statement.as_string(None))


def _execute(connection: sa.Connection, script: str) -> None:
    connection.exec_driver_sql(script, execution_options={"no_parameters": True})
