"""Dutch."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

DUTCH: Final = Letterhead(
    language="nl",
    greeting="Hallo,",
    closing="Met vriendelijke groet",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "Wij hebben uw verzoek ontvangen",
            (
                "wij hebben uw bericht over uw persoonsgegevens op {received} "
                "ontvangen en behandelen het. U hoort uiterlijk {due} van ons.\n\n"
                "Uw kenmerk: {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Bevestig uw verzoek",
            (
                "wij hebben op {received} uw bericht over persoonsgegevens "
                "ontvangen. Voordat wij iets doen, moeten wij weten dat het komt "
                "van de persoon om wie het gaat.\n\n"
                "Beantwoord deze mail vanaf hetzelfde adres, schrijf er alleen JA "
                "boven en laat deze regel in uw antwoord staan:\n\n"
                "    {code}\n\n"
                "U kunt ook een nummer noemen waaronder wij u kennen, zoals uw "
                "klantnummer. Hebt u ons niet geschreven, doe dan niets: dan "
                "gebeurt er niets.\n\n"
                "Uw kenmerk: {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "Een vraag over uw bericht",
            (
                "wij hebben uw bericht van {received} ontvangen en weten niet "
                "zeker wat wij moeten doen, of voor wie. Laat ons weten of u uw "
                "gegevens wilt zien, meenemen, laten verbeteren, beperken of "
                "wissen, of bezwaar maakt tegen het gebruik, en onder welk adres "
                "of klantnummer wij u kennen. Wie voor een ander schrijft, voegt "
                "een machtiging bij.\n\n"
                "Uw kenmerk: {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "Wat hiervan wilt u?",
            (
                "wij hebben uw bericht van {received} ontvangen en weten niet "
                "zeker wat u wilt dat wij met persoonsgegevens doen. Antwoord op "
                "deze mail vanaf hetzelfde adres: zet de nummers van wat u wilt "
                "op de eerste regel, en laat de regel met de code in uw antwoord "
                "staan.\n\n"
                "    1  een kopie van mijn gegevens\n"
                "    2  mijn gegevens in een vorm die ik kan meenemen\n"
                "    3  mijn gegevens laten corrigeren\n"
                "    4  het gebruik van mijn gegevens laten beperken\n"
                "    5  bezwaar maken tegen het gebruik van mijn gegevens\n"
                "    6  mijn gegevens laten wissen\n"
                "    7  niets hiervan: het ging over iets anders\n\n"
                "    {code}\n\n"
                "Weet u het niet zeker, schrijf het dan in uw eigen woorden; "
                "iemand zal het lezen. Hebt u ons niet geschreven, doe dan niets: "
                "dan gebeurt er niets.\n\n"
                "Uw kenmerk: {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "Wij hebben meer tijd nodig voor uw verzoek",
            (
                "wij hebben uw verzoek op {received} ontvangen. Omdat het complex"
                " is of omdat er veel verzoeken zijn, hebben wij tot twee maanden"
                " meer nodig en antwoorden wij uiterlijk {due} (artikel 12, lid "
                "3, AVG).\n\n"
                "Uw kenmerk: {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "Uw verzoek",
            (
                "wij kunnen uw verzoek van {received} niet inwilligen, op grond "
                "van artikel {ground} AVG. U kunt een klacht indienen bij een "
                "toezichthouder ({authority}) en naar de rechter gaan.\n\n"
                "Uw kenmerk: {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "Uw verzoek is gedeeltelijk uitgevoerd",
            (
                "uw verzoek van {received} is uitgevoerd, behalve wat wij op grond van art. "
                "{ground} AVG tot {until} bewaren; daarna wordt er opnieuw naar gekeken. U "
                "kunt een klacht indienen bij een toezichthoudende autoriteit ({authority}) en "
                "naar de rechter gaan.\n\nUw kenmerk: {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "Uw verzoek is ingetrokken",
            (
                "op {received} schreef u dat u uw eerdere verzoek intrekt. Wij hebben het "
                "gesloten en doen er niets meer mee. U kunt altijd opnieuw een verzoek "
                "doen.\n\nUw kenmerk: {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "Uw verzoek is uitgevoerd",
            ("uw verzoek van {received} is uitgevoerd.\n\nUw kenmerk: {reference}"),
        ),
    },
)
