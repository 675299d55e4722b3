"""Swedish phrases."""

from lacuna_demo.sample.phrases.phrasebook import Phrasebook, Topic

SWEDISH = Phrasebook(
    hello="Hej,",
    introduction="Jag heter {name}.",
    order_line="Det gäller beställning {order}.",
    signoff="Med vänlig hälsning",
    thanks="Det hjälper, tack så mycket.",
    agent_hello="Hej {first},",
    readout="Jag läser upp, {name}: beställning {order}, och jag kan ringa dig på {phone}.",
    agent_close="Är det något mer jag kan hjälpa till med?",
    wrote="Den {when} skrev {name} <{email}>:",
    automatic="Tack för ditt meddelande. Detta är ett automatiskt svar; vi svarar inom en arbetsdag.",
    welcome="Välkommen till {org}. En kollega är snart hos dig.",
    inflected=(
        "{genitive} avtal har flyttats till {street}; mitt nummer där är {phone} och mitt"
        " personnummer är {national_id}."
    ),
    company_line="Jag skriver för {company}.",
    copied="Jag har satt {other} på kopia, som var med.",
    confirmed="Det kan jag bekräfta. Ring mig på {phone} eller skriv till {email}.",
    username="Jag loggar in som {username}.",
    former="Ni har mig kanske kvar som {former}, så hette jag förr.",
    mixed_up="Etiketten från beställning {mixed} satt på ditt paket.",
    praise=("Snabbt och vänligt.", "Allt fungerar nu.", "Mycket tålmodig, tack.", "Löst direkt."),
    blame=(
        "Det tog alldeles för lång tid.",
        "Jag fick förklara tre gånger.",
        "Fortfarande inte löst.",
    ),
    personal="{name} här: ingen ringde tillbaka på {phone}!",
    note="Talade med {name}, kundnummer {external_id}. Vänlig, vill ha ett skriftligt svar.",
    wrapup="{name} vill bli uppringd på {phone} i eftermiddag.",
    voicemail=(
        "Hej, det är {name}. Jag har väntat på att någon ska ringa mig. Mitt nummer är {phone}."
        " Tack, hej då."
    ),
    topics=(
        Topic(
            "Faktura för beställning {order}",
            "Jag har debiterats två gånger för samma månad och vill ha tillbaka det ena beloppet.",
            "Jag ser båda debiteringarna. Den andra var ett misstag.",
            "Kommer beloppet tillbaka på kortet jag betalade med?",
            "Ja, inom fem arbetsdagar är det på kortet.",
        ),
        Topic(
            "Paketet har inte kommit",
            "Paketet skulle ha kommit i tisdags och spårningen har stått still sedan dess.",
            "Det kom bort på terminalen; jag har startat en eftersökning.",
            "Hur lång tid tar det? Jag behöver det före helgen.",
            "Är det inte funnet i morgon mitt på dagen skickar vi ett nytt med express.",
        ),
        Topic(
            "Kan inte logga in",
            "Efter uppdateringen kan jag inte logga in; lösenordet ska vara fel.",
            "Kontot låstes efter flera försök. Jag har låst upp det.",
            "Nu fungerar det, men appen visar fortfarande den gamla sidan.",
            "Ta bort appen och installera den igen, så kommer den nya sidan.",
        ),
        Topic(
            "Flyttar nästa månad",
            "Jag flyttar i slutet av nästa månad och vill ta med mig avtalet.",
            "Det går bra. Jag behöver datumet och mätarställningen.",
            "Det är den trettionde; jag skickar mätarställningen samma dag.",
            "Noterat. Du får en bekräftelse när den nya adressen gäller.",
        ),
        Topic(
            "Retur av beställning {order}",
            "Lampan har en annan färg än på bilden och jag vill lämna tillbaka den.",
            "Självklart. Returen är gratis i trettio dagar.",
            "Jag har inte kvar kartongen, gör det något?",
            "Vilken stadig kartong som helst duger; etiketten finns på ditt konto.",
        ),
        Topic(
            "Fråga om mitt pris",
            "Min granne betalar mindre än jag för vad som ser ut som samma avtal.",
            "Ditt avtal är äldre. Jag kan ändra det från den första.",
            "Kostar det något, eller får jag en ny bindningstid?",
            "Ingetdera. Du får bara ett nytt pris.",
        ),
    ),
)
