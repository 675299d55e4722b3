"""What a tenant's controller is told of a request that waits for their word, in every language."""

from collections.abc import Mapping
from typing import Final

FORWARDING: Final[Mapping[str, tuple[str, str]]] = {
    "en": (
        "A request of a data subject waits for your instruction",
        "as your processor we received a request under Art. {articles} GDPR on {received}; it is due "
        "on {due}. We act on it once you instruct us in writing, from an address that you "
        "authorized, and name the person and the right.\n\nReference: {reference}",
    ),
    "de": (
        "Ein Antrag einer betroffenen Person wartet auf Ihre Weisung",
        "als Ihr Auftragsverarbeiter haben wir am {received} einen Antrag nach Art. {articles} DSGVO "
        "erhalten; er ist bis {due} zu beantworten. Wir handeln, sobald Sie uns schriftlich "
        "anweisen, von einer dafür berechtigten Adresse aus und unter Nennung der Person und des "
        "Rechts.\n\nZeichen: {reference}",
    ),
    "da": (
        "En anmodning fra en registreret venter på jeres instruks",
        "som jeres databehandler modtog vi den {received} en anmodning efter art. {articles} i GDPR; "
        "fristen er {due}. Vi handler, når I skriftligt har instrueret os fra en adresse, som I "
        "har godkendt, og har nævnt personen og rettigheden.\n\nReference: {reference}",
    ),
    "nb": (
        "En henvendelse fra en registrert venter på instruksen deres",
        "som databehandler mottok vi {received} en henvendelse etter art. {articles} i GDPR; fristen "
        "er {due}. Vi handler når dere skriftlig har instruert oss fra en adresse dere har "
        "godkjent, og har nevnt personen og rettigheten.\n\nReferanse: {reference}",
    ),
    "sv": (
        "En begäran från en registrerad väntar på er instruktion",
        "som ert personuppgiftsbiträde tog vi den {received} emot en begäran enligt art. {articles} "
        "i GDPR; den ska besvaras senast {due}. Vi agerar när ni skriftligen har instruerat oss "
        "från en adress som ni har godkänt och har angett personen och rättigheten.\n\n"
        "Referens: {reference}",
    ),
    "nl": (
        "Een verzoek van een betrokkene wacht op uw instructie",
        "als uw verwerker ontvingen wij op {received} een verzoek op grond van art. {articles} AVG; "
        "de termijn loopt tot {due}. Wij handelen zodra u ons schriftelijk instrueert, vanaf een "
        "adres dat u hebt gemachtigd, en de persoon en het recht noemt.\n\nKenmerk: {reference}",
    ),
    "fr": (
        "Une demande d'une personne concernée attend vos instructions",
        "en tant que votre sous-traitant, nous avons reçu le {received} une demande au titre de "
        "l'art. {articles} du RGPD ; il faut y répondre avant le {due}. Nous agirons dès que vous "
        "nous l'aurez demandé par écrit, depuis une adresse que vous avez habilitée, en nommant la "
        "personne et le droit.\n\nRéférence : {reference}",
    ),
    "es": (
        "Una solicitud de una persona interesada espera sus instrucciones",
        "como su encargado del tratamiento recibimos el {received} una solicitud con arreglo al art. "
        "{articles} del RGPD; el plazo termina el {due}. Actuaremos cuando nos lo indique por "
        "escrito, desde una dirección autorizada por usted, nombrando a la persona y el derecho."
        "\n\nReferencia: {reference}",
    ),
    "it": (
        "Una richiesta di un interessato attende le Vostre istruzioni",
        "quale Vostro responsabile del trattamento abbiamo ricevuto il {received} una richiesta ai "
        "sensi dell'art. {articles} GDPR; il termine è il {due}. Agiremo quando ci avrete istruiti "
        "per iscritto, da un indirizzo da Voi autorizzato, indicando la persona e il diritto.\n\n"
        "Riferimento: {reference}",
    ),
    "pt": (
        "Um pedido de um titular de dados aguarda as suas instruções",
        "como seu subcontratante recebemos em {received} um pedido ao abrigo do art. {articles} do "
        "RGPD; o prazo termina em {due}. Agiremos quando nos der instruções por escrito, a partir "
        "de um endereço que autorizou, indicando a pessoa e o direito.\n\nReferência: {reference}",
    ),
    "fi": (
        "Rekisteröidyn pyyntö odottaa ohjettanne",
        "henkilötietojen käsittelijänä vastaanotimme {received} pyynnön GDPR:n artiklan {articles} "
        "nojalla; määräaika on {due}. Toimimme, kun ohjeistatte meitä kirjallisesti osoitteesta, "
        "jonka olette valtuuttaneet, ja nimeätte henkilön ja oikeuden.\n\nViite: {reference}",
    ),
    "pl": (
        "Wniosek osoby, której dane dotyczą, czeka na Państwa polecenie",
        "jako podmiot przetwarzający otrzymaliśmy {received} wniosek na podstawie art. {articles} "
        "RODO; termin upływa {due}. Podejmiemy działania, gdy wydadzą nam Państwo pisemne "
        "polecenie z upoważnionego adresu, wskazując osobę i prawo.\n\nSygnatura: {reference}",
    ),
}
"""Language → subject and body. It names nobody: who asks is read with the reference."""
