"""The lower bounds of pyproject.toml: in an environment of the oldest libraries, a fulfilment works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).with_name("uv"))


@pytest.mark.long
def test_the_oldest_libraries_that_are_allowed_carry_out_a_fulfilment(tmp_path):
    """Asks the package index, as `make lock` does."""
    home, oldest = tmp_path / "environment", tmp_path / "oldest.txt"
    python = str(home / "bin" / "python")
    resolved = (
        "pip",
        "compile",
        "--quiet",
        "--resolution",
        "lowest-direct",
        "--python",
        sys.executable,
    )
    for step in (
        (*resolved, "pyproject.toml", "--output-file", str(oldest)),
        ("venv", "--quiet", "--python", sys.executable, str(home)),
        ("pip", "install", "--quiet", "--python", python, "-r", str(oldest)),
        ("pip", "install", "--quiet", "--python", python, "--no-deps", ".", "./models/names"),
    ):
        done = subprocess.run([UV, *step], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    environment = {name: value for name, value in os.environ.items() if "LACUNA" not in name}
    environment.pop("PYTHONPATH", None)
    environment |= {"LACUNA_HOME": str(tmp_path / "lacuna"), "LACUNA_MODE": "act"}

    def lacuna(*arguments: str) -> str:
        done = subprocess.run(
            [str(home / "bin" / "lacuna"), *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert lacuna("--version").strip().endswith("0.1.0")
    try:
        lacuna("up")
        lacuna("sample", "load", "--contacts", "60", "--conversations", "240")
        assert "The data map matches the schema" in lacuna("datamap", "check")
        lacuna("datamap", "prove")
        number = lacuna(
            *("request", "submit", "--kind", "erasure", "--org", "fjordlys"),
            *("--email", "nobody@example.org", "--verified-by", "test"),
        ).strip()
        # Others need a model of texts, which is no dependency.
        lacuna("run", "fulfilment", "--request", number)
        (shown,) = [one for one in lacuna("request", "list").splitlines() if number in one]
        assert "nothing_found" in shown
    finally:
        lacuna("down")
