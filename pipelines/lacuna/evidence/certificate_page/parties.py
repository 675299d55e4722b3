"""Says who is responsible, what was asked and when, and who decided."""

from collections.abc import Mapping
from typing import Final

from lacuna.evidence.canonical_json import Json
from lacuna.evidence.certificate_page.page_parts import (
    NOTHING,
    PageMarkup,
    bullets,
    code,
    counted,
    day,
    escaped,
    joined,
    listed,
    pairs,
    paragraphs,
    section,
)
from lacuna.evidence.certificate_page.statement_reader import (
    CertificateContents,
    member_of,
    text_of,
    texts_of,
)
from lacuna.model.approval_rules import BY_CANARY, BY_IDENTITY, BY_REAPPEARANCE, BY_SETTING
from lacuna.model.evidence import Action
from lacuna.model.identity import IdentityBasis
from lacuna.model.request import RequestKind

_NOT_NAMED: Final = escaped("not named in this certificate, which is of an earlier version")
_IDENTITY: Final[Mapping[str, str]] = {
    IdentityBasis.MAIL: "verified by the requester's mails and, where one was sent, a code",
    IdentityBasis.STATED: "verified outside Lacuna, as whoever entered the request stated",
    IdentityBasis.ERASED: "recognized as a person who had been erased before",
    "": "not verified",
}
_RULES: Final[Mapping[str, str]] = {
    BY_IDENTITY: "the right changes nothing in the platform, so a verified identity is enough",
    BY_SETTING: "the owner of the installation decided that plans need no officer",
    BY_CANARY: "the request is about an invented contact, with which Lacuna tests itself",
    BY_REAPPEARANCE: "the erasure was approved with the request that it repeats",
}


def facts(found: CertificateContents) -> PageMarkup:
    """Return the parties, the request and its dates."""
    named = found.particulars
    identity = NOTHING if named is None else escaped(_IDENTITY.get(named.identity, named.identity))
    kind = text_of(found.said, "person_kind")
    return section(
        "Request",
        pairs(
            [
                ("Controller", _NOT_NAMED if named is None else escaped(named.controller)),
                *(
                    ()
                    if named is None
                    else (
                        ("Joint controllers", escaped("; ".join(named.joint_controllers))),
                        ("Representative in the Union", escaped(named.representative)),
                        ("Data protection officer", escaped(named.data_protection_officer)),
                        (
                            "Processor",
                            escaped(named.processor or "none is named in the data map"),
                        ),
                    )
                ),
                ("Asked for", escaped(_asked(found))),
                ("Kind of person", escaped(kind)),
                ("Identity", identity),
                ("Repeats request", escaped(", ".join(texts_of(found.said, "repeats")))),
                ("Received", escaped(_received(found))),
                ("Due", escaped(_due(found))),
                ("Closed", escaped(_closed(found))),
            ]
        ),
    )


def decisions(found: CertificateContents) -> PageMarkup:
    """Return who decided, as the ledger names them: by role and key, or by rule."""
    lines = [_refused(each) for each in found.entries(Action.REFUSED)]
    if found.kind != "refused":
        lines += [_approved(each) for each in _approvals(found)]
    if found.kind == "nothing_found":
        lines = [escaped("Nobody had to decide: the search found nothing to decide on.")]
    has_officer = any(
        not text_of(each, "actor").startswith("rule:")
        for each in (*_approvals(found), *found.entries(Action.REFUSED))
    )
    names = joined(
        escaped("The ledger names officers by role and key, never by name. "),
        code("lacuna officer list"),
        escaped(" shows the controller whose key it is."),
    )
    return section(
        "Who decided",
        bullets(lines) or paragraphs(escaped("The ledger names nobody who decided.")),
        paragraphs(names) if has_officer and found.kind != "nothing_found" else NOTHING,
    )


def is_canary(found: CertificateContents) -> bool:
    """Whether the request is about an invented contact."""
    return text_of(found.said, "approved_by") == BY_CANARY


def in_time(due: Mapping[str, Json]) -> str:
    """Return whether a deadline was met, and by how much it was missed."""
    late = due.get("days_late")
    if due.get("is_met") is True:
        return "met"
    if due.get("is_met", False) is None:
        return "still running: the bundle had not been handed over when this certificate was issued"
    return f"not met: {counted(late if isinstance(late, int) else 0, 'day')} late"


def _asked(found: CertificateContents) -> str:
    names = [
        f"{right} (Art. {RequestKind(right).article})" if right in tuple(RequestKind) else right
        for right in found.rights
    ]
    asked = listed(names) or "not named in this certificate, which is of an earlier version"
    level = text_of(found.said, "covers")
    if found.is_erasure and level not in ("", "contact"):
        return f"{asked}, of single {level}s"
    return asked


def _received(found: CertificateContents) -> str:
    taken_in = day(member_of(found.said, "times").get("received_at"))
    if found.particulars is None:
        return f"{taken_in} (recorded in the ledger)" if taken_in else ""
    reached = found.particulars.received_on
    if taken_in in ("", reached):
        return reached
    return f"{reached}; recorded in the ledger on {taken_in}"


def _due(found: CertificateContents) -> str:
    if not found.due:
        return "the ledger names no day"
    parts = [str(found.due.get("due_on"))]
    if extended := found.entries(Action.EXTENDED):
        parts.append(
            f"extended by two further months on {day(extended[-1].get('at'))} (Art. 12(3))"
        )
    else:
        parts.append("one month after receipt, or the next working day (Art. 12(3)); not extended")
    for begin in found.entries(Action.PAUSED):
        ends = [
            day(each.get("at"))
            for each in found.entries(Action.RESUMED)
            if str(each.get("at")) >= str(begin.get("at"))
        ]
        until = f" until {ends[0]}" if ends else ""
        parts.append(
            f"paused from {day(begin.get('at'))}{until} for a question to the requester (Art. 12(6))"
        )
    return "; ".join(parts)


def _closed(found: CertificateContents) -> str:
    if not found.due:
        return day(member_of(found.around, "closing").get("at"))
    return f"{day(found.due.get('closed_at'))}; the deadline was {in_time(found.due)}"


def _approvals(found: CertificateContents) -> list[dict[str, Json]]:
    """Return the approvals of the plan that was carried out, after the last that were revoked."""
    digest = text_of(found.said, "plan_digest")
    approvals: list[dict[str, Json]] = []
    for entry in found.entries(Action.APPROVED, Action.APPROVAL_REVOKED):
        if entry.get("action") == Action.APPROVAL_REVOKED:
            approvals = []
        elif entry.get("digest") == digest:
            approvals.append(entry)
    return approvals


def _approved(entry: Mapping[str, Json]) -> PageMarkup:
    actor, on = text_of(entry, "actor"), day(entry.get("at"))
    if actor.startswith("rule:"):
        why = f": {_RULES[actor]}" if actor in _RULES else ""
        rule = actor.removeprefix("rule:")
        return joined("The rule ", code(rule), escaped(f" approved the plan on {on}{why}."))
    return joined(*_officer(actor), escaped(f" approved the plan on {on}."))


def _refused(entry: Mapping[str, Json]) -> PageMarkup:
    actor, on = text_of(entry, "actor"), day(entry.get("at"))
    return joined(*_officer(actor), escaped(f" refused the request on {on}."))


def _officer(actor: str) -> tuple[PageMarkup, ...]:
    role, _, key = actor.partition(":")
    if role == "dpo":
        return escaped("An officer (role "), code(role), escaped(", key "), code(key), escaped(")")
    return (code(actor),)
