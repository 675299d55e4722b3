"""What an officer does with a request: when it is offered, what it asks, what it will do, and does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from types import MappingProxyType
from typing import Final

from lacuna.consent import instruct
from lacuna.dpo_page.asked_fields import AskedField
from lacuna.dpo_page.dossier import Dossier, can_extend
from lacuna.dpo_page.request_words import resumption
from lacuna.dpo_page.schedule import Schedule
from lacuna.dpo_page.user_rights import Right
from lacuna.intake import language_name
from lacuna.model.agreement import InstructionSource
from lacuna.model.letter import LetterKind, LetterSender
from lacuna.model.mail_text import MailText
from lacuna.model.queue import Obstacle
from lacuna.model.request import Pause, Request, RequestKind, RequestState
from lacuna.ports import Desk, Transaction
from lacuna.request import (
    LONGEST_COMMENT,
    approve,
    comment,
    extend,
    extended,
    hold,
    keep_instruction,
    pause,
    preview,
    refuse,
    resume,
    revoke,
    tell,
    verify_identity,
    withdraw,
)

_S = RequestState
FULFILMENT: Final = "gdpr_fulfilment"
INTAKE: Final = "gdpr_intake"
_CLOCKS: Final = {
    "moved": "The clock runs again. The whole days of the pause were added to the due date.",
    "same": "The clock runs again. The pause was shorter than 24 hours: the due date stays.",
}
_NOT_MAILED: Final = "The request did not come by mail: inform the requester yourself"


@dataclass(frozen=True)
class Act:
    """A request that somebody acts on, in one transaction.

    Attributes:
        inputs: what was written into the form, by field, checked.
        country: of the controller, whose holidays move due dates.
        sender: returns in whose name letters are written.
        controller: returns the desk at which the person records the controller's word.
    """

    request: Request
    inputs: Mapping[str, str] = field(repr=False)
    country: str
    sender: Callable[[], LetterSender]
    transaction: Transaction
    desk: Desk
    controller: Callable[[], Desk]

    def tells(self, letter: "DueLetter") -> str:
        """Queue a letter to the requester; return what `done` says of it."""
        is_told = tell(letter.moved, letter.kind, letter.facts, self.transaction.mails, self.desk)
        return "" if is_told else "untold"

    def preview(self, letter: "DueLetter") -> MailText:
        """Return a letter in words."""
        return preview(letter.moved, letter.kind, letter.facts, self.sender(), self.desk)


@dataclass(frozen=True)
class DueLetter:
    """A letter that an action sends.

    Attributes:
        moved: the request as the letter tells of it: with its new deadline.
    """

    moved: Request
    kind: LetterKind
    facts: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class RequestAction:
    """One action of an officer on a request.

    Attributes:
        name: last part of its address.
        label: of the button that leads to it, and the title of its page.
        button: of the form that carries it out.
        tone: class of the buttons: `go`, `stop` or none.
        is_offered: whether it can be done now.
        fields: what the form asks.
        effects: sentences that say what will happen, and when.
        carry_out: does it; returns what `done` says beside its own sentence.
        done: the sentence that is shown afterwards, by what `carry_out` returned.
        flow: the one that carries on, by default the one that sends letters.
        letter: returns the letter that it sends; None for an action that sends none.
    """

    name: str
    label: str
    button: str
    is_offered: Callable[[Dossier, datetime], bool]
    effects: Callable[[Dossier, Schedule], Sequence[str]]
    carry_out: Callable[[Act], str]
    done: Mapping[str, str]
    fields: Callable[[Dossier], Sequence[AskedField]] = lambda _: ()
    tone: str = ""
    right: Right = Right.DECIDE
    flow: str = INTAKE
    letter: Callable[[Act], DueLetter] | None = None

    def waits_for_its_flow(self, one: Dossier) -> bool:
        """Whether something of it happens only when its flow runs: the work itself, or a letter by mail."""
        return self.flow == FULFILMENT or (self.letter is not None and one.is_by_mail)


def _start_of(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), UTC)


def _mailed(schedule: Schedule) -> str:
    return f"The request came by mail: Lacuna writes to the requester in {schedule.of(INTAKE)}."


def _steps(count: int) -> str:
    return f"{count} step" + ("" if count == 1 else "s")


# --- each action ----------------------------------------------------------------------------------


def _approve(act: Act) -> str:
    moved = approve(act.request, act.inputs["digest"], act.desk)
    return "" if moved.state is _S.APPROVED else "second"


def _approval_effects(one: Dossier, schedule: Schedule) -> Sequence[str]:
    changing = f"Lacuna changes or hands over data in {_steps(len(one.changes))}"
    if one.officers_missing > 1:
        first = "Yours is the first of two approvals: nothing happens before a second officer's."
        when = [first, f"After it: {changing[:1].lower()}{changing[1:]}."]
    else:
        when = [f"{changing}: {schedule.of(FULFILMENT)}."]
    return [
        *(when if one.changes else when[:-1]),
        *([f"Data stays in {_steps(len(one.stays))}, each on its ground."] if one.stays else []),
        "What was erased cannot be brought back. Until the run has started, the approval can be "
        "revoked.",
        "The approval covers only the digest below. If the data changes first, Lacuna makes a new "
        "plan, which needs a new approval.",
    ]


def _can_revoke(one: Dossier, _: datetime) -> bool:
    given = [each for each in one.approvals if each.digest == one.request.plan_digest]
    return (
        one.request.state in (_S.PLANNED, _S.APPROVED)
        and not one.has_begun
        and bool(given)
        and all(each.approved_by.startswith("dpo:") for each in given)
    )


def _revoke(act: Act) -> str:
    revoke(act.request, act.desk)
    return ""


def _ground(one: Dossier) -> AskedField:
    choices = tuple((article, f"Art. {article}: {said}") for article, said in one.grounds)
    return AskedField("ground", "Ground", "choice", choices=choices)


def _paragraph(one: Dossier, label: str, *, is_optional: bool = True) -> AskedField:
    return AskedField(
        "note",
        label,
        "paragraph",
        is_optional=is_optional,
        hint=f"In {language_name(one.letter_language)}, the language of the letter. "
        + (
            "Lacuna keeps it encrypted until the letter is sent."
            if one.is_by_mail
            else "Lacuna does not keep it."
        ),
    )


def _refusal_letter(act: Act) -> DueLetter:
    facts = {"ground": act.inputs["ground"], "note": act.inputs["note"]}
    return DueLetter(act.request, LetterKind.REFUSAL, facts)


def _refuse(act: Act) -> str:
    # Told first: with the refusal goes whatever says whom.
    told = act.tells(_refusal_letter(act))
    refuse(act.request, act.inputs["ground"], act.desk)
    return told


def _refusal_effects(one: Dossier, schedule: Schedule) -> Sequence[str]:
    return [
        "The request ends. What was corrected or handed over already stays so; nothing more happens."
        if one.has_begun
        else "The request ends. Nothing is erased, corrected or handed over.",
        f"{_mailed(schedule)} The letter states the reason, the supervisory authority and the judicial remedy."
        if one.is_by_mail
        else f"{_NOT_MAILED} of the reason, the supervisory authority and the judicial remedy "
        "(Art. 12(4)). You can send them the letter below.",
        "The identifiers in the request are deleted. This cannot be undone.",
    ]


def _hold(act: Act) -> str:
    hold(act.request, act.inputs["ground"], _start_of(act.inputs["until"]), act.desk)
    return ""


def _verify(act: Act) -> str:
    moved = verify_identity(act.request, act.inputs["how"], act.desk, country=act.country)
    return _added(act.request, moved) if act.request.pause is Pause.IDENTITY else ""


def _added(before: Request, after: Request) -> str:
    return "moved" if after.paused_days > before.paused_days else "same"


def _identity_effects(one: Dossier, schedule: Schedule) -> Sequence[str]:
    found = []
    if one.request.pause is Pause.IDENTITY:
        found.append(resumption(one.request, one.resumed))
    if one.request.state is _S.HELD:
        found.append("The request stays on hold.")
    elif one.request.state is _S.IDENTITY_PENDING:
        found.append(f"The request continues: {schedule.of(FULFILMENT)}.")
    return [*found, "What you write is stored encrypted and deleted when the request closes."]


def _instruct(act: Act) -> str:
    desk = act.controller()
    instruct(act.request, InstructionSource.WRITTEN, act.transaction.agreements, desk)
    keep_instruction(act.request.request_id, act.inputs["how"], desk)
    return ""


def _extension_letter(act: Act) -> DueLetter:
    moved = extended(act.request, act.desk.now, country=act.country)
    return DueLetter(moved, LetterKind.EXTENSION, {"note": act.inputs["note"]})


def _extend(act: Act) -> str:
    letter = _extension_letter(act)
    extend(act.request, act.desk, country=act.country)
    return act.tells(letter)


def _question_letter(act: Act) -> DueLetter:
    return DueLetter(act.request, LetterKind.SPECIFICATION, {"note": act.inputs["note"]})


def _ask(act: Act) -> str:
    pause(act.request, Pause.CLARIFICATION, act.desk)
    return act.tells(_question_letter(act))


def _resume(act: Act) -> str:
    return _added(act.request, resume(act.request, act.desk, country=act.country))


def _comment(act: Act) -> str:
    comment(act.request, act.inputs["text"], act.desk)
    return ""


def _withdraw(act: Act) -> str:
    withdraw(act.request, act.desk)
    return ""


def _by_name(*actions: RequestAction) -> Mapping[str, RequestAction]:
    return MappingProxyType({each.name: each for each in actions})


ACTIONS: Final = _by_name(
    RequestAction(
        "approve",
        "Approve",
        "Approve this plan",
        lambda one, _: one.is_approvable,
        _approval_effects,
        _approve,
        {
            "": "The plan is approved.",
            "second": "Your approval is recorded. A second officer must approve the plan too.",
        },
        lambda one: [AskedField("digest", "Digest", "hidden", one.plan.digest if one.plan else "")],
        tone="go",
        flow=FULFILMENT,
    ),
    RequestAction(
        "revoke",
        "Revoke the approval",
        "Revoke the approval",
        _can_revoke,
        lambda one, schedule: [
            "The plan waits for approval again, and no run carries it out.",
            f"Too late once it is carried out: {schedule.of(FULFILMENT)}.",
        ],
        _revoke,
        {"": "The approval is revoked. The plan waits for approval again."},
        flow=FULFILMENT,
    ),
    RequestAction(
        "verify-identity",
        "Record the identity check",
        "Record it",
        lambda one, _: not one.request.state.is_final and not one.request.is_verified,
        _identity_effects,
        _verify,
        {
            "": "The identity check is recorded.",
            **{each: f"The identity check is recorded. {said}" for each, said in _CLOCKS.items()},
        },
        lambda _: [AskedField("how", "How was identity verified?")],
        tone="go",
        flow=FULFILMENT,
    ),
    RequestAction(
        "instruct",
        "Record the controller's instruction",
        "Record it",
        lambda one, _: one.filed.obstacle is Obstacle.CONTROLLER,
        lambda _, schedule: [
            "The ledger records that the controller of the data instructed this request in writing.",
            f"The request continues: {schedule.of(FULFILMENT)}.",
            "What you write is stored encrypted and deleted when the request closes.",
        ],
        _instruct,
        {"": "The instruction is recorded. The request continues."},
        lambda _: [AskedField("how", "Written instruction: reference and date")],
        tone="go",
        flow=FULFILMENT,
    ),
    RequestAction(
        "extend",
        "Extend",
        "Extend by two months",
        can_extend,
        lambda one, schedule: [
            "The request is due two months later, counted from receipt. This is possible once "
            "(Art. 12(3)).",
            f"{_mailed(schedule)} The letter names the new date and your reasons."
            if one.is_by_mail
            else f"{_NOT_MAILED} and state the reasons, within the first month. You can send them "
            "the letter below.",
        ],
        _extend,
        {
            "": "The request is extended. Lacuna informs the requester.",
            "untold": "The request is extended. Inform the requester yourself and state the "
            "reasons (Art. 12(3)).",
        },
        lambda one: [_paragraph(one, "Why it takes longer", is_optional=False)],
        letter=_extension_letter,
    ),
    RequestAction(
        "ask",
        "Ask the requester",
        "Ask and pause",
        lambda one, _: (
            RequestKind.ACCESS in one.request.kinds
            and one.request.paused_at is None
            and not one.request.state.is_final
        ),
        lambda one, schedule: [
            "The clock is paused until the requester says which data or which period they mean "
            "(recital 63). Only the clock: to keep back what the request asks for, hold it.",
            f"{_mailed(schedule)} A reply resumes the clock."
            if one.is_by_mail
            else "The request did not come by mail: ask the requester yourself. When the answer "
            "arrives, resume the clock here.",
        ],
        _ask,
        {
            "": "The clock is paused. Lacuna asks the requester.",
            "untold": "The clock is paused. Ask the requester yourself, and resume the clock when "
            "the answer arrives.",
        },
        lambda one: [_paragraph(one, "Your own paragraph in the letter")],
        letter=_question_letter,
    ),
    RequestAction(
        "resume",
        "Resume the clock",
        "Resume the clock",
        lambda one, _: one.request.pause is Pause.CLARIFICATION,
        lambda one, _: [resumption(one.request, one.resumed)],
        _resume,
        _CLOCKS,
    ),
    RequestAction(
        "comment",
        "Comment",
        "Keep the comment",
        lambda one, _: not one.request.state.is_final,
        lambda *_: [
            "Officers with the right to see personal data read it with the request's personal data. "
            "The requester is not told.",
            "It is stored encrypted and deleted when the request closes. The ledger records that "
            "you commented, not what you wrote.",
        ],
        _comment,
        {"": "The comment is kept."},
        lambda _: [AskedField("text", "Comment", "paragraph", most=LONGEST_COMMENT)],
    ),
    RequestAction(
        "hold",
        "Hold",
        "Hold until this date",
        lambda one, _: one.may_become(_S.HELD),
        lambda *_: [
            "Nothing is done for this request before that date. Then Lacuna plans it again.",
            "The requester is not told: if they should know, inform them yourself.",
            "The deadline does not move. To hold only some rights or tables: lacuna request hold.",
        ],
        _hold,
        {"": "The request is on hold."},
        lambda one: [_ground(one), AskedField("until", "Until", "date")],
    ),
    RequestAction(
        "refuse",
        "Refuse",
        "Refuse",
        lambda one, _: one.may_become(_S.REFUSED),
        _refusal_effects,
        _refuse,
        {
            "": "The request is refused. Lacuna informs the requester.",
            "untold": "The request is refused. Inform the requester yourself of the article, the "
            "supervisory authority and the judicial remedy (Art. 12(4)).",
        },
        lambda one: [_ground(one), _paragraph(one, "Your own paragraph in the letter")],
        tone="stop",
        letter=_refusal_letter,
    ),
    RequestAction(
        "withdraw",
        "Withdraw",
        "Withdraw",
        lambda one, _: one.may_become(_S.WITHDRAWN),
        lambda *_: [
            "Lacuna writes nothing to the requester: if they expect a confirmation, send it yourself.",
            "Only if the requester asked for it. The request ends without an answer on its merits.",
            "The identifiers in the request are deleted. This cannot be undone.",
        ],
        _withdraw,
        {"": "The request is withdrawn."},
    ),
)
"""All actions by their names, in the order in which a page offers them."""
_OTHERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "resolve": "The person is chosen. The next run of gdpr_fulfilment creates the plan.",
        "accept": "The request in the mail is queued. Its deadline counts from the mail's receipt.",
        "accept.duplicate": "The mail repeats this request, which is open.",
    }
)
"""Sentences that are shown after what is done elsewhere."""


def told(done: str) -> str:
    """Return the sentence that is shown after an action; nothing for what is none.

    >>> told("resolve"), told("no such action")
    ('The person is chosen. The next run of gdpr_fulfilment creates the plan.', '')
    """
    if done in _OTHERS:
        return _OTHERS[done]
    name, _, outcome = done.partition(".")
    action = ACTIONS.get(name)
    return "" if action is None else action.done.get(outcome, "")
