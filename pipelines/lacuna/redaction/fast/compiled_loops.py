"""Loops over arrays, compiled at run time, where numba is installed.

Compiled loops are kept on disk: the first process on a machine waits some seconds for them, the
next ones a fraction of one.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

_Function = TypeVar("_Function", bound=Callable[..., object])


def can_compile() -> bool:
    """Whether numba is installed."""
    return find_spec("numba") is not None


def keep_compiled_in(directory: Path) -> None:
    """Keep compiled loops in `directory`; for the modules imported from now on."""
    import numba

    directory.mkdir(parents=True, exist_ok=True)
    numba.config.CACHE_DIR = str(directory)  # type: ignore[attr-defined]


def compiled(function: _Function) -> _Function:
    """Compile a loop at its first call; sums may be reordered, so that they run in parallel lanes.

    The loop gets arrays and numbers only, and holds no lock of the interpreter.
    """
    import numba

    try:
        loop: _Function = numba.njit(function, cache=True, nogil=True, fastmath=True)
    except RuntimeError:
        # No place to keep it: neither beside the package nor in the user's cache folder.
        loop = numba.njit(function, nogil=True, fastmath=True)
    return loop
