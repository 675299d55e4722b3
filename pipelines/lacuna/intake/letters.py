"""Writes a letter in the requester's language: from templates, facts, and an officer's own words."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from lacuna.errors import ConfigurationError
from lacuna.model.letter import LetterKind, LetterSender
from lacuna.model.mail_text import Lines, MailBlock, MailText, Paragraph, Quotation
from lacuna.translations import languages_of, nearest_language, texts

LANGUAGES: Final = languages_of("letters")
_DATES: Final = frozenset({"received", "due", "expires", "until"})
"""Facts that are days, in ISO 8601; a letter says them as its language does."""
_FACTS: Final = (*sorted(_DATES), "reference", "code", "link", "articles")
_WITHOUT_REMEDIES: Final = frozenset({LetterKind.COMPLETION, LetterKind.COPY})
"""Letters that say what one can do against a decision only where something stays."""
_OPENINGS: Final = {"link": "linked", "key": "keyed"}
"""Texts about the file, by the fact `way`: how it comes."""
_ALONE: Final = re.compile(r"\{([a-z]+)\}")
_GROUND: Final = re.compile(r"([0-9]+)(?:\(([0-9]+)\))?(?:\(([a-z])\))?")
_TABLES: Final = ("law", "rights", "confirmed", "done", "nothing", "grounds")


def require_alarms(languages: Collection[str]) -> None:
    """Refuse languages in which an answer can agree, and nobody knows how it raises an alarm.

    Raises:
        ConfigurationError: "Yes" under the subject "fraud, I never asked" would confirm a request.
    """
    if without := sorted(set(languages) - set(languages_of("mail_words"))):
        raise ConfigurationError(
            f"translations: {len(without)} languages have affirmations and no mail_words: "
            f"{', '.join(without)}; add mail_words/{without[0]}.toml"
        )


require_alarms(languages_of("affirmations"))


@dataclass(frozen=True)
class Letterhead:
    """The letters of one language.

    Attributes:
        texts: subject and body of each letter; names in braces stand for facts, and a name that is
            a paragraph for what `said` and `tables` say of them. A letter names nobody.
        said: sentences that several letters share.
        tables: sentences by right, by ground, and how an article is cited.
    """

    language: str
    texts: Mapping[LetterKind, tuple[str, str]]
    said: Mapping[str, str]
    tables: Mapping[str, Mapping[str, str]]

    def day(self, iso: str) -> str:
        r"""Return a day as the language writes it; nothing for nothing.

        >>> letterhead("da").day("2026-11-01"), letterhead("en").day("2026-11-01")
        ('1.\xa0november\xa02026', '1\xa0November\xa02026')
        """
        # Only here: it takes a while, and most commands write no letter.
        from babel.dates import format_date

        if not iso:
            return ""
        day = date.fromisoformat(iso)
        text = format_date(day, "long", locale=self.said["locale"])
        if day.day == 1:  # locale data has no ordinal: le 1er
            text = text.replace("1", self.said["first"], 1)
        return text.replace(" ", "\u00a0")  # a line does not end in it

    def law(self, ground: str) -> str:
        """Return an article as the language cites it.

        >>> letterhead("de").law("17(3)(b)"), letterhead("sv").law("16")
        ('Art. 17 Abs. 3 Buchst. b DSGVO', 'artikel 16 i dataskyddsförordningen')

        Raises:
            ValueError: it is none.
        """
        found = _GROUND.fullmatch(ground)
        if found is None:
            raise ValueError("letter: a ground is written as 17(3)(b)")
        article, paragraph, point = found.groups()
        form = "point" if point else "paragraph" if paragraph else "article"
        return self.tables["law"][form].format(article=article, paragraph=paragraph, point=point)


def day_in(language: str, iso: str) -> str:
    """Return a day (ISO 8601) as the letters of a language write it."""
    return letterhead(language).day(iso)


def language_name(language: str) -> str:
    """Return the English name of the language that letters are written in for a tag.

    >>> language_name("da"), language_name("xx")
    ('Danish', 'English')
    """
    from babel import Locale

    name = Locale.parse(nearest_language(language, LANGUAGES)).get_language_name("en")
    return name or language


@cache
def letterhead(language: str) -> Letterhead:
    """Return the letters of a language (BCP 47); those in English where it has none."""
    nearest = nearest_language(language, LANGUAGES)
    found = texts("letters", nearest)
    tables = {name: table for name, table in found.items() if not isinstance(table, str)}
    return Letterhead(
        nearest,
        {kind: (tables[kind]["subject"], tables[kind]["body"]) for kind in LetterKind},
        {name: text for name, text in found.items() if isinstance(text, str)},
        {name: tables[name] for name in _TABLES},
    )


def write_letter(
    kind: LetterKind, language: str, facts: Mapping[str, str], sender: LetterSender
) -> MailText:
    """Return a letter; in English where the language has none.

    Args:
        facts: by the names of the template; a missing one stays empty. `note` is what the officer
            wrote, `rights` and `ground` are lists with commas, and `kept` is that of `kept_fact`.
            `late` is there if the due day is over.
    """
    head = letterhead(language)
    values = {name: facts.get(name, "") for name in _FACTS}
    values |= {name: head.day(values[name]) for name in _DATES}
    values["rights"] = ", ".join(head.tables["rights"][one] for one in _listed(facts, "rights"))
    values |= {"authority": sender.authority, "contact": sender.contact}
    subject, body = head.texts[kind]
    blocks: list[MailBlock] = [Paragraph(head.said["greeting"])]
    for paragraph in body.split("\n\n"):
        alone = _ALONE.fullmatch(paragraph)
        if paragraph == "{remedies}" and kind in _WITHOUT_REMEDIES and not facts.get("shared"):
            continue
        if alone is None:
            blocks.append(_block(paragraph, values))
        else:
            blocks += _said(alone[1], head, facts, values)
    blocks += [Lines((head.said["closing"], sender.name), is_indented=False)]
    return MailText(subject, head.language, tuple(blocks))


def kept_fact(items: Collection[tuple[str, str, str]]) -> str:
    """Return the fact that says what is kept: for each item purpose, ground, and last day."""
    return json.dumps([list(one) for one in items])


def with_purposes(facts: Mapping[str, str], translated: Mapping[str, str]) -> dict[str, str]:
    """Return facts with the purposes of kept data in the words of the letter's language.

    Args:
        translated: what the data map says, by its own words.
    """
    if not facts.get("kept"):
        return dict(facts)
    items = [(translated.get(why, why), ground, day) for why, ground, day in _kept(facts)]
    return {**facts, "kept": kept_fact(items)}


def _said(
    name: str, head: Letterhead, facts: Mapping[str, str], values: Mapping[str, str]
) -> Iterator[MailBlock]:
    """Yield the blocks of a name that is a paragraph; none where no fact asks for it."""
    match name:
        case "note":
            if note := facts.get("note", "").strip():
                yield Quotation(note)
        case "reasons":
            for ground in _listed(facts, "ground"):
                why = head.tables["grounds"][ground]
                yield Paragraph(head.said["reason"].format(why=why, law=head.law(ground)))
        case "confirmed" | "done" | "nothing":
            for right in _listed(facts, "rights"):
                yield Paragraph(head.tables[name][right])
        case "kept":
            for purpose, ground, day in _kept(facts):
                why, law, until = head.tables["grounds"][ground], head.law(ground), head.day(day)
                if not purpose.endswith((".", "!", "?")):
                    purpose = f"{purpose}."
                yield Paragraph(
                    head.said["kept"].format(purpose=purpose, why=why, law=law, until=until)
                )
        case "promise":
            yield _block(head.said["overdue" if facts.get("late") else "promised"], values)
        case "backup":
            if days := facts.get("days"):
                yield Paragraph(head.said["backup"].format(days=days))
        case "shared":
            if facts.get("shared"):
                yield Paragraph(head.said["shared"])
        case "opening":
            if facts.get("expires"):
                text = head.said[_OPENINGS.get(facts.get("way", ""), "opening")]
                yield from (_block(one, values) for one in text.split("\n\n"))
        case _:
            yield _block(head.said[name], values)


def _block(paragraph: str, values: Mapping[str, str]) -> MailBlock:
    text = paragraph.format_map(values)
    # A code is one line, whatever its length; so is each choice of a list.
    if text.startswith("    "):
        return Lines(tuple(line.removeprefix("    ") for line in text.splitlines()))
    return Paragraph(text.replace("\n", " "))


def _listed(facts: Mapping[str, str], name: str) -> list[str]:
    return [one.strip() for one in facts.get(name, "").split(",") if one.strip()]


def _kept(facts: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [(str(why), str(ground), str(day)) for why, ground, day in json.loads(facts["kept"])]
