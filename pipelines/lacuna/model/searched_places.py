"""How many values of each kind were searched for, where, and which kinds were not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lacuna.model.identity import ValueClass

_KINDS: Final[Mapping[ValueClass, str]] = {
    ValueClass.CONTACT: "e-mail address or telephone number",
    ValueClass.IDENTIFIER: "customer number, user name or other id",
    ValueClass.FULL_NAME: "full name",
    ValueClass.NAME_PART: "given or family name alone",
    ValueClass.ADDRESS: "postal address",
    ValueClass.DATE_OF_BIRTH: "date of birth",
    ValueClass.FILE: "name of a file",
    ValueClass.OTHER: "other text about the person",
}

TOO_SHORT: Final = "too short to search for; its rows were found by their links"
"""Why a value was not searched for; a certificate counts it as a value, and not as a place."""


@dataclass(frozen=True)
class ValuesSought:
    """How many known values of one class were searched for.

    Attributes:
        everywhere: in every place that can be searched.
        own_rows: covered only in the person's own rows: others hold them too, or they are too
            short or too common to be told from anybody's.
        left: looked for nowhere, and left as they are: ten others hold them, or somebody of another
            kind does.
    """

    value_class: ValueClass
    everywhere: int
    own_rows: int
    left: int = 0


@dataclass(frozen=True)
class OwnRowsSearched:
    """The search for values of one class in the person's own rows that stay.

    Attributes:
        values: how many of `ValuesSought.own_rows`; the rest is too weak to search for.
        columns, tables: in how many.
    """

    value_class: ValueClass
    values: int
    columns: int
    tables: int


@dataclass(frozen=True)
class SearchedPlaces:
    """Where values were searched for.

    Attributes:
        columns, tables: of the platform, of Lacuna and of Airflow.
        file_groups: patterns of the data map's stores, and Lacuna's own folders.
        own_rows: by class, where only the person's own rows were searched.
    """

    columns: int
    tables: int
    file_groups: int
    own_rows: tuple[OwnRowsSearched, ...] = ()

    @property
    def count(self) -> int:
        """How many places were searched: columns and groups of files."""
        return self.columns + self.file_groups

    def by_kind(self, values: Sequence[ValuesSought]) -> Iterator[tuple[str, int, str]]:
        """Yield each kind of value with a count, and where so many of it were searched for.

        A kind of which no value is known has one line, with 0.
        """
        of_class = {one.value_class: one for one in values}
        in_own_rows = {one.value_class: one for one in self.own_rows}
        for value_class, kind in _KINDS.items():
            one = of_class.get(value_class, ValuesSought(value_class, 0, 0))
            own = in_own_rows.get(value_class, OwnRowsSearched(value_class, 0, 0, 0))
            lines = (
                (
                    one.everywhere,
                    f"everywhere: {_counted(self.columns, 'column')} of "
                    f"{_counted(self.tables, 'table')}, "
                    f"{_counted(self.file_groups, 'group')} of files",
                ),
                (
                    own.values,
                    f"the person's own rows: {_counted(own.columns, 'column')} of "
                    f"{_counted(own.tables, 'table')}",
                ),
                (
                    one.own_rows - own.values,
                    "nowhere: too short or too common to tell whose; treated in the person's own "
                    "rows",
                ),
                (
                    one.left,
                    "nowhere: at least ten other people have it too, or an agent or another kind of "
                    "person does",
                ),
            )
            known = [(count, where) for count, where in lines if count]
            for count, where in known or [(0, "nowhere: no such value is known")]:
                yield kind, count, where


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
