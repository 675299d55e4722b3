"""The shape of a phrase book: what contacts and agents say in one language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """One matter, in the order in which it is talked through.

    `subject` may hold `{order}`; the other lines hold no placeholder.
    """

    subject: str
    problem: str
    answer: str
    detail: str
    resolution: str


@dataclass(frozen=True)
class Phrasebook:
    """Sentences of one language; `{key}` is filled with a value of the person or the agent.

    Attributes:
        hello: how a contact opens an e-mail.
        introduction: how a contact says who they are (`name`).
        order_line: names the order (`order`).
        signoff: stands above the signature.
        thanks: a contact's last words.
        agent_hello: how an agent opens (`first`).
        readout: an agent reads details back (`name`, `phone`, `order`).
        agent_close: an agent's last words.
        wrote: stands above a quotation (`when`, `name`, `email`).
        automatic: reply of a machine.
        welcome: first line of a chat, by a machine (`org`).
        inflected: a sentence full of what is hard to find (`genitive`, `phone`, `national_id`,
            `street`): trap 11.
        company_line: says for which company (`company`): trap 17.
        copied: the requester puts somebody in copy (`other`).
        confirmed: that person answers (`phone`, `email`).
        username: a contact says how they sign in (`username`): trap 28.
        former: a contact says what they were called before (`former`): trap 26.
        mixed_up: an agent quotes somebody else's order (`mixed`): trap 22.
        praise: comments of content people, without details.
        blame: comments of others, without details.
        personal: a comment with details (`name`, `phone`): trap 4.
        note: an agent's internal note (`name`, `external_id`).
        wrapup: an agent's note after a call (`name`, `phone`).
        voicemail: what is spoken on the machine (`name`, `phone`).
        topics: the matters.
    """

    hello: str
    introduction: str
    order_line: str
    signoff: str
    thanks: str
    agent_hello: str
    readout: str
    agent_close: str
    wrote: str
    automatic: str
    welcome: str
    inflected: str
    company_line: str
    copied: str
    confirmed: str
    username: str
    former: str
    mixed_up: str
    praise: tuple[str, ...]
    blame: tuple[str, ...]
    personal: str
    note: str
    wrapup: str
    voicemail: str
    topics: tuple[Topic, ...]
