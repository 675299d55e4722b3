"""Facts about a database that Lacuna notes in it, such as the marks of its stores."""

import sqlalchemy as sa

from lacuna.model.run import Role
from lacuna.stores.postgres.database import Database


def write_fact(database: Database, name: str, content: str) -> None:
    """Note a fact about this database."""
    with database.transaction(Role.OWNER) as connection:
        connection.execute(
            sa.text(
                "insert into lacuna.database_fact (name, value) values (:name, :content) "
                "on conflict (name) do update set value = excluded.value"
            ),
            {"name": name, "content": content},
        )
