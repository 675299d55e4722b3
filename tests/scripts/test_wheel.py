"""The wheel: it brings its SQL, its data maps and its DAGs, and works far from any checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("lacuna-*.whl")
    return built


def files_below(folder: str, *suffixes: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.suffix in suffixes
    }


def test_the_wheel_holds_what_the_code_reads_and_nothing_of_the_tests(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    sql = files_below("sql", ".sql", ".yaml", ".md")
    assert len(sql) > 40
    assert {f"lacuna/{name}" for name in sql} <= names
    pages = {f"lacuna/docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    assert pages == {name for name in names if name.startswith("lacuna/docs/")}
    translations = files_below("pipelines/lacuna", ".toml")
    assert len(translations) > 20
    packs = files_below("pipelines/lacuna/packs", ".yaml", ".sql", ".md", ".toml")
    assert len(packs) % 8 == 0 < len(packs)
    assert {name.removeprefix("pipelines/") for name in translations | packs} <= names
    shared = {name.partition("/data/share/lacuna/")[2] for name in names if "/data/" in name}
    assert shared >= files_below("dags", ".py") | files_below("plugins", ".py")
    outside = {
        name for name in names if not name.startswith(("lacuna/", "lacuna_demo/", "lacuna-"))
    }
    assert outside == set()
    assert not [name for name in names if "test" in name.rpartition("/")[2]]


def test_the_command_of_an_editable_install_is_the_checkouts_wherever_it_is_called(tmp_path):
    """As `make` installs it; the environment that these tests run in is one of an earlier moment."""
    built = tmp_path / "built"
    build = "from hatchling.build import build_editable; build_editable(__import__('sys').argv[1])"
    subprocess.run(
        [sys.executable, "-c", build, str(built)], cwd=ROOT, check=True, capture_output=True
    )
    (editable,) = built.glob("lacuna-*.whl")
    with zipfile.ZipFile(editable) as archive:
        archive.extractall(tmp_path / "site")
    found = subprocess.run(
        [
            *(sys.executable, "-S", "-c"),
            # The libraries' own .pth files are not read, so that the checkout is not found by them.
            "import site, sys; sys.path.append(sys.argv[1]); site.addsitedir(sys.argv[2]); "
            "import lacuna.errors; print(lacuna.errors.__file__)",
            *(sysconfig.get_path("purelib"), str(tmp_path / "site")),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout.strip() == str(ROOT / "pipelines" / "lacuna" / "errors.py"), found.stderr


def test_the_same_source_gives_the_same_bytes(wheel, tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7"},
        check=True,
        capture_output=True,
    )
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


@pytest.mark.thorough
def test_an_installed_wheel_works_beside_a_foreign_package_called_pipelines(wheel, tmp_path):
    home = tmp_path / "environment"
    venv.create(home, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(home)}))
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install"]
    subprocess.run([*pip, "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    # The libraries are those of these tests; a .pth file there is not read, so the checkout is not.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    # What somebody has beside it: a package of the name of the folder that ours is in.
    away = tmp_path / "away"
    foreign = away / "pipelines" / "__init__.py"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("", "utf-8")
    environment = {name: value for name, value in os.environ.items() if "LACUNA" not in name}
    environment |= {
        "LACUNA_HOME": str(tmp_path / "lacuna"),
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": str(away),
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(home / "bin" / arguments[0]), *arguments[1:]],
            cwd=away,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = run("python", "-c", "import lacuna; print(lacuna.__file__)")
    assert Path(where.strip()).is_relative_to(site)
    assert run("python", "-c", "import pipelines; print(pipelines.__file__)").strip() == str(
        foreign
    )
    try:
        assert run("lacuna", "--version").strip().endswith("0.1.0")
        page = "import lacuna.documentation as it; print(it.PAGES / 'runbook.md')"
        assert Path(run("python", "-c", page).strip()).is_relative_to(site)
        assert "Applied: schema" in run("lacuna", "up")
        run("lacuna", "sample", "load", "--contacts", "60", "--conversations", "240")
        assert "The data map matches the schema" in run("lacuna", "datamap", "check")
        assert '"request_id"' in run(
            *("lacuna", "request", "submit", "--kind", "access", "--org", "fjordlys", "--json"),
            *("--email", "nobody@example.org", "--verified-by", "test"),
        )
    finally:
        run("lacuna", "down")
    shared = {path.name for path in (home / "share" / "lacuna" / "dags").glob("*.py")}
    assert shared == {path.name for path in (ROOT / "dags").glob("*.py")}
