"""What the image says of the package: the entry points by which the command finds the rest."""

import subprocess
import sys
from importlib.metadata import distribution, distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_image_says_of_the_package_what_an_installation_says(tmp_path):
    subprocess.run(
        [
            sys.executable,
            ROOT / "docker" / "describe_package.py",
            ROOT / "pyproject.toml",
            tmp_path,
        ],
        check=True,
    )
    (made,) = distributions(path=[str(tmp_path)])
    installed = distribution("lacuna")
    assert (made.name, made.version) == (installed.name, installed.version)
    assert set(made.entry_points) == set(installed.entry_points)
    assert {one.group for one in made.entry_points} == {
        "console_scripts",
        "lacuna.attacks",
        "lacuna.commands",
        "lacuna.servers",
    }
