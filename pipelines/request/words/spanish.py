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
            "hagan_desaparecer desaparezcan limpien limpiar vacíen elimínen* bórren*"
            " destruyan sáquen* saquen + datos información cuenta perfil ficha todo rastro"
            " expediente base_de_datos historial mí",
            "ser_borrado ser_borrada ser_eliminado ser_eliminada",
            f"borr* elimin* suprim* supresión cancelen olvid* destru* tiren echen quit* + {_DATA}",
            "derecho_al_olvido derecho_de_supresión ser_olvidado ser_olvidada olvídenme bórrenme"
            " elimínenme",
        ),
        RequestKind.ACCESS: (
            "envíenme_mis mándenme_mis denme_mis envíenme_todos + datos información",
            "qué cuáles + saben tienen guardan conservan almacenan + saber conocer envíen"
            " manden decir ver recibir + mí mis",
            "copia copias + todo toda cuanto guardan tienen grabaciones conversaciones llamadas",
            "resumen listado lista + datos información personales",
            "derecho_de_acceso solicitud_de_acceso",
            "acceso acceder + datos información expediente personales",
            "copia copias + datos información todo lo_que expediente personales",
            "envíen enviar manden mandar faciliten facilitar ver recibir envien mandarme enviarme"
            " facilitarme + todo datos información + sobre_mí de_mí que_tienen que_tengan mis",
        ),
        RequestKind.PORTABILITY: (
            "llevarme llevármelos exportar exportación + datos información historial",
            "portabilidad",
            "lectura_mecánica legible_por_máquina estructurado uso_común csv json + datos"
            " información formato archivo",
            "transfer* traslad* transmit* llevar pasar + datos información + empresa proveedor"
            " compañía operador directamente otra otro",
        ),
        RequestKind.RECTIFICATION: (
            "lo_corrijan la_corrijan los_corrijan",
            "nueva_dirección nuevo_apellido nuevo_número me_he_mudado + cambi* corrij*"
            " actuali* modifi* sistema ficha",
            "se_escribe me_llamo en_lugar_de en_vez_de debe_ser debería_ser + nombre apellido"
            " apellidos dirección número nacimiento",
            "corregirlo corríjanlo corregirla corríjanla cambio_de_nombre cambio_de_dirección",
            f"corrij* corregir correg* rectific* modifi* cambi* actuali* + {_FIELDS}",
            f"error erróneo errónea equivocad* incorrect* mal + {_FIELDS} + mi mis mío tienen su"
            " figura consta",
        ),
        RequestKind.RESTRICTION: (
            "limit* limitación bloque* congel* suspend* restrin* + tratamiento datos uso",
        ),
        RequestKind.OBJECTION: (
            "me_opongo opongo oponerme + campañas comerciales llamadas perfil compras análisis",
            "no_usen no_utilicen dejen_de_usar no_analicen no_se_usen + publicidad marketing"
            " perfiles comerciales análisis estadísticas",
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
        "olviden ignoren olvide ignore hagan_caso_omiso no_hagan_caso haga_caso_omiso +"
        " mi_anterior mi_último mi_primer correo_anterior mensaje_anterior solicitud_anterior"
        " petición_anterior mi_mensaje mi_correo",
        "olviden_mi olvide_mi olviden_la olvide_la + solicitud petición",
        "anulen ignoren olviden cancelen + mi_correo mi_mensaje ambas ambos la_supresión",
        "anul* retir* desist* cancel* revoc* dejo_sin_efecto dejen_sin_efecto + petición solicitud"
        " pedido",
        "cambiado_de_opinión + petición solicitud borr* supresión datos dejen",
    ),
    nothing=(
        "nada ninguno ninguna no_quiero_que no_pido no_deseo_que no_les_pido no_estoy_pidiendo"
    ),
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
        "privacidad de_su_sistema de_sus_sistemas de_su_base de_sus_bases de_sus_archivos fuera_de_su"
        " olvídenme bórrenme "
        "datos rgpd sobre_mí de_mí me_conciern* personales nacimiento apellido apellidos"
        " grabacion* sobre_él sobre_ella publicidad boletín newsletter promociones spam"
    ),
    perhaps="quizás quizá tal_vez a_lo_mejor o_bien",
    conditions="si salvo antes",
    afters="cuando después_de_que una_vez en_cuanto",
    reports="dijo dijeron dicho confirmó confirmaron confirmado prometieron asegura aseguraron",
    fields="dirección direcciones número teléfono móvil nombre apellido apellidos",
    negations=("no nunca sin ni en_lugar_de en_vez_de tampoco absteng* abstener* eviten evitar"),
    keeping="conservar mantener seguir_usando seguir_utilizando siga_abierta sigan_visibles",
    uncertain=(
        "no_sé_qué no_sé_si no_sé_bien no_estoy_seguro_de no_estoy_segura_de lo_que_sea_mejor"
        " qué_es_mejor no_he_decidido no_lo_he_decidido dudo estoy_pensando estoy_considerando"
    ),
    knowing="saber conocer ver digan decir decirme",
    hypothetical=(
        "borran_ustedes eliminan_ustedes conservan_ustedes cómo_puedo cuánto_tiempo qué_pasa_si es_posible en_general ustedes_borran si_algún_día"
        " cómo_se"
    ),
    others=(
        "prestado prestada vecino vecina mi_ex ex_marido exmarido exmujer ex_mujer mi_jefe mi_mujer mi_esposa mi_marido mi_hijo mi_hija mi_madre mi_padre mi_hermano mi_hermana"
        " en_nombre_de de_parte_de mi_cliente nuestro_cliente mi_amigo mi_amiga mi_abuela mi_abuelo"
        " mi_pareja mis_padres en_representación"
        " mi_tía mi_tío mi_sobrina mi_sobrino mi_prima mi_primo mi_suegra mi_suegro"
    ),
    authority="poder_notarial poder autorización autorizado autorizada tutor tutora",
    boilerplate=(
        "confidencial confidenciales por_error destinatario dirigido_a exclusivamente"
        " medio_ambiente imprimir"
    ),
    idle=(
        "no_usen no_use no_usar no_utilicen no_se_usen no_se_utilicen no_traten no_se_traten"
        " no_toquen no_tocar no_compartan no_los_usen no_los_utilicen dejen_de_usar sin_tocar"
        " + datos información cuenta expediente ficha los nada + hasta mientras entretanto"
        " por_ahora de_momento juicio tribunal disputa resuelv* reclamación",
        "en_espera en_suspenso en_pausa solo_guard* sólo_guard* solo_conserv*"
        " únicamente_conserv* únicamente_guard* solo_almacen* + datos información cuenta"
        " expediente ficha los",
    ),
    minds=(
        "cambiado_de_opinión cambiado_de_idea cambié_de_opinión pensándolo_mejor"
        " me_lo_he_pensado me_he_arrepentido al_final_no me_quedo_al_final"
    ),
    befores=("antes hasta"),
    either=(
        "uno_de_nosotros una_de_nosotras nosotros_dos nosotras_dos los_dos_nosotros"
        " alguno_de_nosotros"
    ),
    catalog=("existencia_del existencia_de_un derecho_a_presentar derecho_a_reclamar"),
    nouns=(
        "rectificación",
        "supresión cancelación",
        "limitación",
        "oposición",
        "portabilidad",
        "acceso",
    ),
    unwanted=(
        "no_pido_mis no_les_pido no_quiero_mis no_se_trata_de pueden_conservar pueden_guardar"
        " me_parece_bien"
    ),
    past=(
        "sin_querer he_borrado he_eliminado borré gracias_por han_borrado ha_sido_borrad* fue_borrad* se_ha_borrado se_han_borrado borraron"
        " eliminaron han_eliminado se_borró se_borraron ya_borraron ha_sido_eliminad*"
        " fue_eliminad*"
    ),
    hows=("cómo_puedo cómo_se cómo_hago cómo_borr* cómo_elimin*"),
    received=("recibido recibí llegado llegó ya_la_tengo ya_los_tengo ya_lo_tengo"),
    jobs=("mi_candidatura oferta_de_empleo mi_currículum currículum_vitae puesto_de"),
    letters=("boletín boletines newsletter"),
    asks=(
        "basta borren eliminen supriman bórrenme elimínenme quiten olviden destruyan cancelen borre elimine suprima borrad eliminad saquen sáquenme por_favor favor quiero quisiera deseo solicito solicitar pido ruego exijo pueden"
        " podrían puede podría gustaría ejerzo ejercer rogamos necesito agradecería"
        " mediante_la"
    ),
    titles=("sr sra señor señora"),
)
