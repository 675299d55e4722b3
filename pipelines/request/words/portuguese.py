"""Portuguese."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "cliente contacto dados informações informação conta perfil ficha tudo registos registros cadastro sobre_mim"
    " histórico"
    " sistema sistemas base_de_dados bases_de_dados"
)
_FIELDS: Final = (
    "morada endereço número telefone telemóvel celular nome apelido sobrenome email e_mail mail"
    " correio nascimento dados informações postal"
)

PORTUGUESE: Final = Wordbook(
    language="pt",
    common=(
        "o a os as e eu vocês meus meu minha é não de do da para com que uma um bom dia obrigado"
        " obrigada cumprimentos exmos senhores gostaria têm vosso em me pedido por"
    ),
    rights={
        RequestKind.ERASURE: (
            "ser_apagado ser_apagada ser_eliminado",
            f"apag* elimin* exclu* remov* esque* destru* suprim* + {_DATA}",
            "apagamento eliminação exclusão remoção + dados conta informações perfil",
            "direito_ao_esquecimento direito_ao_apagamento ser_esquecido ser_esquecida",
        ),
        RequestKind.ACCESS: (
            "resumo lista listagem + dados informações pessoais",
            "direito_de_acesso pedido_de_acesso",
            "acesso aceder acessar + dados informações pessoais",
            "cópia cópias + dados informações tudo o_que pessoais",
            "enviem enviar mandem mandar forneçam ver receber enviarem facultar + tudo dados"
            " informações + sobre_mim de_mim que_têm meus",
        ),
        RequestKind.PORTABILITY: (
            "portabilidade",
            "leitura_automática legível_por_máquina estruturado uso_corrente csv json + dados"
            " informações formato",
            "transfer* transmit* mudar + dados informações + empresa fornecedor operador prestador"
            " diretamente outra outro",
        ),
        RequestKind.RECTIFICATION: (
            "corrigi_lo corrijam_no corrigi_la mudança_de_nome mudança_de_morada",
            f"corrij* corrig* correção correcção retific* alter* atualiz* mudar + {_FIELDS}",
            f"erro errado errada incorret* desatualizad* + {_FIELDS} + meu minha têm vosso vossos",
        ),
        RequestKind.RESTRICTION: (
            "limit* limitação bloque* congel* suspend* restrin* + tratamento dados uso",
        ),
        RequestKind.OBJECTION: (
            "tirem_me retirem_me removam_me não_quero + lista publicidade newsletter",
            "oponho opor oposição + tratamento marketing publicidade perfis uso dados artigo art",
            "cancelar_a_subscrição parem deixem cessem não_quero_receber chega remover_me +"
            " publicidade newsletter promoções ofertas marketing spam perfis boletim",
        ),
    },
    holdings=(
        "que quais tudo saber conhecer + dados informações sabem têm guardam conservam"
        " armazenam recolheram + sobre_mim de_mim mim meus",
    ),
    withdrawal=(
        "anulem ignorem esqueçam cancelem + o_meu_mail a_minha_mensagem ambos o_apagamento",
        "retir* anul* desist* cancel* revog* + pedido solicitação requerimento",
        "mudei_de_ideias mudei_de_ideia + pedido apag* dados deixem",
    ),
    nothing="nada nenhum nenhuma",
    pronouns="os as o a los las",
    copies="cópia cópias resumo lista",
    ors="ou",
    selves=(
        "eu me mim meu minha meus minhas comigo quero peço solicito desejo pretendo exerço"
        " oponho gostaria"
    ),
    footers=(
        "cancelar_a_subscrição recebeu_este recebe_este no_navegador por_mês grátis gratuita"
        " gratuito sem_compromisso"
    ),
    hints=(
        "dados rgpd sobre_mim de_mim nascimento apelido gravaç* pessoais sobre_ele sobre_ela"
        " publicidade newsletter promoções spam"
    ),
    perhaps="talvez se_calhar",
    conditions="caso antes",
    afters="quando depois_de assim_que",
    reports="disse disseram confirmou confirmaram prometeram garantiram",
    fields="morada endereço número telefone telemóvel nome apelido",
    negations="não nunca sem nem em_vez_de",
    keeping="manter conservar_a",
    uncertain=(
        "não_sei_o_que não_sei_se não_sei_bem não_tenho_a_certeza o_que_é_melhor não_decidi"
        " estou_a_pensar estou_a_considerar"
    ),
    knowing="saber conhecer ver digam dizer",
    hypothetical="como_posso quanto_tempo o_que_acontece_se é_possível em_geral se_um_dia",
    others=(
        "minha_mulher minha_esposa meu_marido meu_filho minha_filha minha_mãe meu_pai meu_irmão"
        " minha_irmã em_nome_de em_nome_da em_nome_do da_parte_de meu_cliente nosso_cliente meu_amigo"
        " minha_avó meu_avô"
    ),
    authority="procuração procurador autorização tutor representante_legal",
    boilerplate="confidencial confidenciais por_engano por_erro destinatário destina_se ambiente",
)
