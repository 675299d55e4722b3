"""The marts' declarations: `sql/reporting/<mart>/metadata.yaml`, read strictly."""

import functools
import itertools
import re
from collections.abc import Callable, Collection, Hashable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

import yaml

from lacuna.errors import ConfigurationError
from lacuna.model.location import TableName
from lacuna.model.mart import (
    Dimension,
    Mart,
    Mean,
    Measure,
    PeriodKind,
    Share,
    Unit,
    Unsafe,
)
from lacuna.sql_files import SQL_FOLDER

FOLDER: Final = SQL_FOLDER / "reporting"
_FEWEST_PEOPLE: Final = 10
"""No mart may be declared with a lower threshold."""
COMMON_COLUMNS: Final = (
    ("org_id", "tenant"),
    ("period", "ISO 8601 day, week or month, or a range of them"),
    ("first_day", "first day of the period"),
    ("last_day", "last day of the period, included"),
    ("is_merged", "whether the row merges groups that were too small"),
    ("policy_version", "version of the protection rules"),
)
"""The columns that every mart's table has, with their meaning."""

FIRST_ADDED: Final = 100
"""The precedence of an installation's marts begins here, so that new ones of Lacuna do not clash."""

_LONGEST_NAME: Final = 49
# Names of triggers are longer, and PostgreSQL cuts them after 63 bytes.
_NAME: Final = re.compile(rf"[a-z][a-z0-9_]{{0,{_LONGEST_NAME - 1}}}")
_TAKEN: Final = frozenset({"release", "restatement"})

_Choice = TypeVar("_Choice", bound=StrEnum)
_Part = TypeVar("_Part")


@functools.cache
def marts(folder: Path | None = None) -> tuple[Mart, ...]:
    """Return every mart, Lacuna's own and an installation's, in order of precedence.

    Args:
        folder: of the installation's own marts (`LACUNA_MARTS`); None where it has none.

    Raises:
        ConfigurationError: a declaration has an unknown, missing, doubled or impossible entry, a
            file is missing, or two marts have the same precedence; names the folder.
    """
    found = [load_mart(source) for source in sorted(FOLDER.glob("*/metadata.yaml"))]
    if folder is not None:
        found += [load_added(place) for place in _folders(folder)]
    found.sort(key=lambda mart: mart.precedence)
    for one, other in itertools.pairwise(found):
        if one.precedence == other.precedence:
            raise ConfigurationError(
                f"{other.folder}: precedence {other.precedence} is that of {one.name}, too; give "
                "each mart another one"
            )
    return tuple(found)


def added_marts(folder: Path | None) -> tuple[Mart, ...]:
    """Return the marts that an installation adds to Lacuna's own."""
    return tuple(mart for mart in marts(folder) if mart.folder.parent != FOLDER)


def load_added(place: Path) -> Mart:
    """Return a mart of an installation.

    Raises:
        ConfigurationError: names the folder and what is wrong with it.
    """
    mart = load_mart(place / "metadata.yaml")
    own = {relation for each in marts() for relation in each.relations}
    for problem in _problems_of_added(mart, own):
        raise ConfigurationError(f"{place}: {problem}")
    return mart


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(
            each for each in folder.iterdir() if each.is_dir() and not each.name.startswith(".")
        )
    except OSError as error:
        raise ConfigurationError(
            f"LACUNA_MARTS: the folder {folder} cannot be read ({error.strerror}); name the folder "
            "that contains your marts, or unset it"
        ) from None


def _problems_of_added(mart: Mart, own: Collection[str]) -> Iterator[str]:
    """Yield why an installation cannot have a mart that Lacuna itself could."""
    if taken := set(mart.relations) & set(own):
        yield f"{min(taken)} is a mart or a view of Lacuna itself; give your mart another name"
    if mart.precedence < FIRST_ADDED:
        yield (
            f"precedence is {mart.precedence}; those below {FIRST_ADDED} are kept for Lacuna's own "
            "marts. Give your mart a higher one"
        )
    if mart.round_to or mart.period is PeriodKind.MONTH:
        yield "months and numbers of people (round_to) are Lacuna's own marts alone; use day or week"
    if mart.replaces:
        yield "replaces must be empty: legacy tables are compared with Lacuna's own marts alone"
    if mart.views or (mart.folder / "views.sql").exists():
        yield "views.sql is for Lacuna's own marts; declare ratios, and read them in the _rates view"


def load_mart(source: Path) -> Mart:
    """Return the mart that one `metadata.yaml` declares.

    Raises:
        ConfigurationError: names the file and the first entry that is wrong.
    """
    try:
        top = _MetadataReader(yaml.load(source.read_bytes(), Loader=_OnceLoader), str(source))  # noqa: S506 - safe loader
    except OSError as error:
        raise ConfigurationError(f"{source}: cannot be read ({error.strerror})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = "" if mark is None else f"line {mark.line + 1}: "
        problem = getattr(error, "problem", None) or "not YAML"
        raise ConfigurationError(f"{source}: {line}{problem}") from None
    mart = Mart(
        name=top.text("mart"),
        precedence=top.number("precedence"),
        owner=top.text("owner"),
        purpose=top.text("purpose"),
        unit=top.text("unit"),
        calendar=top.text("calendar"),
        period=top.choice("period", PeriodKind),
        people=top.number("people"),
        sources=tuple(map(top.table, top.texts("sources"))),
        replaces=tuple(map(top.table, top.texts("replaces"))),
        dimensions=top.parts("dimensions", _dimension),
        measures=top.parts("measures", _measure),
        means=top.parts("means", _mean),
        shares=top.parts("shares", _share),
        agents=top.optional("agents") or 0,
        round_to=top.optional("round_to") or 0,
        lag_days=top.optional("lag_days"),
        at_close=top.texts("at_close") if top.has("at_close") else (),
        views=top.texts("views") if top.has("views") else (),
        folder=source.parent,
    )
    top.finish()
    for problem in _problems(mart, source):
        raise ConfigurationError(f"{source}: {problem}")
    for problem in _problems_of_files(mart):
        raise ConfigurationError(f"{source.parent}: {problem}")
    return mart


def _problems(mart: Mart, source: Path) -> Iterator[str]:
    if mart.name != source.parent.name:
        yield f"mart is {mart.name!r}, but the folder is {source.parent.name!r}"
    if not _NAME.fullmatch(mart.name) or mart.name in _TAKEN or mart.name.endswith("_rates"):
        yield (
            f"mart is {mart.name!r}; a name has up to {_LONGEST_NAME} lower-case letters, digits and "
            "_, does not end in _rates, and is not release or restatement"
        )
    if mart.people < _FEWEST_PEOPLE:
        yield f"people is {mart.people}, but a mart needs at least {_FEWEST_PEOPLE}"
    if not (mart.dimensions and mart.measures and mart.sources):
        yield "needs at least one dimension, one measure and one source"
        return
    ratios: tuple[Mean | Share, ...] = (*mart.means, *mart.shares)
    columns: tuple[Dimension | Measure, ...] = (*mart.dimensions, *mart.measures)
    names = [column.name for column in columns] + [ratio.name for ratio in ratios]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"the name {name!r} occurs twice"
    names += [name for name, _ in COMMON_COLUMNS]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"the name {name!r} is that of a column that every mart has"
    for name in names:
        if not _NAME.fullmatch(name):
            yield f"the name {name!r} is not lower-case letters, digits and _"
    measures = {measure.name for measure in mart.measures}
    for ratio in ratios:
        for name in (*ratio.reads, *ratio.hides):
            if name not in measures:
                yield f"{ratio.name}: {name!r} is not a measure of this mart"
        if mart.base in ratio.hides:
            yield f"{ratio.name}: {mart.base!r} counts the rows and is never withheld"
        if not ratio.hides:
            yield f"{ratio.name}: hides is empty; an unsafe ratio needs a measure to withhold"
    for share in mart.shares:
        if share.unsafe is Unsafe.CARRY and not share.published_in:
            yield (
                f"{share.name}: a share that depends on its own value cannot be published; merge it"
            )
        if len(mart.dimensions) > 1 and not share.published_in:
            yield (
                f"{share.name}: periods are joined for it as a whole, so the mart must have one "
                "dimension; name the mart that publishes it in published_in"
            )
    for name in mart.at_close:
        if name not in measures:
            yield f"at_close: {name!r} is not a measure of this mart"
    if mart.round_to and (len(mart.measures) > 1 or ratios):
        yield "a mart that counts people (round_to) must have one measure and no ratio"
    for dimension in mart.dimensions[:-1]:
        if dimension.bands:
            yield f"{dimension.name}: only the last dimension can have bands"
    yield from _problems_of_bands(mart.dimensions[-1])


def _problems_of_files(mart: Mart) -> Iterator[str]:
    there = {path.name for path in mart.folder.glob("*.sql")}
    for name in ("query.sql", "span.sql"):
        if name not in there:
            yield f"{name} is missing"
    if len(there & {"days.sql", "late.sql"}) == 1:
        yield "days.sql and late.sql come together: they are of a mart that keeps its own rows"
    if bool(mart.views) is not ("views.sql" in there):
        yield "views.sql, and the names of its views in views, come together"


def _problems_of_bands(dimension: Dimension) -> Iterator[str]:
    ends = [band.split("-") for band in dimension.bands]
    if any(len(pair) != 2 for pair in ends):
        yield f"{dimension.name}: write a band as FROM-TO, the last one as FROM-"
        return
    for (_, last), (first, _) in itertools.pairwise(ends):
        if last != first or len(last) != len(ends[0][0]):
            yield f"{dimension.name}: bands must follow one another, with equal numbers of digits"
    if ends and ends[-1][1] != "":
        yield f"{dimension.name}: the last band must have no end"


def _dimension(entry: "_MetadataReader") -> Dimension:
    bands = entry.texts("bands") if entry.has("bands") else ()
    return Dimension(entry.text("name"), entry.text("definition"), bands)


def _measure(entry: "_MetadataReader") -> Measure:
    return Measure(entry.text("name"), entry.choice("unit", Unit), entry.text("definition"))


def _mean(entry: "_MetadataReader") -> Mean:
    return Mean(
        name=entry.text("name"),
        total=entry.text("total"),
        count=entry.text("count"),
        hides=entry.texts("hides"),
        definition=entry.text("definition"),
    )


def _share(entry: "_MetadataReader") -> Share:
    return Share(
        name=entry.text("name"),
        part=entry.text("part"),
        whole=entry.text("whole"),
        unsafe=entry.choice("unsafe", Unsafe),
        hides=entry.texts("hides"),
        definition=entry.text("definition"),
        published_in=entry.text("published_in") if entry.has("published_in") else "",
    )


class _OnceLoader(yaml.SafeLoader):
    """The safe loader, which also refuses a key that appears twice."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        """Return the mapping, or raise at its second key of one name."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a key must be text", problem_mark=key.start_mark
                )
            name = str(self.construct_scalar(key))
            if name in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {name!r} occurs twice", problem_mark=key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


class _MetadataReader:
    """A mapping of the file, read key by key; what nobody asked for is an error."""

    def __init__(self, node: object, where: str) -> None:
        if not isinstance(node, dict):
            raise ConfigurationError(f"{where}: must be a mapping: `key: value` lines")
        self._left = dict(node)
        self._where = where

    def text(self, key: str) -> str:
        found = self._take(key)
        if not isinstance(found, str) or not found.strip():
            raise ConfigurationError(f"{self._where}: {key} must be text")
        return " ".join(found.split())

    def number(self, key: str) -> int:
        found = self._take(key)
        if type(found) is not int or found < 1:
            raise ConfigurationError(f"{self._where}: {key} must be a whole number above zero")
        return found

    def has(self, key: str) -> bool:
        """Whether a key that may be left out is there."""
        return key in self._left

    def optional(self, key: str) -> int | None:
        """Return a number that may be left out."""
        return self.number(key) if self.has(key) else None

    def choice(self, key: str, choices: type[_Choice]) -> _Choice:
        chosen = self.text(key)
        if chosen not in list(choices):
            raise ConfigurationError(f"{self._where}: {key} must be one of {', '.join(choices)}")
        return choices(chosen)

    def texts(self, key: str) -> tuple[str, ...]:
        found = self._take(key)
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise ConfigurationError(f"{self._where}: {key} must be a list of texts")
        return tuple(found)

    def table(self, name: str) -> TableName:
        try:
            return TableName.parse(name)
        except ValueError:
            raise ConfigurationError(f"{self._where}: {name!r} must be schema.table") from None

    def parts(self, key: str, parse: Callable[["_MetadataReader"], _Part]) -> tuple[_Part, ...]:
        found = self._take(key)
        if not isinstance(found, list):
            raise ConfigurationError(f"{self._where}: {key} must be a list of mappings")
        parts = []
        for number, node in enumerate(found, start=1):
            entry = _MetadataReader(node, f"{self._where}: {key} {number}")
            parts.append(parse(entry))
            entry.finish()
        return tuple(parts)

    def finish(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self._left:
            raise ConfigurationError(f"{self._where}: unknown key {key!r}")

    def _take(self, key: str) -> object:
        if key not in self._left:
            raise ConfigurationError(f"{self._where}: {key!r} is missing")
        return self._left.pop(key)
