"""The words of a mail, block by block: as plain text, and as HTML that loads nothing."""

import re
import textwrap
from dataclasses import dataclass, field
from html import escape
from typing import Final

_WIDTH: Final = 78
_INDENT: Final = "    "
# No color: a mail program chooses light or dark by the page's color scheme. Nothing that the reader of
# mails distrusts either: answers quote this page.
_STYLE: Final = (
    "body{margin:0;font:16px/1.55 system-ui,sans-serif}"
    "main{max-width:38rem;margin:0 auto;padding:1.5rem;overflow-wrap:anywhere}"
    "h1{font-size:1.3rem;line-height:1.3;margin:0 0 1rem}"
    "h2{font-size:1.05rem;margin:1.6rem 0 .4rem}"
    "blockquote{margin:1rem 0;padding:.1rem 0 .1rem 1rem;border-left:4px solid}"
    "ul{margin:.4rem 0;padding-left:1.2rem}li{margin:.5rem 0}"
    ".lines{padding-left:1.2rem}"
    ".code{padding:.6rem .8rem;border:1px solid;border-radius:.4rem;font-family:monospace}"
)
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
        name = "signed" if not self.is_indented else "lines" if len(joined) > 1 else "code"
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


@dataclass(frozen=True)
class Heading:
    """What the blocks below it are about."""

    text: str = field(repr=False)

    @property
    def plain(self) -> str:
        """The heading, underlined."""
        return f"{self.text}\n{'-' * len(self.text)}"

    @property
    def html(self) -> str:
        """The heading as one of the second level."""
        return f"<h2>{escape(self.text)}</h2>"


@dataclass(frozen=True)
class Item:
    """One thing of a list.

    Attributes:
        name: what it is, in few words.
        why: sentences about it; empty for none.
        link: its page; empty for none.
    """

    name: str = field(repr=False)
    why: str = field(repr=False, default="")
    link: str = field(repr=False, default="")


@dataclass(frozen=True)
class Items:
    """A list of things, each with its page."""

    items: tuple[Item, ...]

    @property
    def plain(self) -> str:
        """Each thing on lines of its own."""
        lines: list[str] = []
        for one in self.items:
            lines.append(f"  {one.name}")
            lines += [f"{_INDENT}{line}" for line in _wrapped(one.why).splitlines()]
            lines += [f"{_INDENT}{one.link}"] if one.link else []
        return "\n".join(lines)

    @property
    def html(self) -> str:
        """Each thing as an item, its name a link to its page."""
        items = []
        for one in self.items:
            name = f"<b>{escape(one.name)}</b>"
            if one.link:
                name = f'<a href="{escape(one.link)}">{name}</a>'
            items.append(f"<li>{name}{f'<br>{escape(one.why)}' if one.why else ''}</li>")
        return f"<ul>{''.join(items)}</ul>"


MailBlock = Paragraph | Lines | Quotation | Heading | Items


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

    @property
    def html(self) -> str:
        """The mail as a page of its own, in light or dark as its reader has it. It loads nothing."""
        subject = escape(self.subject)
        return (
            f'<!doctype html>\n<html lang="{escape(self.language)}"><head><meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n'
            f"<title>{subject}</title>\n<style>{_STYLE}</style></head>\n"
            f"<body><main>\n<h1>{subject}</h1>\n{self.fragment}\n</main></body></html>\n"
        )


def _wrapped(text: str) -> str:
    # A no-break space is none that a line may end at.
    return "\n".join(textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False))


def _linked(text: str) -> str:
    return _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(text))
