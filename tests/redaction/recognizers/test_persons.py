"""Names are found by what stands round them, in every language; greetings of nobody are not."""

import pytest

from lacuna.redaction.recognizers.persons import PersonContextRecognizer
from tests.redaction.recognizers.annotation import annotated, found

CUED = r"""
Dear ⟦Lise Holm⟧,\nthank you
Hi ⟦Karen⟧ I have a question
Dear Mr ⟦Thornbury⟧,
hello ⟦anna⟧,
My name is ⟦Orla Quinn⟧ and I wait
my name is ⟦anna berg⟧ and i wait
This is ⟦Karen Whitlow⟧ again
Kind regards,\n⟦Orla Quinn⟧
Best wishes\n⟦T. Okafor⟧\nHead of Sales
Thanks, ⟦Orla⟧
Cheers ⟦Dave⟧
Name: ⟦Orla Quinn⟧
From: ⟦Orla Quinn⟧ <orla@example.org>
I spoke with ⟦Karen⟧ on Monday
I met Dr. ⟦Abernathy⟧ yesterday
On Tuesday ⟦Karen Whitlow⟧ wrote:\n> hi
Kære ⟦Mette Lund⟧\nTak for mailen
Hej ⟦Søren⟧,
Jeg hedder ⟦Mette Lund⟧
Mit navn er ⟦Mette Lund⟧.
Med venlig hilsen\n⟦Mette Lund⟧
Mvh ⟦Mette⟧
mvh\n⟦mette⟧
Mange hilsner, ⟦Bjarke Lund⟧
Navn: ⟦Bjarke Lund⟧
Jeg talte med ⟦Bjarke⟧ i går
Liebe Frau ⟦Obermayer⟧,
Sehr geehrter Herr Dr. ⟦Obermayer⟧,
Hallo ⟦Jürgen⟧,
Mein Name ist ⟦Heike Obermayer⟧
Ich heiße ⟦Heike Obermayer⟧ und warte
Mit freundlichen Grüßen\n⟦Heike Obermayer⟧
Viele Grüße ⟦Heike⟧
LG ⟦Heike⟧
Ansprechpartner: ⟦Heike Obermayer⟧
Hej ⟦Ingela Sandvik⟧,
Jag heter ⟦Ingela Sandvik⟧
Med vänlig hälsning\n⟦Ingela Sandvik⟧
Hälsningar ⟦Ingela⟧
Hei ⟦Solveig⟧,
Jeg heter ⟦Solveig Nordli⟧
Vennlig hilsen\n⟦Solveig Nordli⟧
Geachte heer ⟦Van der Meulen⟧,
Beste ⟦Femke⟧,
Mijn naam is ⟦Femke van der Meulen⟧.
Ik heet ⟦Femke⟧
Met vriendelijke groet,\n⟦Femke van der Meulen⟧
Groetjes ⟦Femke⟧
Bonjour Madame ⟦Delacourt⟧,
Chère ⟦Élodie⟧,
Je m'appelle ⟦Élodie Delacourt⟧
Mon nom est ⟦Delacourt⟧.
Cordialement,\n⟦Élodie Delacourt⟧
Bien à vous, ⟦Élodie⟧
Nom: ⟦Delacourt⟧
Estimada señora ⟦Quiroga⟧:
Hola ⟦Marisol⟧,
Me llamo ⟦Marisol Quiroga⟧
Mi nombre es ⟦Marisol Quiroga⟧.
Un saludo,\n⟦Marisol Quiroga⟧
Atentamente, ⟦Marisol Quiroga⟧
Gentile signora ⟦Bellandi⟧,
Ciao ⟦Giulia⟧,
Mi chiamo ⟦Giulia Bellandi⟧
Cordiali saluti\n⟦Giulia Bellandi⟧
Saluti, ⟦Giulia⟧
Szanowny Panie ⟦Wysocki⟧,
Cześć ⟦Agnieszka⟧,
Nazywam się ⟦Agnieszka Wysocka⟧
Pozdrawiam\n⟦Agnieszka Wysocka⟧
Z poważaniem, ⟦Agnieszka Wysocka⟧
Hei ⟦Päivi⟧,
Nimeni on ⟦Päivi Lahtela⟧
Ystävällisin terveisin\n⟦Päivi Lahtela⟧
Terveisin ⟦Päivi⟧
Olá ⟦Tiago⟧,
Chamo-me ⟦Tiago Falcão⟧
O meu nome é ⟦Tiago Falcão⟧.
Com os melhores cumprimentos,\n⟦Tiago Falcão⟧
Obrigado, ⟦Tiago⟧
"""

NONE = r"""
Dear Customer,
Customer: Perfect.\nAgent: Done.
Kunde: Super.
Dear Sir or Madam,
Hi there,
Hello Team,
Hi all, what is new?
Thanks in advance
Thank you for your help
Best regards,\nCustomer Service
My name is spelled wrong
This is even worse
I am Danish
It's Monday
I'm on the phone
Regards\n\nSent from my phone
Kære kundeservice
Hej alle sammen
Hej, hvor er min pakke?
Med venlig hilsen\nKundeservice
Tak for hjælpen
Jeg er meget utilfreds
Hallo zusammen,
Sehr geehrte Damen und Herren,
Mit freundlichen Grüßen\nIhr Team
Danke für die Hilfe
Ich bin Kunde bei Ihnen
Hej kundservice,
Tack för hjälpen
Hei, hvor er pakken?
Beste klantenservice,
Geachte heer, mevrouw,
Bedankt voor de hulp
Bonjour,
Bonjour Madame, Monsieur,
Merci pour votre aide
Je suis client
Hola, buenos días
Estimados señores:
Gracias por todo
Soy cliente
Buongiorno,
Gentile servizio clienti,
Grazie per tutto
Dzień dobry,
Szanowni Państwo,
Dziękuję za pomoc
Hei, missä pakettini on?
Kiitos avusta
Olá, bom dia
Obrigado pela ajuda
"""

EVERYWHERE = r"""
I går ringede ⟦Mette Lund⟧ til os
Pakken blev hentet af ⟦Bjarke⟧ og hans kone
Gestern hat ⟦Heike Obermayer⟧ angerufen
Igår ringde ⟦Ingela Sandvik⟧ till er
I går ringte ⟦Solveig Nordli⟧
Gisteren belde ⟦Femke van der Meulen⟧
Hier ⟦Élodie Delacourt⟧ a appelé
Ayer llamó ⟦Marisol Quiroga⟧
Ieri ha chiamato ⟦Giulia Bellandi⟧
Wczoraj dzwoniła ⟦Agnieszka Wysocka⟧
Eilen ⟦Päivi Lahtela⟧ soitti
Ontem ligou o ⟦Tiago Falcão⟧
"""

NOWHERE = r"""
Jeg er meget utilfreds med leveringen
Die Lieferung und die Rechnung fehlen
Der Mann von der Post war da
Jag väntar på paketet
Og hans pakke er væk
Ik ben boos
"""


def _sentences(table: str) -> list[str]:
    return [line.replace("\\n", "\n") for line in table.strip().split("\n")]


@pytest.mark.parametrize("sentence", _sentences(CUED))
def test_a_name_is_found_by_what_stands_round_it(sentence: str) -> None:
    recognizer = PersonContextRecognizer("en", everywhere=False)
    assert found(recognizer, sentence) == annotated(sentence)


@pytest.mark.parametrize("sentence", _sentences(NONE))
def test_a_greeting_of_nobody_holds_no_name(sentence: str) -> None:
    for everywhere in (False, True):
        assert found(PersonContextRecognizer("xx", everywhere=everywhere), sentence) == []


@pytest.mark.parametrize("sentence", _sentences(EVERYWHERE))
def test_without_a_model_a_common_given_name_counts_anywhere(sentence: str) -> None:
    assert found(PersonContextRecognizer("xx", everywhere=True), sentence) == annotated(sentence)
    assert found(PersonContextRecognizer("en", everywhere=False), sentence) == []


@pytest.mark.parametrize("sentence", _sentences(NOWHERE))
def test_without_a_model_other_words_stay(sentence: str) -> None:
    assert found(PersonContextRecognizer("xx", everywhere=True), sentence) == []
