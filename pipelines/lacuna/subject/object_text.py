"""The text inside an object, to search it for people: mail, plain text, Parquet."""

import email
import email.policy
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from email.header import decode_header, make_header
from email.message import Message
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from lacuna.model.datamap import ObjectFormat
from lacuna.treatment import format_of, text_file

_LONGEST_HEADER: Final = 2_000  # characters; the parser's time grows with their square
_ENCODED_WORDS: Final = re.compile(
    r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,1000}\?=(?:\s{1,9}=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,1000}\?=)*"
)


class UnreadableObject(Exception):
    """An object is not what its pattern says. Whoever knows its place says so."""


def texts_in(content: bytes, kind: ObjectFormat) -> Iterator[tuple[str, str]]:
    """Yield `(media type, text)` for every text in an object; nothing of what is no text.

    Raises:
        UnreadableObject: the object is not of this format.
    """
    match kind:
        case ObjectFormat.BINARY:
            return
        case ObjectFormat.DETECT:
            if (is_of := format_of(content)) is not ObjectFormat.TEXT:
                yield from texts_in(content, is_of)
            elif (found := text_file(content)) is not None:
                yield found.media_type, found.text
        case ObjectFormat.TEXT:
            yield "text/plain", content.decode("utf-8", "replace")
        case ObjectFormat.MAIL:
            yield from _texts_in_mail(content)
        case ObjectFormat.PARQUET:
            try:
                columns = _columns_of(content)
            except pa.ArrowException:
                raise UnreadableObject from None
            for column in columns:
                for value in _strings_in(column):
                    yield "text/plain", value


def _texts_in_mail(content: bytes) -> Iterator[tuple[str, str]]:
    # The whole as it stands, for what a parser might pass over.
    yield "text/plain", content.decode("utf-8", "replace")
    for part in _parts_of(content):
        for name, raw in part.raw_items():
            yield "text/plain", f"{name}: {_header(name, str(raw))}"
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield part.get_content_type(), _decoded(payload, part)


def _parts_of(content: bytes) -> list[Message]:
    """Return a mail's parts; none of one that is nested too deep to be taken apart."""
    try:
        return list(email.message_from_bytes(content, policy=email.policy.compat32).walk())
    except RecursionError:
        return []


def _decoded(payload: bytes, part: Message) -> str:
    # Whoever sent the mail chose the name of the character set.
    with suppress(LookupError, ValueError):
        return payload.decode(part.get_content_charset("utf-8"), "replace")
    return payload.decode("utf-8", "replace")


def _header(name: str, raw: str) -> str:
    """Return the text of a header; most have it in the clear, and need not be taken apart."""
    if raw.isascii() and "=?" not in raw and "\n" not in raw:
        return raw
    if len(raw) <= _LONGEST_HEADER:
        # Of what strangers write, the parser raises whatever it meets.
        with suppress(ValueError, LookupError, AttributeError, TypeError, RecursionError):
            return str(email.policy.default.header_fetch_parse(name, raw))
    return _ENCODED_WORDS.sub(_in_the_clear, raw)


def _in_the_clear(words: re.Match[str]) -> str:
    with suppress(ValueError, LookupError):
        return str(make_header(decode_header(words[0])))
    return words[0]


def _columns_of(content: bytes) -> list[pa.ChunkedArray]:
    """Return a Parquet file's columns, text as the dictionaries that it is stored in."""
    schema = pq.read_schema(io.BytesIO(content))
    texts = [each.name for each in schema if _is_text(each.type)]
    return list(pq.read_table(io.BytesIO(content), read_dictionary=texts).columns)


def _is_text(kind: pa.DataType) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(inner) or pa.types.is_binary(inner))


def _strings_in(column: pa.ChunkedArray) -> Iterator[str]:
    """Yield the strings of a Parquet column, lists and structures included.

    Of a dictionary every entry counts: one that no row holds any more is in the file still.
    """
    for chunk in column.chunks:
        values = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
        for value in values.to_pylist():
            yield from _strings(value)


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bytes():
            yield value.decode("utf-8", "replace")
        case dict():
            for inner in value.values():
                yield from _strings(inner)
        # The entries of a map are pairs.
        case list() | tuple():
            for inner in value:
                yield from _strings(inner)
        case _:
            return
