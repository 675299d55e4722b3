"""The manifest and the data dictionary: what a bundle holds, and what its columns mean."""

from collections.abc import Sequence
from typing import Final

from lacuna.bundle.portable_rows import ARTICLE, reason_of
from lacuna.bundle.table_files import to_document
from lacuna.bundle.values import in_utc
from lacuna.bundle.words import in_english
from lacuna.model.bundle import BundleContent, JsonValue, Manifest

_SCHEMA_VERSION: Final = "1.0"

MANIFEST: Final = "manifest.json"
"""Written last: a folder without it is no bundle."""

SIGNATURE: Final = "manifest.sig"
"""A signed note about the manifest, and so about every digest in it."""

SUMS: Final = "SHA256SUMS"
"""Digests of every file, the manifest included, as `sha256sum -c` reads them."""

_SERIALIZATION: Final[JsonValue] = {
    "bytes": "base64",
    "decimals": "text, exactly as stored",
    "documents": "Parquet columns with the field metadata encoding=json hold JSON text",
    "null": "null",
    "object_keys": "sorted",
    "text": "UTF-8",
    "timestamps": "ISO 8601, UTC",
}


def to_manifest_json(manifest: Manifest) -> bytes:
    """Return the manifest as it stands in the bundle."""
    content = manifest.content
    order, datamap, tenant = content.order, content.datamap, content.tenant
    document: JsonValue = {
        "authority": tenant.authority,
        "controller": tenant.controller,
        "datamap_digest": datamap.digest,
        "dpo": tenant.dpo,
        "excluded": [
            {"article": each.article, "reason": each.reason, "source": each.source}
            for each in content.excluded
        ],
        "files": [
            {
                "article": each.article.value,
                "bytes": each.byte_count,
                "path": each.path,
                "redactions": each.redactions,
                "rows": each.rows,
                "schema_ref": each.schema_ref,
                "sha256": each.sha256,
                "source": each.source,
            }
            for each in manifest.files
        ],
        "generated_at": in_utc(order.generated_at),
        "incomplete_sources": [
            {"reason": each.reason, "source": each.source} for each in manifest.incomplete_sources
        ],
        "is_complete": manifest.is_complete,
        "left_out_of_portability": [
            {
                "article": ARTICLE,
                "column": each.column or None,
                "columns": each.columns,
                "reason": reason_of(each, datamap),
                "rows": each.rows,
                "source": str(each.table),
                "value": each.value or None,
            }
            for each in content.left_out
        ],
        "kinds": [kind.value for kind in order.kinds],
        "processor": f"{datamap.name}, on behalf of the controller",
        "redactions": [
            {
                "article": each.article,
                "count": each.count,
                "reason": in_english(each.reason),
                "source": each.source,
            }
            for each in manifest.redactions
        ],
        "request_id": order.request_id,
        "schema_version": _SCHEMA_VERSION,
        "serialization": _SERIALIZATION,
        "snapshot_at": in_utc(order.snapshot_at),
        "sources_checked": [
            {"kind": each.kind.value, "rows": each.rows, "source": each.source}
            for each in content.sources_checked
        ],
    }
    return to_document(document)


def to_sums(digests: Sequence[tuple[str, str]]) -> bytes:
    """Return the digests `(path, SHA-256 hex)` as `sha256sum` writes them."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests)).encode()


def to_dictionary(content: BundleContent) -> bytes:
    """Return the meaning of every column of the bundle, and why it is processed."""
    tables: dict[str, JsonValue] = {}
    for each in content.tables:
        mapped = content.datamap.tables[each.table]
        columns: dict[str, JsonValue] = {}
        for name in each.columns:
            column = mapped.column(name)
            processing = content.datamap.processings[column.processing]
            columns[name] = {
                "category": column.category,
                "in_portability": name in each.portable,
                "lawful_basis": processing.lawful_basis,
                "legend": dict(column.legend),
                "meaning": column.meaning,
                "processing": processing.name,
                "purpose": processing.purpose,
                "retention": processing.retention,
                "source": processing.source,
                "type": each.types[name].value,
            }
        tables[str(each.table)] = {"columns": columns, "rows": each.count}
    return to_document({"tables": tables})
