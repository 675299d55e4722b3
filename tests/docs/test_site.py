"""The site: it is built without a network, refuses what leads nowhere, and every page is in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.starts

ROOT = Path(__file__).parents[2]
PATH = os.pathsep.join([str(ROOT / "pipelines"), str(ROOT)])


def build(folder: Path, docs: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Build the site into a folder, as `make site` does, or that of other pages."""
    config = ROOT / "mkdocs.yml"
    if docs is not None:
        config = docs.parent / "mkdocs.yml"
        hooks = f"hooks: [{ROOT / 'scripts' / 'site_hooks.py'}]"
        text = (ROOT / "mkdocs.yml").read_text("utf-8")
        config.write_text(text.replace("hooks: [scripts/site_hooks.py]", hooks), "utf-8")
    command = [*(sys.executable, "-m", "mkdocs", "build", "--strict", "-f", config)]
    return subprocess.run(
        [*command, "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": PATH, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = build(folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.thorough
def test_what_leads_nowhere_fails_and_is_named(tmp_path):
    docs = Path(shutil.copytree(ROOT / "docs", tmp_path / "docs"))
    (docs / "lonely.md").write_text("# Lonely\n", "utf-8")
    with (docs / "glossary.md").open("a", encoding="utf-8") as page:
        page.write("\n[a](gone.md) [b](../gone.py) [c](packs.md#gone) ![d](images/gone.png)\n")
    done = build(tmp_path / "site", docs)
    assert done.returncode == 1
    for named in ("gone.md", "gone.py", "#gone", "images/gone.png", "lonely.md"):
        assert named in done.stderr


def test_every_page_is_in_the_site_and_reached_from_it(site):
    first = (site / "index.html").read_text("utf-8")
    for path in (ROOT / "docs").rglob("*.md"):
        name = path.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        assert (site / name).is_file()
        assert f'href="{name}"' in first, f"{name} is not in the navigation"


def test_the_site_fetches_nothing_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 50
    for path in pages:
        text = path.read_text("utf-8")
        tags = re.findall(r"<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=\"([^\"]+)", text)
        assert [each for each in tags if re.match(r"(?:https?:)?//", each)] == [], path.name
