"""German phrases."""

from lacuna_demo.sample.phrases.phrasebook import Phrasebook, Topic

GERMAN = Phrasebook(
    hello="Guten Tag,",
    introduction="Mein Name ist {name}.",
    order_line="Es geht um die Bestellung {order}.",
    signoff="Mit freundlichen Grüßen",
    thanks="Das hilft mir, vielen Dank.",
    agent_hello="Guten Tag {first},",
    readout="Ich lese kurz vor, {name}: Bestellung {order}, und ich erreiche Sie unter {phone}.",
    agent_close="Kann ich sonst noch etwas für Sie tun?",
    wrote="Am {when} schrieb {name} <{email}>:",
    automatic="Danke für Ihre Nachricht. Dies ist eine automatische Antwort; wir melden uns bald.",
    welcome="Willkommen bei {org}. Jemand ist gleich für Sie da.",
    inflected=(
        "{genitive} Vertrag wurde nach {street} umgezogen; meine Nummer dort ist {phone}, meine"
        " Steuernummer {national_id}."
    ),
    company_line="Ich schreibe für die Firma {company}.",
    copied="Ich habe {other} in Kopie genommen, die Person war dabei.",
    confirmed="Das kann ich bestätigen. Sie erreichen mich unter {phone} oder {email}.",
    username="Ich melde mich als {username} an.",
    former="Vielleicht führen Sie mich noch als {former}, so hieß ich früher.",
    mixed_up="Auf Ihrem Paket klebte das Etikett der Bestellung {mixed}.",
    praise=("Schnell und freundlich.", "Alles geklärt.", "Sehr geduldig, danke.", "Sofort gelöst."),
    blame=(
        "Hat viel zu lange gedauert.",
        "Ich musste es dreimal erklären.",
        "Noch immer nicht gelöst.",
    ),
    personal="{name} hier: niemand hat mich unter {phone} zurückgerufen!",
    note="Gespräch mit {name}, Kundennummer {external_id}. Freundlich, möchte es schriftlich.",
    wrapup="{name} bittet um Rückruf am Nachmittag unter {phone}.",
    voicemail=(
        "Guten Tag, hier ist {name}. Ich warte seit Tagen auf einen Anruf. Meine Nummer ist {phone}."
        " Danke, auf Wiederhören."
    ),
    topics=(
        Topic(
            "Rechnung zur Bestellung {order}",
            "Mir wurde derselbe Monat zweimal berechnet, ich hätte gern einen der Beträge zurück.",
            "Ich sehe beide Buchungen. Die zweite war ein Versehen.",
            "Geht der Betrag auf die Karte zurück, mit der ich bezahlt habe?",
            "Ja, er ist in fünf Werktagen auf Ihrer Karte.",
        ),
        Topic(
            "Paket nicht angekommen",
            "Das Paket sollte am Dienstag kommen, seitdem steht die Verfolgung still.",
            "Es ging im Lager verloren; ich habe eine Nachforschung gestartet.",
            "Wie lange dauert das? Ich brauche es vor dem Wochenende.",
            "Ist es bis morgen Mittag nicht da, schicken wir ein neues als Eilsendung.",
        ),
        Topic(
            "Anmeldung geht nicht mehr",
            "Seit der Aktualisierung kann ich mich nicht anmelden, das Kennwort sei falsch.",
            "Ihr Konto war nach mehreren Versuchen gesperrt. Ich habe es freigegeben.",
            "Jetzt geht es, aber die App zeigt noch die alte Seite.",
            "Bitte die App löschen und neu laden, dann erscheint die neue Seite.",
        ),
        Topic(
            "Umzug im nächsten Monat",
            "Ich ziehe Ende nächsten Monats um und möchte den Vertrag mitnehmen.",
            "Das geht. Ich brauche das Datum und den Zählerstand.",
            "Es ist der dreißigste; den Zählerstand schicke ich am selben Tag.",
            "Ist notiert. Sie bekommen eine Bestätigung, sobald die neue Adresse gilt.",
        ),
        Topic(
            "Rücksendung der Bestellung {order}",
            "Die Lampe hat eine andere Farbe als auf dem Bild, ich möchte sie zurückgeben.",
            "Gern. Die Rücksendung ist dreißig Tage lang kostenlos.",
            "Den Karton habe ich nicht mehr, ist das schlimm?",
            "Jeder feste Karton ist recht; das Etikett liegt in Ihrem Konto.",
        ),
        Topic(
            "Frage zu meinem Tarif",
            "Mein Nachbar zahlt weniger als ich, für offenbar denselben Tarif.",
            "Ihrer ist ein älterer Tarif. Ich kann ihn zum Ersten umstellen.",
            "Kostet das etwas, oder beginnt eine neue Laufzeit?",
            "Weder noch. Sie bekommen nur einen neuen Preis.",
        ),
    ),
)
