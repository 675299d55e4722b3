"""`scripts/venv.sh` says what is missing, and leaves what is there alone until it can go on.

Interpreters are played by shell scripts here; no package is installed.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "venv.sh"

FITS_BUT_HAS_NO_PIP = """#!/bin/sh
case "$*" in
*version_info*|*sqlite3*) exit 0 ;;
esac
exit 1
"""
DOES_NOT_START = """#!/bin/sh
echo 'pyenv: python3.13: command not found' >&2
exit 127
"""


@pytest.fixture
def project(tmp_path):
    """A project with an environment in it, and a PATH of its own without any Python."""
    (tmp_path / "scripts").mkdir()
    # The last candidates are absolute, and would find the machine's own Python.
    text = SCRIPT.read_text("utf-8")
    absolute = " /usr/bin/python3.13 /usr/bin/python3"
    assert absolute in text
    (tmp_path / "scripts/venv.sh").write_text(text.replace(absolute, ""), "utf-8")
    (tmp_path / ".venv").mkdir()
    (tmp_path / "bin").mkdir()
    for name in ("dirname", "rm"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    return tmp_path


def python(project, name, script):
    path = project / "bin" / name
    path.write_text(script, "utf-8")
    path.chmod(0o755)
    return path


def run(project, **environment):
    done = subprocess.run(
        [shutil.which("sh"), project / "scripts/venv.sh"],
        cwd=project,  # a script that is wrong about its folder must not find the real one
        env={"PATH": str(project / "bin"), "HOME": str(project), **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert (project / ".venv").is_dir(), "it removed an environment that it could not replace"
    return done.stderr


def test_without_any_python_it_says_how_to_get_one(project):
    message = run(project)
    assert "No Python 3.11, 3.12 or 3.13 was found." in message
    assert "apt-get install python3 python3-venv" in message
    assert "make PYTHON=" in message


def test_an_interpreter_that_is_named_but_does_not_fit_is_not_replaced_by_another(project):
    python(project, "python3.12", FITS_BUT_HAS_NO_PIP)
    named = python(project, "python3.9", DOES_NOT_START)
    message = run(project, PYTHON=str(named))
    assert f"PYTHON={named} does not start, or is not Python 3.11, 3.12 or 3.13." in message


def test_a_command_that_does_not_start_is_passed_over(project):
    python(project, "python3.13", DOES_NOT_START)
    python(project, "python3.12", FITS_BUT_HAS_NO_PIP)
    assert run(project).startswith("python3.12 lacks")


def test_a_python_without_pip_is_named_with_the_package_that_brings_it(project):
    python(project, "python3", FITS_BUT_HAS_NO_PIP)
    message = run(project)
    assert "python3 lacks a module that is needed" in message
    assert "apt-get install python3-venv" in message


def test_a_path_with_a_space_is_one_path(project):
    named = python(project, "my python", FITS_BUT_HAS_NO_PIP)
    assert run(project, PYTHON=str(named)).startswith(f"{named} lacks")


def test_the_script_can_be_executed():
    assert os.access(SCRIPT, os.X_OK)
