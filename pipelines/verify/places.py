"""Where verification looks besides the platform's tables: folders of files, each with a name."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.model.datamap import FilePattern
from pipelines.verify.decode import texts_in_octets

_LARGEST = 512 * 1024 * 1024


@dataclass(frozen=True)
class Place:
    """A folder whose files are searched, names and contents.

    Attributes:
        name: says where a finding is, e.g. `media`; never a path.
        patterns: groups of files in it, for findings; empty: the folder is one group.
    """

    name: str
    folder: Path
    patterns: tuple[FilePattern, ...] = ()

    def group_of(self, path: str) -> str:
        """Return the name and the first pattern that a path fits."""
        for pattern in self.patterns:
            if fnmatchcase(path, pattern.pattern):
                return f"{self.name}/{pattern.pattern}"
        return self.name


def texts_in_file(path: Path) -> Iterator[str]:
    """Yield every text in a file: raw bytes in any encoding, Parquet decoded to its values.

    Raises:
        ValueError: the file cannot be searched whole; it must be listed as opaque.
    """
    if path.stat().st_size > _LARGEST:
        raise ValueError("the file is larger than is searched")
    octets = path.read_bytes()
    yield from texts_in_octets(octets)
    if octets[:4] == b"PAR1":
        yield from _texts_in_parquet(octets)


def _texts_in_parquet(octets: bytes) -> Iterator[str]:
    """Yield values, dictionary pages included: reading as dictionary keeps unused entries."""
    try:
        file = pq.ParquetFile(io.BytesIO(octets))
        leaves = (file.schema.column(number) for number in range(len(file.schema)))
        names = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
        for table in (
            file.read(),
            pq.ParquetFile(io.BytesIO(octets), read_dictionary=names).read(),
        ):
            for column in table.columns:
                for chunk in column.chunks:
                    values = chunk.dictionary if isinstance(chunk, pa.DictionaryArray) else chunk
                    for value in values.to_pylist():
                        yield from _strings(value)
    except pa.ArrowException as error:
        raise ValueError("a Parquet file cannot be read") from error


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bytes():
            yield value.decode("utf-8", "replace")
        case dict():
            for inner in value.values():
                yield from _strings(inner)
        case list():
            for inner in value:
                yield from _strings(inner)
        case _:
            return
