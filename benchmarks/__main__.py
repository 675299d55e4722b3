"""The benchmarks: what each measures, and how to run it. They take a corpus, or hours, so one at a time."""

import ast
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> None:
    for path in sorted(FOLDER.glob("[!_]*.py")):
        said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        print(f"python -m benchmarks.{path.stem} --help\n    {said.splitlines()[0]}")


if __name__ == "__main__":
    main()
