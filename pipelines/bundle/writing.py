"""Writes a bundle into a folder, the manifest last."""

import hashlib
import json
import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote

from pipelines.bundle.covering import OTHERS
from pipelines.bundle.manifest import MANIFEST, SUMS, to_dictionary, to_manifest_json, to_sums
from pipelines.bundle.notice import to_notice_html, to_notice_json
from pipelines.bundle.readme import to_readme
from pipelines.bundle.tables import (
    from_json,
    from_parquet,
    portable,
    to_document,
    to_json,
    to_parquet,
    to_schema,
)
from pipelines.bundle.values import in_utc, to_json_text
from pipelines.errors import ConfigurationError, PipelineError, VerificationFailed
from pipelines.model.bundle import (
    Article,
    BundleContent,
    BundleFile,
    IncompleteSource,
    JsonValue,
    Manifest,
    Redaction,
    TableContent,
)

_OWN: Final = "lacuna"  # the source of files that describe the bundle


def write(folder: Path, content: BundleContent) -> Manifest:
    """Write a bundle and return its manifest; the same content gives the same bytes.

    Files are of mode 0600 in folders of mode 0700. The manifest is the last file: a folder
    without one is not a bundle. What a crash left in a folder that carries the request's id
    in its name is replaced.

    Args:
        folder: the bundle's own folder; made here.
        content: what `collect` returned.

    Raises:
        ConfigurationError: the folder holds something else.
        VerificationFailed: JSON and Parquet of a table do not hold the same when read back.
    """
    if folder.exists() and any(folder.iterdir()):
        if content.order.request_id not in folder.name:
            raise ConfigurationError(
                f"{content.order.request_id}: the folder of the bundle is not empty and not named "
                "by the request; give another"
            )
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    writer = _Writer(folder, content)
    for table in content.tables:
        if content.order.has_access:
            writer.add_table("access", table, Article.ACCESS)
        if content.order.has_portability and table.portable:
            writer.add_table("portability", portable(table), Article.BOTH)
    writer.add_objects()
    if content.order.has_access:
        writer.add_history()
    writer.add(_About("data_dictionary.json"), to_dictionary(content))
    return writer.finish()


@dataclass(frozen=True)
class _About:
    """What the manifest says of a file beside its size and digest."""

    path: str
    article: Article = Article.ACCESS
    source: str = _OWN
    rows: int | None = None
    schema_ref: str | None = None
    redactions: int = 0


class _Writer:
    """One bundle being written."""

    def __init__(self, folder: Path, content: BundleContent) -> None:
        self._folder = folder
        self._content = content
        self._files: list[BundleFile] = []
        self._incomplete = list(content.incomplete_sources)
        self._redactions = list(content.redactions)

    def add(self, about: _About, octets: bytes) -> None:
        """Write one file and account for it."""
        self._put(about.path, octets)
        self._files.append(
            BundleFile(
                path=about.path,
                article=about.article,
                source=about.source,
                rows=about.rows,
                octets=len(octets),
                sha256=hashlib.sha256(octets).hexdigest(),
                schema_ref=about.schema_ref,
                redactions=about.redactions,
            )
        )

    def add_table(self, root: str, table: TableContent, article: Article) -> None:
        """Write a table in both formats, read both back, and compare."""
        name = _file_name(str(table.table))
        schema_ref = None
        if root == "portability":
            schema_ref = f"portability/schemas/{name}.schema.json"
            mapped = self._content.datamap.tables[table.table]
            meanings = {column: mapped.column(column).meaning for column in table.columns}
            about = _About(schema_ref, article, str(table.table))
            self.add(about, to_schema(table, meanings))
        written = {}
        for form, octets in (("json", to_json(table)), ("parquet", to_parquet(table))):
            about = _About(
                path=f"{root}/{form}/{name}.{form}",
                article=article,
                source=str(table.table),
                rows=len(table.rows),
                schema_ref=schema_ref,
                redactions=sum(table.redactions.values()),
            )
            self.add(about, octets)
            written[form] = (self._folder / about.path).read_bytes()
        expected = [_plain(table, row) for row in table.rows]
        if not from_json(written["json"]) == from_parquet(written["parquet"]) == expected:
            raise VerificationFailed(
                f"{self._content.order.request_id}: {table.table} differs between JSON and "
                "Parquet when read back; the bundle is not finished. Report this"
            )

    def add_objects(self) -> None:
        """Copy the files; one that cannot be given makes its source incomplete."""
        missing: Counter[tuple[str, str]] = Counter()
        covered: Counter[str] = Counter()
        for each in self._content.objects:
            try:
                copy = each.read()
            except PipelineError as error:
                missing[each.source, type(error).__name__] += 1
                continue
            about = _About(each.path, each.article, each.source, redactions=copy.redactions)
            self.add(about, copy.octets)
            covered[each.source] += copy.redactions
        for (source, error_name), count in sorted(missing.items()):
            reason = f"files that could not be copied ({error_name}): {count}"
            self._incomplete.append(IncompleteSource(source, reason))
        for source, count in sorted((+covered).items()):
            self._redactions.append(Redaction(source, OTHERS, "15(4)", count))

    def add_history(self) -> None:
        """Write the person's requests and consents."""
        order = self._content.order
        requests: list[JsonValue] = [
            {
                "closed_at": None if each.closed_at is None else in_utc(each.closed_at),
                "ground": each.ground,
                "kinds": [kind.value for kind in each.kinds],
                "received_at": in_utc(each.received_at),
                "request_id": each.request_id,
                "state": each.state.value,
            }
            for each in order.history
        ]
        consents: list[JsonValue] = [
            {
                "at": in_utc(each.at),
                "method": each.method,
                "purpose": each.purpose,
                "status": each.status,
                "version": each.version,
            }
            for each in order.consents
        ]
        for name, records in (("requests", requests), ("consents", consents)):
            self.add(_About(f"history/{name}.json", rows=len(records)), to_document(records))

    def finish(self) -> Manifest:
        """Write what describes the bundle: the notice, the page, the digests, the manifest."""
        gaps = tuple(self._incomplete), tuple(self._redactions)
        self.add(_About("notice.json"), to_notice_json(self._content, *gaps))
        self.add(_About("notice.html"), to_notice_html(self._content, *gaps))
        self.add(_About("README.html"), to_readme(self._manifest()))
        manifest = self._manifest()
        octets = to_manifest_json(manifest)
        digests = [(file.path, file.sha256) for file in manifest.files]
        digests.append((MANIFEST, hashlib.sha256(octets).hexdigest()))
        self._put(SUMS, to_sums(digests))
        self._put(MANIFEST, octets)
        return manifest

    def _manifest(self) -> Manifest:
        return Manifest(
            content=self._content,
            files=tuple(sorted(self._files, key=lambda file: file.path)),
            incomplete_sources=tuple(self._incomplete),
            redactions=tuple(self._redactions),
        )

    def _put(self, path: str, octets: bytes) -> None:
        here = self._folder
        for part in PurePosixPath(path).parent.parts:
            here = here / part
            here.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(self._folder / path, flags, 0o600), "wb") as file:
            file.write(octets)


def _file_name(name: str) -> str:
    """Return a name without anything that a file system reads as more than a letter."""
    return quote(name, safe="")


def _plain(table: TableContent, row: tuple[JsonValue, ...]) -> JsonValue:
    """Return a row as a reader of JSON gets it: lists for every sequence."""
    plain: JsonValue = json.loads(to_json_text(dict(zip(table.columns, row, strict=True))))
    return plain
