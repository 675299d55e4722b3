"""What a tenant's controller is told of a request that waits for their word, or asked, in every language."""

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

CONFIRMATION: Final[Mapping[str, tuple[str, str]]] = {
    "en": (
        "Please confirm your instruction",
        "we received a mail from this address on {received} that instructs us to act for a "
        "data subject under Art. {articles} GDPR. Senders can be forged, so we do nothing "
        "until you confirm it.\n\nPlease reply from this address, and write this line into "
        "your reply yourself, above the quoted mail:\n\n    {code}\n\nIf the mail is not "
        "yours, do not write the line; tell us instead.\n\nReference: {reference}",
    ),
    "de": (
        "Bitte bestätigen Sie Ihre Weisung",
        "am {received} haben wir von dieser Adresse eine E-Mail erhalten, die uns anweist, "
        "für eine betroffene Person nach Art. {articles} DSGVO tätig zu werden. Absender "
        "lassen sich fälschen; wir tun deshalb nichts, bevor Sie sie bestätigen.\n\nBitte "
        "antworten Sie von dieser Adresse aus und schreiben Sie diese Zeile selbst in Ihre "
        "Antwort, über die zitierte E-Mail:\n\n    {code}\n\nStammt die E-Mail nicht von "
        "Ihnen, schreiben Sie die Zeile nicht, sondern sagen Sie uns Bescheid.\n\nZeichen: "
        "{reference}",
    ),
    "da": (
        "Bekræft venligst jeres instruks",
        "den {received} modtog vi en mail fra denne adresse, som instruerer os i at handle "
        "for en registreret efter art. {articles} i GDPR. Afsendere kan forfalskes, så vi "
        "gør intet, før I bekræfter den.\n\nSvar venligst fra denne adresse, og skriv selv "
        "denne linje i svaret, over den citerede mail:\n\n    {code}\n\nEr mailen ikke "
        "jeres, så skriv ikke linjen; giv os besked i stedet.\n\nReference: {reference}",
    ),
    "nb": (
        "Vennligst bekreft instruksen deres",
        "{received} mottok vi en e-post fra denne adressen som instruerer oss om å handle "
        "for en registrert etter art. {articles} i GDPR. Avsendere kan forfalskes, så vi "
        "gjør ingenting før dere bekrefter den.\n\nSvar fra denne adressen, og skriv selv "
        "denne linjen i svaret, over den siterte e-posten:\n\n    {code}\n\nEr e-posten ikke "
        "deres, skal dere ikke skrive linjen; gi oss beskjed i stedet.\n\nReferanse: "
        "{reference}",
    ),
    "sv": (
        "Bekräfta er instruktion",
        "den {received} fick vi ett mejl från den här adressen som instruerar oss att agera "
        "för en registrerad enligt art. {articles} i GDPR. Avsändare kan förfalskas, så vi "
        "gör ingenting förrän ni bekräftar det.\n\nSvara från den här adressen och skriv "
        "själva den här raden i svaret, ovanför det citerade mejlet:\n\n    {code}\n\nÄr "
        "mejlet inte ert, skriv inte raden utan hör av er till oss.\n\nReferens: {reference}",
    ),
    "nl": (
        "Bevestig uw instructie",
        "op {received} ontvingen wij vanaf dit adres een e-mail die ons instrueert om voor "
        "een betrokkene op te treden op grond van art. {articles} AVG. Afzenders kunnen "
        "vervalst zijn; wij doen daarom niets voordat u dit bevestigt.\n\nAntwoord vanaf dit "
        "adres en schrijf deze regel zelf in uw antwoord, boven de geciteerde e-mail:\n\n    "
        "{code}\n\nIs de e-mail niet van u, schrijf de regel dan niet, maar laat het ons "
        "weten.\n\nKenmerk: {reference}",
    ),
    "fr": (
        "Merci de confirmer votre instruction",
        "le {received}, nous avons reçu de cette adresse un courriel qui nous demande d'agir "
        "pour une personne concernée au titre de l'art. {articles} du RGPD. Un expéditeur "
        "peut être falsifié : nous ne ferons rien avant votre confirmation.\n\nVeuillez "
        "répondre depuis cette adresse et écrire vous-même cette ligne dans votre réponse, "
        "au-dessus du courriel cité :\n\n    {code}\n\nSi ce courriel n'est pas le vôtre, "
        "n'écrivez pas la ligne et prévenez-nous.\n\nRéférence : {reference}",
    ),
    "es": (
        "Confirme su instrucción",
        "el {received} recibimos desde esta dirección un correo que nos ordena actuar "
        "respecto de una persona interesada con arreglo al art. {articles} del RGPD. Los "
        "remitentes pueden falsificarse, así que no haremos nada hasta que lo "
        "confirme.\n\nResponda desde esta dirección y escriba usted esta línea en su "
        "respuesta, por encima del correo citado:\n\n    {code}\n\nSi el correo no es suyo, "
        "no escriba la línea y avísenos.\n\nReferencia: {reference}",
    ),
    "it": (
        "Confermate la Vostra istruzione",
        "il {received} abbiamo ricevuto da questo indirizzo un'e-mail che ci chiede di agire "
        "per un interessato ai sensi dell'art. {articles} GDPR. I mittenti possono essere "
        "falsificati: non faremo nulla prima della Vostra conferma.\n\nRispondete da questo "
        "indirizzo e scrivete Voi stessi questa riga nella risposta, sopra l'e-mail "
        "citata:\n\n    {code}\n\nSe l'e-mail non è Vostra, non scrivete la riga e "
        "avvisateci.\n\nRiferimento: {reference}",
    ),
    "pt": (
        "Confirme a sua instrução",
        "em {received} recebemos deste endereço um e-mail que nos dá instruções para agir "
        "por um titular de dados ao abrigo do art. {articles} do RGPD. Os remetentes podem "
        "ser falsificados, por isso nada faremos até que o confirme.\n\nResponda a partir "
        "deste endereço e escreva esta linha na sua resposta, acima do e-mail citado:\n\n    "
        "{code}\n\nSe o e-mail não é seu, não escreva a linha e avise-nos.\n\nReferência: "
        "{reference}",
    ),
    "fi": (
        "Vahvistakaa ohjeenne",
        "saimme {received} tästä osoitteesta viestin, jossa meitä ohjeistetaan toimimaan "
        "rekisteröidyn puolesta GDPR:n artiklan {articles} nojalla. Lähettäjän voi "
        "väärentää, joten emme tee mitään ennen vahvistustanne.\n\nVastatkaa tästä "
        "osoitteesta ja kirjoittakaa tämä rivi itse vastaukseenne, lainatun viestin "
        "yläpuolelle:\n\n    {code}\n\nJos viesti ei ole teiltä, älkää kirjoittako riviä "
        "vaan kertokaa siitä meille.\n\nViite: {reference}",
    ),
    "pl": (
        "Prosimy o potwierdzenie polecenia",
        "{received} otrzymaliśmy z tego adresu wiadomość z poleceniem działania na rzecz "
        "osoby, której dane dotyczą, na podstawie art. {articles} RODO. Nadawcę można "
        "sfałszować, dlatego nie zrobimy nic przed Państwa potwierdzeniem.\n\nProsimy "
        "odpowiedzieć z tego adresu i samodzielnie wpisać ten wiersz w odpowiedzi, nad "
        "cytowaną wiadomością:\n\n    {code}\n\nJeśli wiadomość nie pochodzi od Państwa, "
        "prosimy nie wpisywać wiersza i dać nam znać.\n\nSygnatura: {reference}",
    ),
}
"""Language → subject and body. A code in words of their own confirms an instruction that came by mail."""
