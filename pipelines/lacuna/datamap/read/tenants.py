"""Loads the tenants from strict YAML: how requests reach each controller, and who speaks for it."""

import re
from collections.abc import Set
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import available_timezones

from lacuna.datamap.read.strict_yaml import MAIL_ADDRESS, Problems, Section, read
from lacuna.model.tenant import Tenant, Tenants

_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_PREFIX: Final = re.compile(r"[A-Z][A-Z0-9]{0,5}")


def load_tenants(path: Path) -> Tenants:
    """Return the tenants of a file in the form of `docs/requests.md`.

    Raises:
        ConfigurationError: the file cannot be read or does not hold together; lists every
            problem with its line.
    """
    problems = Problems(path)
    top = read(path, problems)
    servers = tuple(each.lower() for each in top.texts("trusted_servers"))
    by_org: dict[str, Tenant] = {}
    section = top.required_section("tenants")
    if section is not None:
        for org_id in section.names():
            entry = section.section(org_id, org_id)
            if entry is not None:
                by_org[org_id] = _tenant(org_id, entry)
    top.finish()
    _check_addresses(by_org, top)
    _check_prefixes(by_org, top)
    problems.raise_any()
    return Tenants(servers, by_org)


def _tenant(org_id: str, entry: Section) -> Tenant:
    tenant = Tenant(
        org_id=org_id,
        name=entry.prose("name"),
        country=_matching(entry, "country", _COUNTRY, "two capital letters, such as DK"),
        language=_matching(entry, "language", _LANGUAGE, "two small letters, such as da"),
        addresses=_addresses(entry, "addresses"),
        domains=tuple(each.lower() for each in entry.texts("domains")),
        authorized=_addresses(entry, "authorized"),
        number_prefix=_prefix(entry),
        complaints=entry.optional_prose("complaints"),
        time_zone=_time_zone(entry),
    )
    if not tenant.addresses:
        entry.problem(f"{org_id}: addresses is missing; requests need an address to arrive at")
    entry.finish()
    return tenant


def _matching(entry: Section, key: str, form: re.Pattern[str], meaning: str) -> str:
    text = entry.text(key)
    if text and not form.fullmatch(text):
        entry.problem(f"{entry.where}: {key} must be {meaning}", entry.line_of(key))
    return text


def _prefix(entry: Section) -> str | None:
    text = entry.optional_text("number_prefix")
    if text is not None and not _PREFIX.fullmatch(text):
        entry.problem(
            f"{entry.where}: number_prefix must be 1 to 6 capital letters or digits, the first a "
            "letter, such as FJ",
            entry.line_of("number_prefix"),
        )
    return text


def _time_zone(entry: Section) -> str:
    text = entry.optional_text("time_zone")
    if text is not None and text not in _time_zones():
        entry.problem(
            f"{entry.where}: time_zone must be a name of the IANA database, such as "
            "Europe/Copenhagen",
            entry.line_of("time_zone"),
        )
        return "UTC"
    return text or "UTC"


@cache
def _time_zones() -> Set[str]:
    return available_timezones()


def _addresses(entry: Section, key: str) -> tuple[str, ...]:
    texts = entry.texts(key)
    if any(not MAIL_ADDRESS.fullmatch(each) for each in texts):
        entry.problem(f"{entry.where}: {key} must be e-mail addresses", entry.line_of(key))
    return tuple(each.lower() for each in texts)


def _check_addresses(by_org: dict[str, Tenant], top: Section) -> None:
    seen: dict[str, str] = {}
    for tenant in by_org.values():
        for address in tenant.addresses:
            if address in seen:
                top.problem(
                    f"{tenant.org_id} and {seen[address]} share a mailbox; give each its own"
                )
            seen[address] = tenant.org_id


def _check_prefixes(by_org: dict[str, Tenant], top: Section) -> None:
    seen: dict[str, str] = {}
    for tenant in by_org.values():
        prefix = tenant.number_prefix
        if prefix is None:
            continue
        if prefix in seen:
            top.problem(
                f"{tenant.org_id} and {seen[prefix]} share a number_prefix; give each its own"
            )
        seen[prefix] = tenant.org_id
    for tenant in by_org.values():
        # As lacuna.number_request() derives it.
        derived = re.sub(r"^[^A-Za-z]+|[^A-Za-z0-9]", "", tenant.org_id)[:2].upper() or "R"
        if tenant.number_prefix is None and derived in seen:
            top.problem(
                f"the number_prefix {derived} of {seen[derived]} is also what {tenant.org_id} gets "
                "without one; give one of them another"
            )
