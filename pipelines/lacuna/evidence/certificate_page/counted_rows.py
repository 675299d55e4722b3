"""Counts what was done so that no row and no file is in a number twice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from lacuna.evidence.canonical_json import Json
from lacuna.evidence.certificate_page.statement_reader import count_of, text_of
from lacuna.model.evidence import Action

UNCOUNTED_ACTIONS: Final = frozenset({Action.RESTRICT, Action.SEAL_BUNDLE})
"""Actions whose entries count no rows of the platform."""
_OWN: Final = frozenset({Action.ANONYMIZE_ROWS, Action.REDACT_TEXT})


@dataclass(frozen=True)
class TreatedCounts:
    """What a request did, by place; each row and each file is in one number of these.

    A row of the person is anonymized by one entry, and its text redacted by another: it counts once.
    The exception is `emptied`, whose rows may be among those of `mentions`.

    Attributes:
        anonymized: rows of the person that stay without anything that leads to them.
        redacted: those of them whose text was redacted.
        deleted: rows.
        mentions: rows of other people in which the person's identifiers were covered.
        emptied: rows of other people of which a file that named the person was emptied.
        deleted_files: files.
        rewritten: files that stay without the person.
        corrected: rows and files.
        bundled: rows in the bundle.
    """

    anonymized: Mapping[str, int] = field(default_factory=dict)
    redacted: Mapping[str, int] = field(default_factory=dict)
    deleted: Mapping[str, int] = field(default_factory=dict)
    mentions: Mapping[str, int] = field(default_factory=dict)
    emptied: Mapping[str, int] = field(default_factory=dict)
    deleted_files: Mapping[str, int] = field(default_factory=dict)
    rewritten: Mapping[str, int] = field(default_factory=dict)
    corrected: Mapping[str, int] = field(default_factory=dict)
    bundled: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, done: Iterable[Mapping[str, Json]]) -> Self:
        """Return the counts of a statement's sums, which are by action and place.

        >>> both = [
        ...     {"action": "anonymize_rows", "location": "desk.message", "rows": 42},
        ...     {"action": "redact_text", "location": "desk.message", "rows": 42},
        ... ]
        >>> TreatedCounts.of(both).anonymized
        {'desk.message': 42}
        """
        by_action: dict[str, dict[str, int]] = defaultdict(dict)
        own: dict[str, int] = {}
        for one in done:
            action, place, rows = (
                text_of(one, "action"),
                text_of(one, "location"),
                count_of(one, "rows"),
            )
            if rows:
                by_action[action][place] = by_action[action].get(place, 0) + rows
            # All rows of the person in a table are anonymized, and all are redacted: they are the same.
            if rows and action in _OWN:
                own[place] = max(own.get(place, 0), by_action[action][place])
        return cls(
            own,
            by_action[Action.REDACT_TEXT],
            by_action[Action.DELETE_ROWS],
            by_action[Action.REDACT_MENTIONS],
            by_action[Action.EMPTY_FILES],
            by_action[Action.DELETE_OBJECTS],
            by_action[Action.REWRITE_OBJECTS],
            by_action[Action.RECTIFY],
            by_action[Action.WRITE_BUNDLE],
        )
