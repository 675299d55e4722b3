"""Italian."""

from typing import Final

from pipelines.model.answer import AnswerKind
from pipelines.request.letters.letter import Letterhead

ITALIAN: Final = Letterhead(
    language="it",
    greeting="Buongiorno,",
    closing="Cordiali saluti",
    texts={
        AnswerKind.ACKNOWLEDGEMENT: (
            "Abbiamo ricevuto la Sua richiesta",
            (
                "il {received} abbiamo ricevuto il Suo messaggio sui Suoi dati "
                "personali e lo stiamo trattando. Riceverà una risposta entro il "
                "{due}.\n\n"
                "Suo riferimento: {reference}"
            ),
        ),
        AnswerKind.CHALLENGE: (
            "Confermi la Sua richiesta",
            (
                "il {received} abbiamo ricevuto il Suo messaggio su dati "
                "personali. Prima di agire dobbiamo sapere che viene dalla "
                "persona interessata.\n\n"
                "Risponda a questa mail dallo stesso indirizzo, scriva soltanto "
                "SÌ in alto e lasci questa riga nella risposta:\n\n"
                "    {code}\n\n"
                "Può anche indicarci un numero con cui La conosciamo, per esempio"
                " il numero cliente. Se non ci ha scritto, non faccia nulla: non "
                "accadrà nulla.\n\n"
                "Suo riferimento: {reference}"
            ),
        ),
        AnswerKind.CLARIFICATION: (
            "Una domanda sul Suo messaggio",
            (
                "abbiamo ricevuto il Suo messaggio del {received} e non siamo "
                "sicuri di che cosa desideri, né per chi. Ci dica se vuole vedere"
                " i Suoi dati, portarli con sé, farli rettificare, limitare o "
                "cancellare, o opporsi al loro uso, e con quale indirizzo o "
                "numero cliente La conosciamo. Chi scrive per un'altra persona "
                "alleghi una delega.\n\n"
                "Suo riferimento: {reference}"
            ),
        ),
        AnswerKind.QUESTION: (
            "Che cosa desidera?",
            (
                "abbiamo ricevuto il Suo messaggio del {received} e non siamo "
                "sicuri di che cosa desideri che facciamo con i dati personali. "
                "Risponda a questa mail dallo stesso indirizzo: scriva nella "
                "prima riga i numeri di ciò che desidera, e lasci nella risposta "
                "la riga con il codice.\n\n"
                "    1  una copia dei miei dati\n"
                "    2  i miei dati in una forma che posso portare con me\n"
                "    3  far rettificare i miei dati\n"
                "    4  far limitare l'uso dei miei dati\n"
                "    5  oppormi all'uso dei miei dati\n"
                "    6  far cancellare i miei dati\n"
                "    7  niente di tutto ciò: si trattava di altro\n\n"
                "    {code}\n\n"
                "Se non è sicuro, lo dica con parole Sue; qualcuno lo leggerà. Se "
                "non ci ha scritto, non faccia nulla: allora non succede nulla.\n\n"
                "Suo riferimento: {reference}"
            ),
        ),
        AnswerKind.EXTENSION: (
            "Ci serve più tempo per la Sua richiesta",
            (
                "abbiamo ricevuto la Sua richiesta il {received}. Per la sua "
                "complessità o per il numero di richieste ci servono fino a due "
                "mesi in più; risponderemo entro il {due} (articolo 12, paragrafo"
                " 3, del GDPR).\n\n"
                "Suo riferimento: {reference}"
            ),
        ),
        AnswerKind.REFUSAL: (
            "La Sua richiesta",
            (
                "non possiamo dare seguito alla Sua richiesta del {received}, ai "
                "sensi dell'articolo {ground} del GDPR. Può proporre reclamo a "
                "un'autorità di controllo ({authority}) e ricorso "
                "giurisdizionale.\n\n"
                "Suo riferimento: {reference}"
            ),
        ),
        AnswerKind.PARTLY: (
            "La Sua richiesta è stata eseguita in parte",
            (
                "la Sua richiesta del {received} è stata eseguita, salvo ciò che conserviamo "
                "fino al {until} in base all'art. {ground} del GDPR; poi sarà riesaminato. Può "
                "proporre reclamo a un'autorità di controllo ({authority}) e ricorso "
                "giurisdizionale.\n\nSuo riferimento: {reference}"
            ),
        ),
        AnswerKind.WITHDRAWAL: (
            "La Sua richiesta è ritirata",
            (
                "il {received} Lei ha ritirato la Sua richiesta precedente. L'abbiamo chiusa e "
                "non vi daremo più seguito. Può presentarne una nuova in qualsiasi "
                "momento.\n\nSuo riferimento: {reference}"
            ),
        ),
        AnswerKind.COMPLETION: (
            "La Sua richiesta è stata eseguita",
            ("la Sua richiesta del {received} è stata eseguita.\n\nSuo riferimento: {reference}"),
        ),
    },
)
