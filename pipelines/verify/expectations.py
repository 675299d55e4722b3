"""The expectations gate: rows that stay look as the data map declares, by Great Expectations.

The one place that imports it, inside functions, for it takes seconds. Expectations are derived
from the data map, not written by hand:

1. the table has as many of the requests' own rows as the baseline noted, with the same sums; where
   rows are deleted it has none, where they are kept as many as were planned, and elsewhere none;
2. suppressed, unlinked and path columns are NULL, emptied ones are empty;
3. replaced columns and links to the tombstone contact hold one value, surrogates their form,
   generalized times the start of their unit, obfuscated texts nothing but their length;
4. redacted texts hold nothing that looks like an e-mail address or a telephone number;
5. the column that takes the time of erasure has one.

A suite of its own says what the cells of a mart look like, from its declaration: every dimension is
there, the first measure counts at least as many as there have to be people, no other is negative,
and no two cells are the same.

Results come without values. An expectation that could not be evaluated is not met.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from pipelines.model.datamap import Column, DataMap, RowErasure, Table, Treatment
from pipelines.model.finding import Expected, Finding, Gate
from pipelines.model.location import TableName
from pipelines.model.mart import Mart, Release
from pipelines.ports import Verifying
from pipelines.treatment import surrogate_form

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation

Keep: TypeAlias = Callable[[Expected], None]
"""Takes the result of one expectation."""

_REQUEST: Final = ""
_ROWS: Final = "rows"
# What a redaction leaves has neither an address nor an international number; a national one
# cannot be told from an order number.
_PERSONAL: Final = (
    r"[\w.+-]+@[\w-]+\.[A-Za-z]"
    r"|(?<![\w+])(?:\+|00)[1-9]\d{0,2}[\s().-]{0,2}\d(?:[\s().-]{0,2}\d){6,12}(?!\d)"
)
_MIDNIGHT: Final = r"(?: 00:00:00(?:\+00)?)?$"
_START_OF: Final = {
    "day": rf"^\d{{4,}}-\d\d-\d\d{_MIDNIGHT}",
    "month": rf"^\d{{4,}}-\d\d-01{_MIDNIGHT}",
    "year": rf"^\d{{4,}}-01-01{_MIDNIGHT}",
}
_OBFUSCATED: Final = r"^[x\s]*$"
_HTML_NAMES: Final = (
    "a|abbr|address|article|aside|b|blockquote|body|br|center|code|col|colgroup|dd|del|div|dl|dt|em|"
    "figure|font|footer|form|h[1-6]|head|header|hr|html|i|img|input|ins|li|main|meta|nav|ol|p|pre|q|"
    "s|script|section|small|span|strike|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|"
    "tt|u|ul"
)
# Elements without attributes; comments, declarations and names of other elements without content.
_OBFUSCATED_HTML: Final = (
    rf"^(?i:[x\s]|<!--[x\s]*-->|<[!?][x\s]*>|</?(?:x+|{_HTML_NAMES})(?:[/\s][x\s]*)?/?>)*+$"
)
# Sums of fractions differ in the last digits.
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True)
class OwnRows:
    """The own rows of some requests in one table, and what they amounted to before.

    Attributes:
        frame: one column a column of the table, as text; NULL is None.
        before: `rows` and each measure, as the baseline noted them.
    """

    frame: "pd.DataFrame"
    before: Mapping[str, str]


def check_expectations(
    request_ids: Collection[str],
    datamap: DataMap,
    verifying: Verifying,
    keep: Keep | None = None,
) -> Mapping[str, tuple[Finding, ...]]:
    """Find tables and columns in which own rows of requests are not as declared, by request.

    All rows of the batch are looked at as one; only where something is wrong, the rows of
    each request.

    Args:
        keep: called with the result of every expectation over the batch.
    """
    if not request_ids:
        return {}
    columns: dict[TableName, Mapping[str, Sequence[str | None]]] = {}
    for table in datamap.tables.values():
        if table.rows is RowErasure.ANONYMIZE:
            columns[table.name] = verifying.own_rows(table.name, request_ids)
        elif table.rows is not RowErasure.REFRESH:  # made anew as a whole: nobody's rows
            columns[table.name] = _counted(verifying.totals(table.name, request_ids))
    planned = verifying.working_rows(request_ids)
    before = _before(datamap, verifying.baseline(request_ids), planned)
    if not expect(_own_rows(columns, before, request_ids, datamap), datamap, keep):
        return dict.fromkeys(request_ids, ())
    return {
        request_id: expect(_own_rows(columns, before, [request_id], datamap), datamap)
        for request_id in request_ids
    }


def _before(
    datamap: DataMap,
    baseline: Mapping[str, Mapping[TableName, Mapping[str, str]]],
    planned: Mapping[str, Mapping[TableName, int]],
) -> Mapping[str, Mapping[TableName, Mapping[str, str]]]:
    """Return by request and table what its rows have to amount to now."""
    found: dict[str, dict[TableName, Mapping[str, str]]] = {}
    for request_id in {*baseline, *planned}:
        of_request = dict(baseline.get(request_id, {}))
        for table, rows in planned.get(request_id, {}).items():
            if datamap.tables[table].rows is RowErasure.KEEP:
                of_request[table] = {_ROWS: str(rows)}
            elif datamap.tables[table].rows is RowErasure.DELETE:
                of_request[table] = {_ROWS: "0"}
        found[request_id] = of_request
    return found


def _counted(
    totals: Mapping[str, Mapping[str, str]],
) -> Mapping[str, Sequence[str | None]]:
    """Return as many rows without columns as were counted, each with its request."""
    return {_REQUEST: [one for one, of in totals.items() for _ in range(int(of[_ROWS]))]}


def expect(
    frames: Mapping[TableName, OwnRows], datamap: DataMap, keep: Keep | None = None
) -> tuple[Finding, ...]:
    """Return what own rows do not hold of what the data map declares, table by table."""
    return _validate(
        [
            _Suite(
                str(name),
                _with_numbers(rows.frame, datamap.tables[name]),
                tuple(_expectations(datamap.tables[name], rows)),
            )
            for name, rows in frames.items()
        ],
        keep,
    )


def check_marts(
    releases: Mapping[Mart, Sequence[Release]], keep: Keep | None = None
) -> tuple[Finding, ...]:
    """Find marts and columns whose cells are not as the mart declares them."""
    import pandas as pd

    suites = []
    for mart, sealed in releases.items():
        names = [one.name for one in mart.dimensions] + [one.name for one in mart.measures]
        rows = [
            (release.org_id, release.period.label, *cell.key, *cell.values)
            for release in sealed
            for cell in release.cells
        ]
        frame = pd.DataFrame(rows, columns=["org_id", "period", *names], dtype=object)
        suites.append(_Suite(f"reporting.{mart.name}", frame, tuple(_of_mart(mart))))
    return _validate(suites, keep)


@dataclass(frozen=True)
class _Suite:
    """The expectations of one table or mart, and the rows they are about."""

    name: str
    frame: "pd.DataFrame"
    expectations: "Sequence[Expectation]"


def _validate(suites: Sequence[_Suite], keep: Keep | None) -> tuple[Finding, ...]:
    """Return what is not met, a finding a column, or a table where none is named."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from great_expectations.exceptions.exceptions import GreatExpectationsError

    # It logs what it cannot evaluate, with values.
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            # Documents would be written to a temporary folder that nobody removes.
            store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
            progress_bars=ProgressBarsConfig(globally=False),
            analytics_enabled=False,
        ),
    )
    source = context.data_sources.add_pandas("platform")
    failed: dict[str, None] = {}
    for suite in suites:
        name = suite.name
        asset = source.add_dataframe_asset(name)
        batch = asset.add_batch_definition_whole_dataframe("own rows").get_batch(
            batch_parameters={"dataframe": suite.frame}
        )
        expectations = gx.ExpectationSuite(name=name, expectations=list(suite.expectations))
        try:
            result = batch.validate(expectations, result_format="BOOLEAN_ONLY")
        except GreatExpectationsError:
            failed[name] = None
            continue
        for one in result.results:
            config = one.expectation_config
            column = None if config is None else config.kwargs.get("column")
            if keep is not None:
                kind = "unknown" if config is None else config.type
                keep(Expected(name, kind, column, bool(one.success)))
            if not one.success:
                failed[name if column is None else f"{name}.{column}"] = None
    return tuple(Finding(Gate.EXPECTATIONS, location, 1) for location in failed)


def _own_rows(
    columns: Mapping[TableName, Mapping[str, Sequence[str | None]]],
    baseline: Mapping[str, Mapping[TableName, Mapping[str, str]]],
    request_ids: Collection[str],
    datamap: DataMap,
) -> Mapping[TableName, OwnRows]:
    import pandas as pd

    wanted = frozenset(request_ids)
    found: dict[TableName, OwnRows] = {}
    for table, values in columns.items():
        frame = pd.DataFrame(dict(values), dtype=object)
        frame = frame[frame[_REQUEST].isin(wanted)].drop(columns=_REQUEST).reset_index(drop=True)
        if len(frame.columns):
            frame = _with_cut_links(frame, table, datamap)
        before: dict[str, Decimal] = {}
        for request_id in wanted:
            for measure, total in baseline.get(request_id, {}).get(table, {}).items():
                before[measure] = before.get(measure, Decimal(0)) + Decimal(total)
        found[table] = OwnRows(frame, {name: str(total) for name, total in before.items()})
    return found


def _with_cut_links(frame: "pd.DataFrame", name: TableName, datamap: DataMap) -> "pd.DataFrame":
    """Return the rows with polymorphic links alone where they lead to what the erasure takes away.

    In other rows the same column holds the key of something that stays.
    """
    import pandas as pd

    table = datamap.tables[name]
    for column in table.columns:
        if column.erasure.treatment in (Treatment.UNLINK, Treatment.TOMBSTONE):
            wheres = datamap.cut_where(table, column.name)
            if wheres is not None:
                is_cut = [
                    any(kinds[place] == value for place, (_, value) in enumerate(wheres))
                    for kinds in zip(*(frame[where] for where, _ in wheres), strict=True)
                ]
                kept = [
                    value if cut else None
                    for value, cut in zip(frame[column.name], is_cut, strict=True)
                ]
                frame = frame.assign(**{column.name: pd.Series(kept, dtype=object)})
    return frame


def _with_numbers(frame: "pd.DataFrame", table: Table) -> "pd.DataFrame":
    """Return measures as numbers; what is none is missing from the sum, and no error quotes it."""
    import pandas as pd

    return frame.assign(
        **{
            name: pd.to_numeric(frame[name], errors="coerce")
            for name in table.measures
            if name in frame
        }
    )


def _expectations(table: Table, rows: OwnRows) -> "Iterator[Expectation]":
    from great_expectations.expectations.core.expect_column_sum_to_be_between import (
        ExpectColumnSumToBeBetween,
    )
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
        ExpectColumnValuesToNotBeNull,
    )
    from great_expectations.expectations.core.expect_table_row_count_to_equal import (
        ExpectTableRowCountToEqual,
    )

    before = rows.before
    expected = int(Decimal(before.get(_ROWS, "0")))
    yield ExpectTableRowCountToEqual(value=expected)
    if table.rows is not RowErasure.ANONYMIZE or (not expected and not len(rows.frame)):
        return
    for measure in table.measures:
        total = float(before.get(measure, "0"))
        leeway = abs(total) * _TOLERANCE
        yield ExpectColumnSumToBeBetween(
            column=measure, min_value=total - leeway, max_value=total + leeway
        )
    for column in table.columns:
        yield from _of_column(column)
    if table.erased_at is not None:
        yield ExpectColumnValuesToNotBeNull(column=table.erased_at)


def _of_column(column: Column) -> "Iterator[Expectation]":
    from great_expectations.expectations.core.expect_column_unique_value_count_to_be_between import (
        ExpectColumnUniqueValueCountToBeBetween,
    )
    from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
        ExpectColumnValuesToBeInSet,
    )
    from great_expectations.expectations.core.expect_column_values_to_be_null import (
        ExpectColumnValuesToBeNull,
    )
    from great_expectations.expectations.core.expect_column_values_to_match_regex import (
        ExpectColumnValuesToMatchRegex,
    )

    name, erasure = column.name, column.erasure
    match erasure.treatment:
        case Treatment.SUPPRESS | Treatment.UNLINK | Treatment.DELETE_OBJECT:
            yield ExpectColumnValuesToBeNull(column=name)
        case Treatment.EMPTY:
            yield ExpectColumnValuesToBeInSet(column=name, value_set=["{}", "[]"])
        case Treatment.REPLACE | Treatment.TOMBSTONE:
            yield ExpectColumnUniqueValueCountToBeBetween(column=name, max_value=1)
        case Treatment.GENERALIZE:
            start = _START_OF[erasure.argument or "day"]
            yield ExpectColumnValuesToMatchRegex(column=name, regex=start)
        case Treatment.OBFUSCATE:
            is_html = column.media_type == "text/html"
            regex = _OBFUSCATED_HTML if is_html else _OBFUSCATED
            yield ExpectColumnValuesToMatchRegex(column=name, regex=regex)
        case Treatment.REDACT | Treatment.JSON_KEYS:
            yield _no_personal_data()(column=name)
        case Treatment.SURROGATE:
            form = surrogate_form(erasure.argument or "")
            if form is not None and not form.is_bare:
                yield ExpectColumnValuesToMatchRegex(column=name, regex=form.pattern)
        case Treatment.KEEP | Treatment.DERIVED | Treatment.NEW_KEY:
            return


def _of_mart(mart: Mart) -> "Iterator[Expectation]":
    from great_expectations.expectations.core.expect_column_values_to_be_between import (
        ExpectColumnValuesToBeBetween,
    )
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
        ExpectColumnValuesToNotBeNull,
    )
    from great_expectations.expectations.core.expect_compound_columns_to_be_unique import (
        ExpectCompoundColumnsToBeUnique,
    )

    places = ["org_id", "period", *(one.name for one in mart.dimensions)]
    rows, *others = (one.name for one in mart.measures)
    for name in (*places, rows):
        yield ExpectColumnValuesToNotBeNull(column=name)
    yield ExpectColumnValuesToBeBetween(column=rows, min_value=mart.people)
    for name in others:
        yield ExpectColumnValuesToBeBetween(column=name, min_value=0)
    yield ExpectCompoundColumnsToBeUnique(column_list=places)


class _OfColumn(Protocol):
    def __call__(self, *, column: str) -> "Expectation": ...


@cache
def _no_personal_data() -> _OfColumn:
    """Return the expectation that a column of text holds no personal data, as its name says."""
    from great_expectations.expectations.core.expect_column_values_to_not_match_regex import (
        ExpectColumnValuesToNotMatchRegex,
    )

    class ExpectColumnValuesToHoldNoPersonalData(ExpectColumnValuesToNotMatchRegex):
        """Expect no text that looks like an e-mail address or a telephone number."""

        regex: str = _PERSONAL

    return ExpectColumnValuesToHoldNoPersonalData
