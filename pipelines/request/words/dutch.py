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
            "verwijderd_worden gewist_worden",
            f"verwijder* wis wissen gewist vernietig* vergeet vergeten weg weghalen haal gooi gooien schrap*"
            f" uitschrijven verwijdert opruimen + {_DATA}",
            "verwijdering wissing gegevenswissing + gegevens account data mijn verzoek* vraag artikel"
            " art persoonsgegevens",
            "recht_op_vergetelheid recht_om_vergeten vergeten_te_worden vergeet_mij verwijder_mij"
            " wis_mij haal_mij haal_me",
        ),
        RequestKind.ACCESS: (
            "overzicht lijst + gegevens data persoonsgegevens",
            "inzage inzageverzoek inzagerecht + gegevens mij mijn verzoek* vraag wil graag artikel art"
            " data dossier in",
            "kopie kopieën afschrift + gegevens data alles persoonsgegevens informatie dossier",
            "stuur sturen toesturen geef laat_zien zien ontvangen krijgen + alles gegevens data"
            " informatie + over_mij van_mij over_me",
        ),
        RequestKind.PORTABILITY: (
            "dataportabiliteit gegevensoverdraagbaarheid overdraagbaarheid portabiliteit",
            "machineleesbaar machineleesbare machinaal_leesbaar gestructureerd* gangbaar csv json +"
            " gegevens data formaat vorm bestand",
            "overdragen overzetten doorgeven doorsturen meenemen overstappen + gegevens data +"
            " aanbieder bedrijf partij dienst leverancier rechtstreeks",
        ),
        RequestKind.RECTIFICATION: (
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
        "annuleer negeer vergeet + mijn_mail mijn_bericht beide de_verwijdering",
        "intrek* trek ingetrokken annuleer* annuleren herroep* + verzoek aanvraag verwijderverzoek"
        " inzageverzoek verwijdering",
        "bedacht van_gedachten_veranderd + verzoek verwijder* gegevens aanvraag laten",
    ),
    nothing="niets",
    pronouns="ze het die deze dit dat",
    copies="kopie kopieën afschrift overzicht",
    ors="of",
    selves="ik mij me mijn mijne",
    footers=(
        "uitschrijven afmelden u_ontvangt_deze je_ontvangt_deze in_de_browser per_maand gratis"
        " vrijblijvend"
    ),
    hints=(
        "gegevens avg data over_mij van_mij over_me persoonlijk* geboren geboortedatum"
        " achternaam opname* over_hem over_haar reclame nieuwsbrief* marketing spam"
    ),
    perhaps="misschien wellicht",
    conditions="of indien tenzij voordat",
    afters="zodra nadat wanneer",
    reports="zei zeiden gezegd bevestigd beloofd beweert",
    fields="adres adressen nummer telefoonnummer naam achternaam",
    negations="niet geen nooit zonder in_plaats_van liever_dan noch",
    keeping="houden behouden",
    uncertain=(
        "weet_niet_wat weet_niet_of weet_niet_precies niet_zeker_wat niet_zeker_of"
        " wat_het_beste nog_niet_besloten niet_besloten overweeg twijfel"
    ),
    knowing="weten zien vertel vertellen inzien",
    hypothetical=(
        "hoe_kan_ik hoe_lang wat_gebeurt_er_als is_het_mogelijk kan_men in_het_algemeen"
        " verwijderen_jullie als_ik_ooit"
    ),
    others=(
        "mijn_vrouw mijn_man mijn_zoon mijn_dochter mijn_moeder mijn_vader mijn_broer mijn_zus namens"
        " mijn_cliënt onze_cliënt mijn_vriend mijn_vriendin mijn_partner mijn_oma mijn_opa"
        " mijn_ouders wijlen"
    ),
    authority="volmacht gemachtigd* machtiging bewindvoerder voogd",
    boilerplate="vertrouwelijk* per_abuis per_ongeluk bestemd_voor geadresseerde milieu abusievelijk",
)
