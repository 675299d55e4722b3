"""Names of people by the words around them: greetings, sign-offs, titles, "my name is".

It needs no model of a language. Where the language of a text has none (`everywhere`), common
given names count anywhere, with the capitalized words that follow them.
"""

import re
from collections.abc import Iterator

import re2

from lacuna.model.everyday_words import EVERYDAY
from lacuna.redaction.folding import fold
from lacuna.redaction.letter_classes import UPPER
from lacuna.redaction.recognizers import name_cues as cues
from lacuna.redaction.recognizers.given_names import GIVEN_NAMES
from lacuna.redaction.recognizers.name_words import ALSO_WORDS, NO_MORE, NOT_NAMES, PARTICLES
from lacuna.redaction.recognizers.rule_recognizer import RuleMatch, RuleRecognizer

_MOST_WORDS = 5
_HEADER_CHARACTERS = 120
_WORDS = EVERYDAY | ALSO_WORDS
_WORD = re.compile(r"[^\W\d_](?:[\w'’]|-(?=\w)){0,40}+\.?")
_BLANK = re.compile(r"[ \t\u00a0]{1,2}|,[ ](?=[^\W\d_][\w'’-]*[ \t]*(?:\n|\Z))")
_TITLE_WORD = rf"(?:(?:{cues.TITLE})\b\.?[ ])"
_START = re.compile(r"(?:\A|\n|(?<=[.!?)])[ \t])[ \t>*|]*(?P<speaker>\w{1,20}:[ ])?")
_AT_START = re.compile(
    rf"(?i:(?P<greeting>{cues.GREETING})|(?P<regards>{cues.REGARDS})|(?P<thanks>{cues.THANKS}))(?!\w)"
)
_AFTER_GREETING = re.compile(
    rf"[ ,]{{1,2}}(?:(?i:hr|fr|herr|frau|mr|mrs|ms|team)\.?/?[ ])?{_TITLE_WORD}{{0,2}}"
)
_AFTER_REGARDS = re.compile(
    r"(?:[ ]?(?:/|fra|from|von|van|de|from)[ ])?[ \t,.!:;–—-]{0,4}(?P<line>\n[ \t>\n]{0,6})?[ \t/–—-]{0,3}"
)
_LABEL = re.compile(rf"(?i:(?:{cues.LABEL}))[ \t]?[:=][ \t]{{0,8}}{_TITLE_WORD}?")
# By an automaton: the cues are some hundred phrases, and it reads all of them at once.
_SAID = re2.compile(rf"(?i)(?:({cues.SAYS_NAME})|{cues.MAY_SAY_NAME})[ ,:]{{1,2}}")
_AFTER_SAID = re.compile(rf"[\"'“]?(?P<title>{_TITLE_WORD})?")
_TITLED = re.compile(rf"\b(?:{cues.TITLE})\b(?:\.[ ]?|[ ])(?={UPPER})")
_MAIL_AFTER = re.compile(r"[\"']?[ ]?[<(\[](?:mailto:)?[\w.+%-]{1,64}@")
_WROTE_AFTER = re.compile(rf"[^\n]{{0,60}}\b(?:{cues.WROTE})\b[^\n]{{0,40}}:[ ]*(?:\n|\Z)")
_CAPITAL = re.compile(rf"(?<![\w@./-]){UPPER}(?:[^\W\d_]|['’-](?=\w)){{1,30}}")
_END = re.compile(r"[ \t]{0,3}(?:[,.!?:;)\n\r|*/<(–—-]|\Z)")
_LINE_END = re.compile(r"[ \t.,!]{0,3}(?:\n|\Z)")


class PersonContextRecognizer(RuleRecognizer):
    """Names in greetings, sign-offs, introductions, titles, form fields and mail headers."""

    def __init__(self, language: str, *, everywhere: bool) -> None:
        """`everywhere`: look for common given names in the whole text, for want of a model."""
        super().__init__(["PERSON"], language)
        self._everywhere = everywhere
        self.prefilter_patterns = (*_PREFILTERS, rf"(?-i:{UPPER})\w") if everywhere else _PREFILTERS

    def find(self, text: str) -> Iterator[RuleMatch]:
        """Yield the names of a text; the same name may be yielded by two rules."""
        for start in _START.finditer(text):
            match = _at_start(text, start.end())
            if match is None and start["speaker"]:
                match = _at_start(text, start.start("speaker"))
            if match is not None:
                yield match
        yield from _introduced(text)
        for title in _TITLED.finditer(text):
            name = _name(text, title.end())
            if name is not None and name.capital:
                yield RuleMatch(title.end(), name.end, 0.6)
        if "@" in text or ":" in text:
            yield from _in_headers(text)
        if self._everywhere:
            yield from _anywhere(text)


class _Name:
    """A run of words that may be a name."""

    __slots__ = ("capital", "end", "known", "words")

    def __init__(self, end: int, words: int, *, capital: bool, known: bool) -> None:
        self.end, self.words, self.capital, self.known = end, words, capital, known


def _name(text: str, start: int) -> _Name | None:
    """Return the name that begins at `start`, if one does: at most five words of one line."""
    first = _WORD.match(text, start)
    if first is None:
        return None
    folded = fold(first.group().rstrip("."))
    if folded in NOT_NAMES:
        return None
    capital = first.group()[0].isupper()
    known = folded in GIVEN_NAMES and (capital or folded not in _WORDS)
    if not capital and not known:
        return None
    end, words = _without_dot(first), 1
    position = first.end()
    while words < _MOST_WORDS:
        gap = _BLANK.match(text, position)
        word = None if gap is None or gap.group()[0] == "," else _WORD.match(text, gap.end())
        if word is None:
            break
        folded = fold(word.group().rstrip("."))
        if folded in PARTICLES and not word.group()[0].isupper():
            position = word.end()
            words += 1
            continue
        is_next = word.group()[0].isupper() if capital else folded not in NO_MORE
        if not is_next or folded in NOT_NAMES:
            break
        if not capital and not (folded in GIVEN_NAMES or _ends(text, word.end())):
            break
        end, position = _without_dot(word), word.end()
        words += 1
        if word.group().endswith(".") and len(word.group()) > 2:
            break
    return _Name(end, words, capital=capital, known=known)


def _ends(text: str, end: int) -> bool:
    """Return whether a name in small letters can end here."""
    if _END.match(text, end):
        return True
    following = _WORD.match(text, end + 1)
    return following is not None and fold(following.group()) in NO_MORE


def _without_dot(word: re.Match[str]) -> int:
    """Return where a word ends; the dot after an initial belongs to it."""
    initial = len(word.group()) == 2
    return word.end() - (word.group().endswith(".") and not initial)


def _at_start(text: str, start: int) -> RuleMatch | None:
    """Return the name in a greeting, a sign-off or a form field that begins at `start`."""
    if (label := _LABEL.match(text, start)) is not None:
        name = _name(text, label.end())
        if name is not None and (name.known or (name.capital and _END.match(text, name.end))):
            return RuleMatch(label.end(), name.end, 0.5)
        return None
    cue = _AT_START.match(text, start)
    if cue is None:
        return None
    if cue["greeting"] is not None:
        after = _AFTER_GREETING.match(text, cue.end())
        name = None if after is None else _name(text, after.end())
        if after is None or name is None:
            return None
        titled = len(after.group()) > 2
        if name.known or (name.capital and (titled or _END.match(text, name.end))):
            return RuleMatch(after.end(), name.end, 0.6)
        return None
    after = _AFTER_REGARDS.match(text, cue.end())
    if after is None or after.end() == cue.end():
        return None
    name = _name(text, after.end())
    if name is None:
        return _small_line(text, after) if cue["regards"] and after["line"] else None
    alone = _LINE_END.match(text, name.end) is not None
    comma = "," in after.group()
    if after["line"] is None and not (name.known or (alone and (cue["regards"] or comma))):
        return None
    if not name.known and not (
        name.capital and (alone or (cue["regards"] and _END.match(text, name.end)))
    ):
        return None
    return RuleMatch(after.end(), name.end, 0.6)


_SMALL_LINE = re.compile(r"[^\W\d_]{2,20}(?:[ ][^\W\d_]{2,20})?(?=[ \t.!]{0,3}\s*\Z)")


def _small_line(text: str, after: re.Match[str]) -> RuleMatch | None:
    """Return the last line of a text in small letters: "mvh", then "lise"."""
    line = _SMALL_LINE.match(text, after.end())
    if line is None or any(fold(word) in NOT_NAMES for word in line.group().split()):
        return None
    return RuleMatch(line.start(), line.end(), 0.4)


def _introduced(text: str) -> Iterator[RuleMatch]:
    """Yield names after "my name is" and, where they are common given names, after "I am"."""
    for said in _SAID.finditer(text):
        if said.start() and text[said.start() - 1].isalnum():
            continue
        after = _AFTER_SAID.match(text, said.end())
        if after is None or (name := _name(text, after.end())) is None:
            continue
        sure = said.group(1) is not None
        if sure or after["title"]:
            if name.capital or name.known:
                yield RuleMatch(after.end(), name.end, 0.75)
        elif name.known and name.capital:
            yield RuleMatch(after.end(), name.end, 0.5)


def _in_headers(text: str) -> Iterator[RuleMatch]:
    """Yield names before an address in brackets, and before "wrote:"."""
    done = 0
    for match in _CAPITAL.finditer(text):
        if match.start() < done:
            continue
        before = match.start() - 1
        if before >= 0 and text[before] not in "\n\t >\"',;:(":
            continue
        rest = text[match.end() : match.end() + _HEADER_CHARACTERS].partition("\n")[0]
        if "@" not in rest and not rest.rstrip().endswith(":"):
            continue
        name = _name(text, match.start())
        if name is None or not name.capital:
            continue
        if _MAIL_AFTER.match(text, name.end):
            done = name.end
            yield RuleMatch(match.start(), name.end, 0.75)
        elif name.known and _WROTE_AFTER.match(text, name.end):
            yield RuleMatch(match.start(), name.end, 0.6)


def _anywhere(text: str) -> Iterator[RuleMatch]:
    """Yield common given names and the capitalized words that follow them."""
    done = 0
    for match in _CAPITAL.finditer(text):
        if match.start() < done:
            continue
        folded = fold(match.group())
        if folded not in GIVEN_NAMES and folded.removesuffix("s") not in GIVEN_NAMES:
            continue
        name = _name(text, match.start())
        if name is None or (name.words == 1 and folded in _WORDS):
            continue
        yield RuleMatch(match.start(), name.end, 0.5 if name.words > 1 else 0.4)
        done = name.end


_PREFILTERS = (
    rf"(?:\A|\n|[.!?)][ \t])[ \t>*|]*(?:\w{{1,20}}:[ ])?(?:{cues.GREETING}|{cues.REGARDS}|{cues.THANKS})\b",
    rf"\b(?:{cues.SAYS_NAME})",
    rf"\b(?:{cues.MAY_SAY_NAME})[ ,:]",
    rf"\b(?-i:{cues.TITLE})\b[. ]",
    rf"\b{cues.LABEL}[ \t]?[:=]",
    r"[<(\[](?:mailto:)?[\w.+%-]{1,64}@",
    rf"\b(?:{cues.WROTE})\b",
)
