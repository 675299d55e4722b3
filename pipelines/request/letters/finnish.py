"""Finnish."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

FINNISH: Final = Letterhead(
    language="fi",
    greeting="Hei,",
    closing="Ystävällisin terveisin",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "Olemme vastaanottaneet pyyntösi",
            (
                "vastaanotimme henkilötietojasi koskevan viestisi {received} ja "
                "käsittelemme sitä. Kuulet meistä viimeistään {due}.\n\n"
                "Viitteesi: {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Vahvista pyyntösi",
            (
                "vastaanotimme {received} henkilötietoja koskevan viestisi. Ennen"
                " kuin teemme mitään, meidän on tiedettävä, että se tulee "
                "henkilöltä, jota se koskee.\n\n"
                "Vastaa tähän viestiin samasta osoitteesta, kirjoita ylös vain "
                "KYLLÄ ja jätä tämä rivi vastaukseesi:\n\n"
                "    {code}\n\n"
                "Voit myös kertoa numeron, jolla tunnemme sinut, esimerkiksi "
                "asiakasnumerosi. Jos et ole kirjoittanut meille, älä tee mitään:"
                " silloin mitään ei tapahdu.\n\n"
                "Viitteesi: {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "Kysymys viestistäsi",
            (
                "vastaanotimme viestisi {received}, emmekä ole varmoja, mitä "
                "haluat meidän tekevän tai kenen puolesta. Kerro, haluatko nähdä "
                "tietosi, siirtää ne, oikaista, rajoittaa tai poistaa ne vai "
                "vastustaa niiden käyttöä, ja millä osoitteella tai "
                "asiakasnumerolla tunnemme sinut. Toisen puolesta kirjoittavan on"
                " liitettävä valtakirja.\n\n"
                "Viitteesi: {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "Mitä näistä haluat?",
            (
                "olemme saaneet viestisi {received} emmekä ole varmoja, mitä "
                "haluat meidän tekevän henkilötiedoille. Vastaa tähän viestiin "
                "samasta osoitteesta: kirjoita ensimmäiselle riville haluamiesi "
                "kohtien numerot, ja jätä koodirivi vastaukseesi.\n\n"
                "    1  kopio tiedoistani\n"
                "    2  tietoni muodossa, jonka voin viedä mukanani\n"
                "    3  tietojeni oikaiseminen\n"
                "    4  tietojeni käytön rajoittaminen\n"
                "    5  tietojeni käytön vastustaminen\n"
                "    6  tietojeni poistaminen\n"
                "    7  ei mitään näistä: asia oli muu\n\n"
                "    {code}\n\n"
                "Jos et ole varma, kerro omin sanoin; joku lukee sen. Jos et ole "
                "kirjoittanut meille, älä tee mitään: silloin mitään ei tapahdu.\n\n"
                "Viitteesi: {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "Tarvitsemme lisää aikaa pyyntöösi",
            (
                "vastaanotimme pyyntösi {received}. Koska se on monimutkainen tai"
                " pyyntöjä on paljon, tarvitsemme enintään kaksi kuukautta lisää "
                "ja vastaamme viimeistään {due} (yleisen tietosuoja-asetuksen 12 "
                "artiklan 3 kohta).\n\n"
                "Viitteesi: {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "Pyyntösi",
            (
                "emme voi toteuttaa pyyntöäsi {received} yleisen tietosuoja-"
                "asetuksen artiklan {ground} nojalla. Voit tehdä valituksen "
                "valvontaviranomaiselle ({authority}) ja hakea muutosta "
                "tuomioistuimessa.\n\n"
                "Viitteesi: {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "Pyyntösi on toteutettu osittain",
            (
                "pyyntösi {received} on toteutettu, lukuun ottamatta sitä, mitä säilytämme "
                "{until} asti GDPR:n {ground} artiklan nojalla; sen jälkeen asia käsitellään "
                "uudelleen. Voit tehdä valituksen valvontaviranomaiselle ({authority}) ja "
                "viedä asian tuomioistuimeen.\n\nViitteesi: {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "Pyyntösi on peruttu",
            (
                "{received} kirjoitit peruvasi aiemman pyyntösi. Olemme sulkeneet sen, emmekä "
                "tee sille enää mitään. Voit esittää uuden pyynnön milloin "
                "tahansa.\n\nViitteesi: {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "Pyyntösi on toteutettu",
            ("pyyntösi {received} on toteutettu.\n\nViitteesi: {reference}"),
        ),
    },
)
