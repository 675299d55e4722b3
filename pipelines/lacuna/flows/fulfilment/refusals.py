"""Why a plan would leave something that the gates know of."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from lacuna.apply import Work
from lacuna.errors import (
    PlanRefused,
)
from lacuna.flows.fulfilment.strangers import strangers_by_now
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.request_people import led_to_besides
from lacuna.model.datamap import DataMap
from lacuna.model.identity import SubjectRef
from lacuna.model.location import STORE_MARK
from lacuna.model.queue import Obstacle
from lacuna.model.request import Level, RequestKind
from lacuna.model.run import Role
from lacuna.ports import Stores
from lacuna.verify import CorrectedValue, Place, derive_values, own_values_left, search_refused

_OF_ROWS: Final = frozenset(
    {RequestKind.RECTIFICATION, RequestKind.RESTRICTION, RequestKind.OBJECTION}
)
"""What changes or marks the row of a person."""

Refusal: TypeAlias = tuple[Obstacle, PlanRefused]
"""What a request whose plan is refused waits for, and why."""

_MENTIONED = (
    "the person is mentioned where the data map allows no mention",
    ("row or file", "rows or files"),
    "Write mention: redact there (for bytes: empty, for files: delete_object), or remove what is there",
)
_NOT_CORRECTED = (
    "a value to correct is in a place where the data map allows no mention",
    ("row", "rows"),
    "Write mention: redact there, or correct the place by hand",
)
_MISSED = (
    "the person's rows contain values that the plan neither covers nor searches for",
    ("value", "values"),
    "Give these columns the category of their content, or keep if they contain no personal data",
)
_KEPT = (
    "members kept by json_keys contain known values of the person",
    ("row", "rows"),
    "Remove the value there, or remove the members from json_keys",
)
# A treatment can need a right that the roles lack; an unproved map plans nothing.
_AFTER: Final = (
    "then plan again; after a change of the map, first run lacuna up for the roles' rights, and "
    "lacuna datamap prove"
)
_UNSEEN = (
    "the gate saw fewer of the person's rows than the plan, so that their values were not compared",
    ("row", "rows"),
    "If no other writer removed them, check the links of the table in the map",
)
_UNREACHED = (
    "rows name the person and lead to nobody in the data map, so that their other contents would stay",
    ("row", "rows"),
    "Write a link from the column to the person (links: {COLUMN: {table: …, to: …}}), or alone: true "
    "at the column if these rows are nobody's. If the link is there and the person has no row, "
    "submit a request for each of their identifiers; where it is an agent's, change these rows in the "
    "platform, then run again",
)
_IN_CASE = (
    "The link is there, but in {rows} the value differs from a person's own in letter case or outer "
    "spaces, and links compare exactly: write it there as the person's row has it. Elsewhere: "
)
_NO_ROW = (
    "no row of the person's own leads to what names them, so no bundle, correction or restriction "
    "reaches it",
    ("row or file", "rows or files"),
    "Write a link from the column to the person, or give the person a row in the platform. If "
    "neither fits, answer this request by hand",
)
_NOT_WITHOUT_ROW = (
    "the person has no row of their own, and nothing else can be corrected, restricted or marked as "
    "objected to",
    ("row", "rows"),
    "Give the person a row in the platform, or answer this request by hand",
)
_LEFT = (
    "columns that stay in the person's own rows contain values of the person",
    ("row", "rows"),
    "Treat the column, or state with stays: REASON at it why values may stay there",
)
_OF_GONE = (
    "columns refer to the person's row, which is no longer there, so that nothing takes its key out",
    ("row", "rows"),
    "Set these columns to NULL or to somebody else in the platform",
)
_BROKEN = (
    "an erasure would leave what the application cannot take",
    ("row", "rows"),
    "Give the column a treatment that keeps its invariant, or correct the invariant",
)


def refusals(batch: Batch, works: Iterable[Work]) -> Mapping[str, Refusal]:
    """Return, by request, why a plan would leave something that the gates know of."""
    works = list(works)
    erasures = [one for one in works if RequestKind.ERASURE in one.request.kinds]
    found: dict[str, Refusal] = {}
    if erasures and not _is_proved(batch):
        found = {one.request.request_id: _unproved(batch, one) for one in erasures}
        erasures = []
    by_kind: dict[str, list[Work]] = defaultdict(list)
    for one in erasures:
        if one.request.level is Level.CONTACT:
            by_kind[one.request.person_kind].append(one)
    for part in by_kind.values():
        found |= _of_kind(batch.of(part[0].request), part)
    found |= _without_rows(batch, works)
    found |= _led_elsewhere(batch, works)
    for one in works:
        if RequestKind.ERASURE in one.request.kinds and (broken := _broken(batch, one)):
            ref = one.person.ref
            found[one.request.request_id] = _refusal(
                Obstacle.INVARIANT_BROKEN, ref, _BROKEN, broken
            )
        if one.corrections and (places := _not_corrected(batch.of(one.request), one)):
            found[one.request.request_id] = _refusal(
                Obstacle.MENTION_REFUSED, one.person.ref, _NOT_CORRECTED, places
            )
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        strangers = strangers_by_now(batch, works, transaction)
    return found | {ref: (Obstacle.OTHER_KIND, error) for ref, error in strangers.items()}


def _led_elsewhere(batch: Batch, works: Sequence[Work]) -> Mapping[str, Refusal]:
    """Return why requests wait that also give what rows of nobody's account lead to."""
    if not batch.datamap.leads_by_value:
        return {}
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        transaction.queue.secrets.read_ahead([one.request.request_id for one in works])
        counts = {
            one.person.ref: led_to_besides(batch, one.request, one.person, transaction)
            for one in works
        }
    return {
        ref: (
            Obstacle.ROWS_UNREACHED,
            PlanRefused(
                f"{ref}: {count} of the identifiers that the request gives are in no row of a "
                "person, and other rows lead to them by the data map. Nothing says that these rows "
                "are this person's; nothing changed. Submit the request again without them, and "
                "one of its own for each"
            ),
        )
        for ref, count in counts.items()
        if count
    }


def _without_rows(batch: Batch, works: Sequence[Work]) -> Mapping[str, Refusal]:
    """Return why people without a row do not get what they ask for, though they are named somewhere.

    What names them and leads to nobody reaches no bundle; what is in a row of their own alone can
    neither be corrected nor restricted.
    """
    found = {
        one.person.ref: _refusal(
            Obstacle.ROWS_UNREACHED, one.person.ref, _NOT_WITHOUT_ROW, _rows_of(one)
        )
        for one in works
        if one.person.keys and not one.person.row_keys and _OF_ROWS & {*one.request.kinds}
    }
    named: dict[str, Counter[str]] = {}
    by_kind: dict[str, list[Work]] = defaultdict(list)
    for one in works:
        if not one.person.keys and {*one.request.kinds} != {RequestKind.ERASURE}:
            by_kind[one.request.person_kind].append(one)
    for part in by_kind.values():
        view = batch.of(part[0].request).datamap
        named |= {one.person.ref: _places_of(one) for one in part}
        with batch.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
            verifying, stores = transaction.verifying(view), searched_stores(batch.stores, view)
            refused = search_refused([one.person for one in part], view, verifying, stores)
        for ref, places in refused.items():
            named[ref].update(places)
    return found | {
        ref: _refusal(Obstacle.ROWS_UNREACHED, ref, _NO_ROW, places)
        for ref, places in named.items()
        if places
    }


def _rows_of(work: Work) -> Mapping[str, int]:
    return {str(found.table): len(found.keys) for found in work.inventory.rows}


def _places_of(work: Work) -> Counter[str]:
    """Return where a person is named, with the number of rows or files."""
    places = Counter(f"{one.path.store}:{one.pattern}" for one in work.inventory.objects)
    places.update({str(one.column): len(one.keys) for one in work.inventory.mentions})
    return places


def _broken(batch: Batch, work: Work) -> Mapping[str, int]:
    """Return by column in how many rows an erasure would break what the application needs."""
    datamap = batch.of(work.request).datamap
    if not any(table.invariants for table in datamap.tables.values()):
        return {}
    rows = {found.table: found.keys for found in work.inventory.rows}
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        broken = transaction.invariants(datamap).would_break(rows)
    return {str(column): count for column, count in broken.items()}


def _is_proved(batch: Batch) -> bool:
    """Whether people were looked for in the platform by this data map, and nothing would be left."""
    with batch.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        return transaction.queue.plans.is_proved(batch.datamap.digest)


def _unproved(batch: Batch, work: Work) -> Refusal:
    return Obstacle.MAP_UNPROVED, PlanRefused(
        f"{work.request.request_id}: no search for people by data map {batch.datamap.digest} has "
        "passed, so that nobody knows what an erasure leaves; nothing changed. Run lacuna datamap "
        "prove, settle what it finds, then run again"
    )


def _not_corrected(batch: Batch, work: Work) -> Mapping[str, int]:
    """Return where a value stands that is corrected, and the data map expects nobody."""
    values = [
        CorrectedValue(number, work.person, one)
        for number, one in enumerate(work.corrections)
        if one.is_everywhere
    ]
    with batch.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        verifying = transaction.verifying(batch.datamap)
        found = search_refused(values, batch.datamap, verifying, [])
    places: Counter[str] = Counter()
    for of_value in found.values():
        places.update(of_value)
    return places


def _of_kind(batch: Batch, works: Sequence[Work]) -> dict[str, Refusal]:
    people = [one.person for one in works]
    # No link leads to rows that a hold kept back before.
    planned = {
        one.person.ref: {found.table: len(found.keys) for found in one.inventory.rows}
        for one in works
        if one.roots
    }
    staying = {
        (one.person.ref, rows.table): rows.keys for one in works for rows in one.inventory.shared
    }
    with batch.stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        verifying = transaction.verifying(batch.datamap)
        derived = derive_values(people, planned, batch.datamap, verifying, staying)
        mentioned = search_refused(
            people, batch.datamap, verifying, searched_stores(batch.stores, batch.datamap), staying
        )
        left = own_values_left(people, batch.datamap, verifying)
    found: dict[str, Refusal] = {}
    for work in works:
        if work.inventory.unreached:
            found[work.person.ref] = _unreached(batch, work)
    for ref, one in derived.items():
        if one.unseen:
            found[ref] = _refusal(Obstacle.VALUES_MISSED, ref, _UNSEEN, one.unseen)
        elif one.missed:
            found[ref] = _refusal(Obstacle.VALUES_MISSED, ref, _MISSED, one.missed)
        elif one.kept:
            found[ref] = _refusal(Obstacle.MENTION_REFUSED, ref, _KEPT, one.kept)
    for ref, places in left.items():
        found[ref] = _refusal(Obstacle.MENTION_REFUSED, ref, _LEFT, places)
    for ref, places in mentioned.items():
        found[ref] = _refusal(Obstacle.MENTION_REFUSED, ref, _MENTIONED, places)
    for ref, places in _referring_to_gone(batch, works).items():
        found[ref] = _refusal(Obstacle.ROWS_UNREACHED, ref, _OF_GONE, places)
    return found


def _referring_to_gone(batch: Batch, works: Sequence[Work]) -> Mapping[SubjectRef, Counter[str]]:
    """Return by person and column how many rows refer to a row of theirs that is gone."""
    people = batch.datamap.subject.table
    gone = {
        one.person.ref: {*one.person.row_keys}.difference(
            key for rows in one.inventory.rows if rows.table == people for (key,) in rows.keys
        )
        for one in works
    }
    every = frozenset[str]().union(*gone.values())
    if not every or not batch.datamap.referring:
        return {}
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        referring = transaction.reading(batch.datamap).references(every)
    found: dict[SubjectRef, Counter[str]] = defaultdict(Counter)
    for person, keys in gone.items():
        for key in keys & referring.keys():
            found[person].update({str(one): len(rows) for one, rows in referring[key].items()})
    return found


def _unreached(batch: Batch, work: Work) -> Refusal:
    """Return that rows lead to nobody, and in how many the spelling alone is why."""
    rows = {str(one.column): len(one.keys) for one in work.inventory.unreached}
    with batch.stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        reading = transaction.reading(batch.datamap)
        unlike = sum(
            reading.unlike_in_case(one.column, one.keys) for one in work.inventory.unreached
        )
    what, counted, do = _UNREACHED
    if unlike:
        do = _IN_CASE.format(rows=f"{unlike} row" if unlike == 1 else f"{unlike} rows") + do
    return _refusal(Obstacle.ROWS_UNREACHED, work.person.ref, (what, counted, do), rows)


def _refusal(
    obstacle: Obstacle, ref: str, why: tuple[str, tuple[str, str], str], places: Mapping[str, int]
) -> Refusal:
    what, (one, many), do = why
    where = ", ".join(
        f"{column} in {count} {one if count == 1 else many}"
        for column, count in sorted(places.items())
    )
    return obstacle, PlanRefused(f"{ref}: {what}: {where}; nothing changed. {do}, {_AFTER}")


def searched_stores(stores: Stores, datamap: DataMap) -> list[Place]:
    """Return the object stores of a data map as places of the search."""
    return [
        Place(
            name,
            stores.folder_of(name),
            store.files,
            is_store=True,
            # A store that was never marked is not known to be there.
            mark=None if store.address else stores.mark_of(name) or "",
            skipped=frozenset({STORE_MARK}),
            bucket=stores.bucket_of(store),
        )
        for name, store in datamap.stores.items()
    ]
