"""`lacuna mart`: a skeleton is written once; what a mart would publish is in `test_added_mart.py`."""

import pytest

from lacuna.marts import added_marts, marts
from tests.cli.conftest import run_here


def new(folder, name):
    return run_here("mart", "new", name, cwd=folder, LACUNA_MARTS=str(folder / "marts"))


def files(folder):
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*.*")}


def test_a_skeleton_is_a_mart_with_a_test_and_each_gets_its_own_precedence(tmp_path):
    for name in ("busy_weekly", "calls_weekly"):
        done = new(tmp_path, name)
        assert done.returncode == 0, done.stderr
        assert f"lacuna mart check {name}" in done.stdout
    written = added_marts(tmp_path / "marts")
    assert [(mart.name, mart.precedence) for mart in written] == [
        ("busy_weekly", 100),
        ("calls_weekly", 101),
    ]
    assert {path.name for path in (tmp_path / "marts" / "busy_weekly").iterdir()} == {
        "metadata.yaml", "query.sql", "span.sql", "test_busy_weekly.py",
    }  # fmt: skip
    text = "".join(files(tmp_path).values())
    assert "MART_NAME" not in text
    compile((tmp_path / "marts/busy_weekly/test_busy_weekly.py").read_text("utf-8"), "test", "exec")


@pytest.mark.parametrize(
    "name", ["busy_weekly", "csat_weekly", "Busy", "busy-weekly", "../x", "a_rates"]
)
def test_a_name_that_is_taken_or_is_none_is_refused_and_leaves_nothing(tmp_path, name):
    new(tmp_path, "busy_weekly")
    before = files(tmp_path), sorted((tmp_path / "marts").iterdir())
    done = new(tmp_path, name)
    assert done.returncode == 2
    assert done.stdout == ""
    assert (files(tmp_path), sorted((tmp_path / "marts").iterdir())) == before


def test_without_a_folder_nothing_is_written(tmp_path):
    done = run_here("mart", "new", "busy_weekly", cwd=tmp_path)
    assert done.returncode == 2
    assert "LACUNA_MARTS is not set" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_mart_that_nobody_declares_cannot_be_checked(tmp_path):
    done = run_here("mart", "check", "busy_weekly", cwd=tmp_path)
    assert done.returncode == 2
    assert f"neither one of Lacuna's {len(marts())}" in done.stderr
