"""Rectifies a person's data (Art. 16): their own row, and every copy that the data map names."""

from collections import Counter
from collections.abc import Mapping

from lacuna.apply.corrections import correct_rows, put_file_effects
from lacuna.apply.work import Work
from lacuna.errors import ApplyFailed
from lacuna.model.correction import CellRules, Correction
from lacuna.model.datamap import DataMap
from lacuna.model.evidence import Action
from lacuna.model.identity import Person
from lacuna.model.plan import Rectify
from lacuna.ports import Desk, Transaction
from lacuna.redaction import ValueCorrector


def corrector_of(
    corrections: tuple[Correction, ...],
    person: Person,
    datamap: DataMap,
    rectified: Mapping[str, str],
) -> ValueCorrector:
    """Return the corrector of a person's values."""
    rules = CellRules(datamap, person.org_id, frozenset(person.keys), frozenset(rectified))
    return ValueCorrector(corrections, rules)


def rectify(
    work: Work, values: Mapping[str, str], datamap: DataMap, transaction: Transaction, desk: Desk
) -> None:
    """Write new values into a person's row and the copies in rows; exports become file effects.

    Args:
        values: the new values, by column of the table of people.

    Raises:
        ApplyFailed: other rows would be corrected than were planned.
        StatementRefused: the database refuses a new value.
        Any of them leaves everything as it was.
    """
    request = work.request
    subject = datamap.subject.table
    writing = transaction.writing(datamap)
    desk.queue.plans.put_rows(
        request.request_id, "own", {subject: [(key,) for key in work.person.row_keys]}
    )
    rows = writing.rectify(request.request_id, values)
    expected = sum(step.rows for step in work.plan.steps if isinstance(step, Rectify))
    if rows != expected:
        raise ApplyFailed(
            f"{subject}: {rows} rows to correct, {expected} planned; rolled back. Run again to "
            "make a new plan"
        )
    changed = Counter({subject: rows})
    if work.corrections:
        corrector = corrector_of(work.corrections, work.person, datamap, values)
        own = {found.table: found.keys for found in work.inventory.rows}
        reading, copies = transaction.reading(datamap), work.inventory.copies
        # Rows of the person are corrected anyway, and count once.
        changed |= Counter(correct_rows(copies, own, corrector, reading, writing))
        put_file_effects(request.request_id, work.inventory.copied, desk)
    for table, count in sorted(changed.items()):
        desk.record(
            Action.RECTIFY,
            table.location,
            request_id=request.request_id,
            counts=(count, None),
            digest=work.plan.digest,
        )
