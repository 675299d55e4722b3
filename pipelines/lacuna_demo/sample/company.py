"""The two tenants, their teams, queues and agents."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime

from lacuna_demo.sample.names import CULTURES
from lacuna_demo.sample.phones import PhoneBook
from lacuna_demo.sample.spelling import to_ascii

FOUNDED = datetime(2019, 3, 4, 8, 0, tzinfo=UTC)
CANARY_ORG = "kanarie"
"""Set aside for the made-up contact that is erased each day: nobody is in it."""

_AGENTS_PER_TEAM = 6
_FIRST_ID = 101


@dataclass(frozen=True)
class Agent:
    """Somebody who answers. Another data subject: nothing of theirs may vanish with a contact."""

    agent_id: int
    team_id: int
    first: str
    last: str
    email: str
    phone: str
    signature: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True)
class ConversationQueue:
    """Where conversations wait."""

    queue_id: int
    team_id: int
    name: str
    answer_within_s: int


@dataclass(frozen=True)
class Organization:
    """A tenant.

    Attributes:
        languages: language -> share of its contacts in percent.
        queues: the ordinary queues.
        lonely_queue: the queue in which a single person ever waited (trap 19).
        splits_names: whether contacts have first and last name, and nowhere both in one (trap 21).
    """

    org_id: str
    name: str
    country: str
    languages: dict[str, int]
    splits_names: bool
    mail_domain: str
    phone: str
    teams: tuple[tuple[int, str], ...]
    queues: tuple[ConversationQueue, ...]
    lonely_queue: ConversationQueue
    agents: tuple[Agent, ...]

    @property
    def support_address(self) -> str:
        """The mailbox that contacts write to."""
        return f"support@{self.mail_domain}"

    @property
    def privacy_address(self) -> str:
        """The mailbox that requests of data subjects go to."""
        return f"privacy@{self.mail_domain}"

    def agents_of(self, team_id: int) -> tuple[Agent, ...]:
        """Return the agents of one team."""
        return tuple(agent for agent in self.agents if agent.team_id == team_id)


@dataclass(frozen=True)
class _CompanyDraft:
    org_id: str
    name: str
    country: str
    cultures: tuple[str, ...]
    languages: dict[str, int]
    splits_names: bool
    teams: tuple[str, ...]
    queues: tuple[tuple[str, int, int], ...]
    lonely_queue: str


_DRAFTS = (
    _CompanyDraft(
        "fjordlys",
        "Fjordlys A/S",
        "DK",
        ("da", "da", "en", "sv", "ar"),
        {"da": 40, "en": 22, "sv": 16, "de": 10, "fr": 6, "nl": 6},
        False,
        ("Customer care", "Billing", "Technical"),
        (("General", 0, 60), ("Orders", 0, 120), ("Invoices", 1, 300), ("Support", 2, 300)),
        "Ombudsperson",
    ),
    _CompanyDraft(
        "hafenkontor",
        "Hafenkontor GmbH",
        "DE",
        ("de", "de", "en", "nl", "tr"),
        {"de": 40, "en": 24, "nl": 14, "fr": 12, "da": 5, "sv": 5},
        True,
        ("Kundenservice", "Buchhaltung", "Technik"),
        (("Allgemein", 0, 60), ("Versand", 0, 120), ("Rechnungen", 1, 300), ("Technik", 2, 300)),
        "Härtefälle",
    ),
)


def draw_organizations(rng: random.Random, phones: PhoneBook) -> tuple[Organization, ...]:
    """Return both tenants; no two agents have a name in common, nor a first name."""
    taken: set[str] = set()
    organizations = []
    next_team = next_agent = next_queue = _FIRST_ID
    for draft in _DRAFTS:
        domain = f"{draft.org_id}.example.com"
        teams = tuple((next_team + n, name) for n, name in enumerate(draft.teams))
        next_team += len(teams)
        agents = []
        for team_id, _ in teams:
            for _ in range(_AGENTS_PER_TEAM):
                agents.append(_draw_agent(rng, draft, (next_agent, team_id), taken))
                next_agent += 1
        numbered = [
            ConversationQueue(next_queue + n, teams[team][0], name, seconds)
            for n, (name, team, seconds) in enumerate((*draft.queues, (draft.lonely_queue, 0, 600)))
        ]
        next_queue += len(numbered)
        organizations.append(
            Organization(
                draft.org_id,
                draft.name,
                draft.country,
                draft.languages,
                draft.splits_names,
                domain,
                phones.draw(draft.country).e164,
                teams,
                tuple(numbered[:-1]),
                numbered[-1],
                tuple(
                    Agent(
                        *agent,
                        phones.draw(draft.country).spaced,
                        f"{agent[2]} {agent[3]}\n{draft.name}",
                    )
                    for agent in agents
                ),
            )
        )
    return tuple(organizations)


def _draw_agent(
    rng: random.Random, draft: _CompanyDraft, ids: tuple[int, int], taken: set[str]
) -> tuple[int, int, str, str, str]:
    culture = CULTURES[rng.choice(draft.cultures)]
    first = rng.choice([name for name in culture.first if name not in taken])
    last = rng.choice([name for name in culture.last if name not in taken])
    taken.update((first, last))
    address = f"{to_ascii(first)}.{to_ascii(last)}@{draft.org_id}.example.com"
    return (*ids, first, last, address)


def canary_organization() -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Return columns and the one row of the organization that is set aside."""
    row = (CANARY_ORG, "Kanarie (set aside)", CANARY_ORG, "DK", "controller", FOUNDED)
    return ("org_id", "name", "subdomain", "country", "role", "created_at"), [row]
