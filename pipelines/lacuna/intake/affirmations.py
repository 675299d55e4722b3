"""Clauses by which people agree in answer to a letter, and those that only greet or thank.

Patterns over folded words that single spaces part. What agrees in one language thanks in another
("tak") or tells the reader to do something ("confirm"), so only the letter's own language counts.
"""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class AnswerWords:
    """What an answer in one language may consist of.

    Attributes:
        agreeing: clauses that say yes.
        beside: clauses that say nothing, or only who it was.
    """

    agreeing: str
    beside: str

    def allows(self, said: str) -> bool:
        """Whether folded words are such clauses and nothing else."""
        return re.fullmatch(rf"(?:(?:{_YES}|{self.agreeing}|{self.beside}) )*", said) is not None

    def agrees(self, said: str) -> bool:
        """Whether they are, and one of them agrees."""
        return (
            self.allows(said)
            and re.search(rf"(?:^| )(?:{_YES}|{self.agreeing}) ", said) is not None
        )

    def is_courtesy(self, said: str) -> bool:
        """Whether they greet or thank, and say no more."""
        return re.fullmatch(rf"(?:(?:{self.beside}) )*", said) is not None


_YES: Final = "yes|ok|okay"

ENGLISH: Final = AnswerWords(
    "yep|yeah|confirmed|(?:that|this|it) (?:is|s) correct|"
    "(?:i|we)(?: do)?(?: hereby)? confirm(?: (?:it|this|that)| (?:(?:that )?(?:it|this|that) was me)|"
    " (?:my|our|the|this) request)?",
    "(?:that|this|it) (?:was|is|s) (?:me|us)|hi|hello|thanks|thank you|please",
)
AGREEMENTS: Final = {
    "en": ENGLISH,
    "de": AnswerWords(
        "ja|jawohl|jep|stimmt|das stimmt|das ist richtig|bestatigt|bestaetigt|"
        "(?:ich|wir) besta(?:e)?tigen?(?: hiermit)?"
        "(?: das| dies| (?:meine|unsere|die) anfrage| (?:meinen|unseren|den) antrag)?|"
        "hiermit besta(?:e)?tigen? (?:ich|wir)"
        "(?: das| dies| (?:meine|unsere|die) anfrage| (?:meinen|unseren|den) antrag)?",
        "das (?:war|bin) ich|ich (?:war|bin) es|hallo|guten tag|guten morgen|danke|danke schon|"
        "vielen dank|bitte",
    ),
    "da": AnswerWords(
        "ja|jo|jep|bekraeftet|det stemmer|hermed bekraefter (?:jeg|vi)|"
        "(?:jeg|vi) bekraefter(?: hermed)?(?: det| dette| (?:min|vores) anmodning)?",
        "det (?:var|er) mig|hej|goddag|tak|mange tak|tusind tak|venligst",
    ),
    "nb": AnswerWords(
        "ja|jo|jepp|bekreftet|det stemmer|(?:herved|hermed) bekrefter (?:jeg|vi)|"
        "(?:jeg|vi) bekrefter(?: herved| hermed)?"
        "(?: det| dette| (?:foresporselen|henvendelsen|anmodningen)(?: min)?)?",
        "det (?:var|er) (?:meg|mig)|hei|hallo|god dag|takk|mange takk|tusen takk|vennligst",
    ),
    "sv": AnswerWords(
        "ja|jo|japp|bekraftat|det stammer|harmed bekraftar (?:jag|vi)|"
        "(?:jag|vi) bekraftar(?: harmed)?(?: det| detta| (?:min|var) begaran)?",
        "det (?:var|ar) jag|hej|god dag|tack|tack sa mycket|vanligen",
    ),
    "nl": AnswerWords(
        "ja|klopt|dat klopt|bevestigd|hierbij bevestig (?:ik|wij|we)|"
        "(?:ik|wij|we) bevestig(?:en)?(?: hierbij)?(?: dit| dat| het| (?:mijn|ons|het) verzoek)?",
        "dat (?:was|ben) ik|ik was het|hallo|hoi|dag|goedendag|dank je|dank u|bedankt|graag|"
        "alstublieft",
    ),
    "fr": AnswerWords(
        "oui|d accord|c est exact|(?:je|nous) (?:le )?confirm(?:e|ons)"
        "(?: cela| (?:ma|notre|la) demande| que c etait(?: bien)? moi)?",
        "c (?:est|etait)(?: bien)? moi|bonjour|bonsoir|merci|merci beaucoup|s il vous plait",
    ),
    "es": AnswerWords(
        "si|confirmado|es correcto|(?:yo )?(?:lo )?confirm(?:o|amos)"
        "(?: esto| (?:mi|nuestra|la) solicitud| que (?:fui|soy) yo)?",
        "(?:fui|soy|era|he sido) yo|hola|buenos dias|buenas tardes|gracias|muchas gracias|por favor",
    ),
    "it": AnswerWords(
        "si|confermato|e corretto|(?:io )?(?:lo )?conferm(?:o|iamo)"
        "(?: questo| (?:la )?(?:mia|nostra) richiesta| la richiesta)?",
        "sono(?: stat[oa])? io|ciao|salve|buongiorno|grazie|grazie mille|per favore",
    ),
    "pt": AnswerWords(
        "sim|confirmado|esta correto|(?:eu )?confirm(?:o|amos)"
        "(?: isso| isto| (?:o )?(?:meu|nosso) pedido| o pedido| que (?:fui|sou) eu)?",
        "(?:fui|sou) eu|ola|bom dia|boa tarde|obrigad[oa]|muito obrigad[oa]|por favor",
    ),
    "fi": AnswerWords(
        "kylla|joo|vahvistettu|pitaa paikkansa|"
        "(?:mina |me )?vahvista(?:n|mme)(?: taman| sen| pyyntoni| pyyntomme)?",
        "(?:se|tama) olin mina|mina se olin|hei|moi|kiitos|kiitoksia",
    ),
    "pl": AnswerWords(
        "tak|potwierdzone|zgadza sie|potwierdza(?:m|my)(?: to| (?:(?:moj|nasz|ten) )?wniosek)?",
        "to(?: bylem| bylam)? ja|dzien dobry|czesc|dziekuje|prosze",
    ),
}
"""By the language of the letter, ISO 639-1; letters in another language are written in English."""
