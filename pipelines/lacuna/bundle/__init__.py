"""Access and portability bundles: what goes in, how it is laid out, and how it is sealed."""

from lacuna.bundle.collection import BundleSources, collect
from lacuna.bundle.other_people import OTHERS, STAFF
from lacuna.bundle.sealed_files import (
    OpenedBundle,
    expire,
    open_archive,
    open_sealed,
    parse_key,
    parse_recipient,
    readable_passphrase,
    seal,
    sealed_bundles,
)
from lacuna.bundle.writer import write

__all__ = [
    "OTHERS",
    "STAFF",
    "BundleSources",
    "OpenedBundle",
    "collect",
    "expire",
    "open_archive",
    "open_sealed",
    "parse_key",
    "parse_recipient",
    "readable_passphrase",
    "seal",
    "sealed_bundles",
    "write",
]
