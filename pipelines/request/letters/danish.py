"""Danish."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

DANISH: Final = Letterhead(
    language="da",
    greeting="Hej",
    closing="Venlig hilsen",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "Vi har modtaget din anmodning",
            (
                "vi har den {received} modtaget din besked om dine "
                "personoplysninger og behandler den. Du hører fra os senest den "
                "{due}.\n\n"
                "Din reference: {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Bekræft venligst din anmodning",
            (
                "vi har den {received} modtaget din besked om personoplysninger. "
                "Før vi gør noget, skal vi vide, at den kommer fra den person, "
                "den handler om.\n\n"
                "Svar venligst på denne mail fra samme adresse, skriv kun JA "
                "øverst, og lad denne linje stå i dit svar:\n\n"
                "    {code}\n\n"
                "Du kan også oplyse et nummer, som vi kender dig under, for "
                "eksempel dit kundenummer. Har du ikke skrevet til os, skal du "
                "ikke gøre noget: så sker der ikke noget.\n\n"
                "Din reference: {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "Et spørgsmål til din besked",
            (
                "vi har modtaget din besked af {received} og er ikke sikre på, "
                "hvad du vil have os til at gøre, eller for hvem. Skriv venligst,"
                " om du vil se dine oplysninger, have dem med dig, rettet, "
                "begrænset eller slettet, eller gøre indsigelse mod brugen, og "
                "hvilken adresse eller hvilket kundenummer vi kender dig under. "
                "Skriver du for en anden, så vedlæg en fuldmagt.\n\n"
                "Din reference: {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "Hvad af dette ønsker du?",
            (
                "vi har modtaget din besked af {received} og er ikke sikre på, "
                "hvad du vil have os til at gøre med personoplysninger. Svar "
                "venligst på denne mail fra samme adresse: skriv numrene på det, "
                "du ønsker, i første linje, og lad linjen med koden stå i dit "
                "svar.\n\n"
                "    1  en kopi af mine oplysninger\n"
                "    2  mine oplysninger i en form, jeg kan tage med mig\n"
                "    3  få mine oplysninger rettet\n"
                "    4  få brugen af mine oplysninger begrænset\n"
                "    5  gøre indsigelse mod brugen af mine oplysninger\n"
                "    6  få mine oplysninger slettet\n"
                "    7  intet af dette: det handlede om noget andet\n\n"
                "    {code}\n\n"
                "Er du ikke sikker, så skriv det med dine egne ord; så læser en "
                "medarbejder det. Har du ikke skrevet til os, behøver du ikke "
                "gøre noget: så sker der ikke noget.\n\n"
                "Din reference: {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "Vi har brug for mere tid til din anmodning",
            (
                "vi modtog din anmodning den {received}. Fordi den er kompleks, "
                "eller fordi der er mange anmodninger, har vi brug for op til to "
                "måneder mere og svarer senest den {due} "
                "(databeskyttelsesforordningens artikel 12, stk. 3).\n\n"
                "Din reference: {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "Din anmodning",
            (
                "vi kan ikke imødekomme din anmodning af {received} med "
                "henvisning til databeskyttelsesforordningens artikel {ground}. "
                "Du kan klage til en tilsynsmyndighed ({authority}) og gå til "
                "domstolene.\n\n"
                "Din reference: {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "Din anmodning er delvist udført",
            (
                "din anmodning af {received} er udført, bortset fra det, som vi beholder til "
                "{until} efter art. {ground} i GDPR; derefter ser vi på det igen. Du kan klage "
                "til en tilsynsmyndighed ({authority}) og indbringe sagen for en "
                "domstol.\n\nDin reference: {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "Din anmodning er trukket tilbage",
            (
                "den {received} skrev du, at du trækker din tidligere anmodning tilbage. Vi "
                "har lukket den og foretager os ikke mere i den. Du kan altid anmode "
                "igen.\n\nDin reference: {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "Din anmodning er udført",
            ("din anmodning af {received} er udført.\n\nDin reference: {reference}"),
        ),
    },
)
