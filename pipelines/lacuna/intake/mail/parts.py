"""Parts of a mail's text: what its author wrote, what they quoted, what they handed on."""

import re
from dataclasses import dataclass, field
from typing import Final

from lacuna.intake.mail.addresses import addresses_in
from lacuna.intake.mail_words import one_of
from lacuna.model.mail import Forwarded

_FROM: Final = one_of("senders")
_SUBJECT: Final = one_of("subjects")
_HEADER: Final = re.compile(
    rf"\W*({_FROM}|{_SUBJECT}|{one_of('headers')})\s?\W{{0,3}}:\W{{0,3}}(.*)", re.I
)
_IS_FROM: Final = re.compile(_FROM, re.I)
_IS_SUBJECT: Final = re.compile(_SUBJECT, re.I)
_HANDED_ON: Final = re.compile(one_of("handed_on"), re.I)
_ANSWERED: Final = re.compile(one_of("answered"), re.I)
_WROTE: Final = re.compile(rf"({one_of('wrote')})\s?(.{{0,120}}):\s*$", re.I)
_OPENS: Final = re.compile(rf"({one_of('opens')})\b.*\d", re.I)
_PREFIX: Final = re.compile(rf"\s*({one_of('forwards')})\s?:", re.I)
_LONGEST_LINE: Final = 2_000
_LONGEST_TEXT: Final = 20_000
_MOST_SENTENCES: Final = 1_500
_SENTENCE_ENDS: Final = "\n.!?;:"


@dataclass(frozen=True)
class Block:
    """A text, and what is quoted in it.

    Attributes:
        hidden: what of it nobody sees who looks at it.
        is_cut: whether it is not sure that all is known that is hidden.
    """

    own: str = field(repr=False)
    quoted: str = field(repr=False, default="")
    hidden: str = field(repr=False, default="")
    is_cut: bool = False


@dataclass
class _Split:
    own: list[str] = field(default_factory=list)
    quoted: list[str] = field(default_factory=list)
    handed_on: list[list[str]] = field(default_factory=list)


def is_long(text: str) -> bool:
    """Whether a text is longer than what is read for rights and names, or of more sentences.

    What a person writes to a company stays far below that; each sentence is compared with the words
    of twelve languages.
    """
    return (
        len(text) > _LONGEST_TEXT
        or sum(text.count(character) for character in _SENTENCE_ENDS) > _MOST_SENTENCES
    )


def _is_handed_on(subject: str) -> bool:
    """Whether a subject says that the mail hands another one on.

    >>> _is_handed_on("Fwd: my data"), _is_handed_on("Forwarding address")
    (True, False)
    """
    return _PREFIX.match(subject) is not None


def split(subject: str, block: Block) -> tuple[Block, tuple[Forwarded, ...]]:
    """Return a text without what was quoted or handed on in it, and what was handed on."""
    result = _Split(quoted=[block.quoted] if block.quoted.strip() else [])
    lines = block.own.split("\n")
    into = result.own
    position = 0
    while position < len(lines):
        whole = lines[position].strip()
        line = whole[:_LONGEST_LINE]  # what shows a quote stands at its beginning
        if line.startswith(">"):
            result.quoted.append(whole.lstrip("> "))
        elif _is_rule(line) and _ANSWERED.search(line) and not _is_handed_on(subject):
            into = result.quoted
        elif _is_rule(line) and (_HANDED_ON.search(line) or _ANSWERED.search(line)):
            result.handed_on.append([])
            into = result.handed_on[-1]
        elif into is result.own and _headers_from(lines, position):
            into = result.quoted
            if _is_handed_on(subject):
                result.handed_on.append([])
                into = result.handed_on[-1]
            into.append(whole)
        elif into is result.own and _introduces_quote(lines, position):
            result.quoted.append(whole)
        else:
            into.append(whole)
        position += 1
    forwarded = tuple(_forwarded(each) for each in result.handed_on)
    return Block(_joined(result.own), _joined(result.quoted)), forwarded


def _is_rule(line: str) -> bool:
    """Whether a line separates: dashes around words, or the words that mail programs use."""
    return line.startswith(("--", "__", "==", "—")) or line.endswith(":")


def _headers_from(lines: list[str], position: int) -> bool:
    """Whether a block of mail headers begins here: a From line and two more within six."""
    first = _HEADER.fullmatch(lines[position][:_LONGEST_LINE].strip())
    if first is None or not _IS_FROM.fullmatch(first[1]):
        return False
    following = [line[:_LONGEST_LINE].strip() for line in lines[position + 1 : position + 7]]
    return sum(_HEADER.fullmatch(line) is not None for line in following) >= 2


def _introduces_quote(lines: list[str], position: int) -> bool:
    """Whether a line says who wrote what follows; it may go on on the next line."""
    line = lines[position][:_LONGEST_LINE].strip()
    following = lines[position + 1][:_LONGEST_LINE].strip() if position + 1 < len(lines) else ""
    if _WROTE.search(line):
        return True
    return bool(_OPENS.match(line) and following and _WROTE.search(f"{line} {following}"))


def _forwarded(lines: list[str]) -> Forwarded:
    senders: tuple[str, ...] = ()
    subject = ""
    body: list[str] = []
    is_header = True
    for line in lines:
        found = _HEADER.fullmatch(line[:_LONGEST_LINE]) if is_header else None
        if found is not None:
            if _IS_FROM.fullmatch(found[1]) and not senders:
                senders = addresses_in(found[2])
            elif _IS_SUBJECT.fullmatch(found[1]):
                subject = found[2]
        elif line or body:
            is_header = False
            body.append(line)
    return Forwarded(senders, subject, _joined(body))


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
