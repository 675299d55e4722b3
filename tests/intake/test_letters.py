"""Letters: every sort in every language, what each says and why, and nobody in them."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from babel import Locale

from lacuna.intake import (
    choices_in,
    codes_in,
    confirms,
    kept_fact,
    only_chooses,
    read_mail,
    with_purposes,
    write_letter,
)
from lacuna.intake.letters import LANGUAGES, letterhead
from lacuna.intake.phrases import PHRASES
from lacuna.model.ground import MEANINGS
from lacuna.model.letter import LetterKind, LetterSender
from lacuna.model.request import RequestKind
from lacuna.translations import texts
from tests.code_words import code_words

SHOP = LetterSender("Shop", "en", "The Authority, Example Road 1", "dpo@shop.example.org")
FACTS = {
    "received": "2026-11-01",
    "due": "2026-12-01",
    "expires": "2026-12-24",
    "reference": "0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10",
    "code": "L-0b7c9a52-5f0e-4a5c-9d3e-0c9e4c1b7a10-00112233445566778899aabbccddeeff",
    "ground": "17(3)(b), 17(3)(e)",
    "articles": "15, 17",
    "rights": "access,erasure",
    "days": "35",
    "shared": "yes",
    "note": "Your invoice of May is not paid yet.\n\nThe court decides {in} <spring>.",
    "kept": kept_fact([("Send invoices.", "17(3)(b)", "2027-11-01")]),
    "until": "2027-11-01",
    "link": "https://data.example.org/abc",
}
ALWAYS = {"reference"}
DECIDED = ALWAYS | {"contact", "received"}
NEEDED = {
    LetterKind.ACKNOWLEDGEMENT: ALWAYS | {"received", "promise"},
    LetterKind.CHALLENGE: ALWAYS | {"received", "rights", "confirmed", "code"},
    LetterKind.CLARIFICATION: ALWAYS | {"received"},
    LetterKind.QUESTION: ALWAYS | {"received", "code"},
    LetterKind.SPECIFICATION: ALWAYS | {"received", "note", "code"},
    LetterKind.EXTENSION: DECIDED | {"due", "note"},
    LetterKind.REFUSAL: DECIDED | {"rights", "reasons", "note", "remedies"},
    LetterKind.PARTIAL_REFUSAL: DECIDED | {"rights", "reasons", "note", "remedies"},
    LetterKind.COMPLETION: DECIDED | {"done", "shared", "backup", "remedies"},
    LetterKind.COPY: DECIDED | {"done", "shared", "backup", "opening", "remedies"},
    LetterKind.DELIVERY: DECIDED | {"until", "link"},
    LetterKind.NOTHING_FOUND: DECIDED | {"rights", "nothing", "remedies"},
    LetterKind.PARTLY: DECIDED | {"done", "shared", "backup", "kept", "opening", "remedies"},
    LetterKind.WITHDRAWAL: ALWAYS | {"received"},
    LetterKind.FORWARDING: ALWAYS | {"received", "due", "articles"},
    LetterKind.INSTRUCTION: ALWAYS | {"received", "articles", "code"},
}


def written(kind: LetterKind, language: str = "en", **facts: str):
    return write_letter(kind, language, FACTS | facts, SHOP)


def folded(text: str) -> str:
    return " ".join(text.split())


def shown(name: str, language: str) -> list[str]:
    """Return what a letter has to say for a name in its template."""
    head = letterhead(language)
    match name:
        case "promise":
            return [head.day(FACTS["due"])]
        case "received" | "due" | "until":
            return [head.day(FACTS[name])]
        case "reference" | "code" | "link" | "articles":
            return [FACTS[name]]
        case "rights":
            return [head.tables["rights"][one] for one in ("access", "erasure")]
        case "confirmed" | "done" | "nothing":
            return [head.tables[name][one] for one in ("access", "erasure")]
        case "reasons":
            grounds = ("17(3)(b)", "17(3)(e)")
            return [*(head.tables["grounds"][one] for one in grounds), *map(head.law, grounds)]
        case "kept":
            why = head.tables["grounds"]["17(3)(b)"]
            return ["Send invoices.", why, head.law("17(3)(b)"), head.day("2027-11-01")]
        case "note":
            return ["Your invoice of May is not paid yet.", "The court decides {in} <spring>."]
        case "remedies":
            return [SHOP.authority, "77", "79"]
        case "contact":
            return [SHOP.contact]
        case "backup":
            return ["35"]
        case "shared":
            return [head.said["shared"]]
        case "opening":
            return [head.day(FACTS["expires"]), "https://age-encryption.org", "README.html"]
    raise AssertionError(name)


def test_every_language_that_is_read_is_answered():
    assert set(LANGUAGES) >= {book.language for book in PHRASES}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind)
def test_a_letter_says_what_its_sort_has_to_say_and_nothing_else(language, kind):
    subject, body = letterhead(language).texts[kind]
    named = {name for _, name, _, _ in string.Formatter().parse(body) if name}
    assert named == NEEDED[kind]
    assert "{" not in subject
    text = written(kind, language).plain
    for name in NEEDED[kind]:
        for one in shown(name, language):
            assert folded(one) in folded(text), name
    assert code_words(text) == []
    assert max(map(len, text.splitlines())) <= 78
    assert text.endswith("Shop\n")
    assert "{" not in text.replace("{in}", "")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind)
def test_a_letter_without_optional_facts_has_no_gaps(language, kind):
    text = written(kind, language, note="", days="", shared="", expires="", kept="[]").plain
    assert "\n\n\n" not in text
    assert "README.html" not in text
    assert not re.search(r" [.,]| \)|\( ", text), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_ground_is_a_reason_in_words_with_its_article(language):
    head = letterhead(language)
    reasons = set()
    for ground in MEANINGS:
        text = folded(written(LetterKind.REFUSAL, language, ground=ground, note="").plain)
        why, law = head.tables["grounds"][ground], head.law(ground)
        assert f"{folded(why)} " in text
        assert folded(law) in text
        assert re.findall(r"\d+", law) == re.findall(r"\d+", ground)
        assert all(re.search(rf"\b{one}\b", law) for one in re.findall(r"\(([a-z])\)", ground))
        reasons.add((why, law))
    assert len(reasons) == len(MEANINGS)


@pytest.mark.parametrize("right", RequestKind)
def test_who_is_not_found_reads_what_that_means_for_each_right(right):
    text = folded(written(LetterKind.NOTHING_FOUND, rights=right).plain)
    nothing = letterhead("en").tables["nothing"]
    assert [one for one in RequestKind if nothing[one] in text] == [right]
    assert "carried out" not in text


DAYS = {
    "da": "1. november 2026", "de": "1. November 2026", "en": "1 November 2026",
    "es": "1 de noviembre de 2026", "fi": "1. marraskuuta 2026", "fr": "1er novembre 2026",
    "it": "1 novembre 2026", "nb": "1. november 2026", "nl": "1 november 2026",
    "pl": "1 listopada 2026", "pt": "1 de novembro de 2026", "sv": "1 november 2026",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_is_written_as_in_its_language(language):
    head = letterhead(language)
    assert folded(head.day("2026-11-01")) == DAYS[language]
    assert Locale.parse(head.said["locale"]).language == language
    assert folded(head.day("2026-11-21")) == re.sub("1(er)?", "21", DAYS[language], count=1)
    assert DAYS[language] in folded(written(LetterKind.EXTENSION, language).plain)
    assert not re.search(r"\d{4}-\d\d-\d\d", written(LetterKind.PARTLY, language).plain)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_that_is_over_is_not_promised(language):
    head = letterhead(language)
    in_time, late = (
        folded(written(LetterKind.ACKNOWLEDGEMENT, language, late=late).plain)
        for late in ("", "yes")
    )
    promised, overdue = (
        folded(head.said[name].format(due=head.day(FACTS["due"])))
        for name in ("promised", "overdue")
    )
    assert (promised in in_time, overdue in in_time) == (True, False)
    assert (promised in late, overdue in late) == (False, True)


def test_what_an_officer_wrote_keeps_its_paragraphs_and_fills_nothing_in():
    text = written(LetterKind.REFUSAL, note="First line.\nSecond line.\n\n\n{code} {x}\n").plain
    assert "First line.\nSecond line.\n\n{code} {x}\n" in text
    assert FACTS["code"] not in text


def test_the_purpose_of_what_stays_is_said_in_the_words_that_the_data_map_has():
    facts = with_purposes(FACTS, {"Send invoices.": "Rechnungen senden."})
    text = write_letter(LetterKind.PARTLY, "de", facts, SHOP).plain
    assert "Rechnungen senden." in text
    assert "Send invoices." not in text
    assert with_purposes(FACTS, {}) == FACTS


def test_a_purpose_without_a_full_stop_gets_one():
    kept = kept_fact([("Send invoices", "17(3)(b)", "2027-11-01")])
    assert "Send invoices. We need" in folded(written(LetterKind.PARTLY, kept=kept).plain)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [LetterKind.COMPLETION, LetterKind.COPY])
def test_what_can_be_done_against_it_is_said_where_something_stays(language, kind):
    assert SHOP.authority in folded(written(kind, language).plain)
    assert SHOP.authority not in folded(written(kind, language, shared="").plain)


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_the_file_is_opened_is_said_for_the_way_that_it_comes(language):
    by_way = [
        folded(written(LetterKind.COPY, language, way=way).plain) for way in ("", "link", "key")
    ]
    assert len(set(by_way)) == 3
    assert all("README.html" in text for text in by_way)
    assert ["age-encryption.org" in text for text in by_way] == [True, False, True]


def test_what_is_no_article_is_an_error():
    with pytest.raises(ValueError, match="17"):
        letterhead("en").law("the law")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_challenge_asks_for_nothing_beside_a_word_and_the_code(language):
    """Whatever a reply says beside the word that agrees, an officer has to read."""
    _, body = letterhead(language).texts[LetterKind.CHALLENGE]
    unasked, reference = body.partition("{code}")[2].strip().split("\n\n")
    assert unasked.count(".") == 2  # what to do if they did not write: nothing
    assert reference.endswith("{reference}")


def test_letters_of_a_language_differ_and_languages_do_too():
    texts = [text for language in LANGUAGES for text in letterhead(language).texts.values()]
    assert len(set(texts)) == len(LANGUAGES) * len(LetterKind)


def test_an_unknown_language_is_answered_in_english():
    assert written(LetterKind.COMPLETION, "xx") == written(LetterKind.COMPLETION, "en")


# --- as a page ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LetterKind)
def test_the_page_of_a_letter_says_what_its_text_says_and_loads_nothing(language, kind):
    letter = written(kind, language)
    page = HtmlLetter.of(letter.html)
    head, _, said = letter.plain.partition("\n")
    assert folded(page.text) == folded(f"{letter.subject} {head} {said}")
    assert page.language == letterhead(language).language
    # Links are followed by hand; nothing is fetched when the mail is opened.
    assert page.tags <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "p", "br", "a", "blockquote"
    }  # fmt: skip
    assert {name for _, name in page.addresses} <= {"href"}
    assert all(address.startswith("https://") for address, _ in page.addresses)
    assert "url(" not in letter.html
    assert "@import" not in letter.html
    assert '<meta name="color-scheme" content="light dark">' in letter.html
    assert not re.search(r"color:|background", letter.html)


def test_nothing_that_an_officer_or_a_map_writes_is_markup():
    bad = '<img src="https://example.org/x.png"> & <script>alert(1)</script> https://example.org/y'
    page = HtmlLetter.of(
        written(LetterKind.PARTLY, kept=kept_fact([(bad, "16", "2027-01-01")])).html
        + written(LetterKind.REFUSAL, note=bad).html
    )
    assert not {"img", "script"} & page.tags
    assert page.text.count('<img src="https://example.org/x.png"> & <script>') == 2


@dataclass
class HtmlLetter(HTMLParser):
    """What a page holds: its words, its tags, and the addresses in it."""

    language: str = ""
    words: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    addresses: set[tuple[str, str]] = field(default_factory=set)
    hidden: int = 0

    @classmethod
    def of(cls, page: str) -> HtmlLetter:
        found = cls()
        HTMLParser.__init__(found)
        found.feed(page)
        return found

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.hidden += tag in ("style", "title")
        found = dict(attributes)
        self.language = found.get("lang", self.language)
        self.addresses |= {(found[name], name) for name in ("src", "href") if name in found}
        self.words += [" "] if tag in ("p", "br", "h1") else []

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "title")

    def handle_data(self, data):
        self.words += [] if self.hidden else [data]

    @property
    def text(self) -> str:
        return "".join(self.words)


REPLY = (
    "From: ada@example.org\r\nTo: privacy@shop.example.org\r\nSubject: Re: {subject}\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    '<div dir="ltr">{answer}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
    "On Tue, 24 Nov 2026 at 10:00, Shop &lt;<a>privacy@shop.example.org</a>&gt; wrote:<br></div>"
    '<blockquote class="gmail_quote" style="margin:0">{letter}</blockquote></div>\r\n'
)
"""An answer as a browser's mail program writes it: the quoted letter is its page."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_that_quotes_the_page_is_read_as_one_that_quotes_the_text(language):
    agreeing = texts("affirmations", language)["agreeing"].partition("|")[0].strip()
    letter = written(LetterKind.CHALLENGE, language)
    said = REPLY.format(subject=letter.subject, answer=agreeing, letter=letter.html)
    mail = read_mail(said.encode())
    assert [f"L-{'-'.join(one)}" for one in codes_in(mail)] == [FACTS["code"]]
    assert confirms(mail, language)
    letter = written(LetterKind.QUESTION, language)
    said = REPLY.format(subject=letter.subject, answer="1, 6", letter=letter.html)
    mail = read_mail(said.encode())
    assert only_chooses(mail, language)
    chosen = choices_in(mail)
    assert chosen is not None
    assert set(chosen.kinds) == {RequestKind.ACCESS, RequestKind.ERASURE}
