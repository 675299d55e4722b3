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
            "far_sparire fate_sparire ripulite ripulire togliete togliere buttate svuotate"
            " depennate + dati informazioni account profilo tutto scheda traccia archivio"
            " database me",
            "essere_cancellato essere_cancellata",
            f"cancell* elimin* rimuov* rimozione distrugg* dimentic* + {_DATA}",
            "diritto_all_oblio diritto_alla_cancellazione essere_dimenticato essere_dimenticata"
            " cancellatemi dimenticatemi",
        ),
        RequestKind.ACCESS: (
            "mandatemi_i_miei inviatemi_i_miei datemi_i_miei + dati informazioni",
            "cosa quali che + sapete avete conservate memorizzate + sapere conoscere mandate"
            " inviate dire vedere ricevere + me mio miei mi",
            "copia copie + tutto tutti quanto registrazioni conversazioni chiamate",
            "elenco riepilogo + dati informazioni personali",
            "diritto_di_accesso richiesta_di_accesso",
            "accesso accedere + dati informazioni personali",
            "copia copie + dati informazioni tutto quello_che personali",
            "inviat* mandat* fornir* vedere ricevere inviarmi mandarmi fornirmi + tutto dati"
            " informazioni + su_di_me di_me mi_riguardano che_avete miei",
        ),
        RequestKind.PORTABILITY: (
            "portare_via portarmi esportare esportazione + dati informazioni storico",
            "portabilità",
            "leggibile_da_dispositivo leggibile_da strutturato uso_comune csv json + dati"
            " informazioni formato",
            "trasfer* trasmett* spost* + dati informazioni + azienda società fornitore operatore"
            " direttamente altro altra",
        ),
        RequestKind.RECTIFICATION: (
            "nuovo_indirizzo nuovo_cognome nuovo_numero trasferit* + modific* corregg*"
            " aggiorn* cambiare sistema",
            "si_scrive mi_chiamo invece_di anziché deve_essere dovrebbe_essere + nome cognome"
            " indirizzo numero nascita",
            "correggerlo correggetelo correggerla cambio_di_nome cambio_di_indirizzo",
            f"corregg* correzione rettific* modific* aggiorn* cambiare + {_FIELDS}",
            f"errore errato errata sbagliat* scorrett* + {_FIELDS} + mio mia miei avete vostro",
        ),
        RequestKind.RESTRICTION: (
            "limit* limitazione blocc* congel* sospend* + trattamento dati uso utilizzo",
        ),
        RequestKind.OBJECTION: (
            "non_usare non_usate non_utilizzate smettere_di_usare smettete_di_usare +"
            " pubblicità marketing profilazione analisi",
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
        "ignorate dimenticate ignori lasciate_perdere lasci_perdere non_tenete_conto +"
        " mia_precedente mail_precedente messaggio_precedente richiesta_precedente mia_ultima"
        " mio_ultimo mia_richiesta",
        "dimenticate_la dimentichi_la + richiesta domanda",
        "annullate ignorate dimenticate + la_mia_mail il_mio_messaggio entrambe la_cancellazione",
        "ritir* revoc* annull* + richiesta domanda",
        "cambiato_idea ripensato + richiesta cancell* dati lasciate",
    ),
    nothing=(
        "niente nulla nessun nessuna non_voglio_che non_chiedo non_desidero_che non_vi_chiedo"
    ),
    pronouns="li le lo la",
    copies="copia copie riepilogo elenco",
    ors="o oppure",
    selves="io me mi mio mia miei mie chiedo vorrei desidero richiedo esercito oppongo",
    footers=(
        "disiscriversi annullare_l_iscrizione ricevi_questa nel_browser al_mese gratis gratuita"
        " gratuito senza_impegno"
    ),
    hints=(
        "privacy riservatezza dal_vostro_sistema dai_vostri_sistemi dal_vostro_database dai_vostri_archivi"
        " fuori_dal_vostro dimenticatemi cancellatemi "
        "dati gdpr su_di_me di_me mi_riguard* nascita cognome registrazion* personali su_di_lui"
        " su_di_lei pubblicità newsletter promozioni spam"
    ),
    perhaps="forse oppure",
    conditions="qualora prima",
    afters="quando dopo_che una_volta appena",
    reports="detto confermato promesso assicurato",
    fields="indirizzo numero telefono cellulare nome cognome",
    negations=("non mai senza né invece_di anziché astenersi astenetevi evitate evitare"),
    keeping="tenere mantenere",
    uncertain=(
        "non_so_cosa non_so_se non_so_bene non_sono_sicuro_di non_sono_sicura_di cosa_è_meglio"
        " non_ho_deciso sto_pensando sto_valutando"
    ),
    knowing="sapere conoscere vedere dire dirmi",
    hypothetical="come_posso per_quanto_tempo cosa_succede_se è_possibile in_generale se_un_giorno cancellate_voi",
    others=(
        "in_prestito vicino vicina il_mio_ex la_mia_ex ex_marito ex_moglie il_mio_capo mia_moglie mio_marito mio_figlio mia_figlia mia_madre mio_padre mio_fratello mia_sorella"
        " per_conto a_nome_di da_parte_di mio_cliente nostro_cliente mio_amico mia_amica mia_nonna"
        " mio_nonno"
    ),
    authority="delega delegato procura tutore amministratore_di_sostegno",
    boilerplate="riservato riservata riservate per_errore destinatario destinato_a confidenziale",
    idle=(
        "non_usare non_usate non_utilizzare non_utilizzate non_vengano_usati"
        " non_vengano_utilizzati non_trattare non_toccare non_toccate non_condividere"
        " smettere_di_usare + dati informazioni account scheda li nulla niente + finché fino"
        " intanto nel_frattempo mentre per_ora tribunale causa contestazione",
        "in_sospeso in_attesa in_pausa solo_conserv* soltanto_conserv* solo_conservati"
        " unicamente_conserv* + dati informazioni account scheda li",
    ),
    minds=("cambiato_idea ripensato ci_ho_ripensato ripensandoci alla_fine_no alla_fine_resto"),
    befores=("prima finché"),
    either=("uno_di_noi una_di_noi noi_due entrambi_noi"),
    catalog=("esistenza_del esistenza_di_un diritto_di_proporre diritto_di_reclamo"),
    nouns=(
        "rettifica rettificazione",
        "cancellazione",
        "limitazione",
        "opposizione",
        "portabilità",
        "accesso",
    ),
    unwanted=(
        "non_chiedo_i non_voglio_i_miei non_si_tratta_di potete_conservare potete_tenere va_bene"
    ),
    past=(
        "per_sbaglio ho_cancellato ho_eliminato grazie_per è_stato_cancellato è_stata_cancellata avete_cancellato hanno_cancellato"
        " sono_stati_cancellati avete_eliminato è_stato_eliminato già_cancellat*"
    ),
    hows=("come_posso come_si come_faccio come_cancell*"),
    received=("ricevuto ricevuta ricevuti arrivata arrivato arrivati"),
    jobs=("candidatura curriculum_vitae mio_cv posizione_di"),
    letters=("newsletter mailing_list"),
    asks=(
        "basta cancellate eliminate rimuovete cancelli elimini distruggete dimenticate togliete per_favore prego chiedo vorrei voglio desidero richiedo pretendo potete potreste"
        " esercito esercitare cortesemente gentilmente con_la_presente"
    ),
    titles=("sig signor signora"),
)
