"""The documents hold together: links lead somewhere, decisions are whole, layers are the real ones."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sql").rglob("*.md")]
)
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))


def headings(text):
    """Return the anchors of a document's headings, as its readers link to them."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    }


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_link_leads_to_a_file_and_a_heading(name):
    document = ROOT / name
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text("utf-8")):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        linked = (document.parent / path).resolve() if path else document
        assert linked.exists(), f"{name} links to {target}"
        if anchor:
            assert anchor in headings(linked.read_text("utf-8")), f"{name} links to {target}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_speaks_of_no_machine(name):
    text = (ROOT / name).read_text("utf-8")
    assert not re.findall(r"(?<![\w.])/(?:home|root|work|Users)/", text)


def test_decisions_are_numbered_without_a_gap():
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_whole(path):
    title, *sections = re.split(r"^## ", path.read_text("utf-8"), flags=re.MULTILINE)
    assert title.startswith(f"# {int(path.name[:4])}. ")
    names = [section.split("\n", 1)[0] for section in sections]
    assert names == ["Context", "Decision", "Consequences", "How we would notice that it was wrong"]
    assert all(len(section.split()) > 40 for section in sections), "a section says next to nothing"


def test_the_architecture_shows_the_layers_that_are_checked():
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    shown = re.findall(r"^```layers\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = [each["layers"] for each in contracts if each["type"] == "layers"]
    assert [block.splitlines() for block in shown] == [
        [re.sub(r"[()]", "", layer) for layer in each] for each in layers
    ]


def test_the_architecture_knows_every_part_of_the_package():
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    for path in (ROOT / "pipelines" / "lacuna").iterdir():
        if path.name == "__init__.py" or path.name.startswith("__"):
            continue
        name = (
            f"pipelines/lacuna/{path.name}/" if path.is_dir() else f"pipelines/lacuna/{path.name}"
        )
        assert f"`{name}`" in text, f"docs/architecture.md does not name {name}"


def test_the_architecture_has_every_flow():
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", text.partition("## The flows")[2], re.MULTILINE)
    assert sorted(listed) == [path.stem[5:] for path in sorted((ROOT / "dags").glob("gdpr_*.py"))]


def test_the_changelog_begins_with_what_is_unreleased():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", each) for each in versions[1:])
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", text, re.MULTILINE)) <= kinds
