"""What a restore must not take back, of people who stay: encrypted files outside the database."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from lacuna.model.consent import ConsentEntry, ConsentMethod, ConsentPurpose, ConsentStatus
from lacuna.model.identity import IdentityBasis
from lacuna.model.kept_right import KeptRight
from lacuna.model.request import RequestKind
from lacuna.stores.erased_people import read_holds, read_ids, written_ids
from lacuna.stores.sealed_records import SealedRecords


class FileKeptRights:
    """One encrypted file and one key a request, in a folder of mode 0700, as `ports.KeptRights`.

    Args:
        folder: made, with its parents, if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._records = SealedRecords("keys/rights", folder)

    def keep(self, right: KeptRight) -> None:
        if self._records.has(right.request_id):
            right = self._records.read(right.request_id, _right).with_later(right)
        self._records.write(
            right.request_id,
            {
                "org_id": right.org_id,
                "at": right.at.isoformat(),
                "kinds": [str(one) for one in right.kinds],
                "vendor_ids": written_ids(right.vendor_ids),
                "corrected": [list(one) for one in right.corrected],
                "basis": right.basis and str(right.basis),
                "consent": right.consent and _written_consent(right.consent),
                "held": right.held and [right.held[0], right.held[1].isoformat()],
                "holds": [
                    [str(one.table), one.ground, one.until.isoformat()] for one in right.holds
                ],
                "refused": right.refused,
                "person_kind": right.person_kind,
                "decided": right.decided and right.decided.isoformat(),
            },
        )

    def rights(self) -> Iterator[KeptRight]:
        return self._records.all(_right)

    def destroy(self, request_id: str) -> bool:
        return self._records.destroy(request_id)


def _written_consent(entry: ConsentEntry) -> list[str | None]:
    return [
        entry.call,
        str(entry.purpose),
        str(entry.status),
        str(entry.method),
        entry.occurred_at.isoformat(),
    ]


def _right(request_id: str, content: Any) -> KeptRight:
    org_id, consent, held = content["org_id"], content["consent"], content["held"]
    entry = None
    if consent is not None:
        call, purpose, status, method, occurred_at = consent
        entry = ConsentEntry(
            org_id,
            call,
            ConsentStatus(status),
            ConsentMethod(method),
            datetime.fromisoformat(occurred_at),
            purpose=ConsentPurpose(purpose),
        )
    return KeptRight(
        request_id,
        org_id,
        datetime.fromisoformat(content["at"]),
        tuple(RequestKind(one) for one in content["kinds"]),
        read_ids(content["vendor_ids"]),
        tuple((column, value) for column, value in content["corrected"]),
        None if content["basis"] is None else IdentityBasis(content["basis"]),
        entry,
        None if held is None else (held[0], datetime.fromisoformat(held[1])),
        read_holds(content["holds"]),
        content["refused"],
        content["person_kind"],
        None if content["decided"] is None else datetime.fromisoformat(content["decided"]),
    )
