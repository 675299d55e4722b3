"""Finds the one person that a request's identifiers mean, or says why there is none."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce

from lacuna.model.identity import (
    Identifier,
    IdentifierKind,
    Person,
    Resolution,
    SubjectRef,
    Unfound,
)
from lacuna.model.request import Request
from lacuna.ports import PeopleReading
from lacuna.subject.value_forms import comparable, full_names, told_of

_ONE_INTERACTION = frozenset({IdentifierKind.CONVERSATION_ID, IdentifierKind.MESSAGE_ID})


def resolve(
    request: Request, identifiers: Sequence[Identifier], reading: PeopleReading
) -> Resolution:
    """Return the person whom all identifiers of a request mean together."""
    return resolve_identifiers(request.request_id, request.org_id, identifiers, reading)


def resolve_identifiers(
    reference: str, org_id: str, identifiers: Sequence[Identifier], reading: PeopleReading
) -> Resolution:
    """Return the person of a tenant whom all identifiers mean together.

    Each identifier names the people who hold it; those that nobody holds say nothing. One
    person must remain who is named by all the others, aliases and merged contacts counted
    as one, and rows that the data map joins; a shared telephone number alone decides nothing.
    """
    ref = SubjectRef(reference)
    holders = reading.holders(org_id, identifiers)
    named = [
        {reading.merged_with(org_id, [key]) for key in keys} for keys in holders.values() if keys
    ]
    if not named:
        return Resolution(ref, None, Unfound.NOTHING_FOUND)
    if any(not holders[one] for one in identifiers if one.kind in _ONE_INTERACTION):
        # The person is there, the conversation or message is not theirs: somebody is mistaken.
        return Resolution(ref, None, Unfound.AMBIGUOUS, _all_keys(named))
    agreed = reduce(lambda one, two: one & two, named)
    whole = {keys | _joined_to(keys, org_id, identifiers, reading) for keys in agreed}
    people = [keys for keys in whole if all(one <= keys for one in agreed)]
    if len(people) != 1:
        return Resolution(ref, None, Unfound.AMBIGUOUS, _all_keys(named))
    (keys,) = people
    return Resolution(ref, know(ref, org_id, sorted(keys), reading))


def _joined_to(
    keys: frozenset[str],
    org_id: str,
    given: Sequence[Identifier],
    reading: PeopleReading,
) -> frozenset[str]:
    """Return the subject keys of rows that the data map's `joined_by` says are the same person.

    Such a row says nothing that the person's own rows do not: it has no name, and they hold each
    of its identifiers, and every name, account and address in it. Where a request gives values of those kinds it holds all of them: whoever
    notes somebody else's address in their own profile proves nothing about that one's rows.
    """
    kinds = reading.joined_by
    if not kinds:
        return frozenset()
    own = {
        one for pairs in reading.identifiers_of(org_id, sorted(keys)).values() for one, _ in pairs
    }
    holders = reading.holders(org_id, sorted((one for one in own if one.kind in kinds), key=_order))
    others = frozenset[str]().union(*holders.values()) - keys
    if not others:
        return others
    asked = [one for one in given if one.kind in kinds]
    holding = reading.holders(org_id, asked)
    held = {
        key: [one for one, _ in pairs if one.kind is not IdentifierKind.CONTACT_ID]
        for key, pairs in reading.identifiers_of(org_id, sorted(others)).items()
    }
    owners = reading.holders(
        org_id, sorted({one for ids in held.values() for one in ids}, key=_order)
    )
    named = {
        key for key, ids in held.items() if any(one.kind is IdentifierKind.NAME for one in ids)
    }
    profiles = reading.profiles(sorted({*keys, *(held.keys() - named)}))
    told = {key: told_of(row) for key, row in profiles.items()}
    said = {comparable(one.value) for one in own}.union(
        *(told.get(key, frozenset()) | full_names(profiles.get(key, ())) for key in keys)
    )
    return frozenset(
        key
        for key, ids in held.items()
        if key not in named
        and told.get(key, frozenset()) <= said
        and all(owners[one] & keys and not owners[one] & named for one in ids)
        and all(key in holding[one] for one in asked)
    )


def _order(identifier: Identifier) -> tuple[str, str]:
    return identifier.kind, identifier.value


def _all_keys(named: Sequence[set[frozenset[str]]]) -> tuple[str, ...]:
    return tuple(sorted(set().union(*(keys for people in named for keys in people))))


def know(ref: SubjectRef, org_id: str, keys: Sequence[str], reading: PeopleReading) -> Person:
    """Return the person behind subject keys with every value known of them."""
    (person,) = know_all({ref: keys}, org_id, reading)
    return person


def know_all(
    people: Mapping[SubjectRef, Sequence[str]], org_id: str, reading: PeopleReading
) -> list[Person]:
    """Call `know` for several people of a tenant, and read them together.

    Args:
        people: the subject keys of each.
    """
    by_key = reading.identifiers_of(
        org_id, sorted({key for keys in people.values() for key in keys})
    )
    values = {
        ref: list(dict.fromkeys(pair for key in keys for pair in by_key[key]))
        for ref, keys in people.items()
    }
    joined = {
        ref: dict(pair for key in keys for pair in joined_names(by_key[key]))
        for ref, keys in people.items()
    }
    wanted = [one for pairs in values.values() for one, is_short in pairs if not is_short]
    wanted += [part for names in joined.values() for parts in names.values() for part in parts]
    holders = dict(reading.holders(org_id, list(dict.fromkeys(wanted))))
    for names in joined.values():
        for name, parts in names.items():
            # Who bears the name too, in whatever columns: all of its parts are theirs.
            bearers = reduce(lambda one, two: one & two, (holders[part] for part in parts))
            holders[name] = holders.get(name, frozenset()) | bearers
    return [
        _person(
            ref, org_id, people[ref], [*pairs, *((name, False) for name in joined[ref])], holders
        )
        for ref, pairs in values.items()
    ]


def joined_names(
    pairs: Sequence[tuple[Identifier, bool]],
) -> Iterator[tuple[Identifier, tuple[Identifier, ...]]]:
    """Yield the full names that the name parts of one row make, each with these parts."""
    parts = tuple(one for one, is_short in pairs if is_short and one.kind is IdentifierKind.NAME)
    for chosen in dict.fromkeys((parts, (parts[0], parts[-1]))) if len(parts) > 1 else ():
        yield Identifier(IdentifierKind.NAME, " ".join(part.value for part in chosen)), chosen


def _person(
    ref: SubjectRef,
    org_id: str,
    keys: Sequence[str],
    pairs: Sequence[tuple[Identifier, bool]],
    holders: Mapping[Identifier, frozenset[str]],
) -> Person:
    """Return a person of their values, each with whether it is a short name."""
    known = tuple(dict.fromkeys(one for one, is_short in pairs if not is_short))
    short_names = tuple(
        dict.fromkeys(
            identifier.value
            for identifier, is_short in pairs
            if is_short and identifier.kind is IdentifierKind.NAME
        )
    )
    shared = {
        identifier: others
        for identifier in known
        if (others := holders[identifier] - frozenset(keys))
    }
    return Person(
        ref=ref,
        org_id=org_id,
        keys=tuple(keys),
        known=known,
        short_names=short_names,
        shared=shared,
    )
