"""Versions of agreements, their acceptance, and the instructions of controllers."""

from collections.abc import Collection

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
    if agreements.instruction(request.request_id) is not None:
        return False
    _record(request, source, None, agreements, desk)
    return True


def inherit_instruction(
    request: Request, parent: Request, agreements: Agreements, desk: Desk
) -> None:
    """Let a request that was taken out of another rest on the instruction of that one, if any."""
    if agreements.inherit(request, parent):
        desk.record(Action.INSTRUCTED, "lacuna.instruction", request_id=request.request_id)


def is_instructed(request: Request, agreements: Agreements, desk: Desk) -> bool:
    """Whether a request may be acted on; a standing instruction that covers it is recorded with it.

    A request of a contact waits for the tenant's controller: the vendor is the processor. Without
    an accepted agreement there is no standing instruction either.
    """
    if agreements.instruction(request.request_id) is not None:
        return True
    standing = _standing(request, agreements, desk)
    if standing is not None:
        _record(request, InstructionSource.STANDING, standing, agreements, desk)
    return standing is not None


def would_be_instructed(request: Request, agreements: Agreements, desk: Desk) -> bool:
    """Whether `is_instructed` would say yes; nothing is recorded."""
    return (
        agreements.instruction(request.request_id) is not None
        or _standing(request, agreements, desk) is not None
    )


def _standing(request: Request, agreements: Agreements, desk: Desk) -> Agreement | None:
    """Return the accepted agreement whose standing instruction covers a request, if there is one."""
    dpa = agreements.dpa(request.org_id, desk.now)
    return dpa.agreement if dpa.allows(request.kinds) else None


def tenants_without_dpa(
    org_ids: Collection[str], agreements: Agreements, desk: Desk
) -> tuple[str, ...]:
    """Return the tenants for which ordinary processing stops, sorted."""
    return tuple(
        org_id for org_id in sorted(org_ids) if not agreements.dpa(org_id, desk.now).stands
    )


def _record(
    request: Request,
    source: InstructionSource,
    agreement: Agreement | None,
    agreements: Agreements,
    desk: Desk,
) -> None:
    agreements.instruct(
        request,
        source,
        desk.now,
        desk.actor,
        agreement_id=None if agreement is None else agreement.agreement_id,
    )
    desk.record(
        Action.INSTRUCTED,
        "lacuna.instruction",
        request_id=request.request_id,
        digest=None if agreement is None else agreement.text_digest,
    )
