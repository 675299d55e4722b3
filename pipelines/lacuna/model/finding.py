"""What verification says: findings of gates, counts and locations only."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from lacuna.model.identity import ValueClass
from lacuna.model.scrub import Reach


class Gate(StrEnum):
    """A question that verification asks; each has its own code path."""

    RESIDUE = "residue"  # no identifier of an erased person anywhere
    CANARY = "canary"  # the search would have seen it
    OBJECTS = "objects"  # deleted objects read back absent
    RECONCILIATION = "reconciliation"  # rows and sums that must stay have stayed
    UNPLANNED = "unplanned"  # no row was changed that the plan does not name
    EXPECTATIONS = "expectations"  # declared data quality (Great Expectations)
    COPIES = "copies"  # no copy of a corrected value is left but in what people wrote
    BUNDLE = "bundle"  # complete, identical in both formats, nobody else's data
    UNLINKABILITY = "unlinkability"  # no number or order tells rows written together
    DISCLOSURE = "disclosure"  # published aggregates give nobody away


GATES_SHOW: Final = MappingProxyType(
    {
        Gate.RESIDUE: "no value of the person is left in any searched place",
        Gate.CANARY: "the search found all planted canaries, in every kind of place that it reads",
        Gate.OBJECTS: "deleted files no longer exist in the store",
        Gate.RECONCILIATION: "rows and sums that must stay have stayed",
        Gate.UNPLANNED: "the erasure changed no row that the plan does not name",
        Gate.EXPECTATIONS: "the tables meet the expectations that the data map declares",
        Gate.COPIES: "the old value of a correction is left only in what people wrote",
        Gate.BUNDLE: "the bundle is complete, equal in all formats, and contains nobody else's "
        "data",
        Gate.UNLINKABILITY: "no number or order that the database stores reveals which rows were "
        "written together",
        Gate.DISCLOSURE: "published figures reveal nobody",
    }
)
"""What each gate shows when it passed."""


@dataclass(frozen=True)
class Finding:
    """Something a gate found.

    Attributes:
        location: table.column, store and pattern, or Lacuna's own part; never a path or value.
        count: how many rows, objects or cells.
    """

    gate: Gate
    location: str
    count: int


@dataclass(frozen=True)
class Expected:
    """One expectation of a suite, and whether it was met: kept as evidence, without values.

    Attributes:
        suite: the table or mart that the suite is about.
        expectation: its name in Great Expectations.
        column: None where it is about the table.
    """

    suite: str
    expectation: str
    column: str | None
    is_met: bool


@dataclass(frozen=True)
class ValuesSought:
    """How many known values of one class were searched for.

    Attributes:
        everywhere: in every place that can be searched.
        own_rows: covered in the person's own rows alone: others hold them too, or they are too
            short or too common to be told from anybody's.
        left: looked for nowhere, and left as they are: ten others hold them, or somebody of another
            kind does.
    """

    value_class: ValueClass
    everywhere: int
    own_rows: int
    left: int = 0


@dataclass(frozen=True)
class Verification:
    """The result of the gates over one request or a batch.

    Attributes:
        gates: the gates that ran to their end.
        opaque: places that could not be searched, with a reason; said on the certificate.
        unnamed: groups of objects that no row names, with a count: whose they are nobody knows.
        searched: places searched (columns and object patterns).
        reaches: for an erasure, how deep it had reached in each store by then.
        values: known values by class, without the classes that the person has none of.
        written: where what people wrote keeps a value that was corrected, with rows or files.
    """

    request_id: str
    gates: tuple[Gate, ...]
    findings: tuple[Finding, ...]
    opaque: tuple[str, ...]
    searched: int
    reaches: tuple[Reach, ...] = ()
    unnamed: tuple[str, ...] = ()
    values: tuple[ValuesSought, ...] = ()
    written: tuple[tuple[str, int], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every gate ran and found nothing."""
        return bool(self.gates) and not self.findings
