"""The analyzer's speed comes from configuration alone: its results are those of stock Presidio."""

from collections.abc import Iterator
from importlib import resources

import pytest
import tldextract
from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine

from lacuna.ports import Span
from lacuna.redaction import EngineOptions, Profile
from lacuna.redaction.analysis.analyzer import Analyzer
from lacuna.redaction.options import DEFAULT_MODEL

pytestmark = pytest.mark.starts

IGNORED = frozenset({"ORGANIZATION", "NRP"})

SENTENCES = (
    "Hello, my name is Margaret Thornton and I ordered a lamp last week.",
    "Could you please call me on 212-555-5555 tomorrow?",
    "My phone number is +1 (415) 555-2671, thanks.",
    "Please write to orders@example.com or to the manager, Peter Novak.",
    "I live in Dublin but the parcel went to Manchester.",
    "My credit card 4111 1111 1111 1111 was charged twice.",
    "The card number 4012888888881881 expired.",
    "IBAN GB29 NWBK 6016 1331 9268 19 is my account.",
    "My SSN is 078-05-1120 and my account is 945456787654.",
    "The server at 192.168.12.45 does not answer.",
    "It failed from 2001:db8:85a3::8a2e:370:7334 as well.",
    "See https://www.example.com/help?id=42 for the terms.",
    "The delivery is due on 12/03/2024 between 9 and 11 am.",
    "Order 2024-05-17 was confirmed by Sarah O'Connor.",
    "Thomas and Julia from Lyon wrote on Monday.",
    "My passport 912803456 was stolen in Madrid.",
    "My driver license is H12234567.",
    "Is there any news?",
    "Thank you so much for your help!",
    "The ticket number is 1234567 and nobody answered.",
    "Contact: j.doe+test@example.co.uk",
    "I spoke with Mr. Henderson, Mrs. Alvarez and Dr. Kim.",
    "NHS number 401-023-2137 please.",
    "My bitcoin address is 16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ.",
    "MAC 00:1A:2B:3C:4D:5E of the router",
    "Reference 123e4567-e89b-12d3-a456-426614174000.",
    "ITIN 911-70-1234 for the tax office",
    "On 3 June 1985 she moved from Oslo to Bergen.",
    "The bank account 8811 2233 4455 is closed.",
    "WHERE IS MY ORDER? REGARDS, LINDA MARSH",
    "hi this is bob from chicago, ring me at 020 7946 0958",
    "Refund 49.90 EUR to Michael Brandt.",
    "We met at the Hilton in Berlin in 2019.",
    "Kind regards,\nEleanor Whitfield\nHead of Sales\nmobile: +44 7700 900123",
    "> On Tue, 4 May 2021, Harry Lowe wrote:\n> my cell is 617 555 0199",
    "",
    "   \n\t ",
    "12345",
    "Ünïcödé näme: Jürgen Müller, Köln",
    "a" * 300,
)


@pytest.fixture(scope="module")
def stock() -> Iterator[BatchAnalyzerEngine]:
    with pytest.MonkeyPatch.context() as patch:
        # The stock e-mail recognizer would ask the network for the list of public suffixes.
        offline = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
        patch.setattr(tldextract, "extract", offline)
        path = str(resources.files(DEFAULT_MODEL) / "_model")
        nlp_engine = SpacyNlpEngine([{"lang_code": "en", "model_name": path}])
        yield BatchAnalyzerEngine(AnalyzerEngine(nlp_engine=nlp_engine))


@pytest.fixture(scope="module")
def as_stock() -> Analyzer:
    return Analyzer(EngineOptions(profile=Profile.EXACT))


@pytest.mark.thorough
def test_the_configured_engine_finds_what_the_stock_engine_finds(
    stock: BatchAnalyzerEngine, as_stock: Analyzer
) -> None:
    expected = [
        {
            Span(r.start, r.end, r.entity_type, round(r.score, 4))
            for r in results
            if r.entity_type not in IGNORED
        }
        for results in stock.analyze_iterator(SENTENCES, language="en", score_threshold=0.35)
    ]
    found = [set(spans) for spans in as_stock.detect([(text, "en") for text in SENTENCES])]
    assert len(SENTENCES) == 40
    assert sum(map(len, expected)) > 40
    assert found == expected


CONTEXTS = (
    "She was calling 212-555-5555 all day.",
    "They called 212-555-5555 twice.",
    "He calls 212-555-5555 on Mondays.",
    "Call: 212-555-5555",
    "call me at 12:30 on 212-555-5555",
    "My numbers are 212-555-5555 and 212-555-5556.",
    "the phone's number is 212-555-5555",
    "The number, which nobody at all in that office ever gave me, is 212-555-5555.",
    "212-555-5555 is my cell",
    "telephoning 212-555-5555 does not help",
    "mobiles 212-555-5555",
    "My banks say that account 945456787654 is closed.",
    "I was banking with 945456787654 before.",
    "The banker wrote 945456787654 down.",
    "checking account 945456787654",
    "He accounted for 945456787654 in it.",
    "The passports 912803456 and 912803457 were lost.",
    "drivers licenses H12234567",
    "It was duplicated: H12234567",
    "social securities 078-05-1120",
    "His ssns: 078051120 and 219099999",
    "credited cards 4012888888881881",
    "websites: example.com/a and example.org",
    "linked example.com",
    "URL:example.com/terms",
    "births 12/03/1984",
    "born 12/03/1984, date of birth as in the passport",
    "she is being called at be: 212-555-5555",
    "a:call b:c 212-555-5555",
    "worse number 212-555-5555",
)


def test_context_words_lift_scores_as_their_lemmas_do(
    stock: BatchAnalyzerEngine, as_stock: Analyzer
) -> None:
    expected = [
        {
            Span(r.start, r.end, r.entity_type, round(r.score, 4))
            for r in results
            if r.entity_type not in IGNORED
        }
        for results in stock.analyze_iterator(CONTEXTS, language="en", score_threshold=0.0)
    ]
    everything = Analyzer(EngineOptions(profile=Profile.EXACT, score_threshold=0.0))
    found = [set(spans) for spans in everything.detect([(text, "en") for text in CONTEXTS])]
    assert found == expected
    scores = {span.score for spans in expected for span in spans if span.label == "PHONE_NUMBER"}
    assert scores == {0.4, 0.75}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("cpr-nr. 010203-1234", "DK_CPR"),
        ("cpr 0102031234", "DK_CPR"),
        ("hetu 131052-308T", "FI_PERSONAL_IDENTITY_CODE"),
        ("NIF 54362315K", "ES_NIF"),
        ("PESEL 44051401359", "PL_PESEL"),
        ("codice fiscale RSSMRA85T10A562S", "IT_FISCAL_CODE"),
        ("ring 20 30 40 50", "PHONE_NUMBER"),
        ("tlf. 22 12 34 56", "PHONE_NUMBER"),
        ("bel 020 123 4567", "PHONE_NUMBER"),
        ("tel. 0171 1234567", "PHONE_NUMBER"),
        ("llama al 612 34 56 78", "PHONE_NUMBER"),
        ("chiama 347 123 4567", "PHONE_NUMBER"),
        ("zadzwoń 512 345 678", "PHONE_NUMBER"),
        ("appelle le 06 12 34 56 78", "PHONE_NUMBER"),
        ("ring 070-123 45 67", "PHONE_NUMBER"),
    ],
)
def test_european_numbers_are_found(analyzer: Analyzer, text: str, label: str) -> None:
    assert label in {span.label for span in analyzer.detect([(text, None)])[0]}


@pytest.mark.parametrize("text", ["cpr 320203-1234", "cpr 011303-1234", "1010203-1234"])
def test_a_number_whose_first_digits_are_no_date_is_no_cpr(analyzer: Analyzer, text: str) -> None:
    assert "DK_CPR" not in {span.label for span in analyzer.detect([(text, None)])[0]}


def test_ten_digits_alone_are_no_cpr(analyzer: Analyzer) -> None:
    assert "DK_CPR" not in {s.label for s in analyzer.detect([("order 0102031234", None)])[0]}


@pytest.mark.parametrize("text", ["order 12345678901", "code A1234567", "ref 1234 5678"])
def test_the_weak_patterns_of_presidio_do_not_count(analyzer: Analyzer, text: str) -> None:
    weak = {"US_BANK_NUMBER", "US_DRIVER_LICENSE", "US_PASSPORT", "US_SSN", "US_ITIN"}
    assert weak.isdisjoint(span.label for span in analyzer.detect([(text, None)])[0])


def test_a_batch_has_so_many_characters_and_no_more(
    analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each batch has the time limit of its own, whatever somebody's texts are."""
    monkeypatch.setattr("lacuna.redaction.analysis.analyzer._CHARACTERS_AT_ONCE", 100)
    sizes = []
    whole = Analyzer._batch

    def counted(self: Analyzer, texts: list[str], language: str, *, total: int) -> object:
        sizes.append(sum(map(len, texts)))
        return whole(self, texts, language, total=total)

    monkeypatch.setattr(Analyzer, "_batch", counted)
    texts = [f"Call 212-555-5555 {'x' * length}" for length in (0, 60, 90, 10, 200, 5)]
    found = analyzer.detect([(text, "en") for text in texts])
    assert sizes == [18 + 78, 108, 28, 218, 23]
    assert all(any(one.label == "PHONE_NUMBER" for one in spans) for spans in found)
