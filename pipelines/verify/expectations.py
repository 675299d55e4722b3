"""The expectations gate: rows that stay look as the data map declares, by Great Expectations.

The one place that imports it, inside functions, for it takes seconds. Expectations are derived
from the data map, not written by hand:

1. the table has as many of the requests' own rows as the baseline noted, with the same sums;
2. suppressed, unlinked and path columns are NULL, emptied ones are empty;
3. replaced columns and links to the tombstone contact hold one value, surrogates their form,
   generalized times the start of their unit, obfuscated texts nothing but their length;
4. redacted texts hold nothing that looks like an e-mail address or a telephone number;
5. the column that takes the time of erasure has one.

Results come without values. An expectation that could not be evaluated is not met.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from pipelines.model.datamap import Column, DataMap, RowErasure, Table, Treatment
from pipelines.model.finding import Finding, Gate
from pipelines.model.location import TableName
from pipelines.ports import Verifying
from pipelines.treatment import surrogate_form

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation

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
    request_ids: Collection[str], datamap: DataMap, verifying: Verifying
) -> Mapping[str, tuple[Finding, ...]]:
    """Find tables and columns in which own rows of requests are not as declared, by request.

    All rows of the batch are looked at as one; only where something is wrong, the rows of
    each request.
    """
    columns: dict[TableName, Mapping[str, Sequence[str | None]]] = {}
    for table in datamap.tables.values():
        if table.rows is RowErasure.ANONYMIZE:
            rows = verifying.own_rows(table.name, request_ids)
            if rows[_REQUEST]:
                columns[table.name] = rows
    baseline = verifying.baseline(request_ids)
    whole = _own_rows(columns, baseline, request_ids, datamap)
    if not whole or not expect(whole, datamap):
        return dict.fromkeys(request_ids, ())
    return {
        request_id: expect(_own_rows(columns, baseline, [request_id], datamap), datamap)
        for request_id in request_ids
    }


def expect(frames: Mapping[TableName, OwnRows], datamap: DataMap) -> tuple[Finding, ...]:
    """Return what own rows that stay do not hold of what the data map declares."""
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
    for name, rows in frames.items():
        asset = source.add_dataframe_asset(str(name))
        batch = asset.add_batch_definition_whole_dataframe("own rows").get_batch(
            batch_parameters={"dataframe": _with_numbers(rows.frame, datamap.tables[name])}
        )
        suite = gx.ExpectationSuite(
            name=str(name), expectations=list(_expectations(datamap.tables[name], rows.before))
        )
        try:
            result = batch.validate(suite, result_format="BOOLEAN_ONLY")
        except GreatExpectationsError:
            failed[str(name)] = None
            continue
        for one in result.results:
            if not one.success:
                column = (
                    one.expectation_config.kwargs.get("column") if one.expectation_config else None
                )
                failed[str(name) if column is None else f"{name}.{column}"] = None
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
        frame = _with_cut_links(frame, table, datamap)
        before: dict[str, Decimal] = {}
        for request_id in wanted:
            for measure, total in baseline.get(request_id, {}).get(table, {}).items():
                before[measure] = before.get(measure, Decimal(0)) + Decimal(total)
        if len(frame) or before:
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
        **{name: pd.to_numeric(frame[name], errors="coerce") for name in table.measures}
    )


def _expectations(table: Table, before: Mapping[str, str]) -> "Iterator[Expectation]":
    from great_expectations.expectations.core.expect_column_sum_to_be_between import (
        ExpectColumnSumToBeBetween,
    )
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
        ExpectColumnValuesToNotBeNull,
    )
    from great_expectations.expectations.core.expect_table_row_count_to_equal import (
        ExpectTableRowCountToEqual,
    )

    yield ExpectTableRowCountToEqual(value=int(Decimal(before.get(_ROWS, "0"))))
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
