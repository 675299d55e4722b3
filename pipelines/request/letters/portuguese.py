"""Portuguese."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

PORTUGUESE: Final = Letterhead(
    language="pt",
    greeting="Bom dia,",
    closing="Com os melhores cumprimentos",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "Recebemos o seu pedido",
            (
                "recebemos em {received} a sua mensagem sobre os seus dados "
                "pessoais e estamos a tratá-la. Terá notícias nossas até {due}.\n\n"
                "A sua referência: {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Confirme o seu pedido",
            (
                "recebemos em {received} a sua mensagem sobre dados pessoais. "
                "Antes de fazer alguma coisa, temos de saber que vem da pessoa em"
                " causa.\n\n"
                "Responda a esta mensagem do mesmo endereço, escreva apenas SIM "
                "por cima e deixe esta linha na resposta:\n\n"
                "    {code}\n\n"
                "Pode também indicar um número pelo qual o conhecemos, como o "
                "número de cliente. Se não nos escreveu, não faça nada: nada "
                "acontecerá.\n\n"
                "A sua referência: {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "Uma pergunta sobre a sua mensagem",
            (
                "recebemos a sua mensagem de {received} e não temos a certeza do "
                "que pretende, nem para quem. Diga-nos se quer ver os seus dados,"
                " levá-los consigo, corrigi-los, limitá-los ou apagá-los, ou "
                "opor-se ao seu uso, e com que endereço ou número de cliente o "
                "conhecemos. Quem escreve por outra pessoa deve juntar uma "
                "procuração.\n\n"
                "A sua referência: {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "O que deseja?",
            (
                "recebemos a sua mensagem de {received} e não temos a certeza do "
                "que pretende que façamos com dados pessoais. Responda a este "
                "e-mail a partir do mesmo endereço: escreva na primeira linha os "
                "números do que pretende, e deixe na resposta a linha com o "
                "código.\n\n"
                "    1  uma cópia dos meus dados\n"
                "    2  os meus dados numa forma que eu possa levar comigo\n"
                "    3  que os meus dados sejam retificados\n"
                "    4  que o uso dos meus dados seja limitado\n"
                "    5  opor-me ao uso dos meus dados\n"
                "    6  que os meus dados sejam apagados\n"
                "    7  nada disto: tratava-se de outra coisa\n\n"
                "    {code}\n\n"
                "Se não tiver a certeza, diga-o por palavras suas; alguém o lerá. "
                "Se não nos escreveu, não faça nada: então nada acontece.\n\n"
                "A sua referência: {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "Precisamos de mais tempo para o seu pedido",
            (
                "recebemos o seu pedido em {received}. Pela sua complexidade ou "
                "pelo número de pedidos, precisamos de até mais dois meses e "
                "responderemos até {due} (artigo 12.º, n.º 3, do RGPD).\n\n"
                "A sua referência: {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "O seu pedido",
            (
                "não podemos dar seguimento ao seu pedido de {received}, nos "
                "termos do artigo {ground} do RGPD. Pode apresentar reclamação a "
                "uma autoridade de controlo ({authority}) e recorrer aos "
                "tribunais.\n\n"
                "A sua referência: {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "O seu pedido foi executado em parte",
            (
                "o seu pedido de {received} foi executado, exceto o que conservamos até "
                "{until} ao abrigo do art. {ground} do RGPD; depois será reapreciado. Pode "
                "apresentar reclamação a uma autoridade de controlo ({authority}) e recorrer "
                "aos tribunais.\n\nA sua referência: {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "O seu pedido foi retirado",
            (
                "em {received} escreveu que retira o seu pedido anterior. Encerrámo-lo e nada "
                "mais faremos com ele. Pode apresentar um novo pedido a qualquer momento.\n\nA "
                "sua referência: {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "O seu pedido foi executado",
            ("o seu pedido de {received} foi executado.\n\nA sua referência: {reference}"),
        ),
    },
)
