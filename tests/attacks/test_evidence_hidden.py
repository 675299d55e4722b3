"""Files that a listing does not show, that do not end, or that nobody can write."""

from __future__ import annotations

import pytest

from lacuna.errors import EvidenceBroken
from lacuna.evidence import files_in
from lacuna.flows import seal
from lacuna.flows.seal.ledger_audit import check_evidence
from tests.cli.conftest import run_here


def test_a_hidden_certificate_is_looked_at(attacked):
    folder = attacked.stores.home / "evidence" / "certificates"
    assert attacked.run(seal) is None
    folder.mkdir(exist_ok=True)
    (folder / ".1.json.new").write_text("{}")  # what a crash leaves
    check_evidence(attacked.stores)
    (folder / ".hidden.json").write_text("{}")
    with pytest.raises(EvidenceBroken):
        check_evidence(attacked.stores)


def test_what_a_crash_left_is_no_file_of_evidence(tmp_path):
    for name in (".a.json.new", ".b.json", "c.json", ".d.txt", "e.new"):
        (tmp_path / name).touch()
    assert [path.name for path in files_in(tmp_path, ".json")] == [".b.json", "c.json"]
    assert ".a.json.new" not in [path.name for path in files_in(tmp_path, "")]


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (("evidence", "verify", "/dev/zero"), {}),
        (("datamap", "show"), {"LACUNA_DATAMAP": "/dev/zero"}),
        (("request", "list"), {"LACUNA_OUTBOX_FILE": "/dev/zero"}),
    ],
)
def test_a_file_without_an_end_is_refused(tmp_path, arguments, variables):
    (tmp_path / "home").mkdir()
    said = run_here(*arguments, cwd=tmp_path, LACUNA_HOME=str(tmp_path / "home"), **variables)
    assert said.returncode == 2
    assert "left out" not in said.stderr


@pytest.mark.parametrize("home", ["/proc/1", "/proc/1/x", "/dev/null/x"])
@pytest.mark.parametrize("arguments", [("run", "intake"), ("run", "seal")])
def test_a_home_where_nothing_can_be_written_is_a_wrong_setting(tmp_path, home, arguments):
    said = run_here(*arguments, cwd=tmp_path, LACUNA_HOME=home)
    assert said.returncode == 2
    assert "LACUNA_HOME" in said.stderr
