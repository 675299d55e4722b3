"""Registration plates are hidden in the forms of each country, and what only resembles one stays."""

import pytest

from lacuna.redaction.recognizers.registration_plates import RegistrationPlateRecognizer
from tests.redaction.recognizers.annotation import annotated, found

TOLD = r"""
da|Jeg kørte ind på pladsen kl. 8, ⟦BX 40 118⟧ eller ⟦BX40119⟧.
da|Min bil (⟦AK 71 902⟧) holdt lovligt.
de|Geblitzt wurde ⟦KO-XR 4471⟧, das war ich nicht.
de|Mein Auto ⟦M-X 42⟧ stand vor der Tür.
de|Das Auto aus Graz, ⟦G-471 KX⟧, ist meins.
en|It was ⟦LD19 XKW⟧ in the bus lane, or ⟦LD19XKW⟧ as the letter writes.
en|A fine for ⟦251-D-40118⟧, which is not mine.
es|Ayer me multaron, ⟦4471 KLM⟧ o ⟦4471KLM⟧.
es|Mi coche, ⟦4471-KLM⟧, estaba bien aparcado.
fi|Autoni ⟦RXK-482⟧ sai maksun.
fi|Pysäköin laillisesti, ⟦AB-12⟧.
fr|Vous avez flashé ⟦AB-123-CD⟧, ⟦AB 123 CD⟧ ou ⟦AB123CD⟧.
fr|La voiture belge ⟦1-ABC-234⟧ aussi.
it|La multa è per ⟦GK 412 RT⟧.
nb|De tok ⟦EL 40118⟧ i fartskontrollen, altså ⟦EL40118⟧.
nl|De boete is voor ⟦12-ABC-3⟧, niet voor ⟦XX-99-YZ⟧ of ⟦K-482-XP⟧.
pl|Mój samochód, ⟦WA 40118⟧, stał obok ⟦KR4XK21⟧, też mojego auta.
pt|Passei na ponte com o ⟦45-TR-12⟧ e o ⟦AA-01-BB⟧.
sv|Min bil ⟦ABC 123⟧ stod bredvid ⟦ABC 12D⟧, som är min frus bil.
"""
NOBODYS = r"""
da|KR 12 345 er for meget, og DK 12 345 678 er et CVR-nummer.
da|Den 12-MAJ-24 og 3-MAJ-24 kom der ingen.
de|USB-C 3 und HDMI-2 am GT-R 35, CD-R 80.
en|The RTX-4070 and the WH1000XM4 broke on 3-MAY-24, COVID-19 or not.
en|model AB-123-CD and product AB 123 CD are sold out
en|Terms 12-34-56 and 2024-11-05, at 10-12 or 8-10-12.
es|Va a 4500 RPM y cuesta 1200 GBP.
es|En 2024 PLM cerró.
fi|Tuote XR-12 on loppu, samoin A4-paperi ja F-16.
fr|Le vol AF 1234 et la salle B 12.
it|Il volo AZ 123 e il modello AB 123 CD.
nb|Vi betalte KR 12345 for NO 40118.
pl|Norma EN 12345 i AB 1234.
sv|Rad ABC 123 i tabellen, och EU 2016.
"""


def _lines(texts: str) -> list[tuple[str, str]]:
    return [(line[:2], line[3:]) for line in texts.strip().splitlines()]


@pytest.mark.parametrize(("language", "sentence"), _lines(TOLD))
def test_a_plate_is_hidden(language: str, sentence: str) -> None:
    recognizer = RegistrationPlateRecognizer(language)
    assert set(annotated(sentence)) <= set(found(recognizer, sentence))


@pytest.mark.parametrize(("language", "text"), _lines(NOBODYS))
def test_what_only_looks_like_a_plate_stays(language: str, text: str) -> None:
    assert found(RegistrationPlateRecognizer(language), text) == []
