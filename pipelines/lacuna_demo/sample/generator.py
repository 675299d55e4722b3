"""Generates the sample platform from a seed."""

import random
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType

from lacuna_demo.sample import roles as parts
from lacuna_demo.sample.company import draw_organizations
from lacuna_demo.sample.conversations import Chronicle
from lacuna_demo.sample.dialogues import load_dialogues
from lacuna_demo.sample.draft import SampleDraft
from lacuna_demo.sample.legacy import export_cells, write_export, write_legacy
from lacuna_demo.sample.mailbox import write_mailbox
from lacuna_demo.sample.media import export_parquet, wav
from lacuna_demo.sample.options import REFERENCE_DATE, SampleOptions
from lacuna_demo.sample.people import Contact, draw_contacts
from lacuna_demo.sample.phones import PhoneBook
from lacuna_demo.sample.platform import Demo, SampleFiles, SamplePerson, SamplePlatform, Shared
from lacuna_demo.sample.profiles import write_contacts, write_organizations
from lacuna_demo.sample.roles import Roles, assign_roles
from lacuna_demo.sample.schedule import SlotPlanner
from lacuna_demo.sample.script import Writer
from lacuna_demo.sample.tables import COLUMNS, SCHEMA, PlantedAt, PlantedMention, TableRows, Tables
from lacuna_demo.sample.talk import SampleConversation
from lacuna_demo.sample.traps import TRAPS

PARQUET_EXPORT = "exports/conversation_export.parquet"
_ORPHANS = 3
_LATE_ROWS_OF_OTHERS = 4


def generate(options: SampleOptions) -> SamplePlatform:
    """Return the sample platform: the same rows and files for the same options, everywhere.

    Raw mails and Parquet are written by the standard library and pyarrow; their bytes are the same
    for the same versions of these.

    Raises:
        ConfigurationError: the dialogues cannot be read.
    """
    dialogues = () if options.dialogues is None else load_dialogues(options.dialogues)
    rng = random.Random(options.seed)
    phones = PhoneBook(rng)
    organizations = draw_organizations(rng, phones)
    roles = assign_roles(rng, options, len(organizations[0].agents))
    cast = draw_contacts(rng, options, organizations, roles, phones)
    draft = SampleDraft(rng, organizations, cast)
    slots = SlotPlanner(rng, options, cast, roles).plan()
    tag_ids = write_organizations(draft)
    talks = Chronicle(draft, Writer(rng, dialogues), tag_ids).write(slots)
    write_contacts(draft, roles, talks)
    write_export(draft, talks)
    write_legacy(draft, talks)
    write_mailbox(draft, roles)
    _write_orphans(draft)
    late_export = _late_export(draft, talks)
    _count_lonely(draft, talks)
    export = TableRows(COLUMNS["conversation_export"], draft.tables.rows["conversation_export"])
    said = tuple(
        one
        for talk in talks
        for text in (talk.requester_name, talk.requester_phone, talk.contact.email, talk.subject)
        if text is not None
        for one in text.said
    )
    draft.file(PARQUET_EXPORT, partial(export_parquet, export))
    for one in dict.fromkeys(said):
        draft.tables.named[one.person].add(PlantedAt("media", PARQUET_EXPORT))
    return _finish(draft, roles, late_export)


def _write_orphans(draft: SampleDraft) -> None:
    """Leave recordings in the media store that no row names (trap 13)."""
    for number in range(_ORPHANS):
        day = REFERENCE_DATE - timedelta(days=3 + 5 * number)
        seed = draft.rng.getrandbits(32)
        draft.file(f"recordings/{day:%Y/%m/%d}/lost-{number + 1:04}.wav", partial(wav, seed))
        draft.traps[13] += 1


def _late_export(draft: SampleDraft, talks: list[SampleConversation]) -> TableRows:
    """Return export rows that a late delivery brings (trap 14)."""
    of_star = [talk for talk in talks if talk.contact.index == parts.FORGET]
    others = [talk for talk in talks if talk.contact.index == parts.ACCESS][:_LATE_ROWS_OF_OTHERS]
    late = Tables()
    for talk in (*of_star, *others):
        late.add("conversation_export", talk.contact.index, export_cells(talk))
    rows = late.rows["conversation_export"]
    draft.traps[14] = len(rows)
    return TableRows(COLUMNS["conversation_export"], rows)


def _count_lonely(draft: SampleDraft, talks: list[SampleConversation]) -> None:
    """Count the queue with one person and the pair of Sundays that differ by one (trap 19)."""
    alone = {
        talk.slot.queue.queue_id
        for talk in talks
        if talk.slot.queue is talk.contact.org.lonely_queue
    }
    draft.traps[19] = len(alone) + 1


def _finish(draft: SampleDraft, roles: Roles, late_export: TableRows) -> SamplePlatform:
    cast = draft.cast
    tables = {
        f"{SCHEMA}.{table}": TableRows(columns, draft.tables.rows[table])
        for table, columns in COLUMNS.items()
    }
    return SamplePlatform(
        tables=MappingProxyType(tables),
        files=SampleFiles(tuple(draft.files)),
        late_export=late_export,
        traps=MappingProxyType({number: draft.traps[number] for number in TRAPS}),
        woven=draft.woven,
        people=_people(draft, roles),
        mentions=tuple(
            PlantedMention(cast[person].contact_id, place, row_id, kind)
            for person, place, row_id, kind in draft.tables.foreign
        ),
        shared=_shared(cast, roles),
        demo=Demo(
            cast[parts.FORGET].contact_id,
            cast[parts.ACCESS].contact_id,
            (cast[parts.HOUSEHOLD_A].contact_id, cast[parts.HOUSEHOLD_B].contact_id),
            cast[parts.OPEN].contact_id,
        ),
    )


def _people(draft: SampleDraft, roles: Roles) -> Mapping[str, SamplePerson]:
    return MappingProxyType(
        {contact.contact_id: _person(draft, roles, contact) for contact in draft.cast}
    )


def _person(draft: SampleDraft, roles: Roles, contact: Contact) -> SamplePerson:
    index, merged = contact.index, contact.merged
    places = draft.tables.named[index]
    emails = [*contact.emails]
    external_ids = [contact.external_id]
    if merged is not None:
        emails.append(merged.email)
        external_ids.append(merged.external_id)
    if contact.attribute_email is not None:
        emails.append(contact.attribute_email)
    spellings = [spelling for phone in contact.phones for spelling in phone.spellings]
    return SamplePerson(
        contact_id=contact.contact_id,
        org_id=contact.org.org_id,
        first_name=contact.first,
        last_name=contact.last,
        full_name=contact.name.string,
        emails=tuple(dict.fromkeys(email.string for email in emails)),
        phones=tuple(phone.e164 for phone in contact.phones),
        phone_spellings=tuple(spellings),
        external_ids=tuple(one.string for one in external_ids),
        merged_contact_ids=() if merged is None else (merged.contact_id,),
        visitor_contact_ids=() if contact.visitor is None else (contact.visitor.contact_id,),
        order_number=contact.order.string,
        street_address=contact.street,
        username=None if contact.username is None else contact.username.string,
        former_name=None if contact.former is None else contact.former.string,
        national_id=contact.national_id,
        language=contact.language,
        places=frozenset(places),
        files=frozenset(draft.files_of.get(index, ())),
        has_open_conversation=index in roles.with_open,
        awaits_mail=any(place.where == "mail" for place in places),
    )


def _shared(cast: tuple[Contact, ...], roles: Roles) -> tuple[Shared, ...]:
    shared = []
    for index in roles.colleagues:
        contact = cast[index]
        if contact.colleague is not None:
            both = (contact.contact_id,), (contact.colleague.agent_id,)
            shared.append(Shared("name", contact.name.string, *both))
            shared.append(Shared("email", contact.email.string, *both))
    for one, other in (*roles.household.items(), *roles.same_name.items()):
        if one > other:
            continue
        ids = (cast[one].contact_id, cast[other].contact_id)
        if one in roles.same_name:
            shared.append(Shared("name", cast[one].name.string, ids))
            continue
        shared.append(Shared("phone", cast[one].phones[0].e164, ids))
        if one in roles.family_mailbox:
            shared.append(Shared("email", cast[one].emails[-1].string, ids))
    return tuple(shared)
