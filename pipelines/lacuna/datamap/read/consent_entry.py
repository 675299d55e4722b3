"""Reads where a platform says what callers answered to the question about recording."""

from collections.abc import Iterable, Iterator

from lacuna.datamap import names
from lacuna.datamap.read.partial_map import MapDraft
from lacuna.datamap.read.strict_yaml import Section
from lacuna.model.consent import CallColumns, ConsentRule, OtherBasis, RecordingTable
from lacuna.model.location import TableName
from lacuna.model.table import Table, reaching
from lacuna.model.treatment import RowErasure, Treatment


def read_consent(top: Section, draft: MapDraft) -> ConsentRule | None:
    """Return the rule of a map; None where it has none, or where it does not hold together."""
    section = top.section("consent")
    if section is None:
        return None
    before = len(draft.problems.found)
    calls = section.parsed("calls", section.text("calls"), names.table_name)
    columns = CallColumns(
        began=section.text("began"),
        answer=section.text("answer"),
        key=section.text("key"),
        version=section.text("version"),
        language=section.text("language"),
        prompted=section.text("prompted"),
        answered=section.text("answered"),
        override=section.optional_text("override"),
    )
    section.require(("granted", "recordings"))
    granted, declined = section.texts("granted"), section.texts("declined")
    queue = section.parsed("queue", section.optional_text("queue"), names.column_name)
    recordings = [_recording(each) for each in section.sections("recordings")]
    derived = [
        section.parsed("derived", text, names.table_name) for text in section.texts("derived")
    ]
    bases = [_basis(each, draft) for each in section.sections("bases")]
    grace_days = section.number("grace_days")
    section.finish()
    if calls is None or len(draft.problems.found) > before:
        return None
    rule = ConsentRule(
        calls=calls,
        columns=columns,
        granted=granted,
        declined=declined,
        queue=queue,
        recordings=tuple(each for each in recordings if each is not None),
        derived=tuple(each for each in derived if each is not None),
        bases=tuple(bases),
        grace_days=grace_days,
    )
    for text in _problems(rule, draft):
        section.problem(f"consent: {text}")
    return rule


def _recording(entry: Section) -> RecordingTable | None:
    table = entry.parsed("table", entry.text("table"), names.table_name)
    began = entry.text("began")
    locked = tuple(entry.pairs("locked").items())
    if len(locked) > 1:
        entry.problem(f"{entry.where}: locked must give one column its value")
    entry.finish()
    return None if table is None else RecordingTable(table, began, locked[0] if locked else None)


def _basis(entry: Section, draft: MapDraft) -> OtherBasis:
    basis = OtherBasis(entry.text("tenant"), entry.optional_text("queue"), entry.text("processing"))
    if basis.processing and basis.processing not in draft.processings:
        entry.problem(f"{entry.where}: there is no processing {basis.processing!r}")
    entry.finish()
    return basis


def _problems(rule: ConsentRule, draft: MapDraft) -> Iterator[str]:
    """Yield what does not hold between the rule and the tables."""
    told = vars(rule.columns).values()
    yield from _missing(draft, rule.calls, (name for name in told if name is not None))
    if both := set(rule.granted) & set(rule.declined):
        yield f"{', '.join(sorted(both))} cannot be both granted and declined"
    if rule.queue is not None:
        yield from _missing(draft, rule.queue.table, [rule.queue.name])
        yield from _unreached(draft, rule.calls, rule.queue.table)
    for each in rule.recordings:
        wanted = [each.began] if each.status is None else [each.began, each.status[0]]
        yield from _missing(draft, each.table, wanted)
        yield from _unreached(draft, each.table, rule.calls)
        if (table := draft.tables.get(each.table)) is not None:
            yield from _unfit(table)
    for name in rule.derived:
        yield from _unreached(draft, name, rule.calls)
        table = draft.tables.get(name)
        if table is not None and table.rows is not RowErasure.DELETE:
            yield f"{names.written(name)}: data derived from a recording needs rows: delete"


def _unfit(table: Table) -> Iterator[str]:
    """Yield why the rows of a table could not be treated when their recording is deleted."""
    paths = [one for one in table.columns if one.erasure.treatment is Treatment.DELETE_OBJECT]
    if table.rows is not RowErasure.ANONYMIZE or len(paths) != 1:
        yield (
            f"{names.written(table.name)}: a table of recordings needs rows: anonymize and one "
            "column with erase: delete_object"
        )
    for column in table.columns:
        if column.is_rewritten or column.erasure.treatment in (
            Treatment.NEW_KEY,
            Treatment.TOMBSTONE,
        ):
            yield (
                f"{names.written(table.name)}.{column.name}: a recording's row does not allow "
                f"erase: {column.erasure.treatment}; suppress what was derived from it"
            )


def _missing(draft: MapDraft, table: TableName, columns: Iterable[str]) -> Iterator[str]:
    if not draft.has_table(table):
        yield f"{names.written(table)} is not in the map"
        return
    for name in columns:
        if not draft.has_column(table, name):
            yield f"{names.written(table)} lists no column {name!r}"


def _unreached(draft: MapDraft, table: TableName, target: TableName) -> Iterator[str]:
    if not draft.has_table(table):
        yield f"{names.written(table)} is not in the map"
    elif table not in reaching(draft.tables.values(), target):
        yield f"no link leads from {names.written(table)} to {names.written(target)}"
