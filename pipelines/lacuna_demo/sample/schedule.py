"""Plans the conversations: who, when, by which channel, in which queue, and what is planted in each."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from lacuna_demo.sample import roles as parts
from lacuna_demo.sample.company import Agent, ConversationQueue
from lacuna_demo.sample.options import (
    DAYS,
    FIRST_DAY,
    REFERENCE_DATE,
    SUNDAY_AFTER,
    SUNDAY_BEFORE,
    SampleOptions,
)
from lacuna_demo.sample.people import Contact
from lacuna_demo.sample.roles import Roles

_CHANNELS = MappingProxyType(
    {
        "email": 29,
        "chat": 22,
        "phone": 20,
        "contact_form": 8,
        "whatsapp": 9,
        "sms": 8,
        "voicemail": 4,
    }
)
_WEEKDAY_WEIGHTS = (12, 11, 10, 10, 9, 5, 0)
# A quiet first working day: what the sweep finds due is a few hundred messages, not a whole Monday's.
_QUIET_DAY = FIRST_DAY + timedelta(days=1)
_QUIET_WEIGHT = 3


class Plant(StrEnum):
    """Something hard to find that is put into a conversation on purpose."""

    PHONE_IN_URL = "phone in url"
    NAME_IN_ATTACHMENT = "name in attachment"
    NAME_IN_RECORDING = "name in recording"
    PERSONAL_RATING = "personal rating"
    PERSONAL_WRAPUP = "personal wrap-up"
    TOO_LARGE = "too large"
    SUBJECT_CHANGED = "subject changed"
    INFLECTED = "inflected"
    BOUNCE = "bounce"
    COMPANY = "company"
    NO_CONSENT = "no consent"
    LATE_CONSENT = "late consent"
    DECLINED = "declined"
    OVERRIDDEN = "overridden"
    RECORDED = "recorded"
    RATED = "rated"
    RAW_MAIL = "raw mail"


_SPREAD: tuple[tuple[Plant, tuple[str, ...], int], ...] = (
    (Plant.PHONE_IN_URL, ("chat",), 30),
    (Plant.NAME_IN_ATTACHMENT, ("email",), 40),
    (Plant.PERSONAL_RATING, ("email", "chat"), 40),
    (Plant.PERSONAL_WRAPUP, ("phone",), 10),
    (Plant.TOO_LARGE, ("email",), 60),
    (Plant.SUBJECT_CHANGED, ("email",), 50),
    (Plant.INFLECTED, ("email", "chat"), 50),
    (Plant.BOUNCE, ("email",), 60),
)
"""Plant, channels, and one in how many conversations of them has it."""

_CONSENT_PROBLEMS = (Plant.NO_CONSENT, Plant.LATE_CONSENT, Plant.DECLINED, Plant.OVERRIDDEN)
_ONE_IN_CALLS = 40


@dataclass(eq=False)
class Slot:
    """One conversation to be written.

    Attributes:
        copied: somebody else who is in copy and answers (trap 8).
        mixed_up: somebody else, whose order the agent quotes (trap 22).
        plants: what is planted in it.
    """

    contact: Contact
    channel: str
    created_at: datetime
    queue: ConversationQueue
    agent: Agent
    state: str = "closed"
    copied: Contact | None = None
    mixed_up: Contact | None = None
    plants: set[Plant] = field(default_factory=set)


@dataclass(frozen=True)
class SlotPlanner:
    """Makes slots for one cast."""

    rng: random.Random
    options: SampleOptions
    cast: tuple[Contact, ...]
    roles: Roles

    def plan(self) -> list[Slot]:
        """Return all conversations, oldest first."""
        slots = self._parts()
        weights = [1 + 9 * self.rng.random() ** 3 for _ in self.cast]
        free = [contact for contact in self.cast if contact.index != parts.LONELY]
        missing = self.options.conversations - len(slots)
        requesters = self.rng.choices(free, [weights[c.index] for c in free], k=missing)
        channels = self.rng.choices(tuple(_CHANNELS), tuple(_CHANNELS.values()), k=missing)
        slots += [self.slot(*pair) for pair in zip(requesters, channels, strict=True)]
        slots.sort(key=lambda slot: slot.created_at)
        self._spread(slots)
        return slots

    def slot(self, contact: Contact, channel: str, *plants: Plant) -> Slot:
        """Return a closed conversation on a working day."""
        agent, queue = self._agent_and_queue(contact)
        return Slot(contact, channel, self._instant(), queue, agent, plants=set(plants))

    def _instant(self, day: date | None = None) -> datetime:
        if day is None:
            days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
            weights = [
                _QUIET_WEIGHT if day == _QUIET_DAY else _WEEKDAY_WEIGHTS[day.weekday()]
                for day in days
            ]
            day = self.rng.choices(days, weights)[0]
        second = self.rng.randrange(6 * 3600, 19 * 3600)
        return datetime.combine(day, time(), UTC) + timedelta(seconds=second)

    def _agent_and_queue(self, contact: Contact) -> tuple[Agent, ConversationQueue]:
        organization = contact.org
        position = self.roles.namesakes.get(contact.index)
        if position is not None:
            agent = organization.agents[position]
            queues = [queue for queue in organization.queues if queue.team_id == agent.team_id]
            return agent, self.rng.choice(queues)
        queue = self.rng.choices(organization.queues, (5, 4, 3, 3))[0]
        # Nobody serves themselves.
        agents = [one for one in organization.agents_of(queue.team_id) if one != contact.colleague]
        return self.rng.choice(agents), queue

    def _parts(self) -> list[Slot]:
        """Return the conversations that the roles demand."""
        cast, roles = self.cast, self.roles
        slots = []
        for star in (cast[parts.FORGET], cast[parts.ACCESS]):
            slots += [
                self.slot(star, "email", Plant.RAW_MAIL, Plant.NAME_IN_ATTACHMENT, Plant.RATED),
                self.slot(star, "email", Plant.TOO_LARGE, Plant.SUBJECT_CHANGED),
                self.slot(star, "email", Plant.BOUNCE),
                self.slot(star, "chat", Plant.PHONE_IN_URL, Plant.PERSONAL_RATING, Plant.INFLECTED),
                self.slot(star, "phone", Plant.RECORDED, Plant.NAME_IN_RECORDING),
                self.slot(star, "phone", Plant.RECORDED, Plant.PERSONAL_WRAPUP, Plant.RATED),
                self.slot(star, "voicemail"),
                self.slot(star, "contact_form"),
                self.slot(star, "whatsapp"),
                self.slot(star, "sms"),
            ]
        for index in roles.household:
            slots += [self.slot(cast[index], "chat"), self.slot(cast[index], "phone")]
        for index in (*roles.same_name, *roles.mail_writers, *roles.namesakes):
            slots.append(self.slot(cast[index], "email"))
        for index in (*roles.colleagues, *sorted(roles.renamed)):
            slots.append(self.slot(cast[index], "email"))
        for index in sorted(roles.visited):
            slots += [self.slot(cast[index], channel) for channel in ("chat", "chat", "email")]
        for index in roles.company_of:
            slots.append(self.slot(cast[index], "email", Plant.COMPANY))
        for contact in (cast[index] for index in sorted(roles.merged)):
            old, new = self.slot(contact, "email"), self.slot(contact, "email")
            old.created_at = self._instant(FIRST_DAY + timedelta(days=1))
            new.created_at = self._instant((REFERENCE_DATE - timedelta(days=2)).date())
            slots += [old, new]
        for index in roles.with_open:
            slots += [self.slot(cast[index], "email"), self._open(cast[index])]
        for channel in ("email", "chat", "email"):
            lonely = self.slot(cast[parts.LONELY], channel)
            lonely.queue = lonely.contact.org.lonely_queue
            lonely.agent = self.rng.choice(lonely.contact.org.agents_of(lonely.queue.team_id))
            slots.append(lonely)
        return slots + self._copies() + self._mix_ups() + self._sundays()

    def _open(self, contact: Contact) -> Slot:
        slot = self.slot(contact, self.rng.choice(("email", "email", "chat", "contact_form")))
        slot.created_at = self._instant(
            (REFERENCE_DATE - timedelta(days=self.rng.randrange(1, 4))).date()
        )
        slot.state = self.rng.choice(("open", "pending"))
        return slot

    def _copies(self) -> list[Slot]:
        """Return mail threads in which another contact is in copy and answers."""
        first = self.slot(self.cast[parts.CC_HOST], "email", Plant.RAW_MAIL)
        first.copied = self.cast[parts.FORGET]
        slots = [first]
        for host, other in self._pairs(max(3, self.options.conversations // 100)):
            slot = self.slot(host, "email", Plant.RAW_MAIL)
            slot.copied = other
            slots.append(slot)
        return slots

    def _mix_ups(self) -> list[Slot]:
        """Return mail threads in which an agent quotes the order of another contact."""
        slots = []
        for host, other in self._pairs(max(6, self.options.conversations // 100)):
            slot = self.slot(host, "email")
            slot.mixed_up = other
            slots.append(slot)
        return slots

    def _pairs(self, most: int) -> list[tuple[Contact, Contact]]:
        """Return pairs of contacts of one tenant, with whom nothing else is planned by pairs."""
        roles = self.roles
        special = (*roles.household, *roles.same_name, *roles.colleagues, *roles.visited)
        plain = [
            contact
            for contact in self.cast[parts.CC_HOST :]
            if contact.index not in (*special, parts.LONELY)
        ]
        drawn = [self.rng.sample(plain, 2) for _ in range(most)]
        return [(host, other) for host, other in drawn if host.org is other.org]

    def _sundays(self) -> list[Slot]:
        """Return the chats of two Sundays that differ by one person (trap 19)."""
        slots = []
        group = [self.cast[index] for index in self.roles.sunday_group]
        for day, people in ((SUNDAY_BEFORE, group[:-1]), (SUNDAY_AFTER, group)):
            for contact in people:
                slot = self.slot(contact, "chat")
                slot.created_at = self._instant(day)
                slot.queue = contact.org.queues[0]
                slot.agent = self.rng.choice(contact.org.agents_of(slot.queue.team_id))
                slots.append(slot)
        return slots

    def _spread(self, slots: list[Slot]) -> None:
        """Plant the rest over conversations that nobody counts on."""
        closed = [
            slot
            for slot in slots
            if slot.state == "closed" and slot.copied is None and slot.mixed_up is None
        ]
        for plant, channels, one_in in _SPREAD:
            fitting = [slot for slot in closed if slot.channel in channels]
            for slot in self.rng.sample(fitting, max(2, len(fitting) // one_in)):
                if _fits(plant, slot):
                    slot.plants.add(plant)
        calls = [
            slot for slot in closed if slot.channel == "phone" and Plant.RECORDED not in slot.plants
        ]
        self.rng.shuffle(calls)
        for plant in _CONSENT_PROBLEMS:
            for _ in range(max(2, len(calls) // _ONE_IN_CALLS)):
                calls.pop().plants.add(plant)
        for slot in calls[: max(2, len(calls) // 12)]:
            slot.plants |= {Plant.RECORDED, Plant.NAME_IN_RECORDING}


def _fits(plant: Plant, slot: Slot) -> bool:
    """Whether the plant would be seen: the body of a too large mail lies in a file."""
    if plant is Plant.TOO_LARGE:
        return Plant.COMPANY not in slot.plants
    if plant is Plant.INFLECTED:
        return Plant.TOO_LARGE not in slot.plants and slot.contact.language != "fr"
    return True
