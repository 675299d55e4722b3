"""A page that finds words in conversations: the index is in the page, so nothing is loaded."""

import json
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Final

from lacuna.bundle.conversation_pages import ConversationPages, SearchEntry
from lacuna.bundle.page_frame import Page, link, listed, page_ends
from lacuna.bundle.page_text import attribute, text
from lacuna.bundle.sorted_runs import new_file
from lacuna.bundle.words import Words

SEARCH: Final = "pages/search.html"

# Without the characters that XML reads as more than themselves.
_SCRIPT: Final = """
"use strict";
const byId = (id) => document.getElementById(id);
const fold = (said) => said.normalize("NFD").replace(/[\\u0300-\\u036f]/g, "").toLowerCase();
let passages = null;
function read() {
  if (passages) return;
  passages = byId("index").textContent.split("\\n").filter((line) => line.trim()).map((line) => {
    const passage = JSON.parse(line);
    passage.all = passage.day + " " + passage.title + " " + passage.said;
    passage.folded = fold(passage.all);
    return passage;
  });
}
function search() {
  read();
  const words = fold(byId("box").value).split(/\\s+/).filter(Boolean);
  const found = words.length
    ? passages.filter((one) => words.every((word) => one.folded.includes(word))) : [];
  byId("found").textContent = words.length ? found.length : "";
  byId("results").replaceChildren(...found.slice(0, 200).map((one) => {
    const item = document.createElement("li");
    const way = document.createElement("a");
    way.href = one.place;
    way.dir = "auto";
    way.textContent = one.title;
    const near = document.createElement("p");
    near.dir = "auto";
    near.className = "quiet";
    const at = Math.max(0, one.folded.indexOf(words[0]) - 60);
    near.textContent = one.day + " · " + one.all.slice(at, at + 240);
    item.append(way, near);
    return item;
  }));
}
let waiting = 0;
byId("box").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 200);
});
byId("search").hidden = false;
"""


class SearchIndex:
    """The passages of the search, in a file until the page is written."""

    def __init__(self, folder: Path) -> None:
        """Keep them in `folder`, which is as secret as the bundle."""
        self._path = folder / "search.lines"
        self._file = new_file(self._path)

    def close(self) -> None:
        """Close the file; its folder goes with it."""
        self._file.close()

    def add(self, passage: SearchEntry) -> None:
        """Take a passage in."""
        line = json.dumps(vars(passage), ensure_ascii=False)
        for character in "<>&":  # nothing in a text may end the index
            line = line.replace(character, f"\\u{ord(character):04x}")
        self._file.write(f"{line}\n".encode())

    def write(self, pages: ConversationPages, words: Words, file: IO[bytes]) -> None:
        """Write the page."""
        self._file.close()
        months = listed(
            link(path, "../", f"{name} ({count})") for path, name, count in pages.months
        )
        lead = (
            f'<div id="search" hidden="hidden">\n<p><label for="box">{text(words("search_for"))}'
            f'</label></p>\n<p><input type="search" id="box" autocomplete="off" /></p>\n'
            f'<p>{text(words("found"))} <output id="found" for="box" aria-live="polite"></output>'
            f'</p>\n<ul id="results"></ul>\n</div>\n'
            f"<noscript><p>{text(words('search_needs_script'))}</p></noscript>"
        )
        shown = Page(title=words("search"), lead="", sections=(), script=_SCRIPT)
        head, tail = page_ends(words, shown)
        by_month = attribute(words("by_month"))
        file.write(f'{head}{lead}\n<h2 id="months">{by_month}</h2>\n{months}\n'.encode())
        file.write(b'<script type="text/plain" id="index">\n')
        with self._path.open("rb") as lines:
            copyfileobj(lines, file)
        file.write(f"</script>{tail}".encode())
