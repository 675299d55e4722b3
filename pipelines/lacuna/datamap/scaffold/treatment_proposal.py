"""Proposes what an erasure does, by what a column holds and what its constraints allow."""

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lacuna.datamap import names, types
from lacuna.datamap.scaffold.category_proposal import (
    BEHAVIOR,
    OPERATIONS,
    PRIVATE,
    UNIQUE,
    Guess,
    words,
)
from lacuna.datamap.scaffold.file_names import listed_paths, places_of_paths
from lacuna.datamap.scaffold.structure import Sample, Structure, is_derived
from lacuna.datamap.suggestion import LONGEST_LABEL, MapTree, erasure_tree, label_of
from lacuna.model.location import ColumnName, TableName
from lacuna.model.schema import LiveColumn, LiveSchema, LiveTable, TableKind
from lacuna.model.treatment import Erasure, RowErasure, Treatment
from lacuna.treatment import surrogate_form

_STORE: Final = "media"
_MEASURE: Final = re.compile(
    r"minutes|seconds|duration|_s$|_ms$|score|stars|amount|total|octets|byte|size|price"
)
# What stays for statistics once the links are gone.
_STATISTICS: Final = (
    BEHAVIOR, "user.demographic.language", "user.location.coarse", "user.privacy_preferences",
    "user.contact.address.country", "user.device",
)  # fmt: skip
_PATH: Final = re.compile(r"(?:^|_)(?:path|uri|url|file|key|recording|attachment|avatar|photo)$")
_TREATED: Final = {
    "detect": "mention: redact, otherwise: delete_object",
    "parquet": "mention: delete_object",
}
_ERASED: Final = "[erased]"
# More first folders than these are of tenants, days or people.
_MOST_FOLDERS: Final = 8
# Treatments that take the files which a column names with them.
_TAKING: Final = (Treatment.DELETE_OBJECT, Treatment.EMPTY, Treatment.JSON_KEYS)


@dataclass(frozen=True)
class ColumnPlace:
    """A column where it stands.

    Attributes:
        gone: tables whose rows of a person are deleted.
    """

    table: LiveTable
    column: LiveColumn
    rows: RowErasure
    found: Structure
    sample: Sample
    gone: frozenset[TableName] = frozenset()

    @property
    def is_subject(self) -> bool:
        """Whether rows of the table are people."""
        return self.table.name == self.found.subject

    @property
    def leads(self) -> bool:
        """Whether a way leads from the table to the person."""
        return self.found.leads(self.table.name)

    @property
    def is_measure(self) -> bool:
        """Whether an erasure should not move the column's sum."""
        name = self.column.name
        is_key = name in self.table.key or any(name in f.columns for f in self.table.foreign_keys)
        return (
            self.leads
            and types.is_number(self.column)
            and not is_key
            and bool(_MEASURE.search(words(name)))
        )

    @property
    def is_unique(self) -> bool:
        """Whether no two rows may hold the same value."""
        return any(self.column.name in unique for unique in self.table.unique_keys) or any(
            self.column.name in index.columns for index in self.table.expressions
        )

    @property
    def holds_paths(self) -> bool:
        """Whether the column names files: as a text, in a list, or in a document."""
        seen = self.sample.of(self.table.name, self.column.name)
        if not types.is_text(self.column):
            # What a column of another table names in a text is that one's; this is a copy.
            return bool(self.paths) and not self._named_elsewhere & set(map(_folder, self.paths))
        return seen.are_paths or (not seen.values and bool(_PATH.search(words(self.column.name))))

    @property
    def _named_elsewhere(self) -> set[str]:
        """The first folders of files that texts of other tables name."""
        return {
            _folder(path)
            for name, seen in self.sample.columns.items()
            if name.table != self.table.name and seen.are_paths
            for path in seen.values
        }

    @property
    def places(self) -> Mapping[str, Sequence[str]]:
        """The paths that were seen in a document, by where they stand, as the map writes it."""
        if not types.is_document(self.column):
            return {}
        return places_of_paths(self.sample.of(self.table.name, self.column.name).values)

    @property
    def paths(self) -> Sequence[str]:
        """The paths that were seen in the column; of a text that names files, its values."""
        values = self.sample.of(self.table.name, self.column.name).values
        if types.is_text(self.column):
            return values
        if self.column.is_array and types.is_searchable(self.column):
            return listed_paths(values)
        return [path for paths in self.places.values() for path in paths]

    @property
    def is_reference(self) -> bool:
        """Whether the column holds keys of people and is no way to them."""
        return self.column.name in self.found.references.get(self.table.name, ())

    @property
    def is_cut(self) -> bool:
        """Whether the column leads straight to a person, or to rows that are deleted.

        An address does so, too, if it may become NULL: in a person's row it can be somebody else's.
        """
        return self.is_reference or any(
            link.column == self.column.name
            and not link.path
            and (link.to is None or (self.column.is_nullable and link.table == self.found.subject))
            and (link.table == self.found.subject or link.table in self.gone)
            for link in self.found.links.get(self.table.name, ())
        )


def erasure_of(place: ColumnPlace, category: str, key: Sequence[str]) -> MapTree:
    """Return the treatment that a column's category asks for, as the map writes it."""
    return erasure_tree(_erasure(place, category, key))


def _erasure(place: ColumnPlace, category: str, key: Sequence[str]) -> Erasure:
    column, keep = place.column, Erasure(Treatment.KEEP)
    if place.is_subject and column.name in key:
        new = Erasure(Treatment.NEW_KEY)
        return new if types.misfit(new, column) is None else keep
    if column.name == place.found.merged_into and place.is_subject:
        return Erasure(Treatment.UNLINK)
    if column.is_generated and not column.is_numbered:
        return Erasure(Treatment.DERIVED) if category != OPERATIONS else keep
    if place.rows is RowErasure.DELETE and place.holds_paths and category != OPERATIONS:
        return Erasure(Treatment.DELETE_OBJECT, _STORE)
    is_kept = place.rows is not RowErasure.ANONYMIZE and not place.is_reference
    if is_kept or column.name in key:
        return keep
    if place.is_cut:
        return Erasure(Treatment.UNLINK if column.is_nullable else Treatment.TOMBSTONE)
    if category == OPERATIONS:
        return keep
    if not place.leads:
        return _elsewhere(place, category)
    if category == UNIQUE and (types.is_number(column) or column.type == "uuid"):
        return keep  # of agents, or of the row itself
    if category in _STATISTICS and not place.is_subject and not types.is_document(column):
        return keep
    if category == "user.demographic.language" or category == "user.contact.address.country":
        return keep
    return _taken_away(place, category)


def holds_fast(place: ColumnPlace, category: str, key: Sequence[str]) -> bool:
    """Whether personal data would stay in a row that is anonymized: nothing else fits the column."""
    stays = (UNIQUE, "user.demographic.language", "user.contact.address.country", *_STATISTICS)
    is_own = category.startswith("user") and category not in stays
    if place.column.name in key:
        return types.is_text(place.column) and not place.is_cut
    return is_own and _erasure(place, category, key).treatment is Treatment.KEEP


def _elsewhere(place: ColumnPlace, category: str) -> Erasure:
    """Treat a table that no way leads from: people are found there by value alone."""
    is_role = category.startswith("user.professional_information")
    if types.label_misfit(place.column) is not None or is_role or place.is_unique:
        return Erasure(Treatment.KEEP)
    is_free = category == PRIVATE or category in ("user.name", "user.contact.email")
    return Erasure(Treatment.REDACT) if is_free else Erasure(Treatment.KEEP)


def _taken_away(place: ColumnPlace, category: str) -> Erasure:
    column = place.column
    deletion = Erasure(Treatment.DELETE_OBJECT, _STORE)
    is_alike = place.is_unique and not column.is_nullable
    if place.holds_paths and types.misfit(deletion, column) is None and not is_alike:
        return deletion
    is_text = category == PRIVATE and types.is_text(column) and not place.is_unique
    seen = place.sample.of(place.table.name, column.name)
    # What is worth nothing without the person is taken away whole: nobody has to read it.
    if (
        is_text
        and not is_derived(place.table.name)
        and types.label_misfit(column) is None
        and not (place.is_subject or seen.are_documents)
    ):
        return Erasure(Treatment.REDACT)
    if types.is_time(column) and (place.is_subject or not column.is_nullable):
        is_used = category == BEHAVIOR and column.is_nullable
        return Erasure(Treatment.SUPPRESS) if is_used else Erasure(Treatment.GENERALIZE, "month")
    if column.is_nullable:
        return Erasure(Treatment.SUPPRESS)
    if types.misfit(Erasure(Treatment.EMPTY), column) is None:
        return Erasure(Treatment.EMPTY)
    if types.is_text(column) and (place.is_unique or category == "user.contact.email"):
        return Erasure(Treatment.SURROGATE, _surrogate(category, column))
    if place.is_unique and types.misfit(Erasure(Treatment.SURROGATE, "{}"), column) is None:
        return Erasure(Treatment.SURROGATE, "{}")
    listed = column.labels or column.allowed
    constant = listed[-1] if listed else types.fitting_constant(column)
    if types.is_text(column) and not listed and (column.max_length or 99) >= len(_ERASED):
        constant = _ERASED
    return Erasure(Treatment.KEEP) if constant is None else Erasure(Treatment.REPLACE, constant)


def _surrogate(category: str, column: LiveColumn) -> str:
    """Return the longest form that fits into a column."""
    around = ("erased-{%d}@example.invalid", "{%d}@a.invalid") if "mail" in category else (
        "+999{d%d}",
    ) if "phone" in category else ("erased-{%d}", "{%d}")  # fmt: skip
    for form in around:
        for width in (32, 24, 16, 12, 9, 8):
            written = form % width
            known = surrogate_form(written)
            if known is not None and known.length <= min(column.max_length or 40, 60):
                return written
    return around[-1] % 8


def settings_of(place: ColumnPlace, category: str, erase: MapTree) -> Mapping[str, MapTree]:
    """Return a column's entry in the map."""
    column = place.column
    settings: dict[str, MapTree] = {"category": category, "erase": erase}
    is_personal = category.startswith("user")
    treatment = next(iter(erase)) if isinstance(erase, Mapping) else str(erase)
    is_other = ColumnName(place.table.name, column.name) in place.found.of_others
    if is_other and place.found.has_agents:
        settings["kind"] = place.found.other_kind
    seen = place.sample.of(place.table.name, column.name)
    if place.holds_paths and not types.is_text(column) and treatment in _TAKING:
        if treatment != "delete_object":
            settings["store"] = _STORE
        if places := sorted(place.places):
            settings["paths"] = places
    can_cover = (
        (types.label_misfit(column) is None or (types.is_bytes(column) and is_personal))
        and not column.is_generated
        and place.rows is not RowErasure.REFRESH
        and place.table.kind not in (TableKind.VIEW, TableKind.FOREIGN)
        and (place.table.key or place.table.unique_keys)
    )
    is_free = is_personal and (category == PRIVATE or treatment == "redact")
    if treatment == "delete_object" or (place.holds_paths and treatment == "keep" and is_personal):
        settings["mention"] = "delete_object" if treatment == "delete_object" else "refuse"
    elif treatment == "redact" and types.is_text(column):
        settings["text"] = "html" if seen.is_markup or "html" in words(column.name) else "plain"
    elif (can_cover and is_free and types.is_text(column) and place.rows is RowErasure.DELETE) or (
        can_cover and not place.is_subject and (is_personal or not _is_closed(place))
    ):
        settings["mention"] = "empty" if types.is_bytes(column) else "redact"
    if is_personal:
        is_named = is_other or place.is_reference
        is_theirs = place.leads and not is_named and place.table.name not in place.found.others
        is_secret = category == "user.authorization.credentials"
        is_shown = (
            is_theirs
            and not is_secret
            and not column.is_generated
            and place.rows is not RowErasure.REFRESH
        )
        settings["access"] = "true" if is_shown else "false"
        settings["portability"] = "false"
        if is_shown:
            said = column.comment or words(column.name).replace("_", " ")
            settings["meaning"] = " ".join(said.split()).rstrip(".").capitalize() + "."
            if len(settings["meaning"]) > LONGEST_LABEL:
                settings["label"] = label_of(column.name)
    return settings


def may_hold_text(place: ColumnPlace) -> bool:
    """Whether a column that stays could hold what people wrote, or who they are."""
    column, seen = place.column, place.sample.of(place.table.name, place.column.name)
    is_key = any(column.name in key.columns for key in place.table.foreign_keys)
    is_text = types.is_text(column) or types.is_document(column) or column.type == "xml"
    return (
        (is_text or column.is_array or types.is_unknown(column))
        and not (column.labels or column.allowed or is_key or column.is_generated)
        and not seen.is_closed_list
    )


def _is_closed(place: ColumnPlace) -> bool:
    """Whether a column that stays holds codes, which name nobody."""
    seen = place.sample.of(place.table.name, place.column.name)
    name = place.column.name
    is_key = name in place.table.key or any(name in one.columns for one in place.table.foreign_keys)
    if is_key or place.column.labels or place.column.allowed:
        return True
    if seen.is_closed_list:
        return seen.is_repeated or not place.leads
    has_words = any(" " in value.strip() for value in seen.values)
    return not (has_words or seen.are_encoded or types.is_document(place.column))


def named_files(
    guesses: Mapping[ColumnName, Guess],
    live: LiveSchema,
    found: Structure,
    sample: Sample,
    rows: Mapping[TableName, RowErasure],
) -> Mapping[TableName, Sequence[str]]:
    """Return the tables whose columns name files that an erasure deletes, with the paths seen."""
    paths: dict[TableName, list[str]] = {}
    for place, taken in guesses.items():
        table = live.tables[place.table]
        column = table.column(place.name)
        if column is None or not taken.is_personal:
            continue
        here = ColumnPlace(table, column, rows[place.table], found, sample)
        erase = _erasure(here, taken.category, table.key)
        if here.holds_paths and erase.treatment in _TAKING:
            paths.setdefault(place.table, []).extend(here.paths)
    return paths


def file_patterns(
    paths: Mapping[TableName, Sequence[str]], said: Callable[[TableName, str], str]
) -> list[str]:
    """Return file patterns as lines of YAML.

    Args:
        said: of a table of whose files none was seen, the pattern; the second argument is that of
            the folder around the files of others, empty for none.
    """
    lines: dict[str, str] = {}

    def add(name: TableName, pattern: str, form: str) -> None:
        written = names.written(name)
        quoted = f"'{written}'" if '"' in written else written
        lines.setdefault(
            pattern,
            f'{{pattern: "{pattern}", format: {form}, table: {quoted}, {_TREATED[form]}}}',
        )

    for name, some in paths.items():
        for pattern, form in _patterns(some, lines) if some else ():
            add(name, pattern, form)
    for name in (name for name, some in paths.items() if not some):
        around, below = _around(paths, lines)
        pattern = said(name, around)
        if pattern == around:
            # What was seen keeps its table: its own folder comes first.
            lines[below] = lines.pop(around).replace(f'"{around}"', f'"{below}"')
        add(name, pattern, "detect")
    # The first that fits counts: what is narrower comes first.
    return [lines[pattern] for pattern in sorted(lines, key=_breadth)]


def _around(paths: Mapping[TableName, Sequence[str]], lines: Collection[str]) -> tuple[str, str]:
    """Return the pattern of the one folder in which all files lie, and of the folder of theirs below it.

    Both are empty if there is no such folder, or none below it.
    """
    seen = [posixpath.dirname(path) for some in paths.values() for path in some]
    below = posixpath.commonpath(seen) if seen else ""
    around = f"{_folder(below)}/**"
    return (around, f"{below}/**") if "/" in below and [*lines] == [around] else ("", "")


def _breadth(pattern: str) -> tuple[int, int]:
    literal = pattern.partition("*")[0]
    return -len(literal), -len(pattern)


def _folder(path: str) -> str:
    return path.split("/")[0]


def _patterns(paths: Sequence[str], taken: Collection[str]) -> list[tuple[str, str]]:
    """Return a pattern for each first folder; of many folders, which are no kinds of files, one for all.

    Args:
        taken: patterns of other tables: files of this one are told apart by the folders below.
    """
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(_folder(path) if "/" in path else "", []).append(path)
    if "" in folders or len(folders) > _MOST_FOLDERS:
        return list(_of_folder("", paths))
    if {f"{folder}/**" for folder in folders} & set(taken) and (
        deeper := posixpath.commonpath(paths)
    ):
        return list(_of_folder(f"{deeper}/", paths))
    return [one for folder, some in folders.items() for one in _of_folder(f"{folder}/", some)]


def _of_folder(folder: str, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the patterns of a folder, for files of any kind: people attach what they like.

    `detect` copes with every file, also with those that come later, whatever they are called.
    """
    endings = sorted({path.rsplit(".", 1)[-1] for path in paths if "." in path})
    if endings == ["parquet"]:
        yield f"{folder}**", "parquet"
        return
    yield f"{folder}**", "detect"
