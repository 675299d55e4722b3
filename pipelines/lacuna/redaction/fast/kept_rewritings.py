"""Patterns as they were rewritten for the prefilter, kept on disk between processes."""

import hashlib
import json
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from lacuna.redaction.fast import prefilter_syntax
from lacuna.redaction.fast.file_cache import keep_file, note_use
from lacuna.redaction.fast.prefilter_syntax import NotRewritable, rewritten

_KEPT_FILES = 24


def rewritings(
    patterns: Sequence[tuple[str, int]], *, wide: bool, directory: Path | None
) -> list[str | None]:
    """Return the patterns (expression, flags of `re`) as `rewritten` returns them.

    None: the text has to be read by the pattern itself.

    Args:
        directory: where they are kept; None: nowhere.
    """
    if directory is None:
        return _made(patterns, wide=wide)
    path = directory / f"rewritten-{_digest(patterns, wide=wide)}.json"
    try:
        kept: list[str | None] = json.loads(path.read_text("utf-8"))
        if len(kept) == len(patterns):
            note_use(path)
            return kept
    except (OSError, ValueError, TypeError):
        # Not there, or not whole: made again.
        pass
    made = _made(patterns, wide=wide)
    document = json.dumps(made).encode()
    keep_file(path, lambda file: file.write(document), like="rewritten-*.json", most=_KEPT_FILES)
    return made


def _made(patterns: Sequence[tuple[str, int]], *, wide: bool) -> list[str | None]:
    return [_rewritten(pattern, flags, wide=wide) for pattern, flags in patterns]


def _rewritten(pattern: str, flags: int, *, wide: bool) -> str | None:
    try:
        return rewritten(pattern, flags, wide=wide)
    except NotRewritable:
        return None


def _digest(patterns: Sequence[tuple[str, int]], *, wide: bool) -> str:
    """Return a digest of the patterns and of all that rewrites them."""
    code = Path(prefilter_syntax.__file__).read_bytes()
    given = (code, sys.version, version("regex"), [(one, int(flags)) for one, flags in patterns])
    return hashlib.sha256(repr((given, wide)).encode()).hexdigest()[:32]
