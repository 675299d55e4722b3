"""Chooses people of a platform to look for: those with most rows in each table, and others by chance."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Final

from psycopg import sql

from lacuna.model.identity import BY_VALUE
from lacuna.model.table import Table
from lacuna.model.tombstone import tombstone_key
from lacuna.stores.postgres.searched_columns import quoted
from lacuna.stores.postgres.verifier_joins import VerifierJoins
from lacuna.stores.postgres.verifier_queries import (
    as_literal,
    every_key,
    is_person,
    text_of,
)

_MOST_TENANTS: Final = 5
_OF_EACH_TABLE: Final = 3
"""People with most rows in a table: bots and test accounts are among them."""


class PeopleSample(VerifierJoins):
    """Chooses people of a platform to look for."""

    def sample_people(self, number: int) -> Mapping[str, tuple[str, ...]]:
        org_ids = self._largest_tenants()
        found = {}
        for place, org_id in enumerate(org_ids):
            share = number // len(org_ids) + (place < number % len(org_ids))
            busiest = islice(self._busiest(org_id), (share + 1) // 2)
            keys = dict.fromkeys((*busiest, *self._by_chance(org_id, share + 1)))
            keys.pop(self._nobody(org_id), None)
            if chosen := tuple(islice(keys, share)):
                found[org_id] = chosen
        return found

    def _nobody(self, org_id: str) -> str:
        """Return the key of the tenant's tombstone contact, to which most rows of the erased point."""
        table = self._datamap.subject.table
        return tombstone_key(table, org_id, self._key_kind(table))

    def _largest_tenants(self) -> list[str]:
        subject = self._datamap.tables[self._datamap.subject.table]
        query = (
            sql.SQL("select {} as org_id, count(*)").format(self._tenant(subject))
            + self._people()
            + sql.SQL(" group by 1 order by 2 desc, 1 limit {}").format(_MOST_TENANTS)
        )
        return [str(org_id) for org_id, _ in self._rows_of(query, {}) if org_id is not None]

    def _by_chance(self, org_id: str, number: int) -> Iterator[str]:
        subject = self._datamap.tables[self._datamap.subject.table]
        query = (
            sql.SQL("select {}").format(text_of("start", subject.key[0]))
            + self._people()
            + sql.SQL(" and {} = %(org_id)s order by random() limit {}").format(
                self._tenant(subject), number
            )
        )
        for (key,) in self._rows_of(query, {"org_id": org_id}):
            yield str(key)

    def _busiest(self, org_id: str) -> Iterator[str]:
        """Yield who has most rows of each table, then who comes second, and so on."""
        of_people = self._datamap.subject.table
        tables = [
            one
            for one in self._datamap.tables.values()
            if one.name != of_people and self._ways(one)[1]
        ]
        ranked = [self._busiest_of(table, org_id) for table in tables]
        keys = [key for rank in zip_longest(*ranked) for key in rank if key is not None]
        subject = self._datamap.tables[of_people]
        query = (
            sql.SQL("select {}").format(text_of("start", subject.key[0]))
            + self._people()
            + sql.SQL(" and {} = any(%(keys)s)").format(text_of("start", subject.key[0]))
        )
        people = {str(key) for (key,) in self._rows_of(query, {"keys": keys})} if keys else set()
        yield from (key for key in dict.fromkeys(keys) if key in people)

    def _busiest_of(self, table: Table, org_id: str) -> list[str]:
        joins, ways = self._ways(table)
        query = (
            sql.SQL("select key, count(*) from (select unnest({}) as key from {} as start").format(
                every_key(ways), quoted(table.name.schema, table.name.name)
            )
            + joins
            + sql.SQL(
                " where {} = %(org_id)s) as led where key is not null and not starts_with(key, {}) "
                "group by 1 order by 2 desc, random() limit {}"
            ).format(self._tenant(table), as_literal(BY_VALUE), _OF_EACH_TABLE)
        )
        return [str(key) for key, _ in self._rows_of(query, {"org_id": org_id})]

    def _people(self) -> sql.Composed:
        """Compose where the people of the map come from, without those who were erased."""
        subject = self._datamap.subject
        table = self._datamap.tables[subject.table]
        conditions: list[sql.Composable] = [is_person(self._datamap)]
        if table.erased_at is not None:
            conditions.append(sql.SQL("start.{} is null").format(quoted(table.erased_at)))
        return sql.SQL(" from {} as start where {}").format(
            quoted(table.name.schema, table.name.name), sql.SQL(" and ").join(conditions)
        )

    def _rows_of(
        self, query: sql.Composed, values: Mapping[str, object]
    ) -> Iterator[Sequence[object]]:
        for rows in self._stream(query, values, is_platform=True):
            yield from rows
