"""Carries out the effects of the outbox on objects: delete, redact, write anew.

Each effect is safe to repeat. What was found already absent is recorded as such, never as
erased.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import ApplyFailed
from pipelines.model.datamap import DataMap, FilePattern, Table, Treatment
from pipelines.model.identity import Person
from pipelines.model.queue import Effect, EffectAction
from pipelines.ports import Objects, Passage, Redactor

_KEPT = (Treatment.KEEP, Treatment.REDACT)


@dataclass(frozen=True)
class ObjectWorkshop:
    """What effects on objects need.

    Attributes:
        redactor: knows the person whose effects are carried out.
    """

    datamap: DataMap
    objects: Mapping[str, Objects]
    redactor: Redactor
    person: Person

    def carry_out(self, effect: Effect) -> bool:
        """Carry one effect out; return whether the object was there.

        Raises:
            ApplyFailed: the object could not be treated; it is as it was.
        """
        store = self.objects[effect.store]
        if effect.action is EffectAction.DELETE_OBJECT:
            return store.delete(effect.path)
        if store.size(effect.path) is None:
            return False
        content = store.read(effect.path)
        if effect.action is EffectAction.REDACT_OBJECT:
            store.replace(effect.path, self._covered_text(content))
        else:
            store.replace(effect.path, self._rewritten(content, self._pattern(effect)))
        return True

    def _pattern(self, effect: Effect) -> FilePattern:
        for pattern in self.datamap.stores[effect.store].files:
            if pattern.pattern == effect.pattern:
                return pattern
        raise ApplyFailed(
            f"{effect.request_id}: the data map has no pattern {effect.pattern} in "
            f"{effect.store} any more; put it back, then run again"
        )

    def _covered_text(self, content: bytes) -> bytes:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise ApplyFailed(
                "an object that mentions the person is not UTF-8 text; "
                "let the data map delete objects of this pattern"
            ) from None
        (covered,) = self.redactor.cover([Passage(text)])
        return covered.text.encode()

    def _rewritten(self, content: bytes, pattern: FilePattern) -> bytes:
        """Return a Parquet file without the person: their rows treated, mentions covered.

        Dictionaries are written as plain strings: a value that no row holds any more would
        stay in a dictionary page. Metadata of the writer is dropped.
        """
        table = pq.read_table(io.BytesIO(content))
        mapped = None if pattern.table is None else self.datamap.tables[pattern.table]
        own = self._own_rows(table, mapped)
        columns: dict[str, pa.Array] = {}
        for name in table.column_names:
            values = table.column(name).to_pylist()
            treatment = Treatment.REDACT
            if mapped is not None and name in {column.name for column in mapped.columns}:
                treatment = mapped.column(name).erasure.treatment
            if treatment not in _KEPT:
                values = [None if is_own else one for one, is_own in zip(values, own, strict=True)]
            kind = _plain_type(table.schema.field(name).type)
            columns[name] = pa.array(self._covered(values, own), type=kind)
        target = io.BytesIO()
        pq.write_table(pa.table(columns), target, use_dictionary=False)
        return target.getvalue()

    def _own_rows(self, table: pa.Table, mapped: Table | None) -> list[bool]:
        links = [
            link.column
            for link in (mapped.links if mapped is not None else ())
            if link.table == self.datamap.subject.table and link.column in table.column_names
        ]
        own = [False] * table.num_rows
        for name in links:
            for position, value in enumerate(table.column(name).to_pylist()):
                own[position] = own[position] or str(value) in self.person.keys
        return own

    def _covered(self, values: list[object], own: list[bool]) -> list[object]:
        places = [position for position, value in enumerate(values) if isinstance(value, str)]
        passages = [
            Passage(
                str(values[position]),
                own=frozenset({self.person.ref}) if own[position] else frozenset(),
            )
            for position in places
        ]
        result = list(values)
        for position, covered in zip(places, self.redactor.cover(passages), strict=True):
            result[position] = covered.text
        return [
            value if isinstance(value, str) else self._covered_inside(value) for value in result
        ]

    def _covered_inside(self, value: object) -> object:
        match value:
            case list():
                return [self._covered_inside(inner) for inner in value]
            case dict():
                return {name: self._covered_inside(inner) for name, inner in value.items()}
            case str():
                (covered,) = self.redactor.cover([Passage(value)])
                return covered.text
            case _:
                return value


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
