"""Ledger entries: what was about to be done and what was done, without personal data."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

SHORTEST_KEPT_DAYS: Final = 365
"""Days for which a certificate is kept at least, whatever the settings say."""


class Phase(StrEnum):
    """Before or after the effect."""

    INTENT = "intent"
    OUTCOME = "outcome"


class Action(StrEnum):
    """What an entry is about. A closed list: the ledger has no free text."""

    RECEIVED = "received"
    RESOLVED = "resolved"
    PLANNED = "planned"
    APPROVED = "approved"
    APPROVAL_REVOKED = "approval_revoked"  # of the plan with the digest, by an officer
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    HELD = "held"
    MAIL_TAKEN = "mail_taken"
    LETTER_DELIVERED = "letter_delivered"
    EXTENDED = "extended"
    FORCED = "forced"  # goes on despite open conversations, by an officer
    DEADLINE = "deadline"  # the day that it was due, in the location, when it was decided
    PAUSED = "paused"
    RESUMED = "resumed"
    MAIL_FORGOTTEN = "mail_forgotten"
    ANONYMIZE_ROWS = "anonymize_rows"
    REDACT_TEXT = "redact_text"
    REDACT_MENTIONS = "redact_mentions"
    EMPTY_FILES = "empty_files"
    DELETE_ROWS = "delete_rows"
    DELETE_OBJECTS = "delete_objects"
    REWRITE_OBJECTS = "rewrite_objects"
    RECTIFY = "rectify"
    RESTRICT = "restrict"
    LINK_TOMBSTONE = "link_tombstone"
    REFRESH_VIEW = "refresh_view"
    WRITE_BUNDLE = "write_bundle"
    SEAL_BUNDLE = "seal_bundle"
    RELEASE_BUNDLE = "release_bundle"
    DELETE_BUNDLE = "delete_bundle"
    VERIFIED = "verified"
    VERIFICATION_FAILED = "verification_failed"
    COMPLETED = "completed"
    NOTHING_FOUND = "nothing_found"
    KEEP_VENDOR_IDS = "keep_vendor_ids"
    FORGET_VENDOR_IDS = "forget_vendor_ids"
    REAPPEARED = "reappeared"
    REPEATED = "repeated"  # what an earlier request did, whose id is in the location, is done again
    FORGET_WORKING_COPIES = "forget_working_copies"
    DESTROY_KEY = "destroy_key"
    AGREEMENT_ADDED = "agreement_added"
    AGREEMENT_ACCEPTED = "agreement_accepted"
    INSTRUCTED = "instructed"
    CONSENT_RECORDED = "consent_recorded"
    LOCK_RECORDINGS = "lock_recordings"
    UNLOCK_RECORDINGS = "unlock_recordings"
    LIFT_RESTRICTION = "lift_restriction"
    RIGHTS_SPLIT = "rights_split"
    ASSIGNED = "assigned"  # to the officer whose key id has the digest; 0 rows: given back
    COMMENTED = "commented"  # by an officer; what they wrote is encrypted with the request
    RECIPIENT_TOLD = "recipient_told"
    RECIPIENT_NOT_TOLD = "recipient_not_told"
    SWEEP = "sweep"
    RENUMBER = "renumber"  # rows rewritten: which were written together is told no more
    SCRUB = "scrub"
    QUARANTINE_OBJECTS = "quarantine_objects"  # files that no row names: put apart
    RESTORE_OBJECTS = "restore_objects"  # put back from there
    RULE_APPROVED = "rule_approved"
    RULE_REVOKED = "rule_revoked"
    STANDING_DECIDED = "standing_decided"  # the owner lets a rule approve
    STANDING_ENDED = "standing_ended"
    OFFICER_ADDED = "officer_added"
    OFFICER_REMOVED = "officer_removed"
    OFFICERS_NEEDED = "officers_needed"  # how many approve each plan of a tenant
    PUBLISH_PERIOD = "publish_period"
    WITHDRAW_PERIOD = "withdraw_period"  # its cells are served no longer
    RESTATE_PERIOD = "restate_period"  # a new version took its place
    DROP_LEGACY = "drop_legacy"
    MAP_PROVED = "map_proved"  # by the digest of the data map
    KEY_NAMED = "key_named"  # a signing key, by its digest
    RESTORE_ACKNOWLEDGED = (
        "restore_acknowledged"  # an older copy of the ledger; by the list of what it lost
    )
    RUN_RECORDED = "run_recorded"  # the step lines of a run, as they were at a seal
    REPORTED = "reported"  # the report to the officer, by its digest
    CERTIFICATE_EXPIRED = "certificate_expired"  # deleted after its retention; by its digest
    CODE_GIVEN = "code_given"  # of a link to a bundle: mailed, or shown to an officer
    CODE_WRONG = "code_wrong"
    LINK_OPENED = "link_opened"  # by the right code
    LINK_LOCKED = "link_locked"  # by too many wrong ones
    LINK_REVOKED = "link_revoked"  # by an officer
    LINK_EXPIRED = "link_expired"  # and somebody opened it
    DOWNLOAD_BUNDLE = "download_bundle"
    DISCLOSED = "disclosed"  # personal data was shown to a person who may see it


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the ledger.

    Attributes:
        request_id: the request, or None for flows without one (sweep, reporting, seal).
        location: table, table.column, store/pattern or mart; never a path with a name in it.
        rows: rows, objects or cells that it is about; None where there is nothing to count.
        already: of these, how many were found already done: never counted as erased.
        digest: plan, data map, bundle or mart digest (SHA-256 hex); None for none.
        actor: role and key id of an approver (`dpo:ab12…`), or the flow (`flow:fulfilment`).
    """

    at: datetime
    action: Action
    location: str
    actor: str
    phase: Phase = Phase.OUTCOME
    request_id: str | None = None
    batch_id: str | None = None
    rows: int | None = None
    already: int | None = None
    digest: str | None = None


@dataclass(frozen=True)
class Leaf:
    """An entry as stored: its position (from 0) and its RFC 6962 leaf hash (hex)."""

    position: int
    entry: Entry
    leaf_hash: str


@dataclass(frozen=True)
class BegunSeal:
    """A seal as the database remembers it: from before anything of it was signed.

    Attributes:
        size: number of entries that it is over.
        root: Merkle root over them, hex.
        at: when it was begun.
    """

    size: int
    root: str
    at: datetime
