"""The finished sample platform: rows, files and the ground truth about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lacuna_demo.sample.draft import FilePlan, SampleStore
from lacuna_demo.sample.tables import PlantedAt, PlantedMention, TableRows


@dataclass(frozen=True, repr=False)
class SampleFile:
    """A file of the platform.

    Attributes:
        store: `media` or `mail`.
        path: below the store's root, with forward slashes.
    """

    store: SampleStore
    path: str
    content: bytes


@dataclass(frozen=True, repr=False)
class SampleFiles:
    """Files that are made while they are iterated over, each time with the same bytes."""

    plans: tuple[FilePlan, ...]

    def __iter__(self) -> Iterator[SampleFile]:
        return (SampleFile(plan.store, plan.path, plan.make()) for plan in self.plans)

    def __len__(self) -> int:
        return len(self.plans)


@dataclass(frozen=True, repr=False)
class SamplePerson:
    """Ground truth about one person. Made up, and still it does not print itself.

    Attributes:
        contact_id: the row that requests should lead to.
        merged_contact_ids: older rows merged into it.
        visitor_contact_ids: rows that the chat made of the main address, not merged into it.
        emails: the main one first; those of merged rows and of custom attributes are among them.
        phones: E.164, the main one first; only the main one occurs in texts.
        phone_spellings: every way a number is written in the platform, E.164 first.
        external_ids: of the row, then of merged rows.
        username, former_name: None if the person has none.
        places: every table and column, store and path, that holds one of the identifiers above,
            the full or the former name, the user name or the order number, what an agent holds too
            left out.
        files: paths in the media store of what belongs to the person, identifiers in it or not.
        has_open_conversation: whether an erasure has to wait.
        awaits_mail: whether a request in the mailbox names the person or comes from an address of
            theirs.
    """

    contact_id: str
    org_id: str
    first_name: str
    last_name: str
    full_name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    phone_spellings: tuple[str, ...]
    external_ids: tuple[str, ...]
    merged_contact_ids: tuple[str, ...]
    visitor_contact_ids: tuple[str, ...]
    order_number: str
    street_address: str
    username: str | None
    former_name: str | None
    national_id: str
    language: str
    places: frozenset[PlantedAt]
    files: frozenset[str]
    has_open_conversation: bool
    awaits_mail: bool


@dataclass(frozen=True)
class Shared:
    """A value that two people hold, on purpose, or one who is two to the platform.

    Attributes:
        kind: `phone`, `email` or `name`.
        contact_ids: the holders.
        agent_ids: the holder's own row as an agent.
    """

    kind: str
    value: str
    contact_ids: tuple[str, ...]
    agent_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Demo:
    """Contacts to show things with, by contact id; all of the first tenant.

    Attributes:
        forget: has everything (mail, chat, call with recording, voicemail, rating, a mention in
            somebody else's mail thread), shares nothing and has nothing open.
        access: the same but for the mention, for a bundle.
        household: two people with one phone number, nothing open.
        with_open: has an open conversation.
    """

    forget: str
    access: str
    household: tuple[str, str]
    with_open: str


@dataclass(frozen=True, repr=False)
class SamplePlatform:
    """All of the sample platform.

    Attributes:
        tables: qualified name -> rows, in foreign-key order.
        files: what lies in the media store and the mailbox.
        late_export: rows of `contact_center.conversation_export` as a late delivery brings them,
            weeks after: not loaded with the rest (trap 14).
        traps: trap number -> how often it was planted; docs of the traps: `traps.TRAPS`.
        woven: identifiers of requesters woven into dialogues: full names, addresses, phone, order
            and customer numbers in `messages.body_text` and `transcripts.text`. 0 without dialogues.
        people: contact id -> ground truth; merged rows and visitors have no entry of their own.
        mentions: identifiers planted in rows and files of others, shared values left out.
        shared: values that two people hold.
        demo: contacts to show things with.
    """

    tables: Mapping[str, TableRows]
    files: SampleFiles
    late_export: TableRows
    traps: Mapping[int, int]
    woven: int
    people: Mapping[str, SamplePerson]
    mentions: tuple[PlantedMention, ...]
    shared: tuple[Shared, ...]
    demo: Demo
