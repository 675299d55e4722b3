"""Bad maps and odd databases that nobody listed before, by their id."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lacuna.datamap import DriftKind
from lacuna.errors import ConfigurationError
from tests.datamap.test_drift import HISTORY, PERSONAL, UNREMARKABLE, col, drifts


@dataclass(frozen=True)
class Odd:
    """A change of the database or of the map, where it is reported, and how."""

    sql: str
    location: str
    problem: str
    kind: DriftKind = DriftKind.UNFIT
    change: str = ""


# Roles belong to the server, which other tests have used; what is done here is rolled back.
ROLES = "".join(
    f"do $$ begin create role {name}; exception when duplicate_object then null; end $$; "
    for name in ("lacuna_planner", "lacuna_executor", "lacuna_verifier")
)
OIDS = "alter table crm.customers add voice oid"
PARTED = UNREMARKABLE["a partition of a mapped table"].replace("crm.comments_2", "away.comments_2")
ODD = {
    "data_map-51: row-level security": Odd(
        ROLES + "alter table crm.tickets enable row level security",
        "crm.tickets",
        "row-level security hides rows of this table",
    ),
    "data_map-51: for whoever reads": Odd(
        "create role somebody; grant usage on schema crm to somebody; "
        "alter table crm.tickets enable row level security; set local role somebody",
        "crm.tickets",
        "row-level security hides rows of this table",
    ),
    "data_map-52: a table that inherits": Odd(
        "create table crm.vips (ring text) inherits (crm.customers)",
        "crm.vips",
        "it inherits from crm.customers, so its rows would be counted and changed twice",
    ),
    "data_map-52: in a schema that nobody mapped": Odd(
        "create schema away; create table away.vips (ring text) inherits (crm.customers)",
        "away.vips",
        "it inherits from crm.customers",
    ),
    "data_map-53: a trigger on a partition elsewhere": Odd(
        f"create schema away; {PARTED}; "
        + HISTORY.replace("on crm.customers", "on away.comments_2").replace("email", "body"),
        "away.comments_2 (noting)",
        "crm.note writes to crm.history, which is not in the map",
        DriftKind.TRIGGER,
    ),
    "data_map-54: an index that allows one NULL": Odd(
        "create unique index on crm.customers (email) nulls not distinct",
        "crm.customers.email",
        "allows only one NULL",
    ),
    "data_map-54: within each tenant": Odd(
        "alter table crm.customers add unique nulls not distinct (org_id, email)",
        "crm.customers.email",
        "allows only one NULL",
    ),
    "data_map-55: a large object": Odd(
        OIDS,
        "crm.customers.voice",
        "it can name a large object",
        change=col("customers", "voice", f"{PERSONAL}, erase: suppress"),
    ),
    "data_map-55: a large object of a row that goes": Odd(
        "create domain crm.lo as oid; alter table crm.customers add voice crm.lo",
        "crm.customers.voice",
        "it can name a large object",
        change=col("customers", "voice", f"{PERSONAL}, erase: suppress"),
    ),
    "data_map-56: a label that an enumeration lacks": Odd(
        "create type crm.mood as enum ('glad', 'cross'); alter table crm.customers alter name type "
        "crm.mood using 'glad'",
        "crm.customers.name",
        "it is not one of glad, cross",
    ),
    "data_map-57: a view in the place of a table": Odd(
        "alter table crm.comments rename to written; "
        "create view crm.comments as select * from crm.written",
        "crm.comments",
        "the rows of a view cannot be changed",
    ),
    "data_map-58: a key that may be NULL": Odd(
        "alter table crm.agents drop constraint agents_pkey; "
        "alter table crm.agents alter agent_id drop not null; create unique index on crm.agents (agent_id)",
        "crm.agents",
        "no unique index shows that agent_id identifies its rows",
        DriftKind.KEY,
    ),
    "data_map-58: a key that only some rows keep to": Odd(
        "alter table crm.agents drop constraint agents_pkey; "
        "create unique index on crm.agents (agent_id) where agent_id > 5",
        "crm.agents",
        "no unique index shows that agent_id identifies its rows",
        DriftKind.KEY,
    ),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_what_would_not_be_erased_is_reported(crm, load_changed, odd):
    datamap = load_changed(*([odd.change] if odd.change else []))
    found = {(each.location, each.kind): each.problem for each in drifts(crm, datamap, odd.sql)}
    assert odd.problem in found[odd.location, odd.kind], found


HARMLESS = {
    "data_map-53: a partition elsewhere": f"create schema away; {PARTED}",
    "data_map-54: with the key": "create unique index on crm.customers (customer_id, email) "
    "nulls not distinct",
    "data_map-59: roles that pass": ROLES
    + "alter role lacuna_planner bypassrls; alter role lacuna_executor bypassrls; "
    "alter role lacuna_verifier bypassrls; alter table crm.tickets enable row level security",
}


@pytest.mark.parametrize("statement", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_is_seen_all_the_same_is_no_drift(crm, load_changed, statement):
    assert drifts(crm, load_changed(), statement) == ()


ODD_NAMES = (
    "user",
    "a:b",
    ":name",
    "%s",
    "%(x)s",
    "{}",
    "a\\b",
    "'; --",
    "ctid ",
    "Ünï",
    " ",
)


@pytest.mark.parametrize("name", ODD_NAMES, ids=[f"data_map-60 {name!a}" for name in ODD_NAMES])
def test_a_column_of_any_name_is_compared_to_the_letter(crm, load_changed, load_text, small, name):
    quoted = '"' + name.replace('"', '""') + '"'
    crm.exec_driver_sql(f"alter table crm.agents add {quoted} text".replace("%", "%%"))
    (drift,) = drifts(crm, load_changed())
    assert drift.kind is DriftKind.UNMAPPED
    assert drifts(crm, load_changed(drift.suggestion)) == ()


WRITTEN = {
    "data_map-61 UTF-16": lambda small: small.encode("utf-16"),
    "data_map-61 UTF-16 without a mark": lambda small: small.encode("utf-16-le"),
    "data_map-62 a key twice, once in quotes": lambda small: small.replace(
        "dpo: dpo@example.org", 'dpo: dpo@example.org\n"dpo": other@example.org'
    ),
    "data_map-62 a key twice, once escaped": lambda small: small.replace(
        "dpo: dpo@example.org", 'dpo: dpo@example.org\n"\\x64po": other@example.org'
    ),
    "data_map-62 a table twice, once in quotes": lambda small: small.replace(
        "  crm.agents:", "  'crm.\"agents\"':\n    processing: support\n  crm.agents:"
    ),
    "data_map-63 tabs": lambda small: small.replace("  crm.agents:", "\tcrm.agents:"),
    "data_map-64 a name that reads backwards": lambda small: small.replace(
        "      email: {", '      "e\\u202email": {'
    ),
    "data_map-64 a name with a line break": lambda small: small.replace(
        "      email: {", '      "e\\nmail": {'
    ),
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN.keys())
def test_a_map_that_two_readers_would_read_differently_is_refused(load_text, small, write):
    with pytest.raises(ConfigurationError):
        load_text(write(small))
