"""README.html: the bundle for somebody who only has a browser, and no network."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from lacuna.bundle.history import choices, in_words
from lacuna.bundle.information import basis_words, category_words, confirmation, entries, gaps
from lacuna.bundle.page_frame import facts, link, page, paragraph, table
from lacuna.bundle.page_text import shortened, text
from lacuna.bundle.portable_rows import NOTHING, UNKNOWN
from lacuna.bundle.timeline import Event, Talk, timeline
from lacuna.bundle.values import in_utc, to_json_text
from lacuna.bundle.words import Words
from lacuna.model.bundle import (
    BundleContent,
    BundleFile,
    JsonValue,
    LeftOut,
    Manifest,
    TableContent,
)
from lacuna.model.table import Column

_MOST_RECORDS: Final = 200
"""Records of one table shown on the page; its files hold all."""

_MOST_FILES: Final = 500
_MOST_CHOICES: Final = 200


def to_readme(manifest: Manifest) -> bytes:
    """Return the page; `manifest` holds every file but this page and the manifest itself."""
    content = manifest.content
    words = Words.of(content)
    lead = paragraph(words("introduction"))
    talks, count = timeline(content)
    sections = [
        ("summary", text(words("summary")), "\n".join(_summary(manifest, words))),
        (
            "where-and-why",
            text(words("where_and_why")),
            "\n".join(_where_and_why(manifest, words)),
        ),
    ]
    if talks:
        sections.append(
            (
                "conversations",
                text(words("your_conversations")),
                "\n".join(_talks(talks, count, words)),
            )
        )
    sections.append(("data", text(words("your_data_by_table")), "\n".join(_data(manifest, words))))
    if content.order.has_portability:
        sections.append(
            (
                "portable",
                text(words("transferable_data")),
                "\n".join(_portable(manifest, words)),
            )
        )
    if content.order.has_access:
        sections += [
            ("requests", text(words("your_requests")), _requests(manifest, words)),
            (
                "consents",
                text(words("consents_and_agreements")),
                "\n".join(_consents(manifest, words)),
            ),
        ]
    sections.append(
        ("files", text(words("files_in_this_folder")), "\n".join(_files(manifest, words)))
    )
    return page(words, words("title"), sections, lead)


def _summary(manifest: Manifest, words: Words) -> Iterator[str]:
    content = manifest.content
    order, tenant = content.order, content.tenant
    yield paragraph(confirmation(content, words))
    if not manifest.is_complete:
        yield (
            f'<p class="note"><strong>{text(words("not_complete"))}</strong> '
            f"{text(words('some_sources_missing'))}</p>"
        )
    rights = {"access": "access_with_article", "portability": "portability_with_article"}
    yield facts(
        (text(name), value)
        for name, value in [
            (words("request"), text(order.request_id)),
            (
                words("rights"),
                text(", ".join(words(rights[kind]) for kind in order.kinds if kind in rights)),
            ),
            (words("data_as_of"), _time(in_utc(order.snapshot_at))),
            (words("created"), _time(in_utc(order.generated_at))),
            (words("controller"), text(tenant.controller)),
            (words("data_protection_officer"), text(tenant.dpo)),
            (words("supervisory_authority"), text(tenant.authority)),
        ]
    )
    found = [each for each in content.sources_checked if each.rows]
    yield table(
        words("data_found"),
        (words("where"), words("rows_or_files")),
        ((f"<code>{text(each.source)}</code>", str(each.rows)) for each in found),
    )
    empty = len(content.sources_checked) - len(found)
    yield paragraph(words("other_sources", count=empty))
    yield from gaps(manifest.incomplete_sources, manifest.redactions, words)


def _where_and_why(manifest: Manifest, words: Words) -> Iterator[str]:
    yield f"<p>{text(words('full_version'))} {link('information.html')}</p>"
    yield table(
        words("why_processed"),
        (
            words("purpose"),
            words("lawful_basis"),
            words("retention_period"),
            words("recipients"),
            words("data_found"),
        ),
        (
            (
                words.of_map(entry.processing.purpose),
                text(basis_words(entry.processing.lawful_basis, words)),
                words.of_map(entry.processing.retention),
                "; ".join(map(words.of_map, entry.processing.recipients))
                or text(words("nobody_else")),
                ", ".join(words.of_map(category_words(each.category)) for each in entry.categories),
            )
            for entry in entries(manifest.content)
        ),
    )


# --- conversations --------------------------------------------------------------------------------


def _talks(talks: list[Talk], count: int, words: Words) -> Iterator[str]:
    shown = (
        words("all_conversations", count=count)
        if len(talks) == count
        else words(
            "newest_conversations",
            count=count,
            shown=len(talks),
        )
    )
    yield paragraph(shown)
    for talk in talks:
        start = talk.start
        title = [_time(start.at)] if start.at else []
        title += [f"<em>{text(shortened(each))}</em>" for each in start.texts[:1]]
        title += [_code(*code, words) for code in start.codes]
        yield f"<h3>{' · '.join(title) or text(words('conversation'))}</h3>"
        yield '<ol class="talk">'
        yield from (_event(event, words) for event in talk.events)
        yield "</ol>"
        if talk.more:
            yield paragraph(words("more_entries", count=talk.more))


def _event(event: Event, words: Words) -> str:
    about = [_time(event.at)] if event.at else []
    about.append(words.of_map(event.table.name.replace("_", " ")))
    about += [_code(*code, words) for code in event.codes]
    said = "".join(f'<p class="said">{text(each)}</p>' for each in event.texts)
    files = "".join(f"<p>{link(each)}</p>" for each in event.files)
    return f'<li><p class="quiet">{" · ".join(about)}</p>{said}{files}</li>'


def _time(at: str) -> str:
    """Return a time for people, and for programs as it stands."""
    if len(at) < len("2026-03-01T09:30") or at[10:11] != "T":
        return text(at)
    return f'<time datetime="{text(at)}">{text(at[:10])} {text(at[11:16])} UTC</time>'


# --- tables ---------------------------------------------------------------------------------------


def _data(manifest: Manifest, words: Words) -> Iterator[str]:
    content = manifest.content
    if not content.tables:
        yield paragraph(words("no_data"))
    folder = "access" if content.order.has_access else "portability"
    paths = {
        file.source: file.path for file in manifest.files if file.path.startswith(f"{folder}/json/")
    }
    for each in content.tables:
        mapped = content.datamap.tables[each.table]
        columns = [mapped.column(name) for name in each.columns]
        yield f"<h3><code>{text(str(each.table))}</code></h3>"
        shown = (
            words("all_records", count=each.count)
            if each.count <= _MOST_RECORDS
            else words(
                "first_records",
                count=each.count,
                shown=_MOST_RECORDS,
            )
        )
        path = paths.get(str(each.table))
        whole = "" if path is None else f" {text(words('machine_readable_file'))} {link(path)}"
        yield f"<p>{text(shown)}{whole}</p>"
        for number, record in enumerate(_records(each, columns, words), start=1):
            title = words("record_number", number=number, count=each.count)
            yield f"<h4>{text(title)}</h4>"
            yield record


def _records(content: TableContent, columns: list[Column], words: Words) -> Iterator[str]:
    for row in islice(content.rows(), _MOST_RECORDS):
        yield facts(
            (words.of_map(column.meaning or column.name), _cell(column, value, words))
            for column, value in zip(columns, row, strict=True)
            if value not in (None, "", [], {})
        )


def _cell(column: Column, value: JsonValue, words: Words) -> str:
    """Return a value for people: codes explained, documents as JSON, files as links."""
    if column.object_store is not None and isinstance(value, str):
        return link(value)
    if column.legend:
        return _code(column, value, words)
    return text(shortened(in_words(column, value)))


def _code(column: Column, value: JsonValue, words: Words) -> str:
    """Return a code with what it means; the code alone where the map does not explain it."""
    code = value if isinstance(value, str) else to_json_text(value)
    explained = column.legend.get(code)
    return text(code) if explained is None else f"{words.of_map(explained)} ({text(code)})"


# --- what can be passed on ------------------------------------------------------------------------


def _portable(manifest: Manifest, words: Words) -> Iterator[str]:
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
    what = " ".join(words.of_map(mapped.column(name).meaning) for name in each.columns)
    why = [text(words(each.reason))]
    if each.column:
        column = mapped.column(each.column)
        why.append(words.of_map(column.meaning))
        code = {"": words(NOTHING), "?": words(UNKNOWN)}.get(each.value)
        why.append(_code(column, each.value, words) if code is None else text(code))
    return (
        f"<code>{text(str(each.table))}</code>",
        str(each.rows),
        what or text(words("whole_rows")),
        " · ".join(why),
    )


# --- requests, consents, files --------------------------------------------------------------------


def _requests(manifest: Manifest, words: Words) -> str:
    history = manifest.content.order.history
    if not history:
        return paragraph(words("no_earlier_requests"))
    return table(
        words("all_requests"),
        (words("received"), words("rights"), words("status"), words("closed"), words("ground")),
        (
            (
                _time(in_utc(each.received_at)),
                text(", ".join(words(str(kind)) for kind in each.kinds)),
                text(words(f"state_{each.state}")),
                "" if each.closed_at is None else _time(in_utc(each.closed_at)),
                "" if each.ground is None else text(each.ground),
            )
            for each in history
        ),
    )


def _consents(manifest: Manifest, words: Words) -> Iterator[str]:
    content = manifest.content
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
                    _time(in_utc(each.at)),
                    text(each.purpose),
                    text(each.status),
                    text(each.method),
                    text(each.version or ""),
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
        title = words("choice_number", number=number, count=len(shown))
        yield f"<h3>{text(title)}: <code>{text(str(each.table))}</code></h3>"
        yield facts(
            (words.of_map(column.meaning or column.name), _cell(column, value, words))
            for column, value in choice
        )
    if not (content.order.consents or shown):
        yield paragraph(words("no_consents"))
    yield f"<p>{text(words('full_version'))} {link('history/consents.json')}</p>"


def _files(manifest: Manifest, words: Words) -> Iterator[str]:
    yield table(
        words("files"),
        (words("file"), words("source"), words("rows"), words("bytes")),
        (_file_row(each) for each in manifest.files[:_MOST_FILES]),
    )
    if (more := len(manifest.files) - _MOST_FILES) > 0:
        yield paragraph(words("more_files", count=more))
    yield (
        f"<p>{text(words('meaning_of_columns'))} {link('data_dictionary.json')}</p>"
        f"<p>{text(words('how_to_check'))} "
        "<code>sha256sum -c SHA256SUMS</code></p>"
    )


def _file_row(file: BundleFile) -> tuple[str, str, str, str]:
    rows = "" if file.rows is None else str(file.rows)
    return link(file.path), f"<code>{text(file.source)}</code>", rows, str(file.byte_count)
