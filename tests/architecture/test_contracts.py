"""The import contracts of pyproject.toml hold for the package, and each of them can break.

To see one break, the contracts are run against a small tree of the same shape under another name,
with one forbidden import planted in it.
"""

import re
from pathlib import Path

import pytest
from importlinter import configuration
from importlinter.application.use_cases import lint_imports

configuration.configure()

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "pyproject.toml"

MODULES = [
    "documentation",
    "errors",
    "sql_files",
    "translations",
    "model",
    "ports",
    "treatment",
    "redaction",
    "datamap",
    "intake",
    "marts",
    "request",
    "subject",
    "plan",
    "apply",
    "verify",
    "evidence",
    "bundle",
    "reporting",
    "consent",
    "stores",
    "flows",
    "settings",
    "wiring",
    "cli",
    "dpo_page",
]


@pytest.fixture
def lint(monkeypatch, capsys):
    """Check a folder as `lint-imports --no-cache` does, in this process."""

    def check(folder, config):
        with monkeypatch.context() as patch:
            patch.chdir(folder)
            patch.syspath_prepend(str(folder))
            kept = lint_imports(str(config), cache_dir=None)
        written = "".join(capsys.readouterr())
        return kept, " ".join(re.sub("─|-{3,}", "", written).split())

    return check


@pytest.fixture
def skeleton(tmp_path):
    """A tree of empty packages named as in pipelines/lacuna/, and the contracts of pyproject.toml."""
    for name in ("", *MODULES):
        (tmp_path / "skeleton" / name).mkdir()
        (tmp_path / "skeleton" / name / "__init__.py").write_text("", "utf-8")
    for name in ("fulfilment", "intake", "seal"):
        (tmp_path / "skeleton" / "flows" / f"{name}.py").write_text("", "utf-8")
    (tmp_path / "skeleton_demo" / "sample").mkdir(parents=True)
    for folder in ("skeleton_demo", "skeleton_demo/sample"):
        (tmp_path / folder / "__init__.py").write_text("", "utf-8")
    _, contracts = PROJECT.read_text("utf-8").split("[tool.importlinter]")
    config = f"[tool.importlinter]{contracts}".replace("lacuna", "skeleton")
    (tmp_path / "pyproject.toml").write_text(config, "utf-8")
    return tmp_path


def plant(skeleton, module, statement):
    path = skeleton / "skeleton" / f"{module}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{statement}\n", "utf-8")


def test_the_package_keeps_its_contracts(lint):
    kept, output = lint(ROOT, PROJECT)
    assert kept, output
    assert re.search(r"Contracts: \d+ kept, 0 broken", output)


def test_the_empty_skeleton_keeps_them_too(lint, skeleton):
    kept, output = lint(skeleton, "pyproject.toml")
    assert kept, output


@pytest.mark.parametrize(
    ("module", "statement", "contract"),
    [
        ("model/plan", "import skeleton.ports", "Layers"),
        ("plan/order", "import skeleton.apply", "Layers"),
        ("stores/x", "import skeleton.evidence", "Layers"),
        ("redaction/x", "import skeleton.datamap", "Layers"),
        ("flows/sweep", "import skeleton.settings", "Layers"),
        ("flows/sweep", "import skeleton.wiring", "Layers"),
        ("wiring/x", "import skeleton.cli", "Layers"),
        ("flows/fulfilment", "import skeleton.flows.seal", "Flows: one uses"),
        ("flows/seal", "import skeleton.flows.intake", "Flows: one uses"),
        ("flows/run", "import skeleton.flows.fulfilment", "Flows: one uses"),
        ("flows/sweep", "import skeleton_demo", "The product knows no demo"),
        ("verify/residue", "import skeleton.redaction", "Verification never trusts"),
        ("wiring/x", "import skeleton.flows", "Wiring knows settings and stores only"),
        ("wiring/x", "import skeleton.redaction", "Wiring knows settings and stores only"),
        (
            "dpo_page/app",
            "import skeleton.plan",
            "Neither the DPO page nor the delivery reaches an erasing right",
        ),
        (
            "dpo_page/app",
            "import skeleton.flows",
            "Neither the DPO page nor the delivery reaches an erasing right",
        ),
        ("model/request", "import logging", "The pure core"),
        ("plan/order", "from time import monotonic", "The pure core"),
        ("treatment/generalize", "import pandas", "The pure core"),
        ("errors/x", "import sqlalchemy", "The pure core"),
        ("flows/sweep", "from airflow.sdk import dag", "Airflow is the caller"),
        ("flows/sweep", "import sqlalchemy.orm", "Databases and object stores"),
        ("evidence/ledger", "from psycopg import sql", "Databases and object stores"),
        ("bundle/write", "import fsspec", "Databases and object stores"),
        ("subject/x", "import spacy", "Presidio and spaCy"),
        ("cli/redact", "from presidio_analyzer import X", "Presidio and spaCy"),
        ("verify/residue", "import great_expectations", "Great Expectations"),
        ("flows/sweep", "from rich import print", "The terminal"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(lint, skeleton, module, statement, contract):
    plant(skeleton, module, statement)
    kept, output = lint(skeleton, "pyproject.toml")
    assert not kept, output
    assert re.search(rf"{contract}[^.]*? BROKEN", output), output


@pytest.mark.parametrize("module", ["extra", "flows.extra"])
def test_a_folder_that_no_layer_names_breaks_the_layers(lint, skeleton, module):
    plant(skeleton, f"{module.replace('.', '/')}/__init__", "")
    kept, output = lint(skeleton, "pyproject.toml")
    assert not kept, output
    assert f"skeleton.{module}" in output


def test_a_cycle_inside_a_part_is_found(lint, skeleton):
    plant(skeleton, "plan/a", "import skeleton.plan.b")
    plant(skeleton, "plan/b", "import skeleton.plan.a")
    kept, output = lint(skeleton, "pyproject.toml")
    assert not kept, output
    assert re.search(r"No cycles, at any depth BROKEN", output), output


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("stores/database", "import sqlalchemy, psycopg"),
        ("redaction/engine", "import presidio_analyzer, spacy"),
        ("verify/expectations", "import great_expectations"),
        ("cli/app", "import typer, rich"),
        ("flows/sweep", "import skeleton.plan, skeleton.apply, skeleton.redaction, logging"),
        ("wiring/x", "import skeleton.settings, skeleton.stores"),
    ],
)
def test_each_library_is_allowed_in_its_home(lint, skeleton, module, statement):
    plant(skeleton, module, statement)
    kept, output = lint(skeleton, "pyproject.toml")
    assert kept, output
