"""Norwegian (bokmål)."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

NORWEGIAN: Final = Letterhead(
    language="nb",
    greeting="Hei",
    closing="Vennlig hilsen",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "Vi har mottatt forespørselen din",
            (
                "vi mottok meldingen din om personopplysningene dine {received} "
                "og behandler den. Du hører fra oss senest {due}.\n\n"
                "Din referanse: {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Bekreft forespørselen din",
            (
                "vi mottok {received} meldingen din om personopplysninger. Før vi"
                " gjør noe, må vi vite at den kommer fra personen den gjelder.\n\n"
                "Svar på denne e-posten fra samme adresse, skriv bare JA øverst, "
                "og la denne linjen stå i svaret:\n\n"
                "    {code}\n\n"
                "Du kan også oppgi et nummer vi kjenner deg under, for eksempel "
                "kundenummeret ditt. Har du ikke skrevet til oss, trenger du ikke"
                " gjøre noe: da skjer det ingenting.\n\n"
                "Din referanse: {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "Et spørsmål om meldingen din",
            (
                "vi mottok meldingen din av {received} og er ikke sikre på hva du"
                " vil at vi skal gjøre, eller for hvem. Skriv om du vil se "
                "opplysningene dine, ta dem med deg, få dem rettet, begrenset "
                "eller slettet, eller protestere mot bruken, og hvilken adresse "
                "eller hvilket kundenummer vi kjenner deg under. Skriver du for "
                "andre, legg ved en fullmakt.\n\n"
                "Din referanse: {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "Hva av dette ønsker du?",
            (
                "vi har mottatt meldingen din av {received} og er ikke sikre på "
                "hva du vil at vi skal gjøre med personopplysninger. Svar på "
                "denne e-posten fra samme adresse: skriv numrene på det du "
                "ønsker, i første linje, og la linjen med koden stå i svaret.\n\n"
                "    1  en kopi av opplysningene mine\n"
                "    2  opplysningene mine i en form jeg kan ta med meg\n"
                "    3  få opplysningene mine rettet\n"
                "    4  få bruken av opplysningene mine begrenset\n"
                "    5  protestere mot bruken av opplysningene mine\n"
                "    6  få opplysningene mine slettet\n"
                "    7  ingenting av dette: det gjaldt noe annet\n\n"
                "    {code}\n\n"
                "Er du ikke sikker, så skriv det med egne ord; så leser en av oss det. "
                "Har du ikke skrevet til oss, trenger du ikke gjøre noe: da skjer "
                "det ingenting.\n\n"
                "Din referanse: {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "Vi trenger mer tid til forespørselen din",
            (
                "vi mottok forespørselen din {received}. Fordi den er kompleks, "
                "eller fordi det er mange forespørsler, trenger vi inntil to "
                "måneder til og svarer senest {due} (personvernforordningen "
                "artikkel 12 nr. 3).\n\n"
                "Din referanse: {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "Forespørselen din",
            (
                "vi kan ikke etterkomme forespørselen din av {received}, med "
                "grunnlag i personvernforordningen artikkel {ground}. Du kan "
                "klage til en tilsynsmyndighet ({authority}) og gå til "
                "domstolene.\n\n"
                "Din referanse: {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "Forespørselen din er delvis utført",
            (
                "forespørselen din av {received} er utført, bortsett fra det vi beholder til "
                "{until} etter art. {ground} i GDPR; deretter ser vi på det på nytt. Du kan "
                "klage til en tilsynsmyndighet ({authority}) og bringe saken inn for en "
                "domstol.\n\nDin referanse: {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "Forespørselen din er trukket tilbake",
            (
                "den {received} skrev du at du trekker den tidligere forespørselen din "
                "tilbake. Vi har lukket den og gjør ikke noe mer med den. Du kan når som helst "
                "be om det på nytt.\n\nDin referanse: {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "Forespørselen din er utført",
            ("forespørselen din av {received} er utført.\n\nDin referanse: {reference}"),
        ),
    },
)
