"""Reads a mail with care: nothing in it is executed, opened, unpacked or believed."""

from lacuna.intake.mail.addresses import addresses_in, mailboxes
from lacuna.intake.mail.attachments import Attachment, attachments_of
from lacuna.intake.mail.hidden_characters import visible
from lacuna.intake.mail.reader import LARGEST_BYTES, is_oversized, read_mail
from lacuna.intake.mail.receipt import LONGEST_KNOWN, time_of_receipt
from lacuna.intake.mail.repetition import content_digest

__all__ = [
    "LARGEST_BYTES",
    "LONGEST_KNOWN",
    "Attachment",
    "addresses_in",
    "attachments_of",
    "content_digest",
    "is_oversized",
    "mailboxes",
    "read_mail",
    "time_of_receipt",
    "visible",
]
