"""Which gates must have run before a certificate is issued, as `Gate` declares them."""

from collections.abc import Collection, Iterator

from lacuna.errors import VerificationFailed
from lacuna.model.finding import Certified, Gate, Verification
from lacuna.model.plan import DeleteObjects, Plan, RectifyCopies, RectifyObjects, WriteBundle
from lacuna.model.request import Level, RequestKind


def _certified(plan: Plan) -> Iterator[Certified]:
    """Yield what a plan's certificate is about, as far as gates are needed for it."""
    if RequestKind.ERASURE in plan.kinds:
        yield Certified.ERASURE
        if plan.level is Level.CONTACT:
            yield Certified.CONTACT
    for step in plan.steps:
        match step:
            case DeleteObjects():
                yield Certified.FILES
            case WriteBundle():
                yield Certified.BUNDLE
            case RectifyCopies() | RectifyObjects():
                yield Certified.CORRECTION
            case _:
                pass


def gates_for(about: Collection[Certified]) -> frozenset[Gate]:
    """Return the gates without which nothing of this is certified."""
    return frozenset(gate for gate in Gate if not gate.needed.isdisjoint(about))


def require_gates(plan: Plan, verification: Verification) -> None:
    """Refuse a certificate for which a gate that it needs did not run, or read nothing.

    Raises:
        VerificationFailed: names the gates.
    """
    needed = gates_for(frozenset(_certified(plan)))
    if needed & {Gate.RESIDUE, Gate.COPIES} and verification.searched == 0:
        raise VerificationFailed(
            f"{plan.request_id}: no certificate, because the search for residue read nothing; see "
            f"lacuna verify {plan.request_id}"
        )
    if missing := needed - set(verification.gates):
        raise VerificationFailed(
            f"{plan.request_id}: no certificate, because {len(missing)} gates did not run: "
            f"{', '.join(sorted(missing))}; see lacuna verify {plan.request_id}"
        )
