"""The gates over applied erasures: one module for each, named as its member of `Gate`.

A module has a function `check`, which takes a `Scope` and returns findings by request. A gate that has
nothing to go by says so in a finding: it has not passed.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Final

from lacuna.model.finding import Gate
from lacuna.verify.scope import Findings, Scope

__all__ = ["check_erasures"]

# Asked of a search, a bundle, a scrub or a published period, where that is done. Any other gate without
# a module stops the run.
_ELSEWHERE: Final = frozenset(
    {
        Gate.RESIDUE,
        Gate.CANARY,
        Gate.COPIES,
        Gate.BUNDLE,
        Gate.UNLINKABILITY,
        Gate.DISCLOSURE,
    }
)


def check_erasures(scope: Scope) -> Iterator[tuple[Gate, Findings]]:
    """Run every gate over applied erasures, in the order of `Gate`."""
    for gate in Gate:
        if gate not in _ELSEWHERE:
            yield gate, import_module(f"{__name__}.{gate}").check(scope)
