"""The expectations gate: rows that stay look as the data map declares, by Great Expectations.

The one place that imports it, inside functions, for it takes seconds. Expectations are derived
from the data map, not written by hand:

1. the table has as many of the requests' own rows as the baseline noted, with the same sums; where
   rows are deleted it has none, where they are kept as many as were planned, and elsewhere none;
2. suppressed, unlinked and path columns are NULL, emptied ones are empty;
3. replaced columns hold one value, links the key of a tombstone contact, surrogates their form,
   generalized times the start of their unit, obfuscated texts nothing but their length; a link that
   leads to a row that is there, and to none of the requests or their people, may stay;
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
from functools import cache, partial
from itertools import count
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, assert_never

from lacuna.model.datamap import DataMap
from lacuna.model.finding import Expected, Finding, Gate
from lacuna.model.location import TableName
from lacuna.model.mart import Mart, Release
from lacuna.model.object_source import NO_PATH
from lacuna.model.table import Column, Table
from lacuna.model.treatment import RowErasure, Treatment
from lacuna.ports import Verifying
from lacuna.verify.cut_links import with_cut_links
from lacuna.verify.late_imports import loading_late
from lacuna.verify.surrogate_shape import surrogate_regex

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.expectations.expectation import Expectation

Keep: TypeAlias = Callable[[Expected], None]
"""Takes the result of one expectation."""

_ROWS: Final = "rows"
_ONE_VALUE_FOR_ALL: Final = (Treatment.REPLACE,)
_NOTHING_EXPECTED: Final = (Treatment.KEEP, Treatment.DERIVED, Treatment.NEW_KEY)
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

    All rows of the batch are looked at as one, some thousands at a time; where something is
    wrong, those of half the requests, until it is known whose they are.

    Args:
        keep: called with the result of every expectation over the batch.
    """
    if not request_ids:
        return {}
    findings = _expect_of(request_ids, datamap, verifying, keep)
    if not findings:
        return dict.fromkeys(request_ids, ())
    ids = list(request_ids)
    if len(ids) == 1:
        return {ids[0]: findings}
    middle = len(ids) // 2
    return {
        **check_expectations(ids[:middle], datamap, verifying),
        **check_expectations(ids[middle:], datamap, verifying),
    }


def _expect_of(
    request_ids: Collection[str], datamap: DataMap, verifying: Verifying, keep: Keep | None
) -> tuple[Finding, ...]:
    """Return findings on expectations that the own rows of requests do not meet, table by table."""
    import pandas as pd

    planned = verifying.working_rows(request_ids)
    before = _before(datamap, verifying.baseline(request_ids), planned)
    check, nobody = _Check(keep), verifying.tombstones(request_ids)
    for name, mapped in datamap.tables.items():
        table = datamap.without_references(mapped)
        if table.rows is RowErasure.REFRESH:
            continue  # rebuilt as a whole: nobody's rows
        whole = _Whole(table, nobody)
        if table.rows is RowErasure.ANONYMIZE:
            others = cache(partial(verifying.linked_to_others, name, request_ids))
            for part in verifying.own_rows(name, request_ids, _looked_at(table, datamap)):
                frame = pd.DataFrame(dict(part), dtype=object)
                whole.add(with_cut_links(frame, table, datamap, others), check)
        else:
            totals = verifying.totals(name, request_ids)
            there = sum(int(of_request[_ROWS]) for of_request in totals.values())
            whole.add(pd.DataFrame(index=range(there)), check)
        whole.compare(_summed(before, name, request_ids), check)
    return check.findings()


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


def _summed(
    before: Mapping[str, Mapping[TableName, Mapping[str, str]]],
    table: TableName,
    request_ids: Collection[str],
) -> Mapping[str, str]:
    """Return the sums over the rows of requests in a table, by measure."""
    total: dict[str, Decimal] = {}
    for request_id in request_ids:
        for measure, amount in before.get(request_id, {}).get(table, {}).items():
            total[measure] = total.get(measure, Decimal(0)) + Decimal(amount)
    return {measure: str(amount) for measure, amount in total.items()}


def expect(
    frames: Mapping[TableName, OwnRows], datamap: DataMap, nobody: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Return findings on declarations of the map that own rows do not meet; `nobody` are tombstones."""
    check = _Check(None)
    for name, rows in frames.items():
        whole = _Whole(datamap.tables[name], nobody)
        whole.add(rows.frame, check)
        whole.compare(rows.before, check)
    return check.findings()


def check_marts(
    releases: Mapping[Mart, Sequence[Release]], keep: Keep | None = None
) -> tuple[Finding, ...]:
    """Find marts and columns whose cells are not as the mart declares them."""
    import pandas as pd

    check = _Check(keep)
    for mart, sealed in releases.items():
        names = [one.name for one in mart.dimensions] + [one.name for one in mart.measures]
        rows = [
            (release.org_id, release.period.label, *cell.key, *cell.values)
            for release in sealed
            for cell in release.cells
        ]
        frame = pd.DataFrame(rows, columns=["org_id", "period", *names], dtype=object)
        check.validate(f"reporting.{mart.name}", frame, tuple(_of_mart(mart)))
    return check.findings()


class _Check:
    """Expectations as they are evaluated, part by part: one is met if it is in every part."""

    def __init__(self, keep: Keep | None) -> None:
        with loading_late("altair", "scipy.stats"):  # A third of its import, for nothing of ours.
            import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        # It logs what it cannot evaluate, with values.
        logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
        self._context = gx.get_context(
            mode="ephemeral",
            project_config=DataContextConfig(
                # Documents would be written to a temporary folder that nobody removes.
                store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
                progress_bars=ProgressBarsConfig(globally=False),
                analytics_enabled=False,
            ),
        )
        # One for all parts: whatever is added to the context is written down again as a whole.
        self._part = (
            self._context.data_sources.add_pandas("platform")
            .add_dataframe_asset("own rows")
            .add_batch_definition_whole_dataframe("part")
        )
        self._keep = keep
        self._parts = count(1)
        self._counts: dict[tuple[int, str | None], str] = {}
        self._results: dict[tuple[str, str, str | None], bool] = {}
        self._unevaluated: dict[str, None] = {}

    def validate(
        self, suite: str, frame: "pd.DataFrame", expectations: "Sequence[Expectation]"
    ) -> None:
        """Evaluate expectations about some of the rows of a suite."""
        import great_expectations as gx
        from great_expectations.exceptions.exceptions import GreatExpectationsError

        if not expectations:
            return
        name = f"{suite} {next(self._parts)}"
        try:
            batch = self._part.get_batch(batch_parameters={"dataframe": frame})
            asked = gx.ExpectationSuite(name=name, expectations=list(expectations))
            result = batch.validate(asked, result_format="BOOLEAN_ONLY")
        except GreatExpectationsError:
            self._unevaluated[suite] = None
            return
        for one in result.results:
            config = one.expectation_config
            column = None if config is None else config.kwargs.get("column")
            kind = "unknown" if config is None else config.type
            key = (suite, kind, column)
            self._results[key] = self._results.get(key, True) and bool(one.success)

    def count(self, suite: str, rows: int, before: Mapping[str, str]) -> None:
        """Evaluate whether a suite has as many rows as before, and nothing else.

        Most tables hold none: the same two numbers are compared once, and said of each of them.
        """
        import pandas as pd

        alike = self._counts.setdefault((rows, before.get(_ROWS)), suite)
        if alike == suite:
            self.validate(suite, pd.DataFrame(index=range(rows)), [_row_count(before)])
        elif alike in self._unevaluated:
            self._unevaluated[suite] = None
        else:
            said = [(key, is_met) for key, is_met in self._results.items() if key[0] == alike]
            self._results.update({(suite, *key[1:]): is_met for key, is_met in said})

    def findings(self) -> tuple[Finding, ...]:
        """Return the expectations that were not met, a finding a column, or a table where none is named."""
        failed = dict(self._unevaluated)
        for (suite, kind, column), is_met in self._results.items():
            if self._keep is not None:
                self._keep(Expected(suite, kind, column, is_met))
            if not is_met:
                failed[suite if column is None else f"{suite}.{column}"] = None
        return tuple(Finding(Gate.EXPECTATIONS, location, 1) for location in failed)


class _Whole:
    """Own rows of one table: looked at in parts, and what only all of them together show."""

    def __init__(self, table: Table, nobody: Collection[str]) -> None:
        self._table = table
        self._nobody = nobody
        self._rows = 0
        self._parts: list[pd.DataFrame] = []
        self._last: pd.DataFrame | None = None

    def add(self, frame: "pd.DataFrame", check: _Check) -> None:
        """Look at some of the rows."""
        self._rows += len(frame)
        if self._table.rows is RowErasure.ANONYMIZE and len(frame):
            self._look_at_last(check)
            self._last = _with_numbers(frame, self._table)

    def compare(self, before: Mapping[str, str], check: _Check) -> None:
        """Look at all of them: their number, their sums, and what has one value for all."""
        import pandas as pd

        if self._last is None and not self._parts:
            check.count(self._name, self._rows, before)
            return
        of_all = tuple(_of_all(self._table, before))
        if self._last is not None and not self._parts:
            # The only part is all of them: what is asked at once is worked out at once.
            check.validate(self._name, self._last, (*_of_rows(self._table, self._nobody), *of_all))
            return
        self._look_at_last(check)
        check.validate(self._name, pd.concat(self._parts, ignore_index=True), of_all)

    @property
    def _name(self) -> str:
        return str(self._table.name)

    def _look_at_last(self, check: _Check) -> None:
        """Look at the rows of the last part, and keep of them what is asked of all together."""
        if self._last is None:
            return
        check.validate(self._name, self._last, tuple(_of_rows(self._table, self._nobody)))
        kept = [name for name in self._together() if name in self._last]
        # As categories, since many rows hold few values; a copy, for a part keeps the whole.
        alike = dict.fromkeys(self._alike(kept), "category")
        self._parts.append(self._last[kept].astype(alike).copy())
        self._last = None

    def _together(self) -> list[str]:
        return [*self._alike(None), *self._table.measures]

    def _alike(self, among: Collection[str] | None) -> list[str]:
        return [
            one.name
            for one in self._table.columns
            if one.erasure.treatment in _ONE_VALUE_FOR_ALL and (among is None or one.name in among)
        ]


def _looked_at(table: Table, datamap: DataMap) -> tuple[str, ...]:
    """Return the columns that something is expected of, or needed for that."""
    wanted = {one.name for one in table.columns if one.erasure.treatment not in _NOTHING_EXPECTED}
    wanted |= {*table.measures} | ({table.erased_at} if table.erased_at else set())
    for name in tuple(wanted):
        links = datamap.cut_links(table, name)
        wanted |= {link.where[0] for link in links if link.where is not None}
    return tuple(one.name for one in table.columns if one.name in wanted)


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


def _row_count(before: Mapping[str, str]) -> "Expectation":
    """Return the expectation that a table has as many rows as before."""
    from great_expectations.expectations.core.expect_table_row_count_to_equal import (
        ExpectTableRowCountToEqual,
    )

    return ExpectTableRowCountToEqual(value=int(Decimal(before.get(_ROWS, "0"))))


def _of_all(table: Table, before: Mapping[str, str]) -> "Iterator[Expectation]":
    """Yield what is expected of all own rows of a table together, where they are looked at."""
    from great_expectations.expectations.core.expect_column_sum_to_be_between import (
        ExpectColumnSumToBeBetween,
    )
    from great_expectations.expectations.core.expect_column_unique_value_count_to_be_between import (
        ExpectColumnUniqueValueCountToBeBetween,
    )

    yield _row_count(before)
    for measure in table.measures:
        total = float(before.get(measure, "0"))
        leeway = abs(total) * _TOLERANCE
        yield ExpectColumnSumToBeBetween(
            column=measure, min_value=total - leeway, max_value=total + leeway
        )
    for column in table.columns:
        if column.erasure.treatment in _ONE_VALUE_FOR_ALL:
            yield ExpectColumnUniqueValueCountToBeBetween(column=column.name, max_value=1)


def _of_rows(table: Table, nobody: Collection[str]) -> "Iterator[Expectation]":
    """Yield what is expected of each own row of a table."""
    from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
        ExpectColumnValuesToNotBeNull,
    )

    for column in table.columns:
        yield from _of_column(column, nobody)
    if table.erased_at is not None:
        yield ExpectColumnValuesToNotBeNull(column=table.erased_at)


def _of_column(column: Column, nobody: Collection[str]) -> "Iterator[Expectation]":
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
        case Treatment.SUPPRESS | Treatment.UNLINK:
            yield ExpectColumnValuesToBeNull(column=name)
        case Treatment.DELETE_OBJECT:
            # Or NULL, which counts as no value.
            yield ExpectColumnValuesToBeInSet(column=name, value_set=[NO_PATH])
        case Treatment.EMPTY:
            yield ExpectColumnValuesToBeInSet(column=name, value_set=["{}", "[]", "", r"\x"])
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
            if form := surrogate_regex(erasure.argument or ""):
                yield ExpectColumnValuesToMatchRegex(column=name, regex=form)
        case Treatment.TOMBSTONE:
            yield ExpectColumnValuesToBeInSet(column=name, value_set=sorted(nobody))
        case Treatment.REPLACE:
            return  # nothing of one row alone
        case Treatment.KEEP | Treatment.DERIVED | Treatment.NEW_KEY:
            return
        case unexpected:
            # One more treatment says here, by its own means, what it leaves.
            assert_never(unexpected)


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
