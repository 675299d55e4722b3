"""What was found, and the placeholder that takes its place."""

import re
from types import MappingProxyType

from lacuna.model.identity import IdentifierKind

LABEL_OF_KIND = MappingProxyType(
    {
        IdentifierKind.EMAIL: "EMAIL_ADDRESS",
        IdentifierKind.PHONE: "PHONE_NUMBER",
        IdentifierKind.NAME: "PERSON",
        IdentifierKind.ADDRESS: "STREET_ADDRESS",
        IdentifierKind.EXTERNAL_ID: "ID",
        IdentifierKind.CONTACT_ID: "ID",
        IdentifierKind.DATE_OF_BIRTH: "DATE_OF_BIRTH",
        IdentifierKind.FILE: "ID",
        IdentifierKind.OTHER: "ID",
    }
)
"""The label of a known value. Ids of conversations and messages stay, so they have none."""

_PLACEHOLDERS = MappingProxyType(
    {
        "PERSON": "[NAME]",
        "EMAIL_ADDRESS": "[EMAIL]",
        "PHONE_NUMBER": "[PHONE]",
        "STREET_ADDRESS": "[ADDRESS]",
        "LOCATION": "[LOCATION]",
        "DATE_TIME": "[DATE]",
        "DATE_OF_BIRTH": "[DATE]",
        "URL": "[URL]",
    }
)
_OTHER = "[ID]"

PLACEHOLDER = re.compile(r"\[(?:NAME|EMAIL|PHONE|ADDRESS|LOCATION|DATE|URL|ID)\]")
"""Every placeholder; nothing is ever found inside one."""


def placeholder(label: str) -> str:
    """Return the placeholder for a span with this label.

    Numbers of every sort (documents, cards, accounts, cases) become `[ID]`.

    >>> placeholder("PERSON"), placeholder("IBAN_CODE")
    ('[NAME]', '[ID]')
    """
    return _PLACEHOLDERS.get(label, _OTHER)
