"""Says whether the answer to a challenge confirms what was asked, or may deny it.

A reply quotes the letter, code and all, whatever it says beside: "I never asked for this" must confirm
nothing. So nothing is searched for a denial: every word of the writer's own has to be one of those that
people agree with. Whatever else an answer says, an officer reads it.
"""

import re
from typing import Final

from pipelines.model.mail import Mail
from pipelines.request.rights import at_signature
from pipelines.request.triage import codes_of, without_codes
from pipelines.request.words import WORDBOOKS
from pipelines.request.words.matching import fold, has, sentences

_LONGEST: Final = 400
_LONGEST_SIGNATURE: Final = 300
_AGREEING: Final = frozenset(
    fold(
        "yes yep yeah ok okay confirm confirmed confirming correct"
        " ja jawohl jep stimmt bestätige bestätigt jo bekræfter bekræftet bekrefter bekreftet bekräftar"
        " bekräftat klopt bevestig bevestigd oui confirme confirmé sí si confirmo confirmado sì confermo"
        " confermato sim kyllä joo vahvistan tak potwierdzam"
    ).split()
)
_BESIDE: Final = frozenset(
    fold(
        "i we it this that was is s me my the our request hereby hello hi dear thanks thank you please"
        " das war ich es meine meinen die den anfrage antrag hiermit hallo guten tag danke bitte"
        " det var mig meg jeg er min mit anmodning henvendelse forespørsel hermed hej hei tak takk venligst"
        " jag är detta begäran härmed tack vänligen dat was ik het mijn verzoek hierbij dag bedankt"
        " c est était bien moi je ma la demande bonjour merci fui yo soy mi solicitud hola gracias"
        " sono io la mia richiesta ciao buongiorno grazie fui eu sou o meu pedido olá obrigado obrigada"
        " se olin minä pyyntöni hei kiitos to ja moje mój wniosek dzień dobry dziękuję"
    ).split()
)
_DENIALS: Final = "no nope nein nej nei nee non não nie never nothing stop"
_WORD: Final = re.compile(r"[^\W\d_]+")
_PLAIN: Final = re.compile(r"[\w\s.,;:!()'’\"/&+-]*")


def confirms(mail: Mail) -> bool:
    """Whether the writer of an answer agrees, in their own words, and says nothing else.

    A code that they wrote themselves agrees too. What they quote counts for nothing.
    """
    own, signature = at_signature(mail.text)
    words = frozenset(_WORD.findall(fold(without_codes(own))))
    agrees = bool(words & _AGREEING) or bool(codes_of(own))
    return (
        agrees
        and words <= _AGREEING | _BESIDE
        and len(own) <= _LONGEST
        and _PLAIN.fullmatch(without_codes(own)) is not None
        and not mail.forwarded
        and len(signature) <= _LONGEST_SIGNATURE
        and not _denies(f"{signature}\n\n{mail.subject}")
    )


def instructs(mail: Mail, secret: str) -> bool:
    """Whether a controller wrote this code themselves, and agrees."""
    return any(own == secret for _, own in codes_of(mail.text)) and confirms(mail)


def _denies(text: str) -> bool:
    return "?" in text or any(
        has(f"{_DENIALS} {book.negations} {book.nothing}", sentence)
        for sentence in sentences(text)
        for book in WORDBOOKS
    )
