"""What holds publication back."""

from lacuna.errors import VerificationFailed
from lacuna.flows.run.steps import Steps
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.ports import Stores


def require_no_residue(stores: Stores, steps: Steps) -> None:
    """Hold publication while an erasure is not verified: its rows may not be what they say."""
    with stores.transaction(Role.PLANNER) as transaction:
        # One that is applied in part has an obstacle too; without any, its fulfilment is at work.
        left = len(transaction.queue.requests.in_states((RequestState.APPLIED,)))
    if left:
        error = VerificationFailed(
            f"{left} requests failed their verification, or were applied in part; nothing is "
            "published until they pass. See lacuna request list and lacuna verify --all"
        )
        steps.add("held", counts={"requests": left}, error=error)
        raise error
