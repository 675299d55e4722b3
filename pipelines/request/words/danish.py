"""Danish."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "kunden kontakten oplysning* persondata data konto kontoen profil profilen bruger brugeren alt alting om_mig"
    " det_hele personoplysning* kundeoplysning* registrer* sag sagen informationer info mine_ting"
    " system systemet systemer register database databasen"
)
_FIELDS: Final = (
    "adresse adressen nummer nummeret telefonnummer* mobilnummer* navn navnet efternavn* fornavn*"
    " stavning mail mailadresse* e_mail fødselsdato* oplysning* postnummer* data"
)

DANISH: Final = Wordbook(
    language="da",
    common=(
        "jeg og ikke af jer i hvad mig min mit mine at er det som for til med har vil gerne venlig"
        " hilsen hej være oplysninger kan på om den et en hvis"
    ),
    rights={
        RequestKind.ERASURE: (
            "blive_slettet slettes_helt",
            f"slet slette* fjern* glem* pil_mig kyl smid destruer destruere + {_DATA}",
            "sletning sletningen + data oplysning* konto profil mig mine anmod* bed* ønsk* artikel"
            " art anmodning",
            "retten_til_at_blive_glemt ret_til_at_blive_glemt blive_glemt glem_mig slet_mig"
            " slette_mig fjern_mig",
        ),
        RequestKind.ACCESS: (
            "oversigt liste + oplysning* data registrer*",
            "indsigt aktindsigt indsigtsanmodning + data oplysning* mig mine anmod* ønsk* bed* har"
            " få artikel art registrer*",
            "kopi kopier udskrift + data oplysning* alt det_i registrer* persondata",
            "send sende se udlever* vis få + alt oplysning* data registrer* det_i + om_mig på_mig"
            " i_har har_om",
        ),
        RequestKind.PORTABILITY: (
            "dataportabilitet portabilitet",
            "maskinlæsbar* struktureret almindeligt_anvendt csv json + data oplysning* format alt",
            "overfør* flytte flyttes overdrag* tage_med + data oplysning* + selskab udbyder firma"
            " leverandør tjeneste konkurrent direkte",
        ),
        RequestKind.RECTIFICATION: (
            "ret_det rette_det ret_dette navneændring adresseændring",
            f"ret rette rettes rettet berigtig* korriger* ændre ændr ændres opdater* + {_FIELDS}",
            f"forkert forkerte forældet fejl stavefejl + {_FIELDS} + mit min mig jeres står hos",
        ),
        RequestKind.RESTRICTION: (
            "begræns* bloker* frys fryse spær spærre + behandling* brug data oplysning* anvendelse",
        ),
        RequestKind.OBJECTION: (
            "fjern_mig slet_mig tag_mig + mailingliste mailinglisten listen",
            "indsigelse indsigelser modsæt* gør_indsigelse protester* + behandling* markedsføring"
            " profilering data brug reklame nyhedsbrev* artikel art",
            "afmeld* stop stoppe ikke_flere ikke_mere frabed* slip_for fri_for +"
            " nyhedsbrev* reklame* markedsføring tilbud profilering spam",
        ),
    },
    holdings=(
        "hvad hvilke alt + oplysning* data har ved registrer* gemt gemmer liggende opbevarer"
        " samlet + om_mig på_mig mig",
    ),
    withdrawal=(
        "annuller ignorer glem se_bort_fra + min_mail min_besked begge sletningen",
        "trækker trække trukket tilbagekald* annuller* fortryder fortrudt tilbage + anmodning*"
        " sletning sletteanmodning* indsigtsanmodning* forespørgsel ønske begæring",
    ),
    nothing="intet ingenting",
    pronouns="det dem dette disse den",
    copies="kopi kopier oversigt udskrift",
    ors="eller",
    selves="jeg mig min mit mine",
    footers="afmeld afmelde du_modtager i_modtager vis_i_browser om_måneden gratis uforpligtende",
    hints=(
        "oplysning* data persondata privatliv* gdpr om_mig på_mig om_ham om_hende optagelse*"
        " fødselsdato* efternavn* personlig* reklame* markedsføring nyhedsbrev* spam"
    ),
    perhaps="måske",
    conditions="hvis såfremt hvorvidt medmindre før",
    afters="når efter_at så_snart",
    reports="sagde sagt fortalte bekræftede bekræftet lovede lovet påstår",
    fields=(
        "adresse* telefonnummer* nummer nummeret mobilnummer* navn navnet efternavn* fødselsdag*"
    ),
    negations="ikke ej aldrig uden hverken i_stedet_for frem_for ingen",
    keeping="beholde bevare",
    uncertain=(
        "ved_ikke_helt ved_ikke_hvad ved_ikke_om ikke_sikker_på hvad_der_er_bedst"
        " ikke_besluttet ikke_bestemt overvejer"
    ),
    knowing="vide se oplyst fortæl fortælle kigge",
    hypothetical=(
        "hvordan_kan_jeg hvordan_gør hvor_længe hvad_sker_der_hvis kan_man generelt er_det_muligt"
        " sletter_i hvis_jeg_en_dag"
    ),
    others=(
        "min_kone min_mand min_søn min_datter min_mor min_far min_bror min_søster på_vegne min_klient"
        " min_ven min_veninde min_kæreste min_mors min_fars min_kones min_mands min_søns min_datters"
        " vores_klient min_afdøde min_mormor min_farfar min_samlever"
    ),
    authority="fuldmagt værge bemyndiget",
    boilerplate=(
        "fortrolig fortrolige fortroligt ved_en_fejl tiltænkt rette_modtager bestemt_for miljøet"
    ),
)
