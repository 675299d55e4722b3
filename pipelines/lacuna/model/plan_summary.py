"""A plan for who is no engineer: by category of data what happens, to how many, and what stays."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from lacuna.model.datamap import DataMap
from lacuna.model.location import TableName
from lacuna.model.plan import BUNDLES
from lacuna.model.treatment import Treatment

# The longest that fits counts. The names are those of fideslang.
_CATEGORIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "user": "other personal data",
        "user.account": "account data",
        "user.behavior": "activity",
        "user.biometric": "biometric data",
        "user.contact": "contact details",
        "user.contact.address": "postal addresses",
        "user.contact.email": "e-mail addresses",
        "user.contact.phone_number": "telephone numbers",
        "user.content": "messages and other texts",
        "user.content.self_image": "pictures of the person",
        "user.demographic": "demographic data",
        "user.device": "data of devices",
        "user.financial": "financial data",
        "user.government_id": "official identifiers",
        "user.health_and_medical": "health data",
        "user.location": "places",
        "user.name": "names",
        "user.privacy_preferences": "consents and preferences",
        "user.professional_information": "occupation",
        "user.unique_id": "customer numbers and keys",
        "system": "links to the person",
    }
)
_TREATMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "suppress": "deleted",
        "empty": "emptied",
        "replace": "replaced by a fixed text",
        "generalize": "made coarser: a day, month, year or area instead of the exact value",
        "unlink": "separated from the person: the record stays, the link to them goes",
        "tombstone": "separated from the person: the record stays, the link to them goes",
        "new_key": "replaced by new random keys",
        "derived": "computed again",
        "delete_object": "the file deleted, and the path to it",
        "obfuscate": "obfuscated whole: each text becomes as many characters without meaning",
        "surrogate": "replaced by a made-up value",
    }
)
_FILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "DeleteObjects": "deleted",
        "RewriteObjects": "rewritten without the person",
        "RectifyObjects": "corrected",
    }
)
_COVERED: Final = "covered: what identifies the person is blacked out, the rest of the text stays"
_LineKey: TypeAlias = tuple[str, str, str]
"""What, how and unit."""
_GROUND_OF_COUNT: Final = re.compile(r"[0-9]+ columns? ")


@dataclass(frozen=True)
class SummaryLine:
    """What happens to rows, or files, of one category of data in one way, or stays on one ground.

    Attributes:
        what: the category, or the ground on which something stays.
        how: what happens to it; empty for what stays.
        unit: what is counted, in the singular: `row` or `file`.
        count: over all places.
        places: tables and stores, in order.
        kinds: of what stays, the kinds of data in the words of the data map; none where it has none.
    """

    what: str
    how: str
    unit: str
    count: int
    places: tuple[str, ...]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanSummary:
    """What a plan changes and what it leaves, by category of data.

    Attributes:
        changes: what is changed, deleted or handed over.
        stays: what stays, by ground.
    """

    changes: tuple[SummaryLine, ...]
    stays: tuple[SummaryLine, ...]


def summary_of(steps: str, datamap: DataMap) -> PlanSummary:
    """Return the summary of a plan's steps.

    Args:
        steps: as the queue has them, JSON.
        datamap: names the category of each column; where it changed since, the rest counts as
            other personal data.
    """
    changes: dict[_LineKey, dict[str, int]] = {}
    stays: dict[_LineKey, dict[str, int]] = {}
    kinds: dict[_LineKey, dict[str, None]] = {}
    for step in json.loads(steps):
        unit = _unit(step, datamap)
        if step["kind"] == "Retain":
            ground = _GROUND_OF_COUNT.sub("columns ", step["ground"])
            line = (ground, "", unit)
            places = stays.setdefault(line, {})
            places[step["location"]] = max(places.get(step["location"], 0), step["rows"])
            kinds.setdefault(line, {}).update(dict.fromkeys(_kinds(step, datamap)))
            continue
        for what, how in _changed(step, datamap):
            places = changes.setdefault((what, how, unit), {})
            place = str(step.get("table") or step["location"])
            places[place] = max(places.get(place, 0), int(step.get("rows", 0)))
    return PlanSummary(
        tuple(_lines(changes)),
        tuple(replace(one, kinds=tuple(kinds[one.what, "", one.unit])) for one in _lines(stays)),
    )


def together(summaries: Sequence[PlanSummary]) -> PlanSummary:
    """Return the sums of several plans, line by line."""
    return PlanSummary(
        _sums([one for summary in summaries for one in summary.changes]),
        _sums([one for summary in summaries for one in summary.stays]),
    )


def _sums(lines: Sequence[SummaryLine]) -> tuple[SummaryLine, ...]:
    counts: Counter[_LineKey] = Counter()
    places: dict[_LineKey, dict[str, None]] = {}
    kinds: dict[_LineKey, dict[str, None]] = {}
    for one in lines:
        counts[one.what, one.how, one.unit] += one.count
        places.setdefault((one.what, one.how, one.unit), {}).update(dict.fromkeys(one.places))
        kinds.setdefault((one.what, one.how, one.unit), {}).update(dict.fromkeys(one.kinds))
    return tuple(
        SummaryLine(*line, counts[line], tuple(names), tuple(kinds[line]))
        for line, names in places.items()
    )


def _lines(found: Mapping[_LineKey, Mapping[str, int]]) -> Iterator[SummaryLine]:
    for line, places in found.items():
        yield SummaryLine(*line, sum(places.values()), tuple(places))


def _kinds(step: Mapping[str, Any], datamap: DataMap) -> Iterator[str]:
    """Yield the kinds of data that a step leaves: a table, with the columns where only some stay."""
    location = str(step["location"])
    store = location.partition("/")[0]
    if store in datamap.stores:
        yield f"files in {store}"
        return
    table = next((one for one in datamap.tables.values() if one.name.location == location), None)
    if table is None:
        return
    label = _label(table.label, table.name.name)
    if not _GROUND_OF_COUNT.match(str(step["ground"])):
        yield label
        return
    kept = [one for one in table.columns if one.erasure.treatment is Treatment.KEEP]
    yield f"{label}: {', '.join(_label(one.label, one.name) for one in kept)}"


def _label(label: str, name: str) -> str:
    """Return a label, or the words of the name where there is none."""
    return label or name.replace("_", " ")


def _unit(step: Mapping[str, Any], datamap: DataMap) -> str:
    """Return the unit in which a step counts: a store keeps files, whatever the reason."""
    store = str(step.get("location", "")).partition("/")[0]
    return "file" if step["kind"] in _FILES or store in {*datamap.stores, BUNDLES} else "row"


def _changed(step: Mapping[str, Any], datamap: DataMap) -> Iterator[tuple[str, str]]:
    """Yield what a step changes and how, each pair once."""
    match step["kind"]:
        case "AnonymizeRows":
            pairs = [
                (_category(step, column, datamap), _in_words(how))
                for column, how in step["treatments"]
            ]
        case "RedactText":
            how = _TREATMENTS["obfuscate"] if step.get("is_whole") else _COVERED
            pairs = [(_category(step, column, datamap), how) for column in step["columns"]]
        case "RedactMentions":
            pairs = [("mentions of the person in other people's records", _COVERED)]
        case "EmptyFiles":
            pairs = [("files in records", "emptied")]
        case "DeleteRows":
            pairs = [("whole records", "deleted")]
        case "LinkTombstone" | "JoinRows":
            pairs = [("links to the person", _TREATMENTS["unlink"])]
        case "Rectify" | "RectifyCopies":
            # Of copies, each column has a number beside it.
            columns = [one if isinstance(one, str) else one[0] for one in step["columns"]]
            pairs = [(_category(step, column, datamap), "corrected") for column in columns]
        case "Restrict":
            pairs = [("the person", f"marked: {step['right']}")]
        case "WriteBundle":
            pairs = [("a copy of the person's data", "handed over")]
        case kind if kind in _FILES:
            pairs = [("files", _FILES[kind])]
        case _:
            pairs = [("reports", "computed again")]
    yield from dict.fromkeys(pairs)


def _in_words(how: str) -> str:
    """Return the effect of a treatment, in words.

    >>> _in_words("json_keys(tier,/address/country)")
    'the keys tier and /address/country stay, everything else is removed'
    """
    name, _, argument = how.removesuffix(")").partition("(")
    if name == "json_keys":
        *others, last = argument.split(",")
        if not last:
            return "everything in it is removed"
        keys = f"keys {', '.join(others)} and {last} stay" if others else f"key {last} stays"
        return f"the {keys}, everything else is removed"
    return _TREATMENTS.get(name, how)


def _category(step: Mapping[str, Any], column: str, datamap: DataMap) -> str:
    table = datamap.tables.get(TableName.parse(step["table"]))
    known = {} if table is None else {one.name: one.category for one in table.columns}
    name = known.get(column, "user")
    while name not in _CATEGORIES:
        name = name.rpartition(".")[0]
        if not name:
            return _CATEGORIES["user"]
    return _CATEGORIES[name]
