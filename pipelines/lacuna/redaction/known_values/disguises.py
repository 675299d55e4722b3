"""Texts without their disguise: other views of those texts that show signs of one.

Which texts show signs is found for a whole batch at once; a view is made of few texts only.
"""

import base64
import binascii
import contextlib
import quopri
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from lacuna.redaction.folding import Edit, View, decoded, decoded_from_mixed_digits, fold
from lacuna.redaction.known_values.disguise_kinds import DisguiseKind
from lacuna.redaction.known_values.disguised_words import (
    AT,
    BYTE_OF,
    DOT,
    MISREAD,
    DisguisedWords,
    as_letters,
)
from lacuna.redaction.known_values.encoded_runs import RUN, SHORTEST, sayings
from lacuna.redaction.known_values.number_words import numbers_in

_ENCODED = DisguiseKind.BASE64 | DisguiseKind.DENSE
_ADDRESSES = DisguiseKind.AT_AND_DOT | DisguiseKind.TAG
_OPENING = "[({<*_-"
_CLOSING = re.compile(r"\s*[\])}>*_-]*\s*")
# Each of these patterns says first what it may begin with: elsewhere none of its parts is tried.
_AT_OR_DOT = re.compile(
    rf"(?=[{''.join({word[0] for word in AT | DOT})}\[({{<])(?:"
    rf"\b(?P<at>{'|'.join(sorted(AT - {'snabel'}))}|snabel[ -]a)\b"
    rf"|\b(?:{'|'.join(sorted(DOT))})\b"
    r"|[\[({<]\s*(?P<separator>[@.])\s*[\])}>]\s*)"
)
_TAGGED = re.compile(r"\+[\w.%+=-]{0,64}@")
# An address that a server forwards for: SRS0=hash=day=domain=mailbox@server; SRS1 has a server more.
_FORWARDED = re.compile(
    r"\bSRS(?:0[=+-]|1[=+-][^=\s@]{1,24}=[\w.-]{1,255}=[=+-])[^=\s@]{1,24}=[^=\s@]{1,4}="
    r"(?P<domain>[\w.-]{1,255})=(?P<mailbox>[^\s@<>\"]{1,64})(?=@)",
    re.IGNORECASE,
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_NO_DIGITS = str.maketrans("", "", " \t\r\n>=")
_LINE_ENDS = str.maketrans("", "", "\r\n\t")
# A header's word in another character set (RFC 2047).
_ENCODED_WORD = re.compile(
    r"=\?(?P<charset>[\w.:-]+)(?:\*[\w-]*)?\?(?P<how>[bBqQ])\?(?P<said>[^?\s\0]*)\?="
)
_PARTED = '\n"\n'
_LONGEST_SAYING = 1 << 16
_OVERLAP = 1 << 10
_GROUP = 4
_LETTER_FOR_DIGIT = re.compile(r"(?=[oOlIi|])(?:(?<=\d)[oOlIi|]+|[oOlIi|]+(?=\d)|\b[oO]{1,4}\b)")
_DIGIT_FOR_LETTER = str.maketrans("oOlIi|", "001111")


def rewritings(view: View, kinds: DisguiseKind, words: DisguisedWords) -> Iterator[View]:
    """Yield views of a text without the kinds of disguise that it may have; none that is the same.

    Args:
        words: that a text may write with other characters in place of letters.
    """
    text = view.text
    if DisguiseKind.ESCAPES in kinds:
        for clear in (decoded(view), decoded_from_mixed_digits(view)):
            if clear is not None:
                yield clear
    edits: list[list[Edit]] = []
    if DisguiseKind.MISREAD in kinds:
        edits.append(list(_read_again(text)))
    if kinds & _ENCODED:
        edits.append(list(_from_base64(text)))
    if DisguiseKind.ENCODED_WORDS in kinds:
        edits.append(list(_from_encoded_words(text)))
    if kinds & _ADDRESSES:
        edits.append(list(_as_mail_address(text)))
    if DisguiseKind.TAG in kinds:
        edits.append([(m.start(), m.end() - 1, "") for m in _TAGGED.finditer(text)])
    if DisguiseKind.FORWARDED in kinds:
        edits.append(
            [(*m.span(), f"{m['mailbox']}@{m['domain']}") for m in _FORWARDED.finditer(text)]
        )
    if DisguiseKind.LEET in kinds:
        edits.append(list(as_letters(text, words)))
    if DisguiseKind.NUMBER_WORDS in kinds:
        edits.append(list(numbers_in(text)))
    if DisguiseKind.LETTERS_FOR_DIGITS in kinds:
        edits.append(
            [
                (*m.span(), m[0].translate(_DIGIT_FOR_LETTER))
                for m in _LETTER_FOR_DIGIT.finditer(text)
            ]
        )
    for one in edits:
        if one:
            yield view.edited(one)


# --- by kind --------------------------------------------------------------------------------------


def _read_again(text: str) -> Iterator[Edit]:
    """Yield characters that were UTF-8 and read as something else: `Ã©` was `é`."""
    for match in MISREAD.finditer(text):
        with contextlib.suppress(UnicodeDecodeError):
            yield (
                *match.span(),
                bytes(BYTE_OF[character] for character in match[0]).decode("utf-8"),
            )


# --- views ----------------------------------------------------------------------------------------


def _as_mail_address(text: str) -> Iterator[Edit]:
    """Yield `@` or `.` for each word or character in brackets that represents it, with what sets it off."""
    said = _same_length(text)
    done = 0
    for match in _AT_OR_DOT.finditer(said):
        before = said[done : match.start()].rstrip()
        end = match.end()
        if (separator := match["separator"]) is None:
            before = before.rstrip(_OPENING).rstrip()
            separator = "@" if match["at"] else "."
            closing = _CLOSING.match(said, end)
            end = end if closing is None else closing.end()
        yield done + len(before), end, separator
        done = end


class _SameLength(dict[int, str]):
    """The folded characters, those aside whose folded form is not one character."""

    def __missing__(self, code: int) -> str:
        folded = fold(character := chr(code))
        self[code] = folded if len(folded) == 1 else character
        return self[code]


_SAME_LENGTH = _SameLength()


def _same_length(text: str) -> str:
    """Return a text folded where that changes no length, so that offsets hold."""
    return text.lower() if text.isascii() else text.translate(_SAME_LENGTH)


def _from_base64(text: str) -> Iterator[Edit]:
    for run in RUN.finditer(text):
        start = run.start()
        if edits := _said_by_characters(run[0]):
            yield from _moved(edits, start)
        elif "\n" in run[0]:
            for line in _BASE64.finditer(text, *run.span()):
                yield from _moved(_characters(line[0]), line.start())


def _moved(edits: Iterable[Edit], by: int) -> Iterator[Edit]:
    return ((start + by, end + by, said) for start, end, said in edits)


# It is asked of each run twice, one text after the other.
@lru_cache(maxsize=8)
def _said_by_characters(run: str) -> Sequence[Edit]:
    """Decode a run if all of it is text, except maybe its last line: that may be a word."""
    return _characters(run) or (_characters(run[: run.rindex("\n")]) if "\n" in run else [])


def _characters(run: str) -> list[Edit]:
    """Decode groups of four letters, if all of a run is text."""
    letters = run.translate(_NO_DIGITS)
    letters = letters[: len(letters) - (len(letters) % _GROUP == 1)]
    altchars = b"-_" if "-" in letters or "_" in letters else b"+/"
    try:
        data = base64.b64decode(
            letters + "=" * (-len(letters) % _GROUP), altchars=altchars, validate=True
        )
        said = data.decode()
    except (binascii.Error, UnicodeDecodeError):
        return []
    if not said.translate(_LINE_ENDS).isprintable():
        return []
    count, size = len(letters), len(data)
    places: Sequence[int] = range(count)
    if not run.startswith(letters):
        places = [place for place, character in enumerate(run) if ord(character) not in _NO_DIGITS]
    edits: list[Edit] = []
    done = taken = 0
    while done < size:
        # Up to the end of a group that ends no character in its middle.
        end = done + 3
        while end < size and data[end] & 0xC0 == 0x80:
            end += 3
        last = min(count, taken + (end - done) // 3 * _GROUP)
        # With the end of the line, if the run goes on in the next.
        behind = places[last] if last < count else places[last - 1] + 1
        edits.append((places[taken], behind, data[done:end].decode()))
        done, taken = end, last
    return edits


def _from_encoded_words(text: str) -> Iterator[Edit]:
    done = 0
    for word in _ENCODED_WORD.finditer(text):
        start = done + len(text[done : word.start()].rstrip())
        if not text.endswith("?=", 0, start):
            start = word.start()  # blanks behind another word belong to none
        done = word.end()
        data = word["said"].encode("utf-8", "replace")
        try:
            if word["how"] in "bB":
                data = base64.b64decode(data + b"=" * (-len(data) % _GROUP))
            else:
                data = quopri.decodestring(data, header=True)
            said = data.decode(word["charset"], "replace")
        except (binascii.Error, LookupError, ValueError):
            said = data.decode("latin-1")
        yield start, done, said


def within_dense(view: View) -> Iterator[View]:
    """Yield what runs say that are no text character by character, without the text around them."""
    text = view.text
    edits: list[Edit] = []
    done = 0
    for run in RUN.finditer(text):
        if len(run[0]) < SHORTEST or _said_by_characters(run[0]):
            continue
        said = _PARTED.join(sayings(run[0]))
        if len(said) > _LONGEST_SAYING:
            for first in range(0, len(said), _LONGEST_SAYING - _OVERLAP):
                part = said[first : first + _LONGEST_SAYING]
                around = ((0, run.start(), ""), (*run.span(), part), (run.end(), len(text), ""))
                yield view.edited(around)
        elif said:
            edits += [(done, run.start(), _PARTED if done else ""), (*run.span(), said)]
            done = run.end()
    if edits:
        yield view.edited([*edits, (done, len(text), "")])
