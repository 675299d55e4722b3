"""A JSON document is JSON still when it was covered, and nothing else in it has changed."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna.errors import RedactionFailed
from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Passage, Span
from lacuna.redaction import build_matcher, build_redactor
from lacuna.redaction.documents import _Document

ANNA = Person(
    SubjectRef("r-anna"),
    "org-1",
    (),
    (
        Identifier(IdentifierKind.NAME, "Anna Bérg"),
        Identifier(IdentifierKind.EMAIL, "anna.berg@example.org"),
        Identifier(IdentifierKind.PHONE, "+4512345678"),
        Identifier(IdentifierKind.EXTERNAL_ID, "7700112233"),
        Identifier(IdentifierKind.ADDRESS, "Storgade 5\n8000 Aarhus C"),
    ),
    ("Anna", "Bérg"),
)
MATCHER = build_matcher([ANNA])
REDACTOR = build_redactor([ANNA])


def covered(text: str, **passage: object) -> str:
    (result,) = REDACTOR.cover([Passage(text, is_document=True, **passage)])
    return result.text


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in MATCHER.find(Passage(text, is_document=True))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "{}"),
        ("null", "null"),
        ('""', '""'),
        ("4512345678", '"[PHONE]"'),
        ('{"tel": 4512345678, "n": 1}', '{"tel": "[PHONE]", "n": 1}'),
        ("[4.512345678e9, 4512345678.0, 45123456780]", '["[PHONE]", "[PHONE]", 45123456780]'),
        ("[7700112233,true]", '["[ID]",true]'),
        ("[-12345678]", '["[PHONE]"]'),
        ('{"a": "+45 12 34 56 78 x"}', '{"a": "[PHONE] x"}'),
        (r'"Anna B\u00e9rg said \"hi\""', r'"[NAME] said \"hi\""'),
        (r'"\"Anna B\u00e9rg\" \u2026"', r'"\"[NAME]\" \u2026"'),
        (r'"Anna\tB\u00E9rg"', '"[NAME]"'),
        (r'"at Storgade 5\n8000 Aarhus C!"', '"at [ADDRESS]!"'),
        ('{"anna.berg@example.org": {"x": [ ]}}', '{"[EMAIL]": {"x": [ ]}}'),
        # A number that goes on in the next value, as the gates read it.
        ("[45, 12345678]", '["[PHONE]", "[PHONE]"]'),
        ('  [ "Anna Bérg" ,\n 2 ]  ', '  [ "[NAME]" ,\n 2 ]  '),
        ('["Anna", "Bérg"]', '["[NAME]", "[NAME]"]'),
        # Of two objects nothing is a name.
        ('[{"n": "Anna"}, {"n": "Bérg"}]', '[{"n": "Anna"}, {"n": "Bérg"}]'),
    ],
)
def test_a_document_is_covered_value_by_value(text: str, expected: str) -> None:
    assert covered(text) == expected
    json.loads(expected)
    assert bool(found(text)) is (text != expected)


def test_what_is_found_lies_inside_a_string_or_is_a_whole_number() -> None:
    assert found(r'{"Anna B\u00e9rg": [4512345678, "x 12345678"]}') == [
        r"Anna B\u00e9rg", "4512345678", "12345678",
    ]  # fmt: skip


def test_keys_that_become_alike_stay_apart() -> None:
    text = '{"+45 12345678": 1, "12 34 56 78": 2, "[PHONE]": 3, "x": {"12345678": 4}}'
    assert json.loads(covered(text)) == {
        "[PHONE]": 3, "[PHONE] 2": 1, "[PHONE] 3": 2, "x": {"[PHONE]": 4},
    }  # fmt: skip


def test_a_short_name_counts_in_the_persons_own_document_alone() -> None:
    text = '{"from": "Anna", "n": 12}'
    assert covered(text) == text
    assert covered(text, own=frozenset({ANNA.ref})) == '{"from": "[NAME]", "n": 12}'


def test_a_value_that_its_owner_holds_too_stays() -> None:
    allowed = frozenset({Identifier(IdentifierKind.PHONE, "+4512345678")})
    text = '[4512345678, "anna.berg@example.org"]'
    assert covered(text, allowed=allowed) == '[4512345678, "[EMAIL]"]'


def test_strings_of_html_keep_their_tags() -> None:
    text = '{"html": "<p class=\\"x\\">Anna <b>B&eacute;rg</b></p>"}'
    (inside,) = json.loads(covered(text, media_type="text/html")).values()
    assert inside == '<p class="x">[NAME] <b>[NAME]</b></p>'


def test_detectors_read_each_value_and_leave_valid_json() -> None:
    text = (
        '{"who": "Please ask John Smith", "to": ["lise@example.com", 2, null], "n": 1.50, '
        '"q": "Say \\"hello\\"", "tel": 4512345678}'
    )
    documents = [
        Passage(text, is_document=True, own=frozenset({ANNA.ref})),
        Passage("Hi Anna Bérg"),
    ]
    one, other = REDACTOR.redact(documents)
    assert one.text == (
        '{"who": "Please ask [NAME]", "to": ["[EMAIL]", 2, null], "n": 1.50, '
        '"q": "Say \\"hello\\"", "tel": "[PHONE]"}'
    )
    assert {text[span.start : span.end] for span in one.spans} == {
        "John Smith", "lise@example.com", "4512345678",
    }  # fmt: skip
    assert other.text == "Hi [NAME]"
    again = REDACTOR.redact([Passage(one.text, is_document=True)])[0]
    assert again.text == one.text


def test_what_is_no_json_is_refused_and_not_quoted() -> None:
    for text in ('{"anna": Anna Bérg}', '"open', '{"a": \\x}', r'"\x"'):
        with pytest.raises(RedactionFailed) as caught:
            covered(text)
        assert "Anna" not in str(caught.value)
        with pytest.raises(RedactionFailed):
            found(text)


_KNOWN = st.sampled_from(["Anna Bérg", "anna.berg@example.org", "+45 12 34 56 78", "ANNA BERG"])
_TEXTS = st.text(max_size=6) | _KNOWN | st.tuples(st.text(max_size=3), _KNOWN).map("\n".join)
_NUMBERS = st.sampled_from([4512345678, 12345678, 45123456789, 0, -1, 7700112233, 1.5, 1e20])
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


def shape(value: object) -> object:
    """Return a value without its strings and numbers, and with the sizes of its objects."""
    match value:
        case dict():
            return {"keys": len(value), "values": [shape(one) for one in value.values()]}
        case list():
            return [shape(one) for one in value]
        case None | bool():
            return value
        case _:
            return "leaf"


@given(_VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_any_document_stays_one_of_the_same_shape(
    value: object, is_ascii: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii, indent=indent)
    result = covered(text)
    assert shape(json.loads(result)) == shape(value)
    assert found(result) == []
    if not found(text):
        assert result == text


@pytest.mark.long
@pytest.mark.parametrize(
    "document",
    [["Anna"] * 40_000, "Anna\n" * 40_000, {f"Anna {number}": 1 for number in range(40_000)}],
    ids=["values", "one value", "keys"],
)
def test_a_document_of_many_known_values_costs_no_more_than_its_length(document: object) -> None:
    text = json.dumps(document)
    found = [match.span() for match in re.finditer(r"Anna(?: \d+)?", text)]
    work = _Document(Passage(text, is_document=True))
    began = time.process_time()
    work.cover([Span(start, end, "PERSON", 1.0) for start, end in found])
    result = work.result().text
    # Each value against each other would be minutes.
    assert time.process_time() - began < 10
    assert "Anna" not in result
    assert shape(json.loads(result)) == shape(document)
