"""Says which rights a mail asks for, and where it is not plain: words in, words out.

It is a set of patterns and no judgement. It can only open a request or send a mail to a person;
what a mail says is never an instruction to anything else.
"""

import re
from dataclasses import replace
from typing import Final

from pipelines.model.mail import Asked, Doubt, Mail
from pipelines.model.request import RequestKind
from pipelines.request.asking import SUBJECT, THINGS, RightsAsked, search
from pipelines.request.mail.parts import is_long
from pipelines.request.opinion import opinion_on
from pipelines.request.settling import MailPatterns, settled
from pipelines.request.words import WORDBOOKS, Wordbook
from pipelines.request.words.matching import fold, has, places, sentences
from pipelines.request.words.spelling import respelled

_ORDER: Final = tuple(RequestKind)
_CLOSINGS: Final = re.compile(
    r"(best|kind|warm)?\s*regards|yours (sincerely|faithfully|truly)|sincerely|cheers|thanks|"
    r"(mit )?(freundlichen|besten|herzlichen|lieben|vielen) gr(ü|ue)(ß|ss)en?|viele gr(ü|ue)(ß|ss)e|"
    r"mfg|lg|hochachtungsvoll|(med )?(venlig|vennlig|bedste|beste|kærlig|kjærlig)\s*hilsen|mvh|vh|"
    r"hilsen|hälsningar|(med )?vänlig(a)? hälsning(ar)?|vänligen|(met )?vriendelijke groet(en)?|"
    r"groet(jes|en)?|mvg|hoogachtend|(bien )?cordialement|salutations.*|bien à vous|"
    r"(un )?(cordial )?saludos?( cordial(es)?)?|atentamente|(cordiali|distinti) saluti|saluti|"
    r"(com os melhores )?cumprimentos|atenciosamente|(ystävällisin )?terveisin|t\.|"
    r"(z poważaniem|pozdrawiam|z wyrazami szacunku)",
    re.IGNORECASE,
)
_SIGNATURE: Final = re.compile(r"^\s*(--|__|—)\s*$")
_COMMON: Final = {book.language: frozenset(fold(book.common).split()) for book in WORDBOOKS}
_LINK: Final = re.compile(r"https?://|www\.", re.IGNORECASE)
_PRICE: Final = re.compile(r"\d\s?(€|%|kr\b|,-)|[€$£]\s?\d", re.IGNORECASE)
_FEW_WORDS: Final = 5
_OF_CODES: Final = re.compile(r"[\d@]")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_EVERYDAY: Final = 0.16
"""Share of everyday words from which on a text is in that language: of others it has few by chance."""
_FOREIGN: Final = re.compile("[^a-zæøåäöüßáàâãéèêëíìîïóòôõúùûÿçñœªºąćęłńśźż]")
"""Letters that none of the languages with a wordbook writes; names of people have a few."""
_FEW_FOREIGN: Final = 3
_ITEMS: Final = re.compile(r"^\s*(?:[a-h]|[1-9])[).]\s", re.MULTILINE)
_SHARE: Final = 4
_SHORT_MAIL: Final = 25
_SENTENCE_ENDS: Final = re.compile(r"(?<=[.!?;])\s+")
_FEWEST_OF_BOILERPLATE: Final = 6
_REPLIES: Final = re.compile(r"\s*(re|aw|sv|vs|antw|rif|odp|ynt|fwd?|wg|tr|rv|vb|i|pd)\s?:", re.I)


def what_is_asked(mail: Mail, *, default_language: str = "en") -> Asked:
    """Return what a mail asks for, in the words of its writer or of whom they hand on.

    Quoted text says nothing but that an answer to it may be about a right; of a mail that was
    handed on its own words count, and those of who hands it on if it has none. What the patterns
    find is settled with a second opinion.

    Args:
        default_language: of the answer, where the text does not show its own.
    """
    asked, known = _by_patterns(mail, default_language)
    if asked.is_impersonal and not asked.kinds and _is_advertising(mail.text):
        return asked
    letters = [(mail.subject, mail.text), *((each.subject, each.text) for each in mail.forwarded)]
    texts = [
        f"{'' if _REPLIES.match(subject) else subject}\n\n{own_words(text)[0]}"
        for subject, text in letters
    ]
    known = replace(known, is_handed_on=bool(mail.forwarded))
    found = settled(asked, opinion_on(texts, _books("\n".join(texts))), known)
    is_none = not found.kinds and not found.doubts and not found.is_withdrawal
    # What is too long to be judged may have asked for a right too.
    if is_none and mail.quoted and (is_long(mail.quoted) or _find("", mail.quoted).asked):
        # "Yes, all of it", to a question about an erasure, looks like customer service.
        return replace(found, doubts=(Doubt.NO_RIGHT,))
    return found


def _by_patterns(mail: Mail, default_language: str) -> tuple[Asked, MailPatterns]:
    """Return what the patterns find in a mail, and what they know beside."""
    own = _find(mail.subject, mail.text)
    subject, text = mail.subject, mail.text
    finding = own
    if mail.forwarded:
        subject = " ".join(each.subject for each in mail.forwarded)
        text = "\n\n".join(each.text for each in mail.forwarded)
        finding = _find(subject, text)
        if not finding.asked:
            own.doubts |= finding.doubts
            own.is_unexplained |= finding.is_unexplained
            own.is_erasure_unsure |= finding.is_erasure_unsure
            finding, subject, text = own, f"{mail.subject} {subject}", f"{mail.text}\n\n{text}"
        elif own.asked and own.kinds != finding.kinds:
            finding.doubts.add(Doubt.CONTRADICTORY)
    language = _language(f"{subject}\n{text}", mail.language_hint or default_language)
    is_personal = _speaks_of_themselves(f"{subject}\n{own_words(text)[0]}")
    if not is_personal and _is_advertising(text):
        return Asked(language=language, kinds=(), is_impersonal=True), MailPatterns()
    kinds = tuple(kind for kind in _ORDER if kind in finding.asked)
    is_about_data = not kinds and _is_perhaps_one(subject, text, finding)
    if finding.is_withdrawal:
        # What stands in the same sentence is what is taken back; the rest may be asked for anew.
        if any(
            number not in finding.withdrawn_in
            for spots in finding.asked.values()
            for number, _ in spots
        ):
            finding.doubts.add(Doubt.WITHDRAWAL)
        kinds = ()
    elif not kinds and not finding.doubts and _is_asked_below(text):
        # The model reads nothing below a signature: it may not decide that there is no right.
        finding.doubts.add(Doubt.UNEXPLAINED)
    elif not kinds and not finding.doubts and not _is_read(f"{subject}\n{own_words(text)[0]}"):
        finding.doubts.add(Doubt.LANGUAGE)
    elif finding.has_new_mind and (kinds or finding.refused):
        finding.doubts.add(Doubt.CONTRADICTORY)
    elif (
        not kinds
        and not finding.doubts
        and (is_about_data or (is_personal and not _is_ordinary(subject, text, finding)))
    ):
        finding.doubts.add(Doubt.NO_RIGHT)
    elif (
        _is_more_said(kinds, finding)
        or 0 < len(kinds) < len(_ITEMS.findall(own_words(text)[0]))
        or (kinds and _is_application(subject, text))
    ):
        finding.doubts.add(Doubt.UNEXPLAINED)
    asked = Asked(
        language=language,
        kinds=kinds,
        is_withdrawal=finding.is_withdrawal,
        is_on_behalf=finding.is_on_behalf,
        is_impersonal=not is_personal,
        doubts=tuple(sorted(finding.doubts)),
    )
    vetoed = finding.refused | ({RequestKind.ERASURE} if finding.is_erasure_unsure else set())
    return asked, MailPatterns(is_about_data, frozenset(vetoed))


def own_words(text: str) -> tuple[str, str]:
    """Return what a writer says, and what stands below it: the signature.

    What every mail of a company ends with is left out: paragraphs of it, or sentences in one in
    which the writer speaks of themselves too.
    """
    above, below = at_signature(text)
    paragraphs = re.split(r"\n\s*\n", above)
    kept = [said for each in paragraphs if (said := _without_boilerplate(each)) is not None]
    return "\n\n".join(kept), below


def at_signature(text: str) -> tuple[str, str]:
    """Return what stands above a signature, and the signature with what follows."""
    lines = text.split("\n")
    end = len(lines)
    for position, line in enumerate(lines):
        if _SIGNATURE.match(line) or (position > 0 and is_closing(line)):
            end = position
            break
    return "\n".join(lines[:end]), "\n".join(lines[end:])


def is_closing(line: str) -> bool:
    """Whether a line is one that letters close with, or a rule above a signature."""
    return bool(_SIGNATURE.match(line) or _CLOSINGS.fullmatch(line.strip().rstrip(",.!")))


def _is_asked_below(text: str) -> bool:
    """Whether somebody asks for something below their name, as in a postscript."""
    below = own_words(text)[1]
    return _has_self(_words_of(below)) and bool(_find("", below.split("\n", 1)[-1]).asked)


def _find(subject: str, text: str) -> RightsAsked:
    """Return what a mail says; where that is nothing, what it says with its typing errors mended."""
    body, _ = own_words(text)
    books = _books(f"{subject}\n{body}")
    found = _find_as_written(subject, body, books)
    if found.asked or found.refused or found.doubts or found.is_withdrawal:
        return found
    return _find_as_written(respelled(subject, books), respelled(body, books), books)


def _find_as_written(subject: str, body: str, books: tuple[Wordbook, ...]) -> RightsAsked:
    language = _language(f"{subject}\n{body}", "") if len(books) < len(WORDBOOKS) else None
    finding = RightsAsked()
    search(body, 0, books, finding, language)
    if _REPLIES.match(subject):
        return finding
    over = RightsAsked()
    search(subject, SUBJECT, books, over, language)
    if not finding.asked and not finding.is_withdrawal:
        finding.asked.update(
            {kind: set(spots) for kind, spots in over.asked.items() if kind not in finding.refused}
        )
        finding.is_letter = over.is_letter
    elif more := over.kinds - finding.kinds - finding.refused:
        if more == {RequestKind.RECTIFICATION}:
            # It waits for its new values anyway.
            finding.asked[RequestKind.RECTIFICATION] = over.asked[RequestKind.RECTIFICATION]
        elif not finding.is_withdrawal:
            finding.doubts.add(Doubt.CONTRADICTORY)
    finding.refused |= over.refused
    if over.refused & finding.asked.keys():
        finding.doubts.add(Doubt.CONTRADICTORY)
    finding.has_new_mind |= over.has_new_mind
    finding.has_error |= over.has_error
    finding.withdrawn_in |= over.withdrawn_in
    finding.is_on_behalf |= over.is_on_behalf
    return finding


def _without_boilerplate(paragraph: str) -> str | None:
    """Return what a paragraph says beside such sentences; None if it is nothing else."""
    words = _words_of(paragraph)
    if len(words) <= _FEWEST_OF_BOILERPLATE or not _is_boilerplate(words):
        return paragraph
    if not _has_self(words):
        return None
    said = _SENTENCE_ENDS.split(paragraph)
    return " ".join(
        one for one in said if _has_self(words := _words_of(one)) or not _is_boilerplate(words)
    )


def _words_of(text: str) -> list[str]:
    return [word for sentence in sentences(text) for word in sentence.words]


def _is_boilerplate(words: list[str]) -> bool:
    return any(has(book.boilerplate, words) for book in WORDBOOKS)


def _has_self(words: list[str]) -> bool:
    return any(has(book.selves, words) for book in WORDBOOKS)


def _is_about_data(subject: str, text: str) -> bool:
    """Whether a mail is about somebody's data, although no right is recognized in it.

    A sentence that says that data are not what it is about counts for nothing.
    """
    own = f"{subject}\n\n{own_words(text)[0]}"
    found = list(sentences(own))
    return any(
        not has(book.unwanted, each) and not has(book.received, each.clause_of(place))
        for book in _books(own)
        for each in found
        for place in places(book.hints, each)
    )


def _is_perhaps_one(subject: str, text: str, finding: RightsAsked) -> bool:
    """Whether a mail in which no right is recognized may be a request all the same."""
    if _is_application(subject, text):
        return False  # what becomes of an application is no matter of a contact's data
    if _is_about_data(subject, text):
        return True
    # A few words and one for erasing: of what, only the writer knows.
    is_short = len(own_words(text)[0].split()) <= _SHORT_MAIL
    return finding.is_unexplained and is_short


def _is_application(subject: str, text: str) -> bool:
    """Whether somebody applies for a job; they like to say what they know of rights."""
    said = list(sentences(f"{subject}\n\n{text}"))
    return any(has(book.jobs, each) for book in WORDBOOKS for each in said)


def _is_ordinary(subject: str, text: str, finding: RightsAsked) -> bool:
    """Whether a mail without a right shows what it is about instead: then nobody has to read it.

    What shows nothing is read by a person. Nobody may lose a right because of their words.
    """
    if finding.refused:
        return True
    if finding.has_error:
        return False  # what is wrong may be what is held of them
    own = f"{subject}\n\n{text}"
    settled = [f"{book.received} {book.past} {book.unwanted} {book.jobs}" for book in _books(own)]
    return any(
        has(THINGS, each) or any(has(group, each) for group in settled) for each in sentences(own)
    )


def _is_more_said(kinds: tuple[RequestKind, ...], finding: RightsAsked) -> bool:
    """Whether a mail speaks of erasing, or of a copy before it, beyond what was understood."""
    if finding.is_list:
        return True
    if kinds == (RequestKind.OBJECTION,) and finding.is_letter:
        return True  # to leave a newsletter is no use of a right yet
    if RequestKind.ERASURE not in kinds:
        is_left_over = finding.is_unexplained and (bool(kinds) or finding.is_on_behalf)
        return finding.is_erasure_unsure or is_left_over
    is_given = {RequestKind.ACCESS, RequestKind.PORTABILITY} & {*kinds, *finding.refused}
    return finding.is_copy_wanted and not is_given


def _speaks_of_themselves(text: str) -> bool:
    # The letters of a number or an address are no words: "MA4" is not the French "my".
    kept = " ".join(one for one in fold(text).split() if not _OF_CODES.search(one))
    words = re.findall(r"[^\W\d_]+", kept)
    counted = _everyday_words(text)
    most = max(count for _, count in counted)
    # Of a few words nobody can tell the language: then every one's "my" counts.
    return any(
        has(book.selves, words) for book, count in counted if count == most or most < _FEW_WORDS
    )


def _is_advertising(text: str) -> bool:
    """Whether a mail that speaks for nobody in particular has a link or a price, and a foot, as ads do."""
    words = [word for sentence in sentences(text) for word in sentence.words]
    return bool(_LINK.search(text) or _PRICE.search(text)) and any(
        has(book.footers, words) for book in WORDBOOKS
    )


def _language(text: str, default: str) -> str:
    """Return the language whose everyday words a text has most of."""
    best, most = default, 1
    for book, count in _everyday_words(text):
        if count > most:
            best, most = book.language, count
    return best


def _is_read(text: str) -> bool:
    """Return whether a text is in a language that has a wordbook; a line or two always is."""
    words = _WORDS.findall(text.lower())
    if sum(bool(_FOREIGN.search(word)) for word in words) >= _FEW_FOREIGN:
        return False
    most = max(count for _, count in _everyday_words(text))
    return len(words) < 2 * _FEW_WORDS or most >= _EVERYDAY * len(words)


def _books(text: str) -> tuple[Wordbook, ...]:
    """Return the words of each language that a text can be in: a few lines show it seldom alone."""
    counted = _everyday_words(text)
    most = max(count for _, count in counted)
    if most < _FEW_WORDS:
        return WORDBOOKS
    return tuple(book for book, count in counted if count * _SHARE >= most)


def _everyday_words(text: str) -> list[tuple[Wordbook, int]]:
    words = _WORDS.findall(fold(text))
    return [(book, sum(word in _COMMON[book.language] for word in words)) for book in WORDBOOKS]
