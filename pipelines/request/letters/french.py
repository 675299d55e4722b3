"""French."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

FRENCH: Final = Letterhead(
    language="fr",
    greeting="Bonjour,",
    closing="Cordialement",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "Nous avons reçu votre demande",
            (
                "nous avons reçu le {received} votre message au sujet de vos "
                "données personnelles et nous le traitons. Vous aurez de nos "
                "nouvelles au plus tard le {due}.\n\n"
                "Votre référence : {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Veuillez confirmer votre demande",
            (
                "nous avons reçu le {received} votre message au sujet de données "
                "personnelles. Avant d'agir, nous devons savoir qu'il vient de la"
                " personne concernée.\n\n"
                "Veuillez répondre à ce message depuis la même adresse, en "
                "écrivant seulement OUI au-dessus et en laissant cette ligne dans "
                "votre réponse :\n\n"
                "    {code}\n\n"
                "Vous pouvez aussi nous indiquer un numéro sous lequel nous vous "
                "connaissons, par exemple votre numéro client. Si vous ne nous "
                "avez pas écrit, ne faites rien : rien ne se passera.\n\n"
                "Votre référence : {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "Une question sur votre message",
            (
                "nous avons reçu votre message du {received} et nous ne sommes "
                "pas sûrs de ce que vous souhaitez, ni pour qui. Veuillez nous "
                "dire si vous voulez voir vos données, les emporter, les faire "
                "rectifier, limiter ou effacer, ou vous opposer à leur usage, et "
                "sous quelle adresse ou quel numéro client nous vous connaissons."
                " Qui écrit pour une autre personne joint une procuration.\n\n"
                "Votre référence : {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "Que souhaitez-vous ?",
            (
                "nous avons reçu votre message du {received} et nous ne savons "
                "pas avec certitude ce que vous voulez que nous fassions des "
                "données personnelles. Veuillez répondre à ce courriel depuis la "
                "même adresse : écrivez les numéros de ce que vous voulez sur la "
                "première ligne, et laissez la ligne du code dans votre réponse.\n\n"
                "    1  une copie de mes données\n"
                "    2  mes données sous une forme que je puisse emporter\n"
                "    3  faire rectifier mes données\n"
                "    4  demander la limitation de l'utilisation de mes données\n"
                "    5  m'opposer à l'utilisation de mes données\n"
                "    6  faire effacer mes données\n"
                "    7  rien de tout cela : il s'agissait d'autre chose\n\n"
                "    {code}\n\n"
                "Si vous n'êtes pas sûr, dites-le avec vos propres mots ; "
                "quelqu'un le lira. Si vous ne nous avez pas écrit, ne faites "
                "rien : il ne se passera rien.\n\n"
                "Votre référence : {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "Il nous faut plus de temps pour votre demande",
            (
                "nous avons reçu votre demande le {received}. En raison de sa "
                "complexité ou du nombre de demandes, il nous faut jusqu'à deux "
                "mois de plus ; nous répondrons au plus tard le {due} (article "
                "12, paragraphe 3, du RGPD).\n\n"
                "Votre référence : {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "Votre demande",
            (
                "nous ne pouvons pas donner suite à votre demande du {received}, "
                "en vertu de l'article {ground} du RGPD. Vous pouvez introduire "
                "une réclamation auprès d'une autorité de contrôle ({authority}) "
                "et former un recours juridictionnel.\n\n"
                "Votre référence : {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "Votre demande a été exécutée en partie",
            (
                "votre demande du {received} a été exécutée, sauf pour ce que nous conservons "
                "jusqu'au {until} en vertu de l'art. {ground} du RGPD ; ensuite, elle sera "
                "réexaminée. Vous pouvez introduire une réclamation auprès d'une autorité de "
                "contrôle ({authority}) et former un recours juridictionnel.\n\nVotre "
                "référence : {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "Votre demande est retirée",
            (
                "le {received}, vous avez retiré votre demande précédente. Nous l'avons close "
                "et n'y donnons plus aucune suite. Vous pouvez en présenter une nouvelle à "
                "tout moment.\n\nVotre référence : {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "Votre demande a été exécutée",
            ("votre demande du {received} a été exécutée.\n\nVotre référence : {reference}"),
        ),
    },
)
