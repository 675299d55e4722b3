"""What a value of a column is: by the category that the data map gives it, else by its form."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from email.utils import getaddresses
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

from lacuna.datamap import category_of_name
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.table import Column
from lacuna.model.treatment import Treatment
from lacuna.subject.file_forms import is_file, is_known_file, is_told, says_file
from lacuna.subject.xml_text import xml_document
from lacuna.treatment.json_paths import KeptKeys, kept_keys

_LONGEST: Final = 200
"""Characters of a value; what is longer is a text, and treated as one."""
_DEEPEST: Final = 20
_NOTHING: Final = KeptKeys()

_KIND_OF_CATEGORY: Final[Mapping[str, IdentifierKind | None]] = {
    "user.contact.email": IdentifierKind.EMAIL,
    "user.contact.phone_number": IdentifierKind.PHONE,
    "user.contact.fax_number": IdentifierKind.PHONE,
    "user.contact.address.city": None,
    "user.contact.address.country": None,
    "user.contact.address.state": None,
    "user.contact.address.postal_code": None,
    "user.contact.address": IdentifierKind.ADDRESS,
    "user.name": IdentifierKind.NAME,
    "user.contact.social_url": IdentifierKind.EXTERNAL_ID,
    "user.account.username": IdentifierKind.EXTERNAL_ID,
    "user.unique_id": IdentifierKind.EXTERNAL_ID,
    "user.government_id": IdentifierKind.EXTERNAL_ID,
    "user.financial": IdentifierKind.EXTERNAL_ID,
    "user.device.": IdentifierKind.EXTERNAL_ID,
    "user.demographic.date_of_birth": IdentifierKind.DATE_OF_BIRTH,
    "user.demographic": None,
    "user.location": None,
    "user.professional_information.job_title": None,
}
"""The longest prefix counts; a category that is not here leaves it to the form."""

_MAIL: Final = re.compile(
    r"(?:mailto:)?[^\s@<>\"',;()]{1,64}@[^\s@<>\"',;()]+\.[^\s@<>\"',;().]{2,}"
)
_PHONE: Final = re.compile(
    r"(?:tel:)?(?:(?:\(?\+|00|0|\()[\d\s()/.-]{6,24}\d|\d\d(?:[ .]\d\d){3,4})", re.ASCII
)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?|\d\d?[./-]\d\d?[./-]\d{4}", re.ASCII)
_NUMBERED: Final = re.compile(r"(?=.*\d)[^\W_]+(?:[-_./#:][^\W_]+){0,9}|#\d+|[A-Z]+(?:-[A-Z]+)+")
_LINE: Final = re.compile(
    r"(?=.*[^\W\d]{3})(?:\d{1,5}\w?,? .+|.+ \d{1,5} ?\w?)(?:[,\n].*)?", re.DOTALL
)
_GLUED_LINE: Final = re.compile(r"[^\W\d_]{6,}\.?\d{1,4}[^\W\d_]?")
_NETWORK: Final = re.compile(r"[0-9a-fA-F.:]+/\d{1,3}", re.ASCII)
_CONTACT: Final = (IdentifierKind.EMAIL, IdentifierKind.PHONE)
_WORKPLACE: Final = "user.professional_information.workplace"
_NUMBER_PART: Final = re.compile(
    r"(?:house|hus|haus)?_?(?:number|no|nr|nummer|numero|num)|husnr|huisnummer|civico"
)
_NAME_BETWEEN: Final = re.compile(
    r"(?:(?:last|sur|family)_?)?(?:name_?)?(?:prefix|infix|particle)|tussenvoegsels?|middle_?names?"
)
_MOST_BETWEEN: Final = 3
"""Words of a name between the given name and the family name: `van den`, `de la`."""
_TELLING: Final = (
    "user.name",
    "user.account.username",
    "user.contact.address",
    "user.contact.email",
    "user.contact.phone_number",
    "user.financial",
    "user.government_id",
    "user.demographic.date_of_birth",
)
"""Categories of what two people differ in; a device or a number of the platform's may be another."""
_HANDLES: Final = ("user.contact.social_url", "user.account.username")
_WORD: Final = re.compile(r"[^\W_]+")
_SHORTEST_NUMBERED: Final = 5
_SHORTEST_PHONE: Final = 6
_LONGEST_PHONE: Final = 15
"""Digits, by ITU-T E.164."""
_BETWEEN_VALUES: Final = re.compile(
    r"\s*[,;|/\n]\s*|\s+(?:and|e|eller|en|et|i|o|of|oder|og|or|ou|och|und|y)\s+|\s{2,}"
)
_LISTED: Final = frozenset((IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.EXTERNAL_ID))
_FEWEST_DIGITS: Final = 7
_DIGITS_ALONE: Final = re.compile(r"[+0-9() ./-]{8,24}")
_SEPARATORS: Final = str.maketrans("", "", " \t\n\r\f\v\u00a0-._/,;:()'\"")
_STREET_WORD: Final = re.compile(
    r"\b(?:streets?|st|roads?|rd|avenue|ave?|drive|dr|lane|ln|boulevard|blvd|bd|court|ct|place|pl|"
    r"way|terrace|circle|cir|highway|hwy|parkway|pkwy|broadway|square|sq|trail|trl|route|rue|"
    r"chemin|all\u00e9e|impasse|quai)\b",
    re.IGNORECASE,
)
_POSTCODE_AND_TOWN: Final = re.compile(r"(?:[A-Z]{1,3}[- ])?\d{4,6}(?: ?[A-Z]{2})?,? [^\d]+")
_TOWN_AND_POSTCODE: Final = re.compile(r"[^\d]+,? \d{4,6}")
_WITHIN_HOUSE: Final = re.compile(
    r"(?:flat|apartment|apt|appartement|app|appt|unit|suite|floor|room|building|block|wohnung|whg|"
    r"etage|stock|b\u00e2timent|b\u00e2t|escalier|lejlighed|sal|l\u00e4genhet|lgh|leilighet|piso|"
    r"puerta|interno|scala|huoneisto|mieszkanie)\.? \w{1,5}",
    re.IGNORECASE,
)
_BOX: Final = re.compile(
    r"(?:p\.? ?o\.? ?box|post ?box|box|postfach|postboks|boks|postbus|bo\u00eete postale|b\.?p\.?|"
    r"apartado(?: de correos)?|casella postale|caixa postal|skrytka pocztowa|pl)\.?:? ?\d{1,6}",
    re.IGNORECASE,
)
_SHORTEST_OTHER: Final = 8
_LABELS: Final = ("type", "kind", "name", "label", "key", "field")
_LABELLED: Final = frozenset(("value", "values", "val", "content"))
_MOST_BESIDE: Final = 6
"""At most so many members of an object describe one value; a row has more."""
_LONGEST_LABEL: Final = 40
_LONGEST_DOCUMENT: Final = 100_000
_SPOKEN_DATE: Final = re.compile(
    r"\d{1,2}\W{1,2}(?:de )?[^\W\d]{3,12}\W{1,2}(?:de )?(?:19|20)\d\d|"
    r"[^\W\d]{3,12}\W{1,2}\d{1,2}\W{1,2}(?:19|20)\d\d"
)
_GLUED_DATE: Final = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")


def values_of(content: object, column: Column) -> Iterator[tuple[str, Identifier, bool]]:
    """Yield every known value in the content of a column, with the text that it was read from.

    Args:
        content: as the driver gives it: text, lists, JSON documents, dates, numbers.

    Returns:
        text, value, and whether a category says what it is, not just its form.
    """
    kept = _NOTHING
    if column.erasure.treatment is Treatment.JSON_KEYS:
        kept = kept_keys((column.erasure.argument or "").split(","))
    if isinstance(content, datetime):
        is_birth = column.category.startswith("user.demographic.date_of_birth")
        content = content.date() if is_birth else None
    for text, name in _texts(content, "", kept, 0):
        # What a column is says nothing of the keys in it.
        hint = "" if name is None else category_of_name(name) or column.category
        is_named = hint.startswith(_WORKPLACE) or (
            _KIND_OF_CATEGORY.get(_prefix_of(hint)) is not None
            # A plan, a product, a group have a name too.
            and not (name == "name" and not column.category.startswith("user.name"))
        )
        of_file = says_file(name or column.name)
        for identifier in classified(text, hint):
            is_said = of_file if identifier.kind is IdentifierKind.FILE else is_named
            yield text, identifier, is_said and not _is_anybodys(identifier, text)


def told_of(row: Sequence[tuple[Column, object]]) -> frozenset[str]:
    """Return the values in a row that tell who somebody is, as they compare: names, accounts, addresses."""
    found = {
        comparable(text)
        for column, content in row
        for text, name in _texts(content, "", _NOTHING, 0)
        if name is not None
        and (hint := category_of_name(name) or column.category).startswith(_TELLING)
        and not (name == "name" and not column.category.startswith("user.name"))
        and _KIND_OF_CATEGORY.get(_prefix_of(hint)) is not None
    }
    return frozenset(found - {""})


def full_names(row: Sequence[tuple[Column, object]]) -> frozenset[str]:
    """Return the full names that parts in columns of a row make, as they compare."""
    parts = ((column.name, column.category, content) for column, content in row)
    return frozenset(comparable(text) for text, _ in joined_parts(parts))


def _is_anybodys(identifier: Identifier, text: str) -> bool:
    """Whether a value out of an address is none of one house: a town, a floor, a box in a post office.

    Args:
        text: that it was read from.
    """
    if identifier.kind is not IdentifierKind.ADDRESS:
        return False
    is_line = "\n" in text and identifier.value != text
    return _is_no_street(identifier.value) or (is_line and identifier.value != street_of(text))


def street_of(address: str) -> str | None:
    """Return the part of an address that says street and number; None if no part does.

    >>> street_of("c/o Holm, Flat 4, 12 Grafton Row, 1000 Example City")
    '12 Grafton Row'
    """
    parts = (part.strip() for part in re.split(r"[\n,;]", address))
    return next((one for one in parts if _LINE.fullmatch(one) and not _is_no_street(one)), None)


def _is_no_street(line: str) -> bool:
    is_town = _POSTCODE_AND_TOWN.fullmatch(line) or _TOWN_AND_POSTCODE.fullmatch(line)
    if is_town and not _STREET_WORD.search(line):
        return True
    return bool(_WITHIN_HOUSE.fullmatch(line) or _BOX.fullmatch(line))


def file_names(content: object) -> Iterator[tuple[str, Identifier]]:
    """Yield the names of the files that a column of paths names, if somebody gave them.

    >>> [name for name, _ in file_names("attachments/7/lease%20of_Holm.pdf")]
    ['lease of_Holm.pdf']
    >>> list(file_names("recordings/2026/call-48812.wav"))
    []
    """
    for path, _ in _texts(content, "", _NOTHING, 0):
        name = unquote(path.rpartition("/")[2]).strip()
        if is_told(name) and is_file(name):
            yield name, Identifier(IdentifierKind.FILE, name)


def kept_texts(content: object, column: Column) -> Iterator[str]:
    """Yield every text in the members of a document that stay."""
    if column.erasure.treatment is Treatment.JSON_KEYS:
        yield from _kept(content, kept_keys((column.erasure.argument or "").split(",")), 0)


def _kept(content: object, kept: KeptKeys, depth: int) -> Iterator[str]:
    if kept.is_whole:
        for text, _ in _texts(content, "", _NOTHING, depth):
            yield text
    elif depth > _DEEPEST:
        return
    elif isinstance(content, Mapping):
        for key, below in kept.keys.items():
            yield from _kept(content.get(key), below, depth + 1)
    elif isinstance(content, list) and kept.elements is not None:
        for value in content:
            yield from _kept(value, kept.elements, depth + 1)


def _texts(
    content: object, name: str, kept: KeptKeys, depth: int
) -> Iterator[tuple[str, str | None]]:
    """Yield each text in a value that goes, with the name of the key that leads to it; None: a key."""
    if kept.is_whole or depth > _DEEPEST or content is None or isinstance(content, bool):
        return
    if isinstance(content, str):
        if (inner := _document_in(content)) is not None:
            yield from _texts(inner, name, kept, depth + 1)
        elif text := content.strip():
            yield text, name
    elif isinstance(content, float):
        if content.is_integer():
            yield str(int(content)), name
    elif isinstance(content, date):
        yield content.isoformat(), name
    elif isinstance(content, IPv4Interface | IPv6Interface):
        yield str(content.ip), name
    elif isinstance(content, int | Decimal | UUID | IPv4Address | IPv6Address):
        yield str(content), name
    elif isinstance(content, Mapping):
        label = _label_of(content)
        for key, value in content.items():
            if said := str(key).strip():
                yield said, None
            below = kept.keys.get(str(key), _NOTHING)
            is_labelled = label and str(key).lower() in _LABELLED
            yield from _texts(value, label if is_labelled else str(key), below, depth + 1)
        yield from joined_parts(
            (str(key), category_of_name(str(key)) or "", value)
            for key, value in content.items()
            if not kept.keys.get(str(key), _NOTHING).is_whole
        )
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _texts(value, name, kept.elements or _NOTHING, depth + 1)


def _label_of(content: Mapping[object, object]) -> str:
    """Return the label of the value beside it: `{"type": "tel", "value": "20 30 40 50"}`.

    Nothing if it says nothing that a key could say.
    """
    if len(content) > _MOST_BESIDE:
        return ""
    for key, value in content.items():
        if not isinstance(value, str) or str(key).lower() not in _LABELS:
            continue
        if len(value) <= _LONGEST_LABEL and category_of_name(value) is not None:
            return value
    return ""


def joined_parts(parts: Iterable[tuple[str, str, object]]) -> Iterator[tuple[str, str]]:
    """Yield the full name and the street with its number that parts beside one another make.

    Args:
        parts: name, category and content of each column of a row, or member of an object.

    Returns:
        text, and the name of a key that says what it is.

    >>> list(joined_parts([("given", "user.name.first", "Bo"), ("family", "user.name.last", "Elm")]))
    [('Bo Elm', 'full_name')]
    """
    first = last = street = number = ""
    between: list[str] = []
    for name, category, content in parts:
        text = str(content).strip() if isinstance(content, str | int) else ""
        is_between = _NAME_BETWEEN.fullmatch(name.lower()) is not None
        if category == "user.name.first" and not is_between:
            first = text
        elif category == "user.name.last" and not is_between:
            last = text
        elif category.startswith("user.name") or is_between:
            # Behind both, and with a capital, it is a nickname or the title of another row.
            if is_between or not (first and last) or text.islower():
                between.append(text)
        elif text and _NUMBER_PART.fullmatch(name.lower()):
            number = text
        elif category == "user.contact.address.street" and not any(map(str.isdigit, text)):
            street = text
    if first and last:
        yield f"{first} {last}", "full_name"
        said = {*_WORD.findall(f"{first} {last}".lower())}
        particles = [
            one
            for one in between
            if 0 < len(one.split()) <= _MOST_BETWEEN and said.isdisjoint(_WORD.findall(one.lower()))
        ]
        for one in dict.fromkeys((*particles, " ".join(particles)) if particles else ()):
            yield f"{first} {one} {last}", "full_name"
    if street and number and any(map(str.isdigit, number)):
        yield f"{street} {number}", "street"


def classified(text: str, category: str) -> Iterator[Identifier]:
    """Yield the known values that a text is; none where it says nothing of a person."""
    if len(text) > _LONGEST:
        return
    is_handle = category.startswith(_HANDLES)
    if "://" in text:
        yield from _of_url(text, is_profile=is_handle)
        return
    prefix, form = _prefix_of(category), _by_form(text)
    kind = _KIND_OF_CATEGORY[prefix] if prefix else form
    is_open = not prefix or (kind is IdentifierKind.EXTERNAL_ID and not is_handle)
    if is_open and form not in _LISTED and (listed := _listed(text)):
        yield from listed
        return
    if kind in _CONTACT and form in _CONTACT:
        kind = form  # a number in the field of an address, and the other way round
    if category.startswith("user.device.ip") and _NETWORK.fullmatch(text):
        text = text.partition("/")[0]
    if form is IdentifierKind.EMAIL and (
        kind in (IdentifierKind.EMAIL, IdentifierKind.NAME) or is_handle
    ):
        found = list(_of_mail(text))
        yield from found
        said = {word for one in found for word in _WORD.findall(one.value)}
        if {*_WORD.findall(text)} - said - {"mailto"}:
            # No address as the grammar has them, or more than one.
            yield Identifier(kind if kind is IdentifierKind.NAME else IdentifierKind.OTHER, text)
    elif kind is IdentifierKind.EMAIL:
        yield from (Identifier(kind, one[0]) for one in _MAIL.finditer(text))
    elif kind is IdentifierKind.DATE_OF_BIRTH:
        if (day := _birth_date(text)) is not None:
            yield Identifier(kind, day)
    elif is_handle:
        yield Identifier(IdentifierKind.EXTERNAL_ID, text.removeprefix("@"))
    elif kind is IdentifierKind.PHONE:
        yield from (Identifier(kind, one) for one in _phones_in(text))
    elif kind is IdentifierKind.ADDRESS and "\n" in text:
        yield Identifier(kind, text)
        lines = (line.strip(" ,") for line in text.split("\n"))
        yield from (
            Identifier(kind, line)
            for line in lines
            if _LINE.fullmatch(line) or _GLUED_LINE.fullmatch(line)
        )
    elif kind is not None:
        yield Identifier(kind, text)
        if kind is IdentifierKind.EXTERNAL_ID and form is IdentifierKind.PHONE and text[0] in "+(":
            yield Identifier(form, text)  # a field of numbers of any kind


def _phones_in(text: str) -> Iterator[str]:
    """Yield the telephone numbers that a column of numbers holds, often two."""
    digits = _digits_in(text)
    for pieces in (_BETWEEN_VALUES.split(text), text.split()):
        if len(pieces) > 1 and all(_digits_in(one) >= _FEWEST_DIGITS for one in pieces):
            yield from pieces
            if digits > _LONGEST_PHONE:
                return
            break
    if digits >= _SHORTEST_PHONE:
        yield text


def _digits_in(text: str) -> int:
    return sum(map(str.isdigit, text))


def _listed(text: str) -> list[Identifier]:
    """Return the numbers and e-mail addresses of which a text is a list; none if it is another."""
    pieces = [one for one in _BETWEEN_VALUES.split(text) if one]
    if len(pieces) < 2:
        return []
    found = [(one, _by_form(one)) for one in pieces]
    listed = [Identifier(kind, one) for one, kind in found if kind in _LISTED and kind is not None]
    return listed if len(listed) == len(pieces) else []


def _document_in(text: str) -> object | None:
    """Return the JSON object or list, or the XML document, that a text is; None for neither."""
    if len(text) > _LONGEST_DOCUMENT:
        return None
    if text.lstrip()[:1] == "<":
        return xml_document(text.strip())
    if text[:1] not in ("{", "["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict | list) else None


def _birth_date(text: str) -> str | None:
    """Return a date as it is written; `1984-05-07` for `19840507`."""
    if glued := _GLUED_DATE.fullmatch(text):
        return "-".join(glued.groups())
    return text if _DATE.fullmatch(text) or _SPOKEN_DATE.fullmatch(text) else None


def _prefix_of(category: str) -> str:
    fitting = (one for one in _KIND_OF_CATEGORY if category.startswith(one))
    return max(fitting, key=len, default="")


def _by_form(text: str) -> IdentifierKind | None:
    letters = sum(map(len, _WORD.findall(text)))
    if _MAIL.fullmatch(text) or (text.endswith(">") and "@" in text):
        return IdentifierKind.EMAIL
    if _DATE.fullmatch(text):
        return None
    if _PHONE.fullmatch(text) and sum(map(str.isdigit, text)) >= _FEWEST_DIGITS + 1:
        return IdentifierKind.PHONE
    if is_known_file(text):
        return IdentifierKind.FILE
    if _NUMBERED.fullmatch(text):
        fewest = _FEWEST_DIGITS if text.isdigit() else _SHORTEST_NUMBERED
        return IdentifierKind.EXTERNAL_ID if letters >= fewest else None
    if is_file(text):
        return IdentifierKind.FILE
    if len(text) <= _LONGEST // 2 and _LINE.fullmatch(text):
        return IdentifierKind.ADDRESS
    if letters >= _SHORTEST_OTHER and (" " in text or any(map(str.isdigit, text))):
        return IdentifierKind.OTHER
    return None


def _of_mail(text: str) -> Iterator[Identifier]:
    for name, address in getaddresses([text]):
        if _MAIL.fullmatch(address):
            yield Identifier(IdentifierKind.EMAIL, address.removeprefix("mailto:"))
            if name.strip():
                yield Identifier(IdentifierKind.NAME, name.strip())


def _of_url(text: str, *, is_profile: bool) -> Iterator[Identifier]:
    try:
        parts = urlsplit(text)
        pieces = [value for _, value in parse_qsl(parts.query, max_num_fields=50)]
    except ValueError:
        return
    pieces += [unquote(piece) for piece in parts.path.split("/")]
    for piece in pieces:
        kind = _by_form(piece.strip())
        if kind in (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.EXTERNAL_ID):
            yield Identifier(kind, piece.strip())
    if is_profile and (handle := parts.path.rstrip("/").rpartition("/")[2].removeprefix("@")):
        yield Identifier(IdentifierKind.EXTERNAL_ID, unquote(handle))


def comparable(text: str) -> str:
    """Return a text as `PlatformReading.value_holders` compares texts.

    >>> comparable(" 085 008 0141") == comparable("+31850080141")
    True
    >>> comparable("DK50 0040 0440 1162 43") == comparable("dk5000400440116243")
    True
    """
    said = text.strip()
    if _DIGITS_ALONE.fullmatch(said):
        return "".join(filter(str.isdigit, said))[-8:]
    if "@" in said[1:]:
        return said.lower()
    return said.lstrip("@").lower().translate(_SEPARATORS)
