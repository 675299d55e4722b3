"""The one list of what a person has to do: each task with its next action, its reason and its day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from lacuna.dpo_page.request_words import deadline_day
from lacuna.dpo_page.user_rights import Right, Visit
from lacuna.model.mail import MailOutcome, MailRecord
from lacuna.model.next_step import HAND_OVER, identity_step, next_step
from lacuna.model.queue import Obstacle, Purpose
from lacuna.model.register import Filed, Task, TaskKind
from lacuna.ports import Transaction

TASK_NAMES: Final[Mapping[TaskKind, str]] = MappingProxyType(
    {
        TaskKind.FAILURE: "failed",
        TaskKind.DECIDED_BEFORE: "decided before a restore",
        TaskKind.APPROVAL: "plans to approve",
        TaskKind.IDENTITY: "identity checks",
        TaskKind.AMBIGUOUS: "several people match",
        TaskKind.INSTRUCTION: "instructions to record",
        TaskKind.CLARIFICATION: "answers that are missing",
        TaskKind.MAIL: "mails to read",
        TaskKind.BUNDLE: "bundles to hand over",
        TaskKind.HOLD_ENDS: "holds that end this week",
        TaskKind.OVERDUE: "overdue",
        TaskKind.DUE_SOON: "due in seven days",
    }
)
"""What the tasks of a kind are called."""

# The next action, the last part of the address where it is done, and the right it needs.
_DEEDS: Final[Mapping[TaskKind, tuple[str, str, Right]]] = MappingProxyType(
    {
        TaskKind.FAILURE: ("See what failed", "", Right.READ),
        TaskKind.DECIDED_BEFORE: ("Hold or refuse it again", "", Right.READ),
        TaskKind.APPROVAL: ("Read and approve the plan", "approve", Right.DECIDE),
        TaskKind.IDENTITY: ("Record the identity check", "verify-identity", Right.DECIDE),
        TaskKind.AMBIGUOUS: ("Choose the person", "", Right.READ),
        TaskKind.INSTRUCTION: ("Record the instruction", "instruct", Right.DECIDE),
        TaskKind.CLARIFICATION: ("Ask again, or resume the clock", "", Right.READ),
        TaskKind.BUNDLE: ("Hand over the bundle", "release", Right.DISCLOSE),
        TaskKind.HOLD_ENDS: ("Look at the hold", "", Right.READ),
        TaskKind.OVERDUE: ("See what it waits for", "", Right.READ),
        TaskKind.DUE_SOON: ("See what it waits for", "", Right.READ),
    }
)


@dataclass(frozen=True)
class TaskLine:
    """A task as a line of the list.

    Attributes:
        deed: the next action.
        path: where, below the tenant's own address.
        filed: the request; None for a mail.
        mail: None for a request.
        why: the reason, in a sentence.
        act_by: the day that counts.
        officer: who has it, as role and key id; None: nobody.
    """

    kind: TaskKind
    deed: str
    path: str
    filed: Filed | None
    mail: MailRecord | None
    why: str
    act_by: datetime
    officer: str | None


def task_lines(tasks: Sequence[Task], visited: Visit, transaction: Transaction) -> list[TaskLine]:
    """Return tasks as lines; what was done since they were listed is left out."""
    filed = transaction.register.filed_all(
        [one.about for one in tasks if one.kind is not TaskKind.MAIL]
    )
    mails: Mapping[str, MailRecord] = {}
    reasons: Mapping[str, str] = {}
    if any(one.kind is TaskKind.MAIL for one in tasks):
        mails = {one.mail_id: one for one in transaction.mails.mails(MailOutcome.WAITING)}
        reasons = transaction.mails.reasons()
    asked = _asked([one.about for one in tasks if one.kind is TaskKind.IDENTITY], transaction)
    lines = []
    for one in tasks:
        if one.about in mails:
            line = _mail_line(one, mails[one.about], reasons)
            if letters := transaction.mails.letters_about(one.about):
                day = letters[-1].created_at.astimezone(visited.zone).date()
                line = replace(line, why=f"{line.why} Its writer was asked on {day}.".strip())
            lines.append(line)
        elif one.about in filed:
            lines.append(_line(one, filed[one.about], visited, is_asked=one.about in asked))
    return lines


def _asked(request_ids: Sequence[str], transaction: Transaction) -> set[str]:
    """Return those requests whose requester was mailed a code."""
    secrets = transaction.queue.secrets
    secrets.read_ahead(request_ids)
    return {one for one in request_ids if secrets.get(one, Purpose.CHALLENGE) is not None}


def review_reasons(record: MailRecord, reasons: Mapping[str, str]) -> str:
    """Return the sentences that say why a mail needs review.

    Args:
        reasons: what each reason says.
    """
    return " ".join(reasons.get(one, one) for one in record.reasons)


def _mail_line(task: Task, mail: MailRecord, reasons: Mapping[str, str]) -> TaskLine:
    why, path = review_reasons(mail, reasons), f"mails/{mail.mail_id}"
    return TaskLine(task.kind, "Read the mail", path, None, mail, why, task.due_at, task.officer)


def _line(task: Task, filed: Filed, visited: Visit, *, is_asked: bool) -> TaskLine:
    deed, last, right = _DEEDS[task.kind]
    path = f"requests/{task.about}"
    if last and visited.may(right):
        path = f"{path}/{last}"
    request = filed.request
    may_decide = visited.may(Right.DECIDE)
    why = next_step(request.state, request.kinds, filed.obstacle, may_decide=may_decide)
    if task.kind is TaskKind.IDENTITY:
        why = identity_step(is_asked)
    if task.kind is TaskKind.APPROVAL and filed.obstacle is not Obstacle.PLAN_CHANGED:
        why = ""  # the action says it
    if task.kind is TaskKind.CLARIFICATION:
        why = "The requester was asked two weeks ago or more which data they mean."
    if task.kind is TaskKind.BUNDLE:
        why = (
            HAND_OVER
            if filed.handed_over_at is None
            else "Its link expired or was locked before a download."
        )
        if filed.bundle_until is not None:
            why = f"{why} Its file is deleted on {deadline_day(filed.bundle_until)}."
    return TaskLine(task.kind, deed, path, filed, None, why, task.due_at, task.officer)
