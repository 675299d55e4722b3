"""A text that a program wrote for itself is covered so that the program can read it again."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
import yaml

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Passage, Span
from lacuna.redaction import KnownValueMatcher, PresidioRedactor, is_encoded_file
from lacuna.redaction.operators.serialized_text import readable_again
from lacuna.verify.search import KnownValues

ANNA = Person(
    SubjectRef("anna"),
    "o",
    (),
    (
        Identifier(IdentifierKind.EMAIL, "anna.berg@example.org"),
        Identifier(IdentifierKind.NAME, "Anna Bergså"),
        Identifier(IdentifierKind.PHONE, "+4520304050"),
    ),
)
REDACTOR = PresidioRedactor(KnownValueMatcher([ANNA]))
KNOWN = KnownValues([(ANNA.ref, ANNA.known)])

YAML = {
    "a plain scalar": ("---\nname: Anna Bergså\nn: 1\n", {"name": "[NAME]", "n": "1"}),
    "with words after it": (
        "---\nnote: Anna Bergså, who called\n", {"note": "[NAME], who called"},
    ),
    "in the middle": ("---\n- ask Anna Bergså: now\n- b\n", None),
    "a number": ("---\nphone: 4520304050\nage: 3\n", {"phone": "[PHONE]", "age": "3"}),
    "quoted": (
        "---\na: 'it''s Anna Bergså'\nb: \"\\tanna.berg@example.org\\n\"\n",
        {"a": "it's [NAME]", "b": "\t[EMAIL]\n"},
    ),
    "a block": ("---\nbody: |\n  Anna Bergså\n  wrote\nn: 1\n", {"body": "[NAME]\nwrote\n", "n": "1"}),
    "a key": ("---\nanna.berg@example.org: 1\n", {"[EMAIL]": "1"}),
    "a list in one line": ("--- [Anna Bergså, x]\n", ["[NAME]", "x"]),
    "lines that go on": (
        "---\nnote: call Anna\n  Bergså today\nn: 1\n", {"note": "call [NAME] today", "n": "1"},
    ),
    "with a picture in it": (
        f"---\nto: Anna Bergså\nbody: \"{'data' * 100_000}\"\n",
        {"to": "[NAME]", "body": "data" * 100_000},
    ),
    "with a tag": (
        "--- !ruby/hash:ActiveSupport::HashWithIndifferentAccess\nmail: !str anna.berg@example.org\n",
        {"mail": "[EMAIL]"},
    ),
}  # fmt: skip


def covered(text: str) -> str:
    (result,) = REDACTOR.cover([Passage(text, "text/plain")])
    assert not KNOWN.find(result.text)
    return result.text


def loaded(text: str) -> object:
    """Return a document with its values as texts, whatever its tags say."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)

    def value(one: yaml.Node) -> object:
        if isinstance(one, yaml.MappingNode):
            return {value(key): value(each) for key, each in one.value}
        return [value(each) for each in one.value] if isinstance(one.value, list) else one.value

    return value(node)


@pytest.mark.parametrize("name", [name for name, (_, said) in YAML.items() if said is not None])
def test_a_document_of_yaml_goes_on_being_one(name: str) -> None:
    text, said = YAML[name]
    assert loaded(covered(text)) == said


def test_what_was_no_mapping_before_is_a_text() -> None:
    """The colon makes a mapping of it; what stands before it is its key."""
    assert loaded(covered(YAML["in the middle"][0])) == [{"ask [NAME]": "now"}, "b"]
    assert covered("--- Anna Bergså wrote:\n") == "--- [NAME] wrote:\n"
    assert covered("---\n{ Anna Bergså") == "---\n{ [NAME]"


def php(value: object) -> str:
    """Return a value as PHP's `serialize` writes it."""
    match value:
        case None:
            return "N;"
        case bool():
            return f"b:{int(value)};"
        case int():
            return f"i:{value};"
        case float():
            return f"d:{value};"
        case str():
            return f's:{len(value.encode())}:"{value}";'
        case dict():
            inside = "".join(php(part) for pair in value.items() for part in pair)
            return f"a:{len(value)}:{{{inside}}}"
    raise AssertionError


def unserialized(text: str) -> object:
    """Return what PHP's `unserialize` reads, byte by byte."""
    data = text.encode()
    value, end = _value(data, 0)
    assert end == len(data)
    return value


def _value(data: bytes, at: int) -> tuple[object, int]:
    kind = data[at : at + 1]
    if kind == b"N":
        return None, at + 2
    if kind in b"bid":
        end = data.index(b";", at)
        said = data[at + 2 : end].decode()
        return (float(said) if kind == b"d" else int(said)), end + 1
    colon = data.index(b":", at + 2)
    count = int(data[at + 2 : colon])
    if kind == b"s":
        start = colon + 2
        assert data[start + count : start + count + 2] == b'";'
        return data[start : start + count].decode(), start + count + 2
    found, at = {}, colon + 2
    for _ in range(count):
        key, at = _value(data, at)
        found[key], at = _value(data, at)
    assert data[at : at + 1] == b"}"
    return found, at + 1


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"å": "Anna Bergså wrote", "n": 3}, {"å": "[NAME] wrote", "n": 3}),
        ({"p": 4520304050, "q": 1.5, "r": None, "t": True}, {"p": "[PHONE]", "q": 1.5, "r": None, "t": 1}),
        ({"in": {"to": {0: "anna.berg@example.org", 1: 'a "; b'}}}, {"in": {"to": {0: "[EMAIL]", 1: 'a "; b'}}}),
        ("Ærlig Anna Bergså, Ål", "Ærlig [NAME], Ål"),
        ({"anna.berg@example.org": "x"}, {"[EMAIL]": "x"}),
    ],
)  # fmt: skip
def test_what_php_serialized_keeps_its_lengths(value: object, said: object) -> None:
    assert unserialized(covered(php(value))) == said


def test_an_object_of_php_keeps_its_class() -> None:
    text = 'O:8:"stdClass":1:{s:4:"name";s:12:"Anna Bergså";}'
    assert covered(text) == 'O:8:"stdClass":1:{s:4:"name";s:6:"[NAME]";}'


@pytest.mark.parametrize(
    "text",
    [
        'O:21:"anna.berg@example.org":0:{}',  # no value that could be written anew
        '\x04\x08{\x06I"\tname\x06:\x06ETI"\x11Anna Bergså\x06;\x00T',
    ],
)
def test_what_cannot_be_written_anew_goes_whole(text: str) -> None:
    assert re.fullmatch(r"\[(?:NAME|EMAIL)\]", covered(text))


def test_what_a_detector_took_for_more_than_a_value_is_covered_as_far_as_it_goes() -> None:
    text = 'a:1:{i:0;s:4:"Anna";}'
    found = Span(text.index("s:4"), text.index('";'), "PERSON", 0.8)
    assert readable_again(text, [found], "covered") == 'a:1:{i:0;s:6:"[NAME]";}'


@pytest.mark.parametrize(
    "text",
    [
        "a: Anna Bergså",
        "s:5 Anna Bergså",
        'a:1:{s:99:"Anna Bergså";}',
        # Longer and deeper than programs write YAML, which its parser takes long for.
        f"---\na: Anna Bergså\nb: {'x' * 4_000_000}\n",
        f"---\na: Anna Bergså\nb: {'[' * 60}{']' * 60}\n",
    ],
)
def test_any_other_text_is_covered_as_a_text(text: str) -> None:
    assert covered(text) == text.replace("Anna Bergså", "[NAME]")


def every() -> Iterator[str]:
    yield from (text for text, _ in YAML.values())
    yield php({"a": "nobody", "n": 4520304051})
    yield "\x04\x08nobody"


@pytest.mark.parametrize("text", list(every()))
def test_what_names_nobody_stays_as_it_is(text: str) -> None:
    theirs = PresidioRedactor(KnownValueMatcher([]))
    assert theirs.cover([Passage(text, "text/plain")])[0].text == text


PICTURE = bytes.fromhex("ffd8ffe000104a4649460001") * 8


@pytest.mark.parametrize(
    ("text", "is_file"),
    [
        (base64.encodebytes(PICTURE).decode(), True),
        (base64.b64encode(PICTURE).decode(), True),
        (base64.b64encode(PICTURE[:36]).decode(), False),  # as long as a long word
        (
            base64.b64encode(b"Dear desk, it is dark. " * 6).decode(),
            False,
        ),  # read as the text it is
        (base64.b64encode(PICTURE).decode() + " and more", False),
        (PICTURE.hex() * 2, False),
        ("Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamter", False),
        ("é" * 64, False),
        ("", False),
    ],
)
def test_a_file_in_base64_is_told_from_a_text(text, is_file):
    assert is_encoded_file(text) is is_file
