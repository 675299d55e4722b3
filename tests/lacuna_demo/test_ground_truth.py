"""Who is named where: the ground truth against a search of every row and file for everybody."""

import email
import email.policy
import io
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import ahocorasick
import pyarrow.parquet as parquet
import pytest

from lacuna_demo.sample import PlantedAt, SamplePerson, SamplePlatform

ValueMatch = tuple[str, str]
"""Contact id and value."""


def identifiers(person: SamplePerson) -> set[str]:
    return {
        person.full_name,
        person.order_number,
        *person.emails,
        *person.external_ids,
        *person.phone_spellings,
        *filter(None, (person.username, person.former_name)),
    }


class Search:
    """Finds everybody's identifiers in a text."""

    def __init__(self, platform: SamplePlatform) -> None:
        holders = defaultdict(set)
        of_agents = {one.value for one in platform.shared if one.agent_ids}
        for person in platform.people.values():
            for value in identifiers(person) - of_agents:
                holders[value.lower()].add(person.contact_id)
        self._automaton = ahocorasick.Automaton()
        for value, people in holders.items():
            self._automaton.add_word(value, (value, people))
        self._automaton.make_automaton()

    def matches(self, text: str) -> set[ValueMatch]:
        return {
            (person, value)
            for _, (value, people) in self._automaton.iter(text.lower())
            for person in people
        }


def owners(platform: SamplePlatform) -> dict[tuple[str, Any], str]:
    """(column, key) -> contact id of the person whom a row with that value belongs to."""
    main: dict[tuple[str, Any], str] = {}
    for person in platform.people.values():
        for contact_id in (
            person.contact_id,
            *person.merged_contact_ids,
            *person.visitor_contact_ids,
        ):
            main["contact_id", contact_id] = person.contact_id
        for address in person.emails:
            main["requester_email", address] = person.contact_id
    for row in platform.tables["contact_center.conversations"].records():
        person_id = main["contact_id", row["requester_id"]]
        main["conversation_id", row["conversation_id"]] = person_id
    for table, key in (("messages", "message_id"), ("calls", "call_id")):
        for row in platform.tables[f"contact_center.{table}"].records():
            main[key, row[key]] = main["conversation_id", row["conversation_id"]]
    return main


def text_of(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(value)
    return value if isinstance(value, str) else ""


def content_of(path: str, content: bytes) -> str:
    """Return the words of a file, decoded by other code than wrote them."""
    if path.endswith((".eml", ".sample")):
        mail = email.message_from_bytes(content, policy=email.policy.default)
        parts = [str(value) for value in mail.values()]
        parts += [part.get_content() for part in mail.walk() if not part.is_multipart()]
        return "\n".join(parts)
    if path.endswith(".parquet"):
        table = parquet.read_table(io.BytesIO(content))
        columns = [column.to_pylist() for column in table.columns]
        return "\n".join(text_of(value) for column in columns for value in column)
    if path.endswith((".wav", ".png")):
        return ""
    return content.decode()


@pytest.fixture(scope="module", params=["small", "spoken"])
def any_platform(request: pytest.FixtureRequest) -> SamplePlatform:
    """A platform of own phrases, and one of dialogues."""
    return request.getfixturevalue(request.param)


def row_matches(
    platform: SamplePlatform,
) -> Iterator[tuple[str, str, dict[str, Any], set[ValueMatch]]]:
    search = Search(platform)
    for table, table_rows in platform.tables.items():
        for row in table_rows.records():
            for column, value in row.items():
                text = text_of(value)
                if column == "originating_url":
                    text = unquote(text)
                if text and (found := search.matches(text)):
                    yield table, column, row, found


@pytest.mark.thorough
def test_everybody_is_named_where_the_ground_truth_says_and_nowhere_else(
    any_platform: SamplePlatform,
) -> None:
    found = defaultdict(set)
    for table, column, _, matches in row_matches(any_platform):
        for person, _ in matches:
            found[person].add(PlantedAt(table, column))
    search = Search(any_platform)
    for file in any_platform.files:
        text = f"{file.path}\n{content_of(file.path, file.content)}"
        for person, _ in search.matches(text):
            found[person].add(PlantedAt(file.store, file.path))
    wrong = [
        person.contact_id
        for person in any_platform.people.values()
        if found[person.contact_id] != person.places
    ]
    assert wrong == []


def test_rows_of_one_contact_name_another_only_where_planted(any_platform: SamplePlatform) -> None:
    main = owners(any_platform)
    shared = {
        (value.value.lower(), person)
        for value in any_platform.shared
        for person in value.contact_ids
    }
    shared |= {
        (spelling.lower(), person.contact_id)
        for person in any_platform.people.values()
        for spelling in person.phone_spellings
        if (person.phones[0], person.contact_id) in shared
    }
    planted = {(m.contact_id, m.place, m.row_id) for m in any_platform.mentions}
    foreign = set()
    for table, column, row, matches in row_matches(any_platform):
        key = next(iter(row.values()))
        owner = next(
            (
                main[name, row[name]]
                for name in (
                    "contact_id",
                    "conversation_id",
                    "message_id",
                    "call_id",
                    "requester_email",
                )
                if row.get(name) is not None and (name, row[name]) in main
            ),
            None,
        )
        if table.endswith("legacy_agent_load"):
            continue  # an agent's row, which names whoever took longest
        for person, value in matches:
            if person != owner and (value, person) not in shared:
                foreign.add((person, PlantedAt(table, column), key))
    assert foreign == {one for one in planted if one[1].where.startswith("contact_center.")}


def test_files_of_one_contact_name_another_only_where_planted(any_platform: SamplePlatform) -> None:
    owner = {path: p.contact_id for p in any_platform.people.values() for path in p.files}
    shared = {
        person
        for value in any_platform.shared
        if not value.agent_ids
        for person in value.contact_ids
    }
    planted = {(m.contact_id, m.place) for m in any_platform.mentions}
    search = Search(any_platform)
    foreign = set()
    for file in any_platform.files:
        if file.path in owner:
            for person, _ in search.matches(content_of(file.path, file.content)):
                if person != owner[file.path] and person not in shared:
                    foreign.add((person, PlantedAt(file.store, file.path)))
    files = {one for one in planted if one[1].where in {"media", "mail"} and one[0] not in shared}
    assert foreign == files


def test_files_belong_to_whom_the_rows_say(any_platform: SamplePlatform) -> None:
    main = owners(any_platform)
    expected = defaultdict(set)
    links = (
        ("contacts", "avatar_url", "contact_id"),
        ("messages", "original_content_uri", "conversation_id"),
        ("messages", "too_large_uri", "conversation_id"),
        ("attachments", "uri", "message_id"),
        ("call_recordings", "uri", "call_id"),
        ("voicemails", "uri", "call_id"),
    )
    for table, column, key in links:
        for row in any_platform.tables[f"contact_center.{table}"].records():
            if row[column] is not None:
                expected[main[key, row[key]]].add(row[column])
    for person in any_platform.people.values():
        assert expected[person.contact_id] == {
            f for f in person.files if not f.startswith("inbox/")
        }


def test_no_value_of_one_person_hides_in_a_value_of_another(platform: SamplePlatform) -> None:
    search = Search(platform)
    holders = defaultdict(set)
    for value in platform.shared:
        for person_id in value.contact_ids:
            holders[person_id].add(frozenset(value.contact_ids))
    for person in platform.people.values():
        friends = {person.contact_id}.union(*holders[person.contact_id])
        for value in identifiers(person):
            assert {found for found, _ in search.matches(value)} <= friends


def test_shared_values_are_held_by_exactly_two(platform: SamplePlatform) -> None:
    for shared in platform.shared:
        holding = {
            person.contact_id
            for person in platform.people.values()
            if shared.value in {person.full_name, *person.emails, *person.phones}
        }
        assert holding == set(shared.contact_ids)
    assert {shared.kind for shared in platform.shared} == {"phone", "email", "name"}


def test_agents_share_no_full_name_address_or_number_with_contacts(
    platform: SamplePlatform,
) -> None:
    search = Search(platform)
    for row in platform.tables["contact_center.agents"].records():
        for column in ("display_name", "email", "phone", "signature"):
            assert search.matches(str(row[column])) == set()


def test_the_demo_contacts_are_what_they_are_shown_for(platform: SamplePlatform) -> None:
    demo, people = platform.demo, platform.people
    sharing = {person for shared in platform.shared for person in shared.contact_ids}
    conversations = platform.tables["contact_center.conversations"].records()
    mentioned = {mention.contact_id for mention in platform.mentions}
    for contact_id in (demo.forget, demo.access):
        own = [row for row in conversations if row["requester_id"] == contact_id]
        assert {row["channel"] for row in own} >= {"email", "chat", "phone", "voicemail"}
        assert {row["state"] for row in own} == {"closed"}
        assert contact_id not in sharing
        assert not people[contact_id].awaits_mail
        ids = {row["conversation_id"] for row in own}
        rated = [
            row
            for row in platform.tables["contact_center.ratings"].records()
            if row["conversation_id"] in ids and row["status"] == "rated"
        ]
        assert rated
        assert any(path.startswith("recordings/") for path in people[contact_id].files)
        assert any(path.startswith("voicemails/") for path in people[contact_id].files)
    assert demo.forget in mentioned
    assert set(demo.household) <= sharing
    open_ids = {row["requester_id"] for row in conversations if row["state"] != "closed"}
    assert demo.with_open in open_ids
    assert demo.with_open not in sharing
    assert open_ids == {p.contact_id for p in people.values() if p.has_open_conversation}
    assert not open_ids & {demo.forget, demo.access, *demo.household}
    everybody = (demo.forget, demo.access, *demo.household, demo.with_open)
    assert {people[contact_id].org_id for contact_id in everybody} == {"fjordlys"}
