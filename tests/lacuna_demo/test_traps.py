"""Each trap's count against an independent look at the rows and files."""

import email
import email.policy
import io
import json
import re
from collections import Counter, defaultdict
from datetime import date, datetime
from itertools import combinations
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet as parquet
import pytest

from lacuna_demo.sample import PARQUET_EXPORT, TRAPS, SamplePerson, SamplePlatform

Row = dict[str, Any]


def rows(platform: SamplePlatform, table: str) -> list[Row]:
    return platform.tables[f"contact_center.{table}"].records()


def by(key: str, records: list[Row]) -> dict[Any, Row]:
    return {record[key]: record for record in records}


def people(platform: SamplePlatform) -> dict[str, SamplePerson]:
    """Contact row -> whose it is."""
    return {
        contact_id: person
        for person in platform.people.values()
        for contact_id in (
            person.contact_id,
            *person.merged_contact_ids,
            *person.visitor_contact_ids,
        )
    }


def requesters(platform: SamplePlatform) -> dict[int, SamplePerson]:
    """Conversation id -> the requester."""
    person_of = people(platform)
    return {
        row["conversation_id"]: person_of[row["requester_id"]]
        for row in rows(platform, "conversations")
    }


def contents(platform: SamplePlatform, store: str) -> dict[str, bytes]:
    return {file.path: file.content for file in platform.files if file.store == store}


def test_all_traps_are_planted(platform: SamplePlatform) -> None:
    assert list(platform.traps) == list(TRAPS) == list(range(1, 29))
    assert min(platform.traps.values()) >= 1


def test_trap_1_an_address_in_custom_attributes(platform: SamplePlatform) -> None:
    found = [
        row for row in rows(platform, "contacts") if "invoice_email" in row["custom_attributes"]
    ]
    assert len(found) == platform.traps[1]
    elsewhere = {row["email"] for row in found}
    assert any(
        json.loads(row["custom_attributes"])["invoice_email"] not in elsewhere for row in found
    )


def test_trap_2_a_phone_number_in_a_url(platform: SamplePlatform) -> None:
    requester = requesters(platform)
    found = 0
    for row in rows(platform, "conversations"):
        person = requester[row["conversation_id"]]
        query = unquote(row["originating_url"] or "").partition("?")[2]
        found += person.phones[0] in query
    assert found == platform.traps[2]


def test_trap_3_names_in_file_names(platform: SamplePlatform) -> None:
    names = {person.full_name for person in platform.people.values()}
    attachments = [
        row
        for row in rows(platform, "attachments")
        if any(row["pretty_name"].startswith(name + " ") for name in names)
    ]
    recordings = [
        row
        for row in rows(platform, "call_recordings")
        if row["uri"].rsplit("/", 1)[1].rsplit(" ", 1)[0] in names
    ]
    assert attachments
    assert recordings
    assert len(attachments) + len(recordings) == platform.traps[3]


def test_trap_4_details_in_comments_and_wrapup_notes(platform: SamplePlatform) -> None:
    requester = requesters(platform)
    texts = [(row["conversation_id"], row["comment"]) for row in rows(platform, "ratings")]
    texts += [(row["conversation_id"], row["text"]) for row in rows(platform, "wrapup_notes")]
    found = [
        text for conversation, text in texts if text and requester[conversation].full_name in text
    ]
    assert len(found) == platform.traps[4]


@pytest.mark.thorough
def test_trap_5_bodies_in_side_files(platform: SamplePlatform) -> None:
    media = contents(platform, "media")
    found = [row for row in rows(platform, "messages") if row["too_large_uri"]]
    assert len(found) == platform.traps[5]
    for row in found:
        assert row["body_text"] is None
        assert row["body_html"] is None
        author = json.loads(row["from_party"])
        content = media[row["too_large_uri"]].decode()
        assert author.get("name", author.get("last_name")) in content
        raw = email.message_from_bytes(
            media[row["original_content_uri"]], policy=email.policy.default
        )
        assert author["email"] in raw["From"]


def test_trap_6_form_values_inside_the_html(platform: SamplePlatform) -> None:
    values = defaultdict(list)
    for row in rows(platform, "form_submissions"):
        values[row["message_id"]].append(row["value"])
    messages = by("message_id", rows(platform, "messages"))
    repeated = [
        form for form, told in values.items() if all(x in messages[form]["body_html"] for x in told)
    ]
    assert len(repeated) == len(values) == platform.traps[6]


def test_trap_7_old_and_new_subject_in_the_log(platform: SamplePlatform) -> None:
    requester = requesters(platform)
    conversations = by("conversation_id", rows(platform, "conversations"))
    found = 0
    for row in rows(platform, "activity_log"):
        if row["type"] == "subject_changed":
            change = json.loads(row["attributes"])
            name = requester[row["conversation_id"]].full_name
            assert name in change["new_subject"]
            assert name not in change["old_subject"]
            assert conversations[row["conversation_id"]]["subject"] == change["new_subject"]
            found += 1
    assert found == platform.traps[7]


def test_trap_8_contacts_quoted_by_others(platform: SamplePlatform) -> None:
    owners = {}
    of_agents = by("email", rows(platform, "agents"))
    for row in rows(platform, "contact_aliases"):
        if row["kind"] == "email":
            owners[row["value_norm"]] = row["contact_id"]
    main = {row: person.contact_id for row, person in people(platform).items()}
    owners = {address: main[contact_id] for address, contact_id in owners.items()}
    requester = requesters(platform)
    found = agents = foreign = 0
    for row in rows(platform, "messages"):
        if row["author_type"] == "system" or row["body_text"] is None:
            continue
        author = main.get(row["author_contact_id"])
        asking = requester[row["conversation_id"]].contact_id
        quoted = {
            owners.get(address)
            for address in re.findall(r"<([^<>]+@[^<>]+)>", row["body_text"])
            if address not in of_agents or owners.get(address) == asking
        }
        others = quoted - {None, author}
        found += bool(others)
        agents += bool(others) and row["author_type"] == "agent"
        foreign += bool(others - {asking})
    assert found == platform.traps[8]
    assert agents
    assert foreign


@pytest.mark.thorough
def test_trap_8_the_forgotten_contact_is_quoted_in_a_thread_of_somebody_else(
    platform: SamplePlatform,
) -> None:
    person = platform.people[platform.demo.forget]
    requester = requesters(platform)
    messages = [
        row
        for row in rows(platform, "messages")
        if requester[row["conversation_id"]] is not person
        and person.emails[0] in (row["body_text"] or "")
    ]
    assert {row["author_type"] for row in messages} == {"contact", "agent"}
    media = contents(platform, "media")
    for row in messages:
        assert person.emails[0] in row["body_html"]
        raw = email.message_from_bytes(
            media[row["original_content_uri"]], policy=email.policy.default
        )
        for kind in ("plain", "html"):
            assert person.emails[0] in raw.get_body((kind,)).get_content()


def test_trap_9_households_with_one_phone(platform: SamplePlatform) -> None:
    holders = Counter(row["phone_e164"] for row in rows(platform, "contacts") if row["phone_e164"])
    assert sum(count == 2 for count in holders.values()) == platform.traps[9]
    assert max(holders.values()) == 2


def test_trap_10_merged_contacts(platform: SamplePlatform) -> None:
    contacts = rows(platform, "contacts")
    merged = [row for row in contacts if row["merged_into"]]
    assert len(merged) == platform.traps[10]
    living = by("contact_id", contacts)
    used = {row["from_email"] for row in rows(platform, "conversations")}
    for row in merged:
        assert living[row["merged_into"]]["org_id"] == row["org_id"]
        assert row["email"] in used
        assert row["email"] != living[row["merged_into"]]["email"]


def test_trap_11_inflected_names_and_spaced_numbers(platform: SamplePlatform) -> None:
    requester = requesters(platform)
    found = set()
    for row in rows(platform, "messages"):
        person = requester[row["conversation_id"]]
        body = row["body_text"] or ""
        if person.national_id in body:
            assert re.search(rf"\b{person.first_name}('s|s|')(?!\w)", body)
            assert person.street_address in body
            assert person.phone_spellings[1] in body
            found.add(row["conversation_id"])
    assert len(found) == platform.traps[11]
    languages = {requester[n].language for n in found}
    assert "da" in languages
    assert "fr" not in languages


@pytest.mark.thorough
def test_trap_12_requesters_in_the_export_and_in_a_parquet_dictionary(
    platform: SamplePlatform,
) -> None:
    export = [row for row in rows(platform, "conversation_export") if row["requester_email"]]
    assert any(row["requester_name"] for row in export)
    assert len(export) == platform.traps[12]
    file = parquet.ParquetFile(io.BytesIO(contents(platform, "media")[PARQUET_EXPORT]))
    assert file.read().column("requester_email").to_pylist() == [
        row["requester_email"] for row in export
    ]
    for position in range(file.metadata.num_columns):
        column = file.metadata.row_group(0).column(position)
        personal = {"requester_name", "requester_email", "requester_phone_number"}
        assert column.has_dictionary_page == (column.path_in_schema in personal)


@pytest.mark.thorough
def test_trap_13_recordings_without_a_row(platform: SamplePlatform) -> None:
    known = {row["uri"] for row in rows(platform, "call_recordings")}
    found = [path for path in contents(platform, "media") if path.startswith("recordings/")]
    assert known <= set(found)
    assert len(set(found) - known) == platform.traps[13]


def test_trap_14_a_late_export_of_conversations_that_are_there(platform: SamplePlatform) -> None:
    late = platform.late_export.records()
    assert len(late) == platform.traps[14]
    export = by("conversation_id", rows(platform, "conversation_export"))
    assert all(export[row["conversation_id"]] == row for row in late)
    assert platform.demo.forget in {row["requester_id"] for row in late}


def test_trap_15_bounces_that_quote_the_address(platform: SamplePlatform) -> None:
    conversations = by("conversation_id", rows(platform, "conversations"))
    found = [row for row in rows(platform, "messages") if row["delivery_failure_reason"]]
    assert len(found) == platform.traps[15]
    for row in found:
        address = conversations[row["conversation_id"]]["from_email"]
        assert address in row["delivery_failure_reason"]
        assert address in row["body_text"]


def test_trap_16_agents_with_the_first_name_of_the_contact(platform: SamplePlatform) -> None:
    agents = by("agent_id", rows(platform, "agents"))
    requester = requesters(platform)
    found = [
        row["conversation_id"]
        for row in rows(platform, "conversations")
        if row["assignee_id"]
        and agents[row["assignee_id"]]["first_name"] == requester[row["conversation_id"]].first_name
    ]
    assert len(found) == platform.traps[16]
    signed = [
        row
        for row in rows(platform, "messages")
        if row["conversation_id"] in set(found)
        and row["author_type"] == "agent"
        and agents[row["author_agent_id"]]["display_name"] in row["body_text"]
    ]
    assert signed


def test_trap_17_companies_called_like_a_surname(platform: SamplePlatform) -> None:
    contacts = rows(platform, "contacts")
    surnames = {row["last_name"] for row in contacts}
    named = {}
    for row in contacts:
        company = json.loads(row["custom_attributes"]).get("company", "")
        if company.split(" ")[0] in surnames:
            named[row["contact_id"]] = company
    assert len(named) == platform.traps[17]
    requester = requesters(platform)
    told = {
        requester[row["conversation_id"]].contact_id
        for row in rows(platform, "messages")
        if named.get(requester[row["conversation_id"]].contact_id, "\0") in (row["body_text"] or "")
    }
    assert told == set(named)


def test_trap_18_recordings_without_consent(platform: SamplePlatform) -> None:
    calls = by("call_id", rows(platform, "calls"))
    found = Counter()
    for row in rows(platform, "call_recordings"):
        call = calls[row["call_id"]]
        if call["call_recording_consent_action"] is None:
            found["none"] += 1
        elif call["call_recording_consent_action"] != "caller_opted_in":
            found["overridden" if call["recording_override_by"] else "declined"] += 1
        elif call["consent_answered_at"] > row["started_at"]:
            found["late"] += 1
        assert call["recording_time_s"] == row["duration_s"]
    assert set(found) == {"none", "declined", "overridden", "late"}
    assert sum(found.values()) == platform.traps[18]


def test_trap_19_one_person_alone(platform: SamplePlatform) -> None:
    people = defaultdict(set)
    days: dict[date, set[str]] = defaultdict(set)
    totals: Counter[date] = Counter()
    for row in rows(platform, "conversations"):
        people[row["queue_id"]].add(row["requester_id"])
        created: datetime = row["created_at"]
        days[created.date()].add(row["requester_id"])
        totals[created.date()] += 1
    alone = sum(len(some) == 1 for some in people.values())
    pairs = sum(
        len(days[one] ^ days[other]) == 1 and abs(totals[one] - totals[other]) == 1
        for one, other in combinations(days, 2)
    )
    assert (alone, pairs) == (1, 1)
    assert alone + pairs == platform.traps[19]


@pytest.mark.thorough
def test_trap_20_requests_in_the_mailbox(platform: SamplePlatform) -> None:
    known = Counter(
        address
        for row in rows(platform, "contacts")
        for address in (row["email"], *row["additional_emails"])
        if row["contact_id"] in platform.people
    )
    mails = [
        email.message_from_bytes(content, policy=email.policy.default)
        for path, content in contents(platform, "mail").items()
        if path.startswith("inbox/new/")
    ]
    requests = [mail for mail in mails if mail["Auto-Submitted"] is None]
    assert len(requests) == platform.traps[20]
    assert len(requests) < len(mails)
    senders = [mail["From"].addresses[0].addr_spec for mail in requests]
    holders = Counter(known[sender] for sender in senders)
    assert holders[0] == 1
    assert holders[2] == 1
    assert sum("dmarc=fail" in mail["Authentication-Results"] for mail in requests) == 1
    bodies = "\n".join(mail.get_content() for mail in requests)
    assert "slettet" in bodies
    assert "indsigt" in bodies
    waiting = {
        person.contact_id
        for person in platform.people.values()
        if set(person.emails) & set(senders)
    }
    assert waiting == {p.contact_id for p in platform.people.values() if p.awaits_mail}


@pytest.mark.thorough
def test_trap_21_no_column_of_the_second_tenant_has_a_name_whole(platform: SamplePlatform) -> None:
    contacts = [row for row in rows(platform, "contacts") if row["org_id"] == "hafenkontor"]
    named = [row for row in contacts if row["first_name"] and not row["merged_into"]]
    assert len(named) == platform.traps[21] > 100
    pairs = {(row["first_name"], row["last_name"]) for row in named}
    agents = {(row["first_name"], row["last_name"]) for row in rows(platform, "agents")}
    whole = {f"{first} {last}" for first, last in pairs - agents}
    structured = {
        "contacts",
        "agreement_acceptances",
        "conversation_export",
        "legacy_contact_360",
        "legacy_conversation_daily",
        "legacy_csat_weekly",
        "legacy_agent_load",
        "activity_log",
    }
    texts = {"subject", "rating_message", "conversation_wrapup_notes", "last_subject", "comments"}
    for table in structured:
        for row in rows(platform, table):
            if row["org_id"] == "hafenkontor":
                held = {str(cell) for name, cell in row.items() if name not in texts}
                assert not whole & held
    for row in rows(platform, "messages"):
        if row["org_id"] == "hafenkontor" and row["author_type"] == "contact":
            assert {"first_name", "name"} & json.loads(row["from_party"]).keys()
            assert json.loads(row["from_party"]).get("name") is None
    said = " ".join(row["body_text"] or "" for row in rows(platform, "messages"))
    assert sum(name in said for name in whole) > 100


def test_trap_22_agents_quote_the_order_of_somebody_else(platform: SamplePlatform) -> None:
    requester = requesters(platform)
    orders = {one.order_number: one for one in platform.people.values()}
    found: dict[int, set[str]] = defaultdict(set)
    for row in rows(platform, "messages"):
        if row["author_type"] == "agent":
            for column in ("body_text", "body_html"):
                for order in re.findall(r"ORD-\w+-\w+", row[column] or ""):
                    if orders[order] is not requester[row["conversation_id"]]:
                        found[row["conversation_id"]].add(column)
    for row in rows(platform, "conversations"):
        for order in re.findall(r"ORD-\w+-\w+", row["subject"] or ""):
            if orders[order] is not requester[row["conversation_id"]]:
                found[row["conversation_id"]].add("subject")
    assert set(map(frozenset, found.values())) == {frozenset({"body_text", "body_html", "subject"})}
    assert len(found) == platform.traps[22]


def test_trap_23_addresses_that_stand_under_mails_in_every_language(
    platform: SamplePlatform,
) -> None:
    noted = {}
    for row in rows(platform, "contacts"):
        if address := json.loads(row["custom_attributes"]).get("address"):
            person = platform.people[row["contact_id"]]
            line = address if isinstance(address, str) else address["street"]
            assert person.street_address.startswith(line)
            noted[person.contact_id] = line
    assert len(noted) == platform.traps[23]
    requester = requesters(platform)
    signed = {
        requester[row["conversation_id"]].language
        for row in rows(platform, "messages")
        if noted.get(requester[row["conversation_id"]].contact_id, "\0") in (row["body_text"] or "")
    }
    assert signed == {person.language for person in platform.people.values()}


def test_trap_24_contacts_who_are_agents_too(platform: SamplePlatform) -> None:
    agents = by("email", rows(platform, "agents"))
    found = [row for row in rows(platform, "contacts") if row["email"] in agents]
    assert len(found) == platform.traps[24] == 2
    assert {row["org_id"] for row in found} == {"fjordlys", "hafenkontor"}
    requester = requesters(platform)
    for row in found:
        agent = agents[row["email"]]
        for column in ("org_id", "first_name", "last_name"):
            assert row[column] == agent[column]
        assert row["contact_id"] in {one.contact_id for one in requester.values()}


def test_trap_25_visitors_with_the_address_of_a_contact(platform: SamplePlatform) -> None:
    contacts = rows(platform, "contacts")
    holders = Counter(row["email"] for row in contacts)
    visitors = [row for row in contacts if row["first_name"] is None]
    assert len(visitors) == platform.traps[25]
    channels = defaultdict(set)
    for row in rows(platform, "conversations"):
        channels[row["requester_id"]].add(row["channel"])
    for row in visitors:
        assert holders[row["email"]] == 2
        assert row["merged_into"] is None
        assert channels[row["contact_id"]] == {"chat"}
        person = next(
            one for one in platform.people.values() if row["contact_id"] in one.visitor_contact_ids
        )
        assert "email" in channels[person.contact_id]
        assert "chat" not in channels[person.contact_id]


@pytest.mark.parametrize(
    ("trap", "key", "told"), [(26, "former_name", "former_name"), (28, "username", "username")]
)
def test_traps_26_and_28_former_names_and_user_names(
    platform: SamplePlatform, trap: int, key: str, told: str
) -> None:
    noted = {
        row["contact_id"]: json.loads(row["custom_attributes"])[key]
        for row in rows(platform, "contacts")
        if key in row["custom_attributes"]
    }
    assert len(noted) == platform.traps[trap]
    assert noted == {
        one.contact_id: getattr(one, told) for one in platform.people.values() if getattr(one, told)
    }
    requester = requesters(platform)
    said = {
        requester[row["conversation_id"]].contact_id
        for row in rows(platform, "messages")
        if noted.get(requester[row["conversation_id"]].contact_id, "\0") in (row["body_text"] or "")
    }
    assert len(said) > len(noted) * 2 // 3


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return {*value, *(key for one in value.values() for key in keys_of(one))}
    return set()


def test_trap_27_addresses_that_are_keys(platform: SamplePlatform) -> None:
    addresses = {address for one in platform.people.values() for address in one.emails}
    found = Counter(
        table
        for table, column in (("contacts", "custom_attributes"), ("activity_log", "attributes"))
        for row in rows(platform, table)
        if addresses & keys_of(json.loads(row[column]))
    )
    assert sum(found.values()) == platform.traps[27]
    assert min(found["contacts"], found["activity_log"]) > 2


@pytest.mark.thorough
def test_raw_mails_are_whole(platform: SamplePlatform) -> None:
    for path, content in contents(platform, "media").items():
        if path.endswith(".eml"):
            mail = email.message_from_bytes(content)
            assert all(mail[part] for part in ("From", "To", "Subject", "Message-ID", "Date"))
