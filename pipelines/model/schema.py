"""The live schema of a platform, as its catalog describes it."""

from dataclasses import dataclass

from pipelines.model.location import TableName


@dataclass(frozen=True)
class LiveSchema:
    """Every table and view found in the schemas asked for."""

    tables: tuple[TableName, ...]
