"""What hides a value from a pattern hides it from nobody who reads: the recognizers see through it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lacuna.ports import Passage, Redactor
from lacuna.redaction import build_redactor
from lacuna.redaction.analysis.analyzer import Analyzer
from lacuna.redaction.folding import View
from lacuna.redaction.readable_text import unmasked


@pytest.fixture(scope="module")
def redactor(analyzer: Analyzer) -> Redactor:
    return build_redactor([])


def full_width(text: str) -> str:
    return "".join(
        chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text
    )


MAIL = "lise.holm@example.com"
CARD = "4111 1111 1111 1111"
MASKED = {
    "look-alike letters": (MAIL.replace("o", "\u043e").replace("e", "\u0435"), "[EMAIL]"),
    "zero width": ("\u200b".join(MAIL), "[EMAIL]"),
    "soft hyphens": (MAIL.replace(".", "\u00ad."), "[EMAIL]"),
    "full width address": (full_width(MAIL), "[EMAIL]"),
    "full width digits": (full_width(CARD), "[ID]"),
    "arabic digits": (CARD.translate({ord("1"): "\u0661", ord("4"): "\u0664"}), "[ID]"),
    "mathematical digits": (CARD.replace("1", "\U0001d7cf"), "[ID]"),
    "zero width in a number": ("\u200d".join("+44 20 7946 0958"), "[PHONE]"),
    "entities": (MAIL.replace("@", "&#64;").replace(".", "&period;"), "[EMAIL]"),
    "entities in hexadecimal": ("".join(f"&#x{ord(one):x};" for one in MAIL), "[EMAIL]"),
    "percent": (MAIL.replace("@", "%40"), "[EMAIL]"),
    "quoted-printable": (MAIL.replace("@", "=40"), "[EMAIL]"),
    "tags inside": ("lise.<b>holm</b>@exam<wbr>ple.com", "[EMAIL]"),
    "an iban in parts": ("DE89 3704\u200b 0044 0532 \u2060013000", "[ID]"),
}


@pytest.mark.parametrize("masked", MASKED.values(), ids=MASKED)
def test_a_masked_value_is_found_with_its_exact_place(
    redactor: Redactor, masked: tuple[str, str]
) -> None:
    value, placeholder = masked
    text = f"Write: {value} (soon)"
    result = redactor.redact([Passage(text)])[0]
    plain = result.text.replace("<b></b>", "").replace("<wbr>", "")
    assert plain == f"Write: {placeholder} (soon)"
    assert (result.spans[0].start, result.spans[-1].end) == (7, 7 + len(value))


def test_a_masked_name_and_address_are_found(redactor: Redactor) -> None:
    text = "My name is J\u200bohn Sm\u0456th and I live at \uff11\uff12 High Street."
    assert redactor.redact([Passage(text)])[0].text == (
        "My name is [NAME] and I live at [ADDRESS]."
    )


def test_in_html_the_tags_stay_where_they_are(redactor: Redactor) -> None:
    text = f"<p title='{full_width(MAIL)}'>Ask li\u200bse.<b>holm</b>&#64;example.com</p>"
    assert redactor.redact([Passage(text, "text/html")])[0].text == (
        "<p title='[EMAIL]'>Ask [EMAIL]<b></b></p>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Wo ist mein Päckchen – „bald“ da? Ça va, señor; 20 % Rabatt, A & B, 1 < 2",
        "Где моя посылка?",
        "Πού είναι το δέμα μου;",
        "",
    ],
)
def test_a_text_that_hides_nothing_is_read_once(text: str) -> None:
    assert unmasked(View(text)) is None


def test_a_word_of_another_alphabet_is_no_disguise() -> None:
    assert unmasked(View("Анна and Anna")) is None
    clear = unmasked(View("\u0410nna"))
    assert clear is not None
    assert clear.text == "Anna"


TEXTS = st.text(
    st.sampled_from([*"aA1@ .<>b/&;#%=4", "\u200b", "\u0430", "\uff11", "\u0661", "ø", "\ufb01"]),
    max_size=40,
)


@settings(max_examples=300)
@given(TEXTS)
def test_every_place_of_the_clear_text_leads_back(text: str) -> None:
    clear = unmasked(View(text))
    if clear is None:
        return
    places = [clear.span(at, at + 1) for at in range(len(clear.text))]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    # What was not changed is the character that stands there.
    for (start, end), character in zip(places, clear.text, strict=True):
        if end - start == 1 and text[start].isascii():
            assert character == text[start]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([value for value, _ in MASKED.values()]), max_size=4))
def test_a_second_pass_finds_nothing(redactor: Redactor, values: list[str]) -> None:
    once = redactor.redact([Passage(" and ".join(values), language="en")])[0].text
    assert redactor.redact([Passage(once, language="en")])[0].spans == ()
