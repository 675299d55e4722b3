"""Compares the file patterns of a data map with the files that are there."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from lacuna.datamap.check.difference import Drift, DriftKind
from lacuna.model.datamap import DataMap
from lacuna.model.location import original_path

_KNOWN_ENDINGS = frozenset(
    [
        "bmp",
        "csv",
        "doc",
        "docx",
        "eml",
        "flac",
        "gif",
        "heic",
        "htm",
        "html",
        "jpeg",
        "jpg",
        "json",
        "log",
        "m4a",
        "md",
        "mov",
        "mp3",
        "mp4",
        "oga",
        "ogg",
        "opus",
        "parquet",
        "pdf",
        "png",
        "rtf",
        "svg",
        "tif",
        "tiff",
        "txt",
        "vcf",
        "wav",
        "webm",
        "webp",
        "xls",
        "xlsx",
        "xml",
        "zip",
    ]
)
# The only file names that are nobody's are their endings.
_ANY = "**"


def check_files(datamap: DataMap, files: Mapping[str, Iterable[str]]) -> Iterator[Drift]:
    """Yield, for each store, how many of its files no pattern fits.

    Args:
        files: the paths of each store. A name can be a person's: none is repeated.
    """
    for name, paths in files.items():
        patterns = [one.pattern for one in datamap.stores[name].files]
        endings: Counter[str] = Counter()
        for path in map(original_path, paths):
            if not any(fnmatchcase(path, pattern) for pattern in patterns):
                endings[_pattern(path)] += 1
        if endings:
            count = sum(endings.values())
            said = "1 object matches" if count == 1 else f"{count} objects match"
            lines = [
                f"      - {{pattern: '{ending}', format: binary, mention: refuse}}"
                for ending in sorted(endings, key=lambda one: (one == _ANY, one))
            ]
            yield Drift(
                name,
                DriftKind.UNMAPPED,
                f"{said} no pattern of this store; state which table names them and what happens "
                "to them",
                "\n".join(["stores:", f"  {name}:", "    files:", *lines]),
            )


def _pattern(path: str) -> str:
    ending = PurePosixPath(path).suffix.lower().removeprefix(".")
    return f"*.{ending}" if ending in _KNOWN_ENDINGS else _ANY
