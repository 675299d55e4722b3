"""The results of verification: findings of gates, with counts and places only."""

from dataclasses import dataclass
from enum import StrEnum

from lacuna.model.scrub import ReachedLevel
from lacuna.model.searched_places import SearchedPlaces, ValuesSought


class Certified(StrEnum):
    """What a certificate is about that needs gates: each as its plan has it."""

    ERASURE = "erasure"  # of whatever level
    CONTACT = "contact"  # an erasure of the whole person
    FILES = "files"  # files are deleted
    BUNDLE = "bundle"  # a bundle is written
    CORRECTION = "correction"  # copies are corrected


class Gate(StrEnum):
    """A question that verification asks; each has its own code path.

    One over applied erasures is carried out by the module of its name in `verify/gates/`.

    Attributes:
        shows: what it shows when it passed.
        needed: what is not certified unless it ran; empty: its findings alone count.
    """

    shows: str
    needed: frozenset[Certified]

    def __new__(cls, value: str, shows: str = "", *needed: Certified) -> "Gate":
        """Make a member that is its name, with what it shows and what needs it beside it."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.shows = shows
        made.needed = frozenset(needed)
        return made

    RESIDUE = (
        "residue",
        "none of the values searched for is left in a searched place",
        Certified.CONTACT,
    )
    # Without it, that nothing was found may mean that nothing can be seen.
    CANARY = (
        "canary",
        "the search found all planted canaries, in every kind of place that it reads",
        Certified.CONTACT,
        Certified.CORRECTION,
    )
    OBJECTS = "objects", "deleted files no longer exist in the store", Certified.FILES
    RECONCILIATION = (
        "reconciliation",
        "rows and sums that must stay are unchanged",
        Certified.ERASURE,
    )
    UNPLANNED = (
        "unplanned",
        "the erasure changed no row that the plan does not name",
        Certified.ERASURE,
    )
    # declared data quality (Great Expectations)
    EXPECTATIONS = (
        "expectations",
        "the tables meet the expectations that the data map declares",
    )
    COPIES = (
        "copies",
        "the old value of a correction is left only in what people wrote",
        Certified.CORRECTION,
    )
    BUNDLE = (
        "bundle",
        "the bundle is complete, equal in all formats, and contains nobody else's data",
        Certified.BUNDLE,
    )
    UNLINKABILITY = (
        "unlinkability",
        "no number or order that the database stores reveals which rows were written together",
    )
    DISCLOSURE = "disclosure", "the published figures passed the disclosure audit"


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
class Verification:
    """The result of the gates over one request or a batch.

    Attributes:
        gates: the gates that ran to their end.
        opaque: places that could not be searched, with a reason; said on the certificate.
        unnamed: groups of objects that no row names, with a count: whose they are nobody knows.
        searched: places searched for values of this person (columns and object patterns); 0 where
            none of its gates searches for values.
        levels: for an erasure, how deep it had reached in each store by then.
        values: known values by class, without the classes that the person has none of.
        written: where what people wrote keeps a value that was corrected, with rows or files.
        places: the places of `searched`, by what they are; None where nothing was searched for.
    """

    request_id: str
    gates: tuple[Gate, ...]
    findings: tuple[Finding, ...]
    opaque: tuple[str, ...]
    searched: int
    levels: tuple[ReachedLevel, ...] = ()
    unnamed: tuple[str, ...] = ()
    values: tuple[ValuesSought, ...] = ()
    written: tuple[tuple[str, int], ...] = ()
    places: SearchedPlaces | None = None

    @property
    def passed(self) -> bool:
        """Whether every gate ran and found nothing."""
        return bool(self.gates) and not self.findings
