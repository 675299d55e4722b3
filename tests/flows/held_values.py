"""Finds values of people in a platform: what was held of them, and where it stands later.

Shares no code with Lacuna: rows are read as JSON, each text and each key of a document for itself, and
compared word by word, telephone numbers by their last digits. It knows the sample's tables by name.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import ahocorasick
from psycopg import sql

from tests.flows.observation import connect

Key = tuple[str, str]
"""Table and primary key of a row."""

TABLES = {
    "organizations": "org_id",
    "contacts": "contact_id",
    "contact_aliases": "alias_id",
    "agents": "agent_id",
    "conversations": "conversation_id",
    "messages": "message_id",
    "attachments": "attachment_id",
    "form_submissions": "form_value_id",
    "calls": "call_id",
    "call_recordings": "recording_id",
    "voicemails": "voicemail_id",
    "transcripts": "transcript_id",
    "ratings": "rating_id",
    "internal_notes": "note_id",
    "wrapup_notes": "wrapup_note_id",
    "tags": "tag_id",
    "conversation_tags": "conversation_tag_id",
    "activity_log": "entry_id",
    "agreement_acceptances": "acceptance_id",
    "conversation_export": "conversation_id",
    "legacy_contact_360": "contact_id",
    "legacy_conversation_daily": "row_id",
    "legacy_csat_weekly": "row_id",
    "legacy_agent_load": "row_id",
}
# How a row leads to people: a column of it, and the table whose rows it names.
LINKS = (
    ("contact_aliases", "contact_id", "contacts"),
    ("agreement_acceptances", "contact_id", "contacts"),
    ("legacy_contact_360", "contact_id", "contacts"),
    ("conversations", "requester_id", "contacts"),
    ("conversation_export", "requester_id", "contacts"),
    ("conversation_export", "conversation_id", "conversations"),
    ("ratings", "requester_id", "contacts"),
    ("messages", "conversation_id", "conversations"),
    ("messages", "author_contact_id", "contacts"),
    ("calls", "conversation_id", "conversations"),
    *(
        (table, "conversation_id", "conversations")
        for table in (
            "ratings",
            "internal_notes",
            "wrapup_notes",
            "conversation_tags",
            "activity_log",
        )
    ),
    ("attachments", "message_id", "messages"),
    ("form_submissions", "message_id", "messages"),
    ("call_recordings", "call_id", "calls"),
    ("voicemails", "call_id", "calls"),
    ("transcripts", "call_id", "calls"),
)
# Free text: what stands in it is searched, and nothing of it is a value.
TEXTS = {
    "subject",
    "body_text",
    "body_html",
    "text",
    "transcript",
    "message",
    "comment",
    "comments",
    "rating_message",
    "conversation_wrapup_notes",
    "last_subject",
    "delivery_failure_reason",
    "Message",
    "old_subject",
    "new_subject",
    "note",
    "originating_url",
}
NOT_THEIRS = {"signature", "text_sha256", "sha256", "uri", "type", "org_id", "roles"}
IDS = {"external_id", "order_no", "Customer number", "ip_address"}
WHOLE_NAMES = {
    "display_name",
    "requester_name",
    "full_name",
    "accepted_by_name",
    "name",
    "Name",
    "former_name",
}
NAME_PARTS = {"first_name", "last_name", "middle_names", "First name", "Last name"}
# Where a value is held by the person whose row it is; elsewhere somebody else may be named.
HOLDING = {
    "organizations",
    "contacts",
    "contact_aliases",
    "agents",
    "conversations",
    "calls",
    "form_submissions",
    "attachments",
    "agreement_acceptances",
    "legacy_contact_360",
}

PHONE = re.compile(r"\d[\d ()./-]{6,22}\d")
_DIGITS = 8


@dataclass
class Rows:
    """Every row of a platform, as it was at one time."""

    found: dict[Key, dict[str, object]]

    @classmethod
    def of(cls, url: str) -> Rows:
        found: dict[Key, dict[str, object]] = {}
        with connect(url) as connection:
            for table, key in TABLES.items():
                name = sql.Identifier("contact_center", table)
                for (row,) in connection.execute(
                    sql.SQL("select to_jsonb(t) from {} t").format(name)
                ):
                    found[table, str(row[key])] = row
        return cls(found)

    def of_people(self, contact_ids: Collection[str]) -> set[Key]:
        """Return the rows that are people's, with everything that links lead to."""
        own = {
            key
            for key, row in self.found.items()
            if key[0] == "contacts" and (key[1] in contact_ids or row["merged_into"] in contact_ids)
        }
        pending = True
        while pending:
            more = {
                (table, number)
                for (table, number), row in self.found.items()
                for name, column, parent in LINKS
                if name == table and (parent, str(row[column])) in own
            }
            pending = bool(more - own)
            own |= more
        return own

    def changed(self, later: Rows) -> dict[Key, set[str]]:
        """Return the rows that are others, or no more, with the columns that differ."""
        return {
            key: {column for column in row if row[column] != later.found.get(key, {}).get(column)}
            for key, row in self.found.items()
            if later.found.get(key) != row
        }


def leaves(value: object, name: str) -> Iterator[tuple[str, str]]:
    """Yield each text of a value, and each key of a document, with the name it stands under."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield "key", key
            yield from leaves(item, key)


def words(text: str) -> str:
    """Return the words of a text, in small letters, a blank around each.

    >>> words("<b>Ada&nbsp;Roe</b>, <ada.roe@example.org>")
    ' ada roe ada roe example org '
    """
    plain = html.unescape(re.sub(r"</?[a-z][^<>@]*>", " ", text))
    said = re.sub(r"[\W_]+", " ", plain).strip().lower()
    return f" {said} "


def endings(number: str) -> list[str]:
    """Return every eight digits in a row of a number, the last ones first."""
    digits = re.sub(r"\D", "", number)
    return [digits[at - _DIGITS : at] for at in range(len(digits), _DIGITS - 1, -1)]


@dataclass
class Values:
    """Values by class, as they compare: words, or digits of a telephone number."""

    by_class: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    parts: set[str] = field(default_factory=set)
    """Name parts, which are looked for in the people's own rows alone."""
    written: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """How each value was written where it was read."""

    def add(self, label: str, value: str) -> None:
        if label == "phone":
            for digits in endings(value)[:1]:
                self.by_class["contact"].add(digits)
                self.written[digits].add(value)
        elif len(said := words(value).strip()) >= 4:
            self.by_class[label].add(f" {said} ")
            self.written[f" {said} "].add(value)

    def read(self, key: Key, row: Mapping[str, object]) -> None:
        """Take what a row holds of the person whose it is."""
        table, _ = key
        # A form has a row for each field: key and value.
        cells = {row["key"]: row["value"]} if table == "form_submissions" else row
        for column, content in cells.items():
            for name, text in leaves(content, str(column)):
                if name not in TEXTS and column not in NOT_THEIRS and text.strip():
                    self._take(table, name, text)
        self._join(row)
        if table == "contacts" and isinstance(row["custom_attributes"], dict):
            self._address(row["custom_attributes"].get("address"))

    def _take(self, table: str, name: str, text: str) -> None:
        if "@" in text:
            # The number of a mail is one of the message.
            self.add(
                "identifier" if (table, name) == ("messages", "external_id") else "contact", text
            )
        elif name == "username":
            self.add("contact", text)
        elif name == "value_norm" and text.startswith("CUS-"):
            self.add("identifier", text)
        elif name in {"value_norm", "Phone"} or "phone" in name or name.endswith("_number"):
            self.add("phone", text)
        elif name in IDS:
            self.add("identifier", text)
        elif name in WHOLE_NAMES:
            if " " in text:
                self.add("full name", text)
        elif name in NAME_PARTS:
            self.parts.update(words(text).split())
        elif name == "pretty_name":
            self.add("file", text)
        elif name == "company":
            self.add("other", text)

    def _join(self, row: Mapping[str, object]) -> None:
        first, last = row.get("first_name"), row.get("last_name")
        if isinstance(first, str) and isinstance(last, str):
            middles = row.get("middle_names") or []
            for parts in ((first, last), (last, first), (first, *middles, last)):
                self.add("full name", " ".join(map(str, parts)))

    def _address(self, address: object) -> None:
        whole = address.get("street") if isinstance(address, dict) else address
        if isinstance(whole, str):
            self.add("address", whole)
            self.add("address", whole.partition(",")[0])

    def without(self, others: Values, said: Iterable[str] = ()) -> Values:
        """Return the values that others do not hold.

        Args:
            said: texts in which nothing of these is to be found: what others say of themselves.
        """
        held = {value for values in others.by_class.values() for value in values}
        spoken = "\n".join(words(text) for text in said)
        kept = Values(parts=self.parts - others.parts, written=self.written)
        for label, values in self.by_class.items():
            kept.by_class[label] = {one for one in values - held if one not in spoken}
        return kept


def values_of(rows: Rows, keys: Iterable[Key], *, holding_only: bool = False) -> Values:
    """Return what rows hold of the people whose they are."""
    found = Values()
    for key in keys:
        if not holding_only or key[0] in HOLDING:
            found.read(key, rows.found[key])
    return found


class Finder:
    """Counts values in rows."""

    def __init__(self, values: Values) -> None:
        self._parts = values.parts
        self._phones: dict[str, str] = {}
        self._words = ahocorasick.Automaton()
        for label, each in values.by_class.items():
            for value in each:
                if value.isdigit():
                    self._phones[value] = label
                else:
                    self._words.add_word(value, label)
        self._words.make_automaton()

    def in_text(self, text: str) -> set[str]:
        """Return the classes of the values that a text holds."""
        found = {label for _, label in self._words.iter(words(text))}
        if self._phones:
            for match in PHONE.finditer(text):
                found.update(
                    self._phones[one] for one in endings(match.group()) if one in self._phones
                )
        return found

    def in_row(self, row: Mapping[str, object]) -> dict[str, set[str]]:
        """Return the classes of the values that a row holds, by column."""
        return {
            column: found
            for column, content in row.items()
            if (found := {one for _, text in leaves(content, column) for one in self.in_text(text)})
        }

    def names_in(self, row: Mapping[str, object]) -> bool:
        """Whether a row holds a part of a name as a word."""
        return any(
            not self._parts.isdisjoint(words(text).split())
            for column, content in row.items()
            for _, text in leaves(content, column)
        )

    def left(self, rows: Rows, own: Collection[Key]) -> Counter[tuple[str, str]]:
        """Count the rows that hold a value, by class and column; name parts in own rows alone."""
        found: Counter[tuple[str, str]] = Counter()
        for key, row in rows.found.items():
            for column, labels in self.in_row(row).items():
                found.update((label, f"{key[0]}.{column}") for label in labels)
            if key in own and self.names_in(row):
                found["name part", key[0]] += 1
        return found


def mentions_planned(url: str, request_ids: Collection[str]) -> dict[str, tuple[int, set[str]]]:
    """Return how many rows of others the plans change at most, by table, and their columns."""
    planned: dict[str, tuple[int, set[str]]] = {}
    with connect(url) as connection:
        found = connection.execute(
            "select steps from lacuna.plan where request_id::text = any(%s)", [list(request_ids)]
        ).fetchall()
    for (steps,) in found:
        for step in steps if isinstance(steps, list) else json.loads(steps):
            if step["kind"] == "RedactMentions":
                table = str(step["table"]).rpartition(".")[2]
                rows, columns = planned.get(table, (0, set()))
                planned[table] = (rows + int(step["rows"]), columns | set(step["columns"]))
    return planned
