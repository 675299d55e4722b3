"""The main job as a whole: ten people are forgotten, and looked for with means of our own."""

from __future__ import annotations

import email
import email.policy
import io
import json
import random
import re
import subprocess
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna_demo.embedded_server import binary
from tests.flows.test_nothing_left import CLASSES, Night, check

SEARCHED = ("media", "reporting", "airflow", "mail")
INTERACTIONS = ("conversations", "messages", "calls", "call_recordings", "voicemails", "ratings")
SUMS = (
    ("conversations", "total_duration_s"),
    ("conversations", "handling_duration_s"),
    ("calls", "duration_s"),
    ("call_recordings", "duration_s"),
    ("ratings", "score"),
)


@dataclass(frozen=True)
class Wanted:
    """The values of one person, as patterns that any spelling of them fits."""

    contact_id: str
    values: tuple[str, ...]

    def found_in(self, text: str) -> set[str]:
        return {value for value in self.values if pattern(value).search(text)}


PATTERNS: dict[str, re.Pattern[str]] = {}


def pattern(value: str) -> re.Pattern[str]:
    if value not in PATTERNS:
        if value.startswith("+"):
            national = value[-8:]
            PATTERNS[value] = re.compile(r"[\s().\-/\u00a0]*".join(national) + r"(?!\d)")
        else:
            words = r"\s+".join(re.escape(word) for word in value.split())
            before = r"(?<![\w.+-])" if "@" in value else r"(?<!\w)"
            PATTERNS[value] = re.compile(before + words + r"(?!\w)", re.IGNORECASE)
    return PATTERNS[value]


def wanted_of(installation, contact_id: str) -> Wanted:
    person = installation.platform.people[contact_id]
    values = (*person.emails, *person.phones, *person.external_ids, person.full_name)
    return Wanted(contact_id, values)


def dump(url: str) -> str:
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    done = subprocess.run(
        [binary("pg_dump"), "--no-owner", plain], capture_output=True, check=True, text=True
    )
    # COPY writes a line break as backslash and n.
    return done.stdout.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t")


def texts_of_files(home: Path) -> Iterator[tuple[Path, str]]:
    for folder in SEARCHED:
        for path in sorted((home / folder).rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                yield path, str(path.relative_to(home)).replace("_", " ").replace("-", " ")
                yield path, str(path.relative_to(home))
                yield path, content.decode("utf-8", "replace")
                if path.suffix == ".parquet":
                    rows = pq.read_table(io.BytesIO(content)).to_pylist()
                    yield path, json.dumps(rows, ensure_ascii=False, default=str)
                elif path.suffix == ".eml" or "inbox" in path.parts:
                    message = email.message_from_bytes(content, policy=email.policy.default)
                    for part in message.walk():
                        yield path, "\n".join(f"{name}: {text}" for name, text in part.items())
                        if part.get_content_maintype() == "text":
                            yield path, part.get_payload(decode=True).decode("utf-8", "replace")


def search(installation, wanted: list[Wanted]) -> dict[str, set[str]]:
    """Return, for each person, the values found anywhere in the database or in files."""
    text = dump(installation.url)
    texts = [text, urllib.parse.unquote(text)]
    texts += [found for _, found in texts_of_files(installation.stores.home)]
    return {one.contact_id: set().union(*(one.found_in(each) for each in texts)) for one in wanted}


def drawn(installation) -> list[str]:
    """Ten contacts by a seed, with the one who has everything and one of a household among them."""
    platform = installation.platform
    first = [platform.demo.forget, platform.demo.household[0]]
    others = [
        one.contact_id
        for one in platform.people.values()
        if not (one.has_open_conversation or one.awaits_mail or one.contact_id in first)
        and one.contact_id != platform.demo.household[1]
    ]
    return first + random.Random(7).sample(sorted(others), 8)


def rows_of(url: str) -> dict[tuple[str, str], str]:
    """Return every row of the platform: (table, key) → its text."""
    found: dict[tuple[str, str], str] = {}
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        tables = connection.execute(
            "select c.relname, a.attname from pg_index i "
            "join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace "
            "join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] "
            "where i.indisprimary and n.nspname = 'contact_center'"
        ).fetchall()
        for table, key in tables:
            query = psycopg.sql.SQL("select t.{}::text, t::text from contact_center.{} t").format(
                psycopg.sql.Identifier(key), psycopg.sql.Identifier(table)
            )
            for row_key, text in connection.execute(query):
                found[table, f"{row_key} {'' if (table, row_key) not in found else text}"] = text
    return found


def totals(url: str) -> dict[str, str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = {}
        for table in INTERACTIONS:
            query = psycopg.sql.SQL("select count(*) from contact_center.{}").format(
                psycopg.sql.Identifier(table)
            )
            found[table] = str(connection.execute(query).fetchone()[0])
        for table, column in SUMS:
            query = psycopg.sql.SQL("select sum({}) from contact_center.{}").format(
                psycopg.sql.Identifier(column), psycopg.sql.Identifier(table)
            )
            found[f"{table}.{column}"] = str(connection.execute(query).fetchone()[0])
        return found


def interactions_of(url: str, contact_ids: list[str]) -> tuple[set[str], set[str], set[str]]:
    """Return conversations, messages and calls of people, straight from the tables."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        conversations = [
            row[0]
            for row in connection.execute(
                "select conversation_id from contact_center.conversations "
                "where requester_id::text = any(%s)",
                [contact_ids],
            )
        ]
        messages = connection.execute(
            "select message_id from contact_center.messages where conversation_id = any(%s)",
            [conversations],
        ).fetchall()
        calls = connection.execute(
            "select call_id from contact_center.calls where conversation_id = any(%s)",
            [conversations],
        ).fetchall()
        return (
            {str(one) for one in conversations},
            {str(one[0]) for one in messages},
            {str(one[0]) for one in calls},
        )


@pytest.fixture(scope="module")
def erased(template_database, sample_template, install, tmp_path_factory):
    """Ten people erased, with everything noted before."""
    home = tmp_path_factory.mktemp("erased")
    with template_database.clones() as fresh:
        yield erase_ten(install(fresh(template=sample_template), home))


def erase_ten(installation):
    contacts = drawn(installation)
    people = [installation.platform.people[one] for one in contacts]
    keys = [
        key
        for one in people
        for key in (one.contact_id, *one.merged_contact_ids, *one.visitor_contact_ids)
    ]
    wanted = [wanted_of(installation, one) for one in contacts]
    before = {
        "search": search(installation, wanted),
        "rows": rows_of(installation.url),
        "totals": totals(installation.url),
        "interactions": interactions_of(installation.url, keys),
        "keys": keys,
    }
    return installation, wanted, before, Night(installation, contacts)


@pytest.mark.thorough
def test_ten_people_are_found_nowhere_after_their_erasure(erased):
    installation, wanted, before, night = erased
    ids = night.request_ids
    for one in wanted:
        assert before["search"][one.contact_id] == set(one.values), "the search is blind"
    after = search(installation, wanted)
    contacts = {one.contact_id for one in wanted}
    planted = {
        (contact, shared.value)
        for shared in installation.platform.shared
        for contact in shared.contact_ids
        if contact in contacts and not set(shared.contact_ids) <= contacts
    }
    left = {(contact, value) for contact, values in after.items() for value in values}
    shown = {kind for contact, value in left - planted for kind in _kinds(value)}
    assert not left - planted, f"values left of {len(left - planted)} people: {shown}"
    assert {value for _, value in left} == {value for _, value in planted}
    assert planted, "one of a household must be among the ten"
    for request_id in ids:
        assert installation.request(request_id).state is RequestState.COMPLETED

    # What reporting needs has not moved.
    assert totals(installation.url) == before["totals"]

    # Nobody else's row has changed, but where the plans counted a mention.
    conversations, messages, calls = before["interactions"]
    now = rows_of(installation.url)
    changed = {key for key, text in before["rows"].items() if now.get(key) != text}
    mentions = {
        (table, key)
        for table, key in changed
        if not _is_own(before["rows"][table, key], (conversations, messages, calls), before["keys"])
    }
    for table, key in mentions:
        text = before["rows"][table, key]
        assert any(one.found_in(text) or one.found_in(_unescaped(text)) for one in wanted), (
            f"a row of {table} changed without a mention"
        )
    planned = 0
    with installation.stores.transaction(Role.PLANNER) as transaction:
        for request_id in ids:
            steps = json.loads(transaction.queue.plans.get(request_id).steps)
            planned += sum(one["rows"] for one in steps if one["kind"] == "RedactMentions")
    assert 0 < len(mentions) <= planned


@pytest.mark.thorough
def test_nothing_of_the_classes_that_are_promised_is_left_of_ten_people(erased):
    """As `test_nothing_left` looks for it, which shares no code with Lacuna."""
    *_, night = erased
    check(night, classes=CLASSES - {"file"})


def _kinds(value: str) -> set[str]:
    return {"email" if "@" in value else "phone" if value.startswith("+") else "name or id"}


def _unescaped(text: str) -> str:
    return urllib.parse.unquote(text.replace('""', '"').replace("\\\\", "\\"))


def _is_own(text: str, interactions: tuple[set[str], set[str], set[str]], keys) -> bool:
    fields = set(re.findall(r"[0-9a-f-]{36}|\d+", text))
    return any(key in text for key in keys) or any(fields & group for group in interactions)


def test_the_erased_rows_stay_for_reporting_and_lead_to_nobody(erased):
    installation, _, before, _ = erased
    conversations, messages, _ = before["interactions"]
    with psycopg.connect(installation.url.replace("+psycopg", "")) as connection:
        left = connection.execute(
            "select count(*), count(requester_id), count(anonymized_at) "
            "from contact_center.conversations where conversation_id::text = any(%s)",
            [sorted(conversations)],
        ).fetchone()
        assert left == (len(conversations), 0, len(conversations))
        kept = connection.execute(
            "select count(*) from contact_center.messages where message_id::text = any(%s)",
            [sorted(messages)],
        ).fetchone()
        assert kept == (len(messages),)
        # The anonymized contacts have keys that no other row holds.
        strangers = connection.execute(
            "select count(*) from contact_center.contacts where contact_id::text = any(%s)",
            [before["keys"]],
        ).fetchone()
        assert strangers == (0,)


def test_agents_keep_their_names_in_the_texts_of_erased_people(erased):
    installation, _, before, _ = erased
    _, messages, _ = before["interactions"]
    with psycopg.connect(installation.url.replace("+psycopg", "")) as connection:
        agents = connection.execute("select display_name from contact_center.agents").fetchall()
        texts = connection.execute(
            "select body_text from contact_center.messages "
            "where message_id::text = any(%s) and body_text is not null",
            [sorted(messages)],
        ).fetchall()
    assert any(agent in text for (text,) in texts for (agent,) in agents)
