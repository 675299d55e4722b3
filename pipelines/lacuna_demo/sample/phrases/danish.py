"""Danish phrases."""

from lacuna_demo.sample.phrases.phrasebook import Phrasebook, Topic

DANISH = Phrasebook(
    hello="Hej,",
    introduction="Mit navn er {name}.",
    order_line="Det drejer sig om ordre {order}.",
    signoff="Venlig hilsen",
    thanks="Det hjælper, mange tak.",
    agent_hello="Kære {first},",
    readout="Jeg læser lige op, {name}: ordre {order}, og jeg kan ringe til dig på {phone}.",
    agent_close="Er der andet, jeg kan hjælpe med?",
    wrote="Den {when} skrev {name} <{email}>:",
    automatic="Tak for din besked. Dette er et automatisk svar; vi svarer inden for en hverdag.",
    welcome="Velkommen til {org}. En kollega er hos dig om et øjeblik.",
    inflected=(
        "{genitive} aftale er flyttet til {street}; mit nummer der er {phone}, og mit CPR-nummer er"
        " {national_id}."
    ),
    company_line="Jeg skriver på vegne af {company}.",
    copied="Jeg har sat {other} på som kopi, der var til stede.",
    confirmed="Det kan jeg bekræfte. Ring på {phone} eller skriv til {email}, hvis I mangler noget.",
    username="Jeg logger ind som {username}.",
    former="I har mig måske stadig som {former}, sådan hed jeg før.",
    mixed_up="Mærkaten fra ordre {mixed} sad på din pakke.",
    praise=(
        "Hurtigt og venligt.",
        "Nu virker det hele.",
        "Meget tålmodig, tak.",
        "Løst med det samme.",
    ),
    blame=("Det tog alt for lang tid.", "Jeg måtte forklare det tre gange.", "Stadig ikke løst."),
    personal="{name} her: ingen ringede tilbage på {phone}!",
    note="Talte med {name}, kundenummer {external_id}. Venlig, ønsker et skriftligt svar.",
    wrapup="{name} vil gerne ringes op på {phone} i eftermiddag.",
    voicemail=(
        "Hej, det er {name}. Jeg har ventet på, at nogen ringede til mig. Mit nummer er {phone}."
        " Tak, farvel."
    ),
    topics=(
        Topic(
            "Faktura for ordre {order}",
            "Jeg er blevet opkrævet to gange for samme måned og vil gerne have det ene beløb igen.",
            "Jeg kan se begge opkrævninger. Den anden er lavet ved en fejl.",
            "Kommer beløbet tilbage på det kort, jeg betalte med?",
            "Ja, det står på kortet inden for fem hverdage.",
        ),
        Topic(
            "Pakken er ikke kommet",
            "Pakken skulle være kommet i tirsdags, og sporingen har stået stille siden.",
            "Den er blevet væk på terminalen; jeg har sat en eftersøgning i gang.",
            "Hvor lang tid tager det? Jeg skal bruge den før weekenden.",
            "Er den ikke fundet i morgen middag, sender vi en ny med ekspres.",
        ),
        Topic(
            "Kan ikke logge ind",
            "Efter opdateringen kan jeg ikke logge ind; siden siger, at adgangskoden er forkert.",
            "Kontoen blev låst efter flere forsøg. Jeg har låst den op.",
            "Nu virker det, men appen viser stadig den gamle side.",
            "Fjern appen og hent den igen, så kommer den nye side frem.",
        ),
        Topic(
            "Flytter næste måned",
            "Jeg flytter i slutningen af næste måned og vil gerne tage aftalen med.",
            "Det kan du godt. Jeg skal bruge datoen og målerstanden.",
            "Datoen er den tredivte; jeg sender målerstanden samme dag.",
            "Det er noteret. Du får en bekræftelse, når den nye adresse er aktiv.",
        ),
        Topic(
            "Retur af ordre {order}",
            "Lampen har en anden farve end på billedet, og jeg vil gerne sende den retur.",
            "Selvfølgelig. Du kan returnere den gratis inden for tredive dage.",
            "Jeg har ikke æsken længere, gør det noget?",
            "En anden solid æske er fin; etiketten ligger på din konto.",
        ),
        Topic(
            "Spørgsmål om min pris",
            "Min nabo betaler mindre end mig for det, der ligner den samme aftale.",
            "Din aftale er en ældre. Jeg kan ændre den fra den første.",
            "Koster det noget, eller bliver jeg bundet igen?",
            "Ingen af delene. Du får bare en ny pris.",
        ),
    ),
)
