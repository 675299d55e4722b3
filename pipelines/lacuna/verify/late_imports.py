"""Modules that a library imports and we do not need: they are loaded when somebody looks into them.

By the standard library's `LazyLoader`: nothing is replaced, whoever uses such a module has it.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


class _LateFinder(MetaPathFinder):
    """Finds some modules where they are, and has them loaded late."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self._names:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


@contextmanager
def loading_late(*names: str) -> Iterator[None]:
    """Let modules that are first imported inside the block be loaded when they are used.

    One that is there already, or cannot be found, is imported as ever.
    """
    finder = _LateFinder(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
