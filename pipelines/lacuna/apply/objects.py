"""Carries out file effects: delete, redact, rewrite.

Each effect is safe to repeat. What was found already absent is recorded as such, never as
erased.
"""

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from lacuna.errors import ApplyFailed
from lacuna.model.datamap import DataMap, FilePattern, ObjectFormat
from lacuna.model.identity import Person, SubjectRef
from lacuna.model.queue import Effect, EffectAction
from lacuna.model.table import Table
from lacuna.model.treatment import Treatment
from lacuna.ports import Objects, Passage, Redactor
from lacuna.redaction import Obfuscator
from lacuna.treatment import JSON, filled, text_file, texts_in

_NOBODY: Final[frozenset[SubjectRef]] = frozenset()


@dataclass(frozen=True)
class ObjectWorkshop:
    """What effects on objects need.

    Attributes:
        redactor: knows `people`.
        people: whose effects are carried out, all of one tenant: an object that several of them
            are in is read and written once.
        unknown: those of them of whom no profile says what they were called: texts of their own are
            obfuscated, and columns of their rows that the map does not name are removed.
    """

    datamap: DataMap
    objects: Mapping[str, Objects]
    redactor: Redactor
    people: Sequence[Person]
    unknown: frozenset[SubjectRef] = field(repr=False, default=frozenset())

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
            store.replace(effect.path, self._covered_text(content, self._pattern(effect)))
        else:
            store.replace(effect.path, self._rewritten(content, self._pattern(effect)))
        return True

    def _pattern(self, effect: Effect) -> FilePattern:
        for pattern in self.datamap.stores[effect.store].files:
            if pattern.pattern == effect.pattern:
                return pattern
        raise ApplyFailed(
            f"{effect.request_id}: the data map no longer has the pattern {effect.pattern} in "
            f"{effect.store}; put it back, then run again"
        )

    def _covered_text(self, content: bytes, pattern: FilePattern) -> bytes:
        if pattern.format is ObjectFormat.DETECT:
            return self._covered_file(content, pattern)
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise ApplyFailed(
                "an object with a mention is not UTF-8 text; set mention: delete_object for its "
                "pattern in the data map"
            ) from None
        (covered,) = self.redactor.cover([Passage(text)])
        return covered.text.encode()

    def _covered_file(self, content: bytes, pattern: FilePattern) -> bytes:
        found = text_file(content)
        if found is None:
            raise ApplyFailed(
                f"an object of {pattern.pattern} was a text when it was planned and is none now; "
                "run again"
            )
        is_document = found.media_type == JSON
        media_type = "text/plain" if is_document else found.media_type
        (covered,) = self.redactor.cover([Passage(found.text, media_type, is_document=is_document)])
        return found.encoded(covered.text)

    def _rewritten(self, content: bytes, pattern: FilePattern) -> bytes:
        """Return a Parquet file without the people: their rows treated, mentions covered.

        Every column is rebuilt from its values, so that no dictionary keeps a value that no
        row holds any more. Metadata of the writer is dropped.
        """
        mapped = None if pattern.table is None else self.datamap.tables[pattern.table]
        target = io.BytesIO()
        try:
            file = pq.ParquetFile(io.BytesIO(content))
            schema = pa.schema([(field.name, field.type) for field in file.schema_arrow])
            # One row group after another, as many as before: the file may be large.
            with pq.ParquetWriter(target, schema) as writer:
                for number in range(file.num_row_groups):
                    writer.write_table(self._treated(file.read_row_group(number), mapped))
        except (pa.ArrowException, OSError):
            raise ApplyFailed(
                f"an object of {pattern.pattern} is not a Parquet file; repair or delete it, then "
                "run again"
            ) from None
        return target.getvalue()

    def _treated(self, table: pa.Table, mapped: Table | None) -> pa.Table:
        owners = self._owners(table, mapped)
        treatments = {
            column.name: column.erasure.treatment for column in (mapped.columns if mapped else ())
        }
        columns: dict[str, pa.Array] = {}
        for name in table.column_names:
            values = table.column(name).to_pylist()
            treatment = treatments.get(name)
            whose = owners
            if treatment is Treatment.REDACT:
                values = self._redacted(values, owners)
            elif treatment is Treatment.KEEP:
                # What stays is not the person's: an agent may bear their family name.
                whose = [_NOBODY] * len(values)
            else:
                gone = owners if treatment is not None else [of & self.unknown for of in owners]
                values = [None if of else one for one, of in zip(values, gone, strict=True)]
            kind = table.schema.field(name).type
            columns[name] = pa.array(self._covered(values, whose), type=kind)
        return pa.table(columns)

    def _owners(self, table: pa.Table, mapped: Table | None) -> list[frozenset[SubjectRef]]:
        """Return for each row whose of the people it is: mostly nobody's."""
        subject = self.datamap.subject.table
        links = mapped.links_to(subject) if mapped else ()
        names = [link.column for link in links if link.is_plain]
        if mapped is not None and mapped.name == subject:
            names.extend(mapped.key)
        refs: dict[str, frozenset[SubjectRef]] = defaultdict(frozenset)
        for person in self.people:
            for key in person.keys:
                refs[key] |= {person.ref}
        owners = [_NOBODY] * table.num_rows
        for name in set(names) & set(table.column_names):
            for position, value in enumerate(table.column(name).to_pylist()):
                owners[position] |= refs.get(str(value), _NOBODY)
        if mapped is not None and mapped.tenant in table.column_names:
            # Another tenant may number its people alike.
            ours = {person.org_id for person in self.people}
            tenants = table.column(mapped.tenant).to_pylist()
            owners = [
                of if str(org_id) in ours else _NOBODY
                for of, org_id in zip(owners, tenants, strict=True)
            ]
        return owners

    def _redacted(
        self, values: list[object], owners: Sequence[frozenset[SubjectRef]]
    ) -> list[object]:
        """Return the values with own texts redacted in full, as in the table itself."""
        result = list(values)
        for redactor, is_meant in ((self.redactor, False), (Obfuscator(), True)):
            places = [
                position
                for position, value in enumerate(values)
                if isinstance(value, str)
                and owners[position]
                and bool(owners[position] & self.unknown) is is_meant
            ]
            passages = [Passage(str(values[position]), own=owners[position]) for position in places]
            for position, redacted in zip(places, redactor.redact(passages), strict=True):
                result[position] = redacted.text
        return result

    def _covered(
        self, values: list[object], owners: Sequence[frozenset[SubjectRef]]
    ) -> list[object]:
        """Return the values with mentions covered, in lists and structures too: all at once."""
        passages = [
            Passage(text, own=of)
            for value, of in zip(values, owners, strict=True)
            for text in texts_in(value)
        ]
        covered = iter([one.text for one in self.redactor.cover(passages)])
        return [filled(value, covered) for value in values]
