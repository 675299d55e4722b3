"""What mails and letters say: who wrote, what is asked for, what an answer chooses.

Words in, words out: nothing here opens a request.
"""

from lacuna.intake.confirmation import confirms, instructs, only_chooses
from lacuna.intake.letters import day_in, kept_fact, language_name, with_purposes, write_letter
from lacuna.intake.mail import (
    LONGEST_KNOWN,
    Attachment,
    attachments_of,
    content_digest,
    is_oversized,
    read_mail,
    time_of_receipt,
    visible,
)
from lacuna.intake.named_values import (
    Named,
    email_identifiers,
    what_is_named,
    whose_was_handed_on,
    without_label,
)
from lacuna.intake.requested_rights import what_is_asked
from lacuna.intake.sender_authentication import is_vouched
from lacuna.intake.spreadsheets import spreadsheet_rows
from lacuna.intake.triage import (
    CHOICES,
    Chosen,
    Evidence,
    Held,
    addresses_of,
    choices_in,
    code_for,
    codes_in,
    doubts_about,
    grade,
    is_same_code,
    is_stranger_to,
    letter_kind_of,
)

__all__ = [
    "CHOICES",
    "LONGEST_KNOWN",
    "Attachment",
    "Chosen",
    "Evidence",
    "Held",
    "Named",
    "addresses_of",
    "attachments_of",
    "choices_in",
    "code_for",
    "codes_in",
    "confirms",
    "content_digest",
    "day_in",
    "doubts_about",
    "email_identifiers",
    "grade",
    "instructs",
    "is_oversized",
    "is_same_code",
    "is_stranger_to",
    "is_vouched",
    "kept_fact",
    "language_name",
    "letter_kind_of",
    "only_chooses",
    "read_mail",
    "spreadsheet_rows",
    "time_of_receipt",
    "visible",
    "what_is_asked",
    "what_is_named",
    "whose_was_handed_on",
    "with_purposes",
    "without_label",
    "write_letter",
]
