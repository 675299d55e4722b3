"""Stage 1, accept: requests are checked, queued, decided on and moved through their states."""

from lacuna.request.acceptance import (
    EARLIEST_RECEIPT,
    Accepted,
    accept,
    checked,
    identifiers_of,
    keep_instruction,
    left_something,
    open_requests_of,
    rectifications_of,
)
from lacuna.request.admission import Admission, require_correctable
from lacuna.request.assignment import assign
from lacuna.request.candidates import (
    MOST_CANDIDATES,
    Candidate,
    bind,
    candidates_of,
    keep_candidates,
    resolve,
)
from lacuna.request.comments import LONGEST_COMMENT, comment, comments_of
from lacuna.request.deadline import Due, due, one_month_after
from lacuna.request.deadline_clock import extend, pause, record_deadline, resume
from lacuna.request.decision import (
    approve,
    approve_by_rule,
    forget,
    hold,
    hold_item,
    lift,
    lift_lapsed_holds,
    refuse,
    revoke,
    verify_identity,
    withdraw,
)
from lacuna.request.disclosure import (
    Disclosure,
    ReleasedBundle,
    disclose,
    release_bundle,
    sealed_bundle,
)
from lacuna.request.inbox import InboxTaken, take_inbox
from lacuna.request.letters_due import articles_of, keep_requester, pass_on, requester_of, tell
from lacuna.request.separation import copy_secret, split
from lacuna.request.waiting_mails import (
    Opened,
    accept_mail,
    dismiss_mail,
    open_mail,
    settle_mail,
)
from lacuna.request.withdrawal import take_back, theirs_to_take_back

__all__ = [
    "EARLIEST_RECEIPT",
    "LONGEST_COMMENT",
    "MOST_CANDIDATES",
    "Accepted",
    "Admission",
    "Candidate",
    "Disclosure",
    "Due",
    "InboxTaken",
    "Opened",
    "ReleasedBundle",
    "accept",
    "accept_mail",
    "approve",
    "approve_by_rule",
    "articles_of",
    "assign",
    "bind",
    "candidates_of",
    "checked",
    "comment",
    "comments_of",
    "copy_secret",
    "disclose",
    "dismiss_mail",
    "due",
    "extend",
    "forget",
    "hold",
    "hold_item",
    "identifiers_of",
    "keep_candidates",
    "keep_instruction",
    "keep_requester",
    "left_something",
    "lift",
    "lift_lapsed_holds",
    "one_month_after",
    "open_mail",
    "open_requests_of",
    "pass_on",
    "pause",
    "record_deadline",
    "rectifications_of",
    "refuse",
    "release_bundle",
    "requester_of",
    "require_correctable",
    "resolve",
    "resume",
    "revoke",
    "sealed_bundle",
    "settle_mail",
    "split",
    "take_back",
    "take_inbox",
    "tell",
    "theirs_to_take_back",
    "verify_identity",
    "withdraw",
]
