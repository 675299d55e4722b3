"""Says in a sentence what a request waits for, and who has to do what."""

from collections.abc import Collection, Sequence
from typing import Final, assert_never

from lacuna.model.queue import Obstacle
from lacuna.model.request import RequestKind, RequestState

_RUN: Final = "lacuna run fulfilment"

ANYBODY: Final = "USER"
"""Who decides, in a command that somebody completes."""

HAND_OVER: Final = "Hand over the bundle. The deadline counts until the person can have it."
"""What is left of a closed request of which nobody handed the bundle over."""

NEVER_HANDED_OVER: Final = (
    "The bundle was deleted before anybody handed it over: the person has no copy. Submit their "
    "request again."
)
"""What is left of one whose bundle expired."""


def next_step(
    state: RequestState,
    kinds: Collection[RequestKind],
    obstacle: Obstacle | None,
    *,
    may_decide: bool = True,
    is_certified: bool = False,
) -> str:
    """Return the next step of a request in a sentence: on the page, and in mails to officers.

    Args:
        obstacle: what it waits for, or what failed last; None for nothing.
        may_decide: whether the reader may approve and refuse.
        is_certified: whether its certificate is there.
    """
    waits = obstacle in (None, Obstacle.NOT_APPROVED, Obstacle.PLAN_CHANGED)
    if state is RequestState.PLANNED and waits and not may_decide:
        return "An officer must approve the plan. Nothing changes before that."
    if obstacle is not None and not state.is_final:
        return _against(obstacle)
    match state:
        case RequestState.RECEIVED:
            return "The next run of gdpr_fulfilment searches for the person."
        case RequestState.IDENTITY_PENDING:
            return identity_step(None)
        case RequestState.AMBIGUOUS:
            return _against(Obstacle.AMBIGUOUS)
        case RequestState.RESOLVED:
            return "The person was found. The next run of gdpr_fulfilment creates the plan."
        case RequestState.PLANNED if RequestKind.ERASURE in kinds:
            return _against(Obstacle.NOT_APPROVED)
        case RequestState.PLANNED | RequestState.APPROVED:
            return "The next run of gdpr_fulfilment carries out the plan."
        case RequestState.APPLIED:
            return "The plan was carried out. The next run of gdpr_fulfilment runs the gates again."
        case RequestState.VERIFIED:
            return "The gates passed. The next run of gdpr_fulfilment closes the request."
        case RequestState.HELD:
            return "The request is on hold. When the hold ends, Lacuna plans it again."
        case RequestState.COMPLETED | RequestState.NOTHING_FOUND | RequestState.REFUSED:
            if is_certified:
                return "Nothing to do. The request is closed; its evidence is below."
            return "The request is closed. The next run of gdpr_seal issues its certificate."
        case RequestState.WITHDRAWN:
            return "The requester withdrew the request. Nothing more happens."
        case _:
            assert_never(state)


def identity_step(is_asked: bool | None) -> str:
    """Return the next step of a request whose requester is not verified.

    Args:
        is_asked: whether Lacuna mailed them a code; None: it is not known here.
    """
    if is_asked:
        return (
            "Identity is not verified. Lacuna mailed the requester a code and waits for their reply; "
            "an officer can record how identity was verified instead."
        )
    if is_asked is None:
        return (
            "Identity is not verified. An officer records how it was verified; if Lacuna mailed the "
            "requester a code, their reply does it too."
        )
    return (
        "Identity is not verified, and Lacuna asked nobody. Verify it another way than by what the "
        "request says, such as by a call at a number on file, then record the identity check."
    )


def next_command(obstacle: Obstacle, numbers: Sequence[str], officer: str = ANYBODY) -> str:
    """Return the commands that let waiting requests go on, in a sentence; empty for no such command.

    Args:
        numbers: of the requests; a command that takes one names the first.
        officer: who decides.
    """
    first, every = numbers[0], " ".join(numbers)
    match obstacle:
        case Obstacle.NOT_APPROVED | Obstacle.PLAN_CHANGED:
            return f"Read, then approve by its last line: lacuna plan {every}"
        case Obstacle.OPEN_CONVERSATIONS:
            return (
                f"A conversation of the person is open; once it is closed, {_RUN} goes on. Not to "
                f"wait: lacuna request force {every} --as {officer}, then {_RUN}"
            )
        case Obstacle.CONTROLLER:
            return (
                f"The controller has not instructed it: lacuna request instruct {first} "
                f'--by "letter of 24 November" --as {officer}'
            )
        case Obstacle.MODE_OBSERVE:
            return f"Its plan is approved, and runs only observe: LACUNA_MODE=act {_RUN}"
        case Obstacle.IDENTITY:
            return (
                f"Nobody verified who asks: lacuna request verify-identity {first} "
                f'--by "call at a number on file" --as {officer}'
            )
        case Obstacle.AMBIGUOUS:
            return f"Several people match: lacuna request show {first} --as {officer} names them"
        case Obstacle.MAP_UNPROVED:
            return f"Prove the data map: lacuna datamap prove, then {_RUN}"
        case _:
            return ""


def _against(obstacle: Obstacle) -> str:
    match obstacle:
        case Obstacle.OPEN_CONVERSATIONS:
            return (
                "A conversation of the person is still open. Lacuna plans the request when "
                "the conversation is closed."
            )
        case Obstacle.EARLIER_RIGHTS:
            return (
                "Another request of the person comes first. This request continues when that "
                "one is closed."
            )
        case Obstacle.DUPLICATE:
            return (
                "Another open request asks for the same right for the same person. This "
                "request waits for it."
            )
        case Obstacle.PLAN_CHANGED:
            return (
                "The data changed after the approval. Read the new plan, then approve or refuse it."
            )
        case Obstacle.NOT_APPROVED:
            return "Read the plan, then approve or refuse it. Nothing changes before that."
        case Obstacle.MODE_OBSERVE:
            return (
                "The plan is approved, but Lacuna only observes. The data team sets LACUNA_MODE=act; "
                "the next run of gdpr_fulfilment then carries out the plan."
            )
        case Obstacle.TOO_MANY_ROWS:
            return (
                "The plan changes more rows than LACUNA_MAX_ROWS allows. Check that it is the "
                "right person. If so, the data team raises LACUNA_MAX_ROWS for one run."
            )
        case Obstacle.MENTION_REFUSED:
            return (
                "The person is mentioned in a column or a file where the data map allows none. The "
                "data team corrects the map. The next run of gdpr_fulfilment continues the request."
            )
        case Obstacle.VALUES_MISSED:
            return (
                "The person's rows contain values that the plan does not cover. The run log "
                "names the columns. The data team corrects the map, then the request continues."
            )
        case Obstacle.ROWS_UNREACHED:
            return (
                "Rows name the person, but the data map has no link from them to a person, so the "
                "request would miss their contents. The run log names the columns. The data team "
                "adds the link, then the request continues; or answer the request by hand."
            )
        case Obstacle.OTHER_KIND:
            return (
                "By the data map, whom the request is about is of another kind of people, or of none. "
                "The run log says which. Withdraw it and submit one about that kind, or let the data "
                "team correct what tells people apart."
            )
        case Obstacle.INVARIANT_BROKEN:
            return (
                "The erasure would leave rows that the application cannot take. The run log names "
                "the columns. The data team corrects the map, then the request continues."
            )
        case Obstacle.MAP_UNPROVED:
            return (
                "The data map was not proved: nobody looked for what an erasure would leave. The "
                "data team runs lacuna datamap prove, then the request continues."
            )
        case Obstacle.DECIDED_BEFORE:
            return (
                "An officer held or refused this request before the database was restored. "
                "Nothing changes. Hold or refuse it again."
            )
        case Obstacle.APPLY_FAILED:
            return (
                "A step failed and was rolled back. The data team reads the run log. The next "
                "run of gdpr_fulfilment tries again."
            )
        case Obstacle.BUNDLE_FAILED:
            return (
                "The bundle failed its check and was not released. The data team reads the run log."
            )
        case Obstacle.VERIFICATION_FAILED:
            return (
                "A gate failed. Lacuna issues no certificate and publishes nothing "
                "until the gates pass. The next run of gdpr_fulfilment runs them again."
            )
        case Obstacle.AMBIGUOUS:
            return (
                "Several people match. An officer with the right to see their data must "
                "choose the right one."
            )
        case Obstacle.IDENTITY:
            return identity_step(None)
        case Obstacle.CONTROLLER:
            return (
                "The tenant has no standing instruction for this request. Its controller must "
                "instruct it, or an officer records their written instruction."
            )
        case Obstacle.INTERNAL_ERROR:
            return (
                "An error in Lacuna. Report it with the run log, which contains no personal data."
            )
        case _:
            assert_never(obstacle)
