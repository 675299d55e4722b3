"""The gate's own derivation of known values: what people's rows hold that a plan does not know.

It reads the rows that lead to a person with queries of its own, before anything is changed, and
tells by rules of its own what each value is. They are narrower than those of the plan: a form that
cannot be mistaken, or a category that says it. What it derives has to be among the values that the
erasure covers and the residual search looks for, unless ten other people hold it, or somebody of another
kind does.
"""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeAlias

import ahocorasick

from lacuna.datamap import category_of_name
from lacuna.model.datamap import DataMap
from lacuna.model.identity import IdentifierKind, Person, SubjectRef, ValueClass
from lacuna.model.location import ColumnName, RowKey, TableName
from lacuna.model.table import Column, Table
from lacuna.model.treatment import RowErasure, Treatment
from lacuna.ports import Verifying, WantedRows
from lacuna.verify.search import KnownValues

_STAYS: Final = frozenset(
    {
        Treatment.KEEP,
        Treatment.DERIVED,
        Treatment.UNLINK,
        Treatment.TOMBSTONE,
        Treatment.REDACT,
        Treatment.OBFUSCATE,
    }
)
_MANY: Final = 10
_LONGEST: Final = 200
_DEEPEST: Final = 20
_TELLING_DIGITS: Final = 8
_CLASSES: Final[Sequence[tuple[str, ValueClass | None]]] = (
    ("user.contact.email", ValueClass.CONTACT),
    ("user.contact.phone", ValueClass.CONTACT),
    ("user.contact.fax", ValueClass.CONTACT),
    ("user.contact.address.street", ValueClass.ADDRESS),
    ("user.contact.address.", None),
    ("user.contact.address", ValueClass.ADDRESS),
    ("user.name", ValueClass.FULL_NAME),
    ("user.unique_id", ValueClass.IDENTIFIER),
    ("user.government_id", ValueClass.IDENTIFIER),
    ("user.financial", ValueClass.IDENTIFIER),
    ("user.device.", ValueClass.IDENTIFIER),
    ("user.demographic.date_of_birth", ValueClass.DATE_OF_BIRTH),
    ("user.demographic", None),
    ("user.location", None),
    ("user.professional_information.job_title", None),
)
"""What a category says of its values, the first that fits; None: not to be searched for."""

_KEY: Final = "\0"
"""Ends the path of a key; no text of PostgreSQL's holds it."""
_MOST_BESIDE: Final = 6
_SAYING: Final = ("type", "kind", "name")
"""Members that say what the value beside them is."""

_ADDRESS: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")
_TELEPHONE: Final = re.compile(r"(?:\+|0)[0-9 ]{8,20}")
_IDENTIFIER: Final = re.compile(r"(?=[^\d]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+){0,3}")
_BEGINS_LIKE_A_MOMENT: Final = re.compile(r"\d{1,4}[-./]\d\d?[-./]\d{1,4}\b")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NETWORK: Final = re.compile(r"[0-9a-fA-F.:]+/\d{1,3}", re.ASCII)
_NOT_SAID: Final = re.compile(r"[\W_]+")
_BETWEEN: Final = re.compile(r"[\n,;<>\"]")
"""What parts several values in one text, a JSON document's too."""
_SCHEMES: Final = frozenset({"mailto", "tel"})
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass
class Derived:
    """What was derived from the rows of one person.

    Attributes:
        counts: values by class, each once, those that say nothing of the person left out.
        missed: `schema.table.column` → values in it that the plan does not know.
        unseen: `schema.table` → rows of the plan's that were not read, so that nothing was compared.
        kept: `schema.table.column` → rows in which a member that stays holds a value, in any encoding.
    """

    counts: Counter[ValueClass] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    unseen: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Value:
    """A value in a column of one person's."""

    ref: SubjectRef
    column: ColumnName
    value_class: ValueClass
    text: str = field(repr=False)


StayingRows: TypeAlias = Mapping[tuple[SubjectRef, TableName], frozenset[RowKey]]
"""Own rows of people that an erasure leaves to others, by person and table."""
NONE_STAYS: Final[StayingRows] = {}

_Planned = Mapping[SubjectRef, Mapping[TableName, int]]
_StayingTexts = tuple[SubjectRef, ColumnName, Sequence[str]]
"""Whose row it is, the column, and the members of it that stay."""


def derive_values(
    people: Sequence[Person],
    planned: _Planned,
    datamap: DataMap,
    verifying: Verifying,
    staying: StayingRows = NONE_STAYS,
) -> Mapping[SubjectRef, Derived]:
    """Derive the known values of people from their rows as they are now, and compare.

    Args:
        planned: how many rows of each table the plan treats, of those that lead to the person.
        staying: rows that it leaves, for others need them: what is in them does not go.

    Raises:
        DataMapDrift: a table or column of the data map is missing.
    """
    derived: dict[SubjectRef, Derived] = defaultdict(Derived)
    for org_id in sorted({person.org_id for person in people}):
        of_tenant = [person for person in people if person.org_id == org_id]
        found, read, members = _read(of_tenant, datamap, verifying, staying)
        for ref, column in _still_held(of_tenant, members):
            derived[ref].kept[str(column)] += 1
        for person in of_tenant:
            for table, count in planned.get(person.ref, {}).items():
                if (seen := read.get(table)) is not None and seen[person.ref] < count:
                    derived[person.ref].unseen[str(table)] = count - seen[person.ref]
        known = {person.ref: Known(person) for person in of_tenant}
        missed = {one for one in found if not known[one.ref].covers(one)}
        missed -= _of_other_kinds(missed, org_id, verifying)
        missed -= _of_many(missed, of_tenant, datamap, verifying)
        for ref, said in _once(one for one in found if one in missed or known[one.ref].covers(one)):
            derived[ref].counts[said] += 1
        for one in missed:
            derived[one.ref].missed[str(one.column)] += 1
    return derived


def _once(values: Iterable[Value]) -> Iterator[tuple[SubjectRef, ValueClass]]:
    for ref, value_class, _ in {(one.ref, one.value_class, _said(one.text)) for one in values}:
        yield ref, value_class


# --- what the rows hold ---------------------------------------------------------------------------


def _read(
    people: Sequence[Person],
    datamap: DataMap,
    verifying: Verifying,
    left: StayingRows,
) -> tuple[set[Value], Mapping[TableName, Counter[SubjectRef]], Sequence[_StayingTexts]]:
    """Return the values in the people's rows that go, the rows by table, and members that stay.

    Tables that hold no values are not read.
    """
    refs_of: dict[str, set[SubjectRef]] = defaultdict(set)
    for person in people:
        for key in person.keys:
            refs_of[key].add(person.ref)
    held = {(person.ref, one.table): one.keys for person in people for one in person.held}
    held |= {place: keys | held.get(place, frozenset()) for place, keys in left.items()}
    found: set[Value] = set()
    read: dict[TableName, Counter[SubjectRef]] = {}
    staying: list[_StayingTexts] = []
    for table in datamap.tables.values():
        taken = [column for column in table.columns if _is_taken(column, table)]
        if not taken:
            continue
        seen = read[table.name] = Counter()
        names = [column.name for column in taken]
        for owners, row_key, row in verifying.rows_of_people(
            table.name, list(refs_of), people[0].org_id, names
        ):
            for ref in set().union(*(refs_of[owner] for owner in owners)):
                seen[ref] += 1
                if row_key in held.get((ref, table.name), ()):
                    continue
                for column in taken:
                    where = ColumnName(table.name, column.name)
                    found |= {
                        Value(ref, where, said, text)
                        for text, said in values_in(row[column.name], column)
                    }
                    if table.rows is RowErasure.ANONYMIZE and (
                        texts := members_that_stay(row[column.name], column)
                    ):
                        staying.append((ref, where, texts))
    return found, read, staying


def _still_held(
    people: Sequence[Person], staying: Sequence[_StayingTexts]
) -> Iterator[tuple[SubjectRef, ColumnName]]:
    """Yield person and column for each row in which a member that stays holds a value of theirs."""
    if not staying:
        return
    known_values = KnownValues((person.ref, person.known) for person in people)
    found = known_values.find_all(["\n".join(texts) for *_, texts in staying])
    for number, matches in found.items():
        ref, column, _ = staying[number]
        if any(one.ref == ref and not one.is_phrase for one in matches):
            yield ref, column


def members_that_stay(content: object, column: Column) -> Sequence[str]:
    """Return the members of a document that stay, as JSON, for that is what is searched afterwards."""
    return [
        json.dumps(member, ensure_ascii=False)
        for path in _kept_paths(column)
        for member in _members_at(content, path)
    ]


def _members_at(content: object, path: Sequence[str]) -> Iterator[object]:
    if not path:
        yield content
    elif isinstance(content, dict) and path[0] in content:
        yield from _members_at(content[path[0]], path[1:])
    elif isinstance(content, list) and path[0] == "[]":
        for one in content:
            yield from _members_at(one, path[1:])


def _is_taken(column: Column, table: Table) -> bool:
    if table.rows not in (RowErasure.ANONYMIZE, RowErasure.DELETE):
        return False
    is_deleted = table.rows is RowErasure.DELETE
    return (
        column.is_personal
        and column.in_access
        and not column.is_text
        and column.object_store is None
        and column.name not in table.key
        and all(link.column != column.name for link in table.links)
        and (is_deleted or column.erasure.treatment not in _STAYS)
    )


def _kept_paths(column: Column) -> list[tuple[str, ...]]:
    if column.erasure.treatment is not Treatment.JSON_KEYS:
        return []
    return [_path(entry) for entry in (column.erasure.argument or "").split(",")]


def values_in(content: object, column: Column) -> Iterator[tuple[str, ValueClass]]:
    """Yield what the gate derives from the content of a column, as JSON has it."""
    kept = _kept_paths(column)
    for path, text in _leaves(content, (), 0):
        if any(path[: len(one)] == one for one in kept):
            continue
        said = next((part for part in reversed(path) if part != "[]"), None)
        # What the column is says nothing of the keys in it.
        category = (
            "" if said == _KEY else (category_of_name(said) if said else None) or column.category
        )
        if category.startswith("user.device.ip") and _NETWORK.fullmatch(text):
            text = text.partition("/")[0]
        if (value_class := class_of(text, category)) is not None:
            yield text, value_class


def _path(entry: str) -> tuple[str, ...]:
    name = entry.strip()
    return tuple(name[1:].split("/")) if name.startswith("/") else (name,)


def _leaves(
    content: object, path: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text, number and key in a value, with the keys that lead to it."""
    if depth > _DEEPEST or content is None or isinstance(content, bool):
        return
    if isinstance(content, dict):
        said = None
        if len(content) <= _MOST_BESIDE:
            said = next(
                (content[one] for one in _SAYING if isinstance(content.get(one), str)), None
            )
        for name, value in content.items():
            yield from _leaves(name, (*path, name, _KEY), depth)
            of_type = (said,) if said and name == "value" else ()
            yield from _leaves(value, (*path, name, *of_type), depth + 1)
    elif isinstance(content, list):
        for value in content:
            yield from _leaves(value, (*path, "[]"), depth + 1)
    else:
        text = str(content).strip()
        if 0 < len(text) <= _LONGEST and "://" not in text:
            yield path, text


def class_of(text: str, category: str) -> ValueClass | None:
    """Return the class of a value of a category; None if it cannot be told surely."""
    said = next((one for prefix, one in _CLASSES if category.startswith(prefix)), ValueClass.OTHER)
    form = _form_of(text)
    match said:
        case ValueClass.CONTACT:
            return said if form is ValueClass.CONTACT else None
        case ValueClass.DATE_OF_BIRTH:
            return said if _DAY.fullmatch(text) else None
        case ValueClass.FULL_NAME if form is not ValueClass.CONTACT:
            return said if " " in text else ValueClass.NAME_PART
        case ValueClass.OTHER if form is None:
            is_written = category.startswith(("user.content", "user.behavior"))
            is_long = " " in text and len(_said(text)) >= 12
            return said if is_long and not is_written and not _is_moment(text) else None
        case ValueClass.OTHER | ValueClass.FULL_NAME:
            return form
        case _:
            return said


def _form_of(text: str) -> ValueClass | None:
    digits = sum(map(str.isdigit, text))
    if _ADDRESS.fullmatch(text) or (_TELEPHONE.fullmatch(text) and digits >= 8):
        return ValueClass.CONTACT
    letters = len(_said(text))
    is_long = letters >= (7 if letters == digits else 5)
    if is_long and _IDENTIFIER.fullmatch(text) and not _is_moment(text):
        return ValueClass.IDENTIFIER
    return None


def _is_moment(text: str) -> bool:
    return _BEGINS_LIKE_A_MOMENT.match(text) is not None


def _said(text: str) -> str:
    """Return the letters and digits of a text, without case."""
    return _NOT_SAID.sub("", unicodedata.normalize("NFKC", text)).casefold()


# --- what the plan knows --------------------------------------------------------------------------


class Known:
    """The values of one person as the plan knows them."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._values = [*person.known, *person.own_values]
        texts = [*(one.value for one in self._values), *person.short_names, *person.keys]
        self._texts = {_said(one): one for one in texts}

    # Most values are known as they stand: what the others take is made when it is needed.
    @cached_property
    def _words(self) -> Mapping[str, Set[str]]:
        return {said: _words(text) for said, text in self._texts.items()}

    @cached_property
    def _known_values(self) -> KnownValues:
        return KnownValues([(self._person.ref, self._values)])

    def covers(self, value: Value) -> bool:
        """Whether all of a value is known, as it stands or as it is written here."""
        said = _said(value.text)
        if said in self._texts:
            return True
        matches = [known_value.identifier for known_value in self._known_values.find(value.text)]
        if any(one.kind is IdentifierKind.PHONE for one in matches):
            return said.removeprefix("tel").isdigit()
        words = {word for one in matches for word in _words(one.value)}
        words |= {word for one, of_one in self._words.items() if one in said for word in of_one}
        return _words(value.text) - _SCHEMES <= words


def _words(text: str) -> set[str]:
    return {_said(word) for word in _WORD.findall(text)}


# --- what says nothing of a person ----------------------------------------------------------------


def _of_other_kinds(values: Collection[Value], org_id: str, verifying: Verifying) -> set[Value]:
    """Return those that somebody of another kind holds in the row that is theirs."""
    if not values:
        return set()
    theirs: set[str] = set()
    for row in verifying.rows_of_other_kinds(org_id):
        for content in row:
            theirs.update(_alike(text) for _, text in _leaves(content, (), 0))
    return {one for one in values if _alike(one.text) in theirs}


def _alike(text: str) -> str:
    """Return a value as it compares: of a telephone number, its last digits."""
    said = _said(text)
    return said[-_TELLING_DIGITS:] if said.isdigit() else said


def _of_many(
    values: set[Value], people: Sequence[Person], datamap: DataMap, verifying: Verifying
) -> set[Value]:
    """Return those that ten others hold, in the same column or in any."""
    keys = {person.ref: frozenset(person.keys) for person in people}
    org_id = people[0].org_id
    by_column: dict[ColumnName, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for one in values:
        by_column[one.column][one.text.lower()].append(one)
    holders: dict[str, set[str]] = defaultdict(set)
    found: set[Value] = set()

    def look(column: ColumnName, by_text: Mapping[str, Sequence[Value]]) -> None:
        for text, owners in _holders(column, by_text, org_id, verifying).items():
            holders[text] |= owners
            found.update(
                one for one in by_text[text] if len(holders[text] - keys[one.ref]) >= _MANY
            )

    for place, by_text in by_column.items():
        look(place, by_text)
    # Most are found by now; the rest may stand in few rows of each of many columns.
    for table in datamap.tables.values():
        for column in (one for one in table.columns if _is_taken(one, table)):
            left: dict[str, list[Value]] = defaultdict(list)
            for one in values - found:
                left[one.text.lower()].append(one)
            if left:
                look(ColumnName(table.name, column.name), left)
    return found


def _holders(
    column: ColumnName, texts: Collection[str], org_id: str, verifying: Verifying
) -> Mapping[str, set[str]]:
    """Return whose rows hold each of some texts in a column, alone or in a document."""
    automaton = ahocorasick.Automaton()
    for text in texts:
        for written in {text, json.dumps(text, ensure_ascii=False)[1:-1]}:
            automaton.add_word(written, (len(written), text))
    automaton.make_automaton()
    alike = {_alike(text): text for text in texts}

    def said_in(value: str) -> set[str]:
        parts = (_alike(part) for part in _BETWEEN.split(value))
        return {*_in(value, automaton), *(alike[part] for part in parts if part in alike)}

    table, name = column.table, column.name
    wanted = None
    if name in verifying.repeated(table, [name]):
        repeated = {
            value
            for values in verifying.values(table, name, org_id)
            for value in values
            if said_in(value)
        }
        wanted = WantedRows({name: repeated}, ())
    found: dict[str, set[str]] = defaultdict(set)
    for rows in verifying.rows(table, org_id, [name], wanted=wanted):
        for row, value in enumerate(rows.columns.get(name, ())):
            for text in said_in(value) if isinstance(value, str) else ():
                found[text] |= rows.owners(row)
    return found


def _in(value: str, automaton: ahocorasick.Automaton) -> Iterator[str]:
    lowered = value.lower()
    for last, (length, text) in automaton.iter(lowered):
        before, after = lowered[last - length : last - length + 1], lowered[last + 1 : last + 2]
        if not (before.isalnum() and last >= length) and not after.isalnum():
            yield text
