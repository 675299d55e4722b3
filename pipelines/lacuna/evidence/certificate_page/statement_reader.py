"""Reads what a certificate says, for showing it: it is not verified here."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from lacuna.evidence.canonical_json import Json
from lacuna.evidence.certificate import levels_of, predicate_of, signers_of, statement_of
from lacuna.evidence.particulars import Particulars

IDS_KEPT: Final = "keys.erased"
"""Where the ids lie by which an erased person is recognized after a restore."""


@dataclass(frozen=True)
class CertificateContents:
    """What a certificate says.

    Attributes:
        said: the statement.
        around: what is signed with it: the closing entry, the deadline, runs and scrubs.
        particulars: None in certificates from before they were named.
        digest: SHA-256 of the file, hex.
    """

    said: Mapping[str, Json]
    around: Mapping[str, Json]
    particulars: Particulars | None
    levels: Mapping[str, str]
    signers: Sequence[str]
    digest: str

    @classmethod
    def of(cls, certificate: bytes) -> Self:
        """Read it.

        Raises:
            EvidenceBroken: the file is no certificate.
        """
        around = predicate_of(certificate)
        particulars = around.get("particulars")
        return cls(
            statement_of(certificate),
            around,
            Particulars.of(particulars) if isinstance(particulars, dict) else None,
            levels_of(certificate),
            signers_of(certificate),
            hashlib.sha256(certificate).hexdigest(),
        )

    @property
    def kind(self) -> str:
        """The type of the certificate."""
        return text_of(self.said, "type")

    @property
    def is_erasure(self) -> bool:
        """Whether it certifies an erasure, alone or with other rights."""
        return self.kind == "erasure"

    @property
    def reference(self) -> str:
        """How people name the request: by its number; by its id in earlier certificates."""
        number = "" if self.particulars is None else self.particulars.number
        return number or text_of(self.said, "request_id")

    @property
    def rights(self) -> list[str]:
        """The rights that the request exercises; none where an earlier certificate does not say."""
        said = texts_of(self.said, "rights")
        return said or list(() if self.particulars is None else self.particulars.rights)

    @property
    def done(self) -> list[dict[str, Json]]:
        """What was done: sums by action and place."""
        return records_of(self.said, "done")

    @property
    def due(self) -> Mapping[str, Json]:
        """When it was due and closed; empty where no entry names the day."""
        return member_of(self.around, "deadline")

    def entries(self, *actions: str) -> list[dict[str, Json]]:
        """Return the outcomes of these actions in the ledger, in order."""
        return [
            entry
            for entry in records_of(self.said, "entries")
            if entry.get("action") in actions and entry.get("phase") == "outcome"
        ]


def records_of(said: Mapping[str, Json], name: str) -> list[dict[str, Json]]:
    """Return the objects of a list; none where it is missing."""
    value = said.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts_of(said: Mapping[str, Json], name: str) -> list[str]:
    """Return the texts of a list; none where it is missing."""
    value = said.get(name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def member_of(said: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    """Return an object; an empty one where it is missing."""
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def text_of(said: Mapping[str, Json], name: str) -> str:
    """Return a text; an empty one where it is missing."""
    value = said.get(name)
    return value if isinstance(value, str) else ""


def count_of(said: Mapping[str, Json], name: str) -> int:
    """Return a number; 0 where it is missing."""
    value = said.get(name)
    return value if isinstance(value, int) else 0
