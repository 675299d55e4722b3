"""Versions of agreements, their acceptance, and the instructions of controllers."""

from collections.abc import Collection, Sequence

from lacuna.errors import MalformedRequest, RequestError
from lacuna.model.agreement import (
    Acceptance,
    Agreement,
    AgreementKind,
    InstructionSource,
)
from lacuna.model.evidence import Action
from lacuna.model.request import Request
from lacuna.ports import Agreements, Desk

_LOCATION = "lacuna.agreement"


def add_version(agreement: Agreement, agreements: Agreements, desk: Desk) -> None:
    """Add a version of a text; what was added is never changed.

    Raises:
        RequestError: it has no name, the tenant has it already, or only a DPA can instruct.
    """
    if not agreement.version.strip() or not agreement.org_id.strip():
        raise MalformedRequest("agreement: a version needs a tenant and a name")
    if agreement.standing and agreement.kind is not AgreementKind.DPA:
        raise MalformedRequest("agreement: only a dpa can contain standing instructions")
    if not agreements.add(agreement, desk.now, desk.actor):
        raise RequestError("agreement: the tenant already has this version; use another name")
    desk.record(Action.AGREEMENT_ADDED, _LOCATION, counts=(1, None), digest=agreement.text_digest)


def accept_version(
    named: tuple[str, AgreementKind, str],
    acceptance: Acceptance,
    agreements: Agreements,
    desk: Desk,
) -> None:
    """Add that a version was accepted: by a contact, or for the tenant.

    Args:
        named: tenant, kind and version.
        acceptance: how, when and by whom; its agreement is found by `named`.

    Raises:
        RequestError: there is no such version, a contact accepts what is the tenant's to accept,
            or the moment lies in the future.
    """
    found = [
        one for one, _, _ in agreements.versions() if (one.org_id, one.kind, one.version) == named
    ]
    if not found:
        raise RequestError("agreement: there is no such version; see lacuna agreement list")
    if acceptance.contact is not None and found[0].kind is AgreementKind.DPA:
        raise MalformedRequest("agreement: a dpa is accepted for the tenant, not by a contact")
    if acceptance.accepted_at > desk.now:
        raise MalformedRequest("agreement: the time of acceptance is in the future")
    agreements.accept(
        Acceptance(
            found[0].agreement_id,
            found[0].org_id,
            acceptance.method,
            acceptance.accepted_at,
            acceptance.contact,
            acceptance.accepted_by,
        ),
        desk.now,
        desk.actor,
    )
    desk.record(
        Action.AGREEMENT_ACCEPTED,
        "lacuna.acceptance",
        counts=(1, None),
        digest=found[0].text_digest,
    )


def instruct(
    request: Request, source: InstructionSource, agreements: Agreements, desk: Desk
) -> bool:
    """Record that the controller instructed what a request asks; return False if it had.

    Raises:
        RequestError: the request is closed.
    """
    if request.state.is_final:
        raise RequestError(
            f"{request.reference} is {request.state}; it can no longer be instructed"
        )
    if agreements.instructed([request.request_id]):
        return False
    _record([request], source, None, agreements, desk)
    return True


def inherit_instruction(
    request: Request, parent: Request, agreements: Agreements, desk: Desk
) -> None:
    """Let a request that was taken out of another rest on the instruction of that one, if any."""
    if agreements.inherit(request, parent):
        desk.record(Action.INSTRUCTED, "lacuna.instruction", request_id=request.request_id)


def instructed(requests: Sequence[Request], agreements: Agreements, desk: Desk) -> frozenset[str]:
    """Return the requests that may be acted on; a standing instruction is recorded with each it covers.

    A request of a contact waits for the tenant's controller: the vendor is the processor. Without
    an accepted agreement there is no standing instruction either.
    """
    known = agreements.instructed([one.request_id for one in requests])
    covered = _covered([one for one in requests if one.request_id not in known], agreements, desk)
    for agreement, of_it in covered:
        _record(of_it, InstructionSource.STANDING, agreement, agreements, desk)
    return known.union(one.request_id for _, of_it in covered for one in of_it)


def would_be_instructed(request: Request, agreements: Agreements, desk: Desk) -> bool:
    """Whether `instructed` would name a request; nothing is recorded."""
    return bool(
        agreements.instructed([request.request_id]) or _covered([request], agreements, desk)
    )


def _covered(
    requests: Sequence[Request], agreements: Agreements, desk: Desk
) -> list[tuple[Agreement, list[Request]]]:
    """Return the accepted agreements whose standing instructions cover requests, with these."""
    found = []
    for org_id in sorted({one.org_id for one in requests}):
        dpa = agreements.dpa(org_id, desk.now)
        of_it = [one for one in requests if one.org_id == org_id and dpa.allows(one.kinds)]
        if of_it and dpa.agreement is not None:
            found.append((dpa.agreement, of_it))
    return found


def tenants_without_dpa(
    org_ids: Collection[str], agreements: Agreements, desk: Desk
) -> tuple[str, ...]:
    """Return the tenants for which ordinary processing stops, sorted."""
    return tuple(
        org_id for org_id in sorted(org_ids) if not agreements.dpa(org_id, desk.now).stands
    )


def _record(
    requests: Sequence[Request],
    source: InstructionSource,
    agreement: Agreement | None,
    agreements: Agreements,
    desk: Desk,
) -> None:
    agreements.instruct(
        requests,
        source,
        desk.now,
        desk.actor,
        agreement_id=None if agreement is None else agreement.agreement_id,
    )
    with desk.together() as together:
        for request in requests:
            together.record(
                Action.INSTRUCTED,
                "lacuna.instruction",
                request_id=request.request_id,
                digest=None if agreement is None else agreement.text_digest,
            )
