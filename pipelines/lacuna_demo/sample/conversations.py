"""Writes conversations, one after the other, oldest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lacuna_demo.sample.calls import write_call, write_voicemail
from lacuna_demo.sample.draft import SampleDraft
from lacuna_demo.sample.event_times import draw_timing
from lacuna_demo.sample.schedule import Plant, Slot
from lacuna_demo.sample.script import Writer
from lacuna_demo.sample.side_records import write_surroundings
from lacuna_demo.sample.tables import CellValue
from lacuna_demo.sample.talk import SampleConversation
from lacuna_demo.sample.text import join
from lacuna_demo.sample.written_conversations import (
    chat_url,
    write_chat,
    write_emails,
    write_form,
    write_short,
)

_TRAP_NAMESAKE, _TRAP_INFLECTED, _TRAP_MIXED_UP = 16, 11, 22
_BROWSERS = (("Firefox", "143.0"), ("Chrome", "141.0"), ("Safari", "26.0"))
_FIRST_CONVERSATION = 100_001


@dataclass
class Chronicle:
    """Writes conversations into a draft."""

    draft: SampleDraft
    writer: Writer
    tag_ids: dict[str, dict[str, int]]
    _last_of: dict[int, int] = field(default_factory=dict)

    def write(self, slots: Iterable[Slot]) -> list[SampleConversation]:
        """Write all conversations and return what the exports and old reports need of them."""
        return [
            self._write(number, slot)
            for number, slot in enumerate(slots, start=_FIRST_CONVERSATION)
        ]

    def _write(self, conversation_id: int, slot: Slot) -> SampleConversation:
        draft, rng = self.draft, self.draft.rng
        timing = draw_timing(rng, slot)
        talk = SampleConversation(draft, slot, self.writer.script(slot), timing, conversation_id)
        if slot.channel not in {"phone", "voicemail"} and timing.is_closed:
            talk.agent = slot.agent
            talk.handling_s = rng.randrange(60, 900)
        cells: dict[str, CellValue] = {}
        match slot.channel:
            case "email" | "contact_form":
                cells |= self._mail_cells(talk)
            case "chat":
                cells |= self._chat_cells(talk)
                write_chat(talk)
            case "phone":
                write_call(talk)
            case "voicemail":
                write_voicemail(talk)
            case _:
                write_short(talk)
        self._count(talk)
        write_surroundings(talk, self.tag_ids[talk.org_id])
        self._add_row(talk, cells)
        self._last_of[slot.contact.index] = conversation_id
        return talk

    def _mail_cells(self, talk: SampleConversation) -> dict[str, CellValue]:
        organization = talk.contact.org
        talk.subject = talk.script.subject
        if Plant.SUBJECT_CHANGED in talk.slot.plants:
            talk.subject = join(" – ", (talk.script.subject, talk.contact.name))
        if talk.slot.mixed_up is not None:
            talk.subject = join(" / ", (talk.script.subject, talk.slot.mixed_up.order))
            self.draft.traps[_TRAP_MIXED_UP] += 1
        if talk.slot.channel == "email":
            write_emails(talk)
        else:
            write_form(talk)
        cells: dict[str, CellValue] = {
            "to_email": organization.support_address,
            "from_email": talk.contact.email_at(talk.slot.created_at),
            "integration_email": f"inbox@{organization.mail_domain}",
        }
        earlier = self._last_of.get(talk.contact.index)
        if earlier is not None and talk.rng.random() < 0.08:
            cells["parent_id"] = earlier
        return cells

    def _chat_cells(self, talk: SampleConversation) -> dict[str, CellValue]:
        browser, version = talk.rng.choice(_BROWSERS)
        return {
            # The ranges that RFC 5737 keeps for documentation.
            "ip_address": f"203.0.113.{talk.rng.randrange(1, 255)}",
            "browser_name": browser,
            "browser_version": version,
            "originating_url": chat_url(talk),
        }

    def _count(self, talk: SampleConversation) -> None:
        contact, slot = talk.contact, talk.slot
        if talk.agent is not None and talk.agent.first == contact.first:
            self.draft.traps[_TRAP_NAMESAKE] += 1
        if Plant.INFLECTED in slot.plants:
            self.draft.traps[_TRAP_INFLECTED] += 1

    def _add_row(self, talk: SampleConversation, cells: dict[str, CellValue]) -> None:
        slot, timing, contact = talk.slot, talk.timing, talk.contact
        talk.add(
            "conversations",
            {
                "conversation_id": talk.conversation_id,
                "requester_id": talk.requester_id,
                "channel": slot.channel,
                "direction": "inbound",
                "state": slot.state,
                "subject": talk.subject,
                "language": talk.script.language,
                "queue_id": slot.queue.queue_id,
                "assignee_id": None if talk.agent is None else talk.agent.agent_id,
                "originating_country": contact.country,
                "created_at": timing.created_at,
                "queued_at": timing.created_at,
                "assigned_at": None
                if talk.agent is None
                else timing.assigned_at.replace(microsecond=0),
                "first_response_at": talk.first_response_at,
                "closed_at": timing.closed_at,
                "updated_at": timing.closed_at or talk.last_message_at or timing.created_at,
                "total_duration_s": timing.total_duration_s,
                "handling_duration_s": talk.handling_s,
                **cells,
            },
        )
