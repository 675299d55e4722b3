"""Which module carries out each kind of step. A step that none does stops its request."""

from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Final

from lacuna.apply import (
    corrections,
    emptied_files,
    objects,
    rectification,
    restriction,
    rows,
    texts,
)
from lacuna.errors import PlanRefused
from lacuna.model.plan import (
    AnonymizeRows,
    DeleteObjects,
    DeleteRows,
    EmptyFiles,
    JoinRows,
    LinkTombstone,
    Plan,
    Rectify,
    RectifyCopies,
    RectifyObjects,
    RedactMentions,
    RedactText,
    RefreshView,
    Restrict,
    Retain,
    RewriteObjects,
    Step,
    WriteBundle,
)

MODULES: Final[Mapping[type[Step], ModuleType]] = MappingProxyType(
    {
        AnonymizeRows: rows,
        DeleteRows: rows,
        LinkTombstone: rows,
        RefreshView: rows,
        RedactText: texts,
        RedactMentions: texts,
        EmptyFiles: emptied_files,
        DeleteObjects: objects,
        RewriteObjects: objects,
        Rectify: rectification,
        RectifyCopies: corrections,
        RectifyObjects: corrections,
        Restrict: restriction,
    }
)
"""By kind of step the one module here that carries it out, whole or in portions.

It makes the new text or file, or calls what changes the row.
"""

CHANGE_NOTHING: Final[frozenset[type[Step]]] = frozenset({JoinRows, Retain})
"""Kinds of steps that only state something."""

# `flows/fulfilment/bundles.py`: docs/decisions/0010-bundles-are-delivered-by-their-flow.md
OF_THE_FLOW: Final[frozenset[type[Step]]] = frozenset({WriteBundle})
"""Kinds of steps that a flow carries out, with several stages."""


def require_modules(plan: Plan) -> None:
    """Refuse a plan with a step that nothing carries out: it would be certified, and never done.

    Raises:
        PlanRefused: says which kinds of steps.
    """
    known = {*MODULES, *CHANGE_NOTHING, *OF_THE_FLOW}
    strange = sorted({type(step).__name__ for step in plan.steps if type(step) not in known})
    if strange:
        raise PlanRefused(
            f"{plan.request_id}: nothing carries out steps of {len(strange)} kinds: "
            f"{', '.join(strange)}; install the version of Lacuna that made the plan"
        )
