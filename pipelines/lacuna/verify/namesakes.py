"""Agents who bear the name of a person who is erased."""

from collections.abc import Iterator, Mapping, Sequence

from lacuna.model.identity import Identifier, IdentifierKind, Person, SubjectRef
from lacuna.ports import Verifying
from lacuna.verify.word_forms import word_forms

__all__ = ["namesakes_of"]


def namesakes_of(
    people: Sequence[Person], verifying: Verifying
) -> Mapping[SubjectRef, frozenset[Identifier]]:
    """Return the names of each person that an agent of the tenant bears too."""
    borne: dict[str, frozenset[str]] = {}
    for org_id in {person.org_id for person in people}:
        borne[org_id] = frozenset(
            form
            for names in verifying.other_people(org_id)
            for name in _full_names(names)
            for form in word_forms(Identifier(IdentifierKind.NAME, name))
        )
    return {
        person.ref: frozenset(
            one
            for one in person.known
            if one.kind is IdentifierKind.NAME and word_forms(one) & borne[person.org_id]
        )
        for person in people
    }


def _full_names(names: Sequence[str]) -> Iterator[str]:
    """Yield the names of one agent, and each two of them together."""
    for name in names:
        yield name
        yield from (f"{name} {other}" for other in names if other != name)
