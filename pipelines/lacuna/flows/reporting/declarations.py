"""What the marts of a run are: noted before any row is read."""

from lacuna.flows.run.steps import Steps
from lacuna.marts import definitions_digest, marts
from lacuna.ports import Stores


def note_declared(stores: Stores, steps: Steps) -> None:
    """Add a line with the digest of the declarations and queries, Lacuna's and the installation's.

    Raises:
        ConfigurationError: a folder of the installation cannot be read as a mart; names it.
    """
    declared = marts(stores.marts_path)
    steps.add("declared", counts={"marts": len(declared)}, digest=definitions_digest(declared))
