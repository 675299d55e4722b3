"""German."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "kunde kunden kundin kontakt person daten personendaten kundendaten informationen angaben konto kundenkonto account profil"
    " nutzerkonto benutzerkonto datensatz alles alle_daten sämtliche sämtlichen gespeichert*"
    " eintrag einträge unterlagen mich_aus"
    " system systemen datenbank datenbanken kartei"
)
_FIELDS: Final = (
    "adresse anschrift nummer telefonnummer handynummer rufnummer name namen nachname vorname"
    " schreibweise mail e_mail mailadresse geburtsdatum daten angaben postleitzahl hausnummer"
)

GERMAN: Final = Wordbook(
    language="de",
    common=(
        "der die das und ich sie mir meine meiner ist nicht bitte für mit zu von den ein eine auf"
        " guten tag grüßen habe haben über oder dass ihnen wird freundlichen"
    ),
    rights={
        RequestKind.ERASURE: (
            "gelöscht_werden",
            f"lösch* gelöscht zu_löschen entfern* vernicht* tilg* vergess* wegmachen raus rausschmeiß* rauswerf* schmeiß* wegschmeiß* raus_aus"
            f" austragen + {_DATA}",
            "löschung datenlöschung kontolöschung entfernung vernichtung + daten konto angaben"
            " informationen profil account meiner mich beantrag* verlang* bitte bitten ersuch*"
            " fordere artikel art",
            "recht_auf_vergessenwerden recht_auf_löschung vergessen_werden lösch_mich"
            " löschen_sie_mich vergessen_sie_mich",
        ),
        RequestKind.ACCESS: (
            "übersicht aufstellung liste auszug + daten gespeichert* angaben",
            "auskunft* datenauskunft selbstauskunft auskunftsersuchen + daten gespeichert* mich"
            " meine meiner meinen artikel art bitte bitten verlang* beantrag* person dsgvo",
            "kopie kopien abschrift + daten angaben alles gespeichert* informationen unterlagen",
            "einsicht einsehen + daten akte alles gespeichert* unterlagen",
            "schick* send* übersend* zeig* + alles daten informationen + über_mich zu_mir von_mir",
        ),
        RequestKind.PORTABILITY: (
            "datenübertragbarkeit übertragbarkeit datenportabilität portabilität datenmitnahme",
            "maschinenlesbar* strukturiert* gängig* csv json + daten format angaben informationen",
            "übertrag* übermittel* mitnehmen umzieh* weitergeb* + daten informationen + anbieter"
            " unternehmen firma dienst direkt",
        ),
        RequestKind.RECTIFICATION: (
            "ändern_sie_das ändern_sie_dies korrigieren_sie_das berichtigen_sie_das das_zu_korrigieren das_zu_ändern namensänderung adressänderung",
            f"berichtig* korrigier* korrektur richtigstell* änder* aktualisier* anpass* + {_FIELDS}",
            f"falsch* fehlerhaft* veraltet* tippfehler unrichtig* + {_FIELDS} + mein* ihnen"
            " hinterlegt gespeichert richtig korrekt lautet steht",
        ),
        RequestKind.RESTRICTION: (
            "einschränk* einzuschränken sperr* gesperrt einfrier* eingefroren blockier* aussetz* +"
            " verarbeitung daten nutzung verwendung konto",
        ),
        RequestKind.OBJECTION: (
            "nehmen_sie_mich streichen_sie_mich entfernen_sie_mich + verteiler mailingliste",
            "widerspruch widersprech* widerspreche + verarbeitung werbung direktwerbung nutzung"
            " daten profiling newsletter verwendung artikel art weitergabe",
            "abbestell* abmeld* abzumelden keine_werbung kein_newsletter keine_newsletter keine_mails"
            " keine_weiteren keine_angebote aufhör* stopp* unterlass* + werbung newsletter mails"
            " werbemails angebote rundschreiben profiling verteiler",
        ),
    },
    holdings=(
        "welche was + daten informationen gespeichert* habt haben wisst wissen speicher* vorliegt"
        " vorliegen gesammelt + über_mich zu_mir zu_meiner von_mir mich",
    ),
    withdrawal=(
        "stornieren ignorieren vergessen zurück zurückziehen + meine_mail meine_nachricht mein_schreiben beides die_löschung",
        "zurückzieh* zurück_ziehen ziehe zurücknehm* nehme storn* hinfällig widerruf* erledigt"
        " gegenstandslos + antrag anfrage löschantrag löschanfrage ersuchen auskunftsersuchen"
        " löschersuchen bitte_um_löschung begehren",
        "anders_überlegt + löschung löschen antrag anfrage daten lassen behalten",
    ),
    nothing="nichts",
    pronouns="es sie diese dies das",
    copies="kopie kopien abschrift übersicht aufstellung auszug",
    ors="oder beziehungsweise bzw",
    selves="ich mich mir mein meine meiner meinen meinem meines",
    footers=(
        "abmelden abbestellen sie_erhalten_diese im_browser pro_monat kostenlos kostenfrei"
        " unverbindlich"
    ),
    hints=(
        "daten dsgvo datenschutz* über_mich von_mir zu_mir zu_meiner aufzeichnung* geburtsdatum"
        " geboren nachname* personenbezogen* werbung newsletter werbemails marketing spam"
    ),
    perhaps="vielleicht",
    conditions="wenn falls ob sofern bevor ehe",
    afters="sobald nachdem",
    reports="gesagt bestätigt versprochen zugesichert zugesagt behauptet hieß",
    fields=(
        "adresse adressen anschrift nummer telefonnummer handynummer name namen nachname geburtstag"
    ),
    negations="nicht kein keine keinen keinesfalls ohne statt anstatt niemals weder",
    keeping="behalten bestehen_bleiben",
    uncertain=(
        "weiß_nicht_was weiß_nicht_ob weiß_nicht_genau nicht_sicher_ob nicht_sicher_was"
        " was_besser was_am_besten was_sinnvoll nicht_entschieden überlege erwäge"
    ),
    knowing="wissen erfahren mitteilen sagen einsehen sehen mitgeteilt",
    hypothetical=(
        "wie_kann_ich wie_lange was_passiert_wenn wäre_es_möglich ist_es_möglich wie_funktioniert"
        " allgemein grundsätzlich falls_ich wie_gehe_ich löschen_sie_eigentlich"
    ),
    others=(
        "meine_frau meiner_frau mein_mann meines_mannes meinen_mann meinem_mann mein_sohn"
        " meines_sohnes meine_tochter meiner_tochter meine_mutter meiner_mutter mein_vater"
        " meines_vaters mein_bruder meines_bruders meine_schwester meiner_schwester im_auftrag"
        " im_namen mein_mandant meines_mandanten unser_mandant unsere_mandantin meiner_mandantin"
        " für_meine_frau für_meinen_mann in_vertretung meine_oma mein_opa meiner_oma meines_opas"
        " verstorben* mein_freund meines_freundes"
    ),
    authority="vollmacht bevollmächtigt* betreuer* betreuerin vertretungsberechtigt*",
    boilerplate=(
        "vertraulich* irrtümlich versehentlich bestimmt_für adressat empfänger_sind"
        " richtige_adressat umwelt rechtlich_geschützte"
    ),
)
