"""The list of dependencies, the project file, the locks and the imports agree."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture import rules

ROOT = Path(__file__).parents[2]
NAMES = ROOT / "models" / "names" / "pyproject.toml"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RUNTIME = [Requirement(each) for each in PROJECT["dependencies"]]
DEVELOPMENT = [Requirement(each) for each in PROJECT["optional-dependencies"]["dev"]]
CLUSTER = [Requirement(each) for each in PROJECT["optional-dependencies"]["cluster"]]
BUCKETS = [Requirement(each) for each in PROJECT["optional-dependencies"]["s3"]]
SBOM = [Requirement(each) for each in PROJECT["optional-dependencies"]["sbom"]]
SITE = [Requirement(each) for each in PROJECT["optional-dependencies"]["site"]]
LOCKS = [
    "requirements.lock",
    "requirements-image.lock",
    "requirements-model.lock",
    "requirements-axe.lock",
    "requirements-sbom.lock",
    "requirements-site.lock",
    "requirements-uv.lock",
]


def described(heading):
    """Return the packages in the table under a heading of docs/dependencies.md."""
    text = (ROOT / "docs/dependencies.md").read_text("utf-8")
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert section, f"docs/dependencies.md has no section {heading!r}"
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section.group(1).splitlines()
        if line.startswith("| `")
    ]
    assert all(all(row) for row in rows), "a cell of the table is empty"
    return [row[0].strip("`") for row in rows]


def pinned(lock):
    """Return the pins of a lock: name to versions, several where a marker tells them apart."""
    pins: dict[str, list[str]] = {}
    for name, version in re.findall(
        r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE
    ):
        pins.setdefault(canonicalize_name(name), []).append(version)
    return pins


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("At run time", [each.name for each in RUNTIME]),
        ("For several workers", [each.name for each in CLUSTER]),
        ("For object stores in buckets", [each.name for each in BUCKETS]),
        ("For development", [each.name for each in DEVELOPMENT]),
        ("The language model", list(pinned("requirements-model.lock"))),
        ("For the tests of accessibility", list(pinned("requirements-axe.lock"))),
        ("For the list of packages", [each.name for each in SBOM]),
        ("For the site", [each.name for each in SITE]),
        ("For the installation", list(pinned("requirements-uv.lock"))),
    ],
)
def test_every_dependency_has_its_reason_and_every_reason_its_dependency(heading, names):
    assert described(heading) == sorted(names)


@pytest.mark.parametrize("requirement", SITE, ids=lambda each: each.name)
def test_the_lock_of_the_site_pins_what_it_asks_for(requirement):
    versions = pinned("requirements-site.lock")[canonicalize_name(requirement.name)]
    assert all(version in requirement.specifier for version in versions)


@pytest.mark.parametrize(
    "requirement", RUNTIME + CLUSTER + BUCKETS + DEVELOPMENT, ids=lambda each: each.name
)
def test_the_lock_pins_what_the_project_asks_for(requirement):
    if requirement.name == "lacuna-names":
        versions = [tomllib.loads(NAMES.read_text("utf-8"))["project"]["version"]]
    else:
        versions = pinned("requirements.lock")[canonicalize_name(requirement.name)]
    assert all(version in requirement.specifier for version in versions)


def test_the_site_takes_no_package_from_the_lock_of_everything_else():
    """It is installed on top of it, without a look at what that needs."""
    assert set(pinned("requirements-site.lock")) & set(pinned("requirements.lock")) == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_no_address(lock):
    text = (ROOT / lock).read_text("utf-8")
    assert not re.findall(r"://|file:| @ |^-", text, re.MULTILINE)
    entries = re.split(r"\n(?=\S)", text.strip())
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+( ; .*)? \\\n", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_what_the_code_imports_is_a_declared_dependency():
    declared = {canonicalize_name(each.name) for each in RUNTIME + BUCKETS}
    declared |= set(pinned("requirements-model.lock")) | set(pinned("requirements-site.lock"))
    # A distribution brings these, and the code means that distribution.
    declared |= {"apache-airflow-core", "apache-airflow-task-sdk", "fastapi", "pydantic", "numpy"}
    declared |= {"botocore"}  # boto3 is the easy end of it: its errors and settings are these
    declared |= {"thinc"}  # spaCy: what its models are made of
    declared |= {"markupsafe"}  # Jinja's text that is escaped
    homes = importlib.metadata.packages_distributions()
    undeclared = set()
    for source in rules.read(ROOT, "pipelines", "dags", "plugins", "scripts"):
        for module in set(chain.from_iterable(map(_modules, source.nodes))):
            if module in sys.stdlib_module_names or module in (
                "gdpr_flows",  # of plugins/, which Airflow puts on the path
                "lacuna",
                "lacuna_demo",
                "scripts",
            ):
                continue
            if not declared & {canonicalize_name(each) for each in homes.get(module, ())}:
                undeclared.add(f"{source.path} imports {module}")
    assert not undeclared


def _modules(node):
    if isinstance(node, ast.Import):
        return [each.name.split(".")[0] for each in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module.split(".")[0]]
    return []


def test_the_guide_installs_what_the_image_has_on_every_python():
    """No tool of development, and the wheel that asks for a newer Python than it needs."""
    text = (ROOT / "docs" / "airflow.md").read_text("utf-8")
    installed = re.findall(r"^pip install (.*) -r (\S+\.lock)$", text, re.MULTILINE)
    assert [lock for _, lock in installed] == ["requirements-image.lock", "requirements-model.lock"]
    assert all("--require-hashes" in options for options, _ in installed)
    assert "--no-deps --ignore-requires-python" in installed[1][0]
    pins = (ROOT / "requirements-image.lock").read_text("utf-8")
    assert not re.search(r"^(pytest|moto|hypothesis)==", pins, re.MULTILINE)
