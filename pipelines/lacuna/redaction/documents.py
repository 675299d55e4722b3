"""JSON documents, covered value by value: what comes out is JSON again, whatever was found.

A span reaches into strings (keys too) as far as it goes, and takes a number whole, which then is
a string. The text between the values stays, byte for byte.
"""

import json
import re
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property

from lacuna.errors import RedactionFailed
from lacuna.ports import Matcher, Passage, Redacted, Redactor, Span
from lacuna.redaction.encoded_text import covered_inside
from lacuna.redaction.folding import Edit, View
from lacuna.redaction.operators.labels import placeholder
from lacuna.redaction.operators.placeholders import joined

_TOKEN = re.compile(
    r'(?P<string>"[^"\\]*(?:\\.[^"\\]*)*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"|(?P<punctuation>[{}\[\]:,])"
    r"|(?P<literal>true|false|null)"
    r"|(?P<blank>[ \t\r\n]+)",
    re.ASCII,
)
_ESCAPE = re.compile(
    r"(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.)"
)
_COLON = re.compile(r"[ \t\r\n]*:")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# The double quote is what no known value reaches across; brackets and colons tell members of one object.
_APART = '\n"{}\n'
_NO_STRUCTURE = re.compile(r"[^{}\[\]:,]+")
_MOST_DIGITS = 40


class DocumentRedactor:
    """A redactor that treats JSON documents value by value, and leaves the rest to another.

    Attributes:
        unmodelled: how many texts were read in a language without a model, by language.
    """

    def __init__(self, inner: Redactor) -> None:
        """Hand texts, and the values of documents, to `inner`."""
        self._inner = inner
        self.unmodelled = Counter[str]()

    def redact(self, passages: Sequence[Passage]) -> list[Redacted]:
        """Redact each string of a document, and a text whole.

        Raises:
            RedactionFailed: a text could not be analyzed, or a document is no JSON.
        """
        documents = self._documents(passages)
        texts = [one for one in passages if not one.is_document]
        parts = [part for document in documents for part in document.parts()]
        results = self._inner.redact([*texts, *(part.passage for part in parts)])
        self.unmodelled.update(one.unmodelled for one in results if one.unmodelled is not None)
        for part, result in zip(parts, results[len(texts) :], strict=True):
            part.result = result
        return _in_order(passages, documents, iter(results[: len(texts)]))

    def cover(self, passages: Sequence[Passage]) -> list[Redacted]:
        """Cover in each string of a document, and in a text.

        Raises:
            RedactionFailed: a text could not be searched, or a document is no JSON.
        """
        documents = self._documents(passages)
        treated = self._inner.cover([one for one in passages if not one.is_document])
        return _in_order(passages, documents, iter(treated))

    def _documents(self, passages: Sequence[Passage]) -> list["_Document"]:
        """Return the documents among passages, known values covered."""
        documents = [_Document(one) for one in passages if one.is_document]
        asked = [reading for document in documents for reading in document.readings]
        results = iter(self._inner.cover([reading.passage for reading in asked]))
        for document in documents:
            document.cover(
                [
                    replace(span, start=start, end=end)
                    for reading in document.readings
                    for span in next(results).spans
                    for start, end in [reading.view.span(span.start, span.end)]
                ]
            )
        return documents


class DocumentMatcher:
    """A matcher that finds known values in JSON documents too, where `DocumentRedactor` does."""

    def __init__(self, inner: Matcher) -> None:
        """Let `inner` search texts, and the values of documents."""
        self._inner = inner

    def find(self, passage: Passage) -> tuple[Span, ...]:
        """Return every span that holds a known value: a part of a string, or a whole number.

        Raises:
            RedactionFailed: a document is no JSON.
        """
        return self.find_all([passage])[0]

    def find_all(self, passages: Sequence[Passage]) -> list[tuple[Span, ...]]:
        """Search the strings and numbers of all passages at once.

        Raises:
            RedactionFailed: a document is no JSON.
        """
        # The same authors, parties and tags stand in row after row.
        different = list(dict.fromkeys(passages))
        found = dict(zip(different, self._found(different), strict=True))
        return [found[passage] for passage in passages]

    def _found(self, passages: Sequence[Passage]) -> Iterator[tuple[Span, ...]]:
        documents = [_Document(one) if one.is_document else None for one in passages]
        asked: list[Passage] = []
        for passage, document in zip(passages, documents, strict=True):
            asked += [passage] if document is None else [one.passage for one in document.readings]
        results = iter(self._inner.find_all(asked))
        for document in documents:
            if document is None:
                yield next(results)
                continue
            spans = [
                replace(span, start=start, end=end)
                for reading in document.readings
                for span in next(results)
                for start, end in [reading.view.span(span.start, span.end)]
            ]
            yield tuple(document.clipped(spans))


@dataclass(frozen=True)
class _Token:
    """A string or a number of a document; `start` to `end` is the inside of a string.

    Attributes:
        within: number of the object that it is a key of; None for a value.
    """

    start: int
    end: int
    is_string: bool
    within: int | None


@dataclass(frozen=True)
class _DocumentReading:
    """One way to read a document as a text, with the way back."""

    view: View
    passage: Passage


@dataclass
class _DocumentPart:
    """A string or a number, to be redacted by itself."""

    token: _Token
    view: View
    passage: Passage
    result: Redacted | None = None


class _Document:
    """A JSON document while it is covered."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._original = View(passage.text)
        self._tokens = list(_tokens(passage.text))
        self._covered = self._original
        self._spans: list[Span] = []
        self._parts: list[_DocumentPart] = []

    @cached_property
    def readings(self) -> list[_DocumentReading]:
        """The document as it stands, and its values alone: decoded, each on a line of its own.

        As it stands it is read for numbers that go on from one value to the next.
        """
        values = _decoded(self._original, self._tokens)
        views = [self._original] if values.text == self._passage.text else [self._original, values]
        return [_DocumentReading(view, self._as_text(view.text)) for view in views if view.text]

    def _as_text(self, text: str) -> Passage:
        return replace(self._passage, text=text, is_document=False)

    def clipped(self, spans: Sequence[Span]) -> list[Span]:
        """Return spans without what parts the values: insides of strings, and whole numbers."""
        pieces: list[Span] = []
        text = self._passage.text
        for token, some in _spans_of(self._tokens, spans):
            escapes = _escapes(text, token) if token.is_string else []
            for span in some:
                start, end = token.start, token.end
                if token.is_string:
                    start, end = _whole(escapes, max(start, span.start), min(end, span.end))
                if any(map(str.isalnum, text[start:end])):
                    pieces.append(replace(span, start=start, end=end))
        return joined(pieces)

    def cover(self, spans: Sequence[Span]) -> None:
        """Put placeholders where known values are."""
        pieces = self.clipped(spans)
        numbers = {token.start for token in self._tokens if not token.is_string}
        edits: list[Edit] = []
        for piece in pieces:
            label = placeholder(piece.label)
            edits.append(
                (piece.start, piece.end, f'"{label}"' if piece.start in numbers else label)
            )
        self._spans = pieces
        self._covered = self._original.edited(covered_inside(self._passage.text, pieces, edits))

    def parts(self) -> list[_DocumentPart]:
        """Return the parts that are left, string by string and number by number."""
        text = self._covered.text
        for token in _tokens(text):
            outside = [(0, token.start, ""), (token.end, len(text), "")]
            view = self._covered.edited(outside)
            inside = replace(token, start=0, end=token.end - token.start)
            view = view.edited(_decodings(view.text, inside))
            if view.text:
                self._parts.append(_DocumentPart(token, view, self._as_text(view.text)))
        return self._parts

    def result(self) -> Redacted:
        edits: list[Edit] = []
        for part in self._parts:
            result = part.result
            if result is None or result.text == part.passage.text:
                continue
            for span in result.spans:
                start, end = part.view.span(span.start, span.end)
                self._spans.append(replace(span, start=start, end=end))
            new = _written(result.text)
            if not part.token.is_string:
                new = f'"{placeholder(result.spans[0].label)}"'
            edits.append((part.token.start, part.token.end, new))
        text = _with_distinct_keys(self._covered.edited(edits).text, self._passage.text)
        return Redacted(text, tuple(joined(self._spans)))


def _in_order(
    passages: Sequence[Passage], documents: Sequence[_Document], texts: Iterator[Redacted]
) -> list[Redacted]:
    done = iter([document.result() for document in documents])
    return [next(done) if passage.is_document else next(texts) for passage in passages]


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the strings and numbers of a JSON text.

    Raises:
        RedactionFailed: it is no JSON text.
    """
    place = 0
    objects = 0
    open_objects: list[int] = []
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise RedactionFailed(
                "redaction: 1 document is not JSON; nothing changed. Repair it, then run again"
            )
        place = match.end()
        if match.lastgroup == "string":
            is_key = bool(open_objects) and _COLON.match(text, place) is not None
            within = open_objects[-1] if is_key else None
            yield _Token(match.start() + 1, place - 1, is_string=True, within=within)
        elif match.lastgroup == "number":
            yield _Token(match.start(), place, is_string=False, within=None)
        elif match.group() in "{[":
            objects += 1
            open_objects.append(objects)
        elif match.group() in "}]" and open_objects:
            open_objects.pop()


def _decoded(view: View, tokens: Sequence[_Token]) -> View:
    """Return the values of a document alone, as they are meant, far enough apart."""
    edits: list[Edit] = []
    done = 0
    for token in tokens:
        between = _NO_STRUCTURE.sub("", view.text[done : token.start])
        edits.append((done, token.start, _APART.format(between) if done else between))
        edits.extend(_decodings(view.text, token))
        done = token.end
    edits.append((done, len(view.text), ""))
    return view.edited(edits)


def _decodings(text: str, token: _Token) -> Iterator[Edit]:
    """Yield what makes the text of a token what it means."""
    if token.is_string:
        for match in _ESCAPE.finditer(text, token.start, token.end):
            yield *match.span(), _meant(match.group())
        return
    written = text[token.start : token.end]
    plain = _plain_number(written)
    if plain != written:
        yield token.start, token.end, plain


def _meant(escape: str) -> str:
    try:
        return str(json.loads(f'"{escape}"'))
    except ValueError:
        raise RedactionFailed(
            "redaction: 1 document is not JSON; nothing changed. Repair it, then run again"
        ) from None


def _plain_number(written: str) -> str:
    """Return a number as its digits, without exponent and without zeros after the point.

    >>> _plain_number("4.52030405E9"), _plain_number("4520304050.0"), _plain_number("1e999")
    ('4520304050', '4520304050', '1e999')
    """
    try:
        number = Decimal(written)
        if number.adjusted() < _MOST_DIGITS and number == number.to_integral_value():
            return f"{number.to_integral_value():f}"
    except InvalidOperation:
        return written
    return written


def _spans_of(
    tokens: Sequence[_Token], spans: Sequence[Span]
) -> Iterator[tuple[_Token, list[Span]]]:
    """Yield each token that spans reach into, and those spans, in order."""
    waiting = deque(sorted(spans, key=lambda span: (span.start, span.end)))
    reaching: list[Span] = []
    for token in tokens:
        while waiting and waiting[0].start < token.end:
            reaching.append(waiting.popleft())
        reaching = [span for span in reaching if span.end > token.start]
        if reaching:
            yield token, reaching


def _escapes(text: str, token: _Token) -> list[tuple[int, int]]:
    return [match.span() for match in _ESCAPE.finditer(text, token.start, token.end)]


def _whole(escapes: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """Return a range of a string, widened where it would cut an escape in two."""
    before = bisect_left(escapes, (start,)) - 1
    if before >= 0 and start < escapes[before][1]:
        start = escapes[before][0]
    last = bisect_left(escapes, (end,)) - 1
    if last >= 0 and end < escapes[last][1]:
        end = escapes[last][1]
    return start, end


def _written(text: str) -> str:
    """Return a text as the inside of a JSON string."""
    inside = json.dumps(text, ensure_ascii=False)[1:-1]
    return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", inside)


def _with_distinct_keys(text: str, original: str) -> str:
    """Return a document in which covered keys of one object differ: of equal ones one would stay."""
    if text == original:
        return text
    pairs = [
        (token, text[token.start : token.end], original[before.start : before.end])
        for token, before in zip(_tokens(text), _tokens(original), strict=True)
        if token.within is not None
    ]
    taken = {(token.within, new) for token, new, old in pairs if new == old}
    numbers = Counter[tuple[int | None, str]]()
    edits: list[Edit] = []
    for token, new, old in pairs:
        if new == old:
            continue
        distinct = new
        while (token.within, distinct) in taken:
            numbers[token.within, new] += 1
            distinct = f"{new} {numbers[token.within, new] + 1}"
        taken.add((token.within, distinct))
        if distinct != new:
            edits.append((token.start, token.end, distinct))
    return View(text).edited(edits).text
