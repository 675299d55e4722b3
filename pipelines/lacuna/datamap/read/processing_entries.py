"""Reads why data is processed, and for whom: processings, controllers, the processor."""

import re
from collections.abc import Mapping
from typing import Final

from lacuna.datamap.read.partial_map import MapDraft
from lacuna.datamap.read.strict_yaml import Section
from lacuna.model.processing import Processing, Processor, TenantContacts

_BASIS: Final = re.compile(r"6\(1\)\([a-f]\)")


def read_processings(top: Section, draft: MapDraft) -> None:
    """Read `processings` into the draft."""
    section = top.required_section("processings")
    if section is None:
        return
    for name in section.names():
        entry = section.section(name, f"processing {name}")
        if entry is None:
            continue
        entry.require(("recipients",), "; write [] if nobody gets the data")
        draft.lines["processing", name] = section.line_of(name)
        draft.processings[name] = Processing(
            name=name,
            purpose=entry.prose("purpose"),
            lawful_basis=_basis(entry, entry.text("lawful_basis")),
            keep_for_days=entry.optional_number("keep_for_days"),
            retention=entry.prose("retention"),
            recipients=prose_list(entry, "recipients"),
            source=entry.optional_prose("source"),
            transfers=entry.optional_prose("transfers"),
            automated_decisions=entry.optional_prose("automated_decisions") or None,
        )
        entry.finish()


def read_tenants(
    top: Section, labels: Mapping[str, str], draft: MapDraft
) -> dict[str, TenantContacts]:
    """Return `tenants`: the controllers that differ from the map's own, by tenant id."""
    section = top.section("tenants")
    tenants: dict[str, TenantContacts] = {}
    for key in () if section is None else section.names():
        entry = None if section is None else section.section(key, f"tenant {key}")
        if entry is not None:
            tenants[key] = TenantContacts(
                controller=entry.prose("controller"),
                dpo=entry.address("dpo"),
                authority=entry.optional_prose("authority") or labels["authority"],
                representative=entry.optional_prose("representative"),
                joint_controllers=prose_list(entry, "joint_controllers"),
                processings=_own_processings(entry, draft),
            )
            entry.finish()
    return tenants


def read_processor(top: Section) -> Processor | None:
    """Return `processor`: who runs the platform for the controllers (Art. 30(2))."""
    entry = top.section("processor", "processor")
    if entry is None:
        return None
    processor = Processor(
        name=entry.prose("name"),
        dpo=entry.optional_prose("dpo"),
        representative=entry.optional_prose("representative"),
    )
    entry.finish()
    return processor


def _own_processings(tenant: Section, draft: MapDraft) -> dict[str, Processing]:
    """Return the processings of a tenant with another basis or period than the map's."""
    section = tenant.section("processings", f"{tenant.where}, processings")
    found: dict[str, Processing] = {}
    for name in () if section is None else section.names():
        entry = None if section is None else section.section(name, f"{tenant.where}, {name}")
        usual = draft.processings.get(name)
        if entry is None:
            continue
        if usual is None:
            known = ", ".join(sorted(draft.processings)) or "none"
            entry.problem(f"{entry.where}: the map has no such processing; known: {known}")
            continue
        days = entry.optional_number("keep_for_days")
        found[name] = Processing(
            name=name,
            purpose=entry.optional_prose("purpose") or usual.purpose,
            lawful_basis=_basis(entry, entry.optional_text("lawful_basis") or usual.lawful_basis),
            keep_for_days=usual.keep_for_days if days is None else days,
            retention=entry.optional_prose("retention") or usual.retention,
            recipients=prose_list(entry, "recipients")
            if "recipients" in entry
            else usual.recipients,
            source=entry.optional_prose("source") or usual.source,
            transfers=entry.optional_prose("transfers") or usual.transfers,
            automated_decisions=entry.optional_prose("automated_decisions")
            or usual.automated_decisions,
        )
        if days not in (None, usual.keep_for_days) and found[name].retention == usual.retention:
            entry.problem(
                f"{entry.where}: also write keep_for_days, because retention tells people this "
                "period"
            )
        entry.finish()
    return found


def _basis(entry: Section, basis: str) -> str:
    if basis and not _BASIS.fullmatch(basis):
        entry.problem(
            f"{entry.where}: lawful_basis must be a letter of Art. 6(1), written 6(1)(a) to "
            "6(1)(f)",
            entry.line_of("lawful_basis"),
        )
    return basis


def prose_list(entry: Section, key: str) -> tuple[str, ...]:
    """Return a list of texts, each with its white space folded."""
    return tuple(" ".join(each.split()) for each in entry.texts(key))
