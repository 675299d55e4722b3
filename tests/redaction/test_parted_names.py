"""A name whose words stand apart is found in texts of others, and none that two people make."""

import json
import time

import pytest

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.model.text_cells import TextCells
from lacuna.ports import Passage
from lacuna.redaction import build_redactor
from tests.redaction.parted_names import APART, NAME, OF_TWO_PEOPLE

REF = SubjectRef("r-1")


def person(name: str = NAME) -> Person:
    return Person(REF, "org", ("1",), (Identifier(IdentifierKind.NAME, name),))


def covered(text: str, *, known: Person | None = None, kept: tuple[str, ...] = ()) -> str:
    redactor = build_redactor([known or person()])
    is_document = text[:1] in "{["
    media_type = "text/html" if text[:1] == "<" else "text/plain"
    passage = Passage(text, media_type, is_document=is_document, kept_names=kept)
    return redactor.cover([passage])[0].text


@pytest.mark.parametrize("said", APART.values(), ids=APART)
def test_each_word_is_covered_and_what_is_around_it_stays(said: str) -> None:
    result = covered(said)

    assert result.count("[NAME]") == 2
    assert "iobh" not in result.lower()
    assert "quil" not in result.lower()
    if said[:1] == "{":
        assert json.loads(result).keys() == json.loads(said).keys()


@pytest.mark.parametrize("said", OF_TWO_PEOPLE.values(), ids=OF_TWO_PEOPLE)
def test_words_of_two_people_stay(said: str) -> None:
    assert covered(said) == said


def test_three_words_may_stand_in_two_cells_or_in_three() -> None:
    known = person("Siobhan Mary Quill")

    assert covered("Quill;Siobhan Mary;x", known=known) == "[NAME];[NAME];x"
    assert covered("Siobhan; Mary; Quill", known=known) == "[NAME]; [NAME]; [NAME]"
    assert covered("Siobhan; Quill", known=known) == "Siobhan; Quill"


@pytest.mark.parametrize("name", ["Siobhan O'Quill", 'Robert "Bob" Quill', "Quill, Siobhan-Mary"])
def test_names_of_other_forms_are_covered_by_their_parts(name: str) -> None:
    first, _, last = name.rpartition(" ")
    said = f"last: {last}; vip: 0; first: {first.strip(',')}"

    assert not {"quill", "mary", "robert"} & set(
        covered(said, known=person(name)).lower().replace("-", " ").split()
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Siobhan P.", "<p>Hello,</p><p>the printer is broken.</p><div>Siobhan</div>"),
        ("Siobhan B.", "<div><i>Siobhan</i> wrote: <b>urgent</b></div>"),
        ("Max Page", '{"page":1,"per_page":20,"max":100}'),
        ("Siobhan Title", '<a href="x" title="Siobhan">y</a>'),
    ],
)
def test_tags_attributes_and_keys_are_no_words_of_a_name(name: str, said: str) -> None:
    assert covered(said, known=person(name)) == said


LONG = {
    "one line": '[{"to":"Siobhan Quill","body":"hello there"},' * 20_000,
    "tags": "<p>Siobhan Quill</p>" + "<p>hello there world</p>" * 40_000,
    "brackets": '{"a":["Siobhan",' * 40_000 + '"Quill"]',
    "blanks": "Siobhan;" + " \n" * 200_000 + "Quill",
    "dashes": "Siobhan\n" + "-\n- \n" * 100_000 + "Quill",
}


@pytest.mark.long
@pytest.mark.parametrize("said", LONG.values(), ids=LONG)
def test_cutting_a_long_text_takes_time_in_line_with_its_length(said: str) -> None:
    started = time.process_time()
    assert list(TextCells(said))
    assert time.process_time() - started < 20


@pytest.mark.long
def test_many_people_with_one_given_name_are_looked_for_together() -> None:
    people = [
        Person(
            SubjectRef(f"r-{one}"),
            "org",
            (str(one),),
            (Identifier(IdentifierKind.NAME, f"Anna X{one}"),),
        )
        for one in range(2000)
    ]
    started = time.process_time()
    result = build_redactor(people).cover([Passage(", ".join(["Anna"] * 800 + ["X7"]))])[0].text
    assert result.endswith("[NAME], [NAME]")
    assert time.process_time() - started < 20


def test_a_name_that_begins_as_a_byte_does_is_no_byte_in_a_query() -> None:
    said = "first=J%C3%BCrgen&last=Berg"

    assert covered(said, known=person("Jürgen Berg")) == "first=[NAME]&last=[NAME]"


def test_the_name_of_an_agent_stays() -> None:
    said = "agent: Siobhan; Quill"

    assert covered(said) == "agent: [NAME]; [NAME]"
    assert covered(said, kept=("Siobhan Quill",)) == said


def test_what_an_erasure_left_of_two_columns_is_no_name() -> None:
    said = "first ([erased]), last ([erased])"

    assert covered(said, known=person("[erased] [erased]")) == said
