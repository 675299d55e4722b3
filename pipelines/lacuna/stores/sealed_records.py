"""Records about people outside the database: one encrypted file and one key each."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from lacuna.errors import EvidenceBroken, PipelineError
from lacuna.stores.keys import FileKeys
from lacuna.stores.objects.folder import FolderObjects

_SEALED: Final = ".sealed"

_Record = TypeVar("_Record")


class SealedRecords:
    """Records by request id, in a folder of mode 0700.

    A record is on the disk, whole, before `write` returns. Destroying it takes the file first:
    a crash in between leaves a key that opens nothing.

    Args:
        name: of the folder, for errors.
        folder: made, with its parents, if it does not exist.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self._keys = FileKeys(folder)
        self._files = FolderObjects(name, folder)

    def write(self, request_id: str, content: Mapping[str, object]) -> None:
        """Keep a record durably, in place of an earlier one."""
        sealed = self._keys.encrypt(request_id, json.dumps(content).encode())
        self._files.replace(request_id + _SEALED, sealed)

    def has(self, request_id: str) -> bool:
        """Whether there is a record."""
        return self._files.size(request_id + _SEALED) is not None

    def ids(self) -> frozenset[str]:
        """Return the requests that have a record."""
        return frozenset(
            path.removesuffix(_SEALED) for path in self._files.paths() if path.endswith(_SEALED)
        )

    def read(self, request_id: str, form: Callable[[str, Any], _Record]) -> _Record:
        """Return a record.

        Args:
            form: makes it of the id and of what was written.

        Raises:
            EvidenceBroken: it was altered, or has another form.
            UnknownRequest: its key is gone.
        """
        clear = self._keys.decrypt(request_id, self._files.read(request_id + _SEALED))
        try:
            return form(request_id, json.loads(clear))
        except (ValueError, KeyError, TypeError):
            raise EvidenceBroken(
                f"{request_id}: its record for recognizing the person does not have the form that "
                "Lacuna writes; another version wrote it"
            ) from None

    def all(self, form: Callable[[str, Any], _Record]) -> Iterator[_Record]:
        """Yield every record, in order of request ids; raises what `read` does."""
        for request_id in sorted(self.ids()):
            try:
                found = self.read(request_id, form)
            except PipelineError:
                if self.has(request_id):
                    raise
                continue  # somebody destroyed it meanwhile
            yield found

    def destroy(self, request_id: str) -> bool:
        was_there = self._files.delete(request_id + _SEALED)
        self._keys.destroy(request_id)
        return was_there
