"""Dutch."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "klant contact gegevens persoonsgegevens data account profiel klantgegevens alles informatie info over_mij"
    " dossier mij_uit me_uit alle_sporen bestand systeem klantaccount"
    " systemen database databestand bestanden"
)
_FIELDS: Final = (
    "adres nummer telefoonnummer mobielnummer gsm_nummer naam achternaam voornaam spelling mail"
    " e_mail mailadres e_mailadres emailadres geboortedatum gegevens postcode huisnummer"
)

DUTCH: Final = Wordbook(
    language="nl",
    common=(
        "de het een en ik u mij mijn is niet van voor met te dat die op graag vriendelijke groet"
        " groeten beste jullie hebben heb wil over alstublieft aan zijn geachte"
    ),
    rights={
        RequestKind.ERASURE: (
            "vergeten_worden",
            "recht_op_wissing recht_op_verwijdering recht_op_gegevenswissing",
            "uitwissen uitgewist opruimen leeghalen wegdoen wegdoet weggooien weggegooid"
            " haal_weg eruit + gegevens account alles data dossier mij me profiel"
            " geschiedenis locatiegeschiedenis",
            "verwijderd_worden gewist_worden",
            "halen haalt haal + uit_het_bestand uit_jullie_bestand uit_uw_bestand uit_het_systeem"
            " uit_jullie_systeem uit_uw_systeem uit_de_database",
            f"verwijder* wis wissen gewist vernietig* vergeet vergeten weg weghalen haal gooi gooien schrap*"
            f" uitschrijven verwijdert opruimen + {_DATA}",
            "verwijdering wissing gegevenswissing + gegevens account data mijn verzoek* vraag artikel"
            " art persoonsgegevens",
            "recht_op_vergetelheid recht_om_vergeten vergeten_te_worden vergeet_mij verwijder_mij"
            " wis_mij ",
        ),
        RequestKind.ACCESS: (
            "stuur_me_mijn stuur_mij_mijn geef_me_mijn stuur_me_alle + gegevens data informatie",
            "wat welke + weet weten hebt hebben bewaart opgeslagen vastgelegd + stuur sturen"
            " vertellen weten zien krijgen + mij me",
            "kopie kopieën + alles wat_u wat_jullie opnames gesprekken notities",
            "overzicht lijst + gegevens data persoonsgegevens",
            "inzage inzageverzoek inzagerecht + gegevens mij mijn verzoek* vraag wil graag artikel art"
            " data dossier in",
            "kopie kopieën afschrift + gegevens data alles persoonsgegevens informatie dossier",
            "stuur sturen toesturen geef laat_zien zien ontvangen krijgen + alles gegevens data"
            " informatie + over_mij van_mij over_me",
        ),
        RequestKind.PORTABILITY: (
            "meenemen mee_te_nemen exporteren export + gegevens data geschiedenis",
            "dataportabiliteit gegevensoverdraagbaarheid overdraagbaarheid portabiliteit",
            "machineleesbaar machineleesbare machinaal_leesbaar gestructureerd* gangbaar csv json +"
            " gegevens data formaat vorm bestand",
            "overdragen overzetten doorgeven doorsturen meenemen overstappen + gegevens data +"
            " aanbieder bedrijf partij dienst leverancier rechtstreeks",
        ),
        RequestKind.RECTIFICATION: (
            "nieuw_adres nieuwe_adres nieuwe_achternaam nieuwe_naam verhuisd + aanpas*"
            " wijzig* systeem past pas bijwerk*",
            "heet gespeld schrijf_je schrijft_u spel_je in_plaats_van moet_zijn moet_het +"
            " naam achternaam adres huisnummer postcode geboortedatum telefoonnummer",
            "pas_dit_aan pas_dat_aan corrigeer_dit corrigeren_naamswijziging adreswijziging naamswijziging",
            f"corriger* rectific* rectificatie wijzig* aanpas* verbeter* aanpassen bijwerken + {_FIELDS}",
            f"fout foute verkeerd* onjuist* verouderd* tikfout spelfout klopt_niet + {_FIELDS} + mijn"
            " mij jullie uw staat",
        ),
        RequestKind.RESTRICTION: (
            "beperk* blokker* bevries bevriezen opschort* stilleggen + verwerking gegevens gebruik"
            " data",
        ),
        RequestKind.OBJECTION: (
            "bezwaar + profiel aankopen campagnes telefoontjes analyse",
            "wil_geen geen_enkele niet_langer + reclame nieuwsbrief* aanbiedingen marketing"
            " mailings spam",
            "niet_gebruiken niet_analyseren niet_profileren niet_langer_gebruiken + marketing"
            " profilering reclame analyse advertenties",
            "haal_mij haal_me verwijder_mij schrijf_mij + mailinglijst lijst",
            "bezwaar + verwerking marketing direct_marketing profilering gebruik gegevens reclame"
            " nieuwsbrief artikel art doorgifte",
            "afmelden uitschrijven stop stoppen geen_reclame niet_meer geen_nieuwsbrief* +"
            " nieuwsbrief nieuwsbrieven reclame aanbiedingen marketing profilering mailing* spam",
        ),
    },
    holdings=(
        "welke wat alles + gegevens data informatie hebt hebben heeft weten weet bewaart bewaren"
        " opgeslagen verzameld vastgelegd + over_mij van_mij over_me mij",
    ),
    withdrawal=(
        "vergeet negeer laat_maar schrap + mijn_vorige vorige_mail vorige_e_mail mijn_eerdere"
        " eerdere_mail mijn_laatste vorig_bericht mijn_verzoek vorige_verzoek eerdere_verzoek",
        "vergeet_mijn vergeet_het + verzoek aanvraag verwijderverzoek",
        "annuleer negeer vergeet + mijn_mail mijn_bericht beide de_verwijdering",
        "intrek* trek ingetrokken annuleer* annuleren herroep* + verzoek aanvraag verwijderverzoek"
        " inzageverzoek verwijdering",
        "bedacht van_gedachten_veranderd + verzoek verwijder* gegevens aanvraag laten",
    ),
    nothing=("niets wil_niet_dat vraag_niet_om hoef_niet_te wens_niet_dat wil_geen"),
    pronouns="ze het die deze dit dat",
    copies="kopie kopieën afschrift overzicht",
    ors="of",
    selves="ik mij me mijn mijne",
    footers=(
        "uitschrijven afmelden u_ontvangt_deze je_ontvangt_deze in_de_browser per_maand gratis"
        " vrijblijvend"
    ),
    hints=(
        "privacy dossier uit_jullie_systeem uit_uw_systeem uit_het_systeem uit_de_database uit_uw_bestand"
        " uit_het_bestand uit_jullie_bestand vergeet_mij verwijder_mij "
        "gegevens avg data over_mij van_mij over_me persoonlijk* geboren geboortedatum"
        " achternaam opname* over_hem over_haar reclame nieuwsbrief* marketing spam"
    ),
    perhaps="misschien wellicht ofwel",
    conditions="of indien tenzij voordat als_u als_jullie als_je als_ik als_het als_er",
    afters="zodra nadat wanneer",
    reports="zei zeiden gezegd bevestigd beloofd beweert",
    fields="adres adressen nummer telefoonnummer naam achternaam",
    negations=(
        "niet geen nooit zonder in_plaats_van liever_dan noch nalaten afzien laat_staan af_te_zien"
    ),
    keeping="houden behouden blijven_gebruiken zichtbaar_blijven blijven_bestaan open_blijven",
    uncertain=(
        "weet_niet_wat weet_niet_of weet_niet_precies niet_zeker_wat niet_zeker_of"
        " wat_het_beste nog_niet_besloten niet_besloten overweeg twijfel"
    ),
    knowing="weten zien vertel vertellen inzien",
    hypothetical=(
        "verwijdert_u wissen_jullie hoe_kan_ik hoe_lang wat_gebeurt_er_als is_het_mogelijk kan_men in_het_algemeen"
        " verwijderen_jullie als_ik_ooit"
    ),
    others=(
        "leen geleend buurman buurvrouw mijn_ex ex_man ex_vrouw ex_partner mijn_baas mijn_vrouw mijn_man mijn_zoon mijn_dochter mijn_moeder mijn_vader mijn_broer mijn_zus namens"
        " mijn_cliënt onze_cliënt mijn_vriend mijn_vriendin mijn_partner mijn_oma mijn_opa"
        " mijn_ouders wijlen"
        " mijn_tante mijn_oom mijn_nicht mijn_neef mijn_grootmoeder mijn_grootvader"
        " mijn_schoonmoeder mijn_schoonvader"
    ),
    authority="volmacht gemachtigd* machtiging bewindvoerder voogd",
    boilerplate="vertrouwelijk* per_abuis per_ongeluk bestemd_voor geadresseerde milieu abusievelijk",
    idle=(
        "gebruik gebruikt gebruiken verwerk verwerkt + niet niets + zolang totdat tot"
        " intussen ondertussen voorlopig",
        "niet_gebruiken niet_gebruikt niet_te_gebruiken niet_verwerken niet_verwerkt"
        " niet_aanraken niet_delen niet_gedeeld niet_doorgeven ongemoeid met_rust"
        " onaangeroerd + gegevens data dossier account informatie ze niets alles + totdat tot"
        " intussen ondertussen zolang voorlopig terwijl uitgezocht afgehandeld rechter"
        " rechtbank geschil*",
        "in_de_wacht op_pauze on_hold alleen_opslaan alleen_bewaren enkel_bewaren"
        " slechts_bewaren alleen_bewaard enkel_opgeslagen + gegevens data dossier account"
        " informatie ze",
    ),
    minds=(
        "heb_me_bedacht van_gedachten van_mening_veranderd toch_niet toch_blijven toch_maar"
        " bij_nader_inzien"
    ),
    befores=("voordat voor_u totdat"),
    either=("een_van_ons ons_beiden ons_allebei wij_beiden"),
    catalog=("bestaan_van_het recht_om_een_klacht klacht_in_te_dienen"),
    nouns=(
        "rectificatie* correctie*",
        "wissing verwijdering",
        "beperking",
        "bezwaar",
        "overdraagbaarheid gegevensoverdraagbaarheid",
        "inzage",
    ),
    unwanted=(
        "vraag_niet_om gaat_niet_om wil_geen hoef_geen mag_u_bewaren mogen_jullie_bewaren"
        " mag_gerust mogen_gerust is_prima"
    ),
    past=(
        "verwijderde verwijderden wiste per_ongeluk ik_heb_verwijderd heb_ik_verwijderd bedankt_voor dank_voor is_verwijderd zijn_verwijderd hebben_verwijderd heeft_verwijderd werd_verwijderd"
        " verwijderd_hebben verwijderd_is al_verwijderd hebt_verwijderd is_gewist zijn_gewist"
    ),
    hows=("hoe"),
    received=("ontvangen aangekomen gekregen in_orde binnen"),
    jobs=("solliciteer sollicitatie vacature mijn_cv"),
    letters=("nieuwsbrief* mailinglijst mailing*"),
    asks=(
        "fijn_als volstaat voldoende verwijder wis gooi haal vernietig schrap graag wil wilt willen wens wenst verzoek verzoeken vraag eis kunt_u kunnen_jullie"
        " kun_je zou_u zouden hierbij moet moeten alstublieft alsjeblieft aub gelieve dank"
    ),
    titles=("meneer mevrouw hem haar"),
)
