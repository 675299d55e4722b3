"""German."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

GERMAN: Final = Letterhead(
    language="de",
    greeting="Guten Tag,",
    closing="Mit freundlichen Grüßen",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "Wir haben Ihre Anfrage erhalten",
            (
                "wir haben Ihre Nachricht zu Ihren personenbezogenen Daten am "
                "{received} erhalten und bearbeiten sie. Sie hören spätestens am "
                "{due} von uns.\n\n"
                "Ihr Zeichen: {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Bitte bestätigen Sie Ihre Anfrage",
            (
                "wir haben am {received} Ihre Nachricht zu personenbezogenen "
                "Daten erhalten. Bevor wir etwas tun, müssen wir wissen, dass sie"
                " von der Person kommt, um die es geht.\n\n"
                "Bitte antworten Sie von derselben Adresse auf diese Mail, "
                "schreiben Sie nur JA darüber, und lassen Sie diese Zeile in Ihrer "
                "Antwort stehen:\n\n"
                "    {code}\n\n"
                "Sie können uns auch eine Nummer nennen, unter der wir Sie "
                "kennen, zum Beispiel Ihre Kundennummer. Haben Sie uns nicht "
                "geschrieben, tun Sie nichts: dann geschieht nichts.\n\n"
                "Ihr Zeichen: {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "Eine Frage zu Ihrer Nachricht",
            (
                "wir haben Ihre Nachricht vom {received} erhalten und sind nicht "
                "sicher, was wir tun sollen oder für wen. Bitte sagen Sie uns, ob"
                " Sie Ihre Daten sehen, mitnehmen, berichtigen, einschränken oder"
                " löschen lassen oder ihrer Nutzung widersprechen möchten, und "
                "unter welcher Adresse oder Kundennummer wir Sie kennen. Wer für "
                "andere schreibt, füge bitte einen Nachweis der Vollmacht bei.\n\n"
                "Ihr Zeichen: {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "Was davon möchten Sie?",
            (
                "wir haben Ihre Nachricht vom {received} erhalten und sind nicht "
                "sicher, was wir mit personenbezogenen Daten tun sollen. Bitte "
                "antworten Sie auf diese Mail von derselben Adresse: Schreiben "
                "Sie die Nummern dessen, was Sie möchten, in die erste Zeile, und "
                "lassen Sie die Zeile mit dem Code in Ihrer Antwort stehen.\n\n"
                "    1  eine Kopie meiner Daten\n"
                "    2  meine Daten in einer Form, die ich mitnehmen kann\n"
                "    3  meine Daten berichtigen lassen\n"
                "    4  die Nutzung meiner Daten einschränken lassen\n"
                "    5  der Nutzung meiner Daten widersprechen\n"
                "    6  meine Daten löschen lassen\n"
                "    7  nichts davon: es ging um etwas anderes\n\n"
                "    {code}\n\n"
                "Sind Sie nicht sicher, schreiben Sie es uns in eigenen Worten; "
                "jemand wird es lesen. Haben Sie uns nicht geschrieben, tun Sie "
                "nichts: Dann geschieht auch nichts.\n\n"
                "Ihr Zeichen: {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "Wir brauchen mehr Zeit für Ihre Anfrage",
            (
                "wir haben Ihre Anfrage am {received} erhalten. Weil sie komplex "
                "ist oder viele Anfragen vorliegen, brauchen wir bis zu zwei "
                "weitere Monate und antworten spätestens am {due} (Art. 12 Abs. 3"
                " DSGVO).\n\n"
                "Ihr Zeichen: {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "Ihre Anfrage",
            (
                "wir können Ihrer Anfrage vom {received} nicht nachkommen; "
                "Grundlage ist Art. {ground} DSGVO. Sie können sich bei einer "
                "Aufsichtsbehörde ({authority}) beschweren und gerichtlichen "
                "Rechtsschutz suchen.\n\n"
                "Ihr Zeichen: {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "Ihre Anfrage ist zum Teil erledigt",
            (
                "Ihre Anfrage vom {received} ist ausgeführt, ausgenommen das, was wir nach "
                "Art. {ground} DSGVO bis zum {until} aufbewahren; danach wird neu darüber "
                "entschieden. Sie können sich bei einer Aufsichtsbehörde ({authority}) "
                "beschweren und gerichtlich dagegen vorgehen.\n\nIhr Zeichen: {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "Ihr Antrag ist zurückgenommen",
            (
                "am {received} haben Sie Ihren früheren Antrag zurückgenommen. Wir haben ihn "
                "geschlossen und unternehmen dazu nichts mehr. Sie können jederzeit einen "
                "neuen Antrag stellen.\n\nIhr Zeichen: {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "Ihre Anfrage ist erledigt",
            ("Ihre Anfrage vom {received} ist ausgeführt.\n\nIhr Zeichen: {reference}"),
        ),
    },
)
