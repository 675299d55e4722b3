"""Dutch phrases."""

from lacuna_demo.sample.phrases.phrasebook import Phrasebook, Topic

DUTCH = Phrasebook(
    hello="Goedendag,",
    introduction="Mijn naam is {name}.",
    order_line="Het gaat om bestelling {order}.",
    signoff="Met vriendelijke groet",
    thanks="Daar ben ik mee geholpen, hartelijk dank.",
    agent_hello="Beste {first},",
    readout="Ik lees het even voor, {name}: bestelling {order}, en ik kan u bellen op {phone}.",
    agent_close="Kan ik verder nog iets voor u doen?",
    wrote="Op {when} schreef {name} <{email}>:",
    automatic="Dank voor uw bericht. Dit is een automatisch antwoord; wij reageren binnen een werkdag.",
    welcome="Welkom bij {org}. Een collega is zo bij u.",
    inflected=(
        "{genitive} contract is verhuisd naar {street}; mijn nummer daar is {phone} en mijn"
        " burgerservicenummer is {national_id}."
    ),
    company_line="Ik schrijf namens {company}.",
    copied="Ik heb {other} in kopie gezet, die was erbij.",
    confirmed="Dat kan ik bevestigen. U bereikt mij op {phone} of via {email}.",
    username="Ik log in als {username}.",
    former="Misschien sta ik nog als {former} bij u, zo heette ik vroeger.",
    mixed_up="Op uw pakket zat het etiket van bestelling {mixed}.",
    praise=("Snel en vriendelijk.", "Alles in orde.", "Heel geduldig, dank.", "Meteen opgelost."),
    blame=(
        "Het duurde veel te lang.",
        "Ik moest het drie keer uitleggen.",
        "Nog steeds niet opgelost.",
    ),
    personal="{name} hier: niemand belde mij terug op {phone}!",
    note="Gesproken met {name}, klantnummer {external_id}. Vriendelijk, wil het op schrift.",
    wrapup="{name} wil vanmiddag teruggebeld worden op {phone}.",
    voicemail=(
        "Goedendag, u spreekt met {name}. Ik wacht nog op een telefoontje. Mijn nummer is {phone}."
        " Dank u, tot ziens."
    ),
    topics=(
        Topic(
            "Factuur van bestelling {order}",
            "Dezelfde maand is twee keer afgeschreven en ik wil graag een van de bedragen terug.",
            "Ik zie beide afschrijvingen. De tweede was een vergissing.",
            "Komt het bedrag terug op de kaart waarmee ik betaalde?",
            "Ja, binnen vijf werkdagen staat het op uw kaart.",
        ),
        Topic(
            "Pakket niet aangekomen",
            "Het pakket had er dinsdag moeten zijn en de tracering staat sindsdien stil.",
            "Het is zoekgeraakt in het depot; ik heb een zoekactie gestart.",
            "Hoe lang duurt dat? Ik heb het voor het weekend nodig.",
            "Is het morgenmiddag niet gevonden, dan sturen we een nieuw met spoed.",
        ),
        Topic(
            "Inloggen lukt niet meer",
            "Sinds de update kan ik niet inloggen; het wachtwoord zou onjuist zijn.",
            "Uw account was geblokkeerd na meerdere pogingen. Ik heb het vrijgegeven.",
            "Het werkt nu, maar de app toont nog de oude pagina.",
            "Verwijder de app en installeer hem opnieuw, dan komt de nieuwe pagina.",
        ),
        Topic(
            "Verhuizing volgende maand",
            "Ik verhuis eind volgende maand en wil mijn contract meenemen.",
            "Dat kan. Ik heb de datum en de meterstand nodig.",
            "Het is de dertigste; de meterstand stuur ik die dag.",
            "Genoteerd. U krijgt een bevestiging zodra het nieuwe adres actief is.",
        ),
        Topic(
            "Retour van bestelling {order}",
            "De lamp heeft een andere kleur dan op de foto en ik wil hem terugsturen.",
            "Natuurlijk. Terugsturen is dertig dagen gratis.",
            "De doos heb ik niet meer, geeft dat?",
            "Elke stevige doos is goed; het etiket staat in uw account.",
        ),
        Topic(
            "Vraag over mijn tarief",
            "Mijn buurman betaalt minder dan ik voor wat hetzelfde tarief lijkt.",
            "Het uwe is een ouder tarief. Ik kan het per de eerste wijzigen.",
            "Zijn daar kosten aan verbonden, of een nieuwe looptijd?",
            "Geen van beide. U krijgt alleen een nieuwe prijs.",
        ),
    ),
)
