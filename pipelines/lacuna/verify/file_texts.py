"""The texts in a file or a blob: mail, Parquet, packed files, plain text, and anything else."""

import base64
import email
import hashlib
import io
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from email.message import Message
from email.policy import compat32
from typing import Final, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lacuna.model.datamap import ObjectFormat
from lacuna.ports import SEALED_FORM
from lacuna.verify.pdf_subprocess import read_pdf
from lacuna.verify.raw_bytes import (
    UnpackingLimit,
    UnsearchableError,
    is_packed,
    is_wide,
    strings_in_bytes,
    texts_in_bytes,
    unpacked,
)

PARQUET: Final = b"PAR1"
_AGE: Final = b"age-encryption.org/"
# Sound, pictures, films and documents whose text is not searched.
_KNOWN_BINARY: Final = re.compile(
    rb"RIFF|\x89PNG|\xff\xd8\xff|GIF8|BM|OggS|ID3|fLaC|\xff[\xf2\xf3\xfa\xfb]|....ftyp|%PDF|"
    rb"\xd0\xcf\x11\xe0|\x1aE\xdf\xa3|"
    # SQLite: the database, its write-ahead log, and the index of that.
    rb"SQLite format 3\0|\x37\x7f\x06[\x82\x83]|\x18\xe2\x2d\0|\0\x2d\xe2\x18",
    re.DOTALL,
)
_PDF: Final = b"%PDF-"
_PDF_BEGINS_WITHIN: Final = 1024  # bytes: readers take a file with something before its head
_BASE64_OF_PDF: Final = "JVBERi0"
# In lines, and as JSON writes it.
_PDF_IN_BASE64: Final = re.compile(_BASE64_OF_PDF + r"(?:[A-Za-z0-9+/\s]|\\[rn/])*")
_NO_BASE64: Final = re.compile(r"\\[rn]?|\s")
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_SIGNATURE: Final = 16  # bytes
_HEADER: Final = re.compile(
    rb"(?:^|\n)(?:from|to|subject|date|message-id|mime-version|received|return-path|content-type|"
    rb"content-transfer-encoding)[ \t]*:",
    re.IGNORECASE,
)
_HEAD: Final = 8192
_FEWEST_HEADERS: Final = 2
_DEEPEST: Final = 4
_NOTHING_PACKED: Final = 64  # bytes, as a key has: too few to hold a value other than in clear
_LONG: Final = 200  # characters of a text of which a digest is kept, not the text
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1f]")

ENCRYPTED: Final = "encrypted for their recipients"
SEALED: Final = "encrypted with the key of a request"
BYTES_ONLY: Final = "searched as bytes only"
NOT_SEARCHABLE: Final = "not searchable"

_Array: TypeAlias = pa.Array


class Text(NamedTuple):
    """A text, or what looks like one among bytes: that is searched as it stands."""

    text: str
    is_raw: bool = False

    @property
    def identity(self) -> "Text | tuple[bytes, bool]":
        """What only an equal text has, and what is small."""
        if len(self.text) < _LONG:
            return self
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).digest(), self.is_raw


class FileReading:
    """The texts of one file or blob; what could not be searched is noted while they are read.

    Attributes:
        opaque: reasons why a part was not searched as text.
    """

    def __init__(
        self,
        content: bytes,
        kind: ObjectFormat | None = None,
        *,
        is_own: bool = False,
        limit: UnpackingLimit | None = None,
    ) -> None:
        """Read `content`, which is of `kind` according to the data map.

        Args:
            is_own: whether Lacuna wrote it, which keeps what belongs to a request encrypted.
            limit: what may still be unpacked of the file that `content` is a part of; None: it is
                a whole file.
        """
        self._content = content
        self._is_own = is_own
        self._kind = kind
        self._limit = limit or UnpackingLimit()
        self.opaque: set[str] = set()

    def texts(self) -> Iterator[Text]:
        """Yield every text, each once; `opaque` is complete after the last one."""
        seen = set()
        for text in self._texts_of(self._content, self._kind, 0):
            identity = text.identity
            if identity not in seen:
                seen.add(identity)
                yield text
        if self._limit.is_exceeded:
            # In a cell of a Parquet file, too.
            self.opaque.add(NOT_SEARCHABLE)

    def _texts_of(self, content: bytes, kind: ObjectFormat | None, depth: int) -> Iterator[Text]:
        try:
            for plain in unpacked(content, self._limit):
                yield from self._plain_texts(plain, kind, depth)
        except UnsearchableError:
            self.opaque.add(NOT_SEARCHABLE)
            yield Text(strings_in_bytes(content), is_raw=True)

    def _plain_texts(self, content: bytes, kind: ObjectFormat | None, depth: int) -> Iterator[Text]:
        if content.startswith(_AGE):
            self.opaque.add(ENCRYPTED)
        elif content.startswith(PARQUET):
            # Names, statistics and metadata stand in the clear.
            yield Text(strings_in_bytes(content), is_raw=True)
            yield from _parquet_texts(content, self._limit)
        elif is_packed(content):
            # The members come one by one; names and what was appended stand here.
            yield Text(strings_in_bytes(content), is_raw=True)
        elif content.startswith(_PDF):
            yield from self._pdf_texts(content, depth)
            if is_plain_text(content):
                yield from self._words(content, None, depth)
        elif _is_binary(content, kind):
            if _PDF in content[:_PDF_BEGINS_WITHIN]:
                yield from self._pdf_texts(content, depth)
            # What begins as a picture does may be a text all the same.
            if is_plain_text(rest := _after_signature(content)):
                yield from self._words(rest, None, depth)
            if len(content) > _NOTHING_PACKED:
                is_sealed = self._is_own and content.startswith(SEALED_FORM)
                self.opaque.add(SEALED if is_sealed else BYTES_ONLY)
            yield Text(strings_in_bytes(content), is_raw=True)
        else:
            if _PDF in content[:_PDF_BEGINS_WITHIN]:
                yield from self._pdf_texts(content, depth, is_certain=False)
            yield from self._words(content, kind, depth)

    def _words(self, content: bytes, kind: ObjectFormat | None, depth: int) -> Iterator[Text]:
        is_mail = kind is ObjectFormat.MAIL or _is_mail(content)
        # A mail is decoded part by part.
        yield from (Text(text, is_raw=is_mail) for text in texts_in_bytes(content))
        if is_mail:
            yield from self._mail_texts(content, depth)

    def _pdf_texts(self, content: bytes, depth: int, *, is_certain: bool = True) -> Iterator[Text]:
        """Yield the texts of a PDF; of what is certain to be none other, note that it cannot be read."""
        yield Text(strings_in_bytes(content), is_raw=True)
        if depth == _DEEPEST:
            self.opaque.add(NOT_SEARCHABLE)
            return
        try:
            found = read_pdf(content)
        except UnsearchableError:
            if is_certain:
                self.opaque.add(BYTES_ONLY)
            return
        yield from map(Text, found.texts)
        if found.has_pictures:
            self.opaque.add(BYTES_ONLY)
        for attached in found.attached:
            yield from self._texts_of(self._limit.count(attached), None, depth + 1)

    def _mail_texts(self, content: bytes, depth: int) -> Iterator[Text]:
        """Yield headers and parts of a mail, decoded by their own character sets."""
        if depth == _DEEPEST:
            self.opaque.add(NOT_SEARCHABLE)
            return
        parts = _parts_of(content)
        if not parts:
            self.opaque.add(NOT_SEARCHABLE)
        for part in parts:
            yield Text("\n".join(f"{name}: {value}" for name, value in part.items()))
            for aside in (part.preamble, part.epilogue):
                if aside:
                    yield Text(aside)
            payload = None if part.is_multipart() else part.get_payload(decode=True)
            if not isinstance(payload, bytes):
                continue
            is_text = part.get_content_maintype() == "text"
            if is_text:
                yield from map(Text, _decoded(payload, part))
            if not (is_text and _is_as_declared(payload, part)):
                yield from self._texts_of(payload, None, depth + 1)
                if is_text and _is_no_text(payload):
                    self.opaque.add(BYTES_ONLY)
        if not parts or any(part.defects for part in parts):
            # What its parts are cannot be relied on.
            yield from map(Text, texts_in_bytes(content))


def pdf_files_in(text: str) -> Iterator[FileReading]:
    """Yield the readings of PDF files that a text contains in base64, as a raw mail or a document does."""
    for found in _PDF_IN_BASE64.finditer(text) if _BASE64_OF_PDF in text else ():
        digits = _NO_BASE64.sub("", found[0])
        digits = digits[: len(digits) - (len(digits) % 4 == 1)]
        yield FileReading(base64.b64decode(digits + "=" * (-len(digits) % 4)))


def _is_binary(content: bytes, kind: ObjectFormat | None) -> bool:
    """Whether to search content as bytes: it says so, or is no text where none is due."""
    if _KNOWN_BINARY.match(content):
        # `BM` begins a picture, and a text about a car.
        return not is_plain_text(content)
    if kind in (ObjectFormat.TEXT, ObjectFormat.MAIL):
        return False
    head = content[:_HEAD]
    return _CONTROLS.search(head) is not None and not is_wide(head)


def is_plain_text(content: bytes) -> bool:
    """Whether content is text from one end to the other, in an encoding that its own bytes tell."""
    encodings = ("utf-16",) if content.startswith(_BYTE_ORDER_MARKS) else ("utf-8", "cp1252")
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return _CONTROLS.search(content.decode(encoding).encode()) is None
    return False


def _after_signature(content: bytes) -> bytes:
    """Return the bytes behind the control characters at the very beginning of content."""
    ends = [found.end() for found in _CONTROLS.finditer(content[:_LONGEST_SIGNATURE])]
    return content[ends[-1] if ends else 0 :]


def _is_no_text(payload: bytes) -> bool:
    """Whether a part that calls itself a text is something else, be it after a head of text."""
    if is_packed(payload) or is_wide(payload):
        return False
    return _CONTROLS.search(payload) is not None


def _is_mail(content: bytes) -> bool:
    head = content[:_HEAD]
    return sum(1 for _ in _HEADER.finditer(head)) >= _FEWEST_HEADERS


def _parts_of(content: bytes) -> list[Message]:
    """Return a mail's parts; none of one that is nested too deep to be taken apart."""
    try:
        return list(email.message_from_bytes(content, policy=compat32).walk())
    except RecursionError:
        return []


def _is_as_declared(payload: bytes, part: Message) -> bool:
    """Whether a part that calls itself a text is one, in the character set that it names."""
    if is_packed(payload):
        return False
    try:
        charset = part.get_content_charset("utf-8")
        text = payload.decode(charset)
        is_like_ascii = "a".encode(charset) == b"a"
    except (LookupError, ValueError):
        return False
    # Plain text that is said to be UTF-16 decodes to Chinese characters.
    return "\0" not in text and (is_like_ascii or _CONTROLS.search(payload) is not None)


def _decoded(payload: bytes, part: Message) -> Iterator[str]:
    """Yield a text by its own character set, and byte by byte where it does not keep to that."""
    try:
        charset = part.get_content_charset("utf-8")
        yield payload.decode(charset)
    except UnicodeDecodeError:
        yield payload.decode(charset, "replace")
        yield payload.decode("latin-1")
    except (LookupError, ValueError):
        # No character set has the name that the sender gave.
        yield payload.decode("latin-1")


# --- Parquet --------------------------------------------------------------------------------------


def _parquet_texts(content: bytes, limit: UnpackingLimit) -> Iterator[Text]:
    """Yield each value once, and each entry of a dictionary page, used or not."""
    try:
        file = pq.ParquetFile(io.BytesIO(content))
        leaves = (file.schema.column(number) for number in range(len(file.schema)))
        names = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
        for field in file.schema_arrow:
            yield from _field_texts(field, limit)
        # As a dictionary a column keeps the entries that no row holds any more.
        file = pq.ParquetFile(io.BytesIO(content), read_dictionary=names)
        for number in range(file.num_row_groups):
            for column in file.read_row_group(number).columns:
                for chunk in column.chunks:
                    yield from _array_texts(chunk, limit)
    except (pa.ArrowException, OSError) as error:
        raise UnsearchableError("a Parquet file cannot be read") from error


def _field_texts(field: pa.Field, limit: UnpackingLimit) -> Iterator[Text]:
    """Yield what is noted on a column and the columns within it: it stands in the file in base64."""
    for data in (each for pair in (field.metadata or {}).items() for each in pair):
        yield from FileReading(data, limit=limit).texts()
    for number in range(field.type.num_fields):
        yield from _field_texts(field.type.field(number), limit)


def _array_texts(array: _Array, limit: UnpackingLimit) -> Iterator[Text]:
    kind = array.type
    if pa.types.is_dictionary(kind):
        yield from _array_texts(array.dictionary, limit)
    elif pa.types.is_struct(kind):
        for field in array.flatten():
            yield from _array_texts(field, limit)
    elif pa.types.is_map(kind):
        yield from _array_texts(array.keys, limit)
        yield from _array_texts(array.items, limit)
    elif (
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    ):
        yield from _array_texts(array.flatten(), limit)
    elif isinstance(array, pa.ExtensionArray):
        yield from _array_texts(array.storage, limit)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield from (Text(text) for text in pc.unique(array).to_pylist() if text is not None)
    elif (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
    ):
        for data in pc.unique(array).to_pylist():
            if data is not None:
                yield from FileReading(data, limit=limit).texts()
    elif pa.types.is_integer(kind):
        yield from (
            Text(str(number)) for number in pc.unique(array).to_pylist() if number is not None
        )


def parquet_rows(
    content: bytes, links: Sequence[str]
) -> Iterator[tuple[frozenset[str], Sequence[str]]]:
    """Yield the rows of a Parquet file: the people that they lead to, and their texts.

    Args:
        links: columns that hold the key of a person.

    Raises:
        UnsearchableError: the file cannot be read.
    """
    try:
        table = pq.ParquetFile(io.BytesIO(content)).read()
        there = [name for name in links if name in table.column_names]
        for row in table.to_pylist():
            owners = frozenset(str(row[name]) for name in there if row[name] is not None)
            yield owners, [text for value in row.values() for text in _strings(value)]
    except (pa.ArrowException, OSError) as error:
        raise UnsearchableError("a Parquet file cannot be read") from error


def parquet_columns(
    content: bytes, links: Collection[str]
) -> Iterator[tuple[str, Sequence[tuple[frozenset[str], str]]]]:
    """Yield the columns of a Parquet file: each text with the people whom its row leads to.

    Args:
        links: columns that hold the key of a person.

    Raises:
        UnsearchableError: the file cannot be read.
    """
    try:
        table = pq.ParquetFile(io.BytesIO(content)).read()
        owners = [frozenset[str]()] * table.num_rows
        for name in set(links) & set(table.column_names):
            for row, key in enumerate(table.column(name).to_pylist()):
                owners[row] |= frozenset() if key is None else {str(key)}
        for name in table.column_names:
            cells = zip(owners, table.column(name).to_pylist(), strict=True)
            yield name, [(of, text) for of, value in cells for text in _strings(value)]
    except (pa.ArrowException, OSError) as error:
        raise UnsearchableError("a Parquet file cannot be read") from error


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bytes():
            yield from (text for text, _ in FileReading(value).texts())
        case dict():
            for name, inner in value.items():
                yield str(name)
                yield from _strings(inner)
        case list() | tuple():
            for inner in value:
                yield from _strings(inner)
        case int():
            yield str(value)
        case _:
            return
