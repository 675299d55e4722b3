"""What a search for people found whom something else was to delete, place by place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lacuna.model.identity import ValueClass


class AbsenceResult(StrEnum):
    """What a search says of all places together."""

    ABSENT = "absent"
    FOUND = "found"
    INCOMPLETE = "incomplete"  # nothing was found, and not everything could be searched


@dataclass(frozen=True)
class FoundValue:
    """Values of people in one column of a table, or in the files of a folder or bucket.

    Attributes:
        where: `schema.table.column`, or the place's own name for files; never a path or value.
            A name that holds a value of a person is left out.
        rows: rows or files that hold a value.
        people: their numbers, in the order in which the list names them first, from 1.
        is_doubtful: whether each is a name of ordinary words, nowhere written with its capitals.
        mapped_as: what the data map says of the column; empty where none was given, and for files.
    """

    where: str
    rows: int
    people: tuple[int, ...]
    classes: tuple[ValueClass, ...]
    is_doubtful: bool = False
    mapped_as: str = ""


@dataclass(frozen=True)
class AbsencePlace:
    """One database, dump, folder or bucket.

    Attributes:
        name: `database 1`, say.
        searched: tables of a database or dump, files of a folder or bucket.
        rows: rows of the tables; 0 for files.
        unread: what could not be read → why.
        blind: columns, or groups of files, in which a canary was not seen.
        opaque: what was searched as bytes only, or without a canary → how often.
        mapped: how many of the tables the data map has; None where none was given, and for files.
        files: the path of each file in which something was found, and the numbers of the people.
    """

    name: str
    searched: int
    rows: int
    found: tuple[FoundValue, ...]
    unread: Mapping[str, str] = field(default_factory=dict)
    blind: tuple[str, ...] = ()
    opaque: Mapping[str, int] = field(default_factory=dict)
    files: tuple[tuple[str, tuple[int, ...]], ...] = field(default=(), repr=False)
    mapped: int | None = None

    @property
    def result(self) -> AbsenceResult:
        """What the search says of this place."""
        if any(not one.is_doubtful for one in self.found):
            return AbsenceResult.FOUND
        if self.unread or self.blind or not self.searched:
            return AbsenceResult.INCOMPLETE
        return AbsenceResult.ABSENT


@dataclass(frozen=True)
class AbsenceReport:
    """What a search for a list of people found.

    Attributes:
        people: how many the list names.
        values: how many were searched for, by class.
        weak: how many were not, since they say too little alone, by class.
        unsearchable: the numbers of people of whom every value is weak: they were not searched for.
        encodings: in which the canaries of every place that is not blind were seen.
    """

    people: int
    values: Mapping[ValueClass, int]
    weak: Mapping[ValueClass, int]
    places: tuple[AbsencePlace, ...]
    encodings: tuple[str, ...]
    unsearchable: tuple[int, ...] = ()

    @property
    def result(self) -> AbsenceResult:
        """What the search says; of nobody, or in no place, nothing is shown."""
        results = {one.result for one in self.places}
        if AbsenceResult.FOUND in results:
            return AbsenceResult.FOUND
        if not self.places or self.unsearchable or AbsenceResult.INCOMPLETE in results:
            return AbsenceResult.INCOMPLETE
        return AbsenceResult.ABSENT
