"""Writes the record of processing activities (Art. 30(1)) that a data map amounts to.

Measures of security (Art. 30(1)(g)) are what the map says and what Lacuna itself does. What a data map
cannot know is left out: whatever the controller processes outside the platform.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pipelines.datamap import names
from pipelines.datamap.categories import SPECIAL
from pipelines.datamap.reach import reaching
from pipelines.errors import ConfigurationError
from pipelines.model.datamap import DataMap, Processing, Tenant
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
    """A processing with where it takes place.

    Attributes:
        people: whose data it is: contacts, further kinds of people that the map has rules for,
            and others.
        sweeps: what is redacted at which age.
    """

    processing: Processing
    people: tuple[str, ...]
    sweeps: tuple[str, ...]
    categories: tuple[str, ...]
    special: tuple[str, ...]
    tables: tuple[str, ...]
    columns: tuple[str, ...]


_BY_LACUNA: Final = (
    "People are erased by anonymization, which is verified by other code under another role",
    "Access by roles of least privilege; row-level security between tenants",
    "An append-only ledger with signed checkpoints; certificates free of personal data",
    "Bundles and working copies are encrypted, and their keys destroyed",
)


def ropa_json(datamap: DataMap, org_id: str | None = None) -> str:
    """Return the record as a JSON document.

    Args:
        org_id: the tenant whose record it is; None for whoever the map itself names.

    Raises:
        ConfigurationError: the map names no such tenant.
    """
    controller = _controller(datamap, org_id)
    record = {
        "schema_version": 2,
        "article": "30(1)",
        "tenant": org_id,
        "controller": controller.controller,
        "data_protection_officer": controller.dpo,
        "supervisory_authority": controller.authority,
        "security_measures": [*datamap.security, *_BY_LACUNA],
        "longest_backup_days": datamap.longest_backup_days,
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
                "categories_of_data_subjects": list(each.people),
                "categories_of_personal_data": list(each.categories),
                "special_categories": list(each.special),
                "recipients": list(each.processing.recipients),
                "transfers_to_third_countries": each.processing.transfers or None,
                "retention": each.processing.retention,
                "keep_for_days": each.processing.keep_for_days,
                "erased_without_request": list(each.sweeps),
                "source": each.processing.source or None,
                "automated_decisions": each.processing.automated_decisions,
                "columns": list(each.columns),
            }
            for each in _activities(datamap)
        ],
    }
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def ropa_markdown(datamap: DataMap, org_id: str | None = None) -> str:
    """Return the record as Markdown, one section an activity.

    Args:
        org_id: as of `ropa_json`.

    Raises:
        ConfigurationError: the map names no such tenant.
    """
    controller = _controller(datamap, org_id)
    of_tenant = "" if org_id is None else f", {org_id}"
    lines = [
        f"# Record of processing activities: {datamap.name}{of_tenant}",
        "",
        "Art. 30(1) of Regulation (EU) 2016/679, from the data map "
        f"(version {datamap.version}, digest `{datamap.digest}`).",
        "",
        f"- Controller: {controller.controller}",
        f"- Data protection officer: {controller.dpo}",
        f"- Supervisory authority: {controller.authority}",
        f"- Longest life of a backup: {datamap.longest_backup_days} days",
        "",
        "Measures of security (Art. 32):",
        "",
        *(f"- {measure}" for measure in (*datamap.security, *_BY_LACUNA)),
    ]
    for each in _activities(datamap):
        processing = each.processing
        basis = _BASES[processing.lawful_basis]
        facts = {
            "Lawful basis": f"Art. {processing.lawful_basis}, {basis}",
            "People": ", ".join(each.people) or "none",
            "Categories of personal data": ", ".join(each.categories) or "none",
            "Special categories (Art. 9)": ", ".join(each.special) or "none",
            "Recipients": "; ".join(processing.recipients) or "none",
            "Transfers to third countries": processing.transfers or "none",
            "Kept": processing.retention,
            "Redacted without a request": "; ".join(each.sweeps) or "never",
            "Source": processing.source or "the person",
            "Automated decisions": processing.automated_decisions or "none",
            "Where": ", ".join(f"`{table}`" for table in each.tables) or "nowhere",
        }
        lines += ["", f"## {processing.name}", "", processing.purpose, ""]
        lines += [f"- {label}: {fact}" for label, fact in facts.items()]
    return "\n".join(lines) + "\n"


def _controller(datamap: DataMap, org_id: str | None) -> Tenant:
    if org_id is None:
        return Tenant(datamap.controller, datamap.dpo, datamap.authority)
    if org_id not in datamap.tenants and org_id != datamap.only_tenant:
        known = ", ".join(sorted({*datamap.tenants, datamap.only_tenant} - {""})) or "none"
        raise ConfigurationError(f"datamap: it names no tenant {org_id!r}; known: {known}")
    return datamap.tenant(org_id)


def _activities(datamap: DataMap) -> Iterator[_Activity]:
    leading = reaching(datamap.tables.values(), datamap.subject.table)
    for name, processing in datamap.processings.items():
        found = [
            (table.name, column)
            for table in datamap.tables.values()
            for column in table.columns
            if column.processing == name and column.is_personal
        ]
        categories = {column.category for _, column in found}
        by_kind = {
            kind: {(table, column.name) for table, column in found}
            & {
                (table.name, column.name)
                for table in rules.tables.values()
                for column in table.columns
                if column.in_access
            }
            for kind, rules in sorted(datamap.kinds.items())
        }
        of_contacts = {(table, column.name) for table, column in found if table in leading}
        mapped = {table for table, _ in found}
        yield _Activity(
            processing,
            people=tuple(
                name
                for name, is_there in (
                    ("contacts", bool(of_contacts)),
                    *((_several(kind), bool(of_kind)) for kind, of_kind in by_kind.items()),
                    (
                        "employees and others",
                        len(of_contacts.union(*by_kind.values())) < len(found),
                    ),
                )
                if is_there
            ),
            sweeps=tuple(
                f"{names.written(rule.table)} after {rule.after_days} days"
                for rule in datamap.sweeps
                if rule.table in mapped
            ),
            categories=tuple(sorted(categories)),
            special=tuple(sorted(categories & SPECIAL)),
            tables=tuple(sorted({names.written(table) for table, _ in found})),
            columns=tuple(
                sorted(names.written(ColumnName(table, column.name)) for table, column in found)
            ),
        )


def _several(kind: str) -> str:
    """Return a kind of people as a record names all of them.

    >>> _several("agent"), _several("staff")
    ('agents', 'staff')
    """
    return kind if kind.endswith(("s", "f")) else f"{kind}s"
