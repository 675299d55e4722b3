"""French phrases."""

from lacuna_demo.sample.phrases.phrasebook import Phrasebook, Topic

FRENCH = Phrasebook(
    hello="Bonjour,",
    introduction="Je m'appelle {name}.",
    order_line="Il s'agit de la commande {order}.",
    signoff="Cordialement",
    thanks="C'est parfait, merci beaucoup.",
    agent_hello="Bonjour {first},",
    readout="Je relis, {name} : commande {order}, et je peux vous appeler au {phone}.",
    agent_close="Puis-je faire autre chose pour vous ?",
    wrote="Le {when}, {name} <{email}> a écrit :",
    automatic="Merci de votre message. Ceci est une réponse automatique ; nous répondons sous un jour.",
    welcome="Bienvenue chez {org}. Quelqu'un arrive dans un instant.",
    inflected=(
        "Le contrat de {genitive} est passé au {street} ; mon numéro y est le {phone} et mon numéro"
        " de sécurité sociale le {national_id}."
    ),
    company_line="J'écris au nom de la société {company}.",
    copied="J'ai mis {other} en copie, qui était présent.",
    confirmed="Je le confirme. Vous pouvez m'appeler au {phone} ou m'écrire à {email}.",
    username="Je me connecte sous {username}.",
    former="Vous me connaissez peut-être encore sous {former}, mon nom d'avant.",
    mixed_up="L'étiquette de la commande {mixed} était sur votre colis.",
    praise=(
        "Rapide et aimable.",
        "Tout est réglé.",
        "Très patient, merci.",
        "Résolu tout de suite.",
    ),
    blame=("C'était beaucoup trop long.", "J'ai dû expliquer trois fois.", "Toujours pas résolu."),
    personal="{name} : personne ne m'a rappelé au {phone} !",
    note="Parlé avec {name}, numéro de client {external_id}. Aimable, veut une réponse écrite.",
    wrapup="{name} demande à être rappelé cet après-midi au {phone}.",
    voicemail=(
        "Bonjour, c'est {name}. J'attends toujours un appel de votre part. Mon numéro est le {phone}."
        " Merci, au revoir."
    ),
    topics=(
        Topic(
            "Facture de la commande {order}",
            "On m'a facturé deux fois le même mois et je voudrais récupérer l'un des montants.",
            "Je vois les deux prélèvements. Le second est une erreur.",
            "Le montant revient-il sur la carte avec laquelle j'ai payé ?",
            "Oui, il y sera sous cinq jours ouvrés.",
        ),
        Topic(
            "Colis non reçu",
            "Le colis devait arriver mardi et le suivi n'a plus bougé depuis.",
            "Il s'est perdu au dépôt ; j'ai ouvert une recherche.",
            "Combien de temps cela prend-il ? J'en ai besoin avant samedi.",
            "S'il n'est pas retrouvé demain midi, nous en envoyons un autre en express.",
        ),
        Topic(
            "Connexion impossible",
            "Depuis la mise à jour je ne peux plus me connecter, le mot de passe serait faux.",
            "Votre compte était bloqué après plusieurs essais. Je l'ai débloqué.",
            "Cela marche, mais l'application montre encore l'ancienne page.",
            "Supprimez l'application et installez-la de nouveau.",
        ),
        Topic(
            "Déménagement le mois prochain",
            "Je déménage à la fin du mois prochain et je voudrais garder mon contrat.",
            "C'est possible. Il me faut la date et le relevé du compteur.",
            "La date est le trente ; j'enverrai le relevé le jour même.",
            "C'est noté. Vous recevrez une confirmation.",
        ),
        Topic(
            "Retour de la commande {order}",
            "La lampe n'a pas la couleur de la photo et je voudrais la renvoyer.",
            "Bien sûr. Le retour est gratuit pendant trente jours.",
            "Je n'ai plus la boîte, est-ce gênant ?",
            "Toute boîte solide convient ; l'étiquette est dans votre compte.",
        ),
        Topic(
            "Question sur mon tarif",
            "Mon voisin paie moins que moi pour ce qui semble être le même tarif.",
            "Le vôtre est plus ancien. Je peux le changer au premier du mois.",
            "Y a-t-il des frais ou une nouvelle durée ?",
            "Ni l'un ni l'autre. Seul le prix change.",
        ),
    ),
)
