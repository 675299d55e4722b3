"""Fenced blocks of the documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
_FENCED = re.compile(
    r"^(?P<indent> *)```(?P<word>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: its file, from the root of the repository.
        line: of the file, at which its text begins, from 1.
        word: after the fence; empty: none.
    """

    page: str
    line: int
    word: str
    text: str

    def __str__(self) -> str:
        """Return where it is."""
        return f"{self.page}:{self.line}"


def blocks_of(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page in order."""
    text = page.read_text("utf-8")
    for found in _FENCED.finditer(text):
        line = text.count("\n", 0, found.start("text")) + 1
        content = re.sub(rf"^{found['indent']}", "", found["text"], flags=re.MULTILINE)
        yield Block(page.relative_to(ROOT).as_posix(), line, found["word"], content)
