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
            "ausradier* auslösch* rausnehm* herausnehm* herauslösch* streichen streicht"
            " beseitig* wegwerf* + daten konto kundenkonto alles akte kartei mich datenbank"
            " system profil",
            "gelöscht_werden",
            "weg_damit fort_damit weg_mit + daten damit alles allem komplett ganz danach dann",
            f"lösch* gelöscht zu_löschen entfern* vernicht* tilg* vergess* wegmachen raus rausschmeiß* rauswerf* schmeiß* wegschmeiß* raus_aus"
            f" austragen + {_DATA}",
            "löschung datenlöschung kontolöschung entfernung vernichtung + daten konto angaben"
            " informationen profil account meiner mich beantrag* verlang* bitte bitten ersuch*"
            " fordere artikel art",
            "recht_auf_vergessenwerden recht_auf_löschung vergessen_werden lösch_mich"
            " löschen_sie_mich vergessen_sie_mich",
        ),
        RequestKind.ACCESS: (
            "schicken_sie_mir_meine senden_sie_mir_meine schickt_mir_meine"
            " geben_sie_mir_meine + daten informationen angaben",
            "kopie kopien + alles allem gespeichert* haben habt aufzeichnungen gespräche",
            "was welche + daten informationen + gespeichert* habt haben hat + wissen erfahren"
            " auskunft sehen mitteilen teilen schicken",
            "übersicht aufstellung liste auszug + daten gespeichert* angaben",
            "auskunft* datenauskunft selbstauskunft auskunftsersuchen + daten gespeichert* mich"
            " meine meiner meinen artikel art bitte bitten verlang* beantrag* person dsgvo",
            "kopie kopien abschrift + daten angaben alles gespeichert* informationen unterlagen",
            "einsicht einsehen + daten akte alles gespeichert* unterlagen",
            "schick* send* übersend* zeig* + alles daten informationen + über_mich zu_mir von_mir",
        ),
        RequestKind.PORTABILITY: (
            "mitnehm* exportier* export + daten verlauf informationen",
            "datenübertragbarkeit übertragbarkeit datenportabilität portabilität datenmitnahme",
            "maschinenlesbar* strukturiert* gängig* csv json + daten format angaben informationen",
            "übertrag* übermittel* mitnehmen umzieh* weitergeb* + daten informationen + anbieter"
            " unternehmen firma dienst direkt",
        ),
        RequestKind.RECTIFICATION: (
            "passen_sie_das_an passen_sie_es_an das_anpassen korrigieren_sie_dies ändern_sie_die",
            "neue_anschrift neue_adresse neuer_nachname neuer_name neue_telefonnummer"
            " umgezogen + system ändern anpassen passen ändert aktualis* korrig* hinterleg*"
            " bitte",
            "heiße heißt lautet schreibt_sich schreibe_mich geschrieben statt anstatt + name"
            " nachname adresse anschrift hausnummer geburtsdatum telefonnummer",
            "ändern_sie_das ändern_sie_dies korrigieren_sie_das berichtigen_sie_das das_zu_korrigieren das_zu_ändern namensänderung adressänderung",
            f"berichtig* korrigier* korrektur richtigstell* änder* aktualisier* anpass* + {_FIELDS}",
            f"falsch* fehlerhaft* veraltet* tippfehler unrichtig* + {_FIELDS} + mein* ihnen"
            " hinterlegt gespeichert richtig korrekt lautet steht",
        ),
        RequestKind.RESTRICTION: (
            "schränken schränkt + ein + verarbeitung daten nutzung verwendung",
            "einschränk* einzuschränken sperr* gesperrt einfrier* eingefroren blockier* aussetz* +"
            " verarbeitung daten nutzung verwendung konto",
        ),
        RequestKind.OBJECTION: (
            "widerspreche widersprechen widerspruch + kampagnen anschreiben anrufe"
            " auswertung analyse einkäufe profil",
            "möchte_keine will_keine wünsche_keine nicht_länger + werbung newsletter"
            " werbemails angebote spam",
            "nicht_verwend* nicht_nutz* nicht_auswert* nicht_analysier* + werbung profiling"
            " auswertung analyse marketing werbezwecke*",
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
        "vergessen_sie ignorieren_sie vergesst ignoriert vergiss streichen_sie betrachten_sie"
        " + meine_letzte meine_vorige meine_frühere meine_erste letzte_mail vorige_mail"
        " frühere_mail letzte_nachricht letzten_mail vorigen_mail mail_von meine_mail"
        " meinen_antrag meine_bitte gegenstandslos",
        "vergessen_sie_meine vergessen_sie_meinen vergesst_meine vergesst_meinen + anfrage antrag löschanfrage löschantrag auskunftsanfrage",
        "stornieren ignorieren vergessen zurück zurückziehen + meine_mail meine_nachricht mein_schreiben beides die_löschung",
        "zurückzieh* zurück_ziehen ziehe zurücknehm* nehme storn* hinfällig widerruf* erledigt"
        " gegenstandslos + antrag anfrage löschantrag löschanfrage ersuchen auskunftsersuchen"
        " löschersuchen bitte_um_löschung begehren",
        "anders_überlegt + löschung löschen antrag anfrage daten lassen behalten",
    ),
    nothing=(
        "nichts"
        " möchte_nicht_dass will_nicht_dass möchte_keine will_keine verlange_nicht"
        " bitte_nicht_um geht_mir_nicht_um"
    ),
    pronouns="es sie diese dies das",
    copies="kopie kopien abschrift übersicht aufstellung auszug",
    ors="oder beziehungsweise bzw",
    selves="ich mich mir mein meine meiner meinen meinem meines",
    footers=(
        "abmelden abbestellen sie_erhalten_diese im_browser pro_monat kostenlos kostenfrei"
        " unverbindlich"
    ),
    hints=(
        "anonymisier* sperren aus_ihrem_system aus_eurem_system aus_der_datenbank aus_ihrer_datenbank"
        " vergessen_sie_mich aus_der_kartei aus_dem_system "
        "daten dsgvo datenschutz* über_mich von_mir zu_mir zu_meiner aufzeichnung* geburtsdatum"
        " geboren nachname* personenbezogen* werbung newsletter werbemails marketing spam"
    ),
    perhaps="vielleicht entweder",
    conditions="wenn falls ob sofern bevor ehe sollten_sie sollte_ich sollte_es solltet wären",
    afters="sobald nachdem",
    reports="gesagt bestätigt versprochen zugesichert zugesagt behauptet hieß",
    fields=(
        "adresse adressen anschrift nummer telefonnummer handynummer name namen nachname geburtstag"
    ),
    negations=(
        "nicht kein keine keinen keinesfalls ohne statt anstatt niemals weder"
        " unterlassen unterlasst absehen abzusehen davon_ab"
    ),
    keeping=(
        "behalten bestehen_bleiben erhalten_bleiben sichtbar_bleiben offen_bleiben weiter_nutzen"
        " weiterhin_nutzen weiter_benutzen weiter_verwenden weiterhin_verwenden anmelden_können"
        " einloggen_können"
    ),
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
        "leihe geliehen geborgt nachbarn mein_ex meine_ex meines_ex exmann exfrau ex_mann ex_frau mein_chef meinen_chef mitbewohner* meine_frau meiner_frau mein_mann meines_mannes meinen_mann meinem_mann mein_sohn"
        " meines_sohnes meine_tochter meiner_tochter meine_mutter meiner_mutter mein_vater"
        " meines_vaters mein_bruder meines_bruders meine_schwester meiner_schwester im_auftrag"
        " im_namen mein_mandant meines_mandanten unser_mandant unsere_mandantin meiner_mandantin"
        " für_meine_frau für_meinen_mann in_vertretung meine_oma mein_opa meiner_oma meines_opas"
        " verstorben* mein_freund meines_freundes"
        " meine_tante meiner_tante mein_onkel meinen_onkel meines_onkels meine_nichte meiner_nichte"
        " mein_neffe meines_neffen meine_großmutter meiner_großmutter mein_großvater"
        " meines_großvaters meine_schwiegermutter meiner_schwiegermutter mein_schwiegervater"
        " meines_schwiegervaters meine_cousine meiner_cousine mein_cousin meines_cousins"
    ),
    authority="vollmacht bevollmächtigt* betreuer* betreuerin vertretungsberechtigt*",
    boilerplate=(
        "vertraulich* irrtümlich versehentlich bestimmt_für adressat empfänger_sind"
        " richtige_adressat umwelt rechtlich_geschützte"
    ),
    idle=(
        "verwenden nutzen benutzen verarbeiten verwendet nutzt + nicht nichts + daten"
        " angaben informationen + solange bis einstweilen vorläufig währenddessen",
        "nicht_verwend* nicht_benutz* nicht_nutz* nicht_genutzt nicht_verarbeit*"
        " nicht_weitergeb* nicht_anfass* nicht_angefasst unangetastet nicht_mehr ruhen_lassen"
        " ruhen + daten angaben informationen eintrag akte konto nichts alles + bis solange"
        " währenddessen einstweilen vorläufig zwischenzeit derweil geklärt geprüft"
        " abgeschlossen gericht* streit*",
        "auf_eis nur_noch_speicher* nur_gespeichert lediglich_gespeichert"
        " lediglich_aufbewahr* nur_aufbewahr* nur_noch_aufbewahr* + daten angaben"
        " informationen konto akte eintrag",
    ),
    minds=(
        "anders_überlegt meinung_geändert doch_behalten doch_bleiben umentschieden"
        " nun_doch doch_lieber"
    ),
    befores=("bevor ehe bis"),
    either=("einen_von_uns einer_von_uns eine_von_uns uns_beide uns_beiden wir_beide"),
    catalog=("bestehen_eines bestehen_des bestehens_eines recht_auf_beschwerde beschwerderecht"),
    nouns=(
        "berichtigung*",
        "löschung*",
        "einschränkung*",
        "widerspruch*",
        "übertragbarkeit* datenübertragbarkeit*",
        "auskunft*",
    ),
    unwanted=(
        "will_keine möchte_keine brauche_keine geht_mir_nicht_um verlange_keine"
        " nicht_um_meine können_gerne dürfen_gerne dürft_gerne gerne_behalten"
        " mehr_will_ich_nicht in_ordnung"
    ),
    past=(
        "löschtet löschten entfernten aus_versehen versehentlich gelöscht_habe habe_ich_gelöscht ich_gelöscht alte_habe_ich danke_für danke_dass vielen_dank_für wurde_gelöscht wurden_gelöscht gelöscht_wurde gelöscht_wurden gelöscht_worden"
        " gelöscht_haben gelöscht_habt haben_sie_gelöscht gelöscht_hat bereits_gelöscht"
        " schon_gelöscht war_gelöscht ist_gelöscht sind_gelöscht wurde_entfernt"
        " entfernt_wurde"
    ),
    hows=("wie_kann wie_lösch* wie_geht wie_entfern* wie_werde"),
    received=("angekommen erhalten eingegangen bekommen erledigt eingetroffen"),
    jobs=("bewerbe_mich bewerbung stellenanzeige lebenslauf"),
    letters=("newsletter rundschreiben verteiler mailingliste"),
    asks=(
        "wäre_nett wäre_schön reicht genügt löschen_sie löscht lösche entfernen_sie entfernt vernichten_sie vergessen_sie streichen_sie werft schmeißt nehmt nehmen_sie bitte bitten möchte möchten will wollen wünsche verlange verlangen fordere fordern"
        " beantrage beantragen ersuche ersuchen hiermit gern gerne können_sie könnten_sie"
        " könnt_ihr könntet würden_sie soll sollen muss müssen mache_von geltend"
        " veranlassen sorgen_sie auffordern widerrufe bestehe erwarte bestehe_ich"
    ),
    titles=("herrn herr frau"),
)
