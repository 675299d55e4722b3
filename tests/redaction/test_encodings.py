"""Whatever the residual gate decodes, the redactor takes out: else an erasure ends red for ever.

The forms are those of the gate's canaries, and more of the same sorts for every class of value.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import hashlib
import html
import io
import json
import lzma
import textwrap
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pytest

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Passage
from lacuna.redaction import KnownValueMatcher, PresidioRedactor
from lacuna.redaction.documents import DocumentRedactor
from lacuna.redaction.known_values.encoded_runs import LARGEST, sayings
from lacuna.verify.canary import _LONG_TEXTS, CANARIES, KNOWN_CANARIES
from lacuna.verify.search import KnownValues

SOLVEIG = Person(
    SubjectRef("solveig"),
    "o",
    ("5d3acafe-1111-4000-8000-7f3a7f3a7f3a",),
    (
        Identifier(IdentifierKind.EMAIL, "solveig.kvist@example.org"),
        Identifier(IdentifierKind.PHONE, "+45 20304050"),
        Identifier(IdentifierKind.NAME, "Sólveig Kvistgård"),
        Identifier(IdentifierKind.EXTERNAL_ID, "KD-2291-7704"),
        Identifier(IdentifierKind.CONTACT_ID, "5d3acafe-1111-4000-8000-7f3a7f3a7f3a"),
        Identifier(IdentifierKind.ADDRESS, "Solsortstræde 7, 1999 Fugleby"),
        Identifier(IdentifierKind.FILE, "kvistgaard 22 deed.pdf"),
        Identifier(IdentifierKind.OTHER, "Kvistgård og Sønner ApS"),
    ),
)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def zipped(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inside", data)
    return target.getvalue()


def escaped(value: str, write: str, encoding: str = "utf-8") -> str:
    """Write what is no plain letter or digit, and everything in bytes, as `write` says."""
    return "".join(
        chr(byte) if byte < 128 and chr(byte).isalnum() else write.format(byte)
        for byte in value.encode(encoding)
    )


def units(value: str, write: str) -> str:
    return "".join(
        one if one.isascii() and one.isalnum() else write.format(ord(one)) for one in value
    )


def amid(value: str) -> str:
    return f"Dear all, we have to say that this is about {value} and so on, yours sincerely"


FORMS: Mapping[str, Callable[[str], str]] = {
    "entities": lambda one: units(one, "&#{};"),
    "percent": lambda one: escaped(one, "%{:02X}"),
    "percent, Latin-1": lambda one: escaped(one, "%{:02X}", "latin-1"),
    "percent of percent": lambda one: escaped(one, "%25{:02X}"),
    "percent, wide": lambda one: units(one, "%u{:04x}"),
    "quoted-printable": lambda one: escaped(one, "={:02X}"),
    "soft break": lambda one: f"{one[:6]}=\n{one[6:]}",
    "JSON escapes": lambda one: units(one, "\\u{:04x}"),
    "byte escapes": lambda one: escaped(one, "\\x{:02x}"),
    "byte escapes, Latin-1": lambda one: escaped(one, "\\x{:02X}", "latin-1"),
    "long escapes": lambda one: units(one, "\\U{:08x}"),
    "escaped blanks": lambda one: one.replace(" ", "\\ "),
    "YAML in lines": lambda one: f"{one[:6]}\\\n    {one[6:]}",
    "misread": lambda one: one.encode().decode("latin-1"),
    "base64": lambda one: b64(one.encode()),
    "base64 for addresses": lambda one: base64.urlsafe_b64encode(one.encode()).decode().rstrip("="),
    "base64 in a path": lambda one: f"https://x.example/u/{b64(one.encode())}",
    "base64, Latin-1": lambda one: b64(one.encode("latin-1")),
    "base64, UTF-16": lambda one: b64(one.encode("utf-16")),
    "base64, UTF-16, other end first": lambda one: b64(one.encode("utf-16-be")),
    "base64 in lines": lambda one: base64.encodebytes(amid(one).encode()).decode(),
    "base64 of base64": lambda one: b64(b64(one.encode()).encode()),
    "base64 of HTML": lambda one: b64(f"<p><b>{one[:3]}</b>{html.escape(one[3:])}</p>".encode()),
    "base64 amid noise": lambda one: b64(b"\0\1\xff\x99" + one.encode() + b"\0\1\2\xf3"),
    "hexadecimal": lambda one: one.encode().hex(),
    "hexadecimal as PostgreSQL writes bytes": lambda one: "\\x" + one.encode().hex(),
    "hexadecimal as MySQL writes bytes": lambda one: "0x" + one.encode().hex(),
    "hexadecimal, capitals": lambda one: one.encode().hex().upper(),
    "hexadecimal, Latin-1": lambda one: one.encode("latin-1").hex(),
    "hexadecimal in a path": lambda one: f"https://x.example/u/{one.encode().hex()}/1",
    "hexadecimal of base64": lambda one: b64(one.encode()).encode().hex(),
    "gzip": lambda one: b64(gzip.compress(one.encode(), mtime=0)),
    "gzip in lines": lambda one: base64.encodebytes(
        gzip.compress(amid(one).encode(), mtime=0)
    ).decode(),
    "gzip in hexadecimal": lambda one: gzip.compress(one.encode(), mtime=0).hex(),
    "gzip of gzip": lambda one: b64(gzip.compress(gzip.compress(one.encode(), mtime=0), mtime=0)),
    "zlib": lambda one: b64(zlib.compress(one.encode())),
    "bzip2": lambda one: b64(bz2.compress(one.encode())),
    "xz": lambda one: b64(lzma.compress(one.encode())),
    "zip": lambda one: b64(zipped(one.encode())),
    "zstd": lambda one: b64(pa.Codec("zstd").compress(f"{one} {one}".encode(), asbytes=True)),
    "encoded word": lambda one: f"=?iso-8859-1?q?{escaped(one, '={:02X}', 'latin-1')}?=",
    "encoded word, base64": lambda one: f"=?utf-16?b?{b64(one.encode('utf-16'))}?=",
    "two encoded words": lambda one: " ".join(
        f"=?utf-8?B?{b64(part.encode())}?=" for part in (one[:7], one[7:])
    ),
    "tags": lambda one: f"{one[:3]}<b>{one[3:5]}</b>{one[5:]}",
    "an attribute": lambda one: f'<img alt="{html.escape(one)}">',
    "a broken word": lambda one: f"{one[:4]}-\n{one[4:]}",
}
HASHED = (IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.EXTERNAL_ID)
DIGESTS: Mapping[str, Callable[[str], str]] = {
    "MD5": lambda one: hashlib.new("md5", one.encode(), usedforsecurity=False).hexdigest(),
    "MD5, capitals": lambda one: (
        hashlib.new("md5", one.encode(), usedforsecurity=False).hexdigest().upper()
    ),
    "MD5 in an address": lambda one: (
        f"https://faces.example/{hashlib.new('md5', one.lower().encode(), usedforsecurity=False).hexdigest()}?s=80"
    ),
    "MD5 in base64": lambda one: b64(
        hashlib.new("md5", one.encode(), usedforsecurity=False).hexdigest().encode()
    ),
    "SHA-1": lambda one: hashlib.new("sha1", one.encode(), usedforsecurity=False).hexdigest(),
    "SHA-256": lambda one: b64(hashlib.sha256(one.encode()).digest()),
    "SHA-256 for addresses": lambda one: (
        base64.urlsafe_b64encode(hashlib.sha256(one.encode()).digest()).decode().rstrip("=")
    ),
    "SHA-512": lambda one: hashlib.sha512(one.encode()).hexdigest(),
}


def written(form: str) -> Iterator[str]:
    """Yield the values in a form."""
    for one in SOLVEIG.known:
        if form in FORMS:
            yield FORMS[form](one.value)
        elif one.kind in HASHED:
            yield DIGESTS[form](one.value)


PLACES: Mapping[str, Callable[[str], tuple[str, str, bool]]] = {
    "a text": lambda said: (f"see {said} now", "text/plain", False),
    "a text alone": lambda said: (said, "text/plain", False),
    "HTML": lambda said: (f"<div>see <i>this</i> {said} now</div>", "text/html", False),
    "a member": lambda said: (json.dumps({"a": said, "b": 1}), "text/plain", True),
    "a list": lambda said: (json.dumps([said, f"see {said} now"]), "text/plain", True),
    "a key": lambda said: (json.dumps({said: 1}, ensure_ascii=False), "text/plain", True),
    "a document in a text": lambda said: (f"log {json.dumps({'a': said})}", "text/plain", False),
}


@dataclass(frozen=True)
class Sides:
    """What is known of a person on the side that takes out, and on that which looks."""

    person: Person
    redactor: DocumentRedactor
    known_values: KnownValues

    @classmethod
    def of(cls, person: Person) -> Sides:
        redactor = DocumentRedactor(PresidioRedactor(KnownValueMatcher([person])))
        return cls(person, redactor, KnownValues([(person.ref, person.known)]))

    def left(self, said: str, place: str) -> Iterator[str]:
        """Yield what is found of what was left, in own rows and in those of others."""
        text, media_type, is_document = PLACES[place](said)
        assert self.known_values.find(text)
        for own in (frozenset({self.person.ref}), frozenset[SubjectRef]()):
            passage = Passage(text, media_type, own=own, is_document=is_document)
            (result,) = self.redactor.cover([passage])
            if self.known_values.find(result.text):
                yield f"{'own' if own else 'others'}: {result.text}"


OF_SOLVEIG = Sides.of(SOLVEIG)


@pytest.mark.parametrize(
    "place",
    [
        "a text",
        *(pytest.param(place, marks=pytest.mark.thorough) for place in PLACES if place != "a text"),
    ],
)
@pytest.mark.parametrize("form", [*FORMS, *DIGESTS])
def test_what_the_gate_decodes_is_taken_out(form: str, place: str) -> None:
    assert [one for said in written(form) for one in OF_SOLVEIG.left(said, place)] == []


@pytest.mark.parametrize("place", PLACES)
def test_every_canary_is_taken_out(place: str) -> None:
    ref, known = KNOWN_CANARIES
    canary = Sides.of(Person(ref, "o", (), known))
    assert [
        one for said in (*CANARIES.texts, *_LONG_TEXTS) for one in canary.left(said, place)
    ] == []


def found(text: str, media_type: str = "text/plain") -> list[str]:
    return [
        text[one.start : one.end]
        for one in KnownValueMatcher([SOLVEIG]).find(Passage(text, media_type))
    ]


def test_a_run_that_is_no_text_goes_whole_and_nothing_beside_it() -> None:
    for form in ("hexadecimal", "gzip", "base64, UTF-16", "MD5", "SHA-256"):
        said = next(written(form))
        assert found(f"see {said}, please") == [said]
        # What is one word in the line below may be the end of the run.
        assert found(f"see {said}\nsent today") in ([said], [f"{said}\nsent"])


def test_of_a_run_that_is_text_the_value_goes_alone() -> None:
    said = b64(b"Contact: solveig.kvist@example.org. This is what I have to say.")
    (covered,) = found(f"see {said}\nsent today")
    assert len(covered) < len(said) - 30


SAID = "Fra: Sólveig Kvistgård <solveig.kvist@example.org>\r\n\r\nSå er det: hr. Ærlig ringede. "
WRITTEN: Mapping[str, Callable[[bytes], str]] = {
    "in one line": b64,
    "in lines": lambda data: "\n".join(textwrap.wrap(b64(data), 76)),
    "in lines of a mail": lambda data: "\r\n ".join(textwrap.wrap(b64(data), 60)),
    "for addresses": lambda data: base64.urlsafe_b64encode(data).decode().rstrip("="),
    "in a data URI": lambda data: f"data:text/plain;charset=utf-8;base64,{b64(data)}",
    "in a tag": lambda data: f'<img alt="x" src="data:text/plain;base64,{b64(data)}"><b>y</b>',
}


@pytest.mark.parametrize("repeat", [1, 2, 7])
@pytest.mark.parametrize("lead", ["", "x", "ø?"])
@pytest.mark.parametrize("form", WRITTEN)
def test_a_text_in_base64_goes_on_being_one_and_keeps_its_length(
    form: str, lead: str, repeat: int
) -> None:
    said = lead + SAID * repeat
    written_so = WRITTEN[form](said.encode())
    media_type = "text/html" if "tag" in form else "text/plain"
    (result,) = OF_SOLVEIG.redactor.cover([Passage(written_so, media_type)])
    assert not OF_SOLVEIG.known_values.find(result.text)
    assert [len(line) for line in result.text.splitlines()] == [
        len(line) for line in written_so.splitlines()
    ]
    digits = result.text.split("base64,")[-1].split('"')[0]
    digits = "".join(digits.split()).replace("-", "+").replace("_", "/")
    read = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True).decode()
    assert len(read.encode()) == len(said.encode())
    assert "solveig" not in read.lower()
    assert (read.count("er det: hr. Ærlig ringede."), read.count("Fra: ")) == (repeat, repeat)


@pytest.mark.parametrize("is_treated", [True, False])
def test_a_text_in_base64_goes_on_being_one_in_a_member_of_a_document(is_treated: bool) -> None:
    document = json.dumps({"file": f"data:text/plain;base64,{b64(SAID.encode())}", "n": 1})
    passage = Passage(document, "text/plain", is_document=True)
    treat = OF_SOLVEIG.redactor.redact if is_treated else OF_SOLVEIG.redactor.cover
    (result,) = treat([passage])
    assert len(result.text) == len(document)
    digits = json.loads(result.text)["file"].partition(",")[2]
    assert "solveig" not in base64.b64decode(digits, validate=True).decode().lower()


@pytest.mark.parametrize("email", ["anna.berg@example.org", "lars_x@example.org"])
@pytest.mark.parametrize("place", ["a text", "a list"])
def test_an_address_that_a_line_breaks_at_any_character_is_taken_out(
    email: str, place: str
) -> None:
    known = Identifier(IdentifierKind.EMAIL, email)
    sides = Sides.of(Person(SubjectRef("one"), "o", (), (known,)))
    broken = [f"{email[:at]}-\n{email[at:]}" for at in range(1, email.index("@"))]
    seen = [said for said in broken if sides.known_values.find(said)]
    assert len(seen) >= len(broken) - 2
    assert [one for said in seen for one in sides.left(said, place)] == []


@pytest.mark.parametrize("mark", [">", "> ", ">> "])
@pytest.mark.parametrize("length", range(4, 12))
def test_a_run_in_a_quoted_reply_may_be_of_any_length(mark: str, length: int) -> None:
    text = f"{mark}{'Ab1' * 6}\n{mark}{'Xy9z' * 3:.{length}}\nsee solveig.kvist@example.org"
    assert found(text) == ["solveig.kvist@example.org"]


def test_digests_of_others_and_other_long_runs_stay() -> None:
    theirs = hashlib.new("md5", b"bo@example.org", usedforsecurity=False).hexdigest()
    text = f"{theirs} {b64(gzip.compress(b'bo@example.org'))} {theirs}{next(written('MD5'))}"
    assert found(text) == []


def test_a_run_in_a_tag_goes_and_the_tag_stays() -> None:
    said = next(written("hexadecimal"))
    page = f'<a href="/{said}">An</a> <b>else</b>'
    assert found(page, "text/html") == [f"/{said}"]


def test_what_is_packed_within_counts_to_one_limit():
    half = gzip.compress(b"x" * (LARGEST // 2 + 1))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}", half)
    said = sum(len(text) for text in sayings(b64(target.getvalue())) if set(text) == {"x"})
    assert said == LARGEST // 2 + 1


def test_what_unpacks_to_more_than_is_read_is_left_and_takes_no_memory() -> None:
    bomb = b64(gzip.compress(bytes(LARGEST + 2)))
    assert max(map(len, sayings(bomb))) < len(bomb)
    assert found(f"{bomb} solveig.kvist@example.org") == ["solveig.kvist@example.org"]
