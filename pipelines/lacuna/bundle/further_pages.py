"""The pages about the bundle itself: what can be passed on, choices, and every file."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from lacuna.bundle.history import choices
from lacuna.bundle.moments import moment
from lacuna.bundle.page_frame import Page, facts, link, page, paragraph, table
from lacuna.bundle.page_text import text
from lacuna.bundle.portable_rows import NOTHING, UNKNOWN
from lacuna.bundle.value_markup import code_markup, value_markup
from lacuna.bundle.values import in_utc
from lacuna.bundle.words import Words
from lacuna.model.bundle import BundleContent, BundleFile, LeftOut, Manifest

TRANSFER: Final = "pages/transfer.html"
CHOICES: Final = "pages/choices.html"
FILES: Final = "pages/files.html"

_MOST_FILES: Final = 500
_MOST_CHOICES: Final = 200


def further_pages(manifest: Manifest, words: Words) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the content of each."""
    order = manifest.content.order
    if order.has_portability:
        yield TRANSFER, _page(words, "transferable_data", "\n".join(_transfer(manifest, words)))
    if order.has_access:
        markup = "\n".join(_choices(manifest.content, words))
        yield CHOICES, _page(words, "consents_and_agreements", markup)
    yield FILES, _page(words, "files_in_this_folder", "\n".join(_files(manifest, words)))


def _page(words: Words, title: str, markup: str) -> bytes:
    return page(words, Page(title=words(title), lead="", sections=()), markup)


# --- what can be passed on ------------------------------------------------------------------------


def _transfer(manifest: Manifest, words: Words) -> Iterator[str]:
    """Yield what the portability subset is, and what is left out of it, with the reason."""
    content = manifest.content
    yield paragraph(words("portability_explained"))
    if not content.left_out:
        yield paragraph(words("nothing_left_out"))
        return
    if content.order.has_access:
        yield paragraph(words("left_out_is_in_access"))
    else:
        yield paragraph(words("request_access"))
    yield table(
        words("left_out"),
        (words("where"), words("rows"), words("what"), words("why")),
        (_left_out(each, content, words) for each in content.left_out),
    )


def _left_out(each: LeftOut, content: BundleContent, words: Words) -> tuple[str, str, str, str]:
    mapped = content.datamap.tables[each.table]
    what = ", ".join(words.label(mapped.column(name)) for name in each.columns)
    why = [text(words(each.reason))]
    if each.column:
        column = mapped.column(each.column)
        code = {"": words(NOTHING), "?": words(UNKNOWN)}.get(each.value)
        said = code_markup(column, each.value, words) if code is None else text(code)
        why.append(f"{words.label(column)}: {said}")
    return words.label(mapped), str(each.rows), what or text(words("whole_rows")), " · ".join(why)


# --- choices --------------------------------------------------------------------------------------


def _choices(content: BundleContent, words: Words) -> Iterator[str]:
    if content.order.consents:
        yield table(
            words("consents_and_agreements"),
            (
                words("when"),
                words("purpose"),
                words("answer"),
                words("how"),
                words("version_of_text"),
            ),
            (
                (
                    moment(in_utc(each.at), words.locale),
                    *map(text, (each.purpose, each.status, each.method, each.version or "")),
                )
                for each in content.order.consents
            ),
        )
    shown = [
        (each, choice)
        for each in content.tables
        for choice in islice(choices(content, each), _MOST_CHOICES)
    ]
    for number, (each, choice) in enumerate(shown, start=1):
        title = text(words("choice_number", number=number, count=len(shown)))
        label = words.label(content.datamap.tables[each.table])
        yield f"<h2>{title}: {label}</h2>"
        yield facts(
            (words.label(column), value_markup(column, value, words, "../"))
            for column, value in choice
        )
    if not (content.order.consents or shown):
        yield paragraph(words("no_consents"))
    named = link("history/consents.json", "../", "JSON")
    yield f"<p>{text(words('machine_readable_file'))} {named}</p>"


# --- files ----------------------------------------------------------------------------------------


def _files(manifest: Manifest, words: Words) -> Iterator[str]:
    yield table(
        words("files"),
        (words("file"), words("source"), words("rows"), words("bytes")),
        (_file(each, manifest.content, words) for each in manifest.files[:_MOST_FILES]),
    )
    if (more := len(manifest.files) - _MOST_FILES) > 0:
        yield paragraph(words("more_files", count=more))
    named = link("data_dictionary.json", "../", "JSON")
    yield (
        f"<p>{text(words('meaning_of_columns'))}: {named}</p>"
        f"<p>{text(words('how_to_check'))} "
        "<code>sha256sum -c SHA256SUMS</code></p>"
    )


def _file(file: BundleFile, content: BundleContent, words: Words) -> tuple[str, str, str, str]:
    """Return a line of the list; a file of a table is named by its form, not by the table."""
    folder = file.path.rpartition("/")[0]
    is_of_table = folder.endswith(("/json", "/parquet", "/schemas"))
    said = folder if is_of_table else file.path
    rows = "" if file.rows is None else str(file.rows)
    source = words.source(file.source, content.datamap)
    return link(file.path, "../", said), source, rows, str(file.byte_count)
