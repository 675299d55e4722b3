"""Swedish."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

SWEDISH: Final = Letterhead(
    language="sv",
    greeting="Hej",
    closing="Vänliga hälsningar",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "Vi har tagit emot din begäran",
            (
                "vi tog emot ditt meddelande om dina personuppgifter den "
                "{received} och behandlar det. Du hör från oss senast den {due}.\n\n"
                "Din referens: {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Bekräfta din begäran",
            (
                "vi tog den {received} emot ditt meddelande om personuppgifter. "
                "Innan vi gör något måste vi veta att det kommer från den person "
                "som det gäller.\n\n"
                "Svara på detta mejl från samma adress, skriv bara JA överst och "
                "låt den här raden stå kvar i svaret:\n\n"
                "    {code}\n\n"
                "Du kan också uppge ett nummer som vi känner dig under, till "
                "exempel ditt kundnummer. Har du inte skrivit till oss behöver du"
                " inte göra något: då händer ingenting.\n\n"
                "Din referens: {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "En fråga om ditt meddelande",
            (
                "vi har tagit emot ditt meddelande av den {received} och är inte "
                "säkra på vad du vill att vi ska göra, eller för vem. Skriv om du"
                " vill se dina uppgifter, ta dem med dig, få dem rättade, "
                "begränsade eller raderade, eller invända mot användningen, och "
                "under vilken adress eller vilket kundnummer vi känner dig. Den "
                "som skriver för någon annan bör bifoga en fullmakt.\n\n"
                "Din referens: {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "Vilket av detta vill du?",
            (
                "vi har fått ditt meddelande av {received} och är inte säkra på "
                "vad du vill att vi gör med personuppgifter. Svara på det här "
                "mejlet från samma adress: skriv numren på det du vill på första "
                "raden, och låt raden med koden stå kvar i svaret.\n\n"
                "    1  en kopia av mina uppgifter\n"
                "    2  mina uppgifter i en form som jag kan ta med mig\n"
                "    3  få mina uppgifter rättade\n"
                "    4  få användningen av mina uppgifter begränsad\n"
                "    5  invända mot användningen av mina uppgifter\n"
                "    6  få mina uppgifter raderade\n"
                "    7  inget av detta: det gällde något annat\n\n"
                "    {code}\n\n"
                "Är du inte säker, skriv det med egna ord; så läser en "
                "medarbetare det. Har du inte skrivit till oss behöver du inte "
                "göra något: då händer ingenting.\n\n"
                "Din referens: {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "Vi behöver mer tid för din begäran",
            (
                "vi tog emot din begäran den {received}. Eftersom den är "
                "komplicerad, eller eftersom vi har många, behöver vi upp till "
                "två månader till och svarar senast den {due} (artikel 12.3 i "
                "dataskyddsförordningen).\n\n"
                "Din referens: {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "Din begäran",
            (
                "vi kan inte tillmötesgå din begäran av den {received}, med stöd "
                "av artikel {ground} i dataskyddsförordningen. Du kan klaga hos "
                "en tillsynsmyndighet ({authority}) och vända dig till domstol.\n\n"
                "Din referens: {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "Din begäran är delvis genomförd",
            (
                "din begäran av den {received} är genomförd, utom det som vi behåller till "
                "{until} enligt art. {ground} i GDPR; därefter prövas det på nytt. Du kan "
                "klaga hos en tillsynsmyndighet ({authority}) och föra saken till "
                "domstol.\n\nDin referens: {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "Din begäran är återkallad",
            (
                "den {received} skrev du att du återkallar din tidigare begäran. Vi har "
                "avslutat den och gör inget mer med den. Du kan när som helst begära det "
                "igen.\n\nDin referens: {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "Din begäran är genomförd",
            ("din begäran av den {received} är genomförd.\n\nDin referens: {reference}"),
        ),
    },
)
