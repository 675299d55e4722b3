"""How plans are shown: in sums for people, with every step, and as documents for machines."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lacuna.cli.next_commands import approval_command
from lacuna.cli.plan_places import place_lines
from lacuna.flows.fulfilment import TriedErasure
from lacuna.model.chosen_plans import ChosenPlans
from lacuna.model.plan import DeleteObjects, JoinRows, Plan, RectifyCopies, RectifyObjects
from lacuna.model.queue import StoredPlan
from lacuna.model.request import Request, RequestState


@dataclass(frozen=True)
class SeenRequest:
    """A request with the plan that somebody is shown.

    Attributes:
        officer: who approves it, in a command.
        tried: what the database said to it; None if it was not tried.
    """

    request: Request
    plan: StoredPlan
    officer: str
    tried: TriedErasure | None

    @property
    def is_stored(self) -> bool:
        """Whether this is the plan that an approval would be of."""
        return self.request.plan_digest == self.plan.digest


def plan_document(seen: SeenRequest) -> Mapping[str, object]:
    """Return a plan as other programs read it."""
    tried = seen.tried
    return {
        "request_id": seen.request.request_id,
        "number": seen.request.number,
        "digest": seen.plan.digest,
        "stored": seen.is_stored,
        "steps": json.loads(seen.plan.steps),
        **({} if tried is None else _tried_as_json(tried)),
    }


def whole(seen: SeenRequest, plan: Plan, locks: str) -> str:
    """Return a plan with every step, as its digest binds it.

    Args:
        locks: which tables will be locked afterwards.
    """
    lines = [f"Request {seen.request.number}\n{seen.plan.readable}Digest: {seen.plan.digest}"]
    lines += [locks] if locks else []
    lines += [] if seen.is_stored else [_not_stored(seen.request)]
    if seen.tried is not None:
        tried = _of_planned(seen.tried.rows, plan.total_rows)
        lines.append(f"Tried on the database and rolled back: {tried}")
        stay = _unrecognized([seen])
        lines += ["Texts of the person in which nothing was recognized, so that they stay:"] * bool(
            stay
        )
        lines += [f"  {column}: {count}" for column, count in stay]
    return "\n".join(lines)


def brief_lines(seen: Sequence[SeenRequest], plans: Sequence[Plan], locks: str) -> Iterator[str]:
    """Yield plans in sums: each request in a line, then each table and store, and all that warns.

    Args:
        plans: of the requests, in their order.
        locks: which tables will be locked afterwards, in one line.
    """
    for one, plan in zip(seen, plans, strict=True):
        yield from _headed(one, plan)
    if len(plans) > 1:
        yield f"Together {_sizes(plans)}:"
    yield from (f"  {line}" for line in place_lines(plans))
    if stay := _unrecognized(seen):
        yield f"  stays, nothing recognized in the texts: {', '.join(map(' '.join, stay))}"
    for warning in dict.fromkeys(_warnings(plans)):
        yield f"  note: {warning}"
    if locks:
        yield f"  afterwards, {locks}"


def approval_lines(seen: Sequence[SeenRequest]) -> Iterator[str]:
    """Yield the command that approves the plans, one for each tenant."""
    by_tenant: dict[str, list[SeenRequest]] = {}
    for one in seen:
        if one.is_stored and one.request.state is RequestState.PLANNED:
            by_tenant.setdefault(one.request.org_id, []).append(one)
    for some in by_tenant.values():
        digest = some[0].plan.digest
        if len(some) > 1:
            digest = ChosenPlans({one.request.request_id: one.plan.digest for one in some}).digest
        numbers = [one.request.number for one in some]
        what = "all" if len(some) == len(seen) else f"{len(some)} of {len(seen)}"
        what = "it" if len(seen) == 1 else what
        yield f"Approve {what}: {approval_command(numbers, digest, some[0].officer)}"


def _headed(seen: SeenRequest, plan: Plan) -> Iterator[str]:
    said = _sizes([plan]) if plan.steps else "nothing was found, there is nothing to do"
    if seen.tried is not None:
        rest = f"{seen.tried.rows} rows change, in the others nothing was recognized"
        said += f"; tried: {'all change' if seen.tried.rows == plan.total_rows else rest}"
    yield f"{seen.request.number}: {', '.join(plan.kinds)} of one {plan.level}, {said}"
    if not seen.is_stored:
        yield f"  {_not_stored(seen.request)}"


def _sizes(plans: Sequence[Plan]) -> str:
    """Return how many rows plans change, and how many files they delete."""
    rows = sum(plan.total_rows for plan in plans)
    deleted = (one for plan in plans for one in plan.steps if isinstance(one, DeleteObjects))
    files = sum(one.rows for one in deleted)
    return ", ".join([_counted(rows, "row"), *([_counted(files, "file")] if files else [])])


def _warnings(plans: Sequence[Plan]) -> Iterator[str]:
    for plan in plans:
        for step in plan.steps:
            match step:
                case JoinRows(table, _, rows):
                    yield f"{rows} further rows of {table} are taken for the person's (--steps says by which rule)"
                case DeleteObjects(store, _, _, missing, others):
                    if missing:
                        yield f"{missing} files of {store} are already absent"
                    for column, rows in others:
                        yield f"{rows} rows of others lose a file in {column}"
                case RectifyCopies() | RectifyObjects():
                    yield "texts that people wrote are not rewritten; the certificate counts the places"
                case _:
                    pass


def _not_stored(request: Request) -> str:
    return f"The request is {request.state}. Run lacuna run fulfilment to store this plan for approval."


def _counted(count: int, unit: str) -> str:
    """Return a count with its unit.

    >>> _counted(2, "row")
    '2 rows'
    """
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _tried_as_json(tried: TriedErasure) -> dict[str, object]:
    return {
        "tried_rows": tried.rows,
        "unchanged_texts": {
            str(one.column): {"unchanged": one.unchanged, "read": one.read}
            for one in tried.unchanged
        },
    }


def _unrecognized(seen: Sequence[SeenRequest]) -> list[tuple[str, str]]:
    """Return in which columns own texts stay as they are: whoever knows the data sees what is odd.

    Of several requests, those are named whose texts they are, unless it is each of them.
    """
    unchanged: Counter[str] = Counter()
    read: Counter[str] = Counter()
    numbers: dict[str, list[str]] = {}
    for one in seen:
        for texts in one.tried.unchanged if one.tried is not None else ():
            unchanged[str(texts.column)] += texts.unchanged
            read[str(texts.column)] += texts.read
            numbers.setdefault(str(texts.column), []).append(one.request.number)
    found = []
    for column, count in unchanged.items():
        of = "" if len(numbers[column]) == len(seen) else f" ({', '.join(numbers[column])})"
        found.append((column, f"{count} of {read[column]}{of}"))
    return found


def _of_planned(tried: int, planned: int) -> str:
    """Return how many of a plan's rows the erasure would change.

    >>> _of_planned(12, 15)
    '12 of these 15 rows would change; in the others nothing was recognized'
    """
    if tried == planned:
        return f"these {tried} rows would change"
    return f"{tried} of these {planned} rows would change; in the others nothing was recognized"
