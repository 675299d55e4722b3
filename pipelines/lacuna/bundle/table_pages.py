"""The tables of a bundle, each on a page of its own, with what its columns mean."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from lacuna.bundle.page_frame import Page, facts, link, page, paragraph
from lacuna.bundle.page_text import text
from lacuna.bundle.value_markup import value_markup
from lacuna.bundle.words import Words
from lacuna.model.bundle import BundleContent, BundleFile, JsonValue, TableContent

_MOST_RECORDS: Final = 200
"""Records of one table shown on its page; its files hold all."""

_EMPTY: Final[tuple[JsonValue, ...]] = (None, "", [], {})


def table_pages(
    content: BundleContent, files: list[BundleFile], words: Words
) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the content of each table's page, in the order of the tables."""
    for path, each in zip(table_paths(content), content.tables, strict=True):
        mapped = content.datamap.tables[each.table]
        of_table = [file for file in files if file.source == str(each.table)]
        shown = Page(
            title=words.plain_label(mapped),
            lead=_lead(each, content, of_table, words),
            sections=[*_records(each, content, words), _meanings(each, content, words)],
        )
        yield path, page(words, shown)


def table_paths(content: BundleContent) -> list[str]:
    """Return where each table's page is."""
    return [f"pages/table-{number:02d}.html" for number in range(1, len(content.tables) + 1)]


def _lead(each: TableContent, content: BundleContent, files: list[BundleFile], words: Words) -> str:
    mapped = content.datamap.tables[each.table]
    meaning = f"<p>{words.of_map(mapped.meaning)}</p>" if mapped.meaning else ""
    count = (
        words("all_records", count=each.count)
        if each.count <= _MOST_RECORDS
        else words("first_records", count=each.count, shown=_MOST_RECORDS)
    )
    folder = "access" if content.order.has_access else "portability"
    links = " · ".join(
        link(file.path, "../", name)
        for name, form in (("JSON", "json"), ("Parquet", "parquet"))
        for file in files
        if file.path.startswith(f"{folder}/{form}/")
    )
    return f"{meaning}{paragraph(count)}<p>{text(words('machine_readable_file'))} {links}</p>"


def _records(
    each: TableContent, content: BundleContent, words: Words
) -> Iterator[tuple[str, str, str]]:
    mapped = content.datamap.tables[each.table]
    columns = [mapped.column(name) for name in each.columns]
    for number, row in enumerate(islice(each.rows(), _MOST_RECORDS), start=1):
        title = text(words("record_number", number=number, count=each.count))
        yield (
            f"r{number}",
            title,
            facts(
                (words.label(column), value_markup(column, value, words, "../"))
                for column, value in zip(columns, row, strict=True)
                if value not in _EMPTY
            ),
        )


def _meanings(each: TableContent, content: BundleContent, words: Words) -> tuple[str, str, str]:
    mapped = content.datamap.tables[each.table]
    shown = [mapped.column(name) for name in each.columns if each.present[name]]
    pairs = ((words.label(one), words.of_map(one.meaning or one.label)) for one in shown)
    # A meaning that is short enough is the label already.
    more = [
        (label, meaning) for label, meaning in pairs if meaning.rstrip(".") != label.rstrip(".")
    ]
    return "meanings", text(words("meaning_of_columns")), facts(more)
