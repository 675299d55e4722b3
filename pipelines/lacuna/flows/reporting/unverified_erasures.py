"""What holds publication back."""

from lacuna.errors import VerificationFailed
from lacuna.flows.run.steps import Steps
from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestState
from lacuna.model.run import Role
from lacuna.ports import Stores


def require_no_residue(stores: Stores, steps: Steps) -> None:
    """Hold publication while an erasure failed its gates: its rows may not be what they say."""
    with stores.transaction(Role.PLANNER) as transaction:
        applied = transaction.queue.requests.in_states((RequestState.APPLIED,))
        left = sum(
            transaction.queue.requests.obstacle(request.request_id) is Obstacle.VERIFICATION_FAILED
            for request in applied
        )
    if left:
        error = VerificationFailed(
            f"{left} requests failed their verification; nothing is published until they pass. "
            "See lacuna verify --all"
        )
        steps.add("held", counts={"requests": left}, error=error)
        raise error
