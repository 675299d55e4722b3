"""The traps: what each one is and what counts as one of it."""

from collections.abc import Mapping
from types import MappingProxyType

TRAPS: Mapping[int, str] = MappingProxyType(
    {
        1: "contacts with an e-mail address in custom_attributes",
        2: "conversations with the requester's phone number in the query of originating_url",
        3: "attachments with the contact's name in pretty_name, and recordings with it in the path",
        4: "rating comments and wrap-up notes with name and phone number",
        5: "messages whose body lies in a side file, with the raw mail beside it",
        6: "contact forms whose values are repeated inside the HTML body",
        7: "activity log entries with old and new subject, the new one with the requester's name",
        8: "messages whose plain body quotes, with address, a contact who is not the author",
        9: "pairs of contacts with one household phone",
        10: "contacts merged into another, with an old address and an old external id",
        11: "conversations with an inflected name, a spaced phone number, an identity number and a street",
        12: "rows of the warehouse export with requester columns (the Parquet copy has the same)",
        13: "recordings in the media store that no row names",
        14: "export rows that a late delivery would bring back",
        15: "bounce messages that quote the address",
        16: "conversations in which agent and requester have the same first name",
        17: "contacts whose company is called like another contact's surname",
        18: "recordings without consent: none asked, given after the start, declined, overridden",
        19: "a queue with a single person, and a pair of days that differ by one person",
        20: "request mails: unknown, spoofed and shared addresses, two rights in one mail, Danish",
        21: "contacts of the second tenant, whose names are in parts: no column of theirs has it whole",
        22: "conversations in which an agent quotes somebody else's order: text, HTML and subject",
        23: "contacts with the postal address under their mails in custom_attributes, whole or in parts",
        24: "contacts who are agents of their tenant too, with one name and address",
        25: "visitors: contact rows with the address of another contact, and nothing else",
        26: "contacts with a former name, in custom_attributes and in what they write",
        27: "JSON documents with an e-mail address as a key",
        28: "contacts with a user name, in custom_attributes and in what they write",
    }
)
"""Trap number -> what is counted."""
