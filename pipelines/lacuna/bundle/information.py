"""The information of Art. 15(1)(a) to (h) and 15(2), for the data that this bundle holds."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lacuna.bundle.moments import moment
from lacuna.bundle.page_frame import Page, facts, page, paragraph, table
from lacuna.bundle.page_text import text
from lacuna.bundle.table_files import to_document
from lacuna.bundle.values import in_utc
from lacuna.bundle.words import Words, in_english
from lacuna.model.bundle import BundleContent, IncompleteSource, JsonValue, Redaction
from lacuna.model.processing import Processing
from lacuna.model.table import Column, Table

BASES: Final = {
    "6(1)(a)": "basis_consent",
    "6(1)(b)": "basis_contract",
    "6(1)(c)": "basis_legal_obligation",
    "6(1)(d)": "basis_vital_interests",
    "6(1)(e)": "basis_public_task",
    "6(1)(f)": "basis_legitimate_interests",
}
"""The lawful bases of Art. 6(1) in words."""

GROUPS: Final = {
    f"user.{name}" if name != "other" else "user": f"holds_{name}"
    for name in [
        "account",
        "authorization",
        "behavior",
        "biometrics",
        "children",
        "contact",
        "content",
        "criminal_history",
        "demographic",
        "device",
        "financial",
        "government_id",
        "health",
        "location",
        "name",
        "other",
        "payment",
        "privacy_preferences",
        "professional_information",
        "settings",
        "social_activity",
        "unique_id",
    ]
}
"""What people read of the categories of data, by their first two names: phrases."""

_RIGHTS: Final = (
    ("right_rectification", "16"),
    ("erasure", "17"),
    ("right_restriction", "18"),
    ("right_portability", "20"),
    (
        "right_objection",
        "21(1)",
    ),
    ("right_objection_to_marketing", "21(2)"),
    (
        "right_withdrawal_of_consent",
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
        return words("nothing_processed")
    return words("is_processed")


def group_of(category: str) -> str:
    """Return the name of the phrase that says what a category is.

    >>> group_of("user.contact.phone_number")
    'holds_contact'
    """
    return GROUPS.get(".".join(category.split(".")[:2]), GROUPS["user"])


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
            {"count": each.count, "reason": in_english(each.reason), "source": each.source}
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
            (words("request"), text(content.order.named)),
            (words("data_as_of"), moment(in_utc(content.order.snapshot_at), words.locale)),
            (words("controller"), text(content.tenant.controller)),
            (words("data_protection_officer"), text(content.tenant.dpo)),
        ]
    )
    sections = [
        (
            "confirmation",
            text(words("is_data_processed")),
            paragraph(confirmation(content, words)),
        )
    ]
    sections += [
        (
            f"processing-{number}",
            words.of_map(entry.processing.purpose),
            _entry_markup(entry, content, words),
        )
        for number, entry in enumerate(entries(content), start=1)
    ]
    if coded := list(_legends(content)):
        sections.append(
            ("codes", text(words("meaning_of_codes")), _codes_markup(coded, content, words))
        )
    sections += [
        ("rights", text(words("your_rights")), rights_markup(content, words)),
        (
            "redactions",
            text(words("covered_and_missing")),
            "\n".join(_gaps(content, incomplete, redactions, words)),
        ),
    ]
    shown = Page(title=words("where_and_why"), lead=lead, sections=sections, base="")
    return page(words, shown)


def _entry_markup(entry: ProcessingEntry, content: BundleContent, words: Words) -> str:
    processing = entry.processing
    none = text(words("none"))
    rows = [
        (f"{words('purpose')}, Art. 15(1)(a)", words.of_map(processing.purpose)),
        (words("lawful_basis"), text(basis_words(processing.lawful_basis, words))),
        (
            f"{words('recipients')}, Art. 15(1)(c)",
            "; ".join(map(words.of_map, processing.recipients)) or none,
        ),
        (f"{words('retention_period')}, Art. 15(1)(d)", words.of_map(processing.retention)),
        (
            f"{words('source')}, Art. 15(1)(g)",
            words.of_map(processing.source) if processing.source else text(words("from_you")),
        ),
        (
            f"{words('automated_decisions')}, Art. 15(1)(h)",
            words.of_map(processing.automated_decisions)
            if processing.automated_decisions
            else none,
        ),
        (
            f"{words('third_countries')}, Art. 15(2)",
            words.of_map(processing.transfers) if processing.transfers else none,
        ),
    ]
    groups: dict[str, list[Present]] = defaultdict(list)
    for each in entry.categories:
        groups[group_of(each.category)].append(each)
    categories = table(
        f"{words('categories_found')}, Art. 15(1)(b): {words.from_map(processing.purpose)}",
        (words("category"), words("values"), words("where")),
        (
            (
                text(words(group)),
                str(sum(each.rows for each in of_group)),
                ", ".join(
                    dict.fromkeys(
                        _place(one, content, words) for each in of_group for one in each.columns
                    )
                ),
            )
            for group, of_group in groups.items()
        ),
    )
    return facts((text(name), value) for name, value in rows) + "\n" + categories


def _codes_markup(coded: list[tuple[str, Column]], content: BundleContent, words: Words) -> str:
    return table(
        words("meaning_of_codes"),
        (words("where"), words("code"), words("meaning")),
        (
            (_place(where, content, words), f"<code>{text(code)}</code>", words.of_map(meaning))
            for where, column in coded
            for code, meaning in column.legend.items()
        ),
    )


def rights_markup(content: BundleContent, words: Words) -> str:
    """Return the rights of the person, where to exercise them, and who decides on a complaint."""
    rights = "\n".join(
        f"<li>{text(words(right))} (Art. {article})</li>" for right, article in _RIGHTS
    )
    return (
        f"<p>{text(words('following_rights'))}</p>\n<ul>\n{rights}\n</ul>\n"
        f"<p>{text(words('how_to_exercise'))} {text(content.tenant.dpo)}</p>\n"
        f"<p>{text(words('right_to_complain'))}, Art. 15(1)(f): "
        f"{text(content.tenant.authority)}</p>\n"
        f"<p>{text(words('right_to_court'))}, Art. 79.</p>"
    )


def _place(where: str, content: BundleContent, words: Words) -> str:
    """Return `schema.table.column` in words."""
    name, _, column = where.rpartition(".")
    table = next(one for one in content.datamap.tables.values() if str(one.name) == name)
    return f"{words.label(table)}: {words.label(table.column(column))}"


def _gaps(
    content: BundleContent,
    incomplete: tuple[IncompleteSource, ...],
    redactions: tuple[Redaction, ...],
    words: Words,
) -> Iterator[str]:
    """Yield the markup that says what was covered and what could not be given."""
    if redactions:
        yield table(
            words("covered"),
            (words("where"), words("what"), words("places")),
            (
                (
                    words.source(each.source, content.datamap),
                    text(words(each.reason)),
                    str(each.count),
                )
                for each in redactions
            ),
        )
    else:
        yield paragraph(words("nothing_covered"))
    if of_others := _columns_of_others(content):
        yield table(
            words("left_out_for_others"),
            (words("where"), words("what")),
            (
                (words.label(mapped), ", ".join(words.label(column) for column in columns))
                for mapped, columns in of_others
            ),
        )
    if incomplete:
        yield table(
            words("not_in_full"),
            (words("where"), words("why")),
            (
                (words.source(each.source, content.datamap), words.of_map(each.reason))
                for each in incomplete
            ),
        )
    elif not of_others:
        yield paragraph(words("all_in_full"))


def _columns_of_others(content: BundleContent) -> list[tuple[Table, list[Column]]]:
    """Return the columns that are left out because they are about other people, by table."""
    left_out = {each.source for each in content.excluded if each.article == "15(4)"}
    found = []
    for mapped in content.datamap.tables.values():
        columns = [one for one in mapped.columns if f"{mapped.name}.{one.name}" in left_out]
        if columns:
            found.append((mapped, columns))
    return found
