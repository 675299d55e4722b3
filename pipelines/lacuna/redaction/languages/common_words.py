"""Words that people write to a company all the time and that tell the language they write.

They stand beside the stop words of spaCy, which are about what prose is made of.
"""

from collections.abc import Mapping
from types import MappingProxyType

EVERYDAY_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "en": """
            i i'm i've i'd it's don't can't didn't hi hello hey dear thanks thank please sorry yes
            regards order parcel delivery refund invoice phone number address name want like need
            help would could the and you your is my
        """,
        "da": """
            jeg hej kære tak venlig hilsen mvh venligst ikke noget også ordre pakke pakken faktura
            levering telefon nummer adresse navn hedder vil gerne kan får fået hvornår hvordan
            hjælp svar vores eller og er det min mit ja nej blev køb købt
        """,
        "nb": """
            jeg hei kjære takk vennlig hilsen mvh vennligst ikke noe også ordre bestilling pakke
            pakken faktura levering telefon nummer adresse navn heter vil gjerne kan fått når
            hvordan hjelp svar eller og er det min mitt ja nei ble kjøpt
        """,
        "sv": """
            jag hej kära tack vänliga hälsningar mvh vänligen inte något också beställning paket
            paketet faktura leverans telefon nummer adress namn heter vill gärna kan fått när hur
            hjälp svar eller och är det min mitt ja nej blev köpt
        """,
        "de": """
            ich hallo liebe lieber sehr geehrte danke bitte grüße grüßen freundliche freundlichen
            nicht bestellung paket rechnung lieferung telefon nummer adresse name heiße möchte
            kann habe wann wie hilfe antwort oder und ist das mein meine ja nein wurde gekauft
        """,
        "nl": """
            ik hallo beste geachte dank bedankt groet groeten alstublieft vriendelijke niet
            bestelling pakket pakketje factuur levering telefoon nummer adres naam heet wil graag
            kan heb wanneer hoe hulp antwoord of en is het mijn ja nee werd gekocht
        """,
        "fr": """
            je j'ai bonjour bonsoir cher chère merci cordialement plaît pas commande colis facture
            livraison téléphone numéro adresse nom m'appelle voudrais peux suis quand comment aide
            réponse ou et est le la mon ma oui non c'est n'est d'une
        """,
        "es": """
            yo hola estimado estimada gracias saludos favor no pedido paquete factura entrega
            teléfono número dirección nombre llamo quiero quisiera puedo tengo cuándo cómo ayuda
            respuesta o y es el la mi sí fue compré
        """,
        "it": """
            io ciao buongiorno gentile grazie saluti favore cordiali non ordine pacco fattura
            consegna telefono numero indirizzo nome chiamo voglio vorrei posso ho quando come
            aiuto risposta o e è il la mio mia sì è stato
        """,
        "pl": """
            ja cześć dzień dobry szanowni dziękuję proszę pozdrawiam nie zamówienie paczka faktura
            dostawa telefon numer adres imię nazywam chcę chciałbym mogę mam kiedy jak pomoc
            odpowiedź lub i jest to mój moja tak się
        """,
        "fi": """
            minä hei moi hyvä kiitos ystävällisin terveisin ei tilaus paketti lasku toimitus
            puhelin numero osoite nimi nimeni haluan haluaisin voin olen milloin miten apu
            vastaus tai ja on se minun kyllä
        """,
        "pt": """
            eu olá oi caro prezado obrigado obrigada cumprimentos favor não pedido encomenda fatura
            entrega telefone número morada endereço nome chamo quero gostaria posso tenho quando
            como ajuda resposta ou e é o a meu minha sim
        """,
    }
)
"""By language, ISO 639-1, in small letters."""
