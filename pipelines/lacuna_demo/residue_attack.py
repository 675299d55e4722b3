"""Attacks what is promised of an erasure: people of a scratch sample are erased, then looked for.

By the ordinary flow, and by a search that knows nothing of the verifier's: letters and digits of
everything that is left, without whatever parts them.
"""

import html
import json
import re
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from lacuna.errors import PipelineError
from lacuna.flows import fulfilment
from lacuna.model.attack import Attack, AttackOutcome
from lacuna.model.identity import Identifier, IdentifierKind
from lacuna.model.queue import Submission
from lacuna.model.request import RequestKind, RequestState
from lacuna.model.run import ApprovalMode, Mode, Role, RunOptions
from lacuna.ports import Desk, Stores
from lacuna.request import accept
from lacuna_demo.sample import REFERENCE_DATE, SamplePerson, SamplePlatform

ATTEMPT: Final = "find what is left of people who were erased"
AREA: Final = "residue"
_ACTOR: Final = "system:attack"
_MOST_PEOPLE: Final = 6
_MOST_NAMED: Final = 5
_SHORTEST: Final = 7
_PHONE_DIGITS: Final = 8

_KnownByPerson = Mapping[str, frozenset[str]]
"""Values by class, as they are searched for."""


@dataclass(frozen=True)
class Target:
    """Somebody about to be erased.

    Attributes:
        values: what nobody else holds of them, by class, letters and digits alone.
    """

    org_id: str
    contact_id: str = field(repr=False)
    values: _KnownByPerson = field(repr=False)


def targets_of(platform: SamplePlatform) -> tuple[Target, ...]:
    """Return people of a sample who can be erased at once, those with values of most classes first."""
    attributes = {
        str(row["contact_id"]): str(row["custom_attributes"])
        for row in platform.tables["contact_center.contacts"].records()
    }
    sharing = {one for shared in platform.shared for one in shared.contact_ids}
    free = [
        one
        for one in platform.people.values()
        if not (one.has_open_conversation or one.awaits_mail) and one.contact_id not in sharing
    ]
    values = {one.contact_id: _values(one, attributes[one.contact_id]) for one in free}
    free.sort(key=lambda one: (-sum(map(len, values[one.contact_id].values())), one.contact_id))
    chosen = free[:_MOST_PEOPLE]
    erased = {one.contact_id for one in chosen}
    living = [_squashed(text) for text in _living(platform, erased)]
    return tuple(
        Target(
            one.org_id,
            one.contact_id,
            {
                label: frozenset(
                    value for value in found if not any(value in text for text in living)
                )
                for label, found in values[one.contact_id].items()
            },
        )
        for one in chosen
    )


def _values(person: SamplePerson, attributes: str) -> _KnownByPerson:
    line = person.street_address.partition(",")[0]
    names = (person.first_name, person.last_name)
    written = {
        "contact": (*person.emails, person.username),
        "identifier": (*person.external_ids, person.order_number),
        "full name": (person.full_name, person.former_name, " ".join(names), " ".join(names[::-1])),
        "address": (line,)
        if line in json.dumps(json.loads(attributes), ensure_ascii=False)
        else (),
    }
    squashed = {
        label: {_squashed(one) for one in texts if one is not None}
        for label, texts in written.items()
    }
    squashed["contact"] |= {re.sub(r"\D", "", one)[-_PHONE_DIGITS:] for one in person.phones}
    return {
        label: frozenset(one for one in texts if len(one) >= _SHORTEST)
        for label, texts in squashed.items()
    }


def _living(platform: SamplePlatform, erased: set[str]) -> Iterator[str]:
    """Yield what others are called, and where they are reached."""
    for one in platform.people.values():
        if one.contact_id not in erased:
            yield from (one.full_name, one.street_address, one.order_number)
            yield from (*one.emails, *one.phone_spellings, *one.external_ids)
            yield from filter(None, (one.username, one.former_name))
    for row in platform.tables["contact_center.agents"].records():
        yield from (str(row[name]) for name in ("display_name", "email", "phone"))


def attack_residue(
    stores: Stores, targets: Sequence[Target], everything: Callable[[], Iterable[tuple[str, str]]]
) -> Attack:
    """Erase people by the ordinary flow and return whether something of them is still there.

    Args:
        stores: of a scratch installation, in which a setting approves plans.
        targets: people of it.
        everything: reads where something lies and what it says.
    """
    before = _found(everything(), targets)
    seen = {label for label, _ in before}
    if unseen := sorted({label for one in targets for label in one.values} - seen):
        return _ended(
            AttackOutcome.NOT_TRIED,
            f"no value of these classes was found before: {', '.join(unseen)}",
        )
    requests = {_submit(one, stores): one for one in targets}
    red = _run(stores)
    erased = [one for request_id, one in requests.items() if _is_completed(request_id, stores)]
    after = _found(everything(), erased)
    if after:
        places = [f"{label} in {place} ({count})" for (label, place), count in after.most_common()]
        more = f" and {len(places) - _MOST_NAMED} more" if len(places) > _MOST_NAMED else ""
        return _ended(AttackOutcome.SUCCEEDED, ", ".join(places[:_MOST_NAMED]) + more)
    if len(erased) < len(targets):
        missing = len(targets) - len(erased)
        return _ended(
            AttackOutcome.NOT_TRIED,
            f"{missing} of {len(targets)} erasures did not complete{red and f': {red}'}",
        )
    values = sum(len(found) for one in targets for found in one.values.values())
    return _ended(
        AttackOutcome.HELD,
        f"{values} values of {len(targets)} people were found {before.total()} times before; none is left",
    )


def _submit(target: Target, stores: Stores) -> str:
    now = stores.clock.now()
    submission = Submission(
        org_id=target.org_id,
        kinds=(RequestKind.ERASURE,),
        identifiers=(Identifier(IdentifierKind.CONTACT_ID, target.contact_id),),
        received_at=now,
        verified_by=_ACTOR,
    )
    with stores.transaction(Role.PLANNER) as transaction:
        desk = Desk(transaction.queue, transaction.ledger, stores.keys, now, _ACTOR)
        return accept(submission, str(uuid.uuid4()), str(uuid.uuid4()), desk).request_id


def _run(stores: Stores) -> str:
    """Plan, approve by the setting, apply, verify and close; return what made the run red."""
    options = RunOptions(
        run_id=f"attack-{uuid.uuid4()}",
        mode=Mode.ACT,
        approval=ApprovalMode.AUTO,
        as_of=REFERENCE_DATE,
    )
    try:
        fulfilment.run(stores, options, str(uuid.uuid4()))
    except PipelineError as error:
        return type(error).__name__
    return ""


def _is_completed(request_id: str, stores: Stores) -> bool:
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        return transaction.queue.requests.get(request_id).state is RequestState.COMPLETED


def _found(
    everything: Iterable[tuple[str, str]], targets: Sequence[Target]
) -> Counter[tuple[str, str]]:
    """Count the rows and files that hold a value of any of these people, by class and place."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for one in targets:
        for label, values in one.values.items():
            wanted[label] |= values
    found: Counter[tuple[str, str]] = Counter()
    for place, text in everything:
        letters = _squashed(text)
        found.update(
            (label, place)
            for label, values in wanted.items()
            if any(value in letters for value in values)
        )
    return found


def _squashed(text: str) -> str:
    return re.sub(r"[\W_]+", "", html.unescape(unquote(text))).lower()


def _ended(outcome: AttackOutcome, found: str) -> Attack:
    return Attack(AREA, ATTEMPT, outcome, found)
