"""Words in disguise: escaped, encoded, spelled with digits or by their names, and where a text may hold one."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from lacuna.redaction.folding import Edit, fold
from lacuna.redaction.known_values.disguise_kinds import DisguiseKind
from lacuna.redaction.known_values.encoded_runs import SHORTEST
from lacuna.redaction.known_values.number_words import NUMBER_WORDS, TIMES
from lacuna.redaction.known_values.text_runs import (
    MASKS,
    Bytes,
    CharacterFlags,
    HashValues,
    Runs,
    TextBatch,
    TextPositions,
    is_digit,
    is_letter,
    is_word,
)

AT = frozenset(
    [
        "at",
        "arroba",
        "arobase",
        "arrobase",
        "chiocciola",
        "malpa",
        "snabela",
        "snabel",
        "apenstaartje",
    ]
)
DOT = frozenset(
    ["dot", "punkt", "punktum", "prik", "punto", "point", "punt", "kropka", "ponto", "piste"]
)
_FORWARDING = re.compile(rb"srs[01][=+-]")
_SHORTEST_BASE64 = 12
_LONG_RUN = bytes([1]) * SHORTEST
_WORD_BEGINS = re.compile(rb"=\?[\w.:*-]+\?[bq]\?")
_TAG = re.compile(rb"<[^<>\0]*>")
# In a run of base64 or hexadecimal digits.
_IN_DENSE = bytes(
    chr(code).isalnum() or chr(code) in "+/_-" if code < 128 else 0 for code in range(256)
)
_BEGINNING = 8  # letters that are compared as one number

_LEET = {"0": "o", "1": "i", "2": "z", "3": "e", "4": "a", "5": "s", "6": "g", "7": "t", "8": "b"}
_LEET |= {"9": "g", "@": "a", "$": "s", "!": "i", "|": "l", "€": "e", "+": "t"}
_LEETS = tuple(str.maketrans(_LEET | {"1": one}) for one in "il")
_DIGITS = "0123456789"
# The same for the bytes of words, which hold no other characters.
_LEET_DIGITS = tuple(
    np.frombuffer(bytes.maketrans(_DIGITS.encode(), _DIGITS.translate(leet).encode()), np.uint8)
    for leet in _LEETS
)
_LEET_CHARACTERS = (b"@", b"$", b"!", b"|")
_LEET_CODES = np.frombuffer(b"".join(_LEET_CHARACTERS), np.uint8)
_LEET_TOKEN = re.compile(r"(?<![\w@$!|€+])[^\W\d]{0,30}[\d@$!|€+][\w@$!|€+]{0,30}")
_LONGEST_TOKEN = 61
_TOKEN_CHARACTERS = re.compile(rf"[\w@$!|€+]{{0,{_LONGEST_TOKEN + 1}}}")


# A character of UTF-8 of two bytes or three that was read one byte at a time, as Latin-1 or Windows.
BYTE_OF = {chr(byte): byte for byte in range(0x80, 0x100)}
BYTE_OF |= {
    bytes([byte]).decode("cp1252"): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_BEHIND = "".join(re.escape(character) for character, byte in BYTE_OF.items() if byte < 0xC0)
_MISREAD_FROM = range(0xC2, 0xF0)
MISREAD = re.compile(rf"[\u00c2-\u00df][{_BEHIND}]|[\u00e0-\u00ef][{_BEHIND}]{{2}}")


class DisguisedWords:
    """Words made of letters alone, folded, that a text may write with other characters in place of letters."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        values = {int.from_bytes(word.encode()[:_BEGINNING], "little") for word in self._words}
        self._beginnings = np.array(sorted(values), np.uint64)

    def __contains__(self, word: str) -> bool:
        return word in self._words

    def begin(self, values: HashValues) -> CharacterFlags:
        """Return which of the beginnings of words, as numbers, are those of one of these."""
        if not len(self._beginnings):
            return np.zeros(len(values), np.bool_)
        nearest = np.searchsorted(self._beginnings, values)
        nearest[nearest == len(self._beginnings)] = 0
        return np.asarray(self._beginnings[nearest] == values)


def disguises_in(batch: TextBatch, words: DisguisedWords) -> dict[int, DisguiseKind]:
    """Return the kinds of disguise in those texts of a batch that have any.

    Args:
        words: that a text may write with other characters in place of letters.
    """
    found: dict[int, int] = defaultdict(int)
    for kind, positions in _places_of_kinds(batch, words):
        if len(positions):
            for text in set(batch.text_of(positions).tolist()):
                found[text] |= kind.value
    for number in batch.texts_with(_MISREAD_FROM, MISREAD):
        found[number] |= DisguiseKind.MISREAD.value
    return {text: DisguiseKind(value) for text, value in found.items()}


def _places_of_kinds(
    batch: TextBatch, known: DisguisedWords
) -> Iterator[tuple[DisguiseKind, TextPositions]]:
    folded, words = batch.folded, batch.words
    yield DisguiseKind.ESCAPES, _escapes(batch)
    for kind, character, pattern in (
        (DisguiseKind.ENCODED_WORDS, b"=?", _WORD_BEGINS),
        (DisguiseKind.TAGS, b"<", _TAG),
    ):
        if character[:1] in batch.bytes and character in batch.bytes:
            places = [match.start() for match in pattern.finditer(batch.bytes)]
            yield kind, np.array(places, np.int64)
    yield DisguiseKind.DENSE, _denses(batch)
    if not len(words):
        return
    sorts = _sorts(words)
    yield DisguiseKind.BASE64, _base64s(batch)
    yield DisguiseKind.AT_AND_DOT, _ats(batch, sorts)
    plus = _all(batch, b"+")
    yield DisguiseKind.TAG, plus[is_word(folded[plus - 1]) & is_word(folded[plus + 1])]
    yield DisguiseKind.LEET, _leets(batch, known)
    yield DisguiseKind.NUMBER_WORDS, words.starts[_number_words(words, sorts, folded)]
    if b"srs" in batch.bytes:
        places = [match.start() for match in _FORWARDING.finditer(batch.bytes)]
        yield DisguiseKind.FORWARDED, np.array(places, np.int64)
    yield DisguiseKind.LETTERS_FOR_DIGITS, _letters_for_digits(batch, sorts)


def _all(batch: TextBatch, character: bytes) -> TextPositions:
    """Return where a character stands, except as the very first byte."""
    if character not in batch.bytes:
        return np.zeros(0, np.int64)
    places = np.flatnonzero(batch.folded == character[0])
    return places[places > 0]


def _escapes(batch: TextBatch) -> TextPositions:
    """Return where an entity, an escaped byte or a JSON escape may begin."""
    folded = batch.folded
    found = []
    for character in (b"&", b"%", b"=", b"\\"):
        if character not in batch.bytes:
            continue
        places = np.flatnonzero(folded == character[0])
        after = folded[places + 1]
        if character == b"&":
            fits = is_word(after) | (after == ord("#"))
        elif character == b"\\":
            fits = np.isin(after, np.frombuffer(b"unrt/x\r\n", np.uint8))
        else:
            fits = _is_hex(after) | (np.isin(after, np.frombuffer(b"u\r\n", np.uint8)))
        found.append(places[fits])
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _is_hex(letters: Bytes) -> CharacterFlags:
    return np.asarray(is_digit(letters) | ((letters >= 97) & (letters <= 102)))


def _base64s(batch: TextBatch) -> TextPositions:
    """Return where long words stand that hold a digit, or a capital behind a small letter."""
    words = batch.words
    found = []
    for run in np.flatnonzero(words.lengths >= _SHORTEST_BASE64).tolist():
        start = int(words.starts[run])
        text, first, last = batch.place(start, int(words.ends[run]))
        word = batch.texts[text][first:last]
        if not (word.islower() or word.isupper() or word.istitle()) or not word.isalpha():
            found.append(start)
    return np.array(found, np.int64)


def _denses(batch: TextBatch) -> TextPositions:
    """Return where long runs of base64 or hexadecimal digits stand that are no words."""
    shape = batch.bytes.translate(_IN_DENSE)
    found = []
    start = shape.find(_LONG_RUN)
    while start >= 0:
        end = shape.find(0, start)
        text, first, last = batch.place(start, end)
        run = batch.texts[text][first:last]
        if not (run.islower() or run.isupper() or run.istitle()) or any(map(str.isdigit, run)):
            found.append(start)
        start = shape.find(_LONG_RUN, end)
    return np.array(found, np.int64)


def _ats(batch: TextBatch, sorts: Bytes) -> TextPositions:
    """Return where "dot" stands, "at" before words with a point between them, "(at", "[."."""
    words = batch.words
    found = [words.starts[sorts & _DOT_SORT > 0]]
    at = np.flatnonzero(sorts & _AT_SORT)
    at = at[at + 2 < len(words)]
    ends, starts = words.ends[at + 1], words.starts[at + 2]
    found.append(words.starts[at[(starts - ends == 1) & (batch.folded[ends] == ord("."))]])
    for bracket in (b"(", b"[", b"{", b"<"):
        if bracket in batch.bytes:
            places = np.flatnonzero(batch.folded == bracket[0])
            after = batch.folded[places + 1]
            found.append(places[(after == ord("@")) | (after == ord("."))])
    return np.concatenate(found)


def _leets(batch: TextBatch, known: DisguisedWords) -> TextPositions:
    """Return where letters are replaced: by digits in a word that is known, by other characters in any."""
    folded, words, numbers = batch.folded, batch.words, batch.numbers
    around = np.searchsorted(words.starts, numbers.starts, "right") - 1
    lengths = words.lengths[around]
    around = np.unique(around[(lengths > 2) & (lengths > numbers.lengths)])
    edges = words.edges
    replaced = [
        run
        for run in around[_may_be_spoken(words, around, known)].tolist()
        if _spoken(words.letters[edges[run] : edges[run + 1]].decode(), known) is not None
    ]
    found = [words.starts[replaced]] if replaced else []
    signed = []
    for character in _LEET_CHARACTERS:
        places = _all(batch, character)
        sides = folded[places - 1], folded[places + 1]
        before, after = map(is_letter, sides)
        # Amid digits too, several of them in a row: `7$$0`.
        left, right = map(is_digit, sides)
        more_left, more_right = (np.isin(side, _LEET_CODES) for side in sides)
        amid_digits = (left & (right | more_right)) | (more_left & right)
        signed.append(
            places[before & after if character in b"!|" else before | after | amid_digits]
        )
    found.append(_stands_for_a_word(batch, np.concatenate(signed), known))
    return np.concatenate(found)


def _may_be_spoken(words: Runs, chosen: TextPositions, known: DisguisedWords) -> CharacterFlags:
    """Return which of the chosen words begin as a known one, their digits read as letters."""
    counts = np.minimum(words.lengths[chosen], _BEGINNING)
    letters = words.values(words.offsets[chosen], counts).view(np.uint8)
    result = np.zeros(len(chosen), np.bool_)
    for leet in _LEET_DIGITS:
        result |= known.begin(leet[letters].view(np.uint64))
    return result


def _stands_for_a_word(
    batch: TextBatch, places: TextPositions, known: DisguisedWords
) -> TextPositions:
    """Return those places of characters in a token which is a known word in disguise.

    Every mail address has an at sign, so that each different token is looked at only once.
    """
    fits: dict[str, bool] = {}
    kept = []
    for place in places.tolist():
        number, at, _ = batch.place(place, place + 1)
        text = batch.texts[number]
        before = _TOKEN_CHARACTERS.match(text[max(0, at - _LONGEST_TOKEN - 1) : at][::-1])
        first = at - before.end() if before else at
        token = _LEET_TOKEN.match(text, first)
        if token is None or token.end() <= at:
            continue
        if (is_known := fits.get(token[0])) is None:
            is_known = fits[token[0]] = any(as_letters(token[0], known))
        if is_known:
            kept.append(place)
    return np.array(kept, np.int64)


def _number_words(words: Runs, sorts: Bytes, folded: Bytes) -> TextPositions:
    """Return where four of five words in a row are digits or number words, one of them a word."""
    named = sorts & _NUMBER_SORT > 0
    if len(words) < 5 or not named.any():
        return np.zeros(0, np.int64)
    digits = is_digit(folded[words.starts])
    sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(named | digits)])
    names = np.concatenate([np.zeros(1, np.int64), np.cumsum(named)])
    return np.flatnonzero((sums[5:] - sums[:-5] >= 4) & (names[5:] > names[:-5]))


def _letters_for_digits(batch: TextBatch, sorts: Bytes) -> TextPositions:
    numbers, folded = batch.numbers, batch.folded
    before = np.isin(folded[np.maximum(numbers.starts - 1, 0)], _LIKE_DIGITS)
    beside = before | np.isin(folded[numbers.ends], _LIKE_DIGITS)
    return np.concatenate([numbers.starts[beside], batch.words.starts[sorts & _ZEROS_SORT > 0]])


def _sorts(words: Runs) -> Bytes:
    """Return for each word whether it may be one of those that are looked for here."""
    values = words.beginnings & MASKS[np.minimum(words.lengths, 8)]
    return _SORTS[_slots(values)]


def _slots(values: HashValues) -> TextPositions:
    return ((values * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(48)).view(np.int64)


_AT_SORT, _DOT_SORT, _NUMBER_SORT, _ZEROS_SORT = (np.uint8(1 << bit) for bit in range(4))
_LIKE_DIGITS = np.frombuffer(b"oli", np.uint8)


def _table() -> Bytes:
    """Return a table from the hash of a word to what it may be; now and then another matches."""
    table = np.zeros(1 << 16, np.uint8)
    for sort, words in (
        (_AT_SORT, AT),
        (_DOT_SORT, DOT),
        (_NUMBER_SORT, NUMBER_WORDS | TIMES.keys()),
        (_ZEROS_SORT, {"oo", "ooo", "oooo"}),
    ):
        values = [int.from_bytes(word.encode()[:8], "little") for word in words]
        table[_slots(np.array(values, np.uint64))] |= sort
    return table


_SORTS = _table()


def as_letters(text: str, words: DisguisedWords) -> Iterator[Edit]:
    """Yield the words that are spelled with digits and punctuation, as letters."""
    done = 0
    for match in _LEET_TOKEN.finditer(text):
        for start, piece in _pieces(match.start(), match[0]):
            folded = fold(piece)
            if start < done or folded.isalpha() or len(folded) != len(piece):
                continue
            spoken = next(
                (one for leet in _LEETS if (one := folded.translate(leet)) in words), None
            )
            if spoken is not None and any(map(str.isalpha, piece)):
                done = start + len(piece)
                yield start, done, spoken


def _spoken(token: str, words: DisguisedWords) -> str | None:
    """Return the known word for which a token with other characters for some letters stands."""
    if token.isalpha() or not any(map(str.isalpha, token)):
        return None
    return next((one for leet in _LEETS if (one := token.translate(leet)) in words), None)


def _pieces(start: int, token: str) -> Iterator[tuple[int, str]]:
    """Yield a token, then without the punctuation at its ends, then the parts around its at sign."""
    yield start, token
    inner = token.strip("!|+@")
    if inner != token:
        yield start + token.index(inner), inner
    if "@" in inner:
        for match in re.finditer("[^@]+", token):
            yield start + match.start(), match[0]
