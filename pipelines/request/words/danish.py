"""Danish."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "dataene dataerne kunden kontakten oplysning* persondata data konto kontoen profil profilen bruger brugeren alt alting om_mig"
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
            "ret_til_sletning retten_til_sletning ret_til_at_få_slettet",
            "udslet udslette udrens* tøm ryd viske visk stryg stryge skrot + oplysning* data"
            " konto kontoen profil alt database*",
            "blive_slettet slettes_helt",
            f"slet slette* fjern* glem* pil_mig kyl smid destruer destruere + {_DATA}",
            "sletning sletningen + data oplysning* konto profil mig mine anmod* bed* ønsk* artikel"
            " art anmodning",
            "retten_til_at_blive_glemt ret_til_at_blive_glemt blive_glemt glem_mig slet_mig"
            " slette_mig fjern_mig",
        ),
        RequestKind.ACCESS: (
            "send_mig_mine sende_mig_mine giv_mig_mine send_mig_alle + data oplysning*"
            " informationer",
            "hvad hvilke + ved har gemt liggende registreret opbevarer + send sende fortælle"
            " vide se oplyst få + mig",
            "kopi kopier + alt hvad_i det_hele alle optagelse* samtaler",
            "oversigt liste + oplysning* data registrer*",
            "indsigt aktindsigt indsigtsanmodning + data oplysning* mig mine anmod* ønsk* bed* har"
            " få artikel art registrer*",
            "kopi kopier udskrift + data oplysning* alt det_i registrer* persondata",
            "send sende se udlever* vis få + alt oplysning* data registrer* det_i + om_mig på_mig"
            " i_har har_om",
        ),
        RequestKind.PORTABILITY: (
            "udlever* udleveret få tage_dem_med + data oplysning* + udbyder selskab"
            " leverandør konkurrent",
            "tage_med få_med eksporter* eksport + data oplysning* historik",
            "dataportabilitet portabilitet",
            "maskinlæsbar* struktureret almindeligt_anvendt csv json + data oplysning* format alt",
            "overfør* flytte flyttes overdrag* tage_med + data oplysning* + selskab udbyder firma"
            " leverandør tjeneste konkurrent direkte",
        ),
        RequestKind.RECTIFICATION: (
            "ændre_den ændre_det rette_den ret_den",
            "ny_adresse nye_adresse nyt_efternavn nyt_navn nyt_nummer flyttet + rette ret"
            " ændre opdater* system registrer* jeres",
            "hedder staves stavet skrives i_stedet_for rettelig skal_være + navn efternavn*"
            " adresse* nummer* fødselsdato*",
            "ret_det rette_det ret_dette navneændring adresseændring",
            f"ret rette rettes rettet berigtig* korriger* ændre ændr ændres opdater* + {_FIELDS}",
            f"forkert forkerte forældet fejl stavefejl + {_FIELDS} + mit min mig jeres står hos",
        ),
        RequestKind.RESTRICTION: (
            "begræns* bloker* frys fryse spær spærre + behandling* brug data oplysning* anvendelse",
        ),
        RequestKind.OBJECTION: (
            "gør_indsigelse indsigelse modsætter + profil køb kampagne* opkald analyse",
            "fjerne_mig slette_mig tage_mig fjern_mig framelde + nyhedsbrev* mailingliste*"
            " listen reklame*",
            "have_flere have_mere få_flere modtage_flere vil_ikke + reklame* nyhedsbrev*"
            " markedsføring tilbudsmail* spam",
            "ikke_bruge ikke_bruges ikke_anvende ikke_analysere ikke_profilere"
            " ikke_længere_bruge + markedsføring profilering reklame* analyse* annoncer",
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
        "glem ignorer se_bort_fra drop annuller + min_forrige mit_forrige min_sidste"
        " mit_sidste min_tidligere mit_tidligere forrige_mail sidste_mail tidligere_mail"
        " forrige_besked tidligere_henvendelse forrige_henvendelse min_mail mailen_om"
        " min_anmodning",
        "glem_min glem_venligst_min + anmodning henvendelse forespørgsel sletteanmodning",
        "annuller ignorer glem se_bort_fra + min_mail min_besked begge sletningen",
        "trækker trække trukket tilbagekald* annuller* fortryder fortrudt tilbage + anmodning*"
        " sletning sletteanmodning* indsigtsanmodning* forespørgsel ønske begæring",
    ),
    nothing=(
        "intet ingenting ønsker_ikke_at vil_ikke_have_at beder_ikke_om vil_ikke_have ønsker_ikke"
    ),
    pronouns="det dem dette disse den",
    copies="kopi kopier oversigt udskrift",
    ors="eller",
    selves="jeg mig min mit mine",
    footers="afmeld afmelde du_modtager i_modtager vis_i_browser om_måneden pr_måned gratis uforpligtende",
    hints=(
        "personoplysning* ud_af_jeres ud_fra_jeres fra_jeres_system fra_jeres_database ud_af_systemet mig_ud"
        " glem_mig slet_mig "
        "oplysning* data persondata privatliv* gdpr om_mig på_mig om_ham om_hende optagelse*"
        " fødselsdato* efternavn* personlig* reklame* markedsføring nyhedsbrev* spam"
    ),
    perhaps="måske enten",
    conditions="hvis såfremt hvorvidt medmindre før",
    afters="når efter_at så_snart",
    reports="sagde sagt fortalte bekræftede bekræftet lovede lovet påstår",
    fields=(
        "adresse* telefonnummer* nummer nummeret mobilnummer* navn navnet efternavn* fødselsdag*"
    ),
    negations=(
        "ikke ej aldrig uden hverken i_stedet_for frem_for ingen"
        " lade_være lad_være være_med_at undlad undlade undgå"
    ),
    keeping="beholde bevare fortsætte_med_at_bruge fortsat_bruge stadig_bruge forblive_åben",
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
        "låner lånt naboens min_eks eksmand ekskone min_ekskone min_eksmand min_chef min_roommate min_kone min_mand min_søn min_datter min_mor min_far min_bror min_søster på_vegne min_klient"
        " min_ven min_veninde min_kæreste min_mors min_fars min_kones min_mands min_søns min_datters"
        " vores_klient min_afdøde min_mormor min_farfar min_samlever"
        " min_tante min_onkel min_moster min_faster min_morbror min_farbror min_niece min_nevø"
        " min_farmor min_morfar min_svigermor min_svigerfar min_kusine min_fætter"
    ),
    authority="fuldmagt værge bemyndiget",
    boilerplate=(
        "fortrolig fortrolige fortroligt ved_en_fejl tiltænkt rette_modtager bestemt_for miljøet"
    ),
    idle=(
        "brug bruges behandl* + ikke + oplysning* data + indtil imens mens så_længe før foreløbig",
        "ikke_bruge ikke_bruges ikke_anvende ikke_anvendes ikke_behandle ikke_behandles"
        " ikke_røre ikke_røres ikke_dele ikke_deles ikke_vises urørt urørte holde_fingrene +"
        " oplysning* data sag sagen konto dem det noget + indtil imens mens i_mellemtiden"
        " mellemtiden foreløbig så_længe afgjort undersøgt afklaret retten tvist*",
        "på_pause i_bero på_is kun_opbevar* kun_gemme kun_gemmes blot_opbevar* bare_opbevar*"
        " + oplysning* data konto sag sagen dem",
    ),
    minds=(
        "ombestemt ombestemte fortrudt skiftet_mening vil_alligevel alligevel_ikke"
        " alligevel_gerne bliver_alligevel"
    ),
    befores=("før inden indtil"),
    either=("en_af_os os_begge os_to begge_to"),
    catalog=("retten_til_at_klage ret_til_at_klage eksistensen_af"),
    nouns=(
        "berigtigelse* rettelse*",
        "sletning*",
        "begrænsning*",
        "indsigelse*",
        "dataportabilitet*",
        "indsigt*",
    ),
    unwanted=(
        "vil_ikke_have_mine beder_ikke_om ikke_bedt_om handler_ikke_om gerne_gemme"
        " gerne_beholde må_gerne er_helt_fint"
    ),
    past=(
        "slettede fjernede ved_en_fejl jeg_har_slettet jeg_slettede tak_for tak_fordi blev_slettet er_blevet_slettet er_slettet har_slettet blevet_slettet blev_fjernet"
        " er_fjernet har_fjernet allerede_slettet slettede i_slettede"
    ),
    hows=("hvordan hvorledes"),
    received=("modtaget fået ankommet kommet_frem i_orden"),
    jobs=("ansøgning jobansøgning søger_stillingen mit_cv"),
    letters=("nyhedsbrev* mailingliste*"),
    asks=(
        "fint_hvis fint_om nok slet fjern glem smid destruer venligst vil ønsker ønske beder bede bedes anmoder anmode kræver må_i gerne kan_i"
        " vil_i skal hermed opfordrer forlanger søde tak"
    ),
    titles=("hr fru ham hende"),
)
