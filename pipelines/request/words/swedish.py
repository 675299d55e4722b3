"""Swedish."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "kunden kontakten uppgift* personuppgift* data konto kontot profil profilen användare allt alltihop om_mig"
    " kunduppgift* register registret registrer* information informationen info"
    " system systemet databas databasen"
)
_FIELDS: Final = (
    "adress adressen nummer numret telefonnummer* mobilnummer* namn namnet efternamn* förnamn*"
    " stavning* e_post epost epostadress* mejl mejladress* mail födelsedatum* uppgift* postnummer*"
)

SWEDISH: Final = Wordbook(
    language="sv",
    common=(
        "jag och inte av er ni vad mig min mitt mina att är det som för till med har vill gärna"
        " vänliga hälsning hälsningar hej vara uppgifter kan på om den ett en från också"
    ),
    rights={
        RequestKind.ERASURE: (
            "bli_raderad bli_borttagen",
            f"rader* tar_bort ta_bort tas_bort bort stryk stryka glöm släng kasta glömma"
            f" utplåna förstör makulera avlägsna + {_DATA}",
            "radering raderingen borttagning + data uppgift* konto profil mig mina begär* ber önskar"
            " artikel art begäran",
            "rätten_att_bli_glömd rätt_att_bli_glömd bli_glömd glöm_mig radera_mig ta_bort_mig",
        ),
        RequestKind.ACCESS: (
            "översikt lista sammanställning + uppgift* data registrer*",
            "registerutdrag tillgång_till rätt_till_tillgång begäran_om_tillgång utdrag + data"
            " uppgift* mig mina begär* ber önskar vill få artikel art register* allt",
            "kopia kopior utskrift + data uppgift* allt det_ni registrer* personuppgift*",
            "skicka sända se lämna_ut visa få + allt uppgift* data registrer* det_ni + om_mig"
            " på_mig ni_har har_om",
        ),
        RequestKind.PORTABILITY: (
            "dataportabilitet portabilitet",
            "maskinläsbar* strukturerat allmänt_använt csv json + data uppgift* format allt",
            "överför* flytta flyttas föra_över ta_med + data uppgift* + bolag leverantör företag"
            " tjänst konkurrent direkt",
        ),
        RequestKind.RECTIFICATION: (
            "rätta_det rätta_detta ändra_det ändra_detta namnändring adressändring",
            f"rätta rättas rättelse korriger* ändra ändras uppdatera* justera + {_FIELDS}",
            f"fel felaktig* inaktuell* stavfel felstavat + {_FIELDS} + mitt min mig ert er hos står",
        ),
        RequestKind.RESTRICTION: (
            "begräns* block* frys frysa spärra + behandling* användning data uppgift*",
        ),
        RequestKind.OBJECTION: (
            "ta_bort_mig stryk_mig + sändlista sändlistan utskickslistan listan",
            "invänd* invändning motsätter protesterar + behandling* marknadsföring profilering data"
            " användning reklam* nyhetsbrev* artikel art",
            "avregistrera avanmäl* avprenumerera sluta stoppa inte_mer inga_fler slippa +"
            " nyhetsbrev* reklam* marknadsföring erbjudanden profilering utskick* spam",
        ),
    },
    holdings=(
        "vad vilka allt + uppgift* data har vet registrer* sparat sparar lagrat lagrar samlat +"
        " om_mig på_mig mig",
    ),
    withdrawal=(
        "avbryt ignorera glöm bortse_från + mitt_mejl mitt_meddelande båda raderingen",
        "återkall* återta* tar_tillbaka drar_tillbaka ångrar ångrat ombestämt annuller* + begäran"
        " ansökan radering registerutdrag förfrågan önskan",
    ),
    nothing="inget ingenting",
    pronouns="det dem dom detta dessa den de",
    copies="kopia kopior utdrag registerutdrag sammanställning",
    ors="eller",
    selves="jag mig min mitt mina mej",
    footers=(
        "avregistrera avprenumerera du_får_detta ni_får_detta i_webbläsaren per_månad gratis"
        " kostnadsfri kostnadsfritt"
    ),
    hints=(
        "uppgift* data dataskydd gdpr om_mig på_mig om_honom om_henne födelsedatum* efternamn*"
        " inspelning* personlig* reklam* marknadsföring nyhetsbrev* spam"
    ),
    perhaps="kanske",
    conditions="ifall huruvida såvida innan förrän om_ni om_du om_jag",
    afters="när efter_att så_snart",
    reports="sade sa sagt berättade bekräftade bekräftat lovade lovat påstår",
    fields="adress* telefonnummer* nummer numret mobilnummer* namn namnet efternamn*",
    negations="inte ej aldrig utan varken i_stället_för istället_för inga",
    keeping="behålla",
    uncertain=(
        "vet_inte_riktigt vet_inte_vad vet_inte_om inte_säker_på vad_som_är_bäst inte_bestämt"
        " inte_beslutat överväger funderar_på"
    ),
    knowing="veta se berätta upplysa undrar",
    hypothetical=(
        "hur_kan_jag hur_gör hur_länge vad_händer_om kan_man generellt är_det_möjligt raderar_ni"
        " om_jag_en_dag"
    ),
    others=(
        "min_fru min_man min_son min_dotter min_mamma min_mor min_pappa min_far min_bror min_syster"
        " för_min på_uppdrag å_min min_klient vår_klient min_vän min_sambo min_mormor min_farfar"
        " min_mammas min_pappas å_hennes å_hans"
    ),
    authority="fullmakt god_man förvaltare ombud",
    boilerplate="konfidentiell* av_misstag avsedd_för rätt_mottagare miljön sekretess",
)
