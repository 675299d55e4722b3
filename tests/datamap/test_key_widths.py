"""A key that an erasure writes has to fit wherever it goes: the check says so before PostgreSQL does (22003)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lacuna.datamap import check
from lacuna.stores.postgres.catalog import read_live_schema

# A ticket's number of eight bytes, which narrower columns follow.
CASCADE = """
alter table crm.comments drop constraint comments_ticket_id_fkey;
alter table crm.comments alter ticket_id type int, add unique (ticket_id),
    add foreign key (ticket_id) references crm.tickets on update cascade;
"""
FOLLOWED = """
create table crm.notes (
    note_id int primary key, org_id text, comment int references crm.comments (ticket_id) on update cascade
);
"""
NOTES = """
tables:
  crm.notes:
    processing: support
    key: note_id
    tenant: org_id
    rows: keep
    columns:
      note_id: {category: system.operations, erase: keep}
      org_id: {category: system.operations, erase: keep}
      comment: {category: system.operations, erase: keep}
"""
NEW_NUMBER = "tables: {crm.tickets: {columns: {ticket_id: {erase: new_key}}}}"
# People of eight bytes, whose tickets have room for four, with and without a foreign key.
NARROW = """
alter table crm.tickets drop column customer_id;
alter table crm.customers drop column customer_id, add customer_id bigint primary key;
alter table crm.tickets add customer_id int not null;
"""
TOMBSTONE = """
subject: {tombstone: {created_at: "2000-01-01"}}
tables: {crm.tickets: {columns: {customer_id: {erase: tombstone}}}}
"""
LOGIN = """
alter table crm.customers alter name type varchar(40), add unique (name);
alter table crm.agents alter name type varchar(12),
    add foreign key (name) references crm.customers (name) on update %s;
"""
LINKED = "tables: {crm.agents: {links: {name: {table: crm.customers, to: name}}}}"
SURROGATE = 'tables: {crm.customers: {columns: {name: {erase: {surrogate: "erased-{16}"}}}}}'


def problems(crm: sa.Connection, datamap, script: str) -> dict[str, str]:
    """Return what the check finds after a script, by place."""
    crm.exec_driver_sql(script)
    return {one.location: one.problem for one in check(datamap, read_live_schema(crm, ("crm",)))}


def test_a_new_key_fits_where_cascades_write_it(crm, load_changed):
    found = problems(crm, load_changed(NEW_NUMBER), CASCADE)
    assert set(found) == {"crm.comments.ticket_id"}
    assert "new value of crm.tickets.ticket_id here" in found["crm.comments.ticket_id"]
    assert "a new key of type bigint does not fit into integer" in found["crm.comments.ticket_id"]
    # It is so: this is what a night would meet.
    crm.exec_driver_sql(
        "insert into crm.tickets (ticket_id, org_id, state, minutes) values (1, 'north', 'open', 1); "
        "insert into crm.comments values (1, 'north', 1, 'text')"
    )
    with pytest.raises(sa.exc.DBAPIError) as refused, crm.begin_nested():
        crm.exec_driver_sql("update crm.tickets set ticket_id = 4503599627370496")
    assert refused.value.orig.sqlstate == "22003"


def test_a_key_that_does_not_change_needs_no_room(crm, load_changed):
    assert problems(crm, load_changed(), CASCADE) == {}


def test_a_cascade_is_followed_by_the_next(crm, load_changed):
    found = problems(crm, load_changed(NEW_NUMBER, NOTES), CASCADE + FOLLOWED)
    assert "new value of crm.tickets.ticket_id here" in found["crm.notes.comment"]


def test_the_key_of_the_tombstone_contact_fits_into_its_links(crm, load_changed):
    found = problems(crm, load_changed(TOMBSTONE), NARROW)
    assert "cannot hold the key of the tombstone contact" in found["crm.tickets.customer_id"]


@pytest.mark.parametrize(
    ("on_update", "problem"),
    [
        ("cascade", "the surrogate has 23 characters, but the column takes 12"),
        ("no action", "the key of crm.customers changes, but this foreign key would forbid it"),
    ],
)
def test_a_surrogate_that_others_refer_to_fits_there_too(crm, load_changed, on_update, problem):
    found = problems(crm, load_changed(SURROGATE, LINKED), LOGIN % on_update)
    assert problem in found["crm.agents.name"]
