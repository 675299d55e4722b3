"""Spanish."""

from typing import Final

from pipelines.model.request import RequestKind
from pipelines.request.words.wordbook import Wordbook

_DATA: Final = (
    "cliente contacto datos información informacion cuenta perfil ficha todo registros expediente rastro historial"
    " sobre_mí de_mí"
    " sistema sistemas base_de_datos bases_de_datos"
)
_FIELDS: Final = (
    "dirección número teléfono móvil nombre apellido apellidos correo email e_mail mail nacimiento"
    " datos información domicilio postal"
)

SPANISH: Final = Wordbook(
    language="es",
    common=(
        "el la los las y yo usted ustedes mis mi es no de del para con que una por hola buenos días"
        " gracias saludo saludos estimados quiero tienen su sus en me un"
    ),
    rights={
        RequestKind.ERASURE: (
            "ser_borrado ser_borrada ser_eliminado ser_eliminada",
            f"borr* elimin* suprim* supresión cancelen olvid* destru* tiren echen quit* + {_DATA}",
            "derecho_al_olvido derecho_de_supresión ser_olvidado ser_olvidada olvídenme bórrenme"
            " elimínenme",
        ),
        RequestKind.ACCESS: (
            "resumen listado lista + datos información personales",
            "derecho_de_acceso solicitud_de_acceso",
            "acceso acceder + datos información expediente personales",
            "copia copias + datos información todo lo_que expediente personales",
            "envíen enviar manden mandar faciliten facilitar ver recibir envien mandarme enviarme"
            " facilitarme + todo datos información + sobre_mí de_mí que_tienen que_tengan mis",
        ),
        RequestKind.PORTABILITY: (
            "portabilidad",
            "lectura_mecánica legible_por_máquina estructurado uso_común csv json + datos"
            " información formato archivo",
            "transfer* traslad* transmit* llevar pasar + datos información + empresa proveedor"
            " compañía operador directamente otra otro",
        ),
        RequestKind.RECTIFICATION: (
            "corregirlo corríjanlo corregirla corríjanla cambio_de_nombre cambio_de_dirección",
            f"corrij* corregir correg* rectific* modifi* cambi* actuali* + {_FIELDS}",
            f"error erróneo errónea equivocad* incorrect* mal + {_FIELDS} + mi mis mío tienen su"
            " figura consta",
        ),
        RequestKind.RESTRICTION: (
            "limit* limitación bloque* congel* suspend* restrin* + tratamiento datos uso",
        ),
        RequestKind.OBJECTION: (
            "quítenme bórrenme sáquenme no_quiero + lista publicidad boletín propaganda promociones",
            "me_opongo oposición oponerme oponer objeto objetar objetando + tratamiento marketing publicidad perfiles"
            " elaboración_de_perfiles uso datos comerciales artículo art cesión",
            "baja darme_de_baja den_de_baja dejen paren cesen no_quiero_recibir basta dejar +"
            " publicidad boletín newsletter promociones ofertas marketing comerciales spam"
            " perfiles propaganda",
        ),
    },
    holdings=(
        "qué que cuáles todo saber conocer + datos información saben tienen guardan conservan"
        " almacenan recogido + sobre_mí de_mí mí mis mío míos",
    ),
    withdrawal=(
        "anulen ignoren olviden cancelen + mi_correo mi_mensaje ambas ambos la_supresión",
        "anul* retir* desist* cancel* revoc* dejo_sin_efecto dejen_sin_efecto + petición solicitud"
        " pedido",
        "cambiado_de_opinión + petición solicitud borr* supresión datos dejen",
    ),
    nothing="nada ninguno ninguna",
    pronouns="los las lo la",
    copies="copia copias resumen listado",
    ors="o u",
    selves=(
        "yo me mi mis mí conmigo mío mía míos mías quiero quisiera deseo solicito pido ruego"
        " ejerzo opongo"
    ),
    footers=(
        "responda_baja darse_de_baja no_desea_recibir recibe_este en_el_navegador al_mes gratis"
        " gratuita gratuito sin_compromiso"
    ),
    hints=(
        "datos rgpd sobre_mí de_mí me_conciern* personales nacimiento apellido apellidos"
        " grabacion* sobre_él sobre_ella publicidad boletín newsletter promociones spam"
    ),
    perhaps="quizás quizá tal_vez a_lo_mejor",
    conditions="si salvo antes",
    afters="cuando después_de_que una_vez en_cuanto",
    reports="dijo dijeron dicho confirmó confirmaron confirmado prometieron asegura aseguraron",
    fields="dirección direcciones número teléfono móvil nombre apellido apellidos",
    negations="no nunca sin ni en_lugar_de en_vez_de tampoco",
    keeping="conservar mantener",
    uncertain=(
        "no_sé_qué no_sé_si no_sé_bien no_estoy_seguro_de no_estoy_segura_de lo_que_sea_mejor"
        " qué_es_mejor no_he_decidido no_lo_he_decidido dudo estoy_pensando estoy_considerando"
    ),
    knowing="saber conocer ver digan decir decirme",
    hypothetical=(
        "cómo_puedo cuánto_tiempo qué_pasa_si es_posible en_general ustedes_borran si_algún_día"
        " cómo_se"
    ),
    others=(
        "mi_mujer mi_esposa mi_marido mi_hijo mi_hija mi_madre mi_padre mi_hermano mi_hermana"
        " en_nombre_de de_parte_de mi_cliente nuestro_cliente mi_amigo mi_amiga mi_abuela mi_abuelo"
        " mi_pareja mis_padres en_representación"
    ),
    authority="poder_notarial poder autorización autorizado autorizada tutor tutora",
    boilerplate=(
        "confidencial confidenciales por_error destinatario dirigido_a exclusivamente"
        " medio_ambiente imprimir"
    ),
)
