"""Writes a bundle into a folder, the manifest last."""

import hashlib
import logging
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from lacuna.bundle.conversation_pages import write_conversations
from lacuna.bundle.formats import made_files
from lacuna.bundle.further_pages import further_pages
from lacuna.bundle.history import to_consents, to_requests
from lacuna.bundle.information import to_information_html, to_information_json
from lacuna.bundle.manifest import (
    MANIFEST,
    SIGNATURE,
    SUMS,
    to_dictionary,
    to_manifest_json,
    to_sums,
)
from lacuna.bundle.other_people import OTHERS
from lacuna.bundle.page_frame import FIRST_PAGE
from lacuna.bundle.readme import to_readme
from lacuna.bundle.search_page import SEARCH, SearchIndex
from lacuna.bundle.sink import Sink, Written
from lacuna.bundle.table_files import (
    digest_of,
    portable,
    read_json,
    read_parquet,
    records,
    to_schema,
    write_json,
    write_parquet,
)
from lacuna.bundle.table_pages import table_pages
from lacuna.bundle.timeline import Timeline
from lacuna.bundle.words import Words
from lacuna.errors import ConfigurationError, PipelineError, VerificationFailed
from lacuna.model.bundle import (
    Article,
    BundleContent,
    BundleFile,
    IncompleteSource,
    Manifest,
    Redaction,
    TableContent,
)

logger = logging.getLogger(__name__)

_OWN: Final = "lacuna"  # the source of files that describe the bundle
_SAY_EVERY: Final = 2**30  # bytes between two lines about progress

Sign = Callable[[int, str], str]
"""Returns a signed note about a file of this size and this SHA-256 (hex)."""


def write(folder: Path, content: BundleContent, sign: Sign | None = None) -> Manifest:
    """Write a bundle and return its manifest; the same content gives the same bytes.

    Files are of mode 0600 in folders of mode 0700. The manifest, and its signature where there
    is one, are the last files: a folder without a manifest is not a bundle. Of what an
    interrupted try left in a folder that carries the request's id in its name, whole copies of
    objects are kept and everything else is rewritten. Rows and objects pass through memory
    a part at a time.

    Args:
        folder: the bundle's own folder; made here.
        content: what `collect` returned.
        sign: signs the manifest; None leaves it unsigned.

    Raises:
        ConfigurationError: the folder holds something else.
        VerificationFailed: JSON and Parquet of a table do not hold the same when read back.
    """
    if folder.exists() and any(folder.iterdir()) and content.order.request_id not in str(folder):
        raise ConfigurationError(
            f"{content.order.request_id}: the folder of the bundle is not empty or is not named "
            "by the request; name another folder"
        )
    writer = _BundleWriter(folder, content)
    for table in content.tables:
        if content.order.has_access:
            writer.add_table("access", table, Article.ACCESS)
        if content.order.has_portability and table.portable:
            part = portable(table)
            if part.count:
                writer.add_table("portability", part, Article.BOTH)
    writer.add_objects()
    for made in made_files(content):
        writer.add(_ManifestDetails(made.path, made.article, made.source), made.data)
    if content.order.has_access:
        for name, (count, data) in (
            ("requests", to_requests(content)),
            ("consents", to_consents(content)),
        ):
            writer.add(_ManifestDetails(f"history/{name}.json", rows=count), data)
    writer.add(_ManifestDetails("data_dictionary.json"), to_dictionary(content))
    return writer.finish(sign)


@dataclass(frozen=True)
class _ManifestDetails:
    """What the manifest says of a file beside its size and digest."""

    path: str
    article: Article = Article.ACCESS
    source: str = _OWN
    rows: int | None = None
    schema_ref: str | None = None
    redactions: int = 0


class _BundleWriter:
    """One bundle being written."""

    def __init__(self, folder: Path, content: BundleContent) -> None:
        self._sink = Sink(folder, content.parts)
        self._content = content
        self._files: list[BundleFile] = []
        self._incomplete = list(content.incomplete_sources)
        self._redactions = list(content.redactions)

    def add(self, about: _ManifestDetails, data: bytes) -> None:
        """Write one file and account for it."""
        self._stream(about, lambda file: _write_all(file, data))

    def _stream(self, about: _ManifestDetails, write: Callable[[IO[bytes]], None]) -> None:
        self._account(about, self._sink.put(about.path, write))

    def _account(self, about: _ManifestDetails, written: Written) -> None:
        self._files.append(
            BundleFile(
                path=about.path,
                article=about.article,
                source=about.source,
                rows=about.rows,
                byte_count=written.byte_count,
                sha256=written.sha256,
                schema_ref=about.schema_ref,
                redactions=about.redactions + written.redactions,
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
            about = _ManifestDetails(schema_ref, article, str(table.table))
            self.add(about, to_schema(table, meanings))
        paths = {form: f"{root}/{form}/{name}.{form}" for form in ("json", "parquet")}
        for form, write_as in (("json", write_json), ("parquet", write_parquet)):
            about = _ManifestDetails(
                path=paths[form],
                article=article,
                source=str(table.table),
                rows=table.count,
                schema_ref=schema_ref,
                redactions=sum(table.redactions.values()),
            )
            self._stream(about, partial(write_as, table))
        expected = digest_of(records(table))
        as_json = digest_of(read_json(self._sink.path(paths["json"])))
        if not as_json == digest_of(read_parquet(self._sink.path(paths["parquet"]))) == expected:
            raise VerificationFailed(
                f"{self._content.order.request_id}: {table.table} differs between JSON and "
                "Parquet when read back; the bundle is not finished. Report this"
            )

    def add_objects(self) -> None:
        """Copy the files; one that cannot be given makes its source incomplete."""
        missing: Counter[tuple[str, str]] = Counter()
        covered: Counter[str] = Counter()
        copied, said = 0, 0
        for number, each in enumerate(self._content.objects, start=1):
            try:
                written = self._sink.copy(each.path, each.version, each.copy)
            except PipelineError as error:
                missing[each.source, type(error).__name__] += 1
                continue
            self._account(_ManifestDetails(each.path, each.article, each.source), written)
            covered[each.source] += written.redactions
            copied += written.byte_count
            if copied - said >= _SAY_EVERY:
                said = copied
                logger.info(
                    "bundle copies objects request_id=%s done=%d of=%d bytes=%d",
                    self._content.order.request_id,
                    number,
                    len(self._content.objects),
                    copied,
                )
        for (source, error_name), count in sorted(missing.items()):
            reason = f"files that could not be copied ({error_name}): {count}"
            self._incomplete.append(IncompleteSource(source, reason))
        for source, count in sorted((+covered).items()):
            self._redactions.append(Redaction(source, OTHERS, "15(4)", count))

    def finish(self, sign: Sign | None) -> Manifest:
        """Write what describes the bundle: the information, the page, the digests, the manifest."""
        gaps = tuple(self._incomplete), tuple(self._redactions)
        self.add(_ManifestDetails("information.json"), to_information_json(self._content, *gaps))
        self.add(_ManifestDetails("information.html"), to_information_html(self._content, *gaps))
        self._write_pages()
        manifest = self._manifest()
        data = to_manifest_json(manifest)
        digest = hashlib.sha256(data).hexdigest()
        digests = [(file.path, file.sha256) for file in manifest.files]
        digests.append((MANIFEST, digest))
        self._sink.put(SUMS, lambda file: _write_all(file, to_sums(digests)))
        if sign is not None:
            note = sign(len(data), digest).encode()
            self._sink.put(SIGNATURE, lambda file: _write_all(file, note))
        self._sink.put(MANIFEST, lambda file: _write_all(file, data))
        return manifest

    def _write_pages(self) -> None:
        """Write what people read, the first page last: it leads to all others."""
        content, words = self._content, Words.of(self._content)

        def put(path: str, data: bytes) -> None:
            self.add(_ManifestDetails(path), data)

        with (
            tempfile.TemporaryDirectory(dir=content.parts) as folder,
            closing(SearchIndex(Path(folder))) as index,
        ):
            timeline = Timeline(content, Path(folder))
            pages = write_conversations(content, timeline, words, put, index.add)
            if pages.count:
                self._stream(_ManifestDetails(SEARCH), partial(index.write, pages, words))
        for path, data in table_pages(content, self._files, words):
            put(path, data)
        for path, data in further_pages(self._manifest(), words):
            put(path, data)
        put(FIRST_PAGE, to_readme(self._manifest(), pages))

    def _manifest(self) -> Manifest:
        return Manifest(
            content=self._content,
            files=tuple(sorted(self._files, key=lambda file: file.path)),
            incomplete_sources=tuple(self._incomplete),
            redactions=tuple(self._redactions),
        )


def _write_all(file: IO[bytes], data: bytes) -> None:
    file.write(data)


def _file_name(name: str) -> str:
    """Return a name without anything that a file system reads as more than a letter."""
    return quote(name, safe="")
