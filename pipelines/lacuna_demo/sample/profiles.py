"""Writes who there is: tenants, teams, agents, queues, tags, contacts, aliases, agreements."""

import hashlib
from datetime import UTC, datetime, timedelta

from lacuna_demo.sample.company import FOUNDED, Organization
from lacuna_demo.sample.draft import SampleDraft
from lacuna_demo.sample.media import png
from lacuna_demo.sample.options import REFERENCE_DATE
from lacuna_demo.sample.people import Contact, Visitor
from lacuna_demo.sample.roles import Roles
from lacuna_demo.sample.side_records import TAGS
from lacuna_demo.sample.tables import CellValue
from lacuna_demo.sample.talk import SampleConversation
from lacuna_demo.sample.text import AnnotatedText, SampleJson, as_json

_TRAP_ATTRIBUTE, _TRAP_HOUSEHOLD, _TRAP_MERGED, _TRAP_COMPANY = 1, 9, 10, 17
_TRAP_SPLIT, _TRAP_ADDRESS, _TRAP_COLLEAGUE, _TRAP_VISITOR = 21, 23, 24, 25
_TRAP_FORMER, _TRAP_JSON_KEY, _TRAP_USERNAME = 26, 27, 28
_ONE_IN_BOUNCES = 8
_COLORS = ("#1b9e77", "#d95f02", "#7570b3", "#e7298a")
_AGREEMENTS = (
    ("terms", "2021-05", datetime(2021, 5, 1, tzinfo=UTC)),
    ("terms", "2026-01", datetime(2026, 1, 1, tzinfo=UTC)),
    ("privacy", "2025-09", datetime(2025, 9, 1, tzinfo=UTC)),
)
"""Kind, version, and since when it can be accepted."""
DPA = ("dpa", "2019-03")


def write_organizations(draft: SampleDraft) -> dict[str, dict[str, int]]:
    """Write the tenants and return tenant -> tag name -> tag id."""
    tag_ids: dict[str, dict[str, int]] = {}
    for organization in draft.organizations:
        _write_organization(draft, organization)
        tag_ids[organization.org_id] = {
            tag: draft.tables.add(
                "tags",
                None,
                {
                    "org_id": organization.org_id,
                    "name": tag,
                    "color": _COLORS[number % len(_COLORS)],
                    "state": "active",
                },
            )
            for number, tag in enumerate(TAGS)
        }
    return tag_ids


def _write_organization(draft: SampleDraft, organization: Organization) -> None:
    org_id = organization.org_id

    def add(table: str, cells: dict[str, CellValue]) -> None:
        draft.tables.add(table, None, {"org_id": org_id, **cells})

    add(
        "organizations",
        {
            "name": organization.name,
            "subdomain": org_id,
            "country": organization.country,
            "role": "controller",
            "created_at": FOUNDED,
        },
    )
    for team_id, name in organization.teams:
        add("teams", {"team_id": team_id, "name": name})
    for agent in organization.agents:
        add(
            "agents",
            {
                "agent_id": agent.agent_id,
                "team_id": agent.team_id,
                "display_name": agent.name,
                "first_name": agent.first,
                "last_name": agent.last,
                "email": agent.email,
                "phone": agent.phone,
                "roles": [AnnotatedText("agent")],
                "signature": agent.signature,
                "created_at": FOUNDED,
            },
        )
    for queue in (*organization.queues, organization.lonely_queue):
        add(
            "queues",
            {
                "queue_id": queue.queue_id,
                "team_id": queue.team_id,
                "name": queue.name,
                "answer_within_s": queue.answer_within_s,
                "created_at": FOUNDED,
            },
        )
    boss = organization.agents[0]
    _accept(
        draft,
        None,
        {
            "org_id": org_id,
            "agent_id": boss.agent_id,
            "method": "signature",
            "accepted_by_name": boss.name,
            "accepted_by_email": boss.email,
            "accepted_at": FOUNDED + timedelta(days=1),
        },
        DPA,
    )


def write_contacts(draft: SampleDraft, roles: Roles, talks: list[SampleConversation]) -> None:
    """Write every contact with aliases and agreements, and the older rows merged into them."""
    last_seen = {talk.contact.index: talk.slot.created_at for talk in talks}
    for contact in draft.cast:
        _write_contact(draft, roles, contact, last_seen.get(contact.index))
    draft.traps[_TRAP_HOUSEHOLD] = len(roles.household) // 2


def _write_contact(
    draft: SampleDraft, roles: Roles, contact: Contact, seen_at: datetime | None
) -> None:
    rng = draft.rng
    attributes: dict[str, SampleJson] = {
        "customer_since": contact.created_at.year,
        "order_no": contact.order,
        "newsletter": rng.random() < 0.4,
    }
    if contact.company is not None:
        attributes["company"] = contact.company
        draft.traps[_TRAP_COMPANY] += contact.index in roles.company_of
    if contact.attribute_email is not None:
        attributes["invoice_email"] = contact.attribute_email
        draft.traps[_TRAP_ATTRIBUTE] += 1
    keys = _write_further_attributes(draft, contact, attributes)
    avatar = None
    if contact.index in roles.demo_people or rng.random() < 0.25:
        seed = rng.getrandbits(32)
        avatar = draft.file(f"avatars/{seed:08x}.png", lambda: png(seed, 16), contact)
    row: dict[str, CellValue] = {
        "org_id": contact.org.org_id,
        "display_name": contact.whole_name,
        "first_name": contact.first,
        "middle_names": [AnnotatedText(name) for name in contact.middles],
        "last_name": contact.last,
        "language": contact.language,
        "city": contact.city,
        "country": contact.country,
        "created_at": contact.created_at,
    }
    draft.tables.add(
        "contacts",
        contact.index,
        {
            **row,
            "contact_id": contact.contact_id,
            "external_id": contact.external_id,
            "email": contact.email,
            "phone_e164": contact.phone(),
            "additional_emails": contact.emails[1:],
            "additional_phones": contact.additional_phones(),
            "avatar_url": avatar,
            "custom_attributes": as_json(attributes, keys),
            "last_seen_at": seen_at,
        },
    )
    draft.traps[_TRAP_SPLIT] += contact.org.splits_names
    draft.traps[_TRAP_COLLEAGUE] += contact.colleague is not None
    if contact.visitor is not None:
        _write_visitor(draft, contact, contact.visitor)
    merged = contact.merged
    if merged is not None:
        draft.traps[_TRAP_MERGED] += 1
        draft.tables.add(
            "contacts",
            contact.index,
            {
                **row,
                "contact_id": merged.contact_id,
                "external_id": merged.external_id,
                "email": merged.email,
                "custom_attributes": "{}",
                "created_at": contact.created_at - timedelta(days=30),
                "last_seen_at": merged.merged_at,
                "merged_into": contact.contact_id,
            },
        )
    _write_aliases(draft, contact)
    _write_agreements(draft, contact)


def _write_further_attributes(
    draft: SampleDraft, contact: Contact, attributes: dict[str, SampleJson]
) -> tuple[AnnotatedText, ...]:
    """Add what an import brought along for some; return the keys that identify."""
    if contact.index % 3 == 0:
        attributes["address"] = contact.street
    elif contact.index % 3 == 1:
        attributes["address"] = {
            "street": contact.line,
            "postal_code": contact.postcode,
            "city": contact.city,
        }
    draft.traps[_TRAP_ADDRESS] += "address" in attributes
    if contact.former is not None:
        attributes["former_name"] = contact.former
        draft.traps[_TRAP_FORMER] += 1
    if contact.username is not None:
        attributes["username"] = contact.username
        draft.traps[_TRAP_USERNAME] += 1
    if contact.index % _ONE_IN_BOUNCES:
        return ()
    attributes["bounces"] = {contact.email.string: 1}
    draft.traps[_TRAP_JSON_KEY] += 1
    return (contact.email,)


def _write_visitor(draft: SampleDraft, contact: Contact, visitor: Visitor) -> None:
    draft.traps[_TRAP_VISITOR] += 1
    org_id, when = contact.org.org_id, visitor.first_seen_at
    draft.tables.add(
        "contacts",
        contact.index,
        {
            "org_id": org_id,
            "contact_id": visitor.contact_id,
            "email": contact.email,
            "custom_attributes": "{}",
            "created_at": when,
        },
    )
    draft.tables.add(
        "contact_aliases",
        contact.index,
        {
            "org_id": org_id,
            "contact_id": visitor.contact_id,
            "kind": "email",
            "value_norm": contact.email,
            "source": "profile",
            "first_seen_at": when,
            "is_shared": False,
        },
    )


def _write_aliases(draft: SampleDraft, contact: Contact) -> None:
    def add(kind: str, value: AnnotatedText, source: str, first_seen_at: datetime) -> None:
        # Half of the shared values are not flagged: who trusts the flag finds too many people.
        is_flagged = any(said.shared for said in value.said) and draft.rng.random() < 0.5
        draft.tables.add(
            "contact_aliases",
            contact.index,
            {
                "org_id": contact.org.org_id,
                "contact_id": contact.contact_id,
                "kind": kind,
                "value_norm": value,
                "source": source,
                "first_seen_at": first_seen_at,
                "is_shared": is_flagged,
            },
        )

    for number, email in enumerate(contact.emails):
        add("email", email, "additional" if number else "profile", contact.created_at)
    add("phone", contact.phone(), "profile", contact.created_at)
    add("external_id", contact.external_id, "import", contact.created_at)
    if contact.merged is not None:
        add("email", contact.merged.email, "merge", contact.merged.merged_at)
        add("external_id", contact.merged.external_id, "merge", contact.merged.merged_at)


def _write_agreements(draft: SampleDraft, contact: Contact) -> None:
    rng = draft.rng
    for kind, version, since in _AGREEMENTS:
        if rng.random() < 0.4:
            earliest = max(since, contact.created_at)
            seconds = int((REFERENCE_DATE - earliest).total_seconds())
            _accept(
                draft,
                contact,
                {
                    "org_id": contact.org.org_id,
                    "contact_id": contact.contact_id,
                    "method": rng.choice(("web", "web", "email")),
                    "accepted_by_name": contact.whole_name,
                    "accepted_by_email": contact.email,
                    "ip_address": f"198.51.100.{rng.randrange(1, 255)}",
                    "accepted_at": earliest + timedelta(seconds=rng.randrange(1, seconds)),
                },
                (kind, version),
            )


def _accept(
    draft: SampleDraft,
    contact: Contact | None,
    cells: dict[str, CellValue],
    agreement: tuple[str, str],
) -> None:
    kind, version = agreement
    digest = hashlib.sha256(f"{cells['org_id']} {kind} {version}".encode()).hexdigest()
    draft.tables.add(
        "agreement_acceptances",
        None if contact is None else contact.index,
        {"kind": kind, "version": version, "text_sha256": digest, **cells},
    )
