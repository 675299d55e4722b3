"""Evidence: the Merkle log over the ledger, its signed checkpoints, and certificates.

`merkle` has the tree and its proofs, `canonical_bytes` those of an entry, `signing_keys` the keys,
`checkpoint` the signed notes, `ledger_check` the check of the whole ledger, `signed_files` what
there is to compare it with, `statement` the report on one request, `certificate` the signed file
around it, `certificate_check` how that is verified, and `certificate_page` the page of it.
Nothing here holds personal data.
"""

from lacuna.evidence.canonical_bytes import leaf_of, result_digest
from lacuna.evidence.canonical_json import Json, read_canonical
from lacuna.evidence.certificate import (
    ClosedRequest,
    SealedLedger,
    changed_places,
    issue,
    statement_of,
)
from lacuna.evidence.certificate_check import (
    SHOWS,
    VerifiedCertificate,
    is_subject,
    verify_certificate,
)
from lacuna.evidence.certificate_page import certificate_page
from lacuna.evidence.checkpoint import (
    Checkpoint,
    is_checkpoint_name,
    publish_checkpoint,
    published_note,
    sign_checkpoint,
    verify_checkpoint,
)
from lacuna.evidence.durable_files import files_in, read_whole, write_once
from lacuna.evidence.ledger_check import (
    WHAT_NOW,
    CheckedLedger,
    ComparedLedger,
    Signed,
    compare_ledger,
    missing_copies,
)
from lacuna.evidence.manifest_note import Noted, sign_manifest, verify_manifest
from lacuna.evidence.merkle import Tree
from lacuna.evidence.particulars import Particulars
from lacuna.evidence.report import (
    Happenings,
    RunLines,
    as_markdown,
    as_page,
    of_tenant,
    report,
)
from lacuna.evidence.report_mail import mail_of
from lacuna.evidence.runs import (
    BEGAN,
    DATAMAP,
    RECORDED_AT,
    RUN,
    TASK,
    TASK_LOG,
    RunRecord,
    first_lines,
    line_count,
    lines_after_the_end,
)
from lacuna.evidence.scrub_depth import OF_SCRUBS, linkable, reached, relevant_scrubs
from lacuna.evidence.signed_files import Places, SignedFiles, read_signed_files
from lacuna.evidence.signed_statement import (
    About,
    Statement,
    StatementType,
    certify,
    is_statement_of,
    write_statement,
)
from lacuna.evidence.signing_keys import WORK, SigningKey, create_key, load_key, read_keys
from lacuna.evidence.subject import SUBJECT_PURPOSE, subject_digests
from lacuna.evidence.superseded_histories import (
    SUPERSEDED_AT,
    SupersededHistory,
    check_superseded,
    files_of_none,
    is_there,
    list_paths,
    location_of,
    read_history,
    read_list,
)

__all__ = [
    "BEGAN",
    "DATAMAP",
    "OF_SCRUBS",
    "RECORDED_AT",
    "RUN",
    "SHOWS",
    "SUBJECT_PURPOSE",
    "SUPERSEDED_AT",
    "TASK",
    "TASK_LOG",
    "WHAT_NOW",
    "WORK",
    "About",
    "CheckedLedger",
    "Checkpoint",
    "ClosedRequest",
    "ComparedLedger",
    "Happenings",
    "Json",
    "Noted",
    "Particulars",
    "Places",
    "RunLines",
    "RunRecord",
    "SealedLedger",
    "Signed",
    "SignedFiles",
    "SigningKey",
    "Statement",
    "StatementType",
    "SupersededHistory",
    "Tree",
    "VerifiedCertificate",
    "as_markdown",
    "as_page",
    "certificate_page",
    "certify",
    "changed_places",
    "check_superseded",
    "compare_ledger",
    "create_key",
    "files_in",
    "files_of_none",
    "first_lines",
    "is_checkpoint_name",
    "is_statement_of",
    "is_subject",
    "is_there",
    "issue",
    "leaf_of",
    "line_count",
    "lines_after_the_end",
    "linkable",
    "list_paths",
    "load_key",
    "location_of",
    "mail_of",
    "missing_copies",
    "of_tenant",
    "publish_checkpoint",
    "published_note",
    "reached",
    "read_canonical",
    "read_history",
    "read_keys",
    "read_list",
    "read_signed_files",
    "read_whole",
    "relevant_scrubs",
    "report",
    "result_digest",
    "sign_checkpoint",
    "sign_manifest",
    "statement_of",
    "subject_digests",
    "verify_certificate",
    "verify_checkpoint",
    "verify_manifest",
    "write_once",
    "write_statement",
]
