"""A page in the Markdown of code hosts, made into the Markdown of the site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_FENCE = re.compile(r" *(```|~~~)")
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_ITEM = re.compile(r"( *)([-*]|\d+[.]) +(?=\S)")


@dataclass(frozen=True)
class Markdown:
    """The text of a page."""

    text: str

    def with_links(self, linked: Callable[[str], str | None]) -> Markdown:
        """Return the page with each link's target replaced; where there is none, the link becomes its text."""

        def replaced(link: re.Match[str]) -> str:
            target = linked(link[3])
            return link[2] if target is None else f"{link[1]}[{link[2]}]({target})"

        # A link may begin on one line and end on the next: blocks are read whole, code is left alone.
        return Markdown(
            "".join(block if code else _LINK.sub(replaced, block) for code, block in self._blocks())
        )

    def with_tables_of_states(self) -> Markdown:
        """Return the page with each diagram of states as a table: a drawing would need a program from elsewhere."""
        return Markdown(
            "".join(
                _state_table(block) if block.startswith("```mermaid") else block
                for _, block in self._blocks()
            )
        )

    def indented(self) -> str:
        """Return the text with lists as Python-Markdown reads them: four columns a level, a blank line before."""
        lines: list[str] = []
        levels: list[int] = []  # the column at which the text of each open item begins
        fenced = parted = False
        for line in self.text.splitlines():
            bare = line.lstrip(" ")
            column = len(line) - len(bare)
            if not bare:
                lines.append("")
                continue
            item = None if fenced else _ITEM.match(line)
            if not fenced:
                after_blank = not lines or not lines[-1]
                # Without a blank line before it, a line of text goes on where the last one was.
                while (
                    levels and column < levels[-1] and (item or after_blank or _FENCE.match(line))
                ):
                    levels.pop()
                follows_text = lines and lines[-1] and not lines[-1].startswith(("    ", "#"))
                is_first = not levels and follows_text and not _ITEM.match(lines[-1])
                if item and lines and lines[-1] and (is_first or parted):
                    lines.append("")
                # A second paragraph of an item; the next item needs a blank line, too.
                parted = bool(levels) and not item and (parted or after_blank)
            within = levels[-1] if levels else 0
            lines.append(" " * (4 * len(levels) + max(0, column - within)) + bare)
            if item:
                levels.append(item.end())
            if _FENCE.match(line):
                fenced = not fenced
        return "\n".join(lines) + "\n"

    def _blocks(self) -> Iterator[tuple[bool, str]]:
        """Yield the page in parts, and whether each is a block of code."""
        block: list[str] = []
        fenced = False
        for line in self.text.splitlines(keepends=True):
            fence = _FENCE.match(line) is not None
            if fence and not fenced:
                yield False, "".join(block)
                block = []
            block.append(line)
            if fence and fenced:
                yield True, "".join(block)
                block = []
            fenced ^= fence
        yield fenced, "".join(block)


def _state_table(diagram: str) -> str:
    following: dict[str, list[str]] = {}
    for state, to in re.findall(r"(\w+|\[\*\]) --> (\w+|\[\*\])", diagram):
        following.setdefault("(new)" if state == "[*]" else state, []).append(
            "(end)" if to == "[*]" else to
        )
    rows = [
        f"| `{state}` | {', '.join(f'`{to}`' for to in tos)} |" for state, tos in following.items()
    ]
    return "\n".join(["| state | next |", "|---|---|", *rows]) + "\n"
