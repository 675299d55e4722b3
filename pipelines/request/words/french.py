"""French."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "client cliente contact données informations infos compte profil dossier coordonnées tout fiche fichiers fichier"
    " traces me_concernant sur_moi renseignements"
    " système systèmes base_de_données bases"
)
_FIELDS: Final = (
    "adresse numéro téléphone tél tel portable nom prénom orthographe mail e_mail courriel email"
    " naissance coordonnées données informations postal"
)

FRENCH: Final = Wordbook(
    language="fr",
    common=(
        "le la les et je vous mes mon ma est ne pas de du des pour avec que une sur bonjour madame"
        " monsieur merci cordialement votre vos ai avez au ce en par"
    ),
    rights={
        RequestKind.ERASURE: (
            "faites_disparaître faire_disparaître gommez gommer purgez purger éliminez"
            " éliminer balayez jetez jeter nettoyez rayez rayer vider videz + données"
            " informations compte profil dossier fiche tout traces base coordonnées"
            " historique",
            "être_supprimé être_supprimée être_effacé être_effacée",
            f"supprim* suppression effac* effacement détrui* destruction oublie* enlev* virez dégagez retir* radi* +"
            f" {_DATA}",
            "droit_à_l_oubli droit_à_l_effacement droit_d_effacement être_oublié être_oubliée"
            " oubliez_moi supprimez_moi effacez_moi",
        ),
        RequestKind.ACCESS: (
            "envoyez_moi_mes donnez_moi_mes envoyez_moi_toutes m_envoyer_mes + données"
            " informations",
            "ce_que quelles quoi + savez avez détenez conservez stockez + savoir connaître"
            " envoyez envoyer dire voir recevoir + moi me",
            "copie copies + tout ensemble intégralité enregistrements échanges appels",
            "récapitulatif liste relevé aperçu + données informations personnelles",
            "droit_d_accès demande_d_accès",
            "accès accéder + données informations dossier me_concernant personnelles",
            "copie copies + données informations dossier tout ce_que renseignements personnelles",
            "envoy* communiqu* transmett* fourni* recevoir voir consulter + tout ensemble données"
            " informations renseignements + sur_moi me_concernant à_mon_sujet que_vous_avez que_vous_détenez",
        ),
        RequestKind.PORTABILITY: (
            "emporter emmener exporter export récupérer + données informations historique +"
            " format fichier autre nouveau concurrent",
            "portabilité",
            "lisible_par_machine lisible_par_une_machine structuré couramment_utilisé csv json +"
            " données informations format fichier",
            "transfér* transmett* transmet* déplac* + données informations + opérateur société"
            " entreprise prestataire concurrent fournisseur directement autre",
        ),
        RequestKind.RECTIFICATION: (
            "nouvelle_adresse nouveau_nom nouveau_numéro déménagé + modifi* corrig* changer"
            " mettre votre fichier mise",
            "s_écrit m_appelle s_orthographie au_lieu_de à_la_place_de et_non + nom prénom"
            " adresse numéro naissance",
            "corriger_cela corriger_ça la_corriger le_corriger corriger_ceci changement_de_nom changement_d_adresse",
            f"corrig* rectifi* modifi* changer mettre_à_jour mettez_à_jour mise_à_jour + {_FIELDS}",
            f"erreur erroné* faux fausse mauvais mauvaise incorrect* inexact* + {_FIELDS} + mon ma mes"
            " moi vous_avez votre",
        ),
        RequestKind.RESTRICTION: (
            "limit* limitation bloqu* blocage gel geler suspend* restrein* + traitement données"
            " utilisation usage",
        ),
        RequestKind.OBJECTION: (
            "m_oppose oppose opposer + coordonnées campagnes commercial* ciblage ciblée"
            " fichiers profil achats",
            "plus_recevoir plus_aucune plus_jamais + publicité* pub newsletter* offres"
            " promotion* sollicitation* prospection démarchage",
            "ne_plus_utiliser n_utilisez_plus ne_pas_utiliser ne_soient_plus_utilis*"
            " ne_plus_analyser + publicité prospection marketing profilage analyse*"
            " statistiques",
            "retirez_moi enlevez_moi désinscrivez_moi + liste listes liste_de_diffusion",
            "m_oppose opposition oppose m_opposer + traitement prospection marketing profilage"
            " utilisation données publicité* newsletter article art démarchage",
            "désinscri* désabonn* arrêt* cess* ne_plus_recevoir plus_de stop + newsletter publicité*"
            " pub pubs promotion* offres marketing prospection démarchage spam profilage"
            " sollicitation*",
        ),
    },
    holdings=(
        "quelles quels que qu savoir connaître tout + données informations infos renseignements"
        " savez détenez avez conservez stockez possédez collecté + sur_moi me_concernant"
        " à_mon_sujet à_mon_propos moi",
    ),
    withdrawal=(
        "oubliez ignorez annulez laissez_tomber ne_tenez_pas_compte ne_pas_tenir_compte"
        " oublier + mon_précédent ma_précédente mon_dernier mon_premier mail_précédent"
        " message_précédent courriel_précédent demande_précédente mon_mail_d mon_message_d"
        " ma_demande",
        "oubliez_ma oubliez_la + demande requête",
        "annulez ignorez oubliez + mon_mail mon_message mon_courriel les_deux la_suppression",
        "annul* retir* retire renonc* révoqu* abandonn* + demande requête suppression_demande"
        " demande_de_suppression demande_d_effacement",
        "changé_d_avis + demande suppression effacement supprimer effacer données garder",
    ),
    nothing=(
        "rien aucune aucun"
        " ne_veux_pas_que ne_souhaite_pas_que ne_demande_pas ne_vous_demande_pas ne_veux_pas"
        " ne_souhaite_pas"
    ),
    pronouns="les le la l ça cela",
    copies="copie copies récapitulatif relevé aperçu",
    ors="ou",
    selves="je j me m moi mon ma mes",
    footers=(
        "se_désinscrire désinscription désabonner vous_recevez_ce vous_recevez_cet"
        " dans_le_navigateur par_mois gratuit gratuite sans_engagement"
    ),
    hints=(
        "vie_privée de_vos_fichiers de_votre_base de_votre_système de_vos_bases de_vos_systèmes"
        " hors_de_vos oubliez_moi du_dossier "
        "données rgpd me_concernant sur_moi à_mon_sujet renseignements personnel*"
        " date_de_naissance né_le née_le enregistrements sur_lui sur_elle publicité* newsletter"
        " prospection démarchage spam"
    ),
    perhaps="peut_être soit",
    conditions="si sauf avant",
    afters="après_que dès_que une_fois quand lorsque",
    reports="dit affirmé confirmé promis assuré prétend",
    fields="adresse adresses numéro téléphone nom prénom portable",
    negations=(
        "pas jamais sans ni au_lieu_de plutôt_que aucunement abstenir abstenez évitez éviter"
    ),
    keeping=(
        "garder conserver_mon conserver_mes conserver_ma continuer_à_utiliser rester_ouvert"
        " rester_visible rester_visibles rester_actif"
    ),
    uncertain=(
        "sais_pas_ce_qui sais_pas_si sais_pas_quoi sais_pas_trop ce_qui_est_le_mieux pas_sûr_de"
        " pas_sûre_de pas_encore_décidé pas_décidé hésite envisage"
    ),
    knowing="savoir connaître voir dites dire",
    hypothetical=(
        "comment_puis_je comment_faire combien_de_temps que_se_passe_t_il_si est_il_possible"
        " en_général est_ce_que_vous_supprimez si_un_jour"
    ),
    others=(
        "emprunte emprunté voisin voisine mon_ex ex_mari ex_femme mon_ex_compagnon mon_patron ma_femme mon_mari mon_fils ma_fille ma_mère mon_père mon_frère ma_sœur au_nom_de"
        " de_la_part_de pour_le_compte mon_client ma_cliente notre_client mon_ami mon_amie"
        " mon_conjoint mon_épouse mon_époux mes_parents ma_grand_mère mon_grand_père feu_mon"
        " ma_tante mon_oncle ma_nièce mon_neveu ma_cousine mon_cousin ma_belle_mère mon_beau_père"
    ),
    authority="procuration mandat mandaté tuteur tutrice mandataire",
    boilerplate=(
        "confidentiel confidentielle confidentiels par_erreur destiné_à destinataire exclusivement"
        " imprimer l_environnement"
    ),
    idle=(
        "ne_plus_utiliser ne_pas_utiliser n_utilisez_pas n_utilisez_plus"
        " ne_soient_pas_utilis* ne_soient_plus_utilis* ne_touchez_pas n_y_touchez_pas"
        " ne_pas_traiter ne_pas_toucher ne_pas_partager ne_plus_traiter"
        " ne_soient_plus_traité* + données informations dossier compte fiche les rien elles +"
        " jusqu en_attendant pendant tant_que entre_temps provisoirement litige tribunal"
        " le_temps",
        "en_attente en_suspens seulement_conserver uniquement_conserv* simplement_conserv*"
        " simple_conservation conservées_uniquement conserver_sans mises_de_côté + données"
        " informations dossier compte fiche les",
    ),
    minds=(
        "changé_d_avis réflexion_faite finalement_non toute_réflexion je_reste_finalement"
        " finalement_je_reste me_suis_ravisé me_suis_ravisée"
    ),
    befores=("avant jusqu"),
    either=("l_un_de_nous un_de_nous nous_deux l_une_de_nous une_de_nous"),
    catalog=(
        "existence_d_un existence_du existence_de_mon droit_d_introduire droit_de_réclamation"
    ),
    nouns=(
        "rectification",
        "effacement suppression",
        "limitation",
        "opposition",
        "portabilité",
        "accès",
    ),
    unwanted=(
        "ne_vous_demande_pas ne_demande_pas ne_veux_pas_mes il_ne_s_agit_pas_de"
        " pouvez_conserver pouvez_garder me_convient"
    ),
    past=(
        "par_erreur j_ai_supprimé j_ai_effacé merci_d_avoir merci_pour a_été_supprimé* ont_été_supprimé* avez_supprimé* avez_effacé* a_été_effacé*"
        " ont_été_effacé* a_supprimé* déjà_supprimé* été_supprimé* été_effacé* a_disparu"
    ),
    hows=("comment"),
    received=("reçu reçue reçus reçues arrivé arrivée arrivés bien_reçu"),
    jobs=("ma_candidature candidature_au_poste candidature mon_cv lettre_de_motivation"),
    letters=("newsletter* liste_de_diffusion infolettre*"),
    asks=(
        "suffit supprimez effacez détruisez enlevez retirez oubliez radiez virez dégagez faites gommez purgez éliminez merci veuillez souhaite souhaiterais demande demandons veux voudrais prie exige"
        " pouvez_vous pourriez_vous svp s_il_vous_plaît s_il_te par_la_présente exerce"
        " exercer faut doit désire réclame requiers aimerais mets_en_demeure prière"
    ),
    titles=("m mme monsieur_et madame_et"),
)
