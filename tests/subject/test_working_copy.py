"""What is kept of a person comes back as it was."""

from hypothesis import given
from hypothesis import strategies as st

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef, ValueClass
from lacuna.subject import pack, unpack

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
IDENTIFIERS = st.builds(Identifier, st.sampled_from(IdentifierKind), TEXTS)
PEOPLE = st.builds(
    Person,
    ref=TEXTS.map(SubjectRef),
    org_id=TEXTS,
    keys=st.lists(TEXTS).map(tuple),
    known=st.lists(IDENTIFIERS).map(tuple),
    short_names=st.lists(TEXTS).map(tuple),
    own_values=st.lists(IDENTIFIERS).map(tuple),
    read=st.frozensets(IDENTIFIERS, max_size=3),
    left=st.dictionaries(st.sampled_from(ValueClass), st.integers(1, 9)),
    shared=st.dictionaries(IDENTIFIERS, st.frozensets(TEXTS), max_size=3),
)


@given(PEOPLE)
def test_a_person_that_was_packed_is_unpacked_as_the_same_person(person):
    assert unpack(person.ref, pack(person)) == person
