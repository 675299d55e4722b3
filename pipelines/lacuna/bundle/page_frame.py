"""The frame of a bundle's pages: offline, readable on screen and on paper, valid as XML too."""

from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from lacuna.bundle.page_text import attribute, text
from lacuna.bundle.words import Words

_STYLE: Final = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: #fff; color: #1a1a1a;
  font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; }
h2 { margin-top: 2.8rem; padding-top: .6rem; border-top: 3px solid #173f5f; font-size: 1.45rem; }
h3 { margin-top: 2rem; font-size: 1.15rem; }
h4 { margin: 1.2rem 0 .3rem; font-size: 1rem; }
a { color: #0b4f8a; }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid #0b4f8a; outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: #fff; padding: .4rem .8rem; }
nav ul { columns: 2; padding-left: 1.2rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 1.2rem; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border: 1px solid #767676; padding: .35rem .6rem; text-align: left; vertical-align: top; }
thead th { background: #e8eef4; }
tbody th { background: #f5f7f9; font-weight: 600; width: 15rem; }
.wide tbody th { width: auto; }
.wide td, .wide code { overflow-wrap: break-word; }
td { white-space: pre-wrap; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.note { border-left: .4rem solid #a33a00; background: #fff4ec; padding: .6rem 1rem; }
.quiet { color: #4a4a4a; margin: 0; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; margin: .2rem 0; }
.talk { border-left: .3rem solid #173f5f; list-style: none; margin: .6rem 0; padding-left: 1rem; }
.talk li { margin: .8rem 0; break-inside: avoid; }
code { font-size: .92em; overflow-wrap: anywhere; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip { display: none; }
  h2 { break-after: avoid; } h3, h4 { break-after: avoid; } tr { break-inside: avoid; }
  .wide { overflow: visible; } a { color: inherit; }
}
"""


def page(words: Words, title: str, sections: Sequence[tuple[str, str, str]], lead: str) -> bytes:
    """Return a whole page.

    Args:
        words: the language of the page.
        title: plain text.
        sections: `(id, heading, content)`, the last two as markup.
        lead: markup above the table of contents.
    """
    contents = "\n".join(
        f'<li><a href="#{name}">{heading}</a></li>' for name, heading, _ in sections
    )
    body = "\n".join(
        f'<section aria-labelledby="{name}">\n<h2 id="{name}">{heading}</h2>\n{markup}\n</section>'
        for name, heading, markup in sections
    )
    # The policy keeps a browser from loading or running anything, whatever a text holds.
    return f"""<!DOCTYPE html>
<html lang="{words.language}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
<meta name="referrer" content="no-referrer" />
<title>{attribute(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<a class="skip" href="#content">{text(words("skip_to_content"))}</a>
<header>
<h1>{text(title)}</h1>
{lead}
</header>
<nav aria-label="{attribute(words("contents"))}">
<ul>
{contents}
</ul>
</nav>
<main id="content">
{body}
</main>
</body>
</html>
""".encode()


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; the first cell of a row is its heading. Cells are markup."""
    heads = "".join(f'<th scope="col">{text(each)}</th>' for each in head)
    lines = "\n".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'
        for first, *others in rows
    )
    # A region that scrolls must be reachable by keyboard, and named.
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{attribute(caption)}">\n'
        f"<table>\n<caption>{text(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n"
        f"<tbody>\n{lines}\n</tbody>\n</table>\n</div>"
    )


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of two columns without a head: what, and its value; both are markup."""
    lines = "\n".join(
        f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in rows
    )
    return f"<table>\n<tbody>\n{lines}\n</tbody>\n</table>"


def paragraph(words: str) -> str:
    """Return a paragraph of plain text."""
    return f"<p>{text(words)}</p>"


def link(path: str) -> str:
    """Return a link to a file of the bundle, by its path from the page."""
    return f'<a href="{attribute(quote(path))}"><code>{text(path)}</code></a>'
