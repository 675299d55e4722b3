"""Writes what Python's metadata say of a package that lies beside the environment, not in it.

By its entry points the command finds the sample, the attack on it and the embedded server.
"""

import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Write them for a `pyproject.toml` into a folder of packages: the two arguments."""
    project = tomllib.loads(Path(sys.argv[1]).read_text("utf-8"))["project"]
    groups = {"console_scripts": project.get("scripts", {}), **project.get("entry-points", {})}
    folder = Path(sys.argv[2]) / f"{project['name']}-{project['version']}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n", "utf-8"
    )
    lines = (
        line
        for group, points in groups.items()
        for line in (f"[{group}]", *(f"{name} = {what}" for name, what in points.items()))
    )
    (folder / "entry_points.txt").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
