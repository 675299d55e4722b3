"""Finds what in a mail could name a person: addresses, numbers, customer and order ids.

Whether anybody holds such a value is asked of the platform; what nobody holds says nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import phonenumbers

from lacuna.intake.mail import addresses_in
from lacuna.intake.mail.addresses import spellings
from lacuna.intake.mail_words import by_language
from lacuna.intake.sentences import CODE_OF_CAPITALS
from lacuna.intake.sign_offs import at_signature
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.mail import Mail
from lacuna.model.sender import SenderRole
from lacuna.model.tenant import Tenant

_LONGEST_TEXT: Final = 20_000  # longer ones are flawed: a person reads them
_MOST: Final = 60
_NUMBER: Final = re.compile(r"(?<![\w+])\+?\(?\d[\d \u00a0().\-/]{5,20}\d(?!\w)")
_ID: Final = re.compile(r"(?<![\w@./-])[A-Za-z0-9][\w./-]{2,30}(?<![./-])(?![\w@])")
_REGIONS: Final = by_language("region")


@dataclass(frozen=True)
class Named:
    """What a mail names a person by.

    Attributes:
        writer: the address that the request comes from: of who wrote the mail, or whose mail was
            handed on; None where the writer speaks for somebody else.
        addresses: other addresses in the words of the writer.
        others: every other value that could be an identifier, of the signature too.
    """

    writer: str | None = field(repr=False)
    addresses: tuple[str, ...] = field(repr=False)
    others: tuple[Identifier, ...] = field(repr=False)


def what_is_named(
    mail: Mail, tenant: Tenant, role: SenderRole, *, language: str, is_on_behalf: bool
) -> Named:
    """Return the values in a mail that could name the person whom it is about.

    The tenant's own addresses and domains name nobody; of a mail that was handed on, its writer
    is who is meant.
    """
    bodies = [mail.text, *(each.text for each in mail.forwarded)]
    words = [at_signature(body)[0] for body in bodies]
    subjects = [mail.subject, *(each.subject for each in mail.forwarded)]
    is_own = role is SenderRole.PERSON and not is_on_behalf
    writer = whose_was_handed_on(mail, tenant) or (mail.sender if is_own else None)
    found = addresses_in("\n".join(words)[:_LONGEST_TEXT])
    text = "\n".join((*subjects, *bodies))[:_LONGEST_TEXT]
    return Named(
        writer=writer,
        addresses=tuple(
            each
            for each in found
            if each not in (writer, mail.sender) and not _is_own(each, tenant)
        ),
        others=tuple(dict.fromkeys(_others(text, (tenant.country, _REGIONS.get(language)))))[
            :_MOST
        ],
    )


def whose_was_handed_on(mail: Mail, tenant: Tenant) -> str | None:
    """Return who wrote what a mail hands on; None where that is nobody else, or several."""
    writers = {
        address
        for each in mail.forwarded
        for address in each.senders
        if not _is_own(address, tenant)
    }
    return writers.pop() if len(writers) == 1 else None


def email_identifiers(addresses: Iterable[str]) -> tuple[Identifier, ...]:
    """Return addresses as identifiers, in each spelling of their domain."""
    return tuple(
        Identifier(IdentifierKind.EMAIL, spelling)
        for address in addresses
        for spelling in sorted(spellings(address))
    )


def without_label(address: str) -> str | None:
    """Return the address without its label, or None where it has none.

    >>> without_label("u+news@x.org")
    'u@x.org'
    """
    local, _, domain = address.rpartition("@")
    name, plus, _ = local.partition("+")
    return f"{name}@{domain}" if plus and name else None


def _is_own(address: str, tenant: Tenant) -> bool:
    return address in tenant.addresses or address.rpartition("@")[2] in tenant.domains


def _others(text: str, regions: tuple[str | None, ...]) -> Iterator[Identifier]:
    for match in _NUMBER.finditer(text):
        for region in regions:
            number = _e164(match[0], region)
            if number is not None:
                yield Identifier(IdentifierKind.PHONE, number)
    for match in _ID.finditer(text):
        if any(map(str.isdigit, match[0])) or CODE_OF_CAPITALS.fullmatch(match[0]):
            yield Identifier(IdentifierKind.EXTERNAL_ID, match[0])


def _e164(text: str, region: str | None) -> str | None:
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
