"""Spanish."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

SPANISH: Final = Letterhead(
    language="es",
    greeting="Buenos días:",
    closing="Un cordial saludo",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "Hemos recibido su solicitud",
            (
                "el {received} recibimos su mensaje sobre sus datos personales y "
                "lo estamos tramitando. Tendrá noticias nuestras a más tardar el "
                "{due}.\n\n"
                "Su referencia: {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Confirme su solicitud",
            (
                "el {received} recibimos su mensaje sobre datos personales. Antes"
                " de hacer nada debemos saber que procede de la persona de la que"
                " se trata.\n\n"
                "Responda a este correo desde la misma dirección, escriba solo SÍ "
                "encima y deje esta línea en su respuesta:\n\n"
                "    {code}\n\n"
                "También puede indicarnos un número por el que le conozcamos, "
                "como su número de cliente. Si no nos ha escrito, no haga nada: "
                "entonces no ocurrirá nada.\n\n"
                "Su referencia: {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "Una pregunta sobre su mensaje",
            (
                "hemos recibido su mensaje del {received} y no estamos seguros de"
                " qué desea, ni para quién. Díganos si quiere ver sus datos, "
                "llevárselos, rectificarlos, limitarlos o suprimirlos, u oponerse"
                " a su uso, y con qué dirección o número de cliente le conocemos."
                " Quien escriba por otra persona debe adjuntar una autorización.\n\n"
                "Su referencia: {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "¿Qué desea de lo siguiente?",
            (
                "hemos recibido su mensaje del {received} y no estamos seguros de "
                "qué quiere que hagamos con datos personales. Responda a este "
                "correo desde la misma dirección: escriba en la primera línea los "
                "números de lo que desea, y deje en su respuesta la línea con el "
                "código.\n\n"
                "    1  una copia de mis datos\n"
                "    2  mis datos en una forma que pueda llevarme\n"
                "    3  que se rectifiquen mis datos\n"
                "    4  que se limite el uso de mis datos\n"
                "    5  oponerme al uso de mis datos\n"
                "    6  que se supriman mis datos\n"
                "    7  nada de esto: se trataba de otra cosa\n\n"
                "    {code}\n\n"
                "Si no está seguro, dígalo con sus propias palabras; alguien lo "
                "leerá. Si no nos ha escrito, no haga nada: entonces no pasará "
                "nada.\n\n"
                "Su referencia: {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "Necesitamos más tiempo para su solicitud",
            (
                "recibimos su solicitud el {received}. Por su complejidad o por "
                "el número de solicitudes necesitamos hasta dos meses más y "
                "responderemos a más tardar el {due} (artículo 12, apartado 3, "
                "del RGPD).\n\n"
                "Su referencia: {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "Su solicitud",
            (
                "no podemos atender su solicitud del {received}, en virtud del "
                "artículo {ground} del RGPD. Puede presentar una reclamación ante"
                " una autoridad de control ({authority}) y ejercitar acciones "
                "judiciales.\n\n"
                "Su referencia: {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "Su solicitud se ha cumplido en parte",
            (
                "su solicitud del {received} se ha cumplido, salvo lo que conservamos hasta el "
                "{until} en virtud del art. {ground} del RGPD; después se examinará de nuevo. "
                "Puede reclamar ante una autoridad de control ({authority}) y acudir a los "
                "tribunales.\n\nSu referencia: {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "Su solicitud ha sido retirada",
            (
                "el {received} nos escribió que retira su solicitud anterior. La hemos cerrado "
                "y no haremos nada más con ella. Puede presentar otra en cualquier "
                "momento.\n\nSu referencia: {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "Su solicitud se ha cumplido",
            ("su solicitud del {received} se ha cumplido.\n\nSu referencia: {reference}"),
        ),
    },
)
