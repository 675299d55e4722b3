"""The runbook has an answer to every finding."""

import re
from pathlib import Path

from lacuna.model.finding import Gate

RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text("utf-8")


def test_every_gate_has_its_row():
    rows = RUNBOOK.partition("## By gate")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE)) == set(Gate)
