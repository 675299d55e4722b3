"""Proves a data map before anybody is erased by it: looks for people, and for what would be left of them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import Final

from lacuna.errors import PlanRefused
from lacuna.flows.fulfilment.refusals import searched_stores
from lacuna.flows.fulfilment.survey import with_known_values
from lacuna.flows.run.opening import open_datamap
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.identity import Person, SubjectRef
from lacuna.model.person_kinds import known_kinds, of_kind
from lacuna.model.proof import Proof
from lacuna.model.request import Level
from lacuna.model.run import Role
from lacuna.ports import Desk, Objects, Stores, Transaction
from lacuna.subject import Sought, know_all, own_rows
from lacuna.verify import ProofSearch

PEOPLE: Final = 200
"""How many people of each kind are looked for."""
_LONGEST_STATEMENT: Final = 900
"""Seconds; a table is read in one statement, whose rows come as they are fetched."""

_ACTOR: Final = "flow:fulfilment"
_PLACE: Final = "lacuna.proof"

_FEWEST_FILES: Final = 3
"""Files that rows name; of fewer, all may really be gone."""
_MOST_FILES: Final = 1_000
"""That are looked for: each is a request where the store is a bucket."""

_PathsByStore = defaultdict[str, set[str]]
"""By store, the paths that rows of people name."""

Tell = Callable[[str], None]
"""Takes a line that says what is done now."""


def prove(stores: Stores, people: int = PEOPLE, tell: Tell = lambda _: None) -> Proof:
    """Look for sampled people in the whole platform, and record whether something would be left.

    The platform is only read, each table in a transaction of its own. No value is kept or returned.

    Raises:
        ConfigurationError: the file is no valid data map.
        DataMapDrift: the map and the database differ.
        DependencyUnreachable: the database does not answer.
        StatementRefused: a statement took too long, or a right is missing.
    """
    datamap = open_datamap(stores)
    named: _PathsByStore = defaultdict(set)
    with stores.keeping_connections():
        searches = {
            kind: _search(of_kind(datamap, kind), people, stores, tell, named)
            for kind in known_kinds(datamap)
        }
        lost = _lost_files(named, stores, datamap)
        with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
            verifying = transaction.verifying(datamap)
            tables, outside = verifying.platform_tables(), verifying.outside_tables()
        proof = Proof(
            datamap.digest,
            {kind: sampled for kind, (sampled, _) in searches.items()},
            len(tables) + sum(outside.values()),
            len(datamap.stores),
            tuple(chain.from_iterable(one.places() for _, one in searches.values())),
            tuple(sorted(set().union(*(one.unread for _, one in searches.values())) | lost)),
            Counter(name.schema for name, is_readable in outside.items() if not is_readable),
        )
        with stores.transaction(Role.VERIFIER) as transaction:
            _record(proof, transaction, stores)
    return proof


def _record(proof: Proof, transaction: Transaction, stores: Stores) -> None:
    """Keep what was found, and in the ledger that it was nothing, with the people looked for."""
    now = stores.clock.now()
    transaction.queue.plans.put_proof(proof, now)
    if proof.passed:
        desk = Desk(transaction.queue, transaction.ledger, stores.keys, now, _ACTOR)
        counts = (proof.sampled, None)
        desk.record(Action.MAP_PROVED, _PLACE, counts=counts, digest=proof.datamap_digest)


def _lost_files(named: _PathsByStore, stores: Stores, datamap: DataMap) -> frozenset[str]:
    """Return the stores in which nothing lies that rows name: another folder than the platform's.

    An erasure would take every file for deleted already, and the real ones would stay.
    """
    objects = stores.objects_of(datamap)
    return frozenset(
        f"{store}: none of {len(paths)} files that rows name is there; let the store be the folder "
        "or bucket with the platform's files; if all were deleted, take the paths out of the rows"
        for store, paths in named.items()
        if len(paths) >= _FEWEST_FILES
        and not any(_is_there(objects[store], path) for path in sorted(paths)[:_MOST_FILES])
    )


def _is_there(store: Objects, path: str) -> bool:
    """Whether a file is there; what people wrote into a column may be no path at all."""
    with suppress(PlanRefused):
        return store.size(path) is not None
    return False


def _search(
    view: DataMap, number: int, stores: Stores, tell: Tell, named: _PathsByStore
) -> tuple[int, ProofSearch]:
    """Return how many people of a kind were looked for, and the search; add the files they name."""
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        transaction.limit_statements(_LONGEST_STATEMENT)
        tell(f"{view.kind}: choosing people")
        verifying = transaction.verifying(view)
        keys = verifying.sample_people(number)
        tables = verifying.platform_tables()
        outside = [name for name, is_readable in verifying.outside_tables().items() if is_readable]
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        transaction.limit_statements(_LONGEST_STATEMENT)
        tell(f"{view.kind}: deriving known values of {sum(map(len, keys.values()))} people")
        people = _known(keys, view, transaction, named)
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        live = transaction.live_schema(view.schemas)
        search = ProofSearch(people, view, live, transaction.verifying(view))
    if not people:
        return 0, search
    everywhere = replace(view, schemas=(*view.schemas, *{name.schema for name in outside}))
    for place, table in enumerate((*tables, *outside), start=1):
        tell(f"{view.kind}: searching {table}, table {place} of {len(tables) + len(outside)}")
        with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
            transaction.limit_statements(_LONGEST_STATEMENT)
            search.search_table(table, transaction.verifying(everywhere))
    for store in searched_stores(stores, view):
        tell(f"{view.kind}: searching the files of {store.name}")
        with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
            search.search_store(store, transaction.verifying(view))
    return len(people), search


def _known(
    keys: Mapping[str, Sequence[str]], view: DataMap, transaction: Transaction, named: _PathsByStore
) -> list[Person]:
    """Return people with all their values, as an erasure of each of them would derive them.

    The paths of their files are added to `named`.
    """
    reading = transaction.reading(view)
    sought: list[Sought] = []
    for org_id, of_tenant in keys.items():
        groups = dict.fromkeys(reading.merged_groups(org_id, of_tenant).values())
        refs = {
            SubjectRef(f"{org_id} {number}"): sorted(group) for number, group in enumerate(groups)
        }
        sought += (
            Sought(one, Level.CONTACT, one.keys, is_everywhere=True)
            for one in know_all(refs, org_id, reading)
        )
    own = own_rows(sought, view, reading)
    for table, rows in chain.from_iterable(one.items() for one in own.values()):
        for source, paths in reading.object_paths(table, rows).items():
            named[source.store].update(paths)
    known = with_known_values([one.person for one in sought], own, view, transaction)
    return list(known.values())
