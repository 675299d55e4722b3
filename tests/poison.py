"""A row that cannot be changed: the database refuses, and quotes the row as databases do."""

from __future__ import annotations

POISON = """
create function contact_center.poison() returns trigger language plpgsql
    as $$ begin raise exception 'refused: %', old using detail = old; end $$;
create trigger poison before update on contact_center.contacts for each row
"""


def poison(contact_id: str = "") -> str:
    """Return statements that make the row of a contact such a one; of every contact without an id."""
    which = f" when (old.contact_id::text = '{contact_id}')" if contact_id else ""
    return f"{POISON}{which} execute function contact_center.poison()"
