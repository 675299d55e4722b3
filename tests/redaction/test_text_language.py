"""A text has the language of its row, or of its letters where they surely tell another one."""

import unicodedata

import pytest

from lacuna.redaction import OTHER
from lacuna.redaction.languages.text_language import Languages

DANISH = "Hej, jeg har ikke fået min pakke endnu. Kan I hjælpe mig med ordren?"
GERMAN = "Guten Tag, ich habe das Paket noch nicht erhalten und möchte die Rechnung sehen."
ENGLISH = "Hello, I have not received my parcel yet. Could you please help me with the order?"
SHORT = (
    ("Zwrot pieniędzy", "pl"),
    ("Zmiana adresu dostawy", "pl"),
    ("Missä pakettini viipyy?", "fi"),
    ("Laskussa on virhe", "fi"),
    ("Kiitos avusta!", "fi"),
    ("Feil på fakturaen", "nb"),
    ("Hvor blir det av pengene?", "nb"),
    ("Fakturaen stemmer ikke", "nb"),
    ("Paketet saknas", "sv"),
    ("Colis introuvable", "fr"),
    ("Rechnung falsch", "de"),
    ("Refund, please", "en"),
    ("My parcel is lost", "en"),
)


@pytest.fixture(scope="module")
def languages() -> Languages:
    return Languages(["en"])


@pytest.mark.parametrize(
    ("text", "given", "language"),
    [
        (DANISH, None, "da"),
        (GERMAN, None, "de"),
        (ENGLISH, None, "en"),
        ("Bonjour, je voudrais savoir quand mon colis arrive.", None, "fr"),
        ("Hej, jag har inte fått mitt paket och vill gärna ha hjälp.", None, "sv"),
        ("Goedendag, ik heb mijn pakket nog niet ontvangen, kunt u mij helpen?", None, "nl"),
        ("Hola, no he recibido el pedido, ¿cuándo llega?", None, "es"),
        ("Buongiorno, non ho ancora ricevuto il pacco, come posso fare?", None, "it"),
        ("Dzień dobry, nie mam jeszcze paczki, proszę o pomoc.", None, "pl"),
        ("Olá, ainda não recebi a encomenda. Podem ajudar?", None, "pt"),
        ("Anna Berg", "da", "da"),
        ("Anna Berg", "da-DK", "da"),
        ("Anna Berg", "DE_ch", "de"),
        ("Anna Berg", "no", "nb"),
        ("Anna Berg", "nn", "nb"),
        ("Anna Berg", "hu", OTHER),
        ("Anna Berg", "Dansk", "en"),
        # The row says one language, the letters say another.
        (ENGLISH, "da", "en"),
        (DANISH, "en", "da"),
        (GERMAN, "da", "de"),
        ("Missä pakettini viipyy?", "sv", "fi"),
        # So alike that the row is believed.
        ("Kan jeg få svar på det?", "nb", "nb"),
        ("Kan jeg få svar på det?", "da", "da"),
        ("ok", "de", "de"),
    ],
)
def test_a_text_has_the_language_of_its_row_or_of_its_letters(
    languages: Languages, text: str, given: str | None, language: str
) -> None:
    assert languages.of(text, given) == language


@pytest.mark.parametrize(("text", "language"), SHORT)
def test_a_short_text_has_the_language_of_its_letters(
    languages: Languages, text: str, language: str
) -> None:
    assert languages.of(text, None) == language
    assert languages.of(text.upper(), None) == language


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "ok", "12345", "+45 20 30 40 50"),
        *("Anna Berg", "Giulia Rossi", "Katrine Petersen", "Fatoumata Diallo"),
        # Letters of other alphabets say nothing about languages of this one.
        *("Где моя посылка?", "Πού είναι το δέμα μου;", "注文はどこですか"),
    ],
)
@pytest.mark.parametrize("given", [None, "en", "da"])
def test_a_text_that_tells_nothing_has_the_language_of_its_row_or_the_first(
    languages: Languages, text: str, given: str | None
) -> None:
    assert languages.of(text, given) == (given or "en")
    if given is None:
        assert Languages(["da", "en"]).of(text, None) == "da"


def test_a_name_behind_a_text_does_not_change_its_language(languages: Languages) -> None:
    names = ("Giulia Rossi", "Hans Müller", "Małgorzata Nowak", "Aino Virtanen", "John Smith")
    for text in (DANISH, GERMAN, ENGLISH):
        told = {languages.of(f"{text}\n{name}", None) for name in names}
        assert told == {languages.of(text, None)}


def test_letters_of_two_signs_say_what_those_of_one_say(languages: Languages) -> None:
    for text in (DANISH, GERMAN, "Zażółć gęślą jaźń"):
        apart = unicodedata.normalize("NFD", text)
        assert apart != text
        assert languages.of(apart, None) == languages.of(text, None)


def test_many_texts_have_the_languages_that_each_has_alone(languages: Languages) -> None:
    texts = [(f"{text} {number}", None) for number in range(40) for text, _ in (*SHORT, ("", ""))]
    assert len(texts) > 500
    assert languages.of_all(texts) == [languages.of(text, given) for text, given in texts]
    assert languages.of_all([]) == []


# --- languages that spaCy's stop words tell -------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "given", "language"),
    [
        ("Anna Berg", "hu", "hu"),
        ("Jó napot, a csomag még nem érkezett meg, és szeretném", None, "hu"),
        (DANISH, None, "da"),
        (DANISH, "hu", "da"),
        (DANISH, "en", "da"),
        ("Feil på fakturaen", None, "nb"),
        (ENGLISH, None, "en"),
    ],
)
def test_a_language_with_a_model_alone_is_known_too(
    text: str, given: str | None, language: str
) -> None:
    assert Languages(["en", "hu"]).of(text, given) == language


def test_a_first_language_without_weights_gives_way_to_words() -> None:
    hungarian = Languages(["hu"])
    assert [hungarian.of(text, None) for text in ("", DANISH, GERMAN)] == ["hu", "da", "de"]
    assert [hungarian.has_model(code) for code in ("hu", "en", "da")] == [True, False, False]


@pytest.mark.parametrize(
    "text", ["Anna Berg Copenhagen", "Copenhagen", "Małgorzata Wasilewska", "5"]
)
def test_names_alone_tell_no_language(text: str) -> None:
    languages = Languages(["en"])
    assert languages.of(text, None) == "en"
    assert languages.of(text, "pl") == "pl"
    assert languages.of("Kiitos.", None) == "fi"


@pytest.mark.parametrize("text", ["a" * 599 + "@", "a-" * 299 + "@", "'" * 300 + "a" * 299 + "@"])
def test_a_token_that_is_no_word_is_read_at_once(text: str) -> None:
    """A pattern that tries each way to cut it would not come back."""
    assert Languages(["en"]).of(text, None) == "en"
