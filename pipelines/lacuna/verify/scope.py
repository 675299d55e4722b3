"""What the gates over applied erasures look at, all requests of a batch at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lacuna.model.datamap import DataMap
from lacuna.model.finding import Expected, Finding
from lacuna.ports import Verifying
from lacuna.verify.places import Place

Findings: TypeAlias = Mapping[str, tuple[Finding, ...]]
"""Findings by request; every request that a gate looked at has an entry."""


@dataclass(frozen=True)
class Scope:
    """What a gate looks at.

    Attributes:
        request_ids: the applied erasures.
        verifying: reads under the verifier's role.
        places: the folders and buckets that are searched.
        without_rows: requests whose approved plans treat no own row that stays.
        disputed: requests of which it was not seen yet that their transaction changed no other row.
        keep: takes what each expectation said; None where nobody wants it.
    """

    request_ids: Collection[str]
    datamap: DataMap
    verifying: Verifying
    places: Sequence[Place] = ()
    without_rows: Collection[str] = ()
    disputed: Collection[str] = ()
    keep: Callable[[Expected], None] | None = None
