"""The commands of the Makefile and what the documents say of them."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.blocks import PAGES

ROOT = Path(__file__).parents[2]
PROMISED = {"help", "demo", "ui", "test", "test-fast", "test-long", "check", "format"}
PROMISED |= {
    "test-thorough",
    "up",
    "down",
    "clean",
    "golden",
    "site",
    "dist",
    "sbom",
    "bench",
    "lock",
}


def targets():
    text = (ROOT / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    return phony.group(1).split()


def targets_in(text):
    """Return the targets that a page names: at the begin of a line, after `&&`, or in a span of code."""
    return set(re.findall(r"(?:^ *|`|&& )make ([a-z][a-z-]*)", text, re.MULTILINE))


def test_the_targets_are_those_that_the_documents_promise():
    assert set(targets()) == PROMISED


def test_make_help_lists_every_target_with_a_line_about_it():
    listed = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    lines = dict(re.findall(r"^make (\S+) +(\S.*)$", listed, re.MULTILINE))
    assert sorted(lines) == sorted(targets())


def test_make_alone_shows_the_help_and_changes_nothing():
    shown = [
        subprocess.run(["make", "-s", *goal], cwd=ROOT, capture_output=True, check=True).stdout
        for goal in ([], ["help"])
    ]
    assert shown[0] == shown[1]


def test_contributing_says_what_each_target_does():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    described = re.findall(r"^\| `make (\S+)` \| \S", text, re.MULTILINE)
    assert sorted(described) == sorted(targets())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_documents_name_no_target_that_is_not_there(page):
    named = targets_in(page.read_text("utf-8"))
    assert named or page.stem not in {"README", "CONTRIBUTING"}
    assert named <= set(targets())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("```sh\nmake up && make demos\n```", {"up", "demos"}),
        ("run `make test-fast P=plan`", {"test-fast"}),
        ("to make sure", set()),
    ],
)
def test_a_target_is_found_in_a_text(text, named):
    assert targets_in(text) == named


@pytest.mark.parametrize(
    "name", ["Makefile", "pyproject.toml", ".ci/run", "scripts/venv.sh", ".gitignore", "mkdocs.yml"]
)
def test_no_address_stands_in_what_builds_the_project(name):
    assert "://" not in (ROOT / name).read_text("utf-8")
