"""Errors of other code, in place of which one without their text is raised.

What a driver's message quotes is a row's value, and what a command or a task raises is shown and kept.
"""

import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Final, ParamSpec, TypeVar

from lacuna.errors import PipelineError

_P = ParamSpec("_P")
_R = TypeVar("_R")
_HERE: Final = Path(__file__).resolve()
_PACKAGE: Final = _HERE.parents[2]


def without_values(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Return `function` with errors that quote nothing.

    An error of ours keeps its message, which holds no value by construction, and loses the
    errors that it came from. Any other is replaced by one that says its class and the place.
    What the functions on its way held goes too: there are tools that send local variables along.
    """

    @wraps(function)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        failure: PipelineError
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the edge, where everything has to end
            failure = without_quotation(error)
        # Outside the handlers, where Python would hang the foreign error on ours again.
        failure.__cause__ = failure.__context__ = None
        raise failure

    return guarded


def without_quotation(error: Exception) -> PipelineError:
    """Return an error that quotes nothing in place of one that may; see `without_values`."""
    if isinstance(error, PipelineError):
        failure = error
    else:
        failure = PipelineError(
            f"{type(error).__name__} at {_place(error.__traceback__)}; its text is omitted, "
            "because it may quote a row"
        )
    failure.__cause__ = failure.__context__ = None
    failure.__dict__.pop("__notes__", None)
    traceback.clear_frames(error.__traceback__)
    return failure


def _place(passed: TracebackType | None) -> str:
    """Return the innermost line of the package, this module left out, that the error passed."""
    place = "a place outside the package"
    while passed is not None:
        code = passed.tb_frame.f_code
        path = Path(code.co_filename)
        if path.is_relative_to(_PACKAGE) and path != _HERE:
            relative = path.relative_to(_PACKAGE.parent).as_posix()
            place = f"{relative}:{passed.tb_lineno} ({code.co_name})"
        passed = passed.tb_next
    return place
