"""Proposes rules by which the text of old conversations is redacted without a request."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.scaffold.category_proposal import words
from lacuna.datamap.scaffold.questions import Question, Questionnaire
from lacuna.datamap.scaffold.structure import Structure
from lacuna.datamap.suggestion import MapTree
from lacuna.datamap.types import is_timestamp
from lacuna.errors import ConfigurationError
from lacuna.model.location import ColumnName, TableName
from lacuna.model.schema import LiveSchema
from lacuna.model.table import reaching_by

__all__ = ["propose_sweeps"]

_NONE: Final = "none"
_DAYS: Final = "1095"
# Best first: a time of closing; where there is none, the last time that anything happened.
_ENDS: Final = (
    re.compile(r"(closed?|resolved|solved|finished|ended|completed)(_(at|on|date|time))?"),
    re.compile(r"(last_(activity|message|update|change)\w*|last_?updated|updated|modified|changed)(_(at|on))?"),
)  # fmt: skip


def propose_sweeps(
    live: LiveSchema, found: Structure, tables: Mapping[str, MapTree], asked: Questionnaire
) -> list[MapTree]:
    """Return the rules of a draft, after asking for how long text is kept.

    Args:
        tables: the drafted entries, by name.

    Raises:
        ConfigurationError: the answer is no number of days.
    """
    asked.given("sweeps")
    closed = _end(live, found)
    swept = [] if closed is None else list(_swept(live, found, tables))
    if closed is None or not swept:
        return []
    said = asked.ask(
        Question(
            "sweeps",
            f"For how many days after {names.written(closed)} are texts kept in "
            f"{', '.join(map(names.written, swept))}?",
            _DAYS,
            "older ones are redacted, each rule once it is approved; none: no rules",
        )
    )
    if said == _NONE:
        return []
    if not said.isdecimal() or int(said) < 1:
        raise ConfigurationError(
            "scaffold: the answer 'sweeps' is no number of days; write one, or none"
        )
    return [
        {
            "name": f"old_{re.sub('[^a-z0-9]+', '_', words(names.written(one)))}".rstrip("_"),
            "table": names.written(one),
            "closed": names.written(closed),
            "after_days": said,
        }
        for one in swept
    ]


def _end(live: LiveSchema, found: Structure) -> ColumnName | None:
    """Return the column with the time from which a conversation counts as old."""
    if found.conversation is None:
        return None
    times = [one for one in live.tables[found.conversation].columns if is_timestamp(one)]
    for form in _ENDS:
        for column in times:
            if form.fullmatch(words(column.name)):
                return ColumnName(found.conversation, column.name)
    return None


def _swept(
    live: LiveSchema, found: Structure, tables: Mapping[str, MapTree]
) -> Iterator[TableName]:
    """Yield the tables of conversations and below them in which text is redacted."""
    below = reaching_by(found.links, found.conversation) if found.conversation else frozenset()
    for name in live.tables:
        entry = tables.get(names.written(name))
        columns = entry["columns"] if isinstance(entry, Mapping) else {}
        if (
            isinstance(entry, Mapping)
            and entry["rows"] == "anonymize"
            and isinstance(columns, Mapping)
            and any(_is_redacted(one) for one in columns.values())
            and name in below
        ):
            yield name


def _is_redacted(settings: MapTree) -> bool:
    return isinstance(settings, Mapping) and settings["erase"] == "redact" and "text" in settings
