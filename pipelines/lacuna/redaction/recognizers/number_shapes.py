"""How numbers of records are written: with letters, in groups, with dashes, slashes and dots."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lacuna.redaction.recognizers.number_labels import WordRole, meaning_of

__all__ = ["NumberShape", "shape_at", "shapes"]

_PART = r"[^\W_]{1,40}"
_JOINT = r"[-\u2010-\u2013/_.·]"
# A figure within a word, with what is glued to it: `A-48812`, `2024/77`, `1Z999AA1`.
_TOKEN = re.compile(
    rf"(?<![\w@=€$£%/\\.])(?=[^\W\d_]{{0,12}}(?:{_JOINT}[^\W\d_]{{1,12}}){{0,3}}{_JOINT}?\d)"
    rf"{_PART}(?:{_JOINT}(?=[^\W_]{{0,19}}\d|[^\W\d_a-z]{{1,8}}(?!\w)|[a-z]{{1,2}}(?!\w)){_PART}){{0,8}}(?![\w@])(?!\.[a-z]{{2,4}}(?!\w))"
)
_OF_MONTH, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_DAY = re.compile(
    rf"(?:{_OF_MONTH}[-./]{_MONTH}|{_MONTH}[-./]{_OF_MONTH})[-./](?:19|20)?\d\d(?!\d)|"
    rf"(?:19|20)\d\d[-./]{_MONTH}[-./]{_OF_MONTH}(?!\d)"
)
_AMOUNT = re.compile(r"\d{1,6}\.\d\d|\d{1,3}(?:\.\d{3})+(?:,\d\d)")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d(?:[-\u2010-\u2013/](?:1[5-9]|20)?\d\d)?")
_AN_AMOUNT_OR_TIME = re.compile(
    r"\d{1,3}(?:\.\d{3})+|\d{1,2}[ .hH]\d\d|(?:\d{1,6}[a-zµ]{1,4}[-/]?){1,3}|\d{1,3}x\d{1,4}[a-z]{0,3}"
)
_A_YEAR = r"(?:19|20)\d\d"
_NORM = re.compile(
    r"(?i:EN|DIN|ISO|IEC|UNE|UNI|NF|BS|COVID|SHA|AES|RSA|UTF|RFC|CP|windows)[-_ ]?\d[\d-]*"
)
_CODE = re.compile(
    # Letters and at least five figures: `LC-2023-4418`, `SR-1-77120934`, `FM4412907`, `70012-B`.
    rf"[A-Z]{{1,5}}[-/](?:{_A_YEAR}[-/]\d{{3,10}}|\d{{5,14}})(?:[-/][A-Z\d]{{1,8}}){{0,3}}|"
    rf"(?=(?:\D*\d){{6}})[A-Z]{{1,5}}(?:-\d{{1,10}}){{2,5}}|[A-Z]\d{{6}}|[A-Z]{{1,4}}\d{{7,14}}[A-Z]{{0,3}}"
    # Figures and a letter: `70012-B`; a year or a hundred is none.
    rf"|(?!{_A_YEAR}[-/]|\d+00[-/])\d{{4,10}}[-/][A-Z]{{1,2}}|"
    # A vehicle, a card (of a telephone, a gift), figures that begin with naught.
    rf"(?=(?:\D*\d){{6}})(?=\d*[A-Z])[A-HJ-NPR-Z\d]{{17}}|(?!(?:{_A_YEAR}[ -]?)+\Z)\d{{4}}(?:[ -]\d{{4}}){{3}}(?:[ -]?\d{{1,4}})?|"
    r"(?=(?:\d*[A-Z]){2})(?=(?:\D*\d){2})[A-Z\d]{4,5}(?:-[A-Z\d]{4,5}){2,5}|0\d{5,20}|"
    # Many figures, unless they are a day or round; groups of them, unless they are a range.
    rf"(?!{_A_YEAR}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\Z|(?:[0-2]\d|3[01])(?:0[1-9]|1[0-2]){_A_YEAR}\Z)\d{{4,17}}(?!000)\d{{3}}|"
    rf"{_A_YEAR}[-/](?!{_A_YEAR}\Z)(?:0\d{{3,7}}|\d{{5,8}})|\d{{2,6}}-\d{{6,12}}|"
    rf"(?=(?:\D*\d){{8}})(?=.*\d{{3}})(?!.*\b{_A_YEAR}\b)\d{{2,6}}(?:-\d{{2,12}}){{2,4}}|"
    # Letters and figures in turn, five times: `QX7T2L`, `SN7F29K0044`; a form as of planning: `24/01183/FUL`.
    r"(?=[A-Z\d]{6,20}\Z)(?:[A-Z]+\d+[A-Z]+\d+[A-Z]+\d*|\d+[A-Z]+\d+[A-Z]+\d+[A-Z]*)[A-Z\d]*|"
    r"\d{2,4}/\d{4,8}/[A-Z]{1,4}|[A-Z]{1,5}[-/][A-Z]{1,5}[-/]\d{4,12}|[A-Z]{1,2}\d\d/\d{3,6}|(?!kr|zl|rs)[a-z]{1,2}\d{7,10}"
)
_INITIALS = re.compile(r"(?P<letters>[^\W\d_a-z]{1,3})[-/]?\d{4,12}(?:[-/]\d{1,6})?")
_WORD_BEFORE = re.compile(r"(?P<word>[^\W\d_]{4,40})[ ]\Z")
_FILE_END = re.compile(r"\.[A-Za-z]{2,4}\Z")
_MONTHS = (
    r"jan(?:uar[yi]?|vier|uari|eiro)?|feb(?:ruar[yi]?|ruari)?|f[ée]vr(?:ier)?|mar(?:ch|ts|s|zo|ço|ca|zec)?|mä?rz|maart|ap[rv](?:il(?:e|is)?)?|"
    r"abr(?:il)?|ma[yji]o?|mag(?:gio)?|maio|ju[nl][eiy]?|juni[oi]?|juli[oi]?|giugno|luglio|junho|julho|juin|juillet|aug(?:ust(?:us)?|usti)?|"
    r"ago(?:sto)?|ao[uû]t|sep(?:t(?:ember|embre|iembre)?)?|set(?:embro|tembre)?|o[kc]t(?:ober|obre|ubre)?|okt(?:ober)?|ott(?:obre)?|"
    r"out(?:ubro)?|nov(?:ember|embre|iembre|embro)?|de[czs](?:ember|embre|iembre|embro)?|dic(?:iembre|embre)?|\w{3,9}kuuta|"
    r"stycznia|lutego|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia"
)
_UNIT = re.compile(
    r"[.,]\d{1,3}(?!\d)|:\d\d|[ \u00a0]?(?:[%°€$£]|(?i:eur|euros?|usd|gbp|pounds?|dkk|sek|nok|pln|kr|kroner|kronor|zł|złot\w{1,3}|chf|"
    r"k?wh|kw|m[²³23]|gb|mb|kb|km|cm|mm|kg|stk|stück|stuks?|pcs|pieces|pièces|pezzi|unidades|sztuk\w?|kpl)\b)"
)
# After few figures only: "12345 min kunde" is no time, "45 min" is one.
_COUNTED = re.compile(
    r"[ \u00a0]?(?i:m|g|l|h|x|am|pm|liter|uhr|min\w{0,5}|sek(?:und\w{0,4})?|days?|dage?|dager|tage?n?|dagar|dagen|jours?|días?|giorni|dias?|dni|"
    r"hours?|timer|timmar|stunden|heures?|horas?|ore|weeks?|uger|uker|veckor|wochen|weken|months?|måneder|månader|monaten?|maanden|mois|"
    r"meses|mesi|years?|år|jahren?|jaar|ans|años|anni|anos|lat|items?|times|gange?|ganger|gånger|st|people|persons?|users?|{months})\b(?!['’])".replace(
        "{months}", _MONTHS
    )
)
_FEW = re.compile(r"(?<![^\W_])\d{1,4}\Z")
_BEFORE = re.compile(
    r"(?:[€$£]|(?<![^\W\d_])(?:(?i:eur|usd|gbp|dkk|sek|nok|pln|chf)|[Kk]r\.?))\s?\Z"
)
_CAPITALS = r"[A-ZÆØÅÄÖÜ]"
_CAPITALS_BEFORE = re.compile(
    rf"(?<![\w.])(?P<word>{_CAPITALS}{{1,4}}(?:-{_CAPITALS}{{1,3}})?)[ ]\Z"
)
_GROUP = re.compile(
    r"[ \u00a0\u202f](?P<group>(?=[A-Z]{0,4}\d|[A-Z]{1,4}\b)[A-Z0-9]{1,20}(?:[-\u2010-\u2013/.][A-Z0-9]{1,20}){0,4})(?![\w@]|\.[a-z]{2,4}(?!\w))"
)
_WORD_IN_SMALL = re.compile(r"[a-zæøåäöü°º][.:]?[ ]\Z")
_FIGURE_NEXT = re.compile(r"[ ]\d{1,5}/\d\d(?!\d)")
_LOWER_NEXT = re.compile(r"[ ](?![A-Z]{1,3}(?:\d|\b))[^\W\d_]")
_LOCATOR = re.compile(r"(?=[A-Z]*\d[A-Z]*\Z)[A-Z\d]{6}")
_ROUND = re.compile(r"\d{1,4}00")
_WORD_NEXT = re.compile(r"[ ](?P<word>[^\W\d_]{2,40})")
_SINGLE = frozenset("BCDFGHJKLMNPQRSTVWXYZ")
_MOST_GROUPS = 10
_FEWEST_OF_NEIGHBORS = 4
_LETTERS_OF_A_TOWN = 2
_YEAR_TO_YEAR = len("2019/20")
_MONTHS_OF_YEAR = 12
_MOST_YEARS = 15
_FEWEST_BEFORE_YEAR = 3


@dataclass(frozen=True)
class NumberShape:
    """A number as it stands in a text, half open.

    Attributes:
        starts: where it may begin, the furthest first: capitals before it may belong to it.
    """

    written: str
    start: int
    end: int
    starts: tuple[int, ...]
    is_followed_by_unit: bool

    @cached_property
    def key(self) -> str:
        """The number without blanks, signs and case."""
        return "".join(filter(str.isalnum, self.written)).lower()

    @cached_property
    def digits(self) -> int:
        """How many figures it has."""
        return sum(map(str.isdigit, self.written))

    @property
    def length(self) -> int:
        """How many letters and figures it has."""
        return len(self.key)

    @property
    def parted(self) -> bool:
        """Whether something stands between its letters and figures."""
        return len(self.written) > len(self.key)

    @cached_property
    def is_year(self) -> bool:
        """Whether it may be a year, or some in a row: `2024/77` is none."""
        if _YEAR.fullmatch(self.written) is None:
            return False
        until = int(self.written[-2:])
        return len(self.written) != _YEAR_TO_YEAR or (
            until <= _MONTHS_OF_YEAR or 0 <= until - int(self.written[2:4]) <= _MOST_YEARS
        )

    @cached_property
    def is_day(self) -> bool:
        """Whether it may be a day."""
        return _DAY.fullmatch(self.written) is not None

    @cached_property
    def is_amount(self) -> bool:
        """Whether it may be an amount of money."""
        return _AMOUNT.fullmatch(self.written) is not None

    @cached_property
    def may_count(self) -> bool:
        """Whether it may be how many, how much or when: `22.000`, `18 45`, `300m`."""
        return _AN_AMOUNT_OR_TIME.fullmatch(self.written) is not None

    def counts_things(self, text: str) -> bool:
        """Return whether it is round, and a word follows of which it may be the count."""
        following = _WORD_NEXT.match(text, self.end) if _ROUND.fullmatch(self.written) else None
        return (
            following is not None
            and following["word"].islower()
            and meaning_of(following["word"]).role is not WordRole.LINK
        )

    @cached_property
    def is_file(self) -> bool:
        """Whether it is the name of a file."""
        return _FILE_END.search(self.written) is not None

    @cached_property
    def is_round(self) -> bool:
        """Whether it may be a rough count or amount: `25000`."""
        return _ROUND.fullmatch(self.written) is not None

    @cached_property
    def is_locator(self) -> bool:
        """Whether a booking is called so: six capitals, one of them a figure."""
        return _LOCATOR.fullmatch(self.written) is not None

    @cached_property
    def is_code(self) -> bool:
        """Whether only numbers of records are written so: `LC-2023-4418`, `0044129`."""
        return not self.is_norm and _CODE.fullmatch(self.written) is not None

    @cached_property
    def is_norm(self) -> bool:
        """Whether it is a norm's or a method's: `ISO-27001`, `SHA-256`, `windows-1252`."""
        return _NORM.fullmatch(self.written) is not None

    def has_initials(self, text: str) -> bool:
        """Return whether it begins as the word before it does: `Quote Q-5519`, `tilbud TI-5519`."""
        own = _INITIALS.fullmatch(self.written)
        if own is None:
            return False
        before = _WORD_BEFORE.search(text, max(0, self.start - 42), self.start)
        return before is not None and before["word"].upper().startswith(own["letters"])

    def is_next_to(self, other: "NumberShape") -> bool:
        """Return whether the two may have been given out one after the other: `10442`, `10443`."""
        return (
            self.pattern == other.pattern
            and self.digits >= _FEWEST_OF_NEIGHBORS
            and self.key[:-2] == other.key[:-2]
            and not self.is_year
            and not self.is_round
        )

    @cached_property
    def pattern(self) -> str:
        """How it is written: its letters, with a zero for each figure."""
        return "".join("0" if one.isdigit() else one for one in self.written)

    def from_start(self, text: str, start: int) -> "NumberShape":
        """Return it with another start."""
        if start == self.start:
            return self
        return NumberShape(
            text[start : self.end], start, self.end, (start,), self.is_followed_by_unit
        )


def shapes(text: str) -> Iterator[NumberShape]:
    """Yield the numbers of at least two figures that a text has, in order, each once."""
    done = 0
    for token in _TOKEN.finditer(text):
        if token.start() < done or not _counts(token.group()):
            continue
        shape = shape_at(text, token.start(), token.end())
        if shape is not None and not _BEFORE.search(text, max(0, shape.start - 6), shape.start):
            done = shape.end
            yield shape


def shape_at(text: str, start: int, end: int) -> NumberShape | None:
    """Return the number from `start` on, whose first group ends at `end`."""
    ends = [end]
    while len(ends) < _MOST_GROUPS and (group := _GROUP.match(text, ends[-1])) is not None:
        if not _goes_on(text, start, group):
            break
        ends.append(group.end())
    while len(ends) > 1 and _is_measured(text, ends[-1]):
        ends.pop()
    end = ends[-1]
    if sum(map(str.isdigit, text[start:end])) < 2 and not _LOCATOR.fullmatch(text, start, end):
        return None
    return NumberShape(text[start:end], start, end, _starts(text, start), _is_measured(text, end))


def _is_measured(text: str, end: int) -> bool:
    """Return whether a unit follows."""
    if _UNIT.match(text, end):
        return True
    return _FEW.search(text, max(0, end - 5), end) is not None and bool(_COUNTED.match(text, end))


def _goes_on(text: str, start: int, group: re.Match[str]) -> bool:
    said = group["group"]
    if said.isalpha():
        return (
            _is_no_word(said)
            or said in _SINGLE
            or _FIGURE_NEXT.match(text, group.end()) is not None
        )
    if _DAY.match(text, group.start("group")):
        return False
    if _YEAR.fullmatch(said) and group.start() - start < _FEWEST_BEFORE_YEAR:
        return False
    return len(said) > 1 or not _LOWER_NEXT.match(text, group.end())


def _starts(text: str, start: int) -> tuple[int, ...]:
    starts = [start]
    while len(starts) < 3 and (
        before := _CAPITALS_BEFORE.search(text, max(0, starts[0] - 11), starts[0])
    ):
        if not (_is_no_word(before["word"]) or _are_lone_capitals(text, before)):
            break
        starts.insert(0, before.start())
    return tuple(starts)


def _is_no_word(capitals: str) -> bool:
    """Return whether capitals beside a number may be a part of it."""
    role = meaning_of(capitals).role
    return role is WordRole.OTHER or (
        role is WordRole.PUBLIC and len(capitals) == _LETTERS_OF_A_TOWN
    )


def _are_lone_capitals(text: str, before: re.Match[str]) -> bool:
    """Return whether capitals are a word elsewhere, but the one before has none: `nr HA 55-120`, `INV 2024 01`."""
    capitals, role = before["word"], meaning_of(before["word"]).role
    return (
        (role is WordRole.RECORD or (role is WordRole.LINK and len(capitals) <= _LETTERS_OF_A_TOWN))
        and capitals != "I"
        and _WORD_IN_SMALL.search(text, max(0, before.start() - 24), before.start()) is not None
    )


def _counts(token: str) -> bool:
    return any(map(str.isdigit, token))
