"""The information of Art. 15(1)(a) to (h) and 15(2), for the data that this bundle holds."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pipelines.bundle.page import facts, page, paragraph, table, text
from pipelines.bundle.tables import to_document
from pipelines.bundle.values import in_utc
from pipelines.model.bundle import BundleContent, IncompleteSource, JsonValue, Redaction
from pipelines.model.datamap import Processing

BASES: Final = {
    "6(1)(a)": "your consent",
    "6(1)(b)": "a contract with you, or steps before one that you asked for",
    "6(1)(c)": "a legal obligation",
    "6(1)(d)": "vital interests",
    "6(1)(e)": "a task in the public interest",
    "6(1)(f)": "legitimate interests",
}
"""The lawful bases of Art. 6(1) in words."""

_RIGHTS: Final = (
    ("rectification of what is wrong", "16"),
    ("erasure", "17"),
    ("restriction of processing", "18"),
    ("a copy to pass on, of what you provided on consent or contract", "20"),
    ("objection to processing for legitimate interests", "21"),
    ("withdrawal of a consent, at any time", "7(3)"),
)

_ARTICLES: Final[dict[str, JsonValue]] = {
    "purpose": "15(1)(a)",
    "lawful_basis": "6(1)",
    "categories": "15(1)(b)",
    "recipients": "15(1)(c)",
    "retention": "15(1)(d)",
    "rights": "15(1)(e)",
    "authority": "15(1)(f)",
    "source": "15(1)(g)",
    "automated_decisions": "15(1)(h)",
    "transfers": "15(2)",
    "redactions": "15(4)",
}

_FROM_PERSON: Final = "you, directly or while you used the service"
_NONE: Final = "none"


@dataclass(frozen=True)
class Present:
    """A category of data that was found, under one processing.

    Attributes:
        columns: where, as `schema.table.column`.
        rows: values found, over all columns.
    """

    category: str
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True)
class Entry:
    """One processing with the categories that were found under it."""

    processing: Processing
    categories: tuple[Present, ...]


def entries(content: BundleContent) -> tuple[Entry, ...]:
    """Return, for every processing, the categories of personal data actually present."""
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for table_content in content.tables:
        mapped = content.datamap.tables[table_content.table]
        for place, name in enumerate(table_content.columns):
            column = mapped.column(name)
            count = sum(row[place] not in (None, "", [], {}) for row in table_content.rows)
            if column.is_personal and count:
                where = f"{table_content.table}.{name}"
                found[column.processing][column.category][where] = count
    return tuple(
        Entry(
            processing=content.datamap.processings[name],
            categories=tuple(
                Present(category, tuple(sorted(columns)), sum(columns.values()))
                for category, columns in sorted(categories.items())
            ),
        )
        for name, categories in sorted(found.items())
    )


def confirmation(content: BundleContent) -> str:
    """Return the sentence that says whether data of the person is processed at all."""
    if content.is_empty:
        return "No personal data about you was found."
    return "Personal data about you is processed. This is what was found."


def category_words(category: str) -> str:
    """Return a category in words.

    >>> category_words("user.contact.phone_number")
    'contact: phone number'
    """
    return category.removeprefix("user.").replace(".", ": ").replace("_", " ")


def to_notice_json(
    content: BundleContent,
    incomplete: tuple[IncompleteSource, ...],
    redactions: tuple[Redaction, ...],
) -> bytes:
    """Return the notice for machines."""
    order, datamap = content.order, content.datamap
    document: JsonValue = {
        "articles": _ARTICLES,
        "authority": datamap.authority,
        "confirmation": confirmation(content),
        "controller": datamap.controller,
        "dpo": datamap.dpo,
        "incomplete_sources": [
            {"reason": each.reason, "source": each.source} for each in incomplete
        ],
        "is_processed": not content.is_empty,
        "processings": [_as_document(entry) for entry in entries(content)],
        "redactions": [
            {"count": each.count, "reason": each.reason, "source": each.source}
            for each in redactions
        ],
        "request_id": order.request_id,
        "rights": [{"article": article, "right": right} for right, article in _RIGHTS],
        "snapshot_at": in_utc(order.snapshot_at),
    }
    return to_document(document)


def _as_document(entry: Entry) -> JsonValue:
    processing = entry.processing
    return {
        "automated_decisions": processing.automated_decisions,
        "categories": [
            {"category": each.category, "columns": each.columns, "values": each.rows}
            for each in entry.categories
        ],
        "keep_for_days": processing.keep_for_days,
        "lawful_basis": processing.lawful_basis,
        "name": processing.name,
        "purpose": processing.purpose,
        "recipients": processing.recipients,
        "retention": processing.retention,
        "source": processing.source or _FROM_PERSON,
        "transfers": processing.transfers or _NONE,
    }


def basis_words(basis: str) -> str:
    """Return a lawful basis in words, with its article.

    >>> basis_words("6(1)(a)")
    'your consent, Art. 6(1)(a)'
    """
    return f"{BASES[basis]}, Art. {basis}" if basis in BASES else f"Art. {basis}"


def to_notice_html(
    content: BundleContent,
    incomplete: tuple[IncompleteSource, ...],
    redactions: tuple[Redaction, ...],
) -> bytes:
    """Return the notice for people."""
    datamap = content.datamap
    lead = facts(
        [
            ("Request", text(content.order.request_id)),
            ("State of the data", text(in_utc(content.order.snapshot_at))),
            ("Controller", text(datamap.controller)),
            ("Data protection officer", text(datamap.dpo)),
        ]
    )
    sections = [("confirmation", "Is data about you processed?", paragraph(confirmation(content)))]
    sections += [
        (f"processing-{number}", entry.processing.purpose, _entry_markup(entry))
        for number, entry in enumerate(entries(content), start=1)
    ]
    sections += [
        ("rights", "Your rights", _rights_markup(content)),
        ("redactions", "What was covered, and what is missing", _gaps(incomplete, redactions)),
    ]
    return page("Where your data is, and why", sections, lead)


def _entry_markup(entry: Entry) -> str:
    processing = entry.processing
    rows = [
        ("Purpose, 15(1)(a)", processing.purpose),
        ("Lawful basis", basis_words(processing.lawful_basis)),
        ("Recipients, 15(1)(c)", "; ".join(processing.recipients) or _NONE),
        ("Kept for, 15(1)(d)", processing.retention),
        ("Source, 15(1)(g)", processing.source or _FROM_PERSON),
        ("Automated decisions, 15(1)(h)", processing.automated_decisions or _NONE),
        ("Third countries, 15(2)", processing.transfers or _NONE),
    ]
    categories = table(
        f"Categories found, 15(1)(b): {processing.purpose}",
        ("Category", "Values", "Where"),
        (
            (
                text(category_words(each.category)),
                str(each.rows),
                ", ".join(f"<code>{text(column)}</code>" for column in each.columns),
            )
            for each in entry.categories
        ),
    )
    return facts((name, text(value)) for name, value in rows) + "\n" + categories


def _rights_markup(content: BundleContent) -> str:
    rights = "\n".join(f"<li>{text(right)} (Art. {article})</li>" for right, article in _RIGHTS)
    return (
        f"<p>You have the right to, 15(1)(e):</p>\n<ul>\n{rights}\n</ul>\n"
        f"<p>To use one, write to {text(content.datamap.dpo)}.</p>\n"
        f"<p>You may complain to a supervisory authority, 15(1)(f): "
        f"{text(content.datamap.authority)}.</p>"
    )


def _gaps(incomplete: tuple[IncompleteSource, ...], redactions: tuple[Redaction, ...]) -> str:
    return "\n".join(_gap_parts(incomplete, redactions))


def _gap_parts(
    incomplete: tuple[IncompleteSource, ...], redactions: tuple[Redaction, ...]
) -> Iterator[str]:
    if redactions:
        yield table(
            "Covered for the sake of other people, 15(4)",
            ("Where", "What", "Places"),
            (
                (f"<code>{text(each.source)}</code>", text(each.reason), str(each.count))
                for each in redactions
            ),
        )
    else:
        yield paragraph("Nothing was covered.")
    if incomplete:
        yield table(
            "Not given in full",
            ("Where", "Why"),
            ((f"<code>{text(each.source)}</code>", text(each.reason)) for each in incomplete),
        )
    else:
        yield paragraph("Every source could be given in full.")
