"""Stage 1, accept: requests are checked, queued, decided on and moved through their states."""

from pipelines.request.accept import (
    EARLIEST_RECEIPT,
    Accepted,
    accept,
    checked,
    identifiers_of,
    keep_instruction,
    rectifications_of,
)
from pipelines.request.admission import Admission, require_correctable
from pipelines.request.choosing import (
    MOST_CANDIDATES,
    Candidate,
    bind,
    candidates_of,
    keep_candidates,
    resolve,
)
from pipelines.request.clock import extend, pause, record_deadline, resume
from pipelines.request.confirming import confirms, instructs, only_chooses
from pipelines.request.deadline import Due, due, one_month_after
from pipelines.request.decide import (
    approve,
    approve_by_rule,
    forget,
    hold,
    hold_item,
    lift,
    lift_lapsed_holds,
    refuse,
    verify_identity,
    withdraw,
)
from pipelines.request.disclosing import Disclosure, disclose, sealed_bundle
from pipelines.request.inbox import InboxTaken, take_inbox
from pipelines.request.letters import write_letter
from pipelines.request.mail import (
    LONGEST_KNOWN,
    content_digest,
    is_oversized,
    read_mail,
    time_of_receipt,
    visible,
)
from pipelines.request.naming import Named, email_identifiers, what_is_named, without_label
from pipelines.request.reading_out import (
    Opened,
    accept_mail,
    dismiss_mail,
    open_mail,
    settle_mail,
)
from pipelines.request.rights import what_is_asked
from pipelines.request.signatures import is_vouched
from pipelines.request.splitting import copy_secret, split
from pipelines.request.telling import pass_on, tell
from pipelines.request.triage import (
    CHOICES,
    Evidence,
    Held,
    addresses_of,
    answer_to,
    choices_in,
    code_for,
    codes_in,
    doubts_about,
    grade,
    is_same_code,
    is_stranger_to,
)
from pipelines.request.withdrawing import take_back, theirs_to_take_back

__all__ = [
    "CHOICES",
    "EARLIEST_RECEIPT",
    "LONGEST_KNOWN",
    "MOST_CANDIDATES",
    "Accepted",
    "Admission",
    "Candidate",
    "Disclosure",
    "Due",
    "Evidence",
    "Held",
    "InboxTaken",
    "Named",
    "Opened",
    "accept",
    "accept_mail",
    "addresses_of",
    "answer_to",
    "approve",
    "approve_by_rule",
    "bind",
    "candidates_of",
    "checked",
    "choices_in",
    "code_for",
    "codes_in",
    "confirms",
    "content_digest",
    "copy_secret",
    "disclose",
    "dismiss_mail",
    "doubts_about",
    "due",
    "email_identifiers",
    "extend",
    "forget",
    "grade",
    "hold",
    "hold_item",
    "identifiers_of",
    "instructs",
    "is_oversized",
    "is_same_code",
    "is_stranger_to",
    "is_vouched",
    "keep_candidates",
    "keep_instruction",
    "lift",
    "lift_lapsed_holds",
    "one_month_after",
    "only_chooses",
    "open_mail",
    "pass_on",
    "pause",
    "read_mail",
    "record_deadline",
    "rectifications_of",
    "refuse",
    "require_correctable",
    "resolve",
    "resume",
    "sealed_bundle",
    "settle_mail",
    "split",
    "take_back",
    "take_inbox",
    "tell",
    "theirs_to_take_back",
    "time_of_receipt",
    "verify_identity",
    "visible",
    "what_is_asked",
    "what_is_named",
    "withdraw",
    "without_label",
    "write_letter",
]
