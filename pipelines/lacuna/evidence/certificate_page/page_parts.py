"""Writes parts of the page: whatever is given as text is escaped, whatever is `Markup` is not."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final, NewType

from lacuna.evidence.canonical_json import Json

PageMarkup = NewType("PageMarkup", str)
"""HTML in which every text is escaped."""

NOTHING = PageMarkup("")
_PROGRAMS_NAME: Final = re.compile(r"\b[A-Za-z]+_\w+(?:=\w+)?")


def escaped(text: str) -> PageMarkup:
    """Return a text, escaped."""
    return PageMarkup(escape(text))


def code(text: str) -> PageMarkup:
    """Return a place, a key or a digest."""
    return PageMarkup(f"<code>{escape(text)}</code>")


def with_code(text: str) -> PageMarkup:
    """Return a text, escaped; what only a program calls so, such as a setting, as code."""
    return PageMarkup(_PROGRAMS_NAME.sub(r"<code>\g<0></code>", escape(text)))


def joined(*parts: str | PageMarkup) -> PageMarkup:
    """Return parts one after another; those that are HTML must come from here."""
    return PageMarkup("".join(parts))


def paragraphs(*lines: PageMarkup) -> PageMarkup:
    """Return a paragraph for each line that is not empty."""
    return PageMarkup("".join(f"<p>{line}</p>" for line in lines if line))


def bullets(lines: Iterable[PageMarkup]) -> PageMarkup:
    """Return a list; nothing for no line."""
    items = "".join(f"<li>{line}</li>" for line in lines if line)
    return PageMarkup(f"<ul>{items}</ul>" if items else "")


def section(title: str, *parts: PageMarkup, level: int = 2) -> PageMarkup:
    """Return parts under a heading; nothing without any."""
    body = "".join(parts)
    heading = f"<h{level}>{escape(title)}</h{level}>"
    if level > 2:
        return PageMarkup(f"{heading}{body}" if body else "")
    return PageMarkup(f"<section>{heading}{body}</section>" if body else "")


def pairs(cells: Iterable[tuple[str, PageMarkup]]) -> PageMarkup:
    """Return terms with their values; those without a value are left out."""
    found = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{text}</dd></div>" for label, text in cells if text
    )
    return PageMarkup(f"<dl>{found}</dl>" if found else "")


def table(
    heads: Sequence[str], records: Iterable[Mapping[str, Json]], names: Sequence[str]
) -> PageMarkup:
    """Return a table, or nothing where there are no rows.

    Args:
        heads: of the columns; a `#` before one says that it is of numbers.
        names: the member of a record that each column shows.
    """
    columns = [
        (name, head.removeprefix("#"), _kind(head)) for name, head in zip(names, heads, strict=True)
    ]
    lines = "".join(
        "<tr>"
        + "".join(
            # A narrow page shows each row as a block, and the heads beside its cells.
            f'<td{kind} data-head="{escape(head)}">{_cell(record.get(name))}</td>'
            for name, head, kind in columns
        )
        + "</tr>"
        for record in records
    )
    if not lines:
        return NOTHING
    head = "".join(f'<th scope="col"{kind}>{escape(label)}</th>' for _, label, kind in columns)
    return PageMarkup(f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>")


def counted(count: int, what: str, plural: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "row"), counted(2, "row"), counted(2, "person", "people")
    ('1 row', '2 rows', '2 people')
    """
    return f"{count} {what if count == 1 else plural or f'{what}s'}"


def was(count: int) -> str:
    """Return the verb after a number.

    >>> f"1 row {was(1)} deleted, 2 rows {was(2)} deleted"
    '1 row was deleted, 2 rows were deleted'
    """
    return "was" if count == 1 else "were"


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence lists them.

    >>> listed(["access"]), listed(["access", "portability", "erasure"])
    ('access', 'access, portability and erasure')
    """
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


def day(text: Json) -> str:
    """Return the day of a time of the ledger, which is UTC."""
    return text[:10] if isinstance(text, str) else ""


def moment(text: Json) -> str:
    """Return a time of the ledger to the second; `-` for none."""
    return f"{text[:10]} {text[11:19]} UTC" if isinstance(text, str) else "-"


def _kind(head: str) -> str:
    """Return the class of a column: numbers, or places, which are long words."""
    if head.startswith("#"):
        return ' class="n"'
    return ' class="place"' if head in ("place", "table") else ""


def _cell(value: Json) -> str:
    return "" if value is None else escape(str(value))
