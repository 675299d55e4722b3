"""Identity numbers, references and dates of birth are found by their digits and their words."""

import pytest

from lacuna.redaction.recognizers.births import BirthDateRecognizer
from lacuna.redaction.recognizers.identity_numbers import IdentityNumberRecognizer
from lacuna.redaction.recognizers.labelled_numbers import LabelledNumberRecognizer
from tests.redaction.recognizers.annotation import annotated, found

# Numbers from the documentation of the countries' own check digits; they belong to nobody.
IDENTITIES = r"""
DK_CPR|cpr-nr. ⟦010203-1234⟧
DK_CPR|mit cpr er ⟦0102031234⟧
SE_PERSONNUMMER|mitt personnummer är ⟦640823-3234⟧
SE_PERSONNUMMER|⟦19640823-3234⟧
NO_FODSELSNUMMER|fødselsnummer ⟦15108695088⟧
NO_FODSELSNUMMER|⟦151086 95088⟧
FI_PERSONAL_IDENTITY_CODE|hetu ⟦131052-308T⟧
FI_PERSONAL_IDENTITY_CODE|⟦131052A308T⟧
IS_KENNITALA|kennitala ⟦450401-3150⟧
NL_BSN|mijn BSN is ⟦111222333⟧
NL_BSN|burgerservicenummer: ⟦1112.22.333⟧
BE_NATIONAL_NUMBER|rijksregisternummer ⟦85.07.30-033 28⟧
BE_NATIONAL_NUMBER|⟦85073003328⟧
FR_NIR|numéro de sécurité sociale ⟦2 95 10 99 126 111 93⟧
FR_NIR|⟦295109912611193⟧
DE_TAX_ID|Steuer-ID ⟦36 574 261 809⟧
ES_NIF|DNI ⟦54362315K⟧
ES_NIF|⟦54362315-K⟧
ES_NIE|NIE: ⟦X2482300W⟧
IT_FISCAL_CODE|codice fiscale ⟦RCCMNL83S18D969H⟧
IT_FISCAL_CODE|⟦rccmnl83s18d969h⟧
PL_PESEL|PESEL ⟦44051401359⟧
IE_PPS|my PPS number is ⟦1234567FA⟧
PT_NIF|NIF ⟦123456789⟧
PT_CITIZEN_CARD|cartão de cidadão ⟦00000000 0 ZZ4⟧
AT_SOCIAL_SECURITY|SVNR ⟦1237 010180⟧
CH_AHV|AHV-Nr. ⟦756.9217.0769.85⟧
CZ_BIRTH_NUMBER|rodné číslo ⟦710319/2745⟧
RO_CNP|CNP ⟦1630615123457⟧
EE_ID|isikukood ⟦36805280109⟧
LV_ID|personas kods ⟦161175-19997⟧
"""

NO_IDENTITIES = r"""
cpr 320203-1234
cpr 011303-1234
1010203-1234
order 0102031234
36574261809
44051401359
111222333
number 123456789
54362315A
X2482300A
640823-3235 is no id of anybody 32
order 12345678901
phone +45 12345678
2024-01-15 to 2024-02-15
1.234.567,89 EUR
"""

REFERENCES = r"""
My order number is ⟦84712290⟧ and it is late
Order #⟦A-48812⟧ has not arrived
case no. ⟦CS-2024-00017⟧
Booking reference: ⟦XK4T9Q2⟧
invoice ⟦100200300⟧
my passport number is ⟦X1234567⟧
driving licence ⟦HOLME708123L99AB⟧
account number ⟦0012345678⟧
application (no. ⟦18403/91⟧) was lodged
tickets ⟦4711001⟧ and ⟦4711002⟧
Mit ordrenummer er ⟦20304050⟧
Sagsnummer ⟦2024-1234⟧
kundenummer: ⟦887766⟧
konto ⟦0001234567⟧
Meine Bestellnummer lautet ⟦B-99231⟧
Kundennummer ⟦0301234567⟧
Rechnung Nr. ⟦2024/00815⟧
Vertragsnummer ⟦V12345678⟧
Personalausweis ⟦L01X00T47⟧
Mitt ordernummer är ⟦556677⟧
ärendenummer ⟦A20240017⟧
kundnummer ⟦445566⟧
Ordrenummeret er ⟦7788991⟧
Bestelnummer is ⟦55443322⟧
klantnummer: ⟦990011⟧
Ma commande ⟦FR-4471200⟧ est perdue
numéro de dossier ⟦2024-5567⟧
N° de client: ⟦778899⟧
Mi pedido ⟦88990011⟧ no llega
número de cliente ⟦12340987⟧
Il mio ordine ⟦IT554433⟧
codice cliente ⟦334455⟧
Numer zamówienia ⟦PL887766⟧
zamówienie nr ⟦5544332⟧
tilausnumero ⟦998877⟧
A minha encomenda ⟦PT112233⟧
fatura ⟦FT-2024/221⟧
my booking code is ⟦HNQVDR⟧
⟦HNQVDR⟧ is our booking reference
PNR: ⟦HNQ-VDR⟧
order ⟦2024/77⟧
invoice number ⟦44.71⟧
polis nr ⟦HA 33-910-2⟧
factuurnummer ⟦INV 2024 01⟧
⟦KD3391⟧ is my customer number
it is about ⟦3391/c2⟧, the order of May
"""

NO_REFERENCES = r"""
I ordered 3 lamps in 2024
order of 12 March 2024
the case of 2023
my account has 2 users
ticket for 2 people at 10:30
invoice of 49.90
Order 2024-05-17 was confirmed
case closed 3 times
bestilte 2 par i 2023
die Rechnung vom 12.05.2024
la commande de 3 articles
pedido de 2 cosas
My client 2 days ago
I'd like a booking for 4 people
my booking code is BROKEN
MY BOOKING CODE IS WRONGX AND NOBODY COMES
the ABCDEF is late and my number is missing
the season of order 2024/25
the device SM-A51 is late
delivery KW-44
my RTX-4070, the order came
"""

BIRTHS = r"""
My date of birth is ⟦12/03/1985⟧.
DOB: ⟦1985-03-12⟧
She was born on ⟦12 March 1985⟧ in Oslo
born ⟦March 12, 1985⟧
Jeg er født ⟦12. marts 1985⟧
fødselsdato: ⟦12-03-1985⟧
f. ⟦12/3-85⟧
Ich bin geboren am ⟦12.03.1985⟧
Geburtsdatum ⟦12. März 1985⟧
född ⟦1985-03-12⟧
födelsedatum: ⟦12 mars 1985⟧
geboortedatum ⟦12-03-1985⟧
né le ⟦12 mars 1985⟧
date de naissance : ⟦12/03/1985⟧
fecha de nacimiento: ⟦12 de marzo de 1985⟧
nació el ⟦12/03/1985⟧
nata il ⟦12 marzo 1985⟧
data di nascita ⟦12/03/1985⟧
data urodzenia: ⟦12.03.1985⟧
urodzona ⟦12 marca 1985⟧
syntymäaika ⟦12.3.1985⟧
data de nascimento: ⟦12/03/1985⟧
"""

NO_BIRTHS = r"""
It was delivered on 12/03/2024
the birthday present arrived on time
born in London
my birthday card cost 12.50
Die Lieferung vom 12.03.2024
geboren in Köln
"""


def _cases(table: str) -> list[tuple[str, str]]:
    return [tuple(line.split("|", 1)) for line in table.strip().split("\n")]


@pytest.mark.parametrize(("entity", "sentence"), _cases(IDENTITIES))
def test_an_identity_number_is_found(entity: str, sentence: str) -> None:
    recognizer = IdentityNumberRecognizer("en")
    assert found(recognizer, sentence) == annotated(sentence)
    text = sentence.replace("⟦", "").replace("⟧", "")
    assert entity in {match.entity for match in recognizer.find(text)}


@pytest.mark.parametrize("sentence", NO_IDENTITIES.strip().split("\n"))
def test_a_number_with_a_wrong_check_digit_or_without_its_word_is_left(sentence: str) -> None:
    assert found(IdentityNumberRecognizer("en"), sentence) == []


@pytest.mark.parametrize("sentence", REFERENCES.strip().split("\n"))
def test_a_reference_is_found_after_its_word(sentence: str) -> None:
    assert found(LabelledNumberRecognizer("en"), sentence) == annotated(sentence)


@pytest.mark.parametrize("sentence", NO_REFERENCES.strip().split("\n"))
def test_a_day_an_amount_or_a_count_is_no_reference(sentence: str) -> None:
    assert found(LabelledNumberRecognizer("en"), sentence) == []


@pytest.mark.parametrize("sentence", BIRTHS.strip().split("\n"))
def test_a_date_of_birth_is_found(sentence: str) -> None:
    assert found(BirthDateRecognizer("en"), sentence) == annotated(sentence)


@pytest.mark.parametrize("sentence", NO_BIRTHS.strip().split("\n"))
def test_another_day_is_no_date_of_birth(sentence: str) -> None:
    assert found(BirthDateRecognizer("en"), sentence) == []
