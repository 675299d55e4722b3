"""Telephone numbers are found where they are expected or called so; orders and amounts are not."""

import pytest

from lacuna.redaction.recognizers.phones import ExpectedPhoneRecognizer
from tests.redaction.recognizers.annotation import annotated, found

NUMBERS = r"""
en|Call me on ⟦07700 900123⟧ after six.
en|My mobile is ⟦+44 7700 900123⟧
en|(office) ⟦(555) 123-4567⟧, ask for me
en|⟦212-555-0199 ext. 22⟧
en|You can reach me at ⟦785 8949⟧
en|They're not answering at ⟦0479 50 54 03⟧
en|⟦0045 20 30 40 50⟧ is my Danish one
en|Tel: ⟦+49 (0) 171 1234567⟧
en|⟦166-684-7899⟧ fax
en|text me: ⟦+1-962-819-8200⟧
en|⟦020 7946 0958⟧
da|Ring på ⟦20 30 40 50⟧ i dag
da|mit nummer er ⟦20304050⟧
da|Venlig hilsen\nLise Holm\n⟦20 30 40 50⟧
da|tlf. ⟦22 12 34 56⟧
de|Meine Nummer ist ⟦0171 2345678⟧
de|⟦030/1234567⟧
de|Rufen Sie mich zurück: ⟦0151-23456789⟧
de|Handy ⟦0664 1234567⟧
sv|Jag nås på ⟦070-123 45 67⟧
sv|⟦08-123 456 78⟧
nb|ring meg på ⟦912 34 567⟧
nb|⟦22 12 34 56⟧
nl|bel mij op ⟦06-12345678⟧
nl|⟦06 12345678⟧
fr|Mon numéro : ⟦06 12 34 56 78⟧
fr|⟦06.12.34.56.78⟧
es|mi móvil es ⟦612 345 678⟧
es|⟦612 34 56 78⟧
it|il mio cellulare ⟦347 1234567⟧
it|chiamatemi allo ⟦02 1234 5678⟧
pl|proszę dzwonić ⟦512-345-678⟧
pl|⟦512 345 678⟧
fi|puh. ⟦040 123 4567⟧
fi|Soittakaa ⟦050 1234567⟧
pt|ligue para ⟦912 345 678⟧
pt|o meu telemóvel: ⟦+351 912 345 678⟧
"""

NONE = r"""
en|order 12345678 is late
en|My order number 2024-1234-5678
en|Invoice 100 200 300
en|I paid 1 234 567 kr
en|we sold 20 000 000 units
en|ISBN 978-3-16-148410-0
en|serial 1234 5678 9012
en|IMEI 356938035643809
en|call me at 5 30 or 12 45
en|I called on 12 03 2024
en|Case 00123456 please
en|The ticket 20304050 has been closed
en|I was charged 49.90 and 129.00
en|1234567
en|20304050
en|tracking 1Z999AA10123456784
en|coordinates 55.676098, 12.568337
en|I called about order 12345678
en|call about invoice number 00456789
en|SSN 308-63-0237
en|the address 86.231.85.193 is blocked
en|the taxi goes to 03 2657 Koontz Lane
en|application (no. 16444/07)
en|from 2019 - 2024
en|my balance is $18,051.39
da|Mit ordrenummer er 20304050
da|Jeg betalte 20 304 050 kr
da|kl. 10 30 til 12 00
de|Rechnung 4711-0815-23
de|Kundennummer 0301234567
fr|commande 0612345678
es|pedido 612345678
it|ordine 3471234567
nl|bestelling 0612345678
pl|zamówienie 512345678
sv|ordernummer 0701234567
fi|tilausnumero 0401234567
pt|encomenda 912345678
nb|ordre 91234567
"""


def _cases(table: str) -> list[tuple[str, str]]:
    return [tuple(line.replace("\\n", "\n").split("|", 1)) for line in table.strip().split("\n")]


@pytest.mark.parametrize(("language", "sentence"), _cases(NUMBERS))
def test_a_telephone_number_is_found(language: str, sentence: str) -> None:
    assert found(ExpectedPhoneRecognizer(language), sentence) == annotated(sentence)


@pytest.mark.parametrize(("language", "sentence"), _cases(NONE))
def test_a_number_of_something_else_is_left(language: str, sentence: str) -> None:
    assert found(ExpectedPhoneRecognizer(language), sentence) == []


def test_a_national_number_counts_where_the_tenant_expects_its_country() -> None:
    assert found(ExpectedPhoneRecognizer("en"), "20304050") == []
    assert found(ExpectedPhoneRecognizer("en", ("DK",)), "20304050") == ["20304050"]
    assert found(ExpectedPhoneRecognizer("da"), "20304050") == ["20304050"]


def test_a_number_that_the_text_calls_a_telephone_scores_higher() -> None:
    recognizer = ExpectedPhoneRecognizer("en")
    (told,) = recognizer.find("phone 020 7946 0958")
    (untold,) = recognizer.find("020 7946 0958")
    assert (told.score, untold.score) == (0.9, 0.4)
