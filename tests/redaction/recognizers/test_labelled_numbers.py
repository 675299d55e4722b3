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
Bestellnummern ⟦5511/5512⟧ sowie ⟦5513⟧
commandes n° ⟦771⟧ et n° ⟦772⟧
tilaukset ⟦90112⟧ sekä ⟦90113⟧
order ⟦12345⟧ and 2 pizzas
order ⟦12345⟧ and 30 chairs
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
Kunden 2023
No, actually, we are going to 3740 of them.
the number of customers is 120000
order 4x100m
"""


@cache
def _sentences(language: str) -> list[tuple[str, str]]:
    section = CORPUS.read_text(encoding="utf-8").split(f"\n[{language}]\n")[1].split("\n[")[0]
    return [
        (kind, rest) for kind, rest in (line.split("|", 1) for line in section.split("\n") if line)
    ]


@pytest.fixture(scope="module")
def spans(analyzer: Analyzer) -> dict[str, tuple[Span, ...]]:
    texts = [(plain(said), one) for one in LANGUAGES for _, said in _sentences(one)]
    return dict(zip([text for text, _ in texts], analyzer.detect(texts), strict=True))


def _left(sentence: str, found_spans: tuple[Span, ...]) -> list[str]:
    """Return what the sentence annotates and no span covers."""
    text = plain(sentence)
    hidden = {at for span in found_spans for at in range(span.start, span.end)}
    left, shift = [], 0
    for mark in re.finditer("⟦(.*?)⟧", sentence):
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
    assert [
        (text[span.start : span.end], span.label)
        for text in texts
        for span in spans[text]
        if span.label not in OTHERS and re.search(r"\d", text[span.start : span.end])
    ] == []


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
