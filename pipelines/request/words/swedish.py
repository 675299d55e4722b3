"""Swedish."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "datan kunden kontakten uppgift* personuppgift* data konto kontot profil profilen användare allt alltihop om_mig"
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
            "rätt_till_radering rätten_till_radering rätt_att_få_raderat",
            "plocka_bort plockar_bort städa_bort rensa rensar tömma sudda suddar utplåna +"
            " uppgift* data konto kontot profil allt databas*",
            "bli_raderad bli_borttagen",
            f"rader* tar_bort ta_bort tas_bort bort stryk stryka glöm släng kasta glömma"
            f" utplåna förstör makulera avlägsna + {_DATA}",
            "radering raderingen borttagning + data uppgift* konto profil mig mina begär* ber önskar"
            " artikel art begäran",
            "rätten_att_bli_glömd rätt_att_bli_glömd bli_glömd glöm_mig radera_mig ta_bort_mig",
        ),
        RequestKind.ACCESS: (
            "skicka_mig_mina ge_mig_mina ha_ut få_ut ta_del_av lämna_ut + data uppgift*"
            " allt information*",
            "vad vilka + vet har sparat sparade lagrat registrerat + skicka berätta veta se"
            " få + mig",
            "kopia kopior + allt vad_ni alltihop alla inspelning* samtal",
            "översikt lista sammanställning + uppgift* data registrer*",
            "registerutdrag tillgång_till rätt_till_tillgång begäran_om_tillgång utdrag + data"
            " uppgift* mig mina begär* ber önskar vill få artikel art register* allt",
            "kopia kopior utskrift + data uppgift* allt det_ni registrer* personuppgift*",
            "skicka sända se lämna_ut visa få + allt uppgift* data registrer* det_ni + om_mig"
            " på_mig ni_har har_om",
        ),
        RequestKind.PORTABILITY: (
            "ta_med få_med exportera* export + data uppgift* historik",
            "dataportabilitet portabilitet",
            "maskinläsbar* strukturerat allmänt_använt csv json + data uppgift* format allt",
            "överför* flytta flyttas föra_över ta_med + data uppgift* + bolag leverantör företag"
            " tjänst konkurrent direkt",
        ),
        RequestKind.RECTIFICATION: (
            "ändra_den rätta_den uppdatera_den",
            "ny_adress nya_adress nytt_efternamn nytt_namn nytt_nummer flyttat + ändra"
            " rätta uppdatera* system registrer* er",
            "heter stavas stavat skrivs i_stället_för istället_för ska_vara + namn efternamn*"
            " adress* nummer födelsedatum*",
            "rätta_det rätta_detta ändra_det ändra_detta namnändring adressändring",
            f"rätta rättas rättelse korriger* ändra ändras uppdatera* justera + {_FIELDS}",
            f"fel felaktig* inaktuell* stavfel felstavat + {_FIELDS} + mitt min mig ert er hos står",
        ),
        RequestKind.RESTRICTION: (
            "begräns* block* frys frysa spärra + behandling* användning data uppgift*",
        ),
        RequestKind.OBJECTION: (
            "invänder invända motsätter + profil köp kartlägg* kampanj* utskick",
            "ta_bort_mig stryk_mig plocka_bort_mig avregistrera_mig + nyhetsbrev* lista*"
            " listan reklam* utskick*",
            "ha_fler ha_mer få_fler få_mer vill_inte + reklam* nyhetsbrev* marknadsföring"
            " utskick* spam",
            "inte_använda inte_användas inte_analysera inte_profilera sluta_använda +"
            " marknadsföring profilering reklam* analys* annonser",
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
        "strunta_i glöm ignorera bortse_från hoppa_över + mitt_förra min_förra förra_mejl"
        " förra_mejlet förra_mail tidigare_mejl tidigare_mail förra_meddelande*"
        " förra_meddelandet tidigare_begäran tidigare_förfrågan mitt_mejl mejlet_om"
        " min_begäran",
        "glöm_min glöm_den + begäran förfrågan ansökan",
        "avbryt ignorera glöm bortse_från + mitt_mejl mitt_meddelande båda raderingen",
        "återkall* återta* tar_tillbaka drar_tillbaka ångrar ångrat ombestämt annuller* + begäran"
        " ansökan radering registerutdrag förfrågan önskan",
    ),
    nothing=("inget ingenting vill_inte_att önskar_inte ber_inte_om begär_inte vill_inte_ha"),
    pronouns="det dem dom detta dessa den de",
    copies="kopia kopior utdrag registerutdrag sammanställning",
    ors="eller",
    selves="jag mig min mitt mina mej",
    footers=(
        "avregistrera avprenumerera du_får_detta ni_får_detta i_webbläsaren per_månad gratis"
        " kostnadsfri kostnadsfritt"
    ),
    hints=(
        "personuppgift* ut_ur_ert ut_ur_systemet från_ert_system från_er_databas ur_registret ur_systemet"
        " ur_ert mig_ur glöm_mig radera_mig "
        "uppgift* data dataskydd gdpr om_mig på_mig om_honom om_henne födelsedatum* efternamn*"
        " inspelning* personlig* reklam* marknadsföring nyhetsbrev* spam"
    ),
    perhaps="kanske antingen",
    conditions="ifall huruvida såvida innan förrän om_ni om_du om_jag",
    afters="när efter_att så_snart",
    reports="sade sa sagt berättade bekräftade bekräftat lovade lovat påstår",
    fields="adress* telefonnummer* nummer numret mobilnummer* namn namnet efternamn*",
    negations=(
        "inte ej aldrig utan varken i_stället_för istället_för inga"
        " låt_bli låta_bli undvik undvika avstå avstår"
    ),
    keeping="behålla fortsätta_använda fortfarande_använda ha_kvar_mitt ha_kvar_kontot",
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
        "lånar lånad lånat grannens mitt_ex min_exman min_exfru exmake min_chef min_fru min_man min_son min_dotter min_mamma min_mor min_pappa min_far min_bror min_syster"
        " på_uppdrag å_min min_klient vår_klient min_vän min_sambo min_mormor min_farfar"
        " min_mammas min_pappas å_hennes å_hans"
        " min_moster min_faster min_morbror min_farbror min_systerdotter min_systerson"
        " min_brorsdotter min_brorson min_farmor min_morfar min_svärmor min_svärfar min_kusin"
    ),
    authority="fullmakt god_man förvaltare ombud",
    boilerplate="konfidentiell* av_misstag avsedd_för rätt_mottagare miljön sekretess",
    idle=(
        "använd använda används behandl* + inte + uppgift* data + förrän tills medan",
        "använd används behandl* + inte + uppgift* data + tills medan så_länge innan tills_vidare",
        "inte_använda inte_använder inte_användas inte_används inte_behandla inte_behandlas"
        " inte_röra inte_röras inte_dela inte_delas inte_visas orörda orörd orört ligga +"
        " uppgift* data ärende* konto dem dom det något + tills under_tiden medan så_länge"
        " tillsvidare tills_vidare avgjort avgjord utrett utretts rätten tvist*",
        "på_paus på_is frys bara_lagra bara_lagras endast_lagra endast_lagras bara_spara"
        " bara_sparas endast_spara + uppgift* data konto ärende* dem",
    ),
    minds=(
        "ändrat_mig ångrat_mig ångrar_mig ändrat_åsikt vill_vara_kvar vill_stanna_kvar"
        " ändå_inte trots_allt_inte vill_ändå"
    ),
    befores=("innan förrän tills"),
    either=("en_av_oss oss_båda oss_två vi_båda"),
    catalog=("rätten_att_klaga rätt_att_klaga rätten_att_lämna_in förekomsten_av"),
    nouns=(
        "rättelse*",
        "radering*",
        "begränsning*",
        "invändning* invända*",
        "dataportabilitet*",
        "tillgång registerutdrag*",
    ),
    unwanted=(
        "vill_inte_ha_mina ber_inte_om inte_bett_om handlar_inte_om gärna_spara gärna_behålla"
        " får_gärna går_bra"
    ),
    past=(
        "raderade tog_ni_bort av_misstag jag_har_raderat jag_raderade jag_tog_bort tack_för har_raderat blev_raderat blev_raderad raderades har_raderats har_tagits_bort"
        " togs_bort har_tagit_bort redan_raderat redan_raderad tog_bort är_raderat är_raderad"
        " ni_raderade"
    ),
    hows=("hur"),
    received=("mottagit kom_fram kommit_fram i_ordning har_fått fick"),
    jobs=("ansökan söker_tjänsten söker_jobbet mitt_cv cv_bifogas"),
    letters=("nyhetsbrev* sändlista* utskick*"),
    asks=(
        "bra_om fint_om ta räcker radera ta_bort stryk glöm släng plocka_bort rensa vänligen vill önskar önska ber begär kräver kan_ni kan_du skulle_ni härmed ska"
        " snälla gärna tack måste uppmanar utövar"
    ),
    titles=("herr fru honom henne"),
)
