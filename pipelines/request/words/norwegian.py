"""Norwegian (bokmål)."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "kunden kontakten opplysning* personopplysning* data personaldata konto kontoen profil profilen bruker brukeren"
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
            "bli_slettet",
            f"slett* fjern* kast hiv glem* ta_bort tas_bort makuler* + {_DATA}",
            "sletting slettingen + data opplysning* konto profil meg mine ber ønsker krever artikkel"
            " art anmodning",
            "retten_til_å_bli_glemt rett_til_å_bli_glemt bli_glemt glem_meg slett_meg slette_meg"
            " fjern_meg",
        ),
        RequestKind.ACCESS: (
            "oversikt liste + opplysning* data registrer*",
            "innsyn innsynsbegjæring innsynskrav + data opplysning* meg mine ber ønsker krever få"
            " artikkel art registrer* har",
            "kopi kopier utskrift + data opplysning* alt det_dere registrer*",
            "sende send se utlever* vis få + alt opplysning* data registrer* det_dere + om_meg"
            " på_meg dere_har har_om",
        ),
        RequestKind.PORTABILITY: (
            "dataportabilitet portabilitet",
            "maskinlesbar* strukturert alminnelig_anvendt csv json + data opplysning* format alt",
            "overfør* flytte flyttes ta_med + data opplysning* + selskap leverandør firma tjeneste"
            " konkurrent direkte",
        ),
        RequestKind.RECTIFICATION: (
            "rett_det rette_det rette_dette navneendring adresseendring",
            f"rett rette rettes rettet korriger* endre endres endret oppdater* + {_FIELDS}",
            f"feil gal galt utdatert skrivefeil + {_FIELDS} + mitt min meg deres står hos",
        ),
        RequestKind.RESTRICTION: (
            "begrens* bloker* frys fryse sperr* + behandling* bruk data opplysning* anvendelse",
        ),
        RequestKind.OBJECTION: (
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
        "annuller ignorer glem se_bort_fra + min_mail min_melding e_posten_min meldingen_min begge slettingen",
        "trekker trekke trukket tilbakekall* annuller* angrer angret ombestemt + anmodning*"
        " forespørsel* sletting slettekrav innsynskrav ønske krav begjæring",
    ),
    nothing="ingenting intet",
    pronouns="det dem dette disse den",
    copies="kopi kopier oversikt utskrift",
    ors="eller",
    selves="jeg meg min mitt mine mi",
    footers="avmeld meld_deg_av du_mottar dere_mottar i_nettleseren per_måned gratis uforpliktende",
    hints=(
        "opplysning* data personvern gdpr om_meg på_meg om_ham om_henne fødselsdato* etternavn*"
        " opptak personlig* reklame* markedsføring nyhetsbrev* spam"
    ),
    perhaps="kanskje",
    conditions="hvis dersom hvorvidt med_mindre før",
    afters="når etter_at så_snart",
    reports="sa sagt fortalte bekreftet lovet lovte påstår",
    fields="adresse* telefonnummer* nummer nummeret mobilnummer* navn navnet etternavn*",
    negations="ikke aldri uten verken i_stedet_for heller_enn ingen",
    keeping="beholde",
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
        "min_kone kona_mi min_mann mannen_min min_sønn sønnen_min min_datter datteren_min"
        " datteren_min min_mor mora_mi moren_min min_far faren_min min_bror broren_min min_søster"
        " søsteren_min på_vegne min_klient vår_klient min_venn samboeren_min min_samboer"
        " bestemora_mi bestemoren_min"
    ),
    authority="fullmakt verge bemyndiget",
    boilerplate="konfidensiell* fortrolig ved_en_feil tiltenkt rette_mottaker miljøet",
)
