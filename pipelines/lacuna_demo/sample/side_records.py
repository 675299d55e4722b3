"""What lies around a conversation: ratings, notes, tags and the activity log."""

from datetime import timedelta

from lacuna_demo.sample.company import Agent
from lacuna_demo.sample.people import Contact
from lacuna_demo.sample.schedule import Plant
from lacuna_demo.sample.talk import SampleConversation
from lacuna_demo.sample.text import AnnotatedText, SampleJson, as_json

TAGS = ("billing", "delivery", "login", "moving", "return", "tariff", "vip", "escalated")
_TRAP_DETAILS, _TRAP_SUBJECT, _TRAP_JSON_KEY = 4, 7, 27
_RATED_CHANNELS = frozenset({"email", "chat", "contact_form", "sms", "whatsapp", "phone"})


def write_surroundings(talk: SampleConversation, tag_ids: dict[str, int]) -> None:
    """Write everything around one conversation whose messages or calls are written."""
    _write_notes(talk)
    _write_rating(talk)
    for tag in talk.rng.sample(TAGS, talk.rng.choice((0, 1, 1, 2))):
        talk.tags.append(tag)
        talk.add(
            "conversation_tags",
            {"conversation_id": talk.conversation_id, "tag_id": tag_ids[tag]},
        )
    _write_log(talk)


def _write_notes(talk: SampleConversation) -> None:
    rng, slot, script = talk.rng, talk.slot, talk.script
    if rng.random() < 0.12:
        talk.add(
            "internal_notes",
            {
                "conversation_id": talk.conversation_id,
                "author_id": slot.agent.agent_id,
                "message": script.say(script.phrases.note),
                "created_at": talk.timing.ends_at,
            },
        )
    personal = Plant.PERSONAL_WRAPUP in slot.plants
    if personal or (slot.channel == "phone" and talk.agent is not None and rng.random() < 0.2):
        talk.wrapup = (
            script.say(script.phrases.wrapup) if personal else AnnotatedText(rng.choice(TAGS))
        )
        talk.draft.traps[_TRAP_DETAILS] += personal
        talk.add(
            "wrapup_notes",
            {
                "conversation_id": talk.conversation_id,
                "author_id": slot.agent.agent_id,
                "text": talk.wrapup,
                "created_at": talk.timing.ends_at,
            },
        )


def _write_rating(talk: SampleConversation) -> None:
    rng, slot, script = talk.rng, talk.slot, talk.script
    closed_at = talk.timing.closed_at
    personal = Plant.PERSONAL_RATING in slot.plants
    forced = personal or Plant.RATED in slot.plants
    if closed_at is None or slot.channel not in _RATED_CHANNELS or talk.agent is None:
        return
    if not forced and rng.random() > 0.65:
        return
    status = "rated" if forced else rng.choices(("rated", "offered", "cancelled"), (60, 30, 10))[0]
    kind, rated_at = "csat", None
    if status == "rated":
        kind = "csat" if forced else rng.choices(("csat", "nps", "thumbs"), (86, 8, 6))[0]
        talk.score = rng.choices((1, 2, 3, 4, 5), (8, 8, 14, 30, 40))[0]
        rated_at = closed_at + timedelta(seconds=rng.randrange(20, 240))
        if personal:
            talk.comment = script.say(script.phrases.personal)
            talk.draft.traps[_TRAP_DETAILS] += 1
        elif rng.random() < 0.4:
            book = script.phrases
            talk.comment = AnnotatedText(rng.choice(book.praise if talk.score > 3 else book.blame))
    score = talk.score
    if score is not None and kind == "nps":
        score = score * 2
    elif score is not None and kind == "thumbs":
        score = int(score > 3)
    talk.score = score if kind == "csat" else None
    talk.add(
        "ratings",
        {
            "conversation_id": talk.conversation_id,
            "requester_id": talk.requester_id,
            "agent_id": talk.agent.agent_id,
            "type": kind,
            "score": score,
            "comment": talk.comment,
            "status": status,
            "language": script.language,
            "offered_at": closed_at,
            "rated_at": rated_at,
        },
    )


def _write_log(talk: SampleConversation) -> None:
    slot, timing = talk.slot, talk.timing
    contact = _contact_author(talk, slot.contact)
    agent = _agent_author(slot.agent)
    system: SampleJson = {
        "id": "system",
        "type": "system",
        "name": "Routing",
        "email": None,
        "phone": None,
    }
    entries: list[tuple[str, SampleJson, dict[str, SampleJson]]] = [
        ("created", contact, {"channel": slot.channel}),
        ("queued", system, {"queue": slot.queue.name}),
    ]
    if talk.agent is not None:
        entries.append(("assigned", system, {"agent_id": slot.agent.agent_id}))
    if talk.subject is not None and Plant.SUBJECT_CHANGED in slot.plants:
        talk.draft.traps[_TRAP_SUBJECT] += 1
        change: dict[str, SampleJson] = {
            "old_subject": talk.script.subject,
            "new_subject": talk.subject,
        }
        entries.append(("subject_changed", agent, change))
    merged = slot.contact.merged
    if merged is not None and talk.requester_changed:
        entries.append(
            (
                "requester_changed",
                agent,
                {
                    "old_requester": {"id": merged.contact_id, "email": merged.email},
                    "new_requester": {"id": slot.contact.contact_id, "email": slot.contact.email},
                },
            )
        )
    if talk.wrapup is not None:
        entries.append(("note_added", agent, {"note": talk.wrapup}))
    keys: tuple[AnnotatedText, ...] = ()
    if timing.is_closed:
        ending: dict[str, SampleJson] = {}
        if slot.copied is not None:
            keys = (slot.contact.email_at(slot.created_at), slot.copied.email)
            ending["survey"] = {key.string: "sent" for key in keys}
            talk.draft.traps[_TRAP_JSON_KEY] += 1
        entries.append(("closed", agent if talk.agent is not None else system, ending))
    moments = [*timing.moments(len(entries))[:-1], timing.ends_at]
    for (kind, author, attributes), when in zip(entries, moments, strict=True):
        talk.add(
            "activity_log",
            {
                "conversation_id": talk.conversation_id,
                "type": kind,
                "author": as_json(author),
                "attributes": as_json(attributes, keys if kind == "closed" else ()),
                "occurred_at": when,
            },
        )


def _contact_author(talk: SampleConversation, contact: Contact) -> SampleJson:
    when = talk.slot.created_at
    return {
        "id": talk.row_of(contact, when),
        "type": "contact",
        **talk.name_cells(contact),
        "email": contact.email_at(when),
        "phone": talk.requester_phone,
    }


def _agent_author(agent: Agent) -> SampleJson:
    return {
        "id": agent.agent_id,
        "type": "agent",
        "name": agent.name,
        "email": agent.email,
        "phone": agent.phone,
    }
