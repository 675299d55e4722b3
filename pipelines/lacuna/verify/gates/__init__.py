"""The gates over applied erasures: one module for each, named as its member of `Gate`.

A module has a function `check`, which takes a `Scope` and returns findings by request. A gate that has
nothing to go by says so in a finding: it has not passed.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from lacuna.model.finding import Gate
from lacuna.verify.scope import Findings, Scope

__all__ = ["check_erasures"]


def check_erasures(scope: Scope) -> Iterator[tuple[Gate, Findings]]:
    """Run every gate over applied erasures, in the order of `Gate`."""
    modules = {found.name for found in iter_modules(__path__)}
    for gate in Gate:
        if gate in modules:
            yield gate, import_module(f"{__name__}.{gate}").check(scope)
