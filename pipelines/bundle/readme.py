"""README.html: the bundle for somebody who only has a browser, and no network."""

from collections.abc import Iterator
from typing import Final

from pipelines.bundle.notice import basis_words, category_words, confirmation, entries
from pipelines.bundle.page import facts, link, page, paragraph, table, text
from pipelines.bundle.values import in_utc, to_json_text
from pipelines.model.bundle import BundleFile, JsonValue, Manifest, TableContent
from pipelines.model.datamap import Column

_MOST_RECORDS: Final = 200
"""Records of one table shown on the page; its files hold all."""

_RIGHTS: Final = {"access": "access (Art. 15)", "portability": "portability (Art. 20)"}


def to_readme(manifest: Manifest) -> bytes:
    """Return the page; `manifest` holds every file but this page and the manifest itself."""
    content = manifest.content
    lead = paragraph(
        "This folder holds what was found about you. Everything can be read without a network: "
        "this page for people, the files beside it for programs."
    )
    sections = [
        ("summary", "Summary", "\n".join(_summary(manifest))),
        ("where-and-why", "Where your data is, and why", "\n".join(_where_and_why(manifest))),
        ("data", "Your data, table by table", "\n".join(_data(manifest))),
    ]
    if content.order.has_access:
        sections += [
            ("requests", "Your requests", _requests(manifest)),
            ("consents", "Consents and agreements", _consents(manifest)),
        ]
    sections.append(("files", "Files in this folder", "\n".join(_files(manifest))))
    return page("Your personal data", sections, lead)


def _summary(manifest: Manifest) -> Iterator[str]:
    content = manifest.content
    order, datamap = content.order, content.datamap
    yield paragraph(confirmation(content))
    if not manifest.is_complete:
        yield (
            '<p class="note"><strong>This bundle is not complete.</strong> Some sources could '
            'not be given in full; they are listed <a href="#gaps">below</a>.</p>'
        )
    yield facts(
        [
            ("Request", text(order.request_id)),
            ("Rights", ", ".join(_RIGHTS[kind] for kind in order.kinds if kind in _RIGHTS)),
            ("State of the data", text(in_utc(order.snapshot_at))),
            ("Written", text(in_utc(order.generated_at))),
            ("Controller", text(datamap.controller)),
            ("Data protection officer", text(datamap.dpo)),
            ("Supervisory authority", text(datamap.authority)),
        ]
    )
    found = [each for each in content.sources_checked if each.rows]
    yield table(
        "What was found",
        ("Where", "Rows or files"),
        ((f"<code>{text(each.source)}</code>", str(each.rows)) for each in found),
    )
    empty = len(content.sources_checked) - len(found)
    yield paragraph(f"Looked into as well, with nothing found about you: {empty} sources.")
    if manifest.redactions:
        yield table(
            "Covered for the sake of other people (Art. 15(4))",
            ("Where", "What", "Places"),
            (
                (f"<code>{text(each.source)}</code>", text(each.reason), str(each.count))
                for each in manifest.redactions
            ),
        )
    if manifest.incomplete_sources:
        yield '<h3 id="gaps">Not given in full</h3>'
        yield table(
            "Not given in full",
            ("Where", "Why"),
            (
                (f"<code>{text(each.source)}</code>", text(each.reason))
                for each in manifest.incomplete_sources
            ),
        )


def _where_and_why(manifest: Manifest) -> Iterator[str]:
    yield f"<p>In short; in full in {link('notice.html')}.</p>"
    yield table(
        "Why your data is processed",
        ("Purpose", "On what basis", "Kept for", "Who receives it", "What was found"),
        (
            (
                text(entry.processing.purpose),
                text(basis_words(entry.processing.lawful_basis)),
                text(entry.processing.retention),
                text("; ".join(entry.processing.recipients) or "nobody else"),
                text(", ".join(category_words(each.category) for each in entry.categories)),
            )
            for entry in entries(manifest.content)
        ),
    )


def _data(manifest: Manifest) -> Iterator[str]:
    content = manifest.content
    if not content.tables:
        yield paragraph("There are no rows.")
    for each in content.tables:
        mapped = content.datamap.tables[each.table]
        columns = [mapped.column(name) for name in each.columns]
        count = len(each.rows)
        yield f"<h3>{text(str(each.table))}</h3>"
        folder = "access" if content.order.has_access else "portability"
        whole = next(
            file.path
            for file in manifest.files
            if file.source == str(each.table) and file.path.startswith(f"{folder}/json/")
        )
        shown = "all of them" if count <= _MOST_RECORDS else f"the first {_MOST_RECORDS} of them"
        yield f"<p>Records: {count}; below, {shown}. For programs: {link(whole)}</p>"
        for number, record in enumerate(_records(each, columns), start=1):
            yield f"<h4>Record {number} of {count}</h4>"
            yield record


def _records(content: TableContent, columns: list[Column]) -> Iterator[str]:
    for row in content.rows[:_MOST_RECORDS]:
        yield facts(
            (column.meaning or column.name, _cell(column, value))
            for column, value in zip(columns, row, strict=True)
            if value not in (None, "", [], {})
        )


def _cell(column: Column, value: JsonValue) -> str:
    """Return a value for people: codes explained, documents as JSON, files as links."""
    if column.object_store is not None and isinstance(value, str):
        return link(value)
    words = value if isinstance(value, str) else to_json_text(value)
    explained = column.legend.get(words)
    return text(words if explained is None else f"{explained} ({words})")


def _requests(manifest: Manifest) -> str:
    history = manifest.content.order.history
    if not history:
        return paragraph("No earlier requests are on record.")
    return table(
        "Requests, this one included",
        ("Received", "Rights", "State", "Closed", "Ground"),
        (
            (
                text(in_utc(each.received_at)),
                text(", ".join(each.kinds)),
                text(each.state.value.replace("_", " ")),
                "" if each.closed_at is None else text(in_utc(each.closed_at)),
                "" if each.ground is None else text(each.ground),
            )
            for each in history
        ),
    )


def _consents(manifest: Manifest) -> str:
    consents = manifest.content.order.consents
    if not consents:
        return paragraph(
            "No consent or agreement is recorded beside those that stand in the tables above."
        )
    return table(
        "Consents and agreements",
        ("When", "What for", "Answer", "How", "Version of the text"),
        (
            (
                text(in_utc(each.at)),
                text(each.purpose),
                text(each.status),
                text(each.method),
                text(each.version or ""),
            )
            for each in consents
        ),
    )


def _files(manifest: Manifest) -> Iterator[str]:
    yield table(
        "Files",
        ("File", "What it is from", "Rows", "Bytes"),
        (_file_row(each) for each in manifest.files),
    )
    yield (
        "<p>What every column means: "
        f"{link('data_dictionary.json')}. To check that no file was changed, run "
        "<code>sha256sum -c SHA256SUMS</code> in this folder.</p>"
    )


def _file_row(file: BundleFile) -> tuple[str, str, str, str]:
    rows = "" if file.rows is None else str(file.rows)
    return link(file.path), f"<code>{text(file.source)}</code>", rows, str(file.octets)
