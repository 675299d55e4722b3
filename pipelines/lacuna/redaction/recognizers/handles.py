"""What people are called and where they are online: handles, and links that say who clicked."""

import re
from collections.abc import Iterator

from lacuna.redaction.recognizers.rule_recognizer import RuleMatch, RuleRecognizer

_AT = re.compile(
    r"(?<![\w@./:+-])@(?P<handle>[A-Za-z_][A-Za-z0-9_]*+(?:[.-][A-Za-z0-9_]++){0,4})(?![\w@])"
)
# What follows an "@" in code, style sheets and chat rooms.
_OF_CODE = """
media import charset font-face keyframes param return returns throws override deprecated see
todo author everyone here channel all team support room example
"""
_NO_PERSON = frozenset(_OF_CODE.split())
_NETWORK = re.compile(
    r"\b(?:instagram|insta|twitter|tiktok|snapchat|snap|telegram|skype|discord|facebook|linkedin|mastodon|"
    r"threads|reddit|youtube|steam|psn|gamertag|xbox|paypal\.me|venmo|line|wechat|signal|user[ ]?name|"
    r"brugernavn|användarnamn|brukernavn|benutzername|nutzername|gebruikersnaam|nom[ ]d['’]utilisateur|"
    r"pseudo|usuario|nombre[ ]de[ ]usuario|nome[ ]utente|nazwa[ ]użytkownika|login|nutzer|käyttäjätunnus|käyttäjänimi|"
    r"nome[ ]de[ ]utilizador|handle|nick(?:name)?)"
    r"(?:[ ]?(?:name|handle|account|user|konto|profile?|profil|id)\b){0,2}"
    r"(?P<said>[ ]?(?:[:=]|[ ](?:is|er|är|ist|est|es|è|to|on|lautet)\b)[ ]{0,2}(?:live:)?|[ ](?=@))"
    r"[\"'@]{0,2}(?P<handle>[A-Za-z0-9_][\w.#-]{2,31})",
    re.IGNORECASE,
)
# Words in small letters, joined, with figures at the end: nothing else in prose is written so.
_JOINED = re.compile(
    r"(?<![\w@./:#-])(?P<first>[^\W\d_A-Z]{3,20})(?:_[^\W\d_A-Z]{1,20}){0,3}_?\d{2,4}(?![\w@/]|[.-]\w)"
)
_OF_FILES = """
img image images foto photo pic picture bild kuva zdjecie imagen immagine scan dsc file fil datei fichier archivo plik screenshot
error err fejl fehler feil fel erreur virhe status step test item line page version build code table column row group option
"""
_NO_NAMES = frozenset(_OF_FILES.split())
_LINK = re.compile(
    r"(?<![\w@])(?:(?:https?|ftp)://|www\.)[^\s<>\"'\\]{3,2000}|"
    r"(?<![\w@./-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}(?::\d{2,5})?/[^\s<>\"'\\]{0,400}[?&#;](?:[\w.-]{1,40})=[^\s<>\"'\\]{1,2000}",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[.,;:!?)\]}'’”*_]+\Z")


class HandleRecognizer(RuleRecognizer):
    """Handles: after an "@", or after the name of a network or "user name"."""

    prefilter_patterns = (
        r"(?:^|[^\w@./:+-])@[A-Za-z_]",
        r"[^\W\d_]_[^\W_]{0,20}\d",
        r"(?:insta|twitter|tiktok|snap|telegram|skype|discord|facebook|linkedin|mastodon|threads|reddit|"
        r"youtube|steam|psn|gamertag|xbox|venmo|line|wechat|signal|user|bruger|bruker|benutzer|nutzer|gebruiker|utilisateur|pseudo|usuario|"
        r"utente|użytkownik|login|käyttäjä|handle|nick|utilizador|använd)[^\n]{0,30}(?:[:=@]|\b(?:is|er|är|ist|est|es|è|to|on|lautet)\b)",
    )

    def __init__(self, language: str) -> None:
        super().__init__(["HANDLE"], language)

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the handles of a text, an "@" before them included."""
        for match in _AT.finditer(text):
            handle = match["handle"].lower()
            if len(handle) > 2 and handle not in _NO_PERSON:
                yield RuleMatch(*match.span(), 0.5)
        for match in _NETWORK.finditer(text):
            handle = match["handle"]
            # A plain small word after "login is": "my login is wrong".
            if not handle.isalpha() or handle != handle.lower() or ":" in match["said"]:
                yield RuleMatch(*match.span("handle"), 0.6)
        for match in _JOINED.finditer(text):
            if "_" in match.group() and match["first"] not in _NO_NAMES:
                yield RuleMatch(*match.span(), 0.4)


class LinkRecognizer(RuleRecognizer):
    """Whole links: with any host, and with whatever stands in their path and query."""

    prefilter_patterns = (
        r"(?:https?|ftp)://",
        r"www\.",
        r"\w\.\w{1,63}[^\s]{0,8}/[^\s]{0,400}[?&#;][\w.-]{1,40}=",
    )

    def __init__(self, language: str) -> None:
        super().__init__(["URL"], language)

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the links of a text, without the punctuation of the sentence."""
        for match in _LINK.finditer(text):
            start, end = match.span()
            if (tail := _TAIL.search(match.group()[-8:])) is not None:
                end -= len(tail.group())
            yield RuleMatch(start, end, 0.6)
