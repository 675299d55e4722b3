"""Writes the record of processing activities (Art. 30(1)) that a data map amounts to.

What a data map cannot know is left out: the measures of security (Art. 30(1)(g)), and whatever
the controller processes outside the platform.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.datamap import names
from pipelines.datamap.categories import SPECIAL
from pipelines.model.datamap import DataMap, Processing
from pipelines.model.location import ColumnName

_BASES = {
    "6(1)(a)": "consent",
    "6(1)(b)": "contract",
    "6(1)(c)": "legal obligation",
    "6(1)(d)": "vital interests",
    "6(1)(e)": "public task",
    "6(1)(f)": "legitimate interests",
}


@dataclass(frozen=True)
class _Activity:
    """A processing with where it takes place."""

    processing: Processing
    categories: tuple[str, ...]
    special: tuple[str, ...]
    tables: tuple[str, ...]
    columns: tuple[str, ...]


def ropa_json(datamap: DataMap) -> str:
    """Return the record as a JSON document."""
    record = {
        "schema_version": 1,
        "article": "30(1)",
        "controller": datamap.controller,
        "data_protection_officer": datamap.dpo,
        "supervisory_authority": datamap.authority,
        "data_map": {
            "name": datamap.name,
            "version": datamap.version,
            "digest": datamap.digest,
        },
        "activities": [
            {
                "name": each.processing.name,
                "purpose": each.processing.purpose,
                "lawful_basis": each.processing.lawful_basis,
                "categories_of_personal_data": list(each.categories),
                "special_categories": list(each.special),
                "recipients": list(each.processing.recipients),
                "transfers_to_third_countries": each.processing.transfers or None,
                "retention": each.processing.retention,
                "keep_for_days": each.processing.keep_for_days,
                "source": each.processing.source or None,
                "automated_decisions": each.processing.automated_decisions,
                "columns": list(each.columns),
            }
            for each in _activities(datamap)
        ],
    }
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def ropa_markdown(datamap: DataMap) -> str:
    """Return the record as Markdown, one section an activity."""
    lines = [
        f"# Record of processing activities: {datamap.name}",
        "",
        "Art. 30(1) of Regulation (EU) 2016/679, from the data map "
        f"(version {datamap.version}, digest `{datamap.digest}`).",
        "",
        f"- Controller: {datamap.controller}",
        f"- Data protection officer: {datamap.dpo}",
        f"- Supervisory authority: {datamap.authority}",
    ]
    for each in _activities(datamap):
        processing = each.processing
        basis = _BASES[processing.lawful_basis]
        facts = {
            "Lawful basis": f"Art. {processing.lawful_basis}, {basis}",
            "Categories of personal data": ", ".join(each.categories) or "none",
            "Special categories (Art. 9)": ", ".join(each.special) or "none",
            "Recipients": "; ".join(processing.recipients) or "none",
            "Transfers to third countries": processing.transfers or "none",
            "Kept": processing.retention,
            "Source": processing.source or "the person",
            "Automated decisions": processing.automated_decisions or "none",
            "Where": ", ".join(f"`{table}`" for table in each.tables) or "nowhere",
        }
        lines += ["", f"## {processing.name}", "", processing.purpose, ""]
        lines += [f"- {label}: {fact}" for label, fact in facts.items()]
    return "\n".join(lines) + "\n"


def _activities(datamap: DataMap) -> Iterator[_Activity]:
    for name, processing in datamap.processings.items():
        found = [
            (table.name, column)
            for table in datamap.tables.values()
            for column in table.columns
            if column.processing == name and column.is_personal
        ]
        categories = {column.category for _, column in found}
        yield _Activity(
            processing,
            categories=tuple(sorted(categories)),
            special=tuple(sorted(categories & SPECIAL)),
            tables=tuple(sorted({names.written(table) for table, _ in found})),
            columns=tuple(
                sorted(names.written(ColumnName(table, column.name)) for table, column in found)
            ),
        )
