"""Italian."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "cliente contatto dati informazioni account profilo tutto scheda archivio anagrafica registrazioni su_di_me"
    " mi_riguardano utenza"
    " sistema sistemi database banca_dati archivi"
)
_FIELDS: Final = (
    "indirizzo numero telefono cellulare nome cognome mail e_mail email nascita dati informazioni"
    " cap recapito"
)

ITALIAN: Final = Wordbook(
    language="it",
    common=(
        "il la i le e io voi miei mio mia è non di del della per con che una un buongiorno grazie"
        " saluti cordiali gentili vorrei avete vostro vostri sono mi in chiedo"
    ),
    rights={
        RequestKind.ERASURE: (
            "essere_cancellato essere_cancellata",
            f"cancell* elimin* rimuov* rimozione distrugg* dimentic* + {_DATA}",
            "diritto_all_oblio diritto_alla_cancellazione essere_dimenticato essere_dimenticata"
            " cancellatemi dimenticatemi",
        ),
        RequestKind.ACCESS: (
            "elenco riepilogo + dati informazioni personali",
            "diritto_di_accesso richiesta_di_accesso",
            "accesso accedere + dati informazioni personali",
            "copia copie + dati informazioni tutto quello_che personali",
            "inviat* mandat* fornir* vedere ricevere inviarmi mandarmi fornirmi + tutto dati"
            " informazioni + su_di_me di_me mi_riguardano che_avete miei",
        ),
        RequestKind.PORTABILITY: (
            "portabilità",
            "leggibile_da_dispositivo leggibile_da strutturato uso_comune csv json + dati"
            " informazioni formato",
            "trasfer* trasmett* spost* + dati informazioni + azienda società fornitore operatore"
            " direttamente altro altra",
        ),
        RequestKind.RECTIFICATION: (
            "correggerlo correggetelo correggerla cambio_di_nome cambio_di_indirizzo",
            f"corregg* correzione rettific* modific* aggiorn* cambiare + {_FIELDS}",
            f"errore errato errata sbagliat* scorrett* + {_FIELDS} + mio mia miei avete vostro",
        ),
        RequestKind.RESTRICTION: (
            "limit* limitazione blocc* congel* sospend* + trattamento dati uso utilizzo",
        ),
        RequestKind.OBJECTION: (
            "toglietemi rimuovetemi non_voglio + lista mailing_list pubblicità newsletter",
            "mi_oppongo oppormi opposizione + trattamento marketing pubblicità profilazione uso dati"
            " articolo art newsletter",
            "disiscri* cancellatemi_dalla smett* basta non_voglio_più interromp* stop + newsletter"
            " pubblicità promozioni offerte marketing spam profilazione pubblicitarie",
        ),
    },
    holdings=(
        "quali cosa che tutto sapere conoscere + dati informazioni sapete avete conservate"
        " detenete raccolto + su_di_me di_me mi_riguardano mio miei sul_mio me",
    ),
    withdrawal=(
        "annullate ignorate dimenticate + la_mia_mail il_mio_messaggio entrambe la_cancellazione",
        "ritir* revoc* annull* + richiesta domanda",
        "cambiato_idea ripensato + richiesta cancell* dati lasciate",
    ),
    nothing="niente nulla nessun nessuna",
    pronouns="li le lo la",
    copies="copia copie riepilogo elenco",
    ors="o oppure",
    selves="io me mi mio mia miei mie chiedo vorrei desidero richiedo esercito oppongo",
    footers=(
        "disiscriversi annullare_l_iscrizione ricevi_questa nel_browser al_mese gratis gratuita"
        " gratuito senza_impegno"
    ),
    hints=(
        "dati gdpr su_di_me di_me mi_riguard* nascita cognome registrazion* personali su_di_lui"
        " su_di_lei pubblicità newsletter promozioni spam"
    ),
    perhaps="forse",
    conditions="qualora prima",
    afters="quando dopo_che una_volta appena",
    reports="detto confermato promesso assicurato",
    fields="indirizzo numero telefono cellulare nome cognome",
    negations="non mai senza né invece_di anziché",
    keeping="tenere mantenere",
    uncertain=(
        "non_so_cosa non_so_se non_so_bene non_sono_sicuro_di non_sono_sicura_di cosa_è_meglio"
        " non_ho_deciso sto_pensando sto_valutando"
    ),
    knowing="sapere conoscere vedere dire dirmi",
    hypothetical="come_posso per_quanto_tempo cosa_succede_se è_possibile in_generale se_un_giorno",
    others=(
        "mia_moglie mio_marito mio_figlio mia_figlia mia_madre mio_padre mio_fratello mia_sorella"
        " per_conto a_nome_di da_parte_di mio_cliente nostro_cliente mio_amico mia_amica mia_nonna"
        " mio_nonno"
    ),
    authority="delega delegato procura tutore amministratore_di_sostegno",
    boilerplate="riservato riservata riservate per_errore destinatario destinato_a confidenziale",
)
