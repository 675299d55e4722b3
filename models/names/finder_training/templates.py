"""Sentences out of templates: people, places and companies put into their slots, and marked."""

import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from finder_training import inflection, places
from finder_training.name_lists import NameLists
from finder_training.sentences import NO_PERSON, Mark, Sentence, sentence

__all__ = ["Template", "Weaver", "held_out", "read_templates"]

_SLOT = re.compile(r"\{(given|surname|name|initials|city|street|company)([234]?)((?::[a-z]+)*)\}")
# What may stand between two slots of one name.
_ONE_NAME = re.compile(r"[ -]| (?:de|da|do|dos|das|del|van|Van|Di|De|de la) ")
_CASED = ("pl", "fi")
_ELIDED = ("fr", "es")
_LAST_WORD = re.compile(r"\S+\s*$")
_ADJECTIVES = {"ski": "ska", "cki": "cka", "dzki": "dzka"}
_SECOND_INITIALS = "ABCDEFGHJKLMNPRST"
_TRIES = 30
_HELD_OF = 6


@dataclass(frozen=True)
class Template:
    """A text with slots.

    Attributes:
        register: `lower` and `caps` rule the fillings' letters, too.
        kind: `negative` holds no person.
    """

    lang: str
    text: str
    register: str
    kind: str

    @property
    def has_slots(self) -> bool:
        """Return whether every filling gives another text."""
        return bool(_SLOT.search(self.text))


@dataclass(frozen=True)
class _Person:
    given: str
    surname: str
    sex: str


@dataclass
class _Filling:
    """A template while it is filled."""

    template: Template
    sexes: dict[str, str]
    people: dict[str, _Person] = field(default_factory=dict)
    text: str = ""
    marks: list[Mark] = field(default_factory=list)


def read_templates(folder: Path) -> list[Template]:
    """Return the templates of all files of a folder."""
    rows = [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    return [Template(row["lang"], row["text"], row["register"], row["kind"]) for row in rows]


class Weaver:
    """Fills templates with names of some lists."""

    def __init__(self, names: NameLists, rng: Random) -> None:
        """`rng` decides everything that is drawn."""
        self._names = names
        self._rng = rng

    def all(self, templates: Sequence[Template], *, people: int, others: int) -> list[Sentence]:
        """Return each template filled `people` times, those without people `others` times."""
        found = []
        for one in templates:
            times = people if one.kind != "negative" else others if one.has_slots else 1
            found += [self.fill(one) for _ in range(times)]
        return found

    def fill(self, template: Template) -> Sentence:
        """Return the template with its slots filled."""
        slots = list(_SLOT.finditer(template.text))
        sexes = {m[2]: m[3][-1] for m in slots if m[3].endswith((":f", ":m"))}
        filling, at, last = _Filling(template, sexes), 0, ""
        for slot in slots:
            between = template.text[at : slot.start()]
            filling.text += between
            at = slot.end()
            kind = {"city": "LOC", "street": "LOC", "company": "ORG"}.get(slot[1], "PER")
            goes_on = kind == last == "PER" and bool(_ONE_NAME.fullmatch(between))
            self._put(filling, slot, kind, goes_on=goes_on)
            last = kind
        text = filling.text + template.text[at:]
        return _opened(sentence(template.lang, "woven", text, filling.marks), template)

    def _put(self, filling: _Filling, slot: re.Match[str], kind: str, *, goes_on: bool) -> None:
        template = filling.template
        value, size = self._value(filling, slot)
        if kind == "PER" and template.lang in _ELIDED and not goes_on and self._rng.random() < 0.9:
            filling.text = _elided(filling.text, value, template.lang)
        if template.register in ("lower", "caps"):
            value = value.lower() if template.register == "lower" else value.upper()
        start = filling.marks.pop()[0] if goes_on else len(filling.text)
        filling.marks.append((start, len(filling.text) + size, kind))
        filling.text += value

    def _value(self, filling: _Filling, slot: re.Match[str]) -> tuple[str, int]:
        """Return a slot's text and how many letters of it are the name's."""
        what, number, lang = slot[1], slot[2], filling.template.lang
        fixed = {"city": places.city, "company": places.company}.get(what)
        if fixed:
            return _whole(fixed(lang, self._rng))
        if what == "street":
            return _whole(places.street(lang, self._rng, self._names))
        if number not in filling.people:
            filling.people[number] = self._person(lang, filling.sexes.get(number))
        case = next((part for part in slot[3].split(":") if len(part) == 3), "")
        return self._named(filling.people[number], what, case, lang)

    def _named(self, person: _Person, what: str, case: str, lang: str) -> tuple[str, int]:
        if case and lang in _CASED and what != "initials":
            return _whole(_inflected(person, what, case, lang))
        if what == "initials":
            text = self._initials(person)
        elif what == "name" and self._rng.random() < 0.05:
            text = f"{person.surname} {person.given}"
        else:
            parts = {"given": person.given, "surname": person.surname}
            text = parts.get(what, f"{person.given} {person.surname}")
        return _genitive(text, lang) if case == "gen" else _whole(text)

    def _initials(self, person: _Person) -> str:
        first = person.given[0].upper()
        second = self._rng.choice(_SECOND_INITIALS)
        forms = (
            f"{first}. {person.surname}",
            f"{first}.{second}. {person.surname}",
            f"{first} {person.surname}",
            f"{person.given} {person.surname[0].upper()}.",
        )
        return self._rng.choices(forms, (6, 2, 1, 1))[0]

    def _person(self, lang: str, sex: str | None) -> _Person:
        given, surname = self._names.full(lang, self._rng)
        if lang != "pl":
            return _Person(given, surname, sex or "m")
        # Polish declines by sex: a given name in -a is taken for a woman's.
        sex = sex or ("f" if given.endswith("a") else "m")
        for _ in range(_TRIES):
            if given.endswith("a") == (sex == "f"):
                break
            given, surname = self._names.full(lang, self._rng)
        return _Person(given, _of_sex(surname, sex), sex)


def _whole(text: str) -> tuple[str, int]:
    return text, len(text)


def _of_sex(surname: str, sex: str) -> str:
    for man, woman in _ADJECTIVES.items():
        mine, other = (woman, man) if sex == "f" else (man, woman)
        if surname.endswith(other):
            return surname.removesuffix(other) + mine
    return surname


def _inflected(person: _Person, what: str, case: str, lang: str) -> str:
    if what == "name":
        return inflection.full(person.given, person.surname, person.sex, case, lang)
    name = person.given if what == "given" else person.surname
    return inflection.decline(name, what, person.sex, case, lang)


def _genitive(name: str, lang: str) -> tuple[str, int]:
    """Return a name's genitive; an ending behind an apostrophe is no part of the name."""
    sibilant = name[-1] in "sxzß"
    if lang == "en":
        return name + ("'" if name[-1] == "s" else "'s"), len(name)
    if lang == "nl" and name[-1] in "aiouy":
        return name + "'s", len(name)
    if lang == "sv" and sibilant:
        return _whole(name)
    if sibilant:
        return name + ("'" if lang == "nl" else "’"), len(name)
    return _whole(name + "s")


def _elided(text: str, value: str, lang: str) -> str:
    """Return the text with its last word fitted to the name behind it."""
    last = _LAST_WORD.search(text)
    if not last:
        return text
    return text[: last.start()] + inflection.elide(last[0], value, lang)


def _opened(one: Sentence, template: Template) -> Sentence:
    """Leave open whether a template's own capitalized words are places or organizations."""
    every = template.kind == "negative" or template.register not in (
        "formal",
        "neutral",
        "informal",
    )
    allowed = tuple(
        NO_PERSON if tags == 1 and (every or word[:1].isupper()) else tags
        for word, tags in zip(one.words, one.allowed, strict=True)
    )
    return Sentence(one.lang, one.source, one.text, one.marks, one.at, one.gaps, allowed)


def held_out(template: Template) -> bool:
    """Return whether a template is kept out of training, to measure on."""
    return zlib.crc32(template.text.encode()) % _HELD_OF == 0
