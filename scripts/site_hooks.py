"""What the site has beside the pages of docs/: pages of other folders, and pages generated from the code.

The pages are Markdown as a code host shows it. Here they become what MkDocs reads: links to files that are no page of
the site are text, and lists have its indentation.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from scripts.page_markdown import Markdown
from scripts.reference_pages import reference_pages

_ROOT = Path(__file__).resolve().parent.parent

BROUGHT = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "security.md": "SECURITY.md",
    "license.md": "LICENSE",
    "sql/schema.md": "sql/schema/README.md",
    "sql/migrations.md": "sql/migrations/README.md",
    "models/names.md": "models/names/README.md",
    "models/languages.md": "models/languages/README.md",
}
"""Pages of other folders: where each is in the site, and in the repository."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages that a pattern of the navigation names in its place."""
    config.nav = _expanded(config.nav, Path(config.docs_dir))
    return config


def _expanded(nav: Any, docs: Path) -> Any:
    match nav:
        case list():
            entries = [_expanded(each, docs) for each in nav]
            return [
                page for each in entries for page in (each if isinstance(each, list) else [each])
            ]
        case dict():
            return {title: _expanded(each, docs) for title, each in nav.items()}
        case str() if "*" in nav:
            return sorted(path.relative_to(docs).as_posix() for path in docs.glob(nav))
        case _:
            return nav


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of other folders and those that the code writes."""
    pages = {place: _text(_ROOT / source) for place, source in BROUGHT.items()}
    pages["decisions/index.md"] = _decisions()
    pages |= reference_pages()
    for place, text in pages.items():
        files.append(File.generated(config, place, content=text))
    return files


def _text(path: Path) -> str:
    text = path.read_text("utf-8")
    return text if path.suffix == ".md" else f"# {path.name.capitalize()}\n\n```\n{text}\n```\n"


def _decisions() -> str:
    lines = [
        "# Decisions",
        "",
        "What was decided, why, and how a wrong decision would be noticed.",
        "",
    ]
    for path in sorted((_ROOT / "docs" / "decisions").glob("*.md")):
        title = path.read_text("utf-8").partition("\n")[0].removeprefix("# ")
        number, _, subject = title.partition(". ")
        lines.append(f"- {number}: [{subject}]({path.name})")
    return "\n".join(lines) + "\n"


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return a page as MkDocs reads it."""
    place = page.file.src_uri
    source = BROUGHT.get(place, f"docs/{place}")

    def linked(target: str) -> str | None:
        """Return a link of the page as one of the site, or None if the site has no such page."""
        path, hash_, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:") or not path:
            return target
        found = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if found == "docs/decisions":
            found = "docs/decisions/index.md"
        if files.get_file_from_path(found.removeprefix("docs/")) and found.startswith("docs/"):
            at = found.removeprefix("docs/")
        elif found in _PLACES:
            at = _PLACES[found]
        elif (_ROOT / found).exists():
            return None
        else:
            return target  # dead: MkDocs refuses it
        return posixpath.relpath(at, posixpath.dirname(place) or ".") + hash_ + anchor

    return Markdown(markdown).with_links(linked).with_tables_of_states().indented()


_PLACES = {source: place for place, source in BROUGHT.items()}
