"""The frame of a bundle's pages: offline, readable on screen and on paper, valid as XML too."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from lacuna.bundle.page_text import attribute, text
from lacuna.bundle.words import Words

FIRST_PAGE: Final = "README.html"
"""The page that leads to all others."""

_STYLE: Final = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1a1a; --soft: #454545; --rule: #767676;
  --head: #e8eef4; --side: #f5f7f9; --warn: #fff4ec; --link: #0b4f8a; --mark: #173f5f; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15181b; --ink: #f2f2f2; --soft: #cfcfcf; --rule: #8a9199; --head: #26313b;
    --side: #1d2227; --warn: #3a2a1c; --link: #a9d1f7; --mark: #86b6de; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.2rem 1.5rem 3rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .6rem 0; }
h2 { margin-top: 2rem; padding-top: .5rem; border-top: 3px solid var(--mark); font-size: 1.4rem; }
h3 { margin: 1.4rem 0 .3rem; font-size: 1.12rem; }
p { margin: .5rem 0; }
a { color: var(--link); }
a:focus-visible, input:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--link);
  outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .4rem .8rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; }
dl { margin: .5rem 0; }
dl > div { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 0 1rem; padding: .2rem 0;
  border-bottom: 1px solid var(--head); }
dt { font-weight: 600; }
dd { margin: 0; white-space: pre-wrap; }
dl.inner { margin: 0; } dl.inner > div { grid-template-columns: 10rem minmax(0, 1fr); border: 0; }
dl.inner dt { font-weight: 400; color: var(--soft); }
ul.inner { margin: 0; padding-left: 1.1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 1.2rem; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border: 1px solid var(--rule); padding: .35rem .6rem; text-align: left;
  vertical-align: top; }
thead th { background: var(--head); }
tbody th { background: var(--side); font-weight: 600; }
.note { border-left: .4rem solid var(--mark); background: var(--warn); padding: .5rem 1rem; }
.quiet { color: var(--soft); margin: 0; font-size: .93rem; }
.said { white-space: pre-wrap; margin: .15rem 0; }
.talk { list-style: none; margin: .5rem 0; padding: 0; }
.talk li { margin: .5rem 0; padding: .3rem .8rem; border-left: .25rem solid var(--rule);
  break-inside: avoid; }
.talk li.own { border-color: var(--mark); background: var(--side); }
.file { display: block; margin: .2rem 0; }
audio, video, img { display: block; max-width: 100%; } audio { width: 22rem; }
video, img { max-height: 20rem; }
input { font: inherit; padding: .4rem; width: 100%; max-width: 30rem; color: inherit;
  background: var(--paper); border: 1px solid var(--rule); }
@media (max-width: 40rem) {
  body { padding: .8rem .8rem 2rem; }
  dl > div, dl.inner > div { display: block; }
  th, td { padding: .3rem .4rem; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #333; --head: #eee; --side: #fff;
    --warn: #fff; --link: #000; --mark: #000; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, audio, video { display: none; }
  h2, h3 { break-after: avoid; } tr, dl > div { break-inside: avoid; }
  .wide { overflow: visible; }
}
"""
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:; media-src 'self' file:"
)


@dataclass(frozen=True)
class Page:
    """What one page says.

    Attributes:
        title: plain text.
        lead: markup under the title.
        sections: `(id, heading, content)`, the last two as markup.
        base: way to the bundle's folder: empty for the first page, `../` for the others.
        around: links to the pages before and after it, each a path from the bundle's folder and a
            plain text.
        script: what runs on it; empty for nothing.
    """

    title: str
    lead: str
    sections: Sequence[tuple[str, str, str]]
    base: str = "../"
    around: Sequence[tuple[str, str]] = ()
    script: str = ""


def page(words: Words, shown: Page, before: str = "") -> bytes:
    """Return a whole page; `before` is markup before its sections."""
    head, tail = page_ends(words, shown)
    body = "\n".join(
        f'<section aria-labelledby="{name}">\n<h2 id="{name}">{heading}</h2>\n{markup}\n</section>'
        for name, heading, markup in shown.sections
    )
    return f"{head}{before}{body}{tail}".encode()


def page_ends(words: Words, shown: Page) -> tuple[str, str]:
    """Return the markup before the sections of a page, and the markup behind them."""
    # The policy keeps a browser from loading anything from elsewhere, and from running anything
    # but the script whose digest it names, whatever a text holds.
    policy, script = _POLICY, ""
    if shown.script:
        digest = b64encode(sha256(shown.script.encode()).digest()).decode()
        policy = f"{_POLICY}; script-src 'sha256-{digest}'"
        script = f"<script>{shown.script}</script>\n"
    links = [f'<a href="#{name}">{heading}</a>' for name, heading, _ in shown.sections]
    if shown.base:
        start = (FIRST_PAGE, words("title"))
        links = [
            f'<a href="{attribute(shown.base + quote(path))}">{text(said)}</a>'
            for path, said in (start, *shown.around)
        ]
    contents = "\n".join(f"<li>{each}</li>" for each in links)
    menu = f'<nav aria-label="{attribute(words("contents"))}">\n<ul>\n{contents}\n</ul>\n</nav>\n'
    head = f"""<!DOCTYPE html>
<html lang="{words.language}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="Content-Security-Policy" content="{policy}" />
<meta name="referrer" content="no-referrer" />
<title>{attribute(shown.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<a class="skip" href="#content">{text(words("skip_to_content"))}</a>
<header>
<h1>{text(shown.title)}</h1>
{shown.lead}
</header>
{menu}<main id="content">
"""
    return head, f"\n</main>\n{script}</body>\n</html>\n"


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
    """Return names with their values, line by line; both are markup."""
    lines = "\n".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows)
    return f"<dl>\n{lines}\n</dl>"


def listed(items: Iterable[str]) -> str:
    """Return a list of items, which are markup."""
    lines = "\n".join(f"<li>{each}</li>" for each in items)
    return f"<ul>\n{lines}\n</ul>"


def paragraph(words: str) -> str:
    """Return a paragraph of plain text."""
    return f"<p>{text(words)}</p>"


def link(path: str, base: str, said: str) -> str:
    """Return a link to a file of the bundle, by its path in it; `said` is plain text."""
    return f'<a href="{attribute(base + quote(path))}">{text(said)}</a>'
