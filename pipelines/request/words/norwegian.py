"""Norwegian (bokmål)."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "dataene kunden kontakten opplysning* personopplysning* data personaldata konto kontoen profil profilen bruker brukeren"
    " alt alt_sammen om_meg kundeforhold* registrer* informasjon* info kundeopplysning* det_hele"
    " system systemet systemene register registeret database databasen"
)
_FIELDS: Final = (
    "adresse adressen nummer nummeret telefonnummer* mobilnummer* navn navnet etternavn* fornavn*"
    " stavemåte* e_post epost epostadresse* mail fødselsdato* opplysning* postnummer* data"
)

NORWEGIAN: Final = Wordbook(
    language="nb",
    common=(
        "jeg og ikke av dere hva meg min mitt mine at er det som for til med har vil gjerne vennlig"
        " hilsen hei være opplysninger kan på om den et en hvis fra deres"
    ),
    rights={
        RequestKind.ERASURE: (
            "rett_til_sletting retten_til_sletting rett_til_å_få_slettet",
            "utslett utslette rensk tøm rydd visk stryk stryke + opplysning* data konto"
            " kontoen profil alt database*",
            "bli_slettet",
            f"slett* fjern* kast hiv glem* ta_bort tas_bort makuler* + {_DATA}",
            "sletting slettingen + data opplysning* konto profil meg mine ber ønsker krever artikkel"
            " art anmodning",
            "retten_til_å_bli_glemt rett_til_å_bli_glemt bli_glemt glem_meg slett_meg slette_meg"
            " fjern_meg",
        ),
        RequestKind.ACCESS: (
            "send_meg_mine sende_meg_mine gi_meg_mine send_meg_alle + data opplysning* dataene",
            "hva hvilke + vet har lagret liggende registrert oppbevarer + send sende fortelle"
            " vite se opplyst få + meg",
            "kopi kopier + alt hva_dere det_hele alle opptak* samtaler",
            "oversikt liste + opplysning* data registrer*",
            "innsyn innsynsbegjæring innsynskrav + data opplysning* meg mine ber ønsker krever få"
            " artikkel art registrer* har",
            "kopi kopier utskrift + data opplysning* alt det_dere registrer*",
            "sende send se utlever* vis få + alt opplysning* data registrer* det_dere + om_meg"
            " på_meg dere_har har_om",
        ),
        RequestKind.PORTABILITY: (
            "utlever* utlevert ta_dem_med + data dataene opplysning* + leverandør selskap"
            " tilbyder konkurrent",
            "flytte flyttes overføre overføres + dataene data opplysning* + ny nye"
            " leverandør* selskap*",
            "ta_med få_med eksporter* eksport + data opplysning* historikk",
            "dataportabilitet portabilitet",
            "maskinlesbar* strukturert alminnelig_anvendt csv json + data opplysning* format alt",
            "overfør* flytte flyttes ta_med + data opplysning* + selskap leverandør firma tjeneste"
            " konkurrent direkte",
        ),
        RequestKind.RECTIFICATION: (
            "endre_den endre_det rette_den rett_den",
            "ny_adresse nye_adressen nytt_etternavn nytt_navn nytt_nummer flyttet + rette"
            " endre oppdater* system registrer* deres",
            "heter staves stavet skrives i_stedet_for skal_være + navn etternavn* adresse*"
            " nummer* fødselsdato*",
            "rett_det rette_det rette_dette navneendring adresseendring",
            f"rett rette rettes rettet korriger* endre endres endret oppdater* + {_FIELDS}",
            f"feil gal galt utdatert skrivefeil + {_FIELDS} + mitt min meg deres står hos",
        ),
        RequestKind.RESTRICTION: (
            "begrens* bloker* frys fryse sperr* + behandling* bruk data opplysning* anvendelse",
        ),
        RequestKind.OBJECTION: (
            "protesterer motsetter reserverer innsigelse + profil kjøp kampanje* samtaler analyse",
            "fjerne_meg fjern_meg slette_meg ta_meg stryk_meg + nyhetsbrev* liste* reklame*",
            "ha_flere ha_mer få_flere motta_flere vil_ikke + reklame* nyhetsbrev*"
            " markedsføring spam",
            "ikke_bruke ikke_brukes ikke_analysere ikke_profilere ikke_lenger_bruke +"
            " markedsføring profilering reklame* analyse* annonser",
            "fjern_meg ta_meg + mailingliste e_postlisten listen listene",
            "innsigelse innvending protester* motsetter reserver* + behandling* markedsføring"
            " profilering data bruk reklame nyhetsbrev* artikkel art",
            "avmeld* meld_meg_av melde_meg_av stopp stoppe slutt ikke_mer ikke_flere slippe +"
            " nyhetsbrev* reklame* markedsføring tilbud profilering spam",
        ),
    },
    holdings=(
        "hva hvilke alt + opplysning* data har vet registrer* lagret lagrer liggende samlet +"
        " om_meg på_meg meg",
    ),
    withdrawal=(
        "glem ignorer se_bort_fra dropp avlys + min_forrige forrige_e_post forrige_epost"
        " forrige_mail forrige_melding siste_mail siste_e_post tidligere_henvendelse"
        " tidligere_e_post forrige_henvendelse e_posten_min mailen_min meldingen_om",
        "glem_min glem_den + forespørsel henvendelse anmodning forespørselen henvendelsen",
        "annuller ignorer glem se_bort_fra + min_mail min_melding e_posten_min meldingen_min begge slettingen",
        "trekker trekke trukket tilbakekall* annuller* angrer angret ombestemt + anmodning*"
        " forespørsel* sletting slettekrav innsynskrav ønske krav begjæring",
    ),
    nothing=(
        "ingenting intet"
        " ønsker_ikke_at vil_ikke_ha_at vil_ikke_at ber_ikke_om ønsker_ikke vil_ikke_ha"
    ),
    pronouns="det dem dette disse den",
    copies="kopi kopier oversikt utskrift",
    ors="eller",
    selves="jeg meg min mitt mine mi",
    footers="avmeld meld_deg_av du_mottar dere_mottar i_nettleseren per_måned pr_måned gratis uforpliktende",
    hints=(
        "personopplysning* ut_av_systemet ut_av_deres fra_deres_system fra_databasen ut_av_databasen meg_ut"
        " glem_meg slett_meg "
        "opplysning* data personvern gdpr om_meg på_meg om_ham om_henne fødselsdato* etternavn*"
        " opptak personlig* reklame* markedsføring nyhetsbrev* spam"
    ),
    perhaps="kanskje enten",
    conditions="hvis dersom hvorvidt med_mindre før",
    afters="når etter_at så_snart",
    reports="sa sagt fortalte bekreftet lovet lovte påstår",
    fields="adresse* telefonnummer* nummer nummeret mobilnummer* navn navnet etternavn*",
    negations=(
        "ikke aldri uten verken i_stedet_for heller_enn ingen"
        " la_være la_vær unngå avstå unnlat unnlate"
    ),
    keeping="beholde fortsette_å_bruke fortsatt_bruke bruke_videre forbli_åpen",
    uncertain=(
        "vet_ikke_helt vet_ikke_hva vet_ikke_om ikke_sikker_på hva_som_er_best ikke_bestemt"
        " ikke_besluttet vurderer"
    ),
    knowing="vite se opplyst fortell fortelle lurer",
    hypothetical=(
        "hvordan_kan_jeg hvordan_gjør hvor_lenge hva_skjer_hvis kan_man generelt er_det_mulig"
        " sletter_dere hvis_jeg_en_dag"
    ),
    others=(
        "låner lånt naboens eksen_min min_eks ekskona eksmannen sjefen_min min_kone kona_mi min_mann mannen_min min_sønn sønnen_min min_datter datteren_min"
        " datteren_min min_mor mora_mi moren_min min_far faren_min min_bror broren_min min_søster"
        " søsteren_min på_vegne min_klient vår_klient min_venn samboeren_min min_samboer"
        " bestemora_mi bestemoren_min"
        " min_tante tanta_mi tanten_min min_onkel onkelen_min min_niese niesen_min min_nevø"
        " nevøen_min min_bestemor min_bestefar bestefaren_min min_svigermor svigermora_mi"
        " svigermoren_min min_svigerfar svigerfaren_min"
    ),
    authority="fullmakt verge bemyndiget",
    boilerplate="konfidensiell* fortrolig ved_en_feil tiltenkt rette_mottaker miljøet",
    idle=(
        "bruk brukes behandl* + ikke + opplysning* data + inntil imens mens så_lenge før foreløpig",
        "ikke_bruke ikke_brukes ikke_bruker ikke_behandle ikke_behandles ikke_røre ikke_røres"
        " ikke_dele ikke_deles ikke_vises urørt urørte ligge + opplysning* data sak saken"
        " konto dem det noe + inntil imens mens i_mellomtiden mellomtiden foreløpig så_lenge"
        " avgjort undersøkt avklart retten tvist*",
        "på_pause på_vent på_is frys bare_lagre bare_lagres kun_lagre kun_lagres"
        " bare_oppbevar* kun_oppbevar* + opplysning* data konto sak saken dem",
    ),
    minds=(
        "ombestemt ombestemte angret angrer likevel_ikke vil_likevel likevel_gjerne"
        " blir_likevel skiftet_mening"
    ),
    befores=("før innen inntil"),
    either=("en_av_oss oss_begge oss_to begge_to"),
    catalog=("rett_til_å_klage retten_til_å_klage eksistensen_av"),
    nouns=(
        "retting korrigering*",
        "sletting*",
        "begrensning*",
        "innsigelse* protest*",
        "dataportabilitet*",
        "innsyn*",
    ),
    unwanted=(
        "vil_ikke_ha_mine ber_ikke_om ikke_bedt_om handler_ikke_om gjerne_lagre"
        " gjerne_beholde må_gjerne kan_gjerne er_helt_greit"
    ),
    past=(
        "ved_en_feil jeg_har_slettet jeg_slettet takk_for takk_fordi ble_slettet er_slettet har_slettet blitt_slettet ble_fjernet er_fjernet har_fjernet"
        " allerede_slettet slettet_dere dere_slettet"
    ),
    hows=("hvordan"),
    received=("mottatt ankommet kommet_frem i_orden har_fått fikk"),
    jobs=("jobbsøknad søknad_på søker_stillingen min_cv"),
    letters=("nyhetsbrev* mailingliste* e_postliste*"),
    asks=(
        "fint_om holder_at nok_at slett fjern glem kast vennligst vil ønsker ønske ber bes be anmoder krever kan_dere vil_dere kunne_dere"
        " skal herved gjerne takk forlanger vær"
    ),
    titles=("herr fru ham henne"),
)
