"""The information of Art. 15(1)(a) to (h) and 15(2), for the data that this bundle holds."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lacuna.bundle.markup import text
from lacuna.bundle.page import facts, page, paragraph, table
from lacuna.bundle.tables import to_document
from lacuna.bundle.values import in_utc
from lacuna.bundle.words import Words
from lacuna.model.bundle import BundleContent, IncompleteSource, JsonValue, Redaction
from lacuna.model.processing import Processing
from lacuna.model.table import Column

BASES: Final = {
    "6(1)(a)": "your consent",
    "6(1)(b)": "a contract with you, or steps taken at your request before a contract",
    "6(1)(c)": "a legal obligation",
    "6(1)(d)": "vital interests",
    "6(1)(e)": "a task in the public interest",
    "6(1)(f)": "legitimate interests",
}
"""The lawful bases of Art. 6(1) in words."""

_RIGHTS: Final = (
    ("rectification of inaccurate data and completion of incomplete data", "16"),
    ("erasure", "17"),
    ("restriction of processing", "18"),
    ("portability of the data that you provided on the basis of consent or a contract", "20"),
    (
        "objection to processing in the public interest or for legitimate interests, on grounds of "
        "your particular situation",
        "21(1)",
    ),
    ("objection to processing for direct marketing at any time", "21(2)"),
    (
        "withdrawal of consent at any time, which does not affect the lawfulness of earlier "
        "processing",
        "7(3)",
    ),
)
"""Every right that Art. 13(2)(b) and (c), 14(2)(c) and (d) and 15(1)(e) name, with its article."""

_ARTICLES: Final[dict[str, JsonValue]] = {
    "purpose": "15(1)(a)",
    "lawful_basis": "6(1)",
    "categories": "15(1)(b)",
    "recipients": "15(1)(c)",
    "retention": "15(1)(d)",
    "rights": "13(2)(b), 13(2)(c), 15(1)(e)",
    "authority": "15(1)(f)",
    "source": "15(1)(g)",
    "automated_decisions": "15(1)(h)",
    "transfers": "15(2)",
    "redactions": "15(4)",
}


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
class ProcessingEntry:
    """One processing with the categories that were found under it."""

    processing: Processing
    categories: tuple[Present, ...]


def entries(content: BundleContent) -> tuple[ProcessingEntry, ...]:
    """Return, for every processing, the categories of personal data actually present."""
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for each in content.tables:
        mapped = content.datamap.tables[each.table]
        for name in each.columns:
            column, count = mapped.column(name), each.present[name]
            if column.is_personal and count:
                where = f"{each.table}.{name}"
                found[column.processing][column.category][where] = count
    return tuple(
        ProcessingEntry(
            processing=content.datamap.processings[name],
            categories=tuple(
                Present(category, tuple(sorted(columns)), sum(columns.values()))
                for category, columns in sorted(categories.items())
            ),
        )
        for name, categories in sorted(found.items())
    )


def _legends(content: BundleContent) -> Iterator[tuple[str, Column]]:
    """Yield every column with codes that says something here, as `schema.table.column`."""
    for each in content.tables:
        mapped = content.datamap.tables[each.table]
        for name in each.columns:
            column = mapped.column(name)
            if column.legend and each.present[name]:
                yield f"{each.table}.{name}", column


def confirmation(content: BundleContent, words: Words) -> str:
    """Return the sentence that says whether data of the person is processed at all."""
    if content.is_empty:
        return words("No personal data about you was found.")
    return words("Personal data about you is processed. The following data was found.")


def category_words(category: str) -> str:
    """Return a category in words.

    >>> category_words("user.contact.phone_number")
    'contact: phone number'
    """
    return category.removeprefix("user.").replace(".", ": ").replace("_", " ")


def to_information_json(
    content: BundleContent,
    incomplete: tuple[IncompleteSource, ...],
    redactions: tuple[Redaction, ...],
) -> bytes:
    """Return the information for machines."""
    order, tenant = content.order, content.tenant
    words = Words.of(content)
    document: JsonValue = {
        "articles": _ARTICLES,
        "authority": tenant.authority,
        "codes": {
            where: {"legend": dict(column.legend), "meaning": column.meaning}
            for where, column in _legends(content)
        },
        "confirmation": confirmation(content, words),
        "controller": tenant.controller,
        "dpo": tenant.dpo,
        "incomplete_sources": [
            {"reason": each.reason, "source": each.source} for each in incomplete
        ],
        "is_processed": not content.is_empty,
        "language": words.language,
        "processings": [_as_document(entry) for entry in entries(content)],
        "redactions": [
            {"count": each.count, "reason": each.reason, "source": each.source}
            for each in redactions
        ],
        "request_id": order.request_id,
        "rights": [{"article": article, "right": words(right)} for right, article in _RIGHTS],
        "snapshot_at": in_utc(order.snapshot_at),
    }
    return to_document(document)


def _as_document(entry: ProcessingEntry) -> JsonValue:
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
        "source": processing.source or "you, directly or through your use of the service",
        "transfers": processing.transfers or "none",
    }


def basis_words(basis: str, words: Words) -> str:
    """Return a lawful basis in words, with its article.

    >>> basis_words("6(1)(a)", Words("en"))
    'your consent, Art. 6(1)(a)'
    """
    return f"{words(BASES[basis])}, Art. {basis}" if basis in BASES else f"Art. {basis}"


def to_information_html(
    content: BundleContent,
    incomplete: tuple[IncompleteSource, ...],
    redactions: tuple[Redaction, ...],
) -> bytes:
    """Return the information for people, in their language."""
    words = Words.of(content)
    lead = facts(
        (text(name), value)
        for name, value in [
            (words("Request"), text(content.order.request_id)),
            (words("Data as of"), text(in_utc(content.order.snapshot_at))),
            (words("Controller"), text(content.tenant.controller)),
            (words("Data protection officer"), text(content.tenant.dpo)),
        ]
    )
    sections = [
        (
            "confirmation",
            text(words("Is data about you processed?")),
            paragraph(confirmation(content, words)),
        )
    ]
    sections += [
        (
            f"processing-{number}",
            words.of_map(entry.processing.purpose),
            _entry_markup(entry, words),
        )
        for number, entry in enumerate(entries(content), start=1)
    ]
    if coded := list(_legends(content)):
        sections.append(("codes", text(words("Meaning of the codes")), _codes_markup(coded, words)))
    sections += [
        ("rights", text(words("Your rights")), _rights_markup(content, words)),
        (
            "redactions",
            text(words("Covered and missing data")),
            "\n".join(gaps(incomplete, redactions, words)),
        ),
    ]
    return page(words, words("Where and why your data is processed"), sections, lead)


def _entry_markup(entry: ProcessingEntry, words: Words) -> str:
    processing = entry.processing
    none = text(words("none"))
    rows = [
        (f"{words('Purpose')}, Art. 15(1)(a)", words.of_map(processing.purpose)),
        (words("Lawful basis"), text(basis_words(processing.lawful_basis, words))),
        (
            f"{words('Recipients')}, Art. 15(1)(c)",
            "; ".join(map(words.of_map, processing.recipients)) or none,
        ),
        (f"{words('Retention period')}, Art. 15(1)(d)", words.of_map(processing.retention)),
        (
            f"{words('Source')}, Art. 15(1)(g)",
            words.of_map(processing.source)
            if processing.source
            else text(words("you, directly or through your use of the service")),
        ),
        (
            f"{words('Automated decisions')}, Art. 15(1)(h)",
            words.of_map(processing.automated_decisions)
            if processing.automated_decisions
            else none,
        ),
        (
            f"{words('Third countries')}, Art. 15(2)",
            words.of_map(processing.transfers) if processing.transfers else none,
        ),
    ]
    categories = table(
        f"{words('Categories of data found')}, Art. 15(1)(b): {words.from_map(processing.purpose)}",
        (words("Category"), words("Values"), words("Where")),
        (
            (
                words.of_map(category_words(each.category)),
                str(each.rows),
                ", ".join(f"<code>{text(column)}</code>" for column in each.columns),
            )
            for each in entry.categories
        ),
    )
    return facts((text(name), value) for name, value in rows) + "\n" + categories


def _codes_markup(coded: list[tuple[str, Column]], words: Words) -> str:
    return table(
        words("Meaning of the codes"),
        (words("Where"), words("Code"), words("Meaning")),
        (
            (f"<code>{text(where)}</code>", text(code), words.of_map(meaning))
            for where, column in coded
            for code, meaning in column.legend.items()
        ),
    )


def _rights_markup(content: BundleContent, words: Words) -> str:
    rights = "\n".join(
        f"<li>{text(words(right))} (Art. {article})</li>" for right, article in _RIGHTS
    )
    return (
        f"<p>{text(words('You have the following rights, Art. 13(2)(b), 13(2)(c), 15(1)(e):'))}</p>\n<ul>\n{rights}\n</ul>\n"
        f"<p>{text(words('To exercise a right, write to:'))} {text(content.tenant.dpo)}</p>\n"
        f"<p>{text(words('You have the right to lodge a complaint with a supervisory authority'))}, Art. 15(1)(f): "
        f"{text(content.tenant.authority)}</p>"
    )


def gaps(
    incomplete: tuple[IncompleteSource, ...], redactions: tuple[Redaction, ...], words: Words
) -> Iterator[str]:
    """Yield the markup that says what was covered and what could not be given."""
    if redactions:
        yield table(
            words(
                "Covered: other people's data (Art. 15(4)), or characters that a file cannot store"
            ),
            (words("Where"), words("What"), words("Places")),
            (
                (f"<code>{text(each.source)}</code>", text(words(each.reason)), str(each.count))
                for each in redactions
            ),
        )
    else:
        yield paragraph(words("Nothing was covered."))
    if incomplete:
        yield table(
            words("Not included in full"),
            (words("Where"), words("Why")),
            (
                (f"<code>{text(each.source)}</code>", words.of_map(each.reason))
                for each in incomplete
            ),
        )
    else:
        yield paragraph(words("All sources are included in full."))
