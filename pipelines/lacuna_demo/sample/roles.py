"""Which person plays which part; indices into the cast, drawn before anybody has a name."""

import random
from dataclasses import dataclass

from lacuna_demo.sample.options import SampleOptions

FORGET, ACCESS, HOUSEHOLD_A, HOUSEHOLD_B, OPEN, CC_HOST, LONELY = range(7)
_FIRST_FREE = 7
MAIL_WRITERS = 7
SUNDAY_GROUP = 12


@dataclass(frozen=True)
class Roles:
    """The parts of the cast.

    Attributes:
        people: how many there are.
        org_of: index -> 0 or 1, the tenant.
        household: index -> the other one who shares the phone (both ways).
        family_mailbox: members of households that share an address too.
        same_name: index -> the other one of the same full name (both ways).
        merged: people with an older, merged contact row.
        namesakes: index -> position of the agent with the same first name in the tenant.
        company_of: index -> the person whose surname is the name of the company.
        attribute_email: people with an address in their custom attributes.
        mail_writers: people with a request waiting in the mailbox.
        sunday_group: people who write on both busy Sundays; the last one only on the second.
        with_open: people with conversations not yet closed.
        colleagues: index -> position of the agent who they are too, one in each tenant.
        visited: people who chat without saying who they are, but for their address.
        renamed: people with a former name.
    """

    people: int
    org_of: tuple[int, ...]
    household: dict[int, int]
    family_mailbox: frozenset[int]
    same_name: dict[int, int]
    merged: frozenset[int]
    namesakes: dict[int, int]
    company_of: dict[int, int]
    attribute_email: frozenset[int]
    mail_writers: tuple[int, ...]
    sunday_group: tuple[int, ...]
    with_open: tuple[int, ...]
    colleagues: dict[int, int]
    visited: frozenset[int]
    renamed: frozenset[int]

    @property
    def demo_people(self) -> frozenset[int]:
        """People whom `SamplePlatform.demo` names."""
        return frozenset({FORGET, ACCESS, HOUSEHOLD_A, HOUSEHOLD_B, OPEN})


def assign_roles(rng: random.Random, options: SampleOptions, agents_per_org: int) -> Roles:
    """Deal the parts; nobody gets two that would blur what a test looks at."""
    merged_count = max(2, options.contacts // 100)
    visited_count = max(2, options.contacts // 150)
    people = options.contacts - merged_count - visited_count
    # The first tenant has everybody whom the demo, the mailbox and the Sundays need.
    org_of = [0] * people
    free = list(range(_FIRST_FREE, people))
    rng.shuffle(free)

    def take(count: int) -> list[int]:
        taken = free[:count]
        del free[:count]
        return taken

    sunday_group = tuple(take(SUNDAY_GROUP + 1))
    mail_writers = tuple(take(MAIL_WRITERS))
    for index in free:
        org_of[index] = 0 if rng.random() < 0.5 else 1
    household = {HOUSEHOLD_A: HOUSEHOLD_B, HOUSEHOLD_B: HOUSEHOLD_A}
    family_mailbox: set[int] = set()
    for number in range(max(2, options.contacts // 60)):
        one, other = take(2)
        household |= {one: other, other: one}
        org_of[other] = org_of[one]
        if number % 2 == 0:
            family_mailbox |= {one, other}
    same_name: dict[int, int] = {}
    for _ in range(max(1, options.contacts // 300)):
        one, other = take(2)
        same_name |= {one: other, other: one}
        org_of[other] = org_of[one]
    merged = frozenset(take(merged_count))
    positions = list(range(agents_per_org))
    rng.shuffle(positions)
    namesakes = dict(zip(take(max(2, min(12, options.contacts // 80))), positions, strict=False))
    with_open = (OPEN, *take(max(3, options.conversations // 250)))
    colleagues = dict.fromkeys(take(2), positions[-1])
    for tenant, index in enumerate(colleagues):
        org_of[index] = tenant
    visited, renamed = take(visited_count), take(max(2, people // 40))
    company_of = {index: _earlier(rng, index, org_of) for index in take(max(2, people // 50))}
    return Roles(
        people=people,
        org_of=tuple(org_of),
        household=household,
        family_mailbox=frozenset(family_mailbox),
        same_name=same_name,
        merged=merged,
        namesakes=namesakes,
        company_of=company_of,
        attribute_email=frozenset({FORGET, *take(max(3, people // 25))}),
        mail_writers=mail_writers,
        sunday_group=sunday_group,
        with_open=with_open,
        colleagues=colleagues,
        visited=frozenset(visited),
        renamed=frozenset(renamed),
    )


def _earlier(rng: random.Random, index: int, org_of: list[int]) -> int:
    """Return somebody drawn before `index`, if possible of the same tenant."""
    candidates = [other for other in range(index) if org_of[other] == org_of[index]]
    return rng.choice(candidates or range(index))
