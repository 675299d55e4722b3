"""What a plan does otherwise than an earlier one, for the officer who approved that one."""

from collections import Counter

from lacuna.model.plan import (
    EmptyFiles,
    Plan,
    RedactMentions,
    RedactText,
    Restrict,
    location_of,
)


def differences(old: Plan, new: Plan) -> str:
    """Return by step what changed, in counts; no key, no value.

    >>> from lacuna.model.location import TableName
    >>> from lacuna.model.plan import RedactMentions
    >>> from lacuna.model.request import Level
    >>> def plan(rows: int) -> Plan:
    ...     step = RedactMentions(TableName("s", "t"), ("a", "b"), rows)
    ...     return Plan("r", Level.CONTACT, (), "", (step,), "")
    >>> differences(plan(2), plan(3)), differences(plan(2), plan(2))
    ('RedactMentions s.t.a, b: 3, not 2', 'the same number of rows and files, but different ones')
    """
    before, after = _counted(old), _counted(new)
    return (
        "; ".join(
            f"{place}: {after[place]}, not {before[place]}"
            for place in sorted(before | after)
            if before[place] != after[place]
        )
        or "the same number of rows and files, but different ones"
    )


def _counted(plan: Plan) -> Counter[str]:
    counts = Counter[str]()
    for step in plan.steps:
        place = f"{type(step).__name__} {location_of(step)}"
        match step:
            case RedactText() | RedactMentions() | EmptyFiles():
                place = f"{place}.{', '.join(step.columns)}"
            case _:
                pass
        counts[place] += 1 if isinstance(step, Restrict) else step.rows
    return counts
