"""Numbers are hidden where a word calls them somebody's, in each language that customers write."""

import re
from functools import cache
from pathlib import Path

import pytest

from lacuna.ports import Span
from lacuna.redaction.analysis.analyzer import Analyzer
from lacuna.redaction.recognizers.labelled_numbers import LabelledNumberRecognizer
from lacuna.redaction.recognizers.number_labels import WordRole, meaning_of
from tests.redaction.recognizers.annotation import annotated, found, plain

CORPUS = Path(__file__).with_name("labelled_numbers.txt")
MESSAGES = Path(__file__).with_name("customer_messages.txt")
LEAST_FOUND = 0.98
LEAST_IN_ONE = 0.94  # of the languages
LANGUAGES = ("da", "de", "en", "es", "fi", "fr", "it", "nb", "nl", "nn", "pl", "pt", "sv")
# Found by other rules, whatever digits they hold.
OTHERS = frozenset({"PERSON", "LOCATION", "NRP", "DATE_TIME", "DATE_OF_BIRTH", "URL"})

AGAIN = r"""
Order ⟦A-4471⟧ is late. Was ⟦A-4471⟧ ever sent?
⟦4471220⟧? Ja, mein Auftrag hat die Nummer ⟦4471220⟧.
Kundenr. ⟦44 71 220⟧, altså ⟦4471220⟧.
Ma facture ⟦FA-2201⟧, oui, la ⟦fa-2201⟧.
"""
LISTS = r"""
orders ⟦1234⟧, ⟦1235⟧ and ⟦1236⟧
ordrene ⟦1234⟧ og ⟦1235⟧
Here is my order number as you asked. ⟦44712⟧
Bestellnummern ⟦5511/5512⟧ sowie ⟦5513⟧
commandes n° ⟦771⟧ et n° ⟦772⟧
tilaukset ⟦90112⟧ sekä ⟦90113⟧
order ⟦12345⟧ and 2 pizzas
order ⟦12345⟧ and 30 chairs
"""
ALONE = r"""
⟦K881207⟧
#⟦K881207⟧.
⟦881207⟧
⟦4471⟧?
⟦AB12CD⟧
⟦K 88 12 07⟧
- ⟦PL-204-K⟧
⟦C12345⟧ / ⟦C12346⟧
"⟦88 12 07⟧"
"""
NOBODYS_ALONE = r"""
2024
2024-11-05
05.11.2024
2024/25
10:30
14.30
250
25000
1.250,00
€ 4471
4471 kg
45 %
12
A12
v2.3.1
10/12
10-12
1 000
KW 49
ISO-27001
IMG_4471.jpg
Nordwind 4471
"""
NOBODYS = r"""
The meeting on order and law in 2023 had 1200 guests.
My customers are 45 and 60 years old.
order 1200 kg of sand
Bestellung 2019/2020
a booking for 18 45 and a table for 12
konto på 22.000 kr
My order came at 10:30 on 12/03/2024.
Rechnung über EUR 125000
Artikelnummer 4401220
Modell Nr. 4401220
page number 44012
article no. 44012
article ref. 44012
Artikel-Id 440122
My WAX32M12 and the ECAM22110 and the RTX-4070 are broken.
Chapters 1201 and 1202, from 8000 to 8050 metres.
Brief vom 12-2024, Angebot 10/2024
a loan of 12500 and a fine of 300
The certificate ISO-27001 and the statement by SHA-256, EN-60335 and DIN-12345
I was born in the last 2000 days of the war.
between 12400 and 12800 people
The contract ends in 2031, my number ends.
She mentioned 24000 visitors. 25000 came.
Kunden 2023
No, actually, we are going to 3740 of them.
the number of customers is 120000
order 4x100m
"""


@cache
def _sentences(language: str, corpus: Path = CORPUS) -> list[tuple[str, str]]:
    section = corpus.read_text(encoding="utf-8").split(f"\n[{language}]\n")[1].split("\n[")[0]
    lines = [line.split("|", 1) for line in section.split("\n") if "|" in line]
    return [(kind, rest.replace("⏎", "\n")) for kind, rest in lines]


@pytest.fixture(scope="module")
def spans(analyzer: Analyzer) -> dict[str, tuple[Span, ...]]:
    texts = [(plain(said), one) for one in LANGUAGES for _, said in _sentences(one)]
    return dict(zip([text for text, _ in texts], analyzer.detect(texts), strict=True))


def _wrong(text: str, found_spans: tuple[Span, ...]) -> list[tuple[str, str]]:
    """Return what is hidden as a number in a text that has nobody's."""
    return [
        (text[span.start : span.end], span.label)
        for span in found_spans
        if span.label not in OTHERS and re.search(r"\d", text[span.start : span.end])
    ]


def _left(sentence: str, found_spans: tuple[Span, ...]) -> list[str]:
    """Return what the sentence annotates and no span covers."""
    text = plain(sentence)
    hidden = {at for span in found_spans for at in range(span.start, span.end)}
    left, shift = [], 0
    for mark in re.finditer("⟦(.*?)⟧", sentence, re.DOTALL):
        places = range(mark.start() - shift, mark.start() - shift + len(mark[1]))
        if any(text[at].isalnum() and at not in hidden for at in places):
            left.append(mark[1])
        shift += 2
    return left


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_whose_word_stands_beside_it_is_hidden(
    language: str, spans: dict[str, tuple[Span, ...]]
) -> None:
    told = [said for kind, said in _sentences(language) if kind != "none"]
    assert len(told) >= 9
    assert {said: left for said in told if (left := _left(said, spans[plain(said)]))} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_an_amount_a_count_or_a_version_is_not_hidden_as_a_number(
    language: str, spans: dict[str, tuple[Span, ...]]
) -> None:
    texts = [said for kind, said in _sentences(language) if kind == "none"]
    assert texts
    assert [wrong for text in texts for wrong in _wrong(text, spans[text])] == []


@pytest.mark.parametrize("sentence", ALONE.strip().splitlines())
def test_a_text_that_is_nothing_but_a_number_is_hidden(sentence: str) -> None:
    text = plain(sentence)
    recognizer = LabelledNumberRecognizer("en")
    hidden = {text[one.start : one.end] for one in recognizer.find(text)}
    assert hidden >= set(re.findall("⟦(.*?)⟧", sentence))


@pytest.mark.parametrize("text", NOBODYS_ALONE.strip().splitlines())
def test_a_day_an_amount_a_count_or_a_version_alone_is_not_hidden(text: str) -> None:
    assert list(LabelledNumberRecognizer("en").find(text)) == []


@pytest.mark.thorough
def test_of_the_numbers_in_customers_messages_nearly_all_are_hidden_and_of_the_others_none(
    analyzer: Analyzer,
) -> None:
    told = [(one, *line) for one in LANGUAGES if one != "nn" for line in _sentences(one, MESSAGES)]
    found_in = analyzer.detect([(plain(said), language) for language, _, said in told])
    left: dict[str, list[str]] = {one: [] for one, _, _ in told}
    numbers = dict.fromkeys(left, 0)
    wrong = []
    for (language, kind, said), spans in zip(told, found_in, strict=True):
        numbers[language] += said.count("⟦")
        left[language] += _left(said, spans)
        wrong += _wrong(said, spans) if kind == "none" else []
    assert wrong == []
    assert min(numbers.values()) >= 50
    most_left = {language: (1 - LEAST_IN_ONE) * count for language, count in numbers.items()}
    assert {one: some for one, some in left.items() if len(some) > most_left[one]} == {}
    assert sum(map(len, left.values())) <= (1 - LEAST_FOUND) * sum(numbers.values())


@pytest.mark.parametrize("sentence", (AGAIN + LISTS).strip().replace("\n\n", "\n").split("\n"))
def test_a_number_counts_in_a_list_and_where_it_stands_again(sentence: str) -> None:
    assert found(LabelledNumberRecognizer("en"), sentence) == annotated(sentence)


@pytest.mark.parametrize("sentence", NOBODYS.strip().split("\n"))
def test_what_counts_or_measures_is_nobodys_number(sentence: str) -> None:
    assert found(LabelledNumberRecognizer("en"), sentence) == []


@pytest.mark.parametrize(
    ("word", "role"),
    [
        *(
            (word, WordRole.LABEL)
            for word in ("Kundenummeret", "KUNDENNUMER", "asiakasnumeroni", "IMEI-koodi", "D.N.I.")
        ),
        *(
            (word, WordRole.PUBLIC)
            for word in ("Artikelnummer", "modellnummer", "Art.-Nr.", "postnummer")
        ),
        *((word, WordRole.NUMBER) for word in ("n°", "nº", "Numéro", "nummeret")),
        *((word, WordRole.OTHER) for word in ("nie", "kid", "nino", "Ada", "brun")),
        ("NIE", WordRole.LABEL),
        ("zamówieniem", WordRole.RECORD),
    ],
)
def test_a_word_means_the_same_in_each_of_its_forms(word: str, role: WordRole) -> None:
    assert meaning_of(word).role is role
