"""Says whether the answer to a challenge confirms what was asked, or may deny it.

A reply quotes the letter, code and all, whatever it says above: "I never asked for this" must confirm
nothing. So a reply counts if it says nothing of its own, or if it agrees and neither denies nor asks.
"""

from typing import Final

from pipelines.model.mail import Mail
from pipelines.request.rights import at_signature, books_of
from pipelines.request.triage import codes_of, without_codes
from pipelines.request.words.matching import fits, has, sentences

_LONGEST: Final = 2_000
_ASSENTS: Final = (
    "yes yep yeah ok okay confirm confirmed confirming this_was_me that_was_me it_was_me that_s_me it_s_me correct"
    " ja jo jawohl jep stimmt richtig korrekt bestätige bestätigt bestätigen das_war_ich ich_war_das ich_war_es"
    " bekræfter bekræftet det_var_mig det_er_mig bekrefter bekreftet det_var_meg det_er_meg bekräftar bekräftat"
    " det_var_jag det_är_jag klopt bevestig bevestigd dat_was_ik dat_ben_ik oui confirme d_accord c_est_moi c_était_moi"
    " sí si confirmo correcto de_acuerdo fui_yo soy_yo sì confermo esatto corretto sono_io sim correto fui_eu sou_eu"
    " kyllä joo vahvistan oikein se_olin_minä tak potwierdzam zgadza_się to_ja"
)
_DENIALS: Final = (
    "no nope nein nej nei nee non não nie fraud scam phishing hoax betrug svindel bedrägeri oplichting fraude"
    " arnaque estafa truffa burla huijaus oszustwo"
)


def confirms(mail: Mail) -> bool:
    """Whether an answer that holds a code agrees, as far as its writer's own words go."""
    text = without_codes(at_signature(mail.text)[0])
    if not any(character.isalpha() for character in text):
        return "?" not in text
    if len(text) > _LONGEST or "?" in text:
        return False
    books = books_of(text)
    said = tuple(sentences(text))
    is_denied = any(
        has(f"{_DENIALS} {book.negations} {book.nothing} {book.uncertain}", sentence)
        or any(fits(pattern, sentence) for pattern in book.withdrawal)
        for sentence in said
        for book in books
    )
    return not is_denied and any(has(_ASSENTS, sentence) for sentence in said)


def instructs(mail: Mail, secret: str) -> bool:
    """Whether a controller wrote a code in words of their own, and agrees: what is quoted counts for nothing."""
    return any(own == secret for _, own in codes_of(mail.text)) and confirms(mail)
