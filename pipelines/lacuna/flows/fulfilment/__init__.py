"""The fulfilment flow: claimed requests are resolved, planned, applied, verified and closed."""

from lacuna.flows.fulfilment.bundles import check_signature, clear_unsealed
from lacuna.flows.fulfilment.candidate_choice import choose_person
from lacuna.flows.fulfilment.completion import level_folders
from lacuna.flows.fulfilment.dry_run import TriedErasure, rehearse, would_be_plan
from lacuna.flows.fulfilment.file_scrub import scrub_files
from lacuna.flows.fulfilment.flow import (
    alone,
    apply,
    apply_chunk,
    check_skip,
    claim,
    close,
    close_chunk,
    conclude,
    resolve_and_plan,
    rewrite_chunk,
    run,
    scrub,
    stage_of,
    verify,
)
from lacuna.flows.fulfilment.notices import deliver_notices, references_of
from lacuna.flows.fulfilment.planning import locks_of, locks_of_all
from lacuna.flows.fulfilment.proof import PEOPLE, Tell, prove
from lacuna.flows.fulfilment.repeated_fulfilment import fulfil_again
from lacuna.flows.fulfilment.request_closure import destroy_old_keys, forget_old_mails, rest_id
from lacuna.flows.fulfilment.verification import examine, places

__all__ = [
    "PEOPLE",
    "Tell",
    "TriedErasure",
    "alone",
    "apply",
    "apply_chunk",
    "check_signature",
    "check_skip",
    "choose_person",
    "claim",
    "clear_unsealed",
    "close",
    "close_chunk",
    "conclude",
    "deliver_notices",
    "destroy_old_keys",
    "examine",
    "forget_old_mails",
    "fulfil_again",
    "level_folders",
    "locks_of",
    "locks_of_all",
    "places",
    "prove",
    "references_of",
    "rehearse",
    "resolve_and_plan",
    "rest_id",
    "rewrite_chunk",
    "run",
    "scrub",
    "scrub_files",
    "stage_of",
    "verify",
    "would_be_plan",
]
