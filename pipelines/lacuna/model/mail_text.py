"""The words of a mail, block by block: as plain text, and as HTML that loads nothing."""

import re
import textwrap
from dataclasses import dataclass, field
from html import escape
from typing import Final

_WIDTH: Final = 78
_INDENT: Final = "    "
_LINK: Final = re.compile(r"https://[^\s<>&()\"']+[^\s<>&()\"'.,;:]")
_EMPTY_LINE: Final = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True)
class Paragraph:
    """Text that is wrapped."""

    text: str = field(repr=False)

    @property
    def plain(self) -> str:
        """The text in lines of at most 78 characters; longer words stay whole."""
        return _wrapped(self.text)

    @property
    def html(self) -> str:
        """The text as a paragraph, its addresses as links."""
        return f"<p>{_linked(self.text)}</p>"


@dataclass(frozen=True)
class Lines:
    """Lines that stay as they are: a code, a numbered list, or who signs.

    Attributes:
        is_indented: whether plain text sets them off.
    """

    lines: tuple[str, ...] = field(repr=False)
    is_indented: bool = True

    @property
    def plain(self) -> str:
        """The lines, one below the other."""
        indent = _INDENT if self.is_indented else ""
        return "\n".join(f"{indent}{one}" for one in self.lines)

    @property
    def html(self) -> str:
        """The lines, those that go on with the one above joined to it."""
        joined: list[str] = []
        for line in self.lines:
            if line.startswith(" ") and joined:
                joined[-1] += f" {line.strip()}"
            else:
                joined.append(line)
        name = "lines" if self.is_indented else "signed"
        return f'<p class="{name}">{"<br>".join(map(_linked, joined))}</p>'


@dataclass(frozen=True)
class Quotation:
    """What an officer wrote, with the line breaks that they made."""

    text: str = field(repr=False)

    @property
    def _paragraphs(self) -> list[list[str]]:
        return [one.splitlines() for one in _EMPTY_LINE.split(self.text.strip())]

    @property
    def plain(self) -> str:
        """The paragraphs in lines of at most 78 characters."""
        return "\n\n".join("\n".join(map(_wrapped, lines)) for lines in self._paragraphs)

    @property
    def html(self) -> str:
        """The paragraphs, set off; nothing in them becomes a link."""
        parts = [f"<p>{'<br>'.join(map(escape, lines))}</p>" for lines in self._paragraphs]
        return f"<blockquote>{''.join(parts)}</blockquote>"


MailBlock = Paragraph | Lines | Quotation


@dataclass(frozen=True)
class MailText:
    """A mail in words.

    Attributes:
        language: ISO 639-1.
    """

    subject: str = field(repr=False)
    language: str
    blocks: tuple[MailBlock, ...] = field(repr=False)

    @property
    def plain(self) -> str:
        """The blocks as plain text."""
        return "\n\n".join(one.plain for one in self.blocks) + "\n"

    @property
    def fragment(self) -> str:
        """The blocks as HTML, to stand in a page."""
        return "\n".join(one.html for one in self.blocks)


def _wrapped(text: str) -> str:
    # A no-break space is none that a line may end at.
    return "\n".join(textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False))


def _linked(text: str) -> str:
    return _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(text))
