"""Street addresses are found whole, in the languages of Europe, and amounts and days are not."""

import pytest

from lacuna.redaction.recognizers.street_addresses import StreetAddressRecognizer
from tests.redaction.recognizers.annotation import annotated, found

ADDRESSES = r"""
Please send it to ⟦12 Harbour View Road, Whitby YO21 3PU⟧ instead.
I have moved to ⟦221B Larkspur Street, London NW1 6XE⟧.
We live at ⟦4 old mill lane⟧ now
Our office is at ⟦350 Fifth Avenue, Suite 1200, New York, NY 10118⟧ as before.
It is ⟦1550 N Juniper Blvd, Apt 4C⟧, right?
My new address is ⟦7 St Brendan's Close, Cork T12 X70A⟧
The taxi should go to ⟦770 9th Avenue⟧.
Return it to ⟦P.O. Box 1234⟧ please
Ship to ⟦Unit 8411 Box 3596⟧
my zip code is ⟦zip code is 94107⟧
The flat is ⟦Flat 4⟧, ⟦18 Rosemount Gardens, Edinburgh EH3 9QZ⟧.
Address: ⟦25 Elmwood, Galway H91 AB12⟧
Jeg bor på ⟦Storgade 5, 2. tv, 8000 Aarhus C⟧ og venter
Adressen er ⟦Nørre Allé 12, st. th, 2200 København N⟧.
Jeg bor ⟦Møllestien 85, 2300 København S⟧.
Pakken skal til ⟦Åboulevarden 63, 5000 Odense C⟧.
Min adresse er ⟦Ndr. Ringvej 122, 2600 Glostrup⟧.
Ich wohne im ⟦Lindenpfad 12, 20095 Hamburg⟧.
Send den til ⟦H. C. Andersens Boulevard 27, 1553 København V⟧
Min nye adresse: ⟦Gammel Kongevej 74 B, 1850 Frederiksberg⟧
Vi er flyttet til ⟦Birkevænget 9⟧ i Odense
Ich wohne in der ⟦Hauptstraße 12a, 10115 Berlin⟧.
Bitte an ⟦Goethestr. 5, 80336 München⟧ senden
Meine Adresse ist ⟦Am Markt 3, 12345 Musterstadt⟧
Neue Anschrift: ⟦Schönbrunner Straße 12/3/7, 1050 Wien⟧
Lieferung an ⟦Postfach 1234⟧ bitte
Bahnhof ist nah: ⟦Bahnhofstrasse 12, CH-8001 Zürich⟧
Jag bor på ⟦Drottninggatan 5 lgh 1102, 111 51 Stockholm⟧
Skicka till ⟦Sveavägen 44, 111 34 Stockholm⟧, tack
Adress: ⟦Norra Stigen 3⟧ i Umeå
Jeg bor i ⟦Kirkeveien 12B, 0368 Oslo⟧
Leveres til ⟦Karl Johans gate 22, 0162 Oslo⟧ takk
Hytta ligger i ⟦Veslebakken 48⟧
Ik woon op de ⟦Prinsengracht 263-II, 1016 GV Amsterdam⟧
Stuur het naar ⟦Kalverstraat 92, 1012 PH Amsterdam⟧.
Het adres is ⟦Kerkstraat 5 bus 3, 2000 Antwerpen⟧
J'habite au ⟦5 bis rue Victor Hugo, 69002 Lyon⟧
Livrez au ⟦24, avenue de l'Opéra, 75001 Paris⟧ svp
Mon adresse est ⟦12 rue de la Paix⟧ à Lille
C'est au ⟦3 impasse des Lilas, 44000 Nantes⟧.
Vivo en ⟦C/ Alcalá 123, 3º B, 28009 Madrid⟧
Mi dirección es ⟦Calle Mayor 5, 28013 Madrid⟧.
Envíenlo a ⟦Avenida de la Constitución 14, 41001 Sevilla⟧
Abito in ⟦via Garibaldi 15, 20121 Milano⟧
Il mio indirizzo è ⟦Via dei Mille, 8, 00185 Roma⟧
Spedite a ⟦Piazza San Marco 1, 30124 Venezia⟧ grazie
Mieszkam przy ⟦ul. Marszałkowskiej 10/12, 00-590 Warszawa⟧
Mój adres to ⟦ul. Długa 7, 00-238 Warszawa⟧
Proszę wysłać na ⟦al. Jerozolimskie 44⟧
Asun osoitteessa ⟦Hämeentie 12 A 4, 00530 Helsinki⟧
Osoite on ⟦Mannerheimintie 5⟧
Lähettäkää ⟦Koivukuja 8⟧
Moro na ⟦Rua de Santa Catarina, 25, 2.º Esq, 4000-447 Porto⟧
A minha morada é ⟦Avenida da Liberdade 100, 1250-145 Lisboa⟧
Enviem para a ⟦Travessa do Carmo 8⟧
Lise Holm\n⟦Engtoften 12\n8260 Viby J⟧\nDanmark
> ⟦12 Church Lane,\n> Bray,\n> Co. Wicklow, A98 X2Y3⟧
"""

NONE = r"""
I ordered 2 Samsung Galaxy 22 phones, Black, and they never arrived
Please send to me 2 iPhone 13 Pro Max
I paid via PayPal 20 euro yesterday
paid via Klarna 300 in total
order 12345 from 3 May 2024 at 10:30
Room 12 at the hotel
my flight is at Gate 12 in Terminal 2
Windows 11 on a Dell 5520
I have a Volvo V60 2019
the 4 lane highway near the 3 road junction
in 5 days Road works end
Article 8 of the Convention
Part 3 Court of Appeal
Chapter 3 Street food
I bought 3 Square pillows
my Order 12 Street lamps
I moved to Berlin 3 years ago
We go to London 2 times a year
I returned it to Zara 2 weeks ago
box 3 is missing
It was 20% cheaper 2 minutes down the road
during 20 days 5 parcels got lost
navigate 5 pages
the brigade 12 came
Plaza 5
Jeg har ventet 3 uger på levering 12
ring mig 12 gange
Det kostede 49 kr. den 12. maj 2024
Es kostet 20 Euro im Monat, 3 Lieferungen fehlen
Im Januar 5 Stunden gewartet
Am Montag 12 Uhr
Im Warenkorb 3 Artikel
Mein Anruf dauerte 20 Minuten
Jag har väntat 3 veckor på 2 paket
Jeg bestilte 2 par sko i 2024
Ik wacht al 3 weken op 2 pakketten
J'attends depuis 3 semaines, commande de 2 articles
La Plaza Hotel 5 estrellas
El plazo de 30 días terminó hace 2 semanas
Aspetto da 3 settimane, sono 2 pacchi
Czekam 3 tygodnie na 2 paczki
Olen odottanut 3 viikkoa 2 pakettia
Espero há 3 semanas por 2 encomendas
"""


@pytest.fixture(scope="module")
def recognizer() -> StreetAddressRecognizer:
    return StreetAddressRecognizer("en")


@pytest.mark.parametrize("sentence", ADDRESSES.strip().split("\n"))
def test_an_address_is_found_whole(recognizer: StreetAddressRecognizer, sentence: str) -> None:
    sentence = sentence.replace("\\n", "\n")
    assert found(recognizer, sentence) == annotated(sentence)


@pytest.mark.parametrize("sentence", NONE.strip().split("\n"))
def test_what_is_no_address_is_left(recognizer: StreetAddressRecognizer, sentence: str) -> None:
    assert found(recognizer, sentence) == []
