"""Proof: the Merkle log over the ledger, its signed checkpoints, and certificates.

`merkle` has the tree and its proofs, `canonical` the bytes of an entry, `checkpoint` the signed
notes, `ledger_check` the check of the whole ledger, `certificate` the statement on one request.
Nothing here holds personal data.
"""

from pipelines.evidence.canonical import leaf_of
from pipelines.evidence.certificate import (
    Certificate,
    CertificateType,
    certify,
    write_certificate,
)
from pipelines.evidence.checkpoint import (
    Checkpoint,
    SigningKey,
    create_key,
    load_key,
    publish_checkpoint,
    published_checkpoints,
    verify_checkpoint,
)
from pipelines.evidence.ledger_check import CheckedLedger, check_copies, check_ledger

__all__ = [
    "Certificate",
    "CertificateType",
    "CheckedLedger",
    "Checkpoint",
    "SigningKey",
    "certify",
    "check_copies",
    "check_ledger",
    "create_key",
    "leaf_of",
    "load_key",
    "publish_checkpoint",
    "published_checkpoints",
    "verify_checkpoint",
    "write_certificate",
]
