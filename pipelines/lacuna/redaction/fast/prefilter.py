"""One scan of a text says which patterns can match in it at all."""

import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lacuna.redaction.fast.file_cache import keep_file, note_use
from lacuna.redaction.fast.kept_rewritings import rewritings
from lacuna.redaction.fast.prefilter_syntax import in_bytes

if TYPE_CHECKING:
    import hyperscan

_KEPT_DATABASES = 24
BESIDE = Path(__file__).parent / "__pycache__"
"""Where what was compiled is kept between processes unless a directory is named."""


class Scanner(Protocol):
    """Looks for many expressions at once."""

    def __call__(self, text: bytes) -> list[int]:
        """Return the numbers of the expressions that match anywhere in `text`."""
        ...


ScannerOf = Callable[[Sequence[tuple[int, str]]], tuple[Scanner, list[int]]]
"""Makes a scanner of numbered expressions, and names those that it refuses."""


class Prefilter:
    """Says which of many patterns can match in a text; a pattern it cannot read is always open."""

    def __init__(
        self,
        patterns: Sequence[tuple[str, int]],
        *,
        common: int | None = None,
        scanner_of: ScannerOf | None = None,
        directory: Path | None = None,
    ) -> None:
        """Rewrite the patterns (expression, flags of `re`) and compile those for ASCII.

        Args:
            common: how many of the first are the same in most prefilters: compiled by themselves, they
                need not be compiled again where others are added. None for all.
            directory: where rewritten patterns are kept between processes; None: nowhere.
        """
        self._patterns = tuple(patterns)
        self._common = len(patterns) if common is None else common
        self._scanner_of = scanner_of or best_scanner()
        self._directory = directory
        self._narrow, self._narrow_open = self._compiled(wide=False)
        self._wide: tuple[Scanner, frozenset[int]] | None = None

    def open_for(self, text: str) -> list[int]:
        """Return the numbers of the patterns that can match, in order."""
        if text.isascii():
            scan, always = self._narrow, self._narrow_open
        else:
            # Only now: to compile takes as long again.
            self._wide = self._wide or self._compiled(wide=True)
            scan, always = self._wide
        found = scan(in_bytes(text))
        if always:
            found = [*always.union(found)]
        return sorted(found) if len(found) > 1 else found

    def _compiled(self, *, wide: bool) -> tuple[Scanner, frozenset[int]]:
        made = rewritings(self._patterns, wide=wide, directory=self._directory)
        expressions = [(number, one) for number, one in enumerate(made) if one is not None]
        always = [number for number, one in enumerate(made) if one is None]
        scanner, refused = self._scanner_of([one for one in expressions if one[0] < self._common])
        added = [one for one in expressions if one[0] >= self._common]
        if added:
            of_added, refused_too = self._scanner_of(added)
            scanner, refused = _both(scanner, of_added), [*refused, *refused_too]
        return scanner, frozenset((*always, *refused))


def _both(first: Scanner, second: Scanner) -> Scanner:
    """Return a scanner that looks for the expressions of two."""
    return lambda text: first(text) + second(text)


def best_scanner(directory: Path | None = None) -> ScannerOf:
    """Return the scanner of this machine: hyperscan, or google-re2 where it has no wheel.

    `directory` is where compiled expressions are kept; None means beside the package.
    """
    if importlib.util.find_spec("hyperscan") is not None:
        return partial(hyperscan_scanner, directory=directory or BESIDE)
    if importlib.util.find_spec("re2") is not None:
        return re2_scanner
    return no_scanner


def hyperscan_scanner(
    expressions: Sequence[tuple[int, str]], directory: Path | None = None
) -> tuple[Scanner, list[int]]:
    """Compile expressions for hyperscan: one pass for all of them."""
    import hyperscan

    database, refused = _database(tuple(expressions), directory)
    if database is None:
        return _nothing, list(refused)
    scratch = hyperscan.Scratch(database)
    found: list[int] = []

    def note(number: int, *_: object) -> None:
        found.append(number)

    def scan(text: bytes) -> list[int]:
        found.clear()
        if text:
            database.scan(text, match_event_handler=note, scratch=scratch)
        return found.copy()

    return scan, list(refused)


@lru_cache(maxsize=16)
def _database(
    expressions: tuple[tuple[int, str], ...], directory: Path | None
) -> tuple["hyperscan.Database | None", tuple[int, ...]]:
    """Return expressions compiled, in this process once, and the numbers of those refused."""
    import hyperscan

    kept = _kept(expressions, directory)
    if kept is not None:
        return kept
    refused: list[int] = []
    taken = list(expressions)
    try:
        database = _compile(taken)
    except hyperscan.error:
        taken = [one for one in taken if _is_taken(one)]
        refused = sorted({number for number, _ in expressions} - {number for number, _ in taken})
        if not taken:
            return None, tuple(refused)
        database = _compile(taken)
    _keep(database, refused, expressions, directory)
    return database, tuple(refused)


def _compile(expressions: Sequence[tuple[int, str]]) -> "hyperscan.Database":
    import hyperscan

    database = hyperscan.Database()
    database.compile(
        expressions=[expression.encode() for _, expression in expressions],
        ids=[number for number, _ in expressions],
        flags=[hyperscan.HS_FLAG_SINGLEMATCH] * len(expressions),
    )
    return database


def _is_taken(expression: tuple[int, str]) -> bool:
    import hyperscan

    try:
        _compile([expression])
    except hyperscan.error:
        return False
    return True


def _kept(
    expressions: Sequence[tuple[int, str]], directory: Path | None
) -> tuple["hyperscan.Database", tuple[int, ...]] | None:
    """Return the database that `_keep` kept: a line with the numbers of those refused, then the rest."""
    import hyperscan

    if directory is None:
        return None
    path = directory / _file_name(expressions)
    try:
        refused, _, rest = path.read_bytes().partition(b"\n")
        note_use(path)
        numbers = tuple(map(int, refused.split()))
        return hyperscan.loadb(rest, hyperscan.HS_MODE_BLOCK), numbers
    except (OSError, ValueError, hyperscan.error):
        # Not there, or made on another machine or by an older version: compiled again.
        return None


def _keep(
    database: "hyperscan.Database",
    refused: Sequence[int],
    expressions: Sequence[tuple[int, str]],
    directory: Path | None,
) -> None:
    import hyperscan

    if directory is None:
        return
    content = " ".join(map(str, refused)).encode() + b"\n" + hyperscan.dumpb(database)
    keep_file(
        directory / _file_name(expressions),
        lambda file: file.write(content),
        like="prefilter-*.hs",
        most=_KEPT_DATABASES,
    )


def _file_name(expressions: Sequence[tuple[int, str]]) -> str:
    digest = hashlib.sha256(
        repr((importlib.metadata.version("hyperscan"), list(expressions))).encode()
    )
    return f"prefilter-{digest.hexdigest()[:32]}.hs"


def re2_scanner(expressions: Sequence[tuple[int, str]]) -> tuple[Scanner, list[int]]:
    """Compile expressions for google-re2: one automaton for all of them."""
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = 1 << 28
    together = re2.Set.SearchSet(options)
    numbers: list[int] = []
    refused: list[int] = []
    for number, expression in expressions:
        try:
            together.Add(expression.encode())
            numbers.append(number)
        except re2.error:
            refused.append(number)
    if not numbers:
        return _nothing, refused
    together.Compile()

    def scan(text: bytes) -> list[int]:
        return [numbers[at] for at in together.Match(text) or ()]

    return scan, refused


def no_scanner(expressions: Sequence[tuple[int, str]]) -> tuple[Scanner, list[int]]:
    """Leave every pattern open: neither scanner is installed."""
    return _nothing, [number for number, _ in expressions]


def _nothing(text: bytes) -> list[int]:
    return []
