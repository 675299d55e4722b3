"""Reads a mail with care: nothing in it is executed, opened, unpacked or believed."""

from lacuna.intake.mail.addresses import addresses_in, mailboxes, spellings
from lacuna.intake.mail.alignment import is_aligned, is_related, is_same
from lacuna.intake.mail.attachments import Attachment, attachments_of
from lacuna.intake.mail.hidden_characters import visible
from lacuna.intake.mail.parts import is_long
from lacuna.intake.mail.reader import LARGEST_BYTES, is_oversized, read_mail
from lacuna.intake.mail.readings import has_one_reading, header_of
from lacuna.intake.mail.receipt import LONGEST_KNOWN, time_of_receipt
from lacuna.intake.mail.repetition import content_digest

__all__ = [
    "LARGEST_BYTES",
    "LONGEST_KNOWN",
    "Attachment",
    "addresses_in",
    "attachments_of",
    "content_digest",
    "has_one_reading",
    "header_of",
    "is_aligned",
    "is_long",
    "is_oversized",
    "is_related",
    "is_same",
    "mailboxes",
    "read_mail",
    "spellings",
    "time_of_receipt",
    "visible",
]
