"""Draws the contacts: who they are, what they share, and which part each of them plays."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from lacuna_demo.sample import national_ids
from lacuna_demo.sample import roles as parts
from lacuna_demo.sample.company import Agent, Organization
from lacuna_demo.sample.names import COMPANIES, CULTURES, MIDDLE_NAMES, NICKNAMES, REGIONS
from lacuna_demo.sample.options import REFERENCE_DATE, SampleOptions
from lacuna_demo.sample.phones import Phone, PhoneBook
from lacuna_demo.sample.roles import Roles
from lacuna_demo.sample.spelling import to_ascii
from lacuna_demo.sample.tables import new_uuid
from lacuna_demo.sample.text import AnnotatedIdentifier, AnnotatedText

_REGION_OF = MappingProxyType({"da": "DK", "sv": "SE", "de": "DE", "nl": "NL", "fr": "FR"})
# Trap 11 needs a language with a genitive.
_LANGUAGE_OF = MappingProxyType({parts.FORGET: "da", parts.ACCESS: "en"})
_COMPANY_FORM = MappingProxyType(
    {"DK": "A/S", "SE": "AB", "DE": "GmbH", "NL": "B.V.", "FR": "SARL", "GB": "Ltd", "US": "Inc."}
)
_DOMAINS = (
    "example.org",
    "example.com",
    "example.net",
    "mail.example.org",
    "post.example.com",
    "brev.invalid",
)
_ONE_IN_USERNAMES = 10
_CODE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, repr=False)
class Merged:
    """An older contact row of the same person, merged into the newer one (trap 10)."""

    contact_id: str
    email: AnnotatedText
    external_id: AnnotatedText
    merged_at: datetime


@dataclass(frozen=True, repr=False)
class Visitor:
    """A contact row that the chat made of an address, beside that of the person (trap 25)."""

    contact_id: str
    first_seen_at: datetime


@dataclass(frozen=True, repr=False)
class Contact:
    """One person of the cast.

    Values that identify are `Text` and know whose they are. `emails` and `phones` have the main
    one first; `attribute_email` stands in the custom attributes only (trap 1). Name and main address
    of a `colleague` (trap 24) are the agent's too: those know nobody.
    """

    index: int
    contact_id: str
    org: Organization
    language: str
    country: str
    first: str
    middles: tuple[str, ...]
    last: str
    name: AnnotatedText
    emails: tuple[AnnotatedText, ...]
    attribute_email: AnnotatedText | None
    phones: tuple[Phone, ...]
    phone_holders: tuple[AnnotatedIdentifier, ...]
    external_id: AnnotatedText
    order: AnnotatedText
    street: str
    line: str
    postcode: str
    city: str
    national_id: str
    company: str | None
    username: AnnotatedText | None
    former: AnnotatedText | None
    created_at: datetime
    merged: Merged | None
    visitor: Visitor | None
    colleague: Agent | None

    @property
    def email(self) -> AnnotatedText:
        """The main address."""
        return self.emails[0]

    @property
    def whole_name(self) -> AnnotatedText | None:
        """The name as a column holds it; None where the tenant has columns for its parts alone."""
        return None if self.org.splits_names else self.name

    def phone(self, spelling: int = 0) -> AnnotatedText:
        """Return the main number in one of its spellings: 0 is E.164, 1 is spaced."""
        return AnnotatedText(self.phones[0].spellings[spelling], self.phone_holders)

    def additional_phones(self) -> list[AnnotatedText]:
        """Return the further numbers, which nobody shares."""
        said = (AnnotatedIdentifier(self.index, "phone"),)
        return [AnnotatedText(phone.e164, said) for phone in self.phones[1:]]

    def email_at(self, when: datetime) -> AnnotatedText:
        """Return the address the person used then: the old one before a merge."""
        if self.merged is not None and when < self.merged.merged_at:
            return self.merged.email
        return self.emails[0]

    def contact_id_at(self, when: datetime) -> str:
        """Return the contact row the person had then."""
        if self.merged is not None and when < self.merged.merged_at:
            return self.merged.contact_id
        return self.contact_id


@dataclass
class _Registry:
    """Values already given away."""

    rng: random.Random
    phones: PhoneBook
    names: set[tuple[str, str]]
    values: set[str]

    def code(self, template: str) -> str:
        """Return `template` with each `#` drawn, never the same twice."""
        while True:
            value = "".join(self.rng.choice(_CODE) if c == "#" else c for c in template)
            if value not in self.values:
                self.values.add(value)
                return value

    def email(self, first: str, last: str) -> str:
        """Return a new address: of the name, or now and then of a nickname."""
        given, family = to_ascii(first), to_ascii(last)
        number = self.rng.randrange(2, 99)
        shape = self.rng.randrange(10)
        if shape < 5:
            local = f"{given}.{family}"
        elif shape < 7:
            local = f"{family}.{given}"
        else:
            local = f"{self.rng.choice(NICKNAMES)}.{number}"
        domain = self.rng.choice(_DOMAINS)
        address = f"{local}@{domain}"
        while address in self.values:
            number += 1
            address = f"{local}{number}@{domain}"
        self.values.add(address)
        return address

    def full_name(self, language: str, first: str | None, last: str | None) -> tuple[str, str]:
        """Return a first and last name no other person has; a given one is kept."""
        for attempt in range(2_000):
            key = language
            if self.rng.random() < 0.12:
                key = self.rng.choice(("pl", "tr", "ar"))
            given = first or self.rng.choice(CULTURES[key].first)
            if attempt > 40:
                # The culture is used up: combine its first names with anybody's last names,
                # and in the end any with any.
                key = self.rng.choice(tuple(CULTURES))
            if attempt > 400 and first is None:
                given = self.rng.choice(CULTURES[self.rng.choice(tuple(CULTURES))].first)
            family = last or self.rng.choice(CULTURES[key].last)
            if first is None and (given, "") in self.names:
                continue
            if (given, family) not in self.names:
                self.names.add((given, family))
                return given, family
        raise ValueError("sample: the full names are used up; ask for fewer contacts")


def draw_contacts(
    rng: random.Random,
    options: SampleOptions,
    organizations: tuple[Organization, ...],
    roles: Roles,
    phones: PhoneBook,
) -> tuple[Contact, ...]:
    """Return one person per index; `roles` says who shares what with whom.

    No agent's first name is given to a contact, but to those whose role it is (trap 16).
    """
    agents = [agent for organization in organizations for agent in organization.agents]
    registry = _Registry(
        rng,
        phones,
        {(agent.first, "") for agent in agents} | {(agent.first, agent.last) for agent in agents},
        set(),
    )
    cast: list[Contact] = []
    for index in range(roles.people):
        cast.append(_draw_contact(index, registry, organizations, roles, cast))
    if len(by_id(cast)) != options.contacts:
        raise ValueError("sample: two people drew the same id")
    return tuple(cast)


def _draw_contact(
    index: int,
    registry: _Registry,
    organizations: tuple[Organization, ...],
    roles: Roles,
    cast: list[Contact],
) -> Contact:
    rng = registry.rng
    elder = roles.household.get(index)
    partner = cast[elder] if elder is not None and elder < index else None
    double = roles.same_name.get(index)
    twin = cast[double] if double is not None and double < index else None
    example = partner or twin
    organization = example.org if example is not None else organizations[roles.org_of[index]]
    language = _LANGUAGE_OF.get(index) or (
        example.language if example is not None else _draw_language(rng, organization)
    )
    country = partner.country if partner is not None else _draw_country(rng, language)
    if twin is not None:
        first, last = twin.first, twin.last
    else:
        namesake = roles.namesakes.get(index)
        first, last = registry.full_name(
            language,
            None if namesake is None else organization.agents[namesake].first,
            None if partner is None else partner.last,
        )
    middles = twin.middles if twin is not None else _draw_middles(rng, index, roles)
    region = REGIONS[country]
    town = rng.choice(region.towns)
    line = region.line(rng.choice(region.streets), rng.randrange(1, 140))
    if partner is not None:
        line, town = partner.line, (partner.postcode, partner.city)
    colleague = roles.colleagues.get(index)
    agent = None if colleague is None else organization.agents[colleague]
    if agent is not None:
        first, middles, last = agent.first, (), agent.last

    def said(kind: str, shared: Iterable[int] = ()) -> tuple[AnnotatedIdentifier, ...]:
        others = tuple(shared)
        return tuple(AnnotatedIdentifier(one, kind, bool(others)) for one in (index, *others))

    emails = [AnnotatedText(registry.email(first, last), said("email"))]
    if agent is not None:
        emails = [AnnotatedText(agent.email)]
    if rng.random() < 0.2:
        emails.append(AnnotatedText(registry.email(first, last), said("email")))
    if elder is not None and index in roles.family_mailbox:
        address = (
            partner.emails[-1].string
            if partner is not None
            else registry.code(f"{to_ascii(last)}-family-####@example.org").lower()
        )
        emails.append(AnnotatedText(address, said("email", (elder,))))
    numbers = [partner.phones[0] if partner is not None else registry.phones.draw(country)]
    if rng.random() < 0.2 and elder is None:
        numbers.append(registry.phones.draw(country))
    return Contact(
        index=index,
        contact_id=new_uuid(rng.getrandbits(128)),
        org=organization,
        language=language,
        country=country,
        first=first,
        middles=middles,
        last=last,
        name=AnnotatedText(
            " ".join((first, *middles, last)),
            () if agent is not None else said("name", () if double is None else (double,)),
        ),
        emails=tuple(emails),
        attribute_email=_draw_attribute_email(registry, index, roles, emails[0], (first, last)),
        phones=tuple(numbers),
        phone_holders=said("phone", () if elder is None else (elder,)),
        external_id=AnnotatedText(registry.code("CUS-########"), said("external_id")),
        order=AnnotatedText(registry.code("ORD-#####-##"), said("order")),
        street=region.address(line, town),
        line=line,
        postcode=town[0],
        city=town[1],
        national_id=national_ids.draw(rng, language),
        company=_draw_company(rng, index, roles, country, cast),
        username=_draw_username(registry, index, roles, (first, last)),
        former=_draw_former(registry, index, roles, (first, language)),
        created_at=REFERENCE_DATE - timedelta(seconds=rng.randrange(40 * 86_400, 2_000 * 86_400)),
        merged=_draw_merged(registry, index, roles, (first, last)),
        visitor=_draw_visitor(rng, index, roles),
        colleague=agent,
    )


def _draw_language(rng: random.Random, organization: Organization) -> str:
    return rng.choices(tuple(organization.languages), tuple(organization.languages.values()))[0]


def _draw_country(rng: random.Random, language: str) -> str:
    return _REGION_OF.get(language) or rng.choice(("GB", "GB", "US"))


def _draw_middles(rng: random.Random, index: int, roles: Roles) -> tuple[str, ...]:
    if index in roles.demo_people or rng.random() > 0.08:
        return ()
    return (rng.choice(MIDDLE_NAMES),)


def _draw_attribute_email(
    registry: _Registry, index: int, roles: Roles, main: AnnotatedText, name: tuple[str, str]
) -> AnnotatedText | None:
    if index not in roles.attribute_email:
        return None
    if index % 2 == 0:
        return main
    return AnnotatedText(registry.email(*name), (AnnotatedIdentifier(index, "email"),))


def _draw_company(
    rng: random.Random, index: int, roles: Roles, country: str, cast: list[Contact]
) -> str | None:
    form = _COMPANY_FORM[country]
    if index in roles.company_of:
        return f"{cast[roles.company_of[index]].last} {form}"
    return f"{rng.choice(COMPANIES)} {form}" if rng.random() < 0.15 else None


def _draw_merged(
    registry: _Registry, index: int, roles: Roles, name: tuple[str, str]
) -> Merged | None:
    if index not in roles.merged:
        return None
    return Merged(
        new_uuid(registry.rng.getrandbits(128)),
        AnnotatedText(registry.email(*name), (AnnotatedIdentifier(index, "email"),)),
        AnnotatedText(registry.code("CUS-########"), (AnnotatedIdentifier(index, "external_id"),)),
        REFERENCE_DATE - timedelta(days=registry.rng.randrange(7, 14)),
    )


def _draw_username(
    registry: _Registry, index: int, roles: Roles, name: tuple[str, str]
) -> AnnotatedText | None:
    """Return a name to sign in with; an underscore sets it apart from any address."""
    if index % _ONE_IN_USERNAMES or index in roles.same_name:
        return None
    given, family = map(to_ascii, name)
    if index % (2 * _ONE_IN_USERNAMES):
        return AnnotatedText(f"{family}_{given}", (AnnotatedIdentifier(index, "username"),))
    number = registry.rng.randrange(10, 99)
    while f"{given}_{number}" in registry.values:
        number = 10 + (number - 9) % 90
    registry.values.add(f"{given}_{number}")
    return AnnotatedText(f"{given}_{number}", (AnnotatedIdentifier(index, "username"),))


def _draw_former(
    registry: _Registry, index: int, roles: Roles, spoken: tuple[str, str]
) -> AnnotatedText | None:
    if index not in roles.renamed:
        return None
    first, language = spoken
    return AnnotatedText(
        " ".join(registry.full_name(language, first, None)),
        (AnnotatedIdentifier(index, "former_name"),),
    )


def _draw_visitor(rng: random.Random, index: int, roles: Roles) -> Visitor | None:
    if index not in roles.visited:
        return None
    since = REFERENCE_DATE - timedelta(days=rng.randrange(21, 40))
    return Visitor(new_uuid(rng.getrandbits(128)), since)


def by_id(cast: Iterable[Contact]) -> Mapping[str, Contact]:
    """Return the cast by contact id; merged rows and those of visitors lead to the person."""
    people: dict[str, Contact] = {}
    for contact in cast:
        people[contact.contact_id] = contact
        for older in (contact.merged, contact.visitor):
            if older is not None:
                people[older.contact_id] = contact
    return people
