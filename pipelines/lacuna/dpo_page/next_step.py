"""Says in a sentence what a request waits for, and who has to do what."""

from typing import assert_never

from lacuna.model.queue import Obstacle
from lacuna.model.register import Filed
from lacuna.model.request import RequestKind, RequestState


def next_step(filed: Filed, *, may_decide: bool, is_certified: bool) -> str:
    """Return what happens next to a request, for somebody who works on the page.

    Args:
        may_decide: whether they may approve and refuse.
        is_certified: whether its certificate is there.
    """
    request, obstacle = filed.request, filed.obstacle
    waits = obstacle in (None, Obstacle.NOT_APPROVED, Obstacle.PLAN_CHANGED)
    if request.state is RequestState.PLANNED and waits and not may_decide:
        return "The plan waits for somebody who may approve it. Nothing is changed before that."
    if obstacle is not None and not request.state.is_final:
        return _against(obstacle)
    match request.state:
        case RequestState.RECEIVED:
            return "The next run of gdpr_fulfilment looks for the person."
        case RequestState.IDENTITY_PENDING:
            return _against(Obstacle.IDENTITY)
        case RequestState.AMBIGUOUS:
            return _against(Obstacle.AMBIGUOUS)
        case RequestState.RESOLVED:
            return "The person was found. The next run of gdpr_fulfilment makes the plan."
        case RequestState.PLANNED if RequestKind.ERASURE in request.kinds:
            return _against(Obstacle.NOT_APPROVED)
        case RequestState.PLANNED | RequestState.APPROVED:
            return "The next run of gdpr_fulfilment carries the plan out."
        case RequestState.APPLIED:
            return "Data was changed. The next run of gdpr_fulfilment lets the gates look again."
        case RequestState.VERIFIED:
            return "The gates passed. The next run of gdpr_fulfilment closes the request."
        case RequestState.HELD:
            return "It is held back, and planned anew when the hold lapses."
        case RequestState.COMPLETED | RequestState.NOTHING_FOUND | RequestState.REFUSED:
            if is_certified:
                return "Nothing: it is closed, and its certificate is below."
            return "It is closed. Its certificate is issued at the next seal (gdpr_seal)."
        case RequestState.WITHDRAWN:
            return "The person took it back. Nothing more happens."
        case _:
            assert_never(request.state)


def _against(obstacle: Obstacle) -> str:
    match obstacle:
        case Obstacle.OPEN_CONVERSATIONS:
            return "A conversation of the person is still open. The plan is made when it is closed."
        case Obstacle.EARLIER_RIGHTS:
            return "Another request of the person comes first. This one goes on when it is closed."
        case Obstacle.DUPLICATE:
            return "Another open request asks the same for the same person. This one waits for it."
        case Obstacle.PLAN_CHANGED:
            return (
                "The data changed after the approval. Read the plan anew, then approve or refuse."
            )
        case Obstacle.NOT_APPROVED:
            return "Read the plan, then approve or refuse. Nothing is changed before that."
        case Obstacle.TOO_MANY_ROWS:
            return (
                "The plan changes more rows than are allowed. Is it the right person? "
                "Then the data team raises LACUNA_MAX_ROWS for a run."
            )
        case Obstacle.MENTION_REFUSED:
            return (
                "The person is named in a column where the data map expects nobody. "
                "The data team corrects the map; the request goes on with the next run."
            )
        case Obstacle.VALUES_MISSED:
            return (
                "The person's rows hold values that the plan does not know; the lines of the run say "
                "in which columns. The data team corrects the map; the request goes on then."
            )
        case Obstacle.DECIDED_BEFORE:
            return (
                "An officer held or refused it, and the database was put back since. Nothing is "
                "changed. Hold it again, or refuse it again."
            )
        case Obstacle.APPLY_FAILED:
            return (
                "A step failed; what it had begun was rolled back. The data team reads the lines of "
                "the run; the next run of gdpr_fulfilment tries again."
            )
        case Obstacle.BUNDLE_FAILED:
            return (
                "The bundle did not pass its own check and was not released. "
                "The data team reads the lines of the run."
            )
        case Obstacle.VERIFICATION_FAILED:
            return (
                "A gate did not pass: see below where. Nothing is certified, and nothing published, "
                "before it does; the next run of gdpr_fulfilment looks again."
            )
        case Obstacle.AMBIGUOUS:
            return "Several people fit. Somebody who may see them says which one is meant."
        case Obstacle.IDENTITY:
            return (
                "It is not certain yet that the person asked. Their answer is awaited, or somebody "
                "records how it was verified: lacuna request verify-identity."
            )
        case Obstacle.CONTROLLER:
            return (
                "The tenant has no agreement in force. Its controller has to instruct the request: "
                "lacuna request instruct."
            )
        case Obstacle.INTERNAL_ERROR:
            return "A fault of Lacuna. Report it with the lines of the run; they hold no value."
        case _:
            assert_never(obstacle)
