"""What the rows say: languages, times, bodies in step, numbers that are valid."""

import html
import json
import random
import re
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import product

import phonenumbers
import pytest

from lacuna_demo.sample import REFERENCE_DATE, SILENT_SUNDAY, SamplePlatform
from lacuna_demo.sample.names import CULTURES, MIDDLE_NAMES, NICKNAMES
from lacuna_demo.sample.phones import PhoneBook, spell
from lacuna_demo.sample.phrases import PHRASES
from lacuna_demo.sample.spelling import to_ascii

FIRST = [name for culture in CULTURES.values() for name in culture.first]
LAST = [name for culture in CULTURES.values() for name in culture.last]


@pytest.mark.long
def test_all_phone_numbers_are_valid_in_every_spelling(platform: SamplePlatform) -> None:
    for person in platform.people.values():
        for at in range(0, len(person.phone_spellings), 5):
            e164, *spellings = person.phone_spellings[at : at + 5]
            number = phonenumbers.parse(e164, None)
            assert phonenumbers.is_valid_number(number)
            region = phonenumbers.region_code_for_number(number)
            for spelling in spellings:
                text = re.sub(r"^00", "+", spelling) if spelling.startswith("00") else spelling
                assert phonenumbers.parse(text, region) == number


def test_addresses_are_of_domains_that_nobody_can_own(platform: SamplePlatform) -> None:
    allowed = re.compile(r"@([a-z]+\.)*(example\.(org|com|net)|invalid)$")
    for person in platform.people.values():
        assert all(allowed.search(address) for address in person.emails)
    for row in platform.tables["contact_center.agents"].records():
        assert allowed.search(str(row["email"]))


def test_external_ids_are_unique_and_ten_characters_or_more(platform: SamplePlatform) -> None:
    contacts = platform.tables["contact_center.contacts"]
    values = [value for value in contacts.values("external_id") if value is not None]
    assert len(values) + platform.traps[25] == len(contacts.rows)
    assert len(set(values)) == len(values)
    assert min(len(str(value)) for value in values) >= 10


def test_no_name_of_the_lists_hides_in_another() -> None:
    heads = [to_ascii(name) for name in (*FIRST, *LAST, *MIDDLE_NAMES, *NICKNAMES)]
    for one, other in product(set(heads), repeat=2):
        assert one == other or not other.endswith(one)
    for one, other in product({to_ascii(name) for name in LAST}, repeat=2):
        assert one == other or not other.startswith(one)
    assert len(heads) == len(set(heads))
    assert all(head.isascii() and head.isalpha() for head in heads)


def test_full_names_are_unique_but_for_the_planted_pairs(platform: SamplePlatform) -> None:
    names = Counter((p.first_name, p.last_name) for p in platform.people.values())
    twice = sum(count > 1 for count in names.values())
    pairs = [one for one in platform.shared if one.kind == "name" and not one.agent_ids]
    assert twice == len(pairs)


def test_numbers_never_repeat_and_run_out_with_a_message() -> None:
    book = PhoneBook(random.Random(1))
    drawn = []

    def draw_until_the_end() -> None:
        while True:
            drawn.append(book.draw("US").e164)

    with pytest.raises(ValueError, match="numbers of US are used up"):
        draw_until_the_end()
    assert len(set(drawn)) == len(drawn) > 9_000


def test_spellings_of_a_number_end_in_the_same_digits() -> None:
    for country, number in (("DE", "+49 30 23125123"), ("GB", "+44 20 7946 0123")):
        endings = {re.sub(r"\D", "", form)[-7:] for form in spell(country, number).spellings}
        assert len(endings) == 1


def test_every_language_is_spoken(platform: SamplePlatform) -> None:
    spoken = Counter(platform.tables["contact_center.conversations"].values("language"))
    assert set(spoken) == set(PHRASES)
    assert min(spoken.values()) > 100


def test_plain_and_html_bodies_say_the_same(small: SamplePlatform) -> None:
    checked = 0
    for row in small.tables["contact_center.messages"].records():
        if row["body_html"] is not None:
            plain = re.sub(r"^(> ?)+", "", str(row["body_text"]), flags=re.MULTILINE)
            rich = html.unescape(re.sub(r"<[^>]+>", " ", str(row["body_html"])))
            assert re.findall(r"[\w@.+-]+", plain) == re.findall(r"[\w@.+-]+", rich)
            checked += 1
    assert checked > 100


def test_everything_happens_before_the_reference_date(platform: SamplePlatform) -> None:
    for table in platform.tables.values():
        for column in table.columns:
            if column.endswith("_at"):
                times = [value for value in table.values(column) if value is not None]
                assert max(times, default=REFERENCE_DATE - timedelta(1)) < REFERENCE_DATE


def test_conversations_lie_in_three_weeks_with_one_silent_sunday(platform: SamplePlatform) -> None:
    conversations = platform.tables["contact_center.conversations"].records()
    created = [row["created_at"] for row in conversations]
    assert min(created) >= REFERENCE_DATE - timedelta(days=21)
    days = {instant.date() for instant in created}
    days |= {row["closed_at"].date() for row in conversations if row["closed_at"]}
    all_days = {(REFERENCE_DATE - timedelta(days=n)).date() for n in range(1, 22)}
    assert all_days - days == {SILENT_SUNDAY}
    assert SILENT_SUNDAY.isoweekday() == 7


def test_all_but_a_few_conversations_are_closed(platform: SamplePlatform) -> None:
    states = Counter(platform.tables["contact_center.conversations"].values("state"))
    assert 0 < states["open"] + states["pending"] < 60


def test_weekly_marts_have_cells_of_their_own(platform: SamplePlatform) -> None:
    channel = {
        row["conversation_id"]: row["channel"]
        for row in platform.tables["contact_center.conversations"].records()
    }
    people = defaultdict(set)
    for row in platform.tables["contact_center.ratings"].records():
        if row["type"] == "csat" and row["status"] == "rated":
            week = row["rated_at"].isocalendar()[:2]
            people[row["org_id"], week, channel[row["conversation_id"]]].add(row["requester_id"])
    full_weeks = {(2026, 42), (2026, 43), (2026, 44)}
    cells = {cell: len(some) for cell, some in people.items() if cell[1] in full_weeks}
    assert len(cells) == 2 * 3 * 6
    assert min(cells.values()) >= 10


def test_the_old_reports_add_up_to_the_conversations(platform: SamplePlatform) -> None:
    tables = platform.tables
    total = len(tables["contact_center.conversations"].rows)
    seconds = tables["contact_center.conversations"].values("handling_duration_s")
    handled = sum(one or 0 for one in seconds)
    for legacy in ("legacy_contact_360", "legacy_conversation_daily"):
        rows = tables[f"contact_center.{legacy}"]
        assert sum(rows.values("conversations")) == total
        assert sum(rows.values("handling_duration_s")) == handled
    assert sum(tables["contact_center.legacy_agent_load"].values("handling_duration_s")) == handled
    scores = [
        row["score"]
        for row in tables["contact_center.ratings"].records()
        if row["type"] == "csat" and row["status"] == "rated"
    ]
    weekly = tables["contact_center.legacy_csat_weekly"]
    assert sum(weekly.values("responses")) == len(scores)
    assert sum(weekly.values("score_sum")) == sum(scores)


def test_tenants_never_mix(platform: SamplePlatform) -> None:
    org_of = {}
    for table, key in (("contacts", "contact_id"), ("agents", "agent_id"), ("queues", "queue_id")):
        for row in platform.tables[f"contact_center.{table}"].records():
            org_of[key, row[key]] = row["org_id"]
    for row in platform.tables["contact_center.conversations"].records():
        linked = {
            org_of["contact_id", row["requester_id"]],
            org_of["queue_id", row["queue_id"]],
            org_of.get(("agent_id", row["assignee_id"]), row["org_id"]),
        }
        assert linked == {row["org_id"]}
    for row in platform.tables["contact_center.messages"].records():
        if row["author_contact_id"]:
            assert org_of["contact_id", row["author_contact_id"]] == row["org_id"]


def test_json_columns_hold_json(platform: SamplePlatform) -> None:
    for table, column in (
        ("contacts", "custom_attributes"),
        ("messages", "from_party"),
        ("messages", "to_parties"),
        ("messages", "cc_parties"),
        ("activity_log", "author"),
        ("activity_log", "attributes"),
    ):
        values = platform.tables[f"contact_center.{table}"].values(column)
        kinds = {type(json.loads(str(value))) for value in values if value is not None}
        assert kinds == ({list} if column.endswith("_parties") else {dict})
