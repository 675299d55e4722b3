"""Writes the records of processing activities that a data map amounts to: controller's and processor's.

Measures of security (Art. 30(1)(g), (2)(d)) are what the map says and what Lacuna itself does. What a data map
cannot know is left out: whatever the controller processes outside the platform.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lacuna.datamap import names
from lacuna.datamap.categories import SPECIAL
from lacuna.errors import ConfigurationError
from lacuna.model.datamap import DataMap
from lacuna.model.location import ColumnName
from lacuna.model.processing import Processing, Processor, TenantContacts
from lacuna.model.table import reaching

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
        unenforced: columns with personal data that no sweep redacts within the promised time;
            none where no time in days is promised.
    """

    processing: Processing
    people: tuple[str, ...]
    sweeps: tuple[str, ...]
    categories: tuple[str, ...]
    special: tuple[str, ...]
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    unenforced: tuple[str, ...]


_BY_LACUNA: Final = (
    "People are erased by anonymization. Separate code under another database role verifies it",
    "Roles with least privilege; row-level security between tenants",
    "An append-only ledger with signed checkpoints; certificates free of personal data",
    "Bundles and working copies are encrypted; their keys are destroyed",
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
        "schema_version": 3,
        "article": "30(1)",
        "tenant": org_id,
        "controller": controller.controller,
        "joint_controllers": list(controller.joint_controllers),
        "representative": controller.representative or None,
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
                "kept_longer_unless_erased_otherwise": list(each.unenforced),
                "source": each.processing.source or None,
                "automated_decisions": each.processing.automated_decisions,
                "columns": list(each.columns),
            }
            for each in _activities(datamap, org_id)
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
        f"Art. 30(1) of Regulation (EU) 2016/679, from the data map (version {datamap.version}, "
        f"digest `{datamap.digest}`).",
        "",
        *_controller_lines(controller),
        f"- Data protection officer: {controller.dpo}",
        f"- Supervisory authority: {controller.authority}",
        f"- Longest lifetime of a backup: {datamap.longest_backup_days} days",
        "",
        "Security measures (Art. 32):",
        "",
        *(f"- {measure}" for measure in (*datamap.security, *_BY_LACUNA)),
    ]
    for each in _activities(datamap, org_id):
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
            "Redacted without a request, after an officer approved the rule": "; ".join(each.sweeps)
            or "never",
            **_enforcement(each),
            "Source": processing.source or "the person",
            "Automated decisions": processing.automated_decisions or "none",
            "Where": ", ".join(f"`{table}`" for table in each.tables) or "nowhere",
        }
        lines += ["", f"## {processing.name}", "", processing.purpose, ""]
        lines += [f"- {label}: {fact}" for label, fact in facts.items()]
    return "\n".join(lines) + "\n"


def processor_json(datamap: DataMap) -> str:
    """Return the processor's record (Art. 30(2)) as a JSON document: what is done for which controller.

    Raises:
        ConfigurationError: the map names no processor.
    """
    processor = _processor(datamap)
    record = {
        "schema_version": 1,
        "article": "30(2)",
        "processor": processor.name,
        "representative": processor.representative or None,
        "data_protection_officer": processor.dpo or None,
        "security_measures": [*datamap.security, *_BY_LACUNA],
        "data_map": {
            "name": datamap.name,
            "version": datamap.version,
            "digest": datamap.digest,
        },
        "controllers": [
            {
                "tenant": org_id,
                "controller": controller.controller,
                "joint_controllers": list(controller.joint_controllers),
                "representative": controller.representative or None,
                "data_protection_officer": controller.dpo,
                "categories_of_processing": [
                    {
                        "name": each.processing.name,
                        "purpose": each.processing.purpose,
                        "categories_of_personal_data": list(each.categories),
                        "transfers_to_third_countries": each.processing.transfers or None,
                    }
                    for each in _activities(datamap, org_id)
                    if each.columns
                ],
            }
            for org_id, controller in ((None, datamap.own), *sorted(datamap.tenants.items()))
        ],
    }
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def processor_markdown(datamap: DataMap) -> str:
    """Return the processor's record as Markdown, one section a controller.

    Raises:
        ConfigurationError: the map names no processor.
    """
    processor = _processor(datamap)
    lines = [
        f"# Record of processing activities on behalf of controllers: {datamap.name}",
        "",
        "Art. 30(2) of Regulation (EU) 2016/679, from the data map "
        f"(version {datamap.version}, digest `{datamap.digest}`).",
        "",
        f"- Processor: {processor.name}",
        f"- Representative in the Union: {processor.representative or 'none'}",
        f"- Data protection officer: {processor.dpo or 'none'}",
        "",
        "Security measures (Art. 32):",
        "",
        *(f"- {measure}" for measure in (*datamap.security, *_BY_LACUNA)),
    ]
    for org_id, controller in ((None, datamap.own), *sorted(datamap.tenants.items())):
        lines += ["", f"## {org_id or 'Every other tenant'}", ""]
        lines += [
            *_controller_lines(controller),
            f"- Data protection officer: {controller.dpo}",
            "",
        ]
        for each in _activities(datamap, org_id):
            if each.columns:
                transfers = each.processing.transfers or "none"
                lines.append(
                    f"- {each.processing.name}: {each.processing.purpose} "
                    f"Transfers to third countries: {transfers}"
                )
    return "\n".join(lines) + "\n"


def _processor(datamap: DataMap) -> Processor:
    if datamap.processor is None:
        raise ConfigurationError(
            "datamap: it names no processor; write processor: {name: …} at the top, then run again"
        )
    return datamap.processor


def _controller_lines(controller: TenantContacts) -> list[str]:
    joint = "; ".join(controller.joint_controllers)
    return [
        f"- Controller: {controller.controller}",
        *([f"- Joint controllers: {joint}"] if joint else []),
        *(
            [f"- Representative in the Union: {controller.representative}"]
            if controller.representative
            else []
        ),
    ]


def _enforcement(activity: _Activity) -> dict[str, str]:
    """Return the sentence about a period that is promised, and that Lacuna does not enforce."""
    if not activity.unenforced:
        return {}
    days = activity.processing.keep_for_days
    return {
        "Not enforced by Lacuna": f"the period of {days} days for "
        f"{len(activity.unenforced)} of {len(activity.columns)} "
        "columns with personal data. The platform must delete "
        "them, or sweeps must redact them"
    }


def _controller(datamap: DataMap, org_id: str | None) -> TenantContacts:
    if org_id is None:
        return datamap.own
    if org_id not in datamap.tenants and org_id != datamap.only_tenant:
        known = ", ".join(sorted({*datamap.tenants, datamap.only_tenant} - {""})) or "none"
        raise ConfigurationError(f"datamap: it names no tenant {org_id!r}; known: {known}")
    return datamap.tenant(org_id)


def _activities(datamap: DataMap, org_id: str | None) -> Iterator[_Activity]:
    datamap = datamap if org_id is None else datamap.for_tenant(org_id)
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
        columns = sorted(names.written(ColumnName(table, column.name)) for table, column in found)
        enforced = _enforced(datamap, processing)
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
            columns=tuple(columns),
            unenforced=tuple(one for one in columns if one not in enforced)
            if processing.keep_for_days is not None
            else (),
        )


def _enforced(datamap: DataMap, processing: Processing) -> frozenset[str]:
    """Return the columns that a sweep redacts before a processing's period is over."""
    return frozenset(
        names.written(ColumnName(rule.table, column))
        for rule in datamap.sweeps
        if processing.keep_for_days is not None and rule.after_days <= processing.keep_for_days
        for column in datamap.swept_columns(rule)
    )


def _several(kind: str) -> str:
    """Return a kind of people as a record names all of them.

    >>> _several("agent"), _several("staff")
    ('agents', 'staff')
    """
    return kind if kind.endswith(("s", "f")) else f"{kind}s"
