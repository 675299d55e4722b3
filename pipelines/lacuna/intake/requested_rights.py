"""Says which rights a mail asks for, where it says so plainly, and what is asked back: words in, words out.

A mail opens a request if every sentence of its writer's own words is a phrase of the list: what is
asked for, a courtesy, a number that they are known by. One more word, whatever it means, and the
writer is asked. So nobody has to foresee how people deny, wonder, threaten or change their minds.
What a mail says is never an instruction to anything else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from lacuna.intake.mail.parts import is_long
from lacuna.intake.mail_words import by_language, one_of
from lacuna.intake.phrases import PHRASES, Phrases, Spoken, has_any
from lacuna.intake.sentences import fold, sentences
from lacuna.intake.sign_offs import at_signature, is_sign_off
from lacuna.model.mail import Asked, Doubt, Mail
from lacuna.model.request import RequestKind
from lacuna.translations import languages_of, nearest_language

_REPLIES: Final = re.compile(rf"\s*({one_of('replies')})\s?:", re.IGNORECASE)
_GREETING: Final = re.compile(rf"({one_of('greetings')})\b[ ,]*", re.IGNORECASE)
_LINK: Final = re.compile(r"https?://|www\.", re.IGNORECASE)
_PRICE: Final = re.compile(r"\d\s?(€|%|kr\b|,-)|[€$£]\s?\d", re.IGNORECASE)
_WORDS: Final = re.compile(r"[^\W\d_]+")
_FOREIGN: Final = re.compile(f"[^a-z{''.join(by_language('letters').values())}]")
"""Letters that none of the languages that are read writes; names of people have a few."""
_FEW_FOREIGN: Final = 3
_FEW_WORDS: Final = 5
_EVERYDAY: Final = 0.16
"""Share of everyday words from which on a text is in that language: of others it has few by chance."""
_SHARE: Final = 4
_LONG_LINE: Final = 50
_SHORT_MAIL: Final = 25
_FEW: Final = 60


def what_is_asked(mail: Mail, *, default_language: str = "en") -> Asked:
    """Return the rights that a mail asks for, in the words of its writer or of whom they hand on.

    Quoted text says nothing but that an answer to it may be about a right. Rights with a doubt
    beside them are what a mail seems to ask for: they open nothing.

    Args:
        default_language: of the answer, where the text does not show its own.
    """
    own = _WrittenMail(mail.subject, mail.text)
    handed_on = [_WrittenMail(each.subject, each.text) for each in mail.forwarded]
    letters = handed_on or [own]
    text = "\n".join(one.words for one in letters)
    hinted = nearest_language(mail.language_hint or default_language, languages_of("phrases"))
    language = _language(text, hinted)
    if len(letters) == 1 and not (handed_on and has_any("hints", own.spoken)):
        plain = letters[0].said
        languages = [book.language for book, _ in plain]
        if len({said for _, said in plain}) == 1 and _says(found := plain[0][1]):
            language = language if language in languages else languages[0]
            return _plainly(found, language)
    is_personal = has_any("selves", (each for one in letters for each in one.spoken), _books(text))
    if not is_personal and _is_advertising(own):
        return Asked(language=language, kinds=(), is_impersonal=True)
    within = [said for one in (own, *handed_on) for said in one.said_within]
    kinds = frozenset[RequestKind]().union(*(said.kinds for said in within))
    is_withdrawal = any(said.is_withdrawal for said in within)
    doubt: Doubt | None = None
    if is_withdrawal:
        doubt = Doubt.WITHDRAWAL
    elif kinds:
        doubt = Doubt.UNEXPLAINED
    elif any(one.is_about_data for one in (own, *handed_on)):
        doubt = Doubt.NO_RIGHT
    elif not _is_read(text):
        doubt = Doubt.LANGUAGE
    elif (is_personal and not _is_ordinary(letters)) or (
        mail.quoted and _is_asked_in(mail.quoted, own)
    ):
        doubt = Doubt.NO_RIGHT
    return Asked(
        language=language,
        kinds=() if is_withdrawal else tuple(kind for kind in RequestKind if kind in kinds),
        is_withdrawal=is_withdrawal,
        is_on_behalf=any(one.is_about_others for one in letters),
        is_impersonal=not is_personal,
        doubts=() if doubt is None else (doubt,),
    )


@dataclass(frozen=True)
class _WrittenMail:
    """A mail, or one that was handed on, as its writer wrote it."""

    subject: str
    text: str

    @cached_property
    def words(self) -> str:
        """Its subject, unless it is that of what is answered, and the text above its signature."""
        return f"{self._head}\n\n{self._parts[0]}"

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        """The sentences of that."""
        return tuple(sentences(self.words))

    @cached_property
    def said(self) -> list[tuple[Phrases, Spoken]]:
        """What it says, by each language in which all of it is phrases; empty where it says more."""
        above, below = self._parts
        body, head = tuple(sentences(_without_names(above))), tuple(sentences(self._head))
        over = [one for book in PHRASES if (one := _all_of(book, head, is_subject=True))]
        of_head = next(filter(_says, over), None)
        if not is_sign_off(below) or (not over and has_any("hints", head)):
            return []
        found = [(book, said) for book in PHRASES if (said := _all_of(book, body)) is not None]
        if of_head is None:
            return found
        if any(_says(said) and not of_head <= said for _, said in found):
            return []  # its subject asks for something else
        return [(book, said if _says(said) else of_head) for book, said in found]

    @cached_property
    def said_within(self) -> list[Spoken]:
        """What the phrases below its subject say, whatever stands around them."""
        return [
            said
            for book in PHRASES
            for one in (*sentences(self._parts[0]), *self._postscript)
            if (said := book.said_within(one)) is not None
        ]

    @cached_property
    def is_about_data(self) -> bool:
        """Whether it has a word that may speak of a right, or of somebody's data."""
        return has_any("hints", (*sentences(self.subject), *self.spoken, *self._postscript))

    @cached_property
    def is_about_others(self) -> bool:
        """Whether it speaks of somebody who is not its writer."""
        books = _books(self.words)
        return has_any("others", self.spoken, books) or any(
            has_any("hints", [one], books) and has_any("titles", [one], books)
            for one in self.spoken
        )

    @property
    def _head(self) -> str:
        return "" if _REPLIES.match(self.subject) else self.subject

    @cached_property
    def _parts(self) -> tuple[str, str]:
        return at_signature(self.text)

    @cached_property
    def _postscript(self) -> tuple[str, ...]:
        """Sentences below the signature in which the writer speaks of themselves."""
        below = self._parts[1].partition("\n")[2]
        return tuple(one for one in sentences(below) if has_any("selves", [one]))


def _plainly(said: Spoken, language: str) -> Asked:
    doubts: tuple[Doubt, ...] = ()
    if said.is_withdrawal and said.kinds:
        doubts = (Doubt.WITHDRAWAL,)
    elif said.kinds >= {RequestKind.ERASURE, RequestKind.RESTRICTION}:
        doubts = (Doubt.CONTRADICTORY,)  # what is to lie unused is not to be gone
    return Asked(
        language=language,
        kinds=() if said.is_withdrawal else tuple(one for one in RequestKind if one in said.kinds),
        is_withdrawal=said.is_withdrawal,
        is_impersonal=said.is_of_others,
        doubts=doubts,
    )


def _all_of(book: Phrases, said: Iterable[str], *, is_subject: bool = False) -> Spoken | None:
    """Return the meaning of all sentences together; None where one of them says something else."""
    together = Spoken(frozenset(), is_withdrawal=False, is_of_others=False)
    for sentence in said:
        one = book.said_in(sentence, is_subject=is_subject)
        if one is None:
            return None
        together = together.and_also(one)
    return together


def _says(said: Spoken | None) -> bool:
    """Whether it contains more than courtesies."""
    return said is not None and (bool(said.kinds) or said.is_withdrawal)


def _without_names(text: str) -> str:
    """Return a text without its lines of names, addresses and numbers alone, greeted or not."""
    lines = text.split("\n")
    kept = []
    for before, line in zip(["", *lines], lines, strict=False):
        rest = _GREETING.sub("", line.strip(), count=1).rstrip(" ,:!.")
        is_name = len(before) <= _LONG_LINE and is_sign_off(rest)
        is_more = is_name and any(has_any(group, sentences(line)) for group in ("hints", "things"))
        kept.append(line if is_more or not is_name else "")
    return "\n".join(kept)


def _is_asked_in(quoted: str, own: _WrittenMail) -> bool:
    """Whether a few words may answer a question about a right, or many one that asks for it."""
    if is_long(quoted):
        return True  # what is too long to be judged may have asked for a right too
    found = tuple(sentences(quoted))
    if len(own.words.split()) <= _SHORT_MAIL:
        return has_any("hints", found)
    return any(book.said_within(one) for book in PHRASES for one in found)


def _is_ordinary(letters: Iterable[_WrittenMail]) -> bool:
    """Whether mails without a word of data show what they are about instead, in a few words.

    Nobody may lose a right because of their words, and the longer a mail the more ways there are.
    """
    words = sum(len(one.words.split()) for one in letters)
    return words <= _FEW and has_any("things", (each for one in letters for each in one.spoken))


def _is_advertising(letter: _WrittenMail) -> bool:
    """Whether a mail that speaks for nobody in particular has a link or a price, and a foot, as ads do."""
    text = letter.text
    return bool(_LINK.search(text) or _PRICE.search(text)) and has_any("footers", sentences(text))


def _language(text: str, default: str) -> str:
    """Return the language whose everyday words a text has most of."""
    best, most = default, 1
    for book, count in _everyday_words(text):
        if count > most:
            best, most = book.language, count
    return best


def _is_read(text: str) -> bool:
    """Return whether a text is in a language that has phrases; a line or two always is."""
    words = _WORDS.findall(text.lower())
    if sum(bool(_FOREIGN.search(word)) for word in words) >= _FEW_FOREIGN:
        return False
    most = max(count for _, count in _everyday_words(text))
    return len(words) < 2 * _FEW_WORDS or most >= _EVERYDAY * len(words)


def _books(text: str) -> tuple[Phrases, ...]:
    """Return the phrases of each language that a text can be in: a few lines show it seldom alone."""
    counted = _everyday_words(text)
    most = max(count for _, count in counted)
    if most < _FEW_WORDS:
        return PHRASES
    return tuple(book for book, count in counted if count * _SHARE >= most)


def _everyday_words(text: str) -> list[tuple[Phrases, int]]:
    words = _WORDS.findall(fold(text))
    return [(book, sum(word in book.common for word in words)) for book in PHRASES]
