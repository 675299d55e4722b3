"""Erased people, to recognize who comes back: encrypted files outside the database.

Outside, because a database that is put back to yesterday has forgotten whom it erased today.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from lacuna.errors import EvidenceBroken
from lacuna.model.hold import ItemHold
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.location import TableName, read_rows, written_rows
from lacuna.model.reappearance import ErasedPerson
from lacuna.model.request import CONTACT
from lacuna.stores.objects.folder import FolderObjects
from lacuna.stores.sealed_records import SealedRecords

_SEARCHED: Final = "searched.json"


class FileErased:
    """One encrypted file and one key an erasure, in a folder of mode 0700, as `ports.Erased`.

    Args:
        folder: made, with its parents, if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._records = SealedRecords("keys/erased", folder)
        self._files = FolderObjects("keys", folder.parent)

    def keep(self, person: ErasedPerson) -> None:
        if self._records.has(person.request_id):
            return
        self._records.write(
            person.request_id,
            {
                "org_id": person.org_id,
                "vendor_ids": written_ids(person.vendor_ids),
                "until": person.until.isoformat(),
                "person_kind": person.person_kind,
                "holds": [
                    [str(one.table), one.ground, one.until.isoformat()] for one in person.holds
                ],
                "rows": written_rows(person.rows),
            },
        )

    def request_ids(self) -> frozenset[str]:
        return self._records.ids()

    def people(self) -> Iterator[ErasedPerson]:
        return self._records.all(_person)

    def destroy(self, request_id: str) -> bool:
        return self._records.destroy(request_id)

    def searched(self) -> Mapping[str, datetime]:
        """Read the file that records it.

        Raises:
            EvidenceBroken: the file was altered.
        """
        if self._files.size(_SEARCHED) is None:
            return {}
        try:
            said = json.loads(self._files.read(_SEARCHED))
            return {store: datetime.fromisoformat(at) for store, at in said.items()}
        except (ValueError, AttributeError, TypeError):
            raise EvidenceBroken(
                f"keys/{_SEARCHED} is damaged; delete it, then the next sweep searches every file"
            ) from None

    def note_searched(self, newest: Mapping[str, datetime]) -> None:
        said = {store: at.isoformat() for store, at in sorted(newest.items())}
        self._files.replace(_SEARCHED, json.dumps(said).encode())


def written_ids(ids: tuple[Identifier, ...]) -> list[list[str]]:
    """Return identifiers as a record has them."""
    return [[str(one.kind), one.value] for one in ids]


def read_ids(written: list[list[str]]) -> tuple[Identifier, ...]:
    """Return the identifiers of a record."""
    return tuple(Identifier(IdentifierKind(kind), value) for kind, value in written)


def read_holds(written: list[list[str]]) -> tuple[ItemHold, ...]:
    """Return the holds of a record."""
    return tuple(
        ItemHold(TableName.parse(table), ground, datetime.fromisoformat(until))
        for table, ground, until in written
    )


def _person(request_id: str, content: Any) -> ErasedPerson:
    return ErasedPerson(
        request_id,
        content["org_id"],
        read_ids(content["vendor_ids"]),
        datetime.fromisoformat(content["until"]),
        # Of contacts alone, before there were other kinds.
        content.get("person_kind", CONTACT),
        read_holds(content.get("holds", [])),
        read_rows(content.get("rows", [])),
    )
