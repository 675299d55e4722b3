"""The words of a conversation, turn by turn, with the person's own details in it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from lacuna_demo.sample.dialogues import Dialogue, Speaker
from lacuna_demo.sample.people import Contact
from lacuna_demo.sample.phrases import PHRASES, Phrasebook, Topic
from lacuna_demo.sample.schedule import Plant, Slot
from lacuna_demo.sample.spelling import genitive
from lacuna_demo.sample.text import AnnotatedText, SampleWords, fill, join


@dataclass(frozen=True, repr=False)
class Turn:
    """What one side says in one go."""

    speaker: Speaker
    words: AnnotatedText


@dataclass(frozen=True, repr=False)
class Script:
    """A conversation's words.

    Attributes:
        language: of the words.
        subject: what it is about.
        turns: in order, beginning with the customer.
        values: what the phrases' placeholders are filled with.
        from_dialogue: whether the words come from a dialogue that people wrote.
    """

    language: str
    subject: AnnotatedText
    turns: tuple[Turn, ...]
    values: Mapping[str, SampleWords]
    from_dialogue: bool

    @property
    def phrases(self) -> Phrasebook:
        """The phrase book of the language."""
        return PHRASES[self.language]

    def say(self, template: str) -> AnnotatedText:
        """Return a phrase filled with the person's values."""
        return fill(template, self.values)


@dataclass(frozen=True)
class Writer:
    """Writes scripts, out of dialogues where there are some and the channel is one of theirs."""

    rng: random.Random
    dialogues: tuple[Dialogue, ...]

    def script(self, slot: Slot) -> Script:
        """Return the words of one conversation."""
        if self.dialogues and slot.channel in {"chat", "email", "phone"}:
            return self._of_dialogue(slot, self.rng.choice(self.dialogues))
        contact = slot.contact
        topic = self.rng.choice(PHRASES[contact.language].topics)
        script = self._empty(slot, contact.language, topic)
        greeted = slot.channel not in {"email", "contact_form"}
        return _replace_turns(script, _phrased(script, topic, greeted=greeted), slot)

    def _of_dialogue(self, slot: Slot, dialogue: Dialogue) -> Script:
        topic = self.rng.choice(PHRASES["en"].topics)
        script = self._empty(slot, "en", topic, from_dialogue=True)
        return _replace_turns(script, _woven(script, dialogue), slot)

    def _empty(
        self, slot: Slot, language: str, topic: Topic, *, from_dialogue: bool = False
    ) -> Script:
        contact = slot.contact
        values: dict[str, SampleWords] = {
            "name": contact.name,
            "first": contact.first,
            "email": contact.email_at(slot.created_at),
            "phone": contact.phone(self.rng.choice((1, 1, 2, 3))),
            "external_id": contact.external_id,
            "order": contact.order,
            "org": contact.org.name,
            "company": contact.company or "",
            "street": contact.street,
            "national_id": contact.national_id,
            "genitive": genitive(contact.first, language),
            "other": "" if slot.copied is None else slot.copied.name,
            "username": contact.username or "",
            "former": contact.former or "",
            "mixed": "" if slot.mixed_up is None else slot.mixed_up.order,
        }
        subject = fill(topic.subject, values)
        return Script(language, subject, (), values, from_dialogue)


def _phrased(script: Script, topic: Topic, *, greeted: bool) -> list[Turn]:
    book = script.phrases
    opening = (
        join(" ", (script.say(book.introduction), topic.problem))
        if greeted
        else AnnotatedText(topic.problem)
    )
    return [
        Turn("customer", opening),
        Turn("agent", AnnotatedText(topic.answer)),
        Turn("customer", join(" ", (script.say(book.order_line), topic.detail))),
        Turn("agent", script.say(book.readout)),
        Turn("agent", AnnotatedText(topic.resolution)),
        Turn("customer", AnnotatedText(book.thanks)),
        Turn("agent", AnnotatedText(book.agent_close)),
    ]


def _woven(script: Script, dialogue: Dialogue) -> list[Turn]:
    """Return the dialogue's turns; the customer gives name and order, the agent reads them back."""
    book = script.phrases
    turns = [Turn(one.speaker, AnnotatedText(one.words)) for one in dialogue]
    customer = [n for n, turn in enumerate(turns) if turn.speaker == "customer"]
    agent = [n for n, turn in enumerate(turns) if turn.speaker == "agent"]

    def add(position: int, *parts: SampleWords) -> None:
        turns[position] = Turn(turns[position].speaker, join(" ", parts))

    add(customer[0], script.say(book.introduction), turns[customer[0]].words)
    add(customer[-1], turns[customer[-1]].words, script.say(book.order_line))
    reading = agent[len(agent) // 2]
    add(reading, turns[reading].words, script.say(book.readout))
    return turns


def _replace_turns(script: Script, turns: list[Turn], slot: Slot) -> Script:
    """Return the script with `turns` and the plants that are sentences."""
    extra = []
    if Plant.INFLECTED in slot.plants:
        # Written in the language of the conversation, with the number the way it is spoken.
        extra.append(
            fill(script.phrases.inflected, {**script.values, "phone": slot.contact.phone(1)})
        )
    if Plant.COMPANY in slot.plants:
        extra.append(script.say(script.phrases.company_line))
    if slot.copied is not None:
        extra.append(script.say(script.phrases.copied))
    if slot.contact.username is not None:
        extra.append(script.say(script.phrases.username))
    if slot.contact.former is not None:
        extra.append(script.say(script.phrases.former))
    if extra:
        first = next(n for n, turn in enumerate(turns) if turn.speaker == "customer")
        turns[first] = Turn("customer", join(" ", (turns[first].words, *extra)))
    if slot.mixed_up is not None:
        first = next(n for n, turn in enumerate(turns) if turn.speaker == "agent")
        mixed_up = script.say(script.phrases.mixed_up)
        turns[first] = Turn("agent", join(" ", (turns[first].words, mixed_up)))
    return Script(
        script.language, script.subject, tuple(turns), script.values, script.from_dialogue
    )


def other_person(contact: Contact, language: str) -> AnnotatedText:
    """Return the answer of somebody in copy, with their own details."""
    return fill(PHRASES[language].confirmed, {"phone": contact.phone(1), "email": contact.email})
