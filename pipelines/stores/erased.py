"""Erased people, to recognize who comes back: encrypted files outside the database.

Outside, because a database that is put back to yesterday has forgotten whom it erased today.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from pipelines.errors import EvidenceBroken
from pipelines.model.hold import ItemHold
from pipelines.model.identity import Identifier, IdentifierKind
from pipelines.model.location import TableName
from pipelines.model.reappearance import ErasedPerson
from pipelines.model.request import CONTACT
from pipelines.stores.keys import FileKeys
from pipelines.stores.objects import FolderObjects

_SEALED: Final = ".sealed"


class FileErased:
    """One encrypted file and one key an erasure, in a folder of mode 0700, as `ports.Erased`.

    A record is on the disk, whole, before `keep` returns. Destroying it takes the file first:
    a crash in between leaves a key that opens nothing.

    Args:
        folder: made, with its parents, if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._keys = FileKeys(folder)
        self._files = FolderObjects("keys/erased", folder)

    def keep(self, person: ErasedPerson) -> None:
        """Keep a record durably; one of the same request stays as it was."""
        path = person.request_id + _SEALED
        if self._files.size(path) is not None:
            return
        content = {
            "org_id": person.org_id,
            "vendor_ids": [[str(one.kind), one.value] for one in person.vendor_ids],
            "until": person.until.isoformat(),
            "person_kind": person.person_kind,
            "holds": [[str(one.table), one.ground, one.until.isoformat()] for one in person.holds],
        }
        sealed = self._keys.encrypt(person.request_id, json.dumps(content).encode())
        self._files.replace(path, sealed)

    def request_ids(self) -> frozenset[str]:
        """Return the requests that erased somebody of whom a record is kept."""
        return frozenset(
            path.removesuffix(_SEALED) for path in self._files.paths() if path.endswith(_SEALED)
        )

    def people(self) -> Iterator[ErasedPerson]:
        """Yield every record, in order of request ids.

        Raises:
            EvidenceBroken: a record was altered.
            UnknownRequest: its key is gone; whoever it is about would not be recognized.
        """
        for request_id in sorted(self.request_ids()):
            clear = self._keys.decrypt(request_id, self._files.read(request_id + _SEALED))
            try:
                content = json.loads(clear)
                yield ErasedPerson(
                    request_id,
                    content["org_id"],
                    tuple(
                        Identifier(IdentifierKind(kind), value)
                        for kind, value in content["vendor_ids"]
                    ),
                    datetime.fromisoformat(content["until"]),
                    # Of contacts alone, before there were other kinds.
                    content.get("person_kind", CONTACT),
                    tuple(
                        ItemHold(TableName.parse(table), ground, datetime.fromisoformat(until))
                        for table, ground, until in content.get("holds", ())
                    ),
                )
            except (ValueError, KeyError, TypeError):
                raise EvidenceBroken(
                    f"{request_id}: what recognizes the person has another form; "
                    "it was written by another version"
                ) from None

    def destroy(self, request_id: str) -> bool:
        """Destroy a record, then its key; return whether there was one."""
        was_there = self._files.delete(request_id + _SEALED)
        self._keys.destroy(request_id)
        return was_there
