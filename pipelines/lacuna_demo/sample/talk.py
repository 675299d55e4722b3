"""One conversation while it is being written, and the rows that every channel writes alike."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from lacuna_demo.sample.company import Agent
from lacuna_demo.sample.draft import SampleDraft
from lacuna_demo.sample.event_times import ConversationTiming
from lacuna_demo.sample.people import Contact
from lacuna_demo.sample.schedule import Slot
from lacuna_demo.sample.script import Script
from lacuna_demo.sample.tables import CellValue
from lacuna_demo.sample.text import AnnotatedText, SampleJson, SampleWords, as_json


@dataclass(eq=False)
class SampleConversation:
    """A conversation and what is needed to write its rows.

    Attributes:
        handling_s: seconds an agent worked on it; None while it is open.
        first_response_at: first answer of an agent.
        last_message_at: newest message.
        score, comment: of a given rating.
        wrapup: text of the wrap-up note.
        tags: names of its tags.
    """

    draft: SampleDraft
    slot: Slot
    script: Script
    timing: ConversationTiming
    conversation_id: int
    subject: AnnotatedText | None = None
    agent: Agent | None = None
    handling_s: int | None = None
    first_response_at: datetime | None = None
    last_message_at: datetime | None = None
    score: int | None = None
    comment: AnnotatedText | None = None
    wrapup: AnnotatedText | None = None
    tags: list[str] = field(default_factory=list)

    @property
    def rng(self) -> random.Random:
        """The platform's only source of chance."""
        return self.draft.rng

    @property
    def contact(self) -> Contact:
        """The requester."""
        return self.slot.contact

    @property
    def org_id(self) -> str:
        """The tenant."""
        return self.contact.org.org_id

    @property
    def requester_changed(self) -> bool:
        """Whether an agent moved it from the merged contact row to the newer one."""
        merged = self.contact.merged
        return (
            merged is not None
            and self.slot.created_at < merged.merged_at
            and (self.conversation_id % 2 == 0)
        )

    @property
    def by_visitor(self) -> bool:
        """Whether it belongs to a row that the chat made of the person's address."""
        return self.contact.visitor is not None and self.slot.channel == "chat"

    @property
    def requester_name(self) -> AnnotatedText | None:
        """The name as columns copy it from the row it belongs to."""
        return None if self.by_visitor else self.contact.whole_name

    @property
    def requester_phone(self) -> AnnotatedText | None:
        """The number as columns copy it from the row it belongs to."""
        return None if self.by_visitor else self.contact.phone()

    def row_of(self, contact: Contact, when: datetime) -> str:
        """Return the contact row that somebody took part as."""
        if contact is self.contact and contact.visitor is not None and self.by_visitor:
            return contact.visitor.contact_id
        return contact.contact_id_at(when)

    def name_cells(self, contact: Contact) -> dict[str, SampleJson]:
        """Return the name of somebody who took part, whole or in parts, for JSON."""
        if contact is self.contact and self.by_visitor:
            return {"name": None}
        if contact.org.splits_names:
            return {"first_name": contact.first, "last_name": contact.last}
        return {"name": contact.name}

    def party(self, contact: Contact, address: SampleWords, kind: str = "email") -> SampleJson:
        """Return a contact as a party of a message, as JSON value."""
        return {**self.name_cells(contact), kind: address}

    @property
    def requester_id(self) -> str:
        """The contact row it belongs to."""
        if self.requester_changed:
            return self.contact.contact_id
        return self.row_of(self.contact, self.slot.created_at)

    def add(self, table: str, cells: dict[str, CellValue]) -> int:
        """Add a row of this conversation's requester to `table` and return its key."""
        return self.draft.tables.add(table, self.contact.index, {"org_id": self.org_id, **cells})

    def weave(self, body: AnnotatedText | None) -> None:
        """Count the requester's identifiers in a body that people wrote."""
        if self.script.from_dialogue and body is not None:
            self.draft.woven += sum(said.person == self.contact.index for said in body.said)

    def message(
        self, author: Contact | Agent | None, when: datetime, cells: dict[str, CellValue]
    ) -> int:
        """Add a message and return its key; times of answers are kept up to date."""
        by_contact = isinstance(author, Contact)
        if isinstance(author, Agent) and self.first_response_at is None:
            self.first_response_at = when
        self.last_message_at = when
        body = cells.get("body_text")
        self.weave(body if isinstance(body, AnnotatedText) else None)
        return self.add(
            "messages",
            {
                "conversation_id": self.conversation_id,
                "author_type": "contact" if by_contact else "system" if author is None else "agent",
                "author_contact_id": self.row_of(author, when)
                if isinstance(author, Contact)
                else None,
                "author_agent_id": author.agent_id if isinstance(author, Agent) else None,
                "direction": "inbound" if by_contact else "outbound",
                "to_parties": "[]",
                "cc_parties": "[]",
                "bcc_parties": "[]",
                "is_auto_reply": False,
                "is_automated": False,
                "created_at": when,
                **cells,
            },
        )

    def moments(self, count: int) -> list[datetime]:
        """Return the times of `count` messages."""
        return self.timing.moments(count)


def party(name: SampleWords, address: SampleWords, kind: str = "email") -> SampleJson:
    """Return a party of a message as JSON value."""
    return {"name": name, kind: address}


def parties(*people: SampleJson) -> AnnotatedText:
    """Return several parties as JSON text."""
    return as_json(list(people))
