"""The requests that one run is limited to."""

from lacuna.errors import RequestError
from lacuna.model.request_reference import normal_reference
from lacuna.model.run import RunScope
from lacuna.ports import Transaction


def ids_within(transaction: Transaction, scope: RunScope) -> list[str] | None:
    """Return the ids of the open requests that a run may take; None: all of them.

    Raises:
        RequestError: there is none; nothing was taken. What was given is not repeated.
        UnknownRequest: the number or id names none, or several.
    """
    if not scope.is_part:
        return None
    requests = transaction.queue.requests
    if scope.request is None:
        found = requests.open_of(scope.org_id or "")
    else:
        reference = normal_reference(scope.request)
        if reference is None:
            raise RequestError(
                "the run is limited to a request by what is neither a number, such as FJ-0142, nor "
                "the beginning of an id; nothing changed"
            )
        one = requests.get(requests.id_of(reference))
        if one.state.is_final:
            raise RequestError(
                f"{one.number}, to which the run is limited, is {one.state}; nothing changed"
            )
        found = [one] if scope.org_id in (None, one.org_id) else []
    if not found:
        raise RequestError(
            "the tenant to which the run is limited has no such open request; nothing changed. "
            "See lacuna request list"
        )
    return [one.request_id for one in found]
