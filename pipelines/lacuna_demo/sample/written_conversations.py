"""Conversations in writing: e-mail, contact forms, chat, SMS and WhatsApp."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from lacuna_demo.sample.draft import fingerprint
from lacuna_demo.sample.letters import SampleLetter, by_agent, by_contact, fold_turns
from lacuna_demo.sample.media import RawMail, png
from lacuna_demo.sample.people import Contact
from lacuna_demo.sample.schedule import Plant
from lacuna_demo.sample.script import other_person
from lacuna_demo.sample.tables import CellValue
from lacuna_demo.sample.talk import SampleConversation, parties, party
from lacuna_demo.sample.text import AnnotatedText, SampleJson, SampleWords, as_json, join

_TRAP_URL, _TRAP_ATTACHMENT, _TRAP_TOO_LARGE, _TRAP_FORM, _TRAP_QUOTED, _TRAP_BOUNCE = (
    2,
    3,
    5,
    6,
    8,
    15,
)
_MAX_SHORT = 5


def write_chat(talk: SampleConversation) -> None:
    """Write the messages of a chat: a machine's welcome, then every turn."""
    agent, contact = talk.slot.agent, talk.contact
    turns = talk.script.turns if talk.timing.is_closed else talk.script.turns[:1]
    moments = talk.moments(len(turns) + 1)
    welcome = talk.script.say(talk.script.phrases.welcome)
    talk.message(None, moments[0], {"body_text": welcome, "is_automated": True})
    person = as_json(talk.party(contact, contact.email_at(talk.slot.created_at)))
    for turn, when in zip(turns, moments[1:], strict=True):
        if turn.speaker == "customer":
            talk.message(contact, when, {"body_text": turn.words, "from_party": person})
        else:
            colleague = as_json(party(agent.name, agent.email))
            talk.message(agent, when, {"body_text": turn.words, "from_party": colleague})


def chat_url(talk: SampleConversation) -> AnnotatedText:
    """Return the page the chat was opened on; now and then it has a phone number in it (trap 2)."""
    page = f"https://shop.{talk.contact.org.mail_domain}/help"
    if Plant.PHONE_IN_URL not in talk.slot.plants:
        return AnnotatedText(f"{page}?topic={talk.rng.randrange(1, 40)}")
    talk.draft.traps[_TRAP_URL] += 1
    phone = talk.contact.phone()
    return join(
        "", (f"{page}?utm=sms&phone=", AnnotatedText(quote(phone.string, safe=""), phone.said))
    )


def write_short(talk: SampleConversation) -> None:
    """Write a few short messages (SMS, WhatsApp)."""
    agent, contact = talk.slot.agent, talk.contact
    turns = talk.script.turns[: _MAX_SHORT if talk.timing.is_closed else 1]
    person = as_json(talk.party(contact, contact.phone(), "phone"))
    office = as_json(party(contact.org.name, contact.org.phone, "phone"))
    for turn, when in zip(turns, talk.moments(len(turns)), strict=True):
        author = contact if turn.speaker == "customer" else agent
        talk.message(
            author,
            when,
            {
                "body_text": turn.words,
                "from_party": person if author is contact else office,
                "to_parties": parties(
                    party(contact.org.name, contact.org.phone, "phone")
                    if author is contact
                    else talk.party(contact, contact.phone(), "phone")
                ),
            },
        )


def write_form(talk: SampleConversation) -> None:
    """Write a contact form, whose values are repeated inside its HTML (trap 6), and the answers."""
    contact, script = talk.contact, talk.script
    email = contact.email_at(talk.slot.created_at)
    values: dict[str, SampleWords] = {
        **_name_fields(contact),
        "Email": email,
        "Phone": contact.phone(2),
        "Customer number": contact.external_id,
        "Message": script.turns[0].words,
    }
    rows = [
        join("", (f"<tr><th>{key}</th><td>", _text(value).as_html(), "</td></tr>"))
        for key, value in values.items()
    ]
    form_id = talk.message(
        contact,
        talk.slot.created_at,
        {
            "body_text": join("\n", [key + ": " + _text(value) for key, value in values.items()]),
            "body_html": join("", ("<table>", *rows, "</table>")),
            "from_party": as_json(talk.party(contact, email)),
            "to_parties": parties(party(contact.org.name, contact.org.support_address)),
        },
    )
    talk.draft.traps[_TRAP_FORM] += 1
    for key, value in values.items():
        talk.add("form_submissions", {"message_id": form_id, "key": key, "value": value})
    if talk.timing.is_closed:
        first = by_contact(script, contact, [script.turns[0].words], talk.slot.created_at, None)
        answer = [turn.words for turn in script.turns if turn.speaker == "agent"]
        when = talk.moments(2)[1]
        _send(talk, by_agent(script, talk.slot.agent, answer, when, first))


def _name_fields(contact: Contact) -> dict[str, SampleWords]:
    if contact.org.splits_names:
        return {"First name": contact.first, "Last name": contact.last}
    return {"Name": contact.name}


def write_emails(talk: SampleConversation) -> None:
    """Write a mail thread; every answer quotes what it answers."""
    slot, script, contact = talk.slot, talk.script, talk.contact
    runs = fold_turns(script.turns)
    if not talk.timing.is_closed:
        runs = runs[:1]
    spare = 4
    moments = talk.moments(len(runs) + spare)
    letter: SampleLetter | None = None
    for number, (run, when) in enumerate(zip(runs, moments, strict=False)):
        words = [turn.words for turn in run]
        if run[0].speaker == "customer":
            letter = by_contact(script, contact, words, when, letter)
            message_id = _send(talk, letter, is_first=number == 0)
            if number == 0:
                _attach(talk, message_id)
        else:
            letter = by_agent(script, slot.agent, words, when, letter)
            _send(talk, letter)
    if letter is None:
        return
    if slot.copied is not None:
        _write_copied(talk, slot.copied, letter, moments[-spare:])
    elif Plant.BOUNCE in slot.plants:
        _write_bounce(talk, moments[-2])
    elif talk.rng.random() < 0.05:
        body = AnnotatedText(script.phrases.automatic)
        talk.message(None, moments[-1], {"body_text": body, "is_auto_reply": True})


def _write_copied(
    talk: SampleConversation, other: Contact, letter: SampleLetter, moments: list[datetime]
) -> None:
    """Write the answer of the person in copy, and two mails that quote it (trap 8)."""
    script, slot = talk.script, talk.slot
    confirmed = by_contact(
        script, other, [other_person(other, script.language)], moments[0], letter
    )
    _send(talk, confirmed)
    book = script.phrases
    answer = by_agent(script, slot.agent, [AnnotatedText(book.agent_close)], moments[1], confirmed)
    _send(talk, answer)
    _send(talk, by_contact(script, slot.contact, [AnnotatedText(book.thanks)], moments[2], answer))
    talk.add(
        "internal_notes",
        {
            "conversation_id": talk.conversation_id,
            "author_id": slot.agent.agent_id,
            "message": join(" ", (other.name, other.phone(1), "→", book.confirmed.split(".")[0])),
            "created_at": moments[3],
        },
    )


def _write_bounce(talk: SampleConversation, when: datetime) -> None:
    """Write the mail server's report that a mail could not be delivered (trap 15)."""
    email = talk.contact.email_at(talk.slot.created_at)
    reason = join("", ("550 5.1.1 <", email, ">: recipient address rejected: user unknown"))
    body = join("", ("Your message to ", email, " could not be delivered."))
    talk.message(
        None, when, {"body_text": body, "is_automated": True, "delivery_failure_reason": reason}
    )
    talk.draft.traps[_TRAP_BOUNCE] += 1


def _send(talk: SampleConversation, letter: SampleLetter, *, is_first: bool = False) -> int:
    """Add a mail as message, with its raw file where it has one, and return the message's key."""
    slot, draft, org = talk.slot, talk.draft, talk.contact.org
    text, html = letter.text(), letter.html()
    office = _Party((org.name, org.support_address), party(org.name, org.support_address))
    requester = _party_of(talk, talk.contact, talk.contact.email_at(slot.created_at))
    sender = _Party(letter.sender, party(*letter.sender))
    if letter.contact is not None:
        sender = _party_of(talk, letter.contact, letter.sender[1])
    to = office if letter.contact is not None else requester
    copies: list[_Party] = []
    if slot.copied is not None:
        replying = letter.contact is slot.copied
        copies.append(requester if replying else _party_of(talk, slot.copied, slot.copied.email))
    number = draft.tables.next_key("messages")
    mail_id = f"{number}.{talk.rng.getrandbits(40):010x}@{org.mail_domain}"
    too_large = is_first and Plant.TOO_LARGE in slot.plants
    cells: dict[str, CellValue] = {
        "external_id": mail_id,
        "from_party": as_json(sender.cells),
        "to_parties": parties(to.cells),
        "cc_parties": parties(*(copy.cells for copy in copies)),
    }
    author = letter.contact or slot.agent
    folder = f"{letter.sent_at:%Y/%m}"
    if too_large:
        draft.traps[_TRAP_TOO_LARGE] += 1
        content = html.string.encode()
        cells["too_large_uri"] = draft.file(
            f"too_large/{folder}/msg-{number}.html", lambda: content, talk.contact, html.said
        )
    else:
        cells |= {"body_text": text, "body_html": html}
        draft.traps[_TRAP_QUOTED] += letter.quotes_another_contact()
    inbound = letter.contact is not None
    if too_large or Plant.RAW_MAIL in slot.plants or (inbound and talk.rng.random() < 0.1):
        raw = RawMail(
            sender=_plain(sender.header),
            to=[_plain(to.header)],
            cc=[_plain(copy.header) for copy in copies],
            subject=(talk.script.subject if is_first else "Re: " + talk.script.subject).string,
            sent_at=letter.sent_at,
            message_id=mail_id,
            text=text.string + "\n",
            html=html.string,
            encoded=number % 3 == 0,
        )
        headers = [_text(words) for one in (sender, to, *copies) for words in one.header]
        said = join("", (text, html, talk.script.subject, *headers)).said
        cells["original_content_uri"] = draft.file(
            f"raw_mail/{folder}/msg-{number}.eml", raw.as_bytes, talk.contact, said
        )
    return talk.message(author, letter.sent_at, cells)


def _attach(talk: SampleConversation, message_id: int) -> None:
    """Attach a file whose name tells whose it is (trap 3), or a picture."""
    contact = talk.contact
    if Plant.NAME_IN_ATTACHMENT in talk.slot.plants:
        talk.draft.traps[_TRAP_ATTACHMENT] += 1
        text = join("\n", (contact.name, contact.street, contact.email, contact.order, ""))
        content, said = text.string.encode(), text.said
        pretty, media_type, ending = contact.name + f" {contact.city}.txt", "text/plain", "txt"
    elif talk.rng.random() < 0.12:
        content, said = png(talk.rng.getrandbits(32)), ()
        pretty, media_type, ending = AnnotatedText("photo.png"), "image/png", "png"
    else:
        return
    size, digest = fingerprint(content)
    path = f"attachments/{talk.slot.created_at:%Y/%m}/{message_id}.{ending}"
    uri = talk.draft.file(path, lambda: content, contact, said)
    talk.add(
        "attachments",
        {
            "message_id": message_id,
            "uri": uri,
            "pretty_name": pretty,
            "media_type": media_type,
            "bytes": size,
            "sha256": digest,
        },
    )


class _Party(NamedTuple):
    """Somebody of a mail: display name and address of its header, and as the platform keeps them."""

    header: tuple[SampleWords, SampleWords]
    cells: SampleJson


def _party_of(talk: SampleConversation, contact: Contact, address: SampleWords) -> _Party:
    return _Party((contact.name, address), talk.party(contact, address))


def _text(words: SampleWords) -> AnnotatedText:
    return words if isinstance(words, AnnotatedText) else AnnotatedText(words)


def _plain(pair: tuple[SampleWords, SampleWords]) -> tuple[str, str]:
    return _text(pair[0]).string, _text(pair[1]).string
