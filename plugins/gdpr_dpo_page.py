"""What Lacuna registers with Airflow: an XCom backend that takes identifiers only."""

import re
from typing import Any, Final

from airflow.sdk.bases.xcom import BaseXCom

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
# No count of one run reaches it; a phone number does.
_LARGEST_COUNT: Final = 9_999_999


class IdsOnly(BaseXCom):
    """XCom for UUIDs, counts, booleans, SHA-256 digests, and lists of them; nothing else passes.

    XCom lies in Airflow's database, which no erasure reaches and every viewer reads.
    """

    @staticmethod
    def serialize_value(value: Any, **where: Any) -> str:
        """Serialize a value that says nothing of a person.

        Raises:
            ValueError: it is something else. The message does not hold it.
        """
        if not all(map(_is_id, value if isinstance(value, list) else [value])):
            raise ValueError(
                "XCom refused a value: UUIDs, counts, booleans, digests and lists of them only"
            )
        return BaseXCom.serialize_value(value, **where)


def _is_id(value: object) -> bool:
    match value:
        case bool():
            return True
        case int():
            return 0 <= value <= _LARGEST_COUNT
        case str():
            return (_UUID.fullmatch(value) or _DIGEST.fullmatch(value)) is not None
        case _:
            return False
