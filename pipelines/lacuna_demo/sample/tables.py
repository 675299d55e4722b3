"""The platform's tables: their columns, and the rows written so far."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from lacuna_demo.sample.text import AnnotatedIdentifier, AnnotatedText

PlainValue: TypeAlias = str | int | bool | Decimal | datetime | date | list[str] | None
"""What a row holds. JSON columns hold their JSON text, uuid columns the uuid as text."""

CellValue: TypeAlias = PlainValue | AnnotatedText | Sequence[AnnotatedText]

SCHEMA = "contact_center"

_COLUMNS = """
organizations: org_id name subdomain country role created_at
teams: team_id org_id name
agents: agent_id org_id team_id display_name first_name last_name email phone roles signature created_at
queues: queue_id org_id team_id name answer_within_s created_at
contacts: contact_id org_id external_id display_name first_name middle_names last_name email phone_e164
  additional_emails additional_phones avatar_url language city country custom_attributes created_at
  last_seen_at merged_into anonymized_at
contact_aliases: alias_id org_id contact_id kind value_norm source first_seen_at is_shared
conversations: conversation_id org_id requester_id channel direction state subject language queue_id
  assignee_id to_email from_email integration_email ip_address browser_name browser_version
  originating_url originating_country parent_id created_at queued_at assigned_at first_response_at
  closed_at updated_at total_duration_s handling_duration_s anonymized_at
messages: message_id org_id conversation_id author_type author_contact_id author_agent_id external_id
  direction body_text body_html from_party to_parties cc_parties bcc_parties is_auto_reply is_automated
  original_content_uri too_large_uri delivery_failure_reason created_at
attachments: attachment_id org_id message_id uri pretty_name media_type bytes sha256
form_submissions: form_value_id org_id message_id key value
calls: call_id org_id conversation_id from_number to_number direction started_at duration_s wait_s hold_s
  talk_s wrapup_s ivr_path completion_status callback call_recording_consent
  call_recording_consent_action call_recording_consent_keypress consent_prompt_version
  consent_prompt_language consent_prompted_at consent_answered_at recording_time_s
  not_recording_time_s recording_control_interactions recording_override_by transferee_name
  transferee_number
call_recordings: recording_id org_id call_id uri media_type bytes sha256 duration_s started_at status
voicemails: voicemail_id org_id call_id uri media_type bytes sha256 duration_s transcript language
  created_at
transcripts: transcript_id org_id call_id seq speaker text start_ms end_ms
ratings: rating_id org_id conversation_id requester_id agent_id type score comment status language
  offered_at rated_at
internal_notes: note_id org_id conversation_id author_id message created_at
wrapup_notes: wrapup_note_id org_id conversation_id author_id text created_at
tags: tag_id org_id name color state
conversation_tags: conversation_tag_id org_id conversation_id tag_id
activity_log: entry_id org_id conversation_id type author attributes occurred_at
agreement_acceptances: acceptance_id org_id contact_id agent_id kind version text_sha256 method
  accepted_by_name accepted_by_email ip_address accepted_at
conversation_export: conversation_id org_id initial_channel direction status subject requester_id
  requester_name requester_email requester_phone_number assignee_id assignee_name assignee_email
  assignee_phone_number queue_id queue_name rating_score rating_message tags
  conversation_wrapup_notes transferee_name transferee_number originating_country custom_fields
  total_duration_s handling_duration_s created_at_ms queued_at_ms assigned_at_ms closed_at_ms
  updated_at_ms last_message_created_at_ms anonymized_at_ms
legacy_contact_360: contact_id org_id full_name email phone city country favourite_channel last_subject
  conversations handling_duration_s average_score first_conversation_at last_conversation_at
legacy_conversation_daily: row_id org_id day channel queue_name country requester_name requester_email
  conversations handling_duration_s
legacy_csat_weekly: row_id org_id iso_week channel requester_name requester_email responses score_sum
  comments
legacy_agent_load: row_id org_id day agent_id agent_name conversations handling_duration_s
  longest_handling_duration_s longest_requester_name
"""


def _parse(text: str) -> dict[str, tuple[str, ...]]:
    columns: dict[str, tuple[str, ...]] = {}
    for entry in text.strip().replace("\n  ", " ").splitlines():
        table, _, names = entry.partition(":")
        columns[table] = tuple(names.split())
    return columns


COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(_parse(_COLUMNS))
"""Table -> columns, in foreign-key order; the first column is the key."""

_ARRAYS = frozenset(
    {
        ("agents", "roles"),
        ("contacts", "middle_names"),
        ("contacts", "additional_emails"),
        ("contacts", "additional_phones"),
        ("calls", "ivr_path"),
        ("conversation_export", "tags"),
        ("conversation_export", "conversation_wrapup_notes"),
        ("legacy_csat_weekly", "comments"),
    }
)

_FIRST_KEY = 1_001


@dataclass(frozen=True)
class TableRows:
    """Rows of one table.

    Attributes:
        columns: names, in the order of the values.
        rows: one tuple a row. Times are aware and UTC, arrays are lists of strings, JSON and uuid
            values are strings: COPY in text form takes them as they are.
    """

    columns: tuple[str, ...]
    rows: list[tuple[PlainValue, ...]]

    def values(self, column: str) -> list[PlainValue]:
        """Return one column from top to bottom."""
        position = self.columns.index(column)
        return [row[position] for row in self.rows]

    def records(self) -> list[dict[str, PlainValue]]:
        """Return the rows as column -> value."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class PlantedAt(NamedTuple):
    """Where an identifier was written: a table and a column, or a store and a path."""

    where: str
    what: str


class PlantedMention(NamedTuple):
    """An identifier of a person planted in a row or file that belongs to somebody else.

    Attributes:
        contact_id: the person named.
        place: table and column, or store and path.
        row_id: key of the row; None for a file.
        kind: kind of identifier.
    """

    contact_id: str
    place: PlantedAt
    row_id: int | str | None
    kind: str


class Tables:
    """Collects rows, hands out keys and notes who is named where.

    Attributes:
        rows: table -> rows as they will be loaded.
        named: person index -> places that hold an identifier of the person.
        foreign: (person index, place, row key, kind), once each, for values in rows of others.
    """

    def __init__(self) -> None:
        self.rows: dict[str, list[tuple[PlainValue, ...]]] = {table: [] for table in COLUMNS}
        self.named: dict[int, set[PlantedAt]] = {}
        self.foreign: dict[tuple[int, PlantedAt, int | str | None, str], None] = {}
        self._places = {
            (table, column): PlantedAt(f"{SCHEMA}.{table}", column)
            for table, columns in COLUMNS.items()
            for column in columns
        }
        self._next = dict.fromkeys(COLUMNS, _FIRST_KEY)

    def add(self, table: str, owner: int | None, cells: Mapping[str, CellValue]) -> int:
        """Add one row and return its key; a number is given where `cells` has none.

        Args:
            table: name without schema.
            owner: index of the person whose row it is, None if it is nobody's.
            cells: column -> value; columns left out are NULL, arrays empty.
        """
        columns = COLUMNS[table]
        unknown = cells.keys() - set(columns)
        if unknown:
            raise KeyError(f"sample: {table} has no column {sorted(unknown)}")
        key = cells.get(columns[0])
        number = 0
        if key is None:
            number = self._next[table]
            self._next[table] = number + 1
            key = number
        row_id = key if isinstance(key, int) else str(key)
        row: list[PlainValue] = [row_id]
        for column in columns[1:]:
            row.append(self._flatten((table, column), cells.get(column), (owner, row_id)))
        self.rows[table].append(tuple(row))
        return number

    def next_key(self, table: str) -> int:
        """Return the key that the next row of `table` without one will get."""
        return self._next[table]

    def note(
        self,
        place: PlantedAt,
        said: Sequence[AnnotatedIdentifier],
        owner: int | None,
        row_id: int | str | None,
    ) -> None:
        """Record that `place` holds the identifiers in `said`."""
        for one in said:
            self.named.setdefault(one.person, set()).add(place)
            if one.person != owner and not one.shared:
                self.foreign[(one.person, place, row_id, one.kind)] = None

    def _flatten(
        self, column: tuple[str, str], cell: CellValue, about: tuple[int | None, int | str]
    ) -> PlainValue:
        if isinstance(cell, AnnotatedText):
            if cell.said:
                self.note(self._places[column], cell.said, *about)
            return cell.string
        if column in _ARRAYS:
            items: list[str] = []
            for item in cell if isinstance(cell, Sequence) and not isinstance(cell, str) else ():
                if isinstance(item, AnnotatedText):
                    self.note(self._places[column], item.said, *about)
                    items.append(item.string)
                else:
                    items.append(item)
            return items
        if isinstance(cell, Sequence) and not isinstance(cell, str):
            raise TypeError(f"sample: {column[0]}.{column[1]} is not an array")
        return cell


def new_uuid(bits: int) -> str:
    """Return a version 4 uuid made of 128 drawn bits."""
    return str(uuid.UUID(int=bits, version=4))
