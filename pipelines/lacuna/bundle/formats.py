"""The person's data in formats that other products read: e-mail, address card, subtitles.

Made from rows as the bundle shows them, so other people are covered in them already. Which
column is what in a letter or in a line that was spoken, the data map says (`form`); what goes
on an address card follows from the categories of the person's own row.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses
from html import escape
from itertools import groupby
from typing import Final

from lacuna.bundle.files import is_neutral
from lacuna.bundle.table_files import TableRecord, not_portable, portable, records
from lacuna.model.bundle import Article, BundleContent, JsonValue, TableContent
from lacuna.model.location import TableName
from lacuna.model.request import Level
from lacuna.model.table import Form, Table

_LONGEST_HEADER: Final = 900
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]+")
_LONGEST_LIST: Final = 10_000  # characters of a header with addresses
_ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}")
_COVERED_ADDRESS: Final = "covered@covered.invalid"  # never leads anywhere (RFC 2606)
_LINE: Final = 75  # bytes of a line of an address card (RFC 2426)


@dataclass(frozen=True)
class Made:
    """One file made from rows.

    Attributes:
        source: the table of the rows.
    """

    path: str
    article: Article
    source: str
    data: bytes = field(repr=False)


def made_files(content: BundleContent) -> Iterator[Made]:
    """Yield every file in a format of other products."""
    yield from _mails(content)
    yield from _cards(content)
    yield from _subtitles(content)


@dataclass(frozen=True)
class _Source:
    """A table as it goes into one folder of the bundle."""

    table: TableContent
    mapped: Table
    root: str

    @property
    def article(self) -> Article:
        """Under which article what is made of it is in the bundle."""
        return Article.BOTH if self.root == "portability" else Article.ACCESS

    def name(self, form: Form) -> str | None:
        """Return the column of a form, where it is shown here."""
        for column in self.mapped.columns:
            if column.form is form and column.name in self.table.columns:
                return column.name
        return None

    def place(self, folder: str, key: str, suffix: str, numbers: Counter[str]) -> str:
        """Return a path that says nothing about anybody and is used once."""
        stem = f"{self.root}/{folder}/{key if is_neutral(key) else 'file'}"
        numbers[stem] += 1
        number = "" if is_neutral(key) and numbers[stem] == 1 else f"-{numbers[stem]:04d}"
        return f"{stem}{number}{suffix}"


def _sources(
    content: BundleContent, name: TableName, essential: frozenset[str]
) -> Iterator[_Source]:
    """Yield a table for the portability subset if the essential columns are in it, and the rest."""
    for table in content.tables:
        if table.table != name:
            continue
        mapped, rest = content.datamap.tables[name], table
        if content.order.has_portability and essential <= table.portable:
            rest = not_portable(table)
            if (part := portable(table)).count:
                yield _Source(part, mapped, "portability")
        if content.order.has_access and essential <= set(table.columns) and rest.count:
            yield _Source(rest, mapped, "access")


def _essential(content: BundleContent, name: TableName, form: Form) -> frozenset[str]:
    return frozenset(
        column.name for column in content.datamap.tables[name].columns if column.form is form
    )


# --- e-mail ---------------------------------------------------------------------------------------


def _mails(content: BundleContent) -> Iterator[Made]:
    """Yield every message that has an address and no raw copy, as an Internet message."""
    levels = content.datamap.subject.levels
    if Level.MESSAGE not in levels:
        return  # letters are a contact's
    messages, conversations = levels[Level.MESSAGE], levels[Level.CONVERSATION]
    essential = _essential(content, messages, Form.MAIL_FROM)
    for source in _sources(content, messages, essential) if essential else ():
        yield from _letters(content, source, conversations)


def _letters(content: BundleContent, source: _Source, conversations: TableName) -> Iterator[Made]:
    link = next((one.column for one in source.mapped.links if one.table == conversations), None)
    subjects = _subjects(content, source.root)
    raw = [column.name for column in source.mapped.columns if column.object_store is not None]
    numbers: Counter[str] = Counter()
    for record in records(source.table):
        if any(str(record.get(name)).endswith(".eml") for name in raw):
            continue  # the letter itself is in the bundle
        sender = source.name(Form.MAIL_FROM)
        if sender is None or not _addresses(record.get(sender)):
            continue
        conversation = str(record.get(link or ""))
        folder = f"mail/{conversation}" if is_neutral(conversation) else "mail"
        key = str(record.get(source.mapped.key[-1]))
        yield Made(
            path=source.place(folder, key, ".eml", numbers),
            article=source.article,
            source=str(source.mapped.name),
            data=_letter(record, source, subjects.get(conversation, "")),
        )


def _subjects(content: BundleContent, root: str) -> Mapping[str, str]:
    """Return the subject of each conversation by its key."""
    name = content.datamap.subject.levels[Level.CONVERSATION]
    essential = _essential(content, name, Form.MAIL_SUBJECT)
    for table in content.tables:
        shown = portable(table) if root == "portability" else table
        if table.table == name and essential <= set(shown.columns):
            key = content.datamap.tables[name].key[-1]
            return {
                str(record.get(key)): subject
                for record in records(shown)
                for column in essential
                if isinstance(subject := record.get(column), str)
            }
    return {}


def _letter(record: TableRecord, source: _Source, subject: str) -> bytes:
    message = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit"))

    def value(form: Form) -> JsonValue:
        return record.get(source.name(form) or "")

    for form, header in (
        (Form.MAIL_FROM, "From"),
        (Form.MAIL_TO, "To"),
        (Form.MAIL_CC, "Cc"),
        (Form.MAIL_BCC, "Bcc"),
    ):
        if addresses := _addresses(value(form)):
            message[header] = addresses
    own = value(Form.MAIL_SUBJECT)
    message["Subject"] = _header(own if isinstance(own, str) else subject)
    written = value(Form.MAIL_DATE)
    if isinstance(written, str) and (moment := _moment(written)) is not None:
        message["Date"] = format_datetime(moment)
    if isinstance(identification := value(Form.MAIL_ID), str):
        token = re.sub(r"[^A-Za-z0-9.@_+=-]", "", identification)[:200]
        if token:
            message["Message-ID"] = f"<{token}>"
    text, html = value(Form.MAIL_TEXT), value(Form.MAIL_HTML)
    if isinstance(text, str):
        message.set_content(_body(text), cte="base64")
    if isinstance(html, str):
        if isinstance(text, str):
            message.add_alternative(_body(html), subtype="html", cte="base64")
            # Otherwise a matter of chance: the same rows give the same bytes.
            message.set_boundary(hashlib.sha256(f"{text}\0{html}".encode()).hexdigest()[:32])
        else:
            message.set_content(_body(html), subtype="html", cte="base64")
    if not message.is_multipart() and message.get_content_type() == "text/plain" and text is None:
        message.set_content("", cte="base64")
    return message.as_bytes()


def _body(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _header(text: str) -> str:
    return _CONTROLS.sub(" ", text).strip()[:_LONGEST_HEADER]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _addresses(value: JsonValue) -> list[Address]:
    """Return the people of a header; one whose address was covered has one that leads nowhere."""
    found: list[Address] = []
    for name, address in _mailboxes(value):
        if not _ADDRESS.fullmatch(address):
            name, address = name or address, _COVERED_ADDRESS
        try:
            found.append(Address(_header(name)[:200], addr_spec=address))
        except (ValueError, IndexError):  # what the parser of addresses raises for odd ones
            found.append(Address(_header(name)[:200], addr_spec=_COVERED_ADDRESS))
    return found


def _mailboxes(value: JsonValue) -> Iterator[tuple[str, str]]:
    """Yield names and addresses of a list, of documents with both, or of a header as it was written."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            if isinstance(address := each.get("email"), str):
                yield str(each.get("name") or ""), address.strip()
        elif isinstance(each, str):
            written = getaddresses([each]) if len(each) <= _LONGEST_LIST else []
            # Of what is no list of addresses, such as one with a placeholder, all is a name.
            is_list = bool(written) and all(address for _, address in written)
            yield from written if is_list else [("", each.strip())]


# --- address card ---------------------------------------------------------------------------------

_CARD: Final = (
    ("user.contact.email", "EMAIL"),
    ("user.contact.phone_number", "TEL"),
)


def _cards(content: BundleContent) -> Iterator[Made]:
    """Yield the person's own rows as one file of address cards (vCard 3.0, RFC 2426)."""
    name = content.datamap.subject.table
    mapped = content.datamap.tables[name]
    named = frozenset(one.name for one in mapped.columns if one.category.startswith("user.name"))
    for essential in (named, frozenset[str]()):
        sources = list(_sources(content, name, essential))
        for source in sources:
            cards = "".join(_card(record, source.mapped) for record in records(source.table))
            yield Made(
                f"{source.root}/contact.vcf", source.article, str(name), cards.encode("utf-8")
            )
        if sources:
            return


def _card(record: TableRecord, mapped: Table) -> str:
    of: dict[str, list[str]] = {}
    further: list[str] = []
    for column in mapped.columns:
        if column.name not in record:
            continue
        value = record[column.name]
        texts = [str(one) for one in (value if isinstance(value, list) else [value]) if one]
        if column.category == "user.name" and isinstance(value, list):
            further += texts
        else:
            of.setdefault(column.category, []).extend(texts)

    def first(category: str) -> str:
        return next(iter(of.get(category, ())), "")

    given, family = first("user.name.first"), first("user.name.last")
    whole = first("user.name") or " ".join(each for each in (given, *further, family) if each)
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"FN:{_escaped(whole)}",
        f"N:{_escaped(family)};{_escaped(given)};{','.join(map(_escaped, further))};;",
    ]
    for category, label in _CARD:
        lines += [f"{label}:{_escaped(text)}" for text in dict.fromkeys(of.get(category, ()))]
    city, country = first("user.contact.address.city"), first("user.contact.address.country")
    if city or country:
        lines.append(f"ADR:;;;{_escaped(city)};;;{_escaped(country)}")
    if number := first("user.unique_id"):
        lines.append(f"UID:{_escaped(number)}")
    return "".join(f"{_folded(line)}\r\n" for line in (*lines, "END:VCARD"))


def _escaped(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for character in "\\,;":
        text = text.replace(character, f"\\{character}")
    return _CONTROLS.sub(" ", text.replace("\n", "\\n"))


def _folded(line: str) -> str:
    """Return a line in pieces of at most 75 bytes, none of which cuts a character."""
    if line.isascii():
        starts = range(_LINE, len(line), _LINE - 1)  # a space goes before what follows
        return "\r\n ".join((line[:_LINE], *(line[at : at + _LINE - 1] for at in starts)))
    pieces: list[str] = []
    piece, length = "", 0
    for character in line:
        byte_count = len(character.encode())
        if length + byte_count > _LINE:
            pieces.append(piece)
            piece, length = "", 1  # the space that a line goes on with
        piece += character
        length += byte_count
    return "\r\n ".join((*pieces, piece))


# --- subtitles ------------------------------------------------------------------------------------


def _subtitles(content: BundleContent) -> Iterator[Made]:
    """Yield what was spoken, as one file of WebVTT a call."""
    for name in sorted(content.datamap.tables):
        essential = _essential(content, name, Form.SPEECH_TEXT)
        for source in _sources(content, name, essential) if essential else ():
            yield from _spoken(source)


def _spoken(source: _Source) -> Iterator[Made]:
    if not source.mapped.links:
        return
    link = source.mapped.links[0].column
    numbers: Counter[str] = Counter()
    for call, lines in groupby(records(source.table), key=lambda record: str(record.get(link, ""))):
        cues = sorted(
            (cue for line in lines if (cue := _cue(line, source)) is not None),
            key=lambda cue: cue[0],
        )
        yield Made(
            path=source.place("transcripts", call, ".vtt", numbers),
            article=source.article,
            source=str(source.mapped.name),
            data=("WEBVTT\n\n" + "\n".join(text for _, text in cues)).encode(),
        )


def _cue(record: TableRecord, source: _Source) -> tuple[int, str] | None:
    def value(form: Form) -> JsonValue:
        return record.get(source.name(form) or "")

    text = value(Form.SPEECH_TEXT)
    if not isinstance(text, str) or not text.strip():
        return None
    start, end = value(Form.SPEECH_START_MS), value(Form.SPEECH_END_MS)
    start = start if isinstance(start, int) else 0
    end = end if isinstance(end, int) else start
    speaker = str(value(Form.SPEECH_SPEAKER) or "")
    voice = f"<v {escape(_header(speaker), quote=False)}>" if speaker else ""
    words = escape(" ".join(_CONTROLS.sub(" ", text).split()), quote=False)
    return start, f"{_clock(start)} --> {_clock(max(end, start + 1))}\n{voice}{words}\n"


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(max(milliseconds, 0), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{rest:03d}"
