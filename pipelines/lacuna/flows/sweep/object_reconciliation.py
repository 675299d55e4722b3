"""Compares the objects of the stores with the rows that name them, both ways, and reports."""

from collections import Counter

from lacuna.flows.fulfilment import places
from lacuna.flows.run.batch import Batch
from lacuna.flows.run.steps import Steps
from lacuna.model.run import Role
from lacuna.verify import orphans


def reconcile_objects(batch: Batch, steps: Steps) -> None:
    """Report objects that no row names, and rows that name an object that is not there.

    Nothing is deleted: whose an object is that no row names, and why an object is missing, is for
    a person to find out. An erasure takes an orphan whose path or text names the person.

    Raises:
        PlanRefused: a store holds links or devices; what they lead to was not seen.
        DependencyUnreachable: a store cannot be read.
    """
    stores, datamap = batch.stores, batch.datamap
    with stores.transaction(Role.VERIFIER, is_read_only=True) as transaction:
        nameless = orphans(transaction.verifying(datamap), datamap, places(stores, datamap))
    missing: Counter[str] = Counter()
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        reading = transaction.reading(datamap)
        for store, objects in stores.objects_of(datamap).items():
            there = frozenset(objects.paths())
            for path, naming in reading.object_names(store).items():
                if path not in there:
                    missing.update({str(column): rows for column, rows in naming.items()})
    counts = {f"{column}, without a value": count for column, count in missing.items()}
    for said in nameless:
        what, _, count = said.rpartition(": ")
        counts[what] = int(count)
    steps.add("objects_reconciled", counts=counts)
