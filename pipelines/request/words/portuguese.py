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
            "façam_desaparecer limpem limpar retirem retirar tirem destruam deitem_fora +"
            " dados informações conta perfil ficha tudo rasto registo base_de_dados",
            "ser_apagado ser_apagada ser_eliminado",
            f"apag* elimin* exclu* remov* esque* destru* suprim* + {_DATA}",
            "apagamento eliminação exclusão remoção + dados conta informações perfil",
            "direito_ao_esquecimento direito_ao_apagamento ser_esquecido ser_esquecida",
        ),
        RequestKind.ACCESS: (
            "enviem_me_os mandem_me_os deem_me_os + meus dados informações",
            "que quais + sabem têm guardam conservam armazenam + saber conhecer enviem mandem"
            " dizer ver receber + mim meus",
            "cópia cópias + tudo toda quanto gravações conversas chamadas",
            "resumo lista listagem + dados informações pessoais",
            "direito_de_acesso pedido_de_acesso",
            "acesso aceder acessar + dados informações pessoais",
            "cópia cópias + dados informações tudo o_que pessoais",
            "enviem enviar mandem mandar forneçam ver receber enviarem facultar + tudo dados"
            " informações + sobre_mim de_mim que_têm meus",
        ),
        RequestKind.PORTABILITY: (
            "levar levar_comigo exportar exportação + dados informações histórico",
            "portabilidade",
            "leitura_automática legível_por_máquina estruturado uso_corrente csv json + dados"
            " informações formato",
            "transfer* transmit* mudar + dados informações + empresa fornecedor operador prestador"
            " diretamente outra outro",
        ),
        RequestKind.RECTIFICATION: (
            "nova_morada novo_apelido novo_número mudei_de_casa mudei_me + alter* corrij*"
            " atualiz* mudar sistema ficha",
            "escreve_se chamo_me em_vez_de deve_ser devia_ser + nome apelido morada endereço"
            " número nascimento",
            "corrigi_lo corrijam_no corrigi_la mudança_de_nome mudança_de_morada",
            f"corrij* corrig* correção correcção retific* alter* atualiz* mudar + {_FIELDS}",
            f"erro errado errada incorret* desatualizad* + {_FIELDS} + meu minha têm vosso vossos",
        ),
        RequestKind.RESTRICTION: (
            "limit* limitação bloque* congel* suspend* restrin* + tratamento dados uso",
        ),
        RequestKind.OBJECTION: (
            "não_usem não_utilizem deixem_de_usar não_analisem + publicidade marketing perfis"
            " análise",
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
        "ignorem esqueçam ignore esqueça não_tenham_em_conta desconsiderem desconsidere +"
        " meu_anterior minha_anterior email_anterior mensagem_anterior pedido_anterior"
        " meu_último minha_última meu_pedido",
        "esqueçam_o esqueça_o esqueçam_meu esqueça_meu + pedido",
        "anulem ignorem esqueçam cancelem + o_meu_mail a_minha_mensagem ambos o_apagamento",
        "retir* anul* desist* cancel* revog* + pedido solicitação requerimento",
        "mudei_de_ideias mudei_de_ideia + pedido apag* dados deixem",
    ),
    nothing=(
        "nada nenhum nenhuma não_pretendo_que não_quero_que não_desejo_que não_peço não_vos_peço"
    ),
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
        "privacidade do_vosso_sistema dos_vossos_sistemas da_vossa_base das_vossas_bases fora_do_vosso"
        " esqueçam_me apaguem_me "
        "dados rgpd sobre_mim de_mim nascimento apelido gravaç* pessoais sobre_ele sobre_ela"
        " publicidade newsletter promoções spam"
    ),
    perhaps="talvez se_calhar ou_então",
    conditions="caso antes",
    afters="quando depois_de assim_que",
    reports="disse disseram confirmou confirmaram prometeram garantiram",
    fields="morada endereço número telefone telemóvel nome apelido",
    negations=("não nunca sem nem em_vez_de abstenham abstenha evitem evitar"),
    keeping="manter conservar_a",
    uncertain=(
        "não_sei_o_que não_sei_se não_sei_bem não_tenho_a_certeza o_que_é_melhor não_decidi"
        " estou_a_pensar estou_a_considerar"
    ),
    knowing="saber conhecer ver digam dizer",
    hypothetical="como_posso quanto_tempo o_que_acontece_se é_possível em_geral se_um_dia apagam_os eliminam_os",
    others=(
        "emprestado emprestada vizinho vizinha meu_ex minha_ex ex_marido ex_mulher meu_chefe minha_mulher minha_esposa meu_marido meu_filho minha_filha minha_mãe meu_pai meu_irmão"
        " minha_irmã em_nome_de em_nome_da em_nome_do da_parte_de meu_cliente nosso_cliente meu_amigo"
        " minha_avó meu_avô"
    ),
    authority="procuração procurador autorização tutor representante_legal",
    boilerplate="confidencial confidenciais por_engano por_erro destinatário destina_se ambiente",
    idle=(
        "não_usem não_utilizem não_sejam_usados não_sejam_utilizados não_tratem"
        " não_sejam_tratados não_toquem não_partilhem deixem_de_usar suspend*"
        " qualquer_utilização + dados informações conta ficha utilização os nada + até"
        " enquanto entretanto por_agora por_enquanto tribunal litígio apenas_guardados apenas",
        "em_espera em_suspenso apenas_guard* apenas_conserv* só_guard* somente_guard*"
        " unicamente_conserv* + dados informações conta ficha os",
    ),
    minds=(
        "mudei_de_ideias mudei_de_ideia pensando_melhor arrependi_me afinal_não afinal_quero"
        " afinal_fico"
    ),
    befores=("antes até"),
    either=("um_de_nós uma_de_nós nós_dois nós_duas"),
    catalog=("existência_do existência_de_um direito_de_apresentar direito_a_reclamar"),
    nouns=(
        "retificação rectificação",
        "apagamento eliminação",
        "limitação",
        "oposição",
        "portabilidade",
        "acesso",
    ),
    unwanted=(
        "não_peço_os não_quero_os_meus não_se_trata_de podem_conservar podem_guardar está_bem"
    ),
    past=(
        "sem_querer por_engano apaguei eliminei obrigado_por obrigada_por foi_apagad* foram_apagad* apagaram eliminaram foi_eliminad* foram_eliminad* já_apagaram"
    ),
    hows=("como_posso como_se como_faço como_apag*"),
    received=("recebi recebido chegou chegaram já_tenho"),
    jobs=("candidatura currículo vaga_de meu_cv"),
    letters=("newsletter boletim"),
    asks=(
        "basta apaguem eliminem excluam removam apague elimine suprimam esqueçam retirem por_favor favor quero queria gostaria peço solicito pretendo desejo exijo podem"
        " poderiam exerço venho agradeço agradecia"
    ),
    titles=("sr sra senhor senhora"),
)
