"""What an installation has, for whoever takes requests in."""

from collections.abc import Iterable

from lacuna.datamap import load_tenants
from lacuna.flows.run.opening import read_datamap
from lacuna.model.run import Role
from lacuna.ports import Stores
from lacuna.request import SubmissionCheck


def submission_check_of(stores: Stores) -> SubmissionCheck:
    """Return the tenants, kinds of people and columns that submissions may name here.

    Raises:
        ConfigurationError: the data map or the file of tenants cannot be read.
    """
    datamap = read_datamap(stores)

    def tenants_of_rows() -> Iterable[str]:
        with stores.transaction(Role.PLANNER, is_read_only=True) as transaction:
            return transaction.reading(datamap).tenants()

    return SubmissionCheck(datamap, load_tenants(stores.tenants_path), tenants_of_rows)
