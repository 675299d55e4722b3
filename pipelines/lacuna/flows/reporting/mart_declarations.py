"""What the marts of a run are: checked and noted before any row is read."""

from collections.abc import Iterable

from lacuna.errors import ConfigurationError
from lacuna.flows.run.steps import Steps
from lacuna.marts import definitions_digest, marts
from lacuna.model.mart import Mart
from lacuna.ports import Stores
from lacuna.verify import check_columns


def note_declared(stores: Stores, steps: Steps) -> None:
    """Add a line with the digest of the declarations and queries, Lacuna's and the installation's.

    Raises:
        ConfigurationError: a folder of the installation is no mart that can be published; names it.
    """
    declared = marts(stores.marts_path)
    refuse_columns(declared)
    steps.add("declared", counts={"marts": len(declared)}, digest=definitions_digest(declared))


def refuse_columns(declared: Iterable[Mart]) -> None:
    """Refuse columns that no table of the reporting zone may have: a run would find them once sealed.

    Raises:
        ConfigurationError: names the folder and the column.
    """
    for mart in declared:
        columns = [(mart.name, each.name, "text") for each in mart.dimensions]
        columns += [(mart.name, each.name, "bigint") for each in mart.measures]
        columns += [(mart.name, each.name, "double precision") for each in mart.means]
        columns += [(mart.name, each.name, "double precision") for each in mart.shares]
        for finding in check_columns(columns, {mart.name}):
            raise ConfigurationError(
                f"{mart.folder}: {finding.location} is named like a smallest or largest value, or like "
                "what identifies a person; no mart publishes that. Count it another way, or rename it"
            )
