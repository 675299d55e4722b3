"""The forms in which the values of a person are written, folded: what is searched for."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import assert_never

from lacuna.model.everyday_words import EVERYDAY
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.redaction.folding import fold
from lacuna.redaction.known_values.nicknames import nicknames
from lacuna.redaction.known_values.number_forms import (
    DIGITS,
    PHONE_DIGITS,
    WORD,
    date_forms,
    phone_forms,
)
from lacuna.redaction.known_values.streets import apart_from_number, street_spellings

_LONE_ID = 5
_SHORTEST_ID = 3
_UNMISTAKABLE = 16
_ADDRESS_LENGTH = 10
_SHORTEST_MAILBOX = 5
_SHORTEST_SURNAME = 3
PARTICLES = frozenset(
    (
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "das",
        "do",
        "dos",
        "du",
        "la",
        "ten",
        "ter",
        "zu",
        "af",
        "av",
        "el",
    )
)
_STREETS_CODE = re.compile(r"\b(?:[a-z]{1,2}\d[a-z\d]? \d[a-z]{2}|\d{4} [a-z]{2})\b")
"""A British or Dutch postcode; those of other countries are of a town."""
_GLUED_NUMBER = re.compile(r"\b([^\W\d_]{4,})(\d{1,4}[a-z]?)\b")
"""A street and its number in one word."""
_MOST_APART = 6
_WITHIN_HOUSE = frozenset(("flat", "apartment", "apt", "unit", "suite", "floor", "room", "c"))
TITLES = frozenset(
    ("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "hr", "herr", "frau", "fru", "mme", "sr", "sra")
)
_ROLES = frozenset(
    [
        "admin",
        "billing",
        "booking",
        "contact",
        "finance",
        "hello",
        "info",
        "invoice",
        "kontakt",
        "kontor",
        "mail",
        "office",
        "order",
        "orders",
        "post",
        "sales",
        "service",
        "support",
        "team",
        "webmaster",
    ]
)
_DIGRAPH = re.compile(r"([ou])e|(?<!a)(a)a")
_TRANSLITERATED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae"})


@dataclass(frozen=True, slots=True)
class Key:
    """A folded form of a value, to be searched for.

    Attributes:
        words: of this form; how a text parts their letters says how sure a match is.
        own_only: too weak to count outside the person's own rows, unless beside a stronger value.
        everyday: made of ordinary words: capitals (and for one word, the place) must fit.
        turned: a name in another order, "berg anna": the straight order wins over it.
        short: initials or a name alone: its words must be parted as they are here.
        familiar: another form of a name than the one given: a nickname, initials.
        mailbox: words of an e-mail address before its at sign; 0 for everything else.
        alike: whether a form with a typing error counts too.
        said: a full name that only the person's texts say: it counts in any text with a value that is
            theirs alone.
        login: a user name that may be a word, "bo": it counts where the place says that it is one.
    """

    words: tuple[str, ...] = field(repr=False)
    kind: IdentifierKind
    own_only: bool = False
    everyday: bool = False
    turned: bool = False
    short: bool = False
    familiar: bool = False
    mailbox: int = 0
    alike: bool = False
    said: bool = False
    login: bool = False

    @property
    def letters(self) -> str:
        """The words as one."""
        return "".join(self.words)


@dataclass(frozen=True, eq=False, slots=True)
class KeyEntry:
    """A key and one person whose value it is; `identifier` is None for a short name."""

    key: Key
    subject: SubjectRef
    identifier: Identifier | None = field(repr=False)


def entries_of(person: Person, *, strict: bool) -> Iterator[KeyEntry]:
    """Yield what is searched for of a person; `strict`: no initials, nicknames, short forms."""
    seen: set[tuple[tuple[str, ...], IdentifierKind, Identifier | None]] = set()
    names = name_parts(person)
    for identifier in person.known:
        for key in _keys(identifier, strict=strict):
            if key.kind is IdentifierKind.EMAIL and names.issuperset(key.words):
                # A mailbox that is the name: it is searched for as the name.
                continue
            if (key.words, key.kind, identifier) not in seen:
                seen.add((key.words, key.kind, identifier))
                yield KeyEntry(key, person.ref, identifier)
    for identifier in person.own_values:
        for key in _keys(identifier, strict=strict):
            if (key.words, key.kind, identifier) not in seen:
                seen.add((key.words, key.kind, identifier))
                yield KeyEntry(replace(key, own_only=True), person.ref, identifier)
    for identifier in person.said_names:
        for key in _keys(identifier, strict=True):
            yield KeyEntry(replace(key, own_only=True, said=True), person.ref, identifier)
    for short in person.short_names:
        for key in _short_name_keys(short, strict=strict):
            if (key.words, key.kind, None) not in seen:
                seen.add((key.words, key.kind, None))
                yield KeyEntry(key, person.ref, None)


def name_parts(person: Person) -> frozenset[str]:
    """Return every word of a person's names, folded."""
    names = [i.value for i in person.known if i.kind is IdentifierKind.NAME]
    return frozenset(
        word
        for name in (*names, *person.short_names)
        for written in _spellings(name)
        for word in WORD.findall(written)
    )


def name_forms(folded_name: str) -> list[tuple[str, ...]]:
    """Return a full name in its orders: "anna berg hansen", then "berg hansen anna" and so on."""
    words = tuple(WORD.findall(folded_name))
    while len(words) > 2 and words[0] in TITLES:
        words = words[1:]
    return [words[first:] + words[:first] for first in range(len(words))]


def names_in_order(name: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of a full name in each of its spellings, titles left out."""
    for written in _spellings(name):
        yield from name_forms(written)[:1]


def _keys(identifier: Identifier, *, strict: bool) -> Iterator[Key]:
    kind, value = identifier.kind, identifier.value
    match kind:
        case IdentifierKind.NAME:
            for written in _spellings(value):
                yield from _name_keys(written, strict=strict)
        case IdentifierKind.ADDRESS:
            for written in _spellings(value):
                yield from _address_keys(written, strict=strict)
        case IdentifierKind.EMAIL:
            for written in _mail_spellings(value.strip()):
                yield from _mail_keys(fold(written), strict=strict)
        case IdentifierKind.PHONE:
            for digits in phone_forms(value):
                yield Key((digits,), kind, own_only=len(digits) < PHONE_DIGITS)
        case IdentifierKind.EXTERNAL_ID:
            yield from _id_keys(fold(value), strict=strict)
        case IdentifierKind.CONTACT_ID:
            # A short one (a serial number) is any number; a uuid is nobody else's.
            words = tuple(WORD.findall(fold(value)))
            if sum(map(len, words)) >= _UNMISTAKABLE:
                yield Key(words, kind)
        case IdentifierKind.DATE_OF_BIRTH:
            for words in date_forms(value):
                yield Key(words, kind, own_only=True)
        case IdentifierKind.FILE | IdentifierKind.OTHER:
            yield from _phrase_keys(fold(value), kind)
        case IdentifierKind.CONVERSATION_ID | IdentifierKind.MESSAGE_ID:
            return
        case _:
            assert_never(kind)


def _spellings(value: str) -> set[str]:
    """Return a value folded, as with and without the letters that a keyboard may lack.

    >>> sorted(_spellings("Jørgen")), sorted(_spellings("Aarhus"))
    (['joergen', 'jorgen'], ['aarhus', 'arhus'])
    """
    composed = unicodedata.normalize("NFC", value).lower()
    plain = fold(value)
    return {
        plain,
        fold(composed.translate(_TRANSLITERATED)),
        fold(composed.replace("æ", "a")),
        _DIGRAPH.sub(r"\1\2", plain),
    }


# --- names ----------------------------------------------------------------------------------------


def _name_keys(folded_name: str, *, strict: bool) -> Iterator[Key]:
    forms = name_forms(folded_name)
    for number, words in enumerate(forms):
        turned = number > 0
        yield _name_key(words, own_only=len(words) == 1, turned=turned, alike=not strict)
        if len(words) > 2:
            yield _name_key((words[0], words[-1]), own_only=True, turned=turned, alike=not strict)
    if not strict and len(forms) > 1:
        yield from _familiar_names(forms[0])
        yield from _initialled_names(forms[0])
        yield from _shortened_names(forms[0])


def _familiar_names(words: tuple[str, ...]) -> Iterator[Key]:
    """Yield a name with another form of the given name: Liz for Elizabeth."""
    for other in nicknames(words[0]):
        for rest in dict.fromkeys((words[1:], words[-1:])):
            own_only = len(words) > 2 and len(rest) == 1
            straight = _name_key((other, *rest), own_only=own_only, alike=True)
            turned = _name_key((*rest, other), own_only=own_only, turned=True)
            yield from (replace(straight, familiar=True), replace(turned, familiar=True))


def _shortened_names(words: tuple[str, ...]) -> Iterator[Key]:
    """Yield a name with one surname of several, and with its particles in short or left out.

    "carmen ortega" for Carmen Ortega Salvatierra; "m v dongen", "dongen m van" for Maarten van Dongen.
    """
    first, *rest = words
    particles = tuple(word for word in rest if word in PARTICLES)
    surnames = tuple(word for word in rest if word not in PARTICLES)
    if len(rest) < 2 or not surnames:
        return
    forms: dict[tuple[str, ...], None] = {}
    for surname in (surnames[0], *surnames[1:-1]):
        forms[first, *particles, surname] = forms[first, surname] = None
    forms[first, *surnames] = None
    for given in (first, first[0]) if particles else ():
        initials = tuple(word[0] for word in particles)
        for short in (initials, ("".join(initials),)):
            forms[given, *short, *surnames] = None
        forms[*surnames, given, *particles] = forms[given, *surnames] = None
    for form in forms:
        if form != words and len(form[-1]) + len(form[0]) > _SHORTEST_SURNAME:
            yield replace(_name_key(form, own_only=True), familiar=True)


def _initialled_names(words: tuple[str, ...]) -> Iterator[Key]:
    """Yield a name with initials: "a berg", "berg a", "a b hansen", "anna b hansen"."""
    first, *rest = words
    last = words[-1]
    if len(last) < _SHORTEST_SURNAME:
        return
    letters = tuple(word[0] for word in words[:-1])
    weak = dict.fromkeys(((first[0], *rest), (first[0], last), (*letters, last)))
    if len(letters) > 1:
        weak["".join(letters), last] = None
        between = tuple(word[0] for word in words[1:-1])
        yield _initialled(_name_key((first, *between, last)))
    for form in weak:
        yield _initialled(_name_key(form, own_only=True))
        yield _initialled(_name_key((*form[1:], form[0]), own_only=True, turned=True))


def _initialled(key: Key) -> Key:
    return replace(key, short=True, familiar=True)


def _short_name_keys(name: str, *, strict: bool) -> Iterator[Key]:
    for written in _spellings(name):
        words = tuple(WORD.findall(written))
        if len(" ".join(words)) > 1:
            yield replace(_name_key(words, own_only=True, alike=not strict), short=True)
            if not strict and len(words) == 1:
                for other in nicknames(words[0]):
                    yield replace(_name_key((other,), own_only=True), familiar=True)


def _name_key(
    words: tuple[str, ...], *, own_only: bool = False, turned: bool = False, alike: bool = False
) -> Key:
    everyday = all(len(word) < 3 or word in EVERYDAY for word in words)
    return Key(
        words,
        IdentifierKind.NAME,
        own_only=own_only,
        everyday=everyday,
        turned=turned,
        short=len(words) == 1,
        alike=alike and not everyday,
    )


# --- addresses ------------------------------------------------------------------------------------


def _address_keys(folded_address: str, *, strict: bool) -> Iterator[Key]:
    lines = [
        words
        for line in re.split(r"[,;\n]", _GLUED_NUMBER.sub(r"\1 \2", folded_address))
        if (words := tuple(WORD.findall(line)))
    ]
    whole = tuple(word for words in lines for word in words)
    if len(whole) < 2:
        return
    first = next((number for number, words in enumerate(lines) if _is_street(words)), 0)
    before = tuple(word for words in lines[:first] for word in words)
    street, place = (lines[first], lines[-1]) if len(lines) > 1 else _street_and_place(whole)
    if place == street and not before:
        place = ()
    for written in [street] if strict else street_spellings(street):
        rest = whole[len(before) + len(street) :]
        yield _address_key((*before, *written, *rest), alike=not strict)
        if not any(map(_has_digit, written)):
            continue
        if before or rest:
            yield _address_key(written, own_only=True, alike=not strict)
        if strict or not any(map(_has_digit, place)) or place == street:
            continue
        # Without the floor and the door, without the town, and with the town first.
        town = tuple(word for word in place if not _has_digit(word))
        code = tuple(word for word in place if _has_digit(word))
        for form in ((*written, *place), (*written, *code), (*written, *town, *code)):
            yield _address_key(form, alike=True)
        yield _address_key((*place, *written), alike=True)
    if strict:
        return
    for written in street_spellings(street)[:_MOST_APART]:
        yield from (_address_key(one, own_only=True) for one in apart_from_number(written))
    number = next((at for at, word in enumerate(street) if _has_digit(word)), 0)
    if 0 < number < len(street) - 1:
        # Without what stands behind the number: 23-II, 144 bus 3.
        for written in street_spellings(street[: number + 1]):
            yield _address_key(written, own_only=True, alike=True)
    yield from _postcode_keys(street[number], place)


def _postcode_keys(number: str, place: tuple[str, ...]) -> Iterator[Key]:
    """Yield a house number beside a postcode of one street: "16, TR11 3XE", "2252 XM 14"."""
    code = _STREETS_CODE.search(" ".join(place))
    if code is not None and _has_digit(number):
        words = tuple(code[0].split())
        yield _address_key((number, *words))
        yield _address_key((*words, number))


def _is_street(words: tuple[str, ...]) -> bool:
    """Whether a line of an address names a street: a flat or a floor has a number as well."""
    return (
        any(map(_has_digit, words))
        and words[0] not in _WITHIN_HOUSE
        and any(len(word) > 3 and not _has_digit(word) for word in words)
    )


def _street_and_place(words: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cut an address without commas after its house number, where there is one after the street."""
    for index, word in enumerate(words):
        if index and _has_digit(word):
            return words[: index + 1], words[index + 1 :]
    return words, ()


def _address_key(words: tuple[str, ...], *, own_only: bool = False, alike: bool = False) -> Key:
    weak = own_only or len(" ".join(words)) < _ADDRESS_LENGTH
    return Key(words, IdentifierKind.ADDRESS, own_only=weak, alike=alike)


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


# --- e-mail addresses, ids, phones ----------------------------------------------------------------


def _mail_spellings(address: str) -> Iterator[str]:
    """Yield an address, and its domain in letters and as DNS writes them."""
    yield address
    local, at, domain = address.rpartition("@")
    try:
        if at and not domain.isascii():
            yield f"{local}@{domain.encode('idna').decode()}"
        elif "xn--" in domain.lower():
            yield f"{local}@{domain.lower().encode().decode('idna')}"
    except UnicodeError:
        return


def _mail_keys(address: str, *, strict: bool) -> Iterator[Key]:
    address = address.removeprefix("mailto:")
    local, at, domain = address.partition("@")
    right = tuple(WORD.findall(domain))
    if not (local and at and right):
        return
    for mailbox in dict.fromkeys((local, local.partition("+")[0] or local)):
        left = tuple(WORD.findall(mailbox))
        if not left:
            continue
        yield Key((*left, *right), IdentifierKind.EMAIL, mailbox=len(left), alike=not strict)
        letters = sum(map(len, left))
        if not strict and letters >= _SHORTEST_MAILBOX and left[0] not in _ROLES:
            yield Key(left, IdentifierKind.EMAIL, own_only=True)


def _id_keys(folded_id: str, *, strict: bool) -> Iterator[Key]:
    words = tuple(WORD.findall(folded_id))
    glued = "".join(words)
    if len(glued) < _SHORTEST_ID:
        # A number of two digits, or one letter, is anything.
        if len(glued) == _SHORTEST_ID - 1 and not glued.isdigit():
            is_word = glued.isalpha()
            yield Key(words, IdentifierKind.EXTERNAL_ID, own_only=True, login=is_word)
        return
    weak = len(glued) < (PHONE_DIGITS if glued.isdigit() else _LONE_ID)
    yield Key(words, IdentifierKind.EXTERNAL_ID, own_only=weak)
    number = max(DIGITS.findall(folded_id), key=len, default="")
    if not strict and number != glued and len(number) >= _LONE_ID:
        yield Key((number,), IdentifierKind.EXTERNAL_ID, own_only=True)


def _phrase_keys(folded: str, kind: IdentifierKind) -> Iterator[Key]:
    """Yield a value that is searched for as it was written."""
    words = tuple(WORD.findall(folded))
    if sum(map(len, words)) >= _SHORTEST_ID:
        yield Key(words, kind)
