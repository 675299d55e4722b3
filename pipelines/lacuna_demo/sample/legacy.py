"""The warehouse export and the platform's old reports, computed from the conversations."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from lacuna_demo.sample.draft import SampleDraft
from lacuna_demo.sample.tables import CellValue
from lacuna_demo.sample.talk import SampleConversation
from lacuna_demo.sample.text import AnnotatedText

_TRAP_DENORMALIZED = 12
_HUNDREDTH = Decimal("0.01")

Key = TypeVar("Key", bound=Hashable)


def write_export(draft: SampleDraft, talks: Iterable[SampleConversation]) -> None:
    """Write the denormalized row of every conversation (trap 12)."""
    for talk in talks:
        draft.tables.add("conversation_export", talk.contact.index, export_cells(talk))
        draft.traps[_TRAP_DENORMALIZED] += 1


def export_cells(talk: SampleConversation) -> dict[str, CellValue]:
    """Return the warehouse row of one conversation."""
    slot, timing, agent, contact = talk.slot, talk.timing, talk.agent, talk.contact
    return {
        "conversation_id": talk.conversation_id,
        "org_id": talk.org_id,
        "initial_channel": slot.channel,
        "direction": "inbound",
        "status": slot.state,
        "subject": talk.subject,
        "requester_id": talk.requester_id,
        "requester_name": talk.requester_name,
        "requester_email": contact.email_at(slot.created_at),
        "requester_phone_number": talk.requester_phone,
        "assignee_id": None if agent is None else agent.agent_id,
        "assignee_name": None if agent is None else agent.name,
        "assignee_email": None if agent is None else agent.email,
        "assignee_phone_number": None if agent is None else agent.phone,
        "queue_id": slot.queue.queue_id,
        "queue_name": slot.queue.name,
        "rating_score": talk.score,
        "rating_message": talk.comment,
        "tags": [AnnotatedText(tag) for tag in talk.tags],
        "conversation_wrapup_notes": [] if talk.wrapup is None else [talk.wrapup],
        "originating_country": contact.country,
        "custom_fields": "{}",
        "total_duration_s": timing.total_duration_s,
        "handling_duration_s": talk.handling_s,
        "created_at_ms": _epoch_ms(timing.created_at),
        "queued_at_ms": _epoch_ms(timing.created_at),
        "assigned_at_ms": None if agent is None else _epoch_ms(timing.assigned_at),
        "closed_at_ms": _epoch_ms(timing.closed_at),
        "updated_at_ms": _epoch_ms(timing.closed_at or talk.last_message_at or timing.created_at),
        "last_message_created_at_ms": _epoch_ms(talk.last_message_at),
    }


def write_legacy(draft: SampleDraft, talks: list[SampleConversation]) -> None:
    """Write the four old reports, whose rows are people."""
    _contact_360(draft, talks)
    _conversation_daily(draft, talks)
    _csat_weekly(draft, talks)
    _agent_load(draft, talks)


def _contact_360(draft: SampleDraft, talks: list[SampleConversation]) -> None:
    of_contact = _grouped(talks, lambda talk: talk.contact.index)
    for contact in draft.cast:
        own = of_contact.get(contact.index, [])
        scores = [talk.score for talk in own if talk.score is not None]
        subjects = [talk.subject for talk in own if talk.subject is not None]
        channels = Counter(talk.slot.channel for talk in own).most_common(1)
        draft.tables.add(
            "legacy_contact_360",
            contact.index,
            {
                "contact_id": contact.contact_id,
                "org_id": contact.org.org_id,
                "full_name": contact.whole_name,
                "email": contact.email,
                "phone": contact.phone(),
                "city": contact.city,
                "country": contact.country,
                "favourite_channel": channels[0][0] if channels else None,
                "last_subject": subjects[-1] if subjects else None,
                "conversations": len(own),
                "handling_duration_s": _handled(own),
                "average_score": (
                    (Decimal(sum(scores)) / len(scores)).quantize(_HUNDREDTH) if scores else None
                ),
                "first_conversation_at": own[0].timing.created_at if own else None,
                "last_conversation_at": own[-1].timing.created_at if own else None,
            },
        )


def _conversation_daily(draft: SampleDraft, talks: list[SampleConversation]) -> None:
    days = _grouped(
        talks,
        lambda talk: (
            talk.timing.created_at.date(),
            talk.contact.index,
            talk.slot.channel,
            talk.slot.queue.name,
        ),
    )
    for (day, index, channel, queue_name), own in days.items():
        contact = draft.cast[index]
        draft.tables.add(
            "legacy_conversation_daily",
            index,
            {
                "org_id": contact.org.org_id,
                "day": day,
                "channel": channel,
                "queue_name": queue_name,
                "country": contact.country,
                "requester_name": own[0].requester_name,
                "requester_email": contact.email_at(own[0].timing.created_at),
                "conversations": len(own),
                "handling_duration_s": _handled(own),
            },
        )


def _csat_weekly(draft: SampleDraft, talks: list[SampleConversation]) -> None:
    rated = [talk for talk in talks if talk.score is not None]
    weeks = _grouped(
        rated,
        lambda talk: (
            "{}-W{:02}".format(*talk.timing.ends_at.isocalendar()),
            talk.slot.channel,
            talk.contact.index,
        ),
    )
    for (week, channel, index), own in weeks.items():
        contact = draft.cast[index]
        draft.tables.add(
            "legacy_csat_weekly",
            index,
            {
                "org_id": contact.org.org_id,
                "iso_week": week,
                "channel": channel,
                "requester_name": own[0].requester_name,
                "requester_email": contact.email,
                "responses": len(own),
                "score_sum": sum(talk.score for talk in own if talk.score is not None),
                "comments": [talk.comment for talk in own if talk.comment is not None],
            },
        )


def _agent_load(draft: SampleDraft, talks: list[SampleConversation]) -> None:
    handled = [talk for talk in talks if talk.agent is not None and talk.handling_s is not None]
    loads = _grouped(handled, lambda talk: (talk.timing.created_at.date(), talk.slot.agent))
    for (day, agent), own in loads.items():
        longest = max(own, key=lambda talk: (talk.handling_s or 0, talk.conversation_id))
        draft.tables.add(
            "legacy_agent_load",
            longest.contact.index,
            {
                "org_id": longest.org_id,
                "day": day,
                "agent_id": agent.agent_id,
                "agent_name": agent.name,
                "conversations": len(own),
                "handling_duration_s": _handled(own),
                "longest_handling_duration_s": longest.handling_s,
                "longest_requester_name": longest.requester_name,
            },
        )


def _grouped(
    talks: Iterable[SampleConversation], key: Callable[[SampleConversation], Key]
) -> dict[Key, list[SampleConversation]]:
    groups: dict[Key, list[SampleConversation]] = {}
    for talk in talks:
        groups.setdefault(key(talk), []).append(talk)
    return groups


def _handled(talks: Iterable[SampleConversation]) -> int:
    return sum(talk.handling_s or 0 for talk in talks)


def _epoch_ms(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp() * 1_000)
