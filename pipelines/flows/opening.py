"""What every flow begins with: the data map, checked against the live schema."""

from pipelines.datamap import load, require_no_drift
from pipelines.model.datamap import DataMap
from pipelines.model.run import Role
from pipelines.ports import Stores


def open_datamap(stores: Stores) -> DataMap:
    """Return the data map, or refuse to run before any row is read.

    Raises:
        ConfigurationError: the file is no valid data map.
        DataMapDrift: the database has a table or column that the map does not, or the other
            way round; names each with the line to add.
    """
    datamap = load(stores.datamap_path)
    with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
        live = transaction.live_schema(datamap.schemas)
    require_no_drift(datamap, live)
    return datamap
