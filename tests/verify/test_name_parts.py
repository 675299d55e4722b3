"""The residual search finds a name whose words stand apart, and none that two people make."""

import base64
from urllib.parse import quote

import pytest

from lacuna.model.identity import Identifier, IdentifierKind, SubjectRef
from lacuna.verify.search import KnownValues
from tests.redaction.parted_names import APART, NAME, OF_TWO_PEOPLE

REF = SubjectRef("r-1")


def found(text: str, name: str = NAME) -> list[bool]:
    """Return, for each name that is found, whether it may be words of a language."""
    known_values = KnownValues([(REF, [Identifier(IdentifierKind.NAME, name)])])
    return [one.is_phrase for one in known_values.find(text)]


@pytest.mark.parametrize("said", APART.values(), ids=APART)
def test_each_is_found_and_so_it_is_encoded(said: str) -> None:
    assert found(said)
    assert found(base64.b64encode(said.encode()).decode())
    assert found(quote(said, safe=""))


@pytest.mark.parametrize("said", OF_TWO_PEOPLE.values(), ids=OF_TWO_PEOPLE)
def test_words_of_two_people_are_nobodys_name(said: str) -> None:
    assert not found(said)


def test_everyday_words_are_a_name_with_their_capitals_only() -> None:
    assert found("first=Hope; x; last=Young", "Hope Young") == [False]
    assert found("first=hope; x; last=young", "Hope Young") == [True]


@pytest.mark.parametrize("name", ["Siobhan O'Quill", 'Robert "Bob" Quill', "Quill, Siobhan-Mary"])
def test_names_of_other_forms_are_found_by_their_parts(name: str) -> None:
    first, _, last = name.rpartition(" ")
    assert found(f'{{"id": 1, "last": "{last}", "vip": 0, "first": "{first.strip(",")}"}}', name)


def test_a_word_that_a_name_has_twice_must_stand_there_twice() -> None:
    assert not found("Agnes; Quill", "Agnes Quill Quill")
    assert found("Agnes; x; Quill; x; Quill", "Agnes Quill Quill")


def test_what_an_erasure_left_of_two_columns_is_no_name() -> None:
    assert not found("first (replace([erased])), last (replace([erased]))", "[erased] [erased]")


def test_a_name_without_letters_is_nobodys() -> None:
    assert not found("Siobhan; Quill", "?? ?")


@pytest.mark.parametrize(
    "said",
    [
        "Anna Berg rang; vorname: Bo, nachname: Lind",
        '{"agent": "Anna Berg", "first": "Bo", "last": "Lind"}',
        "Lind;Bo;Anna Berg",
    ],
)
def test_beside_a_name_in_one_piece_another_is_found_in_two(said: str) -> None:
    names = ("Anna Berg", "Bo Lind")
    known_values = KnownValues(
        [(SubjectRef(name), [Identifier(IdentifierKind.NAME, name)]) for name in names]
    )
    assert {one.identifier.value for one in known_values.find(said)} == set(names)
