"""Keeps other people's data out of one person's bundle (Art. 15(4)), and counts where."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from email import policy
from email.header import Header, decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from functools import partial
from typing import Final

from lacuna.bundle.values import map_texts, texts_in
from lacuna.errors import RedactionFailed
from lacuna.model.datamap import ObjectFormat
from lacuna.model.identity import Identifier
from lacuna.ports import OthersCover, Passage
from lacuna.treatment import JSON, FileText, format_of, text_file

_HEADERS_OF_FORM: Final = frozenset(
    {"content-type", "content-transfer-encoding", "content-disposition", "mime-version"}
)


_NUMBER: Final = re.compile(r"[+\d\s()./-]{7,}")

_PSEUDONYM: Final = re.compile(r"agent-\d+")
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
# Of `id`, `agent_id`, `agentId`: a number that the platform knows somebody by.
_KEY: Final = frozenset({"id", "key"})

OTHERS: Final = "others_covered"
STAFF: Final = "employees_replaced"


@dataclass(frozen=True)
class CoverableText:
    """A text and how to read it."""

    text: str = field(repr=False)
    media_type: str
    language: str | None


@dataclass(frozen=True)
class Covered:
    """A text without other people's identifiers, and in how many places it had some."""

    text: str = field(repr=False)
    places: int


class Pseudonyms:
    """Gives every agent one name in the bundle: `agent-1`, `agent-2` and so on.

    The numbers are those of this request alone, and the same when it is tried again. A value
    that the person holds too stays, and so does a single word: it cannot be told whose it is.
    """

    def __init__(
        self, agents: Sequence[tuple[str, ...]], own: Iterable[str], request_id: str
    ) -> None:
        """Know the agents by their values; `own` are values of the person."""
        kept = {_folded(value) for value in own}

        def shuffled(values: tuple[str, ...]) -> bytes:
            return hashlib.sha256(repr((request_id, values)).encode()).digest()

        self._number_of = {
            folded: number
            for number, values in enumerate(sorted(agents, key=shuffled), start=1)
            for value in values
            if (folded := _folded(value)) not in kept and _is_telling(folded)
        }

    def find(self, value: str) -> str | None:
        """Return the pseudonym of a value that is an agent's as a whole, else None."""
        number = self._number_of.get(_folded(value))
        return None if number is None else f"agent-{number}"


def _stem(name: str) -> str:
    """Return the name of a member without its last word.

    >>> _stem("sent_by_id"), _stem("agentName"), _stem("id")
    ('sent by', 'agent', '')
    """
    return " ".join(_words(name)[:-1])


def _words(name: str) -> list[str]:
    return _BETWEEN_WORDS.sub(" ", name).casefold().split()


def _folded(value: str) -> str:
    if _NUMBER.fullmatch(value):
        return "".join(character for character in value if character.isdigit())
    return " ".join(value.casefold().split())


def _is_telling(folded: str) -> bool:
    """Whether a value stands for one person: a full name, an address, a number, a login in parts."""
    return any(character in " @._" or character.isdigit() for character in folded)


class TextCover:
    """Covers other people's identifiers in the texts of one bundle."""

    def __init__(
        self,
        cover: OthersCover,
        pseudonyms: Pseudonyms,
        allowed: frozenset[Identifier],
        covers_of_columns: Sequence[tuple[str, OthersCover]] = (),
    ) -> None:
        """Use `cover`, and outside free text others too; the person's own, `allowed`, stay.

        Args:
            covers_of_columns: each with the reason that the bundle gives.
        """
        self._cover = cover
        self._covers_of_columns = covers_of_columns
        self._pseudonyms = pseudonyms
        self._allowed = allowed

    def values(
        self,
        values: Sequence[object],
        languages: Sequence[str | None],
        media_type: str,
        *,
        is_free: bool = True,
    ) -> tuple[list[object], Counter[str]]:
        """Return the values of a column as the bundle shows them, and places by reason.

        Args:
            is_free: whether it is free text, which the person has read.

        Raises:
            RedactionFailed: a text could not be searched.
        """
        places: Counter[str] = Counter()
        covered = self._cover_all(
            (
                CoverableText(text, media_type, language)
                for value, language in zip(values, languages, strict=True)
                for text in texts_in(value)
            ),
            self._cover,
        )
        further: list[tuple[str, Mapping[CoverableText, Covered]]] = []
        left = [one.text for one in covered.values()]
        for reason, cover in () if is_free else self._covers_of_columns:
            found = self._cover_all((CoverableText(one, media_type, None) for one in left), cover)
            further.append((reason, found))
            left = [found[CoverableText(one, media_type, None)].text for one in left]

        def change(text: str, language: str | None) -> str:
            if (pseudonym := self._pseudonyms.find(text)) is not None:
                places[STAFF] += 1
                return pseudonym
            result = covered[CoverableText(text, media_type, language)]
            places[OTHERS] += result.places
            for reason, found in further:
                result = found[CoverableText(result.text, media_type, None)]
                places[reason] += result.places
            return result.text

        changed = [
            map_texts(value, partial(change, language=language))
            for value, language in zip(values, languages, strict=True)
        ]
        return [self._without_keys(value, places) for value in changed], +places

    def _without_keys(self, value: object, places: Counter[str]) -> object:
        """Return a document in which no agent's key stands beside the name that replaced theirs."""
        if isinstance(value, list):
            return [self._without_keys(each, places) for each in value]
        if not isinstance(value, dict):
            return value
        whose = {
            stem: each
            for name, each in value.items()
            if isinstance(each, str) and _PSEUDONYM.fullmatch(each)
            for stem in (" ".join(_words(name)), _stem(name))
        }
        result: dict[str, object] = {}
        for name, each in value.items():
            is_key = isinstance(each, int | str) and not _KEY.isdisjoint(_words(name)[-1:])
            pseudonym = whose.get(_stem(name)) if is_key else None
            if pseudonym is not None and pseudonym != each:
                places[STAFF] += 1
                result[name] = pseudonym
            else:
                result[name] = self._without_keys(each, places)
        return result

    def text(self, text: str, media_type: str = "text/plain") -> Covered:
        """Return a text with other people covered; staff stay in it.

        Raises:
            RedactionFailed: the text could not be searched.
        """
        wanted = CoverableText(text, media_type, None)
        return self._cover_all([wanted], self._cover)[wanted]

    def _cover_all(
        self, texts: Iterable[CoverableText], cover: OthersCover
    ) -> Mapping[CoverableText, Covered]:
        """Return every text as it is covered; each distinct one is looked at once."""
        wanted = list(dict.fromkeys(texts))
        passages = [
            Passage(
                text=each.text,
                media_type=each.media_type,
                language=each.language,
                allowed=self._allowed,
            )
            for each in wanted
        ]
        return {
            text: Covered(result.text, len(result.spans))
            for text, result in zip(wanted, cover(passages), strict=True)
        }


@dataclass(frozen=True)
class ObjectCopy:
    """An object as the bundle shows it.

    Attributes:
        redactions: places covered in it.
    """

    content: bytes = field(repr=False)
    redactions: int


def cover_object(content: bytes, form: ObjectFormat, cover: TextCover) -> ObjectCopy:
    """Return a copy of an object in which other people's identifiers are covered.

    An object in which there are none is returned byte for byte. Inside objects that are neither
    text nor mail nothing is looked for.

    Raises:
        RedactionFailed: the object could not be read or searched.
    """
    match form:
        case ObjectFormat.DETECT:
            found = text_file(content)
            is_of = format_of(content)
            if found is None or is_of is not ObjectFormat.TEXT:
                return cover_object(content, is_of, cover)
            return _cover_file(content, found, cover)
        case ObjectFormat.TEXT:
            return _cover_text(content, cover)
        case ObjectFormat.MAIL:
            return _cover_mail(content, cover)
        case ObjectFormat.BINARY:
            return ObjectCopy(content, 0)
        case ObjectFormat.PARQUET:
            raise RedactionFailed("a Parquet file contains rows of many people; it is not copied")


def _cover_text(content: bytes, cover: TextCover) -> ObjectCopy:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    is_html = text.lstrip()[:200].lower().startswith(("<!doctype html", "<html", "<div", "<p"))
    covered = cover.text(text, "text/html" if is_html else "text/plain")
    if not covered.places:
        return ObjectCopy(content, 0)
    return ObjectCopy(covered.text.encode("utf-8"), covered.places)


def _cover_file(content: bytes, found: FileText, cover: TextCover) -> ObjectCopy:
    covered = cover.text(found.text, "text/plain" if found.media_type == JSON else found.media_type)
    return ObjectCopy(found.encoded(covered.text) if covered.places else content, covered.places)


def _cover_mail(content: bytes, cover: TextCover) -> ObjectCopy:
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(content)
        places = sum(_cover_part(part, message, cover) for part in message.walk())
        return ObjectCopy(message.as_bytes() if places else content, places)
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError) as error:
        # The mail of strangers is often broken, and the parser raises whatever it meets.
        raise RedactionFailed(
            f"1 raw message could not be searched for other people's data ({type(error).__name__})"
        ) from None


def _cover_part(part: Message, message: Message, cover: TextCover) -> int:
    places = _cover_headers(part, cover) + _cover_file_name(part, cover)
    if part.is_multipart() or part.get_content_maintype() != "text":
        return places
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        raise TypeError("a text part without content")
    covered = cover.text(payload.decode(part.get_content_charset("utf-8")), part.get_content_type())
    if covered.places:
        is_versioned = "MIME-Version" in part
        del part["Content-Transfer-Encoding"]
        part.set_payload(covered.text, charset="utf-8")
        if not is_versioned and part is not message:
            del part["MIME-Version"]  # set_payload adds one, which only the whole message needs
    return places + covered.places


def _cover_headers(part: Message, cover: TextCover) -> int:
    places = 0
    headers: list[tuple[str, str]] = []
    for name, raw in part.items():
        value = str(raw)
        if name.lower() not in _HEADERS_OF_FORM:
            covered = cover.text(str(make_header(decode_header(value))))
            if covered.places:
                places += covered.places
                value = Header(" ".join(covered.text.split()), "utf-8").encode()
        headers.append((name, value))
    if places:
        for name, _ in headers:
            del part[name]
        for name, value in headers:
            part[name] = value
    return places


def _cover_file_name(part: Message, cover: TextCover) -> int:
    name = part.get_filename()
    if name is None:
        return 0
    places = cover.text(name).places
    if places:
        for header, parameter in (("Content-Disposition", "filename"), ("Content-Type", "name")):
            if part.get_param(parameter, header=header) is not None:
                part.set_param(parameter, "attachment", header=header)
    return places
